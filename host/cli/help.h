/* --help and --version, written from the tables. */
#ifndef DSS_CLI_HELP_H
#define DSS_CLI_HELP_H

#include <stdio.h>

#include "options.h"

/* The program's own help: what it is, its commands. */
void help_program(FILE *stream);
/* One command's help; its options come in n_tables tables. */
void help_command(FILE *stream, const cli_command *command, const cli_option *const tables[],
                  const size_t n_rows[], size_t n_tables);
void help_version(FILE *stream);

#endif
