/* dissensus report: results as text, on standard output or in a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "options.h"

/* By the variables themselves: a locale that is named but not installed still tells what the
 * terminal understands. */
static bool locale_is_utf8(void) {
  static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
    const char *value = getenv(variables[i]);
    if (!value || *value == '\0') continue;
    const char *codeset = strchr(value, '.');
    return codeset &&
           (strncasecmp(codeset, ".utf-8", 6) == 0 || strncasecmp(codeset, ".utf8", 5) == 0);
  }
  return false;
}

/* What the reader of standard output can show. */
static void suit_terminal(dss_report_options *options) {
  const char *terminal = getenv("TERM"), *no_color = getenv("NO_COLOR");
  options->unicode = locale_is_utf8();
  options->color = isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0 &&
                   !(no_color && *no_color);
}

static dss_status show(const cli_common *common, const char *path,
                       const dss_report_options *options) {
  dss_results *results = NULL;
  dss_status status = dss_results_open(common->context, path, &results);
  if (status != DSS_OK) return status;
  if (common->output)
    status = dss_report_save(common->context, results, options, common->output, common->force);
  else
    status = dss_report_write(common->context, results, options, stdout);
  dss_results_free(results);
  return status;
}

static int run(const cli_command *command, const char *format, cli_common *common,
               const cli_list *operands) {
  const char *path = NULL;
  dss_report_options options;
  dss_report_options_init(&options);
  int result = cli_one_operand(command, operands, "RESULTS", &path);
  if (result != CLI_GO_ON) return result;
  if (format && !dss_report_format_parse(format, &options.format))
    return cli_usage(command, "--format: '%s' is not table, csv, json, markdown, latex or html",
                     format);
  if (common->output && strcmp(common->output, "-") == 0) common->output = NULL;
  if (common->output) {
    options.unicode = true; /* files are UTF-8 */
    result = cli_check_output(command, common, "FILE", &path, 1);
    if (result != CLI_GO_ON) return result;
  } else {
    suit_terminal(&options);
  }
  dss_status status = show(common, path, &options);
  return status == DSS_OK ? DSS_OK : cli_fail(command, common->context, status);
}

int cmd_report(const cli_command *command, int argc, char **argv) {
  const char *format = NULL;
  const cli_option options[] = {
      {"format", "table|csv|json|markdown|latex|html", CLI_TEXT, &format,
       "table (default), csv (tidy, a row a statistic), json "
       "(everything, with details and histograms), markdown, latex, or html (one "
       "page for a browser: what was found in words, the table to sort "
       "and filter, methods; opens without a network)"}};
  cli_common common;
  cli_list operands;
  int result = cli_parse(command, options, sizeof options / sizeof *options, true, argc, argv,
                         &common, &operands);
  if (result != CLI_GO_ON) return result;
  result = run(command, format, &common, &operands);
  cli_list_free(&operands);
  cli_common_free(&common);
  return result;
}
