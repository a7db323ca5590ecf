/* The narrow kernel for the other statistics: the complement's alpha, plurality, votes, entropies.
 *
 * Items and lanes as in narrow.h, for axes on which everybody's value is known; tables and their
 * digits as in more_tables.h. Of each pair of items only the largest number of ratings by the group
 * among its lanes decides how its entropies are had: of `few` a table of all shares, of `some` and
 * `many` tables by level and count, with narrow and with wide weights.
 *
 *     own    sum over items of w[m] (XL[m] - sum over c of XL[x_c])
 *     cross  sum over items of w[m] (m LS[T - m] - sum over c of x_c XH[T_c - x_c])
 *
 * Operations for two items, a group, and 16 resamples with K = 5: 22 for the counts, 19 for the
 * complement, 7 for plurality, 45 for votes, 12 (few) or 47 (some) for the entropy and 48 for the
 * cross-entropy. */
#ifndef DSS_CPU_NARROW_MORE_H
#define DSS_CPU_NARROW_MORE_H

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

/* --- the complement's alpha ------------------------------------------------------------------ */

/* Takes what items with a single rating hold from the totals. */
static void take_single(const narrow_tile *t, const narrow_group *g, size_t quarter, int halves,
                        const more_rows *rows) {
  size_t slot = t->question->slots.complement_count;
  v8 single[MOST_HALVES] = {{0}};
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    v8 y[MOST_HALVES] = {{0}};
    v16 s = size_of(t, pair) - rows->m[pair];
    counts_of_others(t, rows, pair, halves, y);
    for (int h = 0; h < halves; h++)
      single[h] = add_bytes_in(single[h], equal16(s, broadcast16(1)), y[h]);
  }
  for (size_t k = 0; k < t->question->tables->n_levels; k++)
    add_words(&g->sums[(slot + k) * DSS_LANES], quarter,
              dot_words((v32){0}, words_of(single, (int)k), broadcast16(-1)));
}

/* As the group's own in narrow.h. */
DSS_INLINE void more_complement(const narrow_tile *t, int halves, const more_rows *rows,
                                more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  v32 sums[DSS_DIGITS] = {{0}};
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    v8 y[MOST_HALVES] = {{0}};
    v16 s = size_of(t, pair) - rows->m[pair], squares = {0};
    counts_of_others(t, rows, pair, halves, y);
    for (int h = 0; h < halves; h++)
      squares += dot_bytes(y[h], y[h]);
    v16 apart = s * s - squares;
    for (int d = 0; d < DSS_DIGITS; d++)
      sums[d] = dot_words(sums[d], lookup_mod64(tables->others[d], s), apart);
  }
  add_digits(sums, DSS_DIGITS, DSS_MANY_BITS, held->complement);
}

DSS_INLINE void more_complement_pairs(const narrow_tile *t, const narrow_group *g, size_t quarter,
                                      int halves, const more_rows *rows) {
  const dss_cpu_slots *slots = &t->question->slots;
  int levels = (int)t->question->tables->n_levels;
  struct {
    v16 weight[DSS_DIGITS], y[2 * MOST_HALVES];
  } pairs[TILE_PAIRS];
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    v8 y[MOST_HALVES] = {{0}};
    v16 s = size_of(t, pair) - rows->m[pair];
    counts_of_others(t, rows, pair, halves, y);
    for (int d = 0; d < DSS_DIGITS; d++)
      pairs[pair].weight[d] = lookup_mod64(t->question->more_tables->others[d], s);
    for (int k = 0; k < levels; k++)
      pairs[pair].y[k] = words_of(y, k);
  }
  size_t at = slots->complement_pair;
  for (int a = 0; a < levels; a++)
    for (int b = a + 1; b < levels; b++, at++) {
      v32 sums[DSS_DIGITS] = {{0}};
      v64 wide[2];
      for (size_t pair = 0; pair < t->n_pairs; pair++)
        for (int d = 0; d < DSS_DIGITS; d++)
          sums[d] = dot_words(sums[d], pairs[pair].weight[d], pairs[pair].y[a] * pairs[pair].y[b]);
      join_digits(sums, DSS_DIGITS, DSS_MANY_BITS, wide);
      add_quarter(&g->sums[at * DSS_LANES], quarter, wide);
    }
}

/* --- plurality and votes ---------------------------------------------------------------------- */

/* The largest count of each item, in both bytes of its word. */
DSS_INLINE v8 most_of(const v8 *x, int halves) {
  v8 most = x[0];
  for (int h = 1; h < halves; h++)
    most = larger_bytes(most, x[h]);
  return larger_bytes(most, swap_bytes(most));
}

DSS_INLINE v16 most_at(const more_rows *rows, size_t pair, int halves) {
  v8 x[MOST_HALVES] = {{0}};
  counts_at(rows, pair, halves, x);
  return (v16)most_of(x, halves) & 255;
}

DSS_INLINE void more_plurality(const narrow_tile *t, int halves, const more_rows *rows,
                               more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  v32 sums[DSS_DIGITS] = {{0}}; /* the last: units of 2^26 */
  for (uint32_t i = 0; i < rows->some.n; i++) {
    size_t pair = rows->some.pair[i];
    v16 most = most_at(rows, pair, halves);
    v16 root = lookup_mod32(tables->root, rows->m[pair]);
    sums[DSS_DIGITS - 1] = dot_words(sums[DSS_DIGITS - 1], root, most);
  }
  for (uint32_t i = 0; i < rows->many.n; i++) {
    size_t pair = rows->many.pair[i];
    v16 most = most_at(rows, pair, halves);
    for (int d = 0; d < DSS_DIGITS; d++)
      sums[d] = dot_words(sums[d], lookup_mod64(tables->weight[d], rows->m[pair]), most);
  }
  add_digits(sums, DSS_DIGITS, DSS_MANY_BITS, held->plurality);
}

/* Each side's votes, 0 where an item does not enter. digits: of a vote. */
DSS_INLINE void add_votes(const v8 *x, const v8 *y, v16 shared, const dss_cpu_more *tables,
                          int levels, int digits, more_votes *votes) {
  const v8 part[2] = {(v8)broadcast16(1), (v8)broadcast16(1 << 8)};
  int halves = HALVES(levels);
  v8 x_most = most_of(x, halves), y_most = most_of(y, halves), winners = {0};
  for (int h = 0; h < halves; h++) {
    winners = add_equal_bytes(winners, x[h], x_most, (v8){0} + 1);
    winners = add_equal_bytes(winners, y[h], y_most, (v8){0} + 8);
  }
  v16 both = words_in(above16(shared, (v16){0}), dot_bytes(winners, (v8){0} + 1));
  for (int d = 0; d < digits; d++)
    for (int h = 0; h < halves; h++) {
      v8 mine = equal_bytes(x[h], x_most, (v8)lookup_mod64(tables->x_vote[d], both));
      v8 all = add_equal_bytes(mine, y[h], y_most, (v8)lookup_mod64(tables->y_vote[d], both));
      for (int k = 2 * h; k < 2 * h + 2 && k < levels; k++)
        votes->count[k][d] = dot_four(votes->count[k][d], all, part[k % 2]);
      for (int e = 0; e < digits; e++) {
        v8 theirs = equal_bytes(y[h], y_most, (v8)lookup_mod64(tables->y_vote[e], both));
        votes->agreement[d + e] = dot_four(votes->agreement[d + e], mine, theirs);
      }
    }
  /* Where ties are skipped only one winner on either side has a vote. */
  votes->units = dot_words(votes->units, words_in(equal16(both, broadcast16(9)), broadcast16(1)),
                           broadcast16(1));
}

/* What there is of votes for so many levels and digits. */
DSS_INLINE void copy_votes(more_votes *to, const more_votes *from, int levels, int digits) {
  to->units = from->units;
  for (int d = 0; d < 2 * digits - 1; d++)
    to->agreement[d] = from->agreement[d];
  for (int k = 0; k < levels; k++)
    for (int d = 0; d < digits; d++)
      to->count[k][d] = from->count[k][d];
}

DSS_INLINE void sum_votes(const narrow_tile *t, int levels, int digits, const more_rows *rows,
                          more_sums *held) {
  more_votes votes;
  copy_votes(&votes, &held->votes, levels, digits);
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    v8 x[MOST_HALVES] = {{0}};
    counts_at(rows, pair, HALVES(levels), x);
    v8 y[MOST_HALVES] = {{0}};
    counts_of_others(t, rows, pair, HALVES(levels), y);
    add_votes(x, y, rows->shared[pair], t->question->more_tables, levels, digits, &votes);
  }
  copy_votes(&held->votes, &votes, levels, digits);
}

/* --- entropies -------------------------------------------------------------------------------- */

/* And plurality, which the shares tell too. */
DSS_INLINE void shares_of_few(const narrow_tile *t, int levels, bool entropy, bool plurality,
                              const more_rows *rows, more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels);
  v32 sums[DSS_DIGITS] = {{0}}, most[DSS_DIGITS] = {{0}};
  for (uint32_t i = 0; i < rows->few.n; i++) {
    size_t pair = rows->few.pair[i];
    v8 x[MOST_HALVES] = {{0}};
    counts_at(rows, pair, halves, x);
    v8 shares = {0};
    for (int h = 0; h < halves; h++)
      shares += lookup_bytes16(tables->hash, x[h]);
    v16 at = dot_bytes(shares, (v8){0} + 1), root = lookup_mod32(tables->root, rows->m[pair]);
    for (int d = 0; entropy && d < DSS_DIGITS; d++)
      sums[d] = dot_words(sums[d], lookup_mod64(tables->few[d], at), root);
    if (plurality)
      most[DSS_DIGITS - 1] =
          dot_words(most[DSS_DIGITS - 1], lookup_mod64(tables->few_most, at), root);
  }
  if (entropy) add_digits(sums, DSS_DIGITS, DSS_SOME_BITS, held->entropy[1]);
  if (plurality) add_digits(most, DSS_DIGITS, DSS_MANY_BITS, held->plurality);
}

/* Level k of both items, 16 more for the second, mod 32. */
DSS_INLINE v16 some_at(const v8 *x, int k) {
  v16 both = (v16)(x[k / 2] | (v8)broadcast32(0x10100000));
  return k % 2 ? both >> 8 : both;
}

DSS_INLINE void entropy_of_some(const narrow_tile *t, int levels, const more_rows *rows,
                                more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels);
  v32 sums[DSS_DIGITS] = {{0}};
  for (uint32_t i = 0; i < rows->some.n; i++) {
    size_t pair = rows->some.pair[i];
    v8 x[MOST_HALVES] = {{0}};
    counts_at(rows, pair, halves, x);
    v16 logs[DSS_DIGITS], root = lookup_mod32(tables->root, rows->m[pair]);
    for (int d = 0; d < DSS_DIGITS; d++)
      logs[d] = lookup_mod32(tables->some[d], rows->m[pair]);
    for (int k = 0; k < levels; k++)
      for (int d = 0; d < DSS_DIGITS; d++)
        logs[d] -= lookup_mod32(tables->some[d], some_at(x, k));
    carry_digits(logs, DSS_SOME_BITS);
    for (int d = 0; d < DSS_DIGITS; d++)
      sums[d] = dot_words(sums[d], logs[d], root);
  }
  add_digits(sums, DSS_DIGITS, DSS_SOME_BITS, held->entropy[1]);
}

/* Sums of so many pairs stay in 32 bits: 2^12 * 27720 * 2 * 8 < 2^31, and 2^13 * 27720 * 2 * 4. */
enum { SOME_PAIRS = 8, MANY_PAIRS = 4 };

DSS_INLINE void cross_entropy_of_some(const narrow_tile *t, int levels, const more_rows *rows,
                                      more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels);
  for (uint32_t i = 0; i < rows->small.n;) {
    uint32_t end = rows->small.n - i < SOME_PAIRS ? rows->small.n : i + SOME_PAIRS;
    v32 sums[DSS_DIGITS] = {{0}};
    for (; i < end; i++) {
      size_t pair = rows->small.pair[i];
      v8 x[MOST_HALVES] = {{0}};
      counts_at(rows, pair, halves, x);
      v16 logs[DSS_DIGITS], root = lookup_mod32(tables->root, rows->shared[pair]);
      size_t size = (size_t)t->question->pair_size[t->first_pair + pair] & 63;
      for (int d = 0; d < DSS_DIGITS; d++)
        logs[d] = lookup_mod32(tables->some_all[size][d], rows->shared[pair]);
      for (int k = 0; k < levels; k++)
        for (int d = 0; d < DSS_DIGITS; d++)
          logs[d] -= lookup_mod32(t->cross[pair].logs[k][d], some_at(x, k));
      carry_digits(logs, DSS_SOME_BITS);
      for (int d = 0; d < DSS_DIGITS; d++)
        sums[d] = dot_words(sums[d], logs[d], root);
    }
    add_digits(sums, DSS_DIGITS, DSS_SOME_BITS, held->cross_entropy[1]);
  }
}

/* Logarithms of many times all digits of their weights: by digit of the weight. */
typedef struct more_products {
  v32 sums[DSS_DIGITS][DSS_DIGITS];
  v64 wide[DSS_DIGITS][2];
} more_products;

DSS_INLINE void multiply_many(const dss_cpu_more *tables, v16 *logs, v16 m, more_products *p) {
  carry_digits(logs, DSS_MANY_BITS);
  for (int w = 0; w < DSS_DIGITS; w++) {
    v16 weight = lookup_mod64(tables->weight[w], m);
    for (int d = 0; d < DSS_DIGITS; d++)
      p->sums[w][d] = dot_words(p->sums[w][d], logs[d], weight);
  }
}

DSS_INLINE void widen_many(more_products *p) {
  for (int w = 0; w < DSS_DIGITS; w++) {
    v64 wide[2];
    join_digits(p->sums[w], DSS_DIGITS, DSS_MANY_BITS, wide);
    for (int i = 0; i < 2; i++)
      p->wide[w][i] += wide[i];
    for (int d = 0; d < DSS_DIGITS; d++)
      p->sums[w][d] = (v32){0};
  }
}

/* Digits of the weight stand for 1, 2^13, 2^26; sums for 1, 2^26. */
DSS_INLINE void put_many(const more_products *p, v64 sums[2][2]) {
  const uint64_t low = ((uint64_t)1 << DSS_MANY_BITS) - 1;
  for (int i = 0; i < 2; i++) {
    v64 lowest = p->wide[0][i] + ((p->wide[1][i] & low) << DSS_MANY_BITS);
    sums[0][i] += lowest & (((uint64_t)1 << DSS_PRODUCT_BITS) - 1);
    sums[1][i] += p->wide[2][i] + (p->wide[1][i] >> DSS_MANY_BITS) + (lowest >> DSS_PRODUCT_BITS);
  }
}

DSS_INLINE void entropy_of_many(const narrow_tile *t, int levels, const more_rows *rows,
                                more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels);
  more_products products = {.sums = {{{0}}}};
  for (uint32_t i = 0; i < rows->many.n; i++) {
    size_t pair = rows->many.pair[i];
    v8 x[MOST_HALVES] = {{0}};
    counts_at(rows, pair, halves, x);
    v16 logs[DSS_DIGITS];
    for (int d = 0; d < DSS_DIGITS; d++) {
      logs[d] = lookup_mod64(tables->many[d], rows->m[pair]);
      for (int k = 0; k < levels; k++)
        logs[d] -= lookup_mod64(tables->many[d], words_of(x, k));
    }
    multiply_many(tables, logs, rows->m[pair], &products);
    if ((i + 1) % MANY_PAIRS == 0) widen_many(&products);
  }
  widen_many(&products);
  put_many(&products, held->entropy);
}

/* m LS[T - m] - sum over c of x_c XH[T_c - x_c]; under_32: no m is larger than 31. */
DSS_INLINE void cross_logs_of_many(const narrow_tile *t, const v8 *x, v16 m, size_t pair,
                                   int levels, bool under_32, v16 *logs) {
  const dss_cpu_more *tables = t->question->more_tables;
  size_t at = t->first_pair + pair, size = (size_t)t->question->pair_size[at] & 63;
  const uint8_t *level = (const uint8_t *)&t->question->pair_level[at * (size_t)HALVES(levels)];
  for (int d = 0; d < DSS_DIGITS; d++) {
    logs[d] = lookup(tables->many_all[size][d], m, under_32);
    for (int k = 0; k < levels; k++) {
      const uint8_t *all = &level[k / 2 * 4 + k % 2];
      logs[d] -= lookup_pair(tables->many_cross[all[0]][d], tables->many_cross[all[2]][d],
                             words_of(x, k), under_32);
    }
  }
}

DSS_INLINE void cross_entropy_of_many(const narrow_tile *t, int levels, const more_rows *rows,
                                      more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels);
  more_products products = {.sums = {{{0}}}};
  for (uint32_t i = 0; i < rows->many.n; i++) {
    size_t pair = rows->many.pair[i];
    v8 x[MOST_HALVES] = {{0}};
    counts_at(rows, pair, halves, x);
    v16 logs[DSS_DIGITS];
    if (any16(above16(rows->m[pair], broadcast16(31))))
      cross_logs_of_many(t, x, rows->shared[pair], pair, levels, false, logs);
    else
      cross_logs_of_many(t, x, rows->shared[pair], pair, levels, true, logs);
    multiply_many(tables, logs, rows->shared[pair], &products);
    if ((i + 1) % MANY_PAIRS == 0) widen_many(&products);
  }
  widen_many(&products);
  put_many(&products, held->cross_entropy);
}

/* --- all of them ------------------------------------------------------------------------------ */

/* A tile's tables x XH[T_c - x] of some, the first item's by x, the second's by x + 16. */
static void fill_cross(const narrow_tile *t, int halves, narrow_cross *cross) {
  const dss_cpu_more *tables = t->question->more_tables;
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    size_t at = (t->first_pair + pair) * (size_t)halves;
    const uint8_t *level = (const uint8_t *)&t->question->pair_level[at];
    for (size_t k = 0; k < t->question->tables->n_levels; k++)
      for (size_t d = 0; d < DSS_DIGITS; d++)
        for (size_t item = 0; item < 2; item++)
          memcpy(&cross[pair].logs[k][d][16 * item],
                 tables->some_cross[level[k / 2 * 4 + k % 2 + 2 * item]][d], 16 * sizeof(int16_t));
  }
}

DSS_INLINE void sum_entropies(const narrow_tile *t, int levels, const dss_sums_choice *choice,
                              const more_rows *rows, more_sums *held) {
  if (choice->entropy) {
    if (rows->some.n > 0) entropy_of_some(t, levels, rows, held);
    if (rows->many.n > 0) entropy_of_many(t, levels, rows, held);
  }
  if (choice->cross_entropy) {
    if (rows->small.n > 0) cross_entropy_of_some(t, levels, rows, held);
    if (rows->many.n > 0) cross_entropy_of_many(t, levels, rows, held);
  }
}

DSS_INLINE void sum_more_of(const narrow_tile *t, const narrow_group *g, size_t quarter, int levels,
                            const dss_sums_choice *choice, more_sums *held) {
  bool collapsed = t->question->slots.collapsed;
  more_rows rows;
  fill_more(t, g, &rows, held);
  if (choice->complement && rows.alone) take_single(t, g, quarter, HALVES(levels), &rows);
  if (choice->complement && collapsed) more_complement(t, HALVES(levels), &rows, held);
  if (choice->complement && !collapsed) more_complement_pairs(t, g, quarter, HALVES(levels), &rows);
  if (rows.few.n > 0 && choice->entropy && choice->plurality)
    shares_of_few(t, levels, true, true, &rows, held);
  else if (rows.few.n > 0 && choice->entropy)
    shares_of_few(t, levels, true, false, &rows, held);
  else if (rows.few.n > 0 && choice->plurality)
    shares_of_few(t, levels, false, true, &rows, held);
  if (choice->plurality && rows.few.n < t->n_pairs) more_plurality(t, HALVES(levels), &rows, held);
  if (choice->votes) sum_votes(t, levels, levels < DSS_MORE_LEVELS ? 1 : 2, &rows, held);
  sum_entropies(t, levels, choice, &rows, held);
}

#define DSS_MORE(levels)                                                                           \
  case levels:                                                                                     \
    sum_more_of(t, g, quarter, levels, choice, held);                                              \
    break

static void sum_more(const narrow_tile *t, const narrow_group *g, size_t quarter,
                     const dss_sums_choice *choice, more_sums *held) {
  switch (t->question->tables->n_levels) {
    DSS_MORE(1);
    DSS_MORE(2);
    DSS_MORE(3);
    DSS_MORE(4);
    DSS_MORE(5);
    DSS_MORE(6);
    DSS_MORE(7);
  default:
    break;
  }
}
#undef DSS_MORE

/* --- to the slots ---------------------------------------------------------------------------- */

/* Votes in units of the tables' into units of Psi, and of Psi^2 over 2^52. */
static void put_votes(const dss_cpu_question *q, size_t quarter, const more_sums *held,
                      uint64_t *sums) {
  const uint64_t unit = DSS_WEIGHT_ROOT / q->more_tables->vote;
  v64 wide[2];
  join_digits(held->votes.agreement, 2 * DSS_VOTE_DIGITS - 1, DSS_VOTE_DIGIT_BITS, wide);
  for (int i = 0; i < 2; i++)
    wide[i] = multiply32(wide[i], (v64){0} + unit * unit);
  add_quarter(&sums[(q->slots.vote_agreement + 2) * DSS_LANES], quarter, wide);
  for (size_t k = 0; k < q->tables->n_levels; k++) {
    join_digits(held->votes.count[k], DSS_VOTE_DIGITS, DSS_VOTE_DIGIT_BITS, wide);
    for (int i = 0; i < 2; i++)
      wide[i] = multiply32(wide[i], (v64){0} + unit) << DSS_VOTE_SHIFT;
    add_quarter(&sums[(q->slots.vote_count + k) * DSS_LANES], quarter, wide);
  }
}

/* Adds what a group holds to its sums, and leaves nothing. */
static void put_more(const dss_cpu_question *q, size_t quarter, const dss_sums_choice *choice,
                     more_sums *held, uint64_t *sums) {
  const dss_cpu_slots *slots = &q->slots;
  v64 halved[2] = {held->complement[0] >> 1, held->complement[1] >> 1};
  if (slots->rated != SIZE_MAX) add_words(&sums[slots->rated * DSS_LANES], quarter, held->rated);
  if (slots->shared != SIZE_MAX) add_words(&sums[slots->shared * DSS_LANES], quarter, held->shared);
  if (choice->complement && slots->collapsed)
    add_quarter(&sums[slots->complement_pair * DSS_LANES], quarter, halved);
  if (choice->plurality) add_quarter(&sums[slots->plurality * DSS_LANES], quarter, held->plurality);
  for (size_t i = 0; i < 2; i++) {
    if (choice->entropy)
      add_quarter(&sums[(slots->entropy + i) * DSS_LANES], quarter, held->entropy[i]);
    if (choice->cross_entropy)
      add_quarter(&sums[(slots->cross_entropy + i) * DSS_LANES], quarter, held->cross_entropy[i]);
  }
  if (choice->votes) {
    add_words(&sums[slots->vote_units * DSS_LANES], quarter,
              choice->skip_ties ? held->votes.units : held->shared);
    put_votes(q, quarter, held, sums);
  }
  memset(held, 0, sizeof *held);
}

#undef HALVES
#endif
