/* Every plan's resamples, for those that no faster kernel serves. */
#ifndef DSS_CUDA_GENERAL_H
#define DSS_CUDA_GENERAL_H

#include <cuda_runtime_api.h>

#include "view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A group that is tested. */
typedef struct dss_cu_tested {
  dss_cu_axis axis;
  uint32_t label; /* its number on the axis */
  uint32_t group; /* over all axes */
} dss_cu_tested;

/* Bytes of `saved` that a resample and group need; a multiple of 16. */
uint64_t dss_cu_general_bytes(uint32_t n_levels);

/* Adds the ratings to the sums of n tested groups of every resample; the last part's call puts
 * their values. saved [n_resamples][n] of the bytes above, always needed. */
cudaError_t dss_cu_general(const dss_cu_sums *sums, const dss_cu_ratings *ratings,
                           const dss_cu_tested *tested, uint32_t n, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
