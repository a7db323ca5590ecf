/* Statistics of pairs of raters join those of items on the device: its accumulators are, to the
 * bit, those of the reference's joined values, on one device and on several; and the memory that a
 * plan of both needs. */
#include <criterion/criterion.h>

#include "backend_designs.h"
#include "cuda_devices.h"
#include "host/engine/frames.h"
#include "host/engine/pairwise.h"
#include "kernels/cuda/design.h"
#include "pairwise_both.h"

typedef struct run_case {
  uint64_t stop_after, calls[4]; /* resamples a call, up to the first 0 */
  int devices;
} run_case;

/* A plan with lists of pairs. */
typedef struct made {
  dss_context *context;
  dss_study *study;
  dss_plan *plan;
  dss_pairwise *pairwise;
  const dss_pairwise_plan *both;
  char what[240];
} made;

static void make(const parity_design *d, size_t v, made *m) {
  m->context = dss_context_new();
  m->study = parity_study(m->context, d, v + 1);
  dss_plan_options options = variant(v, DSS_METRICS_GAI | DSS_METRICS_PAIR_GAI, d->depth);
  m->plan = variant_plan(m->context, m->study, d->what, &options, m->what, sizeof m->what);
  cr_assert_eq(dss_pairwise_open(m->context, m->plan, 1, &m->pairwise), DSS_OK);
  m->both = dss_pairwise_plan_of(m->pairwise);
}

static void unmake(made *m) {
  dss_pairwise_free(m->pairwise);
  dss_plan_free(m->plan);
  dss_study_free(m->study);
  dss_context_free(m->context);
}

static void add_expected(const made *m, const run_case *of, dss_accumulators *a) {
  size_t columns = dss_pairwise_columns(m->both);
  uint64_t done = 0;
  for (size_t i = 0; i < 4 && of->calls[i] > 0; i++) {
    const window w = {done, of->calls[i]};
    double *values = both_by_reference(m->both, &w, m->what);
    dss_accumulate(a, done, w.count, &values[columns]);
    free(values);
    done += w.count;
    if (of->stop_after > 0 && done % DSS_CHECKPOINT == 0) dss_accumulators_checkpoint(a);
  }
}

static void add_found(const made *m, const run_case *of, const dss_resources *resources,
                      dss_accumulators *a) {
  void *state;
  uint64_t done = 0;
  cr_assert_eq(dss_cuda->open_both(m->both, resources, &state), DSS_OK, "%s", dss_cuda->failure());
  for (size_t i = 0; i < 4 && of->calls[i] > 0; i++) {
    cr_assert_eq(dss_cuda->run(state, done, of->calls[i], a), DSS_OK, "%s", dss_cuda->failure());
    done += of->calls[i];
    if (of->stop_after > 0 && done % DSS_CHECKPOINT == 0) dss_accumulators_checkpoint(a);
  }
  dss_cuda->close(state);
}

static void compare_runs(const parity_design *d, size_t v, const run_case *of) {
  dss_resources resources = {.threads = 1, .device_bytes = 64 << 20};
  if (!devices_use(of->devices, &resources)) return;
  made m;
  make(d, v, &m);
  const window pilot = {0, 100};
  size_t columns = dss_pairwise_columns(m.both), tested = 0;
  double *framing = both_by_reference(m.both, &pilot, m.what);
  const dss_accumulation how = {.threads = 1, .stop_after = of->stop_after};
  dss_null expected, found;
  cr_assert_eq(
      dss_null_make(m.context, columns, framing, pilot.count, &framing[columns], &how, &expected),
      DSS_OK);
  cr_assert_eq(
      dss_null_make(m.context, columns, framing, pilot.count, &framing[columns], &how, &found),
      DSS_OK);
  add_expected(&m, of, &expected.accumulators);
  add_found(&m, of, &resources, &found.accumulators);
  assert_same_accumulators(&expected.accumulators, &found.accumulators, m.what);
  size_t width = m.both->plan->n_statistics + m.both->n_statistics, stopped = 0;
  for (size_t i = 0; i < expected.accumulators.n_tested; i++)
    tested += expected.accumulators.order[i] % width >= m.both->plan->n_statistics;
  for (size_t c = 0; c < columns; c++) {
    uint64_t at = expected.accumulators.stopped[c];
    cr_assert_eq(at, found.accumulators.stopped[c], "%s: column %zu", m.what, c);
    stopped += at > 0 && c % width >= m.both->plan->n_statistics;
  }
  if (of->stop_after > 0)
    cr_assert_gt(stopped, 5, "%s: statistics of pairs that stop", m.what);
  else
    cr_assert_gt(tested, 10, "%s: statistics of pairs in the family of tests", m.what);
  cr_assert(devices_are_clean());
  dss_null_free(&expected);
  dss_null_free(&found);
  free(framing);
  unmake(&m);
}

static const parity_design few = {"runs",
                                  14,
                                  6,
                                  1,
                                  {{2}, {3, 0, 0.1}},
                                  {{DSS_NOMINAL, 3, 0, 8, 0.5}, {DSS_ORDINAL, 4, 0, 8, 0.5}}};

/* Values unknown on the first axis of a word alone. */
static const parity_design turned = {"turned",
                                     14,
                                     6,
                                     1,
                                     {{2, 0, 0.2}, {3}},
                                     {{DSS_NOMINAL, 3, 0, 8, 0.5}, {DSS_ORDINAL, 4, 0, 8, 0.5}}};

/* Calls that end within blocks of moments and at their ends. */
Test(pairwise_runs, accumulators) {
  compare_runs(&turned, 0, &(run_case){.calls = {300}, .devices = 1});
  compare_runs(&few, 0, &(run_case){.calls = {1, 30, 4065, 200}, .devices = 1});
  compare_runs(&few, 1, &(run_case){.calls = {100, 8192, 77}, .devices = 3});
  compare_runs(&few, 5, &(run_case){.calls = {4200}, .devices = 2});
}

Test(pairwise_runs, tests_that_stop) {
  compare_runs(&few, 0,
               &(run_case){.stop_after = 700, .calls = {1000, 3096, 4096, 50}, .devices = 1});
  compare_runs(&few, 2, &(run_case){.stop_after = 20, .calls = {100, 3996, 4096}, .devices = 2});
}

/* A plan of both has room for the lists and sums of pairs, and one that has not names the least;
 * before the lists are there too. */
Test(pairwise_runs, memory) {
  static const parity_design d = {"memory", 1500, 60, 1, {{2}}, {{DSS_NOMINAL, 3, 200, 400, 0.5}}};
  made m;
  dss_pairwise *sketch;
  dss_cu_design alone, both;
  make(&d, 0, &m);
  uint64_t lists = m.both->questions[0].n_pairs * (sizeof(uint32_t) + sizeof(uint64_t));
  cr_assert_gt(lists, 20 << 20);
  cr_assert_eq(dss_cu_design_make(&m.plan->kernel, NULL, 256 << 20, &alone), DSS_OK);
  cr_assert_eq(dss_cu_design_make(&m.plan->kernel, m.both, 256 << 20, &both), DSS_OK);
  cr_assert_geq(both.fixed, alone.fixed + lists);
  cr_assert_gt(both.a_resample, alone.a_resample);
  dss_cu_design_free(&alone);
  dss_cu_design_free(&both);
  cr_assert_eq(dss_cu_design_make(&m.plan->kernel, m.both, lists, &both), DSS_ERR_MEMORY);
  cr_assert_eq(dss_pairwise_sketch(m.context, m.plan, &sketch), DSS_OK);
  const dss_pairwise_plan *sizes = dss_pairwise_plan_of(sketch);
  cr_assert_null(sizes->questions[0].ptr);
  cr_assert_geq(sizes->questions[0].n_pairs, m.both->questions[0].n_pairs);
  const dss_resources little = {.threads = 1, .device_bytes = lists},
                      much = {.threads = 1, .device_bytes = 256 << 20};
  dss_backend_report report;
  cr_assert_eq(dss_cuda->probe_both(sizes, &little, &report), DSS_ERR_MEMORY);
  cr_assert(strstr(report.why, "the plan needs "), "%s", report.why);
  cr_assert_eq(dss_cuda->probe_both(sizes, &much, &report), DSS_OK);
  cr_assert_gt(report.device_bytes, lists);
  dss_pairwise_free(sketch);
  unmake(&m);
}
