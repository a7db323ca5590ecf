/* The statistics of a block of resamples, several at a time: the formulas of
 * kernels/common/formulas.h. Nominal questions have their totals of distances without a sum for
 * each pair of levels, others by distances.h. */
#ifndef DSS_CPU_BLOCK_VALUES_H
#define DSS_CPU_BLOCK_VALUES_H

#include "distances.h"

/* Counts of ratings are squared in 64 bits. */
DSS_INLINE bool block_serves(const dss_cpu_question *q, uint64_t n_ratings) {
  return q->slots.collapsed ? n_ratings < UINT32_MAX : distances_serve(q, n_ratings);
}

/* n and the sum over levels of a_c b_c, with b = a: of one side. counts [K][DSS_LANES]. */
DSS_INLINE void add_products(const uint64_t *a, const uint64_t *b, size_t levels, uint64_t *n_a,
                             uint64_t *n_b, uint64_t *equal) {
  for (size_t l = 0; l < DSS_LANES; l++)
    n_a[l] = n_b[l] = equal[l] = 0;
  for (size_t c = 0; c < levels; c++)
    for (size_t l = 0; l < DSS_LANES; l++) {
      uint64_t x = a[c * DSS_LANES + l], y = b[c * DSS_LANES + l];
      n_a[l] += x;
      n_b[l] += y;
      equal[l] += x * y;
    }
}

/* A sum, which may stand in two parts. Counts of ratings are never carried over. */
DSS_INLINE void block_sum(const dss_cpu_scratch *s, size_t at, double *sum) {
  if (s->any_carried)
    for (size_t l = 0; l < DSS_LANES; l++)
      sum[l] = dss_exact_to_double(s->carried[at + l] + s->sums[at + l]);
  else
    for (size_t l = 0; l < DSS_LANES; l++)
      sum[l] = (double)s->sums[at + l];
}

/* Alpha of one side, from its counts and the sum of its pairs. */
static void block_alpha(const dss_cpu_question *q, const dss_cpu_scratch *s, size_t counts_at,
                        size_t pairs_at, double *alpha) {
  const uint64_t *counts = &s->sums[counts_at];
  double pairs[DSS_LANES], expected[DSS_LANES];
  double scale = (double)q->tables->weight_scale, rounding = q->tables->rounding;
  uint64_t n[DSS_LANES], same[DSS_LANES], equal[DSS_LANES];
  add_products(counts, counts, q->tables->n_levels, n, same, equal);
  if (q->slots.collapsed) {
    block_sum(s, pairs_at, pairs);
    for (size_t l = 0; l < DSS_LANES; l++)
      expected[l] = (double)((n[l] * n[l] - equal[l]) / 2);
  } else {
    distance_totals(q, s, counts_at, SIZE_MAX, pairs_at, pairs, expected);
  }
  for (size_t l = 0; l < DSS_LANES; l++)
    alpha[l] =
        dss_corrected(rounding, dss_alpha_from(scale, pairs[l], expected[l], (double)n[l], 0.0));
}

static void block_xrr(const dss_cpu_question *q, const dss_cpu_scratch *s, size_t at, double *xrr) {
  const dss_cpu_slots *slots = &q->slots;
  double scale = (double)q->tables->weight_scale, rounding = q->tables->rounding;
  double pairs[DSS_LANES], expected[DSS_LANES];
  uint64_t x[DSS_LANES], y[DSS_LANES], equal[DSS_LANES];
  size_t x_at = at + slots->x_count * DSS_LANES, y_at = at + slots->y_count * DSS_LANES;
  size_t pairs_at = at + slots->cross_pair * DSS_LANES;
  add_products(&s->sums[x_at], &s->sums[y_at], q->tables->n_levels, x, y, equal);
  if (slots->collapsed) {
    block_sum(s, pairs_at, pairs);
    for (size_t l = 0; l < DSS_LANES; l++)
      expected[l] = (double)(x[l] * y[l] - equal[l]);
  } else {
    distance_totals(q, s, x_at, y_at, pairs_at, pairs, expected);
  }
  for (size_t l = 0; l < DSS_LANES; l++)
    xrr[l] = dss_corrected(
        rounding, dss_cross_from(scale, pairs[l], expected[l], (double)x[l], (double)y[l]));
}

/* A sum in DSS_PRODUCT_SLOTS slots. */
DSS_INLINE dss_u128 product_total(const dss_cpu_scratch *s, size_t at) {
  dss_u128 sum = 0;
  for (size_t i = DSS_PRODUCT_SLOTS; i-- > 0;) {
    size_t slot = at + i * DSS_LANES;
    sum = (sum << DSS_PRODUCT_BITS) + s->sums[slot] + (s->any_carried ? s->carried[slot] : 0);
  }
  return sum;
}

/* The same in all lanes, as dss_exact_to_double has it. */
DSS_INLINE void block_product(const dss_cpu_scratch *s, size_t at, double *product) {
  const uint64_t *sums = &s->sums[at];
  for (size_t l = 0; s->any_carried && l < DSS_LANES; l++)
    product[l] = dss_exact_to_double(product_total(s, at + l));
  if (s->any_carried) return;
  for (size_t l = 0; l < DSS_LANES; l++) {
    uint64_t middle = sums[DSS_LANES + l], upper = sums[2 * DSS_LANES + l];
    uint64_t low = sums[l] + (middle << DSS_PRODUCT_BITS);
    uint64_t carry = low < sums[l], sum = low + (upper << 2 * DSS_PRODUCT_BITS);
    uint64_t high = (middle >> (64 - DSS_PRODUCT_BITS)) + (upper >> (64 - 2 * DSS_PRODUCT_BITS));
    high += carry + (sum < low);
    product[l] = (double)high * 18446744073709551616.0 + (double)sum;
  }
}

static void block_negentropy(const dss_cpu_question *q, const dss_cpu_scratch *s, size_t at,
                             size_t units_at, double *negentropy) {
  double scale = (double)q->tables->weight_scale, unit = q->tables->log_unit;
  double most = q->tables->log_levels, sum[DSS_LANES], units[DSS_LANES];
  block_product(s, at, sum);
  block_sum(s, units_at, units);
  for (size_t l = 0; l < DSS_LANES; l++)
    negentropy[l] = dss_negentropy(scale, unit, most, sum[l], units[l]);
}

static void block_voting(const dss_cpu_question *q, const dss_cpu_scratch *s, size_t at,
                         double *voting) {
  double agreement[DSS_LANES], units[DSS_LANES], votes[DSS_LANES], equal[DSS_LANES] = {0.0};
  block_product(s, at + q->slots.vote_agreement * DSS_LANES, agreement);
  block_sum(s, at + q->slots.vote_units * DSS_LANES, units);
  for (size_t c = 0; c < q->tables->n_levels; c++) {
    block_sum(s, at + (q->slots.vote_count + c) * DSS_LANES, votes);
    for (size_t l = 0; l < DSS_LANES; l++)
      equal[l] += dss_squared_votes(votes[l]);
  }
  for (size_t l = 0; l < DSS_LANES; l++)
    voting[l] = dss_voting(units[l], agreement[l], equal[l]);
}

/* Those beyond IRR, XRR, GAI and their difference. values [DSS_N_STATISTICS][DSS_LANES]. */
static void block_more(const dss_sums_choice *choice, const dss_cpu_question *q,
                       const dss_cpu_scratch *s, size_t at, double (*values)[DSS_LANES]) {
#define AT(slot) (at + q->slots.slot * DSS_LANES)
  if (choice->complement) {
    double other[DSS_LANES];
    block_alpha(q, s, AT(complement_count), AT(complement_pair), other);
    for (size_t l = 0; l < DSS_LANES; l++)
      values[DSS_NXRR][l] = dss_nxrr(values[DSS_IRR][l], values[DSS_XRR][l], other[l]);
  }
  if (choice->plurality) {
    double scale = (double)q->tables->weight_scale, sum[DSS_LANES], rated[DSS_LANES];
    block_sum(s, AT(plurality), sum);
    block_sum(s, AT(rated), rated);
    for (size_t l = 0; l < DSS_LANES; l++)
      values[DSS_PLURALITY][l] = dss_plurality(scale, sum[l], rated[l]);
  }
  if (choice->entropy) block_negentropy(q, s, AT(entropy), AT(rated), values[DSS_NEGENTROPY]);
  if (choice->cross_entropy)
    block_negentropy(q, s, AT(cross_entropy), AT(shared), values[DSS_CROSS_NEGENTROPY]);
  if (choice->votes) block_voting(q, s, at, values[DSS_VOTING]);
#undef AT
}

/* at: where the group's sums start; out: its columns of the first lane, stride from lane to lane.
 */
static void block_values(const dss_kernel_plan *plan, const dss_cpu_question *q,
                         const dss_cpu_scratch *s, size_t at_sums, unsigned n_lanes, size_t stride,
                         double *out) {
  double values[DSS_N_STATISTICS][DSS_LANES];
  double *irr = values[DSS_IRR], *xrr = values[DSS_XRR];
  for (size_t l = 0; l < DSS_LANES; l++)
    irr[l] = xrr[l] = NAN;
  if (plan->choice.alpha)
    block_alpha(q, s, at_sums + q->slots.own_count * DSS_LANES,
                at_sums + q->slots.own_pair * DSS_LANES, irr);
  if (plan->choice.cross) block_xrr(q, s, at_sums, xrr);
  for (size_t l = 0; l < DSS_LANES; l++) {
    double less = irr[l] - xrr[l];
    values[DSS_GAI][l] = dss_gai(irr[l], xrr[l]);
    values[DSS_DIFFERENCE][l] = less == less ? less : NAN;
  }
  block_more(&plan->choice, q, s, at_sums, values);
  size_t at = 0;
  for (unsigned statistic = 0; statistic < DSS_N_STATISTICS; statistic++) {
    if (!(plan->metrics >> statistic & 1u)) continue;
    for (unsigned lane = 0; lane < n_lanes; lane++)
      out[lane * stride + at] = values[statistic][lane];
    at++;
  }
}

#endif
