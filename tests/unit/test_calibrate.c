/* Trials of plans: they never make more resamples than there are, and what they say adds up. How
 * fast anything is, is not tested. */
#include <criterion/criterion.h>

#include "host/engine/plan.h"
#include "tests/parity/designs.h"

static const design usual = {40, 60, 5, DSS_ORDINAL, 0.5, {2, 3}, 0.1, 1};
static const design few = {6, 40, 5, DSS_ORDINAL, 0.8, {2, 1}, 0.0, 11}; /* all arrangements */
#define TIME 0.05

static dss_context *context;

static void set_up(void) {
  context = dss_context_new();
}

static void tear_down(void) {
  dss_context_free(context);
}

TestSuite(calibrate, .init = set_up, .fini = tear_down);

static void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

static dss_plan *plan_of(const design *d, uint64_t permutations, uint64_t bootstrap, bool pairs) {
  dss_study *study = design_study(context, d, NULL, NULL);
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.permutations = permutations;
  options.bootstrap = bootstrap;
  if (pairs) options.metrics = DSS_METRICS_GAI | DSS_METRICS_PAIR_GAI;
  must(dss_plan_new(context, study, &options, &plan));
  dss_study_free(study);
  return plan;
}

static dss_calibration calibrate(const dss_plan *plan, dss_backend_choice backend) {
  dss_run_options options;
  dss_calibration made;
  dss_run_options_init(&options);
  options.backend = backend;
  options.threads = 2;
  must(dss_calibrate(context, plan, &options, TIME, &made));
  cr_assert(made.start >= 0 && made.bytes > 0 && made.backend);
  return made;
}

static void expect_timing(const dss_timing *t, uint64_t most) {
  cr_assert(t->resamples > 0 && t->resamples <= most, "%llu of %llu resamples",
            (unsigned long long)t->resamples, (unsigned long long)most);
  double each = t->seconds / (double)t->resamples, little = 1e-9 * each;
  cr_assert(t->fastest > 0 && t->fastest <= each + little && each <= t->slowest + little);
}

/* A shard takes whole blocks of 4096, and the pilot besides. */
static double resamples_of(const dss_plan *plan, uint64_t shards) {
  double total = (double)plan->permutations, blocks = ceil(total / 4096);
  if (shards == 1) return total;
  return fmin(total, 4096 * ceil(blocks / (double)shards)) + fmin(total, 4096);
}

static void expect_estimates(const dss_calibration *c, const dss_plan *plan) {
  for (uint64_t shards = 1; shards < 100; shards *= 3) {
    dss_estimate part = dss_calibration_estimate(c, plan, shards);
    double expected = c->start;
    if (c->permutations.resamples > 0)
      expected +=
          c->permutations.seconds / (double)c->permutations.resamples * resamples_of(plan, shards);
    if (c->bootstrap.resamples > 0)
      expected +=
          c->bootstrap.seconds / (double)c->bootstrap.resamples * c->bootstraps / (double)shards;
    cr_assert(fabs(part.seconds - expected) <= 1e-9 * expected);
    cr_assert(c->start <= part.low && part.low <= part.seconds * (1 + 1e-9) &&
              part.seconds <= part.high * (1 + 1e-9));
  }
}

Test(calibrate, permutations) {
  static const uint64_t counts[] = {1, 5, 16, 17, 40, 5000, UINT64_C(1) << 40};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    for (int pairs = 0; pairs < 2; pairs++) {
      dss_plan *plan = plan_of(&usual, counts[i], 0, pairs);
      dss_calibration c = calibrate(plan, i % 2 ? DSS_BACKEND_CPU : DSS_BACKEND_REFERENCE);
      expect_timing(&c.permutations, counts[i]);
      expect_estimates(&c, plan);
      cr_assert(c.bootstrap.resamples == 0 && c.bootstraps == 0);
      dss_plan_free(plan);
    }
}

Test(calibrate, every_arrangement) {
  dss_plan *plan = plan_of(&few, 1000, 0, false);
  cr_assert(plan->kernel.exchange.n_arrangements > 0);
  dss_calibration c = calibrate(plan, DSS_BACKEND_AUTO);
  expect_timing(&c.permutations, plan->permutations);
  expect_estimates(&c, plan);
  dss_plan_free(plan);
}

Test(calibrate, estimates_only) {
  dss_plan *plan = plan_of(&usual, 0, 0, false);
  dss_calibration c = calibrate(plan, DSS_BACKEND_AUTO);
  cr_assert_eq(c.permutations.resamples, 0);
  dss_estimate all = dss_calibration_estimate(&c, plan, 1);
  cr_assert(all.seconds == c.start && all.low == c.start && all.high == c.start);
  dss_plan_free(plan);
}

Test(calibrate, bootstrap) {
  dss_plan *plan = plan_of(&usual, 0, 300, false);
  dss_calibration c = calibrate(plan, DSS_BACKEND_AUTO);
  size_t tested = 0;
  for (size_t g = 0; g < plan->kernel.n_groups; g++)
    tested += plan->kernel.tested[g];
  expect_timing(&c.bootstrap, 300);
  cr_assert_eq(c.bootstraps, (double)(300 * tested));
  expect_estimates(&c, plan);
  dss_plan_free(plan);
}

Test(calibrate, what_is_not_there) {
  dss_plan *plan = plan_of(&usual, 10, 0, false);
  dss_run_options options;
  dss_calibration made;
  dss_run_options_init(&options);
  options.backend = (dss_backend_choice)77;
  cr_assert_eq(dss_calibrate(context, plan, &options, TIME, &made), DSS_ERR_USAGE);
  dss_plan_free(plan);
}
