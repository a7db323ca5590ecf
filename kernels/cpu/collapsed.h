/* IRR, XRR, GAI and their difference of nominal questions, eight resamples at a time: the formulas
 * of kernels/common/formulas.h over totals that are had without a sum for each pair of levels. */
#ifndef DSS_CPU_COLLAPSED_H
#define DSS_CPU_COLLAPSED_H

#include "lanes.h"
#include "vectors.h"

/* Counts of ratings are squared in 64 bits. */
DSS_INLINE bool collapsed_serves(const dss_cpu_layout *layout, const dss_cpu_question *q) {
  unsigned simple = DSS_METRICS_GAI;
  return q->slots.collapsed && (layout->plan->metrics & ~simple) == 0 &&
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

/* A sum over pairs of ratings, which may stand in two parts. Counts are never carried over. */
DSS_INLINE void collapsed_pairs(const dss_cpu_scratch *s, size_t at, double *pairs) {
  if (s->any_carried)
    for (size_t l = 0; l < DSS_LANES; l++)
      pairs[l] = dss_exact_to_double(s->carried[at + l] + s->sums[at + l]);
  else
    for (size_t l = 0; l < DSS_LANES; l++)
      pairs[l] = (double)s->sums[at + l];
}

static void collapsed_irr(const dss_cpu_question *q, const dss_cpu_scratch *s, size_t at,
                          double *irr) {
  const dss_cpu_slots *slots = &q->slots;
  const uint64_t *counts = &s->sums[at + slots->own_count * DSS_LANES];
  double pairs[DSS_LANES];
  double scale = (double)q->tables->weight_scale, rounding = q->tables->rounding;
  uint64_t n[DSS_LANES], same[DSS_LANES], equal[DSS_LANES];
  collapsed_pairs(s, at + slots->own_pair * DSS_LANES, pairs);
  add_products(counts, counts, q->tables->n_levels, n, same, equal);
  for (size_t l = 0; l < DSS_LANES; l++)
    irr[l] = dss_corrected(
        rounding,
        dss_alpha_from(scale, pairs[l], (double)((n[l] * n[l] - equal[l]) / 2), (double)n[l], 0.0));
}

static void collapsed_xrr(const dss_cpu_question *q, const dss_cpu_scratch *s, size_t at,
                          double *xrr) {
  const dss_cpu_slots *slots = &q->slots;
  double scale = (double)q->tables->weight_scale, rounding = q->tables->rounding, pairs[DSS_LANES];
  uint64_t x[DSS_LANES], y[DSS_LANES], equal[DSS_LANES];
  collapsed_pairs(s, at + slots->cross_pair * DSS_LANES, pairs);
  add_products(&s->sums[at + slots->x_count * DSS_LANES], &s->sums[at + slots->y_count * DSS_LANES],
               q->tables->n_levels, x, y, equal);
  for (size_t l = 0; l < DSS_LANES; l++)
    xrr[l] =
        dss_corrected(rounding, dss_cross_from(scale, pairs[l], (double)(x[l] * y[l] - equal[l]),
                                               (double)x[l], (double)y[l]));
}

/* at: where the group's sums start; out: its columns of the first lane, stride from lane to lane.
 */
static void collapsed_values(const dss_kernel_plan *plan, const dss_cpu_question *q,
                             const dss_cpu_scratch *s, size_t at_sums, unsigned n_lanes,
                             size_t stride, double *out) {
  double irr[DSS_LANES], xrr[DSS_LANES], gai[DSS_LANES], difference[DSS_LANES];
  for (size_t l = 0; l < DSS_LANES; l++)
    irr[l] = xrr[l] = NAN;
  if (plan->choice.alpha) collapsed_irr(q, s, at_sums, irr);
  if (plan->choice.cross) collapsed_xrr(q, s, at_sums, xrr);
  for (size_t l = 0; l < DSS_LANES; l++) {
    double less = irr[l] - xrr[l];
    gai[l] = dss_gai(irr[l], xrr[l]);
    difference[l] = less == less ? less : NAN;
  }
  const double *const columns[DSS_N_STATISTICS] = {
      [DSS_IRR] = irr, [DSS_XRR] = xrr, [DSS_GAI] = gai, [DSS_DIFFERENCE] = difference};
  size_t at = 0;
  for (unsigned statistic = 0; statistic < DSS_N_STATISTICS; statistic++) {
    if (!(plan->metrics >> statistic & 1u)) continue;
    for (unsigned lane = 0; lane < n_lanes; lane++)
      out[lane * stride + at] = columns[statistic][lane];
    at++;
  }
}

#endif
