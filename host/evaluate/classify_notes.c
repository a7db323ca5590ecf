/* What of the predictions, items and groups could not be used, counted and named. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "classify.h"
#include "host/core/alloc.h"

/* Room for the first names of a note. */
enum { NAMES_CHARS = 320 };

/* A note that says nothing of nothing. */
DSS_PRINTF(5, 6)
static dss_status note(dss_context *context, dss_evaluation *evaluation, uint64_t count,
                       const dss_words *named, const char *format, ...) {
  char what[512], names[NAMES_CHARS] = "";
  if (count == 0) return DSS_OK;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  if (named) dss_words_list(named, names, sizeof names);
  return dss_evaluation_add_note(context, evaluation, what, count, names);
}

/* --- items ---------------------------------------------------------------------------------- */

static dss_status note_unknown(dss_context *context, const dss_classification *c,
                               const dss_predictions *p, dss_evaluation *evaluation) {
  const char *file = dss_file_name(p->file);
  dss_words unknown = {p->unknown.at, p->unknown.count, 0};
  DSS_TRY(note(context, evaluation, unknown.count, &unknown,
               "items of %s that the study does not have (%llu row%s)", DSS_EXCERPT(file),
               (unsigned long long)p->n_unknown_rows, DSS_PLURAL(p->n_unknown_rows)));
  return note(context, evaluation, c->classifiers.n_unrated, &c->classifiers.unrated,
              "items of %s without a rating in what is compared", DSS_EXCERPT(file));
}

/* Adds the rated items without a bit in given. */
static dss_status name_items_without(dss_context *context, const dss_rated *rated,
                                     const uint64_t *given, dss_words *names) {
  for (uint32_t u = 0; u < rated->n_items; u++) {
    const char *name = dss_study_item_name(rated->study, rated->study_item[u]);
    if (!dss_bit(given, u)) DSS_TRY(dss_words_add(context, names, name, strlen(name)));
  }
  return DSS_OK;
}

static dss_status find_given(dss_context *context, const dss_classification *c, uint64_t **given) {
  size_t words = dss_bit_words(c->rated->n_items);
  DSS_TRY(DSS_ALLOC(context, given, words));
  for (size_t i = 0; i < c->classifiers.n; i++)
    for (size_t w = 0; w < words; w++)
      (*given)[w] |= c->classifiers.classifiers[i].given[w];
  return DSS_OK;
}

/* Items without any prediction, then those that a classifier lacks beyond them. */
static dss_status note_missing(dss_context *context, const dss_classification *c,
                               const uint64_t *given, dss_evaluation *evaluation) {
  dss_words names = {0};
  dss_status status = name_items_without(context, c->rated, given, &names);
  size_t none = names.count;
  if (status == DSS_OK)
    status = note(context, evaluation, none, &names, "rated items without a prediction");
  dss_words_free(&names);
  for (size_t i = 0; i < c->classifiers.n && status == DSS_OK; i++) {
    const dss_classifier *classifier = &c->classifiers.classifiers[i];
    status = name_items_without(context, c->rated, classifier->given, &names);
    if (status == DSS_OK && names.count > none)
      status = note(context, evaluation, names.count, &names,
                    "rated items without a prediction by '%s'", DSS_EXCERPT(classifier->name));
    dss_words_free(&names);
  }
  return status;
}

static dss_status note_constant(dss_context *context, const dss_classification *c,
                                dss_evaluation *evaluation) {
  for (size_t s = 0; s < c->classifiers.n_sections; s++) {
    const dss_section *section = &c->classifiers.sections[s];
    if (section->part != c->parts.parts) continue;
    const char *name = section->classifier->name;
    bool calls = c->classifiers.calls && section->one_call;
    if (section->one_score)
      DSS_TRY(note(context, evaluation, section->n_given, NULL,
                   "predictions by '%s', all of which are the same score", DSS_EXCERPT(name)));
    else if (calls)
      DSS_TRY(note(context, evaluation, section->n_given, NULL,
                   "predictions by '%s', %s of which is positive", DSS_EXCERPT(name),
                   section->n_positive > 0 ? "every one" : "none"));
  }
  return DSS_OK;
}

/* --- groups --------------------------------------------------------------------------------- */

/* "gender: Woman", as groups of several axes can share a name. */
static dss_status name_group(dss_context *context, const dss_plan *plan, size_t group,
                             dss_words *names) {
  const char *axis = plan->axes[plan->groups[group].axis].name, *name = plan->groups[group].name;
  size_t size = strlen(axis) + strlen(name) + 3;
  char *text;
  DSS_TRY(DSS_ALLOC(context, &text, size));
  snprintf(text, size, "%s: %s", axis, name);
  dss_status status = dss_words_add(context, names, text, size - 1);
  free(text);
  return status;
}

static dss_status note_small_groups(dss_context *context, const dss_plan *plan,
                                    dss_evaluation *evaluation) {
  dss_words names = {0};
  dss_status status = DSS_OK;
  for (size_t g = 0; g < plan->kernel.n_groups && status == DSS_OK; g++)
    if (!plan->kernel.tested[g]) status = name_group(context, plan, g, &names);
  if (status == DSS_OK)
    status =
        note(context, evaluation, names.count, &names,
             "groups of fewer than %u raters, which have no rates and no gaps", plan->min_raters);
  dss_words_free(&names);
  return status;
}

/* Of one question, whose views are observed. */
static dss_status note_groups_without(dss_context *context, const dss_classification *c,
                                      size_t question, const dss_views *views,
                                      const uint64_t *given, dss_evaluation *evaluation) {
  const dss_plan *plan = c->rated->plan;
  dss_words names = {0};
  dss_status status = DSS_OK;
  for (size_t g = 0; g < plan->kernel.n_groups && status == DSS_OK; g++) {
    const uint64_t *has = views->has + dss_side_of(g) * views->words;
    bool any = false;
    for (size_t w = 0; w < views->words && !any; w++)
      any = has[w] & given[w];
    if (!any && plan->kernel.tested[g]) status = name_group(context, plan, g, &names);
  }
  if (status == DSS_OK)
    status = note(context, evaluation, names.count, &names,
                  "groups without a rating of any predicted item (question '%s')",
                  DSS_EXCERPT(c->rated->questions[question].question->name));
  dss_words_free(&names);
  return status;
}

/* Items, of each group, half of whose ratings are at or above the threshold. */
static uint64_t count_ties(const dss_classification *c, size_t question, int64_t *sum,
                           uint64_t *ratings) {
  const dss_plan *plan = c->rated->plan;
  const dss_rated_question *of = &c->rated->questions[question];
  uint64_t ties = 0;
  for (size_t a = 0; a < plan->kernel.n_axes; a++) {
    const dss_kernel_axis *axis = &plan->kernel.axes[a];
    for (uint32_t u = 0; u < c->rated->n_items; u++) {
      memset(sum, 0, axis->n_groups * sizeof *sum);
      memset(ratings, 0, axis->n_groups * sizeof *ratings);
      for (uint64_t i = of->item_ptr[u]; i < of->item_ptr[u + 1]; i++) {
        int32_t group = axis->group[of->rater[i]];
        if (group < 0) continue;
        sum[group] += c->rules[question].score[of->code[i]];
        ratings[group]++;
      }
      for (uint32_t g = 0; g < axis->n_groups; g++)
        ties += ratings[g] > 0 && sum[g] == 0;
    }
  }
  return ties;
}

static dss_status note_questions(dss_context *context, const dss_classification *c,
                                 const uint64_t *given, bool bootstrap,
                                 dss_observation *observation, dss_evaluation *evaluation) {
  dss_views *views = &observation->views;
  for (size_t q = 0; q < c->rated->n_questions; q++) {
    const dss_rule *rule = &c->rules[q];
    dss_observe(c->rated, q, rule, observation);
    DSS_TRY(note_groups_without(context, c, q, views, given, evaluation));
    if (rule->rule == DSS_VIEW_MAJORITY)
      DSS_TRY(note(context, evaluation, count_ties(c, q, views->sum, views->weight), NULL,
                   "views of an item by a group that are a tie and count as not positive "
                   "(question '%s')",
                   DSS_EXCERPT(c->rated->questions[q].question->name)));
    if (bootstrap && !c->withheld) DSS_TRY(dss_classify_note_few(context, c, q, views, evaluation));
  }
  return DSS_OK;
}

static dss_status note_groups(dss_context *context, const dss_classification *c,
                              const uint64_t *given, bool bootstrap, dss_evaluation *evaluation) {
  dss_observation observation;
  DSS_TRY(note_small_groups(context, c->rated->plan, evaluation));
  dss_status status = dss_observation_new(context, c->rated, &observation);
  if (status == DSS_OK)
    status = note_questions(context, c, given, bootstrap, &observation, evaluation);
  dss_observation_free(&observation);
  return status;
}

dss_status dss_classify_notes(dss_context *context, const dss_classification *c,
                              const dss_classify_options *options, bool bootstrap,
                              const dss_predictions *predictions, dss_evaluation *evaluation) {
  uint64_t *given = NULL;
  DSS_TRY(note_unknown(context, c, predictions, evaluation));
  dss_status status = find_given(context, c, &given);
  if (status == DSS_OK) status = note_missing(context, c, given, evaluation);
  if (status == DSS_OK)
    status = note(context, evaluation, c->classifiers.n_other, &c->classifiers.other,
                  "predictions with a label that is not among the positive ones, counted as "
                  "negative");
  if (status == DSS_OK) status = note_constant(context, c, evaluation);
  if (status == DSS_OK)
    status = dss_parts_note(context, c->rated, options->items_by, options->n_items_by, evaluation);
  if (status == DSS_OK) status = note_groups(context, c, given, bootstrap, evaluation);
  free(given);
  return status;
}
