/* What the pilot fixes before anything is counted: pivots, histogram edges, studentization, the
 * order of the tests for maxT. A pure function of the plan. docs/determinism.md, "Accumulators". */
#ifndef DSS_ENGINE_FRAMES_H
#define DSS_ENGINE_FRAMES_H

#include "host/core/context.h"
#include "kernels/backend.h"

/* Resamples of the pilot for a plan of so many columns; 0 for 0 permutations. */
uint64_t dss_pilot_size(uint64_t permutations, size_t n_columns);

/* The defined values of one column of the pilot [n_pilot][n_columns], in the resamples' order, into
 * defined [n_pilot]; returns how many. */
uint64_t dss_pilot_column(const double *pilot, uint64_t n_pilot, size_t n_columns, size_t column,
                          double *defined);

typedef struct dss_accumulation {
  bool exact;          /* every arrangement is visited: no tail is fitted */
  bool holds_observed; /* and the pilot is all of them, the observed one among them */
  uint64_t stop_after; /* 0: nothing stops before the end */
  unsigned threads;    /* that add at once */
} dss_accumulation;

/* Empty accumulators framed by the observed values [n_columns] and the pilot's
 * [n_pilot][n_columns]. The caller frees with dss_accumulators_free. */
DSS_MUST_USE dss_status dss_accumulators_make(dss_context *context, size_t n_columns,
                                              const double *observed, uint64_t n_pilot,
                                              const double *pilot, const dss_accumulation *how,
                                              dss_accumulators *accumulators);
void dss_accumulators_free(dss_accumulators *accumulators);

#endif
