#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistr.h>
#include <uniwidth.h>

#define ELLIPSIS "\xe2\x80\xa6"

/* Controls, line and paragraph separators, and marks of direction. */
static bool is_unsafe(ucs4_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || c == 0x061c ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* The character at text as it is shown; *bytes: how many it takes. 0 at the end. Bytes that are
 * not UTF-8 show as U+FFFD. */
static ucs4_t shown(const char *text, size_t length, size_t *bytes) {
  ucs4_t c;
  if (length == 0 || *text == '\0') return 0;
  int used = u8_mbtouc(&c, (const uint8_t *)text, length);
  *bytes = used > 0 ? (size_t)used : 1;
  return is_unsafe(c) ? ' ' : c;
}

static size_t width_of(ucs4_t c) {
  int width = uc_width(c, "UTF-8");
  return width > 0 ? (size_t)width : 0;
}

static size_t clip(const char *text, size_t length) {
  return length == SIZE_MAX ? strlen(text) : length;
}

size_t dss_text_width(const char *text, size_t length) {
  size_t width = 0, bytes;
  ucs4_t c;
  length = clip(text, length);
  for (; (c = shown(text, length, &bytes)) != 0; text += bytes, length -= bytes)
    width += width_of(c);
  return width;
}

size_t dss_text_fit(const char *text, size_t width) {
  size_t used = 0, at = 0, length = strlen(text), bytes;
  ucs4_t c;
  for (; (c = shown(text + at, length - at, &bytes)) != 0; at += bytes) {
    if (at > 0 && used + width_of(c) > width) break;
    used += width_of(c);
  }
  return at;
}

size_t dss_text_line(const char *text, size_t width) {
  size_t fit = dss_text_fit(text, width);
  if (text[fit] == '\0' || text[fit] == ' ') return fit;
  for (size_t at = fit; at > 0; at--)
    if (text[at - 1] == ' ') return at;
  return fit;
}

char *dss_text_cut(char *out, size_t room, const char *text, size_t width) {
  size_t most = room - sizeof ELLIPSIS, length = strlen(text), fit = length;
  if (dss_text_width(text, length) > width) fit = dss_text_fit(text, width - 1);
  while (fit > most) {
    fit = most;
    /* Not in the middle of a character. */
    while (fit > 0 && ((unsigned char)text[fit] & 0xc0) == 0x80)
      fit--;
  }
  memcpy(out, text, fit);
  strcpy(out + fit, fit < length ? ELLIPSIS : "");
  return out;
}

char *dss_text_name(char *out, size_t room, const char *label, size_t width) {
  strcpy(out, DSS_NAME_BEGIN);
  dss_text_cut(out + 1, room - 2, label, width);
  for (char *at = out + 1; *at; at++)
    if ((unsigned char)*at < 0x20) *at = ' ';
  strcat(out, DSS_NAME_END);
  return out;
}

char *dss_text_unmark(char *text) {
  char *to = text;
  for (const char *at = text; *at; at++)
    if (*at != *DSS_NAME_BEGIN && *at != *DSS_NAME_END) *to++ = *at;
  *to = '\0';
  return text;
}

/* --- escapes ----------------------------------------------------------------------------- */

typedef struct replacement {
  ucs4_t c;
  const char *with;
} replacement;

static const replacement ascii[] = {
    {0x2191, "^"}, {0x2193, "v"}, {0x2026, "..."}, {0x2264, "<="}, {0x2265, ">="}};

static const replacement latex[] = {{'\\', "\\textbackslash{}"},
                                    {'{', "\\{"},
                                    {'}', "\\}"},
                                    {'$', "\\$"},
                                    {'&', "\\&"},
                                    {'#', "\\#"},
                                    {'_', "\\_"},
                                    {'%', "\\%"},
                                    {'~', "\\textasciitilde{}"},
                                    {'^', "\\textasciicircum{}"},
                                    {'*', "{*}"},
                                    {'<', "\\textless{}"},
                                    {'>', "\\textgreater{}"},
                                    {'|', "\\textbar{}"},
                                    {'"', "\\char34{}"},
                                    {'[', "{[}"},
                                    {']', "{]}"},
                                    {'-', "{-}"}, /* no dashes out of two */
                                    {0x2191, "$\\uparrow$"},
                                    {0x2193, "$\\downarrow$"},
                                    {0x2264, "$\\leq$"},
                                    {0x2265, "$\\geq$"},
                                    {0x2026, "\\ldots{}"}};

static const replacement html[] = {
    {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

static const char *replaced(const replacement *table, size_t n, ucs4_t c) {
  for (size_t i = 0; i < n; i++)
    if (table[i].c == c) return table[i].with;
  return NULL;
}

static const char *escape(dss_markup markup, ucs4_t c) {
  if (markup == DSS_MARKUP_ASCII) return replaced(ascii, sizeof ascii / sizeof *ascii, c);
  if (markup == DSS_MARKUP_LATEX) return replaced(latex, sizeof latex / sizeof *latex, c);
  if (markup == DSS_MARKUP_HTML) return replaced(html, sizeof html / sizeof *html, c);
  return NULL;
}

/* In Markdown a backslash makes any of these a plain character. */
static bool wants_backslash(dss_markup markup, ucs4_t c) {
  return markup == DSS_MARKUP_MARKDOWN && c < 0x80 && strchr("\\`*_{}[]<>#!|~&$@^\"", (int)c);
}

void dss_text_write(FILE *stream, dss_markup markup, const char *text, size_t length) {
  size_t bytes;
  ucs4_t c;
  length = clip(text, length);
  for (; (c = shown(text, length, &bytes)) != 0; text += bytes, length -= bytes) {
    const char *with = escape(markup, c);
    uint8_t utf8[6];
    int size = with ? 0 : u8_uctomb(utf8, c, sizeof utf8);
    if (wants_backslash(markup, c)) fputc('\\', stream);
    if (with)
      fputs(with, stream);
    else if (size > 0)
      fwrite(utf8, 1, (size_t)size, stream);
  }
}

size_t dss_text_written(dss_markup markup, const char *text) {
  size_t length = strlen(text), written = 0, bytes;
  ucs4_t c;
  for (; (c = shown(text, length, &bytes)) != 0; text += bytes, length -= bytes) {
    const char *with = escape(markup, c);
    uint8_t utf8[6];
    int size = with ? (int)strlen(with) : u8_uctomb(utf8, c, sizeof utf8);
    written += (size_t)(size > 0 ? size : 0) + wants_backslash(markup, c);
  }
  return written;
}
