/* Parts of the items that rows are about: all items, then each value of item attributes. */
#ifndef DSS_EVALUATE_PARTS_H
#define DSS_EVALUATE_PARTS_H

#include "evaluate.h"

typedef struct dss_part {
  char *name;       /* "" for all items; "topic=Violent" */
  uint8_t *of_item; /* [rated->n_items] whether it is one of the part; NULL: all are */
} dss_part;

typedef struct dss_parts {
  size_t n;
  dss_part *parts; /* [n], all items first */
} dss_parts;

/* Values of the item attributes that some item of rated has, attribute by attribute in the order of
 * their categories. DSS_ERR_USAGE for an attribute that the study's items do not have, or one given
 * twice. */
DSS_MUST_USE dss_status dss_parts_new(dss_context *context, const dss_rated *rated,
                                      const char *const *items_by, size_t n_items_by,
                                      dss_parts *parts);
void dss_parts_free(dss_parts *parts);

/* Whether item, a number of rated, is one of the part. */
static inline bool dss_part_has(const dss_part *part, uint32_t item) {
  return !part->of_item || part->of_item[item];
}

/* Notes how many items are in no part because their value is unknown, for each attribute. */
DSS_MUST_USE dss_status dss_parts_note(dss_context *context, const dss_rated *rated,
                                       const char *const *items_by, size_t n_items_by,
                                       dss_evaluation *evaluation);

#endif
