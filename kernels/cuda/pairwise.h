/* Statistics of pairs of raters on a GPU: sums over the pairs within and across the groups of one
 * axis. */
#ifndef DSS_CUDA_PAIRWISE_H
#define DSS_CUDA_PAIRWISE_H

#include <cuda_runtime_api.h>

#include "kernels/pairwise.h"
#include "view.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  DSS_CU_OWN_STEPS,
  DSS_CU_OWN_PAIRS,
  DSS_CU_CROSS_STEPS,
  DSS_CU_CROSS_PAIRS,
  DSS_CU_PAIRWISE
};

/* One question on one axis, for a chunk of resamples. Lists go by place in the exchange's order, as
 * labels do. */
typedef struct dss_cu_pairwise {
  dss_pair_scale scale; /* its arrays are the device's */
  double step;
  const uint64_t *ptr;   /* [n_raters + 1] */
  const uint32_t *other; /* [pairs] */
  const uint64_t *steps; /* [pairs] */
  const uint32_t *count; /* [n_raters][K] */
  dss_cu_labels labels;
  dss_cu_axis axis;
  const uint8_t *tested;    /* [groups of the axis] */
  unsigned shift;           /* of a rater's number of pairs above its steps */
  uint32_t n_resamples;     /* whole warps */
  uint64_t stride;          /* resamples that there is room for */
  unsigned long long *sums; /* [groups][DSS_CU_PAIRWISE][stride] 0 at first */
  uint32_t *levels;         /* [resamples][groups + 1][K] 0 at first; the last: of all known */
  double *value;            /* [groups][n_statistics][stride] */
  unsigned metrics;
  uint32_t n_statistics;
} dss_cu_pairwise;

/* Adds every pair to the sums, and every rating to the levels. */
cudaError_t dss_cu_pairwise_add(const dss_cu_pairwise *pairwise, cudaStream_t stream);
/* The tested groups' values. */
cudaError_t dss_cu_pairwise_put(const dss_cu_pairwise *pairwise, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
