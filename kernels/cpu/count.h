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

#endif
