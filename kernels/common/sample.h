/* Random bits, unbiased bounded draws and the shuffle of profiles: pure functions of (seed, b).
 * docs/determinism.md has the same in words. */
#ifndef DSS_COMMON_SAMPLE_H
#define DSS_COMMON_SAMPLE_H

#include <stdint.h>

#include <Random123/philox.h>

#include "exact.h"

/* The resample that leaves everything in its place: the observed arrangement. */
#define DSS_RESAMPLE_NONE UINT64_MAX

/* What the bits are for; part of the counter, so that no two purposes share bits. */
enum { DSS_PURPOSE_PERMUTATION = 1 };

/* Word j of resample b. Philox makes four words a call, for four consecutive j. */
DSS_DEVICE static inline uint32_t dss_random_word(uint64_t seed, uint32_t purpose, uint64_t b,
                                                  uint64_t j, uint32_t attempt) {
  philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
  philox4x32_ctr_t counter = {
      {(uint32_t)(j >> 2), purpose << 16 | attempt, (uint32_t)b, (uint32_t)(b >> 32)}};
  return philox4x32_R(10, counter, key).v[j & 3];
}

/* Uniform on 0 .. n-1, 1 <= n < 2^32 (Lemire 2019). A rejected word (less than n in 2^32) is
 * replaced by the next attempt of the same j, so that no draw depends on another. */
DSS_DEVICE static inline uint32_t dss_random_below(uint64_t seed, uint32_t purpose, uint64_t b,
                                                   uint64_t j, uint32_t n) {
  uint32_t attempt = 0;
  uint64_t product = (uint64_t)dss_random_word(seed, purpose, b, j, attempt) * n;
  if ((uint32_t)product < n) {
    uint32_t unfair = (uint32_t)(-n) % n; /* 2^32 mod n */
    while ((uint32_t)product < unfair)
      product = (uint64_t)dss_random_word(seed, purpose, b, j, ++attempt) * n;
  }
  return (uint32_t)(product >> 32);
}

/* source[r] becomes the rater whose profile rater r carries in resample b.
 *   order   [n] raters, stratum after stratum;  stratum_ptr [n_strata + 1] where each begins
 *   slots   [n] scratch
 * Fisher and Yates within each stratum. */
DSS_DEVICE static inline void dss_shuffle_profiles(uint64_t seed, uint64_t b, uint32_t n_strata,
                                                   const uint32_t *stratum_ptr,
                                                   const uint32_t *order, uint32_t *slots,
                                                   uint32_t *source) {
  uint32_t n = stratum_ptr[n_strata];
  for (uint32_t i = 0; i < n; i++)
    slots[i] = i;
  for (uint32_t s = 0; s < n_strata && b != DSS_RESAMPLE_NONE; s++) {
    uint32_t first = stratum_ptr[s], end = stratum_ptr[s + 1];
    for (uint32_t i = end; i-- > first + 1;) {
      uint32_t k = first + dss_random_below(seed, DSS_PURPOSE_PERMUTATION, b, i, i - first + 1);
      uint32_t moved = slots[i];
      slots[i] = slots[k];
      slots[k] = moved;
    }
  }
  for (uint32_t i = 0; i < n; i++)
    source[order[i]] = order[slots[i]];
}

#endif
