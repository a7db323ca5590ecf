/* Profile cells of a study's raters, and the groups that are made of them. */
#ifndef DSS_SIMULATE_CELLS_H
#define DSS_SIMULATE_CELLS_H

#include <stdbool.h>

#include "dissensus/study.h"

enum { DSS_MOST_FITTED_CELLS = 512 };

/* A group: an axis's values, as the cells that have them. */
typedef struct dss_cell_group {
  bool *has;  /* [n_cells] */
  char *name; /* "gender=Woman,age=GenZ" */
  uint32_t raters;
  size_t attributes; /* how many it is of */
} dss_cell_group;

/* Attributes by whose values the cells are divided. */
typedef struct dss_cell_axis {
  char *name;        /* "gender,age" */
  int32_t *value;    /* [n_cells] 0 .. n_values - 1; -1: a value is unknown */
  uint32_t n_values; /* combinations of values that some cell has */
  size_t attributes; /* how many it is of */
  size_t first_group, n_groups;
} dss_cell_axis;

/* Raters of one cell have the same value of every chosen attribute; an unknown one is a value of
 * its own that makes no group. */
typedef struct dss_cells {
  uint32_t n_raters, n_cells;
  uint32_t *cell;     /* [n_raters] */
  int32_t *profile;   /* [n_cells][n_attributes] codes */
  size_t *attributes; /* [n_attributes] their numbers in the study */
  size_t n_attributes;
  dss_cell_group *groups; /* of one attribute first, then of two ... */
  size_t n_groups;
  dss_cell_axis
      *axes; /* those of the groups, in the same order; where they are of fewer attributes
                than cells, one of all attributes at the end, whose values are the cells */
  size_t n_axes;
} dss_cells;

/* Groups of combinations of up to `depth` (0: none) of the attributes named (n 0: all), each of at
 * least two raters and not all of them; of groups with the same raters the first. DSS_ERR_USAGE: an
 * unknown attribute, or more than DSS_MOST_FITTED_CELLS cells; DSS_ERR_MEMORY. Free it in any case.
 */
DSS_MUST_USE dss_status dss_cells_make(dss_context *context, const dss_study *study,
                                       const char *const *names, size_t n_names, unsigned depth,
                                       dss_cells *cells);
void dss_cells_free(dss_cells *cells);

/* "gender=Woman,age=GenZ", of a cell of up to three attributes, all of them known; the caller frees
 * it. DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_cells_name(dss_context *context, const dss_study *study,
                                       const dss_cells *cells, uint32_t cell, char **name);

#endif
