/* HDF5 files of ours: study and results. Everything both need, said once.
 *
 * Writing: the file is built in memory and put on disk by our own atomic write (h5_file.c says
 * why), or, where it grows larger than memory, written as it grows (h5_stream.c). Reading: nothing
 * in a file is believed: links, layouts, filters, types, shapes and sizes are checked before
 * anything is allocated or read. Messages name the file and the object, then what was expected,
 * then what HDF5 said. Identifiers of groups, datasets and scales belong to the file and are closed
 * with it.
 */
#ifndef DSS_CORE_H5_H
#define DSS_CORE_H5_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "context.h"
#include "texts.h"

typedef struct dss_h5 {
  dss_context *context;
  const char *path; /* for messages; the caller's */
  hid_t file;
  uint64_t bytes;               /* size of the file that is read */
  struct dss_h5_image *image;   /* of the file that is written, or */
  struct dss_h5_stream *stream; /* where it goes */
  H5E_auto2_t auto_function;    /* the caller's error printing, switched off meanwhile */
  void *auto_data;
} dss_h5;

typedef enum dss_h5_type {
  DSS_H5_U8,
  DSS_H5_I8,
  DSS_H5_I16,
  DSS_H5_I32,
  DSS_H5_U32,
  DSS_H5_U64,
  DSS_H5_F64
} dss_h5_type;

enum { DSS_H5_MAX_RANK = 4 };

/* A named dimension: a dimension scale and its length. */
typedef struct dss_h5_dim {
  const char *name; /* the caller's */
  hid_t scale;
  hsize_t size;
} dss_h5_dim;

/* --- messages ---------------------------------------------------------------------------- */

/* "FILE: OBJECT: what (HDF5: its innermost text)". name may be NULL: the object is `at` itself.
 * Call it right after the HDF5 call that failed. Where HDF5 ran out of memory the status becomes
 * DSS_ERR_MEMORY. */
dss_status dss_h5_error(const dss_h5 *h5, dss_status status, hid_t at, const char *name,
                        const char *what);
/* The same without HDF5's text, for what we found ourselves: DSS_ERR_DATA. */
DSS_PRINTF(4, 5)
dss_status dss_h5_refuse(const dss_h5 *h5, hid_t at, const char *name, const char *format, ...);

/* --- files ------------------------------------------------------------------------------- */

/* A new file in memory whose root has the attributes kind and format. */
DSS_MUST_USE dss_status dss_h5_create(dss_context *context, const char *path, const char *kind,
                                      const char *format, dss_h5 *h5);
/* The same, written to a temporary name beside path while it grows. HDF5 is told of no failed write
 * (h5_stream.c): look with dss_h5_check. */
DSS_MUST_USE dss_status dss_h5_create_growing(dss_context *context, const char *path,
                                              const char *kind, const char *format, bool overwrite,
                                              dss_h5 *h5);
/* DSS_ERR_FILE "PATH: cannot write: why" once a write of a growing file has failed. */
DSS_MUST_USE dss_status dss_h5_check(const dss_h5 *h5);
/* The name under which a file grows; NULL when it does not. */
const char *dss_h5_temporary(const dss_h5 *h5);
/* Finishes the file and puts it on disk at h5->path, atomically; overwrite is not asked for where
 * the file grew there. Close it in any case. */
DSS_MUST_USE dss_status dss_h5_store(dss_h5 *h5, bool overwrite);
/* The same for a file in memory at "PATH.DIGEST.h5", with the SHA-256 of its bytes. */
DSS_MUST_USE dss_status dss_h5_store_digested(dss_h5 *h5);
/* Opens for reading and checks kind and the format's major number. */
DSS_MUST_USE dss_status dss_h5_open(dss_context *context, const char *path, const char *kind,
                                    unsigned format_major, dss_h5 *h5);
/* Closes the file and everything that is still open in it. */
void dss_h5_close(dss_h5 *h5);
/* A file that stays open while the caller goes on leaves HDF5's error printing to the caller
 * meanwhile. */
void dss_h5_pause(dss_h5 *h5);
void dss_h5_resume(dss_h5 *h5);

/* --- writing ----------------------------------------------------------------------------- */

DSS_MUST_USE dss_status dss_h5_put_group(dss_h5 *h5, hid_t parent, const char *name, hid_t *group);
/* A dimension without values of its own, as netCDF-4 writes it. */
DSS_MUST_USE dss_status dss_h5_put_dim(dss_h5 *h5, hid_t group, const char *name, hsize_t size,
                                       dss_h5_dim *dim);
/* A one-dimensional dataset that is its own dimension. */
DSS_MUST_USE dss_status dss_h5_put_texts_dim(dss_h5 *h5, hid_t group, const char *name,
                                             const char *const *texts, hsize_t size,
                                             dss_h5_dim *dim);
DSS_MUST_USE dss_status dss_h5_put_numbers_dim(dss_h5 *h5, hid_t group, const char *name,
                                               const double *numbers, hsize_t size,
                                               dss_h5_dim *dim);
/* A dataset over named dimensions, row-major. dataset may be NULL. */
DSS_MUST_USE dss_status dss_h5_put(dss_h5 *h5, hid_t group, const char *name, dss_h5_type type,
                                   int rank, const dss_h5_dim *dims, const void *data,
                                   hid_t *dataset);
/* Codes, stored in a narrower type, which must hold them. */
DSS_MUST_USE dss_status dss_h5_put_codes(dss_h5 *h5, hid_t group, const char *name,
                                         dss_h5_type stored, const dss_h5_dim *dim,
                                         const int32_t *codes, hid_t *dataset);
DSS_MUST_USE dss_status dss_h5_put_texts(dss_h5 *h5, hid_t group, const char *name, int rank,
                                         const dss_h5_dim *dims, const char *const *texts);

/* A dataset that grows along its first dimension, from no rows to at most sizes[0], all its sizes
 * at least 1; chunk: no larger than sizes in any dimension. */
DSS_MUST_USE dss_status dss_h5_put_growing(dss_h5 *h5, hid_t group, const char *name,
                                           dss_h5_type type, int rank, const hsize_t *sizes,
                                           const hsize_t *chunk, hid_t *dataset);
/* Adds rows behind the first `rows`. Whole chunks, but for the last call, are written as they come:
 * HDF5 keeps none of them. */
DSS_MUST_USE dss_status dss_h5_append(dss_h5 *h5, hid_t dataset, dss_h5_type type, hsize_t rows,
                                      hsize_t count, const void *data);
/* A matrix that is written chunk by chunk (h5_blocks.c); what is never written reads as *fill. */
DSS_MUST_USE dss_status dss_h5_put_matrix(dss_h5 *h5, hid_t group, const char *name,
                                          dss_h5_type type, const hsize_t sizes[2],
                                          const hsize_t chunk[2], const void *fill, hid_t *dataset);
/* One whole chunk, packed (h5_pack.h), whose first entry is at start. */
DSS_MUST_USE dss_status dss_h5_write_packed(dss_h5 *h5, hid_t dataset, const hsize_t start[2],
                                            const void *packed, size_t size);
/* Names the dimensions of a dataset that has grown. */
DSS_MUST_USE dss_status dss_h5_put_dims(dss_h5 *h5, hid_t dataset, int rank,
                                        const dss_h5_dim *dims);

DSS_MUST_USE dss_status dss_h5_put_text_attribute(dss_h5 *h5, hid_t object, const char *name,
                                                  const char *text);
DSS_MUST_USE dss_status dss_h5_put_texts_attribute(dss_h5 *h5, hid_t object, const char *name,
                                                   const char *const *texts, hsize_t count);
DSS_MUST_USE dss_status dss_h5_put_numbers_attribute(dss_h5 *h5, hid_t object, const char *name,
                                                     dss_h5_type type, const void *numbers,
                                                     hsize_t count);
/* As h5py writes a bool, which is what AnnData reads. */
DSS_MUST_USE dss_status dss_h5_put_bool_attribute(dss_h5 *h5, hid_t object, const char *name,
                                                  bool value);

/* --- reading ----------------------------------------------------------------------------- */

DSS_MUST_USE dss_status dss_h5_get_group(const dss_h5 *h5, hid_t parent, const char *name,
                                         hid_t *group);
/* Whether a link of that name is there. */
bool dss_h5_has(hid_t parent, const char *name);
/* Names of the links in a group, in order of creation where the file kept it, else by name. */
DSS_MUST_USE dss_status dss_h5_list(const dss_h5 *h5, hid_t group, dss_texts *names);
/* The extents of a dataset of that rank. */
DSS_MUST_USE dss_status dss_h5_get_sizes(const dss_h5 *h5, hid_t group, const char *name, int rank,
                                         hsize_t *sizes);
/* Reads a dataset that must have exactly those sizes, of numbers that `type` holds without loss,
 * into *data, which the caller frees. */
DSS_MUST_USE dss_status dss_h5_get(const dss_h5 *h5, hid_t group, const char *name,
                                   dss_h5_type type, int rank, const hsize_t *sizes, void *data);
/* Opens numbers of exactly those sizes to read blocks of them, which must be within. */
DSS_MUST_USE dss_status dss_h5_get_matrix(const dss_h5 *h5, hid_t group, const char *name,
                                          dss_h5_type type, int rank, const hsize_t *sizes,
                                          hid_t *dataset);
DSS_MUST_USE dss_status dss_h5_read_block(const dss_h5 *h5, hid_t dataset, dss_h5_type type,
                                          int rank, const hsize_t *start, const hsize_t *count,
                                          void *data);
DSS_MUST_USE dss_status dss_h5_get_texts(const dss_h5 *h5, hid_t group, const char *name, int rank,
                                         const hsize_t *sizes, dss_texts *texts);

DSS_MUST_USE dss_status dss_h5_get_texts_attribute(const dss_h5 *h5, hid_t object, const char *name,
                                                   size_t most, dss_texts *texts);
/* A single text; "" when there is no such attribute and it is not required. */
DSS_MUST_USE dss_status dss_h5_get_text_attribute(const dss_h5 *h5, hid_t object, const char *name,
                                                  bool required, dss_texts *text);
/* Exactly count numbers. */
DSS_MUST_USE dss_status dss_h5_get_numbers_attribute(const dss_h5 *h5, hid_t object,
                                                     const char *name, dss_h5_type type,
                                                     void *numbers, size_t count);
DSS_MUST_USE dss_status dss_h5_get_bool_attribute(const dss_h5 *h5, hid_t object, const char *name,
                                                  bool *value);

/* --- types ------------------------------------------------------------------------------- */

hid_t dss_h5_memory_type(dss_h5_type type);
hid_t dss_h5_file_type(dss_h5_type type);
size_t dss_h5_type_size(dss_h5_type type);
/* A variable-length UTF-8 string; close it with H5Tclose. */
hid_t dss_h5_text_type(void);

#endif
