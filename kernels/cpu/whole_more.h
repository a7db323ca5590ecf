/* The other statistics over the items that every rater rated. What whole.h says of weights holds
 * for theirs: of an item's entropy, cross-entropy or plurality only what its counts decide is added
 * up here, unweighted, and votes in units in which they have 16 bits. */
#ifndef DSS_CPU_WHOLE_MORE_H
#define DSS_CPU_WHOLE_MORE_H

#include "whole.h"

/* --- logarithms ---------------------------------------------------------------------------------
 *
 * Tables of so many entries are read one by one: two loads are a cycle, and instructions that
 * gather no faster. Four counts come at once, two levels of two lanes. */

/* The counts in two lanes of a row that stands as `words`. */
DSS_INLINE uint64_t whole_four(const v32 *words, size_t half, size_t lane) {
  uint64_t four;
  memcpy(&four, (const uint32_t *)words + half * DSS_LANES + lane, sizeof four);
  return four;
}

DSS_INLINE const v32 *whole_row(const whole_items *w, size_t row, size_t block) {
  return &w->rows[row * w->row_size + block * w->block_size];
}

/* XL[x_c], and x_c XH[y_c], of one or two levels in 32 bits. */
DSS_INLINE uint64_t whole_logs(const dss_tables *t, uint32_t x, size_t levels) {
  uint64_t sum = (uint64_t)t->count_log[x & 0xffff];
  return levels > 1 ? sum + (uint64_t)t->count_log[x >> 16] : sum;
}

DSS_INLINE uint64_t whole_products(const dss_tables *t, uint32_t x, uint32_t y, size_t levels) {
  uint64_t sum = (x & 0xffff) * (uint64_t)t->half_log[y & 0xffff];
  return levels > 1 ? sum + (x >> 16) * (uint64_t)t->half_log[y >> 16] : sum;
}

/* What to look up: the group's row of counts, and that of the raters of unknown value or NULL. */
typedef struct whole_looked_up {
  const dss_tables *tables;
  const v32 *row, *unknown;
  bool entropy, cross;
} whole_looked_up;

/* Adds the sums over the items and over pairs of levels from `first` on, of which so many levels
 * are there, in two lanes. */
DSS_INLINE void whole_look_up(const whole_items *w, const whole_looked_up *what, size_t lane,
                              size_t first, size_t end, size_t levels, uint64_t *logs,
                              uint64_t *products) {
  uint64_t log = 0, next_log = 0, product = 0, next_product = 0;
  for (size_t i = 0; i < w->n_items * w->halves; i += w->halves)
    for (size_t half = i + first; half < i + end; half++) {
      uint64_t x = whole_four(what->row, half, lane), level = (uint32_t)w->level[half];
      uint64_t y = (level | level << 32) - x;
      if (what->unknown) y -= whole_four(what->unknown, half, lane);
      if (what->entropy) {
        log += whole_logs(what->tables, (uint32_t)x, levels);
        next_log += whole_logs(what->tables, (uint32_t)(x >> 32), levels);
      }
      if (what->cross) {
        product += whole_products(what->tables, (uint32_t)x, (uint32_t)y, levels);
        next_product +=
            whole_products(what->tables, (uint32_t)(x >> 32), (uint32_t)(y >> 32), levels);
      }
    }
  logs[lane] += log;
  logs[lane + 1] += next_log;
  products[lane] += product;
  products[lane + 1] += next_product;
}

/* logs, products [DSS_LANES] = sums over the items and levels. */
DSS_INLINE void whole_logarithms(const whole_items *w, const dss_tables *t, bool unknown,
                                 bool entropy, bool cross, size_t block, uint64_t *logs,
                                 uint64_t *products) {
  const whole_looked_up what = {t, whole_row(w, w->row, block),
                                unknown ? whole_row(w, w->unknown, block) : NULL, entropy, cross};
  size_t full = w->levels / 2;
  for (size_t l = 0; l < DSS_LANES; l++)
    logs[l] = products[l] = 0;
  for (size_t l = 0; l < DSS_LANES; l += 2) {
    whole_look_up(w, &what, l, 0, full, 2, logs, products);
    if (full < w->halves) whole_look_up(w, &what, l, full, w->halves, 1, logs, products);
  }
}

/* sums, in two slots, += all - less, which some items' logarithms are: 128 bits, since those of all
 * items may have more than 64. */
static void whole_add_logarithms(uint64_t all, const uint64_t *less, uint64_t *sums) {
  for (size_t l = 0; l < DSS_LANES; l++) {
    uint64_t more = all - less[l], sum = sums[l] + more;
    sums[l] = sum;
    sums[DSS_LANES + l] += sum < more;
  }
}

/* Weight times what whole_add_logarithms left, as the sum of a product. It has under 2^50 units of
 * 2^52: F is 34 + L(m) and all items' ratings are 31 bits (count_whole), a rating's logarithm
 * 37. */
static void whole_weigh_logarithms(uint64_t weight, uint64_t *sums) {
  const uint64_t low = ((uint64_t)1 << DSS_PRODUCT_BITS) - 1;
  for (size_t l = 0; l < DSS_LANES; l++) {
    dss_u128 sum = ((dss_u128)sums[DSS_LANES + l] << 64) + sums[l];
    sum *= weight;
    sums[l] = (uint64_t)sum & low;
    sums[DSS_LANES + l] = (uint64_t)(sum >> DSS_PRODUCT_BITS) & low;
    sums[2 * DSS_LANES + l] = (uint64_t)(sum >> 2 * DSS_PRODUCT_BITS);
  }
}

/* --- largest counts ----------------------------------------------------------------------------
 */

/* The larger of each lane's two levels, in both words. */
DSS_INLINE v16 whole_larger(v16 a) {
  return larger_words(a, (v16)swap_words((v32)a));
}

static void whole_plurality(const whole_items *w, size_t block, uint64_t *sums) {
  for (size_t v = 0; v < 4; v++) {
    whole_at at = {block, v};
    v32 sum = {0};
    for (size_t item = 0; item < w->n_items; item++) {
      v16 most = (v16)whole_counts(w, item, w->row, 0, at);
      for (size_t half = 1; half < w->halves; half++)
        most = larger_words(most, (v16)whole_counts(w, item, w->row, half, at));
      sum += (v32)whole_larger(most) & 0xffff;
    }
    whole_add(sums, at, sum);
  }
}

/* --- votes --------------------------------------------------------------------------------------
 *
 * Shared by up to DSS_WEIGHT_EXACT winners a vote is a whole number of units of 2^DSS_VOTE_SHIFT,
 * with 15 bits. */

enum { WHOLE_VOTE_HALVES = DSS_WEIGHT_EXACT / 2 };

/* The largest of an item's counts, in both words. */
DSS_INLINE v16 whole_most(const v16 *counts, size_t halves) {
  v16 most = counts[0];
  for (size_t half = 1; half < halves; half++)
    most = larger_words(most, counts[half]);
  return whole_larger(most);
}

/* Both levels of each lane together, in both words. */
DSS_INLINE v16 whole_both_levels(v16 a) {
  return a + (v16)swap_words((v32)a);
}

/* Where they go: items; products in units of 2^(2 DSS_VOTE_SHIFT); [level] in units of one. */
typedef struct whole_vote_sums {
  uint64_t *units, *agreement, *count;
} whole_vote_sums;

typedef struct whole_vote_rule {
  _Alignas(64) int16_t vote[DSS_LOOKUP_SIZE]; /* by number of winners */
  bool skip_ties;
} whole_vote_rule;

static whole_vote_rule whole_vote_rule_of(const dss_tables *t, bool skip_ties) {
  whole_vote_rule rule = {.vote = {0}, .skip_ties = skip_ties};
  for (uint32_t n = 1; n <= t->n_levels && n <= DSS_WEIGHT_EXACT; n++)
    rule.vote[n] = (int16_t)(t->vote[n] >> DSS_VOTE_SHIFT);
  return rule;
}

/* An item's winners: what a winning level gets, by side; 0 where the item does not enter. */
typedef struct whole_winners {
  v16 x_vote, y_vote, common; /* of each lane, in both words; common: levels that win on both */
} whole_winners;

DSS_INLINE whole_winners whole_winners_of(const whole_vote_rule *rule, const v16 *x, v16 x_most,
                                          const v16 *y, v16 y_most, size_t halves, v32 *units) {
  const v16 one = broadcast16(1);
  v16 n_x = {0}, n_y = {0}, common = {0};
  for (size_t half = 0; half < halves; half++) {
    v16 in_x = words_in(equal16(x[half], x_most), one);
    v16 in_y = words_in(equal16(y[half], y_most), one);
    n_x += in_x;
    n_y += in_y;
    common += in_x & in_y;
  }
  n_x = whole_both_levels(n_x);
  n_y = whole_both_levels(n_y);
  whole_winners won = {lookup(rule->vote, n_x, true), lookup(rule->vote, n_y, true),
                       whole_both_levels(common)};
  if (!rule->skip_ties) return won;
  lanes16 single = equal16(n_x + n_y, broadcast16(2));
  *units += (v32)words_in(single, one) & 0xffff;
  won.x_vote = words_in(single, won.x_vote);
  won.y_vote = words_in(single, won.y_vote);
  return won;
}

/* One vector's sums over the items; 32 bits hold them: products of 30 bits in two parts. */
typedef struct whole_votes_held {
  v32 units, low, high, count[WHOLE_VOTE_HALVES][2];
} whole_votes_held;

DSS_INLINE void whole_vote(const whole_items *w, const whole_vote_rule *rule, bool unknown,
                           size_t item, size_t halves, whole_at at, whole_votes_held *held) {
  v16 x[WHOLE_VOTE_HALVES], y[WHOLE_VOTE_HALVES];
  for (size_t half = 0; half < halves; half++) {
    x[half] = (v16)whole_counts(w, item, w->row, half, at);
    y[half] = (v16)whole_both(w, unknown, item, half, at) - x[half];
  }
  v16 x_most = whole_most(x, halves), y_most = whole_most(y, halves);
  whole_winners won = whole_winners_of(rule, x, x_most, y, y_most, halves, &held->units);
  v16 both = won.common * won.x_vote & (v16)broadcast32(0xffff);
  v32 product = dot_words((v32){0}, both, won.y_vote);
  held->low += product & 0xffff;
  held->high += product >> 16;
  for (size_t half = 0; half < halves; half++) {
    v32u votes = (v32u)(words_in(equal16(x[half], x_most), won.x_vote) +
                        words_in(equal16(y[half], y_most), won.y_vote));
    held->count[half][0] += (v32)(votes & 0xffff);
    held->count[half][1] += (v32)(votes >> 16);
  }
}

/* halves is a constant. */
DSS_INLINE void whole_votes_of(const whole_items *w, const whole_vote_rule *rule, bool unknown,
                               size_t halves, size_t block, const whole_vote_sums *to) {
  for (size_t v = 0; v < 4; v++) {
    whole_at at = {block, v};
    whole_votes_held held = {.units = broadcast32(rule->skip_ties ? 0 : (int32_t)w->n_items)};
    for (size_t item = 0; item < w->n_items; item++)
      whole_vote(w, rule, unknown, item, halves, at, &held);
    whole_add(to->units, at, held.units);
    whole_add_shifted(to->agreement, at, held.low, 0);
    whole_add_shifted(to->agreement, at, held.high, 16);
    for (size_t c = 0; c < w->levels; c++)
      whole_add(&to->count[c * DSS_LANES], at, held.count[c / 2][c % 2]);
  }
}

static void whole_votes(const whole_items *w, const whole_vote_rule *rule, size_t block,
                        const whole_vote_sums *to) {
  bool unknown = w->unknown != DSS_NO_ROW;
  switch (w->halves) {
  case 1:
    whole_votes_of(w, rule, unknown, 1, block, to);
    break;
  case 2:
    whole_votes_of(w, rule, unknown, 2, block, to);
    break;
  case 3:
    whole_votes_of(w, rule, unknown, 3, block, to);
    break;
  case 4:
    whole_votes_of(w, rule, unknown, 4, block, to);
    break;
  case 5:
    whole_votes_of(w, rule, unknown, 5, block, to);
    break;
  default:
    whole_votes_of(w, rule, unknown, WHOLE_VOTE_HALVES, block, to);
  }
}

#endif
