/* Reports: results as text. */
#ifndef DISSENSUS_REPORT_H
#define DISSENSUS_REPORT_H

#include <stdio.h>

#include "dissensus/results.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum dss_report_format {
  DSS_REPORT_TABLE = 0, /* the GRASP table for a terminal */
  DSS_REPORT_CSV = 1,   /* tidy, a row a (question, axis, group, statistic) */
  DSS_REPORT_JSON = 2,
  DSS_REPORT_MARKDOWN = 3,
  DSS_REPORT_LATEX = 4,
  DSS_REPORT_HTML = 5 /* one file that needs no other, for a browser */
} dss_report_format;

/* false when name is no format. */
bool dss_report_format_parse(const char *name, dss_report_format *format);

/* How to write. */
typedef struct dss_report_options {
  dss_report_format format;
  bool unicode; /* table: arrows and rules in UTF-8 instead of ASCII */
  bool color;   /* table: ANSI attributes */
} dss_report_options;

/* A table of ASCII without colors. */
void dss_report_options_init(dss_report_options *options);

/* Writes to an open stream, which stays open. A failed write is DSS_ERR_FILE. */
DSS_MUST_USE dss_status dss_report_write(dss_context *context, const dss_results *results,
                                         const dss_report_options *options, FILE *stream);
/* Writes a file atomically, as dss_study_save does. */
DSS_MUST_USE dss_status dss_report_save(dss_context *context, const dss_results *results,
                                        const dss_report_options *options, const char *path,
                                        bool overwrite);

#ifdef __cplusplus
}
#endif
#endif
