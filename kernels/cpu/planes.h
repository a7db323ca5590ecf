/* Planes: one bit for each of 512 resamples, and sums of planes by carry-save adders. For the
 * instruction sets with 64-byte vectors. */
#ifndef DSS_CPU_PLANES_H
#define DSS_CPU_PLANES_H

#include "adders.h"

typedef v64 plane;

/* a | (b ^ c), and its complement. */
DSS_INLINE plane or_differ(plane a, plane b, plane c) {
  return (plane)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0xf6);
}

DSS_INLINE plane nor_differ(plane a, plane b, plane c) {
  return (plane)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0x09);
}

DSS_INLINE plane or_of(plane a, plane b, plane c) {
  return (plane)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0xfe);
}

DSS_INLINE plane and_of(plane a, plane b, plane c) {
  return (plane)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0x80);
}

/* What a bit of a - b - c borrows from the next. */
DSS_INLINE plane borrow_bits(plane a, plane b, plane c) {
  return (plane)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0x8e);
}

DSS_INLINE bool any_bit(plane a) {
  return _mm512_test_epi64_mask((__m512i)a, (__m512i)a) != 0;
}

/* Adds the listed planes, each times 2^at, to a number of n planes. It must not overflow, and there
 * must be room for at + 4 planes. */
DSS_INLINE void sum_planes(const plane *from, const uint32_t *list, size_t count, size_t at,
                           size_t n, plane *to) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16)
    ripple(to, at + 4, n, add_16(to + at, from, &list[i]));
  for (; i + 4 <= count; i += 4)
    ripple(to, at + 2, n, add_4(to + at, from, &list[i]));
  for (; i < count; i++)
    ripple(to, at, n, from[list[i]]);
}

/* --- planes to numbers ---------------------------------------------------------------------- */

/* Where the resample of block j (of 64), place p stands in a plane: 16-bit piece 8 (p / 16) + j,
 * bit p mod 16. This is the order in which unpacking and transposing 8 x 8 bits gives whole blocks.
 */
DSS_INLINE void put_block(plane *to, unsigned block, uint64_t bits) {
  uint16_t *pieces = (uint16_t *)to;
  for (unsigned l = 0; l < 4; l++)
    pieces[8 * l + block] = (uint16_t)(bits >> 16 * l);
}

/* Byte p of bytes[j] gets the number in planes [n <= 8] of block j, place p. */
DSS_INLINE void bytes_of_planes(const plane *planes, unsigned n, v8 bytes[8]) {
  v8 p[8], pairs[4][2], fours[2][4];
  for (unsigned k = 0; k < 8; k++)
    p[k] = k < n ? (v8)planes[k] : (v8){0};
  for (int k = 0; k < 4; k++) { /* highest plane first: that is how the transposition counts */
    pairs[k][0] = unpack_low8(p[7 - 2 * k], p[6 - 2 * k]);
    pairs[k][1] = unpack_high8(p[7 - 2 * k], p[6 - 2 * k]);
  }
  for (int k = 0; k < 2; k++)
    for (int half = 0; half < 2; half++) {
      v16 a = (v16)pairs[2 * k][half], b = (v16)pairs[2 * k + 1][half];
      fours[k][2 * half] = (v8)unpack_low16(a, b);
      fours[k][2 * half + 1] = (v8)unpack_high16(a, b);
    }
  const __m512i identity = _mm512_set1_epi64((long long)0x8040201008040201u);
  for (int i = 0; i < 4; i++) {
    __m512i a = (__m512i)fours[0][i], b = (__m512i)fours[1][i];
    bytes[2 * i] = (v8)_mm512_gf2p8affine_epi64_epi8(identity, _mm512_unpacklo_epi32(a, b), 0);
    bytes[2 * i + 1] = (v8)_mm512_gf2p8affine_epi64_epi8(identity, _mm512_unpackhi_epi32(a, b), 0);
  }
}

#endif
