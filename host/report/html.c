/* HTML: one page that needs no other file and no network. Reads without JavaScript too, which adds
 * sorting, filters, details of a row and a choice of theme (page.js). */
#include "html.h"

#include <stdlib.h>
#include <string.h>

#include "facts.h"
#include "findings.h"
#include "host/core/context.h"
#include "methods.h"
#include "notes.h"
#include "text.h"
#include "writers.h"

enum { TITLE_WIDTH = 80, TITLE_ROOM = 400 };

/* --- head -------------------------------------------------------------------------------- */

static dss_status put_head(const dss_page *page) {
  const dss_results *r = page->results;
  static const char *const scripts[] = {dss_page_js};
  size_t n = dss_results_n_questions(r);
  char name[TITLE_ROOM], title[TITLE_ROOM + 80];
  int at = snprintf(title, sizeof title, "Agreement among groups of raters: %s",
                    dss_text_cut(name, sizeof name, dss_results_question(r, 0), TITLE_WIDTH));
  if (n > 1)
    snprintf(title + at, sizeof title - (size_t)at, " and %zu more question%s", n - 1,
             n == 2 ? "" : "s");
  return dss_html_head(page, title, dss_fact_text(r, "created_by"), scripts, 1);
}

static void put_header(const dss_page *page) {
  const dss_results *r = page->results;
  FILE *stream = page->stream;
  char name[TITLE_ROOM];
  fputs("<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n<h1>Agreement "
        "among groups of raters</h1>\n<p class=\"soft\">",
        stream);
  for (size_t q = 0; q < dss_results_n_questions(r) && q < 12; q++) {
    fputs(q ? ", " : "", stream);
    dss_html_name(page,
                  dss_text_cut(name, sizeof name, dss_results_question(r, q), 2 * TITLE_WIDTH));
    fprintf(stream, " (%s, %u level%s)", dss_scale_name(dss_results_scale(r, q)),
            dss_results_n_levels(r, q), dss_results_n_levels(r, q) == 1 ? "" : "s");
  }
  if (dss_results_n_questions(r) > 12)
    fprintf(stream, " and %zu more questions", dss_results_n_questions(r) - 12);
  fputs("</p>\n<div class=\"bar\">\n<nav aria-label=\"Sections\"><ul>"
        "<li><a href=\"#short\">In short</a></li><li><a href=\"#warnings\">Warnings</a></li>"
        "<li><a href=\"#groups\">Every group</a></li><li><a "
        "href=\"#figures\">Figures</a></li><li><a href=\"#methods\">Methods</a></li>"
        "<li><a href=\"#definitions\">Definitions</a></li>"
        "<li><a href=\"#references\">References</a></li>"
        "<li><a href=\"#provenance\">Provenance</a></li></ul></nav>\n"
        "<label class=\"theme\" hidden>Theme <select id=\"theme\"><option value=\"\">as the system"
        "</option><option value=\"light\">light</option><option value=\"dark\">dark</option>"
        "</select></label>\n</div>\n</header>\n<main id=\"main\">\n",
        stream);
}

/* --- in short ---------------------------------------------------------------------------- */

static void put_short(const dss_page *page) {
  dss_html_list l = {.page = page};
  dss_html_open_section(page, "short", "In short");
  dss_findings(page->view, dss_html_finding, &l);
  dss_html_close_list(&l);
  dss_html_close_section(page);
}

/* --- warnings and notes ------------------------------------------------------------------ */

static void put_warnings(const dss_page *page) {
  dss_html_list l = {.page = page};
  dss_html_open_section(page, "warnings", "Warnings");
  dss_notes(page->view, true, dss_html_warning, &l);
  if (!l.open)
    fputs("<p>None. What was looked at: groups of few raters, undefined resamples, XRR near 0, "
          "intervals not to be trusted, too few resamples, and whether raters are exchangeable.</p>"
          "\n",
          page->stream);
  dss_html_close_list(&l);
  dss_html_close_section(page);
}

static void put_groups(const dss_page *page) {
  dss_html_list l = {.page = page};
  dss_html_open_section(page, "groups", "Every group");
  dss_html_tables(page);
  fputs("<h3>Notes</h3>\n", page->stream);
  dss_notes(page->view, true, dss_html_note, &l);
  dss_html_close_list(&l);
  dss_html_axes(page);
  dss_html_close_section(page);
}

/* --- methods ----------------------------------------------------------------------------- */

static void put_methods(const dss_page *page) {
  dss_html_open_section(page, "methods", "Methods");
  fputs("<p>For a paper, with this run's own settings: <button type=\"button\" id=\"copy\" hidden>"
        "Copy</button></p>\n<div class=\"paper\" id=\"paper\">\n",
        page->stream);
  dss_methods(page->view, dss_html_paragraph, (void *)page);
  fputs("</div>\n", page->stream);
  dss_html_close_section(page);
  dss_html_open_section(page, "definitions", "Definitions");
  dss_html_definitions(page);
  dss_html_close_section(page);
  dss_html_open_section(page, "references", "References");
  dss_html_list l = {.page = page};
  dss_methods(page->view, dss_html_reference, &l);
  dss_html_close_list(&l);
  dss_html_close_section(page);
}

static const char *get_fact(const void *of, const char *key) {
  return dss_fact_text(of, key);
}

dss_status dss_write_html(dss_context *context, const dss_results *results, FILE *stream) {
  dss_view view;
  dss_view_init(&view, results);
  const dss_page page = {context, results, &view, stream};
  DSS_TRY(put_head(&page));
  put_header(&page);
  put_short(&page);
  put_warnings(&page);
  put_groups(&page);
  dss_html_open_section(&page, "figures", "Figures");
  DSS_TRY(dss_html_figures(&page));
  dss_html_close_section(&page);
  put_methods(&page);
  dss_html_provenance(&page, true, dss_results_provenance_key, get_fact, results);
  fputs("</main>\n<footer><p>Written by ", stream);
  dss_html_text(&page, dss_fact_text(results, "created_by"));
  fputs(". This page is one file and needs no network.</p></footer>\n", stream);
  DSS_TRY(dss_html_data(&page));
  fputs("<script>", stream);
  fputs(dss_page_js, stream);
  fputs("</script>\n</body>\n</html>\n", stream);
  return DSS_OK;
}
