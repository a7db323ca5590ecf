#include "worker.h"

#include <string.h>

#include "choose.h"
#include "frames.h"
#include "host/core/alloc.h"
#include "keys.h"

size_t dss_plan_columns(const dss_plan *plan) {
  return plan->kernel.n_questions * plan->kernel.n_groups * dss_metrics_count(plan->metrics);
}

uint64_t dss_worker_rows(const dss_worker *worker) {
  return dss_pilot_size(DSS_CHECKPOINT, dss_plan_columns(worker->plan));
}

/* --- the backend ---------------------------------------------------------------------------- */

static dss_status from_backend(dss_context *context, const dss_backend *backend,
                               dss_status status) {
  if (status == DSS_OK) return DSS_OK;
  if (status == DSS_INTERRUPTED)
    return dss_fail(context, status, "interrupted before the first resample");
  return dss_fail(context, status, "backend %s: %s", backend->name,
                  dss_failure_text(backend->failure, status));
}

/* Whether statistics of pairs are made beside the backend. */
static bool joins(const dss_worker *w) {
  return w->pairwise && !w->backend->open_both;
}

static const dss_pairwise_backend *pairwise_backend(const dss_backend *backend) {
  return backend == &dss_backend_reference ? &dss_pairwise_reference : &dss_pairwise_cpu;
}

/* What is not open yet; what the backend itself says of it. */
static dss_status call_open(dss_worker *w) {
  const dss_backend *backend = w->backend;
  if (w->state) return DSS_OK;
  if (w->pairwise && backend->open_both)
    return backend->open_both(dss_pairwise_plan_of(w->pairwise), &w->resources, &w->state);
  return backend->open(&w->plan->kernel, &w->resources, &w->state);
}

static dss_status start_pairs(dss_context *context, dss_worker *w) {
  if (!joins(w)) return DSS_OK;
  return dss_pairwise_start(context, w->pairwise, pairwise_backend(w->backend), &w->resources);
}

/* Whether the cpu can make what a call did not: AUTO does not insist on a GPU. What a call that
 * failed has added is whole, and the accumulators know how many resamples that was. */
static bool changes(const dss_worker *w, dss_status status) {
  return w->may_change && w->backend == dss_cuda &&
         (status == DSS_ERR_DEVICE || status == DSS_ERR_MEMORY);
}

static dss_status change_backend(dss_context *context, dss_worker *w, dss_status status) {
  dss_chosen chosen = {.to_open = true};
  dss_say_cpu_goes_on(context, w->backend->name, w->backend->failure, status);
  if (w->state) w->backend->close(w->state);
  w->state = NULL;
  DSS_TRY(
      dss_choose_or_reference(context, &dss_backend_cpu, &w->plan->kernel, &w->resources, &chosen));
  w->backend = chosen.backend;
  w->state = chosen.state;
  DSS_TRY(from_backend(context, w->backend, call_open(w)));
  return start_pairs(context, w);
}

static dss_status start_backend(dss_context *context, dss_worker *w) {
  dss_status status = call_open(w);
  if (changes(w, status)) return change_backend(context, w, status);
  DSS_TRY(from_backend(context, w->backend, status));
  return start_pairs(context, w);
}

dss_status dss_worker_open(dss_context *context, const dss_plan *plan, dss_backend_choice choice,
                           const dss_resources *resources, dss_worker *w) {
  dss_chosen chosen = {.to_open = true};
  *w =
      (dss_worker){.plan = plan, .may_change = choice == DSS_BACKEND_AUTO, .resources = *resources};
  /* Before there are lists of pairs, which take long to make. */
  dss_status status = dss_choose_backend(context, choice, &plan->kernel, NULL, plan->permutations,
                                         &w->resources, &chosen);
  w->first = w->backend = chosen.backend;
  w->state = chosen.state;
  if (status != DSS_OK) return status;
  DSS_TRY(dss_pairwise_open(context, plan, w->resources.threads, &w->pairwise));
  return start_backend(context, w);
}

void dss_worker_close(dss_worker *w) {
  if (w->state) w->backend->close(w->state);
  dss_pairwise_free(w->pairwise);
  free(w->items);
  free(w->rows);
  *w = (dss_worker){0};
}

dss_status dss_worker_name(dss_context *context, const dss_worker *w, char **key) {
  return dss_put_backends(context, w->first->name, w->backend->name, key);
}

/* --- resamples ------------------------------------------------------------------------------ */

/* The host's values of items, with those of pairs behind. */
static dss_status join_values(dss_context *context, dss_worker *w, uint64_t first, uint64_t count,
                              double *out) {
  DSS_TRY(
      DSS_GROW(context, &w->items, &w->items_room, count * dss_kernel_columns(&w->plan->kernel)));
  DSS_TRY(from_backend(context, w->backend, w->backend->values(w->state, first, count, w->items)));
  return dss_pairwise_join(context, w->pairwise, first, count, w->items, out);
}

static dss_status join_run(dss_context *context, dss_worker *w, uint64_t first, uint64_t count,
                           dss_accumulators *accumulators) {
  uint64_t rows = dss_worker_rows(w);
  if (!w->rows) DSS_TRY(DSS_ALLOC(context, &w->rows, rows * accumulators->n_columns));
  for (uint64_t done = 0; done < count;) {
    uint64_t now = count - done < rows ? count - done : rows;
    DSS_TRY(join_values(context, w, first + done, now, w->rows));
    dss_accumulate(accumulators, first + done, now, w->rows);
    done += now;
  }
  return DSS_OK;
}

/* Resamples first .. first + count - 1: their values, or, where out is NULL, into the accumulators.
 */
static dss_status make_resamples(dss_context *context, dss_worker *w, uint64_t first,
                                 uint64_t count, double *out, dss_accumulators *accumulators) {
  const dss_backend *backend = w->backend;
  uint64_t before = out ? 0 : accumulators->resamples;
  if (joins(w))
    return out ? join_values(context, w, first, count, out)
               : join_run(context, w, first, count, accumulators);
  dss_status status = out ? backend->values(w->state, first, count, out)
                          : backend->run(w->state, first, count, accumulators);
  if (!changes(w, status)) return from_backend(context, backend, status);
  uint64_t made = out ? 0 : accumulators->resamples - before;
  DSS_TRY(change_backend(context, w, status));
  return make_resamples(context, w, first + made, count - made, out, accumulators);
}

dss_status dss_worker_values(dss_context *context, dss_worker *w, uint64_t first, uint64_t count,
                             double *out) {
  return make_resamples(context, w, first, count, out, NULL);
}

dss_status dss_worker_run(dss_context *context, dss_worker *w, uint64_t first, uint64_t count,
                          dss_accumulators *accumulators) {
  return make_resamples(context, w, first, count, NULL, accumulators);
}
