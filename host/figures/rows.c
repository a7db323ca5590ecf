#include "rows.h"

#include <string.h>

#include "host/core/alloc.h"

static bool same(const char *a, const char *b) {
  return a == b || strcmp(a, b) == 0;
}

/* Texts that differ most often come first. */
bool dss_same_but_items(const dss_evaluation_row *a, const dss_evaluation_row *b) {
  return same(a->statistic, b->statistic) && dss_versus_of(a) == dss_versus_of(b) &&
         same(a->axis, b->axis) && same(a->source, b->source) && same(a->question, b->question);
}

bool dss_same_family(const dss_evaluation_row *a, const dss_evaluation_row *b) {
  return same(a->items, b->items) && dss_same_but_items(a, b);
}

/* --- forests ------------------------------------------------------------------------------- */

/* 0: a group's row, 1: the axis's as a whole, 2: all raters'; 3: none of the family. */
static unsigned place_in(const dss_evaluation_row *of, const dss_evaluation_row *row) {
  if (dss_same_family(of, row)) return *row->group == '\0';
  dss_evaluation_row everyone = *of;
  everyone.axis = "";
  return dss_versus_of(of) == DSS_VERSUS_NONE && dss_same_family(&everyone, row) ? 2 : 3;
}

static size_t count_family(const dss_evaluation *e, const dss_evaluation_row *of, unsigned place) {
  size_t n = 0;
  for (size_t i = 0; i < dss_evaluation_n_rows(e); i++)
    n += place_in(of, dss_evaluation_get(e, i)) == place;
  return n;
}

dss_status dss_family_make(dss_context *context, const dss_evaluation *e,
                           const dss_evaluation_row *of, dss_family *family) {
  size_t starts[3], n = 0;
  for (unsigned place = 0; place < 3; place++) {
    starts[place] = n;
    n += count_family(e, of, place);
  }
  DSS_TRY(DSS_ALLOC(context, &family->rows, n));
  family->n = n;
  for (size_t i = 0; i < dss_evaluation_n_rows(e); i++) {
    unsigned place = place_in(of, dss_evaluation_get(e, i));
    if (place < 3) family->rows[starts[place]++] = dss_evaluation_get(e, i);
  }
  return DSS_OK;
}

void dss_family_free(dss_family *family) {
  free(family->rows);
  *family = (dss_family){0};
}

/* --- names --------------------------------------------------------------------------------- */

/* Neighbours are often alike. SIZE_MAX: it is not there. */
static size_t find(const dss_distinct *texts, const char *text) {
  if (texts->last < texts->n && same(texts->all[texts->last], text)) return texts->last;
  for (size_t i = 0; i < texts->n; i++)
    if (same(texts->all[i], text)) return i;
  return SIZE_MAX;
}

dss_status dss_distinct_add(dss_context *context, dss_distinct *texts, const char *text,
                            size_t *at) {
  *at = find(texts, text);
  if (*at == SIZE_MAX) {
    DSS_TRY(DSS_GROW(context, &texts->all, &texts->room, texts->n + 1));
    *at = texts->n;
    texts->all[texts->n++] = text;
  }
  texts->last = *at;
  return DSS_OK;
}

static dss_status add_groups(dss_context *context, const dss_evaluation *e,
                             const dss_evaluation_row *of, dss_distinct *groups) {
  size_t place;
  for (size_t i = 0; i < dss_evaluation_n_rows(e); i++) {
    const dss_evaluation_row *row = dss_evaluation_get(e, i);
    if (*row->group == '\0' || !dss_same_but_items(of, row)) continue;
    DSS_TRY(dss_distinct_add(context, groups, row->group, &place));
    if (dss_versus_of(row) == DSS_VERSUS_GROUP)
      DSS_TRY(dss_distinct_add(context, groups, row->versus, &place));
  }
  return DSS_OK;
}

static dss_status add_parts(dss_context *context, const dss_evaluation *e,
                            const dss_evaluation_row *of, dss_distinct *parts) {
  size_t place;
  for (size_t i = 0; i < dss_evaluation_n_rows(e); i++) {
    const dss_evaluation_row *row = dss_evaluation_get(e, i);
    if (*row->group != '\0' && dss_same_but_items(of, row))
      DSS_TRY(dss_distinct_add(context, parts, row->items, &place));
  }
  return DSS_OK;
}

/* --- tables -------------------------------------------------------------------------------- */

static dss_heat_value *at(const dss_table *table, size_t row, size_t column) {
  return &table->values[row * table->n_columns + column];
}

/* What the upper half says of the lower one. */
static void mirror(dss_table *table) {
  for (size_t a = 0; a < table->n_rows; a++)
    for (size_t b = 0; b < table->n_columns; b++) {
      dss_heat_value *here = at(table, a, b), *there = at(table, b, a);
      if (here->cell || !there->cell || there->mirrored) continue;
      *here = (dss_heat_value){there->cell, true};
      table->mirrored = true;
    }
}

static void fill_pairs(const dss_evaluation *e, const dss_evaluation_row *of,
                       const dss_distinct *groups, dss_table *table) {
  char base[DSS_MEASURE_ROOM];
  dss_evaluation_row own = *of;
  bool missteers = dss_measure_missteers(of->statistic, base);
  own.statistic = base;
  own.versus = "";
  for (size_t i = 0; i < dss_evaluation_n_rows(e); i++) {
    const dss_evaluation_row *row = dss_evaluation_get(e, i);
    bool pair = dss_same_family(of, row), alone = missteers && dss_same_family(&own, row);
    size_t a = pair || alone ? find(groups, row->group) : SIZE_MAX;
    size_t b = pair ? find(groups, row->versus) : a;
    if (a != SIZE_MAX && b != SIZE_MAX) at(table, a, b)->cell = &row->cell;
  }
}

dss_status dss_table_of_pairs(dss_context *context, const dss_evaluation *e,
                              const dss_evaluation_row *of, dss_table *table) {
  dss_distinct groups = {0};
  dss_status status = add_groups(context, e, of, &groups);
  *table = (dss_table){.rows = groups.all, .n_rows = groups.n, .n_columns = groups.n};
  if (status == DSS_OK) status = DSS_ALLOC(context, &table->columns, groups.n);
  for (size_t i = 0; i < groups.n && status == DSS_OK; i++)
    table->columns[i] = groups.all[i];
  if (status == DSS_OK) status = DSS_ALLOC(context, &table->values, groups.n * groups.n);
  if (status != DSS_OK) {
    dss_table_free(table);
    return status;
  }
  fill_pairs(e, of, &groups, table);
  if (dss_measure_compares(of) && !of->upper) mirror(table);
  return DSS_OK;
}

/* How long the "topic=" is with which all parts but that of all items begin; 0: none. */
static size_t common_attribute(const dss_distinct *parts) {
  size_t length = 0;
  for (size_t i = 0; i < parts->n; i++) {
    if (*parts->all[i] == '\0') continue;
    const char *equals = strchr(parts->all[i], '=');
    size_t own = equals ? (size_t)(equals - parts->all[i]) + 1 : 0;
    if (own < 2 || (length > 0 && own != length)) return 0;
    if (i > 0 && *parts->all[i - 1] && memcmp(parts->all[i], parts->all[i - 1], own) != 0) return 0;
    length = own;
  }
  return length;
}

static dss_status name_parts(dss_context *context, const dss_distinct *parts, dss_table *table) {
  size_t attribute = common_attribute(parts);
  DSS_TRY(DSS_ALLOC(context, &table->parts, attribute + sizeof "items"));
  strcpy(table->parts, "items");
  for (size_t i = 0; i < parts->n; i++) {
    if (attribute && *parts->all[i]) {
      memcpy(table->parts, parts->all[i], attribute);
      table->parts[attribute - 1] = '\0';
    }
    table->columns[i] = *parts->all[i] ? parts->all[i] + attribute : DSS_ALL_ITEMS;
  }
  return DSS_OK;
}

dss_status dss_table_of_parts(dss_context *context, const dss_evaluation *e,
                              const dss_evaluation_row *of, dss_table *table) {
  dss_distinct groups = {0}, parts = {0};
  dss_status status = add_groups(context, e, of, &groups);
  if (status == DSS_OK) status = add_parts(context, e, of, &parts);
  *table = (dss_table){.rows = groups.all, .n_rows = groups.n, .n_columns = parts.n};
  if (status == DSS_OK) status = DSS_ALLOC(context, &table->columns, parts.n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &table->values, groups.n * parts.n);
  if (status == DSS_OK) status = name_parts(context, &parts, table);
  for (size_t i = 0; i < dss_evaluation_n_rows(e) && status == DSS_OK; i++) {
    const dss_evaluation_row *row = dss_evaluation_get(e, i);
    if (*row->group != '\0' && dss_same_but_items(of, row))
      at(table, find(&groups, row->group), find(&parts, row->items))->cell = &row->cell;
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

static size_t pages_of_forest(const dss_evaluation *e, const dss_evaluation_row *of,
                              size_t n_groups) {
  bool pairs = dss_versus_of(of) == DSS_VERSUS_GROUP;
  size_t rows = count_family(e, of, 0);
  if (rows == 0 || (pairs && (n_groups > DSS_FOREST_GROUPS || !dss_measure_compares(of)))) return 0;
  return dss_pages(rows + count_family(e, of, 1) + count_family(e, of, 2), DSS_FOREST_ROWS);
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

dss_status dss_evaluation_figure_pages(dss_context *context, const dss_evaluation *e,
                                       const dss_figure *figure, size_t *pages) {
  dss_distinct groups = {0}, parts = {0};
  const dss_evaluation_row *of = dss_evaluation_get(e, figure->row);
  *pages = 0;
  if (!of || *of->axis == '\0' || !dss_measure_is_drawn(of->statistic)) return DSS_OK;
  dss_status status = add_groups(context, e, of, &groups);
  if (status == DSS_OK && figure->kind == DSS_FIGURE_PARTS)
    status = add_parts(context, e, of, &parts);
  if (status == DSS_OK && figure->kind == DSS_FIGURE_ROWS)
    *pages = pages_of_forest(e, of, groups.n);
  if (status == DSS_OK && figure->kind == DSS_FIGURE_MATRIX) *pages = pages_of_matrix(of, groups.n);
  if (status == DSS_OK && figure->kind == DSS_FIGURE_PARTS)
    *pages = pages_of_parts(of, groups.n, parts.n);
  free(groups.all);
  free(parts.all);
  return status;
}
