/* LaTeX: the terminal's table with booktabs, as longtables, which may run over pages. */
#include <inttypes.h>
#include <string.h>

#include "notes.h"
#include "text.h"
#include "view.h"
#include "writers.h"

static void put(FILE *stream, const char *text) {
  dss_text_write(stream, DSS_MARKUP_LATEX, text, SIZE_MAX);
}

static void put_value(const dss_view *view, FILE *stream, const dss_cell *cell) {
  static const char *const arrows[] = {"{\\downarrow}", "", "{\\uparrow}"}, *const stars[] = {
                                                                                "", "^{*}",
                                                                                "^{**}"};
  dss_view_value value = dss_view_cell(view, cell);
  if (*value.number)
    fprintf(stream, "$%s%s%s$", value.number, arrows[1 + value.direction], stars[value.stars]);
  else if (value.footnote)
    fprintf(stream, "--\\textsuperscript{(%u)}", value.footnote);
  else
    fputs("--", stream);
}

static void put_header(FILE *stream, const dss_view_part *part) {
  fputs("\\toprule\nGroup & Raters & Ratings", stream);
  for (size_t i = 0; i < part->n_columns; i++) {
    fputs(" & ", stream);
    put(stream, dss_view_title(part->columns[i]));
  }
  fputs(" \\\\\n\\midrule\n", stream);
}

static void put_row(const dss_view *view, FILE *stream, const dss_view_part *part, size_t q,
                    size_t g) {
  const dss_results *r = view->results;
  put(stream, dss_results_group(r, g));
  fprintf(stream, " & %u & %" PRIu64, dss_results_group_raters(r, g),
          dss_results_detail(r, q, g)->ratings);
  for (size_t i = 0; i < part->n_columns; i++) {
    fputs(" & ", stream);
    put_value(view, stream, dss_results_cell(r, q, g, part->columns[i]));
  }
  fputs(" \\\\\n", stream);
}

static void put_dsi(const dss_view *view, FILE *stream, size_t q, size_t axis) {
  const dss_results *r = view->results;
  const dss_dsi *dsi = dss_results_dsi(r, q, axis);
  if (!dsi) return;
  fputs("\\noindent DSI, the largest GAI: ", stream);
  if (dsi->group == SIZE_MAX) {
    fputs("--, no group has a GAI\n\n", stream);
    return;
  }
  put_value(view, stream, dss_results_cell(r, q, dsi->group, DSS_GAI));
  fputs(" (", stream);
  put(stream, dss_results_group(r, dsi->group));
  fputs(")\n\n", stream);
}

static void put_part(const dss_view *view, FILE *stream, const dss_view_part *part, size_t q,
                     size_t axis) {
  const dss_results *r = view->results;
  size_t first, end;
  dss_view_groups(r, axis, &first, &end);
  fputs("\\begin{longtable}{@{}lrr", stream);
  for (size_t i = 0; i < part->n_columns; i++)
    fputc('l', stream);
  fputs("@{}}\n\\caption{", stream);
  put(stream, dss_results_question(r, q));
  fprintf(stream, " (%s, %u level%s), by ", dss_scale_name(dss_results_scale(r, q)),
          dss_results_n_levels(r, q), dss_results_n_levels(r, q) == 1 ? "" : "s");
  put(stream, dss_results_axis(r, axis));
  fputs("}\\\\\n", stream);
  put_header(stream, part);
  fputs("\\endfirsthead\n", stream);
  put_header(stream, part);
  fputs("\\endhead\n\\bottomrule\n\\endlastfoot\n", stream);
  for (size_t g = first; g < end; g++)
    put_row(view, stream, part, q, g);
  fputs("\\end{longtable}\n", stream);
}

static void put_interval_header(FILE *stream, const dss_interval_columns *c) {
  fputs("\\toprule\nGroup", stream);
  for (size_t i = 0; i < c->n_columns; i++) {
    fputs(" & ", stream);
    put(stream, dss_interval_title(c->columns[i]));
  }
  fputs(" \\\\\n\\midrule\n", stream);
}

/* An interval's numbers are mathematics, its marks are not. */
void dss_latex_interval(FILE *stream, const char *text) {
  const char *close = *text == '[' ? strchr(text, ']') : NULL;
  if (close) fprintf(stream, "$%.*s$", (int)(close + 1 - text), text);
  put(stream, close ? close + 1 : text);
}

static void put_intervals(const dss_view *view, FILE *stream, size_t q, size_t axis) {
  const dss_results *r = view->results;
  const dss_interval_columns *c = &view->intervals;
  size_t first, end;
  char text[DSS_INTERVAL_ROOM];
  if (c->n_columns == 0) return;
  fputs("\\begin{longtable}{@{}l", stream);
  for (size_t i = 0; i < c->n_columns; i++)
    fputc('l', stream);
  fputs("@{}}\n\\caption{", stream);
  put(stream, dss_results_question(r, q));
  fputs(", by ", stream);
  put(stream, dss_results_axis(r, axis));
  fputs(": 95\\% intervals}\\\\\n", stream);
  put_interval_header(stream, c);
  fputs("\\endfirsthead\n", stream);
  put_interval_header(stream, c);
  fputs("\\endhead\n\\bottomrule\n\\endlastfoot\n", stream);
  dss_view_groups(r, axis, &first, &end);
  for (size_t g = first; g < end; g++) {
    put(stream, dss_results_group(r, g));
    for (size_t i = 0; i < c->n_columns; i++) {
      dss_interval_text(view, q, g, c->columns[i], text);
      fputs(" & ", stream);
      dss_latex_interval(stream, text);
    }
    fputs(" \\\\\n", stream);
  }
  fputs("\\end{longtable}\n", stream);
}

static void put_note(dss_note_kind kind, const char *text, void *user) {
  FILE *stream = user;
  fputs(kind == DSS_NOTE_WARNING ? "\\noindent Warning: " : "\\noindent ", stream);
  put(stream, text);
  fputs("\n\n", stream);
}

void dss_write_latex(const dss_results *results, FILE *stream) {
  dss_view view;
  dss_view_init(&view, results);
  fputs("% needs \\usepackage{booktabs} and \\usepackage{longtable}\n", stream);
  for (size_t q = 0; q < dss_results_n_questions(results); q++)
    for (size_t axis = 0; axis < dss_results_n_axes(results); axis++) {
      for (size_t p = 0; p < view.n_parts; p++)
        put_part(&view, stream, &view.parts[p], q, axis);
      put_dsi(&view, stream, q, axis);
      put_intervals(&view, stream, q, axis);
    }
  dss_notes(&view, false, put_note, stream);
}
