#include "rows.h"

#include <string.h>

#include "host/core/alloc.h"

/* --- texts --------------------------------------------------------------------------------- */

static bool same(const char *a, const char *b) {
  return a == b || strcmp(a, b) == 0;
}

/* Neighbours are often alike. SIZE_MAX: it is not there. */
static size_t find(const dss_distinct *texts, const char *text) {
  if (texts->last < texts->n && same(texts->all[texts->last], text)) return texts->last;
  for (size_t i = 0; i < texts->n; i++)
    if (same(texts->all[i], text)) return i;
  return SIZE_MAX;
}

/* Where it stands; it is added where it is new. */
static dss_status add(dss_context *context, dss_distinct *texts, const char *text, size_t *at) {
  *at = find(texts, text);
  if (*at == SIZE_MAX) {
    DSS_TRY(DSS_GROW(context, &texts->all, &texts->room, texts->n + 1));
    *at = texts->n;
    texts->all[texts->n++] = text;
  }
  texts->last = *at;
  return DSS_OK;
}

/* --- rows in order ------------------------------------------------------------------------- */

static dss_status make_key(dss_context *context, dss_rows *rows, size_t i) {
  const dss_evaluation_row *row = dss_evaluation_get(rows->evaluation, i);
  const struct {
    size_t key;
    const char *text;
  } texts[] = {{DSS_KEY_QUESTION, row->question},
               {DSS_KEY_STATISTIC, row->statistic},
               {DSS_KEY_SOURCE, row->source},
               {DSS_KEY_AXIS, row->axis},
               {DSS_KEY_ITEMS, row->items}};
  size_t *key = rows->keys[i].of;
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    dss_distinct *all = &rows->texts[texts[k].key];
    if (all->n == 0) DSS_TRY(add(context, all, "", &key[texts[k].key]));
    DSS_TRY(add(context, all, texts[k].text, &key[texts[k].key]));
  }
  key[DSS_KEY_VERSUS] = (size_t)dss_versus_of(row);
  key[DSS_KEY_WHOLE] = *row->group == '\0';
  key[DSS_KEY_ROW] = i;
  return DSS_OK;
}

/* The first n of two keys. */
static int order(const size_t *a, const size_t *b, size_t n) {
  for (size_t k = 0; k < n; k++)
    if (a[k] != b[k]) return a[k] < b[k] ? -1 : 1;
  return 0;
}

static int by_key(const void *a, const void *b) {
  return order(((const dss_row_key *)a)->of, ((const dss_row_key *)b)->of, DSS_N_ROW_KEYS);
}

dss_status dss_rows_make(dss_context *context, const dss_evaluation *evaluation, dss_rows *rows) {
  *rows = (dss_rows){.evaluation = evaluation, .n = dss_evaluation_n_rows(evaluation)};
  dss_status status = DSS_ALLOC(context, &rows->keys, rows->n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &rows->place, rows->n);
  for (size_t i = 0; i < rows->n && status == DSS_OK; i++)
    status = make_key(context, rows, i);
  if (status != DSS_OK) {
    dss_rows_free(rows);
    return status;
  }
  qsort(rows->keys, rows->n, sizeof *rows->keys, by_key);
  for (size_t i = 0; i < rows->n; i++)
    rows->place[rows->keys[i].of[DSS_KEY_ROW]] = i;
  return DSS_OK;
}

void dss_rows_free(dss_rows *rows) {
  free(rows->keys);
  free(rows->place);
  for (size_t k = 0; k < DSS_N_ROW_KEYS; k++)
    free(rows->texts[k].all);
  *rows = (dss_rows){0};
}

const dss_row_key *dss_rows_key(const dss_rows *rows, size_t row) {
  return &rows->keys[rows->place[row]];
}

/* Keys in order: first .. end - 1. */
typedef struct slice {
  size_t first, end;
} slice;

/* The first key whose first n are not before these, or (past) are behind them. */
static size_t bound(const dss_rows *rows, const dss_row_key *key, size_t n, bool past) {
  size_t low = 0, high = rows->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int by = order(rows->keys[middle].of, key->of, n);
    if (by < 0 || (past && by == 0))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* All that are alike in the first n. */
static slice alike(const dss_rows *rows, const dss_row_key *key, size_t n) {
  return (slice){bound(rows, key, n, false), bound(rows, key, n, true)};
}

static const dss_evaluation_row *row_at(const dss_rows *rows, size_t place) {
  return dss_evaluation_get(rows->evaluation, rows->keys[place].of[DSS_KEY_ROW]);
}

/* --- forests ------------------------------------------------------------------------------- */

/* The family's rows, and those of all raters. */
static void family_slices(const dss_rows *rows, size_t row, slice slices[2]) {
  dss_row_key key = *dss_rows_key(rows, row);
  slices[0] = alike(rows, &key, DSS_KEYS_OF_FAMILY);
  slices[1] = (slice){0, 0};
  if (key.of[DSS_KEY_VERSUS] != DSS_VERSUS_NONE || key.of[DSS_KEY_AXIS] == 0) return;
  key.of[DSS_KEY_AXIS] = 0;
  slices[1] = alike(rows, &key, DSS_KEYS_OF_FAMILY);
}

static size_t count(const slice slices[2]) {
  return slices[0].end - slices[0].first + slices[1].end - slices[1].first;
}

dss_status dss_family_make(dss_context *context, const dss_rows *rows, size_t row,
                           dss_family *family) {
  slice slices[2];
  size_t n = 0;
  family_slices(rows, row, slices);
  DSS_TRY(DSS_ALLOC(context, &family->rows, count(slices)));
  for (size_t s = 0; s < 2; s++)
    for (size_t i = slices[s].first; i < slices[s].end; i++)
      family->rows[n++] = row_at(rows, i);
  family->n = n;
  return DSS_OK;
}

void dss_family_free(dss_family *family) {
  free(family->rows);
  *family = (dss_family){0};
}

/* --- groups and parts ---------------------------------------------------------------------- */

static dss_status add_groups(dss_context *context, const dss_rows *rows, slice of,
                             dss_distinct *groups) {
  size_t place;
  for (size_t i = of.first; i < of.end; i++) {
    const dss_evaluation_row *row = row_at(rows, i);
    if (rows->keys[i].of[DSS_KEY_WHOLE]) continue;
    DSS_TRY(add(context, groups, row->group, &place));
    if (dss_versus_of(row) == DSS_VERSUS_GROUP) DSS_TRY(add(context, groups, row->versus, &place));
  }
  return DSS_OK;
}

/* Those in which there are groups. */
static dss_status add_parts(dss_context *context, const dss_rows *rows, slice of,
                            dss_distinct *parts) {
  size_t place;
  for (size_t i = of.first; i < of.end; i++)
    if (!rows->keys[i].of[DSS_KEY_WHOLE])
      DSS_TRY(add(context, parts, row_at(rows, i)->items, &place));
  return DSS_OK;
}

/* --- tables -------------------------------------------------------------------------------- */

static dss_heat_value *at(const dss_table *table, size_t row, size_t column) {
  return &table->values[row * table->n_columns + column];
}

static void mirror(dss_table *table) {
  for (size_t a = 0; a < table->n_rows; a++)
    for (size_t b = 0; b < table->n_columns; b++) {
      dss_heat_value *here = at(table, a, b), *there = at(table, b, a);
      if (here->cell || !there->cell || there->mirrored) continue;
      *here = (dss_heat_value){there->cell, true};
      table->mirrored = true;
    }
}

/* The rows of each group alone that belong to those of predictions for another; none else. */
static slice own_predictions(const dss_rows *rows, size_t row) {
  char base[DSS_MEASURE_ROOM];
  dss_row_key key = *dss_rows_key(rows, row);
  const dss_evaluation_row *of = dss_evaluation_get(rows->evaluation, row);
  if (!dss_measure_missteers(of->statistic, base)) return (slice){0, 0};
  key.of[DSS_KEY_STATISTIC] = find(&rows->texts[DSS_KEY_STATISTIC], base);
  key.of[DSS_KEY_VERSUS] = DSS_VERSUS_NONE;
  return alike(rows, &key, DSS_KEYS_OF_FAMILY);
}

static void fill_pairs(const dss_rows *rows, slice pairs, slice own, const dss_distinct *groups,
                       dss_table *table) {
  for (size_t i = pairs.first; i < pairs.end; i++) {
    const dss_evaluation_row *row = row_at(rows, i);
    if (rows->keys[i].of[DSS_KEY_WHOLE]) continue;
    at(table, find(groups, row->group), find(groups, row->versus))->cell = &row->cell;
  }
  for (size_t i = own.first; i < own.end; i++) {
    size_t group = find(groups, row_at(rows, i)->group);
    if (group != SIZE_MAX) at(table, group, group)->cell = &row_at(rows, i)->cell;
  }
}

dss_status dss_table_of_pairs(dss_context *context, const dss_rows *rows, size_t row,
                              dss_table *table) {
  const dss_evaluation_row *of = dss_evaluation_get(rows->evaluation, row);
  slice pairs = alike(rows, dss_rows_key(rows, row), DSS_KEYS_OF_FAMILY);
  dss_distinct groups = {0};
  dss_status status = add_groups(context, rows, pairs, &groups);
  *table = (dss_table){.rows = groups.all, .n_rows = groups.n, .n_columns = groups.n};
  if (status == DSS_OK) status = DSS_ALLOC(context, &table->columns, groups.n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &table->values, groups.n * groups.n);
  if (status != DSS_OK) {
    dss_table_free(table);
    return status;
  }
  for (size_t i = 0; i < groups.n; i++)
    table->columns[i] = groups.all[i];
  fill_pairs(rows, pairs, own_predictions(rows, row), &groups, table);
  if (dss_measure_compares(of) && !of->upper) mirror(table);
  return DSS_OK;
}

/* How long the "topic=" is with which all parts but that of all items begin; 0: none. */
static size_t common_attribute(const dss_distinct *parts) {
  const char *first = NULL;
  size_t length = 0;
  for (size_t i = 0; i < parts->n; i++) {
    const char *part = parts->all[i], *equals = strchr(part, '=');
    if (*part == '\0') continue;
    if (!equals || equals == part) return 0;
    if (first && (strncmp(part, first, length) != 0)) return 0;
    if (first) continue;
    first = part;
    length = (size_t)(equals - part) + 1;
  }
  return length;
}

static dss_status name_parts(dss_context *context, const dss_distinct *parts, dss_table *table) {
  size_t attribute = common_attribute(parts);
  DSS_TRY(DSS_ALLOC(context, &table->parts, attribute + sizeof "items"));
  strcpy(table->parts, "items");
  for (size_t i = 0; i < parts->n; i++) {
    const char *part = parts->all[i];
    table->columns[i] = *part ? part + attribute : DSS_ALL_ITEMS;
    if (attribute == 0 || *part == '\0') continue;
    memcpy(table->parts, part, attribute);
    table->parts[attribute - 1] = '\0';
  }
  return DSS_OK;
}

dss_status dss_table_of_parts(dss_context *context, const dss_rows *rows, size_t row,
                              dss_table *table) {
  slice series = alike(rows, dss_rows_key(rows, row), DSS_KEYS_OF_SERIES);
  dss_distinct groups = {0}, parts = {0};
  dss_status status = add_groups(context, rows, series, &groups);
  if (status == DSS_OK) status = add_parts(context, rows, series, &parts);
  *table = (dss_table){.rows = groups.all, .n_rows = groups.n, .n_columns = parts.n};
  if (status == DSS_OK) status = DSS_ALLOC(context, &table->columns, parts.n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &table->values, groups.n * parts.n);
  if (status == DSS_OK) status = name_parts(context, &parts, table);
  for (size_t i = series.first; i < series.end && status == DSS_OK; i++) {
    const dss_evaluation_row *of = row_at(rows, i);
    if (!rows->keys[i].of[DSS_KEY_WHOLE])
      at(table, find(&groups, of->group), find(&parts, of->items))->cell = &of->cell;
  }
  free(parts.all);
  if (status != DSS_OK) dss_table_free(table);
  return status;
}

void dss_table_free(dss_table *table) {
  free(table->rows);
  free(table->columns);
  free(table->values);
  free(table->parts);
  *table = (dss_table){0};
}

/* --- which figures there are --------------------------------------------------------------- */

static size_t pages_of_forest(const dss_rows *rows, size_t row, size_t n_groups) {
  const dss_evaluation_row *of = dss_evaluation_get(rows->evaluation, row);
  bool pairs = dss_versus_of(of) == DSS_VERSUS_GROUP;
  slice slices[2];
  if (n_groups == 0 || (pairs && (n_groups > DSS_FOREST_GROUPS || !dss_measure_compares(of))))
    return 0;
  family_slices(rows, row, slices);
  return dss_pages(count(slices), DSS_FOREST_ROWS);
}

/* Of two groups a difference is one number, which needs no matrix. */
static size_t pages_of_matrix(const dss_evaluation_row *of, size_t n_groups) {
  if (dss_versus_of(of) != DSS_VERSUS_GROUP) return 0;
  return n_groups < (dss_measure_compares(of) ? 3 : 2) ? 0 : dss_heat_pages(n_groups, n_groups);
}

static size_t pages_of_parts(const dss_evaluation_row *of, size_t n_groups, size_t n_parts) {
  if (dss_versus_of(of) == DSS_VERSUS_GROUP || n_parts < 2) return 0;
  return dss_heat_pages(n_groups, n_parts);
}

dss_status dss_rows_pages(dss_context *context, const dss_rows *rows, const dss_figure *figure,
                          size_t *pages) {
  dss_distinct groups = {0}, parts = {0};
  const dss_evaluation_row *of = dss_evaluation_get(rows->evaluation, figure->row);
  bool by_parts = figure->kind == DSS_FIGURE_PARTS;
  *pages = 0;
  if (!of || *of->axis == '\0' || !dss_measure_is_drawn(of->statistic)) return DSS_OK;
  slice shown = alike(rows, dss_rows_key(rows, figure->row),
                      by_parts ? DSS_KEYS_OF_SERIES : DSS_KEYS_OF_FAMILY);
  dss_status status = add_groups(context, rows, shown, &groups);
  if (status == DSS_OK && by_parts) status = add_parts(context, rows, shown, &parts);
  if (status == DSS_OK && figure->kind == DSS_FIGURE_ROWS)
    *pages = pages_of_forest(rows, figure->row, groups.n);
  if (status == DSS_OK && figure->kind == DSS_FIGURE_MATRIX) *pages = pages_of_matrix(of, groups.n);
  if (status == DSS_OK && by_parts) *pages = pages_of_parts(of, groups.n, parts.n);
  free(groups.all);
  free(parts.all);
  return status;
}
