/* What the narrow kernel sums, on its way from vectors to a group's slots: marginals, and what is
 * held from tile to tile. */
#ifndef DSS_CPU_NARROW_SUMS_H
#define DSS_CPU_NARROW_SUMS_H

#include "narrow_counts.h"

/* --- from vectors to sums ------------------------------------------------------------------- */

/* 32-bit lane j of a quarter is resample j / 4 * 16 + quarter * 4 + j mod 4: the order in which the
 * counts were interleaved. */
DSS_INLINE void add_quarter(uint64_t *slot, size_t quarter, const v64 sums[2]) {
  typedef uint64_t four __attribute__((vector_size(32)));
  for (size_t i = 0; i < DSS_VECTOR / 16; i++) {
    four now, more;
    uint64_t *to = &slot[16 * i + 4 * quarter];
    memcpy(&now, to, sizeof now);
    memcpy(&more, (const char *)sums + i * sizeof more, sizeof more);
    now += more;
    memcpy(to, &now, sizeof now);
  }
}

DSS_INLINE void join_limbs(const v32 *limbs, v64 sums[2]) {
  v64 limb[2];
  widen_unsigned(limbs[0], sums);
  for (unsigned l = 1; l < DSS_LIMBS; l++) {
    widen_unsigned(limbs[l], limb);
    sums[0] += limb[0] << (DSS_LIMB_BITS * l);
    sums[1] += limb[1] << (DSS_LIMB_BITS * l);
  }
}

DSS_INLINE void add_limbs(uint64_t *slot, size_t quarter, const v32 *limbs) {
  v64 sums[2];
  join_limbs(limbs, sums);
  add_quarter(slot, quarter, sums);
}

DSS_INLINE void add_words(uint64_t *slot, size_t quarter, v32 sums) {
  v64 wide[2];
  widen_signed(sums, wide);
  add_quarter(slot, quarter, wide);
}

/* --- marginals ----------------------------------------------------------------------------- */

/* What the items that do not enter hold, to be taken from the totals: a group's single ratings from
 * IRR's marginals; of XRR's, everyone's ratings where the group has none, and the group's where the
 * others have none. */
typedef struct narrow_margins {
  v8 single[MOST_HALVES], missing[MOST_HALVES];
  v16 missed[2 * MOST_HALVES]; /* what missing held before its bytes might have overflowed */
  lanes16 alone; /* where the others have none: rare, so only that it happens is kept */
} narrow_margins;

/* single [halves]: what is held of earlier tiles. */
DSS_INLINE void start_margins(narrow_margins *margins, int halves, const v8 *single) {
  for (int h = 0; h < halves; h++) {
    margins->single[h] = single[h];
    margins->missing[h] = (v8){0};
    margins->missed[2 * h] = margins->missed[2 * h + 1] = (v16){0};
  }
  margins->alone = equal16(broadcast16(0), broadcast16(1));
}

/* What stands beside the levels, m and T, is nobody's. alone: others may have none. */
DSS_INLINE void exclude(const narrow_counts *c, int halves, bool alone, narrow_margins *margins) {
  lanes16 single = equal16(c->m, broadcast16(1)), missing = equal16(c->m, broadcast16(0));
  for (int h = 0; h < halves; h++) {
    margins->single[h] = add_bytes_in(margins->single[h], single, c->x[h]);
    margins->missing[h] = add_bytes_in(margins->missing[h], missing, c->all[h]);
  }
  if (alone) margins->alone |= equal16(c->m, c->size) & ~missing;
}

/* What is missing goes from bytes to words. */
DSS_INLINE void take_missing(int halves, narrow_margins *margins) {
  for (int k = 0; k < 2 * halves; k++)
    margins->missed[k] += words_of(margins->missing, k);
  for (int h = 0; h < halves; h++)
    margins->missing[h] = (v8){0};
}

/* single [halves] and, behind it, words of the missing ratings [2 halves]. */
DSS_INLINE void hold_margins(const narrow_margins *margins, int halves, v8 *single) {
  v16 *missing = (v16 *)(single + halves);
  for (int h = 0; h < halves; h++) {
    single[h] = margins->single[h];
    missing[2 * h] += margins->missed[2 * h];
    missing[2 * h + 1] += margins->missed[2 * h + 1];
  }
}

/* Takes the group's ratings of items that no other known rater rated from XRR's marginals. */
static void take_alone(const narrow_tile *t, const narrow_group *g, size_t quarter, int levels) {
  const dss_cpu_slots *slots = &t->question->slots;
  bool all_known = g->unknown == DSS_NO_ROW;
  v32 sums[2 * MOST_HALVES] = {{0}};
  for (size_t pair = 0; pair < t->n_pairs; pair++) {
    narrow_counts c = count_group(t, g, pair, levels, all_known);
    v8 x[MOST_HALVES] = {{0}};
    for (int h = 0; h < halves_of(levels); h++)
      x[h] = add_bytes_in(x[h], equal16(c.m, c.size), c.x[h]);
    for (int k = 0; k < levels; k++)
      sums[k] = dot_words(sums[k], words_of(x, k), broadcast16(-1));
  }
  for (int k = 0; k < levels; k++)
    add_words(&g->sums[(slots->x_count + (size_t)k) * DSS_LANES], quarter, sums[k]);
}

/* --- from tile to tile --------------------------------------------------------------------------
 *
 * A quarter's sums are held in narrow lanes: for each pair of levels (nominal: for all at once) the
 * limbs' in 32 bits; then the single ratings in bytes [halves], the missing ones' in words
 * [2 halves]. They are folded into 64 bits before they might overflow. */
enum { HELD_EXACT = 2 * DSS_LIMBS, HELD_SUMS };

DSS_INLINE v8 *held_of(const narrow_tile *t, const narrow_group *g, size_t quarter, int levels) {
  return g->held + quarter * dss_cpu_held(t->question->slots.n_pairs, (uint32_t)halves_of(levels));
}

/* limbs, then what is to be multiplied by 2^bits; of the pair sum, or, collapsed, of -2 times it.
 */
DSS_INLINE void add_own(uint64_t *slot, size_t quarter, const v32 *limbs, v32 exact, unsigned bits,
                        bool collapsed) {
  v32 own[DSS_LIMBS];
  v64 sums[2], more[2];
  for (int l = 0; l < DSS_LIMBS; l++)
    own[l] = collapsed ? -limbs[l] : limbs[l];
  join_limbs(own, sums);
  widen_unsigned(collapsed ? -exact : exact, more);
  for (int i = 0; i < 2; i++)
    sums[i] = (sums[i] + (more[i] << bits)) >> (collapsed ? 1 : 0);
  add_quarter(slot, quarter, sums);
}

static void fold(const dss_cpu_question *q, const narrow_group *g) {
  const dss_cpu_slots *slots = &q->slots;
  uint32_t halves = dss_cpu_halves(q->tables);
  size_t size = dss_cpu_held(slots->n_pairs, halves);
  unsigned bits = q->tables->weight_bits - DSS_WEIGHT_ROOT_BITS;
  v8 *held = g->held;
  for (size_t quarter = 0; quarter < QUARTERS; quarter++, held += size) {
    const v8 *single = held + slots->n_pairs * HELD_SUMS;
    const v16 *missing = (const v16 *)(single + halves), ones = broadcast16(-1);
    for (size_t at = 0; at < slots->n_pairs; at++) {
      const v32 *sums = (const v32 *)held + at * HELD_SUMS;
      if (slots->own_pair != SIZE_MAX)
        add_own(&g->sums[(slots->own_pair + at) * DSS_LANES], quarter, sums, sums[HELD_EXACT], bits,
                slots->collapsed);
      if (slots->cross_pair != SIZE_MAX)
        add_limbs(&g->sums[(slots->cross_pair + at) * DSS_LANES], quarter, sums + DSS_LIMBS);
    }
    for (size_t k = 0; k < q->tables->n_levels; k++) {
      v32u both = (v32u)missing[k];
      if (slots->own_count != SIZE_MAX)
        add_words(&g->sums[(slots->own_count + k) * DSS_LANES], quarter,
                  dot_words((v32){0}, words_of(single, (int)k), ones));
      if (slots->y_count != SIZE_MAX)
        add_words(&g->sums[(slots->y_count + k) * DSS_LANES], quarter,
                  -(v32)((both & 65535) + (both >> 16)));
    }
  }
  memset(g->held, 0, (size_t)(held - g->held) * sizeof *held);
  *g->held_pairs = 0;
}

/* Before a tile is summed. */
static void make_room(const narrow_tile *t, const narrow_group *g, uint8_t most) {
  if (*g->held_pairs + t->n_pairs > most) fold(t->question, g);
  *g->held_pairs = (uint8_t)(*g->held_pairs + t->n_pairs);
}

#endif
