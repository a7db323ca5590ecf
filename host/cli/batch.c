#include "batch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "console.h"
#include "values.h"

#define DEFAULT_EVERY 60.0
#define MAX_SHARDS UINT64_C(1000000)

/* --- signals --------------------------------------------------------------------------------- */

static volatile sig_atomic_t stop;

/* Who is impatient gets the usual end. */
static void ask_to_stop(int number) {
  if (number == SIGINT && stop) {
    signal(SIGINT, SIG_DFL);
    raise(SIGINT);
  }
  stop = 1;
}

/* Who starts us with SIGINT ignored (a shell, in the background) means it. */
static void listen(int number) {
  struct sigaction before, ours = {.sa_handler = ask_to_stop, .sa_flags = SA_RESTART};
  sigemptyset(&ours.sa_mask);
  if (sigaction(number, NULL, &before) == 0 && (number != SIGINT || before.sa_handler != SIG_IGN))
    sigaction(number, &ours, NULL);
}

/* --- words ----------------------------------------------------------------------------------- */

static int set_shard(const cli_command *command, const char *text, dss_batch *batch) {
  int end = 0;
  unsigned long long shard, n;
  if (strlen(text) > 40 || text[strspn(text, "0123456789/")] ||
      sscanf(text, "%llu/%llu%n", &shard, &n, &end) != 2 || text[end])
    return cli_usage(command, "--shard: '%s' is not I/N, such as 0/16", text);
  if (n < 1 || n > MAX_SHARDS || shard >= n)
    return cli_usage(command, "--shard: %s: shards count from 0 to N - 1, N at most %llu", text,
                     (unsigned long long)MAX_SHARDS);
  batch->shard = shard;
  batch->n_shards = n;
  return CLI_GO_ON;
}

static int needs_checkpoint(const cli_command *command, const batch_words *words) {
  const char *option = words->resume       ? "resume"
                       : words->every      ? "every"
                       : words->time_limit ? "time-limit"
                                           : NULL;
  if (!option || words->checkpoint) return CLI_GO_ON;
  return cli_usage(command, "--%s goes with --checkpoint DIR", option);
}

static int set_times(const cli_command *command, const batch_words *words, dss_batch *batch) {
  double limit = 0;
  int result = CLI_GO_ON;
  batch->every = DEFAULT_EVERY;
  if (words->every) result = cli_duration(command, "every", words->every, &batch->every);
  if (result == CLI_GO_ON && words->time_limit)
    result = cli_duration(command, "time-limit", words->time_limit, &limit);
  if (limit > 0) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    batch->end_at = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec + limit;
  }
  return result;
}

int batch_set(const cli_command *command, const batch_words *words, dss_batch *batch) {
  int result = needs_checkpoint(command, words);
  if (result == CLI_GO_ON && words->shard) result = set_shard(command, words->shard, batch);
  if (result != CLI_GO_ON || !words->checkpoint) return result;
  if (*words->checkpoint == '\0') return cli_usage(command, "--checkpoint: the name is empty");
  batch->checkpoint = words->checkpoint;
  batch->resume = words->resume;
  batch->stop = &stop;
  result = set_times(command, words, batch);
  if (result != CLI_GO_ON) return result;
  listen(SIGTERM);
  listen(SIGINT);
  listen(SIGUSR1);
  return CLI_GO_ON;
}

int batch_folder(const cli_command *command, const dss_batch *batch) {
  if (!batch->checkpoint || mkdir(batch->checkpoint, 0777) == 0 || errno == EEXIST)
    return CLI_GO_ON;
  console_error(command->name, "%s: cannot make the folder for checkpoints: %s", batch->checkpoint,
                strerror(errno));
  return DSS_ERR_FILE;
}

bool batch_in_team(const dss_batch *batch, unsigned *rank) {
  unsigned size;
  dss_launched(rank, &size);
  return size > 1 && batch->n_shards == 0;
}
