/* What is said of a plan before it runs is so: method, reasons, memory; and plans that the CPU's
 * kernels cannot hold are left to the reference. */
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "designs.h"
#include "host/engine/choose.h"
#include "host/engine/plan.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR 1
#endif
#endif

static dss_plan *plan_with(dss_context *context, const dss_study *study, unsigned metrics,
                           dss_units units) {
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.metrics = metrics;
  options.units = units;
  options.all_depth = 2;
  options.permutations = 0;
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK, "%s",
               dss_context_error(context));
  return plan;
}

/* --- words --------------------------------------------------------------------------------- */

typedef struct saying {
  const char *what;
  design d;
  unsigned metrics;
  dss_units units;
  const char *method, *why, *why_not; /* parts that must be there; that must not */
} saying;

#define GAI DSS_METRICS_GAI
#define ALL DSS_METRICS_ALL
static const saying sayings[] = {
    {"small items",
     {40, 9, 5, DSS_NOMINAL, 1.0, {2, 3}, 0.0, 1},
     ALL,
     DSS_UNITS_OWN,
     " resamples a step, narrow kernel",
     "no item has more than 63 ratings: narrow kernel, sums of 16-bit products in registers; "
     "6 cells are counted for 3 axes",
     "wide"},
    {"few ratings",
     {40, 90, 5, DSS_NOMINAL, 0.1, {2, 3}, 0.0, 1},
     GAI,
     DSS_UNITS_COMMON,
     " resamples a step, tabled kernel",
     "no item has more than 256 states of a group's counts by level: tabled kernel, all that a "
     "state "
     "adds from a table; 6 cells are counted for 3 axes",
     "narrow"},
    {"few ratings and many",
     {40, 90, 5, DSS_ORDINAL, 0.3, {2, 3}, 0.0, 1},
     ALL,
     DSS_UNITS_OWN,
     " resamples a step, tabled and narrow kernel",
     "% of the ratings are on items of at most 256 states of a group's counts by level: tabled ",
     "no item"},
    {"few ratings, unknown values",
     {40, 90, 5, DSS_NOMINAL, 0.1, {2, 2}, 0.3, 1},
     ALL,
     DSS_UNITS_OWN,
     "step, tabled and wide kernel",
     "wide kernel beside it since some values are unknown",
     "narrow"},
    {"few ratings, unknown values, GAI",
     {40, 90, 5, DSS_NOMINAL, 0.1, {2, 2}, 0.3, 1},
     GAI,
     DSS_UNITS_OWN,
     "step, narrow kernel",
     "no item",
     "tabled"},
    {"one item of 100",
     {100, 1, 2, DSS_NOMINAL, 1.0, {2, 1}, 0.0, 1},
     GAI,
     DSS_UNITS_OWN,
     "step, wide kernel",
     "wide kernel since items have over 63 ratings; 2 cells",
     "narrow"},
    {"some items are larger",
     {70, 40, 3, DSS_NOMINAL, 0.9, {2, 2}, 0.0, 3},
     GAI,
     DSS_UNITS_OWN,
     "narrow and wide kernel",
     "% of the ratings are on items of at most 63: narrow",
     "no item"},
    {"common units",
     {30, 9, 3, DSS_NOMINAL, 1.0, {2, 2}, 0.0, 1},
     GAI,
     DSS_UNITS_COMMON,
     " 128 resamples a step, sliced kernel",
     "since units are common; they are dense enough to be added up as bits of 128 resamples at "
     "once",
     "items have"},
    {"ten levels",
     {30, 9, 10, DSS_ORDINAL, 1.0, {2, 2}, 0.0, 1},
     GAI,
     DSS_UNITS_OWN,
     "step, narrow kernel",
     "no item",
     "levels"},
    {"eleven levels",
     {30, 9, 11, DSS_ORDINAL, 1.0, {2, 2}, 0.0, 1},
     GAI,
     DSS_UNITS_OWN,
     "step, wide kernel",
     "since a question has more than 10 levels;",
     "beyond"},
    {"eight levels",
     {30, 9, 8, DSS_ORDINAL, 1.0, {2, 2}, 0.0, 1},
     ALL,
     DSS_UNITS_OWN,
     "step, wide kernel",
     "more than 7 levels (statistics beyond IRR and XRR are wanted);",
     "items"},
    {"an item of 130",
     {130, 9, 3, DSS_NOMINAL, 1.0, {2, 2}, 0.0, 1},
     GAI,
     DSS_UNITS_OWN,
     "step, sliced kernel",
     "sliced kernel since an item of over 128 ratings takes weights of over 41 bits; they are "
     "dense",
     "narrow"},
    {"common units, some dense",
     {90, 60, 2, DSS_NOMINAL, 0.75, {2, 2}, 0.0, 1},
     GAI,
     DSS_UNITS_COMMON,
     " 128 resamples a step, sliced and wide kernel",
     "% of these ratings are dense enough",
     "narrow"},
    {"two reasons",
     {130, 9, 12, DSS_NOMINAL, 1.0, {2, 2}, 0.0, 1},
     GAI,
     DSS_UNITS_COMMON,
     "step, sliced kernel",
     "since units are common, a question has more than 10 levels, an item",
     "narrow"},
    {"unknown values",
     {40, 9, 5, DSS_NOMINAL, 1.0, {2, 2}, 0.3, 1},
     ALL,
     DSS_UNITS_OWN,
     "narrow and wide kernel",
     "beside it since some values are unknown",
     "items have"},
    {"unknown values, GAI",
     {40, 9, 5, DSS_NOMINAL, 1.0, {2, 2}, 0.3, 1},
     GAI,
     DSS_UNITS_OWN,
     "step, narrow kernel",
     "no item",
     "unknown"},
};

Test(probe, says_method_and_why) {
  dss_context *context = dss_context_new();
  setenv("DSS_CPU", "portable", 1);
  for (size_t i = 0; i < sizeof sayings / sizeof *sayings; i++) {
    const saying *s = &sayings[i];
    dss_study *study = design_study(context, &s->d, NULL, NULL);
    dss_plan *plan = plan_with(context, study, s->metrics, s->units);
    dss_backend_report report;
    memset(&report, 0xa5, sizeof report);
    cr_assert_eq(dss_backend_cpu.probe(&plan->kernel, &(dss_resources){.threads = 1}, &report),
                 DSS_OK);
    cr_expect(strncmp(report.method, "portable, ", 10) == 0, "%s: %s", s->what, report.method);
    cr_expect(strstr(report.method, s->method), "%s: %s", s->what, report.method);
    cr_expect(strstr(report.why, s->why), "%s: %s", s->what, report.why);
    cr_expect(!strstr(report.why, s->why_not), "%s: %s", s->what, report.why);
    cr_expect(strlen(report.why) + 100 < sizeof report.why, "%s: hardly room", s->what);
    dss_plan_free(plan);
    dss_study_free(study);
  }
  dss_context_free(context);
}

/* --- items that 64 bits do not hold ---------------------------------------------------------- */

/* One item that every rater rated, and one that a hundred did. */
static dss_study *study_of_large_item(dss_context *context, uint32_t n_raters) {
  enum { NAME = 8, MORE = 100 };
  static const char *const names[] = {"1", "2"};
  size_t n = n_raters + (size_t)MORE;
  char(*text)[NAME] = calloc(n_raters, NAME);
  const char **raters = calloc(n_raters, sizeof *raters);
  uint32_t *rater = calloc(n, sizeof *rater), *item = calloc(n, sizeof *item);
  int32_t *codes = calloc(n_raters, sizeof *codes);
  uint8_t *code = calloc(n, 1);
  independent_random random = {n_raters};
  for (uint32_t r = 0; r < n_raters; r++) {
    snprintf(text[r], NAME, "%06u", r % 1000000);
    raters[r] = text[r];
    codes[r] = (int32_t)random_under(&random, 2);
  }
  for (uint32_t i = 0; i < n; i++) {
    rater[i] = i < n_raters ? i : i - n_raters;
    item[i] = i >= n_raters;
    code[i] = (uint8_t)random_under(&random, 2);
  }
  dss_study *study;
  cr_assert_eq(dss_study_new(context, n_raters, raters, 2, names, &study), DSS_OK);
  dss_attribute attribute = {"a", 2, names, codes, false};
  cr_assert_eq(dss_study_add_rater_attribute(context, study, &attribute), DSS_OK);
  cr_assert_eq(dss_study_add_question(context, study, "q", DSS_NOMINAL, 2, names, NULL, n, rater,
                                      item, code),
               DSS_OK, "%s", dss_context_error(context));
  free(text);
  free(raters);
  free(rater);
  free(item);
  free(codes);
  free(code);
  return study;
}

static void values_of(const dss_backend *backend, const dss_kernel_plan *plan, uint64_t count,
                      double *values) {
  void *state;
  memset(values, 0xa5, count * dss_kernel_columns(plan) * sizeof *values);
  cr_assert_eq(backend->open(plan, &(dss_resources){.threads = 2}, &state), DSS_OK);
  cr_assert_eq(backend->values(state, 3, count, values), DSS_OK);
  backend->close(state);
}

/* From 16,385 ratings of an item on the reference does it; at 60,000 the kernels' 64 bits would
 * overflow. */
Test(probe, large_items_are_left_to_the_reference) {
  enum { RESAMPLES = 3 };
  static const struct {
    uint32_t raters;
    bool left;
  } cases[] = {{16384, false}, {20000, true}, {60000, true}};
  dss_context *context = dss_context_new();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    dss_study *study = study_of_large_item(context, cases[i].raters);
    dss_plan *plan = plan_with(context, study, DSS_METRICS_ALL, DSS_UNITS_OWN);
    size_t columns = dss_kernel_columns(&plan->kernel);
    double *expected = calloc(RESAMPLES * columns, sizeof *expected);
    double *values = calloc(RESAMPLES * columns, sizeof *values);
    dss_backend_report report;
    cr_assert_eq(dss_backend_cpu.probe(&plan->kernel, &(dss_resources){.threads = 2}, &report),
                 DSS_OK);
    char large[64];
    snprintf(large, sizeof large, "an item has %u ratings", cases[i].raters);
    cr_expect_eq(strstr(report.method, "the reference's") != NULL, cases[i].left, "%s",
                 report.method);
    cr_expect_eq(strstr(report.why, large) != NULL, cases[i].left, "%s", report.why);
    values_of(&dss_backend_reference, &plan->kernel, RESAMPLES, expected);
    values_of(&dss_backend_cpu, &plan->kernel, RESAMPLES, values);
    for (size_t c = 0; c < RESAMPLES * columns; c++)
      cr_assert(same_number(expected[c], values[c]), "%u ratings: column %zu: %a, not %a",
                cases[i].raters, c, values[c], expected[c]);
    cr_expect(!isnan(values[0]));
    free(expected);
    free(values);
    dss_plan_free(plan);
    dss_study_free(study);
  }
  dss_context_free(context);
}

/* Said of such a question, not made: it would take 20 GiB. */
Test(probe, large_questions_are_left_to_the_reference) {
  dss_context *context = dss_context_new();
  dss_study *study = study_of_large_item(context, 100);
  dss_plan *plan = plan_with(context, study, DSS_METRICS_ALL, DSS_UNITS_OWN);
  dss_kernel_question question = plan->kernel.questions[0];
  dss_kernel_plan large = plan->kernel;
  dss_backend_report report;
  large.questions = &question;
  large.n_questions = 1;
  question.n_ratings = (uint64_t)UINT32_MAX + 1;
  cr_assert_eq(dss_backend_cpu.probe(&large, &(dss_resources){.threads = 2}, &report), DSS_OK);
  cr_expect(strstr(report.method, "the reference's"), "%s", report.method);
  cr_expect(strstr(report.why, "a question has 4294967296 ratings"), "%s", report.why);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

/* The whole run too, which accumulates through the delegate. */
Test(probe, a_run_with_a_large_item) {
  dss_context *context = dss_context_new();
  dss_study *study = study_of_large_item(context, 20000);
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.permutations = 4200; /* more than the pilot's */
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK);
  dss_results *results[2];
  for (int i = 0; i < 2; i++) {
    dss_run_options run;
    dss_run_options_init(&run);
    run.backend = i == 0 ? DSS_BACKEND_REFERENCE : DSS_BACKEND_CPU;
    cr_assert_eq(dss_run(context, plan, &run, &results[i]), DSS_OK);
  }
  for (size_t g = 0; g < 2; g++) {
    const dss_cell *a = dss_results_cell(results[0], 0, g, DSS_XRR),
                   *b = dss_results_cell(results[1], 0, g, DSS_XRR);
    cr_expect(same_number(a->null_mean, b->null_mean) && a->ge == b->ge && a->resamples == 4200);
  }
  cr_expect_str_eq(dss_results_provenance(results[1], "backend"), "cpu");
  dss_results_free(results[0]);
  dss_results_free(results[1]);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

/* --- memory ---------------------------------------------------------------------------------- */

#ifndef OWN_ALLOCATOR
static const design wide_design = {400, 60, 6, DSS_ORDINAL, 0.3, {200, 3}, 0.1, 8};

static uint64_t probed_bytes(const dss_kernel_plan *plan, unsigned threads) {
  dss_backend_report report;
  cr_assert_eq(dss_backend_cpu.probe(plan, &(dss_resources){.threads = threads}, &report), DSS_OK);
  return report.host_bytes;
}
#endif

Test(probe, says_the_memory_that_open_takes) {
#ifdef OWN_ALLOCATOR
  cr_skip_test("the sanitizer has an allocator of its own");
#else
  dss_context *context = dss_context_new();
  mallopt(M_MMAP_THRESHOLD, 32 << 20); /* whole pages would be more than was asked for */
  for (int i = 0; i < 3; i++) {
    const design small = {30, 40, 4, DSS_NOMINAL, 0.4, {2, 2}, 0.0, 5};
    const design dense = {200, 90, 5, DSS_NOMINAL, 1.0, {20, 3}, 0.1, 5};
    const design *chosen = i == 0 ? &wide_design : i == 1 ? &small : &dense;
    dss_study *study = design_study(context, chosen, NULL, NULL);
    dss_plan *plan = plan_with(context, study, DSS_METRICS_ALL, DSS_UNITS_OWN);
    uint64_t said = probed_bytes(&plan->kernel, 3);
    struct mallinfo2 before = mallinfo2();
    void *state;
    cr_assert_eq(dss_backend_cpu.open(&plan->kernel, &(dss_resources){.threads = 3}, &state),
                 DSS_OK);
    struct mallinfo2 after = mallinfo2();
    double taken =
        (double)(after.uordblks + after.hblkhd) - (double)(before.uordblks + before.hblkhd);
    /* Blocks beyond the threshold, which glibc has no larger one of, do come in whole pages. */
    double more = 16384 + 4096.0 * (double)(after.hblks - before.hblks);
    cr_expect(taken >= (double)said && taken <= (double)said + more, "said %.0f, taken %.0f",
              (double)said, taken);
    dss_backend_cpu.close(state);
    dss_plan_free(plan);
    dss_study_free(study);
  }
  dss_context_free(context);
#endif
}

#ifndef OWN_ALLOCATOR
/* So many bytes more than the process has now; the limit before. */
static struct rlimit limit_memory(uint64_t more) {
  unsigned long pages = 0;
  FILE *statm = fopen("/proc/self/statm", "r");
  cr_assert(statm && fscanf(statm, "%lu", &pages) == 1);
  fclose(statm);
  struct rlimit before, now;
  cr_assert_eq(getrlimit(RLIMIT_AS, &before), 0);
  now = before;
  now.rlim_cur = pages * 4096ull + more;
  cr_assert_eq(setrlimit(RLIMIT_AS, &now), 0);
  return before;
}

#endif

Test(probe, fewer_threads_where_memory_is_short) {
#ifdef OWN_ALLOCATOR
  cr_skip_test("a sanitizer does not run in limited memory");
#else
  dss_context *context = dss_context_new();
  dss_study *study = design_study(context, &wide_design, NULL, NULL);
  dss_plan *plan = plan_with(context, study, DSS_METRICS_ALL, DSS_UNITS_OWN);
  enum { RESAMPLES = 200, THREADS = 200 };
  mallopt(M_MMAP_THRESHOLD, 1 << 16);
  mallopt(M_TRIM_THRESHOLD, 1 << 16);
  uint64_t one = probed_bytes(&plan->kernel, 1), two = probed_bytes(&plan->kernel, 2);
  size_t numbers = RESAMPLES * dss_kernel_columns(&plan->kernel);
  double *expected = calloc(numbers, sizeof *expected), *values = calloc(numbers, sizeof *values);
  values_of(&dss_backend_reference, &plan->kernel, RESAMPLES, expected);
  void *state = NULL;
  struct rlimit before = limit_memory(one + 3 * (two - one));
  dss_status status =
      dss_backend_cpu.open(&plan->kernel, &(dss_resources){.threads = THREADS}, &state);
  setrlimit(RLIMIT_AS, &before);
  cr_assert_eq(status, DSS_OK);
  cr_assert_eq(dss_backend_cpu.values(state, 3, RESAMPLES, values), DSS_OK);
  for (size_t i = 0; i < numbers; i++)
    cr_assert(same_number(expected[i], values[i]), "number %zu", i);
  dss_backend_cpu.close(state);

  dss_backend_report report;
  before = limit_memory((two - one) / 2); /* not even one */
  status = dss_backend_cpu.open(&plan->kernel, &(dss_resources){.threads = THREADS}, &state);
  setrlimit(RLIMIT_AS, &before);
  cr_expect_eq(status, DSS_ERR_MEMORY);
  before = limit_memory(0);
  status = dss_backend_cpu.probe(&plan->kernel, &(dss_resources){.threads = THREADS}, &report);
  setrlimit(RLIMIT_AS, &before);
  cr_expect_eq(status, DSS_ERR_MEMORY);
  cr_expect_str_eq(report.why, "out of memory for the ratings' layout");

  free(expected);
  free(values);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
#endif
}

/* --- choosing -------------------------------------------------------------------------------- */

static dss_status fake_status;
static dss_status fake_probe(const dss_kernel_plan *plan, const dss_resources *resources,
                             dss_backend_report *report) {
  (void)plan;
  memset(report, 0, sizeof *report);
  snprintf(report->why, sizeof report->why, "of %u threads", resources->threads);
  return fake_status;
}

static dss_status fake_probe_and_open(const dss_kernel_plan *plan, const dss_resources *resources,
                                      dss_backend_report *report, void **state) {
  dss_status status = fake_probe(plan, resources, report);
  if (status == DSS_OK) *state = &fake_status;
  return status;
}

static void keep(dss_log_level level, const char *message, void *user) {
  (void)level;
  snprintf(user, 256, "%s", message);
}

Test(probe, auto_takes_the_reference_where_the_fastest_cannot) {
  dss_context *context = dss_context_new();
  const design d = {20, 5, 3, DSS_NOMINAL, 1.0, {2, 2}, 0.0, 1};
  dss_study *study = design_study(context, &d, NULL, NULL);
  dss_plan *plan = plan_with(context, study, DSS_METRICS_GAI, DSS_UNITS_OWN);
  const dss_backend fake = {.name = "fake", .probe = fake_probe};
  char line[256] = "";
  dss_chosen chosen = {.to_open = false};
  dss_context_set_log(context, keep, line);
  fake_status = DSS_OK;
  cr_assert_eq(dss_choose_or_reference(context, &fake, &plan->kernel,
                                       &(dss_resources){.threads = 7}, &chosen),
               DSS_OK);
  cr_expect(chosen.backend == &fake && *line == '\0');
  fake_status = DSS_ERR_MEMORY;
  cr_assert_eq(dss_choose_or_reference(context, &fake, &plan->kernel,
                                       &(dss_resources){.threads = 7}, &chosen),
               DSS_OK);
  cr_expect(chosen.backend == &dss_backend_reference);
  cr_expect_str_eq(chosen.report.why, "the reference has one method");
  cr_expect(strstr(line, "backend fake cannot run this: of 7 threads"), "%s", line);
  fake_status = DSS_ERR_DEVICE;
  cr_expect_eq(dss_choose_or_reference(context, &fake, &plan->kernel,
                                       &(dss_resources){.threads = 7}, &chosen),
               DSS_ERR_DEVICE);
  cr_expect_str_eq(dss_context_error(context), "backend fake: of 7 threads");
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

/* Only where a run is to follow, and then without a probe before it. */
Test(probe, a_backend_that_probes_and_opens_at_once) {
  dss_context *context = dss_context_new();
  const design d = {20, 5, 3, DSS_NOMINAL, 1.0, {2, 2}, 0.0, 1};
  dss_study *study = design_study(context, &d, NULL, NULL);
  dss_plan *plan = plan_with(context, study, DSS_METRICS_GAI, DSS_UNITS_OWN);
  const dss_backend both = {.name = "both", .probe_and_open = fake_probe_and_open},
                    each = {
                        .name = "each", .probe = fake_probe, .probe_and_open = fake_probe_and_open};
  const dss_resources resources = {.threads = 7};
  dss_chosen chosen = {.to_open = true};
  fake_status = DSS_OK;
  cr_assert_eq(dss_choose_or_reference(context, &both, &plan->kernel, &resources, &chosen), DSS_OK);
  cr_expect(chosen.backend == &both && chosen.state == &fake_status);
  cr_expect_str_eq(chosen.report.why, "of 7 threads");
  fake_status = DSS_ERR_MEMORY;
  cr_assert_eq(dss_choose_or_reference(context, &both, &plan->kernel, &resources, &chosen), DSS_OK);
  cr_expect(chosen.backend == &dss_backend_reference && !chosen.state && chosen.to_open);
  fake_status = DSS_OK;
  chosen.to_open = false;
  cr_assert_eq(dss_choose_or_reference(context, &each, &plan->kernel, &resources, &chosen), DSS_OK);
  cr_expect(chosen.backend == &each && !chosen.state);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

/* What the cpu backend says of itself is the same both ways. */
Test(probe, the_cpu_says_the_same_when_it_opens) {
  dss_context *context = dss_context_new();
  const design d = {20, 200, 3, DSS_NOMINAL, 1.0, {2, 2}, 0.0, 1};
  dss_study *study = design_study(context, &d, NULL, NULL);
  dss_plan *plan = plan_with(context, study, DSS_METRICS_GAI, DSS_UNITS_OWN);
  const dss_resources resources = {.threads = 3};
  dss_backend_report probed, opened;
  void *state = NULL;
  cr_assert_eq(dss_backend_cpu.probe(&plan->kernel, &resources, &probed), DSS_OK);
  cr_assert_eq(dss_backend_cpu.probe_and_open(&plan->kernel, &resources, &opened, &state), DSS_OK);
  cr_expect_str_eq(opened.method, probed.method);
  cr_expect_str_eq(opened.why, probed.why);
  cr_expect_eq(opened.host_bytes, probed.host_bytes);
  dss_backend_cpu.close(state);
  state = NULL;
  setenv("DSS_CPU", "z80", 1);
  cr_expect_eq(dss_backend_cpu.probe_and_open(&plan->kernel, &resources, &opened, &state),
               DSS_ERR_DEVICE);
  cr_expect(strstr(opened.why, "DSS_CPU forces 'z80'") && !state, "%s", opened.why);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

Test(probe, an_instruction_set_that_is_not_there) {
  dss_context *context = dss_context_new();
  const design d = {20, 5, 3, DSS_NOMINAL, 1.0, {2, 2}, 0.0, 1};
  dss_study *study = design_study(context, &d, NULL, NULL);
  dss_plan *plan = plan_with(context, study, DSS_METRICS_GAI, DSS_UNITS_OWN);
  dss_run_options options;
  dss_results *results = NULL;
  dss_explanation explanation;
  void *state = NULL;
  dss_run_options_init(&options);
  setenv("DSS_CPU", "z80", 1);
  cr_expect_eq(dss_backend_cpu.open(&plan->kernel, &(dss_resources){.threads = 1}, &state),
               DSS_ERR_DEVICE);
  for (int i = 0; i < 2; i++) {
    options.backend = i == 0 ? DSS_BACKEND_AUTO : DSS_BACKEND_CPU;
    cr_expect_eq(dss_run(context, plan, &options, &results), DSS_ERR_DEVICE);
    const char *error = dss_context_error(context);
    cr_expect(strstr(error, "DSS_CPU forces 'z80', but this machine has "), "%s", error);
    cr_expect(strstr(error, "portable"), "%s", error);
    cr_expect_eq(dss_explain(context, plan, &options, &explanation), DSS_ERR_DEVICE);
  }
  options.backend = DSS_BACKEND_REFERENCE;
  cr_expect_eq(dss_explain(context, plan, &options, &explanation), DSS_OK);
  cr_expect_str_eq(explanation.backend, "reference");
  setenv("DSS_CPU", "", 1); /* as if it were not set */
  options.backend = DSS_BACKEND_AUTO;
  cr_expect_eq(dss_explain(context, plan, &options, &explanation), DSS_OK);
  cr_expect_str_eq(explanation.backend, "cpu");
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

Test(probe, explain_tells_what_runs) {
  dss_context *context = dss_context_new();
  const design d = {20, 200, 3, DSS_NOMINAL, 1.0, {2, 2}, 0.0, 1};
  dss_study *study = design_study(context, &d, NULL, NULL);
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.permutations = 77;
  options.stop_after = 9;
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK);
  dss_run_options run;
  dss_explanation e, more;
  dss_run_options_init(&run);
  run.threads = 3;
  setenv("DSS_CPU", "portable", 1);
  cr_assert_eq(dss_explain(context, plan, &run, &e), DSS_OK);
  cr_expect(e.resamples == 77 && !e.all_arrangements && e.stop_after == 9 && e.threads == 3);
  cr_expect_eq(e.weight_scale, UINT64_C(27720) << 26);
  uint64_t ratings = dss_study_question(study, 0)->n_ratings, kept = 5 * ratings + 201 * 8;
  uint64_t raters = 20 * 4 * (2 + dss_plan_n_axes(plan)); /* order, classes, groups */
  cr_expect_eq(e.plan_bytes, kept + raters);
  cr_expect_eq(e.pilot_bytes, 77 * 4 * dss_plan_n_groups(plan) * sizeof(double));
  cr_expect(strncmp(e.method, "portable, ", 10) == 0, "%s", e.method);
  cr_expect(strstr(e.method, " resamples a step, tabled and narrow kernel"), "%s", e.method);
  run.threads = 4;
  cr_assert_eq(dss_explain(context, plan, &run, &more), DSS_OK);
  cr_expect_gt(more.host_bytes, e.host_bytes);
  run.threads = 0;
  cr_assert_eq(dss_explain(context, plan, &run, &more), DSS_OK);
  cr_expect_gt(more.threads, 0);
  memset(&more, 0xa5, sizeof more);
  dss_explanation before = more;
  run.backend = DSS_BACKEND_CUDA;
  cr_expect_eq(dss_explain(context, plan, &run, &more), DSS_ERR_DEVICE);
  run.backend = (dss_backend_choice)99;
  cr_expect_eq(dss_explain(context, plan, &run, &more), DSS_ERR_USAGE);
  cr_expect(memcmp(&before, &more, sizeof more) == 0, "untouched on failure");
  cr_expect_str_eq(dss_plan_question_name(plan, 0), "q");
  cr_expect_null(dss_plan_question_name(plan, 1));
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}
