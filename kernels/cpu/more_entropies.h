/* The two entropies of narrow_more.h, and the plurality of few ratings, which their shares tell. */
#ifndef DSS_CPU_MORE_ENTROPIES_H
#define DSS_CPU_MORE_ENTROPIES_H

#include "more_rows.h"

/* And plurality, which the shares tell too. */
DSS_INLINE void shares_of_few(const narrow_tile *t, int levels, bool entropy, bool plurality,
                              const more_rows *rows, more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels);
  v32 sums[DSS_DIGITS] = {{0}}, most[DSS_DIGITS] = {{0}};
  for (uint32_t i = 0; i < rows->few.n; i++) {
    size_t pair = rows->few.pair[i];
    v8 x[MOST_HALVES] = {{0}};
    counts_at(rows, pair, halves, x);
    v8 shares = {0};
    for (int h = 0; h < halves; h++)
      shares += lookup_bytes16(tables->hash, x[h]);
    v16 at = dot_bytes(shares, (v8){0} + 1), root = lookup_mod32(tables->root, rows->m[pair]);
    for (int d = 0; entropy && d < DSS_DIGITS; d++)
      sums[d] = dot_words(sums[d], lookup_mod64(tables->few[d], at), root);
    if (plurality)
      most[DSS_DIGITS - 1] =
          dot_words(most[DSS_DIGITS - 1], lookup_mod64(tables->few_most, at), root);
  }
  if (entropy) add_digits(sums, DSS_DIGITS, DSS_SOME_BITS, held->entropy[1]);
  if (plurality) add_digits(most, DSS_DIGITS, DSS_MANY_BITS, held->plurality);
}

/* Level k of both items, 16 more for the second, mod 32. */
DSS_INLINE v16 some_at(const v8 *x, int k) {
  v16 both = (v16)(x[k / 2] | (v8)broadcast32(0x10100000));
  return k % 2 ? both >> 8 : both;
}

DSS_INLINE void entropy_of_some(const narrow_tile *t, int levels, const more_rows *rows,
                                more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels);
  v32 sums[DSS_DIGITS] = {{0}};
  for (uint32_t i = 0; i < rows->some.n; i++) {
    size_t pair = rows->some.pair[i];
    v8 x[MOST_HALVES] = {{0}};
    counts_at(rows, pair, halves, x);
    v16 logs[DSS_DIGITS], root = lookup_mod32(tables->root, rows->m[pair]);
    for (int d = 0; d < DSS_DIGITS; d++)
      logs[d] = lookup_mod32(tables->some[d], rows->m[pair]);
    for (int k = 0; k < levels; k++)
      for (int d = 0; d < DSS_DIGITS; d++)
        logs[d] -= lookup_mod32(tables->some[d], some_at(x, k));
    carry_digits(logs, DSS_SOME_BITS);
    for (int d = 0; d < DSS_DIGITS; d++)
      sums[d] = dot_words(sums[d], logs[d], root);
  }
  add_digits(sums, DSS_DIGITS, DSS_SOME_BITS, held->entropy[1]);
}

/* Sums of so many pairs stay in 32 bits: 2^12 * 27720 * 2 * 8 < 2^31, and 2^13 * 27720 * 2 * 4. */
enum { SOME_PAIRS = 8, MANY_PAIRS = 4 };

DSS_INLINE void cross_entropy_of_some(const narrow_tile *t, int levels, const more_rows *rows,
                                      more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels);
  for (uint32_t i = 0; i < rows->small.n;) {
    uint32_t end = rows->small.n - i < SOME_PAIRS ? rows->small.n : i + SOME_PAIRS;
    v32 sums[DSS_DIGITS] = {{0}};
    for (; i < end; i++) {
      size_t pair = rows->small.pair[i];
      v8 x[MOST_HALVES] = {{0}};
      counts_at(rows, pair, halves, x);
      v16 logs[DSS_DIGITS], root = lookup_mod32(tables->root, rows->shared[pair]);
      size_t size = (size_t)t->question->pair_size[t->first_pair + pair] & 63;
      for (int d = 0; d < DSS_DIGITS; d++)
        logs[d] = lookup_mod32(tables->some_all[size][d], rows->shared[pair]);
      for (int k = 0; k < levels; k++)
        for (int d = 0; d < DSS_DIGITS; d++)
          logs[d] -= lookup_mod32(t->cross[pair].logs[k][d], some_at(x, k));
      carry_digits(logs, DSS_SOME_BITS);
      for (int d = 0; d < DSS_DIGITS; d++)
        sums[d] = dot_words(sums[d], logs[d], root);
    }
    add_digits(sums, DSS_DIGITS, DSS_SOME_BITS, held->cross_entropy[1]);
  }
}

/* Logarithms of many times all digits of their weights: by digit of the weight. */
typedef struct more_products {
  v32 sums[DSS_DIGITS][DSS_DIGITS];
  v64 wide[DSS_DIGITS][2];
} more_products;

DSS_INLINE void multiply_many(const dss_cpu_more *tables, v16 *logs, v16 m, more_products *p) {
  carry_digits(logs, DSS_MANY_BITS);
  for (int w = 0; w < DSS_DIGITS; w++) {
    v16 weight = lookup_mod64(tables->weight[w], m);
    for (int d = 0; d < DSS_DIGITS; d++)
      p->sums[w][d] = dot_words(p->sums[w][d], logs[d], weight);
  }
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

DSS_INLINE void entropy_of_many(const narrow_tile *t, int levels, const more_rows *rows,
                                more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels);
  more_products products = {.sums = {{{0}}}};
  for (uint32_t i = 0; i < rows->many.n; i++) {
    size_t pair = rows->many.pair[i];
    v8 x[MOST_HALVES] = {{0}};
    counts_at(rows, pair, halves, x);
    v16 logs[DSS_DIGITS];
    for (int d = 0; d < DSS_DIGITS; d++) {
      logs[d] = lookup_mod64(tables->many[d], rows->m[pair]);
      for (int k = 0; k < levels; k++)
        logs[d] -= lookup_mod64(tables->many[d], words_of(x, k));
    }
    multiply_many(tables, logs, rows->m[pair], &products);
    if ((i + 1) % MANY_PAIRS == 0) widen_many(&products);
  }
  widen_many(&products);
  put_many(&products, held->entropy);
}

/* m LS[T - m] - sum over c of x_c XH[T_c - x_c]; under_32: no m is larger than 31. */
DSS_INLINE void cross_logs_of_many(const narrow_tile *t, const v8 *x, v16 m, size_t pair,
                                   int levels, bool under_32, v16 *logs) {
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

DSS_INLINE void cross_entropy_of_many(const narrow_tile *t, int levels, const more_rows *rows,
                                      more_sums *held) {
  const dss_cpu_more *tables = t->question->more_tables;
  int halves = HALVES(levels);
  more_products products = {.sums = {{{0}}}};
  for (uint32_t i = 0; i < rows->many.n; i++) {
    size_t pair = rows->many.pair[i];
    v8 x[MOST_HALVES] = {{0}};
    counts_at(rows, pair, halves, x);
    v16 logs[DSS_DIGITS];
    if (any16(above16(rows->m[pair], broadcast16(31))))
      cross_logs_of_many(t, x, rows->shared[pair], pair, levels, false, logs);
    else
      cross_logs_of_many(t, x, rows->shared[pair], pair, levels, true, logs);
    multiply_many(tables, logs, rows->shared[pair], &products);
    if ((i + 1) % MANY_PAIRS == 0) widen_many(&products);
  }
  widen_many(&products);
  put_many(&products, held->cross_entropy);
}

/* A tile's tables x XH[T_c - x] of some, the first item's by x, the second's by x + 16. */
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
  }
}

DSS_INLINE void sum_entropies(const narrow_tile *t, int levels, const dss_sums_choice *choice,
                              const more_rows *rows, more_sums *held) {
  if (choice->entropy) {
    if (rows->some.n > 0) entropy_of_some(t, levels, rows, held);
    if (rows->many.n > 0) entropy_of_many(t, levels, rows, held);
  }
  if (choice->cross_entropy) {
    if (rows->small.n > 0) cross_entropy_of_some(t, levels, rows, held);
    if (rows->many.n > 0) cross_entropy_of_many(t, levels, rows, held);
  }
}

#endif
