/* The items that are counted in slices: counts by slices.h for all blocks and some items at a time,
 * then sums by sliced_whole.h or, block by block, by the wide kernel. */
#ifndef DSS_CPU_SLICED_H
#define DSS_CPU_SLICED_H

#include "sliced_whole.h"
#include "wide.h"

/* --- counts ------------------------------------------------------------------------------------
 */

static void sliced_planes(sliced_base *z, size_t first, size_t n_cells) {
  size_t n_raters = z->layout->plan->exchange.n_raters;
  if (z->made == first) return;
  const uint8_t *labels = z->scratch->all_labels + z->number * n_raters * DSS_LANES;
  make_planes(labels, z->layout->n_bases * n_raters * DSS_LANES, z->n_blocks, n_raters, first,
              n_cells, z->scratch->planes);
  z->made = first;
}

/* Rows of n items. A cell's planes stay in the cache while the items pass. */
static void sliced_count(sliced_base *z, size_t first, size_t n) {
  size_t nobody = z->layout->plan->exchange.n_raters;
  for (size_t done = 0; done < z->base->n_cells; done += z->plane_cells) {
    size_t left = z->base->n_cells - done, now = left < z->plane_cells ? left : z->plane_cells;
    sliced_planes(z, done, now);
    for (size_t cell = done; cell < done + now; cell++)
      for (size_t i = 0; i < n; i++) {
        slice_item item = slice_item_of(z->question, first + i);
        const v64 *planes = (const v64 *)z->scratch->planes + (cell - done) * (nobody + 1);
        slice_cell(&item, planes, nobody, z->base->size[cell], block_size(z),
                   &sliced_row(z, cell)[4 * i * z->halves]);
      }
  }
  slice_sum_rows(z->base, DSS_SLICE_BLOCKS * block_size(z), z->scratch->rows);
}

/* --- other items -------------------------------------------------------------------------------
 */

static void carry_blocks(sliced_base *z) {
  bool before = z->scratch->any_carried;
  for (size_t k = 0; k < z->n_blocks; k++) {
    dss_cpu_at_block(z->layout, DSS_LANES, k, z->scratch);
    z->scratch->any_carried = before;
    carry(z->layout, z->question, z->scratch);
  }
  z->held = 0;
}

/* Sums over n items from number i of those whose rows are there; `first` is number 0. A group's
 * sums stay in the cache while the items pass. */
static void sliced_sums(const sliced_base *z, size_t first, size_t i, size_t n) {
  const dss_cpu_question *q = z->question;
  size_t levels = q->tables->n_levels, size = levels * DSS_LANES;
  uint32_t *x = z->scratch->counts, *unknown = x + size;
  wide_counts group = {.x = x, .y = unknown + size};
  for (size_t k = 0; k < z->n_blocks; k++) {
    dss_cpu_at_block(z->layout, DSS_LANES, k, z->scratch);
    FOR_GROUPS(z->layout, z->number, part, g) {
      uint32_t row = part->row[g], unknown_row = part->row[part->n_groups];
      for (size_t item = i; row != DSS_NO_ROW && item < i + n; item++) {
        size_t at = k * block_size(z) + 4 * item * z->halves;
        widen_row(&sliced_row(z, row)[at], levels, x);
        if (unknown_row != DSS_NO_ROW) widen_row(&sliced_row(z, unknown_row)[at], levels, unknown);
        wide_group(q, first + item, unknown_row == DSS_NO_ROW ? NULL : unknown, &group);
        wide_add(q, &z->layout->plan->choice, &group,
                 &z->scratch->sums[(part->first_group + g) * q->slots.n * DSS_LANES]);
      }
    }
  }
}

/* n items, as many at a time as certainly fit. */
static void sliced_part(sliced_base *z, size_t first, size_t n) {
  const dss_cpu_question *q = z->question;
  size_t levels = q->tables->n_levels;
  for (size_t i = 0, now; i < n; i += now) {
    uint64_t ratings = 0;
    for (now = 0; i + now < n; now++) {
      const uint64_t *at = &q->level_ptr[(first + i + now) * levels];
      uint64_t size = at[levels] - at[0] + q->item_charge;
      if (now > 0 && ratings + size > q->most_ratings) break;
      ratings += size;
    }
    if (z->held + ratings > q->most_ratings) carry_blocks(z);
    z->held += ratings;
    sliced_sums(z, first, i, now);
  }
}

/* Of n items. */
static uint64_t ratings_of(const dss_cpu_question *q, size_t first, size_t n) {
  size_t levels = q->tables->n_levels;
  return q->level_ptr[(first + n) * levels] - q->level_ptr[first * levels];
}

/* --- all of them --------------------------------------------------------------------------------
 */

static void sliced_one_base(sliced_base *z) {
  const dss_cpu_question *q = z->question;
  bool whole = q->n_whole > 0 && dss_cpu_whole_serves(z->layout, q);
  size_t whole_until = (size_t)q->n_narrow + (whole ? q->n_whole : 0);
  size_t end = (size_t)q->n_narrow + q->n_sliced, n;
  if (whole)
    memset(z->scratch->marginals, 0,
           (size_t)z->base->n_cells * 2 * z->halves * SLICE_VECTORS * sizeof(v32));
  for (size_t first = q->n_narrow; first < end; first += n) {
    size_t until = first < whole_until ? whole_until : end;
    n = until - first < z->step ? until - first : z->step;
    if (dss_cpu_gives_up(z->scratch, z->n_blocks * ratings_of(q, first, n))) return;
    sliced_count(z, first, n);
    if (first >= whole_until) {
      sliced_part(z, first, n);
      continue;
    }
    whole_sums(z, first, n);
    if (first + n == whole_until) whole_end(z);
  }
}

/* The sums of all blocks must be empty. Nothing is left that could overflow with the other items'.
 */
static void sliced_items(const dss_cpu_layout *layout, const dss_cpu_question *q, size_t n_blocks,
                         dss_cpu_scratch *s) {
  uint64_t all = q->level_ptr[(size_t)q->n_items * q->tables->n_levels];
  all += q->n_items * q->item_charge;
  bool others = q->n_sliced < q->n_items;
  for (size_t b = 0; b < layout->n_bases; b++) {
    sliced_base z = {
        .layout = layout,
        .question = q,
        .number = b,
        .base = &layout->bases[b],
        .scratch = s,
        .n_blocks = n_blocks,
        .halves = dss_cpu_halves(q->tables),
        .step =
            dss_cpu_slice_items(layout, &layout->bases[b], dss_cpu_halves(q->tables), DSS_LANES),
        .plane_cells = dss_cpu_plane_cells(layout, &layout->bases[b], DSS_LANES),
        .made = SIZE_MAX,
    };
    sliced_one_base(&z);
    if (others && b + 1 == layout->n_bases && all > q->most_ratings) carry_blocks(&z);
  }
}

#endif
