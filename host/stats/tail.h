/* A p-value beyond the resamples: a generalized Pareto distribution fitted to the tail of a null
 * (Knijnenburg et al. 2009). docs/statistics.md, "Beyond the resamples", says why it is done so.
 * Pure functions of the values, which they see in one order.
 *
 * An exceedance y = value - threshold has the survival function (1 + xi y / sigma)^(-1/xi). The
 * fits run over xi and the logarithm of p0, the chance that an exceedance reaches the observed y0:
 * sigma = xi y0 / (p0^-xi - 1), so that no fit ends short of the observed value. */
#ifndef DSS_STATS_TAIL_H
#define DSS_STATS_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  DSS_TAIL_BELOW = 10,       /* exceedances of the observed value; with more, p needs no help */
  DSS_TAIL_RESAMPLES = 1000, /* at least */
  DSS_TAIL_MOST = 250,       /* exceedances of the threshold */
  DSS_TAIL_LEAST = 50,
  DSS_TAIL_STEP = 10,
};

/* Exceedances y [n], ascending, of which the last may lie beyond the observed y0 > 0. */
typedef struct dss_exceedances {
  const double *y;
  size_t n;
  double y0;
} dss_exceedances;

typedef struct dss_gpd {
  double log_p0, xi;
  double log_likelihood;
  double low, high; /* log_p0 where the profile likelihood is 95% limits; low may be -INFINITY */
} dss_gpd;

/* The log-likelihood of the exceedances, with y0 as one more of them where holds_observed. */
double dss_gpd_log_likelihood(const dss_exceedances *e, bool holds_observed, double log_p0,
                              double xi);

/* Maximum likelihood over -0.95 <= xi <= 1 and log_p0 >= -60. Without y0 among the exceedances it
 * may run to the edge: the fit would rather end short of the observed value. */
dss_gpd dss_gpd_fit(const dss_exceedances *e, bool holds_observed);
/* Fills the fit's 95% limits of log_p0. */
void dss_gpd_limits(const dss_exceedances *e, bool holds_observed, dss_gpd *fit);

/* Anderson and Darling's A^2 of the exceedances, and the value that it exceeds with probability 5%
 * when both parameters are fitted (Choulakian and Stephens 2001). */
double dss_gpd_anderson_darling(const dss_exceedances *e, const dss_gpd *fit);
double dss_gpd_critical(double xi);

typedef struct dss_tail {
  double p, low, high; /* one-sided, with a 95% interval */
  size_t exceedances;  /* that were fitted */
  double xi;
} dss_tail;

/* largest [n]: the largest of the resamples, ascending, n > DSS_TAIL_MOST; observed: above all but
 * fewer than DSS_TAIL_BELOW of them. false, and *tail untouched: there are too few resamples, too
 * many equal values, or no number of exceedances looks like a generalized Pareto distribution. */
bool dss_tail_p(double observed, uint64_t resamples, const double *largest, size_t n,
                dss_tail *tail);

#endif
