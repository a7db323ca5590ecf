/* Markdown: the terminal's table as GitHub and Pandoc read it. */
#include <inttypes.h>

#include "notes.h"
#include "text.h"
#include "view.h"
#include "writers.h"

static void put(FILE *stream, const char *text) {
  dss_text_write(stream, DSS_MARKUP_MARKDOWN, text, SIZE_MAX);
}

static void put_value(const dss_view *view, FILE *stream, const dss_cell *cell) {
  static const char *const arrows[] = {" \xe2\x86\x93", "", " \xe2\x86\x91"}, *const stars[] = {
                                                                                  "", "\\*",
                                                                                  "\\*\\*"};
  dss_view_value value = dss_view_cell(view, cell);
  if (*value.number == '\0') {
    fputs("-", stream);
    if (value.footnote) fprintf(stream, " (%u)", value.footnote);
    return;
  }
  fprintf(stream, "%s%s%s%s", value.number, arrows[1 + value.direction],
          value.direction == 0 && value.stars ? " " : "", stars[value.stars]);
}

static void put_header(FILE *stream, const dss_view_part *part) {
  fputs("| Group | Raters | Ratings |", stream);
  for (size_t i = 0; i < part->n_columns; i++)
    fprintf(stream, " %s |", dss_view_title(part->columns[i]));
  fputs("\n|:--|--:|--:|", stream);
  for (size_t i = 0; i < part->n_columns; i++)
    fputs(":--|", stream);
  fputc('\n', stream);
}

static void put_row(const dss_view *view, FILE *stream, const dss_view_part *part, size_t q,
                    size_t g) {
  const dss_results *r = view->results;
  fputs("| ", stream);
  put(stream, dss_results_group(r, g));
  fprintf(stream, " | %u | %" PRIu64 " |", dss_results_group_raters(r, g),
          dss_results_detail(r, q, g)->ratings);
  for (size_t i = 0; i < part->n_columns; i++) {
    fputc(' ', stream);
    put_value(view, stream, dss_results_cell(r, q, g, part->columns[i]));
    fputs(" |", stream);
  }
  fputc('\n', stream);
}

static void put_intervals(const dss_view *view, FILE *stream, size_t q, size_t axis) {
  const dss_results *r = view->results;
  const dss_interval_columns *c = &view->intervals;
  size_t first, end;
  char text[DSS_INTERVAL_ROOM];
  if (c->n_columns == 0) return;
  fputs("\n95% intervals:\n\n| Group |", stream);
  for (size_t i = 0; i < c->n_columns; i++)
    fprintf(stream, " %s |", dss_interval_title(c->columns[i]));
  fputs("\n|:--|", stream);
  for (size_t i = 0; i < c->n_columns; i++)
    fputs(":--|", stream);
  fputc('\n', stream);
  dss_view_groups(r, axis, &first, &end);
  for (size_t g = first; g < end; g++) {
    fputs("| ", stream);
    put(stream, dss_results_group(r, g));
    fputs(" |", stream);
    for (size_t i = 0; i < c->n_columns; i++) {
      dss_interval_text(view, q, g, c->columns[i], text);
      fputc(' ', stream);
      put(stream, text);
      fputs(" |", stream);
    }
    fputc('\n', stream);
  }
}

static void put_dsi(const dss_view *view, FILE *stream, size_t q, size_t axis) {
  const dss_results *r = view->results;
  const dss_dsi *dsi = dss_results_dsi(r, q, axis);
  if (!dsi) return;
  fputs("\nDSI, the largest GAI: ", stream);
  if (dsi->group == SIZE_MAX) {
    fputs("-, no group has a GAI\n", stream);
    return;
  }
  put_value(view, stream, dss_results_cell(r, q, dsi->group, DSS_GAI));
  fputs(" (", stream);
  put(stream, dss_results_group(r, dsi->group));
  fputs(")\n", stream);
}

static void put_axis(const dss_view *view, FILE *stream, size_t q, size_t axis) {
  const dss_results *r = view->results;
  size_t first, end;
  dss_view_groups(r, axis, &first, &end);
  fputs("\n### By ", stream);
  put(stream, dss_results_axis(r, axis));
  fputc('\n', stream);
  for (size_t p = 0; p < view->n_parts; p++) {
    fputc('\n', stream);
    put_header(stream, &view->parts[p]);
    for (size_t g = first; g < end; g++)
      put_row(view, stream, &view->parts[p], q, g);
  }
  put_dsi(view, stream, q, axis);
  put_intervals(view, stream, q, axis);
}

static void put_note(dss_note_kind kind, const char *text, void *user) {
  FILE *stream = user;
  fputs(kind == DSS_NOTE_WARNING ? "- Warning: " : "- ", stream);
  put(stream, text);
  fputc('\n', stream);
}

void dss_write_markdown(const dss_results *results, FILE *stream) {
  dss_view view;
  dss_view_init(&view, results);
  for (size_t q = 0; q < dss_results_n_questions(results); q++) {
    fputs("## ", stream);
    put(stream, dss_results_question(results, q));
    fprintf(stream, " (%s, %u level%s)\n", dss_scale_name(dss_results_scale(results, q)),
            dss_results_n_levels(results, q), dss_results_n_levels(results, q) == 1 ? "" : "s");
    for (size_t axis = 0; axis < dss_results_n_axes(results); axis++)
      put_axis(&view, stream, q, axis);
    fputc('\n', stream);
  }
  fputs("### Notes\n\n", stream);
  dss_notes(&view, false, put_note, stream);
}
