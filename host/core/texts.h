/* A list of texts in two blocks of memory: millions of names cost no allocation each. */
#ifndef DSS_CORE_TEXTS_H
#define DSS_CORE_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include "context.h"

typedef struct dss_texts {
  size_t count;
  const char **items; /* [count], into block */
  char *block;
} dss_texts;

/* A copy of count texts. On failure *copy is empty. */
DSS_MUST_USE dss_status dss_texts_copy(dss_context *context, dss_texts *copy,
                                       const char *const *texts, size_t count);
void dss_texts_free(dss_texts *texts);

/* Refuses (DSS_ERR_DATA) texts that are NULL, empty, not UTF-8 or there twice; what names them in
 * the message, e.g. "rater name". */
DSS_MUST_USE dss_status dss_texts_check(dss_context *context, const char *const *texts,
                                        size_t count, const char *what);

/* Well-formed UTF-8, without which no reader could show the text. */
bool dss_text_is_utf8(const char *text);

#endif
