/* dissensus info: what is in a study, which groups it has, and what its design allows. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "design.h"
#include "explain.h"
#include "options.h"
#include "text.h"

enum { DEFAULT_DEPTH = 3, MAX_DEPTH = 32, WIDTH = 80, SHOWN_BLOCKS = 10 };
#define NOT_GIVEN UINT64_MAX

/* Names come from data: what would move the cursor is shown as '?'. */
static void put_name(const char *name) {
  for (; *name; name++)
    putchar((unsigned char)*name < 0x20 || *name == 0x7f ? '?' : *name);
}

static void put_counted(uint64_t count, const char *name) {
  printf("  %12" PRIu64 "  ", count);
  put_name(name);
  putchar('\n');
}

static void put_label(const char *label, const char *text) {
  printf("  %-20s", label);
  put_name(text);
  putchar('\n');
}

/* --- the study --------------------------------------------------------------------------- */

static void show_study(const dss_study *study, const char *path) {
  const dss_provenance *from = dss_study_provenance(study);
  printf("Study ");
  put_name(path);
  printf("\n  %-20s%lu\n", "raters", (unsigned long)dss_study_n_raters(study));
  printf("  %-20s%lu\n", "items", (unsigned long)dss_study_n_items(study));
  printf("  %-20s%zu\n", "questions", dss_study_n_questions(study));
  put_label("made by", from->created_by);
  put_label("made at", from->created_at);
  put_label("command", from->command);
  put_label("sha256 of the input", from->input_sha256);
}

/* --- questions --------------------------------------------------------------------------- */

static int compare_counts(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Over those with a rating; the others are only counted. */
static void show_spread(const char *label, uint64_t *counts, size_t n, const char *others) {
  qsort(counts, n, sizeof *counts, compare_counts);
  size_t none = 0;
  while (none < n && counts[none] == 0)
    none++;
  if (none == n) return;
  size_t m = n - none;
  const uint64_t *some = counts + none;
  double median = ((double)some[(m - 1) / 2] + (double)some[m / 2]) / 2;
  printf("  %-20smin %" PRIu64 ", median %.1f, max %" PRIu64, label, some[0], median, some[m - 1]);
  if (none > 0) printf(" (%zu %s no rating)", none, others);
  putchar('\n');
}

static void show_levels(const dss_question *question) {
  uint64_t counts[DSS_MAX_LEVELS] = {0};
  for (uint64_t i = 0; i < question->n_ratings; i++)
    counts[question->code[i]]++;
  for (uint32_t k = 0; k < question->n_levels; k++)
    put_counted(counts[k], question->labels[k]);
}

static bool show_question(const dss_study *study, const dss_question *question) {
  size_t n_raters = dss_study_n_raters(study), n_items = dss_study_n_items(study);
  uint64_t *of_rater = calloc(n_raters, sizeof *of_rater);
  uint64_t *of_item = calloc(n_items, sizeof *of_item);
  bool good = of_rater && of_item;
  if (good) {
    for (uint64_t i = 0; i < question->n_ratings; i++)
      of_rater[question->rater[i]]++;
    for (size_t u = 0; u < n_items; u++)
      of_item[u] = question->item_ptr[u + 1] - question->item_ptr[u];
    printf("\nQuestion ");
    put_name(question->name);
    printf(" (%s, %lu level%s)\n", dss_scale_name(question->scale),
           (unsigned long)question->n_levels, question->n_levels == 1 ? "" : "s");
    double density = (double)question->n_ratings / ((double)n_raters * (double)n_items);
    printf("  %-20s%" PRIu64 ", %.4g%% of all rater-item pairs\n", "ratings", question->n_ratings,
           100 * density);
    show_spread("raters an item", of_item, n_items, "items have");
    show_spread("items a rater", of_rater, n_raters, "raters have");
    show_levels(question);
  }
  free(of_rater);
  free(of_item);
  return good;
}

/* --- attributes -------------------------------------------------------------------------- */

static bool show_attribute(const char *whose, const dss_attribute *attribute, uint32_t n) {
  uint64_t *counts = calloc((size_t)attribute->n_categories + 1, sizeof *counts);
  if (!counts) return false;
  for (uint32_t i = 0; i < n; i++)
    counts[attribute->codes[i] < 0 ? attribute->n_categories : (uint32_t)attribute->codes[i]]++;
  printf("\n%s attribute ", whose);
  put_name(attribute->name);
  printf(attribute->ordered ? " (ordered)\n" : "\n");
  for (uint32_t c = 0; c < attribute->n_categories; c++)
    put_counted(counts[c], attribute->categories[c]);
  if (counts[attribute->n_categories] > 0)
    put_counted(counts[attribute->n_categories], "(unknown)");
  free(counts);
  return true;
}

static bool show_contents(const dss_study *study) {
  bool good = true;
  for (size_t q = 0; q < dss_study_n_questions(study) && good; q++)
    good = show_question(study, dss_study_question(study, q));
  for (size_t a = 0; a < dss_study_n_rater_attributes(study) && good; a++)
    good = show_attribute("Rater", dss_study_rater_attribute(study, a), dss_study_n_raters(study));
  for (size_t a = 0; a < dss_study_n_item_attributes(study) && good; a++)
    good = show_attribute("Item", dss_study_item_attribute(study, a), dss_study_n_items(study));
  return good;
}

/* --- axes and groups --------------------------------------------------------------------- */

static void show_groups(const dss_plan *plan, uint32_t min_raters) {
  size_t too_small = 0, n_groups = dss_plan_n_groups(plan);
  for (size_t g = 0; g < n_groups; g++) {
    uint32_t raters = dss_plan_group_raters(plan, g);
    if (g == 0 || dss_plan_group_axis(plan, g) != dss_plan_group_axis(plan, g - 1)) {
      printf("\nAxis ");
      put_name(dss_plan_axis_name(plan, dss_plan_group_axis(plan, g)));
      printf(", raters in each group\n");
    }
    printf("  %12lu  ", (unsigned long)raters);
    put_name(dss_plan_group_name(plan, g));
    printf(raters < min_raters ? "  (too small to test)\n" : "\n");
    too_small += raters < min_raters;
  }
  printf("\n%zu axes, %zu groups", dss_plan_n_axes(plan), n_groups);
  if (too_small > 0)
    printf(", %zu of them too small to test (fewer than %lu raters)", too_small,
           (unsigned long)min_raters);
  printf("\n");
}

/* A plan without resamples knows the axes and groups as gai would have them; *made stays NULL where
 * there is none. */
static dss_status show_axes(dss_context *context, const dss_study *study,
                            const dss_plan_options *options, dss_plan **made) {
  if (dss_study_n_rater_attributes(study) == 0) {
    printf("\nNo rater attributes, so no groups.\n");
    return DSS_OK;
  }
  dss_status status = dss_plan_new(context, study, options, made);
  if (status == DSS_ERR_DATA) { /* worth saying, but the study is a study */
    printf("\nNo groups to test: %s\n", dss_context_error(context));
    return DSS_OK;
  }
  if (status == DSS_OK) show_groups(*made, options->min_raters);
  return status;
}

/* --- design ------------------------------------------------------------------------------ */

DSS_PRINTF(1, 2) static void paragraph(const char *format, ...) {
  char text[2048];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  for (char *at = text; *at; at++)
    if ((unsigned char)*at < 0x20 || *at == 0x7f) *at = '?';
  printf("  ");
  text_wrap(stdout, text, 2, 2, WIDTH);
}

static void show_blocks(const design *d) {
  uint32_t shown = d->n_blocks < SHOWN_BLOCKS ? d->n_blocks : SHOWN_BLOCKS;
  for (uint32_t b = 0; b < shown; b++)
    printf("  block %lu: %lu raters, %lu items\n", (unsigned long)b + 1,
           (unsigned long)d->block_raters[b], (unsigned long)d->block_items[b]);
  if (shown < d->n_blocks) printf("  and %lu more\n", (unsigned long)(d->n_blocks - shown));
}

/* Which attributes tell the blocks apart, and what that means for each. */
static bool show_block_attributes(const dss_study *study, const design *d) {
  bool any = false;
  for (size_t a = 0; a < dss_study_n_rater_attributes(study); a++) {
    const dss_attribute *attribute = dss_study_rater_attribute(study, a);
    design_fit fit;
    if (!design_fit_of(study, d, attribute, &fit)) return false;
    if (fit.known == 0) continue;
    if (fit.blocks_within_values)
      paragraph("Warning: all raters of a block have the same %s. Its groups share no item with "
                "their complement, so that XRR and GAI cannot be had, and what sets the groups "
                "apart cannot be told from what sets their items apart.",
                attribute->name);
    bool strata = fit.values_within_blocks && fit.known == d->raters;
    if (strata)
      paragraph("%s keeps the blocks apart: use --scheme strata:%s.", attribute->name,
                attribute->name);
    any = any || strata;
  }
  if (!any)
    paragraph("No rater attribute keeps the blocks apart. Add one that names each rater's block "
              "(batch, locale, site) at import, then use --scheme strata with it.");
  return true;
}

static bool show_design(const dss_study *study) {
  design d;
  if (!design_make(study, &d)) return false;
  bool good = true;
  printf("\nDesign\n");
  if (d.pairs == 0) {
    paragraph("There are no ratings.");
  } else if (d.n_blocks > 1) {
    paragraph("The raters fall into %lu blocks that rated disjoint sets of items:",
              (unsigned long)d.n_blocks);
    show_blocks(&d);
    paragraph("Raters of different blocks must not be exchanged: with --scheme free a difference "
              "between the blocks' items would count as one between the raters.");
    good = show_block_attributes(study, &d);
  } else if (d.pairs == (uint64_t)d.raters * d.items) {
    paragraph("Complete: every rater rated every item. Nothing about the items sets raters "
              "apart, so --scheme free fits, unless raters were recruited separately (by locale, "
              "site or wave): then use --scheme strata with the attribute that says where.");
  } else {
    paragraph("Partly shared: raters rated %.4g%% of the items on average, in one connected "
              "design. --scheme free fits if items were given to raters without regard to who "
              "they are; if raters of one locale, site or batch got items of their own, use "
              "--scheme strata with the attribute that says which.",
              100 * (double)d.pairs / ((double)d.raters * (double)d.items));
  }
  paragraph("To test what a crossing of attributes adds beyond one of them, use --scheme "
            "within:ATTR.");
  design_free(&d);
  return good;
}

/* --- engine ------------------------------------------------------------------------------ */

static dss_status show_engine(dss_context *context, const dss_plan *plan) {
  dss_run_options options;
  dss_explanation explanation;
  dss_run_options_init(&options);
  dss_status status = dss_explain(context, plan, &options, &explanation);
  if (status != DSS_OK && status != DSS_ERR_DEVICE) return status;
  printf("\nEngine\n");
  if (status == DSS_OK)
    explain_engine(&explanation);
  else /* worth saying, but the study is a study */
    paragraph("None: %s.", dss_context_error(context));
  return DSS_OK;
}

/* --- the command ------------------------------------------------------------------------- */

static dss_status show(dss_context *context, const char *path, const dss_plan_options *options) {
  dss_study *study = NULL;
  dss_status status = dss_study_open(context, path, &study);
  if (status != DSS_OK) return status;
  show_study(study, path);
  bool good = show_contents(study);
  dss_plan *plan = NULL;
  if (good) status = show_axes(context, study, options, &plan);
  if (good && status == DSS_OK) good = show_design(study);
  if (good && status == DSS_OK && plan) status = show_engine(context, plan);
  dss_plan_free(plan);
  dss_study_free(study);
  return good ? status : DSS_ERR_MEMORY;
}

static int set_axes(const cli_command *command, const cli_list *axes, uint64_t depth,
                    dss_plan_options *plan) {
  bool all = false;
  for (size_t i = 0; i < axes->count; i++)
    all = all || strcmp(axes->items[i], "all") == 0;
  if (all && axes->count > 1)
    return cli_usage(command, "--by all means every axis already; give no other --by");
  if (!all && depth != NOT_GIVEN) return cli_usage(command, "--depth goes with --by all");
  if (depth == NOT_GIVEN) depth = DEFAULT_DEPTH;
  if (depth < 1 || depth > MAX_DEPTH)
    return cli_usage(command, "--depth: %" PRIu64 " is not between 1 and %d", depth, MAX_DEPTH);
  plan->axes = axes->items;
  plan->n_axes = all ? 0 : axes->count;
  plan->all_depth = all ? (unsigned)depth : 0;
  return CLI_GO_ON;
}

static int run(const cli_command *command, const cli_list *axes, uint64_t depth,
               const cli_common *common, const cli_list *operands) {
  const char *path = NULL;
  dss_plan_options plan;
  dss_plan_options_init(&plan);
  plan.permutations = 0;
  int result = cli_one_operand(command, operands, "STUDY", &path);
  if (result == CLI_GO_ON) result = set_axes(command, axes, depth, &plan);
  if (result != CLI_GO_ON) return result;
  dss_status status = show(common->context, path, &plan);
  if (status != DSS_OK) return cli_fail(command, common->context, status);
  if (fflush(stdout) == 0 && !ferror(stdout)) return DSS_OK;
  console_error(command->name, "cannot write to standard output");
  return DSS_ERR_FILE;
}

int cmd_info(const cli_command *command, int argc, char **argv) {
  cli_list axes = {0};
  uint64_t depth = NOT_GIVEN;
  const cli_option options[] = {
      {"by", "ATTR[,ATTR...]", CLI_LIST, &axes,
       "an axis whose groups are listed, as in gai; may be given again. `--by all`: every "
       "combination of up to --depth attributes. Default: each single attribute"},
      {"depth", "D", CLI_COUNT, &depth, "with --by all: how many attributes cross (default 3)"}};
  cli_common common;
  cli_list operands;
  int result = cli_parse(command, options, sizeof options / sizeof *options, false, argc, argv,
                         &common, &operands);
  if (result != CLI_GO_ON) return result;
  result = run(command, &axes, depth, &common, &operands);
  cli_list_free(&axes);
  cli_list_free(&operands);
  cli_common_free(&common);
  return result;
}
