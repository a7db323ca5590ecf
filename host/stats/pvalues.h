/* From exceedance counts to p-values. Definitions and sources: docs/statistics.md.
 * Small pure functions; NaN in, NaN out. */
#ifndef DSS_STATS_PVALUES_H
#define DSS_STATS_PVALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* (count + 1) / (resamples + 1), Phipson and Smyth 2010; count / resamples when the resamples are
 * all there are (exact), the observed arrangement among them. count <= resamples. */
double dss_p_one_sided(uint64_t count, uint64_t resamples, bool exact);

/* h / l, Besag and Clifford 1991: the h-th exceedance came with resample number l, from 1, and
 * ended the sampling. 1 <= h <= l. */
double dss_p_sequential(uint64_t h, uint64_t l);

/* min(1, 2 min(up, down)). */
double dss_p_two_sided(double up, double down);

/* The exact 95% interval of a share seen as `count` of `n` (Clopper and Pearson 1934). n >= 1. */
void dss_clopper_pearson(uint64_t count, uint64_t n, double *low, double *high);

/* The exact 95% interval of a share whose h-th success came with trial number l: Clopper and
 * Pearson's for sampling until there are h (Jennison and Turnbull 1983). 1 <= h <= l. */
void dss_inverse_sampling_interval(uint64_t h, uint64_t l, double *low, double *high);

/* The 0.975 quantile of Student's t with so many degrees of freedom, 1 or more, INFINITY too. */
double dss_student_975(double degrees);

/* I_x(a, b), the regularized incomplete beta function; a, b > 0, 0 <= x <= 1. */
double dss_incomplete_beta(double a, double b, double x);

#endif
