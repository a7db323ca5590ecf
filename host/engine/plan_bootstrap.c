/* The bootstrap's part of a plan: what its sums may reach, and whether that fits. */
#include <string.h>

#include "dissensus/results.h"
#include "host/core/alloc.h"
#include "plan.h"

/* A group's values are held at once, for the quantiles. */
#define MOST_BYTES ((uint64_t)2 << 30)

static const char *const over_names[] = {"raters", "items", "both"};
static const char *const ci_names[] = {"bca", "basic", "percentile"};
enum {
  N_OVERS = sizeof over_names / sizeof *over_names,
  N_CIS = sizeof ci_names / sizeof *ci_names
};

const char *dss_over_name(dss_over over) {
  return (unsigned)over < N_OVERS ? over_names[over] : NULL;
}

const char *dss_ci_name(dss_ci interval) {
  return (unsigned)interval < N_CIS ? ci_names[interval] : NULL;
}

bool dss_over_parse(const char *name, dss_over *over) {
  for (unsigned i = 0; i < N_OVERS; i++)
    if (strcmp(name, over_names[i]) == 0) {
      *over = (dss_over)i;
      return true;
    }
  return false;
}

bool dss_ci_parse(const char *name, dss_ci *interval) {
  for (unsigned i = 0; i < N_CIS; i++)
    if (strcmp(name, ci_names[i]) == 0) {
      *interval = (dss_ci)i;
      return true;
    }
  return false;
}

static dss_status check_memory(dss_context *context, uint64_t resamples, size_t n_statistics) {
  uint64_t most = MOST_BYTES / sizeof(double) / (n_statistics + 1);
  if (resamples <= most) return DSS_OK;
  return dss_fail(
      context, DSS_ERR_MEMORY,
      "bootstrap: %llu resamples are too many to hold; with %zu statistic%s at most %llu",
      (unsigned long long)resamples, n_statistics, n_statistics == 1 ? "" : "s",
      (unsigned long long)most);
}

/* The most ratings that one rater has. */
static dss_status most_of_a_rater(dss_context *context, const dss_kernel_question *question,
                                  uint32_t n_raters, uint64_t *most) {
  uint64_t *ratings;
  DSS_TRY(DSS_ALLOC(context, &ratings, n_raters));
  *most = 0;
  for (uint64_t i = 0; i < question->n_ratings; i++)
    if (++ratings[question->rater[i]] > *most) *most = ratings[question->rater[i]];
  free(ratings);
  return DSS_OK;
}

/* As many raters, or items, are drawn as there are: at worst one of them every time. */
static dss_status make_tables(dss_context *context, const dss_question *question,
                              const dss_kernel_question *ratings, const dss_plan *plan,
                              dss_tables *tables) {
  uint64_t raters = plan->kernel.exchange.n_raters, items = ratings->n_items, most = 0;
  bool of_raters = plan->over != DSS_OVER_ITEMS;
  if (plan->over == DSS_OVER_RATERS)
    DSS_TRY(most_of_a_rater(context, ratings, plan->kernel.exchange.n_raters, &most));
  uint64_t max_ratings = plan->over == DSS_OVER_RATERS  ? raters * most
                         : plan->over == DSS_OVER_ITEMS ? items * ratings->tables.max_unit
                                                        : items * raters;
  uint32_t max_total = of_raters ? (uint32_t)raters : ratings->tables.max_unit;
  switch (dss_tables_make_weighted(tables, (dss_tables_scale)question->scale, question->values,
                                   max_ratings, max_total, &ratings->tables)) {
  case DSS_TABLES_OK:
    return DSS_OK;
  case DSS_TABLES_NO_MEMORY:
    return dss_fail_memory(context, (uint64_t)max_total * 48);
  case DSS_TABLES_TOO_LARGE:
    break;
  }
  return dss_fail(context, DSS_ERR_DATA,
                  "question '%s': %llu raters and %llu items are too many for the exact sums of a "
                  "bootstrap over %s",
                  question->name, (unsigned long long)raters, (unsigned long long)items,
                  dss_over_name(plan->over));
}

dss_status dss_check_bootstrap(dss_context *context, uint64_t resamples) {
  if (resamples == 0 || resamples >= DSS_INTERVAL_LEAST_RESAMPLES) return DSS_OK;
  return dss_fail(context, DSS_ERR_USAGE,
                  "bootstrap: %llu resample%s too few for 95%% intervals, which need %u at least",
                  (unsigned long long)resamples, resamples == 1 ? " is" : "s are",
                  DSS_INTERVAL_LEAST_RESAMPLES);
}

dss_status dss_plan_bootstrap(dss_context *context, const dss_study *study,
                              const dss_plan_options *options, const dss_selection *selection,
                              dss_plan *plan) {
  plan->bootstrap = options->bootstrap;
  plan->over = options->over;
  plan->interval = options->interval;
  if (plan->bootstrap == 0) return DSS_OK;
  DSS_TRY(dss_check_bootstrap(context, plan->bootstrap));
  DSS_TRY(check_memory(context, plan->bootstrap, plan->kernel.n_statistics));
  DSS_TRY(DSS_ALLOC(context, &plan->bootstrap_tables, plan->kernel.n_questions));
  plan->kernel_bootstrap = (dss_kernel_bootstrap){.raters = plan->over != DSS_OVER_ITEMS,
                                                  .items = plan->over != DSS_OVER_RATERS,
                                                  .tables = plan->bootstrap_tables};
  for (size_t q = 0; q < plan->kernel.n_questions; q++)
    DSS_TRY(make_tables(context, dss_study_question(study, selection->questions[q]),
                        &plan->kernel.questions[q], plan, &plan->bootstrap_tables[q]));
  return DSS_OK;
}
