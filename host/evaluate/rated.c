/* What a plan's filters leave of a study, as the kinds of evaluations read it. */
#include "evaluate.h"
#include "host/core/alloc.h"

void dss_evaluation_run_init(dss_evaluation_run *run) {
  *run = (dss_evaluation_run){0};
  dss_plan_options_init(&run->plan);
  run->plan.over = DSS_OVER_BOTH;
}

/* The plan is for groups, filters and exchange: of one cheap statistic, without bootstrap. */
static dss_status make_plan(dss_context *context, const dss_study *study,
                            const dss_evaluation_run *run, dss_selection *selection,
                            dss_plan **plan) {
  dss_plan_options options = run->plan;
  DSS_TRY(dss_check_bootstrap(context, options.bootstrap));
  options.metrics = DSS_STATISTIC_BIT(DSS_PLURALITY);
  options.bootstrap = 0;
  return dss_plan_and_selection(context, study, &options, selection, plan);
}

/* Items with a rating left in any question, in the study's order. */
static dss_status number_items(dss_context *context, const dss_selection *s, dss_rated *rated) {
  uint32_t all = dss_study_n_items(rated->study);
  DSS_TRY(DSS_ALLOC(context, &rated->study_item, rated->plan->n_items));
  for (uint32_t u = 0; u < all; u++) {
    bool left = false;
    for (size_t q = 0; q < s->n_questions && s->keep_item[u] && !left; q++) {
      const dss_question *question = dss_study_question(rated->study, s->questions[q]);
      for (uint64_t i = question->item_ptr[u]; i < question->item_ptr[u + 1] && !left; i++)
        left = s->keep_rater[question->rater[i]];
    }
    if (left) rated->study_item[rated->n_items++] = u;
  }
  return DSS_OK;
}

static dss_status copy_ratings(dss_context *context, const dss_selection *s, dss_rated *rated,
                               uint64_t n_ratings, dss_rated_question *copy) {
  const dss_question *question = copy->question;
  DSS_TRY(DSS_ALLOC(context, &copy->item_ptr, (size_t)rated->n_items + 1));
  DSS_TRY(DSS_ALLOC(context, &copy->rater, n_ratings));
  DSS_TRY(DSS_ALLOC(context, &copy->code, n_ratings));
  for (uint32_t u = 0; u < rated->n_items; u++) {
    uint32_t item = rated->study_item[u];
    for (uint64_t i = question->item_ptr[item]; i < question->item_ptr[item + 1]; i++) {
      if (!s->keep_rater[question->rater[i]]) continue;
      copy->rater[copy->n_ratings] = s->rater_number[question->rater[i]];
      copy->code[copy->n_ratings++] = question->code[i];
    }
    copy->item_ptr[u + 1] = copy->n_ratings;
  }
  return DSS_OK;
}

static dss_status copy_study(dss_context *context, dss_selection *s, dss_rated *rated) {
  rated->n_raters = s->n_raters;
  rated->study_rater = s->study_rater;
  s->study_rater = NULL; /* it is the rated's now */
  DSS_TRY(number_items(context, s, rated));
  DSS_TRY(DSS_ALLOC(context, &rated->questions, s->n_questions));
  rated->n_questions = s->n_questions;
  for (size_t q = 0; q < s->n_questions; q++) {
    rated->questions[q].question = dss_study_question(rated->study, s->questions[q]);
    DSS_TRY(copy_ratings(context, s, rated, rated->plan->kernel.questions[q].n_ratings,
                         &rated->questions[q]));
  }
  return DSS_OK;
}

dss_status dss_rated_new(dss_context *context, const dss_study *study,
                         const dss_evaluation_run *run, dss_rated **rated) {
  dss_rated *made = calloc(1, sizeof *made);
  if (!made) return dss_fail_memory(context, sizeof *made);
  dss_selection selection = {0};
  made->study = study;
  dss_status status = make_plan(context, study, run, &selection, &made->plan);
  if (status == DSS_OK) status = copy_study(context, &selection, made);
  dss_selection_free(&selection);
  if (status != DSS_OK) {
    dss_rated_free(made);
    return status;
  }
  *rated = made;
  return DSS_OK;
}

void dss_rated_free(dss_rated *rated) {
  if (!rated) return;
  for (size_t q = 0; q < rated->n_questions; q++) {
    free(rated->questions[q].item_ptr);
    free(rated->questions[q].rater);
    free(rated->questions[q].code);
  }
  dss_plan_free(rated->plan);
  free(rated->questions);
  free(rated->study_rater);
  free(rated->study_item);
  free(rated);
}
