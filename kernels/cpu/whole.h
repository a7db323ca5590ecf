/* Alpha of both sides and kappa_x over the items that every rater rated. A group has as many
 * ratings on each of them as it has raters, whoever these are, so one weight serves all these
 * items, and the sums over items are those of products of two 16-bit counts, two to a multiply-add.
 * They are weighted at the end, where 64 bits might not hold them in 128. */
#ifndef DSS_CPU_WHOLE_H
#define DSS_CPU_WHOLE_H

#include "slices.h"

/* Some of the items, and how a group is found among their rows. */
typedef struct whole_items {
  const v32 *rows; /* [row][block][item][halves][4] */
  size_t row_size, block_size, n_items, halves, levels, n_blocks;
  const int32_t *level; /* [item][halves] two levels' ratings */
  size_t row, unknown;  /* of the group, and of raters of unknown value or DSS_NO_ROW */
} whole_items;

/* The sums over items in 32-bit lanes of one group and vector. */
typedef struct whole_at {
  size_t block, vector; /* of its four */
} whole_at;

DSS_INLINE v32 whole_counts(const whole_items *w, size_t item, size_t row, size_t half,
                            whole_at at) {
  return w->rows[row * w->row_size + at.block * w->block_size + 4 * (item * w->halves + half) +
                 at.vector];
}

/* What the group and its complement have together. */
DSS_INLINE v32 whole_both(const whole_items *w, bool unknown, size_t item, size_t half,
                          whole_at at) {
  v32 both = broadcast32(w->level[item * w->halves + half]);
  return unknown ? both - whole_counts(w, item, w->unknown, half, at) : both;
}

/* Adds 32-bit lanes, times 2^shift, to one block's 64-bit sums. */
DSS_INLINE void whole_add_shifted(uint64_t *sums, whole_at at, v32 a, int shift) {
  v64 wide[2], sum[2];
  widen_unsigned(a, wide);
  uint64_t *to = &sums[at.vector * DSS_LANES / 4];
  memcpy(sum, to, sizeof sum);
  sum[0] += wide[0] << shift;
  sum[1] += wide[1] << shift;
  memcpy(to, sum, sizeof sum);
}

DSS_INLINE void whole_add(uint64_t *sums, whole_at at, v32 a) {
  whole_add_shifted(sums, at, a, 0);
}

/* What is wanted: sums of unequal pairs, within the group, between both sides, within the
 * complement; by pairs of levels or in one. NULL: it is not. */
typedef struct whole_pair_sums {
  uint64_t *own, *cross, *complement;
} whole_pair_sums;

/* --- every pair of levels the same: sum x_c^2, sum x_c y_c and sum y_c^2 -------------------------
 */

typedef struct whole_sizes {
  uint32_t m, s; /* raters of the group and its complement */
} whole_sizes;

/* A side's pairs of unequal ratings, from those of all and of equal ones. */
DSS_INLINE v32 whole_half(v32 all, v32 equal) {
  return (v32)((v32u)(all - equal) >> 1);
}

/* to += sums over items; complement: whether it is wanted. */
DSS_INLINE void whole_unequal(const whole_items *w, bool unknown, bool complement, whole_sizes n,
                              size_t block, const whole_pair_sums *to) {
  uint32_t items = (uint32_t)w->n_items;
  v32 pairs = broadcast32((int32_t)(items * n.m * n.m));
  v32 crossed = broadcast32((int32_t)(items * n.m * n.s));
  v32 other_pairs = broadcast32((int32_t)(items * n.s * n.s));
  v32 squares[4] = {{0}}, products[4] = {{0}}, others[4] = {{0}};
  for (size_t item = 0; item < w->n_items; item++)
    for (size_t half = 0; half < w->halves; half++)
      for (size_t v = 0; v < 4; v++) {
        whole_at at = {block, v};
        v32 x = whole_counts(w, item, w->row, half, at);
        v32 both = whole_both(w, unknown, item, half, at);
        squares[v] = dot_words(squares[v], (v16)x, (v16)x);
        products[v] = dot_words(products[v], (v16)x, (v16)both);
        if (complement) others[v] = dot_words(others[v], (v16)(both - x), (v16)(both - x));
      }
  for (size_t v = 0; v < 4; v++) {
    whole_at at = {block, v};
    if (to->own) whole_add(to->own, at, whole_half(pairs, squares[v]));
    if (to->cross) whole_add(to->cross, at, crossed - (products[v] - squares[v]));
    if (complement) whole_add(to->complement, at, whole_half(other_pairs, others[v]));
  }
}

/* --- each pair of levels by itself --------------------------------------------------------------
 */

/* Words of each 32-bit lane changed over. */
DSS_INLINE v32 swap_words(v32 a) {
  return (v32)((v32u)a << 16 | (v32u)a >> 16);
}

/* Sums over items for one pair of levels c and k, b being the group and its complement together. */
typedef struct whole_pair {
  v32 own;  /* x_c x_k */
  v32 both; /* x_c b_k + x_k b_c */
  v32 all;  /* b_c b_k, where the complement is wanted */
} whole_pair;

/* Of the levels c of one half and k of a later one; [2 i + j]: c its level i, k its level j. */
DSS_INLINE void whole_two_halves(const whole_items *w, bool unknown, bool complement, size_t first,
                                 size_t second, whole_at at, whole_pair sums[4]) {
  const v32 low = broadcast32(0xffff);
  for (size_t item = 0; item < w->n_items; item++) {
    v32 x = whole_counts(w, item, w->row, first, at), z = whole_counts(w, item, w->row, second, at);
    v32 b = whole_both(w, unknown, item, first, at), d = whole_both(w, unknown, item, second, at);
    const v32 xs[2] = {x & low, x & ~low}, bs[2] = {b & low, b & ~low};
    const v32 zs[2] = {z, swap_words(z)}, ds[2] = {d, swap_words(d)};
    for (size_t i = 0; i < 4; i++) {
      size_t c = i / 2, k = (i / 2 + i % 2) % 2; /* straight where both are the same */
      sums[i].own = dot_words(sums[i].own, (v16)xs[c], (v16)zs[k]);
      sums[i].both = dot_words(sums[i].both, (v16)xs[c], (v16)ds[k]);
      sums[i].both = dot_words(sums[i].both, (v16)bs[c], (v16)zs[k]);
      if (complement) sums[i].all = dot_words(sums[i].all, (v16)bs[c], (v16)ds[k]);
    }
  }
}

/* The same of the two levels of one half. */
DSS_INLINE void whole_one_half(const whole_items *w, bool unknown, bool complement, size_t half,
                               whole_at at, whole_pair *sums) {
  const v32 low = broadcast32(0xffff);
  for (size_t item = 0; item < w->n_items; item++) {
    v32 x = whole_counts(w, item, w->row, half, at);
    v32 both = whole_both(w, unknown, item, half, at), other = swap_words(both);
    sums->own = dot_words(sums->own, (v16)(x & low), (v16)swap_words(x));
    sums->both = dot_words(sums->both, (v16)x, (v16)other);
    if (complement) sums->all = dot_words(sums->all, (v16)(both & low), (v16)other);
  }
}

/* x_c y_k + x_k y_c is what is with both, less x_c x_k twice; y_c y_k is all, less what is with
 * both, and x_c x_k, then taken twice, once again. */
DSS_INLINE void whole_add_pair(size_t levels, size_t c, size_t k, whole_at at,
                               const whole_pair *sums, bool complement, const whole_pair_sums *to) {
  size_t pair = (c * (2 * levels - c - 1) / 2 + k - c - 1) * DSS_LANES;
  if (to->own) whole_add(&to->own[pair], at, sums->own);
  if (to->cross) whole_add(&to->cross[pair], at, sums->both - 2 * sums->own);
  if (complement) whole_add(&to->complement[pair], at, sums->all - sums->both + sums->own);
}

DSS_INLINE void whole_pairs(const whole_items *w, bool unknown, bool complement, size_t block,
                            const whole_pair_sums *to) {
  for (size_t a = 0; a < w->halves; a++)
    for (size_t v = 0; v < 4; v++) {
      whole_at at = {block, v};
      whole_pair one = {.own = {0}};
      whole_one_half(w, unknown, complement, a, at, &one);
      if (2 * a + 1 < w->levels)
        whole_add_pair(w->levels, 2 * a, 2 * a + 1, at, &one, complement, to);
      for (size_t z = a + 1; z < w->halves; z++) {
        whole_pair four[4] = {{.own = {0}}};
        whole_two_halves(w, unknown, complement, a, z, at, four);
        for (size_t i = 0; i < 4; i++)
          if (2 * z + i % 2 < w->levels)
            whole_add_pair(w->levels, 2 * a + i / 2, 2 * z + i % 2, at, &four[i], complement, to);
      }
    }
}

/* --- marginals ----------------------------------------------------------------------------------
 */

/* marginals [level][SLICE_VECTORS] of one row += its counts over the items. */
DSS_INLINE void whole_marginals(const whole_items *w, size_t row, v32 *marginals) {
  for (size_t half = 0; half < w->halves; half++)
    for (size_t block = 0; block < w->n_blocks; block++)
      for (size_t v = 0; v < 4; v++) {
        whole_at at = {block, v};
        v32 *to = &marginals[2 * half * SLICE_VECTORS + 4 * block + v];
        v32 even = to[0], odd = to[SLICE_VECTORS];
        for (size_t item = 0; item < w->n_items; item++) {
          v16 x = (v16)whole_counts(w, item, row, half, at);
          even = dot_words(even, x, (v16)broadcast32(1));
          odd = dot_words(odd, x, (v16)broadcast32(1 << 16));
        }
        to[0] = even;
        to[SLICE_VECTORS] = odd;
      }
}

/* --- weights ------------------------------------------------------------------------------------
 */

/* sums = weight x sums: in place, or carried [DSS_LANES] += and sums = 0. */
static void whole_weigh(uint64_t weight, uint64_t *sums, dss_u128 *carried) {
  for (size_t l = 0; l < DSS_LANES; l++) {
    if (!carried) {
      sums[l] *= weight;
      continue;
    }
    carried[l] += (dss_u128)weight * sums[l];
    sums[l] = 0;
  }
}

#endif
