#include "more_tables.h"

#include <stdlib.h>
#include <string.h>

/* Sums over an item's levels, mod 64, tell apart all 45 shares of up to DSS_MORE_FEW ratings among
 * as many levels. Found by search; a test goes through them all. */
static const uint8_t hash[16] = {0, 1, 8, 26, 37, 47, 14, 20};

/* Into digits [DSS_DIGITS][stride] of so many bits, of which the last, mod 2^16, takes the rest. */
static void cut(int64_t number, unsigned bits, bool balanced, int16_t *digits, size_t stride) {
  int64_t half = balanced ? (int64_t)1 << (bits - 1) : 0, mask = ((int64_t)1 << bits) - 1;
  for (unsigned d = 0; d + 1 < DSS_DIGITS; d++) {
    int64_t digit = ((number + half) & mask) - half;
    digits[d * stride] = (int16_t)digit;
    number = (number - digit) >> bits;
  }
  digits[(DSS_DIGITS - 1) * stride] = (int16_t)number;
}

static void fill_weights(const dss_tables *t, uint32_t most, dss_cpu_more *more) {
  for (uint32_t m = 1; m <= most; m++) {
    cut((int64_t)t->weight[m], DSS_MANY_BITS, false, &more->weight[0][m], 64);
    if (m > 1) cut((int64_t)t->weight[m - 1], DSS_MANY_BITS, false, &more->others[0][m], 64);
    if (m <= DSS_MORE_SOME) more->root[m] = DSS_WEIGHT_ROOT / (int)m;
  }
}

static void cut_vote(uint64_t vote, int16_t (*digits)[64], uint32_t at) {
  for (unsigned d = 0; d < DSS_VOTE_DIGITS; d++) {
    uint64_t digit = vote >> DSS_VOTE_DIGIT_BITS * d & 63;
    digits[d][at] = (int16_t)digit;
  }
}

static void fill_votes(const dss_tables *tables, bool skip_ties, dss_cpu_more *more) {
  uint32_t most = tables->n_levels < DSS_MORE_LEVELS ? tables->n_levels : DSS_MORE_LEVELS;
  more->vote = most < DSS_MORE_LEVELS ? 60 : 420;
  more->vote_digits = most < DSS_MORE_LEVELS ? 1 : 2;
  for (uint32_t t = 1; t <= (skip_ties ? 1 : most); t++) {
    more->votes[t] = 255;
    for (unsigned d = 0; d < DSS_VOTE_DIGITS; d++)
      more->vote_of[d][t] = (uint8_t)(more->vote / t >> DSS_VOTE_DIGIT_BITS * d & 63);
  }
  for (uint32_t x = 1; x <= most; x++)
    for (uint32_t y = 1; y <= most; y++) {
      if (skip_ties && (x > 1 || y > 1)) continue;
      cut_vote(more->vote / x, more->x_vote, x + 8 * y);
      cut_vote(more->vote / y, more->y_vote, x + 8 * y);
    }
}

/* A share of so many ratings, found so far: what is left of them for so many levels with at most
 * `next` each; the largest count; the sum of hash; XL[m] less the XL[n_c];
 * w[m] / 2^26. */
typedef struct share {
  uint32_t left, levels, next, most, at;
  int64_t logs;
  int16_t root;
} share;

static void fill_few(const dss_tables *t, share s, dss_cpu_more *more) {
  if (s.left == 0) {
    cut(s.logs, DSS_SOME_BITS, false, &more->few[0][s.at % 64], 64);
    more->few_most[s.at % 64] = (int16_t)s.most;
    more->few_root[s.at % 64] = s.root;
  }
  if (s.left == 0 || s.levels == 0) return;
  for (uint32_t n = 1; n <= s.left && n <= s.next; n++) {
    share next = {s.left - n,
                  s.levels - 1,
                  n,
                  s.most > n ? s.most : n,
                  s.at + hash[n],
                  s.logs - t->count_log[n],
                  s.root};
    fill_few(t, next, more);
  }
}

static void fill_logs(const dss_tables *t, uint32_t most, dss_cpu_more *more) {
  memcpy(more->hash, hash, sizeof hash);
  for (uint32_t m = 1; m <= most; m++) {
    if (m <= DSS_MORE_FEW) {
      const share whole = {m, t->n_levels, m, 0, 0, t->count_log[m], more->root[m]};
      fill_few(t, whole, more);
    }
    if (m <= DSS_MORE_SOME) {
      cut(t->count_log[m], DSS_SOME_BITS, true, &more->some[0][m], 32);
      cut(t->count_log[m], DSS_SOME_BITS, true, &more->some[0][m + 16], 32);
    }
    cut(t->count_log[m], DSS_MANY_BITS, true, &more->many[0][m], 64);
  }
  for (uint32_t all = 1; all <= most; all++)
    for (uint32_t x = 1; x <= all; x++) {
      int64_t item = x * t->smoothed_log[all - x], level = x * t->half_log[all - x];
      if (x <= DSS_MORE_SOME) {
        cut(item, DSS_SOME_BITS, true, &more->some_all[all][0][x], 32);
        cut(level, DSS_SOME_BITS, true, &more->some_cross[all][0][x], 16);
      }
      cut(item, DSS_MANY_BITS, true, &more->many_all[all][0][x], 64);
      cut(level, DSS_MANY_BITS, true, &more->many_cross[all][0][x], 64);
    }
}

static void fill_two(dss_cpu_more *more) {
  for (size_t all = 0; all < 64; all++)
    for (size_t d = 0; d < DSS_DIGITS; d++)
      for (uint32_t i = 0; i < 16; i++) {
        const int16_t *level = more->some_cross[all][d];
        more->of_one[0][all][d][i] = level[i];
        more->of_one[1][all][d][i] = level[(16 - i) % 16];
        for (unsigned item = 0; item < 2; item++)
          for (unsigned which = 0; which < 2; which++)
            more->of_two[item][which][all][d][i] = level[dss_cpu_low_count(item, which, i)];
      }
}

dss_cpu_more *dss_cpu_more_make(const dss_tables *tables, bool skip_ties) {
  dss_cpu_more *more = aligned_alloc(64, sizeof *more);
  uint32_t most = tables->max_unit < DSS_MORE_UNIT ? tables->max_unit : DSS_MORE_UNIT;
  if (!more) return NULL;
  memset(more, 0, sizeof *more);
  fill_weights(tables, most, more);
  fill_votes(tables, skip_ties, more);
  fill_logs(tables, most, more);
  fill_two(more);
  return more;
}
