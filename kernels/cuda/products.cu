/* Counts of dense designs as one exact product of matrices of bytes, by cuBLAS:
 *
 *   counts[(u, k)][(g, b)] = sum over raters r of [r gave u level k] [r is of group g in resample
 * b]
 *
 * spread: a block turns the labels of 128 places and 32 resamples round, from words by place, as
 * the shuffle leaves them, to rows of bytes by resample, as the product reads them: through shared
 *         memory, 4 places a word, whole lines out.
 * tally:  a thread takes one resample and group and goes through the items (tallies.cuh); a warp
 *         reads 32 resamples' counts in a line.
 *
 * int8 in, int32 out: exact, whatever the order in which cuBLAS adds. 2 U K N G operations of the
 * matrix units a resample; N G bytes of labels and 4 U K G bytes of counts, each written and read
 * once; about 200 instructions an item and group for the tally. docs/performance.md, "On a GPU". */
#include "products.h"
#include "tallies.cuh"

enum { PLACES = 128, QUADS = PLACES / 4, SPREAD_WARPS = 8, TALLY_GROUPS = 4, THREADS = 128 };

__global__ static void __launch_bounds__(THREADS)
    mark(const __grid_constant__ dss_cu_ratings ratings, uint32_t n_levels, uint32_t n_places,
         int8_t *matrix) {
  uint32_t u = blockIdx.x;
  for (uint64_t i = ratings.item_ptr[u] + threadIdx.x; i < ratings.item_ptr[u + 1]; i += THREADS) {
    uint32_t entry = ratings.entry[i];
    uint64_t row = (uint64_t)u * n_levels + (entry & UINT8_MAX);
    matrix[row * n_places + (entry >> DSS_CODE_BITS)] = 1;
  }
}

__global__ static void __launch_bounds__(DSS_WARP *SPREAD_WARPS)
    spread(const __grid_constant__ dss_cu_labels labels, const __grid_constant__ dss_cu_products to,
           uint32_t n_resamples) {
  DSS_SHARED(shared);
  uint32_t *tile = (uint32_t *)shared; /* [PLACES][DSS_WARP + 1] */
  uint32_t first = blockIdx.x * PLACES, rows = dss_cu_product_rows(&to.lists);
  const dss_cu_axis *axis = &to.lists.axis;
  const uint32_t *words = dss_cu_words(&labels, blockIdx.y, axis->word);
  for (uint32_t i = threadIdx.y; i < PLACES; i += SPREAD_WARPS)
    tile[i * (DSS_WARP + 1) + threadIdx.x] =
        first + i < labels.n_raters
            ? dss_cu_label(axis, words[(uint64_t)(first + i) * DSS_WARP + threadIdx.x])
            : axis->mask; /* nobody stands here */
  __syncthreads();
  if (first + 4 * threadIdx.x >= to.n_places) return;
  for (uint32_t b = threadIdx.y; b < DSS_WARP; b += SPREAD_WARPS) {
    uint32_t label[4];
    for (int k = 0; k < 4; k++)
      label[k] = tile[(4 * threadIdx.x + k) * (DSS_WARP + 1) + b];
    for (uint32_t g = 0; g < rows; g++) {
      uint32_t word = 0;
      for (int k = 0; k < 4; k++) {
        bool of = g < axis->n_groups ? label[k] == g : label[k] != axis->mask;
        word |= (uint32_t)of << 8 * k;
      }
      uint64_t row = (uint64_t)g * n_resamples + blockIdx.y * DSS_WARP + b;
      *(uint32_t *)&to.labels[row * to.n_places + first + 4 * threadIdx.x] = word;
    }
  }
}

template <class kind>
__global__ static void __launch_bounds__(DSS_WARP *TALLY_GROUPS)
    tally_products(const __grid_constant__ dss_cu_sums of, uint32_t n_items,
                   const __grid_constant__ dss_cu_products from) {
  const int K = kind::levels;
  const dss_cu_lists &lists = from.lists;
  uint32_t group = blockIdx.y * TALLY_GROUPS + threadIdx.y;
  uint32_t resample = blockIdx.x * DSS_WARP + threadIdx.x;
  if (group >= lists.axis.n_groups || !lists.tested[group]) return;
  uint64_t rows = (uint64_t)dss_cu_product_rows(&lists) * of.n_resamples;
  const int32_t *mine = from.counts + (uint64_t)group * of.n_resamples + resample;
  const int32_t *known = from.counts + (uint64_t)lists.axis.n_groups * of.n_resamples + resample;
  typename kind::of_counts tally;
  tally.clear();
  for (uint32_t u = 0; u < n_items; u++) {
    uint32_t x[K], total[K];
#pragma unroll
    for (int c = 0; c < K; c++) {
      uint64_t column = (uint64_t)u * K + c;
      x[c] = (uint32_t)mine[column * rows];
      total[c] = lists.known ? from.total[column] : (uint32_t)known[column * rows];
    }
    tally.add(of, of.tables.weight, x, total);
  }
  tally.finish(of, lists.first_group + group, resample);
}

/* --- launching -------------------------------------------------------------------------------- */

cudaError_t dss_cu_one_hot(const dss_cu_ratings *ratings, uint32_t n_levels, uint32_t n_places,
                           int8_t *matrix, cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(ratings->n_items);
  config.blockDim = dim3(THREADS);
  config.stream = stream;
  return cudaLaunchKernelEx(&config, mark, *ratings, n_levels, n_places, matrix);
}

static cudaError_t spread_labels(const dss_cu_sums *sums, const dss_cu_products *products,
                                 cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3((products->n_places + PLACES - 1) / PLACES, sums->n_resamples / DSS_WARP);
  config.blockDim = dim3(DSS_WARP, SPREAD_WARPS);
  config.dynamicSmemBytes = PLACES * (DSS_WARP + 1) * sizeof(uint32_t);
  config.stream = stream;
  return cudaLaunchKernelEx(&config, spread, sums->labels, *products, sums->n_resamples);
}

/* Column by column: counts [rows x n_columns] = labels^T ratings. */
static cublasStatus_t multiply(const dss_cu_sums *sums, const dss_cu_products *p,
                               const dss_cu_blas *blas, cublasHandle_t handle,
                               cudaStream_t stream) {
  cublasStatus_t status = blas->set_stream(handle, stream);
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  return dss_cu_multiply(blas, handle, dss_cu_product_rows(&p->lists) * sums->n_resamples,
                         p->n_columns, p->n_places, p->labels, p->n_places, p->ratings, p->n_places,
                         p->counts, false);
}

static cudaError_t tally_all(const dss_cu_sums *sums, uint32_t n_items,
                             const dss_cu_products *products, cudaStream_t stream) {
  const dss_cu_lists *lists = &products->lists;
  cudaLaunchConfig_t config = {};
  config.gridDim =
      dim3(sums->n_resamples / DSS_WARP, (lists->axis.n_groups + TALLY_GROUPS - 1) / TALLY_GROUPS);
  config.blockDim = dim3(DSS_WARP, TALLY_GROUPS);
  config.stream = stream;
  return dss_cu_by_kind(sums->tables.n_levels, lists->tally, cudaErrorInvalidValue,
                        [&](auto kind) -> cudaError_t {
                          return cudaLaunchKernelEx(&config, tally_products<decltype(kind)>, *sums,
                                                    n_items, *products);
                        });
}

cudaError_t dss_cu_products_add(const dss_cu_sums *sums, uint32_t n_items,
                                const dss_cu_products *products, const dss_cu_blas *blas,
                                cublasHandle_t handle, cublasStatus_t *product,
                                cudaStream_t stream) {
  *product = CUBLAS_STATUS_SUCCESS;
  cudaError_t error = spread_labels(sums, products, stream);
  if (error != cudaSuccess) return error;
  *product = multiply(sums, products, blas, handle, stream);
  if (*product != CUBLAS_STATUS_SUCCESS) return cudaSuccess;
  return tally_all(sums, n_items, products, stream);
}
