/* Power over a grid of designs that do not exist yet. */
#include <math.h>
#include <stdio.h>

#include "expected.h"
#include "host/core/alloc.h"
#include "pool.h"
#include "refine.h"
#include "trials.h"

typedef struct planning {
  dss_context *context;
  const dss_power_plan *plan;
  dss_power *power;
  char *group, *axis, *label; /* "gender=Woman,age=GenZ", "gender,age", "Woman * GenZ" */
  double group_share;         /* of the raters */
  uint32_t *raters, *ratings; /* ascending */
  size_t n_raters, n_ratings; /* at least 1; ratings[0] may be 0: as the pool says */
  double *gai;
  size_t n_gai;
  dss_expected expected;
  double most;      /* cohesion that the agreement leaves room for */
  double *cohesion; /* [n_gai] */
  uint64_t done;    /* studies */
} planning;

/* A grid point's studies. */
typedef struct point_pool {
  dss_simulate_options options;
  dss_planted planted;
} point_pool;

static dss_status make_study(dss_context *context, const void *what, uint64_t seed,
                             dss_study **study) {
  const point_pool *p = what;
  dss_simulate_options options = p->options;
  dss_pool pool;
  options.seed = seed;
  DSS_TRY(dss_pool_make(context, &options, &p->planted, &pool));
  dss_status status = dss_pool_study(context, &pool, seed, options.missing, study);
  dss_pool_free(&pool);
  return status;
}

/* --- what is asked for ----------------------------------------------------------------------- */

/* The parts of the group's text on either side of '=', joined. */
static dss_status split_group(planning *p) {
  size_t room = 2 * strlen(p->group) + 1;
  char *axis = NULL, *label = NULL;
  DSS_TRY(DSS_ALLOC(p->context, &p->axis, room));
  DSS_TRY(DSS_ALLOC(p->context, &p->label, 2 * room));
  axis = p->axis;
  label = p->label;
  for (const char *at = p->group; *at;) {
    size_t name = strcspn(at, "="), length = strcspn(at, ",");
    axis += sprintf(axis, "%s%.*s", axis > p->axis ? "," : "", (int)name, at);
    label += sprintf(label, "%s%.*s", label > p->label ? " * " : "", (int)(length - name - 1),
                     at + name + 1);
    at += length + (at[length] == ',');
  }
  return DSS_OK;
}

/* Without blanks about commas, which texts of groups may have. */
static void squeeze(char *text) {
  char *to = text;
  for (const char *at = text; *at; at++) {
    bool at_comma = *at == ' ' && (at[strspn(at, " ")] == ',' || to == text || to[-1] == ',' ||
                                   at[strspn(at, " ")] == '\0');
    if (!at_comma) *to++ = *at;
  }
  *to = '\0';
}

/* An axis of an attribute with one value tells no groups apart. */
static dss_status check_axis(dss_context *context, const dss_spec *spec, const char *axis) {
  for (size_t a = 0; a < spec->n_attributes; a++) {
    size_t length = strlen(spec->attributes[a].name);
    for (const char *at = axis; *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
      if (spec->attributes[a].n == 1 && strcspn(at, ",") == length &&
          memcmp(at, spec->attributes[a].name, length) == 0)
        return dss_fail(context, DSS_ERR_USAGE, "the group: attribute '%s' has one value only",
                        spec->attributes[a].name);
  }
  return DSS_OK;
}

static dss_status find_group(planning *p, const dss_spec *spec) {
  const dss_spec_attribute *first = &spec->attributes[0];
  bool *has = NULL;
  double *shares = NULL, all = 0, own = 0;
  if (p->plan->group) {
    DSS_TRY(dss_copy_text(p->context, &p->group, p->plan->group));
    squeeze(p->group);
  } else {
    size_t room = strlen(first->name) + strlen(first->values[0]) + 2;
    DSS_TRY(DSS_ALLOC(p->context, &p->group, room));
    snprintf(p->group, room, "%s=%s", first->name, first->values[0]);
  }
  dss_status status = DSS_ALLOC(p->context, &has, spec->n_cells);
  if (status == DSS_OK)
    status = dss_spec_group(p->context, spec, "the group", p->group, strlen(p->group), has);
  if (status == DSS_OK) status = DSS_ALLOC(p->context, &shares, spec->n_cells);
  if (status == DSS_OK) {
    dss_spec_shares(spec, shares);
    for (uint32_t cell = 0; cell < spec->n_cells; cell++) {
      all += shares[cell];
      own += has[cell] ? shares[cell] : 0.0;
    }
    p->group_share = own / all;
  }
  free(has);
  free(shares);
  if (status == DSS_OK && !(p->group_share < 1))
    status = dss_fail(p->context, DSS_ERR_USAGE, "the group '%s': it has all raters", p->group);
  if (status == DSS_OK) status = split_group(p);
  return status == DSS_OK ? check_axis(p->context, spec, p->axis) : status;
}

/* What each GAI takes, exactly. */
static dss_status find_cohesions(planning *p, const dss_spec *spec) {
  const dss_simulate_options *pool = &p->plan->pool;
  const dss_spec_question *question = &spec->questions[0];
  double values[DSS_MAX_LEVELS];
  p->most = (1 - pool->leniency) / pool->agreement - 1;
  for (uint32_t c = 0; c < question->n_levels; c++)
    values[c] = c + 1.0;
  dss_status status = dss_expected_make(p->context, question->scale, question->n_levels,
                                        question->shares, values, &p->expected);
  if (status == DSS_OK) status = DSS_ALLOC(p->context, &p->cohesion, p->n_gai);
  for (size_t i = 0; status == DSS_OK && i < p->n_gai; i++)
    if (!dss_expected_cohesion(&p->expected, pool->agreement, p->most, p->gai[i], &p->cohesion[i]))
      status = dss_fail(p->context, DSS_ERR_USAGE,
                        "GAI %g: with an agreement of %g and a leniency of %g it can be %.3g at "
                        "most",
                        p->gai[i], pool->agreement, pool->leniency,
                        dss_expected_gai(&p->expected, pool->agreement, p->most));
  return status;
}

static int ascending(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static dss_status sort_counts(dss_context *context, const char *what, const uint32_t *counts,
                              size_t n, uint32_t **sorted, size_t *n_sorted) {
  DSS_TRY(DSS_ALLOC(context, sorted, n));
  if (n > 0) memcpy(*sorted, counts, n * sizeof *counts);
  qsort(*sorted, n, sizeof **sorted, ascending);
  for (size_t i = 0; i < n; i++)
    if (i == 0 || (*sorted)[i] > (*sorted)[*n_sorted - 1]) (*sorted)[(*n_sorted)++] = (*sorted)[i];
  if (n > 0 && (*sorted)[0] < 2)
    return dss_fail(context, DSS_ERR_USAGE, "%u %s: at least 2 are needed", (*sorted)[0], what);
  return DSS_OK;
}

static dss_status read_grid(planning *p) {
  const dss_power_plan *plan = p->plan;
  if (plan->n_raters_per_group == 0)
    return dss_fail(p->context, DSS_ERR_USAGE, "the grid is empty: no number of raters a group");
  if (plan->n_gai == 0) return dss_fail(p->context, DSS_ERR_USAGE, "the grid is empty: no GAI");
  if (plan->pool.items < 2)
    return dss_fail(p->context, DSS_ERR_USAGE,
                    "%u items: at least 2 are needed; across one there is no agreement beyond "
                    "chance, and no GAI",
                    plan->pool.items);
  if (plan->pool.n_effects > 0)
    return dss_fail(p->context, DSS_ERR_USAGE,
                    "effects: the only one is the cohesion that makes the group's GAI");
  if (plan->pool.n_questions > 1)
    return dss_fail(p->context, DSS_ERR_USAGE, "%zu questions: power is of one",
                    plan->pool.n_questions);
  DSS_TRY(sort_counts(p->context, "raters a group", plan->raters_per_group,
                      plan->n_raters_per_group, &p->raters, &p->n_raters));
  DSS_TRY(sort_counts(p->context, "ratings an item", plan->ratings_per_item,
                      plan->n_ratings_per_item, &p->ratings, &p->n_ratings));
  if (p->n_ratings > 0 && plan->pool.items_per_rater > 0)
    return dss_fail(p->context, DSS_ERR_USAGE,
                    "items a rater and ratings an item: give one, the other follows from it");
  if (p->n_ratings == 0) { /* sort_counts made room for nothing, which is one */
    free(p->ratings);
    p->ratings = NULL;
    DSS_TRY(DSS_ALLOC(p->context, &p->ratings, 1));
    p->ratings[p->n_ratings++] = plan->pool.ratings_per_item;
  }
  return dss_power_sort_gai(p->context, plan->gai, plan->n_gai, &p->gai, &p->n_gai);
}

/* --- the grid -------------------------------------------------------------------------------- */

/* Of a design: refused here, before any study is simulated. */
static dss_status describe(planning *p, uint32_t raters, uint32_t ratings, point_pool *pool,
                           dss_power_point *point) {
  dss_pool made;
  double all = rint(raters / p->group_share);
  if (all >= UINT32_MAX)
    return dss_fail(p->context, DSS_ERR_USAGE, "%u raters a group: too many", raters);
  pool->options = p->plan->pool;
  pool->options.raters = (uint32_t)all;
  pool->options.ratings_per_item = ratings;
  pool->planted = (dss_planted){p->group, 0.0};
  DSS_TRY(dss_pool_make(p->context, &pool->options, &pool->planted, &made));
  point->raters = pool->options.raters;
  point->raters_per_group = 0;
  for (uint32_t r = 0; r < made.design.n_raters; r++)
    point->raters_per_group += made.spec.effects[0].has[made.design.cell[r]];
  point->ratings_per_item =
      (double)made.design.start[made.design.n_raters] / (double)made.design.n_items;
  dss_pool_free(&made);
  if (point->raters_per_group < 2)
    return dss_fail(p->context, DSS_ERR_USAGE, "the group '%s' has %u of %u raters: 2 are needed",
                    p->group, point->raters_per_group, point->raters);
  return DSS_OK;
}

/* Progress: of the grid's studies; then of those so far and one point more, as nobody knows how
 * many there will be. */
static dss_status run_point(planning *p, point_pool *pool, dss_power_point *point) {
  uint64_t studies = p->power->test.studies;
  uint64_t grid = studies * p->n_gai * p->n_raters * p->n_ratings;
  const dss_trials trials = {.test = &p->power->test,
                             .seed = p->plan->pool.seed,
                             .make = make_study,
                             .what = pool,
                             .axis = p->axis,
                             .group = p->label,
                             .group_raters = point->raters_per_group,
                             .why = p->power->why,
                             .done = p->done,
                             .total = p->done < grid ? grid : p->done + 2 * studies};
  pool->planted.cohesion = point->cohesion;
  p->done += studies;
  return dss_trials_run(p->context, &trials, point);
}

/* Where a point of the grid stands among all. */
static size_t point_at(const planning *p, size_t ratings, size_t raters, size_t gai) {
  return (ratings * p->n_raters + raters) * p->n_gai + gai;
}

/* So many studies without a GAI tell that others will have none either. */
enum { ENOUGH_STUDIES = 100 };

/* All GAIs of one design. */
static dss_status run_design(planning *p, size_t raters, size_t ratings, const char *group) {
  point_pool pool;
  dss_power_point point = {.group = group};
  DSS_TRY(describe(p, p->raters[raters], p->ratings[ratings], &pool, &point));
  for (size_t i = 0; i < p->n_gai; i++) {
    point.cohesion = p->cohesion[i];
    point.gai = p->gai[i];
    DSS_TRY(run_point(p, &pool, &point));
    p->power->points[point_at(p, ratings, raters, i)] = point;
    if (p->done >= ENOUGH_STUDIES) DSS_TRY(dss_power_check_defined(p->context, p->power));
  }
  return DSS_OK;
}

/* The whole grid is described before the first study. The largest design goes first, as it has a
 * GAI if any has one: who asks where there is none is told at once. */
static dss_status run_grid(planning *p) {
  const char *group;
  dss_power *power = p->power;
  size_t n = p->n_ratings * p->n_raters * p->n_gai;
  for (size_t t = 0; t < p->n_ratings; t++)
    for (size_t r = 0; r < p->n_raters; r++) {
      point_pool pool;
      dss_power_point point;
      DSS_TRY(describe(p, p->raters[r], p->ratings[t], &pool, &point));
    }
  DSS_TRY(dss_power_keep_name(p->context, power, p->group, &group));
  DSS_TRY(DSS_GROW(p->context, &power->points, &power->points_room, n));
  memset(power->points, 0, n * sizeof *power->points);
  power->n_points = n;
  for (size_t t = p->n_ratings; t-- > 0;)
    for (size_t r = p->n_raters; r-- > 0;)
      DSS_TRY(run_design(p, r, t, group));
  return dss_power_check_defined(p->context, power);
}

/* --- between its points ---------------------------------------------------------------------- */

/* A line of the grid; what it lies along has the number of its next point. */
typedef struct grid_line {
  planning *p;
  dss_power_along along;
  uint32_t raters, ratings;
  point_pool pool; /* of the next point */
} grid_line;

static dss_status describe_between(void *what, double at, dss_power_point *point) {
  grid_line *l = what;
  planning *p = l->p;
  if (l->along == DSS_POWER_RATERS) l->raters = (uint32_t)at;
  if (l->along == DSS_POWER_RATINGS) l->ratings = (uint32_t)at;
  if (l->along == DSS_POWER_GAI) {
    point->gai = at;
    if (!dss_expected_cohesion(&p->expected, p->plan->pool.agreement, p->most, at,
                               &point->cohesion))
      return DSS_ERR_USAGE;
  }
  return describe(p, l->raters, l->ratings, &l->pool, point);
}

static dss_status run_between(void *what, dss_power_point *point) {
  grid_line *l = what;
  return run_point(l->p, &l->pool, point);
}

static dss_status find_need(planning *p, dss_power_along along, size_t raters, size_t ratings,
                            const size_t *at, size_t n) {
  grid_line line = {
      .p = p, .along = along, .raters = p->raters[raters], .ratings = p->ratings[ratings]};
  const dss_power_search search = {.along = along,
                                   .points = at,
                                   .n = n,
                                   .describe = describe_between,
                                   .run = run_between,
                                   .what = &line};
  return dss_power_find_need(p->context, p->power, &search);
}

static dss_status find_raters(planning *p, size_t *at) {
  for (size_t t = 0; t < p->n_ratings; t++)
    for (size_t g = 0; g < p->n_gai; g++) {
      if (p->gai[g] == 1) continue;
      for (size_t r = 0; r < p->n_raters; r++)
        at[r] = point_at(p, t, r, g);
      DSS_TRY(find_need(p, DSS_POWER_RATERS, 0, t, at, p->n_raters));
    }
  return DSS_OK;
}

static dss_status find_ratings(planning *p, size_t *at) {
  for (size_t r = 0; r < p->n_raters; r++)
    for (size_t g = 0; g < p->n_gai; g++) {
      if (p->gai[g] == 1) continue;
      for (size_t t = 0; t < p->n_ratings; t++)
        at[t] = point_at(p, t, r, g);
      DSS_TRY(find_need(p, DSS_POWER_RATINGS, r, 0, at, p->n_ratings));
    }
  return DSS_OK;
}

static dss_status find_gai(planning *p, size_t *at) {
  for (size_t t = 0; t < p->n_ratings; t++)
    for (size_t r = 0; r < p->n_raters; r++) {
      size_t n = 0;
      for (size_t g = 0; g < p->n_gai; g++)
        if (p->gai[g] >= 1) at[n++] = point_at(p, t, r, g);
      DSS_TRY(find_need(p, DSS_POWER_GAI, r, t, at, n));
    }
  return DSS_OK;
}

static dss_status find_needs(planning *p) {
  size_t most = p->n_raters > p->n_ratings ? p->n_raters : p->n_ratings, *at = NULL;
  if (p->n_gai > most) most = p->n_gai;
  DSS_TRY(DSS_ALLOC(p->context, &at, most));
  dss_status status = find_raters(p, at);
  if (status == DSS_OK) status = find_ratings(p, at);
  if (status == DSS_OK) status = find_gai(p, at);
  if (status == DSS_OK) dss_power_sort_points(p->power, 0);
  free(at);
  return status;
}

static dss_status set_keys(planning *p, const dss_spec *spec) {
  const dss_simulate_options *pool = &p->plan->pool;
  DSS_TRY(dss_power_set_key(p->context, p->power, DSS_POWER_KEY_seed, "%llu",
                            (unsigned long long)pool->seed));
  DSS_TRY(dss_power_set_key(p->context, p->power, DSS_POWER_KEY_items, "%u", pool->items));
  DSS_TRY(dss_power_set_key(p->context, p->power, DSS_POWER_KEY_agreement, "%g", pool->agreement));
  DSS_TRY(dss_power_set_key(p->context, p->power, DSS_POWER_KEY_leniency, "%g", pool->leniency));
  return dss_power_set_key(p->context, p->power, DSS_POWER_KEY_question, "%s (%s, %u levels)",
                           spec->questions[0].name, dss_scale_name(spec->questions[0].scale),
                           spec->questions[0].n_levels);
}

static dss_status run(planning *p) {
  dss_spec spec;
  DSS_TRY(read_grid(p));
  dss_status status = dss_spec_read(p->context, &p->plan->pool, &spec);
  if (status == DSS_OK) status = find_group(p, &spec);
  if (status == DSS_OK) status = find_cohesions(p, &spec);
  if (status == DSS_OK) status = set_keys(p, &spec);
  dss_spec_free(&spec);
  if (status == DSS_OK) status = run_grid(p);
  return status == DSS_OK ? find_needs(p) : status;
}

dss_status dss_power_of_plan(dss_context *context, const dss_power_plan *plan,
                             const dss_power_test *test, dss_power **power) {
  planning p = {.context = context, .plan = plan};
  dss_status status = dss_power_new(context, test, &p.power);
  if (status == DSS_OK) status = run(&p);
  free(p.group);
  free(p.axis);
  free(p.label);
  free(p.raters);
  free(p.ratings);
  free(p.gai);
  free(p.cohesion);
  dss_expected_free(&p.expected);
  if (status == DSS_OK)
    *power = p.power;
  else
    dss_power_free(p.power);
  return status;
}
