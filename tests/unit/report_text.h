/* A report as a text, for the tests of reports. */
#ifndef TESTS_UNIT_REPORT_TEXT_H
#define TESTS_UNIT_REPORT_TEXT_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissensus/report.h"

static void must(dss_context *context, dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

/* The report, which the caller frees. */
static char *report(dss_context *context, const dss_results *r, dss_report_format format,
                    bool unicode) {
  char *text = NULL;
  size_t length = 0;
  FILE *stream = open_memstream(&text, &length);
  dss_report_options options = {.format = format, .unicode = unicode};
  must(context, dss_report_write(context, r, &options, stream));
  fclose(stream);
  cr_assert_eq(strlen(text), length);
  return text;
}

/* The text as if its lines were not wrapped. */
static inline char *unwrap(char *text) {
  for (char *at = text; (at = strchr(at, '\n')) != NULL;)
    *at = ' ';
  return text;
}

#endif
