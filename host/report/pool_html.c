/* HTML of a simulated study: one page that needs no other file, no network and no script, with the
 * looks of the page of results. */
#include <inttypes.h>
#include <stdlib.h>

#include "dissensus/figures.h"
#include "host/core/context.h"
#include "html.h"
#include "pool_words.h"

static void put_header(const dss_page *page) {
  fputs("<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n"
        "<h1>" DSS_POOL_TITLE "</h1>\n<div class=\"bar\">\n<nav aria-label=\"Sections\"><ul>"
        "<li><a href=\"#made\">What was made</a></li>"
        "<li><a href=\"#design\">Who rated how much</a></li>"
        "<li><a href=\"#groups\">Every group</a></li><li><a href=\"#figure\">Figure</a></li>"
        "<li><a href=\"#methods\">Methods</a></li><li><a href=\"#references\">References</a></li>"
        "<li><a href=\"#provenance\">Provenance</a></li></ul></nav>\n</div>\n</header>\n"
        "<main id=\"main\">\n",
        page->stream);
}

static void put_made(const dss_page *page, const dss_pool_check *check) {
  char made[DSS_POOL_ROOM];
  dss_html_open_section(page, "made", "What was made");
  dss_html_paragraph(DSS_METHODS_TEXT, dss_pool_made(check, made), (void *)page);
  dss_html_close_section(page);
}

/* --- tables ---------------------------------------------------------------------------------- */

/* label is escaped where it has a name: the heading above says which question it is. */
static void open_table(const dss_page *page, const char *label, const char *caption) {
  fprintf(page->stream, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
  dss_html_text(page, label);
  fprintf(page->stream, "\">\n<table class=\"grasp\">\n<caption>%s</caption>\n<thead><tr>",
          caption);
}

static void put_heading(const dss_page *page, const char *text, bool of_text) {
  fprintf(page->stream, "<th scope=\"col\"%s>%s</th>", of_text ? " class=\"t\"" : "", text);
}

static void close_table(const dss_page *page) {
  fputs("</tbody>\n</table>\n</div>\n", page->stream);
}

static void put_row_name(const dss_page *page, const char *name) {
  fputs("<th scope=\"row\">", page->stream);
  dss_html_name(page, name);
  fputs("</th>", page->stream);
}

static void put_spread(const dss_page *page, const dss_pool_spread *s) {
  fprintf(page->stream, "<td>%.6g</td><td class=\"t\">%" PRIu64 " to %" PRIu64 "</td>", s->median,
          s->least, s->most);
}

static void put_counts(const dss_page *page, const char *question, const char *of,
                       const dss_pool_counts *n) {
  fputs("<tr>", page->stream);
  put_row_name(page, question);
  if (of) fprintf(page->stream, "<td class=\"t\">%s</td>", of);
  fprintf(page->stream,
          "<td>%" PRIu32 "</td><td>%" PRIu32 "</td><td>%" PRIu64 "</td><td>%.1f%%</td>", n->raters,
          n->items, n->ratings, 100.0 * (double)n->ratings / ((double)n->raters * n->items));
  put_spread(page, &n->a_rater);
  put_spread(page, &n->an_item);
  fputs("</tr>\n", page->stream);
}

static void put_design(const dss_page *page, const dss_pool_check *check) {
  static const char *const headings[] = {"Raters", "Items", "Ratings", "Of all pairs", "A rater"};
  bool grown = dss_pool_check_is_grown(check);
  dss_html_open_section(page, "design", "Who rated how much");
  open_table(
      page, "Who rated how much",
      "Of all pairs: the share of raters and items that met. A rater, an item: the median of "
      "their numbers of ratings, and the least to the most.");
  put_heading(page, "Question", true);
  if (grown) put_heading(page, "Of", true);
  for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
    put_heading(page, headings[i], false);
  put_heading(page, "least to most", true);
  put_heading(page, "An item", false);
  put_heading(page, "least to most", true);
  fputs("</tr></thead>\n<tbody>\n", page->stream);
  for (size_t q = 0; q < dss_pool_check_n_questions(check); q++) {
    const dss_pool_question *of = dss_pool_check_question(check, q);
    if (of->source.raters > 0) put_counts(page, of->name, "the study", &of->source);
    put_counts(page, of->name, grown ? "the pool" : NULL, &of->made);
  }
  close_table(page);
  dss_html_close_section(page);
}

static void put_group(const dss_page *page, dss_pool_columns columns, const dss_pool_group *group) {
  char text[DSS_POOL_CELL_ROOM];
  fputs("<tr>", page->stream);
  put_row_name(page, group->group);
  for (size_t k = 0; k < columns.n; k++)
    fprintf(page->stream, "<td>%s</td>", dss_pool_cell_text(&columns.at[k], group, text));
  fputs("</tr>\n", page->stream);
}

static void put_question(const dss_page *page, const dss_pool_check *check,
                         const dss_pool_question *of) {
  dss_pool_columns columns = dss_pool_columns_of(check);
  char model[DSS_POOL_MODEL_ROOM];
  fputs("<h3>", page->stream);
  dss_html_name(page, of->name);
  fprintf(page->stream, "</h3>\n<p>%s scale; %s.</p>\n", dss_scale_name(of->scale),
          dss_pool_model(of, model));
  open_table(page, of->name, dss_pool_note(check));
  put_heading(page, "Group", true);
  for (size_t k = 0; k < columns.n; k++)
    put_heading(page, columns.at[k].title, false);
  fputs("</tr></thead>\n<tbody>\n", page->stream);
  for (size_t g = 0; g < of->n_groups; g++)
    put_group(page, columns, dss_pool_check_group(check, of->first_group + g));
  close_table(page);
}

static void put_groups(const dss_page *page, const dss_pool_check *check) {
  dss_html_open_section(page, "groups", "Every group");
  for (size_t q = 0; q < dss_pool_check_n_questions(check); q++)
    put_question(page, check, dss_pool_check_question(check, q));
  dss_html_close_section(page);
}

/* --- figure and methods ---------------------------------------------------------------------- */

static dss_status draw_figure(const dss_page *page, const dss_pool_check *check) {
  unsigned char *svg = NULL;
  char *words = NULL;
  size_t n = 0;
  DSS_TRY(dss_pool_figure_describe(page->context, check, &words));
  dss_status status = dss_pool_figure_draw(page->context, check, DSS_FIGURE_SVG, &svg, &n);
  if (status == DSS_OK) {
    fputs("<figure><img alt=\"", page->stream);
    dss_html_text(page, words);
    fputs("\" src=\"data:image/svg+xml;base64,", page->stream);
    status = dss_html_base64(page, svg, n);
    fputs("\"><figcaption>Each group as it was meant to be, and as it came out</figcaption>"
          "</figure>\n",
          page->stream);
  }
  free(svg);
  free(words);
  return status;
}

static dss_status put_figure(const dss_page *page, const dss_pool_check *check) {
  dss_status status = DSS_OK;
  dss_html_open_section(page, "figure", "Figure");
  if (dss_figures_available())
    status = draw_figure(page, check);
  else
    fputs("<p>This build of dissensus has no Cairo and Pango, and draws no figures.</p>\n",
          page->stream);
  dss_html_close_section(page);
  return status;
}

static void put_methods(const dss_page *page, const dss_pool_check *check) {
  dss_html_list l = {.page = page};
  dss_html_open_section(page, "methods", "Methods");
  fputs("<div class=\"paper\">\n", page->stream);
  dss_pool_methods(check, dss_html_paragraph, (void *)page);
  fputs("</div>\n", page->stream);
  dss_html_close_section(page);
  dss_html_open_section(page, "references", "References");
  dss_pool_methods(check, dss_html_reference, &l);
  dss_html_close_list(&l);
  dss_html_close_section(page);
}

static const char *get_key(size_t i) {
  static const char *const keys[] = {"created_by", "created_at", "command", "input_sha256", "seed"};
  return i < sizeof keys / sizeof *keys ? keys[i] : NULL;
}

static const char *get_fact(const void *of, const char *key) {
  return dss_pool_check_provenance(of, key);
}

dss_status dss_write_pool_html(dss_context *context, const dss_pool_check *check, FILE *stream) {
  const char *created_by = dss_pool_check_provenance(check, "created_by");
  const dss_page page = {context, NULL, NULL, stream};
  DSS_TRY(dss_html_head(&page, DSS_POOL_TITLE, created_by, NULL, 0));
  put_header(&page);
  put_made(&page, check);
  put_design(&page, check);
  put_groups(&page, check);
  DSS_TRY(put_figure(&page, check));
  put_methods(&page, check);
  /* A fit goes through the mathematics library. */
  dss_html_provenance(&page, !dss_pool_check_is_grown(check), get_key, get_fact, check);
  fputs("</main>\n<footer><p>Written by ", stream);
  dss_html_text(&page, created_by);
  fputs(". This page is one file and needs no network.</p></footer>\n</body>\n</html>\n", stream);
  return DSS_OK;
}
