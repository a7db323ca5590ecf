/* A block turns a tile of 32 x 32 values round in shared memory, a column of which is one number
 * longer, so that neither direction meets itself in a bank. Whole lines in and out. */
#include "device.h"
#include "rows.h"

#include <string.h>

enum { SIDE = 32, STEPS = 8 };

__device__ static inline double defined(double value) {
  const uint64_t undefined = 0x7ff8000000000000;
  if (value != value) memcpy(&value, &undefined, sizeof value);
  return value;
}

__global__ static void __launch_bounds__(SIDE *STEPS)
    turn(const double *values, uint64_t stride, uint32_t n_columns, uint32_t n, double *rows) {
  DSS_SHARED(shared);
  double *tile = (double *)shared; /* [SIDE][SIDE + 1] */
  uint32_t column = blockIdx.x * SIDE, row = blockIdx.y * SIDE;
  for (uint32_t i = threadIdx.y; i < SIDE && column + i < n_columns; i += STEPS)
    if (row + threadIdx.x < n)
      tile[i * (SIDE + 1) + threadIdx.x] = values[(column + i) * stride + row + threadIdx.x];
  __syncthreads();
  for (uint32_t i = threadIdx.y; i < SIDE && row + i < n; i += STEPS)
    if (column + threadIdx.x < n_columns)
      rows[(uint64_t)(row + i) * n_columns + column + threadIdx.x] =
          defined(tile[threadIdx.x * (SIDE + 1) + i]);
}

cudaError_t dss_cu_rows(const double *values, uint64_t stride, uint32_t n_columns, uint32_t n,
                        double *rows, cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3((n_columns + SIDE - 1) / SIDE, (n + SIDE - 1) / SIDE);
  config.blockDim = dim3(SIDE, STEPS);
  config.dynamicSmemBytes = SIDE * (SIDE + 1) * sizeof(double);
  config.stream = stream;
  return cudaLaunchKernelEx(&config, turn, values, stride, n_columns, n, rows);
}
