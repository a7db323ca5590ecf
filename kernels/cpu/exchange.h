/* What profiles.c needs by vectors: draws, and labels of a block of resamples side by side. */
#ifndef DSS_CPU_EXCHANGE_H
#define DSS_CPU_EXCHANGE_H

#include <string.h>

#include "lanes.h"
#include "slots.h"
#include "vectors.h"

/* --- draws --------------------------------------------------------------------------------- */

enum { CALLS = DSS_VECTOR / 8 };

enum { ROUNDS = 10 };

/* The keys of all rounds, ready to be loaded into every lane. */
static void philox_keys(uint64_t seed, uint64_t keys[ROUNDS][2]) {
  uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  for (int round = 0; round < ROUNDS; round++) {
    keys[round][0] = key[0];
    keys[round][1] = key[1];
    key[0] += PHILOX_W32_0;
    key[1] += PHILOX_W32_1;
  }
}

/* As many calls of Philox4x32-10 at once, in the low halves of 64 bits; what is left in the high
 * halves the multiplication ignores. Random123's dss_random_word is the judge (parity tests). */
DSS_INLINE void philox(uint64_t keys[ROUNDS][2], v64 word[4]) {
  for (int round = 0; round < ROUNDS; round++) {
    v64 low = multiply32(word[0], (v64){0} + PHILOX_M4x32_0);
    v64 high = multiply32(word[2], (v64){0} + PHILOX_M4x32_1);
    word[0] = high >> 32 ^ word[1] ^ keys[round][0];
    word[2] = low >> 32 ^ word[3] ^ keys[round][1];
    word[1] = high;
    word[3] = low;
  }
}

/* Words that Lemire's draw might reject, about one in 2^32 / n: the whole draw is made again. */
static void draw_again(const dss_cpu_draws *draws, uint64_t b, uint32_t *drawn) {
  const dss_exchange *e = draws->exchange;
  size_t calls = dss_cpu_calls(e->n_raters);
  for (uint32_t i = 0; i < e->n_raters; i++) {
    size_t at = (i % 4) * calls + i / 4;
    drawn[i] = (uint32_t)draws->first[at] +
               dss_random_below(e->seed, DSS_PURPOSE_PERMUTATION, b, i, (uint32_t)draws->bound[at]);
  }
}

static void draw(const dss_cpu_draws *draws, uint64_t b, uint32_t *drawn) {
  const dss_exchange *e = draws->exchange;
  size_t calls = dss_cpu_calls(e->n_raters);
  uint64_t keys[ROUNDS][2];
  v64 doubtful = {0}, numbers;
  philox_keys(e->seed, keys);
  for (size_t i = 0; i < CALLS; i++)
    numbers[i] = i;
  for (size_t call = 0; call < calls; call += CALLS) {
    v64 word[4] = {numbers + call, (v64){0} + ((uint64_t)DSS_PURPOSE_PERMUTATION << 16),
                   (v64){0} + (b & UINT32_MAX), (v64){0} + (b >> 32)};
    v64 made[4];
    philox(keys, word);
    for (size_t i = 0; i < 4; i++) {
      v64 bound, first;
      memcpy(&bound, &draws->bound[i * calls + call], sizeof bound);
      memcpy(&first, &draws->first[i * calls + call], sizeof first);
      v64 product = multiply32(word[i], bound);
      doubtful |= (v64)((product & UINT32_MAX) < bound);
      made[i] = (product >> 32) + first;
    }
    v64 even = made[0] | made[1] << 32, odd = made[2] | made[3] << 32;
    for (size_t i = 0; i < CALLS; i++) {
      uint64_t pairs[2] = {even[i], odd[i]};
      memcpy(&drawn[4 * (call + i)], pairs, sizeof pairs);
    }
  }
  uint64_t any = 0;
  for (size_t i = 0; i < CALLS; i++)
    any |= doubtful[i];
  if (any) draw_again(draws, b, drawn);
}

/* --- labels --------------------------------------------------------------------------------- */

enum { WORDS = DSS_VECTOR / 4 };

/* One base's labels of WORDS raters in four lanes, from the four lanes' words. */
DSS_INLINE v32u four_labels(const uint32_t *words, size_t stride, unsigned shift) {
  v32u four = {0};
  for (unsigned lane = 0; lane < 4; lane++) {
    v32u word;
    memcpy(&word, &words[lane * stride], sizeof word);
    four |= (word >> shift & UINT8_MAX) << 8 * lane;
  }
  return four;
}

/* From words, lane by lane, to labels, rater by rater. */
static void put_labels(const dss_cpu_layout *layout, dss_cpu_scratch *s) {
  size_t n_raters = layout->plan->exchange.n_raters, stride = dss_cpu_words(n_raters);
  const uint32_t *order = layout->plan->exchange.order;
  for (size_t b = 0; b < layout->n_bases; b++) {
    const uint32_t *words = &s->words[b / DSS_WORD_BASES * DSS_LANES * stride];
    uint8_t *labels = &s->labels[b * n_raters * DSS_LANES];
    for (size_t i = 0; i < n_raters; i += WORDS) {
      v32u fours[DSS_LANES / 4];
      for (size_t k = 0; k < DSS_LANES / 4; k++)
        fours[k] = four_labels(&words[4 * k * stride + i], stride, 8 * (b % DSS_WORD_BASES));
      for (size_t n = 0; n < WORDS && i + n < n_raters; n++) {
        uint8_t *to = &labels[order[i + n] * DSS_LANES];
        for (size_t k = 0; k < DSS_LANES / 4; k++, to += 4) {
          uint32_t four = fours[k][n];
          memcpy(to, &four, sizeof four);
        }
      }
    }
  }
}

#endif
