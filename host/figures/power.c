#include "power.h"

#include <string.h>

#include "axis.h"
#include "host/core/alloc.h"
#include "one_file.h"

double dss_power_place(const dss_power_point *point, dss_power_along along) {
  return along == DSS_POWER_RATERS    ? point->raters_per_group
         : along == DSS_POWER_RATINGS ? point->ratings_per_item
                                      : point->gai;
}

/* How many different values the grid's points have. */
static size_t distinct(const dss_power *power, dss_power_along along) {
  size_t n = 0;
  for (size_t i = 0; i < dss_power_n_points(power); i++) {
    const dss_power_point *p = dss_power_get_point(power, i), *other = NULL;
    size_t k = 0;
    for (; k < i; k++) {
      other = dss_power_get_point(power, k);
      if (!other->added && dss_power_place(other, along) == dss_power_place(p, along)) break;
    }
    n += k == i && !p->added;
  }
  return n;
}

static size_t n_of_grid(const dss_power *power) {
  size_t n = 0;
  for (size_t i = 0; i < dss_power_n_points(power); i++)
    n += !dss_power_get_point(power, i)->added;
  return n;
}

/* Whether two points are on one line, and in one panel. Where each design has ratings of its own
 * (they follow from the raters) all are in one. */
static bool same_panel(const dss_power *power, dss_power_along along, bool ratings_follow,
                       const dss_power_point *a, const dss_power_point *b) {
  if (strcmp(a->group, b->group) != 0) return false;
  if (dss_power_is_of_study(power)) return true;
  if (along == DSS_POWER_RATERS)
    return ratings_follow || a->ratings_per_item == b->ratings_per_item;
  if (along == DSS_POWER_RATINGS) return a->raters_per_group == b->raters_per_group;
  return true;
}

static dss_status add_to_line(dss_context *context, const dss_power *power, size_t point,
                              dss_power_along along, dss_power_panel *panel) {
  const dss_power_point *p = dss_power_get_point(power, point);
  double gai = along == DSS_POWER_GAI ? 0 : p->gai;
  size_t l = 0, room;
  while (l < panel->n_lines && panel->lines[l].gai != gai)
    l++;
  if (l == panel->n_lines) {
    room = panel->n_lines;
    DSS_TRY(DSS_GROW(context, &panel->lines, &room, panel->n_lines + 1));
    panel->lines[panel->n_lines++] = (dss_power_line){.gai = gai};
    DSS_TRY(DSS_ALLOC(context, &panel->lines[l].points, dss_power_n_points(power)));
  }
  dss_power_line *line = &panel->lines[l];
  line->points[line->n++] = point;
  return DSS_OK;
}

dss_status dss_power_picture_make(dss_context *context, const dss_power *power,
                                  dss_power_picture *picture) {
  size_t n = dss_power_n_points(power), raters = distinct(power, DSS_POWER_RATERS);
  size_t ratings = distinct(power, DSS_POWER_RATINGS), gais = distinct(power, DSS_POWER_GAI);
  bool ratings_follow = ratings == raters && n_of_grid(power) == raters * gais;
  *picture = (dss_power_picture){.along = DSS_POWER_GAI};
  if (!dss_power_is_of_study(power) && raters > 1)
    picture->along = DSS_POWER_RATERS;
  else if (!dss_power_is_of_study(power) && ratings > 1)
    picture->along = DSS_POWER_RATINGS;
  DSS_TRY(DSS_ALLOC(context, &picture->panels, n));
  for (size_t i = 0; i < n; i++) {
    const dss_power_point *p = dss_power_get_point(power, i);
    size_t k = 0;
    if (p->added && p->along != picture->along) continue; /* of another figure */
    while (k < picture->n_panels &&
           !same_panel(power, picture->along, ratings_follow, p,
                       dss_power_get_point(power, picture->panels[k].first)))
      k++;
    if (k == picture->n_panels) picture->panels[picture->n_panels++].first = i;
    DSS_TRY(add_to_line(context, power, i, picture->along, &picture->panels[k]));
  }
  return DSS_OK;
}

void dss_power_picture_free(dss_power_picture *picture) {
  for (size_t k = 0; k < picture->n_panels; k++) {
    for (size_t l = 0; l < picture->panels[k].n_lines; l++)
      free(picture->panels[k].lines[l].points);
    free(picture->panels[k].lines);
  }
  free(picture->panels);
  *picture = (dss_power_picture){0};
}

/* --- files ----------------------------------------------------------------------------------- */

static dss_status draw(dss_context *context, const void *power, dss_figure_format format,
                       unsigned char **bytes, size_t *n) {
  return dss_power_figure_draw(context, power, format, bytes, n);
}

dss_status dss_power_figure_save(dss_context *context, const dss_power *power, const char *path,
                                 bool overwrite) {
  return dss_one_file_save(context, draw, power, path, overwrite);
}
