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
 * the combinatorial number system, which leaves no gaps but those of levels that the item lacks,
 * and whose terms are bytes. An item's records are made for each block of resamples, as it comes:
 * kept, they would take more memory than the ratings do, a hundred times over. */
#ifndef DSS_CPU_RECORDS_H
#define DSS_CPU_RECORDS_H

#include "more_tables.h"

enum { DSS_RECORDS = 462 /* of an item, at most */ };

typedef struct dss_cpu_record {
  _Alignas(32) uint64_t cross; /* all mod 2^64; this and entropy over 2^26, as w[m] is for few */
  uint64_t complement;
  uint64_t entropy;
  uint64_t plurality;
} dss_cpu_record;

_Static_assert(sizeof(dss_cpu_record) == 32, "read as a vector");

typedef struct dss_cpu_records {
  uint8_t before[DSS_MORE_LEVELS][16];                 /* [k][s] C(s + k, k + 1), to few */
  int64_t own[DSS_MORE_UNIT + 1];                      /* [n] XL[n] */
  int64_t level[DSS_MORE_UNIT + 1][DSS_MORE_UNIT + 1]; /* [T_c][x] x XH[T_c - x] */
  int64_t whole[DSS_MORE_UNIT + 1][DSS_MORE_UNIT + 1]; /* [T][m] m LS[T - m] */
  uint64_t weight[DSS_MORE_UNIT + 1];                  /* w */
} dss_cpu_records;

/* How many ratings are few: w[m] is a multiple of 2^26, and a state's terms are bytes. */
static inline uint32_t dss_cpu_few(uint32_t n_levels) {
  static const uint8_t few[DSS_MORE_LEVELS + 1] = {0, 12, 12, 10, 7, 6, 5, 4};
  return few[n_levels];
}

/* NULL: out of memory. The caller frees. */
dss_cpu_records *dss_cpu_records_make(const dss_tables *tables);

/* All of an item's records; all [n_levels] T_c, as bytes. Others than its states' stay as they
 * are. */
void dss_cpu_records_fill(const dss_cpu_records *records, uint32_t n_levels, const uint8_t *all,
                          dss_cpu_record *to);

#endif
