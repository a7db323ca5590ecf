/* Chi-squared tests of equally likely cells.
 *
 * A test fails when its p is under 1e-10 or over 1 - 1e-10 (more even than chance). The seeds are
 * fixed; had they been drawn, the few hundred tests would raise a false alarm once in 10^7 runs. */
#ifndef DSS_TESTS_CHI_SQUARED_H
#define DSS_TESTS_CHI_SQUARED_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>

static const double least_p = 1e-10;

/* Q(a, x), the upper regularized incomplete gamma function: by its series below a + 1, by its
 * continued fraction (modified Lentz) above. Abramowitz and Stegun 6.5.29, 6.5.31. */
static inline double upper_gamma(double a, double x) {
  double scale = exp(a * log(x) - x - lgamma(a));
  if (x <= 0) return 1;
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (int n = 1; n < 10000 && term > sum * 1e-17; n++)
      sum += term *= x / (a + n);
    return 1 - sum * scale;
  }
  double b = x + 1 - a, c = 1e300, d = 1 / b, fraction = d;
  for (int n = 1; n < 10000; n++) {
    double by = -n * (n - a);
    b += 2;
    d = 1 / (by * d + b);
    c = b + by / c;
    fraction *= d * c;
    if (fabs(d * c - 1) < 1e-15) break;
  }
  return scale * fraction;
}

static inline double chi_squared_p(const uint32_t *counts, size_t n_cells) {
  double total = 0, sum = 0;
  for (size_t i = 0; i < n_cells; i++)
    total += counts[i];
  double expected = total / (double)n_cells;
  cr_assert_geq(expected, 20, "%g a cell are too few", expected);
  for (size_t i = 0; i < n_cells; i++)
    sum += (counts[i] - expected) * (counts[i] - expected) / expected;
  return upper_gamma((double)(n_cells - 1) / 2, sum / 2);
}

static inline bool looks_uniform(double p) {
  return p > least_p && p < 1 - least_p;
}

static size_t n_tests;

static inline void assert_uniform(const uint32_t *counts, size_t n_cells, const char *what) {
  double p = chi_squared_p(counts, n_cells);
  cr_assert(looks_uniform(p), "%s: p = %g over %zu cells", what, p, n_cells);
  n_tests++;
}

#endif
