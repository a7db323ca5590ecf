/* What the CPU backend makes of a plan before the first resample; immutable afterwards and shared
 * by the threads.
 *
 * Counting compares each rating's label with every cell, so axes that refine one another are
 * counted together: a *base* is a partition of the raters into at most 250 cells, and every group
 * of the axes on it is a union of cells. An axis of more groups is split into *parts*. */
#ifndef DSS_CPU_LAYOUT_H
#define DSS_CPU_LAYOUT_H

#include "draws.h"
#include "kernels/backend.h"
#include "records.h"

enum {
  DSS_NO_CELL = 255,         /* the label of raters who are in no group of the base */
  DSS_MOST_CELLS = 250,      /* of a base */
  DSS_NARROW_UNIT = 63,      /* largest item for the narrow kernel: its tables have 64 entries */
  DSS_NARROW_LEVELS = 10,    /* most levels for the narrow kernel */
  DSS_TILE_PAIRS = 16,       /* most pairs of items whose counts are made before they are summed */
  DSS_TILE_BYTES = 192 << 10 /* and about the size of their counts */
};

/* Counting in slices (slices.h, choice in slicing.c). */
enum {
  DSS_SLICE_BLOCKS = 8,       /* of resamples, computed together: as many as a byte has bits */
  DSS_SLICE_ITEMS = 16,       /* most items whose counts are made before they are summed */
  DSS_SLICE_ROWS = 4 << 20,   /* bytes of their counts */
  DSS_SLICE_PLANES = 4 << 20, /* bytes of the planes made at once, unless one has more */
  DSS_SLICE_MOST = 64 << 20   /* a thread's labels and sums */
};

#define DSS_NO_ROW UINT32_MAX

/* Group `group` of a part, or with n_groups its raters of unknown value, and its row of counts. */
typedef struct dss_cpu_visit {
  uint32_t part, group, row;
  bool makes; /* the row is a sum, to be made now */
} dss_cpu_visit;

/* A row of counts is a cell's, or the sum of earlier rows. */
typedef struct dss_cpu_base {
  uint32_t n_cells;
  uint8_t *label;                    /* [n_raters] cell of the observed profile, or DSS_NO_CELL */
  uint32_t size[DSS_MOST_CELLS + 1]; /* raters in each cell, which no resample changes */
  uint32_t n_sums;                   /* row n_cells + i is the sum of the rows of list i */
  uint32_t *addend_ptr;              /* [n_sums + 1] */
  uint32_t *addends;
  /* For the narrow kernel: its visits in order, and where it puts the sums; place 0 is for those
   * that are wanted only at their visit. */
  uint32_t n_visits, n_places;
  dss_cpu_visit *visits;
  uint32_t *place; /* [n_sums] */
} dss_cpu_base;

/* Groups first_group .. first_group + n_groups - 1, all of one axis. row[n_groups] is that of the
 * raters whose value is unknown, or DSS_NO_ROW. */
typedef struct dss_cpu_part {
  uint32_t base;
  size_t first_group;
  uint32_t n_groups;
  uint32_t *row;      /* [n_groups + 1] of the base */
  uint32_t *n_raters; /* [n_groups + 2] whoever they are; then unknown, and in other parts */
} dss_cpu_part;

/* Where a group's sums stand, each as many numbers wide as there are lanes; SIZE_MAX: not wanted.
 */
typedef struct dss_cpu_slots {
  bool collapsed; /* every distance of two levels is 1: one pair sum stands for all */
  size_t n_pairs; /* 1, or K (K-1) / 2 */
  size_t own_pair, own_count, cross_pair, x_count, y_count, complement_pair, complement_count;
  size_t rated, plurality, entropy, cross_entropy, shared;
  size_t vote_units, vote_agreement, vote_count;
  size_t n;
} dss_cpu_slots;

/* Sums of products that pass 64 bits, entropy, cross_entropy and vote_agreement, stand in three
 * slots: units of 1, 2^26 and 2^52. An item adds less than 2^52 to each. */
enum { DSS_PRODUCT_SLOTS = 3, DSS_PRODUCT_BITS = 26 };

/* Weights cut into limbs of 14 bits, so that 16-bit products add up exactly in 32 bits. */
enum { DSS_LIMBS = 3, DSS_LIMB_BITS = 14 };
typedef struct dss_cpu_limbs {
  _Alignas(64) int16_t own[DSS_LIMBS][64]; /* w[m - 1], 0 for m < 2 */
  int16_t exact[64];                       /* the same over 2^(F - 15), for m <= DSS_EXACT_MOST */
  int16_t one_side[DSS_LIMBS][64];         /* w[m], 0 for m = 0 */
  int16_t cross[64][DSS_LIMBS][64];        /* [T] w[m] + w[T - m] */
} dss_cpu_limbs;

/* Where a group has at most 13 ratings of an item, its own weights are 16 bits times a power of
 * two: Phi is 27720 times that, and 27720 = lcm(1..12). */
enum { DSS_EXACT_MOST = DSS_WEIGHT_EXACT + 1 };

/* One question's ratings by item and level. Items 0 .. n_narrow-1 are for the narrow kernel, in
 * pairs of equal size where need be padded by an item without ratings; then come n_sliced that are
 * counted in slices, of which every rater rated the first n_whole; those from first_tabled on are
 * for the tabled kernel, in its order, and the others for the wide kernel. */
typedef struct dss_cpu_question {
  const dss_tables *tables;
  dss_cpu_slots slots;
  uint32_t n_items, n_narrow, n_sliced, n_whole, first_tabled;
  uint64_t *level_ptr;    /* [n_items * K + 1] */
  uint32_t *rater;        /* [n_ratings] by item, level */
  uint32_t row;           /* levels rounded up to 8: the stride of narrow_total */
  uint32_t *narrow_total; /* [n_raters][row] each rater's ratings of the narrow items by level */
  uint64_t *narrow_level; /* [K] ratings of the narrow items by level */
  /* Of a pair of narrow items, ready for every lane: both sizes as words; for two levels at a time,
   * each item's ratings of these levels as bytes; the same as the narrow kernel stores counts, with
   * -T where these have the ratings of all levels. */
  int32_t *pair_size;  /* [n_narrow / 2] */
  int32_t *pair_level; /* [n_narrow / 2][level pairs] */
  int32_t *pair_all;   /* [n_narrow / 2][dss_cpu_stored] */
  size_t byte_pairs;   /* so many pairs' ratings of a level fit a byte */
  uint8_t *held_pairs; /* [n_groups] and of so many pairs the sums of limbs fit 32 bits */
  dss_cpu_limbs *limbs;
  bool more;                 /* sums beyond alpha's and kappa_x's: narrow_more.h */
  dss_cpu_more *more_tables; /* NULL without them or narrow items */
  dss_cpu_records *records;  /* and where the layout has none */
  uint64_t most_ratings;     /* whose sums certainly fit 64 bits; then they are carried over */
  uint64_t item_charge;      /* and an item counts for so many more, for sums that go by items */
  struct dss_cpu_tabled *tabled; /* NULL: no item is for it */
  struct dss_cpu_sparse *sparse; /* where the sparse kernel takes it: then n_items is 0; or NULL */
} dss_cpu_question;

/* Pairs of levels, the last one perhaps with a level that there is not. */
static inline uint32_t dss_cpu_halves(const dss_tables *tables) {
  return (tables->n_levels + 1) / 2;
}

/* Vectors of the narrow kernel's counts of a pair of items: two levels each, and in the last one's
 * odd bytes the ratings of all levels. */
static inline uint32_t dss_cpu_stored(uint32_t levels) {
  return levels / 2 + 1;
}

/* Vectors in which the narrow kernel holds a quarter's sums of a group from tile to tile: those of
 * seven limbs for each pair of levels (nominal: 1), single ratings as bytes, missing ones as words.
 */
static inline size_t dss_cpu_held(size_t n_pairs, uint32_t halves) {
  return 7 * n_pairs + 3 * (size_t)halves;
}

typedef struct dss_cpu_layout {
  const dss_kernel_plan *plan;
  bool has_sparse;   /* the instruction set has the sparse kernel */
  bool has_records;  /* it reads records.h */
  bool any_unknown;  /* the groups of some axis lack raters whose value is unknown */
  size_t sum_blocks; /* whose sums are held together: 1, or n_blocks */
  size_t n_blocks;   /* of resamples computed together: 1, or DSS_SLICE_BLOCKS */
  size_t n_bases;
  dss_cpu_base *bases;
  size_t n_parts;
  dss_cpu_part *parts;
  dss_cpu_question *questions; /* [plan->n_questions] */
  size_t most_slots;           /* of any question, times groups and lanes: a thread's sums */
  uint32_t most_cells, most_rows, most_levels, most_row;
  uint32_t most_unit; /* ratings of the largest item */
  dss_cpu_draws draws;
  /* [words of bases][n_raters] the labels on DSS_WORD_BASES bases, a byte each, of the raters in
   * the order in which they are exchanged: what the shuffle moves. */
  uint32_t *words;
} dss_cpu_layout;

enum { DSS_WORD_BASES = 4 };

/* Words that hold all bases' labels of a rater. */
static inline size_t dss_cpu_word_count(const dss_cpu_layout *layout) {
  return (layout->n_bases + DSS_WORD_BASES - 1) / DSS_WORD_BASES;
}

/* Of so many raters, in whole vectors. */
static inline size_t dss_cpu_words(size_t n_raters) {
  return (n_raters + 15) / 16 * 16;
}

/* Pairs of items in a tile. */
size_t dss_cpu_tile_pairs(const dss_cpu_base *base, size_t stored, size_t lanes);

/* NULL: out of memory. The plan must outlive the layout. has_sparse, has_records: as in the layout.
 */
dss_cpu_layout *dss_cpu_layout_make(const dss_kernel_plan *plan, bool has_sparse, bool has_records);
void dss_cpu_layout_free(dss_cpu_layout *layout);

/* Most levels of a question for the narrow kernel. */
static inline uint32_t dss_cpu_narrow_levels(bool more) {
  return more ? DSS_MORE_LEVELS : DSS_NARROW_LEVELS;
}

/* Room for the rows of base b: its cells', and each group's. */
size_t dss_cpu_row_room(const dss_cpu_layout *layout, size_t b);

/* Why the wide kernel is used; bits. */
enum {
  DSS_WIDE_COMMON = 1,  /* IRR and XRR over the same items */
  DSS_WIDE_LEVELS = 2,  /* more than dss_cpu_narrow_levels */
  DSS_WIDE_WEIGHTS = 4, /* more than three limbs hold */
  DSS_WIDE_ITEMS = 8,   /* more than DSS_NARROW_UNIT ratings */
  DSS_WIDE_UNKNOWN = 16 /* raters of unknown value, and sums over more than the group's items */
};

/* What a plan's items fall into, and why; for probe. */
typedef struct dss_cpu_shape {
  uint64_t sparse_ratings, tabled_ratings, narrow_ratings, sliced_ratings, wide_ratings;
  unsigned wide_reasons; /* 0: all is narrow */
  size_t n_bases, n_cells;
} dss_cpu_shape;
dss_cpu_shape dss_cpu_layout_shape(const dss_cpu_layout *layout);

#endif
