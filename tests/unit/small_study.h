/* A small study that has some of everything. */
#ifndef TESTS_UNIT_SMALL_STUDY_H
#define TESTS_UNIT_SMALL_STUDY_H

#include <stdlib.h>

#include "dissensus/dissensus.h"

enum { SMALL_RATERS = 4, SMALL_ITEMS = 3, SMALL_RATINGS = 8 };

static const uint32_t small_rater[SMALL_RATINGS] = {3, 0, 1, 2, 0, 1, 0, 2};
static const uint32_t small_item[SMALL_RATINGS] = {2, 0, 0, 0, 1, 2, 2, 2};
static const uint8_t small_code[SMALL_RATINGS] = {0, 2, 1, 1, 0, 2, 1, 0};

static inline void small_must(dss_context *context, dss_status status) {
  if (status == DSS_OK) return;
  fprintf(stderr, "small_study: %s\n", dss_context_error(context));
  abort();
}

/* With these codes of both questions. */
static inline dss_study *small_study_of(dss_context *context, const uint8_t *code) {
  const char *raters[] = {"ann", "bo", "\303\247em", "dee"}, *items[] = {"i 1", "i/2", "i3"};
  const char *labels[] = {"low", "mid", "high"}, *numbers[] = {"0", "1.5", "4"};
  const double values[] = {0, 1.5, 4};
  dss_study *study = NULL;
  small_must(context, dss_study_new(context, SMALL_RATERS, raters, SMALL_ITEMS, items, &study));
  const char *genders[] = {"Man", "Woman"}, *topics[] = {"Bias"};
  const int32_t gender[] = {0, 1, 1, -1}, topic[] = {0, -1, 0}, nothing[] = {-1, -1, -1, -1};
  small_must(context, dss_study_add_rater_attribute(
                          context, study, &(dss_attribute){"zeta", 2, genders, gender, false}));
  small_must(context, dss_study_add_rater_attribute(
                          context, study, &(dss_attribute){"alpha", 0, NULL, nothing, true}));
  small_must(context, dss_study_add_item_attribute(
                          context, study, &(dss_attribute){"topic", 1, topics, topic, true}));
  small_must(context,
             dss_study_add_question(context, study, "how offensive?", DSS_ORDINAL, 3, labels, NULL,
                                    SMALL_RATINGS, small_rater, small_item, code));
  small_must(context, dss_study_add_question(context, study, "amount", DSS_RATIO, 3, numbers,
                                             values, 3, small_rater, small_item, code));
  small_must(context, dss_study_add_question(context, study, "never asked", DSS_NOMINAL, 3, labels,
                                             NULL, 0, NULL, NULL, NULL));
  const dss_provenance provenance = {"test 1", "2024-01-02T03:04:05Z", "import 'a b.csv'", "00ff",
                                     "{\"dropped\": 3}"};
  small_must(context, dss_study_set_provenance(context, study, &provenance));
  return study;
}

static inline dss_study *small_study(dss_context *context) {
  return small_study_of(context, small_code);
}

#endif
