/* What a thread adds up of one group, item by item, with K levels known to the compiler:
 *
 * unequal_tally, and packed_tally for counts that are bytes: IRR and XRR on the nominal scale,
 * where all pairs of unequal levels count the same and one sum stands for them. Sums of one part of
 * the items fit 64 bits (design.c sees to it). With y = total - x:
 *
 *     own   += w[m-1] (m^2 - sum_c x_c^2) / 2
 *
 *     cross += (w[m] + w[s]) (m s - sum_c x_c y_c)
 *
 * whole_tally: every scale and statistic, by the functions that the reference uses; with K constant
 * their loops unroll, and sums of 128 bits stay in registers as far as there are some. */
#ifndef DSS_CUDA_TALLIES_CUH
#define DSS_CUDA_TALLIES_CUH

#include "put.cuh"
#include "saved.cuh"

/* The numbers of levels for which there are kernels. */
#define DSS_FOR_UNEQUAL(X) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10)
#define DSS_FOR_WHOLE(X) X(2) X(3) X(4) X(5) X(6) X(7)

template <int K> struct unequal_tally {
  struct saved {
    dss_u128 own, cross;
    uint64_t own_count[K], x_count[K], y_count[K];
  };
  uint64_t own, cross;
  uint32_t own_count[K], x_count[K], y_count[K];

  __device__ void clear() {
    own = cross = 0;
#pragma unroll
    for (int c = 0; c < K; c++)
      own_count[c] = x_count[c] = y_count[c] = 0;
  }

  /* An item with the group's counts x among those of all whose value is known. */
  __device__ void add(const dss_cu_sums &of, const uint64_t *weight, const uint32_t x[K],
                      const uint32_t total[K]) {
    uint32_t m = 0, all = 0, squares = 0, products = 0;
#pragma unroll
    for (int c = 0; c < K; c++) {
      m += x[c];
      all += total[c];
      squares += x[c] * x[c];
      products += x[c] * total[c];
    }
    uint32_t s = all - m, common = of.choice.common_units;
    bool paired = m >= 2, shared = m >= 1 && s >= 1;
    bool enters = paired && (!common || shared), crosses = shared && (!common || paired);
    uint32_t in_own = enters ? UINT32_MAX : 0, in_cross = crosses ? UINT32_MAX : 0;
    own += (enters ? weight[m - 1] : 0) * ((m * m - squares) / 2);
    cross += (crosses ? weight[m] + weight[s] : 0) * (m * s - (products - squares));
#pragma unroll
    for (int c = 0; c < K; c++) {
      own_count[c] += x[c] & in_own;
      x_count[c] += x[c] & in_cross;
      y_count[c] += (total[c] - x[c]) & in_cross;
    }
  }

  __device__ void widen(saved *w) const {
    w->own = own;
    w->cross = cross;
    for (int c = 0; c < K; c++) {
      w->own_count[c] = own_count[c];
      w->x_count[c] = x_count[c];
      w->y_count[c] = y_count[c];
    }
  }

  __device__ static void join(saved *to, const saved *from) {
    to->own += from->own;
    to->cross += from->cross;
    for (int c = 0; c < K; c++) {
      to->own_count[c] += from->own_count[c];
      to->x_count[c] += from->x_count[c];
      to->y_count[c] += from->y_count[c];
    }
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
      irr = dss_chance_corrected(t, dss_alpha_from(scale, dss_exact_to_double(w->own),
                                                   dss_distance_total(t, w->own_count, NULL, NULL),
                                                   (double)n, 0.0));
    if (of.choice.cross && r > 0)
      xrr = dss_chance_corrected(t,
                                 dss_cross_from(scale, dss_exact_to_double(w->cross),
                                                dss_distance_total(t, w->x_count, w->y_count, NULL),
                                                (double)r, (double)s));
    return dss_values_of_reliabilities(irr, xrr);
  }

  /* At the part's end. place: the thread's number among those that save. */
  __device__ void finish(const dss_cu_sums &of, uint64_t place, uint32_t group, uint32_t resample) {
    saved mine;
    widen(&mine);
    if (!of.first || !of.last) {
      saved *kept = (saved *)of.saved + place;
      if (!of.first) join(&mine, kept);
      *kept = mine;
      if (!of.last) return;
    }
    dss_values values = values_of(of, &mine);
    dss_cu_put(&of.values, group, resample, &values);
  }
};

/* The same from counts that are bytes, four levels a word, K of them. Dot products of bytes make m,
 * the squares and the products; marginals are added as pairs of 16 bits, of at most 257 items, and
 * the complement's are what is left of the total's. */
template <int K> struct packed_tally {
  static const int WORDS = (K + 3) / 4;
  unequal_tally<K> sums; /* whose y_count holds both sides' counts until the end */
  uint32_t own[2 * WORDS], x[2 * WORDS], both[2 * WORDS]; /* even levels, odd levels */

  __device__ void clear_pairs() {
#pragma unroll
    for (int i = 0; i < 2 * WORDS; i++)
      own[i] = x[i] = both[i] = 0;
  }

  __device__ void clear() {
    sums.clear();
    clear_pairs();
  }

  __device__ void add_marginals(const uint32_t count[WORDS], const uint32_t total[WORDS],
                                uint32_t enters, uint32_t crosses) {
#pragma unroll
    for (int w = 0; w < WORDS; w++)
#pragma unroll
      for (int odd = 0; odd < 2; odd++) {
        if (4 * w + odd >= K) continue;
        uint32_t some = count[w] >> 8 * odd & 0x00ff00ff, all = total[w] >> 8 * odd & 0x00ff00ff;
        own[2 * w + odd] += some * enters;
        x[2 * w + odd] += some * crosses;
        both[2 * w + odd] += all * crosses;
      }
  }

  /* own_weight: w[m-1], and 0 for m < 2; weight: w[k], and 0 for 0. Where nobody of a side rated
   * the item the numbers of unequal pairs are 0. */
  __device__ void add_packed(const dss_cu_sums &of, const uint64_t *own_weight,
                             const uint64_t *weight, const uint32_t count[WORDS],
                             const uint32_t total[WORDS]) {
    const uint32_t ones = 0x01010101;
    uint32_t m = 0, all = 0, squares = 0, products = 0;
#pragma unroll
    for (int w = 0; w < WORDS; w++) {
      m = __dp4a(count[w], ones, m);
      all = __dp4a(total[w], ones, all);
      squares = __dp4a(count[w], count[w], squares);
      products = __dp4a(count[w], total[w], products);
    }
    uint32_t s = all - m, pairs = (m * m - squares) / 2, unequal = m * s - (products - squares);
    uint32_t enters = m >= 2, crosses = m >= 1 && s >= 1; /* 0 or 1, to multiply with */
    if (of.choice.common_units) {
      enters = crosses = enters & crosses;
      pairs *= enters;
      unequal *= crosses;
    }
    sums.own += own_weight[m] * pairs;
    sums.cross += (weight[m] + weight[s]) * unequal;
    add_marginals(count, total, enters, crosses);
  }

  /* After at most 257 items. */
  __device__ void end_tile() {
#pragma unroll
    for (int c = 0; c < K; c++) {
      int pair = 2 * (c / 4) + c % 2, shift = c % 4 / 2 * 16;
      sums.own_count[c] += own[pair] >> shift & UINT16_MAX;
      sums.x_count[c] += x[pair] >> shift & UINT16_MAX;
      sums.y_count[c] += both[pair] >> shift & UINT16_MAX;
    }
    clear_pairs();
  }

  __device__ void finish(const dss_cu_sums &of, uint64_t place, uint32_t group, uint32_t resample) {
#pragma unroll
    for (int c = 0; c < K; c++)
      sums.y_count[c] -= sums.x_count[c];
    sums.finish(of, place, group, resample);
  }
};

template <int K> struct whole_tally {
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

  __device__ void add_packed(const dss_cu_sums &of, const uint64_t *, const uint64_t *weight,
                             const uint32_t count[(K + 3) / 4], const uint32_t total[(K + 3) / 4]) {
    uint32_t x[K], all[K];
#pragma unroll
    for (int c = 0; c < K; c++) {
      x[c] = count[c / 4] >> 8 * (c % 4) & UINT8_MAX;
      all[c] = total[c / 4] >> 8 * (c % 4) & UINT8_MAX;
    }
    add(of, weight, x, all);
  }

  __device__ void end_tile() {}

  __device__ void finish(const dss_cu_sums &of, uint64_t place, uint32_t group, uint32_t resample) {
    dss_group_sums *all = &sums;
    if (!of.first || !of.last) {
      unsigned char *kept = (unsigned char *)of.saved + place * dss_cu_saved_bytes(K);
      if (of.first) dss_cu_clear_saved(kept, K);
      all = (dss_group_sums *)kept;
      dss_sums_merge(all, &sums, K);
    }
    if (!of.last) return;
    dss_values values = dss_values_of(&of.tables, &of.choice, all);
    dss_cu_put(&of.values, group, resample, &values);
  }
};

#endif
