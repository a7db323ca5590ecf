/* Thresholds of a question's cells: those of all ratings, moved by what the cells' own are sure to
 * differ.
 *
 * A cell's differences from the question's thresholds are a severity, their mean with the opposite
 * sign, and a use of the levels, the rest. Both are shrunk (shrink.h). */
#ifndef DSS_SIMULATE_THRESHOLDS_H
#define DSS_SIMULATE_THRESHOLDS_H

#include "shrink.h"

typedef struct dss_thresholds {
  uint32_t n_levels;
  double *shares;      /* [n_levels] of all ratings */
  double *of_question; /* [n_levels - 1], -INFINITY and INFINITY where levels at an end have none */
  double *of_cells;    /* [n_cells][n_levels - 1] */
  double *own;         /* [n_cells][n_levels - 1] of the cells' own shares */
  dss_found severity_found, use_found; /* use: a column a threshold, times the root of its weight */
  dss_kept severity, use;              /* severities on the scale of latent values; the evidence of
                                          them and their chance are to the first order */
} dss_thresholds;

/* DSS_ERR_DATA: the ratings do not vary; DSS_ERR_MEMORY; DSS_INTERRUPTED. Free it in any case, and
 * before the cells. */
DSS_MUST_USE dss_status dss_thresholds_make(dss_context *context, const dss_question *question,
                                            const dss_cells *cells, dss_thresholds *thresholds);
void dss_thresholds_free(dss_thresholds *thresholds);

#endif
