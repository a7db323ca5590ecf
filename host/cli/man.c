#include "man.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "help.h"
#include "text.h"

enum { FILL = 78, EXAMPLE_WIDTH = 66 };

typedef struct row {
  const char *name, *text;
  const char *commands; /* those whose page has it, between blanks; NULL: all */
} row;

static const row statuses[] = {
    {"0", "done", NULL},
    {"2", "usage: an unknown command, option or name, or options that do not go together", NULL},
    {"3", "input data that cannot be used", NULL},
    {"4", "a file or the disk: cannot be opened, read or written, or the output exists", NULL},
    {"5", "a GPU, or an instruction set asked for, is absent or failed", NULL},
    {"6", "out of memory, or more than the budget allows", NULL},
    {"70", "a defect in dissensus, as when a check of `dissensus selftest` fails", NULL},
    {"75", "interrupted, with a checkpoint written", NULL},
};

/* Every variable that the command, the library, OpenMP or CUDA reads and a user may want to set. */
static const row variables[] = {
    {"CUDA_VISIBLE_DEVICES", "the GPUs that the process sees, as the CUDA runtime has it",
     " gai pairs devices info selftest "},
    {"DSS_CPU",
     "the instruction set of the cpu backend: avx512, avx2 or portable. One that the machine lacks "
     "is refused. Results are the same with each",
     " gai slurm info selftest "},
    {"DSS_CUDA",
     "lists, products or general: by which of its methods the cuda backend computes every question "
     "that this one can serve. Results are the same with each; for tests and measurements",
     " gai "},
    {"HDF5_USE_FILE_LOCKING",
     "FALSE: HDF5 does not lock the files it opens, for file systems that refuse locks", NULL},
    {"LC_ALL, LC_CTYPE, LANG",
     "the first that is set says whether a table on standard output may be UTF-8", " report "},
    {"NO_COLOR", "set and not empty: no colours on a terminal", " report "},
    {"OMP_NUM_THREADS, OMP_PROC_BIND, OMP_PLACES",
     "as OpenMP has them: the number of threads where --threads is not given, and where they run",
     " gai pairs selftest "},
    {"SLURM_CPUS_PER_TASK",
     "set by Slurm: no more threads than this where neither --threads nor OMP_NUM_THREADS says how "
     "many",
     " gai pairs slurm selftest "},
    {"SLURM_JOB_ID",
     "set by Slurm: lines on standard error carry the time, unless it is a terminal or --log is "
     "given",
     NULL},
    {"SOURCE_DATE_EPOCH",
     "seconds since 1970: the time to write in files in place of now, so that the same run gives "
     "the same bytes",
     " import gai pairs "},
    {"TERM", "dumb, or not set: no colours, and no line of progress", NULL},
};

/* --- words ------------------------------------------------------------------------------- */

/* One character for roff; `literal`: a minus that can be copied, not a hyphen. */
static void put(FILE *stream, char c, bool literal) {
  if (c == '\\')
    fputs("\\e", stream);
  else if (c == '-' && literal)
    fputs("\\-", stream);
  else if (c == '\'' && literal)
    fputs("\\(aq", stream);
  else
    fputc(c, stream);
}

static void put_literal(FILE *stream, const char *text) {
  for (; *text; text++)
    put(stream, *text, true);
}

/* What one types is bold, what stands for something (capitals, "options") is italic. */
static void put_usage(FILE *stream, const char *text) {
  while (*text) {
    size_t capitals = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (strncmp(text, "options", 7) == 0) capitals = 7;
    size_t typed = strspn(text, "abcdefghijklmnopqrstuvwxyz-");
    size_t length = capitals ? capitals : typed ? typed : 1;
    fputs(capitals ? "\\fI" : typed ? "\\fB" : "", stream);
    for (size_t i = 0; i < length; i++)
      put(stream, text[i], true);
    fputs(capitals || typed ? "\\fR" : "", stream);
    text += length;
  }
}

/* A word of prose: an option in it is bold, and so is what stands between backticks (*code). */
static void put_word(FILE *stream, const char *word, size_t length, bool *code) {
  bool option = false, dash = length == 1; /* alone: a minus */
  for (size_t i = 0; i < length; i++) {
    char c = word[i];
    if (option && !isalnum((unsigned char)c) && c != '-') {
      fputs("\\fR", stream);
      option = false;
    }
    if (c == '`') {
      *code = !*code;
      fputs(*code ? "\\fB\\%" : "\\fR", stream); /* \% keeps the word whole */
      continue;
    }
    bool first = i == 0 || !isalnum((unsigned char)word[i - 1]);
    if (!*code && !option && first && c == '-' && i + 1 < length && word[i + 1] != ' ' &&
        !isdigit((unsigned char)word[i + 1])) {
      fputs("\\fB", stream);
      option = true;
    }
    if (i == 0 && *code) fputs("\\%", stream);
    if (i == 0 && (c == '.' || c == '\'')) fputs("\\&", stream);
    put(stream, c, *code || option || dash);
  }
  if (option) fputs("\\fR", stream);
}

/* Filled lines, each sentence beginning one of its own. */
static void put_prose(FILE *stream, const char *text) {
  size_t column = 0;
  bool code = false, ended = false;
  while (*text) {
    size_t length = strcspn(text, " \n");
    if (column > 0 && (ended || column + 1 + length > FILL)) {
      fputc('\n', stream);
      column = 0;
    }
    if (column > 0) fputc(' ', stream);
    put_word(stream, text, length, &code);
    column += length + 1;
    ended = length && strchr(".?!", text[length - 1]) && !(length > 2 && text[length - 2] == '.');
    if (text[length] == '\n') {
      fputs("\n.PP", stream);
      ended = true;
    }
    text += length;
    text += strspn(text, " \n");
  }
  fputc('\n', stream);
}

/* --- parts of pages ---------------------------------------------------------------------- */

/* .TH, with the time of SOURCE_DATE_EPOCH or now, and NAME. */
static void head(FILE *stream, const char *command, const char *summary) {
  const char *fixed = getenv("SOURCE_DATE_EPOCH");
  time_t now = fixed && *fixed ? (time_t)strtoll(fixed, NULL, 10) : time(NULL);
  struct tm day;
  char date[16] = "";
  if (gmtime_r(&now, &day)) strftime(date, sizeof date, "%Y-%m-%d", &day);
  fputs(".TH DISSENSUS", stream);
  if (command) fputs("\\-", stream);
  for (const char *at = command ? command : ""; *at; at++)
    put(stream, (char)toupper((unsigned char)*at), true);
  fprintf(stream, " 1 \"%s\" \"dissensus %s\" \"dissensus manual\"\n", date, dss_version());
  fputs(".ad l\n.SH NAME\ndissensus", stream);
  if (command) {
    fputs("\\-", stream);
    put_literal(stream, command);
  }
  fputs(" \\- ", stream);
  put_prose(stream, summary);
}

/* Starts a paragraph with a hanging tag. */
static void tag(FILE *stream, const char *name) {
  fputs(".TP\n\\fB", stream);
  put_literal(stream, name);
  fputs("\\fR\n", stream);
}

/* A section of the rows that belong on the command's page; NULL: on the program's. */
static void section(FILE *stream, const char *title, const row *rows, size_t n,
                    const char *command) {
  char name[40];
  bool begun = false;
  snprintf(name, sizeof name, " %s ", command ? command : "");
  for (size_t i = 0; i < n; i++) {
    if (command && rows[i].commands && !strstr(rows[i].commands, name)) continue;
    if (!begun) fprintf(stream, ".SH %s\n", title);
    begun = true;
    tag(stream, rows[i].name);
    put_prose(stream, rows[i].text);
  }
}

/* At most `limit` of a command's examples. */
static void examples(FILE *stream, const cli_command *command, size_t limit) {
  for (const char *line = command->examples; *line && limit; limit--) {
    char *text = NULL;
    size_t length = strcspn(line, "\n"), size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (memory) {
      text_example(memory, line, length, 0, EXAMPLE_WIDTH);
      if (fclose(memory) == 0) put_literal(stream, text);
      free(text);
    }
    line += length + (line[length] == '\n');
  }
}

static void option(FILE *stream, const cli_option *option_row) {
  const char *letter = help_letter(option_row);
  fputs(".TP\n\\fB", stream);
  if (letter) {
    put_literal(stream, letter);
    fputs("\\fR, \\fB", stream);
  }
  fputs("\\-\\-", stream);
  put_literal(stream, option_row->name);
  fputs("\\fR", stream);
  if (option_row->argument) {
    fputc(' ', stream);
    put_usage(stream, option_row->argument);
  }
  fputc('\n', stream);
  put_prose(stream, option_row->help);
}

static void tail(FILE *stream, const char *command) {
  section(stream, "EXIT STATUS", statuses, sizeof statuses / sizeof *statuses, command);
  section(stream, "ENVIRONMENT", variables, sizeof variables / sizeof *variables, command);
  fputs(".SH FILES\n", stream);
  put_prose(stream, "Studies, results and matrices of pairs are HDF5 files, each written whole or "
                    "not at all; `docs/file-format.md` says what is in them.");
  fputs(".SH SEE ALSO\n", stream);
  if (command) fputs(".BR dissensus (1)", stream);
  for (size_t i = 0; i < cli_n_commands; i++) {
    if (command && strcmp(cli_commands[i].name, command) == 0) continue;
    fputs(command || i ? ",\n.BR \\%dissensus\\-" : ".BR \\%dissensus\\-", stream);
    put_literal(stream, cli_commands[i].name);
    fputs(" (1)", stream);
  }
  fputs("\n.PP\n", stream);
  put_prose(stream, "What each number means, and from which paper it comes: `docs/statistics.md`. "
                    "These pages stand where the package keeps its documentation, usually "
                    "`share/doc/dissensus`.");
}

/* --- pages ------------------------------------------------------------------------------- */

void man_program(FILE *stream) {
  head(stream, NULL, "which groups of raters disagree, and whether it is more than chance");
  fputs(".SH SYNOPSIS\n.B dissensus\n", stream);
  put_usage(stream, "COMMAND [ARGUMENTS]");
  fputs("\n.br\n.B dissensus help\n", stream);
  put_usage(stream, "[--man] [COMMAND]");
  fputs("\n.br\n.B dissensus \\-\\-help\n|\n.B \\-\\-version\n.SH DESCRIPTION\n", stream);
  put_prose(stream, help_about);
  fputs(".PP\n", stream);
  put_prose(stream, "With --man, help is a page such as this one, for `man -l`.");
  fputs(".SH COMMANDS\n", stream);
  for (size_t i = 0; i < cli_n_commands; i++) {
    fputs(".TP\n.BR dissensus\\-", stream);
    put_literal(stream, cli_commands[i].name);
    fputs(" (1)\n", stream);
    put_prose(stream, cli_commands[i].summary);
  }
  fputs(".SH EXAMPLES\nThe first example of each command's page:\n.PP\n.EX\n", stream);
  for (size_t i = 0; i < cli_n_commands; i++)
    examples(stream, &cli_commands[i], 1);
  fputs(".EE\n", stream);
  tail(stream, NULL);
}

void man_command(FILE *stream, const cli_command *command, const cli_option *const tables[],
                 const size_t n_rows[], size_t n_tables) {
  head(stream, command->name, command->summary);
  fputs(".SH SYNOPSIS\n.B dissensus ", stream);
  put_literal(stream, command->name);
  fputc('\n', stream);
  put_usage(stream, command->usage);
  fputs("\n.SH DESCRIPTION\n", stream);
  put_prose(stream, command->about);
  fputs(".SH OPTIONS\n", stream);
  for (size_t t = 0; t < n_tables; t++) {
    if (t == n_tables - 1) fputs(".SS Common options\n", stream);
    for (size_t i = 0; i < n_rows[t]; i++)
      if (tables[t][i].kind == CLI_HEADING)
        fprintf(stream, ".SS %s\n", tables[t][i].help);
      else
        option(stream, &tables[t][i]);
  }
  fputs(".SH EXAMPLES\n.EX\n", stream);
  examples(stream, command, SIZE_MAX);
  fputs(".EE\n", stream);
  tail(stream, command->name);
}
