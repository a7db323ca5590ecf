/* Powers as lines with bands, the power that is wanted, and where it is reached. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "kinds.h"
#include "layout.h"
#include "power.h"

enum { MOST_IN_LEGEND = DSS_MOST_LEGEND - 1, MOST_PANELS = 48 };
#define GAP 24.0
#define LABEL_ROOM 26.0 /* of a line's GAI behind its end */
#define LABEL_STEP 9.5

typedef struct drawing {
  dss_canvas *canvas;
  const dss_power *power;
  dss_power_picture picture;
  dss_limits x;
  size_t shown; /* panels */
} drawing;

/* --- lines ----------------------------------------------------------------------------------- */

static void set_color(cairo_t *cr, dss_color color, double alpha) {
  cairo_set_source_rgba(cr, (color >> 16 & 255) / 255.0, (color >> 8 & 255) / 255.0,
                        (color & 255) / 255.0, alpha);
}

static double point_x(const drawing *d, const dss_plot *plot, size_t point) {
  return dss_plot_x(plot, dss_power_place(dss_power_get_point(d->power, point), d->picture.along));
}

static void draw_band(const drawing *d, const dss_plot *plot, const dss_power_line *line,
                      dss_color color) {
  cairo_t *cr = d->canvas->cairo;
  cairo_new_path(cr);                        /* a text before leaves its place */
  for (size_t i = 0; i < 2 * line->n; i++) { /* there along the upper ends, and back */
    size_t at = line->points[i < line->n ? i : 2 * line->n - 1 - i];
    const dss_power_point *p = dss_power_get_point(d->power, at);
    cairo_line_to(cr, point_x(d, plot, at),
                  dss_plot_y(plot, 100 * (i < line->n ? p->high : p->low)));
  }
  cairo_close_path(cr);
  set_color(cr, color, 0.16);
  cairo_fill(cr);
}

static void draw_line(const drawing *d, const dss_plot *plot, const dss_power_line *line,
                      dss_color color) {
  cairo_t *cr = d->canvas->cairo;
  cairo_new_path(cr);
  for (size_t i = 0; i < line->n; i++) {
    const dss_power_point *p = dss_power_get_point(d->power, line->points[i]);
    cairo_line_to(cr, point_x(d, plot, line->points[i]), dss_plot_y(plot, 100 * p->power));
  }
  set_color(cr, color, 1.0);
  cairo_set_line_width(cr, 1.4);
  cairo_set_dash(cr, NULL, 0, 0.0);
  cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke(cr);
  for (size_t i = 0; i < line->n; i++) {
    const dss_power_point *p = dss_power_get_point(d->power, line->points[i]);
    cairo_new_sub_path(cr);
    cairo_arc(cr, point_x(d, plot, line->points[i]), dss_plot_y(plot, 100 * p->power), 2.1, 0.0,
              6.283185307179586);
    cairo_close_path(cr);
  }
  cairo_fill(cr);
}

/* A single point has no line: its interval is one. */
static void draw_single(const drawing *d, const dss_plot *plot, const dss_power_line *line,
                        dss_color color) {
  const dss_power_point *p = dss_power_get_point(d->power, line->points[0]);
  double x = point_x(d, plot, line->points[0]);
  if (line->n == 1)
    dss_line(d->canvas, color, 1.0, DSS_SOLID, x, dss_plot_y(plot, 100 * p->low), x,
             dss_plot_y(plot, 100 * p->high));
}

/* Number `l` of a panel's: the larger the GAI the darker; false positives are grey. */
static dss_color color_of(const dss_power_panel *panel, size_t l) {
  size_t before = 0, all = 0;
  if (panel->lines[l].gai == 0) return DSS_SURE_Q_COLOR;
  if (panel->lines[l].gai == 1) return DSS_LINE;
  for (size_t i = 0; i < panel->n_lines; i++) {
    before += panel->lines[i].gai != 1 && panel->lines[i].gai < panel->lines[l].gai;
    all += panel->lines[i].gai != 1;
  }
  return dss_sequential_color(all == 1 ? 0.75 : 0.5 + 0.5 * (double)before / (double)(all - 1));
}

/* --- labels ---------------------------------------------------------------------------------- */

typedef struct label {
  double gai, x, y; /* of the line's end */
} label;

static int by_height(const void *a, const void *b) {
  const label *p = a, *q = b;
  if (p->y != q->y) return p->y < q->y ? -1 : 1;
  return (p->gai < q->gai) - (p->gai > q->gai); /* y grows downwards */
}

/* Each line's GAI behind its end, from above; those that would touch move down. */
static dss_status draw_labels(const drawing *d, const dss_plot *plot,
                              const dss_power_panel *panel) {
  const dss_style style = {
      .size = DSS_LABEL_SIZE, .color = DSS_INK, .align = DSS_LEFT, .halo = true};
  char text[DSS_NUMBER_ROOM];
  label *labels;
  double least = plot->top;
  DSS_TRY(DSS_ALLOC(d->canvas->context, &labels, panel->n_lines));
  for (size_t l = 0; l < panel->n_lines; l++) {
    size_t last = panel->lines[l].points[panel->lines[l].n - 1];
    const dss_power_point *p = dss_power_get_point(d->power, last);
    labels[l] =
        (label){panel->lines[l].gai, point_x(d, plot, last), dss_plot_y(plot, 100 * p->power)};
  }
  qsort(labels, panel->n_lines, sizeof *labels, by_height);
  for (size_t l = 0; l < panel->n_lines; l++) {
    double y = fmax(labels[l].y, least);
    snprintf(text, sizeof text, "%.4g", labels[l].gai);
    dss_write_middle(d->canvas, &style, labels[l].x + 5.0, y, text);
    least = y + LABEL_STEP;
  }
  free(labels);
  return DSS_OK;
}

/* --- panels ---------------------------------------------------------------------------------- */

/* "gender=Woman,age=GenZ" as "Woman * GenZ": small panels have little room. */
static void shorten(const char *group, char *text, size_t room) {
  size_t used = 0;
  *text = '\0';
  for (const char *at = group; *at && used < room;) {
    size_t name = strcspn(at, "=") + 1, length = strcspn(at, ",");
    if (name > length) name = 0;
    used += (size_t)snprintf(text + used, room - used, "%s%.*s", at > group ? " * " : "",
                             (int)(length - name), at + name);
    at += length + (at[length] == ',');
  }
}

static const char *title_of(const drawing *d, const dss_power_panel *panel, dss_sentences *words) {
  const dss_power_point *p = dss_power_get_point(d->power, panel->first);
  size_t at = words->n;
  char name[160];
  if (dss_power_is_of_study(d->power)) {
    shorten(p->group, name, sizeof name);
    dss_say(words, "%s (%u)", dss_name(words, name), p->raters_per_group);
  } else if (d->picture.n_panels == 1) {
    return NULL;
  } else if (d->picture.along == DSS_POWER_RATERS) {
    dss_say(words, "%.4g ratings an item", p->ratings_per_item);
  } else {
    dss_say(words, "%u raters in the group", p->raters_per_group);
  }
  return words->n > at ? words->text[at] : NULL;
}

/* Where the power wanted is reached, along GAI: a drop to the axis with the number. */
static void draw_need(const drawing *d, const dss_plot *plot, const dss_power_panel *panel) {
  const dss_power_point *first = dss_power_get_point(d->power, panel->first);
  if (d->picture.along != DSS_POWER_GAI) return;
  for (size_t i = 0; i < dss_power_n_needs(d->power); i++) {
    const dss_power_need *need = dss_power_get_need(d->power, i);
    if (need->along != DSS_POWER_GAI || strcmp(need->group, first->group) != 0 ||
        need->needed.beyond != 0)
      continue;
    char text[DSS_NUMBER_ROOM];
    double x = dss_plot_x(plot, need->needed.value);
    double wanted = 100 * dss_power_get_test(d->power)->power;
    const dss_style style = {
        .size = DSS_LABEL_SIZE, .bold = true, .color = DSS_INK, .align = DSS_LEFT, .halo = true};
    dss_line(d->canvas, DSS_INK, 0.8, DSS_SOLID, x, dss_plot_y(plot, wanted), x, plot->bottom);
    dss_write(d->canvas, &style, x + 3.0, plot->bottom - 13.0,
              dss_number_text(need->needed.value, 2, text));
    return;
  }
}

static dss_status draw_panel(const drawing *d, const dss_power_panel *panel, dss_plot *plot,
                             bool first_column, bool last_row, double *end) {
  static const char *const names[] = {"raters of the group", "ratings an item", "GAI"};
  const dss_power_test *test = dss_power_get_test(d->power);
  dss_sentences words = {.n = 0};
  const char *title = title_of(d, panel, &words);
  const dss_style style = {.size = DSS_LABEL_SIZE,
                           .bold = true,
                           .color = DSS_INK,
                           .width = plot->right - plot->left,
                           .composed = true};
  if (title) dss_write(d->canvas, &style, plot->left, plot->top - 12.0, title);
  dss_draw_y_axis(d->canvas, plot, first_column ? "power, %" : "", true);
  *end = dss_draw_x_axis(d->canvas, plot, last_row ? names[d->picture.along] : "", true);
  for (size_t l = 0; l < panel->n_lines; l++) {
    draw_band(d, plot, &panel->lines[l], color_of(panel, l));
    draw_single(d, plot, &panel->lines[l], color_of(panel, l));
  }
  double wanted = dss_plot_y(plot, 100 * test->power), alpha = dss_plot_y(plot, 100 * test->alpha);
  dss_line(d->canvas, DSS_SOFT_INK, 0.9, DSS_DASHED, plot->left, wanted, plot->right, wanted);
  dss_line(d->canvas, DSS_SOFT_INK, 0.9, DSS_DOTTED, plot->left, alpha, plot->right, alpha);
  for (size_t l = 0; l < panel->n_lines; l++)
    draw_line(d, plot, &panel->lines[l], color_of(panel, l));
  draw_need(d, plot, panel);
  dss_sentences_free(&words);
  return d->picture.along == DSS_POWER_GAI ? DSS_OK : draw_labels(d, plot, panel);
}

/* One wide, two beside one another, or many small ones. */
static dss_status draw_panels(const drawing *d, double *y) {
  size_t n = d->shown, columns = n == 1 ? 1 : n <= 4 ? 2 : 3;
  double width =
      (DSS_PAGE_WIDTH - 2.0 * DSS_MARGIN - GAP * (double)(columns - 1)) / (double)columns;
  double height = columns == 1 ? 190.0 : columns == 2 ? 140.0 : 88.0, end = *y;
  double labels = d->picture.along == DSS_POWER_GAI ? 0.0 : LABEL_ROOM;
  for (size_t k = 0; k < n; k++) {
    bool last = k + columns >= n;
    dss_plot plot = {.x = d->x, .y = {0.0, 100.0}};
    if (k % columns == 0) *y = end;
    plot.top = *y + (n > 1 ? 18.0 : 6.0);
    plot.bottom = plot.top + height;
    plot.left =
        DSS_MARGIN + (double)(k % columns) * (width + GAP) +
        dss_y_axis_room(d->canvas, &plot.y, height, columns < 3 || k % columns == 0 ? "p" : "");
    plot.right = DSS_MARGIN + (double)(k % columns) * (width + GAP) + width - labels;
    double bottom;
    DSS_TRY(draw_panel(d, &d->picture.panels[k], &plot, k % columns == 0, last, &bottom));
    end = fmax(end, bottom);
  }
  *y = end;
  return DSS_OK;
}

/* --- words ----------------------------------------------------------------------------------- */

static double draw_heading(const drawing *d) {
  const dss_power_test *test = dss_power_get_test(d->power);
  const dss_power_point *first = dss_power_get_point(d->power, 0);
  char studies[DSS_NUMBER_ROOM], permutations[DSS_NUMBER_ROOM];
  dss_sentences words = {.n = 0};
  if (dss_power_is_of_study(d->power))
    dss_say(&words, "The GAI that this study could have found: %s",
            dss_name(&words, dss_power_provenance(d->power, "question")));
  else
    dss_say(&words, "Power to find a group\xe2\x80\x99s cohesion: %s",
            dss_name(&words, first->group));
  dss_say(&words,
          "%s simulated studies a point, %s permutations each, found where %s\302\240<"
          "\302\240%.4g; %s items, agreement %s, leniency %s, seed %s",
          dss_count_text(test->studies, studies), dss_count_text(test->permutations, permutations),
          test->adjusted ? "q" : "p", test->alpha, dss_power_provenance(d->power, "items"),
          dss_power_provenance(d->power, "agreement"), dss_power_provenance(d->power, "leniency"),
          dss_power_provenance(d->power, "seed"));
  double y = dss_draw_heading(d->canvas, &words);
  dss_sentences_free(&words);
  return y;
}

static double draw_legend(const drawing *d, double y) {
  char texts[MOST_IN_LEGEND][DSS_NUMBER_ROOM], wanted[64];
  const dss_power_test *test = dss_power_get_test(d->power);
  const dss_power_panel *panel = &d->picture.panels[0];
  dss_legend legend = {.n = 0};
  for (size_t l = 0; l < panel->n_lines && l < MOST_IN_LEGEND; l++) {
    double gai = panel->lines[l].gai;
    if (gai == 0)
      snprintf(texts[l], sizeof texts[l], "power");
    else if (gai == 1)
      snprintf(texts[l], sizeof texts[l], "GAI 1: false positives");
    else
      snprintf(texts[l], sizeof texts[l], "GAI %.4g", gai);
    dss_legend_add(&legend, DSS_SIGN_BOX, color_of(panel, l), texts[l]);
  }
  snprintf(wanted, sizeof wanted, "%.4g%%, the power wanted", 100 * test->power);
  dss_legend_add(&legend, DSS_SIGN_DASHED, DSS_SOFT_INK, wanted);
  return dss_draw_legend(d->canvas, &legend, y);
}

static double draw_notes(const drawing *d, double y) {
  dss_sentences notes = {.n = 0};
  dss_say(
      &notes,
      "Bands: 95%% intervals (Clopper and Pearson) of the share of studies that find the group. "
      "Dotted: alpha, %.4g%%.",
      100 * dss_power_get_test(d->power)->alpha);
  if (dss_power_is_of_study(d->power))
    dss_say(&notes, "Beside a group's name: how many raters it has.");
  if (d->picture.along == DSS_POWER_GAI)
    dss_say(&notes, "The number under a line is the smallest GAI found with the power wanted: of "
                    "the isotonic regression of the points, straight between them over the "
                    "logarithm. None stands where it is not within the points.");
  else
    dss_say(&notes, "Behind each line its GAI: the larger, the darker.");
  if (d->shown < d->picture.n_panels)
    dss_say(&notes, "%zu more groups are in the table alone.", d->picture.n_panels - d->shown);
  y = dss_draw_notes(d->canvas, &notes, y);
  dss_sentences_free(&notes);
  return y;
}

static void set_limits(drawing *d) {
  d->x = (dss_limits){HUGE_VAL, -HUGE_VAL};
  for (size_t i = 0; i < dss_power_n_points(d->power); i++) {
    double x = dss_power_place(dss_power_get_point(d->power, i), d->picture.along);
    d->x.low = fmin(d->x.low, x);
    d->x.high = fmax(d->x.high, x);
  }
  if (!(d->x.high > d->x.low)) d->x.high = d->x.low + 1;
  d->x = dss_limits_padded(d->x, 0.03);
}

static dss_status draw_power(dss_canvas *canvas, const void *what, double *height) {
  drawing d = {.canvas = canvas, .power = what};
  dss_status status = dss_power_picture_make(canvas->context, d.power, &d.picture);
  if (status == DSS_OK) {
    d.shown = d.picture.n_panels < MOST_PANELS ? d.picture.n_panels : MOST_PANELS;
    set_limits(&d);
    *height = draw_heading(&d);
    status = draw_panels(&d, height);
    *height = draw_notes(&d, draw_legend(&d, *height));
  }
  dss_power_picture_free(&d.picture);
  return status;
}

dss_status dss_power_figure_draw(dss_context *context, const dss_power *power,
                                 dss_figure_format format, unsigned char **bytes, size_t *n) {
  const dss_page page = {draw_power, power, "Power to find a group's cohesion",
                         dss_power_provenance(power, "created_at")};
  return dss_page_render_plainly(context, &page, format, bytes, n);
}
