/* Rater-pair matrices on one or several GPUs: int8 products into int32 by cuBLAS, exact in any
 * order, of which each GPU makes the pairs' statistics. Parts go to the GPUs in turn, two to each
 * at a time, and are taken in the order in which they began. */
#include "kernels/pairs.h"

#include <stdlib.h>

#include "devices.h"
#include "memory.h"
#include "pair_forms.h"
#include "pair_gpu.h"
#include "spread.h"
#include "trouble.h"

/* Of a part that is no whole block. */
enum { MOST_COLUMNS = 4096, SMALLEST_SIDE = 16 };
/* So many arrangements take as long as a tile's matrices on their way (docs/performance.md). */
enum { MOST_BATCH = 4096 };

typedef struct pair_state {
  dss_cu_pair_job job;
  uint64_t device_bytes; /* that each GPU may take; 0: what is free */
  size_t n_gpus;
  dss_cu_pair_gpu *gpus;  /* [DSS_CU_MOST_DEVICES] */
  uint64_t begun, waited; /* parts */
} pair_state;

/* --- what the problem is like ----------------------------------------------------------------- */

static size_t n_words(const dss_pair_problem *p) {
  return ((size_t)p->n_items + 63) / 64;
}

static size_t n_groups(const dss_pair_problem *p) {
  return ((size_t)p->n_raters + DSS_CU_PAIR_GROUP - 1) / DSS_CU_PAIR_GROUP;
}

static bool counts_are_narrow(const dss_pair_problem *p) {
  for (uint32_t r = 0; r < p->n_raters; r++)
    if (p->rater_ptr[r + 1] - p->rater_ptr[r] > UINT16_MAX) return false;
  return true;
}

static dss_cu_pair_job job_of(const dss_pair_problem *p, const dss_pair_reading *reading,
                              const dss_pair_shape *shape) {
  dss_cu_pair_job job = {.problem = p, .counts = !reading, .shape = *shape};
  if (reading) job.reading = *reading;
  job.narrow = counts_are_narrow(p);
  return job;
}

/* The items that a group's raters rated; returns how many. */
static uint64_t mark_group(const dss_pair_problem *p, size_t g, uint64_t *bits) {
  uint64_t first = g * DSS_CU_PAIR_GROUP, end = first + DSS_CU_PAIR_GROUP, n = 0;
  if (end > p->n_raters) end = p->n_raters;
  for (uint64_t i = p->rater_ptr[first]; i < p->rater_ptr[end]; i++)
    bits[p->item[i] / 64] |= (uint64_t)1 << p->item[i] % 64;
  for (size_t w = 0; w < n_words(p); w++)
    n += (uint64_t)__builtin_popcountll(bits[w]);
  return n;
}

static dss_status mark_items(dss_cu_pair_job *job, unsigned threads) {
  const dss_pair_problem *p = job->problem;
  size_t groups = n_groups(p), words = n_words(p);
  uint64_t all = 0;
  job->rated = calloc(groups * words + 1, sizeof *job->rated);
  if (!job->rated) return DSS_ERR_MEMORY;
#pragma omp parallel for num_threads(threads) schedule(dynamic) reduction(+ : all)
  for (size_t g = 0; g < groups; g++)
    all += mark_group(p, g, job->rated + g * words);
  job->dense = 2 * all >= (uint64_t)groups * p->n_items;
  return DSS_OK;
}

/* --- opening ---------------------------------------------------------------------------------- */

static dss_status pair_ready(const dss_resources *resources, bool *absent) {
  int numbers[DSS_CU_MOST_DEVICES];
  size_t n;
  dss_cu_forget_trouble();
  return dss_cu_usable(resources, 1, numbers, &n, absent);
}

/* More than there is where no device has room for so large a part, so that the caller tries a
 * smaller one; the smallest is for open to refuse. */
static uint64_t pair_bytes(const dss_pair_problem *p, const dss_pair_reading *reading,
                           const dss_pair_shape *shape, const dss_resources *resources) {
  const dss_cu_pair_job job = job_of(p, reading, shape);
  int numbers[DSS_CU_MOST_DEVICES];
  size_t n;
  bool absent;
  if (shape->rows > SMALLEST_SIDE &&
      !dss_cu_memory_is_there(resources, dss_cu_pair_device_bytes(&job)))
    return UINT64_MAX;
  if (dss_cu_usable(resources, DSS_CU_MOST_DEVICES, numbers, &n, &absent) != DSS_OK) n = 1;
  return n_groups(p) * n_words(p) * sizeof(uint64_t) + n * dss_cu_pair_host_bytes(&job);
}

static void pair_close(void *state) {
  pair_state *s = state;
  if (!s) return;
  for (size_t i = 0; i < s->n_gpus; i++)
    dss_cu_pair_gpu_close(&s->gpus[i]);
  free(s->gpus);
  free(s->job.rated);
  free(s);
}

static dss_status open_one(void *state, size_t slot, int number) {
  pair_state *s = state;
  dss_status status = dss_cu_pair_gpu_open(&s->gpus[slot], &s->job, number, s->device_bytes);
  if (status != DSS_OK) dss_cu_pair_gpu_close(&s->gpus[slot]);
  return status;
}

static dss_status open_pairs(pair_state *s, const dss_resources *resources) {
  s->device_bytes = resources->device_bytes;
  s->gpus = calloc(DSS_CU_MOST_DEVICES, sizeof *s->gpus);
  if (!s->gpus) return DSS_ERR_MEMORY;
  DSS_CU_TRY(mark_items(&s->job, resources->threads));
  return dss_cu_open_all(resources, open_one, s, &s->n_gpus);
}

static dss_status pair_open(const dss_pair_problem *p, const dss_pair_reading *reading,
                            const dss_pair_shape *shape, const dss_resources *resources,
                            void **state) {
  dss_cu_forget_trouble();
  pair_state *s = calloc(1, sizeof *s);
  if (!s) return DSS_ERR_MEMORY;
  s->job = job_of(p, reading, shape);
  dss_status status = open_pairs(s, resources);
  if (status != DSS_OK) {
    pair_close(s);
    return status;
  }
  *state = s;
  return DSS_OK;
}

/* --- parts ------------------------------------------------------------------------------------ */

static uint32_t pair_depth(const void *state) {
  return (uint32_t)((const pair_state *)state)->n_gpus * DSS_CU_PAIR_SLOTS;
}

static dss_cu_pair_gpu *gpu_of(pair_state *s, uint64_t part) {
  return &s->gpus[part % s->n_gpus];
}

static unsigned slot_of(const pair_state *s, uint64_t part) {
  return (unsigned)(part / s->n_gpus % DSS_CU_PAIR_SLOTS);
}

static dss_status pair_start(void *state, const dss_pair_part *part) {
  pair_state *s = state;
  uint64_t n = s->begun++;
  dss_cu_forget_trouble();
  return dss_cu_pair_gpu_start(gpu_of(s, n), slot_of(s, n), part);
}

static dss_status pair_take(void *state, dss_pair_made *made) {
  pair_state *s = state;
  uint64_t n = s->waited++;
  dss_cu_forget_trouble();
  return dss_cu_pair_gpu_wait(gpu_of(s, n), slot_of(s, n), made);
}

static const dss_pair_backend backend = {
    .name = "cuda",
    .ready = pair_ready,
    .most_columns = MOST_COLUMNS,
    .bytes = pair_bytes,
    .open = pair_open,
    .depth = pair_depth,
    .start = pair_start,
    .take = pair_take,
    .close = pair_close,
    .most_batch = MOST_BATCH,
    .forms_bytes = dss_cu_forms_bytes,
    .forms_least = dss_cu_forms_least,
    .forms_open = dss_cu_forms_open,
    .forms_deal = dss_cu_forms_deal,
    .forms = dss_cu_forms_run,
    .forms_close = dss_cu_forms_close,
    .failure = dss_cu_trouble,
};

const dss_pair_backend *const dss_pair_cuda = &backend;
