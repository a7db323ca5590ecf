/* The sparse kernel: IRR and XRR of designs with at most 11 ratings an item, where groups are many
 * and an item's group mostly empty. It walks over ratings instead of groups.
 *
 * A *plane* is one bit for each of 512 resamples. For a rating i of an item with T ratings, on one
 * axis, let x of the raters who disagree with it be of its rater's group, and a of those who agree
 * (without itself). With d the ratings that disagree with it at all, and m = x + a + 1,
 *
 *     own   = 1/2 sum over ratings of x / (m - 1)
 *     cross =     sum over ratings of (d - x) T / (m (T - m))
 *
 * over the ratings of a group's raters, which is what alpha and kappa_x need. Both terms are
 * functions of (x, a) for a given (T, d): x and a are counted in planes by carry-save adders, the
 * planes turned into one byte of at most six bits a resample, and the terms looked up, times
 * lcm(1..8) or lcm(1..10), as 16-bit numbers. A *visit*, a rater's terms, is added up first and
 * then goes to the group that the rater is in, resample by resample, as one *record*: all its
 * numbers side by side in 64-bit words, each in a field that has room for the sum over all raters.
 *
 * Marginals go by group: an item whose ratings of the group are one (own) is known from the same
 * bytes; where the group has none, or all, of an item's ratings, is known from planes of members.
 *
 * Operations a rating, axis and 64 resamples, of T = 9 and 10 groups: 9 to compare and count, 4 to
 * turn planes to bytes, 10 to look up and add; and some 4 a rater, axis and resample.
 *
 * That is where every distance is one, on the nominal scale. On the others own and cross are kept
 * by pair of levels c < k: x and d are then the peers, and all ratings, of one other level, k for a
 * rating of c and c for one of k, and a the other peers of the group, whatever their level. A
 * *crossing* is a rating with such another level of its item, and has a term as a rating has above.
 * A record holds two pairs of levels a part, 32 bits each of own and cross, then the ratings by
 * level. */
#ifndef DSS_CPU_SPARSE_H
#define DSS_CPU_SPARSE_H

#include "layout.h"

enum {
  DSS_SPARSE_UNIT = 11,       /* most ratings of an item: then terms fit 16 bits, (x, a) six */
  DSS_SPARSE_ROOT = 2520,     /* lcm(1..10): terms times this are integers; */
  DSS_SPARSE_SMALL = 9,       /* times a third of it, where an item has at most so many ratings */
  DSS_SPARSE_LEVELS = 9,      /* most levels */
  DSS_SPARSE_VISIT = 63,      /* most ratings of a rater taken together */
  DSS_SPARSE_VISIT_BITS = 6,  /* of their number */
  DSS_SPARSE_BATCH = 4,       /* visits whose peers are counted together */
  DSS_SPARSE_BLOCKS = 8,      /* of 64 resamples */
  DSS_SPARSE_CELLS = 249,     /* most groups of an axis */
  DSS_SPARSE_PARTS = 4,       /* most parts of a record, of 128 bits, without those for pairs */
  DSS_SPARSE_CROSSINGS = 252, /* most of a visit */
  DSS_SPARSE_PAIR_BITS = 32,  /* of own, and of cross, of a pair of levels */
  DSS_SPARSE_MOST = 64 << 20  /* bytes of a thread's labels, planes and sums */
};

/* One rating, seen from its rater: number `at` of visit `visit` of its batch. */
typedef struct dss_sparse_rating {
  uint32_t peer; /* its item's other raters: peers[peer], those who disagree first */
  uint8_t visit, at;
  uint8_t apart, alike; /* raters who disagree, and who agree */
  uint8_t apart_bits;   /* of numbers up to apart */
} dss_sparse_rating;

/* The same by pair of levels: rating `at` of its visit. Its peers stand by level, first the `alike`
 * who gave its own; each level that follows is a crossing. */
typedef struct dss_sparse_mixed {
  uint32_t peer, crossing; /* the first */
  uint8_t at, alike, n_peers, n_crossings;
} dss_sparse_mixed;

/* So many peers of the level; `slot`: where its (x, a) stands among the visit's. */
typedef struct dss_sparse_crossing {
  uint8_t peers, slot;
} dss_sparse_crossing;

/* A visit's crossings of one pair of levels: those from slot `first` on, in runs. */
typedef struct dss_sparse_crossed {
  uint32_t first_run;
  uint8_t first, n_runs;
} dss_sparse_crossed;

/* Ratings first .. first + n - 1, all of one rater. With the first `unanimous` of them nobody
 * disagrees: their terms are 0. The others fall into runs; or the visit's crossings do. */
typedef struct dss_sparse_visit {
  uint32_t rater, first, n, unanimous;
  uint32_t first_run, n_runs;
  uint32_t first_crossing;
} dss_sparse_visit;

/* As many ratings as have terms of cross that certainly add up in 16 bits. First those whose (x, a)
 * takes at most five bits: one vector holds a table of so many words. */
typedef struct dss_sparse_run {
  uint8_t n_narrow, n_wide;
  bool own_full; /* with the next run, terms of own might not add up in 16 bits */
  bool triple;   /* the last of those of small items: what is added up until then counts thirds */
} dss_sparse_run;

/* What is added up in planes: numbers of at most some bits, by level and bit: list [ptr[c * bits +
 * b], ptr[c * bits + b + 1]) has those whose number at level c has bit b. */
typedef struct dss_sparse_lists {
  uint32_t bits;
  uint32_t *ptr;  /* [K * bits + 1] */
  uint32_t *list; /* numbers of raters or items */
} dss_sparse_lists;

/* [x | a << bits of d], whatever the bits above are. */
typedef struct dss_sparse_term {
  _Alignas(64) int16_t own[64], cross[64]; /* without sign */
} dss_sparse_term;

/* Where a number stands in a record. */
typedef struct dss_sparse_field {
  uint16_t at;
  uint8_t bits;
} dss_sparse_field;

/* In 128-bit parts. own and cross begin the first two words; or, by pair, there is a word for each
 * pair, and the other fields' parts, which are n_parts, stand behind those. */
typedef struct dss_sparse_record {
  dss_sparse_field own, cross, level[DSS_SPARSE_LEVELS];
  bool by_pair;
  uint32_t n_pairs, n_parts, n_bytes;
  uint8_t bytes[2 * DSS_SPARSE_LEVELS]; /* those to which a visit adds ratings by level */
} dss_sparse_record;

static inline uint32_t dss_sparse_pair_parts(const dss_sparse_record *record) {
  return (record->n_pairs + 1) / 2;
}

static inline uint32_t dss_sparse_parts(const dss_sparse_record *record) {
  return dss_sparse_pair_parts(record) + record->n_parts;
}

/* A question as the kernel sees it; NULL where it does not serve. */
typedef struct dss_cpu_sparse {
  uint32_t n_items;                       /* with two ratings or more, by size: */
  uint32_t size_end[DSS_SPARSE_UNIT + 1]; /* those of so many ratings end here */
  uint64_t *item_ptr;                     /* [n_items + 1] */
  uint32_t *item_rater;
  uint32_t n_visits;
  dss_sparse_visit *visits;
  dss_sparse_run *runs;
  uint16_t *term;             /* [n_terms_room] by visit and rating, or slot: which terms */
  dss_sparse_rating *ratings; /* [n_ratings] by batch of visits, those with as many peers of either
                               * kind together, so that the processor foresees what comes next;
                               * or, by pair: */
  dss_sparse_mixed *mixed;    /* [n_ratings] by visit */
  dss_sparse_crossing *crossings; /* [n_terms_room] by visit and rating */
  dss_sparse_crossed *crossed;    /* [n_visits][n_pairs] */
  uint8_t *by_level; /* [n_ratings] a visit's ratings by level: numbers within the visit */
  uint8_t *of_level; /* [n_visits][K] how many */
  uint32_t *peers;
  uint64_t n_peers, n_ratings;
  size_t n_peers_room, n_visits_room, n_terms_room; /* allocated */
  uint32_t n_terms, n_runs;
  dss_sparse_term *terms;
  dss_sparse_record record;
  dss_sparse_lists of_raters, of_items; /* ratings by level */
} dss_cpu_sparse;

/* Whether the kernel can take the question, and would be faster than the narrow one. Parts and rows
 * must be there. */
bool dss_cpu_sparse_pays(const dss_cpu_layout *layout, const dss_kernel_question *question,
                         const dss_cpu_slots *slots);
/* NULL: out of memory. */
dss_cpu_sparse *dss_cpu_sparse_make(const dss_kernel_plan *plan,
                                    const dss_kernel_question *question, bool collapsed);
void dss_cpu_sparse_free(dss_cpu_sparse *sparse);
uint64_t dss_cpu_sparse_bytes(const dss_cpu_sparse *sparse, const dss_kernel_question *question);

/* Bytes of a thread's memory for it. */
size_t dss_cpu_sparse_scratch(const dss_cpu_layout *layout);

#endif
