/* How the points of a power become panels and lines: pure, of builds without Cairo too. */
#ifndef DSS_FIGURES_POWER_H
#define DSS_FIGURES_POWER_H

#include "dissensus/figures.h"
#include "host/core/context.h"

/* Lines of one panel: points by number, ascending along the figure's axis. */
typedef struct dss_power_line {
  size_t *points, n;
  double gai; /* of the whole line; 0 along GAI */
} dss_power_line;

typedef struct dss_power_panel {
  size_t first; /* a point, whose design the panel's title tells */
  dss_power_line *lines;
  size_t n_lines;
} dss_power_panel;

typedef struct dss_power_picture {
  dss_power_along along;
  dss_power_panel *panels;
  size_t n_panels;
} dss_power_picture;

/* Along raters where there are several numbers of them, else along ratings, else along GAI; of a
 * study along GAI, a panel a group. Of the points that were added between the grid's those along
 * the same. DSS_ERR_MEMORY. Free it in any case. */
DSS_MUST_USE dss_status dss_power_picture_make(dss_context *context, const dss_power *power,
                                               dss_power_picture *picture);
void dss_power_picture_free(dss_power_picture *picture);

/* A point's place along the axis. */
double dss_power_place(const dss_power_point *point, dss_power_along along);

#endif
