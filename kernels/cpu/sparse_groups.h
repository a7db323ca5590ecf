/* From raters to groups: a rater's record, for 64 resamples at a time, is added to that of the
 * group that it is in, resample by resample; and its fields to vectors when all are added up. */
#ifndef DSS_CPU_SPARSE_GROUPS_H
#define DSS_CPU_SPARSE_GROUPS_H

#include "sparse_work.h"

/* 32 resamples' records of eight 16-bit numbers, from rows of one number each: 128 bits L of to[i]
 * are the record of resample 8 L + i. */
DSS_INLINE void transpose(const v16 row[ROWS], v64 to[8]) {
  v32 pairs[2][4];
  for (int k = 0; k < 4; k++) {
    pairs[0][k] = (v32)unpack_low16(row[2 * k], row[2 * k + 1]);
    pairs[1][k] = (v32)unpack_high16(row[2 * k], row[2 * k + 1]);
  }
  for (int half = 0; half < 2; half++) {
    __m512i *p = (__m512i *)pairs[half];
    __m512i low[2] = {_mm512_unpacklo_epi32(p[0], p[1]), _mm512_unpacklo_epi32(p[2], p[3])};
    __m512i high[2] = {_mm512_unpackhi_epi32(p[0], p[1]), _mm512_unpackhi_epi32(p[2], p[3])};
    to[4 * half] = (v64)_mm512_unpacklo_epi64(low[0], low[1]);
    to[4 * half + 1] = (v64)_mm512_unpackhi_epi64(low[0], low[1]);
    to[4 * half + 2] = (v64)_mm512_unpacklo_epi64(high[0], high[1]);
    to[4 * half + 3] = (v64)_mm512_unpackhi_epi64(high[0], high[1]);
  }
}

/* Part `part` of the records of resamples odd, odd + 2, ... of block j. */
DSS_INLINE void add_to_groups(const axis_work *w, const uint8_t *labels, size_t part, size_t j,
                              size_t odd, const v16 row[ROWS]) {
  char *sums = (char *)&w->sums[(part * BLOCKS + j) * w->n_numbers * 64 + odd];
  v64 records[8];
  transpose(row, records);
  labels += odd;
  /* Offsets from here on are known to the compiler. */
#define ADD(L)                                                                                     \
  for (size_t i = 0; i < 8; i++) {                                                                 \
    size_t lane = 2 * (8 * (L) + i), group = labels[lane] * sizeof(__m128i) * 64;                  \
    __m128i *to = (__m128i *)(sums + group + lane * sizeof(__m128i));                              \
    __m128i record = _mm512_extracti64x2_epi64((__m512i)records[i], L);                            \
    _mm_store_si128(to, _mm_add_epi64(_mm_load_si128(to), record));                                \
  }
  ADD(0)
  ADD(1)
  ADD(2)
  ADD(3)
#undef ADD
}

/* The field of 64 records, as 64-bit numbers. */
DSS_INLINE void get_field(const axis_work *w, uint32_t g, size_t j, dss_sparse_field field,
                          uint64_t number[64]) {
  size_t part = field.at / 128, word = field.at / 64 % 2;
  const uint64_t *from = (const uint64_t *)&w->sums[((part * BLOCKS + j) * w->n_numbers + g) * 64];
  for (size_t lane = 0; lane < 64; lane++)
    number[lane] = from[2 * lane + word] >> field.at % 64 & (((uint64_t)1 << field.bits) - 1);
}

#endif
