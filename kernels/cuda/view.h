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
 * who reads one at a time: a quarter of the bytes, which a processor's cache holds.
 *
 * pack [warps][n_packs][n_raters][DSS_WARP]: rows of packs, a byte an axis, as lists.cu counts. */
typedef struct dss_cu_labels {
  uint32_t *word;
  uint8_t *plane;                  /* or NULL */
  uint32_t *pack;                  /* or NULL */
  const struct dss_cu_pack *packs; /* [n_packs] */
  uint32_t n_raters, n_words, n_planes, n_packs;
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

/* Groups of axes on which every value is known, which one block of lists.cu counts together. An
 * axis of more groups than there are rows stands in several packs, a part in each. */
enum { DSS_PACK_AXES = 4, DSS_PACK_ROWS = 16 };

typedef struct dss_cu_pack_axis {
  dss_cu_axis axis;
  uint32_t first, n; /* its groups first .. first + n - 1 */
  uint32_t row;      /* of the first of them */
} dss_cu_pack_axis;

typedef struct dss_cu_pack {
  uint32_t n_axes, n_rows; /* row n_rows: whoever is in none of an axis's groups */
  dss_cu_pack_axis axis[DSS_PACK_AXES];
  uint32_t group[DSS_PACK_ROWS]; /* of each row, over all axes; UINT32_MAX: it is not tested */
} dss_cu_pack;

/* Ratings of consecutive items, whose raters are named by their places in the exchange's order. */
typedef struct dss_cu_ratings {
  uint32_t n_items;
  const uint64_t *item_ptr; /* [n_items + 1], from 0, of entries or steps */
  const uint32_t *entry;    /* [n_ratings] place << DSS_CODE_BITS | code; not for lists.cu */
  const uint64_t *step;     /* [padded] for lists.cu, or NULL; dss_cu_step */
  const uint32_t *total;    /* [n_items][DSS_CU_TOTAL] for lists.cu, or NULL */
  uint32_t byte_items;      /* of so many items bytes hold any level's total, for lists.cu */
} dss_cu_ratings;

/* An item's total as lists.cu reads it: bytes of levels, and their sum. */
enum { DSS_CU_TOTAL = 4, DSS_CU_ALL = 3 };

enum { DSS_CODE_BITS = 8, DSS_MOST_PLACES = 1 << (32 - DSS_CODE_BITS) };

/* A rating as lists.cu counts it: 1 in the byte of its level above, below the bytes before the
 * place's line of labels, with the number of the level's word in the low bits. An item's are padded
 * by zeros, which count nothing, so that they are read several at a time. */
enum { DSS_CU_LINE = DSS_WARP * sizeof(uint32_t), DSS_CU_STEPS = 4 };
static inline uint64_t dss_cu_step(uint32_t place, uint32_t code) {
  return (uint64_t)1 << (32 + 8 * (code % 4)) | place * DSS_CU_LINE | code / 4;
}
static inline uint64_t dss_cu_padded(uint64_t n_ratings) {
  return (n_ratings + DSS_CU_STEPS - 1) / DSS_CU_STEPS * DSS_CU_STEPS;
}

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
  void *saved; /* [groups of all axes][values.stride] as the kernel likes; general.cu has its own
                  way */
} dss_cu_sums;

#endif
