/* Bootstrap intervals of every tested group. docs/statistics.md, "Intervals". */
#ifndef DSS_ENGINE_BOOTSTRAP_H
#define DSS_ENGINE_BOOTSTRAP_H

#include "host/core/context.h"
#include "plan.h"
#include "results.h"

/* Fills the intervals of cells whose estimates are there, and the details' Fieller sets. */
DSS_MUST_USE dss_status dss_run_bootstrap(dss_context *context, const dss_plan *plan,
                                          unsigned threads, dss_results *results);

#endif
