#include "fraction_sum.h"

#include <math.h>

/* --- the common multiple ------------------------------------------------------------------- */

static unsigned trailing_zeros(uint64_t x) {
  return (unsigned)__builtin_ctzll(x);
}

/* Stein's: shifts and subtractions, which are faster than divisions. Neither is 0. */
static uint64_t common_divisor(uint64_t a, uint64_t b) {
  unsigned twos = trailing_zeros(a | b);
  a >>= trailing_zeros(a);
  while (b != 0) {
    b >>= trailing_zeros(b);
    uint64_t less = a < b ? a : b;
    b = a < b ? b - a : a - b;
    a = less;
  }
  return a << twos;
}

uint64_t dss_common_multiple(const double *n, uint32_t count) {
  uint64_t common = 1;
  for (uint32_t i = 0; i < count; i++) {
    if (!(n[i] > 0)) continue;
    if (!(n[i] < 0x1p32)) return 0;
    uint64_t here = (uint64_t)n[i], rest = common % here;
    if (rest == 0) continue;
    uint64_t factor = here / common_divisor(here, rest);
    if (common > (((uint64_t)1 << 62) - 1) / factor) return 0;
    common *= factor;
  }
  return common;
}

/* --- sums ---------------------------------------------------------------------------------- */

dss_u128 dss_common_squares(const double *x, const double *n, uint32_t count, uint64_t common) {
  dss_u128 sum = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (!(n[i] > 0)) continue;
    uint64_t size = (uint64_t)fabs(x[i]);
    sum += (dss_u128)size * size * (common / (uint64_t)n[i]);
  }
  return sum;
}

/* By insertion: as many terms as an axis has groups. */
double dss_sum_sorted(double *terms, uint32_t count) {
  double sum = 0;
  for (uint32_t i = 1; i < count; i++) {
    double term = terms[i];
    uint32_t at = i;
    for (; at > 0 && terms[at - 1] > term; at--)
      terms[at] = terms[at - 1];
    terms[at] = term;
  }
  for (uint32_t i = 0; i < count; i++)
    sum += terms[i];
  return sum;
}

/* --- the quotient -------------------------------------------------------------------------- */

/* Bits of x, which is not 0. */
static int length_of(dss_u128 x) {
  uint64_t high = (uint64_t)(x >> 64);
  return high ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll((uint64_t)x);
}

double dss_quotient(dss_u128 top, dss_u128 bottom) {
  if (top == 0) return 0;
  /* Shifted until bottom <= top < 2 bottom: the quotient's leading bit is 1, of 2^exponent. */
  int exponent = length_of(top) - length_of(bottom);
  if (exponent > 0)
    bottom <<= exponent;
  else
    top <<= -exponent;
  if (top < bottom) {
    top <<= 1;
    exponent--;
  }
  /* The 53 bits in doubles are a few off at most; the rest, which is small, comes out modulo 2^128
   * and mends them. */
  uint64_t bits = (uint64_t)(dss_exact_to_double(top) / dss_exact_to_double(bottom) * 0x1p52);
  dss_i128 rest = (dss_i128)((top << 52) - bits * bottom);
  for (; rest < 0; bits--)
    rest += (dss_i128)bottom;
  for (; rest >= (dss_i128)bottom; bits++)
    rest -= (dss_i128)bottom;
  dss_u128 twice = (dss_u128)rest << 1;
  bits += twice > bottom || (twice == bottom && (bits & 1u));
  return ldexp((double)bits, exponent - 52);
}
