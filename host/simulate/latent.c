#include "latent.h"

#include <math.h>

#include "host/core/alloc.h"
#include "host/stats/normal.h"

static size_t count_views(const dss_effect *effects, size_t n_effects) {
  size_t n = 0;
  for (size_t i = 0; i < n_effects; i++)
    n += effects[i].cohesion > 0;
  return n;
}

/* The cell's loadings; what they leave of a variance of 1 is returned. */
static double load(dss_latent *latent, uint32_t cell, double agreement, const dss_effect *effects,
                   size_t n_effects, const char **last) {
  double *loading = latent->loading + (size_t)cell * latent->n_factors;
  double left = 1.0 - latent->leniency * latent->leniency;
  uint32_t view = 1;
  loading[0] = sqrt(agreement);
  for (size_t i = 0; i < n_effects; i++) {
    double cohesion = effects[i].cohesion;
    uint32_t at = cohesion > 0 ? view++ : 0;
    if (!effects[i].has[cell] || cohesion == 0) continue;
    *last = effects[i].name;
    if (cohesion > 0)
      loading[at] = sqrt(cohesion * agreement);
    else
      loading[0] *= 1.0 + cohesion;
  }
  for (uint32_t f = 0; f < latent->n_factors; f++)
    left -= loading[f] * loading[f];
  return left;
}

dss_status dss_latent_make(dss_context *context, uint32_t n_levels, uint32_t n_cells,
                           double agreement, double leniency, const dss_effect *effects,
                           size_t n_effects, dss_latent *latent) {
  size_t views = count_views(effects, n_effects);
  *latent = (dss_latent){.n_levels = n_levels, .n_cells = n_cells, .leniency = sqrt(leniency)};
  if (views > DSS_MOST_VIEWS)
    return dss_fail(context, DSS_ERR_USAGE, "%zu effects of cohesion; the most is %d", views,
                    DSS_MOST_VIEWS);
  latent->n_factors = (uint32_t)views + 1;
  DSS_TRY(DSS_ALLOC(context, &latent->thresholds, (size_t)n_cells * n_levels));
  DSS_TRY(DSS_ALLOC(context, &latent->loading, (size_t)n_cells * latent->n_factors));
  DSS_TRY(DSS_ALLOC(context, &latent->noise, n_cells));
  for (uint32_t cell = 0; cell < n_cells; cell++) {
    const char *last = "";
    double left = load(latent, cell, agreement, effects, n_effects, &last);
    if (!(left >= -1e-12))
      return dss_fail(context, DSS_ERR_USAGE,
                      "effect '%s': too much cohesion: with the agreement, %g, and the leniency, "
                      "%g, it leaves no noise",
                      last, agreement, leniency);
    latent->noise[cell] = sqrt(fmax(left, 0.0));
  }
  return DSS_OK;
}

void dss_latent_free(dss_latent *latent) {
  free(latent->thresholds);
  free(latent->loading);
  free(latent->noise);
  *latent = (dss_latent){0};
}

void dss_thresholds_of(const double *shares, uint32_t n_levels, double *thresholds) {
  double total = 0, below = 0;
  for (uint32_t c = 0; c < n_levels; c++)
    total += shares[c];
  for (uint32_t c = 0; c + 1 < n_levels; c++) {
    below += shares[c];
    double z = dss_normal_quantile(fmin(below / total, 1.0));
    thresholds[c] = isfinite(z) ? ldexp(rint(ldexp(z, 40)), -40) : z;
  }
}

void dss_latent_set_shares(dss_latent *latent, const double *shares, const dss_effect *effects,
                           size_t n_effects) {
  uint32_t n = latent->n_levels - 1;
  for (uint32_t cell = 0; cell < latent->n_cells; cell++) {
    double *thresholds = latent->thresholds + (size_t)cell * n, moved = 0;
    for (size_t i = 0; i < n_effects; i++)
      moved += effects[i].has[cell] ? effects[i].severity : 0.0;
    dss_thresholds_of(shares, latent->n_levels, thresholds);
    for (uint32_t c = 0; c < n; c++)
      thresholds[c] -= moved;
  }
}

double dss_latent_shared(const dss_latent *latent, uint32_t cell, uint32_t other) {
  const double *a = latent->loading + (size_t)cell * latent->n_factors;
  const double *b = latent->loading + (size_t)other * latent->n_factors;
  double sum = 0;
  for (uint32_t f = 0; f < latent->n_factors; f++)
    sum += a[f] * b[f];
  return sum;
}
