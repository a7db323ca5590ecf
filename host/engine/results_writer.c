/* /null/values, written in blocks of whole chunks while the run goes on; then the rest of the
 * results into the same file. Memory: one block, whatever the number of resamples. */
#include "results_writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "part.h"
#include "results_h5.h"

/* A chunk holds the resamples of a block for one column, which deflate likes best and which is what
 * readers ask for; more columns only where there are few resamples. */
enum { BLOCK_ROWS = 4096, BLOCK_BYTES = 32 << 20, CHUNK_BYTES = 8 << 10 };

struct dss_results_writer {
  char *path, *temporary;
  dss_h5 h5;
  dss_result_nulls nulls;
  size_t n_columns;    /* doubles a row */
  uint64_t block_rows; /* 0: not begun */
  uint64_t buffered;
  double *block; /* [block_rows][n_columns] */
  bool finished;
};

static dss_status create(dss_context *context, const char *path, bool overwrite, const char *kind,
                         const char *format, dss_results_writer **writer) {
  dss_results_writer *made = calloc(1, sizeof *made);
  if (!made) return dss_fail_memory(context, sizeof *made);
  dss_status status = dss_copy_text(context, &made->path, path);
  if (status == DSS_OK)
    status = dss_h5_create_growing(context, made->path, kind, format, overwrite, &made->h5);
  if (status != DSS_OK) {
    free(made->path);
    free(made);
    return status;
  }
  status = dss_copy_text(context, &made->temporary, dss_h5_temporary(&made->h5));
  dss_h5_pause(&made->h5);
  if (status == DSS_OK)
    *writer = made;
  else
    dss_results_writer_free(made);
  return status;
}

dss_status dss_results_writer_create(dss_context *context, const char *path, bool overwrite,
                                     dss_results_writer **writer) {
  return create(context, path, overwrite, DSS_RESULTS_KIND, DSS_RESULTS_FORMAT, writer);
}

dss_status dss_results_writer_create_part(dss_context *context, const char *path, bool overwrite,
                                          dss_results_writer **writer) {
  return create(context, path, overwrite, DSS_PART_KIND, DSS_PART_FORMAT, writer);
}

const char *dss_results_writer_temporary(const dss_results_writer *writer) {
  return writer->temporary;
}

void dss_results_writer_free(dss_results_writer *writer) {
  if (!writer) return;
  dss_h5_resume(&writer->h5);
  dss_h5_close(&writer->h5);
  free(writer->block);
  free(writer->path);
  free(writer->temporary);
  free(writer);
}

/* The context may be another one in each call. */
static void enter(dss_context *context, dss_results_writer *writer) {
  writer->h5.context = context;
  dss_h5_resume(&writer->h5);
}

static dss_status leave(dss_results_writer *writer, dss_status status) {
  dss_h5_pause(&writer->h5);
  return status;
}

/* --- rows -------------------------------------------------------------------------------- */

static uint64_t rows_of_block(uint64_t most_rows, size_t n_columns) {
  uint64_t rows = BLOCK_ROWS;
  while (rows > 1 && rows > BLOCK_BYTES / sizeof(double) / n_columns)
    rows /= 2;
  return most_rows < rows ? most_rows : rows;
}

static hsize_t at_least_one(uint64_t wanted, size_t most) {
  return wanted < 1 ? 1 : wanted < most ? wanted : most;
}

static dss_status make_dataset(dss_results_writer *writer, const dss_results *r,
                               uint64_t most_rows) {
  dss_h5 *h5 = &writer->h5;
  uint64_t fits = CHUNK_BYTES / sizeof(double) / writer->block_rows;
  const hsize_t sizes[] = {most_rows, r->n_questions, r->n_groups, r->n_columns};
  const hsize_t chunk[] = {writer->block_rows, 1, at_least_one(fits / r->n_columns, r->n_groups),
                           at_least_one(fits, r->n_columns)};
  const char *folder = dss_result_folders[DSS_FOLDER_NULL];
  DSS_TRY(dss_h5_put_group(h5, h5->file, folder, &writer->nulls.folder));
  return dss_h5_put_growing(h5, writer->nulls.folder, "values", DSS_H5_F64, 4, sizes, chunk,
                            &writer->nulls.values);
}

dss_status dss_results_writer_begin(dss_context *context, dss_results_writer *writer,
                                    const dss_results *r, uint64_t most_rows) {
  if (writer->block_rows || writer->finished)
    return dss_fail(context, DSS_ERR_USAGE, "%s: is written by one run, not two", writer->path);
  writer->n_columns = r->n_questions * r->n_groups * r->n_columns;
  if (writer->n_columns == 0)
    return dss_fail(context, DSS_ERR_INTERNAL, "%s: no columns to save", writer->path);
  if (most_rows > INT64_MAX / sizeof(double) / writer->n_columns)
    return dss_fail(context, DSS_ERR_USAGE,
                    "%s: %llu resamples of %zu values each are larger than any file", writer->path,
                    (unsigned long long)most_rows, writer->n_columns);
  uint64_t rows = rows_of_block(most_rows, writer->n_columns);
  if (rows > SIZE_MAX / writer->n_columns) return dss_fail_memory(context, ~0ull);
  DSS_TRY(DSS_ALLOC(context, &writer->block, (size_t)rows * writer->n_columns));
  writer->block_rows = rows;
  enter(context, writer);
  return leave(writer, make_dataset(writer, r, most_rows));
}

static dss_status write_block(dss_results_writer *writer) {
  dss_result_nulls *nulls = &writer->nulls;
  DSS_TRY(dss_h5_append(&writer->h5, nulls->values, DSS_H5_F64, nulls->rows, writer->buffered,
                        writer->block));
  nulls->rows += writer->buffered;
  writer->buffered = 0;
  return DSS_OK;
}

/* Backends may differ in the bits of their NaNs; files must not. */
static void copy_values(double *to, const double *from, size_t count) {
  for (size_t i = 0; i < count; i++)
    to[i] = isnan(from[i]) ? NAN : from[i];
}

static dss_status append(dss_results_writer *writer, uint64_t count, const double *values) {
  size_t columns = writer->n_columns;
  while (count > 0) {
    uint64_t room = writer->block_rows - writer->buffered, now = count < room ? count : room;
    copy_values(writer->block + writer->buffered * columns, values, (size_t)now * columns);
    writer->buffered += now;
    values += now * columns;
    count -= now;
    if (writer->buffered == writer->block_rows) DSS_TRY(write_block(writer));
  }
  return DSS_OK;
}

dss_status dss_results_writer_append(dss_context *context, dss_results_writer *writer,
                                     uint64_t count, const double *values) {
  enter(context, writer);
  return leave(writer, append(writer, count, values));
}

/* --- the rest ---------------------------------------------------------------------------- */

static dss_status finish(dss_results_writer *writer, const dss_results *r) {
  if (writer->buffered) DSS_TRY(write_block(writer));
  DSS_TRY(dss_results_put(&writer->h5, r, writer->block_rows ? &writer->nulls : NULL));
  return dss_h5_store(&writer->h5, false);
}

dss_status dss_results_writer_finish(dss_context *context, dss_results_writer *writer,
                                     const dss_results *results) {
  if (writer->finished)
    return dss_fail(context, DSS_ERR_USAGE, "%s: is finished already", writer->path);
  if (writer->block_rows &&
      writer->n_columns != results->n_questions * results->n_groups * results->n_columns)
    return dss_fail(context, DSS_ERR_USAGE, "%s: holds the values of other results", writer->path);
  writer->finished = true;
  enter(context, writer);
  return leave(writer, finish(writer, results));
}
