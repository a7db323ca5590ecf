#include "part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

uint64_t dss_cu_blocks(uint64_t begin, uint64_t count) {
  return (begin + count - 1) / DSS_MOMENT_BLOCK - begin / DSS_MOMENT_BLOCK + 1;
}

/* Hands out places of a block of memory, each a multiple of 8 from its beginning. */
typedef struct places {
  unsigned char *memory; /* NULL: counts only */
  uint64_t used;
} places;

static void *place(places *p, uint64_t count, size_t size) {
  void *at = p->memory ? p->memory + p->used : NULL;
  p->used += (count * size + 7) / 8 * 8;
  return at;
}

#define PLACE(p, n, field) (field) = place(p, n, sizeof *(field))

/* The arrays of a part, one after the other; p->used becomes their size. */
static dss_cu_part lay_out(const dss_accumulators *a, uint64_t n_blocks, places *p) {
  dss_cu_part part = {
      .n_columns = (uint32_t)a->n_columns, .n_bins = a->n_bins, .n_tested = (uint32_t)a->n_tested};
  uint64_t n = a->n_columns, blocks = n * n_blocks, tests = a->n_tested;
  PLACE(p, n, part.observed);
  PLACE(p, n, part.pivot);
  PLACE(p, n, part.low);
  PLACE(p, n, part.width);
  PLACE(p, n, part.block_sum);
  PLACE(p, n, part.block_sum_of_squares);
  PLACE(p, n, part.undefined);
  PLACE(p, n, part.below);
  PLACE(p, n, part.equal);
  PLACE(p, n, part.above);
  PLACE(p, n, part.not_positive);
  PLACE(p, n * (a->n_bins + 2), part.histogram);
  PLACE(p, blocks, part.sum);
  PLACE(p, blocks, part.sum_of_squares);
  PLACE(p, blocks, part.minimum);
  PLACE(p, blocks, part.maximum);
  PLACE(p, tests, part.order);
  PLACE(p, tests, part.observed_t);
  PLACE(p, tests, part.center);
  PLACE(p, tests, part.scale);
  PLACE(p, tests, part.max_t);
  if (a->largest) {
    PLACE(p, n, part.enough);
    PLACE(p, n, part.little);
    PLACE(p, n * DSS_EXTREMES, part.largest);
    PLACE(p, n * DSS_EXTREMES, part.smallest);
  }
  if (a->stop_after > 0) {
    PLACE(p, n, part.stopped);
    PLACE(p, n, part.ge_left);
    PLACE(p, n, part.le_left);
    PLACE(p, n, part.ge_at);
    PLACE(p, n, part.le_at);
  }
  return part;
}

uint64_t dss_cu_image_bytes(const dss_accumulators *a, uint64_t n_blocks) {
  places p = {NULL, 0};
  lay_out(a, n_blocks, &p);
  return p.used;
}

/* Arrays that kernels only read are written through these. */
static void put(const double *to, const double *from, size_t n) {
  memcpy((double *)to, from, n * sizeof *from);
}

static void frame_tests(const dss_accumulators *a, dss_cu_part *part) {
  uint32_t *order = (uint32_t *)part->order;
  double *center = (double *)part->center, *scale = (double *)part->scale;
  put(part->observed_t, a->observed_t, a->n_tested);
  for (size_t i = 0; i < a->n_tested; i++) {
    order[i] = (uint32_t)a->order[i];
    center[i] = a->frames.center[a->order[i]];
    scale[i] = a->frames.scale[a->order[i]];
  }
}

static void frame_extremes(const dss_accumulators *a, dss_cu_part *part) {
  double *enough = (double *)part->enough, *little = (double *)part->little;
  for (size_t c = 0; c < a->n_columns; c++) {
    enough[c] = a->largest[c * DSS_EXTREMES];
    little[c] = a->smallest[c * DSS_EXTREMES];
  }
  for (size_t i = 0; i < a->n_columns * DSS_EXTREMES; i++)
    part->largest[i] = part->smallest[i] = -INFINITY;
}

static void frame_stops(const dss_accumulators *a, dss_cu_part *part) {
  uint8_t *stopped = (uint8_t *)part->stopped;
  for (size_t c = 0; c < a->n_columns; c++) {
    const dss_columns *columns = &a->columns;
    uint64_t both = columns->equal[c] + columns->undefined[c];
    bool untested = isnan(a->frames.observed[c]);
    stopped[c] = a->stopped[c] != 0;
    part->ge_left[c] =
        untested || a->ge_at[c] ? UINT64_MAX : a->stop_after - (columns->above[c] + both);
    part->le_left[c] =
        untested || a->le_at[c] ? UINT64_MAX : a->stop_after - (columns->below[c] + both);
  }
}

bool dss_cu_image_make(const dss_accumulators *a, uint64_t begin, uint64_t count,
                       dss_cu_image *image) {
  uint64_t n_blocks = dss_cu_blocks(begin, count);
  *image = (dss_cu_image){.bytes = dss_cu_image_bytes(a, n_blocks), .begin = begin, .count = count};
  image->memory = calloc(image->bytes + 1, 1);
  if (!image->memory) return false;
  places p = {image->memory, 0};
  image->part = lay_out(a, n_blocks, &p);
  put(image->part.observed, a->frames.observed, a->n_columns);
  put(image->part.pivot, a->frames.pivot, a->n_columns);
  put(image->part.low, a->frames.low, a->n_columns);
  put(image->part.width, a->frames.width, a->n_columns);
  put(image->part.block_sum, a->columns.block_sum, a->n_columns);
  put(image->part.block_sum_of_squares, a->columns.block_sum_of_squares, a->n_columns);
  frame_tests(a, &image->part);
  if (a->largest) frame_extremes(a, &image->part);
  if (a->stop_after > 0) frame_stops(a, &image->part);
  return true;
}

/* The same distance from another beginning. */
#define MOVE(field)                                                                                \
  if (part.field)                                                                                  \
  part.field = (void *)((unsigned char *)memory + ((unsigned char *)part.field - image->memory))

dss_cu_part dss_cu_part_at(const dss_cu_image *image, void *memory) {
  dss_cu_part part = image->part;
  MOVE(observed);
  MOVE(pivot);
  MOVE(low);
  MOVE(width);
  MOVE(block_sum);
  MOVE(block_sum_of_squares);
  MOVE(undefined);
  MOVE(below);
  MOVE(equal);
  MOVE(above);
  MOVE(not_positive);
  MOVE(histogram);
  MOVE(sum);
  MOVE(sum_of_squares);
  MOVE(minimum);
  MOVE(maximum);
  MOVE(order);
  MOVE(observed_t);
  MOVE(center);
  MOVE(scale);
  MOVE(max_t);
  MOVE(enough);
  MOVE(little);
  MOVE(largest);
  MOVE(smallest);
  MOVE(stopped);
  MOVE(ge_left);
  MOVE(le_left);
  MOVE(ge_at);
  MOVE(le_at);
  return part;
}

/* --- adding ----------------------------------------------------------------------------------- */

static bool goes_on(const dss_accumulators *a, size_t c) {
  return a->stop_after == 0 || a->stopped[c] == 0;
}

static void merge_counts(dss_accumulators *a, const dss_cu_part *part, size_t c) {
  dss_columns *columns = &a->columns;
  size_t bins = a->n_bins + 2;
  columns->undefined[c] += part->undefined[c];
  columns->below[c] += part->below[c];
  columns->equal[c] += part->equal[c];
  columns->above[c] += part->above[c];
  columns->not_positive[c] += part->not_positive[c];
  for (size_t i = c * bins; i < (c + 1) * bins; i++)
    a->histogram[i] += part->histogram[i];
}

/* Blocks in their order; the last one stays under way unless it is whole. */
static void merge_moments(dss_accumulators *a, const dss_cu_image *image, size_t c) {
  const dss_cu_part *part = &image->part;
  dss_columns *columns = &a->columns;
  uint64_t n_blocks = dss_cu_blocks(image->begin, image->count);
  uint64_t first = image->begin / DSS_MOMENT_BLOCK, end = image->begin + image->count;
  for (uint64_t j = 0; j < n_blocks; j++) {
    uint64_t at = j * a->n_columns + c;
    columns->block_sum[c] = part->sum[at];
    columns->block_sum_of_squares[c] = part->sum_of_squares[at];
    columns->minimum[c] = fmin(columns->minimum[c], part->minimum[at]);
    columns->maximum[c] = fmax(columns->maximum[c], part->maximum[at]);
    if (end >= (first + j + 1) * DSS_MOMENT_BLOCK) dss_columns_end_block(columns, c, c + 1);
  }
}

static void merge_extremes(double *kept, const double *more) {
  for (size_t i = 0; i < DSS_EXTREMES; i++)
    if (more[i] > kept[0]) dss_extremes_put(kept, more[i]);
}

static void merge_stops(dss_accumulators *a, const dss_cu_part *part, size_t c) {
  if (part->ge_at[c]) a->ge_at[c] = a->resamples + part->ge_at[c];
  if (part->le_at[c]) a->le_at[c] = a->resamples + part->le_at[c];
}

void dss_cu_merge(dss_accumulators *a, const dss_cu_image *image) {
  const dss_cu_part *part = &image->part;
  for (size_t c = 0; c < a->n_columns; c++) {
    if (!goes_on(a, c)) continue;
    merge_counts(a, part, c);
    merge_moments(a, image, c);
    if (a->stop_after > 0) merge_stops(a, part, c);
    if (!a->largest) continue;
    merge_extremes(&a->largest[c * DSS_EXTREMES], &part->largest[c * DSS_EXTREMES]);
    merge_extremes(&a->smallest[c * DSS_EXTREMES], &part->smallest[c * DSS_EXTREMES]);
  }
  for (size_t i = 0; i < a->n_tested; i++)
    a->max_t[i] += part->max_t[i];
  a->resamples += image->count;
}
