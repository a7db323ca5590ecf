/* dissensus simulate: a study made of a model, or grown from a real one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "figures.h"
#include "pool_options.h"
#include "settings.h"
#include "values.h"

typedef struct simulate_words {
  cli_pool pool;
  const char *settings, *truth, *from, *times, *items_times, *depth, *format, *figure;
  cli_list by;
} simulate_words;

/* What would only fail, or replace what is read, once the study is made. */
static int check_places(const cli_command *command, const cli_common *common,
                        const simulate_words *words) {
  const char *const inputs[] = {words->settings, words->from};
  int result = words->figure ? cli_figure_check(command, words->figure) : CLI_GO_ON;
  if (result == CLI_GO_ON) result = cli_check_output(command, common, "STUDY", inputs, 2);
  if (result == CLI_GO_ON && words->truth && strcmp(words->truth, "-") == 0)
    return cli_usage(command, "--truth -: it goes to a file; of the report, --format json has it");
  if (result == CLI_GO_ON && words->truth)
    result = cli_check_second_output(command, common, "--truth", words->truth, inputs, 2);
  if (result != CLI_GO_ON || !words->figure) return result;
  if (words->truth && cli_same_place(words->figure, words->truth))
    return cli_usage(command, "--figure %s: is the file of --truth", words->figure);
  return cli_check_second_output(command, common, "--figure", words->figure, inputs, 2);
}

static void summarize(const dss_study *study, const char *output) {
  uint64_t ratings = 0;
  for (size_t q = 0; q < dss_study_n_questions(study); q++)
    ratings += dss_study_question(study, q)->n_ratings;
  console_note("%s: raters %lu, items %lu, questions %zu, ratings %llu", output,
               (unsigned long)dss_study_n_raters(study), (unsigned long)dss_study_n_items(study),
               dss_study_n_questions(study), (unsigned long long)ratings);
}

static dss_status save(const cli_common *common, const simulate_words *words,
                       const dss_study *study, const char *truth) {
  dss_status status =
      dss_pool_save(common->context, study, common->output, truth, words->truth, common->force);
  if (status == DSS_OK) summarize(study, common->output);
  return status;
}

/* --- the report ------------------------------------------------------------------------------ */

static int set_format(const cli_command *command, const char *text, dss_report_format *format,
                      bool *wanted) {
  *format = DSS_REPORT_TABLE;
  *wanted = !text || strcmp(text, "none") != 0;
  if (!text || !*wanted || dss_report_format_parse(text, format)) return CLI_GO_ON;
  return cli_usage(command, "--format: '%s' is not table, csv, json, markdown, latex, html or none",
                   text);
}

/* The study is there, whatever becomes of this: that there are no groups to speak of, or too many,
 * is no failure, unless a figure of them was asked for. */
static dss_status report(const cli_common *common, const simulate_words *words,
                         const dss_study *study, const dss_study *source, const char *truth,
                         const dss_report_format *format) {
  dss_pool_check *check = NULL;
  dss_status status = dss_pool_check_new(common->context, study, truth, source, 0, &check);
  if (!words->figure &&
      (status == DSS_ERR_DATA || status == DSS_ERR_USAGE || status == DSS_ERR_MEMORY)) {
    console_note("no report: %s", dss_context_error(common->context));
    return DSS_OK;
  }
  if (status == DSS_OK && words->figure)
    status = dss_pool_figure_save(common->context, check, words->figure, common->force);
  if (status == DSS_OK && format) status = dss_pool_report(common->context, check, *format, stdout);
  dss_pool_check_free(check);
  return status;
}

/* --- a pool with known truth ----------------------------------------------------------------- */

static int make_pool(const cli_command *command, const cli_common *common,
                     const simulate_words *words, const char *line, dss_study **study,
                     char **truth) {
  dss_simulate_options options;
  dss_simulate_options_init(&options);
  if (words->times || words->items_times || words->depth || words->by.count > 0)
    return cli_usage(command, "--times, --items-times, --by and --depth go with --from STUDY");
  int result = cli_pool_set(command, &words->pool, &options);
  if (result != CLI_GO_ON) return result;
  options.command = line;
  dss_status status = dss_simulate(common->context, &options, study, truth);
  return status == DSS_OK ? CLI_GO_ON : cli_fail(command, common->context, status);
}

/* --- a pool grown from a study --------------------------------------------------------------- */

/* Of a pool with known truth alone. */
static const char *pool_option(const cli_pool *pool) {
  return pool->attributes.count > 0  ? "attribute"
         : pool->questions.count > 0 ? "question"
         : pool->effects.count > 0   ? "effect"
         : pool->raters              ? "raters"
         : pool->items               ? "items"
         : pool->items_per_rater     ? "items-per-rater"
         : pool->ratings_per_item    ? "ratings-per-item"
         : pool->batches             ? "batches"
         : pool->missing             ? "missing"
         : pool->agreement           ? "agreement"
         : pool->leniency            ? "leniency"
                                     : NULL;
}

static int set_expansion(const cli_command *command, const simulate_words *words,
                         dss_expand_options *options) {
  uint64_t times = options->times, items_times = options->items_times, depth = options->depth;
  const char *other = pool_option(&words->pool);
  if (other) return cli_usage(command, "--%s does not go with --from: the study says it", other);
  int result = cli_whole(command, "times", words->times, 1, 100000, &times);
  if (result == CLI_GO_ON)
    result = cli_whole(command, "items-times", words->items_times, 1, 100000, &items_times);
  if (result == CLI_GO_ON) result = cli_whole(command, "depth", words->depth, 1, 3, &depth);
  if (result == CLI_GO_ON)
    result = cli_whole(command, "seed", words->pool.seed, 0, UINT64_MAX, &options->seed);
  options->times = (uint32_t)times;
  options->items_times = (uint32_t)items_times;
  options->depth = (unsigned)depth;
  options->attributes = words->by.items;
  options->n_attributes = words->by.count;
  return result;
}

static int grow_pool(const cli_command *command, const cli_common *common,
                     const simulate_words *words, const char *line, dss_study **study,
                     dss_study **pool, char **fit) {
  dss_expand_options options;
  dss_expand_options_init(&options);
  int result = set_expansion(command, words, &options);
  if (result != CLI_GO_ON) return result;
  options.command = line;
  dss_status status = dss_study_open(common->context, words->from, study);
  if (status == DSS_OK) status = dss_expand(common->context, *study, &options, pool, fit);
  return status == DSS_OK ? CLI_GO_ON : cli_fail(command, common->context, status);
}

static int run(const cli_command *command, const cli_option *options, size_t n_options,
               simulate_words *words, cli_common *common, const cli_list *operands,
               const char *line) {
  dss_study *study = NULL, *source = NULL;
  char *truth = NULL;
  dss_report_format format;
  bool wanted;
  if (operands->count > 0)
    return cli_usage(command, "unexpected '%s'; a study to grow goes with --from",
                     operands->items[0]);
  int result = cli_apply_settings(command, common, options, n_options, words->settings);
  if (result == CLI_GO_ON) result = set_format(command, words->format, &format, &wanted);
  if (result == CLI_GO_ON) result = check_places(command, common, words);
  if (result != CLI_GO_ON) return result;
  result = words->from ? grow_pool(command, common, words, line, &source, &study, &truth)
                       : make_pool(command, common, words, line, &study, &truth);
  if (result == CLI_GO_ON) {
    dss_status status = save(common, words, study, truth);
    if (status == DSS_OK && (wanted || words->figure))
      status = report(common, words, study, source, truth, wanted ? &format : NULL);
    result = status == DSS_OK ? DSS_OK : cli_fail(command, common->context, status);
  }
  free(truth);
  dss_study_free(study);
  dss_study_free(source);
  return result;
}

int cmd_simulate(const cli_command *command, int argc, char **argv) {
  simulate_words words = {0};
  cli_pool *pool = &words.pool;
  const cli_option options[] = {
      {NULL, NULL, CLI_HEADING, NULL, "A pool with known truth"},
      {"attribute", "NAME=VALUE:SHARE,...", CLI_LIST, &pool->attributes, CLI_POOL_ATTRIBUTE},
      {"effect", "GROUP: severity S cohesion K", CLI_LIST, &pool->effects, CLI_POOL_EFFECT},
      {"question", "NAME[:SCALE]=SHARE,...", CLI_LIST, &pool->questions, CLI_POOL_QUESTION},
      {"raters", "N", CLI_TEXT, &pool->raters, "how many raters (default 100)"},
      {"items", "N", CLI_TEXT, &pool->items, "how many items (default 100)"},
      {"items-per-rater", "N", CLI_TEXT, &pool->items_per_rater,
       "each rater rates so many items; items then differ by at most one in their raters (default: "
       "all)"},
      {"ratings-per-item", "N", CLI_TEXT, &pool->ratings_per_item,
       "each item has so many raters; raters then differ by at most one in their items"},
      {"batches", "N", CLI_TEXT, &pool->batches, CLI_POOL_BATCHES},
      {"missing", "SHARE", CLI_TEXT, &pool->missing, CLI_POOL_MISSING},
      {"agreement", "SHARE", CLI_TEXT, &pool->agreement, CLI_POOL_AGREEMENT},
      {"leniency", "SHARE", CLI_TEXT, &pool->leniency, CLI_POOL_LENIENCY},
      {NULL, NULL, CLI_HEADING, NULL, "A pool grown from a study"},
      {"from", "STUDY", CLI_TEXT, &words.from,
       "fit the model to this study and draw new ratings by it"},
      {"times", "N", CLI_TEXT, &words.times, "so many new raters for each (default 10)"},
      {"items-times", "N", CLI_TEXT, &words.items_times,
       "so many new items for each, among which its new raters are divided; their attribute block "
       "says which they are (default 1: the items are kept)"},
      {"by", "ATTR[,ATTR...]", CLI_COMMAS, &words.by,
       "the attributes whose groups the fit may tell apart (default: all of the raters')"},
      {"depth", "K", CLI_TEXT, &words.depth,
       "and combinations of up to so many of them, 1 to 3 (default 3)"},
      {NULL, NULL, CLI_HEADING, NULL, "Both"},
      {"settings", "FILE", CLI_TEXT, &words.settings,
       "read options from this file, one a line without its dashes; the command line's own count "
       "more"},
      {"truth", "FILE", CLI_TEXT, &words.truth,
       "write what the study was made of to this file too, as JSON; the study itself holds it "
       "anyway"},
      {"format", "table|csv|json|markdown|latex|html|none", CLI_TEXT, &words.format,
       "how the report is printed: each group as the model makes it, or as in the study, and as it "
       "came out (default table); html is a page with the figure"},
      {"figure", "FILE", CLI_TEXT, &words.figure,
       "draw the same too, to a file whose name ends with .svg, .pdf or .png"},
      {"seed", "S", CLI_TEXT, &pool->seed, "of the random numbers (default 1)"}};
  static const char *const leave_out[] = {"truth", "format", "figure"};
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
  cli_list_free(&words.by);
  cli_list_free(&operands);
  cli_common_free(&common);
  return result;
}
