/* Comparing a backend with the reference: variants of plans, values, accumulators. */
#ifndef DSS_TESTS_BACKEND_COMPARE_H
#define DSS_TESTS_BACKEND_COMPARE_H

#include "host/core/context.h"
#include "host/engine/plan.h"
#include "parity_designs.h"

typedef struct window {
  uint64_t first, count;
} window;

enum { CANARIES = 8 };

static inline double *poisoned(size_t n) {
  double *values = malloc(n * sizeof *values);
  cr_assert_not_null(values);
  memset(values, 0xa5, n * sizeof *values);
  return values;
}

/* The reference's observed values, then those of the window. */
static inline double *expected_values(const dss_kernel_plan *plan, const window *w) {
  size_t columns = dss_kernel_columns(plan);
  double *values = poisoned((w->count + 1) * columns);
  void *state;
  cr_assert_eq(dss_backend_reference.open(plan, &(dss_resources){.threads = 1}, &state), DSS_OK);
  cr_assert_eq(dss_backend_reference.values(state, DSS_RESAMPLE_NONE, 1, values), DSS_OK);
  cr_assert_eq(dss_backend_reference.values(state, w->first, w->count, &values[columns]), DSS_OK);
  dss_backend_reference.close(state);
  return values;
}

/* Reports the first difference of a plan, and goes on with others. */
static inline bool same_values(const dss_kernel_plan *plan, const double *expected,
                               const double *values, size_t rows, const char *what) {
  size_t columns = dss_kernel_columns(plan);
  for (size_t i = 0; i < rows * columns; i++) {
    if (same_number(expected[i], values[i])) continue;
    size_t at = i % columns;
    cr_expect(false, "%s: row %zu (0: observed) question %zu group %zu number %zu: %a, not %a",
              what, i / columns, at / (plan->n_groups * plan->n_statistics),
              at / plan->n_statistics % plan->n_groups, at % plan->n_statistics, values[i],
              expected[i]);
    return false;
  }
  return true;
}

static inline bool untouched(const double *canaries) {
  unsigned char poison[CANARIES * sizeof *canaries];
  memset(poison, 0xa5, sizeof poison);
  return memcmp(poison, canaries, sizeof poison) == 0;
}

/* --- variants of a plan ----------------------------------------------------------------------- */

static const uint64_t seeds[] = {1, 0xffffffff, 0x8000000000000001, 0xdeadbeefcafef00d};
enum { SEEDS = sizeof seeds / sizeof *seeds };

/* Each statistic alone, the default table, all. */
enum { METRIC_SETS = DSS_N_ITEM_STATISTICS + 2 };

static inline unsigned metric_set(size_t i) {
  return i < DSS_N_ITEM_STATISTICS    ? DSS_STATISTIC_BIT(i)
         : i == DSS_N_ITEM_STATISTICS ? DSS_METRICS_GAI
                                      : DSS_METRICS_ALL;
}

/* Variant v: all statistics come in every combination of scheme, units and ties as v grows. The
 * plans draw: they ask for one resample. */
static inline dss_plan_options variant(size_t v, unsigned metrics, unsigned depth) {
  dss_plan_options options;
  dss_plan_options_init(&options);
  options.metrics = metrics;
  options.all_depth = depth;
  options.permutations = 1;
  options.seed = seeds[v % SEEDS];
  options.scheme = (dss_scheme)(v % 3);
  options.scheme_attribute = "a";
  options.units = v % 5 > 2 ? DSS_UNITS_COMMON : DSS_UNITS_OWN;
  options.ties = v % 2 ? DSS_TIES_SKIP : DSS_TIES_SPLIT;
  options.min_raters = v % 7 == 6 ? 5 : 2;
  return options;
}

/* A plan whose groups or strata are all too small is refused; that is said. */
static inline dss_plan *variant_plan(dss_context *context, const dss_study *study, const char *name,
                                     dss_plan_options *options, char *what, size_t room) {
  dss_plan *plan;
  dss_status status = dss_plan_new(context, study, options, &plan);
  if (status == DSS_ERR_DATA && options->min_raters > 2) {
    options->min_raters = 2;
    status = dss_plan_new(context, study, options, &plan);
  }
  if (status == DSS_ERR_DATA && options->scheme != DSS_SCHEME_FREE) {
    options->scheme = DSS_SCHEME_FREE;
    status = dss_plan_new(context, study, options, &plan);
  }
  cr_assert_eq(status, DSS_OK, "%s: %s", name, dss_context_error(context));
  snprintf(what, room, "%s: metrics %x scheme %d units %d ties %d min %u seed %llx", name,
           options->metrics, (int)options->scheme, (int)options->units, (int)options->ties,
           options->min_raters, (unsigned long long)options->seed);
  return plan;
}

/* --- accumulators ----------------------------------------------------------------------------- */

#define SAME(array, n)                                                                             \
  cr_assert_eq(memcmp(x->array, y->array, (n) * sizeof *x->array), 0, "%s: " #array, what)

static inline int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* What heaps hold: their order within is that in which values came. */
static inline void assert_same_heaps(const double *x, const double *y, size_t n, const char *what) {
  double a[DSS_EXTREMES], b[DSS_EXTREMES];
  cr_assert(!x == !y);
  for (size_t c = 0; x && c < n; c++) {
    memcpy(a, &x[c * DSS_EXTREMES], sizeof a);
    memcpy(b, &y[c * DSS_EXTREMES], sizeof b);
    qsort(a, DSS_EXTREMES, sizeof *a, by_size);
    qsort(b, DSS_EXTREMES, sizeof *b, by_size);
    cr_assert_eq(memcmp(a, b, sizeof a), 0, "%s: extremes of column %zu", what, c);
  }
}

static inline void assert_same_accumulators(const dss_accumulators *x, const dss_accumulators *y,
                                            const char *what) {
  size_t n = x->n_columns;
  cr_assert_eq(n, y->n_columns);
  cr_assert(x->resamples == y->resamples && x->n_tested == y->n_tested && x->n_bins == y->n_bins);
  SAME(columns.undefined, n);
  SAME(columns.below, n);
  SAME(columns.equal, n);
  SAME(columns.above, n);
  SAME(columns.not_positive, n);
  SAME(columns.minimum, n);
  SAME(columns.maximum, n);
  SAME(columns.sum, n);
  SAME(columns.sum_of_squares, n);
  SAME(columns.block_sum, n);
  SAME(columns.block_sum_of_squares, n);
  SAME(histogram, n * (x->n_bins + 2));
  assert_same_heaps(x->largest, y->largest, n, what);
  assert_same_heaps(x->smallest, y->smallest, n, what);
  SAME(max_t, x->n_tested);
  SAME(ge_at, n);
  SAME(le_at, n);
}

#endif
