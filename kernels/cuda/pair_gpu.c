#include "pair_gpu.h"

#include <stdlib.h>
#include <string.h>

#include "pair_forms.h"
#include "trouble.h"

/* Of the layers of both blocks at once, or half of what is free; items come in as many tiles as
 * that asks for. */
#define LAYER_BYTES ((uint64_t)1 << 30)
enum { ITEM_STEP = 16, COLUMN_STEP = 4, MOST_ITEMS = 1 << 20 };

static uint64_t up(uint64_t n, uint64_t step) {
  return (n + step - 1) / step * step;
}

/* --- sizes ------------------------------------------------------------------------------------ */

static uint64_t most_pairs(const dss_cu_pair_job *job) {
  return job->shape.rows * up(job->shape.columns, COLUMN_STEP);
}

/* Of what crosses the bus for a pair. */
static uint64_t pair_bytes(const dss_cu_pair_job *job) {
  if (job->counts) return job->problem->n_targets * sizeof(int32_t);
  return 2 * (job->narrow ? sizeof(uint16_t) : sizeof(int32_t)) +
         (job->reading.scale.kind == DSS_PAIR_NOMINAL ? 1 : 3) * sizeof(double);
}

static uint64_t layer_bytes(const dss_cu_pair_job *job, uint64_t items) {
  uint64_t raters = (uint64_t)job->shape.rows + up(job->shape.columns, COLUMN_STEP);
  return job->problem->n_layers * raters * items;
}

static uint64_t scale_bytes(const dss_pair_scale *s) {
  uint64_t levels = s->n_levels;
  return (s->kind == DSS_PAIR_REAL ? levels + levels * levels : 2 * levels) * sizeof(double);
}

uint64_t dss_cu_pair_device_bytes(const dss_cu_pair_job *job) {
  const dss_pair_problem *p = job->problem;
  uint64_t ratings = p->rater_ptr[p->n_raters];
  uint64_t out = job->counts ? 0
                             : DSS_CU_PAIR_SLOTS * most_pairs(job) * pair_bytes(job) +
                                   scale_bytes(&job->reading.scale);
  return ratings * (sizeof *p->item + sizeof *p->code) + p->n_items * sizeof(uint32_t) +
         ((uint64_t)p->n_raters + 1) * sizeof *p->rater_ptr + (uint64_t)p->n_layers * p->n_levels +
         p->n_targets * most_pairs(job) * sizeof(int32_t) + out + layer_bytes(job, ITEM_STEP);
}

uint64_t dss_cu_pair_host_bytes(const dss_cu_pair_job *job) {
  return DSS_CU_PAIR_SLOTS *
         (most_pairs(job) * pair_bytes(job) + job->problem->n_items * sizeof(uint32_t));
}

/* --- opening ---------------------------------------------------------------------------------- */

/* For now and for later: who hears of the larger need need not come back for it. */
static dss_status check_room(const dss_cu_pair_gpu *g) {
  uint64_t now = dss_cu_pair_device_bytes(g->job), later = g->job->shape.later;
  return later > now ? dss_cu_memory_check(&g->memory, DSS_CU_FORMS_NEED, later)
                     : dss_cu_memory_check(&g->memory, "the pairs need", now);
}

static dss_status send_problem(dss_cu_pair_gpu *g) {
  const dss_pair_problem *p = g->job->problem;
  uint64_t n = p->rater_ptr[p->n_raters];
  const void *ptr, *item, *code, *layers;
  DSS_CU_TRY(dss_cu_memory_send(&g->memory, p->rater_ptr,
                                ((uint64_t)p->n_raters + 1) * sizeof *p->rater_ptr, "raters",
                                &ptr));
  DSS_CU_TRY(dss_cu_memory_send(&g->memory, p->item, n * sizeof *p->item, "ratings", &item));
  DSS_CU_TRY(dss_cu_memory_send(&g->memory, p->code, n, "ratings", &code));
  DSS_CU_TRY(dss_cu_memory_send(&g->memory, p->layers, (uint64_t)p->n_layers * p->n_levels,
                                "layers", &layers));
  g->ratings = (dss_cu_pair_ratings){.rater_ptr = ptr,
                                     .item = item,
                                     .code = code,
                                     .layers = layers,
                                     .n_levels = p->n_levels,
                                     .n_layers = p->n_layers};
  return DSS_OK;
}

static dss_status send_levels(dss_cu_pair_gpu *g, const void *from, uint64_t count,
                              const void **to) {
  *to = NULL;
  if (!from) return DSS_OK;
  return dss_cu_memory_send(&g->memory, from, count * sizeof(double), "levels", to);
}

/* Ranks, codes, distances and values have 8 bytes each. */
static dss_status send_reading(dss_cu_pair_gpu *g) {
  const dss_pair_scale *s = &g->job->reading.scale;
  uint64_t levels = s->n_levels;
  const void *rank, *code, *distance, *value;
  DSS_CU_TRY(send_levels(g, s->rank, levels, &rank));
  DSS_CU_TRY(send_levels(g, s->code, levels, &code));
  DSS_CU_TRY(send_levels(g, s->distance, levels * levels, &distance));
  DSS_CU_TRY(send_levels(g, s->value, levels, &value));
  g->finish = (dss_cu_pair_finish){
      .scale = *s, .products = g->job->reading.products, .narrow = g->job->narrow};
  g->finish.scale.rank = rank;
  g->finish.scale.code = code;
  g->finish.scale.distance = distance;
  g->finish.scale.value = value;
  return DSS_OK;
}

/* Every item under its own number. */
static dss_status send_numbers(dss_cu_pair_gpu *g) {
  uint32_t n = g->job->problem->n_items, *number = calloc((size_t)n + 1, sizeof *number);
  if (!number) return DSS_ERR_MEMORY;
  for (uint32_t u = 0; u < n; u++)
    number[u] = u;
  dss_status status = dss_cu_check(cudaMemcpyAsync(g->number, number, n * sizeof *number,
                                                   cudaMemcpyHostToDevice, g->memory.stream),
                                   "copying items to the GPU");
  if (status == DSS_OK)
    status = dss_cu_check(cudaStreamSynchronize(g->memory.stream), "copying items to the GPU");
  free(number);
  return status;
}

static dss_status fill(dss_cu_pair_gpu *g, const dss_cu_pair_block *block) {
  return dss_cu_check(dss_cu_fill_pairs(&g->ratings, g->number, block, g->memory.stream),
                      "filling layers");
}

/* Layers of all raters and items, made once, if they take at most half of what is free. A block of
 * columns may end a few raters beyond the last. */
static dss_status take_all(dss_cu_pair_gpu *g, uint64_t room, bool *taken) {
  const dss_pair_problem *p = g->job->problem;
  uint64_t items = up(p->n_items, ITEM_STEP), rows = (uint64_t)p->n_raters + COLUMN_STEP - 1;
  uint64_t bytes = p->n_layers * rows * items;
  *taken = g->job->dense && items <= MOST_ITEMS && bytes <= room / 2;
  if (!*taken) return DSS_OK;
  g->all = (dss_cu_pair_block){
      .n_raters = p->n_raters, .n_rows = (uint32_t)rows, .items = (uint32_t)items};
  DSS_CU_TRY(dss_cu_memory_take(&g->memory, bytes, "layers", (void **)&g->all.matrix));
  DSS_CU_TRY(send_numbers(g));
  return fill(g, &g->all);
}

/* As many items at once as the layers' share of memory holds. */
static uint32_t tile_items(const dss_cu_pair_job *job, uint64_t room) {
  uint64_t bytes = room / 2 < LAYER_BYTES ? room / 2 : LAYER_BYTES;
  uint64_t items = bytes / layer_bytes(job, 1) / ITEM_STEP * ITEM_STEP;
  uint64_t all = up(job->problem->n_items, ITEM_STEP);
  if (items > all) items = all;
  if (items > MOST_ITEMS) items = MOST_ITEMS;
  return items < ITEM_STEP ? ITEM_STEP : (uint32_t)items;
}

static dss_status take_layers(dss_cu_pair_gpu *g) {
  const dss_cu_pair_job *job = g->job;
  uint64_t room, layers = job->problem->n_layers, columns = up(job->shape.columns, COLUMN_STEP);
  bool all;
  DSS_CU_TRY(dss_cu_memory_left(&g->memory, &room));
  DSS_CU_TRY(take_all(g, room, &all));
  if (all) return DSS_OK;
  g->items = tile_items(job, room);
  DSS_CU_TRY(dss_cu_memory_take(&g->memory, layers * job->shape.rows * g->items, "layers",
                                (void **)&g->row_layers));
  DSS_CU_TRY(dss_cu_memory_take(&g->memory, layers * columns * g->items, "layers",
                                (void **)&g->column_layers));
  for (unsigned i = 0; i < DSS_CU_PAIR_SLOTS; i++)
    DSS_CU_TRY(dss_cu_memory_pin(&g->memory, job->problem->n_items * sizeof(uint32_t),
                                 "pinned memory for items", (void **)&g->slots[i].number));
  return DSS_OK;
}

static dss_status open_slot(dss_cu_pair_gpu *g, dss_cu_pair_slot *slot) {
  uint64_t bytes = most_pairs(g->job) * pair_bytes(g->job);
  DSS_CU_TRY(dss_cu_check(cudaEventCreateWithFlags(&slot->computed, cudaEventDisableTiming),
                          "opening the GPU"));
  DSS_CU_TRY(dss_cu_check(cudaEventCreateWithFlags(&slot->copied, cudaEventDisableTiming),
                          "opening the GPU"));
  if (!g->job->counts)
    DSS_CU_TRY(dss_cu_memory_take(&g->memory, bytes, "results", (void **)&slot->out));
  return dss_cu_memory_pin(&g->memory, bytes, "pinned memory for results", (void **)&slot->made);
}

static dss_status start_blas(dss_cu_pair_gpu *g) {
  DSS_CU_TRY(dss_cu_load_blas(&g->blas));
  DSS_CU_TRY(dss_cu_check_blas(g->blas, g->blas->create(&g->handle), "starting cuBLAS"));
  return dss_cu_check_blas(g->blas, g->blas->set_stream(g->handle, g->memory.stream),
                           "starting cuBLAS");
}

dss_status dss_cu_pair_gpu_open(dss_cu_pair_gpu *g, const dss_cu_pair_job *job, int number,
                                uint64_t bytes) {
  *g = (dss_cu_pair_gpu){.job = job};
  DSS_CU_TRY(dss_cu_memory_open(&g->memory, number, bytes));
  DSS_CU_TRY(dss_cu_check(cudaStreamCreateWithFlags(&g->copies, cudaStreamNonBlocking),
                          "opening the GPU"));
  DSS_CU_TRY(check_room(g));
  DSS_CU_TRY(start_blas(g));
  DSS_CU_TRY(send_problem(g));
  if (!job->counts) DSS_CU_TRY(send_reading(g));
  DSS_CU_TRY(dss_cu_memory_take(&g->memory, job->problem->n_items * sizeof *g->number, "items",
                                (void **)&g->number));
  DSS_CU_TRY(dss_cu_memory_take(&g->memory,
                                job->problem->n_targets * most_pairs(job) * sizeof *g->sums, "sums",
                                (void **)&g->sums));
  for (unsigned i = 0; i < DSS_CU_PAIR_SLOTS; i++)
    DSS_CU_TRY(open_slot(g, &g->slots[i]));
  return take_layers(g);
}

void dss_cu_pair_gpu_close(dss_cu_pair_gpu *g) {
  cudaSetDevice(g->memory.device);
  if (g->memory.stream) cudaStreamSynchronize(g->memory.stream);
  if (g->copies) cudaStreamSynchronize(g->copies);
  for (unsigned i = 0; i < DSS_CU_PAIR_SLOTS; i++) {
    if (g->slots[i].computed) cudaEventDestroy(g->slots[i].computed);
    if (g->slots[i].copied) cudaEventDestroy(g->slots[i].copied);
  }
  if (g->handle) g->blas->destroy(g->handle);
  if (g->copies) cudaStreamDestroy(g->copies);
  dss_cu_memory_close(&g->memory);
}

/* --- items ------------------------------------------------------------------------------------ */

/* Word w of the items that the groups of these raters rated. */
static uint64_t rated(const dss_cu_pair_job *job, uint32_t first, uint32_t n, size_t w) {
  size_t words = ((size_t)job->problem->n_items + 63) / 64;
  uint64_t bits = 0;
  for (uint32_t g = first / DSS_CU_PAIR_GROUP; g <= (first + n - 1) / DSS_CU_PAIR_GROUP; g++)
    bits |= job->rated[g * words + w];
  return bits;
}

/* Numbers the items that both blocks' groups rated, in their order; returns how many there are. One
 * that only others of a group rated adds zeros. */
static uint32_t number_items(const dss_cu_pair_job *job, const dss_pair_part *part,
                             uint32_t *number) {
  uint32_t n_items = job->problem->n_items, n = 0;
  for (uint32_t first = 0; first < n_items; first += 64) {
    uint64_t bits = rated(job, part->first_row, part->rows, first / 64) &
                    rated(job, part->first_column, part->columns, first / 64);
    for (uint32_t u = first; u < n_items && u < first + 64; u++, bits >>= 1)
      number[u] = bits & 1 ? n++ : UINT32_MAX;
  }
  return n;
}

/* --- a part ----------------------------------------------------------------------------------- */

/* Every term on the items whose layers are there; `columns` has `stride` rows. */
static dss_status multiply(dss_cu_pair_gpu *g, const dss_cu_pair_block *rows,
                           const dss_cu_pair_block *columns, const dss_cu_pair_slot *slot,
                           bool begun) {
  const dss_pair_problem *p = g->job->problem;
  uint64_t row_plane = (uint64_t)rows->n_rows * rows->items;
  uint64_t column_plane = (uint64_t)columns->n_rows * columns->items;
  uint64_t target_plane = (uint64_t)slot->part.rows * slot->stride;
  for (uint32_t i = 0; i < p->n_terms; i++) {
    const dss_pair_term *t = &p->terms[i];
    bool more = begun || (i > 0 && p->terms[i - 1].target == t->target);
    cublasStatus_t status = dss_cu_multiply(g->blas, g->handle, slot->stride, slot->part.rows,
                                            rows->items, columns->matrix + t->column * column_plane,
                                            columns->items, rows->matrix + t->row * row_plane,
                                            rows->items, g->sums + t->target * target_plane, more);
    DSS_CU_TRY(dss_cu_check_blas(g->blas, status, "multiplying by cuBLAS"));
  }
  return DSS_OK;
}

/* By the layers that stay on the GPU. */
static dss_status multiply_all(dss_cu_pair_gpu *g, const dss_cu_pair_slot *slot) {
  dss_cu_pair_block rows = g->all, columns = g->all;
  rows.matrix += (uint64_t)slot->part.first_row * rows.items;
  columns.matrix += (uint64_t)slot->part.first_column * columns.items;
  return multiply(g, &rows, &columns, slot, false);
}

/* By layers of some of the items that both blocks rated at a time. */
static dss_status multiply_tiles(dss_cu_pair_gpu *g, const dss_cu_pair_slot *slot) {
  const dss_pair_part *part = &slot->part;
  dss_cu_pair_block rows = {part->first_row, part->rows, part->rows, 0, 0, g->row_layers};
  dss_cu_pair_block columns = {part->first_column, part->columns, slot->stride, 0, 0,
                               g->column_layers};
  uint32_t n_items = number_items(g->job, part, slot->number);
  if (n_items == 0)
    return dss_cu_check(cudaMemsetAsync(g->sums, 0,
                                        (uint64_t)g->job->problem->n_targets * part->rows *
                                            slot->stride * sizeof *g->sums,
                                        g->memory.stream),
                        "clearing sums");
  DSS_CU_TRY(dss_cu_check(cudaMemcpyAsync(g->number, slot->number,
                                          g->job->problem->n_items * sizeof *g->number,
                                          cudaMemcpyHostToDevice, g->memory.stream),
                          "copying items to the GPU"));
  for (uint32_t first = 0; first < n_items; first += g->items) {
    uint32_t left = n_items - first;
    rows.first = columns.first = first;
    rows.items = columns.items = left < g->items ? (uint32_t)up(left, ITEM_STEP) : g->items;
    DSS_CU_TRY(fill(g, &rows));
    DSS_CU_TRY(fill(g, &columns));
    DSS_CU_TRY(multiply(g, &rows, &columns, slot, first > 0));
  }
  return DSS_OK;
}

/* Where the planes of a part lie in its bytes, on the device or on the host: doubles first. */
static dss_pair_made planes_of(const dss_cu_pair_gpu *g, const dss_cu_pair_slot *slot,
                               unsigned char *at) {
  uint64_t pairs = (uint64_t)slot->part.rows * slot->stride;
  bool nominal = g->job->reading.scale.kind == DSS_PAIR_NOMINAL, narrow = g->job->narrow;
  dss_pair_made m = {.stride = slot->stride, .narrow = narrow, .kappa = (double *)at};
  at += pairs * sizeof(double);
  if (!nominal) {
    m.distance = (double *)at;
    m.correlation = m.distance + pairs;
    at += 2 * pairs * sizeof(double);
  }
  m.shared = at;
  m.agreements = at + pairs * (narrow ? sizeof(uint16_t) : sizeof(int32_t));
  return m;
}

static dss_status finish(dss_cu_pair_gpu *g, const dss_cu_pair_slot *slot) {
  dss_pair_made planes = planes_of(g, slot, slot->out);
  dss_cu_pair_finish f = g->finish;
  f.rows = slot->part.rows;
  f.columns = slot->part.columns;
  f.stride = slot->stride;
  f.sums = g->sums;
  f.shared = (void *)planes.shared;
  f.agreements = (void *)planes.agreements;
  f.kappa = (double *)planes.kappa;
  f.distance = (double *)planes.distance;
  f.correlation = (double *)planes.correlation;
  return dss_cu_check(dss_cu_finish_pairs(&f, g->memory.stream), "finishing pairs");
}

/* On its way to the host beside what the GPU computes next; counts, of which there is one set,
 * before that. */
static dss_status copy_out(dss_cu_pair_gpu *g, dss_cu_pair_slot *slot) {
  static const char *const what = "copying pairs from the GPU";
  uint64_t bytes = (uint64_t)slot->part.rows * slot->stride * pair_bytes(g->job);
  cudaStream_t stream = slot->out ? g->copies : g->memory.stream;
  const void *from = slot->out ? (const void *)slot->out : g->sums;
  DSS_CU_TRY(dss_cu_check(cudaEventRecord(slot->computed, g->memory.stream), what));
  DSS_CU_TRY(dss_cu_check(cudaStreamWaitEvent(stream, slot->computed, 0), what));
  DSS_CU_TRY(
      dss_cu_check(cudaMemcpyAsync(slot->made, from, bytes, cudaMemcpyDeviceToHost, stream), what));
  return dss_cu_check(cudaEventRecord(slot->copied, stream), what);
}

dss_status dss_cu_pair_gpu_start(dss_cu_pair_gpu *g, unsigned i, const dss_pair_part *part) {
  dss_cu_pair_slot *slot = &g->slots[i];
  slot->part = *part;
  slot->stride = (uint32_t)up(part->columns, COLUMN_STEP);
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(g->memory.device), "going to the GPU"));
  DSS_CU_TRY(g->all.matrix ? multiply_all(g, slot) : multiply_tiles(g, slot));
  if (slot->out) DSS_CU_TRY(finish(g, slot));
  return copy_out(g, slot);
}

dss_status dss_cu_pair_gpu_wait(dss_cu_pair_gpu *g, unsigned i, dss_pair_made *made) {
  dss_cu_pair_slot *slot = &g->slots[i];
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(g->memory.device), "going to the GPU"));
  DSS_CU_TRY(dss_cu_check(cudaEventSynchronize(slot->copied), "computing pairs"));
  *made = slot->out ? planes_of(g, slot, slot->made)
                    : (dss_pair_made){.stride = slot->stride, .counts = (int32_t *)slot->made};
  return DSS_OK;
}
