#include "item_parts.h"

#include <stdio.h>

#include "host/core/alloc.h"

static dss_status find(dss_context *context, const dss_study *study, const char *name,
                       const dss_attribute **attribute) {
  size_t found = dss_find_attribute(study, false, name);
  if (found == SIZE_MAX)
    return dss_fail(context, DSS_ERR_USAGE, "the items have no attribute '%s'", name);
  *attribute = dss_study_item_attribute(study, found);
  return DSS_OK;
}

/* One value's items, where there are some. */
static dss_status add_part(dss_context *context, const dss_rated *rated,
                           const dss_attribute *attribute, uint32_t value, dss_item_parts *parts) {
  uint32_t items = 0;
  for (uint32_t u = 0; u < rated->n_items; u++)
    items += attribute->codes[rated->study_item[u]] == (int32_t)value;
  if (items == 0) return DSS_OK;
  dss_item_part *part = &parts->parts[parts->n++];
  size_t room = strlen(attribute->name) + strlen(attribute->categories[value]) + 2;
  DSS_TRY(DSS_ALLOC(context, &part->name, room));
  snprintf(part->name, room, "%s=%s", attribute->name, attribute->categories[value]);
  DSS_TRY(DSS_ALLOC(context, &part->of_item, rated->n_items));
  for (uint32_t u = 0; u < rated->n_items; u++)
    part->of_item[u] = attribute->codes[rated->study_item[u]] == (int32_t)value;
  return DSS_OK;
}

static dss_status note_unknown(dss_context *context, const dss_rated *rated,
                               const dss_attribute *attribute, dss_evaluation *evaluation) {
  uint64_t unknown = 0;
  const char *first = "";
  char what[256];
  for (uint32_t u = 0; u < rated->n_items; u++)
    if (attribute->codes[rated->study_item[u]] < 0 && unknown++ == 0)
      first = dss_study_item_name(rated->study, rated->study_item[u]);
  if (unknown == 0) return DSS_OK;
  snprintf(what, sizeof what, "items of unknown %s, which are in none of its parts",
           attribute->name);
  return dss_evaluation_add_note(context, evaluation, what, unknown, first);
}

dss_status dss_item_parts_make(dss_context *context, const dss_rated *rated,
                               const char *const *attributes, size_t n, dss_evaluation *evaluation,
                               dss_item_parts *parts) {
  const dss_attribute *attribute = NULL;
  size_t room = 1;
  for (size_t i = 0; i < n; i++) {
    DSS_TRY(find(context, rated->study, attributes[i], &attribute));
    room += attribute->n_categories;
    for (size_t k = 0; k < i; k++)
      if (strcmp(attributes[k], attributes[i]) == 0)
        return dss_fail(context, DSS_ERR_USAGE, "the item attribute '%s' is named twice",
                        attributes[i]);
  }
  DSS_TRY(DSS_ALLOC(context, &parts->parts, room));
  parts->n = 1;
  DSS_TRY(dss_copy_text(context, &parts->parts[0].name, ""));
  for (size_t i = 0; i < n; i++) {
    DSS_TRY(find(context, rated->study, attributes[i], &attribute));
    for (uint32_t value = 0; value < attribute->n_categories; value++)
      DSS_TRY(add_part(context, rated, attribute, value, parts));
    DSS_TRY(note_unknown(context, rated, attribute, evaluation));
  }
  return DSS_OK;
}

void dss_item_parts_free(dss_item_parts *parts) {
  for (size_t i = 0; i < parts->n; i++) {
    free(parts->parts[i].name);
    free(parts->parts[i].of_item);
  }
  free(parts->parts);
}
