/* The GRASP table for a terminal. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "notes.h"
#include "terminal.h"
#include "text.h"
#include "view.h"
#include "writers.h"

enum { MARGIN = 2, LABEL_LINES = 4 };

typedef struct table {
  dss_view view;
  dss_terminal out;
  size_t raters, ratings;                 /* widths */
  size_t numbers[DSS_N_STATISTICS];       /* widths */
  size_t marks;                           /* width of arrow and stars, or of a footnote */
  size_t intervals[DSS_INTERVAL_COLUMNS]; /* widths of the columns of intervals */
} table;

static void put(const table *t, const char *text) {
  dss_text_write(t->out.stream, t->out.markup, text, SIZE_MAX);
}

static void widen(size_t *width, size_t needed) {
  if (needed > *width) *width = needed;
}

/* --- cells ------------------------------------------------------------------------------- */

/* Arrow and stars, or the footnote, in UTF-8. */
static void mark_text(const dss_view_value *value, char text[24]) {
  if (value->footnote)
    snprintf(text, 24, "(%u)", value->footnote);
  else
    snprintf(text, 24, "%s%.*s",
             value->direction > 0   ? "\xe2\x86\x91"
             : value->direction < 0 ? "\xe2\x86\x93"
                                    : "",
             (int)value->stars, "**");
}

static void measure(table *t) {
  const dss_results *r = t->view.results;
  char text[24];
  t->raters = strlen("Raters");
  t->ratings = strlen("Ratings");
  for (int s = 0; s < DSS_N_STATISTICS; s++)
    t->numbers[s] = strlen(dss_view_title((dss_statistic)s));
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      widen(&t->raters, (size_t)snprintf(NULL, 0, "%u", dss_results_group_raters(r, g)));
      widen(&t->ratings,
            (size_t)snprintf(NULL, 0, "%" PRIu64, dss_results_detail(r, q, g)->ratings));
      for (int s = 0; s < DSS_N_STATISTICS; s++) {
        const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
        if (!cell) continue;
        dss_view_value value = dss_view_cell(&t->view, cell);
        mark_text(&value, text);
        widen(&t->numbers[s], strlen(value.number));
        widen(&t->marks, dss_text_width(text, SIZE_MAX));
      }
    }
}

static void put_value(const table *t, const dss_cell *cell, bool last) {
  dss_view_value value = dss_view_cell(&t->view, cell);
  char text[24];
  mark_text(&value, text);
  if (value.stars == 2) dss_terminal_style(&t->out, DSS_STYLE_BOLD);
  fputs(*value.number ? value.number : "-", t->out.stream);
  if (*text) fputc(' ', t->out.stream);
  put(t, text);
  if (value.stars == 2) dss_terminal_style(&t->out, DSS_STYLE_NORMAL);
  if (!last && t->marks)
    dss_terminal_blanks(&t->out, t->marks + 1 - (*text ? dss_text_width(text, SIZE_MAX) + 1 : 0));
}

/* --- rows -------------------------------------------------------------------------------- */

static size_t row_width(const table *t, const dss_view_part *part) {
  size_t width = t->view.label_width + 2 + t->raters + 2 + t->ratings;
  for (size_t i = 0; i < part->n_columns; i++)
    width += 2 + t->numbers[part->columns[i]] + (t->marks ? 1 + t->marks : 0);
  return width;
}

static void put_header(const table *t, const dss_view_part *part) {
  dss_terminal_blanks(&t->out, MARGIN);
  fprintf(t->out.stream, "%-*s  %*s  %*s", (int)t->view.label_width, "Group", (int)t->raters,
          "Raters", (int)t->ratings, "Ratings");
  for (size_t i = 0; i < part->n_columns; i++) {
    dss_statistic s = part->columns[i];
    fprintf(t->out.stream, "  %*s", (int)t->numbers[s], dss_view_title(s));
    if (t->marks && i + 1 < part->n_columns) dss_terminal_blanks(&t->out, t->marks + 1);
  }
  fputc('\n', t->out.stream);
  dss_terminal_rule(&t->out, MARGIN, row_width(t, part));
}

/* Writes the label's next line, padded unless `last`; returns how many bytes it took. */
static size_t put_label_line(const table *t, const char *label, bool whole, bool pad) {
  size_t bytes = dss_text_line(label, t->view.label_width);
  char cut[4 * DSS_VIEW_LABEL_WIDTH + 8];
  const char *line = label;
  size_t length = bytes;
  if (whole && label[bytes]) {
    /* No more lines for this label: what is left of it is cut. */
    size_t room = t->out.markup == DSS_MARKUP_ASCII ? 2 : 0;
    line = dss_text_cut(cut, sizeof cut, label, t->view.label_width - room);
    length = SIZE_MAX;
  }
  dss_text_write(t->out.stream, t->out.markup, line, length);
  size_t width = dss_text_width(line, length);
  if (pad && width < t->view.label_width) dss_terminal_blanks(&t->out, t->view.label_width - width);
  return bytes;
}

static void put_row(const table *t, const dss_view_part *part, size_t q, size_t g) {
  const dss_results *r = t->view.results;
  const char *label = dss_results_group(r, g);
  dss_terminal_blanks(&t->out, MARGIN);
  label += put_label_line(t, label, false, true);
  fprintf(t->out.stream, "  %*u  %*" PRIu64, (int)t->raters, dss_results_group_raters(r, g),
          (int)t->ratings, dss_results_detail(r, q, g)->ratings);
  for (size_t i = 0; i < part->n_columns; i++) {
    const dss_cell *cell = dss_results_cell(r, q, g, part->columns[i]);
    dss_view_value value = dss_view_cell(&t->view, cell);
    size_t width = *value.number ? strlen(value.number) : 1;
    dss_terminal_blanks(&t->out, 2 + t->numbers[part->columns[i]] - width);
    put_value(t, cell, i + 1 == part->n_columns);
  }
  fputc('\n', t->out.stream);
  for (int line = 2; *label; line++) {
    label += strspn(label, " ");
    if (*label == '\0') break;
    dss_terminal_blanks(&t->out, MARGIN);
    label += put_label_line(t, label, line == LABEL_LINES, false);
    fputc('\n', t->out.stream);
    if (line == LABEL_LINES) break;
  }
}

static void put_dsi(const table *t, const dss_view_part *part, size_t q, size_t axis) {
  const dss_results *r = t->view.results;
  const dss_dsi *dsi = dss_results_dsi(r, q, axis);
  bool here = false;
  for (size_t i = 0; i < part->n_columns; i++)
    here |= part->columns[i] == DSS_GAI;
  if (!dsi || !here) return;
  dss_terminal_blanks(&t->out, MARGIN);
  fputs("DSI, the largest GAI: ", t->out.stream);
  if (dsi->group == SIZE_MAX) {
    fputs("-, no group has a GAI\n", t->out.stream);
    return;
  }
  char label[4 * DSS_VIEW_LABEL_WIDTH];
  put_value(t, dss_results_cell(r, q, dsi->group, DSS_GAI), true);
  fputs(" (", t->out.stream);
  put(t, dss_text_cut(label, sizeof label, dss_results_group(r, dsi->group), DSS_VIEW_LABEL_WIDTH));
  fputs(")\n", t->out.stream);
}

/* --- intervals --------------------------------------------------------------------------- */

/* Columns on the screen, where our own signs may take several in ASCII. */
static size_t shown_width(const table *t, const char *text) {
  size_t width = dss_text_width(text, SIZE_MAX);
  if (t->out.markup != DSS_MARKUP_ASCII) return width;
  for (const char *at = text; (at = strchr(at, '\xe2')) != NULL; at++)
    width += strncmp(at, "\xe2\x80\xa6", 3) == 0                                          ? 2
             : strncmp(at, "\xe2\x89\xa4", 3) == 0 || strncmp(at, "\xe2\x89\xa5", 3) == 0 ? 1
                                                                                          : 0;
  return width;
}

/* Widths of the columns of intervals, over the whole report. */
static void measure_intervals(table *t) {
  const dss_interval_columns *c = &t->view.intervals;
  const dss_results *r = t->view.results;
  char text[DSS_INTERVAL_ROOM];
  for (size_t i = 0; i < c->n_columns; i++) {
    t->intervals[i] = strlen(dss_interval_title(c->columns[i]));
    for (size_t q = 0; q < dss_results_n_questions(r); q++)
      for (size_t g = 0; g < dss_results_n_groups(r); g++) {
        dss_interval_text(&t->view, q, g, c->columns[i], text);
        widen(&t->intervals[i], shown_width(t, text));
      }
  }
}

static void put_padded(const table *t, const char *text, size_t width) {
  size_t shown = shown_width(t, text);
  put(t, text);
  if (shown < width) dss_terminal_blanks(&t->out, width - shown);
}

static void put_interval_row(const table *t, size_t first, size_t end, size_t q, size_t g) {
  char label[4 * DSS_VIEW_LABEL_WIDTH], text[DSS_INTERVAL_ROOM];
  const dss_results *r = t->view.results;
  dss_terminal_blanks(&t->out, MARGIN);
  size_t room = t->view.label_width, width = dss_text_width(dss_results_group(r, g), SIZE_MAX);
  if (width > room && t->out.markup == DSS_MARKUP_ASCII) room -= 2; /* "..." */
  put_padded(t, dss_text_cut(label, sizeof label, dss_results_group(r, g), room),
             t->view.label_width);
  for (size_t i = first; i < end; i++) {
    dss_terminal_blanks(&t->out, 2);
    dss_interval_text(&t->view, q, g, t->view.intervals.columns[i], text);
    put_padded(t, text, i + 1 < end ? t->intervals[i] : 0);
  }
  fputc('\n', t->out.stream);
}

static void put_interval_header(const table *t, size_t first, size_t end) {
  size_t width = t->view.label_width;
  dss_terminal_blanks(&t->out, MARGIN);
  fprintf(t->out.stream, "%-*s", (int)t->view.label_width, "Group");
  for (size_t i = first; i < end; i++) {
    int padded = i + 1 < end ? (int)t->intervals[i] : 0;
    fprintf(t->out.stream, "  %-*s", padded, dss_interval_title(t->view.intervals.columns[i]));
    width += 2 + t->intervals[i];
  }
  fputc('\n', t->out.stream);
  dss_terminal_rule(&t->out, MARGIN, width);
}

/* As many columns a table as fit. */
static void put_intervals(const table *t, size_t q, size_t axis) {
  const dss_results *r = t->view.results;
  size_t n = t->view.intervals.n_columns, first_group, end_group;
  dss_view_groups(r, axis, &first_group, &end_group);
  for (size_t first = 0, end; first < n; first = end) {
    size_t width = MARGIN + t->view.label_width + 2 + t->intervals[first];
    for (end = first + 1; end < n && width + 2 + t->intervals[end] <= DSS_VIEW_WIDTH; end++)
      width += 2 + t->intervals[end];
    fputs("\nBy ", t->out.stream);
    dss_terminal_style(&t->out, DSS_STYLE_BOLD);
    put(t, dss_results_axis(r, axis));
    dss_terminal_style(&t->out, DSS_STYLE_NORMAL);
    fprintf(t->out.stream, ", 95%% intervals%s\n", first == 0 ? "" : " (continued)");
    put_interval_header(t, first, end);
    for (size_t g = first_group; g < end_group; g++)
      put_interval_row(t, first, end, q, g);
  }
}

/* --- the page ---------------------------------------------------------------------------- */

static void put_question(const table *t, size_t q) {
  const dss_results *r = t->view.results;
  dss_terminal_style(&t->out, DSS_STYLE_BOLD);
  put(t, dss_results_question(r, q));
  dss_terminal_style(&t->out, DSS_STYLE_NORMAL);
  fprintf(t->out.stream, " (%s, %u level%s)\n", dss_scale_name(dss_results_scale(r, q)),
          dss_results_n_levels(r, q), dss_results_n_levels(r, q) == 1 ? "" : "s");
  for (size_t axis = 0; axis < dss_results_n_axes(r); axis++) {
    for (size_t p = 0; p < t->view.n_parts; p++) {
      size_t first, end;
      dss_view_groups(r, axis, &first, &end);
      fputs("\nBy ", t->out.stream);
      dss_terminal_style(&t->out, DSS_STYLE_BOLD);
      put(t, dss_results_axis(r, axis));
      dss_terminal_style(&t->out, DSS_STYLE_NORMAL);
      fputs(p == 0 ? "\n" : " (continued)\n", t->out.stream);
      put_header(t, &t->view.parts[p]);
      for (size_t g = first; g < end; g++)
        put_row(t, &t->view.parts[p], q, g);
      put_dsi(t, &t->view.parts[p], q, axis);
    }
    put_intervals(t, q, axis);
  }
  fputc('\n', t->out.stream);
}

void dss_write_table(const dss_results *results, const dss_report_options *options, FILE *stream) {
  table t = {.out = dss_terminal_of(options, stream)};
  dss_view_init(&t.view, results);
  measure(&t);
  measure_intervals(&t);
  for (size_t q = 0; q < dss_results_n_questions(results); q++)
    put_question(&t, q);
  dss_notes(&t.view, false, dss_terminal_note, &t.out);
}
