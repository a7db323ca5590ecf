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

/* The rows of a record's part for the even, or odd, resamples of block j. */
DSS_INLINE void put_rows(const paired_work *v, size_t part, size_t j, size_t odd, v16 row[ROWS]) {
  const v16 low = broadcast16(255);
  for (size_t r = 0; r < ROWS; r++) {
    v16 a = (v16)v->record[part * PART_BYTES + 2 * r][j];
    v16 b = (v16)v->record[part * PART_BYTES + 2 * r + 1][j];
    row[r] = odd ? (v16)((v16u)a >> 8) | (b & ~low) : (a & low) | b << 8;
  }
}

/* Adds the records of resamples odd, odd + 2, ... of a block, or a part of them, to sums of the
 * block: those of a group are `stride` bytes apart, resample by resample. */
DSS_INLINE void add_to_groups(void *to_sums, size_t stride, const uint8_t *labels, size_t odd,
                              const v16 row[ROWS]) {
  char *sums = (char *)to_sums + odd * stride;
  v64 records[8];
  transpose(row, records);
  labels += odd;
  /* Offsets from here on are known to the compiler where the stride is. */
#define ADD(L)                                                                                     \
  for (size_t i = 0; i < 8; i++) {                                                                 \
    size_t lane = 2 * (8 * (L) + i), group = labels[lane] * stride * 64;                           \
    __m128i *to = (__m128i *)(sums + group + lane * stride);                                       \
    __m128i record = _mm512_extracti64x2_epi64((__m512i)records[i], L);                            \
    _mm_store_si128(to, _mm_add_epi64(_mm_load_si128(to), record));                                \
  }
  ADD(0)
  ADD(1)
  ADD(2)
  ADD(3)
#undef ADD
}

/* The field of 64 records, as 64-bit numbers: its part of them is the first of `from`, `apart`
 * 128-bit parts from one record to the next. */
DSS_INLINE void get_field(const __m128i *from, size_t apart, dss_sparse_field field,
                          uint64_t number[64]) {
  const uint64_t *words = (const uint64_t *)from + field.at / 64 % 2;
  for (size_t lane = 0; lane < 64; lane++)
    number[lane] = words[2 * apart * lane] >> field.at % 64 & (((uint64_t)1 << field.bits) - 1);
}

/* Where group number g's sums of block j stand, of part `part`. */
DSS_INLINE __m128i *part_sums(const axis_work *w, size_t part, uint32_t g, size_t j) {
  return &w->sums[((part * BLOCKS + j) * w->n_numbers + g) * 64];
}

/* The same by pair: all parts. */
DSS_INLINE __m128i *pair_sums(const axis_work *w, uint32_t g, size_t j) {
  return &w->sums[(j * w->n_numbers + g) * 64 * dss_sparse_parts(&w->sparse->record)];
}

#endif
