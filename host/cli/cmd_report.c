/* dissensus report: results as text, on standard output or in a file, and as figures. */
#include <stdio.h>
#include <string.h>

#include "console.h"
#include "figures.h"
#include "terminal.h"

/* What is asked for, in words and checked. */
typedef struct report_words {
  const char *format;
  cli_figures figures;
  dss_report_options options;
} report_words;

/* Figures alone, where nothing else was asked for. */
static bool wants_text(const cli_common *common, const report_words *words) {
  return words->format || common->output || !words->figures.folder;
}

static dss_status show_results(const cli_common *common, const dss_results *results,
                               const report_words *words) {
  dss_status status = DSS_OK;
  if (words->figures.folder) status = cli_figures_of_results(common, results, &words->figures);
  if (status != DSS_OK || !wants_text(common, words)) return status;
  if (common->output)
    return dss_report_save(common->context, results, &words->options, common->output,
                           common->force);
  return dss_report_write(common->context, results, &words->options, stdout);
}

/* What `dissensus pairs` printed, and figures. */
static int show_pairs(const cli_command *command, const cli_common *common, dss_pairs *pairs,
                      const report_words *words) {
  dss_pairs_format format = DSS_PAIRS_TABLE;
  dss_status status = DSS_OK;
  if (words->format && !dss_pairs_format_parse(words->format, &format))
    return cli_usage(command, "--format: of pairs there is no %s; table, csv or json",
                     words->format);
  if (common->output)
    return cli_usage(command, "of pairs the report goes to standard output, not to a file");
  if (words->figures.folder) status = cli_figures_of_pairs(common, pairs, &words->figures);
  if (status == DSS_OK && wants_text(common, words))
    status = dss_pairs_report(common->context, pairs, format, stdout);
  return status == DSS_OK ? DSS_OK : cli_fail(command, common->context, status);
}

static dss_status write_evaluation(const cli_common *common, const dss_evaluation *evaluation,
                                   const report_words *words) {
  if (common->output)
    return dss_evaluation_report_save(common->context, evaluation, &words->options, common->output,
                                      common->force);
  return dss_evaluation_report(common->context, evaluation, &words->options, stdout);
}

static int show_evaluation(const cli_command *command, const cli_common *common, const char *path,
                           const report_words *words) {
  dss_evaluation *evaluation = NULL;
  dss_status status = dss_evaluation_open(common->context, path, &evaluation);
  if (status == DSS_OK && words->figures.folder)
    status = cli_figures_of_evaluation(common, evaluation, &words->figures);
  if (status == DSS_OK && wants_text(common, words))
    status = write_evaluation(common, evaluation, words);
  dss_evaluation_free(evaluation);
  return status == DSS_OK ? DSS_OK : cli_fail(command, common->context, status);
}

/* Text from its first byte on, as ratings in CSV are, and what `dissensus power` writes. */
static bool is_text(const char *path) {
  unsigned char bytes[512];
  FILE *file = fopen(path, "rb");
  size_t n = file ? fread(bytes, 1, sizeof bytes, file) : 0;
  if (file) fclose(file);
  for (size_t i = 0; i < n; i++)
    if (bytes[i] == 0 || (bytes[i] < 0x20 && !strchr("\t\n\r\f", bytes[i]))) return false;
  return n > 0;
}

/* A file that is no results, pairs or evaluation: what is wrong with it as results, or that it is
 * text. */
static int refuse(const cli_command *command, const cli_common *common, const char *path) {
  dss_results *results = NULL;
  dss_status status = dss_results_open(common->context, path, &results);
  dss_results_free(results);
  if (!is_text(path)) return cli_fail(command, common->context, status);
  console_error(command->name,
                "%s: is not an HDF5 file but text: what power and simulate write is a report "
                "already, and of ratings `dissensus import` makes a study",
                path);
  return status;
}

static int show(const cli_command *command, const cli_common *common, const char *path,
                const report_words *words) {
  dss_results *results = NULL;
  dss_pairs *pairs = NULL;
  dss_status status = dss_results_open(common->context, path, &results);
  if (status == DSS_ERR_DATA && dss_evaluation_is(common->context, path))
    return show_evaluation(command, common, path, words);
  if (status == DSS_ERR_DATA && dss_pairs_open(common->context, path, &pairs) == DSS_OK) {
    int result = show_pairs(command, common, pairs, words);
    dss_pairs_free(pairs);
    return result;
  }
  if (status == DSS_ERR_DATA) return refuse(command, common, path);
  if (status == DSS_OK) status = show_results(common, results, words);
  dss_results_free(results);
  return status == DSS_OK ? DSS_OK : cli_fail(command, common->context, status);
}

static int run(const cli_command *command, report_words *words, cli_common *common,
               const cli_list *operands) {
  const char *path = NULL;
  dss_report_options_init(&words->options);
  int result = cli_one_operand(command, operands, "RESULTS", &path);
  if (result != CLI_GO_ON) return result;
  if (words->format && !dss_report_format_parse(words->format, &words->options.format))
    return cli_usage(command, "--format: '%s' is not table, csv, json, markdown, latex or html",
                     words->format);
  result = cli_figures_check(command, &words->figures);
  if (result != CLI_GO_ON) return result;
  if (common->output && strcmp(common->output, "-") == 0) common->output = NULL;
  if (common->output) {
    words->options.unicode = true; /* files are UTF-8 */
    result = cli_check_output(command, common, "FILE", &path, 1);
    if (result != CLI_GO_ON) return result;
  } else {
    cli_suit_terminal(&words->options);
  }
  return show(command, common, path, words);
}

int cmd_report(const cli_command *command, int argc, char **argv) {
  report_words words = {0};
  const cli_option options[] = {
      {"format", "table|csv|json|markdown|latex|html", CLI_TEXT, &words.format,
       "table (default), csv (tidy, a row a statistic), json (everything, with details and "
       "histograms), markdown, latex, or html (one page for a browser, which needs no network: "
       "what "
       "was found, in words, the table to sort and filter, figures, methods)"},
      {"figures", "DIR", CLI_TEXT, &words.figures.folder,
       "draw figures into this folder, which is made if need be; without --format and -o nothing "
       "else is written"},
      {"figure-format", "FORMAT[,FORMAT...]", CLI_TEXT, &words.figures.formats,
       "which files each figure makes: svg, pdf and png (default all)"}};
  cli_common common;
  cli_list operands;
  int result = cli_parse(command, options, sizeof options / sizeof *options, true, argc, argv,
                         &common, &operands);
  if (result != CLI_GO_ON) return result;
  result = run(command, &words, &common, &operands);
  cli_list_free(&operands);
  cli_common_free(&common);
  return result;
}
