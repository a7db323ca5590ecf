/* dissensus classify: classifiers held against what each group of raters says. */
#include <string.h>

#include "evaluation.h"
#include "values.h"

enum { MAX_DRIVERS = 1000000 };

/* What its own options say, in their own words. */
typedef struct classify_words {
  cli_list classifiers, positive, thresholds, items_by;
  const char *predictions, *item, *classifier, *value, *missing, *rule, *gaps, *score_threshold;
  uint64_t drivers;
  bool scores, no_pairs;
  dss_classify_options options;
} classify_words;

/* --- the words ------------------------------------------------------------------------------- */

static int check_layout(const cli_command *command, const classify_words *words) {
  if (!words->predictions)
    return cli_usage(command, "--predictions CSV is needed: what the classifiers say of the items");
  if (!words->item)
    return cli_usage(command, "--item COL is needed: the predictions' column of items");
  if (!words->classifier != !words->value)
    return cli_usage(command, "--classifier and --value go together, for predictions in long "
                              "layout; in wide layout each classifier has a column");
  if (words->thresholds.count == 0)
    return cli_usage(command, "--threshold LEVEL is needed: from which rating on an item is "
                              "positive in a rater's view");
  return CLI_GO_ON;
}

/* Labels or scores. */
static int set_predictions(const cli_command *command, classify_words *words) {
  dss_classify_options *o = &words->options;
  bool labels = words->positive.count > 0, scores = words->scores || words->score_threshold;
  if (labels == scores)
    return cli_usage(command,
                     "predictions are labels, then --positive LABEL says which of them "
                     "are positive, or scores, then --scores or --score-threshold X%s",
                     labels ? "; not both" : "");
  o->score_threshold = words->score_threshold;
  return CLI_GO_ON;
}

static int set_options(const cli_command *command, classify_words *words) {
  dss_classify_options *o = &words->options;
  const char *bad;
  int result = check_layout(command, words);
  if (result == CLI_GO_ON) result = set_predictions(command, words);
  if (result != CLI_GO_ON) return result;
  if (words->rule && !dss_view_rule_parse(words->rule, &o->rule))
    return cli_usage(command, "--rule: '%s' is not mean, majority or any", words->rule);
  if (words->gaps && !dss_gaps_parse(words->gaps, &o->gaps, &bad))
    return cli_usage(command, "--gaps: '%.*s' is not fnr, fpr, precision, recall, f1 or auc",
                     (int)strcspn(bad, ","), bad);
  o->predictions = words->predictions;
  o->item = words->item;
  o->classifier = words->classifier;
  o->value = words->value;
  o->classifiers = words->classifiers.items;
  o->n_classifiers = words->classifiers.count;
  o->missing = words->missing;
  o->positive = words->positive.items;
  o->n_positive = words->positive.count;
  o->thresholds = words->thresholds.items;
  o->n_thresholds = words->thresholds.count;
  o->items_by = words->items_by.items;
  o->n_items_by = words->items_by.count;
  o->pairs = !words->no_pairs;
  o->drivers = (size_t)words->drivers;
  return cli_within(command, "drivers", words->drivers, 0, MAX_DRIVERS);
}

static int check(const cli_command *command, void *user, const char **inputs) {
  classify_words *words = user;
  inputs[0] = words->predictions;
  return set_options(command, words);
}

static dss_status compute(dss_context *context, const dss_study *study,
                          const dss_evaluation_run *run, void *user, dss_evaluation **evaluation) {
  const classify_words *words = user;
  return dss_classify(context, study, run, &words->options, evaluation);
}

int cmd_classify(const cli_command *command, int argc, char **argv) {
  static const evaluation_kind kind = {check, compute};
  classify_words words = {0};
  dss_classify_options_init(&words.options);
  words.drivers = words.options.drivers;
  const cli_option options[] = {
      {NULL, NULL, CLI_HEADING, NULL, "Predictions"},
      {"predictions", "CSV", CLI_TEXT, &words.predictions,
       "the table of predictions, in wide layout a row an item and a column a classifier, or in "
       "long layout a row a prediction; - for standard input"},
      {"item", "COL", CLI_TEXT, &words.item, "its column of the items' names, as in the study"},
      {"classifiers", "NAME,...", CLI_COMMAS, &words.classifiers,
       "the classifiers: columns in wide layout; by default every column but the items'"},
      {"classifier", "COL", CLI_TEXT, &words.classifier,
       "long layout: the column of the classifiers' names"},
      {"value", "COL", CLI_TEXT, &words.value, "long layout: the column of the predictions"},
      {"missing", "TOKEN,...", CLI_TEXT, &words.missing,
       "what is read as no prediction; by default the empty field, NA and NaN"},
      {"positive", "LABEL,...", CLI_COMMAS, &words.positive,
       "predictions are labels, and these are positive"},
      {"scores", NULL, CLI_FLAG, &words.scores,
       "predictions are scores, larger ones more positive: AUC"},
      {"score-threshold", "X", CLI_TEXT, &words.score_threshold,
       "predictions are scores, and positive from X on: AUC and everything else"},
      {NULL, NULL, CLI_HEADING, NULL, "A group's view of an item"},
      {"threshold", "LEVEL", CLI_LIST, &words.thresholds,
       "from which level on a rating is positive; QUESTION=LEVEL for one question. On a nominal "
       "scale that very level. With --rule mean any number on the scale"},
      {"rule", "mean|majority|any", CLI_TEXT, &words.rule,
       "when a group finds an item positive: its mean rating is at or above the threshold; more "
       "than half of its ratings are, a tie being not positive; one is (default majority)"},
      {NULL, NULL, CLI_HEADING, NULL, "Gaps"},
      {"gaps", "RATE,...", CLI_TEXT, &words.gaps,
       "the rates whose gaps are tested: fnr, fpr, precision, recall, f1, auc (default fnr,fpr, "
       "and auc for scores)"},
      {"items-by", "ATTR,...", CLI_COMMAS, &words.items_by,
       "each value of these item attributes by itself too"},
      {"no-pairs", NULL, CLI_FLAG, &words.no_pairs,
       "compare groups with everyone else only, not with each other"},
      {"drivers", "N", CLI_COUNT, &words.drivers,
       "list the items behind the N largest gaps of each axis in FNR and in FPR (default 3)"},
  };
  int result = evaluation_command(command, options, sizeof options / sizeof *options, argc, argv,
                                  &kind, &words);
  cli_list_free(&words.classifiers);
  cli_list_free(&words.positive);
  cli_list_free(&words.thresholds);
  cli_list_free(&words.items_by);
  return result;
}
