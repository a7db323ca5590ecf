#include "timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void dss_timestamp(char text[32]) {
  time_t now = time(NULL);
  const char *epoch = getenv("SOURCE_DATE_EPOCH");
  if (epoch && *epoch) {
    char *end;
    errno = 0;
    long long seconds = strtoll(epoch, &end, 10);
    if (errno == 0 && *end == '\0') now = (time_t)seconds;
  }
  struct tm utc;
  if (!gmtime_r(&now, &utc) || strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
    strcpy(text, "1970-01-01T00:00:00Z");
}
