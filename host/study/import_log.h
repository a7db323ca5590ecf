/* What the import did, as one JSON object for provenance: counts and names, in the order noted.
 *
 * The functions do not fail one by one: a failure is kept and comes out of dss_import_log_text. */
#ifndef DSS_STUDY_IMPORT_LOG_H
#define DSS_STUDY_IMPORT_LOG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/core/context.h"

typedef struct dss_import_log {
  json_t *root;
  bool failed;
} dss_import_log;

void dss_import_log_init(dss_import_log *log);
/* The object `name` inside parent, made when it is not there yet. */
json_t *dss_log_object(dss_import_log *log, json_t *parent, const char *name);
void dss_log_count(dss_import_log *log, json_t *object, const char *name, uint64_t count);
void dss_log_text(dss_import_log *log, json_t *object, const char *name, const char *text);
/* The list `name` of object, made when it is not there yet, grows by text. */
void dss_log_append(dss_import_log *log, json_t *object, const char *name, const char *text);
/* The JSON; the caller frees it. */
DSS_MUST_USE dss_status dss_import_log_text(dss_context *context, const dss_import_log *log,
                                            char **text);
void dss_import_log_free(dss_import_log *log);

#endif
