/* Pairwise estimators of one group: from exact sums over pairs of raters to IRR, XRR and what they
 * make together. Definitions: docs/statistics.md, "From pairs of raters".
 *
 * A pair's mean distance enters as a whole number of steps, so the sums depend on no order. */
#ifndef DSS_COMMON_PAIRWISE_H
#define DSS_COMMON_PAIRWISE_H

#include <stdbool.h>

#include "formulas.h"
#include "pairs.h"

typedef struct dss_pairwise_sums {
  uint64_t own_steps, own_pairs;     /* of two raters of the group, each pair twice */
  uint64_t cross_steps, cross_pairs; /* of one of the group and one of its complement */
} dss_pairwise_sums;

typedef struct dss_pairwise_values {
  double irr, xrr, gai, difference;
  double expected, crossed; /* expected distances, within and across */
} dss_pairwise_values;

/* b_c, or what is left of it without a_c. */
DSS_DEVICE static inline uint32_t dss_pairwise_other(const uint32_t *a, const uint32_t *b,
                                                     uint32_t c, bool less) {
  return less ? b[c] - a[c] : b[c];
}

/* The sum over all levels c and k of a_c b_k d(c,k), or of a_c (b_k - a_k) d(c,k): what chance
 * leads one to expect of two sets of ratings, times their numbers. a and b [K] have a sum of at
 * most 2^30.
 */
DSS_DEVICE static inline double dss_pairwise_chance(const dss_pair_scale *s, const uint32_t *a,
                                                    const uint32_t *b, bool less) {
  dss_u128 n_a = 0, n_b = 0, same = 0;
  for (uint32_t c = 0; c < s->n_levels; c++) {
    uint32_t other = dss_pairwise_other(a, b, c, less);
    n_a += a[c];
    n_b += other;
    same += (dss_u128)a[c] * other;
  }
  if (s->kind == DSS_PAIR_NOMINAL) return dss_exact_to_double(n_a * n_b - same) * s->unit;
  if (s->kind == DSS_PAIR_SCORES) {
    dss_pair_moments x = dss_pair_moments_of(s->rank, a, 1, s->n_levels);
    dss_pair_moments y = dss_pair_moments_of(s->rank, b, 1, s->n_levels);
    if (less) {
      y.sum -= x.sum;
      y.squares -= x.squares;
    }
    return dss_signed_to_double((dss_i128)n_b * x.squares + (dss_i128)n_a * y.squares -
                                2 * x.sum * y.sum) *
           s->unit;
  }
  double sum = 0.0;
  for (uint32_t c = 0; c < s->n_levels; c++)
    for (uint32_t k = c + 1; k < s->n_levels; k++)
      sum += (double)((uint64_t)a[c] * dss_pairwise_other(a, b, k, less) +
                      (uint64_t)a[k] * dss_pairwise_other(a, b, c, less)) *
             s->distance[(size_t)c * s->n_levels + k];
  return sum;
}

/* The least expected distance, in steps: the mean of pairs, half a step off at most, is then known
 * to a millionth of it. */
#define DSS_PAIRWISE_LEAST_STEPS ((double)(1 << 19))

DSS_DEVICE static inline bool dss_pairwise_resolves(double step, double expected) {
  return expected >= step * DSS_PAIRWISE_LEAST_STEPS;
}

/* 1 - (mean distance of the pairs) / (expected distance); undefined without pairs, where chance
 * alone leaves no distance, and where that is too small for the steps. Less than a step is 0:
 * rounding to steps could have made it. */
DSS_DEVICE static inline double dss_pairwise_corrected(double step, uint64_t steps, uint64_t pairs,
                                                       double expected) {
  dss_disagreement d = {(double)steps / (double)pairs * step, expected};
  return pairs > 0 && dss_pairwise_resolves(step, expected) ? dss_corrected(step / expected, d)
                                                            : NAN;
}

/* step: of the sums. own [K]: all ratings of the group by level; known [K]: of the group and its
 * complement. */
DSS_DEVICE static inline dss_pairwise_values
dss_pairwise_values_of(const dss_pair_scale *s, double step, const dss_pairwise_sums *sums,
                       const uint32_t *own, const uint32_t *known) {
  uint64_t n = 0, all = 0;
  for (uint32_t c = 0; c < s->n_levels; c++) {
    n += own[c];
    all += known[c];
  }
  dss_pairwise_values v;
  v.expected = dss_pairwise_chance(s, own, own, false) / ((double)n * ((double)n - 1.0));
  v.crossed = dss_pairwise_chance(s, own, known, true) / ((double)n * (double)(all - n));
  v.irr = dss_pairwise_corrected(step, sums->own_steps, sums->own_pairs, v.expected);
  v.xrr = dss_pairwise_corrected(step, sums->cross_steps, sums->cross_pairs, v.crossed);
  v.gai = dss_gai(v.irr, v.xrr);
  v.difference = v.irr - v.xrr;
  return v;
}

#endif
