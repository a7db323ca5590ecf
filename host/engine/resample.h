/* The permutation test of a run, or of a shard: observed arrangement, pilot, blocks of resamples
 * into accumulators; alone or in a team, with checkpoints. */
#ifndef DSS_ENGINE_RESAMPLE_H
#define DSS_ENGINE_RESAMPLE_H

#include "checkpoint.h"
#include "pace.h"
#include "team.h"
#include "worker.h"

typedef struct dss_resampling {
  const dss_plan *plan;
  dss_worker *worker;
  const dss_batch *batch;
  const double *observed;     /* [columns] */
  dss_results *results;       /* with its part, which holds the null */
  dss_checkpoint *checkpoint; /* NULL: none */
  dss_results_writer *writer; /* begun; takes values as they come; NULL: none are saved, or they go
                                 into the checkpoint's rows */
  double *values;             /* of a step, where values are wanted */
  bool slow;                  /* a team's block takes long */
  dss_pace pace;
} dss_resampling;

/* How a plan's null distribution is made; of so many columns that are not its own statistics. */
dss_accumulation dss_accumulation_of(const dss_plan *plan, unsigned threads);
dss_accumulation dss_accumulation_of_columns(const dss_plan *plan, size_t n_columns,
                                             unsigned threads);

/* From where the part stands to the end of its range, the team's parts put together in process 0.
 * DSS_INTERRUPTED: stopped, and the checkpoint is written. */
DSS_MUST_USE dss_status dss_resample(dss_context *context, dss_resampling *r);

/* Between steps: writes a checkpoint where one is due, or where the run is to stop, which is then
 * DSS_INTERRUPTED. A checkpoint that is due and fails is a warning: the one before is still there.
 * A team's processes call it together. */
DSS_MUST_USE dss_status dss_pause(dss_context *context, dss_resampling *r);

#endif
