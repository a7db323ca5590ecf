/* Resamples of questions with at most 255 ratings an item, by walking over lists of ratings. */
#ifndef DSS_CUDA_LISTS_H
#define DSS_CUDA_LISTS_H

#include <cuda_runtime_api.h>

#include "view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Counts are bytes. A block takes so many groups. Sums of unequal levels alone serve more levels
 * than others. */
enum {
  DSS_LISTS_UNIT = 255,
  DSS_LISTS_GROUPS = DSS_PACK_ROWS,
  DSS_UNEQUAL_LEVELS = 10,
  DSS_WHOLE_LEVELS = 7
};

/* What is added up of a group: tallies.cuh. */
typedef enum dss_cu_tally {
  DSS_CU_UNEQUAL, /* IRR and XRR on the nominal scale: unequal levels together */
  DSS_CU_PAIRS,   /* on any scale: each pair of levels */
  DSS_CU_WHOLE    /* all that the reference adds up */
} dss_cu_tally;

/* One axis, its groups first_group .. first_group + axis.n_groups - 1 over all axes. */
typedef struct dss_cu_lists {
  dss_cu_axis axis;
  bool known;  /* nobody's value is unknown: an item's totals are those of the ratings */
  bool packed; /* lists take it with others, in packs */
  dss_cu_tally tally;
  uint32_t first_group;
  uint32_t n_tested;     /* of its groups; an axis without one is left out */
  const uint8_t *tested; /* [n_groups of the axis] */
} dss_cu_lists;

/* Words of 4 levels' bytes. */
DSS_DEVICE static inline uint32_t dss_cu_words_of(uint32_t n_levels) {
  return (n_levels + 3) / 4;
}

/* Bytes of `saved` that a resample and group need, where items come in parts. */
uint64_t dss_cu_lists_bytes(uint32_t n_levels, dss_cu_tally tally);

/* Adds the ratings to the sums of the axis's groups; the last part's call puts the values of those
 * that are tested. */
cudaError_t dss_cu_lists_add(const dss_cu_sums *sums, const dss_cu_ratings *ratings,
                             const dss_cu_lists *lists, cudaStream_t stream);
/* The same of all axes of the labels' packs, the largest of which has so many rows. */
cudaError_t dss_cu_lists_add_packs(const dss_cu_sums *sums, const dss_cu_ratings *ratings,
                                   uint32_t most_rows, dss_cu_tally tally, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
