/* Streaming accumulators of a null distribution, in memory that does not grow with the number of
 * resamples. docs/determinism.md, "Accumulators".
 *
 * A column is one statistic of one group of one question; a resample's values are one double a
 * column, NaN where undefined. Resamples are added in ascending order from a multiple of the block
 * size; accumulators of other ranges of whole blocks merge in any order. Every array is
 * [n_columns], so that a loop over columns runs on vectors. */
#ifndef DSS_COMMON_ACCUMULATE_H
#define DSS_COMMON_ACCUMULATE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "long_sum.h"

/* A checkpoint is where a column may stop; it ends a block, so that what is frozen is whole. */
enum { DSS_MOMENT_BLOCK = 4096, DSS_CHECKPOINT = DSS_MOMENT_BLOCK };

/* Values kept at either end of a null, for the fit of its tail: 250 and one for the threshold. */
enum { DSS_EXTREMES = 251 };

/* What is fixed before the first resample is counted. */
typedef struct dss_frames {
  double *observed;    /* NaN: no test; then only undefined and not_positive mean something */
  double *pivot;       /* moments are taken about this */
  double *low, *width; /* histogram: where the inner bins begin, one bin's width; width 0: none */
  double *center, *scale; /* studentization for maxT; scale 0: the null did not vary */
} dss_frames;

typedef struct dss_columns {
  uint64_t *undefined, *below, *equal, *above;
  uint64_t *not_positive; /* defined and <= 0: what GAI needs to know of XRR */
  double *minimum, *maximum;
  dss_long_sum *sum, *sum_of_squares;       /* of v - pivot, whole blocks */
  double *block_sum, *block_sum_of_squares; /* the block under way */
} dss_columns;

typedef struct dss_accumulators {
  size_t n_columns;
  uint32_t n_bins; /* inner bins; two more take what lies outside */
  dss_frames frames;
  dss_columns columns;
  uint64_t *histogram; /* [n_columns][n_bins + 2] */
  /* [n_columns][DSS_EXTREMES] heaps, the least first, of the largest values and of the smallest,
   * these negated; they begin full of -infinity. NULL: not kept. */
  double *largest, *smallest;
  /* Step-down maxT (Westfall and Young 1993): tested columns by descending observed |t|. */
  size_t n_tested;
  size_t *order;
  double *observed_t; /* [n_tested], in that order */
  uint64_t *max_t;    /* [n_tested] exceedances of the successive maxima */
  /* Sequential stopping (Besag and Clifford 1991); 0: off, then nothing else here is written. */
  uint64_t stop_after;
  uint64_t *ge_at, *le_at; /* resamples at the stop_after-th exceedance; 0: not reached */
  uint64_t *stopped;       /* resamples at the checkpoint that froze the column; 0: it goes on */
  uint64_t resamples;
  unsigned threads; /* that add at once; nothing depends on it */
  uint64_t *lanes;  /* [threads][n_tested], zero between calls: each thread's part of max_t */
} dss_accumulators;

/* |v - center| / scale. A column that did not vary has t = 0 at its center, infinite elsewhere. */
DSS_DEVICE static inline double dss_studentized(double center, double scale, double v) {
  double distance = fabs(v - center);
  if (scale > 0.0) return distance / scale;
  return distance > 0.0 ? INFINITY : 0.0;
}

/* In widths of a bin from the first one's edge, cut to just below it and to the last one's. */
DSS_DEVICE static inline double dss_histogram_place(double low, double width, uint32_t n_bins,
                                                    double v) {
  double at = (v - low) / width, end = (double)n_bins;
  at = at > -0.5 ? at : -0.5;
  return at < end ? at : end;
}

/* 0 below the inner bins, n_bins + 1 above them. Written without branches, for vectors. */
DSS_DEVICE static inline int32_t dss_histogram_bin(double place) {
  return (int32_t)place + (place >= 0.0);
}

/* Puts v in the place of the heap's least, which is smaller. The heap has an odd number of values,
 * so that who has a child has two, and the lesser one is found without a branch. */
DSS_DEVICE static inline void dss_extremes_put(double *heap, double v) {
  uint32_t at = 0;
  for (uint32_t child = 1; child < DSS_EXTREMES; child = 2 * at + 1) {
    child += heap[child + 1] < heap[child];
    if (!(heap[child] < v)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = v;
}

/* Adds the block under way to the whole ones: called by dss_accumulate where a block ends, and
 * once by who reads the sums. */
static inline void dss_columns_end_block(dss_columns *columns, size_t first, size_t end) {
  for (size_t c = first; c < end; c++) {
    dss_long_sum_add(&columns->sum[c], columns->block_sum[c]);
    dss_long_sum_add(&columns->sum_of_squares[c], columns->block_sum_of_squares[c]);
    columns->block_sum[c] = columns->block_sum_of_squares[c] = 0.0;
  }
}

/* Adds resamples first .. first + count - 1, values [count][n_columns]. Consecutive calls go on
 * where the last one ended. The values of a stopped column are not looked at, so that a backend may
 * leave them out. */
void dss_accumulate(dss_accumulators *accumulators, uint64_t first, uint64_t count,
                    const double *values);

/* Adds what others have counted, of the same frames and of other resamples: of either all blocks
 * are whole, or the last of all is under way. None of these may stop. */
void dss_accumulators_merge(dss_accumulators *accumulators, const dss_accumulators *others);

/* At a multiple of DSS_CHECKPOINT: stops the columns both of whose tails have their exceedances,
 * and returns how many tested columns go on. */
size_t dss_accumulators_checkpoint(dss_accumulators *accumulators);

#endif
