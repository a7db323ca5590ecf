/* What the parts of the sparse kernel share. */
#ifndef DSS_CPU_SPARSE_WORK_H
#define DSS_CPU_SPARSE_WORK_H

#include "planes.h"
#include "sparse.h"

enum {
  BLOCKS = DSS_SPARSE_BLOCKS,
  VISIT = DSS_SPARSE_VISIT,
  PART_BYTES = 16, /* of a record */
  ROWS = 8,        /* of 16 bits, in a part */
  MOST_BITS = 8    /* of a group's number */
};

/* Functions that know the number of an item's ratings, or of a rating's peers, when they are
 * compiled: CASE(n) for each from 2 on. */
#define FOR_SIZES(CASE)                                                                            \
  CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11)
_Static_assert(DSS_SPARSE_UNIT == 11, "the last of FOR_SIZES");

/* The thread's memory while one axis is at work. */
typedef struct axis_work {
  const dss_cpu_layout *layout;
  const dss_cpu_sparse *sparse;
  const dss_kernel_axis *axis;
  unsigned label_bits;
  uint32_t n_numbers;
  uint8_t number[DSS_SPARSE_CELLS]; /* of groups, under n_numbers; those not tested have one */
  uint32_t levels;
  uint8_t *labels; /* [n_raters][BLOCKS][64] number of the group */
  plane *label;    /* [n_raters][label_bits] the same in planes */
  plane *members;  /* [n_raters] of one group */
  plane *present;  /* [n_items] some rating is the group's */
  plane *alone;    /* [n_items] all are */
  /* Records [parts][BLOCKS][n_numbers][64], or by pair [BLOCKS][n_numbers][64][parts], so that
   * the parts, which are more, come from the same lines of the cache. */
  __m128i *sums;
  struct visit_work *batch;        /* [DSS_SPARSE_BATCH]; or, by pair, */
  struct crossing_work *crossings; /* of one visit */
  struct paired_work *paired;      /* of one visit */
  uint32_t *counts;                /* [3 K][BLOCKS][64] of one group */
  dss_cpu_scratch *scratch;
} axis_work;

/* What a visit's ratings come to. */
typedef struct visit_work {
  plane paired[VISIT + 1];     /* somebody else of the group rated the item; the last is empty */
  v8 index[BLOCKS][VISIT + 2]; /* not a power of two apart, for the cache */
} visit_work;

/* The same of its crossings. */
typedef struct crossing_work {
  plane paired[VISIT + 1];
  v8 index[BLOCKS][DSS_SPARSE_CROSSINGS + 1];
} crossing_work;

/* A visit's records with no more than the ratings that are paired, by level: planes, and the same
 * in bytes. What no visit adds to is 0. */
typedef struct paired_work {
  plane bits[DSS_SPARSE_PARTS * PART_BYTES * 8];
  v8 record[DSS_SPARSE_PARTS * PART_BYTES][BLOCKS];
} paired_work;

#endif
