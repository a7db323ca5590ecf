#include "frames.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "dissensus/results.h"
#include "host/core/alloc.h"
#include "host/stats/quantile.h"

enum { PILOT_BYTES = 256 << 20 };

uint64_t dss_pilot_size(uint64_t permutations, size_t n_columns) {
  uint64_t fits = PILOT_BYTES / sizeof(double) / (n_columns ? n_columns : 1);
  uint64_t size = DSS_MOMENT_BLOCK;
  while (size > 1 && size > fits)
    size /= 2;
  return permutations < size ? permutations : size;
}

uint64_t dss_pilot_column(const double *pilot, uint64_t n_pilot, size_t n_columns, size_t column,
                          double *defined) {
  uint64_t n = 0;
  for (uint64_t i = 0; i < n_pilot; i++) {
    double v = pilot[i * n_columns + column];
    if (!isnan(v)) defined[n++] = v;
  }
  return n;
}

/* The pivot is the pilot's median: inside the null, however extreme the observed. Inner bins span
 * three times its central 95%, its own width again on either side: wide enough for a bell, and not
 * ruled by the few huge values of a ratio. defined [n], n > 0, is rearranged. */
static void set_edges(dss_frames *frames, size_t column, double *defined, uint64_t n) {
  uint64_t tail = n / 40, middle = n / 2, rest = n - middle;
  double low = dss_order_statistic(defined, n, tail);
  frames->pivot[column] = dss_order_statistic(defined + tail, n - tail, middle - tail);
  double high = dss_order_statistic(defined + middle, rest, rest - 1 - tail);
  if (!(high > low)) {
    low = dss_order_statistic(defined, n, 0);
    high = dss_order_statistic(defined, n, n - 1);
  }
  if (!(high > low) || !isfinite(high - low)) return;
  frames->low[column] = low - (high - low);
  frames->width[column] = 3.0 * (high - low) / DSS_HISTOGRAM_BINS;
}

/* Mean and SD, in two passes in the values' order, so that the result depends on nothing else. */
static void set_center(dss_frames *frames, size_t column, const double *defined, uint64_t n) {
  frames->center[column] = defined[0];
  bool varies = false;
  for (uint64_t i = 1; i < n; i++)
    varies |= defined[i] != defined[0];
  if (!varies) return; /* no spread, and none from rounding the mean either */
  double sum = 0.0, squares = 0.0;
  for (uint64_t i = 0; i < n; i++)
    sum += defined[i];
  double mean = sum / (double)n;
  for (uint64_t i = 0; i < n; i++)
    squares += (defined[i] - mean) * (defined[i] - mean);
  frames->center[column] = mean;
  frames->scale[column] = sqrt(squares / (double)(n - 1));
}

/* The observed value stands among the pilot's: studentized by resamples alone it would be measured
 * otherwise than they are, and maxT would be too bold when they are few. scratch [n_pilot + 1]. */
static void frame_column(dss_frames *frames, size_t column, size_t n_columns, const double *pilot,
                         uint64_t n_pilot, bool holds_observed, double *scratch) {
  uint64_t defined = dss_pilot_column(pilot, n_pilot, n_columns, column, scratch);
  scratch[defined] = frames->observed[column];
  set_center(frames, column, scratch, holds_observed ? defined : defined + 1);
  frames->pivot[column] = frames->center[column];
  if (defined > 0) set_edges(frames, column, scratch, defined);
}

typedef struct test {
  double t;
  size_t column;
} test;

/* Descending |t|; equal ones by column. */
static int by_t(const void *a, const void *b) {
  const test *x = a, *y = b;
  if (x->t != y->t) return x->t > y->t ? -1 : 1;
  return (x->column > y->column) - (x->column < y->column);
}

/* maxT compares all tests in the same resamples: there is none where tests stop by themselves. */
static void order_tests(dss_accumulators *a, test *tests) {
  if (a->stop_after > 0) return;
  const dss_frames *f = &a->frames;
  for (size_t c = 0; c < a->n_columns; c++)
    if (!isnan(f->observed[c]))
      tests[a->n_tested++] = (test){dss_studentized(f->center[c], f->scale[c], f->observed[c]), c};
  qsort(tests, a->n_tested, sizeof *tests, by_t);
  for (size_t i = 0; i < a->n_tested; i++) {
    a->order[i] = tests[i].column;
    a->observed_t[i] = tests[i].t;
  }
}

/* The arrays of [n_columns]: what has to be allocated and freed, said once. */
enum { NUMBER_ARRAYS = 13, COUNT_ARRAYS = 9 };

static void list_arrays(dss_accumulators *a, double **numbers[NUMBER_ARRAYS],
                        uint64_t **counts[COUNT_ARRAYS]) {
  dss_frames *f = &a->frames;
  dss_columns *c = &a->columns;
  double **const all_numbers[NUMBER_ARRAYS] = {
      &f->observed,  &f->pivot,          &f->low,       &f->width,
      &f->center,    &f->scale,          &c->minimum,   &c->maximum,
      &c->sum,       &c->sum_of_squares, &c->block_sum, &c->block_sum_of_squares,
      &a->observed_t};
  uint64_t **const all_counts[COUNT_ARRAYS] = {&c->undefined, &c->below,        &c->equal,
                                               &c->above,     &c->not_positive, &a->max_t,
                                               &a->ge_at,     &a->le_at,        &a->stopped};
  memcpy(numbers, all_numbers, sizeof all_numbers);
  memcpy(counts, all_counts, sizeof all_counts);
}

/* Heaps begin full of what any value replaces. */
static dss_status allocate_extremes(dss_context *context, size_t n_columns, double **heaps) {
  size_t n = n_columns > SIZE_MAX / DSS_EXTREMES ? SIZE_MAX : n_columns * DSS_EXTREMES;
  DSS_TRY(DSS_ALLOC(context, heaps, n));
  for (size_t i = 0; i < n; i++)
    (*heaps)[i] = -INFINITY;
  return DSS_OK;
}

static dss_status allocate(dss_context *context, const dss_accumulation *how, dss_accumulators *a) {
  double **numbers[NUMBER_ARRAYS];
  uint64_t **counts[COUNT_ARRAYS];
  list_arrays(a, numbers, counts);
  for (size_t i = 0; i < NUMBER_ARRAYS; i++)
    DSS_TRY(DSS_ALLOC(context, numbers[i], a->n_columns));
  for (size_t i = 0; i < COUNT_ARRAYS; i++)
    DSS_TRY(DSS_ALLOC(context, counts[i], a->n_columns));
  if (!how->exact) {
    DSS_TRY(allocate_extremes(context, a->n_columns, &a->largest));
    DSS_TRY(allocate_extremes(context, a->n_columns, &a->smallest));
  }
  DSS_TRY(DSS_ALLOC(context, &a->order, a->n_columns));
  DSS_TRY(DSS_ALLOC(context, &a->lanes, a->threads * a->n_columns));
  return DSS_ALLOC(context, &a->histogram, a->n_columns * (a->n_bins + 2));
}

/* scratch [threads][n_pilot + 1] */
static void frame_columns(dss_accumulators *a, const double *observed, uint64_t n_pilot,
                          const double *pilot, const dss_accumulation *how, double *scratch) {
  int threads = (int)how->threads;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (size_t c = 0; c < a->n_columns; c++) {
    a->columns.minimum[c] = INFINITY;
    a->columns.maximum[c] = -INFINITY;
    a->frames.observed[c] = observed[c];
    if (!isnan(observed[c]))
      frame_column(&a->frames, c, a->n_columns, pilot, n_pilot, how->holds_observed,
                   &scratch[(size_t)omp_get_thread_num() * (n_pilot + 1)]);
  }
}

static dss_status fill(dss_context *context, const double *observed, uint64_t n_pilot,
                       const double *pilot, const dss_accumulation *how, dss_accumulators *a) {
  double *scratch = NULL;
  test *tests = NULL;
  DSS_TRY(allocate(context, how, a));
  dss_status status = DSS_ALLOC(context, &scratch, how->threads * (n_pilot + 1));
  if (status == DSS_OK) status = DSS_ALLOC(context, &tests, a->n_columns);
  if (status == DSS_OK) {
    frame_columns(a, observed, n_pilot, pilot, how, scratch);
    order_tests(a, tests);
  }
  free(scratch);
  free(tests);
  return status;
}

dss_status dss_accumulators_make(dss_context *context, size_t n_columns, const double *observed,
                                 uint64_t n_pilot, const double *pilot, const dss_accumulation *how,
                                 dss_accumulators *a) {
  memset(a, 0, sizeof *a);
  a->n_columns = n_columns;
  a->n_bins = DSS_HISTOGRAM_BINS;
  a->stop_after = how->stop_after;
  a->threads = how->threads;
  dss_status status = fill(context, observed, n_pilot, pilot, how, a);
  if (status != DSS_OK) dss_accumulators_free(a);
  return status;
}

void dss_accumulators_free(dss_accumulators *a) {
  double **numbers[NUMBER_ARRAYS];
  uint64_t **counts[COUNT_ARRAYS];
  list_arrays(a, numbers, counts);
  for (size_t i = 0; i < NUMBER_ARRAYS; i++)
    free(*numbers[i]);
  for (size_t i = 0; i < COUNT_ARRAYS; i++)
    free(*counts[i]);
  free(a->largest);
  free(a->smallest);
  free(a->order);
  free(a->lanes);
  free(a->histogram);
  memset(a, 0, sizeof *a);
}
