/* A pool with known truth before its ratings are drawn: options read, raters placed, model set. */
#ifndef DSS_SIMULATE_POOL_H
#define DSS_SIMULATE_POOL_H

#include "names.h"
#include "rate.h"
#include "spec.h"

typedef struct dss_pool {
  dss_spec spec;
  dss_design design;
  dss_latent *latents; /* [n_questions] */
} dss_pool;

/* One more effect: cohesion of "gender=Woman". */
typedef struct dss_planted {
  const char *group;
  double cohesion;
} dss_planted;

/* planted may be NULL. Nothing is to be freed after an error. */
DSS_MUST_USE dss_status dss_pool_make(dss_context *context, const dss_simulate_options *options,
                                      const dss_planted *planted, dss_pool *pool);
void dss_pool_free(dss_pool *pool);

/* A study with ratings drawn from seed, whose raters and items are those of the pool. */
DSS_MUST_USE dss_status dss_pool_study(dss_context *context, const dss_pool *pool, uint64_t seed,
                                       double missing, dss_study **study);

/* The question, with levels 1, 2 ..., and its ratings. */
DSS_MUST_USE dss_status dss_add_made_question(dss_context *context, dss_study *study,
                                              const dss_spec_question *question,
                                              const dss_ratings *ratings);
/* Provenance of a study that was made now; truth is JSON. */
DSS_MUST_USE dss_status dss_note_made(dss_context *context, dss_study *study, const char *command,
                                      const char *truth);

#endif
