#include "keys.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/core/alloc.h"
#include "host/core/texts.h"

dss_status dss_put_key(dss_context *context, char **key, const char *format, ...) {
  char text[64];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return dss_copy_text(context, key, text);
}

dss_status dss_put_backends(dss_context *context, const char *first, const char *last, char **key) {
  if (strcmp(first, last) == 0) return dss_copy_text(context, key, first);
  return dss_put_key(context, key, "%s, then %s", first, last);
}

dss_status dss_put_scheme(dss_context *context, const dss_plan *plan, char **key) {
  static const char *const kinds[] = {"free", "strata:", "within:"};
  const char *kind = kinds[plan->scheme];
  DSS_TRY(DSS_ALLOC(context, key, strlen(kind) + strlen(plan->scheme_attribute) + 1));
  strcat(strcpy(*key, kind), plan->scheme_attribute);
  return DSS_OK;
}
