#include "dissensus/steer.h"

#include <math.h>
#include <stdio.h>

#include "evaluation.h"
#include "host/core/alloc.h"
#include "questions.h"
#include "steering.h"

/* --- words ---------------------------------------------------------------------------------- */

typedef struct statistic_names {
  const char *name, *gain, *missteered, *specificity;
} statistic_names;

static const statistic_names names_of[DSS_N_STEER_STATISTICS] = {
#define DSS_X(enumerator, name, gain, missteered, specificity)                                     \
  {name, gain, missteered, specificity},
    DSS_STEER_STATISTICS(DSS_X)
#undef DSS_X
};

const char *dss_steer_statistic_name(dss_steer_statistic statistic) {
  return (unsigned)statistic < DSS_N_STEER_STATISTICS ? names_of[statistic].name : NULL;
}

static const char *const against_names[] = {"ratings", "means"};

bool dss_steer_against_parse(const char *name, dss_steer_against *against) {
  for (unsigned i = 0; i < 2; i++)
    if (strcmp(name, against_names[i]) == 0) {
      *against = (dss_steer_against)i;
      return true;
    }
  return false;
}

void dss_steer_options_init(dss_steer_options *options) {
  *options = (dss_steer_options){0};
}

/* --- rows ----------------------------------------------------------------------------------- */

/* Rows are added in the order of their values. */
typedef struct rows {
  dss_context *context;
  const dss_steering *steering;
  dss_evaluation *evaluation;
  const dss_reason *why; /* of the next row */
} rows;

/* One row for each statistic, named by `name`. */
static dss_status add_rows(rows *r, dss_row_spec *spec, size_t name) {
  for (int k = 0; k < DSS_N_STEER_STATISTICS; k++) {
    const char *const names[] = {names_of[k].name, names_of[k].gain, names_of[k].missteered,
                                 names_of[k].specificity};
    spec->statistic = names[name];
    spec->reason = *r->why++;
    spec->resampled = true;
    DSS_TRY(dss_evaluation_add(r->context, r->evaluation, r->steering->rated->plan, spec));
  }
  return DSS_OK;
}

enum { NAME, GAIN, MISSTEERED, SPECIFICITY };

static dss_status add_sample(rows *r, const dss_steer_axis *axis, const dss_steer_sample *sample) {
  const dss_steering *s = r->steering;
  dss_row_spec spec = {.question = s->told.scale.question->name,
                       .source = "steered",
                       .items = s->parts.parts[sample->part].name,
                       .axis = axis->axis,
                       .group = sample->group,
                       .versus = DSS_NOWHERE,
                       .raters = sample->raters,
                       .n_items = sample->n_items,
                       .ratings = sample->ratings};
  DSS_TRY(add_rows(r, &spec, NAME));
  if (!s->told.has_baseline) return DSS_OK;
  spec.source = "baseline";
  DSS_TRY(add_rows(r, &spec, NAME));
  spec.source = "steered";
  spec.permuted = true;
  return add_rows(r, &spec, GAIN);
}

static dss_status add_matrix(rows *r, const dss_steer_axis *axis) {
  const dss_steering *s = r->steering;
  const dss_steer_sample *all = axis->samples; /* all items, then group by group */
  uint32_t groups = dss_steer_groups(s, axis);
  dss_row_spec spec = {
      .question = s->told.scale.question->name, .source = "steered", .axis = axis->axis};
  for (uint32_t rated = 0; !s->options->no_matrix && rated < groups; rated++)
    for (uint32_t told = 0; told < groups; told++) {
      if (told == rated) continue;
      spec.group = all[rated + 1].group;
      spec.versus = all[told + 1].group;
      dss_steer_size size;
      DSS_TRY(dss_steer_matrix_size(r->context, s, axis, rated, told, &size));
      spec.raters = size.raters;
      spec.n_items = size.items;
      spec.ratings = size.ratings;
      DSS_TRY(add_rows(r, &spec, MISSTEERED));
    }
  spec.group = spec.versus = DSS_NOWHERE;
  spec.raters = all[0].raters;
  spec.n_items = all[0].n_items;
  spec.ratings = all[0].ratings;
  spec.permuted = spec.upper = true;
  return add_rows(r, &spec, SPECIFICITY);
}

static dss_status add_all_rows(rows *r) {
  for (size_t a = 0; a < r->steering->n_axes; a++) {
    const dss_steer_axis *axis = &r->steering->axes[a];
    for (size_t i = 0; i < axis->n_samples; i++)
      DSS_TRY(add_sample(r, axis, &axis->samples[i]));
    if (dss_steer_has_matrix(r->steering)) DSS_TRY(add_matrix(r, axis));
  }
  return DSS_OK;
}

/* --- notes ---------------------------------------------------------------------------------- */

static dss_status note(rows *r, const char *what, const dss_steer_axis *axis, uint64_t count,
                       const dss_strings *names) {
  char text[256], list[320] = "";
  const dss_words words = {names->at, names->count, names->count};
  if (count == 0) return DSS_OK;
  snprintf(text, sizeof text, "%s '%s'", what,
           DSS_EXCERPT(r->steering->rated->plan->axes[axis->axis].name));
  dss_words_list(&words, list, sizeof list);
  return dss_evaluation_add_note(r->context, r->evaluation, text, count, list);
}

/* Groups, among those tested, whose sample of all items wants a value for this reason; why: of the
 * samples' rows. */
static dss_status note_groups(rows *r, const dss_steer_axis *axis, dss_reason reason,
                              const dss_reason *why, const char *what) {
  const dss_steering *s = r->steering;
  dss_strings names = {0};
  dss_status status = DSS_OK;
  for (uint32_t g = 0; g < dss_steer_groups(s, axis) && status == DSS_OK; g++) {
    uint32_t id;
    const char *name = s->rated->plan->groups[axis->samples[g + 1].group].name;
    if (why[(g + 1) * dss_steer_sample_rows(s) + DSS_STEER_PEARSON] == reason)
      status = dss_strings_add(r->context, &names, name, strlen(name), (dss_place){0}, &id);
  }
  if (status == DSS_OK) status = note(r, what, axis, names.count, &names);
  dss_strings_free(&names);
  return status;
}

static dss_status note_axis(rows *r, const dss_steer_axis *axis, const dss_reason *why) {
  const dss_strings none = {0};
  const dss_steer_left *left = &axis->left;
  DSS_TRY(note(r, "ratings by raters of no group of the axis", axis, left->unknown, &none));
  DSS_TRY(note(r, "ratings without a prediction on the axis", axis, left->unpredicted,
               &left->unpredicted_items));
  DSS_TRY(note(r, "ratings with a prediction and without a baseline on the axis", axis,
               left->without_baseline, &left->without_items));
  DSS_TRY(note_groups(r, axis, DSS_REASON_NO_PREDICTIONS, why,
                      "groups without a rating that has a prediction on the axis"));
  return note_groups(r, axis, DSS_REASON_CONSTANT_PREDICTIONS, why,
                     "groups whose predictions do not vary on the axis");
}

static dss_status add_notes(rows *r, const dss_reason *why) {
  const dss_steering *s = r->steering;
  DSS_TRY(dss_told_note(r->context, s->rated, &s->told, r->evaluation));
  DSS_TRY(dss_parts_note(r->context, s->rated, s->options->items_by, s->options->n_items_by,
                         r->evaluation));
  for (size_t a = 0; a < s->n_axes; a++) {
    DSS_TRY(note_axis(r, &s->axes[a], why));
    why += dss_steer_axis_rows(s, &s->axes[a]);
  }
  return DSS_OK;
}

/* --- provenance ----------------------------------------------------------------------------- */

static dss_status set_provenance(rows *r) {
  const dss_steering *s = r->steering;
  const dss_steer_options *o = s->options;
  char *text = NULL;
  size_t length = 0;
  FILE *stream = open_memstream(&text, &length);
  if (!stream) return dss_fail(r->context, DSS_ERR_MEMORY, "out of memory");
  fprintf(stream, "against=%s; prediction=%s; baseline=%s; ", against_names[o->against],
          o->prediction, o->baseline ? o->baseline : "none");
  if (o->rater) fprintf(stream, "rater=%s", o->rater);
  for (size_t k = 0; k < s->told.n_keys; k++)
    fprintf(stream, "%s%s", k ? "," : "told=",
            dss_study_rater_attribute(s->rated->study, s->told.attributes[k])->name);
  bool failed = fclose(stream) != 0;
  dss_status status = failed ? dss_fail(r->context, DSS_ERR_MEMORY, "out of memory")
                             : dss_evaluation_set(r->context, r->evaluation, "settings", text);
  free(text);
  DSS_TRY(status);
  return dss_evaluation_set(r->context, r->evaluation, "predictions_sha256", s->told.rows->sha256);
}

/* --- the whole ------------------------------------------------------------------------------ */

/* Swaps and profiles are drawn together, and swaps are never all there are: no arrangement is
 * visited in turn, and p is (count + 1) / (B + 1). */
static void draw_always(const dss_evaluation_run *run, dss_plan *plan) {
  plan->kernel.exchange.n_arrangements = 0;
  plan->permutations = run->plan.permutations;
}

dss_status dss_steering_make(dss_context *context, const dss_rated *rated,
                             const dss_steer_options *options, dss_steering *s) {
  *s = (dss_steering){.rated = rated, .options = options};
  DSS_TRY(dss_parts_new(context, rated, s->options->items_by, s->options->n_items_by, &s->parts));
  DSS_TRY(dss_told_read(context, rated, s->options, &s->told));
  DSS_TRY(DSS_ALLOC(context, &s->axes, rated->plan->kernel.n_axes));
  for (size_t a = 0; a < rated->plan->kernel.n_axes; a++) {
    dss_steer_axis *axis = &s->axes[s->n_axes++];
    axis->axis = a;
    DSS_TRY(dss_steer_cells_new(context, rated, &s->told, a, &axis->cells));
    DSS_TRY(dss_steer_units_new(context, s, axis));
    s->n_rows += dss_steer_axis_rows(s, axis);
  }
  return DSS_OK;
}

void dss_steering_free(dss_steering *s) {
  for (size_t a = 0; a < s->n_axes; a++)
    dss_steer_axis_free(&s->axes[a]);
  free(s->axes);
  dss_told_free(&s->told);
  dss_parts_free(&s->parts);
}

/* A table from which no rating has a prediction is not the one that was meant. */
static dss_status check_any(dss_context *context, const dss_steering *s, const double *out,
                            const dss_reason *why) {
  for (size_t row = 0; row < s->n_rows; row++)
    if (!isnan(out[row]) || why[row] == DSS_REASON_CONSTANT_RATINGS ||
        why[row] == DSS_REASON_CONSTANT_PREDICTIONS)
      return DSS_OK;
  return dss_fail(context, DSS_ERR_DATA,
                  "%s: no rating of the study has a prediction: no item, or nobody who was told, "
                  "is one of its",
                  s->told.rows->file);
}

static dss_status fill(dss_context *context, const dss_steering *s, dss_evaluation *evaluation) {
  double *out;
  dss_reason *why = NULL;
  unsigned char *scratch = NULL;
  rows r = {context, s, evaluation, NULL};
  DSS_TRY(DSS_ALLOC(context, &out, s->n_rows));
  dss_status status = DSS_ALLOC(context, &why, s->n_rows);
  if (status == DSS_OK) status = DSS_ALLOC(context, &scratch, dss_steer_scratch(s));
  if (status == DSS_OK) {
    dss_steer_observe(s, scratch, out, why);
    r.why = why;
    status = check_any(context, s, out, why);
  }
  if (status == DSS_OK) status = add_all_rows(&r);
  if (status == DSS_OK) status = add_notes(&r, why);
  if (status == DSS_OK) status = set_provenance(&r);
  free(out);
  free(why);
  free(scratch);
  return status;
}

static dss_status evaluate(dss_context *context, const dss_steering *s,
                           const dss_evaluation_run *run, dss_evaluation *evaluation) {
  DSS_TRY(fill(context, s, evaluation));
  const dss_evaluator by = {.of = s,
                            .scratch_bytes = dss_steer_scratch(s),
                            .permuted = dss_steer_permuted,
                            .resampled = dss_steer_resampled};
  return dss_evaluate(context, s->rated, run, &by, evaluation);
}

/* Weighted sums must stay in their integers, however a bootstrap draws. */
#define MOST_RATINGS (UINT64_C(1) << 28)

static dss_status fail_questions(dss_context *context, const dss_rated *rated) {
  char list[320];
  dss_words names = {0};
  dss_status status = DSS_OK;
  for (size_t q = 0; status == DSS_OK && q < rated->n_questions; q++) {
    const char *name = rated->questions[q].question->name;
    status = dss_words_add(context, &names, name, strlen(name));
  }
  dss_words_list(&names, list, sizeof list);
  dss_words_free(&names);
  DSS_TRY(status);
  return dss_fail(context, DSS_ERR_USAGE,
                  "predictions are of one question; with --question name one of: %s", list);
}

static dss_status check(dss_context *context, const dss_steer_options *options,
                        const dss_rated *rated) {
  if (!options->predictions || !options->item || !options->prediction)
    return dss_fail(context, DSS_ERR_USAGE,
                    "a table of predictions has a column of items and one of predictions");
  if (options->rater && options->n_told > 0)
    return dss_fail(context, DSS_ERR_USAGE,
                    "predictions are either for raters or for who is told, not for both");
  if (rated->n_questions != 1) return fail_questions(context, rated);
  if (rated->questions[0].n_ratings > MOST_RATINGS)
    return dss_fail(context, DSS_ERR_DATA, "more than 2^28 ratings cannot be compared exactly");
  return DSS_OK;
}

dss_status dss_steer(dss_context *context, const dss_study *study, const dss_evaluation_run *run,
                     const dss_steer_options *options, dss_evaluation **evaluation) {
  dss_chosen_questions chosen;
  dss_rated *rated = NULL;
  dss_evaluation *made = NULL;
  dss_status status = dss_choose_questions(context, study, run, dss_has_order, NULL, &chosen);
  if (status == DSS_OK) status = dss_rated_new(context, study, &chosen.run, &rated);
  if (status == DSS_OK) status = check(context, options, rated);
  if (status == DSS_OK) status = dss_evaluation_new(context, DSS_EVALUATION_STEER, &made);
  if (status == DSS_OK)
    status = dss_note_left_out(context, &chosen,
                               "nominal questions, whose levels have no order, are left out", made);
  if (status == DSS_OK) {
    dss_steering steering;
    draw_always(run, rated->plan);
    status = dss_steering_make(context, rated, options, &steering);
    if (status == DSS_OK) status = evaluate(context, &steering, run, made);
    dss_steering_free(&steering);
  }
  dss_chosen_questions_free(&chosen);
  dss_rated_free(rated);
  if (status != DSS_OK) {
    dss_evaluation_free(made);
    return status;
  }
  *evaluation = made;
  return DSS_OK;
}
