/* dissensus slurm: a study and gai's options in, a job script for Slurm out. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console.h"
#include "gai.h"
#include "slurm_script.h"
#include "values.h"

enum { MAX_TASKS = 100000, MAX_GPUS = 64, MAX_MINUTES = 366 * 24 * 60, TASK_SECONDS = 3600 };

typedef struct slurm_words {
  const char *template, *results, *time, *memory;
  uint64_t shards, ranks, nodes, gpus;
  const cli_option *rows; /* [n_rows] of these words */
  size_t n_rows;
} slurm_words;

/* --- what the words say -------------------------------------------------------------------- */

static int set_template(const cli_command *command, const char *text, slurm_template *template) {
  static const char *const names[] = {"array", "mpi", "gpu"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!text || strcmp(text, names[i]) == 0) {
      *template = (slurm_template)i;
      return CLI_GO_ON;
    }
  return cli_usage(command, "--template: '%s' is not array, mpi or gpu", text);
}

/* A number that only some templates have: *target becomes it, or stays where it is not given. */
static int set_number(const cli_command *command, const char *option, uint64_t given, bool allowed,
                      const char *of, uint64_t least, uint64_t most, uint64_t *target) {
  if (given == CLI_NOT_GIVEN) return CLI_GO_ON;
  if (!allowed) return cli_usage(command, "--%s goes with --template %s", option, of);
  *target = given;
  return cli_within(command, option, given, least, most);
}

static int set_words(const cli_command *command, const slurm_words *w, slurm_job *job) {
  if (!w->results || !*w->results) return cli_usage(command, "--results RESULTS is missing");
  int result = set_template(command, w->template, &job->template);
  bool array = job->template == SLURM_ARRAY, gpu = job->template == SLURM_GPU;
  job->results = w->results;
  if (gpu) job->nodes = job->gpus = 1;
  if (result == CLI_GO_ON)
    result = set_number(command, "shards", w->shards, array, "array", 2, MAX_TASKS, &job->shards);
  if (result == CLI_GO_ON)
    result =
        set_number(command, "ranks", w->ranks, !array && !gpu, "mpi", 1, MAX_TASKS, &job->ranks);
  if (result == CLI_GO_ON)
    result =
        set_number(command, "nodes", w->nodes, !array, "mpi or gpu", 1, MAX_TASKS, &job->nodes);
  if (result == CLI_GO_ON)
    result = set_number(command, "gpus", w->gpus, gpu, "gpu", 1, MAX_GPUS, &job->gpus);
  return result;
}

/* Those that are given; the others stay 0, for the trial to say. */
static int set_limits(const cli_command *command, const slurm_words *w, slurm_job *job) {
  double seconds = 0;
  uint64_t bytes = 0;
  int result = CLI_GO_ON;
  if (w->time) {
    result = cli_duration(command, "time", w->time, &seconds);
    job->minutes = (uint64_t)(seconds / 60);
    job->minutes += seconds > 60 * (double)job->minutes;
  }
  if (result == CLI_GO_ON && w->time)
    result = cli_within(command, "time", job->minutes, 1, MAX_MINUTES);
  if (result == CLI_GO_ON && w->memory) result = cli_size(command, "memory", w->memory, &bytes);
  job->megabytes = (bytes >> 20) + ((bytes & 0xfffff) > 0);
  return result == CLI_GO_ON && w->memory
             ? cli_within(command, "memory", job->megabytes, 1, UINT64_C(1) << 30)
             : result;
}

/* --- what the plan says -------------------------------------------------------------------- */

/* Makes the plan and tries it. A script is often made where there is no GPU: then by the cpu. */
static dss_status try_plan(dss_context *context, const gai_request *request, dss_plan **plan,
                           dss_explanation *explanation, dss_calibration *calibration) {
  dss_run_options run = request->run;
  if (run.backend == DSS_BACKEND_CUDA) run.backend = DSS_BACKEND_AUTO;
  dss_study *study = NULL;
  dss_status status = dss_study_open(context, request->study, &study);
  if (status == DSS_OK) status = dss_plan_new(context, study, &request->plan, plan);
  dss_study_free(study);
  if (status == DSS_OK) status = dss_explain(context, *plan, &run, explanation);
  if (status == DSS_OK)
    status = dss_calibrate(context, *plan, &run, GAI_TRIAL_SECONDS, calibration);
  return status;
}

/* Tasks of about an hour; two at least, of which one would not be worth its name. */
static uint64_t tasks_for(const dss_plan *plan, const dss_calibration *calibration) {
  double tasks = dss_calibration_estimate(calibration, plan, 1).seconds / TASK_SECONDS;
  return tasks < 2 ? 2 : tasks > 1000 ? 1000 : (uint64_t)tasks + 1;
}

/* Twice the time and ten minutes, since other machines and other hours differ; up to a multiple of
 * five minutes. */
static uint64_t minutes_for(double seconds) {
  double minutes = 2 * seconds / 60 + 10;
  return minutes < MAX_MINUTES - 5 ? ((uint64_t)minutes / 5 + 1) * 5 : MAX_MINUTES;
}

static void fill_in(const dss_plan *plan, const dss_explanation *explanation,
                    const dss_calibration *calibration, slurm_job *job) {
  uint64_t tasks = tasks_for(plan, calibration), parts = 1;
  job->threads = explanation->threads;
  if (job->template == SLURM_ARRAY) {
    if (job->shards == 0) job->shards = tasks;
    parts = job->shards;
  } else if (job->template == SLURM_MPI) {
    if (job->ranks == 0) job->ranks = tasks;
    parts = job->ranks;
  } else {
    parts = job->nodes * job->gpus;
  }
  if (job->minutes == 0)
    job->minutes = minutes_for(dss_calibration_estimate(calibration, plan, parts).high);
  /* Half as much again and a bit, up to a multiple of 256. */
  if (job->megabytes == 0)
    job->megabytes = ((calibration->bytes + calibration->bytes / 2) / (1 << 28) + 2) * 256;
}

/* --- the script ---------------------------------------------------------------------------- */

static int write_script(const cli_command *command, const cli_common *common,
                        const slurm_job *job) {
  const char *path = common->output;
  if (!path || strcmp(path, "-") == 0) {
    slurm_write(stdout, job);
    if (fflush(stdout) == 0 && !ferror(stdout)) return DSS_OK;
    console_error(command->name, "cannot write to standard output");
    return DSS_ERR_FILE;
  }
  FILE *file = fopen(path, common->force ? "w" : "wx");
  if (!file) {
    console_error(command->name, "%s: cannot open: %s%s", path, strerror(errno),
                  errno == EEXIST ? "; give --force to replace it" : "");
    return DSS_ERR_FILE;
  }
  slurm_write(file, job);
  bool failed = ferror(file) != 0;
  if (fclose(file) == 0 && !failed) {
    console_note("wrote %s; submit it with: bash %s", path, path);
    return DSS_OK;
  }
  console_error(command->name, "%s: cannot write: %s", path, strerror(errno));
  remove(path);
  return DSS_ERR_FILE;
}

/* The path of this program, that jobs may run it, too. */
static void own_path(char path[4096]) {
  ssize_t length = readlink("/proc/self/exe", path, 4095);
  if (length > 0)
    path[length] = '\0';
  else
    strcpy(path, "dissensus");
}

/* "gai STUDY ..." for the job: without the words of the job, and without threads, which the job
 * sets. The caller frees *line. */
static const char *arguments_of(const gai_request *request, const slurm_words *words, char **line) {
  static const cli_command gai = {.name = "gai"};
  const char **leave_out = calloc(words->n_rows + 1, sizeof *leave_out);
  if (!leave_out) return NULL;
  size_t n = 0;
  leave_out[n++] = "threads";
  for (size_t i = 0; i < words->n_rows; i++)
    if (words->rows[i].name) leave_out[n++] = words->rows[i].name;
  *line = cli_command_line(&gai, request->options, request->n_options, request->argc, request->argv,
                           leave_out, n);
  free(leave_out);
  return *line ? *line + strlen("dissensus ") : NULL;
}

static int write_job(const gai_request *request, const slurm_words *words, slurm_job *job) {
  char program[4096], *line = NULL;
  char *made_by = cli_command_line(request->command, request->options, request->n_options,
                                   request->argc, request->argv, NULL, 0);
  own_path(program);
  job->program = program;
  job->json = console_is_json();
  job->arguments = arguments_of(request, words, &line);
  job->made_by = made_by;
  int result = made_by && job->arguments ? write_script(request->command, request->common, job)
                                         : cli_fail(request->command, NULL, DSS_ERR_MEMORY);
  free(line);
  free(made_by);
  return result;
}

static int run(const gai_request *request, void *user) {
  const slurm_words *words = user;
  slurm_job job = {0};
  dss_plan *plan = NULL;
  dss_explanation explanation;
  dss_calibration calibration;
  dss_context *context = request->common->context;
  int result = set_words(request->command, words, &job);
  if (result == CLI_GO_ON) result = set_limits(request->command, words, &job);
  if (result == CLI_GO_ON && job.template == SLURM_ARRAY && request->plan.stop_after > 0)
    result = cli_usage(request->command, "--stop-after looks at all resamples in their order, "
                                         "which no shard sees: take --template mpi");
  if (result != CLI_GO_ON) return result;
  dss_status status = try_plan(context, request, &plan, &explanation, &calibration);
  if (status == DSS_OK) fill_in(plan, &explanation, &calibration, &job);
  dss_plan_free(plan);
  if (status != DSS_OK) return cli_fail(request->command, context, status);
  return write_job(request, words, &job);
}

int cmd_slurm(const cli_command *command, int argc, char **argv) {
  slurm_words words = {.shards = CLI_NOT_GIVEN,
                       .ranks = CLI_NOT_GIVEN,
                       .nodes = CLI_NOT_GIVEN,
                       .gpus = CLI_NOT_GIVEN};
  const cli_option options[] = {
      {NULL, NULL, CLI_HEADING, NULL, "The job"},
      {"template", "array|mpi|gpu", CLI_TEXT, &words.template,
       "an array of shards and their merge (default), ranks of MPI, or ranks of MPI with a GPU "
       "each"},
      {"results", "RESULTS", CLI_TEXT, &words.results, "the results file that the job is to make"},
      {"shards", "N", CLI_COUNT, &words.shards,
       "array: how many, 2 at least (default: so many that each takes an hour here)"},
      {"ranks", "N", CLI_COUNT, &words.ranks, "mpi: how many (default: likewise)"},
      {"nodes", "N", CLI_COUNT, &words.nodes,
       "mpi: how many (default: as Slurm likes); gpu: how many (default 1)"},
      {"gpus", "N", CLI_COUNT, &words.gpus, "gpu: of each node (default 1)"},
      {"time", "T", CLI_TEXT, &words.time,
       "90, 15m, 2h or 1:30:00, after which a job is requeued and goes on (default: twice what a "
       "trial says, and ten minutes)"},
      {"memory", "SIZE", CLI_TEXT, &words.memory,
       "of a task, 2GiB say (default: what a trial says, and half of it)"}};
  words.rows = options;
  words.n_rows = sizeof options / sizeof *options;
  return gai_read(command, options, words.n_rows, argc, argv, run, &words);
}
