/* Checked allocation: sizes are multiplied here and nowhere else. */
#ifndef DSS_CORE_ALLOC_H
#define DSS_CORE_ALLOC_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"

/* count * size zeroed bytes into *pointer (never NULL on DSS_OK, also for count 0). */
static inline dss_status dss_alloc_bytes(dss_context *context, void **pointer, size_t count,
                                         size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return dss_fail_memory(context, ~0ull);
  void *block = calloc(count ? count : 1, size);
  if (!block) return dss_fail_memory(context, (unsigned long long)count * size);
  *pointer = block;
  return DSS_OK;
}

/* DSS_ALLOC(context, &array, n): array becomes n zeroed elements of its own type. */
#define DSS_ALLOC(context, array, count)                                                           \
  dss_alloc_bytes((context), (void **)(array), (count), sizeof **(array))

/* Grows *array (of `size`-byte elements, capacity *capacity) so that it holds `needed`. */
static inline dss_status dss_grow_bytes(dss_context *context, void **array, size_t *capacity,
                                        size_t needed, size_t size) {
  if (needed <= *capacity) return DSS_OK;
  size_t grown = *capacity < 16 ? 16 : *capacity + *capacity / 2;
  if (grown < needed) grown = needed;
  if (grown > SIZE_MAX / size) return dss_fail_memory(context, ~0ull);
  void *block = realloc(*array, grown * size);
  if (!block) return dss_fail_memory(context, (unsigned long long)grown * size);
  *array = block;
  *capacity = grown;
  return DSS_OK;
}

#define DSS_GROW(context, array, capacity, needed)                                                 \
  dss_grow_bytes((context), (void **)(array), (capacity), (needed), sizeof **(array))

/* A copy of text (NULL becomes ""). */
static inline dss_status dss_copy_text(dss_context *context, char **copy, const char *text) {
  size_t length = text ? strlen(text) : 0;
  char *block = malloc(length + 1);
  if (!block) return dss_fail_memory(context, length + 1);
  if (length) memcpy(block, text, length);
  block[length] = '\0';
  *copy = block;
  return DSS_OK;
}

#endif
