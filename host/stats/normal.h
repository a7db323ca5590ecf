/* The normal distribution. */
#ifndef DSS_STATS_NORMAL_H
#define DSS_STATS_NORMAL_H

/* 0.975 quantile. */
#define DSS_Z975 1.959963984540054

double dss_normal_cdf(double x);

/* The x with dss_normal_cdf(x) = p; infinite for 0 and 1, NaN outside. */
double dss_normal_quantile(double p);

#endif
