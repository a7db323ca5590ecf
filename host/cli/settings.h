/* A file of settings: a command's options, one a line. */
#ifndef DSS_CLI_SETTINGS_H
#define DSS_CLI_SETTINGS_H

#include "options.h"

/* Reads the file at path as if its lines stood before the command line's own (cli_apply_text); NULL
 * reads nothing. CLI_GO_ON or an exit status, the message printed. */
int cli_apply_settings(const cli_command *command, cli_common *common, const cli_option *options,
                       size_t n_options, const char *path);

#endif
