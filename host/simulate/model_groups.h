/* How groups of a pool rate by the model: what comes out of the draw differs from it by chance. */
#ifndef DSS_SIMULATE_MODEL_GROUPS_H
#define DSS_SIMULATE_MODEL_GROUPS_H

#include <jansson.h>

#include "pool.h"

/* One question's groups, of each attribute's values and of the effects, as JSON: "group"
 * ("gender=Woman,age=GenZ"), "shares" of its ratings by level, "mean" (null where the scale is
 * nominal), "irr", "xrr" and "gai" (null where undefined), with endless items of which any two
 * raters are equally likely to share one, and so many raters that no rating is paired with one of
 * the same rater. None where kinds of raters, by their effects, times
 * levels are more than 4096: that would take long. DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_model_groups(dss_context *context, const dss_pool *pool,
                                         size_t question, json_t **groups);

#endif
