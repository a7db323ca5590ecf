/* Kernels that use all that kernels may, and kernels with a mistake each. This is CUDA: nvcc
 * compiles it too (target simt-selftest-nvcc). */
#include "selftest.h"

#include "kernels/cuda/device.h"

static cudaLaunchConfig_t configure(dim3 grid, dim3 block, size_t shared) {
  cudaLaunchConfig_t config = {};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared;
  return config;
}

/* --- places, barriers ----------------------------------------------------------------------- */

static __global__ void places(uint32_t *out) {
  unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  size_t at = (size_t)block * (blockDim.x * blockDim.y * blockDim.z) + thread;
  out[at] = threadIdx.x + 7u * threadIdx.y + 49u * threadIdx.z + 1000u * blockIdx.x +
            10000u * blockIdx.y + 100000u * blockIdx.z;
}

cudaError_t selftest_places(dim3 grid, dim3 block, uint32_t *out) {
  cudaLaunchConfig_t config = configure(grid, block, 0);
  return cudaLaunchKernelEx(&config, places, out);
}

template <bool kBarrier>
static __global__ void __launch_bounds__(1024) rotate(uint32_t *__restrict__ out) {
  DSS_SHARED(shared);
  uint32_t *slots = (uint32_t *)shared;
  unsigned me = threadIdx.x;
  slots[me] = me;
  if (kBarrier) __syncthreads();
  out[blockIdx.x * blockDim.x + me] = slots[(me + 1) % blockDim.x];
}

cudaError_t selftest_rotate(unsigned blocks, unsigned threads, int barrier, uint32_t *out) {
  cudaLaunchConfig_t config = configure(blocks, threads, threads * sizeof(uint32_t));
  return barrier ? cudaLaunchKernelEx(&config, rotate<true>, out)
                 : cudaLaunchKernelEx(&config, rotate<false>, out);
}

template <bool kBarrier> static __global__ void rotate_warp(uint32_t *__restrict__ out) {
  DSS_SHARED(shared);
  uint32_t *slots = (uint32_t *)shared + threadIdx.x / 32 * 32;
  unsigned lane = threadIdx.x % 32;
  slots[lane] = threadIdx.x;
  if (kBarrier) __syncwarp();
  out[blockIdx.x * blockDim.x + threadIdx.x] = slots[(lane + 1) % 32];
}

cudaError_t selftest_rotate_warp(unsigned blocks, unsigned threads, int barrier, uint32_t *out) {
  cudaLaunchConfig_t config = configure(blocks, threads, threads * sizeof(uint32_t));
  return barrier ? cudaLaunchKernelEx(&config, rotate_warp<true>, out)
                 : cudaLaunchKernelEx(&config, rotate_warp<false>, out);
}

/* --- warps ---------------------------------------------------------------------------------- */

static __global__ void shuffles(int64_t *out) {
  const unsigned all = 0xffffffffu;
  int lane = (int)threadIdx.x;
  out += lane * SELFTEST_SHUFFLES;
  out[0] = __shfl_sync(all, 100 + lane, 5);
  out[1] = __shfl_sync(all, 100u + (unsigned)lane, lane + 1, 8);
  out[2] = __shfl_up_sync(all, (long long)(100 + lane) << 32, 3);
  out[3] = (int64_t)__shfl_up_sync(all, (unsigned long long)(100 + lane) << 33, 1, 4);
  out[4] = __shfl_down_sync(all, 100 + lane, 4);
  out[5] = (int64_t)__shfl_down_sync(all, 100.5 + lane, 2, 16);
  out[6] = (int64_t)(2 * __shfl_xor_sync(all, 100.5f + (float)lane, 9));
  out[7] = __shfl_xor_sync(all, 100 + lane, 5, 4);
  /* Halves that meet apart. */
  unsigned half = lane < 16 ? 0xffffu : 0xffff0000u;
  for (int round = 0; round <= lane / 16; round++)
    out[8] = __shfl_xor_sync(half, 100 + lane + 1000 * round, 1);
  out[9] = (int64_t)__shfl_sync(all, (unsigned long)lane, 31 - lane);
  out[10] = (int64_t)__match_any_sync(all, lane % 3);
  out[11] = __popc(__activemask() & 1u << lane);
}

cudaError_t selftest_shuffles(int64_t *out) {
  cudaLaunchConfig_t config = configure(1, 32, 0);
  return cudaLaunchKernelEx(&config, shuffles, out);
}

static __global__ void votes(uint32_t *out) {
  const unsigned all = 0xffffffffu;
  unsigned lane = threadIdx.x;
  int number = (int)lane - 10;
  out += lane * SELFTEST_VOTES;
  out[0] = __ballot_sync(all, lane % 5 == 0);
  out[1] = (uint32_t)__any_sync(all, lane == 31) + 2u * (uint32_t)__any_sync(all, lane > 31);
  out[2] = (uint32_t)__all_sync(all, lane < 32) + 2u * (uint32_t)__all_sync(all, lane != 7);
  out[3] = __reduce_add_sync(all, lane * lane);
  out[4] = (uint32_t)__reduce_add_sync(all, number);
  out[5] = __reduce_min_sync(all, lane + 3);
  out[6] = (uint32_t)__reduce_min_sync(all, number);
  out[7] = __reduce_max_sync(all, lane + 3);
  out[8] = (uint32_t)__reduce_max_sync(all, -number);
  out[9] = __reduce_or_sync(all, 1u << lane % 9) ^ __reduce_and_sync(all, lane | 64u);
  out[10] = __reduce_xor_sync(all, 1u << lane % 31);
  /* Some lanes only; the others leave. */
  out[11] = 0;
  if (lane % 3 == 1) out[11] = __reduce_add_sync(0x92492492u, lane);
}

cudaError_t selftest_votes(uint32_t *out) {
  cudaLaunchConfig_t config = configure(1, 32, 0);
  return cudaLaunchKernelEx(&config, votes, out);
}

static __global__ void barrier_votes(unsigned below, int32_t *out) {
  int is = threadIdx.x < below;
  out += 3 * threadIdx.x;
  out[0] = __syncthreads_or(is);
  out[1] = __syncthreads_and(is);
  out[2] = __syncthreads_count(is);
}

cudaError_t selftest_barrier_votes(unsigned threads, unsigned below, int32_t *out) {
  cudaLaunchConfig_t config = configure(1, threads, 0);
  return cudaLaunchKernelEx(&config, barrier_votes, below, out);
}

static __global__ void sums(unsigned rounds, uint64_t *out) {
  DSS_SHARED(shared);
  unsigned long long *by_warp = (unsigned long long *)shared;
  unsigned long long total = 0;
  for (unsigned round = 0; round < rounds; round++) {
    unsigned long long sum = threadIdx.x;
#pragma unroll
    for (int offset = 16; offset; offset /= 2)
      sum += __shfl_xor_sync(0xffffffffu, sum, offset);
    if (threadIdx.x % 32 == 0) by_warp[threadIdx.x / 32] = sum;
    __syncthreads();
    for (unsigned i = 0; i < blockDim.x / 32; i++)
      total += by_warp[i];
    __syncthreads();
  }
  if (threadIdx.x == 0) out[blockIdx.x] = total;
}

cudaError_t selftest_sums(unsigned blocks, unsigned threads, unsigned rounds, uint64_t *out) {
  cudaLaunchConfig_t config = configure(blocks, threads, threads / 32 * sizeof(uint64_t));
  return cudaLaunchKernelEx(&config, sums, rounds, out);
}

/* --- atomics, intrinsics -------------------------------------------------------------------- */

static __global__ void atomics(unsigned long long *out, unsigned *words) {
  unsigned id = blockIdx.x * blockDim.x + threadIdx.x;
  int number = (int)id - 5;
  atomicAdd(&out[0], (unsigned long long)id << 20);
  atomicAdd(&words[0], id);
  atomicAdd((int *)&words[1], number);
  atomicSub(&words[2], id);
  atomicMin((int *)&words[3], number);
  atomicMax((int *)&words[4], number);
  atomicMin(&out[1], (unsigned long long)id + 3);
  atomicMax(&out[2], (unsigned long long)id + 3);
  atomicOr(&words[5], 1u << id % 32);
  atomicAnd(&words[6], ~(1u << id % 7));
  /* Counted by compare and swap. */
  unsigned seen = words[7], before;
  do {
    before = seen;
    seen = atomicCAS(&words[7], before, before + 2);
  } while (seen != before);
  /* Whoever comes last leaves its number; the rest add up to what was taken out. */
  atomicAdd(&out[3], (unsigned long long)atomicExch(&words[8], id + 1));
  __threadfence();
}

static __global__ void collect(const unsigned *words, unsigned long long *out) {
  if (threadIdx.x < 9) out[4 + threadIdx.x] = __ldg(&words[threadIdx.x]);
  __syncwarp();
  if (threadIdx.x == 0) {
    /* The order in which numbers were exchanged does not show in their sum. */
    out[3] += out[12];
    out[12] = 0;
  }
}

cudaError_t selftest_atomics(unsigned blocks, unsigned threads, uint64_t *out, uint32_t *words) {
  cudaLaunchConfig_t config = configure(blocks, threads, 0);
  unsigned long long *wide = (unsigned long long *)out;
  cudaError_t error = cudaLaunchKernelEx(&config, atomics, wide, words);
  config.gridDim = 1;
  config.blockDim = 32;
  return error ? error : cudaLaunchKernelEx(&config, collect, words, wide);
}

static __device__ __noinline__ uint32_t fold(unsigned long long wide) {
  return (uint32_t)(wide >> 32) ^ (uint32_t)wide;
}

static __device__ __forceinline__ void bits(unsigned a, unsigned b, unsigned c, uint32_t *out) {
  unsigned long long wide = (unsigned long long)a << 32 | b;
  out[0] = (uint32_t)__popc(a);
  out[1] = (uint32_t)__popcll(wide);
  out[2] = (uint32_t)__clz((int)a);
  out[3] = (uint32_t)__ffs((int)a);
  out[4] = (uint32_t)__clzll((long long)wide);
  out[5] = (uint32_t)__ffsll((long long)wide);
  out[6] = __brev(a);
  out[7] = __funnelshift_l(a, b, c);
  out[8] = __funnelshift_r(a, b, c);
  out[9] = __byte_perm(a, b, c);
  out[10] = __umulhi(a, b);
  out[11] = fold(__umul64hi(wide, wide ^ c));
  out[12] = (uint32_t)__mulhi((int)a, (int)b);
  out[13] = (uint32_t)__dp4a((int)a, (int)b, (int)c);
  out[14] = __dp4a(a, b, c);
  out[15] = __dp2a_lo(a, b, c);
  out[16] = __dp2a_hi(a, b, c);
  out[17] = __umul24(a, b);
}

static __device__ __forceinline__ void packed(unsigned a, unsigned b, uint32_t *out) {
  out[18] = __vadd4(a, b);
  out[19] = __vsub4(a, b);
  out[20] = __vadd2(a, b);
  out[21] = __vsub2(a, b);
  out[22] = __vminu4(a, b);
  out[23] = __vmaxu4(a, b);
  out[24] = __vmins4(a, b);
  out[25] = __vmaxs2(a, b);
  out[26] = __vcmpeq4(a, b);
  out[27] = __vcmpgtu4(a, b);
  out[28] = __vcmpgts2(a, b);
  out[29] = __vaddus4(a, b);
  out[30] = __vsubus4(a, b);
  out[31] = __vabsdiffu4(a, b);
  out[32] = __vavgu4(a, b);
  out[33] = __vsadu4(a, b);
  out[34] = __vseteq4(a, b) + __vsetgtu2(a, b);
}

static __global__ void intrinsics(size_t count, const uint32_t *__restrict__ in, uint32_t *out) {
  size_t at = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= count) return;
  unsigned a = in[3 * at], b = __ldcg(&in[3 * at + 1]), c = in[3 * at + 2];
  out += at * SELFTEST_INTRINSICS;
  bits(a, b, c, out);
  packed(a, b, out);
  uint4 four = make_uint4(a, b, c, a ^ b);
  out[35] = max(four.x, four.y) - min(four.z, four.w);
  double sum = __dadd_rn(__uint2double_rn(a), __dmul_rn(0.1, __uint2double_rn(b)));
  out[36] = fold((unsigned long long)__double_as_longlong(sum));
  out[37] = fold((unsigned long long)__double2ll_rn(__ddiv_rn(sum, 3.0)));
  out[38] = fold((unsigned long long)__double_as_longlong(__dsqrt_rn(sum)));
  __stcg(&out[39], __usad(a, b, c));
}

cudaError_t selftest_intrinsics(size_t count, const uint32_t *in, uint32_t *out) {
  cudaLaunchConfig_t config = configure((unsigned)((count + 63) / 64), 64, 0);
  return cudaLaunchKernelEx(&config, intrinsics, count, in, out);
}

/* --- shared memory -------------------------------------------------------------------------- */

static __global__ void fill_shared(size_t bytes, unsigned long long *out) {
  DSS_SHARED(shared);
  for (size_t i = threadIdx.x; i < bytes; i += blockDim.x)
    shared[i] = (unsigned char)(i % 251);
  __syncthreads();
  unsigned long long sum = 0;
  for (size_t i = bytes - 1 - threadIdx.x; i < bytes; i -= blockDim.x)
    sum += shared[i];
  atomicAdd(out, sum);
}

cudaError_t selftest_shared(size_t bytes, uint64_t *out) {
  cudaLaunchConfig_t config = configure(1, 256, bytes);
  return cudaLaunchKernelEx(&config, fill_shared, bytes, (unsigned long long *)out);
}

cudaError_t selftest_allow(int bytes) {
  return cudaFuncSetAttribute(fill_shared, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
}

cudaError_t selftest_attributes(struct cudaFuncAttributes *attributes) {
  return cudaFuncGetAttributes(attributes, fill_shared);
}

cudaError_t selftest_occupancy(int *blocks, int threads, size_t bytes) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, fill_shared, threads, bytes);
}

static __global__ void nothing() {}

cudaError_t selftest_launch(const cudaLaunchConfig_t *config) {
  return cudaLaunchKernelEx(config, nothing);
}

/* --- mistakes ------------------------------------------------------------------------------- */

static __device__ void barrier_mistake(selftest_mistake mistake) {
  unsigned me = threadIdx.x;
  if (mistake == SELFTEST_BARRIER_LEFT) {
    if (me < 32) __syncthreads();
  } else if (mistake == SELFTEST_BARRIER_OTHER) {
    if (me < 32)
      __syncthreads();
    else
      __syncthreads();
  } else if (mistake == SELFTEST_BARRIER_WARP) {
    if (me == 9) __syncthreads();
    __syncwarp();
    if (me != 9) __syncthreads();
  }
}

static __device__ void warp_mistake(selftest_mistake mistake) {
  unsigned me = threadIdx.x;
  if (mistake == SELFTEST_LANE_MISSING) {
    if (me == 3) return;
    __syncwarp();
  } else if (mistake == SELFTEST_LANE_UNNAMED) {
    __ballot_sync(0xffffffefu, 1);
  } else if (mistake == SELFTEST_MASKS_DIFFER) {
    __ballot_sync(me < 2 ? 0xfu : 0xffffffffu, 1);
  } else if (mistake == SELFTEST_CALLS_DIFFER) {
    if (me < 5)
      __reduce_add_sync(0xffffffffu, me);
    else
      __ballot_sync(0xffffffffu, 1);
  } else if (mistake == SELFTEST_WIDTH) {
    __shfl_down_sync(0xffffffffu, me, 1, 12);
  }
}

static __device__ void memory_mistake(selftest_mistake mistake, unsigned char *memory,
                                      size_t size) {
  DSS_SHARED(shared);
  if (threadIdx.x != 17) return;
  if (mistake == SELFTEST_SHARED_PAST) shared[100] = 1;
  if (mistake == SELFTEST_SHARED_BEFORE) *(shared - 1) = 1;
  if (mistake == SELFTEST_SHARED_READ) memory[0] = shared[100];
  if (mistake == SELFTEST_GLOBAL_PAST) memory[size] = 1;
  if (mistake == SELFTEST_GLOBAL_BEFORE) *(memory - 1) = 1;
  if (mistake == SELFTEST_GLOBAL_READ) memory[0] = memory[size];
}

static __global__ void make_mistake(selftest_mistake mistake, unsigned char *memory, size_t size) {
  barrier_mistake(mistake);
  warp_mistake(mistake);
  memory_mistake(mistake, memory, size);
}

cudaError_t selftest_make(selftest_mistake mistake, unsigned char *memory, size_t size) {
  cudaLaunchConfig_t config = configure(2, 64, 100);
  return cudaLaunchKernelEx(&config, make_mistake, mistake, memory, size);
}
