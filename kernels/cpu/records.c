#include "records.h"

#include <stdlib.h>
#include <string.h>

/* What two levels' records depend on. */
typedef struct item_part {
  uint32_t size, first, second; /* T, T_x, T_y */
  bool leads;                   /* with what stands before the sums over levels */
} item_part;

enum { COUNTS = DSS_MORE_UNIT + 1, KEYS = 2 * COUNTS * COUNTS * COUNTS };

static uint32_t key_of(item_part p) {
  return ((p.size * COUNTS + p.first) * COUNTS + p.second) * 2 + p.leads;
}

static uint32_t halves_of(const dss_tables *t) {
  return (t->n_levels + 1) / 2;
}

static item_part part_of(const dss_tables *t, const uint64_t *level_ptr, uint32_t item,
                         uint32_t half) {
  const uint64_t *ptr = &level_ptr[(size_t)item * t->n_levels];
  uint32_t k = 2 * half;
  return (item_part){.size = (uint32_t)(ptr[t->n_levels] - ptr[0]),
                     .first = (uint32_t)(ptr[k + 1] - ptr[k]),
                     .second = k + 1 < t->n_levels ? (uint32_t)(ptr[k + 2] - ptr[k + 1]) : 0,
                     .leads = half == 0};
}

/* --- one table ------------------------------------------------------------------------------ */

static dss_cpu_record record_of(const dss_tables *t, item_part p, uint32_t m, uint32_t x,
                                uint32_t y) {
  uint32_t s = p.size - m, of[2] = {p.first - x, p.second - y};
  uint64_t root = m > 0 && s > 0 ? DSS_WEIGHT_ROOT / m : 0, weight = s > 1 ? t->weight[s - 1] : 0;
  uint64_t log = (uint64_t)(x * t->half_log[of[0]] + y * t->half_log[of[1]]);
  uint64_t lead_log = p.leads ? (uint64_t)(m * t->smoothed_log[s]) : 0;
  uint64_t lead = p.leads ? (uint64_t)s * s : 0;
  return (dss_cpu_record){root * (lead_log - log),
                          weight * (lead - (uint64_t)of[0] * of[0] - (uint64_t)of[1] * of[1])};
}

static void fill_table(const dss_cpu_records *records, const dss_tables *t, item_part p,
                       dss_cpu_record *table) {
  for (uint32_t m = 0; m <= DSS_MORE_FEW && m <= p.size; m++)
    for (uint32_t x = 0; x <= m && x <= p.first; x++)
      for (uint32_t y = 0; x + y <= m && y <= p.second; y++)
        table[records->of_ratings[m] + records->of_both[x + y] + y] = record_of(t, p, m, x, y);
}

/* --- all tables ------------------------------------------------------------------------------ */

static void fill_places(dss_cpu_records *records) {
  for (uint32_t m = 0, before = 0, both = 0; m <= DSS_MORE_FEW; m++) {
    records->of_ratings[m] = (uint8_t)before;
    records->of_both[m] = (uint8_t)both;
    both += m + 1;
    before += both;
  }
}

static uint64_t join(const int16_t *digits, size_t stride) {
  uint64_t number = 0;
  for (size_t d = 0; d < DSS_DIGITS; d++)
    number += (uint64_t)digits[d * stride] << DSS_SOME_BITS * d;
  return number;
}

static void fill_shares(dss_cpu_records *records, const dss_cpu_more *more) {
  for (size_t at = 0; at < 64; at++) {
    uint64_t root = (uint64_t)more->few_root[at], most = (uint64_t)more->few_most[at];
    records->share[at] =
        (dss_cpu_share){root * join(&more->few[0][at], 64), (root << DSS_VOTE_SHIFT) * most};
  }
}

/* Numbers the tables, and fills them where there is room already. */
static void number_tables(dss_cpu_records *records, const dss_tables *t, const uint64_t *level_ptr,
                          uint32_t n_items, uint32_t *number) {
  uint32_t halves = halves_of(t);
  records->n_tables = 0;
  memset(number, 0, KEYS * sizeof *number);
  for (uint32_t item = 0; item < n_items; item++)
    for (uint32_t h = 0; h < halves; h++) {
      item_part p = part_of(t, level_ptr, item, h);
      uint32_t *of = &number[key_of(p)];
      if (*of == 0) {
        *of = ++records->n_tables;
        if (records->table) fill_table(records, t, p, records->table[*of - 1]);
      }
      records->table_of[(size_t)item * halves + h] = *of - 1;
    }
}

static bool make_tables(dss_cpu_records *records, const dss_tables *t, const uint64_t *level_ptr,
                        uint32_t n_items) {
  uint32_t *number = malloc(KEYS * sizeof *number);
  records->table_of = calloc((size_t)n_items * halves_of(t) + 1, sizeof *records->table_of);
  if (number && records->table_of) {
    number_tables(records, t, level_ptr, n_items, number);
    records->table = calloc(records->n_tables + (size_t)1, sizeof *records->table);
    if (records->table) number_tables(records, t, level_ptr, n_items, number);
  }
  free(number);
  return records->table != NULL;
}

dss_cpu_records *dss_cpu_records_make(const dss_tables *tables, const dss_cpu_more *more,
                                      const uint64_t *level_ptr, uint32_t n_items) {
  dss_cpu_records *records = aligned_alloc(64, sizeof *records);
  if (!records) return NULL;
  memset(records, 0, sizeof *records);
  fill_places(records);
  fill_shares(records, more);
  if (make_tables(records, tables, level_ptr, n_items)) return records;
  dss_cpu_records_free(records);
  return NULL;
}

void dss_cpu_records_free(dss_cpu_records *records) {
  if (!records) return;
  free(records->table_of);
  free(records->table);
  free(records);
}

uint64_t dss_cpu_records_bytes(const dss_cpu_records *records, const dss_tables *tables,
                               uint32_t n_items) {
  return sizeof *records + ((uint64_t)n_items * halves_of(tables) + 1) * sizeof(uint32_t) +
         (records->n_tables + (uint64_t)1) * sizeof *records->table;
}
