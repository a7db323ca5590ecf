/* Carry-save adders: sums of vectors of bits, each lane of bits by itself. A number is several
 * vectors, its lowest bits first. n vectors take n full adders of two operations, by and by. */
#ifndef DSS_CPU_ADDERS_H
#define DSS_CPU_ADDERS_H

#include "vectors.h"

/* *sum + a + b, the carry returned. */
DSS_INLINE v64 full_add(v64 *sum, v64 a, v64 b) {
  v64 carry = carry_bits(*sum, a, b);
  *sum = sum_bits(*sum, a, b);
  return carry;
}

/* add_N adds N listed vectors of bits to the number at sum, of whose bits from N on it returns the
 * carry. */
DSS_INLINE v64 add_2(v64 *sum, const v64 *bits, const uint32_t *list) {
  return full_add(sum, bits[list[0]], bits[list[1]]);
}

/* Twice as many: the carries of both halves are added to the next bit. */
#define DSS_ADD_TWICE(name, half, n, bit)                                                          \
  DSS_INLINE v64 name(v64 *sum, const v64 *bits, const uint32_t *list) {                           \
    v64 a = half(sum, bits, list), b = half(sum, bits, list + (n) / 2);                            \
    return full_add(&sum[bit], a, b);                                                              \
  }
DSS_ADD_TWICE(add_4, add_2, 4, 1)
DSS_ADD_TWICE(add_8, add_4, 8, 2)
DSS_ADD_TWICE(add_16, add_8, 16, 3)
DSS_ADD_TWICE(add_32, add_16, 32, 4)
DSS_ADD_TWICE(add_64, add_32, 64, 5)
#undef DSS_ADD_TWICE

/* Adds a carry to a number of n bits from one of them on; it must not overflow. */
DSS_INLINE void ripple(v64 *sum, size_t from, size_t n, v64 carry) {
  for (size_t i = from; i < n; i++) {
    v64 next = sum[i] & carry;
    sum[i] ^= carry;
    carry = next;
  }
}

#endif
