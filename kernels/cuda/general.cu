/* A thread takes one resample and one group and walks over all ratings, as the scalar reference
 * does: any number of levels, any scale, any statistic, sums of 128 bits.
 *
 * The group's sums and an item's counts stand in device memory, so this is slow; it is what remains
 * for designs that lists.cu and products.cu do not serve. Nothing is shared between threads.
 *
 * Grid: warps of resamples x tested groups / 4; a block has 4 groups. */
#include "general.h"
#include "put.cuh"
#include "saved.cuh"

enum { GROUPS = 4 };

__host__ __device__ static inline uint64_t bytes_of(uint32_t n_levels) {
  return dss_cu_saved_bytes(n_levels) + (2 * (uint64_t)n_levels * sizeof(uint32_t) + 15) / 16 * 16;
}

uint64_t dss_cu_general_bytes(uint32_t n_levels) {
  return bytes_of(n_levels);
}

/* An item's counts of the group, then of all others whose value on the axis is known. */
typedef struct sides {
  uint32_t *x, *y; /* [K] */
  uint32_t m, s;
} sides;

__device__ static inline void count_item(const dss_cu_ratings *ratings, uint32_t u,
                                         const uint32_t *words, const dss_cu_tested *tested,
                                         uint32_t n_levels, sides *item) {
  for (uint32_t c = 0; c < n_levels; c++)
    item->x[c] = item->y[c] = 0;
  item->m = item->s = 0;
  for (uint64_t i = ratings->item_ptr[u]; i < ratings->item_ptr[u + 1]; i++) {
    uint32_t entry = ratings->entry[i], code = entry & UINT8_MAX;
    uint32_t word = words[(uint64_t)(entry >> DSS_CODE_BITS) * DSS_WARP];
    uint32_t label = dss_cu_label(&tested->axis, word);
    if (label == tested->label) {
      item->x[code]++;
      item->m++;
    } else if (label != tested->axis.mask) {
      item->y[code]++;
      item->s++;
    }
  }
}

__global__ static void __launch_bounds__(DSS_WARP *GROUPS)
    sum_all(const __grid_constant__ dss_cu_sums of, const __grid_constant__ dss_cu_ratings ratings,
            const dss_cu_tested *tested, uint32_t n) {
  uint32_t at = blockIdx.y * GROUPS + threadIdx.y;
  uint32_t resample = blockIdx.x * DSS_WARP + threadIdx.x;
  if (at >= n) return;
  const uint32_t levels = of.tables.n_levels;
  unsigned char *mine =
      (unsigned char *)of.saved + ((uint64_t)resample * n + at) * bytes_of(levels);
  dss_group_sums *sums = (dss_group_sums *)mine;
  uint32_t *count = (uint32_t *)(mine + dss_cu_saved_bytes(levels));
  if (of.first) dss_cu_clear_saved(mine, levels);
  const uint32_t *words = dss_cu_words(&of.labels, blockIdx.x, tested[at].axis.word) + threadIdx.x;
  sides item = {count, count + levels, 0, 0};
  for (uint32_t u = 0; u < ratings.n_items; u++) {
    count_item(&ratings, u, words, &tested[at], levels, &item);
    if (item.m == 0 && !of.choice.complement) continue;
    dss_sums_add(sums, &of.tables, &of.choice, item.x, item.m, item.y, item.s);
  }
  if (!of.last) return;
  dss_values values = dss_values_of(&of.tables, &of.choice, sums);
  dss_cu_put(&of.values, tested[at].group, resample, &values);
}

cudaError_t dss_cu_general(const dss_cu_sums *sums, const dss_cu_ratings *ratings,
                           const dss_cu_tested *tested, uint32_t n, cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(sums->n_resamples / DSS_WARP, (n + GROUPS - 1) / GROUPS);
  config.blockDim = dim3(DSS_WARP, GROUPS);
  config.stream = stream;
  return cudaLaunchKernelEx(&config, sum_all, *sums, *ratings, tested, n);
}
