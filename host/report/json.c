/* JSON: everything that is in the results. Keys: docs/reports.md. A group is one line, built and
 * written before the next, so that memory does not grow with the results. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "host/core/context.h"
#include "view.h"
#include "writers.h"

enum { FLAGS = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17) };

typedef struct output {
  dss_context *context;
  const dss_results *results;
  FILE *stream;
} output;

/* --- values ------------------------------------------------------------------------------ */

static json_t *number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

static json_t *count(uint64_t value) {
  return json_integer((json_int_t)value);
}

/* 0: there is none. */
static json_t *count_or_null(uint64_t value) {
  return value > 0 ? count(value) : json_null();
}

static json_t *counts(const uint64_t *values, size_t n) {
  json_t *array = json_array();
  for (size_t i = 0; i < n; i++)
    if (json_array_append_new(array, count(values[i])) != 0) {
      json_decref(array);
      return NULL;
    }
  return array;
}

static json_t *quantiles(const dss_cell *cell) {
  json_t *object = json_object();
  for (size_t i = 0; i < DSS_N_QUANTILES; i++) {
    char level[16];
    snprintf(level, sizeof level, "%g", dss_quantile_levels[i]);
    if (json_object_set_new(object, level, number(cell->quantiles[i])) != 0) {
      json_decref(object);
      return NULL;
    }
  }
  return object;
}

static json_t *histogram(const dss_results *r, size_t q, size_t g, dss_statistic statistic) {
  double edges[2];
  const uint64_t *bins = dss_results_histogram(r, q, g, statistic, edges);
  if (!bins) return json_null();
  return json_pack("{s:o, s:o, s:o, s:o, s:o}", "low", number(edges[0]), "high", number(edges[1]),
                   "below", count(bins[0]), "counts", counts(bins + 1, DSS_HISTOGRAM_BINS), "above",
                   count(bins[DSS_HISTOGRAM_BINS + 1]));
}

static json_t *null_of(const dss_cell *cell, json_t *bins) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "mean", number(cell->null_mean), "sd",
                   number(cell->null_sd), "min", number(cell->null_min), "max",
                   number(cell->null_max), "quantiles", quantiles(cell), "histogram", bins);
}

static json_t *counts_of(const dss_cell *cell) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "resamples",
                   count(cell->resamples), "below", count(cell->below), "equal", count(cell->equal),
                   "above", count(cell->above), "undefined", count(cell->undefined), "ge",
                   count(cell->ge), "le", count(cell->le), "ge_at", count_or_null(cell->ge_at),
                   "le_at", count_or_null(cell->le_at));
}

static json_t *p_of(const dss_cell *cell) {
  return json_pack("{s:o, s:o, s:o, s:[o, o], s:o, s:[o, o], s:o, s:o, s:o, s:o, s:o}", "up",
                   number(cell->p_up), "down", number(cell->p_down), "two_sided", number(cell->p),
                   "two_sided_interval", number(cell->p_low), number(cell->p_high), "tail",
                   number(cell->p_tail), "tail_interval", number(cell->p_tail_low),
                   number(cell->p_tail_high), "grasp", number(cell->p_grasp), "q_bh",
                   number(cell->q_bh), "holm", number(cell->p_holm), "bonferroni",
                   number(cell->p_bonferroni), "maxt", number(cell->p_maxt));
}

static json_t *interval_of(const dss_results *r, const dss_cell *cell) {
  if (!dss_interval_resampled(cell)) return json_null();
  return json_pack("{s:o, s:o, s:s, s:o, s:o, s:[o, o], s:[o, o], s:[o, o], s:o, s:o, s:b, s:s}",
                   "low", number(cell->ci_low), "high", number(cell->ci_high), "method",
                   cell->ci_method, "se", number(cell->se), "holds_estimate",
                   *cell->ci_method ? json_boolean(!cell->ci_misses) : json_null(), "percentile",
                   number(cell->percentile_low), number(cell->percentile_high), "basic",
                   number(cell->basic_low), number(cell->basic_high), "bca", number(cell->bca_low),
                   number(cell->bca_high), "undefined", count(cell->boot_undefined),
                   "undefined_share", number(dss_interval_share(r, cell->boot_undefined)),
                   "flagged", (int)cell->boot_flagged, "withheld",
                   dss_withheld_text(cell->ci_withheld));
}

static json_t *statistic_object(const dss_results *r, size_t q, size_t g, dss_statistic statistic,
                                const dss_cell *cell) {
  static const char *const directions[] = {"down", "", "up"};
  return json_pack("{s:o, s:s, s:s, s:o, s:b, s:o, s:o, s:o, s:o}", "estimate",
                   number(cell->estimate), "reason", dss_reason_text(cell->reason), "direction",
                   directions[1 + cell->direction], "z", number(cell->z), "flagged",
                   (int)cell->flagged, "counts", counts_of(cell), "p", p_of(cell), "null",
                   null_of(cell, histogram(r, q, g, statistic)), "interval", interval_of(r, cell));
}

static json_t *statistics_object(const dss_results *r, size_t q, size_t g) {
  json_t *object = json_object();
  for (int s = 0; s < DSS_N_STATISTICS; s++) {
    const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
    if (!cell) continue;
    json_t *value = statistic_object(r, q, g, (dss_statistic)s, cell);
    if (json_object_set_new(object, dss_statistic_name((dss_statistic)s), value) != 0) {
      json_decref(object);
      return NULL;
    }
  }
  return object;
}

static json_t *fieller_of(const dss_group_detail *d) {
  if (d->fieller_kind == DSS_SET_NONE && d->fieller_withheld == DSS_WITHHELD_NONE)
    return json_null();
  return json_pack("{s:s, s:o, s:o, s:o, s:s}", "kind", dss_set_kind_name(d->fieller_kind), "low",
                   number(d->fieller_low), "high", number(d->fieller_high), "pairs",
                   count(d->fieller_pairs), "withheld", dss_withheld_text(d->fieller_withheld));
}

static json_t *details_object(const dss_results *r, size_t q, size_t g) {
  const dss_group_detail *d = dss_results_detail(r, q, g);
  return json_pack(
      "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "ratings",
      count(d->ratings), "items_rated", count(d->units_rated), "items_irr", count(d->units_irr),
      "items_xrr", count(d->units_xrr), "items_voting", count(d->units_voting), "items_tied",
      count(d->units_tied), "pairable", count(d->pairable), "marginals",
      counts(d->marginals, dss_results_n_levels(r, q)), "observed_disagreement",
      number(d->observed_disagreement), "expected_disagreement", number(d->expected_disagreement),
      "cross_observed_disagreement", number(d->cross_observed_disagreement),
      "cross_expected_disagreement", number(d->cross_expected_disagreement), "percent_agreement",
      number(d->percent_agreement), "xrr_nonpositive", number(d->xrr_nonpositive), "fieller",
      fieller_of(d));
}

static json_t *group_object(const dss_results *r, size_t q, size_t g) {
  return json_pack("{s:s, s:I, s:o, s:o}", "group", dss_results_group(r, g), "raters",
                   (json_int_t)dss_results_group_raters(r, g), "details", details_object(r, q, g),
                   "statistics", statistics_object(r, q, g));
}

/* --- writing ----------------------------------------------------------------------------- */

/* Writes value and lets go of it. NULL: there was no memory to make it. */
static dss_status put(const output *o, json_t *value) {
  if (!value)
    return dss_fail(o->context, DSS_ERR_MEMORY, "out of memory, or a name is not UTF-8, for JSON");
  json_dumpf(value, o->stream, FLAGS); /* the stream's own state tells of failure */
  json_decref(value);
  return DSS_OK;
}

static dss_status put_member(const output *o, const char *before, const char *name, json_t *value) {
  fprintf(o->stream, "%s\"%s\": ", before, name);
  return put(o, value);
}

static json_t *provenance_object(const dss_results *r) {
  json_t *object = json_object();
  const char *key;
  for (size_t i = 0; (key = dss_results_provenance_key(i)) != NULL; i++) {
    const char *text = dss_results_provenance(r, key);
    if (json_object_set_new(object, key, json_string(text ? text : "")) != 0) {
      json_decref(object);
      return NULL;
    }
  }
  return object;
}

static json_t *described_statistics(const dss_results *r) {
  json_t *object = json_object();
  for (int s = 0; s < DSS_N_STATISTICS; s++) {
    if (!(dss_results_metrics(r) & DSS_STATISTIC_BIT(s))) continue;
    json_t *text = json_string(dss_statistic_description((dss_statistic)s));
    if (json_object_set_new(object, dss_statistic_name((dss_statistic)s), text) != 0) {
      json_decref(object);
      return NULL;
    }
  }
  return object;
}

static json_t *levels_array(const dss_results *r, size_t q) {
  json_t *array = json_array();
  for (uint32_t k = 0; k < dss_results_n_levels(r, q); k++)
    if (json_array_append_new(array, json_string(dss_results_level(r, q, k))) != 0) {
      json_decref(array);
      return NULL;
    }
  return array;
}

static json_t *dsi_object(const dss_results *r, size_t q, size_t axis) {
  const dss_dsi *dsi = dss_results_dsi(r, q, axis);
  if (!dsi || dsi->group == SIZE_MAX) return json_null();
  return json_pack("{s:o, s:s}", "estimate", number(dsi->estimate), "group",
                   dss_results_group(r, dsi->group));
}

static dss_status put_axis(const output *o, size_t q, size_t axis) {
  const dss_results *r = o->results;
  DSS_TRY(put_member(o, "    {", "axis", json_string(dss_results_axis(r, axis))));
  DSS_TRY(put_member(o, ", ", "dsi", dsi_object(r, q, axis)));
  fputs(", \"groups\": [", o->stream);
  size_t first, end;
  dss_view_groups(r, axis, &first, &end);
  for (size_t g = first; g < end; g++) {
    fputs(g > first ? ",\n      " : "\n      ", o->stream);
    DSS_TRY(put(o, group_object(r, q, g)));
  }
  fputs("]}", o->stream);
  return DSS_OK;
}

static dss_status put_question(const output *o, size_t q) {
  const dss_results *r = o->results;
  DSS_TRY(put_member(o, "  {", "question", json_string(dss_results_question(r, q))));
  DSS_TRY(put_member(o, ", ", "scale", json_string(dss_scale_name(dss_results_scale(r, q)))));
  DSS_TRY(put_member(o, ", ", "levels", levels_array(r, q)));
  fputs(", \"axes\": [\n", o->stream);
  for (size_t axis = 0; axis < dss_results_n_axes(r); axis++) {
    if (axis) fputs(",\n", o->stream);
    DSS_TRY(put_axis(o, q, axis));
  }
  fputs("]}", o->stream);
  return DSS_OK;
}

dss_status dss_write_json(dss_context *context, const dss_results *results, FILE *stream) {
  output o = {context, results, stream};
  DSS_TRY(put_member(&o, "{", "kind", json_string("dissensus results")));
  DSS_TRY(put_member(&o, ",\n ", "provenance", provenance_object(results)));
  DSS_TRY(put_member(&o, ",\n ", "resamples", count(dss_results_resamples(results))));
  DSS_TRY(put_member(&o, ",\n ", "statistics", described_statistics(results)));
  fputs(",\n \"questions\": [\n", stream);
  for (size_t q = 0; q < dss_results_n_questions(results); q++) {
    if (q) fputs(",\n", stream);
    DSS_TRY(put_question(&o, q));
  }
  fputs("]}\n", stream);
  return DSS_OK;
}
