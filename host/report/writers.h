/* One function a format. They write; whether it arrived is asked once, by report.c. */
#ifndef DSS_REPORT_WRITERS_H
#define DSS_REPORT_WRITERS_H

#include "dissensus/evaluation.h"

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

/* Writes `what`, in a locale whose decimal point is a point, and asks whether it arrived. */
typedef dss_status (*dss_writer_fn)(dss_context *context, const void *what,
                                    const dss_report_options *options, FILE *stream);
DSS_MUST_USE dss_status dss_writer_write(dss_context *context, dss_writer_fn writer,
                                         const void *what, const dss_report_options *options,
                                         FILE *stream);
DSS_MUST_USE dss_status dss_writer_save(dss_context *context, dss_writer_fn writer,
                                        const void *what, const dss_report_options *options,
                                        const char *path, bool overwrite);

/* A field of a CSV, quoted only where it must be. */
void dss_csv_text(FILE *stream, const char *text);
/* The same behind its comma, and a count, which may not be known. */
void dss_csv_text_field(FILE *stream, const char *text);
void dss_csv_count_field(FILE *stream, bool known, uint64_t count);
/* The estimate and everything right of it, to the line's end, and their names; bootstrap: its
 * resamples. */
void dss_csv_cell(FILE *stream, const dss_cell *cell, uint64_t bootstrap);
extern const char dss_csv_cell_header[];

/* What dss_interval_text makes. */
void dss_latex_interval(FILE *stream, const char *text);

#endif
