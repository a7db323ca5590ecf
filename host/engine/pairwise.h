/* Statistics of pairs of raters beside a run's backend: their lists, made once, and rows in which
 * the columns of both stand. docs/statistics.md, "From pairs of raters". */
#ifndef DSS_ENGINE_PAIRWISE_H
#define DSS_ENGINE_PAIRWISE_H

#include "pairs.h"
#include "kernels/pairwise.h"

typedef struct dss_pairwise dss_pairwise;

/* NULL where the plan has none; the plan must outlive it. The lists are made by the host: the
 * number of pairs that share an item, at 24 bytes each, must fit its memory. */
DSS_MUST_USE dss_status dss_pairwise_open(dss_context *context, const dss_plan *plan,
                                          unsigned threads, dss_pairwise **made);
/* Without lists, for who wants to know what they would take. */
DSS_MUST_USE dss_status dss_pairwise_sketch(dss_context *context, const dss_plan *plan,
                                            dss_pairwise **made);
void dss_pairwise_free(dss_pairwise *pairwise);
/* Pairs that can share an item, of all questions; 0 where no statistic of pairs is asked for. */
uint64_t dss_pairwise_most(const dss_plan *plan);
/* Of the host, for the lists of so many pairs while they are made. */
uint64_t dss_pairwise_bytes(const dss_plan *plan);

/* A backend of the host, before rows are joined. */
DSS_MUST_USE dss_status dss_pairwise_start(dss_context *context, dss_pairwise *pairwise,
                                           const dss_pairwise_backend *backend,
                                           const dss_resources *resources);
/* From items [count][columns of the plan's kernel] of these resamples to out, the same with those
 * of pairs behind each group's. */
DSS_MUST_USE dss_status dss_pairwise_join(dss_context *context, dss_pairwise *pairwise,
                                          uint64_t first, uint64_t count, const double *items,
                                          double *out);
/* The kernels' view. */
const dss_pairwise_plan *dss_pairwise_plan_of(const dss_pairwise *pairwise);

#endif
