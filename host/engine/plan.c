#include "plan.h"

#include <string.h>

#include "host/core/alloc.h"
#include "plan_walk.h"

/* The kernels and the public header name the same scales and list the statistics in one order. */
_Static_assert((int)DSS_TABLES_NOMINAL == (int)DSS_NOMINAL &&
                   (int)DSS_TABLES_ORDINAL == (int)DSS_ORDINAL &&
                   (int)DSS_TABLES_INTERVAL == (int)DSS_INTERVAL &&
                   (int)DSS_TABLES_RATIO == (int)DSS_RATIO,
               "scales");

static const struct {
  const char *name, *description;
} statistics[DSS_N_STATISTICS] = {
#define DSS_X(enumerator, name, text) {name, text},
    DSS_STATISTICS(DSS_X)
#undef DSS_X
};

const char *dss_statistic_name(dss_statistic statistic) {
  return (unsigned)statistic < DSS_N_STATISTICS ? statistics[statistic].name : NULL;
}

const char *dss_statistic_description(dss_statistic statistic) {
  return (unsigned)statistic < DSS_N_STATISTICS ? statistics[statistic].description : NULL;
}

/* The index is never shown without its parts and the difference beside it, and what is made of
 * pairs not without what it estimates otherwise. */
static unsigned with_company(unsigned statistic) {
  switch (statistic) {
  case DSS_GAI:
    return DSS_METRICS_GAI;
  case DSS_PAIR_IRR:
    return DSS_STATISTIC_BIT(DSS_PAIR_IRR) | DSS_STATISTIC_BIT(DSS_IRR);
  case DSS_PAIR_XRR:
    return DSS_STATISTIC_BIT(DSS_PAIR_XRR) | DSS_STATISTIC_BIT(DSS_XRR);
  case DSS_PAIR_GAI:
    return DSS_METRICS_GAI | DSS_METRICS_PAIR_GAI;
  case DSS_PAIR_DIFFERENCE:
    return DSS_STATISTIC_BIT(DSS_PAIR_DIFFERENCE) | DSS_STATISTIC_BIT(DSS_DIFFERENCE);
  default:
    return DSS_STATISTIC_BIT(statistic);
  }
}

/* Bits of one name of a list; 0 for an unknown one. */
static unsigned metric_bits(const char *name, size_t length) {
  if (length == 3 && memcmp(name, "all", 3) == 0) return DSS_METRICS_ALL;
  if (length == 9 && memcmp(name, "gai-table", 9) == 0) return DSS_METRICS_GAI;
  if (length == 8 && memcmp(name, "pair-gai", 8) == 0)
    return DSS_METRICS_GAI | DSS_METRICS_PAIR_GAI;
  for (unsigned s = 0; s < DSS_N_STATISTICS; s++)
    if (strlen(statistics[s].name) == length && memcmp(statistics[s].name, name, length) == 0)
      return with_company(s);
  return 0;
}

bool dss_metrics_parse(const char *text, unsigned *metrics, const char **bad) {
  unsigned bits = 0;
  for (const char *at = text;; at++) {
    size_t length = strcspn(at, ",");
    unsigned some = metric_bits(at, length);
    if (some == 0) {
      *bad = at;
      return false;
    }
    bits |= some;
    at += length;
    if (*at == '\0') break;
  }
  *metrics = bits;
  return true;
}

void dss_plan_options_init(dss_plan_options *options) {
  *options = (dss_plan_options){
      .metrics = DSS_METRICS_GAI,
      .scheme = DSS_SCHEME_FREE,
      .permutations = 10000,
      .seed = 1,
      .min_raters = 2,
      .units = DSS_UNITS_OWN,
      .ties = DSS_TIES_SPLIT,
      .over = DSS_OVER_RATERS,
      .interval = DSS_CI_BCA,
  };
}

static dss_status check_options(dss_context *context, const dss_plan_options *options) {
  if ((options->metrics & DSS_METRICS_ALL) == 0 ||
      options->metrics & ~(DSS_METRICS_ALL | DSS_METRICS_PAIR_GAI))
    return dss_fail(context, DSS_ERR_USAGE,
                    "no statistic of items, or an unknown one, was asked for");
  if (options->permutations > (uint64_t)1 << 62)
    return dss_fail(context, DSS_ERR_USAGE, "more than 2^62 permutations");
  if (!dss_over_name(options->over) || !dss_ci_name(options->interval))
    return dss_fail(context, DSS_ERR_USAGE, "unknown kind of bootstrap or interval");
  if (options->min_raters < 2)
    return dss_fail(context, DSS_ERR_USAGE, "a group needs at least 2 raters");
  return DSS_OK;
}

/* The sums that the statistics need. */
static dss_sums_choice sums_for(const dss_plan_options *options) {
  unsigned m = options->metrics;
  unsigned of_both =
      DSS_STATISTIC_BIT(DSS_GAI) | DSS_STATISTIC_BIT(DSS_DIFFERENCE) | DSS_STATISTIC_BIT(DSS_NXRR);
  return (dss_sums_choice){
      .alpha = m & (of_both | DSS_STATISTIC_BIT(DSS_IRR)),
      .cross = m & (of_both | DSS_STATISTIC_BIT(DSS_XRR)),
      .complement = m & DSS_STATISTIC_BIT(DSS_NXRR),
      .plurality = m & DSS_STATISTIC_BIT(DSS_PLURALITY),
      .entropy = m & DSS_STATISTIC_BIT(DSS_NEGENTROPY),
      .cross_entropy = m & DSS_STATISTIC_BIT(DSS_CROSS_NEGENTROPY),
      .votes = m & DSS_STATISTIC_BIT(DSS_VOTING),
      .common_units = options->units == DSS_UNITS_COMMON,
      .skip_ties = options->ties == DSS_TIES_SKIP,
  };
}

static dss_status make(dss_context *context, const dss_study *study,
                       const dss_plan_options *options, dss_selection *selection, dss_plan *plan) {
  DSS_TRY(check_options(context, options));
  DSS_TRY(dss_select(context, study, options, selection, plan));
  plan->kernel.exchange.n_raters = selection->n_raters;
  plan->metrics = options->metrics;
  plan->kernel.metrics = options->metrics & DSS_METRICS_ALL;
  for (unsigned s = 0; s < DSS_N_ITEM_STATISTICS; s++)
    plan->kernel.n_statistics += options->metrics >> s & 1u;
  plan->kernel.choice = sums_for(options);
  plan->kernel.exchange.seed = options->seed;
  plan->scheme = options->scheme;
  plan->permutations = options->permutations;
  plan->stop_after = options->stop_after;
  plan->min_raters = options->min_raters;
  DSS_TRY(dss_plan_axes(context, study, options, selection, plan));
  DSS_TRY(dss_plan_strata(context, study, options, selection, plan));
  DSS_TRY(dss_plan_enumeration(context, plan));
  DSS_TRY(dss_go_on(context));
  DSS_TRY(dss_plan_ratings(context, study, selection, plan));
  DSS_TRY(dss_go_on(context));
  DSS_TRY(dss_plan_bootstrap(context, study, options, selection, plan));
  if (options->metrics & DSS_METRICS_PAIR_GAI)
    DSS_TRY(dss_plan_pairwise(context, study, selection, plan));
  return dss_study_digest(context, study, plan->input_sha256);
}

/* Whether no shuffle within the strata can change who is in which group of the axis. */
static bool stands_still(const dss_kernel_axis *axis, const dss_exchange *e) {
  for (uint32_t s = 0; s < e->n_strata; s++)
    for (uint32_t i = e->stratum_ptr[s] + 1; i < e->stratum_ptr[s + 1]; i++)
      if (axis->group[e->order[i]] != axis->group[e->order[i - 1]]) return false;
  return true;
}

static void warn_still_axes(dss_context *context, const dss_plan *plan) {
  /* Nothing is shuffled, or no axis changes and that was said of all of them. */
  if (plan->permutations == 0 || plan->kernel.exchange.n_arrangements == 1) return;
  for (size_t a = 0; a < plan->kernel.n_axes; a++)
    if (stands_still(&plan->kernel.axes[a], &plan->kernel.exchange))
      dss_warn(context,
               "axis %s does not change when profiles are shuffled%s%s: its p-values are 1",
               plan->axes[a].name, plan->scheme == DSS_SCHEME_FREE ? "" : " within ",
               plan->scheme_attribute);
}

dss_status dss_plan_and_selection(dss_context *context, const dss_study *study,
                                  const dss_plan_options *options, dss_selection *selection,
                                  dss_plan **plan) {
  dss_plan *made = calloc(1, sizeof *made);
  if (!made) return dss_fail_memory(context, sizeof *made);
  dss_status status = make(context, study, options, selection, made);
  if (status != DSS_OK) {
    dss_plan_free(made);
    return status;
  }
  warn_still_axes(context, made);
  *plan = made;
  return DSS_OK;
}

dss_status dss_plan_new(dss_context *context, const dss_study *study,
                        const dss_plan_options *options, dss_plan **plan) {
  dss_selection selection = {0};
  dss_status status = dss_plan_and_selection(context, study, options, &selection, plan);
  dss_selection_free(&selection);
  return status;
}

static void free_kernel(dss_plan *plan) {
  for (size_t a = 0; plan->kernel_axes && a < plan->kernel.n_axes; a++)
    free((void *)plan->kernel_axes[a].group);
  for (size_t q = 0; plan->kernel_questions && q < plan->kernel.n_questions; q++) {
    dss_kernel_question *question = &plan->kernel_questions[q];
    free((void *)question->item_ptr);
    free((void *)question->rater);
    free((void *)question->code);
    dss_tables_free(&question->tables);
    if (plan->bootstrap_tables) dss_tables_free(&plan->bootstrap_tables[q]);
  }
  free(plan->bootstrap_tables);
  free(plan->kernel_axes);
  free(plan->kernel_questions);
  free((void *)plan->kernel.exchange.stratum_ptr);
  free((void *)plan->kernel.exchange.order);
  free((void *)plan->kernel.exchange.class_of);
  free((void *)plan->kernel.exchange.representative);
  free((void *)plan->kernel.exchange.arrangements);
  free((void *)plan->kernel.tested);
}

void dss_plan_free(dss_plan *plan) {
  if (!plan) return;
  if (plan->shared) dss_plan_forget_arrays(plan);
  for (size_t q = 0; plan->questions && q < plan->kernel.n_questions; q++) {
    for (uint32_t k = 0; k < plan->questions[q].n_levels; k++)
      free(plan->questions[q].labels[k]);
    free(plan->questions[q].labels);
    free(plan->questions[q].name);
  }
  for (size_t a = 0; plan->axes && a < plan->kernel.n_axes; a++) {
    free(plan->axes[a].name);
    free(plan->axes[a].attributes);
  }
  for (size_t g = 0; plan->groups && g < plan->kernel.n_groups; g++)
    free(plan->groups[g].name);
  dss_plan_free_pairwise(plan);
  free_kernel(plan);
  free(plan->questions);
  free(plan->axes);
  free(plan->groups);
  free(plan->scheme_attribute);
  free(plan->filters);
  free(plan);
}

size_t dss_plan_n_axes(const dss_plan *plan) {
  return plan->kernel.n_axes;
}

size_t dss_plan_n_groups(const dss_plan *plan) {
  return plan->kernel.n_groups;
}

size_t dss_plan_n_questions(const dss_plan *plan) {
  return plan->kernel.n_questions;
}

const char *dss_plan_question_name(const dss_plan *plan, size_t question) {
  return question < plan->kernel.n_questions ? plan->questions[question].name : NULL;
}

const char *dss_plan_axis_name(const dss_plan *plan, size_t axis) {
  return axis < plan->kernel.n_axes ? plan->axes[axis].name : NULL;
}

size_t dss_plan_group_axis(const dss_plan *plan, size_t group) {
  return group < plan->kernel.n_groups ? plan->groups[group].axis : SIZE_MAX;
}

const char *dss_plan_group_name(const dss_plan *plan, size_t group) {
  return group < plan->kernel.n_groups ? plan->groups[group].name : NULL;
}

uint32_t dss_plan_group_raters(const dss_plan *plan, size_t group) {
  return group < plan->kernel.n_groups ? plan->groups[group].raters : 0;
}
