/* Figures of evaluations in words. */
#include <string.h>

#include "host/core/alloc.h"
#include "names.h"
#include "rows.h"
#include "say.h"
#include "scale.h"

typedef struct words {
  dss_context *context;
  dss_rows rows;
  const dss_figure *figure;
  const dss_evaluation_row *of;
  size_t pages;
  char statistic[DSS_MEASURE_ROOM];
  dss_texts_maker texts;
} words;

/* --- names of files ------------------------------------------------------------------------ */

/* "-s2-Classifier-B": the letter and the how-manieth text of its column it is, so that texts whose
 * letters and digits are alike differ; nothing for the text "". */
static void name_text(words *w, char letter, size_t key, const char *text) {
  size_t number = dss_rows_key(&w->rows, w->figure->row)->of[key];
  if (number == 0) return;
  dss_texts_name(&w->texts, w->texts.name[0] ? "-%c%zu" : "%c%zu", letter, number);
  dss_slug_append(w->texts.name, sizeof w->texts.name - 40, text);
}

static const char *kind_name(const words *w) {
  static const char *const forests[] = {"forest", "rest-forest", "pairs-forest"};
  static const char *const parts[] = {"parts", "rest-parts", "pairs-parts"};
  if (w->figure->kind == DSS_FIGURE_MATRIX) return "matrix";
  return w->figure->kind == DSS_FIGURE_PARTS ? parts[dss_versus_of(w->of)]
                                             : forests[dss_versus_of(w->of)];
}

static void name_file(words *w) {
  name_text(w, 'q', DSS_KEY_QUESTION, w->of->question);
  name_text(w, 's', DSS_KEY_SOURCE, w->of->source);
  if (w->figure->kind != DSS_FIGURE_PARTS) name_text(w, 'i', DSS_KEY_ITEMS, w->of->items);
  name_text(w, 'a', DSS_KEY_AXIS, w->of->axis);
  name_text(w, 'v', DSS_KEY_STATISTIC, w->of->statistic);
  dss_texts_name(&w->texts, "-%s", kind_name(w));
}

/* --- titles -------------------------------------------------------------------------------- */

/* "toxicity, Classifier A, topic=Violent" */
static void say_where(const words *w, FILE *to) {
  fputs(w->of->question, to);
  if (*w->of->source) fprintf(to, ", %s", w->of->source);
  if (*w->of->items && w->figure->kind != DSS_FIGURE_PARTS) fprintf(to, ", %s", w->of->items);
}

static void say_title(const words *w, FILE *to) {
  static const char *const versus[] = {"", ", against everyone else", ", every two groups"};
  say_where(w, to);
  fprintf(to, ": %s by %s", w->statistic, w->of->axis);
  if (w->figure->kind == DSS_FIGURE_PARTS) fputs(" and part of the items", to);
  fputs(versus[dss_versus_of(w->of)], to);
}

/* --- descriptions -------------------------------------------------------------------------- */

/* "woman with man", or the group alone. */
static dss_status say_row(const words *w, FILE *to, const dss_evaluation_row *row) {
  char *label = NULL;
  const char *group = *row->group ? row->group : *row->axis ? DSS_ALL_GROUPS : DSS_ALL_RATERS;
  const char *versus = dss_versus_of(row) == DSS_VERSUS_GROUP ? row->versus : "";
  size_t size = strlen(group) + strlen(versus) + 8;
  DSS_TRY(DSS_ALLOC(w->context, &label, size));
  snprintf(label, size, *versus ? "%s with %s" : "%s", group, versus);
  dss_say_cell(to, label, &row->cell);
  free(label);
  return DSS_OK;
}

static dss_status say_forest(words *w) {
  FILE *to = w->texts.description;
  dss_family family = {0};
  dss_sureness_counts counts = {{0}};
  size_t first, end;
  DSS_TRY(dss_family_make(w->context, &w->rows, w->figure->row, &family));
  dss_page_range(family.n, DSS_FOREST_ROWS, w->figure->page, &first, &end);
  fputs("Forest plot. ", to);
  say_title(w, to);
  fprintf(to, "; %zu rows.", family.n);
  if (end - first < family.n) fprintf(to, " This page has rows %zu to %zu.", first + 1, end);
  for (size_t i = 0; i < family.n; i++)
    counts.of[dss_sureness_of(&family.rows[i]->cell)]++;
  dss_say_sureness(to, &counts, "row");
  dss_status status = DSS_OK;
  for (size_t i = first; i < end && i < first + DSS_MOST_NAMED && status == DSS_OK; i++) {
    fputs(i == first ? " " : "; ", to);
    status = say_row(w, to, family.rows[i]);
  }
  dss_say_more(to, end - first);
  dss_family_free(&family);
  return status;
}

/* Row by column, without what stands there with the other sign. */
static void say_values(FILE *to, const dss_table *table, const char *between) {
  size_t n = 0;
  char number[DSS_NUMBER_ROOM];
  for (size_t i = 0; i < table->n_rows * table->n_columns; i++) {
    const dss_heat_value *value = &table->values[i];
    if (!value->cell || value->mirrored) continue;
    if (n++ >= DSS_MOST_NAMED) continue;
    fprintf(to, "%s%s%s%s %s", n == 1 ? " " : "; ", table->rows[i / table->n_columns], between,
            table->columns[i % table->n_columns],
            dss_number_text(value->cell->estimate, 3, number));
  }
  dss_say_more(to, n);
}

static dss_status say_table(words *w) {
  FILE *to = w->texts.description;
  bool parts = w->figure->kind == DSS_FIGURE_PARTS;
  dss_table table;
  dss_sureness_counts counts = {{0}};
  DSS_TRY(parts ? dss_table_of_parts(w->context, &w->rows, w->figure->row, &table)
                : dss_table_of_pairs(w->context, &w->rows, w->figure->row, &table));
  fputs("Heatmap. ", to);
  say_title(w, to);
  fprintf(to, "; %zu rows, %zu columns.", table.n_rows, table.n_columns);
  if (!parts && dss_measure_is_error(w->of->statistic)) fprintf(to, " %s", DSS_MEASURE_ERROR);
  for (size_t i = 0; i < table.n_rows * table.n_columns; i++)
    if (table.values[i].cell && !table.values[i].mirrored)
      counts.of[dss_sureness_of(table.values[i].cell)]++;
  dss_say_sureness(to, &counts, "value");
  say_values(to, &table, parts ? ", " : " with ");
  dss_table_free(&table);
  return DSS_OK;
}

/* --- the whole --------------------------------------------------------------------------- */

static dss_status say(words *w) {
  name_file(w);
  say_title(w, w->texts.title);
  dss_texts_page(&w->texts, w->figure->page, w->pages);
  return w->figure->kind == DSS_FIGURE_ROWS ? say_forest(w) : say_table(w);
}

static dss_status make(words *w, dss_figure_texts *texts) {
  DSS_TRY(dss_rows_pages(w->context, &w->rows, w->figure, &w->pages));
  if (w->figure->page >= w->pages)
    return dss_fail(w->context, DSS_ERR_USAGE, "the evaluation has no such figure");
  dss_measure_text(w->of->statistic, w->statistic);
  DSS_TRY(dss_texts_begin(w->context, &w->texts));
  return dss_texts_end(&w->texts, say(w), texts);
}

dss_status dss_evaluation_figure_describe(dss_context *context, const dss_evaluation *evaluation,
                                          const dss_figure *figure, dss_figure_texts *texts) {
  words w = {
      .context = context, .figure = figure, .of = dss_evaluation_get(evaluation, figure->row)};
  DSS_TRY(dss_rows_make(context, evaluation, &w.rows));
  dss_status status = make(&w, texts);
  dss_rows_free(&w.rows);
  return status;
}
