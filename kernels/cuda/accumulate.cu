/* Accumulators: what dss_accumulate does on the host, to the bit.
 *
 * count: a warp takes one column and one block of moments, and goes through the block's resamples
 * 32 at a time. Counts are votes of the warp; a histogram stands in shared memory. Moments have an
 * order: all threads add all 32 values, handed round by shuffles, so that the sum is that of one
 * thread that adds them one after the other. Blocks of moments stay apart; the host adds them up in
 * their order.
 * keep: a warp takes one column and one end of its null, with the heap in shared memory; once some
 * thousand values were seen hardly any is put in.
 * exceed: a thread takes one resample and goes down the tests from the last, as add_max_t does; a
 * warp's exceedances are one vote and one addition.
 * find: which resample brought a test's last exceedance before it may stop.
 *
 * Integers are added by atomics, which no order can change. 16 operations a value for count and 8
 * for exceed, in warps of 32 resamples where nothing else is said. */
#include "accumulate.h"
#include "device.h"

enum { WARP = 32, WARPS = 8 };
#define ALL 0xffffffffu

/* NaN compares false with everything. */
typedef struct counts {
  uint32_t undefined, below, above, not_positive;
  double minimum, maximum;
} counts;

__device__ static inline void count_values(counts *c, double v, double own, bool there) {
  c->undefined += __popc(__ballot_sync(ALL, there && v != v));
  c->below += __popc(__ballot_sync(ALL, there && v < own));
  c->above += __popc(__ballot_sync(ALL, there && v > own));
  c->not_positive += __popc(__ballot_sync(ALL, there && v <= 0.0));
  if (there && v < c->minimum) c->minimum = v;
  if (there && v > c->maximum) c->maximum = v;
}

__device__ static inline void add_moments(double v, double pivot, uint32_t n, double *sum,
                                          double *squares) {
  double offset = (v == v ? v : pivot) - pivot, squared = offset * offset;
  for (uint32_t i = 0; i < n; i++) {
    *sum += __shfl_sync(ALL, offset, i);
    *squares += __shfl_sync(ALL, squared, i);
  }
}

__device__ static inline double least_of(double v) {
  for (int step = WARP / 2; step > 0; step /= 2) {
    double other = __shfl_xor_sync(ALL, v, step);
    v = other < v ? other : v;
  }
  return v;
}

__device__ static inline void add_counts(const dss_cu_part *part, uint32_t column, uint64_t n,
                                         const counts *c) {
  atomicAdd(&part->undefined[column], (unsigned long long)c->undefined);
  atomicAdd(&part->below[column], (unsigned long long)c->below);
  atomicAdd(&part->equal[column], (unsigned long long)(n - c->undefined - c->below - c->above));
  atomicAdd(&part->above[column], (unsigned long long)c->above);
  atomicAdd(&part->not_positive[column], (unsigned long long)c->not_positive);
}

/* Resamples from .. end - 1 of a column, all of one block of moments. */
__device__ static void count_range(const dss_cu_part *part, const double *values, uint32_t column,
                                   uint64_t from, uint64_t end, uint32_t *bins, double *sum,
                                   double *squares, counts *c) {
  double own = part->observed[column], pivot = part->pivot[column];
  double low = part->low[column], width = part->width[column];
  for (uint64_t i = from; i < end; i += WARP) {
    uint32_t n = end - i < WARP ? (uint32_t)(end - i) : (uint32_t)WARP;
    bool there = threadIdx.x < n;
    double v = there ? values[i + threadIdx.x] : NAN;
    count_values(c, v, own, there);
    add_moments(v, pivot, n, sum, squares);
    if (width > 0.0 && v == v)
      atomicAdd(&bins[dss_histogram_bin(dss_histogram_place(low, width, part->n_bins, v))], 1u);
  }
}

__global__ static void __launch_bounds__(WARP *WARPS)
    count(const __grid_constant__ dss_cu_part part, const double *values, uint64_t stride,
          uint64_t begin, uint64_t done, uint32_t n) {
  DSS_SHARED(shared);
  uint32_t column = blockIdx.x * WARPS + threadIdx.y, n_bins = part.n_bins + 2;
  if (column >= part.n_columns || (part.stopped && part.stopped[column])) return;
  uint32_t *bins = (uint32_t *)shared + threadIdx.y * n_bins;
  for (uint32_t i = threadIdx.x; i < n_bins; i += WARP)
    bins[i] = 0;
  __syncwarp();
  /* The block of moments, counted from the one in which the range begins; resamples of the chunk.
   */
  uint64_t first = begin + done, block = first / DSS_MOMENT_BLOCK + blockIdx.y;
  uint64_t from = block * DSS_MOMENT_BLOCK, end = from + DSS_MOMENT_BLOCK;
  uint64_t at = (block - begin / DSS_MOMENT_BLOCK) * part.n_columns + column;
  from = from > first ? from - first : 0;
  end = end - first < n ? end - first : n;
  bool goes_on = from == 0 && first % DSS_MOMENT_BLOCK != 0; /* from the chunk before */
  bool earlier = goes_on && done == 0;                       /* from before the range */
  double sum = earlier ? part.block_sum[column] : goes_on ? part.sum[at] : 0.0;
  double squares = earlier   ? part.block_sum_of_squares[column]
                   : goes_on ? part.sum_of_squares[at]
                             : 0.0;
  bool fresh = !goes_on || earlier;
  counts c = {
      0, 0, 0, 0, fresh ? INFINITY : part.minimum[at], fresh ? -INFINITY : part.maximum[at]};
  count_range(&part, values + column * stride, column, from, end, bins, &sum, &squares, &c);
  double minimum = least_of(c.minimum), maximum = -least_of(-c.maximum);
  if (threadIdx.x == 0) {
    add_counts(&part, column, end - from, &c);
    part.sum[at] = sum;
    part.sum_of_squares[at] = squares;
    part.minimum[at] = minimum;
    part.maximum[at] = maximum;
  }
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < n_bins; i += WARP)
    if (bins[i])
      atomicAdd(&part.histogram[(uint64_t)column * n_bins + i], (unsigned long long)bins[i]);
}

/* --- extremes --------------------------------------------------------------------------------- */

__global__ static void __launch_bounds__(WARP *WARPS)
    keep(const __grid_constant__ dss_cu_part part, const double *values, uint64_t stride,
         uint32_t n) {
  DSS_SHARED(shared);
  uint32_t column = blockIdx.x * WARPS + threadIdx.y;
  if (column >= part.n_columns || (part.stopped && part.stopped[column])) return;
  double *heap = (double *)shared + threadIdx.y * DSS_EXTREMES;
  bool smallest = blockIdx.y == 1;
  double *kept = (smallest ? part.smallest : part.largest) + (uint64_t)column * DSS_EXTREMES;
  double floor = (smallest ? part.little : part.enough)[column];
  for (uint32_t i = threadIdx.x; i < DSS_EXTREMES; i += WARP)
    heap[i] = kept[i];
  __syncwarp();
  for (uint32_t i = 0; i < n; i += WARP) {
    double v = i + threadIdx.x < n ? values[column * stride + i + threadIdx.x] : NAN;
    if (smallest) v = -v;
    uint32_t beyond = __ballot_sync(ALL, v > floor && v > heap[0]);
    __syncwarp(); /* a vote orders no memory: every lane has read the heap before one writes it */
    for (; beyond; beyond &= beyond - 1) {
      double next = __shfl_sync(ALL, v, __ffs(beyond) - 1);
      if (threadIdx.x == 0 && next > heap[0]) dss_extremes_put(heap, next);
    }
    __syncwarp();
  }
  for (uint32_t i = threadIdx.x; i < DSS_EXTREMES; i += WARP)
    kept[i] = heap[i];
}

/* --- maxT ------------------------------------------------------------------------------------- */

__global__ static void __launch_bounds__(WARP *WARPS)
    exceed(const __grid_constant__ dss_cu_part part, const double *values, uint64_t stride,
           uint32_t n) {
  uint32_t resample = (blockIdx.x * WARPS + threadIdx.y) * WARP + threadIdx.x;
  bool there = resample < n;
  double largest = -1.0;
  for (uint32_t test = part.n_tested; test-- > 0;) {
    double v = there ? values[part.order[test] * stride + resample] : 0.0;
    double t = dss_studentized(part.center[test], part.scale[test], v);
    if (v == v && t > largest) largest = t;
    uint32_t counted =
        __popc(__ballot_sync(ALL, there && (v != v || largest >= part.observed_t[test])));
    if (threadIdx.x == 0 && counted) atomicAdd(&part.max_t[test], (unsigned long long)counted);
  }
}

/* --- stopping --------------------------------------------------------------------------------- */

/* One tail: an undefined value exceeds on either side. */
__device__ static void find_last(unsigned long long *left, unsigned long long *at, bool exceeds,
                                 uint64_t done) {
  unsigned long long to_come = *left;
  uint32_t votes = __ballot_sync(ALL, exceeds), counted = __popc(votes);
  __syncwarp();
  if (threadIdx.x != 0 || to_come == UINT64_MAX) return;
  if (counted < to_come) {
    *left = to_come - counted;
    return;
  }
  while (--to_come > 0)
    votes &= votes - 1;
  *at = done + __ffs(votes);
  *left = UINT64_MAX;
}

__global__ static void __launch_bounds__(WARP *WARPS)
    find(const __grid_constant__ dss_cu_part part, const double *values, uint64_t stride,
         uint64_t done, uint32_t n) {
  uint32_t column = blockIdx.x * WARPS + threadIdx.y;
  if (column >= part.n_columns || part.stopped[column]) return;
  double own = part.observed[column];
  for (uint32_t i = 0; i < n; i += WARP) {
    bool there = i + threadIdx.x < n;
    double v = there ? values[column * stride + i + threadIdx.x] : 0.0;
    find_last(&part.ge_left[column], &part.ge_at[column], there && !(v < own), done + i);
    find_last(&part.le_left[column], &part.le_at[column], there && !(v > own), done + i);
    __syncwarp();
  }
}

/* --- launching -------------------------------------------------------------------------------- */

static cudaLaunchConfig_t grid_of(uint32_t n, uint32_t y, size_t shared, cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3((n + WARPS - 1) / WARPS, y);
  config.blockDim = dim3(WARP, WARPS);
  config.dynamicSmemBytes = shared;
  config.stream = stream;
  return config;
}

cudaError_t dss_cu_accumulate(const dss_cu_part *part, const double *values, uint64_t stride,
                              uint64_t begin, uint64_t done, uint32_t n, cudaStream_t stream) {
  uint64_t first = begin + done;
  uint32_t blocks = (uint32_t)((first + n - 1) / DSS_MOMENT_BLOCK - first / DSS_MOMENT_BLOCK + 1);
  cudaLaunchConfig_t config =
      grid_of(part->n_columns, blocks, WARPS * (part->n_bins + 2) * sizeof(uint32_t), stream);
  cudaError_t error = cudaLaunchKernelEx(&config, count, *part, values, stride, begin, done, n);
  if (error == cudaSuccess && part->largest) {
    config = grid_of(part->n_columns, 2, WARPS * DSS_EXTREMES * sizeof(double), stream);
    error = cudaLaunchKernelEx(&config, keep, *part, values, stride, n);
  }
  if (error == cudaSuccess && part->n_tested > 0) {
    config = grid_of((n + WARP - 1) / WARP, 1, 0, stream);
    error = cudaLaunchKernelEx(&config, exceed, *part, values, stride, n);
  }
  if (error == cudaSuccess && part->ge_left) {
    config = grid_of(part->n_columns, 1, 0, stream);
    error = cudaLaunchKernelEx(&config, find, *part, values, stride, done, n);
  }
  return error;
}
