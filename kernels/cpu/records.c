#include "records.h"

#include <stdlib.h>
#include <string.h>

/* --- tables of all items ---------------------------------------------------------------------- */

/* C(s + k, k + 1) = C(s + k - 1, k) + C(s + k - 1, k + 1): those before, and one less in s. */
static void fill_before(uint32_t n_levels, dss_cpu_records *records) {
  for (uint32_t s = 0; s <= dss_cpu_few(n_levels); s++)
    records->before[0][s] = (uint8_t)s;
  for (uint32_t k = 1; k < n_levels; k++)
    for (uint32_t s = 1; s <= dss_cpu_few(n_levels); s++)
      records->before[k][s] = (uint8_t)(records->before[k - 1][s] + records->before[k][s - 1]);
}

dss_cpu_records *dss_cpu_records_make(const dss_tables *t) {
  uint32_t most = t->max_unit < DSS_MORE_UNIT ? t->max_unit : DSS_MORE_UNIT;
  dss_cpu_records *records = calloc(1, sizeof *records);
  if (!records) return NULL;
  fill_before(t->n_levels, records);
  for (uint32_t all = 0; all <= most; all++) {
    records->own[all] = t->count_log[all];
    records->weight[all] = t->weight[all];
    for (uint32_t n = 0; n <= all; n++) {
      records->level[all][n] = n * t->half_log[all - n];
      records->whole[all][n] = n * t->smoothed_log[all - n];
    }
  }
  return records;
}

/* --- an item's records ------------------------------------------------------------------------ */

/* What a state adds up to, before it is weighted. */
typedef struct part {
  int64_t own, cross;
  uint32_t apart, most; /* s^2 - sum of y_c^2; max x_c */
} part;

typedef struct walk {
  const dss_cpu_records *records;
  const uint8_t *all;
  uint64_t root, shared_root,
      weight; /* w[m] / 2^26, 0 where nobody else rated the item; w[s - 1] */
  dss_cpu_record *to;
} walk;

static inline part take(const walk *w, uint32_t level, uint32_t x, part p) {
  uint32_t others = w->all[level] - x;
  return (part){p.own - w->records->own[x], p.cross - w->records->level[w->all[level]][x],
                p.apart - others * others, p.most > x ? p.most : x};
}

static inline dss_cpu_record weighted(const walk *w, part p) {
  return (dss_cpu_record){w->shared_root * (uint64_t)p.cross, w->weight * p.apart,
                          w->root * (uint64_t)p.own, (w->root << DSS_VOTE_SHIFT) * p.most};
}

/* The states of so many ratings of the first two levels, or of one; `to` is where that of none of
 * level 0 stands. */
static void fill_last(const walk *w, uint32_t n_levels, uint32_t ratings, part p,
                      dss_cpu_record *to) {
  uint32_t second = n_levels > 1 ? w->all[1] : 0, first = w->all[0];
  for (uint32_t x = ratings > second ? ratings - second : 0; x <= ratings && x <= first; x++) {
    part of_x = take(w, 0, x, p);
    to[x] = weighted(w, n_levels > 1 ? take(w, 1, ratings - x, of_x) : of_x);
  }
}

/* The states of so many ratings of the first n_levels levels. */
static void fill_states(const walk *w, uint32_t n_levels, uint32_t ratings, part p,
                        dss_cpu_record *to) {
  if (n_levels > 1) to += w->records->before[n_levels - 1][ratings];
  if (n_levels <= 2) {
    fill_last(w, n_levels, ratings, p, to);
    return;
  }
  for (uint32_t x = 0; x <= ratings && x <= w->all[n_levels - 1]; x++)
    fill_states(w, n_levels - 1, ratings - x, take(w, n_levels - 1, x, p), to);
}

void dss_cpu_records_fill(const dss_cpu_records *records, uint32_t n_levels, const uint8_t *all,
                          dss_cpu_record *to) {
  uint32_t size = 0;
  for (uint32_t k = 0; k < n_levels; k++)
    size += all[k];
  for (uint32_t m = 0; m <= size && m <= dss_cpu_few(n_levels); m++) {
    uint32_t s = size - m;
    walk w = {.records = records, .all = all, .weight = s > 1 ? records->weight[s - 1] : 0};
    w.root = m > 0 ? DSS_WEIGHT_ROOT / m : 0;
    w.shared_root = s > 0 ? w.root : 0;
    fill_states(&w, n_levels, m, (part){records->own[m], records->whole[size][m], s * s, 0}, to);
  }
}
