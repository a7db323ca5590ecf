/* Accumulators on the device (kernels/common/accumulate.h): the part of a range of resamples, which
 * the host adds to the whole. */
#ifndef DSS_CUDA_ACCUMULATE_H
#define DSS_CUDA_ACCUMULATE_H

#include <cuda_runtime_api.h>

#include "kernels/common/accumulate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every array is the device's, [n_columns] where nothing else is said, and 0 at first. */
typedef struct dss_cu_part {
  uint32_t n_columns, n_bins;
  /* Frames, and what was there before the range. */
  const double *observed, *pivot, *low, *width;
  const double *block_sum, *block_sum_of_squares; /* of the block of moments that it begins in */
  const uint8_t *stopped;                         /* or NULL: nothing stops */
  /* Counts. */
  unsigned long long *undefined, *below, *equal, *above, *not_positive;
  unsigned long long *histogram; /* [n_columns][n_bins + 2] */
  /* By block of moments that the range touches: [n_blocks][n_columns]. */
  double *sum, *sum_of_squares, *minimum, *maximum;
  /* Extremes: -infinity at first; only what is beyond the values already kept is put in. NULL: not
   * kept. */
  const double *enough, *little; /* least of the largest kept, least of the negated smallest */
  double *largest, *smallest;    /* [n_columns][DSS_EXTREMES] */
  /* maxT. */
  uint32_t n_tested;
  const uint32_t *order;
  const double *observed_t, *center, *scale; /* [n_tested]; center and scale in that order too */
  unsigned long long *max_t;                 /* [n_tested] */
  /* Stopping: exceedances that are still to come, UINT64_MAX where none is looked for, and at which
   * resample of the range, counted from 1, the last of them came (0: it did not). */
  unsigned long long *ge_left, *le_left, *ge_at, *le_at; /* NULL: nothing stops */
} dss_cu_part;

/* Adds values [n_columns][stride] of n resamples, the first of which is number first of all, and
 * number done of the range, which begins with resample begin. Ranges of which tests may stop must
 * lie in one block of moments. */
cudaError_t dss_cu_accumulate(const dss_cu_part *part, const double *values, uint64_t stride,
                              uint64_t begin, uint64_t done, uint32_t n, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
