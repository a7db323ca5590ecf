#include "rate.h"

#include "host/core/alloc.h"

dss_status dss_ratings_new(dss_context *context, uint64_t room, dss_ratings *ratings) {
  *ratings = (dss_ratings){0};
  DSS_TRY(DSS_ALLOC(context, &ratings->rater, room));
  DSS_TRY(DSS_ALLOC(context, &ratings->item, room));
  return DSS_ALLOC(context, &ratings->code, room);
}

void dss_ratings_free(dss_ratings *ratings) {
  free(ratings->rater);
  free(ratings->item);
  free(ratings->code);
  *ratings = (dss_ratings){0};
}

void dss_draw_factors(uint64_t seed, uint32_t question, uint32_t n_items, uint32_t n_factors,
                      double *factors) {
  for (uint32_t u = 0; u < n_items; u++) {
    double *of = factors + (size_t)u * n_factors;
    for (uint32_t f = 0; f < n_factors; f++) {
      dss_draw stream = f == 0 ? dss_draw_for(seed, DSS_DRAW_SEVERITY, question, u, 0)
                               : dss_draw_for(seed, DSS_DRAW_VIEW, question, u, f);
      of[f] = dss_draw_bell(&stream);
    }
  }
}

void dss_draw_lenient(uint64_t seed, uint32_t question, uint32_t n_raters, double *lenient) {
  for (uint32_t r = 0; r < n_raters; r++) {
    dss_draw stream = dss_draw_for(seed, DSS_DRAW_BIAS, question, r, 0);
    lenient[r] = dss_draw_bell(&stream);
  }
}

static bool is_missing(const dss_rating_task *t, uint32_t rater, uint32_t item) {
  if (t->missing <= 0) return false;
  dss_draw stream = dss_draw_for(t->seed, DSS_DRAW_MISSING, t->question, rater, item);
  return dss_draw_unit(&stream) < t->missing;
}

dss_status dss_rate(dss_context *context, const dss_rating_task *t, dss_ratings *ratings) {
  const dss_design *design = t->design;
  ratings->n = 0;
  for (uint32_t r = 0; r < design->n_raters; r++) {
    if (r % 1024 == 0) DSS_TRY(dss_go_on(context));
    for (uint64_t i = design->start[r]; i < design->start[r + 1]; i++) {
      uint32_t item = design->item[i];
      if (is_missing(t, r, item)) continue;
      dss_draw noise = dss_draw_for(t->seed, DSS_DRAW_NOISE, t->question, r, item);
      ratings->rater[ratings->n] = r;
      ratings->item[ratings->n] = item;
      ratings->code[ratings->n++] =
          dss_latent_rate(t->latent, design->cell[r],
                          t->factors + (size_t)item * t->latent->n_factors, t->lenient[r], &noise);
    }
  }
  return DSS_OK;
}

dss_status dss_rate_afresh(dss_context *context, dss_rating_task task, dss_ratings *ratings) {
  double *factors = NULL, *lenient = NULL;
  uint32_t n_factors = task.latent->n_factors;
  dss_status status = DSS_ALLOC(context, &factors, (size_t)task.design->n_items * n_factors);
  if (status == DSS_OK) status = DSS_ALLOC(context, &lenient, task.design->n_raters);
  if (status == DSS_OK) {
    dss_draw_factors(task.seed, task.question, task.design->n_items, n_factors, factors);
    dss_draw_lenient(task.seed, task.question, task.design->n_raters, lenient);
    task.factors = factors;
    task.lenient = lenient;
    status = dss_rate(context, &task, ratings);
  }
  free(factors);
  free(lenient);
  return status;
}
