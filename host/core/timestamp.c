#include "timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

dss_status dss_timestamp(dss_context *context, char text[DSS_TIMESTAMP_CHARS]) {
  time_t now = time(NULL);
  const char *fixed = getenv("SOURCE_DATE_EPOCH");
  if (fixed && *fixed) {
    char *end;
    errno = 0;
    long long seconds = strtoll(fixed, &end, 10);
    if (errno || *end || seconds < 0)
      return dss_fail(context, DSS_ERR_USAGE,
                      "SOURCE_DATE_EPOCH '%.40s' is not a number of seconds", fixed);
    now = (time_t)seconds;
  }
  struct tm utc;
  if (!gmtime_r(&now, &utc) || strftime(text, DSS_TIMESTAMP_CHARS, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
    return dss_fail(context, DSS_ERR_USAGE, "the time cannot be written as a date");
  return DSS_OK;
}

double dss_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
