/* Which comparisons stand out: rows below q of 0.05, those of one and the same comparison together.
 */
#ifndef DSS_REPORT_EVALUATION_COMPARISONS_H
#define DSS_REPORT_EVALUATION_COMPARISONS_H

#include "evaluation_view.h"

/* A gain over predictions that were told nothing: its resamples exchange these with the others, not
 * raters' profiles. */
bool dss_evaluation_is_gain(const dss_evaluation_row *row);

/* Rows first .. first + n - 1 of the found ones, of which the first speaks for all. */
typedef struct dss_found_comparison {
  size_t first, n;
} dss_found_comparison;

typedef struct dss_found {
  size_t n_rows, n;
  const dss_evaluation_row **rows;   /* [n_rows] */
  dss_found_comparison *comparisons; /* [n] the surest first */
} dss_found;

/* One comparison is, within a section of the table: what a group has and its difference from
 * everyone else, in whatever statistics; two groups' differences; tests of the axis as a whole; and
 * on an axis of two groups all of these. Gains of predictions have a null hypothesis of their own
 * and stand by themselves. The row that speaks: the smallest q, then p; among equal ones a
 * difference before a group's own value before a test of the axis, then the first in the file.
 * DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_found_new(dss_context *context, const dss_evaluation_view *view,
                                      dss_found *found);
void dss_found_free(dss_found *found);

#endif
