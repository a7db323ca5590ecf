/* What the notes, the findings and the methods ask of results. */
#ifndef DSS_REPORT_FACTS_H
#define DSS_REPORT_FACTS_H

#include "dissensus/results.h"

/* Groups of fewer raters hang on single persons. */
enum { DSS_FEW_RATERS = 5 };

/* Provenance: "" and 0 where there is none. */
const char *dss_fact_text(const dss_results *results, const char *key);
uint64_t dss_fact_count(const dss_results *results, const char *key);

/* Every distinct arrangement was visited once. */
bool dss_fact_exact(const dss_results *results);
/* "arrangements" where all were visited, else "resamples". */
const char *dss_fact_resamples(const dss_results *results);
/* p-values: the family of the corrections. */
size_t dss_fact_tests(const dss_results *results);
/* The smallest two-sided p that the resamples can give. */
double dss_fact_least_p(const dss_results *results);
/* Tests with a p of a fitted tail. */
size_t dss_fact_tails(const dss_results *results);
/* Share of the raters' possible ratings that are there, over all questions; NaN where the results
 * do not tell. */
double dss_fact_density(const dss_results *results);
/* Not under the plan's own minimum of raters. */
bool dss_fact_has_numbers(const dss_results *results, size_t group);
/* Whether XRR of a row is near 0, or not told from it: a ratio to it is large by itself. */
bool dss_fact_near_zero(const dss_results *results, size_t question, size_t group);
/* Whether XRR of a row rests on fewer than half of the items that the group rated. */
bool dss_fact_few_shared(const dss_results *results, size_t question, size_t group);

#endif
