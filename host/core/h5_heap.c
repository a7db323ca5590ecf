/* Variable-length texts lie in global heap collections, the one part of a modern HDF5 file that has
 * no checksum; and HDF5 1.10 believes the object sizes it finds there, past the end of its memory.
 * One damaged byte could so crash the reader. Here every collection is walked first.
 *
 * A collection: "GCOL", version 1, three reserved bytes, its size (8 bytes); then objects to its
 * end, each with index (2), references (2), reserved (4), size (8), and the bytes, padded to 8. The
 * object with index 0 is free space, and its size counts its header.
 */
#include "h5_heap.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = 16, VERSION_AT = 4, PIECE = 1 << 20 };

typedef struct heap_file {
  dss_context *context;
  const char *path;
  int descriptor;
  uint64_t bytes;
} heap_file;

static uint64_t decode(const unsigned char *bytes, size_t count) {
  uint64_t number = 0;
  for (size_t i = count; i > 0; i--)
    number = number << 8 | bytes[i - 1];
  return number;
}

static dss_status read_at(const heap_file *file, uint64_t at, unsigned char *bytes, size_t count) {
  while (count > 0) {
    ssize_t got = pread(file->descriptor, bytes, count, (off_t)at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      return dss_fail(file->context, DSS_ERR_FILE, "%s: cannot read: %s", file->path,
                      got < 0 ? strerror(errno) : "the file ended early");
    bytes += got;
    at += (uint64_t)got;
    count -= (size_t)got;
  }
  return DSS_OK;
}

static dss_status damaged(const heap_file *file, uint64_t at) {
  return dss_fail(file->context, DSS_ERR_DATA,
                  "%s: is truncated or damaged: the storage of texts at byte %llu is inconsistent",
                  file->path, (unsigned long long)at);
}

/* Objects from `at` to `end`. Less room than a header is free space too. */
static dss_status check_objects(const heap_file *file, uint64_t at, uint64_t end) {
  while (end - at >= HEADER) {
    unsigned char head[HEADER];
    DSS_TRY(read_at(file, at, head, sizeof head));
    uint64_t index = decode(head, 2), size = decode(head + 8, 8), room = end - at;
    if (size > room || (index == 0 && size < HEADER)) return damaged(file, at);
    uint64_t taken = index == 0 ? size : HEADER + (size + 7) / 8 * 8;
    if (taken > room) return damaged(file, at);
    at += taken;
  }
  return DSS_OK;
}

static dss_status check_collection(const heap_file *file, uint64_t at) {
  unsigned char head[HEADER];
  if (file->bytes - at < HEADER) return DSS_OK; /* HDF5 cannot read it either, and says so */
  DSS_TRY(read_at(file, at, head, sizeof head));
  if (head[VERSION_AT] != 1) return DSS_OK; /* four bytes that look like it; refused by HDF5 */
  uint64_t size = decode(head + 8, 8);
  if (size < HEADER || size > file->bytes - at) return damaged(file, at);
  return check_objects(file, at + HEADER, at + size);
}

/* Every place where the bytes "GCOL" stand, since any of them may be referred to. */
static dss_status check_piece(const heap_file *file, const unsigned char *piece, size_t size,
                              uint64_t begin) {
  const unsigned char *at = piece, *end = piece + size;
  while ((at = memchr(at, 'G', (size_t)(end - at)))) {
    if (end - at >= 4 && memcmp(at, "GCOL", 4) == 0)
      DSS_TRY(check_collection(file, begin + (uint64_t)(at - piece)));
    at++;
  }
  return DSS_OK;
}

static dss_status check_range(const heap_file *file, unsigned char *piece, uint64_t at,
                              uint64_t end) {
  const uint64_t overlap = 3; /* a signature may lie across two pieces */
  dss_status status = DSS_OK;
  for (; at < end && status == DSS_OK; at += PIECE - overlap) {
    size_t size = end - at < PIECE ? (size_t)(end - at) : PIECE;
    status = read_at(file, at, piece, size);
    if (status == DSS_OK) status = check_piece(file, piece, size, at);
  }
  return status;
}

dss_status dss_h5_check_heaps(dss_context *context, const char *path, int descriptor,
                              uint64_t bytes, const uint64_t skip[2]) {
  const heap_file file = {context, path, descriptor, bytes};
  uint64_t from = skip[0], to = skip[1];
  if (from > to || to > bytes) from = to = 0; /* means nothing here: look at all of it */
  unsigned char *piece = malloc(PIECE);
  if (!piece) return dss_fail_memory(context, PIECE);
  dss_status status = check_range(&file, piece, 0, from);
  if (status == DSS_OK) status = check_range(&file, piece, to, bytes);
  free(piece);
  return status;
}
