#include "need.h"

#include <math.h>

void dss_isotonic(size_t n, const double *y, double *out) {
  for (size_t i = 0; i < n; i++)
    out[i] = y[i];
  for (size_t end = 1; end < n; end++) {
    /* The block before `end`, as long as it lies above what follows, takes it in. */
    size_t first = end;
    double sum = out[end];
    while (first > 0 && out[first - 1] > sum / (double)(end - first + 1)) {
      double value = out[--first];
      sum += value;
    }
    for (size_t i = first; i <= end; i++)
      out[i] = sum / (double)(end - first + 1);
  }
}

size_t dss_n_below(size_t n, const double *y, double level) {
  size_t below = 0;
  while (below < n && y[below] < level)
    below++;
  return below;
}

dss_power_bound dss_crossing(size_t n, const double *x, const double *y, double level) {
  size_t i = dss_n_below(n, y, level);
  if (i == 0) return (dss_power_bound){x[0], -1};
  if (i == n) return (dss_power_bound){x[n - 1], 1};
  double share = (level - y[i - 1]) / (y[i] - y[i - 1]);
  return (dss_power_bound){exp(log(x[i - 1]) + share * (log(x[i]) - log(x[i - 1]))), 0};
}

dss_power_bound dss_last_below(size_t n, const double *x, const double *y, double level) {
  size_t below = dss_n_below(n, y, level);
  if (below == 0) return (dss_power_bound){x[0], -1};
  return (dss_power_bound){x[below - 1], below == n};
}

dss_power_bound dss_first_reaching(size_t n, const double *x, const double *y, double level) {
  size_t below = dss_n_below(n, y, level);
  if (below == n) return (dss_power_bound){x[n - 1], 1};
  return (dss_power_bound){x[below], below == 0 ? -1 : 0};
}
