/* The normal distribution. */
#ifndef DSS_STATS_NORMAL_H
#define DSS_STATS_NORMAL_H

/* 0.975 quantile. */
#define DSS_Z975 1.959963984540054

double dss_normal_cdf(double x);
/* dss_normal_cdf(b) - dss_normal_cdf(a) for a <= b, with all digits in both tails. */
double dss_normal_between(double a, double b);

/* The x with dss_normal_cdf(x) = p; infinite for 0 and 1, NaN outside. */
double dss_normal_quantile(double p);

/* The standard normal value that is exceeded as often as a value of F with so many degrees of
 * freedom above and below; below may be INFINITY. Paulson's (1942) approximation. */
double dss_normal_of_f(double f, double above, double below);

#endif
