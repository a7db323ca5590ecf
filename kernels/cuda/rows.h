/* Values on their way to the host. */
#ifndef DSS_CUDA_ROWS_H
#define DSS_CUDA_ROWS_H

#include <cuda_runtime_api.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* From values [n_columns][stride] to rows [n][n_columns]; whatever is undefined becomes the host's
 * NAN, whose bits a device's need not have. */
cudaError_t dss_cu_rows(const double *values, uint64_t stride, uint32_t n_columns, uint32_t n,
                        double *rows, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
