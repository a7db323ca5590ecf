#include "import_gather.h"

#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"

dss_status dss_gather_begin(dss_context *context, dss_gathering *gathering, uint32_t n_items,
                            uint32_t n_levels, uint32_t most) {
  *gathering = (dss_gathering){.n_items = n_items, .n_levels = n_levels};
  dss_compressed *ratings = &gathering->ratings;
  DSS_TRY(DSS_ALLOC(context, &ratings->item_ptr, (size_t)n_items + 1));
  DSS_TRY(DSS_ALLOC(context, &ratings->rater, most));
  return DSS_ALLOC(context, &ratings->code, most);
}

void dss_gather_add(dss_gathering *gathering, uint32_t item, uint32_t rater, uint8_t code) {
  dss_compressed *ratings = &gathering->ratings;
  ratings->rater[ratings->n_ratings] = rater;
  ratings->code[ratings->n_ratings++] = code;
  ratings->item_ptr[item + (size_t)1]++; /* a count as yet */
}

static void set_pointers(dss_gathering *gathering) {
  uint64_t *item_ptr = gathering->ratings.item_ptr;
  for (size_t u = 0; u < gathering->n_items; u++) {
    if (item_ptr[u + 1] > gathering->largest) gathering->largest = (uint32_t)item_ptr[u + 1];
    item_ptr[u + 1] += item_ptr[u];
  }
}

/* One item's ratings by code; those of one code stay by rater. scratch [count] */
static void sort_item(uint32_t n_levels, uint32_t *rater, uint8_t *code, uint32_t count,
                      uint32_t *scratch) {
  uint32_t starts[DSS_MAX_LEVELS + 1];
  memset(starts, 0, (n_levels + (size_t)1) * sizeof *starts);
  memcpy(scratch, rater, count * sizeof *rater);
  for (uint32_t i = 0; i < count; i++)
    starts[code[i] + 1]++;
  for (uint32_t k = 0; k < n_levels; k++)
    starts[k + 1] += starts[k];
  for (uint32_t i = 0; i < count; i++)
    rater[starts[code[i]]++] = scratch[i];
  for (uint32_t k = 0, at = 0; k < n_levels; k++) /* each start has moved to its end */
    for (; at < starts[k]; at++)
      code[at] = (uint8_t)k;
}

/* Gives back what was not needed; a block that cannot shrink does as well. */
static void trim(dss_compressed *ratings) {
  size_t n = ratings->n_ratings ? (size_t)ratings->n_ratings : 1;
  uint32_t *rater = realloc(ratings->rater, n * sizeof *rater);
  if (rater) ratings->rater = rater;
  uint8_t *code = realloc(ratings->code, n * sizeof *code);
  if (code) ratings->code = code;
}

dss_status dss_gather_end(dss_context *context, dss_gathering *gathering) {
  dss_compressed *ratings = &gathering->ratings;
  uint32_t *scratch = NULL;
  set_pointers(gathering);
  DSS_TRY(DSS_ALLOC(context, &scratch, gathering->largest));
  for (size_t u = 0; u < gathering->n_items; u++) {
    uint64_t begin = ratings->item_ptr[u], end = ratings->item_ptr[u + 1];
    sort_item(gathering->n_levels, ratings->rater + begin, ratings->code + begin,
              (uint32_t)(end - begin), scratch);
  }
  free(scratch);
  trim(ratings);
  return DSS_OK;
}

void dss_gather_free(dss_gathering *gathering) {
  dss_compressed_free(&gathering->ratings);
}
