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

/* Which sums of shares are wanted; complement: of few ratings, from records. */
typedef struct more_wanted {
  bool entropy, plurality, cross, complement;
} more_wanted;

/* Of a tile's pairs, one a bit. */
typedef uint32_t more_set;

/* Takes the first pair from a set. */
DSS_INLINE size_t next_pair(more_set *set) {
  size_t pair = (size_t)__builtin_ctz(*set);
  *set &= *set - 1;
  return pair;
}

/* Of one group in one tile. */
typedef struct more_rows {
  const v8 *x; /* [pair][stored] */
  size_t stored;
  v8 of_levels; /* as in the tile */
  v16 m[TILE_PAIRS], some_shared[TILE_PAIRS];
  const v16 *shared;                     /* m, but 0 where the others have no rating */
  more_set all, over_few, many, over_31; /* by the largest m in some lane */
  more_set over_low; /* by the largest of the counts that are looked up two at once */
  bool alone;        /* in some lane the others have one rating */
} more_rows;

/* The group's counts of a pair of items. */
DSS_INLINE void counts_at(const more_rows *rows, size_t pair, int halves, v8 *x) {
  const v8 *counts = &rows->x[pair * rows->stored];
  for (int h = 0; h + 1 < halves; h++)
    x[h] = counts[h];
  x[halves - 1] = counts[halves - 1] & rows->of_levels;
}

/* The largest count of each item, in both bytes of its word. */
DSS_INLINE v8 most_of(const v8 *x, int halves) {
  v8 most = x[0];
  for (int h = 1; h < halves; h++)
    most = larger_bytes(most, x[h]);
  return larger_bytes(most, swap_bytes(most));
}

/* And its complement's. */
DSS_INLINE void counts_of_others(const narrow_tile *t, const v8 *x, size_t pair, int halves,
                                 v8 *y) {
  const int32_t *all = &t->question->pair_level[(t->first_pair + pair) * (size_t)halves];
  for (int h = 0; h < halves; h++)
    y[h] = (v8)broadcast32(all[h]) - x[h];
}

DSS_INLINE v16 size_of(const narrow_tile *t, size_t pair) {
  return (v16)broadcast32(t->question->pair_size[t->first_pair + pair]);
}

/* The pairs where m is above a bound in some lane. */
DSS_INLINE more_set set_above(const narrow_tile *t, const more_rows *rows, int16_t bound) {
  more_set set = 0;
  for (size_t pair = 0; pair < t->n_pairs; pair++)
    set |= (more_set)any16(above16(rows->m[pair], broadcast16(bound))) << pair;
  return set;
}

/* The bits of the counts that are looked up two at once. */
DSS_INLINE v8 bits_of_two(const v8 *x, int levels) {
  v8 bits = x[0];
  for (int h = 1; 2 * h + 1 < levels; h++)
    bits |= x[h];
  return bits;
}

DSS_INLINE more_set set_over_low(const narrow_tile *t, const more_rows *rows, int levels) {
  more_set set = 0;
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    v8 bits = bits_of_two(&rows->x[pair * rows->stored], levels);
    set |= (more_set)any_bits(bits, (uint8_t)~DSS_MORE_LOW) << pair;
  }
  return set;
}

/* What is known of a tile once all its pairs were seen. */
typedef struct more_bounds {
  v16 rated, most, fewest; /* items with a rating; the bits of all m; the least of the others' */
  v8 counts;               /* bits_of_two, or 0 */
} more_bounds;

/* two: whether levels are looked up two at once. */
DSS_INLINE void see_pair(more_rows *rows, size_t pair, const v8 *x, v16 m, v16 s, int levels,
                         bool two, more_bounds *b) {
  rows->m[pair] = m;
  b->rated += smaller_words(m, broadcast16(1));
  b->most |= m;
  b->fewest = smaller_words(b->fewest, s);
  if (two) b->counts |= bits_of_two(x, levels);
}

/* A tile of a small group often has no pairs to tell apart. */
DSS_INLINE void fill_sets(const narrow_tile *t, const more_bounds *b, int levels, more_rows *rows) {
  int16_t few = DSS_READS_RECORDS ? (int16_t)dss_cpu_few((uint32_t)levels) : DSS_MORE_FEW;
  bool over_few = any16(above16(b->most, broadcast16(few)));
  bool many = !DSS_READS_RECORDS && over_few && any16(above16(b->most, broadcast16(DSS_MORE_SOME)));
  bool over_31 = many && any16(above16(b->most, broadcast16(31)));
  bool over_low = any_bits(b->counts, (uint8_t)~DSS_MORE_LOW);
  rows->all = ((more_set)1 << t->n_pairs) - 1;
  rows->over_few = over_few ? set_above(t, rows, few) : 0;
  rows->many = many ? set_above(t, rows, DSS_MORE_SOME) : 0;
  rows->over_31 = over_31 ? set_above(t, rows, 31) : 0;
  rows->over_low = over_low ? set_over_low(t, rows, levels) : 0;
}

/* Whether the others have no rating of an item, or one, in some lane. An item that fills up a pair
 * is none. */
DSS_INLINE void find_fewest(const narrow_tile *t, const more_rows *rows, bool *none, bool *one) {
  *none = *one = false;
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    v16 size = size_of(t, pair), s = size - rows->m[pair];
    *none |= any16(equal16(s, (v16){0}) & above16(size, (v16){0}));
    *one |= any16(equal16(s, broadcast16(1)));
  }
}

/* rows->shared where the others may have no rating; how many items both sides rated. */
DSS_INLINE v16 fill_shared(const narrow_tile *t, more_rows *rows) {
  v16 shared = {0};
  rows->shared = rows->some_shared;
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    v16 m = rows->m[pair];
    rows->some_shared[pair] = words_in(above16(size_of(t, pair), m), m);
    shared += smaller_words(rows->some_shared[pair], broadcast16(1));
  }
  return shared;
}

/* After all pairs; counts the items that the group rated, and that both sides did. */
DSS_INLINE void finish_rows(const narrow_tile *t, const more_bounds *b, int levels, more_rows *rows,
                            more_sums *sums) {
  v16 one = broadcast16(1), shared = b->rated;
  bool none = false;
  rows->shared = rows->m;
  rows->alone = false;
  fill_sets(t, b, levels, rows);
  if (any16(above16(broadcast16(2), b->fewest))) find_fewest(t, rows, &none, &rows->alone);
  if (none) shared = fill_shared(t, rows);
  sums->rated = dot_words(sums->rated, b->rated, one);
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

/* All digits, which may be negative, of a sum that is not. */
DSS_INLINE void add_signed(const v32 *digits, unsigned bits, v64 sums[2]) {
  for (unsigned d = 0; d < DSS_DIGITS; d++) {
    v64 digit[2];
    widen_signed(digits[d], digit);
    sums[0] += digit[0] << bits * d;
    sums[1] += digit[1] << bits * d;
  }
}

/* Carries what the digits hold above their bits, or owe; the last one keeps its own. */
DSS_INLINE void carry_digits(v16 *digits, unsigned bits) {
  for (unsigned d = 0; d + 1 < DSS_DIGITS; d++) {
    digits[d + 1] += digits[d] >> bits;
    digits[d] &= broadcast16((int16_t)((1 << bits) - 1));
  }
}

#endif
