/* What all evaluations share: rows and their places, permutations, bootstrap, provenance. */
#include <criterion/criterion.h>

#include "tests/evaluation_toy.h"
#include "tests/parity/designs.h"
#include "tests/unit/small_study.h"

static const design usual = {40, 30, 5, DSS_ORDINAL, 0.5, {2, 4}, 0.1, 3};

static dss_context *context;

static void set_up(void) {
  context = dss_context_new();
}

static void tear_down(void) {
  dss_context_free(context);
}

TestSuite(evaluate, .init = set_up, .fini = tear_down);

static void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

static dss_evaluation *evaluate(const dss_study *study, const dss_evaluation_run *run) {
  dss_evaluation *e = NULL;
  must(toy_evaluate(context, study, run, &e));
  return e;
}

/* Every number of the cell, texts too; bytes between members are not looked at. */
static void same_cells(const dss_cell *a, const dss_cell *b, size_t row) {
  const double *const numbers[][2] = {{&a->estimate, &b->estimate},
                                      {&a->null_mean, &b->null_mean},
                                      {&a->null_sd, &b->null_sd},
                                      {&a->p, &b->p},
                                      {&a->p_low, &b->p_low},
                                      {&a->p_high, &b->p_high},
                                      {&a->p_tail, &b->p_tail},
                                      {&a->q_bh, &b->q_bh},
                                      {&a->p_maxt, &b->p_maxt},
                                      {&a->ci_low, &b->ci_low},
                                      {&a->ci_high, &b->ci_high},
                                      {&a->se, &b->se},
                                      {&a->bca_low, &b->bca_low},
                                      {&a->bca_high, &b->bca_high},
                                      {&a->quantiles[1], &b->quantiles[1]}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    cr_expect(same_number(*numbers[i][0], *numbers[i][1]), "row %zu, number %zu", row, i);
  cr_expect_eq(a->ge, b->ge);
  cr_expect_eq(a->le, b->le);
  cr_expect_eq(a->resamples, b->resamples);
  cr_expect_eq(a->ge_at, b->ge_at);
  cr_expect_eq(a->reason, b->reason);
  cr_expect_eq(a->boot_undefined, b->boot_undefined);
  cr_expect_str_eq(a->ci_method, b->ci_method);
}

static void same_evaluations(const dss_evaluation *a, const dss_evaluation *b) {
  cr_assert_eq(dss_evaluation_n_rows(a), dss_evaluation_n_rows(b));
  for (size_t i = 0; i < dss_evaluation_n_rows(a); i++)
    same_cells(&dss_evaluation_get(a, i)->cell, &dss_evaluation_get(b, i)->cell, i);
}

Test(evaluate, threads_change_nothing) {
  dss_study *study = design_study(context, &usual, NULL, NULL);
  dss_evaluation_run run;
  dss_evaluation_run_init(&run);
  run.plan.permutations = 4500; /* a block and some */
  run.plan.bootstrap = 60;
  for (uint64_t stop_after = 0; stop_after <= 20; stop_after += 20) {
    run.plan.stop_after = stop_after;
    run.threads = 1;
    dss_evaluation *one = evaluate(study, &run);
    cr_expect_gt(dss_evaluation_n_rows(one), 10);
    for (unsigned threads = 2; threads <= 3; threads++) {
      run.threads = threads;
      dss_evaluation *more = evaluate(study, &run);
      same_evaluations(one, more);
      dss_evaluation_free(more);
    }
    dss_evaluation_free(one);
  }
  dss_study_free(study);
}

/* --- every arrangement ------------------------------------------------------------------------ */

enum { FEW = 6 };

/* Six raters, three of each group, each with one rating. */
static dss_study *few_raters(const uint8_t code[FEW]) {
  const char *const *names = numbered(), *groups[] = {"x", "y"};
  const int32_t group[FEW] = {0, 1, 0, 1, 0, 1};
  const uint32_t rater[FEW] = {0, 1, 2, 3, 4, 5}, item[FEW] = {0, 0, 0, 0, 0, 0};
  dss_study *study;
  must(dss_study_new(context, FEW, names, 1, names, &study));
  must(dss_study_add_rater_attribute(context, study,
                                     &(dss_attribute){"g", 2, groups, group, false}));
  must(dss_study_add_question(context, study, "q", DSS_ORDINAL, 5, names, NULL, FEW, rater, item,
                              code));
  return study;
}

/* Of the 20 ways to choose three of six raters, those in which the sum of the chosen is at least,
 * and at most, the observed one. */
static void brute_force(const uint8_t code[FEW], double *up, double *down) {
  unsigned observed = (unsigned)code[0] + code[2] + code[4], ge = 0, le = 0;
  for (unsigned set = 0; set < 1u << FEW; set++) {
    unsigned size = 0, sum = 0;
    for (unsigned i = 0; i < FEW; i++)
      if (set >> i & 1u) {
        size++;
        sum += code[i];
      }
    if (size != 3) continue;
    ge += sum >= observed;
    le += sum <= observed;
  }
  *up = ge / 20.0;
  *down = le / 20.0;
}

Test(evaluate, every_arrangement_gives_exact_p_values) {
  const uint8_t codes[][FEW] = {{4, 0, 3, 1, 4, 0}, {2, 2, 1, 3, 0, 4}, {0, 4, 0, 4, 1, 3}};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    double up, down;
    dss_study *study = few_raters(codes[i]);
    dss_evaluation_run run;
    dss_evaluation_run_init(&run);
    run.plan.permutations = 1000;
    dss_evaluation *e = evaluate(study, &run);
    cr_expect_str_eq(dss_evaluation_provenance(e, "arrangements"), "all");
    cr_expect_str_eq(dss_evaluation_provenance(e, "permutations"), "20");
    brute_force(codes[i], &up, &down);
    const dss_evaluation_row *row = dss_evaluation_get(e, 2); /* the mean of x */
    cr_assert_str_eq(row->group, "x");
    cr_expect_eq(row->cell.p_up, up);
    cr_expect_eq(row->cell.p_down, down);
    cr_expect_eq(row->cell.p, fmin(1.0, 2.0 * fmin(up, down)));
    cr_expect_eq(row->cell.p_low, row->cell.p);
    const dss_evaluation_row *spread = dss_evaluation_get(e, 1);
    cr_assert(spread->upper);
    cr_expect_eq(spread->cell.p, spread->cell.p_up);
    cr_expect_eq(spread->cell.p, fmin(1.0, 2.0 * fmin(up, down)), "by symmetry");
    dss_evaluation_free(e);
    dss_study_free(study);
  }
}

/* The spread is as small as can be: far below its mean, which is no evidence of anything. */
Test(evaluate, a_small_one_sided_statistic_is_no_finding) {
  dss_study *study = few_raters((const uint8_t[FEW]){2, 2, 1, 3, 3, 1});
  dss_evaluation_run run;
  dss_evaluation_run_init(&run);
  dss_evaluation *e = evaluate(study, &run);
  const dss_cell *spread = &dss_evaluation_get(e, 1)->cell;
  cr_expect_lt(spread->estimate, spread->null_mean);
  cr_expect_eq(spread->p, 1.0);
  cr_expect_eq(spread->p_maxt, 1.0);
  cr_expect_eq(spread->q_bh, 1.0);
  dss_evaluation_free(e);
  dss_study_free(study);
}

Test(evaluate, rows_that_are_not_permuted_are_no_tests) {
  dss_study *study = design_study(context, &usual, NULL, NULL);
  dss_evaluation_run run;
  dss_evaluation_run_init(&run);
  run.plan.permutations = 200;
  run.plan.bootstrap = 400;
  dss_evaluation *e = evaluate(study, &run);
  const dss_evaluation_row *all = dss_evaluation_get(e, 0);
  cr_expect_str_eq(all->axis, "");
  cr_expect(!isnan(all->cell.estimate));
  cr_expect(isnan(all->cell.p) && isnan(all->cell.q_bh) && isnan(all->cell.p_maxt));
  cr_expect_eq(all->cell.resamples, 0);
  cr_expect(all->cell.ci_low < all->cell.estimate && all->cell.estimate < all->cell.ci_high);
  cr_expect_str_eq(all->cell.ci_method, "bca");
  cr_expect_null(dss_evaluation_get(e, dss_evaluation_n_rows(e)));
  dss_evaluation_free(e);
  dss_study_free(study);
}

/* --- what is drawn ---------------------------------------------------------------------------- */

/* Values of weights themselves: nothing else is looked at. */
static void sum_weights(const void *of, const dss_weighting *weights, void *scratch, double *out) {
  const dss_rated *rated = of;
  const dss_kernel_plan *kernel = &rated->plan->kernel;
  for (size_t a = 0; a < kernel->n_axes; a++) {
    for (uint32_t g = 0; g < kernel->axes[a].n_groups; g++)
      out[kernel->axes[a].first_group + g] = 0.0;
    for (uint32_t r = 0; r < rated->n_raters; r++) {
      int32_t g = kernel->axes[a].group[r];
      cr_assert(g >= 0 || weights->raters[a][r] == 0, "who is in no group has no weight");
      if (g >= 0) out[kernel->axes[a].first_group + (size_t)g] += weights->raters[a][r];
    }
  }
  out[kernel->n_groups] = out[kernel->n_groups + 1] = 0.0;
  for (uint32_t r = 0; r < rated->n_raters; r++)
    out[kernel->n_groups] += weights->everyone[r];
  for (uint32_t u = 0; u < rated->n_items; u++)
    out[kernel->n_groups + 1] += weights->items[u];
}

/* As observed: the sizes. */
static void sizes(const void *of, uint64_t first, uint64_t count, void *scratch, double *out) {
  const dss_rated *rated = of;
  const dss_plan *plan = rated->plan;
  cr_assert_eq(first, DSS_RESAMPLE_NONE);
  cr_assert_eq(count, 1);
  for (size_t g = 0; g < plan->kernel.n_groups; g++)
    out[g] = plan->groups[g].raters;
  out[plan->kernel.n_groups] = rated->n_raters;
  out[plan->kernel.n_groups + 1] = rated->n_items;
}

/* However often a group is drawn, it stays as large as it is: every interval is its size. */
Test(evaluate, each_group_is_drawn_from_itself) {
  dss_study *study = design_study(context, &usual, NULL, NULL);
  dss_evaluation_run run;
  dss_rated *rated;
  dss_evaluation *e;
  dss_evaluation_run_init(&run);
  run.plan.permutations = 0;
  run.plan.bootstrap = 50;
  run.plan.interval = DSS_CI_PERCENTILE;
  must(dss_rated_new(context, study, &run, &rated));
  must(dss_evaluation_new(context, DSS_EVALUATION_SEVERITY, &e));
  size_t n = rated->plan->kernel.n_groups;
  for (size_t row = 0; row < n + 2; row++)
    must(dss_evaluation_add(
        context, e, rated->plan,
        &(dss_row_spec){.question = "q",
                        .statistic = "size",
                        .axis = row < n ? rated->plan->groups[row].axis : DSS_NOWHERE,
                        .group = row < n ? row : DSS_NOWHERE,
                        .versus = DSS_NOWHERE,
                        .resampled = true}));
  const dss_evaluator by = {rated, 0, sizes, sum_weights};
  must(dss_evaluate(context, rated, &run, &by, e));
  for (size_t row = 0; row < n + 2; row++) {
    const dss_cell *cell = &dss_evaluation_get(e, row)->cell;
    cr_expect_eq(cell->ci_low, cell->estimate, "row %zu", row);
    cr_expect_eq(cell->ci_high, cell->estimate, "row %zu", row);
  }
  dss_evaluation_free(e);
  dss_rated_free(rated);
  dss_study_free(study);
}

/* --- a study's part --------------------------------------------------------------------------- */

Test(evaluate, rated_keeps_what_the_filters_leave) {
  dss_study *study = small_study(context);
  const char *const where[] = {"zeta=Woman"}, *const questions[] = {"how offensive?"};
  const char *const axes[] = {"zeta"};
  dss_evaluation_run run;
  dss_rated *rated;
  dss_evaluation_run_init(&run);
  cr_expect_eq(run.plan.over, DSS_OVER_BOTH);
  run.plan.where = where;
  run.plan.n_where = 1;
  run.plan.questions = questions;
  run.plan.n_questions = 1;
  run.plan.axes = axes;
  run.plan.n_axes = 1;
  must(dss_rated_new(context, study, &run, &rated));
  cr_assert_eq(rated->n_raters, 2);
  cr_assert_eq(rated->n_items, 2);
  const uint32_t raters[] = {1, 2}, items[] = {0, 2};
  cr_expect_arr_eq(rated->study_rater, raters, sizeof raters);
  cr_expect_arr_eq(rated->study_item, items, sizeof items);
  cr_assert_eq(rated->n_questions, 1);
  const dss_rated_question *q = &rated->questions[0];
  cr_expect_eq(q->question, dss_study_question(study, 0));
  cr_assert_eq(q->n_ratings, 4);
  const uint64_t ptr[] = {0, 2, 4};
  const uint32_t who[] = {0, 1, 1, 0};
  const uint8_t code[] = {1, 1, 0, 2};
  cr_expect_arr_eq(q->item_ptr, ptr, sizeof ptr);
  for (size_t i = 0; i < 4; i++) {
    cr_expect_eq(q->rater[i], who[i], "%zu: rater %u", i, q->rater[i]);
    cr_expect_eq(q->code[i], code[i], "%zu: code %u", i, q->code[i]);
  }
  dss_rated_free(rated);
  dss_study_free(study);
}

Test(evaluate, errors_are_those_of_a_plan) {
  dss_study *study = small_study(context);
  dss_evaluation_run run;
  dss_rated *rated = NULL;
  dss_evaluation_run_init(&run);
  run.plan.bootstrap = 39;
  cr_expect_eq(dss_rated_new(context, study, &run, &rated), DSS_ERR_USAGE);
  cr_expect_str_eq(dss_context_error(context), "bootstrap: 39 resamples are too few for 95% "
                                               "intervals, which need 40 at least");
  run.plan.bootstrap = 0;
  const char *const where[] = {"topic=Nothing"};
  run.plan.where = where;
  run.plan.n_where = 1;
  cr_expect_eq(dss_rated_new(context, study, &run, &rated), DSS_ERR_USAGE);
  run.plan.n_where = 0;
  run.plan.min_raters = 99;
  cr_expect_eq(dss_rated_new(context, study, &run, &rated), DSS_ERR_DATA);
  cr_expect_null(rated);
  dss_study_free(study);
}

/* --- rows ------------------------------------------------------------------------------------- */

Test(evaluate, rows_of_no_group_of_the_plan_are_refused) {
  dss_study *study = small_study(context);
  dss_evaluation_run run;
  dss_rated *rated;
  dss_evaluation *e;
  const char *const axes[] = {"zeta"}, *const questions[] = {"how offensive?"};
  dss_evaluation_run_init(&run);
  run.plan.axes = axes;
  run.plan.n_axes = 1;
  run.plan.questions = questions;
  run.plan.n_questions = 1;
  must(dss_rated_new(context, study, &run, &rated));
  must(dss_evaluation_new(context, DSS_EVALUATION_STEER, &e));
  const struct {
    size_t axis, group, versus;
  } wrong[] = {{1, DSS_NOWHERE, DSS_NOWHERE},
               {0, 2, DSS_NOWHERE},
               {0, 0, 2},
               {0, DSS_NOWHERE, DSS_ELSE},
               {DSS_NOWHERE, 0, DSS_NOWHERE},
               {DSS_NOWHERE, DSS_NOWHERE, DSS_ELSE}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(dss_evaluation_add(context, e, rated->plan,
                                    &(dss_row_spec){.axis = wrong[i].axis,
                                                    .group = wrong[i].group,
                                                    .versus = wrong[i].versus}),
                 DSS_ERR_INTERNAL, "%zu", i);
  cr_expect_eq(dss_evaluation_n_rows(e), 0);
  must(dss_evaluation_add(
      context, e, rated->plan,
      &(dss_row_spec){.question = "q", .axis = 0, .group = 1, .versus = DSS_ELSE}));
  const dss_evaluation_row *row = dss_evaluation_get(e, 0);
  cr_expect_str_eq(row->axis, "zeta");
  cr_expect_str_eq(row->group, "Woman");
  cr_expect_str_eq(row->versus, "everyone else");
  cr_expect_str_eq(row->source, "");
  cr_expect(isnan(row->cell.estimate));
  cr_expect_eq(dss_evaluation_add_item(context, e, &(dss_evaluation_item){1, "i", 0, 0, 0}),
               DSS_ERR_INTERNAL);
  must(dss_evaluation_add_item(context, e, &(dss_evaluation_item){0, "i 1", 0.5, 1, NAN}));
  must(dss_evaluation_add_note(context, e, "lost", 3, NULL));
  cr_expect_str_eq(dss_evaluation_get_item(e, 0)->item, "i 1");
  cr_expect_str_eq(dss_evaluation_get_note(e, 0)->names, "");
  cr_expect_null(dss_evaluation_get_item(e, 1));
  cr_expect_null(dss_evaluation_get_note(e, 1));
  cr_expect_eq(dss_evaluation_set(context, e, "no such", ""), DSS_ERR_INTERNAL);
  must(dss_evaluation_set(context, e, "settings", "threshold=3"));
  must(dss_evaluation_set(context, e, "settings", "threshold=4"));
  cr_expect_str_eq(dss_evaluation_provenance(e, "settings"), "threshold=4");
  cr_expect_str_eq(dss_evaluation_provenance(e, "seed"), "");
  cr_expect_null(dss_evaluation_provenance(e, "no such"));
  cr_expect_str_eq(dss_evaluation_kind_name(dss_evaluation_kind_of(e)), "steer");
  cr_expect_null(dss_evaluation_kind_name(DSS_N_EVALUATION_KINDS));
  cr_expect_eq(dss_evaluation_new(context, DSS_N_EVALUATION_KINDS, &e), DSS_ERR_INTERNAL);
  dss_evaluation_free(e);
  dss_rated_free(rated);
  dss_study_free(study);
}

/* --- stopping and progress -------------------------------------------------------------------- */

static bool is_over(void *user) {
  unsigned *left = user;
  return (*left)-- == 0;
}

Test(evaluate, a_run_ends_where_the_caller_says) {
  dss_study *study = design_study(context, &usual, NULL, NULL);
  dss_evaluation_run run;
  dss_evaluation_run_init(&run);
  run.plan.permutations = 500;
  run.plan.bootstrap = 60;
  run.threads = 1;
  unsigned looks = 0;
  for (dss_status status = DSS_INTERRUPTED; status != DSS_OK; looks++) {
    dss_evaluation *e = NULL;
    unsigned left = looks;
    dss_context_set_stop(context, is_over, &left);
    status = toy_evaluate(context, study, &run, &e);
    dss_context_set_stop(context, NULL, NULL);
    cr_assert(status == DSS_OK || status == DSS_INTERRUPTED, "%s", dss_context_error(context));
    dss_evaluation_free(e);
    cr_assert_lt(looks, 500);
  }
  cr_expect_gt(looks, 10, "it looks up often");
  dss_study_free(study);
}

Test(evaluate, tests_stop_early) {
  dss_study *study = design_study(context, &usual, NULL, NULL);
  dss_evaluation_run run;
  dss_evaluation_run_init(&run);
  run.plan.permutations = 20000;
  run.plan.stop_after = 20;
  dss_evaluation *e = evaluate(study, &run);
  size_t stopped = 0;
  for (size_t i = 0; i < dss_evaluation_n_rows(e); i++) {
    const dss_cell *cell = &dss_evaluation_get(e, i)->cell;
    if (isnan(cell->p)) continue;
    cr_expect(isnan(cell->p_maxt));
    if (cell->resamples == 20000) continue;
    stopped++;
    cr_expect_eq(cell->resamples % DSS_STOP_EVERY, 0);
    cr_expect_eq(cell->p_up, 20.0 / (double)cell->ge_at);
  }
  cr_expect_gt(stopped, 0);
  dss_evaluation_free(e);
  dss_study_free(study);
}
