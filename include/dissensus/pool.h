/* A simulated study held against what it was made of: each group as planted, and as it came out.
 *
 * Groups are those of every rater attribute, and those that have an effect. Of a pool grown from a
 * study the same is said of that study beside it. Nothing is tested; docs/simulate.md.
 */
#ifndef DISSENSUS_POOL_H
#define DISSENSUS_POOL_H

#include <stdio.h>

#include "dissensus/report.h"
#include "dissensus/simulate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a group rates a question; NaN: undefined (no rating, a nominal scale's mean). */
typedef struct dss_pool_values {
  uint32_t raters;
  uint64_t ratings;
  double mean, irr, xrr, gai;
} dss_pool_values;

/* Texts belong to the check. */
typedef struct dss_pool_group {
  const char *question, *group; /* "Woman * GenZ" */
  const char *axis;             /* "gender*age" */
  double severity, cohesion;    /* of effects of this very group; NaN: there is none. Its raters may
                                   have those of other groups on top. 1 + cohesion is its GAI on the
                                   latent scale */
  dss_pool_values made;
  dss_pool_values source; /* raters 0: the pool was not grown, or the study has no such group */
} dss_pool_group;

/* All groups, and the truth. */
typedef struct dss_pool_check dss_pool_check;

/* Computes everything; threads 0: as many as the process may use. truth is that of dss_simulate or
 * dss_expand; source the study that a pool was grown from, else NULL. DSS_ERR_DATA: a truth that is
 * neither's; DSS_ERR_MEMORY; DSS_INTERRUPTED. */
DSS_MUST_USE dss_status dss_pool_check_new(dss_context *context, const dss_study *pool,
                                           const char *truth, const dss_study *source,
                                           unsigned threads, dss_pool_check **check);
void dss_pool_check_free(dss_pool_check *check);

/* By question, then axis, then group. NULL out of range. */
size_t dss_pool_check_n_groups(const dss_pool_check *check);
const dss_pool_group *dss_pool_check_group(const dss_pool_check *check, size_t group);
bool dss_pool_check_is_grown(const dss_pool_check *check);
const char *dss_pool_check_truth(const dss_pool_check *check);

/* In the formats of report.h but HTML, which is DSS_ERR_USAGE. CSV: a row a group. JSON: the truth
 * too. DSS_ERR_FILE: the stream cannot be written; DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_pool_report(dss_context *context, const dss_pool_check *check,
                                        dss_report_format format, FILE *stream);

#ifdef __cplusplus
}
#endif
#endif
