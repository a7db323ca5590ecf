/* The narrow kernel: items of at most 63 ratings, for IRR and XRR.
 *
 * Two items at a time, 16 resamples to a vector of 64 bytes. A vector of counts holds in each 32
 * bits two levels' counts of the first item, then of the second, so that one multiply-add of bytes
 * sums over levels and one of words over items. With x_c the group's counts, m their sum, T_c and T
 * the item's:
 *
 *     E = m^2 - sum x_c^2                 twice the unequal pairs within the group
 *     D = sum x_c (T - T_c)
 *     Z = D - E                           the unequal pairs between the group and the others
 *     own   += w[m - 1] E / 2
 *     cross += (w[m] + w[T - m]) Z
 *
 * The weights (at most 41 bits) are three limbs of 14 bits, looked up by m in registers; a limb
 * times E or Z adds up in 32 bits over as many pairs of items as held.c says, at least 33. m and D
 * are sums over levels too, and each rater's ratings are counted once in profiles' totals, so that
 * marginals are those totals less what the excluded items hold.
 *
 * Operations for two items, a group, and 16 resamples with K = 5: about 32 where no group has more
 * than 13 ratings of an item, whose own weights are one limb; 4 more elsewhere.
 * docs/performance.md. */
#ifndef DSS_CPU_NARROW_H
#define DSS_CPU_NARROW_H

#include "narrow_pairs.h"
#include "narrow_tile.h"

/* --- nominal: one sum for all pairs of levels --------------------------------------------------
 */

/* false: some m is larger than the case has it, and nothing was summed. */
DSS_INLINE bool sum_collapsed(const narrow_tile *t, const narrow_group *g, size_t quarter,
                              int levels, narrow_case of) {
  size_t chunk = t->question->byte_pairs;
  int halves = halves_of(levels), limbs = is_exact(of) ? 1 : DSS_LIMBS;
  v8 *held = held_of(t, g, quarter, levels), largest = {0};
  v32 own[DSS_LIMBS], cross[DSS_LIMBS], *sums = (v32 *)held;
  v32 *own_sums = &sums[is_exact(of) ? HELD_EXACT : 0], *cross_sums = &sums[DSS_LIMBS];
  narrow_margins margins;
  start_margins(&margins, halves, held + HELD_SUMS);
  for (int l = 0; l < limbs; l++)
    own[l] = own_sums[l];
  for (int l = 0; l < DSS_LIMBS; l++)
    cross[l] = cross_sums[l];
  for (size_t pair = 0; pair < t->n_pairs;) {
    size_t end = t->n_pairs - pair < chunk ? t->n_pairs : pair + chunk;
    for (; pair < end; pair++) {
      narrow_counts c = count_group(t, g, pair, levels, of.all_known);
      v16 own_weight[DSS_LIMBS], cross_weight[DSS_LIMBS];
      if (of.most < 32) largest = larger_bytes(largest, (v8)c.m);
      own_weights(t, c.m, of, own_weight);
      cross_weights(t, &c, pair, of, cross_weight);
      for (int l = 0; l < limbs; l++)
        own[l] = dot_words(own[l], own_weight[l], c.agree);
      for (int l = 0; l < DSS_LIMBS; l++)
        cross[l] = dot_words(cross[l], cross_weight[l], c.cross);
      exclude(&c, halves, of.alone, &margins);
    }
    take_missing(halves, &margins);
  }
  if (of.most < 32 && any16(above16((v16)largest, broadcast16(of.most)))) return false;
  for (int l = 0; l < limbs; l++)
    own_sums[l] = own[l];
  for (int l = 0; l < DSS_LIMBS; l++)
    cross_sums[l] = cross[l];
  hold_margins(&margins, halves, held + HELD_SUMS);
  if (of.alone && t->question->slots.x_count != SIZE_MAX && any16(margins.alone))
    take_alone(t, g, quarter, levels);
  return true;
}

/* --- either ------------------------------------------------------------------------------------
 */

/* Whether a group's m are likely under a bound throughout a tile: none can be larger, or it is so
 * many times what is to be expected. */
static bool likely_within(const narrow_tile *t, const narrow_group *g, uint32_t most,
                          uint32_t times) {
  uint64_t expected = (uint64_t)t->most_rated * g->n_raters;
  return t->most_rated <= most || g->n_raters <= most ||
         times * expected <= (uint64_t)most * t->n_raters;
}

/* The bounds are tried in turn; on other scales fewer of them, which are enough to compile. */
DSS_INLINE void sum_levels(const narrow_tile *t, const narrow_group *g, size_t quarter,
                           int levels) {
  const narrow_case unknown = {63, true, false}, any = {63, true, true},
                    under_32 = {31, true, true}, exact = {DSS_EXACT_MOST, true, true},
                    usual = {DSS_EXACT_MOST, false, true};
  bool all_known = g->unknown == DSS_NO_ROW, few = likely_within(t, g, DSS_EXACT_MOST, 3);
  if (!t->question->slots.collapsed) {
    if (!all_known)
      sum_pairs(t, g, quarter, levels, unknown);
    else if (!few || !sum_pairs(t, g, quarter, levels, exact))
      sum_pairs(t, g, quarter, levels, any);
  } else if (!all_known) {
    sum_collapsed(t, g, quarter, levels, unknown);
  } else if (few && t->least_rated > DSS_EXACT_MOST &&
             sum_collapsed(t, g, quarter, levels, usual)) {
    return;
  } else if (few && t->least_rated <= DSS_EXACT_MOST &&
             sum_collapsed(t, g, quarter, levels, exact)) {
    return;
  } else if (!likely_within(t, g, 31, 2) || !sum_collapsed(t, g, quarter, levels, under_32)) {
    sum_collapsed(t, g, quarter, levels, any);
  }
}

/* One copy of the loops for each number of levels: they are then unrolled and stay in registers. */
#define DSS_NARROW(levels)                                                                         \
  static __attribute__((noinline)) void sum_levels_##levels(                                       \
      const narrow_tile *t, const narrow_group *g, size_t quarter) {                               \
    sum_levels(t, g, quarter, levels);                                                             \
  }
DSS_NARROW(1)
DSS_NARROW(2)
DSS_NARROW(3)
DSS_NARROW(4)
DSS_NARROW(5)
DSS_NARROW(6)
DSS_NARROW(7)
DSS_NARROW(8)
DSS_NARROW(9)
DSS_NARROW(10)
#undef DSS_NARROW

static void sum_group(const narrow_tile *t, const narrow_group *g, size_t quarter) {
  static void (*const of_levels[])(const narrow_tile *, const narrow_group *, size_t) = {
      sum_levels_1, sum_levels_2, sum_levels_3, sum_levels_4, sum_levels_5,
      sum_levels_6, sum_levels_7, sum_levels_8, sum_levels_9, sum_levels_10};
  of_levels[t->question->tables->n_levels - 1](t, g, quarter);
}

#endif
