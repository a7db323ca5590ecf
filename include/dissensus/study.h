/* A study: who rated what how. In memory, immutable once built, and as one HDF5 file.
 *
 * Shapes: N raters, U items, Q questions. A question has K ordered levels (K <= 256); a rating is
 * a level's code 0..K-1. At most one rating per (question, rater, item). Attributes hold one code
 * per rater (or item), -1 where unknown.
 * Ownership: the study copies what it is given. See status.h for errors and thread safety.
 */
#ifndef DISSENSUS_STUDY_H
#define DISSENSUS_STUDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissensus/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DSS_MAX_LEVELS 256u

/* A study. */
typedef struct dss_study dss_study;

typedef enum dss_scale {
  DSS_NOMINAL = 0,
  DSS_ORDINAL = 1,
  DSS_INTERVAL = 2,
  DSS_RATIO = 3
} dss_scale;

/* "nominal" ...; NULL for a value that is no scale. */
const char *dss_scale_name(dss_scale scale);
/* false when name is no scale; *scale is then untouched. */
bool dss_scale_parse(const char *name, dss_scale *scale);

/* A categorical attribute of the raters or of the items. */
typedef struct dss_attribute {
  const char *name;
  uint32_t n_categories;
  const char *const *categories; /* [n_categories] */
  const int32_t *codes;          /* [N] or [U]: 0..n_categories-1, or -1 for unknown */
  bool ordered;                  /* the categories' order means something (binned numbers) */
} dss_attribute;

/* A question's ratings, compressed by item: item u's ratings are item_ptr[u] .. item_ptr[u+1]-1,
 * sorted by code, then rater. */
typedef struct dss_question {
  const char *name;
  dss_scale scale;
  uint32_t n_levels;         /* K */
  const char *const *labels; /* [K], in the scale's order */
  const double *values;      /* [K], NaN where a label is no number */
  uint64_t n_ratings;
  const uint64_t *item_ptr; /* [U + 1] */
  const uint32_t *rater;    /* [n_ratings] */
  const uint8_t *code;      /* [n_ratings] */
} dss_question;

/* Where the study came from; any member may be NULL (then written as ""). */
typedef struct dss_provenance {
  const char *created_by;   /* program and version */
  const char *created_at;   /* ISO 8601, UTC */
  const char *command;      /* the command line, outputs left out */
  const char *input_sha256; /* hex, of the input's bytes */
  const char *import_log;   /* JSON object: every filter and drop, counted and named */
} dss_provenance;

/* --- building ---------------------------------------------------------------------------- */

/* A study of n_raters and n_items (each 1 .. 2^32-2) with unique, non-empty names. */
DSS_MUST_USE dss_status dss_study_new(dss_context *context, uint32_t n_raters,
                                      const char *const *rater_names, uint32_t n_items,
                                      const char *const *item_names, dss_study **study);

/* codes: [N] or [U], -1 or 0..n_categories-1. Names and categories are unique and non-empty;
 * a rater and an item attribute may share a name. A name may not contain '/' or be "." or "..". */
DSS_MUST_USE dss_status dss_study_add_rater_attribute(dss_context *context, dss_study *study,
                                                      const dss_attribute *attribute);
DSS_MUST_USE dss_status dss_study_add_item_attribute(dss_context *context, dss_study *study,
                                                     const dss_attribute *attribute);

/* Ratings in any order: rater[i] rated item[i] with code[i]. values may be NULL for a nominal or
 * ordinal question; interval and ratio need finite values, ratio values that are not negative.
 * Two ratings by one rater of one item are refused (DSS_ERR_DATA). */
DSS_MUST_USE dss_status dss_study_add_question(dss_context *context, dss_study *study,
                                               const char *name, dss_scale scale, uint32_t n_levels,
                                               const char *const *labels, const double *values,
                                               uint64_t n_ratings, const uint32_t *rater,
                                               const uint32_t *item, const uint8_t *code);

/* Copies the texts over those it had. */
DSS_MUST_USE dss_status dss_study_set_provenance(dss_context *context, dss_study *study,
                                                 const dss_provenance *provenance);

/* Frees it and what its accessors gave. */
void dss_study_free(dss_study *study);

/* --- reading ----------------------------------------------------------------------------- */

/* N, U, and how many questions and attributes there are. */
uint32_t dss_study_n_raters(const dss_study *study);
uint32_t dss_study_n_items(const dss_study *study);
size_t dss_study_n_questions(const dss_study *study);
size_t dss_study_n_rater_attributes(const dss_study *study);
size_t dss_study_n_item_attributes(const dss_study *study);
/* Indexes count from 0; an index out of range gives NULL. */
const char *dss_study_rater_name(const dss_study *study, uint32_t rater);
const char *dss_study_item_name(const dss_study *study, uint32_t item);
const dss_question *dss_study_question(const dss_study *study, size_t index);
const dss_attribute *dss_study_rater_attribute(const dss_study *study, size_t index);
const dss_attribute *dss_study_item_attribute(const dss_study *study, size_t index);
const dss_provenance *dss_study_provenance(const dss_study *study);

/* SHA-256, in hex, of the study's content (names, attributes, levels, ratings; not provenance):
 * equal for equal studies however they were made. Writes 64 characters and a NUL. */
DSS_MUST_USE dss_status dss_study_digest(dss_context *context, const dss_study *study,
                                         char digest[65]);

/* --- files ------------------------------------------------------------------------------- */

/* Writes the study beside path under a temporary name, flushes, syncs and renames. An existing
 * path is refused (DSS_ERR_FILE) unless overwrite. Format: docs/file-format.md. */
DSS_MUST_USE dss_status dss_study_save(dss_context *context, const dss_study *study,
                                       const char *path, bool overwrite);

/* Reads and checks everything; refuses files that are truncated, not HDF5, of another kind, of a
 * newer major format, or inconsistent (DSS_ERR_DATA), or cannot be opened (DSS_ERR_FILE). */
DSS_MUST_USE dss_status dss_study_open(dss_context *context, const char *path, dss_study **study);

#ifdef __cplusplus
}
#endif
#endif
