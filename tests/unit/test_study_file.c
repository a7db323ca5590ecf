/* Study files: what goes in comes out; what is wrong is refused by name; nothing is left behind. */
#include <criterion/criterion.h>
#include <hdf5.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "unit/small_study.h"
#include "unit/temporary.h"

/* HDF5 loses some memory of its own when it refuses a file; ours is still checked. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:libhdf5";
}

static dss_context *context;
static dss_study *study;
static temporary folder;

static void set_up(void) {
  context = dss_context_new();
  study = small_study(context);
  temporary_begin(&folder);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static void tear_down(void) {
  dss_study_free(study);
  dss_context_free(context);
  temporary_end(&folder);
}

TestSuite(study_file, .init = set_up, .fini = tear_down);

static const char *saved(const char *name) {
  const char *path = temporary_path(&folder, name);
  cr_assert_eq(dss_study_save(context, study, path, true), DSS_OK, "%s",
               dss_context_error(context));
  return path;
}

typedef struct bytes {
  char *data;
  size_t size;
} bytes;

static bytes read_bytes(const char *path) {
  bytes b = {NULL, 0};
  struct stat about;
  FILE *file = fopen(path, "rb");
  cr_assert(file && fstat(fileno(file), &about) == 0);
  b.size = (size_t)about.st_size;
  b.data = malloc(b.size + 1);
  cr_assert_eq(fread(b.data, 1, b.size, file), b.size);
  fclose(file);
  return b;
}

static void write_bytes(const char *path, const char *data, size_t size) {
  FILE *file = fopen(path, "wb");
  cr_assert(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

/* --- round trip -------------------------------------------------------------------------- */

static void expect_same_attribute(const dss_attribute *a, const dss_attribute *b, uint32_t n) {
  cr_assert(a && b);
  cr_expect_str_eq(a->name, b->name);
  cr_expect_eq(a->ordered, b->ordered);
  cr_assert_eq(a->n_categories, b->n_categories);
  for (uint32_t i = 0; i < a->n_categories; i++)
    cr_expect_str_eq(a->categories[i], b->categories[i]);
  cr_expect_arr_eq(a->codes, b->codes, n * sizeof *a->codes);
}

static void expect_same_question(const dss_question *a, const dss_question *b) {
  cr_assert(a && b);
  cr_expect_str_eq(a->name, b->name);
  cr_expect_eq(a->scale, b->scale);
  cr_assert_eq(a->n_levels, b->n_levels);
  cr_assert_eq(a->n_ratings, b->n_ratings);
  for (uint32_t k = 0; k < a->n_levels; k++)
    cr_expect_str_eq(a->labels[k], b->labels[k]);
  cr_expect_arr_eq(a->values, b->values, a->n_levels * sizeof *a->values);
  cr_expect_arr_eq(a->item_ptr, b->item_ptr, (SMALL_ITEMS + 1) * sizeof *a->item_ptr);
  if (a->n_ratings == 0) return;
  cr_expect_arr_eq(a->rater, b->rater, a->n_ratings * sizeof *a->rater);
  cr_expect_arr_eq(a->code, b->code, a->n_ratings * sizeof *a->code);
}

Test(study_file, round_trip) {
  dss_study *again = NULL;
  cr_assert_eq(dss_study_open(context, saved("s.h5"), &again), DSS_OK, "%s",
               dss_context_error(context));
  cr_assert_eq(dss_study_n_raters(again), SMALL_RATERS);
  cr_assert_eq(dss_study_n_items(again), SMALL_ITEMS);
  cr_assert_eq(dss_study_n_questions(again), 3);
  cr_assert_eq(dss_study_n_rater_attributes(again), 2);
  cr_assert_eq(dss_study_n_item_attributes(again), 1);
  for (uint32_t r = 0; r < SMALL_RATERS; r++)
    cr_expect_str_eq(dss_study_rater_name(study, r), dss_study_rater_name(again, r));
  for (uint32_t u = 0; u < SMALL_ITEMS; u++)
    cr_expect_str_eq(dss_study_item_name(study, u), dss_study_item_name(again, u));
  for (size_t a = 0; a < 2; a++)
    expect_same_attribute(dss_study_rater_attribute(study, a), dss_study_rater_attribute(again, a),
                          SMALL_RATERS);
  expect_same_attribute(dss_study_item_attribute(study, 0), dss_study_item_attribute(again, 0),
                        SMALL_ITEMS);
  for (size_t q = 0; q < 3; q++)
    expect_same_question(dss_study_question(study, q), dss_study_question(again, q));
  const dss_provenance *a = dss_study_provenance(study), *b = dss_study_provenance(again);
  cr_expect_str_eq(a->created_by, b->created_by);
  cr_expect_str_eq(a->created_at, b->created_at);
  cr_expect_str_eq(a->command, b->command);
  cr_expect_str_eq(a->input_sha256, b->input_sha256);
  cr_expect_str_eq(a->import_log, b->import_log);
  dss_study_free(again);
}

Test(study_file, equal_studies_give_equal_bytes) {
  bytes first = read_bytes(saved("1.h5"));
  dss_study *other = small_study(context);
  cr_assert_eq(dss_study_save(context, other, temporary_path(&folder, "2.h5"), false), DSS_OK);
  bytes second = read_bytes(temporary_path(&folder, "2.h5"));
  cr_assert_eq(first.size, second.size);
  cr_expect_arr_eq(first.data, second.data, first.size);
  dss_study_free(other);
  free(first.data);
  free(second.data);
}

Test(study_file, time_comes_from_the_environment) {
  dss_study *again = NULL;
  setenv("SOURCE_DATE_EPOCH", "86400", 1);
  cr_assert_eq(dss_study_set_provenance(context, study, &(dss_provenance){0}), DSS_OK);
  cr_assert_eq(dss_study_open(context, saved("t.h5"), &again), DSS_OK);
  cr_expect_str_eq(dss_study_provenance(again)->created_at, "1970-01-02T00:00:00Z");
  dss_study_free(again);
}

/* --- refusals ---------------------------------------------------------------------------- */

static void expect_refused(const char *path, dss_status status, const char *text) {
  dss_study *again = NULL;
  cr_expect_eq(dss_study_open(context, path, &again), status, "%s", dss_context_error(context));
  cr_expect_null(again);
  const char *message = dss_context_error(context);
  cr_expect(strstr(message, path), "no file in '%s'", message);
  cr_expect(strstr(message, text), "no '%s' in '%s'", text, message);
}

/* Saves the study, edits the file, and opens it. */
static void expect_edit_refused(void (*edit)(hid_t file), const char *text) {
  const char *path = saved("edited.h5");
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  cr_assert(file >= 0);
  edit(file);
  cr_assert(H5Fclose(file) >= 0);
  expect_refused(path, DSS_ERR_DATA, text);
}

#define AMOUNT "/ratings/amount"

static void overwrite(hid_t file, const char *name, hid_t type, const void *data) {
  hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
  cr_assert(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  H5Dclose(dataset);
}

static void replace(hid_t file, const char *name, hid_t type, int rank, const hsize_t *sizes) {
  cr_assert(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
  hid_t space = H5Screate_simple(rank, sizes, NULL);
  hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  cr_assert(dataset >= 0);
  H5Dclose(dataset);
  H5Sclose(space);
}

static void put_text(hid_t object, const char *name, const char *text) {
  hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  if (H5Aexists(object, name) > 0) H5Adelete(object, name);
  hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  cr_assert(H5Awrite(attribute, type, &text) >= 0);
  H5Aclose(attribute);
  H5Sclose(space);
  H5Tclose(type);
}

static void other_kind(hid_t file) {
  put_text(file, "kind", "dissensus-results");
}
static void no_kind(hid_t file) {
  H5Adelete(file, "kind");
}
static void newer_major(hid_t file) {
  put_text(file, "format", "2.0");
}
static void odd_format(hid_t file) {
  put_text(file, "format", "one");
}
static void no_raters(hid_t file) {
  H5Ldelete(file, "rater", H5P_DEFAULT);
}
static void no_codes(hid_t file) {
  H5Ldelete(file, AMOUNT "/code", H5P_DEFAULT);
}
static void decreasing(hid_t file) {
  overwrite(file, AMOUNT "/item_ptr", H5T_NATIVE_UINT64, (const uint64_t[]){0, 3, 2, 3});
}
static void wrong_end(hid_t file) {
  overwrite(file, AMOUNT "/item_ptr", H5T_NATIVE_UINT64, (const uint64_t[]){0, 2, 2, 4});
}
static void unknown_rater(hid_t file) {
  overwrite(file, AMOUNT "/rater", H5T_NATIVE_UINT32, (const uint32_t[]){1, SMALL_RATERS, 3});
}
static void unknown_code(hid_t file) {
  overwrite(file, AMOUNT "/code", H5T_NATIVE_UINT8, (const uint8_t[]){1, 3, 0});
}
static void unsorted(hid_t file) {
  overwrite(file, AMOUNT "/code", H5T_NATIVE_UINT8, (const uint8_t[]){2, 1, 0});
}
static void twice(hid_t file) {
  overwrite(file, AMOUNT "/rater", H5T_NATIVE_UINT32, (const uint32_t[]){1, 1, 3});
}
static void unknown_category(hid_t file) {
  overwrite(file, "/rater_attributes/zeta/codes", H5T_NATIVE_INT8, (const int8_t[]){0, 1, 2, -1});
}
static void changed(hid_t file) {
  overwrite(file, "/rater_attributes/zeta/codes", H5T_NATIVE_INT8, (const int8_t[]){0, 1, 0, -1});
}
static void unknown_scale(hid_t file) {
  hid_t group = H5Gopen2(file, AMOUNT, H5P_DEFAULT);
  put_text(group, "scale", "cardinal");
  H5Gclose(group);
}
static void wide_type(hid_t file) {
  replace(file, AMOUNT "/rater", H5T_STD_I64LE, 1, &(const hsize_t){3});
}
static void two_dimensions(hid_t file) {
  replace(file, AMOUNT "/rater", H5T_STD_U32LE, 2, (const hsize_t[]){3, 1});
}
static void longer(hid_t file) {
  replace(file, AMOUNT "/code", H5T_STD_U8LE, 1, &(const hsize_t){4});
}
static void empty_claim(hid_t file) {
  replace(file, AMOUNT "/code", H5T_STD_U8LE, 1, &(const hsize_t){3});
}
static void numbers_for_names(hid_t file) {
  replace(file, "/item", H5T_STD_U8LE, 1, &(const hsize_t){3});
}
static void soft_link(hid_t file) {
  H5Lmove(file, AMOUNT "/code", file, "elsewhere", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/elsewhere", file, AMOUNT "/code", H5P_DEFAULT, H5P_DEFAULT);
}
static void group_for_dataset(hid_t file) {
  H5Ldelete(file, AMOUNT "/code", H5P_DEFAULT);
  H5Gclose(H5Gcreate2(file, AMOUNT "/code", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

/* A chunked dataset of 2^40 codes, of which nothing is stored. */
static void bomb(hid_t file) {
  const hsize_t size = (hsize_t)1 << 40, chunk = 1 << 20;
  H5Ldelete(file, AMOUNT "/code", H5P_DEFAULT);
  H5Ldelete(file, AMOUNT "/rater", H5P_DEFAULT);
  hid_t space = H5Screate_simple(1, &size, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 1, &chunk);
  H5Pset_deflate(creation, 9);
  H5Dclose(
      H5Dcreate2(file, AMOUNT "/code", H5T_STD_U8LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Dclose(
      H5Dcreate2(file, AMOUNT "/rater", H5T_STD_U32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Pclose(creation);
  H5Sclose(space);
}

/* A name in /question that leads out of /ratings. */
static void path_for_name(hid_t file) {
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  overwrite(file, "/question", type,
            (const char *const[]){"../ratings/amount", "amount", "never asked"});
  H5Tclose(type);
}

Test(study_file, edits_are_refused_by_name) {
  expect_edit_refused(other_kind, "is of kind 'dissensus-results'; expected dissensus-study");
  expect_edit_refused(no_kind, "no attribute 'kind'");
  expect_edit_refused(newer_major, "format 2.0, newer than format 1");
  expect_edit_refused(odd_format, "'one', not MAJOR.MINOR");
  expect_edit_refused(no_raters, "/rater: is missing");
  expect_edit_refused(no_codes, AMOUNT "/code: is missing");
  expect_edit_refused(decreasing, "item_ptr decreases at item 1");
  expect_edit_refused(wrong_end, "item_ptr goes from 0 to 4");
  expect_edit_refused(unknown_rater, "rating 1 is by rater 4");
  expect_edit_refused(unknown_code, "code 3");
  expect_edit_refused(unsorted, "not sorted");
  expect_edit_refused(twice, "rater 'bo' rated item 'i 1' twice");
  expect_edit_refused(unknown_category, "attribute 'zeta': code 2 at index 2");
  expect_edit_refused(changed, "content_sha256");
  expect_edit_refused(unknown_scale, AMOUNT ": has scale 'cardinal'");
  expect_edit_refused(wide_type, AMOUNT "/rater: is not of the type expected: unsigned");
  expect_edit_refused(two_dimensions, AMOUNT "/rater: has 2 dimensions; expected 1");
  expect_edit_refused(longer, AMOUNT "/code: has 4 entries in dimension 0; expected 3");
  expect_edit_refused(empty_claim, "cannot hold them");
  expect_edit_refused(numbers_for_names, "/item: expected variable-length strings");
  expect_edit_refused(soft_link, AMOUNT "/code: is a soft or external link");
  expect_edit_refused(group_for_dataset, AMOUNT "/code: expected a dataset");
  expect_edit_refused(bomb, "cannot hold them");
  expect_edit_refused(path_for_name, "'../ratings/amount' cannot name a question");
}

static void expect_opens(void (*edit)(hid_t file)) {
  const char *path = saved("edited.h5");
  dss_study *again = NULL;
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  edit(file);
  H5Fclose(file);
  cr_expect_eq(dss_study_open(context, path, &again), DSS_OK, "%s", dss_context_error(context));
  dss_study_free(again);
}

static void newer_minor(hid_t file) {
  put_text(file, "format", "1.7");
  H5Gclose(H5Gcreate2(file, "added_later", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}
static void changed_on_purpose(hid_t file) {
  changed(file);
  H5Adelete(file, "content_sha256");
}

Test(study_file, newer_minor_and_edits_on_purpose_are_read) {
  expect_opens(newer_minor);
  expect_opens(changed_on_purpose);
}

Test(study_file, what_is_no_study_is_refused) {
  const char *path = temporary_path(&folder, "none.h5");
  expect_refused(path, DSS_ERR_FILE, "cannot open");
  expect_refused(folder.folder, DSS_ERR_FILE, "is not a regular file");
  write_bytes(path, "", 0);
  expect_refused(path, DSS_ERR_DATA, "is not an HDF5 file");
  write_bytes(path, "item,rater\n1,2\n", 15);
  expect_refused(path, DSS_ERR_DATA, "is not an HDF5 file");
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  expect_refused(path, DSS_ERR_DATA, "without checksums");
}

Test(study_file, truncated_files_are_refused) {
  const char *path = saved("cut.h5");
  bytes whole = read_bytes(path);
  for (size_t size = 0; size < whole.size; size += 1 + whole.size / 61) {
    write_bytes(path, whole.data, size);
    expect_refused(path, DSS_ERR_DATA, size < 9 ? "not an HDF5 file" : "truncated or damaged");
  }
  free(whole.data);
}

/* Whatever byte is damaged: refused, or a byte that carries nothing of the study. */
Test(study_file, damaged_bytes_change_no_study) {
  const char *path = saved("damaged.h5");
  char expected[65], found[65];
  bytes whole = read_bytes(path);
  cr_assert_eq(dss_study_digest(context, study, expected), DSS_OK);
  for (size_t at = 0; at < whole.size; at += 17) {
    whole.data[at] ^= 0x41;
    write_bytes(path, whole.data, whole.size);
    whole.data[at] ^= 0x41;
    dss_study *again = NULL;
    dss_status status = dss_study_open(context, path, &again);
    if (status != DSS_OK) continue;
    cr_assert_eq(dss_study_digest(context, again, found), DSS_OK);
    cr_expect_str_eq(found, expected, "byte %zu", at);
    dss_study_free(again);
  }
  free(whole.data);
}

/* --- writing ----------------------------------------------------------------------------- */

Test(study_file, existing_files_are_kept) {
  const char *path = temporary_path(&folder, "kept.h5");
  write_bytes(path, "mine", 4);
  cr_expect_eq(dss_study_save(context, study, path, false), DSS_ERR_FILE);
  cr_expect(strstr(dss_context_error(context), "exists already"));
  bytes kept = read_bytes(path);
  cr_expect(kept.size == 4 && memcmp(kept.data, "mine", 4) == 0);
  cr_expect_eq(temporary_count(&folder), 1);
  free(kept.data);
}

Test(study_file, unwritable_paths_are_refused) {
  cr_expect_eq(dss_study_save(context, study, temporary_path(&folder, "no/such/folder.h5"), false),
               DSS_ERR_FILE);
  cr_expect(strstr(dss_context_error(context), "folder.h5"));
  cr_expect_eq(temporary_count(&folder), 0);
}

/* A file size limit stands for a full disk: write fails in the same place. That the process then
 * ends well is part of the test. */
Test(study_file, full_disk_leaves_nothing) {
  signal(SIGXFSZ, SIG_IGN);
  const char *path = temporary_path(&folder, "full.h5");
  const rlim_t limits[] = {0, 100, 4096, 10000};
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    struct rlimit before, limit;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){limits[i], before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    dss_status status = dss_study_save(context, study, path, false);
    setrlimit(RLIMIT_FSIZE, &before);
    cr_expect_eq(status, DSS_ERR_FILE);
    cr_expect(strstr(dss_context_error(context), "full.h5: cannot write: "), "%s",
              dss_context_error(context));
    cr_expect_eq(temporary_count(&folder), 0);
  }
  cr_expect_eq(dss_study_save(context, study, path, false), DSS_OK);
}
