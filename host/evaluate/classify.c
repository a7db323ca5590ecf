#include "classify.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/core/alloc.h"
#include "questions.h"

void dss_classify_options_init(dss_classify_options *options) {
  *options = (dss_classify_options){.rule = DSS_VIEW_MAJORITY, .pairs = true, .drivers = 3};
}

/* --- options -------------------------------------------------------------------------------- */

static dss_status check_gaps(dss_context *context, const dss_classify_options *o) {
  bool scores = o->n_positive == 0, calls = !scores || o->score_threshold;
  if (!scores && o->gaps >> DSS_CLASSIFY_AUC & 1u)
    return dss_fail(context, DSS_ERR_USAGE, "labels have no AUC; it is of scores");
  if (!calls && o->gaps & ~(1u << DSS_CLASSIFY_AUC))
    return dss_fail(context, DSS_ERR_USAGE,
                    "without a score threshold no prediction is positive, and scores have an AUC "
                    "but no other rate");
  return DSS_OK;
}

static dss_status check_options(dss_context *context, const dss_classify_options *o) {
  if (!o->predictions || !o->item || o->n_thresholds == 0)
    return dss_fail(context, DSS_ERR_USAGE,
                    "predictions, their column of items and a threshold of ratings are needed");
  if (!o->classifier != !o->value)
    return dss_fail(context, DSS_ERR_USAGE,
                    "predictions in long layout have a column of classifiers and one of values; "
                    "only the %s is named",
                    o->value ? "values'" : "classifiers'");
  if (o->n_positive > 0 && o->score_threshold)
    return dss_fail(context, DSS_ERR_USAGE,
                    "predictions are labels, some of them positive, or scores with a threshold, "
                    "not both");
  return check_gaps(context, o);
}

static unsigned gaps_of(const dss_classify_options *o) {
  unsigned rates = 1u << DSS_CLASSIFY_FNR | 1u << DSS_CLASSIFY_FPR, auc = 1u << DSS_CLASSIFY_AUC;
  if (o->gaps) return o->gaps;
  if (o->n_positive > 0) return rates;
  return o->score_threshold ? rates | auc : auc;
}

/* --- what is compared ------------------------------------------------------------------------- */

static dss_status read_predictions(dss_context *context, const dss_study *study,
                                   const dss_classify_options *o, dss_predictions **predictions) {
  bool is_long = o->classifier != NULL;
  dss_predictions_spec spec = {.path = o->predictions,
                               .item = o->item,
                               .keys = &o->classifier,
                               .n_keys = is_long,
                               .values = is_long ? &o->value : o->classifiers,
                               .n_values = is_long ? 1 : o->n_classifiers,
                               .missing = o->missing};
  return dss_predictions_read(context, study, &spec, predictions);
}

static dss_status make_rules(dss_context *context, const dss_classify_options *o,
                             dss_classification *c) {
  dss_thresholds thresholds = {o->thresholds, o->n_thresholds};
  DSS_TRY(dss_thresholds_check(context, c->rated, thresholds));
  DSS_TRY(DSS_ALLOC(context, &c->rules, c->rated->n_questions));
  for (size_t q = 0; q < c->rated->n_questions; q++)
    DSS_TRY(dss_rule_new(context, c->rated->study, c->rated->questions[q].question, o->rule,
                         thresholds, &c->rules[q]));
  return DSS_OK;
}

static dss_status prepare(dss_context *context, const dss_evaluation_run *run,
                          const dss_classify_options *o, const dss_predictions *predictions,
                          dss_classification *c) {
  c->gaps = gaps_of(o);
  c->pairs = o->pairs;
  c->withheld = o->rule == DSS_VIEW_ANY && run->plan.over == DSS_OVER_RATERS;
  DSS_TRY(make_rules(context, o, c));
  DSS_TRY(dss_parts_new(context, c->rated, o->items_by, o->n_items_by, &c->parts));
  DSS_TRY(dss_classifiers_new(context, c->rated, o, predictions, &c->parts, &c->classifiers));
  return dss_classification_shape(context, c);
}

static void free_classification(dss_classification *c) {
  free(c->rules);
  free(c->shapes);
  dss_parts_free(&c->parts);
  dss_classifiers_free(&c->classifiers);
}

/* --- provenance ----------------------------------------------------------------------------- */

static void print_list(FILE *stream, const char *const *texts, size_t n) {
  for (size_t i = 0; i < n; i++)
    fprintf(stream, "%s%s", i ? "," : "", texts[i]);
}

static void print_settings(FILE *stream, const dss_classify_options *o, unsigned gaps) {
  fprintf(stream, "rule=%s; threshold=", dss_view_rule_name(o->rule));
  print_list(stream, o->thresholds, o->n_thresholds);
  if (o->n_positive > 0) {
    fputs("; positive=", stream);
    print_list(stream, o->positive, o->n_positive);
  }
  if (o->score_threshold) fprintf(stream, "; score_threshold=%s", o->score_threshold);
  fputs("; gaps=", stream);
  const char *between = "";
  for (size_t s = 0; s < DSS_N_CLASSIFY_STATISTICS; s++) {
    if (!(gaps >> s & 1u)) continue;
    fprintf(stream, "%s%s", between, dss_classify_statistic_name(s));
    between = ",";
  }
}

static dss_status set_provenance(dss_context *context, const dss_classify_options *o, unsigned gaps,
                                 const dss_predictions *predictions, dss_evaluation *evaluation) {
  char *text = NULL;
  size_t length = 0;
  DSS_TRY(dss_evaluation_set(context, evaluation, "predictions_sha256", predictions->sha256));
  FILE *stream = open_memstream(&text, &length);
  if (!stream) return dss_fail_memory(context, 1);
  print_settings(stream, o, gaps);
  dss_status status = fclose(stream) == 0
                          ? dss_evaluation_set(context, evaluation, "settings", text)
                          : dss_fail_memory(context, length);
  free(text);
  return status;
}

/* --- the evaluation ----------------------------------------------------------------------------
 */

static dss_status observe(dss_context *context, const dss_evaluator *by, double *observed) {
  unsigned char *scratch;
  DSS_TRY(DSS_ALLOC(context, &scratch, by->scratch_bytes));
  by->permuted(by->of, DSS_RESAMPLE_NONE, 1, scratch, observed);
  free(scratch);
  return DSS_OK;
}

static dss_status fill(dss_context *context, const dss_classification *c,
                       const dss_evaluation_run *run, const dss_classify_options *o,
                       const dss_predictions *predictions, dss_evaluation *evaluation) {
  const dss_evaluator by = dss_classification_evaluator(c);
  double *observed;
  DSS_TRY(DSS_ALLOC(context, &observed, dss_classification_rows(c)));
  dss_status status = observe(context, &by, observed);
  if (status == DSS_OK) status = dss_classify_rows(context, c, observed, evaluation);
  if (status == DSS_OK) status = dss_classify_drivers(context, c, observed, o->drivers, evaluation);
  free(observed);
  DSS_TRY(status);
  DSS_TRY(dss_classify_notes(context, c, o, run->plan.bootstrap > 0, predictions, evaluation));
  DSS_TRY(set_provenance(context, o, c->gaps, predictions, evaluation));
  return dss_evaluate(context, c->rated, run, &by, evaluation);
}

static dss_status evaluate(dss_context *context, const dss_rated *rated,
                           const dss_chosen_questions *chosen, const dss_classify_options *o,
                           const dss_predictions *predictions, dss_evaluation **evaluation) {
  dss_classification c = {.rated = rated};
  dss_evaluation *made = NULL;
  dss_status status = prepare(context, &chosen->run, o, predictions, &c);
  if (status == DSS_OK) status = dss_evaluation_new(context, DSS_EVALUATION_CLASSIFY, &made);
  if (status == DSS_OK)
    status = dss_note_left_out(context, chosen,
                               "nominal questions that no threshold suits, left out", made);
  if (status == DSS_OK) status = fill(context, &c, &chosen->run, o, predictions, made);
  free_classification(&c);
  if (status == DSS_OK)
    *evaluation = made;
  else
    dss_evaluation_free(made);
  return status;
}

typedef struct asked {
  const dss_study *study;
  const dss_classify_options *options;
} asked;

/* A nominal question has no mean, and is positive at a level that is the threshold. A threshold of
 * its own means that it is asked for, and if it is wrong that is said. */
static bool can_be(const void *of, const dss_question *question) {
  const asked *a = of;
  const dss_thresholds thresholds = {a->options->thresholds, a->options->n_thresholds};
  return dss_has_order(NULL, question) || dss_threshold_is_own(a->study, question, thresholds) ||
         (a->options->rule != DSS_VIEW_MEAN &&
          dss_threshold_is_level(a->study, question, thresholds));
}

dss_status dss_classify(dss_context *context, const dss_study *study, const dss_evaluation_run *run,
                        const dss_classify_options *options, dss_evaluation **evaluation) {
  const asked of = {study, options};
  dss_chosen_questions chosen;
  dss_rated *rated = NULL;
  dss_predictions *predictions = NULL;
  DSS_TRY(check_options(context, options));
  dss_status status = dss_choose_questions(context, study, run, can_be, &of, &chosen);
  if (status == DSS_OK) status = dss_rated_new(context, study, &chosen.run, &rated);
  if (status == DSS_OK) status = read_predictions(context, study, options, &predictions);
  if (status == DSS_OK)
    status = evaluate(context, rated, &chosen, options, predictions, evaluation);
  dss_chosen_questions_free(&chosen);
  dss_predictions_free(predictions);
  dss_rated_free(rated);
  return status;
}
