/* A computation of pairs from its beginning to a file in place. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "choose.h"
#include "host/core/alloc.h"
#include "host/core/timestamp.h"
#include "keys.h"
#include "pairs_h5.h"

struct dss_pairs_job {
  const dss_study *study;
  dss_pairs_options options;
  char *path, *temporary;
  dss_pair_plan plan;
  dss_pair_runner runner;
  dss_pair_file file;
  dss_pair_maker *maker;
  dss_pair_sums *sums;
  double *kept;    /* tiles on and above the diagonal, row by row; NULL: read from the file */
  int32_t *shared; /* a tile's, as it is read */
  dss_pair_summary summary;
  char *keys[DSS_N_PAIR_KEYS];
  bool begun;
};

void dss_pairs_options_init(dss_pairs_options *options) {
  *options = (dss_pairs_options){.permutations = 10000,
                                 .seed = 1,
                                 .min_shared = 1,
                                 .memory = (uint64_t)1 << 30,
                                 .scheme = DSS_SCHEME_FREE,
                                 .backend = DSS_BACKEND_AUTO};
}

/* --- beginning ----------------------------------------------------------------------------- */

static dss_status begin(dss_context *context, dss_pairs_job *job, const char *path,
                        bool overwrite) {
  DSS_TRY(dss_pair_plan_make(context, job->study, &job->options, &job->plan));
  DSS_TRY(dss_pair_runner_choose(context, job->study, &job->plan, &job->options, &job->runner));
  DSS_TRY(dss_copy_text(context, &job->path, path));
  DSS_TRY(dss_pair_file_create(context, job->path, overwrite, &job->plan, &job->runner.room,
                               job->options.half, &job->file));
  dss_status status = dss_copy_text(context, &job->temporary, dss_h5_temporary(&job->file.h5));
  dss_h5_pause(&job->file.h5);
  return status;
}

dss_status dss_pairs_begin(dss_context *context, const dss_study *study,
                           const dss_pairs_options *options, const char *path, bool overwrite,
                           dss_pairs_job **job) {
  dss_pairs_job *made = calloc(1, sizeof *made);
  if (!made) return dss_fail_memory(context, sizeof *made);
  made->study = study;
  made->options = *options;
  dss_status status = begin(context, made, path, overwrite);
  if (status == DSS_OK)
    *job = made;
  else
    dss_pairs_job_free(made);
  return status;
}

const char *dss_pairs_temporary(const dss_pairs_job *job) {
  return job->temporary;
}

void dss_pairs_job_free(dss_pairs_job *job) {
  if (!job) return;
  if (job->file.h5.path) dss_h5_resume(&job->file.h5);
  dss_pair_file_close(&job->file);
  dss_pair_maker_free(job->maker);
  dss_pair_sums_free(job->sums);
  dss_pair_summary_free(&job->summary);
  dss_pair_plan_free(&job->plan);
  for (unsigned k = 0; k < DSS_N_PAIR_KEYS; k++)
    free(job->keys[k]);
  free(job->kept);
  free(job->shared);
  free(job->path);
  free(job->temporary);
  free(job);
}

/* --- matrices ------------------------------------------------------------------------------ */

enum { TILE_CELLS = DSS_PAIR_TILE * DSS_PAIR_TILE };

static size_t tile_number(const dss_pairs_job *job, size_t i, size_t j) {
  return i * dss_pair_n_tiles(&job->plan) - i * (i + 1) / 2 + j;
}

/* What a pair's mean distance is to the tests. */
static double counted(const dss_pairs_job *job, uint32_t r, uint32_t c, int32_t shared,
                      double distance) {
  return r != c && shared > 0 && (uint32_t)shared >= job->options.min_shared ? distance : -1.0;
}

static void keep(dss_pairs_job *job, const dss_pair_strip *s) {
  for (uint32_t first = 0; first < s->columns; first += DSS_PAIR_TILE) {
    uint32_t left = s->columns - first, columns = left < DSS_PAIR_TILE ? left : DSS_PAIR_TILE;
    double *to = job->kept + tile_number(job, s->first_row / DSS_PAIR_TILE,
                                         (s->first_column + first) / DSS_PAIR_TILE) *
                                 TILE_CELLS;
    for (uint32_t r = 0; r < s->rows; r++)
      for (uint32_t c = 0; c < columns; c++) {
        size_t at = (size_t)r * s->columns + first + c;
        *to++ = counted(job, s->first_row + r, s->first_column + first + c, s->shared[at],
                        s->distance[at]);
      }
  }
}

/* From the strip on that begins with this tile. */
static dss_status open_maker(dss_context *context, dss_pairs_job *job, uint32_t row,
                             uint32_t column) {
  dss_status status = dss_pair_maker_open(context, &job->runner, row, column, &job->maker);
  if (status == DSS_OK) return DSS_OK;
  DSS_TRY(dss_pair_take_over(context, &job->runner, status));
  return dss_pair_maker_open(context, &job->runner, row, column, &job->maker);
}

static void close_maker(dss_pairs_job *job) {
  dss_pair_maker_free(job->maker);
  job->maker = NULL;
}

/* The next strip, by the cpu from there on where a GPU fails. */
static dss_status make_strip(dss_context *context, dss_pairs_job *job, dss_pair_strip *strip,
                             bool *more) {
  uint32_t row, column;
  dss_status status = dss_pair_maker_next(context, job->maker, strip, more);
  if (status == DSS_OK) return DSS_OK;
  DSS_TRY(dss_pair_take_over(context, &job->runner, status));
  dss_pair_maker_at(job->maker, &row, &column);
  close_maker(job);
  DSS_TRY(open_maker(context, job, row, column));
  return dss_pair_maker_next(context, job->maker, strip, more);
}

static dss_status make_matrices(dss_context *context, dss_pairs_job *job) {
  uint64_t tiles = dss_pair_n_tiles(&job->plan), all = tiles * (tiles + 1) / 2, done = 0;
  for (;;) {
    dss_pair_strip strip;
    bool more;
    DSS_TRY(make_strip(context, job, &strip, &more));
    if (!more) return DSS_OK;
    dss_pair_sums_add(job->sums, &strip);
    if (job->kept) keep(job, &strip);
    DSS_TRY(dss_pair_file_add(&job->file, &strip));
    done += dss_pair_strip_tiles(&strip);
    dss_progress(context, "tiles of pairs", done, all);
    DSS_TRY(dss_go_on(context));
  }
}

/* --- tests --------------------------------------------------------------------------------- */

static dss_status kept_tile(void *user, uint32_t i, uint32_t j, double *tile) {
  const dss_pairs_job *job = user;
  size_t cells = (size_t)dss_pair_tile_raters(&job->plan, i) * dss_pair_tile_raters(&job->plan, j);
  memcpy(tile, job->kept + tile_number(job, i, j) * TILE_CELLS, cells * sizeof *tile);
  return DSS_OK;
}

static dss_status written_tile(void *user, uint32_t i, uint32_t j, double *tile) {
  const dss_pairs_job *job = user;
  uint32_t rows = dss_pair_tile_raters(&job->plan, i), first_row = i * DSS_PAIR_TILE;
  uint32_t columns = dss_pair_tile_raters(&job->plan, j), first_column = j * DSS_PAIR_TILE;
  DSS_TRY(dss_pair_file_get(&job->file, first_row, rows, first_column, columns, job->shared, tile));
  for (uint32_t r = 0; r < rows; r++)
    for (uint32_t c = 0; c < columns; c++) {
      size_t at = (size_t)r * columns + c;
      tile[at] = counted(job, first_row + r, first_column + c, job->shared[at], tile[at]);
    }
  return DSS_OK;
}

/* --- provenance ---------------------------------------------------------------------------- */

static const char *reason_of(const dss_pair_totals *totals) {
  if (totals->pairs == 0) return "one rater: there are no pairs";
  if (totals->shared == 0) return "no item was rated by two raters: no pair has anything in common";
  if (totals->counted == 0)
    return "no two raters share the fewest items that a pair needs to count";
  return "";
}

static dss_status put_design(dss_context *context, const dss_pairs_job *job, char **keys) {
  const dss_plan *plan = job->plan.plan;
  const dss_plan_question *question = &plan->questions[0];
  bool exact = plan->kernel.exchange.n_arrangements > 0;
  DSS_TRY(dss_copy_text(context, &keys[DSS_PAIR_KEY_question], question->name));
  DSS_TRY(dss_copy_text(context, &keys[DSS_PAIR_KEY_scale], dss_scale_name(question->scale)));
  DSS_TRY(dss_put_key(context, &keys[DSS_PAIR_KEY_items], "%u", plan->n_items));
  DSS_TRY(dss_put_key(context, &keys[DSS_PAIR_KEY_ratings], "%" PRIu64, plan->n_ratings));
  DSS_TRY(dss_put_key(context, &keys[DSS_PAIR_KEY_ratings_dropped], "%" PRIu64, plan->n_dropped));
  DSS_TRY(dss_copy_text(context, &keys[DSS_PAIR_KEY_filters], plan->filters));
  DSS_TRY(dss_put_key(context, &keys[DSS_PAIR_KEY_min_shared], "%u", job->options.min_shared));
  DSS_TRY(dss_put_scheme(context, plan, &keys[DSS_PAIR_KEY_scheme]));
  DSS_TRY(dss_put_key(context, &keys[DSS_PAIR_KEY_seed], "%" PRIu64, plan->kernel.exchange.seed));
  DSS_TRY(dss_put_key(context, &keys[DSS_PAIR_KEY_permutations], "%" PRIu64, plan->permutations));
  return dss_put_key(context, &keys[DSS_PAIR_KEY_arrangements], "%s", exact ? "all" : "random");
}

static dss_status put_provenance(dss_context *context, dss_pairs_job *job) {
  char now[DSS_TIMESTAMP_CHARS], **keys = job->keys;
  DSS_TRY(dss_timestamp(context, now));
  DSS_TRY(dss_copy_text(context, &keys[DSS_PAIR_KEY_created_by], "dissensus " DSS_VERSION_STRING));
  DSS_TRY(dss_copy_text(context, &keys[DSS_PAIR_KEY_created_at], now));
  DSS_TRY(dss_copy_text(context, &keys[DSS_PAIR_KEY_command], job->options.command));
  DSS_TRY(dss_copy_text(context, &keys[DSS_PAIR_KEY_input_sha256], job->plan.plan->input_sha256));
  DSS_TRY(dss_put_backends(context, job->runner.first->name, job->runner.backend->name,
                           &keys[DSS_PAIR_KEY_backend]));
  const char *reason = reason_of(&job->summary.totals);
  DSS_TRY(dss_copy_text(context, &keys[DSS_PAIR_KEY_reason], reason));
  if (*reason) dss_warn(context, "%s", reason);
  return put_design(context, job, keys);
}

/* --- the whole --------------------------------------------------------------------------- */

static dss_status allocate(dss_context *context, dss_pairs_job *job) {
  size_t tiles = dss_pair_n_tiles(&job->plan);
  DSS_TRY(dss_pair_sums_new(context, &job->plan, job->options.min_shared, &job->sums));
  if (job->runner.room.keep)
    DSS_TRY(DSS_ALLOC(context, &job->kept, tiles * (tiles + 1) / 2 * TILE_CELLS));
  DSS_TRY(DSS_ALLOC(context, &job->shared, TILE_CELLS));
  return open_maker(context, job, 0, 0);
}

static dss_status run(dss_context *context, dss_pairs_job *job) {
  DSS_TRY(allocate(context, job));
  DSS_TRY(make_matrices(context, job));
  close_maker(job); /* its memory is for the tests now */
  DSS_TRY(dss_pair_sums_finish(context, job->sums, &job->summary));
  if (job->summary.n_axes > 0 && job->summary.totals.counted > 0)
    DSS_TRY(dss_pair_tests_run(context, &job->runner, dss_pair_sums_largest(job->sums),
                               job->kept ? kept_tile : written_tile, job, &job->summary));
  DSS_TRY(put_provenance(context, job));
  return dss_pair_file_finish(&job->file, job->study, &job->plan, job->keys, &job->summary);
}

dss_status dss_pairs_run(dss_context *context, dss_pairs_job *job) {
  if (job->begun)
    return dss_fail(context, DSS_ERR_USAGE, "%s: is written by one run, not two", job->path);
  job->begun = true;
  job->file.h5.context = context;
  dss_h5_resume(&job->file.h5);
  dss_status status = run(context, job);
  dss_h5_pause(&job->file.h5);
  return status;
}
