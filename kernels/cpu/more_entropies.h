/* What narrow_more.h sums of each item's shares: the group's entropy and plurality, and the
 * cross-entropy, in one loop over the pairs of a kind. */
#ifndef DSS_CPU_MORE_ENTROPIES_H
#define DSS_CPU_MORE_ENTROPIES_H

#include "more_rows.h"

/* Sums of so many pairs stay in 32 bits. Of some: m ratings are of at most m levels, which makes at
 * most m + 1 digits up to 2^11, and (m + 1) / m * 2^11 * 27720 * 2 * 8 < 2^31; the last digits are
 * those of the sum, m * 4.9 * 2^9, and so smaller. (Entropies add up over a tile: XL[1] is 0, which
 * leaves half as many digits.) Of many: 2^13 * 2^15 * 2 * 4. */
enum { SOME_PAIRS = 8, MANY_PAIRS = 4 };

/* Weights of up to DSS_MORE_SOME ratings, for what both sides rated. */
DSS_INLINE v16 shared_root(const dss_cpu_more *tables, const more_rows *rows, size_t pair,
                           v16 root) {
  return rows->shared == rows->m ? root : lookup_mod16(tables->root, rows->shared[pair]);
}

/* --- few, and some -------------------------------------------------------------------------- */

/* Level k of both items, 16 more for the second, mod 32. */
DSS_INLINE v16 some_at(const v8 *x, int k) {
  v16 both = (v16)(x[k / 2] | (v8)broadcast32(0x10100000));
  return k % 2 ? both >> 8 : both;
}

/* m LS[T - m] */
DSS_INLINE void start_cross(const narrow_tile *t, v16 m, size_t pair, v16 *logs) {
  size_t size = (size_t)t->question->pair_size[t->first_pair + pair] & 63;
  for (int d = 0; d < DSS_DIGITS; d++)
    logs[d] = lookup_mod16(t->question->more_tables->some_all[size][d], m);
}

/* Takes x XH[T_c - x] of two levels at once; an odd last one by itself. Places are mod 32. */
DSS_INLINE void take_two(const narrow_cross *cross, const v8 *x, int halves, v16 *logs) {
  for (int h = 0; h < halves; h++) {
    v16 at = dot_bytes(x[h], (v8)broadcast32((int32_t)0xfcff0401));
    for (int d = 0; d < DSS_DIGITS; d++)
      logs[d] -= lookup_mod32(cross->of_two[h][d], at);
  }
}

DSS_INLINE void take_levels(const narrow_cross *cross, const v8 *x, int levels, v16 *logs) {
  for (int k = 0; k < levels; k++)
    for (int d = 0; d < DSS_DIGITS; d++)
      logs[d] -= lookup_mod32(cross->logs[k][d], some_at(x, k));
}

DSS_INLINE void add_logs(v32 *sums, const v16 *logs, v16 root) {
  for (int d = 0; d < DSS_DIGITS; d++)
    sums[d] = dot_words(sums[d], logs[d], root);
}

/* low: no level of the set's pairs that is looked up with another has more than DSS_MORE_LOW
 * ratings. */
DSS_INLINE void sum_few(const narrow_tile *t, int levels, more_wanted want, bool low,
                        const more_rows *rows, more_set set, more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels);
  v32 own[DSS_DIGITS] = {{0}}, most[DSS_DIGITS] = {{0}};
  while (set) {
    v32 cross[DSS_DIGITS] = {{0}};
    for (int i = 0; set && i < SOME_PAIRS; i++) {
      size_t pair = next_pair(&set);
      v8 x[MOST_HALVES] = {{0}}, shares = {0};
      v16 m = rows->m[pair], root = lookup_mod16(tables->root, m), logs[DSS_DIGITS];
      counts_at(rows, pair, halves, x);
      for (int h = 0; h < halves; h++)
        shares += lookup_bytes16(tables->hash, x[h]);
      v16 at = dot_bytes(shares, (v8){0} + 1);
      for (int d = 0; want.entropy && d < DSS_DIGITS; d++)
        own[d] = dot_words(own[d], lookup_mod64(tables->few[d], at), root);
      if (want.plurality)
        most[DSS_DIGITS - 1] =
            dot_words(most[DSS_DIGITS - 1], lookup_mod64(tables->few_most, at), root);
      if (!want.cross) continue;
      start_cross(t, m, pair, logs);
      if (low)
        take_two(&t->cross[pair], x, halves, logs);
      else
        take_levels(&t->cross[pair], x, levels, logs);
      add_logs(cross, logs, shared_root(tables, rows, pair, root));
    }
    if (want.cross) add_signed(cross, DSS_SOME_BITS, held->cross_entropy[1]);
  }
  if (want.entropy) add_digits(own, DSS_DIGITS, DSS_SOME_BITS, held->entropy[1]);
  if (want.plurality) add_digits(most, DSS_DIGITS, DSS_MANY_BITS, held->plurality);
}

DSS_INLINE void sum_some(const narrow_tile *t, int levels, more_wanted want, const more_rows *rows,
                         more_set set, more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels);
  v32 own[DSS_DIGITS] = {{0}}, most[DSS_DIGITS] = {{0}}; /* the last: units of 2^26 */
  while (set) {
    v32 cross[DSS_DIGITS] = {{0}};
    for (int i = 0; set && i < SOME_PAIRS; i++) {
      size_t pair = next_pair(&set);
      v8 x[MOST_HALVES] = {{0}};
      v16 m = rows->m[pair], root = lookup_mod16(tables->root, m), logs[DSS_DIGITS];
      counts_at(rows, pair, halves, x);
      if (want.plurality)
        most[DSS_DIGITS - 1] = dot_words(most[DSS_DIGITS - 1], (v16)most_of(x, halves) & 255, root);
      if (want.entropy) {
        for (int d = 0; d < DSS_DIGITS; d++)
          logs[d] = lookup_mod16(tables->some[d], m);
        for (int k = 0; k < levels; k++)
          for (int d = 0; d < DSS_DIGITS; d++)
            logs[d] -= lookup_mod16(tables->some[d], some_at(x, k));
        add_logs(own, logs, root);
      }
      if (!want.cross) continue;
      start_cross(t, m, pair, logs);
      take_levels(&t->cross[pair], x, levels, logs);
      add_logs(cross, logs, shared_root(tables, rows, pair, root));
    }
    if (want.cross) add_signed(cross, DSS_SOME_BITS, held->cross_entropy[1]);
  }
  if (want.entropy) add_signed(own, DSS_SOME_BITS, held->entropy[1]);
  if (want.plurality) add_digits(most, DSS_DIGITS, DSS_MANY_BITS, held->plurality);
}

/* --- many ------------------------------------------------------------------------------------ */

/* Logarithms of many times all digits of their weights: by digit of the weight. */
typedef struct more_products {
  v32 sums[DSS_DIGITS][DSS_DIGITS];
  v64 wide[DSS_DIGITS][2];
} more_products;

DSS_INLINE void multiply_many(const v16 *weight, v16 *logs, more_products *p) {
  carry_digits(logs, DSS_MANY_BITS);
  for (int w = 0; w < DSS_DIGITS; w++)
    for (int d = 0; d < DSS_DIGITS; d++)
      p->sums[w][d] = dot_words(p->sums[w][d], logs[d], weight[w]);
}

DSS_INLINE void widen_many(more_products *p) {
  for (int w = 0; w < DSS_DIGITS; w++) {
    v64 wide[2];
    join_digits(p->sums[w], DSS_DIGITS, DSS_MANY_BITS, wide);
    for (int i = 0; i < 2; i++)
      p->wide[w][i] += wide[i];
    for (int d = 0; d < DSS_DIGITS; d++)
      p->sums[w][d] = (v32){0};
  }
}

/* Digits of the weight stand for 1, 2^13, 2^26; sums for 1, 2^26. */
DSS_INLINE void put_many(const more_products *p, v64 sums[2][2]) {
  const uint64_t low = ((uint64_t)1 << DSS_MANY_BITS) - 1;
  for (int i = 0; i < 2; i++) {
    v64 lowest = p->wide[0][i] + ((p->wide[1][i] & low) << DSS_MANY_BITS);
    sums[0][i] += lowest & (((uint64_t)1 << DSS_PRODUCT_BITS) - 1);
    sums[1][i] += p->wide[2][i] + (p->wide[1][i] >> DSS_MANY_BITS) + (lowest >> DSS_PRODUCT_BITS);
  }
}

DSS_INLINE void weights_of_many(const dss_cpu_more *tables, v16 m, bool under_32, v16 *weight) {
  for (int w = 0; w < DSS_DIGITS; w++)
    weight[w] = lookup(tables->weight[w], m, under_32);
}

/* XL[m] - sum over c of XL[x_c]; under_32: no m is larger than 31. */
DSS_INLINE void own_logs(const dss_cpu_more *tables, const v8 *x, v16 m, int levels, bool under_32,
                         v16 *logs) {
  for (int d = 0; d < DSS_DIGITS; d++) {
    logs[d] = lookup(tables->many[d], m, under_32);
    for (int k = 0; k < levels; k++)
      logs[d] -= lookup(tables->many[d], words_of(x, k), under_32);
  }
}

/* m LS[T - m] - sum over c of x_c XH[T_c - x_c] */
DSS_INLINE void cross_logs(const narrow_tile *t, const v8 *x, v16 m, size_t pair, int levels,
                           bool under_32, v16 *logs) {
  const dss_cpu_more *tables = t->question->more_tables;
  size_t at = t->first_pair + pair, size = (size_t)t->question->pair_size[at] & 63;
  const uint8_t *level = (const uint8_t *)&t->question->pair_level[at * (size_t)HALVES(levels)];
  for (int d = 0; d < DSS_DIGITS; d++) {
    logs[d] = lookup(tables->many_all[size][d], m, under_32);
    for (int k = 0; k < levels; k++) {
      const uint8_t *all = &level[k / 2 * 4 + k % 2];
      logs[d] -= lookup_pair(tables->many_cross[all[0]][d], tables->many_cross[all[2]][d],
                             words_of(x, k), under_32);
    }
  }
}

/* under_32: of all pairs in the set. */
DSS_INLINE void sum_own_of_many(const narrow_tile *t, int levels, more_wanted want, bool under_32,
                                const more_rows *rows, more_set set, more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels);
  more_products own = {.sums = {{{0}}}};
  v32 most[DSS_DIGITS] = {{0}};
  while (set) {
    for (int i = 0; set && i < MANY_PAIRS; i++) {
      size_t pair = next_pair(&set);
      v8 x[MOST_HALVES] = {{0}};
      v16 m = rows->m[pair], weight[DSS_DIGITS], logs[DSS_DIGITS];
      counts_at(rows, pair, halves, x);
      weights_of_many(tables, m, under_32, weight);
      if (want.plurality) add_logs(most, weight, (v16)most_of(x, halves) & 255);
      if (!want.entropy) continue;
      own_logs(tables, x, m, levels, under_32, logs);
      multiply_many(weight, logs, &own);
    }
    if (want.entropy) widen_many(&own);
  }
  if (want.entropy) put_many(&own, held->entropy);
  if (want.plurality) add_digits(most, DSS_DIGITS, DSS_MANY_BITS, held->plurality);
}

DSS_INLINE void sum_cross_of_many(const narrow_tile *t, int levels, bool under_32,
                                  const more_rows *rows, more_set set, more_sums *held) {
  more_products cross = {.sums = {{{0}}}};
  while (set) {
    for (int i = 0; set && i < MANY_PAIRS; i++) {
      size_t pair = next_pair(&set);
      v8 x[MOST_HALVES] = {{0}};
      v16 m = rows->shared[pair], weight[DSS_DIGITS], logs[DSS_DIGITS];
      counts_at(rows, pair, HALVES(levels), x);
      weights_of_many(t->question->more_tables, m, under_32, weight);
      cross_logs(t, x, m, pair, levels, under_32, logs);
      multiply_many(weight, logs, &cross);
    }
    widen_many(&cross);
  }
  put_many(&cross, held->cross_entropy);
}

/* Two loops, whose sums have room in registers. */
DSS_INLINE void sum_many(const narrow_tile *t, int levels, more_wanted want, bool under_32,
                         const more_rows *rows, more_set set, more_sums *held) {
  if (want.entropy || want.plurality) sum_own_of_many(t, levels, want, under_32, rows, set, held);
  if (want.cross) sum_cross_of_many(t, levels, under_32, rows, set, held);
}

/* --- a tile -------------------------------------------------------------------------------- */

/* An item's places in the tables of two levels at a time, from those of the one and of the other;
 * or of the last level alone. */
static void fill_two(const dss_cpu_more *tables, unsigned item, const uint8_t *level, bool alone,
                     int16_t (*of_two)[32]) {
  for (size_t d = 0; d < DSS_DIGITS; d++) {
    const int16_t *a = tables->of_two[item][0][level[0]][d],
                  *b = tables->of_two[item][1][level[1]][d];
    int16_t *to = &of_two[d][16 * item];
    if (alone) memcpy(to, tables->of_one[item][level[0]][d], 16 * sizeof *to);
    for (size_t i = 0; !alone && i < 16; i++)
      to[i] = (int16_t)(a[i] + b[i]);
  }
}

/* A tile's tables x XH[T_c - x] of some, the first item's by x, the second's by x + 16; and of two
 * levels. */
static void fill_cross(const narrow_tile *t, int halves, narrow_cross *cross) {
  const dss_cpu_more *tables = t->question->more_tables;
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    size_t at = (t->first_pair + pair) * (size_t)halves;
    const uint8_t *level = (const uint8_t *)&t->question->pair_level[at];
    for (size_t k = 0; k < t->question->tables->n_levels; k++)
      for (size_t d = 0; d < DSS_DIGITS; d++)
        for (size_t item = 0; item < 2; item++)
          memcpy(&cross[pair].logs[k][d][16 * item],
                 tables->some_cross[level[k / 2 * 4 + k % 2 + 2 * item]][d], 16 * sizeof(int16_t));
    for (size_t h = 0; h < (size_t)halves; h++)
      for (unsigned item = 0; item < 2; item++)
        fill_two(tables, item, &level[4 * h + 2 * item], 2 * h + 1 == t->question->tables->n_levels,
                 cross[pair].of_two[h]);
  }
}

DSS_INLINE void sum_wanted(const narrow_tile *t, int levels, more_wanted want,
                           const more_rows *rows, more_sums *held) {
  more_set few = rows->all & ~rows->over_few, some = rows->over_few & ~rows->many;
  more_set high = want.cross ? few & rows->over_low : 0, low = few & ~high;
  if (low) sum_few(t, levels, want, true, rows, low, held);
  if (high) sum_few(t, levels, want, false, rows, high, held);
  if (some) sum_some(t, levels, want, rows, some, held);
  more_set under_32 = rows->many & ~rows->over_31;
  if (under_32) sum_many(t, levels, want, true, rows, under_32, held);
  if (rows->over_31) sum_many(t, levels, want, false, rows, rows->over_31, held);
}

/* Together or one by one: the loops are for what the compiler knows is wanted. */
DSS_INLINE void sum_entropies(const narrow_tile *t, int levels, more_wanted want,
                              const more_rows *rows, more_sums *held) {
  if (want.entropy && want.plurality && want.cross) {
    sum_wanted(t, levels, (more_wanted){true, true, true, false}, rows, held);
    return;
  }
  if (want.entropy) sum_wanted(t, levels, (more_wanted){.entropy = true}, rows, held);
  if (want.plurality) sum_wanted(t, levels, (more_wanted){.plurality = true}, rows, held);
  if (want.cross) sum_wanted(t, levels, (more_wanted){.cross = true}, rows, held);
}

#endif
