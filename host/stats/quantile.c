#include "quantile.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void dss_sort_ascending(double *values, uint64_t n) {
  qsort(values, n, sizeof *values, ascending);
}

/* Hoare's partition about the value in the middle, again and again; values equal to it change
 * places too, which keeps the halves even where there are many. */
double dss_order_statistic(double *values, uint64_t n, uint64_t k) {
  uint64_t first = 0, last = n - 1;
  while (first < last) {
    double pivot = values[first + (last - first) / 2];
    uint64_t i = first, j = last;
    for (;; i++, j--) {
      while (values[i] < pivot)
        i++;
      while (values[j] > pivot)
        j--;
      if (i >= j) break;
      double kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
    /* None up to j is larger than any behind it. */
    if (k <= j)
      last = j;
    else
      first = j + 1;
  }
  return values[k];
}

double dss_sorted_quantile(const double *sorted, uint64_t n, double level) {
  double at = level * (double)(n - 1);
  uint64_t below = (uint64_t)at;
  if (below + 1 >= n) return sorted[n - 1];
  return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}
