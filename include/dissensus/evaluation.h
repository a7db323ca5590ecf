/* Evaluations: what severity.h, classify.h, steer.h and response.h find, in one shape.
 *
 * An evaluation is a table. A row is one statistic of one question, source (a classifier, a set of
 * predictions), part of the items, axis, group and, where two groups are compared, the other group;
 * its cell (results.h) has the estimate, the null distribution, p-values and intervals. Corrections
 * go over all tested rows. Definitions: docs/evaluation.md.
 */
#ifndef DISSENSUS_EVALUATION_H
#define DISSENSUS_EVALUATION_H

#include <stdio.h>

#include "dissensus/report.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an evaluation is of. X(enumerator, name) */
#define DSS_EVALUATION_KINDS(X)                                                                    \
  X(SEVERITY, "severity")                                                                          \
  X(CLASSIFY, "classify")                                                                          \
  X(STEER, "steer")                                                                                \
  X(RESPONSE, "response")

typedef enum dss_evaluation_kind {
#define DSS_X(enumerator, name) DSS_EVALUATION_##enumerator,
  DSS_EVALUATION_KINDS(DSS_X)
#undef DSS_X
      DSS_N_EVALUATION_KINDS
} dss_evaluation_kind;

/* "severity" ...; NULL out of range. */
const char *dss_evaluation_kind_name(dss_evaluation_kind kind);

/* What has been found, or a file of it. */
typedef struct dss_evaluation dss_evaluation;

/* What "versus" is where a group is compared with all others of its axis. */
#define DSS_EVERYONE_ELSE "everyone else"

/* A statistic. Texts are "" where they say nothing: source, items (all of them), axis and group
 * (all raters), versus (no comparison). */
typedef struct dss_evaluation_row {
  const char *question;
  const char *source;                /* "Classifier A" */
  const char *items;                 /* "topic=Violent" */
  const char *axis;                  /* "gender*age_group" */
  const char *group;                 /* "Woman * GenZ" */
  const char *versus;                /* another group of the axis, or DSS_EVERYONE_ELSE */
  const char *statistic;             /* "mean" */
  uint64_t raters, n_items, ratings; /* of the group, whatever it is compared with */
  bool upper;                        /* only large values speak against the null: p is p_up */
  bool permuted;                     /* it is one of the tests */
  dss_cell cell;
} dss_evaluation_row;

/* Rows, in the order of the file; NULL out of range. A row belongs to the evaluation, as its texts
 * do. */
size_t dss_evaluation_n_rows(const dss_evaluation *evaluation);
const dss_evaluation_row *dss_evaluation_get(const dss_evaluation *evaluation, size_t row);

/* What was counted on the way: predictions of unknown items, items without any, constant ones ...
 */
typedef struct dss_evaluation_note {
  const char *what; /* "items of predictions.csv that the study does not have" */
  uint64_t count;
  const char *names; /* the first of them: "i17, i203, i204"; "" where they have none */
} dss_evaluation_note;

/* NULL out of range. */
size_t dss_evaluation_n_notes(const dss_evaluation *evaluation);
const dss_evaluation_note *dss_evaluation_get_note(const dss_evaluation *evaluation, size_t note);

/* Single items that stand behind a row: those that drive a gap, first those whose share has its
 * sign, the largest first, then those against it. */
typedef struct dss_evaluation_item {
  size_t row; /* the row they stand behind */
  const char *item;
  double share;  /* of the row's estimate: all items' shares add up to it */
  double value;  /* what the group says of the item */
  double versus; /* what the other group says; NaN: there is none */
} dss_evaluation_item;

/* NULL out of range. */
size_t dss_evaluation_n_items(const dss_evaluation *evaluation);
const dss_evaluation_item *dss_evaluation_get_item(const dss_evaluation *evaluation, size_t item);

/* How many of the items that a group rated anyone of another group of its axis rated too: few where
 * groups were given items of their own, and what tells them apart may be the items. Of groups that
 * are tested and not alone on their axis, question by question. */
typedef struct dss_evaluation_group {
  const char *question, *axis, *group;
  uint64_t raters, n_items, n_shared;
} dss_evaluation_group;

/* None in files of format 1.0. NULL out of range. */
size_t dss_evaluation_n_groups(const dss_evaluation *evaluation);
const dss_evaluation_group *dss_evaluation_get_group(const dss_evaluation *evaluation,
                                                     size_t group);

/* What the evaluation is of. */
dss_evaluation_kind dss_evaluation_kind_of(const dss_evaluation *evaluation);
/* Provenance by key: created_by, created_at, command, input_sha256, predictions_sha256, seed,
 * scheme, permutations, arrangements, stop_after, bootstrap, over, interval, min_raters, raters,
 * items, ratings, ratings_dropped, filters as in dss_results_provenance; predictions_sha256, of the
 * file of predictions; and settings, which says the kind's own ("threshold=3; rule=mean"). "" where
 * there is nothing to say, NULL for another key. */
const char *dss_evaluation_provenance(const dss_evaluation *evaluation, const char *key);
const char *dss_evaluation_provenance_key(size_t index); /* NULL past the last */
/* NULL is allowed. */
void dss_evaluation_free(dss_evaluation *evaluation);

/* --- files and reports --------------------------------------------------------------------- */

/* As dss_study_save and dss_study_open. Format: docs/file-format.md. */
DSS_MUST_USE dss_status dss_evaluation_save(dss_context *context, const dss_evaluation *evaluation,
                                            const char *path, bool overwrite);
DSS_MUST_USE dss_status dss_evaluation_open(dss_context *context, const char *path,
                                            dss_evaluation **evaluation);
/* Whether a file is one of an evaluation, though its format may be newer, or something in it wrong.
 */
bool dss_evaluation_is(dss_context *context, const char *path);
/* As dss_report_write and dss_report_save, in the same formats. */
DSS_MUST_USE dss_status dss_evaluation_report(dss_context *context,
                                              const dss_evaluation *evaluation,
                                              const dss_report_options *options, FILE *stream);
DSS_MUST_USE dss_status dss_evaluation_report_save(dss_context *context,
                                                   const dss_evaluation *evaluation,
                                                   const dss_report_options *options,
                                                   const char *path, bool overwrite);

/* How an evaluation is run: groups, filters, scheme, permutations, bootstrap as in a plan (plan.h),
 * whose metrics, units and ties are not used. */
typedef struct dss_evaluation_run {
  dss_plan_options plan;
  unsigned threads;    /* 0: as many as the process may use */
  const char *command; /* for provenance; may be NULL */
} dss_evaluation_run;

/* The plan's defaults, but for over: DSS_OVER_BOTH. */
void dss_evaluation_run_init(dss_evaluation_run *run);

#ifdef __cplusplus
}
#endif
#endif
