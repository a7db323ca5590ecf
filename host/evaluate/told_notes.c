/* What of a table of predicted ratings could not be used, counted and named. */
#include <math.h>
#include <stdio.h>

#include "host/core/alloc.h"
#include "told.h"

/* Why a row is not used; the first that holds. */
typedef enum row_fate { USED, UNRATED, UNKNOWN, EMPTY, UNASKED } row_fate;

static row_fate fate_of(const dss_told *told, size_t row) {
  size_t width = dss_told_width(told);
  if (told->item[row] == UINT32_MAX) return UNRATED;
  for (size_t k = 0; k < width; k++)
    if (told->keys[row * width + k] == DSS_TOLD_UNKNOWN) return UNKNOWN;
  if (isnan(told->value[row])) return EMPTY;
  return told->used[row] ? USED : UNASKED;
}

static dss_status add_name(dss_context *context, dss_strings *names, const char *name) {
  uint32_t id;
  return dss_strings_add(context, names, name, strlen(name), (dss_place){0}, &id);
}

/* The first of the names, as many as fit, as a note. */
static dss_status add_note(dss_context *context, dss_evaluation *evaluation, const char *what,
                           uint64_t count, const dss_strings *names) {
  char list[320];
  const dss_words words = {names->at, names->count, names->count};
  dss_words_list(&words, list, sizeof list);
  return dss_evaluation_add_note(context, evaluation, what, count, list);
}

/* "gender=Woman age=GenZ", or the rater's name. */
static void whom_of(const dss_told *told, size_t row, char *whom, size_t size) {
  const dss_predictions *rows = told->rows;
  size_t at = 0;
  whom[0] = '\0';
  for (size_t k = 0; k < rows->n_keys && at + 150 < size; k++) {
    const char *text = dss_predictions_text(rows, row, k);
    if (told->by_rater)
      snprintf(whom, size, "%s", text ? DSS_EXCERPT(text) : "no name");
    else if (text)
      at += (size_t)snprintf(whom + at, size - at, "%s%s=%s", at ? " " : "",
                             DSS_EXCERPT(rows->columns.at[k]), DSS_EXCERPT(text));
  }
}

static dss_status name_row(dss_context *context, const dss_study *study, const dss_told *told,
                           size_t row, row_fate fate, dss_strings *names) {
  char whom[512];
  if (fate == UNRATED || fate == EMPTY)
    return add_name(context, names, dss_study_item_name(study, told->rows->item[row]));
  whom_of(told, row, whom, sizeof whom);
  return add_name(context, names, whom);
}

static dss_status note_fate(dss_context *context, const dss_study *study, const dss_told *told,
                            row_fate fate, const char *what, dss_evaluation *evaluation) {
  dss_strings names = {0};
  uint64_t count = 0;
  dss_status status = DSS_OK;
  for (size_t row = 0; row < told->rows->n_rows && status == DSS_OK; row++) {
    if (fate_of(told, row) != fate) continue;
    count++;
    status = name_row(context, study, told, row, fate, &names);
  }
  if (status == DSS_OK && count > 0) status = add_note(context, evaluation, what, count, &names);
  dss_strings_free(&names);
  return status;
}

/* Rated items of which the table says nothing: has [n_items]. */
static dss_status note_items(dss_context *context, const dss_rated *rated, const bool *has,
                             const char *what, dss_evaluation *evaluation) {
  dss_strings names = {0};
  uint64_t count = 0;
  dss_status status = DSS_OK;
  for (uint32_t u = 0; u < rated->n_items && status == DSS_OK; u++) {
    if (has[u]) continue;
    count++;
    status = add_name(context, &names, dss_study_item_name(rated->study, rated->study_item[u]));
  }
  if (status == DSS_OK && count > 0) status = add_note(context, evaluation, what, count, &names);
  dss_strings_free(&names);
  return status;
}

static dss_status note_missing(dss_context *context, const dss_rated *rated, const dss_told *told,
                               dss_evaluation *evaluation) {
  bool *has;
  DSS_TRY(DSS_ALLOC(context, &has, rated->n_items));
  for (size_t row = 0; row < told->rows->n_rows; row++)
    if (fate_of(told, row) == USED) has[told->item[row]] = true;
  dss_status status =
      note_items(context, rated, has, "rated items without a prediction", evaluation);
  for (uint32_t u = 0; u < rated->n_items; u++)
    has[u] = !isnan(told->baseline[u]);
  if (status == DSS_OK && told->has_baseline)
    status = note_items(context, rated, has, "rated items without a baseline", evaluation);
  free(has);
  return status;
}

dss_status dss_told_note(dss_context *context, const dss_rated *rated, const dss_told *told,
                         dss_evaluation *evaluation) {
  const dss_study *study = rated->study;
  if (told->rows->unknown.count > 0)
    DSS_TRY(add_note(context, evaluation, "items of the predictions that the study does not have",
                     told->rows->unknown.count, &told->rows->unknown));
  DSS_TRY(note_fate(context, study, told, UNRATED, "predictions for items without a rating",
                    evaluation));
  DSS_TRY(note_fate(context, study, told, UNKNOWN,
                    told->by_rater ? "predictions for raters that the study does not have"
                                   : "predictions for groups that the study does not have",
                    evaluation));
  DSS_TRY(note_fate(context, study, told, EMPTY, "rows without a prediction", evaluation));
  DSS_TRY(note_fate(context, study, told, UNASKED,
                    told->by_rater ? "predictions for raters without a rating of the item"
                                   : "predictions that no axis asks for",
                    evaluation));
  return note_missing(context, rated, told, evaluation);
}
