/* The table that every backend of rater-pair matrices fills: exact products of small integers.
 *
 * A layer gives each level of the question a number of one byte; on a block of raters it is the
 * matrix [raters][items] of the numbers of what they gave, 0 where they gave nothing. A term is the
 * product of one layer on a block of raters (the rows) with the transpose of one on another (the
 * columns); terms with the same target are added up. All sums are integers that fit 32 bits (the
 * maker of the problem sees to it), so they depend on no tiles, threads or order. What the terms
 * are is the engine's business: docs/performance.md, "Rater pairs".
 *
 * Forms: sums within groups of raters of a symmetric matrix, for many ways to deal out the groups.
 * With one-hot labels L of one way they are the diagonal of L' D L; a block of D takes part as
 * (D L) and a sum over the rows of each group. */
#ifndef DSS_KERNELS_PAIRS_H
#define DSS_KERNELS_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissensus/status.h"
#include "kernels/common/pairs.h"
#include "kernels/common/resources.h"

typedef struct dss_pair_term {
  uint32_t row, column; /* layers */
  uint32_t target;
} dss_pair_term;

typedef struct dss_pair_problem {
  uint32_t n_raters, n_items;
  const uint64_t *rater_ptr; /* [n_raters + 1] */
  const uint32_t *item;      /* [ratings] ascending for each rater */
  const uint8_t *code;       /* [ratings] < n_levels */
  uint32_t n_levels, n_layers, n_terms, n_targets;
  const int8_t *layers;       /* [n_layers][n_levels] */
  const dss_pair_term *terms; /* [n_terms], ascending by target */
} dss_pair_problem;

/* The largest block that will be asked for, and how many items a backend may hold densely. */
typedef struct dss_pair_shape {
  uint32_t rows, columns, items;
} dss_pair_shape;

/* One block of matrices, and the labels of a batch of arrangements on its rows and columns. */
typedef struct dss_pair_forms {
  uint32_t rows, columns, n_matrices, n_groups, batch;
  bool with_known;               /* one more sum: pairs whose labels are both known */
  const double *const *matrices; /* [n_matrices] each [rows][columns]: whole numbers, sums of a row
                                    at most 2^53 */
  const int32_t *row_labels;     /* [batch][rows], -1: unknown */
  const int32_t *column_labels;  /* [batch][columns] */
} dss_pair_forms;

/* Sums of one arrangement and matrix: one a group, and the one of known pairs. */
static inline uint32_t dss_pair_forms_width(const dss_pair_forms *f) {
  return f->n_groups + f->with_known;
}

typedef struct dss_pair_backend {
  const char *name;
  /* DSS_OK where there is a device that it may use; *absent: there is none at all. NULL: it needs
   * none. */
  dss_status (*ready)(const dss_resources *resources, bool *absent);
  /* Bytes of the host that open will take; saturates. */
  uint64_t (*bytes)(const dss_pair_problem *problem, const dss_pair_shape *shape,
                    const dss_resources *resources);
  /* The problem must outlive the state. */
  dss_status (*open)(const dss_pair_problem *problem, const dss_pair_shape *shape,
                     const dss_resources *resources, void **state);
  /* out [n_targets][rows][columns]: every target of the raters first_row .. + rows - 1 with
   * first_column .. + columns - 1. */
  dss_status (*product)(void *state, uint32_t first_row, uint32_t rows, uint32_t first_column,
                        uint32_t columns, int32_t *out);
  void (*close)(void *state);
  /* The same for forms of at most this size. */
  uint64_t (*forms_bytes)(const dss_pair_forms *largest, const dss_resources *resources);
  dss_status (*forms_open)(const dss_pair_forms *largest, const dss_resources *resources,
                           void **state);
  /* out [n_matrices][batch][width]; sums fit 64 bits. */
  dss_status (*forms)(void *state, const dss_pair_forms *forms, uint64_t *out);
  void (*forms_close)(void *state);
  /* One line on the calling thread's last failure, "" for none beyond its status; NULL: there never
   * is one. */
  const char *(*failure)(void);
} dss_pair_backend;

extern const dss_pair_backend dss_pair_backend_reference, dss_pair_backend_cpu;
extern const dss_pair_backend *const dss_pair_cuda; /* NULL: this build has none */

#endif
