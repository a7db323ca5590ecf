/* What must not matter does not: threads, batches, the order in which the data were written. */
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

static dss_plan *plan_of(dss_context *context, const dss_study *study, uint64_t permutations,
                         dss_scheme scheme) {
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.metrics = DSS_METRICS_ALL;
  options.all_depth = 2;
  options.permutations = permutations;
  options.scheme = scheme;
  options.scheme_attribute = scheme == DSS_SCHEME_FREE ? NULL : "b";
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK, "%s",
               dss_context_error(context));
  return plan;
}

static dss_results *run(dss_context *context, const dss_plan *plan, unsigned threads) {
  dss_run_options options;
  dss_results *results;
  dss_run_options_init(&options);
  options.threads = threads;
  cr_assert_eq(dss_run(context, plan, &options, &results), DSS_OK, "%s",
               dss_context_error(context));
  return results;
}

static void assert_same_cell(const dss_cell *x, const dss_cell *y) {
  const double a[] = {x->estimate, x->null_mean, x->null_sd,    x->null_min,
                      x->null_max, x->p_maxt,    x->q_bh,       x->quantiles[1],
                      x->p_low,    x->p_tail,    x->p_tail_low, x->p_tail_high};
  const double b[] = {y->estimate, y->null_mean, y->null_sd,    y->null_min,
                      y->null_max, y->p_maxt,    y->q_bh,       y->quantiles[1],
                      y->p_low,    y->p_tail,    y->p_tail_low, y->p_tail_high};
  for (size_t i = 0; i < sizeof a / sizeof *a; i++)
    cr_assert(same_number(a[i], b[i]), "number %zu: %a %a", i, a[i], b[i]);
  cr_assert(x->ge == y->ge && x->le == y->le && x->undefined == y->undefined &&
            x->reason == y->reason && x->ge_at == y->ge_at && x->le_at == y->le_at);
}

static size_t assert_same(const dss_results *x, const dss_results *y) {
  size_t cells = 0;
  for (size_t g = 0; g < dss_results_n_groups(x); g++)
    for (unsigned s = 0; s < DSS_N_ITEM_STATISTICS; s++, cells++)
      assert_same_cell(dss_results_cell(x, 0, g, (dss_statistic)s),
                       dss_results_cell(y, 0, g, (dss_statistic)s));
  return cells;
}

Test(engine, threads_do_not_matter) {
  dss_context *context = dss_context_new();
  for (size_t i = 0; i < N_DESIGNS; i++) {
    dss_study *study = design_study(context, &designs[i], NULL, NULL);
    dss_plan *plan = plan_of(context, study, 4500, i % 2 ? DSS_SCHEME_FREE : DSS_SCHEME_STRATA);
    dss_results *one = run(context, plan, 1), *many = run(context, plan, 5),
                *again = run(context, plan, 5);
    cr_assert_gt(assert_same(one, many), 0);
    assert_same(many, again);
    dss_results_free(one);
    dss_results_free(many);
    dss_results_free(again);
    dss_plan_free(plan);
    dss_study_free(study);
  }
  dss_context_free(context);
}

/* Any resample alone equals the same resample within a batch. */
Test(engine, a_resample_depends_on_its_number_alone) {
  dss_context *context = dss_context_new();
  for (size_t i = 0; i < N_DESIGNS; i++) {
    dss_study *study = design_study(context, &designs[i], NULL, NULL);
    dss_plan *plan = plan_of(context, study, 100, DSS_SCHEME_FREE);
    size_t columns = dss_kernel_columns(&plan->kernel);
    double *batch = malloc(40 * columns * sizeof *batch), *alone = malloc(columns * sizeof *alone);
    void *state;
    memset(batch, 0xa5, 40 * columns * sizeof *batch); /* poison: what is not written shows */
    cr_assert_eq(dss_backend_reference.open(&plan->kernel, &(dss_resources){.threads = 3}, &state),
                 DSS_OK);
    cr_assert_eq(dss_backend_reference.values(state, 1000, 40, batch), DSS_OK);
    size_t differing = 0;
    for (uint64_t b = 0; b < 40; b++) {
      memset(alone, 0xa5, columns * sizeof *alone);
      cr_assert_eq(dss_backend_reference.values(state, 1000 + b, 1, alone), DSS_OK);
      for (size_t c = 0; c < columns; c++) {
        cr_assert(same_number(alone[c], batch[b * columns + c]));
        differing += !same_number(batch[c], batch[b * columns + c]);
      }
    }
    cr_assert_gt(differing, 0, "resamples differ from each other");
    dss_backend_reference.close(state);
    free(batch);
    free(alone);
    dss_plan_free(plan);
    dss_study_free(study);
  }
  dss_context_free(context);
}

static void shuffled(independent_random *random, uint32_t n, uint32_t *order) {
  for (uint32_t i = 0; i < n; i++)
    order[i] = i;
  for (uint32_t i = n; i-- > 1;) {
    uint32_t k = random_under(random, i + 1), moved = order[i];
    order[i] = order[k];
    order[k] = moved;
  }
}

/* Sums are exact: items and raters in another order give the same bits. */
Test(engine, estimates_do_not_depend_on_the_order_of_the_data) {
  dss_context *context = dss_context_new();
  independent_random random = {99};
  for (size_t i = 0; i < N_DESIGNS; i++) {
    uint32_t raters[DESIGN_NAMES], items[DESIGN_NAMES];
    shuffled(&random, designs[i].n_raters, raters);
    shuffled(&random, designs[i].n_items, items);
    dss_study *study = design_study(context, &designs[i], NULL, NULL);
    dss_study *other = design_study(context, &designs[i], raters, items);
    dss_plan *plan = plan_of(context, study, 0, DSS_SCHEME_FREE),
             *other_plan = plan_of(context, other, 0, DSS_SCHEME_FREE);
    dss_results *x = run(context, plan, 1), *y = run(context, other_plan, 2);
    cr_assert_gt(assert_same(x, y), 0);
    dss_results_free(x);
    dss_results_free(y);
    dss_plan_free(plan);
    dss_plan_free(other_plan);
    dss_study_free(study);
    dss_study_free(other);
  }
  dss_context_free(context);
}

static const design six_raters = {6, 40, 5, DSS_ORDINAL, 0.8, {2, 1}, 0.0, 11};

/* A stopped test's numbers are those of a plain run that ends at its checkpoint, whatever the
 * threads; maxT is missing. */
Test(engine, stopping_freezes_at_the_checkpoint) {
  dss_context *context = dss_context_new();
  size_t cut = 0, whole = 0;
  dss_study *study = design_study(context, &designs[0], NULL, NULL);
  dss_plan *plain = plan_of(context, study, DSS_CHECKPOINT, DSS_SCHEME_FREE),
           *stopping = plan_of(context, study, 12000, DSS_SCHEME_FREE);
  stopping->stop_after = 150;
  dss_results *reference = run(context, plain, 2), *one = run(context, stopping, 1),
              *many = run(context, stopping, 3);
  assert_same(one, many);
  for (size_t g = 0; g < dss_results_n_groups(one); g++)
    for (unsigned s = 0; s < DSS_N_ITEM_STATISTICS; s++) {
      const dss_cell *x = dss_results_cell(one, 0, g, (dss_statistic)s),
                     *y = dss_results_cell(reference, 0, g, (dss_statistic)s);
      cr_assert(isnan(x->p_maxt));
      if (isnan(x->estimate)) continue;
      if (x->resamples > DSS_CHECKPOINT) {
        cr_assert(y->ge < 150 || y->le < 150);
        whole++;
        continue;
      }
      cr_assert(x->ge >= 150 && x->le >= 150 && x->ge_at > 0 && x->le_at > 0);
      cr_assert_eq(x->p_up, 150.0 / (double)x->ge_at);
      cr_assert(x->ge == y->ge && x->le == y->le && x->undefined == y->undefined);
      cr_assert(same_number(x->null_mean, y->null_mean) && same_number(x->null_sd, y->null_sd));
      cr_assert(same_number(x->quantiles[2], y->quantiles[2]));
      cut++;
    }
  cr_assert(cut > 10 && whole > 0, "%zu stopped, %zu not", cut, whole);
  dss_results_free(reference);
  dss_results_free(one);
  dss_results_free(many);
  dss_plan_free(plain);
  dss_plan_free(stopping);
  dss_study_free(study);
  dss_context_free(context);
}

/* A resample that happens to be the observed arrangement ties with it to the bit, which with six
 * raters is every few resamples. */
Test(engine, ties_are_exact) {
  enum { RESAMPLES = 2000 };
  dss_context *context = dss_context_new();
  dss_study *study = design_study(context, &six_raters, NULL, NULL);
  dss_plan *plan = plan_of(context, study, 1, DSS_SCHEME_FREE); /* 1: too few to enumerate */
  size_t columns = dss_kernel_columns(&plan->kernel), defined = 0;
  double *observed = calloc(columns, sizeof *observed);
  double *values = calloc(RESAMPLES * columns, sizeof *values);
  void *state;
  cr_assert_eq(dss_backend_reference.open(&plan->kernel, &(dss_resources){.threads = 2}, &state),
               DSS_OK);
  cr_assert_eq(dss_backend_reference.values(state, DSS_RESAMPLE_NONE, 1, observed), DSS_OK);
  cr_assert_eq(dss_backend_reference.values(state, 0, RESAMPLES, values), DSS_OK);
  for (size_t c = 0; c < columns; c++) {
    if (isnan(observed[c])) continue;
    size_t ties = 0;
    for (size_t b = 0; b < RESAMPLES; b++)
      ties += same_number(values[b * columns + c], observed[c]);
    cr_assert_gt(ties, RESAMPLES / 40, "column %zu: %zu ties", c, ties);
    defined++;
  }
  cr_assert_gt(defined, 5);
  dss_backend_reference.close(state);
  free(observed);
  free(values);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

/* Few arrangements are visited once each: the observed one is among them and p has no + 1. */
Test(engine, few_arrangements_are_enumerated) {
  dss_context *context = dss_context_new();
  dss_study *study = design_study(context, &six_raters, NULL, NULL);
  dss_plan *plan = plan_of(context, study, 4000, DSS_SCHEME_FREE);
  uint32_t first = dss_plan_group_raters(plan, 0);
  uint64_t choose[] = {1, 6, 15, 20, 15, 6, 1};
  dss_results *results = run(context, plan, 2);
  cr_assert_eq(dss_results_resamples(results), choose[first]);
  cr_assert_str_eq(dss_results_provenance(results, "arrangements"), "all");
  for (size_t g = 0; g < dss_results_n_groups(results); g++) {
    const dss_cell *irr = dss_results_cell(results, 0, g, DSS_IRR);
    if (isnan(irr->estimate)) continue;
    cr_assert_geq(irr->equal, 1);
    cr_assert_eq(irr->p_up, (double)irr->ge / (double)choose[first]);
    cr_assert(irr->p_low == irr->p && irr->p_high == irr->p);
  }
  dss_results_free(results);
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

/* Beyond the pilot quantiles are read from the histogram: near those of the pilot's values, also
 * for the index, whose null has a few huge values. */
Test(engine, quantiles_from_the_histogram) {
  dss_context *context = dss_context_new();
  size_t compared = 0;
  for (size_t i = 0; i < 2; i++) {
    dss_study *study = design_study(context, &designs[i], NULL, NULL);
    dss_plan *few = plan_of(context, study, 4096, DSS_SCHEME_FREE);
    dss_plan *many = plan_of(context, study, 8192, DSS_SCHEME_FREE);
    dss_results *exact = run(context, few, 2), *binned = run(context, many, 2);
    for (size_t g = 0; g < dss_results_n_groups(exact); g++)
      for (unsigned s = 0; s < DSS_N_ITEM_STATISTICS; s++) {
        const dss_cell *x = dss_results_cell(exact, 0, g, (dss_statistic)s);
        const dss_cell *y = dss_results_cell(binned, 0, g, (dss_statistic)s);
        double middle = x->quantiles[4] - x->quantiles[2]; /* 5% to 95% */
        for (size_t q = 2; q <= 4 && middle > 0; q++, compared++)
          cr_assert(fabs(x->quantiles[q] - y->quantiles[q]) <= 0.12 * middle,
                    "%s of group %zu: %g, %g", dss_statistic_name((dss_statistic)s), g,
                    x->quantiles[q], y->quantiles[q]);
      }
    dss_results_free(exact);
    dss_results_free(binned);
    dss_plan_free(few);
    dss_plan_free(many);
    dss_study_free(study);
  }
  cr_assert_gt(compared, 100);
  dss_context_free(context);
}

/* With one item d_o = d_e: XRR is 0, not what rounding makes of it, and GAI has no reading. */
Test(engine, one_item_has_no_gai) {
  dss_context *context = dss_context_new();
  size_t seen = 0;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    const design d = {15, 1, 3, seed % 2 ? DSS_NOMINAL : DSS_RATIO, 1.0, {2, 3}, 0.0, seed};
    dss_study *study = design_study(context, &d, NULL, NULL);
    dss_plan *plan = plan_of(context, study, 20, DSS_SCHEME_FREE);
    dss_results *results = run(context, plan, 1);
    for (size_t g = 0; g < dss_results_n_groups(results); g++) {
      const dss_cell *xrr = dss_results_cell(results, 0, g, DSS_XRR);
      const dss_cell *gai = dss_results_cell(results, 0, g, DSS_GAI);
      if (isnan(xrr->estimate) || xrr->reason != DSS_REASON_NONE) continue;
      seen++;
      cr_assert_eq(xrr->estimate, 0.0, "%a", xrr->estimate);
      cr_assert(isnan(gai->estimate));
      cr_assert(gai->reason == DSS_REASON_XRR_NOT_POSITIVE || gai->reason == DSS_REASON_NEEDS_IRR);
      cr_assert_eq(dss_results_detail(results, 0, g)->xrr_nonpositive, 1.0);
    }
    dss_results_free(results);
    dss_plan_free(plan);
    dss_study_free(study);
  }
  cr_assert_gt(seen, 40);
  dss_context_free(context);
}

/* --- refusals ------------------------------------------------------------------------------ */

static void assert_refused(dss_context *context, const dss_study *study,
                           const dss_plan_options *options, dss_status status, const char *words) {
  dss_plan *plan = NULL;
  cr_assert_eq(dss_plan_new(context, study, options, &plan), status, "%s",
               dss_context_error(context));
  cr_assert(strstr(dss_context_error(context), words), "'%s' should say '%s'",
            dss_context_error(context), words);
  cr_assert_null(plan);
}

Test(plan, refusals) {
  dss_context *context = dss_context_new();
  dss_study *study = design_study(context, &designs[0], NULL, NULL);
  dss_plan_options options, defaults;
  dss_plan_options_init(&defaults);
  const char *bad_axis[] = {"a,zzz"}, *twice[] = {"a,a"}, *same[] = {"a,b", "b,a"},
             *question[] = {"x"};
  const char *where[] = {"a=9"}, *no_value[] = {"a"}, *nobody[] = {"a=1", "b=1"};
#define REFUSE(status, words, ...)                                                                 \
  options = defaults;                                                                              \
  __VA_ARGS__;                                                                                     \
  assert_refused(context, study, &options, status, words)
  REFUSE(DSS_ERR_USAGE, "no attribute 'zzz'", options.axes = bad_axis; options.n_axes = 1);
  REFUSE(DSS_ERR_USAGE, "named twice", options.axes = twice; options.n_axes = 1);
  REFUSE(DSS_ERR_USAGE, "named twice", options.axes = same; options.n_axes = 2);
  REFUSE(DSS_ERR_USAGE, "no question 'x'", options.questions = question; options.n_questions = 1);
  REFUSE(DSS_ERR_USAGE, "no value '9'", options.where = where; options.n_where = 1);
  REFUSE(DSS_ERR_USAGE, "expected ATTR=VALUE", options.where = no_value; options.n_where = 1);
  REFUSE(DSS_ERR_USAGE, "no attribute 'q'", options.scheme = DSS_SCHEME_STRATA;
         options.scheme_attribute = "q");
  REFUSE(DSS_ERR_USAGE, "at least 2", options.min_raters = 1);
  REFUSE(DSS_ERR_USAGE, "statistic", options.metrics = 0);
  REFUSE(DSS_ERR_USAGE, "2^62", options.permutations = UINT64_MAX);
  REFUSE(DSS_ERR_DATA, "100 raters or more", options.min_raters = 100);
#undef REFUSE
  options = defaults;
  options.where = nobody;
  options.n_where = 2;
  dss_plan *plan;
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK, "%s",
               dss_context_error(context));
  cr_assert_lt(plan->kernel.exchange.n_raters, 40, "a filter on raters keeps some");
  dss_plan_free(plan);
  dss_study_free(study);
  dss_context_free(context);
}

Test(plan, metrics_are_parsed) {
  unsigned bits;
  const char *bad;
  cr_assert(dss_metrics_parse("all", &bits, &bad) && bits == DSS_METRICS_ALL);
  cr_assert(dss_metrics_parse("gai", &bits, &bad) && bits == DSS_METRICS_GAI);
  cr_assert(dss_metrics_parse("irr,voting", &bits, &bad));
  cr_assert_eq(bits, DSS_STATISTIC_BIT(DSS_IRR) | DSS_STATISTIC_BIT(DSS_VOTING));
  cr_assert(!dss_metrics_parse("irr,foo", &bits, &bad));
  cr_assert_str_eq(bad, "foo");
  cr_assert(!dss_metrics_parse("", &bits, &bad));
  cr_assert(!dss_metrics_parse("irr,,xrr", &bits, &bad));
}
