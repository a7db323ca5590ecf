#include "parts.h"

#include <stdio.h>

#include "host/core/alloc.h"
#include "host/study/import_text.h"

static dss_status find_attribute(dss_context *context, const dss_study *study, const char *name,
                                 const dss_attribute **attribute) {
  size_t found = dss_find_attribute(study, false, name);
  if (found != SIZE_MAX) {
    *attribute = dss_study_item_attribute(study, found);
    return DSS_OK;
  }
  char known[320] = "none";
  dss_words names = {0};
  dss_status status = DSS_OK;
  for (size_t i = 0; i < dss_study_n_item_attributes(study) && status == DSS_OK; i++) {
    const char *known_name = dss_study_item_attribute(study, i)->name;
    status = dss_words_add(context, &names, known_name, strlen(known_name));
  }
  if (names.count > 0) dss_words_list(&names, known, sizeof known);
  dss_words_free(&names);
  DSS_TRY(status);
  return dss_fail(context, DSS_ERR_USAGE, "no item attribute is named '%s'; there are: %s",
                  DSS_EXCERPT(name), known);
}

static dss_status add_value(dss_context *context, const dss_rated *rated,
                            const dss_attribute *attribute, uint32_t category, dss_part *part) {
  const char *value = attribute->categories[category];
  size_t size = strlen(attribute->name) + strlen(value) + 2;
  DSS_TRY(DSS_ALLOC(context, &part->name, size));
  snprintf(part->name, size, "%s=%s", attribute->name, value);
  DSS_TRY(DSS_ALLOC(context, &part->of_item, rated->n_items));
  for (uint32_t u = 0; u < rated->n_items; u++)
    part->of_item[u] = attribute->codes[rated->study_item[u]] == (int32_t)category;
  return DSS_OK;
}

/* The values that occur. */
static dss_status add_values(dss_context *context, const dss_rated *rated,
                             const dss_attribute *attribute, size_t *room, dss_parts *parts) {
  for (uint32_t c = 0; c < attribute->n_categories; c++) {
    bool occurs = false;
    for (uint32_t u = 0; u < rated->n_items && !occurs; u++)
      occurs = attribute->codes[rated->study_item[u]] == (int32_t)c;
    if (!occurs) continue;
    DSS_TRY(DSS_GROW(context, &parts->parts, room, parts->n + 1));
    parts->parts[parts->n] = (dss_part){0};
    DSS_TRY(add_value(context, rated, attribute, c, &parts->parts[parts->n++]));
  }
  return DSS_OK;
}

dss_status dss_parts_new(dss_context *context, const dss_rated *rated, const char *const *items_by,
                         size_t n_items_by, dss_parts *parts) {
  size_t room = 0;
  *parts = (dss_parts){0};
  DSS_TRY(DSS_GROW(context, &parts->parts, &room, 1));
  parts->parts[parts->n++] = (dss_part){0};
  DSS_TRY(dss_copy_text(context, &parts->parts[0].name, ""));
  for (size_t i = 0; i < n_items_by; i++) {
    const dss_attribute *attribute = NULL;
    DSS_TRY(find_attribute(context, rated->study, items_by[i], &attribute));
    for (size_t j = 0; j < i; j++)
      if (strcmp(items_by[i], items_by[j]) == 0)
        return dss_fail(context, DSS_ERR_USAGE, "the item attribute '%s' is named twice",
                        DSS_EXCERPT(items_by[i]));
    DSS_TRY(add_values(context, rated, attribute, &room, parts));
  }
  return DSS_OK;
}

void dss_parts_free(dss_parts *parts) {
  for (size_t i = 0; i < parts->n; i++) {
    free(parts->parts[i].name);
    free(parts->parts[i].of_item);
  }
  free(parts->parts);
  *parts = (dss_parts){0};
}

dss_status dss_parts_note(dss_context *context, const dss_rated *rated, const char *const *items_by,
                          size_t n_items_by, dss_evaluation *evaluation) {
  for (size_t i = 0; i < n_items_by; i++) {
    const dss_attribute *attribute = NULL;
    uint64_t unknown = 0;
    const char *first = "";
    char what[160];
    DSS_TRY(find_attribute(context, rated->study, items_by[i], &attribute));
    for (uint32_t u = 0; u < rated->n_items; u++)
      if (attribute->codes[rated->study_item[u]] < 0 && unknown++ == 0)
        first = dss_study_item_name(rated->study, rated->study_item[u]);
    if (unknown == 0) continue;
    snprintf(what, sizeof what, "items whose '%s' is unknown, which are in no part by it",
             DSS_EXCERPT(items_by[i]));
    DSS_TRY(dss_evaluation_add_note(context, evaluation, what, unknown, first));
  }
  return DSS_OK;
}
