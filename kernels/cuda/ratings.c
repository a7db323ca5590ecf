/* Ratings on their way to a GPU: the raters named by their places in the exchange's order. */
#include <stdlib.h>
#include <string.h>

#include "gpu.h"
#include "trouble.h"

/* Arrays one after the other, each at a multiple of what the device reads at once. */
enum { ALIGNED = 256 };

static unsigned char *next(unsigned char **memory, uint64_t bytes) {
  unsigned char *at = *memory;
  *memory += (bytes + ALIGNED - 1) / ALIGNED * ALIGNED;
  return at;
}

/* Copies an array of the host to the next place. */
static dss_status place_array(dss_cu_gpu *gpu, const void *from, uint64_t bytes,
                              unsigned char **memory, const void **to) {
  unsigned char *at = next(memory, bytes);
  *to = at;
  return dss_cu_check(cudaMemcpyAsync(at, from, bytes, cudaMemcpyHostToDevice, gpu->stream),
                      "copying ratings to the GPU");
}

/* The host's side of a part. */
typedef struct packed {
  uint64_t *item_ptr;
  uint32_t *entry; /* or steps */
  uint64_t *step, n_steps;
  uint32_t *total; /* bytes of levels and their sum, or numbers */
  uint64_t n_total;
  uint32_t most; /* of an item's bytes */
} packed;

static void packed_free(packed *p) {
  free(p->item_ptr);
  free(p->entry);
  free(p->step);
  free(p->total);
}

static uint64_t padded(const dss_kernel_question *question, const dss_cu_items *part) {
  uint64_t n = 0;
  for (uint32_t u = part->first; u < part->end; u++)
    n += dss_cu_padded(question->item_ptr[u + 1] - question->item_ptr[u]);
  return n;
}

static void add_total(uint32_t *total, uint32_t code, uint32_t *most) {
  total[code / 4] += 1u << 8 * (code % 4);
  total[DSS_CU_ALL]++;
  uint32_t level = total[code / 4] >> 8 * (code % 4) & UINT8_MAX;
  if (level > *most) *most = level;
}

static bool pack(const dss_cu_gpu *gpu, size_t i, const dss_cu_items *part, packed *p) {
  const dss_kernel_question *question = &gpu->design.plan->questions[i];
  uint32_t items = part->end - part->first, levels = question->tables.n_levels;
  bool bytes = gpu->design.questions[i].method == DSS_CU_LISTS;
  uint32_t width = bytes ? (uint32_t)DSS_CU_TOTAL : levels;
  bool totals = gpu->design.questions[i].method != DSS_CU_GENERAL;
  p->n_total = totals ? (uint64_t)items * width : 0;
  p->item_ptr = calloc((size_t)items + 1, sizeof *p->item_ptr);
  p->entry = calloc(bytes ? 1 : part->n_ratings + 1, sizeof *p->entry);
  p->n_steps = bytes ? padded(question, part) : 0;
  p->step = calloc(p->n_steps + 1, sizeof *p->step);
  p->total = calloc(p->n_total + 1, sizeof *p->total);
  if (!p->item_ptr || !p->entry || !p->step || !p->total) return false;
  for (uint32_t u = 0; u < items; u++) {
    uint64_t begin = question->item_ptr[part->first + u];
    uint64_t n = question->item_ptr[part->first + u + 1] - begin, at = p->item_ptr[u];
    p->item_ptr[u + 1] = at + (bytes ? dss_cu_padded(n) : n);
    for (uint64_t from = begin; from < begin + n; from++, at++) {
      uint32_t code = question->code[from], place = gpu->place[question->rater[from]];
      uint32_t *total = totals ? &p->total[(uint64_t)u * width] : NULL;
      if (bytes) {
        p->step[at] = dss_cu_step(place, code);
        add_total(total, code, &p->most);
      } else {
        p->entry[at] = place << DSS_CODE_BITS | code;
        if (totals) total[code]++;
      }
    }
  }
  return true;
}

static dss_status send(dss_cu_gpu *gpu, size_t i, const dss_cu_items *part, const packed *p,
                       unsigned char *memory, dss_cu_loaded *loaded) {
  uint32_t levels = gpu->design.plan->questions[i].tables.n_levels;
  const void *item_ptr, *entry, *total;
  *loaded = (dss_cu_loaded){.ratings = {.n_items = part->end - part->first,
                                        .byte_items = UINT8_MAX / (p->most > 0 ? p->most : 1)}};
  DSS_CU_TRY(place_array(gpu, p->item_ptr,
                         ((uint64_t)loaded->ratings.n_items + 1) * sizeof *p->item_ptr, &memory,
                         &item_ptr));
  bool steps = gpu->design.questions[i].method == DSS_CU_LISTS;
  if (steps)
    DSS_CU_TRY(place_array(gpu, p->step, p->n_steps * sizeof *p->step, &memory, &entry));
  else
    DSS_CU_TRY(place_array(gpu, p->entry, part->n_ratings * sizeof *p->entry, &memory, &entry));
  loaded->ratings.item_ptr = item_ptr;
  loaded->ratings.entry = steps ? NULL : entry;
  loaded->ratings.step = steps ? entry : NULL;
  if (p->n_total == 0) return DSS_OK;
  DSS_CU_TRY(place_array(gpu, p->total, p->n_total * sizeof *p->total, &memory, &total));
  loaded->total = loaded->ratings.total = total;
  if (gpu->design.questions[i].method != DSS_CU_PRODUCTS) return DSS_OK;
  uint64_t bytes =
      (uint64_t)dss_cu_product_columns(loaded->ratings.n_items, levels) * gpu->design.n_places;
  int8_t *matrix = (int8_t *)next(&memory, bytes);
  loaded->matrix = matrix;
  DSS_CU_TRY(dss_cu_check(cudaMemsetAsync(matrix, 0, bytes, gpu->stream), "clearing a matrix"));
  return dss_cu_check(
      dss_cu_one_hot(&loaded->ratings, levels, gpu->design.n_places, matrix, gpu->stream),
      "making a matrix of ratings");
}

dss_status dss_cu_load(dss_cu_gpu *gpu, size_t i, const dss_cu_items *part, unsigned char *memory,
                       dss_cu_loaded *loaded) {
  packed p = {0};
  dss_status status = DSS_ERR_MEMORY;
  if (pack(gpu, i, part, &p)) status = send(gpu, i, part, &p, memory, loaded);
  /* The copies must have left the host's memory, also where one failed. */
  cudaError_t copied = cudaStreamSynchronize(gpu->stream);
  if (status == DSS_OK) status = dss_cu_check(copied, "copying ratings to the GPU");
  packed_free(&p);
  return status;
}
