#include "level_values.h"

#include <math.h>
#include <stdio.h>

bool dss_levels_are_numbered(const dss_question *question) {
  for (uint32_t k = 0; k < question->n_levels; k++)
    if (isnan(question->values[k])) return question->scale == DSS_ORDINAL;
  return false;
}

bool dss_is_nominal(const dss_question *question) {
  return question->scale == DSS_NOMINAL;
}

void dss_level_values(const dss_question *question, double *values) {
  bool numbered = dss_levels_are_numbered(question);
  for (uint32_t k = 0; k < question->n_levels; k++)
    values[k] = numbered ? k + 1 : question->values[k];
}

dss_status dss_note_questions(dss_context *context, const dss_rated *rated,
                              bool (*holds)(const dss_question *), const char *what,
                              dss_evaluation *evaluation) {
  char names[512] = "";
  size_t length = 0;
  uint64_t n = 0;
  for (size_t q = 0; q < rated->n_questions; q++) {
    const dss_question *question = rated->questions[q].question;
    if (!holds(question)) continue;
    if (length < sizeof names)
      length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", n ? ", " : "",
                                 question->name);
    n++;
  }
  return n == 0 ? DSS_OK : dss_evaluation_add_note(context, evaluation, what, n, names);
}

dss_status dss_note_numbered(dss_context *context, const dss_rated *rated,
                             dss_evaluation *evaluation) {
  return dss_note_questions(context, rated, dss_levels_are_numbered,
                            "ordinal questions whose labels are not all numbers: their levels "
                            "count as 1, 2, 3 ...",
                            evaluation);
}
