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

/* Rater by rater, so that what is written stands together; the rows of source stay in the cache. */
static void put_labels(const dss_cpu_layout *layout, size_t lanes, const dss_cpu_scratch *s) {
  size_t n_raters = layout->plan->exchange.n_raters;
  for (size_t b = 0; b < layout->n_bases; b++) {
    const uint8_t *label = layout->bases[b].label;
    uint8_t *to = &s->labels[b * n_raters * lanes];
    for (size_t r = 0; r < n_raters; r++)
      for (size_t lane = 0; lane < lanes; lane++)
        *to++ = label[s->source[lane * n_raters + r]];
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
