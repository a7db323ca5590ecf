/* Who shares items with whom, over all questions: what the choice of permutation scheme hangs on.
 */
#ifndef DSS_CLI_DESIGN_H
#define DSS_CLI_DESIGN_H

#include "dissensus/dissensus.h"

/* A block: raters and items connected by ratings, and to no others. */
typedef struct design {
  uint32_t n_blocks;
  uint32_t *block; /* [N] of each rater; UINT32_MAX for raters without ratings */
  uint32_t *block_raters, *block_items; /* [n_blocks], counts */
  uint32_t raters, items;               /* with ratings */
  uint64_t pairs;                       /* rater-item pairs with a rating in any question */
} design;

/* How an attribute's values lie in the blocks, over raters with ratings whose value is known. */
typedef struct design_fit {
  uint32_t known;            /* such raters */
  bool values_within_blocks; /* each value in one block only: fit for strata */
  bool blocks_within_values; /* each block has one value only: its groups share no items */
} design_fit;

/* false when memory is out; d is then empty. */
bool design_make(const dss_study *study, design *d);
void design_free(design *d);
/* false when memory is out. */
bool design_fit_of(const dss_study *study, const design *d, const dss_attribute *attribute,
                   design_fit *fit);

#endif
