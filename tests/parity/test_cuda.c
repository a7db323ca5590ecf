/* The cuda backend gives the reference's bits: values of every statistic, scale and scheme by each
 * of its methods, ratings in parts, several devices, accumulators, the bootstrap. Built twice: with
 * the kernels run on the host (tests/simt/), and for a machine's own GPU (label gpu). */
#include "backend_compare.h"
#include "backend_designs.h"
#include "cuda_devices.h"
#include "host/engine/frames.h"
#include "host/engine/team.h"
#include "kernels/cuda/design.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DSS_SLOW
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define DSS_SLOW
#endif

static const window windows[] = {{0, 1},  {7, 63}, {4294967266, 65}, {((uint64_t)1 << 61) + 3, 33},
                                 {0, 32}, {64, 40}};
enum { WINDOWS = sizeof windows / sizeof *windows };

/* --- comparing -------------------------------------------------------------------------------- */

typedef struct seen {
  size_t plans, wrong, defined, undefined, differing;
  unsigned methods; /* bits: of each method and what it tallies */
  size_t in_parts, streamed;
} seen;

static unsigned bit(dss_cu_method method, dss_cu_tally tally) {
  return 1u << (3 * method + tally);
}

static void note_design(const dss_kernel_plan *plan, uint64_t bytes, seen *s) {
  dss_cu_design made;
  cr_assert_eq(dss_cu_design_make(plan, NULL, bytes ? bytes : (uint64_t)1 << 30, &made), DSS_OK);
  bool parts = false;
  for (size_t i = 0; i < plan->n_questions; i++) {
    s->methods |= bit(made.questions[i].method, made.questions[i].tally);
    parts |= made.questions[i].n_parts > 1;
  }
  s->in_parts += parts;
  s->streamed += !made.resident;
  dss_cu_design_free(&made);
}

static void note_values(const double *observed, const double *values, size_t n, size_t columns,
                        seen *s) {
  for (size_t i = 0; i < n; i++) {
    s->defined += !isnan(values[i]);
    s->undefined += isnan(values[i]);
    s->differing += !same_number(values[i], observed[i % columns]);
  }
}

/* Bits of NANs count too: files hold them. */
static bool same_nans(const double *values, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double undefined = NAN;
    if (isnan(values[i]) && memcmp(&values[i], &undefined, sizeof undefined) != 0) return false;
  }
  return true;
}

static void compare(const dss_kernel_plan *plan, const window *w, const dss_resources *resources,
                    const char *what, seen *s) {
  size_t columns = dss_kernel_columns(plan), n = (w->count + 1) * columns;
  double *expected = expected_values(plan, w), *values = poisoned(n + CANARIES);
  void *state = NULL;
  cr_assert_eq(dss_cuda->open(plan, resources, &state), DSS_OK, "%s: %s", what,
               dss_cuda->failure());
  cr_assert_eq(dss_cuda->values(state, w->first, w->count, &values[columns]), DSS_OK, "%s: %s",
               what, dss_cuda->failure());
  cr_assert(untouched(&values[n]), "%s: wrote past the window's end", what);
  cr_assert_eq(dss_cuda->values(state, DSS_RESAMPLE_NONE, 1, values), DSS_OK);
  dss_cuda->close(state);
  cr_assert(devices_are_clean(), "%s", what);
  s->plans++;
  s->wrong += !same_values(plan, expected, values, w->count + 1, what);
  cr_expect(same_nans(values, n), "%s: another NAN", what);
  note_design(plan, resources->device_bytes, s);
  note_values(expected, &expected[columns], w->count * columns, columns, s);
  free(expected);
  free(values);
}

/* Statistics: the default ones, all, and one alone. */
static void compare_design(const parity_design *d, size_t from, const dss_resources *resources,
                           seen *s) {
  dss_context *context = dss_context_new();
  dss_study *study = parity_study(context, d, from + 1);
  const unsigned sets[] = {DSS_METRICS_GAI, DSS_METRICS_ALL,
                           metric_set(from % DSS_N_ITEM_STATISTICS)};
  for (size_t m = 0; m < sizeof sets / sizeof *sets; m++) {
    char what[300], plan_text[240];
    size_t v = from + 5 * m;
    dss_plan_options options = variant(v, sets[m], d->depth);
    dss_plan *plan = variant_plan(context, study, d->what, &options, plan_text, sizeof plan_text);
    window w = windows[v % WINDOWS];
    if ((uint64_t)d->n_items * d->questions[0].most > 8000) w.count = 2;
    snprintf(what, sizeof what, "%s, first %llu", plan_text, (unsigned long long)w.first);
    compare(&plan->kernel, &w, resources, what, s);
    dss_plan_free(plan);
  }
  dss_study_free(study);
  dss_context_free(context);
}

/* The executor poisons all memory that is taken: no more of it than a few chunks of resamples. */
static const dss_resources some = {.threads = 1, .device_bytes = 64 << 20};

static void assert_seen(const seen *s) {
  cr_log_info("%zu plans, %zu defined, %zu undefined, methods %x", s->plans, s->defined,
              s->undefined, s->methods);
  cr_assert_eq(s->wrong, 0, "%zu plans differ from the reference", s->wrong);
  cr_assert_gt(s->defined, (s->defined + s->undefined) / 5);
  cr_assert_gt(s->undefined, 100);
  cr_assert_gt(s->differing, s->defined / 2);
}

/* --- designs ---------------------------------------------------------------------------------- */

#ifdef DSS_SLOW
enum { STEP = 5 };
#else
enum { STEP = 1 };
#endif

/* Every design by every method that can serve it. */
Test(cuda, chosen_designs) {
  static const char *const methods[] = {"lists", "products", "general", ""};
  seen s = {0};
  for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
    setenv("DSS_CUDA", methods[m], 1);
    for (size_t i = m % STEP; i < SMALL_DESIGNS; i += STEP)
      compare_design(&small_designs[i], i, &some, &s);
  }
  unsetenv("DSS_CUDA");
  assert_seen(&s);
  unsigned expected = bit(DSS_CU_LISTS, DSS_CU_UNEQUAL) | bit(DSS_CU_LISTS, DSS_CU_PAIRS) |
                      bit(DSS_CU_LISTS, DSS_CU_WHOLE) | bit(DSS_CU_PRODUCTS, DSS_CU_UNEQUAL) |
                      bit(DSS_CU_PRODUCTS, DSS_CU_PAIRS) | bit(DSS_CU_PRODUCTS, DSS_CU_WHOLE) |
                      bit(DSS_CU_GENERAL, DSS_CU_WHOLE);
  cr_assert_eq(s.methods, expected, "methods %x", s.methods);
}

Test(cuda, dense_designs) {
  seen s = {0};
  for (size_t i = 0; i < DENSE_DESIGNS; i++)
    compare_design(&dense_designs[i], i, &some, &s);
  assert_seen(&s);
  unsigned expected = bit(DSS_CU_PRODUCTS, DSS_CU_UNEQUAL) | bit(DSS_CU_PRODUCTS, DSS_CU_PAIRS) |
                      bit(DSS_CU_PRODUCTS, DSS_CU_WHOLE);
  cr_assert_eq(s.methods & expected, expected, "methods %x", s.methods);
}

/* More levels, raters or groups than the fast kernels have room for, and labels of 16 bits. */
Test(cuda, large_designs) {
  static const parity_design designs[] = {
      {"forty levels", 30, 8, 1, {{2}}, {{DSS_ORDINAL, 40, 5, 30, 0.3}}},
      {"most levels", 30, 3, 1, {{2}}, {{DSS_NOMINAL, 256, 5, 30, 0.5}}},
      {"an axis without groups", 30, 20, 1, {{2}, {3, 0, 1.0}}, {{DSS_NOMINAL, 4, 4, 9, 0.4}}},
      {"300 groups", 620, 5, 1, {{300, 2}}, {{DSS_NOMINAL, 3, 20, 60, 0.5}}},
      {"items of 300", 310, 4, 2, {{2}, {3, 0, 0.1}}, {{DSS_NOMINAL, 4, 290, 300, 0.4}}},
      {"one item of 4000", 4000, 1, 1, {{3}}, {{DSS_ORDINAL, 8, 4000, 4000, 0.4}}},
  };
  seen s = {0};
  for (size_t i = 0; i < sizeof designs / sizeof *designs; i++)
    compare_design(&designs[i], 2 * i, &(dss_resources){.threads = 1, .device_bytes = 400 << 20},
                   &s);
  cr_assert_eq(s.wrong, 0);
  cr_assert_gt(s.defined, 5000);
  cr_assert(s.methods & bit(DSS_CU_GENERAL, DSS_CU_WHOLE));
}

/* So little memory that ratings are brought in parts, by each method that walks over them. */
Test(cuda, ratings_in_parts) {
  static const struct {
    parity_design design;
    uint64_t bytes;
  } cases[] = {
      {{"lists", 300, 4000, 1, {{3}}, {{DSS_NOMINAL, 3, 2, 9, 0.4}}}, 650 << 10},
      {{"lists, ranks", 300, 4000, 1, {{3, 0, 0.1}}, {{DSS_ORDINAL, 3, 2, 9, 0.4}}}, 660 << 10},
      {{"general", 60, 9000, 1, {{2}}, {{DSS_NOMINAL, 11, 4, 9, 0.4}}}, 680 << 10},
  };
  seen s = {0};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    compare_design(&cases[i].design, 3 * i,
                   &(dss_resources){.threads = 1, .device_bytes = cases[i].bytes}, &s);
  cr_assert_eq(s.wrong, 0);
  cr_assert_eq(s.streamed, s.plans, "%zu of %zu plans streamed", s.streamed, s.plans);
  cr_assert_eq(s.in_parts, s.plans);
}

/* Sums of unequal levels fit 64 bits only part by part: F is 47 where an item has 8192 ratings. */
Test(cuda, sums_in_parts) {
  static const parity_design d = {
      "sums in parts", 8192, 17, 1, {{2}}, {{DSS_NOMINAL, 2, 8192, 8192, 0.0}}};
  dss_context *context = dss_context_new();
  dss_study *study = parity_study(context, &d, 4);
  dss_plan_options options = variant(0, DSS_METRICS_GAI, 1);
  char what[240];
  dss_plan *plan = variant_plan(context, study, d.what, &options, what, sizeof what);
  seen s = {0};
  compare(&plan->kernel, &(window){5, 1}, &some, what, &s);
  cr_assert_eq(s.wrong, 0);
  cr_assert_eq(s.methods, bit(DSS_CU_PRODUCTS, DSS_CU_UNEQUAL));
  cr_assert_eq(s.in_parts, 1);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

/* The order of threads, warps and blocks changes nothing. */
Test(cuda, orders_of_threads) {
  seen s = {0};
  for (uint64_t seed = 1; seed <= 6; seed++) {
    devices_order(seed);
    compare_design(&small_designs[0], 0, &some, &s);
    compare_design(&dense_designs[1], 1, &some, &s);
  }
  cr_assert_eq(s.wrong, 0);
}

Test(cuda, every_arrangement) {
  const parity_design d = {
      "few raters", 8, 20, 1, {{2}}, {{DSS_NOMINAL, 3, 4, 8, 0.4}, {DSS_ORDINAL, 4, 2, 8, 0.4}}};
  dss_context *context = dss_context_new();
  seen s = {0};
  for (size_t seed = 1; seed <= 6; seed++) {
    dss_study *study = parity_study(context, &d, seed);
    dss_plan_options options = variant(seed, DSS_METRICS_ALL, 1);
    dss_plan *plan;
    options.scheme = DSS_SCHEME_FREE;
    options.permutations = 100;
    options.min_raters = 2;
    cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK);
    uint64_t all = plan->kernel.exchange.n_arrangements;
    cr_assert_gt(all, 0);
    compare(&plan->kernel, &(window){0, all}, &some, "arrangements", &s);
    dss_plan_free(plan);
    dss_study_free(study);
  }
  cr_assert_eq(s.wrong, 0);
  cr_assert_gt(s.differing, 1000);
  dss_context_free(context);
}

/* --- accumulators ----------------------------------------------------------------------------- */

typedef struct run_case {
  uint64_t stop_after, calls[4]; /* resamples a call, up to the first 0 */
  int devices;
} run_case;

static void accumulate(const dss_kernel_plan *plan, const dss_backend *backend,
                       const dss_resources *resources, const run_case *of, dss_accumulators *a) {
  void *state = NULL;
  uint64_t done = 0;
  cr_assert_eq(backend->open(plan, resources, &state), DSS_OK);
  for (size_t i = 0; i < 4 && of->calls[i] > 0; i++) {
    cr_assert_eq(backend->run(state, done, of->calls[i], a), DSS_OK);
    done += of->calls[i];
    if (of->stop_after > 0 && done % DSS_CHECKPOINT == 0) dss_accumulators_checkpoint(a);
  }
  backend->close(state);
}

static void compare_runs(const parity_design *d, size_t v, const run_case *of) {
  dss_resources resources = some;
  if (!devices_use(of->devices, &resources)) return;
  dss_context *context = dss_context_new();
  dss_study *study = parity_study(context, d, v + 1);
  dss_plan_options options = variant(v, DSS_METRICS_ALL, d->depth);
  char what[240];
  dss_plan *plan = variant_plan(context, study, d->what, &options, what, sizeof what);
  const window pilot = {0, 100};
  size_t columns = dss_kernel_columns(&plan->kernel);
  double *framing = expected_values(&plan->kernel, &pilot);
  const dss_accumulation how = {.threads = 1, .stop_after = of->stop_after};
  dss_null expected, found;
  cr_assert_eq(
      dss_null_make(context, columns, framing, pilot.count, &framing[columns], &how, &expected),
      DSS_OK);
  cr_assert_eq(
      dss_null_make(context, columns, framing, pilot.count, &framing[columns], &how, &found),
      DSS_OK);
  accumulate(&plan->kernel, &dss_backend_reference, &some, of, &expected.accumulators);
  accumulate(&plan->kernel, dss_cuda, &resources, of, &found.accumulators);
  assert_same_accumulators(&expected.accumulators, &found.accumulators, what);
  size_t stopped = 0;
  for (size_t c = 0; c < columns; c++) {
    uint64_t at = expected.accumulators.stopped[c];
    cr_assert_eq(at, found.accumulators.stopped[c], "%s: column %zu", what, c);
    stopped += at > 0;
  }
  if (of->stop_after > 0) cr_assert(stopped > 0 && stopped < columns, "%zu stopped", stopped);
  cr_assert(devices_are_clean());
  dss_null_free(&expected);
  dss_null_free(&found);
  free(framing);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

/* Calls that end within blocks of moments and at their ends, on one device and on three. */
Test(cuda, accumulators) {
  static const parity_design few = {
      "runs", 14, 9, 1, {{2}, {3}}, {{DSS_NOMINAL, 3, 0, 6, 0.5}, {DSS_RATIO, 3, 0, 6, 0.5}}};
  static const parity_design many = {"runs of many columns",         620, 3, 1, {{300, 2}},
                                     {{DSS_NOMINAL, 3, 20, 60, 0.5}}};
  compare_runs(&few, 0, &(run_case){.calls = {1, 30, 4065, 5000}, .devices = 1});
  compare_runs(&few, 10, &(run_case){.calls = {100, 12188, 77}, .devices = 3});
  compare_runs(&few, 2, &(run_case){.calls = {9000}, .devices = 2});
  compare_runs(&many, 3, &(run_case){.calls = {40, 60}, .devices = 1});
}

Test(cuda, tests_that_stop) {
  static const parity_design few = {
      "stops", 14, 9, 1, {{2}, {3}}, {{DSS_NOMINAL, 3, 0, 6, 0.5}, {DSS_RATIO, 3, 0, 6, 0.5}}};
  compare_runs(&few, 0,
               &(run_case){.stop_after = 700, .calls = {1000, 3096, 4096, 50}, .devices = 1});
  compare_runs(&few, 5, &(run_case){.stop_after = 20, .calls = {100, 3996, 4096}, .devices = 2});
}

/* Processes on one machine take its GPUs in turn, and share its processors where nobody has. */
Test(cuda, processes_divide_a_machine) {
  dss_resources resources = some;
  if (!devices_use(3, &resources)) return;
  for (unsigned rank = 0; rank < 7; rank++) {
    const dss_team team = {.rank = 10 + rank, .size = 20, .local_rank = rank, .local_size = 7};
    dss_resources own = {.threads = 1000}, chosen = {.threads = 1000, .device = 3};
    dss_team_divide(&team, true, &own);
    dss_team_divide(&team, true, &chosen);
    cr_assert_eq(own.device, 1 + rank % 3, "rank %u has device %u", rank, own.device);
    cr_assert_eq(chosen.device, 3, "one that was asked for");
    cr_assert_eq(own.threads, 1000);
  }
  const dss_team bound = {.size = 2, .local_size = 1000000};
  dss_team loose = bound;
  loose.undivided = true;
  dss_resources of_bound = {.threads = 64}, of_loose = {.threads = 64};
  dss_team_divide(&bound, false, &of_bound);
  dss_team_divide(&loose, false, &of_loose);
  cr_assert_eq(of_bound.threads, 64);
  cr_assert_eq(of_loose.threads, 1, "more processes than processors");
}

/* --- bootstrap -------------------------------------------------------------------------------- */

/* Windows of so many resamples: several warps', of which several devices take some each. */
static void compare_bootstrap(const parity_design *d, dss_over over, size_t v, int devices) {
  enum { COUNT = 75 };
  dss_resources resources = some;
  if (!devices_use(devices, &resources)) return;
  dss_context *context = dss_context_new();
  dss_study *study = parity_study(context, d, v + 1);
  dss_plan_options options = variant(v, DSS_METRICS_ALL, d->depth);
  options.bootstrap = 100;
  options.over = over;
  char what[240];
  dss_plan *plan = variant_plan(context, study, d->what, &options, what, sizeof what);
  size_t width = plan->kernel.n_statistics, compared = 0;
  double *expected = poisoned(COUNT * width), *found = poisoned(COUNT * width);
  void *state = NULL;
  cr_assert_eq(dss_cuda->open(&plan->kernel, &resources, &state), DSS_OK);
  for (size_t q = 0; q < plan->kernel.n_questions; q++)
    for (size_t g = 0; g < plan->kernel.n_groups; g++) {
      dss_bootstrap_group *group;
      if (!plan->kernel.tested[g]) continue;
      cr_assert_eq(dss_bootstrap_open(&plan->kernel, &plan->kernel_bootstrap, q, g, 1, &group),
                   DSS_OK);
      cr_assert_eq(dss_cuda->bootstrap_open(state, group), DSS_OK, "%s", dss_cuda->failure());
      for (uint64_t first = 0; first < 2 * COUNT; first += COUNT) {
        dss_bootstrap_values(group, first, COUNT, expected);
        cr_assert_eq(dss_cuda->bootstrap_values(state, first, COUNT, found), DSS_OK);
        for (size_t i = 0; i < COUNT * width; i++)
          cr_assert(same_number(expected[i], found[i]), "%s: group %zu number %zu: %a, not %a",
                    what, g, i, found[i], expected[i]);
        cr_assert(same_nans(found, COUNT * width));
        compared += COUNT * width;
      }
      dss_cuda->bootstrap_close(state);
      dss_bootstrap_close(group);
    }
  dss_cuda->close(state);
  cr_assert(devices_are_clean());
  cr_assert_gt(compared, 0);
  free(expected);
  free(found);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

Test(cuda, bootstraps) {
  for (size_t i = 0; i < SMALL_DESIGNS; i += 3)
    compare_bootstrap(&small_designs[i], (dss_over)(i / 3 % 3), i, 1 + (int)(i / 3 % 3));
  for (unsigned over = 0; over < 3; over++)
    compare_bootstrap(&dense_designs[3], (dss_over)over, 1, 1 + (int)over);
}
