/* A block takes a warp's resamples, one axis and up to 16 of its groups: a warp a group.
 *
 *   count: each warp takes items of a tile and walks over their ratings. A thread looks up the
 * label of its resample and adds 1 to a byte, the level's, of the group's words in shared memory;
 *          no other thread has these words.
 *   tally: each warp reads its group's words of the tile's items, four levels a word, and adds the
 *          item to what it tallies in registers (tallies.cuh).
 *
 * Shared memory: [items of a tile][groups + 1][words][32 threads]; the last row is the total of
 * those whose value on the axis is known. Threads of a warp differ in the resample alone, so that
 * they read one line of labels a rating, without conflicts among banks, and never diverge.
 *
 * Deterministic: counts and sums are integers; a thread adds its items in their order.
 *
 * Operations a resample: 8 a rating and axis for counting, about 45 an item and group for the
 * tally (K = 5, nominal); docs/performance.md, "On a GPU". */
#include "lists.h"
#include "tallies.cuh"

enum { MOST_GROUPS = 16, TILE_BYTES = 48 * 1024, LEAST_TILE = 4, MOST_TILE = 64, AHEAD = 4 };

/* What a block works on. */
typedef struct block_part {
  uint32_t first, n;  /* groups, of the axis */
  uint32_t tile;      /* items counted at once */
  uint32_t n_words;   /* of an item and group */
  uint32_t *counters; /* shared */
} block_part;

__device__ static inline uint32_t *row_of(const block_part *part, uint32_t item, uint32_t group) {
  return part->counters + ((item * (part->n + 1) + group) * part->n_words) * DSS_WARP + threadIdx.x;
}

/* The label of the thread's resample at a place, from words of several axes or from the axis's
 * plane. */
struct word_labels {
  const uint32_t *words;
  uint32_t shift, mask;
  __device__ uint32_t at(uint32_t place) const {
    return words[(uint64_t)place * DSS_WARP] >> shift & mask;
  }
};
struct plane_labels {
  const uint8_t *bytes;
  __device__ uint32_t at(uint32_t place) const {
    return bytes[(uint64_t)place * DSS_WARP];
  }
};

__device__ static inline void count_one(const block_part *part, const dss_cu_lists *lists,
                                        uint32_t *rows, uint32_t code, uint32_t label) {
  uint32_t group = label - part->first;
  uint32_t one = 1u << 8 * (code % 4), level = code / 4;
  if (group < part->n) rows[(group * part->n_words + level) * DSS_WARP] += one;
  if (!lists->known && label != lists->axis.mask)
    rows[(part->n * part->n_words + level) * DSS_WARP] += one;
}

/* Item u into the tile's place `at`. Labels of AHEAD ratings are on their way at once. */
template <class labels_type>
__device__ static inline void count_item(const block_part *part, const dss_cu_lists *lists,
                                         const dss_cu_ratings *ratings, const labels_type &labels,
                                         uint32_t u, uint32_t at) {
  uint32_t *rows = row_of(part, at, 0);
  for (uint32_t i = 0; i < part->n * part->n_words; i++)
    rows[i * DSS_WARP] = 0;
  for (uint32_t w = 0; w < part->n_words; w++)
    rows[(part->n * part->n_words + w) * DSS_WARP] =
        lists->known ? ratings->total[u * part->n_words + w] : 0;
  uint64_t i = ratings->item_ptr[u], end = ratings->item_ptr[u + 1];
  for (; i + AHEAD <= end; i += AHEAD) {
    uint32_t entry[AHEAD], label[AHEAD];
#pragma unroll
    for (int k = 0; k < AHEAD; k++) {
      entry[k] = ratings->entry[i + k];
      label[k] = labels.at(entry[k] >> DSS_CODE_BITS);
    }
#pragma unroll
    for (int k = 0; k < AHEAD; k++)
      count_one(part, lists, rows, entry[k] & UINT8_MAX, label[k]);
  }
  for (; i < end; i++) {
    uint32_t entry = ratings->entry[i];
    count_one(part, lists, rows, entry & UINT8_MAX, labels.at(entry >> DSS_CODE_BITS));
  }
}

/* The tile's items that are the warp's. */
template <class labels_type>
__device__ static inline void count_tile(const block_part *part, const dss_cu_lists *lists,
                                         const dss_cu_ratings *ratings, const labels_type &labels,
                                         uint32_t first, uint32_t n) {
  for (uint32_t at = threadIdx.y; at < n; at += blockDim.y)
    count_item(part, lists, ratings, labels, first + at, at);
}

template <int K> __device__ static inline void unpack(const uint32_t *row, uint32_t count[K]) {
#pragma unroll
  for (int w = 0; w < (K + 3) / 4; w++) {
    uint32_t word = row[w * DSS_WARP];
#pragma unroll
    for (int c = 4 * w; c < K && c < 4 * w + 4; c++)
      count[c] = word >> 8 * (c % 4) & UINT8_MAX;
  }
}

template <int K, class tally_type>
__global__ static void __launch_bounds__(DSS_WARP *MOST_GROUPS, 1)
    walk(const __grid_constant__ dss_cu_sums of, const __grid_constant__ dss_cu_ratings ratings,
         const __grid_constant__ dss_cu_lists lists, uint32_t groups, uint32_t tile) {
  DSS_SHARED(shared);
  uint64_t *weight = (uint64_t *)shared; /* [DSS_LISTS_UNIT + 1] */
  uint32_t first = blockIdx.y * groups, left = lists.axis.n_groups - first;
  block_part part = {first, left < groups ? left : groups, tile, (K + 3) / 4,
                     (uint32_t *)(weight + DSS_LISTS_UNIT + 1)};
  for (uint32_t k = threadIdx.y * DSS_WARP + threadIdx.x; k <= of.tables.max_unit;
       k += blockDim.y * DSS_WARP)
    weight[k] = of.tables.weight[k];
  const dss_cu_axis &axis = lists.axis;
  uint32_t group = threadIdx.y; /* a warp beyond the part's groups counts, and tallies nothing */
  tally_type tally;
  tally.clear();
  for (uint32_t u = 0; u < ratings.n_items; u += tile) {
    uint32_t n = ratings.n_items - u < tile ? ratings.n_items - u : tile;
    if (of.labels.plane) {
      const plane_labels labels = {dss_cu_plane(&of.labels, blockIdx.x, axis.number) + threadIdx.x};
      count_tile(&part, &lists, &ratings, labels, u, n);
    } else {
      const word_labels labels = {dss_cu_words(&of.labels, blockIdx.x, axis.word) + threadIdx.x,
                                  axis.shift, axis.mask};
      count_tile(&part, &lists, &ratings, labels, u, n);
    }
    __syncthreads();
    for (uint32_t at = 0; at < n && group < part.n; at++) {
      uint32_t x[K], total[K];
      unpack<K>(row_of(&part, at, group), x);
      unpack<K>(row_of(&part, at, part.n), total);
      tally.add(of, weight, x, total);
    }
    __syncthreads();
  }
  if (group >= part.n || !lists.tested[part.first + group]) return;
  uint32_t resample = blockIdx.x * DSS_WARP + threadIdx.x;
  tally.finish(of, (uint64_t)resample * lists.axis.n_groups + part.first + group,
               lists.first_group + part.first + group, resample);
}

/* --- launching -------------------------------------------------------------------------------- */

typedef struct shape {
  uint32_t groups, tile;
  size_t bytes; /* of shared memory */
} shape;

/* As few parts of the axis as can be, of about one size. */
static shape shape_of(uint32_t n_groups, uint32_t n_words) {
  uint32_t parts = (n_groups + MOST_GROUPS - 1) / MOST_GROUPS;
  shape s = {(n_groups + parts - 1) / parts, 0, 0};
  uint32_t item = (s.groups + 1) * n_words * DSS_WARP * sizeof(uint32_t);
  uint32_t tile = TILE_BYTES / item;
  if (tile < LEAST_TILE) tile = LEAST_TILE;
  if (tile > MOST_TILE) tile = MOST_TILE;
  s.tile = tile > s.groups ? tile / s.groups * s.groups : tile; /* the warps share it evenly */
  s.bytes = (DSS_LISTS_UNIT + 1) * sizeof(uint64_t) + (size_t)s.tile * item;
  return s;
}

template <int K, class tally_type>
static cudaError_t launch(const dss_cu_sums *sums, const dss_cu_ratings *ratings,
                          const dss_cu_lists *lists, cudaStream_t stream) {
  shape s = shape_of(lists->axis.n_groups, (K + 3) / 4);
  auto kernel = walk<K, tally_type>;
  cudaError_t error =
      cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, (int)s.bytes);
  if (error != cudaSuccess) return error;
  cudaLaunchConfig_t config = {};
  config.gridDim =
      dim3(sums->n_resamples / DSS_WARP, (lists->axis.n_groups + s.groups - 1) / s.groups);
  config.blockDim = dim3(DSS_WARP, s.groups);
  config.dynamicSmemBytes = s.bytes;
  config.stream = stream;
  return cudaLaunchKernelEx(&config, kernel, *sums, *ratings, *lists, s.groups, s.tile);
}

uint64_t dss_cu_lists_bytes(uint32_t n_levels, bool unequal) {
  if (!unequal) return dss_cu_saved_bytes(n_levels);
  switch (n_levels) {
#define CASE(K)                                                                                    \
  case K:                                                                                          \
    return sizeof(typename unequal_tally<K>::saved);
    DSS_FOR_UNEQUAL(CASE)
#undef CASE
  }
  return 0;
}

cudaError_t dss_cu_lists_add(const dss_cu_sums *sums, const dss_cu_ratings *ratings,
                             const dss_cu_lists *lists, cudaStream_t stream) {
  switch (sums->tables.n_levels) {
#define CASE(K)                                                                                    \
  case K:                                                                                          \
    if (lists->unequal) return launch<K, unequal_tally<K>>(sums, ratings, lists, stream);          \
    break;
    DSS_FOR_UNEQUAL(CASE)
#undef CASE
  }
  switch (sums->tables.n_levels) {
#define CASE(K)                                                                                    \
  case K:                                                                                          \
    return launch<K, whole_tally<K>>(sums, ratings, lists, stream);
    DSS_FOR_WHOLE(CASE)
#undef CASE
  }
  return cudaErrorInvalidValue;
}
