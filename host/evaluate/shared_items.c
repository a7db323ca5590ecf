#include "shared_items.h"

#include "host/core/alloc.h"

/* Of an axis's groups, [n_groups] each. */
typedef struct counting {
  uint64_t *items, *shared;
  uint64_t *seen;    /* 1 + the item that the group was last met in */
  uint32_t *present; /* groups that rated the item at hand */
} counting;

static void count(const dss_rated_question *question, uint32_t n_items, const dss_kernel_axis *axis,
                  counting *c) {
  for (uint32_t u = 0; u < n_items; u++) {
    uint32_t present = 0;
    for (uint64_t i = question->item_ptr[u]; i < question->item_ptr[u + 1]; i++) {
      int32_t group = axis->group[question->rater[i]];
      if (group < 0 || c->seen[group] == (uint64_t)u + 1) continue;
      c->seen[group] = (uint64_t)u + 1;
      c->present[present++] = (uint32_t)group;
    }
    for (uint32_t k = 0; k < present; k++) {
      c->items[c->present[k]]++;
      c->shared[c->present[k]] += present > 1;
    }
  }
}

static dss_status count_axis(dss_context *context, const dss_rated *rated, size_t q, size_t a,
                             counting *c, dss_evaluation *evaluation) {
  const dss_plan *plan = rated->plan;
  const dss_kernel_axis *axis = &plan->kernel.axes[a];
  const dss_rated_question *question = &rated->questions[q];
  memset(c->items, 0, axis->n_groups * sizeof *c->items);
  memset(c->shared, 0, axis->n_groups * sizeof *c->shared);
  memset(c->seen, 0, axis->n_groups * sizeof *c->seen);
  count(question, rated->n_items, axis, c);
  for (uint32_t g = 0; g < axis->n_groups; g++) {
    size_t group = axis->first_group + g;
    if (!plan->kernel.tested[group]) continue;
    dss_evaluation_group found = {.question = question->question->name,
                                  .axis = plan->axes[a].name,
                                  .group = plan->groups[group].name,
                                  .raters = plan->groups[group].raters,
                                  .n_items = c->items[g],
                                  .n_shared = c->shared[g]};
    DSS_TRY(dss_evaluation_add_group(context, evaluation, &found));
  }
  return DSS_OK;
}

static dss_status count_all(dss_context *context, const dss_rated *rated, counting *c,
                            dss_evaluation *evaluation) {
  const dss_kernel_plan *plan = &rated->plan->kernel;
  for (size_t q = 0; q < rated->n_questions; q++)
    for (size_t a = 0; a < plan->n_axes; a++)
      if (plan->axes[a].n_groups > 1) DSS_TRY(count_axis(context, rated, q, a, c, evaluation));
  return DSS_OK;
}

dss_status dss_count_shared_items(dss_context *context, const dss_rated *rated,
                                  dss_evaluation *evaluation) {
  size_t n = rated->plan->kernel.n_groups;
  counting c = {0};
  dss_status status = DSS_ALLOC(context, &c.items, n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &c.shared, n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &c.seen, n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &c.present, n);
  if (status == DSS_OK) status = count_all(context, rated, &c, evaluation);
  free(c.items);
  free(c.shared);
  free(c.seen);
  free(c.present);
  return status;
}
