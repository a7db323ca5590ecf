/* HTML: one page that needs no other file and no network. Reads without JavaScript too, which adds
 * sorting, filters, details of a row and a choice of theme (page.js). */
#include "html.h"

#include <math.h>
#include <openssl/evp.h>
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

/* --- pieces ------------------------------------------------------------------------------ */

void dss_html_text(const dss_page *page, const char *text) {
  dss_text_write(page->stream, DSS_MARKUP_HTML, text, SIZE_MAX);
}

void dss_html_name(const dss_page *page, const char *name) {
  fputs("<bdi>", page->stream);
  dss_html_text(page, name);
  fputs("</bdi>", page->stream);
}

/* A sentence, its names between marks. */
static void put_marked(const dss_page *page, const char *text) {
  while (*text) {
    size_t length = strcspn(text, DSS_NAME_BEGIN DSS_NAME_END);
    dss_text_write(page->stream, DSS_MARKUP_HTML, text, length);
    text += length;
    if (*text) fputs(*text == *DSS_NAME_BEGIN ? "<bdi>" : "</bdi>", page->stream);
    text += *text != '\0';
  }
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

void dss_html_p(const dss_page *page, double p) {
  if (isnan(p))
    fputs("\xe2\x80\x93", page->stream);
  else
    fprintf(page->stream, "%.3g", p);
}

dss_status dss_html_base64(const dss_page *page, const unsigned char *bytes, size_t n) {
  enum { PIECE = 3 * 1024 };
  unsigned char out[4 * PIECE / 3 + 1];
  for (size_t at = 0; at < n; at += PIECE) {
    size_t length = n - at < PIECE ? n - at : PIECE;
    if (EVP_EncodeBlock(out, bytes + at, (int)length) < 0)
      return dss_fail_memory(page->context, sizeof out);
    fputs((const char *)out, page->stream);
  }
  return DSS_OK;
}

/* --- head -------------------------------------------------------------------------------- */

/* 'sha256-...', by which the policy below knows our own style and script. */
static dss_status put_source(const dss_page *page, const char *text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_Digest(text, strlen(text), digest, &length, EVP_sha256(), NULL) != 1)
    return dss_fail(page->context, DSS_ERR_INTERNAL, "SHA-256 of a part of the page failed");
  fputs("'sha256-", page->stream);
  DSS_TRY(dss_html_base64(page, digest, length));
  fputc('\'', page->stream);
  return DSS_OK;
}

static void put_title(const dss_page *page) {
  const dss_results *r = page->results;
  size_t n = dss_results_n_questions(r);
  char name[TITLE_ROOM];
  fputs("Agreement among groups of raters: ", page->stream);
  dss_html_text(page, dss_text_cut(name, sizeof name, dss_results_question(r, 0), TITLE_WIDTH));
  if (n > 1) fprintf(page->stream, " and %zu more question%s", n - 1, n == 2 ? "" : "s");
}

static dss_status put_head(const dss_page *page) {
  FILE *stream = page->stream;
  fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
        "style-src ",
        stream);
  DSS_TRY(put_source(page, dss_page_css));
  fputs("; script-src ", stream);
  DSS_TRY(put_source(page, dss_page_js));
  fputs("; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"",
        stream);
  dss_html_text(page, dss_fact_text(page->results, "created_by"));
  fputs("\">\n<title>", stream);
  put_title(page);
  fputs("</title>\n<style>", stream);
  fputs(dss_page_css, stream);
  fputs("</style>\n</head>\n", stream);
  return DSS_OK;
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

static void open_section(const dss_page *page, const char *id, const char *title) {
  fprintf(page->stream, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id, title);
}

static void close_section(const dss_page *page) {
  fputs("</section>\n", page->stream);
}

/* --- in short ---------------------------------------------------------------------------- */

typedef struct list {
  const dss_page *page;
  bool open;
  size_t written;
} list;

static void close_list(list *l) {
  if (l->open) fputs("</ul>\n", l->page->stream);
  l->open = false;
}

static void put_finding(dss_finding_kind kind, const char *text, void *user) {
  static const char *const before[] = {[DSS_FINDING_LEAD] = "<p class=\"lead\">",
                                       [DSS_FINDING_HEADING] = "<h3>",
                                       [DSS_FINDING_TEXT] = "<p>",
                                       [DSS_FINDING_ITEM] = "<li>"};
  static const char *const after[] = {[DSS_FINDING_LEAD] = "</p>\n",
                                      [DSS_FINDING_HEADING] = "</h3>\n",
                                      [DSS_FINDING_TEXT] = "</p>\n",
                                      [DSS_FINDING_ITEM] = "</li>\n"};
  list *l = user;
  if (kind != DSS_FINDING_ITEM) close_list(l);
  if (kind == DSS_FINDING_ITEM && !l->open) {
    fputs("<ul>\n", l->page->stream);
    l->open = true;
  }
  fputs(before[kind], l->page->stream);
  put_marked(l->page, text);
  fputs(after[kind], l->page->stream);
}

static void put_short(const dss_page *page) {
  list l = {.page = page};
  open_section(page, "short", "In short");
  dss_findings(page->view, put_finding, &l);
  close_list(&l);
  close_section(page);
}

/* --- warnings and notes ------------------------------------------------------------------ */

static void put_item(list *l, const char *opening, const char *text) {
  if (!l->open) fputs(opening, l->page->stream);
  l->open = true;
  fputs("<li>", l->page->stream);
  put_marked(l->page, text);
  fputs("</li>\n", l->page->stream);
}

static void put_warning(dss_note_kind kind, const char *text, void *user) {
  if (kind == DSS_NOTE_WARNING) put_item(user, "<ul class=\"warnings\">\n", text);
}

static void put_note(dss_note_kind kind, const char *text, void *user) {
  list *l = user;
  unsigned number;
  if (kind == DSS_NOTE) put_item(l, "<ul>\n", text);
  if (kind != DSS_NOTE_FOOTNOTE) return;
  if (!l->open) fputs("<ul>\n", l->page->stream);
  l->open = true;
  if (sscanf(text, "(%u)", &number) == 1)
    fprintf(l->page->stream, "<li id=\"note-%u\">", number);
  else
    fputs("<li>", l->page->stream);
  dss_html_text(l->page, text);
  fputs("</li>\n", l->page->stream);
}

static void put_warnings(const dss_page *page) {
  list l = {.page = page};
  open_section(page, "warnings", "Warnings");
  dss_notes(page->view, true, put_warning, &l);
  if (!l.open)
    fputs("<p>None. What was looked at: groups of few raters, undefined resamples, XRR near 0, "
          "intervals not to be trusted, too few resamples, and whether raters are exchangeable.</p>"
          "\n",
          page->stream);
  close_list(&l);
  close_section(page);
}

static void put_groups(const dss_page *page) {
  list l = {.page = page};
  open_section(page, "groups", "Every group");
  dss_html_tables(page);
  fputs("<h3>Notes</h3>\n", page->stream);
  dss_notes(page->view, true, put_note, &l);
  close_list(&l);
  dss_html_axes(page);
  close_section(page);
}

/* --- methods ----------------------------------------------------------------------------- */

static void put_paragraph(dss_methods_kind kind, const char *text, void *user) {
  const dss_page *page = user;
  if (kind != DSS_METHODS_TEXT) return;
  fputs("<p>", page->stream);
  put_marked(page, text);
  fputs("</p>\n", page->stream);
}

static void put_reference(dss_methods_kind kind, const char *text, void *user) {
  const dss_page *page = user;
  if (kind != DSS_METHODS_REFERENCE) return;
  fputs("<li>", page->stream);
  dss_html_text(page, text);
  fputs("</li>\n", page->stream);
}

static void put_methods(const dss_page *page) {
  open_section(page, "methods", "Methods");
  fputs("<p>For a paper, with this run's own settings: <button type=\"button\" id=\"copy\" hidden>"
        "Copy</button></p>\n<div class=\"paper\" id=\"paper\">\n",
        page->stream);
  dss_methods(page->view, put_paragraph, (void *)page);
  fputs("</div>\n", page->stream);
  close_section(page);
  open_section(page, "definitions", "Definitions");
  dss_html_definitions(page);
  close_section(page);
  open_section(page, "references", "References");
  fputs("<ul>\n", page->stream);
  dss_methods(page->view, put_reference, (void *)page);
  fputs("</ul>\n", page->stream);
  close_section(page);
}

static void put_provenance(const dss_page *page) {
  const char *key;
  open_section(page, "provenance", "Provenance");
  fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Provenance\">\n"
        "<table class=\"plain\">\n<caption>How this file's results came about. The same input and "
        "settings give the same numbers, to the bit, on any machine.</caption>\n<thead><tr><th "
        "scope=\"col\">What</th><th scope=\"col\">Value</th></tr></thead>\n<tbody>\n",
        page->stream);
  for (size_t i = 0; (key = dss_results_provenance_key(i)) != NULL; i++) {
    const char *value = dss_fact_text(page->results, key);
    if (*value == '\0') continue;
    fputs("<tr><th scope=\"row\">", page->stream);
    for (const char *at = key; *at; at++)
      fputc(*at == '_' ? ' ' : *at, page->stream);
    fputs("</th><td>", page->stream);
    dss_html_name(page, value);
    fputs("</td></tr>\n", page->stream);
  }
  fputs("</tbody>\n</table>\n</div>\n", page->stream);
  close_section(page);
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
  open_section(&page, "figures", "Figures");
  DSS_TRY(dss_html_figures(&page));
  close_section(&page);
  put_methods(&page);
  put_provenance(&page);
  fputs("</main>\n<footer><p>Written by ", stream);
  dss_html_text(&page, dss_fact_text(results, "created_by"));
  fputs(". This page is one file and needs no network.</p></footer>\n", stream);
  DSS_TRY(dss_html_data(&page));
  fputs("<script>", stream);
  fputs(dss_page_js, stream);
  fputs("</script>\n</body>\n</html>\n", stream);
  return DSS_OK;
}
