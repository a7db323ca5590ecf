/* What a study's ratings are, counted: how many a rater and an item have, and each group's by
 * level.
 */
#ifndef DSS_SIMULATE_CHECK_COUNTS_H
#define DSS_SIMULATE_CHECK_COUNTS_H

#include "dissensus/pool.h"
#include "host/core/context.h"

/* The study's question of that name, or NULL. */
const dss_question *dss_question_named(const dss_study *study, const char *name);

DSS_MUST_USE dss_status dss_check_count(dss_context *context, const dss_study *study,
                                        const dss_question *question, dss_pool_counts *counts);

/* Groups of one axis by their labels, "Woman * GenZ" of the attributes gender and age; shares
 * [n_groups][n_levels] become those of their ratings by level, NaN where a group has none.
 * DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_check_shares(dss_context *context, const dss_study *study,
                                         const dss_question *question,
                                         const char *const *attributes, size_t n_attributes,
                                         const char *const *groups, size_t n_groups,
                                         double *shares);

#endif
