#include "truth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/core/atomic_file.h"
#include "model_groups.h"

dss_status dss_truth_text(dss_context *context, json_t *root, char **text) {
  *text = root ? json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
  json_decref(root);
  return *text ? DSS_OK : dss_fail_memory(context, 0);
}

json_t *dss_truth_seed(uint64_t seed) {
  return seed <= INT64_MAX ? json_integer((json_int_t)seed)
                           : json_sprintf("%llu", (unsigned long long)seed);
}

json_t *dss_truth_numbers(const double *numbers, size_t n) {
  json_t *list = json_array();
  for (size_t i = 0; i < n; i++)
    json_array_append_new(list, isfinite(numbers[i]) ? json_real(numbers[i]) : json_null());
  return list;
}

static uint64_t count_raters(const dss_design *design, const bool *has) {
  uint64_t n = 0;
  for (uint32_t r = 0; r < design->n_raters; r++)
    n += has[design->cell[r]];
  return n;
}

static json_t *attributes_of(const dss_spec *spec, const dss_design *design) {
  json_t *all = json_object();
  for (size_t a = 0; a < spec->n_attributes; a++) {
    json_t *counts = json_object();
    for (uint32_t v = 0; v < spec->attributes[a].n; v++) {
      uint64_t n = 0;
      for (uint32_t r = 0; r < design->n_raters; r++)
        n += dss_spec_value(spec, design->cell[r], a) == v;
      json_object_set_new(counts, spec->attributes[a].values[v], json_integer((json_int_t)n));
    }
    json_object_set_new(all, spec->attributes[a].name, counts);
  }
  return all;
}

static dss_status add_questions(dss_context *context, const dss_pool *pool, json_t *all) {
  for (size_t q = 0; q < pool->spec.n_questions; q++) {
    const dss_spec_question *question = &pool->spec.questions[q];
    double thresholds[DSS_MAX_LEVELS];
    json_t *groups = NULL;
    dss_thresholds_of(question->shares, question->n_levels, thresholds);
    DSS_TRY(dss_model_groups(context, pool, q, &groups));
    json_array_append_new(
        all, json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", question->name, "scale",
                       dss_scale_name(question->scale), "shares",
                       dss_truth_numbers(question->shares, question->n_levels), "thresholds",
                       dss_truth_numbers(thresholds, question->n_levels - 1), "groups", groups));
  }
  return DSS_OK;
}

/* The cells that have raters; loadings and noise are the same for every question. */
static json_t *cells_of(const dss_spec *spec, const dss_design *design, const dss_latent *latent) {
  json_t *all = json_array();
  for (uint32_t cell = 0; cell < spec->n_cells; cell++) {
    uint64_t n = 0;
    double severity = 0;
    for (uint32_t r = 0; r < design->n_raters; r++)
      n += design->cell[r] == cell;
    if (n == 0) continue;
    json_t *profile = json_object();
    for (size_t a = 0; a < spec->n_attributes; a++) {
      const char *value = spec->attributes[a].values[dss_spec_value(spec, cell, a)];
      json_object_set_new(profile, spec->attributes[a].name, json_string(value));
    }
    for (size_t i = 0; i < spec->n_effects; i++)
      severity += spec->effects[i].has[cell] ? spec->effects[i].severity : 0.0;
    json_array_append_new(all, json_pack("{s:o, s:I, s:f, s:f, s:f}", "profile", profile, "raters",
                                         (json_int_t)n, "severity", severity, "shared_variance",
                                         dss_latent_shared(latent, cell, cell), "noise_variance",
                                         latent->noise[cell] * latent->noise[cell]));
  }
  return all;
}

static json_t *effects_of(const dss_spec *spec, const dss_design *design) {
  json_t *all = json_array();
  for (size_t i = 0; i < spec->n_effects; i++)
    json_array_append_new(
        all, json_pack("{s:s, s:I, s:f, s:f}", "effect", spec->effects[i].name, "raters",
                       (json_int_t)count_raters(design, spec->effects[i].has), "severity",
                       spec->effects[i].severity, "cohesion", spec->effects[i].cohesion));
  return all;
}

dss_status dss_truth_of_pool(dss_context *context, const dss_simulate_options *options,
                             const dss_pool *pool, char **text) {
  const dss_spec *spec = &pool->spec;
  const dss_design *design = &pool->design;
  json_t *questions = json_array();
  dss_status status = add_questions(context, pool, questions);
  if (status != DSS_OK) {
    json_decref(questions);
    return status;
  }
  json_t *root = json_pack(
      "{s:s, s:o, s:I, s:I, s:I, s:f, s:f, s:f, s:o, s:o, s:o, s:o}", "simulated", "pool", "seed",
      dss_truth_seed(options->seed), "raters", (json_int_t)options->raters, "items",
      (json_int_t)options->items, "batches", (json_int_t)options->batches, "missing",
      options->missing, "agreement", options->agreement, "leniency", options->leniency,
      "attributes", attributes_of(spec, design), "questions", questions, "effects",
      effects_of(spec, design), "cells", cells_of(spec, design, &pool->latents[0]));
  return dss_truth_text(context, root, text);
}

/* The text lies ready beside its place when the study takes its own: what can fail for want of room
 * or leave has then been done. Should its last step fail, the study that was there comes back. */
dss_status dss_pool_save(dss_context *context, const dss_study *study, const char *path,
                         const char *truth, const char *truth_path, bool overwrite) {
  dss_atomic_file file;
  dss_kept_file before = {0};
  if (!truth_path) return dss_study_save(context, study, path, overwrite);
  DSS_TRY(dss_atomic_stage(context, &file, truth_path, truth, strlen(truth), overwrite));
  dss_status status = overwrite ? dss_keep_begin(context, &before, path) : DSS_OK;
  if (status == DSS_OK) status = dss_study_save(context, study, path, overwrite);
  if (status != DSS_OK) {
    dss_atomic_abandon(&file);
    if (before.path) dss_keep_put_back(context, &before);
    return status;
  }
  status = dss_atomic_commit(context, &file);
  if (status != DSS_OK && !overwrite)
    unlink(path);
  else if (status != DSS_OK)
    dss_keep_put_back(context, &before);
  else
    dss_keep_drop(&before);
  return status;
}
