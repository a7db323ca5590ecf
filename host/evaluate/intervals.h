/* The bootstrap of an evaluation. */
#ifndef DSS_EVALUATE_INTERVALS_H
#define DSS_EVALUATE_INTERVALS_H

#include "evaluate.h"

/* Who evaluates, with scratch for each thread. */
typedef struct dss_evaluating {
  const dss_rated *rated;
  const dss_evaluation_run *run;
  const dss_evaluator *by;
  dss_evaluation *evaluation; /* its cells have their estimates */
  unsigned threads;
  void **scratch; /* [threads] */
} dss_evaluating;

/* Intervals of the rows that are resampled and whose estimates are there. */
DSS_MUST_USE dss_status dss_evaluate_intervals(dss_context *context, const dss_evaluating *all);

#endif
