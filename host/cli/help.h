/* --help and --version, manual pages and what completion needs, written from the tables. */
#ifndef DSS_CLI_HELP_H
#define DSS_CLI_HELP_H

#include <stdio.h>

#include "options.h"

/* How help_command writes: for people, as a manual page, or a line an option for programs. */
typedef enum help_form { HELP_TEXT, HELP_MAN, HELP_TABLE } help_form;
void help_set_form(help_form wanted);

/* What the program is for. */
extern const char help_about[];
/* The program's own help: what it is, its commands. */
void help_program(FILE *stream);
/* One command's help; its options come in n_tables tables, the last those of every command. */
void help_command(FILE *stream, const cli_command *command, const cli_option *const tables[],
                  const size_t n_rows[], size_t n_tables);
/* The short form of an option, or NULL. */
const char *help_letter(const cli_option *row);
void help_version(FILE *stream);

#endif
