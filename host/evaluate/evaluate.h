/* Runs what a kind of evaluation can compute: observed values, permutations into a null
 * distribution, bootstrap into intervals. Nothing depends on the number of threads. */
#ifndef DSS_EVALUATE_EVALUATE_H
#define DSS_EVALUATE_EVALUATE_H

#include "evaluation.h"

/* How often everything is drawn in a bootstrap's resample, or counted with one left out: weights of
 * raters and items, for each axis its own raters' weights (its groups are resampled each by itself;
 * a rater of no group of the axis has weight 0). A rating's weight is their product. */
typedef struct dss_weighting {
  const uint32_t *const *raters; /* [n_axes][n_raters] */
  const uint32_t *everyone;      /* [n_raters] drawn from all raters, for rows of no axis */
  const uint32_t *items;         /* [n_items] */
} dss_weighting;

/* What computes. All functions are pure, may be called by many threads at once, each with scratch
 * of its own (scratch_bytes, zeroed once), and give one double a row, NaN: undefined. */
typedef struct dss_evaluator {
  const void *of;
  size_t scratch_bytes;
  /* Resamples first .. first + count - 1, out [count][rows]; first = DSS_RESAMPLE_NONE with count
   * 1: the observed values of all rows. Values of rows that are not permuted are not looked at. */
  void (*permuted)(const void *of, uint64_t first, uint64_t count, void *scratch, double *out);
  /* One resample, or one unit left out; out [rows]. With every weight 1 the observed values, to the
   * bit. */
  void (*resampled)(const void *of, const dss_weighting *weights, void *scratch, double *out);
} dss_evaluator;

/* One question's ratings that pass the filters, compressed by item. */
typedef struct dss_rated_question {
  const dss_question *question; /* of the study */
  uint64_t n_ratings;
  uint64_t *item_ptr; /* [n_items + 1] */
  uint32_t *rater;    /* [n_ratings] of the plan's raters */
  uint8_t *code;      /* [n_ratings] */
} dss_rated_question;

/* What the filters leave of a study, its raters and items numbered anew: as the plan's raters
 * (plan->kernel.exchange, .axes), and items with a rating in any of the questions. */
typedef struct dss_rated {
  const dss_study *study; /* the caller's */
  dss_plan *plan;         /* without metrics and bootstrap */
  uint32_t n_raters, n_items;
  uint32_t *study_rater, *study_item; /* [n_raters], [n_items] numbers in the study */
  size_t n_questions;
  dss_rated_question *questions; /* as plan->questions */
} dss_rated;

DSS_MUST_USE dss_status dss_rated_new(dss_context *context, const dss_study *study,
                                      const dss_evaluation_run *run, dss_rated **rated);
void dss_rated_free(dss_rated *rated);

/* Fills the cells of all rows, and the run's part of the provenance. */
DSS_MUST_USE dss_status dss_evaluate(dss_context *context, const dss_rated *rated,
                                     const dss_evaluation_run *run, const dss_evaluator *by,
                                     dss_evaluation *evaluation);

#endif
