/* The kernels' copy of the ratings: what the selection leaves, raters numbered anew, items without
 * ratings dropped. */
#include <math.h>

#include "host/core/alloc.h"
#include "plan.h"

static bool keeps(const dss_selection *s, const dss_question *question, uint32_t item, uint64_t i) {
  return s->keep_item[item] && s->keep_rater[question->rater[i]];
}

static dss_status copy_ratings(dss_context *context, const dss_study *study, const dss_selection *s,
                               const dss_question *question, dss_kernel_question *copy,
                               uint32_t *max_unit) {
  uint32_t n_items = dss_study_n_items(study);
  uint64_t *item_ptr;
  uint32_t *rater;
  uint8_t *code;
  DSS_TRY(DSS_ALLOC(context, &item_ptr, (size_t)n_items + 1));
  copy->item_ptr = item_ptr;
  DSS_TRY(DSS_ALLOC(context, &rater, question->n_ratings));
  copy->rater = rater;
  DSS_TRY(DSS_ALLOC(context, &code, question->n_ratings));
  copy->code = code;
  for (uint32_t u = 0; u < n_items; u++) {
    uint64_t first = copy->n_ratings;
    for (uint64_t i = question->item_ptr[u]; i < question->item_ptr[u + 1]; i++) {
      if (!keeps(s, question, u, i)) continue;
      rater[copy->n_ratings] = s->rater_number[question->rater[i]];
      code[copy->n_ratings++] = question->code[i];
    }
    if (copy->n_ratings == first) continue;
    item_ptr[++copy->n_items] = copy->n_ratings;
    if (copy->n_ratings - first > *max_unit) *max_unit = (uint32_t)(copy->n_ratings - first);
  }
  return DSS_OK;
}

static dss_status copy_levels(dss_context *context, const dss_question *question,
                              dss_plan_question *copy) {
  DSS_TRY(dss_copy_text(context, &copy->name, question->name));
  copy->scale = question->scale;
  DSS_TRY(DSS_ALLOC(context, &copy->labels, question->n_levels));
  copy->n_levels = question->n_levels;
  for (uint32_t k = 0; k < question->n_levels; k++)
    DSS_TRY(dss_copy_text(context, &copy->labels[k], question->labels[k]));
  return DSS_OK;
}

static dss_status make_tables(dss_context *context, const dss_question *question,
                              dss_kernel_question *copy, uint32_t max_unit) {
  switch (dss_tables_make(&copy->tables, (dss_tables_scale)question->scale, question->n_levels,
                          question->values, copy->n_ratings, max_unit)) {
  case DSS_TABLES_OK:
    return DSS_OK;
  case DSS_TABLES_NO_MEMORY:
    return dss_fail_memory(context, (uint64_t)max_unit * 48);
  case DSS_TABLES_TOO_LARGE:
    break;
  }
  return dss_fail(context, DSS_ERR_DATA,
                  "question '%s' has %llu ratings, up to %u an item: too many for exact sums",
                  question->name, (unsigned long long)copy->n_ratings, max_unit);
}

dss_status dss_plan_ratings(dss_context *context, const dss_study *study,
                            const dss_selection *selection, dss_plan *plan) {
  DSS_TRY(DSS_ALLOC(context, &plan->questions, selection->n_questions));
  DSS_TRY(DSS_ALLOC(context, &plan->kernel_questions, selection->n_questions));
  plan->kernel.questions = plan->kernel_questions;
  plan->kernel.n_questions = selection->n_questions;
  for (size_t q = 0; q < selection->n_questions; q++) {
    const dss_question *question = dss_study_question(study, selection->questions[q]);
    dss_kernel_question *copy = &plan->kernel_questions[q];
    uint32_t max_unit = 1;
    DSS_TRY(copy_levels(context, question, &plan->questions[q]));
    DSS_TRY(copy_ratings(context, study, selection, question, copy, &max_unit));
    if (copy->n_ratings == 0)
      return dss_fail(context, DSS_ERR_DATA, "question '%s': no rating passes the filters",
                      question->name);
    DSS_TRY(make_tables(context, question, copy, max_unit));
  }
  return DSS_OK;
}
