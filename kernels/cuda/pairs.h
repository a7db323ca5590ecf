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

/* Arrangements from [count][n_raters] to sources [n_raters][batch], number `first` and those after
 * it. */
typedef struct dss_cu_deal {
  uint32_t n_raters, first, count, batch;
  const uint32_t *from;
  uint32_t *sources;
} dss_cu_deal;
cudaError_t dss_cu_deal_sources(const dss_cu_deal *deal, cudaStream_t stream);

/* Sums within groups of matrices [n_matrices][rows][columns] under a batch of arrangements, added
 * to out [n_matrices][batch][width]; see dss_pair_forms. sources [n_raters][stride], of which the
 * first are the batch's. */
typedef struct dss_cu_forms {
  uint32_t first_row, rows, first_column, columns, n_matrices, n_groups, width, batch, stride;
  const double *matrices;
  const int32_t *group;
  const uint32_t *sources;
  unsigned long long *out;
} dss_cu_forms;
cudaError_t dss_cu_add_forms(const dss_cu_forms *forms, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
