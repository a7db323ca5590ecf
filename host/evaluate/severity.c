/* dss_severity: what is asked for, made into blocks of tallies, rows, and what computes them. */
#include "dissensus/severity.h"

#include <stdio.h>
#include <string.h>

#include "host/core/alloc.h"
#include "names.h"
#include "severity_rows.h"

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

/* --- what computes ------------------------------------------------------------------------- */

typedef struct severity {
  const dss_rated *rated;
  dss_severity_sources sources;
  dss_item_parts parts;
  size_t n_blocks, n_rows, axis_scratch;
  dss_tally_block *tallied;   /* [n_blocks] */
  dss_severity_block *blocks; /* [n_blocks] */
  dss_tallies *tallies;
  double *everyone; /* [columns] */
} severity;

/* Scratch: groups' tallies, everyone's, an axis's sums, then what tallies work in. */
static size_t numbers(const severity *s) {
  return dss_tallies_columns(s->tallies) * (s->rated->plan->kernel.n_groups + 1) + s->axis_scratch;
}

static size_t scratch_bytes(const severity *s) {
  return numbers(s) * sizeof(double) + dss_tallies_scratch(s->tallies);
}

/* From tallies to every row's value. everyone NULL: rows of all raters are left alone. */
static void put(const severity *s, const double *groups, const double *everyone, double *scratch,
                double *out) {
  const dss_kernel_plan *plan = &s->rated->plan->kernel;
  for (size_t n = 0; n < s->n_blocks; n++) {
    const dss_severity_scale *scale = &s->blocks[n].source->scale;
    uint32_t first = s->tallied[n].first;
    if (everyone)
      out = dss_severity_everyone_values(scale, &everyone[first], scratch, out);
    else
      out += dss_severity_everyone_rows(scale);
    for (size_t a = 0; a < plan->n_axes; a++) {
      size_t group = plan->axes[a].first_group;
      dss_severity_axis axis = {plan->axes[a].n_groups, &plan->tested[group]};
      out = dss_severity_axis_values(scale, &axis, &groups[first * plan->n_groups + group],
                                     plan->n_groups, scratch, out);
    }
  }
}

static void permuted(const void *of, uint64_t first, uint64_t count, void *scratch, double *out) {
  const severity *s = of;
  double *groups = scratch;
  double *work = groups + dss_tallies_columns(s->tallies) * (s->rated->plan->kernel.n_groups + 1);
  for (uint64_t i = 0; i < count; i++) {
    dss_tallies_permuted(s->tallies, first + i, (double *)scratch + numbers(s), groups);
    put(s, groups, first == DSS_RESAMPLE_NONE ? s->everyone : NULL, work, out + i * s->n_rows);
  }
}

static void resampled(const void *of, const dss_weighting *weights, void *scratch, double *out) {
  const severity *s = of;
  size_t columns = dss_tallies_columns(s->tallies);
  double *groups = scratch, *everyone = groups + columns * s->rated->plan->kernel.n_groups;
  dss_tallies_weighted(s->tallies, weights, (double *)scratch + numbers(s), groups, everyone);
  put(s, groups, everyone, everyone + columns, out);
}

/* --- building ------------------------------------------------------------------------------ */

static size_t rows_of(const severity *s, const dss_severity_block *block) {
  const dss_kernel_plan *plan = &s->rated->plan->kernel;
  size_t rows = dss_severity_everyone_rows(&block->source->scale);
  for (size_t a = 0; a < plan->n_axes; a++)
    rows += dss_severity_axis_rows(&block->source->scale, plan->axes[a].n_groups);
  return rows;
}

static dss_status make_blocks(dss_context *context, severity *s) {
  const dss_kernel_plan *plan = &s->rated->plan->kernel;
  uint32_t first = 0;
  DSS_TRY(DSS_ALLOC(context, &s->tallied, s->sources.n * s->parts.n));
  DSS_TRY(DSS_ALLOC(context, &s->blocks, s->sources.n * s->parts.n));
  for (size_t i = 0; i < s->sources.n; i++)
    for (size_t p = 0; p < s->parts.n; p++) {
      const dss_severity_source *source = &s->sources.sources[i];
      uint32_t n_levels = source->scale.n_levels;
      s->tallied[s->n_blocks] =
          (dss_tally_block){&source->ratings, s->parts.parts[p].of_item, first, n_levels};
      s->blocks[s->n_blocks] =
          (dss_severity_block){source, &s->parts.parts[p], &s->tallied[s->n_blocks]};
      first += n_levels;
      s->n_rows += rows_of(s, &s->blocks[s->n_blocks++]);
      for (size_t a = 0; a < plan->n_axes; a++) {
        size_t room = dss_severity_scratch(n_levels, plan->axes[a].n_groups);
        if (room > s->axis_scratch) s->axis_scratch = room;
      }
    }
  return DSS_OK;
}

/* scratch and observed: of the right sizes. */
static dss_status add_observed(dss_context *context, const severity *s, void *scratch,
                               double *observed, dss_evaluation *evaluation) {
  permuted(s, DSS_RESAMPLE_NONE, 1, scratch, observed);
  for (size_t n = 0; n < s->n_blocks; n++) {
    DSS_TRY(dss_severity_add_rows(context, s->rated, &s->blocks[n], observed, evaluation));
    observed += rows_of(s, &s->blocks[n]);
  }
  return DSS_OK;
}

static dss_status add_rows(dss_context *context, const severity *s, dss_evaluation *evaluation) {
  double *observed = NULL;
  unsigned char *scratch = NULL;
  dss_status status = DSS_ALLOC(context, &observed, s->n_rows);
  if (status == DSS_OK) status = DSS_ALLOC(context, &scratch, scratch_bytes(s));
  if (status == DSS_OK) status = add_observed(context, s, scratch, observed, evaluation);
  free(observed);
  free(scratch);
  return status;
}

/* What was asked for, in the options' words. */
static dss_status say_settings(dss_context *context, const severity *s,
                               const dss_severity_options *options, dss_evaluation *evaluation) {
  char statistics[256], *text = NULL;
  size_t length = 0;
  dss_names_print(options->statistics, names, DSS_N_SEVERITIES, statistics, sizeof statistics);
  FILE *stream = open_memstream(&text, &length);
  if (!stream) return dss_fail_memory(context, sizeof statistics);
  fprintf(stream, "statistics=%s; pairs=%s", statistics, options->pairs ? "yes" : "no");
  for (size_t q = 0; q < s->sources.n_questions; q++) {
    const dss_severity_scale *scale = &s->sources.sources[q].scale;
    if (scale->threshold < scale->n_levels)
      fprintf(stream, "; threshold of %s=%s", s->sources.sources[q].name,
              s->rated->questions[q].question->labels[scale->threshold]);
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

static dss_status build(dss_context *context, severity *s, const dss_severity_options *options,
                        dss_evaluation *evaluation) {
  DSS_TRY(dss_item_parts_make(context, s->rated, options->items_by, options->n_items_by, evaluation,
                              &s->parts));
  DSS_TRY(dss_severity_sources_make(context, s->rated, options, evaluation, &s->sources));
  DSS_TRY(make_blocks(context, s));
  DSS_TRY(dss_tallies_new(context, s->rated, s->tallied, s->n_blocks, &s->tallies));
  DSS_TRY(DSS_ALLOC(context, &s->everyone, dss_tallies_columns(s->tallies)));
  dss_tallies_everyone(s->tallies, s->everyone);
  DSS_TRY(say_settings(context, s, options, evaluation));
  return add_rows(context, s, evaluation);
}

static dss_status evaluate(dss_context *context, const dss_rated *rated,
                           const dss_evaluation_run *run, const dss_severity_options *options,
                           dss_evaluation *evaluation) {
  severity s = {.rated = rated};
  dss_status status = build(context, &s, options, evaluation);
  dss_evaluator by = {.of = &s, .permuted = permuted, .resampled = resampled};
  if (status == DSS_OK) {
    by.scratch_bytes = scratch_bytes(&s);
    status = dss_evaluate(context, rated, run, &by, evaluation);
  }
  dss_tallies_free(s.tallies);
  free(s.everyone);
  free(s.tallied);
  free(s.blocks);
  dss_severity_sources_free(&s.sources);
  dss_item_parts_free(&s.parts);
  return status;
}

dss_status dss_severity(dss_context *context, const dss_study *study, const dss_evaluation_run *run,
                        const dss_severity_options *options, dss_evaluation **evaluation) {
  dss_rated *rated = NULL;
  dss_evaluation *found = NULL;
  dss_status status = dss_rated_new(context, study, run, &rated);
  if (status == DSS_OK) status = dss_evaluation_new(context, DSS_EVALUATION_SEVERITY, &found);
  if (status == DSS_OK) status = evaluate(context, rated, run, options, found);
  dss_rated_free(rated);
  if (status != DSS_OK) {
    dss_evaluation_free(found);
    return status;
  }
  *evaluation = found;
  return DSS_OK;
}
