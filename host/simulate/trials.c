#include "trials.h"

#include <math.h>
#include <omp.h>

#include "dissensus/results.h"
#include "draw.h"
#include "host/core/alloc.h"
#include "host/core/cpus.h"
#include "host/stats/pvalues.h"

/* What became of one study. */
typedef struct outcome {
  bool found, done;
  double gai; /* NaN: undefined */
  dss_reason why;
} outcome;

/* --- one study ------------------------------------------------------------------------------- */

/* Why the group has no GAI: where it lacks what GAI is made of, why it lacks that. */
static dss_reason cause_of(const dss_results *results, size_t group) {
  dss_reason why = dss_results_cell(results, 0, group, DSS_GAI)->reason;
  if (why != DSS_REASON_NEEDS_IRR && why != DSS_REASON_NEEDS_XRR) return why;
  dss_statistic needed = why == DSS_REASON_NEEDS_IRR ? DSS_IRR : DSS_XRR;
  return dss_results_cell(results, 0, group, needed)->reason;
}

static dss_status run_plan(dss_context *context, const dss_study *study, const dss_trials *t,
                           uint64_t seed, uint64_t permutations, dss_cell *cell) {
  dss_plan_options options;
  dss_run_options run;
  dss_plan *plan = NULL;
  dss_results *results = NULL;
  dss_plan_options_init(&options);
  dss_run_options_init(&run);
  options.axes = &t->axis;
  options.n_axes = 1;
  options.seed = seed;
  options.permutations = permutations;
  run.backend = DSS_BACKEND_CPU;
  run.threads = 1;
  dss_status status = dss_plan_new(context, study, &options, &plan);
  if (status == DSS_OK) status = dss_run(context, plan, &run, &results);
  if (status == DSS_OK) {
    size_t g = 0, n = dss_results_n_groups(results);
    while (g < n && strcmp(dss_results_group(results, g), t->group) != 0)
      g++;
    /* Else all its raters' ratings are missing: it has no GAI. */
    *cell = (dss_cell){.estimate = NAN, .reason = DSS_REASON_NO_RATINGS, .p = NAN, .q_bh = NAN};
    if (g < n) {
      *cell = *dss_results_cell(results, 0, g, DSS_GAI);
      cell->reason = cause_of(results, g);
    }
  }
  dss_results_free(results);
  dss_plan_free(plan);
  return status;
}

/* Whether p will not be below alpha, once so many of all resamples exceed the observed value: p
 * only grows with them. */
static bool surely_not_found(const dss_power_test *test, const dss_cell *cell) {
  double up = dss_p_one_sided(cell->ge, test->permutations, false);
  double down = dss_p_one_sided(cell->le, test->permutations, false);
  return !(dss_p_two_sided(up, down) < test->alpha);
}

enum { FIRST_SHARE = 5, LEAST_FIRST = 99 };

/* The first resamples of a run are those of a longer one with the same seed. Where more of them
 * than may be exceed the observed value on either side, so do they in all: the decision is the same
 * as with all resamples, and they are not made. Only where no design is so small that all its
 * arrangements would be visited instead: of these there are as many as ways to choose the group, or
 * more. */
static uint64_t first_resamples(const dss_study *study, const dss_trials *t) {
  const dss_power_test *test = t->test;
  uint64_t first = test->permutations / FIRST_SHARE;
  double ways = 1, enough = 100.0 * (double)test->permutations, n = dss_study_n_raters(study);
  for (uint32_t i = 0; i < t->group_raters && ways <= enough; i++)
    ways = ways * (n - i) / (i + 1.0);
  return test->adjusted || first < LEAST_FIRST || ways <= enough ? 0 : first;
}

static dss_status run_study(dss_context *context, const dss_trials *t, uint64_t seed,
                            outcome *made) {
  dss_study *study = NULL;
  dss_cell cell = {.ge = 0};
  bool decided = false;
  DSS_TRY(t->make(context, t->what, seed, &study));
  uint64_t first = first_resamples(study, t);
  dss_status status = DSS_OK;
  if (first > 0) {
    status = run_plan(context, study, t, seed, first, &cell);
    decided = isnan(cell.estimate) || surely_not_found(t->test, &cell);
  }
  if (status == DSS_OK && !decided) {
    status = run_plan(context, study, t, seed, t->test->permutations, &cell);
    double p = t->test->adjusted ? cell.q_bh : cell.p;
    made->found = p < t->test->alpha; /* no NaN is */
  }
  made->gai = cell.estimate;
  made->why = cell.reason;
  made->done = status == DSS_OK;
  dss_study_free(study);
  return status;
}

/* --- many ------------------------------------------------------------------------------------ */

/* What the threads share. */
typedef struct crowd {
  dss_context *context; /* the caller's, whose thread alone uses it */
  const dss_trials *trials;
  outcome *outcomes;
  uint64_t next, finished;
  dss_status status; /* of the first that failed */
  char why[512];
} crowd;

static uint64_t seed_of(uint64_t seed, uint64_t study) {
  dss_draw stream = dss_draw_from(seed, DSS_DRAW_STUDY, (uint32_t)study, (uint32_t)(study >> 32));
  uint64_t low = dss_draw_word(&stream);
  return (uint64_t)dss_draw_word(&stream) << 32 | low;
}

static void note_failure(crowd *c, dss_status status, const char *why) {
#pragma omp critical(dss_trials)
  if (c->status == DSS_OK) {
    c->status = status;
    size_t length = strnlen(why, sizeof c->why - 1);
    memcpy(c->why, why, length);
    c->why[length] = '\0';
  }
}

/* The calling thread's part between two of its studies. */
static void look_up(crowd *c) {
  uint64_t finished;
  dss_status status;
#pragma omp atomic read
  finished = c->finished;
#pragma omp critical(dss_trials)
  status = c->status;
  dss_progress(c->context, "studies", c->trials->done + finished, c->trials->total);
  if (status == DSS_OK && dss_stopped(c->context))
    note_failure(c, DSS_INTERRUPTED, "interrupted; nothing is kept");
}

static void take_part(crowd *c) {
  dss_context *own = dss_context_new();
  if (!own) note_failure(c, DSS_ERR_MEMORY, "out of memory");
  for (bool going = own != NULL; going;) {
    uint64_t s;
    dss_status status;
#pragma omp atomic capture
    s = c->next++;
#pragma omp critical(dss_trials)
    status = c->status;
    going = s < c->trials->test->studies && status == DSS_OK;
    if (!going) break;
    status = run_study(own, c->trials, seed_of(c->trials->seed, s), &c->outcomes[s]);
    if (status != DSS_OK) note_failure(c, status, dss_context_error(own));
#pragma omp atomic
    c->finished++;
    if (omp_get_thread_num() == 0) look_up(c);
  }
  dss_context_free(own);
}

/* Sums in the studies' order: no trace of threads. */
static void sum_up(const crowd *c, dss_power_point *point) {
  double sum = 0;
  point->studies = c->trials->test->studies;
  point->found = point->undefined = 0;
  for (uint64_t s = 0; s < point->studies; s++) {
    point->found += c->outcomes[s].found;
    if (isnan(c->outcomes[s].gai)) {
      point->undefined++;
      c->trials->why[c->outcomes[s].why]++;
    } else {
      sum += c->outcomes[s].gai;
    }
  }
  point->power = (double)point->found / (double)point->studies;
  dss_clopper_pearson(point->found, point->studies, &point->low, &point->high);
  point->mean_gai =
      point->undefined == point->studies ? NAN : sum / (double)(point->studies - point->undefined);
}

dss_status dss_trials_run(dss_context *context, const dss_trials *trials, dss_power_point *point) {
  crowd c = {.context = context, .trials = trials};
  DSS_TRY(dss_go_on(context));
  DSS_TRY(DSS_ALLOC(context, &c.outcomes, trials->test->studies));
  unsigned threads = trials->test->threads;
  if (threads == 0) threads = dss_cpus_allowed((unsigned)omp_get_max_threads());
#pragma omp parallel num_threads((int)threads)
  take_part(&c);
  if (c.status == DSS_OK)
    sum_up(&c, point);
  else
    dss_fail(context, c.status, "%s", c.why);
  free(c.outcomes);
  return c.status;
}
