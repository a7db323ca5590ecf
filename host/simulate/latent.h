/* How a rater of a profile cell rates an item: the model of simulate.h, for one question.
 *
 * A latent value is the sum of the item's part (its severity and the views of it that the cell has
 * a share in), the rater's leniency and the rating's own noise; the level is the number of the
 * cell's thresholds at or below it. Additions, products and square roots alone: the same
 * everywhere.
 */
#ifndef DSS_SIMULATE_LATENT_H
#define DSS_SIMULATE_LATENT_H

#include <stdbool.h>
#include <stdint.h>

#include "draw.h"
#include "host/core/context.h"

enum { DSS_MOST_VIEWS = 48 };

/* What sets a group apart. */
typedef struct dss_effect {
  bool *has; /* [n_cells] which cells are the group's */
  double severity, cohesion;
  const char *name; /* for messages and the truth; the caller's */
} dss_effect;

/* One question's. */
typedef struct dss_latent {
  uint32_t n_levels, n_cells, n_factors; /* severity, then the views */
  double *thresholds;                    /* [n_cells][n_levels - 1], ascending */
  double *loading;                       /* [n_cells][n_factors] */
  double *noise;                         /* [n_cells] */
  double leniency;                       /* standard deviation */
} dss_latent;

/* Loadings and noise of the effects; every threshold is 0 yet. agreement and leniency are shares of
 * the variance. DSS_ERR_USAGE: a cell is left with no noise, which names the last effect at fault;
 * DSS_ERR_MEMORY. Free it in any case. */
DSS_MUST_USE dss_status dss_latent_make(dss_context *context, uint32_t n_levels, uint32_t n_cells,
                                        double agreement, double leniency,
                                        const dss_effect *effects, size_t n_effects,
                                        dss_latent *latent);
void dss_latent_free(dss_latent *latent);

/* Thresholds of each cell that give the shares [n_levels], any positive unit, moved down by the
 * cell's severity. */
void dss_latent_set_shares(dss_latent *latent, const double *shares, const dss_effect *effects,
                           size_t n_effects);
/* The thresholds of shares alone, [n_levels - 1], -INFINITY and INFINITY where levels at an end
 * have none. Rounded to 2^-40, so that mathematics libraries which differ in their last bits make
 * the same. */
void dss_thresholds_of(const double *shares, uint32_t n_levels, double *thresholds);

/* Covariance of the latent values of two raters of one item. */
double dss_latent_shared(const dss_latent *latent, uint32_t cell, uint32_t other);

/* The level that a rater of `cell` gives to an item with these factors [n_factors]; lenient in
 * standard deviations of leniency. */
static inline uint8_t dss_latent_rate(const dss_latent *latent, uint32_t cell,
                                      const double *factors, double lenient, dss_draw *noise) {
  const double *loading = latent->loading + (size_t)cell * latent->n_factors;
  const double *threshold = latent->thresholds + (size_t)cell * (latent->n_levels - 1);
  double y = latent->leniency * lenient + latent->noise[cell] * dss_draw_bell(noise);
  for (uint32_t f = 0; f < latent->n_factors; f++)
    y += loading[f] * factors[f];
  uint32_t level = 0;
  while (level + 1 < latent->n_levels && y >= threshold[level])
    level++;
  return (uint8_t)level;
}

#endif
