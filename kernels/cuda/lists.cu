/* A block takes a warp's resamples and up to 16 groups, a warp a group: of the axes of a pack, or,
 * where somebody's value is unknown or groups are very many, of one axis.
 *
 *   count: each warp takes items of a tile and walks over their ratings. A thread looks up the rows
 *          of its resample, those of all axes of the pack in one word, and adds 1 to a byte, the
 *          level's, of each row's words in shared memory; no other thread has these words.
 *   tally: each warp reads its group's words of the tile's items, four levels a word, and adds the
 *          item to what it tallies in registers (tallies.cuh).
 *
 * Shared memory: [items of a tile][rows][words][32 threads]; the last row is for who is in none of
 * the block's groups. Of an axis in no pack the row before is the total of those that are
 * known. Threads of a warp differ in the resample alone, so that they read one line of labels a
 * rating, without conflicts among banks, and never diverge.
 *
 * Deterministic: counts and sums are integers; a thread adds its items in their order.
 *
 * Instructions a thread, as nvcc 13.0 makes them for sm_90, are in docs/performance.md, "On a GPU".
 */
#include "lists.h"
#include "tallies.cuh"

enum { LEAST_WARPS = 8, TILE_BYTES = 72 * 1024, LEAST_TILE = 4, MOST_TILE = 64 };

/* The thread's counters of a tile. WORDS of an item and row's bytes. */
template <int WORDS> struct tile_part {
  uint32_t n_rows;
  unsigned char *shared; /* of the block */
  uint32_t first;        /* bytes before the first item's */

  __device__ uint32_t offset(uint32_t item) const {
    return first + item * n_rows * (WORDS * DSS_CU_LINE);
  }
  __device__ uint32_t *row(uint32_t item, uint32_t number) const {
    return (uint32_t *)(shared + offset(item) + number * (WORDS * DSS_CU_LINE));
  }
  __device__ void clear(uint32_t item) const {
    uint32_t *at = row(item, 0);
    for (uint32_t i = 0; i < n_rows * WORDS; i++)
      at[i * DSS_WARP] = 0;
  }
};

/* What a block has in shared memory beside counters. */
struct block_tables {
  dss_cu_weights weights[DSS_LISTS_UNIT + 1];
  uint32_t total[MOST_TILE][DSS_CU_TOTAL];

  /* For all threads; a barrier follows. */
  __device__ void load_weights(const dss_tables *t) {
    for (uint32_t k = threadIdx.y * DSS_WARP + threadIdx.x; k <= t->max_unit;
         k += blockDim.y * DSS_WARP) {
      weights[k].own = k >= 2 ? t->weight[k - 1] : 0;
      weights[k].other = t->weight[k];
    }
  }
  __device__ void load_totals(const dss_cu_ratings *ratings, uint32_t first, uint32_t n) {
    const uint32_t *from = ratings->total + (uint64_t)first * DSS_CU_TOTAL;
    for (uint32_t i = threadIdx.y * DSS_WARP + threadIdx.x; i < n * DSS_CU_TOTAL;
         i += blockDim.y * DSS_WARP)
      total[i / DSS_CU_TOTAL][i % DSS_CU_TOTAL] = from[i];
  }
};

/* The thread's counters come behind the tables. */
__device__ static inline uint32_t first_counter() {
  return (uint32_t)(sizeof(block_tables) + threadIdx.x * sizeof(uint32_t));
}

template <int WORDS>
__device__ static inline void load_words(const uint32_t *row, uint32_t words[WORDS]) {
#pragma unroll
  for (int w = 0; w < WORDS; w++)
    words[w] = row[w * DSS_WARP];
}

/* Steps as they are read. */
struct alignas(16) two_steps {
  uint64_t step[2];
};
static_assert(DSS_CU_STEPS == 2 * 2, "two reads");

/* Calls use(step, label) for an item's ratings; the labels of some are on their way at once.
 * labels.at: of the thread's resample, so many bytes into lines of words. */
template <class labels_type, class use_type>
__device__ static inline void walk_item(const dss_cu_ratings *ratings, uint32_t u,
                                        const labels_type &labels, const use_type &use) {
  uint64_t begin = ratings->item_ptr[u];
  const two_steps *from = (const two_steps *)(ratings->step + begin);
  uint32_t n = (uint32_t)(ratings->item_ptr[u + 1] - begin) / DSS_CU_STEPS;
  for (uint32_t i = 0; i < n; i++, from += 2) {
    two_steps next[2] = {from[0], from[1]};
    uint32_t label[DSS_CU_STEPS];
#pragma unroll
    for (int k = 0; k < DSS_CU_STEPS; k++)
      label[k] = labels.at((uint32_t)next[k / 2].step[k % 2]);
#pragma unroll
    for (int k = 0; k < DSS_CU_STEPS; k++)
      use(next[k / 2].step[k % 2], label[k]);
  }
}

/* The word of a rating's level in a row of an item whose first row is so many bytes into the shared
 * memory: bytes, so that an address is a multiplication and an addition. */
template <int WORDS> __device__ static inline uint32_t level_at(uint32_t item, uint64_t step) {
  return WORDS == 1 ? item : item + ((uint32_t)step & 3) * DSS_CU_LINE;
}
template <int WORDS>
__device__ static inline uint32_t *row_at(unsigned char *shared, uint32_t level, uint32_t row) {
  return (uint32_t *)(shared + (row * (WORDS * DSS_CU_LINE) + level));
}
__device__ static inline uint32_t one_of(uint64_t step) {
  return (uint32_t)(step >> 32);
}

/* A thread's word of a line. */
__device__ static inline uint32_t word_at(const void *lines, uint32_t step) {
  uint32_t offset = (step & ~(DSS_CU_LINE - 1u)) | threadIdx.x * (uint32_t)sizeof(uint32_t);
  return *(const uint32_t *)((const unsigned char *)lines + offset);
}

/* --- packs ------------------------------------------------------------------------------------ */

struct pack_labels {
  const uint32_t *lines;
  __device__ uint32_t at(uint32_t step) const {
    return word_at(lines, step);
  }
};

/* Rows of different axes differ, but for the last, which nobody reads: so all are read before the
 * first is written. */
template <int WORDS, int AXES>
__device__ static inline void count_rows(unsigned char *shared, uint32_t level, uint32_t rows,
                                         uint32_t one) {
  uint32_t *at[AXES], counted[AXES];
#pragma unroll
  for (int a = 0; a < AXES; a++) {
    at[a] = row_at<WORDS>(shared, level, __byte_perm(rows, 0, 0x4440u + a));
    counted[a] = *at[a];
  }
#pragma unroll
  for (int a = 0; a < AXES; a++)
    *at[a] = counted[a] + one;
}

/* The tile's items that are the warp's. */
template <int WORDS, int AXES>
__device__ static inline void count_pack(const tile_part<WORDS> *part,
                                         const dss_cu_ratings *ratings, const uint32_t *lines,
                                         uint32_t first, uint32_t n) {
  const pack_labels labels = {lines};
  for (uint32_t at = threadIdx.y; at < n; at += blockDim.y) {
    part->clear(at);
    unsigned char *shared = part->shared;
    uint32_t item = part->offset(at);
    walk_item(ratings, first + at, labels, [=](uint64_t step, uint32_t rows) {
      count_rows<WORDS, AXES>(shared, level_at<WORDS>(item, step), rows, one_of(step));
    });
  }
}

template <int WORDS>
__device__ static inline void count_axes(uint32_t n_axes, const tile_part<WORDS> *part,
                                         const dss_cu_ratings *ratings, const uint32_t *lines,
                                         uint32_t first, uint32_t n) {
  switch (n_axes) {
  case 1:
    return count_pack<WORDS, 1>(part, ratings, lines, first, n);
  case 2:
    return count_pack<WORDS, 2>(part, ratings, lines, first, n);
  case 3:
    return count_pack<WORDS, 3>(part, ratings, lines, first, n);
  default:
    return count_pack<WORDS, DSS_PACK_AXES>(part, ratings, lines, first, n);
  }
}

/* The tile's items into the warp's tally, as many at a time as bytes hold. */
template <int WORDS, bool COMMON, class tally_type>
__device__ static inline void tally_items(const dss_cu_sums &of, const block_tables *tables,
                                          const tile_part<WORDS> *part, uint32_t row, uint32_t n,
                                          uint32_t byte_items, tally_type *tally) {
  const uint32_t *words = part->row(0, row), *total = tables->total[0];
  for (uint32_t at = 0; at < n;) {
    uint32_t end = n - at < byte_items ? n : at + byte_items;
    for (; at < end; at++, words += part->n_rows * WORDS * DSS_WARP, total += DSS_CU_TOTAL) {
      uint32_t count[WORDS];
      load_words<WORDS>(words, count);
      tally->template add_packed<COMMON>(of, tables->weights, count, total, total[DSS_CU_ALL]);
    }
    tally->end_bytes();
  }
}

template <int WORDS, class tally_type>
__device__ static inline void tally_tile(const dss_cu_sums &of, const block_tables *tables,
                                         const tile_part<WORDS> *part, uint32_t row, uint32_t n,
                                         uint32_t byte_items, tally_type *tally) {
  if (tally_type::BY_UNITS && of.choice.common_units)
    tally_items<WORDS, true>(of, tables, part, row, n, byte_items, tally);
  else
    tally_items<WORDS, false>(of, tables, part, row, n, byte_items, tally);
}

/* As many registers as two blocks leave each other, where that is enough. */
template <class kind>
__global__ static void __launch_bounds__(DSS_WARP *DSS_PACK_ROWS,
                                         kind::whole || kind::pairs ? 1 : 2)
    walk_packs(const __grid_constant__ dss_cu_sums of,
               const __grid_constant__ dss_cu_ratings ratings, uint32_t tile) {
  const int WORDS = (kind::levels + 3) / 4;
  DSS_SHARED(shared);
  block_tables *tables = (block_tables *)shared;
  const dss_cu_pack *pack = &of.labels.packs[blockIdx.y];
  const tile_part<WORDS> part = {pack->n_rows + 1, shared, first_counter()};
  uint32_t row = threadIdx.y; /* a warp beyond the pack's rows counts, and tallies nothing */
  uint32_t group = row < pack->n_rows ? pack->group[row] : UINT32_MAX;
  uint64_t labels = (uint64_t)blockIdx.x * of.labels.n_packs + blockIdx.y;
  const uint32_t *lines = of.labels.pack + labels * of.labels.n_raters * DSS_WARP;
  typename kind::of_bytes tally;
  tables->load_weights(&of.tables);
  tally.clear();
  for (uint32_t u = 0; u < ratings.n_items; u += tile) {
    uint32_t n = ratings.n_items - u < tile ? ratings.n_items - u : tile;
    tables->load_totals(&ratings, u, n);
    count_axes<WORDS>(pack->n_axes, &part, &ratings, lines, u, n);
    __syncthreads();
    if (group != UINT32_MAX)
      tally_tile<WORDS>(of, tables, &part, row, n, ratings.byte_items, &tally);
    __syncthreads();
  }
  if (group != UINT32_MAX) tally.finish(of, group, blockIdx.x * DSS_WARP + threadIdx.x);
}

/* --- an axis in no pack ----------------------------------------------------------------------- */

/* From words of several axes' labels, or from the axis's plane. */
struct word_labels {
  const uint32_t *lines;
  uint32_t shift, mask;
  __device__ uint32_t at(uint32_t step) const {
    return word_at(lines, step) >> shift & mask;
  }
};
struct plane_labels {
  const uint8_t *lines;
  __device__ uint32_t at(uint32_t step) const {
    return lines[(step / DSS_CU_LINE) * DSS_WARP + threadIdx.x];
  }
};

/* Of the axis's groups n, from `first` on; then come the row of the total, and that of none. No
 * branches. */
template <int WORDS, class labels_type>
__device__ static inline void count_tile(const tile_part<WORDS> *part, uint32_t first, uint32_t n,
                                         uint32_t unknown, const dss_cu_ratings *ratings,
                                         const labels_type &labels, uint32_t u, uint32_t items) {
  for (uint32_t at = threadIdx.y; at < items; at += blockDim.y) {
    part->clear(at);
    unsigned char *shared = part->shared;
    uint32_t item = part->offset(at);
    walk_item(ratings, u + at, labels, [=](uint64_t step, uint32_t label) {
      uint32_t group = label - first, none = n + 1, level = level_at<WORDS>(item, step);
      *row_at<WORDS>(shared, level, group < n ? group : none) += one_of(step);
      *row_at<WORDS>(shared, level, label != unknown ? n : none) += one_of(step);
    });
  }
}

template <class kind>
__global__ static void __launch_bounds__(DSS_WARP *DSS_LISTS_GROUPS, 1)
    walk_axis(const __grid_constant__ dss_cu_sums of,
              const __grid_constant__ dss_cu_ratings ratings,
              const __grid_constant__ dss_cu_lists lists, uint32_t groups, uint32_t tile) {
  const int WORDS = (kind::levels + 3) / 4;
  DSS_SHARED(shared);
  block_tables *tables = (block_tables *)shared;
  const dss_cu_axis &axis = lists.axis;
  uint32_t first = blockIdx.y * groups, left = axis.n_groups - first;
  uint32_t own = left < groups ? left : groups, group = threadIdx.y;
  const tile_part<WORDS> part = {own + 2, shared, first_counter()};
  bool wanted = false;
  for (uint32_t g = 0; g < own; g++)
    wanted |= lists.tested[first + g] != 0;
  if (!wanted) return; /* the whole block */
  typename kind::of_bytes tally;
  tables->load_weights(&of.tables);
  tally.clear();
  for (uint32_t u = 0; u < ratings.n_items; u += tile) {
    uint32_t n = ratings.n_items - u < tile ? ratings.n_items - u : tile;
    if (of.labels.plane) {
      const plane_labels labels = {dss_cu_plane(&of.labels, blockIdx.x, axis.number)};
      count_tile(&part, first, own, axis.mask, &ratings, labels, u, n);
    } else {
      const word_labels labels = {dss_cu_words(&of.labels, blockIdx.x, axis.word), axis.shift,
                                  axis.mask};
      count_tile(&part, first, own, axis.mask, &ratings, labels, u, n);
    }
    __syncthreads();
    uint32_t held = 0;
    for (uint32_t at = 0; at < n && group < own; at++) {
      uint32_t count[WORDS], total[WORDS], all = 0;
      load_words<WORDS>(part.row(at, group), count);
      load_words<WORDS>(part.row(at, own), total);
#pragma unroll
      for (int w = 0; w < WORDS; w++)
        all = __dp4a(total[w], 0x01010101u, all);
      if (kind::of_bytes::BY_UNITS && of.choice.common_units)
        tally.template add_packed<true>(of, tables->weights, count, total, all);
      else
        tally.template add_packed<false>(of, tables->weights, count, total, all);
      if (++held < ratings.byte_items) continue;
      tally.end_bytes();
      held = 0;
    }
    tally.end_bytes();
    __syncthreads();
  }
  if (group < own && lists.tested[first + group])
    tally.finish(of, lists.first_group + first + group, blockIdx.x * DSS_WARP + threadIdx.x);
}

/* --- launching -------------------------------------------------------------------------------- */

typedef struct shape {
  uint32_t warps, tile;
  size_t bytes; /* of shared memory */
} shape;

/* Few groups get more warps than they are, which count and tally nothing: counting costs the same,
 * however few. */
static shape shape_of(uint32_t groups, uint32_t rows, uint32_t n_words) {
  shape s = {groups < LEAST_WARPS ? (uint32_t)LEAST_WARPS : groups, 0, 0};
  uint32_t item = rows * n_words * DSS_WARP * sizeof(uint32_t);
  uint32_t tile = TILE_BYTES / item;
  if (tile < LEAST_TILE) tile = LEAST_TILE;
  if (tile > MOST_TILE) tile = MOST_TILE;
  s.tile = tile > s.warps ? tile / s.warps * s.warps : tile; /* the warps share it evenly */
  s.bytes = sizeof(block_tables) + (size_t)s.tile * item;
  return s;
}

static cudaLaunchConfig_t over(const dss_cu_sums *sums, uint32_t blocks, const shape *s,
                               cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(sums->n_resamples / DSS_WARP, blocks);
  config.blockDim = dim3(DSS_WARP, s->warps);
  config.dynamicSmemBytes = s->bytes;
  config.stream = stream;
  return config;
}

template <class kernel_type> static cudaError_t allow(kernel_type kernel, const shape *s) {
  return cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, (int)s->bytes);
}

uint64_t dss_cu_lists_bytes(uint32_t n_levels, dss_cu_tally tally) {
  return dss_cu_by_kind(n_levels, tally, (uint64_t)0,
                        [](auto kind) -> uint64_t { return decltype(kind)::saved(); });
}

/* As few parts of the axis as can be, of about one size. */
cudaError_t dss_cu_lists_add(const dss_cu_sums *sums, const dss_cu_ratings *ratings,
                             const dss_cu_lists *lists, cudaStream_t stream) {
  uint32_t parts = (lists->axis.n_groups + DSS_LISTS_GROUPS - 1) / DSS_LISTS_GROUPS;
  uint32_t groups = (lists->axis.n_groups + parts - 1) / parts;
  shape s = shape_of(groups, groups + 2, dss_cu_words_of(sums->tables.n_levels));
  cudaLaunchConfig_t config = over(sums, (lists->axis.n_groups + groups - 1) / groups, &s, stream);
  return dss_cu_by_kind(
      sums->tables.n_levels, lists->tally, cudaErrorInvalidValue, [&](auto kind) -> cudaError_t {
        auto kernel = walk_axis<decltype(kind)>;
        cudaError_t error = allow(kernel, &s);
        if (error != cudaSuccess) return error;
        return cudaLaunchKernelEx(&config, kernel, *sums, *ratings, *lists, groups, s.tile);
      });
}

cudaError_t dss_cu_lists_add_packs(const dss_cu_sums *sums, const dss_cu_ratings *ratings,
                                   uint32_t most_rows, dss_cu_tally tally, cudaStream_t stream) {
  shape s = shape_of(most_rows, most_rows + 1, dss_cu_words_of(sums->tables.n_levels));
  cudaLaunchConfig_t config = over(sums, sums->labels.n_packs, &s, stream);
  return dss_cu_by_kind(sums->tables.n_levels, tally, cudaErrorInvalidValue,
                        [&](auto kind) -> cudaError_t {
                          auto kernel = walk_packs<decltype(kind)>;
                          cudaError_t error = allow(kernel, &s);
                          if (error != cudaSuccess) return error;
                          return cudaLaunchKernelEx(&config, kernel, *sums, *ratings, s.tile);
                        });
}
