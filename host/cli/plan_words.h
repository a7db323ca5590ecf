/* Words of the commands that make a plan: which groups of what, how they are tested, by what they
 * are resampled. */
#ifndef DSS_CLI_PLAN_WORDS_H
#define DSS_CLI_PLAN_WORDS_H

#include "options.h"

/* As given, or the defaults. */
typedef struct plan_words {
  cli_list axes, questions, where;
  const char *scheme, *over, *interval;
  uint64_t depth, permutations, stop_after, bootstrap, min_raters, seed;
} plan_words;

plan_words plan_words_of(const dss_plan_options *defaults);
/* What the words say, to the plan, which points into them. CLI_GO_ON, or 2 with its message
 * printed. */
int plan_words_set(const cli_command *command, const plan_words *words, dss_plan_options *plan);
void plan_words_free(plan_words *words);

#endif
