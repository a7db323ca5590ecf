/* dissensus steer: predicted ratings held against each group's own. */
#include "evaluation.h"

/* What its own options say, in their own words. */
typedef struct steer_words {
  cli_list told, items_by;
  const char *predictions, *item, *prediction, *baseline, *rater, *missing, *against;
  bool no_matrix;
  dss_steer_options options;
} steer_words;

static int check(const cli_command *command, void *user, const char **inputs) {
  steer_words *words = user;
  dss_steer_options *o = &words->options;
  if (!words->predictions)
    return cli_usage(command, "--predictions CSV is needed: the table of predicted ratings");
  if (!words->item)
    return cli_usage(command, "--item COL is needed: the predictions' column of items");
  if (!words->prediction)
    return cli_usage(command, "--prediction COL is needed: the column of predicted ratings");
  if (words->rater && words->told.count > 0)
    return cli_usage(command, "--rater is for predictions for each rater, --told for predictions "
                              "for groups; not both");
  if (words->against && !dss_steer_against_parse(words->against, &o->against))
    return cli_usage(command, "--against: '%s' is neither ratings nor means", words->against);
  o->predictions = inputs[0] = words->predictions;
  o->item = words->item;
  o->prediction = words->prediction;
  o->baseline = words->baseline;
  o->rater = words->rater;
  o->told = words->told.items;
  o->n_told = words->told.count;
  o->missing = words->missing;
  o->items_by = words->items_by.items;
  o->n_items_by = words->items_by.count;
  o->no_matrix = words->no_matrix;
  return CLI_GO_ON;
}

static dss_status compute(dss_context *context, const dss_study *study,
                          const dss_evaluation_run *run, void *user, dss_evaluation **evaluation) {
  const steer_words *words = user;
  return dss_steer(context, study, run, &words->options, evaluation);
}

int cmd_steer(const cli_command *command, int argc, char **argv) {
  static const evaluation_kind kind = {check, compute};
  steer_words words = {0};
  dss_steer_options_init(&words.options);
  const cli_option options[] = {
      {NULL, NULL, CLI_HEADING, NULL, "Predictions"},
      {"predictions", "CSV", CLI_TEXT, &words.predictions,
       "the table of predicted ratings, a row for each item and each group, profile or rater; - "
       "for standard input"},
      {"item", "COL", CLI_TEXT, &words.item, "its column of the items' names, as in the study"},
      {"prediction", "COL", CLI_TEXT, &words.prediction,
       "its column of predictions: numbers on the question's scale, or labels of its levels"},
      {"baseline", "COL", CLI_TEXT, &words.baseline,
       "its column of what was predicted without being told who rates, the same in all rows of an "
       "item, or given in some"},
      {"told", "ATTR,...", CLI_COMMAS, &words.told,
       "the columns that say what was told, named like rater attributes; an empty field is what "
       "was not told. Default: the attributes of the axes"},
      {"rater", "COL", CLI_TEXT, &words.rater,
       "predictions are for single raters, whose names this column has"},
      {"missing", "TOKEN,...", CLI_TEXT, &words.missing,
       "what is read as no prediction; by default the empty field, NA and NaN"},
      {NULL, NULL, CLI_HEADING, NULL, "What they are held against"},
      {"against", "ratings|means", CLI_TEXT, &words.against,
       "each rating of the group (default), or the group's mean rating of each item"},
      {"items-by", "ATTR,...", CLI_COMMAS, &words.items_by,
       "each value of these item attributes by itself too"},
      {"no-matrix", NULL, CLI_FLAG, &words.no_matrix,
       "leave out the rows of each group's ratings with every other group's predictions"},
  };
  int result = evaluation_command(command, options, sizeof options / sizeof *options, argc, argv,
                                  &kind, &words);
  cli_list_free(&words.told);
  cli_list_free(&words.items_by);
  return result;
}
