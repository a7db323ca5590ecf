/* Datasets, dimensions and attributes, written. */
#include <hdf5_hl.h>
#include <stdio.h>
#include <string.h>

#include "h5.h"
#include "h5_stream.h"

/* Growing datasets hold doubles whose lower bytes are noise to deflate: higher levels take time and
 * save nothing (docs/file-format.md). */
enum { DEFLATE_LEVEL = 4, GROWING_DEFLATE_LEVEL = 1 };

static dss_status failed(const dss_h5 *h5, hid_t at, const char *name) {
  return dss_h5_error(h5, DSS_ERR_INTERNAL, at, name, "cannot be written");
}

/* --- types ------------------------------------------------------------------------------- */

hid_t dss_h5_memory_type(dss_h5_type type) {
  switch (type) {
  case DSS_H5_U8:
    return H5T_NATIVE_UINT8;
  case DSS_H5_I8:
    return H5T_NATIVE_INT8;
  case DSS_H5_I16:
    return H5T_NATIVE_INT16;
  case DSS_H5_I32:
    return H5T_NATIVE_INT32;
  case DSS_H5_U32:
    return H5T_NATIVE_UINT32;
  case DSS_H5_U64:
    return H5T_NATIVE_UINT64;
  case DSS_H5_F64:
    return H5T_NATIVE_DOUBLE;
  }
  return H5I_INVALID_HID;
}

hid_t dss_h5_file_type(dss_h5_type type) {
  switch (type) {
  case DSS_H5_U8:
    return H5T_STD_U8LE;
  case DSS_H5_I8:
    return H5T_STD_I8LE;
  case DSS_H5_I16:
    return H5T_STD_I16LE;
  case DSS_H5_I32:
    return H5T_STD_I32LE;
  case DSS_H5_U32:
    return H5T_STD_U32LE;
  case DSS_H5_U64:
    return H5T_STD_U64LE;
  case DSS_H5_F64:
    return H5T_IEEE_F64LE;
  }
  return H5I_INVALID_HID;
}

size_t dss_h5_type_size(dss_h5_type type) {
  switch (type) {
  case DSS_H5_U8:
  case DSS_H5_I8:
    return 1;
  case DSS_H5_I16:
    return 2;
  case DSS_H5_I32:
  case DSS_H5_U32:
    return 4;
  case DSS_H5_U64:
  case DSS_H5_F64:
    return 8;
  }
  return 0;
}

hid_t dss_h5_text_type(void) {
  hid_t type = H5Tcopy(H5T_C_S1);
  if (type < 0) return type;
  if (H5Tset_size(type, H5T_VARIABLE) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0) return type;
  H5Tclose(type);
  return H5I_INVALID_HID;
}

/* --- groups and datasets ----------------------------------------------------------------- */

dss_status dss_h5_put_group(dss_h5 *h5, hid_t parent, const char *name, hid_t *group) {
  hid_t creation = H5Pcreate(H5P_GROUP_CREATE), made = H5I_INVALID_HID;
  if (creation >= 0 && H5Pset_obj_track_times(creation, false) >= 0 &&
      H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) >= 0)
    made = H5Gcreate2(parent, name, H5P_DEFAULT, creation, H5P_DEFAULT);
  dss_status status = made < 0 ? failed(h5, parent, name) : DSS_OK;
  if (creation >= 0) H5Pclose(creation);
  if (status == DSS_OK) *group = made;
  return status;
}

/* Whole rows of at most about a MiB: the first dimensions are cut first. */
static void chunk_shape(int rank, const hsize_t *sizes, size_t element, hsize_t *chunk) {
  hsize_t room = ((hsize_t)1 << 20) / element;
  for (int i = rank - 1; i >= 0; i--) {
    chunk[i] = sizes[i] < room ? sizes[i] : room;
    room /= chunk[i];
    if (room == 0) room = 1;
  }
}

/* Chunks with shuffle, deflate and a checksum; HDF5 refuses the checksum for texts, which lie
 * outside the chunks. chunk NULL: none of it. */
static hid_t dataset_creation(int rank, const hsize_t *chunk, hid_t type, unsigned level) {
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  if (creation < 0 || H5Pset_obj_track_times(creation, false) < 0 || !chunk) return creation;
  if (H5Pset_chunk(creation, rank, chunk) >= 0 && H5Pset_shuffle(creation) >= 0 &&
      H5Pset_deflate(creation, level) >= 0 &&
      (H5Tis_variable_str(type) > 0 || H5Pset_fletcher32(creation) >= 0))
    return creation;
  H5Pclose(creation);
  return H5I_INVALID_HID;
}

static dss_status put_array(dss_h5 *h5, hid_t group, const char *name, hid_t file_type,
                            hid_t memory_type, int rank, const hsize_t *sizes, const void *data,
                            hid_t *dataset) {
  hid_t space = H5Screate_simple(rank, sizes, NULL), made = H5I_INVALID_HID;
  hsize_t chunk[DSS_H5_MAX_RANK];
  bool chunked = space >= 0 && H5Sget_simple_extent_npoints(space) > 0;
  if (chunked) chunk_shape(rank, sizes, H5Tget_size(file_type), chunk);
  hid_t creation = dataset_creation(rank, chunked ? chunk : NULL, file_type, DEFLATE_LEVEL);
  if (space >= 0 && creation >= 0)
    made = H5Dcreate2(group, name, file_type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  dss_status status = DSS_OK;
  if (made < 0 || (chunked && H5Dwrite(made, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0))
    status = failed(h5, group, name);
  if (creation >= 0) H5Pclose(creation);
  if (space >= 0) H5Sclose(space);
  if (status == DSS_OK)
    *dataset = made;
  else if (made >= 0)
    H5Dclose(made);
  return status;
}

static dss_status attach(dss_h5 *h5, hid_t group, const char *name, hid_t dataset, int rank,
                         const dss_h5_dim *dims) {
  for (int i = 0; i < rank; i++)
    if (H5DSattach_scale(dataset, dims[i].scale, (unsigned)i) < 0 ||
        H5DSset_label(dataset, (unsigned)i, dims[i].name) < 0)
      return failed(h5, group, name);
  return DSS_OK;
}

static dss_status put_over_dims(dss_h5 *h5, hid_t group, const char *name, hid_t file_type,
                                hid_t memory_type, int rank, const dss_h5_dim *dims,
                                const void *data, hid_t *dataset) {
  hsize_t sizes[DSS_H5_MAX_RANK] = {0};
  for (int i = 0; i < rank; i++)
    sizes[i] = dims[i].size;
  hid_t made = H5I_INVALID_HID;
  DSS_TRY(put_array(h5, group, name, file_type, memory_type, rank, sizes, data, &made));
  dss_status status = attach(h5, group, name, made, rank, dims);
  if (status == DSS_OK && dataset)
    *dataset = made;
  else
    H5Dclose(made);
  return status;
}

dss_status dss_h5_put(dss_h5 *h5, hid_t group, const char *name, dss_h5_type type, int rank,
                      const dss_h5_dim *dims, const void *data, hid_t *dataset) {
  return put_over_dims(h5, group, name, dss_h5_file_type(type), dss_h5_memory_type(type), rank,
                       dims, data, dataset);
}

dss_status dss_h5_put_codes(dss_h5 *h5, hid_t group, const char *name, dss_h5_type stored,
                            const dss_h5_dim *dim, const int32_t *codes, hid_t *dataset) {
  return put_over_dims(h5, group, name, dss_h5_file_type(stored), H5T_NATIVE_INT32, 1, dim, codes,
                       dataset);
}

dss_status dss_h5_put_texts(dss_h5 *h5, hid_t group, const char *name, int rank,
                            const dss_h5_dim *dims, const char *const *texts) {
  hid_t type = dss_h5_text_type();
  if (type < 0) return failed(h5, group, name);
  dss_status status = put_over_dims(h5, group, name, type, type, rank, dims, texts, NULL);
  H5Tclose(type);
  return status;
}

/* --- datasets that grow ------------------------------------------------------------------ */

dss_status dss_h5_put_growing(dss_h5 *h5, hid_t group, const char *name, dss_h5_type type, int rank,
                              const hsize_t *sizes, const hsize_t *chunk, hid_t *dataset) {
  hsize_t none[DSS_H5_MAX_RANK];
  memcpy(none, sizes, (size_t)rank * sizeof *none);
  none[0] = 0;
  hid_t file_type = dss_h5_file_type(type), made = H5I_INVALID_HID;
  hid_t space = H5Screate_simple(rank, none, sizes), access = H5Pcreate(H5P_DATASET_ACCESS);
  hid_t creation = dataset_creation(rank, chunk, file_type, GROWING_DEFLATE_LEVEL);
  /* No cache of chunks: they come whole. */
  if (space >= 0 && creation >= 0 && access >= 0 && H5Pset_chunk_cache(access, 0, 0, 0.0) >= 0)
    made = H5Dcreate2(group, name, file_type, space, H5P_DEFAULT, creation, access);
  dss_status status = made < 0 ? failed(h5, group, name) : DSS_OK;
  if (space >= 0) H5Sclose(space);
  if (creation >= 0) H5Pclose(creation);
  if (access >= 0) H5Pclose(access);
  if (status == DSS_OK) *dataset = made;
  return status;
}

/* The part of the dataset's space behind the first `rows`. */
static bool select_tail(hid_t space, hsize_t rows, hsize_t count, hsize_t *sizes) {
  hsize_t start[DSS_H5_MAX_RANK] = {rows};
  if (space < 0 || H5Sget_simple_extent_dims(space, sizes, NULL) < 0) return false;
  sizes[0] = count;
  return H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, sizes, NULL) >= 0;
}

static bool write_tail(hid_t dataset, dss_h5_type type, hsize_t rows, hsize_t count,
                       const void *data) {
  hsize_t sizes[DSS_H5_MAX_RANK];
  hid_t space = H5Dget_space(dataset), memory = H5I_INVALID_HID;
  int rank = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
  bool good =
      rank > 0 && rank <= DSS_H5_MAX_RANK && H5Sget_simple_extent_dims(space, sizes, NULL) >= 0;
  if (good) {
    sizes[0] = rows + count;
    good = H5Dset_extent(dataset, sizes) >= 0;
    H5Sclose(space);
    space = H5Dget_space(dataset);
  }
  good = good && select_tail(space, rows, count, sizes);
  if (good) memory = H5Screate_simple(rank, sizes, NULL);
  good = memory >= 0 &&
         H5Dwrite(dataset, dss_h5_memory_type(type), memory, space, H5P_DEFAULT, data) >= 0;
  if (memory >= 0) H5Sclose(memory);
  if (space >= 0) H5Sclose(space);
  return good;
}

dss_status dss_h5_append(dss_h5 *h5, hid_t dataset, dss_h5_type type, hsize_t rows, hsize_t count,
                         const void *data) {
  if (h5->stream) dss_h5_stream_numbers(h5->stream);
  if (!write_tail(dataset, type, rows, count, data)) return failed(h5, dataset, NULL);
  if (h5->stream) dss_h5_stream_numbers(h5->stream);
  return dss_h5_check(h5);
}

dss_status dss_h5_put_dims(dss_h5 *h5, hid_t dataset, int rank, const dss_h5_dim *dims) {
  return attach(h5, dataset, NULL, dataset, rank, dims);
}

/* --- dimensions -------------------------------------------------------------------------- */

static dss_status become_scale(dss_h5 *h5, hid_t group, const char *name, const char *label,
                               hid_t dataset, hsize_t size, dss_h5_dim *dim) {
  if (H5DSset_scale(dataset, label) < 0 || H5DSset_label(dataset, 0, name) < 0) {
    dss_status status = failed(h5, group, name);
    H5Dclose(dataset);
    return status;
  }
  *dim = (dss_h5_dim){name, dataset, size};
  return DSS_OK;
}

dss_status dss_h5_put_dim(dss_h5 *h5, hid_t group, const char *name, hsize_t size,
                          dss_h5_dim *dim) {
  /* netCDF-4's way: a dataset that is never written, so that it takes no space, under a NAME from
   * which readers know that it is no variable. */
  char label[96];
  snprintf(label, sizeof label, "This is a netCDF dimension but not a netCDF variable. %10llu",
           (unsigned long long)size);
  hid_t space = H5Screate_simple(1, &size, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
  hid_t made = H5I_INVALID_HID;
  if (space >= 0 && creation >= 0 && H5Pset_obj_track_times(creation, false) >= 0)
    made = H5Dcreate2(group, name, H5T_IEEE_F32BE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  dss_status status = made < 0 ? failed(h5, group, name) : DSS_OK;
  if (space >= 0) H5Sclose(space);
  if (creation >= 0) H5Pclose(creation);
  return status == DSS_OK ? become_scale(h5, group, name, label, made, size, dim) : status;
}

dss_status dss_h5_put_texts_dim(dss_h5 *h5, hid_t group, const char *name, const char *const *texts,
                                hsize_t size, dss_h5_dim *dim) {
  hid_t type = dss_h5_text_type(), made;
  if (type < 0) return failed(h5, group, name);
  dss_status status = put_array(h5, group, name, type, type, 1, &size, texts, &made);
  H5Tclose(type);
  return status == DSS_OK ? become_scale(h5, group, name, name, made, size, dim) : status;
}

dss_status dss_h5_put_numbers_dim(dss_h5 *h5, hid_t group, const char *name, const double *numbers,
                                  hsize_t size, dss_h5_dim *dim) {
  hid_t made;
  DSS_TRY(put_array(h5, group, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, &size, numbers, &made));
  return become_scale(h5, group, name, name, made, size, dim);
}

/* --- attributes -------------------------------------------------------------------------- */

/* count NULL: a single value. */
static dss_status put_attribute(dss_h5 *h5, hid_t object, const char *name, hid_t file_type,
                                hid_t memory_type, const hsize_t *count, const void *data) {
  hid_t space = count ? H5Screate_simple(1, count, NULL) : H5Screate(H5S_SCALAR);
  hid_t attribute = H5I_INVALID_HID;
  if (space >= 0) attribute = H5Acreate2(object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
  dss_status status = DSS_OK;
  if (attribute < 0 || (!(count && *count == 0) && H5Awrite(attribute, memory_type, data) < 0))
    status = failed(h5, object, name);
  if (attribute >= 0) H5Aclose(attribute);
  if (space >= 0) H5Sclose(space);
  return status;
}

static dss_status put_text_values(dss_h5 *h5, hid_t object, const char *name, const hsize_t *count,
                                  const char *const *texts) {
  hid_t type = dss_h5_text_type();
  if (type < 0) return failed(h5, object, name);
  dss_status status = put_attribute(h5, object, name, type, type, count, texts);
  H5Tclose(type);
  return status;
}

dss_status dss_h5_put_text_attribute(dss_h5 *h5, hid_t object, const char *name, const char *text) {
  return put_text_values(h5, object, name, NULL, &text);
}

dss_status dss_h5_put_texts_attribute(dss_h5 *h5, hid_t object, const char *name,
                                      const char *const *texts, hsize_t count) {
  return put_text_values(h5, object, name, &count, texts);
}

dss_status dss_h5_put_numbers_attribute(dss_h5 *h5, hid_t object, const char *name,
                                        dss_h5_type type, const void *numbers, hsize_t count) {
  return put_attribute(h5, object, name, dss_h5_file_type(type), dss_h5_memory_type(type), &count,
                       numbers);
}

dss_status dss_h5_put_bool_attribute(dss_h5 *h5, hid_t object, const char *name, bool value) {
  const signed char no = 0, yes = 1, byte = value ? yes : no;
  hid_t type = H5Tenum_create(H5T_NATIVE_SCHAR);
  if (type < 0) return failed(h5, object, name);
  dss_status status = DSS_OK;
  if (H5Tenum_insert(type, "FALSE", &no) < 0 || H5Tenum_insert(type, "TRUE", &yes) < 0)
    status = failed(h5, object, name);
  if (status == DSS_OK) status = put_attribute(h5, object, name, type, type, NULL, &byte);
  H5Tclose(type);
  return status;
}
