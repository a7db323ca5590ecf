/* Markdown of an evaluation: a table a section, as GitHub and Pandoc read it. */
#include <inttypes.h>
#include <string.h>

#include "evaluation_notes.h"
#include "evaluation_writers.h"
#include "text.h"

enum { NAME_WIDTH = 300 };

static void put(FILE *stream, const char *text) {
  dss_text_write(stream, DSS_MARKUP_MARKDOWN, text, SIZE_MAX);
}

static void put_value(const dss_evaluation_view *view, FILE *stream,
                      const dss_evaluation_row *row) {
  static const char *const arrows[] = {" \xe2\x86\x93", "", " \xe2\x86\x91"};
  static const char *const stars[] = {"", "\\*", "\\*\\*"};
  dss_view_value value = dss_evaluation_value(view, row);
  if (*value.number == '\0') {
    fputs("-", stream);
    if (value.footnote) fprintf(stream, " (%u)", value.footnote);
    return;
  }
  fprintf(stream, "%s%s%s%s", value.number, arrows[1 + value.direction],
          value.direction == 0 && value.stars ? " " : "", stars[value.stars]);
}

static void put_header(const dss_evaluation_view *view, FILE *stream) {
  fputs("| Group | Statistic | Raters | Estimate |", stream);
  if (view->of_sizes > 0) fputs(" Null mean |", stream);
  if (view->intervals) fputs(" 95% interval |", stream);
  if (view->tests) fputs(" p | q |", stream);
  fputs("\n|:--|:--|--:|:--|", stream);
  if (view->of_sizes > 0) fputs("--:|", stream);
  if (view->intervals) fputs(":--|", stream);
  if (view->tests) fputs("--:|--:|", stream);
  fputc('\n', stream);
}

static void put_row(const dss_evaluation_view *view, FILE *stream, const dss_evaluation_row *row) {
  char text[DSS_EVALUATION_NAME_ROOM], interval[DSS_INTERVAL_ROOM], null[24], p[24], q[24];
  dss_evaluation_label(row, NAME_WIDTH, text);
  fputs("| ", stream);
  put(stream, dss_text_unmark(text));
  fputs(" | ", stream);
  put(stream, row->statistic);
  fprintf(stream, " | %" PRIu64 " | ", row->raters);
  put_value(view, stream, row);
  fputs(" |", stream);
  dss_evaluation_null(row, null);
  if (view->of_sizes > 0) fprintf(stream, " %s |", null);
  if (view->intervals) {
    dss_evaluation_interval(view, row, interval);
    fputc(' ', stream);
    put(stream, interval);
    fputs(" |", stream);
  }
  if (view->tests) {
    dss_evaluation_p(row->cell.p, p);
    dss_evaluation_p(row->cell.q_bh, q);
    fprintf(stream, " %s | %s |", p, q);
  }
  fputc('\n', stream);
}

static void put_note(dss_note_kind kind, const char *text, void *user) {
  FILE *stream = user;
  fputs(kind == DSS_NOTE_WARNING ? "- Warning: " : "- ", stream);
  put(stream, text);
  fputc('\n', stream);
}

void dss_write_evaluation_markdown(const dss_evaluation_view *view, FILE *stream) {
  char heading[2 * DSS_EVALUATION_NAME_ROOM];
  for (size_t i = 0; i < view->n; i++) {
    const dss_evaluation_row *row = dss_evaluation_shown(view, i);
    if (view->section[i] == i) {
      dss_evaluation_heading(row, NAME_WIDTH, heading);
      fputs(i > 0 ? "\n## " : "## ", stream);
      put(stream, dss_text_unmark(heading));
      fputs("\n\n", stream);
      put_header(view, stream);
    }
    put_row(view, stream, row);
  }
  fputs("\n### Notes\n\n", stream);
  dss_evaluation_notes(view, false, put_note, stream);
}
