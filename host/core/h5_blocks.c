/* Matrices larger than memory: written chunk by chunk, read block by block. */
#include <stdlib.h>
#include <string.h>

#include "h5.h"
#include "h5_stream.h"

/* As for growing datasets (h5_write.c): mostly doubles, of which higher levels make no less. Chunks
 * come packed at that level (h5_pack.c). */
enum { BLOCKS_DEFLATE_LEVEL = 1 };

static hid_t matrix_creation(const hsize_t *chunk, dss_h5_type type, const void *fill) {
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  if (creation >= 0 && H5Pset_obj_track_times(creation, false) >= 0 &&
      H5Pset_chunk(creation, 2, chunk) >= 0 &&
      H5Pset_fill_value(creation, dss_h5_memory_type(type), fill) >= 0 &&
      H5Pset_shuffle(creation) >= 0 && H5Pset_deflate(creation, BLOCKS_DEFLATE_LEVEL) >= 0 &&
      H5Pset_fletcher32(creation) >= 0)
    return creation;
  if (creation >= 0) H5Pclose(creation);
  return H5I_INVALID_HID;
}

dss_status dss_h5_put_matrix(dss_h5 *h5, hid_t group, const char *name, dss_h5_type type,
                             const hsize_t sizes[2], const hsize_t chunk[2], const void *fill,
                             hid_t *dataset) {
  hid_t made = H5I_INVALID_HID, creation = matrix_creation(chunk, type, fill);
  hid_t space = H5Screate_simple(2, sizes, NULL), access = H5Pcreate(H5P_DATASET_ACCESS);
  /* No cache of chunks: they come whole. */
  if (space >= 0 && creation >= 0 && access >= 0 && H5Pset_chunk_cache(access, 0, 0, 0.0) >= 0)
    made = H5Dcreate2(group, name, dss_h5_file_type(type), space, H5P_DEFAULT, creation, access);
  dss_status status = DSS_OK;
  if (made < 0) status = dss_h5_error(h5, DSS_ERR_INTERNAL, group, name, "cannot be written");
  if (space >= 0) H5Sclose(space);
  if (creation >= 0) H5Pclose(creation);
  if (access >= 0) H5Pclose(access);
  if (status == DSS_OK) *dataset = made;
  return status;
}

/* Spaces for count entries from start in the dataset, and for all of them in memory. */
static bool select_block(hid_t dataset, int rank, const hsize_t *start, const hsize_t *count,
                         hid_t *space, hid_t *memory) {
  *space = H5Dget_space(dataset);
  *memory = H5Screate_simple(rank, count, NULL);
  return *space >= 0 && *memory >= 0 &&
         H5Sselect_hyperslab(*space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0;
}

static void close_spaces(hid_t space, hid_t memory) {
  if (space >= 0) H5Sclose(space);
  if (memory >= 0) H5Sclose(memory);
}

dss_status dss_h5_write_packed(dss_h5 *h5, hid_t dataset, const hsize_t start[2],
                               const void *packed, size_t size) {
  if (h5->stream) dss_h5_stream_numbers(h5->stream);
  dss_status status = DSS_OK;
  if (H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, start, size, packed) < 0)
    status = dss_h5_error(h5, DSS_ERR_INTERNAL, dataset, NULL, "cannot be written");
  if (h5->stream) dss_h5_stream_numbers(h5->stream);
  return status == DSS_OK ? dss_h5_check(h5) : status;
}

dss_status dss_h5_read_block(const dss_h5 *h5, hid_t dataset, dss_h5_type type, int rank,
                             const hsize_t *start, const hsize_t *count, void *data) {
  hid_t space, memory;
  bool good = select_block(dataset, rank, start, count, &space, &memory) &&
              H5Dread(dataset, dss_h5_memory_type(type), memory, space, H5P_DEFAULT, data) >= 0;
  dss_status status = DSS_OK;
  if (!good) status = dss_h5_error(h5, DSS_ERR_DATA, dataset, NULL, "cannot be read");
  close_spaces(space, memory);
  return status;
}
