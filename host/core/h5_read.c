/* Groups, datasets and attributes, read with distrust. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "h5.h"

/* Deflate shrinks at most about 1032 to 1. */
#define MAX_DEFLATE_RATIO 1040u
/* One chunk is decompressed at a time, into memory of this size at most. */
#define MAX_CHUNK_BYTES ((uint64_t)256 << 20)

/* --- links ------------------------------------------------------------------------------- */

bool dss_h5_has(hid_t parent, const char *name) {
  return H5Lexists(parent, name, H5P_DEFAULT) > 0;
}

/* Soft and external links would lead elsewhere, out of the file even. */
static dss_status check_link(const dss_h5 *h5, hid_t parent, const char *name) {
  if (!dss_h5_has(parent, name)) return dss_h5_refuse(h5, parent, name, "is missing");
  H5L_info_t about;
  if (H5Lget_info(parent, name, &about, H5P_DEFAULT) < 0)
    return dss_h5_error(h5, DSS_ERR_DATA, parent, name, "its link cannot be read");
  if (about.type != H5L_TYPE_HARD)
    return dss_h5_refuse(h5, parent, name, "is a soft or external link; expected an object");
  return DSS_OK;
}

dss_status dss_h5_get_group(const dss_h5 *h5, hid_t parent, const char *name, hid_t *group) {
  DSS_TRY(check_link(h5, parent, name));
  hid_t opened = H5Gopen2(parent, name, H5P_DEFAULT);
  if (opened < 0) return dss_h5_error(h5, DSS_ERR_DATA, parent, name, "expected a group");
  *group = opened;
  return DSS_OK;
}

/* The index by which a group lists its links. */
static H5_index_t listing_order(hid_t group) {
  unsigned order = 0;
  hid_t creation = H5Gget_create_plist(group);
  if (creation < 0) return H5_INDEX_NAME;
  if (H5Pget_link_creation_order(creation, &order) < 0) order = 0;
  H5Pclose(creation);
  return order & H5P_CRT_ORDER_TRACKED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
}

typedef struct name_list {
  dss_context *context;
  char **names;
  size_t count, capacity;
  dss_status status;
} name_list;

static herr_t add_name(hid_t group, const char *name, const H5L_info_t *about, void *data) {
  name_list *list = data;
  list->status = DSS_GROW(list->context, &list->names, &list->capacity, list->count + 1);
  if (list->status == DSS_OK)
    list->status = dss_copy_text(list->context, &list->names[list->count], name);
  if (list->status != DSS_OK) return -1;
  list->count++;
  return 0;
}

dss_status dss_h5_list(const dss_h5 *h5, hid_t group, dss_texts *names) {
  name_list list = {.context = h5->context};
  herr_t walked = H5Literate(group, listing_order(group), H5_ITER_INC, NULL, add_name, &list);
  dss_status status = list.status;
  if (walked < 0 && status == DSS_OK)
    status = dss_h5_error(h5, DSS_ERR_DATA, group, NULL, "its links cannot be listed");
  if (status == DSS_OK)
    status = dss_texts_copy(h5->context, names, (const char *const *)list.names, list.count);
  for (size_t i = 0; i < list.count; i++)
    free(list.names[i]);
  free(list.names);
  return status;
}

/* --- datasets ---------------------------------------------------------------------------- */

static dss_status open_dataset(const dss_h5 *h5, hid_t group, const char *name, hid_t *dataset) {
  DSS_TRY(check_link(h5, group, name));
  hid_t opened = H5Dopen2(group, name, H5P_DEFAULT);
  if (opened < 0) return dss_h5_error(h5, DSS_ERR_DATA, group, name, "expected a dataset");
  *dataset = opened;
  return DSS_OK;
}

static dss_status read_extents(const dss_h5 *h5, hid_t group, const char *name, hid_t dataset,
                               int rank, hsize_t *sizes) {
  hid_t space = H5Dget_space(dataset);
  if (space < 0) return dss_h5_error(h5, DSS_ERR_DATA, group, name, "its shape cannot be read");
  dss_status status = DSS_OK;
  int found =
      H5Sget_simple_extent_type(space) == H5S_SIMPLE ? H5Sget_simple_extent_ndims(space) : 0;
  if (found != rank)
    status = dss_h5_refuse(h5, group, name, "has %d dimensions; expected %d", found, rank);
  else if (H5Sget_simple_extent_dims(space, sizes, NULL) < 0)
    status = dss_h5_error(h5, DSS_ERR_DATA, group, name, "its shape cannot be read");
  H5Sclose(space);
  return status;
}

dss_status dss_h5_get_sizes(const dss_h5 *h5, hid_t group, const char *name, int rank,
                            hsize_t *sizes) {
  hid_t dataset = H5I_INVALID_HID;
  DSS_TRY(open_dataset(h5, group, name, &dataset));
  hsize_t found[DSS_H5_MAX_RANK];
  dss_status status = read_extents(h5, group, name, dataset, rank, found);
  H5Dclose(dataset);
  if (status == DSS_OK) memcpy(sizes, found, (size_t)rank * sizeof *sizes);
  return status;
}

/* The number of elements, if the sizes are the expected ones and their product fits. */
static dss_status check_extents(const dss_h5 *h5, hid_t group, const char *name, hid_t dataset,
                                int rank, const hsize_t *expected, uint64_t *count) {
  hsize_t sizes[DSS_H5_MAX_RANK];
  DSS_TRY(read_extents(h5, group, name, dataset, rank, sizes));
  uint64_t product = 1;
  for (int i = 0; i < rank; i++) {
    if (sizes[i] != expected[i])
      return dss_h5_refuse(h5, group, name, "has %llu entries in dimension %d; expected %llu",
                           (unsigned long long)sizes[i], i, (unsigned long long)expected[i]);
    if (sizes[i] != 0 && product > UINT64_MAX / 64 / sizes[i])
      return dss_h5_refuse(h5, group, name, "is larger than any file");
    product *= sizes[i];
  }
  *count = product;
  return DSS_OK;
}

/* Only what the library itself brings: no plug-ins are loaded for a file's sake. */
static dss_status check_filters(const dss_h5 *h5, hid_t group, const char *name, hid_t creation) {
  int count = H5Pget_nfilters(creation);
  for (int i = 0; i < count; i++) {
    unsigned flags, configuration;
    size_t n_values = 0;
    H5Z_filter_t filter =
        H5Pget_filter2(creation, (unsigned)i, &flags, &n_values, NULL, 0, NULL, &configuration);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
        filter != H5Z_FILTER_FLETCHER32)
      return dss_h5_refuse(
          h5, group, name,
          "is stored with filter %d; expected shuffle, deflate and Fletcher32 only", (int)filter);
  }
  return DSS_OK;
}

static dss_status check_chunk(const dss_h5 *h5, hid_t group, const char *name, hid_t creation,
                              int rank, size_t element) {
  hsize_t chunk[DSS_H5_MAX_RANK];
  uint64_t bytes = element;
  if (H5Pget_chunk(creation, rank, chunk) != rank)
    return dss_h5_error(h5, DSS_ERR_DATA, group, name, "its chunks cannot be read");
  for (int i = 0; i < rank; i++) {
    if (chunk[i] > MAX_CHUNK_BYTES / bytes)
      return dss_h5_refuse(h5, group, name, "has chunks of more than %llu bytes",
                           (unsigned long long)MAX_CHUNK_BYTES);
    bytes *= chunk[i];
    if (bytes == 0) return dss_h5_refuse(h5, group, name, "has chunks without entries");
  }
  return DSS_OK;
}

/* A dataset's claim is held against the bytes the file stores for it, so that a small file cannot
 * ask for much memory. */
static dss_status check_claim(const dss_h5 *h5, hid_t group, const char *name, hid_t dataset,
                              bool filtered, uint64_t count, size_t element) {
  uint64_t stored = H5Dget_storage_size(dataset);
  if (stored > h5->bytes)
    return dss_h5_refuse(h5, group, name, "claims %llu stored bytes; the file has %llu",
                         (unsigned long long)stored, (unsigned long long)h5->bytes);
  uint64_t ratio = filtered ? MAX_DEFLATE_RATIO : 1;
  if (count / ratio > stored / element)
    return dss_h5_refuse(h5, group, name,
                         "claims %llu entries; the %llu bytes stored for it cannot hold them",
                         (unsigned long long)count, (unsigned long long)stored);
  return DSS_OK;
}

static dss_status check_storage(const dss_h5 *h5, hid_t group, const char *name, hid_t dataset,
                                int rank, uint64_t count, size_t element) {
  hid_t creation = H5Dget_create_plist(dataset);
  if (creation < 0)
    return dss_h5_error(h5, DSS_ERR_DATA, group, name, "its storage cannot be read");
  H5D_layout_t layout = H5Pget_layout(creation);
  dss_status status = DSS_OK;
  if (layout == H5D_VIRTUAL || H5Pget_external_count(creation) != 0)
    status = dss_h5_refuse(h5, group, name, "is stored in other files; expected its data here");
  if (status == DSS_OK) status = check_filters(h5, group, name, creation);
  if (status == DSS_OK && layout == H5D_CHUNKED)
    status = check_chunk(h5, group, name, creation, rank, element);
  bool filtered = layout == H5D_CHUNKED && H5Pget_nfilters(creation) > 0;
  H5Pclose(creation);
  return status == DSS_OK ? check_claim(h5, group, name, dataset, filtered, count, element)
                          : status;
}

/* HDF5 converts numbers that do not fit by clipping them, so the stored type must fit into ours. */
static bool type_fits(hid_t stored, dss_h5_type wanted) {
  hid_t memory = dss_h5_memory_type(wanted);
  size_t size = H5Tget_size(stored);
  if (size == 0 || size > dss_h5_type_size(wanted)) return false;
  if (wanted == DSS_H5_F64)
    return H5Tget_class(stored) == H5T_FLOAT && H5Tget_precision(stored) <= 64;
  return H5Tget_class(stored) == H5T_INTEGER && H5Tget_sign(stored) == H5Tget_sign(memory);
}

static const char *type_text(dss_h5_type type) {
  switch (type) {
  case DSS_H5_U8:
    return "unsigned integers of 1 byte";
  case DSS_H5_I8:
    return "signed integers of 1 byte";
  case DSS_H5_I16:
    return "signed integers of at most 2 bytes";
  case DSS_H5_I32:
    return "signed integers of at most 4 bytes";
  case DSS_H5_U32:
    return "unsigned integers of at most 4 bytes";
  case DSS_H5_U64:
    return "unsigned integers of at most 8 bytes";
  case DSS_H5_F64:
    return "floating-point numbers of at most 8 bytes";
  }
  return "numbers";
}

static dss_status check_number_type(const dss_h5 *h5, hid_t at, const char *name, hid_t stored,
                                    dss_h5_type wanted) {
  if (stored < 0) return dss_h5_error(h5, DSS_ERR_DATA, at, name, "its type cannot be read");
  return type_fits(stored, wanted)
             ? DSS_OK
             : dss_h5_refuse(h5, at, name, "is not of the type expected: %s", type_text(wanted));
}

static dss_status read_numbers(const dss_h5 *h5, hid_t group, const char *name, hid_t dataset,
                               dss_h5_type type, int rank, const hsize_t *sizes, void **data) {
  uint64_t count = 0;
  hid_t stored = H5Dget_type(dataset);
  dss_status status = check_number_type(h5, group, name, stored, type);
  size_t element = stored >= 0 ? H5Tget_size(stored) : 0;
  if (stored >= 0) H5Tclose(stored);
  if (status == DSS_OK) status = check_extents(h5, group, name, dataset, rank, sizes, &count);
  if (status == DSS_OK) status = check_storage(h5, group, name, dataset, rank, count, element);
  if (status != DSS_OK) return status;
  void *block = dss_zeroed((size_t)count, dss_h5_type_size(type));
  if (!block) return dss_fail_memory(h5->context, count * dss_h5_type_size(type));
  if (count > 0 &&
      H5Dread(dataset, dss_h5_memory_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, block) < 0) {
    status = dss_h5_error(h5, DSS_ERR_DATA, group, name, "cannot be read");
    free(block);
    return status;
  }
  *data = block;
  return DSS_OK;
}

dss_status dss_h5_get(const dss_h5 *h5, hid_t group, const char *name, dss_h5_type type, int rank,
                      const hsize_t *sizes, void *data) {
  hid_t dataset = H5I_INVALID_HID;
  void *block = NULL;
  DSS_TRY(dss_go_on(h5->context));
  DSS_TRY(open_dataset(h5, group, name, &dataset));
  dss_status status = read_numbers(h5, group, name, dataset, type, rank, sizes, &block);
  H5Dclose(dataset);
  if (status == DSS_OK) memcpy(data, &block, sizeof block); /* data is the address of any pointer */
  return status;
}

/* Its bytes are held against no claim: who reads a block has asked for that memory, and
 * chunks that were never written take no place in the file. */
static dss_status check_matrix(const dss_h5 *h5, hid_t group, const char *name, hid_t dataset,
                               dss_h5_type type, int rank, const hsize_t *sizes) {
  uint64_t count = 0;
  hid_t stored = H5Dget_type(dataset);
  dss_status status = check_number_type(h5, group, name, stored, type);
  size_t element = stored >= 0 ? H5Tget_size(stored) : 0;
  if (stored >= 0) H5Tclose(stored);
  if (status == DSS_OK) status = check_extents(h5, group, name, dataset, rank, sizes, &count);
  return status == DSS_OK ? check_storage(h5, group, name, dataset, rank, 0, element) : status;
}

dss_status dss_h5_get_matrix(const dss_h5 *h5, hid_t group, const char *name, dss_h5_type type,
                             int rank, const hsize_t *sizes, hid_t *dataset) {
  hid_t opened = H5I_INVALID_HID;
  DSS_TRY(open_dataset(h5, group, name, &opened));
  dss_status status = check_matrix(h5, group, name, opened, type, rank, sizes);
  if (status == DSS_OK)
    *dataset = opened;
  else
    H5Dclose(opened);
  return status;
}

/* --- texts ------------------------------------------------------------------------------- */

/* HDF5 asks here for the memory of every text it reads. In a sound file each text takes its own
 * bytes, so all texts of a dataset are no longer than the file; many references to one long text
 * would be. One list of blocks, so that nothing is lost when a read fails halfway. */
typedef struct text_block {
  struct text_block *next;
  size_t used, size;
  char bytes[];
} text_block;

typedef struct text_memory {
  text_block *blocks;
  uint64_t budget;
} text_memory;

static void *take_text(size_t size, void *info) {
  text_memory *memory = info;
  if (size > memory->budget) return NULL;
  memory->budget -= size;
  text_block *block = memory->blocks;
  if (!block || block->size - block->used < size) {
    size_t room = size > 65536 ? size : 65536;
    block = malloc(sizeof *block + room);
    if (!block) return NULL;
    *block = (text_block){.next = memory->blocks, .size = room};
    memory->blocks = block;
  }
  void *taken = block->bytes + block->used;
  block->used += size;
  return taken;
}

static void leave_text(void *text, void *info) {}

static void free_texts(text_memory *memory) {
  while (memory->blocks) {
    text_block *next = memory->blocks->next;
    free(memory->blocks);
    memory->blocks = next;
  }
}

static bool is_text_type(hid_t stored) {
  return stored >= 0 && H5Tget_class(stored) == H5T_STRING && H5Tis_variable_str(stored) > 0;
}

/* A text that was never written reads as NULL. */
static dss_status copy_texts(const dss_h5 *h5, hid_t at, const char *name, const char **found,
                             size_t count, dss_texts *texts) {
  for (size_t i = 0; i < count; i++) {
    if (!found[i]) found[i] = "";
    if (!dss_text_is_utf8(found[i]))
      return dss_h5_refuse(h5, at, name, "holds a text that is not UTF-8, at index %zu", i);
  }
  return dss_texts_copy(h5->context, texts, found, count);
}

static dss_status read_text_dataset(const dss_h5 *h5, hid_t group, const char *name, hid_t dataset,
                                    uint64_t count, dss_texts *texts) {
  /* Each text has a length word and a terminator beside its bytes. */
  text_memory memory = {.budget = h5->bytes + count};
  const char **found = NULL;
  DSS_TRY(DSS_ALLOC(h5->context, &found, (size_t)count));
  hid_t type = dss_h5_text_type(), transfer = H5Pcreate(H5P_DATASET_XFER);
  dss_status status = DSS_OK;
  if (type < 0 || transfer < 0 ||
      H5Pset_vlen_mem_manager(transfer, take_text, &memory, leave_text, NULL) < 0 ||
      (count > 0 && H5Dread(dataset, type, H5S_ALL, H5S_ALL, transfer, found) < 0))
    status = dss_h5_error(h5, DSS_ERR_DATA, group, name, "cannot be read");
  if (transfer >= 0) H5Pclose(transfer);
  if (type >= 0) H5Tclose(type);
  if (status == DSS_OK) status = copy_texts(h5, group, name, found, (size_t)count, texts);
  free(found);
  free_texts(&memory);
  return status;
}

static dss_status check_text_dataset(const dss_h5 *h5, hid_t group, const char *name, hid_t dataset,
                                     int rank, const hsize_t *sizes, uint64_t *count) {
  hid_t stored = H5Dget_type(dataset);
  bool good = is_text_type(stored);
  if (stored >= 0) H5Tclose(stored);
  if (!good) return dss_h5_refuse(h5, group, name, "expected variable-length strings");
  DSS_TRY(check_extents(h5, group, name, dataset, rank, sizes, count));
  const size_t reference = 16; /* what the file stores for each text beside its bytes */
  return check_storage(h5, group, name, dataset, rank, *count, reference);
}

dss_status dss_h5_get_texts(const dss_h5 *h5, hid_t group, const char *name, int rank,
                            const hsize_t *sizes, dss_texts *texts) {
  hid_t dataset = H5I_INVALID_HID;
  uint64_t count = 0;
  DSS_TRY(open_dataset(h5, group, name, &dataset));
  dss_status status = check_text_dataset(h5, group, name, dataset, rank, sizes, &count);
  if (status == DSS_OK) status = read_text_dataset(h5, group, name, dataset, count, texts);
  H5Dclose(dataset);
  return status;
}

/* --- attributes -------------------------------------------------------------------------- */

/* object and name in messages: "OBJECT: attribute NAME ...". */
static dss_status attribute_error(const dss_h5 *h5, hid_t object, const char *name) {
  char what[128];
  snprintf(what, sizeof what, "attribute '%.60s' cannot be read", name);
  return dss_h5_error(h5, DSS_ERR_DATA, object, NULL, what);
}

/* The attribute, if it holds between 1 and `most` elements. */
static dss_status open_attribute(const dss_h5 *h5, hid_t object, const char *name, uint64_t most,
                                 hid_t *attribute, size_t *count) {
  htri_t there = H5Aexists(object, name);
  if (there == 0) return dss_h5_refuse(h5, object, NULL, "has no attribute '%s'", name);
  hid_t opened = there > 0 ? H5Aopen(object, name, H5P_DEFAULT) : H5I_INVALID_HID;
  if (opened < 0) return attribute_error(h5, object, name);
  hid_t space = H5Aget_space(opened);
  hssize_t points = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
  dss_status status = points < 0 ? attribute_error(h5, object, name) : DSS_OK;
  if (space >= 0) H5Sclose(space);
  if (status == DSS_OK && (points < 1 || (uint64_t)points > most))
    status = dss_h5_refuse(h5, object, NULL, "attribute '%s' has %lld values; expected 1 to %llu",
                           name, (long long)points, (unsigned long long)most);
  if (status != DSS_OK) {
    H5Aclose(opened);
    return status;
  }
  *attribute = opened;
  *count = (size_t)points;
  return DSS_OK;
}

static dss_status read_text_attribute(const dss_h5 *h5, hid_t object, const char *name,
                                      hid_t attribute, size_t count, dss_texts *texts) {
  hid_t stored = H5Aget_type(attribute);
  bool good = is_text_type(stored);
  if (stored >= 0) H5Tclose(stored);
  if (!good)
    return dss_h5_refuse(h5, object, NULL, "attribute '%s': expected variable-length strings",
                         name);
  char **found = NULL;
  const char **view = NULL;
  DSS_TRY(DSS_ALLOC(h5->context, &found, count));
  dss_status status = DSS_ALLOC(h5->context, &view, count);
  hid_t type = status == DSS_OK ? dss_h5_text_type() : H5I_INVALID_HID;
  if (status == DSS_OK && (type < 0 || H5Aread(attribute, type, found) < 0))
    status = attribute_error(h5, object, name);
  for (size_t i = 0; i < count && view; i++)
    view[i] = found[i];
  if (status == DSS_OK) status = copy_texts(h5, object, NULL, view, count, texts);
  for (size_t i = 0; i < count; i++)
    H5free_memory(found[i]);
  if (type >= 0) H5Tclose(type);
  free(found);
  free(view);
  return status;
}

dss_status dss_h5_get_texts_attribute(const dss_h5 *h5, hid_t object, const char *name, size_t most,
                                      dss_texts *texts) {
  hid_t attribute = H5I_INVALID_HID;
  size_t count = 0;
  DSS_TRY(open_attribute(h5, object, name, most, &attribute, &count));
  dss_status status = read_text_attribute(h5, object, name, attribute, count, texts);
  H5Aclose(attribute);
  return status;
}

dss_status dss_h5_get_text_attribute(const dss_h5 *h5, hid_t object, const char *name,
                                     bool required, dss_texts *text) {
  if (!required && H5Aexists(object, name) == 0) {
    const char *empty = "";
    return dss_texts_copy(h5->context, text, &empty, 1);
  }
  return dss_h5_get_texts_attribute(h5, object, name, 1, text);
}

dss_status dss_h5_get_numbers_attribute(const dss_h5 *h5, hid_t object, const char *name,
                                        dss_h5_type type, void *numbers, size_t count) {
  hid_t attribute = H5I_INVALID_HID;
  size_t found = 0;
  DSS_TRY(open_attribute(h5, object, name, count, &attribute, &found));
  hid_t stored = H5Aget_type(attribute);
  dss_status status = DSS_OK;
  if (found != count)
    status = dss_h5_refuse(h5, object, NULL, "attribute '%s' has %zu values; expected %zu", name,
                           found, count);
  if (status == DSS_OK && !type_fits(stored, type))
    status = dss_h5_refuse(h5, object, NULL, "attribute '%s': expected %s", name, type_text(type));
  if (status == DSS_OK && H5Aread(attribute, dss_h5_memory_type(type), numbers) < 0)
    status = attribute_error(h5, object, name);
  if (stored >= 0) H5Tclose(stored);
  H5Aclose(attribute);
  return status;
}

/* A bool is an enumeration of one byte; its integer counts. */
dss_status dss_h5_get_bool_attribute(const dss_h5 *h5, hid_t object, const char *name,
                                     bool *value) {
  hid_t attribute = H5I_INVALID_HID;
  size_t found = 0;
  DSS_TRY(open_attribute(h5, object, name, 1, &attribute, &found));
  hid_t stored = H5Aget_type(attribute);
  hid_t base = stored >= 0 && H5Tget_class(stored) == H5T_ENUM ? H5Tget_super(stored) : -1;
  dss_status status = DSS_OK;
  signed char byte = 0;
  if (base < 0 || H5Tget_size(base) != 1 || H5Tget_class(base) != H5T_INTEGER)
    status =
        dss_h5_refuse(h5, object, NULL, "attribute '%s': expected a bool as h5py writes it", name);
  else if (H5Aread(attribute, stored, &byte) < 0)
    status = attribute_error(h5, object, name);
  if (base >= 0) H5Tclose(base);
  if (stored >= 0) H5Tclose(stored);
  H5Aclose(attribute);
  if (status == DSS_OK) *value = byte != 0;
  return status;
}
