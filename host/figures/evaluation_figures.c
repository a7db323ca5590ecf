/* The figures of an evaluation: its rows as a forest, its groups by groups or by parts as a
 * heatmap. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "forest.h"
#include "heat.h"
#include "host/core/alloc.h"
#include "kinds.h"

enum { MOST_COLUMN = 8 }; /* letters over a column of values */

/* --- words --------------------------------------------------------------------------------- */

/* First letter large, of plain letters. */
static void begin_sentence(char *text) {
  if (*text >= 'a' && *text <= 'z') *text = (char)(*text - 'a' + 'A');
}

static void say_title(dss_sentences *w, const dss_evaluation_figure *k) {
  static const char *const versus[] = {"", ", against everyone else", ", every two groups"};
  char measure[DSS_MEASURE_ROOM], base[DSS_MEASURE_ROOM];
  const char *axis = dss_name(w, k->of->axis);
  if (dss_measure_missteers(k->of->statistic, base)) {
    begin_sentence((char *)dss_measure_text(base, measure));
    dss_say(w, "%s of each group's ratings with every group's predictions, by %s", measure, axis);
    return;
  }
  dss_measure_text(k->of->statistic, measure);
  begin_sentence(measure);
  dss_say(w, "%s by %s%s%s", measure, axis,
          k->figure->kind == DSS_FIGURE_PARTS ? " and part of the items" : "",
          versus[dss_versus_of(k->of)]);
}

static bool has_tests(const dss_evaluation *e) {
  for (size_t i = 0; i < dss_evaluation_n_rows(e); i++)
    if (dss_evaluation_get(e, i)->cell.resamples > 0) return true;
  return false;
}

/* Where the numbers come from: question, source, items, resamples. What has none may be of a run
 * that has, as all of mis-steering is. */
static void say_subtitle(dss_sentences *w, const dss_evaluation_figure *k, uint64_t resamples) {
  const dss_evaluation *e = k->rows->evaluation;
  bool items = *k->of->items && k->figure->kind != DSS_FIGURE_PARTS;
  const char *run = resamples == 0 && has_tests(e)
                        ? "not tested"
                        : dss_name_run(w, resamples, dss_evaluation_provenance(e, "arrangements"),
                                       dss_evaluation_provenance(e, "scheme"),
                                       dss_evaluation_provenance(e, "seed"));
  dss_say(w, "%s%s%s%s%s; %s", dss_name(w, k->of->question), *k->of->source ? "; " : "",
          *k->of->source ? dss_name(w, k->of->source) : "", items ? "; " : "",
          items ? dss_name(w, k->of->items) : "", run);
}

static const char *said(const dss_sentences *w, size_t i) {
  return i < w->n ? w->text[i] : "";
}

/* --- forests ------------------------------------------------------------------------------- */

static const char *label_of(const dss_evaluation_row *row) {
  return *row->group ? row->group : *row->axis ? DSS_ALL_GROUPS : DSS_ALL_RATERS;
}

static dss_status draw_rows(dss_canvas *canvas, const dss_evaluation_figure *k,
                            const dss_forest_row *rows, size_t n, double *height) {
  static const char *const sides[] = {"", "group \xe2\x88\x92 everyone else",
                                      "first \xe2\x88\x92 second group"};
  char statistic[DSS_MEASURE_ROOM];
  dss_sentences w = {.n = 0};
  uint64_t resamples = 0;
  for (size_t i = 0; i < n; i++)
    if (rows[i].cell->resamples > resamples) resamples = rows[i].cell->resamples;
  dss_measure_text(k->of->statistic, statistic);
  say_title(&w, k);
  say_subtitle(&w, k, resamples);
  dss_versus versus = dss_versus_of(k->of);
  const dss_forest forest = {.rows = rows,
                             .n_rows = n,
                             .page = k->figure->page,
                             .statistic = statistic,
                             .column = strlen(statistic) <= MOST_COLUMN ? statistic : "value",
                             .definition = versus == DSS_VERSUS_NONE ? statistic : sides[versus],
                             .untested = "not tested",
                             .thing = versus == DSS_VERSUS_GROUP ? "pair" : "group",
                             .reference = dss_measure_compares(k->of) ? 0.0 : NAN,
                             .title = said(&w, 0),
                             .subtitle = said(&w, 1)};
  dss_status status = dss_forest_draw(canvas, &forest, height);
  dss_sentences_free(&w);
  return status;
}

dss_status dss_draw_rows(dss_canvas *canvas, const void *what, double *height) {
  const dss_evaluation_figure *k = what;
  dss_family family = {0};
  dss_forest_row *rows = NULL;
  DSS_TRY(dss_family_make(canvas->context, k->rows, k->figure->row, &family));
  dss_status status = DSS_ALLOC(canvas->context, &rows, family.n);
  for (size_t i = 0; i < family.n && status == DSS_OK; i++)
    rows[i] = (dss_forest_row){
        .label = label_of(family.rows[i]),
        .versus = dss_versus_of(family.rows[i]) == DSS_VERSUS_GROUP ? family.rows[i]->versus : NULL,
        .raters = family.rows[i]->raters,
        .cell = &family.rows[i]->cell};
  if (status == DSS_OK) status = draw_rows(canvas, k, rows, family.n, height);
  free(rows);
  dss_family_free(&family);
  return status;
}

/* --- heatmaps ------------------------------------------------------------------------------ */

static uint64_t resamples_of(const dss_table *table) {
  uint64_t most = 0;
  for (size_t i = 0; i < table->n_rows * table->n_columns; i++) {
    const dss_cell *cell = table->values[i].cell;
    if (cell && cell->resamples > most) most = cell->resamples;
  }
  return most;
}

static const char *note_of(const dss_evaluation_figure *k, const dss_table *table) {
  if (k->figure->kind != DSS_FIGURE_PARTS && dss_measure_is_error(k->of->statistic))
    return DSS_MEASURE_ERROR;
  if (dss_versus_of(k->of) != DSS_VERSUS_GROUP || !dss_measure_compares(k->of)) return NULL;
  return table->mirrored
             ? "Row \xe2\x88\x92 column; each difference stands twice, with either sign."
             : "Row \xe2\x88\x92 column.";
}

static dss_status draw_table(dss_canvas *canvas, const dss_evaluation_figure *k,
                             const dss_table *table, double *height) {
  char statistic[DSS_MEASURE_ROOM], base[DSS_MEASURE_ROOM];
  bool parts = k->figure->kind == DSS_FIGURE_PARTS, own;
  dss_sentences w = {.n = 0};
  own = !parts && dss_measure_missteers(k->of->statistic, base);
  dss_measure_text(own ? base : k->of->statistic, statistic);
  say_title(&w, k);
  say_subtitle(&w, k, resamples_of(table));
  const dss_heat heat = {.values = table->values,
                         .n_rows = table->n_rows,
                         .n_columns = table->n_columns,
                         .page = k->figure->page,
                         .rows = table->rows,
                         .columns = table->columns,
                         .sides = {own ? "ratings of" : k->of->axis, own     ? "predictions for"
                                                                     : parts ? table->parts
                                                                             : "compared with"},
                         .statistic = statistic,
                         .scale =
                             dss_measure_compares(k->of) ? DSS_HEAT_DIFFERENCES : DSS_HEAT_LEVELS,
                         .untested = "not tested",
                         .blank = parts ? "no such value" : NULL,
                         .thing = parts ? "value" : "pair",
                         .note = note_of(k, table),
                         .title = said(&w, 0),
                         .subtitle = said(&w, 1)};
  dss_status status = dss_heat_draw(canvas, &heat, height);
  dss_sentences_free(&w);
  return status;
}

dss_status dss_draw_table(dss_canvas *canvas, const void *what, double *height) {
  const dss_evaluation_figure *k = what;
  dss_table table;
  DSS_TRY(k->figure->kind == DSS_FIGURE_PARTS
              ? dss_table_of_parts(canvas->context, k->rows, k->figure->row, &table)
              : dss_table_of_pairs(canvas->context, k->rows, k->figure->row, &table));
  dss_status status = draw_table(canvas, k, &table, height);
  dss_table_free(&table);
  return status;
}
