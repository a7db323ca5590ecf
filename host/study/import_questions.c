/* Questions, once all is read: duplicates settled, levels in order, ratings handed to the study. */
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "import_gather.h"
#include "import_importer.h"
#include "import_input.h"

static json_t *question_log(dss_importer *importer, size_t question) {
  json_t *section = dss_log_object(&importer->log, importer->log.root, "questions");
  return dss_log_object(&importer->log, section, importer->spec.questions[question].name);
}

/* --- duplicates
 * ----------------------------------------------------------------------------------- */

static dss_status fail_duplicate(dss_importer *importer, const dss_duplicate *found) {
  const dss_records *records = &importer->records;
  uint32_t rater = records->rater[found->second];
  uint32_t item = records->item[found->second];
  size_t column = importer->item_columns ? importer->item_columns[item]
                                         : importer->levels[found->question].column;
  const char *name = importer->item_columns ? importer->items.ids.at[item]
                                            : importer->spec.questions[found->question].name;
  dss_place place = {dss_input_name(importer->spec.options->input), records->line[found->second],
                     column + 1, name};
  return dss_fail_at(importer->context, place, DSS_ERR_DATA,
                     "rater '%s' rates item '%s' again after line %llu; one rating was expected "
                     "(--duplicates first or last keeps one)",
                     DSS_EXCERPT(importer->raters.ids.at[rater]),
                     DSS_EXCERPT(importer->items.ids.at[item]),
                     (unsigned long long)records->line[found->first]);
}

static dss_status settle_duplicates(dss_importer *importer) {
  size_t n = importer->spec.n_questions;
  uint64_t *dropped = NULL;
  DSS_TRY(DSS_ALLOC(importer->context, &dropped, n));
  dss_duplicate found;
  dss_records_resolve(&importer->records, importer->spec.options->duplicates, dropped, &found);
  for (size_t q = 0; q < n; q++) {
    dss_log_count(&importer->log, question_log(importer, q), "duplicates_dropped", dropped[q]);
    if (dropped[q])
      dss_info(importer->context, "question '%s': %llu repeated rating%s dropped",
               importer->spec.questions[q].name, (unsigned long long)dropped[q],
               DSS_PLURAL(dropped[q]));
  }
  free(dropped);
  return found.question == SIZE_MAX ? DSS_OK : fail_duplicate(importer, &found);
}

/* --- levels
 * ----------------------------------------------------------------------------------------- */

static uint16_t *code_at(const dss_records *records, uint32_t record, size_t question) {
  return &records->codes[(size_t)record * records->n_questions + question];
}

/* Which texts became a level that is written otherwise, as 3.0 becomes 3. */
static void log_read_as(dss_importer *importer, const dss_levels *levels, json_t *log) {
  for (uint32_t t = 0; t < levels->tokens.count; t++) {
    const char *token = levels->tokens.at[t];
    uint16_t level = levels->token_level[t];
    if (level == DSS_NO_RATING || strcmp(levels->labels[level], token) == 0) continue;
    json_t *read_as = dss_log_object(&importer->log, log, "read_as");
    dss_log_text(&importer->log, read_as, token, levels->labels[level]);
    dss_info(importer->context, "question '%s': '%s' is read as level '%s'", levels->question->name,
             DSS_EXCERPT(token), levels->labels[level]);
  }
}

static void log_unused(dss_importer *importer, const dss_levels *levels, json_t *log,
                       const uint64_t *counts) {
  for (uint32_t k = 0; k < levels->n_levels; k++) {
    if (!levels->question->declared || counts[k] > 0) continue;
    dss_log_append(&importer->log, log, "levels_without_ratings", levels->labels[k]);
    dss_info(importer->context, "question '%s': the level '%s' never occurs and is kept",
             levels->question->name, levels->labels[k]);
  }
}

static void log_levels(dss_importer *importer, size_t question, const uint64_t *counts) {
  const dss_levels *levels = &importer->levels[question];
  json_t *log = question_log(importer, question);
  uint64_t ratings = 0;
  for (uint32_t k = 0; k < DSS_MAX_LEVELS; k++)
    ratings += counts[k];
  dss_log_count(&importer->log, log, "ratings", ratings);
  dss_log_count(&importer->log, log, "missing", levels->missing);
  dss_info(importer->context, "question '%s': %llu rating%s, %lu level%s (%s), %llu missing",
           levels->question->name, (unsigned long long)ratings, DSS_PLURAL(ratings),
           (unsigned long)levels->n_levels, DSS_PLURAL(levels->n_levels),
           dss_scale_name(levels->question->scale), (unsigned long long)levels->missing);
  log_read_as(importer, levels, log);
  log_unused(importer, levels, log, counts);
}

void dss_import_warn_constant(dss_importer *importer, const char *question, const char *level) {
  dss_warn(importer->context,
           "question '%s': every rating is '%s', so alpha is undefined for every group", question,
           DSS_EXCERPT(level));
}

/* counts [DSS_MAX_LEVELS], by the codes before map. */
static void check_constant(dss_importer *importer, size_t question, const uint64_t *counts,
                           const uint16_t *map) {
  uint32_t used = 0;
  uint16_t level = 0;
  for (uint32_t k = 0; k < DSS_MAX_LEVELS; k++) {
    if (counts[k] == 0) continue;
    used++;
    level = map[k];
  }
  if (used == 1)
    dss_import_warn_constant(importer, importer->spec.questions[question].name,
                             importer->levels[question].labels[level]);
}

static dss_status settle_levels(dss_importer *importer, size_t question) {
  dss_records *records = &importer->records;
  uint64_t counts[DSS_MAX_LEVELS] = {0};
  uint16_t map[DSS_MAX_LEVELS];
  for (uint32_t i = 0; i < records->count; i++) {
    uint16_t code = *code_at(records, i, question);
    if (code != DSS_NO_RATING) counts[code]++;
  }
  const dss_import_options *o = importer->spec.options;
  DSS_TRY(dss_levels_finish(importer->context, &importer->levels[question],
                            dss_input_name(o->input), o->keep_unused_levels, counts, map));
  for (uint32_t i = 0; i < records->count; i++) {
    uint16_t *code = code_at(records, i, question);
    if (*code != DSS_NO_RATING) *code = map[*code];
  }
  log_levels(importer, question, counts);
  check_constant(importer, question, counts, map);
  return DSS_OK;
}

/* --- wide layout: an attribute among the items
 * ----------------------------------------------------------------------- */

/* For each level, the item that has it; NOBODY and MANY are no items. */
#define NOBODY UINT32_MAX
#define MANY (UINT32_MAX - 1)

static void find_holders(const dss_records *records, uint32_t holder[DSS_MAX_LEVELS]) {
  for (uint32_t k = 0; k < DSS_MAX_LEVELS; k++)
    holder[k] = NOBODY;
  for (uint32_t i = 0; i < records->count; i++) {
    uint16_t code = *code_at(records, i, 0);
    if (code == DSS_NO_RATING || holder[code] == records->item[i]) continue;
    holder[code] = holder[code] == NOBODY ? records->item[i] : MANY;
  }
}

/* Whether the item of a run of records in order has ratings, none of them on a level of another. */
static bool is_odd(const dss_records *records, uint32_t begin, uint32_t end,
                   const uint32_t *holder) {
  bool any = false;
  for (uint32_t at = begin; at < end; at++) {
    uint16_t code = *code_at(records, records->order[at], 0);
    if (code == DSS_NO_RATING) continue;
    any = true;
    if (holder[code] == MANY) return false;
  }
  return any;
}

/* Columns that are no attribute are items, so a forgotten attribute becomes one: its values are
 * nobody else's. */
static void warn_odd_columns(dss_importer *importer) {
  const dss_records *records = &importer->records;
  uint32_t holder[DSS_MAX_LEVELS];
  uint32_t odd = 0, first = UINT32_MAX;
  find_holders(records, holder);
  for (uint32_t begin = 0, end; begin < records->count; begin = end) {
    uint32_t item = records->item[records->order[begin]];
    for (end = begin; end < records->count && records->item[records->order[end]] == item;)
      end++;
    if (!is_odd(records, begin, end, holder)) continue;
    odd++;
    if (item < first) first = item;
  }
  if (odd == 0 || importer->items.ids.count < 2) return;
  json_t *log = dss_log_object(&importer->log, importer->log.root, "item_columns");
  dss_log_count(&importer->log, log, "sharing_no_level", odd);
  dss_warn(importer->context,
           "%lu of %lu item columns %s no level with another item, the first is '%s'; is it an "
           "attribute (--rater-attr)?",
           (unsigned long)odd, (unsigned long)importer->items.ids.count,
           odd == 1 ? "shares" : "share", DSS_EXCERPT(importer->items.ids.at[first]));
}

dss_status dss_import_settle(dss_importer *importer) {
  DSS_TRY(dss_records_sort(importer->context, &importer->records, importer->raters.ids.count,
                           importer->items.ids.count));
  DSS_TRY(settle_duplicates(importer));
  dss_records_forget_lines(&importer->records);
  for (size_t q = 0; q < importer->spec.n_questions; q++) {
    DSS_TRY(dss_go_on(importer->context));
    DSS_TRY(settle_levels(importer, q));
  }
  if (importer->spec.options->layout == DSS_LAYOUT_WIDE) warn_odd_columns(importer);
  return DSS_OK;
}

/* --- handing over
 * ------------------------------------------------------------------------------------- */

/* All questions' ratings in one pass: the records lie in memory as they were read, so that each of
 * their order takes its time to be fetched. */
static void gather(const dss_records *records, dss_gathering *gatherings) {
  for (uint32_t i = 0; i < records->count; i++) {
    uint32_t record = records->order[i], rater = records->rater[record];
    for (size_t q = 0; q < records->n_questions; q++) {
      uint16_t code = *code_at(records, record, q);
      if (code != DSS_NO_RATING)
        dss_gather_add(&gatherings[q], records->item[record], rater, (uint8_t)code);
    }
  }
}

static dss_status add_question(dss_importer *importer, const dss_levels *levels,
                               dss_gathering *gathering, dss_study *study) {
  DSS_TRY(dss_gather_end(importer->context, gathering));
  if (gathering->largest < 2)
    dss_warn(importer->context, "question '%s': no item has two ratings, so nothing can agree",
             levels->question->name);
  return dss_study_adopt_question(
      importer->context, study, levels->question->name, levels->question->scale, levels->n_levels,
      (const char *const *)levels->labels, levels->values, &gathering->ratings);
}

dss_status dss_import_add_questions(dss_importer *importer, dss_study *study) {
  size_t n = importer->spec.n_questions;
  dss_gathering *gatherings = NULL;
  DSS_TRY(DSS_ALLOC(importer->context, &gatherings, n));
  dss_status status = DSS_OK;
  for (size_t q = 0; q < n && status == DSS_OK; q++)
    status = dss_gather_begin(importer->context, &gatherings[q], importer->items.ids.count,
                              importer->levels[q].n_levels, importer->records.count);
  if (status == DSS_OK) gather(&importer->records, gatherings);
  for (size_t q = 0; q < n && status == DSS_OK; q++)
    status = add_question(importer, &importer->levels[q], &gatherings[q], study);
  for (size_t q = 0; q < n; q++)
    dss_gather_free(&gatherings[q]);
  free(gatherings);
  return status;
}
