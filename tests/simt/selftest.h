/* Launchers of selftest.cu. Pointers are to device memory; every launch is on the default stream,
 * and its status is returned. */
#ifndef SIMT_SELFTEST_H
#define SIMT_SELFTEST_H

#include <stddef.h>
#include <stdint.h>

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* out [threads of the grid]: for each thread, in the order of blocks and threads, the number that
 * it works out from its place. */
cudaError_t selftest_places(dim3 grid, dim3 block, uint32_t *out);

/* out [blocks][threads]: what the next thread of the block put into shared memory: its number. With
 * barrier 0 nothing makes a thread wait for the next one. */
cudaError_t selftest_rotate(unsigned blocks, unsigned threads, int barrier, uint32_t *out);
/* The same within warps, by __syncwarp. */
cudaError_t selftest_rotate_warp(unsigned blocks, unsigned threads, int barrier, uint32_t *out);

/* out [32][SELFTEST_SHUFFLES]: what each lane had of each kind of shuffle and type. */
enum { SELFTEST_SHUFFLES = 12 };
cudaError_t selftest_shuffles(int64_t *out);
/* out [32][SELFTEST_VOTES] */
enum { SELFTEST_VOTES = 12 };
cudaError_t selftest_votes(uint32_t *out);
/* out [threads][3]: or, and, count of whether the thread's number is below `below`. */
cudaError_t selftest_barrier_votes(unsigned threads, unsigned below, int32_t *out);
/* Sums within every warp by exchanges, and then within the block; sums [blocks] of 0 .. threads-1,
 * `rounds` times. */
cudaError_t selftest_sums(unsigned blocks, unsigned threads, unsigned rounds, uint64_t *sums);

/* Every thread of blocks x threads on the same few numbers; out [SELFTEST_ATOMICS]. */
enum { SELFTEST_ATOMICS = 13 };
cudaError_t selftest_atomics(unsigned blocks, unsigned threads, uint64_t *out, uint32_t *words);

/* in [count][3], out [count][SELFTEST_INTRINSICS] */
enum { SELFTEST_INTRINSICS = 40 };
cudaError_t selftest_intrinsics(size_t count, const uint32_t *in, uint32_t *out);

/* `bytes` of shared memory, of which each thread writes its share; out [1]: their sum. */
cudaError_t selftest_shared(size_t bytes, uint64_t *out);
/* Lets the kernel of selftest_shared have so much. */
cudaError_t selftest_allow(int bytes);
cudaError_t selftest_attributes(struct cudaFuncAttributes *attributes);
cudaError_t selftest_occupancy(int *blocks, int threads, size_t bytes);
/* Whatever the configuration; nothing is written. */
cudaError_t selftest_launch(const cudaLaunchConfig_t *config);

/* Kernels with one mistake each. */
typedef enum selftest_mistake {
  SELFTEST_BARRIER_LEFT,  /* threads 32 .. leave before the barrier */
  SELFTEST_BARRIER_OTHER, /* half of them wait at another barrier */
  SELFTEST_BARRIER_WARP,  /* one lane waits at the barrier, the others for it in the warp */
  SELFTEST_LANE_MISSING,  /* lane 3 leaves, and the mask names it */
  SELFTEST_LANE_UNNAMED,  /* lane 4 calls, and its mask does not name it */
  SELFTEST_MASKS_DIFFER,  /* lanes name different masks */
  SELFTEST_CALLS_DIFFER,  /* lanes of one mask make different calls */
  SELFTEST_WIDTH,         /* segments of 12 lanes */
  SELFTEST_SHARED_PAST,   /* the byte after shared memory is written */
  SELFTEST_SHARED_BEFORE, /* and the byte before */
  SELFTEST_SHARED_READ,   /* the byte after is read */
  SELFTEST_GLOBAL_PAST,   /* the byte after `size` bytes of device memory is written */
  SELFTEST_GLOBAL_BEFORE, /* and the byte before */
  SELFTEST_GLOBAL_READ    /* the byte after is read */
} selftest_mistake;
cudaError_t selftest_make(selftest_mistake mistake, unsigned char *memory, size_t size);

#ifdef __cplusplus
}
#endif

#endif
