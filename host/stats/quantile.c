#include "quantile.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void dss_sort_ascending(double *values, uint64_t n) {
  qsort(values, n, sizeof *values, ascending);
}

double dss_sorted_quantile(const double *sorted, uint64_t n, double level) {
  double at = level * (double)(n - 1);
  uint64_t below = (uint64_t)at;
  if (below + 1 >= n) return sorted[n - 1];
  return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}
