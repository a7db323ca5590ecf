/* Which rows of an evaluation a figure shows, and where. Names are the evaluation's own texts. */
#ifndef DSS_FIGURES_ROWS_H
#define DSS_FIGURES_ROWS_H

#include "axis.h"
#include "measures.h"

/* Different texts, in the order in which they came. */
typedef struct dss_distinct {
  const char **all;
  size_t n, room, last; /* where the last one that was asked for stands */
} dss_distinct;
/* Where it stands; it is added where it is new. */
DSS_MUST_USE dss_status dss_distinct_add(dss_context *context, dss_distinct *texts,
                                         const char *text, size_t *at);

/* The rows of a forest: those of one question, source, part of the items, axis and statistic, all
 * compared in the same way; the groups' first, then that of the axis as a whole, then that of all
 * raters. */
typedef struct dss_family {
  const dss_evaluation_row **rows;
  size_t n;
} dss_family;

/* Of which a row is one. */
DSS_MUST_USE dss_status dss_family_make(dss_context *context, const dss_evaluation *evaluation,
                                        const dss_evaluation_row *of, dss_family *family);
void dss_family_free(dss_family *family);

/* Two rows of one family, or of families that differ in the part of the items alone. */
bool dss_same_family(const dss_evaluation_row *a, const dss_evaluation_row *b);
bool dss_same_but_items(const dss_evaluation_row *a, const dss_evaluation_row *b);

/* What a heatmap of an evaluation shows. */
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
DSS_MUST_USE dss_status dss_table_of_pairs(dss_context *context, const dss_evaluation *evaluation,
                                           const dss_evaluation_row *of, dss_table *table);
/* Groups by parts of the items; where all of these are of one attribute, "topic=Violent" is
 * "Violent" among the columns. */
DSS_MUST_USE dss_status dss_table_of_parts(dss_context *context, const dss_evaluation *evaluation,
                                           const dss_evaluation_row *of, dss_table *table);
void dss_table_free(dss_table *table);

/* What rows of no part, of no group and of no axis are called. */
#define DSS_ALL_ITEMS "all items"
#define DSS_ALL_GROUPS "every group"
#define DSS_ALL_RATERS "all raters"

/* Pairs of groups stand in a forest of axes with so many groups, and in a matrix of more. */
enum { DSS_FOREST_GROUPS = 6 };

/* Pages of a figure of an evaluation; 0: there is no such figure. */
DSS_MUST_USE dss_status dss_evaluation_figure_pages(dss_context *context,
                                                    const dss_evaluation *evaluation,
                                                    const dss_figure *figure, size_t *pages);

#endif
