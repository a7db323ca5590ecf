/* Values of resamples that wait in a file of their own, row by row, until a run with checkpoints
 * ends: doubles as they are in memory. What a checkpoint counts is on the disk. */
#ifndef DSS_ENGINE_ROWS_H
#define DSS_ENGINE_ROWS_H

#include "results_writer.h"

typedef struct dss_rows {
  char *path;
  int descriptor; /* -1: closed */
  size_t n_columns;
  uint64_t count;
  uint32_t crc; /* CRC-32 of all of it */
} dss_rows;

/* Opens the file, if it is there; then one of the two that follow. Close it in any case. */
DSS_MUST_USE dss_status dss_rows_open(dss_context *context, const char *path, size_t n_columns,
                                      dss_rows *rows);
/* Makes it, or empties it. */
DSS_MUST_USE dss_status dss_rows_begin(dss_context *context, dss_rows *rows);
/* Keeps its first count rows and no others; DSS_ERR_DATA where their CRC is another. */
DSS_MUST_USE dss_status dss_rows_resume(dss_context *context, dss_rows *rows, uint64_t count,
                                        uint32_t crc);
void dss_rows_close(dss_rows *rows);

DSS_MUST_USE dss_status dss_rows_append(dss_context *context, dss_rows *rows, uint64_t count,
                                        const double *values);
DSS_MUST_USE dss_status dss_rows_sync(dss_context *context, const dss_rows *rows);
/* The first count of them, to a writer that was begun. DSS_ERR_DATA where their CRC is another. */
DSS_MUST_USE dss_status dss_rows_write(dss_context *context, dss_rows *rows, uint64_t count,
                                       uint32_t crc, dss_results_writer *writer);

#endif
