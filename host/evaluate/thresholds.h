/* Thresholds as they are given: "LEVEL" of every question, "QUESTION=LEVEL" of one. */
#ifndef DSS_EVALUATE_THRESHOLDS_H
#define DSS_EVALUATE_THRESHOLDS_H

#include "evaluate.h"

typedef struct dss_thresholds {
  const char *const *texts; /* [n] */
  size_t n;
} dss_thresholds;

/* DSS_ERR_USAGE: two of every question, two of one question, or one of a question that the study
 * does not have or that is not evaluated. */
DSS_MUST_USE dss_status dss_thresholds_check(dss_context *context, const dss_rated *rated,
                                             dss_thresholds thresholds);

/* The level for this question: that of it alone goes before that of all. NULL: there is none. */
const char *dss_threshold_of(const dss_study *study, const dss_question *question,
                             dss_thresholds thresholds);

/* Whether one is of this question alone, a level of it or not. */
bool dss_threshold_is_own(const dss_study *study, const dss_question *question,
                          dss_thresholds thresholds);
/* Whether there is one and it is a level. */
bool dss_threshold_is_level(const dss_study *study, const dss_question *question,
                            dss_thresholds thresholds);

#endif
