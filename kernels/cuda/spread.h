/* Several GPUs at once: opening them, and a range of resamples over them. */
#ifndef DSS_CUDA_SPREAD_H
#define DSS_CUDA_SPREAD_H

#include "kernels/backend.h"

/* Opens a GPU as number `slot` of the user's; leaves nothing behind where that fails. */
typedef dss_status (*dss_cu_open_fn)(void *user, size_t slot, int number);

/* All that are usable, *n_gpus of them. One that others have filled is left out, as long as one
 * opens. The user has room for DSS_CU_MOST_DEVICES (devices.h). */
dss_status dss_cu_open_all(const dss_resources *resources, dss_cu_open_fn open, void *user,
                           size_t *n_gpus);

/* What GPU i does with its share. */
typedef dss_status (*dss_cu_share_fn)(void *user, size_t i, uint64_t first, uint64_t count);

/* Shares are whole blocks of so many resamples, counted from 0: blocks of moments, where the sums
 * of none may be broken up. Each GPU has a thread of the host. The first failure is the call's. */
dss_status dss_cu_spread(size_t n_gpus, uint64_t block, uint64_t first, uint64_t count,
                         dss_cu_share_fn work, void *user);

#endif
