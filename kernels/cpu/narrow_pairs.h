/* The narrow kernel on scales other than nominal: a sum for each pair of levels. A tile's weights
 * and counts by level become rows first; then as many pairs of levels are summed at once as
 * registers hold. */
#ifndef DSS_CPU_NARROW_PAIRS_H
#define DSS_CPU_NARROW_PAIRS_H

#include "narrow_sums.h"

/* A pair of items: weights, and counts by level. */
typedef struct narrow_row {
  v16 own[DSS_LIMBS], cross[DSS_LIMBS], x[2 * MOST_HALVES], y[2 * MOST_HALVES];
} narrow_row;

/* A tile's rows, and its margins. false: some m is larger than the case has it, and nothing was
 * held. */
DSS_INLINE bool fill_rows(const narrow_tile *t, const narrow_group *g, size_t quarter, int levels,
                          narrow_case of, narrow_row *rows) {
  size_t chunk = t->question->byte_pairs;
  int halves = halves_of(levels);
  v8 *single = held_of(t, g, quarter, levels) + t->question->slots.n_pairs * HELD_SUMS;
  v8 largest = {0};
  narrow_margins margins;
  start_margins(&margins, halves, single);
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    narrow_counts c = count_group(t, g, pair, levels, of.all_known);
    narrow_row *row = &rows[pair];
    if (of.most < 32) largest = larger_bytes(largest, (v8)c.m);
    own_weights(t, c.m, of, row->own);
    cross_weights(t, &c, pair, of, row->cross);
    exclude(&c, halves, of.alone, &margins);
    if ((pair + 1) % chunk == 0) take_missing(halves, &margins);
    for (int k = 0; k < levels; k++) {
      row->x[k] = words_of(c.x, k);
      row->y[k] = words_of(c.all, k) - row->x[k];
    }
  }
  if (of.most < 32 && any16(above16((v16)largest, broadcast16(of.most)))) return false;
  take_missing(halves, &margins);
  hold_margins(&margins, halves, single);
  if (of.alone && t->question->slots.x_count != SIZE_MAX && any16(margins.alone))
    take_alone(t, g, quarter, levels);
  return true;
}

/* Level a and `n` levels from b on. sums [n][HELD_SUMS]. */
DSS_INLINE void sum_level_pairs(const narrow_row *rows, size_t n_rows, int a, int b, int n,
                                bool exact, v32 *sums) {
  enum { MOST = 4 };
  int limbs = exact ? 1 : DSS_LIMBS, first = exact ? HELD_EXACT : 0;
  v32 own[MOST][DSS_LIMBS], cross[MOST][DSS_LIMBS];
  for (int i = 0; i < n; i++) {
    for (int l = 0; l < limbs; l++)
      own[i][l] = sums[i * HELD_SUMS + first + l];
    for (int l = 0; l < DSS_LIMBS; l++)
      cross[i][l] = sums[i * HELD_SUMS + DSS_LIMBS + l];
  }
  for (const narrow_row *r = rows; r < rows + n_rows; r++)
    for (int i = 0; i < n; i++) {
      v16 within = r->x[a] * r->x[b + i], between = r->x[a] * r->y[b + i] + r->x[b + i] * r->y[a];
      for (int l = 0; l < limbs; l++)
        own[i][l] = dot_words(own[i][l], r->own[l], within);
      for (int l = 0; l < DSS_LIMBS; l++)
        cross[i][l] = dot_words(cross[i][l], r->cross[l], between);
    }
  for (int i = 0; i < n; i++) {
    for (int l = 0; l < limbs; l++)
      sums[i * HELD_SUMS + first + l] = own[i][l];
    for (int l = 0; l < DSS_LIMBS; l++)
      sums[i * HELD_SUMS + DSS_LIMBS + l] = cross[i][l];
  }
}

/* As many pairs of levels at once as registers hold sums of: they share what is loaded of level a
 * and the weights. */
DSS_INLINE void sum_rows(const narrow_row *rows, size_t n_rows, int levels, bool exact, v32 *sums) {
  int most = DSS_VECTOR < 64 ? 2 : exact ? 4 : 3;
  for (int a = 0; a < levels; a++)
    for (int b = a + 1, n; b < levels; b += n, sums += n * HELD_SUMS) {
      n = levels - b < most ? levels - b : most;
      if (n == 4)
        sum_level_pairs(rows, n_rows, a, b, 4, exact, sums);
      else if (n == 3)
        sum_level_pairs(rows, n_rows, a, b, 3, exact, sums);
      else if (n == 2)
        sum_level_pairs(rows, n_rows, a, b, 2, exact, sums);
      else
        sum_level_pairs(rows, n_rows, a, b, 1, exact, sums);
    }
}

static __attribute__((noinline)) void sum_rows_exact(const narrow_row *rows, size_t n_rows,
                                                     int levels, v32 *sums) {
  sum_rows(rows, n_rows, levels, true, sums);
}

static __attribute__((noinline)) void sum_rows_limbs(const narrow_row *rows, size_t n_rows,
                                                     int levels, v32 *sums) {
  sum_rows(rows, n_rows, levels, false, sums);
}

DSS_INLINE bool sum_pairs(const narrow_tile *t, const narrow_group *g, size_t quarter, int levels,
                          narrow_case of) {
  narrow_row rows[TILE_PAIRS];
  v32 *sums = (v32 *)held_of(t, g, quarter, levels);
  if (!fill_rows(t, g, quarter, levels, of, rows)) return false;
  if (is_exact(of))
    sum_rows_exact(rows, t->n_pairs, levels, sums);
  else
    sum_rows_limbs(rows, t->n_pairs, levels, sums);
  return true;
}

#endif
