#include "check_counts.h"

#include <math.h>
#include <string.h>

#include "host/core/alloc.h"

const dss_question *dss_question_named(const dss_study *study, const char *name) {
  for (size_t q = 0; q < dss_study_n_questions(study); q++)
    if (strcmp(dss_study_question(study, q)->name, name) == 0) return dss_study_question(study, q);
  return NULL;
}

/* --- ratings a rater and an item ------------------------------------------------------------- */

static int by_size(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Sorts the counts. */
static dss_pool_spread spread_of(uint64_t *counts, uint32_t n) {
  qsort(counts, n, sizeof *counts, by_size);
  double middle = 0.5 * ((double)counts[(n - 1) / 2] + (double)counts[n / 2]);
  return (dss_pool_spread){counts[0], counts[n - 1], middle};
}

dss_status dss_check_count(dss_context *context, const dss_study *study,
                           const dss_question *question, dss_pool_counts *counts) {
  uint32_t raters = dss_study_n_raters(study), items = dss_study_n_items(study);
  uint64_t *n;
  DSS_TRY(DSS_ALLOC(context, &n, raters > items ? raters : items));
  *counts = (dss_pool_counts){.raters = raters, .items = items, .ratings = question->n_ratings};
  for (uint64_t i = 0; i < question->n_ratings; i++)
    n[question->rater[i]]++;
  counts->a_rater = spread_of(n, raters);
  for (uint32_t u = 0; u < items; u++)
    n[u] = question->item_ptr[u + 1] - question->item_ptr[u];
  counts->an_item = spread_of(n, items);
  free(n);
  return DSS_OK;
}

/* --- a group's ratings by level -------------------------------------------------------------- */

/* Whether label is that of the rater's values of the attributes, joined as results join them. */
static bool is_label(const dss_attribute *const *attributes, size_t n, uint32_t rater,
                     const char *label) {
  for (size_t a = 0; a < n; a++) {
    int32_t code = attributes[a]->codes[rater];
    if (code < 0) return false;
    const char *value = attributes[a]->categories[code];
    size_t length = strlen(value);
    if (a > 0 && strncmp(label, " * ", 3) != 0) return false;
    label += a > 0 ? 3 : 0;
    if (strncmp(label, value, length) != 0) return false;
    label += length;
  }
  return *label == '\0';
}

static const dss_attribute *attribute_named(const dss_study *study, const char *name) {
  for (size_t a = 0; a < dss_study_n_rater_attributes(study); a++)
    if (strcmp(dss_study_rater_attribute(study, a)->name, name) == 0)
      return dss_study_rater_attribute(study, a);
  return NULL;
}

/* group_of [n_raters] becomes each rater's group, n_groups where it has none. */
static dss_status set_groups(dss_context *context, const dss_study *study,
                             const char *const *attributes, size_t n_attributes,
                             const char *const *groups, size_t n_groups, size_t *group_of) {
  const dss_attribute **of;
  size_t known = 0;
  DSS_TRY(DSS_ALLOC(context, &of, n_attributes));
  while (known < n_attributes && (of[known] = attribute_named(study, attributes[known])))
    known++;
  for (uint32_t r = 0; r < dss_study_n_raters(study); r++) {
    size_t g = known < n_attributes ? n_groups : 0;
    while (g < n_groups && !is_label(of, n_attributes, r, groups[g]))
      g++;
    group_of[r] = g;
  }
  free(of);
  return DSS_OK;
}

dss_status dss_check_shares(dss_context *context, const dss_study *study,
                            const dss_question *question, const char *const *attributes,
                            size_t n_attributes, const char *const *groups, size_t n_groups,
                            double *shares) {
  uint32_t n_levels = question->n_levels;
  size_t *group_of;
  DSS_TRY(DSS_ALLOC(context, &group_of, dss_study_n_raters(study)));
  dss_status status =
      set_groups(context, study, attributes, n_attributes, groups, n_groups, group_of);
  memset(shares, 0, n_groups * n_levels * sizeof *shares);
  for (uint64_t i = 0; status == DSS_OK && i < question->n_ratings; i++) {
    size_t g = group_of[question->rater[i]];
    if (g < n_groups) shares[g * n_levels + question->code[i]]++;
  }
  for (size_t g = 0; g < n_groups; g++) {
    double *of = shares + g * n_levels, total = 0;
    for (uint32_t c = 0; c < n_levels; c++)
      total += of[c];
    for (uint32_t c = 0; c < n_levels; c++)
      of[c] = total > 0 ? of[c] / total : NAN;
  }
  free(group_of);
  return status;
}
