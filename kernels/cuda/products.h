/* Resamples of dense questions: counts as products of one-hot matrices. */
#ifndef DSS_CUDA_PRODUCTS_H
#define DSS_CUDA_PRODUCTS_H

#include <cuda_runtime_api.h>

#include "blas.h"
#include "lists.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An item's squared counts fit 32 bits. */
enum { DSS_PRODUCTS_UNIT = 65535 };

/* One axis of some items and some resamples. Raters, padded with zeros to n_places, a multiple of
 * 16, are the dimension that is summed over. */
typedef struct dss_cu_products {
  dss_cu_lists lists;
  uint32_t n_places;
  uint32_t n_columns;    /* dss_cu_product_columns */
  const int8_t *ratings; /* [n_columns][n_places] 1 where the rater gave the item the level */
  const uint32_t *total; /* [n_items][K] of all ratings */
  int8_t *labels;        /* [rows][n_places] 1 where the rater is of the group */
  int32_t *counts;       /* [n_columns][rows] */
} dss_cu_products;

/* Rows are [groups, and one for whoever is known where some are not][resamples]. */
DSS_DEVICE static inline uint32_t dss_cu_product_rows(const dss_cu_lists *lists) {
  return lists->axis.n_groups + !lists->known;
}

/* Items times levels, rounded up as products like it. */
DSS_DEVICE static inline uint32_t dss_cu_product_columns(uint32_t n_items, uint32_t n_levels) {
  return (n_items * n_levels + 3) / 4 * 4;
}

/* 1 for each rating, in memory that was cleared. */
cudaError_t dss_cu_one_hot(const dss_cu_ratings *ratings, uint32_t n_levels, uint32_t n_places,
                           int8_t *matrix, cudaStream_t stream);

/* Labels, product, sums: as dss_cu_lists_add. *product: what cuBLAS said. */
cudaError_t dss_cu_products_add(const dss_cu_sums *sums, uint32_t n_items,
                                const dss_cu_products *products, const dss_cu_blas *blas,
                                cublasHandle_t handle, cublasStatus_t *product,
                                cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
