/* Sums of doubles without rounding, so that they have no order: a fixed-point number as long as
 * the range of a double (Kulisch and Miranker 1986). A column of resamples adds to one only once a
 * block, so that its price does not show. */
#ifndef DSS_COMMON_LONG_SUM_H
#define DSS_COMMON_LONG_SUM_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "exact.h"

/* Bit 0 stands for 2^-1074. Doubles take 2098 bits; the rest is the sign, and room for 2^77 of the
 * largest. */
enum { DSS_LONG_LIMBS = 34, DSS_LONG_LOWEST = -1074 };

/* All zeros: nothing was added. */
typedef struct dss_long_sum {
  uint64_t limb[DSS_LONG_LIMBS]; /* two's complement, least significant first */
  double beyond;                 /* the sum of what was infinite or NaN, else 0 */
} dss_long_sum;

/* Adds or subtracts n limbs from limb `at` on, and what is carried. */
static inline void dss_long_sum_put(dss_long_sum *s, size_t at, const uint64_t *limbs, size_t n,
                                    bool negative) {
  unsigned carry = 0;
  for (size_t i = at; i < DSS_LONG_LIMBS && (i < at + n || carry); i++) {
    dss_u128 term = (dss_u128)(i < at + n ? limbs[i - at] : 0) + carry, own = s->limb[i];
    dss_u128 sum = negative ? own - term : own + term;
    s->limb[i] = (uint64_t)sum;
    carry = (unsigned)(sum >> 64) & 1;
  }
}

static inline void dss_long_sum_add(dss_long_sum *s, double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  unsigned exponent = (unsigned)(bits >> 52) & 0x7ff;
  uint64_t mantissa = bits & (((uint64_t)1 << 52) - 1);
  if (exponent == 0x7ff) {
    s->beyond += x;
    return;
  }
  if (exponent > 0)
    mantissa |= (uint64_t)1 << 52;
  else
    exponent = 1;
  unsigned shift = exponent - 1;
  dss_u128 wide = (dss_u128)mantissa << shift % 64;
  const uint64_t limbs[2] = {(uint64_t)wide, (uint64_t)(wide >> 64)};
  dss_long_sum_put(s, shift / 64, limbs, 2, bits >> 63);
}

static inline void dss_long_sum_merge(dss_long_sum *s, const dss_long_sum *other) {
  dss_long_sum_put(s, 0, other->limb, DSS_LONG_LIMBS, false);
  s->beyond += other->beyond;
}

/* The nearest double, to even. */
static inline double dss_long_sum_value(const dss_long_sum *s) {
  dss_long_sum magnitude = *s;
  bool negative = s->limb[DSS_LONG_LIMBS - 1] >> 63;
  if (negative) {
    memset(magnitude.limb, 0, sizeof magnitude.limb);
    dss_long_sum_put(&magnitude, 0, s->limb, DSS_LONG_LIMBS, true);
  }
  if (s->beyond != 0.0) return s->beyond; /* NaN too */
  size_t top = DSS_LONG_LIMBS - 1;
  while (top > 0 && magnitude.limb[top] == 0)
    top--;
  uint64_t head = magnitude.limb[top];
  int lowest = DSS_LONG_LOWEST + 64 * (int)top, zeros = 0;
  if (top > 0) { /* the 64 highest bits; any below them as one more, which decides between halves */
    while (!(head << zeros >> 63))
      zeros++;
    uint64_t next = magnitude.limb[top - 1];
    if (zeros > 0) head = head << zeros | next >> (64 - zeros);
    bool below = (zeros > 0 ? next << zeros : next) != 0;
    for (size_t i = 0; i + 1 < top; i++)
      below |= magnitude.limb[i] != 0;
    head |= below;
  }
  double value = ldexp((double)head, lowest - zeros);
  return negative ? -value : value;
}

#endif
