#include "plan_words.h"

#include <string.h>

#include "values.h"

enum { DEFAULT_DEPTH = 3, MAX_DEPTH = 32 };
#define MAX_PERMUTATIONS ((uint64_t)1 << 62)
#define MAX_RATERS UINT64_C(4294967294)

plan_words plan_words_of(const dss_plan_options *defaults) {
  return (plan_words){.depth = CLI_NOT_GIVEN,
                      .permutations = defaults->permutations,
                      .min_raters = defaults->min_raters,
                      .seed = defaults->seed};
}

void plan_words_free(plan_words *words) {
  cli_list_free(&words->axes);
  cli_list_free(&words->questions);
  cli_list_free(&words->where);
}

static int set_axes(const cli_command *command, const plan_words *words, dss_plan_options *plan) {
  bool all = false;
  for (size_t i = 0; i < words->axes.count; i++)
    all |= strcmp(words->axes.items[i], "all") == 0;
  if (all && words->axes.count > 1)
    return cli_usage(command, "--by all means every axis already; give no other --by");
  if (!all && words->depth != CLI_NOT_GIVEN)
    return cli_usage(command, "--depth goes with --by all");
  uint64_t depth = words->depth == CLI_NOT_GIVEN ? DEFAULT_DEPTH : words->depth;
  plan->axes = words->axes.items;
  plan->n_axes = all ? 0 : words->axes.count;
  plan->all_depth = all ? (unsigned)depth : 0;
  return cli_within(command, "depth", depth, 1, MAX_DEPTH);
}

static int set_bootstrap(const cli_command *command, const plan_words *words,
                         dss_plan_options *plan) {
  if (words->over && !dss_over_parse(words->over, &plan->over))
    return cli_usage(command, "--over: '%s' is not raters, items or both", words->over);
  if (words->interval && !dss_ci_parse(words->interval, &plan->interval))
    return cli_usage(command, "--interval: '%s' is not bca, basic or percentile", words->interval);
  if (words->bootstrap == 0 && (words->over || words->interval))
    return cli_usage(command, "--%s goes with --bootstrap B", words->over ? "over" : "interval");
  if (words->bootstrap > 0 && words->bootstrap < DSS_INTERVAL_LEAST_RESAMPLES)
    return cli_usage(command, "--bootstrap: %llu: a 95%% interval needs %u resamples at least",
                     (unsigned long long)words->bootstrap, DSS_INTERVAL_LEAST_RESAMPLES);
  plan->bootstrap = words->bootstrap;
  return cli_within(command, "bootstrap", words->bootstrap, 0, MAX_PERMUTATIONS);
}

int plan_words_set(const cli_command *command, const plan_words *words, dss_plan_options *plan) {
  int result = set_axes(command, words, plan);
  if (result == CLI_GO_ON)
    result = cli_scheme(command, words->scheme, &plan->scheme, &plan->scheme_attribute);
  if (result == CLI_GO_ON)
    result = cli_within(command, "permutations", words->permutations, 0, MAX_PERMUTATIONS);
  if (result == CLI_GO_ON)
    result = cli_within(command, "stop-after", words->stop_after, 0, MAX_PERMUTATIONS);
  if (result == CLI_GO_ON) result = set_bootstrap(command, words, plan);
  if (result == CLI_GO_ON)
    result = cli_within(command, "min-raters", words->min_raters, 2, MAX_RATERS);
  plan->questions = words->questions.items;
  plan->n_questions = words->questions.count;
  plan->where = words->where.items;
  plan->n_where = words->where.count;
  plan->permutations = words->permutations;
  plan->stop_after = words->stop_after;
  plan->min_raters = (uint32_t)words->min_raters;
  plan->seed = words->seed;
  return result;
}
