/* Which products of layers give what the pairs' statistics need: docs/performance.md, "Rater
 * pairs", counts them. */
#include <string.h>

#include "host/core/alloc.h"
#include "pairs.h"

enum { DIGIT = 1 << DSS_PAIR_DIGIT_BITS };

/* A problem's layers and terms as they are put together. */
typedef struct builder {
  dss_pair_problem *problem;
  int8_t *layers;
  dss_pair_term *terms;
} builder;

static uint32_t digits_of(const int64_t *scores, uint32_t n) {
  int64_t largest = 0;
  for (uint32_t c = 0; c < n; c++)
    largest = scores[c] > largest ? scores[c] : largest;
  uint32_t digits = 1;
  while (largest >> (DSS_PAIR_DIGIT_BITS * digits))
    digits++;
  return digits;
}

static dss_status begin(dss_context *context, dss_pair_problem *problem, uint32_t layers,
                        uint32_t terms, builder *b) {
  free((void *)problem->layers);
  free((void *)problem->terms);
  problem->layers = NULL;
  problem->terms = NULL;
  problem->n_layers = problem->n_terms = problem->n_targets = 0;
  *b = (builder){.problem = problem};
  DSS_TRY(DSS_ALLOC(context, &b->layers, (size_t)layers * problem->n_levels));
  problem->layers = b->layers;
  DSS_TRY(DSS_ALLOC(context, &b->terms, terms));
  problem->terms = b->terms;
  return DSS_OK;
}

static void add_term(builder *b, uint32_t row, uint32_t column) {
  b->terms[b->problem->n_terms++] = (dss_pair_term){row, column, b->problem->n_targets};
}

static void end_target(builder *b) {
  b->problem->n_targets++;
}

static int8_t *add_layer(builder *b) {
  return b->layers + (size_t)b->problem->n_layers++ * b->problem->n_levels;
}

/* Layers 0 .. K-1: one a level. */
static void add_levels(builder *b) {
  for (uint32_t c = 0; c < b->problem->n_levels; c++)
    add_layer(b)[c] = 1;
}

/* --- by table ------------------------------------------------------------------------------ */

static dss_status make_table(dss_context *context, dss_pair_plan *p) {
  builder b;
  uint32_t n = p->problem.n_levels;
  DSS_TRY(begin(context, &p->problem, n, n * n, &b));
  add_levels(&b);
  for (uint32_t c = 0; c < n; c++)
    for (uint32_t k = 0; k < n; k++) {
      add_term(&b, c, k);
      end_target(&b);
    }
  p->products = (dss_pair_products){.by_table = true};
  return DSS_OK;
}

/* --- by margins ---------------------------------------------------------------------------- */

/* Layers of the scores' digits; targets of their products by weight. Returns the targets. */
static uint32_t add_scores(builder *b, const int64_t *scores, uint32_t digits) {
  uint32_t first = b->problem->n_layers;
  for (uint32_t d = 0; d < digits; d++) {
    int8_t *layer = add_layer(b);
    for (uint32_t c = 0; c < b->problem->n_levels; c++)
      layer[c] = (int8_t)(scores[c] >> (DSS_PAIR_DIGIT_BITS * d) & (DIGIT - 1));
  }
  for (uint32_t weight = 0; weight < 2 * digits - 1; weight++) {
    for (uint32_t d = 0; d < digits; d++)
      if (weight >= d && weight - d < digits) add_term(b, first + d, first + weight - d);
    end_target(b);
  }
  return 2 * digits - 1;
}

static dss_status make_margins(dss_context *context, dss_pair_plan *p, uint32_t rank_digits,
                               uint32_t code_digits) {
  builder b;
  uint32_t n = p->problem.n_levels;
  DSS_TRY(begin(context, &p->problem, n + 1 + rank_digits + code_digits,
                3 * n + rank_digits * rank_digits + code_digits * code_digits, &b));
  add_levels(&b);
  memset(add_layer(&b), 1, n); /* rated at all */
  for (uint32_t c = 0; c < n; c++) {
    add_term(&b, c, n);
    end_target(&b);
  }
  for (uint32_t c = 0; c < n; c++) {
    add_term(&b, n, c);
    end_target(&b);
  }
  for (uint32_t c = 0; c < n; c++)
    add_term(&b, c, c);
  end_target(&b);
  p->products = (dss_pair_products){0};
  if (rank_digits) p->products.rank_weights = add_scores(&b, p->scale.rank, rank_digits);
  if (code_digits) p->products.code_weights = add_scores(&b, p->scale.code, code_digits);
  return DSS_OK;
}

/* --- by lists ------------------------------------------------------------------------------ */

static dss_status make_lists(dss_context *context, dss_pair_plan *p) {
  builder b;
  DSS_TRY(begin(context, &p->problem, 0, 0, &b));
  p->products = (dss_pair_products){.by_lists = true};
  return DSS_OK;
}

/* --- choosing ------------------------------------------------------------------------------ */

static bool margins_fit(const dss_pair_plan *p, uint32_t digits) {
  /* A weight's target sums as many products of digits as there are digits, of every shared item. */
  uint64_t most = (uint64_t)(DIGIT - 1) * (DIGIT - 1) * digits;
  return p->scale.kind != DSS_PAIR_REAL && p->most_ratings <= INT32_MAX / most;
}

dss_status dss_pair_plan_products(dss_context *context, dss_pair_plan *plan, dss_pair_way way) {
  uint64_t n = plan->problem.n_levels;
  bool scores = plan->scale.kind == DSS_PAIR_SCORES;
  uint32_t ranks = scores ? digits_of(plan->scale.rank, (uint32_t)n) : 0;
  uint32_t codes = scores && !plan->codes_are_ranks ? digits_of(plan->scale.code, (uint32_t)n) : 0;
  bool fit = margins_fit(plan, ranks + codes + 1);
  bool long_lists = plan->n_ratings / plan->problem.n_raters >= n * n;
  if (way == DSS_PAIR_BY_CHOICE)
    way = fit && 3 * n + ranks * ranks + codes * codes < n * n ? DSS_PAIR_BY_MARGINS
          : long_lists || fit                                  ? DSS_PAIR_BY_TABLE
                                                               : DSS_PAIR_BY_LISTS;
  if (way == DSS_PAIR_BY_LISTS) return make_lists(context, plan);
  return way == DSS_PAIR_BY_MARGINS && fit ? make_margins(context, plan, ranks, codes)
                                           : make_table(context, plan);
}
