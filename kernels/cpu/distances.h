/* Totals of distances over all pairs of levels, as dss_distance_total has them where they are
 * exact: integers of up to 128 bits, here in products of 32 by 26 bits that add up in 64, a vector
 * of resamples at a time. */
#ifndef DSS_CPU_DISTANCES_H
#define DSS_CPU_DISTANCES_H

#include "lanes.h"
#include "vectors.h"

enum {
  DISTANCE_LIMB = 26,                         /* bits; a distance has two limbs, */
  DISTANCE_PAIRS = 64,                        /* for so many pairs of levels */
  DISTANCE_RATINGS = 1 << (DISTANCE_LIMB - 2) /* and twice so many ratings squared */
};

/* Ranks are at most twice the ratings, other distances at most 2^30. */
DSS_INLINE bool distances_serve(const dss_cpu_question *q, uint64_t n_ratings) {
  const dss_tables *t = q->tables;
  return (t->distance == DSS_DISTANCE_EXACT || t->distance == DSS_DISTANCE_RANK_EXACT) &&
         q->slots.n_pairs <= DISTANCE_PAIRS && n_ratings < DISTANCE_RATINGS;
}

DSS_INLINE v64 load_sums(const uint64_t *from) {
  v64 v;
  memcpy(&v, from, sizeof v);
  return v;
}

/* A number of up to 96 bits in each lane. */
typedef struct long_lanes {
  v64 low, high;
} long_lanes;

DSS_INLINE long_lanes long_sum(const dss_cpu_scratch *s, size_t at) {
  uint64_t low[DSS_VECTOR / 8], high[DSS_VECTOR / 8];
  if (!s->any_carried) return (long_lanes){load_sums(&s->sums[at]), (v64){0}};
  for (size_t i = 0; i < DSS_VECTOR / 8; i++) {
    dss_u128 sum = s->carried[at + i] + s->sums[at + i];
    low[i] = (uint64_t)sum;
    high[i] = (uint64_t)(sum >> 64);
  }
  return (long_lanes){load_sums(low), load_sums(high)};
}

/* Sums of the products of three limbs of 32 bits and two of 26. */
typedef struct distance_sum {
  v64 part[3][2];
} distance_sum;

DSS_INLINE void add_distance(distance_sum *sum, v64 distance, long_lanes x) {
  const v64 limbs[2] = {distance & ((1 << DISTANCE_LIMB) - 1), distance >> DISTANCE_LIMB};
  const v64 words[3] = {x.low, x.low >> 32, x.high};
  for (size_t i = 0; i < 3; i++)
    for (size_t j = 0; j < 2; j++)
      sum->part[i][j] += multiply32(words[i], limbs[j]);
}

DSS_INLINE void put_distances(const distance_sum *sum, double unit, double *out) {
  for (size_t l = 0; l < DSS_VECTOR / 8; l++) {
    dss_u128 total = 0;
    for (size_t i = 0; i < 3; i++)
      for (size_t j = 0; j < 2; j++)
        total += (dss_u128)sum->part[i][j][l] << (32 * i + DISTANCE_LIMB * j);
    out[l] = dss_exact_to_double(total) * unit;
  }
}

/* Totals of the coincidences that are summed up at `pairs`, and of those expected of the counts at
 * a (b = SIZE_MAX: of one side), or at a and b: [DSS_LANES] each. */
static void distance_totals(const dss_cpu_question *q, const dss_cpu_scratch *s, size_t a, size_t b,
                            size_t pairs, double *observed, double *expected) {
  const dss_tables *t = q->tables;
  bool ranks = t->distance == DSS_DISTANCE_RANK_EXACT, two = b != SIZE_MAX;
  for (size_t v = 0; v < DSS_LANES; v += DSS_VECTOR / 8) {
    distance_sum seen = {{{{0}}}}, chance = {{{{0}}}};
    size_t pair = pairs + v;
    for (size_t c = 0; c < t->n_levels; c++) {
      v64 a_c = load_sums(&s->sums[a + c * DSS_LANES + v]), none = {0}, between = {0};
      v64 b_c = two ? load_sums(&s->sums[b + c * DSS_LANES + v]) : none;
      for (size_t k = c + 1; k < t->n_levels; k++, pair += DSS_LANES) {
        v64 a_k = load_sums(&s->sums[a + k * DSS_LANES + v]);
        v64 b_k = two ? load_sums(&s->sums[b + k * DSS_LANES + v]) : none;
        v64 rank = a_c + b_c + a_k + b_k + 2 * between;
        v64 distance =
            ranks ? multiply32(rank, rank) : none + t->exact_distance[c * t->n_levels + k];
        v64 x = two ? multiply32(a_c, b_k) + multiply32(a_k, b_c) : multiply32(a_c, a_k);
        add_distance(&seen, distance, long_sum(s, pair));
        add_distance(&chance, distance, (long_lanes){x, none});
        between += a_k + b_k;
      }
    }
    put_distances(&seen, t->distance_unit, &observed[v]);
    put_distances(&chance, t->distance_unit, &expected[v]);
  }
}

#endif
