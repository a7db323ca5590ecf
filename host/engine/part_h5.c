/* Parts in HDF5: a results file whose group /part says how far the run has come. */
#include <inttypes.h>
#include <string.h>

#include "host/core/alloc.h"
#include "part.h"
#include "results_h5.h"

/* The numbers of a part, in the order in which they are written. */
enum {
  SHARD,
  N_SHARDS,
  FIRST,
  END,
  TOTAL,
  SAVES_NULL,
  HAS_NULL,
  PILOT_ROWS,
  ROWS,
  ROWS_CRC,
  RESAMPLES,
  N_PILOT,
  N_TESTED,
  EXACT,
  HOLDS_OBSERVED,
  ENDS_WITH_PILOT,
  STOP_AFTER,
  N_NUMBERS
};
static const char *const names[N_NUMBERS] = {
    "shard",           "n_shards",  "first",      "end",   "total",
    "saves_null",      "has_null",  "pilot_rows", "rows",  "rows_crc",
    "resamples",       "n_pilot",   "n_tested",   "exact", "holds_observed",
    "ends_with_pilot", "stop_after"};

/* The numbers of a group under way. */
enum { UNIT, MADE, LEFT_OUT, N_BEGUN };
static const char *const begun_names[N_BEGUN] = {"unit", "resamples", "left_out"};

enum { CHUNK_BYTES = 1 << 20 };

/* --- writing ------------------------------------------------------------------------------- */

static void take_numbers(const dss_part *p, uint64_t numbers[N_NUMBERS]) {
  const dss_accumulators *a = &p->null.accumulators;
  const uint64_t all[N_NUMBERS] = {[SHARD] = p->shard,
                                   [N_SHARDS] = p->n_shards,
                                   [FIRST] = p->first,
                                   [END] = p->end,
                                   [TOTAL] = p->total,
                                   [SAVES_NULL] = p->saves_null,
                                   [HAS_NULL] = p->has_null,
                                   [PILOT_ROWS] = p->has_null ? 0 : p->pilot_rows,
                                   [ROWS] = p->rows_crc[0],
                                   [ROWS_CRC] = p->rows_crc[1],
                                   [RESAMPLES] = a->resamples,
                                   [N_PILOT] = p->null.n_pilot,
                                   [N_TESTED] = a->n_tested,
                                   [EXACT] = p->null.how.exact,
                                   [HOLDS_OBSERVED] = p->null.how.holds_observed,
                                   [ENDS_WITH_PILOT] = p->null.how.ends_with_pilot,
                                   [STOP_AFTER] = p->null.how.stop_after};
  memcpy(numbers, all, sizeof all);
}

static dss_status put_array(dss_h5 *h5, hid_t folder, const dss_h5_dim *column,
                            const dss_null_array *array) {
  char name[64];
  dss_h5_dim dims[2] = {*column};
  snprintf(name, sizeof name, "of_%s", array->name);
  if (array->width > 1) DSS_TRY(dss_h5_put_dim(h5, folder, name, array->width, &dims[1]));
  return dss_h5_put(h5, folder, array->name, array->type, array->width > 1 ? 2 : 1, dims,
                    dss_null_data(array), NULL);
}

static dss_status put_null(dss_h5 *h5, hid_t folder, dss_null *null) {
  dss_null_array arrays[DSS_NULL_ARRAYS];
  dss_h5_dim column;
  DSS_TRY(dss_h5_put_dim(h5, folder, "column", null->accumulators.n_columns, &column));
  dss_null_list(null, arrays);
  for (size_t i = 0; i < DSS_NULL_ARRAYS; i++)
    if (arrays[i].width > 0) DSS_TRY(put_array(h5, folder, &column, &arrays[i]));
  return DSS_OK;
}

static dss_status put_pilot(dss_h5 *h5, hid_t folder, const dss_results *r) {
  dss_h5_dim dims[2];
  DSS_TRY(dss_h5_put_dim(h5, folder, "pilot_resample", r->part->pilot_rows, &dims[0]));
  DSS_TRY(
      dss_h5_put_dim(h5, folder, "column", r->n_questions * r->n_groups * r->n_columns, &dims[1]));
  return dss_h5_put(h5, folder, "pilot", DSS_H5_F64, 2, dims, r->part->pilot, NULL);
}

/* Deflated as quickly as may be, for there may be much of it. */
static dss_status put_rows(dss_h5 *h5, hid_t folder, const char *name, const char *row_name,
                           uint64_t rows, const dss_h5_dim *statistic, const double *data) {
  const hsize_t fits = CHUNK_BYTES / sizeof(double) / statistic->size;
  const hsize_t sizes[2] = {rows, statistic->size};
  const hsize_t chunk[2] = {rows < fits ? rows : fits, statistic->size};
  dss_h5_dim dims[2] = {{0}, *statistic};
  hid_t dataset;
  if (rows == 0) return DSS_OK;
  DSS_TRY(dss_h5_put_dim(h5, folder, row_name, rows, &dims[0]));
  DSS_TRY(dss_h5_put_growing(h5, folder, name, DSS_H5_F64, 2, sizes, chunk, &dataset));
  DSS_TRY(dss_h5_append(h5, dataset, DSS_H5_F64, 0, rows, data));
  return dss_h5_put_dims(h5, dataset, 2, dims);
}

static dss_status put_begun(dss_h5 *h5, hid_t part, const dss_results *r) {
  const dss_begun *b = &r->part->begun;
  const uint64_t numbers[N_BEGUN] = {[UNIT] = b->unit, [MADE] = b->n, [LEFT_OUT] = b->n_left};
  hid_t folder;
  dss_h5_dim statistic;
  if (b->n == 0) return DSS_OK;
  DSS_TRY(dss_h5_put_group(h5, part, "under_way", &folder));
  for (size_t i = 0; i < N_BEGUN; i++)
    DSS_TRY(dss_h5_put_numbers_attribute(h5, folder, begun_names[i], DSS_H5_U64, &numbers[i], 1));
  DSS_TRY(dss_h5_put_dim(h5, folder, "statistic", dss_bootstrap_columns(r), &statistic));
  DSS_TRY(put_rows(h5, folder, "values", "resample", b->n, &statistic, b->values));
  return put_rows(h5, folder, "left_out_values", "left_out", b->n_left, &statistic, b->left_out);
}

dss_status dss_part_put(dss_h5 *h5, const dss_results *r) {
  dss_part *part = r->part;
  uint64_t numbers[N_NUMBERS];
  hid_t folder;
  dss_h5_dim unit;
  take_numbers(part, numbers);
  DSS_TRY(dss_h5_put_group(h5, h5->file, "part", &folder));
  for (size_t i = 0; i < N_NUMBERS; i++)
    DSS_TRY(dss_h5_put_numbers_attribute(h5, folder, names[i], DSS_H5_U64, &numbers[i], 1));
  DSS_TRY(dss_h5_put_dim(h5, folder, "unit", r->n_questions * r->n_groups, &unit));
  DSS_TRY(dss_h5_put(h5, folder, "bootstrapped", DSS_H5_U8, 1, &unit, part->made, NULL));
  DSS_TRY(put_begun(h5, folder, r));
  if (part->has_null) return put_null(h5, folder, &part->null);
  return part->pilot_rows > 0 ? put_pilot(h5, folder, r) : DSS_OK;
}

/* --- reading ------------------------------------------------------------------------------- */

static dss_status get_numbers(const dss_h5 *h5, hid_t folder, uint64_t numbers[N_NUMBERS]) {
  for (size_t i = 0; i < N_NUMBERS; i++)
    DSS_TRY(dss_h5_get_numbers_attribute(h5, folder, names[i], DSS_H5_U64, &numbers[i], 1));
  return DSS_OK;
}

static dss_status check_numbers(const dss_h5 *h5, hid_t folder, const uint64_t *n,
                                size_t n_columns) {
  static const int flags[] = {SAVES_NULL, HAS_NULL, EXACT, HOLDS_OBSERVED, ENDS_WITH_PILOT};
  bool sound = n[N_SHARDS] > 0 && n[SHARD] < n[N_SHARDS] && n[END] <= n[TOTAL] &&
               n[FIRST] <= n[END] && n[RESAMPLES] <= n[END] - n[FIRST] &&
               n[N_TESTED] <= n_columns && n[N_PILOT] <= DSS_MOMENT_BLOCK &&
               n[PILOT_ROWS] <= DSS_MOMENT_BLOCK && (n[HAS_NULL] || n[RESAMPLES] == 0);
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    sound = sound && n[flags[i]] <= 1;
  return sound ? DSS_OK : dss_h5_refuse(h5, folder, NULL, "its numbers make no sense together");
}

static dss_status get_array(const dss_h5 *h5, hid_t folder, size_t n_columns,
                            const dss_null_array *array) {
  const hsize_t sizes[2] = {n_columns, array->width};
  void *data = NULL;
  DSS_TRY(dss_h5_get(h5, folder, array->name, array->type, array->width > 1 ? 2 : 1, sizes, &data));
  memcpy(dss_null_data(array), data, n_columns * array->width * sizeof(uint64_t));
  free(data);
  return DSS_OK;
}

static dss_status get_arrays(const dss_h5 *h5, hid_t folder, const uint64_t *numbers,
                             dss_null *null) {
  dss_null_array arrays[DSS_NULL_ARRAYS];
  dss_accumulators *a = &null->accumulators;
  dss_null_list(null, arrays);
  for (size_t i = 0; i < DSS_NULL_ARRAYS; i++)
    if (arrays[i].width > 0) DSS_TRY(get_array(h5, folder, a->n_columns, &arrays[i]));
  a->resamples = numbers[RESAMPLES];
  a->n_tested = (size_t)numbers[N_TESTED];
  null->n_pilot = numbers[N_PILOT];
  for (size_t i = 0; i < a->n_columns; i++)
    if (a->order[i] >= a->n_columns)
      return dss_h5_refuse(h5, folder, "order", "names a column that is not there");
  return DSS_OK;
}

static dss_status get_null(const dss_h5 *h5, hid_t folder, const uint64_t *numbers,
                           size_t n_columns, unsigned threads, dss_null *null) {
  const dss_accumulation how = {.exact = numbers[EXACT],
                                .holds_observed = numbers[HOLDS_OBSERVED],
                                .ends_with_pilot = numbers[ENDS_WITH_PILOT],
                                .stop_after = numbers[STOP_AFTER],
                                .threads = threads};
  DSS_TRY(dss_null_allocate(h5->context, n_columns, &how, null));
  dss_status status = get_arrays(h5, folder, numbers, null);
  if (status != DSS_OK) dss_null_free(null);
  return status;
}

/* The unit that the bootstrap of the shard makes next; SIZE_MAX: there is none. */
static size_t next_unit(const dss_results *r) {
  uint64_t unit = 0;
  for (size_t i = 0; i < r->n_questions * r->n_groups; i++) {
    bool tested = r->cells[i * r->n_columns].reason != DSS_REASON_TOO_FEW_RATERS;
    if (!tested || unit++ % r->part->n_shards != r->part->shard) continue;
    if (!r->part->made[i]) return i;
  }
  return SIZE_MAX;
}

static uint64_t number_of(const char *key) {
  return key ? strtoull(key, NULL, 10) : 0;
}

static dss_status check_begun(const dss_h5 *h5, hid_t folder, const dss_results *r,
                              const uint64_t *n) {
  uint64_t all = number_of(r->keys[DSS_KEY_bootstrap]);
  uint64_t raters = number_of(r->keys[DSS_KEY_raters]), items = number_of(r->keys[DSS_KEY_items]);
  size_t next = next_unit(r);
  if (next == SIZE_MAX || n[UNIT] != next)
    return dss_h5_refuse(h5, folder, "unit", "is not the group whose bootstrap comes next");
  if (n[MADE] < 1 || n[MADE] > all)
    return dss_h5_refuse(h5, folder, "resamples", "has %" PRIu64 " of a bootstrap of %" PRIu64,
                         n[MADE], all);
  if (n[LEFT_OUT] > 0 && n[MADE] < all)
    return dss_h5_refuse(h5, folder, "left_out", "has values before the resamples are all there");
  if (n[LEFT_OUT] > raters && n[LEFT_OUT] - raters > items)
    return dss_h5_refuse(h5, folder, "left_out", "has more values than there are raters and items");
  return DSS_OK;
}

static dss_status get_begun(const dss_h5 *h5, hid_t part, dss_results *r) {
  dss_begun *b = &r->part->begun;
  uint64_t numbers[N_BEGUN];
  hid_t folder;
  if (!dss_h5_has(part, "under_way")) return DSS_OK; /* or of format 1.0, which kept none */
  DSS_TRY(dss_h5_get_group(h5, part, "under_way", &folder));
  for (size_t i = 0; i < N_BEGUN; i++)
    DSS_TRY(dss_h5_get_numbers_attribute(h5, folder, begun_names[i], DSS_H5_U64, &numbers[i], 1));
  DSS_TRY(check_begun(h5, folder, r, numbers));
  const hsize_t sizes[2] = {numbers[MADE], dss_bootstrap_columns(r)};
  const hsize_t left[2] = {numbers[LEFT_OUT], sizes[1]};
  DSS_TRY(dss_h5_get(h5, folder, "values", DSS_H5_F64, 2, sizes, &b->values));
  if (left[0] > 0)
    DSS_TRY(dss_h5_get(h5, folder, "left_out_values", DSS_H5_F64, 2, left, &b->left_out));
  b->unit = (size_t)numbers[UNIT];
  b->n = numbers[MADE];
  b->n_left = numbers[LEFT_OUT];
  return DSS_OK;
}

static dss_status get_part(const dss_h5 *h5, hid_t folder, unsigned threads, dss_results *r) {
  uint64_t numbers[N_NUMBERS];
  const hsize_t units = r->n_questions * r->n_groups;
  size_t n_columns = (size_t)units * r->n_columns;
  DSS_TRY(get_numbers(h5, folder, numbers));
  DSS_TRY(check_numbers(h5, folder, numbers, n_columns));
  DSS_TRY(DSS_ALLOC(h5->context, &r->part, 1));
  dss_part *part = r->part;
  part->shard = numbers[SHARD];
  part->n_shards = numbers[N_SHARDS];
  part->first = numbers[FIRST];
  part->end = numbers[END];
  part->total = numbers[TOTAL];
  part->saves_null = numbers[SAVES_NULL];
  part->rows_crc[0] = numbers[ROWS];
  part->rows_crc[1] = numbers[ROWS_CRC];
  DSS_TRY(dss_h5_get(h5, folder, "bootstrapped", DSS_H5_U8, 1, &units, &part->made));
  DSS_TRY(get_begun(h5, folder, r));
  part->pilot_rows = numbers[PILOT_ROWS];
  const hsize_t sizes[2] = {part->pilot_rows, n_columns};
  if (part->pilot_rows > 0)
    DSS_TRY(dss_h5_get(h5, folder, "pilot", DSS_H5_F64, 2, sizes, &part->pilot));
  if (!numbers[HAS_NULL]) return DSS_OK;
  DSS_TRY(get_null(h5, folder, numbers, n_columns, threads, &part->null));
  part->has_null = true;
  return DSS_OK;
}

dss_status dss_part_open(dss_context *context, const char *path, unsigned threads,
                         dss_results **results) {
  dss_h5 h5;
  hid_t folder;
  dss_results *made = NULL;
  DSS_TRY(dss_h5_open(context, path, DSS_PART_KIND, DSS_PART_FORMAT_MAJOR, &h5));
  dss_status status = dss_results_get(&h5, &made);
  if (status == DSS_OK) status = dss_h5_get_group(&h5, h5.file, "part", &folder);
  if (status == DSS_OK) status = get_part(&h5, folder, threads, made);
  dss_h5_close(&h5);
  if (status == DSS_OK)
    *results = made;
  else
    dss_results_free(made);
  return status;
}

/* --- the values of resamples ----------------------------------------------------------------- */

enum { PIECE_BYTES = 32 << 20 };

static dss_status copy_values(const dss_h5 *h5, hid_t dataset, const hsize_t sizes[4],
                              dss_results_writer *writer) {
  size_t row = (size_t)(sizes[1] * sizes[2] * sizes[3]);
  hsize_t piece = PIECE_BYTES / sizeof(double) / row;
  if (piece < 1) piece = 1;
  double *values;
  dss_status status = DSS_ALLOC(h5->context, &values, (size_t)piece * row);
  for (hsize_t done = 0; done < sizes[0] && status == DSS_OK;) {
    const hsize_t start[4] = {done, 0, 0, 0};
    hsize_t now = sizes[0] - done < piece ? sizes[0] - done : piece;
    const hsize_t count[4] = {now, sizes[1], sizes[2], sizes[3]};
    status = dss_h5_read_block(h5, dataset, DSS_H5_F64, 4, start, count, values);
    if (status == DSS_OK) status = dss_results_writer_append(h5->context, writer, now, values);
    done += now;
  }
  free(values);
  return status;
}

static dss_status copy_open(const dss_h5 *h5, const dss_results *r, dss_results_writer *writer) {
  const hsize_t sizes[4] = {r->part->end - r->part->first, r->n_questions, r->n_groups,
                            r->n_columns};
  hid_t folder, dataset;
  DSS_TRY(dss_h5_get_group(h5, h5->file, dss_result_folders[DSS_FOLDER_NULL], &folder));
  DSS_TRY(dss_h5_get_matrix(h5, folder, "values", DSS_H5_F64, 4, sizes, &dataset));
  dss_status status = copy_values(h5, dataset, sizes, writer);
  H5Dclose(dataset);
  return status;
}

dss_status dss_part_copy_values(dss_context *context, const char *path, const dss_results *results,
                                dss_results_writer *writer) {
  dss_h5 h5;
  if (results->part->end == results->part->first) return DSS_OK;
  DSS_TRY(dss_h5_open(context, path, DSS_PART_KIND, DSS_PART_FORMAT_MAJOR, &h5));
  dss_status status = copy_open(&h5, results, writer);
  dss_h5_close(&h5);
  return status;
}
