/* Which rows of an evaluation a figure shows, and where. Names are the evaluation's own texts. */
#ifndef DSS_FIGURES_ROWS_H
#define DSS_FIGURES_ROWS_H

#include "axis.h"
#include "measures.h"

/* --- rows in order ------------------------------------------------------------------------- */

/* What rows are ordered by: texts by when they first occur, from 1; 0 is the text "". Rows that are
 * alike in the first DSS_KEYS_OF_SERIES are a series, a family if in the part of the items too. */
enum {
  DSS_KEY_QUESTION,
  DSS_KEY_STATISTIC,
  DSS_KEY_SOURCE,
  DSS_KEY_AXIS,
  DSS_KEY_VERSUS, /* dss_versus */
  DSS_KEYS_OF_SERIES,
  DSS_KEY_ITEMS = DSS_KEYS_OF_SERIES,
  DSS_KEYS_OF_FAMILY,
  DSS_KEY_WHOLE = DSS_KEYS_OF_FAMILY, /* 1: of no single group */
  DSS_KEY_ROW,                        /* its number */
  DSS_N_ROW_KEYS
};
typedef struct dss_row_key {
  size_t of[DSS_N_ROW_KEYS];
} dss_row_key;

/* Different texts, in the order in which they came. */
typedef struct dss_distinct {
  const char **all;
  size_t n, room, last; /* where the last one that was asked for stands */
} dss_distinct;

typedef struct dss_rows {
  const dss_evaluation *evaluation;
  size_t n;
  dss_row_key *keys; /* [n] in order */
  size_t *place;     /* [n] where the key of a row stands */
  dss_distinct texts[DSS_N_ROW_KEYS];
} dss_rows;
DSS_MUST_USE dss_status dss_rows_make(dss_context *context, const dss_evaluation *evaluation,
                                      dss_rows *rows);
void dss_rows_free(dss_rows *rows);
const dss_row_key *dss_rows_key(const dss_rows *rows, size_t row);

/* --- forests ------------------------------------------------------------------------------- */

/* The rows of a forest: a family's, the groups' first, then that of the axis as a whole, then that
 * of all raters where groups are compared with nothing. */
typedef struct dss_family {
  const dss_evaluation_row **rows;
  size_t n;
} dss_family;
/* Of which a row is one. */
DSS_MUST_USE dss_status dss_family_make(dss_context *context, const dss_rows *rows, size_t row,
                                        dss_family *family);
void dss_family_free(dss_family *family);

/* --- heatmaps ------------------------------------------------------------------------------ */

typedef struct dss_table {
  const char **rows, **columns;
  size_t n_rows, n_columns;
  dss_heat_value *values; /* [n_rows][n_columns] */
  bool mirrored;          /* some of these have the other sign */
  char *parts;            /* what the columns are, of groups by parts: "topic", or "items" */
} dss_table;

/* Group by group: a difference that the evaluation has one way round stands the other way round
 * with the other sign; on the diagonal stands what a group's predictions make of its own ratings,
 * of a statistic of predictions for another group. */
DSS_MUST_USE dss_status dss_table_of_pairs(dss_context *context, const dss_rows *rows, size_t row,
                                           dss_table *table);
/* Groups by parts of the items, of a series; where all parts are of one attribute, "topic=Violent"
 * is "Violent" among the columns. */
DSS_MUST_USE dss_status dss_table_of_parts(dss_context *context, const dss_rows *rows, size_t row,
                                           dss_table *table);
void dss_table_free(dss_table *table);

/* What rows of no part, of no group and of no axis are called. */
#define DSS_ALL_ITEMS "all items"
#define DSS_ALL_GROUPS "every group"
#define DSS_ALL_RATERS "all raters"

/* --- figures ------------------------------------------------------------------------------- */

/* Pairs of groups stand in a forest of axes with so many groups, and in a matrix of more. */
enum { DSS_FOREST_GROUPS = 6 };

/* Pages of a figure; 0: there is no such figure. */
DSS_MUST_USE dss_status dss_rows_pages(dss_context *context, const dss_rows *rows,
                                       const dss_figure *figure, size_t *pages);

#endif
