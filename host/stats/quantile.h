/* Order statistics. */
#ifndef DSS_STATS_QUANTILE_H
#define DSS_STATS_QUANTILE_H

#include <stdint.h>

/* Ascending, in place; no NaN. */
void dss_sort_ascending(double *values, uint64_t n);

/* The k-th smallest, from 0, of n > k; no NaN. Rearranges the values: none before it is larger
 * then, none behind it smaller. */
double dss_order_statistic(double *values, uint64_t n, uint64_t k);

/* Linear between the order statistics on either side of level (n - 1) (Hyndman and Fan 1996, type
 * 7). sorted [n] ascending, n >= 1, 0 <= level <= 1. */
double dss_sorted_quantile(const double *sorted, uint64_t n, double level);

#endif
