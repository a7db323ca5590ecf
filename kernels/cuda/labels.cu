/* Labels of resamples: Fisher and Yates' shuffle of dss_shuffle_profiles (docs/determinism.md, "The
 * shuffle"), of words that hold several axes' labels instead of the raters who lend them.
 *
 * A thread takes one resample and goes down its draws; its swaps touch one 4-byte number in each of
 * two lines, the one at i shared by the warp. Philox makes four draws a call. Nothing depends on
 * the grid: a resample's bits come from (seed, b) and the draw's number.
 *
 * Grid: resamples / 128; no shared memory. Bytes a resample: n_words x n_raters x (3 x 4 at i, in
 * whole lines, and 2 x 32 at k, a sector each). */
#include "device.h"
#include "labels.h"

enum { THREADS = 128 };

/* One thread's words: word w of place i. */
typedef struct column {
  uint32_t *word;
  uint32_t n_raters;
} column;

__device__ static inline uint32_t *at(const column *c, uint32_t w, uint32_t i) {
  return &c->word[((uint64_t)w * c->n_raters + i) * DSS_WARP];
}

__device__ static inline column column_of(const dss_cu_labels *labels, uint32_t resample) {
  uint64_t warp = resample / DSS_WARP;
  column c = {labels->word + warp * labels->n_words * labels->n_raters * DSS_WARP +
                  resample % DSS_WARP,
              labels->n_raters};
  return c;
}

__device__ static inline void swap(const column *c, uint32_t n_words, uint32_t i, uint32_t k) {
  for (uint32_t w = 0; w < n_words; w++) {
    uint32_t *a = at(c, w, i), *b = at(c, w, k), moved = *a;
    *a = *b;
    *b = moved;
  }
}

__global__ static void __launch_bounds__(THREADS)
    shuffle(const __grid_constant__ dss_cu_profiles profiles,
            const __grid_constant__ dss_cu_labels labels, uint64_t first, uint32_t n) {
  uint32_t resample = blockIdx.x * THREADS + threadIdx.x;
  if (resample >= n) return;
  const dss_exchange *e = &profiles.exchange;
  uint64_t b = first + resample;
  column c = column_of(&labels, resample);
  for (uint32_t w = 0; w < labels.n_words; w++)
    for (uint32_t i = 0; i < e->n_raters; i++)
      *at(&c, w, i) = profiles.base[(uint64_t)w * e->n_raters + e->order[i]];
  uint32_t words[4] = {0, 0, 0, 0}, held = UINT32_MAX; /* the call of Philox that made them */
  for (uint32_t s = 0; s < e->n_strata; s++) {
    uint32_t begin = e->stratum_ptr[s];
    for (uint32_t i = e->stratum_ptr[s + 1]; i-- > begin + 1;) {
      if (i / 4 != held) {
        held = i / 4;
        dss_random_words(e->seed, DSS_PURPOSE_PERMUTATION, b, 4 * (uint64_t)held, words);
      }
      uint32_t word = i & 2 ? (i & 1 ? words[3] : words[2]) : (i & 1 ? words[1] : words[0]);
      uint32_t k =
          begin + dss_random_bounded(e->seed, DSS_PURPOSE_PERMUTATION, b, i, i - begin + 1, word);
      swap(&c, labels.n_words, i, k);
    }
  }
}

/* Arrangements that are not drawn. */
__global__ static void __launch_bounds__(THREADS)
    arrange(const __grid_constant__ dss_cu_profiles profiles,
            const __grid_constant__ dss_cu_labels labels, uint64_t first, uint32_t n) {
  uint32_t resample = blockIdx.x * THREADS + threadIdx.x;
  if (resample >= n) return;
  const dss_exchange *e = &profiles.exchange;
  uint32_t *source = profiles.scratch + resample * dss_cu_labels_scratch(e);
  column c = column_of(&labels, resample);
  dss_exchange_profiles(e, first == DSS_RESAMPLE_NONE ? first : first + resample,
                        source + e->n_raters, source);
  for (uint32_t w = 0; w < labels.n_words; w++)
    for (uint32_t i = 0; i < e->n_raters; i++)
      *at(&c, w, i) = profiles.base[(uint64_t)w * e->n_raters + source[e->order[i]]];
}

/* From words of several axes' labels to planes of one, and to rows of packs. */
enum { PLACES = 8 };

__device__ static inline void put_planes(const dss_cu_labels *labels, uint64_t warp, uint32_t i) {
  uint64_t n = labels->n_raters;
  for (uint32_t w = 0; w < labels->n_words; w++) {
    uint32_t word = labels->word[((warp * labels->n_words + w) * n + i) * DSS_WARP + threadIdx.x];
    for (uint32_t a = 4 * w; a < 4 * w + 4 && a < labels->n_planes; a++, word >>= 8)
      labels->plane[((warp * labels->n_planes + a) * n + i) * DSS_WARP + threadIdx.x] =
          (uint8_t)word;
  }
}

__device__ static inline void put_pack(const dss_cu_labels *labels, uint32_t number, uint64_t warp,
                                       uint32_t i) {
  const dss_cu_pack *pack = &labels->packs[number];
  uint64_t n = labels->n_raters;
  uint32_t rows = 0;
  for (uint32_t a = 0; a < pack->n_axes; a++) {
    const dss_cu_pack_axis *of = &pack->axis[a];
    uint64_t line = (warp * labels->n_words + of->axis.word) * n + i;
    uint32_t label = labels->word[line * DSS_WARP + threadIdx.x] >> of->axis.shift & of->axis.mask;
    uint32_t at = label - of->first;
    rows |= (at < of->n ? of->row + at : pack->n_rows) << 8 * a;
  }
  labels->pack[((warp * labels->n_packs + number) * n + i) * DSS_WARP + threadIdx.x] = rows;
}

__global__ static void __launch_bounds__(DSS_WARP *PLACES)
    split(const __grid_constant__ dss_cu_labels labels) {
  uint32_t i = blockIdx.x * PLACES + threadIdx.y;
  if (i >= labels.n_raters) return;
  if (labels.plane) put_planes(&labels, blockIdx.y, i);
  for (uint32_t p = 0; p < labels.n_packs; p++)
    put_pack(&labels, p, blockIdx.y, i);
}

static cudaError_t split_labels(const dss_cu_labels *labels, uint32_t n, cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3((labels->n_raters + PLACES - 1) / PLACES, n / DSS_WARP);
  config.blockDim = dim3(DSS_WARP, PLACES);
  config.stream = stream;
  return cudaLaunchKernelEx(&config, split, *labels);
}

cudaError_t dss_cu_make_labels(const dss_cu_profiles *profiles, const dss_cu_labels *labels,
                               uint64_t first, uint32_t n, cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3((n + THREADS - 1) / THREADS);
  config.blockDim = dim3(THREADS);
  config.stream = stream;
  bool drawn = first != DSS_RESAMPLE_NONE && profiles->exchange.n_arrangements == 0;
  cudaError_t error =
      cudaLaunchKernelEx(&config, drawn ? shuffle : arrange, *profiles, *labels, first, n);
  bool splits = labels->plane || labels->n_packs > 0;
  return error == cudaSuccess && splits ? split_labels(labels, n, stream) : error;
}
