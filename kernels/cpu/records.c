#include "records.h"

#include <stdlib.h>

/* C(s + k, k + 1) = C(s + k - 1, k) + C(s + k - 1, k + 1): those before, and one less in s. */
static void fill_before(uint32_t n_levels, dss_cpu_records *records) {
  for (uint32_t s = 0; s <= dss_cpu_few(n_levels); s++)
    records->before[0][s] = (uint8_t)s;
  for (uint32_t k = 1; k < n_levels; k++)
    for (uint32_t s = 1; s <= dss_cpu_few(n_levels); s++)
      records->before[k][s] = (uint8_t)(records->before[k - 1][s] + records->before[k][s - 1]);
}

static uint64_t parts_of(uint64_t weight) {
  const uint64_t low = ((uint64_t)1 << DSS_VOTE_SHIFT) - 1;
  return (weight & low) | weight >> DSS_VOTE_SHIFT << 32;
}

dss_cpu_records *dss_cpu_records_make(const dss_tables *t) {
  uint32_t most = t->max_unit < DSS_MORE_UNIT ? t->max_unit : DSS_MORE_UNIT;
  dss_cpu_records *records = calloc(1, sizeof *records);
  if (!records) return NULL;
  fill_before(t->n_levels, records);
  for (uint32_t all = 0; all <= most; all++) {
    records->plain[all] = t->weight[all];
    for (uint32_t n = 0; n <= all; n++) {
      uint64_t own = (uint64_t)t->count_log[n], weight = parts_of(t->weight[n]);
      int64_t level = n * t->half_log[all - n], whole = n * t->smoothed_log[all - n];
      records->level[all][n] = (dss_cpu_logs){own, (uint64_t)level};
      records->whole[all][n] = (dss_cpu_logs){own, (uint64_t)whole};
      records->weight[all][n] = (dss_cpu_logs){weight, n < all ? weight : 0};
    }
  }
  return records;
}
