/* Sums of logarithms over items that every rater rated (whole_more.h), where they need more than
 * 64 bits: that takes a study of some hundred million ratings, which no other test has. */
#include <criterion/criterion.h>

#pragma GCC diagnostic ignored "-Wunused-function" /* most of it is not used here */
#include "kernels/cpu/whole_more.h"

static dss_u128 product_of(const uint64_t *sums, size_t lane) {
  dss_u128 sum = 0;
  for (size_t i = DSS_PRODUCT_SLOTS; i-- > 0;)
    sum = (sum << DSS_PRODUCT_BITS) + sums[i * DSS_LANES + lane];
  return sum;
}

/* 16 items of 32,767 ratings a step: one step more would be too many for slices. */
Test(whole, logarithms_pass_64_bits) {
  enum { STEPS = 4096 };
  const uint64_t all = (uint64_t)16 * 32767 * 11 << 33, weight = ((uint64_t)27720 << 34) / 32767;
  uint64_t sums[DSS_PRODUCT_SLOTS * DSS_LANES] = {0}, less[DSS_LANES];
  dss_u128 expected[DSS_LANES] = {0};
  for (uint64_t step = 0; step < STEPS; step++) {
    for (size_t l = 0; l < DSS_LANES; l++) {
      less[l] = (uint64_t)(step * 1000003 * (l + 1)) % (all / 7);
      expected[l] += all - less[l];
    }
    whole_add_logarithms(all, less, sums);
  }
  cr_assert_gt((uint64_t)(expected[0] >> 64), 0, "64 bits are too few");
  whole_weigh_logarithms(weight, sums);
  for (size_t l = 0; l < DSS_LANES; l++) {
    cr_assert(product_of(sums, l) == expected[l] * weight, "lane %zu", l);
    for (size_t i = 0; i + 1 < DSS_PRODUCT_SLOTS; i++)
      cr_assert_lt(sums[i * DSS_LANES + l], (uint64_t)1 << DSS_PRODUCT_BITS);
    cr_assert_lt(sums[2 * DSS_LANES + l], (uint64_t)1 << 50);
  }
}

/* What is left is what all have less what was looked up, which may be negative. */
Test(whole, logarithms_that_are_negative) {
  uint64_t sums[DSS_PRODUCT_SLOTS * DSS_LANES] = {0}, less[DSS_LANES];
  for (size_t l = 0; l < DSS_LANES; l++)
    less[l] = (uint64_t)-5;
  whole_add_logarithms(7, less, sums);
  whole_weigh_logarithms(3, sums);
  for (size_t l = 0; l < DSS_LANES; l++)
    cr_assert(product_of(sums, l) == 36);
}
