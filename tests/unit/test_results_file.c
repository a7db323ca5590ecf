/* Results files: back to the bit, and refused where they are wrong. */
#include <criterion/criterion.h>
#include <hdf5.h>
#include <math.h>
#include <stdint.h>

#include "host/core/alloc.h"
#include "host/engine/results_h5.h"
#include "unit/temporary.h"

/* HDF5 loses some memory of its own when it refuses a file; ours is still checked. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:libhdf5";
}

enum { N_QUESTIONS = 2, N_AXES = 2, N_GROUPS = 5 };
static const uint32_t n_levels[N_QUESTIONS] = {3, 5};
static const unsigned metrics =
    DSS_METRICS_GAI | DSS_STATISTIC_BIT(DSS_VOTING) | DSS_STATISTIC_BIT(DSS_PLURALITY);

static dss_context *context;
static temporary folder;
static dss_results *results;
static uint64_t state = 20240611;

static uint64_t next_bits(void) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return state ^ state >> 31;
}

/* Any bits at all: NaNs with payloads, infinities, subnormal numbers. */
static void fill(void *bytes, size_t count) {
  unsigned char *at = bytes;
  for (size_t i = 0; i < count; i++)
    at[i] = (unsigned char)(next_bits() >> 17);
}

static void fill_cell(dss_cell *cell) {
  for (size_t i = 0; i < dss_n_cell_fields; i++) {
    char *member = (char *)cell + dss_cell_fields[i].offset;
    switch (dss_cell_fields[i].type) {
    case FIELD_DOUBLE:
    case FIELD_COUNT:
      fill(member, 8);
      break;
    case FIELD_DIRECTION:
      *(int *)member = (int)(next_bits() % 3) - 1;
      break;
    case FIELD_FLAG:
      *(bool *)member = next_bits() & 1;
      break;
    case FIELD_REASON:
      *(dss_reason *)member = (dss_reason)(next_bits() % DSS_N_REASONS);
      break;
    case FIELD_METHOD:
      *(const char **)member = dss_method_names[next_bits() % DSS_N_METHODS];
      break;
    case FIELD_SET: /* of details only */
      break;
    case FIELD_WITHHELD:
      *(dss_withheld *)member = (dss_withheld)(next_bits() % DSS_N_WITHHELDS);
      break;
    }
  }
  fill(cell->quantiles, sizeof cell->quantiles);
}

static void must(dss_status status) {
  if (status == DSS_OK) return;
  fprintf(stderr, "%s\n", dss_context_error(context));
  abort();
}

static char *text(const char *before, size_t number) {
  char buffer[64], *copy;
  snprintf(buffer, sizeof buffer, "%s%zu", before, number);
  must(dss_copy_text(context, &copy, buffer));
  return copy;
}

static void set_up(void) {
  context = dss_context_new();
  temporary_begin(&folder);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  must(dss_results_new(context, metrics, N_QUESTIONS, n_levels, N_AXES, N_GROUPS, &results));
  size_t rows = N_QUESTIONS * N_GROUPS, cells = rows * results->n_columns;
  for (size_t q = 0; q < N_QUESTIONS; q++) {
    results->questions[q].name = text("question ", q);
    results->questions[q].scale = q == 0 ? DSS_ORDINAL : DSS_RATIO;
    for (uint32_t k = 0; k < n_levels[q]; k++)
      results->questions[q].levels[k] = text("level \xc3\xa9 ", 10 * q + k);
  }
  for (size_t a = 0; a < N_AXES; a++)
    results->axes[a] = text("axis*", a);
  for (size_t g = 0; g < N_GROUPS; g++)
    results->groups[g] = (dss_result_group){g / 3, text("group * ", g % 3), (uint32_t)(7 * g)};
  for (size_t i = 0; i < cells; i++)
    fill_cell(&results->cells[i]);
  for (size_t i = 0; i < rows; i++)
    for (size_t f = 0; f < dss_n_detail_fields; f++) {
      char *member = (char *)&results->details[i] + dss_detail_fields[f].offset;
      if (dss_detail_fields[f].type == FIELD_SET)
        *(dss_set_kind *)member = (dss_set_kind)(next_bits() % DSS_N_SETS);
      else if (dss_detail_fields[f].type == FIELD_WITHHELD)
        *(dss_withheld *)member = (dss_withheld)(next_bits() % DSS_N_WITHHELDS);
      else
        fill(member, 8);
    }
  fill(results->marginals, N_GROUPS * (3 + 5) * sizeof *results->marginals);
  fill(results->histograms, cells * (DSS_HISTOGRAM_BINS + 2) * sizeof *results->histograms);
  fill(results->edges, cells * 2 * sizeof *results->edges);
  results->resamples = UINT64_MAX - 5;
  for (size_t k = 0; k + 1 < DSS_N_RESULT_KEYS; k++)
    results->keys[k] = text("value ", k);
  dss_results_derive_dsi(results);
}

static void tear_down(void) {
  dss_results_free(results);
  dss_context_free(context);
  temporary_end(&folder);
}

TestSuite(results_file, .init = set_up, .fini = tear_down);

static void expect_same_names(const dss_results *a, const dss_results *b) {
  for (size_t q = 0; q < N_QUESTIONS; q++) {
    cr_expect_str_eq(dss_results_question(a, q), dss_results_question(b, q));
    cr_expect_eq(dss_results_scale(a, q), dss_results_scale(b, q));
    cr_assert_eq(dss_results_n_levels(a, q), dss_results_n_levels(b, q));
    for (uint32_t k = 0; k < n_levels[q]; k++)
      cr_expect_str_eq(dss_results_level(a, q, k), dss_results_level(b, q, k));
  }
  for (size_t i = 0; i < N_AXES; i++)
    cr_expect_str_eq(dss_results_axis(a, i), dss_results_axis(b, i));
  for (size_t g = 0; g < N_GROUPS; g++) {
    cr_expect_str_eq(dss_results_group(a, g), dss_results_group(b, g));
    cr_expect_eq(dss_results_group_axis(a, g), dss_results_group_axis(b, g));
    cr_expect_eq(dss_results_group_raters(a, g), dss_results_group_raters(b, g));
  }
  for (size_t k = 0; k < DSS_N_RESULT_KEYS; k++) {
    const char *key = dss_results_provenance_key(k);
    cr_expect_str_eq(dss_results_provenance(a, key), dss_results_provenance(b, key));
  }
}

Test(results_file, round_trip_to_the_bit) {
  const char *path = temporary_path(&folder, "r.h5");
  dss_results *again = NULL;
  cr_assert_eq(dss_results_save(context, results, path, false), DSS_OK, "%s",
               dss_context_error(context));
  cr_assert_eq(dss_results_open(context, path, &again), DSS_OK, "%s", dss_context_error(context));
  cr_assert_eq(again->metrics, results->metrics);
  cr_assert_eq(again->n_questions, results->n_questions);
  cr_assert_eq(again->n_axes, results->n_axes);
  cr_assert_eq(again->n_groups, results->n_groups);
  cr_expect_eq(again->resamples, results->resamples);
  size_t rows = N_QUESTIONS * N_GROUPS, cells = rows * results->n_columns;
  /* Both came zeroed and were filled member by member, so that padding is equal too. */
  cr_expect_arr_eq(again->cells, results->cells, cells * sizeof *results->cells);
  cr_expect_arr_eq(again->marginals, results->marginals, N_GROUPS * 8 * sizeof(uint64_t));
  cr_expect_arr_eq(again->histograms, results->histograms,
                   cells * (DSS_HISTOGRAM_BINS + 2) * sizeof(uint64_t));
  cr_expect_arr_eq(again->edges, results->edges, cells * 2 * sizeof(double));
  cr_expect_arr_eq(again->dsi, results->dsi, N_QUESTIONS * N_AXES * sizeof *results->dsi);
  for (size_t i = 0; i < rows; i++)
    cr_expect_arr_eq(&again->details[i], &results->details[i],
                     offsetof(dss_group_detail, marginals));
  expect_same_names(results, again);
  dss_results_free(again);
}

static void set_format(hid_t file, const char *format) {
  hid_t type = H5Tcopy(H5T_C_S1), attribute = H5Aopen(file, "format", H5P_DEFAULT);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  cr_assert(H5Awrite(attribute, type, &format) >= 0);
  H5Aclose(attribute);
  H5Tclose(type);
}

/* How many of the fields came after format 1.minor; their datasets are removed. */
static size_t remove_later(hid_t file, unsigned minor, const dss_result_field *fields,
                           size_t n_fields) {
  size_t removed = 0;
  for (size_t i = 0; i < n_fields; i++) {
    char name[64];
    if (fields[i].since <= minor) continue;
    snprintf(name, sizeof name, "/%s/%s", fields[i].folder, fields[i].name);
    cr_assert(H5Ldelete(file, name, H5P_DEFAULT) >= 0, "%s", name);
    removed++;
  }
  return removed;
}

/* Files of format 1.0 lack what came later; it reads as it is where it was not asked for. */
Test(results_file, format_1_0_is_read) {
  const char *const keys[] = {"stop_after", "bootstrap", "over", "interval"};
  const char *path = temporary_path(&folder, "old.h5");
  must(dss_results_save(context, results, path, false));
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  set_format(file, "1.0");
  cr_assert_eq(remove_later(file, 0, dss_cell_fields, dss_n_cell_fields), 5 + 10);
  cr_assert_eq(remove_later(file, 0, dss_detail_fields, dss_n_detail_fields), 5);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    cr_assert(H5Adelete(file, keys[i]) >= 0);
  cr_assert(H5Fclose(file) >= 0);
  dss_results *again = NULL;
  must(dss_results_open(context, path, &again));
  const dss_cell *old = &again->cells[1], *now = &results->cells[1];
  cr_expect_arr_eq(&old->estimate, &now->estimate, sizeof now->estimate);
  cr_expect_arr_eq(&old->se, &now->se, sizeof now->se);
  cr_expect(old->ge == now->ge && old->ge_at == 0 && old->le_at == 0);
  cr_expect(isnan(old->p_tail) && isnan(old->p_tail_low) && isnan(old->p_tail_high));
  cr_expect(isnan(old->percentile_low) && isnan(old->bca_high) && isnan(old->basic_low));
  cr_expect(old->boot_undefined == 0 && !old->boot_flagged && !old->ci_misses);
  cr_expect_eq(old->ci_withheld, DSS_WITHHELD_NONE);
  cr_expect_eq(again->details[1].fieller_kind, DSS_SET_NONE);
  cr_expect(again->details[1].fieller_withheld == DSS_WITHHELD_NONE &&
            again->details[1].fieller_pairs == 0);
  cr_expect(isnan(again->details[1].fieller_low));
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    cr_expect_str_eq(dss_results_provenance(again, keys[i]), "");
  dss_results_free(again);
}

/* Files of format 1.1 have intervals, and know of none that was withheld. */
Test(results_file, format_1_1_is_read) {
  const char *path = temporary_path(&folder, "old.h5");
  for (size_t i = 0; i < N_QUESTIONS * N_GROUPS; i++)
    results->details[i].fieller_kind = DSS_SET_BOUNDED;
  must(dss_results_save(context, results, path, false));
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  set_format(file, "1.1");
  cr_assert_eq(remove_later(file, 1, dss_cell_fields, dss_n_cell_fields), 1);
  cr_assert_eq(remove_later(file, 1, dss_detail_fields, dss_n_detail_fields), 2);
  cr_assert(H5Fclose(file) >= 0);
  dss_results *again = NULL;
  must(dss_results_open(context, path, &again));
  const dss_cell *old = &again->cells[1], *now = &results->cells[1];
  cr_expect_arr_eq(&old->bca_low, &now->bca_low, sizeof now->bca_low);
  cr_expect(old->ge_at == now->ge_at && old->boot_undefined == now->boot_undefined);
  cr_expect(old->ci_withheld == DSS_WITHHELD_NONE);
  cr_expect(again->details[1].fieller_kind == DSS_SET_BOUNDED &&
            again->details[1].fieller_withheld == DSS_WITHHELD_NONE &&
            again->details[1].fieller_pairs == 0);
  dss_results_free(again);
}

/* --- refusals ---------------------------------------------------------------------------- */

static void expect_edit_refused(void (*edit)(hid_t file), const char *expected) {
  const char *path = temporary_path(&folder, "edited.h5");
  must(dss_results_save(context, results, path, true));
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  edit(file);
  cr_assert(H5Fclose(file) >= 0);
  dss_results *again = NULL;
  cr_expect_eq(dss_results_open(context, path, &again), DSS_ERR_DATA);
  cr_expect_null(again);
  cr_expect(strstr(dss_context_error(context), expected), "no '%s' in '%s'", expected,
            dss_context_error(context));
}

/* Writes one value over the whole of a dataset of numbers. */
static void flood(hid_t file, const char *name, int value) {
  hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
  size_t count = (size_t)H5Sget_simple_extent_npoints(space);
  int *values = malloc(count * sizeof *values);
  for (size_t i = 0; i < count; i++)
    values[i] = value;
  cr_assert(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  free(values);
  H5Sclose(space);
  H5Dclose(dataset);
}

static void put_texts(hid_t file, const char *name, const char *const *texts) {
  hid_t type = H5Tcopy(H5T_C_S1), dataset = H5Dopen2(file, name, H5P_DEFAULT);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  cr_assert(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) >= 0);
  H5Dclose(dataset);
  H5Tclose(type);
}

static void no_z(hid_t file) {
  H5Ldelete(file, "/null/z", H5P_DEFAULT);
}
static void no_bca(hid_t file) {
  H5Ldelete(file, "/interval/bca_low", H5P_DEFAULT);
}
static void set(hid_t file) {
  flood(file, "/detail/fieller_kind", DSS_N_SETS);
}
static void withheld(hid_t file) {
  flood(file, "/interval/withheld", DSS_N_WITHHELDS);
}
static void misses(hid_t file) {
  flood(file, "/interval/misses", 2);
}
static void axis_outside(hid_t file) {
  flood(file, "/group_axis", N_AXES);
}
static void direction(hid_t file) {
  flood(file, "/p/direction", 2);
}
static void flagged(hid_t file) {
  flood(file, "/p/flagged", 2);
}
static void reason(hid_t file) {
  flood(file, "/reason", DSS_N_REASONS);
}
static void levels(hid_t file) {
  flood(file, "/n_levels", 6);
}
static void statistic(hid_t file) {
  put_texts(file, "/statistic", (const char *const[]){"irr", "xrr", "gai", "mood", "a", "b"});
}
static void order(hid_t file) {
  put_texts(file, "/statistic",
            (const char *const[]){"xrr", "irr", "gai", "difference", "plurality", "voting"});
}
static void scale(hid_t file) {
  put_texts(file, "/scale", (const char *const[]){"ordinal", "odd"});
}
static void meaning(hid_t file) {
  H5Adelete_by_name(file, "/reason", "flag_meanings", H5P_DEFAULT);
}

Test(results_file, edits_are_refused_by_name) {
  cr_assert_eq(results->n_columns, 6);
  expect_edit_refused(no_z, "/null/z: is missing");
  expect_edit_refused(no_bca, "/interval/bca_low: is missing");
  expect_edit_refused(set, "/detail/fieller_kind: code 7 has no meaning");
  expect_edit_refused(withheld, "/interval/withheld: code 6 has no meaning");
  expect_edit_refused(misses, "/interval/misses: holds 2");
  expect_edit_refused(axis_outside, "/group_axis: group 0 is on axis 2 of 2");
  expect_edit_refused(direction, "/p/direction: holds 2");
  expect_edit_refused(flagged, "/p/flagged: holds 2");
  char beyond[64];
  snprintf(beyond, sizeof beyond, "/reason: code %d has no meaning", (int)DSS_N_REASONS);
  expect_edit_refused(reason, beyond);
  expect_edit_refused(levels, "/n_levels: question 0 has 6 levels");
  expect_edit_refused(statistic, "/statistic: 'mood' is not known");
  expect_edit_refused(order, "/statistic: 'irr' is out of order");
  expect_edit_refused(scale, "/scale: 'odd' is no scale");
  expect_edit_refused(meaning, "/reason: has no attribute 'flag_meanings'");
}

Test(results_file, a_study_is_no_results) {
  const char *path = temporary_path(&folder, "r.h5"), *name = "x";
  dss_study *study = NULL;
  dss_results *again = NULL;
  must(dss_study_new(context, 1, &name, 1, &name, &study));
  must(dss_study_save(context, study, path, false));
  dss_study_free(study);
  cr_expect_eq(dss_results_open(context, path, &again), DSS_ERR_DATA);
  cr_expect(strstr(dss_context_error(context),
                   "is of kind 'dissensus-study'; expected dissensus-results"));
  cr_expect_eq(dss_results_save(context, results, path, false), DSS_ERR_FILE);
}
