/* Manual pages (man(7)), written from the tables that --help is written from. */
#ifndef DSS_CLI_MAN_H
#define DSS_CLI_MAN_H

#include <stdio.h>

#include "options.h"

/* dissensus(1): its commands, exit statuses, environment. */
void man_program(FILE *stream);
/* dissensus-COMMAND(1); as help_command. */
void man_command(FILE *stream, const cli_command *command, const cli_option *const tables[],
                 const size_t n_rows[], size_t n_tables);

#endif
