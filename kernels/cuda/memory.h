/* What one GPU, and the host for it, has given: taken piece by piece, within a limit, and given
 * back all at once. */
#ifndef DSS_CUDA_MEMORY_H
#define DSS_CUDA_MEMORY_H

#include <cuda_runtime_api.h>

#include "kernels/backend.h"

enum { DSS_CU_MOST_PIECES = 20 };

typedef struct dss_cu_memory {
  int device;
  cudaStream_t stream; /* on which it is filled */
  uint64_t most, held; /* bytes of the device; most is 0 where nobody set a limit */
  void *taken[DSS_CU_MOST_PIECES], *pinned[DSS_CU_MOST_PIECES];
  size_t n_taken, n_pinned;
} dss_cu_memory;

/* Makes the device current, and the stream. dss_cu_memory_close frees what a failed call left, too;
 * before it, nothing may be on its way. */
dss_status dss_cu_memory_open(dss_cu_memory *memory, int device, uint64_t most);
void dss_cu_memory_close(dss_cu_memory *memory);

/* What more may be taken. */
dss_status dss_cu_memory_left(const dss_cu_memory *memory, uint64_t *bytes);
/* DSS_ERR_MEMORY where less is left. who: "the pairs need". */
dss_status dss_cu_memory_check(const dss_cu_memory *memory, const char *who, uint64_t needed);

dss_status dss_cu_memory_take(dss_cu_memory *memory, uint64_t bytes, const char *what,
                              void **taken);
/* The same, filled from the host. */
dss_status dss_cu_memory_send(dss_cu_memory *memory, const void *from, uint64_t bytes,
                              const char *what, const void **sent);
/* Of the host, for copies beside other work. */
dss_status dss_cu_memory_pin(dss_cu_memory *memory, uint64_t bytes, const char *what,
                             void **pinned);

/* Whether any device that the resources allow has so many bytes. Where none can be asked, opening
 * it will say why. */
bool dss_cu_memory_is_there(const dss_resources *resources, uint64_t bytes);

#endif
