/* The fitted tail: the likelihood against closed forms, the test of fit at its level, and intervals
 * against tails that are known. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "host/stats/quantile.h"
#include "host/stats/tail.h"
#include "tests/independent_random.h"

enum { KEPT = DSS_TAIL_MOST + 1 };

/* Open at both ends. */
static double unit(independent_random *random) {
  return (random_unit(random) + 0x1p-54) / (1 + 0x1p-53);
}

static double normal(independent_random *random) {
  return sqrt(-2 * log(unit(random))) * cos(6.283185307179586 * unit(random));
}

static double pareto(independent_random *random, double xi) {
  double u = unit(random);
  return xi == 0 ? -log(u) : expm1(-xi * log(u)) / xi;
}

static void sample(independent_random *random, double xi, double *y, size_t n) {
  for (size_t i = 0; i < n; i++)
    y[i] = pareto(random, xi);
  dss_sort_ascending(y, n);
}

/* The density written out, point by point. */
Test(tail, likelihood_by_its_definition) {
  independent_random random = {3};
  double y[80];
  sample(&random, -0.2, y, 80);
  static const double shapes[] = {-0.5, -0.2, 1e-3, 0.3, 0.9};
  for (size_t s = 0; s < 5; s++)
    for (double log_p0 = -20; log_p0 < -1; log_p0 += 3.7) {
      double xi = shapes[s], y0 = 3 * y[79], sigma = xi * y0 / (exp(-xi * log_p0) - 1);
      double sum = 0, own = -log(sigma) - (1 / xi + 1) * log(1 + xi * y0 / sigma);
      for (size_t i = 0; i < 80; i++)
        sum += -log(sigma) - (1 / xi + 1) * log(1 + xi * y[i] / sigma);
      dss_exceedances e = {y, 80, y0};
      double without = dss_gpd_log_likelihood(&e, false, log_p0, xi),
             with = dss_gpd_log_likelihood(&e, true, log_p0, xi);
      cr_assert(fabs(without - sum) <= 1e-7 * fabs(sum), "%g %g", without, sum);
      cr_assert(fabs(with - sum - own) <= 1e-7 * fabs(sum));
      cr_assert(isfinite(dss_gpd_log_likelihood(&e, true, log_p0, 0)));
      double left = dss_gpd_log_likelihood(&e, true, log_p0, -1e-6),
             right = dss_gpd_log_likelihood(&e, true, log_p0, 1e-6);
      cr_assert(fabs(left + right - 2 * dss_gpd_log_likelihood(&e, true, log_p0, 0)) <= 1e-3);
    }
}

/* No point of a grid beats the fit, and the limits stand where the profile has dropped by 1.92. */
Test(tail, fit_is_the_maximum) {
  independent_random random = {4};
  double y[150];
  for (int round = 0; round < 12; round++) {
    sample(&random, -0.4 + 0.08 * round, y, 150);
    dss_exceedances e = {y, 150, y[149] * (round % 2 ? 1.6 : 0.9)};
    dss_gpd fit = dss_gpd_fit(&e, true);
    dss_gpd_limits(&e, true, &fit);
    cr_assert(fit.low < fit.log_p0 && fit.log_p0 < fit.high);
    double best = -INFINITY, inside = -INFINITY, above = -INFINITY, below = -INFINITY;
    for (double log_p0 = -30; log_p0 < -0.05; log_p0 += 0.05)
      for (double xi = -0.94; xi < 1; xi += 0.01) {
        double l = dss_gpd_log_likelihood(&e, true, log_p0, xi);
        best = fmax(best, l);
        if (log_p0 > fit.high + 0.01) above = fmax(above, l);
        if (log_p0 < fit.low - 0.01) below = fmax(below, l);
        if (log_p0 > fit.low && log_p0 < fit.high) inside = fmax(inside, l);
      }
    cr_assert(fit.log_likelihood >= best - 1e-8 && fit.log_likelihood <= best + 0.05);
    cr_assert(above <= fit.log_likelihood - 1.9207 && below <= fit.log_likelihood - 1.9207);
    cr_assert_eq(inside, best);
  }
}

/* Where the exceedances end short of the observed value the likelihood alone would make p 0; with
 * the observed value among them it cannot. */
Test(tail, p_is_never_zero) {
  independent_random random = {5};
  double y[200];
  for (size_t i = 0; i < 200; i++)
    y[i] = unit(&random);
  dss_sort_ascending(y, 200);
  dss_exceedances e = {y, 200, 1.5};
  dss_gpd with = dss_gpd_fit(&e, true), without = dss_gpd_fit(&e, false);
  cr_assert_lt(without.log_p0, -50);
  cr_assert_gt(with.log_p0, -20);
}

/* Of samples from the distribution itself about 5% are refused. */
Test(tail, anderson_darling_keeps_its_level) {
  enum { SAMPLES = 600 };
  static const double shapes[] = {-0.3, 0.0, 0.3};
  static const size_t sizes[] = {250, 60};
  independent_random random = {6};
  double y[250];
  for (size_t s = 0; s < 3; s++)
    for (size_t k = 0; k < 2; k++) {
      int refused = 0;
      for (int i = 0; i < SAMPLES; i++) {
        sample(&random, shapes[s], y, sizes[k]);
        dss_exceedances e = {y, sizes[k], 1.001 * y[sizes[k] - 1]};
        dss_gpd fit = dss_gpd_fit(&e, false);
        refused += dss_gpd_anderson_darling(&e, &fit) > dss_gpd_critical(fit.xi);
      }
      double share = (double)refused / SAMPLES;
      cr_log_info("xi %.1f, %zu exceedances: %.3f refused", shapes[s], sizes[k], share);
      cr_assert(share > 0.02 && share < 0.09, "%g", share);
    }
  /* and what is another distribution is refused */
  for (size_t i = 0; i < 250; i++)
    y[i] = 1 + 0.1 * normal(&random);
  dss_sort_ascending(y, 250);
  dss_exceedances e = {y, 250, 1.5};
  dss_gpd fit = dss_gpd_fit(&e, true);
  cr_assert_gt(dss_gpd_anderson_darling(&e, &fit), 5 * dss_gpd_critical(fit.xi));
}

/* --- known tails --------------------------------------------------------------------------- */

typedef double (*draw_fn)(independent_random *random);

static double draw_normal(independent_random *random) {
  return normal(random);
}
static double draw_t5(independent_random *random) {
  double z = normal(random), squares = 0;
  for (int i = 0; i < 5; i++) {
    double g = normal(random);
    squares += g * g;
  }
  return z / sqrt(squares / 5);
}
static double draw_uniform(independent_random *random) {
  return unit(random);
}
static double draw_exponential(independent_random *random) {
  return -log(unit(random));
}

/* Values that are exceeded with probability 1e-5 and 1e-6. */
static const struct {
  const char *name;
  draw_fn draw;
  double at[2];
} tails[] = {
    {"normal", draw_normal, {4.264890793922825, 4.753424308822899}},
    {"t5", draw_t5, {15.54685026, 24.77102907}},
    {"uniform", draw_uniform, {1 - 1e-5, 1 - 1e-6}},
    {"exponential", draw_exponential, {11.512925464970229, 13.815510557964274}},
};

/* Of 10,000 resamples; the interval is meant to hold the truth 95% of the time or more, and its
 * upper end not to be under it. docs/statistics.md has the numbers of more samples. */
Test(tail, intervals_hold_known_tails) {
  enum { SAMPLES = 80, RESAMPLES = 10000 };
  static double values[RESAMPLES];
  for (size_t d = 0; d < sizeof tails / sizeof *tails; d++)
    for (int which = 0; which < 2; which++) {
      double truth = which ? 1e-6 : 1e-5, observed = tails[d].at[which], error = 0;
      int fitted = 0, held = 0, too_low = 0;
      for (uint64_t seed = 0; seed < SAMPLES; seed++) {
        independent_random random = {seed * 7919 + d * 104729 + 1};
        size_t reached = 0;
        for (size_t i = 0; i < RESAMPLES; i++) {
          values[i] = tails[d].draw(&random);
          reached += values[i] >= observed;
        }
        dss_sort_ascending(values, RESAMPLES);
        dss_tail tail;
        if (reached >= DSS_TAIL_BELOW ||
            !dss_tail_p(observed, RESAMPLES, values + RESAMPLES - KEPT, KEPT, &tail))
          continue;
        fitted++;
        cr_assert(tail.p > 0 && tail.low <= tail.p && tail.p <= tail.high);
        held += tail.low <= truth && truth <= tail.high;
        too_low += tail.high < truth;
        error += log10(tail.p / truth);
      }
      cr_log_info("%s, %g: fitted %d of %d, held by %d, mean error %.2f decades", tails[d].name,
                  truth, fitted, SAMPLES, held, error / fitted);
      cr_assert_gt(fitted, SAMPLES / 2);
      cr_assert_geq(held, fitted * 0.95 - 3 * sqrt(fitted * 0.95 * 0.05));
      cr_assert_leq(too_low, 1);
    }
}

Test(tail, refusals) {
  independent_random random = {8};
  static double values[20000], steps[20000];
  dss_tail tail, again;
  for (size_t i = 0; i < 20000; i++) {
    values[i] = normal(&random);
    steps[i] = floor(10 * values[i]);
  }
  dss_sort_ascending(values, 20000);
  dss_sort_ascending(steps, 20000);
  cr_assert(dss_tail_p(5, 20000, values + 20000 - KEPT, KEPT, &tail));
  cr_assert(dss_tail_p(5, 20000, values + 20000 - KEPT, KEPT, &again));
  cr_assert(tail.p == again.p && tail.low == again.low && tail.high == again.high);
  cr_assert(!dss_tail_p(60, 20000, steps + 20000 - KEPT, KEPT, &tail),
            "a null that moves in steps");
  cr_assert(!dss_tail_p(5, 999, values + 20000 - KEPT, KEPT, &tail), "too few resamples");
  cr_assert(!dss_tail_p(INFINITY, 20000, values + 20000 - KEPT, KEPT, &tail));
}
