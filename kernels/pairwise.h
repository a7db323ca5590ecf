/* Statistics of groups from the mean distances of pairs of raters: the tables that backends of the
 * host fill.
 *
 * They go over raters, not items, so they stand beside a run's backend (kernels/backend.h) with the
 * same resamples, axes and groups. A GPU's makes both (open_both there). Every backend gives the
 * bits of the reference. */
#ifndef DSS_KERNELS_PAIRWISE_H
#define DSS_KERNELS_PAIRWISE_H

#include "kernels/backend.h"
#include "kernels/common/pairwise.h"

/* The pairs of one question that share an item, each from both sides, by rater. Steps fit so that
 * their sum over N^2 pairs is below 2^64. */
typedef struct dss_pairwise_question {
  dss_pair_scale scale;
  double step;         /* a step's distance, a power of two */
  uint64_t n_pairs;    /* from both sides: ptr[n_raters]; where lists are yet to be made, at most */
  const uint64_t *ptr; /* [n_raters + 1]; NULL: the lists are yet to be made */
  const uint64_t *middle; /* [n_raters] where the others of higher number begin */
  const uint32_t *other;  /* [pairs] ascending for each rater */
  const uint64_t *steps;  /* [pairs] mean distance, at most 2^DSS_PAIRWISE_BITS */
  const uint32_t *count;  /* [n_raters][K] the rater's ratings by level */
} dss_pairwise_question;

/* Bits of the largest mean distance in steps, for so many raters. A rater's sum of steps and number
 * of pairs fit 64 bits side by side: docs/determinism.md, "Pairs of raters". */
enum { DSS_PAIRWISE_BITS = 40, DSS_PAIRWISE_LEAST_BITS = 28 };
static inline unsigned dss_pairwise_count_bits(uint32_t n_raters) {
  return dss_log2_ceiling((uint64_t)n_raters + 1);
}
static inline int dss_pairwise_bits(uint32_t n_raters) {
  int bits = 64 - 2 * (int)dss_pairwise_count_bits(n_raters);
  return bits < DSS_PAIRWISE_BITS ? bits : DSS_PAIRWISE_BITS;
}

typedef struct dss_pairwise_plan {
  const dss_kernel_plan *plan; /* resamples, axes, tested groups */
  const dss_pairwise_question *questions;
  unsigned metrics;    /* DSS_STATISTIC_BITs, of DSS_METRICS_PAIRWISE alone */
  size_t n_statistics; /* bits in metrics */
} dss_pairwise_plan;

/* Doubles a resample of both kinds: [n_questions][n_groups][of items, then of pairs]. */
static inline size_t dss_pairwise_columns(const dss_pairwise_plan *p) {
  return p->plan->n_questions * p->plan->n_groups * (p->plan->n_statistics + p->n_statistics);
}

/* The statistics in metrics, in the public list's order, to out. */
DSS_DEVICE static inline void dss_pairwise_put(unsigned metrics, const dss_pairwise_values *v,
                                               double *out) {
  if (metrics & DSS_STATISTIC_BIT(DSS_PAIR_IRR)) *out++ = v->irr;
  if (metrics & DSS_STATISTIC_BIT(DSS_PAIR_XRR)) *out++ = v->xrr;
  if (metrics & DSS_STATISTIC_BIT(DSS_PAIR_GAI)) *out++ = v->gai;
  if (metrics & DSS_STATISTIC_BIT(DSS_PAIR_DIFFERENCE)) *out++ = v->difference;
}

typedef struct dss_pairwise_backend {
  const char *name;
  /* The plan must outlive the state. */
  dss_status (*open)(const dss_pairwise_plan *plan, const dss_resources *resources, void **state);
  /* Every value of resamples first .. first + count - 1, NaN for groups that are not tested; out
   * [count][n_questions][n_groups][n_statistics]. DSS_RESAMPLE_NONE with count 1: the observed. */
  dss_status (*values)(void *state, uint64_t first, uint64_t count, double *out);
  void (*close)(void *state);
  /* As dss_backend's. */
  const char *(*failure)(void);
} dss_pairwise_backend;

extern const dss_pairwise_backend dss_pairwise_reference, dss_pairwise_cpu;

/* One question and group as observed: its sums, and all that they make; by the reference. */
void dss_pairwise_observe(const dss_pairwise_plan *plan, size_t question, size_t group,
                          dss_pairwise_sums *sums, dss_pairwise_values *values);

#endif
