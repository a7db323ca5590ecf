/* Counting: how many ratings of one level of one item fall into each cell, in each lane. */
#ifndef DSS_CPU_COUNT_H
#define DSS_CPU_COUNT_H

#include "lanes.h"
#include "vectors.h"

enum { COUNT_CELLS = 8, COUNT_MOST = 255 };

/* Cells rounded up to what is counted at once. */
DSS_INLINE size_t padded_cells(size_t n_cells) {
  return (n_cells + COUNT_CELLS - 1) / COUNT_CELLS * COUNT_CELLS;
}

/* counts [padded_cells] of n ratings, at most COUNT_MOST. labels [n_raters][DSS_LANES]. */
DSS_INLINE void count_ratings(const uint8_t *labels, const uint32_t *rater, size_t n,
                              size_t n_cells, v8 *counts) {
  for (size_t cell = 0; cell < n_cells; cell += COUNT_CELLS) {
    v8 sum[COUNT_CELLS] = {{0}};
    for (size_t i = 0; i < n; i++) {
      v8 label = load8(&labels[(size_t)rater[i] * DSS_LANES]);
      for (size_t k = 0; k < COUNT_CELLS; k++)
        sum[k] = count_label(sum[k], label, (uint8_t)(cell + k));
    }
    for (size_t k = 0; k < COUNT_CELLS; k++)
      counts[cell + k] = sum[k];
  }
}

/* --- by nibbles ---------------------------------------------------------------------------------
 *
 * A look-up by a rating's label gives two cells their 0 or 1, one in each nibble of a byte, which
 * is added: two operations for two cells where a comparison and an addition are two for one.
 * Nibbles hold 15 ratings; then they are emptied. */

enum { NIBBLE_BLOCK = 16, NIBBLE_MOST = 15 };

/* Cells rounded up to a block. */
DSS_INLINE size_t run_cells(size_t n_cells) {
  return (n_cells + NIBBLE_BLOCK - 1) / NIBBLE_BLOCK * NIBBLE_BLOCK;
}

/* [k] finds cells 2k and 2k + 1 of a block. */
static const uint8_t count_finds[NIBBLE_BLOCK / 2][16] = {
    {1, 16},
    {0, 0, 1, 16},
    {0, 0, 0, 0, 1, 16},
    {0, 0, 0, 0, 0, 0, 1, 16},
    {0, 0, 0, 0, 0, 0, 0, 0, 1, 16},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 16},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 16},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 16},
};

/* 2 * bytes cells from a first one on. Labels of other blocks go above 127. */
DSS_INLINE void count_block(const uint8_t *labels, const uint32_t *rater, size_t n, size_t first,
                            size_t bytes, v8 *counts) {
  v8 finds[NIBBLE_BLOCK / 2], low = (v8){0} + 15;
  for (size_t k = 0; k < bytes; k++)
    finds[k] = repeat16(count_finds[k]);
  for (size_t begin = 0; begin == 0 || begin < n; begin += NIBBLE_MOST) {
    size_t end = n - begin < NIBBLE_MOST ? n : begin + NIBBLE_MOST;
    v8 sum[NIBBLE_BLOCK / 2] = {{0}};
    for (size_t i = begin; i < end; i++) {
      v8 label = load8(&labels[(size_t)rater[i] * DSS_LANES]);
      v8 at = add_saturated(label - (uint8_t)first, (v8){0} + 112);
      for (size_t k = 0; k < bytes; k++)
        sum[k] += shuffle16(finds[k], at);
    }
    for (size_t k = 0; k < bytes; k++) {
      v8 even = sum[k] & low, odd = (v8)((v16u)sum[k] >> 4) & low;
      counts[2 * k] = begin > 0 ? counts[2 * k] + even : even;
      counts[2 * k + 1] = begin > 0 ? counts[2 * k + 1] + odd : odd;
    }
  }
}

/* As count_ratings; counts has room for cells rounded up to NIBBLE_BLOCK. */
DSS_INLINE void count_nibbles(const uint8_t *labels, const uint32_t *rater, size_t n,
                              size_t n_cells, v8 *counts) {
  size_t wide = DSS_VECTOR == 64 ? NIBBLE_BLOCK : NIBBLE_BLOCK / 2; /* as registers allow */
  for (size_t cell = 0; cell < n_cells;) {
    size_t block = n_cells - cell > NIBBLE_BLOCK / 2 ? wide : NIBBLE_BLOCK / 2;
    if (block == NIBBLE_BLOCK)
      count_block(labels, rater, n, cell, NIBBLE_BLOCK / 2, &counts[cell]);
    else
      count_block(labels, rater, n, cell, NIBBLE_BLOCK / 4, &counts[cell]);
    cell += block;
  }
}

#endif
