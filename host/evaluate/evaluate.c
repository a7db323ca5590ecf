#include "evaluate.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>

#include "host/core/alloc.h"
#include "host/core/timestamp.h"
#include "host/engine/cells.h"
#include "host/engine/choose.h"
#include "host/engine/keys.h"
#include "host/engine/pace.h"
#include "host/engine/resample.h"
#include "host/engine/skeleton.h"
#include "intervals.h"
#include "kernels/common/batches.h"
#include "shared_items.h"

/* --- values ---------------------------------------------------------------------------------- */

/* Resamples that a thread takes at once: many, so that an evaluator may share work among them, but
 * every thread gets some. */
enum { MOST_AT_ONCE = 64 };

/* NaN for what is no test, which the evaluator leaves as it was. */
static void blank(const dss_evaluation *e, uint64_t count, double *values) {
  for (size_t c = 0; c < e->n_rows; c++)
    for (uint64_t i = 0; i < count && !e->rows[c].permuted; i++)
      values[i * e->n_rows + c] = NAN;
}

/* As a backend's `values`. */
static int make_values(void *state, uint64_t first, uint64_t count, double *out) {
  const dss_evaluating *all = state;
  size_t columns = all->evaluation->n_rows;
  uint64_t each = (count + all->threads - 1) / all->threads;
  if (each > MOST_AT_ONCE) each = MOST_AT_ONCE;
  int threads = (int)all->threads;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (uint64_t done = 0; done < count; done += each) {
    uint64_t now = count - done < each ? count - done : each;
    double *rows = out + (size_t)done * columns;
    all->by->permuted(all->by->of, first + done, now, all->scratch[omp_get_thread_num()], rows);
    blank(all->evaluation, now, rows);
  }
  return 0;
}

static void observe(const dss_evaluating *all, double *observed) {
  dss_evaluation *e = all->evaluation;
  all->by->permuted(all->by->of, DSS_RESAMPLE_NONE, 1, all->scratch[0], observed);
  for (size_t row = 0; row < e->n_rows; row++) {
    dss_cell *cell = &e->rows[row].cell;
    cell->estimate = observed[row];
    if (!isnan(cell->estimate)) cell->reason = DSS_REASON_NONE;
    if (!e->rows[row].permuted) observed[row] = NAN;
  }
}

/* --- permutations ---------------------------------------------------------------------------- */

static dss_status make_pilot(dss_context *context, const dss_evaluating *all, uint64_t n,
                             double *pilot) {
  dss_pace pace = {.step = DSS_STEP_LEAST};
  for (uint64_t made = 0; made < n;) {
    uint64_t now = n - made < pace.step ? n - made : pace.step;
    double began = dss_seconds();
    make_values((void *)all, made, now, pilot + made * all->evaluation->n_rows);
    if (now == pace.step) dss_pace_note(&pace, dss_seconds() - began);
    made += now;
    dss_progress(context, "permutations", made, all->rated->plan->permutations);
    DSS_TRY(dss_go_on(context));
  }
  return DSS_OK;
}

static dss_status begin_null(dss_context *context, const dss_evaluating *all,
                             const double *observed, dss_null *null) {
  const dss_plan *plan = all->rated->plan;
  size_t columns = all->evaluation->n_rows;
  dss_accumulation how = dss_accumulation_of_columns(plan, columns, all->threads);
  uint64_t n = dss_pilot_size(plan->permutations, columns);
  double *pilot;
  if (n > SIZE_MAX / sizeof(double) / columns) return dss_fail_memory(context, ~0ull);
  DSS_TRY(DSS_ALLOC(context, &pilot, (size_t)n * columns));
  dss_status status = make_pilot(context, all, n, pilot);
  if (status == DSS_OK) status = dss_null_make(context, columns, observed, n, pilot, &how, null);
  if (status == DSS_OK) dss_accumulate(&null->accumulators, 0, n, pilot);
  free(pilot);
  return status;
}

/* At a multiple of DSS_CHECKPOINT, and no other. */
static bool all_stopped(dss_accumulators *a) {
  return a->stop_after > 0 && a->resamples % DSS_CHECKPOINT == 0 &&
         dss_accumulators_checkpoint(a) == 0;
}

static dss_status run_steps(dss_context *context, const dss_evaluating *all, dss_accumulators *a) {
  uint64_t total = all->rated->plan->permutations;
  dss_pace pace = {.step = DSS_STEP_LEAST};
  while (a->resamples < total && !all_stopped(a)) {
    uint64_t left = total - a->resamples, now = pace.step < left ? pace.step : left;
    uint64_t to_checkpoint = DSS_CHECKPOINT - a->resamples % DSS_CHECKPOINT;
    if (a->stop_after > 0 && now > to_checkpoint) now = to_checkpoint;
    double began = dss_seconds();
    if (dss_run_batches(make_values, (void *)all, a->resamples, now, a, 1))
      return dss_fail_memory(context, now * a->n_columns * sizeof(double));
    if (now == pace.step) dss_pace_note(&pace, dss_seconds() - began);
    dss_progress(context, "permutations", a->resamples, total);
    if (a->resamples < total) DSS_TRY(dss_go_on(context));
  }
  if (a->resamples == total) return DSS_OK;
  dss_progress(context, "permutations", total, total);
  dss_info(context, "every test stopped after %" PRIu64 " of %" PRIu64 " resamples or before",
           a->resamples, total);
  return DSS_OK;
}

/* The cells of all rows side by side, as what tests them wants them. */
static dss_status test_rows(dss_context *context, dss_null *null, dss_evaluation *e) {
  dss_cells to = {0};
  uint8_t *upper = NULL;
  dss_status status = DSS_ALLOC(context, &to.cells, e->n_rows);
  if (status == DSS_OK) status = DSS_ALLOC(context, &upper, e->n_rows);
  for (size_t row = 0; status == DSS_OK && row < e->n_rows; row++) {
    to.cells[row] = e->rows[row].cell;
    upper[row] = e->rows[row].upper;
  }
  to.upper = upper;
  if (status == DSS_OK) status = dss_cells_test(context, null, &to);
  for (size_t row = 0; status == DSS_OK && row < e->n_rows; row++)
    e->rows[row].cell = to.cells[row];
  free(to.cells);
  free(upper);
  return status;
}

static bool any_test(const dss_evaluation *e) {
  for (size_t row = 0; row < e->n_rows; row++)
    if (e->rows[row].permuted && !isnan(e->rows[row].cell.estimate)) return true;
  return false;
}

static dss_status permute(dss_context *context, const dss_evaluating *all, const double *observed) {
  dss_null null = {0};
  if (all->rated->plan->permutations == 0 || !any_test(all->evaluation)) return DSS_OK;
  DSS_TRY(begin_null(context, all, observed, &null));
  dss_status status = run_steps(context, all, &null.accumulators);
  if (status == DSS_OK) status = test_rows(context, &null, all->evaluation);
  dss_null_free(&null);
  return status;
}

/* --- provenance ------------------------------------------------------------------------------ */

static dss_status set_run(dss_context *context, const dss_evaluation_run *run, dss_evaluation *e) {
  bool bootstrap = run->plan.bootstrap > 0;
  char text[24];
  snprintf(text, sizeof text, "%" PRIu64, run->plan.bootstrap);
  DSS_TRY(dss_evaluation_set(context, e, "bootstrap", text));
  DSS_TRY(dss_evaluation_set(context, e, "over", bootstrap ? dss_over_name(run->plan.over) : ""));
  return dss_evaluation_set(context, e, "interval",
                            bootstrap ? dss_ci_name(run->plan.interval) : "");
}

/* What the plan says of itself, as far as evaluations say it too. */
static dss_status set_provenance(dss_context *context, const dss_plan *plan,
                                 const dss_evaluation_run *run, dss_evaluation *e) {
  char *keys[DSS_N_RESULT_KEYS] = {0};
  dss_status status = dss_plan_provenance(context, plan, run->command, keys);
  for (size_t k = 0; k < DSS_N_RESULT_KEYS; k++) {
    const char *name = dss_results_provenance_key(k);
    if (status == DSS_OK && keys[k] && dss_evaluation_provenance(e, name))
      status = dss_evaluation_set(context, e, name, keys[k]);
    free(keys[k]);
  }
  return status == DSS_OK ? set_run(context, run, e) : status;
}

/* --- the whole ------------------------------------------------------------------------------- */

static dss_status open_scratch(dss_context *context, dss_evaluating *all) {
  DSS_TRY(DSS_ALLOC(context, &all->scratch, all->threads));
  for (unsigned t = 0; t < all->threads; t++) {
    unsigned char *scratch;
    dss_status status = DSS_ALLOC(context, &scratch, all->by->scratch_bytes);
    all->scratch[t] = scratch;
    DSS_TRY(status);
  }
  return DSS_OK;
}

static void close_scratch(dss_evaluating *all) {
  for (unsigned t = 0; all->scratch && t < all->threads; t++)
    free(all->scratch[t]);
  free(all->scratch);
}

static dss_status evaluate(dss_context *context, const dss_evaluating *all) {
  double *observed;
  DSS_TRY(set_provenance(context, all->rated->plan, all->run, all->evaluation));
  DSS_TRY(dss_count_shared_items(context, all->rated, all->evaluation));
  if (all->evaluation->n_rows == 0) return DSS_OK;
  DSS_TRY(DSS_ALLOC(context, &observed, all->evaluation->n_rows));
  observe(all, observed);
  dss_status status = permute(context, all, observed);
  free(observed);
  return status == DSS_OK ? dss_evaluate_intervals(context, all) : status;
}

dss_status dss_evaluate(dss_context *context, const dss_rated *rated, const dss_evaluation_run *run,
                        const dss_evaluator *by, dss_evaluation *evaluation) {
  dss_run_options options;
  dss_run_options_init(&options);
  options.threads = run->threads;
  dss_evaluating all = {.rated = rated,
                        .run = run,
                        .by = by,
                        .evaluation = evaluation,
                        .threads = dss_run_threads(&options)};
  dss_status status = open_scratch(context, &all);
  if (status == DSS_OK) status = evaluate(context, &all);
  close_scratch(&all);
  return status;
}
