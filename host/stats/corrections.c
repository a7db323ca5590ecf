#include "corrections.h"

#include <math.h>
#include <stdlib.h>

typedef struct ranked {
  double p;
  size_t at;
} ranked;

static int by_p(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->p != y->p) return x->p < y->p ? -1 : 1;
  return (x->at > y->at) - (x->at < y->at);
}

/* The tests in ascending p; their number in *tests. NULL: out of memory. */
static ranked *rank(size_t n, const double *p, size_t *tests) {
  ranked *sorted = calloc(n ? n : 1, sizeof *sorted);
  if (!sorted) return NULL;
  *tests = 0;
  for (size_t i = 0; i < n; i++)
    if (!isnan(p[i])) sorted[(*tests)++] = (ranked){p[i], i};
  qsort(sorted, *tests, sizeof *sorted, by_p);
  return sorted;
}

static void all_nan(size_t n, double *out) {
  for (size_t i = 0; i < n; i++)
    out[i] = NAN;
}

bool dss_benjamini_hochberg(size_t n, const double *p, double *out) {
  size_t tests;
  ranked *sorted = rank(n, p, &tests);
  if (!sorted) return false;
  all_nan(n, out);
  double q = 1.0;
  for (size_t i = tests; i-- > 0;) {
    q = fmin(q, sorted[i].p * (double)tests / (double)(i + 1));
    out[sorted[i].at] = q;
  }
  free(sorted);
  return true;
}

bool dss_holm(size_t n, const double *p, double *out) {
  size_t tests;
  ranked *sorted = rank(n, p, &tests);
  if (!sorted) return false;
  all_nan(n, out);
  double adjusted = 0.0;
  for (size_t i = 0; i < tests; i++) {
    adjusted = fmax(adjusted, fmin(1.0, sorted[i].p * (double)(tests - i)));
    out[sorted[i].at] = adjusted;
  }
  free(sorted);
  return true;
}

void dss_bonferroni(size_t n, const double *p, double *out) {
  size_t tests = 0;
  for (size_t i = 0; i < n; i++)
    tests += !isnan(p[i]);
  for (size_t i = 0; i < n; i++)
    out[i] = isnan(p[i]) ? NAN : fmin(1.0, p[i] * (double)tests);
}
