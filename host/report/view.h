/* What the table, Markdown and LaTeX have in common: which statistics stand in which table, and
 * what a cell shows. */
#ifndef DSS_REPORT_VIEW_H
#define DSS_REPORT_VIEW_H

#include "dissensus/results.h"
#include "intervals.h"

enum {
  DSS_VIEW_WIDTH = 120,      /* columns that a terminal's table may take */
  DSS_VIEW_LABEL_WIDTH = 40, /* longer names of groups go on in the next line */
  DSS_VIEW_MAX_PARTS = 3
};

/* A table's columns. All statistics stand in one table where that fits, else in one for
 * reliability, one for agreement and one for pairs of raters. */
typedef struct dss_view_part {
  dss_statistic columns[DSS_N_STATISTICS];
  size_t n_columns;
} dss_view_part;

typedef struct dss_view {
  const dss_results *results;
  dss_view_part parts[DSS_VIEW_MAX_PARTS];
  size_t n_parts;
  size_t label_width; /* of the widest name of a group, at most DSS_VIEW_LABEL_WIDTH */
  dss_interval_columns intervals;
  unsigned footnotes[DSS_N_REASONS]; /* numbered from 1 in order of the list; 0: does not occur */
  unsigned withheld_notes[DSS_N_WITHHELDS]; /* the same, behind these */
} dss_view;

void dss_view_init(dss_view *view, const dss_results *results);

/* "IRR" ..., a column's heading. */
const char *dss_view_title(dss_statistic statistic);

/* The groups of an axis are first .. end - 1. */
void dss_view_groups(const dss_results *results, size_t axis, size_t *first, size_t *end);

/* A cell: its number with three decimals and marks, or its footnote. */
typedef struct dss_view_value {
  char number[32];   /* "" when undefined */
  int direction;     /* +1, -1, 0 */
  unsigned stars;    /* 2: q_bh < 0.05; 1: p < 0.05 */
  unsigned footnote; /* 0: none */
} dss_view_value;

dss_view_value dss_view_cell(const dss_view *view, const dss_cell *cell);
dss_view_value dss_view_value_of(const dss_cell *cell, const unsigned footnotes[DSS_N_REASONS]);

#endif
