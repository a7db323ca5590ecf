/* Products of bytes. A sum that leaves 32 bits dies: the real one would wrap, and no caller of ours
 * may come to that. */
#include <cublas_v2.h>

#include <stdint.h>
#include <stdlib.h>

#include "check.h"
#include "state.h"

struct cublasContext {
  int device;
  cudaStream_t stream;
  cublasHandle_t next;
};

static cublasHandle_t handles;

static cublasHandle_t *find_handle(cublasHandle_t handle) {
  cublasHandle_t *link = &handles;
  while (*link && *link != handle)
    link = &(*link)->next;
  return link;
}

/* Whether it lives, on the current device, which answers. */
static cublasStatus_t check_handle(cublasHandle_t handle) {
  simt_lock();
  bool lives = handle && *find_handle(handle);
  bool here = lives && handle->device == simt_current;
  simt_unlock();
  if (!lives) return CUBLAS_STATUS_NOT_INITIALIZED;
  return !here || simt_ready() ? CUBLAS_STATUS_EXECUTION_FAILED : CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasCreate(cublasHandle_t *handle) {
  if (!handle) return CUBLAS_STATUS_INVALID_VALUE;
  if (simt_ready()) return CUBLAS_STATUS_NOT_INITIALIZED;
  cublasHandle_t made = malloc(sizeof *made);
  if (!made) return CUBLAS_STATUS_ALLOC_FAILED;
  simt_lock();
  *made = (struct cublasContext){.device = simt_current, .next = handles};
  handles = made;
  simt_counted.handles++;
  simt_unlock();
  *handle = made;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  simt_lock();
  cublasHandle_t *link = find_handle(handle), found = handle ? *link : NULL;
  if (found) {
    *link = found->next;
    free(found);
    simt_counted.handles--;
  }
  simt_unlock();
  return found ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
  cublasStatus_t status = check_handle(handle);
  if (status) return status;
  if (simt_check_stream(stream)) return CUBLAS_STATUS_INVALID_VALUE;
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}

bool simt_no_cublas(void) {
  simt_settings settings;
  simt_get(&settings);
  return settings.no_cublas;
}

cublasStatus_t cublasGetProperty(libraryPropertyType type, int *value) {
  if (!value || type > PATCH_LEVEL) return CUBLAS_STATUS_INVALID_VALUE;
  *value = type == MAJOR_VERSION ? 13 : 0;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGetVersion(cublasHandle_t handle, int *version) {
  if (!version) return CUBLAS_STATUS_INVALID_VALUE;
  *version = 130000;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace(cublasHandle_t handle, void *workspace, size_t bytes) {
  cublasStatus_t status = check_handle(handle);
  if (status || bytes == 0) return status;
  return (uintptr_t)workspace % 256 || simt_device_of(workspace, bytes) != handle->device
             ? CUBLAS_STATUS_INVALID_VALUE
             : CUBLAS_STATUS_SUCCESS;
}

#define STATUSES(X)                                                                                \
  X(CUBLAS_STATUS_SUCCESS, "success")                                                              \
  X(CUBLAS_STATUS_NOT_INITIALIZED, "the library was not initialized")                              \
  X(CUBLAS_STATUS_ALLOC_FAILED, "the resource allocation failed")                                  \
  X(CUBLAS_STATUS_INVALID_VALUE, "an invalid value was used as an argument")                       \
  X(CUBLAS_STATUS_ARCH_MISMATCH, "an absent device architectural feature is required")             \
  X(CUBLAS_STATUS_MAPPING_ERROR, "an access to GPU memory space failed")                           \
  X(CUBLAS_STATUS_EXECUTION_FAILED, "the GPU program failed to execute")                           \
  X(CUBLAS_STATUS_INTERNAL_ERROR, "an internal operation failed")                                  \
  X(CUBLAS_STATUS_NOT_SUPPORTED, "an unsupported value or parameter was passed to the function")   \
  X(CUBLAS_STATUS_LICENSE_ERROR, "a license error was detected")

const char *cublasGetStatusString(cublasStatus_t status) {
#define TEXT(id, text)                                                                             \
  if (status == id) return text;
  STATUSES(TEXT)
  return "unrecognized status";
}

const char *cublasGetStatusName(cublasStatus_t status) {
#define NAME(id, text)                                                                             \
  if (status == id) return #id;
  STATUSES(NAME)
  return "unrecognized status";
}

/* --- products ------------------------------------------------------------------------------- */

/* A matrix as it lies: columns one after another, and the next of a batch a stride further. */
typedef struct matrix {
  const void *start;
  size_t element; /* bytes */
  cudaDataType type;
  int rows, columns, lead;
  long long stride;
} matrix;

/* Lead and alignment of bytes as the tensor cores ask for. */
static cublasStatus_t check_matrix(const matrix *m) {
  if (m->lead < 1 || m->lead < m->rows || m->stride < 0) return CUBLAS_STATUS_INVALID_VALUE;
  if ((m->type == CUDA_R_8I && m->lead % 4) || (uintptr_t)m->start % 16 ||
      m->stride * (long long)m->element % 16)
    return CUBLAS_STATUS_NOT_SUPPORTED;
  return CUBLAS_STATUS_SUCCESS;
}

/* All bytes of all of a batch are the device's. Overlap is the caller's affair. */
static void check_extent(const matrix *m, int batches, int device, const char *name) {
  if (!m->rows || !m->columns || !batches) return;
  size_t elements = (size_t)(batches - 1) * (size_t)m->stride +
                    (size_t)(m->columns - 1) * (size_t)m->lead + (size_t)m->rows;
  if (simt_device_of(m->start, elements * m->element) != device)
    simt_die("cuBLAS: %s is not wholly in live memory of its device", name);
}

/* Element (i, p) of the transposed or plain matrix. */
static int8_t element(const int8_t *start, int lead, bool transposed, int i, int p) {
  return transposed ? start[p + (size_t)i * (size_t)lead] : start[i + (size_t)p * (size_t)lead];
}

static void multiply(const matrix *a, bool a_turned, const matrix *b, bool b_turned,
                     const matrix *c, int32_t *out, int k, long long batch, int64_t alpha,
                     int64_t beta) {
  const int8_t *left = (const int8_t *)a->start + batch * a->stride;
  const int8_t *right = (const int8_t *)b->start + batch * b->stride;
  out += batch * c->stride;
  for (int j = 0; j < c->columns; j++)
    for (int i = 0; i < c->rows; i++) {
      int64_t sum = 0;
      for (int p = 0; p < k; p++)
        sum += element(left, a->lead, a_turned, i, p) * element(right, b->lead, b_turned, p, j);
      int32_t *to = &out[i + (size_t)j * (size_t)c->lead];
      bool fits = sum >= INT32_MIN && sum <= INT32_MAX;
      /* beta 0: what is there is not read. */
      sum = alpha * sum + (beta ? beta * *to : 0);
      if (!fits || sum < INT32_MIN || sum > INT32_MAX) simt_die("cuBLAS: a sum leaves 32 bits");
      *to = (int32_t)sum;
    }
}

cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t transa,
                                          cublasOperation_t transb, int m, int n, int k,
                                          const void *alpha, const void *a, cudaDataType a_type,
                                          int lda, long long int stride_a, const void *b,
                                          cudaDataType b_type, int ldb, long long int stride_b,
                                          const void *beta, void *c, cudaDataType c_type, int ldc,
                                          long long int stride_c, int batches,
                                          cublasComputeType_t compute, cublasGemmAlgo_t algorithm) {
  cublasStatus_t status = check_handle(handle);
  if (status) return status;
  bool a_turned = transa != CUBLAS_OP_N, b_turned = transb != CUBLAS_OP_N;
  if (m < 0 || n < 0 || k < 0 || batches < 0 || (unsigned)transa > CUBLAS_OP_C ||
      (unsigned)transb > CUBLAS_OP_C || !alpha || !beta)
    return CUBLAS_STATUS_INVALID_VALUE;
  if (a_type != CUDA_R_8I || b_type != CUDA_R_8I || c_type != CUDA_R_32I ||
      (compute != CUBLAS_COMPUTE_32I && compute != CUBLAS_COMPUTE_32I_PEDANTIC))
    return CUBLAS_STATUS_NOT_SUPPORTED;
  if (algorithm != CUBLAS_GEMM_DEFAULT && algorithm != CUBLAS_GEMM_DEFAULT_TENSOR_OP)
    return CUBLAS_STATUS_NOT_SUPPORTED;
  const matrix left = {a, 1, a_type, a_turned ? k : m, a_turned ? m : k, lda, stride_a};
  const matrix right = {b, 1, b_type, b_turned ? n : k, b_turned ? k : n, ldb, stride_b};
  const matrix out = {c, 4, c_type, m, n, ldc, stride_c};
  status = check_matrix(&left);
  if (!status) status = check_matrix(&right);
  if (!status) status = check_matrix(&out);
  if (status) return status;
  if (m == 0 || n == 0 || batches == 0) return CUBLAS_STATUS_SUCCESS;
  if (!a || !b || !c) return CUBLAS_STATUS_INVALID_VALUE;
  check_extent(&left, batches, simt_current, "A");
  check_extent(&right, batches, simt_current, "B");
  check_extent(&out, batches, simt_current, "C");
  if (!simt_survives()) return CUBLAS_STATUS_SUCCESS;

  simt_open_memory(simt_current);
  for (int batch = 0; batch < batches; batch++)
    multiply(&left, a_turned, &right, b_turned, &out, c, k, batch, *(const int32_t *)alpha,
             *(const int32_t *)beta);
  simt_close_memory(simt_current, "cuBLAS");
  simt_lock();
  simt_counted.products++;
  simt_unlock();
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t transa,
                            cublasOperation_t transb, int m, int n, int k, const void *alpha,
                            const void *a, cudaDataType a_type, int lda, const void *b,
                            cudaDataType b_type, int ldb, const void *beta, void *c,
                            cudaDataType c_type, int ldc, cublasComputeType_t compute,
                            cublasGemmAlgo_t algorithm) {
  return cublasGemmStridedBatchedEx(handle, transa, transb, m, n, k, alpha, a, a_type, lda, 0, b,
                                    b_type, ldb, 0, beta, c, c_type, ldc, 0, 1, compute, algorithm);
}
