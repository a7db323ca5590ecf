#include "json_cell.h"

#include <math.h>

#include "host/core/context.h"
#include "intervals.h"

enum { FLAGS = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17) };

/* --- values ------------------------------------------------------------------------------ */

json_t *dss_json_number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

json_t *dss_json_count(uint64_t value) {
  return json_integer((json_int_t)value);
}

/* 0: there is none. */
static json_t *count_or_null(uint64_t value) {
  return value > 0 ? dss_json_count(value) : json_null();
}

json_t *dss_json_counts(const uint64_t *values, size_t n) {
  json_t *array = json_array();
  for (size_t i = 0; i < n; i++)
    if (json_array_append_new(array, dss_json_count(values[i])) != 0) {
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
    if (json_object_set_new(object, level, dss_json_number(cell->quantiles[i])) != 0) {
      json_decref(object);
      return NULL;
    }
  }
  return object;
}

static json_t *null_of(const dss_cell *cell, json_t *bins) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "mean", dss_json_number(cell->null_mean), "sd",
                   dss_json_number(cell->null_sd), "min", dss_json_number(cell->null_min), "max",
                   dss_json_number(cell->null_max), "quantiles", quantiles(cell), "histogram",
                   bins);
}

static json_t *counts_of(const dss_cell *cell) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "resamples",
                   dss_json_count(cell->resamples), "below", dss_json_count(cell->below), "equal",
                   dss_json_count(cell->equal), "above", dss_json_count(cell->above), "undefined",
                   dss_json_count(cell->undefined), "ge", dss_json_count(cell->ge), "le",
                   dss_json_count(cell->le), "ge_at", count_or_null(cell->ge_at), "le_at",
                   count_or_null(cell->le_at));
}

static json_t *p_of(const dss_cell *cell) {
  return json_pack("{s:o, s:o, s:o, s:[o, o], s:o, s:[o, o], s:o, s:o, s:o, s:o, s:o}", "up",
                   dss_json_number(cell->p_up), "down", dss_json_number(cell->p_down), "two_sided",
                   dss_json_number(cell->p), "two_sided_interval", dss_json_number(cell->p_low),
                   dss_json_number(cell->p_high), "tail", dss_json_number(cell->p_tail),
                   "tail_interval", dss_json_number(cell->p_tail_low),
                   dss_json_number(cell->p_tail_high), "grasp", dss_json_number(cell->p_grasp),
                   "q_bh", dss_json_number(cell->q_bh), "holm", dss_json_number(cell->p_holm),
                   "bonferroni", dss_json_number(cell->p_bonferroni), "maxt",
                   dss_json_number(cell->p_maxt));
}

static json_t *interval_of(const dss_cell *cell, uint64_t resamples) {
  double share = resamples > 0 ? (double)cell->boot_undefined / (double)resamples : NAN;
  if (!dss_interval_resampled(cell)) return json_null();
  return json_pack("{s:o, s:o, s:s, s:o, s:o, s:[o, o], s:[o, o], s:[o, o], s:o, s:o, s:b, s:s}",
                   "low", dss_json_number(cell->ci_low), "high", dss_json_number(cell->ci_high),
                   "method", cell->ci_method, "se", dss_json_number(cell->se), "holds_estimate",
                   *cell->ci_method ? json_boolean(!cell->ci_misses) : json_null(), "percentile",
                   dss_json_number(cell->percentile_low), dss_json_number(cell->percentile_high),
                   "basic", dss_json_number(cell->basic_low), dss_json_number(cell->basic_high),
                   "bca", dss_json_number(cell->bca_low), dss_json_number(cell->bca_high),
                   "undefined", dss_json_count(cell->boot_undefined), "undefined_share",
                   dss_json_number(share), "flagged", (int)cell->boot_flagged, "withheld",
                   dss_withheld_text(cell->ci_withheld));
}

json_t *dss_json_cell(const dss_cell *cell, json_t *bins, uint64_t resamples) {
  static const char *const directions[] = {"down", "", "up"};
  return json_pack("{s:o, s:s, s:s, s:o, s:b, s:o, s:o, s:o, s:o}", "estimate",
                   dss_json_number(cell->estimate), "reason", dss_reason_text(cell->reason),
                   "direction", directions[1 + cell->direction], "z", dss_json_number(cell->z),
                   "flagged", (int)cell->flagged, "counts", counts_of(cell), "p", p_of(cell),
                   "null", null_of(cell, bins), "interval", interval_of(cell, resamples));
}

/* --- writing ----------------------------------------------------------------------------- */

static dss_status put(const dss_json *to, json_t *value, size_t flags) {
  if (!value)
    return dss_fail(to->context, DSS_ERR_MEMORY, "out of memory, or a name is not UTF-8, for JSON");
  json_dumpf(value, to->stream, flags); /* the stream's own state tells of failure */
  json_decref(value);
  return DSS_OK;
}

dss_status dss_json_put(const dss_json *to, json_t *value) {
  return put(to, value, FLAGS);
}

dss_status dss_json_put_document(const dss_json *to, json_t *root) {
  DSS_TRY(put(to, root, JSON_INDENT(2) | JSON_REAL_PRECISION(17)));
  fputc('\n', to->stream);
  return DSS_OK;
}

dss_status dss_json_put_member(const dss_json *to, const char *before, const char *name,
                               json_t *value) {
  fprintf(to->stream, "%s\"%s\": ", before, name);
  return dss_json_put(to, value);
}
