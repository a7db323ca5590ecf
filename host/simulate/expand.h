/* New ratings in the design of a study. */
#ifndef DSS_SIMULATE_EXPAND_H
#define DSS_SIMULATE_EXPAND_H

#include "cells.h"
#include "rate.h"

/* What a study's raters and items become: `times` raters for each, and items_times items. */
typedef struct dss_copies {
  uint32_t times, items_times;
  const uint32_t *taker; /* as in exchange.h; NULL: each new rater rates what its own did */
} dss_copies;

/* Who rates what of a question. Free it in any case. */
DSS_MUST_USE dss_status dss_design_of_question(dss_context *context, const dss_question *question,
                                               uint32_t n_items, const dss_cells *cells,
                                               const dss_copies *copies, dss_design *design);

/* A question like that one, with other ratings. */
DSS_MUST_USE dss_status dss_add_drawn_question(dss_context *context, dss_study *study,
                                               const dss_question *question,
                                               const dss_ratings *ratings);

#endif
