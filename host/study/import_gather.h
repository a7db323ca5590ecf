/* One question's ratings on their way from the records into the study, which wants them by item and
 * code. They come by item and rater, so no list of them all need be sorted, nor held twice. */
#ifndef DSS_STUDY_IMPORT_GATHER_H
#define DSS_STUDY_IMPORT_GATHER_H

#include "study.h"

/* Once ended, `ratings` is what dss_study_adopt_question takes. */
typedef struct dss_gathering {
  dss_compressed ratings;
  uint32_t n_items, n_levels;
  uint32_t largest; /* ratings of the item with most; known at the end */
} dss_gathering;

/* Room for at most so many ratings. DSS_ERR_MEMORY. Free it whatever the outcome. */
DSS_MUST_USE dss_status dss_gather_begin(dss_context *context, dss_gathering *gathering,
                                         uint32_t n_items, uint32_t n_levels, uint32_t most);
/* One more: item < n_items, code < n_levels, and the item not less than the one before; of one item
 * the raters ascend. */
void dss_gather_add(dss_gathering *gathering, uint32_t item, uint32_t rater, uint8_t code);
DSS_MUST_USE dss_status dss_gather_end(dss_context *context, dss_gathering *gathering);
void dss_gather_free(dss_gathering *gathering);

#endif
