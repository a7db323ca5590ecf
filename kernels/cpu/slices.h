/* Counting in slices, eight blocks of resamples together. A *plane* is a vector with one bit for
 * each resample: does this rater carry that cell there? The counts of an item's level are the sum
 * of its raters' planes, held as slices (a vector of all counts' lowest bits, one of the next, ...)
 * and added up by full adders, which take two operations for three vectors of one bit or, by and
 * by, for one rating of all the resamples.
 *
 * Bit k of a plane's bytes is block k's, so that eight slices transposed, eight bits by eight, are
 * eight blocks' vectors of bytes. The bytes are dealt such that these, unpacked to words and two
 * levels' words to 32-bit lanes, stand in order. */
#ifndef DSS_CPU_SLICES_H
#define DSS_CPU_SLICES_H

#include "adders.h"
#include "lanes.h"

enum {
  SLICES = 16,                         /* most bits of a count */
  SLICE_WORDS = 2 * DSS_SLICE_BLOCKS,  /* vectors of all blocks' counts as words */
  SLICE_VECTORS = 4 * DSS_SLICE_BLOCKS /* and of two levels' in 32-bit lanes */
};

/* --- planes --------------------------------------------------------------------------------- */

/* planes [n_cells][n_raters + 1] of the base's cells from `first` on; the last of each is nobody's.
 * Blocks that are not there have no bits. labels: of the first block, the next ones `stride` on. */
static void make_planes(const uint8_t *labels, size_t stride, size_t n_blocks, size_t n_raters,
                        size_t first, size_t n_cells, v64 *planes) {
  for (size_t r = 0; r < n_raters; r++) {
    v8 block[DSS_SLICE_BLOCKS];
    for (size_t k = 0; k < n_blocks; k++)
      block[k] = deal_quarters(load8(&labels[k * stride + r * DSS_LANES]));
    for (size_t cell = 0; cell < n_cells; cell++) {
      v8 marks = {0};
      for (size_t k = 0; k < n_blocks; k++)
        marks = mark_label(marks, block[k], (uint8_t)(first + cell), (uint8_t)(1u << k));
      planes[cell * (n_raters + 1) + r] = (v64)marks;
    }
  }
  for (size_t cell = 0; cell < n_cells; cell++)
    planes[cell * (n_raters + 1) + n_raters] = (v64){0};
}

/* --- adding up ------------------------------------------------------------------------------ */

/* The sum of n raters' planes, n under 2^n_slices, which is a constant. What does not fill sixteen
 * is filled up by nobody. */
DSS_INLINE void add_planes(const v64 *planes, size_t nobody, const uint32_t *rater, size_t n,
                           size_t n_slices, v64 *sum) {
  for (size_t i = 0; i < n_slices; i++)
    sum[i] = (v64){0};
  for (; n >= 64; n -= 64, rater += 64)
    ripple(sum, 6, n_slices, add_64(sum, planes, rater));
  for (; n >= 16; n -= 16, rater += 16)
    ripple(sum, 4, n_slices, add_16(sum, planes, rater));
  if (n == 0) return;
  uint32_t some[16];
  for (size_t i = 0; i < 16; i++)
    some[i] = i < n ? rater[i] : (uint32_t)nobody;
  ripple(sum, 4, n_slices, add_16(sum, planes, some));
}

/* --- back to numbers ------------------------------------------------------------------------ */

/* One step of the transposition: of slices a and b, `distance` apart, a gets all bits whose number
 * is without `distance`, b the others. */
DSS_INLINE void exchange(v64 *a, v64 *b, int distance, uint64_t without) {
  v64 mask = (v64){0} + without, low = pick_bits(mask, *a, *b << distance);
  *b = pick_bits(mask, *a >> distance, *b);
  *a = low;
}

/* n slices, a constant of at most eight, to eight blocks of bytes. */
DSS_INLINE void transpose(const v64 *slices, size_t n, v64 bytes[8]) {
  for (size_t i = 0; i < 8; i++)
    bytes[i] = i < n ? slices[i] : (v64){0};
  for (size_t i = 0; i < 4; i++) {
    if (n > 4) {
      exchange(&bytes[i], &bytes[i + 4], 4, 0x0f0f0f0f0f0f0f0f);
      continue;
    }
    bytes[i + 4] = bytes[i] >> 4 & 0x0f0f0f0f0f0f0f0f;
    bytes[i] &= 0x0f0f0f0f0f0f0f0f;
  }
  for (size_t i = 0; i < 8; i += i % 2 ? 3 : 1)
    exchange(&bytes[i], &bytes[i + 2], 2, 0x3333333333333333);
  for (size_t i = 0; i < 8; i += 2)
    exchange(&bytes[i], &bytes[i + 1], 1, 0x5555555555555555);
}

/* One level's counts in all blocks, n under 2^n_slices. */
DSS_INLINE void slice_counts(const v64 *planes, size_t nobody, const uint32_t *rater, size_t n,
                             size_t n_slices, v16 words[SLICE_WORDS]) {
  v64 sum[SLICES], low[8], high[8];
  add_planes(planes, nobody, rater, n, n_slices, sum);
  transpose(sum, n_slices < 8 ? n_slices : 8, low);
  if (n_slices > 8) transpose(&sum[8], n_slices - 8, high);
  for (size_t k = 0; k < DSS_SLICE_BLOCKS; k++) {
    v8 more = n_slices > 8 ? (v8)high[k] : (v8){0};
    words[2 * k] = (v16)unpack_low8((v8)low[k], more);
    words[2 * k + 1] = (v16)unpack_high8((v8)low[k], more);
  }
}

/* The same by as few slices as there is a function for. */
static void slice_few(const v64 *planes, size_t nobody, const uint32_t *rater, size_t n,
                      v16 words[SLICE_WORDS]) {
  slice_counts(planes, nobody, rater, n, 8, words);
}

static void slice_some(const v64 *planes, size_t nobody, const uint32_t *rater, size_t n,
                       v16 words[SLICE_WORDS]) {
  slice_counts(planes, nobody, rater, n, 12, words);
}

static void slice_many(const v64 *planes, size_t nobody, const uint32_t *rater, size_t n,
                       v16 words[SLICE_WORDS]) {
  slice_counts(planes, nobody, rater, n, SLICES, words);
}

static void slice_level(const v64 *planes, size_t nobody, const uint32_t *rater, size_t n,
                        v16 words[SLICE_WORDS]) {
  (n >> 8 == 0    ? slice_few
   : n >> 12 == 0 ? slice_some
                  : slice_many)(planes, nobody, rater, n, words);
}

/* --- one item's counts ------------------------------------------------------------------------ */

/* An item; of one that every rater rated the `usual` level is not counted: it is what a cell's size
 * leaves. */
typedef struct slice_item {
  const uint32_t *rater;
  const uint64_t *level_ptr; /* [K + 1] into rater */
  size_t levels, halves, usual;
} slice_item;

static slice_item slice_item_of(const dss_cpu_question *q, size_t item) {
  size_t levels = q->tables->n_levels;
  slice_item it = {q->rater, &q->level_ptr[item * levels], levels, dss_cpu_halves(q->tables),
                   SIZE_MAX};
  if (item >= (size_t)q->n_narrow + q->n_whole) return it;
  it.usual = 0;
  for (size_t c = 1; c < levels; c++)
    if (it.level_ptr[c + 1] - it.level_ptr[c] > it.level_ptr[it.usual + 1] - it.level_ptr[it.usual])
      it.usual = c;
  return it;
}

/* Two levels' counts; rest: the cell's raters less those of counted levels, or NULL. */
static void slice_half(const slice_item *it, size_t half, const v64 *planes, size_t nobody,
                       v16 *rest, size_t stride, v32 *to) {
  v16 words[2][SLICE_WORDS];
  for (size_t i = 0; i < 2; i++) {
    size_t level = 2 * half + i;
    if (level == it->usual) continue;
    if (level >= it->levels) {
      memset(words[i], 0, sizeof words[i]);
      continue;
    }
    uint64_t at = it->level_ptr[level];
    slice_level(planes, nobody, &it->rater[at], it->level_ptr[level + 1] - at, words[i]);
    for (size_t k = 0; rest && k < SLICE_WORDS; k++)
      rest[k] -= words[i][k];
  }
  if (it->usual / 2 == half) memcpy(words[it->usual % 2], rest, sizeof words[0]);
  for (size_t k = 0; k < SLICE_WORDS; k++) {
    v32 *block = &to[k / 2 * stride + k % 2 * 2];
    block[0] = (v32)unpack_low16(words[0][k], words[1][k]);
    block[1] = (v32)unpack_high16(words[0][k], words[1][k]);
  }
}

/* counts [halves][4] of one cell of so many raters in the first block; the next ones `stride` on.
 */
static void slice_cell(const slice_item *it, const v64 *planes, size_t nobody, uint32_t size,
                       size_t stride, v32 *counts) {
  v16 rest[SLICE_WORDS];
  bool whole = it->usual != SIZE_MAX;
  for (size_t k = 0; k < SLICE_WORDS; k++)
    rest[k] = broadcast16((int)size);
  for (size_t half = 0; half < it->halves; half++)
    if (!whole || half != it->usual / 2)
      slice_half(it, half, planes, nobody, whole ? rest : NULL, stride, &counts[4 * half]);
  if (whole)
    slice_half(it, it->usual / 2, planes, nobody, rest, stride, &counts[it->usual / 2 * 4]);
}

/* The rows that are sums of others, each so large; two counts never carry into one another. */
static void slice_sum_rows(const dss_cpu_base *base, size_t size, v32 *rows) {
  for (uint32_t i = 0; i < base->n_sums; i++) {
    v32u *to = (v32u *)&rows[(base->n_cells + i) * size];
    memcpy(to, &rows[base->addends[base->addend_ptr[i]] * size], size * sizeof *to);
    for (uint32_t k = base->addend_ptr[i] + 1; k < base->addend_ptr[i + 1]; k++) {
      const v32u *from = (const v32u *)&rows[base->addends[k] * size];
      for (size_t at = 0; at < size; at++)
        to[at] += from[at];
    }
  }
}

/* One block's counts of one row for the wide kernel's sums, [K][DSS_LANES], from [halves][4]. */
static void widen_row(const v32 *row, size_t levels, uint32_t *counts) {
  for (size_t level = 0; level < levels; level++)
    for (size_t v = 0; v < 4; v++) {
      v32u both = (v32u)row[4 * (level / 2) + v];
      v32u one = level % 2 ? both >> 16 : both & 0xffff;
      memcpy(&counts[level * DSS_LANES + v * DSS_LANES / 4], &one, sizeof one);
    }
}

#endif
