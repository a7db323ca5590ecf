#include "gpu.h"

#include <stdlib.h>
#include <string.h>

#include "rows.h"
#include "trouble.h"

/* --- memory ----------------------------------------------------------------------------------- */

/* Of what is free, the driver (stacks of threads), cuBLAS and other processes want a tenth, and so
 * much, or a quarter of little. */
enum { SHARE_OF_FREE = 90 };
#define ASIDE ((uint64_t)768 << 20)

dss_status dss_cu_budget(uint64_t asked, uint64_t *bytes) {
  size_t free, all;
  DSS_CU_TRY(dss_cu_check(cudaMemGetInfo(&free, &all), "asking for the GPU's free memory"));
  uint64_t share = (uint64_t)free / 100 * SHARE_OF_FREE, aside = ASIDE;
  if (aside > free / 4) aside = free / 4;
  *bytes = share < free - aside ? share : free - aside;
  if (asked > 0 && asked < *bytes) *bytes = asked;
  return DSS_OK;
}

dss_status dss_cu_take(dss_cu_gpu *gpu, uint64_t bytes, const char *what, void **memory) {
  *memory = NULL;
  if (bytes == 0) return DSS_OK;
  void **taken = realloc(gpu->taken, (gpu->n_taken + 1) * sizeof *taken);
  if (!taken) return DSS_ERR_MEMORY;
  gpu->taken = taken;
  cudaError_t error = cudaMalloc(memory, bytes);
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    return dss_cu_fail(DSS_ERR_MEMORY, "GPU %d has no room for %s: %s", gpu->number, what,
                       dss_cu_bytes(bytes).text);
  }
  DSS_CU_TRY(dss_cu_check(error, what));
  gpu->taken[gpu->n_taken++] = *memory;
  return DSS_OK;
}

void dss_cu_give_last(dss_cu_gpu *gpu) {
  if (gpu->n_taken > 0) cudaFree(gpu->taken[--gpu->n_taken]);
}

dss_status dss_cu_send(dss_cu_gpu *gpu, const void *from, uint64_t bytes, const char *what,
                       void **memory) {
  DSS_CU_TRY(dss_cu_take(gpu, bytes, what, memory));
  if (bytes == 0) return DSS_OK;
  /* On the stream that will read it, which waits for no other; `from` may be freed after this. */
  DSS_CU_TRY(dss_cu_check(
      cudaMemcpyAsync(*memory, from, bytes, cudaMemcpyHostToDevice, gpu->stream), what));
  return dss_cu_check(cudaStreamSynchronize(gpu->stream), what);
}

dss_status dss_cu_send_tables(dss_cu_gpu *gpu, const dss_tables *from, dss_tables *t) {
  uint64_t sizes = (uint64_t)from->max_unit + 1, levels = from->n_levels;
  *t = *from;
  DSS_CU_SEND(t->weight, from->weight, sizes, "weights");
  DSS_CU_SEND(t->vote, from->vote, levels + 1, "votes");
  DSS_CU_SEND(t->count_log, from->count_log, sizes, "logarithms");
  DSS_CU_SEND(t->half_log, from->half_log, sizes, "logarithms");
  DSS_CU_SEND(t->smoothed_log, from->smoothed_log, sizes, "logarithms");
  DSS_CU_SEND(t->exact_distance, from->exact_distance, levels * levels, "distances");
  DSS_CU_SEND(t->real_distance, from->real_distance, levels * levels, "distances");
  return DSS_OK;
}

/* --- the plan --------------------------------------------------------------------------------- */

static dss_status send_exchange(dss_cu_gpu *gpu) {
  const dss_exchange *e = &gpu->design.plan->exchange;
  dss_exchange *to = &gpu->profiles.exchange;
  *to = *e;
  DSS_CU_SEND(to->stratum_ptr, e->stratum_ptr, (uint64_t)e->n_strata + 1, "strata");
  DSS_CU_SEND(to->order, e->order, e->n_raters, "the raters' order");
  if (e->n_arrangements == 0) return DSS_OK;
  DSS_CU_SEND(to->class_of, e->class_of, e->n_raters, "classes");
  DSS_CU_SEND(to->representative, e->representative, e->n_classes, "classes");
  DSS_CU_SEND(to->arrangements, e->arrangements, e->n_strata, "arrangements");
  return DSS_OK;
}

static dss_status send_profiles(dss_cu_gpu *gpu) {
  const dss_cu_design *d = &gpu->design;
  uint32_t n = d->plan->exchange.n_raters, of_rater[64], *base;
  uint32_t *words = d->n_words <= 64 ? of_rater : calloc(d->n_words, sizeof *words);
  base = calloc((uint64_t)d->n_words * n + 1, sizeof *base);
  gpu->place = calloc((size_t)n + 1, sizeof *gpu->place);
  dss_status status = words && base && gpu->place ? DSS_OK : DSS_ERR_MEMORY;
  for (uint32_t r = 0; status == DSS_OK && r < n; r++) {
    dss_cu_words(d, r, words);
    for (uint32_t w = 0; w < d->n_words; w++)
      base[(uint64_t)w * n + r] = words[w];
    gpu->place[d->plan->exchange.order[r]] = r;
  }
  void *sent = NULL;
  if (status == DSS_OK)
    status = dss_cu_send(gpu, base, (uint64_t)d->n_words * n * sizeof *base, "profiles", &sent);
  gpu->profiles.base = sent;
  if (words != of_rater) free(words);
  free(base);
  return status;
}

static dss_status send_groups(dss_cu_gpu *gpu) {
  const dss_kernel_plan *plan = gpu->design.plan;
  dss_cu_tested *each = calloc((size_t)gpu->design.n_tested + 1, sizeof *each);
  size_t n = 0;
  if (!each) return DSS_ERR_MEMORY;
  for (size_t a = 0; a < plan->n_axes; a++)
    for (uint32_t g = 0; g < plan->axes[a].n_groups; g++) {
      size_t group = plan->axes[a].first_group + g;
      if (!plan->tested[group]) continue;
      each[n++] =
          (dss_cu_tested){.axis = gpu->design.axes[a].axis, .label = g, .group = (uint32_t)group};
    }
  void *sent = NULL, *tested = NULL, *packs = NULL;
  dss_status status = dss_cu_send(gpu, each, n * sizeof *each, "groups", &sent);
  if (status == DSS_OK)
    status = dss_cu_send(gpu, gpu->design.packs, gpu->design.n_packs * sizeof *gpu->design.packs,
                         "groups", &packs);
  if (status == DSS_OK) status = dss_cu_send(gpu, plan->tested, plan->n_groups, "groups", &tested);
  gpu->each = sent;
  gpu->tested = tested;
  gpu->packs = packs;
  free(each);
  return status;
}

static dss_status send_questions(dss_cu_gpu *gpu) {
  const dss_cu_design *d = &gpu->design;
  uint64_t largest = 0;
  gpu->tables = calloc(d->plan->n_questions + 1, sizeof *gpu->tables);
  gpu->loaded = calloc(d->plan->n_questions + 1, sizeof *gpu->loaded);
  if (!gpu->tables || !gpu->loaded) return DSS_ERR_MEMORY;
  for (size_t i = 0; i < d->plan->n_questions; i++) {
    const dss_cu_question *q = &d->questions[i];
    DSS_CU_TRY(dss_cu_send_tables(gpu, &d->plan->questions[i].tables, &gpu->tables[i]));
    gpu->loaded[i] = calloc((size_t)q->n_parts + 1, sizeof *gpu->loaded[i]);
    if (!gpu->loaded[i]) return DSS_ERR_MEMORY;
    for (uint32_t p = 0; p < q->n_parts; p++) {
      uint64_t bytes = dss_cu_part_bytes(d, i, &q->part[p]);
      void *memory;
      if (bytes > largest) largest = bytes;
      if (!d->resident) continue;
      DSS_CU_TRY(dss_cu_take(gpu, bytes, "ratings", &memory));
      DSS_CU_TRY(dss_cu_load(gpu, i, &q->part[p], memory, &gpu->loaded[i][p]));
    }
  }
  if (d->resident) return DSS_OK;
  return dss_cu_take(gpu, largest, "a part of the ratings", (void **)&gpu->part);
}

static dss_status open_products(dss_cu_gpu *gpu) {
  uint64_t labels, counts;
  dss_cu_product_sizes(&gpu->design, &labels, &counts);
  if (labels == 0) return DSS_OK;
  DSS_CU_TRY(dss_cu_load_blas(&gpu->blas));
  DSS_CU_TRY(dss_cu_check_blas(gpu->blas, gpu->blas->create(&gpu->products), "starting cuBLAS"));
  DSS_CU_TRY(dss_cu_take(gpu, labels, "labels of a product", (void **)&gpu->product_labels));
  return dss_cu_take(gpu, counts, "counts", (void **)&gpu->counts);
}

/* What grows with the resamples at once. */
static dss_status take_chunk(dss_cu_gpu *gpu) {
  const dss_cu_design *d = &gpu->design;
  const dss_exchange *e = &d->plan->exchange;
  uint64_t n = d->resamples, values = n * dss_cu_columns(d) * sizeof(double);
  uint64_t aside = e->n_arrangements > 0 ? n : DSS_WARP; /* resamples that are not drawn */
  gpu->labels = (dss_cu_labels){.packs = gpu->packs,
                                .n_raters = e->n_raters,
                                .n_words = d->n_words,
                                .n_planes = d->n_planes,
                                .n_packs = d->n_packs,
                                .bits = d->bits};
  DSS_CU_TRY(dss_cu_take(gpu, n * d->n_words * e->n_raters * sizeof(uint32_t), "labels",
                         (void **)&gpu->labels.word));
  DSS_CU_TRY(
      dss_cu_take(gpu, n * d->n_planes * e->n_raters, "labels", (void **)&gpu->labels.plane));
  DSS_CU_TRY(dss_cu_take(gpu, n * d->n_packs * e->n_raters * sizeof(uint32_t), "labels",
                         (void **)&gpu->labels.pack));
  DSS_CU_TRY(dss_cu_take(gpu, aside * dss_cu_labels_scratch(e) * sizeof(uint32_t), "arrangements",
                         (void **)&gpu->profiles.scratch));
  DSS_CU_TRY(dss_cu_take(gpu, n * dss_cu_saved(d), "sums", (void **)&gpu->saved));
  DSS_CU_TRY(dss_cu_pairwise_take(gpu));
  DSS_CU_TRY(dss_cu_take(gpu, values, "values", (void **)&gpu->values));
  DSS_CU_TRY(dss_cu_take(gpu, values, "values", (void **)&gpu->rows));
  /* Groups that are not tested keep this NaN. */
  return dss_cu_check(cudaMemsetAsync(gpu->values, 0xff, values, gpu->stream), "clearing values");
}

/* Less memory than was free a moment ago means fewer resamples at once, not an end. */
static dss_status take_what_there_is(dss_cu_gpu *gpu) {
  size_t before = gpu->n_taken;
  for (;;) {
    dss_status status = take_chunk(gpu);
    if (status != DSS_ERR_MEMORY || gpu->design.resamples <= DSS_WARP) return status;
    while (gpu->n_taken > before)
      dss_cu_give_last(gpu);
    gpu->design.resamples = gpu->design.resamples / (2 * DSS_WARP) * DSS_WARP;
    if (gpu->design.resamples == 0) gpu->design.resamples = DSS_WARP;
  }
}

dss_status dss_cu_gpu_open(dss_cu_gpu *gpu, int number, const dss_kernel_plan *plan,
                           const dss_pairwise_plan *pairs, uint64_t bytes) {
  *gpu = (dss_cu_gpu){.number = number};
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(number), "opening the GPU"));
  DSS_CU_TRY(dss_cu_budget(bytes, &bytes));
  DSS_CU_TRY(dss_cu_design_make(plan, pairs, bytes, &gpu->design));
  DSS_CU_TRY(dss_cu_check(cudaStreamCreateWithFlags(&gpu->stream, cudaStreamNonBlocking),
                          "opening the GPU"));
  DSS_CU_TRY(send_exchange(gpu));
  DSS_CU_TRY(send_profiles(gpu));
  DSS_CU_TRY(send_groups(gpu));
  DSS_CU_TRY(send_questions(gpu));
  DSS_CU_TRY(dss_cu_pairwise_send(gpu));
  DSS_CU_TRY(open_products(gpu));
  return take_what_there_is(gpu);
}

void dss_cu_gpu_close(dss_cu_gpu *gpu) {
  cudaSetDevice(gpu->number);
  while (gpu->n_taken > 0)
    dss_cu_give_last(gpu);
  if (gpu->products) gpu->blas->destroy(gpu->products);
  if (gpu->stream) cudaStreamDestroy(gpu->stream);
  cudaGetLastError(); /* a device that was lost has nothing to give back */
  for (size_t i = 0; gpu->loaded && i < gpu->design.plan->n_questions; i++)
    free(gpu->loaded[i]);
  free(gpu->loaded);
  free(gpu->tables);
  free(gpu->pairwise);
  free(gpu->taken);
  free(gpu->place);
  if (gpu->design.plan) dss_cu_design_free(&gpu->design);
  memset(gpu, 0, sizeof *gpu);
}

/* --- values ----------------------------------------------------------------------------------- */

/* What sums of question i have in common, for n resamples, of a part. */
static dss_cu_sums sums_of(const dss_cu_gpu *gpu, size_t i, uint32_t n, uint32_t part) {
  const dss_kernel_plan *plan = gpu->design.plan;
  uint64_t stride = gpu->design.resamples;
  uint64_t columns = i * plan->n_groups * gpu->design.width;
  return (dss_cu_sums){.tables = gpu->tables[i],
                       .choice = plan->choice,
                       .labels = gpu->labels,
                       .values = {.value = gpu->values + columns * stride,
                                  .stride = stride,
                                  .metrics = plan->metrics,
                                  .width = gpu->design.width},
                       .n_resamples = n,
                       .first = part == 0,
                       .last = part + 1 == gpu->design.questions[i].n_parts,
                       .saved = gpu->saved};
}

static dss_cu_lists axis_of(const dss_cu_gpu *gpu, size_t i, size_t a) {
  dss_cu_lists lists = gpu->design.axes[a];
  lists.tally = gpu->design.questions[i].tally;
  lists.tested = gpu->tested + lists.first_group;
  return lists;
}

/* All packs at once, then the other axes. */
static dss_status walk_lists(dss_cu_gpu *gpu, size_t i, const dss_cu_sums *sums,
                             const dss_cu_loaded *loaded) {
  uint32_t most = 0;
  for (uint32_t p = 0; p < gpu->design.n_packs; p++)
    if (gpu->design.packs[p].n_rows > most) most = gpu->design.packs[p].n_rows;
  if (most > 0)
    DSS_CU_TRY(dss_cu_check(dss_cu_lists_add_packs(sums, &loaded->ratings, most,
                                                   gpu->design.questions[i].tally, gpu->stream),
                            "starting the kernel of lists"));
  for (size_t a = 0; a < gpu->design.plan->n_axes; a++) {
    dss_cu_lists lists = axis_of(gpu, i, a);
    if (lists.n_tested == 0 || lists.packed) continue;
    DSS_CU_TRY(dss_cu_check(dss_cu_lists_add(sums, &loaded->ratings, &lists, gpu->stream),
                            "starting the kernel of lists"));
  }
  return DSS_OK;
}

/* As many warps of resamples as a product takes. */
static dss_status one_product(dss_cu_gpu *gpu, size_t i, const dss_cu_sums *whole,
                              const dss_cu_loaded *loaded, size_t a, uint32_t from, uint32_t n) {
  dss_cu_sums sums = *whole;
  dss_cu_products products = {
      .lists = axis_of(gpu, i, a),
      .n_places = gpu->design.n_places,
      .n_columns = dss_cu_product_columns(loaded->ratings.n_items, sums.tables.n_levels),
      .ratings = loaded->matrix,
      .total = loaded->total,
      .labels = gpu->product_labels,
      .counts = gpu->counts,
  };
  cublasStatus_t product;
  sums.n_resamples = n;
  sums.labels.word += (uint64_t)from * sums.labels.n_words * sums.labels.n_raters;
  sums.values.value += from;
  if (sums.saved) sums.saved = (unsigned char *)sums.saved + from * gpu->design.questions[i].saved;
  DSS_CU_TRY(dss_cu_check(dss_cu_products_add(&sums, loaded->ratings.n_items, &products, gpu->blas,
                                              gpu->products, &product, gpu->stream),
                          "starting the kernels of products"));
  return dss_cu_check_blas(gpu->blas, product, "multiplying by cuBLAS");
}

static dss_status multiply(dss_cu_gpu *gpu, size_t i, const dss_cu_sums *sums,
                           const dss_cu_loaded *loaded) {
  uint32_t step = gpu->design.product_warps * DSS_WARP;
  for (uint32_t from = 0; from < sums->n_resamples; from += step) {
    uint32_t left = sums->n_resamples - from;
    for (size_t a = 0; a < gpu->design.plan->n_axes; a++)
      if (gpu->design.axes[a].n_tested > 0)
        DSS_CU_TRY(one_product(gpu, i, sums, loaded, a, from, left < step ? left : step));
  }
  return DSS_OK;
}

/* The part where it is, or after it has been brought. */
static dss_status load_part(dss_cu_gpu *gpu, size_t i, uint32_t part, dss_cu_loaded *loaded) {
  if (!gpu->design.resident)
    return dss_cu_load(gpu, i, &gpu->design.questions[i].part[part], gpu->part, loaded);
  *loaded = gpu->loaded[i][part];
  return DSS_OK;
}

/* The general kernel: some of the groups over all parts, then others. */
static dss_status sum_groups(dss_cu_gpu *gpu, size_t i, uint32_t n, uint32_t first,
                             uint32_t n_groups) {
  for (uint32_t p = 0; p < gpu->design.questions[i].n_parts; p++) {
    dss_cu_loaded loaded;
    dss_cu_sums sums = sums_of(gpu, i, n, p);
    DSS_CU_TRY(load_part(gpu, i, p, &loaded));
    DSS_CU_TRY(dss_cu_check(
        dss_cu_general(&sums, &loaded.ratings, gpu->each + first, n_groups, gpu->stream),
        "starting the general kernel"));
  }
  return DSS_OK;
}

static dss_status sum_question(dss_cu_gpu *gpu, size_t i, uint32_t n) {
  const dss_cu_question *q = &gpu->design.questions[i];
  uint32_t tested = gpu->design.n_tested, at_once = gpu->design.at_once;
  for (uint32_t g = 0; q->method == DSS_CU_GENERAL && g < tested; g += at_once)
    DSS_CU_TRY(sum_groups(gpu, i, n, g, tested - g < at_once ? tested - g : at_once));
  for (uint32_t p = 0; q->method != DSS_CU_GENERAL && p < q->n_parts; p++) {
    dss_cu_loaded loaded;
    dss_cu_sums sums = sums_of(gpu, i, n, p);
    DSS_CU_TRY(load_part(gpu, i, p, &loaded));
    DSS_CU_TRY(q->method == DSS_CU_LISTS ? walk_lists(gpu, i, &sums, &loaded)
                                         : multiply(gpu, i, &sums, &loaded));
  }
  return DSS_OK;
}

dss_status dss_cu_gpu_make(dss_cu_gpu *gpu, uint64_t first, uint32_t n) {
  uint32_t whole = (n + DSS_WARP - 1) / DSS_WARP * DSS_WARP;
  DSS_CU_TRY(
      dss_cu_check(dss_cu_make_labels(&gpu->profiles, &gpu->labels, first, whole, gpu->stream),
                   "starting the shuffle"));
  for (size_t i = 0; i < gpu->design.plan->n_questions; i++) {
    DSS_CU_TRY(sum_question(gpu, i, whole));
    if (gpu->pairwise) DSS_CU_TRY(dss_cu_pairwise_make(gpu, i, whole));
  }
  return DSS_OK;
}

dss_status dss_cu_fetch(dss_cu_gpu *gpu, const double *values, uint64_t stride, uint32_t columns,
                        uint32_t n, double *rows, double *out) {
  DSS_CU_TRY(dss_cu_check(dss_cu_rows(values, stride, columns, n, rows, gpu->stream),
                          "turning values round"));
  DSS_CU_TRY(dss_cu_check(cudaMemcpyAsync(out, rows, (uint64_t)n * columns * sizeof *out,
                                          cudaMemcpyDeviceToHost, gpu->stream),
                          "copying values from the GPU"));
  return dss_cu_check(cudaStreamSynchronize(gpu->stream), "computing values");
}
