/* Statistics of pairs of raters. A warp takes one rater and 32 resamples, and goes over all with
 * whom the rater shares an item: whom, how far, and the pair's one come to all its threads at once,
 * the others' labels as a line of 128 bytes. A pair costs a comparison and an addition of 64 bits
 * for the rater's group, as many for those of unknown value and for all others.
 *
 * Whole numbers throughout, so atomic additions may come in any order.
 *
 * Grid: warps of resamples x raters / WARPS; no shared memory. Bytes a pair, axis and warp: 12 of
 * the lists and 128 of labels, which the second-level cache holds. */
#include "pairwise.h"
#include "put.cuh"

enum { WARPS = 8, MOST_ROWS = 4096 };

/* One rater's sums with those of the same group and with all others of known value, in steps and
 * pairs side by side. */
typedef struct row_sums {
  uint64_t own, cross;
} row_sums;

__device__ static inline row_sums sum_row(const dss_cu_pairwise &p, const uint32_t *words,
                                          uint32_t place, uint32_t label) {
  row_sums sums = {0, 0};
  uint64_t one = (uint64_t)1 << p.shift;
  for (uint64_t i = p.ptr[place]; i < p.ptr[place + 1]; i++) {
    uint32_t theirs = dss_cu_label(&p.axis, words[(uint64_t)p.other[i] * DSS_WARP]);
    uint64_t add = p.steps[i] + one;
    sums.own += theirs == label ? add : 0;
    sums.cross += theirs != label && theirs != p.axis.mask ? add : 0;
  }
  return sums;
}

__device__ static inline void add_row(const dss_cu_pairwise &p, const row_sums &row, uint32_t label,
                                      uint32_t resample) {
  uint64_t low = ((uint64_t)1 << p.shift) - 1;
  unsigned long long *to = p.sums + (uint64_t)label * DSS_CU_PAIRWISE * p.stride + resample;
  atomicAdd(to + DSS_CU_OWN_STEPS * p.stride, (unsigned long long)(row.own & low));
  atomicAdd(to + DSS_CU_OWN_PAIRS * p.stride, (unsigned long long)(row.own >> p.shift));
  atomicAdd(to + DSS_CU_CROSS_STEPS * p.stride, (unsigned long long)(row.cross & low));
  atomicAdd(to + DSS_CU_CROSS_PAIRS * p.stride, (unsigned long long)(row.cross >> p.shift));
}

__device__ static inline uint32_t *levels_of(const dss_cu_pairwise &p, uint32_t resample,
                                             uint32_t group) {
  return p.levels + ((uint64_t)resample * (p.axis.n_groups + 1) + group) * p.scale.n_levels;
}

__global__ static void __launch_bounds__(DSS_WARP *WARPS)
    add(const __grid_constant__ dss_cu_pairwise p) {
  uint32_t resample = blockIdx.x * DSS_WARP + threadIdx.x, rows = gridDim.y * WARPS;
  const uint32_t *words = dss_cu_words(&p.labels, blockIdx.x, p.axis.word) + threadIdx.x;
  for (uint32_t place = blockIdx.y * WARPS + threadIdx.y; place < p.labels.n_raters;
       place += rows) {
    uint32_t label = dss_cu_label(&p.axis, words[(uint64_t)place * DSS_WARP]);
    if (label == p.axis.mask) continue;
    add_row(p, sum_row(p, words, place, label), label, resample);
    for (uint32_t c = 0; c < p.scale.n_levels; c++) {
      uint32_t given = p.count[(uint64_t)place * p.scale.n_levels + c];
      if (given == 0) continue;
      atomicAdd(levels_of(p, resample, label) + c, given);
      atomicAdd(levels_of(p, resample, p.axis.n_groups) + c, given);
    }
  }
}

__global__ static void __launch_bounds__(DSS_WARP *WARPS)
    put(const __grid_constant__ dss_cu_pairwise p) {
  uint32_t resample = blockIdx.x * DSS_WARP + threadIdx.x;
  uint32_t group = blockIdx.y * WARPS + threadIdx.y;
  if (group >= p.axis.n_groups || !p.tested[group]) return;
  const unsigned long long *from = p.sums + (uint64_t)group * DSS_CU_PAIRWISE * p.stride + resample;
  const dss_pairwise_sums sums = {
      from[DSS_CU_OWN_STEPS * p.stride], from[DSS_CU_OWN_PAIRS * p.stride],
      from[DSS_CU_CROSS_STEPS * p.stride], from[DSS_CU_CROSS_PAIRS * p.stride]};
  dss_pairwise_values v =
      dss_pairwise_values_of(&p.scale, p.step, &sums, levels_of(p, resample, group),
                             levels_of(p, resample, p.axis.n_groups));
  double values[4];
  dss_pairwise_put(p.metrics, &v, values);
  double *to = p.value + (uint64_t)group * p.n_statistics * p.stride + resample;
  for (uint32_t i = 0; i < p.n_statistics; i++)
    to[i * p.stride] = values[i];
}

static cudaLaunchConfig_t over(const dss_cu_pairwise *p, uint32_t rows, cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  uint32_t blocks = (rows + WARPS - 1) / WARPS;
  config.gridDim = dim3(p->n_resamples / DSS_WARP, blocks);
  config.blockDim = dim3(DSS_WARP, WARPS);
  config.stream = stream;
  return config;
}

cudaError_t dss_cu_pairwise_add(const dss_cu_pairwise *p, cudaStream_t stream) {
  uint32_t rows = p->labels.n_raters < MOST_ROWS ? p->labels.n_raters : (uint32_t)MOST_ROWS;
  cudaLaunchConfig_t config = over(p, rows, stream);
  return cudaLaunchKernelEx(&config, add, *p);
}

cudaError_t dss_cu_pairwise_put(const dss_cu_pairwise *p, cudaStream_t stream) {
  cudaLaunchConfig_t config = over(p, p->axis.n_groups, stream);
  return cudaLaunchKernelEx(&config, put, *p);
}
