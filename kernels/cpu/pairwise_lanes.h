/* The one loop of pairwise.c that is compiled once for each instruction set, which DSS_ADD_PAIRS
 * names. */
#ifndef DSS_CPU_PAIRWISE_LANES_H
#define DSS_CPU_PAIRWISE_LANES_H

#include <stdint.h>

/* sums [lanes] = the sum of steps + one over the n others whose label is `mine`, lane by lane.
 * labels [raters][lanes], mine [lanes]. */
void DSS_ADD_PAIRS(const uint16_t *labels, const uint16_t *mine, const uint32_t *other,
                   const uint64_t *steps, uint64_t n, uint64_t one, uint64_t *sums);

#endif
