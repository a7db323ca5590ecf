/* Ratings, compressed by item: made from a list in any order, and checked. */
#include <stdlib.h>

#include "host/core/alloc.h"
#include "study.h"

void dss_compressed_free(dss_compressed *ratings) {
  free(ratings->item_ptr);
  free(ratings->rater);
  free(ratings->code);
  *ratings = (dss_compressed){0};
}

static dss_status check_ranges(dss_context *context, const dss_study *study, const char *name,
                               uint32_t n_levels, uint64_t n_ratings, const uint32_t *rater,
                               const uint32_t *item, const uint8_t *code) {
  for (uint64_t i = 0; i < n_ratings; i++) {
    if (rater[i] >= study->n_raters || item[i] >= study->n_items)
      return dss_fail(context, DSS_ERR_DATA,
                      "question '%s': rating %llu is by rater %lu of item %lu, but there are %lu "
                      "raters and %lu items",
                      name, (unsigned long long)i, (unsigned long)rater[i], (unsigned long)item[i],
                      (unsigned long)study->n_raters, (unsigned long)study->n_items);
    if (code[i] >= n_levels)
      return dss_fail(context, DSS_ERR_DATA,
                      "question '%s': rating %llu has code %u, but there are %lu levels", name,
                      (unsigned long long)i, (unsigned)code[i], (unsigned long)n_levels);
  }
  return DSS_OK;
}

/* One number whose order is: code, then rater. */
static uint64_t pack(uint8_t code, uint32_t rater) {
  return (uint64_t)code << 32 | rater;
}

static int compare_keys(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void sort_segment(uint64_t *keys, size_t count) {
  bool sorted = true;
  for (size_t i = 1; i < count && sorted; i++)
    sorted = keys[i - 1] <= keys[i];
  if (!sorted) qsort(keys, count, sizeof *keys, compare_keys);
}

/* item_ptr from counts: where each item's ratings begin. */
static void count_items(uint64_t *item_ptr, uint32_t n_items, const uint32_t *item, uint64_t n) {
  for (uint64_t i = 0; i < n; i++)
    item_ptr[item[i] + (size_t)1]++;
  for (size_t u = 0; u < n_items; u++)
    item_ptr[u + 1] += item_ptr[u];
}

/* Counting sort by item, then a small sort within each: 8 bytes a rating beside the result. */
static dss_status fill(dss_context *context, uint32_t n_items, const uint32_t *rater,
                       const uint32_t *item, const uint8_t *code, dss_compressed *ratings) {
  uint64_t *keys = NULL;
  size_t n = (size_t)ratings->n_ratings;
  DSS_TRY(DSS_ALLOC(context, &keys, n));
  uint64_t *item_ptr = ratings->item_ptr;
  count_items(item_ptr, n_items, item, n);
  /* item_ptr[u] serves as the item's write position, and ends as item_ptr[u + 1]. */
  for (size_t i = 0; i < n; i++)
    keys[item_ptr[item[i]]++] = pack(code[i], rater[i]);
  for (size_t u = n_items; u > 0; u--)
    item_ptr[u] = item_ptr[u - 1];
  item_ptr[0] = 0;
  for (size_t u = 0; u < n_items; u++)
    sort_segment(keys + item_ptr[u], (size_t)(item_ptr[u + 1] - item_ptr[u]));
  for (size_t i = 0; i < n; i++) {
    ratings->rater[i] = (uint32_t)keys[i];
    ratings->code[i] = (uint8_t)(keys[i] >> 32);
  }
  free(keys);
  return DSS_OK;
}

static dss_status allocate(dss_context *context, uint32_t n_items, uint64_t n_ratings,
                           dss_compressed *ratings) {
  if (n_ratings > SIZE_MAX / sizeof(uint64_t)) return dss_fail_memory(context, n_ratings);
  ratings->n_ratings = n_ratings;
  DSS_TRY(DSS_ALLOC(context, &ratings->item_ptr, (size_t)n_items + 1));
  DSS_TRY(DSS_ALLOC(context, &ratings->rater, (size_t)n_ratings));
  return DSS_ALLOC(context, &ratings->code, (size_t)n_ratings);
}

dss_status dss_compress(dss_context *context, const dss_study *study, const char *name,
                        uint32_t n_levels, uint64_t n_ratings, const uint32_t *rater,
                        const uint32_t *item, const uint8_t *code, dss_compressed *ratings) {
  DSS_TRY(check_ranges(context, study, name, n_levels, n_ratings, rater, item, code));
  dss_compressed made = {0};
  dss_status status = allocate(context, study->n_items, n_ratings, &made);
  if (status == DSS_OK) status = fill(context, study->n_items, rater, item, code, &made);
  if (status == DSS_OK)
    *ratings = made;
  else
    dss_compressed_free(&made);
  return status;
}

/* --- checks ------------------------------------------------------------------------------ */

static dss_status check_pointers(dss_context *context, uint32_t n_items, const char *name,
                                 const dss_compressed *ratings) {
  const uint64_t *item_ptr = ratings->item_ptr;
  if (item_ptr[0] != 0 || item_ptr[n_items] != ratings->n_ratings)
    return dss_fail(context, DSS_ERR_DATA,
                    "question '%s': item_ptr goes from %llu to %llu, not from 0 to the number of "
                    "ratings, %llu",
                    name, (unsigned long long)item_ptr[0], (unsigned long long)item_ptr[n_items],
                    (unsigned long long)ratings->n_ratings);
  for (size_t u = 0; u < n_items; u++)
    if (item_ptr[u] > item_ptr[u + 1])
      return dss_fail(context, DSS_ERR_DATA, "question '%s': item_ptr decreases at item %zu", name,
                      u);
  return DSS_OK;
}

/* One item's ratings. last_item[r] is 1 + the last item in which rater r was seen. */
static dss_status check_item(dss_context *context, const dss_study *study, const char *name,
                             uint32_t n_levels, const dss_compressed *ratings, uint32_t u,
                             uint32_t *last_item) {
  uint64_t begin = ratings->item_ptr[u], end = ratings->item_ptr[u + (size_t)1];
  for (uint64_t i = begin; i < end; i++) {
    uint32_t rater = ratings->rater[i];
    uint8_t code = ratings->code[i];
    if (rater >= study->n_raters || code >= n_levels)
      return dss_fail(context, DSS_ERR_DATA,
                      "question '%s': rating %llu is by rater %lu with code %u, but there are %lu "
                      "raters and %lu levels",
                      name, (unsigned long long)i, (unsigned long)rater, (unsigned)code,
                      (unsigned long)study->n_raters, (unsigned long)n_levels);
    if (last_item[rater] == u + 1u)
      return dss_fail(context, DSS_ERR_DATA, "question '%s': rater '%s' rated item '%s' twice",
                      name, study->rater_names.items[rater], study->item_names.items[u]);
    last_item[rater] = u + 1u;
    if (i > begin && pack(ratings->code[i - 1], ratings->rater[i - 1]) > pack(code, rater))
      return dss_fail(context, DSS_ERR_DATA,
                      "question '%s': the ratings of item '%s' are not sorted by code, then rater",
                      name, study->item_names.items[u]);
  }
  return DSS_OK;
}

dss_status dss_compressed_check(dss_context *context, const dss_study *study, const char *name,
                                uint32_t n_levels, const dss_compressed *ratings) {
  DSS_TRY(check_pointers(context, study->n_items, name, ratings));
  uint32_t *last_item = NULL;
  DSS_TRY(DSS_ALLOC(context, &last_item, study->n_raters));
  dss_status status = DSS_OK;
  for (uint32_t u = 0; u < study->n_items && status == DSS_OK; u++)
    status = check_item(context, study, name, n_levels, ratings, u, last_item);
  free(last_item);
  return status;
}
