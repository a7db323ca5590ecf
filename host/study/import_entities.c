#include "import_entities.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"

static dss_status reserve(dss_context *context, dss_values *values, size_t from, size_t capacity) {
  size_t of_codes = from, of_lines = from, of_missing = from;
  DSS_TRY(DSS_GROW(context, &values->codes, &of_codes, capacity));
  DSS_TRY(DSS_GROW(context, &values->lines, &of_lines, capacity));
  DSS_TRY(DSS_GROW(context, &values->saw_missing, &of_missing, capacity));
  for (size_t i = from; i < capacity; i++) {
    values->codes[i] = -1;
    values->lines[i] = 0;
    values->saw_missing[i] = false;
  }
  return DSS_OK;
}

dss_status dss_entities_add_attribute(dss_context *context, dss_entities *entities,
                                      const char *name, const char *file, size_t column) {
  DSS_TRY(DSS_GROW(context, &entities->attributes, &entities->attribute_capacity,
                   entities->n_attributes + 1));
  dss_values *values = &entities->attributes[entities->n_attributes];
  *values = (dss_values){.file = file, .column = column};
  DSS_TRY(dss_copy_text(context, &values->name, name));
  entities->n_attributes++;
  return reserve(context, values, 0, entities->capacity);
}

static dss_status make_room(dss_context *context, dss_entities *entities) {
  size_t needed = entities->ids.count;
  if (needed <= entities->capacity) return DSS_OK;
  size_t capacity = needed < 1024 ? 1024 : needed + needed / 2;
  for (size_t a = 0; a < entities->n_attributes; a++)
    DSS_TRY(reserve(context, &entities->attributes[a], entities->capacity, capacity));
  entities->capacity = capacity;
  return DSS_OK;
}

dss_status dss_entities_add(dss_context *context, dss_entities *entities, const char *name,
                            size_t length, dss_place place, uint32_t *id) {
  DSS_TRY(dss_strings_add(context, &entities->ids, name, length, place, id));
  return make_room(context, entities);
}

dss_status dss_entities_read(dss_context *context, dss_entities *entities, const char *name,
                             size_t length, dss_place place, bool *missing, uint32_t *id) {
  *missing = length == 0;
  if (*missing) return DSS_OK;
  return dss_entities_add(context, entities, name, length, place, id);
}

static dss_status fail_conflict(dss_context *context, const dss_entities *entities,
                                const dss_values *values, uint32_t id, const char *text,
                                dss_place place) {
  char earlier[40] = "before";
  if (values->lines[id])
    snprintf(earlier, sizeof earlier, "on line %llu", (unsigned long long)values->lines[id]);
  return dss_fail_at(context, place, DSS_ERR_DATA,
                     "%s '%s' has '%s' here and '%s' %s; one value for each %s was expected",
                     entities->what, DSS_EXCERPT(entities->ids.at[id]), DSS_EXCERPT(text),
                     DSS_EXCERPT(values->labels.at[values->codes[id]]), earlier, entities->what);
}

dss_status dss_entities_set(dss_context *context, dss_entities *entities,
                            const dss_import_spec *spec, size_t attribute, uint32_t id,
                            const char *text, size_t length, dss_place place) {
  dss_values *values = &entities->attributes[attribute];
  int32_t known = values->codes[id];
  if (known >= 0 && strcmp(values->labels.at[known], text) == 0) return DSS_OK;
  if (dss_spec_is_missing(spec, text)) {
    values->saw_missing[id] = true;
    return DSS_OK;
  }
  if (length == 0)
    return dss_fail_at(context, place, DSS_ERR_DATA,
                       "an empty value, and the empty text is not among the missing tokens");
  if (known >= 0) return fail_conflict(context, entities, values, id, text, place);
  uint32_t label;
  DSS_TRY(dss_strings_add(context, &values->labels, text, length, place, &label));
  if (label > INT32_MAX)
    return dss_fail_at(context, place, DSS_ERR_DATA, "more than 2^31 different values");
  values->codes[id] = (int32_t)label;
  values->lines[id] = place.line;
  return DSS_OK;
}

size_t dss_entities_find_attribute(const dss_entities *entities, const char *name) {
  for (size_t a = 0; a < entities->n_attributes; a++)
    if (strcmp(entities->attributes[a].name, name) == 0) return a;
  return SIZE_MAX;
}

/* --- joining --------------------------------------------------------------------------------- */

static dss_status join_values(dss_context *context, dss_entities *entities,
                              const dss_entities *table, const dss_values *from) {
  DSS_TRY(dss_entities_add_attribute(context, entities, from->name, from->file, from->column));
  dss_values *to = &entities->attributes[entities->n_attributes - 1];
  for (uint32_t id = 0; id < entities->ids.count; id++) {
    const char *name = entities->ids.at[id];
    uint32_t row;
    if (!dss_strings_find(&table->ids, name, strlen(name), &row)) continue;
    to->saw_missing[id] = from->saw_missing[row];
    if (from->codes[row] < 0) continue;
    const char *label = from->labels.at[from->codes[row]];
    uint32_t code;
    DSS_TRY(dss_strings_add(context, &to->labels, label, strlen(label),
                            (dss_place){from->file, from->lines[row], 0, NULL}, &code));
    to->codes[id] = (int32_t)code;
    to->lines[id] = from->lines[row];
  }
  return DSS_OK;
}

dss_status dss_entities_join(dss_context *context, dss_entities *entities,
                             const dss_entities *table, dss_join_counts *counts) {
  *counts = (dss_join_counts){0};
  for (uint32_t id = 0; id < entities->ids.count; id++) {
    uint32_t row;
    const char *name = entities->ids.at[id];
    counts->matched += dss_strings_find(&table->ids, name, strlen(name), &row);
  }
  counts->unmatched = entities->ids.count - counts->matched;
  counts->unknown_keys = table->ids.count - counts->matched;
  for (size_t a = 0; a < table->n_attributes; a++)
    DSS_TRY(join_values(context, entities, table, &table->attributes[a]));
  return DSS_OK;
}

void dss_entities_free(dss_entities *entities) {
  for (size_t a = 0; a < entities->n_attributes; a++) {
    dss_values *values = &entities->attributes[a];
    free(values->name);
    dss_strings_free(&values->labels);
    free(values->codes);
    free(values->lines);
    free(values->saw_missing);
  }
  free(entities->attributes);
  dss_strings_free(&entities->ids);
  *entities = (dss_entities){0};
}
