/* Texts of the import: numbers whatever the locale, excerpts for messages, lists, and places. */
#ifndef DSS_STUDY_IMPORT_TEXT_H
#define DSS_STUDY_IMPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/core/context.h"

/* A finite decimal number: sign, digits, point, exponent; nothing before or after. Neither "inf",
 * "nan" nor hexadecimal. Minus zero reads as zero, so that equal values look alike. */
bool dss_number_parse(const char *text, double *value);

/* The shortest decimal that reads back as value, plain digits where it is whole. */
enum { DSS_NUMBER_CHARS = 32 };
void dss_number_format(double value, char text[DSS_NUMBER_CHARS]);

/* At most 64 bytes of text, cut between UTF-8 characters, for messages:
 * dss_fail(..., "'%s'", DSS_EXCERPT(label)). */
typedef struct dss_excerpt {
  char text[68];
} dss_excerpt;
dss_excerpt dss_excerpt_of(const char *text);
#define DSS_EXCERPT(text_) (dss_excerpt_of(text_).text)

/* What makes a plural of a noun in messages. */
#define DSS_PLURAL(count_) ((count_) == 1 ? "" : "s")

/* The last part of a path: in provenance a file is known by its name and digest. */
const char *dss_file_name(const char *path);

/* Where in an input something is. */
typedef struct dss_place {
  const char *file;
  uint64_t line;    /* from 1; 0: unknown */
  size_t column;    /* from 1; 0: the whole line */
  const char *name; /* the column's, or NULL */
} dss_place;

/* dss_fail with "FILE:LINE: column N 'NAME': " before the text. */
DSS_PRINTF(4, 5)
dss_status dss_fail_at(dss_context *context, dss_place place, dss_status status, const char *format,
                       ...);

/* A list of texts that owns them. */
typedef struct dss_words {
  char **at;
  size_t count;
  size_t capacity;
} dss_words;

DSS_MUST_USE dss_status dss_words_add(dss_context *context, dss_words *words, const char *text,
                                      size_t length);
/* Adds the parts of text between separators; empty parts are parts too. */
DSS_MUST_USE dss_status dss_words_split(dss_context *context, dss_words *words, const char *text,
                                        char separator);
/* The index of text, or SIZE_MAX. */
size_t dss_words_find(const dss_words *words, const char *text);
void dss_words_free(dss_words *words);

/* "a, b, c" for messages; what does not fit into size (at least 80) becomes "...". */
void dss_words_list(const dss_words *words, char *text, size_t size);

/* order: the indexes of labels [count] sorted, by value where all are numbers, else by bytes.
 * values [count]: NaN where a label is no number. */
DSS_MUST_USE dss_status dss_labels_order(dss_context *context, char *const *labels, size_t count,
                                         double *values, uint32_t *order);

#endif
