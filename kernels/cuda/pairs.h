/* Kernels of rater-pair matrices (kernels/pairs.h). */
#ifndef DSS_CUDA_PAIRS_H
#define DSS_CUDA_PAIRS_H

#include <cuda_runtime_api.h>

#include "kernels/common/pairs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The ratings of a study by rater, and what its layers make of them. Pointers are the device's. */
typedef struct dss_cu_pair_ratings {
  const uint64_t *rater_ptr; /* [n_raters + 1] */
  const uint32_t *item;
  const uint8_t *code;
  const int8_t *layers; /* [n_layers][n_levels] */
  uint32_t n_levels, n_layers;
} dss_cu_pair_ratings;

/* Some raters' rows of every layer, for the items that have the numbers first .. first + items - 1:
 * matrix [n_layers][n_rows][items], of which rows beyond the raters stay 0. */
typedef struct dss_cu_pair_block {
  uint32_t first_rater, n_raters, n_rows;
  uint32_t first, items;
  int8_t *matrix;
} dss_cu_pair_block;

/* number [n_items of the study]: UINT32_MAX for items that take no part. */
cudaError_t dss_cu_fill_pairs(const dss_cu_pair_ratings *ratings, const uint32_t *number,
                              const dss_cu_pair_block *block, cudaStream_t stream);

/* Statistics of every pair of a part, from its targets: sums [n_targets][rows][stride] to planes of
 * [rows][stride], both of `columns` pairs a row. Planes are as in dss_pair_made. */
typedef struct dss_cu_pair_finish {
  dss_pair_scale scale; /* its arrays are the device's */
  dss_pair_products products;
  uint32_t rows, columns, stride;
  bool narrow;
  const int32_t *sums;
  void *shared, *agreements;
  double *kappa, *distance, *correlation;
} dss_cu_pair_finish;
cudaError_t dss_cu_finish_pairs(const dss_cu_pair_finish *finish, cudaStream_t stream);

/* Sums within groups of one matrix [rows][columns] under a batch of labels, added to out
 * [batch][width]; see dss_pair_forms. Labels [rows][batch] and [columns][batch]. */
typedef struct dss_cu_forms {
  uint32_t rows, columns, n_groups, width, batch;
  const double *matrix;
  const int32_t *row_labels, *column_labels;
  unsigned long long *out;
} dss_cu_forms;
cudaError_t dss_cu_add_forms(const dss_cu_forms *forms, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
