#include "two_way.h"

#include <math.h>

#include "dissensus/results.h"

double dss_jackknife_variance(const double *left_out, uint32_t n) {
  double mean = 0.0, squares = 0.0;
  for (uint32_t i = 0; i < n; i++)
    mean += left_out[i] / n;
  for (uint32_t i = 0; i < n; i++)
    squares += (left_out[i] - mean) * (left_out[i] - mean);
  return squares * (n - 1.0) / n;
}

double dss_jackknife_degrees(const double *left_out, uint32_t n) {
  double mean = 0.0, variance = dss_jackknife_variance(left_out, n), varies = 0.0;
  for (uint32_t i = 0; i < n; i++)
    mean += left_out[i] / n;
  for (uint32_t i = 0; i < n; i++) {
    double square = (left_out[i] - mean) * (left_out[i] - mean) * (n - 1.0) / n;
    varies += (square - variance / n) * (square - variance / n);
  }
  return 2.0 * variance * variance / varies;
}

double dss_shared_variance(const double *products, uint64_t n) {
  double sum = 0.0;
  uint64_t defined = 0;
  for (uint64_t i = 0; i < n; i++) {
    if (isnan(products[i])) continue;
    sum += products[i];
    defined++;
  }
  if (defined == 0 || (double)(n - defined) * 100.0 > (double)n * DSS_INTERVAL_MOST_UNDEFINED)
    return NAN;
  return sum / (double)defined;
}

/* An estimate of a variance below 0 says that it is small. */
static double not_negative(double variance) {
  return variance < 0.0 ? 0.0 : variance; /* NaN stays NaN */
}

double dss_variance_over_both(double items, double shared) {
  return items + not_negative(shared);
}

double dss_variance_over_raters(double all, double shared, double shortfall) {
  double common = not_negative(shared);
  if (common > all) return all;
  return common + (all - common) * shortfall;
}

double dss_degrees_of_sum(double all, const dss_variance_part *parts, size_t n) {
  double sum = 0.0;
  for (size_t i = 0; i < n; i++)
    if (parts[i].variance > 0.0) sum += parts[i].variance * parts[i].variance / parts[i].degrees;
  return all * all / sum;
}
