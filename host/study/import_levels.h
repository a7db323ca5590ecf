/* A question's levels while its ratings are read: the distinct texts met, and which level each is.
 */
#ifndef DSS_STUDY_IMPORT_LEVELS_H
#define DSS_STUDY_IMPORT_LEVELS_H

#include "import_options.h"
#include "import_strings.h"

/* A rating's code while reading: a level in the order of first appearance, or this. */
#define DSS_NO_RATING UINT16_MAX

typedef struct dss_levels {
  const dss_spec_question *question;
  size_t column; /* from 0; SIZE_MAX where the question is no column */
  dss_strings tokens;
  uint16_t *token_level; /* [tokens.count] */
  size_t token_capacity;
  char *labels[DSS_MAX_LEVELS];
  double values[DSS_MAX_LEVELS];
  uint32_t n_levels;
  uint64_t missing; /* ratings read as missing */
} dss_levels;

/* Starts with the declared levels, if any. */
DSS_MUST_USE dss_status dss_levels_init(dss_context *context, dss_levels *levels,
                                        const dss_spec_question *question);
/* Whether a rating's text is one of the missing tokens, or a number equal to one. */
bool dss_rating_is_missing(const dss_import_spec *spec, const char *text);
/* The code of a rating's text. Numeric scales take numbers only, and equal numbers are one level
 * however they are written. DSS_ERR_DATA at place. */
DSS_MUST_USE dss_status dss_levels_code(dss_context *context, dss_levels *levels,
                                        const dss_import_spec *spec, const char *text,
                                        size_t length, dss_place place, uint16_t *code);
/* Puts the levels into their order: as declared, else sorted. counts [DSS_MAX_LEVELS] says how
 * often each code is left after the filters: undeclared levels without ratings are dropped,
 * declared ones refused unless kept. map [DSS_MAX_LEVELS] receives old code -> new code. */
DSS_MUST_USE dss_status dss_levels_finish(dss_context *context, dss_levels *levels,
                                          const char *file, bool keep_unused,
                                          const uint64_t *counts, uint16_t *map);
void dss_levels_free(dss_levels *levels);

#endif
