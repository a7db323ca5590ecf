/* Studies drawn from a population, and what is asked of them, for tests of what intervals hold.
 *
 * A rating of item u by rater r of group g is how many thresholds s_gu + b_r + noise lies above,
 * all normal: items have a severity for each group, raters a leaning. A classifier's score, and
 * predictions of a group's mean rating, are the severity seen with an error. */
#ifndef TESTS_PARITY_EVALUATION_WORLD_H
#define TESTS_PARITY_EVALUATION_WORLD_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissensus/dissensus.h"
#include "host/stats/normal.h"
#include "tests/independent_random.h"

enum { LEVELS = 5, MOST_RATERS = 120, MOST_ITEMS = 800 };
static const double thresholds[LEVELS - 1] = {-1.2, -0.4, 0.4, 1.2};
/* Group 1 finds items more severe, and some more so than others. */
static const double shift[2] = {0.0, 0.4}, apart_sd = 0.3;
static const double leaning_sd = 0.5, noise_sd = 0.7;

typedef struct world {
  uint32_t raters[2]; /* of each group */
  uint32_t n_items;
  double density;  /* a rater rates an item with this probability */
  dss_over varies; /* what is drawn anew from study to study */
  bool alike;      /* the groups do not differ */
  uint64_t seed;
  unsigned sets; /* of what is the same from study to study, each with a truth of its own; 0: one */
  double error;  /* SD of what is predicted, around the severity */
  /* Of classify. */
  dss_view_rule rule;
  const char *threshold, *cut; /* of ratings, of scores */
} world;

static void must(dss_context *context, dss_status status) {
  if (status == DSS_OK) return;
  fprintf(stderr, "%s\n", dss_context_error(context));
  abort(); /* not an assertion: threads call this */
}

/* --- a study ------------------------------------------------------------------------------- */

typedef struct population {
  double severity[2][MOST_ITEMS], leaning[MOST_RATERS];
  double score[MOST_ITEMS], steered[2][MOST_ITEMS], plain[MOST_ITEMS]; /* what is predicted */
} population;

/* The mean level of all ratings that there could be of an item. */
static double mean_rating(double severity) {
  double sum = 1.0, sd = sqrt(leaning_sd * leaning_sd + noise_sd * noise_sd);
  for (int k = 0; k < LEVELS - 1; k++)
    sum += dss_normal_cdf((severity - thresholds[k]) / sd);
  return sum;
}

static void draw_items(const world *w, independent_random *random, population *p) {
  for (uint32_t u = 0; u < w->n_items; u++) {
    double severity = random_normal(random), apart = apart_sd * random_normal(random);
    for (int g = 0; g < 2; g++) {
      p->severity[g][u] = severity + (w->alike ? 0.0 : shift[g] + g * apart);
      p->steered[g][u] = mean_rating(p->severity[g][u] + w->error * random_normal(random));
    }
    p->score[u] = severity + w->error * random_normal(random);
    p->plain[u] = mean_rating(severity + w->error * random_normal(random));
  }
}

static uint32_t n_raters(const world *w) {
  return w->raters[0] + w->raters[1];
}

static void draw_raters(const world *w, independent_random *random, population *p) {
  for (uint32_t r = 0; r < n_raters(w); r++)
    p->leaning[r] = leaning_sd * random_normal(random);
}

/* Group 0's raters come first. */
static dss_study *draw_study(dss_context *context, const world *w, const population *p,
                             independent_random *random) {
  static const char *const levels[] = {"1", "2", "3", "4", "5"};
  const double values[LEVELS] = {1, 2, 3, 4, 5};
  const size_t most = (size_t)MOST_RATERS * MOST_ITEMS;
  uint32_t *rater = malloc(most * sizeof *rater), *item = malloc(most * sizeof *item);
  uint8_t *code = malloc(most);
  char text[MOST_ITEMS][12];
  const char *names[MOST_ITEMS]; /* of raters, items and groups */
  int32_t groups[MOST_RATERS];
  uint64_t n = 0;
  for (uint32_t i = 0; i < MOST_ITEMS; i++) {
    snprintf(text[i], sizeof text[i], "%u", i);
    names[i] = text[i];
  }
  for (uint32_t r = 0; r < n_raters(w); r++) {
    groups[r] = r >= w->raters[0];
    for (uint32_t u = 0; u < w->n_items; u++) {
      if (random_unit(random) >= w->density) continue;
      double latent = p->severity[groups[r]][u] + p->leaning[r] + noise_sd * random_normal(random);
      rater[n] = r;
      item[n] = u;
      code[n] = 0;
      for (int k = 0; k < LEVELS - 1; k++)
        code[n] = (uint8_t)(code[n] + (latent > thresholds[k]));
      n++;
    }
  }
  dss_study *study;
  must(context, dss_study_new(context, n_raters(w), names, w->n_items, names, &study));
  must(context, dss_study_add_rater_attribute(context, study,
                                              &(dss_attribute){"group", 2, names, groups, false}));
  must(context, dss_study_add_question(context, study, "harm", DSS_ORDINAL, LEVELS, levels, values,
                                       n, rater, item, code));
  free(rater);
  free(item);
  free(code);
  return study;
}

/* --- what is asked of it ------------------------------------------------------------------- */

typedef struct target {
  const char *statistic, *group, *versus;
} target;
enum { MOST_TARGETS = 15 };

/* An evaluation, with what has been predicted in a file that it may write. */
typedef struct question {
  dss_evaluation *(*ask)(dss_context *context, const world *w, const population *p,
                         const dss_study *study, const dss_evaluation_run *run, const char *path);
  size_t n;
  target targets[MOST_TARGETS];
} question;

static dss_evaluation *ask_classify(dss_context *context, const world *w, const population *p,
                                    const dss_study *study, const dss_evaluation_run *run,
                                    const char *path) {
  FILE *file = fopen(path, "w");
  fputs("item,score\n", file);
  for (uint32_t u = 0; u < w->n_items; u++)
    fprintf(file, "%u,%.3f\n", u, p->score[u]);
  fclose(file);
  dss_classify_options options;
  dss_evaluation *found;
  dss_classify_options_init(&options);
  options.predictions = path;
  options.item = "item";
  options.score_threshold = w->cut;
  options.rule = w->rule;
  options.thresholds = &w->threshold;
  options.n_thresholds = 1;
  options.gaps = 1u << DSS_CLASSIFY_FNR | 1u << DSS_CLASSIFY_FPR | 1u << DSS_CLASSIFY_PRECISION |
                 1u << DSS_CLASSIFY_F1 | 1u << DSS_CLASSIFY_AUC;
  must(context, dss_classify(context, study, run, &options, &found));
  return found;
}

static dss_evaluation *ask_steer(dss_context *context, const world *w, const population *p,
                                 const dss_study *study, const dss_evaluation_run *run,
                                 const char *path) {
  FILE *file = fopen(path, "w");
  fputs("item,group,steered,plain\n", file);
  for (uint32_t u = 0; u < w->n_items; u++)
    for (int g = 0; g < 2; g++)
      fprintf(file, "%u,%d,%.3f,%.3f\n", u, g, p->steered[g][u], p->plain[u]);
  fclose(file);
  dss_steer_options options;
  dss_evaluation *found;
  dss_steer_options_init(&options);
  options.predictions = path;
  options.item = "item";
  options.prediction = "steered";
  options.baseline = "plain";
  options.no_matrix = true;
  must(context, dss_steer(context, study, run, &options, &found));
  return found;
}

static dss_evaluation *ask_severity(dss_context *context, const world *w, const population *p,
                                    const dss_study *study, const dss_evaluation_run *run,
                                    const char *path) {
  dss_severity_options options;
  dss_evaluation *found;
  dss_severity_options_init(&options);
  must(context, dss_severity(context, study, run, &options, &found));
  return found;
}

static dss_evaluation *ask_response(dss_context *context, const world *w, const population *p,
                                    const dss_study *study, const dss_evaluation_run *run,
                                    const char *path) {
  dss_response_options options;
  dss_evaluation *found;
  dss_response_options_init(&options);
  must(context, dss_response(context, study, run, &options, &found));
  return found;
}

static const question harshness = {ask_severity,
                                   6,
                                   {{"mean", "0", ""},
                                    {"mean", "1", ""},
                                    {"share", "0", ""},
                                    {"share", "1", ""},
                                    {"mean_difference", "0", "1"},
                                    {"cliffs_delta", "0", "1"}}};
static const question rising = {ask_response,
                                7,
                                {{"gamma", "0", ""},
                                 {"gamma", "1", ""},
                                 {"somers_d", "0", ""},
                                 {"tau_b", "1", ""},
                                 {"gamma_difference", "0", "1"},
                                 {"somers_d_difference", "0", "1"},
                                 {"tau_b_difference", "0", "1"}}};
static const question rising_apart = {ask_response,
                                      3,
                                      {{"gamma_difference", "0", "1"},
                                       {"somers_d_difference", "0", "1"},
                                       {"tau_b_difference", "0", "1"}}};
static const question rates = {
    ask_classify, 3, {{"fnr", "0", ""}, {"fnr", "1", ""}, {"fnr_gap", "0", "1"}}};
static const question all_rates = {ask_classify,
                                   15,
                                   {{"fnr", "0", ""},
                                    {"fpr", "0", ""},
                                    {"precision", "0", ""},
                                    {"f1", "0", ""},
                                    {"auc", "0", ""},
                                    {"fnr", "1", ""},
                                    {"fpr", "1", ""},
                                    {"precision", "1", ""},
                                    {"f1", "1", ""},
                                    {"auc", "1", ""},
                                    {"fnr_gap", "0", "1"},
                                    {"fpr_gap", "0", "1"},
                                    {"precision_gap", "0", "1"},
                                    {"f1_gap", "0", "1"},
                                    {"auc_gap", "0", "1"}}};
static const question following = {ask_steer,
                                   6,
                                   {{"pearson", "0", ""},
                                    {"spearman", "1", ""},
                                    {"mae", "1", ""},
                                    {"kappa", "0", ""},
                                    {"spearman_gain", "1", ""},
                                    {"mae_gain", "1", ""}}};

/* The row with the target, of the axis; not of the baseline. */
static const dss_cell *find(const dss_evaluation *e, const target *t) {
  for (size_t i = 0; i < dss_evaluation_n_rows(e); i++) {
    const dss_evaluation_row *row = dss_evaluation_get(e, i);
    if (strcmp(row->statistic, t->statistic) == 0 && strcmp(row->axis, "group") == 0 &&
        strcmp(row->group, t->group) == 0 && strcmp(row->versus, t->versus) == 0 &&
        strcmp(row->source, "baseline") != 0)
      return &row->cell;
  }
  fprintf(stderr, "no %s of group %s\n", t->statistic, t->group);
  abort();
}

#endif
