/* The draws of a resample's shuffle, ready for vectors. */
#ifndef DSS_CPU_DRAWS_H
#define DSS_CPU_DRAWS_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/common/sample.h"

/* Draw j of the shuffle is one of bound[j] numbers from first[j] on; it stands at [j mod 4][j div
 * 4], where the words of Philox come. */
typedef struct dss_cpu_draws {
  const dss_exchange *exchange;
  uint64_t *bound, *first; /* [4][dss_cpu_calls] */
} dss_cpu_draws;

/* Calls of Philox for n draws, rounded up to vectors of eight. */
static inline size_t dss_cpu_calls(uint32_t n) {
  return ((size_t)n + 31) / 32 * 8;
}

/* false: out of memory. The exchange must outlive it. */
bool dss_cpu_draws_make(const dss_exchange *exchange, dss_cpu_draws *draws);
void dss_cpu_draws_free(dss_cpu_draws *draws);

/* Room for what is drawn: whole vectors. */
static inline size_t dss_cpu_drawn(uint32_t n_raters) {
  return (size_t)n_raters + 32;
}

/* Fisher and Yates' shuffle of dss_shuffle_profiles, its draws made beforehand, of labels in the
 * exchange's order instead of the raters who lend them. */
static inline void dss_cpu_shuffle(const dss_exchange *e, const uint32_t *drawn, uint32_t *labels) {
  for (uint32_t n = 0; n < e->n_strata; n++)
    for (uint32_t i = e->stratum_ptr[n + 1]; i-- > e->stratum_ptr[n] + 1;) {
      uint32_t k = drawn[i], moved = labels[i];
      labels[i] = labels[k];
      labels[k] = moved;
    }
}

#endif
