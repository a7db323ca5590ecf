#include "pairwise.h"

#include <math.h>
#include <string.h>

#include "choose.h"
#include "host/core/alloc.h"
#include "pairwise_find.h"

/* One question's lists; the kernels' view of them is in the plan. */
typedef struct lists {
  uint64_t *ptr, *middle;
  uint32_t *other;
  uint64_t *steps;
  uint32_t *count;
} lists;

struct dss_pairwise {
  const dss_plan *plan;
  const dss_pairwise_backend *backend; /* of the host; NULL: none was started */
  void *state;
  dss_pairwise_plan kernel;
  dss_pairwise_question *questions;
  lists *lists; /* [n_questions] */
  double *rows; /* of the pairs' columns */
  size_t room;
};

/* --- with the plan --------------------------------------------------------------------------- */

dss_status dss_plan_pairwise(dss_context *context, const dss_study *study,
                             const dss_selection *selection, dss_plan *plan) {
  size_t n = plan->kernel.n_questions;
  if (dss_pairwise_bits(plan->kernel.exchange.n_raters) < DSS_PAIRWISE_LEAST_BITS)
    return dss_fail(context, DSS_ERR_DATA, "%u raters are too many for exact sums over their pairs",
                    plan->kernel.exchange.n_raters);
  DSS_TRY(DSS_ALLOC(context, &plan->pairs, n));
  for (size_t q = 0; q < n; q++)
    DSS_TRY(dss_pair_plan_share(context, study, selection, plan, q, &plan->pairs[q]));
  return DSS_OK;
}

void dss_plan_free_pairwise(dss_plan *plan) {
  for (size_t q = 0; plan->pairs && q < plan->kernel.n_questions; q++)
    if (plan->pairs[q].shared) dss_pair_plan_free(&plan->pairs[q]);
  free(plan->pairs);
}

/* Pairs of a question that can share an item. */
static uint64_t most_pairs(const dss_plan *plan, size_t q) {
  double n = plan->kernel.exchange.n_raters, all = n * (n - 1) / 2;
  double seen = dss_pairs_seen(&plan->kernel.questions[q]);
  return (uint64_t)(seen < all ? seen : all);
}

uint64_t dss_pairwise_most(const dss_plan *plan) {
  uint64_t most = 0;
  for (size_t q = 0; plan->pairs && q < plan->kernel.n_questions; q++)
    most += most_pairs(plan, q);
  return most;
}

/* Each pair from both sides; and of the question whose lists are made the pairs as they were found.
 */
uint64_t dss_pairwise_bytes(const dss_plan *plan) {
  uint64_t found = 0, n = plan->kernel.exchange.n_raters, bytes = 0;
  for (size_t q = 0; plan->pairs && q < plan->kernel.n_questions; q++) {
    uint64_t pairs = most_pairs(plan, q);
    bytes += 2 * pairs * (sizeof(uint32_t) + sizeof(uint64_t)) + 2 * (n + 1) * sizeof(uint64_t) +
             n * plan->kernel.questions[q].tables.n_levels * sizeof(uint32_t);
    if (pairs > found) found = pairs;
  }
  return bytes + dss_found_bytes(found);
}

/* --- lists ----------------------------------------------------------------------------------- */

/* Where each rater's list begins, and its part above: pairs come with their first in order. */
static void find_places(uint32_t n_raters, const dss_found_pairs *f, lists *l) {
  for (size_t i = 0; i < f->n; i++) {
    l->ptr[f->pairs[i].first + 1]++;
    l->ptr[f->pairs[i].second + 1]++;
    l->middle[f->pairs[i].second]++;
  }
  for (uint32_t r = 0; r < n_raters; r++) {
    l->ptr[r + 1] += l->ptr[r];
    l->middle[r] += l->ptr[r];
  }
}

/* Either side of every list fills in ascending order. Cursors stand where the lists begin, and end
 * where they began. */
static void fill_lists(const dss_pair_plan *plan, int bits, const dss_found_pairs *f, lists *l) {
  uint32_t n = plan->problem.n_raters;
  int exponent;
  frexp(plan->most_distance, &exponent);
  for (int side = 0; side < 2; side++) {
    uint64_t *cursor = side == 0 ? l->ptr : l->middle;
    for (size_t i = 0; i < f->n; i++) {
      const dss_found_pair *p = &f->pairs[i];
      uint64_t at = cursor[side == 0 ? p->second : p->first]++;
      l->other[at] = side == 0 ? p->first : p->second;
      l->steps[at] = (uint64_t)rint(ldexp(p->distance, bits - exponent));
    }
  }
  /* Each list's cursors stand now where its other part, or the next list, begins. */
  for (uint32_t r = n; r > 0; r--) {
    uint64_t end = l->middle[r - 1];
    l->middle[r - 1] = l->ptr[r - 1];
    l->ptr[r] = end;
  }
  l->ptr[0] = 0;
}

static dss_status count_levels(dss_context *context, const dss_pair_problem *p, lists *l) {
  DSS_TRY(DSS_ALLOC(context, &l->count, (size_t)p->n_raters * p->n_levels));
  for (uint32_t r = 0; r < p->n_raters; r++)
    for (uint64_t i = p->rater_ptr[r]; i < p->rater_ptr[r + 1]; i++)
      l->count[(size_t)r * p->n_levels + p->code[i]]++;
  return DSS_OK;
}

static dss_status take_lists(dss_context *context, const dss_pair_plan *plan,
                             const dss_found_pairs *f, lists *l) {
  uint32_t n = plan->problem.n_raters;
  DSS_TRY(DSS_ALLOC(context, &l->ptr, (size_t)n + 1));
  DSS_TRY(DSS_ALLOC(context, &l->middle, n));
  DSS_TRY(DSS_ALLOC(context, &l->other, 2 * f->n));
  DSS_TRY(DSS_ALLOC(context, &l->steps, 2 * f->n));
  find_places(n, f, l);
  fill_lists(plan, dss_pairwise_bits(n), f, l);
  return count_levels(context, &plan->problem, l);
}

static dss_status make_question(dss_context *context, const dss_pair_plan *plan, unsigned threads,
                                lists *l, dss_pairwise_question *question) {
  dss_found_pairs f = {0};
  int exponent;
  dss_status status = dss_pairs_find(context, plan, threads, &f);
  if (status == DSS_OK) status = take_lists(context, plan, &f, l);
  free(f.pairs);
  frexp(plan->most_distance, &exponent);
  *question = (dss_pairwise_question){
      .scale = plan->scale,
      .step = ldexp(1.0, exponent - dss_pairwise_bits(plan->problem.n_raters)),
      .n_pairs = 2 * f.n,
      .ptr = l->ptr,
      .middle = l->middle,
      .other = l->other,
      .steps = l->steps,
      .count = l->count};
  return status;
}

static dss_status make_lists(dss_context *context, unsigned threads, dss_pairwise *p) {
  for (size_t q = 0; q < p->plan->kernel.n_questions; q++)
    DSS_TRY(make_question(context, &p->plan->pairs[q], threads, &p->lists[q], &p->questions[q]));
  return DSS_OK;
}

/* --- the whole ------------------------------------------------------------------------------- */

/* What may be known without lists. */
static dss_status begin(dss_context *context, const dss_plan *plan, dss_pairwise *p) {
  size_t n = plan->kernel.n_questions;
  p->plan = plan;
  DSS_TRY(DSS_ALLOC(context, &p->questions, n));
  DSS_TRY(DSS_ALLOC(context, &p->lists, n));
  p->kernel = (dss_pairwise_plan){.plan = &plan->kernel,
                                  .questions = p->questions,
                                  .metrics = plan->metrics & DSS_METRICS_PAIR_GAI};
  for (unsigned s = DSS_N_ITEM_STATISTICS; s < DSS_N_STATISTICS; s++)
    p->kernel.n_statistics += plan->metrics >> s & 1u;
  for (size_t q = 0; q < n; q++)
    p->questions[q] =
        (dss_pairwise_question){.scale = plan->pairs[q].scale, .n_pairs = 2 * most_pairs(plan, q)};
  return DSS_OK;
}

dss_status dss_pairwise_sketch(dss_context *context, const dss_plan *plan, dss_pairwise **made) {
  dss_pairwise *p;
  *made = NULL;
  if (!plan->pairs) return DSS_OK;
  DSS_TRY(DSS_ALLOC(context, &p, 1));
  dss_status status = begin(context, plan, p);
  if (status == DSS_OK)
    *made = p;
  else
    dss_pairwise_free(p);
  return status;
}

dss_status dss_pairwise_open(dss_context *context, const dss_plan *plan, unsigned threads,
                             dss_pairwise **made) {
  DSS_TRY(dss_pairwise_sketch(context, plan, made));
  dss_status status = *made ? make_lists(context, threads, *made) : DSS_OK;
  if (status == DSS_OK) return DSS_OK;
  dss_pairwise_free(*made);
  *made = NULL;
  return status;
}

void dss_pairwise_free(dss_pairwise *p) {
  if (!p) return;
  if (p->state) p->backend->close(p->state);
  for (size_t q = 0; p->lists && q < p->plan->kernel.n_questions; q++) {
    free(p->lists[q].ptr);
    free(p->lists[q].middle);
    free(p->lists[q].other);
    free(p->lists[q].steps);
    free(p->lists[q].count);
  }
  free(p->lists);
  free(p->questions);
  free(p->rows);
  free(p);
}

const dss_pairwise_plan *dss_pairwise_plan_of(const dss_pairwise *pairwise) {
  return &pairwise->kernel;
}

/* --- beside a backend of the host ------------------------------------------------------------ */

static dss_status from_backend(dss_context *context, const dss_pairwise *p, dss_status status) {
  if (status == DSS_OK) return DSS_OK;
  return dss_fail(context, status, "backend %s: %s", p->backend->name,
                  dss_failure_text(p->backend->failure, status));
}

dss_status dss_pairwise_start(dss_context *context, dss_pairwise *p,
                              const dss_pairwise_backend *backend, const dss_resources *resources) {
  p->backend = backend;
  return from_backend(context, p, backend->open(&p->kernel, resources, &p->state));
}

dss_status dss_pairwise_join(dss_context *context, dss_pairwise *p, uint64_t first, uint64_t count,
                             const double *items, double *out) {
  size_t of_items = p->plan->kernel.n_statistics, of_pairs = p->kernel.n_statistics;
  size_t groups = p->plan->kernel.n_questions * p->plan->kernel.n_groups;
  DSS_TRY(DSS_GROW(context, &p->rows, &p->room, count * groups * of_pairs));
  DSS_TRY(from_backend(context, p, p->backend->values(p->state, first, count, p->rows)));
  const double *pairs = p->rows;
  for (uint64_t i = 0; i < count * groups; i++) {
    memcpy(out, items, of_items * sizeof *out);
    memcpy(out + of_items, pairs, of_pairs * sizeof *out);
    items += of_items;
    pairs += of_pairs;
    out += of_items + of_pairs;
  }
  return DSS_OK;
}
