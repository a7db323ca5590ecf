#include "severity_sources.h"

#include <math.h>
#include <stdio.h>

#include "host/core/alloc.h"
#include "level_values.h"
#include "thresholds.h"

/* --- scales -------------------------------------------------------------------------------- */

static dss_status make_values(dss_context *context, uint32_t n_levels, dss_severity_scale *scale) {
  scale->n_levels = n_levels;
  DSS_TRY(DSS_ALLOC(context, &scale->values, n_levels));
  return DSS_ALLOC(context, &scale->centred, n_levels);
}

/* The power of two of the largest value where its square, summed, leaves a double's range; else 0.
 */
static int far_exponent(const dss_severity_scale *scale) {
  double largest = 0;
  int exponent;
  for (uint32_t k = 0; k < scale->n_levels; k++)
    largest = fmax(largest, fabs(scale->values[k]));
  frexp(largest, &exponent);
  return exponent < -300 || exponent > 300 ? exponent : 0;
}

/* F is of no unit. */
static void centre(dss_severity_scale *scale) {
  int far = far_exponent(scale);
  double middle = ldexp(scale->values[scale->n_levels / 2], -far);
  bool whole = far == 0;
  for (uint32_t k = 0; k < scale->n_levels; k++) {
    scale->centred[k] = ldexp(scale->values[k], -far) - middle;
    whole = whole && scale->values[k] == rint(scale->values[k]);
    scale->largest = fmax(scale->largest, fabs(scale->centred[k]));
  }
  if (!whole) scale->largest = 0;
}

/* --- thresholds ---------------------------------------------------------------------------- */

static dss_status refuse_level(dss_context *context, const dss_question *question,
                               const char *label) {
  char levels[512] = "";
  size_t length = 0;
  for (uint32_t k = 0; k < question->n_levels && length < sizeof levels; k++)
    length += (size_t)snprintf(levels + length, sizeof levels - length, "%s%s", k ? ", " : "",
                               question->labels[k]);
  return dss_fail(context, DSS_ERR_USAGE,
                  "the threshold '%s' is no level of question '%s'; its levels are %s", label,
                  question->name, levels);
}

/* A nominal question's share is that of one level. */
static dss_status set_threshold(dss_context *context, const dss_rated *rated,
                                const dss_severity_options *options, const dss_question *question,
                                dss_severity_scale *scale) {
  bool nominal = question->scale == DSS_NOMINAL;
  dss_thresholds thresholds = {options->thresholds, options->n_thresholds};
  const char *label = dss_threshold_of(rated->study, question, thresholds);
  scale->threshold = question->n_levels - question->n_levels / 2;
  if (label) {
    uint32_t k = 0;
    while (k < question->n_levels && strcmp(question->labels[k], label) != 0)
      k++;
    if (k == question->n_levels) return refuse_level(context, question, label);
    scale->threshold = k;
  }
  if (nominal && !label && question->n_levels > 2)
    return dss_fail(context, DSS_ERR_USAGE,
                    "question '%s' is nominal and has %u levels: name the one whose share is asked "
                    "for as threshold, '%s=LEVEL'",
                    question->name, question->n_levels, question->name);
  scale->above = nominal ? scale->threshold + 1 : question->n_levels;
  return DSS_OK;
}

/* --- questions ----------------------------------------------------------------------------- */

static dss_status copy_ratings(dss_context *context, const dss_rated *rated,
                               const dss_rated_question *from, dss_tally_ratings *ratings) {
  DSS_TRY(DSS_ALLOC(context, &ratings->item_ptr, (size_t)rated->n_items + 1));
  DSS_TRY(DSS_ALLOC(context, &ratings->rater, from->n_ratings));
  DSS_TRY(DSS_ALLOC(context, &ratings->level, from->n_ratings));
  memcpy(ratings->item_ptr, from->item_ptr,
         ((size_t)rated->n_items + 1) * sizeof *ratings->item_ptr);
  for (uint64_t i = 0; i < from->n_ratings; i++) {
    ratings->rater[i] = from->rater[i];
    ratings->level[i] = from->code[i];
  }
  return DSS_OK;
}

static dss_status make_question(dss_context *context, const dss_rated *rated,
                                const dss_severity_options *options, const dss_rated_question *from,
                                dss_severity_source *source) {
  const dss_question *question = from->question;
  dss_severity_scale *scale = &source->scale;
  scale->statistics = options->statistics;
  if (question->scale == DSS_NOMINAL) scale->statistics &= DSS_SEVERITY_SHARES;
  if (scale->statistics == 0)
    return dss_fail(context, DSS_ERR_USAGE,
                    "question '%s' is nominal: of levels without order there are shares, but no "
                    "mean, median or rank",
                    question->name);
  scale->pairs = options->pairs;
  DSS_TRY(dss_copy_text(context, &source->name, question->name));
  DSS_TRY(make_values(context, question->n_levels, scale));
  scale->per_unit = 1;
  if (question->scale != DSS_NOMINAL) {
    dss_level_values(question, scale->values);
    scale->per_unit = dss_whole_values(scale->values, question->n_levels);
  }
  centre(scale);
  DSS_TRY(set_threshold(context, rated, options, question, scale));
  return copy_ratings(context, rated, from, &source->ratings);
}

/* --- contrasts ----------------------------------------------------------------------------- */

static const dss_rated_question *find_question(const dss_rated *rated, const char *name,
                                               size_t length) {
  for (size_t q = 0; q < rated->n_questions; q++) {
    const char *candidate = rated->questions[q].question->name;
    if (strlen(candidate) == length && memcmp(candidate, name, length) == 0)
      return &rated->questions[q];
  }
  return NULL;
}

/* "Q1,Q2", whose names may have commas too. */
static dss_status find_two(dss_context *context, const dss_rated *rated, const char *text,
                           const dss_rated_question *two[2]) {
  for (const char *comma = strchr(text, ','); comma; comma = strchr(comma + 1, ',')) {
    two[0] = find_question(rated, text, (size_t)(comma - text));
    two[1] = find_question(rated, comma + 1, strlen(comma + 1));
    if (two[0] && two[1] && two[0] != two[1]) return DSS_OK;
  }
  return dss_fail(context, DSS_ERR_USAGE,
                  "the contrast '%s' does not name two of the questions evaluated, as in Q1,Q2",
                  text);
}

static dss_status check_levels(dss_context *context, const char *text,
                               const dss_rated_question *const two[2]) {
  const dss_question *a = two[0]->question, *b = two[1]->question;
  bool same = a->n_levels == b->n_levels && a->scale == b->scale;
  for (uint32_t k = 0; same && k < a->n_levels; k++)
    same = strcmp(a->labels[k], b->labels[k]) == 0;
  if (!same)
    return dss_fail(context, DSS_ERR_USAGE,
                    "the contrast '%s' is of questions with different scales or levels", text);
  if (a->scale == DSS_NOMINAL)
    return dss_fail(context, DSS_ERR_USAGE,
                    "the contrast '%s' is of nominal questions, whose levels have no difference",
                    text);
  return DSS_OK;
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return a < b ? -1 : a > b;
}

/* Which of n ascending values is the last one that is not above `value` by more than slack. */
static uint32_t place_of(const double *values, uint32_t n, double value, double slack) {
  uint32_t low = 0;
  for (uint32_t high = n; high - low > 1;) {
    uint32_t middle = low + (high - low) / 2;
    if (values[middle] <= value + slack)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* The scale's values become the differences of two of the question's, of_two [K][K] which one.
 * Differences that rounding alone tells apart, of values that are no decimals, are one. */
static dss_status make_differences(dss_context *context, const dss_question *question,
                                   dss_severity_scale *scale, uint32_t *of_two) {
  uint32_t n = question->n_levels, kept = 0;
  double values[DSS_MAX_LEVELS], slack = 0;
  dss_level_values(question, values);
  scale->per_unit = dss_whole_values(values, n);
  for (uint32_t k = 0; k < n; k++)
    slack = fmax(slack, 0x1p-48 * fabs(values[k]));
  DSS_TRY(make_values(context, n * n, scale));
  for (uint32_t i = 0; i < n * n; i++)
    scale->values[i] = values[i / n] - values[i % n];
  qsort(scale->values, (size_t)n * n, sizeof *scale->values, ascending);
  for (uint32_t i = 0; i < n * n; i++)
    if (i == 0 || scale->values[i] > scale->values[kept - 1] + slack)
      scale->values[kept++] = scale->values[i];
  scale->n_levels = kept;
  for (uint32_t i = 0; i < n * n; i++)
    of_two[i] = place_of(scale->values, kept, values[i / n] - values[i % n], slack);
  centre(scale);
  return DSS_OK;
}

/* The items that a rater rated on both questions. first [n_raters]: one more than the level on the
 * first question, 0 between items. */
static void pair_ratings(const dss_rated *rated, const dss_rated_question *const two[2],
                         const uint32_t *of_two, uint32_t *first, dss_tally_ratings *ratings) {
  uint32_t n_levels = two[0]->question->n_levels;
  uint64_t n = 0;
  for (uint32_t u = 0; u < rated->n_items; u++) {
    const uint64_t *a = &two[0]->item_ptr[u], *b = &two[1]->item_ptr[u];
    for (uint64_t i = a[0]; i < a[1]; i++)
      first[two[0]->rater[i]] = two[0]->code[i] + 1u;
    for (uint64_t i = b[0]; i < b[1]; i++) {
      uint32_t rater = two[1]->rater[i];
      if (first[rater] == 0) continue;
      ratings->rater[n] = rater;
      ratings->level[n++] = of_two[(first[rater] - 1) * n_levels + two[1]->code[i]];
    }
    for (uint64_t i = a[0]; i < a[1]; i++)
      first[two[0]->rater[i]] = 0;
    ratings->item_ptr[u + 1] = n;
  }
}

static dss_status make_pairs(dss_context *context, const dss_rated *rated,
                             const dss_rated_question *const two[2], dss_severity_source *source) {
  uint32_t *of_two = NULL, *first = NULL, n_levels = two[0]->question->n_levels;
  dss_tally_ratings *ratings = &source->ratings;
  dss_status status = DSS_ALLOC(context, &of_two, (size_t)n_levels * n_levels);
  if (status == DSS_OK) status = DSS_ALLOC(context, &first, rated->n_raters);
  if (status == DSS_OK)
    status = make_differences(context, two[0]->question, &source->scale, of_two);
  if (status == DSS_OK) status = DSS_ALLOC(context, &ratings->item_ptr, (size_t)rated->n_items + 1);
  if (status == DSS_OK) status = DSS_ALLOC(context, &ratings->rater, two[1]->n_ratings);
  if (status == DSS_OK) status = DSS_ALLOC(context, &ratings->level, two[1]->n_ratings);
  if (status == DSS_OK) pair_ratings(rated, two, of_two, first, ratings);
  free(of_two);
  free(first);
  return status;
}

static dss_status make_contrast(dss_context *context, const dss_rated *rated,
                                const dss_severity_options *options, const char *text,
                                dss_evaluation *evaluation, dss_severity_source *source) {
  const dss_rated_question *two[2] = {NULL};
  DSS_TRY(find_two(context, rated, text, two));
  DSS_TRY(check_levels(context, text, two));
  source->scale.statistics = options->statistics & ~DSS_SEVERITY_SHARES;
  source->scale.pairs = options->pairs;
  if (source->scale.statistics == 0)
    return dss_fail(context, DSS_ERR_USAGE,
                    "the contrast '%s' has no share: ask for its mean as well", text);
  const char *names[2] = {two[0]->question->name, two[1]->question->name};
  size_t room = strlen(names[0]) + strlen(names[1]) + 4;
  DSS_TRY(DSS_ALLOC(context, &source->name, room));
  snprintf(source->name, room, "%s - %s", names[0], names[1]);
  DSS_TRY(make_pairs(context, rated, two, source));
  uint64_t paired = source->ratings.item_ptr[rated->n_items];
  uint64_t single = two[0]->n_ratings + two[1]->n_ratings - 2 * paired;
  if (paired == 0)
    return dss_fail(context, DSS_ERR_DATA,
                    "the contrast '%s': no rater rated an item on both questions", text);
  if (single == 0) return DSS_OK;
  return dss_evaluation_add_note(context, evaluation,
                                 "ratings on one question of a contrast without the same rater's "
                                 "on the other, which it leaves out",
                                 single, source->name);
}

/* --- all of them --------------------------------------------------------------------------- */

dss_status dss_severity_sources_make(dss_context *context, const dss_rated *rated,
                                     const dss_severity_options *options,
                                     dss_evaluation *evaluation, dss_severity_sources *s) {
  size_t n = rated->n_questions;
  dss_thresholds thresholds = {options->thresholds, options->n_thresholds};
  DSS_TRY(dss_thresholds_check(context, rated, thresholds));
  DSS_TRY(DSS_ALLOC(context, &s->sources, n + options->n_contrasts));
  s->n_questions = n;
  s->n = n + options->n_contrasts;
  for (size_t q = 0; q < n; q++)
    DSS_TRY(make_question(context, rated, options, &rated->questions[q], &s->sources[q]));
  for (size_t i = 0; i < options->n_contrasts; i++) {
    for (size_t k = 0; k < i; k++)
      if (strcmp(options->contrasts[k], options->contrasts[i]) == 0)
        return dss_fail(context, DSS_ERR_USAGE, "the contrast '%s' is named twice",
                        options->contrasts[i]);
    DSS_TRY(make_contrast(context, rated, options, options->contrasts[i], evaluation,
                          &s->sources[n + i]));
  }
  DSS_TRY(dss_note_questions(context, rated, dss_is_nominal,
                             "nominal questions, whose levels have no order: shares only",
                             evaluation));
  return dss_note_numbered(context, rated, evaluation);
}

void dss_severity_sources_free(dss_severity_sources *s) {
  for (size_t i = 0; i < s->n; i++) {
    dss_severity_source *source = &s->sources[i];
    free(source->name);
    free(source->ratings.item_ptr);
    free(source->ratings.rater);
    free(source->ratings.level);
    free(source->scale.values);
    free(source->scale.centred);
  }
  free(s->sources);
}
