/* From accumulators and observed sums to results. */
#ifndef DSS_ENGINE_FINISH_H
#define DSS_ENGINE_FINISH_H

#include "frames.h"
#include "pairwise.h"
#include "plan.h"
#include "results.h"

/* Details, estimates' reasons: from the reference's observed sums. pairwise: the plan's, or NULL.
 * observed [columns]. */
DSS_MUST_USE dss_status dss_finish_observed(dss_context *context, const dss_plan *plan,
                                            const dss_pairwise *pairwise, const double *observed,
                                            dss_results *results);
/* Null distributions and p-values of every tested column, then the corrections over all of them.
 * The null is used up: its last block ends, its extremes are sorted. */
DSS_MUST_USE dss_status dss_finish_nulls(dss_context *context, dss_null *null,
                                         dss_results *results);

#endif
