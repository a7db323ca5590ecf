/* The narrow kernel: items of at most 63 ratings, for IRR and XRR.
 *
 * Two items at a time, 16 resamples to a vector. A vector of counts holds in each 32 bits two levels'
 * counts of the first item, then of the second, so that one multiply-add of bytes sums over levels
 * and one of words over items. With x_c the group's counts, m their sum, T_c and T the item's:
 *
 *     E = m^2 - sum x_c^2                 twice the unequal pairs within the group
 *     D = sum x_c (T - T_c)
 *     Z = D - E                           the unequal pairs between the group and the others
 *     own   += w[m - 1] E / 2
 *     cross += (w[m] + w[T - m]) Z
 *
 * The weights (at most 41 bits) are three limbs of 14 bits, looked up by m in registers; a limb times
 * E or Z adds up in 32 bits over a tile of at most 16 pairs of items: 2^14 * 63^2 * 2 * 16 < 2^31.
 * m and D are sums over levels too, and each rater's ratings are counted once in profiles' totals, so
 * that marginals are those totals less what the excluded items hold.
 *
 * Operations for two items, a group, and 16 resamples with K = 5: 3 additions a cell of the group,
 * then about 45. */
#ifndef DSS_CPU_NARROW_H
#define DSS_CPU_NARROW_H

#include "count.h"

enum { TILE_PAIRS = 16, QUARTERS = 4, MOST_HALVES = 5 };

/* Counts of a tile, [quarter][cell][pair of items][pair of levels]. */
typedef struct narrow_tile {
  const dss_cpu_question *question;
  const v8 *counts;
  size_t n_cells, first_pair, n_pairs;
} narrow_tile;

typedef struct narrow_group {
  const uint8_t *cells, *unknown;
  size_t n_cells, n_unknown;
  uint64_t *sums; /* [slots][DSS_LANES] */
} narrow_group;

/* What one vector of a group comes to. */
typedef struct narrow_counts {
  v8 x[MOST_HALVES];
  v16 m, size; /* T */
  v16 own, cross; /* E, Z */
  lanes16 unrated, single;
} narrow_counts;

/* Words of a level from the bytes of its pair. */
DSS_INLINE v16 words_of(const v8 *pairs, int level) {
  v16 both = (v16)pairs[level / 2];
  return level % 2 ? (v16)((v16u)both >> 8) : both & 255;
}

DSS_INLINE void sum_cells(const narrow_tile *t, const uint8_t *cells, size_t n_cells, size_t pair,
                          size_t quarter, int halves, v8 *sum) {
  for (int h = 0; h < halves; h++)
    sum[h] = (v8){0};
  for (size_t i = 0; i < n_cells; i++) {
    size_t row = (quarter * t->n_cells + cells[i]) * t->n_pairs + pair;
    for (int h = 0; h < halves; h++)
      sum[h] += t->counts[row * (size_t)halves + (size_t)h];
  }
}

/* The items' sizes and other levels' ratings, less the raters whose value is unknown. */
DSS_INLINE v16 known_size(const narrow_tile *t, const narrow_group *g, size_t pair, size_t quarter,
                          int halves, v8 *rest) {
  const dss_cpu_question *q = t->question;
  size_t at = t->first_pair + pair;
  v16 size = (v16)broadcast32(q->pair_size[at]);
  for (int h = 0; h < halves; h++)
    rest[h] = (v8)broadcast32(q->pair_rest[at * (size_t)halves + (size_t)h]);
  if (g->n_unknown == 0) return size;
  v8 unknown[MOST_HALVES] = {{0}};
  v16 n = {0};
  sum_cells(t, g->unknown, g->n_unknown, pair, quarter, halves, unknown);
  for (int h = 0; h < halves; h++)
    n += dot_bytes(unknown[h], (v8){0} + 1);
  for (int h = 0; h < halves; h++)
    rest[h] += unknown[h] - (v8)(n | n << 8); /* (T - n) - (T_c - u_c) */
  return size - n;
}

DSS_INLINE narrow_counts count_group(const narrow_tile *t, const narrow_group *g, size_t pair,
                                     size_t quarter, int halves) {
  narrow_counts c;
  v8 rest[MOST_HALVES], ones = (v8){0} + 1;
  v16 squares = {0}, apart = {0};
  c.size = known_size(t, g, pair, quarter, halves, rest);
  sum_cells(t, g->cells, g->n_cells, pair, quarter, halves, c.x);
  c.m = (v16){0};
  for (int h = 0; h < halves; h++) {
    c.m += dot_bytes(c.x[h], ones);
    squares += dot_bytes(c.x[h], c.x[h]);
    apart += dot_bytes(c.x[h], rest[h]);
  }
  c.own = c.m * c.m - squares;
  c.cross = apart - c.own;
  c.unrated = equal16(c.m, (v16){0});
  c.single = equal16(c.m, broadcast16(1));
  return c;
}

/* --- from vectors to sums ------------------------------------------------------------------- */

/* 32-bit lane j of a quarter is resample j / 4 * 16 + quarter * 4 + j mod 4: the order in which the
 * counts were interleaved. */
DSS_INLINE void add_quarter(uint64_t *slot, size_t quarter, const v64 sums[2]) {
  typedef uint64_t four __attribute__((vector_size(32)));
  for (size_t i = 0; i < 4; i++) {
    four now, more;
    uint64_t *to = &slot[16 * i + 4 * quarter];
    memcpy(&now, to, sizeof now);
    memcpy(&more, (const char *)sums + i * sizeof more, sizeof more);
    now += more;
    memcpy(to, &now, sizeof now);
  }
}

DSS_INLINE void add_limbs(uint64_t *slot, size_t quarter, const v32 *limbs, unsigned halve) {
  v64 sums[2], limb[2];
  widen_unsigned(limbs[0], sums);
  for (unsigned l = 1; l < DSS_LIMBS; l++) {
    widen_unsigned(limbs[l], limb);
    sums[0] += limb[0] << (DSS_LIMB_BITS * l);
    sums[1] += limb[1] << (DSS_LIMB_BITS * l);
  }
  sums[0] >>= halve;
  sums[1] >>= halve;
  add_quarter(slot, quarter, sums);
}

DSS_INLINE void add_words(uint64_t *slot, size_t quarter, v32 sums) {
  v64 wide[2];
  widen_signed(sums, wide);
  add_quarter(slot, quarter, wide);
}

/* --- marginals ----------------------------------------------------------------------------- */

/* What the items that do not enter hold, to be taken from the totals: a group's single ratings from
 * IRR's marginals; of XRR's, the others' ratings where the group has none, and the group's where the
 * others have none. */
typedef struct narrow_excluded {
  v8 single[MOST_HALVES];
  v32 others[2 * MOST_HALVES], alone[2 * MOST_HALVES]; /* negative */
  bool any_alone;
} narrow_excluded;

DSS_INLINE void nothing_excluded(narrow_excluded *e, int halves) {
  for (int h = 0; h < halves; h++)
    e->single[h] = (v8){0};
  for (int k = 0; k < 2 * halves; k++)
    e->others[k] = e->alone[k] = (v32){0};
  e->any_alone = false;
}

DSS_INLINE void exclude(const narrow_tile *t, const narrow_group *g, const narrow_counts *c,
                        size_t pair, size_t quarter, int halves, narrow_excluded *e) {
  const dss_cpu_question *q = t->question;
  int levels = 2 * halves;
  for (int h = 0; h < halves; h++)
    e->single[h] = add_bytes_in(e->single[h], c->single, c->x[h]);
  if (any16(c->unrated)) {
    v16 which = as_words(c->unrated);
    v8 unknown[MOST_HALVES] = {{0}};
    if (g->n_unknown > 0) sum_cells(t, g->unknown, g->n_unknown, pair, quarter, halves, unknown);
    for (int k = 0; k < levels; k++) {
      v16 others =
          (v16)broadcast32(q->pair_level[(t->first_pair + pair) * (size_t)(2 * halves) + (size_t)k]);
      if (g->n_unknown > 0) others -= words_of(unknown, k);
      e->others[k] = dot_words(e->others[k], which, others);
    }
  }
  lanes16 alone = equal16(c->m, c->size);
  if (any16(alone)) { /* rare; m = T = 0 adds nothing */
    e->any_alone = true;
    for (int k = 0; k < levels; k++)
      e->alone[k] = dot_words(e->alone[k], as_words(alone), words_of(c->x, k));
  }
}

DSS_INLINE void take_excluded(const narrow_excluded *e, const dss_cpu_slots *slots, int levels,
                              size_t quarter, uint64_t *sums) {
  for (int k = 0; k < levels; k++) {
    v16 minus = broadcast16(-1);
    size_t level = (size_t)k;
    if (slots->own_count != SIZE_MAX)
      add_words(&sums[(slots->own_count + level) * DSS_LANES], quarter,
                dot_words((v32){0}, words_of(e->single, k), minus));
    if (slots->y_count == SIZE_MAX) continue;
    add_words(&sums[(slots->y_count + level) * DSS_LANES], quarter, e->others[k]);
    if (e->any_alone)
      add_words(&sums[(slots->x_count + level) * DSS_LANES], quarter, e->alone[k]);
  }
}

/* --- one group, one quarter, one tile -------------------------------------------------------- */

DSS_INLINE void weights_of(const dss_cpu_limbs *limbs, const narrow_counts *c, v16 *own,
                           v16 *cross) {
  v16 others = c->size - c->m;
  for (int l = 0; l < DSS_LIMBS; l++) {
    own[l] = lookup(limbs->own[l], c->m);
    cross[l] = lookup(limbs->cross[l], c->m) + lookup(limbs->cross[l], others);
  }
}

/* Nominal: one sum for all pairs of levels. */
DSS_INLINE void sum_collapsed(const narrow_tile *t, const narrow_group *g, size_t quarter,
                              int halves) {
  const dss_cpu_slots *slots = &t->question->slots;
  narrow_excluded e;
  nothing_excluded(&e, halves);
  v32 own[DSS_LIMBS] = {{0}}, cross[DSS_LIMBS] = {{0}};
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    narrow_counts c = count_group(t, g, pair, quarter, halves);
    v16 own_weight[DSS_LIMBS], cross_weight[DSS_LIMBS];
    weights_of(t->question->limbs, &c, own_weight, cross_weight);
    for (int l = 0; l < DSS_LIMBS; l++) {
      own[l] = dot_words(own[l], own_weight[l], c.own);
      cross[l] = dot_words(cross[l], cross_weight[l], c.cross);
    }
    exclude(t, g, &c, pair, quarter, halves, &e);
  }
  if (slots->own_pair != SIZE_MAX)
    add_limbs(&g->sums[slots->own_pair * DSS_LANES], quarter, own, 1);
  if (slots->cross_pair != SIZE_MAX)
    add_limbs(&g->sums[slots->cross_pair * DSS_LANES], quarter, cross, 0);
  take_excluded(&e, slots, (int)t->question->tables->n_levels, quarter, g->sums);
}

/* A tile's weights and counts by level, so that each pair of levels is summed in registers. */
typedef struct narrow_rows {
  v16 own[DSS_LIMBS], cross[DSS_LIMBS], x[2 * MOST_HALVES], y[2 * MOST_HALVES];
} narrow_rows;

DSS_INLINE void fill_row(const narrow_tile *t, const narrow_group *g, size_t pair, size_t quarter,
                         int halves, narrow_excluded *e, narrow_rows *row) {
  int levels = 2 * halves;
  narrow_counts c = count_group(t, g, pair, quarter, halves);
  v8 unknown[MOST_HALVES] = {{0}};
  weights_of(t->question->limbs, &c, row->own, row->cross);
  exclude(t, g, &c, pair, quarter, halves, e);
  if (g->n_unknown > 0) sum_cells(t, g->unknown, g->n_unknown, pair, quarter, halves, unknown);
  for (int k = 0; k < levels; k++) {
    size_t at = (t->first_pair + pair) * (size_t)(2 * halves) + (size_t)k;
    row->x[k] = words_of(c.x, k);
    row->y[k] = (v16)broadcast32(t->question->pair_level[at]) - row->x[k];
    if (g->n_unknown > 0) row->y[k] -= words_of(unknown, k);
  }
}

/* Other scales: a sum for each pair of levels. */
DSS_INLINE void sum_pairs(const narrow_tile *t, const narrow_group *g, size_t quarter, int halves) {
  const dss_cpu_slots *slots = &t->question->slots;
  int levels = (int)t->question->tables->n_levels;
  narrow_excluded e;
  nothing_excluded(&e, halves);
  narrow_rows rows[TILE_PAIRS];
  for (size_t pair = 0; pair < t->n_pairs; pair++)
    fill_row(t, g, pair, quarter, halves, &e, &rows[pair]);
  take_excluded(&e, slots, levels, quarter, g->sums);
  size_t at = 0;
  for (int a = 0; a < levels; a++)
    for (int b = a + 1; b < levels; b++, at++) {
      v32 own[DSS_LIMBS] = {{0}}, cross[DSS_LIMBS] = {{0}};
      for (size_t pair = 0; pair < t->n_pairs; pair++) {
        const narrow_rows *r = &rows[pair];
        v16 within = r->x[a] * r->x[b], between = r->x[a] * r->y[b] + r->x[b] * r->y[a];
        for (int l = 0; l < DSS_LIMBS; l++) {
          own[l] = dot_words(own[l], r->own[l], within);
          cross[l] = dot_words(cross[l], r->cross[l], between);
        }
      }
      if (slots->own_pair != SIZE_MAX)
        add_limbs(&g->sums[(slots->own_pair + at) * DSS_LANES], quarter, own, 0);
      if (slots->cross_pair != SIZE_MAX)
        add_limbs(&g->sums[(slots->cross_pair + at) * DSS_LANES], quarter, cross, 0);
    }
}

#define DSS_NARROW(halves)                                                                         \
  case halves:                                                                                     \
    if (collapsed)                                                                                 \
      sum_collapsed(t, g, quarter, halves);                                                        \
    else                                                                                           \
      sum_pairs(t, g, quarter, halves);                                                            \
    break

/* One copy of the loops for each number of levels, rounded up to even, which are then unrolled and
 * stay in registers. */
static void sum_group(const narrow_tile *t, const narrow_group *g, size_t quarter) {
  bool collapsed = t->question->slots.collapsed;
  switch (dss_cpu_halves(t->question->tables)) {
    DSS_NARROW(1);
    DSS_NARROW(2);
    DSS_NARROW(3);
    DSS_NARROW(4);
    DSS_NARROW(5);
  default:
    break;
  }
}
#undef DSS_NARROW

/* --- tiles --------------------------------------------------------------------------------- */

DSS_INLINE size_t narrow_pairs(size_t n_cells, size_t halves) {
  size_t fits = DSS_TILE_BYTES / (padded_cells(n_cells) * halves * sizeof(v8));
  return fits < 1 ? 1 : fits > TILE_PAIRS ? TILE_PAIRS : fits;
}

/* Counts of four runs of ratings (two items, two levels), interleaved for the four quarters. */
static void interleave(const v8 *runs, size_t stride, const narrow_tile *t, size_t pair, size_t half,
                       size_t halves, v8 *counts) {
  for (size_t cell = 0; cell < t->n_cells; cell++) {
    v8 a = runs[cell], b = runs[stride + cell], c = runs[2 * stride + cell],
       d = runs[3 * stride + cell];
    v16 first[2] = {(v16)unpack_low8(a, b), (v16)unpack_high8(a, b)};
    v16 second[2] = {(v16)unpack_low8(c, d), (v16)unpack_high8(c, d)};
    for (size_t i = 0; i < 2; i++) {
      size_t at = (cell * t->n_pairs + pair) * halves + half;
      size_t quarter = t->n_cells * t->n_pairs * halves;
      counts[2 * i * quarter + at] = (v8)unpack_low16(first[i], second[i]);
      counts[(2 * i + 1) * quarter + at] = (v8)unpack_high16(first[i], second[i]);
    }
  }
}

static void count_tile(const narrow_tile *t, const uint8_t *labels, v8 *counts, v8 *runs) {
  const dss_cpu_question *q = t->question;
  size_t levels = q->tables->n_levels, halves = dss_cpu_halves(q->tables);
  size_t stride = padded_cells(t->n_cells);
  for (size_t pair = 0; pair < t->n_pairs; pair++)
    for (size_t half = 0; half < halves; half++) {
      for (size_t run = 0; run < 4; run++) {
        size_t item = 2 * (t->first_pair + pair) + run / 2, level = 2 * half + run % 2;
        const uint64_t *ptr = &q->level_ptr[item * levels + level];
        uint64_t n = level < levels ? ptr[1] - ptr[0] : 0;
        count_ratings(labels, n ? &q->rater[ptr[0]] : q->rater, n, t->n_cells,
                      &runs[run * stride]);
      }
      interleave(runs, stride, t, pair, half, halves, counts);
    }
}

#endif
