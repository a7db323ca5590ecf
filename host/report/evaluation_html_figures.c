/* The figures of the page of an evaluation: those of all items, and those by part of the items. */
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "html_gallery.h"
#include "text.h"

/* About how many bytes the table takes. */
static double table_bytes(const dss_evaluation *e) {
  double bytes = 0.0;
  for (size_t i = 0; i < dss_evaluation_n_rows(e); i++) {
    const dss_evaluation_row *row = dss_evaluation_get(e, i);
    const char *const texts[] = {row->group,  row->versus, row->statistic, row->axis,
                                 row->source, row->items,  row->question};
    bytes += 500.0;
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
      bytes += (double)dss_text_written(DSS_MARKUP_HTML, texts[k]);
  }
  return bytes;
}

/* Which figures stand together: what they are compared with matters more than their kind. */
typedef enum shelf_number { AGAINST_REST, VALUES, PAIRS, PARTS, N_SHELVES } shelf_number;

static shelf_number shelf_of(const dss_evaluation *e, const dss_figure *figure) {
  const dss_evaluation_row *row = dss_evaluation_get(e, figure->row);
  if (figure->kind == DSS_FIGURE_PARTS) return PARTS;
  if (*row->items != '\0') return N_SHELVES;
  if (figure->kind == DSS_FIGURE_MATRIX) return PAIRS;
  if (*row->versus == '\0') return VALUES;
  return strcmp(row->versus, DSS_EVERYONE_ELSE) == 0 ? AGAINST_REST : PAIRS;
}

static dss_status put_shelves(dss_gallery *g) {
  static const dss_shelf shelves[N_SHELVES] = {
      [AGAINST_REST] = {"Every group against everyone else",
                        "Of all items. The band is where chance alone would put a difference.",
                        0.30},
      [VALUES] = {"Every group", "Of all items.", 0.30},
      [PAIRS] = {"Every two groups", "Of all items.", 0.20},
      [PARTS] = {"By part of the items",
                 "Single parts have figures of their own, which dissensus "
                 "report EVALUATION --figures DIR draws.",
                 0.20}};
  size_t *order = NULL;
  DSS_TRY(DSS_ALLOC(g->page->context, &order, g->n));
  dss_status status = DSS_OK;
  for (shelf_number s = 0; s < N_SHELVES && status == DSS_OK; s++) {
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++)
      if (shelf_of(g->evaluation, &g->figures[i]) == s) order[n++] = i;
    status = dss_gallery_put(g, &shelves[s], order, n, n);
  }
  free(order);
  return status;
}

dss_status dss_html_evaluation_figures(const dss_page *page, const dss_evaluation *evaluation) {
  dss_gallery g = {.page = page, .evaluation = evaluation};
  dss_status status = dss_gallery_open(
      &g, table_bytes(evaluation), "This evaluation makes no figure: it has no values of groups.");
  if (status == DSS_OK && g.n > 0) status = put_shelves(&g);
  dss_gallery_close(&g);
  return status;
}
