/* What an evaluation's file holds, and the writer. */
#include "evaluation_h5.h"

#include "host/core/alloc.h"
#include "host/study/study_h5.h"

#define TEXT(member)                                                                               \
  { #member, offsetof(dss_evaluation_row, member) }
const dss_row_text dss_row_texts[DSS_N_ROW_TEXTS] = {TEXT(question), TEXT(source), TEXT(items),
                                                     TEXT(axis),     TEXT(group),  TEXT(versus),
                                                     TEXT(statistic)};

#define FIELD(member, type)                                                                        \
  { NULL, #member, type, offsetof(dss_evaluation_row, member), 0 }
const dss_result_field dss_row_fields[DSS_N_ROW_FIELDS] = {
    FIELD(raters, FIELD_COUNT), FIELD(n_items, FIELD_COUNT), FIELD(ratings, FIELD_COUNT),
    FIELD(upper, FIELD_FLAG), FIELD(permuted, FIELD_FLAG)};

const char *const dss_group_texts[DSS_N_GROUP_TEXTS] = {"question", "axis", "name"};
const char *const dss_group_counts[DSS_N_GROUP_COUNTS] = {"raters", "n_items", "n_shared"};

/* --- texts of rows ---------------------------------------------------------------------------- */

/* A text, and where it stands: in a row, then among the categories. */
typedef struct entry {
  const char *text;
  size_t row;
} entry;

static int by_text(const void *a, const void *b) {
  const entry *x = a, *y = b;
  int order = strcmp(x->text, y->text);
  return order ? order : (x->row > y->row) - (x->row < y->row);
}

static int by_row(const void *a, const void *b) {
  const entry *x = a, *y = b;
  return (x->row > y->row) - (x->row < y->row);
}

/* The distinct texts of the entries, in the order of their first rows, to the front; how many. */
static size_t keep_distinct(entry *entries, size_t n) {
  size_t distinct = 0;
  qsort(entries, n, sizeof *entries, by_text);
  for (size_t i = 0; i < n; i++)
    if (i == 0 || strcmp(entries[i].text, entries[distinct - 1].text) != 0)
      entries[distinct++] = entries[i];
  qsort(entries, distinct, sizeof *entries, by_row);
  return distinct;
}

/* Entries by text, their rows becoming codes. */
static void number_categories(entry *entries, size_t n, const char **categories) {
  for (size_t i = 0; i < n; i++) {
    categories[i] = entries[i].text;
    entries[i].row = i;
  }
  qsort(entries, n, sizeof *entries, by_text);
}

static int of_text(const void *key, const void *e) {
  return strcmp(key, ((const entry *)e)->text);
}

static dss_status put_categorical(dss_h5 *h5, hid_t folder, const dss_evaluation *e, size_t text,
                                  const dss_h5_dim *row, entry *entries, const char **categories,
                                  int32_t *codes) {
  for (size_t i = 0; i < e->n_rows; i++)
    entries[i] = (entry){*dss_row_text_of(&e->rows[i], text), i};
  size_t n = keep_distinct(entries, e->n_rows);
  if (n > INT32_MAX)
    return dss_fail(h5->context, DSS_ERR_DATA, "%s: too many rows for one file", h5->path);
  number_categories(entries, n, categories);
  for (size_t i = 0; i < e->n_rows; i++) {
    const char *own = *dss_row_text_of(&e->rows[i], text);
    const entry *found = bsearch(own, entries, n, sizeof *entries, of_text);
    codes[i] = (int32_t)found->row;
  }
  const dss_attribute attribute = {dss_row_texts[text].name, (uint32_t)n, categories, codes, false};
  return dss_study_put_attribute(h5, folder, &attribute, row);
}

static dss_status put_texts(dss_h5 *h5, hid_t folder, const dss_evaluation *e,
                            const dss_h5_dim *row) {
  entry *entries = NULL;
  const char **categories = NULL;
  int32_t *codes = NULL;
  dss_status status = DSS_ALLOC(h5->context, &entries, e->n_rows);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &categories, e->n_rows);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &codes, e->n_rows);
  for (size_t text = 0; text < DSS_N_ROW_TEXTS && status == DSS_OK; text++)
    status = put_categorical(h5, folder, e, text, row, entries, categories, codes);
  free(entries);
  free(categories);
  free(codes);
  return status;
}

/* --- rows ------------------------------------------------------------------------------------- */

/* Quantiles lie inside the cells: gathered before they are written. */
static dss_status put_quantiles(dss_h5 *h5, hid_t folder, const dss_evaluation *e,
                                const dss_h5_dim *row) {
  double *buffer;
  dss_h5_dim quantile;
  DSS_TRY(dss_h5_put_numbers_dim(h5, h5->file, "quantile", dss_quantile_levels, DSS_N_QUANTILES,
                                 &quantile));
  size_t n = e->n_rows > SIZE_MAX / DSS_N_QUANTILES ? SIZE_MAX : e->n_rows * DSS_N_QUANTILES;
  DSS_TRY(DSS_ALLOC(h5->context, &buffer, n));
  for (size_t i = 0; i < e->n_rows; i++)
    memcpy(buffer + i * DSS_N_QUANTILES, e->rows[i].cell.quantiles, sizeof e->rows->cell.quantiles);
  const dss_h5_dim dims[] = {*row, quantile};
  dss_status status = dss_h5_put(h5, folder, "quantiles", DSS_H5_F64, 2, dims, buffer, NULL);
  free(buffer);
  return status;
}

static dss_status put_rows(dss_h5 *h5, const dss_evaluation *e) {
  hid_t rows, folders[DSS_N_RESULT_FOLDERS] = {0};
  const dss_cell *cells = e->n_rows > 0 ? &e->rows->cell : NULL;
  dss_h5_dim row;
  DSS_TRY(dss_h5_put_dim(h5, h5->file, "row", e->n_rows, &row));
  DSS_TRY(dss_h5_put_group(h5, h5->file, "rows", &rows));
  DSS_TRY(put_texts(h5, rows, e, &row));
  for (size_t i = 0; i < DSS_N_ROW_FIELDS; i++)
    DSS_TRY(dss_result_put_field(h5, rows, &dss_row_fields[i], e->rows, sizeof *e->rows, e->n_rows,
                                 1, &row));
  for (size_t i = 0; i < DSS_N_EVALUATION_FOLDERS; i++)
    DSS_TRY(dss_h5_put_group(h5, h5->file, dss_result_folders[i], &folders[i]));
  for (size_t i = 0; i < dss_n_cell_fields; i++)
    DSS_TRY(dss_result_put_field(h5, dss_result_folder(&dss_cell_fields[i], h5->file, folders),
                                 &dss_cell_fields[i], cells, sizeof *e->rows, e->n_rows, 1, &row));
  return put_quantiles(h5, folders[DSS_FOLDER_NULL], e, &row);
}

/* --- notes and items -------------------------------------------------------------------------- */

static dss_status put_notes(dss_h5 *h5, const dss_evaluation *e) {
  hid_t folder;
  dss_h5_dim note;
  const char **texts = NULL;
  uint64_t *counts = NULL;
  DSS_TRY(dss_h5_put_group(h5, h5->file, "notes", &folder));
  DSS_TRY(dss_h5_put_dim(h5, folder, "note", e->n_notes, &note));
  dss_status status = DSS_ALLOC(h5->context, &texts, e->n_notes);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &counts, e->n_notes);
  for (size_t i = 0; i < e->n_notes && status == DSS_OK; i++) {
    texts[i] = e->notes[i].what;
    counts[i] = e->notes[i].count;
  }
  if (status == DSS_OK) status = dss_h5_put_texts(h5, folder, "what", 1, &note, texts);
  if (status == DSS_OK)
    status = dss_h5_put(h5, folder, "count", DSS_H5_U64, 1, &note, counts, NULL);
  for (size_t i = 0; i < e->n_notes && status == DSS_OK; i++)
    texts[i] = e->notes[i].names;
  if (status == DSS_OK) status = dss_h5_put_texts(h5, folder, "names", 1, &note, texts);
  free(texts);
  free(counts);
  return status;
}

/* numbers [4][n_items]: buffers for the columns. */
static dss_status put_item_columns(dss_h5 *h5, hid_t folder, const dss_evaluation *e,
                                   const char **texts, uint64_t *rows, double *numbers) {
  size_t n = e->n_items;
  dss_h5_dim item;
  for (size_t i = 0; i < n; i++) {
    texts[i] = e->items[i].item;
    rows[i] = e->items[i].row;
    numbers[i] = e->items[i].share;
    numbers[n + i] = e->items[i].value;
    numbers[2 * n + i] = e->items[i].versus;
  }
  DSS_TRY(dss_h5_put_dim(h5, folder, "item", n, &item));
  DSS_TRY(dss_h5_put(h5, folder, "row", DSS_H5_U64, 1, &item, rows, NULL));
  DSS_TRY(dss_h5_put_texts(h5, folder, "name", 1, &item, texts));
  DSS_TRY(dss_h5_put(h5, folder, "share", DSS_H5_F64, 1, &item, numbers, NULL));
  DSS_TRY(dss_h5_put(h5, folder, "value", DSS_H5_F64, 1, &item, numbers + n, NULL));
  return dss_h5_put(h5, folder, "versus", DSS_H5_F64, 1, &item, numbers + 2 * n, NULL);
}

static dss_status put_items(dss_h5 *h5, const dss_evaluation *e) {
  hid_t folder;
  const char **texts = NULL;
  uint64_t *rows = NULL;
  double *numbers = NULL;
  DSS_TRY(dss_h5_put_group(h5, h5->file, "items", &folder));
  dss_status status = DSS_ALLOC(h5->context, &texts, e->n_items);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &rows, e->n_items);
  if (status == DSS_OK)
    status =
        DSS_ALLOC(h5->context, &numbers, e->n_items > SIZE_MAX / 3 ? SIZE_MAX : 3 * e->n_items);
  if (status == DSS_OK) status = put_item_columns(h5, folder, e, texts, rows, numbers);
  free(texts);
  free(rows);
  free(numbers);
  return status;
}

/* --- groups ----------------------------------------------------------------------------------- */

/* numbers [3][n_groups]: buffers for the columns. */
static dss_status put_group_columns(dss_h5 *h5, hid_t folder, const dss_evaluation *e,
                                    const char **texts, uint64_t *numbers) {
  size_t n = e->n_groups;
  const char **of[] = {texts, texts + n, texts + 2 * n};
  dss_h5_dim group;
  for (size_t i = 0; i < n; i++) {
    of[0][i] = e->groups[i].question;
    of[1][i] = e->groups[i].axis;
    of[2][i] = e->groups[i].group;
    numbers[i] = e->groups[i].raters;
    numbers[n + i] = e->groups[i].n_items;
    numbers[2 * n + i] = e->groups[i].n_shared;
  }
  DSS_TRY(dss_h5_put_dim(h5, folder, "group", n, &group));
  for (size_t k = 0; k < DSS_N_GROUP_TEXTS; k++)
    DSS_TRY(dss_h5_put_texts(h5, folder, dss_group_texts[k], 1, &group, of[k]));
  for (size_t k = 0; k < DSS_N_GROUP_COUNTS; k++)
    DSS_TRY(
        dss_h5_put(h5, folder, dss_group_counts[k], DSS_H5_U64, 1, &group, numbers + k * n, NULL));
  return DSS_OK;
}

static dss_status put_groups(dss_h5 *h5, const dss_evaluation *e) {
  hid_t folder;
  const char **texts = NULL;
  uint64_t *numbers = NULL;
  size_t room = e->n_groups > SIZE_MAX / 3 ? SIZE_MAX : 3 * e->n_groups;
  DSS_TRY(dss_h5_put_group(h5, h5->file, "groups", &folder));
  dss_status status = DSS_ALLOC(h5->context, &texts, room);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &numbers, room);
  if (status == DSS_OK) status = put_group_columns(h5, folder, e, texts, numbers);
  free(texts);
  free(numbers);
  return status;
}

/* --- the whole -------------------------------------------------------------------------------- */

static dss_status put_evaluation(dss_h5 *h5, const dss_evaluation *e) {
  DSS_TRY(dss_h5_put_text_attribute(h5, h5->file, DSS_EVALUATION_OF,
                                    dss_evaluation_kind_name(e->kind)));
  for (size_t k = 0; k < DSS_N_EVALUATION_KEYS; k++)
    DSS_TRY(dss_h5_put_text_attribute(h5, h5->file, dss_evaluation_provenance_key(k),
                                      e->keys[k] ? e->keys[k] : ""));
  DSS_TRY(put_rows(h5, e));
  DSS_TRY(put_notes(h5, e));
  DSS_TRY(put_items(h5, e));
  return put_groups(h5, e);
}

dss_status dss_evaluation_save(dss_context *context, const dss_evaluation *evaluation,
                               const char *path, bool overwrite) {
  dss_h5 h5;
  DSS_TRY(dss_h5_create(context, path, DSS_EVALUATION_KIND, DSS_EVALUATION_FORMAT, &h5));
  dss_status status = put_evaluation(&h5, evaluation);
  if (status == DSS_OK) status = dss_h5_store(&h5, overwrite);
  dss_h5_close(&h5);
  return status;
}
