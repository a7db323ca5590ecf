/* Ratings paired with their predictions, gathered into units, and the samples of units. */
#include <math.h>

#include "host/core/alloc.h"
#include "steering.h"

/* A rating on its way into a unit. */
typedef struct paired {
  uint32_t group, cell, rater;
  uint8_t code;
} paired;

static int by_unit(const void *a, const void *b) {
  const paired *p = a, *q = b;
  if (p->group != q->group) return p->group < q->group ? -1 : 1;
  if (p->cell != q->cell) return p->cell < q->cell ? -1 : 1;
  if (p->code != q->code) return p->code < q->code ? -1 : 1;
  return (p->rater > q->rater) - (p->rater < q->rater);
}

/* The prediction for a group in a cell. */
static double told_x(const dss_steer_cells *c, uint32_t group, uint32_t cell) {
  if (cell == DSS_NO_CELL) return NAN;
  return c->x[(c->n_told == 1 ? 0 : (size_t)group * c->n_cells) + cell];
}

static dss_status add_item_name(dss_context *context, const dss_rated *rated, uint32_t item,
                                dss_strings *names) {
  const char *name = dss_study_item_name(rated->study, rated->study_item[item]);
  uint32_t id;
  return dss_strings_add(context, names, name, strlen(name), (dss_place){0}, &id);
}

/* Pairs one rating, or counts why it is not; *n: those paired. */
static dss_status pair_rating(dss_context *context, const dss_steering *s, dss_steer_axis *axis,
                              uint32_t item, uint64_t rating, paired *list, uint32_t *n) {
  const dss_rated_question *q = &s->rated->questions[0];
  uint32_t rater = q->rater[rating], class = axis->cells.class_of[rater];
  int32_t group = s->rated->plan->kernel_axes[axis->axis].group[rater];
  dss_steer_left *left = &axis->left;
  if (group < 0) {
    left->unknown++;
    return DSS_OK;
  }
  uint32_t cell = class == DSS_NO_CLASS ? DSS_NO_CELL : dss_steer_cell(&axis->cells, item, class);
  if (isnan(told_x(&axis->cells, (uint32_t)group, cell))) {
    left->unpredicted++;
    return add_item_name(context, s->rated, item, &left->unpredicted_items);
  }
  if (s->told.by_rater) s->told.used[axis->cells.row[cell]] = true;
  if (s->told.has_baseline && isnan(s->told.baseline[item])) {
    left->without_baseline++;
    return add_item_name(context, s->rated, item, &left->without_items);
  }
  list[(*n)++] = (paired){(uint32_t)group, cell, rater, q->code[rating]};
  return DSS_OK;
}

static dss_status pair_ratings(dss_context *context, const dss_steering *s, dss_steer_axis *axis,
                               paired *list) {
  const dss_rated_question *q = &s->rated->questions[0];
  for (uint32_t u = 0; u < s->rated->n_items; u++)
    for (uint64_t i = q->item_ptr[u]; i < q->item_ptr[u + 1]; i++)
      DSS_TRY(pair_rating(context, s, axis, u, i, list, &axis->n_ratings));
  qsort(list, axis->n_ratings, sizeof *list, by_unit);
  return DSS_OK;
}

static bool new_unit(const paired *list, uint32_t i) {
  return i == 0 || list[i].group != list[i - 1].group || list[i].cell != list[i - 1].cell;
}

static dss_status make_units(dss_context *context, const dss_steering *s, dss_steer_axis *axis,
                             const paired *list) {
  uint32_t n = axis->n_ratings, n_units = 0;
  for (uint32_t i = 0; i < n; i++)
    n_units += new_unit(list, i);
  DSS_TRY(DSS_ALLOC(context, &axis->units, n_units));
  DSS_TRY(DSS_ALLOC(context, &axis->rater, n));
  DSS_TRY(DSS_ALLOC(context, &axis->code, n));
  DSS_TRY(DSS_ALLOC(context, &axis->runs, n));
  uint32_t n_runs = 0;
  for (uint32_t i = 0; i < n; i++) {
    axis->rater[i] = list[i].rater;
    axis->code[i] = list[i].code;
    if (new_unit(list, i) || list[i].code != list[i - 1].code)
      axis->runs[n_runs++] = (dss_steer_run){0, list[i].code};
    axis->runs[n_runs - 1].count++;
    if (new_unit(list, i)) {
      uint32_t item = axis->cells.item[list[i].cell];
      double x = told_x(&axis->cells, list[i].group, list[i].cell);
      axis->units[axis->n_units++] = (dss_steer_unit){.group = list[i].group,
                                                      .item = item,
                                                      .first = i,
                                                      .first_run = n_runs - 1,
                                                      .x = {x, s->told.baseline[item]}};
    }
    axis->units[axis->n_units - 1].end = i + 1;
    axis->units[axis->n_units - 1].end_run = n_runs;
  }
  return DSS_OK;
}

/* --- samples -------------------------------------------------------------------------------- */

typedef struct placed {
  double x;
  uint32_t unit;
} placed;

static int by_x(const void *a, const void *b) {
  const placed *p = a, *q = b;
  if (p->x != q->x) return p->x < q->x ? -1 : 1;
  return (p->unit > q->unit) - (p->unit < q->unit);
}

static dss_status order_units(dss_context *context, const dss_steer_axis *axis, int source,
                              dss_steer_sample *sample) {
  placed *list;
  DSS_TRY(DSS_ALLOC(context, &list, sample->n_units));
  for (uint32_t i = 0; i < sample->n_units; i++)
    list[i] = (placed){axis->units[sample->units[i]].x[source], sample->units[i]};
  qsort(list, sample->n_units, sizeof *list, by_x);
  dss_status status = DSS_ALLOC(context, &sample->order[source], sample->n_units);
  for (uint32_t i = 0; status == DSS_OK && i < sample->n_units; i++)
    sample->order[source][i] = list[i].unit;
  free(list);
  return status;
}

static bool in_sample(const dss_steering *s, const dss_steer_axis *axis,
                      const dss_steer_sample *sample, uint32_t group, uint32_t item) {
  size_t first = s->rated->plan->kernel_axes[axis->axis].first_group;
  return (sample->group == DSS_NOWHERE || sample->group == first + group) &&
         dss_part_has(&s->parts.parts[sample->part], item);
}

/* Raters, items and ratings of a sample. */
static dss_status count_sample(dss_context *context, const dss_steering *s,
                               const dss_steer_axis *axis, dss_steer_sample *sample) {
  bool *rater, *item;
  DSS_TRY(DSS_ALLOC(context, &rater, s->rated->n_raters));
  dss_status status = DSS_ALLOC(context, &item, s->rated->n_items);
  for (uint32_t i = 0; status == DSS_OK && i < sample->n_units; i++) {
    const dss_steer_unit *unit = &axis->units[sample->units[i]];
    sample->n_items += !item[unit->item];
    item[unit->item] = true;
    for (uint32_t k = unit->first; k < unit->end; k++) {
      sample->raters += !rater[axis->rater[k]];
      rater[axis->rater[k]] = true;
    }
    sample->ratings += unit->end - unit->first;
  }
  free(rater);
  free(item);
  return status;
}

/* Whether any rating, predicted or not, could be of the sample. */
static bool any_rating(const dss_steering *s, const dss_steer_axis *axis,
                       const dss_steer_sample *sample) {
  const dss_rated_question *q = &s->rated->questions[0];
  const int32_t *group = s->rated->plan->kernel_axes[axis->axis].group;
  for (uint32_t u = 0; u < s->rated->n_items; u++)
    for (uint64_t i = q->item_ptr[u]; i < q->item_ptr[u + 1]; i++)
      if (group[q->rater[i]] >= 0 && in_sample(s, axis, sample, (uint32_t)group[q->rater[i]], u))
        return true;
  return false;
}

static dss_reason why_missing(const dss_steering *s, const dss_steer_axis *axis,
                              const dss_steer_sample *sample) {
  if (sample->group != DSS_NOWHERE && !s->rated->plan->kernel.tested[sample->group])
    return DSS_REASON_TOO_FEW_RATERS;
  if (sample->n_units > 0) return DSS_REASON_NONE;
  return any_rating(s, axis, sample) ? DSS_REASON_NO_PREDICTIONS : DSS_REASON_NO_RATINGS;
}

static dss_status make_sample(dss_context *context, const dss_steering *s,
                              const dss_steer_axis *axis, dss_steer_sample *sample) {
  for (uint32_t i = 0; i < axis->n_units; i++)
    sample->n_units += in_sample(s, axis, sample, axis->units[i].group, axis->units[i].item);
  DSS_TRY(DSS_ALLOC(context, &sample->units, sample->n_units));
  for (uint32_t i = 0, n = 0; i < axis->n_units; i++)
    if (in_sample(s, axis, sample, axis->units[i].group, axis->units[i].item))
      sample->units[n++] = i;
  sample->missing = why_missing(s, axis, sample);
  DSS_TRY(count_sample(context, s, axis, sample));
  DSS_TRY(order_units(context, axis, DSS_STEERED, sample));
  return s->told.has_baseline ? order_units(context, axis, DSS_BASELINE, sample) : DSS_OK;
}

static dss_status make_samples(dss_context *context, const dss_steering *s, dss_steer_axis *axis) {
  size_t groups = dss_steer_groups(s, axis), each = groups + 1;
  size_t first = s->rated->plan->kernel_axes[axis->axis].first_group;
  DSS_TRY(DSS_ALLOC(context, &axis->samples, s->parts.n * each));
  axis->n_samples = s->parts.n * each;
  for (size_t i = 0; i < axis->n_samples; i++) {
    axis->samples[i].part = i / each;
    axis->samples[i].group = i % each == 0 ? DSS_NOWHERE : first + i % each - 1;
    DSS_TRY(make_sample(context, s, axis, &axis->samples[i]));
  }
  return DSS_OK;
}

dss_status dss_steer_units_new(dss_context *context, const dss_steering *s, dss_steer_axis *axis) {
  paired *list;
  DSS_TRY(DSS_ALLOC(context, &list, s->rated->questions[0].n_ratings));
  dss_status status = pair_ratings(context, s, axis, list);
  if (status == DSS_OK) status = make_units(context, s, axis, list);
  free(list);
  return status == DSS_OK ? make_samples(context, s, axis) : status;
}

void dss_steer_axis_free(dss_steer_axis *axis) {
  dss_steer_cells_free(&axis->cells);
  for (size_t i = 0; i < axis->n_samples; i++) {
    free(axis->samples[i].units);
    for (int source = 0; source < DSS_N_SOURCES; source++)
      free(axis->samples[i].order[source]);
  }
  free(axis->samples);
  free(axis->units);
  free(axis->rater);
  free(axis->code);
  free(axis->runs);
  dss_strings_free(&axis->left.unpredicted_items);
  dss_strings_free(&axis->left.without_items);
}
