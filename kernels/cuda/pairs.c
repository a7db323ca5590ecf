/* Rater-pair matrices on a GPU: int8 products into int32 by cuBLAS, exact in any order. The ratings
 * go to the device once. A product numbers the items that both blocks rated, as the cpu's does,
 * fills the layers of some of them at a time, and adds up every term in its target. One GPU: the
 * one asked for, or the first that is usable. */
#include "kernels/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "blas.h"
#include "devices.h"
#include "gpu.h"
#include "pairs.h"
#include "trouble.h"

/* Of the layers of both blocks at once, or half of what is free; items come in as many tiles as
 * that asks for. */
#define LAYER_BYTES ((uint64_t)1 << 30)
#define MEBIBYTE ((uint64_t)1 << 20)
enum { ITEM_STEP = 16, COLUMN_STEP = 4, MOST_ITEMS = 1 << 20, SMALLEST_SIDE = 16 };

/* Memory of a device. */
typedef struct device_memory {
  int device;
  cudaStream_t stream; /* on which it is filled */
  uint64_t most, held; /* bytes; most is 0 where nobody set a limit */
  void *taken[10];
  size_t n_taken;
} device_memory;

typedef struct pair_state {
  const dss_pair_problem *problem;
  dss_pair_shape shape;
  device_memory memory;
  uint32_t items; /* of a tile */
  const dss_cu_blas *blas;
  cublasHandle_t handle;
  dss_cu_pair_ratings ratings;
  uint32_t *number;        /* [n_items] on the host */
  uint32_t *device_number; /* the same on the device */
  int8_t *row_layers, *column_layers;
  int32_t *sums, *padded; /* [n_targets][rows][columns, padded] on the device, on the host */
} pair_state;

static uint64_t up(uint64_t n, uint64_t step) {
  return (n + step - 1) / step * step;
}

/* What more may be taken. */
static dss_status room_left(const device_memory *m, uint64_t *bytes) {
  DSS_CU_TRY(dss_cu_budget(0, bytes));
  if (m->most > 0 && m->most - m->held < *bytes) *bytes = m->most - m->held;
  return DSS_OK;
}

static dss_status take(device_memory *m, uint64_t bytes, const char *what, void **memory) {
  *memory = NULL;
  bool allowed = m->most == 0 || bytes <= m->most - m->held;
  cudaError_t error =
      allowed ? cudaMalloc(memory, bytes > 0 ? bytes : 1) : cudaErrorMemoryAllocation;
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    return dss_cu_fail(DSS_ERR_MEMORY, "GPU %d has no room for %s: %s", m->device, what,
                       dss_cu_bytes(bytes).text);
  }
  DSS_CU_TRY(dss_cu_check(error, what));
  m->held += bytes;
  m->taken[m->n_taken++] = *memory;
  return DSS_OK;
}

static dss_status send(device_memory *m, const void *from, uint64_t bytes, const char *what,
                       const void **to) {
  void *memory;
  DSS_CU_TRY(take(m, bytes, what, &memory));
  *to = memory;
  DSS_CU_TRY(
      dss_cu_check(cudaMemcpyAsync(memory, from, bytes, cudaMemcpyHostToDevice, m->stream), what));
  return dss_cu_check(cudaStreamSynchronize(m->stream), what);
}

/* The device that the resources allow. */
static dss_status open_memory(const dss_resources *resources, device_memory *m) {
  int numbers[DSS_CU_MOST_DEVICES];
  size_t n;
  bool absent;
  DSS_CU_TRY(dss_cu_usable(resources, 1, numbers, &n, &absent));
  m->device = numbers[0];
  m->most = resources->device_bytes;
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(m->device), "opening the GPU"));
  return dss_cu_check(cudaStreamCreateWithFlags(&m->stream, cudaStreamNonBlocking),
                      "opening the GPU");
}

static void close_memory(device_memory *m) {
  cudaSetDevice(m->device);
  while (m->n_taken > 0)
    cudaFree(m->taken[--m->n_taken]);
  if (m->stream) cudaStreamDestroy(m->stream);
  cudaGetLastError(); /* a device that was lost has nothing to give back */
}

/* --- opening ---------------------------------------------------------------------------------- */

static dss_status pair_ready(const dss_resources *resources, bool *absent) {
  int numbers[DSS_CU_MOST_DEVICES];
  size_t n;
  dss_cu_forget_trouble();
  return dss_cu_usable(resources, 1, numbers, &n, absent);
}

/* Whether the device has so many bytes. Where it cannot be asked, open will say why. */
static bool device_has(const dss_resources *resources, uint64_t bytes) {
  int numbers[DSS_CU_MOST_DEVICES];
  size_t n;
  bool absent;
  uint64_t room;
  if (dss_cu_usable(resources, 1, numbers, &n, &absent) != DSS_OK ||
      cudaSetDevice(numbers[0]) != cudaSuccess ||
      dss_cu_budget(resources->device_bytes, &room) != DSS_OK)
    return true;
  return bytes <= room;
}

/* On the device, with layers of the fewest items. */
static uint64_t pair_device_bytes(const dss_pair_problem *p, const dss_pair_shape *shape) {
  uint64_t columns = up(shape->columns, COLUMN_STEP), ratings = p->rater_ptr[p->n_raters];
  return ratings * (sizeof *p->item + sizeof *p->code) + p->n_items * sizeof(uint32_t) +
         ((uint64_t)p->n_raters + 1) * sizeof *p->rater_ptr + (uint64_t)p->n_layers * p->n_levels +
         (uint64_t)p->n_targets * shape->rows * columns * sizeof(int32_t) +
         2 * (uint64_t)p->n_layers * (shape->rows + columns) * ITEM_STEP;
}

/* On the host: numbers of items, and sums whose columns are padded. More than there is where the
 * device has no room for so large a tile, so that the caller tries a smaller one; the smallest is
 * for open to refuse. */
static uint64_t pair_bytes(const dss_pair_problem *p, const dss_pair_shape *shape,
                           const dss_resources *resources) {
  uint64_t columns = up(shape->columns, COLUMN_STEP);
  if (shape->rows > SMALLEST_SIDE && !device_has(resources, pair_device_bytes(p, shape)))
    return UINT64_MAX;
  return p->n_items * sizeof(uint32_t) +
         (uint64_t)p->n_targets * shape->rows * columns * sizeof(int32_t);
}

static void pair_close(void *state) {
  pair_state *s = state;
  if (!s) return;
  cudaSetDevice(s->memory.device);
  if (s->handle) s->blas->destroy(s->handle);
  close_memory(&s->memory);
  free(s->number);
  free(s->padded);
  free(s);
}

static dss_status send_problem(pair_state *s) {
  const dss_pair_problem *p = s->problem;
  uint64_t n = p->rater_ptr[p->n_raters];
  const void *ptr, *item, *code, *layers;
  DSS_CU_TRY(send(&s->memory, p->rater_ptr, ((uint64_t)p->n_raters + 1) * sizeof *p->rater_ptr,
                  "raters", &ptr));
  DSS_CU_TRY(send(&s->memory, p->item, n * sizeof *p->item, "ratings", &item));
  DSS_CU_TRY(send(&s->memory, p->code, n, "ratings", &code));
  DSS_CU_TRY(send(&s->memory, p->layers, (uint64_t)p->n_layers * p->n_levels, "layers", &layers));
  s->ratings = (dss_cu_pair_ratings){.rater_ptr = ptr,
                                     .item = item,
                                     .code = code,
                                     .layers = layers,
                                     .n_levels = p->n_levels,
                                     .n_layers = p->n_layers};
  return DSS_OK;
}

/* As many items at once as the layers' share of memory holds. */
static uint32_t tile_items(const pair_state *s, uint64_t free_bytes) {
  uint64_t raters = (uint64_t)s->shape.rows + up(s->shape.columns, COLUMN_STEP);
  uint64_t bytes = free_bytes / 2 < LAYER_BYTES ? free_bytes / 2 : LAYER_BYTES;
  uint64_t items = bytes / (raters * s->problem->n_layers) / ITEM_STEP * ITEM_STEP;
  uint64_t all = up(s->problem->n_items, ITEM_STEP);
  if (items > all) items = all;
  if (items > MOST_ITEMS) items = MOST_ITEMS;
  return items < ITEM_STEP ? ITEM_STEP : (uint32_t)items;
}

static dss_status take_blocks(pair_state *s) {
  const dss_pair_problem *p = s->problem;
  uint64_t columns = up(s->shape.columns, COLUMN_STEP), room;
  uint64_t sums = (uint64_t)p->n_targets * s->shape.rows * columns;
  s->number = calloc((size_t)p->n_items + 1, sizeof *s->number);
  s->padded = calloc(sums + 1, sizeof *s->padded);
  if (!s->number || !s->padded) return DSS_ERR_MEMORY;
  DSS_CU_TRY(take(&s->memory, p->n_items * sizeof *s->number, "items", (void **)&s->device_number));
  DSS_CU_TRY(take(&s->memory, sums * sizeof *s->sums, "sums", (void **)&s->sums));
  DSS_CU_TRY(room_left(&s->memory, &room));
  s->items = tile_items(s, room);
  DSS_CU_TRY(take(&s->memory, (uint64_t)p->n_layers * s->shape.rows * s->items, "layers",
                  (void **)&s->row_layers));
  return take(&s->memory, p->n_layers * columns * s->items, "layers", (void **)&s->column_layers);
}

/* The smallest side, or batch, was tried last: where that does not fit, nothing does. */
static dss_status check_room(const device_memory *memory, const char *what, uint64_t needed) {
  uint64_t room;
  DSS_CU_TRY(room_left(memory, &room));
  if (needed <= room) return DSS_OK;
  return dss_cu_fail(DSS_ERR_MEMORY, "%s %lu MiB of GPU memory, and may use %s", what,
                     (unsigned long)((needed + MEBIBYTE - 1) / MEBIBYTE), dss_cu_bytes(room).text);
}

static dss_status open_pairs(pair_state *s, const dss_resources *resources) {
  DSS_CU_TRY(open_memory(resources, &s->memory));
  DSS_CU_TRY(check_room(&s->memory, "the pairs need", pair_device_bytes(s->problem, &s->shape)));
  DSS_CU_TRY(dss_cu_load_blas(&s->blas));
  DSS_CU_TRY(dss_cu_check_blas(s->blas, s->blas->create(&s->handle), "starting cuBLAS"));
  DSS_CU_TRY(dss_cu_check_blas(s->blas, s->blas->set_stream(s->handle, s->memory.stream),
                               "starting cuBLAS"));
  DSS_CU_TRY(send_problem(s));
  return take_blocks(s);
}

static dss_status pair_open(const dss_pair_problem *p, const dss_pair_shape *shape,
                            const dss_resources *resources, void **state) {
  dss_cu_forget_trouble();
  pair_state *s = calloc(1, sizeof *s);
  if (!s) return DSS_ERR_MEMORY;
  s->problem = p;
  s->shape = *shape;
  dss_status status = open_pairs(s, resources);
  if (status != DSS_OK) {
    pair_close(s);
    return status;
  }
  *state = s;
  return DSS_OK;
}

/* --- products --------------------------------------------------------------------------------- */

static void mark_items(pair_state *s, uint32_t first, uint32_t n, uint32_t bit) {
  const dss_pair_problem *p = s->problem;
  for (uint64_t i = p->rater_ptr[first]; i < p->rater_ptr[first + n]; i++)
    s->number[p->item[i]] |= bit;
}

/* Numbers the items that both blocks rated, in their order; returns how many there are. */
static uint32_t number_items(pair_state *s, const dss_cu_pair_block *rows,
                             const dss_cu_pair_block *columns) {
  uint32_t n = 0;
  memset(s->number, 0, s->problem->n_items * sizeof *s->number);
  mark_items(s, rows->first_rater, rows->n_raters, 1);
  mark_items(s, columns->first_rater, columns->n_raters, 2);
  for (uint32_t u = 0; u < s->problem->n_items; u++)
    s->number[u] = s->number[u] == 3 ? n++ : UINT32_MAX;
  return n;
}

/* Every term on the items whose layers are there. */
static dss_status multiply(pair_state *s, const dss_cu_pair_block *rows,
                           const dss_cu_pair_block *columns, bool begun) {
  const dss_pair_problem *p = s->problem;
  uint64_t row_plane = (uint64_t)rows->n_rows * rows->items;
  uint64_t column_plane = (uint64_t)columns->n_rows * columns->items;
  uint64_t target_plane = (uint64_t)rows->n_rows * columns->n_rows;
  for (uint32_t i = 0; i < p->n_terms; i++) {
    const dss_pair_term *t = &p->terms[i];
    bool more = begun || (i > 0 && p->terms[i - 1].target == t->target);
    cublasStatus_t status = dss_cu_multiply(s->blas, s->handle, columns->n_rows, rows->n_rows,
                                            rows->items, columns->matrix + t->column * column_plane,
                                            columns->items, rows->matrix + t->row * row_plane,
                                            rows->items, s->sums + t->target * target_plane, more);
    DSS_CU_TRY(dss_cu_check_blas(s->blas, status, "multiplying by cuBLAS"));
  }
  return DSS_OK;
}

static dss_status run_tiles(pair_state *s, dss_cu_pair_block *rows, dss_cu_pair_block *columns,
                            uint32_t n_items) {
  for (uint32_t first = 0; first < n_items; first += s->items) {
    uint32_t left = n_items - first;
    rows->first = columns->first = first;
    rows->items = columns->items = left < s->items ? (uint32_t)up(left, ITEM_STEP) : s->items;
    DSS_CU_TRY(
        dss_cu_check(dss_cu_fill_pairs(&s->ratings, s->device_number, rows, s->memory.stream),
                     "filling layers"));
    DSS_CU_TRY(
        dss_cu_check(dss_cu_fill_pairs(&s->ratings, s->device_number, columns, s->memory.stream),
                     "filling layers"));
    DSS_CU_TRY(multiply(s, rows, columns, first > 0));
  }
  return DSS_OK;
}

/* Sums from the device, without the columns that only pad. */
static dss_status fetch(pair_state *s, uint32_t rows, uint32_t columns, uint32_t padded,
                        int32_t *out) {
  uint64_t n = (uint64_t)s->problem->n_targets * rows;
  int32_t *to = columns == padded ? out : s->padded;
  DSS_CU_TRY(dss_cu_check(cudaMemcpyAsync(to, s->sums, n * padded * sizeof *to,
                                          cudaMemcpyDeviceToHost, s->memory.stream),
                          "copying sums from the GPU"));
  DSS_CU_TRY(dss_cu_check(cudaStreamSynchronize(s->memory.stream), "computing products"));
  for (uint64_t i = 0; to != out && i < n; i++)
    memcpy(out + i * columns, to + i * padded, columns * sizeof *out);
  return DSS_OK;
}

static dss_status pair_product(void *state, uint32_t first_row, uint32_t n_rows,
                               uint32_t first_column, uint32_t n_columns, int32_t *out) {
  pair_state *s = state;
  uint32_t padded = (uint32_t)up(n_columns, COLUMN_STEP);
  dss_cu_pair_block rows = {first_row, n_rows, n_rows, 0, 0, s->row_layers};
  dss_cu_pair_block columns = {first_column, n_columns, padded, 0, 0, s->column_layers};
  dss_cu_forget_trouble();
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(s->memory.device), "going to the GPU"));
  uint32_t items = number_items(s, &rows, &columns);
  if (items == 0) {
    memset(out, 0, (size_t)s->problem->n_targets * n_rows * n_columns * sizeof *out);
    return DSS_OK;
  }
  DSS_CU_TRY(dss_cu_check(cudaMemcpyAsync(s->device_number, s->number,
                                          s->problem->n_items * sizeof *s->number,
                                          cudaMemcpyHostToDevice, s->memory.stream),
                          "copying items to the GPU"));
  DSS_CU_TRY(run_tiles(s, &rows, &columns, items));
  return fetch(s, n_rows, n_columns, padded, out);
}

/* --- forms ------------------------------------------------------------------------------------ */

typedef struct forms_state {
  device_memory memory;
  double *matrix;
  int32_t *row_labels, *column_labels; /* of the device */
  int32_t *turned;                     /* labels on their way there */
  unsigned long long *out;
} forms_state;

static uint64_t forms_device_bytes(const dss_pair_forms *f) {
  return (uint64_t)f->rows * f->columns * sizeof(double) +
         ((uint64_t)f->rows + f->columns) * f->batch * sizeof(int32_t) +
         (uint64_t)f->batch * dss_pair_forms_width(f) * sizeof(uint64_t);
}

static uint64_t forms_bytes(const dss_pair_forms *largest, const dss_resources *resources) {
  uint64_t raters = largest->rows > largest->columns ? largest->rows : largest->columns;
  if (largest->batch > 1 && !device_has(resources, forms_device_bytes(largest))) return UINT64_MAX;
  return raters * largest->batch * sizeof(int32_t);
}

static void forms_close(void *state) {
  forms_state *s = state;
  if (!s) return;
  close_memory(&s->memory);
  free(s->turned);
  free(s);
}

static dss_status open_forms(forms_state *s, const dss_pair_forms *largest,
                             const dss_resources *resources) {
  uint64_t batch = largest->batch, width = dss_pair_forms_width(largest);
  uint64_t raters = largest->rows > largest->columns ? largest->rows : largest->columns;
  s->turned = malloc(raters * batch * sizeof *s->turned + 1);
  if (!s->turned) return DSS_ERR_MEMORY;
  DSS_CU_TRY(open_memory(resources, &s->memory));
  DSS_CU_TRY(check_room(&s->memory, "the pairs' tests need", forms_device_bytes(largest)));
  DSS_CU_TRY(take(&s->memory, (uint64_t)largest->rows * largest->columns * sizeof *s->matrix,
                  "a matrix", (void **)&s->matrix));
  DSS_CU_TRY(take(&s->memory, largest->rows * batch * sizeof *s->row_labels, "labels",
                  (void **)&s->row_labels));
  DSS_CU_TRY(take(&s->memory, largest->columns * batch * sizeof *s->column_labels, "labels",
                  (void **)&s->column_labels));
  return take(&s->memory, batch * width * sizeof *s->out, "sums", (void **)&s->out);
}

static dss_status forms_open(const dss_pair_forms *largest, const dss_resources *resources,
                             void **state) {
  dss_cu_forget_trouble();
  forms_state *s = calloc(1, sizeof *s);
  if (!s) return DSS_ERR_MEMORY;
  dss_status status = open_forms(s, largest, resources);
  if (status != DSS_OK) {
    forms_close(s);
    return status;
  }
  *state = s;
  return DSS_OK;
}

/* Labels [batch][n] as [n][batch] on the device. */
static dss_status send_labels(forms_state *s, const int32_t *labels, uint32_t batch, uint32_t n,
                              int32_t *to) {
  for (uint64_t b = 0; b < batch; b++)
    for (uint64_t i = 0; i < n; i++)
      s->turned[i * batch + b] = labels[b * n + i];
  DSS_CU_TRY(dss_cu_check(cudaMemcpyAsync(to, s->turned, (uint64_t)n * batch * sizeof *to,
                                          cudaMemcpyHostToDevice, s->memory.stream),
                          "copying labels to the GPU"));
  return dss_cu_check(cudaStreamSynchronize(s->memory.stream), "copying labels to the GPU");
}

static dss_status add_matrix(forms_state *s, const dss_pair_forms *f, const double *matrix,
                             uint64_t *out) {
  uint64_t sums = (uint64_t)f->batch * dss_pair_forms_width(f) * sizeof *out;
  const dss_cu_forms forms = {f->rows,  f->columns, f->n_groups,   dss_pair_forms_width(f),
                              f->batch, s->matrix,  s->row_labels, s->column_labels,
                              s->out};
  DSS_CU_TRY(dss_cu_check(cudaMemcpyAsync(s->matrix, matrix,
                                          (uint64_t)f->rows * f->columns * sizeof *matrix,
                                          cudaMemcpyHostToDevice, s->memory.stream),
                          "copying a matrix to the GPU"));
  DSS_CU_TRY(dss_cu_check(cudaMemsetAsync(s->out, 0, sums, s->memory.stream), "clearing sums"));
  DSS_CU_TRY(dss_cu_check(dss_cu_add_forms(&forms, s->memory.stream), "adding up groups"));
  DSS_CU_TRY(
      dss_cu_check(cudaMemcpyAsync(out, s->out, sums, cudaMemcpyDeviceToHost, s->memory.stream),
                   "copying sums from the GPU"));
  return dss_cu_check(cudaStreamSynchronize(s->memory.stream), "adding up groups");
}

static dss_status forms_run(void *state, const dss_pair_forms *f, uint64_t *out) {
  forms_state *s = state;
  dss_cu_forget_trouble();
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(s->memory.device), "going to the GPU"));
  DSS_CU_TRY(send_labels(s, f->row_labels, f->batch, f->rows, s->row_labels));
  DSS_CU_TRY(send_labels(s, f->column_labels, f->batch, f->columns, s->column_labels));
  for (uint32_t m = 0; m < f->n_matrices; m++)
    DSS_CU_TRY(
        add_matrix(s, f, f->matrices[m], out + (uint64_t)m * f->batch * dss_pair_forms_width(f)));
  return DSS_OK;
}

static const dss_pair_backend backend = {
    .name = "cuda",
    .ready = pair_ready,
    .bytes = pair_bytes,
    .open = pair_open,
    .product = pair_product,
    .close = pair_close,
    .forms_bytes = forms_bytes,
    .forms_open = forms_open,
    .forms = forms_run,
    .forms_close = forms_close,
    .failure = dss_cu_trouble,
};

const dss_pair_backend *const dss_pair_cuda = &backend;
