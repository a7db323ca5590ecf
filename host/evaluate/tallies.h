/* Tallies: how many ratings of which kind a group gave, in a resample.
 *
 * Profiles move from rater to rater and leave ratings where they are, so what severity and
 * responsiveness need of a group is a sum over its raters of rows that no permutation changes. A
 * resample costs raters x columns, not ratings: each rater's row is added to the cell of the
 * profile that the rater carries, and cells, which no axis of the plan separates further, to
 * groups. */
#ifndef DSS_EVALUATE_TALLIES_H
#define DSS_EVALUATE_TALLIES_H

#include "evaluate.h"

/* Ratings by item, as a question's: rater and level of each. A contrast has such ratings too. */
typedef struct dss_tally_ratings {
  uint64_t *item_ptr; /* [rated->n_items + 1] */
  uint32_t *rater;    /* [n] */
  uint32_t *level;    /* [n] below the block's n_levels */
} dss_tally_ratings;

/* A run of columns, one a level, that tallies the ratings of some items. */
typedef struct dss_tally_block {
  const dss_tally_ratings *ratings;
  const uint8_t *of_item; /* [n_items] whether the item's ratings are tallied; NULL: all are */
  uint32_t first, n_levels;
} dss_tally_block;

typedef struct dss_tallies dss_tallies;

/* The blocks are all of the columns, one behind the other; they and what they point to must outlive
 * the tallies, as rated must. */
DSS_MUST_USE dss_status dss_tallies_new(dss_context *context, const dss_rated *rated,
                                        const dss_tally_block *blocks, size_t n_blocks,
                                        dss_tallies **tallies);
void dss_tallies_free(dss_tallies *tallies);
size_t dss_tallies_columns(const dss_tallies *tallies);

/* Bytes that one call at a time works in, 0 at first. */
size_t dss_tallies_scratch(const dss_tallies *tallies);
/* Tallies of all groups in resample b, groups [columns][the plan's groups]: whole numbers. */
void dss_tallies_permuted(const dss_tallies *tallies, uint64_t b, void *scratch, double *groups);
/* Where a rating counts as often as its rater times its item; everyone [columns]. */
void dss_tallies_weighted(const dss_tallies *tallies, const dss_weighting *weights, void *scratch,
                          double *groups, double *everyone);
/* Tallies of all raters, which no permutation changes. */
void dss_tallies_everyone(const dss_tallies *tallies, double *everyone);

/* What stands behind a block's tallies. */
typedef struct dss_tally_counts {
  uint64_t raters, items, ratings;
} dss_tally_counts;

/* Of each group of an axis, and behind these of all of its groups together: counts [n_groups + 1].
 * axis DSS_NOWHERE: of all raters, one. */
DSS_MUST_USE dss_status dss_tallies_count(dss_context *context, const dss_rated *rated,
                                          const dss_tally_block *block, size_t axis,
                                          dss_tally_counts *counts);

#endif
