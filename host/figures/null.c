/* The null distribution of a group's GAI, and the observed value in it (GRASP, figures 1 to 8). */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "kinds.h"
#include "layout.h"

enum { LOW_QUANTILE = 1, MEDIAN = 3, HIGH_QUANTILE = 5, BINS = DSS_HISTOGRAM_BINS };
#define PLOT_HEIGHT 150.0

typedef struct null {
  dss_canvas *canvas;
  const dss_results *r;
  size_t q, g;
  const dss_cell *cell;
  const uint64_t *counts; /* [BINS + 2] */
  double edges[2];
  size_t together; /* bins drawn as one */
  dss_plot plot;
  bool clipped;
} null;

static double edge_of(const null *f, size_t bin) {
  return f->edges[0] + (double)bin * (f->edges[1] - f->edges[0]) / BINS;
}

static uint64_t count_of(const null *f, size_t bin) {
  uint64_t count = 0;
  for (size_t i = bin; i < bin + f->together && i < BINS; i++)
    count += f->counts[1 + i];
  return count;
}

/* Where the bars are: from the first bin with a count to the last, without wild ends. */
static void set_limits(null *f) {
  const dss_cell *c = f->cell;
  double inner = 0.0, low = f->edges[1], high = f->edges[0];
  for (size_t i = 0; i < BINS; i++)
    inner += (double)f->counts[1 + i];
  double seen = 0.0;
  for (size_t i = 0; i < BINS; i++) {
    double before = seen;
    seen += (double)f->counts[1 + i];
    if (f->counts[1 + i] == 0) continue;
    /* A bin counts unless everything on its side of it is less than a thousandth. */
    if (seen >= 0.001 * inner) low = fmin(low, edge_of(f, i));
    if (inner - before >= 0.001 * inner) high = fmax(high, edge_of(f, i + 1));
  }
  if (low >= high) {
    low = fmin(f->edges[0], c->null_mean);
    high = fmax(f->edges[1], c->null_mean);
  }
  double width = fmax(high - low, 1e-6);
  f->plot.x = (dss_limits){low, low + width};
  /* The observed value is in the picture unless that would leave the null a sliver. */
  if (c->estimate > low - 3.0 * width && c->estimate < high + 3.0 * width)
    f->plot.x = dss_limits_with(f->plot.x, c->estimate);
  else
    f->plot.x =
        c->estimate > high ? (dss_limits){low, high + width} : (dss_limits){low - width, high};
  if (1.0 > f->plot.x.low - 0.5 * width && 1.0 < f->plot.x.high + 0.5 * width)
    f->plot.x = dss_limits_with(f->plot.x, 1.0);
  f->plot.x = dss_limits_padded(f->plot.x, 0.04);
}

/* A bin is outside of the central 95% where its middle is. */
static bool is_tail(const null *f, double middle) {
  return middle < f->cell->quantiles[LOW_QUANTILE] || middle > f->cell->quantiles[HIGH_QUANTILE];
}

static double most_of(const null *f) {
  double most = 0.0;
  for (size_t i = 0; i < BINS; i += f->together)
    most = fmax(most, (double)count_of(f, i));
  return most;
}

static void draw_bars(const null *f) {
  for (size_t i = 0; i < BINS; i += f->together) {
    uint64_t count = count_of(f, i);
    double from = edge_of(f, i), to = edge_of(f, i + f->together);
    if (count == 0 || to <= f->plot.x.low || from >= f->plot.x.high) continue;
    double left = dss_plot_x(&f->plot, from), right = dss_plot_x(&f->plot, to);
    double top = dss_plot_y(&f->plot, (double)count);
    double gap = right - left > 3.0 ? 0.4 : 0.0;
    dss_box(f->canvas, is_tail(f, 0.5 * (from + to)) ? DSS_TAIL : DSS_BAND, left, top,
            fmax(right - left - gap, 0.8), f->plot.bottom - top);
  }
}

/* A dashed line with a word above it, which keeps clear of the observed value's line. */
static void draw_median(const null *f, double y) {
  const dss_style style = {.size = DSS_NOTE_SIZE, .color = DSS_SOFT_INK, .align = DSS_CENTER};
  double value = f->cell->quantiles[MEDIAN];
  if (!dss_limits_hold(&f->plot.x, value)) return;
  double x = dss_plot_x(&f->plot, value), observed = dss_plot_x(&f->plot, f->cell->estimate);
  dss_line(f->canvas, DSS_SOFT_INK, 0.8, DSS_DASHED, x, y + 9.0, x, f->plot.bottom);
  double half = 0.5 * dss_measure(f->canvas, &style, "median").width;
  x = fmin(fmax(x, f->plot.left + half), f->plot.right - half);
  if (fabs(x - observed) < half + 4.0)
    x = value < f->cell->estimate ? observed - half - 4.0 : observed + half + 4.0;
  dss_write(f->canvas, &style, x, y, "median");
}

static void draw_observed(null *f, double y) {
  char number[DSS_NUMBER_ROOM], text[80];
  dss_sureness sureness = dss_sureness_of(f->cell);
  dss_color color = dss_sureness_color(sureness);
  dss_style style = {.size = DSS_LABEL_SIZE, .bold = true, .color = DSS_INK};
  double x = dss_plot_x(&f->plot, f->cell->estimate);
  bool inside = dss_limits_hold(&f->plot.x, f->cell->estimate);
  snprintf(text, sizeof text, "observed %s%s", dss_number_text(f->cell->estimate, 3, number),
           dss_sureness_stars(sureness));
  dss_extent e = dss_measure(f->canvas, &style, text);
  bool on_left = x + 8.0 + e.width > f->plot.right;
  style.align = on_left ? DSS_RIGHT : DSS_LEFT;
  double middle = y + 0.5 * e.height;
  dss_write_middle(f->canvas, &style, on_left ? x - 8.0 : x + 8.0, middle, text);
  if (inside) {
    dss_line(f->canvas, color, 1.8, DSS_SOLID, x, middle, x, f->plot.bottom);
    dss_marker(f->canvas, sureness, x, middle, 8.0);
    return;
  }
  f->clipped = true;
  dss_arrow(f->canvas, color, x, middle, 8.0, f->cell->estimate > f->plot.x.high ? 1 : -1);
}

static double draw_heading(const null *f) {
  char p[DSS_NUMBER_ROOM], q[DSS_NUMBER_ROOM], raters[DSS_NUMBER_ROOM];
  uint32_t n = dss_results_group_raters(f->r, f->g);
  dss_sentences w = {.n = 0};
  const char *question = dss_name(&w, dss_results_question(f->r, f->q));
  const char *axis = dss_name(&w, dss_results_axis(f->r, dss_results_group_axis(f->r, f->g)));
  dss_say(&w, "Null distribution of GAI: %s", dss_name(&w, dss_results_group(f->r, f->g)));
  dss_say(&w, "%s, by %s, %s rater%s; p\302\240=\302\240%s (two-sided), q\302\240=\302\240%s; %s",
          question, axis, dss_count_text(n, raters), dss_plural(n), dss_p_text(f->cell->p, p),
          dss_p_text(f->cell->q_bh, q), dss_name_resamples(&w, f->r));
  double y = dss_draw_heading(f->canvas, &w);
  dss_sentences_free(&w);
  return y;
}

static double draw_legend(const null *f, double y) {
  dss_legend legend = {.n = 0};
  bool sure[DSS_N_SURENESS] = {false};
  sure[dss_sureness_of(f->cell)] = true;
  dss_legend_add_sureness(&legend, sure, "GAI is undefined, or not tested");
  dss_legend_add(&legend, DSS_SIGN_BOX, DSS_BAND, "central 95% of the resamples");
  dss_legend_add(&legend, DSS_SIGN_BOX, DSS_TAIL, "the outer 5%");
  return dss_draw_legend(f->canvas, &legend, y);
}

static uint64_t beyond(const null *f, bool above) {
  uint64_t count = f->counts[above ? BINS + 1 : 0];
  for (size_t i = 0; i < BINS; i++) {
    double from = edge_of(f, i), to = edge_of(f, i + 1);
    if (above ? from >= f->plot.x.high : to <= f->plot.x.low) count += f->counts[1 + i];
  }
  return count;
}

static double draw_notes(const null *f, double y) {
  char count[DSS_NUMBER_ROOM], all[DSS_NUMBER_ROOM], low[DSS_NUMBER_ROOM], high[DSS_NUMBER_ROOM];
  dss_sentences notes = {.n = 0};
  uint64_t below = beyond(f, false), above = beyond(f, true);
  if (below > 0)
    dss_say(&notes, "Left of the picture: %s of the resamples, down to %s.",
            dss_count_text(below, count), dss_number_text(f->cell->null_min, 3, low));
  if (above > 0)
    dss_say(&notes, "Right of the picture: %s of the resamples, up to %s.",
            dss_count_text(above, count), dss_number_text(f->cell->null_max, 3, high));
  if (f->cell->undefined > 0)
    dss_say(&notes,
            "GAI is undefined in %s of the %s resamples; they are not drawn, and count against "
            "significance.",
            dss_count_text(f->cell->undefined, count), dss_count_text(f->cell->resamples, all));
  if (f->clipped) dss_say(&notes, "The observed value lies outside of the picture (arrow).");
  y = dss_draw_notes(f->canvas, &notes, y);
  dss_sentences_free(&notes);
  return y;
}

dss_status dss_draw_null(dss_canvas *canvas, const void *what, double *height) {
  const dss_kind_figure *k = what;
  null f = {.canvas = canvas, .r = k->results, .q = k->figure->question, .g = k->figure->group};
  f.cell = dss_results_cell(f.r, f.q, f.g, DSS_GAI);
  f.counts = dss_results_histogram(f.r, f.q, f.g, DSS_GAI, f.edges);
  f.together = dss_bins_together((f.edges[1] - f.edges[0]) / BINS, f.cell->null_sd,
                                 (double)(f.cell->resamples - f.cell->undefined));
  set_limits(&f);
  f.plot.y = (dss_limits){0.0, fmax(most_of(&f), 1.0) * 1.04};
  double y = draw_heading(&f);
  f.plot.top = y + 24.0;
  f.plot.bottom = f.plot.top + PLOT_HEIGHT;
  f.plot.right = DSS_PAGE_WIDTH - DSS_MARGIN;
  f.plot.left = DSS_MARGIN + dss_y_axis_room(canvas, &f.plot.y, PLOT_HEIGHT, "resamples");
  dss_draw_y_axis(canvas, &f.plot, "resamples", true);
  double end = dss_draw_x_axis(canvas, &f.plot, "GAI = IRR / XRR", false);
  draw_bars(&f);
  dss_line(canvas, DSS_LINE, 0.7, DSS_SOLID, f.plot.left, f.plot.bottom, f.plot.right,
           f.plot.bottom);
  draw_median(&f, f.plot.top - 11.0);
  draw_observed(&f, y);
  *height = draw_notes(&f, draw_legend(&f, end));
  return DSS_OK;
}
