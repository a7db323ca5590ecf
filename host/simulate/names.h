/* Names of raters, items and levels that are made up. */
#ifndef DSS_SIMULATE_NAMES_H
#define DSS_SIMULATE_NAMES_H

#include <stdint.h>

#include "host/core/context.h"

typedef struct dss_made_names {
  const char **names; /* [n] */
  char *text;         /* holds them */
} dss_made_names;

/* "r001", "r002" ... as wide as the last; padded false: "1", "2" ... */
DSS_MUST_USE dss_status dss_names_count(dss_context *context, const char *prefix, bool padded,
                                        uint32_t n, dss_made_names *made);
/* NAME.1, NAME.2 ... up to `times` of each name; times 1: the names as they are. names(of, i) gives
 * the i-th of n. */
DSS_MUST_USE dss_status dss_names_times(dss_context *context, uint32_t n, uint32_t times,
                                        const char *(*name)(const void *of, uint32_t i),
                                        const void *of, dss_made_names *made);
void dss_names_free(dss_made_names *made);

#endif
