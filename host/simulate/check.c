/* A simulated study held against what it was made of. */
#include "dissensus/pool.h"

#include <jansson.h>
#include <math.h>

#include "dissensus/severity.h"
#include "host/core/alloc.h"

/* What was planted in a group: of every question, or of one. */
typedef struct planted {
  const char *question; /* NULL: every one */
  char *axis, *plan;    /* "gender*age", "gender,age" */
  char *group;          /* "Woman * GenZ" */
  size_t attributes;    /* how many it is of */
  double severity, cohesion;
} planted;

struct dss_pool_check {
  char *truth;
  json_t *root;
  bool grown;
  planted *planted;
  size_t n_planted;
  char **texts; /* of groups: questions, axes, names */
  size_t n_texts, texts_room;
  dss_pool_group *groups;
  size_t n_groups, groups_room;
};

/* --- what was planted ------------------------------------------------------------------------ */

/* Where "NAME=" stands in "gender=Woman,age=GenZ", or NULL. */
static const char *find_value(const char *text, const char *name) {
  size_t length = strlen(name);
  for (const char *at = text; at; at = strchr(at, ',')) {
    at += *at == ',';
    if (strncmp(at, name, length) == 0 && at[length] == '=') return at + length + 1;
  }
  return NULL;
}

/* A value ends where the next attribute begins, so that it may have a comma. */
static size_t value_length(const dss_study *study, const char *value) {
  for (const char *at = strchr(value, ','); at; at = strchr(at + 1, ','))
    for (size_t a = 0; a < dss_study_n_rater_attributes(study); a++) {
      const char *name = dss_study_rater_attribute(study, a)->name;
      if (strncmp(at + 1, name, strlen(name)) == 0 && at[1 + strlen(name)] == '=')
        return (size_t)(at - value);
    }
  return strlen(value);
}

/* Axis and group in the order of the study's attributes, as results name them. */
static dss_status read_group(dss_context *context, const dss_study *study, const char *text,
                             planted *p) {
  size_t room = 4 * strlen(text) + 4, axis = 0, group = 0;
  DSS_TRY(DSS_ALLOC(context, &p->axis, room));
  DSS_TRY(DSS_ALLOC(context, &p->plan, room));
  DSS_TRY(DSS_ALLOC(context, &p->group, room));
  for (size_t a = 0; a < dss_study_n_rater_attributes(study); a++) {
    const char *name = dss_study_rater_attribute(study, a)->name;
    const char *value = find_value(text, name);
    if (!value) continue;
    bool first = p->attributes++ == 0;
    snprintf(p->plan + axis, room - axis, "%s%s", first ? "" : ",", name);
    axis += (size_t)snprintf(p->axis + axis, room - axis, "%s%s", first ? "" : "*", name);
    group += (size_t)snprintf(p->group + group, room - group, "%s%.*s", first ? "" : " * ",
                              (int)value_length(study, value), value);
  }
  return DSS_OK;
}

static double number_of(const json_t *effect, const char *key) {
  const json_t *value = json_object_get(effect, key);
  return value && json_number_value(value) != 0 ? json_number_value(value) : NAN;
}

/* Effects of one group are one. */
static dss_status add_planted(dss_context *context, const dss_study *study, dss_pool_check *c,
                              const char *question, const char *group, const json_t *effect) {
  planted *p = &c->planted[c->n_planted++];
  *p = (planted){.question = question,
                 .severity = number_of(effect, "severity"),
                 .cohesion = number_of(effect, "cohesion")};
  DSS_TRY(read_group(context, study, group, p));
  for (planted *other = c->planted; other < p; other++)
    if (other->question == question && strcmp(other->axis, p->axis) == 0 &&
        strcmp(other->group, p->group) == 0) {
      if (isnan(p->severity)) p->severity = other->severity;
      if (isnan(p->cohesion)) p->cohesion = other->cohesion;
      other->severity = p->severity;
      other->cohesion = p->cohesion;
    }
  return DSS_OK;
}

/* "gender=Woman: severity 0.3": the strengths stand behind the last colon. */
static dss_status add_effect(dss_context *context, const dss_study *study, dss_pool_check *c,
                             const json_t *effect) {
  char *group = NULL;
  const char *text = json_string_value(json_object_get(effect, "effect"));
  DSS_TRY(dss_copy_text(context, &group, text ? text : ""));
  char *colon = strrchr(group, ':');
  if (colon) *colon = '\0';
  dss_status status = add_planted(context, study, c, NULL, group, effect);
  free(group);
  return status;
}

static dss_status read_truth(dss_context *context, const dss_study *study, dss_pool_check *c) {
  c->root = json_loads(c->truth, 0, NULL);
  const char *kind = json_string_value(json_object_get(c->root, "simulated"));
  if (!kind) return dss_fail(context, DSS_ERR_DATA, "the truth is not that of a simulated study");
  c->grown = strcmp(kind, "expanded") == 0;
  const json_t *questions = json_object_get(c->root, "questions");
  const json_t *effects = json_object_get(c->root, "effects");
  size_t room = json_array_size(effects), i, k;
  const json_t *question, *effect;
  json_array_foreach(questions, i, question) room +=
      json_array_size(json_object_get(question, "effects"));
  DSS_TRY(DSS_ALLOC(context, &c->planted, room));
  json_array_foreach(effects, i, effect) DSS_TRY(add_effect(context, study, c, effect));
  json_array_foreach(questions, i, question) {
    const char *name = json_string_value(json_object_get(question, "name"));
    json_array_foreach(json_object_get(question, "effects"), k, effect) {
      const char *group = json_string_value(json_object_get(effect, "group"));
      DSS_TRY(add_planted(context, study, c, name, group ? group : "", effect));
    }
  }
  return DSS_OK;
}

/* --- how groups rate ------------------------------------------------------------------------- */

/* What both studies are asked: the pool's questions, each attribute, each axis with an effect. */
typedef struct asked {
  const char **questions, **axes;
  size_t n_questions, n_axes;
} asked;

static dss_status ask(dss_context *context, const dss_study *pool, const dss_pool_check *c,
                      asked *a) {
  size_t n_attributes = dss_study_n_rater_attributes(pool);
  a->n_questions = dss_study_n_questions(pool);
  DSS_TRY(DSS_ALLOC(context, &a->questions, a->n_questions));
  DSS_TRY(DSS_ALLOC(context, &a->axes, n_attributes + c->n_planted));
  for (size_t q = 0; q < a->n_questions; q++)
    a->questions[q] = dss_study_question(pool, q)->name;
  for (; a->n_axes < n_attributes; a->n_axes++)
    a->axes[a->n_axes] = dss_study_rater_attribute(pool, a->n_axes)->name;
  for (size_t i = 0; i < c->n_planted; i++) {
    bool again = c->planted[i].attributes < 2;
    for (size_t k = 0; k < i && !again; k++)
      again = strcmp(c->planted[k].plan, c->planted[i].plan) == 0;
    if (!again) a->axes[a->n_axes++] = c->planted[i].plan;
  }
  return DSS_OK;
}

typedef struct measured {
  dss_results *results;
  dss_evaluation *means; /* NULL: every question is nominal */
} measured;

static void free_measured(const measured *m) {
  dss_results_free(m->results);
  dss_evaluation_free(m->means);
}

static dss_status measure_agreement(dss_context *context, const dss_study *study,
                                    const dss_plan_options *options, unsigned threads,
                                    measured *m) {
  dss_plan *plan = NULL;
  dss_run_options run;
  dss_run_options_init(&run);
  run.backend = DSS_BACKEND_CPU;
  run.threads = threads;
  dss_status status = dss_plan_new(context, study, options, &plan);
  if (status == DSS_OK) status = dss_run(context, plan, &run, &m->results);
  dss_plan_free(plan);
  return status;
}

static dss_status measure(dss_context *context, const dss_study *study, const asked *a,
                          unsigned threads, measured *m) {
  dss_evaluation_run run;
  dss_severity_options severity;
  bool ordered = false;
  dss_evaluation_run_init(&run);
  dss_severity_options_init(&severity);
  run.threads = threads;
  run.plan.axes = a->axes;
  run.plan.n_axes = a->n_axes;
  run.plan.permutations = 0;
  run.plan.questions = a->questions;
  run.plan.n_questions = a->n_questions;
  DSS_TRY(measure_agreement(context, study, &run.plan, threads, m));
  for (size_t q = 0; q < dss_results_n_questions(m->results); q++)
    ordered |= dss_results_scale(m->results, q) != DSS_NOMINAL;
  if (!ordered) return DSS_OK;
  run.plan.questions = NULL; /* nominal ones are left out */
  run.plan.n_questions = 0;
  severity.statistics = DSS_SEVERITY_BIT(DSS_SEVERITY_MEAN);
  severity.pairs = false;
  return dss_severity(context, study, &run, &severity, &m->means);
}

static double mean_of(const measured *m, const char *question, const char *axis,
                      const char *group) {
  for (size_t i = 0; m->means && i < dss_evaluation_n_rows(m->means); i++) {
    const dss_evaluation_row *row = dss_evaluation_get(m->means, i);
    if (strcmp(row->statistic, "mean") == 0 && strcmp(row->question, question) == 0 &&
        strcmp(row->axis, axis) == 0 && strcmp(row->group, group) == 0)
      return row->cell.estimate;
  }
  return NAN;
}

static double estimate(const dss_results *results, size_t question, size_t group,
                       dss_statistic statistic) {
  const dss_cell *cell = dss_results_cell(results, question, group, statistic);
  return cell ? cell->estimate : NAN;
}

static dss_pool_values values_of(const measured *m, const char *question, const char *axis,
                                 const char *group) {
  dss_pool_values v = {.mean = NAN, .irr = NAN, .xrr = NAN, .gai = NAN};
  const dss_results *r = m->results;
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      if (strcmp(dss_results_question(r, q), question) != 0 ||
          strcmp(dss_results_axis(r, dss_results_group_axis(r, g)), axis) != 0 ||
          strcmp(dss_results_group(r, g), group) != 0)
        continue;
      v.raters = dss_results_group_raters(r, g);
      const dss_group_detail *detail = dss_results_detail(r, q, g);
      v.ratings = detail ? detail->ratings : 0;
      v.irr = estimate(r, q, g, DSS_IRR);
      v.xrr = estimate(r, q, g, DSS_XRR);
      v.gai = estimate(r, q, g, DSS_GAI);
      v.mean = mean_of(m, question, axis, group);
    }
  return v;
}

/* --- groups ---------------------------------------------------------------------------------- */

static dss_status keep(dss_context *context, dss_pool_check *c, const char *text,
                       const char **kept) {
  char *copy = NULL;
  DSS_TRY(DSS_GROW(context, &c->texts, &c->texts_room, c->n_texts + 1));
  DSS_TRY(dss_copy_text(context, &copy, text));
  *kept = c->texts[c->n_texts++] = copy;
  return DSS_OK;
}

static const planted *planted_in(const dss_pool_check *c, const char *question, const char *axis,
                                 const char *group) {
  for (size_t i = 0; i < c->n_planted; i++)
    if ((!c->planted[i].question || strcmp(c->planted[i].question, question) == 0) &&
        strcmp(c->planted[i].axis, axis) == 0 && strcmp(c->planted[i].group, group) == 0)
      return &c->planted[i];
  return NULL;
}

static dss_status add_group(dss_context *context, dss_pool_check *c, size_t question, size_t group,
                            const measured *made, const measured *source) {
  const dss_results *r = made->results;
  const char *axis = dss_results_axis(r, dss_results_group_axis(r, group));
  const char *name = dss_results_group(r, group), *of = dss_results_question(r, question);
  const planted *p = planted_in(c, of, axis, name);
  dss_pool_group g = {.severity = p ? p->severity : NAN, .cohesion = p ? p->cohesion : NAN};
  if (!p && strchr(axis, '*')) return DSS_OK; /* it stands beside one that has an effect */
  g.made = values_of(made, of, axis, name);
  if (source->results) g.source = values_of(source, of, axis, name);
  DSS_TRY(keep(context, c, of, &g.question));
  DSS_TRY(keep(context, c, axis, &g.axis));
  DSS_TRY(keep(context, c, name, &g.group));
  DSS_TRY(DSS_GROW(context, &c->groups, &c->groups_room, c->n_groups + 1));
  c->groups[c->n_groups++] = g;
  return DSS_OK;
}

static dss_status fill(dss_context *context, const dss_study *pool, const dss_study *source,
                       unsigned threads, dss_pool_check *c) {
  asked a = {0};
  measured made = {0}, before = {0};
  dss_status status = read_truth(context, pool, c);
  if (status == DSS_OK) status = ask(context, pool, c, &a);
  if (status == DSS_OK) status = measure(context, pool, &a, threads, &made);
  if (status == DSS_OK && source) status = measure(context, source, &a, threads, &before);
  for (size_t q = 0; status == DSS_OK && q < a.n_questions; q++)
    for (size_t g = 0; status == DSS_OK && g < dss_results_n_groups(made.results); g++)
      status = add_group(context, c, q, g, &made, &before);
  free_measured(&made);
  free_measured(&before);
  free(a.questions);
  free(a.axes);
  return status;
}

dss_status dss_pool_check_new(dss_context *context, const dss_study *pool, const char *truth,
                              const dss_study *source, unsigned threads, dss_pool_check **check) {
  dss_pool_check *c = NULL;
  DSS_TRY(DSS_ALLOC(context, &c, 1));
  dss_status status = dss_copy_text(context, &c->truth, truth);
  if (status == DSS_OK) status = fill(context, pool, source, threads, c);
  if (status == DSS_OK)
    *check = c;
  else
    dss_pool_check_free(c);
  return status;
}

void dss_pool_check_free(dss_pool_check *c) {
  if (!c) return;
  for (size_t i = 0; i < c->n_planted; i++) {
    free(c->planted[i].axis);
    free(c->planted[i].plan);
    free(c->planted[i].group);
  }
  for (size_t i = 0; i < c->n_texts; i++)
    free(c->texts[i]);
  json_decref(c->root);
  free(c->planted);
  free(c->texts);
  free(c->groups);
  free(c->truth);
  free(c);
}

size_t dss_pool_check_n_groups(const dss_pool_check *check) {
  return check->n_groups;
}

const dss_pool_group *dss_pool_check_group(const dss_pool_check *check, size_t group) {
  return group < check->n_groups ? &check->groups[group] : NULL;
}

bool dss_pool_check_is_grown(const dss_pool_check *check) {
  return check->grown;
}

const char *dss_pool_check_truth(const dss_pool_check *check) {
  return check->truth;
}
