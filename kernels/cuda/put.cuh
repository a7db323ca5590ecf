/* Where kernels leave a group's statistics. */
#ifndef DSS_CUDA_PUT_CUH
#define DSS_CUDA_PUT_CUH

#include "device.h"
#include "view.h"

/* The label of the axis in a word of labels. */
__device__ static inline uint32_t dss_cu_label(const dss_cu_axis *axis, uint32_t word) {
  return word >> axis->shift & axis->mask;
}

/* A place's labels are these times DSS_WARP on, less the thread's lane. */
__device__ static inline const uint32_t *dss_cu_words(const dss_cu_labels *labels, uint32_t warp,
                                                      uint32_t word) {
  return labels->word + ((uint64_t)warp * labels->n_words + word) * labels->n_raters * DSS_WARP;
}

__device__ static inline const uint8_t *dss_cu_plane(const dss_cu_labels *labels, uint32_t warp,
                                                     uint32_t axis) {
  return labels->plane + ((uint64_t)warp * labels->n_planes + axis) * labels->n_raters * DSS_WARP;
}

/* What is undefined is some NaN here; rows.cu makes one of them all. */
__device__ static inline void dss_cu_put(const dss_cu_values *to, uint32_t group, uint32_t resample,
                                         const dss_values *v) {
  double *at = to->value + (uint64_t)group * to->width * to->stride + resample;
  for (unsigned statistic = 0; statistic < DSS_N_STATISTICS; statistic++) {
    if (!(to->metrics >> statistic & 1u)) continue;
    *at = dss_value_of(statistic, v);
    at += to->stride;
  }
}

#endif
