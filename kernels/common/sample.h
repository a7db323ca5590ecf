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
enum {
  DSS_PURPOSE_PERMUTATION = 1,
  DSS_PURPOSE_GROUP = 2,      /* bootstrap: raters of the group */
  DSS_PURPOSE_COMPLEMENT = 3, /* bootstrap: raters of its complement */
  DSS_PURPOSE_ITEMS = 4,      /* bootstrap: items */
  DSS_PURPOSE_AXIS = 5,       /* bootstrap of an evaluation: raters, group by group on an axis */
  DSS_PURPOSE_EVERYONE = 6    /* bootstrap of an evaluation: all raters */
};

/* Word j of resample b. Philox makes four words a call, for four consecutive j. */
DSS_DEVICE static inline uint32_t dss_random_word(uint64_t seed, uint32_t purpose, uint64_t b,
                                                  uint64_t j, uint32_t attempt) {
  philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
  philox4x32_ctr_t counter = {
      {(uint32_t)(j >> 2), purpose << 16 | attempt, (uint32_t)b, (uint32_t)(b >> 32)}};
  return philox4x32_R(10, counter, key).v[j & 3];
}

/* Words j .. j+3, j a multiple of 4, in one call. */
DSS_DEVICE static inline void dss_random_words(uint64_t seed, uint32_t purpose, uint64_t b,
                                               uint64_t j, uint32_t words[4]) {
  philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
  philox4x32_ctr_t counter = {
      {(uint32_t)(j >> 2), purpose << 16, (uint32_t)b, (uint32_t)(b >> 32)}};
  philox4x32_ctr_t made = philox4x32_R(10, counter, key);
  for (int i = 0; i < 4; i++)
    words[i] = made.v[i];
}

/* Uniform on 0 .. n-1, 1 <= n < 2^32 (Lemire 2019), from word j of the first attempt. A rejected
 * word (less than n in 2^32) is replaced by the next attempt of the same j, so that no draw depends
 * on another. */
DSS_DEVICE static inline uint32_t dss_random_bounded(uint64_t seed, uint32_t purpose, uint64_t b,
                                                     uint64_t j, uint32_t n, uint32_t word) {
  uint32_t attempt = 0;
  uint64_t product = (uint64_t)word * n;
  if ((uint32_t)product < n) {
    uint32_t unfair = (uint32_t)(-n) % n; /* 2^32 mod n */
    while ((uint32_t)product < unfair)
      product = (uint64_t)dss_random_word(seed, purpose, b, j, ++attempt) * n;
  }
  return (uint32_t)(product >> 32);
}

DSS_DEVICE static inline uint32_t dss_random_below(uint64_t seed, uint32_t purpose, uint64_t b,
                                                   uint64_t j, uint32_t n) {
  return dss_random_bounded(seed, purpose, b, j, n, dss_random_word(seed, purpose, b, j, 0));
}

/* Who may trade profiles with whom, and, where the distinct arrangements are few enough to visit
 * them all, what tells raters apart. Two raters are of one class when no axis of the plan separates
 * them; classes are numbered as they first appear along `order`. */
typedef struct dss_exchange {
  uint64_t seed;
  uint32_t n_raters;
  uint32_t n_strata;
  const uint32_t *stratum_ptr; /* [n_strata + 1] */
  const uint32_t *order;       /* [n_raters] raters, stratum after stratum */
  uint64_t n_arrangements;     /* of classes; 0: resamples are drawn; the rest is unused */
  uint64_t stride;             /* coprime to their number; see dss_enumerate_profiles */
  uint32_t n_classes;
  const uint32_t *class_of;       /* [n_raters] */
  const uint32_t *representative; /* [n_classes] a rater of each class */
  const uint64_t *arrangements; /* [n_strata] of each stratum; their product is the number of all */
} dss_exchange;

/* Fisher and Yates within each stratum. slots [n_raters] is scratch. */
DSS_DEVICE static inline void dss_shuffle_profiles(const dss_exchange *e, uint64_t b,
                                                   uint32_t *slots, uint32_t *source) {
  for (uint32_t i = 0; i < e->n_raters; i++)
    slots[i] = i;
  for (uint32_t s = 0; s < e->n_strata; s++) {
    uint32_t first = e->stratum_ptr[s];
    for (uint32_t i = e->stratum_ptr[s + 1]; i-- > first + 1;) {
      uint32_t k = first + dss_random_below(e->seed, DSS_PURPOSE_PERMUTATION, b, i, i - first + 1);
      uint32_t moved = slots[i];
      slots[i] = slots[k];
      slots[k] = moved;
    }
  }
  for (uint32_t i = 0; i < e->n_raters; i++)
    source[e->order[i]] = e->order[slots[i]];
}

/* Distinct arrangement number b stride mod n_arrangements, so that the first resamples are spread
 * over all of them. The number's digit for each stratum (the first stratum's is the least
 * significant) is the rank of its arrangement among the orders of its classes, in the order of
 * their numbers. left [n_classes] is scratch. */
DSS_DEVICE static inline void dss_enumerate_profiles(const dss_exchange *e, uint64_t b,
                                                     uint32_t *left, uint32_t *source) {
  uint64_t number = (uint64_t)((dss_u128)b * e->stride % e->n_arrangements);
  for (uint32_t c = 0; c < e->n_classes; c++)
    left[c] = 0; /* and each stratum takes all it adds */
  for (uint32_t s = 0; s < e->n_strata; s++) {
    uint64_t rank = number % e->arrangements[s], orders = e->arrangements[s];
    uint32_t first = e->stratum_ptr[s], end = e->stratum_ptr[s + 1];
    number /= e->arrangements[s];
    for (uint32_t i = first; i < end; i++)
      left[e->class_of[e->order[i]]]++;
    for (uint32_t i = first; i < end; i++) {
      uint32_t c = 0;
      for (;; c++) { /* orders that begin with class c: their share of what is left */
        uint64_t here = (uint64_t)((dss_u128)orders * left[c] / (end - i));
        if (rank < here) {
          orders = here;
          break;
        }
        rank -= here;
      }
      left[c]--;
      source[e->order[i]] = e->representative[c];
    }
  }
}

/* source[r] becomes the rater whose profile rater r carries in resample b. scratch [n_raters]. */
DSS_DEVICE static inline void dss_exchange_profiles(const dss_exchange *e, uint64_t b,
                                                    uint32_t *scratch, uint32_t *source) {
  if (b == DSS_RESAMPLE_NONE)
    for (uint32_t r = 0; r < e->n_raters; r++)
      source[r] = r;
  else if (e->n_arrangements > 0)
    dss_enumerate_profiles(e, b, scratch, source);
  else
    dss_shuffle_profiles(e, b, scratch, source);
}

#endif
