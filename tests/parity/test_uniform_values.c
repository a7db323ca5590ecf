/* Every assignment of profiles is equally likely, end to end: groups are pairs of raters, every
 * pair has an alpha of its own, and so the values of a resample tell who carries whose profile.
 * Chi-squared tests over all orders, for each scheme, the reference and the cpu backend with every
 * instruction set. */
#include "assignments.h"
#include "chi_squared.h"
#include "cpu_sets.h"

enum { PAIRS = ALL * (ALL - 1) / 2 };

/* pairs [PAIRS]: the IRR of each pair of raters as an observed group; all differ. */
static void pair_values(const tiny *t, double *pairs) {
  for (uint32_t b = 0; b < t->n_raters; b++)
    for (uint32_t a = 0; a < b; a++) {
      dss_context *context = dss_context_new();
      const uint32_t pair[2] = {a, b};
      dss_plan *plan = tiny_plan(context, t, DSS_SCHEME_FREE, pair, 1, 1);
      double values[2];
      void *state;
      cr_assert_eq(dss_kernel_columns(&plan->kernel), 2);
      cr_assert_eq(
          dss_backend_reference.open(&plan->kernel, &(dss_resources){.threads = 1}, &state),
          DSS_OK);
      cr_assert_eq(dss_backend_reference.values(state, DSS_RESAMPLE_NONE, 1, values), DSS_OK);
      dss_backend_reference.close(state);
      pairs[pair_number(a, b)] = values[0];
      cr_assert(isfinite(values[0]));
      for (size_t i = 0; i < pair_number(a, b); i++)
        cr_assert(pairs[i] != values[0], "two pairs have one alpha");
      dss_plan_free(plan);
      dss_context_free(context);
    }
}

/* Bits [2]: the raters whose IRR this is. */
static uint32_t pair_of(const tiny *t, const double *pairs, double value) {
  for (uint32_t b = 0; b < t->n_raters; b++)
    for (uint32_t a = 0; a < b; a++)
      if (same_number(pairs[pair_number(a, b)], value)) return 1u << a | 1u << b;
  cr_assert_fail("%a is no pair's alpha", value);
  return 0;
}

static uint32_t index_of(const uint32_t *site, size_t n, uint32_t bit) {
  for (uint32_t i = 0; i < n; i++)
    if (1u << site[i] == bit) return i;
  cr_assert_fail("a profile left its stratum");
  return 0;
}

/* irr [axes] of the axes' first groups. A rater who stands in two neighbouring pairs carries the
 * profile that these have in common. */
static void count_values(const tiny *t, const double *pairs, const double *irr, tally *counts) {
  uint32_t held[FEW - 1], at[FEW];
  for (size_t i = 0; i < FEW - 1; i++)
    held[i] = pair_of(t, pairs, irr[i]);
  for (size_t i = 0; i < FEW; i++) {
    uint32_t bit = i == 0         ? held[0] & ~held[1]
                   : i == FEW - 1 ? held[FEW - 2] & ~held[FEW - 3]
                                  : held[i - 1] & held[i];
    at[i] = index_of(t->first, FEW, bit);
  }
  size_t order = order_number(at, FEW);
  counts->orders[order]++;
  counts->splits[pair_number(at[0], at[1])]++;
  if (t->alone) return;
  uint32_t pair = pair_of(t, pairs, irr[FEW - 1]), out = 0;
  for (uint32_t i = 0; i < SECOND; i++)
    if (!(pair & 1u << t->second[i])) out = i;
  cr_assert_eq(pair | 1u << t->second[out],
               1u << t->second[0] | 1u << t->second[1] | 1u << t->second[2]);
  counts->second[out]++;
  counts->joint[order * SECOND + out]++;
}

static void count_backend(const dss_backend *backend, const tiny *t, const double *pairs,
                          const dss_plan *plan, uint64_t first, uint64_t count, tally *counts) {
  size_t columns = dss_kernel_columns(&plan->kernel), axes = plan->kernel.n_axes;
  double *values = malloc(count * columns * sizeof *values);
  void *state;
  cr_assert_not_null(values);
  memset(values, 0xa5, count * columns * sizeof *values);
  memset(counts, 0, sizeof *counts);
  cr_assert_eq(backend->open(&plan->kernel, &(dss_resources){.threads = 2}, &state), DSS_OK);
  cr_assert_eq(backend->values(state, first, count, values), DSS_OK);
  backend->close(state);
  for (uint64_t b = 0; b < count; b++) {
    double irr[AXES];
    for (size_t a = 0; a < axes; a++)
      irr[a] = values[b * columns + plan->kernel.axes[a].first_group];
    count_values(t, pairs, irr, counts);
  }
  free(values);
}

static void assert_values(const tiny *t, const tally *counts, const char *what) {
  assert_uniform(counts->orders, ORDERS, what);
  assert_uniform(counts->splits, SPLITS, what);
  if (t->alone) return;
  assert_uniform(counts->second, SECOND, what);
  assert_uniform(counts->joint, ORDERS * SECOND, what);
}

static void values_are_uniform(dss_scheme scheme) {
  const char *sets[CPU_SETS];
  size_t n = machine_sets(sets), before = n_tests;
  tiny t = tiny_of(scheme);
  double pairs[PAIRS];
  tally *counts = calloc(1, sizeof *counts);
  pair_values(&t, pairs);
  for (size_t i = 0; i < STARTS; i += 2) {
    dss_context *context = dss_context_new();
    dss_plan *plan = tiny_plan(context, &t, scheme, NULL, 1, starts[i].seed + 10);
    cr_assert_eq(plan->kernel.exchange.n_arrangements, 0);
    for (size_t k = 0; k <= n; k++) {
      char what[80];
      snprintf(what, sizeof what, "values by %s, scheme %d", k < n ? sets[k] : "reference",
               (int)scheme);
      setenv("DSS_CPU", k < n ? sets[k] : "", 1);
      count_backend(k < n ? &dss_backend_cpu : &dss_backend_reference, &t, pairs, plan,
                    starts[i].first, MOST_RESAMPLES / 4, counts);
      assert_values(&t, counts, what);
    }
    dss_plan_free(plan);
    dss_context_free(context);
  }
  free(counts);
  cr_assert_eq(n_tests - before, (n + 1) * STARTS / 2 * (t.alone ? 2 : 4));
}

Test(uniform_values, free_scheme) {
  values_are_uniform(DSS_SCHEME_FREE);
}

Test(uniform_values, strata) {
  values_are_uniform(DSS_SCHEME_STRATA);
}

Test(uniform_values, within) {
  values_are_uniform(DSS_SCHEME_WITHIN);
}
