/* Vectors of the machine's width and the few operations on them that the kernels need, for the
 * instruction set that the file is compiled for: 64 bytes with AVX-512, 32 with AVX2, else 16. The
 * plain forms are GNU C vectors; intrinsics stand where an instruction does what would else take
 * many. All are exact integer operations, so all give the same bits. */
#ifndef DSS_CPU_VECTORS_H
#define DSS_CPU_VECTORS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VNNI__)
#define DSS_VECTORS_AVX512 1
#define DSS_VECTOR 64
#include <immintrin.h>
#elif defined(__AVX2__)
#define DSS_VECTORS_AVX2 1
#define DSS_VECTOR 32
#include <immintrin.h>
#else
#define DSS_VECTOR 16
#endif

/* Resamples computed together: one a byte of a vector. */
#define DSS_LANES ((size_t)DSS_VECTOR)

#define DSS_INLINE static inline __attribute__((always_inline))

typedef uint8_t v8 __attribute__((vector_size(DSS_VECTOR)));
typedef int16_t v16 __attribute__((vector_size(DSS_VECTOR)));
typedef uint16_t v16u __attribute__((vector_size(DSS_VECTOR)));
typedef int32_t v32 __attribute__((vector_size(DSS_VECTOR)));
typedef uint32_t v32u __attribute__((vector_size(DSS_VECTOR)));
typedef uint64_t v64 __attribute__((vector_size(DSS_VECTOR)));
typedef int64_t v64s __attribute__((vector_size(DSS_VECTOR)));

/* Which 16-bit lanes: what comparisons give and masked operations take. */
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

/* marks, and the mark too where labels = label; none of its bits may be there yet. */
DSS_INLINE v8 mark_label(v8 marks, v8 labels, uint8_t label, uint8_t mark) {
#ifdef DSS_VECTORS_AVX512
  __mmask64 found = _mm512_cmpeq_epi8_mask((__m512i)labels, _mm512_set1_epi8((char)label));
  __m512i all = _mm512_set1_epi8((char)mark);
  return (v8)_mm512_mask_add_epi8((__m512i)marks, found, (__m512i)marks, all);
#else
  return marks | ((v8)(labels == (v8){0} + label) & mark);
#endif
}

/* Bit by bit: a full adder's sum and carry. */
DSS_INLINE v64 sum_bits(v64 a, v64 b, v64 c) {
#ifdef DSS_VECTORS_AVX512
  return (v64)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0x96);
#else
  return a ^ b ^ c;
#endif
}

DSS_INLINE v64 carry_bits(v64 a, v64 b, v64 c) {
#ifdef DSS_VECTORS_AVX512
  return (v64)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0xe8);
#else
  return (a & b) | ((a ^ b) & c);
#endif
}

/* Bits of a where the mask is 1, of b elsewhere. */
DSS_INLINE v64 pick_bits(v64 mask, v64 a, v64 b) {
#ifdef DSS_VECTORS_AVX512
  return (v64)_mm512_ternarylogic_epi64((__m512i)mask, (__m512i)a, (__m512i)b, 0xca);
#else
  return (mask & a) | (~mask & b);
#endif
}

/* Groups of four bytes in such an order that unpacking twice, bytes then words, puts byte i into
 * 32-bit lane i: the low halves' low halves hold the first quarter of the bytes, and so on. */
DSS_INLINE v8 deal_quarters(v8 a) {
#ifdef DSS_VECTORS_AVX512
  const __m512i from = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return (v8)_mm512_permutexvar_epi32(from, (__m512i)a);
#elif defined DSS_VECTORS_AVX2
  const __m256i from = _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7);
  return (v8)_mm256_permutevar8x32_epi32((__m256i)a, from);
#else
  return a;
#endif
}

/* Within each 128 bits: the low (high) halves' elements by turns, as the unpack instructions do. */
#ifdef DSS_VECTORS_AVX512
#define DSS_UNPACK(name, type, intrinsic, ...)                                                     \
  DSS_INLINE type name(type a, type b) {                                                           \
    return (type)_mm512_##intrinsic((__m512i)a, (__m512i)b);                                       \
  }
#elif defined DSS_VECTORS_AVX2
#define DSS_UNPACK(name, type, intrinsic, ...)                                                     \
  DSS_INLINE type name(type a, type b) {                                                           \
    return (type)_mm256_##intrinsic((__m256i)a, (__m256i)b);                                       \
  }
#else
#define DSS_UNPACK(name, type, intrinsic, ...)                                                     \
  DSS_INLINE type name(type a, type b) {                                                           \
    return __builtin_shufflevector(a, b, __VA_ARGS__);                                             \
  }
#endif
DSS_UNPACK(unpack_low8, v8, unpacklo_epi8, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
DSS_UNPACK(unpack_high8, v8, unpackhi_epi8, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30,
           15, 31)
DSS_UNPACK(unpack_low16, v16, unpacklo_epi16, 0, 8, 1, 9, 2, 10, 3, 11)
DSS_UNPACK(unpack_high16, v16, unpackhi_epi16, 4, 12, 5, 13, 6, 14, 7, 15)
#undef DSS_UNPACK

/* a[2i] b[2i] + a[2i+1] b[2i+1]; b[2i] at most 127, b[2i+1] signed, and no sum beyond 16 bits. */
DSS_INLINE v16 dot_bytes(v8 a, v8 b) {
#ifdef DSS_VECTORS_AVX512
  return (v16)_mm512_maddubs_epi16((__m512i)a, (__m512i)b);
#elif defined DSS_VECTORS_AVX2
  return (v16)_mm256_maddubs_epi16((__m256i)a, (__m256i)b);
#else
  v16 low = ((v16)a & 255) * ((v16)b & 255);
  return low + (v16)((v16u)a >> 8) * ((v16)b >> 8);
#endif
}

/* -a[2i+1] in place of a[2i+1]. */
DSS_INLINE v8 negate_odd(v8 a) {
#ifdef DSS_VECTORS_AVX512
  return (v8)_mm512_mask_sub_epi8((__m512i)a, 0xaaaaaaaaaaaaaaaa, _mm512_setzero_si512(),
                                  (__m512i)a);
#else
  return (v8)(((v16u)a ^ 0xff00) + 0x0100);
#endif
}

/* sums + a[2i] b[2i] + a[2i+1] b[2i+1]. */
DSS_INLINE v32 dot_words(v32 sums, v16 a, v16 b) {
#ifdef DSS_VECTORS_AVX512
  return (v32)_mm512_dpwssd_epi32((__m512i)sums, (__m512i)a, (__m512i)b);
#elif defined DSS_VECTORS_AVX2
  return sums + (v32)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#else
  v32 low = ((v32)((v32u)a << 16) >> 16) * ((v32)((v32u)b << 16) >> 16);
  return sums + low + ((v32)a >> 16) * ((v32)b >> 16);
#endif
}

/* sums + the four products of bytes; bytes of b at most 127. */
DSS_INLINE v32 dot_four(v32 sums, v8 a, v8 b) {
#ifdef DSS_VECTORS_AVX512
  return (v32)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)a, (__m512i)b);
#else
  return dot_words(sums, dot_bytes(a, b), broadcast16(1));
#endif
}

/* Whether to look numbers up in memory (records.h): bytes are found by one instruction among 16,
 * 16-bit numbers among 64 by many. */
#ifdef DSS_VECTORS_AVX2
#define DSS_READS_RECORDS 1
#else
#define DSS_READS_RECORDS 0
#endif

/* Whether there is an instruction for shuffle16. */
#if defined DSS_VECTORS_AVX512 || defined DSS_VECTORS_AVX2
#define DSS_SHUFFLES 1
#else
#define DSS_SHUFFLES 0
#endif

/* The same 16 bytes in every 128 bits. */
DSS_INLINE v8 repeat16(const uint8_t bytes[16]) {
#ifdef DSS_VECTORS_AVX512
  return (v8)_mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)bytes));
#elif defined DSS_VECTORS_AVX2
  return (v8)_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)bytes));
#else
  return load8(bytes);
#endif
}

/* Within each 128 bits table[at[i] mod 16], or 0 where at[i] is above 127. */
DSS_INLINE v8 shuffle16(v8 table, v8 at) {
#ifdef DSS_VECTORS_AVX512
  return (v8)_mm512_shuffle_epi8((__m512i)table, (__m512i)at);
#elif defined DSS_VECTORS_AVX2
  return (v8)_mm256_shuffle_epi8((__m256i)table, (__m256i)at);
#else
  v8 found;
  for (int i = 0; i < DSS_VECTOR; i++)
    found[i] = at[i] > 127 ? 0 : table[at[i] & 15];
  return found;
#endif
}

/* a + b, at most 255. */
DSS_INLINE v8 add_saturated(v8 a, v8 b) {
#ifdef DSS_VECTORS_AVX512
  return (v8)_mm512_adds_epu8((__m512i)a, (__m512i)b);
#elif defined DSS_VECTORS_AVX2
  return (v8)_mm256_adds_epu8((__m256i)a, (__m256i)b);
#else
  v8 sum = a + b;
  return sum | (v8)(sum < a);
#endif
}

/* a - b, at least 0. */
DSS_INLINE v8 subtract_saturated(v8 a, v8 b) {
#ifdef DSS_VECTORS_AVX512
  return (v8)_mm512_subs_epu8((__m512i)a, (__m512i)b);
#elif defined DSS_VECTORS_AVX2
  return (v8)_mm256_subs_epu8((__m256i)a, (__m256i)b);
#else
  return (a - b) & (v8)(a > b);
#endif
}

enum { DSS_LOOKUP_SIZE = 64 };

#ifdef DSS_VECTORS_AVX2
/* table[at[i]]; at from 0 to 8 blocks - 1. Eight entries at a time, where they are the ones: faster
 * than gathers. */
DSS_INLINE v16 lookup_blocks(const int16_t *table, v16 at, int blocks) {
  v16 low = at << 1 & 14, bytes = (low | low << 8) + 0x100, block = at >> 3, found = {0};
  for (int i = 0; i < blocks; i++) {
    __m128i eight = _mm_loadu_si128((const __m128i *)(table + 8 * i));
    __m256i shuffled = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(eight), (__m256i)bytes);
    found |= (v16)shuffled & (block == broadcast16((int16_t)i));
  }
  return found;
}
#endif

/* table[at[i]]; at from 0 to 63, or 31 where that is known. */
DSS_INLINE v16 lookup(const int16_t *table, v16 at, bool under_32) {
#ifdef DSS_VECTORS_AVX512
  if (under_32) return (v16)_mm512_permutexvar_epi16((__m512i)at, _mm512_load_si512(table));
  return (v16)_mm512_permutex2var_epi16(_mm512_load_si512(table), (__m512i)at,
                                        _mm512_load_si512(table + 32));
#elif defined DSS_VECTORS_AVX2
  return lookup_blocks(table, at, under_32 ? 4 : 8);
#else
  v16 found;
  for (int i = 0; i < DSS_VECTOR / 2; i++)
    found[i] = table[at[i]];
  return found;
#endif
}

/* table[at[i] mod 32]. */
DSS_INLINE v16 lookup_mod32(const int16_t *table, v16 at) {
#ifdef DSS_VECTORS_AVX512
  return (v16)_mm512_permutexvar_epi16((__m512i)at, _mm512_load_si512(table));
#else
  return lookup(table, at & 31, true);
#endif
}

/* table[at[i] mod 16], which is also table[at[i] mod 32]. */
DSS_INLINE v16 lookup_mod16(const int16_t *table, v16 at) {
#ifdef DSS_VECTORS_AVX2
  return lookup_blocks(table, at & 15, 2);
#else
  return lookup_mod32(table, at);
#endif
}

/* table[at[i] mod 64]. */
DSS_INLINE v16 lookup_mod64(const int16_t *table, v16 at) {
#ifdef DSS_VECTORS_AVX512
  return lookup(table, at, false);
#else
  return lookup(table, at & 63, false);
#endif
}

/* first[at[i]] in even lanes, second[at[i]] in odd ones; at as in lookup. */
DSS_INLINE v16 lookup_pair(const int16_t *first, const int16_t *second, v16 at, bool under_32) {
  const v16 odd = (v16)broadcast32((int32_t)0xffff0000);
#ifdef DSS_VECTORS_AVX512
  __m512i either = (__m512i)(at | (odd & broadcast16(32)));
  if (under_32)
    return (v16)_mm512_permutex2var_epi16(_mm512_load_si512(first), either,
                                          _mm512_load_si512(second));
#endif
  return (lookup(first, at, under_32) & ~odd) | (lookup(second, at, under_32) & odd);
}

/* table[at[i]] of bytes; at from 0 to 15. */
DSS_INLINE v8 lookup_bytes16(const uint8_t table[16], v8 at) {
#ifdef DSS_VECTORS_AVX512
  __m512i all = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table));
  return (v8)_mm512_shuffle_epi8(all, (__m512i)at);
#elif defined DSS_VECTORS_AVX2
  __m256i all = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
  return (v8)_mm256_shuffle_epi8(all, (__m256i)at);
#else
  v8 found;
  for (int i = 0; i < DSS_VECTOR; i++)
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

DSS_INLINE v16 smaller_words(v16 a, v16 b) {
#ifdef DSS_VECTORS_AVX512
  return (v16)_mm512_min_epi16((__m512i)a, (__m512i)b);
#elif defined DSS_VECTORS_AVX2
  return (v16)_mm256_min_epi16((__m256i)a, (__m256i)b);
#else
  v16 less = a < b;
  return (less & a) | (~less & b);
#endif
}

DSS_INLINE v16 larger_words(v16 a, v16 b) {
#ifdef DSS_VECTORS_AVX512
  return (v16)_mm512_max_epi16((__m512i)a, (__m512i)b);
#elif defined DSS_VECTORS_AVX2
  return (v16)_mm256_max_epi16((__m256i)a, (__m256i)b);
#else
  v16 greater = a > b;
  return (greater & a) | (~greater & b);
#endif
}

DSS_INLINE v8 larger_bytes(v8 a, v8 b) {
#ifdef DSS_VECTORS_AVX512
  return (v8)_mm512_max_epu8((__m512i)a, (__m512i)b);
#elif defined DSS_VECTORS_AVX2
  return (v8)_mm256_max_epu8((__m256i)a, (__m256i)b);
#else
  v8 greater = (v8)(a > b);
  return (greater & a) | (~greater & b);
#endif
}

DSS_INLINE v8 smaller_bytes(v8 a, v8 b) {
#ifdef DSS_VECTORS_AVX512
  return (v8)_mm512_min_epu8((__m512i)a, (__m512i)b);
#elif defined DSS_VECTORS_AVX2
  return (v8)_mm256_min_epu8((__m256i)a, (__m256i)b);
#else
  v8 less = (v8)(a < b);
  return (less & a) | (~less & b);
#endif
}

/* Bit l: byte l is not 0. */
DSS_INLINE uint64_t bytes_not_0(v8 a) {
#if defined(DSS_VECTORS_AVX512)
  return _mm512_test_epi8_mask((__m512i)a, (__m512i)a);
#elif defined(DSS_VECTORS_AVX2)
  return (uint32_t)~_mm256_movemask_epi8(_mm256_cmpeq_epi8((__m256i)a, _mm256_setzero_si256()));
#else
  uint64_t bits = 0;
  for (unsigned l = 0; l < DSS_VECTOR; l++)
    bits |= (uint64_t)(a[l] != 0) << l;
  return bits;
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

/* sum + value where the bytes of a and b are equal. */
DSS_INLINE v8 add_equal_bytes(v8 sum, v8 a, v8 b, v8 value) {
#ifdef DSS_VECTORS_AVX512
  __mmask64 equal = _mm512_cmpeq_epi8_mask((__m512i)a, (__m512i)b);
  return (v8)_mm512_mask_add_epi8((__m512i)sum, equal, (__m512i)sum, (__m512i)value);
#else
  return sum + ((v8)(a == b) & value);
#endif
}

/* The two bytes of each word, exchanged. */
DSS_INLINE v8 swap_bytes(v8 a) {
#ifdef DSS_VECTORS_AVX512
  const __m128i swap = _mm_set_epi8(14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1);
  return (v8)_mm512_shuffle_epi8((__m512i)a, _mm512_broadcast_i32x4(swap));
#elif defined DSS_VECTORS_AVX2
  const __m128i swap = _mm_set_epi8(14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1);
  return (v8)_mm256_shuffle_epi8((__m256i)a, _mm256_broadcastsi128_si256(swap));
#else
  return (v8)((v16u)a >> 8 | (v16u)a << 8);
#endif
}

DSS_INLINE bool any16(lanes16 lanes) {
#ifdef DSS_VECTORS_AVX512
  return lanes != 0;
#elif defined DSS_VECTORS_AVX2
  return !_mm256_testz_si256((__m256i)lanes, (__m256i)lanes);
#else
  v64 words = (v64)lanes;
  uint64_t some = 0;
  for (int i = 0; i < DSS_VECTOR / 8; i++)
    some |= words[i];
  return some != 0;
#endif
}

/* Whether a byte has a bit of the mask. */
DSS_INLINE bool any_bits(v8 a, uint8_t mask) {
#ifdef DSS_VECTORS_AVX512
  return _mm512_test_epi8_mask((__m512i)a, _mm512_set1_epi8((char)mask)) != 0;
#else
  return any16((v16)(a & mask) != (v16){0});
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

/* The 32-bit lanes of the first half, and of the second, in 64 bits. */
DSS_INLINE void widen_unsigned(v32 a, v64 wide[2]) {
#ifdef DSS_VECTORS_AVX512
  wide[0] = (v64)_mm512_cvtepu32_epi64(_mm512_castsi512_si256((__m512i)a));
  wide[1] = (v64)_mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64((__m512i)a, 1));
#else
  typedef uint32_t half __attribute__((vector_size(DSS_VECTOR / 2)));
  half halves[2];
  memcpy(halves, &a, sizeof a);
  wide[0] = __builtin_convertvector(halves[0], v64);
  wide[1] = __builtin_convertvector(halves[1], v64);
#endif
}

DSS_INLINE void widen_signed(v32 a, v64 wide[2]) {
#ifdef DSS_VECTORS_AVX512
  wide[0] = (v64)_mm512_cvtepi32_epi64(_mm512_castsi512_si256((__m512i)a));
  wide[1] = (v64)_mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64((__m512i)a, 1));
#else
  typedef int32_t half __attribute__((vector_size(DSS_VECTOR / 2)));
  half halves[2];
  memcpy(halves, &a, sizeof a);
  wide[0] = (v64) __builtin_convertvector(halves[0], v64s);
  wide[1] = (v64) __builtin_convertvector(halves[1], v64s);
#endif
}

/* Products of the low 32 bits of each 64. */
DSS_INLINE v64 multiply32(v64 a, v64 b) {
#ifdef DSS_VECTORS_AVX512
  return (v64)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined DSS_VECTORS_AVX2
  return (v64)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#else
  return (a & UINT32_MAX) * (b & UINT32_MAX);
#endif
}

#endif
