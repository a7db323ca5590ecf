/* Statistics of pairs of raters. A warp takes one rater and 32 resamples, and goes over those with
 * whom the rater shares an item: whom, how far, and the pair's one come to all its threads at once,
 * the other's labels on all axes of a word as a line of 128 bytes. Where the words agree on an
 * axis's bits the pair is one of the group.
 *
 * Where every value is known a pair is seen from one side, and what is not within a group is what
 * is left of its raters' pairs with anybody, which no shuffle changes. Else it is seen from both,
 * and who is known is added up besides.
 *
 * Whole numbers throughout, so atomic additions may come in any order.
 *
 * Grid: warps of resamples x raters / WARPS; no shared memory. Bytes a pair, word and warp: 12 of
 * the lists and 128 of labels, which the second-level cache holds. */
#include "pairwise.h"
#include "put.cuh"

enum { WARPS = 8, MOST_ROWS = 4096 };

/* One rater's sums on each axis, steps and pairs in one number: with the same group, and, unless
 * KNOWN, with all of known value. */
template <int AXES> struct row_sums { uint64_t own[AXES], all[AXES]; };

template <int AXES, bool KNOWN>
__device__ static inline row_sums<AXES> sum_row(const dss_cu_pairwise &p, const uint32_t *words,
                                                uint32_t place, uint32_t mine) {
  row_sums<AXES> sums = {};
  uint64_t end = KNOWN ? p.middle[place] : p.ptr[place + 1];
#pragma unroll 4
  for (uint64_t i = p.ptr[place]; i < end; i++) {
    uint32_t theirs = words[p.other[i]];
    uint64_t add = p.steps[i];
#pragma unroll
    for (int a = 0; a < AXES; a++) {
      uint32_t bits = p.axis[a].axis.mask << p.axis[a].axis.shift;
      if (((theirs ^ mine) & bits) == 0) sums.own[a] += add;
      if (!KNOWN && (theirs & bits) != bits) sums.all[a] += add;
    }
  }
  return sums;
}

/* A sum of a row to the group's two, `times` times. */
__device__ static inline void add_sum(const dss_cu_pairwise &p, unsigned long long *to,
                                      uint64_t sum, unsigned times) {
  uint64_t low = ((uint64_t)1 << p.shift) - 1;
  atomicAdd(to, (unsigned long long)(times * (sum & low)));
  atomicAdd(to + p.stride, (unsigned long long)(times * (sum >> p.shift)));
}

__device__ static inline unsigned long long *sums_of(const dss_cu_pairwise &p, uint32_t row) {
  return p.sums + (uint64_t)row * DSS_CU_PAIRWISE * p.stride;
}

__device__ static inline unsigned long long *levels_of(const dss_cu_pairwise &p, uint32_t resample,
                                                       uint32_t row) {
  return p.levels + ((uint64_t)resample * p.n_levels + row) * p.n_level_pairs;
}

__device__ static inline void add_levels(const dss_cu_pairwise &p, uint32_t place,
                                         unsigned long long *to) {
#pragma unroll 1 /* beside the pairs it is nothing */
  for (uint32_t i = 0; i < p.n_level_pairs; i++) {
    uint64_t given = p.count[(uint64_t)place * p.n_level_pairs + i];
    if (given > 0) atomicAdd(to + i, (unsigned long long)given);
  }
}

template <int AXES, bool KNOWN>
__global__ static void __launch_bounds__(DSS_WARP *WARPS)
    add(const __grid_constant__ dss_cu_pairwise p) {
  uint32_t resample = blockIdx.x * DSS_WARP + threadIdx.x, rows = gridDim.y * WARPS;
  const uint32_t *words = dss_cu_words(&p.labels, blockIdx.x, p.word) + threadIdx.x;
  for (uint32_t place = blockIdx.y * WARPS + threadIdx.y; place < p.labels.n_raters;
       place += rows) {
    uint32_t mine = words[(uint64_t)place * DSS_WARP];
    row_sums<AXES> row = sum_row<AXES, KNOWN>(p, words, place, mine);
#pragma unroll
    for (int a = 0; a < AXES; a++) {
      const dss_cu_pairwise_axis &axis = p.axis[a];
      uint32_t label = dss_cu_label(&axis.axis, mine);
      if (!KNOWN && label == axis.axis.mask) continue;
      unsigned long long *sums = sums_of(p, axis.first_row + label) + resample;
      add_sum(p, sums + DSS_CU_OWN_STEPS * p.stride, row.own[a], KNOWN ? 2 : 1);
      add_sum(p, sums + DSS_CU_ALL_STEPS * p.stride, KNOWN ? p.total[place] : row.all[a], 1);
      add_levels(p, place, levels_of(p, resample, axis.first_levels + label));
      if (!axis.known)
        add_levels(p, place, levels_of(p, resample, axis.first_levels + axis.axis.n_groups));
    }
  }
}

/* Numbers of two levels as those of one. */
static_assert(sizeof(unsigned long long) == 2 * sizeof(uint32_t), "two levels in one number");

__device__ static inline void put_group(const dss_cu_pairwise &p, const dss_cu_pairwise_axis &axis,
                                        uint32_t group, uint32_t resample) {
  const unsigned long long *from = sums_of(p, axis.first_row + group) + resample;
  uint64_t own_steps = from[DSS_CU_OWN_STEPS * p.stride];
  uint64_t own_pairs = from[DSS_CU_OWN_PAIRS * p.stride];
  const dss_pairwise_sums sums = {own_steps, own_pairs,
                                  from[DSS_CU_ALL_STEPS * p.stride] - own_steps,
                                  from[DSS_CU_ALL_PAIRS * p.stride] - own_pairs};
  const void *own = levels_of(p, resample, axis.first_levels + group);
  const void *known = axis.known ? (const void *)p.all
                                 : levels_of(p, resample, axis.first_levels + axis.axis.n_groups);
  dss_pairwise_values v = dss_pairwise_values_of(&p.scale, p.step, &sums, (const uint32_t *)own,
                                                 (const uint32_t *)known);
  double values[4];
  dss_pairwise_put(p.metrics, &v, values);
  double *to = axis.value + (uint64_t)group * p.width * p.stride + resample;
  for (uint32_t i = 0; i < p.n_statistics; i++)
    to[(p.width - p.n_statistics + i) * p.stride] = values[i];
}

__global__ static void __launch_bounds__(DSS_WARP *WARPS)
    put(const __grid_constant__ dss_cu_pairwise p) {
  uint32_t resample = blockIdx.x * DSS_WARP + threadIdx.x;
  uint32_t row = blockIdx.y * WARPS + threadIdx.y;
  for (uint32_t a = 0; a < p.n_axes; a++) {
    uint32_t group = row - p.axis[a].first_row;
    if (group < p.axis[a].axis.n_groups && p.axis[a].tested[group])
      put_group(p, p.axis[a], group, resample);
  }
}

/* --- launching -------------------------------------------------------------------------------- */

static cudaLaunchConfig_t over(const dss_cu_pairwise *p, uint32_t rows, cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  uint32_t blocks = (rows + WARPS - 1) / WARPS;
  config.gridDim = dim3(p->n_resamples / DSS_WARP, blocks);
  config.blockDim = dim3(DSS_WARP, WARPS);
  config.stream = stream;
  return config;
}

template <int AXES>
static cudaError_t launch(const dss_cu_pairwise *p, const cudaLaunchConfig_t *config) {
  return p->known ? cudaLaunchKernelEx(config, add<AXES, true>, *p)
                  : cudaLaunchKernelEx(config, add<AXES, false>, *p);
}

cudaError_t dss_cu_pairwise_add(const dss_cu_pairwise *p, cudaStream_t stream) {
  uint32_t rows = p->labels.n_raters < MOST_ROWS ? p->labels.n_raters : (uint32_t)MOST_ROWS;
  cudaLaunchConfig_t config = over(p, rows, stream);
  switch (p->n_axes) {
  case 1:
    return launch<1>(p, &config);
  case 2:
    return launch<2>(p, &config);
  case 3:
    return launch<3>(p, &config);
  case DSS_CU_WORD_AXES:
    return launch<DSS_CU_WORD_AXES>(p, &config);
  }
  return cudaErrorInvalidValue;
}

cudaError_t dss_cu_pairwise_put(const dss_cu_pairwise *p, cudaStream_t stream) {
  cudaLaunchConfig_t config = over(p, p->n_rows, stream);
  return cudaLaunchKernelEx(&config, put, *p);
}
