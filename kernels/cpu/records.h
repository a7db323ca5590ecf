/* What a group's ratings of one item add to the sums of narrow_more.h, in numbers of 64 bits, for
 * AVX2, where a look-up of 16-bit digits among 64 takes some 32 operations for a vector, and
 * reading from the first-level cache two a lane.
 *
 * With m ratings of an item of T, x_c of the T_c at level c, y_c = T_c - x_c, s = T - m:
 *
 *     entropy     w[m] (XL[m] - sum over c of XL[x_c])
 *     cross       w[m] (m LS[s] - sum over c of x_c XH[y_c])
 *     complement  w[s - 1] (s^2 - sum over c of y_c^2)
 *     plurality   w[m] max x_c
 *
 * Of few ratings a *record* holds all four. There is one for each *state*, a way to take so many of
 * the item's ratings: with s_k the ratings of levels 0 to k it stands at
 *
 *     sum over k of C(s_k + k, k + 1),
 *
 * the combinatorial number system, which leaves no gaps but those of what the item lacks, and whose
 * terms are bytes. Of more ratings two levels' logarithms are read together, and their sums
 * weighted afterwards.
 *
 * Both are made for a tile's items as it comes: all items' would take a hundred times the memory
 * that their ratings do. */
#ifndef DSS_CPU_RECORDS_H
#define DSS_CPU_RECORDS_H

#include "more_tables.h"

enum {
  DSS_RECORDS = 462,    /* of an item, at most */
  DSS_LOG_PAIRS = 1088, /* of an item, at most: two levels have 32 and 31 ratings */
  DSS_LOG_UNIT = DSS_MORE_UNIT + 1,
  DSS_TILE_ITEMS = 32
};

typedef struct dss_cpu_record {
  _Alignas(32) uint64_t entropy; /* all mod 2^64; this and cross over 2^26, as w[m] is for few */
  uint64_t cross;
  uint64_t complement;
  uint64_t plurality;
} dss_cpu_record;

/* The group's own logarithms, and those of the others. */
typedef struct dss_cpu_logs {
  _Alignas(16) uint64_t own; /* both mod 2^64 */
  uint64_t cross;
} dss_cpu_logs;

_Static_assert(sizeof(dss_cpu_record) == 32 && sizeof(dss_cpu_logs) == 16, "read as vectors");

typedef struct dss_cpu_records {
  uint8_t before[DSS_MORE_LEVELS][16];            /* [k][s] C(s + k, k + 1), to few */
  dss_cpu_logs level[DSS_LOG_UNIT][DSS_LOG_UNIT]; /* [T_c][x] XL[x], x XH[T_c - x] */
  dss_cpu_logs whole[DSS_LOG_UNIT][DSS_LOG_UNIT]; /* [T][m] XL[m], m LS[T - m] */
  /* [T][m] w[m], for cross 0 where nobody else rated the item: 26 bits, the others from 2^32 on */
  dss_cpu_logs weight[DSS_LOG_UNIT][DSS_LOG_UNIT];
  uint64_t plain[DSS_LOG_UNIT]; /* [m] w[m] */
} dss_cpu_records;

/* What is made of a tile's items. */
typedef struct dss_cpu_tile_records {
  dss_cpu_record records[DSS_TILE_ITEMS][DSS_RECORDS];
  /* Of an item's levels 2 h and 2 h + 1 at x + (T_c + 1) x', from first[item][h] on; packed, so
   * that they stay near. */
  uint32_t first[DSS_TILE_ITEMS][(DSS_MORE_LEVELS + 1) / 2];
  _Alignas(16) dss_cpu_logs logs[DSS_TILE_ITEMS * DSS_LOG_PAIRS];
} dss_cpu_tile_records;

/* How many ratings are few: w[m] is a multiple of 2^26, and a state's terms are bytes. */
static inline uint32_t dss_cpu_few(uint32_t n_levels) {
  static const uint8_t few[DSS_MORE_LEVELS + 1] = {0, 12, 12, 10, 7, 6, 5, 4};
  return few[n_levels];
}

/* NULL: out of memory. The caller frees. */
dss_cpu_records *dss_cpu_records_make(const dss_tables *tables);

/* Fills an item's records, and its logarithms from `at` on; what follows them. all [n_levels] T_c.
 * Places of states that the item lacks hold anything. Needs AVX2. */
uint32_t dss_cpu_fill_item(const dss_cpu_records *records, uint32_t n_levels, const uint8_t *all,
                           uint32_t item, uint32_t at, dss_cpu_tile_records *tile);

#endif
