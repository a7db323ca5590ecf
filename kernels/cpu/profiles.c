#include "profiles.h"

#include <stdlib.h>
#include <string.h>

#include "slots.h"

/* --- with the layout ------------------------------------------------------------------------- */

static bool make_words(dss_cpu_layout *layout) {
  const dss_exchange *e = &layout->plan->exchange;
  layout->words = calloc(dss_cpu_word_count(layout) * e->n_raters + 1, sizeof *layout->words);
  for (size_t b = 0; layout->words && b < layout->n_bases; b++) {
    uint32_t *words = &layout->words[b / DSS_WORD_BASES * e->n_raters];
    for (uint32_t i = 0; i < e->n_raters; i++)
      words[i] |= (uint32_t)layout->bases[b].label[e->order[i]] << 8 * (b % DSS_WORD_BASES);
  }
  return layout->words != NULL;
}

bool dss_cpu_plan_profiles(dss_cpu_layout *layout) {
  return dss_cpu_draws_make(&layout->plan->exchange, &layout->draws) && make_words(layout);
}

/* --- block by block ----------------------------------------------------------------------------
 */

static uint32_t *words_of(const dss_cpu_layout *layout, size_t lanes, size_t word, size_t lane,
                          const dss_cpu_scratch *s) {
  return &s->words[(word * lanes + lane) * dss_cpu_words(layout->plan->exchange.n_raters)];
}

/* An arrangement that is not drawn: position i takes the labels of the rater whose profile the
 * rater there carries. */
static void arrange(const dss_cpu_layout *layout, size_t word, const uint32_t *source,
                    uint32_t *words) {
  const dss_exchange *e = &layout->plan->exchange;
  memset(words, 0, e->n_raters * sizeof *words);
  for (size_t b = word * DSS_WORD_BASES; b < layout->n_bases && b / DSS_WORD_BASES == word; b++)
    for (uint32_t i = 0; i < e->n_raters; i++)
      words[i] |= (uint32_t)layout->bases[b].label[source[e->order[i]]] << 8 * (b % DSS_WORD_BASES);
}

static void one_lane(const dss_cpu_layout *layout, const dss_cpu_kernels *kernels, uint64_t b,
                     size_t lane, dss_cpu_scratch *s) {
  const dss_exchange *e = &layout->plan->exchange;
  bool drawn = b != DSS_RESAMPLE_NONE && e->n_arrangements == 0;
  if (drawn)
    kernels->draw(&layout->draws, b, s->draws);
  else
    dss_exchange_profiles(e, b, s->scratch, s->source);
  for (size_t w = 0; w < dss_cpu_word_count(layout); w++) {
    uint32_t *words = words_of(layout, kernels->lanes, w, lane, s);
    if (drawn) {
      memcpy(words, &layout->words[w * e->n_raters], e->n_raters * sizeof *words);
      dss_cpu_shuffle(e, s->draws, words);
    } else {
      arrange(layout, w, s->source, words);
    }
  }
}

static void repeat_lane(const dss_cpu_layout *layout, size_t lanes, size_t lane,
                        const dss_cpu_scratch *s) {
  size_t size = layout->plan->exchange.n_raters * sizeof *s->words;
  for (size_t w = 0; w < dss_cpu_word_count(layout); w++)
    memcpy(words_of(layout, lanes, w, lane, s), words_of(layout, lanes, w, lane - 1, s), size);
}

void dss_cpu_profiles(const dss_cpu_layout *layout, const dss_cpu_kernels *kernels, uint64_t first,
                      unsigned n_lanes, dss_cpu_scratch *s) {
  for (unsigned lane = 0; lane < kernels->lanes; lane++)
    if (lane < n_lanes)
      one_lane(layout, kernels, first + lane, lane, s);
    else
      repeat_lane(layout, kernels->lanes, lane, s);
  kernels->put_labels(layout, s);
}
