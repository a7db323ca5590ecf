/* Statistics of pairs of raters on a GPU: sums over the pairs within and across the groups of the
 * axes whose labels share a word. */
#ifndef DSS_CUDA_PAIRWISE_H
#define DSS_CUDA_PAIRWISE_H

#include <cuda_runtime_api.h>

#include "kernels/pairwise.h"
#include "view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sums of a group: over the pairs within it, each twice, and over all pairs of one of its raters
 * with anybody whose value on the axis is known. */
enum { DSS_CU_OWN_STEPS, DSS_CU_OWN_PAIRS, DSS_CU_ALL_STEPS, DSS_CU_ALL_PAIRS, DSS_CU_PAIRWISE };

/* Axes of one word, at most. */
enum { DSS_CU_WORD_AXES = 4 };

typedef struct dss_cu_pairwise_axis {
  dss_cu_axis axis;
  bool known;            /* nobody's value is unknown */
  const uint8_t *tested; /* [groups] */
  uint32_t first_row;    /* its groups among those of the word's axes */
  uint32_t first_levels; /* and its rows of levels: a group each, and one of all known */
  double *value;         /* [groups][width][stride] */
} dss_cu_pairwise_axis;

/* One question. Lists go by place in the exchange's order, as labels do. */
typedef struct dss_cu_pairwise {
  dss_pair_scale scale; /* its arrays are the device's */
  double step;
  uint32_t n_level_pairs; /* pairs of levels that stand in one number: half of K, rounded up */
  unsigned shift;         /* of a number of pairs above their steps, in one number */
  const uint64_t *ptr;    /* [n_raters + 1] */
  const uint64_t *middle; /* [n_raters] where the others of lower place begin, behind the higher */
  const uint32_t *other;  /* [pairs] their place times DSS_WARP */
  const uint64_t *steps;  /* [pairs] their steps and pair */
  const uint64_t *total;  /* [n_raters] the sum of a list's steps and pairs */
  const uint64_t *count;  /* [n_raters][n_level_pairs] ratings of two levels, of 32 bits each */
  const uint64_t *all;    /* [n_level_pairs] of all raters */
  /* For a chunk of resamples and a word of labels. */
  dss_cu_labels labels;
  uint32_t word, n_axes;
  dss_cu_pairwise_axis axis[DSS_CU_WORD_AXES];
  bool known;                   /* on all of these axes */
  uint32_t n_rows, n_levels;    /* of sums and of levels, of these axes */
  uint32_t n_resamples;         /* whole warps */
  uint64_t stride;              /* resamples that there is room for */
  unsigned long long *sums;     /* [n_rows][DSS_CU_PAIRWISE][stride] 0 at first */
  unsigned long long *levels;   /* [resamples][n_levels][n_level_pairs] 0 at first */
  unsigned metrics;             /* of pairs */
  uint32_t n_statistics, width; /* of pairs; and columns of a group, of which these are the last */
} dss_cu_pairwise;

/* Adds every pair to the sums, and every rating to the levels. */
cudaError_t dss_cu_pairwise_add(const dss_cu_pairwise *pairwise, cudaStream_t stream);
/* The tested groups' values. */
cudaError_t dss_cu_pairwise_put(const dss_cu_pairwise *pairwise, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
