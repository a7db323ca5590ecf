/* Predicted ratings as read from a table: for which item, for whom, and what the model was told. */
#ifndef DSS_EVALUATE_TOLD_H
#define DSS_EVALUATE_TOLD_H

#include "dissensus/steer.h"
#include "evaluate.h"
#include "host/study/predictions.h"

/* The levels as numbers. */
typedef struct dss_told_scale {
  const dss_question *question;
  uint32_t n_levels;
  double *value; /* [n_levels] ascending: the labels' numbers where they ascend, else 1 .. K */
  double steps;  /* of predictions and values, as in dss_associate */
} dss_told_scale;

/* What a row says of whom. */
enum {
  DSS_NOT_TOLD = -1,    /* nothing of this attribute */
  DSS_TOLD_UNKNOWN = -2 /* a value, or a rater, that the study does not have */
};

typedef struct dss_told {
  dss_predictions *rows;
  dss_told_scale scale;
  bool by_rater;
  size_t n_keys;
  size_t *attributes; /* [n_keys] rater attributes of the study; none by rater */
  int64_t *keys;      /* [n_rows][n_keys] category; by rater [n_rows][1] rater of the study */
  uint32_t *item;     /* [n_rows] of rated; UINT32_MAX: no rating is left of it */
  double *value;      /* [n_rows] NaN: missing */
  bool *used;         /* [n_rows] by some axis, which notes it */
  bool has_baseline;
  double *baseline; /* [rated's items] NaN: missing */
} dss_told;

/* Errors as dss_steer. */
DSS_MUST_USE dss_status dss_told_read(dss_context *context, const dss_rated *rated,
                                      const dss_steer_options *options, dss_told *told);
void dss_told_free(dss_told *told);

/* Keys of a row. */
static inline size_t dss_told_width(const dss_told *told) {
  return told->by_rater ? 1 : told->n_keys;
}

/* What of the rows could not be used, once all axes have been made. */
DSS_MUST_USE dss_status dss_told_note(dss_context *context, const dss_rated *rated,
                                      const dss_told *told, dss_evaluation *evaluation);

#endif
