/* From the counts of one pair of raters to its statistics, over the items that both rated, on the
 * host and on a GPU. The few floating-point steps, in one order, without contraction; definitions:
 * docs/pairs.md.
 *
 * What a statistic is undefined for is NaN: everything where no item is shared, kappa where chance
 * alone would leave no distance, the correlation where either rater gave but one level. */
#ifndef DSS_COMMON_PAIRS_H
#define DSS_COMMON_PAIRS_H

#include <math.h>
#include <stdbool.h>
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

/* Which products are made, and how the counts of a pair lie in their targets. By table: target
 * c K + k counts the items that the first rater gave c and the second k. Else: K targets with the
 * first rater's margin, K with the second's, the agreements, then the products of ranks and of
 * codes (none where codes are ranks), each as sums of digits by weight. By lists there is no
 * product: two raters' lists are walked side by side, for tables larger than these. */
typedef struct dss_pair_products {
  bool by_table, by_lists;
  uint32_t rank_weights, code_weights; /* targets; the first of 1, then 128 ... */
} dss_pair_products;

enum { DSS_PAIR_DIGIT_BITS = 7 };

/* Exact, over the shared items. */
typedef struct dss_pair_counts {
  const uint32_t *first, *second; /* [K] either rater's ratings by level; equal sums */
  size_t step;                    /* from a level to the next */
  const uint32_t *table;          /* [K][K] REAL: by both levels, else unused */
  size_t table_step;              /* from a cell to the next */
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

/* count: `step` from a level to the next. */
DSS_DEVICE static inline dss_pair_moments
dss_pair_moments_of(const int64_t *score, const uint32_t *count, size_t step, uint32_t n_levels) {
  dss_pair_moments m = {0, 0};
  for (uint32_t c = 0; c < n_levels; c++) {
    dss_i128 product = (dss_i128)score[c] * count[c * step];
    m.sum += product;
    m.squares += product * score[c];
  }
  return m;
}

/* Of n shared items, whose distances have this exact sum. */
DSS_DEVICE static inline double dss_pair_mean_distance(dss_i128 distance, uint64_t n, double unit) {
  return dss_signed_to_double(distance) / (double)n * unit;
}

/* Both exact; chance is n^2 times what the two margins lead one to expect. */
DSS_DEVICE static inline void dss_pair_finish_exact(dss_pair_values *v, uint64_t n, double unit,
                                                    dss_i128 distance, dss_i128 chance) {
  v->distance = dss_pair_mean_distance(distance, n, unit);
  if (chance > 0)
    v->kappa = 1.0 - dss_signed_to_double(distance * (dss_i128)n) / dss_signed_to_double(chance);
}

/* x, y: sums of squares, above 0; their product may be too small or too large for a double. */
DSS_DEVICE static inline double dss_pair_correlation(double covariance, double x, double y) {
  double product = x * y;
  bool in_range = product > 1e-290 && product < 1e300;
  double r = covariance / (in_range ? sqrt(product) : sqrt(x) * sqrt(y));
  return r > 1.0 ? 1.0 : r < -1.0 ? -1.0 : r;
}

DSS_DEVICE static inline void dss_pair_finish_nominal(dss_pair_values *v, const dss_pair_scale *s,
                                                      const dss_pair_counts *counts, uint64_t n) {
  dss_i128 same = 0;
  for (uint32_t c = 0; c < s->n_levels; c++)
    same += (dss_i128)counts->first[c * counts->step] * counts->second[c * counts->step];
  dss_pair_finish_exact(v, n, s->unit, (dss_i128)(n - counts->agreements), (dss_i128)n * n - same);
}

DSS_DEVICE static inline void dss_pair_finish_scores(dss_pair_values *v, const dss_pair_scale *s,
                                                     const dss_pair_counts *counts, uint64_t n) {
  uint32_t levels = s->n_levels;
  dss_pair_moments x = dss_pair_moments_of(s->rank, counts->first, counts->step, levels);
  dss_pair_moments y = dss_pair_moments_of(s->rank, counts->second, counts->step, levels);
  dss_i128 squares = x.squares + y.squares;
  dss_pair_finish_exact(v, n, s->unit, squares - 2 * counts->rank_products,
                        (dss_i128)n * squares - 2 * x.sum * y.sum);
  x = dss_pair_moments_of(s->code, counts->first, counts->step, levels);
  y = dss_pair_moments_of(s->code, counts->second, counts->step, levels);
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
                                              size_t step, uint64_t n, uint32_t *levels) {
  double sum = 0.0;
  *levels = 0;
  for (uint32_t c = 0; c < s->n_levels; c++) {
    sum += (double)count[c * step] * s->value[c];
    *levels += count[c * step] > 0;
  }
  return sum / (double)n;
}

DSS_DEVICE static inline void dss_pair_finish_real(dss_pair_values *v, const dss_pair_scale *s,
                                                   const dss_pair_counts *counts, uint64_t n) {
  size_t step = counts->step;
  const uint32_t *first = counts->first, *second = counts->second;
  uint32_t levels_x, levels_y;
  double x = dss_pair_mean(s, first, step, n, &levels_x);
  double y = dss_pair_mean(s, second, step, n, &levels_y);
  double distance = 0.0, chance = 0.0, covariance = 0.0, spread_x = 0.0, spread_y = 0.0;
  for (uint32_t c = 0; c < s->n_levels; c++) {
    uint32_t a_c = first[c * step], b_c = second[c * step];
    if (a_c == 0 && b_c == 0) continue; /* adds zeros only */
    double dx = s->value[c] - x, dy = s->value[c] - y;
    spread_x += (double)a_c * (dx * dx);
    spread_y += (double)b_c * (dy * dy);
    for (uint32_t k = 0; k < s->n_levels; k++) {
      uint32_t a_k = first[k * step], b_k = second[k * step];
      if (a_k == 0 && b_k == 0) continue;
      size_t at = (size_t)c * s->n_levels + k, turned = (size_t)k * s->n_levels + c;
      uint32_t cell = counts->table[at * counts->table_step];
      covariance += (double)cell * (dx * (s->value[k] - y));
      if (k <= c) continue;
      uint64_t both = (uint64_t)cell + counts->table[turned * counts->table_step];
      distance += (double)both * s->distance[at];
      chance += (double)((uint64_t)a_c * b_k + (uint64_t)a_k * b_c) * s->distance[at];
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
    n += counts->first[c * counts->step];
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

/* --- from targets -------------------------------------------------------------------------- */

/* The margins of a table, whose cells are `plane` apart, into words [2 K], `step` apart. */
DSS_DEVICE static inline void dss_pair_counts_by_table(const dss_pair_scale *s, const int32_t *at,
                                                       size_t plane, uint32_t *words, size_t step,
                                                       dss_pair_counts *counts) {
  uint32_t n = s->n_levels, *first = words, *second = words + n * step;
  bool scores = s->kind == DSS_PAIR_SCORES;
  counts->first = first;
  counts->second = second;
  counts->step = step;
  counts->table = (const uint32_t *)at;
  counts->table_step = plane;
  for (uint32_t i = 0; i < 2 * n; i++)
    words[i * step] = 0;
  for (uint32_t c = 0; c < n; c++)
    for (uint32_t k = 0; k < n; k++, at += plane) {
      uint32_t x = (uint32_t)*at;
      first[c * step] += x;
      second[k * step] += x;
      if (c == k) counts->agreements += x;
      if (!scores || x == 0) continue;
      counts->rank_products += (dss_i128)x * s->rank[c] * s->rank[k];
      counts->code_products += (int64_t)x * (s->code[c] * s->code[k]);
    }
}

/* What sums of digits by weight, `plane` apart, make together. */
DSS_DEVICE static inline dss_i128 dss_pair_weighted(const int32_t *at, size_t plane,
                                                    uint32_t weights) {
  dss_i128 sum = 0;
  for (uint32_t w = 0; w < weights; w++, at += plane)
    sum += (dss_i128)*at << (DSS_PAIR_DIGIT_BITS * w);
  return sum;
}

DSS_DEVICE static inline void dss_pair_counts_by_margins(const dss_pair_scale *s,
                                                         const dss_pair_products *products,
                                                         const int32_t *at, size_t plane,
                                                         dss_pair_counts *counts) {
  counts->first = (const uint32_t *)at;
  counts->second = (const uint32_t *)at + s->n_levels * plane;
  counts->step = plane;
  at += 2 * s->n_levels * plane;
  counts->agreements = (uint32_t)*at;
  at += plane;
  counts->rank_products = dss_pair_weighted(at, plane, products->rank_weights);
  at += products->rank_weights * plane;
  counts->code_products = products->code_weights > 0
                              ? (int64_t)dss_pair_weighted(at, plane, products->code_weights)
                              : (int64_t)counts->rank_products;
}

/* A pair's statistics from its targets, of which `at` is the first and the others follow `plane`
 * apart. words: by table room for 2 K numbers, `step` apart; by margins unused. */
DSS_DEVICE static inline dss_pair_values dss_pair_values_at(const dss_pair_scale *s,
                                                            const dss_pair_products *products,
                                                            const int32_t *at, size_t plane,
                                                            uint32_t *words, size_t step) {
  dss_pair_counts counts = {NULL, NULL, 0, NULL, 0, 0, 0, 0};
  if (products->by_table)
    dss_pair_counts_by_table(s, at, plane, words, step, &counts);
  else
    dss_pair_counts_by_margins(s, products, at, plane, &counts);
  return dss_pair_finish(s, &counts);
}

#endif
