#include "intervals.h"

#include <math.h>

#include "normal.h"
#include "quantile.h"

enum { TAIL_PER_MILLE = 25 };
#define TAIL (TAIL_PER_MILLE / 1000.0)
#define TIE 1e-11 /* above what rounding does to sums, far under what a rating does */

bool dss_tied(double a, double b) {
  return fabs(a - b) <= TIE * fmax(1.0, fabs(a));
}

dss_bounds dss_percentile_interval(const double *sorted, uint64_t n) {
  return (dss_bounds){dss_sorted_quantile(sorted, n, TAIL),
                      dss_sorted_quantile(sorted, n, 1.0 - TAIL)};
}

dss_bounds dss_basic_interval(double estimate, const double *sorted, uint64_t n) {
  dss_bounds p = dss_percentile_interval(sorted, n);
  return (dss_bounds){2.0 * estimate - p.high, 2.0 * estimate - p.low};
}

dss_bounds dss_normal_interval(double estimate, double se) {
  return (dss_bounds){estimate - DSS_Z975 * se, estimate + DSS_Z975 * se};
}

dss_bounds dss_logit_interval(double estimate, double se, double quantile, double least,
                              double most) {
  double range = most - least, below = estimate - least, above = most - estimate;
  double odds = below / above, stretch = exp(quantile * se * range / (below * above));
  return (dss_bounds){least + range / (1.0 + stretch / odds),
                      least + range / (1.0 + 1.0 / (stretch * odds))};
}

bool dss_acceleration(const double *left_out, const uint32_t *sizes, size_t n_strata,
                      double *acceleration) {
  double squares = 0.0, cubes = 0.0, largest = 0.0;
  bool varies = false;
  for (size_t s = 0; s < n_strata; left_out += sizes[s], s++) {
    double n = sizes[s], mean = 0.0;
    for (uint32_t i = 0; i < sizes[s]; i++)
      mean += left_out[i] / n;
    for (uint32_t i = 0; i < sizes[s]; i++) {
      double influence = (n - 1.0) / n * (mean - left_out[i]);
      varies |= !dss_tied(mean, left_out[i]);
      largest = fmax(largest, fabs(influence));
      squares += influence * influence;
      cubes += influence * influence * influence;
    }
    if (isnan(mean)) return false;
  }
  if (!varies || !(largest > 0.0) || !(squares > 0.0) || !isfinite(squares)) return false;
  *acceleration = cubes / (6.0 * squares * sqrt(squares));
  return true;
}

double dss_share_below(double estimate, const double *sorted, uint64_t n) {
  uint64_t below = 0, tied = 0;
  for (uint64_t i = 0; i < n; i++)
    if (dss_tied(estimate, sorted[i]))
      tied++;
    else
      below += sorted[i] < estimate;
  return ((double)below + 0.5 * (double)tied) / (double)n;
}

bool dss_bca_interval(double estimate, const double *sorted, uint64_t n, double acceleration,
                      dss_bounds *bounds) {
  double z0 = dss_normal_quantile(dss_share_below(estimate, sorted, n)), levels[2];
  if (!isfinite(z0) || dss_tied(sorted[0], sorted[n - 1])) return false;
  for (int i = 0; i < 2; i++) {
    double z = z0 + (i == 0 ? -DSS_Z975 : DSS_Z975);
    double stretch = 1.0 - acceleration * z;
    if (!(stretch > 0.0)) return false;
    levels[i] = dss_normal_cdf(z0 + z / stretch);
    if (!(levels[i] >= 1.0 / (double)n && levels[i] <= 1.0 - 1.0 / (double)n)) return false;
  }
  *bounds = (dss_bounds){dss_sorted_quantile(sorted, n, levels[0]),
                         dss_sorted_quantile(sorted, n, levels[1])};
  return true;
}

double dss_standard_deviation(const double *values, uint64_t n) {
  double mean = 0.0, squares = 0.0;
  if (n < 2) return NAN;
  for (uint64_t i = 0; i < n; i++)
    mean += values[i] / (double)n;
  for (uint64_t i = 0; i < n; i++)
    squares += (values[i] - mean) * (values[i] - mean);
  return sqrt(squares / (double)(n - 1));
}

bool dss_all_tied(const double *values, uint64_t n) {
  double low = INFINITY, high = -INFINITY;
  for (uint64_t i = 0; i < n; i++) {
    low = fmin(low, values[i]);
    high = fmax(high, values[i]);
  }
  return n == 0 || dss_tied(low, high);
}

dss_covariances dss_covary(const double *a, const double *x, uint64_t n) {
  double mean_a = 0.0, mean_x = 0.0, degrees = (double)(n - 1);
  for (uint64_t i = 0; i < n; i++) {
    mean_a += a[i];
    mean_x += x[i];
  }
  mean_a /= (double)n;
  mean_x /= (double)n;
  dss_covariances sums = {0.0, 0.0, 0.0};
  for (uint64_t i = 0; i < n; i++) {
    sums.a += (a[i] - mean_a) * (a[i] - mean_a);
    sums.x += (x[i] - mean_x) * (x[i] - mean_x);
    sums.ax += (a[i] - mean_a) * (x[i] - mean_x);
  }
  return (dss_covariances){sums.a / degrees, sums.x / degrees, sums.ax / degrees};
}

/* The square's coefficient is 0: constant - 2 c slope <= 0. */
static dss_ratio_kind half_line(double constant, double slope, dss_bounds *ends) {
  if (slope == 0.0) return constant > 0.0 ? DSS_RATIO_EMPTY : DSS_RATIO_WHOLE;
  if (slope > 0.0) {
    ends->low = constant / (2.0 * slope);
    return DSS_RATIO_ABOVE;
  }
  ends->high = constant / (2.0 * slope);
  return DSS_RATIO_BELOW;
}

dss_ratio_kind dss_ratio_set(double a, double x, dss_covariances v, double z, dss_bounds *ends) {
  /* square c^2 - 2 slope c + constant <= 0 */
  double square = x * x - z * z * v.x, slope = a * x - z * z * v.ax;
  double constant = a * a - z * z * v.a, inside = slope * slope - square * constant;
  *ends = (dss_bounds){NAN, NAN};
  if (square == 0.0) return half_line(constant, slope, ends);
  if (square < 0.0 && !(inside > 0.0)) return DSS_RATIO_WHOLE;
  /* Roots without cancellation. Where it is bounded, a / x is in the set, so that roots exist. */
  double root = sqrt(fmax(inside, 0.0)), sum = slope + (slope < 0.0 ? -root : root);
  double one = sum / square, other = sum == 0.0 ? 0.0 : constant / sum;
  *ends = (dss_bounds){fmin(one, other), fmax(one, other)};
  return square > 0.0 ? DSS_RATIO_BOUNDED : DSS_RATIO_OUTSIDE;
}
