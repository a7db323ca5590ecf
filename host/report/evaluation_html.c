/* HTML of an evaluation: one page that needs no other file and no network, with the looks and the
 * theme of the page of results. rows.js sorts and filters its table. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "evaluation_findings.h"
#include "evaluation_methods.h"
#include "evaluation_notes.h"
#include "evaluation_writers.h"
#include "html.h"
#include "text.h"

typedef struct writer {
  dss_page page;
  const dss_evaluation_view *view;
  const dss_evaluation *evaluation;
} writer;

static const char *title_of(const writer *w) {
  return dss_evaluation_title(dss_evaluation_kind_of(w->evaluation));
}

static void put_header(const writer *w) {
  FILE *stream = w->page.stream;
  fputs("<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n<h1>", stream);
  dss_html_text(&w->page, title_of(w));
  fputs("</h1>\n<div class=\"bar\">\n<nav aria-label=\"Sections\"><ul>"
        "<li><a href=\"#short\">In short</a></li><li><a href=\"#warnings\">Warnings</a></li>"
        "<li><a href=\"#table\">Every row</a></li><li><a href=\"#figures\">Figures</a></li>"
        "<li><a href=\"#methods\">Methods</a></li>"
        "<li><a href=\"#definitions\">Definitions</a></li>"
        "<li><a href=\"#references\">References</a></li>"
        "<li><a href=\"#provenance\">Provenance</a></li></ul></nav>\n"
        "<label class=\"theme\" hidden>Theme <select id=\"theme\"><option value=\"\">as the system"
        "</option><option value=\"light\">light</option><option value=\"dark\">dark</option>"
        "</select></label>\n</div>\n</header>\n<main id=\"main\">\n",
        stream);
}

static dss_status put_short(dss_context *context, const writer *w) {
  dss_html_list l = {.page = &w->page};
  dss_html_open_section(&w->page, "short", "In short");
  dss_status status = dss_evaluation_findings(context, w->view, dss_html_finding, &l);
  dss_html_close_list(&l);
  dss_html_close_section(&w->page);
  return status;
}

static void put_warnings(const writer *w) {
  dss_html_list l = {.page = &w->page};
  dss_html_open_section(&w->page, "warnings", "Warnings");
  dss_evaluation_notes(w->view, true, dss_html_warning, &l);
  if (!l.open)
    fputs("<p>None. What was looked at: rows of few raters, undefined resamples, intervals not to "
          "be trusted, gaps that would not be 0 without a difference, too few resamples, and "
          "whether raters are "
          "exchangeable.</p>\n",
          w->page.stream);
  dss_html_close_list(&l);
  dss_html_close_section(&w->page);
}

/* --- methods ---------------------------------------------------------------------------------- */

static void put_methods(const writer *w) {
  const dss_page *page = &w->page;
  dss_html_open_section(page, "methods", "Methods");
  fputs("<p>For a paper, with this run's own settings: <button type=\"button\" id=\"copy\" hidden>"
        "Copy</button></p>\n<div class=\"paper\" id=\"paper\">\n",
        page->stream);
  dss_evaluation_methods(w->view, dss_html_paragraph, (void *)page);
  fputs("</div>\n", page->stream);
  dss_html_close_section(page);
}

static void put_references(const writer *w) {
  const dss_page *page = &w->page;
  dss_html_list l = {.page = page};
  dss_html_open_section(page, "references", "References");
  dss_evaluation_methods(w->view, dss_html_reference, &l);
  if (!l.open) fputs("<p>None is needed.</p>\n", page->stream);
  dss_html_close_list(&l);
  dss_html_close_section(page);
}

static const char *get_fact(const void *of, const char *key) {
  return dss_evaluation_fact(of, key);
}

dss_status dss_write_evaluation_html(dss_context *context, const dss_evaluation_view *view,
                                     FILE *stream) {
  static const char *const scripts[] = {dss_page_js, dss_rows_js};
  const char *created_by = dss_evaluation_fact(view->evaluation, "created_by");
  const writer w = {{context, NULL, NULL, stream}, view, view->evaluation};
  DSS_TRY(dss_html_head(&w.page, title_of(&w), created_by, scripts, 2));
  put_header(&w);
  DSS_TRY(put_short(context, &w));
  put_warnings(&w);
  dss_html_evaluation_table(&w.page, view);
  dss_html_open_section(&w.page, "figures", "Figures");
  DSS_TRY(dss_html_evaluation_figures(&w.page, w.evaluation));
  dss_html_close_section(&w.page);
  put_methods(&w);
  dss_html_open_section(&w.page, "definitions", "Definitions");
  dss_html_evaluation_definitions(&w.page, view);
  dss_html_close_section(&w.page);
  put_references(&w);
  dss_html_provenance(&w.page, true, dss_evaluation_provenance_key, get_fact, view->evaluation);
  fputs("</main>\n<footer><p>Written by ", stream);
  dss_html_text(&w.page, created_by);
  fputs(". This page is one file and needs no network.</p></footer>\n", stream);
  for (size_t i = 0; i < 2; i++) {
    fputs("<script>", stream);
    fputs(scripts[i], stream);
    fputs("</script>\n", stream);
  }
  fputs("</body>\n</html>\n", stream);
  return DSS_OK;
}
