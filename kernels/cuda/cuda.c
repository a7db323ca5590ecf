/* The CUDA backend: resamples on one or several GPUs, to the reference's bits.
 *
 * A GPU holds the plan and takes its resamples chunk by chunk: it makes their labels from (seed,
 * b), sums every group, puts the statistics, and adds them to accumulators of its own. What crosses
 * the bus is the plan, once, and the accumulators, once a call of `run`. Several GPUs take
 * consecutive ranges of whole blocks of moments. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootstraps.h"
#include "devices.h"
#include "gpu.h"
#include "part.h"
#include "spread.h"
#include "trouble.h"

typedef struct cuda_state {
  const dss_kernel_plan *plan;
  const dss_pairwise_plan *pairs; /* or NULL */
  size_t n_gpus;
  dss_cu_gpu *gpus;
  dss_cu_bootstraps *bootstraps; /* [n_gpus] of one group, while it is open */
} cuda_state;

/* --- opening ---------------------------------------------------------------------------------- */

/* The design of the first of the GPUs on which the plan fits. */
static dss_status design_on(const dss_kernel_plan *plan, const dss_pairwise_plan *pairs,
                            const dss_resources *resources, const int *numbers, size_t n,
                            dss_cu_design *design, int *number) {
  dss_status status = DSS_ERR_DEVICE;
  for (size_t i = 0; i < n && status != DSS_OK; i++) {
    uint64_t bytes;
    *number = numbers[i];
    status = dss_cu_check(cudaSetDevice(numbers[i]), "opening the GPU");
    if (status == DSS_OK) status = dss_cu_budget(resources->device_bytes, &bytes);
    if (status == DSS_OK) status = dss_cu_design_make(plan, pairs, bytes, design);
  }
  return status;
}

static dss_status probe(const dss_kernel_plan *plan, const dss_pairwise_plan *pairs,
                        const dss_resources *resources, dss_backend_report *report) {
  int numbers[DSS_CU_MOST_DEVICES], number;
  size_t n;
  dss_cu_design design;
  struct cudaDeviceProp properties;
  memset(report, 0, sizeof *report);
  dss_cu_forget_trouble();
  dss_status status = dss_cu_usable(resources, DSS_CU_MOST_DEVICES, numbers, &n, &report->absent);
  if (status == DSS_OK) status = design_on(plan, pairs, resources, numbers, n, &design, &number);
  if (status != DSS_OK) {
    snprintf(report->why, sizeof report->why, "%s", dss_cu_trouble());
    return status;
  }
  bool named = cudaGetDeviceProperties(&properties, number) == cudaSuccess;
  dss_cu_describe(&design, n, named ? properties.name : "without a name", report);
  dss_cu_design_free(&design);
  return DSS_OK;
}

static dss_status cuda_probe(const dss_kernel_plan *plan, const dss_resources *resources,
                             dss_backend_report *report) {
  return probe(plan, NULL, resources, report);
}

static dss_status cuda_probe_both(const dss_pairwise_plan *pairs, const dss_resources *resources,
                                  dss_backend_report *report) {
  return probe(pairs->plan, pairs, resources, report);
}

static void cuda_close(void *opaque) {
  cuda_state *state = opaque;
  if (!state) return;
  for (size_t i = 0; state->gpus && i < state->n_gpus; i++)
    dss_cu_gpu_close(&state->gpus[i]);
  free(state->gpus);
  free(state->bootstraps);
  free(state);
}

typedef struct opening {
  cuda_state *state;
  uint64_t device_bytes;
} opening;

static dss_status open_one(void *user, size_t slot, int number) {
  opening *o = user;
  dss_cu_gpu *gpu = &o->state->gpus[slot];
  dss_status status =
      dss_cu_gpu_open(gpu, number, o->state->plan, o->state->pairs, o->device_bytes);
  if (status != DSS_OK) dss_cu_gpu_close(gpu);
  return status;
}

static dss_status open_gpus(cuda_state *state, const dss_resources *resources) {
  opening o = {state, resources->device_bytes};
  state->gpus = calloc(DSS_CU_MOST_DEVICES, sizeof *state->gpus);
  state->bootstraps = calloc(DSS_CU_MOST_DEVICES, sizeof *state->bootstraps);
  if (!state->gpus || !state->bootstraps) return DSS_ERR_MEMORY;
  return dss_cu_open_all(resources, open_one, &o, &state->n_gpus);
}

static dss_status open_state(const dss_kernel_plan *plan, const dss_pairwise_plan *pairs,
                             const dss_resources *resources, void **opaque) {
  dss_cu_forget_trouble();
  cuda_state *state = calloc(1, sizeof *state);
  if (!state) return DSS_ERR_MEMORY;
  state->plan = plan;
  state->pairs = pairs;
  dss_status status = open_gpus(state, resources);
  if (status != DSS_OK) {
    cuda_close(state);
    return status;
  }
  *opaque = state;
  return DSS_OK;
}

static dss_status cuda_open(const dss_kernel_plan *plan, const dss_resources *resources,
                            void **opaque) {
  return open_state(plan, NULL, resources, opaque);
}

static dss_status cuda_open_both(const dss_pairwise_plan *pairs, const dss_resources *resources,
                                 void **opaque) {
  return open_state(pairs->plan, pairs, resources, opaque);
}

/* --- values ----------------------------------------------------------------------------------- */

static dss_status values_of(dss_cu_gpu *gpu, uint64_t first, uint64_t count, double *out) {
  uint32_t columns = (uint32_t)dss_cu_columns(&gpu->design);
  uint32_t most = gpu->design.resamples;
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(gpu->number), "going to the GPU"));
  for (uint64_t done = 0; done < count; done += most) {
    uint32_t n = count - done < most ? (uint32_t)(count - done) : most;
    DSS_CU_TRY(dss_cu_gpu_make(gpu, first == DSS_RESAMPLE_NONE ? first : first + done, n));
    DSS_CU_TRY(dss_cu_fetch(gpu, gpu->values, most, columns, n, gpu->rows, out + done * columns));
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
  dss_cu_gpu *gpu = &user->state->gpus[i];
  return values_of(gpu, first, count,
                   user->out + (first - user->first) * dss_cu_columns(&gpu->design));
}

static dss_status cuda_values(void *opaque, uint64_t first, uint64_t count, double *out) {
  cuda_state *state = opaque;
  dss_cu_forget_trouble();
  if (first == DSS_RESAMPLE_NONE) return values_of(&state->gpus[0], first, count, out);
  values_user user = {state, first, out};
  return dss_cu_spread(state->n_gpus, DSS_WARP, first, count, share_values, &user);
}

/* --- accumulators ----------------------------------------------------------------------------- */

/* Resamples of the range into the image, by the GPU. */
static dss_status fill_image(dss_cu_gpu *gpu, dss_cu_image *image, void *memory) {
  dss_cu_part part = dss_cu_part_at(image, memory);
  uint32_t most = gpu->design.resamples;
  DSS_CU_TRY(dss_cu_check(
      cudaMemcpyAsync(memory, image->memory, image->bytes, cudaMemcpyHostToDevice, gpu->stream),
      "copying accumulators to the GPU"));
  for (uint64_t done = 0; done < image->count; done += most) {
    uint32_t n = image->count - done < most ? (uint32_t)(image->count - done) : most;
    DSS_CU_TRY(dss_cu_gpu_make(gpu, image->begin + done, n));
    DSS_CU_TRY(dss_cu_check(
        dss_cu_accumulate(&part, gpu->values, most, image->begin, done, n, gpu->stream),
        "adding to accumulators"));
  }
  DSS_CU_TRY(dss_cu_check(
      cudaMemcpyAsync(image->memory, memory, image->bytes, cudaMemcpyDeviceToHost, gpu->stream),
      "copying accumulators from the GPU"));
  return dss_cu_check(cudaStreamSynchronize(gpu->stream), "computing resamples");
}

typedef struct run_user {
  cuda_state *state;
  const dss_accumulators *accumulators;
  dss_cu_image *images; /* [n_gpus] */
} run_user;

static dss_status share_run(void *opaque, size_t i, uint64_t first, uint64_t count) {
  run_user *user = opaque;
  dss_cu_gpu *gpu = &user->state->gpus[i];
  dss_cu_image *image = &user->images[i];
  void *memory;
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(gpu->number), "going to the GPU"));
  if (!dss_cu_image_make(user->accumulators, first, count, image)) return DSS_ERR_MEMORY;
  DSS_CU_TRY(dss_cu_take(gpu, image->bytes, "accumulators", &memory));
  dss_status status = fill_image(gpu, image, memory);
  dss_cu_give_last(gpu);
  return status;
}

static dss_status run_span(cuda_state *state, uint64_t first, uint64_t count,
                           dss_accumulators *accumulators) {
  run_user user = {state, accumulators, calloc(state->n_gpus, sizeof *user.images)};
  if (!user.images) return DSS_ERR_MEMORY;
  dss_status status =
      dss_cu_spread(state->n_gpus, DSS_MOMENT_BLOCK, first, count, share_run, &user);
  for (size_t i = 0; i < state->n_gpus; i++) {
    if (status == DSS_OK && user.images[i].memory) dss_cu_merge(accumulators, &user.images[i]);
    free(user.images[i].memory);
  }
  free(user.images);
  return status;
}

/* Bytes that every GPU has for an image. */
static uint64_t image_bytes(const cuda_state *state) {
  uint64_t least = UINT64_MAX;
  for (size_t i = 0; i < state->n_gpus; i++)
    if (state->gpus[i].design.image < least) least = state->gpus[i].design.image;
  return least;
}

/* Spans of as many blocks of moments as an image has room for. */
static dss_status cuda_run(void *opaque, uint64_t first, uint64_t count,
                           dss_accumulators *accumulators) {
  cuda_state *state = opaque;
  uint64_t fixed = dss_cu_image_bytes(accumulators, 0);
  uint64_t block = dss_cu_image_bytes(accumulators, 1) - fixed + 1;
  uint64_t room = image_bytes(state);
  uint64_t blocks = fixed < room ? (room - fixed) / block : 1;
  if (blocks == 0) blocks = 1;
  dss_cu_forget_trouble();
  for (uint64_t done = 0; done < count;) {
    uint64_t end = ((first + done) / DSS_MOMENT_BLOCK + blocks * state->n_gpus) * DSS_MOMENT_BLOCK;
    uint64_t now = end - (first + done) < count - done ? end - (first + done) : count - done;
    DSS_CU_TRY(run_span(state, first + done, now, accumulators));
    done += now;
  }
  return DSS_OK;
}

/* --- bootstrap -------------------------------------------------------------------------------- */

static void close_bootstraps(cuda_state *state, size_t n) {
  for (size_t i = 0; i < n; i++)
    dss_cu_bootstraps_close(&state->gpus[i], &state->bootstraps[i]);
}

static void cuda_bootstrap_close(void *opaque) {
  cuda_state *state = opaque;
  close_bootstraps(state, state->n_gpus);
}

static dss_status cuda_bootstrap_open(void *opaque, const dss_bootstrap_group *group) {
  cuda_state *state = opaque;
  dss_cu_forget_trouble();
  for (size_t i = 0; i < state->n_gpus; i++) {
    dss_status status = dss_cu_bootstraps_open(&state->gpus[i], group, &state->bootstraps[i]);
    if (status == DSS_OK) continue;
    close_bootstraps(state, i);
    return status;
  }
  return DSS_OK;
}

static dss_status share_bootstrap(void *opaque, size_t i, uint64_t first, uint64_t count) {
  values_user *user = opaque;
  cuda_state *state = user->state;
  return dss_cu_bootstraps_values(&state->gpus[i], &state->bootstraps[i], first, count,
                                  user->out + (first - user->first) * state->plan->n_statistics);
}

static dss_status cuda_bootstrap_values(void *opaque, uint64_t first, uint64_t count, double *out) {
  values_user user = {opaque, first, out};
  dss_cu_forget_trouble();
  if (first == DSS_RESAMPLE_NONE) return share_bootstrap(&user, 0, first, count);
  return dss_cu_spread(user.state->n_gpus, DSS_WARP, first, count, share_bootstrap, &user);
}

static const dss_backend backend = {
    .name = "cuda",
    .probe = cuda_probe,
    .open = cuda_open,
    .probe_both = cuda_probe_both,
    .open_both = cuda_open_both,
    .run = cuda_run,
    .values = cuda_values,
    .close = cuda_close,
    .failure = dss_cu_trouble,
    .devices = dss_cu_devices,
    .bootstrap_open = cuda_bootstrap_open,
    .bootstrap_values = cuda_bootstrap_values,
    .bootstrap_close = cuda_bootstrap_close,
};

const dss_backend *const dss_cuda = &backend;
