/* What narrow_more.h sums of pairs of items with records.h: of few ratings from records, of more
 * from the levels' logarithms, both one resample at a time, in 64 bits. Operations for two items, a
 * group and 8 resamples with K = 5: 22 to find places, 32 that add, half of them loads; of more
 * ratings some 480, nearly half of them loads. */
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

/* A tile's records by item. */
DSS_INLINE void fill_records(const narrow_tile *t, dss_cpu_record *to) {
  const dss_cpu_question *q = t->question;
  uint32_t levels = q->tables->n_levels;
  size_t halves = dss_cpu_halves(q->tables);
  for (size_t pair = 0; pair < t->n_pairs; pair++)
    for (size_t item = 0; item < 2; item++, to += DSS_RECORDS) {
      const uint8_t *level = (const uint8_t *)&q->pair_level[(t->first_pair + pair) * halves];
      uint8_t all[DSS_MORE_LEVELS];
      for (uint32_t k = 0; k < levels; k++)
        all[k] = level[k / 2 * 4 + k % 2 + 2 * item];
      dss_cpu_records_fill(q->records, levels, all, to);
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

#if DSS_READS_RECORDS
_Static_assert(sizeof(v64) == sizeof(dss_cpu_record), "a record is a vector");
#endif

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
  for (const more_places *places_of = places; set; places_of++) {
    const char *records = (const char *)&t->records[2 * next_pair(&set) * DSS_RECORDS];
    for (int r = 0; r < QUARTER_LANES; r++)
      sums[r] += *(const v64 *)(records + places_of->at[2 * r]);
    records += DSS_RECORDS * sizeof(dss_cpu_record);
    for (int r = 0; r < QUARTER_LANES; r++)
      sums[r] += *(const v64 *)(records + places_of->at[2 * r + 1]);
  }
  if (want.cross) put_records(sums, offsetof(dss_cpu_record, cross), held->cross_entropy[1]);
  if (want.complement) put_records(sums, offsetof(dss_cpu_record, complement), held->complement);
  if (want.entropy) put_records(sums, offsetof(dss_cpu_record, entropy), held->entropy[1]);
  if (want.plurality) put_records(sums, offsetof(dss_cpu_record, plurality), held->plurality);
}

/* --- more ------------------------------------------------------------------------------------- */

/* By resample. */
typedef struct lane_sums {
  dss_u128 own[QUARTER_LANES], cross[QUARTER_LANES];
  uint64_t plurality[QUARTER_LANES];
} lane_sums;

/* Of one item of a pair; all places are those of its first resample. */
typedef struct lane_item {
  const uint8_t *x, *m, *most;
  const int64_t *whole, *level[DSS_MORE_LEVELS];
  uint32_t size;
} lane_item;

DSS_INLINE dss_u128 times(uint64_t weight, int64_t log) {
  return (dss_u128)((dss_i128)weight * log);
}

DSS_INLINE void add_lanes_of(const dss_cpu_records *records, int levels, const lane_item *item,
                             lane_sums *sums) {
  for (int r = 0; r < QUARTER_LANES; r++) {
    size_t m = item->m[4 * r];
    const uint8_t *x = &item->x[4 * r];
    int64_t own = records->own[m], cross = item->whole[m];
    for (int k = 0; k < levels; k++) {
      size_t n = x[k / 2 * DSS_VECTOR + k % 2];
      own -= records->own[n];
      cross -= item->level[k][n];
    }
    sums->own[r] += times(records->weight[m], own);
    sums->cross[r] += times(m < item->size ? records->weight[m] : 0, cross);
    sums->plurality[r] += records->weight[m] * item->most[4 * r];
  }
}

/* Neither sum is negative. */
DSS_INLINE void put_lanes(const dss_u128 *sums, v64 to[2][2]) {
  uint64_t low[QUARTER_LANES], high[QUARTER_LANES];
  for (int r = 0; r < QUARTER_LANES; r++) {
    low[r] = (uint64_t)sums[r] & (((uint64_t)1 << DSS_PRODUCT_BITS) - 1);
    high[r] = (uint64_t)(sums[r] >> DSS_PRODUCT_BITS);
  }
  add_quarters(low, to[0]);
  add_quarters(high, to[1]);
}

DSS_INLINE void sum_lanes(const narrow_tile *t, int levels, more_wanted want, const more_rows *rows,
                          more_set set, more_sums *held) {
  const dss_cpu_question *q = t->question;
  const dss_cpu_records *records = q->records;
  size_t halves = (size_t)HALVES(levels);
  lane_sums sums = {.own = {0}};
  v8 most[TILE_PAIRS];
  for (more_set left = set; left;) {
    size_t pair = next_pair(&left);
    v8 x[MOST_HALVES] = {{0}};
    counts_at(rows, pair, (int)halves, x);
    most[pair] = most_of(x, (int)halves);
  }
  while (set) {
    size_t pair = next_pair(&set), at = t->first_pair + pair;
    const uint8_t *all = (const uint8_t *)&q->pair_level[at * halves];
    for (size_t i = 0; i < 2; i++) {
      lane_item item = {.x = (const uint8_t *)&rows->x[pair * rows->stored] + 2 * i,
                        .m = (const uint8_t *)&rows->m[pair] + 2 * i,
                        .most = (const uint8_t *)&most[pair] + 2 * i,
                        .size = ((const uint8_t *)&q->pair_size[at])[2 * i]};
      item.whole = records->whole[item.size];
      for (int k = 0; k < levels; k++)
        item.level[k] = records->level[all[k / 2 * 4 + k % 2 + 2 * (int)i]];
      add_lanes_of(records, levels, &item, &sums);
    }
  }
  if (want.entropy) put_lanes(sums.own, held->entropy);
  if (want.cross) put_lanes(sums.cross, held->cross_entropy);
  if (want.plurality) add_quarters(sums.plurality, held->plurality);
}

#endif
