#include "terminal.h"

#include <string.h>

enum { NOTE_WIDTH = 100 };

dss_terminal dss_terminal_of(const dss_report_options *options, FILE *stream) {
  return (dss_terminal){stream, options->unicode ? DSS_MARKUP_NONE : DSS_MARKUP_ASCII,
                        options->color};
}

void dss_terminal_style(const dss_terminal *out, dss_style style) {
  static const char *const codes[] = {[DSS_STYLE_NORMAL] = "\033[0m",
                                      [DSS_STYLE_BOLD] = "\033[1m",
                                      [DSS_STYLE_DIM] = "\033[2m",
                                      [DSS_STYLE_WARN] = "\033[33m"};
  if (out->color) fputs(codes[style], out->stream);
}

void dss_terminal_blanks(const dss_terminal *out, size_t n) {
  fprintf(out->stream, "%*s", (int)n, "");
}

void dss_terminal_rule(const dss_terminal *out, size_t margin, size_t width) {
  dss_terminal_blanks(out, margin);
  dss_terminal_style(out, DSS_STYLE_DIM);
  for (size_t i = width; i > 0; i--)
    fputs(out->markup == DSS_MARKUP_ASCII ? "-" : "\xe2\x94\x80", out->stream);
  dss_terminal_style(out, DSS_STYLE_NORMAL);
  fputc('\n', out->stream);
}

void dss_terminal_note(dss_note_kind kind, const char *text, void *user) {
  const dss_terminal *out = user;
  size_t indent = kind == DSS_NOTE_WARNING ? strlen("Warning: ") : 0;
  if (kind == DSS_NOTE_WARNING) {
    dss_terminal_style(out, DSS_STYLE_WARN);
    fputs("Warning: ", out->stream);
    dss_terminal_style(out, DSS_STYLE_NORMAL);
  }
  for (bool first = true; *text; first = false) {
    size_t bytes = dss_text_line(text, NOTE_WIDTH - indent);
    size_t shown = bytes;
    while (shown > 0 && text[shown - 1] == ' ')
      shown--;
    if (!first) dss_terminal_blanks(out, indent);
    dss_text_write(out->stream, out->markup, text, shown);
    fputc('\n', out->stream);
    text += bytes;
    text += strspn(text, " ");
  }
}
