/* The CSV layouts: a row a rating, or a row a rater; and the tables joined to them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "import_csv.h"
#include "import_importer.h"

/* --- joined tables ---------------------------------------------------------------------------- */

typedef struct table_request {
  const char *path;
  const char *key;
  const char *const *names; /* attributes asked for; none: all columns but the key */
  size_t n_names;
  const char *log_name;
} table_request;

static bool is_asked_for(const table_request *request, const char *name) {
  for (size_t i = 0; i < request->n_names; i++)
    if (strcmp(request->names[i], name) == 0) return true;
  return request->n_names == 0 && *name;
}

static dss_status choose_columns(dss_importer *importer, const table_request *request,
                                 const dss_csv *csv, size_t key, dss_entities *table) {
  const dss_words *names = dss_csv_names(csv);
  for (size_t column = 0; column < names->count; column++)
    if (column != key && is_asked_for(request, names->at[column]))
      DSS_TRY(dss_entities_add_attribute(importer->context, table, names->at[column], request->path,
                                         column));
  return DSS_OK;
}

static dss_status set_attributes(dss_importer *importer, const dss_csv *csv, dss_entities *entities,
                                 uint32_t id) {
  for (size_t a = 0; a < entities->n_attributes; a++) {
    size_t column = entities->attributes[a].column;
    size_t length;
    const char *text = dss_csv_field(csv, column, &length);
    DSS_TRY(dss_entities_set(importer->context, entities, &importer->spec, a, id, text, length,
                             dss_csv_place(csv, column)));
  }
  return DSS_OK;
}

static dss_status read_name(dss_importer *importer, const dss_csv *csv, dss_entities *entities,
                            size_t column, bool *missing, uint32_t *id) {
  size_t length;
  const char *text = dss_csv_field(csv, column, &length);
  return dss_entities_read(importer->context, entities, &importer->spec, text, length,
                           dss_csv_place(csv, column), missing, id);
}

static dss_status read_table_rows(dss_importer *importer, const table_request *request,
                                  dss_csv *csv, dss_entities *table) {
  size_t key;
  DSS_TRY(dss_csv_column(importer->context, csv, request->key, &key));
  DSS_TRY(choose_columns(importer, request, csv, key, table));
  uint64_t rows = 0, dropped = 0;
  for (bool more = true;;) {
    DSS_TRY(dss_csv_next(importer->context, csv, &more));
    if (!more) break;
    rows++;
    bool missing;
    uint32_t id;
    DSS_TRY(read_name(importer, csv, table, key, &missing, &id));
    if (missing)
      dropped++;
    else
      DSS_TRY(set_attributes(importer, csv, table, id));
  }
  json_t *log = dss_log_object(&importer->log, importer->log.root, request->log_name);
  dss_log_count(&importer->log, log, "rows", rows);
  dss_log_count(&importer->log, log, "rows_without_key", dropped);
  return DSS_OK;
}

static dss_status read_table(dss_importer *importer, const table_request *request,
                             dss_entities *table) {
  if (!request->path) return DSS_OK;
  dss_csv *csv;
  DSS_TRY(dss_csv_open(importer->context, request->path, &csv));
  dss_status status = read_table_rows(importer, request, csv, table);
  dss_csv_free(csv);
  return status;
}

static dss_status read_tables(dss_importer *importer) {
  const dss_import_options *o = importer->spec.options;
  const table_request raters = {o->raters_path, importer->spec.rater_key, o->rater_attributes,
                                o->n_rater_attributes, "raters_table"};
  const table_request items = {o->items_path, importer->spec.item_key, o->item_attributes,
                               o->n_item_attributes, "items_table"};
  DSS_TRY(read_table(importer, &raters, &importer->rater_table));
  return read_table(importer, &items, &importer->item_table);
}

/* --- the main table's header --------------------------------------------------------------------
 */

/* The named attributes that the joined table does not have must be in the main one. */
static dss_status find_attributes(dss_importer *importer, const dss_csv *csv,
                                  const dss_entities *table, const char *table_path,
                                  const char *const *names, size_t n_names,
                                  dss_entities *entities) {
  for (size_t i = 0; i < n_names; i++) {
    bool in_table = dss_entities_find_attribute(table, names[i]) != SIZE_MAX;
    size_t column = dss_words_find(dss_csv_names(csv), names[i]);
    if (in_table && column != SIZE_MAX)
      return dss_fail_at(importer->context, dss_csv_place(csv, column), DSS_ERR_DATA,
                         "%s has a column of this name too; one source for it was expected",
                         table_path);
    if (in_table) continue;
    DSS_TRY(dss_csv_column(importer->context, csv, names[i], &column));
    DSS_TRY(dss_entities_add_attribute(importer->context, entities, names[i], dss_csv_file(csv),
                                       column));
  }
  return DSS_OK;
}

static dss_status find_rater_attributes(dss_importer *importer, const dss_csv *csv) {
  const dss_import_options *o = importer->spec.options;
  return find_attributes(importer, csv, &importer->rater_table, o->raters_path, o->rater_attributes,
                         o->n_rater_attributes, &importer->raters);
}

static dss_status fail_no_rows(dss_importer *importer, const dss_csv *csv) {
  return dss_fail_at(importer->context, (dss_place){dss_csv_file(csv), dss_csv_line(csv), 0, NULL},
                     DSS_ERR_DATA, "there is a header but no row after it");
}

static void log_rows(dss_importer *importer, uint64_t rows, uint64_t no_rater, uint64_t no_item) {
  dss_import_log *log = &importer->log;
  dss_log_count(log, log->root, "rows", rows);
  dss_log_count(log, log->root, "rows_without_rater", no_rater);
  dss_log_count(log, log->root, "rows_without_item", no_item);
  dss_info(importer->context, "%llu rows read; dropped: %llu without a rater, %llu without an item",
           (unsigned long long)rows, (unsigned long long)no_rater, (unsigned long long)no_item);
}

/* --- long layout ---------------------------------------------------------------------------------
 */

typedef struct long_reader {
  dss_csv *csv;
  size_t rater, item;
  uint16_t *codes; /* [n_questions] of the row */
  uint64_t rows, no_rater, no_item;
} long_reader;

static dss_status find_long_columns(dss_importer *importer, long_reader *reader) {
  const dss_import_options *o = importer->spec.options;
  dss_context *context = importer->context;
  DSS_TRY(dss_csv_column(context, reader->csv, o->rater, &reader->rater));
  DSS_TRY(dss_csv_column(context, reader->csv, o->item, &reader->item));
  for (size_t q = 0; q < importer->spec.n_questions; q++)
    DSS_TRY(dss_csv_column(context, reader->csv, importer->spec.questions[q].name,
                           &importer->levels[q].column));
  DSS_TRY(find_rater_attributes(importer, reader->csv));
  return find_attributes(importer, reader->csv, &importer->item_table, o->items_path,
                         o->item_attributes, o->n_item_attributes, &importer->items);
}

static dss_status read_ratings(dss_importer *importer, const long_reader *reader, bool *any) {
  *any = false;
  for (size_t q = 0; q < importer->spec.n_questions; q++) {
    size_t column = importer->levels[q].column;
    size_t length;
    const char *text = dss_csv_field(reader->csv, column, &length);
    DSS_TRY(dss_levels_code(importer->context, &importer->levels[q], &importer->spec, text, length,
                            dss_csv_place(reader->csv, column), &reader->codes[q]));
    *any = *any || reader->codes[q] != DSS_NO_RATING;
  }
  return DSS_OK;
}

static dss_status read_long_row(dss_importer *importer, long_reader *reader) {
  bool missing;
  uint32_t rater, item;
  reader->rows++;
  DSS_TRY(read_name(importer, reader->csv, &importer->raters, reader->rater, &missing, &rater));
  reader->no_rater += missing;
  if (missing) return DSS_OK;
  DSS_TRY(read_name(importer, reader->csv, &importer->items, reader->item, &missing, &item));
  reader->no_item += missing;
  if (missing) return DSS_OK;
  DSS_TRY(set_attributes(importer, reader->csv, &importer->raters, rater));
  DSS_TRY(set_attributes(importer, reader->csv, &importer->items, item));
  bool any;
  DSS_TRY(read_ratings(importer, reader, &any));
  if (!any) return DSS_OK;
  return dss_records_add(importer->context, &importer->records, rater, item,
                         dss_csv_line(reader->csv), reader->codes);
}

/* Every row naming one item is what happens when --item names the wrong column. */
static dss_status check_items(dss_importer *importer, const long_reader *reader) {
  uint64_t used = reader->rows - reader->no_rater - reader->no_item;
  dss_place place = dss_csv_place(reader->csv, reader->item);
  place.line = 0;
  if (used == 0)
    return dss_fail_at(importer->context, place, DSS_ERR_DATA,
                       "no row has both a rater and an item");
  if (used > 1 && importer->items.ids.count == 1)
    return dss_fail_at(
        importer->context, place, DSS_ERR_DATA,
        "every row has the item '%s'; the column that tells items apart was expected",
        DSS_EXCERPT(importer->items.ids.at[0]));
  return DSS_OK;
}

static dss_status read_long(dss_importer *importer, long_reader *reader) {
  DSS_TRY(find_long_columns(importer, reader));
  DSS_TRY(dss_import_check_bins(importer));
  DSS_TRY(DSS_ALLOC(importer->context, &reader->codes, importer->spec.n_questions));
  for (bool more = true;;) {
    DSS_TRY(dss_csv_next(importer->context, reader->csv, &more));
    if (!more) break;
    DSS_TRY(read_long_row(importer, reader));
  }
  if (reader->rows == 0) return fail_no_rows(importer, reader->csv);
  DSS_TRY(check_items(importer, reader));
  log_rows(importer, reader->rows, reader->no_rater, reader->no_item);
  return dss_csv_digest(importer->context, reader->csv, importer->sha256);
}

dss_status dss_import_read_long(dss_importer *importer) {
  DSS_TRY(read_tables(importer));
  long_reader reader = {0};
  DSS_TRY(dss_csv_open(importer->context, importer->spec.options->input, &reader.csv));
  dss_status status = read_long(importer, &reader);
  free(reader.codes);
  dss_csv_free(reader.csv);
  return status;
}

/* --- wide layout
 * ----------------------------------------------------------------------------------- */

typedef struct wide_reader {
  dss_csv *csv;
  size_t rater; /* SIZE_MAX: raters are numbered */
  uint64_t rows, no_rater;
} wide_reader;

static bool is_attribute_column(const dss_entities *entities, size_t column) {
  for (size_t a = 0; a < entities->n_attributes; a++)
    if (entities->attributes[a].column == column) return true;
  return false;
}

static dss_status find_wide_columns(dss_importer *importer, wide_reader *reader) {
  const char *rater = importer->spec.options->rater;
  reader->rater = SIZE_MAX;
  if (rater) DSS_TRY(dss_csv_column(importer->context, reader->csv, rater, &reader->rater));
  DSS_TRY(find_rater_attributes(importer, reader->csv));
  const dss_words *names = dss_csv_names(reader->csv);
  DSS_TRY(DSS_ALLOC(importer->context, &importer->item_columns, names->count));
  for (size_t column = 0; column < names->count; column++) {
    if (column == reader->rater || is_attribute_column(&importer->raters, column)) continue;
    dss_place place = dss_csv_place(reader->csv, column);
    if (!*names->at[column])
      return dss_fail_at(importer->context, place, DSS_ERR_DATA,
                         "a column without a name would be an item; a name was expected");
    uint32_t item;
    DSS_TRY(dss_entities_add(importer->context, &importer->items, names->at[column],
                             strlen(names->at[column]), place, &item));
    importer->item_columns[item] = column;
  }
  if (importer->items.ids.count == 0)
    return dss_fail_at(importer->context, dss_csv_place(reader->csv, 0), DSS_ERR_DATA,
                       "no column is left for an item");
  return DSS_OK;
}

static dss_status read_wide_rater(dss_importer *importer, wide_reader *reader, bool *missing,
                                  uint32_t *rater) {
  if (reader->rater != SIZE_MAX)
    return read_name(importer, reader->csv, &importer->raters, reader->rater, missing, rater);
  char number[24];
  int length = snprintf(number, sizeof number, "%llu", (unsigned long long)reader->rows);
  *missing = false;
  return dss_entities_add(importer->context, &importer->raters, number, (size_t)length,
                          dss_csv_place(reader->csv, 0), rater);
}

static dss_status read_wide_row(dss_importer *importer, wide_reader *reader) {
  bool missing;
  uint32_t rater;
  reader->rows++;
  DSS_TRY(read_wide_rater(importer, reader, &missing, &rater));
  reader->no_rater += missing;
  if (missing) return DSS_OK;
  DSS_TRY(set_attributes(importer, reader->csv, &importer->raters, rater));
  for (uint32_t item = 0; item < importer->items.ids.count; item++) {
    size_t column = importer->item_columns[item];
    size_t length;
    const char *text = dss_csv_field(reader->csv, column, &length);
    uint16_t code;
    DSS_TRY(dss_levels_code(importer->context, &importer->levels[0], &importer->spec, text, length,
                            dss_csv_place(reader->csv, column), &code));
    if (code != DSS_NO_RATING)
      DSS_TRY(dss_records_add(importer->context, &importer->records, rater, item,
                              dss_csv_line(reader->csv), &code));
  }
  return DSS_OK;
}

static dss_status read_wide(dss_importer *importer, wide_reader *reader) {
  DSS_TRY(find_wide_columns(importer, reader));
  DSS_TRY(dss_import_check_bins(importer));
  for (bool more = true;;) {
    DSS_TRY(dss_csv_next(importer->context, reader->csv, &more));
    if (!more) break;
    DSS_TRY(read_wide_row(importer, reader));
  }
  if (reader->rows == 0) return fail_no_rows(importer, reader->csv);
  if (importer->raters.ids.count == 0)
    return dss_fail_at(importer->context, dss_csv_place(reader->csv, reader->rater), DSS_ERR_DATA,
                       "no row names its rater");
  log_rows(importer, reader->rows, reader->no_rater, 0);
  return dss_csv_digest(importer->context, reader->csv, importer->sha256);
}

dss_status dss_import_read_wide(dss_importer *importer) {
  DSS_TRY(read_tables(importer));
  wide_reader reader = {0};
  DSS_TRY(dss_csv_open(importer->context, importer->spec.options->input, &reader.csv));
  dss_status status = read_wide(importer, &reader);
  dss_csv_free(reader.csv);
  return status;
}
