#include "axis.h"

#include <math.h>

#define SIGNIFICANT 0.05

dss_axis_groups dss_axis_groups_of(const dss_results *r, size_t axis) {
  dss_axis_groups groups;
  size_t n = dss_results_n_groups(r);
  for (groups.first = 0; groups.first < n && dss_results_group_axis(r, groups.first) != axis;)
    groups.first++;
  for (groups.end = groups.first; groups.end < n && dss_results_group_axis(r, groups.end) == axis;)
    groups.end++;
  return groups;
}

dss_sureness dss_sureness_of(const dss_cell *cell) {
  if (!cell || isnan(cell->estimate) || isnan(cell->p)) return DSS_SURE_UNTESTED;
  return cell->q_bh < SIGNIFICANT ? DSS_SURE_Q : cell->p < SIGNIFICANT ? DSS_SURE_P : DSS_SURE_NOT;
}

const char *dss_sureness_stars(dss_sureness sureness) {
  return sureness == DSS_SURE_Q ? "**" : sureness == DSS_SURE_P ? "*" : "";
}

size_t dss_pages(size_t n, size_t most) {
  return n == 0 ? 0 : (n + most - 1) / most;
}

void dss_page_range(size_t n, size_t most, size_t page, size_t *first, size_t *end) {
  size_t pages = dss_pages(n, most), each = n / pages, more = n % pages;
  *first = page * each + (page < more ? page : more);
  *end = *first + each + (page < more);
}

size_t dss_heat_pages(size_t n_rows, size_t n_columns) {
  bool turned = n_columns > n_rows;
  return dss_pages(turned ? n_columns : n_rows, DSS_GRID_ROWS) *
         dss_pages(turned ? n_rows : n_columns, DSS_GRID_COLUMNS);
}

const char dss_figures_absent_text[] =
    "this build draws no figures: it was made without Cairo and Pango (-DDSS_FIGURES=ON)";
