/* The narrow kernel: items of at most 63 ratings, for IRR and XRR.
 *
 * Two items at a time, 16 resamples to a vector of 64 bytes. A vector of counts holds in each 32
 * bits two levels' counts of the first item, then of the second, so that one multiply-add of bytes
 * sums over levels and one of words over items. With x_c the group's counts, m their sum, T_c and T
 * the item's:
 *
 *     E = m^2 - sum x_c^2                 twice the unequal pairs within the group
 *     D = sum x_c (T - T_c)
 *     Z = D - E                           the unequal pairs between the group and the others
 *     own   += w[m - 1] E / 2
 *     cross += (w[m] + w[T - m]) Z
 *
 * The weights (at most 41 bits) are three limbs of 14 bits, looked up by m in registers; a limb
 * times E or Z adds up in 32 bits over a tile of at most 16 pairs of items: 2^14 * 63^2 * 2 * 16 <
 * 2^31. m and D are sums over levels too, and each rater's ratings are counted once in profiles'
 * totals, so that marginals are those totals less what the excluded items hold.
 *
 * Operations for two items, a group, and 16 resamples with K = 5: about 35 where no group has more
 * than 13 ratings of an item, whose own weights are one limb; 4 more elsewhere.
 * docs/performance.md. */
#ifndef DSS_CPU_NARROW_H
#define DSS_CPU_NARROW_H

#include "count.h"

enum { TILE_PAIRS = DSS_TILE_PAIRS, QUARTERS = 4, MOST_HALVES = 5 };

/* Of one pair of items, for narrow_more.h. */
typedef struct narrow_cross {
  _Alignas(64) int16_t logs[DSS_MORE_LEVELS][DSS_DIGITS][32];
  int16_t of_two[(DSS_MORE_LEVELS + 1) / 2][DSS_DIGITS][32];
} narrow_cross;

/* One quarter of a tile. Counts are rows [pair of items][pair of levels]: a row a cell, then a row
 * a sum of rows. */
typedef struct narrow_tile {
  const dss_cpu_question *question;
  const v8 *cells, *sums;
  const uint32_t *place; /* of the sums */
  size_t n_cells, first_pair, n_pairs;
  size_t stored;             /* vectors of a pair: dss_cpu_stored */
  v8 of_levels;              /* the last of them holds levels in these bits, and m in others */
  uint32_t most_rated;       /* ratings of its largest item */
  uint32_t n_raters;         /* of the plan */
  const narrow_cross *cross; /* [n_pairs] */
} narrow_tile;

typedef struct narrow_group {
  uint32_t row, unknown; /* unknown: DSS_NO_ROW, or the row of raters whose value is unknown */
  uint32_t n_raters;     /* in the group, whoever they are */
  uint64_t *sums;        /* [slots][DSS_LANES] */
  v8 *held;              /* [QUARTERS][dss_cpu_held] what is not in sums yet */
  uint8_t *held_pairs;   /* of how many pairs of items */
} narrow_group;

/* What one vector of a group comes to. */
typedef struct narrow_counts {
  v8 x[MOST_HALVES];
  v8 all[MOST_HALVES]; /* T_c */
  v16 m, size;         /* T */
  v16 agree, cross;    /* -E, Z */
} narrow_counts;

/* Words of a level from the bytes of its pair. */
DSS_INLINE v16 words_of(const v8 *pairs, int level) {
  v16 both = (v16)pairs[level / 2];
  return level % 2 ? (v16)((v16u)both >> 8) : both & 255;
}

DSS_INLINE const v8 *counts_of(const narrow_tile *t, uint32_t row, size_t pair) {
  size_t size = t->n_pairs * t->stored;
  const v8 *counts =
      row < t->n_cells ? &t->cells[row * size] : &t->sums[t->place[row - t->n_cells] * size];
  return counts + pair * t->stored;
}

/* m, as words. */
DSS_INLINE v16 rated_of(const narrow_tile *t, const v8 *counts) {
  return (v16)((v16u)counts[t->stored - 1] >> 8);
}

/* The counts of two levels alone. */
DSS_INLINE v8 levels_of(const narrow_tile *t, const v8 *counts, int half, int halves) {
  return half + 1 < halves ? counts[half] : counts[half] & t->of_levels;
}

/* The items' ratings, less those of raters whose value is unknown, into c->all and c->size; rest
 * [halves]: at each level those of the other levels. */
DSS_INLINE void count_all(const narrow_tile *t, const narrow_group *g, size_t pair, int halves,
                          bool all_known, narrow_counts *c, v8 *rest) {
  const dss_cpu_question *q = t->question;
  size_t at = t->first_pair + pair;
  c->size = (v16)broadcast32(q->pair_size[at]);
  for (int h = 0; h < halves; h++) {
    c->all[h] = (v8)broadcast32(q->pair_level[at * (size_t)halves + (size_t)h]);
    rest[h] = (v8)broadcast32(q->pair_rest[at * (size_t)halves + (size_t)h]);
  }
  if (all_known) return;
  const v8 *unknown = counts_of(t, g->unknown, pair);
  v16 n = rated_of(t, unknown);
  for (int h = 0; h < halves; h++) {
    v8 levels = levels_of(t, unknown, h, halves);
    c->all[h] -= levels;
    rest[h] += levels - (v8)(n | n << 8); /* (T - n) - (T_c - u_c) */
  }
  c->size -= n;
}

/* -E is the squares of the levels less that of m, which the last vector of counts holds: a last
 * level (odd: an odd number of levels) or nothing stands beside it there. levels_only: clears m
 * from x. */
DSS_INLINE narrow_counts count_levels(const narrow_tile *t, const narrow_group *g, size_t pair,
                                      int halves, bool all_known, bool odd, bool levels_only) {
  narrow_counts c;
  v8 rest[MOST_HALVES];
  const v8 *x = counts_of(t, g->row, pair), last = x[odd ? halves - 1 : halves];
  v16 apart = {0};
  count_all(t, g, pair, halves, all_known, &c, rest);
  c.m = (v16)((v16u)last >> 8);
  c.agree = dot_bytes(last, negate_odd(last));
  for (int h = 0; h < halves; h++) {
    c.x[h] = levels_only ? levels_of(t, x, h, halves) : x[h];
    if (!odd || h + 1 < halves) c.agree += dot_bytes(x[h], x[h]);
    apart += dot_bytes(c.x[h], rest[h]);
  }
  c.cross = apart + c.agree;
  return c;
}

DSS_INLINE narrow_counts count_group(const narrow_tile *t, const narrow_group *g, size_t pair,
                                     int halves, bool all_known) {
  bool odd = t->question->tables->n_levels % 2 != 0;
  return odd ? count_levels(t, g, pair, halves, all_known, true, true)
             : count_levels(t, g, pair, halves, all_known, false, true);
}

/* --- from vectors to sums ------------------------------------------------------------------- */

/* 32-bit lane j of a quarter is resample j / 4 * 16 + quarter * 4 + j mod 4: the order in which the
 * counts were interleaved. */
DSS_INLINE void add_quarter(uint64_t *slot, size_t quarter, const v64 sums[2]) {
  typedef uint64_t four __attribute__((vector_size(32)));
  for (size_t i = 0; i < DSS_VECTOR / 16; i++) {
    four now, more;
    uint64_t *to = &slot[16 * i + 4 * quarter];
    memcpy(&now, to, sizeof now);
    memcpy(&more, (const char *)sums + i * sizeof more, sizeof more);
    now += more;
    memcpy(to, &now, sizeof now);
  }
}

DSS_INLINE void join_limbs(const v32 *limbs, v64 sums[2]) {
  v64 limb[2];
  widen_unsigned(limbs[0], sums);
  for (unsigned l = 1; l < DSS_LIMBS; l++) {
    widen_unsigned(limbs[l], limb);
    sums[0] += limb[0] << (DSS_LIMB_BITS * l);
    sums[1] += limb[1] << (DSS_LIMB_BITS * l);
  }
}

DSS_INLINE void add_limbs(uint64_t *slot, size_t quarter, const v32 *limbs, unsigned halve) {
  v64 sums[2];
  join_limbs(limbs, sums);
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
 * IRR's marginals; of XRR's, everyone's ratings where the group has none, and the group's where the
 * others have none. */
typedef struct narrow_margins {
  v8 single[MOST_HALVES], missing[MOST_HALVES];
  v32 missed[2 *
             MOST_HALVES]; /* what missing held before its bytes might have overflowed; negative */
  lanes16 alone;           /* where the others have none: rare, so only that it happens is kept */
} narrow_margins;

DSS_INLINE void start_margins(narrow_margins *margins, int halves) {
  for (int h = 0; h < halves; h++)
    margins->single[h] = margins->missing[h] = (v8){0};
  for (int k = 0; k < 2 * halves; k++)
    margins->missed[k] = (v32){0};
  margins->alone = equal16(broadcast16(0), broadcast16(1));
}

DSS_INLINE void exclude(const narrow_counts *c, int halves, narrow_margins *margins) {
  lanes16 single = equal16(c->m, broadcast16(1)), missing = equal16(c->m, broadcast16(0));
  for (int h = 0; h < halves; h++) {
    margins->single[h] = add_bytes_in(margins->single[h], single, c->x[h]);
    margins->missing[h] = add_bytes_in(margins->missing[h], missing, c->all[h]);
  }
  margins->alone |= equal16(c->m, c->size) & ~missing;
}

DSS_INLINE void empty_missing(int halves, narrow_margins *margins) {
  for (int k = 0; k < 2 * halves; k++)
    margins->missed[k] =
        dot_words(margins->missed[k], words_of(margins->missing, k), broadcast16(-1));
  for (int h = 0; h < halves; h++)
    margins->missing[h] = (v8){0};
}

/* Takes the group's ratings of items that no other known rater rated from XRR's marginals. */
static void take_alone(const narrow_tile *t, const narrow_group *g, size_t quarter, int halves) {
  const dss_cpu_slots *slots = &t->question->slots;
  bool all_known = g->unknown == DSS_NO_ROW;
  v32 sums[2 * MOST_HALVES] = {{0}};
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    narrow_counts c = count_group(t, g, pair, halves, all_known);
    v8 x[MOST_HALVES] = {{0}};
    for (int h = 0; h < halves; h++)
      x[h] = add_bytes_in(x[h], equal16(c.m, c.size), c.x[h]);
    for (int k = 0; k < 2 * halves; k++)
      sums[k] = dot_words(sums[k], words_of(x, k), broadcast16(-1));
  }
  for (size_t k = 0; k < t->question->tables->n_levels; k++)
    add_words(&g->sums[(slots->x_count + k) * DSS_LANES], quarter, sums[k]);
}

DSS_INLINE void take_margins(const narrow_tile *t, const narrow_group *g, size_t quarter,
                             int halves, const narrow_margins *margins) {
  const dss_cpu_slots *slots = &t->question->slots;
  for (int k = 0; k < (int)t->question->tables->n_levels; k++) {
    size_t level = (size_t)k;
    if (slots->own_count != SIZE_MAX)
      add_words(&g->sums[(slots->own_count + level) * DSS_LANES], quarter,
                dot_words((v32){0}, words_of(margins->single, k), broadcast16(-1)));
    if (slots->y_count != SIZE_MAX)
      add_words(&g->sums[(slots->y_count + level) * DSS_LANES], quarter, margins->missed[k]);
  }
  if (slots->x_count != SIZE_MAX && any16(margins->alone)) take_alone(t, g, quarter, halves);
}

/* --- one group, one quarter, one tile -------------------------------------------------------- */

/* under_32: no m is larger than 31. */
DSS_INLINE void own_weights(const narrow_tile *t, v16 m, bool under_32, v16 *own) {
  for (int l = 0; l < DSS_LIMBS; l++)
    own[l] = lookup(t->question->limbs->own[l], m, under_32);
}

/* Both items of a pair have one size, so that w[m] + w[T - m] is one table's, as long as nobody's
 * value is unknown. (An item that fills up a pair has no counts and needs no weight.) */
DSS_INLINE void cross_weights(const narrow_tile *t, const narrow_counts *c, size_t pair,
                              bool all_known, bool under_32, v16 *cross) {
  const dss_cpu_limbs *limbs = t->question->limbs;
  size_t size = (size_t)t->question->pair_size[t->first_pair + pair] & 63;
  for (int l = 0; l < DSS_LIMBS; l++)
    cross[l] = all_known ? lookup(limbs->cross[size][l], c->m, under_32)
                         : lookup(limbs->one_side[l], c->m, false) +
                               lookup(limbs->one_side[l], c->size - c->m, false);
}

/* --- nominal: one sum for all pairs of levels --------------------------------------------------
 */

/* From tile to tile a quarter's sums are held in narrow lanes: the limbs' in 32 bits, the single
 * ratings in bytes [halves], the missing ones' in words [levels]. They are folded into 64 bits
 * before they might overflow. */
enum { HELD_EXACT = 2 * DSS_LIMBS, HELD_SUMS };

/* limbs: of -2 times the pair sum, then what is to be multiplied by 2^bits. */
DSS_INLINE void add_own(uint64_t *slot, size_t quarter, const v32 *limbs, v32 exact,
                        unsigned bits) {
  v32 own[DSS_LIMBS];
  v64 sums[2], more[2];
  for (int l = 0; l < DSS_LIMBS; l++)
    own[l] = -limbs[l];
  join_limbs(own, sums);
  widen_unsigned(-exact, more);
  for (int i = 0; i < 2; i++)
    sums[i] = (sums[i] + (more[i] << bits)) >> 1;
  add_quarter(slot, quarter, sums);
}

static void fold(const dss_cpu_question *q, const narrow_group *g) {
  const dss_cpu_slots *slots = &q->slots;
  size_t halves = dss_cpu_halves(q->tables);
  v8 *held = g->held;
  for (size_t quarter = 0; quarter < QUARTERS; quarter++, held += dss_cpu_held((uint32_t)halves)) {
    const v32 *sums = (const v32 *)held;
    const v8 *single = held + HELD_SUMS;
    const v16 *missing = (const v16 *)(single + halves), ones = broadcast16(-1);
    if (slots->own_pair != SIZE_MAX)
      add_own(&g->sums[slots->own_pair * DSS_LANES], quarter, sums, sums[HELD_EXACT],
              q->tables->weight_bits - DSS_WEIGHT_ROOT_BITS);
    if (slots->cross_pair != SIZE_MAX)
      add_limbs(&g->sums[slots->cross_pair * DSS_LANES], quarter, sums + DSS_LIMBS, 0);
    for (size_t k = 0; k < q->tables->n_levels; k++) {
      v32u both = (v32u)missing[k];
      if (slots->own_count != SIZE_MAX)
        add_words(&g->sums[(slots->own_count + k) * DSS_LANES], quarter,
                  dot_words((v32){0}, words_of(single, (int)k), ones));
      if (slots->y_count != SIZE_MAX)
        add_words(&g->sums[(slots->y_count + k) * DSS_LANES], quarter,
                  -(v32)((both & 65535) + (both >> 16)));
    }
  }
  memset(g->held, 0, (size_t)(held - g->held) * sizeof *held);
  *g->held_pairs = 0;
}

/* Before a tile is summed. */
static void make_room(const narrow_tile *t, const narrow_group *g, uint8_t most) {
  if (*g->held_pairs + t->n_pairs > most) fold(t->question, g);
  *g->held_pairs = (uint8_t)(*g->held_pairs + t->n_pairs);
}

/* What is missing goes from bytes to words. */
DSS_INLINE void take_missing(int halves, narrow_margins *margins, v16 *missed) {
  for (int k = 0; k < 2 * halves; k++)
    missed[k] += words_of(margins->missing, k);
  for (int h = 0; h < halves; h++)
    margins->missing[h] = (v8){0};
}

/* Where all m are at most `most`, 13 (exact: the group's own weights are in one limb), 31 or 63.
 * false: they are not, and nothing was summed. */
DSS_INLINE bool sum_collapsed(const narrow_tile *t, const narrow_group *g, size_t quarter,
                              int halves, bool odd, bool all_known, int most) {
  size_t chunk = t->question->byte_pairs;
  bool under_32 = most < 32, exact = most == DSS_EXACT_MOST;
  v8 *held = g->held + quarter * dss_cpu_held((uint32_t)halves), largest = {0};
  v32 *sums = (v32 *)held, own[DSS_LIMBS], cross[DSS_LIMBS], simple = sums[HELD_EXACT];
  v16 missed[2 * MOST_HALVES];
  narrow_margins margins;
  margins.alone = equal16(broadcast16(0), broadcast16(1));
  for (int h = 0; h < halves; h++) {
    margins.single[h] = held[HELD_SUMS + h];
    margins.missing[h] = (v8){0};
    missed[2 * h] = missed[2 * h + 1] = (v16){0};
  }
  for (int l = 0; l < DSS_LIMBS; l++) {
    own[l] = sums[l];
    cross[l] = sums[DSS_LIMBS + l];
  }
  for (size_t pair = 0; pair < t->n_pairs;) {
    size_t end = t->n_pairs - pair < chunk ? t->n_pairs : pair + chunk;
    for (; pair < end; pair++) {
      narrow_counts c = count_levels(t, g, pair, halves, all_known, odd, !all_known);
      v16 own_weight[DSS_LIMBS], cross_weight[DSS_LIMBS];
      if (under_32) largest = larger_bytes(largest, (v8)c.m);
      cross_weights(t, &c, pair, all_known, under_32, cross_weight);
      if (exact)
        simple = dot_words(simple, lookup(t->question->limbs->exact, c.m, true), c.agree);
      else
        own_weights(t, c.m, under_32, own_weight);
      for (int l = 0; l < DSS_LIMBS; l++) {
        if (!exact) own[l] = dot_words(own[l], own_weight[l], c.agree);
        cross[l] = dot_words(cross[l], cross_weight[l], c.cross);
      }
      exclude(&c, halves, &margins);
    }
    take_missing(halves, &margins, missed);
  }
  if (under_32 && any16(above16((v16)largest, broadcast16(most)))) return false;
  sums[HELD_EXACT] = simple;
  for (int l = 0; l < DSS_LIMBS; l++) {
    if (!exact) sums[l] = own[l];
    sums[DSS_LIMBS + l] = cross[l];
  }
  v16 *missing = (v16 *)(held + HELD_SUMS + halves);
  for (int h = 0; h < halves; h++) {
    held[HELD_SUMS + h] = margins.single[h];
    missing[2 * h] += missed[2 * h];
    missing[2 * h + 1] += missed[2 * h + 1];
  }
  if (t->question->slots.x_count != SIZE_MAX && any16(margins.alone))
    take_alone(t, g, quarter, halves);
  return true;
}

/* --- other scales: a sum for each pair of levels -----------------------------------------------
 */

/* A tile's weights and counts by level, so that each pair of levels is summed in registers. */
typedef struct narrow_rows {
  v16 own[DSS_LIMBS], cross[DSS_LIMBS], x[2 * MOST_HALVES], y[2 * MOST_HALVES];
} narrow_rows;

DSS_INLINE void fill_rows(const narrow_tile *t, const narrow_group *g, size_t quarter, int halves,
                          narrow_rows *rows) {
  size_t chunk = t->question->byte_pairs;
  bool all_known = g->unknown == DSS_NO_ROW;
  narrow_margins margins;
  start_margins(&margins, halves);
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    narrow_counts c = count_group(t, g, pair, halves, all_known);
    narrow_rows *row = &rows[pair];
    own_weights(t, c.m, false, row->own);
    cross_weights(t, &c, pair, all_known, false, row->cross);
    exclude(&c, halves, &margins);
    if ((pair + 1) % chunk == 0) empty_missing(halves, &margins);
    for (int k = 0; k < 2 * halves; k++) {
      row->x[k] = words_of(c.x, k);
      row->y[k] = words_of(c.all, k) - row->x[k];
    }
  }
  empty_missing(halves, &margins);
  take_margins(t, g, quarter, halves, &margins);
}

DSS_INLINE void sum_pairs(const narrow_tile *t, const narrow_group *g, size_t quarter, int halves) {
  const dss_cpu_slots *slots = &t->question->slots;
  int levels = (int)t->question->tables->n_levels;
  narrow_rows rows[TILE_PAIRS];
  fill_rows(t, g, quarter, halves, rows);
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

/* Whether a group's m are likely under a bound throughout a tile: none can be larger, or it is so
 * many times what is to be expected. */
static bool likely_within(const narrow_tile *t, const narrow_group *g, uint32_t most,
                          uint32_t times) {
  uint64_t expected = (uint64_t)t->most_rated * g->n_raters;
  return t->most_rated <= most || g->n_raters <= most ||
         times * expected <= (uint64_t)most * t->n_raters;
}

/* The bounds are tried in turn. */
DSS_INLINE void sum_levels(const narrow_tile *t, const narrow_group *g, size_t quarter, int halves,
                           bool odd) {
  if (!t->question->slots.collapsed) {
    sum_pairs(t, g, quarter, halves);
    return;
  }
  if (g->unknown != DSS_NO_ROW) {
    sum_collapsed(t, g, quarter, halves, odd, false, 63);
    return;
  }
  if (likely_within(t, g, DSS_EXACT_MOST, 3) &&
      sum_collapsed(t, g, quarter, halves, odd, true, DSS_EXACT_MOST))
    return;
  if (likely_within(t, g, 31, 2) && sum_collapsed(t, g, quarter, halves, odd, true, 31)) return;
  sum_collapsed(t, g, quarter, halves, odd, true, 63);
}

/* One copy of the loops for each number of levels: they are then unrolled and stay in registers. */
#define DSS_NARROW(levels)                                                                         \
  static __attribute__((noinline)) void sum_levels_##levels(                                       \
      const narrow_tile *t, const narrow_group *g, size_t quarter) {                               \
    sum_levels(t, g, quarter, (levels + 1) / 2, levels % 2);                                       \
  }
DSS_NARROW(1)
DSS_NARROW(2)
DSS_NARROW(3)
DSS_NARROW(4)
DSS_NARROW(5)
DSS_NARROW(6)
DSS_NARROW(7)
DSS_NARROW(8)
DSS_NARROW(9)
DSS_NARROW(10)
#undef DSS_NARROW

static void sum_group(const narrow_tile *t, const narrow_group *g, size_t quarter) {
  static void (*const of_levels[])(const narrow_tile *, const narrow_group *, size_t) = {
      sum_levels_1, sum_levels_2, sum_levels_3, sum_levels_4, sum_levels_5,
      sum_levels_6, sum_levels_7, sum_levels_8, sum_levels_9, sum_levels_10};
  of_levels[t->question->tables->n_levels - 1](t, g, quarter);
}

/* --- tiles --------------------------------------------------------------------------------- */

/* Counts of four runs (two items, two bytes), interleaved for the four quarters. */
static void interleave(const v8 *const runs[4], const narrow_tile *t, size_t at, v8 *counts) {
  size_t quarter = t->n_cells * t->n_pairs * t->stored;
  for (size_t cell = 0; cell < t->n_cells; cell++) {
    v8 a = runs[0][cell], b = runs[1][cell], c = runs[2][cell], d = runs[3][cell];
    v16 first[2] = {(v16)unpack_low8(a, b), (v16)unpack_high8(a, b)};
    v16 second[2] = {(v16)unpack_low8(c, d), (v16)unpack_high8(c, d)};
    v8 *to = &counts[cell * t->n_pairs * t->stored + at];
    for (size_t i = 0; i < 2; i++) {
      to[2 * i * quarter] = (v8)unpack_low16(first[i], second[i]);
      to[(2 * i + 1) * quarter] = (v8)unpack_high16(first[i], second[i]);
    }
  }
}

/* One row that is a sum of others, for one quarter; three addends at a time. */
static void sum_row(const narrow_tile *t, const dss_cpu_base *base, uint32_t row, v8 *sums) {
  size_t size = t->n_pairs * t->stored;
  uint32_t i = row - base->n_cells;
  const uint32_t *addend = &base->addends[base->addend_ptr[i]];
  uint32_t n = base->addend_ptr[i + 1] - base->addend_ptr[i];
  v8 *to = &sums[base->place[i] * size];
  const v8 *so_far = counts_of(t, addend[0], 0);
  for (uint32_t k = 1; k < n; k += 2, so_far = to) {
    const v8 *a = counts_of(t, addend[k], 0),
             *b = k + 1 < n ? counts_of(t, addend[k + 1], 0) : NULL;
    for (size_t at = 0; b && at < size; at++)
      to[at] = so_far[at] + a[at] + b[at];
    for (size_t at = 0; !b && at < size; at++)
      to[at] = so_far[at] + a[at];
  }
}

/* One item's levels, and their sum, into its runs [K + 1][stride]. */
static void count_item(const narrow_tile *t, const uint8_t *labels, size_t item, size_t stride,
                       v8 *runs) {
  const dss_cpu_question *q = t->question;
  size_t levels = q->tables->n_levels;
  for (size_t level = 0; level < levels; level++) {
    const uint64_t *ptr = &q->level_ptr[item * levels + level];
    const uint32_t *rater = &q->rater[ptr[0]];
    if (DSS_SHUFFLES)
      count_nibbles(labels, rater, ptr[1] - ptr[0], t->n_cells, &runs[level * stride]);
    else
      count_ratings(labels, rater, ptr[1] - ptr[0], t->n_cells, &runs[level * stride]);
  }
  for (size_t cell = 0; cell < t->n_cells; cell++) {
    v8 all = runs[cell];
    for (size_t level = 1; level < levels; level++)
      all += runs[level * stride + cell];
    runs[levels * stride + cell] = all;
  }
}

static void count_tile(const narrow_tile *t, const uint8_t *labels, v8 *counts, v8 *runs) {
  size_t levels = t->question->tables->n_levels, stride = run_cells(t->n_cells);
  v8 *none = runs + 2 * (levels + 1) * stride;
  memset(none, 0, t->n_cells * sizeof *none);
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    for (size_t i = 0; i < 2; i++)
      count_item(t, labels, 2 * (t->first_pair + pair) + i, stride,
                 &runs[i * (levels + 1) * stride]);
    for (size_t half = 0; half < t->stored; half++) {
      const v8 *of[4];
      for (size_t i = 0; i < 4; i++) {
        const v8 *item = &runs[i / 2 * (levels + 1) * stride];
        size_t level = half + 1 == t->stored && i % 2 ? levels : 2 * half + i % 2;
        bool nothing = level == levels && i % 2 == 0;
        of[i] = nothing ? none : &item[level * stride];
      }
      interleave(of, t, pair * t->stored + half, counts);
    }
  }
}

#endif
