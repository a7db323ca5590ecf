/* Checkpoints of a run: a part (part.h) whose file's name carries the SHA-256 of its bytes, so that
 * one rename puts it in place and nobody believes a damaged one. The two newest are kept. */
#ifndef DSS_ENGINE_CHECKPOINT_H
#define DSS_ENGINE_CHECKPOINT_H

#include "part.h"
#include "rows.h"

typedef struct dss_checkpoint {
  const dss_batch *batch; /* with a folder */
  char *base;             /* FOLDER/run, or FOLDER/shard-I-of-N */
  uint64_t generation;    /* the newest there is; 0: none */
  uint64_t kept;          /* the newest that is known to be good; 0: none */
  double written;         /* when; CLOCK_MONOTONIC */
  dss_rows *rows;         /* open, for the values that are saved, or NULL; the caller's */
} dss_checkpoint;

/* Locks the folder for the run, as long as its results live: until they are in place nobody else
 * may touch what waits beside the checkpoints. DSS_ERR_FILE: no such folder, another run has locked
 * it, or it has checkpoints already and the run is not to be resumed. */
DSS_MUST_USE dss_status dss_checkpoint_open(dss_context *context, const dss_batch *batch,
                                            dss_results *results, dss_checkpoint *checkpoint);
void dss_checkpoint_close(dss_checkpoint *checkpoint);

/* The newest sound checkpoint of the run that `expected` begins, whose part it takes and whose
 * intervals it fills; nothing changes where there is none, but that rows begin. Damaged and foreign
 * ones are named in the log; DSS_ERR_DATA where there are only such. */
DSS_MUST_USE dss_status dss_checkpoint_load(dss_context *context, dss_checkpoint *checkpoint,
                                            unsigned threads, dss_results *expected);

/* Whether it is time for one. */
bool dss_checkpoint_due(const dss_checkpoint *checkpoint);
/* Whether the run is to stop now. */
bool dss_batch_stops(const dss_batch *batch);
/* Those before the one before are removed once it is in place. */
DSS_MUST_USE dss_status dss_checkpoint_write(dss_context *context, dss_checkpoint *checkpoint,
                                             const dss_results *results);

#endif
