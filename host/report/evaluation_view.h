/* What the reports of an evaluation have in common: the order in which rows stand, their names,
 * their footnotes. */
#ifndef DSS_REPORT_EVALUATION_VIEW_H
#define DSS_REPORT_EVALUATION_VIEW_H

#include "dissensus/evaluation.h"
#include "intervals.h"
#include "view.h"

typedef struct dss_evaluation_view {
  const dss_evaluation *evaluation;
  size_t n;            /* rows */
  size_t *order;       /* [n] rows as they are shown: sections together, and blocks within them */
  size_t *section;     /* [n] of the row shown i-th: the i of its section's first row */
  size_t *block;       /* [n] the same of its block */
  bool sources, items; /* there are some */
  size_t tests, upper, intervals; /* tests, one-sided ones among them; intervals made or withheld */
  size_t of_sizes;                /* gaps whose null mean is not near 0 */
  size_t logits;                  /* intervals on the logit scale */
  uint64_t bootstrap;
  unsigned footnotes[DSS_N_REASONS]; /* numbered from 1 in order of the list; 0: does not occur */
  unsigned withheld_notes[DSS_N_WITHHELDS]; /* the same, behind these */
} dss_evaluation_view;

/* A section has one question, source, part of the items and axis; a block of it one group, and
 * what that is compared with. DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_evaluation_view_new(dss_context *context,
                                                const dss_evaluation *evaluation,
                                                dss_evaluation_view *view);
void dss_evaluation_view_free(dss_evaluation_view *view);

/* The row shown i-th. */
static inline const dss_evaluation_row *dss_evaluation_shown(const dss_evaluation_view *view,
                                                             size_t i) {
  return dss_evaluation_get(view->evaluation, view->order[i]);
}

/* "woman vs man", "every group", "all raters": names between text.h's marks, each cut to `width`.
 */
enum { DSS_EVALUATION_NAME_ROOM = 1400 };
void dss_evaluation_label(const dss_evaluation_row *row, size_t width,
                          char text[DSS_EVALUATION_NAME_ROOM]);
/* "harm; Classifier A; topic=Violent; by gender", without the question where it is alone. */
void dss_evaluation_heading(const dss_evaluation_row *row, size_t width,
                            char text[2 * DSS_EVALUATION_NAME_ROOM]);

dss_view_value dss_evaluation_value(const dss_evaluation_view *view, const dss_evaluation_row *row);
/* As dss_interval_text. */
void dss_evaluation_interval(const dss_evaluation_view *view, const dss_evaluation_row *row,
                             char text[DSS_INTERVAL_ROOM]);
/* The null mean of such a gap; else nothing. */
void dss_evaluation_null(const dss_evaluation_row *row, char text[24]);
/* p or q with three digits; "-" where there is none. */
void dss_evaluation_p(double p, char text[24]);

const char *dss_evaluation_fact(const dss_evaluation *evaluation, const char *key);
/* Every distinct arrangement was visited once. */
bool dss_evaluation_exact(const dss_evaluation *evaluation);
/* The most resamples that any test got; 0 without a test. */
uint64_t dss_evaluation_resamples(const dss_evaluation *evaluation);

#endif
