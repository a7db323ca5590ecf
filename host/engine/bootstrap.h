/* Bootstrap intervals of every tested group. docs/statistics.md, "Intervals". */
#ifndef DSS_ENGINE_BOOTSTRAP_H
#define DSS_ENGINE_BOOTSTRAP_H

#include "resample.h"

/* Who makes the resamples. */
typedef struct dss_resampler {
  const dss_backend *backend; /* open as `state`; one without a bootstrap leaves it to the host */
  void *state;
  bool may_change; /* the host may go on where the backend fails */
  unsigned threads;
} dss_resampler;

/* Fills the intervals of cells whose estimates are there, and the details' Fieller sets; of the
 * shard's groups, whose bootstrap the part does not have yet. A team's processes share the
 * resamples of each group, and process 0 has the intervals. DSS_INTERRUPTED between steps, as
 * dss_pause says; the part then has what is made of the group under way. */
DSS_MUST_USE dss_status dss_run_bootstrap(dss_context *context, const dss_resampler *resampler,
                                          dss_resampling *run);

#endif
