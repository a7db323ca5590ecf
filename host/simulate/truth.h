/* What a simulated study was made of, as JSON. */
#ifndef DSS_SIMULATE_TRUTH_H
#define DSS_SIMULATE_TRUTH_H

#include <jansson.h>

#include "fit.h"
#include "pool.h"

/* Of a pool with known truth. DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_truth_of_pool(dss_context *context, const dss_simulate_options *options,
                                          const dss_pool *pool, char **text);

/* root's text, and root let go; NULL root: memory was out. */
DSS_MUST_USE dss_status dss_truth_text(dss_context *context, json_t *root, char **text);

/* Seeds beyond JSON's integers are texts. */
json_t *dss_truth_seed(uint64_t seed);
/* A threshold that no value reaches is null. */
json_t *dss_truth_numbers(const double *numbers, size_t n);
/* What was fitted to a question of the study. */
json_t *dss_truth_fit(const dss_study *study, const dss_question *question, const dss_cells *cells,
                      const dss_fit *fit);

#endif
