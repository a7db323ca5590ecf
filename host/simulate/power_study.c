/* The reverse: what the design of a study could have found. */
#include <math.h>

#include "expand.h"
#include "expected.h"
#include "fit.h"
#include "host/core/alloc.h"
#include "names.h"
#include "refine.h"
#include "trials.h"

static const double default_gai[] = {1.05, 1.1, 1.15, 1.2, 1.3, 1.4, 1.5, 1.75, 2, 2.5, 3};
enum { N_DEFAULT_GAI = sizeof default_gai / sizeof *default_gai };

/* One group of one axis. */
typedef struct sought {
  const char *name;     /* the power's */
  int32_t *side;        /* [n_raters] 0: of the group, 1: of its complement, -1: of neither */
  uint32_t raters, all; /* of the group; of both */
} sought;

typedef struct looking {
  dss_context *context;
  const dss_study *study;
  const dss_power_design *design;
  const dss_question *question;
  dss_power *power;
  dss_made_names raters, items; /* of simulated studies */
  dss_cells together;           /* all raters in one cell */
  dss_fit fit;
  dss_expected expected;
  double *gai;
  size_t n_gai;
  sought *groups;
  size_t n_groups, groups_room;
  size_t n_small; /* groups of the axis that were left out */
} looking;

/* --- a simulated study ----------------------------------------------------------------------- */

typedef struct point_design {
  const looking *l;
  const sought *group;
  size_t number, n_run;     /* of the group, and its points so far */
  const dss_design *design; /* cells 0: of the group, 1: all others */
  const dss_latent *latent;
} point_design;

static dss_status make_study(dss_context *context, const void *what, uint64_t seed,
                             dss_study **study) {
  static const char *const sides[] = {"in", "out"};
  const point_design *p = what;
  const dss_attribute attribute = {"group", 2, sides, p->group->side, false};
  const dss_rating_task task = {.design = p->design, .latent = p->latent, .seed = seed};
  dss_study *made = NULL;
  dss_ratings ratings = {0};
  dss_status status = dss_study_new(context, p->design->n_raters, p->l->raters.names,
                                    p->design->n_items, p->l->items.names, &made);
  if (status == DSS_OK) status = dss_study_add_rater_attribute(context, made, &attribute);
  if (status == DSS_OK) status = dss_ratings_new(context, p->l->question->n_ratings, &ratings);
  if (status == DSS_OK) status = dss_rate_afresh(context, task, &ratings);
  if (status == DSS_OK) status = dss_add_drawn_question(context, made, p->l->question, &ratings);
  dss_ratings_free(&ratings);
  if (status == DSS_OK)
    *study = made;
  else
    dss_study_free(made);
  return status;
}

/* --- the groups ------------------------------------------------------------------------------ */

static bool known(const dss_cells *cells, uint32_t cell) {
  for (size_t i = 0; i < cells->n_attributes; i++)
    if (cells->profile[(size_t)cell * cells->n_attributes + i] < 0) return false;
  return true;
}

/* By its values in the order of their categories, as in the reports of `dissensus gai`. */
static int compare_cells(const dss_cells *cells, uint32_t a, uint32_t b) {
  const int32_t *one = cells->profile + (size_t)a * cells->n_attributes;
  const int32_t *other = cells->profile + (size_t)b * cells->n_attributes;
  for (size_t i = 0; i < cells->n_attributes; i++)
    if (one[i] != other[i]) return one[i] < other[i] ? -1 : 1;
  return 0;
}

/* The first of the known cells behind this one, or n_cells; of n_cells: the first of all. */
static uint32_t cell_behind(const dss_cells *cells, uint32_t cell) {
  uint32_t n = cells->n_cells, next = n;
  for (uint32_t c = 0; c < n; c++)
    if (known(cells, c) && (cell == n || compare_cells(cells, c, cell) > 0) &&
        (next == n || compare_cells(cells, c, next) < 0))
      next = c;
  return next;
}

/* The raters of the cell, where they are enough and there are others beside them. */
static dss_status add_group(looking *l, const dss_cells *cells, uint32_t cell) {
  char *name = NULL;
  uint32_t inside = 0, all = 0;
  for (uint32_t r = 0; r < cells->n_raters; r++) {
    inside += cells->cell[r] == cell;
    all += known(cells, cells->cell[r]);
  }
  l->n_small += inside < l->design->min_raters;
  if (inside < l->design->min_raters || inside == all) return DSS_OK;
  DSS_TRY(DSS_GROW(l->context, &l->groups, &l->groups_room, l->n_groups + 1));
  sought *group = &l->groups[l->n_groups++];
  *group = (sought){.raters = inside, .all = all};
  DSS_TRY(dss_cells_name(l->context, l->study, cells, cell, &name));
  dss_status status = dss_power_keep_name(l->context, l->power, name, &group->name);
  free(name);
  DSS_TRY(status);
  DSS_TRY(DSS_ALLOC(l->context, &group->side, cells->n_raters));
  for (uint32_t r = 0; r < cells->n_raters; r++)
    group->side[r] = cells->cell[r] == cell ? 0 : known(cells, cells->cell[r]) ? 1 : -1;
  return DSS_OK;
}

static void say_left_out(const looking *l, const char *axis, const dss_cells *cells) {
  uint32_t unknown = 0;
  for (uint32_t r = 0; r < cells->n_raters; r++)
    unknown += !known(cells, cells->cell[r]);
  if (unknown > 0)
    dss_info(l->context, "axis %s: %u %s no part", axis, unknown,
             unknown == 1 ? "rater with an unknown value takes"
                          : "raters with an unknown value take");
  if (l->n_small > 0)
    dss_info(l->context, "axis %s: %zu %s fewer than %u raters and %s left out", axis, l->n_small,
             l->n_small == 1 ? "group has" : "groups have", l->design->min_raters,
             l->n_small == 1 ? "is" : "are");
}

/* With the axis's attributes and no others, each cell is a group. */
static dss_status add_axis(looking *l, const char *axis, const char *const *names, size_t n) {
  dss_cells cells;
  dss_status status = dss_cells_make(l->context, l->study, names, n, 0, &cells);
  l->n_small = 0;
  for (uint32_t c = cell_behind(&cells, cells.n_cells); status == DSS_OK && c < cells.n_cells;
       c = cell_behind(&cells, c))
    status = add_group(l, &cells, c);
  if (status == DSS_OK) say_left_out(l, axis, &cells);
  dss_cells_free(&cells);
  return status;
}

enum { MOST_ATTRIBUTES = 3 };

/* "gender,race" */
static dss_status add_axis_text(looking *l, const char *text) {
  const char *names[MOST_ATTRIBUTES];
  size_t n = 0;
  char *copy = NULL, *rest = NULL;
  DSS_TRY(dss_copy_text(l->context, &copy, text));
  dss_status status = DSS_OK;
  for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
    if (n == MOST_ATTRIBUTES) {
      status = dss_fail(l->context, DSS_ERR_USAGE, "axis '%s': more than %d attributes", text,
                        MOST_ATTRIBUTES);
      break;
    }
    names[n++] = word;
  }
  if (status == DSS_OK && n == 0) status = dss_fail(l->context, DSS_ERR_USAGE, "an axis is empty");
  if (status == DSS_OK) status = add_axis(l, text, names, n);
  free(copy);
  return status;
}

static dss_status find_groups(looking *l) {
  for (size_t i = 0; i < l->design->n_axes; i++)
    DSS_TRY(add_axis_text(l, l->design->axes[i]));
  for (size_t a = 0; l->design->n_axes == 0 && a < dss_study_n_rater_attributes(l->study); a++)
    DSS_TRY(add_axis(l, dss_study_rater_attribute(l->study, a)->name,
                     &dss_study_rater_attribute(l->study, a)->name, 1));
  if (l->n_groups > 0) return DSS_OK;
  return dss_fail(l->context, DSS_ERR_DATA, "no group with %u raters or more, and others beside it",
                  l->design->min_raters);
}

/* --- the model ------------------------------------------------------------------------------- */

/* Those that the model can be fitted to. */
static dss_status fail_questions(const looking *l) {
  char list[512] = "";
  size_t used = 0;
  for (size_t q = 0; q < dss_study_n_questions(l->study); q++) {
    const dss_question *question = dss_study_question(l->study, q);
    if (dss_fit_has_order(question) && used < sizeof list)
      used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "",
                               question->name);
  }
  return dss_fail(l->context, DSS_ERR_USAGE, "the study has %zu questions: name one%s%s",
                  dss_study_n_questions(l->study), used > 0 ? " of those with an order: " : "",
                  list);
}

static dss_status find_question(looking *l) {
  const char *name = l->design->question;
  size_t n = dss_study_n_questions(l->study), q = 0;
  if (!name && n != 1) return fail_questions(l);
  while (name && q < n && strcmp(dss_study_question(l->study, q)->name, name) != 0)
    q++;
  if (q == n) return dss_fail(l->context, DSS_ERR_USAGE, "the study has no question '%s'", name);
  l->question = dss_study_question(l->study, q);
  if (!dss_fit_has_order(l->question))
    return dss_fail(l->context, DSS_ERR_DATA,
                    "question '%s': it is nominal with %u levels, and the model needs an order",
                    l->question->name, l->question->n_levels);
  return DSS_OK;
}

/* As if all raters were alike: one cell's thresholds, the agreement and the leniency of all. */
static dss_status fit_all(looking *l) {
  l->together.n_raters = dss_study_n_raters(l->study);
  l->together.n_cells = 1;
  DSS_TRY(DSS_ALLOC(l->context, &l->together.cell, l->together.n_raters));
  DSS_TRY(dss_fit_question(l->context, l->question, dss_study_n_items(l->study), &l->together,
                           false, &l->fit));
  return dss_expected_make(l->context, l->question->scale, l->question->n_levels,
                           l->fit.thresholds.shares, l->question->values, &l->expected);
}

static dss_status set_keys(looking *l) {
  char digest[65];
  DSS_TRY(dss_study_digest(l->context, l->study, digest));
  DSS_TRY(dss_power_set_key(l->context, l->power, DSS_POWER_KEY_input_sha256, "%s", digest));
  DSS_TRY(dss_power_set_key(l->context, l->power, DSS_POWER_KEY_seed, "%llu",
                            (unsigned long long)l->design->seed));
  DSS_TRY(dss_power_set_key(l->context, l->power, DSS_POWER_KEY_items, "%u",
                            dss_study_n_items(l->study)));
  DSS_TRY(
      dss_power_set_key(l->context, l->power, DSS_POWER_KEY_agreement, "%.4g", l->fit.agreement));
  DSS_TRY(dss_power_set_key(l->context, l->power, DSS_POWER_KEY_leniency, "%.4g", l->fit.leniency));
  return dss_power_set_key(l->context, l->power, DSS_POWER_KEY_question, "%s (%s, %u levels)",
                           l->question->name, dss_scale_name(l->question->scale),
                           l->question->n_levels);
}

/* --- the search ------------------------------------------------------------------------------ */

/* The studies of one group's points; each group may have as many as there are at most. */
static dss_status run_point(point_design *p, dss_power_point *point) {
  const looking *l = p->l;
  const dss_power_test *test = &l->power->test;
  uint64_t most_points = l->n_gai + DSS_MOST_ADDED;
  const dss_trials trials = {.test = test,
                             .seed = l->design->seed,
                             .make = make_study,
                             .what = p,
                             .axis = "group",
                             .group = "in",
                             .group_raters = p->group->raters,
                             .why = l->power->why,
                             .done = (p->number * most_points + p->n_run++) * test->studies,
                             .total = l->n_groups * most_points * test->studies};
  dss_latent latent;
  bool has[2] = {true, false};
  const dss_effect effect = {.has = has, .cohesion = point->cohesion, .name = p->group->name};
  dss_status status = dss_latent_make(l->context, l->question->n_levels, 2, l->fit.agreement,
                                      l->fit.leniency, &effect, 1, &latent);
  if (status == DSS_OK) {
    dss_latent_set_shares(&latent, l->fit.thresholds.shares, NULL, 0);
    p->latent = &latent;
    status = dss_trials_run(l->context, &trials, point);
  }
  dss_latent_free(&latent);
  return status;
}

static bool set_gai(const looking *l, double gai, dss_power_point *point) {
  double most = (1 - l->fit.leniency) / l->fit.agreement - 1;
  point->gai = gai;
  return dss_expected_cohesion(&l->expected, l->fit.agreement, most, gai, &point->cohesion);
}

/* From small GAIs to large ones, until one's power is surely what is wanted, or the agreement
 * leaves no room for more. */
static dss_status look_for(looking *l, point_design *p) {
  dss_power_point point = {.group = p->group->name,
                           .raters_per_group = p->group->raters,
                           .raters = p->group->all,
                           .ratings_per_item =
                               (double)l->question->n_ratings / (double)p->design->n_items};
  for (size_t i = 0; i < l->n_gai; i++) {
    if (!set_gai(l, l->gai[i], &point)) {
      dss_info(l->context,
               "%s: no GAI of %g or more is looked for: an agreement of %.3g leaves no room for it",
               point.group, point.gai, l->fit.agreement);
      break;
    }
    DSS_TRY(run_point(p, &point));
    DSS_TRY(dss_power_add_point(l->context, l->power, &point));
    if (point.gai > 1 && point.low > l->power->test.power) break;
  }
  return DSS_OK;
}

static dss_status describe_between(void *what, double at, dss_power_point *point) {
  const point_design *p = what;
  return set_gai(p->l, at, point) ? DSS_OK : DSS_ERR_USAGE;
}

static dss_status run_between(void *what, dss_power_point *point) {
  return run_point(what, point);
}

static dss_status find_need(looking *l, point_design *p, size_t first) {
  size_t *at = NULL, n = 0;
  DSS_TRY(DSS_ALLOC(l->context, &at, l->n_gai));
  for (size_t i = first; i < l->power->n_points; i++)
    if (l->power->points[i].gai >= 1) at[n++] = i;
  const dss_power_search search = {.along = DSS_POWER_GAI,
                                   .points = at,
                                   .n = n,
                                   .describe = describe_between,
                                   .run = run_between,
                                   .what = p};
  dss_status status = dss_power_find_need(l->context, l->power, &search);
  if (status == DSS_OK) dss_power_sort_points(l->power, first);
  free(at);
  return status;
}

static dss_status run_group(looking *l, size_t number) {
  const sought *group = &l->groups[number];
  dss_cells sides = {.n_raters = l->together.n_raters, .n_cells = 2};
  dss_design design = {0};
  size_t first = l->power->n_points;
  dss_status status = DSS_ALLOC(l->context, &sides.cell, sides.n_raters);
  for (uint32_t r = 0; status == DSS_OK && r < sides.n_raters; r++)
    sides.cell[r] = group->side[r] != 0;
  if (status == DSS_OK)
    status = dss_design_of_question(l->context, l->question, dss_study_n_items(l->study), &sides,
                                    &(dss_copies){1, 1, NULL}, &design);
  point_design p = {.l = l, .group = group, .number = number, .design = &design};
  if (status == DSS_OK) status = look_for(l, &p);
  if (status == DSS_OK) status = find_need(l, &p, first);
  dss_design_free(&design);
  free(sides.cell);
  return status;
}

static dss_status run(looking *l) {
  const dss_power_design *design = l->design;
  if (l->power->test.adjusted)
    return dss_fail(l->context, DSS_ERR_USAGE,
                    "q: of a study each group is looked for alone; give a smaller alpha instead");
  if (design->min_raters < 2)
    return dss_fail(l->context, DSS_ERR_USAGE, "%u raters a group: at least 2 are needed",
                    design->min_raters);
  DSS_TRY(dss_power_sort_gai(l->context, design->n_gai ? design->gai : default_gai,
                             design->n_gai ? design->n_gai : N_DEFAULT_GAI, &l->gai, &l->n_gai));
  DSS_TRY(find_question(l));
  DSS_TRY(find_groups(l));
  DSS_TRY(fit_all(l));
  DSS_TRY(set_keys(l));
  DSS_TRY(dss_names_count(l->context, "r", false, dss_study_n_raters(l->study), &l->raters));
  DSS_TRY(dss_names_count(l->context, "i", false, dss_study_n_items(l->study), &l->items));
  for (size_t g = 0; g < l->n_groups; g++)
    DSS_TRY(run_group(l, g));
  return dss_power_check_defined(l->context, l->power);
}

dss_status dss_power_of_study(dss_context *context, const dss_study *study,
                              const dss_power_design *design, const dss_power_test *test,
                              dss_power **power) {
  looking l = {.context = context, .study = study, .design = design};
  dss_status status = dss_power_new(context, test, &l.power);
  if (status == DSS_OK) {
    l.power->of_study = true;
    status = run(&l);
  }
  for (size_t g = 0; g < l.n_groups; g++)
    free(l.groups[g].side);
  free(l.groups);
  free(l.gai);
  dss_names_free(&l.raters);
  dss_names_free(&l.items);
  dss_expected_free(&l.expected);
  dss_fit_free(&l.fit);
  dss_cells_free(&l.together);
  if (status == DSS_OK)
    *power = l.power;
  else
    dss_power_free(l.power);
  return status;
}
