/* Options of long runs: shards, checkpoints, time limits. */
#ifndef DSS_CLI_BATCH_H
#define DSS_CLI_BATCH_H

#include "options.h"

/* As they were given; NULL: not. */
typedef struct batch_words {
  const char *shard, *checkpoint, *every, *time_limit;
  bool resume;
} batch_words;

/* What they mean, the time limit from now. With a checkpoint SIGTERM, SIGINT and SIGUSR1 stop the
 * run from here on, a second SIGINT ends it at once. CLI_GO_ON or 2. */
int batch_set(const cli_command *command, const batch_words *words, dss_batch *batch);
/* Makes the folder for checkpoints where there is none. CLI_GO_ON or 4. */
int batch_folder(const cli_command *command, const dss_batch *batch);

/* Whether this process is one of several that a launcher has started together to make one run: not
 * where each has a shard. *rank: its number among them. */
bool batch_in_team(const dss_batch *batch, unsigned *rank);

#endif
