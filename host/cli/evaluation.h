/* What the commands that make an evaluation share: their words, the run, the file, the report. */
#ifndef DSS_CLI_EVALUATION_H
#define DSS_CLI_EVALUATION_H

#include "options.h"

enum { EVALUATION_INPUTS = 4 };

/* A command's own part. user: what evaluation_command was given. */
typedef struct evaluation_kind {
  /* Looks at the kind's own words, before anything is read: CLI_GO_ON, or an exit status with its
   * message printed. inputs [EVALUATION_INPUTS] of NULLs gets the files that it reads beside the
   * study, which the output may not be. NULL: there is nothing to look at. */
  int (*check)(const cli_command *command, void *user, const char **inputs);
  dss_status (*compute)(dss_context *context, const dss_study *study, const dss_evaluation_run *run,
                        void *user, dss_evaluation **evaluation);
} evaluation_kind;

/* Parses the words of all evaluations together with those of `own`, n_own rows, which stand first
 * in --help; computes, writes the file and prints the report. The caller frees the lists among its
 * own words. Returns the exit status. */
int evaluation_command(const cli_command *command, const cli_option *own, size_t n_own, int argc,
                       char **argv, const evaluation_kind *kind, void *user);

#endif
