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

enum { NAME_WIDTH = 300 };

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
          "be trusted, too few resamples.</p>\n",
          w->page.stream);
  dss_html_close_list(&l);
  dss_html_close_section(&w->page);
}

/* --- the table -------------------------------------------------------------------------------- */

static void put_controls(const writer *w) {
  fputs("<p id=\"still\">Sorting and filters need JavaScript. The same numbers are in dissensus "
        "report --format csv and --format json.</p>\n"
        "<div class=\"controls\" id=\"controls\" role=\"search\" aria-label=\"Rows of the table\" "
        "hidden>\n"
        "<label>Find <input type=\"search\" id=\"filter-search\" autocomplete=\"off\"></label>\n"
        "<label>Significance <select id=\"filter-marks\"><option value=\"0\">any</option>"
        "<option value=\"1\">p &lt; 0.05</option><option value=\"2\">q &lt; 0.05</option></select>"
        "</label>\n<button type=\"button\" id=\"reset\">Show all as at first</button>\n</div>\n"
        "<p id=\"rows\" role=\"status\"></p>\n",
        w->page.stream);
}

static void put_legend(const writer *w) {
  if (w->view->tests == 0) return;
  fputs(
      "<p>An arrow tells whether a value is above (<b class=\"u\">\xe2\x86\x91</b>) or below (<b "
      "class=\"d\">\xe2\x86\x93</b>) the median of what chance gives; without a star it is no "
      "finding. <b>*</b> is p &lt; 0.05, <b>**</b> is q &lt; 0.05, after correction for all tests "
      "of this report.</p>\n",
      w->page.stream);
}

static void put_headings(const writer *w) {
  FILE *stream = w->page.stream;
  fputs("<thead><tr><th scope=\"col\" class=\"t\">Group</th><th scope=\"col\" class=\"t\">"
        "Statistic</th><th scope=\"col\">Estimate</th>",
        stream);
  if (w->view->intervals) fputs("<th scope=\"col\">95% interval</th>", stream);
  if (w->view->tests) fputs("<th scope=\"col\">p</th><th scope=\"col\">q</th>", stream);
  fputs("<th scope=\"col\" class=\"t\">Axis</th><th scope=\"col\" class=\"t\">Question</th>",
        stream);
  if (w->view->sources) fputs("<th scope=\"col\" class=\"t\">Source</th>", stream);
  if (w->view->items) fputs("<th scope=\"col\" class=\"t\">Items</th>", stream);
  fputs("<th scope=\"col\">Raters</th><th scope=\"col\">Items rated</th>"
        "<th scope=\"col\">Ratings</th></tr></thead>\n",
        stream);
}

static void open_number(const writer *w, double value) {
  fputs("<td data-v=\"", w->page.stream);
  if (isfinite(value)) fprintf(w->page.stream, "%.17g", value);
  fputs("\">", w->page.stream);
}

static void put_p(const writer *w, double p) {
  open_number(w, p);
  dss_html_p(&w->page, p);
  fputs("</td>", w->page.stream);
}

static void put_text(const writer *w, const char *text) {
  fputs("<td class=\"t\">", w->page.stream);
  dss_html_name(&w->page, text);
  fputs("</td>", w->page.stream);
}

static void put_count(const writer *w, uint64_t count) {
  fprintf(w->page.stream, "<td data-v=\"%" PRIu64 "\">%" PRIu64 "</td>", count, count);
}

/* "woman vs man", each name for itself. */
static void put_label(const writer *w, const dss_evaluation_row *row) {
  fputs("<th scope=\"row\">", w->page.stream);
  if (*row->group)
    dss_html_name(&w->page, row->group);
  else
    fputs(*row->axis ? "every group" : "all raters", w->page.stream);
  if (*row->versus) {
    fputs(" vs ", w->page.stream);
    dss_html_name(&w->page, row->versus);
  }
  fputs("</th>", w->page.stream);
}

static void put_row(const writer *w, const dss_evaluation_row *row) {
  char interval[DSS_INTERVAL_ROOM];
  FILE *stream = w->page.stream;
  dss_view_value value = dss_evaluation_value(w->view, row);
  fprintf(stream, "<tr%s data-marks=\"%u\">", value.stars == 2 ? " class=\"s\"" : "", value.stars);
  put_label(w, row);
  put_text(w, row->statistic);
  open_number(w, row->cell.estimate);
  dss_html_marked(&w->page, value);
  fputs("</td>", stream);
  if (w->view->intervals) {
    dss_evaluation_interval(w->view, row, interval);
    fputs("<td>", stream);
    dss_html_text(&w->page, interval);
    fputs("</td>", stream);
  }
  if (w->view->tests) {
    put_p(w, row->cell.p);
    put_p(w, row->cell.q_bh);
  }
  put_text(w, row->axis);
  put_text(w, row->question);
  if (w->view->sources) put_text(w, row->source);
  if (w->view->items) put_text(w, row->items);
  put_count(w, row->raters);
  put_count(w, row->n_items);
  put_count(w, row->ratings);
  fputs("</tr>\n", stream);
}

static void put_table(const writer *w) {
  dss_html_list l = {.page = &w->page};
  dss_html_open_section(&w->page, "table", "Every row");
  put_legend(w);
  put_controls(w);
  fputs("<div class=\"scroll wide\" tabindex=\"0\" role=\"region\" aria-label=\"Every row\">\n"
        "<table class=\"grasp\" id=\"all-rows\">\n<caption>A row is one statistic of a group, or "
        "of a group compared with another.",
        w->page.stream);
  if (w->view->tests) fputs(" Shaded: stands out after correction.", w->page.stream);
  fputs("</caption>\n", w->page.stream);
  put_headings(w);
  fputs("<tbody>\n", w->page.stream);
  for (size_t i = 0; i < w->view->n; i++)
    put_row(w, dss_evaluation_shown(w->view, i));
  fputs("</tbody>\n</table>\n</div>\n<p><button type=\"button\" id=\"further\" hidden>Show more "
        "rows</button></p>\n<h3>Notes</h3>\n",
        w->page.stream);
  dss_evaluation_notes(w->view, true, dss_html_note, &l);
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
  put_table(&w);
  dss_html_open_section(&w.page, "figures", "Figures");
  DSS_TRY(dss_html_evaluation_figures(&w.page, w.evaluation));
  dss_html_close_section(&w.page);
  put_methods(&w);
  dss_html_provenance(&w.page, dss_evaluation_provenance_key, get_fact, view->evaluation);
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
