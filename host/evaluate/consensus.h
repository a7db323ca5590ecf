/* The consensus that a rating is held against: the mean of all other raters' ratings of the item.
 */
#ifndef DSS_EVALUATE_CONSENSUS_H
#define DSS_EVALUATE_CONSENSUS_H

#include "tallies.h"

/* Ratings that have a consensus, their levels and its bins as one number: level * n_bins + bin. */
typedef struct dss_consensus {
  uint32_t n_bins; /* that have a rating; at most as many as asked for */
  dss_tally_ratings ratings;
  uint64_t alone; /* ratings of items that nobody else rated */
} dss_consensus;

/* Cuts the ratings, in the order of their consensus, into bins of equal numbers of them: equal ones
 * go into one bin, that of the middle of their places. values [n_levels]. */
DSS_MUST_USE dss_status dss_consensus_make(dss_context *context, const dss_rated *rated,
                                           const dss_rated_question *question, const double *values,
                                           uint32_t bins, dss_consensus *consensus);
void dss_consensus_free(dss_consensus *consensus);

#endif
