/* The numbers that a question's levels stand for. */
#ifndef DSS_EVALUATE_LEVEL_VALUES_H
#define DSS_EVALUATE_LEVEL_VALUES_H

#include "evaluate.h"

/* By level: 1, 2 ... K where not all of an ordinal question's labels are numbers. Not of a nominal
 * one. */
void dss_level_values(const dss_question *question, double *values);
/* Whether it is these. */
bool dss_levels_are_numbered(const dss_question *question);
bool dss_is_nominal(const dss_question *question);

/* A note of the questions of which `holds`, with their names; none where there are none. */
DSS_MUST_USE dss_status dss_note_questions(dss_context *context, const dss_rated *rated,
                                           bool (*holds)(const dss_question *), const char *what,
                                           dss_evaluation *evaluation);
/* The note of those whose levels are numbered. */
DSS_MUST_USE dss_status dss_note_numbered(dss_context *context, const dss_rated *rated,
                                          dss_evaluation *evaluation);

#endif
