/* Responsiveness: how monotonically and how finely a group's ratings follow severity.
 *
 * The severity of an item, for one rating of it, is the consensus of all other raters: the mean of
 * their ratings, cut into bins of about as many ratings each. No permutation of profiles changes
 * it. Definitions: docs/response.md.
 */
#ifndef DISSENSUS_RESPONSE_H
#define DISSENSUS_RESPONSE_H

#include "dissensus/evaluation.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(enumerator, name of a group's, name of two groups' difference, what it is) */
#define DSS_RESPONSES(X)                                                                           \
  X(GAMMA, "gamma", "gamma_difference", "Goodman and Kruskal's gamma")                             \
  X(SOMERS_D, "somers_d", "somers_d_difference", "Somers' D of ratings, given the consensus")      \
  X(TAU_B, "tau_b", "tau_b_difference", "Kendall's tau-b")                                         \
  X(INFORMATION, "information", "information_difference",                                          \
    "mutual information of ratings and consensus, in nats")                                        \
  X(INFORMATION_SHARE, "information_share", "information_share_difference",                        \
    "mutual information over the entropy of the consensus")                                        \
  X(RISING, "rising", "rising_difference", "share of steps of the consensus on which ratings rise")

typedef enum dss_response_statistic {
#define DSS_X(enumerator, name, difference, text) DSS_RESPONSE_##enumerator,
  DSS_RESPONSES(DSS_X)
#undef DSS_X
      DSS_N_RESPONSES
} dss_response_statistic;

#define DSS_RESPONSE_BIT(statistic) (1u << (unsigned)(statistic))
#define DSS_RESPONSE_ALL (DSS_RESPONSE_BIT(DSS_N_RESPONSES) - 1u)

/* "gamma" ..., and "gamma_difference" ...; NULL out of range. */
const char *dss_response_name(dss_response_statistic statistic);
const char *dss_response_difference_name(dss_response_statistic statistic);
/* "gamma,rising" or "all" to bits. false: an unknown name, which *bad then points to (inside text).
 */
bool dss_response_parse(const char *text, unsigned *statistics, const char **bad);

/* Bins of the consensus. */
#define DSS_RESPONSE_LEAST_BINS 2u
#define DSS_RESPONSE_MOST_BINS 100u

/* What to compute. */
typedef struct dss_response_options {
  unsigned statistics; /* DSS_RESPONSE_BITs */
  uint32_t bins;       /* of the consensus */
  bool pairs;          /* compare each two groups of an axis, not only each with everyone else */
} dss_response_options;

/* All statistics, ten bins, pairs. */
void dss_response_options_init(dss_response_options *options);

/* Where the plan names no question, nominal ones, which have no order, are left out and noted;
 * DSS_ERR_USAGE where one is named or there is no other, and of a number of bins out of range;
 * DSS_ERR_DATA where fewer than two items of a question have two ratings. The caller frees the
 * evaluation. */
DSS_MUST_USE dss_status dss_response(dss_context *context, const dss_study *study,
                                     const dss_evaluation_run *run,
                                     const dss_response_options *options,
                                     dss_evaluation **evaluation);

#ifdef __cplusplus
}
#endif
#endif
