#include "blas.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "trouble.h"

/* Names as the header's macros make them: cublasCreate is cublasCreate_v2. */
#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

#ifdef SIMT_CUBLAS
/* The tests' own stands in the program, and is missing where they say so. */
static dss_status load(dss_cu_blas *blas) {
  if (simt_no_cublas())
    return dss_cu_fail(DSS_ERR_DEVICE, "cuBLAS is not installed: SIMT_NO_CUBLAS is set");
  *blas = (dss_cu_blas){cublasCreate, cublasDestroy,         cublasSetStream,
                        cublasGemmEx, cublasGetStatusString, cublasGetProperty};
  return DSS_OK;
}
#else
#define LIBRARY "libcublas.so." TEXT(CUBLAS_VER_MAJOR)

static void *open_library(void) {
  void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
#ifdef DSS_CUDA_LIBRARIES /* where the build found CUDA */
  if (!library) library = dlopen(DSS_CUDA_LIBRARIES "/" LIBRARY, RTLD_NOW | RTLD_LOCAL);
#endif
  return library;
}

/* ISO C has no conversion from what dlsym returns to a function's address; POSIX has. */
static bool find(void *library, const char *name, void *function) {
  void *found = dlsym(library, name);
  memcpy(function, &found, sizeof found);
  return found != NULL;
}

static dss_status load(dss_cu_blas *blas) {
  void *library = open_library();
  if (!library) return dss_cu_fail(DSS_ERR_DEVICE, "cuBLAS is not installed: %s", dlerror());
  if (find(library, TEXT(cublasCreate), &blas->create) &&
      find(library, TEXT(cublasDestroy), &blas->destroy) &&
      find(library, TEXT(cublasSetStream), &blas->set_stream) &&
      find(library, TEXT(cublasGemmEx), &blas->multiply) &&
      find(library, TEXT(cublasGetStatusString), &blas->text) &&
      find(library, TEXT(cublasGetProperty), &blas->property))
    return DSS_OK;
  return dss_cu_fail(DSS_ERR_DEVICE, "cuBLAS lacks what this build needs: %s", dlerror());
}
#endif

dss_status dss_cu_load_blas(const dss_cu_blas **blas) {
  static dss_cu_blas loaded;
  static bool done;
  dss_status status = DSS_OK;
#pragma omp critical(dss_cuda_blas)
  if (!done) {
    status = load(&loaded);
    done = status == DSS_OK;
  }
  *blas = &loaded;
  return status;
}

cublasStatus_t dss_cu_multiply(const dss_cu_blas *blas, cublasHandle_t handle, uint32_t m,
                               uint32_t n, uint32_t k, const int8_t *a, uint32_t lda,
                               const int8_t *b, uint32_t ldb, int32_t *c, bool add) {
  const int32_t one = 1, before = add;
  return blas->multiply(handle, CUBLAS_OP_T, CUBLAS_OP_N, (int)m, (int)n, (int)k, &one, a,
                        CUDA_R_8I, (int)lda, b, CUDA_R_8I, (int)ldb, &before, c, CUDA_R_32I, (int)m,
                        CUBLAS_COMPUTE_32I, CUBLAS_GEMM_DEFAULT);
}

dss_status dss_cu_check_blas(const dss_cu_blas *blas, cublasStatus_t status, const char *what) {
  if (status == CUBLAS_STATUS_SUCCESS) return DSS_OK;
  return dss_cu_fail(status == CUBLAS_STATUS_ALLOC_FAILED ? DSS_ERR_MEMORY : DSS_ERR_DEVICE,
                     "%s: %s", what, blas->text(status));
}
