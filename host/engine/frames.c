#include "frames.h"

#include <math.h>
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

/* Inner bins span three times the pilot's central 95%, its own width again on either side: wide
 * enough for a bell, and not ruled by the few huge values of a ratio. sorted [n]. */
static void set_edges(dss_column_frame *frame, const double *sorted, uint64_t n) {
  uint64_t tail = n / 40;
  double low = sorted[tail], high = sorted[n - 1 - tail];
  if (!(high > low)) low = sorted[0], high = sorted[n - 1];
  if (!(high > low) || !isfinite(high - low)) return;
  frame->low = low - (high - low);
  frame->width = 3.0 * (high - low) / DSS_HISTOGRAM_BINS;
}

/* Mean and SD, in two passes in the values' order, so that the result depends on nothing else. */
static void set_center(dss_column_frame *frame, const double *defined, uint64_t n) {
  frame->center = defined[0];
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
  frame->center = mean;
  frame->scale = sqrt(squares / (double)(n - 1));
}

/* The observed value stands among the pilot's: studentized by resamples alone it would be measured
 * otherwise than they are, and maxT would be too bold when they are few. scratch [n_pilot + 1]. */
static void frame_column(dss_column_frame *frame, size_t column, size_t n_columns,
                         const double *pilot, uint64_t n_pilot, bool holds_observed,
                         double *scratch) {
  uint64_t defined = dss_pilot_column(pilot, n_pilot, n_columns, column, scratch);
  scratch[defined] = frame->observed;
  set_center(frame, scratch, holds_observed ? defined : defined + 1);
  frame->pivot = frame->center;
  if (defined == 0) return;
  dss_sort_ascending(scratch, defined);
  frame->pivot = scratch[defined / 2]; /* inside the null, however extreme the observed value */
  set_edges(frame, scratch, defined);
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

static dss_status order_tests(dss_context *context, dss_accumulators *a) {
  test *tests;
  size_t *order;
  double *observed_t;
  DSS_TRY(DSS_ALLOC(context, &order, a->n_columns));
  a->order = order;
  DSS_TRY(DSS_ALLOC(context, &observed_t, a->n_columns));
  a->observed_t = observed_t;
  DSS_TRY(DSS_ALLOC(context, &a->max_t, a->n_columns));
  DSS_TRY(DSS_ALLOC(context, &tests, a->n_columns));
  for (size_t c = 0; c < a->n_columns; c++)
    if (!isnan(a->frames[c].observed))
      tests[a->n_tested++] = (test){dss_studentized(&a->frames[c], a->frames[c].observed), c};
  qsort(tests, a->n_tested, sizeof *tests, by_t);
  for (size_t i = 0; i < a->n_tested; i++) {
    order[i] = tests[i].column;
    observed_t[i] = tests[i].t;
  }
  free(tests);
  return DSS_OK;
}

static dss_status fill(dss_context *context, const double *observed, uint64_t n_pilot,
                       const double *pilot, bool holds_observed, dss_accumulators *a) {
  dss_column_frame *frames;
  double *scratch;
  DSS_TRY(DSS_ALLOC(context, &frames, a->n_columns));
  a->frames = frames;
  DSS_TRY(DSS_ALLOC(context, &a->columns, a->n_columns));
  DSS_TRY(DSS_ALLOC(context, &a->histogram, a->n_columns * (a->n_bins + 2)));
  DSS_TRY(DSS_ALLOC(context, &scratch, n_pilot + 1));
  for (size_t c = 0; c < a->n_columns; c++) {
    a->columns[c].minimum = INFINITY;
    a->columns[c].maximum = -INFINITY;
    frames[c].observed = observed[c];
    if (!isnan(observed[c]))
      frame_column(&frames[c], c, a->n_columns, pilot, n_pilot, holds_observed, scratch);
  }
  free(scratch);
  return order_tests(context, a);
}

dss_status dss_accumulators_make(dss_context *context, size_t n_columns, const double *observed,
                                 uint64_t n_pilot, const double *pilot, bool holds_observed,
                                 dss_accumulators *a) {
  memset(a, 0, sizeof *a);
  a->n_columns = n_columns;
  a->n_bins = DSS_HISTOGRAM_BINS;
  dss_status status = fill(context, observed, n_pilot, pilot, holds_observed, a);
  if (status != DSS_OK) dss_accumulators_free(a);
  return status;
}

void dss_accumulators_free(dss_accumulators *a) {
  free((void *)a->frames);
  free((void *)a->order);
  free((void *)a->observed_t);
  free(a->columns);
  free(a->histogram);
  free(a->max_t);
  memset(a, 0, sizeof *a);
}
