/* A pool with known truth: from options to a study. */
#include "host/core/alloc.h"
#include "host/core/timestamp.h"
#include "pool.h"
#include "truth.h"

void dss_simulate_options_init(dss_simulate_options *options) {
  *options = (dss_simulate_options){
      .raters = 100, .items = 100, .batches = 1, .agreement = 0.35, .leniency = 0.1, .seed = 1};
}

/* --- making ---------------------------------------------------------------------------------- */

static dss_status make_latents(dss_context *context, dss_pool *pool,
                               const dss_simulate_options *options) {
  const dss_spec *spec = &pool->spec;
  DSS_TRY(DSS_ALLOC(context, &pool->latents, spec->n_questions));
  for (size_t q = 0; q < spec->n_questions; q++) {
    DSS_TRY(dss_latent_make(context, spec->questions[q].n_levels, spec->n_cells, options->agreement,
                            options->leniency, spec->effects, spec->n_effects, &pool->latents[q]));
    dss_latent_set_shares(&pool->latents[q], spec->questions[q].shares, spec->effects,
                          spec->n_effects);
  }
  return DSS_OK;
}

/* A value that no rater has is no group, and a mistake. */
static dss_status check_values(dss_context *context, const dss_pool *pool) {
  for (size_t a = 0; a < pool->spec.n_attributes; a++) {
    const dss_spec_attribute *attribute = &pool->spec.attributes[a];
    for (uint32_t v = 0; v < attribute->n; v++) {
      uint32_t r = 0;
      while (r < pool->design.n_raters && dss_spec_value(&pool->spec, pool->design.cell[r], a) != v)
        r++;
      if (r == pool->design.n_raters)
        return dss_fail(context, DSS_ERR_USAGE, "attribute '%s': of %u raters none is '%s'",
                        attribute->name, r, attribute->values[v]);
    }
  }
  return DSS_OK;
}

static dss_status plant(dss_context *context, const dss_planted *planted, dss_spec *spec) {
  size_t room = spec->n_effects;
  if (!planted) return DSS_OK;
  DSS_TRY(DSS_GROW(context, &spec->effects, &room, spec->n_effects + 1));
  dss_effect *effect = &spec->effects[spec->n_effects++];
  *effect = (dss_effect){.cohesion = planted->cohesion, .name = planted->group};
  DSS_TRY(DSS_ALLOC(context, &effect->has, spec->n_cells));
  return dss_spec_group(context, spec, "the group", planted->group, strlen(planted->group),
                        effect->has);
}

static dss_status make(dss_context *context, const dss_simulate_options *options,
                       const dss_planted *planted, dss_pool *pool) {
  double *shares = NULL;
  if (!(options->missing >= 0 && options->missing < 1))
    return dss_fail(context, DSS_ERR_USAGE, "missing %g: it must be at least 0 and below 1",
                    options->missing);
  DSS_TRY(dss_spec_read(context, options, &pool->spec));
  DSS_TRY(plant(context, planted, &pool->spec));
  DSS_TRY(make_latents(context, pool, options));
  DSS_TRY(DSS_ALLOC(context, &shares, pool->spec.n_cells));
  dss_spec_shares(&pool->spec, shares);
  dss_status status = dss_design_make(context, options, pool->spec.n_cells, shares, &pool->design);
  free(shares);
  return status == DSS_OK ? check_values(context, pool) : status;
}

dss_status dss_pool_make(dss_context *context, const dss_simulate_options *options,
                         const dss_planted *planted, dss_pool *pool) {
  *pool = (dss_pool){0};
  dss_status status = make(context, options, planted, pool);
  if (status != DSS_OK) dss_pool_free(pool);
  return status;
}

void dss_pool_free(dss_pool *pool) {
  for (size_t q = 0; pool->latents && q < pool->spec.n_questions; q++)
    dss_latent_free(&pool->latents[q]);
  free(pool->latents);
  dss_design_free(&pool->design);
  dss_spec_free(&pool->spec);
  *pool = (dss_pool){0};
}

/* --- as a study ------------------------------------------------------------------------------ */

static dss_status new_study(dss_context *context, const dss_design *design, dss_study **study) {
  dss_made_names raters = {0}, items = {0};
  dss_status status = dss_names_count(context, "r", true, design->n_raters, &raters);
  if (status == DSS_OK) status = dss_names_count(context, "i", true, design->n_items, &items);
  if (status == DSS_OK)
    status =
        dss_study_new(context, design->n_raters, raters.names, design->n_items, items.names, study);
  dss_names_free(&raters);
  dss_names_free(&items);
  return status;
}

static dss_status add_attributes(dss_context *context, const dss_pool *pool, dss_study *study) {
  int32_t *codes = NULL;
  DSS_TRY(DSS_ALLOC(context, &codes, pool->design.n_raters));
  dss_status status = DSS_OK;
  for (size_t a = 0; status == DSS_OK && a < pool->spec.n_attributes; a++) {
    const dss_spec_attribute *from = &pool->spec.attributes[a];
    for (uint32_t r = 0; r < pool->design.n_raters; r++)
      codes[r] = (int32_t)dss_spec_value(&pool->spec, pool->design.cell[r], a);
    const dss_attribute attribute = {from->name, from->n, from->values, codes, false};
    status = dss_study_add_rater_attribute(context, study, &attribute);
  }
  free(codes);
  return status;
}

dss_status dss_add_made_question(dss_context *context, dss_study *study,
                                 const dss_spec_question *question, const dss_ratings *ratings) {
  dss_made_names labels = {0};
  double values[DSS_MAX_LEVELS];
  for (uint32_t c = 0; c < question->n_levels; c++)
    values[c] = c + 1.0;
  dss_status status = dss_names_count(context, "", false, question->n_levels, &labels);
  if (status == DSS_OK)
    status = dss_study_add_question(context, study, question->name, question->scale,
                                    question->n_levels, labels.names, values, ratings->n,
                                    ratings->rater, ratings->item, ratings->code);
  dss_names_free(&labels);
  return status;
}

static dss_status add_questions(dss_context *context, const dss_pool *pool, uint64_t seed,
                                double missing, dss_study *study) {
  dss_ratings ratings;
  dss_status status = dss_ratings_new(context, pool->design.start[pool->design.n_raters], &ratings);
  for (size_t q = 0; status == DSS_OK && q < pool->spec.n_questions; q++) {
    const dss_rating_task task = {.design = &pool->design,
                                  .latent = &pool->latents[q],
                                  .seed = seed,
                                  .question = (uint32_t)q,
                                  .missing = missing};
    status = dss_rate_afresh(context, task, &ratings);
    if (status == DSS_OK && ratings.n == 0)
      status = dss_fail(context, DSS_ERR_USAGE, "missing %g: it leaves no rating of %s", missing,
                        pool->spec.questions[q].name);
    if (status == DSS_OK)
      status = dss_add_made_question(context, study, &pool->spec.questions[q], &ratings);
    dss_progress(context, "questions", q + 1, pool->spec.n_questions);
  }
  dss_ratings_free(&ratings);
  return status;
}

dss_status dss_pool_study(dss_context *context, const dss_pool *pool, uint64_t seed, double missing,
                          dss_study **study) {
  dss_study *made = NULL;
  dss_status status = new_study(context, &pool->design, &made);
  if (status == DSS_OK) status = add_attributes(context, pool, made);
  if (status == DSS_OK) status = add_questions(context, pool, seed, missing, made);
  if (status == DSS_OK)
    *study = made;
  else
    dss_study_free(made);
  return status;
}

dss_status dss_note_made(dss_context *context, dss_study *study, const char *command,
                         const char *truth) {
  char now[DSS_TIMESTAMP_CHARS];
  DSS_TRY(dss_timestamp(context, now));
  const dss_provenance provenance = {.created_by = "dissensus " DSS_VERSION_STRING,
                                     .created_at = now,
                                     .command = command,
                                     .import_log = truth};
  return dss_study_set_provenance(context, study, &provenance);
}

dss_status dss_simulate(dss_context *context, const dss_simulate_options *options,
                        dss_study **study, char **truth) {
  dss_pool pool;
  dss_study *made = NULL;
  char *text = NULL;
  DSS_TRY(dss_pool_make(context, options, NULL, &pool));
  dss_status status = dss_design_fits(context, (double)pool.design.start[pool.design.n_raters] *
                                                   (double)pool.spec.n_questions);
  if (status == DSS_OK)
    status = dss_pool_study(context, &pool, options->seed, options->missing, &made);
  if (status == DSS_OK) status = dss_truth_of_pool(context, options, &pool, &text);
  if (status == DSS_OK) status = dss_note_made(context, made, options->command, text);
  dss_pool_free(&pool);
  if (status == DSS_OK) {
    *study = made;
    *truth = text;
  } else {
    dss_study_free(made);
    free(text);
  }
  return status;
}
