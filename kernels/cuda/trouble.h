/* What went wrong, in one line, for who asks the backend for it. */
#ifndef DSS_CUDA_TROUBLE_H
#define DSS_CUDA_TROUBLE_H

#include <cuda_runtime_api.h>

#include "kernels/backend.h"

/* The calling thread's line; "" when there is none. */
const char *dss_cu_trouble(void);
void dss_cu_forget_trouble(void);

/* Keeps the line and returns the status. */
__attribute__((format(printf, 2, 3))) dss_status dss_cu_fail(dss_status status, const char *format,
                                                             ...);

/* DSS_OK, or the status that goes with the error: MEMORY where the GPU's is short, DEVICE else.
 * what: "copying ratings to the GPU". */
dss_status dss_cu_check(cudaError_t error, const char *what);

/* Bytes in words: "1.5 GiB". */
typedef struct dss_cu_size {
  char text[24];
} dss_cu_size;
dss_cu_size dss_cu_bytes(uint64_t bytes);

/* Returns from the caller unless the status is DSS_OK. */
#define DSS_CU_TRY(call)                                                                           \
  do {                                                                                             \
    dss_status cu_status = (call);                                                                 \
    if (cu_status != DSS_OK) return cu_status;                                                     \
  } while (0)

#endif
