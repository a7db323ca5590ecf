/* Who has which profile, and who rates what: counts that are as equal as they can be. */
#ifndef DSS_SIMULATE_DESIGN_H
#define DSS_SIMULATE_DESIGN_H

#include "dissensus/simulate.h"

/* Rater r rates item[start[r]] .. item[start[r + 1] - 1]. */
typedef struct dss_design {
  uint32_t n_raters, n_items;
  uint32_t *cell;  /* [n_raters] the rater's profile cell */
  uint64_t *start; /* [n_raters + 1] */
  uint32_t *item;  /* [start[n_raters]] */
} dss_design;

/* Raters of each cell by its share. Of the options: raters, items, items_per_rater,
 * ratings_per_item, batches, seed. Within a batch raters differ by at most one in their number of
 * items, and items in their number of raters; nobody rates an item twice. DSS_ERR_USAGE: a design
 * there cannot be; DSS_ERR_MEMORY. Free it in any case. */
DSS_MUST_USE dss_status dss_design_make(dss_context *context, const dss_simulate_options *options,
                                        uint32_t n_cells, const double *shares, dss_design *design);
void dss_design_free(dss_design *design);

/* DSS_ERR_MEMORY where so many ratings, in all, cannot be held by this machine at all. */
DSS_MUST_USE dss_status dss_design_fits(dss_context *context, double ratings);

#endif
