/* From resampled values to a cell's intervals. */
#include <math.h>

#include "cells.h"
#include "host/stats/intervals.h"
#include "host/stats/quantile.h"

dss_withheld dss_judge_resamples(uint64_t n, uint64_t all, bool equal) {
  if (n > 0 && n < all && equal) return DSS_WITHHELD_ALL_EQUAL;
  if ((double)(all - n) * 100.0 > (double)all * DSS_INTERVAL_MOST_UNDEFINED)
    return DSS_WITHHELD_OFTEN_UNDEFINED;
  return n < DSS_INTERVAL_LEAST_RESAMPLES ? DSS_WITHHELD_FEW_RESAMPLES : DSS_WITHHELD_NONE;
}

/* Those that are defined, in their order, to the front; returns how many. */
static uint64_t keep_defined(double *values, uint64_t all) {
  uint64_t n = 0;
  for (uint64_t b = 0; b < all; b++) {
    double v = values[b];
    if (!isnan(v)) values[n++] = v;
  }
  return n;
}

static void choose_normal(dss_cell *cell) {
  dss_bounds normal = dss_normal_interval(cell->estimate, cell->se);
  cell->ci_method = "normal";
  cell->ci_low = normal.low;
  cell->ci_high = normal.high;
}

/* BCa falls back to percentile where it is undefined, and says so. */
static void choose(dss_cell *cell, dss_ci interval) {
  if (interval == DSS_CI_BCA && isnan(cell->bca_low)) interval = DSS_CI_PERCENTILE;
  cell->ci_method = dss_ci_name(interval);
  switch (interval) {
  case DSS_CI_BCA:
    cell->ci_low = cell->bca_low;
    cell->ci_high = cell->bca_high;
    break;
  case DSS_CI_BASIC:
    cell->ci_low = cell->basic_low;
    cell->ci_high = cell->basic_high;
    break;
  case DSS_CI_PERCENTILE:
    cell->ci_low = cell->percentile_low;
    cell->ci_high = cell->percentile_high;
    break;
  }
  double estimate = cell->estimate;
  cell->ci_misses = (estimate < cell->ci_low && !dss_tied(estimate, cell->ci_low)) ||
                    (estimate > cell->ci_high && !dss_tied(estimate, cell->ci_high));
}

/* Too many of the values lie below the estimate, or above. */
static bool one_sided(double estimate, const double *sorted, uint64_t n) {
  double below = dss_share_below(estimate, sorted, n);
  return !dss_tied(sorted[0], sorted[n - 1]) &&
         fmax(below, 1.0 - below) * 100.0 > DSS_INTERVAL_MOST_ON_ONE_SIDE;
}

void dss_cell_resampled(dss_cell *cell, double *values, uint64_t all, double acceleration,
                        dss_ci interval, dss_instead instead) {
  uint64_t n = keep_defined(values, all);
  cell->boot_undefined = all - n;
  cell->boot_flagged = (double)cell->boot_undefined > 0.01 * (double)all;
  if (isnan(cell->estimate) || cell->ci_withheld != DSS_WITHHELD_NONE) return;
  cell->ci_withheld = dss_judge_resamples(n, all, dss_all_tied(values, n));
  if (cell->ci_withheld != DSS_WITHHELD_NONE) return;
  cell->se = dss_standard_deviation(values, n);
  dss_sort_ascending(values, n);
  dss_bounds percentile = dss_percentile_interval(values, n), bca;
  dss_bounds basic = dss_basic_interval(cell->estimate, values, n);
  cell->percentile_low = percentile.low;
  cell->percentile_high = percentile.high;
  cell->basic_low = basic.low;
  cell->basic_high = basic.high;
  if (!isnan(acceleration) && dss_bca_interval(cell->estimate, values, n, acceleration, &bca)) {
    cell->bca_low = bca.low;
    cell->bca_high = bca.high;
  }
  if (interval == DSS_CI_BCA && instead == DSS_INSTEAD_NORMAL &&
      one_sided(cell->estimate, values, n))
    choose_normal(cell);
  else
    choose(cell, interval);
}

void dss_cell_limited(dss_cell *cell, double se, double quantile, double least, double most,
                      dss_ci interval) {
  if (cell->ci_withheld != DSS_WITHHELD_NONE || !(se > 0.0) || !isfinite(se)) return;
  cell->se = se;
  if (interval != DSS_CI_BCA) return;
  dss_bounds logit = dss_logit_interval(cell->estimate, se, quantile, least, most);
  cell->ci_method = "logit";
  cell->ci_low = logit.low;
  cell->ci_high = logit.high;
  cell->ci_misses = false;
}
