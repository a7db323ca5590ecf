/* Files that appear whole or not at all: written beside their final path under a temporary name,
 * flushed, synced and renamed. */
#ifndef DSS_CORE_ATOMIC_FILE_H
#define DSS_CORE_ATOMIC_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "context.h"

typedef struct dss_atomic_file {
  char *path;      /* final */
  char *temporary; /* in the same folder */
  bool overwrite;
} dss_atomic_file;

/* Refuses an existing path unless overwrite, and a folder that cannot be written, by creating the
 * (empty) temporary file. DSS_ERR_FILE. */
DSS_MUST_USE dss_status dss_atomic_begin(dss_context *context, dss_atomic_file *file,
                                         const char *path, bool overwrite);
/* Syncs the temporary file and renames it; without overwrite a path that has appeared meanwhile is
 * refused. Frees; on failure the temporary file is removed. */
DSS_MUST_USE dss_status dss_atomic_commit(dss_context *context, dss_atomic_file *file);
/* Removes the temporary file and frees. Harmless after commit. */
void dss_atomic_abandon(dss_atomic_file *file);

/* Begins it with these n bytes written; on failure nothing is left. DSS_ERR_FILE. */
DSS_MUST_USE dss_status dss_atomic_stage(dss_context *context, dss_atomic_file *file,
                                         const char *path, const void *bytes, size_t n,
                                         bool overwrite);
/* All of it for n bytes that are in memory. DSS_ERR_FILE. */
DSS_MUST_USE dss_status dss_atomic_write(dss_context *context, const char *path, const void *bytes,
                                         size_t n, bool overwrite);

/* What is at a path, kept beside it while another file takes its place: for two files of which
 * either both appear or none. */
typedef struct dss_kept_file {
  char *path, *kept; /* kept NULL: nothing was there */
} dss_kept_file;

/* DSS_ERR_FILE, DSS_ERR_MEMORY; nothing is to be done then. */
DSS_MUST_USE dss_status dss_keep_begin(dss_context *context, dss_kept_file *kept, const char *path);
/* The path is as it was, or empty as it was. Frees. Where even that fails, a warning says where the
 * file is that was there. */
void dss_keep_put_back(dss_context *context, dss_kept_file *kept);
/* What was there is no longer needed. Frees. */
void dss_keep_drop(dss_kept_file *kept);

#endif
