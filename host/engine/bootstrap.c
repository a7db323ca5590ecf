#include "bootstrap.h"

#include <math.h>
#include <string.h>

#include "choose.h"
#include "host/core/alloc.h"
#include "host/stats/intervals.h"
#include "host/stats/normal.h"
#include "host/stats/quantile.h"

_Static_assert((int)DSS_SET_BOUNDED == (int)DSS_RATIO_BOUNDED &&
                   (int)DSS_SET_OUTSIDE == (int)DSS_RATIO_OUTSIDE &&
                   (int)DSS_SET_ABOVE == (int)DSS_RATIO_ABOVE &&
                   (int)DSS_SET_BELOW == (int)DSS_RATIO_BELOW &&
                   (int)DSS_SET_WHOLE == (int)DSS_RATIO_WHOLE &&
                   (int)DSS_SET_EMPTY == (int)DSS_RATIO_EMPTY,
               "kinds of sets");

/* Resamples between two reports of progress; a device needs many to be busy. */
enum { PROGRESS_STEP = 1024, DEVICE_STEP = 32768 };

/* What one process made of a group, on its way to process 0. */
typedef struct made_unit {
  bool made;
  dss_group_detail detail; /* whose marginals mean nothing */
  dss_cell cells[DSS_N_STATISTICS];
  uint8_t methods[DSS_N_STATISTICS]; /* of cells: a dss_ci and 1, 0 for none */
} made_unit;

typedef struct bootstrapping {
  const dss_plan *plan;
  const dss_resampler *by;
  dss_resampling *run;
  dss_unit *units; /* still to be made by this shard */
  size_t n_units;
  made_unit *made; /* [team] in process 0, a round's */
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
  bool stopped;   /* the run is to stop: they are not all there */
} replicates;

static void replicates_free(replicates *r) {
  free(r->values);
  free(r->left_out);
  free(r->column);
}

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

static uint64_t defined_values(const replicates *r, size_t c) {
  uint64_t n = 0;
  for (uint64_t b = 0; b < r->n; b++) {
    double v = r->values[b * r->width + c];
    if (!isnan(v)) r->column[n++] = v;
  }
  return n;
}

/* BCa falls back to percentile where it is undefined, and says so. */
static void choose(dss_cell *cell, dss_ci interval) {
  if (interval == DSS_CI_BCA && isnan(cell->bca_low)) interval = DSS_CI_PERCENTILE;
  cell->ci_method = dss_ci_name(interval);
  switch (interval) {
  case DSS_CI_BCA:
    cell->ci_low = cell->bca_low;
    cell->ci_high = cell->bca_high;
    break;
  case DSS_CI_BASIC:
    cell->ci_low = cell->basic_low;
    cell->ci_high = cell->basic_high;
    break;
  case DSS_CI_PERCENTILE:
    cell->ci_low = cell->percentile_low;
    cell->ci_high = cell->percentile_high;
    break;
  }
  double estimate = cell->estimate;
  cell->ci_misses = (estimate < cell->ci_low && !dss_tied(estimate, cell->ci_low)) ||
                    (estimate > cell->ci_high && !dss_tied(estimate, cell->ci_high));
}

/* Why n values of `all` resamples, `equal` or not, make no interval. Resamples in which a statistic
 * is undefined are not there by chance: those that are left are alike, at worst all the same. */
static dss_withheld judge(uint64_t n, uint64_t all, bool equal) {
  if (n > 0 && n < all && equal) return DSS_WITHHELD_ALL_EQUAL;
  if ((double)(all - n) * 100.0 > (double)all * DSS_INTERVAL_MOST_UNDEFINED)
    return DSS_WITHHELD_OFTEN_UNDEFINED;
  return n < DSS_INTERVAL_LEAST_RESAMPLES ? DSS_WITHHELD_FEW_RESAMPLES : DSS_WITHHELD_NONE;
}

static void finish_cell(const replicates *r, size_t c, dss_ci interval, dss_cell *cell) {
  double acceleration = NAN;
  bool accelerated = accelerate(r, c, &acceleration);
  uint64_t n = defined_values(r, c);
  cell->boot_undefined = r->n - n;
  cell->boot_flagged = (double)cell->boot_undefined > 0.01 * (double)r->n;
  if (isnan(cell->estimate)) return;
  cell->ci_withheld = judge(n, r->n, dss_all_tied(r->column, n));
  if (cell->ci_withheld != DSS_WITHHELD_NONE) return;
  cell->se = dss_standard_deviation(r->column, n);
  dss_sort_ascending(r->column, n);
  dss_bounds percentile = dss_percentile_interval(r->column, n), bca;
  dss_bounds basic = dss_basic_interval(cell->estimate, r->column, n);
  cell->percentile_low = percentile.low;
  cell->percentile_high = percentile.high;
  cell->basic_low = basic.low;
  cell->basic_high = basic.high;
  if (accelerated && dss_bca_interval(cell->estimate, r->column, n, acceleration, &bca)) {
    cell->bca_low = bca.low;
    cell->bca_high = bca.high;
  }
  choose(cell, interval);
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
  detail->fieller_withheld = judge(n, r->n, equal);
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

/* Resamples of the group by the backend; *made becomes false where the host is to make them. */
static dss_status by_backend(dss_context *context, const dss_resampler *by,
                             const dss_bootstrap_group *group, uint64_t first, uint64_t count,
                             double *out, bool *made) {
  if (!*made) return DSS_OK;
  dss_status status = first == 0 ? by->backend->bootstrap_open(by->state, group) : DSS_OK;
  bool opened = status == DSS_OK;
  if (opened) status = by->backend->bootstrap_values(by->state, first, count, out);
  if (status == DSS_OK) return DSS_OK;
  *made = false;
  if (opened) by->backend->bootstrap_close(by->state);
  return leave_backend(context, by, status);
}

static dss_status make_values(dss_context *context, const bootstrapping *all,
                              dss_bootstrap_group *group, replicates *r) {
  const dss_resampler *by = all->by;
  bool device = by->backend->bootstrap_open != NULL;
  for (uint64_t b = 0; b < r->n && !r->stopped;) {
    uint64_t step = device ? DEVICE_STEP : PROGRESS_STEP;
    uint64_t now = r->n - b < step ? r->n - b : step;
    double *out = &r->values[b * r->width];
    DSS_TRY(by_backend(context, by, group, b, now, out, &device));
    if (!device) dss_bootstrap_values(group, b, now, out);
    b += now;
    dss_progress(context, "bootstrap", all->done + b, all->total);
    r->stopped = b < r->n && (dss_batch_stops(all->run->batch) || dss_stopped(context));
  }
  if (device) by->backend->bootstrap_close(by->state);
  return DSS_OK;
}

static dss_status resample(dss_context *context, const bootstrapping *all,
                           dss_bootstrap_group *group, replicates *r) {
  dss_bootstrap_strata(group, r->strata);
  uint64_t left_out = n_left_out(r);
  if (left_out > SIZE_MAX / sizeof(double) / r->width) return dss_fail_memory(context, ~0ull);
  DSS_TRY(DSS_ALLOC(context, &r->values, r->n * r->width));
  DSS_TRY(DSS_ALLOC(context, &r->left_out, left_out * r->width));
  DSS_TRY(DSS_ALLOC(context, &r->column, r->n > left_out ? r->n : left_out));
  DSS_TRY(make_values(context, all, group, r));
  if (!r->stopped && dss_bootstrap_leave_out(group, r->left_out) != DSS_OK)
    return dss_fail_memory(context, all->plan->n_ratings * sizeof(uint64_t));
  return DSS_OK;
}

static dss_status finish_group(dss_context *context, const dss_plan *plan, dss_unit unit,
                               const replicates *r, dss_results *results) {
  dss_cell *cells = &results->cells[dss_results_at(results, unit.question, unit.group, 0)];
  for (size_t c = 0; c < r->width; c++)
    finish_cell(r, c, plan->interval, &cells[c]);
  return fill_fieller(context, r, cells, results->metrics,
                      &results->details[unit.question * results->n_groups + unit.group]);
}

/* *made: whether it was not stopped meanwhile. */
static dss_status run_group(dss_context *context, const bootstrapping *all, dss_unit unit,
                            bool *made) {
  const dss_plan *plan = all->plan;
  dss_bootstrap_group *group = NULL;
  if (dss_bootstrap_open(&plan->kernel, &plan->kernel_bootstrap, unit.question, unit.group,
                         all->by->threads, &group) != DSS_OK)
    return dss_fail_memory(context, plan->kernel.questions[unit.question].n_ratings * 5);
  replicates r = {.n = plan->bootstrap, .width = plan->kernel.n_statistics};
  dss_status status = resample(context, all, group, &r);
  dss_bootstrap_close(group);
  *made = !r.stopped;
  if (status == DSS_OK && *made) status = finish_group(context, plan, unit, &r, all->run->results);
  replicates_free(&r);
  return status;
}

/* --- all groups ------------------------------------------------------------------------------ */

static void pack_unit(const dss_results *r, dss_unit unit, made_unit *to) {
  const dss_cell *cells = &r->cells[dss_results_at(r, unit.question, unit.group, 0)];
  to->detail = r->details[unit.question * r->n_groups + unit.group];
  memcpy(to->cells, cells, r->n_columns * sizeof *cells);
  for (size_t c = 0; c < r->n_columns; c++)
    for (int i = DSS_CI_BCA; i <= DSS_CI_PERCENTILE; i++)
      if (strcmp(cells[c].ci_method, dss_ci_name((dss_ci)i)) == 0)
        to->methods[c] = (uint8_t)(i + 1);
}

static void unpack_unit(made_unit *from, dss_results *r, dss_unit unit) {
  dss_results view = *r; /* in which the unit is all there is */
  view.cells = from->cells;
  view.details = &from->detail;
  view.n_groups = 1;
  for (size_t c = 0; c < r->n_columns; c++)
    from->cells[c].ci_method =
        from->methods[c] > 0 ? dss_ci_name((dss_ci)(from->methods[c] - 1)) : "";
  dss_copy_interval(r, unit, &view, (dss_unit){0, 0});
}

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

/* A unit each, then process 0, which keeps the part, takes them all. */
static dss_status run_round(dss_context *context, bootstrapping *b, size_t first) {
  const dss_team *team = b->run->batch->team;
  dss_results *r = b->run->results;
  unsigned size = dss_team_size(team), rank = dss_team_rank(team);
  made_unit *own = &b->made[rank];
  memset(own, 0, sizeof *own);
  if (first + rank < b->n_units) {
    DSS_TRY(run_group(context, b, b->units[first + rank], &own->made));
    pack_unit(r, b->units[first + rank], own);
  }
  if (team) {
    made_unit sent = *own;
    team->gather(&sent, sizeof sent, b->made);
  }
  for (size_t i = 0; i < size && first + i < b->n_units && rank == 0; i++) {
    dss_unit unit = b->units[first + i];
    if (!b->made[i].made) continue;
    if (i > 0) unpack_unit(&b->made[i], r, unit);
    r->part->made[unit.question * r->n_groups + unit.group] = 1;
    b->done += b->plan->bootstrap;
  }
  return DSS_OK;
}

static dss_status run_rounds(dss_context *context, bootstrapping *b) {
  unsigned size = dss_team_size(b->run->batch->team);
  DSS_TRY(list_units(context, b));
  DSS_TRY(DSS_ALLOC(context, &b->made, size));
  for (size_t first = 0; first < b->n_units; first += size) {
    DSS_TRY(run_round(context, b, first));
    DSS_TRY(dss_pause(context, b->run));
  }
  return DSS_OK;
}

dss_status dss_run_bootstrap(dss_context *context, const dss_resampler *resampler,
                             dss_resampling *run) {
  bootstrapping b = {.plan = run->plan, .by = resampler, .run = run};
  dss_status status = run_rounds(context, &b);
  free(b.units);
  free(b.made);
  return status;
}
