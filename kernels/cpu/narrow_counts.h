/* The narrow kernel's tiles, what one group counts in them, and its weights. narrow.h explains. */
#ifndef DSS_CPU_NARROW_COUNTS_H
#define DSS_CPU_NARROW_COUNTS_H

#include "count.h"

enum { TILE_PAIRS = DSS_TILE_PAIRS, QUARTERS = 4, MOST_HALVES = 5 };

/* Of one pair of items, for narrow_more.h. */
typedef struct narrow_cross {
  _Alignas(64) int16_t logs[DSS_MORE_LEVELS][DSS_DIGITS][32];
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

/* --- weights -------------------------------------------------------------------------------- */

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

#endif
