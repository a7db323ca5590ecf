/* Files too large for memory, written by HDF5 as they grow.
 *
 * HDF5 1.10 does not survive a disk that fills up (h5_file.c). So its file driver here is ours, and
 * never reports a failure: it keeps the first errno, writes nothing from then on, and lets HDF5
 * close a file that is to be thrown away. Our own code looks at that errno.
 *
 * What HDF5 reads back, its metadata and texts, must be what it wrote, or it would fail on that
 * instead. So writes after a failure are kept in memory and laid over what the disk holds. They are
 * few: the block of numbers at which the caller looks next, and what HDF5's bounded caches hold.
 */
#include "h5_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atomic_file.h"

/* A write that did not reach the disk. */
typedef struct late_write {
  struct late_write *next;
  haddr_t address;
  size_t size;
  unsigned char bytes[];
} late_write;

struct dss_h5_stream {
  dss_atomic_file file;
  hid_t driver;
  int descriptor;
  int failure;     /* the first errno, 0: none */
  haddr_t written; /* bytes, written or meant to be */
  haddr_t allocated;
  uint64_t numbers[2]; /* a range without texts */
  haddr_t grown;       /* its end as it was set last */
  late_write *late, **late_end;
};

/* --- the disk ---------------------------------------------------------------------------- */

static void fail_with(dss_h5_stream *stream, int why) {
  if (!stream->failure) stream->failure = why ? why : EIO;
}

static void write_at(dss_h5_stream *stream, haddr_t address, const unsigned char *bytes,
                     size_t size) {
  while (size > 0 && !stream->failure) {
    ssize_t done = pwrite(stream->descriptor, bytes, size, (off_t)address);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) {
      fail_with(stream, done < 0 ? errno : ENOSPC);
      return;
    }
    bytes += done;
    address += (haddr_t)done;
    size -= (size_t)done;
  }
}

/* What was never written is zero. */
static void read_at(dss_h5_stream *stream, haddr_t address, unsigned char *bytes, size_t size) {
  while (size > 0) {
    ssize_t done = pread(stream->descriptor, bytes, size, (off_t)address);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail_with(stream, errno);
    if (done <= 0) {
      memset(bytes, 0, size);
      return;
    }
    bytes += done;
    address += (haddr_t)done;
    size -= (size_t)done;
  }
}

/* --- writes that came too late ----------------------------------------------------------- */

/* Without memory the write is lost, and HDF5 may notice: it then says so. */
static void keep(dss_h5_stream *stream, haddr_t address, const void *bytes, size_t size) {
  late_write *late = malloc(sizeof *late + size);
  if (!late) return;
  *late = (late_write){.address = address, .size = size};
  memcpy(late->bytes, bytes, size);
  *stream->late_end = late;
  stream->late_end = &late->next;
}

/* In the order of the writes, so that the last one wins. */
static void lay_over(const dss_h5_stream *stream, haddr_t address, unsigned char *bytes,
                     size_t size) {
  for (const late_write *late = stream->late; late; late = late->next) {
    haddr_t from = late->address > address ? late->address : address;
    haddr_t to =
        late->address + late->size < address + size ? late->address + late->size : address + size;
    if (from < to)
      memcpy(bytes + (from - address), late->bytes + (from - late->address), (size_t)(to - from));
  }
}

/* --- where there are no texts -------------------------------------------------------------- */

void dss_h5_stream_numbers(dss_h5_stream *stream) {
  bool begins = stream->grown == 0, texts_between = stream->numbers[1] != stream->grown;
  if (begins || texts_between) stream->numbers[0] = stream->allocated;
  stream->numbers[1] = stream->grown = stream->allocated;
}

void dss_h5_stream_range(const dss_h5_stream *stream, uint64_t range[2]) {
  range[0] = stream->numbers[0];
  range[1] = stream->numbers[1];
}

/* HDF5 writes a collection of texts, whole; in what the numbers left over at an end, if at all. */
static void keep_texts_out(dss_h5_stream *stream, haddr_t address, size_t size) {
  uint64_t *range = stream->numbers;
  if (address >= range[1] || address + size <= range[0]) return;
  if (address - range[0] < range[1] - address)
    range[0] = address + size < range[1] ? address + size : range[1];
  else
    range[1] = address;
}

/* --- the driver -------------------------------------------------------------------------- */

/* HDF5's part first. HDF5 opens a new file twice, so the stream lives longer than this. */
typedef struct stream_handle {
  H5FD_t parent;
  dss_h5_stream *stream;
  haddr_t end; /* of what HDF5 has allocated */
} stream_handle;

/* What the file access list carries. */
typedef struct stream_info {
  dss_h5_stream *stream;
} stream_info;

#define MAX_ADDRESS ((haddr_t)INT64_MAX)

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t access, haddr_t max_address) {
  const stream_info *info = H5Pget_driver_info(access);
  stream_handle *handle = info ? calloc(1, sizeof *handle) : NULL;
  if (!handle) return NULL;
  handle->stream = info->stream;
  return &handle->parent;
}

static herr_t driver_close(H5FD_t *file) {
  free(file);
  return 0;
}

static int driver_compare(const H5FD_t *a, const H5FD_t *b) {
  const dss_h5_stream *x = ((const stream_handle *)a)->stream;
  const dss_h5_stream *y = ((const stream_handle *)b)->stream;
  return (x->descriptor > y->descriptor) - (x->descriptor < y->descriptor);
}

/* As HDF5's own driver for POSIX files: small pieces are gathered before they are written. */
static herr_t driver_query(const H5FD_t *file, unsigned long *flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA;
  return 0;
}

static haddr_t driver_get_eoa(const H5FD_t *file, H5FD_mem_t type) {
  return ((const stream_handle *)file)->end;
}

static herr_t driver_set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t address) {
  stream_handle *handle = (stream_handle *)file;
  handle->end = handle->stream->allocated = address;
  return 0;
}

static haddr_t driver_get_eof(const H5FD_t *file, H5FD_mem_t type) {
  return ((const stream_handle *)file)->stream->written;
}

static herr_t driver_read(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address,
                          size_t size, void *bytes) {
  dss_h5_stream *stream = ((stream_handle *)file)->stream;
  read_at(stream, address, bytes, size);
  lay_over(stream, address, bytes, size);
  return 0;
}

static herr_t driver_write(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address,
                           size_t size, const void *bytes) {
  dss_h5_stream *stream = ((stream_handle *)file)->stream;
  if (size >= 4 && memcmp(bytes, "GCOL", 4) == 0) keep_texts_out(stream, address, size);
  write_at(stream, address, bytes, size);
  if (stream->failure) keep(stream, address, bytes, size);
  if (address + size > stream->written) stream->written = address + size;
  return 0;
}

static herr_t driver_truncate(H5FD_t *file, hid_t transfer, hbool_t closing) {
  stream_handle *handle = (stream_handle *)file;
  dss_h5_stream *stream = handle->stream;
  if (!stream->failure && ftruncate(stream->descriptor, (off_t)handle->end) != 0)
    fail_with(stream, errno);
  stream->written = handle->end;
  return 0;
}

static const H5FD_class_t driver_class = {
#ifdef H5FD_CLASS_VERSION /* HDF5 1.14: drivers have numbers; those from 512 on are free to use */
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)1013,
#endif
    .name = "dissensus stream",
    .maxaddr = MAX_ADDRESS,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(stream_info),
    .open = driver_open,
    .close = driver_close,
    .cmp = driver_compare,
    .query = driver_query,
    .get_eoa = driver_get_eoa,
    .set_eoa = driver_set_eoa,
    .get_eof = driver_get_eof,
    .read = driver_read,
    .write = driver_write,
    .truncate = driver_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

/* A driver of the stream's own, registered until its file is closed: HDF5 1.10 drops a file's hold
 * on its driver before it is done with it. */
herr_t dss_h5_stream_drive(dss_h5_stream *stream, hid_t access) {
  const stream_info info = {stream};
  stream->driver = H5FDregister(&driver_class);
  return stream->driver < 0 ? -1 : H5Pset_driver(access, stream->driver, &info);
}

/* --- beginning and end ------------------------------------------------------------------- */

dss_status dss_h5_stream_begin(dss_context *context, const char *path, bool overwrite,
                               dss_h5_stream **stream) {
  dss_h5_stream *made = calloc(1, sizeof *made);
  if (!made) return dss_fail_memory(context, sizeof *made);
  made->late_end = &made->late;
  made->descriptor = -1;
  made->driver = H5I_INVALID_HID;
  dss_status status = dss_atomic_begin(context, &made->file, path, overwrite);
  if (status == DSS_OK) {
    made->descriptor = open(made->file.temporary, O_RDWR);
    if (made->descriptor < 0)
      status = dss_fail(context, DSS_ERR_FILE, "%s: cannot write: %s", path, strerror(errno));
  }
  if (status == DSS_OK)
    *stream = made;
  else
    dss_h5_stream_free(made);
  return status;
}

const char *dss_h5_stream_temporary(const dss_h5_stream *stream) {
  return stream->file.temporary;
}

dss_status dss_h5_stream_check(dss_context *context, const dss_h5_stream *stream) {
  if (!stream->failure) return DSS_OK;
  return dss_fail(context, DSS_ERR_FILE, "%s: cannot write: %s", stream->file.path,
                  strerror(stream->failure));
}

void dss_h5_stream_discard(dss_h5_stream *stream) {
  fail_with(stream, ECANCELED);
}

dss_status dss_h5_stream_commit(dss_context *context, dss_h5_stream *stream) {
  /* Here, where the writes were: some systems tell this descriptor alone what went wrong. */
  if (!stream->failure && fsync(stream->descriptor) != 0 && errno != EINVAL && errno != EROFS)
    fail_with(stream, errno);
  if (close(stream->descriptor) != 0) fail_with(stream, errno);
  stream->descriptor = -1;
  DSS_TRY(dss_h5_stream_check(context, stream));
  return dss_atomic_commit(context, &stream->file);
}

void dss_h5_stream_free(dss_h5_stream *stream) {
  if (!stream) return;
  if (stream->driver >= 0) H5FDunregister(stream->driver);
  if (stream->descriptor >= 0) close(stream->descriptor);
  dss_atomic_abandon(&stream->file);
  while (stream->late) {
    late_write *next = stream->late->next;
    free(stream->late);
    stream->late = next;
  }
  free(stream);
}
