/* Rows of the results by what can be said of them, for the findings. A row is a question's group.
 */
#ifndef DSS_REPORT_TALLY_H
#define DSS_REPORT_TALLY_H

#include "view.h"

typedef enum dss_verdict {
  DSS_VERDICT_ABOVE,   /* q < 0.05, above the null's median */
  DSS_VERDICT_BELOW,   /* q < 0.05, below it */
  DSS_VERDICT_BEFORE,  /* p < 0.05, before correction only */
  DSS_VERDICT_SILENT,  /* tested, and neither */
  DSS_VERDICT_NO_TEST, /* undefined, or not resampled */
  DSS_VERDICT_TOO_FEW, /* under the plan's minimum of raters */
  DSS_N_VERDICTS
} dss_verdict;

typedef struct dss_tally {
  unsigned lead; /* DSS_STATISTIC_BITs of the statistics by which rows are judged: GAI and its
                    difference (alone where XRR is near 0), or all there are without GAI */
  bool index;    /* the plan has GAI */
  size_t rows[DSS_N_VERDICTS], all;
  size_t tests, tests_p, tests_q, tests_maxt; /* all tests; p, q, p_maxT < 0.05 */
  size_t undecided;                           /* tests whose Monte-Carlo interval of p holds 0.05 */
  size_t least; /* tests whose p is the smallest that the resamples can give */
} dss_tally;

dss_tally dss_tally_of(const dss_results *results);

/* The row's verdict and the statistic that gives it: of those that lead the one with the smallest
 * q (then p), the earlier where these are equal; DSS_N_STATISTICS where none was tested. */
typedef struct dss_row_verdict {
  dss_verdict verdict;
  dss_statistic statistic;
} dss_row_verdict;
dss_row_verdict dss_judge(const dss_results *results, const dss_tally *tally, size_t question,
                          size_t group);

/* The statistic whose p and q stand beside a row in a table of these columns: GAI, pair GAI, or
 * the first. */
dss_statistic dss_lead_of(const dss_view_part *part);

#endif
