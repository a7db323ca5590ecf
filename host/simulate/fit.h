/* The model of simulate.h fitted to one question of a study, by moments. docs/simulate.md. */
#ifndef DSS_SIMULATE_FIT_H
#define DSS_SIMULATE_FIT_H

#include "latent.h"
#include "scores.h"

/* A group is given an effect where its raters' covariance is DSS_FIT_SURE standard errors from what
 * the model says without. */
typedef struct dss_fit {
  double agreement, leniency;
  dss_effect effects[DSS_MOST_VIEWS]; /* `has` and `name` belong to the cells */
  double sure[DSS_MOST_VIEWS];        /* standard errors from none, when it was found */
  uint32_t raters[DSS_MOST_VIEWS];
  size_t n_effects;
  dss_thresholds thresholds;
  dss_scores scores;
  dss_latent latent;
} dss_fit;

/* The model knows of an order, which two levels always have. */
bool dss_fit_has_order(const dss_question *question);

/* With find_effects the groups of the cells are searched for effects, the surest first; without,
 * there are none. DSS_ERR_DATA: no two raters share an item, no variation; DSS_ERR_MEMORY;
 * DSS_INTERRUPTED. Free it in any case, and before the cells. */
DSS_MUST_USE dss_status dss_fit_question(dss_context *context, const dss_question *question,
                                         uint32_t n_items, const dss_cells *cells,
                                         bool find_effects, dss_fit *fit);
void dss_fit_free(dss_fit *fit);

#endif
