/* LaTeX of an evaluation: a longtable a section. */
#include <inttypes.h>
#include <string.h>

#include "evaluation_notes.h"
#include "evaluation_writers.h"
#include "text.h"
#include "writers.h"

enum { NAME_WIDTH = 300 };

static void put(FILE *stream, const char *text) {
  dss_text_write(stream, DSS_MARKUP_LATEX, text, SIZE_MAX);
}

static void put_value(const dss_evaluation_view *view, FILE *stream,
                      const dss_evaluation_row *row) {
  static const char *const arrows[] = {"{\\downarrow}", "", "{\\uparrow}"};
  static const char *const stars[] = {"", "^{*}", "^{**}"};
  dss_view_value value = dss_evaluation_value(view, row);
  if (*value.number)
    fprintf(stream, "$%s%s%s$", value.number, arrows[1 + value.direction], stars[value.stars]);
  else if (value.footnote)
    fprintf(stream, "--\\textsuperscript{(%u)}", value.footnote);
  else
    fputs("--", stream);
}

static void put_header(const dss_evaluation_view *view, FILE *stream) {
  fputs("\\toprule\nGroup & Statistic & Raters & Estimate", stream);
  if (view->of_sizes > 0) fputs(" & Null mean", stream);
  if (view->intervals) fputs(" & 95\\% interval", stream);
  if (view->tests) fputs(" & $p$ & $q$", stream);
  fputs(" \\\\\n\\midrule\n", stream);
}

static void put_row(const dss_evaluation_view *view, FILE *stream, const dss_evaluation_row *row) {
  char text[DSS_EVALUATION_NAME_ROOM], interval[DSS_INTERVAL_ROOM], null[24], p[24], q[24];
  dss_evaluation_label(row, NAME_WIDTH, text);
  put(stream, dss_text_unmark(text));
  fputs(" & ", stream);
  put(stream, row->statistic);
  fprintf(stream, " & %" PRIu64 " & ", row->raters);
  put_value(view, stream, row);
  dss_evaluation_null(row, null);
  if (view->of_sizes > 0) fprintf(stream, *null ? " & $%s$" : " & %s", null);
  if (view->intervals) {
    dss_evaluation_interval(view, row, interval);
    fputs(" & ", stream);
    dss_latex_interval(stream, interval);
  }
  if (view->tests) {
    dss_evaluation_p(row->cell.p, p);
    dss_evaluation_p(row->cell.q_bh, q);
    fprintf(stream, " & %s & %s", p, q);
  }
  fputs(" \\\\\n", stream);
}

static void open_section(const dss_evaluation_view *view, FILE *stream,
                         const dss_evaluation_row *row) {
  char heading[2 * DSS_EVALUATION_NAME_ROOM];
  dss_evaluation_heading(row, NAME_WIDTH, heading);
  fprintf(stream, "\\begin{longtable}{@{}llrl%s%s%s@{}}\n\\caption{", view->of_sizes > 0 ? "r" : "",
          view->intervals ? "l" : "", view->tests ? "rr" : "");
  put(stream, dss_text_unmark(heading));
  fputs("}\\\\\n", stream);
  put_header(view, stream);
  fputs("\\endfirsthead\n", stream);
  put_header(view, stream);
  fputs("\\endhead\n\\bottomrule\n\\endlastfoot\n", stream);
}

static void put_note(dss_note_kind kind, const char *text, void *user) {
  FILE *stream = user;
  fputs(kind == DSS_NOTE_WARNING ? "\\noindent Warning: " : "\\noindent ", stream);
  put(stream, text);
  fputs("\n\n", stream);
}

void dss_write_evaluation_latex(const dss_evaluation_view *view, FILE *stream) {
  fputs("% needs \\usepackage{booktabs} and \\usepackage{longtable}\n", stream);
  for (size_t i = 0; i < view->n; i++) {
    const dss_evaluation_row *row = dss_evaluation_shown(view, i);
    if (view->section[i] == i) open_section(view, stream, row);
    put_row(view, stream, row);
    if (i + 1 == view->n || view->section[i + 1] == i + 1) fputs("\\end{longtable}\n", stream);
  }
  dss_evaluation_notes(view, false, put_note, stream);
}
