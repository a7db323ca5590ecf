/* The options that describe a pool of raters, of every command that simulates. */
#ifndef DSS_CLI_POOL_OPTIONS_H
#define DSS_CLI_POOL_OPTIONS_H

#include "options.h"

/* As they are given: texts, so that a file of settings may hold them (settings.h). */
typedef struct cli_pool {
  cli_list attributes, questions, effects;
  const char *raters, *items, *items_per_rater, *ratings_per_item, *batches, *missing, *agreement,
      *leniency, *seed;
} cli_pool;

/* Into what the library takes; checks numbers. CLI_GO_ON or 2. */
int cli_pool_set(const cli_command *command, const cli_pool *given, dss_simulate_options *options);
void cli_pool_free(cli_pool *given);

/* Their help, said once. */
#define CLI_POOL_ATTRIBUTE                                                                         \
  "an attribute of the raters and its values, each with its share of the raters (1 where none is " \
  "said); may be given again: profiles are all combinations"
#define CLI_POOL_QUESTION                                                                          \
  "a question and each level's share of its ratings; the scale is ordinal where none is said. "    \
  "May "                                                                                           \
  "be given again (default rating:ordinal=1,1,1,1,1)"
#define CLI_POOL_EFFECT                                                                            \
  "what sets a group apart: how much more severely it rates, in standard deviations, and how "     \
  "much "                                                                                          \
  "cohesion it has, which is its GAI less 1 on the latent scale, against raters without "          \
  "effects. May be given again"
#define CLI_POOL_AGREEMENT                                                                         \
  "how much of what raters say of an item they have in common, as a share of the variance "        \
  "(default 0.35)"
#define CLI_POOL_LENIENCY                                                                          \
  "the share of the variance that is the raters' own strictness (default 0.1)"
#define CLI_POOL_BATCHES                                                                           \
  "divide raters and items into so many parts; a part's raters rate its items alone (default 1)"
#define CLI_POOL_MISSING "the chance that a rating is missing (default 0)"

#endif
