#include "batches.h"

#include <stdlib.h>

/* Resamples held at once between computing and counting: small beside the plan, long enough to keep
 * the threads busy. */
enum { BATCH_BYTES = 16 << 20, BATCH_MOST = 4096, BATCH_LANES = 64 };

int dss_run_batches(dss_batch_fn values, void *state, uint64_t first, uint64_t count,
                    dss_accumulators *accumulators, int no_memory) {
  size_t columns = accumulators->n_columns;
  uint64_t batch = BATCH_BYTES / (columns * sizeof(double));
  if (batch > BATCH_MOST) batch = BATCH_MOST;
  if (batch > BATCH_LANES) batch -= batch % BATCH_LANES; /* backends take so many together */
  if (batch > count) batch = count;
  if (batch < accumulators->threads) batch = accumulators->threads;
  double *held = calloc(batch * columns, sizeof *held);
  if (!held) return no_memory;
  int result = 0;
  for (uint64_t done = 0; done < count && result == 0; done += batch) {
    uint64_t now = count - done < batch ? count - done : batch;
    result = values(state, first + done, now, held);
    if (result == 0) dss_accumulate(accumulators, first + done, now, held);
  }
  free(held);
  return result;
}
