/* The narrow kernel for the other statistics: the complement's alpha, plurality, votes, entropies.
 *
 * Items, lanes and weights as in narrow.h, for axes on which everybody's value is known. Logarithms
 * are tables of two limbs, 26 bits and the rest: x ln x by x, and x ln(T_c - x + 1/2) by x, one
 * table for each T_c, so that an item's sum over levels is two sums of looked-up numbers. They
 * become one of 64 bits, which is divided by m in double precision and rounded, as
 * kernels/common/sums.h does it. */
#ifndef DSS_CPU_NARROW_MORE_H
#define DSS_CPU_NARROW_MORE_H

#include "narrow.h"

/* One group, one pair of items. */
typedef struct more_counts {
  narrow_counts c;
  v8 y[MOST_HALVES];
  v16 s;
  lanes16 rated, shared;
} more_counts;

DSS_INLINE more_counts count_more(const narrow_tile *t, const narrow_group *g, size_t pair,
                                  int halves) {
  more_counts more = {.c = count_group(t, g, pair, halves, true)};
  for (int h = 0; h < halves; h++)
    more.y[h] = more.c.all[h] - more.c.x[h];
  more.s = more.c.size - more.c.m;
  more.rated = above16(more.c.m, (v16){0});
  more.shared = more.rated & above16(more.s, (v16){0});
  return more;
}

DSS_INLINE void add_dots(v32 *sums, int16_t (*limbs)[64], v16 at, v16 times) {
  for (int l = 0; l < DSS_LIMBS; l++)
    sums[l] = dot_words(sums[l], lookup(limbs[l], at, false), times);
}

/* --- the complement's alpha ------------------------------------------------------------------ */

/* As the group's own in narrow.h. */
DSS_INLINE void more_complement(const narrow_tile *t, const narrow_group *g, size_t quarter,
                                int halves) {
  const dss_cpu_slots *slots = &t->question->slots;
  v32 sums[DSS_LIMBS] = {{0}};
  v8 single[MOST_HALVES] = {{0}};
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    more_counts more = count_more(t, g, pair, halves);
    v16 squares = {0};
    for (int h = 0; h < halves; h++) {
      squares += dot_bytes(more.y[h], more.y[h]);
      single[h] = add_bytes_in(single[h], equal16(more.s, broadcast16(1)), more.y[h]);
    }
    if (slots->collapsed)
      add_dots(sums, t->question->limbs->own, more.s, more.s * more.s - squares);
  }
  if (slots->collapsed) add_limbs(&g->sums[slots->complement_pair * DSS_LANES], quarter, sums, 1);
  for (int k = 0; k < (int)t->question->tables->n_levels; k++)
    add_words(&g->sums[(slots->complement_count + (size_t)k) * DSS_LANES], quarter,
              dot_words((v32){0}, words_of(single, k), broadcast16(-1)));
}

DSS_INLINE void more_complement_pairs(const narrow_tile *t, const narrow_group *g, size_t quarter,
                                      int halves) {
  const dss_cpu_slots *slots = &t->question->slots;
  int levels = (int)t->question->tables->n_levels;
  struct {
    v16 weight[DSS_LIMBS], y[2 * MOST_HALVES];
  } rows[TILE_PAIRS];
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    more_counts more = count_more(t, g, pair, halves);
    for (int l = 0; l < DSS_LIMBS; l++)
      rows[pair].weight[l] = lookup(t->question->limbs->own[l], more.s, false);
    for (int k = 0; k < levels; k++)
      rows[pair].y[k] = words_of(more.y, k);
  }
  size_t at = slots->complement_pair;
  for (int a = 0; a < levels; a++)
    for (int b = a + 1; b < levels; b++, at++) {
      v32 sums[DSS_LIMBS] = {{0}};
      for (size_t pair = 0; pair < t->n_pairs; pair++)
        for (int l = 0; l < DSS_LIMBS; l++)
          sums[l] = dot_words(sums[l], rows[pair].weight[l], rows[pair].y[a] * rows[pair].y[b]);
      add_limbs(&g->sums[at * DSS_LANES], quarter, sums, 0);
    }
}

/* --- plurality and votes ---------------------------------------------------------------------- */

/* The largest count of each item, in both bytes of its word. */
DSS_INLINE v8 most_of(const v8 *x, int halves) {
  v8 most = x[0];
  for (int h = 1; h < halves; h++)
    most = larger_bytes(most, x[h]);
  return larger_bytes(most, (v8)((v16u)most >> 8 | (v16u)most << 8));
}

DSS_INLINE void more_plurality(const narrow_tile *t, const narrow_group *g, size_t quarter,
                               int halves) {
  const dss_cpu_slots *slots = &t->question->slots;
  v32 sums[DSS_LIMBS] = {{0}};
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    narrow_counts c = count_group(t, g, pair, halves, true);
    add_dots(sums, t->question->limbs->one_side, c.m, (v16)most_of(c.x, halves) & 255);
  }
  add_limbs(&g->sums[slots->plurality * DSS_LANES], quarter, sums, 0);
}

/* 1 in the bytes of the levels with the largest count; how many there are in *n. */
DSS_INLINE void winners(const v8 *x, int halves, v8 *wins, v16 *n) {
  v8 most = most_of(x, halves), one = (v8){0} + 1;
  *n = (v16){0};
  for (int h = 0; h < halves; h++) {
    wins[h] = equal_bytes(x[h], most, one);
    *n += dot_bytes(wins[h], one);
  }
}

DSS_INLINE void more_votes(const narrow_tile *t, const narrow_group *g, size_t quarter, int halves,
                           bool skip_ties) {
  const dss_cpu_slots *slots = &t->question->slots;
  int levels = (int)t->question->tables->n_levels;
  v32 agreement[DSS_LIMBS] = {{0}}, count[2 * MOST_HALVES][DSS_LIMBS], units = {0};
  memset(count, 0, (size_t)(2 * halves) * sizeof *count);
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    more_counts more = count_more(t, g, pair, halves);
    v8 x_wins[MOST_HALVES], y_wins[MOST_HALVES];
    v16 x_n, y_n, common = {0};
    winners(more.c.x, halves, x_wins, &x_n);
    winners(more.y, halves, y_wins, &y_n);
    for (int h = 0; h < halves; h++)
      common += dot_bytes(x_wins[h], y_wins[h]);
    lanes16 in = more.shared;
    if (skip_ties) in &= equal16(x_n * y_n, broadcast16(1));
    x_n = words_in(in, x_n); /* 0 has no weight */
    y_n = words_in(in, y_n);
    units = dot_words(units, words_in(in, broadcast16(1)), broadcast16(1));
    for (int l = 0; l < DSS_LIMBS; l++) {
      const int16_t *table = t->question->limbs->votes[l];
      v16 x_vote = lookup(table, x_n, true), y_vote = lookup(table, y_n, true);
      agreement[l] = dot_words(agreement[l], lookup(table, x_n * y_n, false), common);
      for (int k = 0; k < 2 * halves && k < levels; k++) {
        count[k][l] = dot_words(count[k][l], x_vote, words_of(x_wins, k));
        count[k][l] = dot_words(count[k][l], y_vote, words_of(y_wins, k));
      }
    }
  }
  add_words(&g->sums[slots->vote_units * DSS_LANES], quarter, units);
  add_limbs(&g->sums[slots->vote_agreement * DSS_LANES], quarter, agreement, 0);
  for (int k = 0; k < levels; k++)
    add_limbs(&g->sums[(slots->vote_count + (size_t)k) * DSS_LANES], quarter, count[k], 0);
}

/* --- entropies -------------------------------------------------------------------------------- */

/* Words of one of the two items, in 32 bits. */
DSS_INLINE v32 item_words(v16 words, int item) {
  return item ? (v32)((v32u)words >> 16) : (v32)((v32u)words & 65535);
}

/* What is added to a double under 2^51 to round it to a whole number, to nearest even; the number
 * then stands in the low bits. */
#define ROUNDING_SHIFT 0x1.8p52

/* Adds rint(logs / m) of one item, 16 lanes, each with the bits of ROUNDING_SHIFT upon it; logs in
 * two limbs, the second signed. The sum of the limbs is exact. */
DSS_INLINE void add_quotients(const v32 logs[2], const v64d inverse[2], v64 sums[2]) {
  v64d low[2], high[2];
  doubles_of(logs[0], low);
  doubles_of(logs[1], high);
  for (int i = 0; i < 2; i++) {
    v64d sum = high[i] * (double)(1 << DSS_LOG_LIMB_BITS) + low[i];
    sums[i] += (v64)(sum * inverse[i] + ROUNDING_SHIFT);
  }
}

/* 1 / m, the double nearest to it; where m is 0 there is nothing to divide, and it is any number.
 */
DSS_INLINE void inverse_of(const dss_cpu_logs *tables, v16 m, int item, bool under_16,
                           v64d inverse[2]) {
  v64 wide[2];
  widen_unsigned(item_words(m, item), wide);
  for (int i = 0; i < 2; i++) {
    v64s divisor = (v64s)(wide[i] - (v64)(wide[i] == 0));
    inverse[i] = under_16 ? lookup_double(tables->inverse, wide[i])
                          : 1.0 / __builtin_convertvector(divisor, v64d);
  }
}

/* The terms by an item's number of ratings alone, ln m or ln(s + K / 2), in limbs of 13 bits. */
DSS_INLINE void add_terms(const int16_t (*table)[64], v16 at, v32 *sums) {
  for (int l = 0; l < DSS_TERM_LIMBS; l++)
    sums[l] = dot_words(sums[l], lookup(table[l], at, false), broadcast16(1));
}

DSS_INLINE void put_entropy(uint64_t *slot, size_t quarter, size_t n_items, const v32 *terms,
                            const v64 quotients[2]) {
  v64 sums[2], limb[2];
  const double shift = ROUNDING_SHIFT;
  uint64_t bits;
  memcpy(&bits, &shift, sizeof bits);
  for (int i = 0; i < 2; i++)
    sums[i] = n_items * bits - quotients[i];
  for (unsigned l = 0; l < DSS_TERM_LIMBS; l++) {
    widen_signed(terms[l], limb);
    sums[0] += limb[0] << (DSS_TERM_LIMB_BITS * l);
    sums[1] += limb[1] << (DSS_TERM_LIMB_BITS * l);
  }
  add_quarter(slot, quarter, sums);
}

/* Sums over levels of what is looked up by one item's counts. level: the item's ratings of each
 * level, two bytes of every four; no count is larger. */
DSS_INLINE void look_up(const dss_cpu_logs *tables, const v8 *counts, const uint8_t *level,
                        int levels, int halves, int item, bool own, bool cross, v32 own_logs[2],
                        v32 cross_logs[2]) {
  for (int k = 0; k < 2 * halves && k < levels; k++) {
    v32 x = byte_of(counts[k / 2], 2 * item + k % 2);
    uint32_t all = level[k / 2 * 4 + k % 2];
    const int32_t(*table)[64] = tables->cross[all];
    for (int l = 0; l < DSS_LOG_LIMBS; l++) {
      if (all < 16) {
        if (own) own_logs[l] += lookup32_16(tables->count[l], x);
        if (cross) cross_logs[l] += lookup32_16(table[l], x);
      } else {
        if (own) own_logs[l] += lookup32(tables->count[l], x);
        if (cross) cross_logs[l] += lookup32(table[l], x);
      }
    }
  }
}

/* Both entropies, for they share what is looked up and divided by. */
DSS_INLINE void more_entropies(const narrow_tile *t, const narrow_group *g, size_t quarter,
                               int halves, bool own, bool cross) {
  const dss_cpu_slots *slots = &t->question->slots;
  const dss_cpu_logs *tables = t->question->logs;
  int levels = (int)t->question->tables->n_levels;
  v64 own_sums[2] = {{0}, {0}}, cross_sums[2] = {{0}, {0}};
  v32 own_terms[DSS_TERM_LIMBS] = {{0}}, cross_terms[DSS_TERM_LIMBS] = {{0}};
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    more_counts more = count_more(t, g, pair, halves);
    const uint8_t *level =
        (const uint8_t *)&t->question->pair_level[(t->first_pair + pair) * (size_t)halves];
    v16 s = words_in(more.shared, more.s);
    bool under_16 = !any16(above16(more.c.m, broadcast16(15)));
    if (own) add_terms(tables->rated, more.c.m, own_terms);
    if (cross) add_terms(tables->others, s, cross_terms);
    for (int item = 0; item < 2; item++) {
      v32 own_logs[2] = {{0}, {0}}, cross_logs[2] = {{0}, {0}}, in = item_words(s, item) != 0;
      v64d inverse[2];
      look_up(tables, more.c.x, level + 2 * item, levels, halves, item, own, cross, own_logs,
              cross_logs);
      cross_logs[0] &= in;
      cross_logs[1] &= in;
      inverse_of(tables, more.c.m, item, under_16, inverse);
      if (own) add_quotients(own_logs, inverse, own_sums);
      if (cross) add_quotients(cross_logs, inverse, cross_sums);
    }
  }
  if (own)
    put_entropy(&g->sums[slots->entropy * DSS_LANES], quarter, 2 * t->n_pairs, own_terms, own_sums);
  if (cross)
    put_entropy(&g->sums[slots->cross_entropy * DSS_LANES], quarter, 2 * t->n_pairs, cross_terms,
                cross_sums);
}

/* --- all of them ------------------------------------------------------------------------------ */

DSS_INLINE void more_units(const narrow_tile *t, const narrow_group *g, size_t quarter,
                           int halves) {
  const dss_cpu_slots *slots = &t->question->slots;
  v32 rated = {0}, shared = {0};
  v16 one = broadcast16(1);
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    more_counts more = count_more(t, g, pair, halves);
    rated = dot_words(rated, words_in(more.rated, one), one);
    shared = dot_words(shared, words_in(more.shared, one), one);
  }
  if (slots->rated != SIZE_MAX) add_words(&g->sums[slots->rated * DSS_LANES], quarter, rated);
  if (slots->shared != SIZE_MAX) add_words(&g->sums[slots->shared * DSS_LANES], quarter, shared);
}

DSS_INLINE void sum_more_of(const narrow_tile *t, const narrow_group *g, size_t quarter, int halves,
                            const dss_sums_choice *choice) {
  const dss_cpu_slots *slots = &t->question->slots;
  if (slots->rated != SIZE_MAX || slots->shared != SIZE_MAX) more_units(t, g, quarter, halves);
  if (choice->complement) more_complement(t, g, quarter, halves);
  if (choice->complement && !slots->collapsed) more_complement_pairs(t, g, quarter, halves);
  if (choice->plurality) more_plurality(t, g, quarter, halves);
  if (choice->votes) more_votes(t, g, quarter, halves, choice->skip_ties);
  if (choice->entropy && choice->cross_entropy)
    more_entropies(t, g, quarter, halves, true, true);
  else if (choice->entropy || choice->cross_entropy)
    more_entropies(t, g, quarter, halves, choice->entropy, choice->cross_entropy);
}

static void sum_more(const narrow_tile *t, const narrow_group *g, size_t quarter,
                     const dss_sums_choice *choice) {
  switch (dss_cpu_halves(t->question->tables)) {
  case 1:
    sum_more_of(t, g, quarter, 1, choice);
    break;
  case 2:
    sum_more_of(t, g, quarter, 2, choice);
    break;
  case 3:
    sum_more_of(t, g, quarter, 3, choice);
    break;
  case 4:
    sum_more_of(t, g, quarter, 4, choice);
    break;
  default:
    break;
  }
}

#endif
