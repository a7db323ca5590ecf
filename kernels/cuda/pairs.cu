/* Rater-pair matrices. The products are cuBLAS's, of bytes; here is what stands before and after.
 *
 * fill: a block takes a rater and writes what the layers make of the ratings, into memory that was
 *       cleared. Bytes: n_layers a rating and pair of blocks.
 * finish: a thread takes a pair; a warp's threads read and write lines. Bytes: 4 a target, and 12
 * to 32 of statistics. By table the margins of each pair lie in shared memory, a bank a thread.
 * deal: turns arrangements, so that a warp's threads read a rater's line.
 * add_forms: a thread takes one row of the matrices and one of a batch of arrangements, and adds up
 *       the columns of its row's group, of all matrices at once. Labels of 64 columns and 32
 *       arrangements come through shared memory; a warp's threads share the matrices' numbers. A
 *       comparison for all matrices and an addition each: docs/performance.md counts that and a
 *       product with one-hot labels.
 *
 * Deterministic: the sums of a row are whole numbers up to 2^53, exact as doubles in any order, and
 * rows are added up as integers. */
#include "device.h"
#include "pairs.h"

enum { WARP = 32, WARPS = 8, THREADS = 128, COLUMNS = 64, LEAST_THREADS = 16 };
enum { SHARED_BYTES = 48 * 1024 }; /* of a block, that need not be asked for */

__global__ static void __launch_bounds__(THREADS)
    fill(const __grid_constant__ dss_cu_pair_ratings ratings, const uint32_t *number,
         const __grid_constant__ dss_cu_pair_block block) {
  uint64_t rater = block.first_rater + blockIdx.x, end = ratings.rater_ptr[rater + 1];
  uint64_t plane = (uint64_t)block.n_rows * block.items;
  for (uint64_t i = ratings.rater_ptr[rater] + threadIdx.x; i < end; i += THREADS) {
    uint32_t at = number[ratings.item[i]];
    if (at == UINT32_MAX || at < block.first || at - block.first >= block.items) continue;
    int8_t *to = block.matrix + (uint64_t)blockIdx.x * block.items + (at - block.first);
    for (uint32_t l = 0; l < ratings.n_layers; l++)
      to[l * plane] = ratings.layers[(uint64_t)l * ratings.n_levels + ratings.code[i]];
  }
}

/* As 16 bits or 32. */
static __device__ void put_count(void *plane, bool narrow, uint64_t at, int32_t count) {
  if (narrow)
    ((uint16_t *)plane)[at] = (uint16_t)count;
  else
    ((int32_t *)plane)[at] = count;
}

__global__ static void __launch_bounds__(THREADS)
    finish(const __grid_constant__ dss_cu_pair_finish f) {
  DSS_SHARED(shared);
  uint32_t column = blockIdx.y * blockDim.x + threadIdx.x;
  if (column >= f.columns) return;
  uint64_t at = (uint64_t)blockIdx.x * f.stride + column;
  dss_pair_values v =
      dss_pair_values_at(&f.scale, &f.products, f.sums + at, (uint64_t)f.rows * f.stride,
                         (uint32_t *)shared + threadIdx.x, blockDim.x);
  put_count(f.shared, f.narrow, at, v.shared);
  put_count(f.agreements, f.narrow, at, v.agreements);
  f.kappa[at] = v.kappa;
  if (f.distance) f.distance[at] = v.distance;
  if (f.correlation) f.correlation[at] = v.correlation;
}

__global__ static void __launch_bounds__(THREADS) deal(const __grid_constant__ dss_cu_deal d) {
  uint32_t rater = blockIdx.x * THREADS + threadIdx.x, b = blockIdx.y;
  if (rater < d.n_raters)
    d.sources[(uint64_t)rater * d.batch + d.first + b] = d.from[(uint64_t)b * d.n_raters + rater];
}

/* M: matrices. KNOWN: pairs whose labels are both known are added up, too. */
template <int M, bool KNOWN>
__global__ static void __launch_bounds__(WARP *WARPS)
    sum_groups(const __grid_constant__ dss_cu_forms f) {
  DSS_SHARED(shared);
  int32_t *labels = (int32_t *)shared + threadIdx.x; /* [COLUMNS][WARP], this lane's */
  uint32_t b = blockIdx.x * WARP + threadIdx.x, row = blockIdx.y * WARPS + threadIdx.y;
  const uint32_t *source = f.sources + b;
  const double *cell = f.matrices + (uint64_t)row * f.columns;
  uint64_t cells = (uint64_t)f.rows * f.columns;
  bool there = b < f.batch && row < f.rows;
  int32_t own = there ? f.group[source[(uint64_t)(f.first_row + row) * f.stride]] : -1;
  double within[M] = {}, known[M] = {};
  for (uint32_t first = 0; first < f.columns; first += COLUMNS) {
    uint32_t n = f.columns - first < COLUMNS ? f.columns - first : (uint32_t)COLUMNS;
    for (uint32_t s = threadIdx.y; s < n; s += WARPS)
      labels[s * WARP] =
          b < f.batch ? f.group[source[(uint64_t)(f.first_column + first + s) * f.stride]] : -1;
    __syncthreads();
    for (uint32_t s = 0; own >= 0 && s < n; s++) {
      int32_t label = labels[s * WARP];
      for (int m = 0; m < M; m++) {
        double x = cell[m * cells + first + s];
        within[m] += label == own ? x : 0.0;
        if (KNOWN) known[m] += label >= 0 ? x : 0.0;
      }
    }
    __syncthreads();
  }
  if (own < 0) return;
  for (int m = 0; m < M; m++) {
    unsigned long long *out = f.out + ((uint64_t)m * f.batch + b) * f.width;
    atomicAdd(&out[own], (unsigned long long)within[m]);
    if (KNOWN) atomicAdd(&out[f.n_groups], (unsigned long long)known[m]);
  }
}

template <int M>
static cudaError_t launch_sums(const dss_cu_forms *forms, const cudaLaunchConfig_t *config) {
  if (forms->width > forms->n_groups)
    return cudaLaunchKernelEx(config, sum_groups<M, true>, *forms);
  return cudaLaunchKernelEx(config, sum_groups<M, false>, *forms);
}

cudaError_t dss_cu_fill_pairs(const dss_cu_pair_ratings *ratings, const uint32_t *number,
                              const dss_cu_pair_block *block, cudaStream_t stream) {
  uint64_t bytes = (uint64_t)ratings->n_layers * block->n_rows * block->items;
  cudaError_t error = cudaMemsetAsync(block->matrix, 0, bytes, stream);
  if (error != cudaSuccess) return error;
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(block->n_raters);
  config.blockDim = dim3(THREADS);
  config.stream = stream;
  return cudaLaunchKernelEx(&config, fill, *ratings, number, *block);
}

cudaError_t dss_cu_finish_pairs(const dss_cu_pair_finish *f, cudaStream_t stream) {
  uint32_t words = f->products.by_table ? 2 * f->scale.n_levels * (uint32_t)sizeof(uint32_t) : 0;
  uint32_t threads = THREADS;
  while (threads > LEAST_THREADS && threads * words > SHARED_BYTES)
    threads /= 2;
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(f->rows, (f->columns + threads - 1) / threads);
  config.blockDim = dim3(threads);
  config.dynamicSmemBytes = threads * words;
  config.stream = stream;
  return cudaLaunchKernelEx(&config, finish, *f);
}

cudaError_t dss_cu_deal_sources(const dss_cu_deal *d, cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3((d->n_raters + THREADS - 1) / THREADS, d->count);
  config.blockDim = dim3(THREADS);
  config.stream = stream;
  return cudaLaunchKernelEx(&config, deal, *d);
}

cudaError_t dss_cu_add_forms(const dss_cu_forms *forms, cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3((forms->batch + WARP - 1) / WARP, (forms->rows + WARPS - 1) / WARPS);
  config.blockDim = dim3(WARP, WARPS);
  config.dynamicSmemBytes = COLUMNS * WARP * sizeof(int32_t);
  config.stream = stream;
  switch (forms->n_matrices) {
  case 1:
    return launch_sums<1>(forms, &config);
  case 2:
    return launch_sums<2>(forms, &config);
  default:
    return launch_sums<3>(forms, &config);
  }
}
