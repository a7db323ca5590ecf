/* host/stats against closed forms and published tables. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "host/stats/corrections.h"
#include "host/stats/pvalues.h"
#include "host/stats/quantile.h"
#include "tests/independent_random.h"

Test(pvalues, counts_to_p) {
  cr_assert_eq(dss_p_one_sided(0, 999, false), 0.001);
  cr_assert_eq(dss_p_one_sided(999, 999, false), 1.0);
  cr_assert_eq(dss_p_one_sided(2, 10, true), 0.2);
  cr_assert_eq(dss_p_two_sided(0.01, 0.995), 0.02);
  cr_assert_eq(dss_p_two_sided(0.7, 0.6), 1.0);
}

/* I_x(1, b) = 1 - (1-x)^b, I_x(a, 1) = x^a, I_x(a, b) = 1 - I_{1-x}(b, a); binomial tails. */
Test(pvalues, incomplete_beta) {
  for (double x = 0.01; x < 1; x += 0.07) {
    for (double k = 1; k < 2000; k *= 3) {
      cr_assert(fabs(dss_incomplete_beta(1, k, x) + expm1(k * log1p(-x))) <= 1e-12);
      cr_assert(fabs(dss_incomplete_beta(k, 1, x) - pow(x, k)) <= 1e-12);
      cr_assert(fabs(dss_incomplete_beta(k, 7, x) + dss_incomplete_beta(7, k, 1 - x) - 1) <= 1e-12);
    }
  }
  /* P(X >= 3), X ~ binomial(10, 0.3) = 1 - 0.3827827864 */
  cr_assert(fabs(dss_incomplete_beta(3, 8, 0.3) - 0.6172172136) <= 1e-10);
  cr_assert_eq(dss_incomplete_beta(2, 2, 0), 0);
  cr_assert_eq(dss_incomplete_beta(2, 2, 1), 1);
}

/* The defining property: each bound puts 2.5% into its tail; and closed forms at the ends. */
Test(pvalues, clopper_pearson) {
  static const uint64_t sizes[] = {1, 10, 1000, 10000000};
  for (size_t s = 0; s < 4; s++) {
    uint64_t n = sizes[s];
    double low, high;
    dss_clopper_pearson(0, n, &low, &high);
    cr_assert_eq(low, 0);
    cr_assert(fabs(high - -expm1(log(0.025) / (double)n)) <= 1e-9 * high, "%g", high);
    dss_clopper_pearson(n, n, &low, &high);
    cr_assert_eq(high, 1);
    cr_assert(fabs(low - exp(log(0.025) / (double)n)) <= 1e-12);
    uint64_t k = n / 3;
    if (k == 0) continue;
    dss_clopper_pearson(k, n, &low, &high);
    cr_assert(fabs(dss_incomplete_beta((double)k, (double)(n - k + 1), low) - 0.025) <= 1e-8);
    cr_assert(fabs(dss_incomplete_beta((double)(k + 1), (double)(n - k), high) - 0.975) <= 1e-8);
    cr_assert(low < (double)k / (double)n && (double)k / (double)n < high);
  }
}

/* scipy.stats.t.ppf has the numbers. */
Test(pvalues, student) {
  static const double known[][2] = {
      {1, 12.706204736174694},    {1.5, 6.016663104427929},    {2, 4.302652729749462},
      {2.7, 3.3921483831737507},  {5, 2.5705818356363146},     {29, 2.045229642132703},
      {61.3, 1.9994256871790779}, {999.5, 1.9623402703838457}, {1000, 1.9623390808264083},
      {5e4, 1.9600114310936798},  {1e9, 1.959963986912325},    {INFINITY, 1.959963984540054}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    double found = dss_student_975(known[i][0]);
    cr_expect(fabs(found - known[i][1]) <= 1e-11 * known[i][1], "%g: %.17g", known[i][0], found);
  }
  cr_expect(isnan(dss_student_975(NAN)));
}

/* Over every length that sampling until h exceedances may take, the interval holds the true share
 * at least 95% of the time, and each side fails at most 2.5%. */
Test(pvalues, inverse_sampling_covers) {
  enum { H = 20, LONGEST = 60000 };
  static const double shares[] = {0.9, 0.5, 0.11, 0.02, 0.003};
  double low, high;
  for (size_t s = 0; s < sizeof shares / sizeof *shares; s++) {
    double share = shares[s], chance = pow(share, H), all = 0, under = 0, over = 0;
    for (uint64_t l = H; l < LONGEST && 1 - all > 1e-9; l++) {
      if (l > H) chance *= (1 - share) * (double)(l - 1) / (double)(l - H);
      all += chance;
      if (chance < 1e-12) continue;
      dss_inverse_sampling_interval(H, l, &low, &high);
      cr_assert(low < dss_p_sequential(H, l) && dss_p_sequential(H, l) <= high);
      under += share < low ? chance : 0;
      over += share > high ? chance : 0;
    }
    cr_assert(fabs(all - 1) <= 1e-6, "%g", all);
    cr_assert(under <= 0.025 && over <= 0.025, "%g: %g, %g", share, under, over);
    if (share < 0.2) cr_assert(under + over > 0.03, "needlessly wide: %g", under + over);
  }
}

/* Worked by hand: five tests, and one that is none. */
Test(corrections, five_tests) {
  const double p[] = {0.01, 0.04, NAN, 0.03, 0.005, 0.5};
  const double bh[] = {0.025, 0.05, NAN, 0.05, 0.025, 0.5};
  const double holm[] = {0.04, 0.09, NAN, 0.09, 0.025, 0.5};
  const double bonferroni[] = {0.05, 0.2, NAN, 0.15, 0.025, 1.0};
  double out[6];
  cr_assert(dss_benjamini_hochberg(6, p, out));
  for (size_t i = 0; i < 6; i++)
    cr_assert(isnan(bh[i]) ? isnan(out[i]) : fabs(out[i] - bh[i]) <= 1e-15, "%zu", i);
  cr_assert(dss_holm(6, p, out));
  for (size_t i = 0; i < 6; i++)
    cr_assert(isnan(holm[i]) ? isnan(out[i]) : fabs(out[i] - holm[i]) <= 1e-15, "%zu", i);
  dss_bonferroni(6, p, out);
  for (size_t i = 0; i < 6; i++)
    cr_assert(isnan(bonferroni[i]) ? isnan(out[i]) : fabs(out[i] - bonferroni[i]) <= 1e-15, "%zu",
              i);
}

Test(corrections, none) {
  double out[1] = {7};
  const double p[1] = {NAN};
  cr_assert(dss_benjamini_hochberg(1, p, out) && isnan(out[0]));
  cr_assert(dss_holm(0, p, out));
}

Test(quantile, between_order_statistics) {
  double values[] = {4, -1, 2, 10};
  dss_sort_ascending(values, 4);
  const double sorted[] = {-1, 2, 4, 10};
  cr_assert_arr_eq(values, sorted, sizeof sorted);
  cr_assert_eq(dss_sorted_quantile(values, 4, 0), -1);
  cr_assert_eq(dss_sorted_quantile(values, 4, 1), 10);
  cr_assert_eq(dss_sorted_quantile(values, 4, 0.5), 3);
  cr_assert(fabs(dss_sorted_quantile(values, 4, 0.9) - 8.2) <= 1e-12);
  cr_assert_eq(dss_sorted_quantile(values, 1, 0.3), -1);
}

/* Against sorting, with many ties and with none; what is before and behind is on its side. */
Test(quantile, one_order_statistic) {
  enum { MOST = 60 };
  independent_random random = {5};
  for (uint64_t n = 1; n <= MOST; n++)
    for (uint64_t k = 0; k < n; k++) {
      double values[MOST], sorted[MOST];
      for (uint64_t i = 0; i < n; i++)
        values[i] = k % 2 ? floor(4 * random_unit(&random)) : random_unit(&random) - 0.5;
      memcpy(sorted, values, sizeof sorted);
      dss_sort_ascending(sorted, n);
      double found = dss_order_statistic(values, n, k);
      cr_assert_eq(found, sorted[k]);
      cr_assert_eq(found, values[k]);
      for (uint64_t i = 0; i < n; i++)
        cr_assert(i < k ? values[i] <= found : values[i] >= found);
      dss_sort_ascending(values, n);
      cr_assert_arr_eq(values, sorted, n * sizeof *values);
    }
}
