/* Every mistake that the executor promises to find is made, and found. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "deaths.h"
#include "selftest.h"
#include "simt.h"

#define OK(call) cr_assert_eq(call, cudaSuccess, "%s", cudaGetErrorString(cudaPeekAtLastError()))

/* --- what a kernel does wrong --------------------------------------------------------------- */

enum { SIZE = 100 };

static void make(const void *argument) {
  void *memory;
  if (cudaMalloc(&memory, SIZE) == cudaSuccess)
    selftest_make(*(const selftest_mistake *)argument, memory, SIZE);
}

static void check(selftest_mistake mistake, const char *expected) {
  must_die(make, &mistake, expected);
}

Test(mistakes, barriers) {
  check(SELFTEST_BARRIER_LEFT, "has left the kernel");
  check(SELFTEST_BARRIER_LEFT, "waits at __syncthreads (");
  check(SELFTEST_BARRIER_OTHER, "waits at __syncthreads (");
  check(SELFTEST_BARRIER_WARP, "thread (9,0,0) waits at __syncthreads (");
  check(SELFTEST_BARRIER_WARP, "waits at __syncwarp with mask 0xffffffff (");
  /* By name and line. */
  check(SELFTEST_BARRIER_LEFT, "kernel make_mistake (");
  check(SELFTEST_BARRIER_LEFT, "selftest.cu:");
}

Test(mistakes, warps) {
  check(SELFTEST_LANE_MISSING, "thread (3,0,0) has left the kernel");
  check(SELFTEST_LANE_UNNAMED, "thread (4,0,0) waits at a vote with mask 0xffffffef");
  check(SELFTEST_LANE_UNNAMED, "in which its own bit is missing");
  check(SELFTEST_MASKS_DIFFER, "with mask 0x0000000f (");
  check(SELFTEST_WIDTH, "a __shfl_sync of width 12, no power of two up to 32 (");
  check(SELFTEST_CALLS_DIFFER, "waits at __reduce_add_sync with mask 0xffffffff (");
}

#ifdef SIMT_ASAN
static const char shared_past[] = "heap-buffer-overflow", shared_before[] = "heap-buffer-overflow";
static const char global_past[] = "heap-buffer-overflow", global_before[] = "heap-buffer-overflow";
#else
static const char shared_past[] = "wrote 1 bytes past the end of its 100 of shared memory";
static const char shared_before[] = "wrote 1 bytes before its shared memory";
static const char global_past[] = "a write 1 bytes past the end of 100 bytes of device memory";
static const char global_before[] = "a write 1 bytes before 100 bytes of device memory";
#endif

Test(mistakes, writes_out_of_range) {
  check(SELFTEST_SHARED_PAST, shared_past);
  check(SELFTEST_SHARED_BEFORE, shared_before);
  check(SELFTEST_GLOBAL_PAST, global_past);
  check(SELFTEST_GLOBAL_BEFORE, global_before);
}

static void free_spoilt(const void *argument) {
  void *memory;
  if (cudaMallocHost(&memory, SIZE)) return;
  ((volatile unsigned char *)memory)[SIZE] = 1;
  cudaFreeHost(memory);
}

Test(mistakes, pinned_memory_out_of_range) {
#ifdef SIMT_ASAN
  must_die(free_spoilt, NULL, "heap-buffer-overflow");
#else
  must_die(free_spoilt, NULL, "cudaFreeHost: a write 1 bytes past the end of 100 bytes of pinned");
#endif
}

#ifdef SIMT_ASAN
static void use_freed(const void *argument) {
  void *memory;
  const dim3 one = {1, 1, 1};
  if (cudaMalloc(&memory, SIZE) || cudaFree(memory)) return;
  selftest_places(one, one, memory);
}

static void read_unasked(const void *argument) {
  void *memory;
  if (cudaMalloc(&memory, SIZE)) return;
  (void)*(volatile unsigned char *)memory;
}

/* Kernels of one device with the memory of another. */
static void use_other_device(const void *argument) {
  simt_settings settings;
  void *memory;
  const dim3 one = {1, 1, 1};
  simt_environment(&settings);
  settings.devices = 2;
  simt_set(&settings);
  if (cudaMalloc(&memory, SIZE) || cudaSetDevice(1)) return;
  selftest_places(one, one, memory);
}

Test(mistakes, reads_that_only_the_sanitizer_sees) {
  check(SELFTEST_SHARED_READ, "heap-buffer-overflow");
  check(SELFTEST_GLOBAL_READ, "heap-buffer-overflow");
  must_die(use_freed, NULL, "heap-use-after-free");
  must_die(read_unasked, NULL, "use-after-poison");
  must_die(use_other_device, NULL, "use-after-poison");
}
#endif

/* --- order ---------------------------------------------------------------------------------- */

typedef cudaError_t (*rotation)(unsigned blocks, unsigned threads, int barrier, uint32_t *out);

/* How many threads saw something wrong; all they saw in `seen` [256]. */
static unsigned rotate(rotation run, unsigned ring, int barrier, uint64_t seed, uint32_t *seen) {
  simt_settings settings;
  uint32_t *out;
  unsigned wrong = 0;
  simt_environment(&settings);
  settings.seed = seed;
  simt_set(&settings);
  OK(cudaMalloc((void **)&out, 1024));
  OK(run(1, 256, barrier, out));
  OK(cudaMemcpy(seen, out, 1024, cudaMemcpyDeviceToHost));
  OK(cudaFree(out));
  for (unsigned i = 0; i < 256; i++)
    wrong += seen[i] != i / ring * ring + (i + 1) % ring;
  return wrong;
}

Test(order, shows_a_missing_barrier) {
  static uint32_t seen[256];
  for (uint64_t seed = 0; seed < 8; seed++) {
    cr_assert_eq(rotate(selftest_rotate, 256, 1, seed, seen), 0);
    cr_assert_eq(rotate(selftest_rotate_warp, 32, 1, seed, seen), 0);
    cr_assert_gt(rotate(selftest_rotate, 256, 0, seed, seen), 0);
    cr_assert_gt(rotate(selftest_rotate_warp, 32, 0, seed, seen), 0);
  }
}

Test(order, follows_the_seed_alone) {
  static uint32_t first[256], again[256], other[256];
  rotate(selftest_rotate, 256, 0, 5, first);
  rotate(selftest_rotate, 256, 0, 6, other);
  rotate(selftest_rotate, 256, 0, 5, again);
  cr_assert_eq(memcmp(first, again, sizeof first), 0);
  cr_assert_neq(memcmp(first, other, sizeof first), 0);
}

/* What was not written is neither 0 nor what was there before. */
Test(order, finds_poison_in_fresh_memory) {
  uint8_t seen[1000], *memory;
  for (int round = 0; round < 2; round++) {
    OK(cudaMalloc((void **)&memory, sizeof seen));
    OK(cudaMemcpy(seen, memory, sizeof seen, cudaMemcpyDeviceToHost));
    for (size_t i = 0; i < sizeof seen; i++)
      cr_assert_eq(seen[i], SIMT_POISON);
    OK(cudaMemset(memory, 0, sizeof seen));
    OK(cudaFree(memory));
  }
}

/* --- the environment ------------------------------------------------------------------------ */

static void read_environment(const void *argument) {
  simt_settings settings;
  setenv("SIMT_LOST_AT", argument, 1);
  simt_environment(&settings);
  if (settings.lost_at == 12) exit(3); /* read, and no death */
}

Test(environment, takes_numbers_only) {
  must_die(read_environment, "twelve", "simt: SIMT_LOST_AT is twelve: no number from 0 to");
  must_die(read_environment, "-1", "simt: SIMT_LOST_AT is -1: no number");
  must_die(read_environment, "12", "");
}
