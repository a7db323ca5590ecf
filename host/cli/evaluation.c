#include "evaluation.h"

#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "plan_words.h"
#include "terminal.h"
#include "values.h"

/* What the options say, in their own words. */
typedef struct evaluation_words {
  plan_words plan;
  cli_machine machine;
  const char *format;
} evaluation_words;

/* What is to be done, checked. */
typedef struct request {
  const cli_command *command;
  const cli_common *common;
  const evaluation_kind *kind;
  void *user;
  const char *files[EVALUATION_INPUTS + 1]; /* that are read; the first is the study */
  dss_evaluation_run run;
  dss_report_options report;
} request;

static int set_report(const cli_command *command, const char *format, dss_report_options *report) {
  dss_report_options_init(report);
  cli_suit_terminal(report);
  if (!format || dss_report_format_parse(format, &report->format)) return CLI_GO_ON;
  return cli_usage(command, "--format: '%s' is not table, csv, json, markdown, latex or html",
                   format);
}

static int check(request *r, const evaluation_words *words, const cli_list *operands) {
  const cli_command *command = r->command;
  unsigned device;
  uint64_t device_bytes;
  int result = cli_one_operand(command, operands, "STUDY", &r->files[0]);
  if (result == CLI_GO_ON) result = plan_words_set(command, &words->plan, &r->run.plan);
  if (result == CLI_GO_ON)
    result = cli_use_machine(command, &words->machine, &r->run.threads, &device, &device_bytes);
  if (result == CLI_GO_ON) result = set_report(command, words->format, &r->report);
  if (result == CLI_GO_ON && r->kind->check)
    result = r->kind->check(command, r->user, r->files + 1);
  return result == CLI_GO_ON
             ? cli_check_output(command, r->common, "EVALUATION", r->files, EVALUATION_INPUTS + 1)
             : result;
}

static dss_status compute(const request *r, dss_evaluation **evaluation) {
  dss_context *context = r->common->context;
  dss_study *study = NULL;
  dss_status status = dss_study_open(context, r->files[0], &study);
  if (status == DSS_OK) status = r->kind->compute(context, study, &r->run, r->user, evaluation);
  dss_study_free(study);
  return status;
}

static int run(const request *r) {
  const cli_common *common = r->common;
  dss_evaluation *evaluation = NULL;
  dss_status status = compute(r, &evaluation);
  if (status == DSS_OK)
    status = dss_evaluation_save(common->context, evaluation, common->output, common->force);
  if (status == DSS_OK)
    status = dss_evaluation_report(common->context, evaluation, &r->report, stdout);
  dss_evaluation_free(evaluation);
  if (status != DSS_OK) return cli_fail(r->command, common->context, status);
  console_note("wrote %s", common->output);
  return DSS_OK;
}

/* Behind the command's own rows of a table, EVALUATION_ROWS of them. */
enum { EVALUATION_ROWS = 17 };
static void put_rows(evaluation_words *words, cli_option *table) {
  plan_words *plan = &words->plan;
  const cli_option options[EVALUATION_ROWS] = {
      {NULL, NULL, CLI_HEADING, NULL, "What to compare"},
      {"by", "ATTR[,ATTR...]", CLI_LIST, &plan->axes,
       "an axis: the groups are all combinations of these attributes' values; may be given again. "
       "`--by all`: every combination of up to --depth attributes. Default: each single attribute"},
      {"depth", "D", CLI_COUNT, &plan->depth,
       "with --by all: how many attributes cross (default 3)"},
      {"question", "Q", CLI_LIST, &plan->questions,
       "a question to evaluate; may be given again. Default: all that can be"},
      {"where", "ATTR=VALUE", CLI_LIST, &plan->where,
       "keep only items (or raters) with this value; may be given again: values of one attribute "
       "are alternatives, different attributes must all hold"},
      {"min-raters", "N", CLI_COUNT, &plan->min_raters,
       "groups with fewer raters are listed but not tested (default 2)"},
      {NULL, NULL, CLI_HEADING, NULL, "Significance and intervals"},
      {"permutations", "B", CLI_COUNT, &plan->permutations,
       "how many times the raters' profiles are shuffled (default 10000; 0: estimates only)"},
      {"scheme", "SCHEME", CLI_TEXT, &plan->scheme,
       "who may be exchanged with whom: free (default), strata:ATTR or within:ATTR, as in "
       "`dissensus gai`"},
      {"stop-after", "H", CLI_COUNT, &plan->stop_after,
       "a test stops once H resamples have reached it on each side, as in `dissensus gai` (default "
       "0: never)"},
      {"seed", "S", CLI_COUNT, &plan->seed, "of the random numbers (default 1)"},
      {"bootstrap", "B", CLI_COUNT, &plan->bootstrap,
       "95% intervals from B resamples, 40 at least, say 2000 (default 0: none)"},
      {"over", "raters|items|both", CLI_TEXT, &plan->over,
       "what a resample draws anew: raters, each group's within the group, items, or both "
       "(default); the intervals then hold for other raters, other items, or both"},
      {"interval", "bca|basic|percentile", CLI_TEXT, &plan->interval,
       "the interval that tables and CSV show (default bca); JSON has all three"},
      {NULL, NULL, CLI_HEADING, NULL,
       "How to run and what to print; none of these changes a result"},
      {"threads", "T", CLI_COUNT, &words->machine.threads,
       "default: as many as the process may use"},
      {"format", "table|csv|json|markdown|latex|html", CLI_TEXT, &words->format,
       "how the report is printed (default table); `dissensus report` makes others of the file"}};
  memcpy(table, options, sizeof options);
}

/* Without the options that leave no trace in what is found. */
static char *command_line(const cli_command *command, const cli_option *table, size_t n, int argc,
                          char **argv) {
  static const char *const leave_out[] = {"threads", "format"};
  return cli_command_line(command, table, n, argc, argv, leave_out,
                          sizeof leave_out / sizeof *leave_out);
}

static int parse_and_run(request *r, const cli_option *table, size_t n, evaluation_words *words,
                         int argc, char **argv) {
  cli_common common;
  cli_list operands;
  int result = cli_parse(r->command, table, n, true, argc, argv, &common, &operands);
  if (result != CLI_GO_ON) return result;
  r->common = &common;
  char *line = command_line(r->command, table, n, argc, argv);
  if (!line) result = cli_fail(r->command, common.context, DSS_ERR_MEMORY);
  r->run.command = line;
  if (result == CLI_GO_ON) result = check(r, words, &operands);
  if (result == CLI_GO_ON) result = run(r);
  free(line);
  plan_words_free(&words->plan);
  cli_list_free(&operands);
  cli_common_free(&common);
  return result;
}

int evaluation_command(const cli_command *command, const cli_option *own, size_t n_own, int argc,
                       char **argv, const evaluation_kind *kind, void *user) {
  request r = {.command = command, .kind = kind, .user = user};
  dss_evaluation_run_init(&r.run);
  evaluation_words words = {.plan = plan_words_of(&r.run.plan),
                            .machine = {CLI_NOT_GIVEN, CLI_NOT_GIVEN, CLI_NOT_GIVEN}};
  cli_option *table = malloc((n_own + EVALUATION_ROWS) * sizeof *table);
  if (!table) return cli_fail(command, NULL, DSS_ERR_MEMORY);
  if (n_own > 0) memcpy(table, own, n_own * sizeof *table);
  put_rows(&words, table + n_own);
  int result = parse_and_run(&r, table, n_own + EVALUATION_ROWS, &words, argc, argv);
  free(table);
  return result;
}
