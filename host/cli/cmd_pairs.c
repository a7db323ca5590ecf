/* dissensus pairs: a study in, matrices over all pairs of raters out, and what groups make of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "console.h"
#include "values.h"

#define MAX_PERMUTATIONS ((uint64_t)1 << 40)
#define MAX_SHARED ((uint64_t)1 << 30)

/* What the options say, in their own words. */
typedef struct pairs_words {
  cli_list axes, where;
  const char *question, *scheme, *memory, *backend, *format;
  uint64_t permutations, min_shared, seed;
  cli_machine machine;
  bool half;
} pairs_words;

static int set_counts(const cli_command *command, const pairs_words *words,
                      dss_pairs_options *options) {
  int result = cli_within(command, "permutations", words->permutations, 0, MAX_PERMUTATIONS);
  if (result == CLI_GO_ON)
    result = cli_within(command, "min-shared", words->min_shared, 1, MAX_SHARED);
  if (result == CLI_GO_ON)
    result = cli_use_machine(command, &words->machine, &options->threads, &options->device,
                             &options->device_bytes);
  options->permutations = words->permutations;
  options->min_shared = (uint32_t)words->min_shared;
  options->seed = words->seed;
  return result;
}

static int set_options(const cli_command *command, const pairs_words *words,
                       dss_pairs_options *options, dss_pairs_format *format) {
  int result = set_counts(command, words, options);
  if (result == CLI_GO_ON)
    result = cli_scheme(command, words->scheme, &options->scheme, &options->scheme_attribute);
  if (result == CLI_GO_ON && words->memory)
    result = cli_size(command, "memory", words->memory, &options->memory);
  if (result != CLI_GO_ON) return result;
  if (words->backend && !dss_backend_parse(words->backend, &options->backend))
    return cli_usage(command, "--backend: '%s' is not auto, reference, cpu or cuda",
                     words->backend);
  if (words->format && !dss_pairs_format_parse(words->format, format))
    return cli_usage(command, "--format: '%s' is not table, csv or json", words->format);
  if (words->scheme && words->axes.count == 0) return cli_usage(command, "--scheme goes with --by");
  options->question = words->question;
  options->axes = words->axes.items;
  options->n_axes = words->axes.count;
  options->where = words->where.items;
  options->n_where = words->where.count;
  options->half = words->half;
  return CLI_GO_ON;
}

/* From the file, so that what is shown is what was written. */
static dss_status show(const cli_common *common, dss_pairs_format format) {
  dss_pairs *pairs = NULL;
  dss_status status = dss_pairs_open(common->context, common->output, &pairs);
  if (status == DSS_OK) status = dss_pairs_report(common->context, pairs, format, stdout);
  dss_pairs_free(pairs);
  return status;
}

static dss_status compute(const cli_common *common, const char *study_path,
                          const dss_pairs_options *options) {
  dss_study *study = NULL;
  dss_pairs_job *job = NULL;
  dss_status status = dss_study_open(common->context, study_path, &study);
  if (status == DSS_OK)
    status = dss_pairs_begin(common->context, study, options, common->output, common->force, &job);
  if (job) cleanup_remember(dss_pairs_temporary(job));
  if (status == DSS_OK) status = dss_pairs_run(common->context, job);
  cleanup_forget();
  dss_pairs_job_free(job);
  dss_study_free(study);
  return status;
}

static int run(const cli_command *command, const pairs_words *words, const cli_common *common,
               const cli_list *operands, const char *line) {
  const char *study = NULL;
  dss_pairs_options options;
  dss_pairs_format format = DSS_PAIRS_TABLE;
  dss_pairs_options_init(&options);
  options.command = line;
  int result = line ? CLI_GO_ON : cli_fail(command, common->context, DSS_ERR_MEMORY);
  if (result == CLI_GO_ON) result = cli_one_operand(command, operands, "STUDY", &study);
  if (result == CLI_GO_ON) result = set_options(command, words, &options, &format);
  if (result == CLI_GO_ON) result = cli_check_output(command, common, "PAIRS", &study, 1);
  if (result != CLI_GO_ON) return result;
  dss_status status = compute(common, study, &options);
  if (status == DSS_OK) status = show(common, format);
  if (status != DSS_OK) return cli_fail(command, common->context, status);
  console_note("wrote %s", common->output);
  return DSS_OK;
}

int cmd_pairs(const cli_command *command, int argc, char **argv) {
  dss_pairs_options defaults;
  dss_pairs_options_init(&defaults);
  pairs_words words = {.machine = {CLI_NOT_GIVEN, CLI_NOT_GIVEN, CLI_NOT_GIVEN},
                       .permutations = defaults.permutations,
                       .min_shared = defaults.min_shared,
                       .seed = defaults.seed};
  const cli_option options[] = {
      {NULL, NULL, CLI_HEADING, NULL, "What to compare"},
      {"question", "Q", CLI_TEXT, &words.question,
       "the question; needed where the study has several"},
      {"where", "ATTR=VALUE", CLI_LIST, &words.where,
       "keep only items (or raters) with this value; may be given again: values of one attribute "
       "are alternatives, different attributes must all hold"},
      {"half", NULL, CLI_FLAG, &words.half,
       "write only the half of each matrix that stands on or above its diagonal"},
      {NULL, NULL, CLI_HEADING, NULL, "Groups"},
      {"by", "ATTR[,ATTR...]", CLI_LIST, &words.axes,
       "an axis, whose groups are all combinations of these attributes' values: means over the "
       "pairs of each two groups, ANOSIM and PERMANOVA; may be given again"},
      {"min-shared", "N", CLI_COUNT, &words.min_shared,
       "pairs with fewer shared items do not count for groups (default 1); the matrices have all"},
      {"permutations", "B", CLI_COUNT, &words.permutations,
       "how many times the raters' profiles are shuffled (default 10000; 0: estimates only)"},
      {"scheme", "SCHEME", CLI_TEXT, &words.scheme,
       "who may be exchanged with whom: free (default), strata:ATTR or within:ATTR, as in "
       "`dissensus gai`"},
      {"seed", "S", CLI_COUNT, &words.seed, "of the random numbers (default 1)"},
      {"format", "table|csv|json", CLI_TEXT, &words.format,
       "how the summary is printed: table (default), csv or json"},
      {NULL, NULL, CLI_HEADING, NULL, "How to run; none of these changes a result"},
      {"memory", "SIZE", CLI_TEXT, &words.memory,
       "what the computation may take beside the study, as 500MiB or 2GiB (default 1GiB); the "
       "matrices go to the file in tiles"},
      {"backend", "auto|reference|cpu|cuda", CLI_TEXT, &words.backend,
       "what computes (default auto: a GPU where one is usable and there are pairs and items "
       "enough to be worth its start, else the cpu)"},
      {"threads", "T", CLI_COUNT, &words.machine.threads,
       "default: as many as the process may use"},
      {"device", "D", CLI_COUNT, &words.machine.device,
       "the only GPU to use, by its number in `dissensus devices` (default: all of them)"},
      {"device-memory", "MIB", CLI_COUNT, &words.machine.device_memory,
       "use no more than so many MiB of the GPU's memory (default: nearly all that is free)"}};
  static const char *const leave_out[] = {"threads", "memory", "format", "device", "device-memory"};
  size_t n = sizeof options / sizeof *options;
  cli_common common;
  cli_list operands;
  int result = cli_parse(command, options, n, true, argc, argv, &common, &operands);
  if (result != CLI_GO_ON) return result;
  char *line = cli_command_line(command, options, n, argc, argv, leave_out,
                                sizeof leave_out / sizeof *leave_out);
  result = run(command, &words, &common, &operands, line);
  free(line);
  cli_list_free(&words.axes);
  cli_list_free(&words.where);
  cli_list_free(&operands);
  cli_common_free(&common);
  return result;
}
