/* What a results file holds, and the writer. */
#include "results_h5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "part.h"

#define CELL_SINCE(since, folder, name, type, member)                                              \
  { folder, name, type, offsetof(dss_cell, member), since }
#define CELL(folder, name, type, member) CELL_SINCE(0, folder, name, type, member)
const dss_result_field dss_cell_fields[] = {
    CELL(NULL, "observed", FIELD_DOUBLE, estimate),
    CELL(NULL, "reason", FIELD_REASON, reason),
    CELL("null", "resamples", FIELD_COUNT, resamples),
    CELL("null", "undefined", FIELD_COUNT, undefined),
    CELL("null", "below", FIELD_COUNT, below),
    CELL("null", "equal", FIELD_COUNT, equal),
    CELL("null", "above", FIELD_COUNT, above),
    CELL("null", "ge", FIELD_COUNT, ge),
    CELL("null", "le", FIELD_COUNT, le),
    CELL_SINCE(1, "null", "ge_at", FIELD_COUNT, ge_at),
    CELL_SINCE(1, "null", "le_at", FIELD_COUNT, le_at),
    CELL("null", "mean", FIELD_DOUBLE, null_mean),
    CELL("null", "sd", FIELD_DOUBLE, null_sd),
    CELL("null", "min", FIELD_DOUBLE, null_min),
    CELL("null", "max", FIELD_DOUBLE, null_max),
    CELL("null", "z", FIELD_DOUBLE, z),
    CELL("p", "up", FIELD_DOUBLE, p_up),
    CELL("p", "down", FIELD_DOUBLE, p_down),
    CELL("p", "two_sided", FIELD_DOUBLE, p),
    CELL("p", "mc_low", FIELD_DOUBLE, p_low),
    CELL("p", "mc_high", FIELD_DOUBLE, p_high),
    CELL_SINCE(1, "p", "tail", FIELD_DOUBLE, p_tail),
    CELL_SINCE(1, "p", "tail_low", FIELD_DOUBLE, p_tail_low),
    CELL_SINCE(1, "p", "tail_high", FIELD_DOUBLE, p_tail_high),
    CELL("p", "grasp", FIELD_DOUBLE, p_grasp),
    CELL("p", "q_bh", FIELD_DOUBLE, q_bh),
    CELL("p", "holm", FIELD_DOUBLE, p_holm),
    CELL("p", "bonferroni", FIELD_DOUBLE, p_bonferroni),
    CELL("p", "maxt", FIELD_DOUBLE, p_maxt),
    CELL("p", "direction", FIELD_DIRECTION, direction),
    CELL("p", "flagged", FIELD_FLAG, flagged),
    CELL("interval", "low", FIELD_DOUBLE, ci_low),
    CELL("interval", "high", FIELD_DOUBLE, ci_high),
    CELL("interval", "se", FIELD_DOUBLE, se),
    CELL("interval", "method", FIELD_METHOD, ci_method),
    CELL_SINCE(1, "interval", "percentile_low", FIELD_DOUBLE, percentile_low),
    CELL_SINCE(1, "interval", "percentile_high", FIELD_DOUBLE, percentile_high),
    CELL_SINCE(1, "interval", "basic_low", FIELD_DOUBLE, basic_low),
    CELL_SINCE(1, "interval", "basic_high", FIELD_DOUBLE, basic_high),
    CELL_SINCE(1, "interval", "bca_low", FIELD_DOUBLE, bca_low),
    CELL_SINCE(1, "interval", "bca_high", FIELD_DOUBLE, bca_high),
    CELL_SINCE(1, "interval", "undefined", FIELD_COUNT, boot_undefined),
    CELL_SINCE(1, "interval", "flagged", FIELD_FLAG, boot_flagged),
    CELL_SINCE(1, "interval", "misses", FIELD_FLAG, ci_misses),
    CELL_SINCE(2, "interval", "withheld", FIELD_WITHHELD, ci_withheld),
};
const size_t dss_n_cell_fields = sizeof dss_cell_fields / sizeof *dss_cell_fields;

#define DETAIL_SINCE(since, name, type)                                                            \
  { "detail", #name, type, offsetof(dss_group_detail, name), since }
#define DETAIL(name, type) DETAIL_SINCE(0, name, type)
const dss_result_field dss_detail_fields[] = {
    DETAIL(ratings, FIELD_COUNT),
    DETAIL(units_rated, FIELD_COUNT),
    DETAIL(units_irr, FIELD_COUNT),
    DETAIL(units_xrr, FIELD_COUNT),
    DETAIL(units_voting, FIELD_COUNT),
    DETAIL(units_tied, FIELD_COUNT),
    DETAIL(pairable, FIELD_COUNT),
    DETAIL(observed_disagreement, FIELD_DOUBLE),
    DETAIL(expected_disagreement, FIELD_DOUBLE),
    DETAIL(cross_observed_disagreement, FIELD_DOUBLE),
    DETAIL(cross_expected_disagreement, FIELD_DOUBLE),
    DETAIL(percent_agreement, FIELD_DOUBLE),
    DETAIL(xrr_nonpositive, FIELD_DOUBLE),
    DETAIL_SINCE(1, fieller_low, FIELD_DOUBLE),
    DETAIL_SINCE(1, fieller_high, FIELD_DOUBLE),
    DETAIL_SINCE(1, fieller_kind, FIELD_SET),
    DETAIL_SINCE(2, fieller_withheld, FIELD_WITHHELD),
    DETAIL_SINCE(2, fieller_pairs, FIELD_COUNT),
};
const size_t dss_n_detail_fields = sizeof dss_detail_fields / sizeof *dss_detail_fields;

const char *const dss_result_folders[DSS_N_RESULT_FOLDERS] = {"null", "p", "interval", "detail"};

/* Codes in the file go by these names (the attribute flag_meanings), not by our numbers. */
const char *const dss_reason_names[DSS_N_REASONS] = {
#define DSS_X(enumerator, text) #enumerator,
    DSS_REASONS(DSS_X)
#undef DSS_X
};
const char *const dss_method_names[DSS_N_METHODS] = {"",        "percentile", "basic", "bca",
                                                     "fieller", "normal",     "logit"};
const char *const dss_set_names[DSS_N_SETS] = {"none",  "bounded", "outside", "above",
                                               "below", "whole",   "empty"};
const char *const dss_withheld_names[DSS_N_WITHHELDS] = {
#define DSS_X(enumerator, text) #enumerator,
    DSS_WITHHELDS(DSS_X)
#undef DSS_X
};

const char *const *dss_field_names(dss_field_type type, uint8_t *count) {
  switch (type) {
  case FIELD_REASON:
    *count = DSS_N_REASONS;
    return dss_reason_names;
  case FIELD_METHOD:
    *count = DSS_N_METHODS;
    return dss_method_names;
  case FIELD_SET:
    *count = DSS_N_SETS;
    return dss_set_names;
  case FIELD_WITHHELD:
    *count = DSS_N_WITHHELDS;
    return dss_withheld_names;
  case FIELD_DOUBLE:
  case FIELD_COUNT:
  case FIELD_DIRECTION:
  case FIELD_FLAG:
    break;
  }
  *count = 0;
  return NULL;
}

dss_h5_type dss_result_stored_type(dss_field_type type) {
  switch (type) {
  case FIELD_DOUBLE:
    return DSS_H5_F64;
  case FIELD_COUNT:
    return DSS_H5_U64;
  case FIELD_DIRECTION:
    return DSS_H5_I8;
  case FIELD_FLAG:
  case FIELD_REASON:
  case FIELD_METHOD:
  case FIELD_SET:
  case FIELD_WITHHELD:
    return DSS_H5_U8;
  }
  return DSS_H5_U8;
}

hid_t dss_result_folder(const dss_result_field *field, hid_t root, const hid_t *folders) {
  for (size_t i = 0; field->folder && i < DSS_N_RESULT_FOLDERS; i++)
    if (strcmp(dss_result_folders[i], field->folder) == 0) return folders[i];
  return root;
}

/* The file's dimensions and folders. */
typedef struct shapes {
  dss_h5_dim question, group, statistic, axis, level, bin, edge, quantile;
  hid_t folders[DSS_N_RESULT_FOLDERS];
} shapes;

/* --- writing: fields --------------------------------------------------------------------- */

static uint8_t method_code(const char *method) {
  for (uint8_t i = 1; i < DSS_N_METHODS; i++)
    if (strcmp(method, dss_method_names[i]) == 0) return i;
  return 0;
}

/* One member into one element of the dataset's buffer. */
static void pack(dss_field_type type, const void *member, unsigned char *element) {
  int direction;
  bool flag;
  dss_reason reason;
  const char *method;
  dss_set_kind kind;
  dss_withheld withheld;
  switch (type) {
  case FIELD_DOUBLE:
  case FIELD_COUNT:
    memcpy(element, member, 8);
    break;
  case FIELD_DIRECTION:
    memcpy(&direction, member, sizeof direction);
    *(int8_t *)element = (int8_t)direction;
    break;
  case FIELD_FLAG:
    memcpy(&flag, member, sizeof flag);
    *element = flag;
    break;
  case FIELD_REASON:
    memcpy(&reason, member, sizeof reason);
    *element = (uint8_t)reason;
    break;
  case FIELD_METHOD:
    memcpy(&method, member, sizeof method);
    *element = method_code(method);
    break;
  case FIELD_SET:
    memcpy(&kind, member, sizeof kind);
    *element = (uint8_t)kind;
    break;
  case FIELD_WITHHELD:
    memcpy(&withheld, member, sizeof withheld);
    *element = (uint8_t)withheld;
    break;
  }
}

/* The meanings of codes, as the CF conventions name them; xarray shows them. */
static dss_status put_meanings(dss_h5 *h5, hid_t dataset, dss_field_type type) {
  uint8_t count, values[DSS_N_REASONS + DSS_N_METHODS + DSS_N_SETS];
  const char *const *names = dss_field_names(type, &count);
  if (!names) return DSS_OK;
  for (uint8_t i = 0; i < count; i++)
    values[i] = i;
  DSS_TRY(dss_h5_put_numbers_attribute(h5, dataset, "flag_values", DSS_H5_U8, values, count));
  return dss_h5_put_texts_attribute(h5, dataset, "flag_meanings", names, count);
}

dss_status dss_result_put_field(dss_h5 *h5, hid_t folder, const dss_result_field *f,
                                const void *structs, size_t stride, size_t count, int rank,
                                const dss_h5_dim *dims) {
  dss_h5_type type = dss_result_stored_type(f->type);
  size_t element = dss_h5_type_size(type);
  unsigned char *buffer = dss_zeroed(count, element);
  if (!buffer) return dss_fail_memory(h5->context, count * element);
  for (size_t i = 0; i < count; i++)
    pack(f->type, (const char *)structs + i * stride + f->offset, buffer + i * element);
  hid_t dataset;
  dss_status status = dss_h5_put(h5, folder, f->name, type, rank, dims, buffer, &dataset);
  free(buffer);
  if (status != DSS_OK) return status;
  status = put_meanings(h5, dataset, f->type);
  H5Dclose(dataset);
  return status;
}

/* --- writing: names ---------------------------------------------------------------------- */

static uint32_t most_levels(const dss_results *r) {
  uint32_t most = 1;
  for (size_t q = 0; q < r->n_questions; q++)
    if (r->questions[q].n_levels > most) most = r->questions[q].n_levels;
  return most;
}

static dss_status put_plain_dims(dss_h5 *h5, const dss_results *r, shapes *s) {
  DSS_TRY(dss_h5_put_dim(h5, h5->file, "level", most_levels(r), &s->level));
  DSS_TRY(dss_h5_put_dim(h5, h5->file, "bin", DSS_HISTOGRAM_BINS + 2, &s->bin));
  DSS_TRY(dss_h5_put_dim(h5, h5->file, "edge", 2, &s->edge));
  return dss_h5_put_numbers_dim(h5, h5->file, "quantile", dss_quantile_levels, DSS_N_QUANTILES,
                                &s->quantile);
}

static dss_status put_statistics(dss_h5 *h5, const dss_results *r, dss_h5_dim *dim) {
  const char *names[DSS_N_STATISTICS];
  size_t count = 0;
  for (unsigned i = 0; i < DSS_N_STATISTICS; i++)
    if (r->metrics & DSS_STATISTIC_BIT(i)) names[count++] = dss_statistic_name((dss_statistic)i);
  return dss_h5_put_texts_dim(h5, h5->file, "statistic", names, count, dim);
}

/* Groups of different axes may share a label: "axis: label" tells them apart. */
static dss_status put_group_names(dss_h5 *h5, const dss_results *r, shapes *s, const char **labels,
                                  char **names, uint32_t *axes, uint32_t *raters) {
  for (size_t g = 0; g < r->n_groups; g++) {
    const dss_result_group *group = &r->groups[g];
    const char *axis = r->axes[group->axis];
    size_t size = strlen(axis) + strlen(group->name) + 3;
    names[g] = dss_zeroed(size, 1);
    if (!names[g]) return dss_fail_memory(h5->context, size);
    snprintf(names[g], size, "%s: %s", axis, group->name);
    labels[g] = group->name;
    axes[g] = (uint32_t)group->axis;
    raters[g] = group->raters;
  }
  DSS_TRY(dss_h5_put_texts_dim(h5, h5->file, "group", (const char *const *)names, r->n_groups,
                               &s->group));
  DSS_TRY(dss_h5_put(h5, h5->file, "group_axis", DSS_H5_U32, 1, &s->group, axes, NULL));
  DSS_TRY(dss_h5_put_texts(h5, h5->file, "group_label", 1, &s->group, labels));
  return dss_h5_put(h5, h5->file, "group_raters", DSS_H5_U32, 1, &s->group, raters, NULL);
}

static dss_status put_groups(dss_h5 *h5, const dss_results *r, shapes *s) {
  const char **labels = NULL;
  char **names = NULL;
  uint32_t *axes = NULL, *raters = NULL;
  dss_status status = DSS_ALLOC(h5->context, &labels, r->n_groups);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &names, r->n_groups);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &axes, r->n_groups);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &raters, r->n_groups);
  if (status == DSS_OK) status = put_group_names(h5, r, s, labels, names, axes, raters);
  for (size_t g = 0; names && g < r->n_groups; g++)
    free(names[g]);
  free(labels);
  free(names);
  free(axes);
  free(raters);
  return status;
}

static dss_status put_question_texts(dss_h5 *h5, const dss_results *r, shapes *s,
                                     const char **names, const char **scales, uint32_t *n_levels,
                                     const char **levels) {
  for (size_t q = 0; q < r->n_questions; q++) {
    const dss_result_question *question = &r->questions[q];
    names[q] = question->name;
    scales[q] = dss_scale_name(question->scale);
    n_levels[q] = question->n_levels;
    for (size_t k = 0; k < s->level.size; k++)
      levels[q * s->level.size + k] = k < question->n_levels ? question->levels[k] : "";
  }
  DSS_TRY(dss_h5_put_texts_dim(h5, h5->file, "question", names, r->n_questions, &s->question));
  DSS_TRY(dss_h5_put_texts(h5, h5->file, "scale", 1, &s->question, scales));
  DSS_TRY(dss_h5_put(h5, h5->file, "n_levels", DSS_H5_U32, 1, &s->question, n_levels, NULL));
  const dss_h5_dim dims[] = {s->question, s->level};
  return dss_h5_put_texts(h5, h5->file, "level_label", 2, dims, levels);
}

static dss_status put_questions(dss_h5 *h5, const dss_results *r, shapes *s) {
  const char **names = NULL, **scales = NULL, **levels = NULL;
  uint32_t *n_levels = NULL;
  dss_status status = DSS_ALLOC(h5->context, &names, r->n_questions);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &scales, r->n_questions);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &n_levels, r->n_questions);
  if (status == DSS_OK)
    status = DSS_ALLOC(h5->context, &levels, r->n_questions * (size_t)s->level.size);
  if (status == DSS_OK) status = put_question_texts(h5, r, s, names, scales, n_levels, levels);
  free(names);
  free(scales);
  free(levels);
  free(n_levels);
  return status;
}

/* --- writing: the whole ------------------------------------------------------------------ */

static dss_status put_provenance(dss_h5 *h5, const dss_results *r) {
  for (size_t k = 0; k < DSS_N_RESULT_KEYS; k++)
    DSS_TRY(dss_h5_put_text_attribute(h5, h5->file, dss_results_provenance_key(k),
                                      r->keys[k] ? r->keys[k] : ""));
  return dss_h5_put_numbers_attribute(h5, h5->file, "resamples", DSS_H5_U64, &r->resamples, 1);
}

static dss_status put_names(dss_h5 *h5, const dss_results *r, shapes *s) {
  DSS_TRY(put_plain_dims(h5, r, s));
  DSS_TRY(put_questions(h5, r, s));
  DSS_TRY(put_statistics(h5, r, &s->statistic));
  DSS_TRY(dss_h5_put_texts_dim(h5, h5->file, "axis", (const char *const *)r->axes, r->n_axes,
                               &s->axis));
  DSS_TRY(put_groups(h5, r, s));
  for (size_t i = 0; i < DSS_N_RESULT_FOLDERS; i++)
    if (s->folders[i] <= 0) /* else it is there, with the run's values */
      DSS_TRY(dss_h5_put_group(h5, h5->file, dss_result_folders[i], &s->folders[i]));
  return DSS_OK;
}

/* Quantiles lie inside the cells: gathered before they are written. */
static dss_status put_quantiles(dss_h5 *h5, const dss_results *r, const shapes *s) {
  size_t cells = r->n_questions * r->n_groups * r->n_columns;
  double *buffer = dss_zeroed(cells, sizeof r->cells->quantiles);
  if (!buffer) return dss_fail_memory(h5->context, cells * sizeof r->cells->quantiles);
  for (size_t i = 0; i < cells; i++)
    memcpy(buffer + i * DSS_N_QUANTILES, r->cells[i].quantiles, sizeof r->cells->quantiles);
  const dss_h5_dim dims[] = {s->question, s->group, s->statistic, s->quantile};
  dss_status status =
      dss_h5_put(h5, s->folders[DSS_FOLDER_NULL], "quantiles", DSS_H5_F64, 4, dims, buffer, NULL);
  free(buffer);
  return status;
}

/* Questions have different numbers of levels: rows are padded with zeros to the largest. */
static dss_status put_marginals(dss_h5 *h5, const dss_results *r, const shapes *s) {
  size_t rows = r->n_questions * r->n_groups, width = (size_t)s->level.size;
  uint64_t *buffer = NULL;
  DSS_TRY(DSS_ALLOC(h5->context, &buffer, rows * width));
  for (size_t i = 0; i < rows; i++)
    memcpy(buffer + i * width, r->details[i].marginals,
           r->questions[i / r->n_groups].n_levels * sizeof *buffer);
  const dss_h5_dim dims[] = {s->question, s->group, s->level};
  dss_status status =
      dss_h5_put(h5, s->folders[DSS_FOLDER_DETAIL], "marginals", DSS_H5_U64, 3, dims, buffer, NULL);
  free(buffer);
  return status;
}

static dss_status put_fields(dss_h5 *h5, const shapes *s, const dss_result_field *fields,
                             size_t n_fields, const void *structs, size_t stride, size_t count,
                             int rank, const dss_h5_dim *dims) {
  for (size_t i = 0; i < n_fields; i++)
    DSS_TRY(dss_result_put_field(h5, dss_result_folder(&fields[i], h5->file, s->folders),
                                 &fields[i], structs, stride, count, rank, dims));
  return DSS_OK;
}

static dss_status put_arrays(dss_h5 *h5, const dss_results *r, const shapes *s) {
  const dss_h5_dim dims[] = {s->question, s->group, s->statistic, s->bin};
  const dss_h5_dim edge_dims[] = {s->question, s->group, s->statistic, s->edge};
  size_t rows = r->n_questions * r->n_groups;
  DSS_TRY(put_fields(h5, s, dss_cell_fields, dss_n_cell_fields, r->cells, sizeof *r->cells,
                     rows * r->n_columns, 3, dims));
  DSS_TRY(put_fields(h5, s, dss_detail_fields, dss_n_detail_fields, r->details, sizeof *r->details,
                     rows, 2, dims));
  DSS_TRY(dss_h5_put(h5, s->folders[DSS_FOLDER_NULL], "histogram", DSS_H5_U64, 4, dims,
                     r->histograms, NULL));
  DSS_TRY(dss_h5_put(h5, s->folders[DSS_FOLDER_NULL], "histogram_edges", DSS_H5_F64, 4, edge_dims,
                     r->edges, NULL));
  DSS_TRY(put_quantiles(h5, r, s));
  return put_marginals(h5, r, s);
}

/* A resample has no name but its number: a dimension without values of its own. */
static dss_status put_null_dims(dss_h5 *h5, const dss_result_nulls *nulls, const shapes *s) {
  dss_h5_dim resample;
  DSS_TRY(dss_h5_put_dim(h5, h5->file, "resample", nulls->rows, &resample));
  const dss_h5_dim dims[] = {resample, s->question, s->group, s->statistic};
  return dss_h5_put_dims(h5, nulls->values, 4, dims);
}

static dss_status put_part(dss_h5 *h5, const dss_results *results) {
  DSS_TRY(dss_h5_put_text_attribute(h5, h5->file, DSS_RESULTS_FORMAT_OF_PART, DSS_RESULTS_FORMAT));
  return dss_part_put(h5, results);
}

dss_status dss_results_put(dss_h5 *h5, const dss_results *results, const dss_result_nulls *nulls) {
  shapes s = {0};
  if (nulls) s.folders[DSS_FOLDER_NULL] = nulls->folder;
  DSS_TRY(put_provenance(h5, results));
  DSS_TRY(put_names(h5, results, &s));
  DSS_TRY(put_arrays(h5, results, &s));
  if (nulls) DSS_TRY(put_null_dims(h5, nulls, &s));
  return results->part ? put_part(h5, results) : DSS_OK;
}

dss_status dss_results_create(dss_context *context, const dss_results *results, const char *path,
                              dss_h5 *h5) {
  return results->part ? dss_h5_create(context, path, DSS_PART_KIND, DSS_PART_FORMAT, h5)
                       : dss_h5_create(context, path, DSS_RESULTS_KIND, DSS_RESULTS_FORMAT, h5);
}

dss_status dss_results_save(dss_context *context, const dss_results *results, const char *path,
                            bool overwrite) {
  dss_h5 h5;
  DSS_TRY(dss_results_create(context, results, path, &h5));
  dss_status status = dss_results_put(&h5, results, NULL);
  if (status == DSS_OK) status = dss_h5_store(&h5, overwrite);
  dss_h5_close(&h5);
  return status;
}
