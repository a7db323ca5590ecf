/* The command: a table of subcommands, and which of them to run. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "console.h"
#include "help.h"
#include "man.h"
#include "options.h"
#include "text.h"

const cli_command cli_commands[] = {
    {.name = "import",
     .usage = "INPUT -o STUDY --rater COL --item COL --rating COL[:SCALE] [options]",
     .summary = "read ratings from CSV or JSON into a study file",
     .about = "Reads a table of ratings (which rater gave which item which rating, and who the "
              "raters are) and writes one study file in HDF5. INPUT is a CSV, a LeWiDi JSON, or - "
              "for standard input. Every rating that is dropped or filtered is counted and named.",
     .examples = "dissensus import ratings.csv -o study.h5 --rater user_id --item instance_id "
                 "--rating offensiveness:ordinal --rater-attr gender,race,age\n"
                 "dissensus import dices350.csv -o dices.h5 --preset dices-350",
     .run = cmd_import},
    {.name = "info",
     .usage = "STUDY [options]",
     .summary = "describe a study: its shape, groups and permutation schemes",
     .about = "Describes a study file: its shape and density, ratings by item and by rater, "
              "attributes, the groups they make and which are too small to test, what the "
              "design means for the choice of a permutation scheme, and by which method this "
              "machine would compute.",
     .examples = "dissensus info study.h5\n"
                 "dissensus info study.h5 --quiet > study.txt",
     .run = cmd_info},
    {.name = "gai",
     .usage = "STUDY (-o RESULTS | --explain) [options]",
     .summary = "compute every group's agreement and its significance by permutation",
     .about = "Computes, for every group of raters, agreement inside the group (IRR), agreement "
              "with everyone else (XRR), their ratio (the Group Association Index) and more, and "
              "tests each by shuffling the raters' profiles; with --bootstrap, 95% intervals too. "
              "Writes a results file in HDF5; one seed gives one answer on any machine. "
              "--explain says beforehand what would run, and how.",
     .examples = "dissensus gai study.h5 -o results.h5 --by gender --by gender,age --bootstrap "
                 "2000\n"
                 "dissensus gai study.h5 -o results.h5 --by all --depth 3 --metrics all "
                 "--scheme strata:locale --where topic=Bias",
     .run = cmd_gai},
    {.name = "merge",
     .usage = "PART... -o RESULTS [options]",
     .summary = "put the parts of a run's shards together",
     .about = "Reads what `dissensus gai --shard I/N` wrote, one file a shard, in any order, and "
              "writes the results file of the whole run, byte for byte that of a run in one piece. "
              "Parts of different studies, plans, seeds or versions are refused, and what is "
              "missing, or there twice, is named.",
     .examples = "dissensus merge part*.h5 -o results.h5",
     .run = cmd_merge},
    {.name = "pairs",
     .usage = "STUDY -o PAIRS [options]",
     .summary = "compare every rater with every other, and groups by their pairs",
     .about = "Computes, for every pair of raters, how many items both rated, on how many they "
              "agree, the mean distance of their ratings, Cohen's kappa (weighted by the scale's "
              "distance) and Pearson's correlation, and writes the matrices to an HDF5 file tile "
              "by tile. With --by, means over the pairs within and across groups, and whether "
              "groups differ more than chance allows (ANOSIM, PERMANOVA).",
     .examples = "dissensus pairs study.h5 -o pairs.h5 --question harm --by gender\n"
                 "dissensus pairs study.h5 -o pairs.h5 --half --memory 4GiB",
     .run = cmd_pairs},
    {.name = "severity",
     .usage = "STUDY -o EVALUATION [options]",
     .summary = "do groups rate higher or lower than others?",
     .about = "Computes each group's mean and median rating and its share of ratings at or above a "
              "threshold, for all items and by item attributes; how they differ from everyone "
              "else's and from each other group's (difference of means, Cliff's delta); and "
              "whether an axis's groups differ at all (F, Kruskal-Wallis H). Tests by shuffling "
              "the raters' profiles; with --bootstrap, 95% intervals too. --contrast holds two "
              "questions against each other.",
     .examples = "dissensus severity study.h5 -o severity.h5 --by gender --by gender,age "
                 "--bootstrap 2000\n"
                 "dissensus severity study.h5 -o severity.h5 --items-by topic --threshold 4 "
                 "--contrast harm_to_self,harm_to_others",
     .run = cmd_severity},
    {.name = "response",
     .usage = "STUDY -o EVALUATION [options]",
     .summary = "how closely do groups' ratings follow severity?",
     .about = "Holds each rating against the consensus of all other raters on its item, and says "
              "for each group how monotonically its ratings rise with it (Goodman and Kruskal's "
              "gamma, Somers' D, Kendall's tau-b) and how finely (mutual information, the share "
              "of steps on which they rise), how groups differ in this from everyone else and "
              "from each other, by permutation of the raters' profiles and bootstrap.",
     .examples = "dissensus response study.h5 -o response.h5 --by gender --bootstrap 2000\n"
                 "dissensus response study.h5 -o response.h5 --by all --depth 2 --no-pairs",
     .run = cmd_response},
    {.name = "classify",
     .usage = "STUDY -o EVALUATION --predictions CSV --item COL --threshold LEVEL [options]",
     .summary = "compare classifiers with what each group of raters says",
     .about =
         "Holds predictions of classifiers, labels or scores, against each group's own view of "
         "an item, made of its ratings by --rule: false negatives and positives, rates, F1 and "
         "AUC for every classifier and group; the gaps between groups, tested by shuffling the "
         "raters' profiles; and the items that drive the largest gaps. What cannot be used is "
         "counted and named.",
     .examples = "dissensus classify study.h5 -o gaps.h5 --predictions predictions.csv --item "
                 "item_id --positive unsafe --threshold 3 --by gender,age\n"
                 "dissensus classify study.h5 -o gaps.h5 --predictions scores.csv --item item_id "
                 "--score-threshold 0.5 --rule mean --threshold 2.5 --items-by topic",
     .run = cmd_classify},
    {.name = "steer",
     .usage = "STUDY --predictions CSV --item COL --prediction COL -o EVALUATION [options]",
     .summary = "hold predicted ratings against each group's own",
     .about = "Reads ratings that a model predicted when it was told who rates, and pairs each "
              "rating with the prediction for its rater's group. Says for each group how well the "
              "predictions follow (Pearson, Spearman, Kendall, mean absolute error, quadratic "
              "weighted kappa), what was gained over a baseline that was told nothing, and whether "
              "a group's own predictions do better than those for other groups.",
     .examples = "dissensus steer study.h5 -o steered.h5 --predictions steered.csv --item item_id "
                 "--prediction steered --baseline plain --by gender --bootstrap 2000\n"
                 "dissensus steer study.h5 -o steered.h5 --predictions each.csv --item item_id "
                 "--rater rater_id --prediction predicted --by gender,age",
     .run = cmd_steer},
    {.name = "report",
     .usage = "RESULTS [options]",
     .summary = "show results as a table, HTML, CSV, JSON, LaTeX or figures",
     .about =
         "Writes the results of `dissensus gai` for people and for programs: the GRASP table "
         "with arrows and marks of significance, tidy CSV (a row a statistic), JSON with "
         "everything, Markdown, LaTeX, or one HTML page that says what was found in words, with "
         "figures and methods; with --figures also figures, as SVG, PDF and PNG. Of an "
         "evaluation (severity, classify, steer, response) it makes the same formats, without "
         "figures; of a file that `dissensus pairs` wrote it prints the summary, and draws the "
         "pairs.",
     .examples = "dissensus report results.h5 --format html -o report.html\n"
                 "dissensus report results.h5 --figures figures --figure-format svg,png",
     .run = cmd_report},
    {.name = "simulate",
     .usage = "-o STUDY [options]",
     .summary = "make a study with known truth, or grow one from a real study",
     .about =
         "Writes a study file whose ratings are drawn from a model: raters with given profiles, "
         "groups with an effect on severity or cohesion, items a rater, batches, missing ratings. "
         "With --from, the model is fitted to a study, and the pool has so many times its raters, "
         "with their profiles and their rating behaviour. One seed makes one study.",
     .examples = "dissensus simulate -o pool.h5 --raters 400 --items 200 --items-per-rater 50 "
                 "--attribute gender=Woman:1.1,Man:1 --attribute age=GenZ,GenX "
                 "--effect 'gender=Woman,age=GenZ: cohesion 0.4'\n"
                 "dissensus simulate --from study.h5 --times 10 -o pool.h5",
     .run = cmd_simulate},
    {.name = "power",
     .usage = "--raters-per-group N,... --gai G,... --attribute ... [options] | --study STUDY "
              "[options]",
     .summary = "how many raters find a GAI, or which GAI a study could find",
     .about =
         "Simulates studies in which one group has a given GAI, tests each by permutation as "
         "`dissensus gai` does, and counts how often the group is found: for every point of a grid "
         "of raters a group, ratings an item and GAI, with intervals, and how much is needed for a "
         "power of 80%. With --study, for each group of a study the smallest GAI that its design "
         "could have found.",
     .examples = "dissensus power --raters-per-group 10,20,40,80 --gai 1.2,1.5 --items 100 "
                 "--items-per-rater 25 --attribute gender=Woman,Man\n"
                 "dissensus power --study study.h5 --by gender",
     .run = cmd_power},
    {.name = "slurm",
     .usage = "STUDY --results RESULTS [options]",
     .summary = "write a job script that runs gai on a cluster with Slurm",
     .about = "Writes a job script, to standard output or -o FILE, that runs `dissensus gai` with "
              "the same options under Slurm: as an array of shards, or with MPI, on processors or "
              "GPUs. A trial of about a second on this machine says how many tasks, how long and "
              "how much memory. A job that is preempted or meets its time limit writes a "
              "checkpoint, is requeued and goes on.",
     .examples = "dissensus slurm study.h5 --results results.h5 --by gender --permutations 1000000 "
                 "-o job.sh\n"
                 "dissensus slurm study.h5 --results results.h5 --template mpi --ranks 64 "
                 "--threads 4",
     .run = cmd_slurm},
    {.name = "devices",
     .usage = "[options]",
     .summary = "list the GPUs that a run could use",
     .about = "Lists the GPUs that this process sees, by the numbers that --device takes: name, "
              "compute capability, memory, and why one cannot be used. The environment variable "
              "CUDA_VISIBLE_DEVICES hides some.",
     .examples = "dissensus devices\n"
                 "CUDA_VISIBLE_DEVICES=1 dissensus devices",
     .run = cmd_devices},
    {.name = "selftest",
     .usage = "[options]",
     .summary = "check this installation against published values, in seconds",
     .about = "Computes worked examples from the literature and the project's golden values on "
              "every backend this machine has, and compares. The last line says whether all "
              "passed; the exit status is 0 if so and 70 if not.",
     .examples = "dissensus selftest\n"
                 "dissensus selftest --quiet && echo fine",
     .run = cmd_selftest},
};
const size_t cli_n_commands = sizeof cli_commands / sizeof *cli_commands;

static const cli_command *find_command(const char *name) {
  for (size_t i = 0; i < cli_n_commands; i++)
    if (strcmp(cli_commands[i].name, name) == 0) return &cli_commands[i];
  return NULL;
}

static int unknown_command(const char *name) {
  const cli_command *nearest = NULL;
  for (size_t i = 0; i < cli_n_commands; i++) {
    const cli_command *candidate = &cli_commands[i];
    if (text_is_near(name, candidate->name) &&
        (!nearest || text_distance(name, candidate->name) < text_distance(name, nearest->name)))
      nearest = candidate;
  }
  if (nearest)
    console_error(NULL, "unknown command '%s'; did you mean '%s'? (see dissensus --help)", name,
                  nearest->name);
  else
    console_error(NULL, "unknown command '%s' (see dissensus --help)", name);
  return DSS_ERR_USAGE;
}

static int show_help(const cli_command *command) {
  char name[32], help[] = "--help";
  snprintf(name, sizeof name, "%s", command->name);
  char *arguments[] = {name, help, NULL};
  return command->run(command, 2, arguments);
}

/* What completes words in a shell asks for. */
static int show_table(void) {
  int result = DSS_OK;
  help_set_form(HELP_TABLE);
  for (size_t i = 0; i < cli_n_commands && result == DSS_OK; i++)
    result = show_help(&cli_commands[i]);
  return result;
}

/* help [COMMAND], help --man [COMMAND], help --table. */
static int run_help(int argc, char **argv) {
  bool man = argc > 2 && strcmp(argv[2], "--man") == 0;
  int at = man ? 3 : 2;
  if (argc > at + 1) {
    console_error(NULL, "help takes one command (see dissensus --help)");
    return DSS_ERR_USAGE;
  }
  if (argc == at) {
    (man ? man_program : help_program)(stdout);
    return DSS_OK;
  }
  if (!man && strcmp(argv[at], "--table") == 0) return show_table();
  const cli_command *command = find_command(argv[at]);
  if (!command) return unknown_command(argv[at]);
  help_set_form(man ? HELP_MAN : HELP_TEXT);
  return show_help(command);
}

static int run_command(int argc, char **argv) {
  if (argc < 2) {
    help_program(stderr);
    return DSS_ERR_USAGE;
  }
  const char *name = argv[1];
  if (strcmp(name, "--version") == 0) {
    help_version(stdout);
    return DSS_OK;
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
    help_program(stdout);
    return DSS_OK;
  }
  if (strcmp(name, "help") == 0) return run_help(argc, argv);
  if (name[0] == '-') {
    console_error(NULL, "unknown option %s; a command comes first (see dissensus --help)", name);
    return DSS_ERR_USAGE;
  }
  const cli_command *command = find_command(name);
  return command ? command->run(command, argc - 1, argv + 1) : unknown_command(name);
}

/* Text that did not reach standard output is a failure, though nobody asked it until now. */
static int close_output(int status) {
  int failed = ferror(stdout);
  errno = 0;
  failed |= fclose(stdout) != 0;
  if (!failed || status != DSS_OK) return status;
  console_error(NULL, "standard output: cannot write%s%s", errno ? ": " : "",
                errno ? strerror(errno) : "");
  return DSS_ERR_FILE;
}

int main(int argc, char **argv) {
  /* A file over the size limit is an error like a full disk, not a reason to die half-way. */
  signal(SIGXFSZ, SIG_IGN);
  console_set(console_default(), false);
  return close_output(run_command(argc, argv));
}
