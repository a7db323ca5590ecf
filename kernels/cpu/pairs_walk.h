/* Rater-pair products of sparse ratings: each shared rating of a pair is met once, by walking from
 * a rater to its items and from these to their other raters. */
#ifndef DSS_CPU_PAIRS_WALK_H
#define DSS_CPU_PAIRS_WALK_H

#include "kernels/pairs.h"

typedef struct dss_pair_walk dss_pair_walk;

/* Bytes that making it takes; saturates. */
uint64_t dss_pair_walk_bytes(const dss_pair_problem *problem);
/* NULL when memory is out. The problem must outlive it. */
dss_pair_walk *dss_pair_walk_new(const dss_pair_problem *problem);
void dss_pair_walk_free(dss_pair_walk *walk);

/* How many numbers a block adds up, about. */
double dss_pair_walk_steps(const dss_pair_walk *walk, uint32_t first_row, uint32_t rows,
                           uint32_t columns);
/* As a backend's product; out is zero. */
void dss_pair_walk_product(const dss_pair_walk *walk, unsigned threads, uint32_t first_row,
                           uint32_t rows, uint32_t first_column, uint32_t columns, int32_t *out);

#endif
