/* Classifiers: what each says of the rated items, and of each part of them. */
#ifndef DSS_EVALUATE_CLASSIFIERS_H
#define DSS_EVALUATE_CLASSIFIERS_H

#include "host/study/predictions.h"
#include "parts.h"
#include "views.h"

typedef struct dss_classifier {
  const char *name;   /* the predictions' */
  uint32_t n_given;   /* items it has a prediction for */
  uint64_t *given;    /* [words] which they are */
  uint64_t *positive; /* [words] which of them it calls positive; unused for scores alone */
  double *score;      /* [n_items], NaN: none; NULL for labels */
} dss_classifier;

/* A classifier on a part of the items: what rows of one source and one part share. */
typedef struct dss_section {
  const dss_classifier *classifier;
  const dss_part *part;
  uint64_t *given, *positive; /* [words] those of the part */
  uint32_t n_given, n_positive;
  uint32_t *ranked; /* [n_given] the items by ascending score; NULL for labels */
  bool *last;       /* [n_given] the next in rank has a larger score */
  bool one_call;    /* all are called positive, or none */
  bool one_score;   /* all scores are equal */
} dss_section;

typedef struct dss_classifiers {
  bool calls;             /* there are positive predictions: labels, or scores with a threshold */
  bool scores;            /* there are scores */
  double score_threshold; /* NaN: none */
  size_t n;
  dss_classifier *classifiers; /* [n] */
  size_t n_sections;
  dss_section *sections; /* [n_sections], classifier by classifier, part by part */
  uint64_t n_unrated;    /* items of the predictions that the filters left no rating of */
  dss_words unrated;     /* their names */
  uint64_t n_other;      /* predictions labelled with none of the positive labels */
  dss_words other;       /* these labels, each once */
} dss_classifiers;

/* The predictions and the parts must outlive the classifiers. Errors: see dss_classify. Free them
 * whatever the outcome. */
DSS_MUST_USE dss_status dss_classifiers_new(dss_context *context, const dss_rated *rated,
                                            const dss_classify_options *options,
                                            const dss_predictions *predictions,
                                            const dss_parts *parts, dss_classifiers *classifiers);
void dss_classifiers_free(dss_classifiers *classifiers);

#endif
