/* What a simulated study was made of, as JSON. */
#ifndef DSS_SIMULATE_TRUTH_H
#define DSS_SIMULATE_TRUTH_H

#include <jansson.h>

#include "design.h"
#include "fit.h"
#include "spec.h"

/* Of a pool with known truth. latents [n_questions]. DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_truth_of_pool(dss_context *context, const dss_simulate_options *options,
                                          const dss_spec *spec, const dss_design *design,
                                          const dss_latent *latents, char **text);

/* root's text, and root let go; NULL root: memory was out. */
DSS_MUST_USE dss_status dss_truth_text(dss_context *context, json_t *root, char **text);

/* Seeds beyond JSON's integers are texts. */
json_t *dss_truth_seed(uint64_t seed);
/* What was fitted to a question. */
json_t *dss_truth_fit(const dss_question *question, const dss_fit *fit);

#endif
