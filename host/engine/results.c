#include "results.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "cells.h"
#include "host/core/alloc.h"
#include "part.h"

const double dss_quantile_levels[DSS_N_QUANTILES] = {0.005, 0.025, 0.05, 0.5, 0.95, 0.975, 0.995};

const char *dss_reason_text(dss_reason reason) {
  static const char *const texts[DSS_N_REASONS] = {
#define DSS_X(enumerator, text) text,
      DSS_REASONS(DSS_X)
#undef DSS_X
  };
  return (unsigned)reason < DSS_N_REASONS ? texts[reason] : "";
}

const char *dss_withheld_text(dss_withheld withheld) {
  static const char *const texts[DSS_N_WITHHELDS] = {
#define DSS_X(enumerator, text) text,
      DSS_WITHHELDS(DSS_X)
#undef DSS_X
  };
  return (unsigned)withheld < DSS_N_WITHHELDS ? texts[withheld] : "";
}

const char *dss_set_kind_name(dss_set_kind kind) {
  static const char *const names[] = {"none",  "bounded", "outside", "above",
                                      "below", "whole",   "empty"};
  return (unsigned)kind < sizeof names / sizeof *names ? names[kind] : "";
}

size_t dss_metrics_count(unsigned metrics) {
  size_t count = 0;
  for (unsigned s = 0; s < DSS_N_STATISTICS; s++)
    count += metrics >> s & 1u;
  return count;
}

size_t dss_metrics_column(unsigned metrics, dss_statistic statistic) {
  if ((unsigned)statistic >= DSS_N_STATISTICS || !(metrics & DSS_STATISTIC_BIT(statistic)))
    return SIZE_MAX;
  return dss_metrics_count(metrics & (DSS_STATISTIC_BIT(statistic) - 1u));
}

size_t dss_results_at(const dss_results *results, size_t question, size_t group, size_t column) {
  return (question * results->n_groups + group) * results->n_columns + column;
}

void dss_cell_empty(dss_cell *cell) {
  memset(cell, 0, sizeof *cell);
  double *const numbers[] = {
      &cell->estimate, &cell->null_mean,  &cell->null_sd,      &cell->null_min, &cell->null_max,
      &cell->z,        &cell->p_up,       &cell->p_down,       &cell->p,        &cell->p_low,
      &cell->p_tail,   &cell->p_tail_low, &cell->p_tail_high,  &cell->p_high,   &cell->p_grasp,
      &cell->q_bh,     &cell->p_holm,     &cell->p_bonferroni, &cell->p_maxt,   &cell->ci_low,
      &cell->ci_high,  &cell->se};
  double *const bounds[] = {&cell->percentile_low, &cell->percentile_high, &cell->basic_low,
                            &cell->basic_high,     &cell->bca_low,         &cell->bca_high};
  for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
    *bounds[i] = NAN;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    *numbers[i] = NAN;
  for (size_t i = 0; i < DSS_N_QUANTILES; i++)
    cell->quantiles[i] = NAN;
  cell->ci_method = "";
}

/* x * y, or SIZE_MAX, which no allocation grants. */
static size_t times(size_t x, size_t y) {
  return y != 0 && x > SIZE_MAX / y ? SIZE_MAX : x * y;
}

static dss_status allocate(dss_context *context, dss_results *r, const uint32_t *n_levels) {
  size_t rows = times(r->n_questions, r->n_groups), cells = times(rows, r->n_columns),
         marginals = 0;
  DSS_TRY(DSS_ALLOC(context, &r->questions, r->n_questions));
  DSS_TRY(DSS_ALLOC(context, &r->axes, r->n_axes));
  DSS_TRY(DSS_ALLOC(context, &r->groups, r->n_groups));
  DSS_TRY(DSS_ALLOC(context, &r->cells, cells));
  DSS_TRY(DSS_ALLOC(context, &r->details, rows));
  DSS_TRY(DSS_ALLOC(context, &r->dsi, times(r->n_questions, r->n_axes)));
  DSS_TRY(DSS_ALLOC(context, &r->histograms, times(cells, DSS_HISTOGRAM_BINS + 2)));
  DSS_TRY(DSS_ALLOC(context, &r->edges, times(cells, 2)));
  for (size_t q = 0; q < r->n_questions; q++) {
    r->questions[q].n_levels = n_levels[q];
    DSS_TRY(DSS_ALLOC(context, &r->questions[q].levels, n_levels[q]));
    marginals += times(r->n_groups, n_levels[q]);
  }
  return DSS_ALLOC(context, &r->marginals, marginals);
}

dss_status dss_results_new(dss_context *context, unsigned metrics, size_t n_questions,
                           const uint32_t *n_levels, size_t n_axes, size_t n_groups,
                           dss_results **results) {
  dss_results *r = calloc(1, sizeof *r);
  if (!r) return dss_fail_memory(context, sizeof *r);
  r->metrics = metrics;
  r->n_columns = dss_metrics_count(metrics);
  r->n_questions = n_questions;
  r->n_axes = n_axes;
  r->n_groups = n_groups;
  dss_status status = allocate(context, r, n_levels);
  if (status != DSS_OK) {
    dss_results_free(r);
    return status;
  }
  uint64_t *marginals = r->marginals;
  for (size_t q = 0; q < n_questions; q++)
    for (size_t g = 0; g < n_groups; g++, marginals += n_levels[q]) {
      dss_group_detail *detail = &r->details[q * n_groups + g];
      detail->marginals = marginals;
      detail->fieller_low = detail->fieller_high = NAN;
    }
  size_t cells = n_questions * n_groups * r->n_columns;
  for (size_t i = 0; i < cells; i++) {
    dss_cell_empty(&r->cells[i]);
    r->edges[2 * i] = r->edges[2 * i + 1] = NAN;
  }
  for (size_t i = 0; i < n_questions * n_axes; i++)
    r->dsi[i] = (dss_dsi){NAN, SIZE_MAX};
  *results = r;
  return DSS_OK;
}

void dss_results_free(dss_results *r) {
  if (!r) return;
  for (size_t q = 0; r->questions && q < r->n_questions; q++) {
    for (uint32_t k = 0; r->questions[q].levels && k < r->questions[q].n_levels; k++)
      free(r->questions[q].levels[k]);
    free(r->questions[q].levels);
    free(r->questions[q].name);
  }
  for (size_t a = 0; r->axes && a < r->n_axes; a++)
    free(r->axes[a]);
  for (size_t g = 0; r->groups && g < r->n_groups; g++)
    free(r->groups[g].name);
  for (size_t k = 0; k < DSS_N_RESULT_KEYS; k++)
    free(r->keys[k]);
  free(r->questions);
  free(r->axes);
  free(r->groups);
  free(r->cells);
  free(r->details);
  free(r->marginals);
  free(r->dsi);
  free(r->histograms);
  free(r->edges);
  dss_part_free(r->part);
  if (r->lock > 0) close(r->lock - 1);
  free(r);
}

bool dss_results_exact(const dss_results *r) {
  const char *key = r->keys[DSS_KEY_arrangements];
  return key && strcmp(key, "all") == 0;
}

void dss_results_derive_dsi(dss_results *r) {
  size_t column = dss_metrics_column(r->metrics, DSS_GAI);
  if (column == SIZE_MAX) return;
  for (size_t q = 0; q < r->n_questions; q++) {
    for (size_t g = 0; g < r->n_groups; g++) {
      double gai = r->cells[dss_results_at(r, q, g, column)].estimate;
      dss_dsi *dsi = &r->dsi[q * r->n_axes + r->groups[g].axis];
      if (!isnan(gai) && !(dsi->estimate >= gai)) *dsi = (dss_dsi){gai, g};
    }
  }
}

/* --- accessors --------------------------------------------------------------------------- */

size_t dss_results_n_questions(const dss_results *r) {
  return r->n_questions;
}

size_t dss_results_n_axes(const dss_results *r) {
  return r->n_axes;
}

size_t dss_results_n_groups(const dss_results *r) {
  return r->n_groups;
}

unsigned dss_results_metrics(const dss_results *r) {
  return r->metrics;
}

uint64_t dss_results_resamples(const dss_results *r) {
  return r->resamples;
}

const char *dss_results_question(const dss_results *r, size_t q) {
  return q < r->n_questions ? r->questions[q].name : NULL;
}

dss_scale dss_results_scale(const dss_results *r, size_t q) {
  return q < r->n_questions ? r->questions[q].scale : DSS_NOMINAL;
}

uint32_t dss_results_n_levels(const dss_results *r, size_t q) {
  return q < r->n_questions ? r->questions[q].n_levels : 0;
}

const char *dss_results_level(const dss_results *r, size_t q, uint32_t level) {
  return level < dss_results_n_levels(r, q) ? r->questions[q].levels[level] : NULL;
}

const char *dss_results_axis(const dss_results *r, size_t a) {
  return a < r->n_axes ? r->axes[a] : NULL;
}

size_t dss_results_group_axis(const dss_results *r, size_t g) {
  return g < r->n_groups ? r->groups[g].axis : SIZE_MAX;
}

const char *dss_results_group(const dss_results *r, size_t g) {
  return g < r->n_groups ? r->groups[g].name : NULL;
}

uint32_t dss_results_group_raters(const dss_results *r, size_t g) {
  return g < r->n_groups ? r->groups[g].raters : 0;
}

const dss_cell *dss_results_cell(const dss_results *r, size_t q, size_t g,
                                 dss_statistic statistic) {
  size_t column = dss_metrics_column(r->metrics, statistic);
  if (q >= r->n_questions || g >= r->n_groups || column == SIZE_MAX) return NULL;
  return &r->cells[dss_results_at(r, q, g, column)];
}

const dss_group_detail *dss_results_detail(const dss_results *r, size_t q, size_t g) {
  return q < r->n_questions && g < r->n_groups ? &r->details[q * r->n_groups + g] : NULL;
}

const dss_dsi *dss_results_dsi(const dss_results *r, size_t q, size_t a) {
  if (q >= r->n_questions || a >= r->n_axes || !(r->metrics & DSS_STATISTIC_BIT(DSS_GAI)))
    return NULL;
  return &r->dsi[q * r->n_axes + a];
}

const uint64_t *dss_results_histogram(const dss_results *r, size_t q, size_t g,
                                      dss_statistic statistic, double edges[2]) {
  size_t column = dss_metrics_column(r->metrics, statistic);
  if (q >= r->n_questions || g >= r->n_groups || column == SIZE_MAX) return NULL;
  size_t at = dss_results_at(r, q, g, column);
  if (isnan(r->edges[2 * at])) return NULL;
  memcpy(edges, &r->edges[2 * at], 2 * sizeof *edges);
  return &r->histograms[at * (DSS_HISTOGRAM_BINS + 2)];
}

static const char *const key_names[DSS_N_RESULT_KEYS] = {
#define DSS_X(key) #key,
    DSS_RESULT_KEYS(DSS_X)
#undef DSS_X
};

const char *dss_results_provenance_key(size_t index) {
  return index < DSS_N_RESULT_KEYS ? key_names[index] : NULL;
}

const char *dss_results_provenance(const dss_results *r, const char *key) {
  for (size_t k = 0; k < DSS_N_RESULT_KEYS; k++)
    if (strcmp(key, key_names[k]) == 0) return r->keys[k] ? r->keys[k] : "";
  return NULL;
}
