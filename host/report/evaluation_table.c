/* The table of an evaluation for a terminal: a section a question, source, part of the items and
 * axis; a block of lines a group. */
#include <inttypes.h>
#include <string.h>

#include "evaluation_notes.h"
#include "evaluation_writers.h"
#include "terminal.h"
#include "text.h"

enum {
  MARGIN = 2,
  WIDTH = 100,
  LABEL_WIDE = 48,
  LABEL_NARROW = 26,
  STATISTIC_WIDE = 32,
  NAME_WIDTH = 120
};

/* Widths of the columns. */
typedef struct table {
  const dss_evaluation_view *view;
  dss_terminal out;
  size_t label, statistic, raters, number, marks, null, interval, p;
} table;

static void widen(size_t *width, size_t needed, size_t most) {
  if (needed > most) needed = most;
  if (needed > *width) *width = needed;
}

static void mark_text(const dss_view_value *value, char text[24]) {
  static const char *const arrows[] = {"\xe2\x86\x93", "", "\xe2\x86\x91"};
  if (value->footnote)
    snprintf(text, 24, "(%u)", value->footnote);
  else
    snprintf(text, 24, "%s%.*s", arrows[1 + value->direction], (int)value->stars, "**");
}

static void measure_row(table *t, const dss_evaluation_row *row) {
  char label[DSS_EVALUATION_NAME_ROOM], marks[24], interval[DSS_INTERVAL_ROOM], p[24], q[24];
  dss_view_value value = dss_evaluation_value(t->view, row);
  dss_evaluation_label(row, NAME_WIDTH, label);
  dss_text_unmark(label);
  mark_text(&value, marks);
  dss_evaluation_interval(t->view, row, interval);
  dss_evaluation_p(row->cell.p, p);
  dss_evaluation_p(row->cell.q_bh, q);
  widen(&t->label, dss_text_width(label, SIZE_MAX), LABEL_WIDE);
  widen(&t->statistic, dss_text_width(row->statistic, SIZE_MAX), STATISTIC_WIDE);
  widen(&t->raters, (size_t)snprintf(NULL, 0, "%" PRIu64, row->raters), WIDTH);
  widen(&t->number, strlen(value.number), WIDTH);
  widen(&t->marks, dss_text_width(marks, SIZE_MAX), WIDTH);
  if (t->view->intervals) widen(&t->interval, dss_text_width(interval, SIZE_MAX), WIDTH);
  widen(&t->p, strlen(p), WIDTH);
  widen(&t->p, strlen(q), WIDTH);
}

static size_t row_width(const table *t) {
  size_t width = t->label + 2 + t->statistic + 2 + t->raters + 2 + t->number + 1 + t->marks;
  if (t->null) width += 2 + t->null;
  if (t->interval) width += 2 + t->interval;
  return t->view->tests ? width + 2 * (2 + t->p) : width;
}

/* Long names go on in the next line rather than make the table wider than the terminal. */
static void measure(table *t) {
  t->label = strlen("Group");
  t->statistic = strlen("Statistic");
  t->raters = strlen("Raters");
  t->number = strlen("Estimate");
  t->null = t->view->of_sizes > 0 ? strlen("Null mean") : 0; /* wider than any number */
  t->p = 1;
  for (size_t i = 0; i < t->view->n; i++)
    measure_row(t, dss_evaluation_get(t->view->evaluation, i));
  if (t->view->intervals) widen(&t->interval, strlen("95% interval"), WIDTH);
  size_t width = MARGIN + row_width(t);
  if (width <= WIDTH) return;
  size_t spare = t->label > LABEL_NARROW ? t->label - LABEL_NARROW : 0;
  t->label -= spare < width - WIDTH ? spare : width - WIDTH;
}

static void put_padded(const table *t, const char *text, size_t width) {
  size_t shown = dss_text_width(text, SIZE_MAX);
  dss_text_write(t->out.stream, t->out.markup, text, SIZE_MAX);
  if (shown < width) dss_terminal_blanks(&t->out, width - shown);
}

static void put_header(const table *t) {
  FILE *stream = t->out.stream;
  dss_terminal_blanks(&t->out, MARGIN);
  fprintf(stream, "%-*s  %-*s  %*s  %*s", (int)t->label, "Group", (int)t->statistic, "Statistic",
          (int)t->raters, "Raters", (int)t->number, "Estimate");
  if (t->interval || t->view->tests) dss_terminal_blanks(&t->out, 1 + t->marks);
  if (t->null) fputs("  Null mean", stream);
  if (t->interval) fprintf(stream, "  %-*s", (int)t->interval, "95% interval");
  if (t->view->tests) fprintf(stream, "  %*s  %*s", (int)t->p, "p", (int)t->p, "q");
  fputc('\n', stream);
  dss_terminal_rule(&t->out, MARGIN, row_width(t));
}

/* The label's next line, padded where something stands behind it; what is left of the label. */
static const char *put_label_line(const table *t, const char *label, bool pad) {
  size_t bytes = dss_text_line(label, t->label), width = dss_text_width(label, bytes);
  dss_terminal_blanks(&t->out, MARGIN);
  dss_text_write(t->out.stream, t->out.markup, label, bytes);
  if (pad && width < t->label) dss_terminal_blanks(&t->out, t->label - width);
  label += bytes;
  return label + strspn(label, " ");
}

static void put_value(const table *t, const dss_evaluation_row *row) {
  char marks[24];
  dss_view_value value = dss_evaluation_value(t->view, row);
  mark_text(&value, marks);
  if (value.stars == 2) dss_terminal_style(&t->out, DSS_STYLE_BOLD);
  fprintf(t->out.stream, "  %*s ", (int)t->number, *value.number ? value.number : "-");
  bool more = t->interval || t->view->tests;
  put_padded(t, marks, more ? t->marks : 0);
  if (value.stars == 2) dss_terminal_style(&t->out, DSS_STYLE_NORMAL);
}

static void put_row(const table *t, const dss_evaluation_row *row) {
  char text[DSS_INTERVAL_ROOM], null[24], p[24], q[24], statistic[STATISTIC_WIDE * 4 + 8];
  dss_terminal_blanks(&t->out, 2);
  put_padded(t, dss_text_cut(statistic, sizeof statistic, row->statistic, t->statistic),
             t->statistic);
  fprintf(t->out.stream, "  %*" PRIu64, (int)t->raters, row->raters);
  put_value(t, row);
  dss_evaluation_null(row, null);
  if (t->null) fprintf(t->out.stream, "  %*s", (int)t->null, null);
  if (t->interval) {
    dss_evaluation_interval(t->view, row, text);
    dss_terminal_blanks(&t->out, 2);
    put_padded(t, text, t->view->tests ? t->interval : 0);
  }
  if (t->view->tests) {
    dss_evaluation_p(row->cell.p, p);
    dss_evaluation_p(row->cell.q_bh, q);
    fprintf(t->out.stream, "  %*s  %*s", (int)t->p, p, (int)t->p, q);
  }
  fputc('\n', t->out.stream);
}

/* Rows i .. end - 1, with the group's name beside them. */
static void put_block(const table *t, size_t i, size_t end) {
  char name[DSS_EVALUATION_NAME_ROOM];
  dss_evaluation_label(dss_evaluation_shown(t->view, i), NAME_WIDTH, name);
  const char *label = dss_text_unmark(name);
  for (; i < end; i++) {
    label = put_label_line(t, label, true);
    put_row(t, dss_evaluation_shown(t->view, i));
  }
  while (*label) {
    label = put_label_line(t, label, false);
    fputc('\n', t->out.stream);
  }
}

static void put_heading(const table *t, const dss_evaluation_row *row) {
  char text[2 * DSS_EVALUATION_NAME_ROOM];
  dss_evaluation_heading(row, NAME_WIDTH, text);
  dss_terminal_style(&t->out, DSS_STYLE_BOLD);
  dss_text_write(t->out.stream, t->out.markup, dss_text_unmark(text), SIZE_MAX);
  dss_terminal_style(&t->out, DSS_STYLE_NORMAL);
  fputc('\n', t->out.stream);
}

void dss_write_evaluation_table(const dss_evaluation_view *view, const dss_report_options *options,
                                FILE *stream) {
  table t = {.view = view, .out = dss_terminal_of(options, stream)};
  measure(&t);
  for (size_t i = 0, end; i < view->n; i = end) {
    for (end = i; end < view->n && view->block[end] == i; end++)
      ;
    if (view->section[i] == i) {
      if (i > 0) fputc('\n', stream);
      put_heading(&t, dss_evaluation_shown(view, i));
      put_header(&t);
    }
    put_block(&t, i, end);
  }
  fputc('\n', stream);
  dss_evaluation_notes(view, false, dss_terminal_note, &t.out);
}
