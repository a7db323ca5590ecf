/* An axis of two attributes as rows and columns. Results know a group by its label, "woman * <40";
 * this takes the labels apart again. */
#ifndef DSS_FIGURES_GRID_H
#define DSS_FIGURES_GRID_H

#include "dissensus/results.h"

typedef struct dss_grid {
  size_t n_rows, n_columns;   /* 0: the axis is no crossing of two, or its labels do not tell */
  char *attributes[2];        /* of the rows, of the columns */
  char **rows, **columns;     /* values, in the order of the attribute as far as labels tell it */
  size_t first, n_groups;     /* groups of the axis: first .. first + n_groups - 1 */
  size_t *row_of, *column_of; /* [n_groups] */
} dss_grid;

DSS_MUST_USE dss_status dss_grid_make(dss_context *context, const dss_results *results, size_t axis,
                                      dss_grid *grid);
/* Pages of the heatmap, 0 for no grid. */
size_t dss_grid_pages(const dss_grid *grid);
void dss_grid_free(dss_grid *grid);

#endif
