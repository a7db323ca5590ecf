#include "html_gallery.h"

#include <math.h>
#include <stdlib.h>

#include "host/core/context.h"

/* Bytes of the whole page, and of its figures. */
static const double page_most = 9.5e6, figures_most = 6e6;

static dss_status list(dss_gallery *g) {
  if (g->evaluation)
    return dss_evaluation_figures_list(g->page->context, g->evaluation, &g->figures, &g->n);
  return dss_figures_list(g->page->context, g->page->results, &g->figures, &g->n);
}

static dss_status describe(const dss_gallery *g, const dss_figure *figure,
                           dss_figure_texts *texts) {
  if (g->evaluation)
    return dss_evaluation_figure_describe(g->page->context, g->evaluation, figure, texts);
  return dss_figure_describe(g->page->context, g->page->results, figure, texts);
}

static dss_status draw(const dss_gallery *g, const dss_figure *figure, unsigned char **svg,
                       size_t *n) {
  dss_context *context = g->page->context;
  if (g->evaluation)
    return dss_evaluation_figure_draw(context, g->evaluation, figure, DSS_FIGURE_SVG, svg, n);
  return dss_figure_draw(context, g->page->results, figure, DSS_FIGURE_SVG, svg, n);
}

static dss_status put_one(dss_gallery *g, const dss_figure *figure, const unsigned char *svg,
                          size_t n) {
  const dss_page *page = g->page;
  dss_figure_texts texts = {0};
  DSS_TRY(describe(g, figure, &texts));
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
static dss_status put_figure(dss_gallery *g, const dss_figure *figure, bool *full) {
  unsigned char *svg = NULL;
  size_t n = 0;
  dss_status status = DSS_OK;
  if (!*full) DSS_TRY(draw(g, figure, &svg, &n));
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

dss_status dss_gallery_put(dss_gallery *g, const dss_shelf *shelf, const size_t *order, size_t n,
                           size_t shown) {
  size_t before = g->left_out;
  bool full = false;
  g->room += shelf->share * g->most;
  if (n == 0) return DSS_OK;
  fprintf(g->page->stream, "<h3>%s</h3>\n<p>%s</p>\n<div class=\"figures\">\n", shelf->title,
          shelf->text);
  for (size_t i = 0; i < shown && i < n; i++)
    DSS_TRY(put_figure(g, &g->figures[order[i]], &full));
  fputs("</div>\n", g->page->stream);
  if (n > shown) g->left_out += n - shown;
  if (g->left_out > before)
    fprintf(g->page->stream, "<p class=\"soft\">%zu more of these %s left out.</p>\n",
            g->left_out - before, g->left_out - before == 1 ? "is" : "are");
  return DSS_OK;
}

dss_status dss_gallery_open(dss_gallery *g, double bytes, const char *nothing) {
  g->most = fmax(0.0, fmin(figures_most, page_most - bytes));
  if (!dss_figures_available()) {
    fputs("<p>This build of dissensus has no Cairo and Pango, and draws no figures.</p>\n",
          g->page->stream);
    return DSS_OK;
  }
  DSS_TRY(list(g));
  if (g->n == 0) fprintf(g->page->stream, "<p>%s</p>\n", nothing);
  return DSS_OK;
}

void dss_gallery_close(dss_gallery *g) {
  if (g->left_out > 0)
    fprintf(g->page->stream,
            "<p>%zu figure%s left out to keep this page small; dissensus report %s --figures DIR "
            "draws all.</p>\n",
            g->left_out, g->left_out == 1 ? " is" : "s are",
            g->evaluation ? "EVALUATION" : "RESULTS");
  free(g->figures);
  g->figures = NULL;
}
