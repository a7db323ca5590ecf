/* Everything one import holds, and its steps. */
#ifndef DSS_STUDY_IMPORT_IMPORTER_H
#define DSS_STUDY_IMPORT_IMPORTER_H

#include "import_entities.h"
#include "import_levels.h"
#include "import_log.h"
#include "import_records.h"

/* A table with attributes of raters or items, joined by their names. */
typedef struct dss_joined_table {
  const char *path;         /* NULL: there is none */
  const char *key;          /* its column of names; NULL in JSON */
  const char *main_key;     /* the column of the main table; NULL where names stand elsewhere */
  const char *const *names; /* the attributes asked for; none: all there are */
  size_t n_names;
  const char *log_name;
  dss_entities rows;
  dss_words columns; /* all of a CSV's, for messages */
} dss_joined_table;

typedef struct dss_importer {
  dss_context *context;
  dss_import_spec spec;
  dss_entities raters;
  dss_entities items;
  dss_joined_table rater_table; /* --raters */
  dss_joined_table item_table;  /* --items */
  dss_levels *levels;           /* [spec.n_questions] */
  dss_records records;
  size_t *item_columns; /* wide: the column of each item, from 0; else NULL */
  dss_import_log log;
  char sha256[65];
} dss_importer;

/* import_tables.c: the CSV layouts, joined tables included. */
DSS_MUST_USE dss_status dss_import_read_long(dss_importer *importer);
DSS_MUST_USE dss_status dss_import_read_wide(dss_importer *importer);
/* import_lewidi.c: JSON. */
DSS_MUST_USE dss_status dss_import_read_lewidi(dss_importer *importer);

/* import_join.c: what was read of a joined table, for the log; its attributes given to raters or
 * items, and its rows freed. DSS_ERR_DATA where it has none of them. */
void dss_import_log_table(dss_importer *importer, const dss_joined_table *table, const char *sha256,
                          uint64_t rows, uint64_t without_key);
DSS_MUST_USE dss_status dss_import_join(dss_importer *importer, dss_joined_table *table,
                                        dss_entities *entities);

/* import_questions.c: settles duplicates and levels, then adds each question to the study. */
DSS_MUST_USE dss_status dss_import_settle(dss_importer *importer);
DSS_MUST_USE dss_status dss_import_add_questions(dss_importer *importer, dss_study *study);
/* The warning for a question whose ratings are all of one level. */
void dss_import_warn_constant(dss_importer *importer, const char *question, const char *level);
/* import_derived.c: after dss_import_settle. */
DSS_MUST_USE dss_status dss_import_add_derived(dss_importer *importer, dss_study *study);
/* import_attributes.c: sorts, bins and adds the raters' and the items' attributes. */
DSS_MUST_USE dss_status dss_import_check_bins(dss_importer *importer);
DSS_MUST_USE dss_status dss_import_add_attributes(dss_importer *importer, dss_study *study);

#endif
