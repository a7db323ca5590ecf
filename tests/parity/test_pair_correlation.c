/* A correlation of values of any size: the product of two sums of squares may leave a double's
 * range where neither sum does. */
#include <criterion/criterion.h>
#include <math.h>

#include "kernels/common/pairs.h"

Test(pair_correlation, is_the_same_at_every_scale) {
  for (int power = -280; power <= 300; power += 10) {
    double one = pow(10, power);
    double r = dss_pair_correlation(5 * one, 8 * one, 50 * one);
    cr_expect(fabs(r - 0.25) <= 1e-15, "1e%d: %.17g", power, r);
    cr_expect(fabs(dss_pair_correlation(one, one, one) - 1) <= 1e-15, "1e%d", power);
    cr_expect_eq(dss_pair_correlation(0.0, one, one), 0.0, "1e%d", power);
  }
}

Test(pair_correlation, of_unlike_scales_and_within_its_bounds) {
  cr_expect(fabs(dss_pair_correlation(-3, 9e200, 1e-200) + 1) <= 1e-15);
  cr_expect_eq(dss_pair_correlation(1.5e200, 1e200, 1e200), 1.0);
  cr_expect_eq(dss_pair_correlation(-1.5e-200, 1e-200, 1e-200), -1.0);
}
