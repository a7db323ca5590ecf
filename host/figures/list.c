/* Which figures results and pairs make. */
#include <math.h>
#include <string.h>

#include "axis.h"
#include "grid.h"
#include "host/core/alloc.h"

typedef struct list {
  dss_context *context;
  const dss_results *results;
  dss_figure *figures;
  size_t n, room;
} list;

static dss_status add(list *l, dss_figure figure) {
  DSS_TRY(DSS_GROW(l->context, &l->figures, &l->room, l->n + 1));
  l->figures[l->n++] = figure;
  return DSS_OK;
}

static bool has_number(const dss_cell *cell) {
  return cell && !isnan(cell->estimate);
}

/* --- whether there is such a figure -------------------------------------------------------- */

static bool has_plane(const dss_results *r, size_t q, size_t axis) {
  dss_axis_groups groups = dss_axis_groups_of(r, axis);
  for (size_t g = groups.first; g < groups.end; g++)
    if (has_number(dss_results_cell(r, q, g, DSS_IRR)) &&
        has_number(dss_results_cell(r, q, g, DSS_XRR)))
      return true;
  return false;
}

static bool has_null(const dss_results *r, size_t q, size_t g) {
  double edges[2];
  const dss_cell *cell = dss_results_cell(r, q, g, DSS_GAI);
  return has_number(cell) && cell->resamples > cell->undefined &&
         dss_results_histogram(r, q, g, DSS_GAI, edges) != NULL;
}

static bool has_p(const dss_results *r, size_t q) {
  for (size_t g = 0; g < dss_results_n_groups(r); g++)
    for (int s = 0; s < DSS_N_STATISTICS; s++) {
      const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
      if (cell && !isnan(cell->p)) return true;
    }
  return false;
}

static bool has_gai(const dss_results *r) {
  return dss_results_metrics(r) & DSS_STATISTIC_BIT(DSS_GAI);
}

/* Pages of the axis's heatmap, 0 without one. */
static dss_status count_grid(dss_context *context, const dss_results *r, size_t axis,
                             size_t *pages) {
  dss_grid grid;
  DSS_TRY(dss_grid_make(context, r, axis, &grid));
  *pages = dss_grid_pages(&grid);
  dss_grid_free(&grid);
  return DSS_OK;
}

static bool is_within(const dss_results *r, const dss_figure *figure) {
  if (figure->question >= dss_results_n_questions(r)) return false;
  switch (figure->kind) {
  case DSS_FIGURE_FOREST:
  case DSS_FIGURE_PLANE:
  case DSS_FIGURE_CROSSED:
    return figure->axis < dss_results_n_axes(r);
  case DSS_FIGURE_NULL:
    return figure->group < dss_results_n_groups(r);
  default:
    return true;
  }
}

bool dss_figure_is_there(const dss_results *r, const dss_figure *figure) {
  if (!is_within(r, figure)) return false;
  dss_axis_groups groups = {0, 0};
  switch (figure->kind) {
  case DSS_FIGURE_FOREST:
    groups = dss_axis_groups_of(r, figure->axis);
    return has_gai(r) && figure->page < dss_pages(groups.end - groups.first, DSS_FOREST_ROWS);
  case DSS_FIGURE_PLANE:
    return figure->page == 0 && has_plane(r, figure->question, figure->axis);
  case DSS_FIGURE_CROSSED:
    return has_gai(r); /* the pages are counted by who makes the grid */
  case DSS_FIGURE_NULL:
    return figure->page == 0 && has_null(r, figure->question, figure->group);
  case DSS_FIGURE_CALIBRATION:
    return figure->page == 0 && has_p(r, figure->question);
  default: /* of pairs, of evaluations */
    return false;
  }
}

dss_status dss_figure_check(dss_context *context, const dss_results *r, const dss_figure *figure) {
  bool there = dss_figure_is_there(r, figure);
  if (there && figure->kind == DSS_FIGURE_CROSSED) {
    size_t pages = 0;
    DSS_TRY(count_grid(context, r, figure->axis, &pages));
    there = figure->page < pages;
  }
  return there ? DSS_OK : dss_fail(context, DSS_ERR_USAGE, "the results have no such figure");
}

/* --- the list ------------------------------------------------------------------------------ */

/* Groups by how sure they are: q, then p, then their order. */
typedef struct ranked {
  double q, p;
  size_t group;
} ranked;

static int order(double a, double b) {
  if (isnan(a) || isnan(b)) return isnan(a) - isnan(b);
  return (a > b) - (a < b);
}

static int surer(const void *left, const void *right) {
  const ranked *a = left, *b = right;
  int by = order(a->q, b->q);
  if (by == 0) by = order(a->p, b->p);
  return by ? by : (a->group > b->group) - (a->group < b->group);
}

static dss_status add_nulls(list *l, size_t q, size_t axis) {
  dss_axis_groups groups = dss_axis_groups_of(l->results, axis);
  ranked *ranks = NULL;
  size_t n = 0;
  DSS_TRY(DSS_ALLOC(l->context, &ranks, groups.end - groups.first));
  for (size_t g = groups.first; g < groups.end; g++)
    if (has_null(l->results, q, g)) {
      const dss_cell *cell = dss_results_cell(l->results, q, g, DSS_GAI);
      ranks[n++] = (ranked){cell->q_bh, cell->p, g};
    }
  qsort(ranks, n, sizeof *ranks, surer);
  dss_status status = DSS_OK;
  for (size_t i = 0; i < n && status == DSS_OK; i++)
    status = add(l, (dss_figure){.kind = DSS_FIGURE_NULL, .question = q, .group = ranks[i].group});
  free(ranks);
  return status;
}

static dss_status add_axis(list *l, size_t q, size_t axis) {
  dss_figure figure = {.kind = DSS_FIGURE_FOREST, .question = q, .axis = axis};
  for (; dss_figure_is_there(l->results, &figure); figure.page++)
    DSS_TRY(add(l, figure));
  figure = (dss_figure){.kind = DSS_FIGURE_PLANE, .question = q, .axis = axis};
  if (dss_figure_is_there(l->results, &figure)) DSS_TRY(add(l, figure));
  figure.kind = DSS_FIGURE_CROSSED;
  size_t pages = 0;
  if (has_gai(l->results)) DSS_TRY(count_grid(l->context, l->results, axis, &pages));
  for (; figure.page < pages; figure.page++)
    DSS_TRY(add(l, figure));
  return add_nulls(l, q, axis);
}

static dss_status add_question(list *l, size_t q) {
  dss_figure calibration = {.kind = DSS_FIGURE_CALIBRATION, .question = q};
  for (size_t axis = 0; axis < dss_results_n_axes(l->results); axis++)
    DSS_TRY(add_axis(l, q, axis));
  return dss_figure_is_there(l->results, &calibration) ? add(l, calibration) : DSS_OK;
}

dss_status dss_figures_list(dss_context *context, const dss_results *results, dss_figure **figures,
                            size_t *n) {
  list l = {.context = context, .results = results};
  dss_status status = DSS_GROW(context, &l.figures, &l.room, 1);
  for (size_t q = 0; q < dss_results_n_questions(results) && status == DSS_OK; q++)
    status = add_question(&l, q);
  if (status != DSS_OK) {
    free(l.figures);
    return status;
  }
  *figures = l.figures;
  *n = l.n;
  return DSS_OK;
}

dss_status dss_pair_figures_list(dss_context *context, const dss_pairs *pairs, dss_figure **figures,
                                 size_t *n) {
  size_t axes = dss_pairs_n_axes(pairs), made = axes ? axes : 1;
  dss_figure *all = NULL;
  DSS_TRY(DSS_ALLOC(context, &all, made));
  for (size_t a = 0; a < made; a++)
    all[a] = (dss_figure){.kind = DSS_FIGURE_PAIRS, .axis = a};
  *figures = all;
  *n = made;
  return DSS_OK;
}
