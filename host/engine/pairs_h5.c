/* Writing a file of pairs: everything beside the matrices (pairs_pack.c), when these are there. */
#include "pairs_h5.h"

#include <stdio.h>
#include <string.h>

#include "host/core/alloc.h"
#include "host/study/study_h5.h"

const char *const dss_pair_key_names[DSS_N_PAIR_KEYS] = {
#define DSS_X(key) #key,
    DSS_PAIR_KEYS(DSS_X)
#undef DSS_X
};

#define AXIS(name, type, member)                                                                   \
  { name, type, offsetof(dss_pair_axis, member) }
const dss_pair_field dss_pair_axis_fields[] = {
    AXIS("axis_pairs", DSS_H5_U64, pairs),
    AXIS("anosim_r", DSS_H5_F64, anosim.value),
    AXIS("anosim_p", DSS_H5_F64, anosim.p),
    AXIS("anosim_null_mean", DSS_H5_F64, anosim.null_mean),
    AXIS("anosim_ge", DSS_H5_U64, anosim.ge),
    AXIS("anosim_undefined", DSS_H5_U64, anosim.undefined),
    AXIS("permanova_f", DSS_H5_F64, permanova.value),
    AXIS("permanova_p", DSS_H5_F64, permanova.p),
    AXIS("permanova_null_mean", DSS_H5_F64, permanova.null_mean),
    AXIS("permanova_ge", DSS_H5_U64, permanova.ge),
    AXIS("permanova_undefined", DSS_H5_U64, permanova.undefined),
    AXIS("resamples", DSS_H5_U64, resamples),
};
const size_t dss_n_pair_axis_fields = sizeof dss_pair_axis_fields / sizeof *dss_pair_axis_fields;

#define BLOCK(name, type, member)                                                                  \
  { name, type, offsetof(dss_pair_block, member) }
const dss_pair_field dss_pair_block_fields[] = {
    BLOCK("pairs", DSS_H5_U64, pairs),         BLOCK("kappa_pairs", DSS_H5_U64, kappa_pairs),
    BLOCK("agreement", DSS_H5_F64, agreement), BLOCK("mean_distance", DSS_H5_F64, distance),
    BLOCK("kappa", DSS_H5_F64, kappa),
};
const size_t dss_n_pair_block_fields = sizeof dss_pair_block_fields / sizeof *dss_pair_block_fields;

const char *dss_pair_statistic_name(dss_pair_statistic statistic) {
  static const char *const names[] = {
#define DSS_X(enumerator, name, text) name,
      DSS_PAIR_STATISTICS(DSS_X)
#undef DSS_X
  };
  return (unsigned)statistic < DSS_N_PAIR_STATISTICS ? names[statistic] : NULL;
}

dss_h5_type dss_pair_stored_type(dss_pair_statistic statistic) {
  return statistic <= DSS_PAIR_AGREEMENTS ? DSS_H5_I32 : DSS_H5_F64;
}

/* --- reading back ------------------------------------------------------------------------ */

dss_status dss_pair_file_get(const dss_pair_file *file, uint32_t first_row, uint32_t rows,
                             uint32_t first_column, uint32_t columns, int32_t *shared,
                             double *distance) {
  const hsize_t start[] = {first_row, first_column}, count[] = {rows, columns};
  DSS_TRY(dss_h5_read_block(&file->h5, file->matrices[DSS_PAIR_SHARED], DSS_H5_I32, 2, start, count,
                            shared));
  return dss_h5_read_block(&file->h5, file->matrices[DSS_PAIR_DISTANCE], DSS_H5_F64, 2, start,
                           count, distance);
}

/* --- names --------------------------------------------------------------------------------- */

static dss_status put_raters(dss_pair_file *file, const dss_study *study,
                             const dss_selection *selection, dss_h5_dim dims[2]) {
  const char **names = NULL;
  dss_h5 *h5 = &file->h5;
  DSS_TRY(DSS_ALLOC(h5->context, &names, selection->n_raters));
  for (uint32_t r = 0; r < selection->n_raters; r++)
    names[r] = dss_study_rater_name(study, selection->study_rater[r]);
  dss_status status =
      dss_h5_put_texts_dim(h5, h5->file, "rater", names, selection->n_raters, &dims[0]);
  if (status == DSS_OK)
    status = dss_h5_put_texts_dim(h5, h5->file, "rater_2", names, selection->n_raters, &dims[1]);
  free(names);
  return status;
}

static dss_status put_rater_attributes(dss_pair_file *file, const dss_study *study,
                                       const dss_selection *selection, const dss_h5_dim *rater) {
  hid_t folder;
  int32_t *codes = NULL;
  dss_h5 *h5 = &file->h5;
  DSS_TRY(dss_h5_put_group(h5, h5->file, "rater_attributes", &folder));
  DSS_TRY(DSS_ALLOC(h5->context, &codes, selection->n_raters));
  dss_status status = DSS_OK;
  for (size_t a = 0; a < dss_study_n_rater_attributes(study) && status == DSS_OK; a++) {
    dss_attribute attribute = *dss_study_rater_attribute(study, a);
    for (uint32_t r = 0; r < selection->n_raters; r++)
      codes[r] = attribute.codes[selection->study_rater[r]];
    attribute.codes = codes;
    status = dss_study_put_attribute(h5, folder, &attribute, rater);
  }
  free(codes);
  return status;
}

static dss_status put_dims(dss_pair_file *file, const dss_h5_dim dims[2]) {
  for (unsigned i = 0; i < DSS_N_PAIR_STATISTICS; i++)
    if (file->matrices[i] >= 0) DSS_TRY(dss_h5_put_dims(&file->h5, file->matrices[i], 2, dims));
  return DSS_OK;
}

static dss_status put_provenance(dss_pair_file *file, char *const *keys,
                                 const dss_pair_totals *totals) {
  dss_h5 *h5 = &file->h5;
  const uint64_t counts[] = {totals->pairs, totals->shared, totals->counted, totals->no_kappa,
                             totals->no_correlation};
  for (unsigned k = 0; k < DSS_N_PAIR_KEYS; k++)
    DSS_TRY(dss_h5_put_text_attribute(h5, h5->file, dss_pair_key_names[k], keys[k] ? keys[k] : ""));
  DSS_TRY(dss_h5_put_bool_attribute(h5, h5->file, "half", file->half));
  return dss_h5_put_numbers_attribute(h5, h5->file, "pairs", DSS_H5_U64, counts, 5);
}

/* --- summary ------------------------------------------------------------------------------- */

static dss_status put_fields(dss_h5 *h5, hid_t folder, const dss_pair_field *fields,
                             size_t n_fields, const dss_h5_dim *dim, const void *structs,
                             size_t stride) {
  uint64_t *buffer = NULL; /* of doubles too: eight bytes each */
  DSS_TRY(DSS_ALLOC(h5->context, &buffer, (size_t)dim->size));
  dss_status status = DSS_OK;
  for (size_t f = 0; f < n_fields && status == DSS_OK; f++) {
    for (size_t i = 0; i < dim->size; i++)
      memcpy(&buffer[i], (const char *)structs + i * stride + fields[f].offset, sizeof *buffer);
    status = dss_h5_put(h5, folder, fields[f].name, fields[f].type, 1, dim, buffer, NULL);
  }
  free(buffer);
  return status;
}

/* Each rater's group on each axis, numbered through; -1: unknown. */
static dss_status put_rater_groups(dss_h5 *h5, hid_t folder, const dss_kernel_plan *kernel,
                                   const dss_h5_dim dims[2]) {
  int32_t *groups = NULL;
  size_t n = (size_t)dims[1].size;
  DSS_TRY(DSS_ALLOC(h5->context, &groups, n * kernel->n_axes));
  for (size_t a = 0; a < kernel->n_axes; a++)
    for (size_t r = 0; r < n; r++) {
      int32_t group = kernel->axes[a].group[r];
      groups[a * n + r] = group < 0 ? -1 : (int32_t)kernel->axes[a].first_group + group;
    }
  dss_status status = dss_h5_put(h5, folder, "rater_group", DSS_H5_I32, 2, dims, groups, NULL);
  free(groups);
  return status;
}

static dss_status put_axes(dss_h5 *h5, hid_t folder, const dss_pair_summary *s,
                           const dss_kernel_plan *kernel, const dss_h5_dim *rater) {
  const char **names = NULL;
  uint32_t *raters = NULL;
  dss_h5_dim axis;
  DSS_TRY(DSS_ALLOC(h5->context, &names, s->n_axes));
  dss_status status = DSS_ALLOC(h5->context, &raters, s->n_axes);
  for (size_t a = 0; a < s->n_axes && status == DSS_OK; a++) {
    names[a] = s->axes[a].name;
    raters[a] = s->axes[a].raters;
  }
  if (status == DSS_OK) status = dss_h5_put_texts_dim(h5, folder, "axis", names, s->n_axes, &axis);
  if (status == DSS_OK)
    status = dss_h5_put(h5, folder, "axis_raters", DSS_H5_U32, 1, &axis, raters, NULL);
  free(names);
  free(raters);
  DSS_TRY(status);
  const dss_h5_dim dims[] = {axis, *rater};
  DSS_TRY(put_rater_groups(h5, folder, kernel, dims));
  return put_fields(h5, folder, dss_pair_axis_fields, dss_n_pair_axis_fields, &axis, s->axes,
                    sizeof *s->axes);
}

/* Groups of different axes may share a label: "axis: label" tells them apart. */
static dss_status put_group_names(dss_h5 *h5, hid_t folder, const dss_pair_summary *s, char **names,
                                  const char **labels, uint32_t *axes, uint32_t *raters) {
  dss_h5_dim group;
  for (size_t g = 0; g < s->n_groups; g++) {
    const char *axis = s->axes[s->groups[g].axis].name;
    size_t size = strlen(axis) + strlen(s->groups[g].name) + 3;
    DSS_TRY(DSS_ALLOC(h5->context, &names[g], size));
    snprintf(names[g], size, "%s: %s", axis, s->groups[g].name);
    labels[g] = s->groups[g].name;
    axes[g] = (uint32_t)s->groups[g].axis;
    raters[g] = s->groups[g].raters;
  }
  DSS_TRY(
      dss_h5_put_texts_dim(h5, folder, "group", (const char *const *)names, s->n_groups, &group));
  DSS_TRY(dss_h5_put_texts(h5, folder, "group_label", 1, &group, labels));
  DSS_TRY(dss_h5_put(h5, folder, "group_axis", DSS_H5_U32, 1, &group, axes, NULL));
  return dss_h5_put(h5, folder, "group_raters", DSS_H5_U32, 1, &group, raters, NULL);
}

static dss_status put_groups(dss_h5 *h5, hid_t folder, const dss_pair_summary *s) {
  char **names = NULL;
  const char **labels = NULL;
  uint32_t *axes = NULL, *raters = NULL;
  dss_status status = DSS_ALLOC(h5->context, &names, s->n_groups);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &labels, s->n_groups);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &axes, s->n_groups);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &raters, s->n_groups);
  if (status == DSS_OK) status = put_group_names(h5, folder, s, names, labels, axes, raters);
  for (size_t g = 0; names && g < s->n_groups; g++)
    free(names[g]);
  free(names);
  free(labels);
  free(axes);
  free(raters);
  return status;
}

static dss_status put_blocks(dss_h5 *h5, hid_t folder, const dss_pair_summary *s) {
  uint32_t *groups = NULL;
  dss_h5_dim block, side;
  DSS_TRY(dss_h5_put_dim(h5, folder, "block", s->n_blocks, &block));
  DSS_TRY(dss_h5_put_dim(h5, folder, "side", 2, &side));
  DSS_TRY(DSS_ALLOC(h5->context, &groups, 2 * s->n_blocks));
  for (size_t b = 0; b < s->n_blocks; b++) {
    groups[2 * b] = (uint32_t)s->blocks[b].first;
    groups[2 * b + 1] = (uint32_t)s->blocks[b].second;
  }
  const dss_h5_dim dims[] = {block, side};
  dss_status status = dss_h5_put(h5, folder, "block_groups", DSS_H5_U32, 2, dims, groups, NULL);
  free(groups);
  DSS_TRY(status);
  return put_fields(h5, folder, dss_pair_block_fields, dss_n_pair_block_fields, &block, s->blocks,
                    sizeof *s->blocks);
}

/* --- the whole --------------------------------------------------------------------------- */

dss_status dss_pair_file_finish(dss_pair_file *file, const dss_study *study,
                                const dss_pair_plan *plan, char *const *keys,
                                const dss_pair_summary *summary) {
  dss_h5_dim dims[2];
  hid_t folder;
  DSS_TRY(put_provenance(file, keys, &summary->totals));
  DSS_TRY(put_raters(file, study, &plan->selection, dims));
  DSS_TRY(put_dims(file, dims));
  DSS_TRY(put_rater_attributes(file, study, &plan->selection, &dims[0]));
  if (summary->n_axes > 0) {
    DSS_TRY(dss_h5_put_group(&file->h5, file->h5.file, "summary", &folder));
    DSS_TRY(put_axes(&file->h5, folder, summary, &plan->plan->kernel, &dims[0]));
    DSS_TRY(put_groups(&file->h5, folder, summary));
    DSS_TRY(put_blocks(&file->h5, folder, summary));
  }
  return dss_h5_store(&file->h5, false);
}
