/* How long a run takes: the backend is opened and given resamples, which are thrown away. */
#include <stdlib.h>
#include <sys/resource.h>

#include "choose.h"
#include "dissensus/explain.h"
#include "frames.h"
#include "host/core/alloc.h"
#include "host/core/timestamp.h"
#include "worker.h"

enum { FIRST_STEP = 16, PILOT = 16 };
/* Steps that last a tenth of the time there is show how much they differ. */
#define STEP_SHARE 0.1

/* A run that is only tried. */
typedef struct trial {
  const dss_plan *plan;
  dss_worker worker;
  dss_null null;
  double *observed, *pilot;
  size_t columns;
  dss_bootstrap_group *group;
  double *replicates;
  size_t replicates_room;
} trial;

/* --- timing -------------------------------------------------------------------------------- */

typedef dss_status (*work_fn)(dss_context *context, trial *t, uint64_t first, uint64_t count);

static void alone(dss_timing *timing, uint64_t count, double took) {
  double each = took / (double)count;
  *timing = (dss_timing){count, took, each, each};
}

static void add(dss_timing *timing, uint64_t count, double took) {
  double each = took / (double)count;
  timing->resamples += count;
  timing->seconds += took;
  if (each < timing->fastest) timing->fastest = each;
  if (each > timing->slowest) timing->slowest = each;
}

/* Steps of resamples first .. end - 1, until they end or the time is over. Short ones, at the
 * beginning, are forgotten over longer ones. */
static dss_status time_steps(dss_context *context, trial *t, work_fn work, uint64_t first,
                             uint64_t end, double time, dss_timing *timing) {
  double begun = dss_seconds();
  bool settled = false;
  for (uint64_t step = FIRST_STEP; first < end && dss_seconds() - begun < time;) {
    uint64_t now = end - first < step ? end - first : step;
    DSS_TRY(dss_go_on(context));
    double before = dss_seconds();
    DSS_TRY(work(context, t, first, now));
    double took = dss_seconds() - before;
    if (!settled && (now == step || timing->resamples == 0))
      alone(timing, now, took);
    else if (now == step)
      add(timing, now, took);
    settled = settled || took >= STEP_SHARE * time;
    if (!settled) step *= 2;
    first += now;
  }
  return DSS_OK;
}

/* --- permutations -------------------------------------------------------------------------- */

static dss_status permute(dss_context *context, trial *t, uint64_t first, uint64_t count) {
  return dss_worker_run(context, &t->worker, first, count, &t->null.accumulators);
}

/* A few values, so that the accumulators have frames; *made of them, or fewer when they take long.
 */
static dss_status make_frames(dss_context *context, trial *t, double time, uint64_t *made,
                              dss_timing *timing) {
  uint64_t most = dss_pilot_size(t->plan->permutations, t->columns);
  if (most > PILOT) most = PILOT;
  DSS_TRY(DSS_ALLOC(context, &t->pilot, most * t->columns));
  double begun = dss_seconds();
  for (*made = 0; *made < most && (*made == 0 || dss_seconds() - begun < STEP_SHARE * time);
       ++*made)
    DSS_TRY(dss_worker_values(context, &t->worker, *made, 1, &t->pilot[*made * t->columns]));
  alone(timing, *made, dss_seconds() - begun);
  uint64_t all = t->plan->kernel.exchange.n_arrangements;
  const dss_accumulation how = {
      .exact = all > 0, .holds_observed = all == *made, .threads = t->worker.resources.threads};
  DSS_TRY(dss_null_make(context, t->columns, t->observed, *made, t->pilot, &how, &t->null));
  dss_accumulate(&t->null.accumulators, 0, *made, t->pilot);
  return DSS_OK;
}

static dss_status time_permutations(dss_context *context, trial *t, double time,
                                    dss_timing *timing) {
  uint64_t made;
  if (t->plan->permutations == 0) return DSS_OK;
  DSS_TRY(make_frames(context, t, time, &made, timing));
  return time_steps(context, t, permute, made, t->plan->permutations, time, timing);
}

/* --- bootstrap ----------------------------------------------------------------------------- */

static dss_status from_backend(dss_context *context, const dss_worker *w, dss_status status) {
  if (status == DSS_OK) return DSS_OK;
  return dss_fail(context, status, "backend %s: %s", w->backend->name,
                  dss_failure_text(w->backend->failure, status));
}

/* By whoever makes a run's. */
static dss_status replicate(dss_context *context, trial *t, uint64_t first, uint64_t count) {
  dss_worker *w = &t->worker;
  DSS_TRY(
      DSS_GROW(context, &t->replicates, &t->replicates_room, count * t->plan->kernel.n_statistics));
  if (w->backend->bootstrap_values)
    return from_backend(context, w,
                        w->backend->bootstrap_values(w->state, first, count, t->replicates));
  dss_bootstrap_values(t->group, first, count, t->replicates);
  return DSS_OK;
}

static size_t largest_question(const dss_kernel_plan *plan) {
  size_t largest = 0;
  for (size_t q = 1; q < plan->n_questions; q++)
    if (plan->questions[q].n_ratings > plan->questions[largest].n_ratings) largest = q;
  return largest;
}

static size_t first_tested(const dss_kernel_plan *plan) {
  size_t g = 0;
  while (g + 1 < plan->n_groups && !plan->tested[g])
    g++;
  return g;
}

/* All of the bootstrap's resamples, counted in those of a group of question q: others take as much
 * less as they have ratings. */
static double resamples_like(const dss_plan *plan, size_t q) {
  const dss_kernel_plan *kernel = &plan->kernel;
  double tested = 0, questions = 0, ratings = (double)kernel->questions[q].n_ratings;
  for (size_t g = 0; g < kernel->n_groups; g++)
    tested += kernel->tested[g];
  for (size_t i = 0; ratings > 0 && i < kernel->n_questions; i++)
    questions += (double)kernel->questions[i].n_ratings / ratings;
  return (double)plan->bootstrap * tested * questions;
}

static dss_status time_bootstrap(dss_context *context, trial *t, double time,
                                 dss_calibration *made) {
  const dss_plan *plan = t->plan;
  if (plan->bootstrap == 0) return DSS_OK;
  size_t q = largest_question(&plan->kernel), g = first_tested(&plan->kernel);
  made->bootstraps = resamples_like(plan, q);
  if (dss_bootstrap_open(&plan->kernel, &plan->kernel_bootstrap, q, g, t->worker.resources.threads,
                         &t->group) != DSS_OK)
    return dss_fail_memory(context, plan->kernel.questions[q].n_ratings * 5);
  const dss_worker *w = &t->worker;
  bool device = w->backend->bootstrap_open != NULL;
  if (device) DSS_TRY(from_backend(context, w, w->backend->bootstrap_open(w->state, t->group)));
  dss_status status = time_steps(context, t, replicate, 0, plan->bootstrap, time, &made->bootstrap);
  if (device) w->backend->bootstrap_close(w->state);
  return status;
}

/* --- the whole ----------------------------------------------------------------------------- */

/* What the process has held so far, and what a run holds that was not made here. */
static uint64_t bytes_of_run(const trial *t) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  uint64_t columns = t->columns, statistics = t->plan->kernel.n_statistics;
  uint64_t results = columns * (sizeof(dss_cell) + 8 * (DSS_HISTOGRAM_BINS + 2));
  uint64_t pilot = 8 * columns * dss_pilot_size(t->plan->permutations, columns);
  return 1024 * (uint64_t)usage.ru_maxrss + results + pilot + 8 * statistics * t->plan->bootstrap;
}

static dss_status start(dss_context *context, trial *t, const dss_run_options *options) {
  const dss_resources resources = dss_run_resources(options);
  dss_say_if_no_gpu(context, t->plan, options);
  DSS_TRY(dss_worker_open(context, t->plan, options->backend, &resources, &t->worker));
  DSS_TRY(DSS_ALLOC(context, &t->observed, t->columns));
  return dss_worker_values(context, &t->worker, DSS_RESAMPLE_NONE, 1, t->observed);
}

static dss_status measure(dss_context *context, trial *t, const dss_run_options *options,
                          double time, dss_calibration *made) {
  double begun = dss_seconds();
  DSS_TRY(start(context, t, options));
  made->start = dss_seconds() - begun;
  DSS_TRY(time_permutations(context, t, time, &made->permutations));
  DSS_TRY(time_bootstrap(context, t, time, made));
  made->backend = t->worker.backend->name;
  made->bytes = bytes_of_run(t);
  return DSS_OK;
}

dss_status dss_calibrate(dss_context *context, const dss_plan *plan, const dss_run_options *options,
                         double time, dss_calibration *calibration) {
  trial t = {.plan = plan, .columns = dss_plan_columns(plan)};
  *calibration = (dss_calibration){0};
  dss_status status = measure(context, &t, options, time, calibration);
  if (t.group) dss_bootstrap_close(t.group);
  dss_worker_close(&t.worker);
  dss_null_free(&t.null);
  free(t.observed);
  free(t.pilot);
  free(t.replicates);
  return status;
}

/* The most resamples that a shard makes: whole blocks, and the pilot, which each makes by itself.
 */
static double largest_shard(const dss_plan *plan, uint64_t shards) {
  uint64_t total = plan->permutations, largest = 0;
  if (shards == 1) return (double)total;
  uint64_t blocks = total / DSS_MOMENT_BLOCK + (total % DSS_MOMENT_BLOCK > 0);
  largest = (blocks / shards + (blocks % shards > 0)) * DSS_MOMENT_BLOCK;
  uint64_t pilot = dss_pilot_size(total, dss_plan_columns(plan));
  return (double)(largest < total ? largest : total) + (double)pilot;
}

dss_estimate dss_calibration_estimate(const dss_calibration *c, const dss_plan *plan,
                                      uint64_t shards) {
  const dss_timing *p = &c->permutations, *b = &c->bootstrap;
  double permutations = p->resamples > 0 ? largest_shard(plan, shards) : 0.0;
  double bootstraps = b->resamples > 0 ? c->bootstraps / (double)shards : 0.0;
  double p_each = p->resamples > 0 ? p->seconds / (double)p->resamples : 0.0;
  double b_each = b->resamples > 0 ? b->seconds / (double)b->resamples : 0.0;
  return (dss_estimate){.seconds = c->start + p_each * permutations + b_each * bootstraps,
                        .low = c->start + p->fastest * permutations + b->fastest * bootstraps,
                        .high = c->start + p->slowest * permutations + b->slowest * bootstraps};
}
