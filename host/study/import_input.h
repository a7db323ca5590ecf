/* An input's bytes, from a file or standard input, with their SHA-256 taken on the way. */
#ifndef DSS_STUDY_IMPORT_INPUT_H
#define DSS_STUDY_IMPORT_INPUT_H

#include <stdio.h>

#include "host/core/digest.h"

typedef struct dss_input {
  const char *name; /* for messages: the path, or "standard input" */
  FILE *stream;
  dss_digest *digest;
  int error; /* errno of a failed read, for readers behind a callback; 0: none */
} dss_input;

/* A path's name in messages: "-" is "standard input". */
const char *dss_input_name(const char *path);
/* "-" is standard input. DSS_ERR_FILE when it cannot be opened. The path must outlive the input. */
DSS_MUST_USE dss_status dss_input_open(dss_context *context, dss_input *input, const char *path);
/* Up to size bytes; fewer only at the end or after an error, which input->error then holds. */
size_t dss_input_read(dss_input *input, void *bytes, size_t size);
/* DSS_ERR_FILE after a failed read. */
DSS_MUST_USE dss_status dss_input_check(dss_context *context, const dss_input *input);
/* The SHA-256 of everything read, in hex. Nothing may be read afterwards. */
DSS_MUST_USE dss_status dss_input_digest(dss_context *context, dss_input *input, char hex[65]);
void dss_input_close(dss_input *input);

#endif
