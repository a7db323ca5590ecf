/* A plan: which question, groups, statistics and resamples. Immutable once made.
 *
 * The plan copies what it needs; the study may be freed afterwards. Definitions:
 * docs/statistics.md.
 */
#ifndef DISSENSUS_PLAN_H
#define DISSENSUS_PLAN_H

#include "dissensus/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A plan, and a copy of the ratings that it is about. */
typedef struct dss_plan dss_plan;

/* X(enumerator, name in tables and on the command line, what it is). One list: dispatch, support,
 * parity tests and reports all come from it. Those of pairs of raters stand last. DSI is derived
 * from GAI, group by group. */
#define DSS_STATISTICS(X)                                                                          \
  X(IRR, "irr", "in-group reliability (Krippendorff's alpha)")                                     \
  X(XRR, "xrr", "cross-group reliability (kappa_x)")                                               \
  X(NXRR, "nxrr", "normalized XRR, kappa_x / sqrt(IRR of both sides)")                             \
  X(GAI, "gai", "group association index, IRR / XRR")                                              \
  X(DIFFERENCE, "difference", "IRR - XRR")                                                         \
  X(PLURALITY, "plurality", "plurality size")                                                      \
  X(NEGENTROPY, "negentropy", "negentropy, in nats")                                               \
  X(CROSS_NEGENTROPY, "cross_negentropy", "cross-negentropy, in nats")                             \
  X(VOTING, "voting", "voting agreement")                                                          \
  X(PAIR_IRR, "pair_irr", "in-group reliability, all pairs of raters weighing the same")           \
  X(PAIR_XRR, "pair_xrr", "cross-group reliability, all pairs of raters weighing the same")        \
  X(PAIR_GAI, "pair_gai", "pair IRR / pair XRR")                                                   \
  X(PAIR_DIFFERENCE, "pair_difference", "pair IRR - pair XRR")

typedef enum dss_statistic {
#define DSS_X(enumerator, name, text) DSS_##enumerator,
  DSS_STATISTICS(DSS_X)
#undef DSS_X
      DSS_N_STATISTICS,
  DSS_N_ITEM_STATISTICS = DSS_PAIR_IRR /* those before go over items, the others over pairs */
} dss_statistic;

/* "irr" ...; NULL out of range. */
const char *dss_statistic_name(dss_statistic statistic);
const char *dss_statistic_description(dss_statistic statistic);

/* Bits of a set of statistics. */
#define DSS_STATISTIC_BIT(statistic) (1u << (unsigned)(statistic))
#define DSS_METRICS_ALL (DSS_STATISTIC_BIT(DSS_N_ITEM_STATISTICS) - 1u) /* that go over items */
#define DSS_METRICS_GAI                                                                            \
  (DSS_STATISTIC_BIT(DSS_IRR) | DSS_STATISTIC_BIT(DSS_XRR) | DSS_STATISTIC_BIT(DSS_GAI) |          \
   DSS_STATISTIC_BIT(DSS_DIFFERENCE))
#define DSS_METRICS_PAIR_GAI                                                                       \
  (DSS_STATISTIC_BIT(DSS_PAIR_IRR) | DSS_STATISTIC_BIT(DSS_PAIR_XRR) |                             \
   DSS_STATISTIC_BIT(DSS_PAIR_GAI) | DSS_STATISTIC_BIT(DSS_PAIR_DIFFERENCE))
/* "irr,xrr" or "all", "gai-table", "pair-gai" to bits; GAI brings IRR, XRR and DIFFERENCE with it,
 * and a statistic of pairs what it stands beside: PAIR_GAI all of DSS_METRICS_GAI. false: unknown
 * name, which *bad then points to (inside text). */
bool dss_metrics_parse(const char *text, unsigned *metrics, const char **bad);

typedef enum dss_scheme {
  DSS_SCHEME_FREE = 0,
  DSS_SCHEME_STRATA = 1,
  DSS_SCHEME_WITHIN = 2
} dss_scheme;
typedef enum dss_units { DSS_UNITS_OWN = 0, DSS_UNITS_COMMON = 1 } dss_units;
typedef enum dss_ties { DSS_TIES_SPLIT = 0, DSS_TIES_SKIP = 1 } dss_ties;

/* What a bootstrap draws anew: raters within the group and within its complement, items, or both.
 */
typedef enum dss_over { DSS_OVER_RATERS = 0, DSS_OVER_ITEMS = 1, DSS_OVER_BOTH = 2 } dss_over;
/* Which of the intervals is the one shown first; all of them are computed. */
typedef enum dss_ci { DSS_CI_BCA = 0, DSS_CI_BASIC = 1, DSS_CI_PERCENTILE = 2 } dss_ci;
/* "raters", "items", "both"; "bca", "basic", "percentile". NULL, and false, for what is no such. */
const char *dss_over_name(dss_over over);
bool dss_over_parse(const char *name, dss_over *over);
const char *dss_ci_name(dss_ci interval);
bool dss_ci_parse(const char *name, dss_ci *interval);

/* What to compute. */
typedef struct dss_plan_options {
  const char *const *questions; /* names; n_questions 0: all of the study */
  size_t n_questions;
  const char *const *axes; /* "gender" or "gender,race"; n_axes 0: each single attribute */
  size_t n_axes;
  unsigned all_depth;       /* > 0: every combination of up to that many attributes, axes ignored */
  const char *const *where; /* "ATTR=VALUE": keep items (or raters) with that value; all must hold;
                               several of one ATTR: any of its values */
  size_t n_where;
  unsigned metrics; /* DSS_STATISTIC_BITs, at least one of them of items */
  dss_scheme scheme;
  const char *scheme_attribute; /* for STRATA and WITHIN */
  uint64_t permutations;        /* B, 0 .. 2^62 */
  uint64_t seed;
  uint64_t stop_after; /* a test stops once so many resamples exceed it on either side, 20 say;
                          0: never. Ignored where every arrangement is visited. */
  uint32_t min_raters; /* groups with fewer are listed but not tested; at least 2 */
  dss_units units;
  dss_ties ties;
  uint64_t bootstrap; /* resamples for intervals, 40 at least; 0: none */
  dss_over over;
  dss_ci interval;
} dss_plan_options;

/* The defaults: every question, single attributes, DSS_METRICS_GAI, free, 10,000, seed 1, 2; no
 * bootstrap, else BCa over raters. */
void dss_plan_options_init(dss_plan_options *options);

/* Refuses unknown names and a bootstrap of fewer than 40 (USAGE), and a plan in which no group has
 * min_raters raters, or nothing is left after the filters (DATA), and a bootstrap too large for
 * memory (MEMORY) or for exact sums (DATA). What the filters leave out goes to the log, counted. */
DSS_MUST_USE dss_status dss_plan_new(dss_context *context, const dss_study *study,
                                     const dss_plan_options *options, dss_plan **plan);
void dss_plan_free(dss_plan *plan);

/* What it is about, by numbers from 0; NULL, SIZE_MAX or 0 out of range. */
size_t dss_plan_n_axes(const dss_plan *plan);
/* Groups of all axes, numbered through in the axes' order. */
size_t dss_plan_n_groups(const dss_plan *plan);
size_t dss_plan_n_questions(const dss_plan *plan);
const char *dss_plan_question_name(const dss_plan *plan, size_t question);
/* Attribute names joined with '*'. */
const char *dss_plan_axis_name(const dss_plan *plan, size_t axis);
size_t dss_plan_group_axis(const dss_plan *plan, size_t group);
/* Values joined with " * ". */
const char *dss_plan_group_name(const dss_plan *plan, size_t group);
uint32_t dss_plan_group_raters(const dss_plan *plan, size_t group);

#ifdef __cplusplus
}
#endif
#endif
