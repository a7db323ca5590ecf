/* What severity is asked of: questions, and contrasts of two, each with ratings and a scale. */
#ifndef DSS_EVALUATE_SEVERITY_SOURCES_H
#define DSS_EVALUATE_SEVERITY_SOURCES_H

#include "severity_values.h"
#include "tallies.h"

typedef struct dss_severity_source {
  char *name; /* the question's; "Q1 - Q2" */
  dss_tally_ratings ratings;
  dss_severity_scale scale;
} dss_severity_source;

typedef struct dss_severity_sources {
  size_t n, n_questions; /* questions first, as the rated study's; then contrasts */
  dss_severity_source *sources;
} dss_severity_sources;

/* Refuses what dss_severity says. Notes go to the evaluation. */
DSS_MUST_USE dss_status dss_severity_sources_make(dss_context *context, const dss_rated *rated,
                                                  const dss_severity_options *options,
                                                  dss_evaluation *evaluation,
                                                  dss_severity_sources *sources);
void dss_severity_sources_free(dss_severity_sources *sources);

#endif
