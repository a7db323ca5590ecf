#include "bootstraps.h"
#include "trouble.h"

enum { MOST_AT_ONCE = 32768 };

/* An array of the listing. */
#define SEND_LIST(to, from, count)                                                                 \
  do {                                                                                             \
    void *sent;                                                                                    \
    DSS_CU_TRY(dss_cu_send(gpu, from, (count) * sizeof *(from), "a group's ratings", &sent));      \
    (to) = sent;                                                                                   \
  } while (0)

static dss_status send_listing(dss_cu_gpu *gpu, const dss_listing *from, dss_listing *to) {
  uint64_t n = from->n_items, ratings = from->begin[n];
  *to = *from;
  SEND_LIST(to->item, from->item, n);
  SEND_LIST(to->begin, from->begin, n + 1);
  SEND_LIST(to->middle, from->middle, n);
  SEND_LIST(to->rater, from->rater, ratings);
  SEND_LIST(to->code, from->code, ratings);
  return DSS_OK;
}

static dss_status take(dss_cu_gpu *gpu, dss_cu_bootstraps *b, uint32_t n) {
  dss_cu_bootstrap *k = &b->kernel;
  const dss_kernel_plan *plan = gpu->design.plan;
  uint64_t each = dss_cu_bootstrap_bytes(&k->listing, k->tables.n_levels);
  uint64_t values = (uint64_t)n * plan->n_statistics * sizeof(double);
  b->at_once = n;
  k->values =
      (dss_cu_values){.stride = n, .metrics = plan->metrics, .width = (uint32_t)plan->n_statistics};
  DSS_CU_TRY(dss_cu_take(gpu, each * n, "bootstrap weights", (void **)&k->scratch));
  DSS_CU_TRY(dss_cu_take(gpu, values, "bootstrap values", (void **)&k->values.value));
  return dss_cu_take(gpu, values, "bootstrap values", (void **)&b->rows);
}

/* As many resamples at once as there is room for beside what permutations hold. */
static dss_status take_what_there_is(dss_cu_gpu *gpu, dss_cu_bootstraps *b) {
  size_t before = gpu->n_taken;
  /* Meanwhile no accumulators are on their way. */
  uint64_t most =
      gpu->design.image / dss_cu_bootstrap_bytes(&b->kernel.listing, b->kernel.tables.n_levels);
  if (most > MOST_AT_ONCE) most = MOST_AT_ONCE;
  for (uint32_t n = most > DSS_WARP ? (uint32_t)most : DSS_WARP;; n /= 2) {
    dss_status status = take(gpu, b, n);
    if (status != DSS_ERR_MEMORY || n == 1) return status;
    while (gpu->n_taken > before)
      dss_cu_give_last(gpu);
  }
}

static dss_status open_group(dss_cu_gpu *gpu, const dss_bootstrap_group *group,
                             dss_cu_bootstraps *b) {
  const dss_kernel_bootstrap *kind = dss_bootstrap_kind(group);
  b->kernel = (dss_cu_bootstrap){.choice = gpu->design.plan->choice,
                                 .seed = gpu->design.plan->exchange.seed,
                                 .raters = kind->raters,
                                 .items = kind->items};
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(gpu->number), "going to the GPU"));
  DSS_CU_TRY(send_listing(gpu, dss_bootstrap_listing(group), &b->kernel.listing));
  DSS_CU_TRY(dss_cu_send_tables(gpu, dss_bootstrap_tables(group), &b->kernel.tables));
  return take_what_there_is(gpu, b);
}

dss_status dss_cu_bootstraps_open(dss_cu_gpu *gpu, const dss_bootstrap_group *group,
                                  dss_cu_bootstraps *b) {
  *b = (dss_cu_bootstraps){.taken_before = gpu->n_taken};
  dss_status status = open_group(gpu, group, b);
  if (status != DSS_OK) dss_cu_bootstraps_close(gpu, b);
  return status;
}

void dss_cu_bootstraps_close(dss_cu_gpu *gpu, dss_cu_bootstraps *b) {
  cudaSetDevice(gpu->number);
  while (gpu->n_taken > b->taken_before)
    dss_cu_give_last(gpu);
}

dss_status dss_cu_bootstraps_values(dss_cu_gpu *gpu, dss_cu_bootstraps *b, uint64_t first,
                                    uint64_t count, double *out) {
  uint32_t columns = (uint32_t)gpu->design.plan->n_statistics, most = b->at_once;
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(gpu->number), "going to the GPU"));
  for (uint64_t done = 0; done < count; done += most) {
    uint32_t n = count - done < most ? (uint32_t)(count - done) : most;
    uint64_t from = first == DSS_RESAMPLE_NONE ? first : first + done;
    DSS_CU_TRY(dss_cu_check(dss_cu_bootstrap_values(&b->kernel, from, n, gpu->stream),
                            "starting the bootstrap"));
    DSS_CU_TRY(
        dss_cu_fetch(gpu, b->kernel.values.value, most, columns, n, b->rows, out + done * columns));
  }
  return DSS_OK;
}
