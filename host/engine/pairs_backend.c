/* Which backend computes pairs, and what happens when a GPU fails: the cpu goes on. */
#include "choose.h"
#include "pairs.h"

/* Starting a GPU takes about as long as BLAS needs on two cores for so many pairs of raters times
 * items. */
#define GPU_PAYS 2e10

static bool gpu_pays(const dss_study *study) {
  double raters = dss_study_n_raters(study), items = dss_study_n_items(study);
  return raters * raters * items >= GPU_PAYS;
}

static dss_status is_ready(const dss_pairs_options *options, bool *absent) {
  const dss_resources resources = {.threads = 1, .device = options->device};
  return dss_pair_cuda->ready(&resources, absent);
}

/* A GPU that is there and cannot be used is worth a line; that there is none is not, unless one was
 * named. */
static bool gpu_is_for_this(dss_context *context, const dss_study *study,
                            const dss_pairs_options *options) {
  bool absent = false, pays = gpu_pays(study);
  dss_say_cpu_instead(context, options->backend, options->device, dss_pair_cuda, pays);
  if (!dss_pair_cuda || !pays) return false;
  dss_status status = is_ready(options, &absent);
  if (status != DSS_OK && (!absent || options->device > 0))
    dss_info(context, "backend cpu, because backend %s cannot run this: %s", dss_pair_cuda->name,
             dss_failure_text(dss_pair_cuda->failure, status));
  return status == DSS_OK;
}

static dss_status choose(dss_context *context, const dss_study *study,
                         const dss_pairs_options *options, dss_pair_runner *runner) {
  bool absent;
  switch (options->backend) {
  case DSS_BACKEND_REFERENCE:
    runner->backend = &dss_pair_backend_reference;
    return DSS_OK;
  case DSS_BACKEND_AUTO:
    runner->backend =
        gpu_is_for_this(context, study, options) ? dss_pair_cuda : &dss_pair_backend_cpu;
    return DSS_OK;
  case DSS_BACKEND_CPU:
    runner->backend = &dss_pair_backend_cpu;
    return DSS_OK;
  case DSS_BACKEND_CUDA:
    if (!dss_pair_cuda) return dss_fail(context, DSS_ERR_DEVICE, "this build has no cuda backend");
    runner->backend = dss_pair_cuda;
    dss_status status = is_ready(options, &absent);
    return status == DSS_OK ? DSS_OK : dss_pair_failed(context, runner, status);
  }
  return dss_fail(context, DSS_ERR_USAGE, "unknown backend");
}

static bool may_change(const dss_pair_runner *runner) {
  return runner->options->backend == DSS_BACKEND_AUTO && runner->backend == dss_pair_cuda;
}

dss_status dss_pair_runner_choose(dss_context *context, const dss_study *study,
                                  const dss_pair_plan *plan, const dss_pairs_options *options,
                                  dss_pair_runner *runner) {
  *runner = (dss_pair_runner){.plan = plan, .options = options};
  DSS_TRY(choose(context, study, options, runner));
  runner->first = runner->backend;
  if (!may_change(runner))
    return dss_pair_room_find(context, plan, options, runner->backend, &runner->room);
  /* The cpu's first, so that it has a room if it has to go on. */
  DSS_TRY(dss_pair_room_find(context, plan, options, &dss_pair_backend_cpu, &runner->room));
  return dss_pair_room_change(context, plan, options, runner->backend, &runner->room);
}

dss_status dss_pair_failed(dss_context *context, dss_pair_runner *runner, dss_status status) {
  runner->failed = true;
  return dss_fail(context, status, "backend %s: %s", runner->backend->name,
                  dss_failure_text(runner->backend->failure, status));
}

dss_status dss_pair_take_over(dss_context *context, dss_pair_runner *runner, dss_status status) {
  if (!may_change(runner) || !runner->failed ||
      (status != DSS_ERR_DEVICE && status != DSS_ERR_MEMORY))
    return status;
  dss_say_cpu_goes_on(context, runner->backend->name, runner->backend->failure, status);
  runner->backend = &dss_pair_backend_cpu;
  runner->failed = false;
  if (!runner->opened) runner->first = runner->backend;
  return dss_pair_room_change(context, runner->plan, runner->options, runner->backend,
                              &runner->room);
}
