#include "association.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is known of y before the points are gone through. */
typedef struct margins {
  uint64_t n;
  uint64_t *total;         /* [L] weight of each level */
  int64_t *rank;           /* [L] twice the midrank, less n + 1: they add up to 0 */
  double scale_x, scale_y; /* powers of two that bring x and the values to at most 1 */
  double mean_x, mean_y; /* scaled, as all sums of products are: squares of 1e160 are no numbers */
  double rank_squares;   /* over all pairs */
  uint64_t ties;         /* pairs of pairs that are equal in y */
  bool varies;
  double steps; /* to count errors in; 0: there are none */
} margins;

/* Sums over the blocks of equal x. */
typedef struct sums {
  double xx, xy, absolute; /* about the means; |x - y| */
  double rank_xx, rank_xy; /* about the mean rank */
  int64_t concordant;      /* less discordant */
  uint64_t ties_x, before; /* before: weight of the blocks so far */
  uint64_t n_blocks;
} sums;

static uint64_t two_of(uint64_t n) {
  return n * (n - 1) / 2; /* 0 for n = 0 */
}

/* Of ascending numbers. A power of two changes no bit of what comes out. */
static double scale_of(const double *ascending, size_t n) {
  int exponent;
  frexp(fmax(fabs(ascending[0]), fabs(ascending[n - 1])), &exponent);
  return ldexp(1, exponent < -1000 ? 1000 : -exponent);
}

static margins margins_of(const dss_points *p, const double *value, uint32_t n_levels,
                          uint64_t *scratch) {
  margins m = {.total = scratch,
               .rank = (int64_t *)(scratch + n_levels),
               .scale_x = scale_of(p->x, p->n),
               .scale_y = scale_of(value, n_levels)};
  double sum_x = 0, sum_y = 0;
  uint64_t below = 0, levels = 0;
  memset(m.total, 0, n_levels * sizeof *m.total);
  for (size_t i = 0; i < p->n; i++) {
    m.total[p->y[i]] += p->weight[i];
    m.n += p->weight[i];
    sum_x += (double)p->weight[i] * (m.scale_x * p->x[i]);
  }
  for (uint32_t c = 0; c < n_levels; c++) {
    uint64_t t = m.total[c];
    m.rank[c] = (int64_t)(2 * below + t) - (int64_t)m.n;
    m.rank_squares += (double)t * (double)m.rank[c] * (double)m.rank[c];
    if (t > 0) sum_y += (double)t * (m.scale_y * value[c]);
    m.ties += two_of(t);
    below += t;
    levels += t > 0;
  }
  m.mean_x = sum_x / (double)m.n;
  m.mean_y = sum_y / (double)m.n;
  m.varies = levels > 1;
  return m;
}

/* --- weights of the levels seen so far, in a tree of partial sums (Fenwick 1994) --- */

static void tree_add(uint64_t *tree, uint32_t n_levels, uint32_t level, uint64_t weight) {
  for (uint32_t i = level + 1; i <= n_levels; i += i & -i)
    tree[i] += weight;
}

/* Of the levels below this one. */
static uint64_t tree_below(const uint64_t *tree, uint32_t level) {
  uint64_t sum = 0;
  for (uint32_t i = level; i > 0; i &= i - 1)
    sum += tree[i];
  return sum;
}

static double error_in_steps(double x, double y, double steps) {
  return steps > 0 ? fabs(rint(x * steps) - rint(y * steps)) : fabs(x - y);
}

/* One block, points first .. end - 1. seen [L] and tree [L + 1] hold those before it. */
static void add_block(const dss_points *p, const double *value, uint32_t n_levels, const margins *m,
                      size_t first, size_t end, uint64_t *seen, uint64_t *tree, sums *s) {
  double x = p->x[first], dx = m->scale_x * x - m->mean_x, dy = 0;
  uint64_t weight = 0;
  int64_t ranks = 0;
  for (size_t i = first; i < end; i++) {
    uint32_t c = p->y[i];
    uint64_t w = p->weight[i], lower = tree_below(tree, c);
    weight += w;
    dy += (double)w * (m->scale_y * value[c] - m->mean_y);
    s->absolute += (double)w * error_in_steps(x, value[c], m->steps);
    ranks += (int64_t)w * m->rank[c];
    s->concordant += (int64_t)w * ((int64_t)(2 * lower + seen[c]) - (int64_t)s->before);
  }
  double rank = (double)((int64_t)(2 * s->before + weight) - (int64_t)m->n);
  s->xx += (double)weight * dx * dx;
  s->xy += dx * dy;
  s->rank_xx += (double)weight * rank * rank;
  s->rank_xy += rank * (double)ranks;
  s->ties_x += two_of(weight);
  s->before += weight;
  s->n_blocks++;
  for (size_t i = first; i < end; i++) {
    seen[p->y[i]] += p->weight[i];
    tree_add(tree, n_levels, p->y[i], p->weight[i]);
  }
}

/* Rounding may lead past 1. */
static double correlation(double xy, double xx, double yy) {
  double r = xy / (sqrt(xx) * sqrt(yy));
  return r > 1 ? 1 : r < -1 ? -1 : r;
}

dss_association dss_associate(const dss_points *points, const double *value, uint32_t n_levels,
                              double steps, uint64_t *scratch) {
  dss_association a = {0, false, false, NAN, NAN, NAN, NAN};
  if (points->n == 0) return a;
  margins m = margins_of(points, value, n_levels, scratch);
  m.steps = steps;
  sums s = {0};
  double yy = 0;
  uint64_t *seen = scratch + 2 * (size_t)n_levels, *tree = scratch + 3 * (size_t)n_levels;
  memset(seen, 0, (2 * (size_t)n_levels + 1) * sizeof *seen);
  for (size_t first = 0, end; first < points->n; first = end) {
    for (end = first + 1; end < points->n && points->x[end] == points->x[first];)
      end++;
    add_block(points, value, n_levels, &m, first, end, seen, tree, &s);
  }
  for (uint32_t c = 0; c < n_levels; c++) {
    double dy = m.scale_y * value[c] - m.mean_y;
    if (m.total[c] > 0) yy += (double)m.total[c] * dy * dy;
  }
  a.n = m.n;
  a.x_varies = s.n_blocks > 1;
  a.y_varies = m.varies;
  a.mae = s.absolute / ((steps > 0 ? steps : 1) * (double)m.n);
  if (!a.x_varies || !a.y_varies) return a;
  uint64_t pairs = two_of(m.n);
  a.pearson = correlation(s.xy, s.xx, yy);
  a.spearman = correlation(s.rank_xy, s.rank_xx, m.rank_squares);
  a.kendall =
      correlation((double)s.concordant, (double)(pairs - s.ties_x), (double)(pairs - m.ties));
  return a;
}

double dss_decimal_steps(const double *values, size_t n, double least) {
  double steps = least;
  for (size_t i = 0; i < n && steps > 0; i++) {
    double scaled = values[i] * steps;
    while (steps > 0 && !(fabs(scaled - rint(scaled)) <= 1e-9)) {
      steps = steps < 1e6 ? steps * 10 : 0;
      scaled = values[i] * steps;
    }
  }
  return steps;
}

/* --- kappa ---------------------------------------------------------------------------------- */

uint32_t dss_nearest_level(double x, const double *value, uint32_t n_levels) {
  uint32_t above = 0;
  while (above < n_levels && value[above] <= x)
    above++;
  if (above == 0) return 0;
  if (above == n_levels) return n_levels - 1;
  return x - value[above - 1] < value[above] - x ? above - 1 : above;
}

double dss_quadratic_kappa(const dss_points *points, const double *value, uint32_t n_levels) {
  uint64_t n = 0, apart = 0, x = 0, xx = 0, y = 0, yy = 0, level = 0;
  for (size_t i = 0; i < points->n; i++) {
    uint64_t w = points->weight[i], other = points->y[i];
    if (i == 0 || points->x[i] != points->x[i - 1])
      level = dss_nearest_level(points->x[i], value, n_levels);
    uint64_t distance = level > other ? level - other : other - level;
    n += w;
    apart += w * distance * distance;
    x += w * level;
    xx += w * level * level;
    y += w * other;
    yy += w * other * other;
  }
  double expected = (double)n * (double)(xx + yy) - 2 * (double)x * (double)y;
  /* n xx - x^2 and n yy - y^2 are 0 for one level each, and the rest is n^2 times their distance */
  return expected > 0 ? 1 - (double)n * (double)apart / expected : NAN;
}

/* --- pairs of any numbers ------------------------------------------------------------------- */

static int by_y(const void *a, const void *b) {
  const dss_real_pair *p = a, *q = b;
  return (p->y > q->y) - (p->y < q->y);
}

static int by_x_and_level(const void *a, const void *b) {
  const dss_real_pair *p = a, *q = b;
  if (p->x != q->x) return p->x > q->x ? 1 : -1;
  return (p->level > q->level) - (p->level < q->level);
}

uint32_t dss_points_of_pairs(dss_real_pair *pairs, size_t n, dss_points *points, double *value) {
  uint32_t n_levels = 0;
  qsort(pairs, n, sizeof *pairs, by_y);
  for (size_t i = 0; i < n; i++) {
    if (i == 0 || pairs[i].y != pairs[i - 1].y) value[n_levels++] = pairs[i].y;
    pairs[i].level = n_levels - 1;
  }
  qsort(pairs, n, sizeof *pairs, by_x_and_level);
  points->n = 0;
  for (size_t i = 0; i < n; i++) {
    size_t last = points->n - 1;
    if (points->n > 0 && points->x[last] == pairs[i].x && points->y[last] == pairs[i].level) {
      points->weight[last] += pairs[i].weight;
      continue;
    }
    points->x[points->n] = pairs[i].x;
    points->y[points->n] = pairs[i].level;
    points->weight[points->n++] = pairs[i].weight;
  }
  return n_levels;
}
