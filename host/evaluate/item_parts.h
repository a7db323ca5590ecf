/* Parts of the items: all of them, and those of each value of the attributes asked for. */
#ifndef DSS_EVALUATE_ITEM_PARTS_H
#define DSS_EVALUATE_ITEM_PARTS_H

#include "evaluate.h"

typedef struct dss_item_part {
  char *name;       /* "topic=Violent"; "" for all items */
  uint8_t *of_item; /* [rated->n_items]; NULL: all */
} dss_item_part;

typedef struct dss_item_parts {
  size_t n; /* the first is all items */
  dss_item_part *parts;
} dss_item_parts;

/* attributes: names of item attributes; one that the study lacks, or that is named twice, is
 * refused (DSS_ERR_USAGE). Values that no rated item has make no part; items of unknown value
 * become a note. */
DSS_MUST_USE dss_status dss_item_parts_make(dss_context *context, const dss_rated *rated,
                                            const char *const *attributes, size_t n,
                                            dss_evaluation *evaluation, dss_item_parts *parts);
void dss_item_parts_free(dss_item_parts *parts);

#endif
