/* The sparse kernel gives the reference's bits: designs of at most 11 ratings an item and many
 * groups, and what is special in it: terms for each number of peers, raters with more ratings than
 * it takes together, groups so large that their sums are folded, items whose ratings are all one
 * group's, axes of up to 249 groups, windows beyond its 512 resamples; on the scales other than the
 * nominal one sums by pair of levels, their distances integers, ranks or fractions. */
#include "cpu_sets.h"
#include "host/core/context.h"
#include "host/engine/plan.h"
#include "parity_designs.h"

static bool machine_has_sparse(void) {
#ifdef DSS_CPU_X86
  return machine_has_set("avx512") && __builtin_cpu_supports("avx512vbmi") &&
         __builtin_cpu_supports("gfni");
#else
  return false;
#endif
}

typedef struct seen {
  size_t plans, values, undefined, differing; /* from the first row */
} seen;

static double *values_of(const dss_backend *backend, const dss_kernel_plan *plan, uint64_t first,
                         uint64_t count) {
  size_t columns = dss_kernel_columns(plan);
  double *values = malloc((count + 1) * columns * sizeof *values);
  void *state;
  cr_assert_not_null(values);
  memset(values, 0xa5, (count + 1) * columns * sizeof *values);
  cr_assert_eq(backend->open(plan, &(dss_resources){.threads = 2}, &state), DSS_OK);
  cr_assert_eq(backend->values(state, first, count, &values[columns]), DSS_OK);
  cr_assert_eq(backend->values(state, DSS_RESAMPLE_NONE, 1, values), DSS_OK);
  backend->close(state);
  return values;
}

static void compare(const dss_kernel_plan *plan, uint64_t first, uint64_t count, const char *what,
                    seen *s) {
  size_t columns = dss_kernel_columns(plan);
  double *expected = values_of(&dss_backend_reference, plan, first, count);
  double *values = values_of(&dss_backend_cpu, plan, first, count);
  for (size_t i = 0; i < (count + 1) * columns; i++) {
    size_t at = i % columns;
    cr_assert(same_number(expected[i], values[i]),
              "%s, first %llu count %llu: row %zu (0: observed) group %zu number %zu: %a, not %a",
              what, (unsigned long long)first, (unsigned long long)count, i / columns,
              at / plan->n_statistics % plan->n_groups, at % plan->n_statistics, values[i],
              expected[i]);
    s->undefined += isnan(values[i]);
    s->differing += !same_number(values[i], values[at]);
  }
  s->values += (count + 1) * columns;
  s->plans++;
  free(expected);
  free(values);
}

/* The first question is the sparse kernel's. */
static const parity_design designs[] = {
    {"two levels", 40, 300, 3, {{3}, {4}, {5}}, {{DSS_NOMINAL, 2, 2, 11, 0.4}}},
    {"five levels", 50, 200, 3, {{3}, {4}, {5}}, {{DSS_NOMINAL, 5, 2, 10, 0.4}}},
    {"nine levels", 50, 200, 3, {{3}, {4}, {5}}, {{DSS_NOMINAL, 9, 2, 11, 0.3}}},
    {"up to eleven", 60, 200, 3, {{3}, {4}, {5}}, {{DSS_NOMINAL, 4, 1, 11, 0.5}}},
    {"eleven each", 40, 150, 3, {{3}, {4}, {5}}, {{DSS_NOMINAL, 3, 11, 11, 0.5}}},
    {"records of two parts", 60, 700, 3, {{3}, {4}, {5}}, {{DSS_NOMINAL, 9, 2, 11, 0.2}}},
    {"pairs", 60, 400, 3, {{3}, {4}, {5}}, {{DSS_NOMINAL, 3, 2, 2, 0.5}}},
    {"none to three", 60, 500, 3, {{3}, {4}, {5}}, {{DSS_NOMINAL, 3, 1, 3, 0.5}}},
    {"everyone agrees", 40, 200, 3, {{3}, {4}, {5}}, {{DSS_NOMINAL, 3, 1, 8, 1.0}}},
    {"busy raters", 14, 300, 3, {{3}, {2}, {2}}, {{DSS_NOMINAL, 5, 8, 11, 0.4}}},
    {"a large group", 24, 700, 2, {{12}, {1}}, {{DSS_NOMINAL, 4, 5, 10, 0.4}}},
    {"groups of two", 60, 200, 2, {{30, 2}, {2}}, {{DSS_NOMINAL, 4, 2, 11, 0.4}}},
    {"130 groups", 300, 150, 1, {{130, 2}, {2}}, {{DSS_NOMINAL, 4, 2, 10, 0.4}}},
    {"249 groups", 600, 120, 1, {{249, 2}, {7}}, {{DSS_NOMINAL, 3, 2, 9, 0.5}}},
    {"with others",
     40,
     200,
     3,
     {{3}, {4}, {5}},
     {{DSS_NOMINAL, 5, 2, 10, 0.4}, {DSS_ORDINAL, 5, 2, 40, 0.4}, {DSS_NOMINAL, 3, 2, 40, 0.4}}},
    {"ranks, two levels", 40, 300, 3, {{3}, {4}, {5}}, {{DSS_ORDINAL, 2, 2, 11, 0.4}}},
    {"ranks, three levels", 40, 200, 3, {{3}, {4}, {5}}, {{DSS_ORDINAL, 3, 11, 11, 0.5}}},
    {"ranks, five levels", 50, 200, 3, {{3}, {4}, {5}}, {{DSS_ORDINAL, 5, 1, 10, 0.4}}},
    {"ranks, six levels", 50, 200, 3, {{3}, {4}, {5}}, {{DSS_ORDINAL, 6, 2, 9, 0.4}}},
    {"ranks, nine levels", 60, 300, 3, {{9}, {8}, {9}}, {{DSS_ORDINAL, 9, 2, 11, 0.3}}},
    {"integers, two levels",
     40,
     200,
     3,
     {{3}, {4}, {5}},
     {{DSS_INTERVAL, 2, 2, 8, 0.4, FAR_APART}}},
    {"integers, four levels", 50, 200, 3, {{3}, {4}, {5}}, {{DSS_INTERVAL, 4, 1, 11, 0.4}}},
    {"integers, eight levels", 60, 300, 3, {{8}, {9}, {9}}, {{DSS_INTERVAL, 8, 2, 11, 0.1}}},
    {"fractions",
     50,
     200,
     3,
     {{3}, {4}, {5}},
     {{DSS_INTERVAL, 5, 2, 10, 0.4, FRACTIONS}, {DSS_RATIO, 3, 2, 11, 0.4}}},
    {"ratios, seven levels", 60, 300, 3, {{8}, {9}, {9}}, {{DSS_RATIO, 7, 2, 11, 0.3}}},
    {"ranks, pairs", 60, 400, 3, {{3}, {4}, {5}}, {{DSS_ORDINAL, 3, 2, 2, 0.5}}},
    {"ranks, everyone agrees", 40, 200, 3, {{3}, {4}, {5}}, {{DSS_ORDINAL, 3, 1, 8, 1.0}}},
    {"ranks, busy raters", 14, 300, 3, {{3}, {7}, {7}}, {{DSS_ORDINAL, 5, 8, 11, 0.4}}},
    {"ranks, crowded visits", 16, 300, 3, {{8}, {8}, {8}}, {{DSS_ORDINAL, 8, 9, 11, 0.0}}},
    {"ranks, a large group", 24, 700, 2, {{12}, {1}}, {{DSS_ORDINAL, 4, 5, 10, 0.4}}},
    {"ranks, 249 groups", 600, 120, 1, {{249, 2}, {7}}, {{DSS_ORDINAL, 3, 2, 9, 0.5}}},
    {"all scales",
     50,
     200,
     3,
     {{3}, {4}, {5}},
     {{DSS_ORDINAL, 5, 2, 10, 0.4},
      {DSS_NOMINAL, 5, 2, 10, 0.4},
      {DSS_INTERVAL, 3, 2, 11, 0.4},
      {DSS_RATIO, 4, 2, 40, 0.4}}},
};

enum { DESIGNS = sizeof designs / sizeof *designs };

static const unsigned metric_sets[] = {
    DSS_METRICS_GAI,
    DSS_STATISTIC_BIT(DSS_IRR),
    DSS_STATISTIC_BIT(DSS_XRR),
    DSS_STATISTIC_BIT(DSS_GAI) | DSS_STATISTIC_BIT(DSS_DIFFERENCE),
};

static const struct {
  uint64_t first, count;
} windows[] = {{0, 513}, {4294967200, 130}, {7, 1}, {1000, 512}, {3, 700}};

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define DSS_SLOW
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DSS_SLOW
#endif
#endif
#ifdef DSS_SLOW
enum { STEP = 5 };
#else
enum { STEP = 1 };
#endif

static dss_plan_options options_of(size_t v, const parity_design *d) {
  dss_plan_options options;
  dss_plan_options_init(&options);
  options.metrics = metric_sets[v % 4];
  options.all_depth = d->depth;
  options.permutations = 1;
  options.seed = 77 + v;
  options.scheme = (dss_scheme)(v % 3);
  options.scheme_attribute = "b";
  options.min_raters = v % 4 == 3 ? 4 : 2;
  return options;
}

static void compare_design(size_t number, seen *s) {
  const parity_design *d = &designs[number];
  dss_context *context = dss_context_new();
  dss_study *study = parity_study(context, d, number + 1);
  for (size_t v = number % STEP; v < 5; v += STEP) {
    dss_plan_options options = options_of(number + v, d);
    dss_backend_report report;
    dss_plan *plan;
    if (dss_plan_new(context, study, &options, &plan) != DSS_OK) {
      options.min_raters = 2; /* every group was too small */
      options.scheme = DSS_SCHEME_FREE;
      cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK, "%s: %s", d->what,
                   dss_context_error(context));
    }
    cr_assert_eq(dss_backend_cpu.probe(&plan->kernel, &(dss_resources){.threads = 1}, &report),
                 DSS_OK);
    cr_assert_eq(strstr(report.method, "sparse") != NULL, machine_has_sparse(), "%s: %s", d->what,
                 report.method);
    compare(&plan->kernel, windows[v].first, windows[v].count, d->what, s);
    dss_plan_free(plan);
  }
  dss_study_free(study);
  dss_context_free(context);
}

Test(sparse, designs) {
  seen s = {0};
  if (!machine_has_sparse())
    printf("SKIPPED: the sparse kernel, for which this machine lacks an instruction set\n");
  for (size_t i = 0; i < DESIGNS; i++)
    compare_design(i, &s);
  cr_log_info("%zu plans, %zu values, %zu undefined", s.plans, s.values, s.undefined);
  cr_assert_gt(s.plans, DESIGNS - 1);
  cr_assert_gt(s.values, 100000);
  cr_assert_gt(s.undefined, s.values / 100);
  cr_assert_lt(s.undefined, s.values / 4 * 3); /* of groups too small, too */
  cr_assert_gt(s.differing, s.values / 5);
}

/* Whatever keeps a question from the kernel. */
Test(sparse, not_taken) {
  static const struct {
    parity_design design;
    unsigned metrics;
    dss_units units;
  } cases[] = {
      {{"twelve", 40, 200, 3, {{3}, {4}, {5}}, {{DSS_NOMINAL, 5, 12, 12, 0.4}}},
       DSS_METRICS_GAI,
       DSS_UNITS_OWN},
      {{"ten levels", 40, 200, 3, {{3}, {4}, {5}}, {{DSS_NOMINAL, 10, 2, 10, 0.4}}},
       DSS_METRICS_GAI,
       DSS_UNITS_OWN},
      {{"twelve, ordinal", 40, 200, 3, {{3}, {4}, {5}}, {{DSS_ORDINAL, 5, 12, 12, 0.4}}},
       DSS_METRICS_GAI,
       DSS_UNITS_OWN},
      {{"ten levels, ordinal", 40, 200, 3, {{3}, {4}, {5}}, {{DSS_ORDINAL, 10, 2, 10, 0.4}}},
       DSS_METRICS_GAI,
       DSS_UNITS_OWN},
      {{"unknown, ordinal", 40, 200, 3, {{3, 0, 0.1}, {4}, {5}}, {{DSS_ORDINAL, 5, 2, 10, 0.4}}},
       DSS_METRICS_GAI,
       DSS_UNITS_OWN},
      {{"all, ordinal", 40, 200, 3, {{3}, {4}, {5}}, {{DSS_ORDINAL, 5, 2, 10, 0.4}}},
       DSS_METRICS_ALL,
       DSS_UNITS_OWN},
      {{"common, ordinal", 40, 200, 3, {{3}, {4}, {5}}, {{DSS_ORDINAL, 5, 2, 10, 0.4}}},
       DSS_METRICS_GAI,
       DSS_UNITS_COMMON},
      {{"parts, ordinal", 600, 900, 1, {{250, 2}, {7}}, {{DSS_ORDINAL, 3, 2, 9, 0.5}}},
       DSS_METRICS_GAI,
       DSS_UNITS_OWN},
      {{"few groups, ordinal", 300, 100, 1, {{2}}, {{DSS_ORDINAL, 3, 11, 11, 0.5}}},
       DSS_METRICS_GAI,
       DSS_UNITS_OWN},
      {{"many levels, few items", 200, 20, 1, {{3}}, {{DSS_RATIO, 9, 2, 11, 0.3}}},
       DSS_METRICS_GAI,
       DSS_UNITS_OWN},
      {{"unknown", 40, 200, 3, {{3, 0, 0.1}, {4}, {5}}, {{DSS_NOMINAL, 5, 2, 10, 0.4}}},
       DSS_METRICS_GAI,
       DSS_UNITS_OWN},
      {{"all", 40, 200, 3, {{3}, {4}, {5}}, {{DSS_NOMINAL, 5, 2, 10, 0.4}}},
       DSS_METRICS_ALL,
       DSS_UNITS_OWN},
      {{"common", 40, 200, 3, {{3}, {4}, {5}}, {{DSS_NOMINAL, 5, 2, 10, 0.4}}},
       DSS_METRICS_GAI,
       DSS_UNITS_COMMON},
      {{"parts", 600, 900, 1, {{250, 2}, {7}}, {{DSS_NOMINAL, 3, 2, 9, 0.5}}},
       DSS_METRICS_GAI,
       DSS_UNITS_OWN},
      {{"too much memory", 60000, 6000, 1, {{240, 2}, {2}}, {{DSS_NOMINAL, 3, 11, 11, 0.5}}},
       DSS_METRICS_GAI,
       DSS_UNITS_OWN},
      {{"few groups", 300, 100, 1, {{2}}, {{DSS_NOMINAL, 3, 11, 11, 0.5}}},
       DSS_METRICS_GAI,
       DSS_UNITS_OWN},
  };
  seen s = {0};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    dss_context *context = dss_context_new();
    dss_study *study = parity_study(context, &cases[i].design, i + 1);
    dss_plan_options options = options_of(0, &cases[i].design);
    dss_backend_report report;
    dss_plan *plan;
    options.scheme = DSS_SCHEME_FREE;
    options.metrics = cases[i].metrics;
    options.units = cases[i].units;
    cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK);
    cr_assert_eq(dss_backend_cpu.probe(&plan->kernel, &(dss_resources){.threads = 1}, &report),
                 DSS_OK);
    cr_expect(strstr(report.method, "sparse") == NULL, "%s: %s", cases[i].design.what,
              report.method);
    bool many = cases[i].design.n_items > 1000; /* the reference is slow */
    compare(&plan->kernel, 0, many ? 1 : 65, cases[i].design.what, &s);
    dss_plan_free(plan);
    dss_study_free(study);
    dss_context_free(context);
  }
}

/* Sums of pairs of levels stay in their fields of records. */
Test(sparse, most_ratings) {
  static const struct {
    dss_scale scale;
    uint32_t items; /* of ten ratings each */
    bool taken;
  } cases[] = {
      {DSS_ORDINAL, 170400, true}, {DSS_ORDINAL, 170500, false}, {DSS_NOMINAL, 170500, true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const parity_design d = {"most ratings",  300,
                             cases[i].items,  3,
                             {{3}, {4}, {5}}, {{cases[i].scale, 3, 10, 10, 0.4}}};
    dss_context *context = dss_context_new();
    dss_study *study = parity_study(context, &d, i + 1);
    dss_plan_options options = options_of(0, &d);
    dss_backend_report report;
    dss_plan *plan;
    cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK);
    cr_assert_eq(dss_backend_cpu.probe(&plan->kernel, &(dss_resources){.threads = 1}, &report),
                 DSS_OK);
    cr_expect_eq(strstr(report.method, "sparse") != NULL, cases[i].taken && machine_has_sparse(),
                 "%u items: %s", cases[i].items, report.method);
    dss_plan_free(plan);
    dss_study_free(study);
    dss_context_free(context);
  }
}
