/* The time that provenance names. */
#ifndef DSS_CORE_TIMESTAMP_H
#define DSS_CORE_TIMESTAMP_H

#include "context.h"

enum { DSS_TIMESTAMP_CHARS = 32 };

/* Now, or SOURCE_DATE_EPOCH (seconds since 1970, so that a file can be made again byte for byte)
 * where that is set: ISO 8601, UTC. DSS_ERR_USAGE when it is no number of seconds. */
DSS_MUST_USE dss_status dss_timestamp(dss_context *context, char text[DSS_TIMESTAMP_CHARS]);

/* A clock that nobody sets (CLOCK_MONOTONIC). */
double dss_seconds(void);

#endif
