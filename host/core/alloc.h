/* Checked allocation: sizes are multiplied here and nowhere else. */
#ifndef DSS_CORE_ALLOC_H
#define DSS_CORE_ALLOC_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"

/* count * size zeroed bytes; never NULL for count 0; NULL when memory is out. */
static inline void *dss_zeroed(size_t count, size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return NULL;
  return calloc(count ? count : 1, size);
}

/* block with room for `needed` elements; when memory is out, block and *capacity as they were. */
static inline void *dss_grown(void *block, size_t *capacity, size_t needed, size_t size) {
  if (needed <= *capacity) return block;
  size_t room = *capacity < 16 ? 16 : *capacity + *capacity / 2;
  if (room < needed) room = needed;
  if (room > SIZE_MAX / size) return block;
  void *grown = realloc(block, room * size);
  if (!grown) return block;
  *capacity = room;
  return grown;
}

static inline dss_status dss_or_no_memory(dss_context *context, int had, size_t count,
                                          size_t size) {
  if (had) return DSS_OK;
  return dss_fail_memory(context,
                         count > SIZE_MAX / size ? ~0ull : (unsigned long long)count * size);
}

/* DSS_ALLOC(context, &array, n): array becomes n zeroed elements of its own type, or NULL with
 * DSS_ERR_MEMORY. The arguments may be evaluated more than once. */
#define DSS_ALLOC(context, array, count)                                                           \
  dss_or_no_memory((context), (*(array) = dss_zeroed((count), sizeof **(array))) != NULL, (count), \
                   sizeof **(array))

/* DSS_GROW(context, &array, &capacity, n): room for n elements, those there kept. */
#define DSS_GROW(context, array, capacity, needed)                                                 \
  (*(array) = dss_grown(*(array), (capacity), (needed), sizeof **(array)),                         \
   dss_or_no_memory((context), *(capacity) >= (needed), (needed), sizeof **(array)))

/* A copy of text (NULL becomes ""); *copy is NULL when memory is out. */
static inline dss_status dss_copy_text(dss_context *context, char **copy, const char *text) {
  size_t length = text ? strlen(text) : 0;
  *copy = malloc(length + 1);
  if (!*copy) return dss_fail_memory(context, length + 1);
  if (length) memcpy(*copy, text, length);
  (*copy)[length] = '\0';
  return DSS_OK;
}

#endif
