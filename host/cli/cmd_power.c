/* dissensus power: how often a test finds a group's cohesion, in studies to come or in one there
 * is.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "figures.h"
#include "pool_options.h"
#include "settings.h"
#include "values.h"

typedef struct power_words {
  cli_pool pool;
  cli_list raters_per_group, ratings_per_item, gai, by;
  const char *group, *study, *question, *significance, *studies, *permutations, *alpha, *power,
      *min_raters, *format, *settings, *figure;
  uint64_t threads;
} power_words;

/* What the words come to. */
typedef struct power_request {
  dss_power_test test;
  dss_power_format format;
  uint32_t *raters, *ratings;
  double *gai;
} power_request;

/* --- numbers -----------------------------------------------------------------------------------
 */

static int read_counts(const cli_command *command, const char *option, const cli_list *list,
                       uint32_t **counts) {
  *counts = calloc(list->count + 1, sizeof **counts);
  if (!*counts) return cli_fail(command, NULL, DSS_ERR_MEMORY);
  for (size_t i = 0; i < list->count; i++) {
    uint64_t value;
    int result = cli_whole(command, option, list->items[i], 1, UINT32_MAX - 1, &value);
    if (result != CLI_GO_ON) return result;
    (*counts)[i] = (uint32_t)value;
  }
  return CLI_GO_ON;
}

static int read_gai(const cli_command *command, const cli_list *list, double **gai) {
  *gai = calloc(list->count + 1, sizeof **gai);
  if (!*gai) return cli_fail(command, NULL, DSS_ERR_MEMORY);
  for (size_t i = 0; i < list->count; i++) {
    int result = cli_number(command, "gai", list->items[i], -HUGE_VAL, HUGE_VAL, &(*gai)[i]);
    if (result != CLI_GO_ON) return result;
  }
  return CLI_GO_ON;
}

static int set_test(const cli_command *command, const power_words *words, dss_power_test *test) {
  int result = cli_whole(command, "studies", words->studies, 1, 1000000, &test->studies);
  if (result == CLI_GO_ON)
    result =
        cli_whole(command, "permutations", words->permutations, 1, 1000000, &test->permutations);
  if (result == CLI_GO_ON) result = cli_number(command, "alpha", words->alpha, 0, 1, &test->alpha);
  if (result == CLI_GO_ON) result = cli_number(command, "power", words->power, 0, 1, &test->power);
  if (result == CLI_GO_ON && words->threads != CLI_NOT_GIVEN) {
    test->threads = (unsigned)words->threads;
    result = cli_within(command, "threads", words->threads, 1, 4096);
  }
  if (result != CLI_GO_ON || !words->significance) return result;
  test->adjusted = strcmp(words->significance, "q") == 0;
  if (test->adjusted || strcmp(words->significance, "p") == 0) return CLI_GO_ON;
  return cli_usage(command, "--significance: '%s' is neither p nor q", words->significance);
}

static int set_request(const cli_command *command, const power_words *words,
                       power_request *request) {
  dss_power_test_init(&request->test);
  int result = set_test(command, words, &request->test);
  if (result == CLI_GO_ON)
    result = read_counts(command, "raters-per-group", &words->raters_per_group, &request->raters);
  if (result == CLI_GO_ON)
    result = read_counts(command, "ratings-per-item", &words->ratings_per_item, &request->ratings);
  if (result == CLI_GO_ON) result = read_gai(command, &words->gai, &request->gai);
  if (result == CLI_GO_ON && words->format &&
      !dss_power_format_parse(words->format, &request->format))
    return cli_usage(command, "--format: '%s' is not table, csv, json, markdown, latex or html",
                     words->format);
  return result;
}

/* --- of a plan ---------------------------------------------------------------------------------
 */

static int plan_power(const cli_command *command, const cli_common *common,
                      const power_words *words, const power_request *request, dss_power **power) {
  dss_power_plan plan = {.group = words->group,
                         .raters_per_group = request->raters,
                         .n_raters_per_group = words->raters_per_group.count,
                         .ratings_per_item = request->ratings,
                         .n_ratings_per_item = words->ratings_per_item.count,
                         .gai = request->gai,
                         .n_gai = words->gai.count};
  dss_simulate_options_init(&plan.pool);
  if (words->by.count > 0 || words->min_raters)
    return cli_usage(command, "--by and --min-raters go with --study");
  int result = cli_pool_set(command, &words->pool, &plan.pool);
  if (result != CLI_GO_ON) return result;
  if (words->question) {
    plan.pool.questions = &words->question;
    plan.pool.n_questions = 1;
  }
  dss_status status = dss_power_of_plan(common->context, &plan, &request->test, power);
  return status == DSS_OK ? CLI_GO_ON : cli_fail(command, common->context, status);
}

/* --- of a study --------------------------------------------------------------------------------
 */

static const char *plan_option(const power_words *words) {
  const cli_pool *pool = &words->pool;
  return words->raters_per_group.count > 0   ? "raters-per-group"
         : words->ratings_per_item.count > 0 ? "ratings-per-item"
         : pool->attributes.count > 0        ? "attribute"
         : words->group                      ? "group"
         : pool->items                       ? "items"
         : pool->items_per_rater             ? "items-per-rater"
         : pool->batches                     ? "batches"
         : pool->missing                     ? "missing"
         : pool->agreement                   ? "agreement"
         : pool->leniency                    ? "leniency"
                                             : NULL;
}

static int study_power(const cli_command *command, const cli_common *common,
                       const power_words *words, const power_request *request, dss_power **power) {
  dss_study *study = NULL;
  uint64_t min_raters = 2;
  dss_power_design design = {.question = words->question,
                             .axes = words->by.items,
                             .n_axes = words->by.count,
                             .gai = request->gai,
                             .n_gai = words->gai.count,
                             .seed = 1};
  const char *other = plan_option(words);
  if (other) return cli_usage(command, "--%s does not go with --study: the study says it", other);
  int result = cli_whole(command, "min-raters", words->min_raters, 2, UINT32_MAX - 1, &min_raters);
  if (result == CLI_GO_ON)
    result = cli_whole(command, "seed", words->pool.seed, 0, UINT64_MAX, &design.seed);
  if (result != CLI_GO_ON) return result;
  design.min_raters = (uint32_t)min_raters;
  dss_status status = dss_study_open(common->context, words->study, &study);
  if (status == DSS_OK)
    status = dss_power_of_study(common->context, study, &design, &request->test, power);
  dss_study_free(study);
  return status == DSS_OK ? CLI_GO_ON : cli_fail(command, common->context, status);
}

/* --- the whole ---------------------------------------------------------------------------------
 */

/* What would only fail, or replace what is read, after all studies are simulated. */
static int check_places(const cli_command *command, const cli_common *common,
                        const power_words *words) {
  const char *const inputs[] = {words->settings, words->study};
  int result = words->figure ? cli_figure_check(command, words->figure) : CLI_GO_ON;
  if (result == CLI_GO_ON && common->output && strcmp(common->output, "-") != 0)
    result = cli_check_output(command, common, "FILE", inputs, 2);
  if (result != CLI_GO_ON || !words->figure) return result;
  return cli_check_second_output(command, common, "--figure", words->figure, inputs, 2);
}

static dss_status write_report(const cli_common *common, const power_request *request,
                               const dss_power *power) {
  if (!common->output || strcmp(common->output, "-") == 0)
    return dss_power_report(common->context, power, request->format, stdout);
  return dss_power_report_save(common->context, power, request->format, common->output,
                               common->force);
}

static int run(const cli_command *command, const cli_option *options, size_t n_options,
               power_words *words, cli_common *common, const cli_list *operands, const char *line) {
  power_request request = {.format = DSS_POWER_TABLE};
  dss_power *power = NULL;
  if (operands->count > 0)
    return cli_usage(command, "unexpected '%s'; a study goes with --study", operands->items[0]);
  int result = cli_apply_settings(command, common, options, n_options, words->settings);
  if (result == CLI_GO_ON) result = set_request(command, words, &request);
  if (result == CLI_GO_ON) result = check_places(command, common, words);
  request.test.command = line;
  if (result == CLI_GO_ON)
    result = (words->study ? study_power : plan_power)(command, common, words, &request, &power);
  if (result == CLI_GO_ON) {
    dss_status status = DSS_OK;
    if (words->figure)
      status = dss_power_figure_save(common->context, power, words->figure, common->force);
    if (status == DSS_OK) status = write_report(common, &request, power);
    result = status == DSS_OK ? DSS_OK : cli_fail(command, common->context, status);
  }
  dss_power_free(power);
  free(request.raters);
  free(request.ratings);
  free(request.gai);
  return result;
}

int cmd_power(const cli_command *command, int argc, char **argv) {
  power_words words = {.threads = CLI_NOT_GIVEN};
  cli_pool *pool = &words.pool;
  const cli_option options[] = {
      {NULL, NULL, CLI_HEADING, NULL, "A study to come"},
      {"raters-per-group", "N[,N...]", CLI_COMMAS, &words.raters_per_group,
       "raters of the group that is looked for; other groups have raters by their shares"},
      {"ratings-per-item", "N[,N...]", CLI_COMMAS, &words.ratings_per_item,
       "raters of each item (default: all, or what --items-per-rater makes)"},
      {"attribute", "NAME=VALUE:SHARE,...", CLI_LIST, &pool->attributes, CLI_POOL_ATTRIBUTE},
      {"group", "ATTR=VALUE[,...]", CLI_TEXT, &words.group,
       "the group that is looked for (default: the first attribute's first value)"},
      {"items", "N", CLI_TEXT, &pool->items, "how many items (default 100)"},
      {"items-per-rater", "N", CLI_TEXT, &pool->items_per_rater,
       "each rater rates so many; ratings an item then grow with the raters"},
      {"batches", "N", CLI_TEXT, &pool->batches, CLI_POOL_BATCHES},
      {"missing", "SHARE", CLI_TEXT, &pool->missing, CLI_POOL_MISSING},
      {"agreement", "SHARE", CLI_TEXT, &pool->agreement, CLI_POOL_AGREEMENT},
      {"leniency", "SHARE", CLI_TEXT, &pool->leniency, CLI_POOL_LENIENCY},
      {NULL, NULL, CLI_HEADING, NULL, "A study there is"},
      {"study", "STUDY", CLI_TEXT, &words.study,
       "the smallest GAI that this study's design could have found, group by group"},
      {"by", "ATTR[,ATTR...]", CLI_LIST, &words.by,
       "an axis whose groups to look for; may be given again (default: each attribute)"},
      {"min-raters", "N", CLI_TEXT, &words.min_raters,
       "leave out groups with fewer raters (default 2)"},
      {NULL, NULL, CLI_HEADING, NULL, "Both"},
      {"gai", "G[,G...]", CLI_COMMAS, &words.gai,
       "the sizes of GAI to look for; 1, where nothing is to be found, is added (of a study, "
       "default: 1.05 to 3)"},
      {"question", "NAME[:SCALE]=SHARE,...", CLI_TEXT, &words.question,
       "the question and each level's share of its ratings (default rating:ordinal=1,1,1,1,1); of "
       "a "
       "study its name alone, needed where there are several"},
      {"studies", "S", CLI_TEXT, &words.studies,
       "how many studies are simulated for each point (default 200)"},
      {"permutations", "B", CLI_TEXT, &words.permutations,
       "how many times the raters' profiles of each are shuffled (default 999)"},
      {"alpha", "A", CLI_TEXT, &words.alpha, "a group is found where p < A (default 0.05)"},
      {"significance", "p|q", CLI_TEXT, &words.significance,
       "by its own p (default) or by q over all groups and statistics of the axis"},
      {"power", "P", CLI_TEXT, &words.power, "the power that is wanted (default 0.8)"},
      {"seed", "S", CLI_TEXT, &pool->seed, "of the random numbers (default 1)"},
      {"settings", "FILE", CLI_TEXT, &words.settings,
       "read options from this file, one a line without its dashes; the command line's own count "
       "more"},
      {"format", "FORMAT", CLI_TEXT, &words.format,
       "how powers are written: table (default), csv (a row a point), json (everything), markdown, "
       "latex or html (a page with the figure)"},
      {"figure", "FILE", CLI_TEXT, &words.figure,
       "draw the powers too, to a file whose name ends with .svg, .pdf or .png"},
      {"threads", "T", CLI_COUNT, &words.threads,
       "default: as many as the process may use; no result depends on it"}};
  static const char *const leave_out[] = {"threads", "format", "figure"};
  size_t n = sizeof options / sizeof *options;
  cli_common common;
  cli_list operands;
  int result = cli_parse(command, options, n, true, argc, argv, &common, &operands);
  if (result != CLI_GO_ON) return result;
  char *line = cli_command_line(command, options, n, argc, argv, leave_out,
                                sizeof leave_out / sizeof *leave_out);
  result = line ? run(command, options, n, &words, &common, &operands, line)
                : cli_fail(command, common.context, DSS_ERR_MEMORY);
  free(line);
  cli_pool_free(pool);
  cli_list_free(&words.raters_per_group);
  cli_list_free(&words.ratings_per_item);
  cli_list_free(&words.gai);
  cli_list_free(&words.by);
  cli_list_free(&operands);
  cli_common_free(&common);
  return result;
}
