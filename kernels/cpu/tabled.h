/* Items whose ratings a table knows: any statistic of items with few ratings.
 *
 * With T_c ratings of level c an item has (T_0 + 1) ... (T_{K-1} + 1) *states*, which a group's
 * counts by level x_c can be in. Where that is at most 256, a byte holds the state's number, the
 * sum over the group's ratings of their levels' radices: one byte to count, where levels would be
 * K. And all that the group adds on the item is a function of (T, state), so one *record* of a
 * table has it: all slots side by side in 64-bit words, each in a field with room for the sum over
 * DSS_TABLED_ITEMS items or more. Records are made by the reference's own sums.
 *
 * A record holds what the state adds beyond what an item without ratings of the group adds (which
 * the complement's statistics do, and which is added once for all items), so that most items of
 * small groups need not be looked at. A slot's least number below that, if there is one, is taken
 * from its fields and added by how many items the group rated.
 *
 * Operations a resample: four a rating and base; an item and group an addition of a byte for each
 * row it is summed from, 32 or 64 resamples at once, and where the group rated it five to find the
 * record, and three for each 32 bytes of it.
 */
#ifndef DSS_CPU_TABLED_H
#define DSS_CPU_TABLED_H

#include "layout.h"

enum {
  DSS_TABLED_STATES = 256,      /* most of an item */
  DSS_TABLED_LEVELS = 16,       /* most levels */
  DSS_TABLED_RECORDS = 1 << 17, /* most of a question */
  DSS_TABLED_ITEMS = 255,       /* least number of items between two looks at the fields */
  DSS_TABLED_TILE = 16,         /* items whose states are counted before they are looked up */
  DSS_TABLED_FOUR = 4           /* words that records are rounded up to */
};

/* Where a slot's number stands in a record: from bit `at` of a word on, as many bits as the mask
 * has, less `shift` zeros. */
typedef struct dss_tabled_field {
  uint32_t slot, word;
  uint8_t at, shift;
  uint64_t mask;
} dss_tabled_field;

/* A slot's least number, below 0. */
typedef struct dss_tabled_low {
  uint32_t slot;
  int64_t number;
} dss_tabled_low;

/* Items first .. end - 1 whose sums certainly fit 64 bits. */
typedef struct dss_tabled_step {
  uint32_t first, end;
  uint64_t *nothing; /* [slots] what they add where a group rated none of them */
} dss_tabled_step;

/* Items with the same ratings by level. */
typedef struct dss_tabled_pattern {
  uint8_t count[DSS_TABLED_LEVELS];
  uint8_t radix[DSS_TABLED_LEVELS];
  uint32_t n_items, n_states;
  size_t first; /* record, of no ratings; all 0 */
} dss_tabled_pattern;

typedef struct dss_cpu_tabled {
  uint32_t n_items, n_patterns;
  uint32_t *item;    /* [n_items] numbers among the question's items, by pattern */
  uint32_t *pattern; /* [n_items] */
  dss_tabled_pattern *patterns;
  uint32_t words, most_items; /* of a record; between two looks */
  size_t n_records;
  uint64_t *records; /* [n_records][words] */
  uint32_t n_fields, n_lows, n_steps;
  dss_tabled_field *fields;
  dss_tabled_low *lows;
  dss_tabled_field rated; /* how many items the group rated; mask 0: there are no lows */
  dss_tabled_step *steps;
  bool fits; /* all of the question's sums certainly fit 64 bits */
} dss_cpu_tabled;

/* Of a question whose slots, more, most_ratings and item_charge are there. *tabled NULL: no item is
 * for a table. false: out of memory. */
bool dss_cpu_tabled_make(const dss_kernel_plan *plan, const dss_kernel_question *question,
                         const dss_cpu_question *q, dss_cpu_tabled **tabled);
void dss_cpu_tabled_free(dss_cpu_tabled *tabled);
uint64_t dss_cpu_tabled_bytes(const dss_cpu_tabled *tabled, size_t slots);

/* Bytes of scratch->tabled: states by row, then each group's records. */
size_t dss_cpu_tabled_scratch(const dss_cpu_layout *layout, size_t lanes);
static inline size_t dss_cpu_tabled_rows(const dss_cpu_layout *layout) {
  return (size_t)layout->most_rows + 1; /* one for raters in no cell */
}

#endif
