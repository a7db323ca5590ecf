/* What narrow_more.h sums of pairs of items with records.h: of few ratings from records, of more
 * from the levels' logarithms, both one resample at a time, in 64 bits. Operations for two items, a
 * group and 8 resamples with K = 5: 22 to find places, 32 that add, half of them loads; of more
 * ratings some 300, half of them loads. */
#ifndef DSS_CPU_MORE_RECORDS_H
#define DSS_CPU_MORE_RECORDS_H

#include "more_rows.h"

enum { QUARTER_LANES = DSS_VECTOR / 4 };

/* What of a quarter's sums there is, one resample after the other. */
DSS_INLINE void add_quarters(const uint64_t of[QUARTER_LANES], v64 to[2]) {
  v64 wide[2];
  memcpy(wide, of, sizeof wide);
  to[0] += wide[0];
  to[1] += wide[1];
}

/* --- few -------------------------------------------------------------------------------------- */

DSS_INLINE void fill_tile(const narrow_tile *t, dss_cpu_tile_records *tile) {
  const dss_cpu_question *q = t->question;
  uint32_t levels = q->tables->n_levels, placed = 0;
  size_t halves = dss_cpu_halves(q->tables);
  for (uint32_t item = 0; item < 2 * t->n_pairs; item++) {
    size_t pair = t->first_pair + item / 2, other = 2 * (item % 2);
    const uint8_t *level = (const uint8_t *)&q->pair_level[pair * halves];
    uint8_t all[DSS_MORE_LEVELS];
    for (uint32_t k = 0; k < levels; k++)
      all[k] = level[k / 2 * 4 + k % 2 + other];
    placed = dss_cpu_fill_item(q->records, levels, all, item, placed, tile);
  }
}

/* Places of records in bytes, of each resample the first item's, then the second's. */
typedef struct more_places {
  uint16_t at[2 * QUARTER_LANES];
} more_places;

DSS_INLINE void find_places(const dss_cpu_records *records, int levels, const v8 *x,
                            more_places *places) {
  v16 rated = words_of(x, 0), number = rated;
  for (int k = 1; k < levels; k++) {
    rated += words_of(x, k);
    number += (v16)lookup_bytes16(records->before[k], (v8)rated);
  }
  number <<= 5;
  memcpy(places, &number, sizeof number);
}

DSS_INLINE void put_records(const v64 *sums, size_t field, v64 to[2]) {
  uint64_t of[QUARTER_LANES];
  for (int r = 0; r < QUARTER_LANES; r++)
    of[r] = sums[r][field / sizeof(uint64_t)];
  add_quarters(of, to);
}

/* All places first: what was stored and is read at once the compiler would rather take from the
 * vector, element by element, in three times the operations. */
DSS_INLINE void sum_records(const narrow_tile *t, int levels, more_wanted want,
                            const more_rows *rows, more_set set, more_sums *held) {
  more_places places[TILE_PAIRS], *put = places;
  v64 sums[QUARTER_LANES] = {{0}};
  for (more_set left = set; left;) {
    v8 x[MOST_HALVES] = {{0}};
    counts_at(rows, next_pair(&left), HALVES(levels), x);
    find_places(t->question->records, levels, x, put++);
  }
  for (const more_places *at = places; set; at++) {
    size_t item = 2 * next_pair(&set);
    const char *first = (const char *)t->records->records[item],
               *second = (const char *)t->records->records[item + 1];
    for (int r = 0; r < QUARTER_LANES; r++)
      sums[r] += *(const v64 *)(first + at->at[2 * r]);
    for (int r = 0; r < QUARTER_LANES; r++)
      sums[r] += *(const v64 *)(second + at->at[2 * r + 1]);
  }
  if (want.cross) put_records(sums, offsetof(dss_cpu_record, cross), held->cross_entropy[1]);
  if (want.complement) put_records(sums, offsetof(dss_cpu_record, complement), held->complement);
  if (want.entropy) put_records(sums, offsetof(dss_cpu_record, entropy), held->entropy[1]);
  if (want.plurality) put_records(sums, offsetof(dss_cpu_record, plurality), held->plurality);
}

/* --- more -------------------------------------------------------------------------------------
 *
 * Sums of logarithms of each item and resample first, beside their weights; then all products,
 * whose sums have 64 bits each. */

typedef uint64_t more_logs __attribute__((vector_size(16)));

typedef struct more_list {
  size_t n; /* items */
  more_logs sum[2 * TILE_PAIRS][QUARTER_LANES], weight[2 * TILE_PAIRS][QUARTER_LANES];
  uint64_t plurality[QUARTER_LANES];
} more_list;

/* Where two levels' logarithms of either item are. */
DSS_INLINE void find_logs(int32_t all, v8 x, more_places *places) {
  v8 steps = (v8)(((v16)broadcast32(all) << 8) + broadcast16(0x0101)); /* 1, T_c + 1 */
  v16 number = dot_bytes(x, steps) << 4;
  memcpy(places, &number, sizeof number);
}

/* i: which item of the pair. */
DSS_INLINE void list_item(const narrow_tile *t, int halves, size_t pair, size_t i, const uint8_t *m,
                          const uint8_t *most, const more_places *places, more_list *list) {
  const dss_cpu_records *records = t->question->records;
  const dss_cpu_tile_records *tile = t->records;
  const more_logs *logs_of[MOST_HALVES];
  size_t size = ((const uint8_t *)&t->question->pair_size[t->first_pair + pair])[2 * i];
  const more_logs *whole = (const more_logs *)records->whole[size],
                  *weight = (const more_logs *)records->weight[size];
  more_logs *sum = list->sum[list->n], *weight_of = list->weight[list->n];
  for (int h = 0; h < halves; h++)
    logs_of[h] = (const more_logs *)&tile->logs[tile->first[2 * pair + i][h]];
  for (int r = 0; r < QUARTER_LANES; r++) {
    size_t ratings = m[4 * r + 2 * (int)i];
    more_logs logs = whole[ratings];
    for (int h = 0; h < halves; h++)
      logs -= *(const more_logs *)((const char *)logs_of[h] + places[h].at[2 * r + (int)i]);
    sum[r] = logs;
    weight_of[r] = weight[ratings];
    list->plurality[r] += records->plain[ratings] * most[4 * r + 2 * (int)i];
  }
  list->n++;
}

/* Two resamples' products, no sum of logarithms negative or over 2^44: in units of 1, 2^32, 2^26
 * and 2^58. */
typedef struct more_parts {
  v64 unit[4];
} more_parts;

DSS_INLINE void add_parts(v64 sum, v64 weight, more_parts *parts) {
  parts->unit[0] += multiply32(sum, weight);
  parts->unit[1] += multiply32(sum >> 32, weight);
  parts->unit[2] += multiply32(sum, weight >> 32);
  parts->unit[3] += multiply32(sum >> 32, weight >> 32);
}

/* The parts of resamples 2 p and 2 p + 1. */
DSS_INLINE more_parts multiply_list(const more_list *list, size_t p) {
  more_parts parts = {.unit = {{0}}};
  for (size_t n = 0; n < list->n; n++) {
    v64 sum, weight;
    memcpy(&sum, &list->sum[n][2 * p], sizeof sum);
    memcpy(&weight, &list->weight[n][2 * p], sizeof weight);
    add_parts(sum, weight, &parts);
  }
  return parts;
}

/* which: own, or cross. */
DSS_INLINE void put_parts(const more_parts *parts, size_t which, v64 to[2][2]) {
  uint64_t low[QUARTER_LANES], high[QUARTER_LANES];
  for (size_t r = 0; r < QUARTER_LANES; r++) {
    const v64 *unit = parts[r / 2].unit;
    size_t at = 2 * (r % 2) + which;
    dss_u128 sum = unit[0][at] + ((dss_u128)unit[1][at] << 32);
    low[r] = (uint64_t)sum & (((uint64_t)1 << DSS_PRODUCT_BITS) - 1);
    high[r] = (uint64_t)(sum >> DSS_PRODUCT_BITS) + unit[2][at] + (unit[3][at] << 32);
  }
  add_quarters(low, to[0]);
  add_quarters(high, to[1]);
}

DSS_INLINE void sum_lists(const narrow_tile *t, int levels, more_wanted want, const more_rows *rows,
                          more_set set, more_sums *held) {
  int halves = HALVES(levels);
  more_places places[TILE_PAIRS][MOST_HALVES];
  more_parts parts[QUARTER_LANES / 2];
  more_list list;
  v8 most[TILE_PAIRS];
  list.n = 0;
  memset(list.plurality, 0, sizeof list.plurality);
  for (more_set left = set; left;) {
    size_t pair = next_pair(&left);
    const int32_t *all = &t->question->pair_level[(t->first_pair + pair) * (size_t)halves];
    v8 x[MOST_HALVES] = {{0}};
    counts_at(rows, pair, halves, x);
    most[pair] = most_of(x, halves);
    for (int h = 0; h < halves; h++)
      find_logs(all[h], x[h], &places[pair][h]);
  }
  while (set) {
    size_t pair = next_pair(&set);
    for (size_t i = 0; i < 2; i++)
      list_item(t, halves, pair, i, (const uint8_t *)&rows->m[pair], (const uint8_t *)&most[pair],
                places[pair], &list);
  }
  for (size_t p = 0; p < QUARTER_LANES / 2; p++)
    parts[p] = multiply_list(&list, p);
  if (want.entropy) put_parts(parts, 0, held->entropy);
  if (want.cross) put_parts(parts, 1, held->cross_entropy);
  if (want.plurality) add_quarters(list.plurality, held->plurality);
}

/* --- a tile ----------------------------------------------------------------------------------- */

/* One set of sums serves whatever is wanted. */
DSS_INLINE void sum_entropies(const narrow_tile *t, int levels, more_wanted want,
                              const more_rows *rows, more_sums *held) {
  more_set few = rows->all & ~rows->over_few;
  if (few) sum_records(t, levels, want, rows, few, held);
  if (rows->over_few) sum_lists(t, levels, want, rows, rows->over_few, held);
}

#endif
