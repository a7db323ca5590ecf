/* CSV rows, one at a time, each with the physical line it starts on.
 *
 * RFC 4180 with a header, strict about quotes; UTF-8, with or without a byte order mark; lines end
 * in LF, CRLF or CR. Blanks around a field without quotes are trimmed and blank lines are no rows.
 */
#ifndef DSS_STUDY_IMPORT_CSV_H
#define DSS_STUDY_IMPORT_CSV_H

#include "import_text.h"

typedef struct dss_csv dss_csv;

/* Opens and reads the header. DSS_ERR_FILE; DSS_ERR_DATA for an empty file, a name twice, or a
 * name that is not UTF-8. */
DSS_MUST_USE dss_status dss_csv_open(dss_context *context, const char *path, dss_csv **csv);
/* The next row; *more is false at the end. DSS_ERR_DATA for a row that is longer or shorter than
 * the header, quotes that do not close, or a NUL byte. */
DSS_MUST_USE dss_status dss_csv_next(dss_context *context, dss_csv *csv, bool *more);
/* SHA-256 of the file, in hex, once the last row was read. */
DSS_MUST_USE dss_status dss_csv_digest(dss_context *context, dss_csv *csv, char hex[65]);
void dss_csv_free(dss_csv *csv);

const char *dss_csv_file(const dss_csv *csv);
const dss_words *dss_csv_names(const dss_csv *csv);
/* A column by name, from 0; an unknown one is refused (DSS_ERR_DATA) with a list of those known. */
DSS_MUST_USE dss_status dss_csv_column(dss_context *context, const dss_csv *csv, const char *name,
                                       size_t *column);
/* Refuses a header that is one field with ';' or tabs in it, for where a column is missing. */
DSS_MUST_USE dss_status dss_csv_check_commas(dss_context *context, const dss_csv *csv);

/* Of the current row (after open: of the header). Fields are NUL-terminated and valid until the
 * next row is read. */
uint64_t dss_csv_line(const dss_csv *csv);
const char *dss_csv_field(const dss_csv *csv, size_t column, size_t *length);
dss_place dss_csv_place(const dss_csv *csv, size_t column);

#endif
