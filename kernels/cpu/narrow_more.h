/* The narrow kernel for the other statistics: the complement's alpha, plurality, votes, entropies.
 *
 * Items and lanes as in narrow.h, for axes on which everybody's value is known; tables and their
 * digits as in more_tables.h. Of each pair of items only the largest number of ratings by the group
 * among its lanes decides how its entropies are had: of `few` a table of all shares, of `some` and
 * `many` tables by level and count, with narrow and with wide weights. With AVX2 all of them are
 * read from memory instead (records.h), and with them the complement of few ratings.
 *
 *     own    sum over items of w[m] (XL[m] - sum over c of XL[x_c])
 *     cross  sum over items of w[m] (m LS[T - m] - sum over c of x_c XH[T_c - x_c])
 *
 * Operations for two items, a group, and 16 resamples with K = 5, AVX-512: 12 for both sides'
 * counts, 13 for the complement, 43 for votes; few: 16 for the entropy and plurality, 27 for the
 * cross-entropy where levels are looked up two at once, else 41; some: 42 and 41; many: 60 and 58.
 */
#ifndef DSS_CPU_NARROW_MORE_H
#define DSS_CPU_NARROW_MORE_H

#if DSS_READS_RECORDS
#include "more_records.h"
#else
#include "more_entropies.h"
#endif

/* --- the complement's alpha ------------------------------------------------------------------ */

/* Takes what items with a single rating hold from the totals. */
static void take_single(const narrow_tile *t, const narrow_group *g, size_t quarter, int halves,
                        const more_rows *rows) {
  size_t slot = t->question->slots.complement_count;
  v8 single[MOST_HALVES] = {{0}};
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    v8 x[MOST_HALVES] = {{0}}, y[MOST_HALVES] = {{0}};
    lanes16 alone = equal16(size_of(t, pair) - rows->m[pair], broadcast16(1));
    if (!any16(alone)) continue;
    counts_at(rows, pair, halves, x);
    counts_of_others(t, x, pair, halves, y);
    for (int h = 0; h < halves; h++)
      single[h] = add_bytes_in(single[h], alone, y[h]);
  }
  for (size_t k = 0; k < t->question->tables->n_levels; k++)
    add_words(&g->sums[(slot + k) * DSS_LANES], quarter,
              dot_words((v32){0}, words_of(single, (int)k), broadcast16(-1)));
}

/* As the group's own in narrow.h: one pair of items. */
DSS_INLINE void add_complement(const dss_cpu_more *tables, const v8 *y, v16 s, int halves,
                               v32 *sums) {
  v16 apart = s * s;
  for (int h = 0; h < halves; h++)
    apart -= dot_bytes(y[h], y[h]);
  for (int d = 0; d < DSS_DIGITS; d++)
    sums[d] = dot_words(sums[d], lookup_mod64(tables->others[d], s), apart);
}

/* Of the pairs in a set. */
DSS_INLINE void sum_complement(const narrow_tile *t, int levels, const more_rows *rows,
                               more_set set, more_sums *held) {
  v32 sums[DSS_DIGITS] = {{0}};
  while (set) {
    v8 x[MOST_HALVES] = {{0}}, y[MOST_HALVES] = {{0}};
    size_t pair = next_pair(&set);
    counts_at(rows, pair, HALVES(levels), x);
    counts_of_others(t, x, pair, HALVES(levels), y);
    add_complement(t->question->more_tables, y, size_of(t, pair) - rows->m[pair], HALVES(levels),
                   sums);
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
    v8 x[MOST_HALVES] = {{0}}, y[MOST_HALVES] = {{0}};
    v16 s = size_of(t, pair) - rows->m[pair];
    counts_at(rows, pair, halves, x);
    counts_of_others(t, x, pair, halves, y);
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

/* --- votes ----------------------------------------------------------------------------------- */

/* 1 for the levels of the largest count, of all bytes the sum in each item's word; where there is
 * no rating nothing is the largest. */
DSS_INLINE v8 find_winners(const v8 *x, int halves, v8 *winners) {
  v8 under = most_of(x, halves) - 1, sum = {0};
  for (int h = 0; h < halves; h++)
    sum += winners[h] = subtract_saturated(x[h], under);
  return sum;
}

/* A side's winners of each item, as words. */
DSS_INLINE v16 count_winners(v8 winners) {
  return dot_bytes(winners, (v8){0} + 1);
}

/* What a winner of either side has, where both have votes. digits: of a vote. */
DSS_INLINE void split_votes(const dss_cpu_more *tables, v16 n_mine, v16 n_theirs, int digits,
                            v16 *mine, v16 *theirs) {
#if !DSS_READS_RECORDS
  v16 both = n_mine + (n_theirs << 3);
  for (int d = 0; d < digits; d++) {
    mine[d] = lookup_mod64(tables->x_vote[d], both);
    theirs[d] = lookup_mod64(tables->y_vote[d], both);
  }
#else
  v8 i_vote = lookup_bytes16(tables->votes, (v8)n_mine),
     they_vote = lookup_bytes16(tables->votes, (v8)n_theirs);
  for (int d = 0; d < digits; d++) {
    mine[d] = (v16)(lookup_bytes16(tables->vote_of[d], (v8)n_mine) & they_vote);
    theirs[d] = (v16)(lookup_bytes16(tables->vote_of[d], (v8)n_theirs) & i_vote);
  }
#endif
}

/* Each side's votes but those for the last level, which are the rest. digits: of a vote. */
DSS_INLINE void add_votes(const v8 *x, const v8 *y, const dss_cpu_more *tables, int levels,
                          int digits, bool skip_ties, more_votes *votes) {
  const v8 part[2] = {(v8)broadcast16(1), (v8)broadcast16(1 << 8)};
  int halves = HALVES(levels);
  v8 mine[MOST_HALVES], theirs[MOST_HALVES];
  v16 n_mine = count_winners(find_winners(x, halves, mine)),
      n_theirs = count_winners(find_winners(y, halves, theirs));
  v16 my_vote[DSS_VOTE_DIGITS], their_vote[DSS_VOTE_DIGITS];
  split_votes(tables, n_mine, n_theirs, digits, my_vote, their_vote);
  for (int d = 0; d < digits; d++) {
    for (int h = 0; h < halves; h++) {
      v16 given = (v16)mine[h] * my_vote[d]; /* by either byte */
      for (int e = 0; e < digits; e++) {
        v16 matched = (v16)theirs[h] * their_vote[e];
        votes->agreement[d + e] = dot_four(votes->agreement[d + e], (v8)given, (v8)matched);
        v8 all = (v8)(given + matched);
        for (int k = 2 * h; d == e && k < 2 * h + 2 && k < levels - 1; k++)
          votes->count[k][d] = dot_four(votes->count[k][d], all, part[k % 2]);
      }
    }
  }
  /* Where ties are skipped only one winner on either side has a vote. */
  if (skip_ties)
    votes->units = dot_words(
        votes->units, words_in(equal16(n_mine + (n_theirs << 3), broadcast16(9)), broadcast16(1)),
        broadcast16(1));
}

/* What there is of votes for so many levels and digits. */
DSS_INLINE void copy_votes(more_votes *to, const more_votes *from, int levels, int digits) {
  to->units = from->units;
  for (int d = 0; d < 2 * digits - 1; d++)
    to->agreement[d] = from->agreement[d];
  for (int k = 0; k < levels - 1; k++)
    for (int d = 0; d < digits; d++)
      to->count[k][d] = from->count[k][d];
}

/* Fills rows; with the complement's alpha and both sides' votes, which go over all pairs too. */
DSS_INLINE void sum_sides(const narrow_tile *t, const narrow_group *g, int levels, bool complement,
                          bool vote, const dss_sums_choice *choice, more_rows *rows,
                          more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels), digits = levels < DSS_MORE_LEVELS ? 1 : 2;
  v32 pairs[DSS_DIGITS] = {{0}};
  bool two = choice->cross_entropy && levels > 1 && !DSS_READS_RECORDS;
  more_votes votes = {.units = {0}};
  more_bounds bounds = {.fewest = broadcast16(DSS_MORE_UNIT)};
  rows->x = counts_of(t, g->row, 0);
  rows->stored = t->stored;
  rows->of_levels = t->of_levels;
  if (vote) copy_votes(&votes, &held->votes, levels, digits);
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    v8 x[MOST_HALVES] = {{0}}, y[MOST_HALVES] = {{0}};
    v16 m = rated_of(t, &rows->x[pair * rows->stored]), s = size_of(t, pair) - m;
    counts_at(rows, pair, halves, x);
    counts_of_others(t, x, pair, halves, y);
    see_pair(rows, pair, x, m, s, levels, two, &bounds);
    if (complement) add_complement(tables, y, s, halves, pairs);
    if (vote) add_votes(x, y, tables, levels, digits, choice->skip_ties, &votes);
  }
  if (complement) add_digits(pairs, DSS_DIGITS, DSS_MANY_BITS, held->complement);
  if (vote) copy_votes(&held->votes, &votes, levels, digits);
  finish_rows(t, &bounds, levels, rows, held);
}

/* --- all of them ------------------------------------------------------------------------------ */

DSS_INLINE void sum_more_of(const narrow_tile *t, const narrow_group *g, size_t quarter, int levels,
                            const dss_sums_choice *choice, more_sums *held) {
  bool collapsed = t->question->slots.collapsed;
  bool complement = choice->complement && collapsed;
  more_wanted want = {choice->entropy, choice->plurality, choice->cross_entropy, false};
  bool shares = want.entropy || want.plurality || want.cross;
  bool recorded = want.complement = complement && shares && DSS_READS_RECORDS;
  more_rows rows;
  if (complement && choice->votes && !recorded)
    sum_sides(t, g, levels, true, true, choice, &rows, held);
  else
    sum_sides(t, g, levels, complement && !recorded, choice->votes, choice, &rows, held);
  if (recorded && rows.over_few) sum_complement(t, levels, &rows, rows.over_few, held);
  if (choice->complement && rows.alone) take_single(t, g, quarter, HALVES(levels), &rows);
  if (choice->complement && !collapsed) more_complement_pairs(t, g, quarter, HALVES(levels), &rows);
  if (shares) sum_entropies(t, levels, want, &rows, held);
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
static void put_votes(const dss_cpu_question *q, size_t quarter, const more_sums *held, v32 units,
                      uint64_t *sums) {
  const uint64_t vote = q->more_tables->vote, unit = DSS_WEIGHT_ROOT / vote;
  v64 wide[2], rest[2];
  add_words(&sums[q->slots.vote_units * DSS_LANES], quarter, units);
  join_digits(held->votes.agreement, 2 * DSS_VOTE_DIGITS - 1, DSS_VOTE_DIGIT_BITS, wide);
  for (int i = 0; i < 2; i++)
    wide[i] = multiply32(wide[i], (v64){0} + unit * unit);
  add_quarter(&sums[(q->slots.vote_agreement + 2) * DSS_LANES], quarter, wide);
  widen_unsigned(units, rest);
  for (int i = 0; i < 2; i++)
    rest[i] = multiply32(rest[i], (v64){0} + 2 * vote);
  for (size_t k = 0; k < q->tables->n_levels; k++) {
    bool last = k + 1 == q->tables->n_levels;
    join_digits(held->votes.count[k], DSS_VOTE_DIGITS, DSS_VOTE_DIGIT_BITS, wide);
    for (int i = 0; i < 2; i++) {
      rest[i] -= wide[i];
      wide[i] = multiply32(last ? rest[i] : wide[i], (v64){0} + unit) << DSS_VOTE_SHIFT;
    }
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
  if (choice->votes)
    put_votes(q, quarter, held, choice->skip_ties ? held->votes.units : held->shared, sums);
  memset(held, 0, sizeof *held);
}

#undef HALVES
#endif
