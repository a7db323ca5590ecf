#include "check_truth.h"

#include <math.h>
#include <string.h>

#include "host/core/alloc.h"

/* --- groups ---------------------------------------------------------------------------------- */

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
                             dss_said *s) {
  size_t room = 4 * strlen(text) + 4, axis = 0, group = 0;
  DSS_TRY(DSS_ALLOC(context, &s->axis, room));
  DSS_TRY(DSS_ALLOC(context, &s->plan, room));
  DSS_TRY(DSS_ALLOC(context, &s->group, room));
  DSS_TRY(DSS_ALLOC(context, &s->attributes, dss_study_n_rater_attributes(study)));
  for (size_t a = 0; a < dss_study_n_rater_attributes(study); a++) {
    const char *name = dss_study_rater_attribute(study, a)->name;
    const char *value = find_value(text, name);
    if (!value) continue;
    bool first = s->n_attributes == 0;
    s->attributes[s->n_attributes++] = name;
    snprintf(s->plan + axis, room - axis, "%s%s", first ? "" : ",", name);
    axis += (size_t)snprintf(s->axis + axis, room - axis, "%s%s", first ? "" : "*", name);
    group += (size_t)snprintf(s->group + group, room - group, "%s%.*s", first ? "" : " * ",
                              (int)value_length(study, value), value);
  }
  return DSS_OK;
}

static bool is_of(const dss_said *s, const char *question, const char *axis, const char *group) {
  return (!s->question || strcmp(s->question, question) == 0) && strcmp(s->axis, axis) == 0 &&
         strcmp(s->group, group) == 0;
}

const dss_said *dss_said_planted(const dss_said_list *list, const char *question, const char *axis,
                                 const char *group) {
  for (size_t i = 0; i < list->n; i++)
    if (!list->at[i].shares && is_of(&list->at[i], question, axis, group)) return &list->at[i];
  return NULL;
}

const dss_said *dss_said_model(const dss_said_list *list, const char *question, const char *axis,
                               const char *group) {
  for (size_t i = 0; i < list->n; i++)
    if (list->at[i].shares && is_of(&list->at[i], question, axis, group)) return &list->at[i];
  return NULL;
}

/* --- what is said ---------------------------------------------------------------------------- */

static double number_of(const json_t *of, const char *key) {
  const json_t *value = json_object_get(of, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static double strength_of(const json_t *effect, const char *key) {
  double value = number_of(effect, key);
  return value != 0 ? value : NAN;
}

static dss_status add(dss_context *context, const dss_study *study, dss_said_list *list,
                      const char *question, const char *group, const json_t *of) {
  dss_said *s = &list->at[list->n++];
  *s = (dss_said){.question = question,
                  .severity = strength_of(of, "severity"),
                  .cohesion = strength_of(of, "cohesion"),
                  .mean = number_of(of, "mean"),
                  .irr = number_of(of, "irr"),
                  .xrr = number_of(of, "xrr"),
                  .gai = number_of(of, "gai"),
                  .shares = json_object_get(of, "shares")};
  return read_group(context, study, group ? group : "", s);
}

/* Effects of one group are one. */
static void join(dss_said_list *list) {
  dss_said *last = &list->at[list->n - 1];
  for (dss_said *other = list->at; other < last; other++)
    if (other->question == last->question && strcmp(other->axis, last->axis) == 0 &&
        strcmp(other->group, last->group) == 0) {
      if (isnan(last->severity)) last->severity = other->severity;
      if (isnan(last->cohesion)) last->cohesion = other->cohesion;
      other->severity = last->severity;
      other->cohesion = last->cohesion;
    }
}

/* "gender=Woman: severity 0.3": the strengths stand behind the last colon. */
static dss_status add_effect(dss_context *context, const dss_study *study, const json_t *effect,
                             dss_said_list *list) {
  char *group = NULL;
  DSS_TRY(dss_copy_text(context, &group, json_string_value(json_object_get(effect, "effect"))));
  char *colon = strrchr(group, ':');
  if (colon) *colon = '\0';
  dss_status status = add(context, study, list, NULL, group, effect);
  if (status == DSS_OK) join(list);
  free(group);
  return status;
}

/* A question's own effects, which were fitted, and groups of the model. */
static dss_status add_question(dss_context *context, const dss_study *study, const json_t *question,
                               dss_said_list *list) {
  const char *name = json_string_value(json_object_get(question, "name"));
  const json_t *of;
  size_t i;
  json_array_foreach(json_object_get(question, "effects"), i, of) {
    DSS_TRY(add(context, study, list, name, json_string_value(json_object_get(of, "group")), of));
    join(list);
  }
  json_array_foreach(json_object_get(question, "groups"), i, of)
      DSS_TRY(add(context, study, list, name, json_string_value(json_object_get(of, "group")), of));
  return DSS_OK;
}

dss_status dss_said_read(dss_context *context, const dss_study *pool, const json_t *truth,
                         dss_said_list *list) {
  const json_t *questions = json_object_get(truth, "questions"), *question, *effect;
  const json_t *effects = json_object_get(truth, "effects");
  size_t room = json_array_size(effects), i;
  *list = (dss_said_list){0};
  if (!json_is_string(json_object_get(truth, "simulated")))
    return dss_fail(context, DSS_ERR_DATA, "the truth is not that of a simulated study");
  json_array_foreach(questions, i, question) room +=
      json_array_size(json_object_get(question, "effects")) +
      json_array_size(json_object_get(question, "groups"));
  DSS_TRY(DSS_ALLOC(context, &list->at, room));
  json_array_foreach(effects, i, effect) DSS_TRY(add_effect(context, pool, effect, list));
  json_array_foreach(questions, i, question) DSS_TRY(add_question(context, pool, question, list));
  return DSS_OK;
}

void dss_said_free(dss_said_list *list) {
  for (size_t i = 0; i < list->n; i++) {
    free(list->at[i].axis);
    free(list->at[i].plan);
    free(list->at[i].group);
    free(list->at[i].attributes);
  }
  free(list->at);
  *list = (dss_said_list){0};
}
