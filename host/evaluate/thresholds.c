#include "thresholds.h"

#include <string.h>

#include "host/core/alloc.h"
#include "host/study/import_text.h"

/* Where the level stands in "QUESTION=LEVEL" of this question; NULL: the text is none. */
static const char *level_of(const dss_question *question, const char *text) {
  size_t length = strlen(question->name);
  bool of_it = strncmp(text, question->name, length) == 0 && text[length] == '=';
  return of_it ? text + length + 1 : NULL;
}

/* The study's question that a text names, the longest such name; NULL: it is of all. */
static const dss_question *named(const dss_study *study, const char *text) {
  const dss_question *found = NULL;
  for (size_t q = 0; q < dss_study_n_questions(study); q++) {
    const dss_question *question = dss_study_question(study, q);
    if (level_of(question, text) && (!found || strlen(question->name) > strlen(found->name)))
      found = question;
  }
  return found;
}

const char *dss_threshold_of(const dss_study *study, const dss_question *question,
                             dss_thresholds thresholds) {
  const char *of_all = NULL;
  for (size_t i = 0; i < thresholds.n; i++) {
    const dss_question *of = named(study, thresholds.texts[i]);
    if (of == question) return level_of(question, thresholds.texts[i]);
    if (!of) of_all = thresholds.texts[i];
  }
  return of_all;
}

bool dss_threshold_is_own(const dss_study *study, const dss_question *question,
                          dss_thresholds thresholds) {
  for (size_t i = 0; i < thresholds.n; i++)
    if (named(study, thresholds.texts[i]) == question) return true;
  return false;
}

bool dss_threshold_is_level(const dss_study *study, const dss_question *question,
                            dss_thresholds thresholds) {
  const char *label = dss_threshold_of(study, question, thresholds);
  for (uint32_t k = 0; label && k < question->n_levels; k++)
    if (strcmp(question->labels[k], label) == 0) return true;
  return false;
}

static bool is_evaluated(const dss_rated *rated, const dss_question *question) {
  for (size_t q = 0; q < rated->n_questions; q++)
    if (rated->questions[q].question == question) return true;
  return false;
}

/* Labels may have a '=' too. */
static bool is_label(const dss_rated *rated, const char *text) {
  for (size_t q = 0; q < rated->n_questions; q++)
    for (uint32_t k = 0; k < rated->questions[q].question->n_levels; k++)
      if (strcmp(rated->questions[q].question->labels[k], text) == 0) return true;
  return false;
}

static dss_status check_one(dss_context *context, const dss_rated *rated, const char *text) {
  const dss_question *of = named(rated->study, text);
  const char *equals = strchr(text, '=');
  if (of && !is_evaluated(rated, of))
    return dss_fail(context, DSS_ERR_USAGE, "the threshold '%s': question '%s' is not evaluated",
                    DSS_EXCERPT(text), DSS_EXCERPT(of->name));
  if (!of && equals && !is_label(rated, text))
    return dss_fail(context, DSS_ERR_USAGE, "the threshold '%s': the study has no question '%.*s'",
                    DSS_EXCERPT(text), (int)(equals - text < 80 ? equals - text : 80), text);
  return DSS_OK;
}

dss_status dss_thresholds_check(dss_context *context, const dss_rated *rated,
                                dss_thresholds thresholds) {
  for (size_t i = 0; i < thresholds.n; i++) {
    const char *text = thresholds.texts[i];
    const dss_question *of = named(rated->study, text);
    DSS_TRY(check_one(context, rated, text));
    for (size_t k = 0; k < i; k++)
      if (named(rated->study, thresholds.texts[k]) == of)
        return dss_fail(context, DSS_ERR_USAGE,
                        "two thresholds for %s%s%s, '%s' and '%s': there can be one",
                        of ? "question '" : "all questions", of ? DSS_EXCERPT(of->name) : "",
                        of ? "'" : "", DSS_EXCERPT(thresholds.texts[k]), DSS_EXCERPT(text));
  }
  return DSS_OK;
}
