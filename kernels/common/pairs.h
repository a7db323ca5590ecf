/* From the counts of one pair of raters to its statistics, over the items that both rated. The few
 * floating-point steps, in one order, without contraction; definitions: docs/pairs.md.
 *
 * What a statistic is undefined for is NaN: everything where no item is shared, kappa where chance
 * alone would leave no distance, the correlation where either rater gave but one level. */
#ifndef DSS_COMMON_PAIRS_H
#define DSS_COMMON_PAIRS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "exact.h"

typedef enum dss_pair_kind {
  DSS_PAIR_NOMINAL, /* distance 0 or 1; levels have no numbers */
  DSS_PAIR_SCORES,  /* distance (rank_c - rank_k)^2 of integers */
  DSS_PAIR_REAL     /* distances and values are doubles */
} dss_pair_kind;

/* A question's levels as pairs see them. Ranks and codes are from 0 to 2^31, codes below 2^16. */
typedef struct dss_pair_scale {
  dss_pair_kind kind;
  uint32_t n_levels;      /* K */
  double unit;            /* what an integer distance is multiplied by */
  const int64_t *rank;    /* [K] SCORES: what distances are squares of differences of */
  const int64_t *code;    /* [K] SCORES: what is correlated */
  const double *distance; /* [K][K] REAL, symmetric */
  const double *value;    /* [K] REAL: what is correlated */
} dss_pair_scale;

/* Exact, over the shared items. */
typedef struct dss_pair_counts {
  const uint32_t *first, *second; /* [K] either rater's ratings by level; equal sums */
  const uint32_t *table;          /* [K][K] REAL: by both levels, else unused */
  uint64_t agreements;
  dss_i128 rank_products; /* SCORES: the sum of the two ranks' products */
  int64_t code_products;  /* SCORES: of the two codes' products */
} dss_pair_counts;

typedef struct dss_pair_values {
  int32_t shared, agreements;
  double distance, kappa, correlation;
} dss_pair_values;

/* Sums of a rater's scores and of their squares. */
typedef struct dss_pair_moments {
  dss_i128 sum, squares;
} dss_pair_moments;

DSS_DEVICE static inline dss_pair_moments
dss_pair_moments_of(const int64_t *score, const uint32_t *count, uint32_t n_levels) {
  dss_pair_moments m = {0, 0};
  for (uint32_t c = 0; c < n_levels; c++) {
    dss_i128 product = (dss_i128)score[c] * count[c];
    m.sum += product;
    m.squares += product * score[c];
  }
  return m;
}

/* Both exact; chance is n^2 times what the two margins lead one to expect. */
DSS_DEVICE static inline void dss_pair_finish_exact(dss_pair_values *v, uint64_t n, double unit,
                                                    dss_i128 distance, dss_i128 chance) {
  v->distance = dss_signed_to_double(distance) / (double)n * unit;
  if (chance > 0)
    v->kappa = 1.0 - dss_signed_to_double(distance * (dss_i128)n) / dss_signed_to_double(chance);
}

DSS_DEVICE static inline double dss_pair_correlation(double covariance, double x, double y) {
  double r = covariance / sqrt(x * y);
  return r > 1.0 ? 1.0 : r < -1.0 ? -1.0 : r;
}

DSS_DEVICE static inline void dss_pair_finish_nominal(dss_pair_values *v, const dss_pair_scale *s,
                                                      const dss_pair_counts *counts, uint64_t n) {
  dss_i128 same = 0;
  for (uint32_t c = 0; c < s->n_levels; c++)
    same += (dss_i128)counts->first[c] * counts->second[c];
  dss_pair_finish_exact(v, n, s->unit, (dss_i128)(n - counts->agreements), (dss_i128)n * n - same);
}

DSS_DEVICE static inline void dss_pair_finish_scores(dss_pair_values *v, const dss_pair_scale *s,
                                                     const dss_pair_counts *counts, uint64_t n) {
  dss_pair_moments x = dss_pair_moments_of(s->rank, counts->first, s->n_levels);
  dss_pair_moments y = dss_pair_moments_of(s->rank, counts->second, s->n_levels);
  dss_i128 squares = x.squares + y.squares;
  dss_pair_finish_exact(v, n, s->unit, squares - 2 * counts->rank_products,
                        (dss_i128)n * squares - 2 * x.sum * y.sum);
  x = dss_pair_moments_of(s->code, counts->first, s->n_levels);
  y = dss_pair_moments_of(s->code, counts->second, s->n_levels);
  dss_i128 spread_x = (dss_i128)n * x.squares - x.sum * x.sum;
  dss_i128 spread_y = (dss_i128)n * y.squares - y.sum * y.sum;
  dss_i128 covariance = (dss_i128)n * counts->code_products - x.sum * y.sum;
  if (spread_x > 0 && spread_y > 0)
    v->correlation =
        dss_pair_correlation(dss_signed_to_double(covariance), dss_signed_to_double(spread_x),
                             dss_signed_to_double(spread_y));
}

/* The mean of a rater's values; *levels counts the levels among them. */
DSS_DEVICE static inline double dss_pair_mean(const dss_pair_scale *s, const uint32_t *count,
                                              uint64_t n, uint32_t *levels) {
  double sum = 0.0;
  *levels = 0;
  for (uint32_t c = 0; c < s->n_levels; c++) {
    sum += (double)count[c] * s->value[c];
    *levels += count[c] > 0;
  }
  return sum / (double)n;
}

DSS_DEVICE static inline void dss_pair_finish_real(dss_pair_values *v, const dss_pair_scale *s,
                                                   const dss_pair_counts *counts, uint64_t n) {
  const uint32_t *a = counts->first, *b = counts->second;
  uint32_t levels_x, levels_y;
  double x = dss_pair_mean(s, a, n, &levels_x), y = dss_pair_mean(s, b, n, &levels_y);
  double distance = 0.0, chance = 0.0, covariance = 0.0, spread_x = 0.0, spread_y = 0.0;
  for (uint32_t c = 0; c < s->n_levels; c++) {
    if (a[c] == 0 && b[c] == 0) continue; /* adds zeros only */
    double dx = s->value[c] - x, dy = s->value[c] - y;
    spread_x += (double)a[c] * (dx * dx);
    spread_y += (double)b[c] * (dy * dy);
    for (uint32_t k = 0; k < s->n_levels; k++) {
      if (a[k] == 0 && b[k] == 0) continue;
      size_t at = (size_t)c * s->n_levels + k, turned = (size_t)k * s->n_levels + c;
      covariance += (double)counts->table[at] * (dx * (s->value[k] - y));
      if (k <= c) continue;
      uint64_t both = (uint64_t)counts->table[at] + counts->table[turned];
      distance += (double)both * s->distance[at];
      chance += (double)((uint64_t)a[c] * b[k] + (uint64_t)a[k] * b[c]) * s->distance[at];
    }
  }
  v->distance = distance / (double)n;
  if (chance > 0.0) v->kappa = 1.0 - distance * (double)n / chance;
  if (levels_x > 1 && levels_y > 1 && spread_x > 0.0 && spread_y > 0.0)
    v->correlation = dss_pair_correlation(covariance, spread_x, spread_y);
}

DSS_DEVICE static inline dss_pair_values dss_pair_finish(const dss_pair_scale *s,
                                                         const dss_pair_counts *counts) {
  uint64_t n = 0;
  for (uint32_t c = 0; c < s->n_levels; c++)
    n += counts->first[c];
  dss_pair_values v = {(int32_t)n, (int32_t)counts->agreements, NAN, NAN, NAN};
  if (n == 0) return v;
  switch (s->kind) {
  case DSS_PAIR_NOMINAL:
    dss_pair_finish_nominal(&v, s, counts, n);
    break;
  case DSS_PAIR_SCORES:
    dss_pair_finish_scores(&v, s, counts, n);
    break;
  case DSS_PAIR_REAL:
    dss_pair_finish_real(&v, s, counts, n);
    break;
  }
  return v;
}

#endif
