/* How much room a thread's counts and sums take. */
#include "lanes.h"

size_t dss_cpu_tile_pairs(const dss_cpu_base *base, size_t stored, size_t lanes) {
  size_t rows = base->n_cells + base->n_places, fits = DSS_TILE_BYTES / (rows * stored * lanes);
  return fits < 1 ? 1 : fits > DSS_TILE_PAIRS ? DSS_TILE_PAIRS : fits;
}

/* Narrow: runs of two items' levels, five layers of four lists (narrow_tile.h); a tile's cells for
 * each quarter, and its sums for one; wide: one run, an item's rows, a group's two sides. */
size_t dss_cpu_counts_bytes(const dss_cpu_layout *layout, size_t lanes) {
  size_t most = 0, levels = layout->most_levels;
  for (size_t b = 0; b < layout->n_bases; b++) {
    const dss_cpu_base *base = &layout->bases[b];
    size_t cells = base->n_cells, padded = (cells + 7) / 8 * 8, rows = cells + base->n_sums;
    size_t wide = (padded + (rows + 2) * levels * sizeof(uint32_t)) * lanes;
    if (wide > most) most = wide;
    for (uint32_t n = 1; n <= DSS_NARROW_LEVELS; n++) {
      size_t stored = dss_cpu_stored(n), tile = dss_cpu_tile_pairs(base, stored, lanes) * stored;
      size_t runs = stored * 5 * 4 * ((cells + 15) / 16 * 8);
      size_t narrow = (runs + (4 * cells + base->n_places) * tile) * lanes;
      if (narrow > most) most = narrow;
    }
  }
  return most;
}

size_t dss_cpu_more_bytes(const dss_cpu_layout *layout, size_t lanes) {
  bool more = false;
  for (size_t q = 0; q < layout->plan->n_questions; q++)
    more |= layout->questions[q].more_tables != NULL;
  return more ? layout->plan->n_groups * 4 * DSS_MORE_VECTORS * lanes : 0;
}

_Static_assert((int)DSS_TILE_ITEMS == 2 * DSS_TILE_PAIRS, "a tile's records are of its items");

size_t dss_cpu_record_count(const dss_cpu_layout *layout) {
  bool records = false;
  for (size_t q = 0; q < layout->plan->n_questions; q++)
    records |= layout->questions[q].records != NULL;
  return records;
}
