#include "told.h"

#include <math.h>
#include <stdio.h>

#include "host/core/alloc.h"
#include "host/stats/association.h"

/* --- the scale ------------------------------------------------------------------------------ */

static bool ascending(const double *value, uint32_t n) {
  for (uint32_t k = 0; k < n; k++)
    if (!isfinite(value[k]) || (k > 0 && value[k] <= value[k - 1])) return false;
  return true;
}

static dss_status make_scale(dss_context *context, const dss_question *question,
                             dss_told_scale *scale) {
  if (question->scale == DSS_NOMINAL)
    return dss_fail(context, DSS_ERR_DATA,
                    "question '%s' is nominal: predictions are compared on a scale with an order",
                    DSS_EXCERPT(question->name));
  scale->question = question;
  scale->n_levels = question->n_levels;
  DSS_TRY(DSS_ALLOC(context, &scale->value, question->n_levels));
  bool numbers = ascending(question->values, question->n_levels);
  for (uint32_t k = 0; k < question->n_levels; k++)
    scale->value[k] = numbers ? question->values[k] : k + 1.0;
  return DSS_OK;
}

static dss_status fail_outside(dss_context *context, const dss_told *told, size_t row,
                               size_t column) {
  const dss_told_scale *scale = &told->scale;
  char low[DSS_NUMBER_CHARS], high[DSS_NUMBER_CHARS];
  dss_number_format(scale->value[0], low);
  dss_number_format(scale->value[scale->n_levels - 1], high);
  return dss_fail_at(context, dss_predictions_place(told->rows, row, column), DSS_ERR_DATA,
                     "'%s' is neither a number from %s to %s nor a level of question '%s'",
                     DSS_EXCERPT(dss_predictions_text(told->rows, row, column)), low, high,
                     DSS_EXCERPT(scale->question->name));
}

/* A level's label, or a number that is not outside the levels. */
static dss_status read_rating(dss_context *context, const dss_told *told, size_t row, size_t column,
                              double *value) {
  const char *text = dss_predictions_text(told->rows, row, column);
  const dss_told_scale *scale = &told->scale;
  *value = NAN;
  if (!text) return DSS_OK;
  for (uint32_t k = 0; k < scale->n_levels; k++)
    if (strcmp(scale->question->labels[k], text) == 0) {
      *value = scale->value[k];
      return DSS_OK;
    }
  double number;
  if (!dss_number_parse(text, &number) || number < scale->value[0] ||
      number > scale->value[scale->n_levels - 1])
    return fail_outside(context, told, row, column);
  *value = number;
  return DSS_OK;
}

/* --- who a row is about --------------------------------------------------------------------- */

enum { MORE_CHARS = 256 };

static bool is_told(const dss_told *told, size_t attribute) {
  for (size_t k = 0; k < told->n_keys; k++)
    if (told->attributes[k] == attribute) return true;
  return false;
}

static dss_status add_attribute(dss_context *context, dss_told *told, size_t attribute) {
  size_t room = told->n_keys;
  DSS_TRY(DSS_GROW(context, &told->attributes, &room, told->n_keys + 1));
  told->attributes[told->n_keys++] = attribute;
  return DSS_OK;
}

static dss_status find_told(dss_context *context, const dss_rated *rated,
                            const dss_steer_options *options, dss_told *told) {
  for (size_t i = 0; i < options->n_told; i++) {
    size_t attribute = dss_find_attribute(rated->study, true, options->told[i]);
    if (attribute == SIZE_MAX)
      return dss_fail(context, DSS_ERR_USAGE, "no rater attribute is named '%s'",
                      DSS_EXCERPT(options->told[i]));
    if (is_told(told, attribute))
      return dss_fail(context, DSS_ERR_USAGE, "'%s' is told twice", DSS_EXCERPT(options->told[i]));
    DSS_TRY(add_attribute(context, told, attribute));
  }
  const dss_plan *plan = rated->plan;
  for (size_t a = 0; a < plan->kernel.n_axes; a++)
    for (size_t i = 0; i < plan->axes[a].n_attributes; i++) {
      size_t attribute = plan->axes[a].attributes[i];
      if (is_told(told, attribute)) continue;
      if (options->n_told > 0)
        return dss_fail(context, DSS_ERR_USAGE,
                        "the axis '%s' has the attribute '%s', which is not among those told",
                        DSS_EXCERPT(plan->axes[a].name),
                        DSS_EXCERPT(dss_study_rater_attribute(rated->study, attribute)->name));
      DSS_TRY(add_attribute(context, told, attribute));
    }
  return DSS_OK;
}

static int64_t category_of(const dss_attribute *attribute, const char *text) {
  if (!text) return DSS_NOT_TOLD;
  for (uint32_t c = 0; c < attribute->n_categories; c++)
    if (strcmp(attribute->categories[c], text) == 0) return c;
  return DSS_TOLD_UNKNOWN;
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Raters by name, each with its number behind the name's place. */
typedef struct named_rater {
  const char *name;
  uint32_t rater;
} named_rater;

static dss_status find_raters(dss_context *context, const dss_study *study, dss_told *told) {
  uint32_t n = dss_study_n_raters(study);
  named_rater *names;
  DSS_TRY(DSS_ALLOC(context, &names, n));
  for (uint32_t r = 0; r < n; r++)
    names[r] = (named_rater){dss_study_rater_name(study, r), r};
  qsort(names, n, sizeof *names, by_name);
  for (size_t row = 0; row < told->rows->n_rows; row++) {
    const named_rater wanted = {dss_predictions_text(told->rows, row, 0), 0};
    const named_rater *found =
        wanted.name ? bsearch(&wanted, names, n, sizeof *names, by_name) : NULL;
    told->keys[row] = found ? (int64_t)found->rater : DSS_TOLD_UNKNOWN;
  }
  free(names);
  return DSS_OK;
}

/* The same text is the same category: remembered by its number. */
static void find_categories(const dss_study *study, dss_told *told) {
  for (size_t k = 0; k < told->n_keys; k++) {
    const dss_attribute *attribute = dss_study_rater_attribute(study, told->attributes[k]);
    uint32_t last = DSS_NO_TEXT;
    int64_t category = DSS_NOT_TOLD;
    for (size_t row = 0; row < told->rows->n_rows; row++) {
      uint32_t cell = dss_predictions_cell(told->rows, row, k);
      if (cell != last) category = category_of(attribute, dss_predictions_text(told->rows, row, k));
      last = cell;
      told->keys[row * told->n_keys + k] = category;
    }
  }
}

/* Too few columns named make rows look alike, or as if they told nothing. */
static dss_status guess_more(dss_context *context, const dss_study *study, const dss_told *told,
                             char *text, size_t size) {
  char list[160];
  dss_words names = {0};
  dss_status status = DSS_OK;
  text[0] = '\0';
  if (told->by_rater) return DSS_OK;
  for (size_t k = 0; status == DSS_OK && k < told->n_keys; k++) {
    const char *name = dss_study_rater_attribute(study, told->attributes[k])->name;
    status = dss_words_add(context, &names, name, strlen(name));
  }
  dss_words_list(&names, list, sizeof list);
  dss_words_free(&names);
  snprintf(text, size, "; what was told is taken to be %s: if it was more, name all with --told",
           list);
  return status;
}

static dss_status check_tells(dss_context *context, const dss_study *study, const dss_told *told) {
  char more[MORE_CHARS];
  for (size_t row = 0; row < told->rows->n_rows; row++) {
    bool something = false;
    for (size_t k = 0; k < told->n_keys; k++)
      something |= told->keys[row * told->n_keys + k] != DSS_NOT_TOLD;
    if (something) continue;
    dss_place place = dss_predictions_place(told->rows, row, 0);
    DSS_TRY(guess_more(context, study, told, more, sizeof more));
    return dss_fail_at(context, place, DSS_ERR_DATA,
                       "the row tells nothing of who rates; what was predicted without that is a "
                       "column of its own, the baseline%s",
                       more);
  }
  return DSS_OK;
}

static dss_status find_keys(dss_context *context, const dss_study *study, dss_told *told) {
  size_t width = dss_told_width(told);
  if (told->rows->n_rows > SIZE_MAX / width / sizeof *told->keys)
    return dss_fail_memory(context, ~0ull);
  DSS_TRY(DSS_ALLOC(context, &told->keys, told->rows->n_rows * width));
  if (told->by_rater) return find_raters(context, study, told);
  find_categories(study, told);
  return check_tells(context, study, told);
}

/* --- what it says --------------------------------------------------------------------------- */

static dss_status read_baseline(dss_context *context, dss_told *told, size_t row, size_t column,
                                uint64_t *line) {
  double value;
  DSS_TRY(read_rating(context, told, row, column, &value));
  uint32_t item = told->item[row];
  if (isnan(value) || item == UINT32_MAX) return DSS_OK;
  if (!isnan(told->baseline[item]) && told->baseline[item] != value)
    return dss_fail_at(context, dss_predictions_place(told->rows, row, column), DSS_ERR_DATA,
                       "another baseline of the item stands on line %llu; one told nothing has one "
                       "an item",
                       (unsigned long long)line[item]);
  told->baseline[item] = value;
  line[item] = told->rows->line[row];
  return DSS_OK;
}

static dss_status read_values(dss_context *context, uint32_t n_items, dss_told *told,
                              uint64_t *line) {
  size_t column = told->rows->n_keys;
  double steps = dss_decimal_steps(told->scale.value, told->scale.n_levels, 1);
  for (size_t row = 0; row < told->rows->n_rows; row++) {
    DSS_TRY(read_rating(context, told, row, column, &told->value[row]));
    if (!isnan(told->value[row])) steps = dss_decimal_steps(&told->value[row], 1, steps);
    if (told->has_baseline) DSS_TRY(read_baseline(context, told, row, column + 1, line));
  }
  for (uint32_t u = 0; u < n_items; u++)
    if (!isnan(told->baseline[u])) steps = dss_decimal_steps(&told->baseline[u], 1, steps);
  told->scale.steps = steps;
  return DSS_OK;
}

static dss_status find_items(dss_context *context, const dss_rated *rated, dss_told *told) {
  uint32_t *number, all = dss_study_n_items(rated->study);
  DSS_TRY(DSS_ALLOC(context, &number, all));
  for (uint32_t u = 0; u < all; u++)
    number[u] = UINT32_MAX;
  for (uint32_t u = 0; u < rated->n_items; u++)
    number[rated->study_item[u]] = u;
  for (size_t row = 0; row < told->rows->n_rows; row++)
    told->item[row] = number[told->rows->item[row]];
  free(number);
  return DSS_OK;
}

/* A column that says nothing of any rated item is not the one that was meant. */
static dss_status check_baseline(dss_context *context, uint32_t n_items, const dss_told *told) {
  if (!told->has_baseline) return DSS_OK;
  for (uint32_t u = 0; u < n_items; u++)
    if (!isnan(told->baseline[u])) return DSS_OK;
  return dss_fail(context, DSS_ERR_DATA,
                  "%s: no rated item of the study has a baseline in column '%s'", told->rows->file,
                  DSS_EXCERPT(told->rows->columns.at[told->rows->n_keys + 1]));
}

static dss_status read_all_values(dss_context *context, const dss_rated *rated, dss_told *told) {
  uint64_t *line;
  DSS_TRY(DSS_ALLOC(context, &told->item, told->rows->n_rows));
  DSS_TRY(DSS_ALLOC(context, &told->value, told->rows->n_rows));
  DSS_TRY(DSS_ALLOC(context, &told->used, told->rows->n_rows));
  DSS_TRY(DSS_ALLOC(context, &told->baseline, rated->n_items));
  for (uint32_t u = 0; u < rated->n_items; u++)
    told->baseline[u] = NAN;
  DSS_TRY(find_items(context, rated, told));
  DSS_TRY(DSS_ALLOC(context, &line, rated->n_items));
  dss_status status = read_values(context, rated->n_items, told, line);
  free(line);
  return status == DSS_OK ? check_baseline(context, rated->n_items, told) : status;
}

static dss_status read_rows(dss_context *context, const dss_rated *rated,
                            const dss_steer_options *options, dss_told *told) {
  char more[MORE_CHARS];
  const char **keys, *values[] = {options->prediction, options->baseline};
  DSS_TRY(guess_more(context, rated->study, told, more, sizeof more));
  DSS_TRY(DSS_ALLOC(context, &keys, dss_told_width(told)));
  if (told->by_rater) keys[0] = options->rater;
  for (size_t k = 0; k < told->n_keys; k++)
    keys[k] = dss_study_rater_attribute(rated->study, told->attributes[k])->name;
  const dss_predictions_spec spec = {.path = options->predictions,
                                     .item = options->item,
                                     .keys = keys,
                                     .n_keys = dss_told_width(told),
                                     .values = values,
                                     .n_values = options->baseline ? 2 : 1,
                                     .missing = options->missing,
                                     .twice = more};
  dss_status status = dss_predictions_read(context, rated->study, &spec, &told->rows);
  free(keys);
  return status;
}

dss_status dss_told_read(dss_context *context, const dss_rated *rated,
                         const dss_steer_options *options, dss_told *told) {
  *told = (dss_told){.by_rater = options->rater, .has_baseline = options->baseline};
  DSS_TRY(make_scale(context, rated->questions[0].question, &told->scale));
  if (!told->by_rater) DSS_TRY(find_told(context, rated, options, told));
  DSS_TRY(read_rows(context, rated, options, told));
  DSS_TRY(find_keys(context, rated->study, told));
  return read_all_values(context, rated, told);
}

void dss_told_free(dss_told *told) {
  dss_predictions_free(told->rows);
  free(told->scale.value);
  free(told->attributes);
  free(told->keys);
  free(told->item);
  free(told->value);
  free(told->used);
  free(told->baseline);
}
