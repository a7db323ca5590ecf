/* What kernels are promised: places, barriers, exchanges within warps, atomics, intrinsics. Only
 * CUDA's own calls are used, so that the same tests judge the executor and, where there is one, a
 * device. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "selftest.h"

#define OK(call) cr_assert_eq(call, cudaSuccess, "%s", cudaGetErrorString(cudaPeekAtLastError()))

/* Device memory for `bytes`, full of 0x5A. */
static void *device(size_t bytes) {
  void *made;
  OK(cudaMalloc(&made, bytes));
  OK(cudaMemset(made, 0x5A, bytes));
  return made;
}

/* To the host, and frees it. */
static void fetch(void *to, void *from, size_t bytes) {
  memset(to, 0xEE, bytes);
  OK(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost));
  OK(cudaFree(from));
}

Test(kernels, places) {
  const dim3 grid = {3, 2, 4}, block = {5, 3, 2};
  enum { THREADS = 3 * 2 * 4 * 5 * 3 * 2 };
  uint32_t seen[THREADS], *out = device(sizeof seen);
  OK(selftest_places(grid, block, out));
  fetch(seen, out, sizeof seen);
  const uint32_t *at = seen;
  for (unsigned b = 0; b < 24; b++)
    for (unsigned t = 0; t < 30; t++, at++)
      cr_assert_eq(*at,
                   t % 5 + 7 * (t / 5 % 3) + 49 * (t / 15) + 1000 * (b % 3) + 10000 * (b / 3 % 2) +
                       100000 * (b / 6),
                   "block %u, thread %u: %u", b, t, *at);
}

Test(kernels, one_of_each_dimension) {
  const dim3 grids[] = {{1, 1, 1}, {700, 1, 1}, {1, 70, 1}, {1, 1, 70}};
  const dim3 blocks[] = {{1, 1, 1}, {1024, 1, 1}, {1, 33, 1}, {1, 1, 64}};
  for (int i = 0; i < 4; i++) {
    size_t blocks_of = (size_t)grids[i].x * grids[i].y * grids[i].z;
    size_t threads = (size_t)blocks[i].x * blocks[i].y * blocks[i].z;
    uint32_t *seen = malloc(blocks_of * threads * 4), *out = device(blocks_of * threads * 4);
    OK(selftest_places(grids[i], blocks[i], out));
    fetch(seen, out, blocks_of * threads * 4);
    const uint32_t per_thread[] = {0, 1, 7, 49}, per_block[] = {0, 1000, 10000, 100000};
    for (size_t b = 0; b < blocks_of; b++)
      for (size_t t = 0; t < threads; t++)
        cr_assert_eq(seen[b * threads + t], t * per_thread[i] + b * per_block[i]);
    free(seen);
  }
}

static void check_rotation(unsigned blocks, unsigned threads, unsigned ring,
                           cudaError_t (*run)(unsigned, unsigned, int, uint32_t *)) {
  uint32_t *seen = malloc(4 * (size_t)blocks * threads),
           *out = device(4 * (size_t)blocks * threads);
  OK(run(blocks, threads, 1, out));
  fetch(seen, out, 4 * (size_t)blocks * threads);
  for (unsigned i = 0; i < blocks * threads; i++) {
    unsigned me = i % threads;
    cr_assert_eq(seen[i], me / ring * ring + (me + 1) % ring, "thread %u saw %u", me, seen[i]);
  }
  free(seen);
}

Test(kernels, barriers_hold) {
  const unsigned threads[] = {1, 2, 31, 32, 33, 256, 1000, 1024};
  for (int i = 0; i < 8; i++)
    check_rotation(5, threads[i], threads[i], selftest_rotate);
  check_rotation(3, 32, 32, selftest_rotate_warp);
  check_rotation(3, 1024, 32, selftest_rotate_warp);
}

/* --- warps ---------------------------------------------------------------------------------- */

static int64_t expected_shuffle(int lane, int which) {
  switch (which) {
  case 0: /* lane 5's */
    return 105;
  case 1: /* the next of eight, in a ring */
    return 100 + lane / 8 * 8 + (lane + 1) % 8;
  case 2:
    return (int64_t)(lane < 3 ? 100 + lane : 97 + lane) << 32;
  case 3:
    return (int64_t)(lane % 4 < 1 ? 100 + lane : 99 + lane) << 33;
  case 4:
    return lane + 4 > 31 ? 100 + lane : 104 + lane;
  case 5:
    return lane % 16 + 2 > 15 ? 100 + lane : 102 + lane;
  case 6:
    return 2 * (100 + (lane ^ 9)) + 1;
  case 7: /* from a later four: not had; from an earlier: had */
    return lane & 4 ? 100 + (lane ^ 5) : 100 + lane;
  case 8:
    return 100 + (lane ^ 1) + (lane < 16 ? 0 : 1000);
  case 9:
    return 31 - lane;
  case 10: {
    int64_t same = 0;
    for (int other = lane % 3; other < 32; other += 3)
      same |= (int64_t)1 << other;
    return same;
  }
  default:
    return 1;
  }
}

Test(kernels, shuffles) {
  int64_t seen[32][SELFTEST_SHUFFLES], *out = device(sizeof seen);
  OK(selftest_shuffles(out));
  fetch(seen, out, sizeof seen);
  for (int lane = 0; lane < 32; lane++)
    for (int which = 0; which < SELFTEST_SHUFFLES; which++)
      cr_assert_eq(seen[lane][which], expected_shuffle(lane, which), "shuffle %d, lane %d: %lld",
                   which, lane, (long long)seen[lane][which]);
}

Test(kernels, votes) {
  uint32_t seen[32][SELFTEST_VOTES], *out = device(sizeof seen);
  OK(selftest_votes(out));
  fetch(seen, out, sizeof seen);
  uint32_t fifths = 0, flips = 0, third = 0;
  for (uint32_t lane = 0; lane < 32; lane++) {
    fifths |= lane % 5 == 0 ? 1u << lane : 0;
    flips ^= 1u << lane % 31;
    third += lane % 3 == 1 ? lane : 0;
  }
  for (uint32_t lane = 0; lane < 32; lane++) {
    /* Sums of 0 .. 31: of squares 10416, less 10 each 176. All of lane | 64 have bit 6 alone. */
    const uint32_t expected[SELFTEST_VOTES] = {
        fifths,        1,  1,  10416,      176,   3,
        (uint32_t)-10, 34, 10, 0x1ff ^ 64, flips, lane % 3 == 1 ? third : 0};
    for (int which = 0; which < SELFTEST_VOTES; which++)
      cr_assert_eq(seen[lane][which], expected[which], "vote %d, lane %u: %#x", which, lane,
                   seen[lane][which]);
  }
}

Test(kernels, votes_of_blocks) {
  const unsigned threads[] = {1, 32, 100, 1024}, below[] = {0, 1, 50, 1024};
  for (int i = 0; i < 16; i++) {
    unsigned n = threads[i / 4], limit = below[i % 4];
    int32_t seen[1024][3], *out = device(sizeof seen[0] * n);
    OK(selftest_barrier_votes(n, limit, out));
    fetch(seen, out, sizeof seen[0] * n);
    for (unsigned t = 0; t < n; t++) {
      cr_assert_eq(seen[t][0] != 0, limit > 0);
      cr_assert_eq(seen[t][1] != 0, limit >= n);
      cr_assert_eq(seen[t][2], (int32_t)(limit < n ? limit : n));
    }
  }
}

Test(kernels, sums) {
  uint64_t seen[40], *out = device(sizeof seen);
  OK(selftest_sums(40, 512, 7, out));
  fetch(seen, out, sizeof seen);
  for (int i = 0; i < 40; i++)
    cr_assert_eq(seen[i], 7 * 511 * 256);
}

/* --- atomics, intrinsics -------------------------------------------------------------------- */

Test(kernels, atomics) {
  enum { BLOCKS = 9, THREADS = 96, N = BLOCKS * THREADS };
  const uint32_t start[9] = {1, 10, 5000000, 1000, 0, 0, 0xffffffff, 7, 0};
  const uint64_t wide[SELFTEST_ATOMICS] = {5, 1000, 0, 0};
  uint64_t seen[SELFTEST_ATOMICS], *out = device(sizeof wide);
  uint32_t *words = device(sizeof start);
  OK(cudaMemcpy(words, start, sizeof start, cudaMemcpyHostToDevice));
  OK(cudaMemcpy(out, wide, sizeof wide, cudaMemcpyHostToDevice));
  OK(selftest_atomics(BLOCKS, THREADS, out, words));
  fetch(seen, out, sizeof seen);
  OK(cudaFree(words));
  const uint64_t sum = N * (N - 1) / 2;
  const uint64_t expected[SELFTEST_ATOMICS] = {5 + (sum << 20),
                                               3,
                                               N + 2,
                                               sum + N, /* all that were exchanged, from 1 */
                                               1 + sum,
                                               10 + sum - 5 * N,
                                               5000000 - sum,
                                               (uint32_t)-5,
                                               N - 6,
                                               0xffffffff,
                                               0xffffff80,
                                               7 + 2 * N,
                                               0};
  for (int i = 0; i < SELFTEST_ATOMICS; i++)
    cr_assert_eq(seen[i], expected[i], "%d: %llu", i, (unsigned long long)seen[i]);
}

/* The answers to selftest_intrinsics, bit by bit and part by part. */

static uint32_t byte(uint32_t x, int i) {
  return x >> 8 * i & 0xff;
}

static int32_t part(uint32_t x, int bits, int i, int is_signed) {
  uint32_t value = x >> bits * i & ((1u << bits) - 1);
  return is_signed && value >> (bits - 1) ? (int32_t)value - (1 << bits) : (int32_t)value;
}

typedef int32_t (*of_parts)(int32_t a, int32_t b);
static int32_t plus(int32_t a, int32_t b) {
  return a + b;
}
static int32_t minus(int32_t a, int32_t b) {
  return a - b;
}
static int32_t least(int32_t a, int32_t b) {
  return a < b ? a : b;
}
static int32_t most(int32_t a, int32_t b) {
  return a > b ? a : b;
}
static int32_t equal(int32_t a, int32_t b) {
  return a == b ? -1 : 0;
}
static int32_t greater(int32_t a, int32_t b) {
  return a > b ? -1 : 0;
}
static int32_t plus_to_255(int32_t a, int32_t b) {
  return least(a + b, 255);
}
static int32_t minus_to_0(int32_t a, int32_t b) {
  return most(a - b, 0);
}
static int32_t apart(int32_t a, int32_t b) {
  return abs(a - b);
}
static int32_t mean(int32_t a, int32_t b) {
  return (a + b + 1) / 2;
}
static int32_t one_equal(int32_t a, int32_t b) {
  return a == b;
}
static int32_t one_greater(int32_t a, int32_t b) {
  return a > b;
}

static uint32_t by_parts(uint32_t a, uint32_t b, int bits, int is_signed, of_parts of) {
  uint32_t all = 0;
  for (int i = 0; i < 32 / bits; i++) {
    int32_t made = of(part(a, bits, i, is_signed), part(b, bits, i, is_signed));
    all |= ((uint32_t)made & ((1u << bits) - 1)) << bits * i;
  }
  return all;
}

static uint32_t permuted(uint32_t a, uint32_t b, uint32_t selector) {
  uint32_t all = 0;
  for (int i = 0; i < 4; i++) {
    uint32_t which = selector >> 4 * i & 15;
    uint32_t chosen = which % 8 < 4 ? byte(a, which % 4) : byte(b, which % 4);
    all |= (which < 8 ? chosen : chosen < 128 ? 0 : 255u) << 8 * i;
  }
  return all;
}

/* The high 64 bits of a product, from halves. */
static uint64_t high(uint64_t x, uint64_t y) {
  uint64_t x0 = (uint32_t)x, x1 = x >> 32, y0 = (uint32_t)y, y1 = y >> 32;
  uint64_t middle = (x0 * y0 >> 32) + (uint32_t)(x0 * y1) + (uint32_t)(x1 * y0);
  return x1 * y1 + (x0 * y1 >> 32) + (x1 * y0 >> 32) + (middle >> 32);
}

static uint32_t fold(uint64_t x) {
  return (uint32_t)(x >> 32) ^ (uint32_t)x;
}

static uint32_t fold_double(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return fold(bits);
}

static void expect_bits(uint32_t a, uint32_t b, uint32_t c, uint32_t *out) {
  uint64_t wide = (uint64_t)a << 32 | b;
  int ones = 0, more_ones = 0, first = 0, last = 0, wide_first = 0, wide_last = 0;
  uint32_t reversed = 0;
  for (int i = 0; i < 64; i++) {
    if (!(wide >> i & 1)) continue;
    more_ones++;
    if (!wide_first) wide_first = i + 1;
    wide_last = i + 1;
  }
  for (int i = 0; i < 32; i++) {
    if (!(a >> i & 1)) continue;
    ones++;
    if (!first) first = i + 1;
    last = i + 1;
    reversed |= 0x80000000u >> i;
  }
  out[0] = (uint32_t)ones;
  out[1] = (uint32_t)more_ones;
  out[2] = (uint32_t)(32 - last);
  out[3] = (uint32_t)first;
  out[4] = (uint32_t)(64 - wide_last);
  out[5] = (uint32_t)wide_first;
  out[6] = reversed;
  uint64_t joined = (uint64_t)b << 32 | a; /* high b, low a */
  out[7] = (uint32_t)(joined << c % 32 >> 32);
  out[8] = (uint32_t)(joined >> c % 32);
  out[9] = permuted(a, b, c);
}

static void expect_products(uint32_t a, uint32_t b, uint32_t c, uint32_t *out) {
  uint64_t wide = (uint64_t)a << 32 | b;
  out[10] = (uint32_t)((uint64_t)a * b >> 32);
  out[11] = fold(high(wide, wide ^ c));
  /* Of signed numbers: the unsigned product less what the signs were worth. */
  out[12] = out[10] - (a >> 31 ? b : 0) - (b >> 31 ? a : 0);
  out[13] = out[14] = out[15] = out[16] = c;
  for (int i = 0; i < 4; i++) {
    out[13] += (uint32_t)(part(a, 8, i, 1) * part(b, 8, i, 1));
    out[14] += byte(a, i) * byte(b, i);
  }
  for (int i = 0; i < 2; i++) {
    out[15] += (uint32_t)part(a, 16, i, 0) * byte(b, i);
    out[16] += (uint32_t)part(a, 16, i, 0) * byte(b, 2 + i);
  }
  out[17] = (a & 0xffffff) * (b & 0xffffff);
}

static void expect_packed(uint32_t a, uint32_t b, uint32_t c, uint32_t *out) {
  static const struct {
    int bits, is_signed;
    of_parts of;
  } ways[] = {{8, 0, plus},       {8, 0, minus},   {16, 0, plus},    {16, 0, minus},
              {8, 0, least},      {8, 0, most},    {8, 1, least},    {16, 1, most},
              {8, 0, equal},      {8, 0, greater}, {16, 1, greater}, {8, 0, plus_to_255},
              {8, 0, minus_to_0}, {8, 0, apart},   {8, 0, mean}};
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
    out[18 + i] = by_parts(a, b, ways[i].bits, ways[i].is_signed, ways[i].of);
  out[33] = 0;
  for (int i = 0; i < 4; i++)
    out[33] += byte(out[31], i);
  out[34] = by_parts(a, b, 8, 0, one_equal) + by_parts(a, b, 16, 0, one_greater);
  out[35] = (a > b ? a : b) - (c < (a ^ b) ? c : a ^ b);
  volatile double product = 0.1 * b, sum = a + product; /* two roundings */
  out[36] = fold_double(sum);
  out[37] = fold((uint64_t)llrint(sum / 3.0));
  out[38] = fold_double(sqrt(sum));
  out[39] = c + (a > b ? a - b : b - a);
}

Test(kernels, intrinsics) {
  enum { N = 4000 };
  static uint32_t in[N][3], seen[N][SELFTEST_INTRINSICS];
  const uint32_t edges[] = {0, 1, 0x80, 0xff, 0x7fff, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff};
  uint32_t state = 20261124;
  for (int i = 0; i < N; i++)
    for (int k = 0; k < 3; k++) {
      state = state * 1664525 + 1013904223;
      uint32_t drawn = state >> 16;
      state = state * 1664525 + 1013904223;
      drawn = drawn << 16 | state >> 16;
      in[i][k] = drawn % 4 ? drawn : edges[drawn / 4 % 9];
    }
  uint32_t *given = device(sizeof in), *out = device(sizeof seen);
  OK(cudaMemcpy(given, in, sizeof in, cudaMemcpyHostToDevice));
  OK(selftest_intrinsics(N, given, out));
  fetch(seen, out, sizeof seen);
  OK(cudaFree(given));
  for (int i = 0; i < N; i++) {
    uint32_t expected[SELFTEST_INTRINSICS];
    expect_bits(in[i][0], in[i][1], in[i][2], expected);
    expect_products(in[i][0], in[i][1], in[i][2], expected);
    expect_packed(in[i][0], in[i][1], in[i][2], expected);
    for (int k = 0; k < SELFTEST_INTRINSICS; k++)
      cr_assert_eq(seen[i][k], expected[k], "intrinsic %d of %#x %#x %#x: %#x, not %#x", k,
                   in[i][0], in[i][1], in[i][2], seen[i][k], expected[k]);
  }
}

/* --- shared memory -------------------------------------------------------------------------- */

Test(kernels, shared_memory_up_to_the_limit) {
  int most;
  OK(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, 0));
  const int sizes[] = {1, 1000, 48 * 1024, most};
  OK(selftest_allow(most));
  for (int i = 0; i < 4; i++) {
    uint64_t seen, expected = 0, *out = device(8);
    OK(cudaMemset(out, 0, 8));
    OK(selftest_shared((size_t)sizes[i], out));
    fetch(&seen, out, 8);
    for (int k = 0; k < sizes[i]; k++)
      expected += (uint64_t)k % 251;
    cr_assert_eq(seen, expected);
  }
}
