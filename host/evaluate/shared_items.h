/* How many of a group's items anyone outside it rated too. */
#ifndef DSS_EVALUATE_SHARED_ITEMS_H
#define DSS_EVALUATE_SHARED_ITEMS_H

#include "evaluate.h"

/* Adds every tested group of every axis of several groups, for every question. */
DSS_MUST_USE dss_status dss_count_shared_items(dss_context *context, const dss_rated *rated,
                                               dss_evaluation *evaluation);

#endif
