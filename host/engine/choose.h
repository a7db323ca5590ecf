/* Which backend runs a plan. */
#ifndef DSS_ENGINE_CHOOSE_H
#define DSS_ENGINE_CHOOSE_H

#include "dissensus/results.h"
#include "host/core/context.h"
#include "kernels/pairwise.h"

/* What a backend, whose `failure` this is, says of a call that failed. */
static inline const char *dss_failure_text(const char *(*failure)(void), dss_status status) {
  const char *text = failure ? failure() : "";
  return *text ? text : dss_status_name(status);
}

/* What goes to the log where a GPU was named, one more than its number, and AUTO asks for none. Not
 * of the GPUs that are dealt out to the processes of a team. */
void dss_say_cpu_instead(dss_context *context, dss_backend_choice choice, unsigned device,
                         bool has_cuda, bool pays);
void dss_say_if_no_gpu(dss_context *context, const dss_plan *plan, const dss_run_options *options);

/* What goes to the log where AUTO's GPU fails and the cpu makes what the call did not. */
static inline void dss_say_cpu_goes_on(dss_context *context, const char *name,
                                       const char *(*failure)(void), dss_status status) {
  dss_info(context, "backend cpu goes on, because backend %s failed: %s", name,
           dss_failure_text(failure, status));
}

typedef struct dss_chosen {
  const dss_backend *backend;
  dss_backend_report report; /* what its probe said */
  bool to_open;              /* set beforehand: a run is to follow */
  void *state;               /* open already, for the caller to close; NULL: it is not */
} dss_chosen;

/* The backend that the choice names, if it can run the plan; AUTO: the fastest that can (a
 * GPU where so many resamples are worth its start). Which one, if not the fastest, and why goes to
 * the log. Where a run is to follow, the backend may be open when this returns, for the plan alone.
 * pairs: statistics that it would make beside, for a report of both; NULL: none, or none yet. */
DSS_MUST_USE dss_status dss_choose_backend(dss_context *context, dss_backend_choice choice,
                                           const dss_kernel_plan *plan,
                                           const dss_pairwise_plan *pairs, uint64_t resamples,
                                           const dss_resources *resources, dss_chosen *chosen);
/* AUTO with this backend of the host as the fastest. */
DSS_MUST_USE dss_status dss_choose_or_reference(dss_context *context, const dss_backend *fastest,
                                                const dss_kernel_plan *plan,
                                                const dss_resources *resources, dss_chosen *chosen);

/* The threads that options ask for, or as many as the process may use. */
unsigned dss_run_threads(const dss_run_options *options);
dss_resources dss_run_resources(const dss_run_options *options);

#endif
