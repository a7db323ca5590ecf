/* Files of evaluations: back to the bit, and refused where they are wrong. */
#include <criterion/criterion.h>
#include <hdf5.h>
#include <stdint.h>
#include <sys/stat.h>

#include "host/engine/cells.h"
#include "host/evaluate/evaluation_h5.h"
#include "unit/small_study.h"
#include "unit/temporary.h"

/* HDF5 loses some memory of its own when it refuses a file; ours is still checked. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:libhdf5";
}

enum { ROWS = 9 };

static dss_context *context;
static temporary folder;
static dss_evaluation *evaluation;
static uint64_t state = 77;

static uint64_t next_bits(void) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return state ^ state >> 31;
}

static void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

/* Any numbers at all in the cells. */
static void fill_cell(dss_cell *cell) {
  for (size_t i = 0; i < dss_n_cell_fields; i++) {
    uint64_t bits = next_bits();
    char *member = (char *)cell + dss_cell_fields[i].offset;
    if (dss_cell_fields[i].type == FIELD_DOUBLE || dss_cell_fields[i].type == FIELD_COUNT)
      memcpy(member, &bits, sizeof bits);
  }
  cell->reason = (dss_reason)(next_bits() % DSS_N_REASONS);
  cell->ci_withheld = (dss_withheld)(next_bits() % DSS_N_WITHHELDS);
  cell->ci_method = dss_method_names[next_bits() % DSS_N_METHODS];
  cell->direction = (int)(next_bits() % 3) - 1;
  cell->flagged = next_bits() & 1;
  for (size_t i = 0; i < DSS_N_QUANTILES; i++)
    cell->quantiles[i] = (double)next_bits();
}

static void add_rows(const dss_plan *plan) {
  static const char *const items[] = {NULL, "topic=\xc3\xa9", "<script>"};
  for (size_t i = 0; i < ROWS; i++) {
    must(dss_evaluation_add(context, evaluation, plan,
                            &(dss_row_spec){.question = i < 5 ? "q" : "other",
                                            .source = "A",
                                            .items = items[i % 3],
                                            .statistic = i % 2 ? "mean" : "gap",
                                            .axis = i == 0 ? DSS_NOWHERE : 0,
                                            .group = i < 2 ? DSS_NOWHERE : i % 2,
                                            .versus = i > 6 ? DSS_ELSE : DSS_NOWHERE,
                                            .raters = 7 * i,
                                            .n_items = UINT64_MAX - i,
                                            .ratings = i,
                                            .upper = i == 1,
                                            .permuted = i > 0}));
    fill_cell(&evaluation->rows[i].cell);
  }
}

static void set_up(void) {
  dss_plan_options options;
  dss_plan *plan;
  const char *const axes[] = {"zeta"}, *const questions[] = {"how offensive?"};
  context = dss_context_new();
  temporary_begin(&folder);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  dss_study *study = small_study(context);
  dss_plan_options_init(&options);
  options.axes = axes;
  options.questions = questions;
  options.n_axes = options.n_questions = 1;
  must(dss_plan_new(context, study, &options, &plan));
  must(dss_evaluation_new(context, DSS_EVALUATION_CLASSIFY, &evaluation));
  add_rows(plan);
  must(dss_evaluation_add_note(context, evaluation, "items that the study lacks", 3, "i9, i10"));
  must(dss_evaluation_add_note(context, evaluation, "constant", 0, NULL));
  must(dss_evaluation_add_item(context, evaluation, &(dss_evaluation_item){8, "i 1", 0.25, 1, 0}));
  for (size_t i = 0; i < 3; i++)
    must(dss_evaluation_add_group(
        context, evaluation,
        &(dss_evaluation_group){"q", "zeta", i == 1 ? "a" : "b\xc3\xa9", 4 + i, 9, 9 - 4 * i}));
  must(dss_evaluation_set(context, evaluation, "settings", "threshold=3; rule=mean"));
  dss_plan_free(plan);
  dss_study_free(study);
}

static void tear_down(void) {
  dss_evaluation_free(evaluation);
  dss_context_free(context);
  temporary_end(&folder);
}

TestSuite(evaluation_file, .init = set_up, .fini = tear_down);

static void same_row(const dss_evaluation_row *a, const dss_evaluation_row *b) {
  for (size_t text = 0; text < DSS_N_ROW_TEXTS; text++)
    cr_expect_str_eq(*dss_row_text_of(a, text), *dss_row_text_of(b, text));
  cr_expect(a->raters == b->raters && a->n_items == b->n_items && a->ratings == b->ratings);
  cr_expect(a->upper == b->upper && a->permuted == b->permuted);
  for (size_t i = 0; i < dss_n_cell_fields; i++) {
    size_t offset = dss_cell_fields[i].offset;
    size_t bytes = dss_h5_type_size(dss_result_stored_type(dss_cell_fields[i].type));
    cr_expect(memcmp((const char *)&a->cell + offset, (const char *)&b->cell + offset, bytes) == 0,
              "%s", dss_cell_fields[i].name);
  }
  cr_expect(memcmp(a->cell.quantiles, b->cell.quantiles, sizeof a->cell.quantiles) == 0);
}

Test(evaluation_file, round_trip_to_the_bit) {
  const char *path = temporary_path(&folder, "e.h5");
  dss_evaluation *again = NULL;
  must(dss_evaluation_save(context, evaluation, path, false));
  must(dss_evaluation_open(context, path, &again));
  cr_expect_eq(dss_evaluation_kind_of(again), DSS_EVALUATION_CLASSIFY);
  cr_assert_eq(dss_evaluation_n_rows(again), ROWS);
  for (size_t i = 0; i < ROWS; i++)
    same_row(dss_evaluation_get(evaluation, i), dss_evaluation_get(again, i));
  cr_assert_eq(dss_evaluation_n_notes(again), 2);
  cr_expect_str_eq(dss_evaluation_get_note(again, 0)->what, "items that the study lacks");
  cr_expect_eq(dss_evaluation_get_note(again, 0)->count, 3);
  cr_expect_str_eq(dss_evaluation_get_note(again, 0)->names, "i9, i10");
  cr_assert_eq(dss_evaluation_n_items(again), 1);
  const dss_evaluation_item *item = dss_evaluation_get_item(again, 0);
  cr_expect(item->row == 8 && item->share == 0.25 && item->value == 1 && item->versus == 0);
  cr_expect_str_eq(item->item, "i 1");
  cr_assert_eq(dss_evaluation_n_groups(again), 3);
  for (size_t i = 0; i < 3; i++) {
    const dss_evaluation_group *group = dss_evaluation_get_group(again, i);
    cr_expect_str_eq(group->question, "q");
    cr_expect_str_eq(group->axis, "zeta");
    cr_expect_str_eq(group->group, i == 1 ? "a" : "b\xc3\xa9");
    cr_expect(group->raters == 4 + i && group->n_items == 9 && group->n_shared == 9 - 4 * i);
  }
  cr_expect_null(dss_evaluation_get_group(again, 3));
  cr_expect_str_eq(dss_evaluation_provenance(again, "settings"), "threshold=3; rule=mean");
  dss_evaluation_free(again);
}

Test(evaluation_file, an_empty_one_comes_back) {
  const char *path = temporary_path(&folder, "empty.h5");
  dss_evaluation *empty, *again = NULL;
  must(dss_evaluation_new(context, DSS_EVALUATION_RESPONSE, &empty));
  must(dss_evaluation_save(context, empty, path, false));
  must(dss_evaluation_open(context, path, &again));
  cr_expect_eq(dss_evaluation_n_rows(again) + dss_evaluation_n_notes(again), 0);
  dss_evaluation_free(empty);
  dss_evaluation_free(again);
}

/* --- refusals --------------------------------------------------------------------------------- */

/* Writes one value over the whole of a dataset of numbers. */
static void flood(hid_t file, const char *name, int value) {
  int values[DSS_N_QUANTILES * ROWS];
  hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    values[i] = value;
  cr_assert(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  H5Dclose(dataset);
}

static void set_attribute(hid_t file, const char *name, const char *value) {
  hid_t type = H5Tcopy(H5T_C_S1), attribute = H5Aopen(file, name, H5P_DEFAULT);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  cr_assert(H5Awrite(attribute, type, &value) >= 0);
  H5Aclose(attribute);
  H5Tclose(type);
}

/* A dataset of one number in place of another. */
static void shorten(hid_t file, const char *name) {
  hsize_t one = 1;
  double value = 0.5;
  H5Ldelete(file, name, H5P_DEFAULT);
  hid_t space = H5Screate_simple(1, &one, NULL);
  hid_t dataset =
      H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  cr_assert(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value) >= 0);
  H5Dclose(dataset);
  H5Sclose(space);
}

static void newer(hid_t file) {
  set_attribute(file, "format", "2.0");
}
/* As 1.0 was. */
static void older(hid_t file) {
  set_attribute(file, "format", "1.0");
  H5Ldelete(file, "/groups", H5P_DEFAULT);
}
static void no_groups(hid_t file) {
  H5Ldelete(file, "/groups", H5P_DEFAULT);
}
static void more_shared(hid_t file) {
  flood(file, "/groups/n_shared", 10);
}
static void foreign(hid_t file) {
  set_attribute(file, "kind", "dissensus-results");
}
static void mood(hid_t file) {
  set_attribute(file, "evaluation", "mood");
}
static void no_code(hid_t file) {
  flood(file, "/rows/axis/codes", -1);
}
static void code_outside(hid_t file) {
  flood(file, "/rows/question/codes", 2);
}
static void no_text(hid_t file) {
  H5Ldelete(file, "/rows/statistic", H5P_DEFAULT);
}
static void upper(hid_t file) {
  flood(file, "/rows/upper", 2);
}
static void reason(hid_t file) {
  flood(file, "/reason", DSS_N_REASONS);
}
static void direction(hid_t file) {
  flood(file, "/p/direction", 2);
}
static void no_p(hid_t file) {
  H5Ldelete(file, "/p/two_sided", H5P_DEFAULT);
}
static void few_estimates(hid_t file) {
  shorten(file, "/observed");
}
static void few_means(hid_t file) {
  shorten(file, "/null/mean");
}
static void item_outside(hid_t file) {
  flood(file, "/items/row", ROWS);
}
static void no_notes(hid_t file) {
  H5Ldelete(file, "/notes", H5P_DEFAULT);
}

static void expect_edit_refused(void (*edit)(hid_t file), const char *expected) {
  const char *path = temporary_path(&folder, "edited.h5");
  must(dss_evaluation_save(context, evaluation, path, true));
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  edit(file);
  cr_assert(H5Fclose(file) >= 0);
  dss_evaluation *again = NULL;
  cr_expect_eq(dss_evaluation_is(context, path), edit != foreign);
  cr_expect_eq(dss_evaluation_open(context, path, &again), DSS_ERR_DATA);
  cr_expect_null(again);
  cr_expect(strstr(dss_context_error(context), expected), "no '%s' in '%s'", expected,
            dss_context_error(context));
}

Test(evaluation_file, edits_are_refused_by_name) {
  expect_edit_refused(newer, "format 2.0");
  expect_edit_refused(foreign, "is of kind 'dissensus-results'; expected dissensus-evaluation");
  expect_edit_refused(mood, "attribute evaluation is 'mood', which is not known");
  expect_edit_refused(no_code, "/rows/axis: row 0 has code -1");
  expect_edit_refused(code_outside, "/rows/question: row 0 has code 2 of 2 categories");
  expect_edit_refused(no_text, "/rows/statistic: is missing");
  expect_edit_refused(upper, "/rows/upper: holds 2");
  expect_edit_refused(reason, "/reason: code");
  expect_edit_refused(direction, "/p/direction: holds 2");
  expect_edit_refused(no_p, "/p/two_sided: is missing");
  expect_edit_refused(few_estimates, "/rows/question/codes");
  expect_edit_refused(few_means, "/null/mean");
  expect_edit_refused(item_outside, "/items/row: item 0 stands behind row 9 of 9");
  expect_edit_refused(no_notes, "/notes: is missing");
  expect_edit_refused(no_groups, "/groups: is missing");
  expect_edit_refused(more_shared, "/groups/n_shared: group 0 shares more items than it has");
}

Test(evaluation_file, files_of_1_0_have_no_groups) {
  const char *path = temporary_path(&folder, "older.h5");
  dss_evaluation *again = NULL;
  must(dss_evaluation_save(context, evaluation, path, false));
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  older(file);
  cr_assert(H5Fclose(file) >= 0);
  must(dss_evaluation_open(context, path, &again));
  cr_expect_eq(dss_evaluation_n_groups(again), 0);
  cr_expect_eq(dss_evaluation_n_rows(again), ROWS);
  dss_evaluation_free(again);
}

/* Half a file, at any place, is none. */
Test(evaluation_file, cut_files_are_refused) {
  const char *path = temporary_path(&folder, "cut.h5");
  must(dss_evaluation_save(context, evaluation, path, false));
  struct stat status;
  cr_assert_eq(stat(path, &status), 0);
  for (off_t size = status.st_size - 1; size >= 0; size -= 1 + status.st_size / 40) {
    dss_evaluation *again = NULL;
    cr_assert_eq(truncate(path, size), 0);
    dss_status found = dss_evaluation_open(context, path, &again);
    cr_expect(found == DSS_ERR_DATA || found == DSS_ERR_FILE, "%ld bytes: %d", (long)size, found);
    cr_expect_null(again);
  }
  cr_expect_eq(dss_evaluation_open(context, "/no/such/file.h5", &evaluation), DSS_ERR_FILE);
}

/* Any byte may be another: it is refused, or gives an evaluation whose parts can be looked at. */
Test(evaluation_file, spoiled_bytes_are_no_danger) {
  const char *path = temporary_path(&folder, "spoiled.h5");
  must(dss_evaluation_save(context, evaluation, path, false));
  struct stat status;
  cr_assert_eq(stat(path, &status), 0);
  size_t refused = 0;
  for (int i = 0; i < 400; i++) {
    FILE *file = fopen(path, "r+b");
    long at = (long)(next_bits() % (uint64_t)status.st_size);
    fseek(file, at, SEEK_SET);
    int before = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(before ^ (1 << (int)(next_bits() % 8)), file);
    fclose(file);
    dss_evaluation *again = NULL;
    refused += dss_evaluation_open(context, path, &again) != DSS_OK;
    for (size_t row = 0; again && row < dss_evaluation_n_rows(again); row++)
      cr_expect(strlen(dss_evaluation_get(again, row)->statistic) < 100);
    dss_evaluation_free(again);
    file = fopen(path, "r+b");
    fseek(file, at, SEEK_SET);
    fputc(before, file);
    fclose(file);
  }
  cr_expect_gt(refused, 0);
}

Test(evaluation_file, there_already) {
  const char *path = temporary_path(&folder, "e.h5");
  must(dss_evaluation_save(context, evaluation, path, false));
  cr_expect_eq(dss_evaluation_save(context, evaluation, path, false), DSS_ERR_FILE);
  must(dss_evaluation_save(context, evaluation, path, true));
  cr_expect_eq(dss_evaluation_save(context, evaluation, "/no/such/folder/e.h5", false),
               DSS_ERR_FILE);
}
