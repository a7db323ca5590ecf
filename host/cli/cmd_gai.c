/* dissensus gai: a study in, every group's statistics and their significance out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "console.h"
#include "explain.h"
#include "gai.h"
#include "options.h"
#include "text.h"
#include "values.h"

enum { DEFAULT_DEPTH = 3, MAX_DEPTH = 32 };
#define MAX_PERMUTATIONS ((uint64_t)1 << 62)
#define MAX_RATERS UINT64_C(4294967294)

/* What the options say, in their own words. */
typedef struct gai_words {
  cli_list axes, questions, where;
  const char *metrics, *scheme, *backend, *units, *ties, *over, *interval;
  uint64_t depth, permutations, stop_after, bootstrap, min_raters, seed;
  cli_machine machine;
  bool save_null, explain, dry_run;
} gai_words;

static int set_axes(const cli_command *command, const gai_words *words, dss_plan_options *plan) {
  bool all = false;
  for (size_t i = 0; i < words->axes.count; i++)
    all |= strcmp(words->axes.items[i], "all") == 0;
  if (all && words->axes.count > 1)
    return cli_usage(command, "--by all means every axis already; give no other --by");
  if (!all && words->depth != CLI_NOT_GIVEN)
    return cli_usage(command, "--depth goes with --by all");
  uint64_t depth = words->depth == CLI_NOT_GIVEN ? DEFAULT_DEPTH : words->depth;
  plan->axes = words->axes.items;
  plan->n_axes = all ? 0 : words->axes.count;
  plan->all_depth = all ? (unsigned)depth : 0;
  return cli_within(command, "depth", depth, 1, MAX_DEPTH);
}

static int set_metrics(const cli_command *command, const char *text, unsigned *metrics) {
  const char *bad;
  if (!text || dss_metrics_parse(text, metrics, &bad)) return CLI_GO_ON;
  return cli_usage(command, "--metrics: unknown statistic '%.*s'", (int)strcspn(bad, ","), bad);
}

/* text, where given, must be one of two words; *second says whether it is the second. */
static int set_choice(const cli_command *command, const char *option, const char *text,
                      const char *const words[2], bool *second) {
  *second = text && strcmp(text, words[1]) == 0;
  if (!text || *second || strcmp(text, words[0]) == 0) return CLI_GO_ON;
  return cli_usage(command, "--%s: '%s' is neither %s nor %s", option, text, words[0], words[1]);
}

static int set_bootstrap(const cli_command *command, const gai_words *words,
                         dss_plan_options *plan) {
  if (words->over && !dss_over_parse(words->over, &plan->over))
    return cli_usage(command, "--over: '%s' is not raters, items or both", words->over);
  if (words->interval && !dss_ci_parse(words->interval, &plan->interval))
    return cli_usage(command, "--interval: '%s' is not bca, basic or percentile", words->interval);
  if (words->bootstrap == 0 && (words->over || words->interval))
    return cli_usage(command, "--%s goes with --bootstrap B", words->over ? "over" : "interval");
  if (words->bootstrap > 0 && words->bootstrap < DSS_INTERVAL_LEAST_RESAMPLES)
    return cli_usage(command, "--bootstrap: %llu: a 95%% interval needs %u resamples at least",
                     (unsigned long long)words->bootstrap, DSS_INTERVAL_LEAST_RESAMPLES);
  plan->bootstrap = words->bootstrap;
  return cli_within(command, "bootstrap", words->bootstrap, 0, MAX_PERMUTATIONS);
}

static int set_plan(const cli_command *command, const gai_words *words, dss_plan_options *plan) {
  static const char *const units[] = {"own", "common"}, *const ties[] = {"split", "skip"};
  bool common = false, skip = false;
  int result = set_axes(command, words, plan);
  if (result == CLI_GO_ON) result = set_metrics(command, words->metrics, &plan->metrics);
  if (result == CLI_GO_ON)
    result = cli_scheme(command, words->scheme, &plan->scheme, &plan->scheme_attribute);
  if (result == CLI_GO_ON) result = set_choice(command, "units", words->units, units, &common);
  if (result == CLI_GO_ON) result = set_choice(command, "ties", words->ties, ties, &skip);
  if (result == CLI_GO_ON)
    result = cli_within(command, "permutations", words->permutations, 0, MAX_PERMUTATIONS);
  if (result == CLI_GO_ON)
    result = cli_within(command, "stop-after", words->stop_after, 0, MAX_PERMUTATIONS);
  if (result == CLI_GO_ON) result = set_bootstrap(command, words, plan);
  if (result == CLI_GO_ON)
    result = cli_within(command, "min-raters", words->min_raters, 2, MAX_RATERS);
  plan->questions = words->questions.items;
  plan->n_questions = words->questions.count;
  plan->where = words->where.items;
  plan->n_where = words->where.count;
  plan->units = common ? DSS_UNITS_COMMON : DSS_UNITS_OWN;
  plan->ties = skip ? DSS_TIES_SKIP : DSS_TIES_SPLIT;
  plan->permutations = words->permutations;
  plan->stop_after = words->stop_after;
  plan->min_raters = (uint32_t)words->min_raters;
  plan->seed = words->seed;
  return result;
}

static int set_run(const cli_command *command, const gai_words *words, dss_run_options *run) {
  if (words->backend && !dss_backend_parse(words->backend, &run->backend))
    return cli_usage(command, "--backend: '%s' is not auto, reference, cpu or cuda",
                     words->backend);
  if (words->save_null && words->permutations == 0)
    return cli_usage(command, "--save-null: there is no null distribution with --permutations 0");
  return cli_use_machine(command, &words->machine, &run->threads, &run->device, &run->device_bytes);
}

static void closing_line(const char *path) {
  char *quoted = NULL;
  size_t length = 0;
  FILE *stream = open_memstream(&quoted, &length);
  if (!stream) return;
  text_quote(stream, path);
  if (fclose(stream) == 0)
    console_note("wrote %s; show it with: dissensus report %s", path, quoted);
  free(quoted);
}

/* Runs the plan and writes its results, together with the null distributions where a file for them
 * was begun. */
static dss_status run_and_write(dss_context *context, const dss_plan *plan,
                                const dss_run_options *options, const cli_common *common) {
  dss_results *results = NULL;
  dss_status status = dss_run(context, plan, options, &results);
  if (status == DSS_OK && options->writer)
    status = dss_results_writer_finish(context, options->writer, results);
  else if (status == DSS_OK)
    status = dss_results_save(context, results, common->output, common->force);
  dss_results_free(results);
  return status;
}

/* Says what would run, and does not; after a trial, in what time. */
static dss_status explain(dss_context *context, const char *study_path,
                          const dss_plan_options *plan_options, const dss_run_options *options,
                          bool try_it) {
  dss_calibration calibration;
  dss_study *study = NULL;
  dss_plan *plan = NULL;
  dss_explanation explanation;
  dss_status status = dss_study_open(context, study_path, &study);
  if (status == DSS_OK) status = dss_plan_new(context, study, plan_options, &plan);
  dss_study_free(study);
  if (status == DSS_OK) status = dss_explain(context, plan, options, &explanation);
  if (status == DSS_OK && try_it)
    status = dss_calibrate(context, plan, options, GAI_TRIAL_SECONDS, &calibration);
  if (status == DSS_OK) explain_run(plan, plan_options, &explanation);
  if (status == DSS_OK && try_it) explain_trial(plan, &explanation, &calibration);
  dss_plan_free(plan);
  return status;
}

static dss_status compute(dss_context *context, const char *study_path, const cli_common *common,
                          const dss_plan_options *plan_options, dss_run_options *run_options,
                          bool save_null) {
  dss_study *study = NULL;
  dss_plan *plan = NULL;
  dss_status status = dss_study_open(context, study_path, &study);
  if (status == DSS_OK) status = dss_plan_new(context, study, plan_options, &plan);
  dss_study_free(study);
  if (status == DSS_OK && save_null)
    status =
        dss_results_writer_create(context, common->output, common->force, &run_options->writer);
  if (run_options->writer) cleanup_remember(dss_results_writer_temporary(run_options->writer));
  if (status == DSS_OK) status = run_and_write(context, plan, run_options, common);
  cleanup_forget();
  dss_results_writer_free(run_options->writer);
  dss_plan_free(plan);
  return status;
}

static int end_explanation(const cli_command *command, const cli_common *common,
                           dss_status status) {
  if (status != DSS_OK) return cli_fail(command, common->context, status);
  if (fflush(stdout) == 0 && !ferror(stdout)) return DSS_OK;
  console_error(command->name, "cannot write to standard output");
  return DSS_ERR_FILE;
}

static int run(const gai_request *request, void *user) {
  (void)user;
  static const char *const leave_out[] = {"threads", "device", "device-memory"};
  const cli_command *command = request->command;
  const cli_common *common = request->common;
  const gai_words *words = request->words;
  dss_run_options options = request->run;
  if (words->explain || words->dry_run)
    return end_explanation(
        command, common,
        explain(common->context, request->study, &request->plan, &options, words->dry_run));
  int result = cli_check_output(command, common, "RESULTS", &request->study, 1);
  if (result != CLI_GO_ON) return result;
  char *line = cli_command_line(command, request->options, request->n_options, request->argc,
                                request->argv, leave_out, sizeof leave_out / sizeof *leave_out);
  if (!line) return cli_fail(command, common->context, DSS_ERR_MEMORY);
  options.command = line;
  dss_status status =
      compute(common->context, request->study, common, &request->plan, &options, words->save_null);
  free(line);
  if (status != DSS_OK) return cli_fail(command, common->context, status);
  closing_line(common->output);
  return DSS_OK;
}

static int use_words(const gai_words *words, const cli_list *operands, bool by_hand, gai_use use,
                     void *user, gai_request *request) {
  const cli_command *command = request->command;
  dss_plan_options_init(&request->plan);
  dss_run_options_init(&request->run);
  int result = cli_one_operand(command, operands, "STUDY", &request->study);
  if (result == CLI_GO_ON) result = set_plan(command, words, &request->plan);
  if (result == CLI_GO_ON) result = set_run(command, words, &request->run);
  if (result == CLI_GO_ON && !by_hand && (words->explain || words->dry_run))
    result = cli_usage(command, "--%s is for runs by hand", words->explain ? "explain" : "dry-run");
  return result == CLI_GO_ON ? use(request, user) : result;
}

int cmd_gai(const cli_command *command, int argc, char **argv) {
  return gai_read(command, NULL, 0, argc, argv, run, NULL);
}

int gai_read(const cli_command *command, const cli_option *more, size_t n_more, int argc,
             char **argv, gai_use use, void *user) {
  dss_plan_options defaults;
  dss_plan_options_init(&defaults);
  gai_words words = {.depth = CLI_NOT_GIVEN,
                     .machine = {CLI_NOT_GIVEN, CLI_NOT_GIVEN, CLI_NOT_GIVEN},
                     .permutations = defaults.permutations,
                     .min_raters = defaults.min_raters,
                     .seed = defaults.seed};
  const cli_option options[] = {
      {NULL, NULL, CLI_HEADING, NULL, "What to compare"},
      {"by", "ATTR[,ATTR...]", CLI_LIST, &words.axes,
       "an axis: the groups are all combinations of these attributes' values; may be given again. "
       "`--by all`: every combination of up to --depth attributes. Default: each single attribute"},
      {"depth", "D", CLI_COUNT, &words.depth,
       "with --by all: how many attributes cross (default 3)"},
      {"question", "Q", CLI_LIST, &words.questions,
       "a question to analyse; may be given again. Default: all of them"},
      {"where", "ATTR=VALUE", CLI_LIST, &words.where,
       "keep only items (or raters) with this value; may be given again: values of one attribute "
       "are alternatives, different attributes must all hold"},
      {"min-raters", "N", CLI_COUNT, &words.min_raters,
       "groups with fewer raters are listed but not tested (default 2)"},
      {NULL, NULL, CLI_HEADING, NULL, "What to compute"},
      {"metrics", "LIST", CLI_TEXT, &words.metrics,
       "all, or some of irr, xrr, nxrr, gai (brings irr, xrr and difference), difference, "
       "plurality, negentropy, cross_negentropy, voting, separated by commas (default gai); "
       "pair-gai: beside gai the same with every pair of raters weighing the same"},
      {"units", "own|common", CLI_TEXT, &words.units,
       "IRR over every item the group rated twice (own, the default), or both IRR and XRR over the "
       "same items (common)"},
      {"ties", "split|skip", CLI_TEXT, &words.ties,
       "voting agreement: tied categories share the vote (split, the default), or the item is "
       "left out (skip)"},
      {NULL, NULL, CLI_HEADING, NULL, "Significance"},
      {"permutations", "B", CLI_COUNT, &words.permutations,
       "how many times the raters' profiles are shuffled (default 10000; 0: estimates only)"},
      {"scheme", "SCHEME", CLI_TEXT, &words.scheme,
       "who may be exchanged with whom: free (default): all raters; strata:ATTR: only raters with "
       "the same value of ATTR, for designs in which only those are alike; within:ATTR: the same "
       "shuffle, to test what a crossing adds beyond ATTR"},
      {"stop-after", "H", CLI_COUNT, &words.stop_after,
       "a test stops once H resamples exceed it on either side, looked at every 4096; 20 is usual. "
       "Saves work on what is far from significant, gives no p_maxT (default 0: never)"},
      {"seed", "S", CLI_COUNT, &words.seed, "of the random numbers (default 1)"},
      {"save-null", NULL, CLI_FLAG, &words.save_null,
       "also keep every value of every resample, as /null/values in RESULTS: up to 8 bytes a "
       "resample, question, group and statistic"},
      {NULL, NULL, CLI_HEADING, NULL, "Intervals"},
      {"bootstrap", "B", CLI_COUNT, &words.bootstrap,
       "95% intervals from B resamples, 40 at least, say 2000 (default 0: none)"},
      {"over", "raters|items|both", CLI_TEXT, &words.over,
       "what a resample draws anew: raters, within the group and within its complement (default), "
       "items, or both; the intervals then hold for other raters, other items, or both"},
      {"interval", "bca|basic|percentile", CLI_TEXT, &words.interval,
       "the interval that tables and CSV show (default bca); JSON has all three"},
      {NULL, NULL, CLI_HEADING, NULL, "How to run; none of these changes a result"},
      {"backend", "auto|reference|cpu|cuda", CLI_TEXT, &words.backend,
       "what computes (default auto: a GPU where one is usable and the run is long enough to be "
       "worth its start, else the cpu)"},
      {"threads", "T", CLI_COUNT, &words.machine.threads,
       "default: as many as the process may use"},
      {"device", "D", CLI_COUNT, &words.machine.device,
       "the only GPU to use, by its number in `dissensus devices` (default: all of them)"},
      {"device-memory", "MIB", CLI_COUNT, &words.machine.device_memory,
       "use no more than so many MiB of a GPU's memory (default: nearly all that is free)"},
      {"explain", NULL, CLI_FLAG, &words.explain,
       "run nothing and write nothing: print what would run, by which method, why, and in what "
       "memory; -o is not needed"},
      {"dry-run", NULL, CLI_FLAG, &words.dry_run,
       "--explain after a trial of about a second: also how long the run and its shards would "
       "take, "
       "and in what memory"}};
  size_t n = n_more + sizeof options / sizeof *options;
  cli_option *table = malloc(n * sizeof *table);
  if (!table) return cli_fail(command, NULL, DSS_ERR_MEMORY);
  if (n_more > 0) memcpy(table, more, n_more * sizeof *table);
  memcpy(table + n_more, options, sizeof options);
  cli_common common;
  cli_list operands;
  int result = cli_parse(command, table, n, true, argc, argv, &common, &operands);
  if (result == CLI_GO_ON) {
    gai_request request = {.command = command,
                           .common = &common,
                           .words = &words,
                           .argc = argc,
                           .argv = argv,
                           .options = table,
                           .n_options = n};
    result = use_words(&words, &operands, n_more == 0, use, user, &request);
    cli_list_free(&words.axes);
    cli_list_free(&words.questions);
    cli_list_free(&words.where);
    cli_list_free(&operands);
    cli_common_free(&common);
  }
  free(table);
  return result;
}
