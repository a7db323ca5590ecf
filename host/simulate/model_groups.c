/* Raters with the same effects are of one kind: of each two kinds the joint chances of levels are
 * computed once, and a group is a mixture of kinds, everybody else another. */
#include "model_groups.h"

#include <math.h>
#include <string.h>

#include "expected.h"
#include "host/core/alloc.h"
#include "host/stats/normal.h"

/* XRR at and below this is none: the model's is a sum of rounded numbers. */
#define LEAST_XRR 1e-9
/* The square root of how many joint chances are computed: a second or two of time. */
enum { MOST_KINDS_BY_LEVELS = 4096 };

typedef struct kinds {
  const dss_pool *pool;
  const dss_spec_question *question;
  uint32_t n_levels, n;
  uint32_t *of;        /* [n_cells] a cell's kind */
  uint32_t *cell;      /* [n] a cell of it */
  dss_expected *rates; /* [n] */
  double *joint;       /* [n][n][n_levels][n_levels] */
  double *values;      /* [n_levels] */
} kinds;

/* A side of a comparison: raters by kind, and the shares of their ratings. */
typedef struct side {
  double *raters, *share; /* [n kinds], [n_levels] */
  double n;
} side;

/* --- kinds ----------------------------------------------------------------------------------- */

static bool alike(const dss_spec *spec, uint32_t a, uint32_t b) {
  for (size_t i = 0; i < spec->n_effects; i++)
    if (spec->effects[i].has[a] != spec->effects[i].has[b]) return false;
  return true;
}

static void find_kinds(kinds *k) {
  const dss_spec *spec = &k->pool->spec;
  for (uint32_t cell = 0; cell < spec->n_cells; cell++) {
    uint32_t i = 0;
    while (i < k->n && !alike(spec, k->cell[i], cell))
      i++;
    if (i == k->n) k->cell[k->n++] = cell;
    k->of[cell] = i;
  }
}

/* The shares of the levels between a cell's own thresholds. */
static void shares_of(const dss_latent *latent, uint32_t cell, double *shares) {
  const double *threshold = latent->thresholds + (size_t)cell * (latent->n_levels - 1);
  double below = 0;
  for (uint32_t c = 0; c < latent->n_levels; c++) {
    double up_to = c + 1 < latent->n_levels ? dss_normal_cdf(threshold[c]) : 1.0;
    shares[c] = up_to - below;
    below = up_to;
  }
}

static dss_status set_rates(dss_context *context, const dss_latent *latent, kinds *k) {
  double shares[DSS_MAX_LEVELS];
  for (uint32_t i = 0; i < k->n; i++) {
    shares_of(latent, k->cell[i], shares);
    DSS_TRY(dss_expected_make(context, k->question->scale, k->n_levels, shares, k->values,
                              &k->rates[i]));
  }
  return DSS_OK;
}

static double *joint_of(const kinds *k, uint32_t a, uint32_t b) {
  return k->joint + ((size_t)a * k->n + b) * k->n_levels * k->n_levels;
}

static void set_joint(const dss_latent *latent, kinds *k) {
  uint32_t n = k->n_levels;
  for (uint32_t a = 0; a < k->n; a++)
    for (uint32_t b = 0; b < k->n; b++) {
      double rho = dss_latent_shared(latent, k->cell[a], k->cell[b]), *at = joint_of(k, a, b);
      for (uint32_t c = 0; c < n; c++)
        for (uint32_t d = 0; d < n; d++)
          at[(size_t)c * n + d] = k->rates[a].share[c] * k->rates[b].share[d] +
                                  dss_expected_together(&k->rates[a], c, &k->rates[b], d, rho);
    }
}

static dss_status make_kinds(dss_context *context, const dss_pool *pool, size_t question,
                             kinds *k) {
  uint32_t n_cells = pool->spec.n_cells;
  *k = (kinds){.pool = pool, .question = &pool->spec.questions[question]};
  k->n_levels = k->question->n_levels;
  DSS_TRY(DSS_ALLOC(context, &k->of, n_cells));
  DSS_TRY(DSS_ALLOC(context, &k->cell, n_cells));
  DSS_TRY(DSS_ALLOC(context, &k->values, k->n_levels));
  for (uint32_t c = 0; c < k->n_levels; c++)
    k->values[c] = c + 1.0;
  find_kinds(k);
  if ((uint64_t)k->n * k->n_levels > MOST_KINDS_BY_LEVELS) return DSS_OK;
  DSS_TRY(DSS_ALLOC(context, &k->rates, k->n));
  DSS_TRY(set_rates(context, &pool->latents[question], k));
  DSS_TRY(DSS_ALLOC(context, &k->joint, (size_t)k->n * k->n * k->n_levels * k->n_levels));
  set_joint(&pool->latents[question], k);
  return DSS_OK;
}

static void free_kinds(kinds *k) {
  for (uint32_t i = 0; k->rates && i < k->n; i++)
    dss_expected_free(&k->rates[i]);
  free(k->of);
  free(k->cell);
  free(k->rates);
  free(k->joint);
  free(k->values);
}

/* --- a group --------------------------------------------------------------------------------- */

static void set_side(const kinds *k, const bool *has, bool inside, side *s) {
  memset(s->raters, 0, k->n * sizeof *s->raters);
  memset(s->share, 0, k->n_levels * sizeof *s->share);
  s->n = 0;
  for (uint32_t r = 0; r < k->pool->design.n_raters; r++) {
    uint32_t cell = k->pool->design.cell[r];
    if (has[cell] != inside) continue;
    s->raters[k->of[cell]]++;
    s->n++;
  }
  for (uint32_t i = 0; i < k->n; i++)
    for (uint32_t c = 0; s->n > 0 && c < k->n_levels; c++)
      s->share[c] += s->raters[i] / s->n * k->rates[i].share[c];
}

/* 1 less the mean distance of two raters' ratings of one item over that of two ratings of any:
 * alpha of a side with itself, where nobody is paired with himself, kappa_x of two sides. */
static double agreement(const kinds *k, const side *a, const side *b) {
  double observed = 0, by_chance = 0, pooled[DSS_MAX_LEVELS];
  double pairs = a == b ? a->n * (a->n - 1) : a->n * b->n;
  uint32_t n = k->n_levels;
  if (!(pairs > 0)) return NAN;
  for (uint32_t c = 0; c < n; c++)
    pooled[c] = (a->n * a->share[c] + b->n * b->share[c]) / (a->n + b->n);
  for (uint32_t c = 0; c < n; c++)
    for (uint32_t d = 0; d < n; d++) {
      double distance = dss_level_distance(k->question->scale, pooled, k->values, c, d);
      if (distance == 0) continue;
      by_chance += distance * a->share[c] * b->share[d];
      for (uint32_t i = 0; i < k->n; i++)
        for (uint32_t j = 0; j < k->n; j++) {
          double of = a->raters[i] * (b->raters[j] - (a == b && i == j));
          if (of > 0) observed += distance * of / pairs * joint_of(k, i, j)[(size_t)c * n + d];
        }
    }
  return by_chance > 0 ? 1.0 - observed / by_chance : NAN;
}

/* To a billionth: mathematics libraries that differ in their last bits make the same text. */
static json_t *number(double value) {
  return isnan(value) ? json_null() : json_real(rint(value * 1e9) / 1e9);
}

static json_t *group_json(const kinds *k, const char *name, const side *group, const side *rest) {
  json_t *shares = json_array();
  double mean = 0, irr = agreement(k, group, group), xrr = agreement(k, group, rest);
  double gai = xrr > LEAST_XRR ? irr / xrr : NAN;
  for (uint32_t c = 0; c < k->n_levels; c++) {
    mean += group->share[c] * k->values[c];
    json_array_append_new(shares, number(group->share[c]));
  }
  if (k->question->scale == DSS_NOMINAL) mean = NAN;
  return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "group", name, "shares", shares, "mean",
                   number(mean), "irr", number(irr), "xrr", number(xrr), "gai", number(gai));
}

/* --- all groups ------------------------------------------------------------------------------ */

typedef struct groups {
  const kinds *of;
  side group, rest;
  bool *has; /* [n_cells] */
  json_t *list;
} groups;

static void add_group(groups *g, const char *name, const bool *has) {
  set_side(g->of, has, true, &g->group);
  set_side(g->of, has, false, &g->rest);
  json_array_append_new(g->list, group_json(g->of, name, &g->group, &g->rest));
}

static dss_status add_values(dss_context *context, groups *g) {
  const dss_spec *spec = &g->of->pool->spec;
  for (size_t a = 0; a < spec->n_attributes; a++)
    for (uint32_t v = 0; v < spec->attributes[a].n; v++) {
      json_t *name = json_sprintf("%s=%s", spec->attributes[a].name, spec->attributes[a].values[v]);
      if (!name) return dss_fail_memory(context, 0);
      for (uint32_t cell = 0; cell < spec->n_cells; cell++)
        g->has[cell] = dss_spec_value(spec, cell, a) == v;
      add_group(g, json_string_value(name), g->has);
      json_decref(name);
    }
  return DSS_OK;
}

/* An effect's name ends with its strengths, behind the last colon. */
static dss_status add_effects(dss_context *context, groups *g) {
  const dss_spec *spec = &g->of->pool->spec;
  for (size_t i = 0; i < spec->n_effects; i++) {
    char *name = NULL;
    DSS_TRY(dss_copy_text(context, &name, spec->effects[i].name));
    char *colon = strrchr(name, ':');
    if (colon) *colon = '\0';
    add_group(g, name, spec->effects[i].has);
    free(name);
  }
  return DSS_OK;
}

static dss_status fill(dss_context *context, groups *g) {
  const kinds *k = g->of;
  DSS_TRY(DSS_ALLOC(context, &g->has, k->pool->spec.n_cells));
  DSS_TRY(DSS_ALLOC(context, &g->group.raters, k->n));
  DSS_TRY(DSS_ALLOC(context, &g->rest.raters, k->n));
  DSS_TRY(DSS_ALLOC(context, &g->group.share, k->n_levels));
  DSS_TRY(DSS_ALLOC(context, &g->rest.share, k->n_levels));
  DSS_TRY(add_values(context, g));
  return add_effects(context, g);
}

dss_status dss_model_groups(dss_context *context, const dss_pool *pool, size_t question,
                            json_t **list) {
  kinds k;
  groups g = {.of = &k, .list = json_array()};
  dss_status status = make_kinds(context, pool, question, &k);
  if (status == DSS_OK && k.joint) status = fill(context, &g);
  free(g.has);
  free(g.group.raters);
  free(g.rest.raters);
  free(g.group.share);
  free(g.rest.share);
  free_kinds(&k);
  if (status == DSS_OK)
    *list = g.list;
  else
    json_decref(g.list);
  return status;
}
