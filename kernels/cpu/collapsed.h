/* The statistics of nominal questions, eight resamples at a time: the formulas of
 * kernels/common/formulas.h over totals that are had without a sum for each pair of levels. */
#ifndef DSS_CPU_COLLAPSED_H
#define DSS_CPU_COLLAPSED_H

#include "lanes.h"
#include "vectors.h"

/* Counts of ratings are squared in 64 bits. */
static bool collapsed_serves(const dss_cpu_layout *layout, const dss_cpu_question *q,
                             const dss_cpu_scratch *s) {
  return q->slots.collapsed && !s->any_carried &&
         q->level_ptr[(size_t)q->n_items * q->tables->n_levels] < UINT32_MAX;
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

/* Alpha of one side: its counts and its pairs. */
static void collapsed_alpha(const dss_cpu_question *q, const uint64_t *counts,
                            const uint64_t *pairs, double *alpha) {
  double scale = (double)q->tables->weight_scale, rounding = q->tables->rounding;
  uint64_t n[DSS_LANES], same[DSS_LANES], equal[DSS_LANES];
  add_products(counts, counts, q->tables->n_levels, n, same, equal);
  for (size_t l = 0; l < DSS_LANES; l++)
    alpha[l] = dss_corrected(rounding, dss_alpha_from(scale, (double)pairs[l],
                                                      (double)((n[l] * n[l] - equal[l]) / 2),
                                                      (double)n[l], 0.0));
}

static void collapsed_xrr(const dss_cpu_question *q, const uint64_t *sums, double *xrr) {
  const dss_cpu_slots *slots = &q->slots;
  const uint64_t *pairs = &sums[slots->cross_pair * DSS_LANES];
  double scale = (double)q->tables->weight_scale, rounding = q->tables->rounding;
  uint64_t r[DSS_LANES], s[DSS_LANES], equal[DSS_LANES];
  add_products(&sums[slots->x_count * DSS_LANES], &sums[slots->y_count * DSS_LANES],
               q->tables->n_levels, r, s, equal);
  for (size_t l = 0; l < DSS_LANES; l++)
    xrr[l] = dss_corrected(rounding,
                           dss_cross_from(scale, (double)pairs[l], (double)(r[l] * s[l] - equal[l]),
                                          (double)r[l], (double)s[l]));
}

/* A sum in DSS_PRODUCT_SLOTS slots, as dss_exact_to_double has it. */
DSS_INLINE void product_doubles(const uint64_t *sums, double *out) {
  for (size_t l = 0; l < DSS_LANES; l++) {
    uint64_t middle = sums[DSS_LANES + l], upper = sums[2 * DSS_LANES + l];
    uint64_t low = sums[l] + (middle << DSS_PRODUCT_BITS);
    uint64_t carry = low < sums[l], sum = low + (upper << 2 * DSS_PRODUCT_BITS);
    uint64_t high = (middle >> (64 - DSS_PRODUCT_BITS)) + (upper >> (64 - 2 * DSS_PRODUCT_BITS));
    high += carry + (sum < low);
    out[l] = (double)high * 18446744073709551616.0 + (double)sum;
  }
}

static void collapsed_negentropy(const dss_cpu_question *q, const uint64_t *entropy,
                                 const uint64_t *units, double *negentropy) {
  double scale = (double)q->tables->weight_scale, unit = q->tables->log_unit;
  double most = q->tables->log_levels, sum[DSS_LANES];
  product_doubles(entropy, sum);
  for (size_t l = 0; l < DSS_LANES; l++)
    negentropy[l] = dss_negentropy(scale, unit, most, sum[l], (double)units[l]);
}

static void collapsed_voting(const dss_cpu_question *q, const uint64_t *sums, double *voting) {
  const uint64_t *units = &sums[q->slots.vote_units * DSS_LANES];
  const uint64_t *counts = &sums[q->slots.vote_count * DSS_LANES];
  double agreement[DSS_LANES], equal[DSS_LANES] = {0.0};
  product_doubles(&sums[q->slots.vote_agreement * DSS_LANES], agreement);
  for (size_t c = 0; c < q->tables->n_levels; c++)
    for (size_t l = 0; l < DSS_LANES; l++)
      equal[l] += dss_squared_votes((double)counts[c * DSS_LANES + l]);
  for (size_t l = 0; l < DSS_LANES; l++)
    voting[l] = dss_voting((double)units[l], agreement[l], equal[l]);
}

/* Those beyond IRR, XRR, GAI and their difference. values [DSS_N_STATISTICS][DSS_LANES]. */
static void collapsed_more(const dss_sums_choice *choice, const dss_cpu_question *q,
                           const uint64_t *sums, double (*values)[DSS_LANES]) {
#define AT(slot) (&sums[q->slots.slot * DSS_LANES])
  if (choice->complement) {
    double other[DSS_LANES];
    collapsed_alpha(q, AT(complement_count), AT(complement_pair), other);
    for (size_t l = 0; l < DSS_LANES; l++)
      values[DSS_NXRR][l] = dss_nxrr(values[DSS_IRR][l], values[DSS_XRR][l], other[l]);
  }
  if (choice->plurality) {
    const uint64_t *sum = AT(plurality), *rated = AT(rated);
    double scale = (double)q->tables->weight_scale;
    for (size_t l = 0; l < DSS_LANES; l++)
      values[DSS_PLURALITY][l] = dss_plurality(scale, (double)sum[l], (double)rated[l]);
  }
  if (choice->entropy) collapsed_negentropy(q, AT(entropy), AT(rated), values[DSS_NEGENTROPY]);
  if (choice->cross_entropy)
    collapsed_negentropy(q, AT(cross_entropy), AT(shared), values[DSS_CROSS_NEGENTROPY]);
  if (choice->votes) collapsed_voting(q, sums, values[DSS_VOTING]);
#undef AT
}

/* out: the group's columns of the first lane; stride from lane to lane. */
static void collapsed_values(const dss_kernel_plan *plan, const dss_cpu_question *q,
                             const uint64_t *sums, unsigned n_lanes, size_t stride, double *out) {
  double values[DSS_N_STATISTICS][DSS_LANES];
  double *irr = values[DSS_IRR], *xrr = values[DSS_XRR];
  for (size_t l = 0; l < DSS_LANES; l++)
    irr[l] = xrr[l] = NAN;
  if (plan->choice.alpha)
    collapsed_alpha(q, &sums[q->slots.own_count * DSS_LANES], &sums[q->slots.own_pair * DSS_LANES],
                    irr);
  if (plan->choice.cross) collapsed_xrr(q, sums, xrr);
  for (size_t l = 0; l < DSS_LANES; l++) {
    double less = irr[l] - xrr[l];
    values[DSS_GAI][l] = dss_gai(irr[l], xrr[l]);
    values[DSS_DIFFERENCE][l] = less == less ? less : NAN;
  }
  collapsed_more(&plan->choice, q, sums, values);
  size_t at = 0;
  for (unsigned statistic = 0; statistic < DSS_N_STATISTICS; statistic++) {
    if (!(plan->metrics >> statistic & 1u)) continue;
    for (unsigned lane = 0; lane < n_lanes; lane++)
      out[lane * stride + at] = values[statistic][lane];
    at++;
  }
}

#endif
