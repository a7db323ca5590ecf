#include "views.h"

#include <string.h>

#include "host/core/alloc.h"

static size_t most_groups(const dss_plan *plan) {
  size_t most = 1;
  for (size_t a = 0; a < plan->kernel.n_axes; a++)
    if (plan->kernel.axes[a].n_groups > most) most = plan->kernel.axes[a].n_groups;
  return most;
}

static size_t bits_bytes(const dss_rated *rated) {
  return dss_n_sides(rated->plan) * dss_bit_words(rated->n_items) * sizeof(uint64_t);
}

size_t dss_views_bytes(const dss_rated *rated) {
  return 2 * bits_bytes(rated) + most_groups(rated->plan) * (sizeof(int64_t) + sizeof(uint64_t)) +
         ((size_t)rated->n_raters + 1) / 2 * 2 * sizeof(int32_t);
}

void dss_views_lay_out(const dss_rated *rated, void *block, dss_views *views) {
  size_t bits = bits_bytes(rated) / sizeof(uint64_t), groups = most_groups(rated->plan);
  uint64_t *at = block;
  views->words = dss_bit_words(rated->n_items);
  views->has = at;
  views->positive = at + bits;
  views->weight = at + 2 * bits;
  views->sum = (int64_t *)(at + 2 * bits + groups);
  views->group = (int32_t *)(at + 2 * bits + 2 * groups);
}

static void clear(const dss_rated *rated, dss_views *views) {
  memset(views->has, 0, bits_bytes(rated));
  memset(views->positive, 0, bits_bytes(rated));
}

static void put(dss_views *views, size_t side, uint32_t item, bool positive) {
  size_t word = side * views->words + item / 64;
  uint64_t bit = UINT64_C(1) << (item % 64);
  views->has[word] |= bit;
  if (positive) views->positive[word] |= bit;
}

/* One item of one axis, from what its groups' ratings add up to. */
static void put_item(const dss_plan *plan, const dss_kernel_axis *axis, int64_t cutoff,
                     uint32_t item, dss_views *views) {
  int64_t sum = 0;
  uint64_t weight = 0;
  for (size_t g = 0; g < axis->n_groups; g++) {
    sum += views->sum[g];
    weight += views->weight[g];
  }
  for (size_t g = 0; g < axis->n_groups; g++) {
    size_t group = axis->first_group + g;
    if (views->weight[g] > 0) put(views, dss_side_of(group), item, views->sum[g] >= cutoff);
    if (weight > views->weight[g])
      put(views, dss_side_else(plan, group), item, sum - views->sum[g] >= cutoff);
  }
}

/* weights: of raters, items: of items; NULL: 1 each. */
static void view_axis(const dss_plan *plan, const dss_rated_question *question,
                      const dss_rule *rule, const dss_kernel_axis *axis, uint32_t n_items,
                      const uint32_t *weights, const uint32_t *items, dss_views *views) {
  for (uint32_t u = 0; u < n_items; u++) {
    if (items && items[u] == 0) continue;
    memset(views->sum, 0, axis->n_groups * sizeof *views->sum);
    memset(views->weight, 0, axis->n_groups * sizeof *views->weight);
    for (uint64_t i = question->item_ptr[u]; i < question->item_ptr[u + 1]; i++) {
      uint32_t rater = question->rater[i], weight = weights ? weights[rater] : 1;
      int32_t group = views->group[rater];
      if (group < 0) continue;
      views->sum[group] += (int64_t)weight * rule->score[question->code[i]];
      views->weight[group] += weight;
    }
    put_item(plan, axis, rule->cutoff, u, views);
  }
}

static void view_all(const dss_rated *rated, const dss_rated_question *question,
                     const dss_rule *rule, const uint32_t *weights, const uint32_t *items,
                     dss_views *views) {
  for (uint32_t u = 0; u < rated->n_items; u++) {
    if (items && items[u] == 0) continue;
    int64_t sum = 0;
    uint64_t total = 0;
    for (uint64_t i = question->item_ptr[u]; i < question->item_ptr[u + 1]; i++) {
      uint32_t weight = weights ? weights[question->rater[i]] : 1;
      sum += (int64_t)weight * rule->score[question->code[i]];
      total += weight;
    }
    if (total > 0) put(views, dss_side_all(rated->plan), u, sum >= rule->cutoff);
  }
}

void dss_views_of(const dss_rated *rated, size_t question, const dss_rule *rule,
                  const uint32_t *source, bool with_all, dss_views *views) {
  const dss_plan *plan = rated->plan;
  clear(rated, views);
  for (size_t a = 0; a < plan->kernel.n_axes; a++) {
    const dss_kernel_axis *axis = &plan->kernel.axes[a];
    for (uint32_t r = 0; r < rated->n_raters; r++)
      views->group[r] = axis->group[source[r]];
    view_axis(plan, &rated->questions[question], rule, axis, rated->n_items, NULL, NULL, views);
  }
  if (with_all) view_all(rated, &rated->questions[question], rule, NULL, NULL, views);
}

void dss_views_weighted(const dss_rated *rated, size_t question, const dss_rule *rule,
                        const dss_weighting *weights, dss_views *views) {
  const dss_plan *plan = rated->plan;
  clear(rated, views);
  for (size_t a = 0; a < plan->kernel.n_axes; a++) {
    const dss_kernel_axis *axis = &plan->kernel.axes[a];
    memcpy(views->group, axis->group, rated->n_raters * sizeof *views->group);
    view_axis(plan, &rated->questions[question], rule, axis, rated->n_items, weights->raters[a],
              weights->items, views);
  }
  view_all(rated, &rated->questions[question], rule, weights->everyone, weights->items, views);
}

/* --- observed ------------------------------------------------------------------------------- */

dss_status dss_observation_new(dss_context *context, const dss_rated *rated,
                               dss_observation *observation) {
  unsigned char *block;
  *observation = (dss_observation){0};
  DSS_TRY(DSS_ALLOC(context, &block, dss_views_bytes(rated)));
  observation->block = block;
  dss_views_lay_out(rated, block, &observation->views);
  DSS_TRY(DSS_ALLOC(context, &observation->source, rated->n_raters));
  for (uint32_t r = 0; r < rated->n_raters; r++)
    observation->source[r] = r;
  return DSS_OK;
}

void dss_observation_free(dss_observation *observation) {
  free(observation->block);
  free(observation->source);
  *observation = (dss_observation){0};
}

void dss_observe(const dss_rated *rated, size_t question, const dss_rule *rule,
                 dss_observation *observation) {
  dss_views_of(rated, question, rule, observation->source, true, &observation->views);
}
