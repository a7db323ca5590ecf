/* What one group leaves behind after a walk over the items: exact sums, from which formulas.h makes
 * every statistic. X is the group, Y its complement on the axis; x[c] and y[c] their counts of
 * category c on one item, m and s the counts' sums. Definitions: docs/statistics.md. */
#ifndef DSS_COMMON_SUMS_H
#define DSS_COMMON_SUMS_H

#include <math.h>

#include "tables.h"

/* One side's coincidences (Krippendorff 2011): the numbers behind alpha. */
typedef struct dss_alpha_sums {
  uint64_t units;    /* items that enter */
  uint64_t pairable; /* n., ratings on them */
  uint64_t *count;   /* [K] n_c of them */
  dss_u128 *pair;    /* [K (K-1) / 2] O_ck, c < k, row by row; 2^-F units */
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
  uint64_t shared; /* items that both rated */
  uint64_t tied;   /* of these, with a tie on either side */
  uint64_t units;  /* items that enter: all shared, or those without a tie */
  dss_u128 agreement;
  dss_u128 *count; /* [K] votes by category, both sides */
} dss_vote_sums;

typedef struct dss_group_sums {
  uint64_t rated;   /* items with m >= 1 */
  uint64_t ratings; /* of the group */
  dss_u128 plurality;
  dss_i128 entropy;
  dss_i128 cross_entropy;
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

DSS_DEVICE static inline void dss_alpha_add(dss_alpha_sums *sums, const dss_tables *t,
                                            const uint32_t *x, uint32_t m) {
  dss_u128 weight = t->weight[m - 1];
  size_t pair = 0;
  sums->units++;
  sums->pairable += m;
  for (uint32_t c = 0; c < t->n_levels; c++) {
    sums->count[c] += x[c];
    if (x[c] == 0) {
      pair += t->n_levels - c - 1;
      continue;
    }
    for (uint32_t k = c + 1; k < t->n_levels; k++, pair++)
      sums->pair[pair] += weight * ((uint64_t)x[c] * x[k]);
  }
}

DSS_DEVICE static inline void dss_cross_add(dss_cross_sums *sums, const dss_tables *t,
                                            const uint32_t *x, uint32_t m, const uint32_t *y,
                                            uint32_t s) {
  dss_u128 weight = t->weight[m] + t->weight[s];
  size_t pair = 0;
  sums->units++;
  sums->x_ratings += m;
  sums->y_ratings += s;
  for (uint32_t c = 0; c < t->n_levels; c++) {
    sums->x_count[c] += x[c];
    sums->y_count[c] += y[c];
    if (x[c] == 0 && y[c] == 0) {
      pair += t->n_levels - c - 1;
      continue;
    }
    for (uint32_t k = c + 1; k < t->n_levels; k++, pair++)
      sums->pair[pair] += weight * ((uint64_t)x[c] * y[k] + (uint64_t)x[k] * y[c]);
  }
}

DSS_DEVICE static inline uint32_t dss_largest(const uint32_t *x, uint32_t n_levels) {
  uint32_t largest = 0;
  for (uint32_t c = 0; c < n_levels; c++)
    if (x[c] > largest) largest = x[c];
  return largest;
}

DSS_DEVICE static inline void dss_votes_add(dss_vote_sums *sums, const dss_tables *t,
                                            const uint32_t *x, const uint32_t *y, bool skip_ties) {
  uint32_t x_most = dss_largest(x, t->n_levels), y_most = dss_largest(y, t->n_levels);
  uint32_t x_winners = 0, y_winners = 0, common = 0;
  for (uint32_t c = 0; c < t->n_levels; c++) {
    x_winners += x[c] == x_most;
    y_winners += y[c] == y_most;
    common += x[c] == x_most && y[c] == y_most;
  }
  bool tie = x_winners > 1 || y_winners > 1;
  sums->shared++;
  sums->tied += tie;
  if (tie && skip_ties) return;
  sums->units++;
  sums->agreement += (dss_u128)common * t->weight[x_winners * y_winners];
  for (uint32_t c = 0; c < t->n_levels; c++) {
    if (x[c] == x_most) sums->count[c] += t->weight[x_winners];
    if (y[c] == y_most) sums->count[c] += t->weight[y_winners];
  }
}

/* H(x/m), 2^-G units. */
DSS_DEVICE static inline int64_t dss_entropy(const dss_tables *t, const uint32_t *x, uint32_t m) {
  int64_t sum = 0;
  for (uint32_t c = 0; c < t->n_levels; c++)
    sum += t->count_log[x[c]];
  return t->log[m] - (int64_t)rint((double)sum * t->inverse[m]);
}

/* H(p,q) with p = x/m and q = (y + 1/2) / (s + K/2), 2^-G units. */
DSS_DEVICE static inline int64_t dss_cross_entropy(const dss_tables *t, const uint32_t *x,
                                                   uint32_t m, const uint32_t *y, uint32_t s) {
  int64_t sum = 0;
  for (uint32_t c = 0; c < t->n_levels; c++)
    sum += (int64_t)x[c] * t->half_log[y[c]];
  return t->smoothed_log[s] - (int64_t)rint((double)sum * t->inverse[m]);
}

/* Adds one item. m and s are the sums of x and y. */
DSS_DEVICE static inline void dss_sums_add(dss_group_sums *sums, const dss_tables *t,
                                           const dss_sums_choice *choice, const uint32_t *x,
                                           uint32_t m, const uint32_t *y, uint32_t s) {
  bool shared = m >= 1 && s >= 1;
  bool enters_irr = m >= 2 && (!choice->common_units || s >= 1);
  bool enters_xrr = shared && (!choice->common_units || m >= 2);
  bool enters_complement_irr = s >= 2 && (!choice->common_units || m >= 1);
  sums->rated += m >= 1;
  sums->ratings += m;
  if (choice->alpha && enters_irr) dss_alpha_add(&sums->own, t, x, m);
  if (choice->complement && enters_complement_irr) dss_alpha_add(&sums->complement, t, y, s);
  if (choice->cross && enters_xrr) dss_cross_add(&sums->cross, t, x, m, y, s);
  if (choice->plurality && m >= 1)
    sums->plurality += (dss_u128)dss_largest(x, t->n_levels) * t->weight[m];
  if (choice->entropy && m >= 1) sums->entropy += dss_entropy(t, x, m);
  if (choice->cross_entropy && shared) sums->cross_entropy += dss_cross_entropy(t, x, m, y, s);
  if (choice->votes && shared)
    dss_votes_add(&sums->votes, t, x, y, choice->skip_ties);
  else
    sums->votes.shared += shared;
}

#endif
