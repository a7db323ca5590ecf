#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "host/core/alloc.h"

enum { PIECE = 1 << 20 };

static dss_status failed(dss_context *context, const dss_rows *rows, const char *what) {
  return dss_fail(context, DSS_ERR_FILE, "%s: %s: %s", rows->path, what, strerror(errno));
}

dss_status dss_rows_open(dss_context *context, const char *path, size_t n_columns, dss_rows *rows) {
  *rows = (dss_rows){.descriptor = -1, .n_columns = n_columns};
  DSS_TRY(dss_copy_text(context, &rows->path, path));
  rows->descriptor = open(path, O_RDWR);
  return rows->descriptor < 0 && errno != ENOENT ? failed(context, rows, "cannot open") : DSS_OK;
}

static dss_status cut(dss_context *context, dss_rows *rows, uint64_t count) {
  off_t end = (off_t)(count * rows->n_columns * sizeof(double));
  return ftruncate(rows->descriptor, end) == 0 ? DSS_OK : failed(context, rows, "cannot cut");
}

static void count_anew(dss_rows *rows) {
  rows->count = 0;
  rows->crc = (uint32_t)crc32(0, NULL, 0);
}

dss_status dss_rows_begin(dss_context *context, dss_rows *rows) {
  if (rows->descriptor < 0) rows->descriptor = open(rows->path, O_RDWR | O_CREAT, 0666);
  if (rows->descriptor < 0) return failed(context, rows, "cannot write here");
  count_anew(rows);
  return cut(context, rows, 0);
}

void dss_rows_close(dss_rows *rows) {
  if (rows->path && rows->descriptor >= 0) close(rows->descriptor);
  free(rows->path);
  *rows = (dss_rows){.descriptor = -1};
}

/* --- reading back ---------------------------------------------------------------------------- */

/* The next bytes of the file; DSS_ERR_DATA where it ends before. */
static dss_status read_bytes(dss_context *context, const dss_rows *rows, void *bytes, size_t size,
                             off_t at) {
  for (size_t done = 0; done < size;) {
    ssize_t now = pread(rows->descriptor, (char *)bytes + done, size - done, at + (off_t)done);
    if (now < 0 && errno == EINTR) continue;
    if (now < 0) return failed(context, rows, "cannot read");
    if (now == 0)
      return dss_fail(context, DSS_ERR_DATA, "%s: ends before the rows of the checkpoint",
                      rows->path);
    done += (size_t)now;
  }
  return DSS_OK;
}

static uint64_t rows_of_piece(const dss_rows *rows) {
  uint64_t fits = PIECE / sizeof(double) / rows->n_columns;
  return fits > 0 ? fits : 1;
}

typedef dss_status (*see_fn)(dss_context *context, uint64_t count, const double *values,
                             void *user);

/* Piece by piece, the first count rows. */
static dss_status for_rows(dss_context *context, const dss_rows *rows, uint64_t count, see_fn see,
                           void *user) {
  uint64_t piece = rows_of_piece(rows);
  size_t row = rows->n_columns * sizeof(double);
  double *values;
  dss_status status = DSS_ALLOC(context, &values, (size_t)piece * rows->n_columns);
  for (uint64_t done = 0; done < count && status == DSS_OK;) {
    uint64_t now = count - done < piece ? count - done : piece;
    status = read_bytes(context, rows, values, (size_t)now * row, (off_t)(done * row));
    if (status == DSS_OK) status = see(context, now, values, user);
    done += now;
  }
  free(values);
  return status;
}

static void add_crc(dss_rows *rows, uint64_t count, const double *values) {
  const unsigned char *bytes = (const unsigned char *)values;
  rows->crc = (uint32_t)crc32_z(rows->crc, bytes, (size_t)count * rows->n_columns * sizeof *values);
  rows->count += count;
}

static dss_status see_crc(dss_context *context, uint64_t count, const double *values, void *user) {
  add_crc(user, count, values);
  return DSS_OK;
}

typedef struct writing {
  dss_rows *rows;
  dss_results_writer *writer;
} writing;

static dss_status see_writer(dss_context *context, uint64_t count, const double *values,
                             void *user) {
  writing *w = user;
  add_crc(w->rows, count, values);
  return dss_results_writer_append(context, w->writer, count, values);
}

static dss_status check_there(dss_context *context, const dss_rows *rows) {
  if (rows->descriptor >= 0) return DSS_OK;
  return dss_fail(context, DSS_ERR_DATA, "%s: is missing, which the checkpoint needs", rows->path);
}

static dss_status check_crc(dss_context *context, const dss_rows *rows, uint32_t crc) {
  if (rows->crc == crc) return DSS_OK;
  return dss_fail(context, DSS_ERR_DATA, "%s: is damaged: not what the checkpoint counted",
                  rows->path);
}

dss_status dss_rows_write(dss_context *context, dss_rows *rows, uint64_t count, uint32_t crc,
                          dss_results_writer *writer) {
  writing w = {rows, writer};
  count_anew(rows);
  DSS_TRY(check_there(context, rows));
  DSS_TRY(for_rows(context, rows, count, see_writer, &w));
  return check_crc(context, rows, crc);
}

dss_status dss_rows_resume(dss_context *context, dss_rows *rows, uint64_t count, uint32_t crc) {
  count_anew(rows);
  DSS_TRY(check_there(context, rows));
  if (count > INT64_MAX / sizeof(double) / rows->n_columns)
    return dss_fail(context, DSS_ERR_DATA, "%s: has no room for so many rows", rows->path);
  DSS_TRY(for_rows(context, rows, count, see_crc, rows));
  DSS_TRY(check_crc(context, rows, crc));
  return cut(context, rows, count);
}

/* --- writing --------------------------------------------------------------------------------- */

dss_status dss_rows_append(dss_context *context, dss_rows *rows, uint64_t count,
                           const double *values) {
  size_t row = rows->n_columns * sizeof(double), size = (size_t)count * row;
  off_t at = (off_t)(rows->count * row);
  for (size_t done = 0; done < size;) {
    ssize_t now =
        pwrite(rows->descriptor, (const char *)values + done, size - done, at + (off_t)done);
    if (now < 0 && errno == EINTR) continue;
    if (now <= 0) return failed(context, rows, "cannot write");
    done += (size_t)now;
  }
  add_crc(rows, count, values);
  return DSS_OK;
}

dss_status dss_rows_sync(dss_context *context, const dss_rows *rows) {
  return fsync(rows->descriptor) == 0 ? DSS_OK : failed(context, rows, "cannot sync");
}
