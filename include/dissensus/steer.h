/* Predicted ratings held against each group's own: does a model that is told who rates follow who
 * rates, and does it do so better than one that is told nothing?
 *
 * Each rating is paired with what was predicted for its item and for the group, or the profile, of
 * its rater. Definitions: docs/steer.md.
 */
#ifndef DISSENSUS_STEER_H
#define DISSENSUS_STEER_H

#include "dissensus/evaluation.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How well predictions follow ratings. X(enumerator, name, gain over the baseline, predictions for
 * another group, own against other groups' predictions) */
#define DSS_STEER_STATISTICS(X)                                                                    \
  X(PEARSON, "pearson", "pearson_gain", "pearson_missteered", "pearson_specificity")               \
  X(SPEARMAN, "spearman", "spearman_gain", "spearman_missteered", "spearman_specificity")          \
  X(KENDALL, "kendall", "kendall_gain", "kendall_missteered", "kendall_specificity")               \
  X(MAE, "mae", "mae_gain", "mae_missteered", "mae_specificity")                                   \
  X(KAPPA, "kappa", "kappa_gain", "kappa_missteered", "kappa_specificity")

typedef enum dss_steer_statistic {
#define DSS_X(enumerator, name, gain, missteered, specificity) DSS_STEER_##enumerator,
  DSS_STEER_STATISTICS(DSS_X)
#undef DSS_X
      DSS_N_STEER_STATISTICS
} dss_steer_statistic;

/* "pearson" ...; NULL out of range. */
const char *dss_steer_statistic_name(dss_steer_statistic statistic);

/* What a prediction is held against. */
typedef enum dss_steer_against {
  DSS_AGAINST_RATINGS = 0, /* each rating of the group by itself */
  DSS_AGAINST_MEANS = 1    /* the group's mean rating of the item; kappa stays with ratings */
} dss_steer_against;

/* "ratings" or "means"; false when name is neither, *against is then untouched. */
bool dss_steer_against_parse(const char *name, dss_steer_against *against);

/* What to compare. */
typedef struct dss_steer_options {
  const char *predictions; /* a CSV; "-": standard input */
  const char *item;        /* its column of the items' names */
  const char *prediction;  /* its column of predictions: a number on the scale or a level's label */
  const char *baseline;    /* its column of predictions by who was told nothing: one an item,
                              wherever the item stands; NULL: there is none, and no gain */
  const char *rater; /* its column of raters' names, for predictions per (item, rater); NULL: */
  const char *const *told; /* [n_told] rater attributes that are columns of it, empty in a row that
                              does not tell them; n_told 0: those of the axes */
  size_t n_told;
  const char *missing; /* comma-separated tokens that are no prediction; NULL: as in an import */
  dss_steer_against against;
  const char *const *items_by; /* [n_items_by] item attributes, each value of which is a part */
  size_t n_items_by;
  bool no_matrix; /* no rows of predictions for one group against another's ratings */
} dss_steer_options;

/* Ratings, the matrix. Predictions, item and prediction must be given. */
void dss_steer_options_init(dss_steer_options *options);

/* run: of one question. Rows: for each axis, part of the items, and all its groups together (group
 * "") or each, every statistic with source "steered" and "baseline", and the gain; for each two
 * groups, group's ratings with the predictions for versus; for each axis the specificity. What
 * could not be used is in the notes, counted and named. DSS_ERR_USAGE: several questions, an
 * unknown attribute, an axis with an attribute that is not among told, what dss_plan_new refuses
 * so. DSS_ERR_DATA, with file, line and column: a column that is not there, an (item, group) or
 * (item, rater) twice, two baselines of one item, a prediction that is neither a label nor a number
 * on the scale; an axis that no row tells; a nominal question; predictions without an item of the
 * study; and all that dss_plan_new refuses so. DSS_ERR_FILE. */
DSS_MUST_USE dss_status dss_steer(dss_context *context, const dss_study *study,
                                  const dss_evaluation_run *run, const dss_steer_options *options,
                                  dss_evaluation **evaluation);

#ifdef __cplusplus
}
#endif
#endif
