#include "check_measure.h"

#include <math.h>
#include <string.h>

static dss_status measure_agreement(dss_context *context, const dss_study *study,
                                    const dss_plan_options *options, unsigned threads,
                                    dss_measured *m) {
  dss_plan *plan = NULL;
  dss_run_options run;
  dss_run_options_init(&run);
  run.backend = DSS_BACKEND_CPU;
  run.threads = threads;
  dss_status status = dss_plan_new(context, study, options, &plan);
  if (status == DSS_OK) status = dss_run(context, plan, &run, &m->results);
  dss_plan_free(plan);
  return status;
}

dss_status dss_measure_groups(dss_context *context, const dss_study *study,
                              const dss_measure_asked *a, dss_measured *m) {
  dss_evaluation_run run;
  dss_severity_options severity;
  bool ordered = false;
  *m = (dss_measured){0};
  dss_evaluation_run_init(&run);
  dss_severity_options_init(&severity);
  run.threads = a->threads;
  run.plan.axes = a->axes;
  run.plan.n_axes = a->n_axes;
  run.plan.permutations = 0;
  run.plan.questions = a->questions;
  run.plan.n_questions = a->n_questions;
  DSS_TRY(measure_agreement(context, study, &run.plan, a->threads, m));
  for (size_t q = 0; q < dss_results_n_questions(m->results); q++)
    ordered |= dss_results_scale(m->results, q) != DSS_NOMINAL;
  if (!ordered) return DSS_OK;
  run.plan.questions = NULL; /* nominal ones are left out */
  run.plan.n_questions = 0;
  severity.statistics = DSS_SEVERITY_BIT(DSS_SEVERITY_MEAN);
  severity.pairs = false;
  dss_hush(context, true); /* of the same ratings, which have been told of */
  dss_status status = dss_severity(context, study, &run, &severity, &m->means);
  dss_hush(context, false);
  return status;
}

bool dss_measured_is_small(const dss_measured *m) {
  dss_plan_options options;
  dss_plan_options_init(&options);
  for (size_t g = 0; g < dss_results_n_groups(m->results); g++)
    if (dss_results_group_raters(m->results, g) < options.min_raters) return true;
  return false;
}

static double mean_of(const dss_measured *m, const char *question, const char *axis,
                      const char *group) {
  for (size_t i = 0; m->means && i < dss_evaluation_n_rows(m->means); i++) {
    const dss_evaluation_row *row = dss_evaluation_get(m->means, i);
    if (strcmp(row->statistic, "mean") == 0 && strcmp(row->question, question) == 0 &&
        strcmp(row->axis, axis) == 0 && strcmp(row->group, group) == 0)
      return row->cell.estimate;
  }
  return NAN;
}

static double estimate(const dss_results *results, size_t question, size_t group,
                       dss_statistic statistic) {
  const dss_cell *cell = dss_results_cell(results, question, group, statistic);
  return cell ? cell->estimate : NAN;
}

dss_pool_values dss_measured_values(const dss_measured *m, const char *question, const char *axis,
                                    const char *group) {
  dss_pool_values v = {.mean = NAN, .irr = NAN, .xrr = NAN, .gai = NAN};
  const dss_results *r = m->results;
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      if (strcmp(dss_results_question(r, q), question) != 0 ||
          strcmp(dss_results_axis(r, dss_results_group_axis(r, g)), axis) != 0 ||
          strcmp(dss_results_group(r, g), group) != 0)
        continue;
      v.raters = dss_results_group_raters(r, g);
      const dss_group_detail *detail = dss_results_detail(r, q, g);
      v.ratings = detail ? detail->ratings : 0;
      v.irr = estimate(r, q, g, DSS_IRR);
      v.xrr = estimate(r, q, g, DSS_XRR);
      v.gai = estimate(r, q, g, DSS_GAI);
      v.mean = mean_of(m, question, axis, group);
    }
  return v;
}

void dss_measured_free(const dss_measured *m) {
  dss_results_free(m->results);
  dss_evaluation_free(m->means);
}
