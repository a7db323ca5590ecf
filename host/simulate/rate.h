/* Ratings of a design by the model: one question at a time. */
#ifndef DSS_SIMULATE_RATE_H
#define DSS_SIMULATE_RATE_H

#include "design.h"
#include "latent.h"

/* What one question's ratings are drawn with. `question` tells its draws from other questions'. */
typedef struct dss_rating_task {
  const dss_design *design;
  const dss_latent *latent;
  uint64_t seed;
  uint32_t question;
  double missing;        /* chance of each rating */
  const double *factors; /* [n_items][n_factors] */
  const double *lenient; /* [n_raters], in standard deviations */
} dss_rating_task;

/* Ratings in the order of raters; rater, item and code have room for all of the design's. */
typedef struct dss_ratings {
  uint64_t n;
  uint32_t *rater, *item;
  uint8_t *code;
} dss_ratings;

DSS_MUST_USE dss_status dss_ratings_new(dss_context *context, uint64_t room, dss_ratings *ratings);
void dss_ratings_free(dss_ratings *ratings);

/* Draws of items and raters that nothing is known of. */
void dss_draw_factors(uint64_t seed, uint32_t question, uint32_t n_items, uint32_t n_factors,
                      double *factors);
void dss_draw_lenient(uint64_t seed, uint32_t question, uint32_t n_raters, double *lenient);

/* Whoever wants it to stop is asked once in a while: DSS_INTERRUPTED. */
DSS_MUST_USE dss_status dss_rate(dss_context *context, const dss_rating_task *task,
                                 dss_ratings *ratings);
/* The same with new factors and leniencies, drawn from the task's seed, whose own are ignored. */
DSS_MUST_USE dss_status dss_rate_afresh(dss_context *context, dss_rating_task task,
                                        dss_ratings *ratings);

#endif
