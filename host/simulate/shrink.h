/* Empirical Bayes for values of profile cells, such as severities: of what cells were found to
 * have, the part that is beyond chance.
 *
 * A cell's value is a mean, and the sum of what the values of its attributes add: those of single
 * attributes, of two of them crossed, and so on. What is added is normal; each crossing has a
 * variance of its own, 0 until it is sure that there is one. The cell's value is kept as its
 * expectation, given all that was found. */
#ifndef DSS_SIMULATE_SHRINK_H
#define DSS_SIMULATE_SHRINK_H

#include "cells.h"
#include "host/core/context.h"

/* What sets a group apart is believed where it is so many standard errors from none. */
#define DSS_FIT_SURE 3.0
enum { DSS_MOST_PARTS = 48 };

/* A value may be a vector: its columns have one scale, and are shrunk alike. */
typedef struct dss_found {
  uint32_t n_columns;
  double *values;   /* [n_cells][n_columns] as they are kept */
  double *means;    /* [n_cells][n_columns] to the first order, means over ratings: whether cells
                       differ is found by these, whose chance is known */
  double *chance;   /* [n_cells] their variance by chance, over all columns; INFINITY: no rating */
  double effective; /* as many independent columns of the same variance scatter as these do */
  double freedom;   /* degrees of freedom of the chance */
} dss_found;

/* An axis whose groups differ, or one group that differs from all others. */
typedef struct dss_part {
  const char *name; /* the axis's or group's */
  bool alone;       /* a group */
  double sure;      /* standard errors from none */
  double variance;  /* of the groups' values, over all columns */
} dss_part;

typedef struct dss_kept {
  double *values; /* [n_cells][n_columns] the mean too; 0 without any part */
  double *chance; /* [n_cells] how much of the found value's chance is in the kept one: their
                     covariance where nothing differs */
  dss_part parts[DSS_MOST_PARTS];
  size_t n_parts;
} dss_kept;

/* DSS_ERR_MEMORY. Free it in any case, and before the cells. */
DSS_MUST_USE dss_status dss_shrink(dss_context *context, const dss_cells *cells,
                                   const dss_found *found, dss_kept *kept);
void dss_kept_free(dss_kept *kept);

#endif
