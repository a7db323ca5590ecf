/* A heatmap of any statistic, one list of names by another: what it is given. */
#ifndef DSS_FIGURES_HEAT_H
#define DSS_FIGURES_HEAT_H

#include "canvas.h"
#include "layout.h"

/* What colours say. */
typedef enum dss_heat_scale {
  DSS_HEAT_FACTORS,     /* how far from 1, by factors; high is blue */
  DSS_HEAT_DIFFERENCES, /* how far from 0; high is orange */
  DSS_HEAT_LEVELS       /* from the lowest to the highest */
} dss_heat_scale;

typedef struct dss_heat {
  const dss_heat_value *values; /* [n_rows][n_columns] */
  size_t n_rows, n_columns, page;
  const char *const *rows, *const *columns; /* names */
  const char *sides[2];                     /* what rows and columns are */
  const char *statistic;                    /* "GAI" */
  dss_heat_scale scale;
  const char *untested, *blank; /* what no p-value, and what no place means */
  const char *thing;            /* what a value is of: "group" */
  const char *note;             /* one more sentence; NULL: none */
  const char *title, *subtitle; /* made with dss_name; this page's part is added to the second */
} dss_heat;

/* The longer side goes down the page, whichever comes first. */
DSS_MUST_USE dss_status dss_heat_draw(dss_canvas *canvas, const dss_heat *heat, double *height);

#endif
