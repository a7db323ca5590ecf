/* The entropies' contract against long double, and the narrow kernel's tables of them: every share
 * of few ratings has an entry of its own, and digits give back what was cut. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/common/sums.h"
#include "kernels/cpu/more_tables.h"

enum { LEVELS = 7, MOST = 63 };

static dss_tables made(uint32_t levels) {
  dss_tables t;
  cr_assert_eq(dss_tables_make(&t, DSS_TABLES_NOMINAL, levels, NULL, 31980, MOST), DSS_TABLES_OK);
  return t;
}

/* --- the contract ---------------------------------------------------------------------------- */

static uint32_t next_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33);
}

static uint32_t random_counts(uint64_t *state, uint32_t n, uint32_t levels, uint32_t *counts) {
  memset(counts, 0, levels * sizeof *counts);
  uint32_t used = 1 + next_random(state) % levels;
  for (uint32_t i = 0; i < n; i++)
    counts[next_random(state) % used]++;
  return n;
}

static long double true_entropy(const uint32_t *x, uint32_t m, uint32_t levels) {
  long double h = 0;
  for (uint32_t c = 0; c < levels; c++)
    if (x[c] > 0) h -= (long double)x[c] / m * logl((long double)x[c] / m);
  return h;
}

static long double true_cross_entropy(const uint32_t *x, uint32_t m, const uint32_t *y, uint32_t s,
                                      uint32_t levels) {
  long double h = 0;
  for (uint32_t c = 0; c < levels; c++)
    h -= (long double)x[c] / m * logl((y[c] + 0.5L) / (s + levels / 2.0L));
  return h;
}

/* One item as it enters the sums; in nats. */
static long double weighted(const dss_tables *t, int64_t logs, uint32_t m) {
  return ldexpl((long double)((dss_i128)t->weight[m] * logs), -(int)t->log_bits) /
         (long double)t->weight_scale;
}

/* docs/determinism.md: an item's entropy is off by at most 2^-34 and its weight's share, its
 * cross-entropy by at most 2^-33 and that. */
Test(entropies, within_their_bound_of_the_truth) {
  uint64_t state = 7;
  long double worst = 0, worst_cross = 0;
  for (uint32_t levels = 1; levels <= 9; levels++) {
    dss_tables t = made(levels);
    for (size_t i = 0; i < 20000; i++) {
      uint32_t x[9], y[9], m, s;
      m = random_counts(&state, 1 + next_random(&state) % 40, levels, x);
      s = random_counts(&state, 1 + next_random(&state) % (MOST - m), levels, y);
      long double share = m / (2.0L * (long double)t.weight_scale);
      long double own = true_entropy(x, m, levels), cross;
      cross = true_cross_entropy(x, m, y, s, levels);
      long double off = fabsl(weighted(&t, dss_entropy(&t, x, m), m) - own) - share * own;
      long double off_cross = fabsl(weighted(&t, dss_cross_entropy(&t, x, y, s), m) - cross);
      off_cross -= share * cross;
      worst = off > worst ? off : worst;
      worst_cross = off_cross > worst_cross ? off_cross : worst_cross;
    }
    dss_tables_free(&t);
  }
  cr_expect(worst <= ldexpl(1, -34), "%Lg", worst);
  cr_expect(worst_cross <= ldexpl(1, -33), "%Lg", worst_cross);
  cr_expect(worst > ldexpl(1, -40) && worst_cross > ldexpl(1, -40), "logarithms are rounded");
}

/* --- digits ----------------------------------------------------------------------------------- */

static int64_t joined(const int16_t *digits, size_t stride, unsigned bits) {
  int64_t number = 0;
  for (unsigned d = DSS_DIGITS; d-- > 0;)
    number = number * ((int64_t)1 << bits) + digits[d * stride];
  return number;
}

/* The last digit is kept mod 2^16. */
static bool same_digits(int64_t a, int64_t b, unsigned bits) {
  return (a - b) % ((int64_t)1 << (16 + 2 * bits)) == 0;
}

Test(more_tables, digits_give_back_what_was_cut) {
  dss_tables t = made(LEVELS);
  dss_cpu_more *more = dss_cpu_more_make(&t, false);
  cr_assert_not_null(more);
  for (uint32_t m = 1; m <= MOST; m++) {
    cr_assert_eq(joined(&more->weight[0][m], 64, DSS_MANY_BITS), (int64_t)t.weight[m]);
    cr_assert(same_digits(joined(&more->many[0][m], 64, DSS_MANY_BITS), t.count_log[m], 13));
    if (m <= DSS_MORE_SOME) {
      cr_assert_eq((uint64_t)more->root[m] << DSS_VOTE_SHIFT, t.weight[m]);
      cr_assert(same_digits(joined(&more->some[0][m], 32, DSS_SOME_BITS), t.count_log[m], 12));
      cr_assert(same_digits(joined(&more->some[0][m + 16], 32, DSS_SOME_BITS), t.count_log[m], 12));
    }
    for (uint32_t x = 1; x <= m; x++) {
      int64_t level = x * t.half_log[m - x], all = x * t.smoothed_log[m - x];
      cr_assert(same_digits(joined(&more->many_cross[m][0][x], 64, DSS_MANY_BITS), level, 13));
      cr_assert(same_digits(joined(&more->many_all[m][0][x], 64, DSS_MANY_BITS), all, 13));
      if (x > DSS_MORE_SOME) continue;
      cr_assert(same_digits(joined(&more->some_cross[m][0][x], 16, DSS_SOME_BITS), level, 12));
      cr_assert(same_digits(joined(&more->some_all[m][0][x], 32, DSS_SOME_BITS), all, 12));
    }
  }
  free(more);
  dss_tables_free(&t);
}

/* Of two levels with these items' ratings, at the place where narrow_more.h looks. */
static int16_t of_two(const dss_cpu_more *more, unsigned item, const uint32_t *all,
                      const uint32_t *x, size_t d) {
  uint32_t at = x[0] + 4 * x[1], place = (item ? 16 - at : at) % 16;
  return (int16_t)(more->of_two[item][0][all[0]][d][place] +
                   more->of_two[item][1][all[1]][d][place]);
}

Test(more_tables, two_levels_at_once_are_their_sum) {
  dss_tables t = made(LEVELS);
  dss_cpu_more *more = dss_cpu_more_make(&t, false);
  cr_assert_not_null(more);
  const uint32_t all[2] = {17, 5};
  for (unsigned item = 0; item < 2; item++)
    for (size_t d = 0; d < DSS_DIGITS; d++)
      for (uint32_t i = 0; i < 16; i++) {
        const uint32_t x[2] = {i % 4, i / 4};
        cr_expect_eq(of_two(more, item, all, x, d),
                     more->some_cross[17][d][x[0]] + more->some_cross[5][d][x[1]]);
        cr_expect_eq(more->of_one[item][17][d][(item ? 16 - i : i) % 16],
                     more->some_cross[17][d][i]);
      }
  free(more);
  dss_tables_free(&t);
}

/* --- shares of few ratings ------------------------------------------------------------------- */

typedef struct walk {
  const dss_tables *tables;
  const dss_cpu_more *more;
  size_t shares;
  bool taken[64];
} walk;

/* Every way to spread `left` more ratings over the levels from `level` on, none larger than next.
 */
static void walk_shares(walk *w, uint32_t *x, uint32_t level, uint32_t left, uint32_t next) {
  if (left == 0) {
    uint32_t at = 0, m = 0;
    for (uint32_t c = 0; c < LEVELS; c++) {
      at += w->more->hash[x[c]];
      m += x[c];
    }
    at %= 64;
    cr_expect(!w->taken[at], "entry %u stands for two shares", at);
    w->taken[at] = true;
    w->shares++;
    cr_expect_eq(joined(&w->more->few[0][at], 64, DSS_SOME_BITS), dss_entropy(w->tables, x, m));
    cr_expect_eq((uint32_t)w->more->few_most[at], dss_largest(x, LEVELS));
    return;
  }
  for (uint32_t n = 1; level < LEVELS && n <= left && n <= next; n++) {
    x[level] = n;
    walk_shares(w, x, level + 1, left - n, n);
    x[level] = 0;
  }
}

Test(more_tables, every_share_of_few_ratings_has_its_entry) {
  dss_tables t = made(LEVELS);
  dss_cpu_more *more = dss_cpu_more_make(&t, false);
  cr_assert_not_null(more);
  walk w = {.tables = &t, .more = more};
  for (uint32_t m = 0; m <= DSS_MORE_FEW; m++)
    walk_shares(&w, (uint32_t[LEVELS]){0}, 0, m, m);
  cr_expect_eq(w.shares, 1 + 1 + 2 + 3 + 5 + 7 + 11 + 15);
  free(more);
  dss_tables_free(&t);
}
