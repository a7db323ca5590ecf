/* Variance of a statistic of raters by items, from its parts: what the ratings of one rater have in
 * common, whatever the items (shared), and what is left, item by item. A bootstrap that multiplies
 * raters' weights by items' counts the second part twice or three times; here each stands once.
 * Definitions and sources: docs/classify.md, "Intervals". */
#ifndef DSS_STATS_TWO_WAY_H
#define DSS_STATS_TWO_WAY_H

#include <stddef.h>
#include <stdint.h>

/* Of n leave-one-out values of one stratum. */
double dss_jackknife_variance(const double *left_out, uint32_t n);
/* Its degrees of freedom, 2 V^2 over what V, a sum of squares, varies by from one set of units to
 * another, told from how unlike the squares are: few where few units make the variance. */
double dss_jackknife_degrees(const double *left_out, uint32_t n);

/* The shared part, from products of what two halves of the raters differ by on one half of the
 * items and on the other, a quarter of it: of single ratings these have none in common. NaN where
 * more than DSS_INTERVAL_MOST_UNDEFINED percent of the products are, or there is none. */
double dss_shared_variance(const double *products, uint64_t n);

/* Of other raters and other items; items: a jackknife's variance, in which single ratings are. */
double dss_variance_over_both(double items, double shared);

/* Of other raters of the same items; all: a bootstrap's of raters. What is not shared is too small
 * in it by the factor `shortfall`, ratings over ratings less views: residuals from the mean of m
 * ratings of an item vary (m - 1) / m times as much as the ratings. */
double dss_variance_over_raters(double all, double shared, double shortfall);

/* A part of a variance, and the degrees of freedom that it is told with. */
typedef struct dss_variance_part {
  double variance, degrees;
} dss_variance_part;

/* Those of the variance `all`; what is in none of the parts is as good as known. INFINITY where all
 * is. */
double dss_degrees_of_sum(double all, const dss_variance_part *parts, size_t n);

#endif
