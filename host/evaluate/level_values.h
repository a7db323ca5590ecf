/* The numbers that a question's levels stand for. */
#ifndef DSS_EVALUATE_LEVEL_VALUES_H
#define DSS_EVALUATE_LEVEL_VALUES_H

#include "evaluate.h"

/* What decimals are made whole numbers: of so many places at most, and up to this number. */
enum { DSS_MOST_PLACES = 9 };
#define DSS_LARGEST_WHOLE 0x1p30

/* By level: 1, 2 ... K where not all of an ordinal question's labels are numbers. Not of a nominal
 * one. */
void dss_level_values(const dss_question *question, double *values);
/* Whether it is these. */
bool dss_levels_are_numbered(const dss_question *question);
bool dss_is_nominal(const dss_question *question);

/* Whether number is the double nearest to a decimal of so many to the unit, a power of ten; whole
 * is how many. */
bool dss_decimal_whole(double number, double per_unit, double *whole);
/* Turns decimals of up to nine places into whole numbers of the least power of ten to the unit that
 * makes them so, and returns it. Values that are none, or too large (2^30), stay: 1. */
double dss_whole_values(double *values, uint32_t n_levels);

/* A note of the questions of which `holds`, with their names; none where there are none. */
DSS_MUST_USE dss_status dss_note_questions(dss_context *context, const dss_rated *rated,
                                           bool (*holds)(const dss_question *), const char *what,
                                           dss_evaluation *evaluation);
/* The note of those whose levels are numbered. */
DSS_MUST_USE dss_status dss_note_numbered(dss_context *context, const dss_rated *rated,
                                          dss_evaluation *evaluation);

#endif
