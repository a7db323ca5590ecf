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

/* The defined values of one column of the pilot [n_pilot][n_columns], in the resamples' order, into
 * defined [n_pilot]; returns how many. */
static uint64_t pilot_column(const double *pilot, uint64_t n_pilot, size_t n_columns, size_t column,
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
static void frame_column(dss_null *null, size_t column, const double *pilot, double *scratch) {
  dss_accumulators *a = &null->accumulators;
  dss_frames *frames = &a->frames;
  uint64_t defined = pilot_column(pilot, null->n_pilot, a->n_columns, column, scratch);
  scratch[defined] = frames->observed[column];
  set_center(frames, column, scratch, null->how.holds_observed ? defined : defined + 1);
  frames->pivot[column] = frames->center[column];
  if (defined == 0) return;
  set_edges(frames, column, scratch, defined);
  if (!null->quantiles) return;
  dss_sort_ascending(scratch, defined);
  for (size_t i = 0; i < DSS_N_QUANTILES; i++)
    null->quantiles[column * DSS_N_QUANTILES + i] =
        dss_sorted_quantile(scratch, defined, dss_quantile_levels[i]);
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

/* --- arrays ------------------------------------------------------------------------------- */

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "the tests' order is kept as 64 bits");
_Static_assert(sizeof(dss_long_sum) == (DSS_LONG_LIMBS + 1) * sizeof(uint64_t), "and long sums");

void dss_null_list(dss_null *null, dss_null_array arrays[DSS_NULL_ARRAYS]) {
  dss_accumulators *a = &null->accumulators;
  dss_frames *f = &a->frames;
  dss_columns *c = &a->columns;
  size_t extremes = null->how.exact ? 0 : DSS_EXTREMES;
  size_t quantiles = null->how.ends_with_pilot ? DSS_N_QUANTILES : 0;
  const dss_null_array all[DSS_NULL_ARRAYS] = {
      {"observed", DSS_H5_F64, 1, &f->observed, false},
      {"pivot", DSS_H5_F64, 1, &f->pivot, false},
      {"low", DSS_H5_F64, 1, &f->low, false},
      {"width", DSS_H5_F64, 1, &f->width, false},
      {"center", DSS_H5_F64, 1, &f->center, false},
      {"scale", DSS_H5_F64, 1, &f->scale, false},
      {"minimum", DSS_H5_F64, 1, &c->minimum, true},
      {"maximum", DSS_H5_F64, 1, &c->maximum, true},
      {"sum", DSS_H5_U64, DSS_LONG_LIMBS + 1, &c->sum, true},
      {"sum_of_squares", DSS_H5_U64, DSS_LONG_LIMBS + 1, &c->sum_of_squares, true},
      {"block_sum", DSS_H5_F64, 1, &c->block_sum, true},
      {"block_sum_of_squares", DSS_H5_F64, 1, &c->block_sum_of_squares, true},
      {"undefined", DSS_H5_U64, 1, &c->undefined, true},
      {"below", DSS_H5_U64, 1, &c->below, true},
      {"equal", DSS_H5_U64, 1, &c->equal, true},
      {"above", DSS_H5_U64, 1, &c->above, true},
      {"not_positive", DSS_H5_U64, 1, &c->not_positive, true},
      {"histogram", DSS_H5_U64, a->n_bins + 2, &a->histogram, true},
      {"largest", DSS_H5_F64, extremes, &a->largest, true},
      {"smallest", DSS_H5_F64, extremes, &a->smallest, true},
      {"quantiles", DSS_H5_F64, quantiles, &null->quantiles, false},
      {"order", DSS_H5_U64, 1, &a->order, false},
      {"observed_t", DSS_H5_F64, 1, &a->observed_t, false},
      {"max_t", DSS_H5_U64, 1, &a->max_t, true},
      {"ge_at", DSS_H5_U64, 1, &a->ge_at, true},
      {"le_at", DSS_H5_U64, 1, &a->le_at, true},
      {"stopped", DSS_H5_U64, 1, &a->stopped, true},
  };
  memcpy(arrays, all, sizeof all);
}

void *dss_null_data(const dss_null_array *array) {
  void *data;
  memcpy(&data, array->at, sizeof data);
  return data;
}

dss_status dss_null_allocate(dss_context *context, size_t n_columns, const dss_accumulation *how,
                             dss_null *null) {
  dss_null_array arrays[DSS_NULL_ARRAYS];
  dss_accumulators *a = &null->accumulators;
  memset(null, 0, sizeof *null);
  null->how = *how;
  a->n_columns = n_columns;
  a->n_bins = DSS_HISTOGRAM_BINS;
  a->stop_after = how->stop_after;
  a->threads = how->threads;
  dss_null_list(null, arrays);
  dss_status status = DSS_ALLOC(context, &a->lanes, (size_t)a->threads * n_columns);
  for (size_t i = 0; i < DSS_NULL_ARRAYS && status == DSS_OK; i++) {
    if (arrays[i].width == 0) continue;
    size_t width = arrays[i].width, n = n_columns > SIZE_MAX / width ? SIZE_MAX : n_columns * width;
    uint64_t *words;
    status = DSS_ALLOC(context, &words, n);
    memcpy(arrays[i].at, &words, sizeof words);
  }
  if (status != DSS_OK) dss_null_free(null);
  return status;
}

/* Extremes begin full of what any value replaces. */
static void begin_columns(dss_accumulators *a) {
  for (size_t c = 0; c < a->n_columns; c++) {
    a->columns.minimum[c] = INFINITY;
    a->columns.maximum[c] = -INFINITY;
  }
  for (size_t i = 0; a->largest && i < a->n_columns * DSS_EXTREMES; i++)
    a->largest[i] = a->smallest[i] = -INFINITY;
}

bool dss_same_accumulation(const dss_accumulation *a, const dss_accumulation *b) {
  return a->exact == b->exact && a->holds_observed == b->holds_observed &&
         a->ends_with_pilot == b->ends_with_pilot && a->stop_after == b->stop_after;
}

bool dss_null_same_frames(dss_null *a, dss_null *b) {
  dss_null_array x[DSS_NULL_ARRAYS], y[DSS_NULL_ARRAYS];
  size_t n = a->accumulators.n_columns;
  bool same = dss_same_accumulation(&a->how, &b->how) && a->n_pilot == b->n_pilot &&
              n == b->accumulators.n_columns &&
              a->accumulators.n_tested == b->accumulators.n_tested;
  dss_null_list(a, x);
  dss_null_list(b, y);
  for (size_t i = 0; i < DSS_NULL_ARRAYS && same; i++)
    if (!x[i].counts && x[i].width > 0)
      same = memcmp(dss_null_data(&x[i]), dss_null_data(&y[i]),
                    n * x[i].width * sizeof(uint64_t)) == 0;
  return same;
}

void dss_null_copy(dss_null *to, dss_null *from) {
  dss_null_array arrays[DSS_NULL_ARRAYS], sources[DSS_NULL_ARRAYS];
  dss_null_list(to, arrays);
  dss_null_list(from, sources);
  for (size_t i = 0; i < DSS_NULL_ARRAYS; i++)
    if (arrays[i].counts && arrays[i].width > 0)
      memcpy(dss_null_data(&arrays[i]), dss_null_data(&sources[i]),
             to->accumulators.n_columns * arrays[i].width * sizeof(uint64_t));
  to->accumulators.resamples = from->accumulators.resamples;
}

void dss_null_empty(dss_null *null) {
  dss_null_array arrays[DSS_NULL_ARRAYS];
  dss_accumulators *a = &null->accumulators;
  dss_null_list(null, arrays);
  for (size_t i = 0; i < DSS_NULL_ARRAYS; i++)
    if (arrays[i].counts && arrays[i].width > 0)
      memset(dss_null_data(&arrays[i]), 0, a->n_columns * arrays[i].width * sizeof(uint64_t));
  begin_columns(a);
  a->resamples = 0;
}

/* --- the whole ------------------------------------------------------------------------------ */

/* scratch [threads][n_pilot + 1] */
static void frame_columns(dss_null *null, const double *observed, const double *pilot,
                          double *scratch) {
  dss_accumulators *a = &null->accumulators;
  int threads = (int)a->threads;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (size_t c = 0; c < a->n_columns; c++) {
    a->frames.observed[c] = observed[c];
    if (!isnan(observed[c]))
      frame_column(null, c, pilot, &scratch[(size_t)omp_get_thread_num() * (null->n_pilot + 1)]);
  }
}

static dss_status frame(dss_context *context, const double *observed, const double *pilot,
                        dss_null *null) {
  double *scratch = NULL;
  test *tests = NULL;
  dss_accumulators *a = &null->accumulators;
  dss_status status = DSS_ALLOC(context, &scratch, a->threads * (null->n_pilot + 1));
  if (status == DSS_OK) status = DSS_ALLOC(context, &tests, a->n_columns);
  if (status == DSS_OK) {
    frame_columns(null, observed, pilot, scratch);
    order_tests(a, tests);
  }
  free(scratch);
  free(tests);
  return status;
}

dss_status dss_null_make(dss_context *context, size_t n_columns, const double *observed,
                         uint64_t n_pilot, const double *pilot, const dss_accumulation *how,
                         dss_null *null) {
  DSS_TRY(dss_null_allocate(context, n_columns, how, null));
  null->n_pilot = n_pilot;
  begin_columns(&null->accumulators);
  dss_status status = frame(context, observed, pilot, null);
  if (status != DSS_OK) dss_null_free(null);
  return status;
}

void dss_null_free(dss_null *null) {
  dss_null_array arrays[DSS_NULL_ARRAYS];
  dss_null_list(null, arrays);
  for (size_t i = 0; i < DSS_NULL_ARRAYS; i++)
    free(dss_null_data(&arrays[i]));
  free(null->accumulators.lanes);
  memset(null, 0, sizeof *null);
}
