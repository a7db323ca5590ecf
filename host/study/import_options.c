#include "import_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"

void dss_import_options_init(dss_import_options *options) {
  *options = (dss_import_options){0};
}

bool dss_spec_is_missing(const dss_import_spec *spec, const char *text) {
  return dss_words_find(&spec->missing, text) != SIZE_MAX;
}

static dss_status copy_part(dss_context *context, char **copy, const char *from, size_t length) {
  DSS_TRY(DSS_ALLOC(context, copy, length + 1));
  memcpy(*copy, from, length);
  return DSS_OK;
}

/* --- what goes with what -------------------------------------------------------------------- */

static dss_status check_long(dss_context *context, const dss_import_options *o) {
  if (!o->rater || !o->item)
    return dss_fail(context, DSS_ERR_USAGE, "long layout needs --rater and --item");
  if (o->n_ratings == 0) return dss_fail(context, DSS_ERR_USAGE, "--rating is needed");
  return DSS_OK;
}

static dss_status check_one_question(dss_context *context, const dss_import_options *o,
                                     const char *layout) {
  if (o->n_ratings != 1)
    return dss_fail(context, DSS_ERR_USAGE,
                    "%s layout has one question: give its name as --rating NAME[:SCALE], once",
                    layout);
  if (o->item)
    return dss_fail(context, DSS_ERR_USAGE, "%s layout has no item column: leave --item out",
                    layout);
  return DSS_OK;
}

static dss_status check_wide(dss_context *context, const dss_import_options *o) {
  DSS_TRY(check_one_question(context, o, "wide"));
  if (o->n_item_attributes && !o->items_path)
    return dss_fail(context, DSS_ERR_USAGE,
                    "in wide layout --item-attr needs --items, the table that has them");
  if (o->raters_path && !o->rater)
    return dss_fail(context, DSS_ERR_USAGE, "--raters needs --rater, the column to join by");
  return DSS_OK;
}

static dss_status check_lewidi(dss_context *context, const dss_import_options *o) {
  DSS_TRY(check_one_question(context, o, "lewidi"));
  if (o->rater || o->items_path || o->item_key || o->rater_key)
    return dss_fail(context, DSS_ERR_USAGE,
                    "lewidi layout takes neither --rater, --rater-key, --items nor --item-key");
  if (o->n_rater_attributes && !o->raters_path)
    return dss_fail(context, DSS_ERR_USAGE,
                    "in lewidi layout --rater-attr needs --raters, the annotators' file");
  return DSS_OK;
}

static dss_status check_layout(dss_context *context, const dss_import_options *o) {
  switch (o->layout) {
  case DSS_LAYOUT_LONG:
    return check_long(context, o);
  case DSS_LAYOUT_WIDE:
    return check_wide(context, o);
  case DSS_LAYOUT_LEWIDI:
    return check_lewidi(context, o);
  }
  return dss_fail(context, DSS_ERR_USAGE, "there is no layout %d", (int)o->layout);
}

static dss_status check_keys(dss_context *context, const dss_import_options *o,
                             dss_import_spec *spec) {
  if (o->item_key && !o->items_path)
    return dss_fail(context, DSS_ERR_USAGE, "--item-key belongs to --items, which is not given");
  if (o->rater_key && !o->raters_path)
    return dss_fail(context, DSS_ERR_USAGE, "--rater-key belongs to --raters, which is not given");
  if (o->items_path && !o->item_key && !o->item)
    return dss_fail(context, DSS_ERR_USAGE, "--items needs --item-key, its column of item names");
  size_t from_standard_input = (size_t)(strcmp(o->input, "-") == 0) +
                               (size_t)(o->items_path && strcmp(o->items_path, "-") == 0) +
                               (size_t)(o->raters_path && strcmp(o->raters_path, "-") == 0);
  if (from_standard_input > 1)
    return dss_fail(context, DSS_ERR_USAGE, "standard input can be only one of the inputs");
  spec->item_key = o->item_key ? o->item_key : o->item;
  spec->rater_key = o->rater_key ? o->rater_key : o->rater;
  return DSS_OK;
}

/* One column has one role. */
static dss_status check_role(dss_context *context, dss_words *taken, const char *name) {
  if (!*name) return dss_fail(context, DSS_ERR_USAGE, "a column's name is empty");
  if (dss_words_find(taken, name) != SIZE_MAX)
    return dss_fail(context, DSS_ERR_USAGE, "'%s' is named twice; a column has one role",
                    DSS_EXCERPT(name));
  return dss_words_add(context, taken, name, strlen(name));
}

static dss_status check_roles(dss_context *context, const dss_import_spec *spec) {
  const dss_import_options *o = spec->options;
  dss_words taken = {0};
  dss_status status = DSS_OK;
  if (o->rater) status = check_role(context, &taken, o->rater);
  if (status == DSS_OK && o->item) status = check_role(context, &taken, o->item);
  for (size_t i = 0; i < spec->n_questions && status == DSS_OK; i++)
    status = check_role(context, &taken, spec->questions[i].name);
  for (size_t i = 0; i < o->n_rater_attributes && status == DSS_OK; i++)
    status = check_role(context, &taken, o->rater_attributes[i]);
  for (size_t i = 0; i < o->n_item_attributes && status == DSS_OK; i++)
    status = check_role(context, &taken, o->item_attributes[i]);
  dss_words_free(&taken);
  return status;
}

/* --- the parts ------------------------------------------------------------------------------ */

static dss_status parse_missing(dss_context *context, const char *text, dss_words *missing) {
  return dss_words_split(context, missing, text ? text : DSS_MISSING_TOKENS, ',');
}

static dss_status parse_scale(dss_context *context, const char *option, const char *name,
                              dss_scale *scale) {
  if (dss_scale_parse(name, scale)) return DSS_OK;
  return dss_fail(context, DSS_ERR_USAGE,
                  "%s: '%s' is no scale; there are nominal, ordinal, interval, ratio", option,
                  DSS_EXCERPT(name));
}

/* "COL" or "COL:SCALE"; the scale follows the last colon, so a column whose name has one needs it.
 */
static dss_status parse_question(dss_context *context, const char *text, dss_spec_question *q) {
  const char *colon = strrchr(text, ':');
  q->scale = DSS_NOMINAL;
  if (colon) DSS_TRY(parse_scale(context, "--rating", colon + 1, &q->scale));
  return copy_part(context, &q->name, text, colon ? (size_t)(colon - text) : strlen(text));
}

static dss_status parse_questions(dss_context *context, dss_import_spec *spec) {
  const dss_import_options *o = spec->options;
  DSS_TRY(DSS_ALLOC(context, &spec->questions, o->n_ratings));
  spec->n_questions = o->n_ratings;
  for (size_t i = 0; i < o->n_ratings; i++)
    DSS_TRY(parse_question(context, o->ratings[i], &spec->questions[i]));
  return DSS_OK;
}

static size_t find_question(const dss_import_spec *spec, const char *name, size_t length) {
  for (size_t i = 0; i < spec->n_questions; i++)
    if (strlen(spec->questions[i].name) == length &&
        memcmp(spec->questions[i].name, name, length) == 0)
      return i;
  return SIZE_MAX;
}

static dss_status check_level(dss_context *context, const dss_import_spec *spec,
                              const dss_spec_question *q, size_t level) {
  const char *label = q->levels.at[level];
  double value = q->values[level];
  if (dss_words_find(&q->levels, label) != level)
    return dss_fail(context, DSS_ERR_USAGE, "--levels %s: '%s' is there twice", q->name,
                    DSS_EXCERPT(label));
  for (size_t before = 0; before < level; before++)
    if (q->values[before] == value)
      return dss_fail(context, DSS_ERR_USAGE, "--levels %s: '%s' and '%s' are the same number",
                      q->name, DSS_EXCERPT(q->levels.at[before]), DSS_EXCERPT(label));
  if (!*label || dss_spec_is_missing(spec, label))
    return dss_fail(context, DSS_ERR_USAGE, "--levels %s: '%s' is read as missing", q->name,
                    DSS_EXCERPT(label));
  if (isnan(value) && q->scale >= DSS_INTERVAL)
    return dss_fail(context, DSS_ERR_USAGE,
                    "--levels %s: '%s' is no number; scale %s needs numbers", q->name,
                    DSS_EXCERPT(label), dss_scale_name(q->scale));
  if (q->scale == DSS_RATIO && value < 0)
    return dss_fail(context, DSS_ERR_USAGE, "--levels %s: '%s' is negative; scale ratio cannot be",
                    q->name, DSS_EXCERPT(label));
  return DSS_OK;
}

static dss_status parse_levels(dss_context *context, dss_import_spec *spec, const char *text) {
  const char *equals = strchr(text, '=');
  size_t at = equals ? find_question(spec, text, (size_t)(equals - text)) : SIZE_MAX;
  if (at == SIZE_MAX)
    return dss_fail(context, DSS_ERR_USAGE,
                    "--levels '%s': QUESTION=A,B,... with a question of --rating was expected",
                    DSS_EXCERPT(text));
  dss_spec_question *q = &spec->questions[at];
  if (q->declared)
    return dss_fail(context, DSS_ERR_USAGE, "--levels for '%s' are given twice", q->name);
  q->declared = true;
  DSS_TRY(dss_words_split(context, &q->levels, equals + 1, ','));
  if (q->levels.count > DSS_MAX_LEVELS)
    return dss_fail(context, DSS_ERR_USAGE, "--levels %s: %zu levels, at most %u are possible",
                    q->name, q->levels.count, DSS_MAX_LEVELS);
  DSS_TRY(DSS_ALLOC(context, &q->values, q->levels.count));
  for (size_t i = 0; i < q->levels.count; i++) {
    if (!dss_number_parse(q->levels.at[i], &q->values[i])) q->values[i] = NAN;
    DSS_TRY(check_level(context, spec, q, i));
  }
  return DSS_OK;
}

static dss_status parse_edges(dss_context *context, dss_spec_bin *bin, const dss_words *edges) {
  DSS_TRY(DSS_ALLOC(context, &bin->edges, edges->count));
  bin->n_edges = edges->count;
  for (size_t i = 0; i < edges->count; i++) {
    if (!dss_number_parse(edges->at[i], &bin->edges[i]))
      return dss_fail(context, DSS_ERR_USAGE, "--bin %s: the edge '%s' is no number",
                      bin->attribute, DSS_EXCERPT(edges->at[i]));
    if (i > 0 && !(bin->edges[i - 1] < bin->edges[i]))
      return dss_fail(context, DSS_ERR_USAGE, "--bin %s: the edges must ascend; '%s' does not",
                      bin->attribute, DSS_EXCERPT(edges->at[i]));
  }
  return DSS_OK;
}

static dss_status parse_bin(dss_context *context, const char *text, dss_spec_bin *bin) {
  const char *equals = strchr(text, '=');
  if (!equals || equals == text)
    return dss_fail(context, DSS_ERR_USAGE, "--bin '%s': ATTRIBUTE=EDGE,EDGE,... was expected",
                    DSS_EXCERPT(text));
  bin->text = equals + 1;
  DSS_TRY(copy_part(context, &bin->attribute, text, (size_t)(equals - text)));
  dss_words edges = {0};
  dss_status status = dss_words_split(context, &edges, bin->text, ',');
  if (status == DSS_OK) status = parse_edges(context, bin, &edges);
  dss_words_free(&edges);
  return status;
}

static dss_status parse_bins(dss_context *context, dss_import_spec *spec) {
  const dss_import_options *o = spec->options;
  DSS_TRY(DSS_ALLOC(context, &spec->bins, o->n_bins));
  spec->n_bins = o->n_bins;
  for (size_t i = 0; i < o->n_bins; i++) {
    DSS_TRY(parse_bin(context, o->bins[i], &spec->bins[i]));
    for (size_t before = 0; before < i; before++)
      if (strcmp(spec->bins[before].attribute, spec->bins[i].attribute) == 0)
        return dss_fail(context, DSS_ERR_USAGE, "--bin for '%s' is given twice",
                        spec->bins[i].attribute);
  }
  return DSS_OK;
}

static dss_status add_sources(dss_context *context, const dss_import_spec *spec, const char *text,
                              const dss_words *names, dss_spec_derived *derived) {
  DSS_TRY(DSS_ALLOC(context, &derived->sources, names->count));
  derived->n_sources = names->count;
  for (size_t i = 0; i < names->count; i++) {
    derived->sources[i] = find_question(spec, names->at[i], strlen(names->at[i]));
    if (derived->sources[i] == SIZE_MAX)
      return dss_fail(context, DSS_ERR_USAGE, "--derive '%s': '%s' is no question of --rating",
                      DSS_EXCERPT(text), DSS_EXCERPT(names->at[i]));
    if (dss_words_find(names, names->at[i]) != i)
      return dss_fail(context, DSS_ERR_USAGE, "--derive '%s': '%s' is named twice",
                      DSS_EXCERPT(text), DSS_EXCERPT(names->at[i]));
  }
  return DSS_OK;
}

/* The name and, after its last colon, the scale. */
static dss_status parse_derived_head(dss_context *context, const char *text, size_t length,
                                     dss_spec_derived *derived, bool *has_scale) {
  DSS_TRY(copy_part(context, &derived->name, text, length));
  char *colon = strrchr(derived->name, ':');
  *has_scale = colon != NULL;
  if (!colon) return DSS_OK;
  *colon = '\0';
  return parse_scale(context, "--derive", colon + 1, &derived->scale);
}

/* "NAME=max(A,B)" or "NAME:SCALE=min(A,B,...)" */
static dss_status parse_derived(dss_context *context, const dss_import_spec *spec, const char *text,
                                dss_spec_derived *derived) {
  const char *equals = strchr(text, '=');
  size_t length = strlen(text);
  bool maximum = equals && strncmp(equals + 1, "max(", 4) == 0;
  bool minimum = equals && strncmp(equals + 1, "min(", 4) == 0;
  if (!(maximum || minimum) || equals == text || text[length - 1] != ')')
    return dss_fail(context, DSS_ERR_USAGE,
                    "--derive '%s': NAME[:SCALE]=max(A,B,...) or min(...) was expected",
                    DSS_EXCERPT(text));
  derived->maximum = maximum;
  bool has_scale;
  DSS_TRY(parse_derived_head(context, text, (size_t)(equals - text), derived, &has_scale));
  char *list = NULL;
  DSS_TRY(copy_part(context, &list, equals + 5, length - 1 - (size_t)(equals + 5 - text)));
  dss_words names = {0};
  dss_status status = dss_words_split(context, &names, list, ',');
  if (status == DSS_OK) status = add_sources(context, spec, text, &names, derived);
  dss_words_free(&names);
  free(list);
  if (status == DSS_OK && !has_scale) derived->scale = spec->questions[derived->sources[0]].scale;
  return status;
}

static dss_status parse_all_derived(dss_context *context, dss_import_spec *spec) {
  const dss_import_options *o = spec->options;
  DSS_TRY(DSS_ALLOC(context, &spec->derived, o->n_derived));
  spec->n_derived = o->n_derived;
  for (size_t i = 0; i < o->n_derived; i++) {
    dss_spec_derived *derived = &spec->derived[i];
    DSS_TRY(parse_derived(context, spec, o->derived[i], derived));
    bool taken = find_question(spec, derived->name, strlen(derived->name)) != SIZE_MAX;
    for (size_t before = 0; before < i; before++)
      taken = taken || strcmp(spec->derived[before].name, derived->name) == 0;
    if (taken)
      return dss_fail(context, DSS_ERR_USAGE, "--derive: there is a question '%s' already",
                      DSS_EXCERPT(derived->name));
  }
  return DSS_OK;
}

dss_status dss_import_spec_parse(dss_context *context, const dss_import_options *options,
                                 dss_import_spec *spec) {
  *spec = (dss_import_spec){.options = options};
  if (!options->input) return dss_fail(context, DSS_ERR_USAGE, "there is no input");
  if ((unsigned)options->duplicates > DSS_DUPLICATES_LAST)
    return dss_fail(context, DSS_ERR_USAGE, "there is no duplicates policy %d",
                    (int)options->duplicates);
  DSS_TRY(check_layout(context, options));
  DSS_TRY(check_keys(context, options, spec));
  DSS_TRY(parse_missing(context, options->missing, &spec->missing));
  DSS_TRY(parse_questions(context, spec));
  DSS_TRY(check_roles(context, spec));
  for (size_t i = 0; i < options->n_levels; i++)
    DSS_TRY(parse_levels(context, spec, options->levels[i]));
  DSS_TRY(parse_bins(context, spec));
  return parse_all_derived(context, spec);
}

void dss_import_spec_free(dss_import_spec *spec) {
  for (size_t i = 0; i < spec->n_questions; i++) {
    free(spec->questions[i].name);
    free(spec->questions[i].values);
    dss_words_free(&spec->questions[i].levels);
  }
  for (size_t i = 0; i < spec->n_bins; i++) {
    free(spec->bins[i].attribute);
    free(spec->bins[i].edges);
  }
  for (size_t i = 0; i < spec->n_derived; i++) {
    free(spec->derived[i].name);
    free(spec->derived[i].sources);
  }
  free(spec->questions);
  free(spec->bins);
  free(spec->derived);
  dss_words_free(&spec->missing);
  *spec = (dss_import_spec){0};
}
