/* Bootstrap intervals of every tested group. docs/statistics.md, "Intervals". */
#ifndef DSS_ENGINE_BOOTSTRAP_H
#define DSS_ENGINE_BOOTSTRAP_H

#include "host/core/context.h"
#include "plan.h"
#include "results.h"

/* Who makes the resamples. */
typedef struct dss_resampler {
  const dss_backend *backend; /* open as `state`; one without a bootstrap leaves it to the host */
  void *state;
  bool may_change; /* the host may go on where the backend fails */
  unsigned threads;
} dss_resampler;

/* Fills the intervals of cells whose estimates are there, and the details' Fieller sets. */
DSS_MUST_USE dss_status dss_run_bootstrap(dss_context *context, const dss_plan *plan,
                                          const dss_resampler *resampler, dss_results *results);

#endif
