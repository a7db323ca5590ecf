#include "paragraph.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void dss_paragraph_add(dss_paragraph *p, const char *format, ...) {
  size_t at = strlen(p->text);
  va_list arguments;
  if (at > 0 && at + 1 < sizeof p->text) strcpy(p->text + at++, " ");
  va_start(arguments, format);
  vsnprintf(p->text + at, sizeof p->text - at, format, arguments);
  va_end(arguments);
}

void dss_paragraph_end(dss_paragraph *p) {
  if (*p->text) p->part(DSS_METHODS_TEXT, p->text, p->user);
  *p->text = '\0';
}

void dss_paragraph_references(const dss_paragraph *p) {
  for (size_t i = 0; i < DSS_N_REFERENCES; i++)
    if (p->cited[i]) p->part(DSS_METHODS_REFERENCE, dss_reference_text((dss_reference)i), p->user);
}
