/* The kernels of one instruction set. lanes.c is compiled once for each; they differ in speed
 * alone.
 */
#ifndef DSS_CPU_LANES_H
#define DSS_CPU_LANES_H

#include "layout.h"

/* What a thread works with; its blocks are kernels->lanes resamples wide. */
typedef struct dss_cpu_scratch {
  uint32_t *draws;   /* [4][calls] */
  uint32_t *scratch; /* [n_raters] */
  uint32_t *source;  /* [lanes][n_raters] whose profile a rater carries */
  uint8_t *labels;   /* [n_bases][n_raters][lanes] */
  void *counts;      /* one tile's or item's counts */
  uint32_t *totals;  /* [lanes][cells + 1][row] narrow ratings of a cell by level */
  uint64_t *sums;    /* [n_groups][slots][lanes] */
  void *held;        /* [n_groups][4 quarters][dss_cpu_held][lanes] narrow.h's sums of some tiles */
  uint8_t *held_pairs; /* [n_groups] */
  dss_u128 *carried;   /* as sums; what they held when they might have overflowed */
  bool any_carried;
  dss_group_sums group; /* one lane's, for the formulas; its arrays follow */
  uint64_t *integers;
  dss_u128 *wide;
} dss_cpu_scratch;

typedef struct dss_cpu_kernels {
  const char *name;
  size_t lanes; /* resamples that it computes together */
  /* Draws of resample b into scratch->draws. */
  void (*draw)(const dss_cpu_layout *layout, uint64_t b, dss_cpu_scratch *scratch);
  /* From the labels of `lanes` resamples to the values of the first n_lanes: question q's columns
   * of out [n_lanes][dss_kernel_columns]. */
  void (*question)(const dss_cpu_layout *layout, size_t q, dss_cpu_scratch *scratch,
                   unsigned n_lanes, double *out);
} dss_cpu_kernels;

extern const dss_cpu_kernels dss_cpu_portable;
#ifdef DSS_CPU_X86
extern const dss_cpu_kernels dss_cpu_avx2, dss_cpu_avx512;
#endif

/* Bytes of scratch->counts. */
size_t dss_cpu_counts_bytes(const dss_cpu_layout *layout, size_t lanes);

#endif
