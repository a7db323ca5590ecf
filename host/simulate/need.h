/* How much of something gives the power wanted, from powers at a few places. */
#ifndef DSS_SIMULATE_NEED_H
#define DSS_SIMULATE_NEED_H

#include "dissensus/power.h"

/* The nearest numbers to y that do not fall (pooled adjacent violators, equal weights), into out
 * [n]; may be y itself. */
void dss_isotonic(size_t n, const double *y, double *out);

/* Where y, made isotonic, first is `level`: x [n] ascending and positive, straight lines over log
 * x.
 */
dss_power_bound dss_crossing(size_t n, const double *x, const double *y, double level,
                             double *scratch);

#endif
