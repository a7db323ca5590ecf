/* Bootstrap resamples of one question and group (kernels/common/weights.h). */
#ifndef DSS_CUDA_BOOTSTRAP_H
#define DSS_CUDA_BOOTSTRAP_H

#include <cuda_runtime_api.h>

#include "kernels/common/weights.h"
#include "view.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dss_cu_bootstrap {
  dss_listing listing; /* its arrays are the device's, as are those of the tables */
  dss_tables tables;
  dss_sums_choice choice;
  uint64_t seed;
  bool raters, items;     /* are drawn anew */
  unsigned char *scratch; /* [resamples][dss_cu_bootstrap_bytes] */
  dss_cu_values values;   /* of one group */
} dss_cu_bootstrap;

/* A multiple of 16. */
uint64_t dss_cu_bootstrap_bytes(const dss_listing *listing, uint32_t n_levels);

/* Puts the values of resamples first .. first + n - 1. DSS_RESAMPLE_NONE with n 1: weights of 1. */
cudaError_t dss_cu_bootstrap_values(const dss_cu_bootstrap *of, uint64_t first, uint32_t n,
                                    cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
