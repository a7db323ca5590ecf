/* Options of a command as a table: parsing (getopt_long) and --help come from the same rows. */
#ifndef DSS_CLI_OPTIONS_H
#define DSS_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissensus/dissensus.h"

typedef enum cli_kind {
  CLI_FLAG,   /* bool *: set true */
  CLI_TEXT,   /* const char **: the last one given counts */
  CLI_LIST,   /* cli_list *: each one given is added, whole */
  CLI_COMMAS, /* cli_list *: each one given is split at commas and added */
  CLI_COUNT,  /* uint64_t *: a whole number, digits only */
  CLI_HEADING /* no option: help is the heading of the rows below it in --help */
} cli_kind;

typedef struct cli_list {
  const char **items;
  size_t count;
  char **owned; /* split copies, freed with the list */
  size_t n_owned;
} cli_list;

typedef struct cli_option {
  const char *name;     /* without dashes; NULL for headings */
  const char *argument; /* its name in --help; NULL for flags */
  cli_kind kind;
  void *target;
  const char *help; /* a sentence or several, wrapped by the writer */
} cli_option;

typedef struct cli_command {
  const char *name;
  const char *usage;    /* after "dissensus NAME ", e.g. "STUDY -o RESULTS [options]" */
  const char *summary;  /* one line */
  const char *about;    /* paragraphs under the usage in --help, wrapped by the writer */
  const char *examples; /* whole commands, one a line */
  int (*run)(const struct cli_command *command, int argc, char **argv);
} cli_command;

/* What every command shares: the context with its log and progress on standard error. */
typedef struct cli_common {
  dss_context *context;
  bool quiet;
  const char *output; /* -o, --output; NULL when not given */
  bool force;
  cli_list texts; /* owns what cli_apply_text gave to CLI_TEXT options */
} cli_common;

enum { CLI_GO_ON = -1 };

/* Parses argv[1..] by `options` (n of them) plus --help, --version, --quiet, --log FORMAT, and,
 * when with_output, -o/--output FILE and --force. Fills *common, whose context is new, and the
 * operands (pointers into argv, whose order may change). Returns CLI_GO_ON, or the exit status to
 * return at once; then everything it made, the options' lists included, is freed already. */
int cli_parse(const cli_command *command, const cli_option *options, size_t n_options,
              bool with_output, int argc, char **argv, cli_common *common, cli_list *operands);

/* Reads more options, as if they stood before the command line's own; for presets. A line holds a
 * long option without its dashes, then '=' or blanks, then its argument up to the line's end; a '#'
 * at the start or after a blank begins a comment. Texts already set are kept, lists are put before
 * what is there; counts are refused. source names the text in messages. CLI_GO_ON or an exit
 * status, the message printed. */
int cli_apply_text(const cli_command *command, cli_common *common, const cli_option *options,
                   size_t n_options, const char *source, const char *text);

/* *value becomes the one operand there must be, called name in messages. CLI_GO_ON or 2. */
int cli_one_operand(const cli_command *command, const cli_list *operands, const char *name,
                    const char **value);

/* Refuses, before any work is done, an output that is missing, "-", one of the inputs (a usage
 * error, even with --force), there already (unless --force) or in a folder that cannot be written.
 * inputs: paths of files the command reads; NULLs are passed over. The final word is that of the
 * atomic save. CLI_GO_ON or an exit status. */
int cli_check_output(const cli_command *command, const cli_common *common, const char *name,
                     const char *const *inputs, size_t n_inputs);

/* The same of another output, that of an option ("--truth"), which may not be the file of -o
 * either. */
int cli_check_second_output(const cli_command *command, const cli_common *common,
                            const char *option, const char *path, const char *const *inputs,
                            size_t n_inputs);

/* Whether two paths, of which neither need lead to a file yet, are of one file. */
bool cli_same_place(const char *a, const char *b);

/* Prints "dissensus COMMAND: text" for the context's error; returns the exit status. */
int cli_fail(const cli_command *command, dss_context *context, dss_status status);
/* The same for a usage error found by a command itself. */
DSS_PRINTF(2, 3) int cli_usage(const cli_command *command, const char *format, ...);

/* The command line for provenance: "dissensus COMMAND", operands, then options in their order, all
 * quoted for a shell; without the options in `leave_out` (names without dashes) and the common
 * ones, which leave no trace in results. NULL when memory is out. The caller frees it. */
char *cli_command_line(const cli_command *command, const cli_option *options, size_t n_options,
                       int argc, char **argv, const char *const *leave_out, size_t n_leave_out);

void cli_list_free(cli_list *list);
void cli_common_free(cli_common *common);

extern const cli_command cli_commands[];
extern const size_t cli_n_commands;

int cmd_import(const cli_command *command, int argc, char **argv);
int cmd_info(const cli_command *command, int argc, char **argv);
int cmd_gai(const cli_command *command, int argc, char **argv);
int cmd_devices(const cli_command *command, int argc, char **argv);
int cmd_merge(const cli_command *command, int argc, char **argv);
int cmd_pairs(const cli_command *command, int argc, char **argv);
int cmd_severity(const cli_command *command, int argc, char **argv);
int cmd_response(const cli_command *command, int argc, char **argv);
int cmd_classify(const cli_command *command, int argc, char **argv);
int cmd_steer(const cli_command *command, int argc, char **argv);
int cmd_report(const cli_command *command, int argc, char **argv);
int cmd_power(const cli_command *command, int argc, char **argv);
int cmd_simulate(const cli_command *command, int argc, char **argv);
int cmd_slurm(const cli_command *command, int argc, char **argv);
int cmd_selftest(const cli_command *command, int argc, char **argv);

#endif
