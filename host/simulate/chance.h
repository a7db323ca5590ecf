/* How far cells' means would be from each other by chance: raters of one cell differ, and ratings
 * of one rater do. */
#ifndef DSS_SIMULATE_CHANCE_H
#define DSS_SIMULATE_CHANCE_H

#include "shrink.h"

/* With fewer raters beside one a cell, raters are held against those of all cells: what cells truly
 * differ by counts as chance then. */
enum { DSS_LEAST_FREEDOM = 20 };

/* Sets found->chance, which has room, ->effective and ->freedom. Each rating is worth the row of
 * its level, of_level [n_levels][n_columns]; a cell's value is the mean over its ratings. By
 * analysis of variance; DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_chance_of_means(dss_context *context, const dss_question *question,
                                            const dss_cells *cells, const double *of_level,
                                            dss_found *found);

#endif
