/* What the sums of narrow_more.h start from: a group's counts in a tile, its pairs of items by
 * their largest number of ratings, and sums in digits. */
#ifndef DSS_CPU_MORE_ROWS_H
#define DSS_CPU_MORE_ROWS_H

#include "narrow.h"

/* Pairs of levels; both are known to the compiler, which unrolls the loops over them. */
#define HALVES(levels) (((levels) + 1) / 2)

/* Votes, and products of both sides', in digits. */
typedef struct more_votes {
  v32 units, agreement[2 * DSS_VOTE_DIGITS - 1], count[DSS_MORE_LEVELS][DSS_VOTE_DIGITS];
} more_votes;

/* A group's sums over a base's tiles, one quarter, as they come; 32 bits hold them (more_tables.h).
 */
typedef struct more_sums {
  v64 complement[2], plurality[2];
  v64 entropy[2][2], cross_entropy[2][2]; /* units of 1, of 2^26 */
  v32 rated, shared;
  more_votes votes;
} more_sums;

_Static_assert(sizeof(more_sums) == DSS_MORE_VECTORS * DSS_VECTOR, "room for them");

/* A tile's pairs by their largest m. */
typedef struct more_list {
  uint32_t n;
  uint8_t pair[TILE_PAIRS];
} more_list;

/* Of one group in one tile. */
typedef struct more_rows {
  const v8 *x; /* [pair][stored] */
  size_t stored;
  v8 of_levels; /* as in the tile */
  v16 m[TILE_PAIRS], some_shared[TILE_PAIRS];
  const v16 *shared; /* m, but 0 where the others have no rating */
  more_list few, some, many;
  more_list small; /* few and some */
  bool alone;      /* in some lane the others have one rating */
} more_rows;

/* The group's counts of a pair of items. */
DSS_INLINE void counts_at(const more_rows *rows, size_t pair, int halves, v8 *x) {
  const v8 *counts = &rows->x[pair * rows->stored];
  for (int h = 0; h + 1 < halves; h++)
    x[h] = counts[h];
  x[halves - 1] = counts[halves - 1] & rows->of_levels;
}

/* And its complement's. */
DSS_INLINE void counts_of_others(const narrow_tile *t, const more_rows *rows, size_t pair,
                                 int halves, v8 *y) {
  const int32_t *all = &t->question->pair_level[(t->first_pair + pair) * (size_t)halves];
  counts_at(rows, pair, halves, y);
  for (int h = 0; h < halves; h++)
    y[h] = (v8)broadcast32(all[h]) - y[h];
}

DSS_INLINE v16 size_of(const narrow_tile *t, size_t pair) {
  return (v16)broadcast32(t->question->pair_size[t->first_pair + pair]);
}

DSS_INLINE void list_pair(more_rows *rows, size_t pair) {
  bool some = any16(above16(rows->m[pair], broadcast16(DSS_MORE_FEW)));
  bool many = some && any16(above16(rows->m[pair], broadcast16(DSS_MORE_SOME)));
  more_list *list = many ? &rows->many : some ? &rows->some : &rows->few;
  list->pair[list->n++] = (uint8_t)pair;
  if (!many) rows->small.pair[rows->small.n++] = (uint8_t)pair;
}

/* most: the largest m of any lane and pair, at least. */
DSS_INLINE void list_pairs(const narrow_tile *t, v16 most, more_rows *rows) {
  static const uint8_t all[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  _Static_assert(sizeof all == TILE_PAIRS, "every pair");
  rows->few.n = rows->some.n = rows->many.n = rows->small.n = 0;
  if (any16(above16(most, broadcast16(DSS_MORE_FEW)))) {
    for (size_t pair = 0; pair < t->n_pairs; pair++)
      list_pair(rows, pair);
    return;
  }
  rows->few.n = rows->small.n = (uint32_t)t->n_pairs;
  memcpy(rows->few.pair, all, sizeof all);
  memcpy(rows->small.pair, all, sizeof all);
}

/* rows->shared where the others may have no rating; how many items both sides rated. */
DSS_INLINE v16 fill_shared(const narrow_tile *t, bool all, v16 rated, more_rows *rows) {
  v16 shared = {0};
  rows->shared = rows->some_shared;
  if (all) {
    rows->shared = rows->m;
    return rated;
  }
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    v16 m = rows->m[pair];
    rows->some_shared[pair] = words_in(above16(size_of(t, pair), m), m);
    shared += smaller_words(rows->some_shared[pair], broadcast16(1));
  }
  return shared;
}

/* Fills rows; and counts the items that the group rated, and that both sides did. */
DSS_INLINE void fill_more(const narrow_tile *t, const narrow_group *g, more_rows *rows,
                          more_sums *sums) {
  v16 one = broadcast16(1), rated = {0}, most = {0}, fewest = broadcast16(DSS_MORE_UNIT);
  rows->x = counts_of(t, g->row, 0);
  rows->stored = t->stored;
  rows->of_levels = t->of_levels;
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    v16 m = rated_of(t, &rows->x[pair * t->stored]);
    rows->m[pair] = m;
    rated += smaller_words(m, one);
    most |= m;
    fewest = smaller_words(fewest, size_of(t, pair) - m);
  }
  list_pairs(t, most, rows);
  bool all = !any16(above16(one, fewest));
  rows->alone = any16(above16(broadcast16(2), fewest));
  v16 shared = fill_shared(t, all, rated, rows);
  sums->rated = dot_words(sums->rated, rated, one);
  sums->shared = dot_words(sums->shared, shared, one);
}

/* --- from digits to sums --------------------------------------------------------------------- */

/* Digits of so many bits, from the lowest; none is negative. */
DSS_INLINE void join_digits(const v32 *digits, unsigned n, unsigned bits, v64 sums[2]) {
  v64 digit[2];
  widen_unsigned(digits[0], sums);
  for (unsigned d = 1; d < n; d++) {
    widen_unsigned(digits[d], digit);
    sums[0] += digit[0] << bits * d;
    sums[1] += digit[1] << bits * d;
  }
}

DSS_INLINE void add_digits(const v32 *digits, unsigned n, unsigned bits, v64 sums[2]) {
  v64 wide[2];
  join_digits(digits, n, bits, wide);
  sums[0] += wide[0];
  sums[1] += wide[1];
}

/* Carries what the digits hold above their bits, or owe; the last one keeps its own. */
DSS_INLINE void carry_digits(v16 *digits, unsigned bits) {
  for (unsigned d = 0; d + 1 < DSS_DIGITS; d++) {
    digits[d + 1] += digits[d] >> bits;
    digits[d] &= broadcast16((int16_t)((1 << bits) - 1));
  }
}

#endif
