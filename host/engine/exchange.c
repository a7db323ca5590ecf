/* Who may trade profiles with whom: strata, and, where there are few distinct arrangements, the
 * classes of raters by which all of them are visited. docs/determinism.md, "The shuffle". */
#include <string.h>

#include "host/core/alloc.h"
#include "plan.h"

/* --- strata ------------------------------------------------------------------------------- */

static dss_status one_stratum(dss_plan *plan, uint32_t *ptr, uint32_t *order) {
  for (uint32_t r = 0; r < plan->kernel.exchange.n_raters; r++)
    order[r] = r;
  ptr[1] = plan->kernel.exchange.n_raters;
  plan->kernel.exchange.n_strata = 1;
  return DSS_OK;
}

/* Raters sorted by code, stable; unknown comes last. ptr [n_categories + 2] ends up holding where
 * the strata that have a rater begin. */
static dss_status strata_of(dss_context *context, const dss_attribute *attribute,
                            const dss_selection *selection, dss_plan *plan, uint32_t *ptr,
                            uint32_t *order) {
  uint32_t unknown = attribute->n_categories, *begin;
  DSS_TRY(DSS_ALLOC(context, &begin, (size_t)unknown + 2));
  for (int pass = 0; pass < 2; pass++) { /* count, then place */
    for (uint32_t r = 0; r < selection->n_raters; r++) {
      int32_t code = attribute->codes[selection->study_rater[r]];
      uint32_t at = code < 0 ? unknown : (uint32_t)code;
      if (pass == 0)
        begin[at + 1]++;
      else
        order[begin[at]++] = r;
    }
    for (uint32_t c = 0; pass == 0 && c <= unknown; c++)
      begin[c + 1] += begin[c];
  }
  uint32_t singles = 0, filled = 0; /* begin[c] is now where stratum c ends */
  for (uint32_t c = 0; c <= unknown; c++) {
    uint32_t size = begin[c] - filled;
    if (size == 0) continue;
    singles += size == 1;
    filled = begin[c];
    ptr[++plan->kernel.exchange.n_strata] = filled;
    if (c == unknown)
      dss_info(context, "%u rater%s with unknown %s form%s a stratum of their own", size,
               size == 1 ? "" : "s", attribute->name, size == 1 ? "s" : "");
  }
  free(begin);
  if (singles == plan->kernel.exchange.n_strata)
    return dss_fail(context, DSS_ERR_DATA,
                    "no two raters share a value of '%s': nothing can be shuffled",
                    attribute->name);
  return DSS_OK;
}

dss_status dss_plan_strata(dss_context *context, const dss_study *study,
                           const dss_plan_options *options, const dss_selection *selection,
                           dss_plan *plan) {
  bool free_scheme = options->scheme == DSS_SCHEME_FREE;
  const char *name = options->scheme_attribute ? options->scheme_attribute : "";
  size_t found = free_scheme ? 0 : dss_find_attribute(study, true, name);
  if (found == SIZE_MAX)
    return dss_fail(context, DSS_ERR_USAGE, "scheme: the raters have no attribute '%s'", name);
  DSS_TRY(dss_copy_text(context, &plan->scheme_attribute, free_scheme ? "" : name));
  const dss_attribute *attribute = free_scheme ? NULL : dss_study_rater_attribute(study, found);
  uint32_t *ptr, *order;
  DSS_TRY(DSS_ALLOC(context, &order, selection->n_raters));
  plan->kernel.exchange.order = order;
  DSS_TRY(DSS_ALLOC(context, &ptr, free_scheme ? 2 : (size_t)attribute->n_categories + 2));
  plan->kernel.exchange.stratum_ptr = ptr;
  return free_scheme ? one_stratum(plan, ptr, order)
                     : strata_of(context, attribute, selection, plan, ptr, order);
}

/* --- enumeration -------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Splits classes by one more axis: class_of becomes the rank of (class, group) among those there
 * are. keys, sorted [n] are scratch. */
static void refine(const dss_kernel_axis *axis, uint32_t n, uint32_t *class_of, uint64_t *keys,
                   uint64_t *sorted) {
  for (uint32_t r = 0; r < n; r++)
    sorted[r] = keys[r] =
        (uint64_t)class_of[r] * ((uint64_t)axis->n_groups + 1) + (uint64_t)(axis->group[r] + 1);
  qsort(sorted, n, sizeof *sorted, ascending);
  uint32_t distinct = 0;
  for (uint32_t i = 0; i < n; i++)
    if (i == 0 || sorted[i] != sorted[distinct - 1]) sorted[distinct++] = sorted[i];
  for (uint32_t r = 0; r < n; r++) {
    const uint64_t *found = bsearch(&keys[r], sorted, distinct, sizeof *sorted, ascending);
    class_of[r] = (uint32_t)(found - sorted);
  }
}

/* Numbers the classes as they appear along the order; number [n] is scratch. */
static void renumber(dss_exchange *e, uint32_t *class_of, uint32_t *representative,
                     uint32_t *number) {
  for (uint32_t r = 0; r < e->n_raters; r++)
    number[r] = UINT32_MAX;
  for (uint32_t i = 0; i < e->n_raters; i++) {
    uint32_t *its = &number[class_of[e->order[i]]];
    if (*its != UINT32_MAX) continue;
    *its = e->n_classes;
    representative[e->n_classes++] = e->order[i];
  }
  for (uint32_t r = 0; r < e->n_raters; r++)
    class_of[r] = number[class_of[r]];
}

/* Distinct orders of the classes in one stratum, or 0 when there are more than `most`. left
 * [n_classes] comes and goes zeroed. */
static uint64_t count_orders(const dss_exchange *e, uint32_t stratum, uint64_t most,
                             uint32_t *left) {
  uint32_t first = e->stratum_ptr[stratum], end = e->stratum_ptr[stratum + 1];
  dss_u128 orders = 1;
  uint32_t placed = 0;
  /* The multinomial coefficient grows with every rater placed. */
  for (uint32_t i = first; i < end && orders <= most; i++)
    orders = orders * ++placed / ++left[e->class_of[e->order[i]]];
  for (uint32_t i = first; i < end; i++)
    left[e->class_of[e->order[i]]] = 0;
  return orders <= most ? (uint64_t)orders : 0;
}

static uint64_t common_divisor(uint64_t a, uint64_t b) {
  while (b != 0) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/* About the golden section of n, and coprime to it. */
static uint64_t spread(uint64_t n) {
  uint64_t stride = (uint64_t)((dss_u128)n * 618034 / 1000000);
  do
    stride++;
  while (common_divisor(stride, n) != 1);
  return stride;
}

static void count_arrangements(dss_exchange *e, uint64_t most, uint64_t *arrangements,
                               uint32_t *left) {
  dss_u128 all = 1;
  memset(left, 0, e->n_classes * sizeof *left);
  for (uint32_t s = 0; s < e->n_strata; s++) {
    arrangements[s] = count_orders(e, s, most, left);
    all *= arrangements[s];
    if (all == 0 || all > most) return;
  }
  e->n_arrangements = (uint64_t)all;
  e->stride = spread(e->n_arrangements);
}

static dss_status classify(dss_context *context, dss_plan *plan, uint32_t *scratch, uint64_t *keys,
                           uint64_t *sorted) {
  dss_exchange *e = &plan->kernel.exchange;
  uint32_t *class_of, *representative;
  uint64_t *arrangements;
  DSS_TRY(DSS_ALLOC(context, &class_of, e->n_raters));
  e->class_of = class_of;
  DSS_TRY(DSS_ALLOC(context, &representative, e->n_raters));
  e->representative = representative;
  DSS_TRY(DSS_ALLOC(context, &arrangements, e->n_strata));
  e->arrangements = arrangements;
  for (size_t a = 0; a < plan->kernel.n_axes; a++)
    refine(&plan->kernel.axes[a], e->n_raters, class_of, keys, sorted);
  renumber(e, class_of, representative, scratch);
  count_arrangements(e, plan->permutations, arrangements, scratch);
  return DSS_OK;
}

dss_status dss_plan_enumeration(dss_context *context, dss_plan *plan) {
  if (plan->permutations == 0) return DSS_OK;
  uint32_t *scratch = NULL;
  uint64_t *keys = NULL, *sorted = NULL;
  dss_status status = DSS_ALLOC(context, &scratch, plan->kernel.exchange.n_raters);
  if (status == DSS_OK) status = DSS_ALLOC(context, &keys, plan->kernel.exchange.n_raters);
  if (status == DSS_OK) status = DSS_ALLOC(context, &sorted, plan->kernel.exchange.n_raters);
  if (status == DSS_OK) status = classify(context, plan, scratch, keys, sorted);
  free(scratch);
  free(keys);
  free(sorted);
  DSS_TRY(status);
  uint64_t all = plan->kernel.exchange.n_arrangements;
  if (all == 0) return DSS_OK;
  plan->permutations = all;
  bool alone = plan->kernel.exchange.n_raters == 1; /* then there is no p */
  if (all == 1 && !alone)
    dss_warn(context, "no shuffle changes any group: every p-value is 1");
  else if (!alone)
    dss_info(context, "there are only %llu distinct arrangements: each is visited, p is exact",
             (unsigned long long)all);
  if (plan->stop_after > 0) dss_info(context, "no test stops early: every arrangement is visited");
  plan->stop_after = 0;
  return DSS_OK;
}
