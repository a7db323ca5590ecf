/* 95% bootstrap intervals. Definitions and sources: docs/statistics.md, "Intervals". Small pure
 * functions; `sorted` are the defined resampled values, ascending, n >= 1 of them. */
#ifndef DSS_STATS_INTERVALS_H
#define DSS_STATS_INTERVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct dss_bounds {
  double low, high;
} dss_bounds;

/* Whether rounding alone may be what tells two values apart. */
bool dss_tied(double a, double b);

dss_bounds dss_percentile_interval(const double *sorted, uint64_t n);
dss_bounds dss_basic_interval(double estimate, const double *sorted, uint64_t n);

dss_bounds dss_normal_interval(double estimate, double se);

/* The estimate's logit between least and most, `quantile` standard errors on either side, taken
 * back: it lies between them. least < estimate < most. */
dss_bounds dss_logit_interval(double estimate, double se, double quantile, double least,
                              double most);

/* The share of values below the estimate, ties counted half. */
double dss_share_below(double estimate, const double *sorted, uint64_t n);

/* Efron's acceleration from leave-one-out values, stratum by stratum; sizes [n_strata], 0 for a
 * stratum that is not resampled. false, and undefined, where a value is, or where none varies. */
bool dss_acceleration(const double *left_out, const uint32_t *sizes, size_t n_strata,
                      double *acceleration);

/* false where the estimate lies outside all values, these do not vary, the acceleration leaves no
 * quantile, or a quantile is wanted beyond the most extreme of n values, 1 / n from an end. */
bool dss_bca_interval(double estimate, const double *sorted, uint64_t n, double acceleration,
                      dss_bounds *bounds);

/* SD with n - 1; NaN for n < 2. */
double dss_standard_deviation(const double *values, uint64_t n);

/* Whether all values are tied; so are none, and one. */
bool dss_all_tied(const double *values, uint64_t n);

/* With n - 1; n >= 2. */
typedef struct dss_covariances {
  double a, x, ax;
} dss_covariances;
dss_covariances dss_covary(const double *a, const double *x, uint64_t n);

/* {c : (a - c x)^2 <= z^2 (v.a - 2 c v.ax + c^2 v.x)}. An end that there is none of is NaN. */
typedef enum dss_ratio_kind {
  DSS_RATIO_BOUNDED = 1, /* low .. high */
  DSS_RATIO_OUTSIDE = 2, /* up to low, and from high on */
  DSS_RATIO_ABOVE = 3,   /* from low on */
  DSS_RATIO_BELOW = 4,   /* up to high */
  DSS_RATIO_WHOLE = 5,
  DSS_RATIO_EMPTY = 6 /* a is not 0, x is, and neither varies enough: no ratio is it */
} dss_ratio_kind;
dss_ratio_kind dss_ratio_set(double a, double x, dss_covariances v, double z, dss_bounds *ends);

#endif
