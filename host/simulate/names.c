#include "names.h"

#include <stdio.h>

#include "host/core/alloc.h"

dss_status dss_names_count(dss_context *context, const char *prefix, bool padded, uint32_t n,
                           dss_made_names *made) {
  char last[16];
  int width = padded ? snprintf(last, sizeof last, "%u", n) : 1;
  size_t room = strlen(prefix) + 11;
  *made = (dss_made_names){0};
  DSS_TRY(DSS_ALLOC(context, &made->names, n));
  DSS_TRY(DSS_ALLOC(context, &made->text, n * room));
  for (uint32_t i = 0; i < n; i++) {
    snprintf(made->text + i * room, room, "%s%0*u", prefix, width, i + 1);
    made->names[i] = made->text + i * room;
  }
  return DSS_OK;
}

dss_status dss_names_times(dss_context *context, uint32_t n, uint32_t times,
                           const char *(*name)(const void *of, uint32_t i), const void *of,
                           dss_made_names *made) {
  size_t bytes = 0;
  *made = (dss_made_names){0};
  for (uint32_t i = 0; i < n; i++)
    bytes += (strlen(name(of, i)) + 12) * times;
  DSS_TRY(DSS_ALLOC(context, &made->names, (size_t)n * times));
  DSS_TRY(DSS_ALLOC(context, &made->text, bytes));
  char *at = made->text;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t k = 0; k < times; k++) {
      size_t room = strlen(name(of, i)) + 12;
      made->names[(size_t)i * times + k] = at;
      if (times == 1)
        snprintf(at, room, "%s", name(of, i));
      else
        snprintf(at, room, "%s.%u", name(of, i), k + 1);
      at += room;
    }
  return DSS_OK;
}

void dss_names_free(dss_made_names *made) {
  free(made->names);
  free(made->text);
  *made = (dss_made_names){0};
}
