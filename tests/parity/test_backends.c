/* The cpu backend gives the reference's bits, with every instruction set that this machine has: on
 * designs that reach all its paths, with every statistic alone and all together, in every scheme,
 * for windows of resamples of any length anywhere in 64 bits, and in the accumulators. */
#include <time.h>

#include "backend_compare.h"
#include "backend_designs.h"
#include "cpu_sets.h"
#include "host/engine/frames.h"
#include "kernels/cpu/slicing.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DSS_SLOW
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define DSS_SLOW
#endif

/* --- windows of resamples -------------------------------------------------------------------- */

static const window windows[] = {
    {0, 1},
    {7, 63},
    {0, 64},
    {4294967266, 65}, /* across 2^32, inside a block of lanes */
    {64, 130},
    {(uint64_t)1 << 32 | 5, 64},
    {((uint64_t)1 << 61) + 3, 65},
    {3, 16},
    {5, 17},
    {1000, 31},
    {4294967290, 33},
    {4294967001, 520}, /* more than eight blocks of lanes, the most that are computed together */
    {11, 1093},
};
enum { WINDOWS = sizeof windows / sizeof *windows };

/* --- what was compared ------------------------------------------------------------------------ */

typedef struct seen {
  size_t plans, defined, undefined, differing; /* differing: from the observed value */
  size_t defined_of[DSS_N_ITEM_STATISTICS], differing_of[DSS_N_ITEM_STATISTICS];
  size_t undefined_of[DSS_N_ITEM_STATISTICS], compared[CPU_SETS], wrong;
  size_t untested;       /* groups */
  size_t tabled, narrow; /* plans with items of these kernels */
  size_t tabled_of[DSS_N_ITEM_STATISTICS], narrow_of[DSS_N_ITEM_STATISTICS]; /* that ask for it */
  size_t sliced, whole; /* plans with items counted in slices; that every rater rated */
  size_t whole_of[DSS_N_ITEM_STATISTICS]; /* plans beyond IRR and XRR with such items that ask for
                                             it */
  unsigned kinds, windows; /* bits: combinations of scheme, units and ties; windows */
} seen;

static void note_values(const dss_kernel_plan *plan, const double *observed, const double *values,
                        uint64_t count, seen *s) {
  size_t columns = dss_kernel_columns(plan);
  for (size_t i = 0; i < count * columns; i++) {
    size_t at = i % plan->n_statistics, statistic = 0;
    for (unsigned bits = plan->metrics; at > 0 || !(bits >> statistic & 1u); statistic++)
      at -= bits >> statistic & 1u;
    bool differs = !same_number(values[i], observed[i % columns]);
    s->defined += !isnan(values[i]);
    s->undefined += isnan(values[i]);
    s->differing += differs;
    s->defined_of[statistic] += !isnan(values[i]);
    s->undefined_of[statistic] += isnan(values[i]);
    s->differing_of[statistic] += differs;
  }
}

/* The window comes first, the observed values after it: nothing is left over from one to another.
 */
static bool compare_set(const dss_kernel_plan *plan, const window *w, const double *expected,
                        unsigned threads, const char *what) {
  size_t columns = dss_kernel_columns(plan);
  double *values = poisoned((w->count + 1) * columns + CANARIES);
  void *state;
  cr_assert_eq(dss_backend_cpu.open(plan, &(dss_resources){.threads = threads}, &state), DSS_OK,
               "%s", what);
  cr_assert_eq(dss_backend_cpu.values(state, w->first, w->count, &values[columns]), DSS_OK);
  bool kept = untouched(&values[(w->count + 1) * columns]);
  cr_assert_eq(dss_backend_cpu.values(state, DSS_RESAMPLE_NONE, 1, values), DSS_OK);
  dss_backend_cpu.close(state);
  cr_expect(kept, "%s: wrote past the window's end", what);
  bool same = same_values(plan, expected, values, w->count + 1, what);
  free(values);
  return kept && same;
}

static void note_layout(const dss_kernel_plan *plan, seen *s) {
  dss_cpu_layout *layout = dss_cpu_layout_make(plan, false, false);
  bool sliced = false, whole = false, more = false, tabled = false, narrow = false;
  cr_assert_not_null(layout);
  for (size_t q = 0; q < plan->n_questions; q++) {
    const dss_cpu_question *question = &layout->questions[q];
    bool serves = question->n_whole > 0 && dss_cpu_whole_serves(layout, question);
    tabled |= question->tabled != NULL;
    narrow |= question->n_narrow > 0;
    sliced |= question->n_sliced > 0;
    whole |= serves;
    more |= serves && question->more;
  }
  s->tabled += tabled;
  s->narrow += narrow;
  for (size_t i = 0; i < DSS_N_ITEM_STATISTICS; i++) {
    s->tabled_of[i] += tabled && plan->metrics >> i & 1u;
    s->narrow_of[i] += narrow && plan->metrics >> i & 1u;
  }
  s->sliced += sliced;
  s->whole += whole;
  for (size_t i = 0; more && i < DSS_N_ITEM_STATISTICS; i++)
    s->whole_of[i] += plan->metrics >> i & 1u;
  dss_cpu_layout_free(layout);
}

static void compare(const dss_kernel_plan *plan, const window *w, unsigned threads,
                    const char *what, seen *s) {
  size_t columns = dss_kernel_columns(plan);
  double *expected = expected_values(plan, w);
  note_values(plan, expected, &expected[columns], w->count, s);
  s->plans++;
  note_layout(plan, s);
  for (size_t g = 0; g < plan->n_groups; g++)
    s->untested += !plan->tested[g];
  for (size_t i = 0; i < CPU_SETS; i++) {
    if (!machine_has_set(cpu_sets[i])) continue;
    char where[360];
    snprintf(where, sizeof where, "%s, %s, first %llu count %llu", cpu_sets[i], what,
             (unsigned long long)w->first, (unsigned long long)w->count);
    setenv("DSS_CPU", cpu_sets[i], 1);
    s->wrong += !compare_set(plan, w, expected, threads, where);
    s->compared[i] += (w->count + 1) * columns;
  }
  free(expected);
}

/* Something of everything, and every set that there is saw all of it. */
static void assert_seen(const seen *s) {
  const char *have[CPU_SETS];
  size_t sets = machine_sets(have);
  size_t numbers = s->defined + s->undefined;
  cr_log_info("%zu plans, %zu defined values, %zu undefined, %zu unlike the observed; %zu sets",
              s->plans, s->defined, s->undefined, s->differing, sets);
  cr_assert_eq(s->wrong, 0, "%zu plans with an instruction set differ from the reference",
               s->wrong);
  cr_assert_gt(s->defined, numbers / 5);
  cr_assert_gt(s->undefined, numbers / 100);
  cr_assert_gt(s->differing, s->defined / 2);
  for (size_t i = 0; i < DSS_N_ITEM_STATISTICS; i++) {
    const char *name = dss_statistic_name((dss_statistic)i);
    cr_assert_gt(s->defined_of[i], 1000, "%s: %zu defined", name, s->defined_of[i]);
    cr_assert_gt(s->undefined_of[i], 20, "%s: %zu undefined", name, s->undefined_of[i]);
    cr_assert_gt(s->differing_of[i], 1000, "%s: %zu differing", name, s->differing_of[i]);
  }
  for (size_t i = 0; i < CPU_SETS; i++)
    cr_assert_eq(s->compared[i] > numbers, machine_has_set(cpu_sets[i]), "%s", cpu_sets[i]);
}

static void assert_every_kind(const seen *s) {
  cr_assert_eq(s->kinds, (1u << 12) - 1, "combinations of scheme, units and ties: %x", s->kinds);
  cr_assert_eq(s->windows, (1u << WINDOWS) - 1, "windows: %x", s->windows);
  cr_assert_gt(s->untested, 10, "%zu groups untested", s->untested);
}

/* The reference needs long for many ratings. */
static window window_of(const parity_design *d, size_t v) {
  window w = windows[v % WINDOWS];
  bool many = (uint64_t)d->n_items * d->questions[0].most > 60000;
  if (many && w.count > 3) w.count = 3;
  return w;
}

/* The design's variants `from` on, one a set of statistics; the first so many. */
static void compare_design(const parity_design *d, size_t from, size_t step, seen *s) {
  clock_t begin = clock();
  dss_context *context = dss_context_new();
  dss_study *study = parity_study(context, d, from + 1);
  for (size_t m = 0; m < METRIC_SETS; m++) {
    if ((METRIC_SETS - 1 - m + from) % step != 0 && m + 1 < METRIC_SETS) continue;
    char what[240];
    size_t v = from + m;
    dss_plan_options options = variant(v, metric_set(m), d->depth);
    dss_plan *plan = variant_plan(context, study, d->what, &options, what, sizeof what);
    const window w = window_of(d, v);
    s->kinds |= 1u << ((unsigned)options.scheme * 4 + options.units * 2u + options.ties);
    s->windows |= 1u << v % WINDOWS;
    compare(&plan->kernel, &w, v % 4 == 3 ? 3 : 1, what, s);
    dss_plan_free(plan);
  }
  dss_study_free(study);
  dss_context_free(context);
  cr_log_info("%s: %.2f s", d->what, (double)(clock() - begin) / CLOCKS_PER_SEC);
}

/* --- designs ---------------------------------------------------------------------------------- */

#ifdef DSS_SLOW
enum { STEP = 6, RANDOM_DESIGNS = 12, RUNS = 300 };
#else
enum { STEP = 1, RANDOM_DESIGNS = 120, RUNS = 4500 };
#endif

Test(backends, chosen_designs) {
  seen s = {0};
  for (size_t i = 0; i < SMALL_DESIGNS; i++)
    compare_design(&small_designs[i], i, STEP, &s);
  assert_seen(&s);
  assert_every_kind(&s);
  cr_assert(s.tabled > s.plans / 4 && s.narrow > s.plans / 4, "%zu and %zu of %zu", s.tabled,
            s.narrow, s.plans);
  for (size_t i = 0; i < DSS_N_ITEM_STATISTICS; i++)
    cr_assert(s.tabled_of[i] > SMALL_DESIGNS / 4 && s.narrow_of[i] > SMALL_DESIGNS / 4,
              "%s: %zu and %zu", dss_statistic_name((dss_statistic)i), s.tabled_of[i],
              s.narrow_of[i]);
}

Test(backends, dense_designs) {
  seen s = {0};
  for (size_t i = 0; i < DENSE_DESIGNS; i++)
    compare_design(&dense_designs[i], 3 * i, STEP, &s);
  assert_seen(&s);
#ifndef DSS_SLOW
  assert_every_kind(&s);
#endif
  cr_assert_gt(s.sliced, s.plans / 2);
  cr_assert_gt(s.whole, s.plans / 2);
  for (size_t i = 0; i < DSS_N_ITEM_STATISTICS; i++)
    cr_assert_gt(s.whole_of[i], 2 * DENSE_DESIGNS / 3, "%s: %zu",
                 dss_statistic_name((dss_statistic)i), s.whole_of[i]);
}

Test(backends, large_designs) {
  seen s = {0};
  for (size_t i = 0; i < LARGE_DESIGNS; i++)
    compare_design(&large_designs[i], i, 8, &s);
  assert_seen(&s);
}

/* One item's sum of kappa_x is up to 2^F times its ratings, F = 34 + L(M): beyond 32,768 ratings it
 * needs more than 64 bits. */
Test(backends, items_of_tens_of_thousands) {
  static const parity_design scales[] = {
      {"40,000 ratings", 40000, 2, 1, {{2}}, {{DSS_NOMINAL, 2, 39000, 40000, 0.3}}},
      {"40,000 ratings, ranks", 40000, 2, 1, {{2}}, {{DSS_ORDINAL, 2, 39000, 40000, 0.3}}},
      {"140,000 ratings", 140000, 1, 1, {{2}}, {{DSS_NOMINAL, 2, 140000, 140000, 0.3}}},
  };
  seen s = {0};
  for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
    compare_design(&scales[i], i, METRIC_SETS, &s);
  cr_assert_eq(s.wrong, 0);
  cr_assert_gt(s.defined, 0);
}

static double fraction_of(independent_random *random, const double *of, uint32_t n) {
  return of[random_under(random, n)];
}

static parity_question random_question(independent_random *random, uint32_t n_raters) {
  static const double agreements[] = {0.1, 0.4, 0.8, 0.97, 1.0};
  uint32_t most = 1 + random_under(random, n_raters);
  return (parity_question){
      .scale = (dss_scale)random_under(random, 4),
      .n_levels = 2 + random_under(random, random_under(random, 4) ? 9 : 15),
      .least = random_under(random, 2) ? most : random_under(random, most + 1),
      .most = most,
      .agreement = fraction_of(random, agreements, 5),
      .values = (parity_values)random_under(random, 3),
  };
}

static parity_design random_design(independent_random *random) {
  static const double unknown[] = {0, 0, 0, 0.1, 0.6};
  parity_design d = {.what = "random",
                     .n_raters = 8 + random_under(random, random_under(random, 5) ? 60 : 200),
                     .n_items = 1 + random_under(random, 40),
                     .depth = 1 + random_under(random, 3)};
  for (size_t i = 0; i <= random_under(random, PARITY_ATTRIBUTES); i++)
    d.attributes[i] = (parity_attribute){1 + random_under(random, 5), random_under(random, 4),
                                         fraction_of(random, unknown, 5)};
  for (size_t i = 0; i <= random_under(random, 3); i++)
    d.questions[i] = random_question(random, d.n_raters);
  return d;
}

/* A question needs a rating, so that the first item of the first question has one. */
Test(backends, random_designs) {
  independent_random random = {2024};
  seen s = {0};
  for (size_t i = 0; i < RANDOM_DESIGNS; i++) {
    parity_design d = random_design(&random);
    char what[60];
    snprintf(what, sizeof what, "random design %zu", i);
    d.what = what;
    for (size_t q = 0; q < PARITY_QUESTIONS; q++)
      if (d.questions[q].n_levels > 0 && d.questions[q].least == 0) d.questions[q].least = 1;
    compare_design(&d, i, 4, &s);
  }
  assert_seen(&s);
#ifndef DSS_SLOW
  assert_every_kind(&s);
#endif
}

/* --- every arrangement ------------------------------------------------------------------------ */

Test(backends, enumerated_arrangements) {
  const parity_design d = {
      "few raters", 8, 20, 1, {{2}}, {{DSS_NOMINAL, 3, 4, 8, 0.4}, {DSS_ORDINAL, 4, 2, 8, 0.4}}};
  dss_context *context = dss_context_new();
  seen s = {0};
  size_t plans = 0;
  for (size_t seed = 1; seed <= 12; seed++) {
    dss_study *study = parity_study(context, &d, seed);
    dss_plan_options options = variant(seed, DSS_METRICS_ALL, 1);
    dss_plan *plan;
    options.scheme = DSS_SCHEME_FREE;
    options.permutations = 100;
    options.min_raters = 2;
    cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK);
    uint64_t all = plan->kernel.exchange.n_arrangements;
    cr_assert_gt(all, 0, "8 raters in 2 groups have at most 70 arrangements");
    if (all > 1) compare(&plan->kernel, &(window){0, all}, 2, "every arrangement", &s), plans++;
    dss_plan_free(plan);
    dss_study_free(study);
  }
  cr_assert_gt(plans, 6);
  cr_assert_eq(s.wrong, 0);
  cr_assert_gt(s.defined, 1000);
  cr_assert_gt(s.differing, 1000);
  dss_context_free(context);
}

/* --- accumulators ----------------------------------------------------------------------------- */

/* Framed by the reference's observed values and pilot, then `count` resamples in two calls. */
static void accumulate(dss_context *context, const dss_kernel_plan *plan, const double *framing,
                       uint64_t pilot, const dss_backend *backend, unsigned threads, uint64_t count,
                       dss_null *null) {
  size_t columns = dss_kernel_columns(plan);
  const dss_accumulation how = {.threads = threads};
  void *state;
  cr_assert_eq(dss_null_make(context, columns, framing, pilot, &framing[columns], &how, null),
               DSS_OK, "%s", dss_context_error(context));
  cr_assert_eq(backend->open(plan, &(dss_resources){.threads = threads}, &state), DSS_OK);
  cr_assert_eq(backend->run(state, 0, count / 3, &null->accumulators), DSS_OK);
  cr_assert_eq(backend->run(state, count / 3, count - count / 3, &null->accumulators), DSS_OK);
  backend->close(state);
}

static void compare_runs(const parity_design *d, size_t v, uint64_t count) {
  dss_context *context = dss_context_new();
  dss_study *study = parity_study(context, d, v + 1);
  dss_plan_options options = variant(v, DSS_METRICS_ALL, d->depth);
  char what[240];
  dss_plan *plan = variant_plan(context, study, d->what, &options, what, sizeof what);
  const window pilot = {0, 100};
  double *framing = expected_values(&plan->kernel, &pilot);
  dss_null expected, found;
  accumulate(context, &plan->kernel, framing, pilot.count, &dss_backend_reference, 1, count,
             &expected);
  uint64_t counted = 0, undefined = 0;
  for (size_t c = 0; c < expected.accumulators.n_columns; c++) {
    counted += expected.accumulators.columns.below[c] + expected.accumulators.columns.above[c];
    undefined += expected.accumulators.columns.undefined[c];
  }
  cr_assert_eq(expected.accumulators.resamples, count);
  cr_assert_gt(counted, count, "%s: something was counted", what);
  cr_assert_gt(undefined, 0, "%s: something was undefined", what);
  const char *sets[CPU_SETS];
  size_t n = machine_sets(sets);
  for (size_t i = 0; i < n; i++) {
    setenv("DSS_CPU", sets[i], 1);
    accumulate(context, &plan->kernel, framing, pilot.count, &dss_backend_cpu, 3, count, &found);
    assert_same_accumulators(&expected.accumulators, &found.accumulators, what);
    dss_null_free(&found);
  }
  dss_null_free(&expected);
  free(framing);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

/* The second has more columns than a batch of 512 resamples holds: batches end inside blocks of
 * lanes. */
Test(backends, accumulators) {
  static const parity_design few = {
      "runs", 14, 9, 1, {{2}, {3}}, {{DSS_NOMINAL, 3, 0, 6, 0.5}, {DSS_RATIO, 3, 0, 6, 0.5}}};
  static const parity_design many = {
      "runs of many columns",
      620,
      5,
      1,
      {{300, 2}},
      {{DSS_NOMINAL, 3, 20, 60, 0.5}, {DSS_ORDINAL, 4, 20, 60, 0.5}}};
  compare_runs(&few, 0, RUNS);
  compare_runs(&few, 10, RUNS + 77);
  compare_runs(&many, 3, RUNS / 5);
}

/* --- refusals --------------------------------------------------------------------------------- */

static dss_status refusal(const parity_design *d, dss_scheme scheme, const char *words) {
  dss_context *context = dss_context_new();
  dss_study *study = parity_study(context, d, 1);
  dss_plan_options options = variant(0, DSS_METRICS_ALL, 1);
  dss_plan *plan = NULL;
  options.scheme = scheme;
  dss_status status = dss_plan_new(context, study, &options, &plan);
  cr_assert_null(plan);
  cr_assert(strstr(dss_context_error(context), words), "'%s' should say '%s'",
            dss_context_error(context), words);
  dss_study_free(study);
  dss_context_free(context);
  return status;
}

Test(backends, too_few_raters_never_reach_a_backend) {
  static const parity_design one = {"one", 1, 3, 1, {{1}}, {{DSS_NOMINAL, 2, 1, 1, 0.5}}},
                             apart = {"apart", 2, 3, 1, {{2, 1}}, {{DSS_NOMINAL, 2, 2, 2, 0.5}}},
                             still = {"still", 6, 3, 1, {{6, 1}, {2}}, {{DSS_NOMINAL, 2, 6, 6, 0}}};
  cr_assert_eq(refusal(&one, DSS_SCHEME_FREE, "2 raters or more"), DSS_ERR_DATA);
  cr_assert_eq(refusal(&apart, DSS_SCHEME_FREE, "2 raters or more"), DSS_ERR_DATA);
  cr_assert_eq(refusal(&still, DSS_SCHEME_STRATA, "nothing can be shuffled"), DSS_ERR_DATA);
}

/* A set that the machine lacks, or that nobody knows, is a device error, never another set. */
Test(backends, instruction_sets_are_forced) {
  const char *sets[CPU_SETS];
  cr_assert_geq(machine_sets(sets), 1);
  dss_context *context = dss_context_new();
  dss_study *study = parity_study(context, &small_designs[0], 1);
  dss_plan_options options = variant(0, DSS_METRICS_GAI, 1);
  dss_run_options run;
  dss_plan *plan;
  dss_results *results = NULL;
  void *state;
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK);
  for (size_t i = 0; i < CPU_SETS; i++) {
    setenv("DSS_CPU", cpu_sets[i], 1);
    dss_status status = dss_backend_cpu.open(&plan->kernel, &(dss_resources){.threads = 1}, &state);
    cr_assert_eq(status, machine_has_set(cpu_sets[i]) ? DSS_OK : DSS_ERR_DEVICE, "%s", cpu_sets[i]);
    if (status == DSS_OK) dss_backend_cpu.close(state);
  }
  static const char *const unknown[] = {"sse9", "AVX2", "avx", "avx2 ", "portable,avx2"};
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
    setenv("DSS_CPU", unknown[i], 1);
    cr_assert_eq(dss_backend_cpu.open(&plan->kernel, &(dss_resources){.threads = 1}, &state),
                 DSS_ERR_DEVICE, "%s", unknown[i]);
  }
  dss_run_options_init(&run);
  run.backend = DSS_BACKEND_CPU;
  cr_assert_eq(dss_run(context, plan, &run, &results), DSS_ERR_DEVICE);
  cr_assert_null(results);
  cr_assert(strstr(dss_context_error(context), "cpu"), "%s", dss_context_error(context));
  run.backend = DSS_BACKEND_REFERENCE; /* which does not ask */
  cr_assert_eq(dss_run(context, plan, &run, &results), DSS_OK);
  dss_results_free(results);
  for (int i = 0; i < 2; i++) { /* empty or not there: the best that there is */
    cr_assert_eq(i ? unsetenv("DSS_CPU") : setenv("DSS_CPU", "", 1), 0);
    cr_assert_eq(dss_backend_cpu.open(&plan->kernel, &(dss_resources){.threads = 1}, &state),
                 DSS_OK);
    dss_backend_cpu.close(state);
  }
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}
