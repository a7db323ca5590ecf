/* Results from an HDF5 file. Sizes come from the name datasets; the arrays must have them, and are
 * held against the file's bytes, before the results are allocated. */
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "results_h5.h"

/* What is read before the results can be made. */
typedef struct names {
  dss_texts questions, scales, levels, axes, labels;
  hsize_t n_questions, n_groups, n_axes, n_statistics, n_level;
  unsigned metrics, minor; /* of the file's format, 1.minor */
  uint32_t *n_levels, *group_axis, *group_raters;
  uint64_t *histograms;
  double *edges;
} names;

static void free_names(names *n) {
  dss_texts_free(&n->questions);
  dss_texts_free(&n->scales);
  dss_texts_free(&n->levels);
  dss_texts_free(&n->axes);
  dss_texts_free(&n->labels);
  free(n->n_levels);
  free(n->group_axis);
  free(n->group_raters);
  free(n->histograms);
  free(n->edges);
}

/* --- names ------------------------------------------------------------------------------- */

static dss_status get_names(const dss_h5 *h5, const char *name, hsize_t *size, dss_texts *texts) {
  DSS_TRY(dss_h5_get_sizes(h5, h5->file, name, 1, size));
  return dss_h5_get_texts(h5, h5->file, name, 1, size, texts);
}

static bool find_statistic(const char *name, unsigned *statistic) {
  for (unsigned i = 0; i < DSS_N_STATISTICS; i++) {
    if (strcmp(name, dss_statistic_name((dss_statistic)i)) != 0) continue;
    *statistic = i;
    return true;
  }
  return false;
}

/* The columns' order is ours, so the names must come in it. */
static dss_status get_metrics(const dss_h5 *h5, names *n) {
  dss_texts found;
  DSS_TRY(get_names(h5, "statistic", &n->n_statistics, &found));
  dss_status status = DSS_OK;
  for (size_t i = 0; i < found.count && status == DSS_OK; i++) {
    unsigned statistic;
    if (!find_statistic(found.items[i], &statistic))
      status = dss_h5_refuse(h5, h5->file, "statistic", "'%.40s' is not known to this version",
                             found.items[i]);
    else if (n->metrics >> statistic != 0)
      status = dss_h5_refuse(h5, h5->file, "statistic", "'%.40s' is out of order", found.items[i]);
    else
      n->metrics |= DSS_STATISTIC_BIT(statistic);
  }
  dss_texts_free(&found);
  if (status == DSS_OK && n->n_statistics == 0)
    status = dss_h5_refuse(h5, h5->file, "statistic", "is empty");
  return status;
}

static dss_status get_questions(const dss_h5 *h5, names *n) {
  DSS_TRY(get_names(h5, "question", &n->n_questions, &n->questions));
  DSS_TRY(dss_h5_get_texts(h5, h5->file, "scale", 1, &n->n_questions, &n->scales));
  DSS_TRY(dss_h5_get(h5, h5->file, "n_levels", DSS_H5_U32, 1, &n->n_questions, &n->n_levels));
  hsize_t sizes[2];
  DSS_TRY(dss_h5_get_sizes(h5, h5->file, "level_label", 2, sizes));
  n->n_level = sizes[1];
  if (n->n_level > DSS_MAX_LEVELS)
    return dss_h5_refuse(h5, h5->file, "level_label", "has %llu levels; at most %u are possible",
                         (unsigned long long)n->n_level, DSS_MAX_LEVELS);
  sizes[0] = n->n_questions;
  DSS_TRY(dss_h5_get_texts(h5, h5->file, "level_label", 2, sizes, &n->levels));
  for (size_t q = 0; q < n->n_questions; q++)
    if (n->n_levels[q] > n->n_level)
      return dss_h5_refuse(h5, h5->file, "n_levels",
                           "question %zu has %lu levels; level_label %llu", q,
                           (unsigned long)n->n_levels[q], (unsigned long long)n->n_level);
  return DSS_OK;
}

static dss_status get_groups(const dss_h5 *h5, names *n) {
  DSS_TRY(get_names(h5, "axis", &n->n_axes, &n->axes));
  DSS_TRY(get_names(h5, "group_label", &n->n_groups, &n->labels));
  if (n->n_axes > n->n_groups)
    return dss_h5_refuse(h5, h5->file, "axis", "there are more axes than groups: %llu, %llu",
                         (unsigned long long)n->n_axes, (unsigned long long)n->n_groups);
  DSS_TRY(dss_h5_get(h5, h5->file, "group_axis", DSS_H5_U32, 1, &n->n_groups, &n->group_axis));
  DSS_TRY(dss_h5_get(h5, h5->file, "group_raters", DSS_H5_U32, 1, &n->n_groups, &n->group_raters));
  for (size_t g = 0; g < n->n_groups; g++)
    if (n->group_axis[g] >= n->n_axes)
      return dss_h5_refuse(h5, h5->file, "group_axis", "group %zu is on axis %lu of %llu", g,
                           (unsigned long)n->group_axis[g], (unsigned long long)n->n_axes);
  return DSS_OK;
}

/* The largest arrays, whose size nobody can claim without storing it. */
static dss_status get_histograms(const dss_h5 *h5, hid_t folder, names *n) {
  hsize_t sizes[4] = {n->n_questions, n->n_groups, n->n_statistics, DSS_HISTOGRAM_BINS + 2};
  DSS_TRY(dss_h5_get(h5, folder, "histogram", DSS_H5_U64, 4, sizes, &n->histograms));
  sizes[3] = 2;
  return dss_h5_get(h5, folder, "histogram_edges", DSS_H5_F64, 4, sizes, &n->edges);
}

static dss_status fill_names(const dss_h5 *h5, const names *n, dss_results *r) {
  for (size_t q = 0; q < r->n_questions; q++) {
    dss_result_question *question = &r->questions[q];
    DSS_TRY(dss_copy_text(h5->context, &question->name, n->questions.items[q]));
    if (!dss_scale_parse(n->scales.items[q], &question->scale))
      return dss_h5_refuse(h5, h5->file, "scale", "'%.40s' is no scale", n->scales.items[q]);
    for (uint32_t k = 0; k < question->n_levels; k++)
      DSS_TRY(dss_copy_text(h5->context, &question->levels[k],
                            n->levels.items[q * (size_t)n->n_level + k]));
  }
  for (size_t a = 0; a < r->n_axes; a++)
    DSS_TRY(dss_copy_text(h5->context, &r->axes[a], n->axes.items[a]));
  for (size_t g = 0; g < r->n_groups; g++) {
    r->groups[g].axis = n->group_axis[g];
    r->groups[g].raters = n->group_raters[g];
    DSS_TRY(dss_copy_text(h5->context, &r->groups[g].name, n->labels.items[g]));
  }
  return DSS_OK;
}

/* --- fields ------------------------------------------------------------------------------ */

enum { MAX_CODES = 256 };

static size_t find_name(const char *const *known, size_t count, const char *name) {
  size_t i = 0;
  while (i < count && strcmp(known[i], name) != 0)
    i++;
  return i;
}

/* The file's codes to ours, by name; codes[i] for the file's code i. */
static dss_status get_meanings(const dss_h5 *h5, hid_t folder, const char *name,
                               const char *const *known, size_t n_known, uint8_t *codes,
                               size_t *n_codes) {
  dss_texts found;
  hid_t dataset = H5Dopen2(folder, name, H5P_DEFAULT);
  if (dataset < 0) return dss_h5_error(h5, DSS_ERR_DATA, folder, name, "expected a dataset");
  dss_status status = dss_h5_get_texts_attribute(h5, dataset, "flag_meanings", MAX_CODES, &found);
  H5Dclose(dataset);
  if (status != DSS_OK) return status;
  for (size_t i = 0; i < found.count && status == DSS_OK; i++) {
    codes[i] = (uint8_t)find_name(known, n_known, found.items[i]);
    if (codes[i] == n_known)
      status =
          dss_h5_refuse(h5, folder, name, "'%.60s' is not known to this version", found.items[i]);
  }
  *n_codes = found.count;
  dss_texts_free(&found);
  return status;
}

/* Translates bytes of codes in place. */
static dss_status translate(const dss_h5 *h5, hid_t folder, const dss_result_field *f,
                            uint8_t *bytes, size_t count) {
  uint8_t codes[MAX_CODES];
  size_t n_codes = 0;
  uint8_t n_known;
  const char *const *known = dss_field_names(f->type, &n_known);
  DSS_TRY(get_meanings(h5, folder, f->name, known, n_known, codes, &n_codes));
  for (size_t i = 0; i < count; i++) {
    if (bytes[i] >= n_codes)
      return dss_h5_refuse(h5, folder, f->name, "code %u has no meaning", (unsigned)bytes[i]);
    bytes[i] = codes[bytes[i]];
  }
  return DSS_OK;
}

static dss_status check_small(const dss_h5 *h5, hid_t folder, const dss_result_field *f,
                              uint8_t *bytes, size_t count) {
  if (f->type != FIELD_DIRECTION && f->type != FIELD_FLAG)
    return translate(h5, folder, f, bytes, count);
  for (size_t i = 0; i < count; i++) {
    int value = f->type == FIELD_DIRECTION ? ((int8_t *)bytes)[i] : bytes[i];
    if (value < (f->type == FIELD_DIRECTION ? -1 : 0) || value > 1)
      return dss_h5_refuse(h5, folder, f->name, "holds %d, which means nothing", value);
  }
  return DSS_OK;
}

/* One element of the dataset's buffer into one member. */
static void unpack(dss_field_type type, const void *element, void *member) {
  uint8_t byte = *(const uint8_t *)element;
  switch (type) {
  case FIELD_DOUBLE:
  case FIELD_COUNT:
    memcpy(member, element, 8);
    break;
  case FIELD_DIRECTION:
    *(int *)member = *(const int8_t *)element;
    break;
  case FIELD_FLAG:
    *(bool *)member = byte != 0;
    break;
  case FIELD_REASON:
    *(dss_reason *)member = (dss_reason)byte;
    break;
  case FIELD_METHOD:
    *(const char **)member = dss_method_names[byte];
    break;
  case FIELD_SET:
    *(dss_set_kind *)member = (dss_set_kind)byte;
    break;
  case FIELD_WITHHELD:
    *(dss_withheld *)member = (dss_withheld)byte;
    break;
  }
}

dss_status dss_result_get_field(const dss_h5 *h5, hid_t folder, const dss_result_field *f, int rank,
                                const hsize_t *sizes, void *structs, size_t stride, size_t count) {
  dss_h5_type type = dss_result_stored_type(f->type);
  size_t element = dss_h5_type_size(type);
  char *buffer = NULL;
  DSS_TRY(dss_h5_get(h5, folder, f->name, type, rank, sizes, &buffer));
  dss_status status = DSS_OK;
  if (element == 1) status = check_small(h5, folder, f, (uint8_t *)buffer, count);
  for (size_t i = 0; i < count && status == DSS_OK; i++)
    unpack(f->type, buffer + i * element, (char *)structs + i * stride + f->offset);
  free(buffer);
  return status;
}

static dss_status get_quantiles(const dss_h5 *h5, hid_t folder, const hsize_t *shape,
                                dss_results *r, size_t cells) {
  const hsize_t sizes[] = {shape[0], shape[1], shape[2], DSS_N_QUANTILES};
  double *buffer = NULL;
  DSS_TRY(dss_h5_get(h5, folder, "quantiles", DSS_H5_F64, 4, sizes, &buffer));
  for (size_t i = 0; i < cells; i++)
    memcpy(r->cells[i].quantiles, buffer + i * DSS_N_QUANTILES, sizeof r->cells->quantiles);
  free(buffer);
  return DSS_OK;
}

static dss_status get_marginals(const dss_h5 *h5, hid_t folder, const names *n, dss_results *r) {
  const hsize_t sizes[] = {n->n_questions, n->n_groups, n->n_level};
  uint64_t *buffer = NULL, *to = r->marginals;
  DSS_TRY(dss_h5_get(h5, folder, "marginals", DSS_H5_U64, 3, sizes, &buffer));
  for (size_t i = 0; i < r->n_questions * r->n_groups; i++) {
    uint32_t n_levels = n->n_levels[i / r->n_groups];
    memcpy(to, buffer + i * (size_t)n->n_level, n_levels * sizeof *to);
    to += n_levels;
  }
  free(buffer);
  return DSS_OK;
}

/* The fields that the file's format has. */
static dss_status get_fields(const dss_h5 *h5, const hid_t *folders, const names *n,
                             const dss_result_field *fields, size_t n_fields, int rank,
                             void *structs, size_t stride, size_t count) {
  const hsize_t sizes[] = {n->n_questions, n->n_groups, n->n_statistics};
  for (size_t i = 0; i < n_fields; i++)
    if (fields[i].since <= n->minor)
      DSS_TRY(dss_result_get_field(h5, dss_result_folder(&fields[i], h5->file, folders), &fields[i],
                                   rank, sizes, structs, stride, count));
  return DSS_OK;
}

static dss_status get_arrays(const dss_h5 *h5, const hid_t *folders, const names *n,
                             dss_results *r) {
  const hsize_t sizes[] = {n->n_questions, n->n_groups, n->n_statistics};
  size_t rows = r->n_questions * r->n_groups, cells = rows * r->n_columns;
  DSS_TRY(get_fields(h5, folders, n, dss_cell_fields, dss_n_cell_fields, 3, r->cells,
                     sizeof *r->cells, cells));
  DSS_TRY(get_fields(h5, folders, n, dss_detail_fields, dss_n_detail_fields, 2, r->details,
                     sizeof *r->details, rows));
  memcpy(r->histograms, n->histograms, cells * (DSS_HISTOGRAM_BINS + 2) * sizeof *r->histograms);
  memcpy(r->edges, n->edges, cells * 2 * sizeof *r->edges);
  DSS_TRY(get_quantiles(h5, folders[DSS_FOLDER_NULL], sizes, r, cells));
  return get_marginals(h5, folders[DSS_FOLDER_DETAIL], n, r);
}

/* --- the whole --------------------------------------------------------------------------- */

static dss_status get_provenance(const dss_h5 *h5, dss_results *r) {
  for (size_t k = 0; k < DSS_N_RESULT_KEYS; k++) {
    dss_texts text;
    DSS_TRY(dss_h5_get_text_attribute(h5, h5->file, dss_results_provenance_key(k), false, &text));
    dss_status status = dss_copy_text(h5->context, &r->keys[k], text.items[0]);
    dss_texts_free(&text);
    if (status != DSS_OK) return status;
  }
  return dss_h5_get_numbers_attribute(h5, h5->file, "resamples", DSS_H5_U64, &r->resamples, 1);
}

dss_status dss_result_get_minor(const dss_h5 *h5, const char *attribute, unsigned *minor) {
  dss_texts format;
  DSS_TRY(dss_h5_get_text_attribute(h5, h5->file, attribute, true, &format));
  const char *dot = strchr(format.items[0], '.');
  *minor = dot ? (unsigned)strtoul(dot + 1, NULL, 10) : 0;
  dss_texts_free(&format);
  return DSS_OK;
}

static dss_status get_all(const dss_h5 *h5, names *n, dss_results **results) {
  hid_t folders[DSS_N_RESULT_FOLDERS];
  for (size_t i = 0; i < DSS_N_RESULT_FOLDERS; i++)
    DSS_TRY(dss_h5_get_group(h5, h5->file, dss_result_folders[i], &folders[i]));
  bool part =
      H5Aexists(h5->file, DSS_RESULTS_FORMAT_OF_PART) > 0; /* it says which results it has */
  DSS_TRY(dss_result_get_minor(h5, part ? DSS_RESULTS_FORMAT_OF_PART : "format", &n->minor));
  DSS_TRY(get_metrics(h5, n));
  DSS_TRY(get_questions(h5, n));
  DSS_TRY(get_groups(h5, n));
  DSS_TRY(get_histograms(h5, folders[DSS_FOLDER_NULL], n));
  dss_results *made;
  DSS_TRY(dss_results_new(h5->context, n->metrics, (size_t)n->n_questions, n->n_levels,
                          (size_t)n->n_axes, (size_t)n->n_groups, &made));
  dss_status status = get_provenance(h5, made);
  if (status == DSS_OK) status = fill_names(h5, n, made);
  if (status == DSS_OK) status = get_arrays(h5, folders, n, made);
  if (status != DSS_OK) {
    dss_results_free(made);
    return status;
  }
  dss_results_derive_dsi(made);
  *results = made;
  return DSS_OK;
}

dss_status dss_results_get(const dss_h5 *h5, dss_results **results) {
  names n = {0};
  dss_status status = get_all(h5, &n, results);
  free_names(&n);
  return status;
}

dss_status dss_results_open(dss_context *context, const char *path, dss_results **results) {
  dss_h5 h5;
  DSS_TRY(dss_h5_open(context, path, DSS_RESULTS_KIND, DSS_RESULTS_FORMAT_MAJOR, &h5));
  dss_status status = dss_results_get(&h5, results);
  dss_h5_close(&h5);
  return status;
}
