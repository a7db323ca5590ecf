/* Records: what a group of few ratings adds to the sums of narrow_more.h, for AVX2, where a look-up
 * of 16-bit digits among 64 takes some 32 operations for a vector, and reading numbers of 64 bits
 * from the first-level cache two a lane.
 *
 * With m ratings of an item of T, of which x and y of two levels that have T_x and T_y, a record is
 * those levels' part of
 *
 *     cross       w[m] / 2^26 (m LS[T - m] - sum over c of x_c XH[T_c - x_c])
 *     complement  w[s - 1] (s^2 - sum over c of (T_c - x_c)^2), s = T - m
 *
 * and what stands before the sums over levels is with the first two. Both are products with a
 * number that m alone decides, so that records add up to the whole. The group's own entropy and
 * plurality are found by its share (more_tables.h) instead, which is the same for all items. */
#ifndef DSS_CPU_RECORDS_H
#define DSS_CPU_RECORDS_H

#include "more_tables.h"

/* Places for m <= DSS_MORE_FEW and x + y <= m, m's after those of fewer ratings. */
enum { DSS_RECORDS = 120 };

typedef struct dss_cpu_record {
  _Alignas(16) uint64_t cross; /* both mod 2^64 */
  uint64_t complement;
} dss_cpu_record;

/* Of a share: w[m] / 2^26 times m H, and times 2^26 times the largest count. */
typedef struct dss_cpu_share {
  _Alignas(16) uint64_t entropy;
  uint64_t plurality;
} dss_cpu_share;

_Static_assert(sizeof(dss_cpu_record) == 16 && sizeof(dss_cpu_share) == 16, "read as vectors");

typedef struct dss_cpu_records {
  uint8_t of_ratings[16], of_both[16];  /* a record's place: [m] + [x + y] + y */
  _Alignas(64) dss_cpu_share share[64]; /* as dss_cpu_more's few */
  uint32_t n_tables;
  uint32_t *table_of;                   /* [items][halves] the number of a table */
  dss_cpu_record (*table)[DSS_RECORDS]; /* [n_tables] */
} dss_cpu_records;

/* level_ptr [n_items * K + 1] as dss_cpu_question's; no item has over DSS_MORE_UNIT ratings. NULL:
 * out of memory. */
dss_cpu_records *dss_cpu_records_make(const dss_tables *tables, const dss_cpu_more *more,
                                      const uint64_t *level_ptr, uint32_t n_items);
void dss_cpu_records_free(dss_cpu_records *records);
uint64_t dss_cpu_records_bytes(const dss_cpu_records *records, const dss_tables *tables,
                               uint32_t n_items);

#endif
