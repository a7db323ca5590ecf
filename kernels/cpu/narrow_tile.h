/* How the narrow kernel makes a tile's rows: those of cells by counting, the others as sums. */
#ifndef DSS_CPU_NARROW_TILE_H
#define DSS_CPU_NARROW_TILE_H

#include "narrow_counts.h"

/* --- cells --------------------------------------------------------------------------------------
 *
 * A vector of counts has two levels of two items: four lists of ratings. Lists are counted as
 * nibbles, 15 ratings in a layer, and turned round as such, two cells at a time. */
enum { LISTS = 4, LAYERS = (DSS_NARROW_UNIT + NIBBLE_MOST - 1) / NIBBLE_MOST };

typedef struct narrow_runs {
  v8 *runs;    /* [stored][LAYERS][LISTS][size] */
  size_t size; /* nibble_vectors */
  int n_layers[MOST_STORED];
} narrow_runs;

DSS_INLINE v8 *run_of(const narrow_runs *r, size_t stored, int layer, size_t list) {
  return &r->runs[((stored * LAYERS + (size_t)layer) * LISTS + list) * r->size];
}

/* List 0 and 1: the first item's two levels; 2 and 3: the second's. Empty beyond the levels. */
static const uint32_t *list_of(const narrow_tile *t, size_t pair, size_t stored, size_t list,
                               size_t *n) {
  const dss_cpu_question *q = t->question;
  size_t levels = q->tables->n_levels, level = 2 * stored + list % 2;
  size_t item = 2 * (t->first_pair + pair) + list / 2;
  const uint64_t *ptr = &q->level_ptr[item * levels + level];
  *n = level < levels ? ptr[1] - ptr[0] : 0;
  return level < levels ? &q->rater[ptr[0]] : q->rater;
}

/* All lists of a pair of items. */
static void count_lists(const narrow_tile *t, const uint8_t *labels, size_t pair, narrow_runs *r) {
  for (size_t i = 0; i < t->stored; i++) {
    const uint32_t *rater[LISTS];
    size_t n[LISTS], most = 0;
    for (size_t k = 0; k < LISTS; k++) {
      rater[k] = list_of(t, pair, i, k, &n[k]);
      if (n[k] > most) most = n[k];
    }
    r->n_layers[i] = (int)((most + NIBBLE_MOST - 1) / NIBBLE_MOST);
    for (int layer = 0; layer < r->n_layers[i]; layer++)
      for (size_t k = 0; k < LISTS; k++) {
        size_t now = n[k] < NIBBLE_MOST ? n[k] : NIBBLE_MOST;
        v8 *run = run_of(r, i, layer, k);
        if (now > 0)
          count_nibbles(labels, rater[k], now, t->n_cells, run);
        else
          memset(run, 0, r->size * sizeof *run);
        rater[k] += now;
        n[k] -= now;
      }
  }
}

/* Bytes of the lists' nibbles, interleaved for the four quarters, of two cells. */
DSS_INLINE void interleave(const narrow_runs *r, size_t stored, size_t at, v8 counts[2][QUARTERS]) {
  v8 low = (v8){0} + 15;
  for (int q = 0; q < QUARTERS; q++)
    counts[0][q] = counts[1][q] = (v8){0};
  for (int layer = 0; layer < r->n_layers[stored]; layer++) {
    const v8 *run = run_of(r, stored, layer, 0) + at;
    v8 a = run[0], b = run[r->size], c = run[2 * r->size], d = run[3 * r->size];
    v16 first[2] = {(v16)unpack_low8(a, b), (v16)unpack_high8(a, b)};
    v16 second[2] = {(v16)unpack_low8(c, d), (v16)unpack_high8(c, d)};
    for (int q = 0; q < QUARTERS; q++) {
      v16 both = q % 2 ? unpack_high16(first[q / 2], second[q / 2])
                       : unpack_low16(first[q / 2], second[q / 2]);
      counts[0][q] += (v8)both & low;
      counts[1][q] += (v8)((v16u)both >> 4) & low;
    }
  }
}

/* One vector of two cells for all quarters; next: the second cell's place behind the first's, 0
 * where there is none. */
DSS_INLINE void store_two(v8 counts[2][QUARTERS], size_t quarter, size_t next, v8 *to) {
  for (size_t q = 0; q < QUARTERS; q++)
    to[q * quarter] = counts[0][q];
  for (size_t q = 0; next > 0 && q < QUARTERS; q++)
    to[q * quarter + next] = counts[1][q];
}

/* A pair of items in cells 2 at and 2 at + 1; m from its levels. */
DSS_INLINE void store_cells(const narrow_tile *t, const narrow_runs *r, size_t pair, size_t at,
                            v8 *counts) {
  size_t row = t->n_pairs * t->stored, quarter = t->n_cells * row, last = t->stored - 1;
  size_t next = 2 * at + 1 < t->n_cells ? row : 0;
  v16 rated[2][QUARTERS] = {{{0}}};
  v8 of[2][QUARTERS], *to = &counts[2 * at * row + pair * t->stored];
  for (size_t i = 0; i < last; i++) {
    interleave(r, i, at, of);
    for (size_t cell = 0; cell < 2; cell++)
      for (size_t q = 0; q < QUARTERS; q++)
        rated[cell][q] += dot_bytes(of[cell][q], (v8){0} + 1);
    store_two(of, quarter, next, to + i);
  }
  interleave(r, last, at, of);
  for (size_t cell = 0; cell < 2; cell++)
    for (size_t q = 0; q < QUARTERS; q++)
      of[cell][q] |= (v8)((rated[cell][q] + (v16)of[cell][q]) << 8);
  store_two(of, quarter, next, to + last);
}

/* Labels of a later pair's raters, on their way while others are counted: of many raters they do
 * not stay near. (Inlined, because a call without effects is left out.) */
DSS_INLINE void fetch_labels(const dss_cpu_question *q, const uint8_t *labels, size_t pair) {
  size_t levels = q->tables->n_levels;
  if (pair >= q->n_narrow / 2) return;
  for (uint64_t i = q->level_ptr[2 * pair * levels]; i < q->level_ptr[2 * (pair + 1) * levels]; i++)
    __builtin_prefetch(&labels[(size_t)q->rater[i] * DSS_LANES]);
}

/* counts [QUARTERS][cells][pairs][stored] */
static void count_tile(const narrow_tile *t, const uint8_t *labels, v8 *counts, v8 *runs) {
  narrow_runs r = {.runs = runs, .size = nibble_vectors(t->n_cells)};
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    fetch_labels(t->question, labels, t->first_pair + pair + 2);
    count_lists(t, labels, pair, &r);
    for (size_t at = 0; 2 * at < t->n_cells; at++)
      store_cells(t, &r, pair, at, counts);
  }
}

/* --- sums of rows ----------------------------------------------------------------------------- */

/* to [size] = so_far + n more rows. */
DSS_INLINE void add_rows(v8 *to, const v8 *so_far, const v8 *const *more, int n, size_t size) {
  for (size_t at = 0; at < size; at++) {
    v8 sum = so_far[at];
    for (int k = 0; k < n; k++)
      sum += more[k][at];
    to[at] = sum;
  }
}

/* One row that is a sum of others, for one quarter. */
static void sum_row(const narrow_tile *t, const dss_cpu_base *base, uint32_t row, v8 *sums) {
  enum { AT_ONCE = 4 };
  size_t size = t->n_pairs * t->stored;
  uint32_t i = row - base->n_cells;
  const uint32_t *addend = &base->addends[base->addend_ptr[i]];
  uint32_t n = base->addend_ptr[i + 1] - base->addend_ptr[i];
  v8 *to = &sums[base->place[i] * size];
  const v8 *so_far = counts_of(t, addend[0], 0), *more[AT_ONCE];
  for (uint32_t k = 1; k < n; so_far = to) {
    int now = 0;
    for (; now < AT_ONCE && k < n; now++, k++)
      more[now] = counts_of(t, addend[k], 0);
    if (now == 4)
      add_rows(to, so_far, more, 4, size);
    else if (now == 3)
      add_rows(to, so_far, more, 3, size);
    else if (now == 2)
      add_rows(to, so_far, more, 2, size);
    else
      add_rows(to, so_far, more, 1, size);
  }
}

#endif
