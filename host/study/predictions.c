#include "predictions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "import_csv.h"
#include "import_options.h"

/* uthash exits the process when memory is out unless told otherwise. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* A key that was read, to find it again. */
typedef struct key_entry {
  UT_hash_handle hh;
  uint64_t line;
  uint32_t ids[]; /* whether the study has the item, its number there or among the unknown, texts */
} key_entry;

typedef struct reader {
  dss_csv *csv;
  const dss_predictions_spec *spec;
  dss_predictions *to;
  dss_strings items; /* of the study; a name's number is the item's */
  size_t item_column;
  dss_words missing;
  key_entry *keys;
  size_t item_capacity, line_capacity, cell_capacity;
} reader;

/* --- columns -------------------------------------------------------------------------------- */

static dss_status add_column(dss_context *context, reader *r, const char *name) {
  size_t column;
  dss_predictions *to = r->to;
  DSS_TRY(dss_csv_column(context, r->csv, name, &column));
  if (column == r->item_column || dss_words_find(&to->columns, name) != SIZE_MAX)
    return dss_fail(context, DSS_ERR_USAGE, "the column '%s' is named twice", DSS_EXCERPT(name));
  to->numbers[to->columns.count] = column + 1;
  return dss_words_add(context, &to->columns, name, strlen(name));
}

static dss_status add_other_columns(dss_context *context, reader *r) {
  const dss_words *names = dss_csv_names(r->csv);
  dss_predictions *to = r->to;
  for (size_t i = 0; i < names->count; i++) {
    const char *name = names->at[i];
    if (i == r->item_column || dss_words_find(&to->columns, name) != SIZE_MAX) continue;
    if (!*name)
      return dss_fail_at(context, (dss_place){dss_csv_file(r->csv), 1, i + 1, NULL}, DSS_ERR_DATA,
                         "the column has no name; name the columns to read");
    DSS_TRY(add_column(context, r, name));
  }
  return DSS_OK;
}

static dss_status find_columns(dss_context *context, reader *r) {
  const dss_predictions_spec *spec = r->spec;
  DSS_TRY(dss_csv_column(context, r->csv, spec->item, &r->item_column));
  DSS_TRY(DSS_ALLOC(context, &r->to->numbers,
                    dss_csv_names(r->csv)->count + spec->n_keys + spec->n_values));
  for (size_t i = 0; i < spec->n_keys; i++)
    DSS_TRY(add_column(context, r, spec->keys[i]));
  DSS_TRY(DSS_ALLOC(context, &r->to->keys, spec->n_keys));
  r->to->n_keys = spec->n_keys;
  for (size_t i = 0; i < spec->n_values; i++)
    DSS_TRY(add_column(context, r, spec->values[i]));
  if (spec->n_values == 0) DSS_TRY(add_other_columns(context, r));
  if (r->to->columns.count == r->to->n_keys)
    return dss_fail_at(context, (dss_place){dss_csv_file(r->csv), 1, 0, NULL}, DSS_ERR_DATA,
                       "there is no column of predictions");
  return DSS_OK;
}

/* --- rows ----------------------------------------------------------------------------------- */

static dss_status read_item(dss_context *context, reader *r, bool *known, uint32_t *item) {
  size_t length;
  const char *name = dss_csv_field(r->csv, r->item_column, &length);
  dss_place place = dss_csv_place(r->csv, r->item_column);
  if (length == 0) return dss_fail_at(context, place, DSS_ERR_DATA, "the item has no name");
  *known = dss_strings_find(&r->items, name, length, item);
  if (*known) return DSS_OK;
  r->to->n_unknown_rows++;
  return dss_strings_add(context, &r->to->unknown, name, length, place, item);
}

/* Room for the row's cells, which are kept if the item is known. */
static dss_status read_cells(dss_context *context, reader *r, uint32_t **cells) {
  dss_predictions *to = r->to;
  size_t columns = to->columns.count;
  DSS_TRY(DSS_GROW(context, &to->cells, &r->cell_capacity, (to->n_rows + 1) * columns));
  *cells = to->cells + to->n_rows * columns;
  for (size_t i = 0; i < columns; i++) {
    size_t length;
    const char *text = dss_csv_field(r->csv, to->numbers[i] - 1, &length);
    bool missing = i < to->n_keys ? length == 0 : dss_words_find(&r->missing, text) != SIZE_MAX;
    (*cells)[i] = DSS_NO_TEXT;
    if (missing) continue;
    dss_place place = dss_csv_place(r->csv, to->numbers[i] - 1);
    DSS_TRY(dss_strings_add(context, &to->texts, text, length, place, &(*cells)[i]));
    uint32_t number;
    if (i < to->n_keys)
      DSS_TRY(dss_strings_add(context, &to->keys[i], text, length, place, &number));
  }
  return DSS_OK;
}

static dss_status fail_twice(dss_context *context, const reader *r, const uint32_t *cells,
                             uint64_t before) {
  size_t length;
  char with[200] = "";
  size_t at = 0;
  for (size_t i = 0; i < r->to->n_keys && at + 100 < sizeof with; i++)
    at += (size_t)snprintf(with + at, sizeof with - at, "%s '%s'", i ? "," : " with",
                           cells[i] == DSS_NO_TEXT ? "" : DSS_EXCERPT(r->to->texts.at[cells[i]]));
  return dss_fail_at(context, dss_csv_place(r->csv, r->item_column), DSS_ERR_DATA,
                     "the item '%s'%s stands here and on line %llu%s",
                     DSS_EXCERPT(dss_csv_field(r->csv, r->item_column, &length)), with,
                     (unsigned long long)before, r->spec->twice ? r->spec->twice : "");
}

static dss_status check_key(dss_context *context, reader *r, bool known, uint32_t item,
                            const uint32_t *cells) {
  size_t n = 2 + r->to->n_keys;
  key_entry *entry = malloc(sizeof *entry + n * sizeof *entry->ids);
  if (!entry) return dss_fail_memory(context, sizeof *entry + n * sizeof *entry->ids);
  entry->line = dss_csv_line(r->csv);
  entry->ids[0] = known;
  entry->ids[1] = item;
  if (r->to->n_keys) memcpy(entry->ids + 2, cells, r->to->n_keys * sizeof *cells);
  key_entry *before = NULL;
  HASH_FIND(hh, r->keys, entry->ids, n * sizeof *entry->ids, before);
  if (before) {
    free(entry);
    return fail_twice(context, r, cells, before->line);
  }
  HASH_ADD_KEYPTR(hh, r->keys, entry->ids, n * sizeof *entry->ids, entry);
  if (entry->hh.tbl) return DSS_OK;
  free(entry);
  return dss_fail(context, DSS_ERR_MEMORY, "out of memory for the table of keys");
}

static dss_status read_row(dss_context *context, reader *r) {
  dss_predictions *to = r->to;
  bool known;
  uint32_t item, *cells;
  DSS_TRY(read_item(context, r, &known, &item));
  DSS_TRY(read_cells(context, r, &cells));
  DSS_TRY(check_key(context, r, known, item, cells));
  if (!known) return DSS_OK;
  DSS_TRY(DSS_GROW(context, &to->item, &r->item_capacity, to->n_rows + 1));
  DSS_TRY(DSS_GROW(context, &to->line, &r->line_capacity, to->n_rows + 1));
  to->item[to->n_rows] = item;
  to->line[to->n_rows++] = dss_csv_line(r->csv);
  return DSS_OK;
}

static dss_status fail_no_row(dss_context *context, const reader *r) {
  if (r->to->n_unknown_rows == 0)
    return dss_fail(context, DSS_ERR_DATA, "%s: there is a header and no row", r->to->file);
  return dss_fail(context, DSS_ERR_DATA,
                  "%s: none of the %u item%s in column '%s' is one of the study; the first is '%s' "
                  "there and '%s' in the study",
                  r->to->file, r->to->unknown.count, DSS_PLURAL(r->to->unknown.count),
                  DSS_EXCERPT(r->spec->item), DSS_EXCERPT(r->to->unknown.at[0]),
                  DSS_EXCERPT(r->items.at[0]));
}

/* --- the table ------------------------------------------------------------------------------ */

static dss_status number_items(dss_context *context, reader *r, const dss_study *study) {
  for (uint32_t i = 0, id; i < dss_study_n_items(study); i++) {
    const char *name = dss_study_item_name(study, i);
    DSS_TRY(dss_strings_add(context, &r->items, name, strlen(name),
                            (dss_place){"study", 0, 0, NULL}, &id));
  }
  return DSS_OK;
}

static dss_status read_table(dss_context *context, reader *r, const dss_study *study) {
  const char *missing = r->spec->missing ? r->spec->missing : DSS_MISSING_TOKENS;
  DSS_TRY(dss_words_split(context, &r->missing, missing, ','));
  DSS_TRY(number_items(context, r, study));
  DSS_TRY(dss_csv_open(context, r->spec->path, &r->csv));
  DSS_TRY(dss_copy_text(context, &r->to->file, dss_csv_file(r->csv)));
  DSS_TRY(find_columns(context, r));
  for (bool more = true; more;) {
    DSS_TRY(dss_csv_next(context, r->csv, &more));
    if (more) DSS_TRY(read_row(context, r));
  }
  if (r->to->n_rows == 0) return fail_no_row(context, r);
  return dss_csv_digest(context, r->csv, r->to->sha256);
}

static void free_reader(reader *r) {
  key_entry *entry, *next;
  HASH_ITER(hh, r->keys, entry, next) {
    HASH_DEL(r->keys, entry);
    free(entry);
  }
  dss_csv_free(r->csv);
  dss_strings_free(&r->items);
  dss_words_free(&r->missing);
}

dss_status dss_predictions_read(dss_context *context, const dss_study *study,
                                const dss_predictions_spec *spec, dss_predictions **predictions) {
  reader r = {.spec = spec, .item_column = SIZE_MAX};
  DSS_TRY(DSS_ALLOC(context, &r.to, 1));
  dss_status status = read_table(context, &r, study);
  free_reader(&r);
  if (status != DSS_OK) {
    dss_predictions_free(r.to);
    return status;
  }
  *predictions = r.to;
  return DSS_OK;
}

void dss_predictions_free(dss_predictions *predictions) {
  if (!predictions) return;
  for (size_t i = 0; i < predictions->n_keys; i++)
    dss_strings_free(&predictions->keys[i]);
  free(predictions->keys);
  dss_words_free(&predictions->columns);
  dss_strings_free(&predictions->texts);
  dss_strings_free(&predictions->unknown);
  free(predictions->file);
  free(predictions->numbers);
  free(predictions->item);
  free(predictions->line);
  free(predictions->cells);
  free(predictions);
}

/* --- cells ---------------------------------------------------------------------------------- */

uint32_t dss_predictions_cell(const dss_predictions *predictions, size_t row, size_t column) {
  return predictions->cells[row * predictions->columns.count + column];
}

const char *dss_predictions_text(const dss_predictions *predictions, size_t row, size_t column) {
  uint32_t cell = dss_predictions_cell(predictions, row, column);
  return cell == DSS_NO_TEXT ? NULL : predictions->texts.at[cell];
}

dss_place dss_predictions_place(const dss_predictions *predictions, size_t row, size_t column) {
  return (dss_place){predictions->file, predictions->line[row], predictions->numbers[column],
                     predictions->columns.at[column]};
}

dss_status dss_predictions_number(dss_context *context, const dss_predictions *predictions,
                                  size_t row, size_t column, double *value) {
  const char *text = dss_predictions_text(predictions, row, column);
  *value = NAN;
  if (!text || dss_number_parse(text, value)) return DSS_OK;
  return dss_fail_at(context, dss_predictions_place(predictions, row, column), DSS_ERR_DATA,
                     "'%s' is not a finite number", DSS_EXCERPT(text));
}
