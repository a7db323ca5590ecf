/* HTML of powers: one page that needs no other file, no network and no script, with the looks of
 * the page of results. */
#include <inttypes.h>
#include <stdlib.h>

#include "dissensus/figures.h"
#include "host/core/context.h"
#include "html.h"
#include "power_words.h"
#include "power_writers.h"

static void put_header(const dss_page *page, bool needs) {
  fputs("<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n"
        "<h1>" DSS_POWER_TITLE "</h1>\n<div class=\"bar\">\n<nav aria-label=\"Sections\"><ul>"
        "<li><a href=\"#asked\">What was asked</a></li>",
        page->stream);
  if (needs) fputs("<li><a href=\"#needed\">What is needed</a></li>", page->stream);
  fputs("<li><a href=\"#points\">Every point</a></li><li><a href=\"#figure\">Figure</a></li>"
        "<li><a href=\"#methods\">Methods</a></li><li><a href=\"#references\">References</a></li>"
        "<li><a href=\"#provenance\">Provenance</a></li></ul></nav>\n</div>\n</header>\n"
        "<main id=\"main\">\n",
        page->stream);
}

static void put_asked(const dss_page *page, const dss_power *power) {
  char asked[DSS_POWER_ROOM];
  dss_html_open_section(page, "asked", "What was asked");
  dss_html_paragraph(DSS_METHODS_TEXT, dss_power_asked(power, asked), (void *)page);
  dss_html_close_section(page);
}

/* --- tables ---------------------------------------------------------------------------------- */

static void open_table(const dss_page *page, const char *label, const char *caption) {
  fprintf(page->stream,
          "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">\n"
          "<table class=\"grasp\">\n<caption>%s</caption>\n<thead><tr>",
          label, caption);
}

static void put_headings(const dss_page *page, const char *const *headings, size_t n,
                         size_t n_texts) {
  for (size_t i = 0; i < n; i++)
    fprintf(page->stream, "<th scope=\"col\"%s>%s</th>", i < n_texts ? " class=\"t\"" : "",
            headings[i]);
  fputs("</tr></thead>\n<tbody>\n", page->stream);
}

static void close_table(const dss_page *page) {
  fputs("</tbody>\n</table>\n</div>\n", page->stream);
}

static void put_group(const dss_page *page, const char *group) {
  fputs("<th scope=\"row\">", page->stream);
  dss_html_name(page, group);
  fputs("</th>", page->stream);
}

static void put_point(const dss_page *page, const dss_power_point *p, double wanted) {
  char mean[DSS_POWER_NUMBER_ROOM];
  fputs(p->power >= wanted ? "<tr class=\"s\">" : "<tr>", page->stream);
  put_group(page, p->group);
  fprintf(page->stream,
          "<td>%" PRIu32 "</td><td>%" PRIu32 "</td><td>%.4g</td><td>%.4g</td><td>%.1f%%</"
          "td><td>%.1f%% to %.1f%%</td><td>%s</td><td>%" PRIu64 "</td></tr>\n",
          p->raters_per_group, p->raters, p->ratings_per_item, p->gai, 100 * p->power, 100 * p->low,
          100 * p->high, dss_power_mean(p, mean), p->undefined);
}

static void put_points(const dss_page *page, const dss_power *power) {
  static const char *const headings[] = {"Group",           "Its raters", "All raters",
                                         "Ratings an item", "GAI",        "Power",
                                         "95% interval",    "Mean GAI",   "Undefined"};
  dss_html_open_section(page, "points", "Every point");
  open_table(page, "Every point",
             "A row is a design and a GAI. Power is the share of simulated studies that find the "
             "group; at GAI 1 these are false positives. Shaded: the power wanted is reached.");
  put_headings(page, headings, sizeof headings / sizeof *headings, 1);
  for (size_t i = 0; i < dss_power_n_points(power); i++)
    put_point(page, dss_power_get_point(power, i), dss_power_get_test(power)->power);
  close_table(page);
  dss_html_close_section(page);
}

static void put_bound(const dss_page *page, const dss_power_need *need,
                      const dss_power_bound *bound) {
  char text[DSS_POWER_NUMBER_ROOM];
  fputs("<td>", page->stream);
  dss_html_text(page, dss_power_bound_text(need, bound, text));
  fputs("</td>", page->stream);
}

static void put_need(const dss_page *page, const dss_power_need *n) {
  char where[DSS_POWER_WHERE_ROOM];
  fputs("<tr>", page->stream);
  put_group(page, n->group);
  fprintf(page->stream, "<td class=\"t\">%s</td><td class=\"t\">%s</td>",
          dss_power_along_title(n->along), dss_power_where(n, where));
  put_bound(page, n, &n->needed);
  put_bound(page, n, &n->low);
  put_bound(page, n, &n->high);
  fputs("</tr>\n", page->stream);
}

static void put_needs(const dss_page *page, const dss_power *power) {
  static const char *const headings[] = {"Group", "What", "With", "Needed", "From", "To"};
  char caption[200];
  if (dss_power_n_needs(power) == 0) return;
  snprintf(caption, sizeof caption,
           "For a power of %.4g%%. &lt;= and &gt;: it lies beyond the points that were simulated.",
           100 * dss_power_get_test(power)->power);
  dss_html_open_section(page, "needed", "What is needed");
  open_table(page, "What is needed", caption);
  put_headings(page, headings, sizeof headings / sizeof *headings, 3);
  for (size_t i = 0; i < dss_power_n_needs(power); i++)
    put_need(page, dss_power_get_need(power, i));
  close_table(page);
  dss_html_close_section(page);
}

/* --- figure and methods ---------------------------------------------------------------------- */

static dss_status draw_figure(const dss_page *page, const dss_power *power) {
  unsigned char *svg = NULL;
  size_t n = 0;
  DSS_TRY(dss_power_figure_draw(page->context, power, DSS_FIGURE_SVG, &svg, &n));
  fputs("<figure><img alt=\"Powers as lines with bands; the numbers are those of the table\" "
        "src=\"data:image/svg+xml;base64,",
        page->stream);
  dss_status status = dss_html_base64(page, svg, n);
  fputs("\"><figcaption>Powers, and the power that is wanted</figcaption></figure>\n",
        page->stream);
  free(svg);
  return status;
}

static dss_status put_figure(const dss_page *page, const dss_power *power) {
  dss_status status = DSS_OK;
  dss_html_open_section(page, "figure", "Figure");
  if (dss_figures_available())
    status = draw_figure(page, power);
  else
    fputs("<p>This build of dissensus has no Cairo and Pango, and draws no figures.</p>\n",
          page->stream);
  dss_html_close_section(page);
  return status;
}

static void put_methods(const dss_page *page, const dss_power *power) {
  dss_html_list l = {.page = page};
  dss_html_open_section(page, "methods", "Methods");
  fputs("<div class=\"paper\">\n", page->stream);
  dss_power_methods(power, dss_html_paragraph, (void *)page);
  fputs("</div>\n", page->stream);
  dss_html_close_section(page);
  dss_html_open_section(page, "references", "References");
  dss_power_methods(power, dss_html_reference, &l);
  dss_html_close_list(&l);
  dss_html_close_section(page);
}

static const char *get_fact(const void *of, const char *key) {
  return dss_power_fact(of, key);
}

dss_status dss_write_power_html(dss_context *context, const dss_power *power, FILE *stream) {
  const char *created_by = dss_power_fact(power, "created_by");
  const dss_page page = {context, NULL, NULL, stream};
  DSS_TRY(dss_html_head(&page, DSS_POWER_TITLE, created_by, NULL, 0));
  put_header(&page, dss_power_n_needs(power) > 0);
  put_asked(&page, power);
  put_needs(&page, power);
  put_points(&page, power);
  DSS_TRY(put_figure(&page, power));
  put_methods(&page, power);
  dss_html_provenance(&page, true, dss_power_key, get_fact, power);
  fputs("</main>\n<footer><p>Written by ", stream);
  dss_html_text(&page, created_by);
  fputs(". This page is one file and needs no network.</p></footer>\n</body>\n</html>\n", stream);
  return DSS_OK;
}
