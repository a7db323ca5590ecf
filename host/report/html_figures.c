/* The page's figures: SVG drawings in data: addresses, of every axis and of the surest groups, as
 * many as leave the page small enough to open and to mail. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dissensus/figures.h"
#include "host/core/alloc.h"
#include "host/core/context.h"
#include "html.h"

/* Bytes of the whole page, and of its figures; groups whose null distributions are shown. */
static const double page_most = 9.5e6, figures_most = 6e6;
enum { NULLS_MOST = 24 };

typedef struct gallery {
  const dss_page *page;
  dss_figure *figures;
  size_t n;
  double room; /* bytes that are left for drawings */
  size_t left_out;
} gallery;

static dss_status put_one(gallery *g, const dss_figure *figure, const unsigned char *svg,
                          size_t n) {
  const dss_page *page = g->page;
  dss_figure_texts texts = {0};
  DSS_TRY(dss_figure_describe(page->context, page->results, figure, &texts));
  fputs("<figure><img alt=\"", page->stream);
  dss_html_text(page, texts.description);
  fputs("\" src=\"data:image/svg+xml;base64,", page->stream);
  dss_status status = dss_html_base64(page, svg, n);
  fputs("\"><figcaption>", page->stream);
  dss_html_name(page, texts.title);
  fputs("</figcaption></figure>\n", page->stream);
  dss_figure_texts_free(&texts);
  return status;
}

/* Or counts it as left out, once one was too large for the room. */
static dss_status put_figure(gallery *g, const dss_figure *figure, bool *full) {
  unsigned char *svg = NULL;
  size_t n = 0;
  dss_status status = DSS_OK;
  if (!*full)
    DSS_TRY(dss_figure_draw(g->page->context, g->page->results, figure, DSS_FIGURE_SVG, &svg, &n));
  double bytes = 4.0 * (double)n / 3.0;
  *full = *full || bytes > g->room;
  if (*full) {
    g->left_out++;
  } else {
    g->room -= bytes;
    status = put_one(g, figure, svg, n);
  }
  free(svg);
  return status;
}

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

static size_t rank_nulls(const gallery *g, ranked *all) {
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

/* The figures of a kind, in the list's order but for null distributions. order: room for all. */
static size_t order_kind(const gallery *g, dss_figure_kind kind, ranked *order) {
  size_t n = 0;
  if (kind == DSS_FIGURE_NULL) return rank_nulls(g, order);
  for (size_t i = 0; i < g->n; i++)
    if (g->figures[i].kind == kind) order[n++].at = i;
  return n;
}

typedef struct shelf {
  dss_figure_kind kind;
  const char *title, *text;
  double share; /* of the bytes for figures; what one kind leaves the next may take */
} shelf;

static dss_status put_shelf(gallery *g, const shelf *s, ranked *order) {
  size_t n = order_kind(g, s->kind, order);
  size_t shown = s->kind == DSS_FIGURE_NULL && n > NULLS_MOST ? NULLS_MOST : n;
  if (n == 0) return DSS_OK;
  fprintf(g->page->stream, "<h3>%s</h3>\n<p>%s</p>\n<div class=\"figures\">\n", s->title, s->text);
  size_t before = g->left_out;
  bool full = false;
  for (size_t i = 0; i < shown; i++)
    DSS_TRY(put_figure(g, &g->figures[order[i].at], &full));
  fputs("</div>\n", g->page->stream);
  g->left_out += n - shown;
  if (g->left_out > before)
    fprintf(g->page->stream, "<p class=\"soft\">%zu more of these %s left out.</p>\n",
            g->left_out - before, g->left_out - before == 1 ? "is" : "are");
  return DSS_OK;
}

static dss_status put_gallery(gallery *g, double room) {
  static const shelf shelves[] = {
      {DSS_FIGURE_FOREST, "GAI of every group",
       "Each group's GAI, with its 95% interval where there is one, and the band in which chance "
       "alone would put it.",
       0.30},
      {DSS_FIGURE_CROSSED, "Two attributes crossed", "GAI by both values.", 0.15},
      {DSS_FIGURE_PLANE, "Agreement within and across groups",
       "IRR against XRR: on the line of GAI 1 a group agrees with itself as much as with the rest.",
       0.15},
      {DSS_FIGURE_CALIBRATION, "All p-values",
       "In order, against those of tests in which nothing is to be found.", 0.15},
      {DSS_FIGURE_NULL, "Null distributions",
       "What chance gives for GAI, and what was observed; the surest groups first.", 0.25}};
  ranked *order;
  DSS_TRY(DSS_ALLOC(g->page->context, &order, g->n));
  dss_status status = DSS_OK;
  for (size_t i = 0; i < sizeof shelves / sizeof *shelves && status == DSS_OK; i++) {
    g->room += shelves[i].share * room;
    status = put_shelf(g, &shelves[i], order);
  }
  free(order);
  if (status == DSS_OK && g->left_out > 0)
    fprintf(g->page->stream,
            "<p>%zu figure%s left out to keep this page small; dissensus report RESULTS --figures "
            "DIR draws all.</p>\n",
            g->left_out, g->left_out == 1 ? " is" : "s are");
  return status;
}

dss_status dss_html_figures(const dss_page *page) {
  gallery g = {.page = page};
  double room = fmax(0.0, fmin(figures_most, page_most - dss_html_size(page)));
  if (!dss_figures_available()) {
    fputs("<p>This build of dissensus has no Cairo and Pango, and draws no figures.</p>\n",
          page->stream);
    return DSS_OK;
  }
  DSS_TRY(dss_figures_list(page->context, page->results, &g.figures, &g.n));
  dss_status status = DSS_OK;
  if (g.n == 0)
    fputs("<p>These results make no figure: figures show GAI and its resamples.</p>\n",
          page->stream);
  else
    status = put_gallery(&g, room);
  free(g.figures);
  return status;
}
