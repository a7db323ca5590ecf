/* Vectors of 64 bytes and the few operations on them that the kernels need, for the instruction set
 * that the file is compiled for. The plain forms are GNU C vectors, which every compiler lowers to
 * what the machine has (two AVX2 registers, four of SSE2); the intrinsics replace those that AVX-512
 * does in one instruction. All are exact integer operations, so all give the same bits. */
#ifndef DSS_CPU_VECTORS_H
#define DSS_CPU_VECTORS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VNNI__)
#define DSS_VECTORS_AVX512 1
#include <immintrin.h>
#elif defined(__AVX2__)
#define DSS_VECTORS_AVX2 1
#include <immintrin.h>
#endif

#define DSS_INLINE static inline __attribute__((always_inline))

typedef uint8_t v8 __attribute__((vector_size(64)));
typedef int8_t v8s __attribute__((vector_size(64)));
typedef int16_t v16 __attribute__((vector_size(64)));
typedef uint16_t v16u __attribute__((vector_size(64)));
typedef int32_t v32 __attribute__((vector_size(64)));
typedef uint32_t v32u __attribute__((vector_size(64)));
typedef uint64_t v64 __attribute__((vector_size(64)));

/* Which of 32 16-bit lanes: what comparisons give and masked operations take. */
#ifdef DSS_VECTORS_AVX512
typedef __mmask32 lanes16;
#else
typedef v16 lanes16; /* 0 or -1 */
#endif

DSS_INLINE v8 load8(const void *from) {
  v8 v;
  memcpy(&v, from, sizeof v);
  return v;
}

DSS_INLINE v16 broadcast16(int value) {
  return (v16){0} + (int16_t)value;
}

/* Four bytes, or two 16-bit numbers, into every 32-bit lane. */
DSS_INLINE v32 broadcast32(int32_t value) {
  return (v32){0} + value;
}

/* counts + 1 where labels = label. */
DSS_INLINE v8 count_label(v8 counts, v8 labels, uint8_t label) {
#ifdef DSS_VECTORS_AVX512
  __m512i sought = _mm512_set1_epi8((char)label);
  __mmask64 found = _mm512_cmpeq_epi8_mask((__m512i)labels, sought);
  return (v8)_mm512_mask_add_epi8((__m512i)counts, found, (__m512i)counts, _mm512_set1_epi8(1));
#else
  return counts - (v8)(labels == (v8){0} + label);
#endif
}

/* Within each 128 bits: the low (high) halves' elements by turns, as the unpack instructions do. */
#ifdef DSS_VECTORS_AVX512
#define DSS_UNPACK(name, type, intrinsic)                                                          \
  DSS_INLINE type name(type a, type b) {                                                           \
    return (type)intrinsic((__m512i)a, (__m512i)b);                                                \
  }
DSS_UNPACK(unpack_low8, v8, _mm512_unpacklo_epi8)
DSS_UNPACK(unpack_high8, v8, _mm512_unpackhi_epi8)
DSS_UNPACK(unpack_low16, v16, _mm512_unpacklo_epi16)
DSS_UNPACK(unpack_high16, v16, _mm512_unpackhi_epi16)
#else
#define DSS_UNPACK(name, type, n, high)                                                            \
  DSS_INLINE type name(type a, type b) {                                                           \
    type c;                                                                                        \
    enum { LANE = 16 / sizeof a[0], HALF = LANE / 2 };                                             \
    for (int i = 0; i < (n); i += LANE)                                                            \
      for (int k = 0; k < HALF; k++) {                                                             \
        c[i + 2 * k] = a[i + k + (high)*HALF];                                                     \
        c[i + 2 * k + 1] = b[i + k + (high)*HALF];                                                 \
      }                                                                                            \
    return c;                                                                                      \
  }
#endif
#ifdef DSS_VECTORS_AVX2
#undef DSS_UNPACK
#define DSS_UNPACK(name, type, intrinsic)                                                          \
  DSS_INLINE type name(type a, type b) {                                                           \
    __m256i x[2], y[2];                                                                            \
    memcpy(x, &a, sizeof a);                                                                       \
    memcpy(y, &b, sizeof b);                                                                       \
    x[0] = intrinsic(x[0], y[0]);                                                                  \
    x[1] = intrinsic(x[1], y[1]);                                                                  \
    memcpy(&a, x, sizeof a);                                                                       \
    return a;                                                                                      \
  }
DSS_UNPACK(unpack_low8, v8, _mm256_unpacklo_epi8)
DSS_UNPACK(unpack_high8, v8, _mm256_unpackhi_epi8)
DSS_UNPACK(unpack_low16, v16, _mm256_unpacklo_epi16)
DSS_UNPACK(unpack_high16, v16, _mm256_unpackhi_epi16)
#elif !defined DSS_VECTORS_AVX512
DSS_UNPACK(unpack_low8, v8, 64, 0)
DSS_UNPACK(unpack_high8, v8, 64, 1)
DSS_UNPACK(unpack_low16, v16, 32, 0)
DSS_UNPACK(unpack_high16, v16, 32, 1)
#endif
#undef DSS_UNPACK

/* a[2i] b[2i] + a[2i+1] b[2i+1]; bytes of b at most 127, and no sum over 32767. */
DSS_INLINE v16 dot_bytes(v8 a, v8 b) {
#ifdef DSS_VECTORS_AVX512
  return (v16)_mm512_maddubs_epi16((__m512i)a, (__m512i)b);
#else
  v16 low = ((v16)a & 255) * ((v16)b & 255);
  return low + (v16)((v16u)a >> 8) * (v16)((v16u)b >> 8);
#endif
}

/* sums + a[2i] b[2i] + a[2i+1] b[2i+1]. */
DSS_INLINE v32 dot_words(v32 sums, v16 a, v16 b) {
#ifdef DSS_VECTORS_AVX512
  return (v32)_mm512_dpwssd_epi32((__m512i)sums, (__m512i)a, (__m512i)b);
#elif defined DSS_VECTORS_AVX2
  __m256i x[2], y[2];
  v32 products;
  memcpy(x, &a, sizeof a);
  memcpy(y, &b, sizeof b);
  x[0] = _mm256_madd_epi16(x[0], y[0]);
  x[1] = _mm256_madd_epi16(x[1], y[1]);
  memcpy(&products, x, sizeof products);
  return sums + products;
#else
  v32 low = ((v32)((v32u)a << 16) >> 16) * ((v32)((v32u)b << 16) >> 16);
  return sums + low + ((v32)a >> 16) * ((v32)b >> 16);
#endif
}

enum { DSS_LOOKUP_SIZE = 64 };

/* table[at[i]]; at from 0 to 63, or 31 where that is known. */
DSS_INLINE v16 lookup(const int16_t table[DSS_LOOKUP_SIZE], v16 at, bool under_32) {
#ifdef DSS_VECTORS_AVX512
  if (under_32) return (v16)_mm512_permutexvar_epi16((__m512i)at, _mm512_load_si512(table));
  return (v16)_mm512_permutex2var_epi16(_mm512_load_si512(table), (__m512i)at,
                                        _mm512_load_si512(table + 32));
#else
  v16 found;
  for (int i = 0; i < 32; i++)
    found[i] = table[at[i]];
  return found;
#endif
}

/* table[at[i]] of 32 bits; at from 0 to 63, or 31 where that is known. */
DSS_INLINE v32 lookup32(const int32_t table[DSS_LOOKUP_SIZE], v32 at, bool under_32) {
#ifdef DSS_VECTORS_AVX512
  __m512i low = _mm512_permutex2var_epi32(_mm512_load_si512(table), (__m512i)at,
                                          _mm512_load_si512(table + 16));
  if (under_32) return (v32)low;
  __m512i high = _mm512_permutex2var_epi32(_mm512_load_si512(table + 32), (__m512i)at,
                                           _mm512_load_si512(table + 48));
  __mmask16 above = _mm512_cmpgt_epi32_mask((__m512i)at, _mm512_set1_epi32(31));
  return (v32)_mm512_mask_mov_epi32(low, above, high);
#else
  v32 found;
  for (int i = 0; i < 16; i++)
    found[i] = table[at[i]];
  return found;
#endif
}

DSS_INLINE lanes16 equal16(v16 a, v16 b) {
#ifdef DSS_VECTORS_AVX512
  return _mm512_cmpeq_epi16_mask((__m512i)a, (__m512i)b);
#else
  return a == b;
#endif
}

DSS_INLINE lanes16 above16(v16 a, v16 b) {
#ifdef DSS_VECTORS_AVX512
  return _mm512_cmpgt_epi16_mask((__m512i)a, (__m512i)b);
#else
  return a > b;
#endif
}

/* a in the lanes, else 0. */
DSS_INLINE v16 words_in(lanes16 lanes, v16 a) {
#ifdef DSS_VECTORS_AVX512
  return (v16)_mm512_maskz_mov_epi16(lanes, (__m512i)a);
#else
  return lanes & a;
#endif
}

DSS_INLINE v8 larger_bytes(v8 a, v8 b) {
#ifdef DSS_VECTORS_AVX512
  return (v8)_mm512_max_epu8((__m512i)a, (__m512i)b);
#else
  v8 greater = (v8)(a > b);
  return (greater & a) | (~greater & b);
#endif
}

/* value where the bytes are equal, else 0. */
DSS_INLINE v8 equal_bytes(v8 a, v8 b, v8 value) {
#ifdef DSS_VECTORS_AVX512
  return (v8)_mm512_maskz_mov_epi8(_mm512_cmpeq_epi8_mask((__m512i)a, (__m512i)b), (__m512i)value);
#else
  return (v8)(a == b) & value;
#endif
}

DSS_INLINE bool any16(lanes16 lanes) {
#ifdef DSS_VECTORS_AVX512
  return lanes != 0;
#else
  v64 words = (v64)lanes, or = {0};
  for (int i = 0; i < 8; i++)
    or[0] |= words[i];
  return or[0] != 0;
#endif
}

/* Bytes of a + b where the 16-bit lane is one of the lanes, else of a; no byte may pass 255. */
DSS_INLINE v8 add_bytes_in(v8 a, lanes16 lanes, v8 b) {
#ifdef DSS_VECTORS_AVX512
  return (v8)_mm512_mask_add_epi16((__m512i)a, lanes, (__m512i)a, (__m512i)b);
#else
  return a + ((v8)lanes & b);
#endif
}

/* The 32-bit lanes 0 .. 7, and 8 .. 15, in 64 bits. */
DSS_INLINE void widen_unsigned(v32 a, v64 wide[2]) {
#ifdef DSS_VECTORS_AVX512
  wide[0] = (v64)_mm512_cvtepu32_epi64(_mm512_castsi512_si256((__m512i)a));
  wide[1] = (v64)_mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64((__m512i)a, 1));
#else
  for (int i = 0; i < 16; i++)
    wide[i / 8][i % 8] = (uint32_t)a[i];
#endif
}

DSS_INLINE void widen_signed(v32 a, v64 wide[2]) {
#ifdef DSS_VECTORS_AVX512
  wide[0] = (v64)_mm512_cvtepi32_epi64(_mm512_castsi512_si256((__m512i)a));
  wide[1] = (v64)_mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64((__m512i)a, 1));
#else
  for (int i = 0; i < 16; i++)
    wide[i / 8][i % 8] = (uint64_t)(int64_t)a[i];
#endif
}

/* Products of the low 32 bits of each 64. */
DSS_INLINE v64 multiply32(v64 a, v64 b) {
#ifdef DSS_VECTORS_AVX512
  return (v64)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined DSS_VECTORS_AVX2
  __m256i x[2], y[2];
  memcpy(x, &a, sizeof a);
  memcpy(y, &b, sizeof b);
  x[0] = _mm256_mul_epu32(x[0], y[0]);
  x[1] = _mm256_mul_epu32(x[1], y[1]);
  memcpy(&a, x, sizeof a);
  return a;
#else
  return (a & UINT32_MAX) * (b & UINT32_MAX);
#endif
}

#endif
