/* Evaluations made by hand for the tests of figures. */
#ifndef TESTS_FIGURES_EVALUATION_CASE_H
#define TESTS_FIGURES_EVALUATION_CASE_H

#include "figure_cases.h"
#include "host/core/alloc.h"
#include "host/evaluate/evaluation.h"

/* What a case is like: one question, and of each part of the items the groups of one axis. */
typedef struct evaluation_case {
  dss_evaluation_kind kind; /* SEVERITY: mean, mean_difference; CLASSIFY: fnr, tp, fnr_gap of two
                               classifiers; STEER: pearson, pearson_gain, pearson_missteered */
  size_t n_groups, n_parts; /* parts beside all items */
  const char *const *names; /* [n_groups]; NULL: "group 1" ... */
  bool tested, defined, significant, intervals, odd;
} evaluation_case;

static const evaluation_case usual_evaluation = {.kind = DSS_EVALUATION_SEVERITY,
                                                 .n_groups = 5,
                                                 .n_parts = 3,
                                                 .tested = true,
                                                 .defined = true,
                                                 .significant = true,
                                                 .intervals = true,
                                                 .odd = true};

static inline const char *evaluation_text(dss_context *context, dss_evaluation *e,
                                          const char *text) {
  case_must(context, DSS_GROW(context, &e->texts, &e->texts_room, e->n_texts + 1));
  e->texts[e->n_texts] = strdup(text);
  return e->texts[e->n_texts++];
}

static inline void evaluation_name(const evaluation_case *c, size_t g, char text[400]) {
  if (c->names)
    snprintf(text, 400, "%s", c->names[g]);
  else
    snprintf(text, 400, "group %zu", g + 1);
}

/* A row, and its cell with an estimate about which everything else lies. */
static inline dss_evaluation_row *evaluation_add(dss_context *context, dss_evaluation *e,
                                                 const dss_evaluation_row *like, const char *group,
                                                 const char *versus, const char *statistic,
                                                 double estimate) {
  case_must(context, DSS_GROW(context, &e->rows, &e->rows_room, e->n_rows + 1));
  dss_evaluation_row *row = &e->rows[e->n_rows++];
  *row = *like;
  row->group = evaluation_text(context, e, group);
  row->versus = evaluation_text(context, e, versus);
  row->statistic = evaluation_text(context, e, statistic);
  row->raters = 3 + 5 * (e->n_rows % 40);
  row->n_items = 200;
  row->ratings = 1000;
  memset(&row->cell, 0, sizeof row->cell);
  row->cell.ci_method = "";
  row->cell.estimate = estimate;
  row->cell.p = row->cell.q_bh = row->cell.null_min = row->cell.null_max = NAN;
  for (size_t i = 0; i < DSS_N_QUANTILES; i++)
    row->cell.quantiles[i] = NAN;
  return row;
}

/* middle, deviation: of the null; NaN: the row is no test. */
static inline void evaluation_fill(const evaluation_case *c, dss_evaluation_row *row, size_t i,
                                   double middle, double deviation) {
  static const double quantiles[DSS_N_QUANTILES] = {-2.576, -1.96, -1.645, 0, 1.645, 1.96, 2.576};
  dss_cell *cell = &row->cell;
  if (!c->defined) {
    cell->estimate = NAN;
    cell->reason = DSS_REASON_NO_RATINGS;
    return;
  }
  if (c->intervals) {
    cell->ci_method = "bca";
    cell->ci_low = cell->estimate - 1.8 * fmax(deviation, 0.02);
    cell->ci_high = cell->estimate + 2.2 * fmax(deviation, 0.02);
  }
  if (!c->tested || isnan(middle)) return;
  row->permuted = true;
  cell->resamples = CASE_RESAMPLES;
  cell->null_mean = middle;
  cell->null_sd = deviation;
  cell->null_min = middle - 4.0 * deviation;
  cell->null_max = middle + 4.0 * deviation;
  for (size_t k = 0; k < DSS_N_QUANTILES; k++)
    cell->quantiles[k] = middle + quantiles[k] * deviation;
  cell->p = 0.3;
  cell->q_bh = 0.6;
  if (c->significant && i % 4 == 1) cell->p = 0.001, cell->q_bh = 0.01;
  if (c->significant && i % 4 == 3) cell->p = 0.03, cell->q_bh = 0.12;
  cell->direction = cell->estimate > middle ? 1 : -1;
}

/* Undefined, withheld, without an end, wild. */
static inline void evaluation_make_odd(const evaluation_case *c, dss_evaluation_row *row,
                                       size_t i) {
  dss_cell *cell = &row->cell;
  if (!c->odd || !c->defined) return;
  if (i == 2) {
    cell->estimate = NAN;
    cell->reason = DSS_REASON_TOO_FEW_RATERS;
  }
  if (i == 3) {
    cell->ci_method = "";
    cell->ci_withheld = DSS_WITHHELD_OFTEN_UNDEFINED;
  }
  if (i == 4) {
    cell->ci_low = -1e9;
    cell->ci_high = INFINITY;
    cell->flagged = true;
  }
}

/* What a group's value is: different from group to group, and smaller in later parts. */
static inline double evaluation_value(const evaluation_case *c, size_t g, size_t part) {
  double far = c->significant && g % 4 == 1 ? 0.6 : 0.0;
  return 2.4 + 0.2 * sin((double)g) + far - 0.15 * (double)part;
}

static inline void evaluation_severity(dss_context *context, const evaluation_case *c,
                                       dss_evaluation *e, const dss_evaluation_row *like,
                                       size_t part) {
  char one[400], two[400];
  for (size_t g = 0; g < c->n_groups; g++) {
    evaluation_name(c, g, one);
    double value = evaluation_value(c, g, part);
    dss_evaluation_row *row = evaluation_add(context, e, like, one, "", "mean", value);
    evaluation_fill(c, row, g, 2.4, 0.1);
    evaluation_make_odd(c, row, g);
  }
  dss_evaluation_row everyone = *like;
  everyone.axis = evaluation_text(context, e, "");
  evaluation_fill(c, evaluation_add(context, e, &everyone, "", "", "mean", 2.42), 0, NAN, 0.05);
  evaluation_fill(c, evaluation_add(context, e, like, "", "", "anova_f", 3.1), 1, 1.0, 0.4);
  for (size_t g = 0; g < c->n_groups; g++) {
    evaluation_name(c, g, one);
    double value = evaluation_value(c, g, part) - 2.42;
    dss_evaluation_row *row =
        evaluation_add(context, e, like, one, DSS_EVERYONE_ELSE, "mean_difference", value);
    evaluation_fill(c, row, g, 0.0, 0.1);
    evaluation_make_odd(c, row, g);
  }
  for (size_t g = 0; g < c->n_groups; g++)
    for (size_t h = g + 1; h < c->n_groups; h++) {
      evaluation_name(c, g, one);
      evaluation_name(c, h, two);
      double value = evaluation_value(c, g, part) - evaluation_value(c, h, part);
      dss_evaluation_row *row =
          evaluation_add(context, e, like, one, two, "mean_difference", value);
      evaluation_fill(c, row, g + h, 0.0, 0.14);
      evaluation_make_odd(c, row, g * 10 + h);
    }
}

static inline void evaluation_classify(dss_context *context, const evaluation_case *c,
                                       dss_evaluation *e, const dss_evaluation_row *like,
                                       size_t part) {
  char one[400];
  for (size_t k = 0; k < 2; k++) {
    dss_evaluation_row of = *like;
    of.source = evaluation_text(context, e, k ? "Classifier B" : "Classifier A");
    for (size_t g = 0; g < c->n_groups; g++) {
      evaluation_name(c, g, one);
      double value = evaluation_value(c, g, part) / 10.0 + 0.1 * (double)k;
      evaluation_add(context, e, &of, one, "", "tp", 40.0 + (double)g);
      evaluation_fill(c, evaluation_add(context, e, &of, one, "", "fnr", value), g, NAN, 0.03);
      evaluation_fill(
          c, evaluation_add(context, e, &of, one, DSS_EVERYONE_ELSE, "fnr_gap", value - 0.25), g,
          0.0, 0.02);
    }
    evaluation_fill(c, evaluation_add(context, e, &of, "", "", "largest_fnr_gap", 0.1), 1, 0.05,
                    0.02);
  }
}

static inline void evaluation_steer(dss_context *context, const evaluation_case *c,
                                    dss_evaluation *e, const dss_evaluation_row *like,
                                    size_t part) {
  char one[400], two[400];
  dss_evaluation_row steered = *like, baseline = *like;
  steered.source = evaluation_text(context, e, "steered");
  baseline.source = evaluation_text(context, e, "baseline");
  for (size_t g = 0; g <= c->n_groups; g++) { /* the first is all groups together */
    *one = '\0';
    if (g > 0) evaluation_name(c, g - 1, one);
    double value = 0.4 + 0.05 * sin((double)g) - 0.02 * (double)part;
    evaluation_fill(c, evaluation_add(context, e, &steered, one, "", "pearson", value), g, NAN,
                    0.04);
    evaluation_fill(c, evaluation_add(context, e, &baseline, one, "", "pearson", value - 0.1), g,
                    NAN, 0.04);
    evaluation_fill(c, evaluation_add(context, e, &steered, one, "", "pearson_gain", 0.1), g, 0.0,
                    0.03);
  }
  for (size_t g = 0; g < c->n_groups && part == 0; g++)
    for (size_t h = 0; h < c->n_groups; h++) {
      if (h == g) continue;
      evaluation_name(c, g, one);
      evaluation_name(c, h, two);
      double value = 0.2 + 0.1 * sin((double)(3 * g + h));
      evaluation_fill(c,
                      evaluation_add(context, e, &steered, one, two, "pearson_missteered", value),
                      g, NAN, 0.04);
    }
}

static inline dss_evaluation *evaluation_make(dss_context *context, const evaluation_case *c) {
  dss_evaluation *e = NULL;
  case_must(context, dss_evaluation_new(context, c->kind, &e));
  for (size_t part = 0; part <= c->n_parts; part++) {
    char items[60] = "";
    if (part > 0) snprintf(items, sizeof items, "topic=part %zu", part);
    const dss_evaluation_row like = {.question = evaluation_text(context, e, "toxicity"),
                                     .source = evaluation_text(context, e, ""),
                                     .items = evaluation_text(context, e, items),
                                     .axis = evaluation_text(context, e, "gender*age")};
    if (c->kind == DSS_EVALUATION_SEVERITY) evaluation_severity(context, c, e, &like, part);
    if (c->kind == DSS_EVALUATION_CLASSIFY) evaluation_classify(context, c, e, &like, part);
    if (c->kind == DSS_EVALUATION_STEER) evaluation_steer(context, c, e, &like, part);
  }
  case_must(context, dss_evaluation_set(context, e, "created_at", "2026-01-02T03:04:05Z"));
  case_must(context, dss_evaluation_set(context, e, "scheme", "free"));
  case_must(context, dss_evaluation_set(context, e, "seed", "1"));
  return e;
}

#endif
