/* Which pairs of raters share an item, and their mean distance: docs/pairs.md. */
#ifndef DSS_ENGINE_PAIRWISE_FIND_H
#define DSS_ENGINE_PAIRWISE_FIND_H

#include "pairs.h"

typedef struct dss_found_pair {
  uint32_t first, second; /* first < second */
  double distance;
} dss_found_pair;

typedef struct dss_found_pairs {
  dss_found_pair *pairs; /* for each rater those of whom it is the first, and those of whom it is
                            the second, stand in ascending order of the other */
  size_t n, capacity;
} dss_found_pairs;

/* Memory of so many, at most: arrays grow by half (host/core/alloc.h). */
static inline uint64_t dss_found_bytes(uint64_t n) {
  return (n + n / 2) * sizeof(dss_found_pair);
}

/* Into *found, empty before; the caller frees its pairs, also after a failure. */
DSS_MUST_USE dss_status dss_pairs_find(dss_context *context, const dss_pair_plan *plan,
                                       unsigned threads, dss_found_pairs *found);
/* Pairs of raters seen item by item: a pair once for each item that it shares. */
double dss_pairs_seen(const dss_kernel_question *question);
/* Whether by walking from raters to their items' raters, or by the matrices of `dissensus pairs`,
 * which look at every pair. Both give the same. */
bool dss_pairs_find_walks(const dss_pair_plan *plan);

#endif
