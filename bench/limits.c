/* dissensus-limits: what this machine can do at best, as one JSON object, to hold the benchmark's
 * rates against.
 *
 *   compare_add  byte lanes per second of the pair of operations that counts equal bytes: a vector
 *                compare and an add of its result, operands in registers and the first-level cache
 *   l2_copy      bytes per second read and as many written, in a buffer of 256 KiB per thread
 *   memory_copy  the same in 64 MiB per thread, beyond most caches that a thread has for itself
 *
 * Each on one thread and on all. The best of several short rounds: other programs only take away.
 */
#include <omp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define DSS_X86 1
#else
#define DSS_X86 0
#endif

enum {
  OPERAND_BYTES = 4096, /* in the first-level cache */
  L2_BYTES = 256 * 1024,
  MEMORY_BYTES = 64 * 1024 * 1024,
  ROUNDS = 12
};

/* `passes` times over the operand: each vector is compared with a key, and the matches are added to
 * counters. Returns their sum, so that nothing is optimized away. */
typedef uint64_t (*compare_add)(const uint8_t *operand, size_t bytes, long passes);

typedef struct width {
  const char *name;
  compare_add run;
  bool supported;
} width;

static uint64_t portable(const uint8_t *operand, size_t bytes, long passes) {
  uint8_t counts[64] = {0};
  for (long pass = 0; pass < passes; pass++)
    for (size_t i = 0; i < bytes; i += sizeof counts)
      for (size_t k = 0; k < sizeof counts; k++)
        counts[k] = (uint8_t)(counts[k] + (operand[i + k] == (uint8_t)pass));
  uint64_t sum = 0;
  for (size_t k = 0; k < sizeof counts; k++)
    sum += counts[k];
  return sum;
}

#if DSS_X86
/* Eight independent counters hide the latency of both operations. */
__attribute__((target("avx2"))) static uint64_t avx2(const uint8_t *operand, size_t bytes,
                                                     long passes) {
  __m256i counts[8];
  for (int k = 0; k < 8; k++)
    counts[k] = _mm256_setzero_si256();
  for (long pass = 0; pass < passes; pass++) {
    const __m256i key = _mm256_set1_epi8((char)pass);
    for (size_t i = 0; i < bytes; i += sizeof counts)
#pragma GCC unroll 8
      for (int k = 0; k < 8; k++)
        counts[k] = _mm256_sub_epi8(
            counts[k],
            _mm256_cmpeq_epi8(key, _mm256_load_si256((const __m256i *)(operand + i) + k)));
  }
  uint8_t lanes[sizeof counts];
  uint64_t sum = 0;
  memcpy(lanes, counts, sizeof counts);
  for (size_t i = 0; i < sizeof lanes; i++)
    sum += lanes[i];
  return sum;
}

__attribute__((target("avx512f,avx512bw"))) static uint64_t avx512(const uint8_t *operand,
                                                                   size_t bytes, long passes) {
  __m512i counts[8];
  const __m512i one = _mm512_set1_epi8(1);
  for (int k = 0; k < 8; k++)
    counts[k] = _mm512_setzero_si512();
  for (long pass = 0; pass < passes; pass++) {
    const __m512i key = _mm512_set1_epi8((char)pass);
    for (size_t i = 0; i < bytes; i += sizeof counts)
#pragma GCC unroll 8
      for (int k = 0; k < 8; k++) {
        __m512i own = _mm512_load_si512((const __m512i *)(operand + i) + k);
        counts[k] =
            _mm512_mask_add_epi8(counts[k], _mm512_cmpeq_epi8_mask(key, own), counts[k], one);
      }
  }
  uint8_t lanes[sizeof counts];
  uint64_t sum = 0;
  memcpy(lanes, counts, sizeof counts);
  for (size_t i = 0; i < sizeof lanes; i++)
    sum += lanes[i];
  return sum;
}
#endif

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static volatile uint64_t sink;
static volatile size_t operand_bytes =
    OPERAND_BYTES; /* unknown to the compiler, or it would unroll */

/* Everybody has finished when the last has: rates are of the slowest thread. */
static double compare_add_rate(const width *by, int threads) {
  const long passes = 40000;
  double best = 0;
  for (int round = 0; round < ROUNDS; round++) {
    double slowest = 0;
#pragma omp parallel num_threads(threads) reduction(max : slowest)
    {
      _Alignas(64) uint8_t operand[OPERAND_BYTES];
      for (size_t i = 0; i < OPERAND_BYTES; i++)
        operand[i] = (uint8_t)i;
      sink = by->run(operand, operand_bytes, 10);
#pragma omp barrier
      double start = now();
      sink = by->run(operand, operand_bytes, passes);
      slowest = now() - start;
    }
    double rate = (double)threads * (double)passes * OPERAND_BYTES / slowest;
    if (rate > best) best = rate;
  }
  return best;
}

static double copy_rate(size_t bytes, long passes, int threads) {
  double best = 0;
  bool failed = false;
#pragma omp parallel num_threads(threads)
  {
    uint8_t *from = aligned_alloc(4096, bytes / 2), *to = aligned_alloc(4096, bytes / 2);
    if (!from || !to) {
#pragma omp atomic write
      failed = true;
    } else {
      memset(from, 1, bytes / 2);
      memset(to, 2, bytes / 2);
    }
#pragma omp barrier
    for (int round = 0; round < ROUNDS && !failed; round++) {
#pragma omp barrier
      double start = now();
      for (long pass = 0; pass < passes; pass++) {
        from[pass & 63] = (uint8_t)pass; /* each copy is of something else */
        memcpy(to, from, bytes / 2);
        sink = to[pass & 63];
      }
#pragma omp barrier
      double rate = (double)threads * (double)passes * (double)(bytes / 2) / (now() - start);
#pragma omp critical
      if (rate > best) best = rate;
    }
    free(from);
    free(to);
  }
  return failed ? 0 : best;
}

/* The fastest of what the processor has: wider is not always faster. */
static width fastest(void) {
  const width widths[] = {
#if DSS_X86
    {"avx512", avx512, __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")},
    {"avx2", avx2, __builtin_cpu_supports("avx2")},
#endif
    {"portable", portable, true}
  };
  width best = {.name = NULL};
  double most = 0;
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
    double rate = widths[i].supported ? compare_add_rate(&widths[i], 1) : 0;
    if (rate > most) {
      most = rate;
      best = widths[i];
    }
  }
  return best;
}

int main(void) {
  int all = omp_get_max_threads();
  width by = fastest();
  printf("{\"threads\": %d, \"vectors\": \"%s\",\n", all, by.name);
  printf(" \"compare_add_bytes_per_second\": {\"one\": %.4g, \"all\": %.4g},\n",
         compare_add_rate(&by, 1), compare_add_rate(&by, all));
  printf(" \"l2_copy_bytes_per_second\": {\"one\": %.4g, \"all\": %.4g},\n",
         copy_rate(L2_BYTES, 2000, 1), copy_rate(L2_BYTES, 2000, all));
  printf(" \"memory_copy_bytes_per_second\": {\"one\": %.4g, \"all\": %.4g}}\n",
         copy_rate(MEMORY_BYTES, 4, 1), copy_rate(MEMORY_BYTES, 4, all));
  return fflush(stdout) == 0 ? 0 : 4;
}
