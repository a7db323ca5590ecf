/* The import's options, understood: what dss_import_options says in texts, checked and taken apart.
 */
#ifndef DSS_STUDY_IMPORT_OPTIONS_H
#define DSS_STUDY_IMPORT_OPTIONS_H

#include "dissensus/import.h"
#include "import_text.h"

/* Read as missing unless other tokens are given. */
#define DSS_MISSING_TOKENS ",NA,NaN"

/* A question to be read from a column (or, in wide layout and JSON, from everything). */
typedef struct dss_spec_question {
  char *name;
  dss_scale scale;
  bool declared; /* levels and values were given */
  dss_words levels;
  double *values; /* [levels.count], NaN where a level is no number */
} dss_spec_question;

typedef struct dss_spec_bin {
  char *attribute;
  const char *text; /* the edges as given */
  double *edges;    /* ascending */
  size_t n_edges;
} dss_spec_bin;

typedef struct dss_spec_derived {
  char *name;
  dss_scale scale;
  bool maximum;    /* else minimum */
  size_t *sources; /* indexes of questions */
  size_t n_sources;
} dss_spec_derived;

typedef struct dss_import_spec {
  const dss_import_options *options;
  dss_words missing;
  dss_spec_question *questions;
  size_t n_questions;
  dss_spec_bin *bins;
  size_t n_bins;
  dss_spec_derived *derived;
  size_t n_derived;
  const char *item_key;  /* of the items table: as given, or the item column's name */
  const char *rater_key; /* of the raters table likewise */
} dss_import_spec;

/* DSS_ERR_USAGE for options that are malformed or contradict each other. The options must outlive
 * the spec; free it whatever the outcome. */
DSS_MUST_USE dss_status dss_import_spec_parse(dss_context *context,
                                              const dss_import_options *options,
                                              dss_import_spec *spec);
void dss_import_spec_free(dss_import_spec *spec);

bool dss_spec_is_missing(const dss_import_spec *spec, const char *text);

#endif
