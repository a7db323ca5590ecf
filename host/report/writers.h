/* One function a format. They write; whether it arrived is asked once, by report.c. */
#ifndef DSS_REPORT_WRITERS_H
#define DSS_REPORT_WRITERS_H

#include "dissensus/report.h"

void dss_write_table(const dss_results *results, const dss_report_options *options, FILE *stream);
void dss_write_csv(const dss_results *results, FILE *stream);
void dss_write_markdown(const dss_results *results, FILE *stream);
void dss_write_latex(const dss_results *results, FILE *stream);
/* DSS_ERR_MEMORY: JSON is built in memory, a group at a time. */
DSS_MUST_USE dss_status dss_write_json(dss_context *context, const dss_results *results,
                                       FILE *stream);

/* DSS_ERR_MEMORY; what drawing a figure returns. */
DSS_MUST_USE dss_status dss_write_html(dss_context *context, const dss_results *results,
                                       FILE *stream);

/* A field of a CSV, quoted only where it must be. */
void dss_csv_text(FILE *stream, const char *text);

#endif
