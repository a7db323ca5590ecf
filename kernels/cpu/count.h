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
 * Nibbles hold 15 ratings. */

enum { NIBBLE_BYTES = 8, NIBBLE_MOST = 15 };

/* Vectors of two cells each, rounded up to a block. */
DSS_INLINE size_t nibble_vectors(size_t n_cells) {
  return (n_cells + 2 * NIBBLE_BYTES - 1) / (2 * NIBBLE_BYTES) * NIBBLE_BYTES;
}

/* [k] finds cells 2k and 2k + 1 of a block. */
static const uint8_t count_finds[NIBBLE_BYTES][16] = {
    {1, 16},
    {0, 0, 1, 16},
    {0, 0, 0, 0, 1, 16},
    {0, 0, 0, 0, 0, 0, 1, 16},
    {0, 0, 0, 0, 0, 0, 0, 0, 1, 16},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 16},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 16},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 16},
};

/* counts [n_bytes] of n ratings, at most NIBBLE_MOST, in the cells from a first one on. Without an
 * instruction for look-ups cells are compared. */
DSS_INLINE void count_block(const uint8_t *labels, const uint32_t *rater, size_t n, size_t first,
                            size_t n_bytes, v8 *counts) {
  v8 finds[NIBBLE_BYTES], sum[NIBBLE_BYTES] = {{0}};
  for (size_t k = 0; DSS_SHUFFLES && k < n_bytes; k++)
    finds[k] = repeat16(count_finds[k]);
  for (size_t i = 0; i < n; i++) {
    v8 label = load8(&labels[(size_t)rater[i] * DSS_LANES]) - (uint8_t)first;
    v8 at = add_saturated(label, (v8){0} + 112); /* labels of other blocks go above 127 */
    for (size_t k = 0; k < n_bytes; k++)
      if (DSS_SHUFFLES)
        sum[k] += shuffle16(finds[k], at);
      else
        sum[k] += ((v8)(label == (v8){0} + (uint8_t)(2 * k)) & 1) |
                  ((v8)(label == (v8){0} + (uint8_t)(2 * k + 1)) & 16);
  }
  for (size_t k = 0; k < n_bytes; k++)
    counts[k] = sum[k];
}

/* counts [nibble_vectors] of n ratings, at most NIBBLE_MOST. */
DSS_INLINE void count_nibbles(const uint8_t *labels, const uint32_t *rater, size_t n,
                              size_t n_cells, v8 *counts) {
  for (size_t cell = 0; cell < n_cells; cell += 2 * NIBBLE_BYTES, counts += NIBBLE_BYTES)
    if (DSS_VECTOR == 64 && n_cells - cell > NIBBLE_BYTES) { /* as registers allow */
      count_block(labels, rater, n, cell, NIBBLE_BYTES, counts);
    } else {
      count_block(labels, rater, n, cell, NIBBLE_BYTES / 2, counts);
      if (n_cells - cell > NIBBLE_BYTES)
        count_block(labels, rater, n, cell + NIBBLE_BYTES, NIBBLE_BYTES / 2,
                    counts + NIBBLE_BYTES / 2);
    }
}

#endif
