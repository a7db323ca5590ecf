/* Rules of views, from a scale and a threshold. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/core/alloc.h"
#include "host/study/import_text.h"
#include "level_values.h"
#include "views.h"

static const char *const rule_names[DSS_N_VIEW_RULES] = {
#define DSS_X(enumerator, name) name,
    DSS_VIEW_RULES(DSS_X)
#undef DSS_X
};

const char *dss_view_rule_name(dss_view_rule rule) {
  return (unsigned)rule < DSS_N_VIEW_RULES ? rule_names[rule] : NULL;
}

bool dss_view_rule_parse(const char *name, dss_view_rule *rule) {
  for (size_t i = 0; i < DSS_N_VIEW_RULES; i++) {
    if (strcmp(name, rule_names[i]) != 0) continue;
    *rule = (dss_view_rule)i;
    return true;
  }
  return false;
}

/* --- the threshold -------------------------------------------------------------------------- */

static dss_status fail_outside(dss_context *context, const dss_question *question,
                               const char *threshold, const char *why) {
  char levels[320];
  dss_words labels = {(char **)(uintptr_t)question->labels, question->n_levels, 0};
  dss_words_list(&labels, levels, sizeof levels);
  return dss_fail(context, DSS_ERR_USAGE,
                  "question '%s': the threshold '%s' %s; the scale's levels are: %s",
                  DSS_EXCERPT(question->name), DSS_EXCERPT(threshold), why, levels);
}

static bool find_level(const dss_question *question, const char *threshold, uint32_t *level) {
  double value;
  for (*level = 0; *level < question->n_levels; ++*level)
    if (strcmp(question->labels[*level], threshold) == 0) return true;
  if (!dss_number_parse(threshold, &value)) return false;
  for (*level = 0; *level < question->n_levels; ++*level)
    if (question->values[*level] == value) return true;
  return false;
}

/* A number between the smallest and the largest value of a scale of numbers. */
static dss_status find_number(dss_context *context, const dss_question *question,
                              const char *threshold, double *number) {
  double low = INFINITY, high = -INFINITY;
  for (uint32_t k = 0; k < question->n_levels; k++) {
    low = fmin(low, question->values[k]);
    high = fmax(high, question->values[k]);
  }
  if (!dss_number_parse(threshold, number))
    return fail_outside(context, question, threshold, "is no number");
  if (*number < low || *number > high)
    return fail_outside(context, question, threshold, "is outside the scale");
  return DSS_OK;
}

/* --- mean ----------------------------------------------------------------------------------- */

static bool score_mean(const dss_question *question, double threshold, double scale,
                       dss_rule *made) {
  double cut, value;
  if (!dss_decimal_whole(threshold, scale, &cut)) return false;
  for (uint32_t k = 0; k < question->n_levels; k++) {
    if (!dss_decimal_whole(question->values[k], scale, &value)) return false;
    if (!(fabs(value - cut) <= DSS_LARGEST_WHOLE)) return false;
    made->score[k] = (int64_t)(value - cut);
  }
  return true;
}

static dss_status rule_mean(dss_context *context, const dss_question *question,
                            const char *threshold, dss_rule *made) {
  double number, scale = 1.0;
  if (question->scale == DSS_NOMINAL)
    return dss_fail(context, DSS_ERR_USAGE,
                    "question '%s': a nominal scale has no mean; take the rule majority or any",
                    DSS_EXCERPT(question->name));
  for (uint32_t k = 0; k < question->n_levels; k++) {
    if (isnan(question->values[k]))
      return dss_fail(context, DSS_ERR_USAGE,
                      "question '%s': the level '%s' is no number, and there is no mean; take the "
                      "rule majority or any",
                      DSS_EXCERPT(question->name), DSS_EXCERPT(question->labels[k]));
    made->said[k] = question->values[k];
  }
  DSS_TRY(find_number(context, question, threshold, &number));
  made->cutoff = 0;
  for (int places = 0; places <= DSS_MOST_PLACES; places++, scale *= 10.0)
    if (score_mean(question, number, scale, made)) return DSS_OK;
  return dss_fail(context, DSS_ERR_USAGE,
                  "question '%s': means are compared exactly, which takes levels and a threshold "
                  "of no more than %d digits",
                  DSS_EXCERPT(question->name), DSS_MOST_PLACES);
}

/* --- majority and any ----------------------------------------------------------------------- */

/* Which levels are at or above the threshold: by their order on an ordinal scale, by their values
 * on one of numbers; on a nominal scale the level itself. */
static dss_status mark_levels(dss_context *context, const dss_question *question,
                              const char *threshold, bool at_or_above[DSS_MAX_LEVELS]) {
  uint32_t level;
  double number;
  bool numbers = question->scale == DSS_INTERVAL || question->scale == DSS_RATIO;
  if (numbers)
    DSS_TRY(find_number(context, question, threshold, &number));
  else if (!find_level(question, threshold, &level))
    return fail_outside(context, question, threshold, "is no level");
  for (uint32_t k = 0; k < question->n_levels; k++)
    at_or_above[k] = numbers                          ? question->values[k] >= number
                     : question->scale == DSS_NOMINAL ? k == level
                                                      : k >= level;
  return DSS_OK;
}

static dss_status rule_of_shares(dss_context *context, const dss_question *question,
                                 const char *threshold, dss_rule *made) {
  bool at_or_above[DSS_MAX_LEVELS];
  DSS_TRY(mark_levels(context, question, threshold, at_or_above));
  made->cutoff = 1;
  for (uint32_t k = 0; k < question->n_levels; k++) {
    made->score[k] = at_or_above[k] ? 1 : made->rule == DSS_VIEW_MAJORITY ? -1 : 0;
    made->said[k] = at_or_above[k] ? 1.0 : 0.0;
  }
  return DSS_OK;
}

dss_status dss_rule_new(dss_context *context, const dss_study *study, const dss_question *question,
                        dss_view_rule rule, dss_thresholds thresholds, dss_rule *made) {
  *made = (dss_rule){.rule = rule};
  const char *threshold = dss_threshold_of(study, question, thresholds);
  if (!threshold)
    return dss_fail(context, DSS_ERR_USAGE, "question '%s' has no threshold",
                    DSS_EXCERPT(question->name));
  return rule == DSS_VIEW_MEAN ? rule_mean(context, question, threshold, made)
                               : rule_of_shares(context, question, threshold, made);
}
