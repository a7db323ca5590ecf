#include "profiles.h"

#include <string.h>

/* Fisher and Yates' shuffle of dss_shuffle_profiles with its draws made beforehand. */
static void shuffle(const dss_cpu_layout *layout, const dss_cpu_kernels *kernels, uint64_t b,
                    dss_cpu_scratch *s, uint32_t *source) {
  const dss_exchange *e = &layout->plan->exchange;
  uint32_t *slots = s->scratch;
  kernels->draw(layout, b, s);
  memcpy(slots, e->order, e->n_raters * sizeof *slots);
  for (uint32_t n = 0; n < e->n_strata; n++)
    for (uint32_t i = e->stratum_ptr[n + 1]; i-- > e->stratum_ptr[n] + 1;) {
      uint32_t k = s->draws[i], moved = slots[i];
      slots[i] = slots[k];
      slots[k] = moved;
    }
  for (uint32_t i = 0; i < e->n_raters; i++)
    source[e->order[i]] = slots[i];
}

static void one_lane(const dss_cpu_layout *layout, const dss_cpu_kernels *kernels, uint64_t b,
                     dss_cpu_scratch *s, uint32_t *source) {
  const dss_exchange *e = &layout->plan->exchange;
  if (b == DSS_RESAMPLE_NONE || e->n_arrangements > 0)
    dss_exchange_profiles(e, b, s->scratch, source);
  else
    shuffle(layout, kernels, b, s, source);
}

/* The labels of up to TOGETHER bases in a word of each rater. */
enum { TOGETHER = 4, MOST_LANES = 64 };
static void pack_labels(const dss_cpu_layout *layout, size_t first, size_t n, uint32_t *packed) {
  for (uint32_t r = 0; r < layout->plan->exchange.n_raters; r++) {
    packed[r] = 0;
    for (size_t k = 0; k < n; k++)
      packed[r] |= (uint32_t)layout->bases[first + k].label[r] << 8 * k;
  }
}

/* Rater by rater, so that what is written stands together; the rows of source stay in the cache. */
static void put_labels(const dss_cpu_layout *layout, size_t lanes, const dss_cpu_scratch *s) {
  size_t n_raters = layout->plan->exchange.n_raters;
  for (size_t b = 0; b < layout->n_bases; b += TOGETHER) {
    size_t n = layout->n_bases - b < TOGETHER ? layout->n_bases - b : TOGETHER;
    const uint32_t *packed = s->scratch;
    pack_labels(layout, b, n, s->scratch);
    for (size_t r = 0; r < n_raters; r++) {
      uint32_t words[MOST_LANES];
      for (size_t lane = 0; lane < lanes; lane++)
        words[lane] = packed[s->source[lane * n_raters + r]];
      for (size_t k = 0; k < n; k++) {
        uint8_t *to = &s->labels[((b + k) * n_raters + r) * lanes];
        for (size_t lane = 0; lane < lanes; lane++)
          to[lane] = (uint8_t)(words[lane] >> 8 * k);
      }
    }
  }
}

void dss_cpu_profiles(const dss_cpu_layout *layout, const dss_cpu_kernels *kernels, uint64_t first,
                      unsigned n_lanes, dss_cpu_scratch *s) {
  size_t n_raters = layout->plan->exchange.n_raters;
  for (unsigned lane = 0; lane < kernels->lanes; lane++) {
    uint32_t *source = &s->source[lane * n_raters];
    if (lane < n_lanes)
      one_lane(layout, kernels, first + lane, s, source);
    else
      memcpy(source, source - n_raters, n_raters * sizeof *source);
  }
  put_labels(layout, kernels->lanes, s);
}
