#include "skeleton.h"

#include <inttypes.h>
#include <string.h>

#include "host/core/alloc.h"
#include "host/core/timestamp.h"
#include "keys.h"
#include "part.h"
#include "results_h5.h"
#include "team.h"

static dss_status copy_names(dss_context *context, const dss_plan *plan, dss_results *r) {
  for (size_t q = 0; q < r->n_questions; q++) {
    const dss_plan_question *question = &plan->questions[q];
    r->questions[q].scale = question->scale;
    DSS_TRY(dss_copy_text(context, &r->questions[q].name, question->name));
    for (uint32_t k = 0; k < question->n_levels; k++)
      DSS_TRY(dss_copy_text(context, &r->questions[q].levels[k], question->labels[k]));
  }
  for (size_t a = 0; a < r->n_axes; a++)
    DSS_TRY(dss_copy_text(context, &r->axes[a], plan->axes[a].name));
  for (size_t g = 0; g < r->n_groups; g++) {
    r->groups[g].axis = plan->groups[g].axis;
    r->groups[g].raters = plan->groups[g].raters;
    DSS_TRY(dss_copy_text(context, &r->groups[g].name, plan->groups[g].name));
  }
  return DSS_OK;
}

dss_status dss_plan_provenance(dss_context *context, const dss_plan *plan, const char *command,
                               char *keys[DSS_N_RESULT_KEYS]) {
  char now[DSS_TIMESTAMP_CHARS];
  DSS_TRY(dss_timestamp(context, now));
  const dss_sums_choice *choice = &plan->kernel.choice;
  DSS_TRY(dss_copy_text(context, &keys[DSS_KEY_created_by], "dissensus " DSS_VERSION_STRING));
  DSS_TRY(dss_copy_text(context, &keys[DSS_KEY_created_at], now));
  DSS_TRY(dss_copy_text(context, &keys[DSS_KEY_command], command));
  DSS_TRY(dss_copy_text(context, &keys[DSS_KEY_input_sha256], plan->input_sha256));
  DSS_TRY(dss_copy_text(context, &keys[DSS_KEY_filters], plan->filters));
  DSS_TRY(dss_put_scheme(context, plan, &keys[DSS_KEY_scheme]));
  bool bootstrap = plan->bootstrap > 0;
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_bootstrap], "%" PRIu64, plan->bootstrap));
  DSS_TRY(
      dss_put_key(context, &keys[DSS_KEY_over], "%s", bootstrap ? dss_over_name(plan->over) : ""));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_interval], "%s",
                      bootstrap ? dss_ci_name(plan->interval) : ""));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_seed], "%" PRIu64, plan->kernel.exchange.seed));
  bool exact = plan->kernel.exchange.n_arrangements > 0;
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_arrangements], "%s", exact ? "all" : "random"));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_stop_after], "%" PRIu64, plan->stop_after));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_permutations], "%" PRIu64, plan->permutations));
  DSS_TRY(
      dss_put_key(context, &keys[DSS_KEY_units], "%s", choice->common_units ? "common" : "own"));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_ties], "%s", choice->skip_ties ? "skip" : "split"));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_min_raters], "%u", plan->min_raters));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_raters], "%u", plan->kernel.exchange.n_raters));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_ratings], "%" PRIu64, plan->n_ratings));
  DSS_TRY(dss_put_key(context, &keys[DSS_KEY_ratings_dropped], "%" PRIu64, plan->n_dropped));
  return dss_put_key(context, &keys[DSS_KEY_items], "%u", plan->n_items);
}

static dss_status allocate(dss_context *context, const dss_plan *plan, dss_results **results) {
  const dss_kernel_plan *kernel = &plan->kernel;
  uint32_t *n_levels;
  DSS_TRY(DSS_ALLOC(context, &n_levels, kernel->n_questions));
  for (size_t q = 0; q < kernel->n_questions; q++)
    n_levels[q] = plan->questions[q].n_levels;
  dss_status status = dss_results_new(context, plan->metrics, kernel->n_questions, n_levels,
                                      kernel->n_axes, kernel->n_groups, results);
  free(n_levels);
  return status;
}

dss_status dss_results_of_plan(dss_context *context, const dss_plan *plan, const char *command,
                               dss_results **results) {
  dss_results *made;
  DSS_TRY(allocate(context, plan, &made));
  dss_status status = copy_names(context, plan, made);
  if (status == DSS_OK) status = dss_plan_provenance(context, plan, command, made->keys);
  if (status == DSS_OK)
    *results = made;
  else
    dss_results_free(made);
  return status;
}

/* --- the same plan? -------------------------------------------------------------------------- */

/* What has no bearing on the numbers. */
static bool passing(dss_result_key key) {
  return key == DSS_KEY_created_at || key == DSS_KEY_command || key == DSS_KEY_backend;
}

static bool same_text(const char *a, const char *b) {
  return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool differ(char *why, const char *what, const char *a, const char *b) {
  snprintf(why, DSS_DIFFERENCE_ROOM, "%s is '%.80s' there, '%.80s' here", what, a ? a : "",
           b ? b : "");
  return false;
}

static bool differ_in_number(char *why, const char *what, size_t a, size_t b) {
  snprintf(why, DSS_DIFFERENCE_ROOM, "there are %zu %s there, %zu here", a, what, b);
  return false;
}

static bool same_questions(const dss_results *a, const dss_results *b, char *why) {
  if (a->n_questions != b->n_questions)
    return differ_in_number(why, "questions", a->n_questions, b->n_questions);
  for (size_t q = 0; q < a->n_questions; q++)
    if (!same_text(a->questions[q].name, b->questions[q].name))
      return differ(why, "a question", a->questions[q].name, b->questions[q].name);
  return true;
}

static bool same_groups(const dss_results *a, const dss_results *b, char *why) {
  if (a->n_axes != b->n_axes) return differ_in_number(why, "axes", a->n_axes, b->n_axes);
  for (size_t i = 0; i < a->n_axes; i++)
    if (!same_text(a->axes[i], b->axes[i])) return differ(why, "an axis", a->axes[i], b->axes[i]);
  if (a->n_groups != b->n_groups) return differ_in_number(why, "groups", a->n_groups, b->n_groups);
  for (size_t g = 0; g < a->n_groups; g++)
    if (!same_text(a->groups[g].name, b->groups[g].name))
      return differ(why, "a group", a->groups[g].name, b->groups[g].name);
  return true;
}

bool dss_results_same_plan(const dss_results *a, const dss_results *b,
                           char why[DSS_DIFFERENCE_ROOM]) {
  for (unsigned k = 0; k < DSS_N_RESULT_KEYS; k++)
    if (!passing((dss_result_key)k) && !same_text(a->keys[k], b->keys[k]))
      return differ(why, dss_results_provenance_key(k), a->keys[k], b->keys[k]);
  if (a->metrics != b->metrics) {
    snprintf(why, DSS_DIFFERENCE_ROOM, "the statistics are others");
    return false;
  }
  return same_questions(a, b, why) && same_groups(a, b, why);
}

/* Whether all values of all resamples are in a results file. */
static bool has_values(dss_context *context, const char *path) {
  dss_h5 h5;
  hid_t nulls;
  if (dss_h5_open(context, path, DSS_RESULTS_KIND, DSS_RESULTS_FORMAT_MAJOR, &h5) != DSS_OK)
    return false;
  bool has =
      dss_h5_get_group(&h5, h5.file, dss_result_folders[DSS_FOLDER_NULL], &nulls) == DSS_OK &&
      dss_h5_has(nulls, "values");
  dss_h5_close(&h5);
  return has;
}

static bool is_complete(dss_context *context, const char *path, const dss_plan *plan,
                        const dss_run_options *options) {
  char why[DSS_DIFFERENCE_ROOM];
  const dss_batch *batch = &options->batch;
  dss_results *there = NULL, *here = NULL;
  bool part = batch->n_shards > 0;
  dss_status status =
      part ? dss_part_open(context, path, 1, &there) : dss_results_open(context, path, &there);
  if (status == DSS_OK) status = dss_results_of_plan(context, plan, NULL, &here);
  bool same = status == DSS_OK && dss_results_same_plan(there, here, why);
  if (same && part)
    same = there->part->shard == batch->shard && there->part->n_shards == batch->n_shards;
  bool saved = same && (part ? there->part->saves_null : has_values(context, path));
  dss_results_free(there);
  dss_results_free(here);
  return same && saved == (options->save_null && plan->permutations > 0);
}

bool dss_is_complete(dss_context *context, const char *path, const dss_plan *plan,
                     const dss_run_options *options) {
  const dss_team *team = options->batch.team;
  bool complete = dss_team_rank(team) == 0 && is_complete(context, path, plan, options);
  if (team) team->share(&complete, sizeof complete);
  return complete;
}
