/* Values of items with those of pairs of raters behind, as a backend makes both: from the
 * reference. */
#ifndef DSS_TESTS_PAIRWISE_BOTH_H
#define DSS_TESTS_PAIRWISE_BOTH_H

#include "backend_compare.h"
#include "kernels/pairwise.h"

/* The observed values of pairs, then those of the window. */
static inline double *pair_values_by(const dss_pairwise_backend *backend,
                                     const dss_pairwise_plan *p, const window *w,
                                     const dss_resources *resources, const char *what) {
  size_t columns = p->plan->n_questions * p->plan->n_groups * p->n_statistics;
  double *values = poisoned((w->count + 1) * columns + CANARIES);
  void *state;
  cr_assert_eq(backend->open(p, resources, &state), DSS_OK, "%s", what);
  cr_assert_eq(backend->values(state, DSS_RESAMPLE_NONE, 1, values), DSS_OK, "%s", what);
  cr_assert_eq(backend->values(state, w->first, w->count, &values[columns]), DSS_OK, "%s", what);
  backend->close(state);
  cr_assert(untouched(&values[(w->count + 1) * columns]), "%s: wrote past the window", what);
  return values;
}

/* Both; a plan may be without statistics of items. */
static inline double *both_by_reference(const dss_pairwise_plan *p, const window *w,
                                        const char *what) {
  size_t items = p->plan->n_statistics, pairs = p->n_statistics;
  size_t groups = p->plan->n_questions * p->plan->n_groups, rows = w->count + 1;
  double *of_items = items > 0 ? expected_values(p->plan, w) : NULL;
  double *of_pairs =
      pair_values_by(&dss_pairwise_reference, p, w, &(dss_resources){.threads = 1}, what);
  double *both = poisoned(rows * dss_pairwise_columns(p));
  for (size_t i = 0; i < rows * groups; i++) {
    if (items > 0) memcpy(&both[i * (items + pairs)], &of_items[i * items], items * sizeof *both);
    memcpy(&both[i * (items + pairs) + items], &of_pairs[i * pairs], pairs * sizeof *both);
  }
  free(of_items);
  free(of_pairs);
  return both;
}

#endif
