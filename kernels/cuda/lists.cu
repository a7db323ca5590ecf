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
 * Instructions a thread, as nvcc 13.0 makes them for sm_90 (K = 5, nominal, every value known): 18
 * a rating and axis for counting, 67 an item and group for the tally; docs/performance.md, "On a
 * GPU". */
#include "lists.h"
#include "tallies.cuh"

enum { LEAST_WARPS = 8, TILE_BYTES = 48 * 1024, LEAST_TILE = 4, MOST_TILE = 64, AHEAD = 4 };
static_assert(MOST_TILE <= 257, "what pairs of 16 bits hold of bytes");

/* What a block works on. WORDS of an item and group's bytes. */
template <int WORDS> struct block_part {
  uint32_t first;     /* of its groups, of the axis */
  uint32_t n;         /* of them; then come the total's row, and one for who is in none */
  uint32_t *counters; /* the thread's, of the tile's first item */

  __device__ uint32_t *row(uint32_t item, uint32_t group) const {
    return counters + (item * (n + 2) + group) * (WORDS * DSS_WARP);
  }
};

/* The label of the thread's resample at a place, from words of several axes or from the axis's
 * plane. */
struct word_labels {
  const uint32_t *words;
  uint32_t shift, mask;
  __device__ uint32_t at(uint32_t offset) const {
    return words[offset] >> shift & mask;
  }
};
struct plane_labels {
  const uint8_t *bytes;
  __device__ uint32_t at(uint32_t offset) const {
    return bytes[offset];
  }
};

/* No branches: a label of another block's group, or of none, counts in the last row. */
template <int WORDS, bool KNOWN>
__device__ static inline void count_one(const block_part<WORDS> *part, uint32_t unknown,
                                        uint32_t *rows, uint64_t step, uint32_t label) {
  uint32_t group = label - part->first, none = part->n + 1, one = (uint32_t)(step >> 32);
  uint32_t *level = rows + ((uint32_t)step & (DSS_WARP - 1)) * DSS_WARP;
  level[(group < part->n ? group : none) * (WORDS * DSS_WARP)] += one;
  if (!KNOWN) level[(label != unknown ? part->n : none) * (WORDS * DSS_WARP)] += one;
}

/* Item u into the tile's place `at`. Labels of AHEAD ratings are on their way at once. */
template <int WORDS, bool KNOWN, class labels_type>
__device__ static inline void count_item(const block_part<WORDS> *part, uint32_t unknown,
                                         const dss_cu_ratings *ratings, const labels_type &labels,
                                         uint32_t u, uint32_t at) {
  uint32_t *rows = part->row(at, 0);
  for (uint32_t i = 0; i < part->n * WORDS; i++)
    rows[i * DSS_WARP] = 0;
#pragma unroll
  for (uint32_t w = 0; w < WORDS; w++)
    rows[(part->n * WORDS + w) * DSS_WARP] = KNOWN ? ratings->total[u * WORDS + w] : 0;
  const uint64_t *step = ratings->step + ratings->item_ptr[u];
  const uint64_t *end = ratings->step + ratings->item_ptr[u + 1];
  for (; step + AHEAD <= end; step += AHEAD) {
    uint64_t next[AHEAD];
    uint32_t label[AHEAD];
#pragma unroll
    for (int k = 0; k < AHEAD; k++) {
      next[k] = step[k];
      label[k] = labels.at((uint32_t)next[k] & ~(DSS_WARP - 1u));
    }
#pragma unroll
    for (int k = 0; k < AHEAD; k++)
      count_one<WORDS, KNOWN>(part, unknown, rows, next[k], label[k]);
  }
  for (; step < end; step++)
    count_one<WORDS, KNOWN>(part, unknown, rows, *step,
                            labels.at((uint32_t)*step & ~(DSS_WARP - 1u)));
}

/* The tile's items that are the warp's. */
template <int WORDS, class labels_type>
__device__ static inline void count_tile(const block_part<WORDS> *part, const dss_cu_lists *lists,
                                         const dss_cu_ratings *ratings, const labels_type &labels,
                                         uint32_t first, uint32_t n) {
  uint32_t unknown = lists->axis.mask;
  if (lists->known)
    for (uint32_t at = threadIdx.y; at < n; at += blockDim.y)
      count_item<WORDS, true>(part, unknown, ratings, labels, first + at, at);
  else
    for (uint32_t at = threadIdx.y; at < n; at += blockDim.y)
      count_item<WORDS, false>(part, unknown, ratings, labels, first + at, at);
}

template <int WORDS>
__device__ static inline void load_words(const uint32_t *row, uint32_t words[WORDS]) {
#pragma unroll
  for (int w = 0; w < WORDS; w++)
    words[w] = row[w * DSS_WARP];
}

/* Weights that the block looks up: w[m-1] where m ratings pair, and w[k]; 0 where there are none.
 */
__device__ static inline void load_weights(const dss_tables *t, uint64_t *own_weight,
                                           uint64_t *weight) {
  for (uint32_t k = threadIdx.y * DSS_WARP + threadIdx.x; k <= t->max_unit;
       k += blockDim.y * DSS_WARP) {
    own_weight[k] = k >= 2 ? t->weight[k - 1] : 0;
    weight[k] = t->weight[k];
  }
}

template <int K, class tally_type>
__global__ static void __launch_bounds__(DSS_WARP *DSS_LISTS_GROUPS, 1)
    walk(const __grid_constant__ dss_cu_sums of, const __grid_constant__ dss_cu_ratings ratings,
         const __grid_constant__ dss_cu_lists lists, uint32_t groups, uint32_t tile) {
  const int WORDS = (K + 3) / 4;
  DSS_SHARED(shared);
  uint64_t *own_weight = (uint64_t *)shared, *weight = own_weight + DSS_LISTS_UNIT + 1;
  const dss_cu_axis &axis = lists.axis;
  uint32_t first = blockIdx.y * groups, left = axis.n_groups - first;
  const block_part<WORDS> part = {first, left < groups ? left : groups,
                                  (uint32_t *)(weight + DSS_LISTS_UNIT + 1) + threadIdx.x};
  uint32_t group = threadIdx.y; /* a warp beyond the part's groups counts, and tallies nothing */
  bool wanted = false;
  for (uint32_t g = 0; g < part.n; g++)
    wanted |= lists.tested[first + g] != 0;
  if (!wanted) return; /* the whole block */
  tally_type tally;
  load_weights(&of.tables, own_weight, weight);
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
      uint32_t count[WORDS], total[WORDS];
      load_words<WORDS>(part.row(at, group), count);
      load_words<WORDS>(part.row(at, part.n), total);
      tally.add_packed(of, own_weight, weight, count, total);
    }
    tally.end_tile();
    __syncthreads();
  }
  if (group >= part.n || !lists.tested[first + group]) return;
  uint32_t resample = blockIdx.x * DSS_WARP + threadIdx.x;
  tally.finish(of, (uint64_t)resample * axis.n_groups + first + group,
               lists.first_group + first + group, resample);
}

/* --- launching -------------------------------------------------------------------------------- */

typedef struct shape {
  uint32_t groups, warps, tile;
  size_t bytes; /* of shared memory */
} shape;

/* As few parts of the axis as can be, of about one size. Few groups get more warps than they are,
 * which count and tally nothing: counting costs the same, however few. */
static shape shape_of(uint32_t n_groups, uint32_t n_words) {
  uint32_t parts = (n_groups + DSS_LISTS_GROUPS - 1) / DSS_LISTS_GROUPS;
  shape s = {(n_groups + parts - 1) / parts, 0, 0, 0};
  s.warps = s.groups < LEAST_WARPS ? (uint32_t)LEAST_WARPS : s.groups;
  uint32_t item = (s.groups + 2) * n_words * DSS_WARP * sizeof(uint32_t);
  uint32_t tile = TILE_BYTES / item;
  if (tile < LEAST_TILE) tile = LEAST_TILE;
  if (tile > MOST_TILE) tile = MOST_TILE;
  s.tile = tile > s.warps ? tile / s.warps * s.warps : tile; /* the warps share it evenly */
  s.bytes = 2 * (DSS_LISTS_UNIT + 1) * sizeof(uint64_t) + (size_t)s.tile * item;
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
  config.blockDim = dim3(DSS_WARP, s.warps);
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
    if (lists->unequal) return launch<K, packed_tally<K>>(sums, ratings, lists, stream);           \
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
