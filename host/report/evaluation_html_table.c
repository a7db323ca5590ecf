/* The table of an evaluation's page: every row, but only columns that say something. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "evaluation_notes.h"
#include "html.h"

/* What a row is of. A column that is the same in every row stands once, above the table. */
typedef enum column {
  AXIS,
  QUESTION,
  SOURCE,
  ITEMS,
  RATERS,
  ITEMS_RATED,
  RATINGS,
  N_COLUMNS
} column;

static const char *const headings[N_COLUMNS] = {"Axis",   "Question",    "Source", "Items",
                                                "Raters", "Items rated", "Ratings"};

typedef struct writer {
  const dss_page *page;
  const dss_evaluation_view *view;
  bool varies[N_COLUMNS];
} writer;

static const char *text_of(const dss_evaluation_row *row, column c) {
  const char *const texts[] = {row->axis, row->question, row->source, row->items};
  return texts[c];
}

static uint64_t count_of(const dss_evaluation_row *row, column c) {
  const uint64_t counts[] = {row->raters, row->n_items, row->ratings};
  return counts[c - RATERS];
}

static bool is_text(column c) {
  return c < RATERS;
}

/* Rows of all raters have no axis: they do not make it vary. */
static const dss_evaluation_row *first_of(const dss_evaluation_view *view, column c) {
  for (size_t i = 0; i < view->n; i++) {
    const dss_evaluation_row *row = dss_evaluation_shown(view, i);
    if (c != AXIS || *row->axis) return row;
  }
  return NULL;
}

static bool find_varies(const dss_evaluation_view *view, column c) {
  const dss_evaluation_row *first = first_of(view, c);
  for (size_t i = 0; i < view->n && first; i++) {
    const dss_evaluation_row *row = dss_evaluation_shown(view, i);
    if (c == AXIS && *row->axis == '\0') continue;
    if (is_text(c) ? strcmp(text_of(row, c), text_of(first, c)) != 0
                   : count_of(row, c) != count_of(first, c))
      return true;
  }
  return false;
}

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
        w->page->stream);
}

static void put_legend(const writer *w) {
  if (w->view->tests == 0) return;
  fputs(
      "<p>An arrow tells whether a value is above (<b class=\"u\">\xe2\x86\x91</b>) or below (<b "
      "class=\"d\">\xe2\x86\x93</b>) the median of what chance gives; without a star it is no "
      "finding. <b>*</b> is p &lt; 0.05, <b>**</b> is q &lt; 0.05, after correction for all tests "
      "of this report.</p>\n",
      w->page->stream);
}

static void put_headings(const writer *w) {
  FILE *stream = w->page->stream;
  fputs("<thead><tr><th scope=\"col\" class=\"t\">Group</th><th scope=\"col\" class=\"t\">"
        "Statistic</th><th scope=\"col\">Estimate</th>",
        stream);
  if (w->view->of_sizes > 0) fputs("<th scope=\"col\">Null mean</th>", stream);
  if (w->view->intervals) fputs("<th scope=\"col\">95% interval</th>", stream);
  if (w->view->tests) fputs("<th scope=\"col\">p</th><th scope=\"col\">q</th>", stream);
  for (column c = 0; c < N_COLUMNS; c++)
    if (w->varies[c])
      fprintf(stream, "<th scope=\"col\"%s>%s</th>", is_text(c) ? " class=\"t\"" : "", headings[c]);
  fputs("</tr></thead>\n", stream);
}

static void open_number(const writer *w, double value) {
  fputs("<td data-v=\"", w->page->stream);
  if (isfinite(value)) fprintf(w->page->stream, "%.17g", value);
  fputs("\">", w->page->stream);
}

static void put_p(const writer *w, double p) {
  open_number(w, p);
  dss_html_p(w->page, p);
  fputs("</td>", w->page->stream);
}

static void put_text(const writer *w, const char *text) {
  fputs("<td class=\"t\">", w->page->stream);
  dss_html_name(w->page, text);
  fputs("</td>", w->page->stream);
}

static void put_count(const writer *w, uint64_t count) {
  fprintf(w->page->stream, "<td data-v=\"%" PRIu64 "\">%" PRIu64 "</td>", count, count);
}

/* "woman vs man", each name for itself. */
static void put_label(const writer *w, const dss_evaluation_row *row) {
  fputs("<th scope=\"row\">", w->page->stream);
  if (*row->group)
    dss_html_name(w->page, row->group);
  else
    fputs(*row->axis ? "every group" : "all raters", w->page->stream);
  if (*row->versus) {
    fputs(" vs ", w->page->stream);
    dss_html_name(w->page, row->versus);
  }
  fputs("</th>", w->page->stream);
}

static void put_row(const writer *w, const dss_evaluation_row *row) {
  char interval[DSS_INTERVAL_ROOM], null[24];
  FILE *stream = w->page->stream;
  dss_view_value value = dss_evaluation_value(w->view, row);
  dss_evaluation_null(row, null);
  fprintf(stream, "<tr%s data-marks=\"%u\">", value.stars == 2 ? " class=\"s\"" : "", value.stars);
  put_label(w, row);
  put_text(w, row->statistic);
  open_number(w, row->cell.estimate);
  dss_html_marked(w->page, value);
  fputs("</td>", stream);
  if (w->view->of_sizes > 0) {
    open_number(w, *null ? row->cell.null_mean : NAN);
    fprintf(stream, "%s</td>", null);
  }
  if (w->view->intervals) {
    dss_evaluation_interval(w->view, row, interval);
    open_number(w, *row->cell.ci_method ? row->cell.ci_low : NAN);
    dss_html_text(w->page, interval);
    fputs("</td>", stream);
  }
  if (w->view->tests) {
    put_p(w, row->cell.p);
    put_p(w, row->cell.q_bh);
  }
  for (column c = 0; c < N_COLUMNS; c++)
    if (w->varies[c] && is_text(c))
      put_text(w, c == ITEMS && *row->items == '\0' ? "all items" : text_of(row, c));
    else if (w->varies[c])
      put_count(w, count_of(row, c));
  fputs("</tr>\n", stream);
}

static bool any_stands_out(const dss_evaluation_view *view) {
  for (size_t i = 0; i < view->n; i++)
    if (dss_evaluation_value(view, dss_evaluation_shown(view, i)).stars == 2) return true;
  return false;
}

/* "Question harm_to_self. Axis gender." */
static void put_same(const writer *w) {
  for (column c = 0; c < N_COLUMNS; c++) {
    const dss_evaluation_row *row = first_of(w->view, c);
    if (w->varies[c] || !row || (is_text(c) && *text_of(row, c) == '\0')) continue;
    fprintf(w->page->stream, " %s ", headings[c]);
    if (is_text(c))
      dss_html_name(w->page, text_of(row, c));
    else
      fprintf(w->page->stream, "%" PRIu64, count_of(row, c));
    fputc('.', w->page->stream);
  }
}

void dss_html_evaluation_table(const dss_page *page, const dss_evaluation_view *view) {
  dss_html_list l = {.page = page};
  writer made = {.page = page, .view = view}, *w = &made;
  for (column c = 0; c < N_COLUMNS; c++)
    made.varies[c] = find_varies(view, c);
  dss_html_open_section(page, "table", "Every row");
  put_legend(w);
  put_controls(w);
  fputs("<div class=\"scroll wide\" tabindex=\"0\" role=\"region\" aria-label=\"Every row\">\n"
        "<table class=\"grasp\" id=\"all-rows\">\n<caption>A row is one statistic of a group, or "
        "of a group compared with another.",
        page->stream);
  if (any_stands_out(view)) fputs(" Shaded: stands out after correction.", page->stream);
  put_same(w);
  fputs("</caption>\n", w->page->stream);
  put_headings(w);
  fputs("<tbody>\n", w->page->stream);
  for (size_t i = 0; i < w->view->n; i++)
    put_row(w, dss_evaluation_shown(w->view, i));
  fputs("</tbody>\n</table>\n</div>\n<p><button type=\"button\" id=\"further\" hidden>Show more "
        "rows</button></p>\n<h3>Notes</h3>\n",
        w->page->stream);
  dss_evaluation_notes(w->view, true, dss_html_note, &l);
  dss_html_close_list(&l);
  dss_html_close_section(page);
}
