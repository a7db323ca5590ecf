/* Which rows a question and a section of the predictions have. */
#include "classify.h"
#include "comparison.h"
#include "host/core/alloc.h"

typedef struct listing {
  dss_classification *to;
  size_t room;
} listing;

static dss_status add(dss_context *context, listing *l, dss_shape shape) {
  DSS_TRY(DSS_GROW(context, &l->to->shapes, &l->room, l->to->n_shapes + 1));
  l->to->shapes[l->to->n_shapes++] = shape;
  return DSS_OK;
}

/* Every statistic of a side: without positive predictions AUC is all there is. */
static dss_status add_values(dss_context *context, listing *l, size_t axis, size_t group,
                             size_t side) {
  for (size_t s = 0; s < DSS_N_CLASSIFY_STATISTICS; s++) {
    bool there = s == DSS_CLASSIFY_AUC ? l->to->classifiers.scores : l->to->classifiers.calls;
    if (there)
      DSS_TRY(add(context, l,
                  (dss_shape){DSS_SHAPE_VALUE, s, axis, group, DSS_NOWHERE, side, DSS_NOWHERE}));
  }
  return DSS_OK;
}

static dss_status add_pairs(dss_context *context, listing *l, dss_classify_statistic s, size_t axis,
                            size_t group) {
  const dss_plan *plan = l->to->rated->plan;
  const dss_kernel_axis *groups = &plan->kernel.axes[axis];
  for (size_t v = group + 1; v < groups->first_group + groups->n_groups; v++)
    if (plan->kernel.tested[v])
      DSS_TRY(
          add(context, l,
              (dss_shape){DSS_SHAPE_GAP, s, axis, group, v, dss_side_of(group), dss_side_of(v)}));
  return DSS_OK;
}

/* Groups of too few raters have no gap. */
static dss_status add_gaps(dss_context *context, listing *l, dss_classify_statistic s,
                           size_t axis) {
  const dss_plan *plan = l->to->rated->plan;
  dss_compared_axis compared = dss_compared_axis_of(&plan->kernel, axis, l->to->pairs);
  const dss_kernel_axis *groups = &plan->kernel.axes[axis];
  size_t end = groups->first_group + groups->n_groups;
  for (size_t g = groups->first_group; compared.rest && g < end; g++)
    if (plan->kernel.tested[g])
      DSS_TRY(add(context, l,
                  (dss_shape){DSS_SHAPE_GAP, s, axis, g, DSS_ELSE, dss_side_of(g),
                              dss_side_else(plan, g)}));
  for (size_t g = groups->first_group; compared.pairs && g < end; g++)
    if (plan->kernel.tested[g]) DSS_TRY(add_pairs(context, l, s, axis, g));
  return add(
      context, l,
      (dss_shape){DSS_SHAPE_LARGEST, s, axis, DSS_NOWHERE, DSS_NOWHERE, DSS_NOWHERE, DSS_NOWHERE});
}

static dss_status add_axis(dss_context *context, listing *l, size_t axis) {
  const dss_plan *plan = l->to->rated->plan;
  const dss_kernel_axis *groups = &plan->kernel.axes[axis];
  for (size_t g = groups->first_group; g < groups->first_group + groups->n_groups; g++)
    DSS_TRY(add_values(context, l, axis, g, dss_side_of(g)));
  for (size_t s = 0; s < DSS_N_CLASSIFY_STATISTICS; s++)
    if (l->to->gaps >> s & 1u) DSS_TRY(add_gaps(context, l, s, axis));
  return DSS_OK;
}

dss_status dss_classification_shape(dss_context *context, dss_classification *c) {
  listing l = {.to = c};
  const dss_plan *plan = c->rated->plan;
  DSS_TRY(add_values(context, &l, DSS_NOWHERE, DSS_NOWHERE, dss_side_all(plan)));
  for (size_t a = 0; a < plan->kernel.n_axes; a++)
    DSS_TRY(add_axis(context, &l, a));
  return DSS_OK;
}
