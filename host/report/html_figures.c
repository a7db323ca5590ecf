/* The page's figures: of every axis, and of the surest groups. */
#include <math.h>
#include <stdlib.h>

#include "host/core/alloc.h"
#include "host/core/context.h"
#include "html.h"
#include "html_gallery.h"

enum { NULLS_MOST = 24 }; /* groups whose null distributions are shown */

/* A null distribution with what it is sorted by. */
typedef struct ranked {
  double q, p, z;
  size_t at;
} ranked;

static int surest_first(const void *one, const void *two) {
  const ranked *a = one, *b = two;
  if (a->q < b->q || a->q > b->q) return a->q < b->q ? -1 : 1;
  if (a->p < b->p || a->p > b->p) return a->p < b->p ? -1 : 1;
  if (a->z > b->z || a->z < b->z) return a->z > b->z ? -1 : 1;
  return a->at < b->at ? -1 : a->at > b->at;
}

static size_t rank_nulls(const dss_gallery *g, ranked *all) {
  size_t n = 0;
  for (size_t i = 0; i < g->n; i++) {
    const dss_figure *f = &g->figures[i];
    if (f->kind != DSS_FIGURE_NULL) continue;
    const dss_cell *cell = dss_results_cell(g->page->results, f->question, f->group, DSS_GAI);
    all[n++] = (ranked){cell->q_bh, cell->p, fabs(cell->z), i};
  }
  qsort(all, n, sizeof *all, surest_first);
  return n;
}

/* The numbers of a kind's figures, in the list's order but for null distributions. all, order: room
 * for all. */
static size_t order_kind(const dss_gallery *g, dss_figure_kind kind, ranked *all, size_t *order) {
  size_t n = 0;
  if (kind == DSS_FIGURE_NULL) {
    n = rank_nulls(g, all);
    for (size_t i = 0; i < n; i++)
      order[i] = all[i].at;
    return n;
  }
  for (size_t i = 0; i < g->n; i++)
    if (g->figures[i].kind == kind) order[n++] = i;
  return n;
}

static dss_status put_shelves(dss_gallery *g) {
  static const struct {
    dss_figure_kind kind;
    dss_shelf shelf;
  } shelves[] = {
      {DSS_FIGURE_FOREST,
       {"GAI of every group",
        "Each group's GAI, with its 95% interval where there is one, and the band in which chance "
        "alone would put it.",
        0.30}},
      {DSS_FIGURE_CROSSED, {"Two attributes crossed", "GAI by both values.", 0.15}},
      {DSS_FIGURE_PLANE,
       {"Agreement within and across groups",
        "IRR against XRR: on the line of GAI 1 a group agrees with itself as much as with the "
        "rest.",
        0.15}},
      {DSS_FIGURE_CALIBRATION,
       {"All p-values", "In order, against those of tests in which nothing is to be found.", 0.15}},
      {DSS_FIGURE_NULL,
       {"Null distributions",
        "What chance gives for GAI, and what was observed; the surest groups first.", 0.25}}};
  ranked *all = NULL;
  size_t *order = NULL;
  dss_status status = DSS_ALLOC(g->page->context, &all, g->n);
  if (status == DSS_OK) status = DSS_ALLOC(g->page->context, &order, g->n);
  for (size_t i = 0; i < sizeof shelves / sizeof *shelves && status == DSS_OK; i++) {
    size_t n = order_kind(g, shelves[i].kind, all, order);
    size_t shown = shelves[i].kind == DSS_FIGURE_NULL && n > NULLS_MOST ? NULLS_MOST : n;
    status = dss_gallery_put(g, &shelves[i].shelf, order, n, shown);
  }
  free(all);
  free(order);
  return status;
}

dss_status dss_html_figures(const dss_page *page) {
  dss_gallery g = {.page = page};
  dss_status status = dss_gallery_open(
      &g, dss_html_size(page), "These results make no figure: figures show GAI and its resamples.");
  if (status == DSS_OK && g.n > 0) status = put_shelves(&g);
  dss_gallery_close(&g);
  return status;
}
