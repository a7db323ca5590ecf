/* dss_response: questions with an order, each held against the consensus of its raters. */
#include "dissensus/response.h"

#include <stdio.h>

#include "consensus.h"
#include "host/core/alloc.h"
#include "level_values.h"
#include "names.h"
#include "questions.h"
#include "response_values.h"

static const char *const names[] = {
#define DSS_X(enumerator, name, difference, text) name,
    DSS_RESPONSES(DSS_X)
#undef DSS_X
};

static const char *const differences[] = {
#define DSS_X(enumerator, name, difference, text) difference,
    DSS_RESPONSES(DSS_X)
#undef DSS_X
};

const char *dss_response_name(dss_response_statistic statistic) {
  return (unsigned)statistic < DSS_N_RESPONSES ? names[statistic] : NULL;
}

const char *dss_response_difference_name(dss_response_statistic statistic) {
  return (unsigned)statistic < DSS_N_RESPONSES ? differences[statistic] : NULL;
}

bool dss_response_parse(const char *text, unsigned *statistics, const char **bad) {
  return dss_names_parse(text, names, DSS_N_RESPONSES, statistics, bad);
}

void dss_response_options_init(dss_response_options *options) {
  *options = (dss_response_options){.statistics = DSS_RESPONSE_ALL, .bins = 10, .pairs = true};
}

/* Everything that the comparisons point to, each [n] questions. */
typedef struct response {
  size_t n;
  dss_over over; /* of the bootstrap */
  dss_logs logs;
  dss_consensus *consensus;
  dss_response_scale *scales;
  dss_tally_block *blocks;
  dss_comparison *comparisons;
  uint8_t **tested, **rest_says; /* [n_groups] each */
} response;

/* A resample has fewer different raters and items than the study: its table tells more of the bins,
 * and rises on fewer of its steps. In differences the first does not cancel: the smaller of two
 * groups is pulled up more. And resamples of raters keep the consensus, which other raters of the
 * same items would not: they vary less than studies do, but in differences. */
static bool is_biased(dss_response_statistic statistic, bool of_two, dss_over over) {
  return statistic == DSS_RESPONSE_INFORMATION || statistic == DSS_RESPONSE_INFORMATION_SHARE ||
         (!of_two && (statistic == DSS_RESPONSE_RISING || over == DSS_OVER_RATERS));
}

static dss_comparison compare(const dss_question *question, const dss_response_scale *scale,
                              dss_over over) {
  dss_comparison c = {.question = question->name,
                      .items = "",
                      .pairs = scale->pairs,
                      .undefined = DSS_REASON_FLAT,
                      .formulas = &dss_response_formulas,
                      .of = scale};
  for (size_t i = 0; i < DSS_N_RESPONSES; i++)
    if (scale->statistics >> i & 1u) {
      c.of_group.biased[c.of_group.n] = is_biased((dss_response_statistic)i, false, over);
      c.of_two.biased[c.of_two.n] = is_biased((dss_response_statistic)i, true, over);
      c.of_group.names[c.of_group.n++] = names[i];
      c.of_two.names[c.of_two.n++] = differences[i];
    }
  return c;
}

/* Of how many items everyone outside each group rated some. items [n_groups] of the axis. */
static void count_rest_items(const dss_kernel_axis *axis, const dss_tally_ratings *ratings,
                             uint32_t n_items, uint64_t *items) {
  enum { NOBODY = -1, SEVERAL = -2 };
  uint64_t all = 0;
  memset(items, 0, axis->n_groups * sizeof *items);
  for (uint32_t u = 0; u < n_items; u++) {
    int32_t owner = NOBODY;
    for (uint64_t i = ratings->item_ptr[u]; i < ratings->item_ptr[u + 1]; i++) {
      int32_t group = axis->group[ratings->rater[i]];
      if (group >= 0) owner = owner == NOBODY || owner == group ? group : SEVERAL;
    }
    all += owner != NOBODY;
    if (owner >= 0) items[owner]++;
  }
  for (uint32_t g = 0; g < axis->n_groups; g++)
    items[g] = all - items[g];
}

/* Within one item the consensus of the others falls as one's own rating rises: a group that rated
 * no other follows it backwards, whatever it says; so does everyone else. tested, rest_says: as in
 * dss_comparison. */
static dss_status find_silent(dss_context *context, const dss_rated *rated,
                              const dss_tally_block *block, uint8_t *tested, uint8_t *rest_says) {
  const dss_kernel_plan *plan = &rated->plan->kernel;
  dss_tally_counts *counts;
  uint64_t *rest = NULL;
  dss_status status = DSS_ALLOC(context, &counts, plan->n_groups + 1);
  if (status == DSS_OK) status = DSS_ALLOC(context, &rest, plan->n_groups);
  for (size_t a = 0; a < plan->n_axes && status == DSS_OK; a++) {
    size_t first = plan->axes[a].first_group;
    status = dss_tallies_count(context, rated, block, a, counts);
    count_rest_items(&plan->axes[a], block->ratings, rated->n_items, rest);
    for (uint32_t g = 0; g < plan->axes[a].n_groups && status == DSS_OK; g++) {
      tested[first + g] = plan->tested[first + g] && counts[g].items != 1;
      rest_says[first + g] = rest[g] != 1;
    }
  }
  free(counts);
  free(rest);
  return status;
}

static dss_status add_question(dss_context *context, const dss_rated *rated,
                               const dss_rated_question *question,
                               const dss_response_options *options, uint32_t *first, response *r) {
  const dss_question *of = question->question;
  dss_response_scale *scale = &r->scales[r->n];
  dss_consensus *consensus = &r->consensus[r->n];
  if (!dss_has_order(NULL, of))
    return dss_fail(context, DSS_ERR_USAGE,
                    "question '%s' is nominal: levels without order follow no severity", of->name);
  *scale = (dss_response_scale){.n_levels = of->n_levels,
                                .statistics = options->statistics,
                                .pairs = options->pairs,
                                .logs = &r->logs};
  size_t n = r->n++;
  DSS_TRY(DSS_ALLOC(context, &scale->values, of->n_levels));
  dss_level_values(of, scale->values);
  DSS_TRY(dss_consensus_make(context, rated, question, scale->values, options->bins, consensus));
  scale->n_bins = consensus->n_bins;
  r->blocks[n] =
      (dss_tally_block){&consensus->ratings, NULL, *first, scale->n_levels * scale->n_bins};
  r->comparisons[n] = compare(of, scale, r->over);
  DSS_TRY(DSS_ALLOC(context, &r->tested[n], rated->plan->kernel.n_groups));
  DSS_TRY(DSS_ALLOC(context, &r->rest_says[n], rated->plan->kernel.n_groups));
  DSS_TRY(find_silent(context, rated, &r->blocks[n], r->tested[n], r->rest_says[n]));
  r->comparisons[n].rest_says = r->rest_says[n];
  r->comparisons[n].tested = r->tested[n];
  r->comparisons[n].silent = DSS_REASON_ONE_ITEM;
  *first += r->blocks[n].n_levels;
  return DSS_OK;
}

static dss_status add_questions(dss_context *context, const dss_rated *rated,
                                const dss_response_options *options, response *r) {
  uint64_t most = 0;
  uint32_t first = 0;
  for (size_t q = 0; q < rated->n_questions; q++)
    if (rated->questions[q].n_ratings > most) most = rated->questions[q].n_ratings;
  DSS_TRY(dss_logs_make(context, most, &r->logs));
  DSS_TRY(DSS_ALLOC(context, &r->consensus, rated->n_questions));
  DSS_TRY(DSS_ALLOC(context, &r->scales, rated->n_questions));
  DSS_TRY(DSS_ALLOC(context, &r->blocks, rated->n_questions));
  DSS_TRY(DSS_ALLOC(context, &r->comparisons, rated->n_questions));
  DSS_TRY(DSS_ALLOC(context, &r->tested, rated->n_questions));
  DSS_TRY(DSS_ALLOC(context, &r->rest_says, rated->n_questions));
  for (size_t q = 0; q < rated->n_questions; q++)
    DSS_TRY(add_question(context, rated, &rated->questions[q], options, &first, r));
  return DSS_OK;
}

static dss_status add_notes(dss_context *context, const dss_rated *rated, const response *r,
                            dss_evaluation *evaluation) {
  DSS_TRY(dss_note_numbered(context, rated, evaluation));
  for (size_t n = 0; n < r->n; n++)
    if (r->consensus[n].alone > 0)
      DSS_TRY(dss_evaluation_add_note(context, evaluation,
                                      "ratings of items that nobody else rated, which have no "
                                      "consensus and are left out",
                                      r->consensus[n].alone, r->comparisons[n].question));
  return DSS_OK;
}

static dss_status say_settings(dss_context *context, const dss_response_options *options,
                               dss_evaluation *evaluation) {
  char statistics[256], text[384];
  dss_names_print(options->statistics, names, DSS_N_RESPONSES, statistics, sizeof statistics);
  snprintf(text, sizeof text, "statistics=%s; pairs=%s; bins=%u", statistics,
           options->pairs ? "yes" : "no", options->bins);
  return dss_evaluation_set(context, evaluation, "settings", text);
}

static dss_status evaluate(dss_context *context, const dss_rated *rated,
                           const dss_evaluation_run *run, const dss_response_options *options,
                           dss_evaluation *evaluation) {
  response r = {.over = run->plan.over};
  dss_status status = add_questions(context, rated, options, &r);
  if (status == DSS_OK) status = add_notes(context, rated, &r, evaluation);
  if (status == DSS_OK) status = say_settings(context, options, evaluation);
  if (status == DSS_OK)
    status = dss_compare(context, rated, run, r.comparisons, r.blocks, r.n, evaluation);
  for (size_t n = 0; n < r.n; n++) {
    dss_consensus_free(&r.consensus[n]);
    free(r.scales[n].values);
    free(r.tested[n]);
    free(r.rest_says[n]);
  }
  dss_logs_free(&r.logs);
  free(r.consensus);
  free(r.scales);
  free(r.blocks);
  free(r.comparisons);
  free(r.tested);
  free(r.rest_says);
  return status;
}

dss_status dss_response(dss_context *context, const dss_study *study, const dss_evaluation_run *run,
                        const dss_response_options *options, dss_evaluation **evaluation) {
  dss_chosen_questions chosen;
  dss_rated *rated = NULL;
  dss_evaluation *found = NULL;
  if (options->bins < DSS_RESPONSE_LEAST_BINS || options->bins > DSS_RESPONSE_MOST_BINS)
    return dss_fail(context, DSS_ERR_USAGE, "%u bins: there must be %u to %u", options->bins,
                    DSS_RESPONSE_LEAST_BINS, DSS_RESPONSE_MOST_BINS);
  dss_status status = dss_choose_questions(context, study, run, dss_has_order, NULL, &chosen);
  if (status == DSS_OK) status = dss_rated_new(context, study, &chosen.run, &rated);
  if (status == DSS_OK) status = dss_evaluation_new(context, DSS_EVALUATION_RESPONSE, &found);
  if (status == DSS_OK)
    status = dss_note_left_out(
        context, &chosen, "nominal questions, whose levels have no order, are left out", found);
  if (status == DSS_OK) status = evaluate(context, rated, &chosen.run, options, found);
  dss_chosen_questions_free(&chosen);
  dss_rated_free(rated);
  if (status != DSS_OK) {
    dss_evaluation_free(found);
    return status;
  }
  *evaluation = found;
  return DSS_OK;
}
