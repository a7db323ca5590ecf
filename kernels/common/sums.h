/* What one group leaves behind after a walk over the items: exact sums, from which formulas.h makes
 * every statistic. X is the group, Y its complement on the axis; x[c] and y[c] their counts of
 * category c on one item, m and s the counts' sums. Definitions: docs/statistics.md.
 *
 * In a bootstrap resample (weights.h) a rater drawn w times counts w times and an item drawn v
 * times enters v times. Everything here is written for that; without weights w = v = 1. */
#ifndef DSS_COMMON_SUMS_H
#define DSS_COMMON_SUMS_H

#include <string.h>

#include "tables.h"

/* One side's coincidences (Krippendorff 2011): the numbers behind alpha. */
typedef struct dss_alpha_sums {
  uint64_t units;    /* items that enter */
  uint64_t pairable; /* n., ratings on them */
  dss_u128 repeats;  /* of pairs that are a rating and itself, those beyond one a rating: the sum of
                      * (w v)^2 - w v over the pairable ratings; 0 without weights */
  uint64_t *count;   /* [K] n_c of them */
  dss_u128 *pair;    /* [K (K-1) / 2] O_ck, c < k, row by row; units of 1 / Phi */
} dss_alpha_sums;

/* Both sides' ratings of the items that both rated (Wong et al. 2021): the numbers behind kappa_x.
 */
typedef struct dss_cross_sums {
  uint64_t units;
  uint64_t x_ratings, y_ratings; /* R, S */
  uint64_t *x_count, *y_count;   /* [K] */
  dss_u128 *pair;                /* [K (K-1) / 2] C_ck, c < k */
} dss_cross_sums;

/* Plurality votes on the items that both rated (Prabhakaran et al. 2024, 3.4.2). */
typedef struct dss_vote_sums {
  uint64_t shared;    /* items that both rated */
  uint64_t tied;      /* of these, with a tie on either side */
  uint64_t units;     /* items that enter: all shared, or those without a tie */
  dss_u128 agreement; /* products of votes; units of 1 / Psi^2 */
  dss_u128 *count;    /* [K] votes by category, both sides; units of 1 / Psi */
} dss_vote_sums;

typedef struct dss_group_sums {
  uint64_t rated;   /* items with m >= 1 */
  uint64_t ratings; /* of the group */
  dss_u128 plurality;
  dss_i128 entropy, cross_entropy; /* units of 1 / (2^G Phi) */
  dss_alpha_sums own, complement;
  dss_cross_sums cross;
  dss_vote_sums votes;
} dss_group_sums;

/* Which of the sums are wanted, and the two choices that change them. */
typedef struct dss_sums_choice {
  bool alpha, cross, complement, plurality, entropy, cross_entropy, votes;
  bool common_units; /* IRR and XRR over the same items */
  bool skip_ties;
} dss_sums_choice;

DSS_DEVICE static inline size_t dss_n_pairs(uint32_t n_levels) {
  return (size_t)n_levels * (n_levels - 1) / 2;
}

/* How many integers and 128-bit integers the arrays of one group's sums take. */
DSS_DEVICE static inline size_t dss_sums_integers(uint32_t n_levels) {
  return 4 * (size_t)n_levels; /* marginals: own, complement, both sides of cross */
}

DSS_DEVICE static inline size_t dss_sums_wide(uint32_t n_levels) {
  return 3 * dss_n_pairs(n_levels) + n_levels; /* pairs: own, complement, cross; then votes */
}

/* Sums whose arrays are the given ones, which the caller has zeroed. */
DSS_DEVICE static inline dss_group_sums dss_sums_over(uint32_t n_levels, uint64_t *integers,
                                                      dss_u128 *wide) {
  dss_group_sums sums;
  memset(&sums, 0, sizeof sums);
  sums.own.count = integers;
  sums.complement.count = integers + n_levels;
  sums.cross.x_count = integers + 2 * (size_t)n_levels;
  sums.cross.y_count = integers + 3 * (size_t)n_levels;
  sums.own.pair = wide;
  sums.complement.pair = wide + dss_n_pairs(n_levels);
  sums.cross.pair = wide + 2 * dss_n_pairs(n_levels);
  sums.votes.count = wide + 3 * dss_n_pairs(n_levels);
  return sums;
}

/* Adds the sums of other items. */
DSS_DEVICE static inline void dss_sums_merge(dss_group_sums *to, const dss_group_sums *from,
                                             uint32_t n_levels) {
  to->rated += from->rated;
  to->ratings += from->ratings;
  to->plurality += from->plurality;
  to->entropy += from->entropy;
  to->cross_entropy += from->cross_entropy;
  to->own.units += from->own.units;
  to->own.pairable += from->own.pairable;
  to->own.repeats += from->own.repeats;
  to->complement.units += from->complement.units;
  to->complement.pairable += from->complement.pairable;
  to->complement.repeats += from->complement.repeats;
  to->cross.units += from->cross.units;
  to->cross.x_ratings += from->cross.x_ratings;
  to->cross.y_ratings += from->cross.y_ratings;
  to->votes.shared += from->votes.shared;
  to->votes.tied += from->votes.tied;
  to->votes.units += from->votes.units;
  to->votes.agreement += from->votes.agreement;
  for (uint32_t c = 0; c < n_levels; c++) {
    to->own.count[c] += from->own.count[c];
    to->complement.count[c] += from->complement.count[c];
    to->cross.x_count[c] += from->cross.x_count[c];
    to->cross.y_count[c] += from->cross.y_count[c];
    to->votes.count[c] += from->votes.count[c];
  }
  for (size_t i = 0; i < dss_n_pairs(n_levels); i++) {
    to->own.pair[i] += from->own.pair[i];
    to->complement.pair[i] += from->complement.pair[i];
    to->cross.pair[i] += from->cross.pair[i];
  }
}

/* One side's ratings of one item. */
typedef struct dss_side {
  const uint32_t *count; /* [K] */
  uint32_t total;        /* their sum, W = sum over raters of w */
  uint64_t squares;      /* sum over raters of w^2; equal to the total where every w is 1 */
} dss_side;

/* Whether there is a pair of ratings from different raters. */
DSS_DEVICE static inline bool dss_side_pairs(const dss_side *side) {
  return (uint64_t)side->total * side->total > side->squares;
}

/* Phi W / (W^2 - squares), rounded as the tables' weights are; of a side that has pairs. Where
 * every rater counts once it is Phi / (W - 1), and then the table has the same bits. */
DSS_DEVICE static inline uint64_t dss_unit_weight(const dss_tables *t, const dss_side *side) {
  if (side->squares == side->total) return t->weight[side->total - 1];
  uint64_t pairs = (uint64_t)side->total * side->total - side->squares;
  dss_u128 numerator = (dss_u128)side->total * t->weight_scale + pairs / 2;
  if (numerator >> 64 == 0) return (uint64_t)numerator / pairs;
  return (uint64_t)(numerator / pairs);
}

/* Adds one item `times` times; a negative number takes away what was added. */
DSS_DEVICE static inline void dss_alpha_add(dss_alpha_sums *sums, const dss_tables *t,
                                            const dss_side *x, int64_t times) {
  dss_u128 weight = (dss_u128)((dss_i128)times * (dss_i128)dss_unit_weight(t, x));
  uint64_t copies = (uint64_t)(times < 0 ? -times : times);
  size_t pair = 0;
  sums->units += (uint64_t)times;
  sums->pairable += (uint64_t)times * x->total;
  if (x->squares != x->total || copies != 1)
    sums->repeats +=
        (dss_u128)(dss_i128)times * ((dss_u128)copies * x->squares - (dss_u128)x->total);
  for (uint32_t c = 0; c < t->n_levels; c++) {
    sums->count[c] += (uint64_t)times * x->count[c];
    if (x->count[c] == 0) {
      pair += t->n_levels - c - 1;
      continue;
    }
    for (uint32_t k = c + 1; k < t->n_levels; k++, pair++)
      sums->pair[pair] += weight * ((uint64_t)x->count[c] * x->count[k]);
  }
}

/* The sides have no rater in common, so that only counts are weighted. */
DSS_DEVICE static inline void dss_cross_add(dss_cross_sums *sums, const dss_tables *t,
                                            const dss_side *x, const dss_side *y, int64_t times) {
  dss_u128 weight =
      (dss_u128)((dss_i128)times * (dss_i128)(t->weight[x->total] + t->weight[y->total]));
  size_t pair = 0;
  sums->units += (uint64_t)times;
  sums->x_ratings += (uint64_t)times * x->total;
  sums->y_ratings += (uint64_t)times * y->total;
  for (uint32_t c = 0; c < t->n_levels; c++) {
    uint64_t x_c = x->count[c], y_c = y->count[c];
    sums->x_count[c] += (uint64_t)times * x_c;
    sums->y_count[c] += (uint64_t)times * y_c;
    if (x_c == 0 && y_c == 0) {
      pair += t->n_levels - c - 1;
      continue;
    }
    for (uint32_t k = c + 1; k < t->n_levels; k++, pair++)
      sums->pair[pair] += weight * (x_c * y->count[k] + x->count[k] * y_c);
  }
}

DSS_DEVICE static inline uint32_t dss_largest(const uint32_t *x, uint32_t n_levels) {
  uint32_t largest = 0;
  for (uint32_t c = 0; c < n_levels; c++)
    if (x[c] > largest) largest = x[c];
  return largest;
}

DSS_DEVICE static inline void dss_votes_add(dss_vote_sums *sums, const dss_tables *t,
                                            const uint32_t *x, const uint32_t *y, bool skip_ties,
                                            int64_t times) {
  uint32_t x_most = dss_largest(x, t->n_levels), y_most = dss_largest(y, t->n_levels);
  uint32_t x_winners = 0, y_winners = 0, common = 0;
  for (uint32_t c = 0; c < t->n_levels; c++) {
    x_winners += x[c] == x_most;
    y_winners += y[c] == y_most;
    common += x[c] == x_most && y[c] == y_most;
  }
  bool tie = x_winners > 1 || y_winners > 1;
  dss_u128 copies = (dss_u128)(dss_i128)times;
  sums->shared += (uint64_t)times;
  sums->tied += tie ? (uint64_t)times : 0;
  if (tie && skip_ties) return;
  sums->units += (uint64_t)times;
  sums->agreement += copies * common * t->vote[x_winners] * t->vote[y_winners];
  for (uint32_t c = 0; c < t->n_levels; c++) {
    if (x[c] == x_most) sums->count[c] += copies * t->vote[x_winners];
    if (y[c] == y_most) sums->count[c] += copies * t->vote[y_winners];
  }
}

/* m H(x/m), units of 2^-G. */
DSS_DEVICE static inline int64_t dss_entropy(const dss_tables *t, const uint32_t *x, uint32_t m) {
  int64_t sum = t->count_log[m];
  for (uint32_t c = 0; c < t->n_levels; c++)
    sum -= t->count_log[x[c]];
  return sum;
}

/* m H(p,q) with p = x/m and q = (y + 1/2) / (s + K/2), units of 2^-G; m is the sum of x. */
DSS_DEVICE static inline int64_t dss_cross_entropy(const dss_tables *t, const uint32_t *x,
                                                   const uint32_t *y, uint32_t s) {
  int64_t sum = 0;
  for (uint32_t c = 0; c < t->n_levels; c++)
    sum += (int64_t)x[c] * (t->smoothed_log[s] - t->half_log[y[c]]);
  return sum;
}

/* Adds one item `times` times; a negative number takes away what was added, exactly. */
DSS_DEVICE static inline void dss_sums_add_sides(dss_group_sums *sums, const dss_tables *t,
                                                 const dss_sums_choice *choice, const dss_side *x,
                                                 const dss_side *y, int64_t times) {
  bool rated = x->total >= 1, shared = rated && y->total >= 1;
  bool pairs = dss_side_pairs(x), others_pair = dss_side_pairs(y);
  bool enters_irr = pairs && (!choice->common_units || shared);
  bool enters_xrr = shared && (!choice->common_units || pairs);
  bool enters_complement_irr = others_pair && (!choice->common_units || shared);
  sums->rated += rated ? (uint64_t)times : 0;
  sums->ratings += (uint64_t)times * x->total;
  if (choice->alpha && enters_irr) dss_alpha_add(&sums->own, t, x, times);
  if (choice->complement && enters_complement_irr) dss_alpha_add(&sums->complement, t, y, times);
  if (choice->cross && enters_xrr) dss_cross_add(&sums->cross, t, x, y, times);
  if (choice->plurality && rated)
    sums->plurality += (dss_u128)(dss_i128)times *
                       ((dss_u128)dss_largest(x->count, t->n_levels) * t->weight[x->total]);
  if (choice->entropy && rated)
    sums->entropy += (dss_i128)t->weight[x->total] * times * dss_entropy(t, x->count, x->total);
  if (choice->cross_entropy && shared)
    sums->cross_entropy +=
        (dss_i128)t->weight[x->total] * times * dss_cross_entropy(t, x->count, y->count, y->total);
  if (choice->votes && shared)
    dss_votes_add(&sums->votes, t, x->count, y->count, choice->skip_ties, times);
  else
    sums->votes.shared += shared ? (uint64_t)times : 0;
}

/* Adds one item in which every rating counts once. m and s are the sums of x and y. */
DSS_DEVICE static inline void dss_sums_add(dss_group_sums *sums, const dss_tables *t,
                                           const dss_sums_choice *choice, const uint32_t *x,
                                           uint32_t m, const uint32_t *y, uint32_t s) {
  const dss_side own = {x, m, m}, other = {y, s, s};
  dss_sums_add_sides(sums, t, choice, &own, &other, 1);
}

#endif
