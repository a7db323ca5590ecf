/* A group's sums in device memory, where they wait for the next part of the items. */
#ifndef DSS_CUDA_SAVED_CUH
#define DSS_CUDA_SAVED_CUH

#include "device.h"
#include "kernels/common/sums.h"
#include "view.h"

/* Where a group's sums of a resample are among those that are saved. */
__device__ static inline uint64_t dss_cu_saved_place(const dss_cu_sums &of, uint32_t group,
                                                     uint32_t resample) {
  return group * of.values.stride + resample;
}

/* First the sums, then their arrays: wide ones, integers. */
__host__ __device__ static inline uint64_t dss_cu_saved_bytes(uint32_t n_levels) {
  uint64_t bytes = (sizeof(dss_group_sums) + 15) / 16 * 16 +
                   dss_sums_wide(n_levels) * sizeof(dss_u128) +
                   dss_sums_integers(n_levels) * sizeof(uint64_t);
  return (bytes + 15) / 16 * 16;
}

/* Zero sums at memory [dss_cu_saved_bytes], 16-byte aligned. */
__device__ static inline void dss_cu_clear_saved(unsigned char *memory, uint32_t n_levels) {
  dss_u128 *wide = (dss_u128 *)(memory + (sizeof(dss_group_sums) + 15) / 16 * 16);
  uint64_t *integers = (uint64_t *)(wide + dss_sums_wide(n_levels));
  memset(memory, 0, dss_cu_saved_bytes(n_levels));
  *(dss_group_sums *)memory = dss_sums_over(n_levels, integers, wide);
}

#endif
