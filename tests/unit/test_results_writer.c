/* Null distributions into a results file while a run goes on: the backend's values to the bit, and
 * nothing left behind where the disk gives out. */
#include <criterion/criterion.h>
#include <hdf5.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "host/core/h5.h"
#include "host/engine/plan.h"
#include "host/engine/results_writer.h"
#include "tests/parity/designs.h"
#include "unit/temporary.h"

static const design designs[] = {
    {40, 60, 5, DSS_NOMINAL, 0.3, {2, 3}, 0.1, 1}, /* a block and a part, or three */
    {30, 20, 4, DSS_INTERVAL, 0.9, {2, 2}, 0.2, 3},
    {6, 40, 5, DSS_ORDINAL, 0.8, {2, 1}, 0.0, 11}, /* few enough to visit every arrangement */
    {12, 6, 2, DSS_RATIO, 0.4, {2, 6}, 0.0, 5},    /* groups too small, values undefined */
};
static const uint64_t permutations[] = {9000, 4096, 2000, 17};
enum { N_DESIGNS = sizeof designs / sizeof *designs };

static dss_context *context;
static temporary folder;

static void set_up(void) {
  context = dss_context_new();
  temporary_begin(&folder);
  signal(SIGXFSZ, SIG_IGN);
}

static void tear_down(void) {
  dss_context_free(context);
  temporary_end(&folder);
}

TestSuite(results_writer, .init = set_up, .fini = tear_down);

static void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

static dss_plan *plan_of(const design *d, uint64_t count) {
  dss_study *study = design_study(context, d, NULL, NULL);
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.metrics = DSS_METRICS_ALL;
  options.all_depth = 2;
  options.permutations = count;
  must(dss_plan_new(context, study, &options, &plan));
  dss_study_free(study);
  return plan;
}

/* Runs the plan into a file; on success *results are the caller's. */
static dss_status save(const dss_plan *plan, const char *path, unsigned threads,
                       dss_results **results) {
  dss_run_options options;
  dss_run_options_init(&options);
  options.threads = threads;
  must(dss_results_writer_create(context, path, false, &options.writer));
  dss_status status = dss_run(context, plan, &options, results);
  if (status == DSS_OK) {
    status = dss_results_writer_finish(context, options.writer, *results);
    if (status != DSS_OK) dss_results_free(*results);
  }
  dss_results_writer_free(options.writer);
  return status;
}

/* /null/values, which the caller frees. */
static double *read_values(const char *path, hsize_t sizes[4]) {
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t dataset = H5Dopen2(file, "/null/values", H5P_DEFAULT), space = H5Dget_space(dataset);
  cr_assert_eq(H5Sget_simple_extent_ndims(space), 4);
  H5Sget_simple_extent_dims(space, sizes, NULL);
  double *values = calloc((size_t)H5Sget_simple_extent_npoints(space), sizeof *values);
  cr_assert(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  H5Sclose(space);
  H5Dclose(dataset);
  H5Fclose(file);
  return values;
}

static void expect_backend_values(const dss_plan *plan, const hsize_t *sizes,
                                  const double *values) {
  size_t columns = dss_kernel_columns(&plan->kernel);
  cr_assert_eq(sizes[0], plan->permutations);
  cr_assert_eq(sizes[1] * sizes[2] * sizes[3], columns);
  double *again = malloc(plan->permutations * columns * sizeof *again);
  void *backend;
  cr_assert_eq(dss_backend_reference.open(&plan->kernel, &(dss_resources){.threads = 2}, &backend),
               DSS_OK);
  cr_assert_eq(dss_backend_reference.values(backend, 0, plan->permutations, again), DSS_OK);
  dss_backend_reference.close(backend);
  for (size_t i = 0; i < plan->permutations * columns; i++)
    cr_assert(same_number(values[i], again[i]), "value %zu: %a %a", i, values[i], again[i]);
  free(again);
}

/* The counts of a cell from its column, over the rows that it has counted. */
static void expect_cell_counts(const dss_cell *cell, const double *column, size_t stride) {
  uint64_t below = 0, equal = 0, above = 0, undefined = 0;
  for (uint64_t b = 0; b < cell->resamples; b++) {
    double v = column[b * stride];
    undefined += isnan(v);
    below += v < cell->estimate;
    equal += v == cell->estimate;
    above += v > cell->estimate;
  }
  cr_assert(below == cell->below && equal == cell->equal && above == cell->above &&
            undefined == cell->undefined);
}

static void expect_counts(const dss_results *r, const double *values, uint64_t rows) {
  size_t columns = r->n_questions * r->n_groups * r->n_columns;
  for (size_t c = 0; c < columns; c++) {
    if (isnan(r->cells[c].estimate)) continue; /* no test: nothing was counted */
    cr_assert_eq(r->cells[c].resamples, rows);
    expect_cell_counts(&r->cells[c], values + c, columns);
  }
}

static void expect_same_results(const dss_results *a, const dss_results *b) {
  for (size_t i = 0; i < a->n_questions * a->n_groups * a->n_columns; i++) {
    cr_assert(same_number(a->cells[i].null_mean, b->cells[i].null_mean));
    cr_assert(same_number(a->cells[i].p_maxt, b->cells[i].p_maxt));
    cr_assert(same_number(a->cells[i].quantiles[2], b->cells[i].quantiles[2]));
    cr_assert(a->cells[i].ge == b->cells[i].ge && a->cells[i].reason == b->cells[i].reason);
  }
}

Test(results_writer, values_are_the_backends_and_results_those_of_any_run) {
  for (size_t i = 0; i < N_DESIGNS; i++) {
    char name[16];
    snprintf(name, sizeof name, "%zu.h5", i);
    const char *path = temporary_path(&folder, name);
    dss_plan *plan = plan_of(&designs[i], permutations[i]);
    cr_assert_eq(plan->kernel.exchange.n_arrangements > 0, i == 2);
    dss_results *results, *plain, *again;
    dss_run_options options;
    dss_run_options_init(&options);
    must(save(plan, path, 3, &results));
    must(dss_run(context, plan, &options, &plain));
    must(dss_results_open(context, path, &again));
    hsize_t sizes[4];
    double *values = read_values(path, sizes);
    expect_backend_values(plan, sizes, values);
    expect_counts(results, values, plan->permutations);
    expect_same_results(results, plain);
    expect_same_results(results, again);
    free(values);
    dss_results_free(results);
    dss_results_free(plain);
    dss_results_free(again);
    dss_plan_free(plan);
  }
  cr_expect_eq(temporary_count(&folder), N_DESIGNS);
}

/* A run that ends early: as many rows as there were. */
Test(results_writer, fewer_rows_than_announced) {
  char path[512];
  snprintf(path, sizeof path, "%s", temporary_path(&folder, "r.h5"));
  dss_plan *plan = plan_of(&designs[1], 100);
  size_t columns = dss_kernel_columns(&plan->kernel);
  dss_results *results, *again;
  dss_results_writer *writer;
  dss_run_options options;
  dss_run_options_init(&options);
  must(dss_run(context, plan, &options, &results));
  double *rows = malloc(70 * columns * sizeof *rows);
  for (size_t i = 0; i < 70 * columns; i++)
    rows[i] = i % 3 ? (double)i : -NAN;
  must(dss_results_writer_create(context, path, false, &writer));
  must(dss_results_writer_begin(context, writer, results, UINT64_C(1) << 40));
  must(dss_results_writer_append(context, writer, 30, rows));
  must(dss_results_writer_append(context, writer, 40, rows + 30 * columns));
  must(dss_results_writer_finish(context, writer, results));
  dss_results_writer_free(writer);
  must(dss_results_open(context, path, &again));
  hsize_t sizes[4];
  double *values = read_values(path, sizes);
  cr_assert_eq(sizes[0], 70);
  const double nan = NAN;
  for (size_t i = 0; i < 70 * columns; i++)
    cr_assert(i % 3 ? values[i] == rows[i] : memcmp(&values[i], &nan, sizeof nan) == 0);
  free(values);
  free(rows);
  dss_results_free(results);
  dss_results_free(again);
  dss_plan_free(plan);
}

/* Tests that stop: rows until the run ends, of which each test has counted the first. */
Test(results_writer, a_stopped_run_has_the_rows_it_made) {
  const char *path = temporary_path(&folder, "r.h5");
  dss_plan *plan = plan_of(&designs[0], UINT64_C(1) << 22);
  plan->stop_after = 40;
  dss_results *results, *plain, *again;
  dss_run_options options;
  dss_run_options_init(&options);
  must(save(plan, path, 3, &results));
  must(dss_run(context, plan, &options, &plain));
  must(dss_results_open(context, path, &again));
  hsize_t sizes[4];
  double *values = read_values(path, sizes);
  size_t columns = dss_kernel_columns(&plan->kernel), early = 0;
  cr_assert_eq(sizes[0], results->resamples);
  cr_assert(results->resamples < plan->permutations && results->resamples % DSS_CHECKPOINT == 0);
  for (size_t c = 0; c < columns; c++) {
    const dss_cell *cell = &results->cells[c], *other = &plain->cells[c];
    if (isnan(cell->estimate)) continue;
    cr_assert(cell->resamples > 0 && cell->resamples <= sizes[0]);
    expect_cell_counts(cell, values + c, columns);
    cr_assert(cell->ge_at == other->ge_at && cell->le_at == other->le_at &&
              cell->resamples == other->resamples && same_number(cell->p_low, other->p_low));
    early += cell->resamples < sizes[0];
  }
  cr_expect_gt(early, 0);
  cr_expect_eq(plain->resamples, results->resamples);
  expect_same_results(results, plain);
  expect_same_results(results, again);
  free(values);
  dss_results_free(results);
  dss_results_free(plain);
  dss_results_free(again);
  dss_plan_free(plan);
}

static char *whole_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  struct stat about;
  cr_assert(file && fstat(fileno(file), &about) == 0);
  *size = (size_t)about.st_size;
  char *bytes = malloc(*size);
  cr_assert_eq(fread(bytes, 1, *size, file), *size);
  fclose(file);
  return bytes;
}

Test(results_writer, threads_leave_no_trace) {
  setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
  dss_plan *plan = plan_of(&designs[0], 5000);
  size_t sizes[3];
  char *bytes[3];
  for (unsigned i = 0; i < 3; i++) {
    const unsigned threads[] = {1, 5, 5};
    char name[16];
    snprintf(name, sizeof name, "%u.h5", i);
    dss_results *results;
    const char *path = temporary_path(&folder, name);
    must(save(plan, path, threads[i], &results));
    dss_results_free(results);
    bytes[i] = whole_file(path, &sizes[i]);
  }
  for (unsigned i = 1; i < 3; i++)
    cr_expect(sizes[i] == sizes[0] && memcmp(bytes[i], bytes[0], sizes[0]) == 0);
  for (unsigned i = 0; i < 3; i++)
    free(bytes[i]);
  dss_plan_free(plan);
}

Test(results_writer, without_resamples_there_are_no_values) {
  const char *path = temporary_path(&folder, "r.h5");
  dss_plan *plan = plan_of(&designs[0], 0);
  dss_results *results, *again;
  must(save(plan, path, 1, &results));
  must(dss_results_open(context, path, &again));
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  cr_expect_eq(H5Lexists(file, "/null/values", H5P_DEFAULT), 0);
  H5Fclose(file);
  dss_results_free(results);
  dss_results_free(again);
  dss_plan_free(plan);
}

Test(results_writer, order_of_calls_is_checked) {
  char path[512];
  snprintf(path, sizeof path, "%s", temporary_path(&folder, "r.h5"));
  dss_plan *plan = plan_of(&designs[1], 50), *other = plan_of(&designs[0], 50),
           *huge = plan_of(&designs[0], UINT64_C(1) << 60);
  dss_results *results, *others;
  dss_run_options options, plain;
  dss_run_options_init(&options);
  dss_run_options_init(&plain);
  must(dss_run(context, other, &plain, &others));

  must(dss_results_writer_create(context, path, false, &options.writer));
  cr_expect_eq(temporary_count(&folder), 1, "only the temporary file");
  cr_expect_eq(dss_run(context, huge, &options, &results), DSS_ERR_USAGE);
  cr_expect(strstr(dss_context_error(context), "larger than any file"));
  must(dss_run(context, plan, &options, &results));
  cr_expect_eq(dss_run(context, plan, &options, &results), DSS_ERR_USAGE);
  cr_expect(strstr(dss_context_error(context), "written by one run"));
  cr_expect_eq(dss_results_writer_finish(context, options.writer, others), DSS_ERR_USAGE);
  cr_expect(strstr(dss_context_error(context), "values of other results"));
  must(dss_results_writer_finish(context, options.writer, results));
  cr_expect_eq(dss_results_writer_finish(context, options.writer, results), DSS_ERR_USAGE);
  dss_results_writer_free(options.writer);
  cr_expect_eq(temporary_count(&folder), 1, "only the file");

  dss_results_writer *refused = NULL;
  cr_expect_eq(dss_results_writer_create(context, path, false, &refused), DSS_ERR_FILE);
  cr_expect_null(refused);
  must(dss_results_writer_create(context, path, true, &refused));
  dss_results_writer_free(refused);
  dss_results_writer_free(NULL);
  cr_expect_eq(temporary_count(&folder), 1, "what was begun is gone, what was there is not");
  dss_results_free(results);
  dss_results_free(others);
  dss_plan_free(plan);
  dss_plan_free(other);
  dss_plan_free(huge);
}

/* --- a disk that gives out ----------------------------------------------------------------- */

static void limit_files(rlim_t bytes) {
  struct rlimit limit;
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Wherever in the file the limit lies: at its beginning, in the values, in the rest, in the last
 * bytes that are flushed. */
Test(results_writer, a_limit_anywhere_leaves_nothing_behind) {
  char path[512];
  snprintf(path, sizeof path, "%s", temporary_path(&folder, "r.h5"));
  dss_plan *plan = plan_of(&designs[1], 40);
  dss_results *results = NULL;
  struct stat about;
  must(save(plan, path, 1, &results));
  dss_results_free(results);
  cr_assert(stat(path, &about) == 0 && unlink(path) == 0);
  rlim_t size = (rlim_t)about.st_size, step = size / 150 + 1;
  for (rlim_t limit = 0; limit < size;
       limit += size - limit < step ? 1 + (size - limit) / 2 : step) {
    limit_files(limit);
    cr_assert_eq(save(plan, path, 1, &results), DSS_ERR_FILE, "limit %zu of %zu", (size_t)limit,
                 (size_t)size);
    limit_files(RLIM_INFINITY);
    cr_assert(strstr(dss_context_error(context), "r.h5: cannot write: File too large"), "%s",
              dss_context_error(context));
    cr_assert_eq(temporary_count(&folder), 0);
  }
  limit_files(size + 65536); /* HDF5 takes some room before it gives it back */
  must(save(plan, path, 1, &results));
  limit_files(RLIM_INFINITY);
  dss_results_free(results);
  dss_plan_free(plan);
}

/* Metadata that did not reach the disk, and no longer fit HDF5's cache, are read back as they were
 * written: HDF5 finds nothing wrong, and closes the file. */
Test(results_writer, hdf5_notices_nothing) {
  enum { GROUPS = 12000 };
  dss_h5 h5;
  limit_files(100000);
  must(dss_h5_create_growing(context, temporary_path(&folder, "m.h5"), "test", "1.0", false, &h5));
  for (int i = 0; i < GROUPS; i++) {
    char name[64];
    hid_t group;
    snprintf(name, sizeof name, "group %d", i);
    must(dss_h5_put_group(&h5, h5.file, name, &group));
    must(dss_h5_put_text_attribute(&h5, group, "name", name));
    H5Gclose(group);
  }
  cr_expect_eq(dss_h5_check(&h5), DSS_ERR_FILE, "the cache spilled over to the full disk");
  for (int i = 0; i < GROUPS; i += 7) {
    char name[64];
    dss_texts text;
    hid_t group;
    snprintf(name, sizeof name, "group %d", i);
    must(dss_h5_get_group(&h5, h5.file, name, &group));
    must(dss_h5_get_text_attribute(&h5, group, "name", true, &text));
    cr_assert_str_eq(text.items[0], name);
    dss_texts_free(&text);
    H5Gclose(group);
  }
  cr_expect_eq(dss_h5_store(&h5, false), DSS_ERR_FILE);
  limit_files(RLIM_INFINITY);
  cr_expect(strstr(dss_context_error(context), "m.h5: cannot write: File too large"), "%s",
            dss_context_error(context));
  dss_h5_close(&h5);
  cr_expect_eq(temporary_count(&folder), 0);
  cr_expect_eq(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0, "nothing is half closed");
}

/* --- what opening looks at ----------------------------------------------------------------- */

static void get_range(hid_t file, uint64_t range[2]) {
  hid_t attribute = H5Aopen(file, "numbers_range", H5P_DEFAULT);
  cr_assert(attribute >= 0 && H5Aread(attribute, H5T_NATIVE_UINT64, range) >= 0);
  H5Aclose(attribute);
}

static void overwrite(const char *path, uint64_t at, const char *bytes, size_t count) {
  FILE *file = fopen(path, "r+b");
  cr_assert(file && fseek(file, (long)at, SEEK_SET) == 0);
  cr_assert_eq(fwrite(bytes, 1, count, file), count);
  fclose(file);
}

/* Among many numbers some look like a damaged store of texts: those of the null are not looked at,
 * and no text lies among them. */
Test(results_writer, numbers_are_not_taken_for_texts) {
  static const char like_texts[] = "GCOL\1\0\0\0\377\377\377\377\377\377\377\177";
  char path[512];
  snprintf(path, sizeof path, "%s", temporary_path(&folder, "r.h5"));
  dss_plan *plan = plan_of(&designs[0], 9000);
  dss_results *results, *again = NULL;
  must(save(plan, path, 1, &results));
  uint64_t range[2];
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  get_range(file, range);
  H5Fclose(file);
  size_t size;
  char *bytes = whole_file(path, &size);
  cr_assert(range[0] < range[1] && range[1] <= size);
  cr_expect_gt(range[1] - range[0], size / 2, "most of the file");
  for (uint64_t at = range[0]; at + 4 <= range[1]; at++)
    cr_assert(memcmp(bytes + at, "GCOL", 4) != 0, "texts in the range");
  overwrite(path, range[0] + (range[1] - range[0]) / 2, like_texts, sizeof like_texts - 1);
  must(dss_results_open(context, path, &again));
  expect_same_results(results, again);
  dss_results_free(again);
  /* Without the range, or with one that is none, everything is looked at. */
  for (int i = 0; i < 2; i++) {
    file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t attribute = H5Aopen(file, "numbers_range", H5P_DEFAULT);
    const uint64_t beyond[2] = {range[0], size * 2};
    cr_assert(H5Awrite(attribute, H5T_NATIVE_UINT64, beyond) >= 0);
    H5Aclose(attribute);
    if (i == 1) H5Adelete(file, "numbers_range");
    H5Fclose(file);
    cr_expect_eq(dss_results_open(context, path, &again), DSS_ERR_DATA);
    cr_expect(strstr(dss_context_error(context), "the storage of texts at byte"), "%s",
              dss_context_error(context));
  }
  free(bytes);
  dss_results_free(results);
  dss_plan_free(plan);
}

/* --- beside other users of HDF5 ------------------------------------------------------------ */

static herr_t noisy(hid_t stack, void *data) {
  return 0;
}

Test(results_writer, error_printing_stays_the_callers) {
  H5E_auto2_t function;
  void *data;
  dss_results_writer *writer;
  H5Eset_auto2(H5E_DEFAULT, noisy, &folder);
  must(dss_results_writer_create(context, temporary_path(&folder, "r.h5"), false, &writer));
  H5Eget_auto2(H5E_DEFAULT, &function, &data);
  cr_expect(function == noisy && data == &folder);
  dss_results_writer_free(writer);
  H5Eget_auto2(H5E_DEFAULT, &function, &data);
  cr_expect(function == noisy && data == &folder);
}

Test(results_writer, an_older_format_is_read) {
  const char *path = temporary_path(&folder, "r.h5"), *old = "1.0";
  dss_plan *plan = plan_of(&designs[1], 20);
  dss_results *results, *again;
  must(save(plan, path, 1, &results));
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), type = dss_h5_text_type();
  hid_t format = H5Aopen(file, "format", H5P_DEFAULT);
  cr_assert(H5Awrite(format, type, &old) >= 0 && H5Ldelete(file, "/null/values", H5P_DEFAULT) >= 0);
  H5Aclose(format);
  H5Tclose(type);
  H5Fclose(file);
  must(dss_results_open(context, path, &again));
  expect_same_results(results, again);
  dss_results_free(results);
  dss_results_free(again);
  dss_plan_free(plan);
}
