/* A study from an HDF5 file. The sizes come from the name datasets; everything else must fit them.
 * What the study promises (ranges, order, uniqueness) is checked by the same functions that check a
 * study made in memory. */
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "host/core/h5.h"
#include "study.h"
#include "study_h5.h"

/* The study's own checks do not know the file: this puts it in front of what they say. */
static dss_status in_file(const dss_h5 *h5, dss_status status) {
  if (status != DSS_ERR_DATA) return status;
  return dss_fail(h5->context, status, "%s: %s", h5->path, dss_context_error(h5->context));
}

static dss_status read_names(const dss_h5 *h5, const char *name, dss_texts *names) {
  hsize_t size;
  DSS_TRY(dss_h5_get_sizes(h5, h5->file, name, 1, &size));
  if (size > UINT32_MAX - 1)
    return dss_h5_refuse(h5, h5->file, name, "has %llu entries; at most 4294967294 are possible",
                         (unsigned long long)size);
  return dss_h5_get_texts(h5, h5->file, name, 1, &size, names);
}

static dss_status new_study(const dss_h5 *h5, dss_study **study) {
  dss_texts raters = {0}, items = {0};
  dss_status status = read_names(h5, "rater", &raters);
  if (status == DSS_OK) status = read_names(h5, "item", &items);
  if (status == DSS_OK)
    status = in_file(h5, dss_study_new(h5->context, (uint32_t)raters.count, raters.items,
                                       (uint32_t)items.count, items.items, study));
  dss_texts_free(&raters);
  dss_texts_free(&items);
  return status;
}

static dss_status read_provenance(const dss_h5 *h5, dss_study *study) {
  static const char *const names[] = {"created_by", "created_at", "command", "input_sha256",
                                      "import_log"};
  enum { N_NAMES = sizeof names / sizeof *names };
  dss_texts texts[N_NAMES] = {{0}};
  dss_status status = DSS_OK;
  for (size_t i = 0; i < N_NAMES && status == DSS_OK; i++)
    status = dss_h5_get_text_attribute(h5, h5->file, names[i], false, &texts[i]);
  if (status == DSS_OK) {
    const dss_provenance provenance = {texts[0].items[0], texts[1].items[0], texts[2].items[0],
                                       texts[3].items[0], texts[4].items[0]};
    status = in_file(h5, dss_study_set_provenance(h5->context, study, &provenance));
  }
  for (size_t i = 0; i < N_NAMES; i++)
    dss_texts_free(&texts[i]);
  return status;
}

/* --- attributes -------------------------------------------------------------------------- */

typedef dss_status (*add_attribute_fn)(dss_context *, dss_study *, const dss_attribute *);

static dss_status read_categories(const dss_h5 *h5, hid_t group, dss_texts *categories) {
  hsize_t size;
  DSS_TRY(dss_h5_get_sizes(h5, group, "categories", 1, &size));
  if (size > INT32_MAX)
    return dss_h5_refuse(h5, group, "categories", "has too many entries: %llu",
                         (unsigned long long)size);
  return dss_h5_get_texts(h5, group, "categories", 1, &size, categories);
}

static dss_status check_categorical(const dss_h5 *h5, hid_t group, bool *ordered) {
  dss_texts encoding;
  DSS_TRY(dss_h5_get_text_attribute(h5, group, "encoding-type", true, &encoding));
  dss_status status = DSS_OK;
  if (strcmp(encoding.items[0], "categorical") != 0)
    status = dss_h5_refuse(h5, group, NULL, "has encoding-type '%.40s'; expected categorical",
                           encoding.items[0]);
  dss_texts_free(&encoding);
  return status == DSS_OK ? dss_h5_get_bool_attribute(h5, group, "ordered", ordered) : status;
}

static dss_status get_attribute(const dss_h5 *h5, hid_t group, hsize_t n_codes, bool *ordered,
                                int32_t **codes, dss_texts *categories) {
  DSS_TRY(check_categorical(h5, group, ordered));
  DSS_TRY(dss_h5_get(h5, group, "codes", DSS_H5_I32, 1, &n_codes, codes));
  return read_categories(h5, group, categories);
}

dss_status dss_study_get_attribute(const dss_h5 *h5, hid_t parent, const char *name,
                                   hsize_t n_codes, bool *ordered, int32_t **codes,
                                   dss_texts *categories) {
  hid_t group;
  *codes = NULL;
  *categories = (dss_texts){0};
  DSS_TRY(dss_h5_get_group(h5, parent, name, &group));
  dss_status status = get_attribute(h5, group, n_codes, ordered, codes, categories);
  H5Gclose(group);
  return status;
}

static dss_status read_attribute(const dss_h5 *h5, hid_t parent, const char *name, hsize_t n_codes,
                                 dss_study *study, add_attribute_fn add) {
  bool ordered = false;
  int32_t *codes;
  dss_texts categories;
  dss_status status =
      dss_study_get_attribute(h5, parent, name, n_codes, &ordered, &codes, &categories);
  if (status == DSS_OK) {
    const dss_attribute attribute = {name, (uint32_t)categories.count, categories.items, codes,
                                     ordered};
    status = in_file(h5, add(h5->context, study, &attribute));
  }
  free(codes);
  dss_texts_free(&categories);
  return status;
}

static dss_status read_attributes(const dss_h5 *h5, const char *folder, hsize_t n_codes,
                                  dss_study *study, add_attribute_fn add) {
  hid_t parent;
  dss_texts names;
  DSS_TRY(dss_h5_get_group(h5, h5->file, folder, &parent));
  dss_status status = dss_h5_list(h5, parent, &names);
  for (size_t i = 0; i < names.count && status == DSS_OK; i++)
    status = read_attribute(h5, parent, names.items[i], n_codes, study, add);
  dss_texts_free(&names);
  H5Gclose(parent);
  return status;
}

/* --- questions --------------------------------------------------------------------------- */

typedef struct question_head {
  dss_scale scale;
  dss_texts levels;
  double values[DSS_MAX_LEVELS];
} question_head;

static dss_status read_scale(const dss_h5 *h5, hid_t group, dss_scale *scale) {
  dss_texts text;
  DSS_TRY(dss_h5_get_text_attribute(h5, group, "scale", true, &text));
  dss_status status = DSS_OK;
  if (!dss_scale_parse(text.items[0], scale))
    status = dss_h5_refuse(h5, group, NULL,
                           "has scale '%.40s'; expected nominal, ordinal, interval or ratio",
                           text.items[0]);
  dss_texts_free(&text);
  return status;
}

static dss_status read_head(const dss_h5 *h5, hid_t group, question_head *head) {
  DSS_TRY(read_scale(h5, group, &head->scale));
  DSS_TRY(dss_h5_get_texts_attribute(h5, group, "levels", DSS_MAX_LEVELS, &head->levels));
  return dss_h5_get_numbers_attribute(h5, group, "values", DSS_H5_F64, head->values,
                                      head->levels.count);
}

static dss_status read_ratings(const dss_h5 *h5, hid_t group, hsize_t n_items,
                               dss_compressed *ratings) {
  hsize_t n_edges = n_items + 1, n_ratings = 0;
  DSS_TRY(dss_h5_get_sizes(h5, group, "rater", 1, &n_ratings));
  ratings->n_ratings = n_ratings;
  DSS_TRY(dss_h5_get(h5, group, "item_ptr", DSS_H5_U64, 1, &n_edges, &ratings->item_ptr));
  DSS_TRY(dss_h5_get(h5, group, "rater", DSS_H5_U32, 1, &n_ratings, &ratings->rater));
  return dss_h5_get(h5, group, "code", DSS_H5_U8, 1, &n_ratings, &ratings->code);
}

static dss_status read_question(const dss_h5 *h5, hid_t group, const char *name, dss_study *study) {
  question_head head = {0};
  dss_compressed ratings = {0};
  dss_status status = read_head(h5, group, &head);
  if (status == DSS_OK) status = read_ratings(h5, group, study->n_items, &ratings);
  if (status == DSS_OK)
    status = in_file(h5, dss_study_adopt_question(h5->context, study, name, head.scale,
                                                  (uint32_t)head.levels.count, head.levels.items,
                                                  head.values, &ratings));
  dss_compressed_free(&ratings);
  dss_texts_free(&head.levels);
  return status;
}

static dss_status read_questions(const dss_h5 *h5, dss_study *study) {
  hid_t parent, group;
  dss_texts names = {0};
  DSS_TRY(dss_h5_get_group(h5, h5->file, "ratings", &parent));
  dss_status status = read_names(h5, "question", &names);
  for (size_t q = 0; q < names.count && status == DSS_OK; q++) {
    /* As a path the name would lead elsewhere. */
    if (strchr(names.items[q], '/') || !*names.items[q])
      status =
          dss_h5_refuse(h5, h5->file, "question", "'%s' cannot name a question", names.items[q]);
    if (status == DSS_OK) status = dss_h5_get_group(h5, parent, names.items[q], &group);
    if (status != DSS_OK) break;
    status = read_question(h5, group, names.items[q], study);
    H5Gclose(group);
  }
  dss_texts_free(&names);
  H5Gclose(parent);
  return status;
}

/* --- the whole --------------------------------------------------------------------------- */

/* HDF5 keeps no checksum of texts. A file made by others need not have a digest. */
static dss_status check_digest(const dss_h5 *h5, const dss_study *study) {
  dss_texts expected;
  char digest[65];
  DSS_TRY(dss_study_digest(h5->context, study, digest));
  DSS_TRY(dss_h5_get_text_attribute(h5, h5->file, "content_sha256", false, &expected));
  dss_status status = DSS_OK;
  if (*expected.items[0] && strcmp(expected.items[0], digest) != 0)
    status = dss_h5_refuse(h5, h5->file, NULL,
                           "the content does not match content_sha256: the file was damaged, or "
                           "edited (then delete that attribute)");
  dss_texts_free(&expected);
  return status;
}

static dss_status fill_study(const dss_h5 *h5, dss_study *study) {
  DSS_TRY(read_provenance(h5, study));
  DSS_TRY(read_attributes(h5, "rater_attributes", study->n_raters, study,
                          dss_study_add_rater_attribute));
  DSS_TRY(
      read_attributes(h5, "item_attributes", study->n_items, study, dss_study_add_item_attribute));
  DSS_TRY(read_questions(h5, study));
  return check_digest(h5, study);
}

dss_status dss_study_open(dss_context *context, const char *path, dss_study **study) {
  dss_h5 h5;
  dss_study *made = NULL;
  DSS_TRY(dss_h5_open(context, path, DSS_STUDY_KIND, DSS_STUDY_FORMAT_MAJOR, &h5));
  dss_status status = new_study(&h5, &made);
  if (status == DSS_OK) status = fill_study(&h5, made);
  dss_h5_close(&h5);
  if (status == DSS_OK)
    *study = made;
  else
    dss_study_free(made);
  return status;
}
