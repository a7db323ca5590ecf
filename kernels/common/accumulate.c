/* Adding values to accumulators. Counts, moments and histograms: a thread takes a slice of columns
 * and all rows, so that every column sees its resamples in ascending order. maxT: a thread takes
 * some rows and all columns, and counts into a lane of its own.
 *
 * Rows are added up as they come, for all columns of a slice side by side; what has no order is
 * counted column by column, from a tile of some rows that has been turned round. */
#include "accumulate.h"

#include <omp.h>
#include <string.h>

/* SLICE columns by TILE rows stay in the first-level cache. ROWS: resamples whose maxima run side
 * by side; STAGE: tests whose values are gathered before they are looked at; AT_ONCE: so many times
 * ROWS go to one thread. */
enum { SLICE = 32, TILE = 64, ROWS = 16, STAGE = 8, AHEAD = 6, AT_ONCE = 4 };

_Static_assert(DSS_EXTREMES % 2 == 1, "in a heap who has a child has two");

/* Fewer values (0.1 ms of work) are not worth waking the other threads for. */
enum { FEW_VALUES = 16384 };

#define FORCED static inline __attribute__((always_inline))

/* Numbers side by side. Comparisons give masks: 0 or -1. */
enum { SIDE = 4, TOGETHER = 16 };
typedef double numbers __attribute__((vector_size(SIDE * sizeof(double))));
typedef int64_t masks __attribute__((vector_size(SIDE * sizeof(int64_t))));

FORCED uint64_t total(const masks *counts) {
  int64_t sum = 0;
  for (int i = 0; i < SIDE; i++)
    sum += (*counts)[i];
  return (uint64_t)sum;
}

/* b becomes a where the mask is -1. */
FORCED void pick(const masks *mask, const numbers *a, numbers *b) {
  *b = (numbers)((*mask & (masks)*a) | (~*mask & (masks)*b));
}

/* --- moments -------------------------------------------------------------------------------- */

/* A slice's moments, where nothing else can point to them. */
typedef struct slice {
  double pivot[SLICE], sum[SLICE], sum_of_squares[SLICE];
} slice;

FORCED void load(slice *s, const dss_accumulators *a, size_t first, size_t n) {
  for (size_t j = 0; j < n; j++) {
    s->pivot[j] = a->frames.pivot[first + j];
    s->sum[j] = a->columns.block_sum[first + j];
    s->sum_of_squares[j] = a->columns.block_sum_of_squares[first + j];
  }
}

FORCED void store(const slice *s, dss_accumulators *a, size_t first, size_t n) {
  for (size_t j = 0; j < n; j++) {
    a->columns.block_sum[first + j] = s->sum[j];
    a->columns.block_sum_of_squares[first + j] = s->sum_of_squares[j];
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

/* --- counts and histograms ------------------------------------------------------------------- */

/* Some rows of a slice, column by column, and NaN up to a multiple of TOGETHER. */
typedef struct tile {
  size_t rows;
  _Alignas(64) double values[SLICE][TILE + 8]; /* not a power of two apart, for the cache */
} tile;

/* NaN compares false with everything. */
FORCED void count_column(dss_accumulators *a, size_t c, const double *values, size_t rows) {
  dss_columns *columns = &a->columns;
  const numbers zero = {0.0}, own = zero + a->frames.observed[c];
  numbers least = zero + columns->minimum[c], most = zero + columns->maximum[c];
  masks defined = {0}, below = {0}, above = {0}, not_positive = {0};
  for (size_t i = 0; i < rows; i += SIDE) {
    numbers v;
    memcpy(&v, &values[i], sizeof v);
    defined -= v == v;
    below -= v < own;
    above -= v > own;
    not_positive -= v <= zero;
    masks less = v < least;
    masks more = v > most;
    pick(&less, &v, &least);
    pick(&more, &v, &most);
  }
  uint64_t undefined = rows - total(&defined);
  columns->undefined[c] += undefined;
  columns->below[c] += total(&below);
  columns->above[c] += total(&above);
  columns->equal[c] += rows - undefined - total(&below) - total(&above);
  columns->not_positive[c] += total(&not_positive);
  for (int i = 0; i < SIDE; i++) {
    columns->minimum[c] = least[i] < columns->minimum[c] ? least[i] : columns->minimum[c];
    columns->maximum[c] = most[i] > columns->maximum[c] ? most[i] : columns->maximum[c];
  }
}

FORCED void place_column(dss_accumulators *a, size_t c, const double *values, size_t rows) {
  double place[TILE]; /* what compilers make vectors of; the bin's number they would not */
  double low = a->frames.low[c], width = a->frames.width[c];
  uint64_t *histogram = a->histogram + c * (a->n_bins + 2);
  if (!(width > 0.0)) return;
  for (size_t i = 0; i < rows; i++)
    place[i] = dss_histogram_place(low, width, a->n_bins, values[i]);
  for (size_t i = 0; i < rows; i++)
    if (values[i] == values[i]) histogram[dss_histogram_bin(place[i])]++;
}

/* Once a null is some thousands of values long few of them are among its extremes. */
FORCED void keep_extremes(dss_accumulators *a, size_t c, const double *values, size_t rows) {
  double *largest = a->largest + c * DSS_EXTREMES, *smallest = a->smallest + c * DSS_EXTREMES;
  for (size_t first = 0; first < rows; first += TOGETHER) {
    const numbers zero = {0.0}, enough = zero + largest[0], little = zero - smallest[0];
    masks any = {0};
    for (size_t i = first; i < first + TOGETHER; i += SIDE) {
      numbers v;
      memcpy(&v, &values[i], sizeof v);
      any |= (v > enough) | (v < little);
    }
    if (total(&any) == 0) continue;
    for (size_t i = first; i < first + TOGETHER; i++) {
      if (values[i] > largest[0]) dss_extremes_put(largest, values[i]);
      if (-values[i] > smallest[0]) dss_extremes_put(smallest, -values[i]);
    }
  }
}

FORCED void count_tile(dss_accumulators *a, size_t first, size_t n, tile *t) {
  size_t whole = (t->rows + TOGETHER - 1) / TOGETHER * TOGETHER;
  for (size_t j = 0; j < n; j++) {
    double *values = t->values[j];
    for (size_t i = t->rows; i < whole; i++)
      values[i] = NAN;
    count_column(a, first + j, values, whole);
    a->columns.undefined[first + j] -= whole - t->rows;
    place_column(a, first + j, values, t->rows);
    if (a->largest) keep_extremes(a, first + j, values, whole);
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
  tile t;
  load(&s, a, first, n);
  for (uint64_t done = 0; done < rows; done += t.rows) {
    t.rows = rows - done < TILE ? (size_t)(rows - done) : TILE;
    for (uint64_t i = done; i < done + t.rows; i++) {
      const double *row = values + i * a->n_columns + first;
      fetch(values + (i + AHEAD < rows ? i + AHEAD : i) * a->n_columns + first, n);
      sum_row(&s, n, row);
      for (size_t j = 0; j < n; j++)
        t.values[j][i - done] = row[j];
    }
    count_tile(a, first, n, &t);
  }
  store(&s, a, first, n);
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

/* ROWS values of each of n tests, from `end` down. What there is no row for is undefined. */
FORCED void gather_tests(const dss_accumulators *a, size_t end, size_t n, size_t rows,
                         const double *values, double gathered[STAGE][ROWS]) {
  for (size_t k = 0; k < n; k++) {
    const double *column = values + a->order[end - 1 - k];
    for (size_t r = 0; r < ROWS; r++)
      gathered[k][r] = r < rows ? column[r * a->n_columns] : NAN;
  }
}

/* From the last test up, the largest |t| so far against each test's own. A test whose own value is
 * undefined in this resample counts as exceeded; an undefined value adds nothing to the maximum. */
FORCED void add_max_t(const dss_accumulators *a, size_t rows, const double *values,
                      uint64_t *exceeded) {
  double gathered[STAGE][ROWS], largest[ROWS];
  for (size_t r = 0; r < ROWS; r++)
    largest[r] = -1.0;
  for (size_t end = a->n_tested, n; end > 0; end -= n) {
    n = end < STAGE ? end : STAGE;
    gather_tests(a, end, n, rows, values, gathered);
    for (size_t k = 0; k < n; k++) {
      size_t test = end - 1 - k, c = a->order[test];
      double center = a->frames.center[c], scale = a->frames.scale[c];
      const numbers own = (numbers){0.0} + a->observed_t[test];
      double t[ROWS];
      masks count = {0};
      for (size_t r = 0; r < ROWS; r++) {
        double v = gathered[k][r], of_v = dss_studentized(center, scale, v);
        t[r] = v == v ? of_v : -1.0;
        largest[r] = t[r] > largest[r] ? t[r] : largest[r];
      }
      for (size_t r = 0; r < ROWS; r += SIDE) {
        numbers v, most;
        memcpy(&v, &gathered[k][r], sizeof v);
        memcpy(&most, &largest[r], sizeof most);
        count -= (v != v) | (most >= own);
      }
      exceeded[test] += total(&count) - (ROWS - rows);
    }
  }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void
add_max_t_wide(const dss_accumulators *a, size_t rows, const double *values, uint64_t *exceeded) {
  add_max_t(a, rows, values, exceeded);
}
#endif

static void add_maxima(const dss_accumulators *a, size_t rows, const double *values,
                       uint64_t *exceeded) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    add_max_t_wide(a, rows, values, exceeded);
    return;
  }
#endif
  add_max_t(a, rows, values, exceeded);
}

void dss_accumulate(dss_accumulators *a, uint64_t first, uint64_t count, const double *values) {
  int threads = (int)a->threads;
#pragma omp parallel num_threads(threads) if (count * a->n_columns > FEW_VALUES)
  {
    uint64_t *lane = a->lanes + (size_t)omp_get_thread_num() * a->n_tested;
#pragma omp for schedule(dynamic) nowait
    for (size_t c = 0; c < a->n_columns; c += SLICE)
      add_going(a, c, a->n_columns - c < SLICE ? a->n_columns - c : SLICE, first, count, values);
#pragma omp for schedule(dynamic, AT_ONCE) nowait
    for (uint64_t i = 0; i < count; i += ROWS) {
      for (uint64_t r = i + ROWS; r < i + 2 * ROWS && r < count; r++)
        fetch(values + r * a->n_columns, a->n_columns);
      add_maxima(a, count - i < ROWS ? count - i : ROWS, values + i * a->n_columns, lane);
    }
  }
  for (size_t t = 0; t < a->threads; t++)
    for (size_t i = 0; i < a->n_tested; i++) {
      a->max_t[i] += a->lanes[t * a->n_tested + i];
      a->lanes[t * a->n_tested + i] = 0;
    }
  a->resamples += count;
}

/* --- merging -------------------------------------------------------------------------------- */

static void merge_extremes(double *kept, const double *more) {
  for (size_t i = 0; i < DSS_EXTREMES; i++)
    if (more[i] > kept[0]) dss_extremes_put(kept, more[i]);
}

static void merge_moments(dss_columns *to, const dss_columns *from, size_t c) {
  to->minimum[c] = fmin(to->minimum[c], from->minimum[c]);
  to->maximum[c] = fmax(to->maximum[c], from->maximum[c]);
  dss_long_sum_merge(&to->sum[c], &from->sum[c]);
  dss_long_sum_merge(&to->sum_of_squares[c], &from->sum_of_squares[c]);
  to->block_sum[c] += from->block_sum[c]; /* one of them is 0 */
  to->block_sum_of_squares[c] += from->block_sum_of_squares[c];
}

static void merge_column(dss_accumulators *to, const dss_accumulators *from, size_t c) {
  size_t bins = to->n_bins + 2, extremes = c * DSS_EXTREMES;
  to->columns.undefined[c] += from->columns.undefined[c];
  to->columns.below[c] += from->columns.below[c];
  to->columns.equal[c] += from->columns.equal[c];
  to->columns.above[c] += from->columns.above[c];
  to->columns.not_positive[c] += from->columns.not_positive[c];
  merge_moments(&to->columns, &from->columns, c);
  for (size_t i = c * bins; i < (c + 1) * bins; i++)
    to->histogram[i] += from->histogram[i];
  if (!to->largest) return;
  merge_extremes(&to->largest[extremes], &from->largest[extremes]);
  merge_extremes(&to->smallest[extremes], &from->smallest[extremes]);
}

void dss_accumulators_merge(dss_accumulators *a, const dss_accumulators *others) {
  for (size_t c = 0; c < a->n_columns; c++)
    merge_column(a, others, c);
  for (size_t i = 0; i < a->n_tested; i++)
    a->max_t[i] += others->max_t[i];
  a->resamples += others->resamples;
}
