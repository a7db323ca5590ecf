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

#include "more_entropies.h"

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

/* --- all of them ------------------------------------------------------------------------------ */

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
