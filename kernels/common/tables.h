/* Tables made once on the host for one question: reciprocal weights, logarithms, distances.
 * docs/determinism.md, "Exact sums". Nothing is computed by exp or log anywhere else. */
#ifndef DSS_COMMON_TABLES_H
#define DSS_COMMON_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exact.h"

/* Phi = 27720 * 2^(F - 15): lcm(1..12) times a power of two, so that w[1] .. w[12] are exact and
 * hold that power of two, which a backend may divide out. */
enum { DSS_WEIGHT_ROOT = 27720, DSS_WEIGHT_ROOT_BITS = 15, DSS_WEIGHT_EXACT = 12 };

/* Psi = 27720 * 2^26, which stands for one vote; Phi, where no item has over 128 ratings. */
enum { DSS_VOTE_SHIFT = 26 };
#define DSS_VOTE_SCALE ((uint64_t)DSS_WEIGHT_ROOT << DSS_VOTE_SHIFT)

/* How d(c,k) is had. Rank distances (ordinal) come from the marginals of the set at hand and are
 * kept times four, as the square of the difference of twice the midranks. */
typedef enum dss_distance_kind {
  DSS_DISTANCE_EXACT,      /* integers in `exact_distance` */
  DSS_DISTANCE_REAL,       /* doubles in `real_distance` */
  DSS_DISTANCE_RANK_EXACT, /* ordinal, summed in 128 bits */
  DSS_DISTANCE_RANK_REAL   /* ordinal, too large for that: summed in doubles */
} dss_distance_kind;

typedef struct dss_tables {
  uint32_t n_levels;     /* K */
  uint32_t max_unit;     /* M, the largest number of ratings of one item (weighted: it can have) */
  unsigned weight_bits;  /* F */
  unsigned log_bits;     /* G */
  uint64_t weight_scale; /* Phi, which stands for 1 in weights; F bits long */
  double log_unit;       /* 2^-G */
  double log_levels;     /* ln K */
  double rounding;       /* what the weights' rounding can make of an alpha or kappa_x of 0 */
  dss_distance_kind distance;
  double distance_unit;     /* what a distance sum is multiplied by: 1, or 1/4 for ranks */
  uint64_t *weight;         /* [M + 1] w[k] = Phi / k, rounded; w[0] = 0 */
  uint64_t *vote;           /* [K + 1] v[t] = Psi / t, rounded; v[0] = 0 */
  int64_t *count_log;       /* [M + 1] XL: 2^G n ln n */
  int64_t *half_log;        /* [M + 1] XH: 2^G ln(n + 1/2) */
  int64_t *smoothed_log;    /* [M + 1] LS: 2^G ln(n + K/2) */
  uint64_t *exact_distance; /* [K * K], or NULL */
  double *real_distance;    /* [K * K], or NULL */
} dss_tables;

/* What a distance is between; the public dss_scale without its header. */
typedef enum dss_tables_scale {
  DSS_TABLES_NOMINAL = 0,
  DSS_TABLES_ORDINAL = 1,
  DSS_TABLES_INTERVAL = 2,
  DSS_TABLES_RATIO = 3
} dss_tables_scale;

typedef enum dss_tables_status {
  DSS_TABLES_OK,
  DSS_TABLES_NO_MEMORY,
  DSS_TABLES_TOO_LARGE /* sums over so many ratings could leave 128 bits */
} dss_tables_status;

/* values [K] are read for interval and ratio only. The caller frees with dss_tables_free. */
dss_tables_status dss_tables_make(dss_tables *tables, dss_tables_scale scale, uint32_t n_levels,
                                  const double *values, uint64_t n_ratings, uint32_t max_unit);
/* The same for sums under bootstrap weights, with the fractional bits of `unweighted`, so that
 * weights of 1 give its bits. An item's weights sum to at most max_total, those of all items to at
 * most max_ratings. (Logarithms lose bits where max_total > 2^16.) */
dss_tables_status dss_tables_make_weighted(dss_tables *tables, dss_tables_scale scale,
                                           const double *values, uint64_t max_ratings,
                                           uint32_t max_total, const dss_tables *unweighted);
void dss_tables_free(dss_tables *tables);

#endif
