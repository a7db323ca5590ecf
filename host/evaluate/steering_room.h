/* What one thread works in while it makes steer's values. */
#ifndef DSS_EVALUATE_STEERING_ROOM_H
#define DSS_EVALUATE_STEERING_ROOM_H

#include "host/stats/association.h"
#include "steering.h"

typedef struct dss_steer_values {
  double of[DSS_N_STEER_STATISTICS];
  dss_reason why[DSS_N_STEER_STATISTICS]; /* NONE, or why the value is NaN */
} dss_steer_values;

/* Ratings with one x, level by level, on their way into points. */
typedef struct dss_steer_block {
  bool any;
  double x;
  uint32_t low, high; /* the levels seen lie between */
  uint64_t *count;    /* [n_levels] */
  dss_points to;
} dss_steer_block;

/* A group's mean rating of an item, and of what was predicted for these ratings. */
typedef struct dss_steer_mean {
  uint64_t weight;
  bool differ;            /* the predictions */
  double x, sum_x, sum_y; /* sums in the scale's steps, where it has some */
} dss_steer_mean;

/* A rating in its cell, under a resample. */
typedef struct dss_steer_rating {
  uint32_t group, weight; /* of the axis; of the rater */
  uint8_t code;
} dss_steer_rating;

/* Sizes: n ratings, K levels, G groups and C cells of the axis that has most. */
typedef struct dss_steer_room {
  dss_points points;         /* [n] */
  uint64_t *words;           /* for dss_associate */
  dss_real_pair *pairs;      /* [n], and value, where means are compared */
  double *value;             /* [n] */
  uint64_t *counts;          /* [G][K] of blocks, 0 between uses */
  dss_steer_block *blocks;   /* [G] */
  dss_steer_mean *means;     /* [G] */
  size_t *begin;             /* [G + 1] where each group's points, or pairs, begin */
  size_t *n_pairs;           /* [G] */
  dss_steer_values *matrix;  /* [G][G] told, rated */
  uint8_t *swapped;          /* [n_items] */
  uint32_t *source, *slots;  /* [n_raters] whose profile each rater has */
  uint32_t *cell_of;         /* [n] */
  uint32_t *cell_ptr;        /* [C + 2] */
  dss_steer_rating *ratings; /* [n] by cell */
} dss_steer_room;

/* Lays out the room in scratch, which may be NULL; returns the bytes it takes. */
size_t dss_steer_lay_out(const dss_steering *steering, void *scratch, dss_steer_room *room);

/* How a resample differs from what was observed. */
typedef struct dss_steer_draw {
  const uint8_t *swapped; /* [n_items] the two predictions have changed places */
  const uint32_t *source; /* [n_raters] whose profile each has */
  const uint32_t *raters; /* [n_raters] weights, or NULL: all 1 */
  const uint32_t *items;  /* [n_items] likewise */
} dss_steer_draw;

static inline uint32_t dss_steer_rater_weight(const dss_steer_draw *draw, uint32_t rater) {
  return draw->raters ? draw->raters[rater] : 1;
}
static inline uint32_t dss_steer_item_weight(const dss_steer_draw *draw, uint32_t item) {
  return draw->items ? draw->items[item] : 1;
}

/* --- blocks and means, into values --- */
void dss_steer_block_begin(dss_steer_block *block, uint64_t *count, dss_points to);
void dss_steer_block_end(dss_steer_block *block);
static inline void dss_steer_block_add(dss_steer_block *block, double x, uint32_t code,
                                       uint64_t weight) {
  if (block->any && x != block->x) dss_steer_block_end(block);
  if (!block->any) {
    block->any = true;
    block->x = x;
    block->low = block->high = code;
  }
  if (code < block->low) block->low = code;
  if (code > block->high) block->high = code;
  block->count[code] += weight;
}
void dss_steer_mean_add(dss_steer_mean *mean, double steps, double x, double y, uint64_t weight);
/* The pair of a mean that has some weight. times: of the item. */
dss_real_pair dss_steer_mean_pair(const dss_steer_mean *mean, double steps, uint64_t times);

/* All statistics: of the ratings' points, or, where means are compared, but for kappa of n_pairs
 * pairs, whose places among the room's points must be free: the ratings' points are then used up.
 * missing: why there is nothing, where there is nothing. */
dss_steer_values dss_steer_of_points(const dss_steering *steering, const dss_steer_room *room,
                                     dss_points ratings, dss_real_pair *pairs, size_t n_pairs,
                                     dss_reason missing);
dss_steer_values dss_steer_nothing(dss_reason why);
dss_steer_values dss_steer_gain(const dss_steer_values *steered, const dss_steer_values *baseline);

/* One sample's values by one of the two predictions. */
dss_steer_values dss_steer_sample_values(const dss_steering *steering, const dss_steer_axis *axis,
                                         const dss_steer_sample *sample, const dss_steer_draw *draw,
                                         int source, dss_steer_room *room);
/* room->matrix of an axis. */
void dss_steer_fill_matrix(const dss_steering *steering, const dss_steer_axis *axis,
                           const dss_steer_draw *draw, dss_steer_room *room);
/* From room->matrix: how much better the own group's predictions do than other groups'. */
dss_steer_values dss_steer_specificity(const dss_steering *steering, const dss_steer_axis *axis,
                                       const dss_steer_room *room);

#endif
