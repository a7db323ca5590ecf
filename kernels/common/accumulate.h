/* Streaming accumulators of a null distribution, in memory that does not grow with the number of
 * resamples. docs/determinism.md, "Accumulators".
 *
 * A column is one statistic of one group of one question; a resample's values are one double a
 * column, NaN where undefined. Resamples are added in ascending order from a multiple of the block
 * size; counts merge in any order, moments block by block. */
#ifndef DSS_COMMON_ACCUMULATE_H
#define DSS_COMMON_ACCUMULATE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exact.h"

enum { DSS_MOMENT_BLOCK = 4096 };

/* What is fixed before the first resample is counted. */
typedef struct dss_column_frame {
  double observed;   /* NaN: no test; then only undefined and not_positive mean something */
  double pivot;      /* moments are taken about this */
  double low, width; /* histogram: where the inner bins begin, and one bin's width; width 0: none */
  double center, scale; /* studentization for maxT; scale 0: the null did not vary */
} dss_column_frame;

typedef struct dss_column {
  uint64_t undefined, below, equal, above;
  uint64_t not_positive; /* defined and <= 0: what GAI needs to know of XRR */
  double minimum, maximum;
  double sum, sum_of_squares;             /* of v - pivot, whole blocks */
  double block_sum, block_sum_of_squares; /* the block under way */
} dss_column;

typedef struct dss_accumulators {
  size_t n_columns;
  uint32_t n_bins; /* inner bins; two more take what lies outside */
  const dss_column_frame *frames;
  dss_column *columns;
  uint64_t *histogram; /* [n_columns][n_bins + 2] */
  /* Step-down maxT (Westfall and Young 1993): tested columns by descending observed |t|. */
  size_t n_tested;
  const size_t *order;
  const double *observed_t; /* [n_tested], in that order */
  uint64_t *max_t;          /* [n_tested] exceedances of the successive maxima */
  uint64_t resamples;
} dss_accumulators;

/* |v - center| / scale. A column that did not vary has t = 0 at its center, infinite elsewhere. */
DSS_DEVICE static inline double dss_studentized(const dss_column_frame *frame, double v) {
  double distance = fabs(v - frame->center);
  if (frame->scale > 0.0) return distance / frame->scale;
  return distance > 0.0 ? INFINITY : 0.0;
}

DSS_DEVICE static inline uint32_t dss_histogram_bin(const dss_column_frame *frame, uint32_t n_bins,
                                                    double v) {
  double at = floor((v - frame->low) / frame->width);
  if (!(at >= 0.0)) return 0;
  return at < (double)n_bins ? (uint32_t)at + 1 : n_bins + 1;
}

DSS_DEVICE static inline void dss_column_add(dss_column *column, const dss_column_frame *frame,
                                             uint64_t *histogram, uint32_t n_bins, double v) {
  if (isnan(v)) {
    column->undefined++;
    return;
  }
  if (v < frame->observed)
    column->below++;
  else if (v > frame->observed)
    column->above++;
  else
    column->equal++;
  if (!(v > 0.0)) column->not_positive++;
  if (v < column->minimum) column->minimum = v;
  if (v > column->maximum) column->maximum = v;
  double offset = v - frame->pivot;
  column->block_sum += offset;
  column->block_sum_of_squares += offset * offset;
  if (frame->width > 0.0) histogram[dss_histogram_bin(frame, n_bins, v)]++;
}

DSS_DEVICE static inline void dss_column_end_block(dss_column *column) {
  column->sum += column->block_sum;
  column->sum_of_squares += column->block_sum_of_squares;
  column->block_sum = column->block_sum_of_squares = 0.0;
}

/* From the last test up, the largest |t| so far against each test's own. A test whose own value is
 * undefined in this resample counts as exceeded; an undefined value adds nothing to the maximum. */
DSS_DEVICE static inline void dss_max_t_add(dss_accumulators *a, const double *values) {
  double largest = -1.0;
  for (size_t i = a->n_tested; i-- > 0;) {
    double v = values[a->order[i]];
    if (!isnan(v)) largest = fmax(largest, dss_studentized(&a->frames[a->order[i]], v));
    if (isnan(v) || largest >= a->observed_t[i]) a->max_t[i]++;
  }
}

/* Adds resamples first .. first + count - 1, values [count][n_columns]. Consecutive calls go on
 * where the last one stopped. */
DSS_DEVICE static inline void dss_accumulate(dss_accumulators *a, uint64_t first, uint64_t count,
                                             const double *values) {
  for (uint64_t i = 0; i < count; i++) {
    const double *row = values + i * a->n_columns;
    bool block_ends = (first + i + 1) % DSS_MOMENT_BLOCK == 0;
    for (size_t c = 0; c < a->n_columns; c++) {
      dss_column_add(&a->columns[c], &a->frames[c], &a->histogram[c * (a->n_bins + 2)], a->n_bins,
                     row[c]);
      if (block_ends) dss_column_end_block(&a->columns[c]);
    }
    dss_max_t_add(a, row);
  }
  a->resamples += count;
}

#endif
