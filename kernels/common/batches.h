/* The run loop that backends on the host share: a batch of values, then the batch into the
 * accumulators, again and again. A backend brings a function that makes values. */
#ifndef DSS_COMMON_BATCHES_H
#define DSS_COMMON_BATCHES_H

#include "accumulate.h"

/* The values of resamples first .. first + count - 1 into out [count][n_columns]. 0: done; anything
 * else ends the run. */
typedef int (*dss_batch_fn)(void *state, uint64_t first, uint64_t count, double *out);

/* Adds resamples first .. first + count - 1. 0, what `values` returned, or no_memory. */
int dss_run_batches(dss_batch_fn values, void *state, uint64_t first, uint64_t count,
                    dss_accumulators *accumulators, int no_memory);

#endif
