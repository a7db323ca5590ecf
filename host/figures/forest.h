/* A forest plot of any statistic: what it is given. */
#ifndef DSS_FIGURES_FOREST_H
#define DSS_FIGURES_FOREST_H

#include "canvas.h"
#include "layout.h"

typedef struct dss_forest_row {
  const char *label;
  const char *versus; /* what the label is compared with; NULL: nothing, or what goes without saying
                       */
  uint64_t raters;
  const dss_cell *cell;
  const dss_group_detail *detail; /* its Fieller-type set; NULL: it has none */
} dss_forest_row;

typedef struct dss_forest {
  const dss_forest_row *rows; /* [n_rows], of all pages, which have one scale */
  size_t n_rows, page;
  const char *statistic;        /* "GAI" */
  const char *column;           /* over the values */
  const char *definition;       /* under the axis: "GAI = IRR / XRR" */
  const char *untested;         /* what the marker of a row without p-value says */
  const char *thing;            /* what a row is of: "group" */
  double reference;             /* where there is nothing to find; NaN: nowhere */
  const char *title, *subtitle; /* made with dss_name; rows of this page are added to the second */
} dss_forest;

DSS_MUST_USE dss_status dss_forest_draw(dss_canvas *canvas, const dss_forest *forest,
                                        double *height);

#endif
