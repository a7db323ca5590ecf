/* What tables for a terminal are made of. */
#ifndef DSS_REPORT_TERMINAL_H
#define DSS_REPORT_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "dissensus/report.h"
#include "notes.h"
#include "text.h"

typedef struct dss_terminal {
  FILE *stream;
  dss_markup markup;
  bool color;
} dss_terminal;

dss_terminal dss_terminal_of(const dss_report_options *options, FILE *stream);

typedef enum dss_style {
  DSS_STYLE_NORMAL,
  DSS_STYLE_BOLD,
  DSS_STYLE_DIM,
  DSS_STYLE_WARN
} dss_style;

/* From here on, where there are colors. */
void dss_terminal_style(const dss_terminal *out, dss_style style);
void dss_terminal_blanks(const dss_terminal *out, size_t n);
/* A line of `width` behind a margin. */
void dss_terminal_rule(const dss_terminal *out, size_t margin, size_t width);
/* A note in lines of 100 columns; user: a dss_terminal. */
void dss_terminal_note(dss_note_kind kind, const char *text, void *user);

#endif
