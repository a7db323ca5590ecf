/* Interned strings: each distinct text once, numbered in the order of first appearance. */
#ifndef DSS_STUDY_IMPORT_STRINGS_H
#define DSS_STUDY_IMPORT_STRINGS_H

#include "import_text.h"

struct dss_string_entry;

/* Bytes in a name, level or category. Longer ones are the text of a comment by mistake. */
enum { DSS_LONGEST_TEXT = 4096 };

/* All zero is the empty table. */
typedef struct dss_strings {
  char **at; /* [count] */
  uint32_t count;
  size_t capacity;
  struct dss_string_entry *index;
  struct dss_string_entry *last; /* added or found by dss_strings_add: rows of one rater follow */
} dss_strings;

/* *id: the number of text, new or not. A new text that is not valid UTF-8 is refused at place. */
DSS_MUST_USE dss_status dss_strings_add(dss_context *context, dss_strings *strings,
                                        const char *text, size_t length, dss_place place,
                                        uint32_t *id);
bool dss_strings_find(const dss_strings *strings, const char *text, size_t length, uint32_t *id);
void dss_strings_free(dss_strings *strings);

#endif
