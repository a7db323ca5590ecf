/* Everything one import holds, and its steps. */
#ifndef DSS_STUDY_IMPORT_IMPORTER_H
#define DSS_STUDY_IMPORT_IMPORTER_H

#include "import_entities.h"
#include "import_levels.h"
#include "import_log.h"
#include "import_records.h"

typedef struct dss_importer {
  dss_context *context;
  dss_import_spec spec;
  dss_entities raters;
  dss_entities items;
  dss_entities rater_table; /* from --raters */
  dss_entities item_table;  /* from --items */
  dss_levels *levels;       /* [spec.n_questions] */
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

/* import_questions.c: settles duplicates and levels, then adds each question to the study. */
DSS_MUST_USE dss_status dss_import_settle(dss_importer *importer);
DSS_MUST_USE dss_status dss_import_add_questions(dss_importer *importer, dss_study *study);
/* import_derived.c: after dss_import_settle. */
DSS_MUST_USE dss_status dss_import_add_derived(dss_importer *importer, dss_study *study);
/* import_attributes.c: sorts, bins and adds the raters' and the items' attributes. */
DSS_MUST_USE dss_status dss_import_check_bins(dss_importer *importer);
DSS_MUST_USE dss_status dss_import_add_attributes(dss_importer *importer, dss_study *study);

#endif
