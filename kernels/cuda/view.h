/* What kernels see of a plan: plain structs that travel as kernel arguments. Every pointer in them
 * is the device's. kernels/backend.h says what the same names mean on the host. */
#ifndef DSS_CUDA_VIEW_H
#define DSS_CUDA_VIEW_H

#include "kernels/backend.h"

/* A warp's threads take one resample each. */
enum { DSS_WARP = 32 };

/* Labels of a chunk of resamples: the group on each axis of whoever stands at each place of the
 * exchange's order, as numbers of 8, 16 or 32 bits, several axes to a word. All ones: unknown.
 *
 * word [warps of resamples][n_words][n_raters][DSS_WARP]: a warp that looks at one place reads one
 * line of 128 bytes.
 *
 * plane [warps][n_planes][n_raters][DSS_WARP]: where labels have 8 bits, the same axis by axis, for
 * who reads one at a time: a quarter of the bytes, which a processor's cache holds. */
typedef struct dss_cu_labels {
  uint32_t *word;
  uint8_t *plane; /* or NULL */
  uint32_t n_raters, n_words, n_planes;
  unsigned bits; /* of a label */
} dss_cu_labels;

/* The labels of one axis, as a kernel walks over them. */
typedef struct dss_cu_axis {
  uint32_t number;
  uint32_t word; /* in which its labels stand */
  unsigned shift;
  uint32_t mask;     /* of a label; and the label that is unknown */
  uint32_t n_groups; /* 0 .. n_groups-1 are the others */
} dss_cu_axis;

/* Ratings of consecutive items, whose raters are named by their places in the exchange's order. */
typedef struct dss_cu_ratings {
  uint32_t n_items;
  const uint64_t *item_ptr; /* [n_items + 1], from 0 */
  const uint32_t *entry;    /* [n_ratings] place << DSS_CODE_BITS | code; not for lists.cu */
  const uint64_t *step;     /* [n_ratings] for lists.cu, or NULL; dss_cu_step */
  const uint32_t *total;    /* [n_items][bytes of K levels, whole words] for lists.cu, or NULL */
} dss_cu_ratings;

/* A rating as lists.cu counts it: 1 in the byte of its level above, below the place times DSS_WARP
 * with the number of the level's word in its low bits. */
static inline uint64_t dss_cu_step(uint32_t place, uint32_t code) {
  return (uint64_t)1 << (32 + 8 * (code % 4)) | place * DSS_WARP | code / 4;
}

enum { DSS_CODE_BITS = 8, DSS_MOST_PLACES = 1 << (32 - DSS_CODE_BITS) };

/* Where values go: value [column][stride], a column one statistic of one group of one question.
 * Those in metrics are the first of a group's columns. */
typedef struct dss_cu_values {
  double *value;
  uint64_t stride; /* resamples that there is room for: whole warps */
  unsigned metrics;
  uint32_t width; /* columns of a group */
} dss_cu_values;

/* What all ways to sum share: one question, some of its items, and the groups that are tested. A
 * question whose items come in several parts leaves its sums in `saved` between them. */
typedef struct dss_cu_sums {
  dss_tables tables; /* its arrays are the device's */
  dss_sums_choice choice;
  dss_cu_labels labels;
  dss_cu_values values; /* of the question: its groups' columns begin at value */
  uint32_t n_resamples; /* of the chunk, whole warps */
  bool first, last;     /* part of the items */
  void *saved;          /* as the kernel likes; NULL where the first part is the last */
} dss_cu_sums;

#endif
