/* The import from end to end: read, join, settle, build. */
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "host/core/timestamp.h"
#include "import_importer.h"

static void name_tables(dss_importer *importer) {
  const dss_import_options *o = importer->spec.options;
  dss_joined_table *raters = &importer->rater_table, *items = &importer->item_table;
  raters->path = o->raters_path;
  raters->key = importer->spec.rater_key;
  raters->main_key = o->rater;
  raters->names = o->rater_attributes;
  raters->n_names = o->n_rater_attributes;
  items->path = o->items_path;
  items->key = importer->spec.item_key;
  items->main_key = o->item;
  items->names = o->item_attributes;
  items->n_names = o->n_item_attributes;
}

static dss_status prepare(dss_importer *importer, const dss_import_options *options) {
  DSS_TRY(dss_import_spec_parse(importer->context, options, &importer->spec));
  name_tables(importer);
  size_t n = importer->spec.n_questions;
  importer->records.n_questions = n;
  DSS_TRY(DSS_ALLOC(importer->context, &importer->levels, n));
  for (size_t q = 0; q < n; q++)
    DSS_TRY(dss_levels_init(importer->context, &importer->levels[q], &importer->spec.questions[q]));
  for (size_t i = 0; i < importer->spec.missing.count; i++)
    dss_log_append(&importer->log, importer->log.root, "missing_tokens",
                   importer->spec.missing.at[i]);
  return DSS_OK;
}

static dss_status read_input(dss_importer *importer) {
  switch (importer->spec.options->layout) {
  case DSS_LAYOUT_WIDE:
    return dss_import_read_wide(importer);
  case DSS_LAYOUT_LEWIDI:
    return dss_import_read_lewidi(importer);
  case DSS_LAYOUT_LONG:
    break;
  }
  return dss_import_read_long(importer);
}

/* --- provenance ----------------------------------------------------------------------------------
 */

static dss_status add_provenance(dss_importer *importer, dss_study *study) {
  char created_at[DSS_TIMESTAMP_CHARS];
  DSS_TRY(dss_timestamp(importer->context, created_at));
  char *log = NULL;
  DSS_TRY(dss_import_log_text(importer->context, &importer->log, &log));
  const dss_provenance provenance = {.created_by = "dissensus " DSS_VERSION_STRING,
                                     .created_at = created_at,
                                     .command = importer->spec.options->command,
                                     .input_sha256 = importer->sha256,
                                     .import_log = log};
  dss_status status = dss_study_set_provenance(importer->context, study, &provenance);
  free(log);
  return status;
}

/* --- the whole
 * ------------------------------------------------------------------------------------- */

static dss_status fill(dss_importer *importer, dss_study *study) {
  DSS_TRY(dss_import_add_attributes(importer, study));
  DSS_TRY(dss_import_add_questions(importer, study));
  DSS_TRY(dss_import_add_derived(importer, study));
  return add_provenance(importer, study);
}

static dss_status build(dss_importer *importer, dss_study **study) {
  dss_study *built = NULL;
  DSS_TRY(dss_study_new(importer->context, importer->raters.ids.count,
                        (const char *const *)importer->raters.ids.at, importer->items.ids.count,
                        (const char *const *)importer->items.ids.at, &built));
  dss_status status = fill(importer, built);
  if (status == DSS_OK)
    *study = built;
  else
    dss_study_free(built);
  return status;
}

static dss_status run(dss_importer *importer, const dss_import_options *options,
                      dss_study **study) {
  DSS_TRY(prepare(importer, options));
  DSS_TRY(read_input(importer));
  DSS_TRY(dss_import_join(importer, &importer->rater_table, &importer->raters));
  DSS_TRY(dss_import_join(importer, &importer->item_table, &importer->items));
  DSS_TRY(dss_import_settle(importer));
  return build(importer, study);
}

static void free_importer(dss_importer *importer) {
  for (size_t q = 0; importer->levels && q < importer->spec.n_questions; q++)
    dss_levels_free(&importer->levels[q]);
  free(importer->levels);
  free(importer->item_columns);
  dss_entities_free(&importer->raters);
  dss_entities_free(&importer->items);
  dss_entities_free(&importer->rater_table.rows);
  dss_entities_free(&importer->item_table.rows);
  dss_words_free(&importer->rater_table.columns);
  dss_words_free(&importer->item_table.columns);
  dss_records_free(&importer->records);
  dss_import_log_free(&importer->log);
  dss_import_spec_free(&importer->spec);
}

dss_status dss_import(dss_context *context, const dss_import_options *options, dss_study **study) {
  dss_importer importer = {.context = context,
                           .raters = {.what = "rater"},
                           .items = {.what = "item"},
                           .rater_table = {.log_name = "raters_table", .rows.what = "rater"},
                           .item_table = {.log_name = "items_table", .rows.what = "item"}};
  dss_import_log_init(&importer.log);
  dss_status status = run(&importer, options, study);
  free_importer(&importer);
  return status;
}
