/* host/stats/association against worked examples and against pair-by-pair definitions. */
#include <criterion/criterion.h>
#include <math.h>

#include "host/stats/association.h"
#include "tests/independent_random.h"

enum { LEVELS = 5, MOST = 400 };

static double x_of[MOST];
static uint32_t y_of[MOST];
static uint64_t weight_of[MOST], scratch[DSS_ASSOCIATE_WORDS(MOST)];
static const double five[LEVELS] = {1, 2, 3.5, 4, 7};

static dss_points points_of(size_t n) {
  return (dss_points){n, x_of, y_of, weight_of};
}

/* By the definitions, pair by pair over replicated data. */
typedef struct plain {
  double x[MOST], y[MOST], level[MOST];
  size_t n;
} plain;

static double plain_pearson(const double *a, const double *b, size_t n) {
  long double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < n; i++) {
    ma += a[i] / (long double)n;
    mb += b[i] / (long double)n;
  }
  for (size_t i = 0; i < n; i++) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) * (a[i] - ma);
    bb += (b[i] - mb) * (b[i] - mb);
  }
  return (double)(ab / sqrtl(aa * bb));
}

static void plain_ranks(const double *a, size_t n, double *rank) {
  for (size_t i = 0; i < n; i++) {
    rank[i] = 0.5;
    for (size_t k = 0; k < n; k++)
      rank[i] += a[k] < a[i] ? 1 : a[k] == a[i] ? 0.5 : 0;
  }
}

static double plain_kendall(const plain *p) {
  double s = 0, in_x = 0, in_y = 0;
  for (size_t i = 0; i < p->n; i++)
    for (size_t k = 0; k < i; k++) {
      int a = (p->x[i] > p->x[k]) - (p->x[i] < p->x[k]);
      int b = (p->y[i] > p->y[k]) - (p->y[i] < p->y[k]);
      s += a * b;
      in_x += a != 0;
      in_y += b != 0;
    }
  return s / sqrt(in_x * in_y);
}

static double plain_kappa(const plain *p) {
  double seen = 0, expected = 0;
  for (size_t i = 0; i < p->n; i++) {
    double x = dss_nearest_level(p->x[i], five, LEVELS);
    seen += (x - p->level[i]) * (x - p->level[i]);
    for (size_t k = 0; k < p->n; k++)
      expected += (x - p->level[k]) * (x - p->level[k]) / (double)p->n;
  }
  return 1 - seen / expected;
}

static void check_against_definitions(const dss_points *points) {
  static plain p;
  double rx[MOST], ry[MOST], error = 0;
  p.n = 0;
  for (size_t i = 0; i < points->n; i++)
    for (uint64_t w = 0; w < points->weight[i]; w++) {
      p.x[p.n] = points->x[i];
      p.level[p.n] = points->y[i];
      p.y[p.n] = five[points->y[i]];
      error += fabs(p.x[p.n] - p.y[p.n]);
      p.n++;
    }
  plain_ranks(p.x, p.n, rx);
  plain_ranks(p.y, p.n, ry);
  dss_association a = dss_associate(points, five, LEVELS, 0, scratch);
  cr_assert_eq(a.n, p.n);
  cr_assert(fabs(a.pearson - plain_pearson(p.x, p.y, p.n)) <= 1e-12);
  cr_assert(fabs(a.spearman - plain_pearson(rx, ry, p.n)) <= 1e-12);
  cr_assert(fabs(a.kendall - plain_kendall(&p)) <= 1e-12);
  cr_assert(fabs(a.mae - error / (double)p.n) <= 1e-12);
  cr_assert(fabs(dss_quadratic_kappa(points, five, LEVELS) - plain_kappa(&p)) <= 1e-12);
}

Test(association, is_what_the_definitions_say) {
  for (unsigned seed = 1; seed <= 40; seed++) {
    independent_random random = {seed};
    size_t n = 0;
    double x = 1;
    unsigned step = seed % 4; /* from all x equal over many ties to few */
    while (n < 60) {
      for (uint32_t c = 0; c < LEVELS; c++) {
        if (random_under(&random, 3)) continue;
        x_of[n] = x;
        y_of[n] = c;
        weight_of[n++] = 1 + random_under(&random, 3);
      }
      x += step == 0 ? 0.5 : random_under(&random, 4 * step) / 16.0 + 0.01;
    }
    dss_points points = points_of(n);
    check_against_definitions(&points);
  }
}

/* Sums of errors that only rounding would tell apart are one number where steps are known. */
Test(association, errors_in_steps_tie) {
  static const double value[] = {0, 1}, one[] = {0.1, 0.2, 0.3}, other[] = {0.3, 0.3, 0};
  const double *both[] = {one, other};
  double mae[2];
  for (int k = 0; k < 2; k++) {
    dss_points points = points_of(0);
    for (size_t i = 0; i < 3; i++) { /* ascending by x: once as given, once from the end */
      x_of[i] = both[k][k ? 2 - i : i];
      y_of[i] = 0;
      weight_of[i] = 1;
    }
    points.n = 3;
    if (k) points.n = 2, weight_of[1] = 2; /* 0, and 0.3 twice */
    double steps = dss_decimal_steps(both[k], 3, 1);
    cr_assert_eq(steps, 10);
    mae[k] = dss_associate(&points, value, 2, steps, scratch).mae;
  }
  cr_assert_eq(mae[0], 0.2);
  cr_assert_eq(mae[1], 0.2);
  static const double fine[] = {1, 2.25, 0.000001}, finer[] = {1.0 / 3};
  cr_assert_eq(dss_decimal_steps(fine, 1, 1), 1);
  cr_assert_eq(dss_decimal_steps(fine, 2, 1), 100);
  cr_assert_eq(dss_decimal_steps(fine, 3, 1), 1e6);
  cr_assert_eq(dss_decimal_steps(finer, 1, 1), 0);
  cr_assert_eq(dss_decimal_steps(fine, 1, 100), 100);
}

/* 1 2 3 4 against 1 3 2 4: one discordant pair of six; d^2 = 2; worked by hand. */
Test(association, four_pairs) {
  static const double value[] = {1, 2, 3, 4};
  dss_points points = points_of(4);
  for (uint32_t i = 0; i < 4; i++) {
    x_of[i] = i + 1;
    weight_of[i] = 1;
    y_of[i] = i == 1 ? 2 : i == 2 ? 1 : i;
  }
  dss_association a = dss_associate(&points, value, 4, 1, scratch);
  cr_assert(fabs(a.kendall - 4.0 / 6) <= 1e-15);
  cr_assert(fabs(a.spearman - 0.8) <= 1e-15);
  cr_assert(fabs(a.pearson - 0.8) <= 1e-15);
  cr_assert_eq(a.mae, 0.5);
  cr_assert(fabs(dss_quadratic_kappa(&points, value, 4) - 0.8) <= 1e-15);
}

/* Numbers whose squares are no numbers: the same correlation, to the bit, as of small ones. */
Test(association, of_huge_and_tiny_numbers) {
  static const double units[] = {0x1p900, 0x1p530, 0x1p-530, 0x1p-1000};
  double value[LEVELS], small = NAN;
  for (size_t u = 0; u <= sizeof units / sizeof *units; u++) {
    double unit = u == 0 ? 1 : units[u - 1];
    dss_points points = points_of(LEVELS);
    for (uint32_t c = 0; c < LEVELS; c++) {
      x_of[c] = unit * (c + 1);
      y_of[c] = c == 1 ? 3 : c == 3 ? 1 : c;
      weight_of[c] = 1 + c;
      value[c] = unit * five[c];
    }
    dss_association a = dss_associate(&points, value, LEVELS, 0, scratch);
    if (u == 0) small = a.pearson;
    cr_assert(a.x_varies && a.y_varies);
    cr_assert(small > 0.1 && small < 0.9);
    cr_assert_eq(a.pearson, small, "unit %g: %.17g, not %.17g", unit, a.pearson, small);
  }
}

Test(association, says_what_does_not_vary) {
  dss_points points = points_of(0);
  dss_association a = dss_associate(&points, five, LEVELS, 0, scratch);
  cr_assert(a.n == 0 && isnan(a.mae) && isnan(a.pearson));
  cr_assert(isnan(dss_quadratic_kappa(&points, five, LEVELS)));
  points.n = 2; /* one prediction, two levels */
  x_of[0] = x_of[1] = 2;
  y_of[0] = 1;
  y_of[1] = 3;
  weight_of[0] = weight_of[1] = 2;
  a = dss_associate(&points, five, LEVELS, 0, scratch);
  cr_assert(!a.x_varies && a.y_varies && isnan(a.pearson) && isnan(a.spearman) && isnan(a.kendall));
  cr_assert_eq(a.mae, 1);
  cr_assert_eq(dss_quadratic_kappa(&points, five, LEVELS), 0);
  x_of[1] = 3; /* two predictions, one level */
  y_of[1] = 1;
  a = dss_associate(&points, five, LEVELS, 0, scratch);
  cr_assert(a.x_varies && !a.y_varies && isnan(a.pearson) && isnan(a.kendall));
  x_of[1] = 2.1; /* nearest to the same level, which is all there is */
  cr_assert(isnan(dss_quadratic_kappa(&points, five, LEVELS)));
}

Test(association, nearest_level) {
  static const double x[] = {-3, 1, 1.4999, 1.5, 2.75, 2.74, 5.5, 5.4, 7, 9};
  static const uint32_t level[] = {0, 0, 0, 1, 2, 1, 4, 3, 4, 4};
  for (size_t i = 0; i < sizeof x / sizeof *x; i++)
    cr_assert_eq(dss_nearest_level(x[i], five, LEVELS), level[i], "%g", x[i]);
}

/* Any order in, the same points out; equal pairs become one. */
Test(association, points_of_pairs) {
  dss_real_pair pairs[] = {
      {3, 0.25, 1, 9}, {1, 0.5, 2, 9}, {3, 0.25, 4, 9}, {3, -1, 1, 9}, {1, -1, 1, 9}};
  double value[5];
  dss_points points = points_of(0);
  cr_assert_eq(dss_points_of_pairs(pairs, 5, &points, value), 3);
  cr_assert(value[0] == -1 && value[1] == 0.25 && value[2] == 0.5);
  cr_assert_eq(points.n, 4);
  static const double x[] = {1, 1, 3, 3};
  static const uint32_t y[] = {0, 2, 0, 1};
  static const uint64_t weight[] = {1, 2, 1, 5};
  for (size_t i = 0; i < 4; i++)
    cr_assert(points.x[i] == x[i] && points.y[i] == y[i] && points.weight[i] == weight[i]);
}
