/* Runs a plan: observed values, pilot, blocks of resamples into accumulators, results. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bootstrap.h"
#include "choose.h"
#include "finish.h"
#include "frames.h"
#include "host/core/alloc.h"
#include "host/core/timestamp.h"
#include "keys.h"
#include "pace.h"
#include "pairwise.h"
#include "plan.h"
#include "results.h"
#include "results_writer.h"

_Static_assert(DSS_STOP_EVERY == DSS_CHECKPOINT, "what the public header says of stopping");

/* One run under way; whatever it holds is freed at its end. */
typedef struct running {
  const dss_plan *plan;
  const dss_backend *backend;
  void *state;
  bool may_change; /* the backend was chosen by AUTO */
  dss_resources resources;
  double *observed, *pilot;
  dss_accumulators accumulators;
  dss_results_writer *writer; /* NULL: values are not saved */
  dss_pairwise *pairwise;     /* statistics of pairs of raters; NULL: none are asked for */
  double *items;              /* the backend's values, on their way to join those of pairs */
  size_t items_room;
  double *rows;  /* values on their way into the file */
  dss_pace pace; /* resamples between two reports of progress */
} running;

/* --- the backend ---------------------------------------------------------------------------- */

static dss_status from_backend(dss_context *context, const dss_backend *backend,
                               dss_status status) {
  if (status == DSS_OK) return DSS_OK;
  return dss_fail(context, status, "backend %s: %s", backend->name,
                  dss_failure_text(backend->failure, status));
}

static dss_status open_backend(dss_context *context, running *run) {
  return from_backend(context, run->backend,
                      run->backend->open(&run->plan->kernel, &run->resources, &run->state));
}

/* Whether the cpu can make what a call did not: AUTO does not insist on a GPU. What a call that
 * failed has added is whole, and the accumulators know how many resamples that was. */
static bool changes(const running *run, dss_status status) {
  return run->may_change && run->backend == dss_cuda &&
         (status == DSS_ERR_DEVICE || status == DSS_ERR_MEMORY);
}

static dss_status change_backend(dss_context *context, running *run, dss_status status) {
  dss_chosen chosen = {.to_open = true};
  dss_say_cpu_goes_on(context, run->backend->name, run->backend->failure, status);
  if (run->state) run->backend->close(run->state);
  run->state = NULL;
  DSS_TRY(dss_choose_or_reference(context, &dss_backend_cpu, &run->plan->kernel, &run->resources,
                                  &chosen));
  run->backend = chosen.backend;
  run->state = chosen.state;
  return run->state ? DSS_OK : open_backend(context, run);
}

static dss_status start_backend(dss_context *context, running *run) {
  if (run->state) return DSS_OK;
  dss_status status = run->backend->open(&run->plan->kernel, &run->resources, &run->state);
  if (changes(run, status)) return change_backend(context, run, status);
  return from_backend(context, run->backend, status);
}

/* Resamples first .. first + count - 1: their values, or, where out is NULL, into the accumulators.
 */
static dss_status make_resamples(dss_context *context, running *run, uint64_t first, uint64_t count,
                                 double *out) {
  uint64_t before = run->accumulators.resamples;
  for (;;) {
    const dss_backend *backend = run->backend;
    dss_status status = out ? backend->values(run->state, first, count, out)
                            : backend->run(run->state, first, count, &run->accumulators);
    if (!changes(run, status)) return from_backend(context, backend, status);
    uint64_t made = out ? 0 : run->accumulators.resamples - before;
    first += made;
    count -= made;
    before += made;
    DSS_TRY(change_backend(context, run, status));
  }
}

/* --- with the statistics of pairs ------------------------------------------------------------ */

/* Columns of all statistics. */
static size_t columns_of(const dss_plan *plan) {
  return plan->kernel.n_questions * plan->kernel.n_groups * dss_metrics_count(plan->metrics);
}

/* Every value of resamples first .. first + count - 1; out [count][columns]. */
static dss_status make_values(dss_context *context, running *run, uint64_t first, uint64_t count,
                              double *out) {
  if (!run->pairwise) return make_resamples(context, run, first, count, out);
  DSS_TRY(DSS_GROW(context, &run->items, &run->items_room,
                   count * dss_kernel_columns(&run->plan->kernel)));
  DSS_TRY(make_resamples(context, run, first, count, run->items));
  return dss_pairwise_join(context, run->pairwise, first, count, run->items, out);
}

/* --- steps ---------------------------------------------------------------------------------- */

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The next step, where `now` resamples have just been made since `begun`. Shorter ones, up to a
 * checkpoint, say nothing of whole ones. */
static void set_pace(running *run, uint64_t now, double begun) {
  if (now == run->pace.step) dss_pace_note(&run->pace, seconds() - begun);
}

/* Resamples first .. first + count - 1 into the accumulators and, where they are saved, the file;
 * in pieces that take no more memory than the pilot. The file takes every column's values, also of
 * tests that have stopped. */
static dss_status run_step(dss_context *context, running *run, uint64_t first, uint64_t count) {
  size_t columns = run->accumulators.n_columns;
  if (!run->writer && !run->pairwise) return make_resamples(context, run, first, count, NULL);
  uint64_t rows = dss_pilot_size(DSS_CHECKPOINT, columns);
  if (!run->rows) DSS_TRY(DSS_ALLOC(context, &run->rows, rows * columns));
  for (uint64_t done = 0; done < count;) {
    uint64_t now = count - done < rows ? count - done : rows;
    DSS_TRY(make_values(context, run, first + done, now, run->rows));
    dss_accumulate(&run->accumulators, first + done, now, run->rows);
    if (run->writer) DSS_TRY(dss_results_writer_append(context, run->writer, now, run->rows));
    done += now;
  }
  return DSS_OK;
}

/* Whether every test has stopped. */
static bool all_stopped(dss_accumulators *a) {
  return a->stop_after > 0 && a->resamples % DSS_CHECKPOINT == 0 &&
         dss_accumulators_checkpoint(a) == 0;
}

static dss_status run_resamples(dss_context *context, running *run) {
  uint64_t total = run->plan->permutations;
  size_t columns = run->accumulators.n_columns;
  uint64_t pilot = dss_pilot_size(total, columns);
  dss_accumulate(&run->accumulators, 0, pilot, run->pilot);
  if (run->writer) DSS_TRY(dss_results_writer_append(context, run->writer, pilot, run->pilot));
  for (uint64_t done = pilot; done < total && !all_stopped(&run->accumulators);) {
    uint64_t to_checkpoint = DSS_CHECKPOINT - done % DSS_CHECKPOINT;
    uint64_t now = run->pace.step < total - done ? run->pace.step : total - done;
    if (run->plan->stop_after > 0 && now > to_checkpoint) now = to_checkpoint;
    double begun = seconds();
    DSS_TRY(run_step(context, run, done, now));
    set_pace(run, now, begun);
    done += now;
    dss_progress(context, "permutations", done, total);
  }
  uint64_t made = run->accumulators.resamples;
  if (made == total) return DSS_OK;
  dss_progress(context, "permutations", made, made);
  dss_info(context, "every test stopped after %" PRIu64 " of %" PRIu64 " resamples or before", made,
           total);
  return DSS_OK;
}

static dss_status run_pilot(dss_context *context, running *run, size_t columns) {
  uint64_t total = run->plan->permutations, pilot = dss_pilot_size(total, columns);
  if (pilot > SIZE_MAX / sizeof(double) / (columns + 1)) return dss_fail_memory(context, ~0ull);
  DSS_TRY(DSS_ALLOC(context, &run->pilot, pilot * columns));
  for (uint64_t done = 0; done < pilot;) {
    uint64_t now = pilot - done < run->pace.step ? pilot - done : run->pace.step;
    double begun = seconds();
    DSS_TRY(make_values(context, run, done, now, &run->pilot[done * columns]));
    set_pace(run, now, begun);
    done += now;
    dss_progress(context, "permutations", done, total);
  }
  uint64_t all = run->plan->kernel.exchange.n_arrangements;
  const dss_accumulation how = {.exact = all > 0,
                                .holds_observed = all == pilot,
                                .stop_after = run->plan->stop_after,
                                .threads = run->resources.threads};
  return dss_accumulators_make(context, columns, run->observed, pilot, run->pilot, &how,
                               &run->accumulators);
}

/* --- names and provenance ------------------------------------------------------------------ */

static dss_status copy_names(dss_context *context, const dss_plan *plan, dss_results *r) {
  for (size_t q = 0; q < r->n_questions; q++) {
    const dss_plan_question *question = &plan->questions[q];
    r->questions[q].scale = question->scale;
    DSS_TRY(dss_copy_text(context, &r->questions[q].name, question->name));
    for (uint32_t k = 0; k < question->n_levels; k++)
      DSS_TRY(dss_copy_text(context, &r->questions[q].levels[k], question->labels[k]));
  }
  for (size_t a = 0; a < r->n_axes; a++)
    DSS_TRY(dss_copy_text(context, &r->axes[a], plan->axes[a].name));
  for (size_t g = 0; g < r->n_groups; g++) {
    r->groups[g].axis = plan->groups[g].axis;
    r->groups[g].raters = plan->groups[g].raters;
    DSS_TRY(dss_copy_text(context, &r->groups[g].name, plan->groups[g].name));
  }
  return DSS_OK;
}

static dss_status put_provenance(dss_context *context, const dss_plan *plan,
                                 const dss_run_options *options, const dss_backend *backend,
                                 char **keys) {
  char now[DSS_TIMESTAMP_CHARS];
  DSS_TRY(dss_timestamp(context, now));
  const dss_sums_choice *choice = &plan->kernel.choice;
  DSS_TRY(dss_copy_text(context, &keys[DSS_KEY_created_by], "dissensus " DSS_VERSION_STRING));
  DSS_TRY(dss_copy_text(context, &keys[DSS_KEY_created_at], now));
  DSS_TRY(dss_copy_text(context, &keys[DSS_KEY_command], options->command));
  DSS_TRY(dss_copy_text(context, &keys[DSS_KEY_input_sha256], plan->input_sha256));
  DSS_TRY(dss_copy_text(context, &keys[DSS_KEY_backend], backend->name));
  DSS_TRY(dss_copy_text(context, &keys[DSS_KEY_filters], plan->filters));
  DSS_TRY(dss_put_scheme(context, plan, &keys[DSS_KEY_scheme]));
  bool bootstrap = plan->bootstrap > 0;
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_bootstrap], "%" PRIu64, plan->bootstrap));
  DSS_TRY(
      dss_put_key(context, &keys[DSS_KEY_over], "%s", bootstrap ? dss_over_name(plan->over) : ""));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_interval], "%s",
                      bootstrap ? dss_ci_name(plan->interval) : ""));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_seed], "%" PRIu64, plan->kernel.exchange.seed));
  bool exact = plan->kernel.exchange.n_arrangements > 0;
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_arrangements], "%s", exact ? "all" : "random"));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_stop_after], "%" PRIu64, plan->stop_after));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_permutations], "%" PRIu64, plan->permutations));
  DSS_TRY(
      dss_put_key(context, &keys[DSS_KEY_units], "%s", choice->common_units ? "common" : "own"));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_ties], "%s", choice->skip_ties ? "skip" : "split"));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_min_raters], "%u", plan->min_raters));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_raters], "%u", plan->kernel.exchange.n_raters));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_ratings], "%" PRIu64, plan->n_ratings));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_ratings_dropped], "%" PRIu64, plan->n_dropped));
  return dss_put_key(context, &keys[DSS_KEY_items], "%u", plan->n_items);
}

static dss_status new_results(dss_context *context, const dss_plan *plan, dss_results **results) {
  const dss_kernel_plan *kernel = &plan->kernel;
  uint32_t *n_levels;
  DSS_TRY(DSS_ALLOC(context, &n_levels, kernel->n_questions));
  for (size_t q = 0; q < kernel->n_questions; q++)
    n_levels[q] = plan->questions[q].n_levels;
  dss_status status = dss_results_new(context, plan->metrics, kernel->n_questions, n_levels,
                                      kernel->n_axes, kernel->n_groups, results);
  free(n_levels);
  return status;
}

/* --- the run ------------------------------------------------------------------------------- */

static dss_status run_plan(dss_context *context, const dss_run_options *options, running *run,
                           dss_results *results) {
  const dss_plan *plan = run->plan;
  size_t columns = columns_of(plan);
  DSS_TRY(copy_names(context, plan, results));
  const dss_backend *first = run->backend;
  /* Before the backend, which may take what memory a GPU has left. */
  DSS_TRY(dss_pairwise_open(context, plan, dss_pairwise_backend_of(first), run->may_change,
                            &run->resources, &run->pairwise));
  DSS_TRY(start_backend(context, run));
  DSS_TRY(put_provenance(context, plan, options, first, results->keys));
  DSS_TRY(DSS_ALLOC(context, &run->observed, columns));
  DSS_TRY(make_values(context, run, DSS_RESAMPLE_NONE, 1, run->observed));
  DSS_TRY(dss_finish_observed(context, plan, run->pairwise, run->observed, results));
  if (plan->permutations > 0) {
    if (run->writer)
      DSS_TRY(dss_results_writer_begin(context, run->writer, results, plan->permutations));
    DSS_TRY(run_pilot(context, run, columns));
    DSS_TRY(run_resamples(context, run));
    DSS_TRY(dss_finish_nulls(context, &run->accumulators,
                             dss_pilot_size(plan->permutations, columns), run->pilot, results));
  }
  const dss_resampler resampler = {run->backend, run->state, run->may_change,
                                   run->resources.threads};
  if (plan->bootstrap > 0) DSS_TRY(dss_run_bootstrap(context, plan, &resampler, results));
  dss_results_derive_dsi(results);
  free(results->keys[DSS_KEY_backend]);
  results->keys[DSS_KEY_backend] = NULL;
  const dss_backend *last = dss_pairwise_changed(run->pairwise) ? &dss_backend_cpu : run->backend;
  return dss_put_backends(context, first->name, last->name, &results->keys[DSS_KEY_backend]);
}

dss_status dss_run(dss_context *context, const dss_plan *plan, const dss_run_options *options,
                   dss_results **results) {
  running run = {.plan = plan,
                 .writer = options->writer,
                 .may_change = options->backend == DSS_BACKEND_AUTO,
                 .resources = dss_plan_resources(plan, options),
                 .pace = {.step = DSS_STEP_LEAST}};
  dss_chosen chosen = {.to_open = true};
  dss_results *made;
  DSS_TRY(new_results(context, plan, &made));
  dss_status status = dss_choose_backend(context, options->backend, &plan->kernel,
                                         plan->permutations, &run.resources, &chosen);
  run.backend = chosen.backend;
  run.state = chosen.state;
  if (status == DSS_OK) status = run_plan(context, options, &run, made);
  if (run.state) run.backend->close(run.state);
  dss_accumulators_free(&run.accumulators);
  free(run.observed);
  free(run.pilot);
  dss_pairwise_free(run.pairwise);
  free(run.items);
  free(run.rows);
  if (status != DSS_OK) {
    dss_results_free(made);
    return status;
  }
  *results = made;
  return DSS_OK;
}
