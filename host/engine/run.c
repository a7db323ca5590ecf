/* Runs a plan: observed values, permutation test, bootstrap, results; or a shard of it. */
#include <string.h>

#include "bootstrap.h"
#include "choose.h"
#include "finish.h"
#include "host/core/alloc.h"
#include "skeleton.h"

/* One run under way; whatever it holds is freed at its end. */
typedef struct running {
  const dss_plan *plan;
  const dss_run_options *options;
  dss_worker worker;
  dss_heed heed;
  dss_checkpoint checkpoint;
  dss_rows rows;
  double *observed;
  dss_results *results;
} running;

/* --- beginning ------------------------------------------------------------------------------- */

static dss_status check_batch(dss_context *context, const dss_plan *plan,
                              const dss_run_options *options) {
  const dss_batch *batch = &options->batch;
  if (options->writer && batch->checkpoint)
    return dss_fail(context, DSS_ERR_USAGE,
                    "with checkpoints the values of resamples wait beside "
                    "them: save_null, and no writer yet");
  if (batch->n_shards > 0 && batch->shard >= batch->n_shards)
    return dss_fail(context, DSS_ERR_USAGE, "shard %llu of %llu: they count from 0",
                    (unsigned long long)batch->shard, (unsigned long long)batch->n_shards);
  if (batch->n_shards > 1 && plan->stop_after > 0)
    return dss_fail(context, DSS_ERR_USAGE,
                    "a shard cannot tell when tests stop early, as it sees only some of the "
                    "resamples; run as one with a checkpoint, or with MPI");
  return DSS_OK;
}

static dss_status open_rows(dss_context *context, running *run) {
  char *path;
  size_t size = strlen(run->checkpoint.base) + sizeof ".rows";
  if (!run->results->part->saves_null) return DSS_OK;
  DSS_TRY(DSS_ALLOC(context, &path, size));
  strcat(strcpy(path, run->checkpoint.base), ".rows");
  dss_status status = dss_rows_open(context, path, dss_plan_columns(run->plan), &run->rows);
  free(path);
  run->checkpoint.rows = &run->rows;
  return status;
}

/* Process 0 has the checkpoints. */
static dss_status open_checkpoint(dss_context *context, running *run) {
  const dss_batch *batch = &run->options->batch;
  if (!batch->checkpoint || dss_team_rank(batch->team) > 0) return DSS_OK;
  DSS_TRY(dss_checkpoint_open(context, batch, run->results, &run->checkpoint));
  DSS_TRY(open_rows(context, run));
  return dss_checkpoint_load(context, &run->checkpoint, run->worker.resources.threads,
                             run->results);
}

static dss_status observe(dss_context *context, running *run) {
  DSS_TRY(DSS_ALLOC(context, &run->observed, dss_plan_columns(run->plan)));
  DSS_TRY(dss_worker_values(context, &run->worker, DSS_RESAMPLE_NONE, 1, run->observed));
  return dss_finish_observed(context, run->plan, run->worker.pairwise, run->observed, run->results);
}

/* --- the steps ------------------------------------------------------------------------------- */

static dss_status begin_writer(dss_context *context, const running *run) {
  const dss_part *part = run->results->part;
  dss_results_writer *writer = run->options->writer;
  if (!writer || part->end == part->first) return DSS_OK;
  return dss_results_writer_begin(context, writer, run->results, part->end - part->first);
}

static dss_status permute(dss_context *context, running *run, dss_resampling *r) {
  if (run->plan->permutations == 0) return DSS_OK;
  DSS_TRY(begin_writer(context, run));
  dss_status status = dss_resample(context, r);
  free(r->values);
  r->values = NULL;
  dss_null_free(&r->saved);
  return status;
}

static dss_status bootstrap(dss_context *context, const running *run, dss_resampling *r) {
  const dss_worker *w = &run->worker;
  const dss_resampler resampler = {w->backend, w->state, w->may_change, w->resources.threads};
  return run->plan->bootstrap > 0 ? dss_run_bootstrap(context, &resampler, r) : DSS_OK;
}

/* Whole results are no part any more. */
static dss_status finish(dss_context *context, running *run) {
  dss_results *r = run->results;
  r->rows_crc = run->rows.crc;
  DSS_TRY(dss_worker_name(context, &run->worker, &r->keys[DSS_KEY_backend]));
  if (run->options->batch.n_shards > 0) return DSS_OK;
  if (r->part->has_null) DSS_TRY(dss_finish_nulls(context, &r->part->null, r));
  dss_results_derive_dsi(r);
  dss_part_free(r->part);
  r->part = NULL;
  return DSS_OK;
}

/* Empty ones, a part; and how its null will be made, to hold others against. */
static dss_status begin_results(dss_context *context, const dss_plan *plan,
                                const dss_run_options *options, unsigned threads,
                                dss_results **results) {
  bool saves = plan->permutations > 0 && (options->save_null || options->writer);
  DSS_TRY(dss_results_of_plan(context, plan, options->command, results));
  DSS_TRY(dss_part_new(context, *results, &options->batch, plan->permutations, saves,
                       &(*results)->part));
  (*results)->part->null.how = dss_accumulation_of(plan, threads);
  return DSS_OK;
}

/* All that comes before the first resample. */
static dss_status prepare(dss_context *context, running *run) {
  const dss_run_options *options = run->options;
  const dss_batch *batch = &options->batch;
  dss_resources resources = dss_run_resources(options);
  run->heed = (dss_heed){.context = context, .batch = batch};
  resources.stop = dss_heeds;
  resources.stop_user = &run->heed;
  dss_team_divide(batch->team, options->threads > 0 || getenv("OMP_NUM_THREADS"), &resources);
  DSS_TRY(check_batch(context, run->plan, options));
  DSS_TRY(begin_results(context, run->plan, options, resources.threads, &run->results));
  dss_say_if_no_gpu(context, run->plan, options);
  DSS_TRY(dss_worker_open(context, run->plan, options->backend, &resources, &run->worker));
  DSS_TRY(observe(context, run));
  return open_checkpoint(context, run);
}

static dss_status run_plan(dss_context *context, running *run) {
  const dss_run_options *options = run->options;
  const dss_batch *batch = &options->batch;
  DSS_TRY(dss_team_agree(context, batch->team, prepare(context, run)));
  dss_resampling r = {.plan = run->plan,
                      .worker = &run->worker,
                      .batch = batch,
                      .observed = run->observed,
                      .results = run->results,
                      .checkpoint = run->checkpoint.base ? &run->checkpoint : NULL,
                      .writer = options->writer};
  DSS_TRY(permute(context, run, &r));
  DSS_TRY(bootstrap(context, run, &r));
  return finish(context, run);
}

dss_status dss_run(dss_context *context, const dss_plan *plan, const dss_run_options *options,
                   dss_results **results) {
  running run = {.plan = plan, .options = options, .rows = {.descriptor = -1}};
  dss_status status = run_plan(context, &run);
  dss_worker_close(&run.worker);
  dss_checkpoint_close(&run.checkpoint);
  dss_rows_close(&run.rows);
  free(run.observed);
  if (status == DSS_OK)
    *results = run.results;
  else
    dss_results_free(run.results);
  return status;
}

void dss_checkpoint_clear(dss_context *context, const dss_plan *plan,
                          const dss_run_options *options) {
  dss_results *done = NULL;
  if (!options->batch.checkpoint || dss_team_rank(options->batch.team) > 0) return;
  if (begin_results(context, plan, options, 1, &done) == DSS_OK)
    dss_checkpoint_remove_own(context, &options->batch, done);
  dss_results_free(done);
}
