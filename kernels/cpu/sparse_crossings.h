/* A rater's ratings on one axis by pair of levels: how many of each one's peers of each other level
 * are in the rater's group, and the terms of own and cross that follow (sparse.h). */
#ifndef DSS_CPU_SPARSE_CROSSINGS_H
#define DSS_CPU_SPARSE_CROSSINGS_H

#include "sparse_groups.h"
#include "sparse_peers.h"

/* --- counting --------------------------------------------------------------------------------- */

/* How many of n planes have the bit; n is a constant. */
DSS_INLINE planes4 count_planes(unsigned n, const plane *planes) {
  planes4 number = {.p0 = {0}};
  counter c;
  c.has = c.waits = 0;
#pragma GCC unroll 12
  for (unsigned i = 0; i < n; i++)
    count_0(&c, planes[i]);
  settle_0(&c);
  settle_1(&c);
  settle_2(&c);
  number.p0 = c.sum0;
  if (n > 1) number.p1 = c.sum1;
  if (n > 3) number.p2 = c.sum2;
  if (n > 7) number.p3 = c.sum3;
  return number;
}

static planes4 count_same(unsigned n, const plane *planes) {
  switch (n) {
#define CASE(n)                                                                                    \
  case n:                                                                                          \
    return count_planes(n, planes);
    CASE(1)
    FOR_SIZES(CASE)
#undef CASE
  default:
    return (planes4){.p0 = {0}};
  }
}

/* all - part, where no bit's number is under the other's. */
DSS_INLINE planes4 subtract(const planes4 *all, const planes4 *part) {
  planes4 rest;
  plane borrow = ~all->p0 & part->p0;
  rest.p0 = all->p0 ^ part->p0;
  rest.p1 = sum_bits(all->p1, part->p1, borrow);
  borrow = borrow_bits(all->p1, part->p1, borrow);
  rest.p2 = sum_bits(all->p2, part->p2, borrow);
  borrow = borrow_bits(all->p2, part->p2, borrow);
  rest.p3 = sum_bits(all->p3, part->p3, borrow);
  return rest;
}

/* The crossings of a rating, of whose peers `same` says which are of its rater's group. */
static void put_crossings(const axis_work *w, const dss_sparse_mixed *r, const plane *same) {
  const dss_sparse_crossing *crossing = &w->sparse->crossings[r->crossing];
  const dss_sparse_crossing *end = crossing + r->n_crossings;
  const planes4 all = count_same(r->n_peers, same);
  same += r->alike;
  for (; crossing < end; crossing++) {
    planes4 x = count_same(crossing->peers, same), a = subtract(&all, &x);
    plane number[6];
    v8 bytes[BLOCKS];
    same += crossing->peers;
    if (crossing->peers == 1)
      join(1, &x, &a, number);
    else if (crossing->peers < 4)
      join(2, &x, &a, number);
    else if (crossing->peers < 8)
      join(3, &x, &a, number);
    else
      join(4, &x, &a, number);
    bytes_of_planes(number, 6, bytes);
    for (unsigned j = 0; j < BLOCKS; j++)
      w->crossings->index[j][crossing->slot] = bytes[j];
  }
}

/* The ratings of a visit; bits is a constant. */
DSS_INLINE void see_ratings(const axis_work *w, const dss_sparse_visit *visit, unsigned bits) {
  const dss_sparse_mixed *r = &w->sparse->mixed[visit->first], *end = r + visit->n;
  const plane *own = &w->label[(size_t)visit->rater * bits];
  for (; r < end; r++) {
    const uint32_t *peers = &w->sparse->peers[r->peer];
    plane same[DSS_SPARSE_UNIT], any = {0};
    for (uint32_t k = 0; k < r->n_peers; k++)
      any |= same[k] = same_group(own, &w->label[(size_t)peers[k] * bits], bits);
    w->crossings->paired[r->at] = any;
    if (r->n_crossings > 0) put_crossings(w, r, same);
  }
}

static void see_crossings(const axis_work *w, const dss_sparse_visit *visit) {
  switch (w->label_bits) {
#define CASE(bits)                                                                                 \
  case bits:                                                                                       \
    see_ratings(w, visit, bits);                                                                   \
    break
    CASE(1);
    CASE(2);
    CASE(3);
    CASE(4);
    CASE(5);
    CASE(6);
    CASE(7);
    CASE(8);
#undef CASE
  default:
    break;
  }
}

/* --- terms ------------------------------------------------------------------------------------ */

/* Two pairs' sums, in two blocks. */
typedef struct pair_sum {
  word_sum own[2][QUARTERS], cross[2][QUARTERS];
} pair_sum;

/* Pairs first and first + 1, of which there may be none, in blocks j and j + 1. false: the visit
 * has none of them. */
static bool add_pairs(const axis_work *w, const dss_sparse_visit *visit,
                      const dss_sparse_crossed *crossed, size_t first, size_t j, pair_sum *sum) {
  const dss_cpu_sparse *s = w->sparse;
  bool some = false;
  for (size_t i = 0; i < 2; i++) {
    dss_sparse_crossed of = {0};
    if (first + i < s->record.n_pairs) of = crossed[first + i];
    const terms_at from = {s->terms,
                           &s->term[visit->first_crossing],
                           {w->crossings->index[j], w->crossings->index[j + 1]}};
    some |= of.n_runs > 0;
    add_runs(&from, of.first, &s->runs[of.first_run], of.n_runs, sum->own[i], sum->cross[i]);
  }
  return some;
}

/* What the visit, which has this number, comes to, added to the groups. */
static void leave_crossings(const axis_work *w, size_t number, const dss_sparse_visit *visit) {
  const dss_sparse_record *record = &w->sparse->record;
  const dss_sparse_crossed *crossed = &w->sparse->crossed[number * record->n_pairs];
  const uint8_t *labels = &w->labels[(size_t)visit->rater * BLOCKS * 64];
  size_t pair_parts = dss_sparse_pair_parts(record), stride = dss_sparse_parts(record) * PART_BYTES;
  v16 row[ROWS];
  for (size_t j = 0; j < BLOCKS; j += 2) {
    for (size_t part = 0; part < pair_parts; part++) {
      pair_sum sum;
      if (!add_pairs(w, visit, crossed, 2 * part, j, &sum)) continue;
      for (size_t k = 0; k < QUARTERS; k++) {
        size_t block = j + k / 2;
        for (size_t i = 0; i < 2; i++) {
          row[4 * i] = (v16)sum.own[i][k].low;
          row[4 * i + 1] = (v16)sum.own[i][k].high;
          row[4 * i + 2] = (v16)sum.cross[i][k].low;
          row[4 * i + 3] = (v16)sum.cross[i][k].high;
        }
        add_to_groups(pair_sums(w, 0, block) + part, stride, labels + 64 * block, k % 2, row);
      }
    }
    for (size_t part = 0; part < record->n_parts; part++)
      for (size_t k = 0; k < QUARTERS; k++) {
        size_t block = j + k / 2;
        put_rows(w->paired, part, block, k % 2, row);
        add_to_groups(pair_sums(w, 0, block) + pair_parts + part, stride, labels + 64 * block,
                      k % 2, row);
      }
  }
}

#endif
