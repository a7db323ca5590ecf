/* The narrow kernel's tiles, what one group counts in them, and its weights. narrow.h explains. */
#ifndef DSS_CPU_NARROW_COUNTS_H
#define DSS_CPU_NARROW_COUNTS_H

#include "count.h"

enum { TILE_PAIRS = DSS_TILE_PAIRS, QUARTERS = 4, MOST_HALVES = 5, MOST_STORED };

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
  uint32_t least_rated;      /* ratings of its smallest item */
  uint32_t most_rated;       /* and of its largest */
  uint32_t n_raters;         /* of the plan */
  const narrow_cross *cross; /* [n_pairs] */
  const dss_cpu_tile_records *records; /* or NULL */
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
  const v8 *x;         /* x_c, and m */
  v8 all[MOST_STORED]; /* T_c, and -T beside m */
  v16 m, size;         /* T */
  v16 agree, cross;    /* -E, Z */
} narrow_counts;

/* What is known of a group's m in a tile: they are at most `most`, 13 (the group's own weights are
 * in one limb), 31 or 63; alone: they may be all ratings of an item; all_known: no rater's value is
 * unknown. Constants, so that a loop does what its case needs. */
typedef struct narrow_case {
  int most;
  bool alone, all_known;
} narrow_case;

DSS_INLINE bool is_exact(narrow_case of) {
  return of.most == DSS_EXACT_MOST;
}

/* Of so many levels, known to the compiler wherever speed matters. */
DSS_INLINE int halves_of(int levels) {
  return (levels + 1) / 2;
}

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

/* The items' ratings, less those of raters whose value is unknown, into c->all and c->size. */
DSS_INLINE void count_all(const narrow_tile *t, const narrow_group *g, size_t pair, int levels,
                          bool all_known, narrow_counts *c) {
  const dss_cpu_question *q = t->question;
  size_t at = t->first_pair + pair;
  int last = levels / 2;
  c->size = (v16)broadcast32(q->pair_size[at]);
  for (int i = 0; i <= last; i++)
    c->all[i] = (v8)broadcast32(q->pair_all[at * t->stored + (size_t)i]);
  if (all_known) return;
  const v8 *unknown = counts_of(t, g->unknown, pair);
  for (int i = 0; i < last; i++)
    c->all[i] -= unknown[i];
  c->all[last] -= negate_odd(unknown[last]);
  c->size -= rated_of(t, unknown);
}

/* -E is the squares of the levels less that of m, and -D the products with T_c less that of m and
 * T: m stands in the last vector of counts, with -T in that of c->all. */
DSS_INLINE narrow_counts count_group(const narrow_tile *t, const narrow_group *g, size_t pair,
                                     int levels, bool all_known) {
  narrow_counts c = {.x = counts_of(t, g->row, pair)};
  int last = levels / 2;
  v8 m = c.x[last];
  count_all(t, g, pair, levels, all_known, &c);
  c.m = (v16)((v16u)m >> 8);
  c.agree = dot_bytes(m, negate_odd(m));
  v16 apart = dot_bytes(m, c.all[last]);
  for (int i = 0; i < last; i++) {
    c.agree += dot_bytes(c.x[i], c.x[i]);
    apart += dot_bytes(c.x[i], c.all[i]);
  }
  c.cross = c.agree - apart;
  return c;
}

/* --- weights -------------------------------------------------------------------------------- */

/* [DSS_LIMBS], or, exact, [1]. */
DSS_INLINE void own_weights(const narrow_tile *t, v16 m, narrow_case of, v16 *own) {
  const dss_cpu_limbs *limbs = t->question->limbs;
  if (is_exact(of))
    own[0] = lookup(limbs->exact, m, true);
  else
    for (int l = 0; l < DSS_LIMBS; l++)
      own[l] = lookup(limbs->own[l], m, of.most < 32);
}

/* Both items of a pair have one size, so that w[m] + w[T - m] is one table's, as long as nobody's
 * value is unknown. (An item that fills up a pair has no counts and needs no weight.) */
DSS_INLINE void cross_weights(const narrow_tile *t, const narrow_counts *c, size_t pair,
                              narrow_case of, v16 *cross) {
  const dss_cpu_limbs *limbs = t->question->limbs;
  size_t size = (size_t)t->question->pair_size[t->first_pair + pair] & 63;
  for (int l = 0; l < DSS_LIMBS; l++)
    cross[l] = of.all_known ? lookup(limbs->cross[size][l], c->m, of.most < 32)
                            : lookup(limbs->one_side[l], c->m, false) +
                                  lookup(limbs->one_side[l], c->size - c->m, false);
}

#endif
