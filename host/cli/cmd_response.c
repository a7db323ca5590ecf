/* dissensus response: how do groups' ratings follow severity? */
#include <string.h>

#include "evaluation.h"
#include "values.h"

/* What its own options say, in their own words. */
typedef struct response_words {
  const char *statistics;
  uint64_t bins;
  bool no_pairs;
  dss_response_options options;
} response_words;

static int check(const cli_command *command, void *user, const char **inputs) {
  response_words *words = user;
  dss_response_options *o = &words->options;
  const char *bad;
  (void)inputs;
  if (words->statistics && !dss_response_parse(words->statistics, &o->statistics, &bad))
    return cli_usage(command, "--statistics: unknown statistic '%.*s'", (int)strcspn(bad, ","),
                     bad);
  int result =
      cli_within(command, "bins", words->bins, DSS_RESPONSE_LEAST_BINS, DSS_RESPONSE_MOST_BINS);
  if (result != CLI_GO_ON) return result;
  o->bins = (uint32_t)words->bins;
  o->pairs = !words->no_pairs;
  return CLI_GO_ON;
}

static dss_status compute(dss_context *context, const dss_study *study,
                          const dss_evaluation_run *run, void *user, dss_evaluation **evaluation) {
  const response_words *words = user;
  return dss_response(context, study, run, &words->options, evaluation);
}

int cmd_response(const cli_command *command, int argc, char **argv) {
  static const evaluation_kind kind = {check, compute};
  response_words words = {0};
  dss_response_options_init(&words.options);
  words.bins = words.options.bins;
  const cli_option options[] = {
      {NULL, NULL, CLI_HEADING, NULL, "Responsiveness"},
      {"statistics", "NAME,...", CLI_TEXT, &words.statistics,
       "gamma, somers_d, tau_b, information, information_share, rising or all (default)"},
      {"bins", "J", CLI_COUNT, &words.bins,
       "into how many bins the consensus on items is cut, 2 to 100 (default 10)"},
      {"no-pairs", NULL, CLI_FLAG, &words.no_pairs,
       "compare groups with everyone else only, not with each other"},
  };
  return evaluation_command(command, options, sizeof options / sizeof *options, argc, argv, &kind,
                            &words);
}
