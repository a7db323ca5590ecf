/* The page's tables: a row a question, axis and group, as in the GRASP table; and the axes' DSI. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "html.h"
#include "tally.h"
#include "text.h"

static bool several_questions(const dss_page *page) {
  return dss_results_n_questions(page->results) > 1;
}

static bool several_axes(const dss_page *page) {
  return dss_results_n_axes(page->results) > 1;
}

void dss_html_axis(const dss_page *page, size_t axis) {
  const char *name = dss_results_axis(page->results, axis);
  fputs("<bdi>", page->stream);
  while (*name) {
    size_t length = strcspn(name, "*");
    length += name[length] == '*';
    dss_text_write(page->stream, DSS_MARKUP_HTML, name, length);
    name += length;
    if (*name) fputs("<wbr>", page->stream);
  }
  fputs("</bdi>", page->stream);
}

void dss_html_value(const dss_page *page, const dss_cell *cell) {
  dss_html_marked(page, dss_view_cell(page->view, cell));
}

void dss_html_marked(const dss_page *page, dss_view_value value) {
  static const char *const arrows[] = {"\xe2\x86\x93", "", "\xe2\x86\x91"};
  if (*value.number == '\0') {
    fputs("\xe2\x80\x93", page->stream);
    if (value.footnote)
      fprintf(page->stream, " <a href=\"#note-%u\">(%u)</a>", value.footnote, value.footnote);
    return;
  }
  fputs(value.number, page->stream);
  if (value.direction || value.stars)
    fprintf(page->stream, " <b%s>%s%.*s</b>",
            value.direction > 0   ? " class=\"u\""
            : value.direction < 0 ? " class=\"d\""
                                  : "",
            arrows[1 + value.direction], (int)value.stars, "**");
}

/* --- every group ------------------------------------------------------------------------- */

static void put_heading(const dss_page *page, const char *key, const char *kind, const char *text) {
  fprintf(page->stream, "<th scope=\"col\" data-key=\"%s\"%s>%s</th>", key, kind, text);
}

static void put_headings(const dss_page *page, const dss_view_part *part, size_t first) {
  char key[24], text[48];
  const char *lead = dss_view_title(dss_lead_of(part));
  fputs("<thead><tr>", page->stream);
  put_heading(page, "group", " class=\"t\"", "Group");
  if (several_questions(page)) put_heading(page, "question", " class=\"t\"", "Question");
  if (several_axes(page)) put_heading(page, "axis", " class=\"t\"", "Axis");
  put_heading(page, "raters", "", "Raters");
  put_heading(page, "ratings", "", "Ratings");
  for (size_t i = 0; i < part->n_columns; i++) {
    snprintf(key, sizeof key, "%zu", first + i);
    put_heading(page, key, "", dss_view_title(part->columns[i]));
  }
  snprintf(text, sizeof text, "p (%s)", lead);
  put_heading(page, "p", "", text);
  snprintf(text, sizeof text, "q (%s)", lead);
  put_heading(page, "q", "", text);
  fputs("</tr></thead>\n", page->stream);
}

static bool has_column(const dss_page *page, unsigned column) {
  for (size_t i = 0; i < page->view->intervals.n_columns; i++)
    if (page->view->intervals.columns[i] == column) return true;
  return false;
}

static void put_cell(const dss_page *page, size_t q, size_t g, dss_statistic statistic) {
  char interval[DSS_INTERVAL_ROOM];
  const dss_cell *cell = dss_results_cell(page->results, q, g, statistic);
  fputs("<td>", page->stream);
  dss_html_value(page, cell);
  if (!isnan(cell->estimate) && has_column(page, (unsigned)statistic)) {
    dss_interval_text(page->view, q, g, (unsigned)statistic, interval);
    fputs("<small>", page->stream);
    dss_html_text(page, interval);
    fputs("</small>", page->stream);
  }
  fputs("</td>", page->stream);
}

static void put_row(const dss_page *page, const dss_view_part *part, const dss_tally *tally,
                    size_t q, size_t g) {
  const dss_results *r = page->results;
  const dss_cell *lead = dss_results_cell(r, q, g, dss_lead_of(part));
  dss_verdict verdict = dss_judge(r, tally, q, g).verdict;
  bool stands = verdict == DSS_VERDICT_ABOVE || verdict == DSS_VERDICT_BELOW;
  fputs(stands ? "<tr class=\"s\"><th scope=\"row\">" : "<tr><th scope=\"row\">", page->stream);
  dss_html_name(page, dss_results_group(r, g));
  fputs("</th>", page->stream);
  if (several_questions(page)) {
    fputs("<td class=\"t\">", page->stream);
    dss_html_name(page, dss_results_question(r, q));
    fputs("</td>", page->stream);
  }
  if (several_axes(page)) {
    fputs("<td class=\"t\">", page->stream);
    dss_html_axis(page, dss_results_group_axis(r, g));
    fputs("</td>", page->stream);
  }
  fprintf(page->stream, "<td>%" PRIu32 "</td><td>%" PRIu64 "</td>", dss_results_group_raters(r, g),
          dss_results_detail(r, q, g)->ratings);
  for (size_t i = 0; i < part->n_columns; i++)
    put_cell(page, q, g, part->columns[i]);
  fputs("<td>", page->stream);
  dss_html_p(page, lead->p);
  fputs("</td><td>", page->stream);
  dss_html_p(page, lead->q_bh);
  fputs("</td></tr>\n", page->stream);
}

static void put_part(const dss_page *page, const dss_tally *tally, size_t at, size_t first) {
  static const char *const titles[] = {"Reliability", "Agreement", "Pairs of raters"};
  const dss_results *r = page->results;
  const dss_view_part *part = &page->view->parts[at];
  bool alone = page->view->n_parts == 1;
  const char *title = titles[part->columns[0] >= DSS_N_ITEM_STATISTICS ? 2
                             : part->columns[0] >= DSS_PLURALITY       ? 1
                                                                       : 0];
  if (!alone) fprintf(page->stream, "<h3>%s</h3>\n", title);
  fprintf(page->stream,
          "<div class=\"scroll wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">\n<table "
          "class=\"grasp%s\">\n<caption>",
          alone ? "Every group" : title, part->n_columns > 4 ? " many" : "");
  if (several_questions(page)) {
    fputs("A row is a group and a question. ", page->stream);
  } else {
    fputs("Question ", page->stream);
    dss_html_name(page, dss_results_question(r, 0));
    fputs(". ", page->stream);
  }
  if (!several_axes(page)) {
    fputs("By ", page->stream);
    dss_html_axis(page, 0);
    fputs(". ", page->stream);
  }
  if (tally->rows[DSS_VERDICT_ABOVE] + tally->rows[DSS_VERDICT_BELOW] > 0)
    fputs("Shaded: stands out after correction.", page->stream);
  fputs("</caption>\n", page->stream);
  put_headings(page, part, first);
  fputs("<tbody>\n", page->stream);
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++)
      put_row(page, part, tally, q, g);
  fputs("</tbody>\n</table>\n</div>\n", page->stream);
}

static void put_legend(const dss_page *page) {
  if (dss_results_resamples(page->results) == 0) return;
  fputs(
      "<p>An arrow tells whether a value is above (<b class=\"u\">\xe2\x86\x91</b>) or below (<b "
      "class=\"d\">\xe2\x86\x93</b>) the median of what chance gives; without a star it is no "
      "finding. <b>*</b> is p &lt; 0.05, <b>**</b> is q &lt; 0.05, after correction for all tests "
      "of this report.",
      page->stream);
  if (page->view->intervals.n_columns > 0)
    fputs(" Under a value stands its 95% interval.", page->stream);
  fputs("</p>\n", page->stream);
}

static void put_controls(const dss_page *page) {
  fputs(
      "<p id=\"still\">Sorting, filters and the details of a row need JavaScript. The same numbers "
      "are "
      "in dissensus report --format csv and --format json.</p>\n"
      "<div class=\"controls\" id=\"controls\" role=\"search\" aria-label=\"Rows of the table\" "
      "hidden>\n"
      "<label>Find <input type=\"search\" id=\"filter-search\" autocomplete=\"off\"></label>\n"
      "<label>Question <select id=\"filter-question\"><option value=\"\">all</option></select>"
      "</label>\n"
      "<label>Axis <select id=\"filter-axis\"><option value=\"\">all</option></select></label>\n"
      "<label>Significance <select id=\"filter-marks\"><option value=\"0\">any</option>"
      "<option value=\"1\">p &lt; 0.05 in a statistic</option>"
      "<option value=\"2\">q &lt; 0.05 in a statistic</option></select></label>\n"
      "<label>p and q of <select id=\"whose\"></select></label>\n"
      "<button type=\"button\" id=\"reset\">Show all as at first</button>\n</div>\n"
      "<p id=\"rows\" role=\"status\"></p>\n",
      page->stream);
}

void dss_html_tables(const dss_page *page) {
  dss_tally tally = dss_tally_of(page->results);
  size_t first = 0;
  put_legend(page);
  put_controls(page);
  for (size_t p = 0; p < page->view->n_parts; p++) {
    put_part(page, &tally, p, first);
    first += page->view->parts[p].n_columns;
  }
  fputs("<p><button type=\"button\" id=\"further\" hidden>Show more rows</button></p>\n",
        page->stream);
}

/* --- axes -------------------------------------------------------------------------------- */

static void put_axis(const dss_page *page, size_t q, size_t axis) {
  const dss_results *r = page->results;
  const dss_dsi *dsi = dss_results_dsi(r, q, axis);
  if (!dsi) return;
  fputs("<tr><th scope=\"row\">", page->stream);
  dss_html_axis(page, axis);
  fputs("</th>", page->stream);
  if (several_questions(page)) {
    fputs("<td class=\"t\">", page->stream);
    dss_html_name(page, dss_results_question(r, q));
    fputs("</td>", page->stream);
  }
  if (dsi->group == SIZE_MAX) {
    fputs("<td>\xe2\x80\x93</td><td class=\"t\">no group has a GAI</td><td>\xe2\x80\x93</td><td>"
          "\xe2\x80\x93</td></tr>\n",
          page->stream);
    return;
  }
  const dss_cell *cell = dss_results_cell(r, q, dsi->group, DSS_GAI);
  fputs("<td>", page->stream);
  dss_html_value(page, cell);
  fputs("</td><td class=\"t\">", page->stream);
  dss_html_name(page, dss_results_group(r, dsi->group));
  fputs("</td><td>", page->stream);
  dss_html_p(page, cell->p);
  fputs("</td><td>", page->stream);
  dss_html_p(page, cell->q_bh);
  fputs("</td></tr>\n", page->stream);
}

void dss_html_axes(const dss_page *page) {
  const dss_results *r = page->results;
  if (!(dss_results_metrics(r) & DSS_STATISTIC_BIT(DSS_GAI))) return;
  fputs("<h3 id=\"axes\">DSI, the largest GAI of each axis</h3>\n<div class=\"scroll\" "
        "tabindex=\"0\" role=\"region\" aria-label=\"DSI\">\n<table class=\"axes\">\n<caption>It "
        "is as significant "
        "as its group's GAI is.</caption>\n<thead><tr><th scope=\"col\" class=\"t\">Axis</th>",
        page->stream);
  if (several_questions(page)) fputs("<th scope=\"col\" class=\"t\">Question</th>", page->stream);
  fputs("<th scope=\"col\">DSI</th><th scope=\"col\" class=\"t\">Group</th><th scope=\"col\">p</th>"
        "<th scope=\"col\">q</th></tr></thead>\n<tbody>\n",
        page->stream);
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t axis = 0; axis < dss_results_n_axes(r); axis++)
      put_axis(page, q, axis);
  fputs("</tbody>\n</table>\n</div>\n", page->stream);
}
