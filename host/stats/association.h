/* How predictions and ratings go together: correlations, mean absolute error, weighted kappa, of
 * pairs (x, y) that each stand for a number of equal pairs. Definitions: docs/steer.md.
 *
 * Everything is a function of the table of how often each x came with each y: integers, and sums of
 * doubles in the table's order. Equal tables give equal bits. */
#ifndef DSS_STATS_ASSOCIATION_H
#define DSS_STATS_ASSOCIATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pairs, ascending by x, then by y, no two the same. All weights together are below 2^31. */
typedef struct dss_points {
  size_t n;
  double *x;
  uint32_t *y;      /* numbers of levels */
  uint64_t *weight; /* how often, at least 1 */
} dss_points;

typedef struct dss_association {
  uint64_t n; /* all weights */
  bool x_varies, y_varies;
  double pearson, spearman, kendall; /* tau-b; NaN unless both vary */
  double mae;                        /* NaN where n is 0 */
} dss_association;

/* 64-bit words that dss_associate needs beside its arguments. */
#define DSS_ASSOCIATE_WORDS(n_levels) (4 * (size_t)(n_levels) + 1)

/* value [n_levels], ascending, is what the levels of y stand for. steps: where not 0, x and the
 * values are whole numbers of 1 / steps, and the sum of errors is exact: equal ones tie. scratch:
 * DSS_ASSOCIATE_WORDS. */
dss_association dss_associate(const dss_points *points, const double *value, uint32_t n_levels,
                              double steps, uint64_t *scratch);

/* The least of 1, 10 .. 10^6 that makes whole numbers of all, up to rounding; 0: none does. least:
 * no less than this. */
double dss_decimal_steps(const double *values, size_t n, double least);

/* The level whose value is nearest; half-way between two the higher. */
uint32_t dss_nearest_level(double x, const double *value, uint32_t n_levels);

/* Cohen's kappa of the levels nearest to x and y with quadratic weights, by the levels' numbers;
 * NaN where nothing is there, or both sides are one and the same level. */
double dss_quadratic_kappa(const dss_points *points, const double *value, uint32_t n_levels);

/* A pair whose y is any number. */
typedef struct dss_real_pair {
  double x, y;
  uint64_t weight; /* at least 1 */
  uint32_t level;  /* of y, once sorted */
} dss_real_pair;

/* Sorts pairs [n] and makes points of them, with room for n; value [n] becomes the distinct y.
 * Returns how many there are. */
uint32_t dss_points_of_pairs(dss_real_pair *pairs, size_t n, dss_points *points, double *value);

#endif
