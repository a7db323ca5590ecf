/* From points to statistics, and the values of samples. */
#include <math.h>

#include "steering_room.h"

/* --- blocks --------------------------------------------------------------------------------- */

void dss_steer_block_begin(dss_steer_block *block, uint64_t *count, dss_points to) {
  *block = (dss_steer_block){.count = count, .to = to};
}

void dss_steer_block_end(dss_steer_block *b) {
  for (uint32_t c = b->low; b->any && c <= b->high; c++) {
    if (b->count[c] == 0) continue;
    b->to.x[b->to.n] = b->x;
    b->to.y[b->to.n] = c;
    b->to.weight[b->to.n++] = b->count[c];
    b->count[c] = 0;
  }
  b->any = false;
}

/* Whole numbers of steps add up exactly, and equal means are one number then. */
static double in_steps(double x, double steps) {
  return steps > 0 ? rint(x * steps) : x;
}

void dss_steer_mean_add(dss_steer_mean *mean, double steps, double x, double y, uint64_t weight) {
  if (weight == 0) return;
  if (mean->weight == 0) *mean = (dss_steer_mean){.x = x};
  mean->differ |= x != mean->x;
  mean->weight += weight;
  mean->sum_x += (double)weight * in_steps(x, steps);
  mean->sum_y += (double)weight * in_steps(y, steps);
}

dss_real_pair dss_steer_mean_pair(const dss_steer_mean *mean, double steps, uint64_t times) {
  double n = (steps > 0 ? steps : 1) * (double)mean->weight;
  return (dss_real_pair){mean->differ ? mean->sum_x / n : mean->x, mean->sum_y / n, times, 0};
}

/* --- values --------------------------------------------------------------------------------- */

dss_steer_values dss_steer_nothing(dss_reason why) {
  dss_steer_values v;
  for (int k = 0; k < DSS_N_STEER_STATISTICS; k++) {
    v.of[k] = NAN;
    v.why[k] = why;
  }
  return v;
}

dss_steer_values dss_steer_of_points(const dss_steering *s, const dss_steer_room *room,
                                     dss_points ratings, dss_real_pair *pairs, size_t n_pairs,
                                     dss_reason missing) {
  const dss_told_scale *scale = &s->told.scale;
  if (ratings.n == 0) return dss_steer_nothing(missing);
  double kappa = dss_quadratic_kappa(&ratings, scale->value, scale->n_levels);
  const double *value = scale->value;
  uint32_t n_levels = scale->n_levels;
  double steps = scale->steps;
  if (s->options->against == DSS_AGAINST_MEANS) {
    n_levels = dss_points_of_pairs(pairs, n_pairs, &ratings, room->value);
    value = room->value;
    steps = 0;
  }
  dss_association a = dss_associate(&ratings, value, n_levels, steps, room->words);
  dss_steer_values v = {.of = {[DSS_STEER_PEARSON] = a.pearson,
                               [DSS_STEER_SPEARMAN] = a.spearman,
                               [DSS_STEER_KENDALL] = a.kendall,
                               [DSS_STEER_MAE] = a.mae,
                               [DSS_STEER_KAPPA] = kappa}};
  dss_reason constant = a.x_varies ? DSS_REASON_CONSTANT_RATINGS : DSS_REASON_CONSTANT_PREDICTIONS;
  for (int k = 0; k < DSS_N_STEER_STATISTICS; k++)
    v.why[k] = isnan(v.of[k]) ? constant : DSS_REASON_NONE;
  if (isnan(kappa)) v.why[DSS_STEER_KAPPA] = DSS_REASON_CONSTANT_RATINGS;
  return v;
}

/* An error that is smaller is better. */
static double better(int statistic, double value, double than) {
  return statistic == DSS_STEER_MAE ? than - value : value - than;
}

dss_steer_values dss_steer_gain(const dss_steer_values *steered, const dss_steer_values *baseline) {
  dss_steer_values v;
  for (int k = 0; k < DSS_N_STEER_STATISTICS; k++) {
    v.of[k] = better(k, steered->of[k], baseline->of[k]);
    v.why[k] = steered->why[k] != DSS_REASON_NONE ? steered->why[k] : baseline->why[k];
  }
  return v;
}

/* --- samples -------------------------------------------------------------------------------- */

static void add_unit(const dss_steer_axis *axis, const dss_steer_unit *unit,
                     const dss_steer_draw *draw, double x, dss_steer_block *block) {
  if (!draw->raters && !draw->items) {
    for (uint32_t i = unit->first_run; i < unit->end_run; i++)
      dss_steer_block_add(block, x, axis->runs[i].code, axis->runs[i].count);
    return;
  }
  uint64_t times = dss_steer_item_weight(draw, unit->item);
  for (uint32_t i = unit->first; times > 0 && i < unit->end; i++) {
    uint64_t weight = times * dss_steer_rater_weight(draw, axis->rater[i]);
    if (weight > 0) dss_steer_block_add(block, x, axis->code[i], weight);
  }
}

/* The next unit from `at` on whose item is swapped, or is not. */
static uint32_t next_unit(const dss_steer_axis *axis, const dss_steer_sample *sample,
                          const dss_steer_draw *draw, const uint32_t *order, uint8_t swapped,
                          uint32_t at) {
  while (at < sample->n_units && draw->swapped[axis->units[order[at]].item] != swapped)
    at++;
  return at;
}

/* Units ascending by their x under the swaps: two sorted lists, of those that kept theirs and of
 * those that changed places, merged. */
static dss_points gather(const dss_steer_axis *axis, const dss_steer_sample *sample,
                         const dss_steer_draw *draw, int source, bool two, dss_steer_room *room) {
  const uint32_t *kept = sample->order[source], *changed = sample->order[1 - source];
  uint32_t i = next_unit(axis, sample, draw, kept, 0, 0), n = sample->n_units;
  uint32_t j = two ? next_unit(axis, sample, draw, changed, 1, 0) : n;
  dss_steer_block block;
  dss_steer_block_begin(&block, room->counts, room->points);
  while (i < n || j < n) {
    const dss_steer_unit *a = i < n ? &axis->units[kept[i]] : NULL;
    const dss_steer_unit *b = j < n ? &axis->units[changed[j]] : NULL;
    if (a && (!b || a->x[source] <= b->x[1 - source])) {
      add_unit(axis, a, draw, a->x[source], &block);
      i = next_unit(axis, sample, draw, kept, 0, i + 1);
    } else {
      add_unit(axis, b, draw, b->x[1 - source], &block);
      j = next_unit(axis, sample, draw, changed, 1, j + 1);
    }
  }
  dss_steer_block_end(&block);
  return block.to;
}

/* A pair for each item and group; units of both follow one another. */
static size_t gather_means(const dss_steering *s, const dss_steer_axis *axis,
                           const dss_steer_sample *sample, const dss_steer_draw *draw, int source,
                           dss_steer_room *room) {
  const double *value = s->told.scale.value;
  dss_steer_mean mean = {0};
  size_t n = 0;
  for (uint32_t k = 0; k < sample->n_units; k++) {
    const dss_steer_unit *unit = &axis->units[sample->units[k]];
    const dss_steer_unit *next =
        k + 1 < sample->n_units ? &axis->units[sample->units[k + 1]] : NULL;
    double x = unit->x[draw->swapped[unit->item] ? 1 - source : source];
    for (uint32_t i = unit->first; i < unit->end; i++)
      dss_steer_mean_add(&mean, s->told.scale.steps, x, value[axis->code[i]],
                         dss_steer_rater_weight(draw, axis->rater[i]));
    if (next && next->item == unit->item && next->group == unit->group) continue;
    uint64_t times = dss_steer_item_weight(draw, unit->item);
    if (times > 0 && mean.weight > 0)
      room->pairs[n++] = dss_steer_mean_pair(&mean, s->told.scale.steps, times);
    mean.weight = 0;
  }
  return n;
}

dss_steer_values dss_steer_sample_values(const dss_steering *s, const dss_steer_axis *axis,
                                         const dss_steer_sample *sample, const dss_steer_draw *draw,
                                         int source, dss_steer_room *room) {
  if (sample->missing != DSS_REASON_NONE) return dss_steer_nothing(sample->missing);
  dss_points points = gather(axis, sample, draw, source, s->told.has_baseline, room);
  size_t n_pairs = 0;
  if (s->options->against == DSS_AGAINST_MEANS)
    n_pairs = gather_means(s, axis, sample, draw, source, room);
  return dss_steer_of_points(s, room, points, room->pairs, n_pairs, DSS_REASON_NO_PREDICTIONS);
}

/* --- own against other groups' predictions ---------------------------------------------------- */

/* A rated group's own value and the mean of those of others; false where either is missing. */
static bool contrast(const dss_steer_room *room, uint32_t groups, uint32_t rated, int statistic,
                     double *difference) {
  double own = room->matrix[(size_t)rated * groups + rated].of[statistic], others = 0;
  uint32_t n = 0;
  for (uint32_t told = 0; told < groups; told++) {
    double other = room->matrix[(size_t)told * groups + rated].of[statistic];
    if (told == rated || isnan(other)) continue;
    others += other;
    n++;
  }
  if (isnan(own) || n == 0) return false;
  *difference = better(statistic, own, others / n);
  return true;
}

/* Whether predictions for some group were held against another's ratings. */
static bool any_other(const dss_steer_room *room, uint32_t groups, int statistic) {
  for (uint32_t told = 0; told < groups; told++)
    for (uint32_t rated = 0; rated < groups; rated++)
      if (told != rated && !isnan(room->matrix[(size_t)told * groups + rated].of[statistic]))
        return true;
  return false;
}

dss_steer_values dss_steer_specificity(const dss_steering *s, const dss_steer_axis *axis,
                                       const dss_steer_room *room) {
  uint32_t groups = dss_steer_groups(s, axis);
  dss_steer_values v;
  for (int k = 0; k < DSS_N_STEER_STATISTICS; k++) {
    double sum = 0, difference;
    uint32_t n = 0;
    v.why[k] = DSS_REASON_ONE_GROUP;
    for (uint32_t g = 0; g < groups; g++) {
      dss_reason own = room->matrix[(size_t)g * groups + g].why[k];
      if (contrast(room, groups, g, k, &difference)) {
        sum += difference;
        n++;
      } else if (own != DSS_REASON_NONE && own != DSS_REASON_TOO_FEW_RATERS) {
        v.why[k] = own;
      }
    }
    v.of[k] = n > 0 ? sum / n : NAN;
    if (n > 0)
      v.why[k] = DSS_REASON_NONE;
    else if (v.why[k] == DSS_REASON_NO_PREDICTIONS && any_other(room, groups, k))
      v.why[k] = DSS_REASON_ONE_PREDICTION;
  }
  return v;
}
