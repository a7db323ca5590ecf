/* Bootstrap resamples of random designs: weights of 1 are the observed ratings, to the bit; nothing
 * that should not matter does. */
#include <criterion/criterion.h>
#include <string.h>

#include "designs.h"
#include "host/engine/plan.h"

static const design designs[] = {
    {40, 60, 5, DSS_NOMINAL, 0.3, {2, 3}, 0.1, 1},  {25, 30, 9, DSS_ORDINAL, 0.5, {3, 2}, 0.0, 2},
    {30, 20, 4, DSS_INTERVAL, 0.9, {2, 2}, 0.2, 3}, {30, 20, 4, DSS_INTERVAL, 0.9, {2, 2}, 0.2, 4},
    {12, 1, 2, DSS_RATIO, 1.0, {2, 2}, 0.0, 5},     {64, 80, 2, DSS_NOMINAL, 0.05, {5, 4}, 0.3, 6},
};
enum { N_DESIGNS = sizeof designs / sizeof *designs };
static const dss_over overs[] = {DSS_OVER_RATERS, DSS_OVER_ITEMS, DSS_OVER_BOTH};

static dss_plan *plan_of(dss_context *context, const dss_study *study, size_t variant) {
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.metrics = DSS_METRICS_ALL;
  options.all_depth = 2;
  options.permutations = 0;
  options.bootstrap = 70;
  options.over = overs[variant % 3];
  options.units = variant & 1 ? DSS_UNITS_COMMON : DSS_UNITS_OWN;
  options.ties = variant & 2 ? DSS_TIES_SKIP : DSS_TIES_SPLIT;
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK, "%s",
               dss_context_error(context));
  return plan;
}

static dss_bootstrap_group *open_group(const dss_plan *plan, size_t group, unsigned threads) {
  dss_bootstrap_group *opened = NULL;
  cr_assert_eq(
      dss_bootstrap_open(&plan->kernel, &plan->kernel_bootstrap, 0, group, threads, &opened),
      DSS_OK);
  return opened;
}

Test(bootstrap, weights_of_one_are_the_observed_bits) {
  dss_context *context = dss_context_new();
  size_t defined = 0;
  for (size_t i = 0; i < N_DESIGNS; i++)
    for (size_t variant = 0; variant < 6; variant++) {
      dss_study *study = design_study(context, &designs[i], NULL, NULL);
      dss_plan *plan = plan_of(context, study, variant);
      size_t width = plan->kernel.n_statistics, columns = dss_kernel_columns(&plan->kernel);
      double *observed = calloc(columns, sizeof *observed),
             *weighted = malloc(width * sizeof *weighted);
      void *state;
      cr_assert_eq(
          dss_backend_reference.open(&plan->kernel, &(dss_resources){.threads = 1}, &state),
          DSS_OK);
      cr_assert_eq(dss_backend_reference.values(state, DSS_RESAMPLE_NONE, 1, observed), DSS_OK);
      for (size_t g = 0; g < plan->kernel.n_groups; g++) {
        if (!plan->kernel.tested[g]) continue;
        dss_bootstrap_group *group = open_group(plan, g, 1);
        memset(weighted, 0xa5, width * sizeof *weighted);
        dss_bootstrap_values(group, DSS_RESAMPLE_NONE, 1, weighted);
        for (size_t s = 0; s < width; s++) {
          cr_expect(same_number(weighted[s], observed[g * width + s]),
                    "design %zu, variant %zu, group %zu, %s: %a, %a", i, variant, g,
                    dss_statistic_name((dss_statistic)s), weighted[s], observed[g * width + s]);
          defined += !isnan(weighted[s]);
        }
        dss_bootstrap_close(group);
      }
      dss_backend_reference.close(state);
      free(observed);
      free(weighted);
      dss_plan_free(plan);
      dss_study_free(study);
    }
  cr_assert_gt(defined, 500);
  dss_context_free(context);
}

Test(bootstrap, a_resample_depends_on_its_number_alone) {
  enum { COUNT = 40 };
  dss_context *context = dss_context_new();
  for (size_t i = 0; i < N_DESIGNS; i++) {
    dss_study *study = design_study(context, &designs[i], NULL, NULL);
    dss_plan *plan = plan_of(context, study, i + 2);
    size_t width = plan->kernel.n_statistics, differing = 0, g = 0;
    while (!plan->kernel.tested[g])
      g++;
    double *batch = malloc(COUNT * width * sizeof *batch), *alone = malloc(width * sizeof *alone);
    dss_bootstrap_group *one = open_group(plan, g, 1), *many = open_group(plan, g, 5);
    memset(batch, 0xa5, COUNT * width * sizeof *batch);
    dss_bootstrap_values(many, 1000, COUNT, batch);
    for (uint64_t b = COUNT; b-- > 0;) {
      memset(alone, 0xa5, width * sizeof *alone);
      dss_bootstrap_values(one, 1000 + b, 1, alone);
      for (size_t s = 0; s < width; s++) {
        cr_assert(same_number(alone[s], batch[b * width + s]));
        differing += !same_number(batch[s], batch[b * width + s]);
      }
    }
    if (designs[i].n_items > 1) cr_assert_gt(differing, 0, "resamples differ from each other");
    dss_bootstrap_close(one);
    dss_bootstrap_close(many);
    free(batch);
    free(alone);
    dss_plan_free(plan);
    dss_study_free(study);
  }
  dss_context_free(context);
}

/* Draws are those of docs/determinism.md: word j of the purpose, bounded, each purpose its own. */
Test(bootstrap, weights_count_the_draws) {
  enum { SIZE = 23 };
  uint32_t weight[SIZE], again[SIZE], purposes = 0;
  for (uint32_t purpose = DSS_PURPOSE_GROUP; purpose <= DSS_PURPOSE_ITEMS; purpose++) {
    uint32_t expected[SIZE] = {0}, total = 0;
    memset(weight, 0xa5, sizeof weight);
    dss_draw_weights(77, purpose, 5, SIZE, weight);
    for (uint32_t j = 0; j < SIZE; j++)
      expected[dss_random_below(77, purpose, 5, j, SIZE)]++;
    for (uint32_t k = 0; k < SIZE; k++)
      total += weight[k];
    cr_expect_arr_eq(weight, expected, sizeof weight);
    cr_expect_eq(total, SIZE);
    if (purpose > DSS_PURPOSE_GROUP) purposes += memcmp(weight, again, sizeof weight) != 0;
    memcpy(again, weight, sizeof again);
  }
  cr_expect_eq(purposes, 2, "purposes share no bits");
  dss_draw_weights(77, DSS_PURPOSE_ITEMS, DSS_RESAMPLE_NONE, SIZE, weight);
  for (uint32_t k = 0; k < SIZE; k++)
    cr_expect_eq(weight[k], 1);
}

/* A large n makes about a quarter of the first words be rejected: the same numbers as one by one.
 */
Test(bootstrap, rejected_words_are_replaced) {
  uint32_t n = 3u << 30, words[4], rejected = 0;
  for (uint64_t b = 0; b < 200; b++) {
    dss_random_words(9, DSS_PURPOSE_GROUP, b, 4, words);
    for (uint32_t i = 0; i < 4; i++) {
      rejected += (uint32_t)((uint64_t)words[i] * n) < (uint32_t)(-n) % n;
      cr_expect_eq(dss_random_bounded(9, DSS_PURPOSE_GROUP, b, 4 + i, n, words[i]),
                   dss_random_below(9, DSS_PURPOSE_GROUP, b, 4 + i, n));
    }
  }
  cr_expect(rejected > 120 && rejected < 280, "%u", rejected);
}

/* Leaving the last item out is the plan without it, to the bit; for raters and other items the
 * oracle's BCa intervals say the same. */
Test(bootstrap, an_item_left_out_was_never_there) {
  enum { LAST = 11 };
  dss_context *context = dss_context_new();
  const design d = {24, LAST + 1, 4, DSS_ORDINAL, 0.6, {2, 2}, 0.1, 12};
  dss_study *study = design_study(context, &d, NULL, NULL);
  dss_plan *plan = plan_of(context, study, 1); /* items */
  size_t width = plan->kernel.n_statistics;
  dss_bootstrap_group *group = open_group(plan, 0, 2);
  uint32_t strata[DSS_N_STRATA];
  dss_bootstrap_strata(group, strata);
  cr_assert(strata[0] == 0 && strata[1] == 0 && strata[2] == LAST + 1);
  double *left_out = malloc((LAST + 1) * width * sizeof *left_out);
  double *without = malloc(width * sizeof *without), *with = malloc(width * sizeof *with);
  cr_assert_eq(dss_bootstrap_leave_out(group, 0, 5, left_out), DSS_OK);
  cr_assert_eq(dss_bootstrap_leave_out(group, 5, LAST - 4, left_out + 5 * width), DSS_OK);
  dss_bootstrap_values(group, DSS_RESAMPLE_NONE, 1, with);
  dss_bootstrap_close(group);
  dss_kernel_question *question = &plan->kernel_questions[0];
  question->n_items = LAST;
  question->n_ratings = question->item_ptr[LAST];
  group = open_group(plan, 0, 1);
  dss_bootstrap_values(group, DSS_RESAMPLE_NONE, 1, without);
  size_t moved = 0;
  for (size_t s = 0; s < width; s++) {
    cr_expect(same_number(without[s], left_out[LAST * width + s]), "%zu: %g, %g", s, without[s],
              left_out[LAST * width + s]);
    moved += !same_number(without[s], with[s]);
  }
  cr_expect_geq(moved, width - 2, "the item mattered");
  dss_bootstrap_close(group);
  free(left_out);
  free(without);
  free(with);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

/* --- the whole ----------------------------------------------------------------------------- */

static dss_results *run(dss_context *context, const dss_plan *plan, unsigned threads) {
  dss_run_options options;
  dss_results *results;
  dss_run_options_init(&options);
  options.threads = threads;
  cr_assert_eq(dss_run(context, plan, &options, &results), DSS_OK, "%s",
               dss_context_error(context));
  return results;
}

static void assert_same_intervals(const dss_cell *x, const dss_cell *y) {
  const double a[] = {x->ci_low,         x->ci_high,         x->se,
                      x->percentile_low, x->percentile_high, x->basic_low,
                      x->basic_high,     x->bca_low,         x->bca_high};
  const double b[] = {y->ci_low,         y->ci_high,         y->se,
                      y->percentile_low, y->percentile_high, y->basic_low,
                      y->basic_high,     y->bca_low,         y->bca_high};
  for (size_t i = 0; i < sizeof a / sizeof *a; i++)
    cr_assert(same_number(a[i], b[i]), "number %zu: %a %a", i, a[i], b[i]);
  cr_assert(x->boot_undefined == y->boot_undefined && x->boot_flagged == y->boot_flagged &&
            x->ci_misses == y->ci_misses && x->ci_withheld == y->ci_withheld &&
            strcmp(x->ci_method, y->ci_method) == 0);
}

Test(bootstrap, threads_do_not_matter) {
  dss_context *context = dss_context_new();
  size_t intervals = 0, sets = 0;
  for (size_t i = 0; i < N_DESIGNS; i++) {
    dss_study *study = design_study(context, &designs[i], NULL, NULL);
    dss_plan *plan = plan_of(context, study, i);
    dss_results *one = run(context, plan, 1), *many = run(context, plan, 5);
    for (size_t g = 0; g < dss_results_n_groups(one); g++) {
      const dss_group_detail *x = dss_results_detail(one, 0, g),
                             *y = dss_results_detail(many, 0, g);
      cr_assert(same_number(x->fieller_low, y->fieller_low) &&
                same_number(x->fieller_high, y->fieller_high) &&
                x->fieller_kind == y->fieller_kind && x->fieller_pairs == y->fieller_pairs &&
                x->fieller_withheld == y->fieller_withheld);
      sets += x->fieller_kind != DSS_SET_NONE;
      for (unsigned s = 0; s < DSS_N_ITEM_STATISTICS; s++) {
        const dss_cell *cell = dss_results_cell(one, 0, g, (dss_statistic)s);
        assert_same_intervals(cell, dss_results_cell(many, 0, g, (dss_statistic)s));
        intervals += *cell->ci_method != '\0';
        if (isnan(cell->estimate)) cr_assert_str_eq(cell->ci_method, "");
      }
    }
    cr_assert_str_eq(dss_results_provenance(one, "bootstrap"), "70");
    cr_assert_str_eq(dss_results_provenance(one, "over"), dss_over_name(overs[i % 3]));
    cr_assert_str_eq(dss_results_provenance(one, "interval"), "bca");
    dss_results_free(one);
    dss_results_free(many);
    dss_plan_free(plan);
    dss_study_free(study);
  }
  cr_assert(intervals > 200 && sets > 20, "%zu, %zu", intervals, sets);
  dss_context_free(context);
}

/* Progress ends at its total, and the bootstrap needs no permutations. */
static void note_progress(const char *what, unsigned long long done, unsigned long long total,
                          void *user) {
  unsigned long long *last = user;
  cr_assert_str_eq(what, "bootstrap");
  cr_assert(done > last[0] && done <= total);
  last[0] = done;
  last[1] = total;
}

Test(bootstrap, progress) {
  dss_context *context = dss_context_new();
  unsigned long long last[2] = {0, 0};
  dss_study *study = design_study(context, &designs[0], NULL, NULL);
  dss_plan *plan = plan_of(context, study, 0);
  dss_context_set_progress(context, note_progress, last);
  dss_results_free(run(context, plan, 2));
  cr_assert(last[0] > 0 && last[0] == last[1] && last[1] % 70 == 0);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

static void assert_refused(dss_context *context, const dss_study *study,
                           const dss_plan_options *options, dss_status status, const char *words) {
  dss_plan *plan = NULL;
  cr_assert_eq(dss_plan_new(context, study, options, &plan), status, "%s",
               dss_context_error(context));
  cr_assert(strstr(dss_context_error(context), words), "'%s' should say '%s'",
            dss_context_error(context), words);
  cr_assert_null(plan);
}

Test(bootstrap, refusals) {
  dss_context *context = dss_context_new();
  dss_study *study = design_study(context, &designs[0], NULL, NULL);
  dss_plan_options options;
  dss_plan_options_init(&options);
  options.bootstrap = UINT64_C(1) << 40;
  assert_refused(
      context, study, &options, DSS_ERR_MEMORY,
      "1099511627776 resamples are too many to hold; with 4 statistics at most 53687091");
  for (options.bootstrap = 1; options.bootstrap < 40; options.bootstrap++)
    assert_refused(context, study, &options, DSS_ERR_USAGE,
                   "too few for 95% intervals, which need 40 at least");
  options.over = (dss_over)3;
  assert_refused(context, study, &options, DSS_ERR_USAGE, "unknown kind of bootstrap");
  options.over = DSS_OVER_BOTH;
  options.interval = (dss_ci)7;
  assert_refused(context, study, &options, DSS_ERR_USAGE, "unknown kind of bootstrap");
  dss_study_free(study);
  dss_context_free(context);
}

/* 40 resamples are enough where all of them are defined. */
Test(bootstrap, least_resamples) {
  dss_context *context = dss_context_new();
  dss_study *study = design_study(context, &designs[0], NULL, NULL);
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.permutations = 0;
  options.bootstrap = 40;
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK);
  dss_results *results = run(context, plan, 1);
  const dss_cell *cell = dss_results_cell(results, 0, 0, DSS_XRR);
  cr_expect(cell->boot_undefined == 0 && cell->ci_low < cell->ci_high);
  dss_results_free(results);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

/* --- very small groups --------------------------------------------------------------------- */

/* Group 0 of `few` raters, group 1 of ten; everyone rates each of 30 items, in three levels. */
static dss_study *small_group(dss_context *context, uint32_t few) {
  enum { ITEMS = 30, MOST = 20 };
  uint32_t n_raters = few + 10, rater[ITEMS * MOST], item[ITEMS * MOST];
  uint8_t code[ITEMS * MOST];
  int32_t groups[MOST];
  uint64_t n = 0;
  independent_random random = {5};
  for (uint32_t u = 0; u < ITEMS; u++) {
    uint32_t usual = random_under(&random, 3);
    for (uint32_t r = 0; r < n_raters; r++) {
      rater[n] = r;
      item[n] = u;
      code[n++] = (uint8_t)(random_unit(&random) < 0.6 ? usual : random_under(&random, 3));
    }
  }
  for (uint32_t r = 0; r < n_raters; r++)
    groups[r] = r >= few;
  dss_study *study;
  const char *const *names = numbered();
  cr_assert_eq(dss_study_new(context, n_raters, names, ITEMS, names, &study), DSS_OK);
  cr_assert_eq(
      dss_study_add_rater_attribute(context, study, &(dss_attribute){"a", 2, names, groups, false}),
      DSS_OK);
  const double values[] = {0, 1, 2};
  cr_assert_eq(dss_study_add_question(context, study, "q", DSS_NOMINAL, 3, names, values, n, rater,
                                      item, code),
               DSS_OK);
  return study;
}

static dss_results *run_small_group(dss_context *context, uint32_t few, uint64_t resamples,
                                    uint64_t seed) {
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.permutations = 0;
  options.bootstrap = resamples;
  options.seed = seed;
  dss_study *study = small_group(context, few);
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK, "%s",
               dss_context_error(context));
  dss_results *results = run(context, plan, 1);
  dss_plan_free(plan);
  dss_study_free(study);
  return results;
}

static void expect_withheld(const dss_cell *cell, dss_withheld why) {
  cr_expect_eq(cell->ci_withheld, why, "%s", dss_withheld_text(cell->ci_withheld));
  cr_expect_str_eq(cell->ci_method, "");
  cr_expect(!isnan(cell->estimate) && isnan(cell->ci_low) && isnan(cell->ci_high) &&
            isnan(cell->se) && isnan(cell->percentile_low) && isnan(cell->basic_high) &&
            isnan(cell->bca_low));
}

/* Half of a pair's resamples draw one of the two twice; the other half equal the estimate. */
Test(bootstrap, a_group_of_two) {
  dss_context *context = dss_context_new();
  dss_results *r = run_small_group(context, 2, 1000, 1);
  const dss_cell *irr = dss_results_cell(r, 0, 0, DSS_IRR),
                 *xrr = dss_results_cell(r, 0, 0, DSS_XRR);
  cr_assert(irr->boot_undefined > 440 && irr->boot_undefined < 560, "%lu", irr->boot_undefined);
  expect_withheld(irr, DSS_WITHHELD_ALL_EQUAL);
  expect_withheld(dss_results_cell(r, 0, 0, DSS_GAI), DSS_WITHHELD_OFTEN_UNDEFINED);
  expect_withheld(dss_results_cell(r, 0, 0, DSS_DIFFERENCE), DSS_WITHHELD_OFTEN_UNDEFINED);
  cr_expect(xrr->boot_undefined == 0 && xrr->ci_low < xrr->ci_high);
  const dss_group_detail *detail = dss_results_detail(r, 0, 0);
  cr_expect_eq(detail->fieller_kind, DSS_SET_NONE);
  cr_expect_eq(detail->fieller_withheld, DSS_WITHHELD_ALL_EQUAL);
  cr_expect_eq(detail->fieller_pairs, 1000 - irr->boot_undefined);
  cr_expect(isnan(detail->fieller_low) && isnan(detail->fieller_high));
  /* The ten on the other side are none the worse for it. */
  cr_expect_eq(dss_results_cell(r, 0, 1, DSS_GAI)->ci_withheld, DSS_WITHHELD_NONE);
  cr_expect_eq(dss_results_detail(r, 0, 1)->fieller_kind, DSS_SET_BOUNDED);
  dss_results_free(r);
  dss_context_free(context);
}

/* One in nine resamples of three draws one of them alone, one in 64 of four. */
Test(bootstrap, groups_of_three_and_four) {
  dss_context *context = dss_context_new();
  dss_results *three = run_small_group(context, 3, 4000, 1),
              *four = run_small_group(context, 4, 4000, 1);
  const dss_cell *cell = dss_results_cell(three, 0, 0, DSS_IRR);
  cr_assert(cell->boot_undefined > 400 && cell->boot_undefined < 490, "%lu", cell->boot_undefined);
  expect_withheld(cell, DSS_WITHHELD_OFTEN_UNDEFINED);
  cr_expect_eq(dss_results_detail(three, 0, 0)->fieller_withheld, DSS_WITHHELD_OFTEN_UNDEFINED);
  cell = dss_results_cell(four, 0, 0, DSS_IRR);
  cr_assert(cell->boot_undefined > 40 && cell->boot_undefined < 90, "%lu", cell->boot_undefined);
  cr_expect(cell->boot_flagged && cell->ci_low < cell->ci_high && cell->se > 0);
  cr_expect_eq(cell->ci_withheld, DSS_WITHHELD_NONE);
  const dss_group_detail *detail = dss_results_detail(four, 0, 0);
  cr_expect_eq(detail->fieller_kind, DSS_SET_BOUNDED);
  cr_expect_eq(detail->fieller_pairs, 4000 - cell->boot_undefined);
  dss_results_free(three);
  dss_results_free(four);
  dss_context_free(context);
}

/* Enough were asked for, but in too few of them a statistic is defined. */
Test(bootstrap, few_are_defined) {
  dss_context *context = dss_context_new();
  dss_results *r = run_small_group(context, 4, 40, 3);
  const dss_cell *irr = dss_results_cell(r, 0, 0, DSS_IRR),
                 *xrr = dss_results_cell(r, 0, 0, DSS_XRR);
  cr_assert(irr->boot_undefined > 0 && irr->boot_undefined <= 4, "%lu", irr->boot_undefined);
  expect_withheld(irr, DSS_WITHHELD_FEW_RESAMPLES);
  cr_expect_eq(dss_results_detail(r, 0, 0)->fieller_withheld, DSS_WITHHELD_FEW_RESAMPLES);
  cr_expect(xrr->boot_undefined == 0 && xrr->ci_low < xrr->ci_high);
  dss_results_free(r);
  dss_context_free(context);
}

Test(bootstrap, names) {
  dss_over over = DSS_OVER_RATERS;
  dss_ci interval = DSS_CI_BCA;
  cr_expect(dss_over_parse("both", &over) && over == DSS_OVER_BOTH);
  cr_expect(dss_over_parse("items", &over) && over == DSS_OVER_ITEMS);
  cr_expect(!dss_over_parse("rater", &over) && over == DSS_OVER_ITEMS);
  cr_expect(dss_ci_parse("percentile", &interval) && interval == DSS_CI_PERCENTILE);
  cr_expect(!dss_ci_parse("BCa", &interval));
  cr_expect_null(dss_over_name((dss_over)9));
  cr_expect_null(dss_ci_name((dss_ci)-1));
}

/* What the sums cannot hold is refused; what they can keeps the bits of the weights. */
Test(bootstrap, tables_for_weights) {
  dss_tables plain, weighted;
  cr_assert_eq(dss_tables_make(&plain, DSS_TABLES_NOMINAL, 3, NULL, 1000000, 500), DSS_TABLES_OK);
  cr_assert_eq(dss_tables_make_weighted(&weighted, DSS_TABLES_NOMINAL, NULL, UINT64_C(1) << 35,
                                        40000, &plain),
               DSS_TABLES_OK);
  cr_expect(weighted.weight_bits == plain.weight_bits && weighted.log_bits == plain.log_bits);
  cr_expect_arr_eq(weighted.weight, plain.weight, 501 * sizeof *plain.weight);
  cr_expect_arr_eq(weighted.count_log, plain.count_log, 501 * sizeof *plain.count_log);
  cr_expect_eq(weighted.max_unit, 40000);
  dss_tables_free(&weighted);
  const uint64_t too_many[] = {(UINT64_C(1) << 48) + 1, UINT64_C(1) << 63, UINT64_MAX};
  for (size_t i = 0; i < 3; i++)
    cr_expect_eq(
        dss_tables_make_weighted(&weighted, DSS_TABLES_NOMINAL, NULL, too_many[i], 100, &plain),
        DSS_TABLES_TOO_LARGE);
  cr_expect_eq(dss_tables_make_weighted(&weighted, DSS_TABLES_NOMINAL, NULL, 1000,
                                        (UINT32_C(1) << 31) + 1, &plain),
               DSS_TABLES_TOO_LARGE);
  dss_tables_free(&plain);
}
