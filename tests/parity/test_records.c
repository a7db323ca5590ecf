/* Records: those of an item's levels add up to what the formulas of sums.h give for all of them. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/common/sums.h"
#include "kernels/cpu/records.h"

enum { ITEMS = 60, MOST_LEVELS = DSS_MORE_LEVELS };

typedef struct fixture {
  dss_tables tables;
  dss_cpu_more *more;
  dss_cpu_records *records;
  uint64_t ptr[ITEMS * MOST_LEVELS + 1];
} fixture;

static uint32_t next_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33);
}

static uint32_t all_of(const fixture *f, size_t item, uint32_t level) {
  size_t at = item * f->tables.n_levels + level;
  return (uint32_t)(f->ptr[at + 1] - f->ptr[at]);
}

/* Items of none, of one and of up to 63 ratings; the second half are the first half's again. */
static void set_up(fixture *f, uint32_t levels) {
  uint64_t state = levels;
  memset(f, 0, sizeof *f);
  cr_assert_eq(dss_tables_make(&f->tables, DSS_TABLES_NOMINAL, levels, NULL, 31980, DSS_MORE_UNIT),
               DSS_TABLES_OK);
  for (size_t item = 0; item < ITEMS; item++) {
    uint32_t count[MOST_LEVELS] = {0};
    uint32_t n = item < 10 ? (uint32_t)item : next_random(&state) % (DSS_MORE_UNIT + 1);
    for (uint32_t i = 0; i < n; i++)
      count[next_random(&state) % levels]++;
    for (uint32_t k = 0; k < levels; k++) {
      uint32_t now = item < ITEMS / 2 ? count[k] : all_of(f, item - ITEMS / 2, k);
      f->ptr[item * levels + k + 1] = f->ptr[item * levels + k] + now;
    }
  }
  f->more = dss_cpu_more_make(&f->tables, false);
  cr_assert_not_null(f->more);
  f->records = dss_cpu_records_make(&f->tables, f->more, f->ptr, ITEMS);
  cr_assert_not_null(f->records);
}

static void tear_down(fixture *f) {
  dss_cpu_records_free(f->records);
  free(f->more);
  dss_tables_free(&f->tables);
}

/* --- one group on one item ------------------------------------------------------------------- */

static dss_cpu_record sum_of(const fixture *f, size_t item, const uint32_t *x, uint32_t m) {
  const dss_cpu_records *r = f->records;
  uint32_t levels = f->tables.n_levels, halves = (levels + 1) / 2;
  dss_cpu_record sum = {0};
  for (uint32_t h = 0; h < halves; h++) {
    uint32_t second = 2 * h + 1 < levels ? x[2 * h + 1] : 0;
    uint32_t place = r->of_ratings[m] + (uint32_t)r->of_both[x[2 * h] + second] + second;
    cr_assert_lt(place, DSS_RECORDS);
    const dss_cpu_record *record = &r->table[r->table_of[item * halves + h]][place];
    sum.cross += record->cross;
    sum.complement += record->complement;
  }
  return sum;
}

static void expect_sums(const fixture *f, size_t item, const uint32_t *x, uint32_t m) {
  const dss_tables *t = &f->tables;
  uint32_t y[MOST_LEVELS], s = 0;
  uint64_t equal = 0;
  for (uint32_t k = 0; k < t->n_levels; k++) {
    y[k] = all_of(f, item, k) - x[k];
    s += y[k];
    equal += (uint64_t)y[k] * y[k];
  }
  dss_cpu_record found = sum_of(f, item, x, m);
  uint64_t cross = m > 0 && s > 0
                       ? (t->weight[m] >> DSS_VOTE_SHIFT) * (uint64_t)dss_cross_entropy(t, x, y, s)
                       : 0;
  cr_expect_eq(found.cross, cross, "item %zu: cross-entropy of %u ratings", item, m);
  cr_expect_eq(found.complement, s > 1 ? t->weight[s - 1] * ((uint64_t)s * s - equal) : 0,
               "item %zu: complement of %u ratings", item, m);
}

static void expect_share(const fixture *f, const uint32_t *x, uint32_t m) {
  const dss_tables *t = &f->tables;
  uint32_t at = 0;
  for (uint32_t k = 0; k < t->n_levels; k++)
    at += f->more->hash[x[k]];
  const dss_cpu_share *share = &f->records->share[at % 64];
  uint64_t weight = m > 0 ? t->weight[m] : 0;
  cr_expect_eq(share->entropy << DSS_VOTE_SHIFT,
               m > 0 ? weight * (uint64_t)dss_entropy(t, x, m) : 0);
  cr_expect_eq(share->plurality, weight * dss_largest(x, t->n_levels));
}

/* Every way to take up to DSS_MORE_FEW of an item's ratings. */
static size_t take_from(const fixture *f, size_t item, uint32_t *x, uint32_t level, uint32_t m) {
  size_t n = 0;
  if (level == f->tables.n_levels) {
    expect_sums(f, item, x, m);
    expect_share(f, x, m);
    return 1;
  }
  uint32_t all = all_of(f, item, level);
  for (x[level] = 0; x[level] <= all && m + x[level] <= DSS_MORE_FEW; x[level]++)
    n += take_from(f, item, x, level + 1, m + x[level]);
  x[level] = 0;
  return n;
}

Test(records, add_up_to_the_formulas) {
  for (uint32_t levels = 1; levels <= MOST_LEVELS; levels++) {
    fixture f;
    size_t n = 0;
    set_up(&f, levels);
    for (size_t item = 0; item < ITEMS; item++)
      n += take_from(&f, item, (uint32_t[MOST_LEVELS]){0}, 0, 0);
    cr_expect_gt(n, levels > 1 ? 1000u : 300u);
    tear_down(&f);
  }
}

Test(records, like_items_share_tables) {
  fixture f;
  set_up(&f, 5);
  for (size_t i = 0; i < ITEMS / 2 * 3; i++)
    cr_expect_eq(f.records->table_of[i], f.records->table_of[i + ITEMS / 2 * 3]);
  cr_expect_leq(f.records->n_tables, ITEMS / 2 * 3);
  tear_down(&f);
}
