/* cuBLAS, brought in when a product is first wanted: linked, it would make every start of the
 * program take a tenth of a second and 200 MiB, also where there is no GPU. */
#ifndef DSS_CUDA_BLAS_H
#define DSS_CUDA_BLAS_H

#include <cublas_v2.h>

#include "kernels/backend.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dss_cu_blas {
  cublasStatus_t (*create)(cublasHandle_t *handle);
  cublasStatus_t (*destroy)(cublasHandle_t handle);
  cublasStatus_t (*set_stream)(cublasHandle_t handle, cudaStream_t stream);
  cublasStatus_t (*multiply)(cublasHandle_t handle, cublasOperation_t transa,
                             cublasOperation_t transb, int m, int n, int k, const void *alpha,
                             const void *a, cudaDataType type_a, int lda, const void *b,
                             cudaDataType type_b, int ldb, const void *beta, void *c,
                             cudaDataType type_c, int ldc, cublasComputeType_t compute,
                             cublasGemmAlgo_t algorithm);
  const char *(*text)(cublasStatus_t status);
  cublasStatus_t (*property)(libraryPropertyType type, int *value);
} dss_cu_blas;

/* The library's functions, for the life of the process; DSS_ERR_DEVICE where it is not there. */
dss_status dss_cu_load_blas(const dss_cu_blas **blas);

/* C [m x n] = A^T B of bytes, exact, in the place of what C held or added to it: A [k x m], B [k x
 * n], C of 32-bit integers, column by column, with leading dimensions lda, ldb and m. */
cublasStatus_t dss_cu_multiply(const dss_cu_blas *blas, cublasHandle_t handle, uint32_t m,
                               uint32_t n, uint32_t k, const int8_t *a, uint32_t lda,
                               const int8_t *b, uint32_t ldb, int32_t *c, bool add);

dss_status dss_cu_check_blas(const dss_cu_blas *blas, cublasStatus_t status, const char *what);

#ifdef __cplusplus
}
#endif
#endif
