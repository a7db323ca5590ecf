/* dss_severity: what is asked for, made into blocks of tallies, rows, and what computes them. */
#include "dissensus/severity.h"

#include <stdio.h>
#include <string.h>

#include "host/core/alloc.h"
#include "names.h"
#include "comparison.h"
#include "parts.h"
#include "questions.h"
#include "severity_sources.h"
#include "thresholds.h"

/* --- names --------------------------------------------------------------------------------- */

static const char *const names[] = {
#define DSS_X(enumerator, name, text) name,
    DSS_SEVERITIES(DSS_X)
#undef DSS_X
};

const char *dss_severity_name(dss_severity_statistic statistic) {
  return (unsigned)statistic < DSS_N_SEVERITIES ? names[statistic] : NULL;
}

bool dss_severity_parse(const char *text, unsigned *statistics, const char **bad) {
  return dss_names_parse(text, names, DSS_N_SEVERITIES, statistics, bad);
}

void dss_severity_options_init(dss_severity_options *options) {
  *options = (dss_severity_options){.statistics = DSS_SEVERITY_ALL &
                                                  ~DSS_SEVERITY_BIT(DSS_SEVERITY_SHARE_DIFFERENCE),
                                    .pairs = true};
}

/* --- what is compared ---------------------------------------------------------------------- */

/* The names of those statistics from first to last that the scale has. */
static dss_comparison_names list(const dss_severity_scale *scale, dss_severity_statistic first,
                                 dss_severity_statistic last) {
  dss_comparison_names found = {.n = 0};
  for (dss_severity_statistic i = first; i <= last; i++)
    if (dss_severity_has(scale, i)) found.names[found.n++] = names[i];
  return found;
}

/* Everything that the comparisons point to. */
typedef struct severity {
  dss_severity_sources sources;
  dss_parts parts;
  dss_tally_block *blocks;     /* [sources x parts] */
  dss_comparison *comparisons; /* the same */
} severity;

static dss_comparison compare(const dss_severity_source *source, const dss_part *part) {
  return (dss_comparison){
      .question = source->name,
      .items = part->name,
      .omnibus = list(&source->scale, DSS_SEVERITY_ANOVA_F, DSS_SEVERITY_KRUSKAL_H),
      .of_group = list(&source->scale, DSS_SEVERITY_MEAN, DSS_SEVERITY_SHARE),
      .of_two = list(&source->scale, DSS_SEVERITY_MEAN_DIFFERENCE, DSS_SEVERITY_CLIFFS_DELTA),
      .pairs = source->scale.pairs,
      .undefined = DSS_REASON_CONSTANT_RATINGS,
      .formulas = &dss_severity_formulas,
      .of = &source->scale};
}

static dss_status make_blocks(dss_context *context, severity *s) {
  uint32_t first = 0;
  size_t n = 0;
  DSS_TRY(DSS_ALLOC(context, &s->blocks, s->sources.n * s->parts.n));
  DSS_TRY(DSS_ALLOC(context, &s->comparisons, s->sources.n * s->parts.n));
  for (size_t i = 0; i < s->sources.n; i++)
    for (size_t p = 0; p < s->parts.n; p++, n++) {
      const dss_severity_source *source = &s->sources.sources[i];
      s->blocks[n] = (dss_tally_block){&source->ratings, s->parts.parts[p].of_item, first,
                                       source->scale.n_levels};
      s->comparisons[n] = compare(source, &s->parts.parts[p]);
      first += source->scale.n_levels;
    }
  return DSS_OK;
}

/* What was asked for, in the options' words. */
static dss_status say_settings(dss_context *context, const dss_rated *rated,
                               const dss_severity_sources *sources,
                               const dss_severity_options *options, dss_evaluation *evaluation) {
  char statistics[256], *text = NULL;
  size_t length = 0;
  dss_names_print(options->statistics, names, DSS_N_SEVERITIES, statistics, sizeof statistics);
  FILE *stream = open_memstream(&text, &length);
  if (!stream) return dss_fail_memory(context, sizeof statistics);
  fprintf(stream, "statistics=%s; pairs=%s", statistics, options->pairs ? "yes" : "no");
  for (size_t q = 0; q < sources->n_questions; q++) {
    const dss_severity_scale *scale = &sources->sources[q].scale;
    if (scale->threshold < scale->n_levels)
      fprintf(stream, "; threshold of %s=%s", sources->sources[q].name,
              rated->questions[q].question->labels[scale->threshold]);
  }
  for (size_t i = 0; i < options->n_items_by; i++)
    fprintf(stream, "; items by=%s", options->items_by[i]);
  for (size_t i = 0; i < options->n_contrasts; i++)
    fprintf(stream, "; contrast=%s", options->contrasts[i]);
  dss_status status = fclose(stream) == 0
                          ? dss_evaluation_set(context, evaluation, "settings", text)
                          : dss_fail_memory(context, length);
  free(text);
  return status;
}

static dss_status build(dss_context *context, const dss_rated *rated,
                        const dss_severity_options *options, dss_evaluation *evaluation,
                        severity *s) {
  DSS_TRY(dss_parts_new(context, rated, options->items_by, options->n_items_by, &s->parts));
  DSS_TRY(dss_parts_note(context, rated, options->items_by, options->n_items_by, evaluation));
  DSS_TRY(dss_severity_sources_make(context, rated, options, evaluation, &s->sources));
  DSS_TRY(make_blocks(context, s));
  return say_settings(context, rated, &s->sources, options, evaluation);
}

static dss_status evaluate(dss_context *context, const dss_rated *rated,
                           const dss_evaluation_run *run, const dss_severity_options *options,
                           dss_evaluation *evaluation) {
  severity s = {0};
  dss_status status = build(context, rated, options, evaluation, &s);
  if (status == DSS_OK)
    status = dss_compare(context, rated, run, s.comparisons, s.blocks, s.sources.n * s.parts.n,
                         evaluation);
  free(s.blocks);
  free(s.comparisons);
  dss_severity_sources_free(&s.sources);
  dss_parts_free(&s.parts);
  return status;
}

typedef struct asked {
  const dss_study *study;
  const dss_severity_options *options;
} asked;

/* Of a nominal question there are shares alone, of one level, which need not be named where there
 * are two. A threshold of its own means that it is asked for, and if it is wrong that is said. */
static bool can_be(const void *of, const dss_question *question) {
  const asked *a = of;
  const dss_thresholds thresholds = {a->options->thresholds, a->options->n_thresholds};
  if (dss_has_order(NULL, question) || dss_threshold_is_own(a->study, question, thresholds))
    return true;
  return (a->options->statistics & DSS_SEVERITY_SHARES) != 0 &&
         (dss_threshold_is_level(a->study, question, thresholds) ||
          (question->n_levels <= 2 && !dss_threshold_of(a->study, question, thresholds)));
}

dss_status dss_severity(dss_context *context, const dss_study *study, const dss_evaluation_run *run,
                        const dss_severity_options *options, dss_evaluation **evaluation) {
  const asked of = {study, options};
  dss_chosen_questions chosen;
  dss_rated *rated = NULL;
  dss_evaluation *found = NULL;
  dss_status status = dss_choose_questions(context, study, run, can_be, &of, &chosen);
  if (status == DSS_OK) status = dss_rated_new(context, study, &chosen.run, &rated);
  if (status == DSS_OK) status = dss_evaluation_new(context, DSS_EVALUATION_SEVERITY, &found);
  if (status == DSS_OK)
    status = dss_note_left_out(
        context, &chosen, "nominal questions of which no share was asked for, left out", found);
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
