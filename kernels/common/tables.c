#include "tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static unsigned smaller(unsigned a, unsigned b) {
  return a < b ? a : b;
}

static unsigned larger(unsigned a, unsigned b) {
  return a > b ? a : b;
}

/* 2^bits * x, rounded to even. With extended precision the last bit of the C library's logarithm
 * hardly ever decides how. */
static int64_t fixed(long double x, unsigned bits) {
  return (int64_t)llrintl(ldexpl(x, (int)bits));
}

static bool fill_weights(dss_tables *t) {
  t->weight = calloc((size_t)t->max_unit + 1, sizeof *t->weight);
  t->vote = calloc((size_t)t->n_levels + 1, sizeof *t->vote);
  if (!t->weight || !t->vote) return false;
  for (uint64_t k = 1; k <= t->max_unit; k++)
    t->weight[k] = (t->weight_scale + k / 2) / k;
  for (uint64_t k = 1; k <= t->n_levels; k++)
    t->vote[k] = (DSS_VOTE_SCALE + k / 2) / k;
  return true;
}

static bool fill_logarithms(dss_tables *t) {
  size_t n = (size_t)t->max_unit + 1;
  t->count_log = calloc(n, sizeof *t->count_log);
  t->half_log = calloc(n, sizeof *t->half_log);
  t->smoothed_log = calloc(n, sizeof *t->smoothed_log);
  if (!t->count_log || !t->half_log || !t->smoothed_log) return false;
  for (size_t m = 0; m < n; m++) {
    long double x = (long double)m;
    t->half_log[m] = fixed(logl(x + 0.5L), t->log_bits);
    t->smoothed_log[m] = fixed(logl(x + (long double)t->n_levels / 2), t->log_bits);
    if (m > 0) t->count_log[m] = fixed(x * logl(x), t->log_bits);
  }
  return true;
}

/* Differences of integers up to 2^15 apart have squares that fit every sum. */
static bool integer_values(uint32_t n_levels, const double *values) {
  double low = INFINITY, high = -INFINITY;
  for (uint32_t c = 0; c < n_levels; c++) {
    if (values[c] != floor(values[c])) return false;
    low = fmin(low, values[c]);
    high = fmax(high, values[c]);
  }
  return high - low <= 32768.0 && fabs(low) <= 4503599627370496.0 &&
         fabs(high) <= 4503599627370496.0;
}

/* Krippendorff 2011, the metric difference functions of interval and ratio data. */
static double real_distance(dss_tables_scale scale, double a, double b) {
  if (scale == DSS_TABLES_INTERVAL) return (a - b) * (a - b);
  double share = a + b == 0 ? 0 : (a - b) / (a + b);
  return share * share;
}

static bool fill_distances(dss_tables *t, dss_tables_scale scale, const double *values,
                           unsigned rating_bits) {
  uint32_t levels = t->n_levels;
  size_t pairs = (size_t)levels * levels;
  t->distance_unit = 1.0;
  if (scale == DSS_TABLES_ORDINAL) {
    t->distance_unit = 0.25;
    bool fits = t->weight_bits + 3 * rating_bits + 2 <= 125;
    t->distance = fits ? DSS_DISTANCE_RANK_EXACT : DSS_DISTANCE_RANK_REAL;
    return true;
  }
  bool exact = scale == DSS_TABLES_NOMINAL ||
               (scale == DSS_TABLES_INTERVAL && integer_values(levels, values));
  t->distance = exact ? DSS_DISTANCE_EXACT : DSS_DISTANCE_REAL;
  if (exact)
    t->exact_distance = calloc(pairs, sizeof *t->exact_distance);
  else
    t->real_distance = calloc(pairs, sizeof *t->real_distance);
  if (exact ? !t->exact_distance : !t->real_distance) return false;
  for (uint32_t c = 0; c < levels; c++)
    for (uint32_t k = 0; k < levels; k++) {
      size_t at = (size_t)c * levels + k;
      if (scale == DSS_TABLES_NOMINAL)
        t->exact_distance[at] = c != k;
      else if (exact)
        t->exact_distance[at] = (uint64_t)((values[c] - values[k]) * (values[c] - values[k]));
      else
        t->real_distance[at] = real_distance(scale, values[c], values[k]);
    }
  return true;
}

/* The rest of tables whose levels, largest unit and bits are set. */
static dss_tables_status fill(dss_tables *tables, dss_tables made, dss_tables_scale scale,
                              const double *values, unsigned rating_bits) {
  made.weight_scale = (uint64_t)DSS_WEIGHT_ROOT << (made.weight_bits - DSS_WEIGHT_ROOT_BITS);
  made.log_unit = ldexp(1.0, -(int)made.log_bits);
  made.rounding = (double)made.max_unit / (double)made.weight_scale + ldexp(1.0, -50);
  made.log_levels = (double)logl((long double)made.n_levels);
  if (!fill_weights(&made) || !fill_logarithms(&made) ||
      !fill_distances(&made, scale, values, rating_bits)) {
    dss_tables_free(&made);
    return DSS_TABLES_NO_MEMORY;
  }
  *tables = made;
  return DSS_TABLES_OK;
}

/* G. Times one item's ratings a logarithm is at most 2^(G + L(M) + 5), which must stay under 2^62;
 * the sum over items, times weights, at most 2^(F + G + L(n) + 5), under 2^126. */
static unsigned log_bits(unsigned weight_bits, unsigned rating_bits, unsigned unit_bits) {
  return smaller(33, smaller(57 - unit_bits, 121 - weight_bits - rating_bits));
}

dss_tables_status dss_tables_make(dss_tables *tables, dss_tables_scale scale, uint32_t n_levels,
                                  const double *values, uint64_t n_ratings, uint32_t max_unit) {
  memset(tables, 0, sizeof *tables);
  unsigned rating_bits = dss_log2_ceiling(n_ratings), unit_bits = dss_log2_ceiling(max_unit);
  /* F + L(n) bits of sum times 30 bits of distance must stay under 2^126. */
  if (rating_bits > 40 || rating_bits + unit_bits > 60 || max_unit == UINT32_MAX)
    return DSS_TABLES_TOO_LARGE;
  dss_tables made = {.n_levels = n_levels, .max_unit = max_unit};
  made.weight_bits = smaller(52, larger(41, 34 + unit_bits));
  made.log_bits = log_bits(made.weight_bits, rating_bits, unit_bits);
  return fill(tables, made, scale, values, rating_bits);
}

dss_tables_status dss_tables_make_weighted(dss_tables *tables, dss_tables_scale scale,
                                           const double *values, uint64_t max_ratings,
                                           uint32_t max_total, const dss_tables *unweighted) {
  memset(tables, 0, sizeof *tables);
  uint32_t max_unit = larger(max_total, unweighted->max_unit);
  unsigned unit_bits = dss_log2_ceiling(max_unit);
  /* F + L(n) bits of sum (an item's weight times its pairs is at most its total), and 2 L(n) bits
   * of products of counts, times 30 bits of distance must stay under 2^126. */
  if (max_ratings > (uint64_t)1 << 62 || unit_bits > 31) return DSS_TABLES_TOO_LARGE;
  unsigned rating_bits = dss_log2_ceiling(max_ratings);
  if (rating_bits > 48 || unweighted->weight_bits + rating_bits > 95) return DSS_TABLES_TOO_LARGE;
  dss_tables made = {.n_levels = unweighted->n_levels, .max_unit = max_unit};
  made.weight_bits = unweighted->weight_bits;
  made.log_bits = smaller(unweighted->log_bits, log_bits(made.weight_bits, rating_bits, unit_bits));
  return fill(tables, made, scale, values, rating_bits);
}

void dss_tables_free(dss_tables *t) {
  free(t->weight);
  free(t->vote);
  free(t->count_log);
  free(t->half_log);
  free(t->smoothed_log);
  free(t->exact_distance);
  free(t->real_distance);
  memset(t, 0, sizeof *t);
}
