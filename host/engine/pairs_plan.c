/* What a study's pairs are about: one question's ratings by rater, and its levels as numbers. */
#include <math.h>
#include <string.h>

#include "host/core/alloc.h"
#include "pairs.h"

/* Squares of ranks, which are twice a number of ratings at most, times two numbers of ratings must
 * stay within 126 bits; an axis's blocks are as many as the square of its groups. */
enum { MOST_GROUPS_OF_AXIS = 1024 };
#define MOST_RATINGS ((uint64_t)1 << 30)
#define MOST_PERMUTATIONS ((uint64_t)1 << 40)

static dss_status check_options(dss_context *context, const dss_study *study,
                                const dss_pairs_options *options) {
  if (options->permutations > MOST_PERMUTATIONS)
    return dss_fail(context, DSS_ERR_USAGE, "more than 2^40 permutations");
  if (options->min_shared < 1)
    return dss_fail(context, DSS_ERR_USAGE, "pairs need at least 1 shared item to be counted");
  if (!options->question && dss_study_n_questions(study) > 1)
    return dss_fail(context, DSS_ERR_USAGE,
                    "the study has %zu questions and pairs are of one; name it with --question "
                    "(the first is '%s')",
                    dss_study_n_questions(study), dss_study_question(study, 0)->name);
  return DSS_OK;
}

/* --- ratings by rater ---------------------------------------------------------------------- */

static dss_status transpose(dss_context *context, dss_pair_plan *p) {
  const dss_kernel_question *q = &p->plan->kernel.questions[p->question];
  uint32_t n = p->plan->kernel.exchange.n_raters;
  uint64_t *ptr;
  uint32_t *item;
  uint8_t *code;
  DSS_TRY(DSS_ALLOC(context, &ptr, (size_t)n + 2));
  p->problem.rater_ptr = ptr;
  DSS_TRY(DSS_ALLOC(context, &item, q->n_ratings));
  p->problem.item = item;
  DSS_TRY(DSS_ALLOC(context, &code, q->n_ratings));
  p->problem.code = code;
  for (uint64_t i = 0; i < q->n_ratings; i++)
    ptr[q->rater[i] + 2]++;
  for (uint32_t r = 0; r < n; r++) {
    if (ptr[r + 2] > p->most_ratings) p->most_ratings = (uint32_t)ptr[r + 2];
    ptr[r + 2] += ptr[r + 1];
  }
  for (uint32_t u = 0; u < q->n_items; u++) /* ptr[r + 1] is where rater r's next rating goes */
    for (uint64_t i = q->item_ptr[u]; i < q->item_ptr[u + 1]; i++) {
      uint64_t at = ptr[q->rater[i] + 1]++;
      item[at] = u;
      code[at] = q->code[i];
    }
  p->problem.n_raters = n;
  p->problem.n_items = q->n_items;
  p->problem.n_levels = q->tables.n_levels;
  p->n_ratings = q->n_ratings;
  return DSS_OK;
}

/* --- levels as numbers --------------------------------------------------------------------- */

/* Twice the midranks of the levels among all ratings: the distance of Krippendorff's ordinal scale
 * is the squared difference of midranks. */
static void set_midranks(const dss_kernel_question *q, int64_t *rank) {
  uint64_t counts[DSS_MAX_LEVELS] = {0}, below = 0;
  for (uint64_t i = 0; i < q->n_ratings; i++)
    counts[q->code[i]]++;
  for (uint32_t c = 0; c < q->tables.n_levels; c++) {
    rank[c] = (int64_t)(2 * below + counts[c]);
    below += counts[c];
  }
}

static dss_status set_scores(dss_context *context, dss_pair_plan *p, const dss_question *question) {
  const dss_kernel_question *q = &p->plan->kernel.questions[p->question];
  int64_t *rank, *code;
  DSS_TRY(DSS_ALLOC(context, &rank, q->tables.n_levels));
  p->scale.rank = rank;
  DSS_TRY(DSS_ALLOC(context, &code, q->tables.n_levels));
  p->scale.code = code;
  p->scale.kind = DSS_PAIR_SCORES;
  p->scale.unit = 1.0;
  double low = INFINITY;
  for (uint32_t c = 0; question->scale != DSS_ORDINAL && c < q->tables.n_levels; c++)
    low = fmin(low, question->values[c]);
  for (uint32_t c = 0; c < q->tables.n_levels; c++)
    rank[c] = code[c] = question->scale == DSS_ORDINAL ? c : (int64_t)(question->values[c] - low);
  p->codes_are_ranks = question->scale != DSS_ORDINAL;
  if (p->codes_are_ranks) return DSS_OK;
  set_midranks(q, rank);
  p->scale.unit = 0.25;
  return DSS_OK;
}

static dss_status set_reals(dss_context *context, dss_pair_plan *p, const dss_question *question) {
  const dss_tables *tables = &p->plan->kernel.questions[p->question].tables;
  double *value;
  DSS_TRY(DSS_ALLOC(context, &value, tables->n_levels));
  memcpy(value, question->values, tables->n_levels * sizeof *value);
  p->scale.value = value;
  p->scale.distance = tables->real_distance;
  p->scale.kind = DSS_PAIR_REAL;
  p->scale.unit = 1.0;
  return DSS_OK;
}

static double most_distance(const dss_pair_scale *s) {
  double most = s->kind == DSS_PAIR_NOMINAL ? 1.0 : 0.0;
  for (uint32_t c = 0; s->kind != DSS_PAIR_NOMINAL && c < s->n_levels; c++)
    for (uint32_t k = 0; k < c; k++) {
      double steps = s->kind == DSS_PAIR_SCORES ? (double)(s->rank[c] - s->rank[k]) : 0.0;
      most = fmax(most, s->kind == DSS_PAIR_SCORES ? steps * steps * s->unit
                                                   : s->distance[(size_t)c * s->n_levels + k]);
    }
  return most;
}

/* Squares beyond these are infinite, or lose their last digits. */
#define MOST_DISTANCE 1e300
#define LEAST_DISTANCE 1e-280

static dss_status check_distances(dss_context *context, const dss_question *question, double most) {
  if (most == 0.0 || (most >= LEAST_DISTANCE && most <= MOST_DISTANCE)) return DSS_OK;
  return dss_fail(
      context, DSS_ERR_DATA,
      "question '%s': its levels are so far apart, or so near, that the square of their "
      "largest difference, %g, is not to be computed with",
      question->name, most);
}

static dss_status set_scale(dss_context *context, const dss_question *question, dss_pair_plan *p) {
  const dss_tables *tables = &p->plan->kernel.questions[p->question].tables;
  p->scale.n_levels = tables->n_levels;
  if (question->scale == DSS_NOMINAL)
    p->scale.unit = 1.0;
  else if (question->scale == DSS_ORDINAL || tables->distance == DSS_DISTANCE_EXACT)
    DSS_TRY(set_scores(context, p, question));
  else
    DSS_TRY(set_reals(context, p, question));
  p->most_distance = most_distance(&p->scale);
  return check_distances(context, question, p->most_distance);
}

/* --- the whole --------------------------------------------------------------------------- */

static dss_status check_groups(dss_context *context, const dss_plan *plan) {
  for (size_t a = 0; a < plan->kernel.n_axes; a++)
    if (plan->kernel.axes[a].n_groups > MOST_GROUPS_OF_AXIS)
      return dss_fail(context, DSS_ERR_USAGE,
                      "axis '%s' has %u groups; blocks of pairs are made of %d at most",
                      plan->axes[a].name, plan->kernel.axes[a].n_groups, MOST_GROUPS_OF_AXIS);
  return DSS_OK;
}

/* The steps of dss_plan_new that pairs need. */
static dss_status make_plan(dss_context *context, const dss_study *study,
                            const dss_pairs_options *options, dss_pair_plan *p) {
  dss_plan_options plan_options;
  dss_plan_options_init(&plan_options);
  plan_options.questions = &options->question;
  plan_options.n_questions = options->question ? 1 : 0;
  plan_options.axes = options->axes;
  plan_options.n_axes = options->n_axes;
  plan_options.where = options->where;
  plan_options.n_where = options->n_where;
  plan_options.scheme = options->scheme;
  plan_options.scheme_attribute = options->scheme_attribute;
  plan_options.min_raters = 1; /* a group of one has pairs with the others */
  dss_plan *plan = p->plan;
  DSS_TRY(dss_select(context, study, &plan_options, &p->selection, plan));
  plan->kernel.exchange.n_raters = p->selection.n_raters;
  plan->kernel.exchange.seed = options->seed;
  plan->scheme = options->scheme;
  plan->permutations = options->n_axes > 0 ? options->permutations : 0;
  if (options->n_axes > 0)
    DSS_TRY(dss_plan_axes(context, study, &plan_options, &p->selection, plan));
  DSS_TRY(check_groups(context, plan));
  DSS_TRY(dss_plan_strata(context, study, &plan_options, &p->selection, plan));
  DSS_TRY(dss_plan_enumeration(context, plan));
  DSS_TRY(dss_plan_ratings(context, study, &p->selection, plan));
  return dss_study_digest(context, study, plan->input_sha256);
}

/* From the plan's ratings of a question of the study. */
static dss_status fill(dss_context *context, const dss_question *question, dss_pair_plan *p) {
  uint64_t n_ratings = p->plan->kernel.questions[p->question].n_ratings;
  if (n_ratings > MOST_RATINGS)
    return dss_fail(context, DSS_ERR_DATA,
                    "question '%s' has %llu ratings: too many for exact sums of pairs",
                    question->name, (unsigned long long)n_ratings);
  DSS_TRY(transpose(context, p));
  DSS_TRY(set_scale(context, question, p));
  return dss_pair_plan_products(context, p, DSS_PAIR_BY_CHOICE);
}

static dss_status make(dss_context *context, const dss_study *study,
                       const dss_pairs_options *options, dss_pair_plan *p) {
  DSS_TRY(check_options(context, study, options));
  DSS_TRY(DSS_ALLOC(context, &p->plan, 1));
  DSS_TRY(make_plan(context, study, options, p));
  p->tested = options->n_axes > 0;
  return fill(context, dss_study_question(study, p->selection.questions[0]), p);
}

dss_status dss_pair_plan_make(dss_context *context, const dss_study *study,
                              const dss_pairs_options *options, dss_pair_plan *plan) {
  memset(plan, 0, sizeof *plan);
  dss_status status = make(context, study, options, plan);
  if (status != DSS_OK) dss_pair_plan_free(plan);
  return status;
}

dss_status dss_pair_plan_share(dss_context *context, const dss_study *study,
                               const dss_selection *selection, dss_plan *plan, size_t question,
                               dss_pair_plan *pair_plan) {
  *pair_plan = (dss_pair_plan){.plan = plan, .question = question, .shared = true};
  dss_status status =
      fill(context, dss_study_question(study, selection->questions[question]), pair_plan);
  if (status != DSS_OK) dss_pair_plan_free(pair_plan);
  return status;
}

void dss_pair_plan_free(dss_pair_plan *plan) {
  if (!plan->shared) dss_plan_free(plan->plan);
  dss_selection_free(&plan->selection);
  free((void *)plan->problem.rater_ptr);
  free((void *)plan->problem.item);
  free((void *)plan->problem.code);
  free((void *)plan->problem.layers);
  free((void *)plan->problem.terms);
  free((void *)plan->scale.rank);
  free((void *)plan->scale.code);
  free((void *)plan->scale.value);
  memset(plan, 0, sizeof *plan);
}
