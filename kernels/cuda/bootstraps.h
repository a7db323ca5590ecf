/* The bootstrap of one question and group on one GPU, beside the plan that it holds. */
#ifndef DSS_CUDA_BOOTSTRAPS_H
#define DSS_CUDA_BOOTSTRAPS_H

#include "bootstrap.h"
#include "gpu.h"

typedef struct dss_cu_bootstraps {
  dss_cu_bootstrap kernel;
  double *rows;        /* [at_once][statistics] */
  uint32_t at_once;    /* resamples */
  size_t taken_before; /* allocations of the GPU that are not the bootstrap's */
} dss_cu_bootstraps;

/* Nothing is left behind where it fails. The group must outlive it. */
dss_status dss_cu_bootstraps_open(dss_cu_gpu *gpu, const dss_bootstrap_group *group,
                                  dss_cu_bootstraps *b);
void dss_cu_bootstraps_close(dss_cu_gpu *gpu, dss_cu_bootstraps *b);

/* To the host, where they are when this returns: out [count][statistics]. */
dss_status dss_cu_bootstraps_values(dss_cu_gpu *gpu, dss_cu_bootstraps *b, uint64_t first,
                                    uint64_t count, double *out);

#endif
