/* Which questions, items and raters a plan is about. docs/determinism.md, "Which raters and items
 * take part". */
#include <stdio.h>
#include <string.h>

#include "host/core/alloc.h"
#include "plan.h"

size_t dss_find_attribute(const dss_study *study, bool of_raters, const char *name) {
  size_t n = of_raters ? dss_study_n_rater_attributes(study) : dss_study_n_item_attributes(study);
  for (size_t i = 0; i < n; i++) {
    const dss_attribute *attribute =
        of_raters ? dss_study_rater_attribute(study, i) : dss_study_item_attribute(study, i);
    if (strcmp(attribute->name, name) == 0) return i;
  }
  return SIZE_MAX;
}

static dss_status select_questions(dss_context *context, const dss_study *study,
                                   const dss_plan_options *options, dss_selection *s) {
  size_t all = dss_study_n_questions(study);
  if (all == 0) return dss_fail(context, DSS_ERR_DATA, "the study has no question");
  size_t wanted = options->n_questions ? options->n_questions : all;
  DSS_TRY(DSS_ALLOC(context, &s->questions, wanted));
  for (size_t i = 0; i < wanted; i++) {
    size_t found = i;
    if (options->n_questions)
      for (found = 0; found < all; found++)
        if (strcmp(dss_study_question(study, found)->name, options->questions[i]) == 0) break;
    if (found == all)
      return dss_fail(context, DSS_ERR_USAGE, "the study has no question '%s'",
                      options->questions[i]);
    for (size_t k = 0; k < s->n_questions; k++)
      if (s->questions[k] == found)
        return dss_fail(context, DSS_ERR_USAGE, "question '%s' is named twice",
                        options->questions[i]);
    s->questions[s->n_questions++] = found;
  }
  return DSS_OK;
}

/* One --where: the attribute it names and the category it keeps. */
typedef struct condition {
  const dss_attribute *attribute;
  bool of_raters;
  int32_t category;
} condition;

static dss_status parse_condition(dss_context *context, const dss_study *study, const char *text,
                                  condition *parsed) {
  const char *equals = strchr(text, '=');
  if (!equals || equals == text)
    return dss_fail(context, DSS_ERR_USAGE, "filter '%s': expected ATTR=VALUE", text);
  char *name;
  DSS_TRY(dss_copy_text(context, &name, text));
  name[equals - text] = '\0';
  size_t of_items = dss_find_attribute(study, false, name);
  size_t of_raters = dss_find_attribute(study, true, name);
  free(name);
  if (of_items == SIZE_MAX && of_raters == SIZE_MAX)
    return dss_fail(context, DSS_ERR_USAGE, "filter '%s': no item or rater attribute of that name",
                    text);
  if (of_items != SIZE_MAX && of_raters != SIZE_MAX)
    return dss_fail(context, DSS_ERR_USAGE,
                    "filter '%s': items and raters both have an attribute of that name", text);
  parsed->of_raters = of_items == SIZE_MAX;
  parsed->attribute = parsed->of_raters ? dss_study_rater_attribute(study, of_raters)
                                        : dss_study_item_attribute(study, of_items);
  for (uint32_t c = 0; c < parsed->attribute->n_categories; c++)
    if (strcmp(parsed->attribute->categories[c], equals + 1) == 0) {
      parsed->category = (int32_t)c;
      return DSS_OK;
    }
  return dss_fail(context, DSS_ERR_USAGE, "filter '%s': attribute '%s' has no value '%s'", text,
                  parsed->attribute->name, equals + 1);
}

/* A condition keeps what has its value, or that of a later or earlier condition on the same
 * attribute. Marks what no condition on this attribute keeps. */
static void apply_attribute(const condition *conditions, size_t n, size_t first, uint8_t *keep,
                            uint32_t n_codes) {
  const dss_attribute *attribute = conditions[first].attribute;
  for (uint32_t i = 0; i < n_codes; i++) {
    bool any = false;
    for (size_t k = first; k < n; k++)
      any |= conditions[k].attribute == attribute && conditions[k].category == attribute->codes[i];
    keep[i] &= any;
  }
}

/* "filter topic=Bias or topic=Gore leaves 680 of 1000 items". */
static void log_filter(dss_context *context, const condition *conditions, size_t n, size_t first,
                       const uint8_t *keep, uint32_t n_codes) {
  const dss_attribute *attribute = conditions[first].attribute;
  char values[512] = "";
  size_t length = 0;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < n_codes; i++)
    kept += keep[i];
  for (size_t k = first; k < n && length < sizeof values; k++)
    if (conditions[k].attribute == attribute)
      length +=
          (size_t)snprintf(values + length, sizeof values - length, "%s%s=%s", length ? " or " : "",
                           attribute->name, attribute->categories[conditions[k].category]);
  dss_info(context, "filter %s leaves %u of %u %s", values, kept, n_codes,
           conditions[first].of_raters ? "raters" : "items");
}

static dss_status filter(dss_context *context, const dss_study *study,
                         const dss_plan_options *options, dss_selection *s) {
  uint32_t n_items = dss_study_n_items(study), n_raters = dss_study_n_raters(study);
  DSS_TRY(DSS_ALLOC(context, &s->keep_item, n_items));
  DSS_TRY(DSS_ALLOC(context, &s->keep_rater, n_raters));
  memset(s->keep_item, 1, n_items);
  memset(s->keep_rater, 1, n_raters);
  condition *conditions;
  DSS_TRY(DSS_ALLOC(context, &conditions, options->n_where));
  dss_status status = DSS_OK;
  for (size_t i = 0; i < options->n_where && status == DSS_OK; i++)
    status = parse_condition(context, study, options->where[i], &conditions[i]);
  for (size_t i = 0; i < options->n_where && status == DSS_OK; i++) {
    bool seen = false;
    for (size_t k = 0; k < i; k++)
      seen |= conditions[k].attribute == conditions[i].attribute;
    if (seen) continue;
    bool of_raters = conditions[i].of_raters;
    uint8_t *keep = of_raters ? s->keep_rater : s->keep_item;
    uint32_t n = of_raters ? n_raters : n_items;
    apply_attribute(conditions, options->n_where, i, keep, n);
    log_filter(context, conditions, options->n_where, i, keep, n);
  }
  free(conditions);
  return status;
}

/* Numbers the raters that have a rating left, and counts the items that do. */
static dss_status number_raters(dss_context *context, const dss_study *study, dss_selection *s,
                                dss_plan *plan) {
  uint32_t n_items = dss_study_n_items(study), n_raters = dss_study_n_raters(study);
  DSS_TRY(DSS_ALLOC(context, &s->rater_number, n_raters));
  DSS_TRY(DSS_ALLOC(context, &s->study_rater, n_raters));
  uint8_t *item_left;
  uint64_t all_ratings = 0;
  DSS_TRY(DSS_ALLOC(context, &item_left, n_items));
  for (size_t q = 0; q < s->n_questions; q++) {
    const dss_question *question = dss_study_question(study, s->questions[q]);
    for (uint32_t u = 0; u < n_items; u++)
      for (uint64_t i = question->item_ptr[u]; s->keep_item[u] && i < question->item_ptr[u + 1];
           i++)
        if (s->keep_rater[question->rater[i]]) {
          item_left[u] = 1;
          s->rater_number[question->rater[i]] = 1;
          plan->n_ratings++;
        }
    all_ratings += question->n_ratings;
  }
  plan->n_dropped = all_ratings - plan->n_ratings;
  for (uint32_t u = 0; u < n_items; u++)
    plan->n_items += item_left[u];
  free(item_left);
  for (uint32_t r = 0; r < n_raters; r++) {
    bool left = s->rater_number[r];
    s->rater_number[r] = left ? s->n_raters : UINT32_MAX;
    if (left) s->study_rater[s->n_raters++] = r;
  }
  if (s->n_raters == 0)
    return dss_fail(context, DSS_ERR_DATA, "no rating is left: nothing passes the filters");
  if (s->n_raters < n_raters || plan->n_items < n_items)
    dss_info(context,
             "kept %u of %u raters and %u of %u items; the others have no rating left for the "
             "questions and filters chosen",
             s->n_raters, n_raters, plan->n_items, n_items);
  if (plan->n_dropped > 0)
    dss_info(context, "%llu of %llu ratings are dropped by the filters",
             (unsigned long long)plan->n_dropped, (unsigned long long)all_ratings);
  return DSS_OK;
}

static dss_status note_filters(dss_context *context, const dss_plan_options *options,
                               dss_plan *plan) {
  size_t length = 1;
  for (size_t i = 0; i < options->n_where; i++)
    length += strlen(options->where[i]) + 2;
  DSS_TRY(DSS_ALLOC(context, &plan->filters, length));
  for (size_t i = 0; i < options->n_where; i++) {
    if (i > 0) strcat(plan->filters, "; ");
    strcat(plan->filters, options->where[i]);
  }
  return DSS_OK;
}

dss_status dss_select(dss_context *context, const dss_study *study, const dss_plan_options *options,
                      dss_selection *selection, dss_plan *plan) {
  DSS_TRY(select_questions(context, study, options, selection));
  DSS_TRY(filter(context, study, options, selection));
  DSS_TRY(note_filters(context, options, plan));
  return number_raters(context, study, selection, plan);
}

void dss_selection_free(dss_selection *s) {
  free(s->questions);
  free(s->keep_item);
  free(s->keep_rater);
  free(s->rater_number);
  free(s->study_rater);
}
