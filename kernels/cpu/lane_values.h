/* The statistics of a block of resamples, one after the other, by the reference's formulas: where
 * distances are no integers, or totals too large for block_values.h. */
#ifndef DSS_CPU_LANE_VALUES_H
#define DSS_CPU_LANE_VALUES_H

#include "block_values.h"

static dss_u128 total(const dss_cpu_scratch *s, size_t at) {
  return s->any_carried ? s->carried[at] + s->sums[at] : s->sums[at];
}

static uint64_t get_counts(const dss_cpu_scratch *s, size_t at, size_t levels, uint64_t *counts) {
  uint64_t sum = 0;
  for (size_t c = 0; c < levels; c++)
    sum += counts[c] = (uint64_t)total(s, at + c * DSS_LANES);
  return sum;
}

/* Collapsed sums stand in the first pair; an earlier question may have filled the others. */
static void get_pairs(const dss_cpu_scratch *s, const dss_cpu_question *q, size_t at,
                      dss_u128 *pairs) {
  size_t stored = q->slots.n_pairs, all = dss_n_pairs(q->tables->n_levels);
  for (size_t i = 0; i < stored; i++)
    pairs[i] = total(s, at + i * DSS_LANES);
  for (size_t i = stored; i < all; i++)
    pairs[i] = 0;
}

/* One group's sums in one lane, as the reference has them. Units matter as none or some. */
static void get_sums(const dss_cpu_question *q, const dss_sums_choice *choice, size_t at,
                     dss_cpu_scratch *s) {
  const dss_cpu_slots *slots = &q->slots;
  dss_group_sums *g = &s->group;
  size_t levels = q->tables->n_levels;
#define AT(slot) (at + slots->slot * DSS_LANES)
  if (choice->alpha) {
    get_pairs(s, q, AT(own_pair), g->own.pair);
    g->own.units = g->own.pairable = get_counts(s, AT(own_count), levels, g->own.count);
  }
  if (choice->complement) {
    get_pairs(s, q, AT(complement_pair), g->complement.pair);
    g->complement.units = g->complement.pairable =
        get_counts(s, AT(complement_count), levels, g->complement.count);
  }
  if (choice->cross) {
    get_pairs(s, q, AT(cross_pair), g->cross.pair);
    g->cross.units = g->cross.x_ratings = get_counts(s, AT(x_count), levels, g->cross.x_count);
    g->cross.y_ratings = get_counts(s, AT(y_count), levels, g->cross.y_count);
  }
  if (choice->plurality) g->plurality = total(s, AT(plurality));
  if (choice->entropy) g->entropy = (dss_i128)product_total(s, AT(entropy));
  if (choice->cross_entropy) g->cross_entropy = (dss_i128)product_total(s, AT(cross_entropy));
  if (choice->votes) {
    g->votes.units = (uint64_t)total(s, AT(vote_units));
    g->votes.agreement = product_total(s, AT(vote_agreement));
    for (size_t c = 0; c < levels; c++)
      g->votes.count[c] = total(s, AT(vote_count) + c * DSS_LANES);
  }
  if (slots->rated != SIZE_MAX) g->rated = (uint64_t)total(s, AT(rated));
  if (slots->shared != SIZE_MAX) g->votes.shared = (uint64_t)total(s, AT(shared));
#undef AT
}

/* As block_values. */
static void lane_values(const dss_kernel_plan *plan, const dss_cpu_question *q, size_t at,
                        unsigned n_lanes, size_t stride, dss_cpu_scratch *s, double *out) {
  for (unsigned lane = 0; lane < n_lanes; lane++) {
    get_sums(q, &plan->choice, at + lane, s);
    dss_values values = dss_values_of(q->tables, &plan->choice, &s->group);
    dss_put_values(plan->metrics, &values, &out[lane * stride]);
  }
}

#endif
