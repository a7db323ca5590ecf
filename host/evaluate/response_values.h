/* From tables of levels by bins of the consensus to statistics of responsiveness. Pairs of ratings
 * are counted in whole numbers; n log n comes from one table. */
#ifndef DSS_EVALUATE_RESPONSE_VALUES_H
#define DSS_EVALUATE_RESPONSE_VALUES_H

#include "comparison.h"
#include "dissensus/response.h"

/* n log n of the first whole numbers; beyond them it is computed, the same way. */
typedef struct dss_logs {
  size_t n;
  double *n_log_n; /* [n] */
} dss_logs;

/* A question's levels and bins: a table [n_levels][n_bins] is n_levels * n_bins levels of tallies.
 */
typedef struct dss_response_scale {
  uint32_t n_levels, n_bins;
  double *values;      /* [n_levels] */
  unsigned statistics; /* DSS_RESPONSE_BITs */
  bool pairs;
  const dss_logs *logs;
} dss_response_scale;

/* Enough of them for the ratings of a study, and not too many. */
DSS_MUST_USE dss_status dss_logs_make(dss_context *context, uint64_t n_ratings, dss_logs *logs);
void dss_logs_free(dss_logs *logs);

/* Of a dss_response_scale; statistics in the order of dss_response_statistic. */
extern const dss_formulas dss_response_formulas;

#endif
