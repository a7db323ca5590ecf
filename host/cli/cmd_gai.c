/* dissensus gai: a study in, every group's statistics and their significance out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "cleanup.h"
#include "console.h"
#include "explain.h"
#include "gai.h"
#include "options.h"
#include "plan_words.h"
#include "text.h"
#include "values.h"

/* What the options say, in their own words. */
typedef struct gai_words {
  plan_words plan;
  const char *metrics, *backend, *units, *ties;
  cli_machine machine;
  batch_words batch;
  bool save_null, explain, dry_run;
} gai_words;

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

static int set_plan(const cli_command *command, const gai_words *words, dss_plan_options *plan) {
  static const char *const units[] = {"own", "common"}, *const ties[] = {"split", "skip"};
  bool common = false, skip = false;
  int result = plan_words_set(command, &words->plan, plan);
  if (result == CLI_GO_ON) result = set_metrics(command, words->metrics, &plan->metrics);
  if (result == CLI_GO_ON) result = set_choice(command, "units", words->units, units, &common);
  if (result == CLI_GO_ON) result = set_choice(command, "ties", words->ties, ties, &skip);
  plan->units = common ? DSS_UNITS_COMMON : DSS_UNITS_OWN;
  plan->ties = skip ? DSS_TIES_SKIP : DSS_TIES_SPLIT;
  return result;
}

static int set_run(const cli_command *command, const gai_words *words, dss_run_options *run) {
  if (words->backend && !dss_backend_parse(words->backend, &run->backend))
    return cli_usage(command, "--backend: '%s' is not auto, reference, cpu or cuda",
                     words->backend);
  if (words->save_null && words->plan.permutations == 0)
    return cli_usage(command, "--save-null: there is no null distribution with --permutations 0");
  if (words->batch.shard && words->plan.stop_after > 0)
    return cli_usage(command, "--stop-after looks at all resamples in their order, which no shard "
                              "sees: leave out --shard");
  run->save_null = words->save_null;
  int result = batch_set(command, &words->batch, &run->batch);
  if (result != CLI_GO_ON) return result;
  return cli_use_machine(command, &words->machine, &run->threads, &run->device, &run->device_bytes);
}

static void closing_line(const char *path, const dss_batch *batch) {
  char *quoted = NULL;
  size_t length = 0;
  FILE *stream = open_memstream(&quoted, &length);
  if (!stream) return;
  text_quote(stream, path);
  if (fclose(stream) == 0 && batch->n_shards > 0)
    console_note("wrote part %llu of %llu, %s; put them all together with: dissensus merge PARTS "
                 "-o RESULTS",
                 (unsigned long long)batch->shard + 1, (unsigned long long)batch->n_shards, path);
  else if (quoted)
    console_note("wrote %s; show it with: dissensus report %s", path, quoted);
  free(quoted);
}

static dss_status create_writer(const cli_common *common, const dss_batch *batch,
                                dss_results_writer **writer) {
  dss_status status =
      batch->n_shards > 0
          ? dss_results_writer_create_part(common->context, common->output, common->force, writer)
          : dss_results_writer_create(common->context, common->output, common->force, writer);
  if (status == DSS_OK) cleanup_remember(dss_results_writer_temporary(*writer));
  return status;
}

/* With checkpoints the values of resamples come from beside them, when all are there. */
static dss_status write_results(const cli_common *common, const dss_run_options *options,
                                const dss_results *results) {
  dss_results_writer *writer = options->writer;
  dss_status status = DSS_OK;
  if (!options->save_null)
    return dss_results_save(common->context, results, common->output, common->force);
  if (!writer) {
    status = create_writer(common, &options->batch, &writer);
    if (status == DSS_OK)
      status = dss_checkpoint_values(common->context, &options->batch, results, writer);
  }
  if (status == DSS_OK) status = dss_results_writer_finish(common->context, writer, results);
  if (!options->writer) dss_results_writer_free(writer);
  return status;
}

/* Runs the plan and writes its results, which is the first process's to do. */
static dss_status run_and_write(const cli_common *common, const dss_plan *plan,
                                dss_run_options *options) {
  dss_context *context = common->context;
  dss_team *team = options->batch.team;
  bool leads = dss_team_rank(team) == 0;
  dss_results *results = NULL;
  dss_status status = DSS_OK;
  if (leads && options->save_null && !options->batch.checkpoint)
    status = create_writer(common, &options->batch, &options->writer);
  status = dss_team_agree(context, team, status);
  if (status == DSS_OK) status = dss_run(context, plan, options, &results);
  bool ran = status == DSS_OK;
  if (ran && leads) status = write_results(common, options, results);
  if (ran && leads && status == DSS_OK) dss_checkpoint_remove(&options->batch);
  if (ran) status = dss_team_agree(context, team, status);
  cleanup_forget();
  dss_results_writer_free(options->writer);
  dss_results_free(results);
  return status;
}

static dss_status make_plan(dss_context *context, const char *study_path,
                            const dss_plan_options *options, dss_plan **plan) {
  dss_study *study = NULL;
  dss_status status = dss_study_open(context, study_path, &study);
  if (status == DSS_OK) status = dss_plan_new(context, study, options, plan);
  dss_study_free(study);
  return status;
}

/* Says what would run, and does not; after a trial, in what time. */
static dss_status explain(dss_context *context, const gai_request *request, bool try_it) {
  dss_plan *plan = NULL;
  dss_explanation explanation;
  dss_calibration calibration;
  dss_status status = make_plan(context, request->study, &request->plan, &plan);
  if (status == DSS_OK) status = dss_explain(context, plan, &request->run, &explanation);
  if (status == DSS_OK && try_it)
    status = dss_calibrate(context, plan, &request->run, GAI_TRIAL_SECONDS, &calibration);
  if (status == DSS_OK) explain_run(plan, &request->plan, &explanation);
  if (status == DSS_OK && try_it) explain_trial(plan, &explanation, &calibration);
  dss_plan_free(plan);
  return status;
}

/* A run that is resumed behind its end, where only its checkpoints were left to be removed. */
static bool is_done(const cli_common *common, const dss_plan *plan,
                    const dss_run_options *options) {
  if (!options->batch.resume || common->force || !common->output) return false;
  if (!dss_is_complete(common->context, common->output, plan, options)) return false;
  console_note("%s is complete already", common->output);
  dss_checkpoint_clear(common->context, plan, options);
  return true;
}

/* What stands in the way of results and checkpoints, which the first process says: *said. */
static dss_status check_places(const cli_command *command, const char *study,
                               const cli_common *common, const dss_run_options *options,
                               bool *said) {
  dss_team *team = options->batch.team;
  int result = CLI_GO_ON;
  if (dss_team_rank(team) == 0) result = cli_check_output(command, common, "RESULTS", &study, 1);
  if (dss_team_rank(team) == 0 && result == CLI_GO_ON)
    result = batch_folder(command, &options->batch);
  *said = result != CLI_GO_ON;
  return dss_team_agree(common->context, team, *said ? (dss_status)result : DSS_OK);
}

/* One process reads the study. */
static int compute(const cli_command *command, const char *study, const cli_common *common,
                   const dss_plan_options *plan_options, dss_run_options *options) {
  dss_context *context = common->context;
  dss_team *team = options->batch.team;
  dss_plan *plan = NULL;
  bool leads = dss_team_rank(team) == 0, said = false;
  dss_status status = leads ? make_plan(context, study, plan_options, &plan) : DSS_OK;
  status = dss_plan_share(context, team, status, &plan);
  bool done = status == DSS_OK && is_done(common, plan, options);
  if (status == DSS_OK && !done) status = check_places(command, study, common, options, &said);
  if (status == DSS_OK && !done) status = run_and_write(common, plan, options);
  dss_plan_free(plan);
  if (status == DSS_OK && leads && !done) closing_line(common->output, &options->batch);
  if (status == DSS_OK || said || (!leads && dss_team_agreed(team))) return status;
  return cli_fail(command, context, status);
}

/* Together with the other processes of an MPI job, where there are some. */
static int compute_in_team(const cli_command *command, const char *study, const cli_common *common,
                           const dss_plan_options *plan_options, dss_run_options *options) {
  dss_team *team = NULL;
  dss_status status = dss_team_begin(common->context, &team);
  if (status != DSS_OK) return cli_fail(command, common->context, status);
  options->batch.team = team;
  if (dss_team_rank(team) > 0) console_quiet();
  int result = compute(command, study, common, plan_options, options);
  dss_team_end(team, (dss_status)result);
  return result;
}

static int end_explanation(const cli_command *command, const cli_common *common,
                           dss_status status) {
  if (status != DSS_OK) return cli_fail(command, common->context, status);
  if (fflush(stdout) == 0 && !ferror(stdout)) return DSS_OK;
  console_error(command->name, "cannot write to standard output");
  return DSS_ERR_FILE;
}

static int run_plan(const gai_request *request, dss_run_options *options) {
  const cli_command *command = request->command;
  const cli_common *common = request->common;
  unsigned rank;
  bool in_team = batch_in_team(&options->batch, &rank);
  int result = CLI_GO_ON;
  /* What can be said of the output at once is said before the study is read. */
  if (!in_team && !options->batch.resume)
    result = cli_check_output(command, common, "RESULTS", &request->study, 1);
  if (result != CLI_GO_ON) return result;
  return in_team ? compute_in_team(command, request->study, common, &request->plan, options)
                 : compute(command, request->study, common, &request->plan, options);
}

static int run(const gai_request *request, void *user) {
  (void)user;
  static const char *const leave_out[] = {"threads", "device",     "device-memory", "shard",
                                          "every",   "checkpoint", "resume",        "time-limit"};
  const cli_command *command = request->command;
  dss_context *context = request->common->context;
  const gai_words *words = request->words;
  unsigned rank;
  bool once = batch_in_team(&request->run.batch, &rank);
  if ((words->explain || words->dry_run) && once && rank > 0) return DSS_OK;
  if (words->explain || words->dry_run)
    return end_explanation(command, request->common, explain(context, request, words->dry_run));
  char *line = cli_command_line(command, request->options, request->n_options, request->argc,
                                request->argv, leave_out, sizeof leave_out / sizeof *leave_out);
  if (!line) return cli_fail(command, context, DSS_ERR_MEMORY);
  dss_run_options options = request->run;
  options.command = line;
  int result = run_plan(request, &options);
  free(line);
  return result;
}

/* --- the words, for gai and for others ----------------------------------------------------- */

/* What a job script says itself. */
static int refuse_by_hand(const cli_command *command, const gai_words *words) {
  const char *option = words->explain            ? "explain"
                       : words->dry_run          ? "dry-run"
                       : words->batch.shard      ? "shard"
                       : words->batch.checkpoint ? "checkpoint"
                       : words->batch.every      ? "every"
                       : words->batch.resume     ? "resume"
                       : words->batch.time_limit ? "time-limit"
                                                 : NULL;
  return option ? cli_usage(command, "--%s is for runs by hand", option) : CLI_GO_ON;
}

static int use_words(const cli_list *operands, bool by_hand, gai_use use, void *user,
                     gai_request *request) {
  const cli_command *command = request->command;
  const gai_words *words = request->words;
  dss_plan_options_init(&request->plan);
  dss_run_options_init(&request->run);
  int result = cli_one_operand(command, operands, "STUDY", &request->study);
  if (result == CLI_GO_ON && !by_hand) result = refuse_by_hand(command, words);
  if (result == CLI_GO_ON) result = set_plan(command, words, &request->plan);
  if (result == CLI_GO_ON) result = set_run(command, words, &request->run);
  return result == CLI_GO_ON ? use(request, user) : result;
}

int cmd_gai(const cli_command *command, int argc, char **argv) {
  return gai_read(command, NULL, 0, argc, argv, run, NULL);
}

int gai_read(const cli_command *command, const cli_option *more, size_t n_more, int argc,
             char **argv, gai_use use, void *user) {
  dss_plan_options defaults;
  dss_plan_options_init(&defaults);
  gai_words words = {.plan = plan_words_of(&defaults),
                     .machine = {CLI_NOT_GIVEN, CLI_NOT_GIVEN, CLI_NOT_GIVEN}};
  const cli_option options[] = {
      {NULL, NULL, CLI_HEADING, NULL, "What to compare"},
      {"by", "ATTR[,ATTR...]", CLI_LIST, &words.plan.axes,
       "an axis: the groups are all combinations of these attributes' values; may be given again. "
       "`--by all`: every combination of up to --depth attributes. Default: each single attribute"},
      {"depth", "D", CLI_COUNT, &words.plan.depth,
       "with --by all: how many attributes cross (default 3)"},
      {"question", "Q", CLI_LIST, &words.plan.questions,
       "a question to analyse; may be given again. Default: all of them"},
      {"where", "ATTR=VALUE", CLI_LIST, &words.plan.where,
       "keep only items (or raters) with this value; may be given again: values of one attribute "
       "are alternatives, different attributes must all hold"},
      {"min-raters", "N", CLI_COUNT, &words.plan.min_raters,
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
      {"permutations", "B", CLI_COUNT, &words.plan.permutations,
       "how many times the raters' profiles are shuffled (default 10000; 0: estimates only)"},
      {"scheme", "SCHEME", CLI_TEXT, &words.plan.scheme,
       "who may be exchanged with whom: free (default): all raters; strata:ATTR: only raters with "
       "the same value of ATTR, for designs in which only those are alike; within:ATTR: the same "
       "shuffle, to test what a crossing adds beyond ATTR"},
      {"stop-after", "H", CLI_COUNT, &words.plan.stop_after,
       "a test stops once H resamples have reached it on each side, looked at every 4096; 20 is "
       "usual. "
       "Saves work on what is not significant, gives no p_maxT (default 0: never)"},
      {"seed", "S", CLI_COUNT, &words.plan.seed, "of the random numbers (default 1)"},
      {"save-null", NULL, CLI_FLAG, &words.save_null,
       "also keep every value of every resample, as /null/values in RESULTS: up to 8 bytes a "
       "resample, question, group and statistic"},
      {NULL, NULL, CLI_HEADING, NULL, "Intervals"},
      {"bootstrap", "B", CLI_COUNT, &words.plan.bootstrap,
       "95% intervals from B resamples, 40 at least, say 2000 (default 0: none)"},
      {"over", "raters|items|both", CLI_TEXT, &words.plan.over,
       "what a resample draws anew: raters, within the group and within its complement (default), "
       "items, or both; the intervals then hold for other raters, other items, or both"},
      {"interval", "bca|basic|percentile", CLI_TEXT, &words.plan.interval,
       "the interval that tables and CSV show (default bca); JSON has all three"},
      {NULL, NULL, CLI_HEADING, NULL, "Long runs; none of these changes a result"},
      {"shard", "I/N", CLI_TEXT, &words.batch.shard,
       "make only the I-th of N parts, I from 0; `dissensus merge` puts all of them together"},
      {"checkpoint", "DIR", CLI_TEXT, &words.batch.checkpoint,
       "keep in this folder how far the run has come; SIGTERM, SIGINT or SIGUSR1 then stop it with "
       "exit status 75, to go on with --resume. Shards may share a folder"},
      {"every", "T", CLI_TEXT, &words.batch.every,
       "time between checkpoints, such as 90s, 15m or 1:30:00 (default 60s)"},
      {"resume", NULL, CLI_FLAG, &words.batch.resume,
       "go on from the checkpoint; start where there is none"},
      {"time-limit", "T", CLI_TEXT, &words.batch.time_limit,
       "stop after this time, as a signal would"},
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
    result = use_words(&operands, n_more == 0, use, user, &request);
    plan_words_free(&words.plan);
    cli_list_free(&operands);
    cli_common_free(&common);
  }
  free(table);
  return result;
}
