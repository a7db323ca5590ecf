#include "import_strings.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "host/core/alloc.h"

/* uthash exits the process when memory is out unless told otherwise. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

typedef struct dss_string_entry {
  UT_hash_handle hh;
  uint32_t id;
  char text[];
} dss_string_entry;

static dss_string_entry *find(const dss_strings *strings, const char *text, size_t length) {
  dss_string_entry *entry = NULL;
  HASH_FIND(hh, strings->index, text, length, entry);
  return entry;
}

bool dss_strings_find(const dss_strings *strings, const char *text, size_t length, uint32_t *id) {
  const dss_string_entry *entry = find(strings, text, length);
  if (entry) *id = entry->id;
  return entry != NULL;
}

static dss_status insert(dss_context *context, dss_strings *strings, const char *text,
                         size_t length) {
  DSS_TRY(DSS_GROW(context, &strings->at, &strings->capacity, (size_t)strings->count + 1));
  dss_string_entry *entry = malloc(sizeof *entry + length + 1);
  if (!entry) return dss_fail_memory(context, sizeof *entry + length + 1);
  entry->id = strings->count;
  memcpy(entry->text, text, length);
  entry->text[length] = '\0';
  HASH_ADD_KEYPTR(hh, strings->index, entry->text, length, entry);
  if (!entry->hh.tbl) {
    free(entry);
    return dss_fail(context, DSS_ERR_MEMORY, "out of memory for the table of names");
  }
  strings->at[strings->count++] = entry->text;
  strings->last = entry;
  return DSS_OK;
}

/* The text that came last comes again and again where a table is sorted by it. */
static bool find_again(dss_strings *strings, const char *text, size_t length) {
  const dss_string_entry *last = strings->last;
  if (last && last->hh.keylen == length && memcmp(last->text, text, length) == 0) return true;
  dss_string_entry *found = find(strings, text, length);
  if (found) strings->last = found;
  return found != NULL;
}

dss_status dss_strings_add(dss_context *context, dss_strings *strings, const char *text,
                           size_t length, dss_place place, uint32_t *id) {
  if (find_again(strings, text, length)) {
    *id = strings->last->id;
    return DSS_OK;
  }
  if (length > DSS_LONGEST_TEXT)
    return dss_fail_at(context, place, DSS_ERR_DATA,
                       "a text of %zu bytes; a name, rating or attribute has at most %d", length,
                       DSS_LONGEST_TEXT);
  if (u8_check((const uint8_t *)text, length))
    return dss_fail_at(context, place, DSS_ERR_DATA, "'%s' is not valid UTF-8", DSS_EXCERPT(text));
  if (strings->count > UINT32_MAX - 2)
    return dss_fail_at(context, place, DSS_ERR_DATA, "more than 2^32 - 2 different values");
  *id = strings->count;
  return insert(context, strings, text, length);
}

void dss_strings_free(dss_strings *strings) {
  dss_string_entry *entry, *next;
  HASH_ITER(hh, strings->index, entry, next) {
    HASH_DEL(strings->index, entry);
    free(entry);
  }
  free(strings->at);
  *strings = (dss_strings){0};
}
