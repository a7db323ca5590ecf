/* How the numbers of an evaluation were made, in sentences that a paper can take over. */
#ifndef DSS_REPORT_EVALUATION_METHODS_H
#define DSS_REPORT_EVALUATION_METHODS_H

#include "evaluation_view.h"
#include "methods.h"

/* The kind's title, as of a page, and what it does in a sentence or two. */
const char *dss_evaluation_title(dss_evaluation_kind kind);

/* As dss_methods. */
void dss_evaluation_methods(const dss_evaluation_view *view, dss_methods_fn part, void *user);

#endif
