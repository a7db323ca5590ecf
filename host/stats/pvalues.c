#include "pvalues.h"

#include <math.h>

#include "normal.h"

double dss_p_one_sided(uint64_t count, uint64_t resamples, bool exact) {
  if (exact) return (double)count / (double)resamples;
  return ((double)count + 1.0) / ((double)resamples + 1.0);
}

double dss_p_sequential(uint64_t h, uint64_t l) {
  return (double)h / (double)l;
}

double dss_p_two_sided(double up, double down) {
  return fmin(1.0, 2.0 * fmin(up, down));
}

/* lgamma would write to the one signgam of all threads. */
static double log_beta(double a, double b) {
  int sign;
  return lgamma_r(a, &sign) + lgamma_r(b, &sign) - lgamma_r(a + b, &sign);
}

/* The continued fraction of I_x(a, b) by the modified Lentz method; converges quickly for
 * x < (a + 1) / (a + b + 2). DLMF 8.17.22. */
static double beta_fraction(double a, double b, double x) {
  const double tiny = 1e-300;
  double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
  d = 1.0 / (fabs(d) < tiny ? tiny : d);
  double fraction = d;
  for (int i = 1; i <= 100000; i++) {
    double m = i;
    double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
    double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
    double step = 1.0;
    for (int half = 0; half < 2; half++) {
      double term = half == 0 ? even : odd;
      d = 1.0 + term * d;
      c = 1.0 + term / c;
      d = 1.0 / (fabs(d) < tiny ? tiny : d);
      c = fabs(c) < tiny ? tiny : c;
      step = c * d;
      fraction *= step;
    }
    if (fabs(step - 1.0) < 1e-15) break;
  }
  return fraction;
}

double dss_incomplete_beta(double a, double b, double x) {
  if (!(x > 0.0)) return x == 0.0 ? 0.0 : NAN;
  if (x >= 1.0) return 1.0;
  double front = exp(-log_beta(a, b) + a * log(x) + b * log1p(-x));
  if (x < (a + 1.0) / (a + b + 2.0)) return front * beta_fraction(a, b, x) / a;
  return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

/* The x with I_x(a, b) = p: Newton's steps, and a bisection where one would leave what brackets x.
 */
static double inverse_beta(double a, double b, double p) {
  double low = 0.0, high = 1.0, x = a / (a + b), log_whole = log_beta(a, b);
  for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    double beyond = dss_incomplete_beta(a, b, x) - p;
    double density = exp((a - 1.0) * log(x) + (b - 1.0) * log1p(-x) - log_whole);
    if (beyond < 0.0)
      low = x;
    else
      high = x;
    double next = x - beyond / density;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    bool settled = fabs(next - x) <= 1e-15 * x;
    x = next;
    if (settled) break;
  }
  return x;
}

/* t^2 / (degrees + t^2) has a beta distribution. With many degrees, whose gamma functions cancel,
 * the expansion around the normal quantile (Abramowitz and Stegun 1964, 26.7.5). */
double dss_student_975(double degrees) {
  enum { MANY = 1000 };
  if (isnan(degrees)) return NAN;
  if (degrees < MANY) {
    double x = inverse_beta(0.5, 0.5 * degrees, 0.95);
    return sqrt(degrees * x / (1.0 - x));
  }
  const double z = DSS_Z975, s = z * z, d = degrees;
  double one = z * (s + 1.0) / 4.0;
  double two = z * (5.0 * s * s + 16.0 * s + 3.0) / 96.0;
  double three = z * (3.0 * s * s * s + 19.0 * s * s + 17.0 * s - 15.0) / 384.0;
  return z + one / d + two / (d * d) + three / (d * d * d);
}

void dss_clopper_pearson(uint64_t count, uint64_t n, double *low, double *high) {
  double b = (double)count, rest = (double)(n - count);
  /* At the ends the bounds have closed forms. */
  double end = log(0.025) / (double)n;
  *low = count == 0 ? 0.0 : count == n ? exp(end) : inverse_beta(b, rest + 1.0, 0.025);
  *high = count == n ? 1.0 : count == 0 ? -expm1(end) : inverse_beta(b + 1.0, rest, 0.975);
}

/* low: that the h-th comes by trial l, P(Bin(l, p) >= h), is 0.025. high: that it comes no sooner,
 * P(Bin(l - 1, p) <= h - 1), is 0.025. */
void dss_inverse_sampling_interval(uint64_t h, uint64_t l, double *low, double *high) {
  double successes = (double)h, rest = (double)(l - h);
  *low = inverse_beta(successes, rest + 1.0, 0.025);
  *high = h == l ? 1.0 : inverse_beta(successes, rest, 0.975);
}
