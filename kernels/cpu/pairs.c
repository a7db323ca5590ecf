/* Rater-pair products by BLAS, exactly; where ratings are sparse, by walking (pairs_walk.h).
 *
 * Items that both blocks rated are numbered anew and taken some hundreds at a time: a tile of each
 * layer becomes a dense matrix of floats, and a term one sgemm. A float holds every whole number up
 * to 2^24, so a sum of products is exact, in whatever order BLAS takes it, while the sum of their
 * magnitudes stays within that bound: tiles are cut so that it does, terms of one target are added
 * up in float as long as it does, and then go into 32-bit integers.
 *
 * BLAS is told to use one thread, and our threads call it, each on some rows: they also fill the
 * tiles and add up the sums, and OpenBLAS's own threads would idle next to them. */
#include "pairs_walk.h"

#include <cblas.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* Multiplications by BLAS that take as long as one number of a walk, about (docs/performance.md).
 */
#define STEP_COSTS 100.0

#define EXACT_FLOAT ((uint64_t)1 << 24)

typedef struct block {
  uint32_t first, count;
  float *dense;     /* [n_layers][count][items] */
  uint64_t *cursor; /* [count] the rater's first rating that no tile has taken */
} block;

typedef struct pair_state {
  const dss_pair_problem *problem;
  dss_pair_shape shape;
  unsigned threads, blas_threads;
  uint32_t items;   /* of a tile */
  uint64_t largest; /* magnitude of a product */
  block rows, columns;
  dss_pair_walk *walk;
  float *sums;      /* [rows][columns] */
  uint32_t *number; /* [n_items] among the items of both blocks, UINT32_MAX: not one of them */
} pair_state;

/* --- memory ------------------------------------------------------------------------------ */

static uint64_t times(uint64_t a, uint64_t b) {
  return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static uint64_t plus(uint64_t a, uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t cpu_bytes(const dss_pair_problem *p, const dss_pair_reading *reading,
                          const dss_pair_shape *shape, const dss_resources *resources) {
  uint64_t raters = (uint64_t)shape->rows + shape->columns;
  uint64_t dense = times(times(raters, p->n_layers), times(shape->items, sizeof(float)));
  uint64_t sums = times(times(shape->rows, shape->columns), sizeof(float));
  return plus(plus(plus(dense, sums), dss_pair_walk_bytes(p)),
              plus(times(p->n_items, sizeof(uint32_t)), times(raters, sizeof(uint64_t))));
}

/* How many threads of ours may be in BLAS at once. An OpenBLAS built without threads has no locks.
 */
static unsigned blas_threads(unsigned threads) {
  openblas_set_num_threads(1);
  return openblas_get_parallel() == OPENBLAS_SEQUENTIAL ? 1 : threads;
}

static void cpu_close(void *state) {
  pair_state *s = state;
  if (!s) return;
  free(s->rows.dense);
  free(s->columns.dense);
  free(s->rows.cursor);
  free(s->columns.cursor);
  free(s->sums);
  free(s->number);
  dss_pair_walk_free(s->walk);
  free(s);
}

static uint64_t largest_product(const dss_pair_problem *p) {
  uint64_t largest = 1;
  for (size_t i = 0; i < (size_t)p->n_layers * p->n_levels; i++) {
    uint64_t magnitude = (uint64_t)abs(p->layers[i]);
    if (magnitude * magnitude > largest) largest = magnitude * magnitude;
  }
  return largest;
}

static bool make_block(block *b, const dss_pair_problem *p, uint32_t raters, uint32_t items) {
  b->dense = calloc((size_t)p->n_layers * raters * items, sizeof *b->dense);
  b->cursor = calloc(raters, sizeof *b->cursor);
  return b->dense && b->cursor;
}

static dss_status cpu_open(const dss_pair_problem *p, const dss_pair_reading *reading,
                           const dss_pair_shape *shape, const dss_resources *resources,
                           void **state) {
  if (cpu_bytes(p, reading, shape, resources) > SIZE_MAX / 2) return DSS_ERR_MEMORY;
  pair_state *s = calloc(1, sizeof *s);
  if (!s) return DSS_ERR_MEMORY;
  *s = (pair_state){.problem = p,
                    .shape = *shape,
                    .threads = resources->threads,
                    .blas_threads = blas_threads(resources->threads)};
  s->largest = largest_product(p);
  uint64_t exact = EXACT_FLOAT / s->largest;
  s->items = shape->items < exact ? shape->items : (uint32_t)exact;
  s->sums = calloc((size_t)shape->rows * shape->columns, sizeof *s->sums);
  s->number = calloc(p->n_items, sizeof *s->number);
  s->walk = dss_pair_walk_new(p);
  if (!make_block(&s->rows, p, shape->rows, s->items) ||
      !make_block(&s->columns, p, shape->columns, s->items) || !s->sums || !s->number || !s->walk) {
    cpu_close(s);
    return DSS_ERR_MEMORY;
  }
  *state = s;
  return DSS_OK;
}

/* --- tiles of items ------------------------------------------------------------------------ */

/* Marks the block's items with a bit. */
static void mark_items(pair_state *s, const block *b, uint32_t bit) {
  const dss_pair_problem *p = s->problem;
  for (uint64_t i = p->rater_ptr[b->first]; i < p->rater_ptr[b->first + b->count]; i++)
    s->number[p->item[i]] |= bit;
}

/* Numbers the items that both blocks rated, in their order; returns how many there are. */
static uint32_t number_items(pair_state *s) {
  uint32_t n = 0;
  memset(s->number, 0, s->problem->n_items * sizeof *s->number);
  mark_items(s, &s->rows, 1);
  mark_items(s, &s->columns, 2);
  for (uint32_t u = 0; u < s->problem->n_items; u++)
    s->number[u] = s->number[u] == 3 ? n++ : UINT32_MAX;
  return n;
}

/* Row `at` of every layer: its rater's ratings of items first .. first + count - 1. */
static void fill_rater(const pair_state *s, block *b, uint32_t at, uint32_t first, uint32_t count) {
  const dss_pair_problem *p = s->problem;
  size_t plane = (size_t)b->count * count, row = (size_t)at * count;
  uint64_t i = b->cursor[at], end = p->rater_ptr[b->first + at + 1];
  for (uint32_t l = 0; l < p->n_layers; l++)
    memset(b->dense + l * plane + row, 0, count * sizeof *b->dense);
  for (; i < end; i++) {
    uint32_t u = s->number[p->item[i]];
    if (u == UINT32_MAX) continue;
    if (u >= first + count) break;
    for (uint32_t l = 0; l < p->n_layers; l++)
      b->dense[l * plane + row + (u - first)] =
          (float)p->layers[(size_t)l * p->n_levels + p->code[i]];
  }
  b->cursor[at] = i;
}

static void fill_block(const pair_state *s, block *b, uint32_t first, uint32_t count) {
#pragma omp for schedule(static)
  for (uint32_t at = 0; at < b->count; at++)
    fill_rater(s, b, at, first, count);
}

/* --- products ------------------------------------------------------------------------------ */

static void add_sums(const float *sums, size_t count, int32_t *out) {
  for (size_t i = 0; i < count; i++)
    out[i] += (int32_t)sums[i];
}

/* Every term on rows [from, to) of the tile's block. */
static void multiply(pair_state *s, const block *columns, uint32_t from, uint32_t to,
                     uint32_t items, int32_t *out) {
  const dss_pair_problem *p = s->problem;
  uint32_t rows = s->rows.count, width = columns->count;
  size_t plane = (size_t)rows * width, start = (size_t)from * width;
  uint64_t bound = items * s->largest, held = 0;
  float *sums = s->sums + start;
  for (uint32_t i = 0; i < p->n_terms; i++) {
    const dss_pair_term *t = &p->terms[i];
    const float *a = s->rows.dense + ((size_t)t->row * rows + from) * items;
    const float *b = columns->dense + (size_t)t->column * width * items;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)(to - from), (blasint)width,
                (blasint)items, 1.0f, a, (blasint)items, b, (blasint)items, held ? 1.0f : 0.0f,
                sums, (blasint)width);
    held += bound;
    bool goes_on = i + 1 < p->n_terms && p->terms[i + 1].target == t->target;
    if (goes_on && held + bound <= EXACT_FLOAT) continue;
    add_sums(sums, (size_t)(to - from) * width, out + t->target * plane + start);
    held = 0;
  }
}

static void begin_block(const pair_state *s, block *b, uint32_t first, uint32_t count) {
  b->first = first;
  b->count = count;
  for (uint32_t r = 0; r < count; r++)
    b->cursor[r] = s->problem->rater_ptr[first + r];
}

static void run_tile(pair_state *s, bool same, uint32_t first, uint32_t count, int32_t *out) {
  block *columns = same ? &s->rows : &s->columns;
#pragma omp parallel num_threads(s->blas_threads)
  {
    uint32_t n = (uint32_t)omp_get_num_threads(), i = (uint32_t)omp_get_thread_num();
    uint32_t from = (uint32_t)((uint64_t)s->rows.count * i / n);
    uint32_t to = (uint32_t)((uint64_t)s->rows.count * (i + 1) / n);
    fill_block(s, &s->rows, first, count);
    if (!same) fill_block(s, columns, first, count);
    if (from < to) multiply(s, columns, from, to, count, out);
  }
}

static dss_status cpu_product(void *state, const dss_pair_part *part, int32_t *out) {
  pair_state *s = state;
  uint32_t first_row = part->first_row, rows = part->rows, columns = part->columns;
  bool same = first_row == part->first_column && rows == columns;
  memset(out, 0, (size_t)s->problem->n_targets * rows * columns * sizeof *out);
  begin_block(s, &s->rows, first_row, rows);
  begin_block(s, &s->columns, part->first_column, columns);
  uint32_t items = number_items(s);
  double multiplied = (double)s->problem->n_terms * rows * columns * items;
  if (dss_pair_walk_steps(s->walk, first_row, rows, columns) * STEP_COSTS < multiplied) {
    dss_pair_walk_product(s->walk, s->threads, first_row, rows, part->first_column, columns, out);
    return DSS_OK;
  }
  for (uint32_t first = 0; first < items; first += s->items)
    run_tile(s, same, first, items - first < s->items ? items - first : s->items, out);
  return DSS_OK;
}

/* --- forms ------------------------------------------------------------------------------- */

/* Doubles in a row of one thread's labels: as many arrangements at once as fit. */
enum { FORM_WIDTH = 512 };

typedef struct forms_state {
  unsigned blas_threads;
  size_t labels_room, sums_room; /* doubles a thread */
  double *labels, *sums;
  const uint32_t *sources;
} forms_state;

/* Arrangements that one product takes. */
static uint32_t at_once(const dss_pair_forms *f) {
  uint32_t width = dss_pair_forms_width(f);
  uint32_t n = width < FORM_WIDTH ? FORM_WIDTH / width : 1;
  return n < f->batch ? n : f->batch;
}

static uint64_t labels_width(const dss_pair_forms *f) {
  uint64_t width = dss_pair_forms_width(f);
  return width > FORM_WIDTH ? width : FORM_WIDTH;
}

static uint64_t cpu_forms_bytes(const dss_pair_forms *largest, const dss_resources *resources) {
  uint64_t raters = (uint64_t)largest->rows + largest->columns;
  return times(times(resources->threads, raters), times(labels_width(largest), sizeof(double)));
}

static void cpu_forms_close(void *state) {
  forms_state *s = state;
  if (!s) return;
  free(s->labels);
  free(s->sums);
  free(s);
}

static dss_status cpu_forms_open(const dss_pair_forms *largest, const dss_resources *resources,
                                 void **state) {
  unsigned threads = resources->threads;
  if (cpu_forms_bytes(largest, resources) > SIZE_MAX / 2) return DSS_ERR_MEMORY;
  forms_state *s = calloc(1, sizeof *s);
  if (!s) return DSS_ERR_MEMORY;
  s->blas_threads = blas_threads(threads);
  s->labels_room = (size_t)labels_width(largest) * largest->columns;
  s->sums_room = (size_t)labels_width(largest) * largest->rows;
  s->labels = calloc(threads * s->labels_room, sizeof *s->labels);
  s->sums = calloc(threads * s->sums_room, sizeof *s->sums);
  if (!s->labels || !s->sums) {
    cpu_forms_close(s);
    return DSS_ERR_MEMORY;
  }
  *state = s;
  return DSS_OK;
}

static dss_status cpu_forms_deal(void *state, const uint32_t *sources, uint32_t batch) {
  ((forms_state *)state)->sources = sources;
  return DSS_OK;
}

/* One-hot labels [columns][count][width] of arrangements first .. first + count - 1. */
static void one_hot(const dss_pair_forms *f, const uint32_t *sources, uint32_t first,
                    uint32_t count, double *labels) {
  size_t width = dss_pair_forms_width(f), row = count * width;
  memset(labels, 0, f->columns * row * sizeof *labels);
  for (uint32_t b = 0; b < count; b++)
    for (uint32_t s = 0; s < f->columns; s++) {
      int32_t label = dss_pair_label(f, sources, first + b, f->first_column + s);
      if (label < 0) continue;
      labels[s * row + b * width + (uint32_t)label] = 1.0;
      if (f->with_known) labels[s * row + b * width + f->n_groups] = 1.0;
    }
}

/* A row counts in the group of its own label. */
static void reduce(const dss_pair_forms *f, const uint32_t *sources, uint32_t first, uint32_t count,
                   const double *sums, uint64_t *out) {
  size_t width = dss_pair_forms_width(f), row = count * width;
  for (uint32_t r = 0; r < f->rows; r++)
    for (uint32_t b = 0; b < count; b++) {
      int32_t label = dss_pair_label(f, sources, first + b, f->first_row + r);
      if (label < 0) continue;
      const double *of_row = sums + r * row + b * width;
      out[b * width + (uint32_t)label] += (uint64_t)of_row[label];
      if (f->with_known) out[b * width + f->n_groups] += (uint64_t)of_row[f->n_groups];
    }
}

static dss_status cpu_forms(void *state, const dss_pair_forms *f, uint64_t *out) {
  forms_state *s = state;
  size_t width = dss_pair_forms_width(f);
  uint32_t step = at_once(f);
  memset(out, 0, (size_t)f->n_matrices * f->batch * width * sizeof *out);
#pragma omp parallel for num_threads(s->blas_threads) schedule(dynamic)
  for (uint32_t first = 0; first < f->batch; first += step) {
    size_t thread = (size_t)omp_get_thread_num();
    uint32_t count = f->batch - first < step ? f->batch - first : step;
    double *labels = s->labels + thread * s->labels_room, *sums = s->sums + thread * s->sums_room;
    blasint row = (blasint)(count * width);
    one_hot(f, s->sources, first, count, labels);
    for (uint32_t m = 0; m < f->n_matrices; m++) {
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)f->rows, row,
                  (blasint)f->columns, 1.0, f->matrices[m], (blasint)f->columns, labels, row, 0.0,
                  sums, row);
      reduce(f, s->sources, first, count, sums, out + ((size_t)m * f->batch + first) * width);
    }
  }
  return DSS_OK;
}

const dss_pair_backend dss_pair_backend_cpu = {
    .name = "cpu",
    .most_columns = 2048,
    .bytes = cpu_bytes,
    .open = cpu_open,
    .product = cpu_product,
    .close = cpu_close,
    .most_batch = 256,
    .forms_bytes = cpu_forms_bytes,
    .forms_open = cpu_forms_open,
    .forms_deal = cpu_forms_deal,
    .forms = cpu_forms,
    .forms_close = cpu_forms_close,
};
