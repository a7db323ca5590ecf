/* A rater's ratings on one axis: how many of each one's peers are in the rater's group, and the
 * terms of own and cross that follow (sparse.h). */
#ifndef DSS_CPU_SPARSE_PEERS_H
#define DSS_CPU_SPARSE_PEERS_H

#include "sparse_work.h"

/* --- counting -------------------------------------------------------------------------------- */

/* Sums of up to 11 planes, in registers: at each bit one plane of the sum and one that waits for
 * another to be added with it. */
typedef struct counter {
  plane sum0, sum1, sum2, sum3, waiting0, waiting1, waiting2;
  unsigned has, waits; /* bits */
} counter;

#define DSS_COUNT(bit, next)                                                                       \
  DSS_INLINE void count_##bit(counter *c, plane a) {                                               \
    if (!(c->has >> bit & 1)) {                                                                    \
      c->sum##bit = a;                                                                             \
      c->has |= 1u << bit;                                                                         \
    } else if (!(c->waits >> bit & 1)) {                                                           \
      c->waiting##bit = a;                                                                         \
      c->waits |= 1u << bit;                                                                       \
    } else {                                                                                       \
      c->waits &= ~(1u << bit);                                                                    \
      next(c, full_add(&c->sum##bit, c->waiting##bit, a));                                         \
    }                                                                                              \
  }                                                                                                \
  /* Adds what waits. */                                                                           \
  DSS_INLINE void settle_##bit(counter *c) {                                                       \
    if (!(c->waits >> bit & 1)) return;                                                            \
    plane carry = c->sum##bit & c->waiting##bit;                                                   \
    c->sum##bit ^= c->waiting##bit;                                                                \
    next(c, carry);                                                                                \
  }
DSS_INLINE void count_3(counter *c, plane a) {
  c->sum3 = a; /* of up to 11 planes at most one comes */
  c->has |= 8;
}
DSS_COUNT(2, count_3)
DSS_COUNT(1, count_2)
DSS_COUNT(0, count_1)
#undef DSS_COUNT

DSS_INLINE plane same_group(const plane *own, const plane *other, unsigned bits) {
  plane differ = own[0] ^ other[0];
  if (bits == 1) return ~differ;
  for (unsigned b = 1; b + 1 < bits; b++)
    differ = or_differ(differ, own[b], other[b]);
  return nor_differ(differ, own[bits - 1], other[bits - 1]);
}

/* A number of up to 11 in planes, lowest bit first; those above its bits may hold anything. */
typedef struct planes4 {
  plane p0, p1, p2, p3;
} planes4;

/* How many of n peers are of the rater's group; *any: whether any is. n and bits are constants. */
DSS_INLINE void count_peers(unsigned n, unsigned bits, const plane *own, const plane *label,
                            const uint32_t *peers, planes4 *to, plane *any) {
  counter c;
  c.has = c.waits = 0;
#pragma GCC unroll 12
  for (unsigned i = 0; i < n; i++)
    count_0(&c, same_group(own, &label[(size_t)peers[i] * bits], bits));
  settle_0(&c);
  settle_1(&c);
  settle_2(&c);
  *any |= to->p0 = c.sum0;
  if (n > 1) *any |= to->p1 = c.sum1;
  if (n > 3) *any |= to->p2 = c.sum2;
  if (n > 7) *any |= to->p3 = c.sum3;
}

DSS_INLINE void count_some(unsigned n, unsigned bits, const plane *own, const plane *label,
                           const uint32_t *peers, planes4 *to, plane *any) {
  switch (n) {
#define CASE(n)                                                                                    \
  case n:                                                                                          \
    count_peers(n, bits, own, label, peers, to, any);                                              \
    break
    CASE(1);
    CASE(2);
    CASE(3);
    CASE(4);
    CASE(5);
    CASE(6);
    CASE(7);
    CASE(8);
    CASE(9);
    CASE(10);
    CASE(11);
#undef CASE
  default:
    break;
  }
}

/* x in the lowest bits, of which it has so many, at least one, and a above. */
DSS_INLINE void join(unsigned n, const planes4 *x, const planes4 *a, plane to[6]) {
  to[0] = x->p0;
  to[1] = n > 1 ? x->p1 : a->p0;
  to[2] = n > 2 ? x->p2 : n == 2 ? a->p0 : a->p1;
  to[3] = n > 3 ? x->p3 : n == 3 ? a->p0 : n == 2 ? a->p1 : a->p2;
  to[4] = n > 3 ? a->p0 : n == 3 ? a->p1 : n == 2 ? a->p2 : a->p3;
  to[5] = n > 3 ? a->p1 : n == 3 ? a->p2 : a->p3;
}

DSS_INLINE void see_peers(const axis_work *w, const dss_sparse_visit *visit, unsigned bits,
                          visit_work *v) {
  plane own[MOST_BITS];
  for (unsigned b = 0; b < bits; b++)
    own[b] = w->label[(size_t)visit->rater * bits + b];
  for (uint32_t i = 0; i < visit->unanimous; i++) {
    const dss_sparse_rating *r = &w->sparse->ratings[visit->first + i];
    plane any = {0};
    for (uint32_t k = 0; k < r->alike; k++)
      any |= same_group(own, &w->label[(size_t)w->sparse->peers[r->peer + k] * bits], bits);
    v->paired[i] = any;
  }
  planes4 x = {.p0 = {0}}, a = {.p0 = {0}};
  for (uint32_t i = visit->unanimous; i < visit->n; i++) {
    const dss_sparse_rating *r = &w->sparse->ratings[visit->first + i];
    const uint32_t *peers = &w->sparse->peers[r->peer];
    plane any = {0}, number[6];
    v8 bytes[BLOCKS];
    count_some(r->apart, bits, own, w->label, peers, &x, &any);
    count_some(r->alike, bits, own, w->label, peers + r->apart, &a, &any);
    v->paired[i] = any;
    switch (r->apart_bits) {
#define CASE(n)                                                                                    \
  case n:                                                                                          \
    join(n, &x, &a, number);                                                                       \
    break
      CASE(1);
      CASE(2);
      CASE(3);
    default:
      join(4, &x, &a, number);
#undef CASE
    }
    bytes_of_planes(number, 6, bytes);
    for (unsigned j = 0; j < BLOCKS; j++)
      v->index[j][i] = bytes[j];
  }
}

static void see_visit(const axis_work *w, const dss_sparse_visit *visit, visit_work *v) {
  switch (w->label_bits) {
#define CASE(bits)                                                                                 \
  case bits:                                                                                       \
    see_peers(w, visit, bits, v);                                                                  \
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

static void count_paired(const axis_work *w, size_t number, const dss_sparse_visit *visit,
                         visit_work *v) {
  const uint8_t *listed = &w->sparse->by_level[visit->first];
  const uint8_t *of_level = &w->sparse->of_level[number * w->levels];
  for (uint32_t c = 0; c < w->levels; c++) {
    uint32_t list[VISIT];
    plane sum[6] = {{0}};
    for (uint32_t k = 0; k < of_level[c]; k++)
      list[k] = *listed++;
    sum_planes(v->paired, list, of_level[c], 0, 6, sum);
    bytes_of_planes(sum, 6, v->level[c]);
  }
}

/* --- terms ----------------------------------------------------------------------------------- */

DSS_INLINE v16 even_bytes(v8 a) {
  return (v16)a & 255;
}

DSS_INLINE v16 odd_bytes(v8 a) {
  return (v16)((v16u)a >> 8);
}

/* The digits of block j's terms. Eight of five bits fit a byte. digits is a constant. */
DSS_INLINE void add_terms(const axis_work *w, const dss_sparse_visit *visit, const v8 *index,
                          int digits, v16 even[NUMBERS], v16 odd[NUMBERS]) {
  const dss_sparse_rating *ratings = &w->sparse->ratings[visit->first];
  for (int d = 0; d < digits; d++)
    even[d] = odd[d] = (v16){0};
  for (uint32_t first = visit->unanimous; first < visit->n; first += 8) {
    uint32_t end = visit->n - first < 8 ? visit->n : first + 8;
    v8 sum[DIGITS] = {{0}};
    for (uint32_t i = first; i < end; i++) {
      const dss_sparse_term *term = &w->sparse->terms[ratings[i].term];
      for (int d = 0; d < digits; d++)
        sum[d] += (v8)_mm512_permutexvar_epi8((__m512i)index[i], _mm512_load_si512(term->digit[d]));
    }
    for (int d = 0; d < digits; d++) {
      even[d] += even_bytes(sum[d]);
      odd[d] += odd_bytes(sum[d]);
    }
  }
}

#endif
