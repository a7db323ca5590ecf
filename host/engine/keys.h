/* Provenance as texts, for files of results and of pairs. */
#ifndef DSS_ENGINE_KEYS_H
#define DSS_ENGINE_KEYS_H

#include "host/core/context.h"
#include "plan.h"

/* A text of at most 63 bytes into *key, which the caller frees. */
DSS_PRINTF(3, 4)
DSS_MUST_USE dss_status dss_put_key(dss_context *context, char **key, const char *format, ...);
/* "cpu"; "cuda, then cpu" of a run that a GPU began and the cpu ended. */
DSS_MUST_USE dss_status dss_put_backends(dss_context *context, const char *first, const char *last,
                                         char **key);
/* "free", "strata:site" ... */
DSS_MUST_USE dss_status dss_put_scheme(dss_context *context, const dss_plan *plan, char **key);

#endif
