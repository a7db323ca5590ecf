/* All p-values of a question in order, against those that uniform p-values would have. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "host/stats/pvalues.h"
#include "host/stats/quantile.h"
#include "kinds.h"
#include "layout.h"

enum { MOST_POINTS = 400 };
#define PANEL_GAP 26.0

typedef struct calibration {
  dss_canvas *canvas;
  const dss_results *r;
  size_t q;
  double *p;               /* [n] ascending */
  size_t n, sure, hopeful; /* q < 0.05; p < 0.05 */
  size_t *points;          /* [n] */
} calibration;

static dss_status collect(calibration *f) {
  size_t groups = dss_results_n_groups(f->r);
  DSS_TRY(DSS_ALLOC(f->canvas->context, &f->p, groups * DSS_N_STATISTICS));
  for (size_t g = 0; g < groups; g++)
    for (int s = 0; s < DSS_N_STATISTICS; s++) {
      const dss_cell *cell = dss_results_cell(f->r, f->q, g, (dss_statistic)s);
      if (!cell || isnan(cell->p)) continue;
      f->p[f->n++] = cell->p;
      f->sure += cell->q_bh < 0.05;
      f->hopeful += cell->p < 0.05;
    }
  dss_sort_ascending(f->p, f->n);
  return DSS_OK;
}

/* Where the i-th (from 0) of n uniform values is, in the middle. */
static double expected(const calibration *f, size_t i) {
  return ((double)i + 0.5) / (double)f->n;
}

/* The level's quantile of the i-th smallest (from 0) of n uniform values, Beta(i + 1, n - i). */
static double order_quantile(const calibration *f, size_t i, double level) {
  double low = 0.0, high = 1.0, a = (double)i + 1.0, b = (double)(f->n - i);
  for (int step = 0; step < 60; step++) {
    double middle = 0.5 * (low + high);
    if (dss_incomplete_beta(a, b, middle) < level)
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

static double shown(bool logarithmic, double p) {
  return logarithmic ? -log10(p) : p;
}

/* Indices to draw, into points [n]: all, or about MOST_POINTS that stand equally far apart on the
 * panel; the first and the last are among them. How many. */
static size_t choose_points(const calibration *f, bool logarithmic, size_t *points) {
  size_t n = 0;
  double least = shown(logarithmic, expected(f, f->n - 1)) - shown(logarithmic, expected(f, 0));
  least = fabs(least) / MOST_POINTS;
  for (size_t i = 0; i < f->n; i++) {
    double at = shown(logarithmic, expected(f, i));
    bool apart = n == 0 || fabs(at - shown(logarithmic, expected(f, points[n - 1]))) >= least;
    if (apart || i + 1 == f->n) points[n++] = i;
  }
  return n;
}

static void draw_band(const calibration *f, const dss_plot *plot, bool logarithmic,
                      const size_t *points, size_t n) {
  cairo_t *cr = f->canvas->cairo;
  cairo_save(cr);
  cairo_rectangle(cr, plot->left, plot->top, plot->right - plot->left, plot->bottom - plot->top);
  cairo_clip(cr);
  for (size_t i = 0; i < 2 * n; i++) { /* there along one edge, and back along the other */
    size_t at = points[i < n ? i : 2 * n - 1 - i];
    double p = order_quantile(f, at, i < n ? 0.025 : 0.975);
    cairo_line_to(cr, dss_plot_x(plot, shown(logarithmic, expected(f, at))),
                  dss_plot_y(plot, shown(logarithmic, p)));
  }
  cairo_close_path(cr);
  cairo_set_source_rgb(cr, 0.878, 0.89, 0.91);
  cairo_fill(cr);
  cairo_restore(cr);
}

static void draw_points(const calibration *f, const dss_plot *plot, bool logarithmic,
                        const size_t *points, size_t n) {
  double size = f->n <= 60 ? 4.0 : f->n <= 300 ? 3.0 : 2.4;
  cairo_t *cr = f->canvas->cairo;
  cairo_set_source_rgb(cr, 0.0, 0.447, 0.698);
  for (size_t i = 0; i < n; i++) {
    double x = dss_plot_x(plot, shown(logarithmic, expected(f, points[i])));
    double y = dss_plot_y(plot, shown(logarithmic, f->p[points[i]]));
    cairo_new_sub_path(cr);
    cairo_arc(cr, x, y, 0.5 * size, 0.0, 6.283185307179586);
    cairo_close_path(cr);
  }
  cairo_fill(cr);
}

static double draw_panel(const calibration *f, dss_plot *plot, bool logarithmic) {
  const dss_style style = {
      .size = DSS_LABEL_SIZE, .bold = true, .color = DSS_INK, .width = plot->right - plot->left};
  dss_write(f->canvas, &style, plot->left, plot->top - 13.0,
            logarithmic ? "Small p-values, logarithmic" : "All p-values");
  dss_draw_y_axis(f->canvas, plot, logarithmic ? "observed \xe2\x88\x92log10 p" : "observed p",
                  true);
  double end = dss_draw_x_axis(
      f->canvas, plot, logarithmic ? "expected \xe2\x88\x92log10 p" : "expected p, if uniform",
      true);
  size_t n = choose_points(f, logarithmic, f->points);
  draw_band(f, plot, logarithmic, f->points, n);
  dss_line(f->canvas, DSS_SOFT_INK, 0.9, DSS_DASHED, dss_plot_x(plot, plot->x.low),
           dss_plot_y(plot, plot->x.low), dss_plot_x(plot, fmin(plot->x.high, plot->y.high)),
           dss_plot_y(plot, fmin(plot->x.high, plot->y.high)));
  draw_points(f, plot, logarithmic, f->points, n);
  return end;
}

static double draw_heading(const calibration *f) {
  char n[DSS_NUMBER_ROOM], hopeful[DSS_NUMBER_ROOM], sure[DSS_NUMBER_ROOM];
  dss_sentences w = {.n = 0};
  dss_say(&w, "p-values in order: %s", dss_name(&w, dss_results_question(f->r, f->q)));
  dss_say(&w,
          "%s test%s of all statistics and groups, %s with p\302\240<\302\2400.05 (%.4g expected "
          "where there is nothing), %s with q\302\240<\302\2400.05; %s",
          dss_count_text(f->n, n), dss_plural(f->n), dss_count_text(f->hopeful, hopeful),
          0.05 * (double)f->n, dss_count_text(f->sure, sure), dss_name_resamples(&w, f->r));
  double y = dss_draw_heading(f->canvas, &w);
  dss_sentences_free(&w);
  return y;
}

/* How many tests have the smallest p that the resamples can give. */
static size_t count_least(const calibration *f) {
  const char *arrangements = dss_results_provenance(f->r, "arrangements");
  bool exact = arrangements && strcmp(arrangements, "all") == 0;
  double least = 2.0 / ((double)dss_results_resamples(f->r) + (exact ? 0.0 : 1.0));
  size_t count = 0;
  while (count < f->n && f->p[count] <= least * (1.0 + 1e-9))
    count++;
  return count;
}

static double draw_words(const calibration *f, double y) {
  char p[DSS_NUMBER_ROOM];
  dss_legend legend = {.n = 0};
  dss_sentences notes = {.n = 0};
  dss_legend_add(&legend, DSS_SIGN_BOX, 0xe0e3e8u,
                 "95% of independent uniform p-values, place by place");
  dss_legend_add(&legend, DSS_SIGN_DASHED, DSS_SOFT_INK, "observed = expected");
  y = dss_draw_legend(f->canvas, &legend, y);
  dss_say(
      &notes,
      "The band is for independent tests. Groups of one study share raters and items, and "
      "statistics share ratings, so these tests depend on one another: the points may leave the "
      "band together by chance, and a point outside of it is no test.");
  size_t least = count_least(f);
  if (least > 0)
    dss_say(&notes,
            "%zu test%s the smallest p that these resamples can give, %s; more "
            "resamples may give a smaller one.",
            least, least == 1 ? " has" : "s have", dss_p_text(f->p[0], p));
  y = dss_draw_notes(f->canvas, &notes, y);
  dss_sentences_free(&notes);
  return y;
}

static void set_panels(const calibration *f, double y, dss_plot panels[2]) {
  double deepest = fmax(-log10(f->p[0]), -log10(expected(f, 0)));
  panels[0].x = panels[0].y = (dss_limits){0.0, 1.0};
  panels[1].x = (dss_limits){0.0, fmax(-log10(expected(f, 0)), 1.0) * 1.05};
  panels[1].y =
      (dss_limits){0.0, fmax(fmax(deepest, -log10(order_quantile(f, 0, 0.025))), 1.0) * 1.05};
  double width = 0.5 * (DSS_PAGE_WIDTH - 2.0 * DSS_MARGIN - PANEL_GAP), height = 160.0;
  for (size_t i = 0; i < 2; i++) {
    double left = DSS_MARGIN + (double)i * (width + PANEL_GAP);
    panels[i].top = y + 15.0;
    panels[i].bottom = panels[i].top + height;
    panels[i].left = left + dss_y_axis_room(f->canvas, &panels[i].y, height, "p");
    panels[i].right = left + width;
  }
}

dss_status dss_draw_calibration(dss_canvas *canvas, const void *what, double *height) {
  const dss_kind_figure *k = what;
  calibration f = {.canvas = canvas, .r = k->results, .q = k->figure->question};
  dss_plot panels[2];
  dss_status status = collect(&f);
  if (status == DSS_OK) status = DSS_ALLOC(canvas->context, &f.points, f.n);
  if (status == DSS_OK) {
    set_panels(&f, draw_heading(&f), panels);
    double end = draw_panel(&f, &panels[0], false);
    end = fmax(end, draw_panel(&f, &panels[1], true));
    *height = draw_words(&f, end);
  }
  free(f.p);
  free(f.points);
  return status;
}
