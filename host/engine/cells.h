/* What makes a cell (results.h) from a null distribution and from bootstrap values, for results of
 * groups and for evaluations. */
#ifndef DSS_ENGINE_CELLS_H
#define DSS_ENGINE_CELLS_H

#include "frames.h"

/* NaN, no count and no text everywhere. */
void dss_cell_empty(dss_cell *cell);

/* Where the columns of a null distribution go. */
typedef struct dss_cells {
  dss_cell *cells;      /* [columns] with their estimates */
  const uint8_t *upper; /* [columns] only large values speak against the null; NULL: none is so */
  uint64_t *histograms; /* [columns][DSS_HISTOGRAM_BINS + 2]; NULL: not wanted */
  double *edges;        /* [columns][2], with them */
} dss_cells;

/* Null distributions and p-values of every tested column, then the corrections over all of them.
 * The null, of at least one resample, is used up: its last block ends, its extremes are sorted. */
DSS_MUST_USE dss_status dss_cells_test(dss_context *context, dss_null *null, const dss_cells *to);

/* Why n values of `all` resamples, `equal` or not, make no interval. Resamples in which a statistic
 * is undefined are not there by chance: those that are left are alike, at worst all the same. */
dss_withheld dss_judge_resamples(uint64_t n, uint64_t all, bool equal);

/* What takes the place of a BCa interval. An agreement of a population is estimated with a bias
 * that BCa mends as far as it is defined. A rate of a study's own views, or a fit to its own means,
 * is about studies of this design: the estimate is its centre, and resamples that lie to one side
 * are noisier than it. */
typedef enum dss_instead {
  DSS_INSTEAD_PERCENTILE, /* where BCa is undefined */
  DSS_INSTEAD_NORMAL      /* that, but first normal where the resamples lie to one side */
} dss_instead;

/* Intervals from one statistic's resamples [n], NaN where it is undefined; they are rearranged.
 * acceleration NaN: there is no BCa interval. A cell whose interval is withheld already gets none.
 */
void dss_cell_resampled(dss_cell *cell, double *values, uint64_t n, double acceleration,
                        dss_ci interval, dss_instead instead);

/* Then, of a statistic between two limits, its standard error from the parts of its variance (NaN
 * or 0: there is none, and all stays as it is), and the logit interval in BCa's place, of so many
 * standard errors on either side. */
void dss_cell_limited(dss_cell *cell, double se, double quantile, double least, double most,
                      dss_ci interval);

#endif
