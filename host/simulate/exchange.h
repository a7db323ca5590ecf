/* Whose items the new raters of a grown pool rate. */
#ifndef DSS_SIMULATE_EXCHANGE_H
#define DSS_SIMULATE_EXCHANGE_H

#include "dissensus/study.h"

/* taker: [n_raters * times]. The k-th new rater of taker[r * times + k] rates what r rated. For k
 * = 0 that is r; for every other k the lists of items change hands at random, by the seed, among
 * raters who are joined by items they rated, directly or through others, in any question: batches
 * of items keep their raters.
 *
 * Did all new raters keep the items of the one they stand for, a group's ratings would lie on the
 * items of its few raters, `times` on each, as those of no shuffle of profiles do, and tests on the
 * pool would find what is not there.
 *
 * DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_exchange_lists(dss_context *context, const dss_study *study,
                                           uint32_t times, uint64_t seed, uint32_t *taker);

#endif
