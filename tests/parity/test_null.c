/* Under a true null two-sided p-values are uniform: 500 data sets a scheme, whose profiles an
 * independent generator shuffles; and a stratified design in which only `strata` is right. */
#include "designs.h"
#include "kernels/common/accumulate.h"

enum { DATA_SETS = 500, RATERS = 48, ITEMS = 60, RATERS_AN_ITEM = 8, PERMUTATIONS = 499 };

/* Tail of the Kolmogorov-Smirnov statistic sqrt(n) D against the uniform distribution, asymptotic.
 */
static double kolmogorov_smirnov(double *p, size_t n) {
  for (size_t i = 1; i < n; i++) /* insertion sort */
    for (size_t k = i; k > 0 && p[k - 1] > p[k]; k--) {
      double moved = p[k];
      p[k] = p[k - 1];
      p[k - 1] = moved;
    }
  double d = 0;
  for (size_t i = 0; i < n; i++) {
    d = fmax(d, fabs(p[i] - (double)i / (double)n));
    d = fmax(d, fabs(p[i] - (double)(i + 1) / (double)n));
  }
  double x = d * sqrt((double)n), tail = 0;
  for (int k = 1; k <= 100; k++)
    tail += (k % 2 ? 2 : -2) * exp(-2.0 * k * k * x * x);
  return fmin(1, fmax(0, tail));
}

Test(null, kolmogorov_smirnov_can_tell) {
  double even[200], bent[200];
  for (int i = 0; i < 200; i++) {
    even[i] = (i + 0.5) / 200;
    bent[i] = even[i] * even[i];
  }
  cr_assert_gt(kolmogorov_smirnov(even, 200), 0.99);
  cr_assert_lt(kolmogorov_smirnov(bent, 200), 1e-6);
}

/* Raters of site 1 know what they are doing, those of site 0 guess; within a site all are alike.
 * When by_site, group "x" is frequent at site 1 and rare at site 0; otherwise sites do not matter
 * to the groups. The groups are then shuffled within sites (or over all) by the independent
 * generator, which makes the null true. */
static dss_study *null_study(dss_context *context, uint64_t seed, bool by_site) {
  independent_random random = {seed};
  const char *const *names = numbered();
  int32_t site[RATERS], group[RATERS];
  for (int r = 0; r < RATERS; r++) {
    site[r] = r % 2;
    group[r] = by_site ? (r / 2 % 4 == 0) != (r % 2) : r / 2 % 2;
  }
  for (uint32_t i = RATERS; i-- > 1;) {
    uint32_t k;
    do
      k = random_under(&random, i + 1);
    while (by_site && site[k] != site[i]);
    int32_t moved = group[i];
    group[i] = group[k];
    group[k] = moved;
  }
  uint32_t rater[ITEMS * RATERS_AN_ITEM], item[ITEMS * RATERS_AN_ITEM];
  uint8_t code[ITEMS * RATERS_AN_ITEM];
  size_t n = 0;
  for (uint32_t u = 0; u < ITEMS; u++) {
    uint32_t usual = random_under(&random, 4), offset = random_under(&random, RATERS);
    for (uint32_t i = 0; i < RATERS_AN_ITEM; i++, n++) {
      rater[n] = (offset + i * 5) % RATERS;
      item[n] = u;
      bool knows = random_unit(&random) < (site[rater[n]] ? 0.8 : 0.2);
      code[n] = (uint8_t)(knows ? usual : random_under(&random, 4));
    }
  }
  dss_study *study;
  cr_assert_eq(dss_study_new(context, RATERS, names, ITEMS, names, &study), DSS_OK);
  dss_attribute groups = {"group", 2, names, group, false}, sites = {"site", 2, names, site, false};
  cr_assert_eq(dss_study_add_rater_attribute(context, study, &groups), DSS_OK);
  cr_assert_eq(dss_study_add_rater_attribute(context, study, &sites), DSS_OK);
  cr_assert_eq(dss_study_add_question(context, study, "q", DSS_NOMINAL, 4, names, NULL, n, rater,
                                      item, code),
               DSS_OK, "%s", dss_context_error(context));
  return study;
}

/* p of one statistic of group "1" in every data set. */
static void null_p_values(dss_scheme scheme, bool by_site, uint64_t seed, dss_statistic statistic,
                          double *p) {
  const char *axes[] = {"group"};
  for (int i = 0; i < DATA_SETS; i++) {
    dss_context *context = dss_context_new();
    dss_study *study = null_study(context, seed + (uint64_t)i * 1000003, by_site);
    dss_plan_options options;
    dss_run_options run;
    dss_plan *plan;
    dss_results *results;
    dss_plan_options_init(&options);
    dss_run_options_init(&run);
    options.axes = axes;
    options.n_axes = 1;
    options.permutations = PERMUTATIONS;
    options.seed = (uint64_t)i;
    options.scheme = scheme;
    options.scheme_attribute = "site";
    run.threads = 1;
    cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK, "%s",
                 dss_context_error(context));
    cr_assert_eq(dss_run(context, plan, &run, &results), DSS_OK, "%s", dss_context_error(context));
    p[i] = dss_results_cell(results, 0, 0, statistic)->p;
    cr_assert(p[i] > 0 && p[i] <= 1);
    dss_results_free(results);
    dss_plan_free(plan);
    dss_study_free(study);
    dss_context_free(context);
  }
}

static double null_uniformity(dss_scheme scheme, bool by_site, uint64_t seed,
                              dss_statistic statistic) {
  double p[DATA_SETS];
  null_p_values(scheme, by_site, seed, statistic, p);
  double tail = kolmogorov_smirnov(p, DATA_SETS);
  cr_log_info("scheme %d, by site %d, %s: KS p = %.4g", (int)scheme, by_site,
              dss_statistic_name(statistic), tail);
  return tail;
}

Test(null, free_is_uniform) {
  cr_assert_gt(null_uniformity(DSS_SCHEME_FREE, false, 1, DSS_GAI), 0.01);
  cr_assert_gt(null_uniformity(DSS_SCHEME_FREE, false, 2, DSS_IRR), 0.01);
}

Test(null, strata_is_uniform) {
  cr_assert_gt(null_uniformity(DSS_SCHEME_STRATA, false, 3, DSS_GAI), 0.01);
  cr_assert_gt(null_uniformity(DSS_SCHEME_STRATA, false, 4, DSS_DIFFERENCE), 0.01);
}

Test(null, where_sites_differ_only_strata_is_right) {
  cr_assert_gt(null_uniformity(DSS_SCHEME_STRATA, true, 5, DSS_IRR), 0.01);
  cr_assert_gt(null_uniformity(DSS_SCHEME_STRATA, true, 6, DSS_GAI), 0.01);
  cr_assert_lt(null_uniformity(DSS_SCHEME_FREE, true, 7, DSS_IRR), 1e-6);
}

/* maxT over every group and statistic of three axes keeps the family-wise error at 5% with as few
 * as 19 resamples, where leaving the observed value out of the studentization would give a quarter.
 */
Test(null, max_t_keeps_the_family_wise_error) {
  enum { STUDIES = 300, FEW = 19 };
  int wrong = 0;
  for (int i = 0; i < STUDIES; i++) {
    dss_context *context = dss_context_new();
    dss_study *study = null_study(context, 77 + (uint64_t)i * 1000003, false);
    dss_plan_options options;
    dss_run_options run;
    dss_plan *plan;
    dss_results *results;
    dss_plan_options_init(&options);
    dss_run_options_init(&run);
    options.all_depth = 2;
    options.metrics = DSS_METRICS_ALL;
    options.permutations = FEW;
    options.seed = (uint64_t)i;
    options.scheme = DSS_SCHEME_STRATA;
    options.scheme_attribute = "site";
    run.threads = 1;
    cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK);
    cr_assert_eq(dss_run(context, plan, &run, &results), DSS_OK);
    double least = 1;
    for (size_t g = 0; g < dss_results_n_groups(results); g++)
      for (unsigned s = 0; s < DSS_N_ITEM_STATISTICS; s++)
        least = fmin(least, dss_results_cell(results, 0, g, (dss_statistic)s)->p_maxt);
    wrong += least <= 0.05;
    dss_results_free(results);
    dss_plan_free(plan);
    dss_study_free(study);
    dss_context_free(context);
  }
  double error = (double)wrong / STUDIES;
  cr_log_info("family-wise error of maxT with %d resamples: %.3f", FEW, error);
  cr_assert_leq(error, 0.05 + 3 * sqrt(0.05 * 0.95 / STUDIES));
}

/* --- many small studies -------------------------------------------------------------------- */

enum { MANY = 1000, SMALL_RATERS = 24, SMALL_ITEMS = 15 };

/* 24 raters of two attributes that say nothing about how they rate. */
static dss_study *small_null_study(dss_context *context, uint64_t seed) {
  independent_random random = {seed * 1000003 + 12345};
  const char *const *names = numbered();
  int32_t codes[2][SMALL_RATERS];
  uint32_t rater[SMALL_ITEMS * SMALL_RATERS], item[SMALL_ITEMS * SMALL_RATERS];
  uint8_t code[SMALL_ITEMS * SMALL_RATERS];
  size_t n = 0;
  for (int r = 0; r < SMALL_RATERS; r++) {
    codes[0][r] = (int32_t)random_under(&random, 2);
    codes[1][r] = (int32_t)random_under(&random, 3);
  }
  for (uint32_t u = 0; u < SMALL_ITEMS; u++) {
    uint32_t usual = random_under(&random, 3);
    for (uint32_t r = 0; r < SMALL_RATERS; r++) {
      if (random_unit(&random) < 0.4) continue;
      rater[n] = r;
      item[n] = u;
      code[n++] = (uint8_t)(random_unit(&random) < 0.5 ? usual : random_under(&random, 3));
    }
  }
  dss_study *study;
  cr_assert_eq(dss_study_new(context, SMALL_RATERS, names, SMALL_ITEMS, names, &study), DSS_OK);
  for (size_t i = 0; i < 2; i++) {
    dss_attribute attribute = {i ? "b" : "a", i ? 3 : 2, names, codes[i], false};
    cr_assert_eq(dss_study_add_rater_attribute(context, study, &attribute), DSS_OK);
  }
  cr_assert_eq(dss_study_add_question(context, study, "q", DSS_NOMINAL, 3, names, NULL, n, rater,
                                      item, code),
               DSS_OK, "%s", dss_context_error(context));
  return study;
}

static dss_results *small_null_run(uint64_t seed, dss_plan_options options) {
  dss_context *context = dss_context_new();
  dss_study *study = small_null_study(context, seed);
  dss_run_options run;
  dss_plan *plan;
  dss_results *results;
  dss_run_options_init(&run);
  run.threads = 1;
  options.seed = seed;
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK, "%s",
               dss_context_error(context));
  cr_assert_eq(dss_run(context, plan, &run, &results), DSS_OK);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
  return results;
}

/* Over the groups of two attributes and their crossing, four statistics each: 44 tests. */
Test(null, max_t_holds_five_percent_over_a_thousand_studies) {
  dss_plan_options options;
  int wrong = 0, wrong_alone = 0;
  dss_plan_options_init(&options);
  options.all_depth = 2;
  options.permutations = 199;
  for (uint64_t i = 0; i < MANY; i++) {
    dss_results *results = small_null_run(i, options);
    double least = 1, least_p = 1;
    for (size_t g = 0; g < dss_results_n_groups(results); g++)
      for (unsigned s = 0; s <= DSS_DIFFERENCE; s++) {
        const dss_cell *cell = dss_results_cell(results, 0, g, (dss_statistic)s);
        if (!cell) continue;
        least = fmin(least, cell->p_maxt);
        least_p = fmin(least_p, cell->p);
      }
    wrong += least <= 0.05;
    wrong_alone += least_p <= 0.05;
    dss_results_free(results);
  }
  double error = (double)wrong / MANY, noise = sqrt(0.05 * 0.95 / MANY);
  cr_log_info("family-wise error of maxT over %d studies: %.4f; of p itself: %.3f", MANY, error,
              (double)wrong_alone / MANY);
  cr_assert_leq(error, 0.05 + 3 * noise);
  cr_assert_geq(error, 0.05 - 3 * noise, "maxT uses the level it has");
  cr_assert_gt(wrong_alone, 5 * wrong);
}

/* p = h / l is valid: under the null it is no more often under any level than the level says; nor
 * much less often. */
static void assert_stopped_p_is_valid(uint64_t permutations, bool *stops_later) {
  enum { N_LEVELS = 6 };
  static const double levels[N_LEVELS] = {0.003, 0.01, 0.05, 0.1, 0.2, 0.5};
  const char *axes[] = {"a"};
  dss_plan_options options;
  int under[N_LEVELS] = {0}, first = 0, later = 0;
  dss_plan_options_init(&options);
  options.axes = axes;
  options.n_axes = 1;
  options.metrics = DSS_STATISTIC_BIT(DSS_IRR);
  options.permutations = permutations;
  options.stop_after = 20;
  for (uint64_t i = 0; i < MANY; i++) {
    dss_results *results = small_null_run(i, options);
    const dss_cell *cell = dss_results_cell(results, 0, 0, DSS_IRR);
    for (size_t l = 0; l < N_LEVELS; l++)
      under[l] += cell->p <= levels[l];
    first += cell->resamples == DSS_CHECKPOINT;
    later += cell->resamples > DSS_CHECKPOINT && cell->resamples < permutations;
    dss_results_free(results);
  }
  for (size_t l = 0; l < N_LEVELS; l++) {
    double share = (double)under[l] / MANY, noise = sqrt(levels[l] * (1 - levels[l]) / MANY);
    cr_log_info("up to %d resamples: p <= %g in %.3f of %d null studies", (int)permutations,
                levels[l], share, MANY);
    cr_assert_leq(share, levels[l] + 3 * noise);
    cr_assert_geq(share, levels[l] - 3 * noise);
  }
  cr_assert_gt(first, MANY * 9 / 10);
  *stops_later = later > 0;
}

Test(null, stopped_p_values_are_valid) {
  bool stops_later;
  assert_stopped_p_is_valid(6000, &stops_later);
  cr_assert(!stops_later, "there is one checkpoint before 6000");
}

Test(null, stopped_p_values_are_valid_at_20000) {
  bool stops_later;
  assert_stopped_p_is_valid(20000, &stops_later);
  cr_assert(stops_later, "some of a thousand studies stop at a later checkpoint");
}
