/* The CSV layouts: a row a rating, or a row a rater; and the tables joined to them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "import_csv.h"
#include "import_importer.h"
#include "import_input.h"

/* --- joined tables ---------------------------------------------------------------------------- */

static bool is_asked_for(const dss_joined_table *table, const char *name) {
  for (size_t i = 0; i < table->n_names; i++)
    if (strcmp(table->names[i], name) == 0) return true;
  return table->n_names == 0 && *name;
}

static dss_status choose_columns(dss_importer *importer, const dss_csv *csv, size_t key,
                                 dss_joined_table *table) {
  const dss_words *names = dss_csv_names(csv);
  for (size_t column = 0; column < names->count; column++) {
    const char *name = names->at[column];
    DSS_TRY(dss_words_add(importer->context, &table->columns, name, strlen(name)));
    if (column != key && is_asked_for(table, name))
      DSS_TRY(dss_entities_add_attribute(importer->context, &table->rows, name, dss_csv_file(csv),
                                         column));
  }
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
  return dss_entities_read(importer->context, entities, text, length, dss_csv_place(csv, column),
                           missing, id);
}

static dss_status read_table_rows(dss_importer *importer, dss_csv *csv, dss_joined_table *table) {
  size_t key;
  DSS_TRY(dss_csv_column(importer->context, csv, table->key, &key));
  DSS_TRY(choose_columns(importer, csv, key, table));
  uint64_t rows = 0, dropped = 0;
  for (bool more = true;;) {
    DSS_TRY(dss_csv_next(importer->context, csv, &more));
    if (!more) break;
    rows++;
    bool missing;
    uint32_t id;
    DSS_TRY(read_name(importer, csv, &table->rows, key, &missing, &id));
    if (missing)
      dropped++;
    else
      DSS_TRY(set_attributes(importer, csv, &table->rows, id));
  }
  char sha256[65];
  DSS_TRY(dss_csv_digest(importer->context, csv, sha256));
  dss_import_log_table(importer, table, sha256, rows, dropped);
  return DSS_OK;
}

static dss_status read_table(dss_importer *importer, dss_joined_table *table) {
  if (!table->path) return DSS_OK;
  dss_csv *csv;
  DSS_TRY(dss_csv_open(importer->context, table->path, &csv));
  dss_status status = read_table_rows(importer, csv, table);
  dss_csv_free(csv);
  return status;
}

static dss_status read_tables(dss_importer *importer) {
  DSS_TRY(read_table(importer, &importer->rater_table));
  return read_table(importer, &importer->item_table);
}

/* --- the main table's header --------------------------------------------------------------------
 */

static dss_status fail_in_neither(dss_importer *importer, const dss_csv *csv,
                                  const dss_joined_table *table, const char *name) {
  DSS_TRY(dss_csv_check_commas(importer->context, csv));
  char here[200], there[200];
  dss_words_list(dss_csv_names(csv), here, sizeof here);
  dss_words_list(&table->columns, there, sizeof there);
  return dss_fail_at(importer->context, (dss_place){dss_csv_file(csv), 1, 0, NULL}, DSS_ERR_DATA,
                     "no column is named '%s', neither here nor in %s; here are: %s; there: %s",
                     DSS_EXCERPT(name), DSS_EXCERPT(dss_file_name(dss_input_name(table->path))),
                     here, there);
}

/* An attribute asked for that the joined table does not have must be in the main one. */
static dss_status find_attribute(dss_importer *importer, const dss_csv *csv,
                                 const dss_joined_table *table, const char *name,
                                 dss_entities *entities) {
  bool in_table = dss_entities_find_attribute(&table->rows, name) != SIZE_MAX;
  size_t column = dss_words_find(dss_csv_names(csv), name);
  if (in_table && column != SIZE_MAX)
    return dss_fail_at(importer->context, dss_csv_place(csv, column), DSS_ERR_DATA,
                       "%s has a column of this name too; one source for it was expected",
                       dss_input_name(table->path));
  if (in_table) return DSS_OK;
  if (column == SIZE_MAX && table->path) return fail_in_neither(importer, csv, table, name);
  DSS_TRY(dss_csv_column(importer->context, csv, name, &column));
  return dss_entities_add_attribute(importer->context, entities, name, dss_csv_file(csv), column);
}

static dss_status find_attributes(dss_importer *importer, const dss_csv *csv,
                                  const dss_joined_table *table, dss_entities *entities) {
  for (size_t i = 0; i < table->n_names; i++)
    DSS_TRY(find_attribute(importer, csv, table, table->names[i], entities));
  return DSS_OK;
}

static dss_status fail_no_rows(dss_importer *importer, const dss_csv *csv) {
  return dss_fail_at(importer->context, (dss_place){dss_csv_file(csv), dss_csv_line(csv), 0, NULL},
                     DSS_ERR_DATA, "there is a header but no row after it");
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
  DSS_TRY(find_attributes(importer, reader->csv, &importer->rater_table, &importer->raters));
  return find_attributes(importer, reader->csv, &importer->item_table, &importer->items);
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

static void log_long(dss_importer *importer, const long_reader *reader) {
  dss_import_log *log = &importer->log;
  dss_log_count(log, log->root, "rows", reader->rows);
  dss_log_count(log, log->root, "rows_without_rater", reader->no_rater);
  dss_log_count(log, log->root, "rows_without_item", reader->no_item);
  dss_info(importer->context,
           "%llu row%s read; dropped: %llu without a rater, %llu without an item",
           (unsigned long long)reader->rows, DSS_PLURAL(reader->rows),
           (unsigned long long)reader->no_rater, (unsigned long long)reader->no_item);
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
  log_long(importer, reader);
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
  uint64_t ratings_lost; /* in rows without a rater */
} wide_reader;

static bool is_attribute_column(const dss_entities *entities, size_t column) {
  for (size_t a = 0; a < entities->n_attributes; a++)
    if (entities->attributes[a].column == column) return true;
  return false;
}

/* All columns of the main table are taken, so items' attributes are in the joined one. */
static dss_status check_item_attributes(dss_importer *importer) {
  const dss_joined_table *table = &importer->item_table;
  for (size_t i = 0; i < table->n_names; i++) {
    if (dss_entities_find_attribute(&table->rows, table->names[i]) != SIZE_MAX) continue;
    char known[320];
    dss_words_list(&table->columns, known, sizeof known);
    return dss_fail_at(importer->context, (dss_place){dss_input_name(table->path), 1, 0, NULL},
                       DSS_ERR_DATA, "no column with an attribute is named '%s'; there are: %s",
                       DSS_EXCERPT(table->names[i]), known);
  }
  return DSS_OK;
}

static dss_status find_wide_columns(dss_importer *importer, wide_reader *reader) {
  const char *rater = importer->spec.options->rater;
  reader->rater = SIZE_MAX;
  if (rater) DSS_TRY(dss_csv_column(importer->context, reader->csv, rater, &reader->rater));
  DSS_TRY(find_attributes(importer, reader->csv, &importer->rater_table, &importer->raters));
  DSS_TRY(check_item_attributes(importer));
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

static uint64_t count_ratings(const dss_importer *importer, const dss_csv *csv) {
  uint64_t ratings = 0;
  for (uint32_t item = 0; item < importer->items.ids.count; item++) {
    size_t length;
    const char *text = dss_csv_field(csv, importer->item_columns[item], &length);
    ratings += !dss_rating_is_missing(&importer->spec, text);
  }
  return ratings;
}

static dss_status read_wide_row(dss_importer *importer, wide_reader *reader) {
  bool missing;
  uint32_t rater;
  reader->rows++;
  DSS_TRY(read_wide_rater(importer, reader, &missing, &rater));
  if (missing) {
    reader->no_rater++;
    reader->ratings_lost += count_ratings(importer, reader->csv);
    return DSS_OK;
  }
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

static void log_wide(dss_importer *importer, const wide_reader *reader) {
  dss_import_log *log = &importer->log;
  const dss_strings *items = &importer->items.ids;
  const char *first = items->at[0], *last = items->at[items->count - 1];
  dss_log_count(log, log->root, "rows", reader->rows);
  dss_log_count(log, log->root, "rows_without_rater", reader->no_rater);
  dss_log_count(log, log->root, "ratings_without_rater", reader->ratings_lost);
  json_t *columns = dss_log_object(log, log->root, "item_columns");
  dss_log_count(log, columns, "count", items->count);
  dss_log_text(log, columns, "first", first);
  dss_log_text(log, columns, "last", last);
  dss_info(importer->context, "%llu row%s read; dropped: %llu without a rater (%llu rating%s)",
           (unsigned long long)reader->rows, DSS_PLURAL(reader->rows),
           (unsigned long long)reader->no_rater, (unsigned long long)reader->ratings_lost,
           DSS_PLURAL(reader->ratings_lost));
  dss_info(importer->context, "%lu column%s taken as item%s: '%s' to '%s'",
           (unsigned long)items->count, DSS_PLURAL(items->count), DSS_PLURAL(items->count),
           DSS_EXCERPT(first), DSS_EXCERPT(last));
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
  log_wide(importer, reader);
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
