/* Import: tables of ratings as they are published, to a study.
 *
 * One pass over each input, streaming. Everything dropped or filtered is counted and named in the
 * log and in the study's provenance. Errors name file, line and column.
 */
#ifndef DISSENSUS_IMPORT_H
#define DISSENSUS_IMPORT_H

#include "dissensus/study.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum dss_layout {
  DSS_LAYOUT_LONG = 0,  /* CSV, a row a rating */
  DSS_LAYOUT_WIDE = 1,  /* CSV, a row a rater, a column an item */
  DSS_LAYOUT_LEWIDI = 2 /* JSON: {item: {"annotations": {annotator: label}, ...}} */
} dss_layout;

typedef enum dss_duplicates {
  DSS_DUPLICATES_ERROR = 0,
  DSS_DUPLICATES_FIRST = 1,
  DSS_DUPLICATES_LAST = 2
} dss_duplicates;

/* The texts below are those of the command line's options (README.md), so that the command, the
 * presets and a program say the same thing in the same words. Lists may be empty (count 0). */
typedef struct dss_import_options {
  const char *input; /* path, or "-" for standard input */
  dss_layout layout;
  const char *rater; /* column; may be NULL in wide layout (raters are then numbered from 1) */
  const char *item;  /* column; NULL in wide layout */
  const char *const *ratings; /* "COL" or "COL:SCALE"; wide: the question's name, exactly one */
  size_t n_ratings;
  const char *const *rater_attributes; /* column names */
  size_t n_rater_attributes;
  const char *const *item_attributes;
  size_t n_item_attributes;
  const char *items_path;  /* second table with item attributes, or NULL; LEWIDI: unused */
  const char *item_key;    /* its key column */
  const char *raters_path; /* the same for raters, or NULL; LEWIDI: the annotators' JSON */
  const char *rater_key;
  const char *const *levels; /* "COL=a,b,c": all levels, in order */
  size_t n_levels;
  /* Comma-separated tokens: ratings and attributes read as missing; NULL: empty, NA, NaN. A name,
   * of a rater or item or a key of a joined table, is missing only where it is empty. */
  const char *missing;
  const char *const *bins; /* "ATTR=18,30,50" */
  size_t n_bins;
  const char *const *derived; /* "NAME=max(A,B)" or "NAME:SCALE=min(A,B,...)" */
  size_t n_derived;
  dss_duplicates duplicates;
  bool keep_unused_levels; /* declared levels that never occur are kept instead of refused */
  const char *command;     /* for provenance; may be NULL */
} dss_import_options;

/* All zero and NULL but for the defaults above. */
void dss_import_options_init(dss_import_options *options);

/* Reads the input(s) and builds the study; the caller frees it. */
DSS_MUST_USE dss_status dss_import(dss_context *context, const dss_import_options *options,
                                   dss_study **study);

/* The text of a preset that comes with the library (data/presets), a long option a line without
 * its dashes, '#' starting a comment; NULL when there is none of that name. */
const char *dss_preset_text(const char *name);
/* The names, index from 0; NULL past the last. */
const char *dss_preset_name(size_t index);

#ifdef __cplusplus
}
#endif
#endif
