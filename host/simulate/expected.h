/* What IRR, XRR and GAI are in the model with endless raters and items. */
#ifndef DSS_SIMULATE_EXPECTED_H
#define DSS_SIMULATE_EXPECTED_H

#include "dissensus/study.h"
#include "host/core/context.h"

enum { DSS_SERIES_TERMS = 96 };

/* A question's levels, for raters who all have the same thresholds. */
typedef struct dss_expected {
  uint32_t n_levels;
  double *share;    /* [n_levels], of all ratings */
  double *series;   /* [n_levels][DSS_SERIES_TERMS] of the level's indicator (scores.h) */
  double *distance; /* [n_levels][n_levels] */
} dss_expected;

/* values may be NULL for nominal and ordinal. DSS_ERR_MEMORY. Free it in any case. */
DSS_MUST_USE dss_status dss_expected_make(dss_context *context, dss_scale scale, uint32_t n_levels,
                                          const double *shares, const double *values,
                                          dss_expected *expected);
void dss_expected_free(dss_expected *expected);

/* The chance of level c of a rater of x and level k of one of y on the same item, beyond that of
 * independent raters, where their latent values have correlation rho (Mehler's series). */
double dss_expected_together(const dss_expected *x, uint32_t c, const dss_expected *y, uint32_t k,
                             double rho);
/* The distance of two levels among ratings with these shares; values may be NULL for nominal and
 * ordinal. */
double dss_level_distance(dss_scale scale, const double *share, const double *values, uint32_t c,
                          uint32_t k);

/* Alpha, and kappa_x, of raters whose latent values have correlation rho. */
double dss_expected_alpha(const dss_expected *expected, double rho);
/* GAI of a group with this cohesion among raters of this agreement. */
double dss_expected_gai(const dss_expected *expected, double agreement, double cohesion);
/* The cohesion that makes a GAI; false: none between -1 and `most` does. */
bool dss_expected_cohesion(const dss_expected *expected, double agreement, double most, double gai,
                           double *cohesion);

#endif
