/* What a thread adds up of one group, item by item, with K levels known to the compiler. Sums of
 * one part of the items fit 64 bits (design.c sees to it). With y = total - x:
 *
 * group_tally, and packed_tally for counts that are bytes: IRR and XRR. On the nominal scale, where
 * all pairs of unequal levels count the same, one sum stands for them,
 *
 *     own   += w[m-1] (m^2 - sum_c x_c^2)        (twice the pairs: halved at the end)
 *
 *     cross += (w[m] + w[s]) (m s - sum_c x_c y_c)
 *
 * and on any other (PAIRS) each pair of levels has its own,
 *
 *     own_ck   += w[m-1] x_c x_k
 *
 *     cross_ck += (w[m] + w[s]) (x_c y_k + x_k y_c)
 *
 * whole_tally: every statistic, by the functions that the reference uses; with K constant their
 * loops unroll, but sums of 128 bits do not all stay in registers. */
#ifndef DSS_CUDA_TALLIES_CUH
#define DSS_CUDA_TALLIES_CUH

#include <type_traits>

#include "lists.h"
#include "put.cuh"
#include "saved.cuh"

/* The numbers of levels for which there are kernels. */
#define DSS_FOR_UNEQUAL(X) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10)
#define DSS_FOR_WHOLE(X) X(2) X(3) X(4) X(5) X(6) X(7)

/* What a block looks up by a number of ratings: w[k-1] where k ratings pair, and w[k]; 0 where
 * there are none. */
struct dss_cu_weights {
  uint64_t own, other;
};

/* An item's sizes, and which sums it enters. */
struct item_sides {
  uint32_t m, s;
  uint32_t enters, crosses; /* 0 or 1, to multiply with */

  __device__ item_sides(bool common_units, uint32_t group, uint32_t others) : m(group), s(others) {
    enters = min(m >> 1, 1u);
    crosses = min(m * s, 1u); /* both fit 16 bits */
    if (common_units) enters = crosses = enters & crosses;
  }
};

/* *sum += weight * n: a product of 32 bits into 64, and one into the upper half. */
__device__ static inline void add_product(uint64_t *sum, uint64_t weight, uint32_t n) {
  uint64_t low = *sum + (uint64_t)(uint32_t)weight * n;
  uint32_t high = (uint32_t)(low >> 32) + (uint32_t)(weight >> 32) * n;
  *sum = (uint64_t)high << 32 | (uint32_t)low;
}

template <int K, bool PAIRS> struct group_tally {
  static const int N = PAIRS ? K * (K - 1) / 2 : 1;
  struct saved {
    dss_u128 own[N], cross[N];
    uint64_t own_count[K], x_count[K], y_count[K];
  };
  uint64_t own[N], cross[N];
  uint32_t own_count[K], x_count[K], y_count[K];

  __device__ void clear() {
#pragma unroll
    for (int i = 0; i < N; i++)
      own[i] = cross[i] = 0;
#pragma unroll
    for (int c = 0; c < K; c++)
      own_count[c] = x_count[c] = y_count[c] = 0;
  }

  __device__ void add_unequal(const item_sides &item, uint32_t squares, uint32_t products,
                              uint64_t own_weight, uint64_t weight) {
    add_product(&own[0], own_weight, item.m * item.m - squares);
    add_product(&cross[0], weight, item.m * item.s - (products - squares));
  }

  __device__ void add_pairs(const uint32_t x[K], const uint32_t y[K], uint64_t own_weight,
                            uint64_t weight) {
    int pair = 0;
#pragma unroll
    for (int c = 0; c < K; c++)
#pragma unroll
      for (int k = c + 1; k < K; k++, pair++) {
        add_product(&own[pair], own_weight, x[c] * x[k]);
        add_product(&cross[pair], weight, x[c] * y[k] + x[k] * y[c]);
      }
  }

  /* An item with the group's counts x among those of all whose value is known. */
  __device__ void add(const dss_cu_sums &of, const uint64_t *weight, const uint32_t x[K],
                      const uint32_t total[K]) {
    uint32_t m = 0, all = 0, squares = 0, products = 0, y[K];
#pragma unroll
    for (int c = 0; c < K; c++) {
      y[c] = total[c] - x[c];
      m += x[c];
      all += total[c];
      squares += x[c] * x[c];
      products += x[c] * total[c];
    }
    const item_sides item(of.choice.common_units, m, all - m);
    uint64_t of_own = item.enters ? weight[m - 1] : 0;
    uint64_t of_cross = item.crosses ? weight[m] + weight[item.s] : 0;
    if (PAIRS)
      add_pairs(x, y, of_own, of_cross);
    else
      add_unequal(item, squares, products, of_own, of_cross);
#pragma unroll
    for (int c = 0; c < K; c++) {
      own_count[c] += x[c] * item.enters;
      x_count[c] += x[c] * item.crosses;
      y_count[c] += y[c] * item.crosses;
    }
  }

  __device__ void widen(saved *w) const {
    for (int i = 0; i < N; i++) {
      w->own[i] = PAIRS ? own[i] : own[i] / 2;
      w->cross[i] = cross[i];
    }
    for (int c = 0; c < K; c++) {
      w->own_count[c] = own_count[c];
      w->x_count[c] = x_count[c];
      w->y_count[c] = y_count[c];
    }
  }

  __device__ static void join(saved *to, const saved *from) {
    for (int i = 0; i < N; i++) {
      to->own[i] += from->own[i];
      to->cross[i] += from->cross[i];
    }
    for (int c = 0; c < K; c++) {
      to->own_count[c] += from->own_count[c];
      to->x_count[c] += from->x_count[c];
      to->y_count[c] += from->y_count[c];
    }
  }

  /* The total of distances that an item's pairs leave. */
  __device__ static double observed(const dss_tables *t, const uint64_t *a, const uint64_t *b,
                                    const dss_u128 sum[N]) {
    return PAIRS ? dss_distance_total(t, a, b, sum) : dss_exact_to_double(sum[0]);
  }

  /* Apart, so that its registers are not those of the loop over items. */
  __device__ static __noinline__ dss_values values_of(const dss_cu_sums &of, const saved *w) {
    const dss_tables *t = &of.tables;
    double scale = (double)t->weight_scale, irr = NAN, xrr = NAN;
    uint64_t n = 0, r = 0, s = 0;
    for (int c = 0; c < K; c++) {
      n += w->own_count[c];
      r += w->x_count[c];
      s += w->y_count[c];
    }
    if (of.choice.alpha && n > 0)
      irr = dss_chance_corrected(t, dss_alpha_from(scale, observed(t, w->own_count, NULL, w->own),
                                                   dss_distance_total(t, w->own_count, NULL, NULL),
                                                   (double)n, 0.0));
    if (of.choice.cross && r > 0)
      xrr = dss_chance_corrected(
          t, dss_cross_from(scale, observed(t, w->x_count, w->y_count, w->cross),
                            dss_distance_total(t, w->x_count, w->y_count, NULL), (double)r,
                            (double)s));
    return dss_values_of_reliabilities(irr, xrr);
  }

  /* At the part's end. */
  __device__ void finish(const dss_cu_sums &of, uint32_t group, uint32_t resample) {
    saved mine;
    widen(&mine);
    if (!of.first || !of.last) {
      saved *kept = (saved *)of.saved + dss_cu_saved_place(of, group, resample);
      if (!of.first) join(&mine, kept);
      *kept = mine;
      if (!of.last) return;
    }
    dss_values values = values_of(of, &mine);
    dss_cu_put(&of.values, group, resample, &values);
  }
};

/* The same from counts that are bytes, four levels a word, K of them. Dot products of bytes make m,
 * the squares and the products; marginals are added as bytes too, of as many items as these hold,
 * and the complement's are what is left of the total's. */
template <int K, bool PAIRS> struct packed_tally {
  typedef group_tally<K, PAIRS> group;
  typedef typename group::saved saved;
  static const int WORDS = (K + 3) / 4;
  static const bool BY_UNITS = true; /* add_packed has two forms */
  group sums;                        /* whose y_count holds both sides' counts until the end */
  uint32_t own[WORDS], x[WORDS], both[WORDS];

  __device__ void clear_bytes() {
#pragma unroll
    for (int w = 0; w < WORDS; w++)
      own[w] = x[w] = both[w] = 0;
  }

  __device__ void clear() {
    sums.clear();
    clear_bytes();
  }

  __device__ static void unpack(const uint32_t word[WORDS], uint32_t to[K]) {
#pragma unroll
    for (int c = 0; c < K; c++)
      to[c] = word[c / 4] >> 8 * (c % 4) & UINT8_MAX;
  }

  /* all: the total's sum. Where nobody of a side rated the item its pairs are none, whatever the
   * weights. */
  template <bool COMMON>
  __device__ void add_packed(const dss_cu_sums &, const dss_cu_weights *weights,
                             const uint32_t count[WORDS], const uint32_t total[WORDS],
                             uint32_t all) {
    uint32_t m = 0, squares = 0, products = 0, others[WORDS];
#pragma unroll
    for (int w = 0; w < WORDS; w++) {
      m = __dp4a(count[w], 0x01010101u, m);
      squares = __dp4a(count[w], count[w], squares);
      products = __dp4a(count[w], total[w], products);
      others[w] = total[w] - count[w]; /* no byte is larger than its total's */
    }
    const item_sides item(COMMON, m, all - m);
    uint64_t of_own = weights[m].own, of_cross = weights[m].other + weights[item.s].other;
    if (COMMON && !item.crosses) of_own = of_cross = 0;
    if (PAIRS) {
      uint32_t mine[K], theirs[K];
      unpack(count, mine);
      unpack(others, theirs);
      sums.add_pairs(mine, theirs, of_own, of_cross);
    } else {
      sums.add_unequal(item, squares, products, of_own, of_cross);
    }
#pragma unroll
    for (int w = 0; w < WORDS; w++) {
      own[w] += count[w] * item.enters;
      x[w] += count[w] * item.crosses;
      both[w] += total[w] * item.crosses;
    }
  }

  /* After as many items as bytes hold, at most. */
  __device__ void end_bytes() {
    uint32_t more[K];
    unpack(own, more);
    add_counts(sums.own_count, more);
    unpack(x, more);
    add_counts(sums.x_count, more);
    unpack(both, more);
    add_counts(sums.y_count, more);
    clear_bytes();
  }

  __device__ static void add_counts(uint32_t to[K], const uint32_t more[K]) {
#pragma unroll
    for (int c = 0; c < K; c++)
      to[c] += more[c];
  }

  __device__ void finish(const dss_cu_sums &of, uint32_t number, uint32_t resample) {
#pragma unroll
    for (int c = 0; c < K; c++)
      sums.y_count[c] -= sums.x_count[c];
    sums.finish(of, number, resample);
  }
};

template <int K> struct whole_tally {
  static const bool BY_UNITS = false;
  dss_u128 wide[3 * (K * (K - 1) / 2) + K];
  uint64_t integers[4 * K];
  dss_group_sums sums;

  __device__ void clear() {
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
      wide[i] = 0;
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
      integers[i] = 0;
    sums = dss_sums_over(K, integers, wide);
  }

  __device__ void add(const dss_cu_sums &of, const uint64_t *, const uint32_t x[K],
                      const uint32_t total[K]) {
    dss_tables t = of.tables;
    t.n_levels = K; /* which it is: a constant here */
    uint32_t y[K], m = 0, s = 0;
#pragma unroll
    for (int c = 0; c < K; c++) {
      y[c] = total[c] - x[c];
      m += x[c];
      s += y[c];
    }
    if (m == 0 && !of.choice.complement) return;
    dss_sums_add(&sums, &t, &of.choice, x, m, y, s);
  }

  template <bool COMMON>
  __device__ void add_packed(const dss_cu_sums &of, const dss_cu_weights *,
                             const uint32_t count[(K + 3) / 4], const uint32_t total[(K + 3) / 4],
                             uint32_t) {
    uint32_t x[K], all[K];
#pragma unroll
    for (int c = 0; c < K; c++) {
      x[c] = count[c / 4] >> 8 * (c % 4) & UINT8_MAX;
      all[c] = total[c / 4] >> 8 * (c % 4) & UINT8_MAX;
    }
    add(of, NULL, x, all);
  }

  __device__ void end_bytes() {}

  __device__ void finish(const dss_cu_sums &of, uint32_t group, uint32_t resample) {
    dss_group_sums *all = &sums;
    if (!of.first || !of.last) {
      unsigned char *kept = (unsigned char *)of.saved +
                            dss_cu_saved_place(of, group, resample) * dss_cu_saved_bytes(K);
      if (of.first) dss_cu_clear_saved(kept, K);
      all = (dss_group_sums *)kept;
      dss_sums_merge(all, &sums, K);
    }
    if (!of.last) return;
    dss_values values = dss_values_of(&of.tables, &of.choice, all);
    dss_cu_put(&of.values, group, resample, &values);
  }
};

/* --- which one -------------------------------------------------------------------------------- */

template <int K, dss_cu_tally TALLY> struct dss_cu_kind {
  static const int levels = K;
  static const bool whole = TALLY == DSS_CU_WHOLE, pairs = TALLY == DSS_CU_PAIRS;
  typedef std::conditional_t<whole, whole_tally<K>, group_tally<K, pairs>> of_counts;
  typedef std::conditional_t<whole, whole_tally<K>, packed_tally<K, pairs>> of_bytes;
  static uint64_t saved() {
    return whole ? dss_cu_saved_bytes(K) : sizeof(typename group_tally<K, pairs>::saved);
  }
};

/* What `visit` makes of the kind of tally; `none` where there is no kernel for so many levels. */
template <class result, class visitor>
static result dss_cu_by_kind(uint32_t n_levels, dss_cu_tally tally, result none,
                             const visitor &visit) {
  switch (n_levels) {
#define CASE(K)                                                                                    \
  case K:                                                                                          \
    if (tally == DSS_CU_UNEQUAL) return visit(dss_cu_kind<K, DSS_CU_UNEQUAL>());                   \
    break;
    DSS_FOR_UNEQUAL(CASE)
#undef CASE
  }
  switch (n_levels) {
#define CASE(K)                                                                                    \
  case K:                                                                                          \
    return tally == DSS_CU_PAIRS ? visit(dss_cu_kind<K, DSS_CU_PAIRS>())                           \
                                 : visit(dss_cu_kind<K, DSS_CU_WHOLE>());
    DSS_FOR_WHOLE(CASE)
#undef CASE
  }
  return none;
}

#endif
