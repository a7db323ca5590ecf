/* Sums of quotients that say nothing of the order of their terms: exact fractions where they fit
 * into 128 bits, so that equal sums of different terms are equal to the bit; else terms added in
 * the order of their size. */
#ifndef DSS_EVALUATE_FRACTION_SUM_H
#define DSS_EVALUATE_FRACTION_SUM_H

#include <stdint.h>

#include "kernels/common/exact.h"

/* Tops and bottoms of dss_quotient are below it; so bounds can be worked out in doubles. */
#define DSS_FRACTION_LIMIT 0x1p120

/* The least common multiple of the whole numbers of n that are not 0; 0 where it is 2^62 or more,
 * and a sum over them has to do without. Numbers below 2^32; others are too large as well. */
uint64_t dss_common_multiple(const double *n, uint32_t count);

/* common times the sum of x^2 / n over the n that are not 0. x whole numbers below 2^53, common a
 * multiple of every n; the sum must be below the limit. */
dss_u128 dss_common_squares(const double *x, const double *n, uint32_t count, uint64_t common);

/* top / bottom, rounded once, to the nearest double, of two to the even one: equal fractions give
 * equal bits, whether they are in lowest terms or not. Both below the limit, bottom not 0. */
double dss_quotient(dss_u128 top, dss_u128 bottom);

/* Their sum from the least to the greatest, which leaves them sorted. */
double dss_sum_sorted(double *terms, uint32_t count);

#endif
