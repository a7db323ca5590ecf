#include "refine.h"

#include <math.h>

#include "host/core/alloc.h"
#include "need.h"

/* A line as it grows; closed[i]: nothing can stand between points i and i + 1. */
typedef struct line {
  dss_power *power;
  const dss_power_search *search;
  size_t *at, n;
  bool *closed;
  double *x, *power_at, *low, *high; /* the latter three isotonic */
} line;

static const dss_power_point *point_of(const line *l, size_t i) {
  return &l->power->points[l->at[i]];
}

static void read_points(line *l) {
  for (size_t i = 0; i < l->n; i++) {
    l->x[i] = dss_power_point_place(point_of(l, i), l->search->along);
    l->power_at[i] = point_of(l, i)->power;
    l->low[i] = point_of(l, i)->low;
    l->high[i] = point_of(l, i)->high;
  }
  dss_isotonic(l->n, l->power_at, l->power_at);
  dss_isotonic(l->n, l->low, l->low);
  dss_isotonic(l->n, l->high, l->high);
}

/* --- where to look next ---------------------------------------------------------------------- */

/* Powers that differ by no more than half an interval are close: a straight line between them is
 * then nearer to the curve than Monte Carlo error is. */
static bool close_enough(const line *l, size_t gap) {
  const dss_power_point *a = point_of(l, gap), *b = point_of(l, gap + 1);
  double widest = fmax(a->high - a->low, b->high - b->low);
  return l->power_at[gap + 1] - l->power_at[gap] <= 0.5 * widest;
}

/* Between the last point that is surely below the power wanted and the first that surely reaches
 * it, the gap over which the power grows most; false: all are close, or closed. */
static bool widest_gap(const line *l, size_t *gap) {
  double wanted = l->power->test.power, most = 0;
  size_t below = dss_n_below(l->n, l->high, wanted), end = dss_n_below(l->n, l->low, wanted);
  for (size_t i = below > 0 ? below - 1 : 0; i < end && i + 1 < l->n; i++) {
    double growth = l->power_at[i + 1] - l->power_at[i];
    if (l->closed[i] || close_enough(l, i) || growth <= most) continue;
    most = growth;
    *gap = i;
  }
  return most > 0;
}

/* The middle on the logarithm, of whole numbers or of thousandths. */
static double middle(const line *l, size_t gap) {
  double scale = l->search->along == DSS_POWER_GAI ? 1000 : 1;
  return rint(sqrt(l->x[gap] * l->x[gap + 1]) * scale) / scale;
}

/* --- looking --------------------------------------------------------------------------------- */

static void insert(line *l, size_t gap, size_t point) {
  for (size_t i = l->n++; i > gap + 1; i--) {
    l->at[i] = l->at[i - 1];
    l->closed[i] = l->closed[i - 1];
  }
  l->at[gap + 1] = point;
  l->closed[gap + 1] = false;
}

/* A point in the gap, or the gap is closed. */
static dss_status split(dss_context *context, line *l, size_t gap) {
  const dss_power_search *s = l->search;
  dss_power_point point = *point_of(l, gap);
  double at = middle(l, gap);
  dss_status status =
      at > l->x[gap] && at < l->x[gap + 1] ? s->describe(s->what, at, &point) : DSS_ERR_USAGE;
  double x = dss_power_point_place(&point, s->along);
  if (status == DSS_ERR_USAGE || (status == DSS_OK && !(x > l->x[gap] && x < l->x[gap + 1]))) {
    l->closed[gap] = true; /* raters come in whole numbers, and by shares */
    return DSS_OK;
  }
  point.added = true;
  point.along = s->along;
  if (status == DSS_OK) status = s->run(s->what, &point);
  if (status == DSS_OK) status = dss_power_add_point(context, l->power, &point);
  if (status == DSS_OK) insert(l, gap, l->power->n_points - 1);
  return status;
}

/* The points' ratings an item; NaN where they differ, with the raters. */
static double common_ratings(const line *l) {
  double first = point_of(l, 0)->ratings_per_item;
  for (size_t i = 1; i < l->n; i++)
    if (point_of(l, i)->ratings_per_item != first) return NAN;
  return first;
}

static dss_power_need need_of(const line *l) {
  const dss_power_point *first = point_of(l, 0);
  dss_power_along along = l->search->along;
  double wanted = l->power->test.power;
  return (dss_power_need){.along = along,
                          .group = first->group,
                          .raters_per_group =
                              along == DSS_POWER_RATERS ? 0 : first->raters_per_group,
                          .ratings_per_item = along == DSS_POWER_RATINGS ? 0 : common_ratings(l),
                          .gai = along == DSS_POWER_GAI ? 0 : first->gai,
                          .needed = dss_crossing(l->n, l->x, l->power_at, wanted),
                          .low = dss_last_below(l->n, l->x, l->high, wanted),
                          .high = dss_first_reaching(l->n, l->x, l->low, wanted)};
}

dss_status dss_power_find_need(dss_context *context, dss_power *power,
                               const dss_power_search *search) {
  line l = {.power = power, .search = search, .n = search->n};
  size_t room = search->n + DSS_MOST_ADDED, gap = 0;
  if (search->n < 2) return DSS_OK;
  dss_status status = DSS_ALLOC(context, &l.at, room);
  if (status == DSS_OK) status = DSS_ALLOC(context, &l.closed, room);
  if (status == DSS_OK) status = DSS_ALLOC(context, &l.x, 4 * room);
  if (status == DSS_OK) {
    memcpy(l.at, search->points, l.n * sizeof *l.at);
    l.power_at = l.x + room;
    l.low = l.power_at + room;
    l.high = l.low + room;
    read_points(&l);
  }
  while (status == DSS_OK && l.n < room && widest_gap(&l, &gap)) {
    status = split(context, &l, gap);
    read_points(&l);
  }
  if (status == DSS_OK) {
    const dss_power_need need = need_of(&l);
    status = dss_power_add_need(context, power, &need);
  }
  free(l.at);
  free(l.closed);
  free(l.x);
  return status;
}
