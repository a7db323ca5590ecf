/* Reading a file of pairs: names and summaries at once, matrices block by block. */
#include <string.h>

#include "host/core/alloc.h"
#include "pairs_h5.h"

struct dss_pairs {
  char *path;
  dss_h5 h5;
  dss_texts raters, axes, groups; /* groups: their labels */
  dss_texts keys[DSS_N_PAIR_KEYS];
  dss_scale scale;
  bool half;
  int32_t *rater_group;                  /* [n_axes][n_raters] numbered through; NULL: format 1.0 */
  hid_t matrices[DSS_N_PAIR_STATISTICS]; /* -1: none */
  dss_pair_summary summary;
};

/* --- names --------------------------------------------------------------------------------- */

static dss_status get_names(const dss_h5 *h5, hid_t folder, const char *name, hsize_t *size,
                            dss_texts *texts) {
  DSS_TRY(dss_h5_get_sizes(h5, folder, name, 1, size));
  return dss_h5_get_texts(h5, folder, name, 1, size, texts);
}

static dss_status get_provenance(dss_pairs *p) {
  const dss_h5 *h5 = &p->h5;
  for (unsigned k = 0; k < DSS_N_PAIR_KEYS; k++)
    DSS_TRY(dss_h5_get_text_attribute(h5, h5->file, dss_pair_key_names[k], false, &p->keys[k]));
  const char *scale = p->keys[DSS_PAIR_KEY_scale].items[0];
  if (!dss_scale_parse(scale, &p->scale))
    return dss_h5_refuse(h5, h5->file, NULL, "attribute scale is '%.40s', which is no scale",
                         scale);
  uint64_t counts[5];
  DSS_TRY(dss_h5_get_numbers_attribute(h5, h5->file, "pairs", DSS_H5_U64, counts, 5));
  p->summary.totals = (dss_pair_totals){counts[0], counts[1], counts[2], counts[3], counts[4]};
  return dss_h5_get_bool_attribute(h5, h5->file, "half", &p->half);
}

static dss_status get_matrices(dss_pairs *p) {
  hsize_t n = 0;
  DSS_TRY(get_names(&p->h5, p->h5.file, "rater", &n, &p->raters));
  if (n == 0 || n >= UINT32_MAX)
    return dss_h5_refuse(&p->h5, p->h5.file, "rater", "has %llu raters", (unsigned long long)n);
  const hsize_t sizes[] = {n, n};
  for (unsigned i = 0; i < DSS_N_PAIR_STATISTICS; i++) {
    const char *name = dss_pair_statistic_name((dss_pair_statistic)i);
    if (i == DSS_PAIR_CORRELATION && !dss_h5_has(p->h5.file, name)) continue;
    DSS_TRY(dss_h5_get_matrix(&p->h5, p->h5.file, name, dss_pair_stored_type((dss_pair_statistic)i),
                              2, sizes, &p->matrices[i]));
  }
  return DSS_OK;
}

/* --- the summary --------------------------------------------------------------------------- */

static dss_status get_fields(const dss_h5 *h5, hid_t folder, const dss_pair_field *fields,
                             size_t n_fields, hsize_t size, void *structs, size_t stride) {
  for (size_t f = 0; f < n_fields; f++) {
    char *buffer = NULL; /* eight bytes a number */
    DSS_TRY(dss_h5_get(h5, folder, fields[f].name, fields[f].type, 1, &size, &buffer));
    for (size_t i = 0; i < size; i++)
      memcpy((char *)structs + i * stride + fields[f].offset, buffer + i * 8, 8);
    free(buffer);
  }
  return DSS_OK;
}

static dss_status get_axes(dss_pairs *p, hid_t folder) {
  const dss_h5 *h5 = &p->h5;
  hsize_t n = 0;
  uint32_t *raters = NULL;
  DSS_TRY(get_names(h5, folder, "axis", &n, &p->axes));
  DSS_TRY(dss_h5_get(h5, folder, "axis_raters", DSS_H5_U32, 1, &n, &raters));
  dss_status status = DSS_ALLOC(h5->context, &p->summary.axes, (size_t)n);
  if (status == DSS_OK) p->summary.n_axes = (size_t)n;
  bool exact = strcmp(p->keys[DSS_PAIR_KEY_arrangements].items[0], "all") == 0;
  for (size_t a = 0; a < p->summary.n_axes; a++)
    p->summary.axes[a] =
        (dss_pair_axis){.name = p->axes.items[a], .raters = raters[a], .exact = exact};
  free(raters);
  DSS_TRY(status);
  return get_fields(h5, folder, dss_pair_axis_fields, dss_n_pair_axis_fields, n, p->summary.axes,
                    sizeof *p->summary.axes);
}

/* Groups stand axis by axis. */
static dss_status place_group(dss_pairs *p, hid_t folder, size_t g, size_t axis, uint32_t raters) {
  dss_pair_summary *s = &p->summary;
  if (axis >= s->n_axes || (g > 0 && axis < s->groups[g - 1].axis))
    return dss_h5_refuse(&p->h5, folder, "group_axis", "group %zu is on axis %zu, out of order", g,
                         axis);
  s->groups[g] = (dss_pair_group){axis, p->groups.items[g], raters};
  if (s->axes[axis].n_groups++ == 0) s->axes[axis].first_group = g;
  return DSS_OK;
}

static dss_status get_groups(dss_pairs *p, hid_t folder) {
  const dss_h5 *h5 = &p->h5;
  hsize_t n = 0;
  uint32_t *axes = NULL, *raters = NULL;
  DSS_TRY(get_names(h5, folder, "group_label", &n, &p->groups));
  dss_status status = dss_h5_get(h5, folder, "group_axis", DSS_H5_U32, 1, &n, &axes);
  if (status == DSS_OK) status = dss_h5_get(h5, folder, "group_raters", DSS_H5_U32, 1, &n, &raters);
  if (status == DSS_OK) status = DSS_ALLOC(h5->context, &p->summary.groups, (size_t)n);
  if (status == DSS_OK) p->summary.n_groups = (size_t)n;
  for (size_t g = 0; status == DSS_OK && g < p->summary.n_groups; g++)
    status = place_group(p, folder, g, axes[g], raters[g]);
  free(axes);
  free(raters);
  return status;
}

/* Since format 1.1. */
static dss_status get_rater_groups(dss_pairs *p, hid_t folder) {
  const dss_pair_summary *s = &p->summary;
  const hsize_t sizes[] = {s->n_axes, p->raters.count};
  if (!dss_h5_has(folder, "rater_group")) return DSS_OK;
  DSS_TRY(dss_h5_get(&p->h5, folder, "rater_group", DSS_H5_I32, 2, sizes, &p->rater_group));
  for (size_t a = 0; a < s->n_axes; a++)
    for (size_t r = 0; r < p->raters.count; r++) {
      int32_t group = p->rater_group[a * p->raters.count + r];
      if (group < -1 ||
          (group >= 0 && ((size_t)group >= s->n_groups || s->groups[group].axis != a)))
        return dss_h5_refuse(&p->h5, folder, "rater_group", "rater %zu of axis %zu is in group %ld",
                             r, a, (long)group);
    }
  return DSS_OK;
}

static dss_status get_blocks(dss_pairs *p, hid_t folder) {
  const dss_h5 *h5 = &p->h5;
  dss_pair_summary *s = &p->summary;
  hsize_t sizes[2] = {0, 0};
  uint32_t *groups = NULL;
  DSS_TRY(dss_h5_get_sizes(h5, folder, "block_groups", 2, sizes));
  sizes[1] = 2;
  DSS_TRY(dss_h5_get(h5, folder, "block_groups", DSS_H5_U32, 2, sizes, &groups));
  dss_status status = DSS_ALLOC(h5->context, &s->blocks, (size_t)sizes[0]);
  if (status == DSS_OK) s->n_blocks = (size_t)sizes[0];
  for (size_t b = 0; status == DSS_OK && b < s->n_blocks; b++) {
    uint32_t first = groups[2 * b], second = groups[2 * b + 1];
    if (first > second || second >= s->n_groups || s->groups[first].axis != s->groups[second].axis)
      status = dss_h5_refuse(h5, folder, "block_groups", "block %zu is of groups %lu and %lu", b,
                             (unsigned long)first, (unsigned long)second);
    else
      s->blocks[b] =
          (dss_pair_block){.axis = s->groups[first].axis, .first = first, .second = second};
  }
  free(groups);
  DSS_TRY(status);
  return get_fields(h5, folder, dss_pair_block_fields, dss_n_pair_block_fields, sizes[0], s->blocks,
                    sizeof *s->blocks);
}

static dss_status get_summary(dss_pairs *p) {
  hid_t folder;
  if (!dss_h5_has(p->h5.file, "summary")) return DSS_OK;
  DSS_TRY(dss_h5_get_group(&p->h5, p->h5.file, "summary", &folder));
  DSS_TRY(get_axes(p, folder));
  DSS_TRY(get_groups(p, folder));
  DSS_TRY(get_rater_groups(p, folder));
  return get_blocks(p, folder);
}

/* --- opening ------------------------------------------------------------------------------- */

static dss_status fill(dss_pairs *p) {
  DSS_TRY(get_provenance(p));
  DSS_TRY(get_matrices(p));
  return get_summary(p);
}

dss_status dss_pairs_open(dss_context *context, const char *path, dss_pairs **pairs) {
  dss_pairs *made = calloc(1, sizeof *made);
  if (!made) return dss_fail_memory(context, sizeof *made);
  for (unsigned i = 0; i < DSS_N_PAIR_STATISTICS; i++)
    made->matrices[i] = H5I_INVALID_HID;
  dss_status status = dss_copy_text(context, &made->path, path);
  if (status == DSS_OK)
    status = dss_h5_open(context, made->path, DSS_PAIRS_KIND, DSS_PAIRS_FORMAT_MAJOR, &made->h5);
  if (status != DSS_OK) {
    free(made->path);
    free(made);
    return status;
  }
  status = fill(made);
  dss_h5_pause(&made->h5);
  if (status == DSS_OK)
    *pairs = made;
  else
    dss_pairs_free(made);
  return status;
}

void dss_pairs_free(dss_pairs *pairs) {
  if (!pairs) return;
  dss_h5_resume(&pairs->h5);
  dss_h5_close(&pairs->h5);
  dss_texts_free(&pairs->raters);
  dss_texts_free(&pairs->axes);
  dss_texts_free(&pairs->groups);
  for (unsigned k = 0; k < DSS_N_PAIR_KEYS; k++)
    dss_texts_free(&pairs->keys[k]);
  dss_pair_summary_free(&pairs->summary);
  free(pairs->rater_group);
  free(pairs->path);
  free(pairs);
}

/* --- blocks of matrices -------------------------------------------------------------------- */

static dss_status read_plain(dss_pairs *p, dss_pair_statistic statistic, const hsize_t start[2],
                             const hsize_t count[2], double *out) {
  /* HDF5 converts the counts, which doubles hold. */
  return dss_h5_read_block(&p->h5, p->matrices[statistic], DSS_H5_F64, 2, start, count, out);
}

/* Below the diagonal a half file has nothing: that comes from the mirrored block. */
static dss_status read_mirrored(dss_pairs *p, dss_pair_statistic statistic, const hsize_t start[2],
                                const hsize_t count[2], double *out) {
  const hsize_t mirrored_start[] = {start[1], start[0]}, mirrored_count[] = {count[1], count[0]};
  double *mirrored = NULL;
  DSS_TRY(DSS_ALLOC(p->h5.context, &mirrored, (size_t)(count[0] * count[1])));
  dss_status status = read_plain(p, statistic, mirrored_start, mirrored_count, mirrored);
  for (hsize_t r = 0; status == DSS_OK && r < count[0]; r++)
    for (hsize_t c = 0; c < count[1]; c++)
      if (start[1] + c < start[0] + r) out[r * count[1] + c] = mirrored[c * count[0] + r];
  free(mirrored);
  return status;
}

dss_status dss_pairs_read(dss_context *context, dss_pairs *pairs, dss_pair_statistic statistic,
                          uint32_t first_row, uint32_t rows, uint32_t first_column,
                          uint32_t columns, double *out) {
  uint64_t n = pairs->raters.count;
  if (!dss_pairs_has(pairs, statistic))
    return dss_fail(context, DSS_ERR_USAGE, "%s: has no such matrix", pairs->path);
  if ((uint64_t)first_row + rows > n || (uint64_t)first_column + columns > n)
    return dss_fail(context, DSS_ERR_USAGE, "%s: the block is not within %llu raters", pairs->path,
                    (unsigned long long)n);
  if (rows == 0 || columns == 0) return DSS_OK;
  const hsize_t start[] = {first_row, first_column}, count[] = {rows, columns};
  pairs->h5.context = context;
  dss_h5_resume(&pairs->h5);
  dss_status status = read_plain(pairs, statistic, start, count, out);
  if (status == DSS_OK && pairs->half && first_column < (uint64_t)first_row + rows)
    status = read_mirrored(pairs, statistic, start, count, out);
  dss_h5_pause(&pairs->h5);
  return status;
}

/* --- accessors ----------------------------------------------------------------------------- */

uint32_t dss_pairs_n_raters(const dss_pairs *pairs) {
  return (uint32_t)pairs->raters.count;
}

const char *dss_pairs_rater(const dss_pairs *pairs, uint32_t rater) {
  return rater < pairs->raters.count ? pairs->raters.items[rater] : NULL;
}

const char *dss_pairs_question(const dss_pairs *pairs) {
  return pairs->keys[DSS_PAIR_KEY_question].items[0];
}

dss_scale dss_pairs_scale(const dss_pairs *pairs) {
  return pairs->scale;
}

bool dss_pairs_is_half(const dss_pairs *pairs) {
  return pairs->half;
}

bool dss_pairs_has(const dss_pairs *pairs, dss_pair_statistic statistic) {
  return (unsigned)statistic < DSS_N_PAIR_STATISTICS && pairs->matrices[statistic] >= 0;
}

const char *dss_pairs_reason(const dss_pairs *pairs) {
  return pairs->keys[DSS_PAIR_KEY_reason].items[0];
}

dss_pair_totals dss_pairs_totals(const dss_pairs *pairs) {
  return pairs->summary.totals;
}

size_t dss_pairs_n_axes(const dss_pairs *pairs) {
  return pairs->summary.n_axes;
}

size_t dss_pairs_n_groups(const dss_pairs *pairs) {
  return pairs->summary.n_groups;
}

size_t dss_pairs_n_blocks(const dss_pairs *pairs) {
  return pairs->summary.n_blocks;
}

const dss_pair_axis *dss_pairs_axis(const dss_pairs *pairs, size_t axis) {
  return axis < pairs->summary.n_axes ? &pairs->summary.axes[axis] : NULL;
}

const dss_pair_group *dss_pairs_group(const dss_pairs *pairs, size_t group) {
  return group < pairs->summary.n_groups ? &pairs->summary.groups[group] : NULL;
}

bool dss_pairs_has_rater_groups(const dss_pairs *pairs) {
  return pairs->rater_group != NULL;
}

size_t dss_pairs_rater_group(const dss_pairs *pairs, size_t axis, uint32_t rater) {
  if (!pairs->rater_group || axis >= pairs->summary.n_axes || rater >= pairs->raters.count)
    return SIZE_MAX;
  int32_t group = pairs->rater_group[axis * pairs->raters.count + rater];
  return group < 0 ? SIZE_MAX : (size_t)group;
}

const dss_pair_block *dss_pairs_block(const dss_pairs *pairs, size_t block) {
  return block < pairs->summary.n_blocks ? &pairs->summary.blocks[block] : NULL;
}

const char *dss_pairs_provenance(const dss_pairs *pairs, const char *key) {
  for (unsigned k = 0; k < DSS_N_PAIR_KEYS; k++)
    if (strcmp(dss_pair_key_names[k], key) == 0) return pairs->keys[k].items[0];
  return NULL;
}
