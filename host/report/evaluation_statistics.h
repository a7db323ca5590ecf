/* What reports know of an evaluation's statistics by their names. */
#ifndef DSS_REPORT_EVALUATION_STATISTICS_H
#define DSS_REPORT_EVALUATION_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

#include "evaluation_view.h"
#include "references.h"

/* Counts of items, whole numbers. */
bool dss_is_count(const char *statistic);

/* A gap between two sides, of classify. */
bool dss_is_gap(const dss_evaluation_row *row);
/* A gap that lies off 0 in shuffles, by half their SD at least: that far it is one of the groups'
 * sizes. The mean of fewer than 64 resamples may do so by chance. */
bool dss_is_of_sizes(const dss_evaluation_row *row);
/* The smallest one-sided p that the resamples can give. */
double dss_evaluation_least_p(const dss_evaluation *evaluation);

/* Whether a row of the evaluation has the statistic. */
bool dss_evaluation_has(const dss_evaluation_view *view, const char *statistic);

/* Statistics that somebody defined: what they are called in a sentence, and where. */
typedef struct dss_sourced_statistic {
  const char *statistic, *name;
  dss_reference reference;
} dss_sourced_statistic;
const dss_sourced_statistic *dss_sourced_statistic_at(size_t index); /* NULL past the last */

#endif
