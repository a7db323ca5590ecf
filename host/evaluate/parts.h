/* Parts of the items that rows are about: all items, then each value of item attributes. */
#ifndef DSS_EVALUATE_PARTS_H
#define DSS_EVALUATE_PARTS_H

#include "evaluate.h"

typedef struct dss_part {
  char *name;           /* "" for all items; "topic=Violent" */
  const int32_t *codes; /* of the study's items; NULL: all of them */
  int32_t category;
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
static inline bool dss_part_has(const dss_part *part, const dss_rated *rated, uint32_t item) {
  return !part->codes || part->codes[rated->study_item[item]] == part->category;
}

/* Notes how many items are in no part because their value is unknown, for each attribute. */
DSS_MUST_USE dss_status dss_parts_note(dss_context *context, const dss_rated *rated,
                                       const char *const *items_by, size_t n_items_by,
                                       dss_evaluation *evaluation);

#endif
