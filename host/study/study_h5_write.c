/* A study to an HDF5 file. */
#include <stdlib.h>

#include "host/core/alloc.h"
#include "host/core/h5.h"
#include "host/core/timestamp.h"
#include "study.h"
#include "study_h5.h"

static dss_status write_provenance(dss_h5 *h5, const dss_provenance *provenance) {
  char now[DSS_TIMESTAMP_CHARS];
  DSS_TRY(dss_timestamp(h5->context, now));
  const char *created_by =
      *provenance->created_by ? provenance->created_by : "dissensus " DSS_VERSION_STRING;
  const char *created_at = *provenance->created_at ? provenance->created_at : now;
  DSS_TRY(dss_h5_put_text_attribute(h5, h5->file, "created_by", created_by));
  DSS_TRY(dss_h5_put_text_attribute(h5, h5->file, "created_at", created_at));
  DSS_TRY(dss_h5_put_text_attribute(h5, h5->file, "command", provenance->command));
  DSS_TRY(dss_h5_put_text_attribute(h5, h5->file, "input_sha256", provenance->input_sha256));
  return dss_h5_put_text_attribute(h5, h5->file, "import_log", provenance->import_log);
}

static dss_status write_names(dss_h5 *h5, const dss_study *study, dss_h5_dim *rater,
                              dss_h5_dim *item) {
  DSS_TRY(dss_h5_put_texts_dim(h5, h5->file, "rater", study->rater_names.items, study->n_raters,
                               rater));
  DSS_TRY(
      dss_h5_put_texts_dim(h5, h5->file, "item", study->item_names.items, study->n_items, item));
  const char **items = dss_zeroed(study->n_questions, sizeof *items);
  if (!items) return dss_fail_memory(h5->context, study->n_questions * sizeof *items);
  for (size_t q = 0; q < study->n_questions; q++)
    items[q] = study->questions[q]->view.name;
  dss_h5_dim question;
  dss_status status =
      dss_h5_put_texts_dim(h5, h5->file, "question", items, study->n_questions, &question);
  free(items);
  return status;
}

/* --- attributes -------------------------------------------------------------------------- */

/* What AnnData's readers go by. */
static dss_status put_encoding(dss_h5 *h5, hid_t object, const char *type) {
  DSS_TRY(dss_h5_put_text_attribute(h5, object, "encoding-type", type));
  return dss_h5_put_text_attribute(h5, object, "encoding-version", "0.2.0");
}

/* Codes in the smallest signed type that holds them, as AnnData writes them. */
static dss_status put_codes(dss_h5 *h5, hid_t group, const dss_attribute *attribute,
                            const dss_h5_dim *dim) {
  dss_h5_type type = attribute->n_categories <= INT8_MAX + 1u    ? DSS_H5_I8
                     : attribute->n_categories <= INT16_MAX + 1u ? DSS_H5_I16
                                                                 : DSS_H5_I32;
  hid_t dataset;
  DSS_TRY(dss_h5_put_codes(h5, group, "codes", type, dim, attribute->codes, &dataset));
  dss_status status = put_encoding(h5, dataset, "array");
  H5Dclose(dataset);
  return status;
}

static dss_status fill_attribute(dss_h5 *h5, hid_t group, const dss_attribute *attribute,
                                 const dss_h5_dim *dim) {
  DSS_TRY(put_encoding(h5, group, "categorical"));
  DSS_TRY(dss_h5_put_bool_attribute(h5, group, "ordered", attribute->ordered));
  DSS_TRY(put_codes(h5, group, attribute, dim));
  dss_h5_dim categories;
  DSS_TRY(dss_h5_put_texts_dim(h5, group, "categories", attribute->categories,
                               attribute->n_categories, &categories));
  dss_status status = put_encoding(h5, categories.scale, "string-array");
  H5Dclose(categories.scale);
  return status;
}

dss_status dss_study_put_attribute(dss_h5 *h5, hid_t parent, const dss_attribute *attribute,
                                   const dss_h5_dim *dim) {
  hid_t group;
  DSS_TRY(dss_h5_put_group(h5, parent, attribute->name, &group));
  dss_status status = fill_attribute(h5, group, attribute, dim);
  H5Gclose(group);
  return status;
}

static dss_status write_attributes(dss_h5 *h5, const char *folder, const dss_attribute_list *list,
                                   const dss_h5_dim *dim) {
  hid_t parent;
  DSS_TRY(dss_h5_put_group(h5, h5->file, folder, &parent));
  for (size_t a = 0; a < list->count; a++) {
    DSS_TRY(dss_go_on(h5->context));
    DSS_TRY(dss_study_put_attribute(h5, parent, &list->items[a]->view, dim));
  }
  H5Gclose(parent);
  return DSS_OK;
}

/* --- questions --------------------------------------------------------------------------- */

static dss_status fill_question(dss_h5 *h5, hid_t group, const dss_question *question,
                                const dss_h5_dim *item_edge) {
  DSS_TRY(dss_h5_put_text_attribute(h5, group, "scale", dss_scale_name(question->scale)));
  DSS_TRY(dss_h5_put_texts_attribute(h5, group, "levels", question->labels, question->n_levels));
  DSS_TRY(dss_h5_put_numbers_attribute(h5, group, "values", DSS_H5_F64, question->values,
                                       question->n_levels));
  dss_h5_dim rating;
  DSS_TRY(dss_h5_put_dim(h5, group, "rating", question->n_ratings, &rating));
  DSS_TRY(dss_h5_put(h5, group, "item_ptr", DSS_H5_U64, 1, item_edge, question->item_ptr, NULL));
  DSS_TRY(dss_h5_put(h5, group, "rater", DSS_H5_U32, 1, &rating, question->rater, NULL));
  DSS_TRY(dss_h5_put(h5, group, "code", DSS_H5_U8, 1, &rating, question->code, NULL));
  H5Dclose(rating.scale);
  return DSS_OK;
}

static dss_status write_questions(dss_h5 *h5, const dss_study *study) {
  hid_t parent, group;
  dss_h5_dim item_edge;
  DSS_TRY(dss_h5_put_group(h5, h5->file, "ratings", &parent));
  DSS_TRY(dss_h5_put_dim(h5, h5->file, "item_edge", (hsize_t)study->n_items + 1, &item_edge));
  for (size_t q = 0; q < study->n_questions; q++) {
    const dss_question *question = &study->questions[q]->view;
    DSS_TRY(dss_go_on(h5->context));
    DSS_TRY(dss_h5_put_group(h5, parent, question->name, &group));
    DSS_TRY(fill_question(h5, group, question, &item_edge));
    H5Gclose(group);
  }
  H5Gclose(parent);
  return DSS_OK;
}

/* --- the whole --------------------------------------------------------------------------- */

static dss_status write_study(dss_h5 *h5, const dss_study *study) {
  dss_h5_dim rater, item;
  char digest[65];
  DSS_TRY(dss_study_digest(h5->context, study, digest));
  DSS_TRY(write_provenance(h5, &study->provenance));
  DSS_TRY(dss_h5_put_text_attribute(h5, h5->file, "content_sha256", digest));
  DSS_TRY(write_names(h5, study, &rater, &item));
  DSS_TRY(write_attributes(h5, "rater_attributes", &study->rater_attributes, &rater));
  DSS_TRY(write_attributes(h5, "item_attributes", &study->item_attributes, &item));
  return write_questions(h5, study);
}

dss_status dss_study_save(dss_context *context, const dss_study *study, const char *path,
                          bool overwrite) {
  dss_h5 h5;
  DSS_TRY(dss_h5_create(context, path, DSS_STUDY_KIND, DSS_STUDY_FORMAT, &h5));
  dss_status status = write_study(&h5, study);
  if (status == DSS_OK) status = dss_h5_store(&h5, overwrite);
  dss_h5_close(&h5);
  return status;
}
