/* How much of something gives the power wanted, from powers at a few places. */
#ifndef DSS_SIMULATE_NEED_H
#define DSS_SIMULATE_NEED_H

#include "dissensus/power.h"

/* The nearest numbers to y that do not fall (pooled adjacent violators, equal weights), into out
 * [n]; may be y itself. */
void dss_isotonic(size_t n, const double *y, double *out);

/* How many of y, which does not fall, are below `level`. */
size_t dss_n_below(size_t n, const double *y, double level);

/* Where y, which does not fall, first is `level`: x [n] ascending and positive, straight lines over
 * log x. */
dss_power_bound dss_crossing(size_t n, const double *x, const double *y, double level);

/* The last x with y below `level`, and the first with y not below it: of the points, nothing
 * between them. */
dss_power_bound dss_last_below(size_t n, const double *x, const double *y, double level);
dss_power_bound dss_first_reaching(size_t n, const double *x, const double *y, double level);

#endif
