#include "plan_walk.h"

#include <string.h>

#include "pairs.h"

/* Whoever adds a pointer to one of these lets the walk see it, and tests/parity/test_share.c sees
 * whether that is so; then the size here follows. What is no pointer goes with its structure. */
_Static_assert(sizeof(void *) != 8 ||
                   (sizeof(dss_plan) == 400 && sizeof(dss_plan_question) == 24 &&
                    sizeof(dss_plan_axis) == 24 && sizeof(dss_plan_group) == 24 &&
                    sizeof(dss_kernel_axis) == 24 && sizeof(dss_kernel_question) == 160 &&
                    sizeof(dss_pair_plan) == 240),
               "a structure of the plan has changed: does the walk see its pointers?");

typedef struct walk {
  dss_block_fn see;
  void *user;
} walk;

static void see(const walk *w, void *pointer, size_t bytes, dss_block_kind kind) {
  void *block;
  memcpy(&block, pointer, sizeof block);
  if (block) w->see(w->user, pointer, bytes, kind);
}

#define ARRAY(w, array, n) see((w), &(array), (n) * sizeof *(array), DSS_BLOCK_ARRAY)
#define STRUCTURES(w, array, n) see((w), &(array), (n) * sizeof *(array), DSS_BLOCK_STRUCTURES)
#define TEXT(w, text) see((w), &(text), 0, DSS_BLOCK_TEXT)

static void see_tables(const walk *w, dss_tables *t) {
  size_t counts = (size_t)t->max_unit + 1, levels = t->n_levels;
  ARRAY(w, t->weight, counts);
  ARRAY(w, t->vote, levels + 1);
  ARRAY(w, t->count_log, counts);
  ARRAY(w, t->half_log, counts);
  ARRAY(w, t->smoothed_log, counts);
  ARRAY(w, t->exact_distance, levels * levels);
  ARRAY(w, t->real_distance, levels * levels);
}

static void see_exchange(const walk *w, dss_exchange *e) {
  ARRAY(w, e->stratum_ptr, (size_t)e->n_strata + 1);
  ARRAY(w, e->order, e->n_raters);
  ARRAY(w, e->class_of, e->n_raters);
  ARRAY(w, e->representative, e->n_classes);
  ARRAY(w, e->arrangements, e->n_strata);
}

static void see_axes(const walk *w, dss_plan *plan) {
  size_t n = plan->kernel.n_axes;
  STRUCTURES(w, plan->axes, n);
  for (size_t a = 0; plan->axes && a < n; a++) {
    TEXT(w, plan->axes[a].name);
    ARRAY(w, plan->axes[a].attributes, plan->axes[a].n_attributes);
  }
  STRUCTURES(w, plan->kernel_axes, n);
  for (size_t a = 0; plan->kernel_axes && a < n; a++)
    ARRAY(w, plan->kernel_axes[a].group, plan->kernel.exchange.n_raters);
  plan->kernel.axes = plan->kernel_axes;
  STRUCTURES(w, plan->groups, plan->kernel.n_groups);
  for (size_t g = 0; plan->groups && g < plan->kernel.n_groups; g++)
    TEXT(w, plan->groups[g].name);
  ARRAY(w, plan->kernel.tested, plan->kernel.n_groups);
}

static void see_names(const walk *w, dss_plan_question *question) {
  TEXT(w, question->name);
  STRUCTURES(w, question->labels, question->n_levels);
  for (uint32_t k = 0; question->labels && k < question->n_levels; k++)
    TEXT(w, question->labels[k]);
}

static void see_ratings(const walk *w, dss_kernel_question *question) {
  ARRAY(w, question->item_ptr, (size_t)question->n_items + 1);
  ARRAY(w, question->rater, question->n_ratings);
  ARRAY(w, question->code, question->n_ratings);
  see_tables(w, &question->tables);
}

static void see_questions(const walk *w, dss_plan *plan) {
  size_t n = plan->kernel.n_questions;
  STRUCTURES(w, plan->questions, n);
  for (size_t q = 0; plan->questions && q < n; q++)
    see_names(w, &plan->questions[q]);
  STRUCTURES(w, plan->kernel_questions, n);
  for (size_t q = 0; plan->kernel_questions && q < n; q++)
    see_ratings(w, &plan->kernel_questions[q]);
  plan->kernel.questions = plan->kernel_questions;
  STRUCTURES(w, plan->bootstrap_tables, n);
  for (size_t q = 0; plan->bootstrap_tables && q < n; q++)
    see_tables(w, &plan->bootstrap_tables[q]);
  plan->kernel_bootstrap.tables = plan->bootstrap_tables;
}

/* Distances are those of the question's tables; there is no selection where a plan is shared. */
static void see_pairs(const walk *w, dss_plan *plan, size_t q) {
  dss_pair_plan *p = &plan->pairs[q];
  dss_pair_problem *problem = &p->problem;
  ARRAY(w, problem->rater_ptr, (size_t)problem->n_raters + 1);
  ARRAY(w, problem->item, p->n_ratings);
  ARRAY(w, problem->code, p->n_ratings);
  ARRAY(w, problem->layers, (size_t)problem->n_layers * problem->n_levels);
  ARRAY(w, problem->terms, problem->n_terms);
  ARRAY(w, p->scale.rank, p->scale.n_levels);
  ARRAY(w, p->scale.code, p->scale.n_levels);
  ARRAY(w, p->scale.value, p->scale.n_levels);
  p->plan = plan;
  bool real = p->scale.kind == DSS_PAIR_REAL && plan->kernel_questions;
  p->scale.distance = real ? plan->kernel_questions[q].tables.real_distance : NULL;
}

void dss_plan_walk(dss_plan *plan, dss_block_fn block, void *user) {
  const walk w = {block, user};
  see_exchange(&w, &plan->kernel.exchange);
  see_axes(&w, plan);
  see_questions(&w, plan);
  STRUCTURES(&w, plan->pairs, plan->kernel.n_questions);
  for (size_t q = 0; plan->pairs && q < plan->kernel.n_questions; q++)
    see_pairs(&w, plan, q);
  TEXT(&w, plan->scheme_attribute);
  TEXT(&w, plan->filters);
}

static void forget(void *user, void *pointer, size_t bytes, dss_block_kind kind) {
  void *none = NULL;
  (void)user;
  (void)bytes;
  if (kind == DSS_BLOCK_ARRAY) memcpy(pointer, &none, sizeof none);
}

void dss_plan_forget_arrays(dss_plan *plan) {
  dss_plan_walk(plan, forget, NULL);
}
