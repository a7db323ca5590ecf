/* dissensus import: tables of ratings to a study file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "options.h"
#include "settings.h"

/* The options as they are given, before they become dss_import_options. */
typedef struct import_arguments {
  const char *layout, *rater, *item, *items, *item_key, *raters, *rater_key, *missing;
  const char *duplicates, *preset;
  cli_list ratings, rater_attributes, item_attributes, levels, bins, derived;
  bool keep_unused_levels;
} import_arguments;

enum { N_IMPORT_OPTIONS = 20 };

static void describe(import_arguments *a, cli_option options[N_IMPORT_OPTIONS]) {
  const cli_option table[N_IMPORT_OPTIONS] = {
      {NULL, NULL, CLI_HEADING, NULL, "Columns"},
      {"layout", "long|wide|lewidi", CLI_TEXT, &a->layout,
       "long (default): CSV, a row a rating; wide: CSV, a row a rater, a column an item; lewidi: "
       "JSON, items with their annotations"},
      {"rater", "COL", CLI_TEXT, &a->rater,
       "the raters' names; in wide layout it may be left out, raters are then numbered from 1"},
      {"item", "COL", CLI_TEXT, &a->item, "the items' names (long layout)"},
      {"rating", "COL[:SCALE]", CLI_LIST, &a->ratings,
       "ratings, a question; SCALE is nominal (default), ordinal, interval or ratio; may be given "
       "again; in wide and lewidi layout the question's name"},
      {"rater-attr", "COL[,COL...]", CLI_COMMAS, &a->rater_attributes, "who the raters are"},
      {"item-attr", "COL[,COL...]", CLI_COMMAS, &a->item_attributes, "what the items are"},
      {"preset", "NAME", CLI_TEXT, &a->preset,
       "options for a published layout: dices-350, dices-990, d3code, popquorn; or a file with an "
       "option a line, its path with a / or ending in .preset. Options given here come on top"},
      {NULL, NULL, CLI_HEADING, NULL, "More tables, joined by name"},
      {"items", "CSV", CLI_TEXT, &a->items,
       "items' attributes: all its columns unless --item-attr names some"},
      {"item-key", "COL", CLI_TEXT, &a->item_key,
       "its column with the items' names (default: the name of --item)"},
      {"raters", "CSV", CLI_TEXT, &a->raters,
       "raters' attributes: all its columns unless --rater-attr names some; lewidi: the "
       "annotators' JSON"},
      {"rater-key", "COL", CLI_TEXT, &a->rater_key,
       "its column with the raters' names (default: the name of --rater)"},
      {NULL, NULL, CLI_HEADING, NULL, "Values"},
      {"levels", "COL=A,B,...", CLI_LIST, &a->levels,
       "all levels of a question, in order; needed for ordinal labels that are no numbers"},
      {"keep-unused-levels", NULL, CLI_FLAG, &a->keep_unused_levels,
       "keep levels of --levels that never occur instead of refusing them"},
      {"missing", "TEXT[,TEXT...]", CLI_TEXT, &a->missing,
       "ratings and attributes read as missing; an empty text is the empty field, blanks around a "
       "field without quotes do not count (default: empty, NA, NaN). Names of raters and items are "
       "missing only where empty"},
      {"bin", "ATTR=18,30,50", CLI_LIST, &a->bins,
       "group a numeric attribute: below 18, 18-29, 30-49, 50 and above"},
      {"derive", "NAME=max(A,B,...)", CLI_LIST, &a->derived,
       "a question made of others with the same levels, by max or min; NAME may be followed by "
       ":SCALE"},
      {"duplicates", "error|first|last", CLI_TEXT, &a->duplicates,
       "two ratings by one rater of one item: refuse them (default), or keep the first or last"},
  };
  memcpy(options, table, sizeof table);
}

static void free_arguments(import_arguments *a) {
  cli_list_free(&a->ratings);
  cli_list_free(&a->rater_attributes);
  cli_list_free(&a->item_attributes);
  cli_list_free(&a->levels);
  cli_list_free(&a->bins);
  cli_list_free(&a->derived);
}

/* --- presets ------------------------------------------------------------------------------------
 */

static bool is_path(const char *preset) {
  size_t length = strlen(preset);
  return strchr(preset, '/') || (length > 7 && strcmp(preset + length - 7, ".preset") == 0);
}

static int apply_preset(const cli_command *command, const cli_option *options, const char *preset,
                        cli_common *common) {
  if (!is_path(preset)) {
    const char *text = dss_preset_text(preset);
    if (!text) return cli_usage(command, "--preset '%s': there is no preset of that name", preset);
    return cli_apply_text(command, common, options, N_IMPORT_OPTIONS, preset, text);
  }
  return cli_apply_settings(command, common, options, N_IMPORT_OPTIONS, preset);
}

/* --- from arguments to options
 * -------------------------------------------------------------------- */

static int choose_layout(const cli_command *command, const char *name, dss_layout *layout) {
  static const char *const names[] = {"long", "wide", "lewidi"};
  for (int i = 0; name && i < 3; i++) {
    if (strcmp(name, names[i]) != 0) continue;
    *layout = (dss_layout)i;
    return CLI_GO_ON;
  }
  return name ? cli_usage(command, "--layout '%s': long, wide or lewidi was expected", name)
              : CLI_GO_ON;
}

static int choose_duplicates(const cli_command *command, const char *name,
                             dss_duplicates *duplicates) {
  static const char *const names[] = {"error", "first", "last"};
  for (int i = 0; name && i < 3; i++) {
    if (strcmp(name, names[i]) != 0) continue;
    *duplicates = (dss_duplicates)i;
    return CLI_GO_ON;
  }
  return name ? cli_usage(command, "--duplicates '%s': error, first or last was expected", name)
              : CLI_GO_ON;
}

static int fill_options(const cli_command *command, const import_arguments *a,
                        dss_import_options *o) {
  o->rater = a->rater;
  o->item = a->item;
  o->ratings = a->ratings.items;
  o->n_ratings = a->ratings.count;
  o->rater_attributes = a->rater_attributes.items;
  o->n_rater_attributes = a->rater_attributes.count;
  o->item_attributes = a->item_attributes.items;
  o->n_item_attributes = a->item_attributes.count;
  o->items_path = a->items;
  o->item_key = a->item_key;
  o->raters_path = a->raters;
  o->rater_key = a->rater_key;
  o->levels = a->levels.items;
  o->n_levels = a->levels.count;
  o->missing = a->missing;
  o->bins = a->bins.items;
  o->n_bins = a->bins.count;
  o->derived = a->derived.items;
  o->n_derived = a->derived.count;
  o->keep_unused_levels = a->keep_unused_levels;
  int result = choose_layout(command, a->layout, &o->layout);
  return result == CLI_GO_ON ? choose_duplicates(command, a->duplicates, &o->duplicates) : result;
}

/* After the preset, which may name files too. */
static int check_output(const cli_command *command, const cli_common *common,
                        const import_arguments *a, const char *input) {
  const char *const inputs[] = {strcmp(input, "-") == 0 ? "/dev/stdin" : input, a->items, a->raters,
                                a->preset && is_path(a->preset) ? a->preset : NULL};
  return cli_check_output(command, common, "STUDY", inputs, sizeof inputs / sizeof *inputs);
}

/* --- the work
 * ----------------------------------------------------------------------------------------- */

static void summarize(const dss_study *study, const char *output) {
  uint64_t ratings = 0;
  for (size_t q = 0; q < dss_study_n_questions(study); q++)
    ratings += dss_study_question(study, q)->n_ratings;
  console_note("%s: raters %lu, items %lu, questions %zu, ratings %llu", output,
               (unsigned long)dss_study_n_raters(study), (unsigned long)dss_study_n_items(study),
               dss_study_n_questions(study), (unsigned long long)ratings);
}

static int import(const cli_command *command, const cli_common *common,
                  const dss_import_options *options) {
  dss_study *study = NULL;
  dss_status status = dss_import(common->context, options, &study);
  if (status == DSS_OK)
    status = dss_study_save(common->context, study, common->output, common->force);
  if (status == DSS_OK) summarize(study, common->output);
  dss_study_free(study);
  return status == DSS_OK ? 0 : cli_fail(command, common->context, status);
}

static int run(const cli_command *command, const cli_option *options, import_arguments *arguments,
               cli_common *common, const cli_list *operands, const char *line) {
  dss_import_options import_options;
  dss_import_options_init(&import_options);
  int result = cli_one_operand(command, operands, "INPUT", &import_options.input);
  if (result == CLI_GO_ON && arguments->preset)
    result = apply_preset(command, options, arguments->preset, common);
  if (result == CLI_GO_ON) result = check_output(command, common, arguments, import_options.input);
  if (result == CLI_GO_ON) result = fill_options(command, arguments, &import_options);
  if (result != CLI_GO_ON) return result;
  import_options.command = line;
  return import(command, common, &import_options);
}

int cmd_import(const cli_command *command, int argc, char **argv) {
  import_arguments arguments = {0};
  cli_option options[N_IMPORT_OPTIONS];
  cli_common common;
  cli_list operands;
  describe(&arguments, options);
  int result = cli_parse(command, options, N_IMPORT_OPTIONS, true, argc, argv, &common, &operands);
  if (result != CLI_GO_ON) return result;
  /* Taken before a preset adds to the options: it stands in the line by its name. */
  char *line = cli_command_line(command, options, N_IMPORT_OPTIONS, argc, argv, NULL, 0);
  result = run(command, options, &arguments, &common, &operands, line);
  free(line);
  free_arguments(&arguments);
  cli_list_free(&operands);
  cli_common_free(&common);
  return result;
}
