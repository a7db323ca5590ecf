/* The items that every rater rated, from rows of counts to weighted sums. */
#ifndef DSS_CPU_SLICED_WHOLE_H
#define DSS_CPU_SLICED_WHOLE_H

#include "sliced_base.h"
#include "whole_more.h"

static whole_sizes whole_sizes_of(const sliced_base *z, const dss_cpu_part *part, uint32_t g) {
  whole_sizes n = {.m = part->n_raters[g]};
  n.s = z->layout->plan->exchange.n_raters - n.m - part->n_raters[part->n_groups];
  return n;
}

/* The pairs' sums of the block at hand. */
static void whole_pairs_of(const sliced_base *z, const whole_items *w, whole_sizes n, size_t block,
                           size_t group) {
  const dss_cpu_slots *slots = &z->question->slots;
  const whole_pair_sums to = {sums_at(z, group, slots->own_pair),
                              sums_at(z, group, slots->cross_pair),
                              sums_at(z, group, slots->complement_pair)};
  if (!to.own && !to.cross && !to.complement) return;
  bool unknown = w->unknown != DSS_NO_ROW, complement = to.complement;
  if (slots->collapsed && complement)
    unknown ? whole_unequal(w, true, true, n, block, &to)
            : whole_unequal(w, false, true, n, block, &to);
  else if (slots->collapsed)
    unknown ? whole_unequal(w, true, false, n, block, &to)
            : whole_unequal(w, false, false, n, block, &to);
  else if (complement)
    unknown ? whole_pairs(w, true, true, block, &to) : whole_pairs(w, false, true, block, &to);
  else
    unknown ? whole_pairs(w, true, false, block, &to) : whole_pairs(w, false, false, block, &to);
}

/* The same of entropy and, where the complement has a rater, cross-entropy: logarithms. */
static void whole_entropies_of(const sliced_base *z, const whole_items *w, whole_sizes n,
                               size_t block, size_t group) {
  const dss_tables *t = z->question->tables;
  uint64_t *own = sums_at(z, group, z->question->slots.entropy);
  uint64_t *cross = n.s > 0 ? sums_at(z, group, z->question->slots.cross_entropy) : NULL;
  uint64_t logs[DSS_LANES], products[DSS_LANES];
  bool unknown = w->unknown != DSS_NO_ROW;
  if (own && cross && unknown)
    whole_logarithms(w, t, true, true, true, block, logs, products);
  else if (own && cross)
    whole_logarithms(w, t, false, true, true, block, logs, products);
  else if (own)
    whole_logarithms(w, t, false, true, false, block, logs, products);
  else if (cross && unknown)
    whole_logarithms(w, t, true, false, true, block, logs, products);
  else if (cross)
    whole_logarithms(w, t, false, false, true, block, logs, products);
  if (own) whole_add_logarithms(w->n_items * (uint64_t)t->count_log[n.m], logs, own);
  if (cross)
    whole_add_logarithms(w->n_items * (uint64_t)n.m * (uint64_t)t->smoothed_log[n.s], products,
                         cross);
}

static void whole_group(const sliced_base *z, const whole_items *w, const whole_vote_rule *rule,
                        whole_sizes n, size_t group) {
  const dss_cpu_slots *slots = &z->question->slots;
  for (size_t k = 0; k < z->n_blocks; k++) {
    dss_cpu_at_block(z->layout, DSS_LANES, k, z->scratch);
    whole_pairs_of(z, w, n, k, group);
    if (!z->question->more) continue;
    whole_entropies_of(z, w, n, k, group);
    if (slots->plurality != SIZE_MAX) whole_plurality(w, k, sums_at(z, group, slots->plurality));
    if (slots->vote_units == SIZE_MAX || n.s == 0) continue;
    const whole_vote_sums votes = {sums_at(z, group, slots->vote_units),
                                   sums_at(z, group, slots->vote_agreement + 2),
                                   sums_at(z, group, slots->vote_count)};
    whole_votes(w, rule, k, &votes);
  }
}

/* Unweighted sums over n items whose rows are there, and the cells' marginals. */
static void whole_sums(const sliced_base *z, size_t first, size_t n) {
  const dss_cpu_question *q = z->question;
  size_t levels = q->tables->n_levels;
  int32_t level[DSS_SLICE_ITEMS * 128] = {0};
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < levels; c++) {
      const uint64_t *at = &q->level_ptr[(first + i) * levels + c];
      level[i * z->halves + c / 2] |= (int32_t)((at[1] - at[0]) << 16 * (c % 2));
    }
  whole_items w = {
      .rows = z->scratch->rows,
      .row_size = DSS_SLICE_BLOCKS * block_size(z),
      .block_size = block_size(z),
      .n_items = n,
      .halves = z->halves,
      .levels = levels,
      .n_blocks = z->n_blocks,
      .level = level,
  };
  for (size_t cell = 0; cell < z->base->n_cells; cell++)
    whole_marginals(&w, cell, (v32 *)z->scratch->marginals + cell * 2 * z->halves * SLICE_VECTORS);
  const whole_vote_rule rule = whole_vote_rule_of(q->tables, z->layout->plan->choice.skip_ties);
  FOR_GROUPS(z->layout, z->number, part, g) {
    w.row = part->row[g];
    w.unknown = part->row[part->n_groups];
    if (w.row != DSS_NO_ROW)
      whole_group(z, &w, &rule, whole_sizes_of(z, part, g), part->first_group + g);
  }
}

/* Counts of one row's ratings by level in one block. */
static const uint32_t *marginals_of(const sliced_base *z, size_t row, size_t level, size_t block) {
  size_t at = (row * 2 * z->halves + level) * SLICE_VECTORS * (DSS_LANES / 4);
  return &z->scratch->marginals[at + block * DSS_LANES];
}

/* Where one side's counts go. complement: all but the row's, and but the unknown's. */
typedef struct whole_side {
  size_t slot;
  bool enters, complement;
} whole_side;

static void whole_counts_of(const sliced_base *z, const dss_cpu_part *part, uint32_t g,
                            size_t block, const whole_side *side) {
  const dss_cpu_question *q = z->question;
  size_t levels = q->tables->n_levels, group = part->first_group + g;
  if (!side->enters || side->slot == SIZE_MAX) return;
  for (size_t c = 0; c < levels; c++) {
    uint64_t *to = sums_at(z, group, side->slot + c), all = 0;
    const uint32_t *x = marginals_of(z, part->row[g], c, block), *unknown = NULL;
    if (!side->complement) {
      for (size_t l = 0; l < DSS_LANES; l++)
        to[l] += x[l];
      continue;
    }
    if (part->row[part->n_groups] != DSS_NO_ROW)
      unknown = marginals_of(z, part->row[part->n_groups], c, block);
    for (size_t u = q->n_narrow; u < (size_t)q->n_narrow + q->n_whole; u++)
      all += q->level_ptr[u * levels + c + 1] - q->level_ptr[u * levels + c];
    for (size_t l = 0; l < DSS_LANES; l++)
      to[l] += all - x[l] - (unknown ? unknown[l] : 0);
  }
}

/* `count` slots' sums in the block at hand times a weight, in place or carried over. */
static void whole_weigh_slots(const sliced_base *z, size_t group, size_t slot, size_t count,
                              uint64_t weight, bool carried) {
  for (size_t i = 0; slot != SIZE_MAX && i < count; i++) {
    uint64_t *sums = sums_at(z, group, slot + i);
    whole_weigh(weight, sums, carried ? z->scratch->carried + (sums - z->scratch->sums) : NULL);
  }
}

/* A number of items that is the same in every resample. */
static void whole_items_of(const sliced_base *z, size_t group, size_t slot) {
  uint64_t *sums = sums_at(z, group, slot);
  for (size_t l = 0; sums && l < DSS_LANES; l++)
    sums[l] += z->question->n_whole;
}

static void whole_weigh_more(const sliced_base *z, whole_sizes n, size_t group, bool carried) {
  const dss_cpu_slots *slots = &z->question->slots;
  uint64_t weight = z->question->tables->weight[n.m];
  whole_items_of(z, group, slots->rated);
  if (n.s > 0) whole_items_of(z, group, slots->shared);
  whole_weigh_slots(z, group, slots->plurality, 1, weight, carried);
  if (slots->entropy != SIZE_MAX) whole_weigh_logarithms(weight, sums_at(z, group, slots->entropy));
  if (slots->cross_entropy != SIZE_MAX)
    whole_weigh_logarithms(weight, sums_at(z, group, slots->cross_entropy));
  whole_weigh_slots(z, group, slots->vote_count, z->question->tables->n_levels,
                    (uint64_t)1 << DSS_VOTE_SHIFT, carried);
}

/* One group's sums weighted. */
static void whole_weigh_group(const sliced_base *z, const dss_cpu_part *part, uint32_t g,
                              bool carried) {
  const dss_cpu_slots *slots = &z->question->slots;
  const uint64_t *weight = z->question->tables->weight;
  whole_sizes n = whole_sizes_of(z, part, g);
  size_t group = part->first_group + g, pairs = slots->n_pairs;
  bool common = z->layout->plan->choice.common_units;
  bool own = n.m >= 2 && (!common || n.s >= 1);
  bool cross = n.m >= 1 && n.s >= 1 && (!common || n.m >= 2);
  bool complement = n.s >= 2 && (!common || n.m >= 1);
  const whole_side sides[] = {{slots->own_count, own, false},
                              {slots->x_count, cross, false},
                              {slots->y_count, cross, true},
                              {slots->complement_count, complement, true}};
  for (size_t k = 0; k < z->n_blocks; k++) {
    dss_cpu_at_block(z->layout, DSS_LANES, k, z->scratch);
    whole_weigh_slots(z, group, slots->own_pair, pairs, own ? weight[n.m - 1] : 0, carried);
    whole_weigh_slots(z, group, slots->cross_pair, pairs, cross ? weight[n.m] + weight[n.s] : 0,
                      carried);
    whole_weigh_slots(z, group, slots->complement_pair, pairs, complement ? weight[n.s - 1] : 0,
                      carried);
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
      whole_counts_of(z, part, g, k, &sides[i]);
    if (z->question->more) whole_weigh_more(z, n, group, carried);
  }
}

/* Marginals of rows that are sums of others. */
static void whole_sum_marginals(const sliced_base *z) {
  const dss_cpu_base *base = z->base;
  size_t size = 2 * z->halves * DSS_SLICE_BLOCKS * DSS_LANES;
  for (uint32_t i = 0; i < base->n_sums; i++) {
    uint32_t *to = &z->scratch->marginals[(base->n_cells + i) * size];
    memset(to, 0, size * sizeof *to);
    for (uint32_t k = base->addend_ptr[i]; k < base->addend_ptr[i + 1]; k++)
      for (size_t at = 0; at < size; at++)
        to[at] += z->scratch->marginals[base->addends[k] * size + at];
  }
}

static void clear_carried(const sliced_base *z) {
  size_t n = z->layout->plan->n_groups * z->question->slots.n * DSS_LANES;
  for (size_t k = 0; k < z->n_blocks; k++) {
    dss_cpu_at_block(z->layout, DSS_LANES, k, z->scratch);
    memset(z->scratch->carried, 0, n * sizeof *z->scratch->carried);
  }
  z->scratch->any_carried = true;
}

static void whole_end(sliced_base *z) {
  const dss_cpu_question *q = z->question;
  uint64_t ratings = (uint64_t)q->n_whole * z->layout->plan->exchange.n_raters;
  bool carried = ratings > q->most_ratings;
  if (carried && !z->scratch->any_carried) clear_carried(z);
  whole_sum_marginals(z);
  FOR_GROUPS(z->layout, z->number, part, g)
  if (part->row[g] != DSS_NO_ROW) whole_weigh_group(z, part, g, carried);
  z->held = (carried ? 0 : ratings) + q->item_charge; /* all their products are an item's */
}

#endif
