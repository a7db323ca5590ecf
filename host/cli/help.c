#include "help.h"

#include <string.h>

#include "text.h"

enum { WIDTH = 79, OPTION_INDENT = 2, TEXT_INDENT = 26, EXAMPLE_INDENT = 4 };

void help_version(FILE *stream) {
  fprintf(stream, "dissensus %s\n", dss_version());
}

void help_program(FILE *stream) {
  fputs("Usage: dissensus COMMAND [ARGUMENTS]\n\n", stream);
  text_wrap(stream,
            "Which groups of raters agree among themselves more, or less, than with everyone else, "
            "and is it more than chance? Import a table of ratings, compute the statistics, read "
            "the report.",
            0, 0, WIDTH);
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
  const char *name = row->name;
  const char *letter = strcmp(name, "output") == 0 ? "-o, "
                       : strcmp(name, "help") == 0 ? "-h, "
                                                   : "";
  int used = fprintf(stream, "%*s%s--%s%s%s", OPTION_INDENT, "", letter, name,
                     row->argument ? " " : "", row->argument ? row->argument : "");
  if (used + 2 > TEXT_INDENT) {
    fputc('\n', stream);
    used = 0;
  }
  fprintf(stream, "%*s", TEXT_INDENT - used, "");
  text_wrap(stream, row->help, TEXT_INDENT, TEXT_INDENT, WIDTH);
}

/* Long examples go on behind a backslash, as one would type them. */
static void example(FILE *stream, const char *text, size_t length) {
  size_t column = 2;
  fputs("  ", stream);
  while (length) {
    size_t word = 0;
    while (word < length && text[word] != ' ')
      word++;
    if (column + word + 3 > WIDTH && column > EXAMPLE_INDENT) {
      fprintf(stream, " \\\n%*s", EXAMPLE_INDENT, "");
      column = EXAMPLE_INDENT;
    } else if (column > EXAMPLE_INDENT) {
      fputc(' ', stream);
      column++;
    }
    fprintf(stream, "%.*s", (int)word, text);
    column += word;
    text += word;
    length -= word;
    while (length && *text == ' ') {
      text++;
      length--;
    }
  }
  fputc('\n', stream);
}

void help_command(FILE *stream, const cli_command *command, const cli_option *const tables[],
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
    example(stream, line, length);
    line += length + (line[length] == '\n');
  }
}
