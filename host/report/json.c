/* JSON: everything that is in the results. Keys: docs/reports.md. A group is one line, built and
 * written before the next, so that memory does not grow with the results. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "host/core/context.h"
#include "json_cell.h"
#include "view.h"
#include "writers.h"

typedef struct output {
  dss_json to;
  const dss_results *results;
} output;

/* --- groups ------------------------------------------------------------------------------ */

static json_t *histogram(const dss_results *r, size_t q, size_t g, dss_statistic statistic) {
  double edges[2];
  const uint64_t *bins = dss_results_histogram(r, q, g, statistic, edges);
  if (!bins) return json_null();
  return json_pack("{s:o, s:o, s:o, s:o, s:o}", "low", dss_json_number(edges[0]), "high",
                   dss_json_number(edges[1]), "below", dss_json_count(bins[0]), "counts",
                   dss_json_counts(bins + 1, DSS_HISTOGRAM_BINS), "above",
                   dss_json_count(bins[DSS_HISTOGRAM_BINS + 1]));
}

static json_t *statistics_object(const dss_results *r, size_t q, size_t g) {
  json_t *object = json_object();
  for (int s = 0; s < DSS_N_STATISTICS; s++) {
    const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
    if (!cell) continue;
    json_t *value =
        dss_json_cell(cell, histogram(r, q, g, (dss_statistic)s), dss_interval_resamples(r));
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
                   dss_json_number(d->fieller_low), "high", dss_json_number(d->fieller_high),
                   "pairs", dss_json_count(d->fieller_pairs), "withheld",
                   dss_withheld_text(d->fieller_withheld));
}

static json_t *details_object(const dss_results *r, size_t q, size_t g) {
  const dss_group_detail *d = dss_results_detail(r, q, g);
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                   "ratings", dss_json_count(d->ratings), "items_rated",
                   dss_json_count(d->units_rated), "items_irr", dss_json_count(d->units_irr),
                   "items_xrr", dss_json_count(d->units_xrr), "items_voting",
                   dss_json_count(d->units_voting), "items_tied", dss_json_count(d->units_tied),
                   "pairable", dss_json_count(d->pairable), "marginals",
                   dss_json_counts(d->marginals, dss_results_n_levels(r, q)),
                   "observed_disagreement", dss_json_number(d->observed_disagreement),
                   "expected_disagreement", dss_json_number(d->expected_disagreement),
                   "cross_observed_disagreement", dss_json_number(d->cross_observed_disagreement),
                   "cross_expected_disagreement", dss_json_number(d->cross_expected_disagreement),
                   "percent_agreement", dss_json_number(d->percent_agreement), "xrr_nonpositive",
                   dss_json_number(d->xrr_nonpositive), "fieller", fieller_of(d));
}

static json_t *group_object(const dss_results *r, size_t q, size_t g) {
  return json_pack("{s:s, s:I, s:o, s:o}", "group", dss_results_group(r, g), "raters",
                   (json_int_t)dss_results_group_raters(r, g), "details", details_object(r, q, g),
                   "statistics", statistics_object(r, q, g));
}

/* --- writing ----------------------------------------------------------------------------- */

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
  return json_pack("{s:o, s:s}", "estimate", dss_json_number(dsi->estimate), "group",
                   dss_results_group(r, dsi->group));
}

static dss_status put_axis(const output *o, size_t q, size_t axis) {
  const dss_results *r = o->results;
  DSS_TRY(dss_json_put_member(&o->to, "    {", "axis", json_string(dss_results_axis(r, axis))));
  DSS_TRY(dss_json_put_member(&o->to, ", ", "dsi", dsi_object(r, q, axis)));
  fputs(", \"groups\": [", o->to.stream);
  size_t first, end;
  dss_view_groups(r, axis, &first, &end);
  for (size_t g = first; g < end; g++) {
    fputs(g > first ? ",\n      " : "\n      ", o->to.stream);
    DSS_TRY(dss_json_put(&o->to, group_object(r, q, g)));
  }
  fputs("]}", o->to.stream);
  return DSS_OK;
}

static dss_status put_question(const output *o, size_t q) {
  const dss_results *r = o->results;
  DSS_TRY(dss_json_put_member(&o->to, "  {", "question", json_string(dss_results_question(r, q))));
  DSS_TRY(dss_json_put_member(&o->to, ", ", "scale",
                              json_string(dss_scale_name(dss_results_scale(r, q)))));
  DSS_TRY(dss_json_put_member(&o->to, ", ", "levels", levels_array(r, q)));
  fputs(", \"axes\": [\n", o->to.stream);
  for (size_t axis = 0; axis < dss_results_n_axes(r); axis++) {
    if (axis) fputs(",\n", o->to.stream);
    DSS_TRY(put_axis(o, q, axis));
  }
  fputs("]}", o->to.stream);
  return DSS_OK;
}

dss_status dss_write_json(dss_context *context, const dss_results *results, FILE *stream) {
  output o = {{context, stream}, results};
  DSS_TRY(dss_json_put_member(&o.to, "{", "kind", json_string("dissensus results")));
  DSS_TRY(dss_json_put_member(&o.to, ",\n ", "provenance", provenance_object(results)));
  DSS_TRY(dss_json_put_member(&o.to, ",\n ", "resamples",
                              dss_json_count(dss_results_resamples(results))));
  DSS_TRY(dss_json_put_member(&o.to, ",\n ", "statistics", described_statistics(results)));
  fputs(",\n \"questions\": [\n", stream);
  for (size_t q = 0; q < dss_results_n_questions(results); q++) {
    if (q) fputs(",\n", stream);
    DSS_TRY(put_question(&o, q));
  }
  fputs("]}\n", stream);
  return DSS_OK;
}
