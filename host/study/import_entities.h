/* Raters or items while they are read: their names, numbered as they appear, and their attributes.
 */
#ifndef DSS_STUDY_IMPORT_ENTITIES_H
#define DSS_STUDY_IMPORT_ENTITIES_H

#include "import_options.h"
#include "import_strings.h"

/* One attribute: a value per entity, and where it was read, for messages. */
typedef struct dss_values {
  char *name;
  const char *file; /* belongs to the options */
  size_t column;    /* from 0; SIZE_MAX where there are no columns */
  dss_strings labels;
  int32_t *codes;    /* [ids.count] into labels; -1: unknown */
  uint64_t *lines;   /* [ids.count] where the value was first read */
  bool *saw_missing; /* [ids.count] a row without the value was read too */
} dss_values;

typedef struct dss_entities {
  const char *what; /* "rater" or "item" */
  dss_strings ids;
  size_t capacity; /* of every attribute's arrays */
  dss_values *attributes;
  size_t n_attributes;
  size_t attribute_capacity;
} dss_entities;

DSS_MUST_USE dss_status dss_entities_add_attribute(dss_context *context, dss_entities *entities,
                                                   const char *name, const char *file,
                                                   size_t column);
/* The number of an entity, new or not. The name is not empty. */
DSS_MUST_USE dss_status dss_entities_add(dss_context *context, dss_entities *entities,
                                         const char *name, size_t length, dss_place place,
                                         uint32_t *id);
/* The same, unless the name is empty: *missing. The missing tokens are for values, as somebody may
 * well be called "NA" or "-1". */
DSS_MUST_USE dss_status dss_entities_read(dss_context *context, dss_entities *entities,
                                          const char *name, size_t length, dss_place place,
                                          bool *missing, uint32_t *id);
/* Notes a value. A second, different one is refused (DSS_ERR_DATA) naming both; a missing one
 * beside a known one is filled by it. */
DSS_MUST_USE dss_status dss_entities_set(dss_context *context, dss_entities *entities,
                                         const dss_import_spec *spec, size_t attribute, uint32_t id,
                                         const char *text, size_t length, dss_place place);
size_t dss_entities_find_attribute(const dss_entities *entities, const char *name);

typedef struct dss_join_counts {
  uint64_t matched;      /* entities that have a row in the table */
  uint64_t unmatched;    /* entities that have none: their attributes are unknown */
  uint64_t unknown_keys; /* rows of the table for nobody */
} dss_join_counts;

/* Gives entities the table's attributes, joined by name. */
DSS_MUST_USE dss_status dss_entities_join(dss_context *context, dss_entities *entities,
                                          const dss_entities *table, dss_join_counts *counts);
void dss_entities_free(dss_entities *entities);

#endif
