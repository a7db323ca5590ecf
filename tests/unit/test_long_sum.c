/* kernels/common/long_sum.h: sums of doubles without rounding. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>

#include "kernels/common/long_sum.h"
#include "tests/independent_random.h"

static double value_of(const double *terms, size_t n) {
  dss_long_sum sum = {.beyond = 0.0};
  for (size_t i = 0; i < n; i++)
    dss_long_sum_add(&sum, terms[i]);
  return dss_long_sum_value(&sum);
}

#define SUM(...)                                                                                   \
  value_of((const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

Test(long_sum, single_values_come_back) {
  static const double values[] = {0.0,
                                  1.0,
                                  -1.0,
                                  0.1,
                                  -3e-300,
                                  5e-324,
                                  -5e-324,
                                  DBL_MIN,
                                  -DBL_MIN,
                                  DBL_MAX,
                                  -DBL_MAX,
                                  DBL_EPSILON,
                                  1e300,
                                  0x1p-1022,
                                  0x1p63,
                                  -0x1p64,
                                  0x1.fffffffffffffp-1022,
                                  M_PI};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    cr_assert_eq(SUM(values[i]), values[i], "%a", values[i]);
}

Test(long_sum, nothing_is_lost) {
  cr_assert_eq(SUM(1e300, 1.0, -1e300), 1.0);
  cr_assert_eq(SUM(1.0, 0x1p-1074, -1.0), 0x1p-1074);
  cr_assert_eq(SUM(DBL_MAX, DBL_MAX, -DBL_MAX), DBL_MAX);
  cr_assert_eq(SUM(-1e-300, 1e300, -1e300), -1e-300);
  cr_assert_eq(SUM(1.0, -1.0), 0.0);
}

/* Half-way cases go to even, and the last bit far below decides. */
Test(long_sum, rounds_to_nearest_even) {
  cr_assert_eq(SUM(1.0, 0x1p-53), 1.0);
  cr_assert_eq(SUM(1.0 + DBL_EPSILON, 0x1p-53), 1.0 + 2 * DBL_EPSILON);
  cr_assert_eq(SUM(1.0, 0x1p-53, 0x1p-1074), 1.0 + DBL_EPSILON);
  cr_assert_eq(SUM(1.0, 0x1p-53, -0x1p-1074), 1.0);
  cr_assert_eq(SUM(-1.0, -0x1p-53, -0x1p-1074), -1.0 - DBL_EPSILON);
  cr_assert(isinf(SUM(DBL_MAX, DBL_MAX)));
}

Test(long_sum, what_is_not_finite_stays) {
  cr_assert_eq(SUM(1.0, INFINITY), INFINITY);
  cr_assert(isnan(SUM(INFINITY, 1.0, -INFINITY)));
  cr_assert(isnan(SUM(NAN, 1.0)));
}

/* Integers times powers of two, whose sum a 128-bit integer has exactly; in any order, and merged.
 */
Test(long_sum, agrees_with_integers_in_any_order) {
  enum { N = 1000 };
  independent_random random = {42};
  for (int round = 0; round < 50; round++) {
    dss_long_sum up = {.beyond = 0.0}, down = {.beyond = 0.0}, halves[2] = {{.beyond = 0.0}};
    double terms[N];
    dss_i128 expected = 0;
    for (size_t i = 0; i < N; i++) {
      int64_t mantissa = (int64_t)(random_bits(&random) >> 12) - ((int64_t)1 << 51);
      int shift = (int)(random_bits(&random) % 50);
      terms[i] = ldexp((double)mantissa, shift - 20);
      expected += mantissa * ((dss_i128)1 << shift);
    }
    for (size_t i = 0; i < N; i++) {
      dss_long_sum_add(&up, terms[i]);
      dss_long_sum_add(&down, terms[N - 1 - i]);
      dss_long_sum_add(&halves[i % 2], terms[i]);
    }
    dss_long_sum_merge(&halves[0], &halves[1]);
    cr_assert_arr_eq(&up, &down, sizeof up);
    cr_assert_arr_eq(&up, &halves[0], sizeof up);
    /* gcc converts a 128-bit integer to the nearest double. */
    cr_assert_eq(dss_long_sum_value(&up), ldexp((double)expected, -20));
  }
}
