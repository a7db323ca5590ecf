#include "expected.h"

#include <math.h>

#include "host/core/alloc.h"
#include "hermite.h"
#include "latent.h"

/* --- levels ---------------------------------------------------------------------------------- */

/* The square root of a distance: the difference of midranks or of values; nominal 0 or 1; ratio the
 * difference over the sum. */
static double apart(dss_scale scale, const double *share, const double *values, uint32_t c,
                    uint32_t k) {
  double between = 0;
  switch (scale) {
  case DSS_NOMINAL:
    return c != k;
  case DSS_ORDINAL:
    for (uint32_t g = c < k ? c : k; g <= (c < k ? k : c); g++)
      between += share[g];
    return between - (share[c] + share[k]) / 2;
  case DSS_INTERVAL:
    return values[c] - values[k];
  case DSS_RATIO:
    break;
  }
  double sum = values[c] + values[k];
  return sum > 0 ? (values[c] - values[k]) / sum : 0.0;
}

double dss_level_distance(dss_scale scale, const double *share, const double *values, uint32_t c,
                          uint32_t k) {
  double d = c == k ? 0.0 : apart(scale, share, values, c, k);
  return d * d;
}

static void set_series(dss_expected *e) {
  double thresholds[DSS_MAX_LEVELS], low[DSS_SERIES_TERMS] = {0}, high[DSS_SERIES_TERMS];
  dss_thresholds_of(e->share, e->n_levels, thresholds);
  for (uint32_t c = 0; c < e->n_levels; c++) {
    dss_hermite_at(c + 1 < e->n_levels ? thresholds[c] : INFINITY, DSS_SERIES_TERMS, high);
    for (int k = 0; k < DSS_SERIES_TERMS; k++) {
      e->series[(size_t)c * DSS_SERIES_TERMS + k] = (low[k] - high[k]) / sqrt(k + 1.0);
      low[k] = high[k];
    }
  }
}

dss_status dss_expected_make(dss_context *context, dss_scale scale, uint32_t n_levels,
                             const double *shares, const double *values, dss_expected *e) {
  double total = 0;
  *e = (dss_expected){.n_levels = n_levels};
  DSS_TRY(DSS_ALLOC(context, &e->share, n_levels));
  DSS_TRY(DSS_ALLOC(context, &e->series, (size_t)n_levels * DSS_SERIES_TERMS));
  DSS_TRY(DSS_ALLOC(context, &e->distance, (size_t)n_levels * n_levels));
  for (uint32_t c = 0; c < n_levels; c++)
    total += shares[c];
  for (uint32_t c = 0; c < n_levels; c++)
    e->share[c] = shares[c] / total;
  for (uint32_t c = 0; c < n_levels; c++)
    for (uint32_t k = 0; k < n_levels; k++)
      e->distance[(size_t)c * n_levels + k] = dss_level_distance(scale, e->share, values, c, k);
  set_series(e);
  return DSS_OK;
}

void dss_expected_free(dss_expected *e) {
  free(e->share);
  free(e->series);
  free(e->distance);
  *e = (dss_expected){0};
}

/* --- statistics ------------------------------------------------------------------------------ */

double dss_expected_together(const dss_expected *x, uint32_t c, const dss_expected *y, uint32_t k,
                             double rho) {
  const double *a = x->series + (size_t)c * DSS_SERIES_TERMS;
  const double *b = y->series + (size_t)k * DSS_SERIES_TERMS;
  double sum = 0, power = rho;
  for (int i = 0; i < DSS_SERIES_TERMS; i++, power *= rho)
    sum += a[i] * b[i] * power;
  return sum;
}

double dss_expected_alpha(const dss_expected *e, double rho) {
  double apart_by_chance = 0, less = 0;
  for (uint32_t c = 0; c < e->n_levels; c++)
    for (uint32_t k = 0; k < c; k++) {
      double d = e->distance[(size_t)c * e->n_levels + k];
      apart_by_chance += d * e->share[c] * e->share[k];
      less -= d * dss_expected_together(e, c, e, k, rho);
    }
  return less / apart_by_chance;
}

double dss_expected_gai(const dss_expected *e, double agreement, double cohesion) {
  double own = 1.0 + cohesion, inside = agreement * (cohesion > 0 ? own : own * own);
  double across = agreement * (cohesion > 0 ? 1.0 : own);
  return dss_expected_alpha(e, inside) / dss_expected_alpha(e, across);
}

bool dss_expected_cohesion(const dss_expected *e, double agreement, double most, double gai,
                           double *cohesion) {
  double low = -0.999, high = most;
  if (gai == 1.0) {
    *cohesion = 0;
    return true;
  }
  if (!(gai >= dss_expected_gai(e, agreement, low) && gai <= dss_expected_gai(e, agreement, high)))
    return false;
  for (int step = 0; step < 60; step++) {
    double middle = 0.5 * (low + high);
    if (dss_expected_gai(e, agreement, middle) < gai)
      low = middle;
    else
      high = middle;
  }
  *cohesion = ldexp(rint(ldexp(0.5 * (low + high), 32)), -32); /* the same on every machine */
  return true;
}
