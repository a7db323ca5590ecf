/* Adding values to accumulators. Counts, moments and histograms: a thread takes a slice of columns
 * and all rows, so that every column sees its resamples in ascending order. maxT: a thread takes
 * some rows and all columns, and counts into a lane of its own.
 *
 * Cost, one core with SSE2: about 6 ns a value, of which maxT is 1.5 and the histogram 2.5; the
 * extremes add what their heaps cost, 250 (1 + ln(B / 250)) insertions at either end. */
#include "accumulate.h"

#include <omp.h>

/* SLICE: columns whose accumulators stay in the first-level cache. ROWS: resamples whose maxima run
 * side by side. */
enum { SLICE = 32, ROWS = 16, AHEAD = 6 };

/* Fewer values (0.1 ms of work) are not worth waking the other threads for. */
enum { FEW_VALUES = 16384 };

#define FORCED static inline __attribute__((always_inline))

/* --- counts, moments, histograms ----------------------------------------------------------- */

/* A slice's accumulators on the stack, where nothing else can point to them. Its counts, which are
 * at most a block's rows, are doubles: compilers make vectors of comparisons between numbers that
 * add numbers, not of those that add integers. */
typedef struct slice {
  double observed[SLICE], pivot[SLICE], low[SLICE], width[SLICE];
  double undefined[SLICE], below[SLICE], above[SLICE], not_positive[SLICE];
  double minimum[SLICE], maximum[SLICE], sum[SLICE], sum_of_squares[SLICE];
  double enough[SLICE], little[SLICE]; /* values beyond these are among the extremes so far */
} slice;

FORCED void load(slice *s, const dss_accumulators *a, size_t first, size_t n) {
  for (size_t j = 0; j < n; j++) {
    s->observed[j] = a->frames.observed[first + j];
    s->pivot[j] = a->frames.pivot[first + j];
    s->low[j] = a->frames.low[first + j];
    s->width[j] = a->frames.width[first + j];
    s->undefined[j] = s->below[j] = s->above[j] = s->not_positive[j] = 0.0;
    s->minimum[j] = a->columns.minimum[first + j];
    s->maximum[j] = a->columns.maximum[first + j];
    s->sum[j] = a->columns.block_sum[first + j];
    s->sum_of_squares[j] = a->columns.block_sum_of_squares[first + j];
    s->enough[j] = a->largest ? a->largest[(first + j) * DSS_EXTREMES] : INFINITY;
    s->little[j] = a->smallest ? -a->smallest[(first + j) * DSS_EXTREMES] : -INFINITY;
  }
}

FORCED void store(const slice *s, dss_accumulators *a, size_t first, size_t n, uint64_t rows) {
  dss_columns *columns = &a->columns;
  for (size_t j = 0; j < n; j++) {
    uint64_t undefined = (uint64_t)s->undefined[j], below = (uint64_t)s->below[j],
             above = (uint64_t)s->above[j];
    columns->undefined[first + j] += undefined;
    columns->below[first + j] += below;
    columns->above[first + j] += above;
    columns->equal[first + j] += rows - undefined - below - above;
    columns->not_positive[first + j] += (uint64_t)s->not_positive[j];
    columns->minimum[first + j] = s->minimum[j];
    columns->maximum[first + j] = s->maximum[j];
    columns->block_sum[first + j] = s->sum[j];
    columns->block_sum_of_squares[first + j] = s->sum_of_squares[j];
  }
}

/* NaN compares false with everything. */
FORCED void count_row(slice *s, size_t n, const double *values) {
  for (size_t j = 0; j < n; j++) {
    double v = values[j], own = s->observed[j], least = s->minimum[j], most = s->maximum[j];
    s->undefined[j] += v == v ? 0.0 : 1.0;
    s->below[j] += v < own ? 1.0 : 0.0;
    s->above[j] += v > own ? 1.0 : 0.0;
    s->not_positive[j] += v <= 0.0 ? 1.0 : 0.0;
    s->minimum[j] = v < least ? v : least;
    s->maximum[j] = v > most ? v : most;
  }
}

/* NaN adds 0, which changes no bit of sums that are never -0. */
FORCED void sum_row(slice *s, size_t n, const double *values) {
  for (size_t j = 0; j < n; j++) {
    double v = values[j], pivot = s->pivot[j], offset = (v == v ? v : pivot) - pivot;
    s->sum[j] += offset;
    s->sum_of_squares[j] += offset * offset;
  }
}

/* Once a null is some thousands of values long few come here. */
static void keep_extreme(slice *s, dss_accumulators *a, size_t first, size_t j, double v) {
  double *largest = a->largest + (first + j) * DSS_EXTREMES,
         *smallest = a->smallest + (first + j) * DSS_EXTREMES;
  if (v > s->enough[j]) dss_extremes_put(largest, v);
  if (v < s->little[j]) dss_extremes_put(smallest, -v);
  s->enough[j] = largest[0];
  s->little[j] = -smallest[0];
}

/* What goes value by value: into its bin, and among the extremes where it belongs there. */
FORCED void place_row(slice *s, dss_accumulators *a, size_t first, size_t n, const double *values) {
  double place[SLICE]; /* what compilers make vectors of; the bin's number they would not */
  uint64_t *histogram = a->histogram + first * (a->n_bins + 2);
  for (size_t j = 0; j < n; j++)
    place[j] = dss_histogram_place(s->low[j], s->width[j], a->n_bins, values[j]);
  for (size_t j = 0; j < n; j++) {
    double v = values[j];
    if (s->width[j] > 0.0 && v == v)
      histogram[j * (a->n_bins + 2) + (size_t)dss_histogram_bin(place[j])]++;
    if (v > s->enough[j] || v < s->little[j]) keep_extreme(s, a, first, j, v);
  }
}

/* Rows stand too far apart for the processor to see by itself which is next. */
FORCED void fetch(const double *row, size_t n) {
  for (size_t j = 0; j < n; j += 8)
    __builtin_prefetch(row + j);
}

/* Columns first .. first + n - 1 of some rows that lie in one block. */
FORCED void add_rows(dss_accumulators *a, size_t first, size_t n, uint64_t rows,
                     const double *values) {
  slice s;
  load(&s, a, first, n);
  for (uint64_t i = 0; i < rows; i++) {
    const double *row = values + i * a->n_columns + first;
    fetch(values + (i + AHEAD < rows ? i + AHEAD : i) * a->n_columns + first, n);
    count_row(&s, n, row);
    sum_row(&s, n, row);
    place_row(&s, a, first, n, row);
  }
  store(&s, a, first, n, rows);
}

#if defined(__x86_64__)
/* The same code, and without contraction the same bits, in wider vectors. */
__attribute__((target("avx2"))) static void add_wide(dss_accumulators *a, size_t first, size_t n,
                                                     uint64_t rows, const double *values) {
  add_rows(a, first, n, rows, values);
}
#endif

static void add_slice(dss_accumulators *a, size_t first, size_t n, uint64_t rows,
                      const double *values) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    add_wide(a, first, n, rows, values);
    return;
  }
#endif
  add_rows(a, first, n, rows, values);
}

/* --- sequential stopping ------------------------------------------------------------------- */

/* The resamples made when a tail had its stop_after-th exceedance, found from the end of rows
 * after which there were `reached` of them. sign 1: values at least the observed; -1: at most. */
static uint64_t find_stop(const dss_accumulators *a, size_t c, double sign, uint64_t reached,
                          uint64_t rows, const double *values) {
  double own = sign * a->frames.observed[c];
  for (uint64_t i = rows; i-- > 0;) {
    double v = sign * values[i * a->n_columns + c];
    if (v < own) continue; /* not so where it is undefined */
    if (reached-- == a->stop_after) return i + 1;
  }
  return 0;
}

/* made: resamples before these rows. */
static void note_stops(dss_accumulators *a, size_t c, uint64_t made, uint64_t rows,
                       const double *values) {
  const dss_columns *columns = &a->columns;
  uint64_t both = columns->equal[c] + columns->undefined[c];
  uint64_t ge = columns->above[c] + both, le = columns->below[c] + both;
  if (isnan(a->frames.observed[c])) return;
  if (a->ge_at[c] == 0 && ge >= a->stop_after)
    a->ge_at[c] = made + find_stop(a, c, 1.0, ge, rows, values);
  if (a->le_at[c] == 0 && le >= a->stop_after)
    a->le_at[c] = made + find_stop(a, c, -1.0, le, rows, values);
}

size_t dss_accumulators_checkpoint(dss_accumulators *a) {
  size_t going = 0;
  for (size_t c = 0; c < a->n_columns; c++) {
    if (isnan(a->frames.observed[c]) || a->stopped[c]) continue;
    if (a->ge_at[c] && a->le_at[c])
      a->stopped[c] = a->resamples;
    else
      going++;
  }
  return going;
}

/* --- slices ------------------------------------------------------------------------------- */

static void add_columns(dss_accumulators *a, size_t column, size_t n, uint64_t first,
                        uint64_t count, const double *values) {
  for (uint64_t done = 0; done < count;) {
    uint64_t to_end = DSS_MOMENT_BLOCK - (first + done) % DSS_MOMENT_BLOCK;
    uint64_t rows = count - done < to_end ? count - done : to_end;
    add_slice(a, column, n, rows, values + done * a->n_columns);
    if (rows == to_end) dss_columns_end_block(&a->columns, column, column + n);
    done += rows;
  }
  for (size_t c = column; a->stop_after && c < column + n; c++)
    note_stops(a, c, a->resamples, count, values);
}

/* What has not stopped of a slice, one run of neighbours after the other. */
static void add_going(dss_accumulators *a, size_t column, size_t n, uint64_t first, uint64_t count,
                      const double *values) {
  size_t end = column + n;
  if (a->stop_after == 0) {
    add_columns(a, column, n, first, count, values);
    return;
  }
  while (column < end) {
    size_t next = column;
    while (next < end && a->stopped[next] == 0)
      next++;
    if (next > column) add_columns(a, column, next - column, first, count, values);
    column = next + 1;
  }
}

/* --- maxT ---------------------------------------------------------------------------------- */

/* From the last test up, the largest |t| so far against each test's own. A test whose own value is
 * undefined in this resample counts as exceeded; an undefined value adds nothing to the maximum. */
static void add_max_t(const dss_accumulators *a, size_t rows, const double *values,
                      uint64_t *exceeded) {
  double largest[ROWS];
  for (size_t r = 0; r < rows; r++)
    largest[r] = -1.0;
  for (size_t i = a->n_tested; i-- > 0;) {
    size_t c = a->order[i];
    double center = a->frames.center[c], scale = a->frames.scale[c], own = a->observed_t[i];
    uint64_t count = 0;
    for (size_t r = 0; r < rows; r++) {
      double v = values[r * a->n_columns + c], t = dss_studentized(center, scale, v);
      t = v == v ? t : -1.0;
      largest[r] = t > largest[r] ? t : largest[r];
      count += (v != v) | (largest[r] >= own);
    }
    exceeded[i] += count;
  }
}

void dss_accumulate(dss_accumulators *a, uint64_t first, uint64_t count, const double *values) {
  int threads = (int)a->threads;
#pragma omp parallel num_threads(threads) if (count * a->n_columns > FEW_VALUES)
  {
    uint64_t *lane = a->lanes + (size_t)omp_get_thread_num() * a->n_tested;
#pragma omp for schedule(dynamic) nowait
    for (size_t c = 0; c < a->n_columns; c += SLICE)
      add_going(a, c, a->n_columns - c < SLICE ? a->n_columns - c : SLICE, first, count, values);
#pragma omp for schedule(dynamic) nowait
    for (uint64_t i = 0; i < count; i += ROWS)
      add_max_t(a, count - i < ROWS ? count - i : ROWS, values + i * a->n_columns, lane);
  }
  for (size_t t = 0; t < a->threads; t++)
    for (size_t i = 0; i < a->n_tested; i++) {
      a->max_t[i] += a->lanes[t * a->n_tested + i];
      a->lanes[t * a->n_tested + i] = 0;
    }
  a->resamples += count;
}
