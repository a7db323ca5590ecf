/* Statistics of pairs of raters: a backend against the scalar loop, bit for bit; on complete
 * designs against those of items; and a run with both. */
#include <criterion/criterion.h>

#include "backend_compare.h"
#include "backend_designs.h"
#include "host/core/context.h"
#include "host/engine/pairwise.h"
#include "host/engine/pairwise_find.h"
#include "pairwise_both.h"
#ifdef DSS_TEST_CUDA
#include "cuda_devices.h"
#else
#include "cpu_sets.h"
#endif

#define PAIR_GAI (DSS_METRICS_GAI | DSS_METRICS_PAIR_GAI)

static dss_context *context;

static void set_up(void) {
  context = dss_context_new();
}

static void tear_down(void) {
  dss_context_free(context);
}

TestSuite(pairwise, .init = set_up, .fini = tear_down);

/* --- backends ----------------------------------------------------------------------------------
 */

typedef struct seen {
  size_t plans, defined, undefined;
} seen;

static size_t columns_of(const dss_pairwise_plan *p) {
  return p->plan->n_questions * p->plan->n_groups * p->n_statistics;
}

/* To the bit, and the same NaN: files hold them. */
static void assert_same(const double *expected, const double *values, size_t rows, size_t columns,
                        const char *what) {
  for (size_t i = 0; i < rows * columns; i++)
    cr_assert(same_number(expected[i], values[i]), "%s: row %zu number %zu: %a, not %a", what,
              i / columns, i % columns, values[i], expected[i]);
}

#ifdef DSS_TEST_CUDA
/* With the statistics of items, whose columns stand between. */
static void compare(const dss_pairwise_plan *p, const window *w, const dss_resources *resources,
                    const char *what) {
  size_t columns = dss_pairwise_columns(p), rows = w->count + 1;
  double *expected = both_by_reference(p, w, what), *values = poisoned(rows * columns + CANARIES);
  void *state;
  cr_assert_eq(dss_cuda->open_both(p, resources, &state), DSS_OK, "%s: %s", what,
               dss_cuda->failure());
  cr_assert_eq(dss_cuda->values(state, DSS_RESAMPLE_NONE, 1, values), DSS_OK, "%s", what);
  cr_assert_eq(dss_cuda->values(state, w->first, w->count, &values[columns]), DSS_OK, "%s", what);
  dss_cuda->close(state);
  cr_assert(untouched(&values[rows * columns]), "%s: wrote past the window", what);
  assert_same(expected, values, rows, columns, what);
  free(expected);
  free(values);
}
#else
static void compare(const dss_pairwise_plan *p, const window *w, const dss_resources *resources,
                    const char *what) {
  double *expected = pair_values_by(&dss_pairwise_reference, p, w, resources, what);
  double *values = pair_values_by(&dss_pairwise_cpu, p, w, resources, what);
  assert_same(expected, values, w->count + 1, columns_of(p), what);
  free(expected);
  free(values);
}
#endif

static void note(const dss_pairwise_plan *p, seen *s) {
  const window few = {0, 3};
  const dss_resources resources = {.threads = 1};
  double *values = pair_values_by(&dss_pairwise_reference, p, &few, &resources, "noted");
  for (size_t i = 0; i < (few.count + 1) * columns_of(p); i++) {
    s->defined += !isnan(values[i]);
    s->undefined += isnan(values[i]);
  }
  s->plans++;
  free(values);
}

/* By every instruction set, or the devices that there are. */
static void compare_plan(const dss_pairwise_plan *p, const window *w, const char *what) {
#ifdef DSS_TEST_CUDA
  for (int devices = 1; devices <= 3; devices += 2) {
    dss_resources resources = {.threads = 1,
                               .device_bytes = p->plan->n_groups < 1000 ? 96 << 20 : 0};
    if (!devices_use(devices, &resources)) continue;
    compare(p, w, &resources, what);
    cr_assert(devices_are_clean(), "%s", what);
  }
#else
  static const char *sets[CPU_SETS];
  static size_t n;
  if (n == 0) n = machine_sets(sets);
  for (size_t i = 0; i < n; i++) {
    char text[400];
    snprintf(text, sizeof text, "%s, %s", what, sets[i]);
    setenv("DSS_CPU", sets[i], 1);
    const dss_resources resources = {.threads = 1 + i % 2};
    compare(p, w, &resources, text);
  }
  unsetenv("DSS_CPU");
#endif
}

/* Windows that end within a block, at its end and behind it, whatever a block is. */
static const window windows[] = {{0, 1}, {5, 64}, {1000000007, 131}, {4090, 33}};
enum { WINDOWS = sizeof windows / sizeof *windows };

static void compare_design(const parity_design *d, size_t from, seen *s) {
  static const unsigned sets[] = {DSS_METRICS_PAIR_GAI, DSS_STATISTIC_BIT(DSS_PAIR_XRR),
                                  DSS_STATISTIC_BIT(DSS_PAIR_GAI) | DSS_STATISTIC_BIT(DSS_PAIR_IRR),
                                  DSS_STATISTIC_BIT(DSS_PAIR_DIFFERENCE)};
  dss_study *study = parity_study(context, d, from + 1);
  char what[240];
  dss_plan_options options = variant(from, DSS_METRICS_GAI | sets[from % 4], d->depth);
  dss_plan *plan = variant_plan(context, study, d->what, &options, what, sizeof what);
  dss_pairwise *pairwise;
  cr_assert_eq(dss_pairwise_open(context, plan, 1, &pairwise), DSS_OK, "%s: %s", what,
               dss_context_error(context));
  note(dss_pairwise_plan_of(pairwise), s);
  compare_plan(dss_pairwise_plan_of(pairwise), &windows[from % WINDOWS], what);
  dss_pairwise_free(pairwise);
  dss_plan_free(plan);
  dss_study_free(study);
}

Test(pairwise, every_design_as_the_reference) {
  seen s = {0};
  for (size_t i = 0; i < SMALL_DESIGNS; i++)
    compare_design(&small_designs[i], i, &s);
  for (size_t i = 0; i < DENSE_DESIGNS; i++)
    compare_design(&dense_designs[i], i + 1, &s);
  cr_log_info("%zu plans, %zu defined, %zu undefined", s.plans, s.defined, s.undefined);
  cr_assert_gt(s.defined, 2000);
  cr_assert_gt(s.undefined, 100);
}

/* More groups on an axis than a 16-bit label can name: of a rater each, who share an item with the
 * next. */
enum { CROWD = UINT16_MAX + 465 };

Test(pairwise, more_groups_than_labels) {
  const window one = {7, 1};
  static uint64_t ptr[CROWD + 1], middle[CROWD], steps[2 * CROWD];
  static uint32_t other[2 * CROWD], count[CROWD][2], order[CROWD];
  static int32_t group[CROWD];
  static uint8_t tested[CROWD];
  for (uint32_t r = 0; r < CROWD; r++) {
    uint64_t n = ptr[r];
    if (r > 0) other[n++] = r - 1;
    middle[r] = n;
    if (r + 1 < CROWD) other[n++] = r + 1;
    for (uint64_t i = ptr[r]; i < n; i++)
      steps[i] = (uint64_t)(other[i] + r) / 2 % 5;
    ptr[r + 1] = n;
    count[r][r % 2] = 1;
    order[r] = r;
    group[r] = (int32_t)r;
    tested[r] = 1;
  }
  const uint32_t strata[] = {0, CROWD};
  const dss_kernel_axis axis = {0, CROWD, group};
  const uint64_t nobody = 0; /* has rated an item, of which there is none */
  const dss_kernel_question items = {
      .item_ptr = &nobody,
      .tables = {.n_levels = 2, .weight_bits = 41, .distance = DSS_DISTANCE_REAL}};
  const dss_kernel_plan plan = {.exchange = {.seed = 1,
                                             .n_raters = CROWD,
                                             .n_strata = 1,
                                             .stratum_ptr = strata,
                                             .order = order},
                                .n_axes = 1,
                                .axes = &axis,
                                .n_groups = CROWD,
                                .tested = tested,
                                .n_questions = 1,
                                .questions = &items};
  const dss_pairwise_question question = {.scale = {DSS_PAIR_NOMINAL, 2, 1.0},
                                          .step = 0.125,
                                          .n_pairs = ptr[CROWD],
                                          .ptr = ptr,
                                          .middle = middle,
                                          .other = other,
                                          .steps = steps,
                                          .count = &count[0][0]};
  const dss_pairwise_plan p = {&plan, &question, DSS_STATISTIC_BIT(DSS_PAIR_XRR), 1};
  compare_plan(&p, &one, "more groups than labels");
}

#ifndef DSS_TEST_CUDA
/* --- lists -------------------------------------------------------------------------------------
 */

/* Items that two raters share, and on how many of them they differ: [n][n]. */
static uint32_t (*count_pairs(const dss_kernel_question *ratings, uint32_t n))[2] {
  uint32_t(*shared)[2] = calloc((size_t)n * n, sizeof *shared);
  cr_assert_not_null(shared);
  for (uint32_t u = 0; u < ratings->n_items; u++)
    for (uint64_t i = ratings->item_ptr[u]; i < ratings->item_ptr[u + 1]; i++)
      for (uint64_t k = ratings->item_ptr[u]; k < ratings->item_ptr[u + 1]; k++) {
        uint32_t *pair = shared[(size_t)ratings->rater[i] * n + ratings->rater[k]];
        pair[0]++;
        pair[1] += ratings->code[i] != ratings->code[k];
      }
  return shared;
}

/* What the lists of a nominal question say of each pair, from both sides, against the ratings. */
static void check_lists(const dss_kernel_question *ratings, const dss_pairwise_question *q,
                        uint32_t n) {
  uint32_t(*shared)[2] = count_pairs(ratings, n);
  for (uint32_t r = 0; r < n; r++) {
    uint64_t i = q->ptr[r];
    for (uint32_t s = 0; s < n; s++) {
      const uint32_t *pair = shared[(size_t)r * n + s];
      if (s == r) cr_assert_eq(i, q->middle[r]);
      if (s == r || pair[0] == 0) continue;
      cr_assert(i < q->ptr[r + 1] && q->other[i] == s, "%u and %u", r, s);
      cr_assert_float_eq((double)q->steps[i] * q->step, (double)pair[1] / pair[0], q->step);
      i++;
    }
    cr_assert_eq(i, q->ptr[r + 1]);
  }
  free(shared);
}

/* Found by walking, of few ratings, and by the matrices, of many. */
Test(pairwise, lists_hold_every_pair_that_shares_an_item) {
  const parity_design d = {"lists",
                           600,
                           90,
                           1,
                           {{2}},
                           {{DSS_NOMINAL, 4, 2, 9, 0.3},
                            {DSS_NOMINAL, 3, 500, 600, 0.3},
                            {DSS_INTERVAL, 3, 600, 600, 0.3}}};
  dss_study *study = parity_study(context, &d, 3);
  dss_plan_options options = variant(0, PAIR_GAI, 1);
  char what[240];
  dss_plan *plan = variant_plan(context, study, d.what, &options, what, sizeof what);
  dss_pairwise *pairwise;
  cr_assert_eq(dss_pairwise_open(context, plan, 2, &pairwise), DSS_OK);
  const dss_pairwise_question *questions = dss_pairwise_plan_of(pairwise)->questions;
  uint32_t n = plan->kernel.exchange.n_raters;
  cr_assert(dss_pairs_find_walks(&plan->pairs[0]));
  cr_assert_not(dss_pairs_find_walks(&plan->pairs[1]));
  check_lists(&plan->kernel.questions[0], &questions[0], n);
  check_lists(&plan->kernel.questions[1], &questions[1], n);
  cr_assert_eq(questions[2].ptr[n], (uint64_t)n * (n - 1), "who all rated all, all share");
  dss_pairwise_free(pairwise);
  dss_plan_free(plan);
  dss_study_free(study);
}

/* --- complete designs --------------------------------------------------------------------------
 */

static dss_results *run(const dss_plan *plan, dss_backend_choice backend) {
  dss_run_options options;
  dss_results *results;
  dss_run_options_init(&options);
  options.backend = backend;
  cr_assert_eq(dss_run(context, plan, &options, &results), DSS_OK, "%s",
               dss_context_error(context));
  return results;
}

static void assert_near(double a, double b, const char *what) {
  cr_assert(isnan(a) == isnan(b), "%s: %g %g", what, a, b);
  if (!isnan(a)) cr_assert_float_eq(a, b, 1e-8 * fmax(1.0, fabs(b)), "%s: %.12g %.12g", what, a, b);
}

static const dss_statistic twins[][2] = {{DSS_PAIR_IRR, DSS_IRR},
                                         {DSS_PAIR_XRR, DSS_XRR},
                                         {DSS_PAIR_GAI, DSS_GAI},
                                         {DSS_PAIR_DIFFERENCE, DSS_DIFFERENCE}};

/* Every rater rated every item: pairs weigh what items weigh, observed and in every resample. */
static void assert_twins(const parity_design *d, size_t *cells) {
  dss_study *study = parity_study(context, d, 11);
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.metrics = PAIR_GAI;
  options.all_depth = d->depth;
  options.permutations = 300;
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK);
  dss_results *r = run(plan, DSS_BACKEND_CPU);
  for (size_t g = 0; g < dss_results_n_groups(r); g++)
    for (size_t t = 0; t < sizeof twins / sizeof *twins; t++) {
      const dss_cell *pair = dss_results_cell(r, 0, g, twins[t][0]);
      const dss_cell *item = dss_results_cell(r, 0, g, twins[t][1]);
      assert_near(pair->estimate, item->estimate, d->what);
      assert_near(pair->null_mean, item->null_mean, d->what);
      assert_near(pair->null_sd, item->null_sd, d->what);
      assert_near(pair->null_min, item->null_min, d->what);
      assert_near(pair->null_max, item->null_max, d->what);
      cr_assert_eq(pair->undefined, item->undefined, "%s", d->what);
      cr_assert_eq(pair->reason, item->reason, "%s", d->what);
      *cells += !isnan(pair->estimate);
    }
  dss_results_free(r);
  dss_plan_free(plan);
  dss_study_free(study);
}

Test(pairwise, complete_designs_agree_with_alpha) {
  static const parity_design designs[] = {
      {"nominal", 40, 30, 2, {{2}, {3}}, {{DSS_NOMINAL, 5, 40, 40, 0.6}}},
      {"nominal, unknown", 60, 25, 2, {{2, 0, 0.2}, {3, 0, 0.1}}, {{DSS_NOMINAL, 3, 60, 60, 0.5}}},
      {"interval", 30, 40, 2, {{2}, {3}}, {{DSS_INTERVAL, 5, 30, 30, 0.5}}},
      {"fractions", 30, 40, 2, {{2}, {3}}, {{DSS_INTERVAL, 5, 30, 30, 0.5, FRACTIONS}}},
      {"far apart", 30, 40, 1, {{2}, {3, 0, 0.2}}, {{DSS_INTERVAL, 5, 30, 30, 0.5, FAR_APART}}},
      {"ratio", 30, 40, 1, {{2}, {3}}, {{DSS_RATIO, 4, 30, 30, 0.5}}},
      {"everyone agrees", 20, 10, 1, {{2}, {3}}, {{DSS_NOMINAL, 4, 20, 20, 1.0}}},
  };
  size_t cells = 0;
  for (size_t i = 0; i < sizeof designs / sizeof *designs; i++)
    assert_twins(&designs[i], &cells);
  cr_assert_gt(cells, 100);
}

/* --- distances of many sizes -------------------------------------------------------------------
 */

enum { OUTLIER_RATERS = 16, OUTLIER_ITEMS = 12 };

/* Two groups who all rated all; one of the second once gave `outlier`, far from all else. */
static dss_study *outlier_study(double outlier) {
  const char *const *names = numbered();
  uint32_t rater[OUTLIER_RATERS * OUTLIER_ITEMS], item[OUTLIER_RATERS * OUTLIER_ITEMS];
  uint8_t code[OUTLIER_RATERS * OUTLIER_ITEMS];
  int32_t group[OUTLIER_RATERS];
  const double values[] = {0.5, 1.5, 2.5, outlier};
  independent_random random = {7};
  dss_study *study;
  for (uint32_t i = 0; i < OUTLIER_RATERS * OUTLIER_ITEMS; i++) {
    rater[i] = i % OUTLIER_RATERS;
    item[i] = i / OUTLIER_RATERS;
    code[i] = (uint8_t)(random_under(&random, 3) * random_under(&random, 2) + item[i] % 2) % 3;
  }
  code[OUTLIER_RATERS - 1] = 3;
  for (uint32_t r = 0; r < OUTLIER_RATERS; r++)
    group[r] = r >= OUTLIER_RATERS / 2;
  const dss_attribute attribute = {"a", 2, names, group, false};
  cr_assert_eq(dss_study_new(context, OUTLIER_RATERS, names, OUTLIER_ITEMS, names, &study), DSS_OK);
  cr_assert_eq(dss_study_add_rater_attribute(context, study, &attribute), DSS_OK);
  cr_assert_eq(dss_study_add_question(context, study, "q", DSS_INTERVAL, 4, names, values,
                                      OUTLIER_RATERS * OUTLIER_ITEMS, rater, item, code),
               DSS_OK);
  return study;
}

/* What the steps of the largest distance cannot tell is undefined, with its reason, not a number.
 */
Test(pairwise, distances_too_small_for_the_steps) {
  static const struct {
    double outlier;
    bool resolved;
  } cases[] = {{3.5, true}, {1000.5, true}, {100000.5, false}, {1e7 + 0.5, false}, {1e12, false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    dss_study *study = outlier_study(cases[i].outlier);
    dss_plan_options options;
    dss_plan *plan;
    dss_plan_options_init(&options);
    options.metrics = PAIR_GAI;
    options.permutations = 0;
    cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK);
    dss_results *r = run(plan, DSS_BACKEND_CPU);
    const dss_cell *pair = dss_results_cell(r, 0, 0, DSS_PAIR_IRR);
    const dss_cell *gai = dss_results_cell(r, 0, 0, DSS_PAIR_GAI);
    double irr = dss_results_cell(r, 0, 0, DSS_IRR)->estimate;
    cr_assert(irr > 0.05, "%g", irr);
    if (cases[i].resolved) {
      cr_assert_float_eq(pair->estimate, irr, 1e-6, "%g: %g", pair->estimate, irr);
    } else {
      cr_assert(isnan(pair->estimate), "%g", pair->estimate);
      cr_assert_eq(pair->reason, DSS_REASON_SMALL_DISTANCES);
      cr_assert_eq(gai->reason, DSS_REASON_NEEDS_IRR);
    }
    dss_results_free(r);
    dss_plan_free(plan);
    dss_study_free(study);
  }
}

/* Levels whose squared differences are no numbers. */
Test(pairwise, distances_beyond_numbers) {
  static const double outliers[] = {1e200, -1e200};
  for (size_t i = 0; i < 2; i++) {
    dss_study *study = outlier_study(outliers[i]);
    dss_plan_options options;
    dss_plan *plan;
    dss_plan_options_init(&options);
    options.metrics = PAIR_GAI;
    cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_ERR_DATA);
    cr_assert(strstr(dss_context_error(context), "question 'q': its levels are so far apart"), "%s",
              dss_context_error(context));
    dss_study_free(study);
  }
}

/* --- a run -------------------------------------------------------------------------------------
 */

/* The statistics of items are what they are without those of pairs; those of pairs the same by the
 * reference. A complete run each: p-values, corrections' input, histograms. */
Test(pairwise, a_run_of_both) {
  const parity_design d = {"run",
                           50,
                           40,
                           2,
                           {{2}, {3, 0, 0.1}},
                           {{DSS_ORDINAL, 5, 2, 20, 0.5}, {DSS_RATIO, 4, 0, 9, 0.4}}};
  dss_study *study = parity_study(context, &d, 5);
  dss_plan_options options;
  dss_plan *both, *alone;
  dss_plan_options_init(&options);
  options.all_depth = 2;
  options.permutations = 9000; /* beyond the pilot */
  options.bootstrap = 40;
  cr_assert_eq(dss_plan_new(context, study, &options, &alone), DSS_OK);
  options.metrics = PAIR_GAI;
  cr_assert_eq(dss_plan_new(context, study, &options, &both), DSS_OK);
  dss_results *x = run(alone, DSS_BACKEND_CPU), *y = run(both, DSS_BACKEND_CPU);
  dss_results *z = run(both, DSS_BACKEND_REFERENCE);
  size_t tested = 0;
  for (size_t q = 0; q < dss_results_n_questions(x); q++)
    for (size_t g = 0; g < dss_results_n_groups(x); g++)
      for (unsigned s = 0; s < DSS_N_STATISTICS; s++) {
        const dss_cell *a = dss_results_cell(x, q, g, s), *b = dss_results_cell(y, q, g, s);
        const dss_cell *c = dss_results_cell(z, q, g, s);
        cr_assert_eq(a != NULL, (DSS_METRICS_GAI >> s & 1) != 0);
        cr_assert_eq(b != NULL, (PAIR_GAI >> s & 1) != 0);
        if (!b) continue;
        cr_assert(same_number(b->estimate, c->estimate) && same_number(b->p, c->p) &&
                  same_number(b->null_sd, c->null_sd) && same_number(b->p_maxt, c->p_maxt));
        cr_assert(b->ge == c->ge && b->le == c->le && b->reason == c->reason);
        if (a)
          cr_assert(same_number(a->estimate, b->estimate) && same_number(a->p, b->p) &&
                    same_number(a->null_mean, b->null_mean) && same_number(a->ci_low, b->ci_low));
        else
          cr_assert(isnan(b->ci_low), "there are no intervals of pairs");
        tested += !a && !isnan(b->p);
      }
  cr_assert_gt(tested, 50);
  dss_results_free(x);
  dss_results_free(y);
  dss_results_free(z);
  dss_plan_free(alone);
  dss_plan_free(both);
  dss_study_free(study);
}

/* Which names bring what. */
Test(pairwise, names_of_statistics) {
  unsigned bits = 0;
  const char *bad;
  cr_assert(dss_metrics_parse("pair-gai", &bits, &bad) && bits == PAIR_GAI);
  cr_assert(dss_metrics_parse("pair_gai", &bits, &bad) && bits == PAIR_GAI);
  cr_assert(dss_metrics_parse("all", &bits, &bad) && (bits & DSS_METRICS_PAIR_GAI) == 0);
  cr_assert(dss_metrics_parse("pair_irr,voting", &bits, &bad));
  cr_assert_eq(bits, DSS_STATISTIC_BIT(DSS_PAIR_IRR) | DSS_STATISTIC_BIT(DSS_IRR) |
                         DSS_STATISTIC_BIT(DSS_VOTING));
  cr_assert(dss_metrics_parse("pair_xrr", &bits, &bad));
  cr_assert_eq(bits, DSS_STATISTIC_BIT(DSS_PAIR_XRR) | DSS_STATISTIC_BIT(DSS_XRR));
  cr_assert(dss_metrics_parse("pair_difference", &bits, &bad));
  cr_assert_eq(bits, DSS_STATISTIC_BIT(DSS_PAIR_DIFFERENCE) | DSS_STATISTIC_BIT(DSS_DIFFERENCE));
  cr_assert_not(dss_metrics_parse("pair", &bits, &bad));
}

/* Pairs alone are no plan, nor are raters whose pairs' sums would not be exact. */
Test(pairwise, what_is_refused) {
  const parity_design small = {"small", 8, 5, 1, {{2}}, {{DSS_NOMINAL, 3, 8, 8, 0.5}}};
  dss_study *study = parity_study(context, &small, 1);
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.metrics = DSS_METRICS_PAIR_GAI;
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_ERR_USAGE);
  options.metrics = 1u << DSS_N_STATISTICS | DSS_METRICS_GAI;
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_ERR_USAGE);
  dss_study_free(study);
  dss_plan crowd = {.kernel = {.exchange = {.n_raters = 1u << 18}, .n_questions = 1}};
  cr_assert_eq(dss_plan_pairwise(context, NULL, NULL, &crowd), DSS_ERR_DATA);
  cr_assert(strstr(dss_context_error(context), "262144 raters are too many"), "%s",
            dss_context_error(context));
}
#endif
