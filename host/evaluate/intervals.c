#include "intervals.h"

#include <math.h>
#include <omp.h>

#include "host/core/alloc.h"
#include "host/core/timestamp.h"
#include "host/engine/cells.h"
#include "host/engine/pace.h"
#include "host/stats/intervals.h"
#include "host/stats/pvalues.h"
#include "host/stats/two_way.h"
#include "weighting.h"

/* What one thread works with. */
typedef struct worker {
  dss_drawing drawing;
  double *values;   /* [rows] of one resample */
  double *column;   /* [max(resamples, units)] of one row */
  double *quarters; /* [QUARTERS][n_columns] of a split */
  uint32_t *sizes;  /* [n_strata] */
} worker;

enum { QUARTERS = 4 };

typedef struct bootstrap {
  const dss_evaluating *all;
  dss_members members;
  uint64_t n, n_units, n_splits;
  size_t n_columns;
  size_t *columns;  /* [n_columns] rows that get an interval */
  double *values;   /* [n][n_columns] */
  double *left_out; /* [n_units][n_columns] */
  double *products; /* [n_splits][n_columns] of what halves of the raters differ by */
  worker *workers;  /* [threads] */
} bootstrap;

/* --- room ------------------------------------------------------------------------------------ */

static dss_status list_columns(dss_context *context, bootstrap *b) {
  const dss_evaluation *e = b->all->evaluation;
  DSS_TRY(DSS_ALLOC(context, &b->columns, e->n_rows));
  for (size_t row = 0; row < e->n_rows; row++)
    if (e->places[row].resampled && !isnan(e->rows[row].cell.estimate))
      b->columns[b->n_columns++] = row;
  return DSS_OK;
}

/* Splits into quarters, one for four resamples: none where no row, or no draw, needs them. */
static uint64_t splits_of(const bootstrap *b) {
  const dss_row_place *places = b->all->evaluation->places;
  bool limited = false;
  for (size_t k = 0; k < b->n_columns; k++)
    limited |= places[b->columns[k]].limits.least < places[b->columns[k]].limits.most;
  return limited && b->all->run->plan.over != DSS_OVER_ITEMS ? b->n / 4 : 0;
}

static dss_status allocate_rows(dss_context *context, uint64_t n, size_t width, double **rows) {
  if (n > SIZE_MAX / sizeof(double) / (width + 1)) return dss_fail_memory(context, ~0ull);
  return DSS_ALLOC(context, rows, (size_t)n * width);
}

static dss_status open_worker(dss_context *context, const bootstrap *b, worker *w) {
  const dss_evaluating *all = b->all;
  uint64_t most = b->n > b->n_units ? b->n : b->n_units;
  DSS_TRY(dss_drawing_new(context, all->rated, &b->members, all->run->plan.over, &w->drawing));
  DSS_TRY(DSS_ALLOC(context, &w->values, all->evaluation->n_rows));
  DSS_TRY(DSS_ALLOC(context, &w->column, most));
  DSS_TRY(DSS_ALLOC(context, &w->quarters, QUARTERS * b->n_columns));
  return DSS_ALLOC(context, &w->sizes, all->rated->plan->kernel.n_groups + 2);
}

static dss_status open_bootstrap(dss_context *context, bootstrap *b) {
  const dss_evaluating *all = b->all;
  DSS_TRY(list_columns(context, b));
  b->n_splits = splits_of(b);
  DSS_TRY(dss_members_new(context, all->rated->plan, &b->members));
  DSS_TRY(allocate_rows(context, b->n, b->n_columns, &b->values));
  DSS_TRY(allocate_rows(context, b->n_units, b->n_columns, &b->left_out));
  DSS_TRY(allocate_rows(context, b->n_splits, b->n_columns, &b->products));
  DSS_TRY(DSS_ALLOC(context, &b->workers, all->threads));
  for (unsigned t = 0; t < all->threads; t++)
    DSS_TRY(open_worker(context, b, &b->workers[t]));
  return DSS_OK;
}

static void close_bootstrap(bootstrap *b) {
  for (unsigned t = 0; b->workers && t < b->all->threads; t++) {
    dss_drawing_free(&b->workers[t].drawing);
    free(b->workers[t].values);
    free(b->workers[t].column);
    free(b->workers[t].quarters);
    free(b->workers[t].sizes);
  }
  dss_members_free(&b->members);
  free(b->workers);
  free(b->columns);
  free(b->values);
  free(b->left_out);
  free(b->products);
}

/* --- values ---------------------------------------------------------------------------------- */

/* Row i of resamples or of units left out, to out [n_columns]. */
typedef void (*make_fn)(bootstrap *b, unsigned thread, uint64_t i, double *out);

static void evaluate_row(const bootstrap *b, unsigned thread, double *out) {
  const dss_evaluating *all = b->all;
  worker *w = &b->workers[thread];
  all->by->resampled(all->by->of, &w->drawing.weights, all->scratch[thread], w->values);
  for (size_t k = 0; k < b->n_columns; k++)
    out[k] = w->values[b->columns[k]];
}

static void make_resample(bootstrap *b, unsigned thread, uint64_t i, double *out) {
  dss_drawing_draw(&b->workers[thread].drawing, i);
  evaluate_row(b, thread, out);
}

/* Each factor is twice as far as a half of the raters is from all of them. */
static void make_product(bootstrap *b, unsigned thread, uint64_t split, double *out) {
  worker *w = &b->workers[thread];
  size_t n = b->n_columns;
  for (unsigned i = 0; i < QUARTERS; i++) {
    dss_drawing_take_quarter(&w->drawing, split, i);
    evaluate_row(b, thread, w->quarters + i * n);
  }
  for (size_t k = 0; k < n; k++) {
    double one = w->quarters[k] - w->quarters[2 * n + k];
    double other = w->quarters[n + k] - w->quarters[3 * n + k];
    out[k] = one * other / 4.0;
  }
}

static void make_left_out(bootstrap *b, unsigned thread, uint64_t i, double *out) {
  dss_drawing_leave(&b->workers[thread].drawing, i, 0);
  evaluate_row(b, thread, out);
  dss_drawing_leave(&b->workers[thread].drawing, i, 1);
}

static void make_step(bootstrap *b, make_fn make, uint64_t first, uint64_t count, double *rows) {
  int threads = (int)b->all->threads;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (uint64_t i = first; i < first + count; i++)
    make(b, (unsigned)omp_get_thread_num(), i, rows + (size_t)i * b->n_columns);
}

/* before, total: of the progress. */
static dss_status make_rows(dss_context *context, bootstrap *b, make_fn make, uint64_t n,
                            uint64_t before, double *rows) {
  dss_pace pace = {.step = b->all->threads};
  for (uint64_t made = 0; made < n;) {
    uint64_t now = n - made < pace.step ? n - made : pace.step;
    double began = dss_seconds();
    make_step(b, make, made, now, rows);
    if (now == pace.step) dss_pace_note(&pace, dss_seconds() - began);
    made += now;
    dss_progress(context, "bootstrap", before + made, b->n + b->n_splits + b->n_units);
    DSS_TRY(dss_go_on(context));
  }
  return DSS_OK;
}

/* --- units left out ------------------------------------------------------------------------ */

/* The strata of a row that a jackknife goes through: those whose draws its value depends on. */
typedef struct gathering {
  const bootstrap *b;
  size_t column;
  double *left_out;
  uint32_t *sizes;
  size_t n, n_strata;
} gathering;

static void take(gathering *g, uint64_t unit) {
  g->left_out[g->n++] = g->b->left_out[unit * g->b->n_columns + g->column];
  g->sizes[g->n_strata]++;
}

/* A rater who is the only one of a group is drawn every time. */
static void take_group(gathering *g, size_t group) {
  const dss_members *m = &g->b->members;
  if (m->ptr[group + 1] - m->ptr[group] < 2) return;
  g->sizes[g->n_strata] = 0;
  for (size_t i = m->ptr[group]; i < m->ptr[group + 1]; i++)
    take(g, m->rater[i]);
  g->n_strata++;
}

static void take_range(gathering *g, uint64_t first, uint64_t count) {
  g->sizes[g->n_strata] = 0;
  for (uint64_t unit = first; unit < first + count; unit++)
    take(g, unit);
  g->n_strata++;
}

static void take_raters(gathering *g, const dss_row_place *place) {
  const dss_rated *rated = g->b->all->rated;
  if (place->axis == DSS_NOWHERE) {
    take_range(g, 0, rated->n_raters);
    return;
  }
  const dss_kernel_axis *axis = &rated->plan->kernel.axes[place->axis];
  bool whole = place->group == DSS_NOWHERE || place->versus == DSS_ELSE;
  for (size_t i = axis->first_group; i < axis->first_group + axis->n_groups; i++)
    if (whole || i == place->group || i == place->versus) take_group(g, i);
}

static gathering gather(const bootstrap *b, worker *w, size_t column) {
  const dss_rated *rated = b->all->rated;
  const dss_evaluation *e = b->all->evaluation;
  gathering g = {.b = b, .column = column, .left_out = w->column, .sizes = w->sizes};
  uint64_t raters = w->drawing.of_raters ? rated->n_raters : 0;
  if (w->drawing.of_raters) take_raters(&g, &e->places[b->columns[column]]);
  if (w->drawing.of_items) take_range(&g, raters, rated->n_items);
  return g;
}

/* --- all ------------------------------------------------------------------------------------- */

/* Column k of n rows, side by side. */
static void collect(const bootstrap *b, const double *rows, uint64_t n, size_t column, double *to) {
  for (uint64_t i = 0; i < n; i++)
    to[i] = rows[i * b->n_columns + column];
}

/* Over these draws, from that of all resamples and from the jackknife's of items. A bootstrap of
 * items alone counts nothing twice. */
static dss_variance_part variance_of(const bootstrap *b, worker *w, size_t column, double all,
                                     dss_variance_part items) {
  const dss_limits *limits = &b->all->evaluation->places[b->columns[column]].limits;
  dss_variance_part parts[] = {items, {0.0, limits->degrees}};
  double variance = all;
  if (w->drawing.of_raters) {
    collect(b, b->products, b->n_splits, column, w->column);
    double shared = dss_shared_variance(w->column, b->n_splits);
    variance = w->drawing.of_items ? dss_variance_over_both(items.variance, shared)
                                   : dss_variance_over_raters(all, shared, limits->shortfall);
    parts[1].variance = fmin(shared, variance);
  } else {
    parts[0].variance = all;
  }
  /* The logit takes from a rate's variance what it owes to the rate: what is left is told well. */
  size_t known = limits->gap && w->drawing.of_items ? 0 : 1;
  return (dss_variance_part){variance, dss_degrees_of_sum(variance, parts + known, 2 - known)};
}

static void finish_column(const bootstrap *b, worker *w, size_t column) {
  const dss_evaluating *all = b->all;
  const dss_limits *limits = &all->evaluation->places[b->columns[column]].limits;
  dss_cell *cell = &all->evaluation->rows[b->columns[column]].cell;
  gathering g = gather(b, w, column);
  uint32_t n_items = w->drawing.of_items ? all->rated->n_items : 0;
  const double *left_out = g.left_out + g.n - n_items;
  dss_variance_part items = {dss_jackknife_variance(left_out, n_items),
                             dss_jackknife_degrees(left_out, n_items)};
  double acceleration;
  if (!dss_acceleration(g.left_out, g.sizes, g.n_strata, &acceleration)) acceleration = NAN;
  collect(b, b->values, b->n, column, w->column);
  bool limited = limits->least < limits->most;
  /* Resamples of no errors have none: they say nothing of how many there might have been. */
  if (limited && (cell->estimate <= limits->least || cell->estimate >= limits->most))
    cell->ci_withheld = DSS_WITHHELD_AT_LIMIT;
  dss_cell_resampled(cell, w->column, b->n, acceleration, all->run->plan.interval,
                     DSS_INSTEAD_NORMAL);
  if (!limited) return;
  dss_variance_part whole = variance_of(b, w, column, cell->se * cell->se, items);
  dss_cell_limited(cell, sqrt(whole.variance), dss_student_975(whole.degrees), limits->least,
                   limits->most, all->run->plan.interval);
}

static void finish_columns(const bootstrap *b) {
  int threads = (int)b->all->threads;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (size_t column = 0; column < b->n_columns; column++)
    finish_column(b, &b->workers[omp_get_thread_num()], column);
}

static dss_status run_bootstrap(dss_context *context, bootstrap *b) {
  DSS_TRY(open_bootstrap(context, b));
  if (b->n_columns == 0) return DSS_OK;
  DSS_TRY(make_rows(context, b, make_resample, b->n, 0, b->values));
  DSS_TRY(make_rows(context, b, make_product, b->n_splits, b->n, b->products));
  for (unsigned t = 0; t < b->all->threads; t++)
    dss_drawing_reset(&b->workers[t].drawing);
  DSS_TRY(make_rows(context, b, make_left_out, b->n_units, b->n + b->n_splits, b->left_out));
  finish_columns(b);
  return DSS_OK;
}

/* Why there is a bootstrap, and no interval of an estimate. */
static void withhold(dss_evaluation *e) {
  for (size_t row = 0; row < e->n_rows; row++)
    if (e->places[row].biased && !isnan(e->rows[row].cell.estimate))
      e->rows[row].cell.ci_withheld = DSS_WITHHELD_BIASED;
}

dss_status dss_evaluate_intervals(dss_context *context, const dss_evaluating *all) {
  bootstrap b = {.all = all,
                 .n = all->run->plan.bootstrap,
                 .n_units = dss_drawing_units(all->rated, all->run->plan.over)};
  if (b.n > 0) withhold(all->evaluation);
  dss_status status = b.n > 0 ? run_bootstrap(context, &b) : DSS_OK;
  close_bootstrap(&b);
  return status;
}
