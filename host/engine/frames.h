/* What the pilot fixes before anything is counted: pivots, histogram edges, studentization, the
 * order of the tests for maxT. A pure function of the plan. docs/determinism.md, "Accumulators". */
#ifndef DSS_ENGINE_FRAMES_H
#define DSS_ENGINE_FRAMES_H

#include "dissensus/results.h"
#include "host/core/h5.h"
#include "kernels/backend.h"

/* Resamples of the pilot for a plan of so many columns; 0 for 0 permutations. */
uint64_t dss_pilot_size(uint64_t permutations, size_t n_columns);

typedef struct dss_accumulation {
  bool exact;           /* every arrangement is visited: no tail is fitted */
  bool holds_observed;  /* and the pilot is all of them, the observed one among them */
  bool ends_with_pilot; /* a column may see no more than the pilot */
  uint64_t stop_after;  /* 0: nothing stops before the end */
  unsigned threads;     /* that add at once */
} dss_accumulation;

bool dss_same_accumulation(const dss_accumulation *a, const dss_accumulation *b);

/* A null distribution under way. */
typedef struct dss_null {
  dss_accumulation how;
  dss_accumulators accumulators;
  uint64_t n_pilot;
  double *quantiles; /* [n_columns][DSS_N_QUANTILES] of the pilot; NULL unless ends_with_pilot */
} dss_null;

/* Empty accumulators framed by the observed values [n_columns] and the pilot's
 * [n_pilot][n_columns]. The caller frees with dss_null_free. */
DSS_MUST_USE dss_status dss_null_make(dss_context *context, size_t n_columns,
                                      const double *observed, uint64_t n_pilot, const double *pilot,
                                      const dss_accumulation *how, dss_null *null);
/* The same without frames: all zeros, to be filled from elsewhere. */
DSS_MUST_USE dss_status dss_null_allocate(dss_context *context, size_t n_columns,
                                          const dss_accumulation *how, dss_null *null);
void dss_null_free(dss_null *null);
/* What `from` has counted, to one of the same frames. */
void dss_null_copy(dss_null *to, dss_null *from);
/* As if nothing had been counted; the frames stay. */
void dss_null_empty(dss_null *null);

/* All that a null distribution is, array by array: for files and messages. */
enum { DSS_NULL_ARRAYS = 27 };
typedef struct dss_null_array {
  const char *name;
  dss_h5_type type; /* of 8 bytes */
  size_t width;     /* elements a column; 0: the array is not kept */
  void *at;         /* where its pointer is */
  bool counts;      /* no frame: changes with every resample */
} dss_null_array;
void dss_null_list(dss_null *null, dss_null_array arrays[DSS_NULL_ARRAYS]);
void *dss_null_data(const dss_null_array *array);
/* Whether both are framed alike, to the bit, so that they may be merged. */
bool dss_null_same_frames(dss_null *a, dss_null *b);

#endif
