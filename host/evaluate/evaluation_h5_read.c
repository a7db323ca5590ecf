/* An evaluation from an HDF5 file. The number of rows comes from the estimates, which nobody can
 * claim without storing them; everything else must have it. */
#include "evaluation_h5.h"

#include <limits.h>

#include "host/core/alloc.h"
#include "host/study/study_h5.h"

/* Texts of a dataset or folder, which must be UTF-8. The evaluation has their memory from here on;
 * texts keeps its pointers. */
static dss_status own_texts(const dss_h5 *h5, hid_t folder, const char *name, dss_evaluation *e,
                            dss_texts *texts) {
  for (size_t i = 0; i < texts->count; i++)
    if (!dss_text_is_utf8(texts->items[i]))
      return dss_h5_refuse(h5, folder, name, "text %zu is not UTF-8", i);
  DSS_TRY(DSS_GROW(h5->context, &e->texts, &e->texts_room, e->n_texts + 1));
  e->texts[e->n_texts++] = texts->block;
  texts->block = NULL;
  return DSS_OK;
}

/* --- rows ------------------------------------------------------------------------------------- */

static dss_status name_rows(const dss_h5 *h5, hid_t folder, size_t text, const int32_t *codes,
                            dss_texts *categories, dss_evaluation *e) {
  const char *name = dss_row_texts[text].name;
  DSS_TRY(own_texts(h5, folder, name, e, categories));
  for (size_t i = 0; i < e->n_rows; i++) {
    if (codes[i] < 0 || (size_t)codes[i] >= categories->count)
      return dss_h5_refuse(h5, folder, name, "row %zu has code %ld of %zu categories", i,
                           (long)codes[i], categories->count);
    *dss_row_text_of(&e->rows[i], text) = categories->items[codes[i]];
  }
  return DSS_OK;
}

static dss_status get_text(const dss_h5 *h5, hid_t folder, size_t text, dss_evaluation *e) {
  bool ordered;
  int32_t *codes;
  dss_texts categories;
  dss_status status = dss_study_get_attribute(h5, folder, dss_row_texts[text].name, e->n_rows,
                                              &ordered, &codes, &categories);
  if (status == DSS_OK) status = name_rows(h5, folder, text, codes, &categories, e);
  free(codes);
  dss_texts_free(&categories);
  return status;
}

static dss_status get_quantiles(const dss_h5 *h5, hid_t folder, dss_evaluation *e) {
  const hsize_t sizes[] = {e->n_rows, DSS_N_QUANTILES};
  double *buffer = NULL;
  DSS_TRY(dss_h5_get(h5, folder, "quantiles", DSS_H5_F64, 2, sizes, &buffer));
  for (size_t i = 0; i < e->n_rows; i++)
    memcpy(e->rows[i].cell.quantiles, buffer + i * DSS_N_QUANTILES, sizeof e->rows->cell.quantiles);
  free(buffer);
  return DSS_OK;
}

static dss_status get_cells(const dss_h5 *h5, dss_evaluation *e) {
  hid_t folders[DSS_N_RESULT_FOLDERS] = {0};
  const hsize_t n = e->n_rows;
  void *cells = (char *)e->rows + offsetof(dss_evaluation_row, cell);
  for (size_t i = 0; i < DSS_N_EVALUATION_FOLDERS; i++)
    DSS_TRY(dss_h5_get_group(h5, h5->file, dss_result_folders[i], &folders[i]));
  for (size_t i = 0; i < dss_n_cell_fields; i++)
    DSS_TRY(dss_result_get_field(h5, dss_result_folder(&dss_cell_fields[i], h5->file, folders),
                                 &dss_cell_fields[i], 1, &n, cells, sizeof *e->rows, e->n_rows));
  return get_quantiles(h5, folders[DSS_FOLDER_NULL], e);
}

static dss_status get_rows(const dss_h5 *h5, dss_evaluation *e) {
  hid_t folder;
  hsize_t n = 0;
  double *observed = NULL; /* that they are there, before their number is believed */
  DSS_TRY(dss_h5_get_sizes(h5, h5->file, "observed", 1, &n));
  DSS_TRY(dss_h5_get(h5, h5->file, "observed", DSS_H5_F64, 1, &n, &observed));
  free(observed);
  DSS_TRY(DSS_ALLOC(h5->context, &e->rows, (size_t)n));
  e->n_rows = (size_t)n;
  DSS_TRY(dss_h5_get_group(h5, h5->file, "rows", &folder));
  for (size_t text = 0; text < DSS_N_ROW_TEXTS; text++)
    DSS_TRY(get_text(h5, folder, text, e));
  for (size_t i = 0; i < DSS_N_ROW_FIELDS; i++)
    DSS_TRY(dss_result_get_field(h5, folder, &dss_row_fields[i], 1, &n, e->rows, sizeof *e->rows,
                                 e->n_rows));
  return get_cells(h5, e);
}

/* --- notes and items -------------------------------------------------------------------------- */

static dss_status fill_notes(const dss_h5 *h5, hid_t folder, dss_evaluation *e, hsize_t n,
                             dss_texts *what, dss_texts *names, const uint64_t *counts) {
  DSS_TRY(own_texts(h5, folder, "what", e, what));
  DSS_TRY(own_texts(h5, folder, "names", e, names));
  DSS_TRY(DSS_ALLOC(h5->context, &e->notes, (size_t)n));
  e->n_notes = (size_t)n;
  for (size_t i = 0; i < e->n_notes; i++)
    e->notes[i] = (dss_evaluation_note){what->items[i], counts[i], names->items[i]};
  return DSS_OK;
}

static dss_status get_notes(const dss_h5 *h5, dss_evaluation *e) {
  hid_t folder;
  hsize_t n = 0;
  dss_texts what = {0}, names = {0};
  uint64_t *counts = NULL;
  DSS_TRY(dss_h5_get_group(h5, h5->file, "notes", &folder));
  DSS_TRY(dss_h5_get_sizes(h5, folder, "count", 1, &n));
  dss_status status = dss_h5_get(h5, folder, "count", DSS_H5_U64, 1, &n, &counts);
  if (status == DSS_OK) status = dss_h5_get_texts(h5, folder, "what", 1, &n, &what);
  if (status == DSS_OK) status = dss_h5_get_texts(h5, folder, "names", 1, &n, &names);
  if (status == DSS_OK) status = fill_notes(h5, folder, e, n, &what, &names, counts);
  dss_texts_free(&what);
  dss_texts_free(&names);
  free(counts);
  return status;
}

/* What is read of the items, column by column. */
typedef struct item_columns {
  hsize_t n;
  uint64_t *rows;
  double *share, *value, *versus;
  dss_texts names;
} item_columns;

static dss_status get_columns(const dss_h5 *h5, hid_t folder, item_columns *c) {
  DSS_TRY(dss_h5_get_sizes(h5, folder, "row", 1, &c->n));
  DSS_TRY(dss_h5_get(h5, folder, "row", DSS_H5_U64, 1, &c->n, &c->rows));
  DSS_TRY(dss_h5_get(h5, folder, "share", DSS_H5_F64, 1, &c->n, &c->share));
  DSS_TRY(dss_h5_get(h5, folder, "value", DSS_H5_F64, 1, &c->n, &c->value));
  DSS_TRY(dss_h5_get(h5, folder, "versus", DSS_H5_F64, 1, &c->n, &c->versus));
  return dss_h5_get_texts(h5, folder, "name", 1, &c->n, &c->names);
}

static dss_status fill_items(const dss_h5 *h5, hid_t folder, item_columns *c, dss_evaluation *e) {
  DSS_TRY(own_texts(h5, folder, "name", e, &c->names));
  DSS_TRY(DSS_ALLOC(h5->context, &e->items, (size_t)c->n));
  e->n_items = (size_t)c->n;
  for (size_t i = 0; i < e->n_items; i++) {
    if (c->rows[i] >= e->n_rows)
      return dss_h5_refuse(h5, folder, "row", "item %zu stands behind row %llu of %zu", i,
                           (unsigned long long)c->rows[i], e->n_rows);
    e->items[i] = (dss_evaluation_item){(size_t)c->rows[i], c->names.items[i], c->share[i],
                                        c->value[i], c->versus[i]};
  }
  return DSS_OK;
}

static dss_status get_items(const dss_h5 *h5, dss_evaluation *e) {
  hid_t folder;
  item_columns c = {0};
  DSS_TRY(dss_h5_get_group(h5, h5->file, "items", &folder));
  dss_status status = get_columns(h5, folder, &c);
  if (status == DSS_OK) status = fill_items(h5, folder, &c, e);
  free(c.rows);
  free(c.share);
  free(c.value);
  free(c.versus);
  dss_texts_free(&c.names);
  return status;
}

/* --- groups ----------------------------------------------------------------------------------- */

static dss_status fill_groups(const dss_h5 *h5, hid_t folder, hsize_t n, dss_texts *texts,
                              uint64_t *const *counts, dss_evaluation *e) {
  for (size_t k = 0; k < DSS_N_GROUP_TEXTS; k++)
    DSS_TRY(own_texts(h5, folder, dss_group_texts[k], e, &texts[k]));
  DSS_TRY(DSS_ALLOC(h5->context, &e->groups, (size_t)n));
  e->n_groups = (size_t)n;
  for (size_t i = 0; i < e->n_groups; i++) {
    if (counts[2][i] > counts[1][i])
      return dss_h5_refuse(h5, folder, dss_group_counts[2],
                           "group %zu shares more items than it has", i);
    e->groups[i] = (dss_evaluation_group){texts[0].items[i], texts[1].items[i], texts[2].items[i],
                                          counts[0][i],      counts[1][i],      counts[2][i]};
  }
  return DSS_OK;
}

static dss_status get_groups(const dss_h5 *h5, dss_evaluation *e) {
  hid_t folder;
  hsize_t n = 0;
  dss_texts texts[DSS_N_GROUP_TEXTS] = {{0}};
  uint64_t *counts[DSS_N_GROUP_COUNTS] = {0};
  unsigned minor;
  DSS_TRY(dss_result_get_minor(h5, "format", &minor));
  if (minor < 1) return DSS_OK;
  DSS_TRY(dss_h5_get_group(h5, h5->file, "groups", &folder));
  DSS_TRY(dss_h5_get_sizes(h5, folder, dss_group_counts[0], 1, &n));
  dss_status status = DSS_OK;
  for (size_t k = 0; k < DSS_N_GROUP_COUNTS && status == DSS_OK; k++)
    status = dss_h5_get(h5, folder, dss_group_counts[k], DSS_H5_U64, 1, &n, &counts[k]);
  for (size_t k = 0; k < DSS_N_GROUP_TEXTS && status == DSS_OK; k++)
    status = dss_h5_get_texts(h5, folder, dss_group_texts[k], 1, &n, &texts[k]);
  if (status == DSS_OK) status = fill_groups(h5, folder, n, texts, counts, e);
  for (size_t k = 0; k < DSS_N_GROUP_TEXTS; k++)
    dss_texts_free(&texts[k]);
  for (size_t k = 0; k < DSS_N_GROUP_COUNTS; k++)
    free(counts[k]);
  return status;
}

/* --- the whole -------------------------------------------------------------------------------- */

static dss_status get_kind(const dss_h5 *h5, dss_evaluation_kind *kind) {
  dss_texts name;
  DSS_TRY(dss_h5_get_text_attribute(h5, h5->file, DSS_EVALUATION_OF, true, &name));
  dss_status status = DSS_OK;
  unsigned found = 0;
  while (found < DSS_N_EVALUATION_KINDS &&
         strcmp(dss_evaluation_kind_name((dss_evaluation_kind)found), name.items[0]) != 0)
    found++;
  if (found == DSS_N_EVALUATION_KINDS)
    status = dss_h5_refuse(h5, h5->file, NULL,
                           "attribute " DSS_EVALUATION_OF
                           " is '%.40s', which is not known to this version",
                           name.items[0]);
  *kind = (dss_evaluation_kind)found;
  dss_texts_free(&name);
  return status;
}

static dss_status get_provenance(const dss_h5 *h5, dss_evaluation *e) {
  for (size_t k = 0; k < DSS_N_EVALUATION_KEYS; k++) {
    dss_texts text;
    const char *key = dss_evaluation_provenance_key(k);
    DSS_TRY(dss_h5_get_text_attribute(h5, h5->file, key, false, &text));
    dss_status status = dss_evaluation_set(h5->context, e, key, text.items[0]);
    dss_texts_free(&text);
    DSS_TRY(status);
  }
  return DSS_OK;
}

static dss_status get_evaluation(const dss_h5 *h5, dss_evaluation **evaluation) {
  dss_evaluation_kind kind;
  dss_evaluation *made;
  DSS_TRY(get_kind(h5, &kind));
  DSS_TRY(dss_evaluation_new(h5->context, kind, &made));
  dss_status status = get_provenance(h5, made);
  if (status == DSS_OK) status = get_rows(h5, made);
  if (status == DSS_OK) status = get_notes(h5, made);
  if (status == DSS_OK) status = get_items(h5, made);
  if (status == DSS_OK) status = get_groups(h5, made);
  if (status == DSS_OK)
    *evaluation = made;
  else
    dss_evaluation_free(made);
  return status;
}

bool dss_evaluation_is(dss_context *context, const char *path) {
  dss_h5 h5;
  if (dss_h5_open(context, path, DSS_EVALUATION_KIND, UINT_MAX, &h5) != DSS_OK) return false;
  dss_h5_close(&h5);
  return true;
}

dss_status dss_evaluation_open(dss_context *context, const char *path,
                               dss_evaluation **evaluation) {
  dss_h5 h5;
  DSS_TRY(dss_h5_open(context, path, DSS_EVALUATION_KIND, DSS_EVALUATION_FORMAT_MAJOR, &h5));
  dss_status status = get_evaluation(&h5, evaluation);
  dss_h5_close(&h5);
  return status;
}
