/* Who has which profile, and who rates what: a random design with promised counts. */
#ifndef DSS_WORKLOADS_ASSIGN_H
#define DSS_WORKLOADS_ASSIGN_H

#include "bench/workloads/settings.h"

typedef struct design {
  uint32_t n_raters, n_items;
  uint64_t n_ratings;
  uint32_t *cell;  /* [n_raters] the rater's trisection */
  uint32_t *topic; /* [n_items] */
  uint64_t *start; /* [n_raters + 1] rater r rates item[start[r]] .. item[start[r+1] - 1] */
  uint32_t *item;  /* [n_ratings] */
} design;

/* Makes the design `scale` times as large as the settings say, and checks its promises: every
 * trisection and every item has its least number of raters, no rater has an item twice, and raters
 * differ by at most one in their number of items. A broken promise is DSS_ERR_INTERNAL. */
DSS_MUST_USE dss_status design_make(dss_context *context, const settings *set, uint64_t seed,
                                    uint32_t scale, design *made);
void design_free(design *made);

/* Raters of each trisection, into counts[settings_n_cells]. */
void design_cell_sizes(const design *made, size_t n_cells, uint64_t *counts);

#endif
