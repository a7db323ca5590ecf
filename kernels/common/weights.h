/* Bootstrap resamples: how often each rater and each item is drawn, a pure function of (seed, b),
 * and the sums of one group under such weights. docs/determinism.md, "Bootstrap".
 *
 * A rater drawn w times counts w times but never agrees with themselves. An item drawn v times
 * enters v times. With every weight 1 the sums are those of the observed ratings, to the bit. */
#ifndef DSS_COMMON_WEIGHTS_H
#define DSS_COMMON_WEIGHTS_H

#include "sample.h"
#include "sums.h"

/* Draws n times from 0 .. n-1 and sets weight[0 .. n-1] to how often each came; to 1 for
 * DSS_RESAMPLE_NONE. Draw j has the random word j, so that all groups share their words. */
DSS_DEVICE static inline void dss_draw_weights(uint64_t seed, uint32_t purpose, uint64_t b,
                                               uint32_t n, uint32_t *weight) {
  for (uint32_t k = 0; k < n; k++)
    weight[k] = b == DSS_RESAMPLE_NONE;
  if (b == DSS_RESAMPLE_NONE) return;
  for (uint32_t j = 0; j < n; j += 4) {
    uint32_t words[4];
    dss_random_words(seed, purpose, b, j, words);
    for (uint32_t i = 0; i < 4 && i < n - j; i++)
      weight[dss_random_bounded(seed, purpose, b, j + i, n, words[i])]++;
  }
}

/* One question's ratings by one group X and its complement Y, item by item. X's raters are numbered
 * 0 .. n_x-1 in the plan's order, Y's n_x .. n_x+n_y-1. */
typedef struct dss_listing {
  uint32_t n_x, n_y;
  uint32_t n_question_items; /* items are drawn from all of the question's */
  uint32_t n_items;          /* those listed: the others add nothing to any sum */
  const uint32_t *item;      /* [n_items] numbers among the question's items */
  const uint64_t *begin;     /* [n_items + 1] item i's ratings are begin[i] .. begin[i+1]-1, */
  const uint64_t *middle;    /* [n_items] X's before middle[i], Y's from there */
  const uint32_t *rater;
  const uint8_t *code;
} dss_listing;

DSS_DEVICE static inline dss_side dss_weigh_side(const dss_listing *l, const uint32_t *weight,
                                                 uint64_t begin, uint64_t end, uint32_t n_levels,
                                                 uint32_t *count) {
  dss_side side = {count, 0, 0};
  for (uint32_t c = 0; c < n_levels; c++)
    count[c] = 0;
  for (uint64_t i = begin; i < end; i++) {
    uint32_t w = weight[l->rater[i]];
    count[l->code[i]] += w;
    side.total += w;
    side.squares += (uint64_t)w * w;
  }
  return side;
}

/* Adds every listed item under the weights. weight [n_x + n_y] of raters; times [n_question_items]
 * of items; count [2K] is scratch. */
DSS_DEVICE static inline void dss_listing_sums(const dss_listing *l, const dss_tables *t,
                                               const dss_sums_choice *choice,
                                               const uint32_t *weight, const uint32_t *times,
                                               uint32_t *count, dss_group_sums *sums) {
  for (uint32_t i = 0; i < l->n_items; i++) {
    uint32_t v = times[l->item[i]];
    if (v == 0) continue;
    dss_side x = dss_weigh_side(l, weight, l->begin[i], l->middle[i], t->n_levels, count);
    if (x.total == 0 && !choice->complement) continue;
    dss_side y =
        dss_weigh_side(l, weight, l->middle[i], l->begin[i + 1], t->n_levels, count + t->n_levels);
    dss_sums_add_sides(sums, t, choice, &x, &y, v);
  }
}

#endif
