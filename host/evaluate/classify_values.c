/* Confusion tables in every group's view, and the gaps between them, of one resample. */
#include <math.h>

#include "classify.h"

/* --- tables -------------------------------------------------------------------------------- */

static uint64_t count_bits(uint64_t bits) {
  return (uint64_t)__builtin_popcountll(bits);
}

static void count_items_in(const dss_section *section, size_t words, const uint64_t *has,
                           const uint64_t *positive, dss_confusion *table) {
  for (size_t w = 0; w < words; w++) {
    uint64_t seen = has[w] & section->given[w], called = section->positive[w];
    if (!seen) continue;
    table->tp += count_bits(seen & positive[w] & called);
    table->fp += count_bits(seen & ~positive[w] & called);
    table->fn += count_bits(seen & positive[w] & ~called);
    table->tn += count_bits(seen & ~(positive[w] | called));
  }
}

static void count_weights_in(const dss_section *section, size_t words, const uint64_t *has,
                             const uint64_t *positive, const uint32_t *items,
                             dss_confusion *table) {
  for (size_t w = 0; w < words; w++) {
    for (uint64_t seen = has[w] & section->given[w]; seen; seen &= seen - 1) {
      uint64_t bit = seen & -seen;
      uint32_t weight = items[w * 64 + (size_t)__builtin_ctzll(seen)];
      bool called = section->positive[w] & bit;
      if (positive[w] & bit)
        *(called ? &table->tp : &table->fn) += weight;
      else
        *(called ? &table->fp : &table->tn) += weight;
    }
  }
}

/* Up the ranks: every positive item wins against the negative ones below it. */
static uint64_t count_wins(const dss_section *section, const uint64_t *has,
                           const uint64_t *positive, const uint32_t *items) {
  uint64_t wins = 0, below = 0, positives = 0, negatives = 0;
  for (uint32_t i = 0; i < section->n_given; i++) {
    uint32_t item = section->ranked[i];
    uint64_t weight = items ? items[item] : 1;
    uint64_t seen = dss_bit(has, item) * weight, found = dss_bit(positive, item) * weight;
    positives += found;
    negatives += seen - found; /* what is positive is seen */
    if (!section->last[i]) continue;
    wins += positives * (2 * below + negatives);
    below += negatives;
    positives = negatives = 0;
  }
  return wins;
}

dss_confusion dss_confusion_of(const dss_rated *rated, const dss_section *section,
                               const dss_views *views, size_t side, const uint32_t *items,
                               bool with_wins) {
  dss_confusion table = {0};
  size_t words = dss_bit_words(rated->n_items);
  const uint64_t *has = views->has + side * words, *positive = views->positive + side * words;
  if (items)
    count_weights_in(section, words, has, positive, items, &table);
  else
    count_items_in(section, words, has, positive, &table);
  if (with_wins) table.twice_wins = count_wins(section, has, positive, items);
  return table;
}

dss_fraction dss_confusion_fraction(const dss_confusion *t, dss_classify_statistic statistic) {
  uint64_t positives = t->tp + t->fn, negatives = t->fp + t->tn;
  uint64_t any = positives + negatives > 0;
  switch (statistic) {
  case DSS_CLASSIFY_TP:
    return (dss_fraction){t->tp, any};
  case DSS_CLASSIFY_FP:
    return (dss_fraction){t->fp, any};
  case DSS_CLASSIFY_FN:
    return (dss_fraction){t->fn, any};
  case DSS_CLASSIFY_TN:
    return (dss_fraction){t->tn, any};
  case DSS_CLASSIFY_FNR:
    return (dss_fraction){t->fn, positives};
  case DSS_CLASSIFY_FPR:
    return (dss_fraction){t->fp, negatives};
  case DSS_CLASSIFY_PRECISION:
    return (dss_fraction){t->tp, t->tp + t->fp};
  case DSS_CLASSIFY_RECALL:
    return (dss_fraction){t->tp, positives};
  case DSS_CLASSIFY_F1:
    return (dss_fraction){2 * t->tp, 2 * t->tp + t->fp + t->fn};
  case DSS_CLASSIFY_AUC:
    return (dss_fraction){t->twice_wins, 2 * positives * negatives};
  default:
    return (dss_fraction){0, 0};
  }
}

static double value_of(dss_fraction a) {
  return a.whole == 0 ? NAN : (double)a.part / (double)a.whole;
}

/* Divided once, so that equal differences are equal to the bit, whatever they are made of: where
 * the product of the wholes is below 2^53 the quotient is the double nearest to the difference. */
static double difference(dss_fraction a, dss_fraction b) {
  if (a.whole == 0 || b.whole == 0) return NAN;
  dss_i128 part = (dss_i128)a.part * b.whole - (dss_i128)b.part * a.whole;
  return dss_signed_to_double(part) / dss_exact_to_double((dss_u128)a.whole * b.whole);
}

bool dss_section_says_nothing(const dss_section *section, dss_classify_statistic statistic,
                              bool gap) {
  if (statistic == DSS_CLASSIFY_AUC) return section->one_score;
  bool rate = statistic == DSS_CLASSIFY_FNR || statistic == DSS_CLASSIFY_FPR ||
              statistic == DSS_CLASSIFY_RECALL;
  return gap && rate && section->one_call;
}

/* --- scratch -------------------------------------------------------------------------------- */

/* What a thread computes in. */
typedef struct bench {
  dss_views views;
  dss_fraction *values; /* [DSS_N_CLASSIFY_STATISTICS][sides] of one section */
  uint32_t *source;     /* [n_raters] */
  uint32_t *slots;      /* [n_raters] */
} bench;

static size_t values_of(const dss_classification *c) {
  return (size_t)DSS_N_CLASSIFY_STATISTICS * dss_n_sides(c->rated->plan);
}

static size_t bench_bytes(const dss_classification *c) {
  return dss_views_bytes(c->rated) + values_of(c) * sizeof(dss_fraction) +
         2 * (size_t)c->rated->n_raters * sizeof(uint32_t);
}

static bench lay_out(const dss_classification *c, void *scratch) {
  bench b;
  unsigned char *at = scratch;
  dss_views_lay_out(c->rated, at, &b.views);
  b.values = (dss_fraction *)(at + dss_views_bytes(c->rated));
  b.source = (uint32_t *)(b.values + values_of(c));
  b.slots = b.source + c->rated->n_raters;
  return b;
}

/* --- one section ---------------------------------------------------------------------------- */

static bool is_tested(const dss_plan *plan, size_t side) {
  return side == dss_side_all(plan) || plan->kernel.tested[side % plan->kernel.n_groups];
}

/* The statistics in `wanted` of every side, undefined for groups of too few raters. */
static void fill_values(const dss_classification *c, const dss_section *section, unsigned wanted,
                        const uint32_t *items, const bench *b) {
  const dss_rated *rated = c->rated;
  size_t sides = dss_n_sides(rated->plan);
  bool wins = c->classifiers.scores && wanted >> DSS_CLASSIFY_AUC & 1u;
  for (size_t side = 0; side < sides; side++) {
    bool tested = is_tested(rated->plan, side);
    dss_confusion table = {0};
    if (tested) table = dss_confusion_of(rated, section, &b->views, side, items, wins);
    for (size_t s = 0; s < DSS_N_CLASSIFY_STATISTICS; s++)
      if (wanted >> s & 1u)
        b->values[s * sides + side] = tested && !dss_section_says_nothing(section, s, false)
                                          ? dss_confusion_fraction(&table, s)
                                          : (dss_fraction){0, 0};
  }
}

/* Between the largest and the smallest that there are. */
static double largest_gap(const dss_plan *plan, size_t axis, const dss_fraction *values) {
  const dss_kernel_axis *groups = &plan->kernel.axes[axis];
  dss_fraction low = {0, 0}, high = {0, 0};
  size_t defined = 0;
  for (size_t g = groups->first_group; g < groups->first_group + groups->n_groups; g++) {
    if (values[g].whole == 0) continue;
    if (defined++ == 0 || value_of(values[g]) < value_of(low)) low = values[g];
    if (defined == 1 || value_of(values[g]) > value_of(high)) high = values[g];
  }
  return defined < 2 ? NAN : difference(high, low);
}

static double shape_value(const dss_classification *c, const dss_section *section,
                          const dss_shape *shape, const bench *b) {
  const dss_fraction *values = b->values + (size_t)shape->statistic * dss_n_sides(c->rated->plan);
  if (shape->form == DSS_SHAPE_VALUE) return value_of(values[shape->side]);
  if (dss_section_says_nothing(section, shape->statistic, true)) return NAN;
  if (shape->form == DSS_SHAPE_GAP) return difference(values[shape->side], values[shape->other]);
  return largest_gap(c->rated->plan, shape->axis, values);
}

/* All sections of one question, whose views are there. Where only gaps are wanted, other rows get
 * NaN. */
static void put_rows(const dss_classification *c, bool gaps_only, const uint32_t *items,
                     const bench *b, double *out) {
  unsigned wanted = gaps_only ? c->gaps : ~0u;
  for (size_t s = 0; s < c->classifiers.n_sections; s++) {
    const dss_section *section = &c->classifiers.sections[s];
    fill_values(c, section, wanted, items, b);
    for (size_t k = 0; k < c->n_shapes; k++)
      *out++ = gaps_only && c->shapes[k].form == DSS_SHAPE_VALUE
                   ? NAN
                   : shape_value(c, section, &c->shapes[k], b);
  }
}

/* --- resamples ------------------------------------------------------------------------------ */

static void permuted(const void *of, uint64_t first, uint64_t count, void *scratch, double *out) {
  const dss_classification *c = of;
  const bench b = lay_out(c, scratch);
  bool observed = first == DSS_RESAMPLE_NONE;
  size_t rows = dss_classification_rows(c), each = dss_classification_row(c, 1, 0, 0);
  for (uint64_t i = 0; i < count; i++) {
    dss_exchange_profiles(&c->rated->plan->kernel.exchange, first + i, b.slots, b.source);
    for (size_t q = 0; q < c->rated->n_questions; q++) {
      dss_views views = b.views;
      dss_views_of(c->rated, q, &c->rules[q], b.source, observed, &views);
      put_rows(c, !observed, NULL, &b, out + i * rows + q * each);
    }
  }
}

static void resampled(const void *of, const dss_weighting *weights, void *scratch, double *out) {
  const dss_classification *c = of;
  const bench b = lay_out(c, scratch);
  size_t each = dss_classification_row(c, 1, 0, 0);
  for (size_t q = 0; q < c->rated->n_questions; q++) {
    dss_views views = b.views;
    dss_views_weighted(c->rated, q, &c->rules[q], weights, &views);
    put_rows(c, false, weights->items, &b, out + q * each);
  }
}

dss_evaluator dss_classification_evaluator(const dss_classification *c) {
  return (dss_evaluator){c, bench_bytes(c), permuted, resampled};
}
