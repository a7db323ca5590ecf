/* What figures ask of results: the groups of an axis, how sure a cell is, which figures there are.
 */
#ifndef DSS_FIGURES_AXIS_H
#define DSS_FIGURES_AXIS_H

#include "dissensus/figures.h"

typedef struct dss_axis_groups {
  size_t first, end;
} dss_axis_groups;
dss_axis_groups dss_axis_groups_of(const dss_results *results, size_t axis);

/* How sure it is that a value is more than chance; the last two are the marks of reports. */
typedef enum dss_sureness {
  DSS_SURE_UNTESTED = 0, /* no resamples */
  DSS_SURE_NOT = 1,
  DSS_SURE_P = 2, /* p < 0.05 */
  DSS_SURE_Q = 3, /* q < 0.05, Benjamini and Hochberg */
  DSS_N_SURENESS
} dss_sureness;
dss_sureness dss_sureness_of(const dss_cell *cell);
/* "", "*" or "**". */
const char *dss_sureness_stars(dss_sureness sureness);

/* Rows of a forest on one page, and pages of n rows: as equal as can be. */
enum { DSS_FOREST_ROWS = 72 };
size_t dss_pages(size_t n, size_t most);
void dss_page_range(size_t n, size_t most, size_t page, size_t *first, size_t *end);

/* Rows and columns of a heatmap on one page, and its pages: the longer side goes down the page. */
enum { DSS_GRID_ROWS = 60, DSS_GRID_COLUMNS = 40 };
size_t dss_heat_pages(size_t n_rows, size_t n_columns);

/* One place of a heatmap. */
typedef struct dss_heat_value {
  const dss_cell *cell; /* its estimate and how sure it is; NULL: there is no such place */
  bool mirrored;        /* the estimate is shown with the other sign */
} dss_heat_value;

/* Whether results have this figure; of a heatmap, whether they may have it. */
bool dss_figure_is_there(const dss_results *results, const dss_figure *figure);
/* DSS_ERR_USAGE where they have not. */
DSS_MUST_USE dss_status dss_figure_check(dss_context *context, const dss_results *results,
                                         const dss_figure *figure);

extern const char dss_figures_absent_text[];

#endif
