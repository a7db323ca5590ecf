/* Joined tables: their place in the log, and whether the join makes sense. */
#include <stdio.h>

#include "import_importer.h"
#include "import_input.h"

void dss_import_log_table(dss_importer *importer, const dss_joined_table *table, const char *sha256,
                          uint64_t rows, uint64_t without_key) {
  dss_import_log *log = &importer->log;
  json_t *object = dss_log_object(log, log->root, table->log_name);
  dss_log_text(log, object, "file", dss_file_name(dss_input_name(table->path)));
  dss_log_text(log, object, "sha256", sha256);
  dss_log_count(log, object, "rows", rows);
  dss_log_count(log, object, "rows_without_key", without_key);
}

/* Both sides by example: "1" beside "w1" or "001" says what is wrong. */
static dss_status fail_no_match(dss_importer *importer, const dss_joined_table *table,
                                const dss_entities *entities) {
  const dss_place place = {dss_input_name(table->path), 0, 0, NULL};
  const char *input = dss_file_name(dss_input_name(importer->spec.options->input));
  char here[96] = "", there[192];
  if (table->key) snprintf(here, sizeof here, " in column '%s'", DSS_EXCERPT(table->key));
  if (table->rows.ids.count == 0)
    return dss_fail_at(importer->context, place, DSS_ERR_DATA, "no row names its %s%s",
                       entities->what, here);
  if (table->main_key)
    snprintf(there, sizeof there, "column '%s' of %s", DSS_EXCERPT(table->main_key),
             DSS_EXCERPT(input));
  else
    snprintf(there, sizeof there, "%s", DSS_EXCERPT(input));
  return dss_fail_at(importer->context, place, DSS_ERR_DATA,
                     "no %s has a row here: %ss are named like '%s' in %s, rows here like '%s'%s",
                     entities->what, entities->what, DSS_EXCERPT(entities->ids.at[0]), there,
                     DSS_EXCERPT(table->rows.ids.at[0]), here);
}

static void log_join(dss_importer *importer, const dss_joined_table *table,
                     const dss_entities *entities, const dss_join_counts *counts) {
  dss_import_log *log = &importer->log;
  const char *file = dss_input_name(table->path);
  json_t *object = dss_log_object(log, log->root, table->log_name);
  dss_log_count(log, object, "matched", counts->matched);
  dss_log_count(log, object, "without_a_row", counts->unmatched);
  dss_log_count(log, object, "keys_of_nobody", counts->unknown_keys);
  dss_info(importer->context, "%s: %llu %s%s joined, %llu %s no row in it, %llu key%s no %s", file,
           (unsigned long long)counts->matched, entities->what, DSS_PLURAL(counts->matched),
           (unsigned long long)counts->unmatched, counts->unmatched == 1 ? "has" : "have",
           (unsigned long long)counts->unknown_keys,
           counts->unknown_keys == 1 ? " matches" : "s match", entities->what);
  if (counts->matched < counts->unmatched)
    dss_warn(importer->context,
             "%s: only %llu of %lu %ss %s a row in it; what it says of the others is unknown", file,
             (unsigned long long)counts->matched, (unsigned long)entities->ids.count,
             entities->what, counts->matched == 1 ? "has" : "have");
}

dss_status dss_import_join(dss_importer *importer, dss_joined_table *table,
                           dss_entities *entities) {
  if (!table->path) return DSS_OK;
  dss_join_counts counts;
  DSS_TRY(dss_entities_join(importer->context, entities, &table->rows, &counts));
  if (counts.matched == 0) return fail_no_match(importer, table, entities);
  log_join(importer, table, entities, &counts);
  dss_entities_free(&table->rows);
  return DSS_OK;
}
