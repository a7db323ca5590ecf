/* HDF5 files as a whole: errors, creation, storing, opening.
 *
 * Why files are built in memory: HDF5 1.10 does not survive a disk that fills up. When the flush in
 * H5Fclose fails, the file stays in the library's tables, half closed, and the library's exit
 * handler trips over it. So HDF5 never touches the disk when we write: it fills an image in memory
 * (the core driver), and our own write, whose errors are plain errno, puts the image in place. The
 * image is compressed and so smaller than what the caller holds in memory already. Where it is not,
 * since the caller never holds it all, a driver of our own keeps the disk's errors to itself
 * (h5_stream.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "atomic_file.h"
#include "digest.h"
#include "h5.h"
#include "h5_heap.h"
#include "h5_stream.h"

/* --- messages ---------------------------------------------------------------------------- */

typedef struct stack_summary {
  char text[256];
  bool out_of_memory;
} stack_summary;

static herr_t summarize(unsigned n, const H5E_error2_t *entry, void *data) {
  stack_summary *summary = data;
  if (n == 0 && entry->desc) snprintf(summary->text, sizeof summary->text, "%s", entry->desc);
  if (entry->maj_num == H5E_RESOURCE) summary->out_of_memory = true;
  return 0;
}

/* "/ratings/Q/code: ", or "" for the file itself. */
static void object_path(hid_t at, const char *name, char *path, size_t size) {
  char parent[384];
  ssize_t length = at >= 0 ? H5Iget_name(at, parent, sizeof parent) : 0;
  if (length <= 1) parent[0] = '\0'; /* none, or "/" */
  snprintf(path, size, "%s%s%s%s", parent, name ? "/" : "", name ? name : "",
           *parent || name ? ": " : "");
}

dss_status dss_h5_error(const dss_h5 *h5, dss_status status, hid_t at, const char *name,
                        const char *what) {
  /* First of all: any other call clears HDF5's error stack. */
  stack_summary summary = {.text = "no more is known"};
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, summarize, &summary);
  DSS_TRY(dss_h5_check(h5)); /* the disk's own error comes first */
  char path[512];
  object_path(at, name, path, sizeof path);
  return dss_fail(h5->context, summary.out_of_memory ? DSS_ERR_MEMORY : status,
                  "%s: %s%s (HDF5: %s)", h5->path, path, what, summary.text);
}

dss_status dss_h5_check(const dss_h5 *h5) {
  return h5->stream ? dss_h5_stream_check(h5->context, h5->stream) : DSS_OK;
}

const char *dss_h5_temporary(const dss_h5 *h5) {
  return h5->stream ? dss_h5_stream_temporary(h5->stream) : NULL;
}

dss_status dss_h5_refuse(const dss_h5 *h5, hid_t at, const char *name, const char *format, ...) {
  char path[512], what[512];
  object_path(at, name, path, sizeof path);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  return dss_fail(h5->context, DSS_ERR_DATA, "%s: %s%s", h5->path, path, what);
}

/* --- the image in memory ------------------------------------------------------------------ */

/* The core driver asks for its memory here, and leaves the finished image behind when the file is
 * closed. It grows in steps of one byte, so that it knows the exact size; the memory grows faster.
 */
struct dss_h5_image {
  void *bytes;
  size_t size, capacity;
};

static void *image_resize(void *bytes, size_t size, H5FD_file_image_op_t op, void *user) {
  struct dss_h5_image *image = user;
  if (bytes != image->bytes) return NULL;
  if (size > image->capacity) {
    size_t capacity = image->capacity < SIZE_MAX / 2 ? 2 * image->capacity : SIZE_MAX;
    if (capacity < size) capacity = size;
    void *grown = realloc(bytes, capacity);
    if (!grown) return NULL;
    image->bytes = grown;
    image->capacity = capacity;
  }
  image->size = size;
  return image->bytes;
}

static void *image_first(size_t size, H5FD_file_image_op_t op, void *user) {
  return image_resize(NULL, size, op, user);
}

static void *image_copy(void *to, const void *from, size_t size, H5FD_file_image_op_t op,
                        void *user) {
  return memcpy(to, from, size);
}

static herr_t image_leave(void *bytes, H5FD_file_image_op_t op, void *user) {
  return 0;
}

static void *image_same_user(void *user) {
  return user;
}

static herr_t image_leave_user(void *user) {
  return 0;
}

/* --- beginning and end ------------------------------------------------------------------- */

void dss_h5_resume(dss_h5 *h5) {
  H5Eget_auto2(H5E_DEFAULT, &h5->auto_function, &h5->auto_data);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void dss_h5_pause(dss_h5 *h5) {
  H5Eset_auto2(H5E_DEFAULT, h5->auto_function, h5->auto_data);
}

static void begin(dss_context *context, const char *path, dss_h5 *h5) {
  *h5 = (dss_h5){.context = context, .path = path, .file = H5I_INVALID_HID};
  dss_h5_resume(h5);
}

void dss_h5_close(dss_h5 *h5) {
  if (h5->stream) dss_h5_stream_discard(h5->stream); /* whatever is open is to be thrown away */
  if (h5->file >= 0) H5Fclose(h5->file);
  h5->file = H5I_INVALID_HID;
  if (h5->image) free(h5->image->bytes);
  free(h5->image);
  h5->image = NULL;
  dss_h5_stream_free(h5->stream);
  h5->stream = NULL;
  dss_h5_pause(h5);
}

/* --- writing ----------------------------------------------------------------------------- */

static bool build_in_memory(struct dss_h5_image *image, hid_t access) {
  H5FD_file_image_callbacks_t callbacks = {
      image_first, image_copy, image_resize, image_leave, image_same_user, image_leave_user, image};
  const size_t increment = 1;
  return H5Pset_file_image_callbacks(access, &callbacks) >= 0 &&
         H5Pset_fapl_core(access, increment, false) >= 0;
}

/* Closed with all that is in it; format of 1.10, in which metadata is checksummed. */
static hid_t create_access(const dss_h5 *h5) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (access < 0) return access;
  if ((h5->stream ? dss_h5_stream_drive(h5->stream, access) >= 0
                  : build_in_memory(h5->image, access)) &&
      H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0 &&
      H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0)
    return access;
  H5Pclose(access);
  return H5I_INVALID_HID;
}

/* No times anywhere: equal content gives equal bytes. Links keep their order. */
static hid_t create_root(void) {
  hid_t creation = H5Pcreate(H5P_FILE_CREATE);
  if (creation < 0) return creation;
  if (H5Pset_obj_track_times(creation, false) < 0 ||
      H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) < 0) {
    H5Pclose(creation);
    return H5I_INVALID_HID;
  }
  return creation;
}

/* The HDF5 file behind h5's image or stream; h5 is closed on failure. */
static dss_status create_file(dss_h5 *h5, const char *kind, const char *format) {
  hid_t access = create_access(h5), creation = create_root();
  /* HDF5 looks for a file of that name, and would load it: this one cannot exist. */
  const char *name = "/dev/null/image";
  if (access >= 0 && creation >= 0) h5->file = H5Fcreate(name, H5F_ACC_TRUNC, creation, access);
  /* Everything else in the format of 1.10, whose metadata, the chunks' index too, is checksummed.
   */
  if (h5->file >= 0) H5Fset_libver_bounds(h5->file, H5F_LIBVER_V110, H5F_LIBVER_V110);
  dss_status status = DSS_OK;
  if (h5->file < 0)
    status = dss_h5_error(h5, DSS_ERR_MEMORY, h5->file, NULL, "cannot make the file");
  if (access >= 0) H5Pclose(access);
  if (creation >= 0) H5Pclose(creation);
  if (status == DSS_OK) status = dss_h5_put_text_attribute(h5, h5->file, "kind", kind);
  if (status == DSS_OK) status = dss_h5_put_text_attribute(h5, h5->file, "format", format);
  if (status != DSS_OK) dss_h5_close(h5);
  return status;
}

dss_status dss_h5_create(dss_context *context, const char *path, const char *kind,
                         const char *format, dss_h5 *h5) {
  struct dss_h5_image *image = calloc(1, sizeof *image);
  if (!image) return dss_fail_memory(context, sizeof *image);
  begin(context, path, h5);
  h5->image = image;
  return create_file(h5, kind, format);
}

dss_status dss_h5_create_growing(dss_context *context, const char *path, const char *kind,
                                 const char *format, bool overwrite, dss_h5 *h5) {
  dss_h5_stream *stream = NULL;
  DSS_TRY(dss_h5_stream_begin(context, path, overwrite, &stream));
  begin(context, path, h5);
  h5->stream = stream;
  return create_file(h5, kind, format);
}

static dss_status write_bytes(dss_context *context, const char *named, int descriptor,
                              const char *bytes, size_t count) {
  while (count > 0) {
    size_t piece = count < (size_t)1 << 30 ? count : (size_t)1 << 30;
    ssize_t written = write(descriptor, bytes, piece);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0)
      return dss_fail(context, DSS_ERR_FILE, "%s: cannot write: %s", named, strerror(errno));
    bytes += written;
    count -= (size_t)written;
  }
  return DSS_OK;
}

static dss_status write_temporary(dss_context *context, const dss_atomic_file *file,
                                  const char *bytes, size_t count) {
  int descriptor = open(file->temporary, O_WRONLY | O_TRUNC);
  if (descriptor < 0)
    return dss_fail(context, DSS_ERR_FILE, "%s: cannot write: %s", file->path, strerror(errno));
  dss_status status = write_bytes(context, file->path, descriptor, bytes, count);
  if (close(descriptor) != 0 && status == DSS_OK)
    status = dss_fail(context, DSS_ERR_FILE, "%s: cannot write: %s", file->path, strerror(errno));
  return status;
}

/* Readers look through a file for damaged texts, which would take long in one that is mostly
 * numbers; and where there are many, some look like texts by chance. */
#define NUMBERS_RANGE "numbers_range"

static dss_status put_numbers_range(dss_h5 *h5) {
  uint64_t range[2];
  if (H5Fflush(h5->file, H5F_SCOPE_LOCAL) < 0)
    return dss_h5_error(h5, DSS_ERR_INTERNAL, -1, NULL, "cannot be written");
  dss_h5_stream_range(h5->stream, range);
  if (range[0] >= range[1]) return DSS_OK;
  return dss_h5_put_numbers_attribute(h5, h5->file, NUMBERS_RANGE, DSS_H5_U64, range, 2);
}

static dss_status finish(dss_h5 *h5) {
  herr_t closed = H5Fclose(h5->file);
  h5->file = H5I_INVALID_HID;
  if (closed >= 0) return DSS_OK;
  return dss_h5_error(h5, DSS_ERR_INTERNAL, -1, NULL, "cannot finish the file");
}

static dss_status write_image(dss_h5 *h5, const char *path, bool overwrite) {
  dss_atomic_file file;
  DSS_TRY(dss_atomic_begin(h5->context, &file, path, overwrite));
  dss_status status = write_temporary(h5->context, &file, h5->image->bytes, h5->image->size);
  if (status == DSS_OK) return dss_atomic_commit(h5->context, &file);
  dss_atomic_abandon(&file);
  return status;
}

dss_status dss_h5_store(dss_h5 *h5, bool overwrite) {
  if (h5->stream) DSS_TRY(put_numbers_range(h5));
  DSS_TRY(finish(h5));
  if (h5->stream) return dss_h5_stream_commit(h5->context, h5->stream);
  return write_image(h5, h5->path, overwrite);
}

static dss_status digest_image(const dss_h5 *h5, char hex[65]) {
  dss_digest *digest;
  DSS_TRY(dss_digest_new(h5->context, &digest));
  dss_digest_bytes(digest, h5->image->bytes, h5->image->size);
  return dss_digest_end(h5->context, digest, hex);
}

dss_status dss_h5_store_digested(dss_h5 *h5) {
  char hex[65], *path;
  DSS_TRY(finish(h5));
  DSS_TRY(digest_image(h5, hex));
  size_t size = strlen(h5->path) + sizeof hex + 4;
  DSS_TRY(DSS_ALLOC(h5->context, &path, size));
  snprintf(path, size, "%s.%s.h5", h5->path, hex);
  dss_status status = write_image(h5, path, true);
  free(path);
  return status;
}

/* --- reading ----------------------------------------------------------------------------- */

enum { SUPERBLOCK_HEAD = 11 };

/* Superblocks before version 2 have no checksum, nor have the headers behind them. Refusing the old
 * ones keeps damaged files away from HDF5's least guarded code. Addresses and sizes have 8 bytes,
 * which dss_h5_check_heaps relies on. */
static dss_status check_superblock(dss_context *context, const char *path,
                                   const unsigned char *head, size_t size) {
  static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  if (size < SUPERBLOCK_HEAD || memcmp(head, signature, sizeof signature) != 0)
    return dss_fail(context, DSS_ERR_DATA, "%s: is not an HDF5 file", path);
  if (head[8] < 2)
    return dss_fail(context, DSS_ERR_DATA,
                    "%s: is an HDF5 file without checksums (superblock version %u, not 2 or "
                    "later); write it with libver 'v110'",
                    path, head[8]);
  if (head[9] != 8 || head[10] != 8)
    return dss_fail(context, DSS_ERR_DATA,
                    "%s: its addresses have %u and its sizes %u bytes, not 8", path, head[9],
                    head[10]);
  return DSS_OK;
}

/* All that is checked before HDF5 sees the file. */
static dss_status look_at_head(dss_context *context, const char *path, int descriptor,
                               uint64_t *bytes) {
  struct stat about;
  unsigned char head[SUPERBLOCK_HEAD];
  if (fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode))
    return dss_fail(context, DSS_ERR_FILE, "%s: is not a regular file", path);
  ssize_t count = pread(descriptor, head, sizeof head, 0);
  if (count < 0)
    return dss_fail(context, DSS_ERR_FILE, "%s: cannot read: %s", path, strerror(errno));
  *bytes = (uint64_t)about.st_size;
  return check_superblock(context, path, head, (size_t)count);
}

/* Before HDF5 reads any text. The range comes from metadata, which HDF5 checks; of no use, it
 * leaves everything to be looked through. */
static dss_status look_at_texts(const dss_h5 *h5, int descriptor) {
  uint64_t skip[2] = {0, 0};
  if (H5Aexists(h5->file, NUMBERS_RANGE) > 0)
    DSS_TRY(dss_h5_get_numbers_attribute(h5, h5->file, NUMBERS_RANGE, DSS_H5_U64, skip, 2));
  return dss_h5_check_heaps(h5->context, h5->path, descriptor, h5->bytes, skip);
}

/* Our files are replaced, never changed in place, so readers need no lock, and network file systems
 * that refuse locks do not stop them. */
static hid_t open_access(void) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (access < 0) return access;
  bool good = H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0;
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 12, 0))
  good = good && H5Pset_file_locking(access, false, true) >= 0;
#endif
  if (good) return access;
  H5Pclose(access);
  return H5I_INVALID_HID;
}

static dss_status check_format(const dss_h5 *h5, unsigned format_major) {
  dss_texts format;
  DSS_TRY(dss_h5_get_text_attribute(h5, h5->file, "format", true, &format));
  unsigned major = 0, minor = 0;
  int end = 0;
  dss_status status = DSS_OK;
  if (sscanf(format.items[0], "%4u.%4u%n", &major, &minor, &end) != 2 || format.items[0][end])
    status = dss_h5_refuse(h5, h5->file, NULL, "attribute format is '%.40s', not MAJOR.MINOR",
                           format.items[0]);
  else if (major > format_major)
    status = dss_h5_refuse(h5, h5->file, NULL,
                           "is of format %s, newer than format %u, which this version (%s) reads; "
                           "use a newer dissensus",
                           format.items[0], format_major, dss_version());
  else if (major < 1)
    status = dss_h5_refuse(h5, h5->file, NULL, "is of format %s, which never was", format.items[0]);
  dss_texts_free(&format);
  return status;
}

/* What to do with a file of another kind than was expected; "" where there is nothing to say. */
static const char *use_of(const char *kind) {
  static const char *const uses[][2] = {
      {"dissensus-study", ": a study has no report; `dissensus info` says what is in it, and gai, "
                          "pairs, severity, response, classify and steer make of it what has"},
      {"dissensus-part", ": `dissensus merge` makes results of all parts of a run"},
      {"dissensus-results", ": `dissensus report` shows it"},
      {"dissensus-pairs", ": `dissensus report` shows it"},
      {"dissensus-evaluation", ": `dissensus report` shows it"}};
  for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
    if (strcmp(kind, uses[i][0]) == 0) return uses[i][1];
  return "";
}

static dss_status check_kind(const dss_h5 *h5, const char *expected) {
  dss_texts kind;
  if (H5Aexists(h5->file, "kind") <= 0)
    return dss_fail(h5->context, DSS_ERR_DATA,
                    "%s: is no file of dissensus (it has no attribute 'kind'); expected %s",
                    h5->path, expected);
  DSS_TRY(dss_h5_get_text_attribute(h5, h5->file, "kind", true, &kind));
  dss_status status = DSS_OK;
  if (strcmp(kind.items[0], expected) != 0)
    status = dss_fail(h5->context, DSS_ERR_DATA, "%s: is of kind '%.60s'; expected %s%s", h5->path,
                      kind.items[0], expected, use_of(kind.items[0]));
  dss_texts_free(&kind);
  return status;
}

static dss_status open_file(dss_context *context, const char *path, int descriptor,
                            const char *kind, unsigned format_major, dss_h5 *h5) {
  uint64_t bytes = 0;
  DSS_TRY(look_at_head(context, path, descriptor, &bytes));
  begin(context, path, h5);
  h5->bytes = bytes;
  hid_t access = open_access();
  h5->file = H5Fopen(path, H5F_ACC_RDONLY, access < 0 ? H5P_DEFAULT : access);
  dss_status status = DSS_OK;
  if (h5->file < 0)
    status = dss_h5_error(h5, DSS_ERR_DATA, h5->file, NULL, "is truncated or damaged");
  if (access >= 0) H5Pclose(access);
  if (status == DSS_OK) status = look_at_texts(h5, descriptor);
  if (status == DSS_OK) status = check_kind(h5, kind);
  if (status == DSS_OK) status = check_format(h5, format_major);
  if (status != DSS_OK) dss_h5_close(h5);
  return status;
}

dss_status dss_h5_open(dss_context *context, const char *path, const char *kind,
                       unsigned format_major, dss_h5 *h5) {
  int descriptor = open(path, O_RDONLY | O_NONBLOCK);
  if (descriptor < 0)
    return dss_fail(context, DSS_ERR_FILE, "%s: cannot open: %s", path, strerror(errno));
  dss_status status = open_file(context, path, descriptor, kind, format_major, h5);
  close(descriptor);
  return status;
}
