#include "texts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "alloc.h"

dss_status dss_texts_copy(dss_context *context, dss_texts *copy, const char *const *texts,
                          size_t count) {
  dss_texts made = {.count = count};
  size_t bytes = 0;
  for (size_t i = 0; i < count; i++)
    bytes += strlen(texts[i]) + 1;
  dss_status status = DSS_ALLOC(context, &made.items, count);
  if (status == DSS_OK) status = DSS_ALLOC(context, &made.block, bytes);
  if (status != DSS_OK) {
    free(made.items);
    *copy = (dss_texts){0};
    return status;
  }
  char *at = made.block;
  for (size_t i = 0; i < count; i++) {
    size_t length = strlen(texts[i]) + 1;
    memcpy(at, texts[i], length);
    made.items[i] = at;
    at += length;
  }
  *copy = made;
  return DSS_OK;
}

void dss_texts_free(dss_texts *texts) {
  free(texts->items);
  free(texts->block);
  *texts = (dss_texts){0};
}

bool dss_text_is_utf8(const char *text) {
  return u8_check((const uint8_t *)text, strlen(text)) == NULL;
}

static int compare_texts(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorting beats a hash table here: no per-entry memory, and no input that makes it quadratic. */
static dss_status check_unique(dss_context *context, const char *const *texts, size_t count,
                               const char *what) {
  const char **sorted = NULL;
  DSS_TRY(DSS_ALLOC(context, &sorted, count));
  if (count) memcpy(sorted, texts, count * sizeof *sorted);
  qsort(sorted, count, sizeof *sorted, compare_texts);
  dss_status status = DSS_OK;
  for (size_t i = 1; i < count && status == DSS_OK; i++)
    if (strcmp(sorted[i - 1], sorted[i]) == 0)
      status = dss_fail(context, DSS_ERR_DATA, "%s '%s' is there twice", what, sorted[i]);
  free(sorted);
  return status;
}

dss_status dss_texts_check(dss_context *context, const char *const *texts, size_t count,
                           const char *what) {
  for (size_t i = 0; i < count; i++) {
    if (!texts[i] || !*texts[i])
      return dss_fail(context, DSS_ERR_DATA, "%s %zu is empty", what, i + 1);
    if (!dss_text_is_utf8(texts[i]))
      return dss_fail(context, DSS_ERR_DATA, "%s %zu is not UTF-8 text", what, i + 1);
  }
  return check_unique(context, texts, count, what);
}
