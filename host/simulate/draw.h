/* Random draws of simulated studies: streams of Philox4x32-10 words.
 *
 * A stream is named by (seed, purpose, a, b), so that the severity of item 7 or the noise of rater
 * 3 on item 7 is the same whatever else is made. Nothing here calls the mathematics library, whose
 * last bits differ from machine to machine: one seed makes the same bytes everywhere.
 */
#ifndef DSS_SIMULATE_DRAW_H
#define DSS_SIMULATE_DRAW_H

#include <stdint.h>

#include <Random123/philox.h>

/* What a stream is for; a and b are named in each comment. */
typedef enum dss_draw_purpose {
  DSS_DRAW_PROFILE = 1, /* which rater has which profile */
  DSS_DRAW_TOPIC,       /* which item has which topic */
  DSS_DRAW_EXTRA_SLOT,  /* which items get the slots beyond the promised least */
  DSS_DRAW_EXTRA_ITEM,  /* which raters get one item more */
  DSS_DRAW_DEAL,        /* which rater gets which slot */
  DSS_DRAW_SEVERITY,    /* a: item */
  DSS_DRAW_BIAS,        /* a: rater */
  DSS_DRAW_VIEW,        /* a: item, b: trisection */
  DSS_DRAW_NOISE,       /* a: rater, b: item */
  DSS_DRAW_READING,     /* a: item, b: trisection */
  DSS_DRAW_MISREADING,  /* a: rater, b: item */
  DSS_DRAW_ORDER,       /* a: batch, b: round: the order in which items are dealt to raters */
  DSS_DRAW_MISSING,     /* a: rater, b: item */
  DSS_DRAW_POSTERIOR,   /* a: item, b: which of its copies: what a study leaves open about it */
  DSS_DRAW_STUDY,       /* a: the seeds of many studies, by number */
  DSS_DRAW_MACHINE,     /* a: item, b: which classifier or judge */
  DSS_DRAW_LIST         /* a: which new rater: whose items it rates */
} dss_draw_purpose;

typedef struct dss_draw {
  philox4x32_key_t key;
  philox4x32_ctr_t counter; /* {block, purpose, a, b} */
  philox4x32_ctr_t words;
  unsigned used;
} dss_draw;

static inline dss_draw dss_draw_from(uint64_t seed, dss_draw_purpose purpose, uint32_t a,
                                     uint32_t b) {
  dss_draw stream = {.key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}},
                     .counter = {{0, (uint32_t)purpose, a, b}},
                     .used = 4};
  return stream;
}

/* The same for one question of several, each with draws of its own. */
static inline dss_draw dss_draw_for(uint64_t seed, dss_draw_purpose purpose, uint32_t question,
                                    uint32_t a, uint32_t b) {
  return dss_draw_from(seed, (dss_draw_purpose)((uint32_t)purpose | question << 8), a, b);
}

static inline uint32_t dss_draw_word(dss_draw *stream) {
  if (stream->used == 4) {
    stream->words = philox4x32(stream->counter, stream->key);
    stream->counter.v[0]++;
    stream->used = 0;
  }
  return stream->words.v[stream->used++];
}

/* 0 .. n-1, each equally likely (Lemire's bounded draw with rejection); n >= 1. */
static inline uint32_t dss_draw_below(dss_draw *stream, uint32_t n) {
  const uint32_t uneven = (uint32_t)(-n) % n;
  for (;;) {
    uint64_t product = (uint64_t)dss_draw_word(stream) * n;
    if ((uint32_t)product >= uneven) return (uint32_t)(product >> 32);
  }
}

/* [0, 1) */
static inline double dss_draw_unit(dss_draw *stream) {
  return dss_draw_word(stream) * 0x1p-32;
}

/* Mean 0, variance 1, bell-shaped: twelve uniforms less 6 (Irwin and Hall). Exact in doubles,
 * unlike anything made with log and cos; that it ends at 6 standard deviations does no harm here.
 */
static inline double dss_draw_bell(dss_draw *stream) {
  uint64_t sum = 0;
  for (int i = 0; i < 12; i++)
    sum += dss_draw_word(stream);
  return (double)sum * 0x1p-32 - (6.0 - 6 * 0x1p-32);
}

/* Fisher and Yates' shuffle. */
static inline void dss_draw_shuffle(dss_draw *stream, uint32_t *values, uint64_t n) {
  for (uint64_t i = n; i > 1; i--) {
    uint64_t k = dss_draw_below(stream, (uint32_t)i);
    uint32_t kept = values[i - 1];
    values[i - 1] = values[k];
    values[k] = kept;
  }
}

#endif
