/* A simulated study held against what it was made of. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "check_counts.h"
#include "check_measure.h"
#include "check_truth.h"
#include "host/core/alloc.h"

static const char *const fact_keys[] = {"created_by", "created_at", "command", "input_sha256",
                                        "seed"};
enum { N_FACTS = sizeof fact_keys / sizeof *fact_keys };

struct dss_pool_check {
  char *truth;
  json_t *root;
  bool grown;
  dss_said_list said;
  void **kept; /* texts and arrays of groups and questions */
  size_t n_kept, kept_room;
  dss_pool_group *groups;
  size_t n_groups, groups_room;
  dss_pool_question *questions;
  size_t n_questions;
  const char *facts[N_FACTS];
};

/* What it is made from. */
typedef struct making {
  dss_context *context;
  const dss_study *pool, *source;
  dss_pool_check *check;
  dss_measure_asked asked;
  dss_measured made, before; /* the source's */
} making;

/* --- what belongs to the check --------------------------------------------------------------- */

/* Memory that was taken for the check; let go where there is no room to keep it. */
static dss_status keep(making *m, void *taken) {
  dss_pool_check *c = m->check;
  dss_status status = DSS_GROW(m->context, &c->kept, &c->kept_room, c->n_kept + 1);
  if (status == DSS_OK)
    c->kept[c->n_kept++] = taken;
  else
    free(taken);
  return status;
}

static dss_status keep_text(making *m, const char *text, const char **kept) {
  char *copy = NULL;
  DSS_TRY(dss_copy_text(m->context, &copy, text));
  *kept = copy;
  return keep(m, copy);
}

static dss_status keep_numbers(making *m, size_t n, double **numbers) {
  DSS_TRY(DSS_ALLOC(m->context, numbers, n));
  return keep(m, *numbers);
}

/* --- questions ------------------------------------------------------------------------------- */

static double number_of(const json_t *of, const char *key) {
  const json_t *value = json_object_get(of, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

/* A pool's questions share agreement and leniency, a grown one's have their own. */
static const json_t *model_of(const dss_pool_check *c, const char *name) {
  const json_t *question;
  size_t i;
  if (json_object_get(c->root, "agreement")) return c->root;
  json_array_foreach(json_object_get(c->root, "questions"), i, question) {
    const char *of = json_string_value(json_object_get(question, "name"));
    if (of && strcmp(of, name) == 0) return question;
  }
  return NULL;
}

static dss_status add_question(making *m, size_t number) {
  const dss_question *from = dss_study_question(m->pool, number), *before = NULL;
  dss_pool_question *q = &m->check->questions[number];
  const char **levels;
  const json_t *model = model_of(m->check, from->name);
  *q = (dss_pool_question){.scale = from->scale,
                           .n_levels = from->n_levels,
                           .agreement = number_of(model, "agreement"),
                           .leniency = number_of(model, "leniency")};
  DSS_TRY(keep_text(m, from->name, &q->name));
  DSS_TRY(DSS_ALLOC(m->context, &levels, from->n_levels));
  q->levels = levels;
  DSS_TRY(keep(m, levels));
  for (uint32_t c = 0; c < from->n_levels; c++)
    DSS_TRY(keep_text(m, from->labels[c], &levels[c]));
  DSS_TRY(dss_check_count(m->context, m->pool, from, &q->made));
  if (m->source) before = dss_question_named(m->source, from->name);
  return before ? dss_check_count(m->context, m->source, before, &q->source) : DSS_OK;
}

static dss_status add_questions(making *m) {
  dss_pool_check *c = m->check;
  DSS_TRY(DSS_ALLOC(m->context, &c->questions, dss_study_n_questions(m->pool)));
  for (; c->n_questions < dss_study_n_questions(m->pool); c->n_questions++)
    DSS_TRY(add_question(m, c->n_questions));
  return DSS_OK;
}

/* --- groups ---------------------------------------------------------------------------------- */

/* The pool's questions, each attribute, each axis with an effect. */
static dss_status ask(making *m) {
  const dss_pool_check *c = m->check;
  dss_measure_asked *a = &m->asked;
  size_t n_attributes = dss_study_n_rater_attributes(m->pool);
  a->n_questions = dss_study_n_questions(m->pool);
  DSS_TRY(DSS_ALLOC(m->context, &a->questions, a->n_questions));
  DSS_TRY(DSS_ALLOC(m->context, &a->axes, n_attributes + c->said.n));
  for (size_t q = 0; q < a->n_questions; q++)
    a->questions[q] = dss_study_question(m->pool, q)->name;
  for (; a->n_axes < n_attributes; a->n_axes++)
    a->axes[a->n_axes] = dss_study_rater_attribute(m->pool, a->n_axes)->name;
  for (size_t i = 0; i < c->said.n; i++) {
    bool again = c->said.at[i].n_attributes < 2;
    for (size_t k = 0; k < i && !again; k++)
      again = strcmp(c->said.at[k].plan, c->said.at[i].plan) == 0;
    if (!again) a->axes[a->n_axes++] = c->said.at[i].plan;
  }
  return DSS_OK;
}

static dss_status model_values(making *m, const dss_said *said, uint32_t raters, uint32_t n_levels,
                               dss_pool_values *values) {
  double *shares;
  if (!said) return DSS_OK;
  *values = (dss_pool_values){
      .raters = raters, .mean = said->mean, .irr = said->irr, .xrr = said->xrr, .gai = said->gai};
  DSS_TRY(keep_numbers(m, n_levels, &shares));
  for (uint32_t c = 0; c < n_levels; c++) {
    const json_t *share = json_array_get(said->shares, c);
    shares[c] = json_is_number(share) ? json_number_value(share) : NAN;
  }
  values->shares = shares;
  return DSS_OK;
}

static dss_status add_group(making *m, size_t question, size_t group) {
  dss_pool_check *c = m->check;
  const dss_results *r = m->made.results;
  const char *axis = dss_results_axis(r, dss_results_group_axis(r, group));
  const char *name = dss_results_group(r, group), *of = dss_results_question(r, question);
  const dss_said *planted = dss_said_planted(&c->said, of, axis, name);
  dss_pool_group g = {.question = question,
                      .severity = planted ? planted->severity : NAN,
                      .cohesion = planted ? planted->cohesion : NAN,
                      .meant = {.mean = NAN, .irr = NAN, .xrr = NAN, .gai = NAN}};
  if (!planted && strchr(axis, '*')) return DSS_OK; /* it stands beside one that has an effect */
  g.made = dss_measured_values(&m->made, of, axis, name);
  if (m->source)
    g.meant = dss_measured_values(&m->before, of, axis, name);
  else
    DSS_TRY(model_values(m, dss_said_model(&c->said, of, axis, name), g.made.raters,
                         c->questions[question].n_levels, &g.meant));
  DSS_TRY(keep_text(m, axis, &g.axis));
  DSS_TRY(keep_text(m, name, &g.group));
  DSS_TRY(DSS_GROW(m->context, &c->groups, &c->groups_room, c->n_groups + 1));
  c->groups[c->n_groups++] = g;
  return DSS_OK;
}

static dss_status add_groups(making *m) {
  dss_pool_check *c = m->check;
  for (size_t q = 0; q < c->n_questions; q++) {
    c->questions[q].first_group = c->n_groups;
    for (size_t g = 0; g < dss_results_n_groups(m->made.results); g++)
      DSS_TRY(add_group(m, q, g));
    c->questions[q].n_groups = c->n_groups - c->questions[q].first_group;
  }
  return DSS_OK;
}

/* --- shares of the levels -------------------------------------------------------------------- */

/* A study's shares of the groups first .. end - 1, which are of one axis and question. */
static dss_status set_shares(making *m, const dss_study *study, size_t first, size_t end,
                             bool of_made) {
  dss_pool_check *c = m->check;
  const char *const *attributes = &c->groups[first].axis;
  size_t n_attributes = 1, n = end - first;
  const dss_pool_question *question = &c->questions[c->groups[first].question];
  const dss_question *of = dss_question_named(study, question->name);
  const char **names;
  double *shares;
  if (!of || of->n_levels != question->n_levels) return DSS_OK; /* grown from another study */
  for (size_t i = 0; i < c->said.n && strchr(*attributes, '*'); i++)
    if (strcmp(c->said.at[i].axis, c->groups[first].axis) == 0) {
      attributes = c->said.at[i].attributes;
      n_attributes = c->said.at[i].n_attributes;
      break;
    }
  DSS_TRY(keep_numbers(m, n * question->n_levels, &shares));
  DSS_TRY(DSS_ALLOC(m->context, &names, n));
  for (size_t g = 0; g < n; g++) {
    names[g] = c->groups[first + g].group;
    dss_pool_values *values = of_made ? &c->groups[first + g].made : &c->groups[first + g].meant;
    values->shares = shares + g * question->n_levels;
  }
  dss_status status =
      dss_check_shares(m->context, study, of, attributes, n_attributes, names, n, shares);
  free(names);
  return status;
}

static dss_status add_shares(making *m) {
  dss_pool_check *c = m->check;
  for (size_t first = 0, end; first < c->n_groups; first = end) {
    for (end = first + 1; end < c->n_groups; end++)
      if (c->groups[end].question != c->groups[first].question ||
          strcmp(c->groups[end].axis, c->groups[first].axis) != 0)
        break;
    DSS_TRY(set_shares(m, m->pool, first, end, true));
    if (m->source) DSS_TRY(set_shares(m, m->source, first, end, false));
  }
  return DSS_OK;
}

/* --- the whole ------------------------------------------------------------------------------- */

static dss_status add_facts(making *m) {
  dss_pool_check *c = m->check;
  const dss_provenance *p = dss_study_provenance(m->pool);
  const json_t *seed = json_object_get(c->root, "seed");
  char digits[24];
  snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(seed));
  const char *const values[N_FACTS] = {p->created_by, p->created_at, p->command,
                                       json_string_value(json_object_get(c->root, "from_sha256")),
                                       json_is_string(seed)    ? json_string_value(seed)
                                       : json_is_integer(seed) ? digits
                                                               : ""};
  for (int i = 0; i < N_FACTS; i++)
    DSS_TRY(keep_text(m, values[i] ? values[i] : "", &c->facts[i]));
  return DSS_OK;
}

/* That groups are too small is said once: of the source only where it is not so of the pool. */
static dss_status measure(making *m) {
  DSS_TRY(dss_measure_groups(m->context, m->pool, &m->asked, &m->made));
  if (!m->source) return DSS_OK;
  dss_hush(m->context, dss_measured_is_small(&m->made));
  dss_status status = dss_measure_groups(m->context, m->source, &m->asked, &m->before);
  dss_hush(m->context, false);
  return status;
}

static dss_status fill(making *m) {
  dss_pool_check *c = m->check;
  c->root = json_loads(c->truth, 0, NULL);
  DSS_TRY(dss_said_read(m->context, m->pool, c->root, &c->said));
  c->grown = strcmp(json_string_value(json_object_get(c->root, "simulated")), "expanded") == 0;
  DSS_TRY(add_facts(m));
  DSS_TRY(add_questions(m));
  DSS_TRY(ask(m));
  DSS_TRY(measure(m));
  DSS_TRY(add_groups(m));
  return add_shares(m);
}

dss_status dss_pool_check_new(dss_context *context, const dss_study *pool, const char *truth,
                              const dss_study *source, unsigned threads, dss_pool_check **check) {
  making m = {.context = context, .pool = pool, .source = source, .asked = {.threads = threads}};
  DSS_TRY(DSS_ALLOC(context, &m.check, 1));
  dss_status status = dss_copy_text(context, &m.check->truth, truth);
  if (status == DSS_OK) status = fill(&m);
  dss_measured_free(&m.made);
  dss_measured_free(&m.before);
  free(m.asked.questions);
  free(m.asked.axes);
  if (status == DSS_OK)
    *check = m.check;
  else
    dss_pool_check_free(m.check);
  return status;
}

void dss_pool_check_free(dss_pool_check *c) {
  if (!c) return;
  dss_said_free(&c->said);
  for (size_t i = 0; i < c->n_kept; i++)
    free(c->kept[i]);
  json_decref(c->root);
  free(c->kept);
  free(c->groups);
  free(c->questions);
  free(c->truth);
  free(c);
}

size_t dss_pool_check_n_groups(const dss_pool_check *check) {
  return check->n_groups;
}

const dss_pool_group *dss_pool_check_group(const dss_pool_check *check, size_t group) {
  return group < check->n_groups ? &check->groups[group] : NULL;
}

size_t dss_pool_check_n_questions(const dss_pool_check *check) {
  return check->n_questions;
}

const dss_pool_question *dss_pool_check_question(const dss_pool_check *check, size_t question) {
  return question < check->n_questions ? &check->questions[question] : NULL;
}

bool dss_pool_check_is_grown(const dss_pool_check *check) {
  return check->grown;
}

const char *dss_pool_check_truth(const dss_pool_check *check) {
  return check->truth;
}

const char *dss_pool_check_provenance(const dss_pool_check *check, const char *key) {
  for (int i = 0; i < N_FACTS; i++)
    if (strcmp(fact_keys[i], key) == 0) return check->facts[i];
  return NULL;
}
