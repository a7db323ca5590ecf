#include "tail.h"

#include <math.h>

#define LEAST_LOG_P0 (-60.0) /* e-26: what lies below is called 0 */
#define MOST_LOG_P0 (-1e-3)
#define LEAST_XI (-0.95) /* at -1 the likelihood has no bound */
#define MOST_XI 1.0
#define DROP 1.9207294103470626 /* half of the 95% point of chi-squared with one degree */
#define NORMAL 1.9599639845400545
#define TOLERANCE 1e-6
#define IMPOSSIBLE (-1e30)

/* The sum of log(1 + c y). The logarithm of a product is one logarithm; the product is kept less 1,
 * as accurate where it is near 1 as log1p is, and away from 0 and infinity. */
static double sum_log1p(double c, const dss_exceedances *e) {
  double sum = 0.0, product = 0.0;
  for (size_t i = 0; i < e->n; i++) {
    double factor = c * e->y[i];
    product += factor + product * factor;
    if (product > 1e100 || product < -0.9) {
      sum += log1p(product);
      product = 0.0;
    }
  }
  return sum + log1p(product);
}

double dss_gpd_log_likelihood(const dss_exceedances *e, bool holds_observed, double log_p0,
                              double xi) {
  double n = (double)e->n + (holds_observed ? 1.0 : 0.0), sum = 0.0;
  if (fabs(xi) < 1e-8) { /* exponential */
    for (size_t i = 0; i < e->n; i++)
      sum += e->y[i];
    double rate = -log_p0 / e->y0;
    return n * log(rate) - sum * rate + (holds_observed ? log_p0 : 0.0);
  }
  double c = expm1(-xi * log_p0) / e->y0; /* xi / sigma */
  double end = 1.0 + c * e->y[e->n - 1];
  if (!(end > 0.0)) return IMPOSSIBLE * (2.0 - end); /* worse the further it falls short */
  return n * log(c / xi) - (1.0 / xi + 1.0) * sum_log1p(c, e) +
         (holds_observed ? (1.0 + xi) * log_p0 : 0.0);
}

/* --- one maximum, one crossing ------------------------------------------------------------- */

typedef double (*curve)(void *user, double x);

/* Where f is largest on [a, b]: Brent's method, golden sections and parabolas. */
static double maximum(curve f, void *user, double a, double b, double *largest) {
  const double golden = 0.3819660112501051;
  double x = a + golden * (b - a), w = x, v = x, fx = f(user, x), fw = fx, fv = fx;
  double step = 0.0, before = 0.0;
  for (int i = 0; i < 100; i++) {
    double middle = 0.5 * (a + b), tolerance = TOLERANCE * (1.0 + fabs(x));
    if (fabs(x - middle) <= 2.0 * tolerance - 0.5 * (b - a)) break;
    double r = (x - w) * (fx - fv), q = (x - v) * (fx - fw);
    double p = (x - v) * q - (x - w) * r, last = before;
    q = 2.0 * (q - r);
    if (q > 0.0) p = -p;
    q = fabs(q);
    before = step;
    if (fabs(p) < fabs(0.5 * q * last) && p > q * (a - x) && p < q * (b - x)) {
      step = p / q;
    } else {
      before = x < middle ? b - x : a - x;
      step = golden * before;
    }
    double u = x + (fabs(step) >= tolerance ? step : step > 0.0 ? tolerance : -tolerance);
    double fu = f(user, u);
    if (fu >= fx) {
      if (u < x)
        b = x;
      else
        a = x;
      v = w, fv = fw, w = x, fw = fx, x = u, fx = fu;
    } else {
      if (u < x)
        a = u;
      else
        b = u;
      if (fu >= fw || w == x)
        v = w, fv = fw, w = u, fw = fu;
      else if (fu >= fv || v == x || v == w)
        v = u, fv = fu;
    }
  }
  *largest = fx;
  return x;
}

/* Where f has fallen by DROP between x, where it is `most`, and outside, where it is lower. The
 * root of what it has fallen by is nearly straight: false position, with the Illinois rule that an
 * end that stays counts half. */
static double crossing(curve f, void *user, double x, double most, double outside) {
  const double root = sqrt(DROP);
  double a = x, fa = -root, b = outside, fb = sqrt(most - f(user, b)) - root;
  for (int i = 0, side = 0; i < 100 && fabs(b - a) > 10.0 * TOLERANCE; i++) {
    x = (a * fb - b * fa) / (fb - fa);
    double fx = sqrt(fmax(0.0, most - f(user, x))) - root;
    if (fabs(fx) < TOLERANCE) break;
    if (fx > 0.0) {
      b = x, fb = fx;
      if (side > 0) fa *= 0.5;
      side = 1;
    } else {
      a = x, fa = fx;
      if (side < 0) fb *= 0.5;
      side = -1;
    }
  }
  return x;
}

/* --- the fit ------------------------------------------------------------------------------- */

typedef struct search {
  const dss_exceedances *e;
  bool holds_observed;
  double log_p0, xi;
} search;

static double along_xi(void *user, double xi) {
  search *s = user;
  return dss_gpd_log_likelihood(s->e, s->holds_observed, s->log_p0, xi);
}

/* The profile likelihood: the best that any xi does with this p0. */
static double along_log_p0(void *user, double log_p0) {
  search *s = user;
  double most;
  s->log_p0 = log_p0;
  s->xi = maximum(along_xi, s, LEAST_XI, MOST_XI, &most);
  return most;
}

dss_gpd dss_gpd_fit(const dss_exceedances *e, bool holds_observed) {
  search s = {.e = e, .holds_observed = holds_observed};
  dss_gpd fit = {.low = NAN, .high = NAN};
  double most;
  fit.log_p0 = maximum(along_log_p0, &s, LEAST_LOG_P0, MOST_LOG_P0, &most);
  fit.log_likelihood = along_log_p0(&s, fit.log_p0);
  fit.xi = s.xi;
  return fit;
}

void dss_gpd_limits(const dss_exceedances *e, bool holds_observed, dss_gpd *fit) {
  search s = {.e = e, .holds_observed = holds_observed};
  double level = fit->log_likelihood - DROP;
  fit->low = -INFINITY;
  fit->high = MOST_LOG_P0;
  if (along_log_p0(&s, LEAST_LOG_P0) < level)
    fit->low = crossing(along_log_p0, &s, fit->log_p0, fit->log_likelihood, LEAST_LOG_P0);
  if (along_log_p0(&s, MOST_LOG_P0) < level)
    fit->high = crossing(along_log_p0, &s, fit->log_p0, fit->log_likelihood, MOST_LOG_P0);
}

/* --- goodness of fit ----------------------------------------------------------------------- */

/* The logarithm of the fitted survival function. */
static double log_survival(const dss_exceedances *e, const dss_gpd *fit, double y) {
  if (fabs(fit->xi) < 1e-8) return fit->log_p0 * y / e->y0;
  return -log1p(expm1(-fit->xi * fit->log_p0) / e->y0 * y) / fit->xi;
}

double dss_gpd_anderson_darling(const dss_exceedances *e, const dss_gpd *fit) {
  double n = (double)e->n, sum = 0.0;
  for (size_t i = 0; i < e->n; i++) {
    double below = -expm1(log_survival(e, fit, e->y[i]));
    sum += (2.0 * (double)i + 1.0) *
           (log(fmax(below, 1e-300)) + log_survival(e, fit, e->y[e->n - 1 - i]));
  }
  return -n - sum / n;
}

/* Linear between the table's rows; beyond them, the last. */
double dss_gpd_critical(double xi) {
  static const double shapes[] = {-0.5, -0.2, -0.1, 0.0, 0.1, 0.2, 0.5, 0.9};
  static const double points[] = {1.321, 1.074, 1.020, 0.974, 0.935, 0.903, 0.830, 0.771};
  enum { ROWS = sizeof shapes / sizeof *shapes };
  if (xi <= shapes[0]) return points[0];
  for (size_t i = 1; i < ROWS; i++)
    if (xi <= shapes[i])
      return points[i - 1] +
             (points[i] - points[i - 1]) * (xi - shapes[i - 1]) / (shapes[i] - shapes[i - 1]);
  return points[ROWS - 1];
}

/* --- the p-value --------------------------------------------------------------------------- */

/* Values that repeat the one before: of a null that moves in steps there are many. */
static bool mostly_distinct(const double *ascending, size_t n) {
  size_t repeats = 0;
  for (size_t i = 1; i < n; i++)
    repeats += ascending[i] == ascending[i - 1];
  return repeats <= n / 10;
}

/* From p0, given that the threshold is passed, to p. The share of values past the threshold is
 * known up to its binomial error, which adds to each limit's distance as independent errors do (Zou
 * and Donner 2008). */
static void whole_p(double log_share, double variance, double log_p0, double log_low,
                    double log_high, dss_tail *tail) {
  double error = NORMAL * sqrt(variance), middle = log_share + log_p0;
  tail->p = exp(middle);
  tail->low = isinf(log_low) ? 0.0 : exp(middle - hypot(log_p0 - log_low, error));
  tail->high = fmin(1.0, exp(middle + hypot(log_high - log_p0, error)));
}

static bool fit_exceedances(double observed, uint64_t resamples, const double *largest, size_t n,
                            size_t k, dss_tail *tail) {
  double y[DSS_TAIL_MOST], threshold = 0.5 * (largest[n - k] + largest[n - k - 1]);
  for (size_t i = 0; i < k; i++)
    y[i] = largest[n - k + i] - threshold;
  dss_exceedances e = {y, k, observed - threshold};
  if (!(y[0] > 0.0) || !(e.y0 > 0.0) || !isfinite(y[k - 1]) || !isfinite(e.y0)) return false;
  dss_gpd with = dss_gpd_fit(&e, true);
  if (dss_gpd_anderson_darling(&e, &with) > dss_gpd_critical(with.xi)) return false;
  dss_gpd without = dss_gpd_fit(&e, false);
  dss_gpd_limits(&e, true, &with);
  dss_gpd_limits(&e, false, &without);
  double b = (double)resamples, count = (double)k;
  whole_p(log((count + 1.0) / (b + 1.0)), (1.0 - count / b) / count, with.log_p0,
          fmin(without.low, with.log_p0), with.high, tail);
  tail->exceedances = k;
  tail->xi = with.xi;
  return true;
}

bool dss_tail_p(double observed, uint64_t resamples, const double *largest, size_t n,
                dss_tail *tail) {
  if (resamples < DSS_TAIL_RESAMPLES) return false;
  size_t most = resamples / 10 < DSS_TAIL_MOST ? (size_t)resamples / 10 : DSS_TAIL_MOST;
  most -= most % DSS_TAIL_STEP;
  if (n <= most || !mostly_distinct(largest + n - most, most)) return false;
  for (size_t k = most; k >= DSS_TAIL_LEAST; k -= DSS_TAIL_STEP)
    if (fit_exceedances(observed, resamples, largest, n, k, tail)) return true;
  return false;
}
