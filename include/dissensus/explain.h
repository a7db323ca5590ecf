/* What a run would do, without running: which backend, by which method, why, in what memory. */
#ifndef DISSENSUS_EXPLAIN_H
#define DISSENSUS_EXPLAIN_H

#include "dissensus/results.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dss_explanation {
  const char *backend;  /* "cpu", as in the provenance of results; static text, valid for ever */
  char method[96];      /* how it would compute, instruction set included: differs by machine */
  char why[512];        /* why by that method; one line */
  uint64_t host_bytes;  /* of the backend for all threads */
  uint64_t plan_bytes;  /* of the plan, its ratings above all, which the run holds beside */
  uint64_t pilot_bytes; /* of the first resamples' values, kept until the end. Not counted in any of
                           these: the study, which dss_run does not need, and what goes by the
                           number of tests alone: results, and counts of about 6 KiB a test */
  uint64_t device_bytes; /* of each GPU; 0: none is used */
  unsigned threads;      /* that would be used; fewer where memory is short */
  uint64_t resamples;    /* of the permutation test; 0: none */
  bool all_arrangements; /* these are every distinct arrangement, each once, and p is exact */
  uint64_t stop_after;   /* exceedances on either side that end a test; 0: none ends early */
  uint64_t pairs; /* of raters who share an item, at most, where statistics of pairs are asked
                     for; 0: they are not. Each takes 24 bytes of lists, and twice that while these
                     are made */
  uint64_t weight_scale; /* weights are multiples of 1 / weight_scale, at the coarsest question */
} dss_explanation;

/* Fills *explanation for what dss_run would do with the same plan and options, whose command and
 * writer are not looked at. The caller owns the struct; nothing in it needs to be freed. It costs
 * about what a run does before its first resample, and holds that memory (host_bytes, less the
 * threads' part) meanwhile.
 *
 * Errors, as dss_run would give them: DSS_ERR_DEVICE when the backend asked for is not there, or
 * when the environment variable DSS_CPU names an instruction set that this machine lacks;
 * DSS_ERR_MEMORY; DSS_ERR_USAGE for an unknown backend. Nothing is written and no HDF5 is used;
 * thread safety is that of the context (status.h). DSS_CPU is read at each call. */
DSS_MUST_USE dss_status dss_explain(dss_context *context, const dss_plan *plan,
                                    const dss_run_options *options, dss_explanation *explanation);

#ifdef __cplusplus
}
#endif
#endif
