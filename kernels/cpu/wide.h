/* The wide kernel: any item, any statistic; a step of all lanes in plain loops that the compiler
 * turns into vectors. Each loop is one line of kernels/common/sums.h over all lanes; the sums are
 * the same integers. Where they might leave 64 bits they are carried over to 128. */
#ifndef DSS_CPU_WIDE_H
#define DSS_CPU_WIDE_H

#include "count.h"
#include "groups.h"

#define FOR_LANES for (size_t l = 0; l < DSS_LANES; l++)

/* One group on one item; by lanes. */
typedef struct wide_counts {
  const uint32_t *x;                   /* [K][DSS_LANES] */
  uint32_t *y;                         /* the same of its complement */
  uint32_t m[DSS_LANES], s[DSS_LANES]; /* their sums */
} wide_counts;

/* unknown: the counts of raters whose value is unknown, or NULL. */
DSS_INLINE void wide_group(const dss_cpu_question *q, size_t item, const uint32_t *unknown,
                           wide_counts *c) {
  size_t levels = q->tables->n_levels;
  memset(c->m, 0, sizeof c->m);
  memset(c->s, 0, sizeof c->s);
  for (size_t k = 0; k < levels; k++) {
    const uint32_t *x = &c->x[k * DSS_LANES];
    uint32_t *y = &c->y[k * DSS_LANES];
    const uint64_t *at = &q->level_ptr[item * levels + k];
    uint32_t all = (uint32_t)(at[1] - at[0]);
    FOR_LANES y[l] = all - x[l];
    if (unknown) FOR_LANES y[l] -= unknown[k * DSS_LANES + l];
    FOR_LANES {
      c->m[l] += x[l];
      c->s[l] += y[l];
    }
  }
}

/* --- alpha and kappa_x ---------------------------------------------------------------------- */

/* Units of one side, each lane's weight in w (0 where the unit does not enter). */
static void wide_alpha(const dss_cpu_slots *slots, size_t levels, const uint32_t *x,
                       const uint32_t *m, const uint64_t *w, const uint8_t *enters, uint64_t *pair,
                       uint64_t *count) {
  for (size_t c = 0; c < levels; c++)
    FOR_LANES count[c * DSS_LANES + l] += enters[l] ? x[c * DSS_LANES + l] : 0;
  if (slots->collapsed) {
    uint64_t squares[DSS_LANES] = {0};
    for (size_t c = 0; c < levels; c++)
      FOR_LANES squares[l] += (uint64_t)x[c * DSS_LANES + l] * x[c * DSS_LANES + l];
    FOR_LANES pair[l] += w[l] * (((uint64_t)m[l] * m[l] - squares[l]) / 2);
    return;
  }
  for (size_t c = 0; c < levels; c++)
    for (size_t k = c + 1; k < levels; k++, pair += DSS_LANES)
      FOR_LANES pair[l] += w[l] * ((uint64_t)x[c * DSS_LANES + l] * x[k * DSS_LANES + l]);
}

static void wide_cross(const dss_cpu_slots *slots, size_t levels, const wide_counts *g,
                       const uint64_t *w, const uint8_t *enters, uint64_t *sums) {
  uint64_t *pair = &sums[slots->cross_pair * DSS_LANES];
  const uint32_t *x = g->x, *y = g->y;
  for (size_t i = 0; i < levels * DSS_LANES; i++) {
    uint8_t in = enters[i % DSS_LANES];
    sums[slots->x_count * DSS_LANES + i] += in ? x[i] : 0;
    sums[slots->y_count * DSS_LANES + i] += in ? y[i] : 0;
  }
  if (slots->collapsed) {
    uint64_t equal[DSS_LANES] = {0};
    for (size_t c = 0; c < levels; c++)
      FOR_LANES equal[l] += (uint64_t)x[c * DSS_LANES + l] * y[c * DSS_LANES + l];
    FOR_LANES pair[l] += w[l] * ((uint64_t)g->m[l] * g->s[l] - equal[l]);
    return;
  }
  for (size_t c = 0; c < levels; c++)
    for (size_t k = c + 1; k < levels; k++, pair += DSS_LANES)
      FOR_LANES {
        uint64_t unequal = (uint64_t)x[c * DSS_LANES + l] * y[k * DSS_LANES + l] +
                           (uint64_t)x[k * DSS_LANES + l] * y[c * DSS_LANES + l];
        pair[l] += w[l] * unequal;
      }
}

/* --- the other statistics ------------------------------------------------------------------- */

static void largest_of(const uint32_t *x, size_t levels, uint32_t *most) {
  memset(most, 0, DSS_LANES * sizeof *most);
  for (size_t c = 0; c < levels; c++)
    FOR_LANES most[l] = x[c * DSS_LANES + l] > most[l] ? x[c * DSS_LANES + l] : most[l];
}

static void wide_plurality(const dss_cpu_question *q, const wide_counts *g, uint64_t *sum) {
  uint32_t most[DSS_LANES];
  largest_of(g->x, q->tables->n_levels, most);
  FOR_LANES sum[l] += (uint64_t)most[l] * q->tables->weight[g->m[l]];
}

/* Adds a b, of at most 56 and 52 bits, to a sum in DSS_PRODUCT_SLOTS slots; by lanes. */
DSS_INLINE void add_product(const uint64_t *a, const uint64_t *b, uint64_t *sum) {
  const uint64_t low = ((uint64_t)1 << DSS_PRODUCT_BITS) - 1;
  FOR_LANES {
    uint64_t a0 = a[l] & low, a1 = a[l] >> DSS_PRODUCT_BITS;
    uint64_t b0 = b[l] & low, b1 = b[l] >> DSS_PRODUCT_BITS;
    uint64_t lowest = (uint64_t)(uint32_t)a0 * (uint32_t)b0;
    uint64_t middle = (uint64_t)(uint32_t)a0 * (uint32_t)b1 + (uint64_t)(uint32_t)a1 * (uint32_t)b0;
    sum[l] += lowest & low;
    sum[DSS_LANES + l] += middle + (lowest >> DSS_PRODUCT_BITS);
    sum[2 * DSS_LANES + l] += (uint64_t)(uint32_t)a1 * (uint32_t)b1;
  }
}

/* Where the group has no rating its logarithms are 0. */
static void wide_entropy(const dss_cpu_question *q, const wide_counts *g, uint64_t *sum) {
  const dss_tables *t = q->tables;
  uint64_t logs[DSS_LANES], w[DSS_LANES];
  FOR_LANES {
    logs[l] = (uint64_t)t->count_log[g->m[l]];
    w[l] = t->weight[g->m[l]];
  }
  for (size_t c = 0; c < t->n_levels; c++)
    FOR_LANES logs[l] -= (uint64_t)t->count_log[g->x[c * DSS_LANES + l]];
  add_product(logs, w, sum);
}

static void wide_cross_entropy(const dss_cpu_question *q, const wide_counts *g,
                               const uint8_t *shared, uint64_t *sum) {
  const dss_tables *t = q->tables;
  uint64_t logs[DSS_LANES] = {0}, all[DSS_LANES], w[DSS_LANES];
  FOR_LANES {
    all[l] = (uint64_t)t->smoothed_log[g->s[l]];
    w[l] = shared[l] ? t->weight[g->m[l]] : 0;
  }
  for (size_t c = 0; c < t->n_levels; c++)
    FOR_LANES {
      size_t at = c * DSS_LANES + l;
      logs[l] += g->x[at] * (all[l] - (uint64_t)t->half_log[g->y[at]]);
    }
  add_product(logs, w, sum);
}

static void wide_votes(const dss_cpu_question *q, const wide_counts *g, const uint8_t *shared,
                       bool skip_ties, uint64_t *sums) {
  const dss_tables *t = q->tables;
  const dss_cpu_slots *slots = &q->slots;
  uint32_t x_most[DSS_LANES], y_most[DSS_LANES];
  uint32_t x_winners[DSS_LANES] = {0}, y_winners[DSS_LANES] = {0}, common[DSS_LANES] = {0};
  uint64_t x_vote[DSS_LANES], y_vote[DSS_LANES];
  largest_of(g->x, t->n_levels, x_most);
  largest_of(g->y, t->n_levels, y_most);
  for (size_t c = 0; c < t->n_levels; c++)
    FOR_LANES {
      uint32_t x = g->x[c * DSS_LANES + l] == x_most[l], y = g->y[c * DSS_LANES + l] == y_most[l];
      x_winners[l] += x;
      y_winners[l] += y;
      common[l] += x & y;
    }
  uint64_t both[DSS_LANES];
  FOR_LANES {
    bool tie = x_winners[l] > 1 || y_winners[l] > 1, in = shared[l] && !(tie && skip_ties);
    x_vote[l] = in ? t->vote[x_winners[l]] : 0;
    y_vote[l] = in ? t->vote[y_winners[l]] : 0;
    both[l] = common[l] * x_vote[l];
    sums[slots->vote_units * DSS_LANES + l] += in;
  }
  add_product(both, y_vote, &sums[slots->vote_agreement * DSS_LANES]);
  for (size_t c = 0; c < t->n_levels; c++)
    FOR_LANES {
      size_t at = c * DSS_LANES + l;
      sums[slots->vote_count * DSS_LANES + at] +=
          (g->x[at] == x_most[l] ? x_vote[l] : 0) + (g->y[at] == y_most[l] ? y_vote[l] : 0);
    }
}

/* --- one item ------------------------------------------------------------------------------- */

/* As dss_sums_add; x's complement is y. */
DSS_INLINE void wide_add(const dss_cpu_question *q, const dss_sums_choice *choice,
                         const wide_counts *g, uint64_t *sums) {
  const dss_cpu_slots *slots = &q->slots;
  const uint64_t *weight = q->tables->weight;
  size_t levels = q->tables->n_levels;
  uint8_t shared[DSS_LANES], own[DSS_LANES], cross[DSS_LANES], complement[DSS_LANES];
  uint64_t w[DSS_LANES];
  bool common = choice->common_units;
  FOR_LANES {
    shared[l] = g->m[l] >= 1 && g->s[l] >= 1;
    own[l] = g->m[l] >= 2 && (!common || g->s[l] >= 1);
    cross[l] = shared[l] && (!common || g->m[l] >= 2);
    complement[l] = g->s[l] >= 2 && (!common || g->m[l] >= 1);
  }
  if (choice->alpha) {
    FOR_LANES w[l] = own[l] ? weight[g->m[l] - 1] : 0;
    wide_alpha(slots, levels, g->x, g->m, w, own, &sums[slots->own_pair * DSS_LANES],
               &sums[slots->own_count * DSS_LANES]);
  }
  if (choice->complement) {
    FOR_LANES w[l] = complement[l] ? weight[g->s[l] - 1] : 0;
    wide_alpha(slots, levels, g->y, g->s, w, complement, &sums[slots->complement_pair * DSS_LANES],
               &sums[slots->complement_count * DSS_LANES]);
  }
  if (choice->cross) {
    FOR_LANES w[l] = cross[l] ? weight[g->m[l]] + weight[g->s[l]] : 0;
    wide_cross(slots, levels, g, w, cross, sums);
  }
  if (slots->rated != SIZE_MAX) FOR_LANES sums[slots->rated * DSS_LANES + l] += g->m[l] >= 1;
  if (slots->shared != SIZE_MAX) FOR_LANES sums[slots->shared * DSS_LANES + l] += shared[l];
  if (choice->plurality) wide_plurality(q, g, &sums[slots->plurality * DSS_LANES]);
  if (choice->entropy) wide_entropy(q, g, &sums[slots->entropy * DSS_LANES]);
  if (choice->cross_entropy)
    wide_cross_entropy(q, g, shared, &sums[slots->cross_entropy * DSS_LANES]);
  if (choice->votes) wide_votes(q, g, shared, choice->skip_ties, sums);
}

/* counts [cell][K][DSS_LANES] of one item; bytes [padded_cells] is scratch. */
static void wide_count(const dss_cpu_question *q, size_t item, size_t n_cells,
                       const uint8_t *labels, v8 *bytes, uint32_t *counts) {
  size_t levels = q->tables->n_levels;
  memset(counts, 0, n_cells * levels * DSS_LANES * sizeof *counts);
  for (size_t c = 0; c < levels; c++) {
    uint64_t at = q->level_ptr[item * levels + c], end = q->level_ptr[item * levels + c + 1];
    while (at < end) {
      size_t n = end - at < COUNT_MOST ? end - at : COUNT_MOST;
      count_ratings(labels, &q->rater[at], n, n_cells, bytes);
      for (size_t cell = 0; cell < n_cells; cell++) {
        uint32_t *to = &counts[(cell * levels + c) * DSS_LANES];
        const uint8_t *from = (const uint8_t *)&bytes[cell];
        FOR_LANES to[l] += from[l];
      }
      at += n;
    }
  }
}

/* The rows that are sums of others. */
static void wide_sum_rows(const dss_cpu_base *base, size_t levels, uint32_t *counts) {
  size_t size = levels * DSS_LANES;
  for (uint32_t i = 0; i < base->n_sums; i++) {
    uint32_t *to = &counts[(base->n_cells + i) * size];
    memset(to, 0, size * sizeof *to);
    for (uint32_t k = base->addend_ptr[i]; k < base->addend_ptr[i + 1]; k++) {
      const uint32_t *from = &counts[base->addends[k] * size];
      for (size_t at = 0; at < size; at++)
        to[at] += from[at];
    }
  }
}

/* Whether a group's sums of an item are another kernel's. */
static bool is_made(const dss_cpu_question *q, size_t item, const dss_cpu_part *part, uint32_t g) {
  if (part->row[g] == DSS_NO_ROW) return true;
  if (item >= q->first_tabled) return tabled_does(part, g);
  return item < q->n_narrow && narrow_does(q, part, g);
}

/* One item's sums of the base's groups that no other kernel made. */
static void wide_one(const dss_cpu_layout *layout, const dss_cpu_question *q, size_t item, size_t b,
                     dss_cpu_scratch *s) {
  const dss_cpu_base *base = &layout->bases[b];
  size_t size = q->tables->n_levels * DSS_LANES;
  v8 *bytes = s->counts;
  uint32_t *counts = (uint32_t *)(bytes + padded_cells(base->n_cells));
  wide_counts group = {.y = counts + (base->n_cells + base->n_sums) * size};
  wide_count(q, item, base->n_cells, labels_of(layout, s, b), bytes, counts);
  wide_sum_rows(base, q->tables->n_levels, counts);
  FOR_GROUPS(layout, b, part, g) {
    uint32_t row = part->row[g], unknown = part->row[part->n_groups];
    if (is_made(q, item, part, g)) continue;
    group.x = &counts[row * size];
    wide_group(q, item, unknown == DSS_NO_ROW ? NULL : &counts[unknown * size], &group);
    wide_add(q, &layout->plan->choice, &group,
             &s->sums[(part->first_group + g) * q->slots.n * DSS_LANES]);
  }
}

#undef FOR_LANES
#endif
