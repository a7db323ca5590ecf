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
    break;
    CASE(1)
    FOR_SIZES(CASE)
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

/* n ratings of a batch of visits. */
DSS_INLINE void see_peers(const axis_work *w, const dss_sparse_visit *visits,
                          const dss_sparse_rating *r, size_t n, unsigned bits) {
  const dss_sparse_rating *end = r + n;
  plane own[MOST_BITS];
  planes4 x = {.p0 = {0}}, a = {.p0 = {0}};
  for (; r < end; r++) {
    const uint32_t *peers = &w->sparse->peers[r->peer];
    plane any = {0}, number[6];
    v8 bytes[BLOCKS];
    for (unsigned b = 0; b < bits; b++)
      own[b] = w->label[(size_t)visits[r->visit].rater * bits + b];
    if (r->apart == 0) { /* its terms are 0 */
      for (uint32_t k = 0; k < r->alike; k++)
        any |= same_group(own, &w->label[(size_t)peers[k] * bits], bits);
      w->batch[r->visit].paired[r->at] = any;
      continue;
    }
    count_some(r->apart, bits, own, w->label, peers, &x, &any);
    count_some(r->alike, bits, own, w->label, peers + r->apart, &a, &any);
    w->batch[r->visit].paired[r->at] = any;
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
      w->batch[r->visit].index[j][r->at] = bytes[j];
  }
}

/* n visits, which are a batch. */
static void see_batch(const axis_work *w, const dss_sparse_visit *visits, size_t n) {
  const dss_sparse_rating *ratings = &w->sparse->ratings[visits->first];
  size_t n_ratings = visits[n - 1].first + visits[n - 1].n - visits->first;
  switch (w->label_bits) {
#define CASE(bits)                                                                                 \
  case bits:                                                                                       \
    see_peers(w, visits, ratings, n_ratings, bits);                                                \
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

/* The ratings that are paired by level, as bytes of the record. */
static void count_paired(const axis_work *w, size_t number, const dss_sparse_visit *visit,
                         const plane paired[VISIT + 1]) {
  const dss_cpu_sparse *s = w->sparse;
  const uint8_t *listed = &s->by_level[visit->first], *of_level = &s->of_level[number * w->levels];
  for (uint32_t c = 0; c < w->levels; c++) {
    dss_sparse_field field = s->record.level[c];
    uint32_t list[VISIT + 1], n = 0;
    plane sum[DSS_SPARSE_VISIT_BITS] = {{0}};
    while (n < of_level[c])
      list[n++] = *listed++;
    while (n % 4 != 0)
      list[n++] = VISIT; /* an empty plane */
    sum_planes(paired, list, n, 0, DSS_SPARSE_VISIT_BITS, sum);
    for (uint32_t b = 0; b < DSS_SPARSE_VISIT_BITS && b < field.bits; b++)
      w->paired->bits[field.at + b] = sum[b];
  }
  for (uint32_t i = 0; i < s->record.n_bytes; i++) {
    size_t byte = s->record.bytes[i];
    bytes_of_planes(&w->paired->bits[8 * byte], 8, w->paired->record[byte]);
  }
}

/* --- terms ----------------------------------------------------------------------------------- */

/* Of 32 resamples: a sum without sign in 16 bits, and what it carried. */
typedef struct word_sum {
  v16u low, high;
} word_sum;

DSS_INLINE void add_words(word_sum *to, v16 a) {
  to->low += (v16u)a;
  __mmask32 carried = _mm512_cmplt_epu16_mask((__m512i)to->low, (__m512i)a);
  to->high = (v16u)_mm512_mask_add_epi16((__m512i)to->high, carried, (__m512i)to->high,
                                         _mm512_set1_epi16(1));
}

DSS_INLINE void triple(word_sum *a) {
  const __m512i three = _mm512_set1_epi16(3);
  a->high = a->high * 3 + (v16u)_mm512_mulhi_epu16((__m512i)a->low, three);
  a->low *= 3;
}

/* Of the resamples of two blocks: even ones and odd ones of the first, then of the second. */
enum { QUARTERS = 4 };
typedef struct terms_sum {
  v16 own[QUARTERS], cross[QUARTERS];
} terms_sum;

/* What is looked up: which terms, and where in them in two blocks. */
typedef struct terms_at {
  const dss_sparse_term *terms;
  const uint16_t *term;
  const v8 *index[2];
} terms_at;

/* Terms first .. first + n - 1; wide is a constant. */
DSS_INLINE void add_terms(const terms_at *from, uint32_t first, uint32_t n, bool wide,
                          terms_sum *to) {
  for (uint32_t i = first; i < first + n; i++) {
    const dss_sparse_term *term = &from->terms[from->term[i]];
    v16u a = (v16u)from->index[0][i], b = (v16u)from->index[1][i];
    v16 at[QUARTERS] = {(v16)a, (v16)(a >> 8), (v16)b, (v16)(b >> 8)};
    for (int k = 0; k < QUARTERS; k++) {
      to->own[k] += wide ? lookup_mod64(term->own, at[k]) : lookup_mod32(term->own, at[k]);
      to->cross[k] += wide ? lookup_mod64(term->cross, at[k]) : lookup_mod32(term->cross, at[k]);
    }
  }
}

/* Runs of terms, of which the first has number `first`. */
DSS_INLINE void add_runs(const terms_at *from, uint32_t first, const dss_sparse_run *run,
                         uint32_t n_runs, word_sum own[QUARTERS], word_sum cross[QUARTERS]) {
  const dss_sparse_run *end = run + n_runs;
  terms_sum sum = {.own = {{0}}};
  for (int k = 0; k < QUARTERS; k++)
    own[k] = cross[k] = (word_sum){{0}, {0}};
  for (; run < end; run++) {
    add_terms(from, first, run->n_narrow, false, &sum);
    add_terms(from, first + run->n_narrow, run->n_wide, true, &sum);
    first += run->n_narrow + run->n_wide;
    for (int k = 0; k < QUARTERS; k++) {
      add_words(&cross[k], sum.cross[k]);
      sum.cross[k] = (v16){0};
    }
    if (!run->own_full) continue;
    for (int k = 0; k < QUARTERS; k++) {
      add_words(&own[k], sum.own[k]);
      sum.own[k] = (v16){0};
    }
    for (int k = 0; run->triple && k < QUARTERS; k++) {
      triple(&own[k]);
      triple(&cross[k]);
    }
  }
}

#endif
