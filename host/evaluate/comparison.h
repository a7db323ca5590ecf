/* Comparing the groups of every axis by what their tallies say: tests of an axis, what each group
 * has, how it differs from everyone else and from each other group. Severity and responsiveness do
 * it with different formulas. */
#ifndef DSS_EVALUATE_COMPARISON_H
#define DSS_EVALUATE_COMPARISON_H

#include "tallies.h"

enum { DSS_MOST_COMPARED = 6 };

/* Names of statistics, in the order of their values. */
typedef struct dss_comparison_names {
  const char *names[DSS_MOST_COMPARED];
  bool biased[DSS_MOST_COMPARED]; /* a bootstrap is, for this one: it gets no interval */
  size_t n;
} dss_comparison_names;

/* An axis's groups, and which of them are compared. Of two groups each is everyone else to the
 * other: they are compared once, as a pair, with or without pairs, lest the family pays for one
 * comparison three times. A group that is not tested is in everyone else's all the same, but in no
 * pair. */
typedef struct dss_compared_axis {
  uint32_t n_groups;
  const uint8_t *tested; /* [n_groups] 0: NaN for all of the group's, which is in everyone else's */
  bool rest, pairs;      /* each with everyone else, each two */
  const uint8_t *rest_says; /* [n_groups] 0: NaN for the group and everyone else; NULL: for none */
} dss_compared_axis;
dss_compared_axis dss_compared_axis_of(const dss_kernel_plan *plan, size_t axis, bool pairs);

/* What is made of tallies, which are whole numbers; equal tallies must give equal bits. */
typedef struct dss_formulas {
  /* Doubles of scratch for an axis of so many groups. */
  size_t (*scratch)(const void *of, uint32_t n_groups);
  /* tallies [the block's levels][stride], of which the axis's groups are the first; values in the
   * order below. */
  void (*axis)(const void *of, const dss_compared_axis *axis, const double *tallies, size_t stride,
               double *scratch, double *out);
  /* of_group's statistics of all raters; tallies [levels]. */
  void (*everyone)(const void *of, const double *tallies, double *scratch, double *out);
} dss_formulas;

/* What is compared by a block of tallies. Its values: of_group of all raters; then for each axis
 * omnibus; each of of_group of all groups; where its groups are compared with everyone else, each
 * of of_two of all groups; and, where they are with each other, for each group each of of_two of it
 * and all later ones. */
typedef struct dss_comparison {
  const char *question, *items;
  dss_comparison_names omnibus, of_group, of_two;
  bool pairs;           /* where there are more than two groups */
  dss_reason undefined; /* why a value is NaN where there are ratings */
  const uint8_t
      *tested; /* [n_groups] of the plan's tested groups with ratings, 0: says nothing here,
                  for the reason `silent`, but is in everyone else's; NULL: all say something */
  const uint8_t *rest_says; /* [n_groups] the same of everyone else, for each group; NULL */
  dss_reason silent;
  const dss_formulas *formulas;
  const void *of; /* handed to them */
} dss_comparison;

/* Adds the rows of all comparisons, the i-th of block i, and fills their cells. */
DSS_MUST_USE dss_status dss_compare(dss_context *context, const dss_rated *rated,
                                    const dss_evaluation_run *run,
                                    const dss_comparison *comparisons,
                                    const dss_tally_block *blocks, size_t n,
                                    dss_evaluation *evaluation);

/* --- its parts ----------------------------------------------------------------------------- */

/* How many values an axis has, and all. */
size_t dss_comparison_axis_rows(const dss_comparison *comparison, const dss_compared_axis *axis);
size_t dss_comparison_rows(const dss_comparison *comparison, const dss_kernel_plan *plan);

/* Adds the rows. Those whose observed value is NaN are neither tested nor given an interval, nor
 * are those of groups with too few raters; what is of an axis has a test only, since a bootstrap of
 * how far groups lie apart is biased, and what is of all raters an interval only. */
DSS_MUST_USE dss_status dss_comparison_add(dss_context *context, const dss_rated *rated,
                                           const dss_comparison *comparison,
                                           const dss_tally_block *block, const double *observed,
                                           dss_evaluation *evaluation);

#endif
