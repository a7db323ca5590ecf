/* Products of bytes: against their definition, in every way to turn the factors, and what is
 * refused. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <cublas_v2.h>

#include "deaths.h"
#include "selftest.h"
#include "simt.h"

#define OK(call) cr_assert_eq(call, 0, "%s", #call)

typedef struct product {
  cublasOperation_t turn_a, turn_b;
  int m, n, k, lda, ldb, ldc, batches;
  long long stride_a, stride_b, stride_c; /* elements */
  int32_t alpha, beta;
} product;

static uint32_t state = 12345;
static int drawn(int below) {
  state = state * 1664525 + 1013904223;
  return (int)((state >> 8) % (uint32_t)below);
}

/* Device memory with these bytes. */
static void *upload(const void *from, size_t bytes) {
  void *made;
  OK(cudaMalloc(&made, bytes));
  OK(cudaMemcpy(made, from, bytes, cudaMemcpyHostToDevice));
  return made;
}

static cublasStatus_t run(cublasHandle_t handle, const product *p, const int8_t *a, const int8_t *b,
                          int32_t *c) {
  return cublasGemmStridedBatchedEx(handle, p->turn_a, p->turn_b, p->m, p->n, p->k, &p->alpha, a,
                                    CUDA_R_8I, p->lda, p->stride_a, b, CUDA_R_8I, p->ldb,
                                    p->stride_b, &p->beta, c, CUDA_R_32I, p->ldc, p->stride_c,
                                    p->batches, CUBLAS_COMPUTE_32I, CUBLAS_GEMM_DEFAULT);
}

static int32_t expected(const product *p, const int8_t *a, const int8_t *b, int32_t before, int i,
                        int j) {
  int64_t sum = 0;
  for (int q = 0; q < p->k; q++) {
    int8_t left = p->turn_a == CUBLAS_OP_N ? a[i + q * p->lda] : a[q + i * p->lda];
    int8_t right = p->turn_b == CUBLAS_OP_N ? b[q + j * p->ldb] : b[j + q * p->ldb];
    sum += left * right;
  }
  return (int32_t)(p->alpha * sum + (int64_t)p->beta * before);
}

enum { A_BYTES = 4096, B_BYTES = 4096, C_COUNT = 4096 };

static void check(cublasHandle_t handle, const product *p) {
  static int8_t a[A_BYTES], b[B_BYTES];
  static int32_t before[C_COUNT], after[C_COUNT];
  for (int i = 0; i < A_BYTES; i++)
    a[i] = (int8_t)(drawn(256) - 128);
  for (int i = 0; i < B_BYTES; i++)
    b[i] = (int8_t)(drawn(256) - 128);
  for (int i = 0; i < C_COUNT; i++)
    before[i] = drawn(2000) - 1000;
  int8_t *da = upload(a, sizeof a), *db = upload(b, sizeof b);
  int32_t *dc = upload(before, sizeof before);
  OK(run(handle, p, da, db, dc));
  OK(cudaMemcpy(after, dc, sizeof after, cudaMemcpyDeviceToHost));
  /* Nothing but the product's elements changed. */
  for (int batch = 0; batch < p->batches; batch++)
    for (int j = 0; j < p->n; j++)
      for (int i = 0; i < p->m; i++) {
        int32_t *at = &before[batch * p->stride_c + i + j * p->ldc];
        *at = expected(p, a + batch * p->stride_a, b + batch * p->stride_b, *at, i, j);
      }
  cr_assert_eq(memcmp(before, after, sizeof after), 0);
  OK(cudaFree(da));
  OK(cudaFree(db));
  OK(cudaFree(dc));
}

Test(cublas, products) {
  cublasHandle_t handle;
  OK(cublasCreate(&handle));
  for (int ways = 0; ways < 4; ways++) {
    product p = {.turn_a = ways & 1 ? CUBLAS_OP_T : CUBLAS_OP_N,
                 .turn_b = ways & 2 ? CUBLAS_OP_T : CUBLAS_OP_N,
                 .m = 9,
                 .n = 6,
                 .k = 13,
                 .lda = 16,
                 .ldb = 20,
                 .ldc = 11,
                 .batches = 3,
                 .stride_a = 320,
                 .stride_b = 400,
                 .stride_c = 128,
                 .alpha = 1};
    check(handle, &p);
    p.alpha = -3;
    p.beta = 2;
    check(handle, &p);
    p.batches = 1;
    p.m = p.n = p.k = 1;
    check(handle, &p);
    p.k = 0; /* beta C */
    check(handle, &p);
  }
  OK(cublasDestroy(handle));
  cr_assert(simt_nothing_left());
}

Test(cublas, refuses_what_the_real_one_refuses) {
  const product right = {
      .m = 8, .n = 8, .k = 8, .lda = 8, .ldb = 8, .ldc = 8, .batches = 1, .alpha = 1};
  cublasHandle_t handle;
  int8_t *a, *b;
  int32_t *c;
  OK(cudaMalloc((void **)&a, 256));
  OK(cudaMalloc((void **)&b, 256));
  OK(cudaMalloc((void **)&c, 1024));
  OK(cudaMemset(a, 1, 256));
  OK(cudaMemset(b, 1, 256));
  cr_assert_eq(run(NULL, &right, a, b, c), CUBLAS_STATUS_NOT_INITIALIZED);
  OK(cublasCreate(&handle));
  OK(run(handle, &right, a, b, c));
  product wrong = right;
  wrong.lda = 7;
  cr_assert_eq(run(handle, &wrong, a, b, c), CUBLAS_STATUS_INVALID_VALUE);
  wrong.lda = 10;
  cr_assert_eq(run(handle, &wrong, a, b, c), CUBLAS_STATUS_NOT_SUPPORTED);
  wrong = right;
  wrong.ldb = 9;
  cr_assert_eq(run(handle, &wrong, a, b, c), CUBLAS_STATUS_NOT_SUPPORTED);
  wrong = right;
  wrong.ldc = 7;
  cr_assert_eq(run(handle, &wrong, a, b, c), CUBLAS_STATUS_INVALID_VALUE);
  wrong = right;
  wrong.k = -1;
  cr_assert_eq(run(handle, &wrong, a, b, c), CUBLAS_STATUS_INVALID_VALUE);
  wrong = right;
  wrong.batches = 2;
  wrong.stride_a = 68;
  cr_assert_eq(run(handle, &wrong, a, b, c), CUBLAS_STATUS_NOT_SUPPORTED);
  cr_assert_eq(run(handle, &right, a + 4, b, c), CUBLAS_STATUS_NOT_SUPPORTED);
  cr_assert_eq(run(handle, &right, a, b + 8, c), CUBLAS_STATUS_NOT_SUPPORTED);
  cr_assert_eq(run(handle, &right, a, b, c + 1), CUBLAS_STATUS_NOT_SUPPORTED);
  cr_assert_eq(run(handle, &right, NULL, b, c), CUBLAS_STATUS_INVALID_VALUE);
  cr_assert_eq(cublasGemmEx(handle, CUBLAS_OP_N, CUBLAS_OP_N, 8, 8, 8, &right.alpha, a, CUDA_R_8I,
                            8, b, CUDA_R_8I, 8, &right.beta, c, CUDA_R_8I, 8, CUBLAS_COMPUTE_32I,
                            CUBLAS_GEMM_DEFAULT),
               CUBLAS_STATUS_NOT_SUPPORTED);
  cr_assert_str_eq(cublasGetStatusName(CUBLAS_STATUS_NOT_SUPPORTED), "CUBLAS_STATUS_NOT_SUPPORTED");
  OK(cublasDestroy(handle));
  cr_assert_eq(cublasDestroy(handle), CUBLAS_STATUS_NOT_INITIALIZED);
  OK(cudaFree(a));
  OK(cudaFree(b));
  OK(cudaFree(c));
  cr_assert(simt_nothing_left());
}

/* A device is lost at a product as at a launch. */
Test(cublas, loses_its_device) {
  simt_settings settings;
  cublasHandle_t handle;
  product p = {.m = 4, .n = 4, .k = 4, .lda = 4, .ldb = 4, .ldc = 4, .batches = 1, .alpha = 1};
  void *memory;
  simt_environment(&settings);
  settings.lost_at = 2;
  simt_set(&settings);
  OK(cudaMalloc(&memory, 64));
  OK(cudaMemset(memory, 1, 64));
  OK(cublasCreate(&handle));
  OK(run(handle, &p, memory, memory, memory));
  OK(run(handle, &p, memory, memory, memory));
  cr_assert_eq(run(handle, &p, memory, memory, memory), CUBLAS_STATUS_EXECUTION_FAILED);
  cr_assert_eq(cudaFree(memory), cudaErrorLaunchFailure);
  OK(cublasDestroy(handle));
  cr_assert(simt_nothing_left());
}

static void multiply_outside(const void *argument) {
  cublasHandle_t handle;
  int8_t *a;
  int32_t *c;
  if (cudaMalloc((void **)&a, 256) || cudaMalloc((void **)&c, 1020) || cublasCreate(&handle))
    return;
  run(handle, argument, a, a, c);
}

static void overflow(const void *argument) {
  cublasHandle_t handle;
  int8_t *a;
  int32_t *c;
  if (cudaMalloc((void **)&a, 1 << 19) || cudaMalloc((void **)&c, 64) || cublasCreate(&handle))
    return;
  cudaMemset(a, 127, 1 << 19);
  run(handle, argument, a, a, c);
}

Test(cublas, dies_of_mistakes) {
  const product all = {
      .m = 16, .n = 16, .k = 16, .lda = 16, .ldb = 16, .ldc = 16, .batches = 1, .alpha = 1};
  must_die(multiply_outside, &all, "simt: cuBLAS: C is not wholly in live memory of its device");
  const product large = {.m = 1,
                         .n = 1,
                         .k = 1 << 18,
                         .turn_a = CUBLAS_OP_T,
                         .lda = 1 << 18,
                         .ldb = 1 << 18,
                         .ldc = 4,
                         .batches = 1,
                         .alpha = 1};
  must_die(overflow, &large, "simt: cuBLAS: a sum leaves 32 bits");
}
