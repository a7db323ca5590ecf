/* A file that HDF5 writes on disk while it grows, through a file driver of ours that hides a full
 * disk from HDF5. Why: h5_stream.c. Used by h5_*.c alone. */
#ifndef DSS_CORE_H5_STREAM_H
#define DSS_CORE_H5_STREAM_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "context.h"

typedef struct dss_h5_stream dss_h5_stream;

/* Begins an atomic file (atomic_file.h) at path and opens its temporary. Free it in any case. */
DSS_MUST_USE dss_status dss_h5_stream_begin(dss_context *context, const char *path, bool overwrite,
                                            dss_h5_stream **stream);
/* Makes files created with this file access list write into the stream, which must outlive them;
 * negative when HDF5 fails. */
herr_t dss_h5_stream_drive(dss_h5_stream *stream, hid_t access);
/* The temporary file's path; NULL once it was put in place. */
const char *dss_h5_stream_temporary(const dss_h5_stream *stream);
/* DSS_OK, or DSS_ERR_FILE "PATH: cannot write: why" once anything could not be written. */
DSS_MUST_USE dss_status dss_h5_stream_check(dss_context *context, const dss_h5_stream *stream);
/* Numbers alone are added, from the first call to the last: no texts between. */
void dss_h5_stream_numbers(dss_h5_stream *stream);
/* The bytes [range[0], range[1]) that were added so, as far as HDF5 put no texts there after all;
 * call it when everything is flushed. */
void dss_h5_stream_range(const dss_h5_stream *stream, uint64_t range[2]);
/* From now on nothing reaches the disk: before the HDF5 file is closed to be thrown away. */
void dss_h5_stream_discard(dss_h5_stream *stream);
/* After the HDF5 file was closed: syncs, and puts the file in place if all of it was written. */
DSS_MUST_USE dss_status dss_h5_stream_commit(dss_context *context, dss_h5_stream *stream);
/* After the HDF5 file was closed; removes the temporary file unless it was committed. */
void dss_h5_stream_free(dss_h5_stream *stream);

#endif
