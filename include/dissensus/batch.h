/* Long runs in pieces: shards that are merged, checkpoints to go on from, several processes.
 *
 * None of it changes a result: the results' bytes are those of one process that runs through
 * (but for what provenance says of backends). docs/hpc.md.
 */
#ifndef DISSENSUS_BATCH_H
#define DISSENSUS_BATCH_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "dissensus/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dss_plan;
struct dss_results;
struct dss_results_writer;
struct dss_run_options;

/* The processes of an MPI job that make one run together; NULL: this one alone. */
typedef struct dss_team dss_team;

/* How a run is part of something larger; all zeros: it is not. */
typedef struct dss_batch {
  /* Shard `shard`, from 0, of n_shards: some of the resamples and of the bootstrap's groups. The
   * results are a part then, which dss_results_save writes and dss_merge reads. n_shards 0: all. */
  uint64_t shard, n_shards;
  /* A folder for checkpoints, which must exist; NULL: none. Shards may share one. A run that ends
   * well leaves its files there until dss_checkpoint_remove, and no other run can use them until
   * its results are freed. A checkpoint keeps the accumulators, or while the first resamples are
   * made their values; and while a group's bootstrap is under way its values so far: `bootstrap`
   * doubles for each statistic, then one more for each rater and item that can be left out. The run
   * (in a team process 0) has these in memory anyway, and as much again at most while it writes
   * them. */
  const char *checkpoint;
  double every; /* seconds between checkpoints; 0: one only when the run is stopped */
  bool resume;  /* from a checkpoint of this plan, where there is one */
  /* When to write a checkpoint and return DSS_INTERRUPTED: once *stop (which a signal handler may
   * set) is not 0, or when the clock CLOCK_MONOTONIC has passed so many seconds. NULL, 0: never.
   * Looked at between steps of about half a second, and by the cpu backend in their midst too; in a
   * group's bootstrap between two resamples a thread, and by a team on GPUs between rounds of 8
   * seconds at most. Both need a checkpoint folder; dss_context_set_stop (status.h) needs none, and
   * writes one where there is a folder. */
  const volatile sig_atomic_t *stop;
  double end_at;
  dss_team *team;
} dss_batch;

/* --- shards ---------------------------------------------------------------------------------- */

/* Whether the results are one shard's part. */
bool dss_results_is_part(const struct dss_results *results);
/* Whether all values of all resamples are in a part's file. DSS_ERR_FILE, DSS_ERR_DATA. */
DSS_MUST_USE dss_status dss_part_saves_null(dss_context *context, const char *path, bool *saves);

/* The results of the whole run from the parts of all its shards, in any order. DSS_ERR_DATA where
 * they are not of the same input, plan, seed and version, or do not cover the run exactly once; the
 * message names what is missing, or in which two files something is. Memory: about that of two
 * parts. Where the parts hold the values of resamples these go to the writer (else NULL). The
 * caller frees the results. */
DSS_MUST_USE dss_status dss_merge(dss_context *context, const char *const *paths, size_t n_paths,
                                  unsigned threads, struct dss_results_writer *writer,
                                  struct dss_results **results);

/* --- checkpoints ----------------------------------------------------------------------------- */

/* The values of resamples that a run with checkpoints and save_null has kept, to a writer that was
 * just created; then dss_results_writer_finish. DSS_ERR_FILE. */
DSS_MUST_USE dss_status dss_checkpoint_values(dss_context *context, const dss_batch *batch,
                                              const struct dss_results *results,
                                              struct dss_results_writer *writer);
/* Removes the run's checkpoints: call it when its results are in place. */
void dss_checkpoint_remove(const dss_batch *batch);
/* The same for a run whose results were in place already (dss_is_complete): only what that run left
 * when it was stopped behind its last step. Checkpoints of another run in the folder, and of one
 * that goes on, stay. A team's processes may all call it. */
void dss_checkpoint_clear(dss_context *context, const struct dss_plan *plan,
                          const struct dss_run_options *options);

/* Whether the results file at path is what a run of this plan with these options writes, complete:
 * what a run that was stopped behind its last step finds when it is resumed. false too where it
 * cannot be read. A team's processes call it together, and process 0 decides. */
bool dss_is_complete(dss_context *context, const char *path, const struct dss_plan *plan,
                     const struct dss_run_options *options);

/* --- several processes ----------------------------------------------------------------------- */

/* This process's number among those that a launcher (mpirun, srun) has started together, from its
 * environment variables, and how many these are; 0 of 1 without one. */
void dss_launched(unsigned *rank, unsigned *size);
/* Joins them, where there are several; *team becomes NULL where there are not. DSS_ERR_DEVICE: this
 * build has no MPI. End it before the process ends. */
DSS_MUST_USE dss_status dss_team_begin(dss_context *context, dss_team **team);
unsigned dss_team_rank(const dss_team *team); /* 0 for NULL; process 0 has the results */
unsigned dss_team_size(const dss_team *team); /* 1 for NULL */
/* The plan that process 0 has made, and with what status, to the others, whose *plan it becomes;
 * theirs is DSS_OK. The large arrays go into memory that the processes on one machine share, where
 * it is to be had. After an error, which all agree on, process 0 keeps its plan and the others have
 * none. Free the plan before the team ends. A NULL team: returns the status. */
DSS_MUST_USE dss_status dss_plan_share(dss_context *context, dss_team *team, dss_status status,
                                       struct dss_plan **plan);
/* What came of a step in each process, which all call together: DSS_OK if that is every process's
 * status, else that of the first that failed, whose text is then in process 0's context. A NULL
 * team: returns the status. */
DSS_MUST_USE dss_status dss_team_agree(dss_context *context, dss_team *team, dss_status status);
/* Whether all have agreed on an error, which is then process 0's to say. */
bool dss_team_agreed(const dss_team *team);
/* status: how this process ends. After an error that was not agreed on it ends the others too, and
 * does not return. */
void dss_team_end(dss_team *team, dss_status status);
/* "Open MPI 4.1.4" or such; "" where this build has no MPI. */
const char *dss_team_library(void);

#ifdef __cplusplus
}
#endif
#endif
