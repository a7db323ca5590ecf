/* A thread takes one resample: it draws its weights, walks over the group's list, and puts the
 * statistics, all by the functions that the host uses (dss_draw_weights, dss_listing_sums). Weights
 * and sums stand in device memory, each thread's for itself.
 *
 * Deterministic: draws come from (seed, purpose, b, j) alone, sums are integers. Grid: resamples /
 * 32; no shared memory. Bytes a resample: a sector of 32 for every draw and every rating. */
#include "bootstrap.h"
#include "put.cuh"
#include "saved.cuh"

enum { THREADS = 32 };

/* Sums first, then weights of raters, of items, an item's counts. */
__host__ __device__ static inline uint64_t bytes_of(const dss_listing *l, uint32_t n_levels) {
  uint64_t numbers = (uint64_t)l->n_x + l->n_y + l->n_question_items + 2 * (uint64_t)n_levels;
  return dss_cu_saved_bytes(n_levels) + (numbers * sizeof(uint32_t) + 15) / 16 * 16;
}

uint64_t dss_cu_bootstrap_bytes(const dss_listing *listing, uint32_t n_levels) {
  return bytes_of(listing, n_levels);
}

__global__ static void __launch_bounds__(THREADS)
    resample_group(const __grid_constant__ dss_cu_bootstrap of, uint64_t first, uint32_t n) {
  uint32_t resample = blockIdx.x * THREADS + threadIdx.x;
  if (resample >= n) return;
  const dss_listing *l = &of.listing;
  const uint32_t levels = of.tables.n_levels;
  unsigned char *mine = of.scratch + resample * bytes_of(l, levels);
  uint32_t *weight = (uint32_t *)(mine + dss_cu_saved_bytes(levels));
  uint32_t *times = weight + l->n_x + l->n_y;
  uint64_t b = first == DSS_RESAMPLE_NONE ? first : first + resample;
  uint64_t of_raters = of.raters ? b : DSS_RESAMPLE_NONE;
  uint64_t of_items = of.items ? b : DSS_RESAMPLE_NONE;
  dss_draw_weights(of.seed, DSS_PURPOSE_GROUP, of_raters, l->n_x, weight);
  dss_draw_weights(of.seed, DSS_PURPOSE_COMPLEMENT, of_raters, l->n_y, weight + l->n_x);
  dss_draw_weights(of.seed, DSS_PURPOSE_ITEMS, of_items, l->n_question_items, times);
  dss_cu_clear_saved(mine, levels);
  dss_group_sums *sums = (dss_group_sums *)mine;
  dss_listing_sums(l, &of.tables, &of.choice, weight, times, times + l->n_question_items, sums);
  dss_values values = dss_values_of(&of.tables, &of.choice, sums);
  dss_cu_put(&of.values, 0, resample, &values);
}

cudaError_t dss_cu_bootstrap_values(const dss_cu_bootstrap *of, uint64_t first, uint32_t n,
                                    cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3((n + THREADS - 1) / THREADS);
  config.blockDim = dim3(THREADS);
  config.stream = stream;
  return cudaLaunchKernelEx(&config, resample_group, *of, first, n);
}
