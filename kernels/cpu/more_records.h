/* What narrow_more.h sums of pairs of few ratings, from records and shares in memory. Operations
 * for two items, a group and 8 resamples with K = 5: 27 to find places; 96 for cross-entropy and
 * complement, 32 for entropy and plurality, half of them loads. */
#ifndef DSS_CPU_MORE_RECORDS_H
#define DSS_CPU_MORE_RECORDS_H

#include "more_rows.h"

/* A record, or a share: what it adds to two sums. */
typedef uint64_t more_record __attribute__((vector_size(16)));
enum { QUARTER_LANES = DSS_VECTOR / 4 };

/* A table's places in bytes, of each resample the first item's, then the second's. */
typedef struct more_places {
  uint16_t at[2 * QUARTER_LANES];
} more_places;

DSS_INLINE void put_places(v16 number, more_places *places) {
  number <<= 4;
  memcpy(places, &number, sizeof number);
}

/* The second level's count of both items, as words. */
DSS_INLINE v16 second_of(v8 x) {
  return (v16)((v16u)x >> 8);
}

DSS_INLINE void add_records(const void *table, const more_places *places, int item,
                            more_record *sums) {
  for (int r = 0; r < QUARTER_LANES; r++)
    sums[r] += *(const more_record *)((const char *)table + places->at[2 * r + item]);
}

DSS_INLINE void put_records(const more_record *sums, int which, v64 to[2]) {
  uint64_t of[QUARTER_LANES];
  v64 wide[2];
  for (int r = 0; r < QUARTER_LANES; r++)
    of[r] = sums[r][which];
  memcpy(wide, of, sizeof wide);
  to[0] += wide[0];
  to[1] += wide[1];
}

/* All places first: what was stored and is read at once the compiler would rather take from the
 * vector, element by element, in three times the operations. */
DSS_INLINE void sum_records(const narrow_tile *t, int levels, bool complement,
                            const more_rows *rows, more_set set, more_sums *held) {
  const dss_cpu_records *records = t->question->records;
  int halves = HALVES(levels);
  more_places places[TILE_PAIRS * MOST_HALVES], *put = places;
  more_record sums[QUARTER_LANES] = {{0}};
  for (more_set left = set; left;) {
    size_t pair = next_pair(&left);
    v16 ratings = (v16)lookup_bytes16(records->of_ratings, (v8)rows->m[pair]);
    v8 x[MOST_HALVES] = {{0}};
    counts_at(rows, pair, halves, x);
    for (int h = 0; h < halves; h++) {
      v16 both = dot_bytes(x[h], (v8){0} + 1);
      put_places(ratings + (v16)lookup_bytes16(records->of_both, (v8)both) + second_of(x[h]),
                 put++);
    }
  }
  for (const more_places *at = places; set; at += halves) {
    size_t pair = next_pair(&set);
    const uint32_t *number = &records->table_of[2 * (t->first_pair + pair) * (size_t)halves];
    for (int h = 0; h < halves; h++) {
      add_records(records->table[number[h]], &at[h], 0, sums);
      add_records(records->table[number[halves + h]], &at[h], 1, sums);
    }
  }
  put_records(sums, 0, held->cross_entropy[1]);
  if (complement) put_records(sums, 1, held->complement);
}

DSS_INLINE void sum_shares(const narrow_tile *t, int levels, more_wanted want,
                           const more_rows *rows, more_set set, more_sums *held) {
  const uint8_t *hash = t->question->more_tables->hash;
  more_places places[TILE_PAIRS], *put = places;
  more_record sums[QUARTER_LANES] = {{0}};
  while (set) {
    v8 x[MOST_HALVES] = {{0}}, shares = {0};
    counts_at(rows, next_pair(&set), HALVES(levels), x);
    for (int h = 0; h < HALVES(levels); h++)
      shares += lookup_bytes16(hash, x[h]);
    put_places(dot_bytes(shares, (v8){0} + 1) & 63, put++);
  }
  for (const more_places *at = places; at < put; at++) {
    add_records(t->question->records->share, at, 0, sums);
    add_records(t->question->records->share, at, 1, sums);
  }
  if (want.entropy) put_records(sums, 0, held->entropy[1]);
  if (want.plurality) put_records(sums, 1, held->plurality);
}

#endif
