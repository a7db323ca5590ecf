/* What a run would do, without running: which backend, by which method, why, in what memory, and,
 * after a short trial, in what time. */
#ifndef DISSENSUS_EXPLAIN_H
#define DISSENSUS_EXPLAIN_H

#include "dissensus/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What dss_explain says. */
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
  uint64_t pairs;       /* of raters who share an item, at most, where statistics of pairs are asked
                           for; 0: they are not */
  uint64_t pairs_bytes; /* of the host, for lists of so many while they are made, before the first
                           resample: 48 a pair, of which 24 stay */
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

/* Steps of resamples that were timed. */
typedef struct dss_timing {
  uint64_t resamples;      /* in all of them; 0: there is nothing to time */
  double seconds;          /* for all of them */
  double fastest, slowest; /* seconds a resample of one step */
} dss_timing;

/* What dss_calibrate has measured. */
typedef struct dss_calibration {
  const char *backend;     /* that made the resamples; static text, valid for ever */
  double start;            /* seconds before the first resample, the reading of the study apart */
  dss_timing permutations; /* of the permutation test */
  dss_timing bootstrap;    /* of one group, for the question with the most ratings */
  double bootstraps;       /* resamples of that kind that all the intervals take; 0: none */
  uint64_t bytes; /* of the host's memory for a whole run: the most that this process has held by
                     now, and what a run holds beside */
} dss_calibration;

/* Tries the plan: opens the backend that dss_run would take with these options and gives it
 * resamples, from the first on and no more than the plan has, until about `time` seconds have
 * passed, and as long again for the bootstrap if the plan has one; a single resample may take
 * longer. Nothing of it is kept, no test stops early (stop_after), and nothing is written; the
 * options' batch and writer are not looked at. Errors are dss_run's: where AUTO's GPU fails the cpu
 * goes on, but not under the bootstrap. No HDF5 is used; thread safety is that of the context
 * (status.h). */
DSS_MUST_USE dss_status dss_calibrate(dss_context *context, const dss_plan *plan,
                                      const dss_run_options *options, double time,
                                      dss_calibration *calibration);

/* Seconds: by all steps, and by the fastest and by the slowest of them. */
typedef struct dss_estimate {
  double seconds, low, high;
} dss_estimate;

/* What the longest of `shards` (at least 1) takes on a machine like this one, after a calibration
 * of the same plan: its resamples, the pilot, which every shard makes, and its bootstrap. With
 * stop_after a run may take less. */
dss_estimate dss_calibration_estimate(const dss_calibration *calibration, const dss_plan *plan,
                                      uint64_t shards);

#ifdef __cplusplus
}
#endif
#endif
