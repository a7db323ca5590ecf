/* Who makes a run's resamples: its backend, and the statistics of pairs beside it where it makes
 * none itself. */
#ifndef DSS_ENGINE_WORKER_H
#define DSS_ENGINE_WORKER_H

#include "dissensus/results.h"
#include "pairwise.h"
#include "plan.h"
#include "results.h"

typedef struct dss_worker {
  const dss_plan *plan;
  const dss_backend *first, *backend; /* that began, that is at work */
  void *state;
  bool may_change; /* the backend was chosen by AUTO: the cpu goes on where it fails */
  dss_resources resources;
  dss_pairwise *pairwise; /* NULL: no statistics of pairs are asked for */
  double *items;          /* the backend's values, on their way to join those of pairs */
  size_t items_room;
  double *rows; /* joined values, on their way into accumulators */
} dss_worker;

/* Columns of all statistics, those of pairs too: the doubles of a resample. */
size_t dss_plan_columns(const dss_plan *plan);

/* Chooses and opens the backend. Close it in any case. The plan must outlive it. */
DSS_MUST_USE dss_status dss_worker_open(dss_context *context, const dss_plan *plan,
                                        dss_backend_choice choice, const dss_resources *resources,
                                        dss_worker *worker);
void dss_worker_close(dss_worker *worker);

/* These two end with DSS_INTERRUPTED where resources.stop says so in their midst; the worker can do
 * no more then. */
/* Every value of resamples first .. first + count - 1, or the observed ones with
 * DSS_RESAMPLE_NONE and 1; out [count][columns]. */
DSS_MUST_USE dss_status dss_worker_values(dss_context *context, dss_worker *worker, uint64_t first,
                                          uint64_t count, double *out);
/* The same into accumulators. */
DSS_MUST_USE dss_status dss_worker_run(dss_context *context, dss_worker *worker, uint64_t first,
                                       uint64_t count, dss_accumulators *accumulators);
/* Rows of all columns that take no more memory than the pilot. */
uint64_t dss_worker_rows(const dss_worker *worker);

/* The backend's name for provenance, with who went on. */
DSS_MUST_USE dss_status dss_worker_name(dss_context *context, const dss_worker *worker, char **key);

#endif
