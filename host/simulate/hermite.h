/* Normalized Hermite polynomials, for Mehler's series of two correlated normal values. */
#ifndef DSS_SIMULATE_HERMITE_H
#define DSS_SIMULATE_HERMITE_H

#include <math.h>

/* He_k(x) / sqrt(k!) times the standard normal density at x, k = 0 .. n-1; all 0 at the ends. With
 * A_k = (values of k-1 at a, less those at b) / sqrt(k), the indicator of a < Y <= b has the
 * normalized coefficient A_k, k >= 1. */
static inline void dss_hermite_at(double x, int n, double *values) {
  double weight = isfinite(x) ? 0.39894228040143267794 * exp(-0.5 * x * x) : 0.0;
  double before = 0, at = 1;
  for (int k = 0; k < n; k++) {
    values[k] = weight == 0 ? 0 : at * weight;
    double next = (x * at - sqrt((double)k) * before) / sqrt(k + 1.0);
    before = at;
    at = next;
  }
}

#endif
