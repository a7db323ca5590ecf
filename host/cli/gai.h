/* The words of `dissensus gai`, for commands that are about such a run. */
#ifndef DSS_CLI_GAI_H
#define DSS_CLI_GAI_H

#include "options.h"

/* About so long a trial of a plan lasts (dss_calibrate). */
#define GAI_TRIAL_SECONDS 1.0

typedef struct gai_request {
  const cli_command *command;
  const cli_common *common;
  const char *study;
  dss_plan_options plan;
  dss_run_options run;
  const struct gai_words *words; /* gai's own business */
  int argc; /* with argv and the table: the words themselves, for cli_command_line */
  char **argv;
  const cli_option *options;
  size_t n_options;
} gai_request;

/* Does something with what was asked for, which is valid during the call; returns the exit
 * status. */
typedef int (*gai_use)(const gai_request *request, void *user);

/* Parses gai's words together with those of `more`, n_more rows, which stand first in --help and
 * whose targets are set when `use` is called. Words that say how to run by hand (--explain and the
 * like) are refused. Returns the exit status. */
int gai_read(const cli_command *command, const cli_option *more, size_t n_more, int argc,
             char **argv, gai_use use, void *user);

#endif
