#include "choose.h"

#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "dissensus/explain.h"
#include "frames.h"
#include "host/core/cpus.h"
#include "pairwise.h"
#include "plan.h"
#include "results.h"

void dss_run_options_init(dss_run_options *options) {
  *options = (dss_run_options){.backend = DSS_BACKEND_AUTO};
}

bool dss_backend_parse(const char *name, dss_backend_choice *choice) {
  static const char *const names[] = {"auto", "reference", "cpu", "cuda"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0) {
      *choice = (dss_backend_choice)i;
      return true;
    }
  return false;
}

unsigned dss_run_threads(const dss_run_options *options) {
  return options->threads ? options->threads : dss_cpus_allowed((unsigned)omp_get_max_threads());
}

dss_resources dss_run_resources(const dss_run_options *options) {
  return (dss_resources){.threads = dss_run_threads(options),
                         .device = options->device,
                         .device_bytes = options->device_bytes};
}

/* --- choosing ------------------------------------------------------------------------------ */

/* Starting a GPU takes about as long as the cpu backend needs for so many items times groups times
 * resamples (docs/performance.md). */
enum { GPU_PAYS_BILLIONS = 2 };

static bool gpu_pays(const dss_kernel_plan *plan, uint64_t resamples) {
  double items = 0.0;
  for (size_t q = 0; q < plan->n_questions; q++)
    items += (double)plan->questions[q].n_items;
  return items * (double)plan->n_groups * (double)resamples >= GPU_PAYS_BILLIONS * 1e9;
}

static const char *why_not(const dss_chosen *chosen, dss_status status) {
  return *chosen->report.why ? chosen->report.why : dss_status_name(status);
}

static dss_status ask(const dss_backend *backend, const dss_kernel_plan *plan,
                      const dss_pairwise_plan *pairs, const dss_resources *resources,
                      dss_chosen *chosen) {
  *chosen = (dss_chosen){.backend = backend, .to_open = chosen->to_open};
  if (pairs && backend->probe_both) return backend->probe_both(pairs, resources, &chosen->report);
  if (chosen->to_open && backend->probe_and_open)
    return backend->probe_and_open(plan, resources, &chosen->report, &chosen->state);
  return backend->probe(plan, resources, &chosen->report);
}

static dss_status probe(dss_context *context, const dss_backend *backend,
                        const dss_kernel_plan *plan, const dss_pairwise_plan *pairs,
                        const dss_resources *resources, dss_chosen *chosen) {
  dss_status status = ask(backend, plan, pairs, resources, chosen);
  if (status == DSS_OK && *chosen->report.note)
    dss_info(context, "backend %s: %s", backend->name, chosen->report.note);
  return status;
}

static dss_status choose_this(dss_context *context, const dss_backend *backend,
                              const dss_kernel_plan *plan, const dss_pairwise_plan *pairs,
                              const dss_resources *resources, dss_chosen *chosen) {
  dss_status status = probe(context, backend, plan, pairs, resources, chosen);
  if (status == DSS_OK) return DSS_OK;
  return dss_fail(context, status, "backend %s: %s", backend->name, why_not(chosen, status));
}

dss_status dss_choose_or_reference(dss_context *context, const dss_backend *fastest,
                                   const dss_kernel_plan *plan, const dss_resources *resources,
                                   dss_chosen *chosen) {
  dss_status status = probe(context, fastest, plan, NULL, resources, chosen);
  if (status == DSS_OK) return DSS_OK;
  /* A processor is always there: it is missing only what the user forces by DSS_CPU. */
  if (status == DSS_ERR_DEVICE)
    return dss_fail(context, status, "backend %s: %s", fastest->name, why_not(chosen, status));
  dss_info(context, "backend reference, which is slow, because backend %s cannot run this: %s",
           fastest->name, why_not(chosen, status));
  return choose_this(context, &dss_backend_reference, plan, NULL, resources, chosen);
}

void dss_say_cpu_instead(dss_context *context, dss_backend_choice choice, unsigned device,
                         bool has_cuda, bool pays) {
  if (choice != DSS_BACKEND_AUTO || device == 0 || (has_cuda && pays)) return;
  dss_info(context, "backend cpu, and not GPU %u: %s", device - 1,
           has_cuda ? "so little work takes less time than starting one"
                    : "this build has no cuda backend");
}

void dss_say_if_no_gpu(dss_context *context, const dss_plan *plan, const dss_run_options *options) {
  dss_say_cpu_instead(context, options->backend, options->device, dss_cuda,
                      gpu_pays(&plan->kernel, plan->permutations));
}

/* A GPU that is there and cannot be used is worth a line; that there is none is not, unless one was
 * named. */
static dss_status choose_fastest(dss_context *context, const dss_kernel_plan *plan,
                                 const dss_pairwise_plan *pairs, uint64_t resamples,
                                 const dss_resources *resources, dss_chosen *chosen) {
  if (dss_cuda && gpu_pays(plan, resamples)) {
    dss_status status = probe(context, dss_cuda, plan, pairs, resources, chosen);
    if (status == DSS_OK) return DSS_OK;
    if (!chosen->report.absent || resources->device > 0)
      dss_info(context, "backend cpu, because backend %s cannot run this: %s", dss_cuda->name,
               why_not(chosen, status));
  }
  return dss_choose_or_reference(context, &dss_backend_cpu, plan, resources, chosen);
}

dss_status dss_choose_backend(dss_context *context, dss_backend_choice choice,
                              const dss_kernel_plan *plan, const dss_pairwise_plan *pairs,
                              uint64_t resamples, const dss_resources *resources,
                              dss_chosen *chosen) {
  switch (choice) {
  case DSS_BACKEND_REFERENCE:
    return choose_this(context, &dss_backend_reference, plan, NULL, resources, chosen);
  case DSS_BACKEND_AUTO:
    return choose_fastest(context, plan, pairs, resamples, resources, chosen);
  case DSS_BACKEND_CPU:
    return choose_this(context, &dss_backend_cpu, plan, NULL, resources, chosen);
  case DSS_BACKEND_CUDA:
    if (dss_cuda) return choose_this(context, dss_cuda, plan, pairs, resources, chosen);
    return dss_fail(context, DSS_ERR_DEVICE, "this build has no cuda backend");
  }
  return dss_fail(context, DSS_ERR_USAGE, "unknown backend");
}

/* --- explaining ---------------------------------------------------------------------------- */

static uint64_t coarsest(const dss_kernel_plan *plan) {
  uint64_t scale = plan->n_questions > 0 ? plan->questions[0].tables.weight_scale : 0;
  for (size_t q = 1; q < plan->n_questions; q++)
    if (plan->questions[q].tables.weight_scale < scale)
      scale = plan->questions[q].tables.weight_scale;
  return scale;
}

/* What goes by raters, items and ratings; names and the like are small beside. */
static uint64_t plan_bytes(const dss_kernel_plan *plan) {
  const dss_exchange *e = &plan->exchange;
  uint64_t bytes = e->n_raters * (sizeof *e->order + sizeof *e->class_of +
                                  plan->n_axes * sizeof *plan->axes->group);
  for (size_t q = 0; q < plan->n_questions; q++) {
    const dss_kernel_question *question = &plan->questions[q];
    bytes += (question->n_items + (uint64_t)1) * sizeof *question->item_ptr;
    bytes += question->n_ratings * (sizeof *question->rater + sizeof *question->code);
  }
  return bytes;
}

static uint64_t pilot_bytes(const dss_plan *plan) {
  size_t columns =
      plan->kernel.n_questions * plan->kernel.n_groups * dss_metrics_count(plan->metrics);
  return dss_pilot_size(plan->permutations, columns) * columns * sizeof(double);
}

dss_status dss_explain(dss_context *context, const dss_plan *plan, const dss_run_options *options,
                       dss_explanation *explanation) {
  dss_chosen chosen = {.to_open = false};
  dss_resources resources = dss_run_resources(options);
  dss_pairwise *pairs;
  dss_say_if_no_gpu(context, plan, options);
  DSS_TRY(dss_pairwise_sketch(context, plan, &pairs));
  dss_status status = dss_choose_backend(context, options->backend, &plan->kernel,
                                         pairs ? dss_pairwise_plan_of(pairs) : NULL,
                                         plan->permutations, &resources, &chosen);
  dss_pairwise_free(pairs);
  DSS_TRY(status);
  *explanation = (dss_explanation){
      .backend = chosen.backend->name,
      .host_bytes = chosen.report.host_bytes,
      .plan_bytes = plan_bytes(&plan->kernel),
      .pilot_bytes = pilot_bytes(plan),
      .device_bytes = chosen.report.device_bytes,
      .threads = resources.threads,
      .resamples = plan->permutations,
      .all_arrangements = plan->kernel.exchange.n_arrangements > 0,
      .stop_after = plan->stop_after,
      .pairs = dss_pairwise_most(plan),
      .pairs_bytes = dss_pairwise_bytes(plan),
      .weight_scale = coarsest(&plan->kernel),
  };
  snprintf(explanation->method, sizeof explanation->method, "%s", chosen.report.method);
  snprintf(explanation->why, sizeof explanation->why, "%s", chosen.report.why);
  return DSS_OK;
}
