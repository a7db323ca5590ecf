/* An evaluation whose numbers are easy to redo: means of codes by group, their differences, and for
 * each axis how far apart two groups can be. For tests of what all evaluations share. */
#ifndef DSS_TESTS_EVALUATION_TOY_H
#define DSS_TESTS_EVALUATION_TOY_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/evaluate/evaluate.h"

/* What a row's value is made of, in the evaluation's order. */
typedef struct toy_row {
  size_t question, axis, group, versus;
} toy_row;

enum { TOY_ROWS = 4096 };

typedef struct toy {
  const dss_rated *rated;
  size_t n_rows;
  toy_row rows[TOY_ROWS];
} toy;

/* Weighted sums of a group, and of everyone. */
typedef struct toy_sums {
  uint64_t weight, code;
} toy_sums;

static inline double toy_mean(toy_sums s) {
  return s.weight > 0 ? (double)s.code / (double)s.weight : NAN;
}

/* sums [n_groups + 1] of one question, the last over everyone. group_of(axis, rater) and the
 * weights say whose ratings count where. source NULL: the observed profiles. */
static inline void toy_add(const toy *t, size_t q, const uint32_t *source,
                           const dss_weighting *weights, toy_sums *sums) {
  const dss_rated_question *question = &t->rated->questions[q];
  const dss_kernel_plan *kernel = &t->rated->plan->kernel;
  memset(sums, 0, (kernel->n_groups + 1) * sizeof *sums);
  for (uint32_t u = 0; u < t->rated->n_items; u++)
    for (uint64_t i = question->item_ptr[u]; i < question->item_ptr[u + 1]; i++) {
      uint32_t r = question->rater[i];
      uint64_t item = weights ? weights->items[u] : 1;
      uint64_t all = item * (weights ? weights->everyone[r] : 1);
      sums[kernel->n_groups].weight += all;
      sums[kernel->n_groups].code += all * question->code[i];
      for (size_t a = 0; a < kernel->n_axes; a++) {
        int32_t g = kernel->axes[a].group[source ? source[r] : r];
        uint64_t own = item * (weights ? weights->raters[a][r] : 1);
        if (g < 0) continue;
        sums[kernel->axes[a].first_group + (size_t)g].weight += own;
        sums[kernel->axes[a].first_group + (size_t)g].code += own * question->code[i];
      }
    }
}

/* Of two means, from integers by one division, so that what is equal is so to the bit. */
static inline double toy_difference(toy_sums a, toy_sums b) {
  if (a.weight == 0 || b.weight == 0) return NAN;
  double gap = (double)((int64_t)(a.code * b.weight) - (int64_t)(b.code * a.weight));
  return gap / (double)(a.weight * b.weight);
}

/* The largest difference of two groups' means. */
static inline double toy_omnibus(const toy *t, size_t axis, const toy_sums *sums) {
  const dss_kernel_axis *a = &t->rated->plan->kernel.axes[axis];
  double value = NAN;
  for (size_t g = a->first_group; g < a->first_group + a->n_groups; g++)
    for (size_t h = a->first_group; h < g; h++)
      value = fmax(value, fabs(toy_difference(sums[g], sums[h])));
  return value;
}

static inline double toy_value(const toy *t, const toy_row *row, const toy_sums *sums) {
  const dss_kernel_plan *kernel = &t->rated->plan->kernel;
  if (row->axis == DSS_NOWHERE) return toy_mean(sums[kernel->n_groups]);
  if (row->group == DSS_NOWHERE) return toy_omnibus(t, row->axis, sums);
  if (!kernel->tested[row->group]) return NAN;
  if (row->versus == DSS_NOWHERE) return toy_mean(sums[row->group]);
  toy_sums others = {0, 0};
  const dss_kernel_axis *a = &kernel->axes[row->axis];
  for (size_t g = a->first_group; g < a->first_group + a->n_groups; g++) {
    if (row->versus == DSS_ELSE ? g == row->group : g != row->versus) continue;
    others.weight += sums[g].weight;
    others.code += sums[g].code;
  }
  return toy_difference(sums[row->group], others);
}

static inline void toy_values(const toy *t, const uint32_t *source, const dss_weighting *weights,
                              toy_sums *sums, double *out) {
  size_t q = SIZE_MAX;
  for (size_t row = 0; row < t->n_rows; row++) {
    if (t->rows[row].question != q) toy_add(t, t->rows[row].question, source, weights, sums);
    q = t->rows[row].question;
    out[row] = toy_value(t, &t->rows[row], sums);
  }
}

static inline size_t toy_scratch(const dss_rated *rated) {
  return (rated->plan->kernel.n_groups + 1) * sizeof(toy_sums) +
         2 * (size_t)rated->n_raters * sizeof(uint32_t);
}

static inline void toy_permuted(const void *of, uint64_t first, uint64_t count, void *scratch,
                                double *out) {
  const toy *t = of;
  toy_sums *sums = scratch;
  uint32_t *source = (uint32_t *)(sums + t->rated->plan->kernel.n_groups + 1);
  for (uint64_t b = 0; b < count; b++) {
    dss_exchange_profiles(&t->rated->plan->kernel.exchange, first + b, source + t->rated->n_raters,
                          source);
    toy_values(t, source, NULL, sums, out + b * t->n_rows);
  }
}

static inline void toy_resampled(const void *of, const dss_weighting *weights, void *scratch,
                                 double *out) {
  toy_values(of, NULL, weights, scratch, out);
}

static inline dss_status toy_add_row(dss_context *context, toy *t, dss_evaluation *e, toy_row row) {
  const dss_plan *plan = t->rated->plan;
  bool small = row.group != DSS_NOWHERE && !plan->kernel.tested[row.group];
  bool omnibus = row.axis != DSS_NOWHERE && row.group == DSS_NOWHERE;
  if (t->n_rows == TOY_ROWS) return dss_fail(context, DSS_ERR_INTERNAL, "too many rows for a toy");
  t->rows[t->n_rows++] = row;
  return dss_evaluation_add(
      context, e, plan,
      &(dss_row_spec){.question = plan->questions[row.question].name,
                      .statistic = omnibus                     ? "spread"
                                   : row.versus == DSS_NOWHERE ? "mean"
                                                               : "difference",
                      .axis = row.axis,
                      .group = row.group,
                      .versus = row.versus,
                      .raters = row.group == DSS_NOWHERE ? t->rated->n_raters
                                                         : plan->groups[row.group].raters,
                      .n_items = t->rated->n_items,
                      .ratings = t->rated->questions[row.question].n_ratings,
                      .upper = omnibus,
                      .permuted = row.axis != DSS_NOWHERE,
                      .resampled = true,
                      .reason = small ? DSS_REASON_TOO_FEW_RATERS : DSS_REASON_NO_RATINGS});
}

/* For each question everyone's mean; for each axis the spread, and for each group its mean, against
 * everyone else, and against the first group. */
static inline dss_status toy_rows(dss_context *context, toy *t, dss_evaluation *e) {
  const dss_kernel_plan *kernel = &t->rated->plan->kernel;
  for (size_t q = 0; q < t->rated->n_questions; q++) {
    DSS_TRY(toy_add_row(context, t, e, (toy_row){q, DSS_NOWHERE, DSS_NOWHERE, DSS_NOWHERE}));
    for (size_t a = 0; a < kernel->n_axes; a++) {
      size_t first = kernel->axes[a].first_group;
      DSS_TRY(toy_add_row(context, t, e, (toy_row){q, a, DSS_NOWHERE, DSS_NOWHERE}));
      for (size_t g = first; g < first + kernel->axes[a].n_groups; g++) {
        DSS_TRY(toy_add_row(context, t, e, (toy_row){q, a, g, DSS_NOWHERE}));
        DSS_TRY(toy_add_row(context, t, e, (toy_row){q, a, g, DSS_ELSE}));
        if (g > first) DSS_TRY(toy_add_row(context, t, e, (toy_row){q, a, g, first}));
      }
    }
  }
  return DSS_OK;
}

/* The evaluation of a study; its kind is as good as any. */
static inline dss_status toy_evaluate(dss_context *context, const dss_study *study,
                                      const dss_evaluation_run *run, dss_evaluation **evaluation) {
  toy t = {0};
  dss_rated *rated = NULL;
  dss_evaluation *e = NULL;
  dss_status status = dss_rated_new(context, study, run, &rated);
  t.rated = rated;
  if (status == DSS_OK) status = dss_evaluation_new(context, DSS_EVALUATION_SEVERITY, &e);
  if (status == DSS_OK) status = toy_rows(context, &t, e);
  if (status == DSS_OK) {
    const dss_evaluator by = {&t, toy_scratch(rated), toy_permuted, toy_resampled};
    status = dss_evaluate(context, rated, run, &by, e);
  }
  dss_rated_free(rated);
  if (status == DSS_OK)
    *evaluation = e;
  else
    dss_evaluation_free(e);
  return status;
}

#endif
