/* From a null distribution to cells: moments, quantiles, p-values, corrections. */
#include <math.h>
#include <omp.h>

#include "cells.h"
#include "host/core/alloc.h"
#include "host/stats/corrections.h"
#include "host/stats/pvalues.h"
#include "host/stats/quantile.h"
#include "host/stats/tail.h"

/* By linear interpolation within the bin that holds the quantile. */
static double quantile(const dss_accumulators *a, size_t c, uint64_t defined, double level) {
  const uint64_t *histogram = &a->histogram[c * (a->n_bins + 2)];
  double low = a->frames.low[c], width = a->frames.width[c];
  if (!(width > 0.0)) return NAN;
  double target = level * (double)defined, below = (double)histogram[0];
  if (target < below) return NAN;
  for (uint32_t bin = 1; bin <= a->n_bins; bin++) {
    double count = (double)histogram[bin];
    if (count > 0.0 && target <= below + count)
      return low + width * ((double)(bin - 1) + (target - below) / count);
    below += count;
  }
  return NAN;
}

static void fill_shape(dss_cell *cell, const dss_accumulators *a, size_t c) {
  uint64_t defined = cell->below + cell->equal + cell->above;
  if (defined == 0) return;
  double n = (double)defined, sum = dss_long_sum_value(&a->columns.sum[c]);
  cell->null_mean = a->frames.pivot[c] + sum / n;
  cell->null_min = a->columns.minimum[c];
  cell->null_max = a->columns.maximum[c];
  if (defined > 1) {
    double squares = dss_long_sum_value(&a->columns.sum_of_squares[c]) - sum * sum / n;
    cell->null_sd = sqrt(fmax(0.0, squares) / (n - 1.0));
    if (cell->null_min == cell->null_max) cell->null_sd = 0.0;
    if (cell->null_sd > 0.0) cell->z = (cell->estimate - cell->null_mean) / cell->null_sd;
  }
}

/* From the values themselves where the pilot is all of them, else from the histogram, in which a
 * bin can reach beyond the values in it. */
static void fill_quantiles(dss_cell *cell, const dss_null *null, size_t c) {
  bool all = cell->resamples == null->n_pilot && null->quantiles;
  uint64_t defined = cell->below + cell->equal + cell->above;
  if (defined == 0) return;
  for (size_t i = 0; i < DSS_N_QUANTILES; i++) {
    double q = cell->null_min;
    if (all)
      q = null->quantiles[c * DSS_N_QUANTILES + i];
    else if (cell->null_min < cell->null_max)
      q = quantile(&null->accumulators, c, defined, dss_quantile_levels[i]);
    cell->quantiles[i] = isnan(q) ? q : fmin(cell->null_max, fmax(cell->null_min, q));
  }
}

/* One tail of a cell; at: the resamples that its stop_after exceedances took, 0 where it has fewer
 * or the run does not stop. */
typedef struct one_tail {
  uint64_t count, at;
} one_tail;

static double tail_p(const dss_accumulators *a, one_tail tail, uint64_t resamples, bool exact) {
  return tail.at > 0 ? dss_p_sequential(a->stop_after, tail.at)
                     : dss_p_one_sided(tail.count, resamples, exact);
}

/* Of its share of resamples. */
static void tail_interval(const dss_accumulators *a, one_tail tail, uint64_t resamples, double *low,
                          double *high) {
  if (tail.at > 0)
    dss_inverse_sampling_interval(a->stop_after, tail.at, low, high);
  else
    dss_clopper_pearson(tail.count, resamples, low, high);
}

/* upper: the upper tail alone is the test, else twice the smaller one. */
static void fill_significance(dss_cell *cell, const dss_accumulators *a, bool exact, bool upper) {
  one_tail up = {cell->ge, cell->ge_at}, down = {cell->le, cell->le_at};
  cell->p_up = tail_p(a, up, cell->resamples, exact);
  cell->p_down = tail_p(a, down, cell->resamples, exact);
  cell->p = upper ? cell->p_up : dss_p_two_sided(cell->p_up, cell->p_down);
  cell->p_low = cell->p_high = cell->p;
  if (!exact) {
    double low, high, sides = upper ? 1.0 : 2.0;
    bool of_down = !upper && cell->p_down < cell->p_up;
    tail_interval(a, of_down ? down : up, cell->resamples, &low, &high);
    cell->p_low = fmin(1.0, sides * low);
    cell->p_high = fmin(1.0, sides * high);
  }
  /* Above the null's median: more than half of the defined resamples lie below. */
  uint64_t defined = cell->below + cell->equal + cell->above;
  cell->direction = (cell->below > defined / 2) - (cell->above > defined / 2);
  uint64_t tail = cell->direction < 0 ? cell->below : cell->above;
  cell->p_grasp = (double)tail / (double)cell->resamples;
  cell->flagged = (double)cell->undefined > 0.01 * (double)cell->resamples;
}

/* The tail that decides p, where it is too thin for the count to say more. Undefined resamples are
 * exceedances that no fit knows of. */
static void fill_tail(dss_cell *cell, const dss_accumulators *a, size_t c, bool upper) {
  bool up = upper || cell->ge <= cell->le;
  double sides = upper ? 1.0 : 2.0;
  uint64_t count = up ? cell->ge : cell->le, at = up ? cell->ge_at : cell->le_at;
  if (!a->largest || count >= DSS_TAIL_BELOW || at > 0 || cell->undefined > 0) return;
  double *heap = (up ? a->largest : a->smallest) + c * DSS_EXTREMES;
  dss_tail tail;
  dss_sort_ascending(heap, DSS_EXTREMES);
  if (!dss_tail_p(up ? cell->estimate : -cell->estimate, cell->resamples, heap, DSS_EXTREMES,
                  &tail))
    return;
  cell->p_tail = fmin(1.0, sides * tail.p);
  cell->p_tail_low = fmin(1.0, sides * tail.low);
  cell->p_tail_high = fmin(1.0, sides * tail.high);
}

static void fill_histogram(const dss_accumulators *a, size_t c, const dss_cells *to) {
  size_t bins = a->n_bins + 2;
  double low = a->frames.low[c], width = a->frames.width[c];
  if (!to->histograms || !(width > 0.0)) return;
  to->edges[2 * c] = low;
  to->edges[2 * c + 1] = low + width * a->n_bins;
  for (size_t bin = 0; bin < bins; bin++)
    to->histograms[c * bins + bin] = a->histogram[c * bins + bin];
}

static bool is_upper(const dss_cells *cells, size_t c) {
  return cells->upper && cells->upper[c];
}

static void finish_column(const dss_null *null, size_t c, const dss_cells *to) {
  const dss_accumulators *a = &null->accumulators;
  const dss_columns *columns = &a->columns;
  dss_cell *cell = &to->cells[c];
  cell->resamples = a->stopped[c] ? a->stopped[c] : a->resamples;
  cell->ge_at = a->ge_at[c];
  cell->le_at = a->le_at[c];
  cell->undefined = columns->undefined[c];
  cell->below = columns->below[c];
  cell->equal = columns->equal[c];
  cell->above = columns->above[c];
  cell->ge = cell->above + cell->equal + cell->undefined;
  cell->le = cell->below + cell->equal + cell->undefined;
  fill_shape(cell, a, c);
  fill_quantiles(cell, null, c);
  fill_significance(cell, a, null->how.exact, is_upper(to, c));
  fill_tail(cell, a, c, is_upper(to, c));
  fill_histogram(a, c, to);
}

static void finish_columns(const dss_null *null, const dss_cells *to) {
  const dss_accumulators *a = &null->accumulators;
  int threads = (int)a->threads;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (size_t c = 0; c < a->n_columns; c++)
    if (!isnan(a->frames.observed[c])) finish_column(null, c, to);
}

/* Step-down: an adjusted p is never under that of a test with a larger |t|. A one-sided test whose
 * value is small is as far from its null as a large one, but speaks for it: its own p is 1. */
static void fill_max_t(const dss_null *null, const dss_cells *to) {
  const dss_accumulators *a = &null->accumulators;
  double largest = 0.0;
  for (size_t i = 0; i < a->n_tested; i++) {
    size_t c = a->order[i];
    dss_cell *cell = &to->cells[c];
    largest = fmax(largest, dss_p_one_sided(a->max_t[i], a->resamples, null->how.exact));
    bool small = is_upper(to, c) && a->frames.observed[c] < a->frames.center[c];
    cell->p_maxt = small ? 1.0 : largest;
  }
}

static dss_status correct(dss_context *context, const dss_cells *to, size_t n) {
  double *p, *q, *holm, *bonferroni;
  DSS_TRY(DSS_ALLOC(context, &p, n > SIZE_MAX / 4 ? SIZE_MAX : 4 * n));
  q = p + n;
  holm = q + n;
  bonferroni = holm + n;
  for (size_t i = 0; i < n; i++)
    p[i] = to->cells[i].p;
  bool done = dss_benjamini_hochberg(n, p, q) && dss_holm(n, p, holm);
  dss_bonferroni(n, p, bonferroni);
  for (size_t i = 0; done && i < n; i++) {
    to->cells[i].q_bh = q[i];
    to->cells[i].p_holm = holm[i];
    to->cells[i].p_bonferroni = bonferroni[i];
  }
  free(p);
  return done ? DSS_OK : dss_fail_memory(context, n * sizeof *p);
}

dss_status dss_cells_test(dss_context *context, dss_null *null, const dss_cells *to) {
  dss_accumulators *a = &null->accumulators;
  dss_columns_end_block(&a->columns, 0, a->n_columns);
  finish_columns(null, to);
  fill_max_t(null, to);
  return correct(context, to, a->n_columns);
}
