/* One function a figure kind: dss_draw_fn with what it draws. */
#ifndef DSS_FIGURES_KINDS_H
#define DSS_FIGURES_KINDS_H

#include "canvas.h"
#include "grid.h"
#include "rows.h"

typedef struct dss_kind_figure {
  const dss_results *results;
  const dss_figure *figure;
  const dss_grid *grid; /* of a heatmap */
} dss_kind_figure;

typedef struct dss_evaluation_figure {
  const dss_rows *rows;
  const dss_figure *figure;
  const dss_evaluation_row *of; /* figure->row */
} dss_evaluation_figure;

dss_status dss_draw_forest(dss_canvas *canvas, const void *what, double *height);
dss_status dss_draw_plane(dss_canvas *canvas, const void *what, double *height);
dss_status dss_draw_crossed(dss_canvas *canvas, const void *what, double *height);
dss_status dss_draw_null(dss_canvas *canvas, const void *what, double *height);
dss_status dss_draw_calibration(dss_canvas *canvas, const void *what, double *height);

/* Of evaluations: a forest; a matrix, or groups by parts of the items. */
dss_status dss_draw_rows(dss_canvas *canvas, const void *what, double *height);
dss_status dss_draw_table(dss_canvas *canvas, const void *what, double *height);

#endif
