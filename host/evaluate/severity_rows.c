#include "severity_rows.h"

#include <math.h>

#include "host/core/alloc.h"

static size_t count(const dss_severity_scale *scale, const dss_severity_statistic *list, size_t n) {
  size_t has = 0;
  for (size_t i = 0; i < n; i++)
    has += dss_severity_has(scale, list[i]);
  return has;
}

size_t dss_severity_axis_rows(const dss_severity_scale *scale, uint32_t n_groups) {
  size_t of_two = count(scale, dss_severity_of_two, DSS_SEVERITY_OF_TWO);
  size_t pairs = scale->pairs ? (size_t)n_groups * (n_groups - 1) / 2 : 0;
  return count(scale, dss_severity_omnibus, DSS_SEVERITY_OMNIBUS) +
         n_groups * (count(scale, dss_severity_of_group, DSS_SEVERITY_OF_GROUP) + of_two) +
         pairs * of_two;
}

size_t dss_severity_everyone_rows(const dss_severity_scale *scale) {
  return count(scale, dss_severity_of_group, DSS_SEVERITY_OF_GROUP);
}

/* What the rows of a block and axis have in common. */
typedef struct row_maker {
  dss_context *context;
  const dss_plan *plan;
  const dss_severity_block *block;
  dss_evaluation *evaluation;
  size_t axis, first_group;
  uint32_t n_groups;
  const dss_tally_counts *counts; /* [n_groups + 1] */
  const double *observed;         /* the next row's value */
} row_maker;

static dss_status add(row_maker *m, dss_severity_statistic statistic, const dss_tally_counts *of,
                      dss_row_spec *spec) {
  spec->question = m->block->source->name;
  spec->items = m->block->part->name;
  spec->statistic = dss_severity_name(statistic);
  spec->axis = m->axis;
  spec->raters = of->raters;
  spec->n_items = of->items;
  spec->ratings = of->ratings;
  m->observed++;
  return dss_evaluation_add(m->context, m->evaluation, m->plan, spec);
}

/* Why a group has no values. */
static dss_reason why_not(const row_maker *m, uint32_t group) {
  if (!m->plan->kernel.tested[m->first_group + group]) return DSS_REASON_TOO_FEW_RATERS;
  return m->counts[group].ratings == 0 ? DSS_REASON_NO_RATINGS : DSS_REASON_NONE;
}

/* Both groups' counts: who of two groups of an axis rated is of one of them. Items are not added:
 * the two may share some. */
static dss_status add_two(row_maker *m, dss_severity_statistic statistic, uint32_t group,
                          size_t versus, dss_reason other) {
  dss_reason own = why_not(m, group), reason = own != DSS_REASON_NONE ? own : other;
  dss_row_spec spec = {.group = m->first_group + group,
                       .versus = versus,
                       .permuted = reason == DSS_REASON_NONE,
                       .resampled = reason == DSS_REASON_NONE,
                       .reason = reason};
  return add(m, statistic, &m->counts[group], &spec);
}

static dss_status add_omnibus(row_maker *m) {
  uint32_t rated = 0;
  for (uint32_t g = 0; g < m->n_groups; g++)
    rated += m->counts[g].ratings > 0;
  for (size_t i = 0; i < DSS_SEVERITY_OMNIBUS; i++) {
    if (!dss_severity_has(&m->block->source->scale, dss_severity_omnibus[i])) continue;
    dss_reason reason = rated < 2             ? DSS_REASON_ONE_GROUP
                        : isnan(*m->observed) ? DSS_REASON_CONSTANT_RATINGS
                                              : DSS_REASON_NONE;
    dss_row_spec spec = {.group = DSS_NOWHERE,
                         .versus = DSS_NOWHERE,
                         .upper = true,
                         .permuted = reason == DSS_REASON_NONE,
                         .reason = reason};
    DSS_TRY(add(m, dss_severity_omnibus[i], &m->counts[m->n_groups], &spec));
  }
  return DSS_OK;
}

static dss_status add_groups(row_maker *m) {
  for (size_t i = 0; i < DSS_SEVERITY_OF_GROUP; i++)
    for (uint32_t g = 0;
         dss_severity_has(&m->block->source->scale, dss_severity_of_group[i]) && g < m->n_groups;
         g++)
      DSS_TRY(add_two(m, dss_severity_of_group[i], g, DSS_NOWHERE, DSS_REASON_NONE));
  return DSS_OK;
}

static dss_status add_rest(row_maker *m) {
  for (size_t i = 0; i < DSS_SEVERITY_OF_TWO; i++)
    for (uint32_t g = 0;
         dss_severity_has(&m->block->source->scale, dss_severity_of_two[i]) && g < m->n_groups;
         g++) {
      bool alone = m->counts[m->n_groups].ratings == m->counts[g].ratings;
      DSS_TRY(add_two(m, dss_severity_of_two[i], g, DSS_ELSE,
                      alone ? DSS_REASON_NO_VERSUS : DSS_REASON_NONE));
    }
  return DSS_OK;
}

static dss_status add_pairs(row_maker *m) {
  for (uint32_t x = 0; x < m->n_groups; x++)
    for (size_t i = 0; i < DSS_SEVERITY_OF_TWO; i++)
      for (uint32_t y = x + 1;
           dss_severity_has(&m->block->source->scale, dss_severity_of_two[i]) && y < m->n_groups;
           y++) {
        dss_reason other = why_not(m, y);
        if (other == DSS_REASON_NO_RATINGS) other = DSS_REASON_NO_VERSUS;
        DSS_TRY(add_two(m, dss_severity_of_two[i], x, m->first_group + y, other));
      }
  return DSS_OK;
}

static dss_status add_axis(row_maker *m) {
  DSS_TRY(add_omnibus(m));
  DSS_TRY(add_groups(m));
  DSS_TRY(add_rest(m));
  return m->block->source->scale.pairs ? add_pairs(m) : DSS_OK;
}

static dss_status add_everyone(row_maker *m) {
  for (size_t i = 0; i < DSS_SEVERITY_OF_GROUP; i++) {
    if (!dss_severity_has(&m->block->source->scale, dss_severity_of_group[i])) continue;
    bool none = m->counts[0].ratings == 0;
    dss_row_spec spec = {.group = DSS_NOWHERE,
                         .versus = DSS_NOWHERE,
                         .resampled = !none,
                         .reason = none ? DSS_REASON_NO_RATINGS : DSS_REASON_NONE};
    DSS_TRY(add(m, dss_severity_of_group[i], &m->counts[0], &spec));
  }
  return DSS_OK;
}

static dss_status add_all(row_maker *m, const dss_rated *rated, dss_tally_counts *counts) {
  const dss_kernel_plan *plan = &rated->plan->kernel;
  m->counts = counts;
  m->axis = DSS_NOWHERE;
  DSS_TRY(dss_tallies_count(m->context, rated, m->block->tallied, DSS_NOWHERE, counts));
  DSS_TRY(add_everyone(m));
  for (m->axis = 0; m->axis < plan->n_axes; m->axis++) {
    m->first_group = plan->axes[m->axis].first_group;
    m->n_groups = plan->axes[m->axis].n_groups;
    DSS_TRY(dss_tallies_count(m->context, rated, m->block->tallied, m->axis, counts));
    DSS_TRY(add_axis(m));
  }
  return DSS_OK;
}

dss_status dss_severity_add_rows(dss_context *context, const dss_rated *rated,
                                 const dss_severity_block *block, const double *observed,
                                 dss_evaluation *evaluation) {
  row_maker m = {.context = context,
                 .plan = rated->plan,
                 .block = block,
                 .evaluation = evaluation,
                 .observed = observed};
  dss_tally_counts *counts;
  DSS_TRY(DSS_ALLOC(context, &counts, rated->plan->kernel.n_groups + 1));
  dss_status status = add_all(&m, rated, counts);
  free(counts);
  return status;
}
