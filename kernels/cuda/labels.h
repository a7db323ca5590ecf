/* Labels of a chunk of resamples, made on the device from (seed, b) alone. */
#ifndef DSS_CUDA_LABELS_H
#define DSS_CUDA_LABELS_H

#include <cuda_runtime_api.h>

#include "view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What labels are made of. */
typedef struct dss_cu_profiles {
  dss_exchange exchange; /* its arrays are the device's */
  const uint32_t *base;  /* [n_words][n_raters] the words of each rater's own profile */
  uint32_t *scratch;     /* [resamples][dss_cu_labels_scratch], unless they are drawn */
} dss_cu_profiles;

/* 32-bit words of scratch that a resample needs which is not shuffled, but is one of all
 * arrangements, or the observed one. */
DSS_DEVICE static inline uint64_t dss_cu_labels_scratch(const dss_exchange *e) {
  return (uint64_t)e->n_raters + e->n_classes;
}

/* Labels of resamples first .. first + n - 1; n is a multiple of DSS_WARP. Resamples beyond those
 * that there are cost nothing but their time. DSS_RESAMPLE_NONE: the observed labels, n times. */
cudaError_t dss_cu_make_labels(const dss_cu_profiles *profiles, const dss_cu_labels *labels,
                               uint64_t first, uint32_t n, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
