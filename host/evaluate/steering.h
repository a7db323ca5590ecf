/* What steer compares, arranged for resampling: predictions by cell, ratings by unit, and the
 * samples of units that rows are about. */
#ifndef DSS_EVALUATE_STEERING_H
#define DSS_EVALUATE_STEERING_H

#include "evaluate.h"
#include "parts.h"
#include "told.h"

/* The two predictions of a rating. */
enum { DSS_STEERED = 0, DSS_BASELINE = 1, DSS_N_SOURCES = 2 };

#define DSS_NO_CELL UINT32_MAX
#define DSS_NO_CLASS UINT32_MAX

/* An axis's predictions. Raters are of one class when they are equal in all that is told beside the
 * axis's attributes; a cell is an item and a class, and has a prediction for each group that a
 * rater of the class could be of. By rater each is a class, and there is one prediction. */
typedef struct dss_steer_cells {
  uint32_t n_told; /* the axis's groups; by rater 1 */
  uint32_t
      *class_of; /* [n_raters] or DSS_NO_CLASS: what is told beside is not known of the rater */
  uint32_t n_cells;
  uint32_t *item_ptr; /* [n_items + 1] item u's cells are item_ptr[u] .. item_ptr[u + 1] - 1, */
  uint32_t *class;    /* [n_cells] ascending within the item */
  uint32_t *item;     /* [n_cells] */
  double *x;          /* [n_told][n_cells] NaN: none */
  size_t *row;        /* [n_cells] of the table, by rater; else NULL */
  uint32_t *order;    /* [n_told][n_cells] cells that have one, ascending by x, then by number */
  uint32_t *n_order;  /* [n_told] how many have */
} dss_steer_cells;

/* The cell of an item and a class, or DSS_NO_CELL. */
uint32_t dss_steer_cell(const dss_steer_cells *cells, uint32_t item, uint32_t class);
DSS_MUST_USE dss_status dss_steer_cells_new(dss_context *context, const dss_rated *rated,
                                            dss_told *told, size_t axis, dss_steer_cells *cells);
void dss_steer_cells_free(dss_steer_cells *cells);

/* Ratings of one group in one cell: all have the same predictions. */
typedef struct dss_steer_unit {
  uint32_t group; /* of the axis */
  uint32_t item;
  uint32_t first, end; /* its ratings, ascending by level */
  uint32_t first_run, end_run;
  double x[DSS_N_SOURCES];
} dss_steer_unit;

/* Equal ratings of a unit, for where all weights are 1. */
typedef struct dss_steer_run {
  uint32_t count;
  uint8_t code;
} dss_steer_run;

/* Units that rows are about. */
typedef struct dss_steer_sample {
  size_t part;
  size_t group; /* of the plan; DSS_NOWHERE: all of the axis */
  uint32_t n_units;
  uint32_t *units;                /* [n_units] ascending: by group, then by item */
  uint32_t *order[DSS_N_SOURCES]; /* [n_units] the same, ascending by x of the source */
  uint64_t raters, n_items, ratings;
  dss_reason missing; /* why it has no value, whatever the predictions; NONE: it has units */
} dss_steer_sample;

/* What of an axis's ratings is not in its units. */
typedef struct dss_steer_left {
  uint64_t unknown; /* by raters of no group */
  uint64_t unpredicted, without_baseline;
  dss_strings unpredicted_items, without_items; /* names of their items */
} dss_steer_left;

typedef struct dss_steer_axis {
  size_t axis; /* of the plan */
  dss_steer_cells cells;
  uint32_t n_units, n_ratings;
  dss_steer_unit *units;
  uint32_t *rater; /* [n_ratings] in the units' order, then the study's */
  uint8_t *code;
  dss_steer_run *runs; /* unit by unit */
  dss_steer_left left;
  size_t n_samples; /* for each part all groups, then each */
  dss_steer_sample *samples;
} dss_steer_axis;

typedef struct dss_steering {
  const dss_rated *rated;
  const dss_steer_options *options;
  dss_told told;
  dss_parts parts;
  size_t n_axes;
  dss_steer_axis *axes;
  size_t n_rows;
} dss_steering;

/* Reads the predictions and arranges them with the ratings; rated is of one question. Whether it
 * succeeds or not, free what it leaves. */
DSS_MUST_USE dss_status dss_steering_make(dss_context *context, const dss_rated *rated,
                                          const dss_steer_options *options, dss_steering *steering);
void dss_steering_free(dss_steering *steering);

/* Units and samples of an axis whose cells are made. */
DSS_MUST_USE dss_status dss_steer_units_new(dss_context *context, const dss_steering *steering,
                                            dss_steer_axis *axis);
void dss_steer_axis_free(dss_steer_axis *axis);

/* Whether the axis has predictions for one group that another's ratings can be held against. */
static inline bool dss_steer_has_matrix(const dss_steering *s) {
  return !s->told.by_rater;
}
static inline uint32_t dss_steer_groups(const dss_steering *s, const dss_steer_axis *axis) {
  return s->rated->plan->kernel_axes[axis->axis].n_groups;
}

/* Rows, in the order of values, for each axis:
 * - for each sample: the statistics steered; with a baseline those of the baseline, and the gains;
 * - unless there is no matrix of it: for each group whose ratings they are, each other group whose
 *   predictions they are: the statistics; this without options->no_matrix only;
 * - with a matrix: the specificities. */
size_t dss_steer_sample_rows(const dss_steering *steering);
size_t dss_steer_axis_rows(const dss_steering *steering, const dss_steer_axis *axis);

/* Of a group's observed ratings, those that have a prediction for `told`; both of the axis. */
typedef struct dss_steer_size {
  uint64_t raters, items, ratings;
} dss_steer_size;
DSS_MUST_USE dss_status dss_steer_matrix_size(dss_context *context, const dss_steering *steering,
                                              const dss_steer_axis *axis, uint32_t rated,
                                              uint32_t told, dss_steer_size *size);

/* As dss_evaluator; of: a dss_steering. */
size_t dss_steer_scratch(const dss_steering *steering);
void dss_steer_permuted(const void *of, uint64_t first, uint64_t count, void *scratch, double *out);
void dss_steer_resampled(const void *of, const dss_weighting *weights, void *scratch, double *out);
/* The observed values, and why they are missing: out, why [n_rows]. */
void dss_steer_observe(const dss_steering *steering, void *scratch, double *out, dss_reason *why);

#endif
