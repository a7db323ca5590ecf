/* host/evaluate/fraction_sum.h: sums of quotients that relabelling does not change. */
#include <criterion/criterion.h>
#include <math.h>

#include "host/evaluate/fraction_sum.h"
#include "tests/independent_random.h"

/* The sum of x^2 / n as a double. */
static double sum_of(const double *x, const double *n, uint32_t count) {
  uint64_t common = dss_common_multiple(n, count);
  cr_assert_neq(common, 0);
  return dss_quotient(dss_common_squares(x, n, count, common), common);
}

Test(fraction_sum, the_common_multiple_is_the_least) {
  cr_assert_eq(dss_common_multiple((const double[]){4, 0, 6, 10}, 4), 60);
  cr_assert_eq(dss_common_multiple((const double[]){7, 7, 7}, 3), 7);
  cr_assert_eq(dss_common_multiple((const double[]){0, 0}, 2), 1);
  cr_assert_eq(dss_common_multiple((const double[]){4294967295.0}, 1), UINT64_C(4294967295));
}

Test(fraction_sum, too_large_a_multiple_is_none) {
  /* 2^31 (2^31 - 1) is below 2^62, times 3 it is not. */
  cr_assert_eq(dss_common_multiple((const double[]){0x1p31, 0x1p31 - 1}, 2),
               (UINT64_C(1) << 31) * ((UINT64_C(1) << 31) - 1));
  cr_assert_eq(dss_common_multiple((const double[]){0x1p31, 0x1p31 - 1, 3}, 3), 0);
  cr_assert_eq(dss_common_multiple((const double[]){0x1p32}, 1), 0);
}

Test(fraction_sum, a_relabelling_changes_nothing) {
  static const double x[] = {3, -5, 11, 2, 7}, n[] = {3, 7, 9, 11, 13};
  double first = sum_of(x, n, 5), by_size = 0;
  double quotients[5];
  for (unsigned turn = 0; turn < 5; turn++) {
    double turned_x[5], turned_n[5];
    for (unsigned i = 0; i < 5; i++) {
      turned_x[i] = x[(i + turn) % 5];
      turned_n[i] = n[(i + turn) % 5];
      quotients[i] = turned_x[i] * turned_x[i] / turned_n[i];
    }
    cr_assert_eq(sum_of(turned_x, turned_n, 5), first);
    double sum = dss_sum_sorted(quotients, 5);
    if (turn == 0) by_size = sum;
    cr_assert_eq(sum, by_size);
  }
  cr_assert_float_eq(by_size, first, 1e-12);
}

Test(fraction_sum, equal_sums_of_different_terms_tie) {
  /* 1/3 + 4/6 = 1 and 9/12 + 1/4 = 1; 25/15 + 1/3 = 2 and 36/18 = 2. */
  cr_assert_eq(sum_of((const double[]){1, 2}, (const double[]){3, 6}, 2), 1.0);
  cr_assert_eq(sum_of((const double[]){3, 1}, (const double[]){12, 4}, 2), 1.0);
  cr_assert_eq(sum_of((const double[]){5, 1}, (const double[]){15, 3}, 2), 2.0);
  cr_assert_eq(sum_of((const double[]){0, 6}, (const double[]){5, 18}, 2), 2.0);
}

Test(fraction_sum, a_quotient_is_rounded_once) {
  independent_random random = {29};
  for (int i = 0; i < 20000; i++) {
    /* The hardware's division of two doubles is correctly rounded. */
    uint64_t top = random_bits(&random) >> (11 + i % 50),
             bottom = (random_bits(&random) >> (11 + i % 47)) + 1;
    double expected = (double)top / (double)bottom;
    cr_assert_eq(dss_quotient(top, bottom), expected);
    /* Not in lowest terms, with up to 120 bits. */
    dss_u128 factor = (dss_u128)(random_bits(&random) >> 1) << 4 | 1;
    cr_assert_eq(dss_quotient(top * factor, bottom * factor), expected);
  }
}

Test(fraction_sum, half_way_goes_to_the_even) {
  dss_u128 even = (dss_u128)1 << 53, odd = even + 2; /* of 54 bits; doubles are two apart */
  cr_assert_eq(dss_quotient(even + 1, 1), 0x1p53);
  cr_assert_eq(dss_quotient(odd + 1, 1), 0x1p53 + 4);
  cr_assert_eq(dss_quotient(2 * even + 1, 2), 0x1p53);            /* less than half-way */
  cr_assert_eq(dss_quotient(2 * (even + 1) + 1, 2), 0x1p53 + 2);  /* more */
  cr_assert_eq(dss_quotient(((dss_u128)1 << 54) - 1, 1), 0x1p54); /* up to the next power */
  cr_assert_eq(dss_quotient(0, 5), 0.0);
  cr_assert_eq(dss_quotient(1, (dss_u128)1 << 119), 0x1p-119);
}
