/* IRR against XRR, a point a group, with lines of equal GAI through the origin. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/core/alloc.h"
#include "kinds.h"
#include "layout.h"

enum { MOST_LABELS = 24, MOST_NAMED = 4, MOST_STEPS = 32 };
#define PLOT_HEIGHT 290.0
#define ISO_ROOM 46.0 /* right of the plot */
#define LABEL_WIDTH 130.0
#define LINE_STEP 3.0

typedef struct box {
  double left, top, right, bottom;
} box;

typedef struct point {
  size_t group;
  double x, y, weight; /* the heavier, the sooner it gets a label */
  dss_sureness sureness;
  bool inside;
} point;

typedef struct plane {
  dss_canvas *canvas;
  const dss_results *r;
  size_t q, axis;
  dss_axis_groups all;
  dss_plot plot;
  point *points;
  size_t n, undefined, outside, unlabelled;
  box *boxes; /* what is taken: markers, then labels and the lines to them */
  size_t n_boxes;
  double marker;
  bool sure[DSS_N_SURENESS];
} plane;

static double number(const plane *f, size_t g, dss_statistic s) {
  const dss_cell *cell = dss_results_cell(f->r, f->q, g, s);
  return cell ? cell->estimate : NAN;
}

/* --- points -------------------------------------------------------------------------------- */

static dss_status set_limits(plane *f) {
  double *x = NULL, *y = NULL;
  size_t all = f->all.end - f->all.first, n = 0;
  DSS_TRY(DSS_ALLOC(f->canvas->context, &x, 2 * all));
  y = x + all;
  for (size_t g = f->all.first; g < f->all.end; g++) {
    double irr = number(f, g, DSS_IRR), xrr = number(f, g, DSS_XRR);
    if (isnan(irr) || isnan(xrr)) continue;
    x[n] = xrr;
    y[n++] = irr;
  }
  dss_limits inner = dss_limits_robust(x, n, DSS_FENCE_VALUES);
  f->plot.x = dss_limits_padded(inner, 0.12);
  f->plot.x.high += 0.1 * (inner.high - inner.low); /* names stand right of their points */
  f->plot.y = dss_limits_padded(dss_limits_robust(y, n, DSS_FENCE_VALUES), 0.14);
  free(x);
  return DSS_OK;
}

static void add_point(plane *f, size_t g) {
  double irr = number(f, g, DSS_IRR), xrr = number(f, g, DSS_XRR);
  const dss_cell *gai = dss_results_cell(f->r, f->q, g, DSS_GAI);
  if (isnan(irr) || isnan(xrr)) {
    f->undefined++;
    return;
  }
  point p = {.group = g, .sureness = dss_sureness_of(gai)};
  p.inside = dss_limits_hold(&f->plot.x, xrr) && dss_limits_hold(&f->plot.y, irr);
  p.x = dss_plot_x(&f->plot, xrr);
  p.y = dss_plot_y(&f->plot, irr);
  double far = fabs(irr - xrr);
  p.weight = 1000.0 * (double)p.sureness + (isnan(far) ? 0.0 : fmin(far, 100.0));
  f->outside += !p.inside;
  f->sure[p.sureness] = true;
  f->points[f->n++] = p;
}

static int heavier(const void *left, const void *right) {
  const point *a = left, *b = right;
  if (a->weight != b->weight) return a->weight > b->weight ? -1 : 1;
  return (a->group > b->group) - (a->group < b->group);
}

static void draw_points(plane *f) {
  for (size_t i = f->n; i-- > 0;) { /* the surest on top */
    const point *p = &f->points[i];
    double half = 0.5 * f->marker + 0.5;
    dss_marker(f->canvas, p->sureness, p->x, p->y, f->marker);
    if (!p->inside) {
      bool left = p->x <= f->plot.left + 0.01, right = p->x >= f->plot.right - 0.01;
      int way = left ? -1 : right ? 1 : p->y <= f->plot.top + 0.01 ? -2 : 2;
      double dx = way == -1  ? -9.0
                  : way == 1 ? 9.0
                             : 0.0,
             dy = way == -2  ? -9.0
                  : way == 2 ? 9.0
                             : 0;
      dss_arrow(f->canvas, dss_sureness_color(p->sureness), p->x + dx, p->y + dy, 5.0, way);
    }
    f->boxes[f->n_boxes++] = (box){p->x - half, p->y - half, p->x + half, p->y + half};
  }
}

/* --- labels -------------------------------------------------------------------------------- */

static bool is_free(const plane *f, const box *b) {
  if (b->left < f->plot.left + 1.0 || b->right > f->plot.right - 1.0 ||
      b->top < f->plot.top + 1.0 || b->bottom > f->plot.bottom - 1.0)
    return false;
  for (size_t i = 0; i < f->n_boxes; i++) {
    const box *o = &f->boxes[i];
    if (b->left < o->right && o->left < b->right && b->top < o->bottom && o->top < b->bottom)
      return false;
  }
  return true;
}

static double distance(const box *b, double x, double y) {
  return hypot(fmax(fmax(b->left - x, x - b->right), 0.0),
               fmax(fmax(b->top - y, y - b->bottom), 0.0));
}

/* Whether every other point is at least so far away. */
static bool is_clear(const plane *f, const point *p, const box *b, double far) {
  for (size_t i = 0; i < f->n; i++) {
    const point *o = &f->points[i];
    if (o != p && distance(b, o->x, o->y) < far) return false;
  }
  return true;
}

/* From a point to its label that stands apart: at steps of LINE_STEP, `from` and `to` included. */
typedef struct leader {
  double from[2], step[2];
  size_t n;
} leader;

static leader leader_to(const plane *f, const point *p, const box *b) {
  double dx = fmin(fmax(p->x, b->left), b->right) - p->x;
  double dy = fmin(fmax(p->y, b->top), b->bottom) - p->y;
  double length = hypot(dx, dy), start = 0.625 * f->marker + 0.5, end = length - 0.5;
  if (!(end - start > 1.0)) return (leader){.n = 0};
  size_t n = (size_t)ceil((end - start) / LINE_STEP) + 1;
  if (n > MOST_STEPS) n = MOST_STEPS;
  double step = (end - start) / (double)(n - 1);
  dx /= length;
  dy /= length;
  return (leader){{p->x + start * dx, p->y + start * dy}, {step * dx, step * dy}, n};
}

static box step_of(const leader *line, size_t i) {
  double x = line->from[0] + (double)i * line->step[0],
         y = line->from[1] + (double)i * line->step[1];
  return (box){x - 0.75, y - 0.75, x + 0.75, y + 0.75};
}

static bool leader_is_free(const plane *f, const leader *line) {
  for (size_t i = 0; i < line->n; i++) {
    box b = step_of(line, i);
    if (!is_free(f, &b)) return false;
  }
  return line->n > 0;
}

/* Around the point, `away` from it, with a line that leads there unless it is NULL: the first place
 * that is free. */
static bool place_around(const plane *f, const point *p, dss_extent e, double away, box *at,
                         leader *line) {
  static const double ways[][2] = {{1, 0},   {-1, 0}, {0, -1},   {0, 1},     {1, -1},  {1, 1},
                                   {-1, -1}, {-1, 1}, {0.5, -1}, {-0.5, -1}, {0.5, 1}, {-0.5, 1}};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    double x = p->x + ways[i][0] * (away + 0.5 * e.width);
    double y = p->y + ways[i][1] * (away + 0.5 * e.height - (fabs(ways[i][0]) == 1.0 ? 2.0 : 0.0));
    *at = (box){x - 0.5 * e.width, y - 0.5 * e.height + 1.0, x + 0.5 * e.width,
                y + 0.5 * e.height - 1.0};
    bool level = !line && ways[i][1] == 0.0;
    double apart = level ? 0.0 : 2.0; /* or it would read as a second line of another label */
    box room = {at->left, at->top - apart, at->right, at->bottom + apart};
    /* No other point may be about as near, so that the label can be only this one's; one at the
     * point's height, or with a line, says so by itself. */
    double far = 0.5 * f->marker + 2.0;
    if (!line) far = distance(at, p->x, p->y) + 2.0 * apart;
    if (!is_free(f, &room) || !is_clear(f, p, at, far)) continue;
    if (!line) return true;
    *line = leader_to(f, p, at);
    if (leader_is_free(f, line)) return true;
  }
  return false;
}

/* Beside the point, above or below it; for those whose GAI is significant also farther away. */
static bool place_label(const plane *f, const point *p, dss_extent e, box *at, leader *line) {
  static const double more[] = {8.0, 14.0, 20.0, 28.0, 36.0, 46.0, 56.0};
  double away = 0.5 * f->marker + 2.5;
  line->n = 0;
  if (place_around(f, p, e, away, at, NULL)) return true;
  for (size_t i = 0; p->sureness >= DSS_SURE_P && i < sizeof more / sizeof *more; i++)
    if (place_around(f, p, e, away + more[i], at, line)) return true;
  return false;
}

/* The place is taken from now on. */
static void draw_label(plane *f, const dss_style *style, const char *name, const box *at,
                       const leader *line) {
  if (line->n > 0) {
    double last = (double)(line->n - 1);
    dss_line(f->canvas, DSS_SOFT_INK, 0.5, DSS_SOLID, line->from[0], line->from[1],
             line->from[0] + last * line->step[0], line->from[1] + last * line->step[1]);
  }
  for (size_t i = 0; i < line->n; i++)
    f->boxes[f->n_boxes++] = step_of(line, i);
  f->boxes[f->n_boxes++] = *at;
  dss_write_middle(f->canvas, style, at->left, 0.5 * (at->top + at->bottom), name);
}

static void draw_labels(plane *f) {
  const dss_style style = {
      .size = DSS_NOTE_SIZE, .color = DSS_INK, .width = LABEL_WIDTH, .halo = true};
  for (size_t i = 0; i < f->n; i++) {
    const char *name = dss_results_group(f->r, f->points[i].group);
    box at;
    leader line;
    if (i >= MOST_LABELS) {
      f->unlabelled += f->n - i;
      break;
    }
    if (place_label(f, &f->points[i], dss_measure(f->canvas, &style, name), &at, &line))
      draw_label(f, &style, name, &at, &line);
    else
      f->unlabelled++;
  }
}

/* --- lines of equal GAI -------------------------------------------------------------------- */

/* Where y = gai * x leaves the plot at its right end or its top (bottom, for rays that fall), in
 * numbers of the axes. false: it does not cross the plot. */
static bool ray(const plane *f, double gai, double from[2], double to[2]) {
  const dss_limits *x = &f->plot.x, *y = &f->plot.y;
  double low = fmax(x->low, 0.0), high = x->high;
  if (gai > 0.0) {
    low = fmax(low, y->low / gai);
    high = fmin(high, y->high / gai);
  }
  /* A short end in a corner is no line. */
  if (!(high - low > 0.06 * (x->high - x->low))) return false;
  from[0] = low;
  from[1] = gai * low;
  to[0] = high;
  to[1] = gai * high;
  return to[1] > y->low && from[1] < y->high;
}

static void draw_rays(plane *f) {
  static const double values[] = {1.0, 0.5, 2.0, 0.8, 1.25, 1.5, 0.25,
                                  3.0, 0.9, 1.1, 4.0, 5.0,  10.0};
  const dss_style style = {.size = DSS_NOTE_SIZE, .color = DSS_SOFT_INK};
  double taken[sizeof values / sizeof *values];
  size_t n = 0;
  char text[32];
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    double from[2], to[2];
    if (!ray(f, values[i], from, to)) continue;
    double x = dss_plot_x(&f->plot, to[0]), y = dss_plot_y(&f->plot, to[1]);
    bool top = x < f->plot.right - 1.0;
    /* One number for both borders: along the top, then down the right one. */
    double along = top ? x : f->plot.right + y - f->plot.top;
    bool room = true;
    for (size_t k = 0; k < n; k++)
      room &= fabs(along - taken[k]) > (top ? 44.0 : 14.0);
    if (!room) continue;
    taken[n++] = along;
    dss_line(f->canvas, values[i] == 1.0 ? DSS_INK : DSS_LINE, values[i] == 1.0 ? 0.9 : 0.6,
             values[i] == 1.0 ? DSS_DASHED : DSS_DOTTED, dss_plot_x(&f->plot, from[0]),
             dss_plot_y(&f->plot, from[1]), x, y);
    snprintf(text, sizeof text, "GAI %.4g", values[i]);
    dss_extent e = dss_measure(f->canvas, &style, text);
    if (top)
      dss_write(f->canvas, &style, fmin(x - 0.5 * e.width, f->plot.right - e.width),
                f->plot.top - e.height - 1.0, text);
    else
      dss_write_middle(f->canvas, &style, x + 4.0, y, text);
  }
}

/* Where XRR is not positive GAI has no reading. */
static void shade_no_reading(const plane *f) {
  const dss_style style = {.size = DSS_NOTE_SIZE, .italic = true, .color = DSS_SOFT_INK};
  if (f->plot.x.low >= 0.0) return;
  double to = dss_plot_x(&f->plot, fmin(0.0, f->plot.x.high));
  dss_hatch(f->canvas, f->plot.left, f->plot.top, to - f->plot.left, f->plot.bottom - f->plot.top);
  if (to - f->plot.left > 60.0)
    dss_write(f->canvas, &style, f->plot.left + 3.0, f->plot.bottom - 12.0,
              "no GAI: XRR \xe2\x89\xa4 0");
}

/* --- words --------------------------------------------------------------------------------- */

static double draw_heading(const plane *f) {
  size_t n = f->all.end - f->all.first;
  char count[DSS_NUMBER_ROOM];
  dss_sentences w = {.n = 0};
  const char *question = dss_name_question(&w, f->r, f->q),
             *resamples = dss_name_resamples(&w, f->r);
  dss_say(&w, "Agreement within and with others, by %s",
          dss_name(&w, dss_results_axis(f->r, f->axis)));
  dss_say(&w, "%s; %s group%s, marked by GAI; %s", question, dss_count_text(n, count),
          dss_plural(n), resamples);
  double y = dss_draw_heading(f->canvas, &w);
  dss_sentences_free(&w);
  return y;
}

/* One sentence, of the first MOST_NAMED. */
static void note_undefined(const plane *f, dss_sentences *notes) {
  char *text = NULL;
  size_t size, named = 0;
  FILE *to = f->undefined > 0 ? open_memstream(&text, &size) : NULL;
  if (!to) return;
  fputs("Not drawn, as IRR or XRR is undefined: ", to);
  for (size_t g = f->all.first; g < f->all.end && named < MOST_NAMED; g++) {
    double irr = number(f, g, DSS_IRR), xrr = number(f, g, DSS_XRR);
    if (!isnan(irr) && !isnan(xrr)) continue;
    const dss_cell *missing = dss_results_cell(f->r, f->q, g, isnan(irr) ? DSS_IRR : DSS_XRR);
    fprintf(to, "%s%s (%s)", named++ ? "; " : "", dss_name(notes, dss_results_group(f->r, g)),
            missing ? dss_reason_text(missing->reason) : "not computed");
  }
  if (f->undefined > named) fprintf(to, "; and %zu more", f->undefined - named);
  if (fclose(to) == 0) dss_say(notes, "%s.", text);
  free(text);
}

static double draw_words(const plane *f, double y) {
  dss_legend legend = {.n = 0};
  dss_sentences notes = {.n = 0};
  dss_legend_add_sureness(&legend, f->sure, "GAI is undefined, or not tested");
  dss_legend_add(&legend, DSS_SIGN_DASHED, DSS_INK, "GAI = 1: as with all others");
  y = dss_draw_legend(f->canvas, &legend, y);
  if (f->unlabelled > 0)
    dss_say(&notes,
            "Without a name: %zu group%s. Named are the surest, and those farthest from GAI = 1, "
            "%d at most, where there is room.",
            f->unlabelled, dss_plural(f->unlabelled), MOST_LABELS);
  if (f->outside > 0)
    dss_say(&notes, "Outside of the picture, where an arrow is: %zu group%s.", f->outside,
            dss_plural(f->outside));
  note_undefined(f, &notes);
  y = dss_draw_notes(f->canvas, &notes, y);
  dss_sentences_free(&notes);
  return y;
}

/* --- the whole --------------------------------------------------------------------------- */

static double draw_plot(plane *f, double y) {
  f->plot.top = y + 8.0;
  f->plot.bottom = f->plot.top + PLOT_HEIGHT;
  f->plot.right = DSS_PAGE_WIDTH - DSS_MARGIN - ISO_ROOM;
  f->plot.left = DSS_MARGIN + dss_y_axis_room(f->canvas, &f->plot.y, PLOT_HEIGHT, "IRR");
  for (size_t g = f->all.first; g < f->all.end; g++)
    add_point(f, g);
  qsort(f->points, f->n, sizeof *f->points, heavier);
  f->marker = f->n <= 40 ? 7.0 : f->n <= 200 ? 5.5 : 4.5;
  dss_draw_y_axis(f->canvas, &f->plot, "IRR: agreement within the group", true);
  double end = dss_draw_x_axis(f->canvas, &f->plot, "XRR: agreement with all others", true);
  shade_no_reading(f);
  draw_rays(f);
  draw_points(f);
  draw_labels(f);
  return end;
}

dss_status dss_draw_plane(dss_canvas *canvas, const void *what, double *height) {
  const dss_kind_figure *k = what;
  plane f = {.canvas = canvas,
             .r = k->results,
             .q = k->figure->question,
             .axis = k->figure->axis,
             .all = dss_axis_groups_of(k->results, k->figure->axis)};
  size_t n = f.all.end - f.all.first;
  DSS_TRY(set_limits(&f));
  dss_status status = DSS_ALLOC(canvas->context, &f.points, n);
  if (status == DSS_OK)
    status = DSS_ALLOC(canvas->context, &f.boxes, n + MOST_LABELS * (MOST_STEPS + 1));
  if (status == DSS_OK) {
    double y = draw_heading(&f);
    *height = draw_words(&f, draw_plot(&f, y));
  }
  free(f.points);
  free(f.boxes);
  return status;
}
