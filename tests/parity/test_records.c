/* Records: where an item's states are, and that two levels' logarithms add up to what the formulas
 * of sums.h give for all of them. (The records themselves are made by vectors: test_backends.c.) */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/common/sums.h"
#include "kernels/cpu/records.h"

enum { ITEMS = DSS_TILE_ITEMS, MOST_LEVELS = DSS_MORE_LEVELS };

typedef struct fixture {
  dss_tables tables;
  dss_cpu_records *records;
  dss_cpu_tile_records *tile;
  uint32_t placed;                 /* logarithms */
  uint8_t all[ITEMS][MOST_LEVELS]; /* T_c */
  uint32_t size[ITEMS];
} fixture;

static uint32_t next_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33);
}

/* Items of none, of one and of up to 63 ratings; the last has all it may of two levels. */
static void fill_item(fixture *f, uint32_t item, uint64_t *state) {
  uint32_t levels = f->tables.n_levels;
  uint32_t n = item < 10 ? item : next_random(state) % (DSS_MORE_UNIT + 1);
  if (item + 1 == ITEMS) {
    f->all[item][0] = levels > 1 ? 32 : DSS_MORE_UNIT;
    if (levels > 1) f->all[item][1] = 31;
    n = DSS_MORE_UNIT;
  } else {
    for (uint32_t i = 0; i < n; i++)
      f->all[item][next_random(state) % levels]++;
  }
  f->size[item] = n;
  f->placed = dss_cpu_fill_item(f->records, levels, f->all[item], item, f->placed, f->tile);
}

static void set_up(fixture *f, uint32_t levels) {
  uint64_t state = levels;
  memset(f, 0, sizeof *f);
  cr_assert_eq(dss_tables_make(&f->tables, DSS_TABLES_NOMINAL, levels, NULL, 31980, DSS_MORE_UNIT),
               DSS_TABLES_OK);
  f->records = dss_cpu_records_make(&f->tables);
  f->tile = aligned_alloc(64, sizeof *f->tile);
  cr_assert(f->records && f->tile);
  for (uint32_t item = 0; item < ITEMS; item++)
    fill_item(f, item, &state);
}

static void tear_down(fixture *f) {
  free(f->tile);
  free(f->records);
  dss_tables_free(&f->tables);
}

/* Only kernels for AVX2 read records, and only it can make them. */
static bool has_avx2(void) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2")) return true;
#endif
  puts("SKIPPED: records, as this machine lacks AVX2");
  return false;
}

/* --- logarithms ------------------------------------------------------------------------------- */

static uint64_t weight_of(uint64_t parts) {
  return (parts & UINT32_MAX) + (parts >> 32 << DSS_VOTE_SHIFT);
}

/* One group on one item. */
static void expect_logs(const fixture *f, uint32_t item, const uint32_t *x, uint32_t m) {
  const dss_tables *t = &f->tables;
  uint32_t size = f->size[item], y[MOST_LEVELS];
  dss_cpu_logs sum = f->records->whole[size][m], weight = f->records->weight[size][m];
  for (uint32_t k = 0; k < t->n_levels; k++)
    y[k] = f->all[item][k] - x[k];
  for (uint32_t k = 0; k < t->n_levels; k += 2) {
    uint32_t second = k + 1 < t->n_levels ? x[k + 1] : 0;
    uint32_t place = f->tile->first[item][k / 2] + x[k] + (f->all[item][k] + 1u) * second;
    cr_assert_lt(place, f->placed);
    sum.own -= f->tile->logs[place].own;
    sum.cross -= f->tile->logs[place].cross;
  }
  cr_expect_eq(sum.own, m > 0 ? (uint64_t)dss_entropy(t, x, m) : 0);
  if (m > 0 && m < size)
    cr_expect_eq(sum.cross, (uint64_t)dss_cross_entropy(t, x, y, size - m),
                 "item %u: cross-entropy of %u ratings", item, m);
  cr_expect_eq(weight_of(weight.own), m > 0 ? t->weight[m] : f->tables.weight[0]);
  cr_expect_eq(weight_of(weight.cross), m < size ? weight_of(weight.own) : 0);
  cr_expect_eq(f->records->plain[m], t->weight[m]);
}

/* Random groups of all sizes. */
static void expect_groups(const fixture *f, uint32_t item, uint64_t *state) {
  for (int i = 0; i < 200; i++) {
    uint32_t x[MOST_LEVELS] = {0}, m = 0;
    for (uint32_t k = 0; k < f->tables.n_levels; k++)
      m += x[k] = i == 0   ? 0
                  : i == 1 ? f->all[item][k]
                           : next_random(state) % (f->all[item][k] + 1u);
    expect_logs(f, item, x, m);
  }
}

Test(records, logarithms_add_up_to_the_formulas) {
  if (!has_avx2()) return;
  for (uint32_t levels = 1; levels <= MOST_LEVELS; levels++) {
    fixture f;
    uint64_t state = levels;
    set_up(&f, levels);
    for (uint32_t item = 0; item < ITEMS; item++)
      expect_groups(&f, item, &state);
    tear_down(&f);
  }
}

/* No item of 63 ratings needs more than two levels of 32 and 31 and the other levels' nothing. */
Test(records, logarithms_have_room) {
  if (!has_avx2()) return;
  fixture f;
  set_up(&f, MOST_LEVELS);
  uint32_t last = f.tile->first[ITEMS - 1][0];
  cr_expect_eq(f.placed - last, 33 * 32 + 3);
  cr_expect_leq(f.placed - last, (uint32_t)DSS_LOG_PAIRS);
  tear_down(&f);
}

/* --- states ----------------------------------------------------------------------------------- */

static uint32_t choose(uint32_t n, uint32_t k) {
  uint64_t product = 1;
  for (uint32_t i = 1; i <= k; i++)
    product = product * (n - k + i) / i;
  return (uint32_t)product;
}

static uint32_t place_of(const fixture *f, const uint32_t *x) {
  uint32_t place = 0, rated = 0;
  for (uint32_t k = 0; k < f->tables.n_levels; k++)
    place += f->records->before[k][rated += x[k]];
  return place;
}

/* Counts the states of levels from `level` on with up to so many ratings more; each has a place of
 * its own. */
static uint32_t visit(const fixture *f, bool *taken, uint32_t *x, uint32_t level, uint32_t left) {
  uint32_t n = 0;
  if (level == f->tables.n_levels) {
    uint32_t place = place_of(f, x);
    cr_assert_lt(place, (uint32_t)DSS_RECORDS);
    cr_expect_not(taken[place], "two states at %u", place);
    taken[place] = true;
    return 1;
  }
  for (x[level] = 0; x[level] <= left; x[level]++)
    n += visit(f, taken, x, level + 1, left - x[level]);
  return n;
}

Test(records, every_state_has_a_place_of_its_own) {
  if (!has_avx2()) return;
  for (uint32_t levels = 1; levels <= MOST_LEVELS; levels++) {
    fixture f;
    bool taken[DSS_RECORDS] = {false};
    uint32_t x[MOST_LEVELS], few = dss_cpu_few(levels);
    set_up(&f, levels);
    uint32_t n = visit(&f, taken, x, 0, few);
    cr_expect_eq(n, choose(few + levels, levels));
    for (uint32_t i = 0; i < DSS_RECORDS; i++)
      cr_expect_eq(taken[i], i < n, "%u levels: a gap at %u", levels, i);
    cr_expect_leq(few, (uint32_t)DSS_MORE_SOME);
    cr_expect_leq(choose(few + levels - 1, levels), (uint32_t)UINT8_MAX);
    cr_expect(few == DSS_MORE_SOME || choose(few + levels, levels) > UINT8_MAX,
              "one more would do");
    tear_down(&f);
  }
}

/* --- records ---------------------------------------------------------------------------------- */

/* One group on one item. */
static void expect_record(const fixture *f, uint32_t item, const uint32_t *x, uint32_t m) {
  const dss_tables *t = &f->tables;
  const dss_cpu_record *found = &f->tile->records[item][place_of(f, x)];
  uint32_t s = f->size[item] - m, y[MOST_LEVELS];
  uint64_t root = m > 0 ? t->weight[m] >> DSS_VOTE_SHIFT : 0, equal = 0;
  for (uint32_t k = 0; k < t->n_levels; k++) {
    y[k] = f->all[item][k] - x[k];
    equal += (uint64_t)y[k] * y[k];
  }
  cr_expect_eq(found->entropy, m > 0 ? root * (uint64_t)dss_entropy(t, x, m) : 0);
  cr_expect_eq(found->cross, m > 0 && s > 0 ? root * (uint64_t)dss_cross_entropy(t, x, y, s) : 0,
               "item %u: cross-entropy of %u ratings", item, m);
  cr_expect_eq(found->complement, s > 1 ? t->weight[s - 1] * ((uint64_t)s * s - equal) : 0,
               "item %u: complement of %u ratings", item, m);
  cr_expect_eq(found->plurality, m > 0 ? t->weight[m] * dss_largest(x, t->n_levels) : 0);
}

/* Every way to take few of an item's ratings. */
static size_t take_from(const fixture *f, uint32_t item, uint32_t *x, uint32_t level, uint32_t m) {
  size_t n = 0;
  if (level == f->tables.n_levels) {
    expect_record(f, item, x, m);
    return 1;
  }
  uint32_t all = f->all[item][level];
  for (x[level] = 0; x[level] <= all && m + x[level] <= dss_cpu_few(f->tables.n_levels); x[level]++)
    n += take_from(f, item, x, level + 1, m + x[level]);
  x[level] = 0;
  return n;
}

Test(records, hold_what_the_formulas_give) {
  if (!has_avx2()) return;
  for (uint32_t levels = 1; levels <= MOST_LEVELS; levels++) {
    fixture f;
    size_t n = 0;
    set_up(&f, levels);
    for (uint32_t item = 0; item < ITEMS; item++)
      n += take_from(&f, item, (uint32_t[MOST_LEVELS]){0}, 0, 0);
    cr_expect_gt(n, levels > 1 ? 1000u : 300u);
    tear_down(&f);
  }
}
