/* Classifiers held against what each group of raters says: whose view of an item they miss.
 *
 * The truth is a group's own view of an item, made of its ratings of it. Each classifier's
 * predictions are compared with it, group by group; a gap is the difference between two groups.
 * Definitions: docs/classify.md.
 */
#ifndef DISSENSUS_CLASSIFY_H
#define DISSENSUS_CLASSIFY_H

#include "dissensus/evaluation.h"

#ifdef __cplusplus
extern "C" {
#endif

/* When a group finds an item positive. X(enumerator, name) */
#define DSS_VIEW_RULES(X)                                                                          \
  X(MEAN, "mean")         /* the mean of its ratings is at or above the threshold */               \
  X(MAJORITY, "majority") /* more than half of its ratings are; a tie is not positive */           \
  X(ANY, "any")           /* at least one of its ratings is */

typedef enum dss_view_rule {
#define DSS_X(enumerator, name) DSS_VIEW_##enumerator,
  DSS_VIEW_RULES(DSS_X)
#undef DSS_X
      DSS_N_VIEW_RULES
} dss_view_rule;

/* "mean" ...; NULL out of range. */
const char *dss_view_rule_name(dss_view_rule rule);
/* false when name is no rule; *rule is then untouched. */
bool dss_view_rule_parse(const char *name, dss_view_rule *rule);

/* What there is for each classifier, part of the items and group. Gaps are of the rates, those from
 * FNR on. X(enumerator, name, name of its gap, name of an axis's largest gap) */
#define DSS_CLASSIFY_STATISTICS(X)                                                                 \
  X(TP, "tp", "", "")                                                                              \
  X(FP, "fp", "", "")                                                                              \
  X(FN, "fn", "", "")                                                                              \
  X(TN, "tn", "", "")                                                                              \
  X(FNR, "fnr", "fnr_gap", "largest_fnr_gap")                                                      \
  X(FPR, "fpr", "fpr_gap", "largest_fpr_gap")                                                      \
  X(PRECISION, "precision", "precision_gap", "largest_precision_gap")                              \
  X(RECALL, "recall", "recall_gap", "largest_recall_gap")                                          \
  X(F1, "f1", "f1_gap", "largest_f1_gap")                                                          \
  X(AUC, "auc", "auc_gap", "largest_auc_gap")

typedef enum dss_classify_statistic {
#define DSS_X(enumerator, name, gap, largest) DSS_CLASSIFY_##enumerator,
  DSS_CLASSIFY_STATISTICS(DSS_X)
#undef DSS_X
      DSS_N_CLASSIFY_STATISTICS
} dss_classify_statistic;

/* "tp" ...; NULL out of range. */
const char *dss_classify_statistic_name(dss_classify_statistic statistic);
/* "fnr,fpr" to bits 1 << DSS_CLASSIFY_FNR and so on. false: an unknown name, or one of a count,
 * which *bad then points to (inside text). */
bool dss_gaps_parse(const char *text, unsigned *gaps, const char **bad);

/* What to compare. Texts are read during the call only. */
typedef struct dss_classify_options {
  const char *predictions; /* a CSV; "-": standard input */
  const char *item;        /* its column of the items' names */
  /* Wide: a column a classifier. Long: columns of the classifier's name and of the prediction. */
  const char *classifier, *value; /* long, both; NULL: wide */
  const char *const *classifiers; /* [n_classifiers] which of them; 0: all, in the file's order */
  size_t n_classifiers;
  const char *missing; /* comma-separated tokens that are no prediction; NULL: as in an import */
  /* Predictions are labels, and then some are positive, or scores: larger is more positive. */
  const char *const *positive; /* [n_positive]; 0: scores */
  size_t n_positive;
  const char *score_threshold; /* a number: a score at or above it is a positive prediction; NULL:
                                  scores have an AUC and no more */
  dss_view_rule rule;
  const char *const *thresholds; /* "LEVEL" of every question, or "QUESTION=LEVEL": for MEAN any
                                    number on the scale; of a nominal question that very level */
  size_t n_thresholds;
  const char *const *items_by; /* [n_items_by] item attributes, each value of which is a part */
  size_t n_items_by;
  unsigned gaps;  /* bits, which rates are compared; 0: FNR and FPR, of scores AUC too */
  bool pairs;     /* compare each two groups of an axis, not only each with everyone else */
  size_t drivers; /* items are listed for so many largest gaps in FNR and in FPR between two groups
                     of each question, classifier and axis */
} dss_classify_options;

/* MAJORITY, pairs, 3 drivers. Predictions, item and thresholds must be given. */
void dss_classify_options_init(dss_classify_options *options);

/* Rows: for all raters and for each group every statistic; each group's gaps to everyone else and
 * to each later group of its axis, and the axis's largest gap. Source: the classifier. What could
 * not be used is in the notes, counted and named. The caller frees the evaluation.
 * DSS_ERR_USAGE: options that contradict each other, an unknown item attribute, a threshold that is
 * no level, outside the scale or of a question not evaluated, two thresholds of one question or of
 * all (one of a question goes before that of all), or a rule that the scale does not allow.
 * DSS_ERR_DATA: a column, classifier or positive label that the predictions do not have, a score
 * that is no number, an item twice, or predictions without a rated item of the study. DSS_ERR_FILE.
 * And as dss_plan_new. */
DSS_MUST_USE dss_status dss_classify(dss_context *context, const dss_study *study,
                                     const dss_evaluation_run *run,
                                     const dss_classify_options *options,
                                     dss_evaluation **evaluation);

#ifdef __cplusplus
}
#endif
#endif
