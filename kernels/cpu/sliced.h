/* The items that are counted in slices: counts by slices.h for all blocks and some items at a time,
 * then sums by whole.h or, block by block, by the wide kernel. */
#ifndef DSS_CPU_SLICED_H
#define DSS_CPU_SLICED_H

#include "groups.h"
#include "slicing.h"
#include "whole.h"
#include "wide.h"

/* One base at work. */
typedef struct sliced_base {
  const dss_cpu_layout *layout;
  const dss_cpu_question *question;
  size_t number; /* of the base */
  const dss_cpu_base *base;
  dss_cpu_scratch *scratch;
  size_t n_blocks, halves;
  size_t step;              /* items whose counts are made before they are summed */
  size_t plane_cells, made; /* cells whose planes are made at once; the first of those there are */
  uint64_t held;            /* ratings whose sums have not been carried over */
} sliced_base;

/* Vectors of one row: [block][item][halves][4]. */
static size_t block_size(const sliced_base *z) {
  return 4 * z->step * z->halves;
}

static v32 *sliced_row(const sliced_base *z, size_t row) {
  return (v32 *)z->scratch->rows + row * DSS_SLICE_BLOCKS * block_size(z);
}

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

/* --- whole items -------------------------------------------------------------------------------
 */

static whole_sizes whole_sizes_of(const sliced_base *z, const dss_cpu_part *part, uint32_t g) {
  whole_sizes n = {.m = part->n_raters[g]};
  n.s = z->layout->plan->exchange.n_raters - n.m - part->n_raters[part->n_groups];
  return n;
}

/* The group's sums in one block, of pairs and at a slot; NULL: they are not wanted. */
static uint64_t *sums_at(const sliced_base *z, size_t group, size_t slot) {
  return slot == SIZE_MAX ? NULL
                          : &z->scratch->sums[(group * z->question->slots.n + slot) * DSS_LANES];
}

static void whole_group(const sliced_base *z, const whole_items *w, whole_sizes n, size_t group) {
  const dss_cpu_slots *slots = &z->question->slots;
  for (size_t k = 0; k < z->n_blocks; k++) {
    dss_cpu_at_block(z->layout, DSS_LANES, k, z->scratch);
    uint64_t *own = sums_at(z, group, slots->own_pair),
             *cross = sums_at(z, group, slots->cross_pair);
    bool unknown = w->unknown != DSS_NO_ROW;
    if (slots->collapsed && unknown)
      whole_unequal(w, true, n, k, own, cross);
    else if (slots->collapsed)
      whole_unequal(w, false, n, k, own, cross);
    else if (unknown)
      whole_pairs(w, true, k, own, cross);
    else
      whole_pairs(w, false, k, own, cross);
  }
}

/* Unweighted sums over n items whose rows are there, and the cells' marginals. */
static void whole_sums(const sliced_base *z, size_t first, size_t n) {
  const dss_cpu_question *q = z->question;
  size_t levels = q->tables->n_levels;
  int32_t level[DSS_SLICE_ITEMS * 128] = {0};
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < levels; c++) {
      const uint64_t *at = &q->level_ptr[(first + i) * levels + c];
      level[i * z->halves + c / 2] |= (int32_t)((at[1] - at[0]) << 16 * (c % 2));
    }
  whole_items w = {
      .rows = z->scratch->rows,
      .row_size = DSS_SLICE_BLOCKS * block_size(z),
      .block_size = block_size(z),
      .n_items = n,
      .halves = z->halves,
      .levels = levels,
      .n_blocks = z->n_blocks,
      .level = level,
  };
  for (size_t cell = 0; cell < z->base->n_cells; cell++)
    whole_marginals(&w, cell, (v32 *)z->scratch->marginals + cell * 2 * z->halves * SLICE_VECTORS);
  FOR_GROUPS(z->layout, z->number, part, g) {
    w.row = part->row[g];
    w.unknown = part->row[part->n_groups];
    if (w.row != DSS_NO_ROW) whole_group(z, &w, whole_sizes_of(z, part, g), part->first_group + g);
  }
}

/* Counts of one row's ratings by level in one block. */
static const uint32_t *marginals_of(const sliced_base *z, size_t row, size_t level, size_t block) {
  size_t at = (row * 2 * z->halves + level) * SLICE_VECTORS * (DSS_LANES / 4);
  return &z->scratch->marginals[at + block * DSS_LANES];
}

static void whole_counts_of(const sliced_base *z, const dss_cpu_part *part, uint32_t g,
                            size_t block, bool own, bool cross) {
  const dss_cpu_question *q = z->question;
  size_t levels = q->tables->n_levels, group = part->first_group + g;
  for (size_t c = 0; c < levels; c++) {
    const uint32_t *x = marginals_of(z, part->row[g], c, block), *unknown = NULL;
    if (part->row[part->n_groups] != DSS_NO_ROW)
      unknown = marginals_of(z, part->row[part->n_groups], c, block);
    uint64_t all = 0;
    for (size_t u = q->n_narrow; u < (size_t)q->n_narrow + q->n_whole; u++)
      all += q->level_ptr[u * levels + c + 1] - q->level_ptr[u * levels + c];
    uint64_t *to = own ? sums_at(z, group, q->slots.own_count) : NULL;
    for (size_t l = 0; to && l < DSS_LANES; l++)
      to[c * DSS_LANES + l] += x[l];
    if (!cross || q->slots.x_count == SIZE_MAX) continue;
    to = sums_at(z, group, q->slots.x_count);
    for (size_t l = 0; l < DSS_LANES; l++)
      to[c * DSS_LANES + l] += x[l];
    to = sums_at(z, group, q->slots.y_count);
    for (size_t l = 0; l < DSS_LANES; l++)
      to[c * DSS_LANES + l] += all - x[l] - (unknown ? unknown[l] : 0);
  }
}

/* One group's sums weighted, in place or carried over. */
static void whole_weigh_group(const sliced_base *z, const dss_cpu_part *part, uint32_t g,
                              bool carried) {
  const dss_cpu_question *q = z->question;
  const dss_sums_choice *choice = &z->layout->plan->choice;
  const uint64_t *weight = q->tables->weight;
  whole_sizes n = whole_sizes_of(z, part, g);
  size_t group = part->first_group + g, slots[2] = {q->slots.own_pair, q->slots.cross_pair};
  bool own = n.m >= 2 && (!choice->common_units || n.s >= 1);
  bool cross = n.m >= 1 && n.s >= 1 && (!choice->common_units || n.m >= 2);
  uint64_t weights[2] = {own ? weight[n.m - 1] : 0, cross ? weight[n.m] + weight[n.s] : 0};
  for (size_t k = 0; k < z->n_blocks; k++) {
    dss_cpu_at_block(z->layout, DSS_LANES, k, z->scratch);
    for (size_t side = 0; side < 2; side++)
      for (size_t p = 0; slots[side] != SIZE_MAX && p < q->slots.n_pairs; p++) {
        uint64_t *sums = sums_at(z, group, slots[side] + p);
        dss_u128 *to = z->scratch->carried + (sums - z->scratch->sums);
        whole_weigh(weights[side], sums, carried ? to : NULL);
      }
    whole_counts_of(z, part, g, k, own, cross);
  }
}

/* Marginals of rows that are sums of others. */
static void whole_sum_marginals(const sliced_base *z) {
  const dss_cpu_base *base = z->base;
  size_t size = 2 * z->halves * DSS_SLICE_BLOCKS * DSS_LANES;
  for (uint32_t i = 0; i < base->n_sums; i++) {
    uint32_t *to = &z->scratch->marginals[(base->n_cells + i) * size];
    memset(to, 0, size * sizeof *to);
    for (uint32_t k = base->addend_ptr[i]; k < base->addend_ptr[i + 1]; k++)
      for (size_t at = 0; at < size; at++)
        to[at] += z->scratch->marginals[base->addends[k] * size + at];
  }
}

static void clear_carried(const sliced_base *z) {
  size_t n = z->layout->plan->n_groups * z->question->slots.n * DSS_LANES;
  for (size_t k = 0; k < z->n_blocks; k++) {
    dss_cpu_at_block(z->layout, DSS_LANES, k, z->scratch);
    memset(z->scratch->carried, 0, n * sizeof *z->scratch->carried);
  }
  z->scratch->any_carried = true;
}

static void whole_end(sliced_base *z) {
  const dss_cpu_question *q = z->question;
  uint64_t ratings = (uint64_t)q->n_whole * z->layout->plan->exchange.n_raters;
  bool carried = ratings > q->most_ratings;
  if (carried && !z->scratch->any_carried) clear_carried(z);
  whole_sum_marginals(z);
  FOR_GROUPS(z->layout, z->number, part, g)
  if (part->row[g] != DSS_NO_ROW) whole_weigh_group(z, part, g, carried);
  z->held = carried ? 0 : ratings;
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

/* --- all of them --------------------------------------------------------------------------------
 */

/* Whether the items that every rater rated are summed up without weights. */
static bool whole_serves(const dss_cpu_question *q) {
  return q->n_whole > 0 && !q->more;
}

static void sliced_one_base(sliced_base *z) {
  const dss_cpu_question *q = z->question;
  size_t whole_until = (size_t)q->n_narrow + (whole_serves(q) ? q->n_whole : 0);
  size_t end = (size_t)q->n_narrow + q->n_sliced, n;
  if (whole_serves(q))
    memset(z->scratch->marginals, 0,
           (size_t)z->base->n_cells * 2 * z->halves * SLICE_VECTORS * sizeof(v32));
  for (size_t first = q->n_narrow; first < end; first += n) {
    size_t until = first < whole_until ? whole_until : end;
    n = until - first < z->step ? until - first : z->step;
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
