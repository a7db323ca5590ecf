/* Axes and their groups. */
#include <string.h>

#include "host/core/alloc.h"
#include "plan.h"

/* More than this is a mistake in --by, not a study. */
enum { MOST_AXES = 100000, MOST_GROUPS = 1000000 };

/* Joins the texts that `text_of` gives for 0..n-1. */
static dss_status join(dss_context *context, size_t n, const char *const *texts,
                       const char *separator, char **joined) {
  size_t length = 1;
  for (size_t i = 0; i < n; i++)
    length += strlen(texts[i]) + strlen(separator);
  DSS_TRY(DSS_ALLOC(context, joined, length));
  for (size_t i = 0; i < n; i++) {
    if (i > 0) strcat(*joined, separator);
    strcat(*joined, texts[i]);
  }
  return DSS_OK;
}

static dss_status add_axis(dss_context *context, const dss_study *study, dss_plan *plan,
                           const size_t *attributes, size_t n) {
  if (plan->kernel.n_axes == MOST_AXES)
    return dss_fail(context, DSS_ERR_USAGE, "more than %d axes; give a smaller depth", MOST_AXES);
  size_t capacity = plan->kernel.n_axes;
  DSS_TRY(DSS_GROW(context, &plan->axes, &capacity, plan->kernel.n_axes + 1));
  dss_plan_axis *axis = &plan->axes[plan->kernel.n_axes];
  memset(axis, 0, sizeof *axis);
  plan->kernel.n_axes++;
  axis->n_attributes = n;
  DSS_TRY(DSS_ALLOC(context, &axis->attributes, n));
  memcpy(axis->attributes, attributes, n * sizeof *attributes);
  const char **names;
  DSS_TRY(DSS_ALLOC(context, &names, n));
  for (size_t i = 0; i < n; i++)
    names[i] = dss_study_rater_attribute(study, attributes[i])->name;
  dss_status status = join(context, n, names, "*", &axis->name);
  free(names);
  return status;
}

/* "gender,race" to attribute numbers; those of an axis are distinct. */
static dss_status parse_axis(dss_context *context, const dss_study *study, const char *text,
                             size_t *attributes, size_t *n) {
  size_t all = dss_study_n_rater_attributes(study);
  *n = 0;
  for (const char *at = text;; at++) {
    const char *end = at + strcspn(at, ",");
    char *name;
    DSS_TRY(dss_copy_text(context, &name, at));
    name[end - at] = '\0';
    size_t found = dss_find_attribute(study, true, name);
    free(name);
    if (found == SIZE_MAX)
      return dss_fail(context, DSS_ERR_USAGE, "axis '%s': the raters have no attribute '%.*s'",
                      text, (int)(end - at), at);
    for (size_t i = 0; i < *n; i++)
      if (attributes[i] == found)
        return dss_fail(context, DSS_ERR_USAGE, "axis '%s': attribute '%.*s' is named twice", text,
                        (int)(end - at), at);
    if (*n == all) return dss_fail(context, DSS_ERR_INTERNAL, "axis '%s': too many names", text);
    attributes[(*n)++] = found;
    if (*end == '\0') return DSS_OK;
    at = end;
  }
}

static bool same_attributes(const dss_plan_axis *axis, const size_t *attributes, size_t n) {
  size_t common = 0;
  for (size_t i = 0; i < axis->n_attributes; i++)
    for (size_t k = 0; k < n; k++)
      common += axis->attributes[i] == attributes[k];
  return axis->n_attributes == n && common == n;
}

/* Every combination of `size` attributes, in the study's order. */
static dss_status add_combinations(dss_context *context, const dss_study *study, dss_plan *plan,
                                   size_t size, size_t *chosen) {
  size_t all = dss_study_n_rater_attributes(study);
  for (size_t i = 0; i < size; i++)
    chosen[i] = i;
  for (;;) {
    DSS_TRY(add_axis(context, study, plan, chosen, size));
    size_t i = size;
    while (i > 0 && chosen[i - 1] == all - size + i - 1)
      i--;
    if (i == 0) return DSS_OK;
    chosen[i - 1]++;
    for (; i < size; i++)
      chosen[i] = chosen[i - 1] + 1;
  }
}

static dss_status choose_axes(dss_context *context, const dss_study *study,
                              const dss_plan_options *options, dss_plan *plan, size_t *chosen) {
  size_t all = dss_study_n_rater_attributes(study);
  if (options->all_depth > 0 || options->n_axes == 0) {
    size_t depth = options->all_depth > 0 ? options->all_depth : 1;
    for (size_t size = 1; size <= depth && size <= all; size++)
      DSS_TRY(add_combinations(context, study, plan, size, chosen));
    return DSS_OK;
  }
  for (size_t i = 0; i < options->n_axes; i++) {
    size_t n;
    DSS_TRY(parse_axis(context, study, options->axes[i], chosen, &n));
    for (size_t a = 0; a < plan->kernel.n_axes; a++)
      if (same_attributes(&plan->axes[a], chosen, n))
        return dss_fail(context, DSS_ERR_USAGE, "axis '%s' is named twice", options->axes[i]);
    DSS_TRY(add_axis(context, study, plan, chosen, n));
  }
  return DSS_OK;
}

/* --- groups ------------------------------------------------------------------------------- */

static int compare_keys(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* A rater's combination of values as one number, in the order of the categories; UINT64_MAX when a
 * value is unknown. */
static uint64_t combination(const dss_study *study, const dss_plan_axis *axis, uint32_t rater) {
  uint64_t key = 0;
  for (size_t i = 0; i < axis->n_attributes; i++) {
    const dss_attribute *attribute = dss_study_rater_attribute(study, axis->attributes[i]);
    if (attribute->codes[rater] < 0) return UINT64_MAX;
    key = key * attribute->n_categories + (uint64_t)attribute->codes[rater];
  }
  return key;
}

static dss_status check_combinations(dss_context *context, const dss_study *study,
                                     const dss_plan_axis *axis) {
  uint64_t product = 1;
  for (size_t i = 0; i < axis->n_attributes; i++) {
    uint64_t n = dss_study_rater_attribute(study, axis->attributes[i])->n_categories;
    if (n > 0 && product > (UINT64_MAX >> 1) / n)
      return dss_fail(context, DSS_ERR_USAGE, "axis '%s' has too many combinations", axis->name);
    product *= n > 0 ? n : 1;
  }
  return DSS_OK;
}

static dss_status name_group(dss_context *context, const dss_study *study,
                             const dss_plan_axis *axis, uint64_t key, char **name) {
  const char **values;
  DSS_TRY(DSS_ALLOC(context, &values, axis->n_attributes));
  for (size_t i = axis->n_attributes; i-- > 0;) {
    const dss_attribute *attribute = dss_study_rater_attribute(study, axis->attributes[i]);
    values[i] = attribute->categories[key % attribute->n_categories];
    key /= attribute->n_categories;
  }
  dss_status status = join(context, axis->n_attributes, values, " * ", name);
  free(values);
  return status;
}

/* Appends the groups whose sorted distinct keys are given, and fills the axis's group numbers. */
static dss_status add_groups(dss_context *context, const dss_study *study,
                             const dss_selection *selection, dss_plan *plan, size_t a,
                             const uint64_t *keys, uint32_t n_keys) {
  dss_plan_axis *axis = &plan->axes[a];
  dss_kernel_axis *kernel_axis = &plan->kernel_axes[a];
  kernel_axis->first_group = plan->kernel.n_groups;
  if (plan->kernel.n_groups + n_keys > MOST_GROUPS)
    return dss_fail(context, DSS_ERR_USAGE, "more than %d groups; give fewer axes", MOST_GROUPS);
  size_t capacity = plan->kernel.n_groups;
  DSS_TRY(DSS_GROW(context, &plan->groups, &capacity, plan->kernel.n_groups + n_keys));
  for (uint32_t g = 0; g < n_keys; g++) {
    dss_plan_group *group = &plan->groups[plan->kernel.n_groups];
    *group = (dss_plan_group){.axis = a};
    plan->kernel.n_groups++;
    kernel_axis->n_groups++;
    DSS_TRY(name_group(context, study, axis, keys[g], &group->name));
  }
  int32_t *numbers;
  DSS_TRY(DSS_ALLOC(context, &numbers, selection->n_raters));
  kernel_axis->group = numbers;
  for (uint32_t r = 0; r < selection->n_raters; r++) {
    uint64_t key = combination(study, axis, selection->study_rater[r]);
    numbers[r] = -1;
    if (key == UINT64_MAX) continue;
    const uint64_t *found = bsearch(&key, keys, n_keys, sizeof *keys, compare_keys);
    numbers[r] = (int32_t)(found - keys);
    plan->groups[kernel_axis->first_group + (size_t)(found - keys)].raters++;
  }
  return DSS_OK;
}

static dss_status find_groups(dss_context *context, const dss_study *study,
                              const dss_selection *selection, dss_plan *plan, size_t a) {
  DSS_TRY(check_combinations(context, study, &plan->axes[a]));
  uint64_t *keys;
  DSS_TRY(DSS_ALLOC(context, &keys, selection->n_raters));
  uint32_t known = 0, distinct = 0;
  for (uint32_t r = 0; r < selection->n_raters; r++) {
    uint64_t key = combination(study, &plan->axes[a], selection->study_rater[r]);
    if (key != UINT64_MAX) keys[known++] = key;
  }
  qsort(keys, known, sizeof *keys, compare_keys);
  for (uint32_t i = 0; i < known; i++)
    if (i == 0 || keys[i] != keys[distinct - 1]) keys[distinct++] = keys[i];
  if (known < selection->n_raters)
    dss_info(context, "axis %s: %u %s no part", plan->axes[a].name, selection->n_raters - known,
             selection->n_raters - known == 1 ? "rater with an unknown value takes"
                                              : "raters with an unknown value take");
  dss_status status = add_groups(context, study, selection, plan, a, keys, distinct);
  free(keys);
  return status;
}

static dss_status mark_tested(dss_context *context, const dss_plan_options *options,
                              dss_plan *plan) {
  uint8_t *tested;
  size_t n = 0, small = 0;
  DSS_TRY(DSS_ALLOC(context, &tested, plan->kernel.n_groups));
  plan->kernel.tested = tested;
  for (size_t g = 0; g < plan->kernel.n_groups; g++) {
    tested[g] = plan->groups[g].raters >= options->min_raters;
    n += tested[g];
    small += !tested[g];
  }
  if (n == 0)
    return dss_fail(context, DSS_ERR_DATA, "no group on any axis has %u rater%s or more",
                    options->min_raters, options->min_raters == 1 ? "" : "s");
  if (small > 0)
    dss_info(context, "%zu of %zu groups %s than %u raters and %s not tested", small,
             plan->kernel.n_groups, small == 1 ? "has fewer" : "have fewer", options->min_raters,
             small == 1 ? "is" : "are");
  return DSS_OK;
}

dss_status dss_plan_axes(dss_context *context, const dss_study *study,
                         const dss_plan_options *options, const dss_selection *selection,
                         dss_plan *plan) {
  size_t all = dss_study_n_rater_attributes(study);
  if (all == 0)
    return dss_fail(context, DSS_ERR_DATA,
                    "the study has no rater attribute, so there is no group");
  size_t *chosen;
  DSS_TRY(DSS_ALLOC(context, &chosen, all));
  dss_status status = choose_axes(context, study, options, plan, chosen);
  free(chosen);
  DSS_TRY(status);
  DSS_TRY(DSS_ALLOC(context, &plan->kernel_axes, plan->kernel.n_axes));
  plan->kernel.axes = plan->kernel_axes;
  for (size_t a = 0; a < plan->kernel.n_axes; a++)
    DSS_TRY(find_groups(context, study, selection, plan, a));
  return mark_tested(context, options, plan);
}
