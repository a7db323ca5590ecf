/* What was fitted to a question, as JSON. */
#include <math.h>

#include "truth.h"

static json_t *effects_of(const dss_fit *fit) {
  json_t *all = json_array();
  for (size_t i = 0; i < fit->n_effects; i++)
    json_array_append_new(all,
                          json_pack("{s:s, s:I, s:f, s:f}", "group", fit->effects[i].name, "raters",
                                    (json_int_t)fit->raters[i], "cohesion",
                                    fit->effects[i].cohesion, "standard_errors", fit->sure[i]));
  return all;
}

/* What cells were sure to differ by, in the order in which it was found. */
static json_t *parts_of(const dss_kept *kept) {
  json_t *all = json_array();
  for (size_t i = 0; i < kept->n_parts; i++) {
    const dss_part *part = &kept->parts[i];
    json_array_append_new(all, json_pack("{s:s, s:f, s:f}", part->alone ? "group" : "attributes",
                                         part->name, "standard_errors", part->sure, "variance",
                                         part->variance));
  }
  return all;
}

/* An unknown value is null. */
static json_t *profile_of(const dss_study *study, const dss_cells *cells, uint32_t cell) {
  json_t *profile = json_object();
  for (size_t i = 0; i < cells->n_attributes; i++) {
    const dss_attribute *a = dss_study_rater_attribute(study, cells->attributes[i]);
    int32_t code = cells->profile[(size_t)cell * cells->n_attributes + i];
    json_object_set_new(profile, a->name,
                        code < 0 ? json_null() : json_string(a->categories[code]));
  }
  return profile;
}

/* Those whose raters rated the question. */
static json_t *cells_of(const dss_study *study, const dss_cells *cells, const dss_thresholds *t) {
  json_t *all = json_array();
  for (uint32_t cell = 0; cell < cells->n_cells; cell++) {
    double chance = t->severity_found.chance[cell];
    json_int_t raters = 0;
    if (!isfinite(chance)) continue;
    for (uint32_t r = 0; r < cells->n_raters; r++)
      raters += cells->cell[r] == cell;
    json_array_append_new(
        all,
        json_pack(
            "{s:o, s:I, s:f, s:f, s:f, s:o}", "profile", profile_of(study, cells, cell), "raters",
            raters, "found_severity", t->severity_found.values[cell], "standard_error",
            sqrt(chance), "severity", t->severity.values[cell], "thresholds",
            dss_truth_numbers(t->of_cells + (size_t)cell * (t->n_levels - 1), t->n_levels - 1)));
  }
  return all;
}

json_t *dss_truth_fit(const dss_study *study, const dss_question *question, const dss_cells *cells,
                      const dss_fit *fit) {
  const dss_thresholds *t = &fit->thresholds;
  return json_pack("{s:s, s:f, s:f, s:o, s:o, s:o, s:o, s:o}", "name", question->name, "agreement",
                   fit->agreement, "leniency", fit->leniency, "effects", effects_of(fit),
                   "severity", parts_of(&t->severity), "use_of_levels", parts_of(&t->use),
                   "thresholds", dss_truth_numbers(t->of_question, t->n_levels - 1), "cells",
                   cells_of(study, cells, t));
}
