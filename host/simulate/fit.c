#include "fit.h"

#include <math.h>

#include "host/core/alloc.h"
#include "host/stats/normal.h"
#include "moments.h"

enum { ROUNDS = 60, LAST_ROUNDS = 200 };
#define STEP 0.7         /* of what a round would change */
#define MOST_SHARED 0.95 /* of the variance, by item's parts */
#define MOST_CHANCE 0.5  /* of it, in a cell's mean */
#define LEAST_NOISE 0.02
#define LEAST_COHESION -0.95
#define LEAST_AGREEMENT 1e-4

typedef struct search {
  dss_context *context;
  const dss_cells *cells;
  const dss_moments *moments;
  const dss_scores *own; /* of the cells' own thresholds, which the moments are of */
  dss_fit *fit;
  dss_group_errors *errors; /* [n_groups] */
  double *off;              /* [n_cells][n_cells] products less what the model says */
  double *slope;            /* [n_cells][n_cells] of a mean product, by rho */
} search;

/* --- what the model says --------------------------------------------------------------------- */

static double most_shared(const dss_latent *latent) {
  double most = 0;
  for (uint32_t cell = 0; cell < latent->n_cells; cell++)
    most = fmax(most, dss_latent_shared(latent, cell, cell));
  return most;
}

static dss_status remake(search *s, double leniency) {
  dss_fit *fit = s->fit;
  dss_latent_free(&fit->latent);
  return dss_latent_make(s->context, fit->scores.n_levels, s->cells->n_cells, fit->agreement,
                         leniency, fit->effects, fit->n_effects, &fit->latent);
}

/* By how much the variance of a cell's latent values is less around its own mean, which its own
 * thresholds are of: what is chance in the mean. */
static double chance_in(const search *s, uint32_t cell) {
  double chance = s->fit->thresholds.severity_found.chance[cell];
  return s->cells->n_cells > 1 && isfinite(chance) ? fmin(chance, MOST_CHANCE) : 0.0;
}

/* rho of two raters around their cells' own means; `grows`: with rho. */
static double rho_seen(const search *s, uint32_t g, uint32_t h, double *grows) {
  double of_g = chance_in(s, g), of_h = chance_in(s, h);
  *grows = 1 / sqrt((1 - of_g) * (1 - of_h));
  return (dss_latent_shared(&s->fit->latent, g, h) - (g == h ? of_g : 0.0)) * *grows;
}

static dss_status evaluate(search *s) {
  const dss_moments *m = s->moments;
  DSS_TRY(dss_go_on(s->context));
  DSS_TRY(remake(s, 0.0));
  for (uint32_t g = 0; g < m->n_cells; g++)
    for (uint32_t h = 0; h < m->n_cells; h++) {
      size_t at = (size_t)g * m->n_cells + h;
      if (m->pairs[at] == 0) continue;
      double grows, rho = rho_seen(s, g, h, &grows);
      s->off[at] =
          m->products[at] - m->pairs[at] * dss_scores_covariance(s->own, g, h, rho, &s->slope[at]);
      s->slope[at] *= grows;
    }
  return DSS_OK;
}

/* --- least squares --------------------------------------------------------------------------- */

/* What a parameter does to rho of two cells; NULL effect: the agreement. */
static double effect_on(const dss_fit *fit, const dss_effect *effect, uint32_t g, uint32_t h) {
  const dss_latent *l = &fit->latent;
  if (!effect) return dss_latent_shared(l, g, h) / fit->agreement;
  int sides = effect->has[g] + effect->has[h];
  if (effect->cohesion > 0) return sides == 2 ? fit->agreement : 0.0;
  double severity = l->loading[(size_t)g * l->n_factors] * l->loading[(size_t)h * l->n_factors];
  return sides * severity / (1.0 + effect->cohesion);
}

/* The step that takes a parameter to the least sum of squares, pairs weighing the same. */
static double newton(const search *s, const dss_effect *effect) {
  double above = 0, below = 0;
  for (uint32_t g = 0; g < s->moments->n_cells; g++)
    for (uint32_t h = 0; h < s->moments->n_cells; h++) {
      size_t at = (size_t)g * s->moments->n_cells + h;
      if (s->moments->pairs[at] == 0) continue;
      double moves = s->slope[at] * effect_on(s->fit, effect, g, h);
      above += s->off[at] * moves;
      below += s->moments->pairs[at] * moves * moves;
    }
  return below > 0 ? above / below : 0.0;
}

static double cell_shared(const dss_fit *fit, uint32_t cell) {
  double severity = 1, views = 0;
  for (size_t i = 0; i < fit->n_effects; i++) {
    if (!fit->effects[i].has[cell]) continue;
    double k = fit->effects[i].cohesion;
    if (k > 0)
      views += k;
    else
      severity *= 1.0 + k;
  }
  return fit->agreement * (severity * severity + views);
}

/* Parameters that leave a rating no noise are not gone to. */
static void keep_noise(dss_fit *fit, uint32_t n_cells) {
  fit->agreement = fmin(fmax(fit->agreement, LEAST_AGREEMENT), MOST_SHARED);
  for (uint32_t cell = 0; cell < n_cells; cell++)
    while (cell_shared(fit, cell) > MOST_SHARED) {
      fit->agreement *= 0.98;
      for (size_t i = 0; i < fit->n_effects; i++)
        if (fit->effects[i].cohesion > 0 && fit->effects[i].has[cell])
          fit->effects[i].cohesion *= 0.95;
    }
}

/* All of the model's, of which each is still at its own best. */
static dss_status refit(search *s, int rounds) {
  dss_fit *fit = s->fit;
  for (int round = 0; round < rounds; round++) {
    double agreement, largest, steps[DSS_MOST_VIEWS];
    DSS_TRY(evaluate(s));
    agreement = newton(s, NULL);
    largest = fabs(agreement);
    for (size_t i = 0; i < fit->n_effects; i++) {
      steps[i] = newton(s, &fit->effects[i]);
      largest = fmax(largest, fabs(steps[i]));
    }
    fit->agreement += STEP * agreement;
    for (size_t i = 0; i < fit->n_effects; i++) {
      double *k = &fit->effects[i].cohesion, moved = *k + STEP * steps[i];
      *k = *k > 0 ? fmax(moved, 1e-6) : fmin(fmax(moved, LEAST_COHESION), -1e-6);
    }
    keep_noise(fit, s->cells->n_cells);
    if (largest < 1e-7) break;
  }
  return evaluate(s);
}

/* --- the search ------------------------------------------------------------------------------ */

/* What is so many standard errors off, as a normal value: below 0 it is as skewed as the sum of
 * `freedom` squares. */
static double normal_of(double z, double freedom) {
  if (!(z < 0) || !(freedom < 1e6)) return z;
  return -dss_normal_of_f(1 - z * sqrt(2 / freedom), freedom, INFINITY);
}

/* Mean of what is left of a group's pairs, inside and across, in standard errors. */
static void surprise(const search *s, size_t group, double z[2]) {
  const bool *has = s->cells->groups[group].has;
  double off[2] = {0}, pairs[2] = {0};
  for (uint32_t g = 0; g < s->moments->n_cells; g++)
    for (uint32_t h = 0; has[g] && h < s->moments->n_cells; h++) {
      size_t at = (size_t)g * s->moments->n_cells + h;
      off[!has[h]] += s->off[at];
      pairs[!has[h]] += s->moments->pairs[at];
    }
  const dss_group_errors *errors = &s->errors[group];
  z[0] = pairs[0] > 0 ? normal_of(off[0] / pairs[0] / errors->inside, errors->inside_freedom) : NAN;
  z[1] = pairs[1] > 0 ? normal_of(off[1] / pairs[1] / errors->across, errors->across_freedom) : NAN;
}

static bool has_effect(const dss_fit *fit, const bool *has, bool cohesive) {
  for (size_t i = 0; i < fit->n_effects; i++)
    if (fit->effects[i].has == has && (fit->effects[i].cohesion > 0) == cohesive) return true;
  return false;
}

/* The group that surprises most, and how: more cohesion than expected inside, or less inside or
 * across. false: none is sure enough. */
static bool find_surest(const search *s, size_t *group, double *sure) {
  double most = DSS_FIT_SURE, z[2];
  bool found = false;
  for (size_t i = 0; i < s->cells->n_groups; i++) {
    const bool *has = s->cells->groups[i].has;
    surprise(s, i, z);
    double less = fmax(-z[0], -z[1]); /* NaN is passed over by fmax and by comparisons */
    if (z[0] > most && !has_effect(s->fit, has, true)) {
      most = z[0];
      *group = i;
      *sure = z[0];
      found = true;
    }
    if (less > most && !has_effect(s->fit, has, false)) {
      most = less;
      *group = i;
      *sure = -less;
      found = true;
    }
  }
  return found;
}

static dss_status find_effects(search *s) {
  size_t group;
  double sure;
  while (s->fit->n_effects < DSS_MOST_VIEWS && find_surest(s, &group, &sure)) {
    size_t at = s->fit->n_effects++;
    const dss_cell_group *found = &s->cells->groups[group];
    s->fit->effects[at] =
        (dss_effect){.has = found->has, .name = found->name, .cohesion = sure > 0 ? 1e-3 : -1e-3};
    s->fit->sure[at] = sure;
    s->fit->raters[at] = found->raters;
    DSS_TRY(refit(s, ROUNDS));
  }
  return refit(s, LAST_ROUNDS);
}

/* --- the whole ------------------------------------------------------------------------------- */

/* The mean of the scores' variances, by raters: the attenuation of what is measured in scores. */
static double mean_variance(const search *s) {
  double sum = 0;
  for (uint32_t r = 0; r < s->cells->n_raters; r++)
    sum += dss_scores_variance(&s->fit->scores, s->cells->cell[r]);
  return sum / s->cells->n_raters;
}

static dss_status measure_leniency(search *s, const dss_question *question, uint32_t n_items,
                                   double *of_scores) {
  double *mean = NULL, *count = NULL, spread;
  dss_status status = DSS_ALLOC(s->context, &mean, s->cells->n_raters);
  if (status == DSS_OK) status = DSS_ALLOC(s->context, &count, s->cells->n_raters);
  if (status == DSS_OK)
    *of_scores =
        dss_moments_leniency(question, n_items, s->cells, &s->fit->scores, mean, count, &spread);
  free(mean);
  free(count);
  return status;
}

/* What the cells' thresholds have taken of the raters' leniency, over a rater's pairs of items. */
static dss_status taken_leniency(search *s, const dss_question *question, double *taken) {
  double *n = NULL, sum = 0, pairs = 0;
  DSS_TRY(DSS_ALLOC(s->context, &n, s->cells->n_raters));
  for (uint64_t i = 0; i < question->n_ratings; i++)
    n[question->rater[i]] += 1;
  for (uint32_t r = 0; r < s->cells->n_raters; r++) {
    sum += n[r] * (n[r] - 1) * s->fit->thresholds.severity.chance[s->cells->cell[r]];
    pairs += n[r] * (n[r] - 1);
  }
  free(n);
  *taken = pairs > 0 ? sum / pairs : 0.0;
  return DSS_OK;
}

static dss_status fit_it(search *s, const dss_question *question, uint32_t n_items, bool effects) {
  dss_fit *fit = s->fit;
  size_t n = s->cells->n_cells;
  double lenient = 0, taken = 0, variance = mean_variance(s);
  DSS_TRY(DSS_ALLOC(s->context, &s->off, n * n));
  DSS_TRY(DSS_ALLOC(s->context, &s->slope, n * n));
  DSS_TRY(DSS_ALLOC(s->context, &s->errors, s->cells->n_groups));
  DSS_TRY(measure_leniency(s, question, n_items, &lenient));
  DSS_TRY(taken_leniency(s, question, &taken));
  lenient = lenient / (variance * variance) + taken; /* on the scale of latent values */
  fit->agreement = 0.3;
  DSS_TRY(refit(s, ROUNDS));
  /* Scores have the scale of latent values times their variance. */
  for (size_t i = 0; effects && i < s->cells->n_groups; i++) {
    dss_group_errors errors = dss_moments_errors(question, n_items, s->cells, &s->cells->groups[i],
                                                 fit->agreement, lenient);
    errors.inside *= variance;
    errors.across *= variance;
    s->errors[i] = errors;
  }
  if (effects) DSS_TRY(find_effects(s));
  if (fit->agreement <= LEAST_AGREEMENT) /* the search ended at its limit */
    return dss_fail(s->context, DSS_ERR_DATA,
                    "question '%s': its raters do not agree, so that GAI has no meaning and "
                    "nothing can be fitted",
                    question->name);
  fit->leniency = fmin(lenient, fmax(1.0 - LEAST_NOISE - most_shared(&fit->latent), 0.0));
  DSS_TRY(remake(s, fit->leniency));
  memcpy(fit->latent.thresholds, fit->thresholds.of_cells,
         n * (fit->scores.n_levels - 1) * sizeof *fit->latent.thresholds);
  return DSS_OK;
}

bool dss_fit_has_order(const dss_question *question) {
  return question->scale != DSS_NOMINAL || question->n_levels == 2;
}

dss_status dss_fit_question(dss_context *context, const dss_question *question, uint32_t n_items,
                            const dss_cells *cells, bool effects, dss_fit *fit) {
  uint32_t n = cells->n_cells, n_levels = question->n_levels;
  dss_moments moments = {0};
  dss_scores own = {0};
  search s = {.context = context, .cells = cells, .moments = &moments, .own = &own, .fit = fit};
  *fit = (dss_fit){0};
  dss_status status = dss_thresholds_make(context, question, cells, &fit->thresholds);
  if (status == DSS_OK)
    status = dss_scores_make(context, n_levels, n, fit->thresholds.of_cells, &fit->scores);
  if (status == DSS_OK) status = dss_scores_make(context, n_levels, n, fit->thresholds.own, &own);
  if (status == DSS_OK)
    status = dss_moments_make(context, question, n_items, cells, &own, &moments);
  if (status == DSS_OK) status = fit_it(&s, question, n_items, effects);
  dss_moments_free(&moments);
  dss_scores_free(&own);
  free(s.off);
  free(s.slope);
  free(s.errors);
  return status;
}

void dss_fit_free(dss_fit *fit) {
  dss_thresholds_free(&fit->thresholds);
  dss_scores_free(&fit->scores);
  dss_latent_free(&fit->latent);
  *fit = (dss_fit){0};
}
