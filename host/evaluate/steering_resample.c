/* All of steer's values under a permutation or a bootstrap's weights, row by row. */
#include <math.h>

#include "steering_room.h"

/* --- room ----------------------------------------------------------------------------------- */

/* n elements of the scratch, aligned for anything; NULL where there is none yet. */
static void *take(unsigned char *scratch, size_t *at, size_t n, size_t size) {
  size_t here = *at;
  *at += (n * size + 15) / 16 * 16;
  return scratch ? scratch + here : NULL;
}

#define TAKE(pointer, n) ((pointer) = take(scratch, &at, (n), sizeof *(pointer)))

size_t dss_steer_lay_out(const dss_steering *s, void *scratch, dss_steer_room *room) {
  size_t n = s->rated->questions[0].n_ratings, levels = s->told.scale.n_levels;
  size_t groups = 1, cells = 0, at = 0;
  size_t means = s->options->against == DSS_AGAINST_MEANS ? n : 0;
  for (size_t a = 0; a < s->n_axes; a++) {
    size_t here = dss_steer_groups(s, &s->axes[a]);
    if (here > groups) groups = here;
    if (s->axes[a].cells.n_cells > cells) cells = s->axes[a].cells.n_cells;
  }
  TAKE(room->points.x, n);
  TAKE(room->points.y, n);
  TAKE(room->points.weight, n);
  TAKE(room->words, DSS_ASSOCIATE_WORDS(levels > means ? levels : means));
  TAKE(room->pairs, means);
  TAKE(room->value, means);
  TAKE(room->counts, groups * levels);
  TAKE(room->blocks, groups);
  TAKE(room->means, groups);
  TAKE(room->begin, groups + 1);
  TAKE(room->n_pairs, groups);
  TAKE(room->matrix, groups * groups);
  TAKE(room->swapped, s->rated->n_items);
  TAKE(room->source, s->rated->n_raters);
  TAKE(room->slots, s->rated->n_raters);
  TAKE(room->cell_of, n);
  TAKE(room->cell_ptr, cells + 2);
  TAKE(room->ratings, n);
  room->points.n = 0;
  return at;
}

size_t dss_steer_scratch(const dss_steering *steering) {
  dss_steer_room room;
  return dss_steer_lay_out(steering, NULL, &room);
}

/* --- rows ----------------------------------------------------------------------------------- */

typedef struct writer {
  double *out;
  dss_reason *why; /* NULL: not asked for */
} writer;

static void put(writer *w, const dss_steer_values *v) {
  for (int k = 0; k < DSS_N_STEER_STATISTICS; k++) {
    *w->out++ = v->of[k];
    if (w->why) *w->why++ = v->why[k];
  }
}

static void put_sample(const dss_steering *s, const dss_steer_axis *axis,
                       const dss_steer_sample *sample, const dss_steer_draw *draw,
                       dss_steer_room *room, writer *w) {
  dss_steer_values steered = dss_steer_sample_values(s, axis, sample, draw, DSS_STEERED, room);
  put(w, &steered);
  if (!s->told.has_baseline) return;
  dss_steer_values baseline = dss_steer_sample_values(s, axis, sample, draw, DSS_BASELINE, room);
  dss_steer_values gain = dss_steer_gain(&steered, &baseline);
  put(w, &baseline);
  put(w, &gain);
}

static void put_matrix(const dss_steering *s, const dss_steer_axis *axis,
                       const dss_steer_draw *draw, dss_steer_room *room, writer *w) {
  uint32_t groups = dss_steer_groups(s, axis);
  if (!dss_steer_has_matrix(s)) return;
  dss_steer_fill_matrix(s, axis, draw, room);
  for (uint32_t rated = 0; !s->options->no_matrix && rated < groups; rated++)
    for (uint32_t told = 0; told < groups; told++)
      if (told != rated) put(w, &room->matrix[(size_t)told * groups + rated]);
  dss_steer_values specificity = dss_steer_specificity(s, axis, room);
  put(w, &specificity);
}

size_t dss_steer_sample_rows(const dss_steering *s) {
  return (s->told.has_baseline ? 3 : 1) * (size_t)DSS_N_STEER_STATISTICS;
}

static size_t matrix_rows(const dss_steering *s, const dss_steer_axis *axis) {
  size_t groups = dss_steer_groups(s, axis);
  if (!dss_steer_has_matrix(s)) return 0;
  return (s->options->no_matrix ? 1 : groups * (groups - 1) + 1) * DSS_N_STEER_STATISTICS;
}

size_t dss_steer_axis_rows(const dss_steering *s, const dss_steer_axis *axis) {
  return axis->n_samples * dss_steer_sample_rows(s) + matrix_rows(s, axis);
}

/* Samples hang on swaps and weights alone, the matrix on profiles and weights: of a permutation's
 * samples only gains are looked at. */
static void put_axis(const dss_steering *s, const dss_steer_axis *axis, const dss_steer_draw *draw,
                     bool permuted, dss_steer_room *room, writer *w) {
  if (permuted && !s->told.has_baseline)
    w->out += axis->n_samples * dss_steer_sample_rows(s);
  else
    for (size_t i = 0; i < axis->n_samples; i++)
      put_sample(s, axis, &axis->samples[i], draw, room, w);
  put_matrix(s, axis, draw, room, w);
}

/* --- permutations and weights --------------------------------------------------------------- */

/* Whether an item's predictions change places: the top bit of its word. */
static void draw_swaps(uint64_t seed, uint64_t b, uint32_t n_items, uint8_t *swapped) {
  memset(swapped, 0, n_items);
  if (b == DSS_RESAMPLE_NONE) return;
  for (uint32_t u = 0; u < n_items; u += 4) {
    uint32_t words[4];
    dss_random_words(seed, DSS_PURPOSE_SWAP, b, u, words);
    for (uint32_t i = 0; i < 4 && i < n_items - u; i++)
      swapped[u + i] = (uint8_t)(words[i] >> 31);
  }
}

static void permute(const dss_steering *s, uint64_t b, dss_steer_room *room, writer *w) {
  const dss_exchange *exchange = &s->rated->plan->kernel.exchange;
  draw_swaps(exchange->seed, b, s->rated->n_items, room->swapped);
  dss_exchange_profiles(exchange, b, room->slots, room->source);
  const dss_steer_draw draw = {room->swapped, room->source, NULL, NULL};
  for (size_t a = 0; a < s->n_axes; a++)
    put_axis(s, &s->axes[a], &draw, b != DSS_RESAMPLE_NONE, room, w);
}

void dss_steer_permuted(const void *of, uint64_t first, uint64_t count, void *scratch,
                        double *out) {
  const dss_steering *s = of;
  dss_steer_room room;
  dss_steer_lay_out(s, scratch, &room);
  for (uint64_t i = 0; i < count; i++) {
    writer w = {out + (size_t)i * s->n_rows, NULL};
    permute(s, first == DSS_RESAMPLE_NONE ? first : first + i, &room, &w);
  }
}

void dss_steer_observe(const dss_steering *s, void *scratch, double *out, dss_reason *why) {
  dss_steer_room room;
  writer w = {out, why};
  dss_steer_lay_out(s, scratch, &room);
  permute(s, DSS_RESAMPLE_NONE, &room, &w);
}

void dss_steer_resampled(const void *of, const dss_weighting *weights, void *scratch, double *out) {
  const dss_steering *s = of;
  dss_steer_room room;
  writer w = {out, NULL};
  dss_steer_lay_out(s, scratch, &room);
  draw_swaps(0, DSS_RESAMPLE_NONE, s->rated->n_items, room.swapped);
  dss_exchange_profiles(&s->rated->plan->kernel.exchange, DSS_RESAMPLE_NONE, room.slots,
                        room.source);
  for (size_t a = 0; a < s->n_axes; a++) {
    const dss_steer_draw draw = {room.swapped, room.source, weights->raters[s->axes[a].axis],
                                 weights->items};
    put_axis(s, &s->axes[a], &draw, false, &room, &w);
  }
}
