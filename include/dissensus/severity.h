/* Severity: do groups of raters rate higher or lower than others?
 *
 * For each question, part of the items and axis: what each group's ratings are, how they differ
 * from everyone else's and from each other group's, and whether the axis's groups differ at all; by
 * permutation of rater profiles, with intervals by bootstrap. Definitions: docs/severity.md.
 */
#ifndef DISSENSUS_SEVERITY_H
#define DISSENSUS_SEVERITY_H

#include "dissensus/evaluation.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(enumerator, name in rows and on the command line, what it is). The first three are of a group,
 * the next three compare it with another, the last two are of an axis. */
#define DSS_SEVERITIES(X)                                                                          \
  X(MEAN, "mean", "mean rating")                                                                   \
  X(MEDIAN, "median", "median rating")                                                             \
  X(SHARE, "share", "share of ratings at or above the threshold")                                  \
  X(MEAN_DIFFERENCE, "mean_difference", "difference of two means")                                 \
  X(SHARE_DIFFERENCE, "share_difference", "difference of two shares")                              \
  X(CLIFFS_DELTA, "cliffs_delta", "Cliff's delta")                                                 \
  X(ANOVA_F, "anova_f", "F of a one-way analysis of variance")                                     \
  X(KRUSKAL_H, "kruskal_h", "H of Kruskal and Wallis, for ties")

typedef enum dss_severity_statistic {
#define DSS_X(enumerator, name, text) DSS_SEVERITY_##enumerator,
  DSS_SEVERITIES(DSS_X)
#undef DSS_X
      DSS_N_SEVERITIES
} dss_severity_statistic;

#define DSS_SEVERITY_BIT(statistic) (1u << (unsigned)(statistic))
#define DSS_SEVERITY_ALL (DSS_SEVERITY_BIT(DSS_N_SEVERITIES) - 1u)
/* Those that a nominal question has. */
#define DSS_SEVERITY_SHARES                                                                        \
  (DSS_SEVERITY_BIT(DSS_SEVERITY_SHARE) | DSS_SEVERITY_BIT(DSS_SEVERITY_SHARE_DIFFERENCE))

/* "mean" ...; NULL out of range. */
const char *dss_severity_name(dss_severity_statistic statistic);
/* "mean,share" or "all" to bits. false: an unknown name, which *bad then points to (inside text).
 */
bool dss_severity_parse(const char *text, unsigned *statistics, const char **bad);

/* What to compute. Texts are read during the call only. */
typedef struct dss_severity_options {
  const char *const *items_by; /* item attributes: each value is a part beside all items */
  size_t n_items_by;
  const char *const *thresholds; /* "LEVEL" of every question, or "QUESTION=LEVEL" */
  size_t n_thresholds;           /* else a share is of the upper half of the scale */
  const char *const *contrasts;  /* "Q1,Q2": ratings of Q1 less the same rater's of Q2 */
  size_t n_contrasts;
  unsigned statistics; /* DSS_SEVERITY_BITs */
  bool pairs;          /* compare each two groups of an axis, not only each with everyone else */
} dss_severity_options;

/* All statistics but the difference of shares; pairs. */
void dss_severity_options_init(dss_severity_options *options);

/* Of a nominal question there are shares only, of one level. Where the plan names no question, a
 * nominal one of which no share is asked for, or of more than two levels none of which is a
 * threshold, is left out and noted; named, or where there is no other, it is DSS_ERR_USAGE. So are
 * unknown attributes
 * and questions, a threshold that is no level of the scale or of a question not evaluated, two
 * thresholds of one question or of all (one of a question goes before that of all), a contrast of
 * questions with different levels; DSS_ERR_DATA: a contrast no rater gave both ratings of one item
 * for. The caller frees the evaluation. */
DSS_MUST_USE dss_status dss_severity(dss_context *context, const dss_study *study,
                                     const dss_evaluation_run *run,
                                     const dss_severity_options *options,
                                     dss_evaluation **evaluation);

#ifdef __cplusplus
}
#endif
#endif
