#include "comparison.h"

#include "host/core/alloc.h"

typedef struct compared {
  const dss_kernel_plan *plan;
  size_t n, n_rows;
  const dss_comparison *comparisons;
  const dss_tally_block *blocks;
  dss_tallies *tallies;
  double *everyone; /* [columns] */
  size_t formulas_scratch;
} compared;

/* What a call works with; the last stands behind the others. */
typedef struct work {
  double *groups;   /* [columns][n_groups] */
  double *everyone; /* [columns] */
  double *formulas, *tallies;
} work;

static work work_in(const compared *c, void *scratch) {
  size_t columns = dss_tallies_columns(c->tallies);
  work w = {.groups = scratch};
  w.everyone = w.groups + columns * c->plan->n_groups;
  w.formulas = w.everyone + columns;
  w.tallies = w.formulas + c->formulas_scratch;
  return w;
}

static size_t scratch_bytes(const compared *c) {
  size_t columns = dss_tallies_columns(c->tallies);
  return (columns * (c->plan->n_groups + 1) + c->formulas_scratch) * sizeof(double) +
         dss_tallies_scratch(c->tallies);
}

/* From tallies to values. everyone NULL: those of all raters are left alone. */
static void put(const compared *c, const work *w, const double *everyone, double *out) {
  for (size_t n = 0; n < c->n; n++) {
    const dss_comparison *comparison = &c->comparisons[n];
    uint32_t first = c->blocks[n].first;
    if (everyone)
      comparison->formulas->everyone(comparison->of, &everyone[first], w->formulas, out);
    out += comparison->of_group.n;
    for (size_t a = 0; a < c->plan->n_axes; a++) {
      size_t group = c->plan->axes[a].first_group, n_groups = c->plan->n_groups;
      dss_compared_axis axis = dss_compared_axis_of(c->plan, a, comparison->pairs);
      if (comparison->tested) axis.tested = &comparison->tested[group];
      if (comparison->rest_says) axis.rest_says = &comparison->rest_says[group];
      comparison->formulas->axis(comparison->of, &axis, &w->groups[first * n_groups + group],
                                 n_groups, w->formulas, out);
      out += dss_comparison_axis_rows(comparison, &axis);
    }
  }
}

static void permuted(const void *of, uint64_t first, uint64_t count, void *scratch, double *out) {
  const compared *c = of;
  work w = work_in(c, scratch);
  for (uint64_t i = 0; i < count; i++) {
    dss_tallies_permuted(c->tallies, first + i, w.tallies, w.groups);
    put(c, &w, first == DSS_RESAMPLE_NONE ? c->everyone : NULL, out + i * c->n_rows);
  }
}

static void resampled(const void *of, const dss_weighting *weights, void *scratch, double *out) {
  const compared *c = of;
  work w = work_in(c, scratch);
  dss_tallies_weighted(c->tallies, weights, w.tallies, w.groups, w.everyone);
  put(c, &w, w.everyone, out);
}

static void measure(compared *c) {
  for (size_t n = 0; n < c->n; n++) {
    const dss_comparison *comparison = &c->comparisons[n];
    c->n_rows += dss_comparison_rows(comparison, c->plan);
    for (size_t a = 0; a < c->plan->n_axes; a++) {
      size_t room = comparison->formulas->scratch(comparison->of, c->plan->axes[a].n_groups);
      if (room > c->formulas_scratch) c->formulas_scratch = room;
    }
  }
}

/* observed [n_rows] and scratch are room for it. */
static dss_status add_observed(dss_context *context, const compared *c, const dss_rated *rated,
                               void *scratch, double *observed, dss_evaluation *evaluation) {
  permuted(c, DSS_RESAMPLE_NONE, 1, scratch, observed);
  for (size_t n = 0; n < c->n; n++) {
    DSS_TRY(dss_comparison_add(context, rated, &c->comparisons[n], &c->blocks[n], observed,
                               evaluation));
    observed += dss_comparison_rows(&c->comparisons[n], c->plan);
  }
  return DSS_OK;
}

static dss_status add_rows(dss_context *context, const compared *c, const dss_rated *rated,
                           dss_evaluation *evaluation) {
  double *observed = NULL;
  unsigned char *scratch = NULL;
  dss_status status = DSS_ALLOC(context, &observed, c->n_rows);
  if (status == DSS_OK) status = DSS_ALLOC(context, &scratch, scratch_bytes(c));
  if (status == DSS_OK) status = add_observed(context, c, rated, scratch, observed, evaluation);
  free(observed);
  free(scratch);
  return status;
}

dss_status dss_compare(dss_context *context, const dss_rated *rated, const dss_evaluation_run *run,
                       const dss_comparison *comparisons, const dss_tally_block *blocks, size_t n,
                       dss_evaluation *evaluation) {
  compared c = {.plan = &rated->plan->kernel, .n = n, .comparisons = comparisons, .blocks = blocks};
  measure(&c);
  dss_status status = dss_tallies_new(context, rated, blocks, n, &c.tallies);
  if (status == DSS_OK) status = DSS_ALLOC(context, &c.everyone, dss_tallies_columns(c.tallies));
  if (status == DSS_OK) dss_tallies_everyone(c.tallies, c.everyone);
  if (status == DSS_OK) status = add_rows(context, &c, rated, evaluation);
  if (status == DSS_OK) {
    dss_evaluator by = {&c, scratch_bytes(&c), permuted, resampled};
    status = dss_evaluate(context, rated, run, &by, evaluation);
  }
  dss_tallies_free(c.tallies);
  free(c.everyone);
  return status;
}
