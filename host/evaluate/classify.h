/* A classification: which rows there are, and what computes them. */
#ifndef DSS_EVALUATE_CLASSIFY_H
#define DSS_EVALUATE_CLASSIFY_H

#include "classifiers.h"

typedef enum dss_shape_form {
  DSS_SHAPE_VALUE,  /* a statistic of one side */
  DSS_SHAPE_GAP,    /* its difference between two sides */
  DSS_SHAPE_LARGEST /* the largest difference between two groups of the axis */
} dss_shape_form;

/* A row of every question and section. */
typedef struct dss_shape {
  dss_shape_form form;
  dss_classify_statistic statistic;
  size_t axis, group, versus; /* as in dss_row_spec */
  size_t side, other;         /* views.h; DSS_NOWHERE: none */
} dss_shape;

typedef struct dss_classification {
  const dss_rated *rated;
  dss_rule *rules; /* [questions] */
  dss_parts parts;
  dss_classifiers classifiers;
  unsigned gaps;
  bool pairs;
  bool withheld; /* no intervals: raters alone are drawn, and one rating makes a view positive */
  size_t n_shapes;
  dss_shape *shapes;
} dss_classification;

/* Row number: (question, section, shape), the last the fastest. */
static inline size_t dss_classification_row(const dss_classification *c, size_t question,
                                            size_t section, size_t shape) {
  return (question * c->classifiers.n_sections + section) * c->n_shapes + shape;
}
static inline size_t dss_classification_rows(const dss_classification *c) {
  return dss_classification_row(c, c->rated->n_questions, 0, 0);
}

/* Fills shapes from gaps, pairs and the plan's axes; the caller frees them. */
DSS_MUST_USE dss_status dss_classification_shape(dss_context *context, dss_classification *c);

/* --- values (classify_values.c) --------------------------------------------------------------- */

/* A section's items in one side's view. */
typedef struct dss_confusion {
  uint64_t tp, fp, fn, tn;
  uint64_t twice_wins; /* of pairs of a positive and a negative item: 2 where the score of the
                          positive one is larger, 1 where they are equal */
} dss_confusion;

/* items: weights, NULL: 1 each. Wins are counted where with_wins. */
dss_confusion dss_confusion_of(const dss_rated *rated, const dss_section *section,
                               const dss_views *views, size_t side, const uint32_t *items,
                               bool with_wins);
/* A statistic as it stands before it is divided; whole 0: undefined. */
typedef struct dss_fraction {
  uint64_t part, whole;
} dss_fraction;
dss_fraction dss_confusion_fraction(const dss_confusion *table, dss_classify_statistic statistic);

/* Whether nothing can be learned from the statistic, because the section's predictions are all the
 * same: from a gap between groups, or from the value itself. */
bool dss_section_says_nothing(const dss_section *section, dss_classify_statistic statistic,
                              bool gap);

dss_evaluator dss_classification_evaluator(const dss_classification *c);

/* --- rows (classify_rows.c, classify_drivers.c, classify_notes.c, classify_few.c) --------------
 */

DSS_MUST_USE dss_status dss_classify_rows(dss_context *context, const dss_classification *c,
                                          const double *observed, dss_evaluation *evaluation);
/* The items behind the largest gaps. */
DSS_MUST_USE dss_status dss_classify_drivers(dss_context *context, const dss_classification *c,
                                             const double *observed, size_t most,
                                             dss_evaluation *evaluation);
/* bootstrap: whether there is one. */
DSS_MUST_USE dss_status dss_classify_notes(dss_context *context, const dss_classification *c,
                                           const dss_classify_options *options, bool bootstrap,
                                           const dss_predictions *predictions,
                                           dss_evaluation *evaluation);
/* Of fewer items than these on either side of a rate, what it counts and what it leaves, intervals
 * are the less sure; docs/classify.md, "How often they hold it". */
#define DSS_CLASSIFY_FEW_ITEMS 10u
/* Counts and names such rates and gaps of a question, whose views are observed. */
DSS_MUST_USE dss_status dss_classify_note_few(dss_context *context, const dss_classification *c,
                                              size_t question, const dss_views *views,
                                              dss_evaluation *evaluation);

#endif
