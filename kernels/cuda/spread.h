/* A range of resamples over several GPUs at once. */
#ifndef DSS_CUDA_SPREAD_H
#define DSS_CUDA_SPREAD_H

#include "kernels/backend.h"

/* What GPU i does with its share. */
typedef dss_status (*dss_cu_share_fn)(void *user, size_t i, uint64_t first, uint64_t count);

/* Shares are whole blocks of moments, so that the sums of none are broken up; each GPU has a thread
 * of the host. The first failure is the call's. */
dss_status dss_cu_spread(size_t n_gpus, uint64_t first, uint64_t count, dss_cu_share_fn work,
                         void *user);

#endif
