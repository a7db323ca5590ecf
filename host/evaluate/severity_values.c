#include "severity_values.h"

#include <math.h>
#include <string.h>

#include "fraction_sum.h"

/* Sums over the ratings of an axis's groups, each [n_groups], and of all of them together. */
typedef struct axis_sums {
  const dss_severity_scale *scale;
  uint32_t n_levels, n_groups;
  const double *x; /* [n_levels][stride] */
  size_t stride;
  double *n, *sum, *share;                /* ratings, of values, at the threshold or above */
  double *centred, *squares;              /* of centred values */
  double *rest_n, *rest_sum, *rest_share; /* of everyone else */
  double *dominance; /* sum over the group's ratings of everyone's below less those above */
  double *middle;    /* scratch */
  double *ridit;     /* [n_levels][n_groups] the group's ratings below a level less those above */
  double *total;     /* [n_levels] */
  double *score;     /* [n_levels] everyone's ratings below the level less those above */
  double ratings;
} axis_sums;

enum { ARRAYS = 10 };

static size_t scratch_of(const void *of, uint32_t n_groups) {
  const dss_severity_scale *scale = of;
  return ((size_t)ARRAYS + scale->n_levels) * n_groups + 2 * (size_t)scale->n_levels;
}

/* Where in scratch the sums stand. */
static axis_sums place(const dss_severity_scale *scale, const double *x, size_t stride,
                       uint32_t n_groups, double *scratch) {
  axis_sums a = {
      .scale = scale, .n_levels = scale->n_levels, .n_groups = n_groups, .x = x, .stride = stride};
  double **arrays[ARRAYS] = {&a.n,      &a.sum,      &a.share,      &a.centred,   &a.squares,
                             &a.rest_n, &a.rest_sum, &a.rest_share, &a.dominance, &a.middle};
  for (size_t i = 0; i < ARRAYS; i++, scratch += n_groups)
    *arrays[i] = scratch;
  a.ridit = scratch;
  a.total = a.ridit + (size_t)a.n_levels * n_groups;
  a.score = a.total + a.n_levels;
  return a;
}

static const double *level(const axis_sums *a, uint32_t k) {
  return &a->x[k * a->stride];
}

/* to += weight * from, level by level in their order. */
static void weigh(double *restrict to, const double *restrict from, double weight, uint32_t n) {
  for (uint32_t g = 0; g < n; g++)
    to[g] += weight * from[g];
}

static void sum_groups(axis_sums *a) {
  const dss_severity_scale *scale = a->scale;
  memset(a->n, 0, (size_t)5 * a->n_groups * sizeof *a->n); /* n .. squares stand in a row */
  for (uint32_t k = 0; k < a->n_levels; k++) {
    weigh(a->n, level(a, k), 1, a->n_groups);
    weigh(a->sum, level(a, k), scale->values[k], a->n_groups);
    weigh(a->centred, level(a, k), scale->centred[k], a->n_groups);
    weigh(a->squares, level(a, k), scale->centred[k] * scale->centred[k], a->n_groups);
    if (k >= scale->threshold && k < scale->above) weigh(a->share, level(a, k), 1, a->n_groups);
  }
  for (uint32_t g = 0; g < a->n_groups && scale->threshold >= a->n_levels; g++)
    a->share[g] = NAN; /* one level alone is no threshold: there is no share, nor a difference */
}

/* Whole numbers, whose order says nothing. */
static void sum_all(axis_sums *a) {
  double below = 0;
  a->ratings = 0;
  for (uint32_t k = 0; k < a->n_levels; k++) {
    a->total[k] = 0;
    for (uint32_t g = 0; g < a->n_groups; g++)
      a->total[k] += level(a, k)[g];
    a->ratings += a->total[k];
  }
  for (uint32_t k = 0; k < a->n_levels; k++) {
    a->score[k] = below - (a->ratings - below - a->total[k]);
    below += a->total[k];
  }
}

static void sum_rest(axis_sums *a) {
  memset(a->rest_n, 0, (size_t)4 * a->n_groups * sizeof *a->rest_n); /* .. dominance */
  for (uint32_t k = 0; k < a->n_levels; k++) {
    const double *x = level(a, k);
    double value = a->scale->values[k], all = a->total[k], score = a->score[k];
    double counts = k >= a->scale->threshold && k < a->scale->above ? 1 : 0;
    for (uint32_t g = 0; g < a->n_groups; g++) {
      double rest = all - x[g];
      a->rest_n[g] += rest;
      a->rest_sum[g] += value * rest;
      a->rest_share[g] += counts * rest;
      a->dominance[g] += score * x[g];
    }
  }
}

/* --- omnibus ------------------------------------------------------------------------------- */

static uint32_t groups_rated(const axis_sums *a) {
  uint32_t rated = 0;
  for (uint32_t g = 0; g < a->n_groups; g++)
    rated += a->n[g] > 0;
  return rated;
}

/* Whether values of at most `largest` (levels or scores) can be squared, summed and divided in 128
 * bits: of N ratings and the groups' common multiple L, no number is above N^3 largest^2 L. */
static bool is_exact(const axis_sums *a, double largest, double common) {
  double n = a->ratings, squares = n * largest * largest;
  return common > 0 && n * largest < 0x1p53 && squares < 0x1p53 &&
         n * n * squares * common < DSS_FRACTION_LIMIT;
}

/* F = (SSB / (G - 1)) / (SSW / (N - G)), of N ratings that sum up to `all`. */
static double exact_f(const axis_sums *a, double all, double groups, uint64_t common) {
  uint64_t n = (uint64_t)a->ratings, g = (uint64_t)groups, sum = (uint64_t)fabs(all);
  double squares = 0;
  for (uint32_t i = 0; i < a->n_groups; i++)
    squares += a->squares[i];
  dss_u128 between = dss_common_squares(a->centred, a->n, a->n_groups, common);
  dss_u128 within = (dss_u128)(uint64_t)squares * common - between;
  if (within == 0) return NAN;
  return dss_quotient((between * n - (dss_u128)sum * sum * common) * (n - g), within * n * (g - 1));
}

/* The same in doubles: sums of squares in which nothing cancels. */
static double rounded_f(axis_sums *a, double all, double groups) {
  double between, within, n = a->ratings, *terms = a->middle;
  for (uint32_t g = 0; g < a->n_groups; g++) {
    double apart = a->centred[g] * n - all * a->n[g];
    terms[g] = a->n[g] > 0 ? apart * apart / a->n[g] : 0;
  }
  between = dss_sum_sorted(terms, a->n_groups);
  for (uint32_t g = 0; g < a->n_groups; g++)
    terms[g] =
        a->n[g] > 0 ? (a->squares[g] * a->n[g] - a->centred[g] * a->centred[g]) / a->n[g] : 0;
  within = dss_sum_sorted(terms, a->n_groups);
  return within > 0 ? between / (n * n) / (groups - 1) / (within / (n - groups)) : NAN;
}

static double anova_f(axis_sums *a, uint64_t common) {
  double all = 0, groups = groups_rated(a);
  if (!(groups > 1) || !(a->ratings > groups)) return NAN;
  for (uint32_t k = 0; k < a->n_levels; k++)
    all += a->scale->centred[k] * a->total[k];
  return a->scale->largest > 0 && is_exact(a, a->scale->largest, (double)common)
             ? exact_f(a, all, groups, common)
             : rounded_f(a, all, groups);
}

/* H, corrected for ties: (N - 1) times the share of the ranks' variance that is between groups. A
 * rank less the mean rank is half of score. */
static double kruskal_h(axis_sums *a, uint64_t common) {
  double whole = 0, *terms = a->middle;
  for (uint32_t k = 0; k < a->n_levels; k++)
    whole += a->total[k] * (a->score[k] * a->score[k]);
  if (groups_rated(a) < 2 || !(whole > 0)) return NAN;
  if (is_exact(a, a->ratings, (double)common))
    return dss_quotient(dss_common_squares(a->dominance, a->n, a->n_groups, common) *
                            (uint64_t)(a->ratings - 1),
                        (dss_u128)(uint64_t)whole * common);
  for (uint32_t g = 0; g < a->n_groups; g++)
    terms[g] = a->n[g] > 0 ? a->dominance[g] * a->dominance[g] / a->n[g] : 0;
  return (a->ratings - 1) * dss_sum_sorted(terms, a->n_groups) / whole;
}

static double *put_omnibus(axis_sums *a, double *out) {
  bool f = dss_severity_has(a->scale, DSS_SEVERITY_ANOVA_F);
  bool h = dss_severity_has(a->scale, DSS_SEVERITY_KRUSKAL_H);
  uint64_t common = f || h ? dss_common_multiple(a->n, a->n_groups) : 0;
  if (f) *out++ = anova_f(a, common);
  if (h) *out++ = kruskal_h(a, common);
  return out;
}

/* --- groups -------------------------------------------------------------------------------- */

/* over [n] is in so many to the unit. */
static void put_ratios(const double *restrict over, double per_unit, const double *restrict under,
                       uint32_t n, double *restrict out) {
  for (uint32_t g = 0; g < n; g++)
    out[g] = under[g] > 0 ? over[g] / (under[g] * per_unit) : NAN;
}

/* The mean of the two middle ratings, which are one where their number is odd. From the highest
 * level down: `left` ratings are at this level or below. */
static void put_medians(const axis_sums *a, double *restrict left, double *restrict low,
                        double *restrict high) {
  memcpy(left, a->n, a->n_groups * sizeof *left);
  for (uint32_t k = a->n_levels; k-- > 0;) {
    double value = a->scale->values[k];
    const double *restrict x = level(a, k), *restrict n = a->n;
    for (uint32_t g = 0; g < a->n_groups; g++) {
      low[g] = 2 * left[g] >= n[g] ? value : low[g];
      high[g] = 2 * left[g] > n[g] ? value : high[g];
      left[g] -= x[g];
    }
  }
  for (uint32_t g = 0; g < a->n_groups; g++)
    high[g] = a->n[g] > 0 ? (low[g] + high[g]) / (2 * a->scale->per_unit) : NAN;
}

static double *put_groups(const axis_sums *a, double *out) {
  if (dss_severity_has(a->scale, DSS_SEVERITY_MEAN)) {
    put_ratios(a->sum, a->scale->per_unit, a->n, a->n_groups, out);
    out += a->n_groups;
  }
  if (dss_severity_has(a->scale, DSS_SEVERITY_MEDIAN)) {
    put_medians(a, a->middle, a->ridit, out); /* ridit comes later */
    out += a->n_groups;
  }
  if (dss_severity_has(a->scale, DSS_SEVERITY_SHARE)) {
    put_ratios(a->share, 1, a->n, a->n_groups, out);
    out += a->n_groups;
  }
  return out;
}

/* --- two sides ----------------------------------------------------------------------------- */

/* One group's, or each of several groups', ratings and a sum over them. */
typedef struct side {
  const double *n, *sum;
} side;

/* sum_x / n_x - sum_y / n_y as one division, of sums in so many to the unit; x is one group for all
 * of y, or as many. */
static void put_differences(side x, bool one, side y, double per_unit, uint32_t n,
                            double *restrict out) {
  for (uint32_t g = 0; g < n; g++) {
    double n_x = x.n[one ? 0 : g], sum_x = x.sum[one ? 0 : g], both = n_x * y.n[g];
    out[g] = both > 0 ? (sum_x * y.n[g] - y.sum[g] * n_x) / (both * per_unit) : NAN;
  }
}

static double *put_rest(const axis_sums *a, double *out) {
  uint32_t n = a->n_groups;
  if (dss_severity_has(a->scale, DSS_SEVERITY_MEAN_DIFFERENCE)) {
    put_differences((side){a->n, a->sum}, false, (side){a->rest_n, a->rest_sum}, a->scale->per_unit,
                    n, out);
    out += n;
  }
  if (dss_severity_has(a->scale, DSS_SEVERITY_SHARE_DIFFERENCE)) {
    put_differences((side){a->n, a->share}, false, (side){a->rest_n, a->rest_share}, 1, n, out);
    out += n;
  }
  if (dss_severity_has(a->scale, DSS_SEVERITY_CLIFFS_DELTA)) {
    for (uint32_t g = 0; g < n; g++) { /* a group dominates itself as often as not */
      double both = a->n[g] * a->rest_n[g];
      out[g] = both > 0 ? a->dominance[g] / both : NAN;
    }
    out += n;
  }
  return out;
}

static void make_ridits(axis_sums *a) {
  double *below = a->middle;
  memset(below, 0, a->n_groups * sizeof *below);
  for (uint32_t k = 0; k < a->n_levels; k++) {
    const double *restrict x = level(a, k), *restrict n = a->n;
    double *restrict ridit = &a->ridit[(size_t)k * a->n_groups];
    for (uint32_t g = 0; g < a->n_groups; g++) {
      ridit[g] = 2 * below[g] + x[g] - n[g];
      below[g] += x[g];
    }
  }
}

/* Cliff's delta of group x and each group from first on. */
static void put_deltas(const axis_sums *a, uint32_t x, uint32_t first, double *restrict out) {
  uint32_t n = a->n_groups - first;
  memset(out, 0, n * sizeof *out);
  for (uint32_t k = 0; k < a->n_levels; k++)
    weigh(out, &a->ridit[(size_t)k * a->n_groups + first], level(a, k)[x], n);
  const double *restrict of_y = &a->n[first];
  for (uint32_t g = 0; g < n; g++) {
    double both = a->n[x] * of_y[g];
    out[g] = both > 0 ? out[g] / both : NAN;
  }
}

/* Each group with the later ones. */
static void put_pairs(axis_sums *a, double *out) {
  bool means = dss_severity_has(a->scale, DSS_SEVERITY_MEAN_DIFFERENCE);
  bool shares = dss_severity_has(a->scale, DSS_SEVERITY_SHARE_DIFFERENCE);
  bool deltas = dss_severity_has(a->scale, DSS_SEVERITY_CLIFFS_DELTA);
  if (deltas) make_ridits(a);
  for (uint32_t x = 0; x + 1 < a->n_groups; x++) {
    uint32_t n = a->n_groups - x - 1;
    const double *y = &a->n[x + 1];
    if (means)
      put_differences((side){&a->n[x], &a->sum[x]}, true, (side){y, &a->sum[x + 1]},
                      a->scale->per_unit, n, out);
    out += means ? n : 0;
    if (shares)
      put_differences((side){&a->n[x], &a->share[x]}, true, (side){y, &a->share[x + 1]}, 1, n, out);
    out += shares ? n : 0;
    if (deltas) put_deltas(a, x, x + 1, out);
    out += deltas ? n : 0;
  }
}

/* A group that is not tested has no values; everyone else's keep its ratings. */
static void leave_out(axis_sums *a, const uint8_t *tested) {
  for (uint32_t g = 0; g < a->n_groups; g++)
    if (!tested[g]) a->n[g] = 0;
}

static void axis_values(const void *of, const dss_compared_axis *axis, const double *tallies,
                        size_t stride, double *scratch, double *out) {
  const dss_severity_scale *scale = of;
  axis_sums a = place(scale, tallies, stride, axis->n_groups, scratch);
  sum_groups(&a);
  sum_all(&a);
  sum_rest(&a);
  out = put_omnibus(&a, out);
  leave_out(&a, axis->tested);
  out = put_groups(&a, out);
  if (axis->rest) out = put_rest(&a, out);
  if (axis->pairs) put_pairs(&a, out);
}

static void everyone_values(const void *of, const double *tallies, double *scratch, double *out) {
  axis_sums a = place(of, tallies, 1, 1, scratch);
  sum_groups(&a);
  put_groups(&a, out);
}

const dss_formulas dss_severity_formulas = {scratch_of, axis_values, everyone_values};
