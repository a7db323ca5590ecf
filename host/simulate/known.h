/* What a study tells of its items and raters, under a fitted model: draws from what they may be.
 *
 * Items' factors have nearly normal posterior distributions, around what their levels make
 * likeliest; raters' leniencies have where scores are taken as normal. A draw has the posterior's
 * middle and its spread: over many draws the variance is that of the model, which middles alone
 * would shrink. */
#ifndef DSS_SIMULATE_KNOWN_H
#define DSS_SIMULATE_KNOWN_H

#include "fit.h"

/* `times` draws of each item's factors, into factors [n_items * times][n_factors], each factor's
 * mean square 1. DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_known_items(dss_context *context, const dss_question *question,
                                        uint32_t n_items, uint32_t times, const dss_cells *cells,
                                        const dss_fit *fit, uint64_t seed, uint32_t number,
                                        double *factors);
/* Leniency of each rater's `times` new ones, in standard deviations of leniency, into lenient
 * [n_raters * times]: the first's from what the rater's ratings tell. DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_known_raters(dss_context *context, const dss_question *question,
                                         uint32_t n_items, uint32_t times, const dss_cells *cells,
                                         const dss_fit *fit, uint64_t seed, uint32_t number,
                                         double *lenient);

#endif
