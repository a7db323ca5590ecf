/* 95% intervals of severity, response, classify and steer hold what they are about, about 95% of
 * the time, and would not if they were about less.
 *
 * Studies are drawn from a population (evaluation_world.h).
 *
 * The truth is the mean of the statistic over many studies of the same design: as many raters a
 * group, items, and ratings an item. It is not what a group of infinitely many raters would say: a
 * view made of few ratings is wrong about some items, however many items there are
 * (docs/classify.md, "Intervals"). Over raters the items and all that was predicted of them are the
 * same in every study, over items the raters are. */
#include <criterion/criterion.h>
#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation_world.h"
#include "tests/unit/temporary.h"

/* --- many studies -------------------------------------------------------------------------- */

/* Shown: logit of rates and gaps; else BCa, percentile where BCa is undefined, normal where
 * resamples lie to one side. */
enum { SHOWN, BASIC, PERCENTILE, N_METHODS };

typedef struct tally {
  unsigned studies, held[MOST_TARGETS][N_METHODS];
  unsigned found[MOST_TARGETS];                       /* p at most 5% */
  double estimate[MOST_TARGETS], width[MOST_TARGETS]; /* sums; of what is shown */
  double truth[MOST_TARGETS], square[MOST_TARGETS];   /* sums; of estimates less the truth */
  double null_mean[MOST_TARGETS];
} tally;

/* How each study is evaluated. */
typedef struct effort {
  dss_over over; /* of the intervals */
  uint64_t resamples, permutations;
} effort;

static void judge(const dss_evaluation *e, const question *q, const double *truth, tally *t) {
  for (size_t i = 0; i < q->n; i++) {
    const dss_cell *cell = find(e, &q->targets[i]);
    t->estimate[i] += cell->estimate;
    t->null_mean[i] += cell->null_mean;
    t->found[i] += cell->p <= 0.05; /* not so of NaN */
    if (!truth) continue;
    t->truth[i] += truth[i];
    t->square[i] += (cell->estimate - truth[i]) * (cell->estimate - truth[i]);
    t->held[i][SHOWN] += cell->ci_low <= truth[i] && truth[i] <= cell->ci_high;
    t->held[i][BASIC] += cell->basic_low <= truth[i] && truth[i] <= cell->basic_high;
    t->held[i][PERCENTILE] += cell->percentile_low <= truth[i] && truth[i] <= cell->percentile_high;
    t->width[i] += cell->ci_high - cell->ci_low;
  }
  t->studies++;
}

/* Adds to the tally; truth NULL: none. Studies have numbers from `first` on. */
static void evaluate(const world *w, const question *q, uint64_t first, unsigned studies, effort by,
                     const double *truth, tally *t) {
  temporary folder;
  temporary_begin(&folder);
#pragma omp parallel for schedule(dynamic)
  for (unsigned n = 0; n < studies; n++) {
    independent_random same = {w->seed}, random = {w->seed + 7919 * (first + n + 1)};
    dss_context *context = dss_context_new();
    population *p = calloc(1, sizeof *p);
    char path[300];
    snprintf(path, sizeof path, "%s/%u.csv", folder.folder, n);
    draw_items(w, w->varies == DSS_OVER_RATERS ? &same : &random, p);
    draw_raters(w, w->varies == DSS_OVER_ITEMS ? &same : &random, p);
    dss_study *study = draw_study(context, w, p, &random);
    dss_evaluation_run run;
    dss_evaluation_run_init(&run);
    run.threads = 1;
    run.plan.permutations = by.permutations;
    run.plan.bootstrap = by.resamples;
    run.plan.over = by.over;
    run.plan.seed = n;
    dss_evaluation *e = q->ask(context, w, p, study, &run, path);
#pragma omp critical
    judge(e, q, truth, t);
    unlink(path);
    dss_evaluation_free(e);
    dss_study_free(study);
    dss_context_free(context);
    free(p);
  }
  temporary_end(&folder);
}

enum { TRUTH_STUDIES = 3000, FIRST_OF_TRUTH = 1000000 };

static void report(const world *w, const question *q, dss_over over, const tally *t) {
  for (size_t i = 0; i < q->n; i++) {
    double sd = sqrt(t->square[i] / t->studies);
    printf("%u and %u raters, %.0f%% of %u items, over %s: %s of %s, truth %.4f, SD %.4f; shown "
           "%.1f%%, width %.2f; basic %.1f%%, percentile %.1f%%\n",
           w->raters[0], w->raters[1], 100 * w->density, w->n_items, dss_over_name(over),
           q->targets[i].statistic, q->targets[i].group, t->truth[i] / t->studies, sd,
           100.0 * t->held[i][SHOWN] / t->studies, t->width[i] / t->studies / (2 * 1.959964 * sd),
           100.0 * t->held[i][BASIC] / t->studies, 100.0 * t->held[i][PERCENTILE] / t->studies);
  }
  fflush(stdout);
}

static tally cover_after(unsigned of_truth, const world *w, const question *q, unsigned studies,
                         dss_over over, uint64_t resamples) {
  unsigned sets = w->sets ? w->sets : 1;
  tally t = {0};
  for (unsigned set = 0; set < sets; set++) {
    double truth[MOST_TARGETS];
    world one = *w;
    tally many = {0};
    one.seed += 1000003 * (uint64_t)set;
    evaluate(&one, q, FIRST_OF_TRUTH, of_truth / sets, (effort){0}, NULL, &many);
    for (size_t i = 0; i < q->n; i++)
      truth[i] = many.estimate[i] / many.studies;
    evaluate(&one, q, 0, studies / sets, (effort){over, resamples, 0}, truth, &t);
  }
  report(w, q, over, &t);
  return t;
}

static tally cover(const world *w, const question *q, unsigned studies, dss_over over,
                   uint64_t resamples) {
  return cover_after(TRUTH_STUDIES, w, q, studies, over, resamples);
}

/* Of shares of studies whose shown intervals hold the truth. */
typedef struct band {
  double least, most;
} band;
static const band nominal = {0.93, 0.97};

/* All studies and designs that the shares in docs/ are of, a quarter of an hour of one core; else a
 * quarter of the studies of most designs. */
static bool takes_all(void) {
  const char *coverage = getenv("DSS_COVERAGE");
  return coverage && !strcmp(coverage, "full");
}

static unsigned some_of(unsigned studies) {
  return takes_all() ? studies : studies / 4;
}

/* Designs unlike the others, for whoever wants all. */
static bool is_left_out(void) {
  if (takes_all()) return false;
  puts("SKIPPED: a design of evaluation-coverage, without DSS_COVERAGE=full");
  return true;
}

/* Give or take the standard error that such a share of so many studies has; of a quarter three of
 * them, as among two hundred shares some are two off by chance. */
static band within(double least, double most, unsigned studies) {
  double errors = takes_all() ? 1 : 3;
  double below = sqrt(least * (1.0 - least) / studies), above = sqrt(most * (1.0 - most) / studies);
  return (band){least - errors * below, fmin(most + errors * above, 1.0)};
}

/* The law of all that follow: 93% to 97% of the studies hold it. */
static band law(unsigned studies) {
  return within(nominal.least, nominal.most, studies);
}

static double share_of(const tally *t, size_t which, int method) {
  return (double)t->held[which][method] / t->studies;
}

static void expect_share(const question *q, const tally *t, size_t which, band wanted) {
  double share = share_of(t, which, SHOWN);
  cr_expect(share >= wanted.least && share <= wanted.most, "%s of %s: %.4f, not %.4f to %.4f",
            q->targets[which].statistic, q->targets[which].group, share, wanted.least, wanted.most);
}

/* --- classify ------------------------------------------------------------------------------ */

enum { FNR_0, FNR_1, GAP };
enum { RESAMPLES = 300, SETS = 10 };
#define STUDIES some_of(1000)

/* Sixty raters a group. Of a classifier that errs much, so that either group has fifteen false
 * positives and as many false negatives on the average, or more. */
#define DENSE .raters = {60, 60}, .density = 1.0, .error = 1.5
static const world by_mean = {DENSE,      .n_items = 150,       .seed = 15, .threshold = "3.2",
                              .cut = "0", .rule = DSS_VIEW_MEAN};
static const world by_majority = {
    DENSE, .n_items = 150, .seed = 16, .threshold = "4", .cut = "0.3", .rule = DSS_VIEW_MAJORITY};
static const world by_any = {DENSE,         .n_items = 240,      .seed = 17, .threshold = "5",
                             .cut = "-1.2", .rule = DSS_VIEW_ANY};

/* Of a good one, with seven to twenty errors: of a group's false positives there are 10 and 5. */
#define FEW_ERRORS                                                                                 \
  .varies = DSS_OVER_BOTH, .error = 0.6, .threshold = "3.5", .cut = "0.4", .rule = DSS_VIEW_MEAN
static const world crossed = {FEW_ERRORS, .raters = {30, 30}, .n_items = 100, .density = 1.0,
                              .seed = 11};
static const world dense = {FEW_ERRORS, .raters = {60, 60}, .n_items = 100, .density = 1.0,
                            .seed = 15};
/* About seven of a group rated each item. */
static const world sparse = {FEW_ERRORS, .raters = {60, 60}, .n_items = 100, .density = 0.12,
                             .seed = 12};

static world varying(world w, dss_over varies) {
  w.varies = varies;
  w.sets = varies == DSS_OVER_BOTH ? 0 : SETS;
  return w;
}

static tally expect_rates(world w, dss_over over, unsigned studies, band wanted) {
  w = varying(w, over);
  tally t = cover(&w, &all_rates, studies, over, RESAMPLES);
  for (size_t i = 0; i < all_rates.n; i++)
    expect_share(&all_rates, &t, i, wanted);
  return t;
}

Test(classify_coverage, mean_over_both) {
  expect_rates(by_mean, DSS_OVER_BOTH, STUDIES, law(STUDIES));
}

Test(classify_coverage, mean_over_raters) {
  expect_rates(by_mean, DSS_OVER_RATERS, STUDIES, law(STUDIES));
}

Test(classify_coverage, mean_over_items) {
  expect_rates(by_mean, DSS_OVER_ITEMS, STUDIES, law(STUDIES));
}

Test(classify_coverage, majority_over_both) {
  expect_rates(by_majority, DSS_OVER_BOTH, STUDIES, law(STUDIES));
}

Test(classify_coverage, majority_over_raters) {
  if (is_left_out()) return;
  expect_rates(by_majority, DSS_OVER_RATERS, STUDIES, law(STUDIES));
}

/* Half of the raters find fewer items positive than all: what two halves differ by says too much of
 * what raters have in common, and intervals are wide rather than narrow. */
Test(classify_coverage, any_over_both) {
  if (is_left_out()) return;
  expect_rates(by_any, DSS_OVER_BOTH, STUDIES / 2, within(nominal.least, 0.99, STUDIES / 2));
}

/* No interval over raters alone: a resample of sixty has thirty-eight different ones, and of these
 * fewer find an item positive. With an interval as under other rules the shares were 78% to 92%. */
Test(classify_coverage, any_over_raters) {
  const world w = varying(by_any, DSS_OVER_RATERS);
  tally t = cover_after(SETS, &w, &all_rates, SETS, DSS_OVER_RATERS, RESAMPLES);
  for (size_t i = 0; i < all_rates.n; i++)
    cr_expect_eq(t.held[i][SHOWN] + t.held[i][BASIC] + t.held[i][PERCENTILE], 0);
}

/* --- few errors, few ratings ------------------------------------------------------------------ */

Test(classify_coverage, few_errors_over_both) {
  if (is_left_out()) return;
  expect_rates(dense, DSS_OVER_BOTH, STUDIES, law(STUDIES));
}

Test(classify_coverage, few_errors_over_raters) {
  if (is_left_out()) return;
  expect_rates(dense, DSS_OVER_RATERS, STUDIES, law(STUDIES));
}

Test(classify_coverage, few_errors_over_items) {
  if (is_left_out()) return;
  expect_rates(dense, DSS_OVER_ITEMS, STUDIES, law(STUDIES));
}

Test(classify_coverage, few_ratings_over_both) {
  if (is_left_out()) return;
  expect_rates(sparse, DSS_OVER_BOTH, STUDIES, law(STUDIES));
}

Test(classify_coverage, few_ratings_over_raters) {
  if (is_left_out()) return;
  tally t = expect_rates(sparse, DSS_OVER_RATERS, STUDIES, law(STUDIES));
  for (size_t i = 0; i < all_rates.n; i++)
    cr_expect_lt(share_of(&t, i, BASIC), 0.90);
}

/* As in DIVE: many items, and of one group three ratings of each, so that resampling adds much
 * noise to its views, and resampled rates are worse than the observed ones nearly always. An
 * interval that lies where they do, or on the other side, does not hold the truth. Views of
 * half of thirty raters hang on one or two ratings, and say too little of what raters have in
 * common: docs/classify.md has the shares, 89.5% for the gap of precision. */
Test(classify_coverage, groups_of_few_ratings) {
  enum { AUC = 4 };
  const world w = {FEW_ERRORS, .raters = {30, 90}, .n_items = 800, .density = 0.10, .seed = 14};
  tally t = cover_after(TRUTH_STUDIES / 4, &w, &all_rates, some_of(400), DSS_OVER_BOTH,
                        RESAMPLES * 2 / 3);
  for (size_t i = 0; i < all_rates.n; i++)
    expect_share(&all_rates, &t, i, within(0.89, 0.97, some_of(400)));
  cr_expect_lt(share_of(&t, AUC, PERCENTILE), 0.93);
  cr_expect_lt(share_of(&t, AUC, BASIC), 0.90);
}

/* Intervals about other raters or other items alone do not hold what other raters find of other
 * items. */
Test(classify_coverage, less_is_less) {
  enum { LESS_STUDIES = 300 };
  tally items = cover(&crossed, &rates, LESS_STUDIES, DSS_OVER_ITEMS, RESAMPLES);
  tally raters = cover(&crossed, &rates, LESS_STUDIES, DSS_OVER_RATERS, RESAMPLES);
  cr_expect_lt(share_of(&items, GAP, SHOWN), nominal.least);
  for (size_t i = 0; i < rates.n; i++)
    cr_expect_lt(share_of(&raters, i, SHOWN), nominal.least);
}

/* Views of two ratings are wrong more often than views of fifteen: a small group has the larger FNR
 * though it is like the other. Shuffles keep the groups' sizes, and with them that difference; an
 * interval is about the gap, and leaves 0 out. */
Test(classify_coverage, a_small_group_has_a_larger_fnr) {
  enum { P_STUDIES = 400, PERMUTATIONS = 199 };
  const world w = {FEW_ERRORS,      .raters = {8, 60}, .n_items = 100,
                   .density = 0.25, .alike = true,     .seed = 13};
  const effort by = {DSS_OVER_BOTH, RESAMPLES, PERMUTATIONS};
  const double nothing[MOST_TARGETS] = {0.0};
  tally t = {0};
  evaluate(&w, &rates, 0, P_STUDIES, by, nothing, &t);
  double gap = t.estimate[GAP] / t.studies, found = (double)t.found[GAP] / t.studies;
  double expected = t.null_mean[GAP] / t.studies;
  printf(
      "8 and 60 raters who do not differ: gap %.4f, of shuffles %.4f, found %.1f%%, the interval "
      "holds 0 %.1f%%\n",
      gap, expected, 100.0 * found, 100.0 * share_of(&t, GAP, SHOWN));
  fflush(stdout);
  cr_expect_gt(gap, 0.05);
  cr_expect(fabs(gap - expected) <= 0.02, "%g and %g", gap, expected);
  cr_expect_leq(found, 0.05 + 4 * sqrt(0.05 * 0.95 / P_STUDIES));
  cr_expect_lt(share_of(&t, GAP, SHOWN), nominal.least);
}

/* --- severity, response and steer ------------------------------------------------------------- */

enum { MORE_RESAMPLES = 1000, MAE = 2 };
#define STEERED_STUDIES some_of(700)

/* Sixty raters a group, as all others whose share is held to the law over raters or both. */
static const world everyone = {
    .raters = {60, 60}, .n_items = 60, .density = 1.0, .seed = 31, .error = 0.6};
/* Few ratings, since steer takes long. */
static const world steered = {
    .raters = {60, 60}, .n_items = 40, .density = 0.3, .seed = 22, .error = 0.6};
static const world followed = {.raters = {30, 30},
                               .n_items = 60,
                               .density = 0.5,
                               .varies = DSS_OVER_BOTH,
                               .seed = 21,
                               .error = 0.6};

static void expect_all(const question *q, world w, dss_over over, unsigned studies,
                       uint64_t resamples, band wanted) {
  w = varying(w, over);
  tally t = cover(&w, q, studies, over, resamples);
  for (size_t i = 0; i < q->n; i++)
    expect_share(q, &t, i, wanted);
}

Test(severity_coverage, over_both) {
  expect_all(&harshness, everyone, DSS_OVER_BOTH, STUDIES, MORE_RESAMPLES, law(STUDIES));
}

Test(severity_coverage, over_raters) {
  expect_all(&harshness, everyone, DSS_OVER_RATERS, STUDIES, MORE_RESAMPLES, law(STUDIES));
}

Test(severity_coverage, over_items) {
  expect_all(&harshness, everyone, DSS_OVER_ITEMS, STUDIES, MORE_RESAMPLES, law(STUDIES));
}

Test(response_coverage, over_both) {
  expect_all(&rising, everyone, DSS_OVER_BOTH, STUDIES, MORE_RESAMPLES, law(STUDIES));
}

/* Those of one group would be short, and are withheld: resamples keep the study's consensus, which
 * other raters would not. */
Test(response_coverage, over_raters) {
  expect_all(&rising_apart, everyone, DSS_OVER_RATERS, STUDIES, MORE_RESAMPLES, law(STUDIES));
}

Test(steer_coverage, over_both) {
  expect_all(&following, steered, DSS_OVER_BOTH, STEERED_STUDIES, RESAMPLES, law(STEERED_STUDIES));
}

Test(steer_coverage, over_raters) {
  expect_all(&following, steered, DSS_OVER_RATERS, STEERED_STUDIES, RESAMPLES,
             law(STEERED_STUDIES));
}

Test(steer_coverage, over_items) {
  const world w = {.raters = {10, 10}, .n_items = 200, .density = 0.3, .seed = 23, .error = 0.6};
  enum { STEERED_RESAMPLES = 500 };
  expect_all(&following, w, DSS_OVER_ITEMS, STUDIES, STEERED_RESAMPLES, law(STUDIES));
}

Test(steer_coverage, over_both_with_thirty_raters) {
  expect_all(&following, followed, DSS_OVER_BOTH, STEERED_STUDIES, RESAMPLES, law(STEERED_STUDIES));
}

Test(steer_coverage, less_is_less) {
  enum { LESS_STUDIES = 200 };
  tally items = cover(&followed, &following, LESS_STUDIES, DSS_OVER_ITEMS, RESAMPLES);
  tally raters = cover(&followed, &following, LESS_STUDIES, DSS_OVER_RATERS, RESAMPLES);
  cr_expect_lt(share_of(&items, MAE, SHOWN), nominal.least);
  for (size_t i = 0; i < following.n; i++)
    cr_expect_lt(share_of(&raters, i, SHOWN), nominal.least);
}
