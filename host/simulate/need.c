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

dss_power_bound dss_crossing(size_t n, const double *x, const double *y, double level,
                             double *scratch) {
  dss_isotonic(n, y, scratch);
  if (scratch[0] >= level) return (dss_power_bound){x[0], -1};
  for (size_t i = 1; i < n; i++) {
    if (scratch[i] < level) continue;
    double share = (level - scratch[i - 1]) / (scratch[i] - scratch[i - 1]);
    return (dss_power_bound){exp(log(x[i - 1]) + share * (log(x[i]) - log(x[i - 1]))), 0};
  }
  return (dss_power_bound){x[n - 1], 1};
}
