#include "study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"

static const char *const scale_names[] = {"nominal", "ordinal", "interval", "ratio"};
enum { N_SCALES = sizeof scale_names / sizeof *scale_names };

const char *dss_scale_name(dss_scale scale) {
  return (unsigned)scale < N_SCALES ? scale_names[scale] : NULL;
}

bool dss_scale_parse(const char *name, dss_scale *scale) {
  for (unsigned s = 0; s < N_SCALES; s++) {
    if (strcmp(name, scale_names[s]) != 0) continue;
    *scale = (dss_scale)s;
    return true;
  }
  return false;
}

/* --- making and freeing ------------------------------------------------------------------ */

static dss_status check_count(dss_context *context, uint32_t count, const char *what) {
  if (count >= 1 && count <= UINT32_MAX - 1) return DSS_OK;
  return dss_fail(context, DSS_ERR_DATA, "a study needs 1 to 4294967294 %s, not %lu", what,
                  (unsigned long)count);
}

dss_status dss_study_new(dss_context *context, uint32_t n_raters, const char *const *rater_names,
                         uint32_t n_items, const char *const *item_names, dss_study **study) {
  DSS_TRY(check_count(context, n_raters, "raters"));
  DSS_TRY(check_count(context, n_items, "items"));
  DSS_TRY(dss_texts_check(context, rater_names, n_raters, "rater name"));
  DSS_TRY(dss_texts_check(context, item_names, n_items, "item name"));
  dss_study *made = calloc(1, sizeof *made);
  if (!made) return dss_fail_memory(context, sizeof *made);
  made->n_raters = n_raters;
  made->n_items = n_items;
  dss_status status = dss_texts_copy(context, &made->rater_names, rater_names, n_raters);
  if (status == DSS_OK) status = dss_texts_copy(context, &made->item_names, item_names, n_items);
  if (status == DSS_OK) status = dss_study_set_provenance(context, made, &(dss_provenance){0});
  if (status == DSS_OK)
    *study = made;
  else
    dss_study_free(made);
  return status;
}

static void free_attribute(dss_owned_attribute *attribute) {
  if (!attribute) return;
  dss_texts_free(&attribute->name);
  dss_texts_free(&attribute->categories);
  free(attribute->codes);
  free(attribute);
}

static void free_attributes(dss_attribute_list *list) {
  for (size_t i = 0; i < list->count; i++)
    free_attribute(list->items[i]);
  free(list->items);
}

static void free_question(dss_owned_question *question) {
  if (!question) return;
  dss_texts_free(&question->name);
  dss_texts_free(&question->labels);
  free(question->values);
  free(question->item_ptr);
  free(question->rater);
  free(question->code);
  free(question);
}

void dss_study_free(dss_study *study) {
  if (!study) return;
  free_attributes(&study->rater_attributes);
  free_attributes(&study->item_attributes);
  for (size_t q = 0; q < study->n_questions; q++)
    free_question(study->questions[q]);
  free(study->questions);
  dss_texts_free(&study->rater_names);
  dss_texts_free(&study->item_names);
  dss_texts_free(&study->provenance_texts);
  free(study);
}

dss_status dss_study_set_provenance(dss_context *context, dss_study *study,
                                    const dss_provenance *provenance) {
  const char *texts[] = {provenance->created_by, provenance->created_at, provenance->command,
                         provenance->input_sha256, provenance->import_log};
  enum { N_TEXTS = sizeof texts / sizeof *texts };
  for (size_t i = 0; i < N_TEXTS; i++) {
    if (!texts[i]) texts[i] = "";
    if (!dss_text_is_utf8(texts[i]))
      return dss_fail(context, DSS_ERR_DATA, "a provenance text is not UTF-8");
  }
  dss_texts copy;
  DSS_TRY(dss_texts_copy(context, &copy, texts, N_TEXTS));
  dss_texts_free(&study->provenance_texts);
  study->provenance_texts = copy;
  study->provenance =
      (dss_provenance){copy.items[0], copy.items[1], copy.items[2], copy.items[3], copy.items[4]};
  return DSS_OK;
}

/* --- names ------------------------------------------------------------------------------- */

/* Names of attributes and questions are names of HDF5 objects, whose paths give '/' and '.' a
 * meaning. what: "attribute", "question". */
static dss_status check_name(dss_context *context, const char *name, const char *what) {
  DSS_TRY(dss_texts_check(context, &name, 1, what));
  if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
    return dss_fail(context, DSS_ERR_DATA,
                    "the name of %s '%s' contains '/' or is '.' or '..'; rename it", what, name);
  return DSS_OK;
}

/* --- attributes -------------------------------------------------------------------------- */

static dss_status check_attribute(dss_context *context, const dss_attribute_list *list,
                                  uint32_t n_codes, const dss_attribute *attribute) {
  const char *name = attribute->name;
  DSS_TRY(check_name(context, name, "attribute"));
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->items[i]->view.name, name) == 0)
      return dss_fail(context, DSS_ERR_DATA, "attribute '%s' is there twice", name);
  if (attribute->n_categories > INT32_MAX)
    return dss_fail(context, DSS_ERR_DATA, "attribute '%s' has too many categories", name);
  DSS_TRY(dss_texts_check(context, attribute->categories, attribute->n_categories, "category"));
  for (uint32_t i = 0; i < n_codes; i++)
    if (attribute->codes[i] < -1 || attribute->codes[i] >= (int64_t)attribute->n_categories)
      return dss_fail(context, DSS_ERR_DATA,
                      "attribute '%s': code %ld at index %lu is neither -1 nor one of the %lu "
                      "categories",
                      name, (long)attribute->codes[i], (unsigned long)i,
                      (unsigned long)attribute->n_categories);
  return DSS_OK;
}

static dss_status copy_attribute(dss_context *context, dss_owned_attribute *made, uint32_t n_codes,
                                 const dss_attribute *given) {
  DSS_TRY(dss_texts_copy(context, &made->name, &given->name, 1));
  DSS_TRY(dss_texts_copy(context, &made->categories, given->categories, given->n_categories));
  DSS_TRY(DSS_ALLOC(context, &made->codes, n_codes));
  memcpy(made->codes, given->codes, n_codes * sizeof *made->codes);
  made->view = (dss_attribute){made->name.items[0], given->n_categories, made->categories.items,
                               made->codes, given->ordered};
  return DSS_OK;
}

static dss_status add_attribute(dss_context *context, dss_attribute_list *list, uint32_t n_codes,
                                const dss_attribute *given) {
  DSS_TRY(check_attribute(context, list, n_codes, given));
  DSS_TRY(DSS_GROW(context, &list->items, &list->capacity, list->count + 1));
  dss_owned_attribute *made = calloc(1, sizeof *made);
  if (!made) return dss_fail_memory(context, sizeof *made);
  dss_status status = copy_attribute(context, made, n_codes, given);
  if (status == DSS_OK)
    list->items[list->count++] = made;
  else
    free_attribute(made);
  return status;
}

dss_status dss_study_add_rater_attribute(dss_context *context, dss_study *study,
                                         const dss_attribute *attribute) {
  return add_attribute(context, &study->rater_attributes, study->n_raters, attribute);
}

dss_status dss_study_add_item_attribute(dss_context *context, dss_study *study,
                                        const dss_attribute *attribute) {
  return add_attribute(context, &study->item_attributes, study->n_items, attribute);
}

/* --- questions --------------------------------------------------------------------------- */

static dss_status check_values(dss_context *context, const char *name, dss_scale scale,
                               uint32_t n_levels, const char *const *labels, const double *values) {
  bool needed = scale == DSS_INTERVAL || scale == DSS_RATIO;
  if (needed && !values)
    return dss_fail(context, DSS_ERR_DATA, "question '%s': scale %s needs numeric values", name,
                    dss_scale_name(scale));
  for (uint32_t k = 0; values && k < n_levels; k++) {
    if (isinf(values[k]) || (needed && isnan(values[k])))
      return dss_fail(context, DSS_ERR_DATA,
                      "question '%s': level '%s' has no finite value, which scale %s needs", name,
                      labels[k], dss_scale_name(scale));
    if (scale == DSS_RATIO && values[k] < 0)
      return dss_fail(context, DSS_ERR_DATA,
                      "question '%s': level '%s' is negative, which scale ratio does not allow",
                      name, labels[k]);
  }
  return DSS_OK;
}

static dss_status check_question(dss_context *context, const dss_study *study, const char *name,
                                 dss_scale scale, uint32_t n_levels, const char *const *labels,
                                 const double *values) {
  DSS_TRY(check_name(context, name, "question"));
  for (size_t q = 0; q < study->n_questions; q++)
    if (strcmp(study->questions[q]->view.name, name) == 0)
      return dss_fail(context, DSS_ERR_DATA, "question '%s' is there twice", name);
  if (!dss_scale_name(scale))
    return dss_fail(context, DSS_ERR_DATA, "question '%s': unknown scale", name);
  if (n_levels < 1 || n_levels > DSS_MAX_LEVELS)
    return dss_fail(context, DSS_ERR_DATA, "question '%s' has %lu levels; 1 to %u are possible",
                    name, (unsigned long)n_levels, DSS_MAX_LEVELS);
  DSS_TRY(dss_texts_check(context, labels, n_levels, "level"));
  return check_values(context, name, scale, n_levels, labels, values);
}

static dss_status fill_question(dss_context *context, dss_owned_question *made, const char *name,
                                dss_scale scale, uint32_t n_levels, const char *const *labels,
                                const double *values) {
  DSS_TRY(dss_texts_copy(context, &made->name, &name, 1));
  DSS_TRY(dss_texts_copy(context, &made->labels, labels, n_levels));
  DSS_TRY(DSS_ALLOC(context, &made->values, n_levels));
  for (uint32_t k = 0; k < n_levels; k++)
    made->values[k] = values ? values[k] : NAN;
  made->view = (dss_question){.name = made->name.items[0],
                              .scale = scale,
                              .n_levels = n_levels,
                              .labels = made->labels.items,
                              .values = made->values};
  return DSS_OK;
}

static void take_ratings(dss_owned_question *question, dss_compressed *ratings) {
  question->view.n_ratings = ratings->n_ratings;
  question->view.item_ptr = question->item_ptr = ratings->item_ptr;
  question->view.rater = question->rater = ratings->rater;
  question->view.code = question->code = ratings->code;
  *ratings = (dss_compressed){0};
}

dss_status dss_study_adopt_question(dss_context *context, dss_study *study, const char *name,
                                    dss_scale scale, uint32_t n_levels, const char *const *labels,
                                    const double *values, dss_compressed *ratings) {
  dss_owned_question *made = NULL;
  dss_status status = check_question(context, study, name, scale, n_levels, labels, values);
  if (status == DSS_OK) status = dss_compressed_check(context, study, name, n_levels, ratings);
  if (status == DSS_OK)
    status =
        DSS_GROW(context, &study->questions, &study->questions_capacity, study->n_questions + 1);
  if (status == DSS_OK) status = DSS_ALLOC(context, &made, 1);
  if (status == DSS_OK)
    status = fill_question(context, made, name, scale, n_levels, labels, values);
  if (status != DSS_OK) {
    dss_compressed_free(ratings);
    free_question(made);
    return status;
  }
  take_ratings(made, ratings);
  study->questions[study->n_questions++] = made;
  return DSS_OK;
}

dss_status dss_study_add_question(dss_context *context, dss_study *study, const char *name,
                                  dss_scale scale, uint32_t n_levels, const char *const *labels,
                                  const double *values, uint64_t n_ratings, const uint32_t *rater,
                                  const uint32_t *item, const uint8_t *code) {
  /* Before the ratings, whose messages name the question. */
  DSS_TRY(check_question(context, study, name, scale, n_levels, labels, values));
  dss_compressed ratings;
  DSS_TRY(dss_compress(context, study, name, n_levels, n_ratings, rater, item, code, &ratings));
  return dss_study_adopt_question(context, study, name, scale, n_levels, labels, values, &ratings);
}

/* --- accessors --------------------------------------------------------------------------- */

uint32_t dss_study_n_raters(const dss_study *study) {
  return study->n_raters;
}

uint32_t dss_study_n_items(const dss_study *study) {
  return study->n_items;
}

size_t dss_study_n_questions(const dss_study *study) {
  return study->n_questions;
}

size_t dss_study_n_rater_attributes(const dss_study *study) {
  return study->rater_attributes.count;
}

size_t dss_study_n_item_attributes(const dss_study *study) {
  return study->item_attributes.count;
}

const char *dss_study_rater_name(const dss_study *study, uint32_t rater) {
  return rater < study->n_raters ? study->rater_names.items[rater] : NULL;
}

const char *dss_study_item_name(const dss_study *study, uint32_t item) {
  return item < study->n_items ? study->item_names.items[item] : NULL;
}

const dss_question *dss_study_question(const dss_study *study, size_t index) {
  return index < study->n_questions ? &study->questions[index]->view : NULL;
}

const dss_attribute *dss_study_rater_attribute(const dss_study *study, size_t index) {
  const dss_attribute_list *list = &study->rater_attributes;
  return index < list->count ? &list->items[index]->view : NULL;
}

const dss_attribute *dss_study_item_attribute(const dss_study *study, size_t index) {
  const dss_attribute_list *list = &study->item_attributes;
  return index < list->count ? &list->items[index]->view : NULL;
}

const dss_provenance *dss_study_provenance(const dss_study *study) {
  return &study->provenance;
}
