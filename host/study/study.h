/* The study behind the public handle. */
#ifndef DSS_STUDY_STUDY_H
#define DSS_STUDY_STUDY_H

#include "dissensus/study.h"
#include "host/core/texts.h"

/* What the public view points to stands beside it and is freed with it. */
typedef struct dss_owned_attribute {
  dss_attribute view;
  dss_texts name, categories;
  int32_t *codes;
} dss_owned_attribute;

typedef struct dss_owned_question {
  dss_question view;
  dss_texts name, labels;
  double *values;
  uint64_t *item_ptr;
  uint32_t *rater;
  uint8_t *code;
} dss_owned_question;

/* Lists of pointers, so that views stay where they are while the study grows. */
typedef struct dss_attribute_list {
  dss_owned_attribute **items;
  size_t count, capacity;
} dss_attribute_list;

struct dss_study {
  uint32_t n_raters, n_items;
  dss_texts rater_names, item_names;
  dss_attribute_list rater_attributes, item_attributes;
  dss_owned_question **questions;
  size_t n_questions, questions_capacity;
  dss_provenance provenance; /* into provenance_texts */
  dss_texts provenance_texts;
};

/* Ratings as dss_question holds them, on the heap. */
typedef struct dss_compressed {
  uint64_t n_ratings;
  uint64_t *item_ptr;
  uint32_t *rater;
  uint8_t *code;
} dss_compressed;

void dss_compressed_free(dss_compressed *ratings);

/* Adds a question whose ratings are compressed already, after checking every promise of
 * dss_question. Takes the arrays over (the members become NULL), on failure too. */
DSS_MUST_USE dss_status dss_study_adopt_question(dss_context *context, dss_study *study,
                                                 const char *name, dss_scale scale,
                                                 uint32_t n_levels, const char *const *labels,
                                                 const double *values, dss_compressed *ratings);

/* Ratings in any order to compressed ones; every index checked. name is for messages. */
DSS_MUST_USE dss_status dss_compress(dss_context *context, const dss_study *study, const char *name,
                                     uint32_t n_levels, uint64_t n_ratings, const uint32_t *rater,
                                     const uint32_t *item, const uint8_t *code,
                                     dss_compressed *ratings);
/* Checks what dss_study_adopt_question promises. */
DSS_MUST_USE dss_status dss_compressed_check(dss_context *context, const dss_study *study,
                                             const char *name, uint32_t n_levels,
                                             const dss_compressed *ratings);

#endif
