#include "bootstrap.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cells.h"
#include "choose.h"
#include "host/core/alloc.h"
#include "host/core/timestamp.h"
#include "host/stats/intervals.h"
#include "host/stats/normal.h"

_Static_assert((int)DSS_SET_BOUNDED == (int)DSS_RATIO_BOUNDED &&
                   (int)DSS_SET_OUTSIDE == (int)DSS_RATIO_OUTSIDE &&
                   (int)DSS_SET_ABOVE == (int)DSS_RATIO_ABOVE &&
                   (int)DSS_SET_BELOW == (int)DSS_RATIO_BELOW &&
                   (int)DSS_SET_WHOLE == (int)DSS_RATIO_WHOLE &&
                   (int)DSS_SET_EMPTY == (int)DSS_RATIO_EMPTY,
               "kinds of sets");

typedef struct bootstrapping {
  const dss_plan *plan;
  const dss_resampler *by;
  dss_resampling *run;
  dss_unit *units; /* still to be made by this shard */
  size_t n_units;
  uint64_t done, total;
} bootstrapping;

/* One group's resamples. */
typedef struct replicates {
  uint64_t n;
  size_t width;
  double *values;   /* [n][width] */
  double *left_out; /* [sum of strata][width] */
  uint32_t strata[DSS_N_STRATA];
  double *column; /* [max(n, sum of strata)] scratch */
} replicates;

/* A group that is being resampled. */
typedef struct work {
  const bootstrapping *all;
  dss_bootstrap_group *group;
  bool device, opened; /* the backend makes the resamples; and has the group */
} work;

static uint64_t n_left_out(const replicates *r) {
  return (uint64_t)r->strata[0] + r->strata[1] + r->strata[2];
}

/* --- one statistic ------------------------------------------------------------------------- */

/* BCa where it exists; needs the jackknife's column, for which r->column is lent. */
static bool accelerate(const replicates *r, size_t c, double *acceleration) {
  uint64_t n = n_left_out(r);
  for (uint64_t i = 0; i < n; i++)
    r->column[i] = r->left_out[i * r->width + c];
  return dss_acceleration(r->column, r->strata, DSS_N_STRATA, acceleration);
}

static void finish_cell(const replicates *r, size_t c, dss_ci interval, dss_cell *cell) {
  double acceleration = NAN;
  if (!accelerate(r, c, &acceleration)) acceleration = NAN;
  for (uint64_t b = 0; b < r->n; b++)
    r->column[b] = r->values[b * r->width + c];
  dss_cell_resampled(cell, r->column, r->n, acceleration, interval, DSS_INSTEAD_PERCENTILE);
}

/* --- one group ----------------------------------------------------------------------------- */

/* The resamples in which both columns are defined, into a and x; returns how many. */
static uint64_t defined_pairs(const replicates *r, size_t c, size_t d, double *a, double *x) {
  uint64_t n = 0;
  for (uint64_t b = 0; b < r->n; b++) {
    double v = r->values[b * r->width + c], w = r->values[b * r->width + d];
    if (isnan(v) || isnan(w)) continue;
    a[n] = v;
    x[n++] = w;
  }
  return n;
}

/* From the covariances of the resampled IRR and XRR, where both are defined. */
static dss_status fill_fieller(dss_context *context, const replicates *r, const dss_cell *cells,
                               unsigned metrics, dss_group_detail *detail) {
  size_t irr = dss_metrics_column(metrics, DSS_IRR), xrr = dss_metrics_column(metrics, DSS_XRR);
  if (irr == SIZE_MAX || xrr == SIZE_MAX || dss_metrics_column(metrics, DSS_GAI) == SIZE_MAX)
    return DSS_OK;
  double a = cells[irr].estimate, x = cells[xrr].estimate, *of_xrr;
  if (isnan(a) || isnan(x)) return DSS_OK;
  DSS_TRY(DSS_ALLOC(context, &of_xrr, r->n));
  uint64_t n = defined_pairs(r, irr, xrr, r->column, of_xrr);
  bool equal = dss_all_tied(r->column, n) || dss_all_tied(of_xrr, n);
  detail->fieller_pairs = n;
  detail->fieller_withheld = dss_judge_resamples(n, r->n, equal);
  if (detail->fieller_withheld == DSS_WITHHELD_NONE) {
    dss_bounds ends;
    dss_covariances v = dss_covary(r->column, of_xrr, n);
    detail->fieller_kind = (dss_set_kind)dss_ratio_set(a, x, v, DSS_Z975, &ends);
    detail->fieller_low = ends.low;
    detail->fieller_high = ends.high;
  }
  free(of_xrr);
  return DSS_OK;
}

/* The host makes what a GPU could not, unless the GPU was asked for. */
static dss_status leave_backend(dss_context *context, const dss_resampler *by, dss_status status) {
  const char *text = dss_failure_text(by->backend->failure, status);
  if (!by->may_change || (status != DSS_ERR_DEVICE && status != DSS_ERR_MEMORY))
    return dss_fail(context, status, "backend %s: %s", by->backend->name, text);
  dss_info(context, "the host makes a group's bootstrap, because backend %s failed: %s",
           by->backend->name, text);
  return DSS_OK;
}

static void close_backend(work *w) {
  const dss_resampler *by = w->all->by;
  if (w->opened) by->backend->bootstrap_close(by->state);
  w->opened = false;
}

/* Resamples of the group by the backend; w->device becomes false where the host is to make them. */
static dss_status by_backend(dss_context *context, work *w, uint64_t first, uint64_t count,
                             double *out) {
  const dss_resampler *by = w->all->by;
  dss_status status = w->opened ? DSS_OK : by->backend->bootstrap_open(by->state, w->group);
  w->opened = status == DSS_OK;
  if (w->opened) status = by->backend->bootstrap_values(by->state, first, count, out);
  if (status == DSS_OK) return DSS_OK;
  close_backend(w);
  w->device = false;
  return leave_backend(context, by, status);
}

/* --- steps of a group ------------------------------------------------------------------------ */

/* Rows first .. first + count - 1, to out. */
typedef dss_status (*make_fn)(dss_context *context, work *w, uint64_t first, uint64_t count,
                              double *out);

static dss_status make_resamples(dss_context *context, work *w, uint64_t first, uint64_t count,
                                 double *out) {
  if (w->device) DSS_TRY(by_backend(context, w, first, count, out));
  if (!w->device) dss_bootstrap_values(w->group, first, count, out);
  return DSS_OK;
}

static dss_status make_left_out(dss_context *context, work *w, uint64_t first, uint64_t count,
                                double *out) {
  if (dss_bootstrap_leave_out(w->group, first, count, out) == DSS_OK) return DSS_OK;
  return dss_fail_memory(context, w->all->plan->n_ratings * sizeof(uint64_t));
}

/* By all processes, some each; process 0 gets them all. */
static dss_status make_step(dss_context *context, work *w, make_fn make, uint64_t first,
                            uint64_t count, double *rows) {
  dss_team *team = w->all->run->batch->team;
  size_t width = w->all->plan->kernel.n_statistics, *starts;
  if (!team) return make(context, w, first, count, rows + first * width);
  DSS_TRY(DSS_ALLOC(context, &starts, (size_t)team->size + 1));
  for (unsigned rank = 0; rank <= team->size; rank++)
    starts[rank] = (size_t)(first + dss_team_first(team, count, rank)) * width;
  uint64_t own = starts[team->rank] / width, end = starts[team->rank + 1] / width;
  dss_status status = DSS_OK;
  if (end > own) status = make(context, w, own, end - own, rows + own * width);
  status = dss_team_agree(context, team, status);
  if (status == DSS_OK) team->rows(rows, starts, false);
  free(starts);
  return status;
}

/* Rows *made .. n - 1 in steps that begin with one for each thread: on large studies a row takes a
 * second. After each the processes meet. */
static dss_status make_rows(dss_context *context, work *w, make_fn make, uint64_t n, uint64_t *made,
                            double *rows) {
  const bootstrapping *all = w->all;
  const dss_team *team = all->run->batch->team;
  const dss_begun *begun = &all->run->results->part->begun;
  dss_pace pace = {.step = (uint64_t)all->by->threads * dss_team_size(team)};
  while (*made < n) {
    uint64_t now = n - *made < pace.step ? n - *made : pace.step;
    double began = dss_seconds();
    if (team) team->share(&now, sizeof now);
    DSS_TRY(make_step(context, w, make, *made, now, rows));
    if (now == pace.step) dss_pace_note(&pace, dss_seconds() - began);
    *made += now;
    if (begun->n_left == 0) dss_progress(context, "bootstrap", all->done + begun->n, all->total);
    DSS_TRY(dss_pause(context, all->run));
  }
  return DSS_OK;
}

static dss_status check_kept(dss_context *context, const replicates *r, const dss_begun *kept) {
  if (kept->n <= r->n && kept->n_left <= n_left_out(r)) return DSS_OK;
  return dss_fail(context, DSS_ERR_DATA,
                  "the checkpoint has %" PRIu64 " resamples and %" PRIu64
                  " leave-one-out values of a group of %" PRIu64 " and %" PRIu64,
                  kept->n, kept->n_left, r->n, n_left_out(r));
}

/* Room for all rows, with those that a checkpoint had in front, in process 0; the others need to
 * know how many. */
static dss_status begin_rows(dss_context *context, const bootstrapping *all, const replicates *r,
                             const dss_begun *kept, dss_begun *begun) {
  const dss_team *team = all->run->batch->team;
  DSS_TRY(check_kept(context, r, kept));
  DSS_TRY(DSS_ALLOC(context, &begun->values, r->n * r->width));
  DSS_TRY(DSS_ALLOC(context, &begun->left_out, n_left_out(r) * r->width));
  if (kept->n > 0) memcpy(begun->values, kept->values, kept->n * r->width * sizeof(double));
  if (kept->n_left > 0)
    memcpy(begun->left_out, kept->left_out, kept->n_left * r->width * sizeof(double));
  uint64_t numbers[] = {kept->n, kept->n_left};
  if (team) team->share(numbers, sizeof numbers);
  begun->n = numbers[0];
  begun->n_left = numbers[1];
  return DSS_OK;
}

static dss_status begin_group(dss_context *context, const bootstrapping *all, size_t unit,
                              replicates *r) {
  dss_begun *begun = &all->run->results->part->begun, kept = *begun;
  uint64_t left_out = n_left_out(r);
  if (left_out > SIZE_MAX / sizeof(double) / r->width) return dss_fail_memory(context, ~0ull);
  DSS_TRY(DSS_ALLOC(context, &r->column, r->n > left_out ? r->n : left_out));
  *begun = (dss_begun){.unit = unit};
  dss_status status = begin_rows(context, all, r, &kept, begun);
  dss_begun_free(&kept);
  r->values = begun->values;
  r->left_out = begun->left_out;
  return status;
}

static dss_status resample(dss_context *context, work *w, size_t unit, replicates *r) {
  dss_begun *begun = &w->all->run->results->part->begun;
  dss_bootstrap_strata(w->group, r->strata);
  DSS_TRY(begin_group(context, w->all, unit, r));
  dss_status status = make_rows(context, w, make_resamples, r->n, &begun->n, r->values);
  close_backend(w);
  if (status != DSS_OK) return status;
  return make_rows(context, w, make_left_out, n_left_out(r), &begun->n_left, r->left_out);
}

static dss_status finish_group(dss_context *context, const dss_plan *plan, dss_unit unit,
                               const replicates *r, dss_results *results) {
  dss_cell *cells = &results->cells[dss_results_at(results, unit.question, unit.group, 0)];
  for (size_t c = 0; c < r->width; c++)
    finish_cell(r, c, plan->interval, &cells[c]);
  return fill_fieller(context, r, cells, results->metrics,
                      &results->details[unit.question * results->n_groups + unit.group]);
}

/* The rows are the part's until the group is done. */
static dss_status run_group(dss_context *context, bootstrapping *all, dss_unit unit) {
  const dss_plan *plan = all->plan;
  dss_results *results = all->run->results;
  size_t index = unit.question * results->n_groups + unit.group;
  work w = {.all = all, .device = all->by->backend->bootstrap_open != NULL};
  if (dss_bootstrap_open(&plan->kernel, &plan->kernel_bootstrap, unit.question, unit.group,
                         all->by->threads, &w.group) != DSS_OK)
    return dss_fail_memory(context, plan->kernel.questions[unit.question].n_ratings * 5);
  replicates r = {.n = plan->bootstrap, .width = plan->kernel.n_statistics};
  dss_status status = resample(context, &w, index, &r);
  dss_bootstrap_close(w.group);
  if (status == DSS_OK && dss_team_rank(all->run->batch->team) == 0)
    status = finish_group(context, plan, unit, &r, results);
  free(r.column);
  if (status != DSS_OK) return status;
  results->part->made[index] = 1;
  dss_begun_free(&results->part->begun);
  all->done += plan->bootstrap;
  return DSS_OK;
}

/* --- all groups ------------------------------------------------------------------------------ */

static dss_status list_units(dss_context *context, bootstrapping *b) {
  const dss_kernel_plan *kernel = &b->plan->kernel;
  const dss_part *part = b->run->results->part;
  const dss_team *team = b->run->batch->team;
  size_t n = kernel->n_questions * kernel->n_groups;
  uint64_t unit = 0;
  DSS_TRY(DSS_ALLOC(context, &b->units, n));
  if (team) team->share(part->made, n); /* process 0 may have some from a checkpoint */
  for (size_t q = 0; q < kernel->n_questions; q++)
    for (size_t g = 0; g < kernel->n_groups; g++) {
      if (!kernel->tested[g] || unit++ % part->n_shards != part->shard) continue;
      b->total += b->plan->bootstrap;
      if (part->made[q * kernel->n_groups + g])
        b->done += b->plan->bootstrap;
      else
        b->units[b->n_units++] = (dss_unit){q, g};
    }
  return DSS_OK;
}

static dss_status run_groups(dss_context *context, bootstrapping *b) {
  DSS_TRY(list_units(context, b));
  for (size_t i = 0; i < b->n_units; i++)
    DSS_TRY(run_group(context, b, b->units[i]));
  return DSS_OK;
}

dss_status dss_run_bootstrap(dss_context *context, const dss_resampler *resampler,
                             dss_resampling *run) {
  bootstrapping b = {.plan = run->plan, .by = resampler, .run = run};
  dss_status status = run_groups(context, &b);
  free(b.units);
  return status;
}
