#include "atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"

static dss_status join(dss_context *context, char **joined, const char *a, const char *b) {
  DSS_TRY(DSS_ALLOC(context, joined, strlen(a) + strlen(b) + 1));
  strcpy(*joined, a);
  strcat(*joined, b);
  return DSS_OK;
}

static void forget(dss_atomic_file *file) {
  free(file->path);
  free(file->temporary);
  memset(file, 0, sizeof *file);
}

/* A link that leads nowhere is there too: an output would take its place. */
static bool is_there(const char *path) {
  struct stat status;
  return lstat(path, &status) == 0;
}

static bool is_regular(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static dss_status refuse_existing(dss_context *context, const char *path) {
  return dss_fail(context, DSS_ERR_FILE, "%s: exists already; give --force to replace it", path);
}

dss_status dss_atomic_begin(dss_context *context, dss_atomic_file *file, const char *path,
                            bool overwrite) {
  memset(file, 0, sizeof *file);
  bool exists = is_there(path);
  if (exists && !is_regular(path))
    return dss_fail(context, DSS_ERR_FILE, "%s: is not a regular file", path);
  if (exists && !overwrite) return refuse_existing(context, path);
  dss_status result = dss_copy_text(context, &file->path, path);
  if (result == DSS_OK) result = join(context, &file->temporary, path, ".part-XXXXXX");
  if (result != DSS_OK) {
    forget(file);
    return result;
  }
  file->overwrite = overwrite;
  int descriptor = mkstemp(file->temporary);
  if (descriptor < 0) {
    result = dss_fail(context, DSS_ERR_FILE, "%s: cannot write here: %s", path, strerror(errno));
    forget(file);
    return result;
  }
  /* mkstemp makes private files; a result is as readable as any file the user makes. */
  mode_t mask = umask(0);
  umask(mask);
  fchmod(descriptor, 0666 & ~mask);
  close(descriptor);
  return DSS_OK;
}

static dss_status sync_path(dss_context *context, const char *path, const char *named, int flags) {
  int descriptor = open(path, flags);
  if (descriptor < 0)
    return dss_fail(context, DSS_ERR_FILE, "%s: cannot sync: %s", named, strerror(errno));
  int failed = fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS;
  int why = errno;
  close(descriptor);
  if (failed) return dss_fail(context, DSS_ERR_FILE, "%s: cannot sync: %s", named, strerror(why));
  return DSS_OK;
}

static dss_status put_in_place(dss_context *context, dss_atomic_file *file) {
  DSS_TRY(sync_path(context, file->temporary, file->path, O_RDONLY));
  if (!file->overwrite) {
    /* link refuses to replace, rename does not; where links are not to be had, rename after a look.
     */
    if (link(file->temporary, file->path) == 0) {
      unlink(file->temporary);
      return DSS_OK;
    }
    if (errno == EEXIST || is_there(file->path)) return refuse_existing(context, file->path);
  }
  if (rename(file->temporary, file->path) != 0)
    return dss_fail(context, DSS_ERR_FILE, "%s: cannot rename into place: %s", file->path,
                    strerror(errno));
  return DSS_OK;
}

dss_status dss_atomic_commit(dss_context *context, dss_atomic_file *file) {
  dss_status result = put_in_place(context, file);
  if (result != DSS_OK) {
    dss_atomic_abandon(file);
    return result;
  }
  char *slash = strrchr(file->path, '/');
  if (slash && slash != file->path) *slash = '\0';
  /* The file is there; a folder that cannot be synced (some network file systems) is no failure. */
  if (sync_path(NULL,
                !slash                ? "."
                : slash == file->path ? "/"
                                      : file->path,
                "", O_RDONLY) != DSS_OK)
    result = DSS_OK;
  forget(file);
  return result;
}

void dss_atomic_abandon(dss_atomic_file *file) {
  if (file->temporary) unlink(file->temporary);
  forget(file);
}

static dss_status write_bytes(dss_context *context, const dss_atomic_file *file, const void *bytes,
                              size_t n) {
  errno = 0;
  FILE *stream = fopen(file->temporary, "wb");
  bool written = stream && fwrite(bytes, 1, n, stream) == n;
  int why = errno;
  if (stream && fclose(stream) != 0 && written) {
    written = false;
    why = errno;
  }
  if (written) return DSS_OK;
  return dss_fail(context, DSS_ERR_FILE, "%s: cannot be written: %s", file->path, strerror(why));
}

dss_status dss_atomic_stage(dss_context *context, dss_atomic_file *file, const char *path,
                            const void *bytes, size_t n, bool overwrite) {
  DSS_TRY(dss_atomic_begin(context, file, path, overwrite));
  dss_status status = write_bytes(context, file, bytes, n);
  if (status != DSS_OK) dss_atomic_abandon(file);
  return status;
}

dss_status dss_atomic_write(dss_context *context, const char *path, const void *bytes, size_t n,
                            bool overwrite) {
  dss_atomic_file file;
  DSS_TRY(dss_atomic_stage(context, &file, path, bytes, n, overwrite));
  return dss_atomic_commit(context, &file);
}

/* --- what was there ----------------------------------------------------------------------------
 */

static dss_status cannot_keep(dss_context *context, dss_kept_file *kept, const char *path) {
  dss_status status =
      dss_fail(context, DSS_ERR_FILE, "%s: cannot keep what is there: %s", path, strerror(errno));
  free(kept->path);
  free(kept->kept);
  *kept = (dss_kept_file){0};
  return status;
}

/* A link leaves the file where it is until the other takes its place; where links are not to be
 * had, it steps aside. */
static bool set_aside(const char *path, char *name) {
  int descriptor = mkstemp(name);
  if (descriptor < 0) return false;
  close(descriptor);
  unlink(name);
  return link(path, name) == 0 || rename(path, name) == 0;
}

dss_status dss_keep_begin(dss_context *context, dss_kept_file *kept, const char *path) {
  *kept = (dss_kept_file){0};
  dss_status status = dss_copy_text(context, &kept->path, path);
  if (status == DSS_OK && is_there(path)) {
    status = join(context, &kept->kept, path, ".kept-XXXXXX");
    if (status == DSS_OK && !set_aside(path, kept->kept)) return cannot_keep(context, kept, path);
  }
  if (status != DSS_OK) dss_keep_drop(kept);
  return status;
}

/* Nothing has taken its place: both are links to it. */
static bool is_same(const char *a, const char *b) {
  struct stat x, y;
  return lstat(a, &x) == 0 && lstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

void dss_keep_put_back(dss_context *context, dss_kept_file *kept) {
  if (!kept->kept) {
    unlink(kept->path);
  } else if (!is_same(kept->path, kept->kept) && rename(kept->kept, kept->path) != 0) {
    dss_warn(context, "%s: what was there is now %s: %s", kept->path, kept->kept, strerror(errno));
    free(kept->kept);
    kept->kept = NULL;
  }
  dss_keep_drop(kept);
}

void dss_keep_drop(dss_kept_file *kept) {
  if (kept->kept) unlink(kept->kept);
  free(kept->path);
  free(kept->kept);
  *kept = (dss_kept_file){0};
}
