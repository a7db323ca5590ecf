/* From raters to groups: a rater's 16 numbers, for 64 resamples at a time, are added to those of
 * the group that it is in, resample by resample; and back to vectors when all are added up. */
#ifndef DSS_CPU_SPARSE_GROUPS_H
#define DSS_CPU_SPARSE_GROUPS_H

#include "sparse_work.h"

/* A block's 16 numbers, each for 32 resamples, as 32 records of 16 numbers: record 8 L + i is half
 * L mod 2 of to[i][L / 2]. */
DSS_INLINE void transpose(const v16 row[NUMBERS], v16 to[8][2]) {
  v64 eights[2][8];
  for (int h = 0; h < 2; h++) {
    const v16 *r = &row[8 * h];
    v32 pairs[2][4];
    for (int k = 0; k < 4; k++) {
      pairs[0][k] = (v32)unpack_low16(r[2 * k], r[2 * k + 1]);
      pairs[1][k] = (v32)unpack_high16(r[2 * k], r[2 * k + 1]);
    }
    for (int half = 0; half < 2; half++) {
      __m512i *p = (__m512i *)pairs[half];
      __m512i low[2] = {_mm512_unpacklo_epi32(p[0], p[1]), _mm512_unpacklo_epi32(p[2], p[3])};
      __m512i high[2] = {_mm512_unpackhi_epi32(p[0], p[1]), _mm512_unpackhi_epi32(p[2], p[3])};
      eights[h][4 * half] = (v64)_mm512_unpacklo_epi64(low[0], low[1]);
      eights[h][4 * half + 1] = (v64)_mm512_unpackhi_epi64(low[0], low[1]);
      eights[h][4 * half + 2] = (v64)_mm512_unpacklo_epi64(high[0], high[1]);
      eights[h][4 * half + 3] = (v64)_mm512_unpackhi_epi64(high[0], high[1]);
    }
  }
  const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
  const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
  for (int i = 0; i < 8; i++) {
    __m512i a = (__m512i)eights[0][i], b = (__m512i)eights[1][i];
    to[i][0] = (v16)_mm512_permutex2var_epi64(a, first, b);
    to[i][1] = (v16)_mm512_permutex2var_epi64(a, second, b);
  }
}

DSS_INLINE void add_record(uint16_t *to, __m256i record) {
  __m256i *at = (__m256i *)to;
  _mm256_store_si256(at, _mm256_add_epi16(_mm256_load_si256(at), record));
}

/* What is recent goes to the groups' sums. */
static void fold(const axis_work *w) {
  size_t n = (size_t)BLOCKS * 64 * w->axis->n_groups * NUMBERS;
  for (size_t i = 0; i < n; i += NUMBERS) {
    __m256i *recent = (__m256i *)&w->recent[i];
    __m512i sum =
        _mm512_add_epi32(_mm512_load_si512(&w->groups[i]), _mm512_cvtepu16_epi32(*recent));
    _mm512_store_si512(&w->groups[i], sum);
    *recent = _mm256_setzero_si256();
  }
}

/* Resamples odd, odd + 2, ... of block j. */
DSS_INLINE void add_to_groups(const axis_work *w, const uint8_t *labels, size_t j, size_t odd,
                              const v16 row[NUMBERS]) {
  v16 records[8][2];
  size_t n_groups = w->axis->n_groups;
  transpose(row, records);
  for (size_t i = 0; i < 8; i++)
    for (size_t L = 0; L < 4; L++) {
      size_t lane = 2 * (8 * L + i) + odd;
      uint16_t *to = &w->recent[((j * 64 + lane) * n_groups + labels[lane]) * NUMBERS];
      __m512i both = (__m512i)records[i][L / 2];
      add_record(to, L % 2 ? _mm512_extracti64x4_epi64(both, 1) : _mm512_castsi512_si256(both));
    }
}

/* Numbers [NUMBERS][16] of sixteen resamples, from records `stride` apart. */
DSS_INLINE void gather_numbers(const uint32_t *records, size_t stride, v32u number[NUMBERS]) {
  __m512i r[16], fours[16];
  for (int i = 0; i < 16; i += 4) {
    __m512i low[2], high[2];
    for (int k = 0; k < 2; k++) {
      __m512i a = _mm512_load_si512(&records[(size_t)(i + 2 * k) * stride]);
      __m512i b = _mm512_load_si512(&records[(size_t)(i + 2 * k + 1) * stride]);
      low[k] = _mm512_unpacklo_epi32(a, b);
      high[k] = _mm512_unpackhi_epi32(a, b);
    }
    r[i] = _mm512_unpacklo_epi64(low[0], low[1]);
    r[i + 1] = _mm512_unpackhi_epi64(low[0], low[1]);
    r[i + 2] = _mm512_unpacklo_epi64(high[0], high[1]);
    r[i + 3] = _mm512_unpackhi_epi64(high[0], high[1]);
  }
  /* r[i + k] holds numbers k, k + 4, k + 8, k + 12 of records i to i + 3. */
  for (int k = 0; k < 4; k++) {
    fours[k] = _mm512_shuffle_i32x4(r[k], r[4 + k], 0x88);
    fours[4 + k] = _mm512_shuffle_i32x4(r[k], r[4 + k], 0xdd);
    fours[8 + k] = _mm512_shuffle_i32x4(r[8 + k], r[12 + k], 0x88);
    fours[12 + k] = _mm512_shuffle_i32x4(r[8 + k], r[12 + k], 0xdd);
  }
  for (int k = 0; k < 4; k++) {
    number[k] = (v32u)_mm512_shuffle_i32x4(fours[k], fours[8 + k], 0x88);
    number[4 + k] = (v32u)_mm512_shuffle_i32x4(fours[4 + k], fours[12 + k], 0x88);
    number[8 + k] = (v32u)_mm512_shuffle_i32x4(fours[k], fours[8 + k], 0xdd);
    number[12 + k] = (v32u)_mm512_shuffle_i32x4(fours[4 + k], fours[12 + k], 0xdd);
  }
}

#endif
