/* Statistics of pairs of raters on one or several GPUs, each of which holds all lists: labels by
 * labels.cu, the sums of one question and axis after the other, values to the host. */
#include "pairwise.h"

#include <stdlib.h>
#include <string.h>

#include "devices.h"
#include "gpu.h"
#include "rows.h"
#include "spread.h"
#include "trouble.h"

/* Of what grows with the resamples at once. */
#define CHUNK_BYTES ((uint64_t)1 << 30)

/* One GPU with everything on it. */
typedef struct one_gpu {
  const dss_pairwise_plan *plan;
  dss_kernel_plan labels; /* the plan without questions: its labels are all that is made of it */
  dss_cu_gpu gpu;         /* that does so; its design's resamples become ours */
  dss_cu_pairwise *questions; /* [n_questions] what does not change */
  uint32_t most_groups, most_levels;
  unsigned long long *sums;
  uint32_t *levels;
  double *values, *rows;
} one_gpu;

typedef struct cuda_state {
  size_t n_gpus;
  one_gpu *gpus;
} cuda_state;

static void close_gpu(one_gpu *s) {
  dss_cu_gpu_close(&s->gpu);
  free(s->questions);
}

static void cuda_close(void *opaque) {
  cuda_state *state = opaque;
  if (!state) return;
  for (size_t i = 0; i < state->n_gpus; i++)
    close_gpu(&state->gpus[i]);
  free(state->gpus);
  free(state);
}

static uint32_t columns_of(const one_gpu *s) {
  return (uint32_t)(s->plan->plan->n_questions * s->plan->plan->n_groups * s->plan->n_statistics);
}

/* --- what stays on the device -------------------------------------------------------------------
 */

/* The lists by place, where `at` stands for rater order[place]. */
static void turn_lists(const one_gpu *s, const dss_pairwise_question *q, uint64_t *ptr,
                       uint32_t *other, uint64_t *steps, uint32_t *count) {
  const dss_exchange *e = &s->plan->plan->exchange;
  uint64_t n = 0;
  for (uint32_t place = 0; place < e->n_raters; place++) {
    uint32_t r = e->order[place];
    for (uint64_t i = q->ptr[r]; i < q->ptr[r + 1]; i++, n++) {
      other[n] = s->gpu.place[q->other[i]];
      steps[n] = q->steps[i];
    }
    ptr[place + 1] = n;
    memcpy(&count[(size_t)place * q->scale.n_levels], &q->count[(size_t)r * q->scale.n_levels],
           q->scale.n_levels * sizeof *count);
  }
}

static dss_status send(one_gpu *s, const void *from, uint64_t bytes, const char *what,
                       const void **to) {
  void *memory;
  DSS_CU_TRY(dss_cu_send(&s->gpu, from, bytes, what, &memory));
  *to = memory;
  return DSS_OK;
}

static dss_status send_scale(one_gpu *s, const dss_pair_scale *from, dss_pair_scale *to) {
  uint64_t levels = from->n_levels;
  const void *rank = NULL, *distance = NULL;
  *to = *from;
  if (from->rank) DSS_CU_TRY(send(s, from->rank, levels * sizeof *from->rank, "ranks", &rank));
  if (from->distance)
    DSS_CU_TRY(
        send(s, from->distance, levels * levels * sizeof *from->distance, "distances", &distance));
  to->rank = rank;
  to->distance = distance;
  to->code = NULL; /* no correlation here */
  to->value = NULL;
  return DSS_OK;
}

static dss_status send_question(one_gpu *s, const dss_pairwise_question *q, dss_cu_pairwise *to) {
  uint32_t n = s->plan->plan->exchange.n_raters, levels = q->scale.n_levels;
  uint64_t pairs = q->ptr[n], counts = (uint64_t)n * levels;
  uint64_t *ptr = calloc((size_t)n + 1, sizeof *ptr), *steps = calloc(pairs + 1, sizeof *steps);
  uint32_t *other = calloc(pairs + 1, sizeof *other), *count = calloc(counts + 1, sizeof *count);
  const void *sent[4] = {NULL, NULL, NULL, NULL};
  dss_status status = ptr && steps && other && count ? DSS_OK : DSS_ERR_MEMORY;
  if (status == DSS_OK) turn_lists(s, q, ptr, other, steps, count);
  if (status == DSS_OK)
    status = send(s, ptr, ((uint64_t)n + 1) * sizeof *ptr, "lists of pairs", &sent[0]);
  if (status == DSS_OK) status = send(s, other, pairs * sizeof *other, "lists of pairs", &sent[1]);
  if (status == DSS_OK) status = send(s, steps, pairs * sizeof *steps, "lists of pairs", &sent[2]);
  if (status == DSS_OK) status = send(s, count, counts * sizeof *count, "levels", &sent[3]);
  free(ptr);
  free(steps);
  free(other);
  free(count);
  DSS_CU_TRY(status);
  *to = (dss_cu_pairwise){.step = q->step,
                          .ptr = sent[0],
                          .other = sent[1],
                          .steps = sent[2],
                          .count = sent[3],
                          .shift = 64 - dss_pairwise_count_bits(n),
                          .metrics = s->plan->metrics,
                          .n_statistics = (uint32_t)s->plan->n_statistics};
  return send_scale(s, &q->scale, &to->scale);
}

/* --- what a chunk needs -------------------------------------------------------------------------
 */

/* Bytes of one more resample, labels aside. */
static uint64_t bytes_of_one(const one_gpu *s) {
  return (uint64_t)s->most_groups * DSS_CU_PAIRWISE * sizeof *s->sums +
         ((uint64_t)s->most_groups + 1) * s->most_levels * sizeof *s->levels +
         2 * (uint64_t)columns_of(s) * sizeof(double);
}

static uint64_t bytes_of_lists(const one_gpu *s) {
  uint64_t n = s->plan->plan->exchange.n_raters, bytes = 0;
  for (size_t q = 0; q < s->plan->plan->n_questions; q++) {
    const dss_pairwise_question *question = &s->plan->questions[q];
    bytes += question->ptr[n] * (sizeof *question->other + sizeof *question->steps) +
             (n + 1) * sizeof *question->ptr + n * question->scale.n_levels * sizeof(uint32_t);
  }
  return bytes;
}

static dss_status take_chunk(one_gpu *s) {
  uint64_t n = s->gpu.design.resamples, values = n * columns_of(s) * sizeof(double);
  DSS_CU_TRY(dss_cu_take(&s->gpu, n * s->most_groups * DSS_CU_PAIRWISE * sizeof *s->sums, "sums",
                         (void **)&s->sums));
  DSS_CU_TRY(dss_cu_take(&s->gpu,
                         n * ((uint64_t)s->most_groups + 1) * s->most_levels * sizeof *s->levels,
                         "levels", (void **)&s->levels));
  DSS_CU_TRY(dss_cu_take(&s->gpu, values, "values", (void **)&s->values));
  return dss_cu_take(&s->gpu, values, "values", (void **)&s->rows);
}

/* As many resamples at once as the bytes hold, and fewer where there turns out to be less. */
static dss_status take_what_there_is(one_gpu *s, uint64_t bytes) {
  uint32_t *resamples = &s->gpu.design.resamples;
  size_t before = s->gpu.n_taken;
  if (bytes > CHUNK_BYTES) bytes = CHUNK_BYTES;
  uint64_t fit = bytes / bytes_of_one(s) / DSS_WARP * DSS_WARP;
  if (fit < *resamples) *resamples = fit > DSS_WARP ? (uint32_t)fit : DSS_WARP;
  for (;;) {
    dss_status status = take_chunk(s);
    if (status != DSS_ERR_MEMORY || *resamples <= DSS_WARP) return status;
    while (s->gpu.n_taken > before)
      dss_cu_give_last(&s->gpu);
    *resamples = *resamples / (2 * DSS_WARP) * DSS_WARP;
    if (*resamples == 0) *resamples = DSS_WARP;
  }
}

static void find_most(one_gpu *s) {
  const dss_kernel_plan *plan = s->plan->plan;
  for (size_t q = 0; q < plan->n_questions; q++)
    if (s->plan->questions[q].scale.n_levels > s->most_levels)
      s->most_levels = s->plan->questions[q].scale.n_levels;
  for (size_t a = 0; a < plan->n_axes; a++)
    if (plan->axes[a].n_groups > s->most_groups) s->most_groups = plan->axes[a].n_groups;
}

/* Of the fewest resamples at once, at most: labels, and raters in another order. */
static uint64_t bytes_of_labels(const one_gpu *s) {
  const dss_kernel_plan *plan = s->plan->plan;
  return DSS_WARP * (uint64_t)plan->exchange.n_raters * (plan->n_axes + 3) * sizeof(uint32_t) +
         ((uint64_t)2 << 20);
}

/* Half of the memory, the other is for the statistics of items: the lists, then half of what is
 * left for labels and half for sums and values. `run` has halved what was asked for. */
static dss_status share_memory(one_gpu *s, const dss_resources *resources, uint64_t *left) {
  uint64_t bytes, lists = bytes_of_lists(s), sums = DSS_WARP * bytes_of_one(s);
  uint64_t labels = bytes_of_labels(s), least = lists + 2 * (sums > labels ? sums : labels);
  DSS_CU_TRY(dss_cu_budget(resources->device_bytes, &bytes));
  if (resources->device_bytes == 0) bytes /= 2;
  if (bytes < least)
    return dss_cu_fail(
        DSS_ERR_MEMORY,
        "statistics of pairs need %lu MiB of GPU memory, half of it for their lists, "
        "and may use %s",
        (unsigned long)((2 * least >> 20) + 1), dss_cu_bytes(2 * bytes).text);
  *left = (bytes - lists) / 2;
  return DSS_OK;
}

static dss_status open_gpu(one_gpu *s, int number, const dss_pairwise_plan *plan,
                           const dss_resources *resources) {
  uint64_t left = 0;
  *s = (one_gpu){.plan = plan, .labels = *plan->plan};
  s->labels.n_questions = 0;
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(number), "opening the GPU"));
  find_most(s);
  DSS_CU_TRY(share_memory(s, resources, &left));
  DSS_CU_TRY(dss_cu_gpu_open(&s->gpu, number, &s->labels, left));
  s->questions = calloc(plan->plan->n_questions + 1, sizeof *s->questions);
  if (!s->questions) return DSS_ERR_MEMORY;
  for (size_t q = 0; q < plan->plan->n_questions; q++)
    DSS_CU_TRY(send_question(s, &plan->questions[q], &s->questions[q]));
  return take_what_there_is(s, left);
}

typedef struct opening {
  cuda_state *state;
  const dss_pairwise_plan *plan;
  const dss_resources *resources;
} opening;

static dss_status open_one(void *user, size_t slot, int number) {
  opening *o = user;
  one_gpu *gpu = &o->state->gpus[slot];
  dss_status status = open_gpu(gpu, number, o->plan, o->resources);
  if (status != DSS_OK) close_gpu(gpu);
  return status;
}

static dss_status open_gpus(cuda_state *state, const dss_pairwise_plan *plan,
                            const dss_resources *resources) {
  opening o = {state, plan, resources};
  state->gpus = calloc(DSS_CU_MOST_DEVICES, sizeof *state->gpus);
  return state->gpus ? dss_cu_open_all(resources, open_one, &o, &state->n_gpus) : DSS_ERR_MEMORY;
}

static dss_status cuda_open(const dss_pairwise_plan *plan, const dss_resources *resources,
                            void **opaque) {
  dss_cu_forget_trouble();
  cuda_state *state = calloc(1, sizeof *state);
  if (!state) return DSS_ERR_MEMORY;
  dss_status status = open_gpus(state, plan, resources);
  if (status == DSS_OK)
    *opaque = state;
  else
    cuda_close(state);
  return status;
}

/* --- values --------------------------------------------------------------------------------------
 */

/* One question on one axis, of n resamples, whole warps. */
static dss_status sum_axis(one_gpu *s, size_t q, size_t a, uint32_t n) {
  dss_cu_gpu *gpu = &s->gpu;
  const dss_kernel_plan *plan = s->plan->plan;
  dss_cu_pairwise p = s->questions[q];
  uint64_t groups = plan->axes[a].n_groups, column = q * plan->n_groups + plan->axes[a].first_group;
  p.labels = gpu->labels;
  p.axis = gpu->design.axes[a].axis;
  p.tested = gpu->tested + plan->axes[a].first_group;
  p.n_resamples = n;
  p.stride = gpu->design.resamples;
  p.sums = s->sums;
  p.levels = s->levels;
  p.value = s->values + column * p.n_statistics * p.stride;
  DSS_CU_TRY(dss_cu_check(cudaMemsetAsync(s->sums, 0,
                                          groups * DSS_CU_PAIRWISE * p.stride * sizeof *s->sums,
                                          gpu->stream),
                          "clearing sums"));
  DSS_CU_TRY(dss_cu_check(cudaMemsetAsync(s->levels, 0,
                                          n * (groups + 1) * p.scale.n_levels * sizeof *s->levels,
                                          gpu->stream),
                          "clearing levels"));
  DSS_CU_TRY(dss_cu_check(dss_cu_pairwise_add(&p, gpu->stream), "starting the kernel of pairs"));
  return dss_cu_check(dss_cu_pairwise_put(&p, gpu->stream), "starting the kernel of pairs");
}

static dss_status make_chunk(one_gpu *s, uint64_t first, uint32_t n, double *out) {
  dss_cu_gpu *gpu = &s->gpu;
  uint32_t whole = (n + DSS_WARP - 1) / DSS_WARP * DSS_WARP, columns = columns_of(s);
  uint64_t stride = gpu->design.resamples;
  DSS_CU_TRY(dss_cu_gpu_make(gpu, first, n)); /* labels */
  /* Groups that are not tested keep this NaN. */
  DSS_CU_TRY(dss_cu_check(
      cudaMemsetAsync(s->values, 0xff, stride * columns * sizeof *s->values, gpu->stream),
      "clearing values"));
  for (size_t q = 0; q < s->plan->plan->n_questions; q++)
    for (size_t a = 0; a < s->plan->plan->n_axes; a++)
      DSS_CU_TRY(sum_axis(s, q, a, whole));
  DSS_CU_TRY(dss_cu_check(dss_cu_rows(s->values, stride, columns, n, s->rows, gpu->stream),
                          "turning values round"));
  DSS_CU_TRY(dss_cu_check(cudaMemcpyAsync(out, s->rows, (uint64_t)n * columns * sizeof *out,
                                          cudaMemcpyDeviceToHost, gpu->stream),
                          "copying values from the GPU"));
  return dss_cu_check(cudaStreamSynchronize(gpu->stream), "computing values of pairs");
}

static dss_status values_of(one_gpu *s, uint64_t first, uint64_t count, double *out) {
  uint32_t most = s->gpu.design.resamples;
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(s->gpu.number), "going to the GPU"));
  for (uint64_t done = 0; done < count; done += most) {
    uint32_t n = count - done < most ? (uint32_t)(count - done) : most;
    DSS_CU_TRY(make_chunk(s, first == DSS_RESAMPLE_NONE ? first : first + done, n,
                          &out[done * columns_of(s)]));
  }
  return DSS_OK;
}

typedef struct values_user {
  cuda_state *state;
  uint64_t first;
  double *out;
} values_user;

static dss_status share_values(void *opaque, size_t i, uint64_t first, uint64_t count) {
  values_user *user = opaque;
  one_gpu *gpu = &user->state->gpus[i];
  return values_of(gpu, first, count, user->out + (first - user->first) * columns_of(gpu));
}

static dss_status cuda_values(void *opaque, uint64_t first, uint64_t count, double *out) {
  cuda_state *state = opaque;
  dss_cu_forget_trouble();
  if (first == DSS_RESAMPLE_NONE) return values_of(&state->gpus[0], first, count, out);
  values_user user = {state, first, out};
  return dss_cu_spread(state->n_gpus, first, count, share_values, &user);
}

static const dss_pairwise_backend backend = {
    .name = "cuda",
    .open = cuda_open,
    .values = cuda_values,
    .close = cuda_close,
    .failure = dss_cu_trouble,
};

const dss_pairwise_backend *const dss_pairwise_cuda = &backend;
