/* Opening a study file: a study that keeps its promises, or a refusal; never a crash or a leak.
 *
 * The first byte chooses what the others are: a file; patches (offset, offset, byte) to a sound
 * file; or edits of a sound file's objects through HDF5, so that its checksums hold and our own
 * checks are reached. */
#include <fcntl.h>
#include <hdf5.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/small_study.h"
#include "unit/temporary.h"

/* HDF5 loses some memory of its own when it refuses a file; ours is still checked. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:libhdf5";
}

static unsigned char *sound;
static size_t sound_size;
static temporary folder; /* HDF5 wants a real path, so files in memory will not do */

static void clean_up(void) {
  temporary_end(&folder);
  free(sound);
}

/* The sound file, made once. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv) {
  dss_context *context = dss_context_new();
  dss_study *study = small_study(context);
  temporary_begin(&folder);
  small_must(context, dss_study_save(context, study, temporary_path(&folder, "s.h5"), false));
  FILE *file = fopen(folder.path, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) abort();
  sound_size = (size_t)ftell(file);
  rewind(file);
  sound = malloc(sound_size);
  if (!sound || fread(sound, 1, sound_size, file) != sound_size) abort();
  fclose(file);
  if (atexit(clean_up) != 0) abort();
  dss_study_free(study);
  dss_context_free(context);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  return 0;
}

/* --- edits ------------------------------------------------------------------------------- */

typedef struct input {
  const unsigned char *at;
  size_t left;
} input;

static unsigned take(input *in) {
  if (in->left == 0) return 0;
  in->left--;
  return *in->at++;
}

static const char *const objects[] = {
    "/rater",
    "/item",
    "/question",
    "/ratings",
    "/ratings/amount",
    "/ratings/amount/item_ptr",
    "/ratings/amount/rater",
    "/ratings/amount/code",
    "/ratings/how offensive?/item_ptr",
    "/ratings/how offensive?/rater",
    "/ratings/how offensive?/code",
    "/rater_attributes",
    "/rater_attributes/zeta",
    "/rater_attributes/zeta/codes",
    "/rater_attributes/zeta/categories",
    "/item_attributes/topic",
    "/item_attributes/topic/codes",
    "/item_attributes/topic/categories",
    "/",
};
static const char *const attributes[] = {"kind",   "format",  "scale",         "levels",
                                         "values", "ordered", "encoding-type", "content_sha256"};

static const char *take_object(input *in) {
  return objects[take(in) % (sizeof objects / sizeof *objects)];
}

static const char *take_attribute(input *in) {
  return attributes[take(in) % (sizeof attributes / sizeof *attributes)];
}

/* A type to close. */
static hid_t take_type(input *in) {
  hid_t text;
  switch (take(in) % 10) {
  case 0:
    return H5Tcopy(H5T_STD_U8LE);
  case 1:
    return H5Tcopy(H5T_STD_I8LE);
  case 2:
    return H5Tcopy(H5T_STD_U32BE);
  case 3:
    return H5Tcopy(H5T_STD_I32LE);
  case 4:
    return H5Tcopy(H5T_STD_U64LE);
  case 5:
    return H5Tcopy(H5T_IEEE_F32LE);
  case 6:
    return H5Tcopy(H5T_IEEE_F64LE);
  case 7:
    return H5Tcopy(H5T_C_S1);
  case 8:
    return H5Tvlen_create(H5T_STD_I32LE);
  default:
    text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    return text;
  }
}

/* A shape to close: up to two dimensions, small, empty or huge. */
static hid_t take_space(input *in) {
  static const hsize_t sizes[] = {0, 1, 2, 3, 4, 5, 8, 100, (hsize_t)1 << 31, (hsize_t)1 << 40};
  int rank = (int)(take(in) % 3);
  hsize_t size[2];
  for (int i = 0; i < rank; i++)
    size[i] = sizes[take(in) % 10];
  return rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, size, NULL);
}

/* Small objects are filled from the input; others stay unwritten. */
enum { FILL = 2048 };

static bool fill(input *in, hid_t type, hid_t space, unsigned char *buffer) {
  hssize_t count = H5Sget_simple_extent_npoints(space);
  size_t size = H5Tget_size(type);
  if (count <= 0 || H5Tis_variable_str(type) > 0 || H5Tget_class(type) == H5T_VLEN) return false;
  if ((uint64_t)count > FILL / size) return false;
  for (size_t i = 0; i < (size_t)count * size; i++)
    buffer[i] = (unsigned char)take(in);
  return true;
}

static void replace_dataset(hid_t file, input *in) {
  const char *name = take_object(in);
  unsigned char buffer[FILL];
  hid_t type = take_type(in), space = take_space(in), creation = H5Pcreate(H5P_DATASET_CREATE);
  const hsize_t chunk = 1 + take(in);
  if (H5Sget_simple_extent_ndims(space) == 1 && chunk % 2 == 0) {
    H5Pset_chunk(creation, 1, &chunk);
    if (chunk % 4 == 0) H5Pset_deflate(creation, 1);
  }
  H5Ldelete(file, name, H5P_DEFAULT);
  hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  if (dataset >= 0 && fill(in, type, space, buffer))
    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer);
  if (dataset >= 0) H5Dclose(dataset);
  H5Pclose(creation);
  H5Sclose(space);
  H5Tclose(type);
}

static void overwrite_dataset(hid_t file, input *in) {
  unsigned char buffer[FILL];
  hid_t dataset = H5Dopen2(file, take_object(in), H5P_DEFAULT);
  if (dataset < 0) return;
  hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
  if (fill(in, type, space, buffer)) H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer);
  H5Sclose(space);
  H5Tclose(type);
  H5Dclose(dataset);
}

static void replace_attribute(hid_t file, input *in) {
  unsigned char buffer[FILL];
  hid_t object = H5Oopen(file, take_object(in), H5P_DEFAULT);
  if (object < 0) return;
  const char *name = take_attribute(in);
  hid_t type = take_type(in), space = take_space(in);
  if (H5Sget_simple_extent_npoints(space) <= FILL) {
    H5Adelete(object, name);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0 && fill(in, type, space, buffer)) H5Awrite(attribute, type, buffer);
    if (attribute >= 0) H5Aclose(attribute);
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Oclose(object);
}

static void put_text(hid_t file, input *in) {
  static const char *const texts[] = {"ratio", "nominal", "1.9", "2.0", "categorical", "\xff", ""};
  const char *text = texts[take(in) % 7];
  hid_t object = H5Oopen(file, take_object(in), H5P_DEFAULT);
  if (object < 0) return;
  const char *name = take_attribute(in);
  hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, H5T_VARIABLE);
  H5Adelete(object, name);
  hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute >= 0) {
    H5Awrite(attribute, type, &text);
    H5Aclose(attribute);
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Oclose(object);
}

static void edit(hid_t file, input *in) {
  const char *name;
  switch (take(in) % 7) {
  case 0:
    H5Ldelete(file, take_object(in), H5P_DEFAULT);
    break;
  case 1:
    replace_dataset(file, in);
    break;
  case 2:
    overwrite_dataset(file, in);
    break;
  case 3:
    replace_attribute(file, in);
    break;
  case 4:
    put_text(file, in);
    break;
  case 5:
    name = take_object(in);
    H5Ldelete(file, name, H5P_DEFAULT);
    H5Lcreate_soft(take_object(in), file, name, H5P_DEFAULT, H5P_DEFAULT);
    break;
  default:
    name = take_object(in);
    H5Ldelete(file, name, H5P_DEFAULT);
    H5Lcreate_hard(file, take_object(in), file, name, H5P_DEFAULT, H5P_DEFAULT);
    break;
  }
}

static void edit_file(const char *path, input *in) {
  enum { MOST = 6 };
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  if (file < 0) abort();
  H5Adelete(file, "content_sha256");
  for (int i = 0; i < MOST && in->left > 0; i++)
    edit(file, in);
  H5Fclose(file);
}

/* --- what must hold ---------------------------------------------------------------------- */

static void must(bool good) {
  if (!good) abort();
}

static void check_question(const dss_study *study, const dss_question *question) {
  uint32_t n_items = dss_study_n_items(study);
  must(question->n_levels >= 1 && question->n_levels <= DSS_MAX_LEVELS);
  must(dss_scale_name(question->scale) != NULL);
  must(question->item_ptr[0] == 0 && question->item_ptr[n_items] == question->n_ratings);
  for (uint32_t u = 0; u < n_items; u++)
    must(question->item_ptr[u] <= question->item_ptr[u + 1]);
  for (uint64_t i = 0; i < question->n_ratings; i++)
    must(question->rater[i] < dss_study_n_raters(study) && question->code[i] < question->n_levels);
}

static void check_attribute(const dss_attribute *attribute, uint32_t n) {
  must(*attribute->name != '\0');
  for (uint32_t i = 0; i < n; i++)
    must(attribute->codes[i] >= -1 && attribute->codes[i] < (int64_t)attribute->n_categories);
}

static void check_study(dss_context *context, const dss_study *study) {
  char digest[65];
  must(dss_study_n_raters(study) > 0 && dss_study_n_items(study) > 0);
  for (size_t q = 0; q < dss_study_n_questions(study); q++)
    check_question(study, dss_study_question(study, q));
  for (size_t a = 0; a < dss_study_n_rater_attributes(study); a++)
    check_attribute(dss_study_rater_attribute(study, a), dss_study_n_raters(study));
  for (size_t a = 0; a < dss_study_n_item_attributes(study); a++)
    check_attribute(dss_study_item_attribute(study, a), dss_study_n_items(study));
  must(dss_study_digest(context, study, digest) == DSS_OK);
}

static void open_and_check(const char *path) {
  dss_context *context = dss_context_new();
  dss_study *study = NULL;
  dss_status status = dss_study_open(context, path, &study);
  if (status == DSS_OK)
    check_study(context, study);
  else
    must(study == NULL && *dss_context_error(context) != '\0');
  dss_study_free(study);
  dss_context_free(context);
}

/* --- one input --------------------------------------------------------------------------- */

static void put(int descriptor, const void *bytes, size_t count, off_t at) {
  must(count == 0 || pwrite(descriptor, bytes, count, at) == (ssize_t)count);
}

static void patch(int descriptor, input *in) {
  while (in->left > 0) {
    size_t at = (take(in) << 8 | take(in)) % sound_size;
    unsigned char byte = (unsigned char)take(in);
    put(descriptor, &byte, 1, (off_t)at);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  input in = {data, size};
  unsigned mode = take(&in) % 3;
  const char *path = temporary_path(&folder, "s.h5");
  int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) abort();
  if (mode == 0)
    put(descriptor, in.at, in.left, 0);
  else
    put(descriptor, sound, sound_size, 0);
  if (mode == 1) patch(descriptor, &in);
  if (mode == 2) edit_file(path, &in);
  close(descriptor);
  open_and_check(path);
  unlink(path);
  return 0;
}
