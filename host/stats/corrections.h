/* Corrections for many tests. p [n]: two-sided p-values, NaN for what is no test (it stays NaN and
 * does not count). out [n] may not overlap p. */
#ifndef DSS_STATS_CORRECTIONS_H
#define DSS_STATS_CORRECTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* false: out of memory. */
bool dss_benjamini_hochberg(size_t n, const double *p, double *out); /* q-values, 1995 */
bool dss_holm(size_t n, const double *p, double *out);               /* 1979 */
void dss_bonferroni(size_t n, const double *p, double *out);

#endif
