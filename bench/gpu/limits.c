/* dissensus-gpu-limits --cublas: which cuBLAS our programs find, as JSON.
 * dissensus-gpu-limits [DEVICE [BYTES N]]: what a GPU can do at best, as JSON, for the fractions of
 * bench/gpu/check: its warp instructions a second, from its properties; bytes a second that it
 * copies in its memory, read and written; operations a second of cuBLAS's product of bytes, N x N x
 * N.
 *
 * Each rate is the best of several rounds, timed by events. BYTES and N are smaller in tests. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cuda_runtime_api.h>

#include "kernels/cuda/blas.h"
#include "kernels/cuda/trouble.h"

enum { ROUNDS = 7, SCHEDULERS = 4 /* of a multiprocessor, a warp instruction a clock each */ };

typedef struct bench {
  int device;
  uint64_t bytes; /* copied a round */
  uint32_t n;     /* of the product */
  cudaStream_t stream;
  cudaEvent_t begin, end;
} bench;

/* What a round does, on the stream. */
typedef dss_status (*round_fn)(const bench *b, void *user);

/* Seconds of the fastest round; the first one warms up. */
static dss_status fastest(const bench *b, round_fn work, void *user, double *seconds) {
  *seconds = 0;
  for (int i = 0; i <= ROUNDS; i++) {
    float milliseconds = 0;
    DSS_CU_TRY(dss_cu_check(cudaEventRecord(b->begin, b->stream), "starting the clock"));
    DSS_CU_TRY(work(b, user));
    DSS_CU_TRY(dss_cu_check(cudaEventRecord(b->end, b->stream), "stopping the clock"));
    DSS_CU_TRY(dss_cu_check(cudaEventSynchronize(b->end), "waiting for a round"));
    DSS_CU_TRY(dss_cu_check(cudaEventElapsedTime(&milliseconds, b->begin, b->end), "timing"));
    if (i > 0 && milliseconds > 0 && (*seconds == 0 || milliseconds * 1e-3 < *seconds))
      *seconds = milliseconds * 1e-3;
  }
  return *seconds > 0 ? DSS_OK : dss_cu_fail(DSS_ERR_DEVICE, "the GPU's clock stands still");
}

/* --- rounds ----------------------------------------------------------------------------------- */

static dss_status copy(const bench *b, void *memory) {
  return dss_cu_check(cudaMemcpyAsync(memory, (char *)memory + b->bytes / 2, b->bytes / 2,
                                      cudaMemcpyDeviceToDevice, b->stream),
                      "copying on the GPU");
}

static dss_status copy_rate(const bench *b, double *rate) {
  void *memory;
  double seconds;
  DSS_CU_TRY(dss_cu_check(cudaMalloc(&memory, b->bytes), "memory to copy"));
  dss_status status = dss_cu_check(cudaMemset(memory, 1, b->bytes), "filling memory");
  if (status == DSS_OK) status = fastest(b, copy, memory, &seconds);
  cudaFree(memory);
  if (status == DSS_OK) *rate = (double)b->bytes / seconds; /* half read, half written */
  return status;
}

typedef struct product {
  const dss_cu_blas *blas;
  cublasHandle_t handle;
  int8_t *a, *b;
  int32_t *c;
} product;

static dss_status multiply(const bench *b, void *user) {
  product *p = user;
  cublasStatus_t status =
      dss_cu_multiply(p->blas, p->handle, b->n, b->n, b->n, p->a, b->n, p->b, b->n, p->c, false);
  return dss_cu_check_blas(p->blas, status, "multiplying by cuBLAS");
}

/* Zeros and ones, as the kernels have them: power, and so the clock, depend on what is multiplied.
 */
static dss_status fill(int8_t *to, uint64_t size) {
  int8_t *ones = malloc(size);
  uint32_t random = 12345;
  if (!ones) return DSS_ERR_MEMORY;
  for (uint64_t i = 0; i < size; i++) {
    random = random * 1664525u + 1013904223u;
    ones[i] = (int8_t)(random >> 31);
  }
  dss_status status =
      dss_cu_check(cudaMemcpy(to, ones, size, cudaMemcpyHostToDevice), "sending factors");
  free(ones);
  return status;
}

static dss_status product_seconds(const bench *b, product *p, double *seconds) {
  uint64_t size = (uint64_t)b->n * b->n;
  DSS_CU_TRY(dss_cu_load_blas(&p->blas));
  DSS_CU_TRY(dss_cu_check_blas(p->blas, p->blas->create(&p->handle), "starting cuBLAS"));
  DSS_CU_TRY(dss_cu_check_blas(p->blas, p->blas->set_stream(p->handle, b->stream), "its stream"));
  DSS_CU_TRY(dss_cu_check(cudaMalloc((void **)&p->a, size), "memory of a factor"));
  DSS_CU_TRY(dss_cu_check(cudaMalloc((void **)&p->b, size), "memory of a factor"));
  DSS_CU_TRY(dss_cu_check(cudaMalloc((void **)&p->c, size * sizeof *p->c), "memory of a product"));
  DSS_CU_TRY(fill(p->a, size));
  DSS_CU_TRY(fill(p->b, size));
  return fastest(b, multiply, p, seconds);
}

static dss_status product_rate(const bench *b, double *rate) {
  product p = {.blas = NULL};
  double seconds;
  dss_status status = product_seconds(b, &p, &seconds);
  cudaFree(p.a);
  cudaFree(p.b);
  cudaFree(p.c);
  if (p.handle) p.blas->destroy(p.handle);
  if (status == DSS_OK) *rate = 2.0 * b->n * b->n * b->n / seconds;
  return status;
}

/* --- all -------------------------------------------------------------------------------------- */

static dss_status print_properties(const bench *b) {
  struct cudaDeviceProp properties;
  int kilohertz = 0, processors = 0, l2 = 0, runtime = 0, driver = 0;
  DSS_CU_TRY(dss_cu_check(cudaGetDeviceProperties(&properties, b->device), "asking the GPU"));
  cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, b->device);
  cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, b->device);
  cudaDeviceGetAttribute(&l2, cudaDevAttrL2CacheSize, b->device);
  cudaRuntimeGetVersion(&runtime);
  cudaDriverGetVersion(&driver);
  cudaGetLastError();
  printf(
      "{\"name\": \"%s\", \"capability\": \"%d.%d\", \"bytes\": %llu, \"multiprocessors\": %d,\n",
      properties.name, properties.major, properties.minor,
      (unsigned long long)properties.totalGlobalMem, processors);
  printf(" \"clock_hz\": %.4g, \"l2_bytes\": %d, \"runtime\": %d, \"driver_cuda\": %d,\n",
         kilohertz * 1e3, l2, runtime, driver);
  printf(" \"warp_instructions_per_second\": %.4g,\n",
         (double)processors * SCHEDULERS * kilohertz * 1e3);
  return DSS_OK;
}

static dss_status measure(bench *b) {
  double copied = 0, multiplied = 0;
  DSS_CU_TRY(dss_cu_check(cudaSetDevice(b->device), "opening the GPU"));
  DSS_CU_TRY(
      dss_cu_check(cudaStreamCreateWithFlags(&b->stream, cudaStreamNonBlocking), "a stream"));
  DSS_CU_TRY(dss_cu_check(cudaEventCreateWithFlags(&b->begin, cudaEventDefault), "an event"));
  DSS_CU_TRY(dss_cu_check(cudaEventCreateWithFlags(&b->end, cudaEventDefault), "an event"));
  DSS_CU_TRY(copy_rate(b, &copied));
  /* cuBLAS may be missing where nothing that is tested needs it. */
  dss_status status = product_rate(b, &multiplied);
  DSS_CU_TRY(print_properties(b));
  printf(" \"copy_bytes_per_second\": %.4g,\n", copied);
  if (status == DSS_OK)
    printf(" \"product_operations_per_second\": %.4g}\n", multiplied);
  else
    printf(" \"product_operations_per_second\": null, \"product_trouble\": \"%s\"}\n",
           dss_cu_trouble());
  return DSS_OK;
}

/* No GPU is asked for this. */
static int print_cublas(void) {
  const dss_cu_blas *blas;
  int part[3] = {0};
  if (dss_cu_load_blas(&blas) != DSS_OK) {
    printf("{\"cublas\": null, \"why\": \"%s\"}\n", dss_cu_trouble());
  } else {
    blas->property(MAJOR_VERSION, &part[0]);
    blas->property(MINOR_VERSION, &part[1]);
    blas->property(PATCH_LEVEL, &part[2]);
    printf("{\"cublas\": \"%d.%d.%d\"}\n", part[0], part[1], part[2]);
  }
  return fflush(stdout) == 0 ? 0 : 4;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--cublas") == 0) return print_cublas();
  bench b = {.device = argc > 1 ? atoi(argv[1]) : 0,
             .bytes = argc > 3 ? strtoull(argv[2], NULL, 10) : (uint64_t)2 << 30,
             .n = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 8192};
  dss_status status = measure(&b);
  if (b.begin) cudaEventDestroy(b.begin);
  if (b.end) cudaEventDestroy(b.end);
  if (b.stream) cudaStreamDestroy(b.stream);
  if (status != DSS_OK) fprintf(stderr, "dissensus-gpu-limits: %s\n", dss_cu_trouble());
  return status == DSS_OK ? (fflush(stdout) == 0 ? 0 : 4) : 5;
}
