#include "normal.h"

#include <math.h>

#define SQRT_2 1.4142135623730950488
#define SQRT_2_PI 2.5066282746310005024

double dss_normal_cdf(double x) {
  return 0.5 * erfc(-x / SQRT_2);
}

double dss_normal_between(double a, double b) {
  return a > 0 ? dss_normal_cdf(-a) - dss_normal_cdf(-b) : dss_normal_cdf(b) - dss_normal_cdf(a);
}

/* Of the lower tail, p <= 0.5; within 4.5e-4 (Abramowitz and Stegun 1964, 26.2.23). */
static double first_guess(double p) {
  double t = sqrt(-2.0 * log(p));
  double above = 2.515517 + t * (0.802853 + t * 0.010328);
  double below = 1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return above / below - t;
}

double dss_normal_quantile(double p) {
  if (!(p >= 0.0 && p <= 1.0)) return NAN;
  if (p == 0.0 || p == 1.0) return p == 0.0 ? -INFINITY : INFINITY;
  if (p > 0.5) return -dss_normal_quantile(1.0 - p);
  double x = first_guess(p);
  for (int i = 0; i < 3; i++) { /* Halley's step: each triples the digits */
    double step = (dss_normal_cdf(x) - p) * SQRT_2_PI * exp(0.5 * x * x);
    x -= step / (1.0 + 0.5 * x * step);
  }
  return x;
}

double dss_normal_of_f(double f, double above, double below) {
  double root = cbrt(f), a = 2 / (9 * above), b = 2 / (9 * below);
  return ((1 - b) * root - (1 - a)) / sqrt(a + root * root * b);
}
