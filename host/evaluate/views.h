/* What groups say of items: positive or not, by a rule (docs/classify.md).
 *
 * Each level of a question has an integer score, and a group finds an item positive when the scores
 * of its ratings, each times its weight, add up to the cutoff at least. So every rule is a sum of
 * integers, exact in any order, and bits of items hold what all groups say.
 */
#ifndef DSS_EVALUATE_VIEWS_H
#define DSS_EVALUATE_VIEWS_H

#include "dissensus/classify.h"
#include "evaluate.h"
#include "thresholds.h"

/* A rule for one question. Its score is the value less the threshold, both times a power of ten
 * that makes integers of them (MEAN), 1 at or above the threshold and -1 below (MAJORITY), 1 or 0
 * (ANY). */
typedef struct dss_rule {
  dss_view_rule rule;
  int64_t score[DSS_MAX_LEVELS]; /* at most 2^30 either way: 2^32 weights stay below 2^63 */
  int64_t cutoff;
  double said[DSS_MAX_LEVELS]; /* what the mean of is shown of an item: the value, or 1 and 0 */
} dss_rule;

/* thresholds: checked (dss_thresholds_check). DSS_ERR_USAGE: see dss_classify. */
DSS_MUST_USE dss_status dss_rule_new(dss_context *context, const dss_study *study,
                                     const dss_question *question, dss_view_rule rule,
                                     dss_thresholds thresholds, dss_rule *made);

/* Items as bits, item u in bit u mod 64 of word u div 64. */
static inline size_t dss_bit_words(uint32_t n_items) {
  return ((size_t)n_items + 63) / 64;
}
static inline bool dss_bit(const uint64_t *bits, uint32_t item) {
  return bits[item / 64] >> (item % 64) & 1;
}
static inline void dss_set_bit(uint64_t *bits, uint32_t item) {
  bits[item / 64] |= UINT64_C(1) << (item % 64);
}

/* Who views: each group, everyone else on the axis of each group, all raters. */
static inline size_t dss_n_sides(const dss_plan *plan) {
  return 2 * plan->kernel.n_groups + 1;
}
static inline size_t dss_side_of(size_t group) {
  return group;
}
static inline size_t dss_side_else(const dss_plan *plan, size_t group) {
  return plan->kernel.n_groups + group;
}
static inline size_t dss_side_all(const dss_plan *plan) {
  return 2 * plan->kernel.n_groups;
}

/* Views of one question, and what they are made in. Memory is the caller's. */
typedef struct dss_views {
  size_t words;
  uint64_t *has;      /* [sides][words] the side rated the item */
  uint64_t *positive; /* [sides][words] and finds it positive */
  int32_t *group;     /* [n_raters] */
  int64_t *sum;       /* [most groups of an axis] */
  uint64_t *weight;   /* [most groups of an axis] */
} dss_views;

/* Bytes of all of them, and the views laid out in a block of so many that is aligned as malloc's.
 */
size_t dss_views_bytes(const dss_rated *rated);
void dss_views_lay_out(const dss_rated *rated, void *block, dss_views *views);

/* Views of groups and everyone else on every axis, where rater r carries the profile of rater
 * source[r]; all raters' own view too, which no profile changes, if with_all. */
void dss_views_of(const dss_rated *rated, size_t question, const dss_rule *rule,
                  const uint32_t *source, bool with_all, dss_views *views);
/* Views with raters' weights and observed profiles. Items' weights do not change a view, but of an
 * item that weighs nothing there is none. */
void dss_views_weighted(const dss_rated *rated, size_t question, const dss_rule *rule,
                        const dss_weighting *weights, dss_views *views);

/* The observed profiles, and room for views. Free it whatever the outcome. */
typedef struct dss_observation {
  dss_views views; /* made by dss_observe */
  void *block;
  uint32_t *source;
} dss_observation;

DSS_MUST_USE dss_status dss_observation_new(dss_context *context, const dss_rated *rated,
                                            dss_observation *observation);
void dss_observation_free(dss_observation *observation);
/* Everybody's views of one question, as they are. */
void dss_observe(const dss_rated *rated, size_t question, const dss_rule *rule,
                 dss_observation *observation);

#endif
