#include "help.h"

#include <string.h>

#include "man.h"
#include "text.h"

enum { WIDTH = 79, OPTION_INDENT = 2, TEXT_INDENT = 26 };

static help_form form = HELP_TEXT;

void help_set_form(help_form wanted) {
  form = wanted;
}

void help_version(FILE *stream) {
  const char *mpi = dss_team_library();
  fprintf(stream, "dissensus %s\n", dss_version());
  const char *figures = dss_figures_library();
  fprintf(stream, "%s%s\n", *mpi ? "with " : "without MPI", mpi);
  fprintf(stream, "%s%s\n", *figures ? "figures by " : "without figures", figures);
}

const char help_about[] =
    "Which groups of raters agree among themselves more, or less, than with everyone else, and is "
    "it more than chance? Import a table of ratings, compute the statistics, read the report.";

const char *help_letter(const cli_option *row) {
  return strcmp(row->name, "output") == 0 ? "-o" : strcmp(row->name, "help") == 0 ? "-h" : NULL;
}

void help_program(FILE *stream) {
  fputs("Usage: dissensus COMMAND [ARGUMENTS]\n\n", stream);
  text_wrap(stream, help_about, 0, 0, WIDTH);
  fputs("\nCommands:\n", stream);
  for (size_t i = 0; i < cli_n_commands; i++)
    fprintf(stream, "  %-10s %s\n", cli_commands[i].name, cli_commands[i].summary);
  fputs("\nMore: dissensus COMMAND --help, dissensus --version\n", stream);
}

static void option_row(FILE *stream, const cli_option *row) {
  if (row->kind == CLI_HEADING) {
    fprintf(stream, "\n%s:\n", row->help);
    return;
  }
  const char *letter = help_letter(row);
  int used = fprintf(stream, "%*s%s%s--%s%s%s", OPTION_INDENT, "", letter ? letter : "",
                     letter ? ", " : "", row->name, row->argument ? " " : "",
                     row->argument ? row->argument : "");
  if (used + 2 > TEXT_INDENT) {
    fputc('\n', stream);
    used = 0;
  }
  fprintf(stream, "%*s", TEXT_INDENT - used, "");
  text_wrap(stream, row->help, TEXT_INDENT, TEXT_INDENT, WIDTH);
}

/* For programs that complete words: "COMMAND OPERAND", then a line an option. */
static void table_command(FILE *stream, const cli_command *command,
                          const cli_option *const tables[], const size_t n_rows[],
                          size_t n_tables) {
  bool operand = *command->usage != '[';
  fprintf(stream, "%s%s%.*s\n", command->name, operand ? " " : "",
          operand ? (int)strcspn(command->usage, " ") : 0, command->usage);
  for (size_t t = 0; t < n_tables; t++)
    for (size_t i = 0; i < n_rows[t]; i++) {
      const cli_option *row = &tables[t][i];
      if (row->kind == CLI_HEADING) continue;
      const char *argument = row->argument ? row->argument : "", *letter = help_letter(row);
      const char *blank = row->argument ? " " : "";
      if (letter) fprintf(stream, "%s %s%s%s\n", command->name, letter, blank, argument);
      fprintf(stream, "%s --%s%s%s\n", command->name, row->name, blank, argument);
    }
}

static void text_command(FILE *stream, const cli_command *command, const cli_option *const tables[],
                         const size_t n_rows[], size_t n_tables) {
  fprintf(stream, "Usage: dissensus %s ", command->name);
  text_wrap(stream, command->usage, 18 + strlen(command->name), 4, WIDTH);
  fputc('\n', stream);
  text_wrap(stream, command->about, 0, 0, WIDTH);
  for (size_t t = 0; t < n_tables; t++) {
    if (t == n_tables - 1 || (n_rows[t] && tables[t][0].kind != CLI_HEADING))
      fprintf(stream, "\n%s:\n", t == n_tables - 1 ? "Common options" : "Options");
    for (size_t i = 0; i < n_rows[t]; i++)
      option_row(stream, &tables[t][i]);
  }
  fputs("\nExamples:\n", stream);
  for (const char *line = command->examples; *line;) {
    size_t length = strcspn(line, "\n");
    text_example(stream, line, length, 2, WIDTH);
    line += length + (line[length] == '\n');
  }
}

void help_command(FILE *stream, const cli_command *command, const cli_option *const tables[],
                  const size_t n_rows[], size_t n_tables) {
  switch (form) {
  case HELP_TEXT:
    text_command(stream, command, tables, n_rows, n_tables);
    break;
  case HELP_MAN:
    man_command(stream, command, tables, n_rows, n_tables);
    break;
  case HELP_TABLE:
    table_command(stream, command, tables, n_rows, n_tables);
    break;
  }
}
