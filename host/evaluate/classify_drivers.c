/* The items behind a gap: each item's part of it, and what the two sides say of the item.
 *
 * A gap in the false negative rate between A and B is, item by item, the sum of
 *   [A finds it positive and the classifier does not] / A's positive items less the same of B,
 * and so for false positives among negative items; these parts are the shares. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classify.h"
#include "comparison.h"
#include "host/core/alloc.h"

typedef struct drive {
  const dss_classification *c;
  size_t question;
  const dss_section *section;
  const dss_shape *shape;
  size_t row;
  bool falls;             /* the gap is negative */
  const dss_views *views; /* of the question, observed */
} drive;

/* --- shares ---------------------------------------------------------------------------------- */

/* What one error of the side weighs. */
static double error_weight(const drive *d, size_t side) {
  dss_confusion t = dss_confusion_of(d->c->rated, d->section, d->views, side, NULL, false);
  bool missed = d->shape->statistic == DSS_CLASSIFY_FNR;
  return 1.0 / (double)(missed ? t.tp + t.fn : t.fp + t.tn);
}

static bool is_error(const drive *d, size_t side, uint32_t item) {
  const uint64_t *has = d->views->has + side * d->views->words;
  const uint64_t *positive = d->views->positive + side * d->views->words;
  bool missed = d->shape->statistic == DSS_CLASSIFY_FNR;
  return dss_bit(has, item) && dss_bit(d->section->given, item) &&
         dss_bit(positive, item) == missed && dss_bit(d->section->positive, item) != missed;
}

/* What a side says of an item: the sum over its ratings. */
typedef struct saying {
  double sum;
  uint64_t n;
} saying;

static double mean_of(saying s) {
  return s.n ? s.sum / (double)s.n : NAN;
}

/* Of a group, or of everyone else on its axis. */
static saying said(const drive *d, uint32_t item, size_t group, bool everyone_else) {
  const dss_plan *plan = d->c->rated->plan;
  const dss_rated_question *question = &d->c->rated->questions[d->question];
  const dss_kernel_axis *axis = &plan->kernel.axes[d->shape->axis];
  saying s = {0};
  for (uint64_t i = question->item_ptr[item]; i < question->item_ptr[item + 1]; i++) {
    int32_t of = axis->group[question->rater[i]];
    if (of < 0 || ((axis->first_group + (size_t)of == group) == everyone_else)) continue;
    s.sum += d->c->rules[d->question].said[question->code[i]];
    s.n++;
  }
  return s;
}

/* Their means' difference as one division, so that equal ones of whole numbers tie; -1 where one
 * side says nothing. */
static double apart(saying a, saying b) {
  double both = (double)a.n * (double)b.n;
  return both > 0.0 ? fabs(a.sum * (double)b.n - b.sum * (double)a.n) / both : -1.0;
}

/* An item, and what puts it in order. */
typedef struct driver {
  dss_evaluation_item item;
  double toward; /* the gap: its share with the gap's sign */
  double apart;  /* what the two sides say */
  uint64_t ratings;
} driver;

/* What makes the gap comes before what lessens it. Shares are of few sizes; among equal ones comes
 * first what the sides see most differently, then what more ratings stand behind. */
static int compare_drivers(const void *left, const void *right) {
  const driver *a = left, *b = right;
  if (a->toward != b->toward) return a->toward > b->toward ? -1 : 1;
  if (a->apart != b->apart) return a->apart > b->apart ? -1 : 1;
  if (a->ratings != b->ratings) return a->ratings > b->ratings ? -1 : 1;
  return strcmp(a->item.item, b->item.item);
}

static driver make_driver(const drive *d, uint32_t item, double share) {
  const dss_shape *shape = d->shape;
  bool against_else = shape->versus == DSS_ELSE;
  size_t other = against_else ? shape->group : shape->versus;
  saying own = said(d, item, shape->group, false), others = said(d, item, other, against_else);
  return (driver){
      .item = {.row = d->row,
               .item = dss_study_item_name(d->c->rated->study, d->c->rated->study_item[item]),
               .share = share,
               .value = mean_of(own),
               .versus = mean_of(others)},
      .toward = d->falls ? -share : share,
      .apart = apart(own, others),
      .ratings = own.n + others.n};
}

static size_t find_drivers(const drive *d, driver *drivers) {
  const dss_shape *shape = d->shape;
  double own = error_weight(d, shape->side), others = error_weight(d, shape->other);
  size_t n = 0;
  for (uint32_t u = 0; u < d->c->rated->n_items; u++) {
    double share = 0.0;
    if (is_error(d, shape->side, u)) share += own;
    if (is_error(d, shape->other, u)) share -= others;
    if (share != 0.0) drivers[n++] = make_driver(d, u, share);
  }
  qsort(drivers, n, sizeof *drivers, compare_drivers);
  return n;
}

static dss_status list_items(dss_context *context, const drive *d, driver *drivers,
                             dss_evaluation *evaluation) {
  size_t n = find_drivers(d, drivers);
  for (size_t i = 0; i < n; i++)
    DSS_TRY(dss_evaluation_add_item(context, evaluation, &drivers[i].item));
  return DSS_OK;
}

/* --- which gaps ------------------------------------------------------------------------------ */

typedef struct candidate {
  double size;
  size_t shape;
} candidate;

static int compare_candidates(const void *left, const void *right) {
  const candidate *a = left, *b = right;
  if (a->size != b->size) return a->size > b->size ? -1 : 1;
  return a->shape < b->shape ? -1 : a->shape > b->shape;
}

/* Gaps between two groups, or to everyone else where no two groups are compared. */
static size_t find_candidates(const dss_classification *c, size_t axis,
                              dss_classify_statistic statistic, const double *observed,
                              candidate *found) {
  bool pairs = dss_compared_axis_of(&c->rated->plan->kernel, axis, c->pairs).pairs;
  size_t n = 0;
  for (size_t k = 0; k < c->n_shapes; k++) {
    const dss_shape *shape = &c->shapes[k];
    if (shape->form != DSS_SHAPE_GAP || shape->axis != axis || shape->statistic != statistic)
      continue;
    if ((shape->versus == DSS_ELSE) == pairs) continue;
    if (fabs(observed[k]) > 0.0) found[n++] = (candidate){fabs(observed[k]), k};
  }
  qsort(found, n, sizeof *found, compare_candidates);
  return n;
}

typedef struct driving {
  drive at;
  dss_observation observation;
  candidate *candidates; /* [shapes] */
  driver *drivers;       /* [items] */
  size_t most;
} driving;

static dss_status drive_section(dss_context *context, driving *d, const double *observed,
                                dss_evaluation *evaluation) {
  static const dss_classify_statistic of[] = {DSS_CLASSIFY_FNR, DSS_CLASSIFY_FPR};
  const dss_classification *c = d->at.c;
  size_t first = d->at.row;
  for (size_t a = 0; a < c->rated->plan->kernel.n_axes; a++)
    for (size_t s = 0; s < sizeof of / sizeof *of; s++) {
      size_t n = find_candidates(c, a, of[s], observed + first, d->candidates);
      for (size_t i = 0; i < n && i < d->most; i++) {
        d->at.shape = &c->shapes[d->candidates[i].shape];
        d->at.row = first + d->candidates[i].shape;
        d->at.falls = observed[d->at.row] < 0.0;
        DSS_TRY(list_items(context, &d->at, d->drivers, evaluation));
      }
    }
  return DSS_OK;
}

/* Of all items; an item's own attributes tell which parts it is in. */
static dss_status drive_all(dss_context *context, driving *d, const double *observed,
                            dss_evaluation *evaluation) {
  const dss_classification *c = d->at.c;
  d->at.views = &d->observation.views;
  for (size_t q = 0; q < c->rated->n_questions; q++) {
    d->at.question = q;
    dss_observe(c->rated, q, &c->rules[q], &d->observation);
    for (size_t s = 0; s < c->classifiers.n_sections; s++) {
      d->at.section = &c->classifiers.sections[s];
      d->at.row = dss_classification_row(c, q, s, 0);
      if (d->at.section->part == c->parts.parts)
        DSS_TRY(drive_section(context, d, observed, evaluation));
    }
  }
  return DSS_OK;
}

dss_status dss_classify_drivers(dss_context *context, const dss_classification *c,
                                const double *observed, size_t most, dss_evaluation *evaluation) {
  driving d = {.at = {.c = c}, .most = most};
  dss_status status = dss_observation_new(context, c->rated, &d.observation);
  if (status == DSS_OK) status = DSS_ALLOC(context, &d.candidates, c->n_shapes);
  if (status == DSS_OK) status = DSS_ALLOC(context, &d.drivers, c->rated->n_items);
  if (status == DSS_OK) status = drive_all(context, &d, observed, evaluation);
  dss_observation_free(&d.observation);
  free(d.candidates);
  free(d.drivers);
  return status;
}
