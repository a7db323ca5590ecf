/* The time that provenance names. */
#ifndef DSS_CORE_TIMESTAMP_H
#define DSS_CORE_TIMESTAMP_H

/* Now, or SOURCE_DATE_EPOCH (seconds, for reproducible files) where that is set: ISO 8601, UTC. */
void dss_timestamp(char text[32]);

#endif
