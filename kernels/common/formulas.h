/* From exact sums to statistics: the few floating-point steps, in one order, without contraction.
 * An undefined statistic is NaN. Definitions and sources: docs/statistics.md. */
#ifndef DSS_COMMON_FORMULAS_H
#define DSS_COMMON_FORMULAS_H

#include <math.h>

#include "sums.h"

/* Every statistic; a backend hands out those of its plan, in the order of the public list. */
typedef struct dss_values {
  double irr, xrr, nxrr, gai, difference, plurality, negentropy, cross_negentropy, voting;
} dss_values;

/* A sum of d(c,k) times something over c < k. Exact as long as the distances are. */
typedef struct dss_distance_sum {
  dss_u128 exact;
  double real;
} dss_distance_sum;

/* rank: twice the difference of the midranks of c and k; unused unless distances are ranks. */
DSS_DEVICE static inline void dss_distance_add(dss_distance_sum *sum, const dss_tables *t,
                                               size_t at, uint64_t rank, dss_u128 x) {
  switch (t->distance) {
  case DSS_DISTANCE_EXACT:
    sum->exact += x * t->exact_distance[at];
    break;
  case DSS_DISTANCE_REAL:
    sum->real += dss_exact_to_double(x) * t->real_distance[at];
    break;
  case DSS_DISTANCE_RANK_EXACT:
    sum->exact += x * ((dss_u128)rank * rank);
    break;
  case DSS_DISTANCE_RANK_REAL:
    sum->real += dss_exact_to_double(x) * ((double)rank * (double)rank);
    break;
  }
}

/* sum over c < k of d(c,k) times pair[ck], or, where pair is NULL, times the expected coincidences
 * of the counts: a_c a_k with one set of counts (b NULL), a_c b_k + a_k b_c with two. Ranks are
 * those of a, or of a and b pooled. */
DSS_DEVICE static inline double dss_distance_total(const dss_tables *t, const uint64_t *a,
                                                   const uint64_t *b, const dss_u128 *pair) {
  dss_distance_sum sum = {0, 0.0};
  size_t at = 0;
  for (uint32_t c = 0; c < t->n_levels; c++) {
    uint64_t between = 0, n_c = a[c] + (b ? b[c] : 0);
    for (uint32_t k = c + 1; k < t->n_levels; k++, at++) {
      uint64_t n_k = a[k] + (b ? b[k] : 0);
      uint64_t rank = n_c + n_k + 2 * between;
      dss_u128 x = pair ? pair[at]
                   : b  ? (dss_u128)a[c] * b[k] + (dss_u128)a[k] * b[c]
                        : (dss_u128)a[c] * a[k];
      dss_distance_add(&sum, t, (size_t)c * t->n_levels + k, rank, x);
      between += n_k;
    }
  }
  bool exact = t->distance == DSS_DISTANCE_EXACT || t->distance == DSS_DISTANCE_RANK_EXACT;
  return (exact ? dss_exact_to_double(sum.exact) : sum.real) * t->distance_unit;
}

/* D_o / n. and D_e / n. of alpha; both 0 without a unit. */
typedef struct dss_disagreement {
  double observed, expected;
} dss_disagreement;

/* From the totals of distances, n. and repeats. Without ratings both are NaN. */
DSS_DEVICE static inline dss_disagreement
dss_alpha_from(double weight_scale, double observed, double expected, double n, double repeats) {
  /* n. (n. - 1) without weights, else n.^2 less the pairs of a rating and itself: pairs are ratings
   * of different raters, or of one rater on different items. */
  double itself = (n + repeats) / n;
  dss_disagreement d = {2.0 * (observed / weight_scale) / n, 2.0 * expected / (n * (n - itself))};
  return d;
}

DSS_DEVICE static inline dss_disagreement dss_alpha_disagreement(const dss_tables *t,
                                                                 const dss_alpha_sums *sums) {
  dss_disagreement d = {0.0, 0.0};
  if (sums->units == 0) return d;
  return dss_alpha_from((double)t->weight_scale,
                        dss_distance_total(t, sums->count, NULL, sums->pair),
                        dss_distance_total(t, sums->count, NULL, NULL), (double)sums->pairable,
                        dss_exact_to_double(sums->repeats));
}

/* d_o and d_e of kappa_x, from the totals of distances and both sides' ratings. Without ratings
 * both are NaN. */
DSS_DEVICE static inline dss_disagreement dss_cross_from(double weight_scale, double observed,
                                                         double expected, double r, double s) {
  dss_disagreement d = {observed / weight_scale / (r + s), expected / (r * s)};
  return d;
}

DSS_DEVICE static inline dss_disagreement dss_cross_disagreement(const dss_tables *t,
                                                                 const dss_cross_sums *sums) {
  dss_disagreement d = {0.0, 0.0};
  if (sums->units == 0) return d;
  return dss_cross_from((double)t->weight_scale,
                        dss_distance_total(t, sums->x_count, sums->y_count, sums->pair),
                        dss_distance_total(t, sums->x_count, sums->y_count, NULL),
                        (double)sums->x_ratings, (double)sums->y_ratings);
}

/* alpha or kappa_x; undefined without expected disagreement. A value that rounding alone could have
 * made of 0 is 0: the sign of XRR decides whether GAI has a reading. (One shared item gives exactly
 * d_o = d_e.) */
DSS_DEVICE static inline double dss_corrected(double rounding, dss_disagreement d) {
  double value = 1.0 - d.observed / d.expected;
  value = fabs(value) <= rounding ? 0.0 : value;
  return d.expected > 0.0 ? value : NAN;
}

DSS_DEVICE static inline double dss_chance_corrected(const dss_tables *t, dss_disagreement d) {
  return dss_corrected(t->rounding, d);
}

/* IRR / XRR, undefined where XRR is not positive or either is undefined. */
DSS_DEVICE static inline double dss_gai(double irr, double xrr) {
  double value = irr / xrr;
  return xrr > 0.0 && irr == irr ? value : NAN;
}

/* Share of agreement weighted as alpha weights it: 1 - nominal D_o / n. */
DSS_DEVICE static inline double dss_percent_agreement(const dss_tables *t,
                                                      const dss_alpha_sums *sums) {
  if (sums->units == 0) return NAN;
  dss_u128 unequal = 0;
  for (size_t i = 0; i < dss_n_pairs(t->n_levels); i++)
    unequal += sums->pair[i];
  return 1.0 -
         2.0 * (dss_exact_to_double(unequal) / (double)t->weight_scale) / (double)sums->pairable;
}

/* kappa_x over the geometric mean of both sides' alpha; undefined where their product is not
 * positive. */
DSS_DEVICE static inline double dss_nxrr(double irr, double xrr, double other) {
  double product = irr * other, value = xrr / sqrt(product);
  return product > 0.0 && xrr == xrr ? value : NAN;
}

/* The mean of shares over items; sum in units of 1 / weight_scale. */
DSS_DEVICE static inline double dss_plurality(double weight_scale, double sum, double rated) {
  double value = sum / weight_scale / rated;
  return rated > 0.0 ? value : NAN;
}

/* sum over `units` items, in units of log_unit / weight_scale. */
DSS_DEVICE static inline double dss_negentropy(double weight_scale, double log_unit,
                                               double log_levels, double sum, double units) {
  double value = log_levels - sum / weight_scale * log_unit / units;
  return units > 0.0 ? value : NAN;
}

/* The square of a level's votes, which are in units of 1 / Psi. */
DSS_DEVICE static inline double dss_squared_votes(double votes) {
  double count = votes / (double)DSS_VOTE_SCALE;
  return count * count;
}

/* Nominal alpha of two "raters", each side's plurality votes. agreement in units of 1 / Psi^2;
 * equal: the sum over levels of squared votes. */
DSS_DEVICE static inline double dss_voting(double units, double agreement, double equal) {
  const double psi = (double)DSS_VOTE_SCALE;
  double n = 2.0 * units, observed = 2.0 * (units - agreement / (psi * psi));
  double expected = (n * n - equal) / (n - 1.0), value = 1.0 - observed / expected;
  return units > 0.0 && expected > 0.0 ? value : NAN;
}

DSS_DEVICE static inline double dss_voting_of(uint32_t n_levels, const dss_vote_sums *votes) {
  double equal = 0.0;
  for (uint32_t c = 0; c < n_levels; c++)
    equal += dss_squared_votes(dss_exact_to_double(votes->count[c]));
  return dss_voting((double)votes->units, dss_exact_to_double(votes->agreement), equal);
}

/* IRR, XRR, and what they make together; the rest is NaN. */
DSS_DEVICE static inline dss_values dss_values_of_reliabilities(double irr, double xrr) {
  dss_values v = {irr, xrr, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  if (isnan(irr) || isnan(xrr)) return v;
  v.difference = irr - xrr;
  v.gai = dss_gai(irr, xrr);
  return v;
}

/* Everything the choice asked sums for; what was not summed comes out as NaN. */
DSS_DEVICE static inline dss_values
dss_values_of(const dss_tables *t, const dss_sums_choice *choice, const dss_group_sums *sums) {
  double irr = NAN, xrr = NAN;
  if (choice->alpha) irr = dss_chance_corrected(t, dss_alpha_disagreement(t, &sums->own));
  if (choice->cross) xrr = dss_chance_corrected(t, dss_cross_disagreement(t, &sums->cross));
  dss_values v = dss_values_of_reliabilities(irr, xrr);
  if (choice->complement && !isnan(irr) && !isnan(xrr))
    v.nxrr =
        dss_nxrr(irr, xrr, dss_chance_corrected(t, dss_alpha_disagreement(t, &sums->complement)));
  double scale = (double)t->weight_scale;
  if (choice->plurality)
    v.plurality = dss_plurality(scale, dss_exact_to_double(sums->plurality), (double)sums->rated);
  if (choice->entropy)
    v.negentropy = dss_negentropy(scale, t->log_unit, t->log_levels,
                                  dss_signed_to_double(sums->entropy), (double)sums->rated);
  if (choice->cross_entropy)
    v.cross_negentropy =
        dss_negentropy(scale, t->log_unit, t->log_levels, dss_signed_to_double(sums->cross_entropy),
                       (double)sums->votes.shared);
  if (choice->votes) v.voting = dss_voting_of(t->n_levels, &sums->votes);
  return v;
}

#endif
