/* New ratings in the design of a study. */
#ifndef DSS_SIMULATE_EXPAND_H
#define DSS_SIMULATE_EXPAND_H

#include "cells.h"
#include "rate.h"

/* Who gave a rating, `times` raters for each, and items_times items. Free it in any case. */
DSS_MUST_USE dss_status dss_design_of_question(dss_context *context, const dss_question *question,
                                               uint32_t n_items, const dss_cells *cells,
                                               uint32_t times, uint32_t items_times,
                                               dss_design *design);

/* A question like that one, with other ratings. */
DSS_MUST_USE dss_status dss_add_drawn_question(dss_context *context, dss_study *study,
                                               const dss_question *question,
                                               const dss_ratings *ratings);

#endif
