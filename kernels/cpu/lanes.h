/* The kernels of one instruction set. lanes.c is compiled once for each; they differ in speed
 * alone.
 */
#ifndef DSS_CPU_LANES_H
#define DSS_CPU_LANES_H

#include <stdatomic.h>

#include "layout.h"

/* Looked at while a call lasts: whether anybody still wants it. */
typedef struct dss_cpu_watch {
  bool (*stop)(void *user); /* NULL: for ever */
  void *user;
  atomic_bool given_up;
} dss_cpu_watch;

/* Ratings of a block of resamples between two questions: a fraction of a second. */
enum { DSS_CPU_ASK_EVERY = 1 << 19 };

/* What a thread works with, a block of kernels->lanes resamples at a time. Where items are counted
 * in slices, several blocks are computed together: labels, sums and carried are those of one. */
typedef struct dss_cpu_scratch {
  uint32_t *draws;   /* [n_raters], in whole vectors */
  uint32_t *scratch; /* [n_raters] */
  uint32_t *source;  /* [n_raters] whose profile a rater carries, of an arrangement not drawn */
  uint32_t *words;   /* [words of bases][lanes][dss_cpu_words] as layout->words, exchanged */
  uint8_t *labels;   /* [n_bases][n_raters][lanes] */
  void *counts;      /* one tile's or item's counts */
  uint32_t *totals;  /* [lanes][cells + 1][row] narrow ratings of a cell by level */
  uint64_t *sums;    /* [n_groups][slots][lanes] */
  void *more;        /* [n_groups][quarters] of narrow_more.h; all 0 between uses */
  dss_cpu_tile_records *records;
  void *held; /* [n_groups][4 quarters][dss_cpu_held][lanes] narrow.h's sums of some tiles */
  uint8_t *held_pairs; /* [n_groups] */
  dss_u128 *carried;   /* as sums; what they held when they might have overflowed */
  bool any_carried;
  uint8_t *all_labels; /* [blocks] */
  uint64_t *all_sums;
  dss_u128 *all_carried;
  void *tabled;         /* [rows] states; [groups] records, all 0 between uses */
  void *planes;         /* of some cells of a base, for slices */
  void *rows;           /* counts made from them */
  void *sparse;         /* sparse_lanes.c places its arrays there */
  uint32_t *marginals;  /* [cell][levels][blocks][lanes] of the items that all raters rated */
  dss_group_sums group; /* one lane's, for the formulas; its arrays follow */
  uint64_t *integers;
  dss_u128 *wide;
  dss_cpu_watch *watch;
  uint64_t unasked; /* ratings since it was asked for the last time */
  bool asks;        /* this is the calling thread */
} dss_cpu_scratch;

/* After so many more ratings: whether to leave off, with whatever there is. */
static inline bool dss_cpu_gives_up(dss_cpu_scratch *s, uint64_t ratings) {
  s->unasked += ratings;
  if (s->unasked >= DSS_CPU_ASK_EVERY) {
    s->unasked = 0;
    if (s->asks && s->watch->stop && s->watch->stop(s->watch->user))
      atomic_store_explicit(&s->watch->given_up, true, memory_order_relaxed);
  }
  return atomic_load_explicit(&s->watch->given_up, memory_order_relaxed);
}

typedef struct dss_cpu_kernels {
  const char *name;
  size_t lanes; /* resamples of a block */
  bool reads_records;
  /* The draws of resample b; drawn [dss_cpu_drawn]. */
  void (*draw)(const dss_cpu_draws *draws, uint64_t b, uint32_t *drawn);
  /* From scratch->words to scratch->labels. */
  void (*put_labels)(const dss_cpu_layout *layout, dss_cpu_scratch *scratch);
  /* From the labels of n_lanes resamples, in one block or as many as the layout has, to their
   * values: question q's columns of out [n_lanes][dss_kernel_columns]. */
  void (*question)(const dss_cpu_layout *layout, size_t q, dss_cpu_scratch *scratch,
                   unsigned n_lanes, double *out);
  /* pairwise_lanes.c */
  void (*add_pairs)(const uint16_t *labels, const uint16_t *mine, const uint32_t *other,
                    const uint64_t *steps, uint64_t n, uint64_t one, uint64_t *sums);
} dss_cpu_kernels;

/* Those of the best instruction set of the machine, or of the one that DSS_CPU names; NULL: the
 * machine lacks it. */
const dss_cpu_kernels *dss_cpu_choose_kernels(void);

extern const dss_cpu_kernels dss_cpu_portable;
#ifdef DSS_CPU_X86
extern const dss_cpu_kernels dss_cpu_avx2, dss_cpu_avx512;
#endif

/* Turns to one of the blocks, whose sums may stand where another's stood. */
static inline void dss_cpu_at_block(const dss_cpu_layout *layout, size_t lanes, size_t block,
                                    dss_cpu_scratch *s) {
  size_t sums = layout->plan->n_groups * layout->most_slots * lanes;
  s->labels = s->all_labels + block * layout->n_bases * layout->plan->exchange.n_raters * lanes;
  s->sums = s->all_sums + block % layout->sum_blocks * sums;
  s->carried = s->all_carried + block % layout->sum_blocks * sums;
}

/* Bytes of scratch->counts and scratch->more, and how many scratch->records. */
size_t dss_cpu_counts_bytes(const dss_cpu_layout *layout, size_t lanes);
size_t dss_cpu_more_bytes(const dss_cpu_layout *layout, size_t lanes);
size_t dss_cpu_record_count(const dss_cpu_layout *layout);

#endif
