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

bool dss_decimal_whole(double number, double per_unit, double *whole) {
  *whole = rint(number * per_unit);
  return *whole / per_unit == number;
}

double dss_whole_values(double *values, uint32_t n_levels) {
  double per_unit = 1, whole = 0;
  for (int places = 0; places <= DSS_MOST_PLACES; places++, per_unit *= 10) {
    uint32_t k = 0;
    while (k < n_levels && dss_decimal_whole(values[k], per_unit, &whole) &&
           fabs(whole) <= DSS_LARGEST_WHOLE)
      k++;
    if (k < n_levels) continue;
    for (k = 0; k < n_levels; k++)
      values[k] = rint(values[k] * per_unit);
    return per_unit;
  }
  return 1;
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
