#include "comparison.h"

#include <math.h>

#include "host/core/alloc.h"

dss_compared_axis dss_compared_axis_of(const dss_kernel_plan *plan, size_t axis, bool pairs) {
  const dss_kernel_axis *groups = &plan->axes[axis];
  const uint8_t *tested = &plan->tested[groups->first_group];
  bool two = groups->n_groups == 2 && tested[0] && tested[1];
  return (dss_compared_axis){groups->n_groups, tested, !two, pairs || two, NULL};
}

size_t dss_comparison_axis_rows(const dss_comparison *c, const dss_compared_axis *axis) {
  size_t n_groups = axis->n_groups;
  size_t two = (axis->rest ? n_groups : 0) + (axis->pairs ? n_groups * (n_groups - 1) / 2 : 0);
  return c->omnibus.n + n_groups * c->of_group.n + two * c->of_two.n;
}

size_t dss_comparison_rows(const dss_comparison *c, const dss_kernel_plan *plan) {
  size_t rows = c->of_group.n;
  for (size_t a = 0; a < plan->n_axes; a++) {
    dss_compared_axis axis = dss_compared_axis_of(plan, a, c->pairs);
    rows += dss_comparison_axis_rows(c, &axis);
  }
  return rows;
}

/* What the rows of an axis have in common. */
typedef struct row_maker {
  dss_context *context;
  const dss_plan *plan;
  const dss_comparison *comparison;
  dss_evaluation *evaluation;
  size_t axis, first_group;
  uint32_t n_groups;
  const dss_tally_counts *counts; /* [n_groups + 1] */
  const double *observed;         /* the next row's value */
} row_maker;

/* reason: why there is no value, as far as ratings tell. */
static dss_status add(row_maker *m, const char *statistic, const dss_tally_counts *of,
                      dss_reason reason, dss_row_spec *spec) {
  if (reason == DSS_REASON_NONE && isnan(*m->observed)) reason = m->comparison->undefined;
  m->observed++;
  spec->question = m->comparison->question;
  spec->items = m->comparison->items;
  spec->statistic = statistic;
  spec->axis = m->axis;
  spec->raters = of->raters;
  spec->n_items = of->items;
  spec->ratings = of->ratings;
  spec->permuted &= reason == DSS_REASON_NONE;
  spec->resampled &= reason == DSS_REASON_NONE;
  spec->reason = reason;
  return dss_evaluation_add(m->context, m->evaluation, m->plan, spec);
}

/* Why a group has no values. */
static dss_reason why_not(const row_maker *m, uint32_t group) {
  if (!m->plan->kernel.tested[m->first_group + group]) return DSS_REASON_TOO_FEW_RATERS;
  if (m->counts[group].ratings == 0) return DSS_REASON_NO_RATINGS;
  const uint8_t *tested = m->comparison->tested;
  return tested && !tested[m->first_group + group] ? m->comparison->silent : DSS_REASON_NONE;
}

/* The i-th of the list. Counts are the group's, whatever it is compared with. */
static dss_status add_of(row_maker *m, const dss_comparison_names *list, size_t i, uint32_t group,
                         size_t versus, dss_reason other) {
  dss_reason own = why_not(m, group);
  dss_row_spec spec = {.group = m->first_group + group,
                       .versus = versus,
                       .permuted = true,
                       .resampled = !list->biased[i],
                       .biased = list->biased[i]};
  return add(m, list->names[i], &m->counts[group], own != DSS_REASON_NONE ? own : other, &spec);
}

static dss_status add_omnibus(row_maker *m) {
  const dss_comparison_names *list = &m->comparison->omnibus;
  uint32_t rated = 0;
  for (uint32_t g = 0; g < m->n_groups; g++)
    rated += m->counts[g].ratings > 0;
  for (size_t i = 0; i < list->n; i++) {
    dss_row_spec spec = {.group = DSS_NOWHERE,
                         .versus = DSS_NOWHERE,
                         .upper = true,
                         .permuted = true,
                         .biased = true};
    DSS_TRY(add(m, list->names[i], &m->counts[m->n_groups],
                rated < 2 ? DSS_REASON_ONE_GROUP : DSS_REASON_NONE, &spec));
  }
  return DSS_OK;
}

static dss_status add_groups(row_maker *m) {
  const dss_comparison_names *list = &m->comparison->of_group;
  for (size_t i = 0; i < list->n; i++)
    for (uint32_t g = 0; g < m->n_groups; g++)
      DSS_TRY(add_of(m, list, i, g, DSS_NOWHERE, DSS_REASON_NONE));
  return DSS_OK;
}

static dss_status add_rest(row_maker *m) {
  const dss_comparison_names *list = &m->comparison->of_two;
  for (size_t i = 0; i < list->n; i++)
    for (uint32_t g = 0; g < m->n_groups; g++) {
      const uint8_t *says = m->comparison->rest_says;
      dss_reason other =
          says && !says[m->first_group + g] ? m->comparison->silent : DSS_REASON_NONE;
      bool alone = m->counts[m->n_groups].ratings == m->counts[g].ratings;
      DSS_TRY(add_of(m, list, i, g, DSS_ELSE, alone ? DSS_REASON_NO_VERSUS : other));
    }
  return DSS_OK;
}

static dss_status add_pairs(row_maker *m) {
  const dss_comparison_names *list = &m->comparison->of_two;
  for (uint32_t x = 0; x < m->n_groups; x++)
    for (size_t i = 0; i < list->n; i++)
      for (uint32_t y = x + 1; y < m->n_groups; y++) {
        dss_reason other = why_not(m, y);
        if (other == DSS_REASON_NO_RATINGS) other = DSS_REASON_NO_VERSUS;
        DSS_TRY(add_of(m, list, i, x, m->first_group + y, other));
      }
  return DSS_OK;
}

static dss_status add_everyone(row_maker *m) {
  const dss_comparison_names *list = &m->comparison->of_group;
  for (size_t i = 0; i < list->n; i++) {
    dss_row_spec spec = {.group = DSS_NOWHERE,
                         .versus = DSS_NOWHERE,
                         .resampled = !list->biased[i],
                         .biased = list->biased[i]};
    DSS_TRY(add(m, list->names[i], &m->counts[0],
                m->counts[0].ratings == 0 ? DSS_REASON_NO_RATINGS : DSS_REASON_NONE, &spec));
  }
  return DSS_OK;
}

static dss_status add_all(row_maker *m, const dss_rated *rated, const dss_tally_block *block,
                          dss_tally_counts *counts) {
  const dss_kernel_plan *plan = &rated->plan->kernel;
  m->counts = counts;
  m->axis = DSS_NOWHERE;
  DSS_TRY(dss_tallies_count(m->context, rated, block, DSS_NOWHERE, counts));
  DSS_TRY(add_everyone(m));
  for (m->axis = 0; m->axis < plan->n_axes; m->axis++) {
    m->first_group = plan->axes[m->axis].first_group;
    m->n_groups = plan->axes[m->axis].n_groups;
    DSS_TRY(dss_tallies_count(m->context, rated, block, m->axis, counts));
    DSS_TRY(add_omnibus(m));
    DSS_TRY(add_groups(m));
    dss_compared_axis axis = dss_compared_axis_of(plan, m->axis, m->comparison->pairs);
    if (axis.rest) DSS_TRY(add_rest(m));
    if (axis.pairs) DSS_TRY(add_pairs(m));
  }
  return DSS_OK;
}

dss_status dss_comparison_add(dss_context *context, const dss_rated *rated,
                              const dss_comparison *comparison, const dss_tally_block *block,
                              const double *observed, dss_evaluation *evaluation) {
  row_maker m = {.context = context,
                 .plan = rated->plan,
                 .comparison = comparison,
                 .evaluation = evaluation,
                 .observed = observed};
  dss_tally_counts *counts;
  DSS_TRY(DSS_ALLOC(context, &counts, rated->plan->kernel.n_groups + 1));
  dss_status status = add_all(&m, rated, block, counts);
  free(counts);
  return status;
}
