/* Sums within groups of raters under many arrangements, on the first usable GPU that has room: a
 * batch of arrangements goes there once, then matrices, all of a block at once or, where there is
 * no room for them, one, and the raters' groups; sums come back. */
#include "pair_forms.h"

#include <stdlib.h>

#include "devices.h"
#include "memory.h"
#include "pairs.h"
#include "trouble.h"

/* Arrangements on their way to be turned. A grid has at most 65,535 of them. */
#define SLAB_BYTES ((uint64_t)16 << 20)
enum { MOST_OF_SLAB = 1024 };

typedef struct forms_state {
  dss_cu_memory memory;
  uint32_t n_raters, batch, slab, at_once; /* arrangements, and matrices, that there is room for */
  double *matrices;
  int32_t *group;
  uint32_t *raw, *sources; /* [slab][n_raters], [n_raters][batch] */
  unsigned long long *out;
} forms_state;

static uint32_t slab_of(const dss_pair_forms *f) {
  uint64_t slab = SLAB_BYTES / sizeof(uint32_t) / f->n_raters;
  if (slab > MOST_OF_SLAB) slab = MOST_OF_SLAB;
  return slab < 1 ? 1 : slab < f->batch ? (uint32_t)slab : f->batch;
}

static uint64_t matrix_bytes(const dss_pair_forms *f) {
  return (uint64_t)f->rows * f->columns * sizeof(double);
}

static uint64_t out_bytes(const dss_pair_forms *f) {
  return (uint64_t)f->n_matrices * f->batch * dss_pair_forms_width(f) * sizeof(uint64_t);
}

static uint64_t device_bytes(const dss_pair_forms *f, uint32_t matrices) {
  uint64_t of_raters = (uint64_t)f->n_raters * sizeof(uint32_t);
  return matrices * matrix_bytes(f) + of_raters * (1 + (uint64_t)slab_of(f) + f->batch) +
         out_bytes(f);
}

uint64_t dss_cu_forms_bytes(const dss_pair_forms *largest, const dss_resources *resources) {
  bool fits = largest->batch <= 1 ||
              dss_cu_memory_is_there(resources, device_bytes(largest, largest->n_matrices));
  return fits ? 0 : UINT64_MAX;
}

uint64_t dss_cu_forms_least(const dss_pair_forms *largest) {
  return device_bytes(largest, 1);
}

void dss_cu_forms_close(void *state) {
  forms_state *s = state;
  if (!s) return;
  dss_cu_memory_close(&s->memory);
  free(s);
}

static dss_status open_on(forms_state *s, int number, const dss_pair_forms *largest,
                          uint64_t bytes) {
  uint64_t of_raters = (uint64_t)largest->n_raters * sizeof(uint32_t), room;
  dss_cu_memory *m = &s->memory;
  *s = (forms_state){
      .n_raters = largest->n_raters, .batch = largest->batch, .slab = slab_of(largest)};
  DSS_CU_TRY(dss_cu_memory_open(m, number, bytes));
  DSS_CU_TRY(dss_cu_memory_check(m, DSS_CU_FORMS_NEED, dss_cu_forms_least(largest)));
  DSS_CU_TRY(dss_cu_memory_left(m, &room));
  s->at_once = device_bytes(largest, largest->n_matrices) <= room ? largest->n_matrices : 1;
  DSS_CU_TRY(
      dss_cu_memory_take(m, s->at_once * matrix_bytes(largest), "matrices", (void **)&s->matrices));
  DSS_CU_TRY(dss_cu_memory_take(m, of_raters, "groups", (void **)&s->group));
  DSS_CU_TRY(dss_cu_memory_take(m, of_raters * s->slab, "arrangements", (void **)&s->raw));
  DSS_CU_TRY(dss_cu_memory_take(m, of_raters * s->batch, "arrangements", (void **)&s->sources));
  return dss_cu_memory_take(m, out_bytes(largest), "sums", (void **)&s->out);
}

static dss_status open_forms(forms_state *s, const dss_pair_forms *largest,
                             const dss_resources *resources) {
  int numbers[DSS_CU_MOST_DEVICES];
  size_t n;
  bool absent;
  DSS_CU_TRY(dss_cu_usable(resources, DSS_CU_MOST_DEVICES, numbers, &n, &absent));
  dss_status status = DSS_ERR_DEVICE;
  for (size_t i = 0; i < n; i++) {
    status = open_on(s, numbers[i], largest, resources->device_bytes);
    if (status == DSS_OK) return DSS_OK;
    dss_cu_memory_close(&s->memory);
  }
  return status;
}

dss_status dss_cu_forms_open(const dss_pair_forms *largest, const dss_resources *resources,
                             void **state) {
  dss_cu_forget_trouble();
  forms_state *s = calloc(1, sizeof *s);
  if (!s) return DSS_ERR_MEMORY;
  dss_status status = open_forms(s, largest, resources);
  if (status != DSS_OK) {
    free(s);
    return status;
  }
  *state = s;
  return DSS_OK;
}

static dss_status send(forms_state *s, void *to, const void *from, uint64_t bytes,
                       const char *what) {
  return dss_cu_check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, s->memory.stream),
                      what);
}

dss_status dss_cu_forms_deal(void *state, const uint32_t *sources, uint32_t batch) {
  static const char *const what = "copying arrangements to the GPU";
  forms_state *s = state;
  dss_cu_forget_trouble();
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(s->memory.device), "going to the GPU"));
  for (uint32_t first = 0; first < batch; first += s->slab) {
    uint32_t count = batch - first < s->slab ? batch - first : s->slab;
    const dss_cu_deal deal = {s->n_raters, first, count, s->batch, s->raw, s->sources};
    uint64_t bytes = (uint64_t)count * s->n_raters * sizeof *sources;
    DSS_CU_TRY(send(s, s->raw, sources + (size_t)first * s->n_raters, bytes, what));
    DSS_CU_TRY(dss_cu_check(dss_cu_deal_sources(&deal, s->memory.stream), what));
  }
  return dss_cu_check(cudaStreamSynchronize(s->memory.stream), what);
}

/* Some of the matrices: from the first to the sums. */
static dss_status add_matrices(forms_state *s, const dss_pair_forms *f, uint32_t first,
                               uint32_t n) {
  uint64_t cells = (uint64_t)f->rows * f->columns;
  uint64_t of_matrix = (uint64_t)f->batch * dss_pair_forms_width(f);
  const dss_cu_forms forms = {.first_row = f->first_row,
                              .rows = f->rows,
                              .first_column = f->first_column,
                              .columns = f->columns,
                              .n_matrices = n,
                              .n_groups = f->n_groups,
                              .width = dss_pair_forms_width(f),
                              .batch = f->batch,
                              .stride = s->batch,
                              .matrices = s->matrices,
                              .group = s->group,
                              .sources = s->sources,
                              .out = s->out + first * of_matrix};
  for (uint32_t m = 0; m < n; m++)
    DSS_CU_TRY(send(s, s->matrices + m * cells, f->matrices[first + m], matrix_bytes(f),
                    "copying a matrix to the GPU"));
  return dss_cu_check(dss_cu_add_forms(&forms, s->memory.stream), "adding up groups");
}

dss_status dss_cu_forms_run(void *state, const dss_pair_forms *f, uint64_t *out) {
  forms_state *s = state;
  cudaStream_t stream = s->memory.stream;
  dss_cu_forget_trouble();
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(s->memory.device), "going to the GPU"));
  DSS_CU_TRY(send(s, s->group, f->group, f->n_raters * sizeof *f->group, "copying groups"));
  DSS_CU_TRY(dss_cu_check(cudaMemsetAsync(s->out, 0, out_bytes(f), stream), "clearing sums"));
  for (uint32_t m = 0; m < f->n_matrices; m += s->at_once)
    DSS_CU_TRY(
        add_matrices(s, f, m, f->n_matrices - m < s->at_once ? f->n_matrices - m : s->at_once));
  DSS_CU_TRY(
      dss_cu_check(cudaMemcpyAsync(out, s->out, out_bytes(f), cudaMemcpyDeviceToHost, stream),
                   "copying sums from the GPU"));
  return dss_cu_check(cudaStreamSynchronize(stream), "adding up groups");
}
