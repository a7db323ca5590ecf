#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "help.h"
#include "text.h"

/* --- messages ---------------------------------------------------------------------------- */

int cli_fail(const cli_command *command, dss_context *context, dss_status status) {
  const char *text = dss_context_error(context);
  console_error(command->name, "%s", *text ? text : dss_status_name(status));
  return status;
}

int cli_usage(const cli_command *command, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  dss_format_line(text, sizeof text, format, arguments);
  va_end(arguments);
  console_error(command->name, "%s (see dissensus %s --help)", text, command->name);
  return DSS_ERR_USAGE;
}

static int no_memory(const cli_command *command) {
  console_error(command->name, "out of memory");
  return DSS_ERR_MEMORY;
}

/* --- lists ------------------------------------------------------------------------------- */

void cli_list_free(cli_list *list) {
  for (size_t i = 0; i < list->n_owned; i++)
    free(list->owned[i]);
  free(list->owned);
  free(list->items);
  *list = (cli_list){0};
}

static bool list_insert(cli_list *list, size_t at, const char *text) {
  const char **items = realloc(list->items, (list->count + 1) * sizeof *items);
  if (!items) return false;
  list->items = items;
  memmove(items + at + 1, items + at, (list->count - at) * sizeof *items);
  items[at] = text;
  list->count++;
  return true;
}

/* A copy of text that lives as long as the list; NULL when memory is out. */
static const char *list_keep(cli_list *list, const char *text, size_t length) {
  char **owned = realloc(list->owned, (list->n_owned + 1) * sizeof *owned);
  if (!owned) return NULL;
  list->owned = owned;
  char *copy = malloc(length + 1);
  if (!copy) return NULL;
  memcpy(copy, text, length);
  copy[length] = '\0';
  list->owned[list->n_owned++] = copy;
  return copy;
}

/* The parts of text between commas, inserted at *at, which moves on. */
static int insert_parts(const cli_command *command, const cli_option *option, const char *text,
                        size_t *at) {
  cli_list *list = option->target;
  for (const char *part = text;; part++) {
    size_t length = strcspn(part, ",");
    if (length == 0) return cli_usage(command, "--%s: an empty name in '%s'", option->name, text);
    const char *copy = list_keep(list, part, length);
    if (!copy || !list_insert(list, (*at)++, copy)) return no_memory(command);
    part += length;
    if (*part == '\0') return CLI_GO_ON;
  }
}

/* --- values ------------------------------------------------------------------------------ */

static int set_count(const cli_command *command, const cli_option *option, const char *text) {
  bool digits = *text != '\0';
  for (const char *at = text; *at; at++)
    digits = digits && *at >= '0' && *at <= '9';
  if (!digits) return cli_usage(command, "--%s: '%s' is not a whole number", option->name, text);
  errno = 0;
  unsigned long long value = strtoull(text, NULL, 10);
  if (errno == ERANGE || value > UINT64_MAX)
    return cli_usage(command, "--%s: %s is too large", option->name, text);
  *(uint64_t *)option->target = value;
  return CLI_GO_ON;
}

static int set_value(const cli_command *command, const cli_option *option, const char *text) {
  cli_list *list = option->target;
  switch (option->kind) {
  case CLI_FLAG:
    *(bool *)option->target = true;
    return CLI_GO_ON;
  case CLI_TEXT:
    *(const char **)option->target = text;
    return CLI_GO_ON;
  case CLI_LIST:
    return list_insert(list, list->count, text) ? CLI_GO_ON : no_memory(command);
  case CLI_COMMAS:
    return insert_parts(command, option, text, &(size_t){list->count});
  case CLI_COUNT:
    return set_count(command, option, text);
  case CLI_HEADING:
    break;
  }
  return CLI_GO_ON;
}

/* --- the table that getopt_long sees ------------------------------------------------------ */

enum { MAX_COMMON = 6, FIRST_LONG = 256 };

/* A command's rows, then the common ones. */
typedef struct table {
  const cli_option *rows[2];
  size_t n_rows[2];
  cli_option common[MAX_COMMON];
  struct option *longs; /* the value of row i is FIRST_LONG + i */
  const char *shorts;
} table;

static size_t table_size(const table *t) {
  return t->n_rows[0] + t->n_rows[1];
}

static const cli_option *table_row(const table *t, size_t index) {
  return index < t->n_rows[0] ? &t->rows[0][index] : &t->rows[1][index - t->n_rows[0]];
}

typedef struct common_targets {
  cli_common *common;
  const char *log;
  bool help, version;
} common_targets;

static bool table_make(table *t, const cli_option *options, size_t n_options, bool with_output,
                       common_targets *targets) {
  const cli_option rows[MAX_COMMON] = {
      {"help", NULL, CLI_FLAG, &targets->help, "print this help"},
      {"version", NULL, CLI_FLAG, &targets->version, "print the version"},
      {"quiet", NULL, CLI_FLAG, &targets->common->quiet, "print nothing but errors"},
      {"log", "text|timed|json", CLI_TEXT, &targets->log,
       "how messages look on standard error: text (default), timed, behind the time (default in "
       "the log of a Slurm job), or json, an object a line"},
      {"output", "FILE", CLI_TEXT, &targets->common->output, "the file to write"},
      {"force", NULL, CLI_FLAG, &targets->common->force, "replace an output that exists"}};
  *t = (table){.rows = {options, t->common},
               .n_rows = {n_options, with_output ? MAX_COMMON : MAX_COMMON - 2},
               .shorts = with_output ? ":ho:" : ":h"};
  memcpy(t->common, rows, sizeof rows);
  t->longs = calloc(table_size(t) + 1, sizeof *t->longs);
  if (!t->longs) return false;
  size_t used = 0;
  for (size_t i = 0; i < table_size(t); i++) {
    const cli_option *row = table_row(t, i);
    if (row->kind == CLI_HEADING) continue;
    t->longs[used++] = (struct option){row->name, row->argument ? required_argument : no_argument,
                                       NULL, FIRST_LONG + (int)i};
  }
  return true;
}

static const cli_option *find_row(const table *t, const char *name, size_t length) {
  for (size_t i = 0; i < table_size(t); i++) {
    const cli_option *row = table_row(t, i);
    if (row->name && strlen(row->name) == length && memcmp(row->name, name, length) == 0)
      return row;
  }
  return NULL;
}

/* getopt's code to its row; NULL for '?' and ':'. */
static const cli_option *row_of(const table *t, int code) {
  if (code >= FIRST_LONG) return table_row(t, (size_t)(code - FIRST_LONG));
  return code == 'o' ? find_row(t, "output", 6) : code == 'h' ? find_row(t, "help", 4) : NULL;
}

static int unknown_option(const cli_command *command, const table *t, const char *given) {
  const char *name = given + strspn(given, "-");
  size_t length = strcspn(name, "=");
  char plain[64];
  snprintf(plain, sizeof plain, "%.*s", (int)(length < 63 ? length : 63), name);
  const char *nearest = NULL;
  unsigned prefixes = 0;
  for (size_t i = 0; i < table_size(t); i++) {
    const char *candidate = table_row(t, i)->name;
    if (!candidate) continue;
    prefixes += strncmp(candidate, plain, strlen(plain)) == 0;
    if (text_is_near(plain, candidate) &&
        (!nearest || text_distance(plain, candidate) < text_distance(plain, nearest)))
      nearest = candidate;
  }
  if (prefixes > 1) return cli_usage(command, "--%s could be several options", plain);
  if (nearest) return cli_usage(command, "unknown option --%s; did you mean --%s?", plain, nearest);
  return cli_usage(command, "unknown option --%s", plain);
}

/* What getopt_long refused: an option without its argument, with one too many, or unknown. */
static int refuse_option(const cli_command *command, const table *t, int code, char **argv) {
  const cli_option *row = row_of(t, optopt);
  if (code == ':' && row) return cli_usage(command, "--%s needs %s", row->name, row->argument);
  if (row) return cli_usage(command, "--%s takes no argument", row->name);
  if (optopt != 0) return cli_usage(command, "unknown option -%c", optopt);
  return unknown_option(command, t, argv[optind - 1]);
}

/* --- parsing ----------------------------------------------------------------------------- */

static int parse_options(const cli_command *command, const table *t, int argc, char **argv) {
  int code;
  opterr = 0;
  optind = 0; /* starts over, wherever an earlier scan ended */
  while ((code = getopt_long(argc, argv, t->shorts, t->longs, NULL)) != -1) {
    if (code == '?' || code == ':') return refuse_option(command, t, code, argv);
    int result = set_value(command, row_of(t, code), optarg);
    if (result != CLI_GO_ON) return result;
  }
  return CLI_GO_ON;
}

static int parse_style(const cli_command *command, const char *text, console_style *style) {
  static const struct {
    const char *name;
    console_style style;
  } styles[] = {{"text", CONSOLE_PLAIN}, {"timed", CONSOLE_TIMED}, {"json", CONSOLE_JSON}};
  for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
    if (strcmp(text, styles[i].name) == 0) {
      *style = styles[i].style;
      return CLI_GO_ON;
    }
  return cli_usage(command, "--log: '%s' is not text, timed or json", text);
}

/* An error among the options is one of the lines that --log is about. */
static void heed_log_early(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    const char *style = "";
    if (strncmp(argv[i], "--log=", 6) == 0) style = argv[i] + 6;
    if (strcmp(argv[i], "--log") == 0 && i + 1 < argc) style = argv[i + 1];
    if (strcmp(style, "json") == 0) console_set(CONSOLE_JSON, false);
  }
}

static int set_up_console(const cli_command *command, const common_targets *targets) {
  console_style style = console_default();
  int result = targets->log ? parse_style(command, targets->log, &style) : CLI_GO_ON;
  if (result != CLI_GO_ON) return result;
  console_set(style, targets->common->quiet);
  cli_common *common = targets->common;
  common->context = dss_context_new();
  if (!common->context) return no_memory(command);
  dss_context_set_log(common->context, console_log, NULL);
  dss_context_set_progress(common->context, console_progress, NULL);
  return CLI_GO_ON;
}

static int parse(const cli_command *command, const table *t, common_targets *targets, int argc,
                 char **argv, cli_list *operands) {
  heed_log_early(argc, argv);
  int result = parse_options(command, t, argc, argv);
  if (result != CLI_GO_ON) return result;
  if (targets->help) {
    help_command(stdout, command, t->rows, t->n_rows, 2);
    return DSS_OK;
  }
  if (targets->version) {
    help_version(stdout);
    return DSS_OK;
  }
  for (int i = optind; i < argc; i++)
    if (!list_insert(operands, operands->count, argv[i])) return no_memory(command);
  return set_up_console(command, targets);
}

static void free_lists(const cli_option *options, size_t n_options) {
  for (size_t i = 0; i < n_options; i++)
    if (options[i].kind == CLI_LIST || options[i].kind == CLI_COMMAS)
      cli_list_free(options[i].target);
}

int cli_parse(const cli_command *command, const cli_option *options, size_t n_options,
              bool with_output, int argc, char **argv, cli_common *common, cli_list *operands) {
  *common = (cli_common){0};
  *operands = (cli_list){0};
  common_targets targets = {.common = common};
  table t;
  int result;
  if (!table_make(&t, options, n_options, with_output, &targets))
    result = no_memory(command);
  else
    result = parse(command, &t, &targets, argc, argv, operands);
  free(t.longs);
  if (result == CLI_GO_ON) return result;
  free_lists(options, n_options);
  cli_list_free(operands);
  cli_common_free(common);
  return result;
}

void cli_common_free(cli_common *common) {
  dss_context_free(common->context);
  cli_list_free(&common->texts);
  common->context = NULL;
}

/* --- options from a text ----------------------------------------------------------------- */

/* One line as "name" and "argument", both trimmed and NUL-terminated in place; false: empty. */
static bool split_line(char *line, char **name, char **argument) {
  for (char *at = line; *at; at++)
    if (*at == '#' && (at == line || isspace((unsigned char)at[-1]))) *at = '\0';
  char *end = line + strlen(line);
  while (end > line && isspace((unsigned char)end[-1]))
    *--end = '\0';
  *name = line + strspn(line, " \t");
  char *after = *name + strcspn(*name, "= \t");
  char separator = *after;
  if (separator) *after++ = '\0';
  if (separator != '=') {
    after += strspn(after, " \t");
    if (*after == '=') after++;
  }
  *argument = after + strspn(after, " \t");
  return **name != '\0';
}

/* *at: where the option's next list item belongs. */
static int apply_line(const cli_command *command, cli_common *common, const cli_option *option,
                      const char *argument, size_t *at) {
  cli_list *list = option->kind == CLI_TEXT ? &common->texts : option->target;
  const char *copy;
  switch (option->kind) {
  case CLI_FLAG:
    *(bool *)option->target = true;
    return CLI_GO_ON;
  case CLI_COMMAS:
    return insert_parts(command, option, argument, at);
  case CLI_TEXT:
    if (*(const char **)option->target) return CLI_GO_ON;
    copy = list_keep(list, argument, strlen(argument));
    *(const char **)option->target = copy;
    return copy ? CLI_GO_ON : no_memory(command);
  case CLI_LIST:
    copy = list_keep(list, argument, strlen(argument));
    return copy && list_insert(list, (*at)++, copy) ? CLI_GO_ON : no_memory(command);
  case CLI_COUNT:
  case CLI_HEADING:
    break;
  }
  return cli_usage(command, "--%s cannot stand in a preset", option->name);
}

static size_t find_option(const cli_option *options, size_t n_options, const char *name) {
  for (size_t i = 0; i < n_options; i++)
    if (options[i].name && strcmp(options[i].name, name) == 0) return i;
  return n_options;
}

static int apply_lines(const cli_command *command, cli_common *common, const cli_option *options,
                       size_t n_options, const char *source, char *text, size_t *positions) {
  unsigned number = 0;
  for (char *line = text, *next; line; line = next) {
    next = strchr(line, '\n');
    if (next) *next++ = '\0';
    number++;
    char *name, *argument;
    if (!split_line(line, &name, &argument)) continue;
    size_t i = find_option(options, n_options, name);
    if (i == n_options) {
      console_error(command->name, "%s, line %u: unknown option '%s'", source, number, name);
      return DSS_ERR_USAGE;
    }
    if ((options[i].argument != NULL) != (*argument != '\0')) {
      console_error(command->name, "%s, line %u: '%s' %s", source, number, name,
                    *argument ? "takes no argument" : "needs an argument");
      return DSS_ERR_USAGE;
    }
    int result = apply_line(command, common, &options[i], argument, &positions[i]);
    if (result != CLI_GO_ON) return result;
  }
  return CLI_GO_ON;
}

int cli_apply_text(const cli_command *command, cli_common *common, const cli_option *options,
                   size_t n_options, const char *source, const char *text) {
  char *copy = strdup(text);
  size_t *positions = calloc(n_options + 1, sizeof *positions);
  int result = copy && positions
                   ? apply_lines(command, common, options, n_options, source, copy, positions)
                   : no_memory(command);
  free(copy);
  free(positions);
  return result;
}

/* --- what commands check alike ------------------------------------------------------------- */

int cli_one_operand(const cli_command *command, const cli_list *operands, const char *name,
                    const char **value) {
  if (operands->count == 0) return cli_usage(command, "%s is missing", name);
  if (operands->count > 1)
    return cli_usage(command, "one %s expected, but there is also '%s'", name, operands->items[1]);
  if (*operands->items[0] == '\0') return cli_usage(command, "%s is empty", name);
  *value = operands->items[0];
  return CLI_GO_ON;
}

/* --- the command line, for provenance ----------------------------------------------------- */

static bool listed(const char *const *names, size_t n_names, const char *name) {
  for (size_t i = 0; i < n_names; i++)
    if (strcmp(names[i], name) == 0) return true;
  return false;
}

/* getopt_long has seen these arguments before: they are in order, operands last. */
static void write_options(FILE *stream, const table *t, int argc, char **argv,
                          const char *const *leave_out, size_t n_leave_out) {
  int code;
  opterr = 0;
  optind = 0;
  while ((code = getopt_long(argc, argv, t->shorts, t->longs, NULL)) != -1) {
    const cli_option *row = row_of(t, code);
    bool common = row && row >= t->common && row < t->common + MAX_COMMON;
    if (!row || common || listed(leave_out, n_leave_out, row->name)) continue;
    fprintf(stream, " --%s", row->name);
    if (!row->argument) continue;
    /* Attached where the argument itself could be taken for an option. */
    fputc(*optarg == '-' && optarg[1] ? '=' : ' ', stream);
    text_quote(stream, optarg);
  }
}

static void write_operands(FILE *stream, int argc, char **argv) {
  for (int i = optind; i < argc; i++) {
    fputc(' ', stream);
    if (argv[i][0] == '-' && argv[i][1]) fputs("./", stream);
    text_quote(stream, argv[i]);
  }
}

char *cli_command_line(const cli_command *command, const cli_option *options, size_t n_options,
                       int argc, char **argv, const char *const *leave_out, size_t n_leave_out) {
  cli_common ignored = {0};
  common_targets targets = {.common = &ignored};
  table t;
  char *line = NULL, *tail = NULL;
  size_t length = 0, tail_length = 0;
  FILE *stream = NULL, *options_stream = NULL;
  bool made = table_make(&t, options, n_options, true, &targets);
  if (made) options_stream = open_memstream(&tail, &tail_length);
  if (options_stream) {
    write_options(options_stream, &t, argc, argv, leave_out, n_leave_out);
    made = fclose(options_stream) == 0;
    stream = open_memstream(&line, &length);
  }
  free(t.longs);
  if (stream) {
    fprintf(stream, "dissensus %s", command->name);
    write_operands(stream, argc, argv);
    fputs(made ? tail : "", stream);
    made = fclose(stream) == 0 && made;
  }
  free(tail);
  if (stream && made) return line;
  free(line);
  return NULL;
}
