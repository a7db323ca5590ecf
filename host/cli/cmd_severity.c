/* dissensus severity: do groups rate higher or lower than others? */
#include <string.h>

#include "evaluation.h"

/* What its own options say, in their own words. */
typedef struct severity_words {
  cli_list items_by, thresholds, contrasts;
  const char *statistics;
  bool no_pairs;
  dss_severity_options options;
} severity_words;

static int check(const cli_command *command, void *user, const char **inputs) {
  severity_words *words = user;
  dss_severity_options *o = &words->options;
  const char *bad;
  (void)inputs;
  if (words->statistics && !dss_severity_parse(words->statistics, &o->statistics, &bad))
    return cli_usage(command, "--statistics: unknown statistic '%.*s'", (int)strcspn(bad, ","),
                     bad);
  o->items_by = words->items_by.items;
  o->n_items_by = words->items_by.count;
  o->thresholds = words->thresholds.items;
  o->n_thresholds = words->thresholds.count;
  o->contrasts = words->contrasts.items;
  o->n_contrasts = words->contrasts.count;
  o->pairs = !words->no_pairs;
  return CLI_GO_ON;
}

static dss_status compute(dss_context *context, const dss_study *study,
                          const dss_evaluation_run *run, void *user, dss_evaluation **evaluation) {
  const severity_words *words = user;
  return dss_severity(context, study, run, &words->options, evaluation);
}

int cmd_severity(const cli_command *command, int argc, char **argv) {
  static const evaluation_kind kind = {check, compute};
  severity_words words = {0};
  dss_severity_options_init(&words.options);
  const cli_option options[] = {
      {NULL, NULL, CLI_HEADING, NULL, "Severity"},
      {"statistics", "NAME,...", CLI_TEXT, &words.statistics,
       "mean, median, share, mean_difference, share_difference, cliffs_delta, anova_f, kruskal_h "
       "or all (default: all but share_difference)"},
      {"threshold", "LEVEL", CLI_LIST, &words.thresholds,
       "the share is of ratings at this level or above; QUESTION=LEVEL for one question; on a "
       "nominal scale of that very level. Default: the upper half of the scale"},
      {"items-by", "ATTR,...", CLI_COMMAS, &words.items_by,
       "each value of these item attributes by itself too"},
      {"contrast", "Q1,Q2", CLI_LIST, &words.contrasts,
       "compare ratings of Q1 with the same rater's of the same item on Q2; may be given again"},
      {"no-pairs", NULL, CLI_FLAG, &words.no_pairs,
       "compare groups with everyone else only, not with each other"},
  };
  int result = evaluation_command(command, options, sizeof options / sizeof *options, argc, argv,
                                  &kind, &words);
  cli_list_free(&words.items_by);
  cli_list_free(&words.thresholds);
  cli_list_free(&words.contrasts);
  return result;
}
