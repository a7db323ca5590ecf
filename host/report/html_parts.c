/* What the HTML pages are made of. */
#include <math.h>
#include <openssl/evp.h>
#include <string.h>

#include "findings.h"
#include "host/core/context.h"
#include "html.h"
#include "methods.h"
#include "notes.h"
#include "text.h"

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

dss_status dss_html_head(const dss_page *page, const char *title, const char *created_by,
                         const char *const *scripts, size_t n_scripts) {
  FILE *stream = page->stream;
  fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
        "style-src ",
        stream);
  DSS_TRY(put_source(page, dss_page_css));
  fputs(n_scripts > 0 ? "; script-src " : "; script-src 'none'", stream);
  for (size_t i = 0; i < n_scripts; i++) {
    if (i > 0) fputc(' ', stream);
    DSS_TRY(put_source(page, scripts[i]));
  }
  fputs("; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"",
        stream);
  dss_html_text(page, created_by);
  fputs("\">\n<title>", stream);
  dss_html_text(page, title);
  fputs("</title>\n<style>", stream);
  fputs(dss_page_css, stream);
  fputs("</style>\n</head>\n", stream);
  return DSS_OK;
}

/* --- sections ---------------------------------------------------------------------------- */

void dss_html_open_section(const dss_page *page, const char *id, const char *title) {
  fprintf(page->stream, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id, title);
}

void dss_html_close_section(const dss_page *page) {
  fputs("</section>\n", page->stream);
}

void dss_html_close_list(dss_html_list *l) {
  if (l->open) fputs("</ul>\n", l->page->stream);
  l->open = false;
}

void dss_html_finding(dss_finding_kind kind, const char *text, void *user) {
  static const char *const before[] = {[DSS_FINDING_LEAD] = "<p class=\"lead\">",
                                       [DSS_FINDING_HEADING] = "<h3>",
                                       [DSS_FINDING_TEXT] = "<p>",
                                       [DSS_FINDING_ITEM] = "<li>"};
  static const char *const after[] = {[DSS_FINDING_LEAD] = "</p>\n",
                                      [DSS_FINDING_HEADING] = "</h3>\n",
                                      [DSS_FINDING_TEXT] = "</p>\n",
                                      [DSS_FINDING_ITEM] = "</li>\n"};
  dss_html_list *l = user;
  if (kind != DSS_FINDING_ITEM) dss_html_close_list(l);
  if (kind == DSS_FINDING_ITEM && !l->open) {
    fputs("<ul>\n", l->page->stream);
    l->open = true;
  }
  fputs(before[kind], l->page->stream);
  put_marked(l->page, text);
  fputs(after[kind], l->page->stream);
}

static void put_item(dss_html_list *l, const char *opening, const char *text) {
  if (!l->open) fputs(opening, l->page->stream);
  l->open = true;
  fputs("<li>", l->page->stream);
  put_marked(l->page, text);
  fputs("</li>\n", l->page->stream);
}

void dss_html_warning(dss_note_kind kind, const char *text, void *user) {
  if (kind == DSS_NOTE_WARNING) put_item(user, "<ul class=\"warnings\">\n", text);
}

void dss_html_note(dss_note_kind kind, const char *text, void *user) {
  dss_html_list *l = user;
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

void dss_html_paragraph(dss_methods_kind kind, const char *text, void *user) {
  const dss_page *page = user;
  if (kind != DSS_METHODS_TEXT) return;
  fputs("<p>", page->stream);
  put_marked(page, text);
  fputs("</p>\n", page->stream);
}

void dss_html_reference(dss_methods_kind kind, const char *text, void *user) {
  if (kind == DSS_METHODS_REFERENCE) put_item(user, "<ul>\n", text);
}

void dss_html_provenance(const dss_page *page, bool exact, const char *(*key_of)(size_t),
                         const char *(*value_of)(const void *, const char *), const void *of) {
  const char *key;
  dss_html_open_section(page, "provenance", "Provenance");
  fprintf(page->stream,
          "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Provenance\">\n"
          "<table class=\"plain\">\n<caption>How this file's results came about.%s</caption>\n"
          "<thead><tr><th scope=\"col\">What</th><th scope=\"col\">Value</th></tr></thead>\n"
          "<tbody>\n",
          exact ? " The same input and settings give the same numbers, to the bit, on any machine."
                : "");
  for (size_t i = 0; (key = key_of(i)) != NULL; i++) {
    const char *value = value_of(of, key);
    if (*value == '\0') continue;
    fputs("<tr><th scope=\"row\">", page->stream);
    for (const char *at = key; *at; at++)
      fputc(*at == '_' ? ' ' : *at, page->stream);
    fputs("</th><td>", page->stream);
    dss_html_name(page, value);
    fputs("</td></tr>\n", page->stream);
  }
  fputs("</tbody>\n</table>\n</div>\n", page->stream);
  dss_html_close_section(page);
}
