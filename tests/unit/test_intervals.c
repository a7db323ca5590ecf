/* host/stats: the normal distribution, bootstrap intervals and parts of a variance, against SciPy
 * and by hand. */
#include <criterion/criterion.h>
#include <math.h>

#include "host/stats/intervals.h"
#include "host/stats/normal.h"
#include "host/stats/quantile.h"
#include "host/stats/two_way.h"

/* scipy.stats.norm, 1.17. */
Test(normal, as_scipy_has_it) {
  static const double cdf[][2] = {{-8.3, 5.2055697448902465e-17}, {-3.1, 0.0009676032132183563},
                                  {-1, 0.15865525393145707},      {0, 0.5},
                                  {0.3, 0.6179114221889526},      {2.5, 0.9937903346742238},
                                  {6.2, 0.9999999997176842}};
  static const double quantile[][2] = {
      {1e-300, -37.0470962993612},  {1e-17, -8.493793224109599}, {2.5e-05, -4.0556269811224},
      {0.025, -1.9599639845400545}, {0.31, -0.4958503473474533}, {0.5, 0.0},
      {0.8, 0.8416212335729143},    {0.975, 1.959963984540054},  {0.999999, 4.753424308817087}};
  for (size_t i = 0; i < sizeof cdf / sizeof *cdf; i++)
    cr_expect(fabs(dss_normal_cdf(cdf[i][0]) / cdf[i][1] - 1) <= 1e-13, "cdf of %g", cdf[i][0]);
  for (size_t i = 0; i < sizeof quantile / sizeof *quantile; i++)
    cr_expect(fabs(dss_normal_quantile(quantile[i][0]) - quantile[i][1]) <= 1e-11, "quantile of %g",
              quantile[i][0]);
  cr_expect(isinf(dss_normal_quantile(0)) && dss_normal_quantile(0) < 0);
  cr_expect(isinf(dss_normal_quantile(1)) && dss_normal_quantile(1) > 0);
  cr_expect(isnan(dss_normal_quantile(-0.1)) && isnan(dss_normal_quantile(NAN)));
  for (double p = 1e-12; p < 1; p = p < 0.01 ? 3 * p : p + 0.013)
    cr_expect(fabs(dss_normal_cdf(dss_normal_quantile(p)) / p - 1) <= 1e-12, "%g", p);
}

Test(normal, between_keeps_its_digits) {
  cr_expect(fabs(dss_normal_between(9, 9.5) / 1.1180938908784698e-19 - 1) <= 1e-12);
  cr_expect(fabs(dss_normal_between(-9.5, -9) / 1.1180938908784698e-19 - 1) <= 1e-12);
  cr_expect(fabs(dss_normal_between(-2, 1) - 0.8185946141203637) <= 1e-15);
  cr_expect(dss_normal_between(-INFINITY, INFINITY) == 1 && dss_normal_between(1, 1) == 0);
}

/* scipy.stats.f and chi2, by their tails; Paulson's approximation is this near. */
Test(normal, of_f_is_near_scipy) {
  static const double of[][4] = {{9, 1, 40, 2.602292642755676},
                                 {3.5, 4, 60, 2.245694731389461},
                                 {2.2, 29, 30, 2.103093195339976},
                                 {0.4, 3, 500, -0.6841569366167422},
                                 {5.5, 2, INFINITY, 2.6448156699672714},
                                 {4, 5, INFINITY, 3.02340666932064},
                                 {0.75, 4, INFINITY, -0.14545809486653427}};
  for (size_t i = 0; i < sizeof of / sizeof *of; i++)
    cr_expect(fabs(dss_normal_of_f(of[i][0], of[i][1], of[i][2]) - of[i][3]) <= 0.03, "F %g",
              of[i][0]);
}

enum { N = 104 };

/* x^3 / 5 for x from -2 to 3 in steps of 0.05, and 1 three times more. */
static void make_values(double values[N]) {
  for (int i = 0; i < N - 3; i++) {
    double x = -2 + 0.05 * i;
    values[i] = x * x * x / 5;
  }
  for (int i = N - 3; i < N; i++)
    values[i] = 1;
  dss_sort_ascending(values, N);
}

static void expect_bounds(dss_bounds found, double low, double high) {
  cr_expect(fabs(found.low - low) <= 1e-10 && fabs(found.high - high) <= 1e-10,
            "%.12g %.12g, not %.12g %.12g", found.low, found.high, low, high);
}

/* The numbers are NumPy's and SciPy's, from the formulas of Efron and Tibshirani. */
Test(intervals, percentile_basic_bca) {
  double values[N];
  dss_bounds bca;
  make_values(values);
  expect_bounds(dss_percentile_interval(values, N), -1.311151875, 4.735214375000002);
  expect_bounds(dss_basic_interval(0.2, values, N), 0.4 - 4.735214375000002, 0.4 + 1.311151875);
  cr_assert(dss_bca_interval(0.2, values, N, -0.03, &bca));
  expect_bounds(bca, -1.0583365235592042, 5.059837088455658);
  const double one = 7;
  expect_bounds(dss_percentile_interval(&one, 1), 7, 7);
}

Test(intervals, normal_and_where_the_values_lie) {
  const double values[] = {1, 2, 3, 3, 3 + 1e-13, 7, 8, 9};
  expect_bounds(dss_normal_interval(2, 0.5), 1.02001800772973, 2.97998199227027);
  cr_expect_eq(dss_share_below(3, values, 8), 3.5 / 8);
  cr_expect_eq(dss_share_below(0, values, 8), 0);
  cr_expect_eq(dss_share_below(9.5, values, 8), 1);
}

/* NumPy has the numbers, from the delta method on log((x - least) / (most - x)). */
Test(intervals, logit) {
  expect_bounds(dss_logit_interval(0.2, 0.05, DSS_Z975, 0, 1), 0.11933074727304042,
                0.31565645065453696);
  expect_bounds(dss_logit_interval(0.98, 0.02, DSS_Z975, 0, 1), 0.8689671250895085,
                0.997245561824638);
  expect_bounds(dss_logit_interval(-0.3, 0.1, DSS_Z975, -1, 1), -0.4814731848313428,
                -0.09386183794935377);
  expect_bounds(dss_logit_interval(1e-9, 1e-3, DSS_Z975, 0, 1), 0,
                1); /* beyond what exp() can hold */
  expect_bounds(dss_logit_interval(0, 1e-12, DSS_Z975, -1, 1), -1.95996398454e-12,
                1.95996398454e-12);
}

static void expect_near(double found, double wanted) {
  cr_expect(fabs(found - wanted) <= 1e-15 || (isnan(found) && isnan(wanted)), "%.17g, not %.17g",
            found, wanted);
}

Test(two_way, parts) {
  const double left_out[] = {0.2, 0.25, 0.1, 0.3};
  expect_near(dss_jackknife_variance(left_out, 4), 0.01640625);
  expect_near(dss_variance_over_both(0.5, 0.25), 0.75);
  expect_near(dss_variance_over_both(0.5, -0.25), 0.5); /* by chance below 0 */
  expect_near(dss_variance_over_both(0.5, NAN), NAN);
  expect_near(dss_variance_over_both(NAN, 0.25), NAN);
  expect_near(dss_variance_over_raters(1.0, 0.25, 2.0), 0.25 + 2 * 0.75);
  expect_near(dss_variance_over_raters(1.0, -0.25, 2.0), 2.0);
  expect_near(dss_variance_over_raters(1.0, 1.5, 2.0), 1.0);
  expect_near(dss_variance_over_raters(1.0, NAN, 2.0), NAN);
  cr_expect(isinf(dss_variance_over_raters(1.0, 0.25, INFINITY))); /* one rating an item */
}

/* NumPy has the numbers. */
Test(two_way, degrees) {
  const double left_out[] = {0.2, 0.25, 0.1, 0.3}, alone[] = {1, 0, 0, 0, 0, 0, 0, 0};
  const dss_variance_part parts[] = {{0.5, 10}, {0.25, 5}, {-0.1, 3}};
  cr_expect(fabs(dss_jackknife_degrees(left_out, 4) - 9.459459459459454) <= 1e-12);
  cr_expect(dss_jackknife_degrees(alone, 8) < 4); /* one unit makes the variance */
  expect_near(dss_degrees_of_sum(0.5, parts, 1), 10);
  cr_expect(fabs(dss_degrees_of_sum(0.75, parts, 3) - 15) <= 1e-12);
  expect_near(dss_degrees_of_sum(1.0, parts + 1, 1), 80); /* the rest is known */
  cr_expect(isinf(dss_degrees_of_sum(0.5, parts, 0)));
}

/* Those that are undefined are left out, up to a tenth. */
Test(two_way, shared) {
  double products[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, NAN};
  expect_near(dss_shared_variance(products, 10), 5);
  products[3] = NAN;
  expect_near(dss_shared_variance(products, 10), NAN);
  expect_near(dss_shared_variance(products, 0), NAN);
}

/* Without bias and acceleration BCa is percentile: the median as the estimate, a = 0. */
Test(intervals, bca_without_corrections) {
  double values[101];
  dss_bounds bca;
  for (int i = 0; i < 101; i++)
    values[i] = i;
  cr_assert(dss_bca_interval(50, values, 101, 0, &bca));
  expect_bounds(bca, 2.5, 97.5);
}

Test(intervals, bca_is_not_always_there) {
  double values[N];
  const double same[] = {3, 3, 3, 3}, nearly[] = {3, 3 + 1e-13, 3 + 2e-13};
  dss_bounds bca = {-1, -2};
  make_values(values);
  cr_expect(!dss_bca_interval(values[0] - 1, values, N, 0, &bca), "the estimate is below all");
  cr_expect(!dss_bca_interval(values[N - 1] + 1, values, N, 0, &bca), "the estimate is above all");
  cr_expect(!dss_bca_interval(3, same, 4, 0, &bca), "no value differs");
  cr_expect(!dss_bca_interval(3, nearly, 3, 0, &bca), "but by rounding");
  cr_expect(!dss_bca_interval(0.2, values, N, 1, &bca), "1 - a (z0 + z) is not positive");
  /* Between 40 and 39 of evenly spread values: 2.5% of 39 is less than one of them. */
  double few[40];
  for (int i = 0; i < 40; i++)
    few[i] = i;
  cr_expect(!dss_bca_interval(19, few, 39, 0, &bca), "a quantile beyond the last of 39 values");
  cr_expect(!dss_bca_interval(10, few, 40, 0, &bca), "biased, and so beyond the first of 40");
  cr_expect(bca.low == -1 && bca.high == -2, "what was there stays");
  cr_expect(dss_bca_interval(19.5, few, 40, 0, &bca));
}

Test(intervals, acceleration) {
  const double left_out[] = {1, 2, 4, 1, 3, 3.5, 0};
  const double same[] = {5, 5, 5, 7, 7}, undefined[] = {1, 2, NAN};
  double a = 9;
  /* Strata of four, none and three; NumPy. */
  cr_assert(dss_acceleration(left_out, (const uint32_t[]){4, 0, 3}, 3, &a));
  cr_expect(fabs(a - -0.0038816851078598484) <= 1e-15, "%.17g", a);
  /* One stratum by hand: influences of 0, 0, 3 are 2/3, 2/3, -4/3. */
  const double few[] = {0, 0, 3};
  cr_assert(dss_acceleration(few, (const uint32_t[]){3}, 1, &a));
  cr_expect(fabs(a - (16 - 64) / 27.0 / (6 * pow(24 / 9.0, 1.5))) <= 1e-15);
  a = 9;
  cr_expect(!dss_acceleration(same, (const uint32_t[]){3, 2}, 2, &a),
            "nothing varies in a stratum");
  cr_expect(!dss_acceleration(undefined, (const uint32_t[]){3}, 1, &a), "a value is undefined");
  cr_expect(!dss_acceleration(same, (const uint32_t[]){0, 0}, 2, &a), "nothing was left out");
  cr_expect_eq(a, 9);
}

Test(intervals, spread) {
  const double a[] = {1, 4, 2}, x[] = {2, 6, 1}, close[] = {3, 3 + 1e-13, 3 - 1e-13};
  dss_covariances v = dss_covary(a, x, 3);
  cr_expect(fabs(v.a - 7.0 / 3) <= 1e-15 && fabs(v.x - 7) <= 1e-15 && fabs(v.ax - 3.5) <= 1e-15);
  cr_expect(dss_all_tied(close, 3) && dss_all_tied(a, 1) && dss_all_tied(a, 0));
  cr_expect(!dss_all_tied(a, 3) && !dss_all_tied(x, 3));
  cr_expect(fabs(dss_standard_deviation(x, 1)) != 0 && isnan(dss_standard_deviation(x, 1)));
  cr_expect(fabs(dss_standard_deviation((const double[]){1, 2, 6}, 3) - sqrt(7)) <= 1e-15);
}

static bool in_set(dss_ratio_kind kind, dss_bounds ends, double c) {
  switch (kind) {
  case DSS_RATIO_EMPTY:
    return false;
  case DSS_RATIO_BOUNDED:
    return ends.low <= c && c <= ends.high;
  case DSS_RATIO_OUTSIDE:
    return c <= ends.low || c >= ends.high;
  case DSS_RATIO_ABOVE:
    return c >= ends.low;
  case DSS_RATIO_BELOW:
    return c <= ends.high;
  case DSS_RATIO_WHOLE:
    return true;
  }
  return false;
}

/* Every kind, and the set is what the test of a - c x keeps, for c far and near. */
Test(intervals, fieller) {
  static const struct {
    double a, x;
    dss_covariances v;
    dss_ratio_kind kind;
  } cases[] = {
      {0.4, 0.5, {0.01, 0.004, 0.003}, DSS_RATIO_BOUNDED},
      {-0.4, 0.5, {0.01, 0.004, 0.003}, DSS_RATIO_BOUNDED},
      {0.4, -0.5, {0.01, 0.004, 0.003}, DSS_RATIO_BOUNDED},
      {0.0, 0.5, {0.01, 0.004, 0.0}, DSS_RATIO_BOUNDED},
      {0.4, 0.1, {0.01, 0.004, 0.003}, DSS_RATIO_OUTSIDE},
      {0.4, 0.0, {0.01, 0.004, 0.003}, DSS_RATIO_OUTSIDE},
      {0.1, 0.1, {0.01, 0.01, 0.0}, DSS_RATIO_WHOLE},
      {3.0, 2.0, {1.0, 1.0, 0.5}, DSS_RATIO_ABOVE}, /* z = 2: the square's coefficient is 0 */
      {-3.0, 2.0, {1.0, 1.0, -0.5}, DSS_RATIO_BELOW},
      {1.0, 2.0, {1.0, 1.0, 0.5}, DSS_RATIO_WHOLE},
      {1.0, 0.0, {0.01, 0.0, 0.0}, DSS_RATIO_EMPTY},
      {0.1, 0.0, {0.01, 0.0, 0.0}, DSS_RATIO_WHOLE},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double a = cases[i].a, x = cases[i].x, z = 2;
    dss_covariances v = cases[i].v;
    dss_bounds ends;
    cr_assert_eq(dss_ratio_set(a, x, v, z, &ends), cases[i].kind, "case %zu", i);
    for (double c = -50; c <= 50; c += 0.0137) {
      double apart = (a - c * x) * (a - c * x) - z * z * (v.a - 2 * c * v.ax + c * c * v.x);
      if (fabs(apart) > 1e-9)
        cr_expect_eq(in_set(cases[i].kind, ends, c), apart < 0, "case %zu, c = %g", i, c);
    }
    bool has_low = cases[i].kind == DSS_RATIO_BOUNDED || cases[i].kind == DSS_RATIO_OUTSIDE ||
                   cases[i].kind == DSS_RATIO_ABOVE;
    cr_expect_eq(!isnan(ends.low), has_low, "case %zu", i);
  }
  /* A point, when nothing varies. */
  dss_bounds point;
  cr_assert_eq(dss_ratio_set(0.3, 0.6, (dss_covariances){0, 0, 0}, 2, &point), DSS_RATIO_BOUNDED);
  expect_bounds(point, 0.5, 0.5);
}
