#include "import_levels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"

static dss_status add_level(dss_context *context, dss_levels *levels, const char *label,
                            double value) {
  DSS_TRY(dss_copy_text(context, &levels->labels[levels->n_levels], label));
  levels->values[levels->n_levels++] = value;
  return DSS_OK;
}

dss_status dss_levels_init(dss_context *context, dss_levels *levels,
                           const dss_spec_question *question) {
  *levels = (dss_levels){.question = question, .column = SIZE_MAX};
  for (size_t i = 0; i < question->levels.count; i++)
    DSS_TRY(add_level(context, levels, question->levels.at[i], question->values[i]));
  return DSS_OK;
}

static bool find_label(const dss_levels *levels, const char *label, uint16_t *code) {
  for (uint32_t k = 0; k < levels->n_levels; k++) {
    if (strcmp(levels->labels[k], label) != 0) continue;
    *code = (uint16_t)k;
    return true;
  }
  return false;
}

static bool find_value(const dss_levels *levels, double value, uint16_t *code) {
  for (uint32_t k = 0; k < levels->n_levels; k++) {
    if (levels->values[k] != value) continue;
    *code = (uint16_t)k;
    return true;
  }
  return false;
}

bool dss_rating_is_missing(const dss_import_spec *spec, const char *text) {
  double value, token;
  if (dss_spec_is_missing(spec, text)) return true;
  if (!dss_number_parse(text, &value)) return false;
  for (size_t i = 0; i < spec->missing.count; i++) {
    if (dss_number_parse(spec->missing.at[i], &token) && token == value) return true;
  }
  return false;
}

static dss_status fail_not_number(dss_context *context, const dss_levels *levels, const char *text,
                                  dss_place place) {
  const char *scale = dss_scale_name(levels->question->scale);
  if (levels->question->scale == DSS_ORDINAL)
    return dss_fail_at(context, place, DSS_ERR_DATA,
                       "'%s' is not a number; an ordinal question with other labels needs "
                       "--levels %s=LOWEST,...,HIGHEST",
                       DSS_EXCERPT(text), DSS_EXCERPT(levels->question->name));
  return dss_fail_at(context, place, DSS_ERR_DATA,
                     "'%s' is not a finite number, which scale %s needs", DSS_EXCERPT(text), scale);
}

static dss_status fail_undeclared(dss_context *context, const dss_levels *levels, const char *text,
                                  dss_place place) {
  char known[256] = "";
  size_t length = 0;
  for (uint32_t k = 0; k < levels->n_levels && length + 80 < sizeof known; k++)
    length += (size_t)snprintf(known + length, sizeof known - length, "%s%s", k ? "," : "",
                               DSS_EXCERPT(levels->labels[k]));
  return dss_fail_at(context, place, DSS_ERR_DATA, "'%s' is none of the declared levels %s",
                     DSS_EXCERPT(text), known);
}

static dss_status new_level(dss_context *context, dss_levels *levels, const char *label,
                            double value, dss_place place, uint16_t *code) {
  if (levels->n_levels == DSS_MAX_LEVELS)
    return dss_fail_at(context, place, DSS_ERR_DATA,
                       "'%s' is level %u; at most %u different ratings are possible",
                       DSS_EXCERPT(label), DSS_MAX_LEVELS + 1, DSS_MAX_LEVELS);
  *code = (uint16_t)levels->n_levels;
  return add_level(context, levels, label, value);
}

static dss_status numeric_code(dss_context *context, dss_levels *levels, const char *text,
                               bool number, double value, dss_place place, uint16_t *code) {
  if (!number) return fail_not_number(context, levels, text, place);
  if (levels->question->scale == DSS_RATIO && value < 0)
    return dss_fail_at(context, place, DSS_ERR_DATA,
                       "'%s' is negative, which scale ratio does not allow", DSS_EXCERPT(text));
  if (find_value(levels, value, code)) return DSS_OK;
  char label[DSS_NUMBER_CHARS];
  dss_number_format(value, label);
  return new_level(context, levels, label, value, place, code);
}

/* The level of a text that was not met before. */
static dss_status resolve(dss_context *context, dss_levels *levels, const dss_import_spec *spec,
                          const char *text, dss_place place, uint16_t *code) {
  double value = NAN;
  bool number = dss_number_parse(text, &value);
  *code = DSS_NO_RATING;
  if (dss_rating_is_missing(spec, text)) return DSS_OK;
  if (!*text)
    return dss_fail_at(context, place, DSS_ERR_DATA,
                       "an empty rating, and the empty text is not among the missing tokens");
  if (levels->question->declared) {
    if (find_label(levels, text, code) || (number && find_value(levels, value, code)))
      return DSS_OK;
    return fail_undeclared(context, levels, text, place);
  }
  if (levels->question->scale != DSS_NOMINAL)
    return numeric_code(context, levels, text, number, value, place, code);
  if (find_label(levels, text, code)) return DSS_OK;
  return new_level(context, levels, text, value, place, code);
}

dss_status dss_levels_code(dss_context *context, dss_levels *levels, const dss_import_spec *spec,
                           const char *text, size_t length, dss_place place, uint16_t *code) {
  uint32_t token, known = levels->tokens.count;
  DSS_TRY(dss_strings_add(context, &levels->tokens, text, length, place, &token));
  if (token == known) {
    uint16_t level;
    DSS_TRY(DSS_GROW(context, &levels->token_level, &levels->token_capacity, (size_t)token + 1));
    DSS_TRY(resolve(context, levels, spec, text, place, &level));
    levels->token_level[token] = level;
  }
  *code = levels->token_level[token];
  if (*code == DSS_NO_RATING) levels->missing++;
  return DSS_OK;
}

/* --- order ---------------------------------------------------------------------------------- */

static dss_place place_of(const dss_levels *levels, const char *file) {
  return (dss_place){file, 0, levels->column == SIZE_MAX ? 0 : levels->column + 1,
                     levels->question->name};
}

static dss_status check_declared(dss_context *context, const dss_levels *levels, const char *file,
                                 const uint64_t *counts) {
  for (uint32_t k = 0; k < levels->n_levels; k++)
    if (counts[k] == 0)
      return dss_fail_at(context, place_of(levels, file), DSS_ERR_DATA,
                         "the declared level '%s' never occurs; --keep-unused-levels keeps it",
                         DSS_EXCERPT(levels->labels[k]));
  return DSS_OK;
}

/* Levels in the order of `order`, those without ratings left out. */
static void arrange(dss_levels *levels, const uint32_t *order, const uint64_t *counts,
                    uint16_t *map) {
  char *labels[DSS_MAX_LEVELS];
  double values[DSS_MAX_LEVELS];
  uint32_t kept = 0;
  for (uint32_t i = 0; i < levels->n_levels; i++) {
    uint32_t old = order[i];
    if (counts[old] == 0) {
      map[old] = DSS_NO_RATING;
      free(levels->labels[old]);
      continue;
    }
    map[old] = (uint16_t)kept;
    labels[kept] = levels->labels[old];
    values[kept++] = levels->values[old];
  }
  levels->n_levels = kept;
  memcpy(levels->labels, labels, kept * sizeof *labels);
  memcpy(levels->values, values, kept * sizeof *values);
}

/* Tokens keep pointing at the level they are. */
static void remap_tokens(dss_levels *levels, const uint16_t *map) {
  for (uint32_t t = 0; t < levels->tokens.count; t++)
    if (levels->token_level[t] != DSS_NO_RATING)
      levels->token_level[t] = map[levels->token_level[t]];
}

dss_status dss_levels_finish(dss_context *context, dss_levels *levels, const char *file,
                             bool keep_unused, const uint64_t *counts, uint16_t *map) {
  uint64_t ratings = 0;
  for (uint32_t k = 0; k < levels->n_levels; k++)
    ratings += counts[k];
  if (ratings == 0)
    return dss_fail_at(context, place_of(levels, file), DSS_ERR_DATA,
                       "the question '%s' has no rating; %llu are missing",
                       DSS_EXCERPT(levels->question->name), (unsigned long long)levels->missing);
  for (uint32_t k = 0; k < DSS_MAX_LEVELS; k++)
    map[k] = (uint16_t)k;
  if (levels->question->declared)
    return keep_unused ? DSS_OK : check_declared(context, levels, file, counts);
  double values[DSS_MAX_LEVELS];
  uint32_t order[DSS_MAX_LEVELS];
  DSS_TRY(dss_labels_order(context, levels->labels, levels->n_levels, values, order));
  arrange(levels, order, counts, map);
  remap_tokens(levels, map);
  return DSS_OK;
}

void dss_levels_free(dss_levels *levels) {
  dss_strings_free(&levels->tokens);
  free(levels->token_level);
  for (uint32_t k = 0; k < levels->n_levels; k++)
    free(levels->labels[k]);
  *levels = (dss_levels){0};
}
