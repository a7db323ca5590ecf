/* 95% intervals hold the truth about 95% of the time, and would not if raters agreed with
 * themselves.
 *
 * Studies are drawn from a population whose truth is a formula. A rating of item u by rater r is
 * the level into which s_u + b_r + noise falls, all normal; items have severities s, raters
 * leanings b, whose mean and spread differ between the two groups. Two raters are independent given
 * the item, so that with p_c(u) = P(level c | item u), averaged over a group's raters,
 *
 *     alpha = 1 - mean_u(1 - sum_c p_c(u)^2) / (1 - sum_c (mean_u p_c)^2)
 *     XRR   = 1 - mean_u(1 - sum_c p_c(u) q_c(u)) / (1 - sum_c mean_u p_c mean_u q_c)
 *
 * Over raters the items are given and the mean runs over them; over both it runs over all items
 * that there could be. Over items the raters are given: p_c(u)^2 becomes the mean of p_rc(u)
 * p_sc(u) over pairs r, s of different raters. */
#include <criterion/criterion.h>
#include <math.h>
#include <omp.h>
#include <string.h>

#include "dissensus/dissensus.h"
#include "host/engine/plan.h"
#include "host/stats/intervals.h"
#include "host/stats/normal.h"
#include "host/stats/quantile.h"
#include "kernels/common/formulas.h"
#include "tests/independent_random.h"

enum { LEVELS = 3, MOST_SIDE = 60, MOST_RATERS = 2 * MOST_SIDE, MOST_ITEMS = 100, GRID = 2000 };
static const double thresholds[LEVELS + 1] = {-INFINITY, -0.4, 0.8, INFINITY};
static const double mean_leaning[2] = {0.0, 0.3}, leaning_sd[2] = {0.6, 0.4};

typedef struct world {
  uint32_t side; /* raters of each group */
  uint32_t n_items;
  double density; /* a rater rates an item with this probability */
  dss_over over;
  uint64_t seed;
} world;

/* --- the truth ----------------------------------------------------------------------------- */

/* The levels' shares among normal latent values around `mean`. */
static void shares_around(double mean, double spread, double p[LEVELS]) {
  for (int c = 0; c < LEVELS; c++)
    p[c] = dss_normal_cdf((thresholds[c + 1] - mean) / spread) -
           dss_normal_cdf((thresholds[c] - mean) / spread);
}

/* What raters of a group give to an item: the mean share of each level, and how likely two
 * different ones agree. leaning NULL: of all raters that there could be; else of these `side`
 * raters. */
static double shares(int group, double severity, const double *leaning, uint32_t side,
                     double p[LEVELS]) {
  double equal = 0.0, q[LEVELS], squares = 0.0, n = side;
  if (!leaning) {
    shares_around(severity + mean_leaning[group], sqrt(1.0 + leaning_sd[group] * leaning_sd[group]),
                  p);
    for (int c = 0; c < LEVELS; c++)
      equal += p[c] * p[c];
    return equal;
  }
  memset(p, 0, LEVELS * sizeof *p);
  for (uint32_t r = 0; r < side; r++) {
    shares_around(severity + leaning[r], 1.0, q);
    for (int c = 0; c < LEVELS; c++) {
      p[c] += q[c] / n;
      squares += q[c] * q[c];
    }
  }
  for (int c = 0; c < LEVELS; c++)
    equal += n * n * p[c] * p[c];
  return (equal - squares) / (n * (n - 1.0));
}

/* Of raters of one group against raters of another, or the same; given: the leanings of both
 * groups' raters, or NULL. */
static double truth(int group, int other, const double *severity, uint32_t n, const double *given,
                    uint32_t side) {
  double p[LEVELS], q[LEVELS], mean_p[LEVELS] = {0}, mean_q[LEVELS] = {0}, equal = 0.0,
                               chance = 0.0;
  for (uint32_t u = 0; u < n; u++) {
    double own = shares(group, severity[u], given ? given + group * side : NULL, side, p);
    shares(other, severity[u], given ? given + other * side : NULL, side, q);
    if (group == other) equal += own / n;
    for (int c = 0; c < LEVELS; c++) {
      if (group != other) equal += p[c] * q[c] / n;
      mean_p[c] += p[c] / n;
      mean_q[c] += q[c] / n;
    }
  }
  for (int c = 0; c < LEVELS; c++)
    chance += mean_p[c] * mean_q[c];
  return 1.0 - (1.0 - equal) / (1.0 - chance);
}

/* --- a sample ------------------------------------------------------------------------------ */

static void number_names(char (*text)[12], const char **names, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    snprintf(text[i], sizeof text[i], "%u", i);
    names[i] = text[i];
  }
}

static void must(dss_context *context, dss_status status) {
  if (status == DSS_OK) return;
  fprintf(stderr, "%s\n", dss_context_error(context));
  abort(); /* not an assertion: threads call this */
}

/* Items or raters evenly over their population. */
static void spread_evenly(uint32_t n, double *value) {
  for (uint32_t u = 0; u < n; u++)
    value[u] = dss_normal_quantile((u + 0.5) / n);
}

/* What stays from study to study: the items over raters, the raters over items. */
typedef struct fixed {
  const double *severity, *leaning; /* [n_items], [2][side], or NULL */
} fixed;

/* Group 0's raters come first. */
static dss_study *draw_study(dss_context *context, const world *w, const double *severity,
                             const double *given, independent_random *random) {
  enum { MOST = MOST_RATERS * MOST_ITEMS };
  uint32_t *rater = malloc(MOST * sizeof *rater), *item = malloc(MOST * sizeof *item);
  uint8_t *code = malloc(MOST);
  char text[MOST_RATERS][12];
  const char *names[MOST_RATERS];
  number_names(text, names, MOST_RATERS);
  uint64_t n = 0;
  int32_t groups[MOST_RATERS];
  for (uint32_t r = 0; r < 2 * w->side; r++) {
    int g = groups[r] = r >= w->side;
    double leaning = given ? given[r] : mean_leaning[g] + leaning_sd[g] * random_normal(random);
    for (uint32_t u = 0; u < w->n_items; u++) {
      if (random_unit(random) >= w->density) continue;
      double latent = severity[u] + leaning + random_normal(random);
      rater[n] = r;
      item[n] = u;
      code[n++] = (uint8_t)((latent > thresholds[1]) + (latent > thresholds[2]));
    }
  }
  dss_study *study;
  must(context, dss_study_new(context, 2 * w->side, names, w->n_items, names, &study));
  must(context, dss_study_add_rater_attribute(context, study,
                                              &(dss_attribute){"group", 2, names, groups, false}));
  const double values[LEVELS] = {0, 1, 2};
  must(context, dss_study_add_question(context, study, "q", DSS_NOMINAL, LEVELS, names, values, n,
                                       rater, item, code));
  free(rater);
  free(item);
  free(code);
  return study;
}

/* --- coverage ------------------------------------------------------------------------------ */

enum { ALPHA_0, ALPHA_1, XRR, N_TARGETS };
static const char *const targets[N_TARGETS] = {"alpha of group 0", "alpha of group 1", "XRR"};
enum { BCA, BASIC, PERCENTILE, N_METHODS };
static const char *const methods[N_METHODS] = {"BCa", "basic", "percentile"};

typedef struct tally {
  unsigned held[N_TARGETS][N_METHODS], defined[N_TARGETS], studies;
  double width[N_TARGETS][N_METHODS], estimate[N_TARGETS], square[N_TARGETS]; /* sums */
} tally;

static void judge(const dss_cell *cell, double true_value, int target, tally *t) {
  const double low[] = {cell->bca_low, cell->basic_low, cell->percentile_low};
  const double high[] = {cell->bca_high, cell->basic_high, cell->percentile_high};
  for (int m = 0; m < N_METHODS; m++) {
    t->held[target][m] += low[m] <= true_value && true_value <= high[m];
    t->width[target][m] += high[m] - low[m];
  }
  t->defined[target] += !isnan(cell->bca_low);
  t->estimate[target] += cell->estimate;
  t->square[target] += cell->estimate * cell->estimate;
}

/* Of estimates from study to study. */
static double spread_of(const tally *t, int target) {
  double mean = t->estimate[target] / t->studies;
  return sqrt(t->square[target] / t->studies - mean * mean);
}

/* The mean width, to that which holds 95% of normal estimates. */
static double relative_width(const tally *t, int target, int method) {
  return t->width[target][method] / t->studies / (2 * 1.959964 * spread_of(t, target));
}

/* The plan of study `number`, for IRR and XRR; what is not given is drawn. */
static dss_plan *draw_plan(dss_context *context, const world *w, const fixed *given,
                           uint64_t number, uint64_t resamples) {
  independent_random random = {w->seed + 7919 * number};
  double severity[MOST_ITEMS];
  for (uint32_t u = 0; u < w->n_items; u++)
    severity[u] = given->severity ? given->severity[u] : random_normal(&random);
  dss_study *study = draw_study(context, w, severity, given->leaning, &random);
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.metrics = DSS_STATISTIC_BIT(DSS_IRR) | DSS_STATISTIC_BIT(DSS_XRR);
  options.permutations = 0;
  options.bootstrap = resamples;
  options.over = w->over;
  options.seed = number;
  must(context, dss_plan_new(context, study, &options, &plan));
  dss_study_free(study);
  return plan;
}

static dss_results *run_plan(dss_context *context, const dss_plan *plan) {
  dss_run_options options;
  dss_results *results;
  dss_run_options_init(&options);
  options.threads = 1;
  must(context, dss_run(context, plan, &options, &results));
  return results;
}

/* One study's intervals against the truths. */
static void try_study(const world *w, const fixed *given, const double truths[N_TARGETS],
                      uint64_t number, uint64_t resamples, tally *t) {
  dss_context *context = dss_context_new();
  dss_plan *plan = draw_plan(context, w, given, number, resamples);
  dss_results *results = run_plan(context, plan);
  for (int i = 0; i < N_TARGETS; i++) {
    const dss_cell *cell = dss_results_cell(results, 0, i == ALPHA_1, i == XRR ? DSS_XRR : DSS_IRR);
    judge(cell, truths[i], i, t);
  }
  t->studies++;
  dss_results_free(results);
  dss_plan_free(plan);
  dss_context_free(context);
}

static void add(tally *to, const tally *from) {
  for (int i = 0; i < N_TARGETS; i++) {
    for (int m = 0; m < N_METHODS; m++) {
      to->held[i][m] += from->held[i][m];
      to->width[i][m] += from->width[i][m];
    }
    to->defined[i] += from->defined[i];
    to->estimate[i] += from->estimate[i];
    to->square[i] += from->square[i];
  }
  to->studies += from->studies;
}

static tally cover(const world *w, unsigned studies, uint64_t resamples) {
  double severity[MOST_ITEMS], leaning[MOST_RATERS], grid[GRID], truths[N_TARGETS];
  spread_evenly(w->n_items, severity);
  spread_evenly(GRID, grid);
  for (int g = 0; g < 2; g++) {
    spread_evenly(w->side, leaning + g * w->side);
    for (uint32_t r = 0; r < w->side; r++)
      leaning[g * w->side + r] = mean_leaning[g] + leaning_sd[g] * leaning[g * w->side + r];
  }
  const fixed given = {w->over == DSS_OVER_RATERS ? severity : NULL,
                       w->over == DSS_OVER_ITEMS ? leaning : NULL};
  const double *all = given.severity ? severity : grid;
  uint32_t n = given.severity ? w->n_items : GRID;
  truths[ALPHA_0] = truth(0, 0, all, n, given.leaning, w->side);
  truths[ALPHA_1] = truth(1, 1, all, n, given.leaning, w->side);
  truths[XRR] = truth(0, 1, all, n, given.leaning, w->side);
  tally t = {0};
#pragma omp parallel
  {
    tally mine = {0};
#pragma omp for schedule(dynamic, 4)
    for (unsigned i = 0; i < studies; i++)
      try_study(w, &given, truths, i + 1, resamples, &mine);
#pragma omp critical
    add(&t, &mine);
  }
  for (int i = 0; i < N_TARGETS; i++) {
    printf("%u items, over %s: %s %.4f, mean estimate %.4f, SD %.4f;", w->n_items,
           dss_over_name(w->over), targets[i], truths[i], t.estimate[i] / t.studies,
           spread_of(&t, i));
    for (int m = 0; m < N_METHODS; m++)
      printf(" %s %.2f%%, width %.3f", methods[m], 100.0 * t.held[i][m] / t.studies,
             relative_width(&t, i, m));
    putchar('\n');
  }
  fflush(stdout);
  return t;
}

/* Of shares of studies whose intervals hold the truth, and of relative widths. */
typedef struct band {
  double least, most;
} band;
static const band nominal = {0.93, 0.97};

static bool within(double value, band b) {
  return value >= b.least && value <= b.most;
}

/* Every kind of interval, for each of the targets. */
static tally assert_covers(const world *w, unsigned studies, uint64_t resamples, band shares,
                           band widths) {
  tally t = cover(w, studies, resamples);
  for (int i = 0; i < N_TARGETS; i++) {
    cr_expect_eq(t.defined[i], t.studies);
    for (int m = 0; m < N_METHODS; m++) {
      double share = (double)t.held[i][m] / t.studies, width = relative_width(&t, i, m);
      cr_expect(within(share, shares), "%s, %s: %.4f", targets[i], methods[m], share);
      cr_expect(within(width, widths), "%s, %s: width %.3f", targets[i], methods[m], width);
    }
  }
  return t;
}

/* The SD of 1000 studies' estimates, by which widths are judged, has a standard error of 2.2%. */
static const band right_width = {0.92, 1.12};

/* Every rater rated about half of the items. */
Test(coverage, over_raters) {
  const world w = {60, 50, 0.5, DSS_OVER_RATERS, 1};
  assert_covers(&w, 1000, 1000, nominal, right_width);
}

Test(coverage, over_items) {
  const world w = {60, 100, 1.0, DSS_OVER_ITEMS, 4};
  assert_covers(&w, 1000, 1000, nominal, right_width);
}

/* Every rater rated every item, as in DICES-350. */
Test(coverage, over_both) {
  const world w = {60, 100, 1.0, DSS_OVER_BOTH, 2};
  assert_covers(&w, 1000, 1000, nominal, right_width);
}

/* Raters who rated 12 of 100 items, 7 of a group an item. */
static const world sparse = {60, 100, 0.12, DSS_OVER_RATERS, 5};
enum { SPARSE_STUDIES = 600, SPARSE_RESAMPLES = 500 };

Test(coverage, sparse_over_items) {
  world w = sparse;
  w.over = DSS_OVER_ITEMS;
  assert_covers(&w, SPARSE_STUDIES, SPARSE_RESAMPLES, nominal, right_width);
}

/* What belongs to pairs of ratings is counted more than once where few raters share an item. */
Test(coverage, sparse_over_raters) {
  assert_covers(&sparse, SPARSE_STUDIES, SPARSE_RESAMPLES, (band){0.96, 0.99}, (band){1.0, 1.3});
}

/* What belongs to single ratings is counted up to three times in the variance, and here it is most
 * of it (docs/statistics.md): intervals are as much as sqrt(3) times too wide, and hold the truth
 * more often than they say. Not always: intervals that are everything would. */
Test(coverage, sparse_over_both) {
  world w = sparse;
  w.over = DSS_OVER_BOTH;
  tally t = assert_covers(&w, SPARSE_STUDIES, SPARSE_RESAMPLES, (band){0.98, 1.0},
                          (band){1.2, 1.7320508});
  for (int m = 0; m < N_METHODS; m++) {
    unsigned held = 0;
    for (int i = 0; i < N_TARGETS; i++)
      held += t.held[i][m];
    cr_expect_leq(held, N_TARGETS * SPARSE_STUDIES * 999 / 1000, "%s: %u", methods[m], held);
  }
}

/* --- raters who agree with themselves ------------------------------------------------------- */

typedef struct contest {
  double excess[2];  /* mean of the resamples less the estimate, summed over studies */
  unsigned holds[2]; /* percentile intervals that hold their estimate */
  unsigned covers[2];
} contest;
enum { RIGHT, NAIVE };

/* Alpha of group 0 where a rater drawn w times is w raters, as most packages count. Group 0's
 * raters are the plan's first. */
static double naive_alpha(const dss_plan *plan, const world *w, uint64_t b) {
  const dss_kernel_question *question = &plan->kernel.questions[0];
  const dss_sums_choice alpha_only = {.alpha = true};
  uint32_t weight[MOST_RATERS], none[LEVELS] = {0};
  uint64_t integers[4 * LEVELS] = {0};
  dss_u128 wide[4 * LEVELS] = {0};
  dss_group_sums sums = dss_sums_over(LEVELS, integers, wide);
  dss_draw_weights(plan->kernel.exchange.seed, DSS_PURPOSE_GROUP, b, w->side, weight);
  for (uint32_t u = 0; u < question->n_items; u++) {
    uint32_t count[LEVELS] = {0}, total = 0;
    for (uint64_t i = question->item_ptr[u]; i < question->item_ptr[u + 1]; i++) {
      if (question->rater[i] >= w->side) continue;
      count[question->code[i]] += weight[question->rater[i]];
      total += weight[question->rater[i]];
    }
    dss_sums_add(&sums, plan->bootstrap_tables, &alpha_only, count, total, none, 0);
  }
  return dss_values_of(plan->bootstrap_tables, &alpha_only, &sums).irr;
}

static void judge_values(double *values, uint64_t n, double estimate, double true_value, int rule,
                         contest *c) {
  for (uint64_t b = 0; b < n; b++)
    c->excess[rule] += (values[b] - estimate) / (double)n;
  dss_sort_ascending(values, n);
  dss_bounds bounds = dss_percentile_interval(values, n);
  c->holds[rule] += bounds.low <= estimate && estimate <= bounds.high;
  c->covers[rule] += bounds.low <= true_value && true_value <= bounds.high;
}

static void hold_contest(const world *w, const fixed *given, double true_value, uint64_t number,
                         contest *c) {
  enum { RESAMPLES = 500 };
  double values[RESAMPLES], both[2 * RESAMPLES], estimate[2];
  dss_context *context = dss_context_new();
  dss_plan *plan = draw_plan(context, w, given, number, RESAMPLES);
  dss_bootstrap_group *group = NULL;
  must(context, dss_bootstrap_open(&plan->kernel, &plan->kernel_bootstrap, 0, 0, 1, &group));
  dss_bootstrap_values(group, DSS_RESAMPLE_NONE, 1, estimate);
  dss_bootstrap_values(group, 0, RESAMPLES, both);
  dss_bootstrap_close(group);
  for (uint64_t b = 0; b < RESAMPLES; b++)
    values[b] = both[2 * b];
  judge_values(values, RESAMPLES, estimate[0], true_value, RIGHT, c);
  for (uint64_t b = 0; b < RESAMPLES; b++)
    values[b] = naive_alpha(plan, w, b);
  judge_values(values, RESAMPLES, estimate[0], true_value, NAIVE, c);
  dss_plan_free(plan);
  dss_context_free(context);
}

/* Among m raters of an item self-pairs raise alpha by about (1 - alpha) / m. Right intervals are
 * where those of the other tests are, naive ones of most studies miss the truth. */
enum { STUDIES = 300 };
static void self_pairs_fail(const world *w, unsigned most_holds, unsigned most_covers) {
  double severity[MOST_ITEMS], raters = w->density * w->side;
  contest c = {.excess = {0.0, 0.0}};
  spread_evenly(w->n_items, severity);
  const fixed given = {severity, NULL};
  double true_value = truth(0, 0, severity, w->n_items, NULL, w->side);
  for (unsigned i = 0; i < STUDIES; i++)
    hold_contest(w, &given, true_value, i + 1, &c);
  double excess[] = {c.excess[RIGHT] / STUDIES, c.excess[NAIVE] / STUDIES};
  printf("%u raters, alpha %.3f: resamples exceed the estimate by %.4f, with self-pairs by %.4f; "
         "intervals hold the estimate %.1f%%, %.1f%%, the truth %.1f%%, %.1f%%\n",
         w->side, true_value, excess[RIGHT], excess[NAIVE], 100.0 * c.holds[RIGHT] / STUDIES,
         100.0 * c.holds[NAIVE] / STUDIES, 100.0 * c.covers[RIGHT] / STUDIES,
         100.0 * c.covers[NAIVE] / STUDIES);
  fflush(stdout);
  cr_expect(fabs(excess[RIGHT]) <= 0.01, "%g", excess[RIGHT]);
  cr_expect(fabs(excess[NAIVE] - (1 - true_value) / raters) <= 0.02, "%g", excess[NAIVE]);
  cr_expect_geq(c.holds[RIGHT], STUDIES * 99 / 100);
  cr_expect(within((double)c.covers[RIGHT] / STUDIES, nominal), "%u", c.covers[RIGHT]);
  cr_expect_leq(c.holds[NAIVE], most_holds);
  cr_expect_leq(c.covers[NAIVE], most_covers);
}

Test(coverage, self_pairs_of_ten_raters_fail) {
  self_pairs_fail(&(world){10, 50, 1.0, DSS_OVER_RATERS, 3}, STUDIES / 3, STUDIES * 60 / 100);
}

/* The design of over_raters. */
Test(coverage, self_pairs_of_sixty_raters_fail) {
  self_pairs_fail(&(world){60, 50, 0.5, DSS_OVER_RATERS, 1}, STUDIES * 90 / 100,
                  STUDIES * 70 / 100);
}
