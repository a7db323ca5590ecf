/* A simulated study held against what it was made of: each group as it was meant to be, and as it
 * came out.
 *
 * Groups are those of every rater attribute, and those that have an effect. What a pool with known
 * truth was meant to be is what the model makes of such a group; a pool grown from a study was
 * meant to be as that study. Nothing is tested; docs/simulate.md.
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
  uint64_t ratings; /* 0 of the model, which has them without end */
  double mean, irr, xrr, gai;
  const double *shares; /* of its ratings by level, [n_levels] of the question; NaN: no rating;
                           NULL: nothing is known of it */
} dss_pool_values;

/* Texts and arrays belong to the check. */
typedef struct dss_pool_group {
  size_t question;
  const char *group;         /* "Woman * GenZ" */
  const char *axis;          /* "gender*age" */
  double severity, cohesion; /* of effects of this very group; NaN: there is none. Its raters may
                                have those of other groups on top. 1 + cohesion is its GAI on the
                                latent scale against raters without effects */
  dss_pool_values made;
  dss_pool_values meant; /* the model's, or those of the study that the pool was grown from; raters
                            0: neither knows such a group */
} dss_pool_group;

/* Numbers of ratings, one for each rater or item. */
typedef struct dss_pool_spread {
  uint64_t least, most;
  double median;
} dss_pool_spread;

/* Who rated how much; also raters and items without a rating. */
typedef struct dss_pool_counts {
  uint32_t raters, items;
  uint64_t ratings;
  dss_pool_spread a_rater, an_item;
} dss_pool_counts;

/* A question of the pool, its design and where its groups stand. */
typedef struct dss_pool_question {
  const char *name;
  dss_scale scale;
  uint32_t n_levels;
  const char *const *levels;  /* [n_levels] their labels */
  double agreement, leniency; /* of the model, or fitted; NaN: the truth does not say */
  dss_pool_counts made;
  dss_pool_counts source; /* of the study that the pool was grown from; raters 0: it was not */
  size_t first_group, n_groups;
} dss_pool_question;

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
size_t dss_pool_check_n_questions(const dss_pool_check *check);
const dss_pool_question *dss_pool_check_question(const dss_pool_check *check, size_t question);
bool dss_pool_check_is_grown(const dss_pool_check *check);
/* Provenance by key: created_by, created_at, command, input_sha256 (of the study that a pool was
 * grown from), seed; NULL for another key, "" where there is none. */
const char *dss_pool_check_provenance(const dss_pool_check *check, const char *key);
const char *dss_pool_check_truth(const dss_pool_check *check);

/* In the formats of report.h. CSV: a row a group. JSON: the truth too. HTML: one file that needs no
 * other, with the figure where this build draws. DSS_ERR_FILE: the stream cannot be written;
 * DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_pool_report(dss_context *context, const dss_pool_check *check,
                                        dss_report_format format, FILE *stream);

#ifdef __cplusplus
}
#endif
#endif
