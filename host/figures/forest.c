/* A forest plot: a row a group, with its GAI, its interval, and where GAI lies by chance. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/core/alloc.h"
#include "kinds.h"
#include "layout.h"

enum { LOW_QUANTILE = 1, MEDIAN = 3, HIGH_QUANTILE = 5, VALUE_ROOM = 120 };
#define LABEL_WIDTH 150.0
#define GAP 8.0

/* Why a number is missing, by letters: reasons of estimates, then of intervals. */
enum { N_CODES = DSS_N_REASONS + DSS_N_WITHHELDS };

typedef struct forest {
  dss_canvas *canvas;
  const dss_results *r;
  size_t q, axis;
  dss_axis_groups all; /* of the axis */
  size_t first, end;   /* on this page */
  dss_plot plot;
  dss_style label, value, count;
  double pitch;
  char letters[N_CODES]; /* 0: does not occur */
  bool sure[DSS_N_SURENESS];
  bool band, interval, unbounded, clipped, misses;
} forest;

static const dss_cell *cell_of(const forest *f, size_t g) {
  return dss_results_cell(f->r, f->q, g, DSS_GAI);
}

static bool has_interval(const dss_cell *cell) {
  return *cell->ci_method != '\0' && !isnan(cell->ci_low) && !isnan(cell->ci_high);
}

static bool has_band(const dss_cell *cell) {
  return cell->resamples > cell->undefined && !isnan(cell->null_min);
}

/* A quantile outside of the histogram is not known; the null's end stands for it. */
static double band_end(const dss_cell *cell, unsigned quantile, double end) {
  return isnan(cell->quantiles[quantile]) ? end : cell->quantiles[quantile];
}

static double band_low(const dss_cell *cell) {
  return band_end(cell, LOW_QUANTILE, cell->null_min);
}

static double band_high(const dss_cell *cell) {
  return band_end(cell, HIGH_QUANTILE, cell->null_max);
}

/* Its Fieller set has no end on one side, at least. */
static bool is_unbounded(const dss_group_detail *detail) {
  return detail->fieller_kind == DSS_SET_OUTSIDE || detail->fieller_kind == DSS_SET_ABOVE ||
         detail->fieller_kind == DSS_SET_BELOW || detail->fieller_kind == DSS_SET_WHOLE;
}

/* --- what occurs --------------------------------------------------------------------------- */

/* The code of what is missing in a row; N_CODES: nothing is. */
static size_t code_of(const dss_cell *cell) {
  if (isnan(cell->estimate)) return (size_t)cell->reason;
  if (!has_interval(cell) && cell->ci_withheld != DSS_WITHHELD_NONE)
    return DSS_N_REASONS + (size_t)cell->ci_withheld;
  return N_CODES;
}

static void survey(forest *f) {
  bool occurs[N_CODES] = {false};
  for (size_t g = f->first; g < f->end; g++) {
    const dss_cell *cell = cell_of(f, g);
    size_t code = code_of(cell);
    if (code < N_CODES) occurs[code] = true;
    if (isnan(cell->estimate)) continue;
    f->sure[dss_sureness_of(cell)] = true;
    f->band |= has_band(cell);
    f->interval |= has_interval(cell);
    f->misses |= has_interval(cell) && cell->ci_misses;
    f->unbounded |= is_unbounded(dss_results_detail(f->r, f->q, g));
  }
  char next = 'a';
  for (size_t c = 0; c < N_CODES; c++)
    f->letters[c] = occurs[c] ? next++ : '\0';
}

/* Estimates are inside unless they are very wild. */
static void hold_estimates(forest *f, double *values) {
  size_t n = 0;
  for (size_t g = f->all.first; g < f->all.end; g++)
    if (!isnan(cell_of(f, g)->estimate)) values[n++] = cell_of(f, g)->estimate;
  dss_limits limits = dss_limits_robust(values, n, DSS_FENCE_VALUES);
  f->plot.x = dss_limits_with(dss_limits_with(f->plot.x, limits.low), limits.high);
}

/* Over the whole axis, so that its pages have one scale. */
static dss_status set_limits(forest *f) {
  double *values = NULL;
  size_t n = 0;
  DSS_TRY(DSS_ALLOC(f->canvas->context, &values, 5 * (f->all.end - f->all.first)));
  for (size_t g = f->all.first; g < f->all.end; g++) {
    const dss_cell *cell = cell_of(f, g);
    if (isnan(cell->estimate)) continue;
    values[n++] = cell->estimate;
    if (has_interval(cell)) {
      values[n++] = cell->ci_low;
      values[n++] = cell->ci_high;
    }
    if (has_band(cell)) {
      values[n++] = band_low(cell);
      values[n++] = band_high(cell);
    }
  }
  f->plot.x = dss_limits_robust(values, n, DSS_FENCE_ENDS);
  if (n > 0)
    hold_estimates(f, values);
  else
    f->plot.x = (dss_limits){0.5, 1.5};
  f->plot.x = dss_limits_padded(dss_limits_with(f->plot.x, 1.0), 0.03);
  free(values);
  return DSS_OK;
}

/* --- columns ------------------------------------------------------------------------------- */

static void value_text(const forest *f, size_t g, char text[VALUE_ROOM]) {
  char number[DSS_NUMBER_ROOM], low[DSS_NUMBER_ROOM], high[DSS_NUMBER_ROOM];
  const dss_cell *cell = cell_of(f, g);
  size_t code = code_of(cell);
  if (isnan(cell->estimate)) {
    snprintf(text, VALUE_ROOM, "\xe2\x80\x93 (%c)", f->letters[code]);
    return;
  }
  dss_number_text(cell->estimate, 3, number);
  const char *stars = dss_sureness_stars(dss_sureness_of(cell));
  if (has_interval(cell))
    snprintf(text, VALUE_ROOM, "%s%s [%s, %s]%s", number, stars,
             dss_number_text(cell->ci_low, 3, low), dss_number_text(cell->ci_high, 3, high),
             cell->ci_misses ? " !" : "");
  else if (code < N_CODES)
    snprintf(text, VALUE_ROOM, "%s%s [\xe2\x80\x93] (%c)", number, stars, f->letters[code]);
  else
    snprintf(text, VALUE_ROOM, "%s%s", number, stars);
}

static void set_styles(forest *f) {
  size_t n = f->end - f->first;
  double size = n <= 40 ? DSS_LABEL_SIZE : DSS_NOTE_SIZE;
  f->pitch = n <= 12 ? 18.0 : n <= 24 ? 14.5 : n <= 40 ? 11.5 : 8.7;
  f->label =
      (dss_style){.size = size, .color = DSS_INK, .width = LABEL_WIDTH, .lines = n <= 24 ? 2 : 1};
  f->value = (dss_style){.size = DSS_NOTE_SIZE, .color = DSS_INK};
  f->count = f->value;
  f->count.align = DSS_RIGHT;
}

static const char *value_title(const forest *f) {
  return f->interval ? "GAI [95% interval]" : "GAI";
}

/* Where the columns stand: as wide as their texts, the plot has the rest. */
static double set_columns(forest *f) {
  char text[VALUE_ROOM];
  double label = dss_measure(f->canvas, &f->label, "Group").width;
  double value = dss_measure(f->canvas, &f->value, value_title(f)).width, count = 0.0;
  for (size_t g = f->first; g < f->end; g++) {
    label = fmax(label, dss_measure(f->canvas, &f->label, dss_results_group(f->r, g)).width);
    value_text(f, g, text);
    value = fmax(value, dss_measure(f->canvas, &f->value, text).width);
    dss_count_text(dss_results_group_raters(f->r, g), text);
    count = fmax(count, dss_measure(f->canvas, &f->count, text).width);
  }
  count = fmax(count, dss_measure(f->canvas, &f->count, "Raters").width);
  double right = DSS_PAGE_WIDTH - DSS_MARGIN;
  f->plot.left = DSS_MARGIN + fmin(label, LABEL_WIDTH) + GAP;
  f->plot.right = right - count - GAP - value - GAP;
  return f->plot.right + GAP;
}

/* --- rows ---------------------------------------------------------------------------------- */

/* A line from low to high, with heads where it goes on outside of the plot. */
static void draw_interval(forest *f, dss_color color, double width, dss_dash dash, double low,
                          double high, double y) {
  const dss_plot *p = &f->plot;
  if (high < p->x.low || low > p->x.high) { /* nothing of it is inside */
    bool left = high < p->x.low;
    dss_arrow(f->canvas, color, left ? p->left : p->right, y, 4.5, left ? -1 : 1);
    f->clipped = true;
    return;
  }
  bool cut_low = low<p->x.low, cut_high = high> p->x.high;
  dss_line(f->canvas, color, width, dash, dss_plot_x(p, low) + (cut_low ? 3.0 : 0.0), y,
           dss_plot_x(p, high) - (cut_high ? 3.0 : 0.0), y);
  if (cut_low) dss_arrow(f->canvas, color, p->left, y, 4.5, -1);
  if (cut_high) dss_arrow(f->canvas, color, p->right, y, 4.5, 1);
}

static void draw_set(forest *f, size_t g, double y) {
  const dss_group_detail *detail = dss_results_detail(f->r, f->q, g);
  double low = detail->fieller_low, high = detail->fieller_high;
  if (!is_unbounded(detail)) return;
  y += fmin(3.0, 0.28 * f->pitch);
  switch (detail->fieller_kind) {
  case DSS_SET_OUTSIDE:
    draw_interval(f, DSS_SOFT_INK, 0.9, DSS_DOTTED, -INFINITY, low, y);
    draw_interval(f, DSS_SOFT_INK, 0.9, DSS_DOTTED, high, INFINITY, y);
    break;
  case DSS_SET_ABOVE:
    draw_interval(f, DSS_SOFT_INK, 0.9, DSS_DOTTED, low, INFINITY, y);
    break;
  case DSS_SET_BELOW:
    draw_interval(f, DSS_SOFT_INK, 0.9, DSS_DOTTED, -INFINITY, high, y);
    break;
  default:
    draw_interval(f, DSS_SOFT_INK, 0.9, DSS_DOTTED, -INFINITY, INFINITY, y);
  }
}

static void draw_band(forest *f, const dss_cell *cell, double y) {
  const dss_plot *p = &f->plot;
  double low = dss_plot_x(p, band_low(cell)), high = dss_plot_x(p, band_high(cell));
  double height = 0.62 * f->pitch;
  if (!has_band(cell)) return;
  dss_box(f->canvas, DSS_BAND, low, y - 0.5 * height, fmax(high - low, 0.8), height);
  double middle = cell->quantiles[MEDIAN];
  if (dss_limits_hold(&p->x, middle))
    dss_line(f->canvas, DSS_PAPER, 1.0, DSS_SOLID, dss_plot_x(p, middle), y - 0.5 * height,
             dss_plot_x(p, middle), y + 0.5 * height);
}

static void draw_undefined(forest *f, double y) {
  const dss_plot *p = &f->plot;
  const dss_style style = {.size = DSS_NOTE_SIZE,
                           .italic = true,
                           .halo = true,
                           .color = DSS_SOFT_INK,
                           .align = DSS_CENTER,
                           .width = p->right - p->left};
  dss_write_middle(f->canvas, &style, 0.5 * (p->left + p->right), y, "undefined");
}

static void draw_row(forest *f, size_t g, double y) {
  const dss_cell *cell = cell_of(f, g);
  const dss_plot *p = &f->plot;
  dss_sureness sureness = dss_sureness_of(cell);
  if (isnan(cell->estimate)) {
    draw_undefined(f, y);
    return;
  }
  draw_set(f, g, y);
  if (has_interval(cell))
    draw_interval(f, dss_sureness_color(sureness), 1.3, DSS_SOLID, cell->ci_low, cell->ci_high, y);
  double size = fmin(6.5, 0.62 * f->pitch);
  if (dss_limits_hold(&p->x, cell->estimate)) {
    dss_marker(f->canvas, sureness, dss_plot_x(p, cell->estimate), y, size);
  } else {
    bool left = cell->estimate < p->x.low;
    dss_arrow(f->canvas, dss_sureness_color(sureness), left ? p->left : p->right, y, size + 1.0,
              left ? -1 : 1);
    f->clipped = true;
  }
}

static double row_height(const forest *f, size_t g) {
  double label = dss_measure(f->canvas, &f->label, dss_results_group(f->r, g)).height;
  return f->label.lines == 1 ? f->pitch : fmax(f->pitch, label + 3.0);
}

static void draw_rows(forest *f, double y, double value_x) {
  char text[VALUE_ROOM];
  for (size_t g = f->first; g < f->end; g++) {
    double height = row_height(f, g), middle = y + 0.5 * height;
    dss_write_middle(f->canvas, &f->label, DSS_MARGIN, middle, dss_results_group(f->r, g));
    draw_row(f, g, middle);
    value_text(f, g, text);
    dss_write_middle(f->canvas, &f->value, value_x, middle, text);
    dss_count_text(dss_results_group_raters(f->r, g), text);
    dss_write_middle(f->canvas, &f->count, DSS_PAGE_WIDTH - DSS_MARGIN, middle, text);
    y += height;
  }
}

/* Where GAI lies by chance, and the line at 1: below intervals and markers. */
static void draw_ground(forest *f) {
  double y = f->plot.top, one = dss_plot_x(&f->plot, 1.0);
  for (size_t g = f->first; g < f->end; g++) {
    double height = row_height(f, g);
    if (!isnan(cell_of(f, g)->estimate)) draw_band(f, cell_of(f, g), y + 0.5 * height);
    y += height;
  }
  dss_line(f->canvas, DSS_INK, 0.8, DSS_DASHED, one, f->plot.top, one, f->plot.bottom);
}

/* Shades every other row, below everything else. */
static double shade_rows(forest *f, double y) {
  for (size_t g = f->first; g < f->end; g++) {
    double height = row_height(f, g);
    if ((g - f->first) % 2)
      dss_box(f->canvas, 0xf6f6f6u, DSS_MARGIN - 3.0, y, DSS_PAGE_WIDTH - 2.0 * DSS_MARGIN + 6.0,
              height);
    y += height;
  }
  return y;
}

static void draw_titles(forest *f, double y, double value_x) {
  dss_style bold = f->value;
  bold.bold = true;
  dss_write(f->canvas, &bold, DSS_MARGIN, y, "Group");
  dss_write(f->canvas, &bold, value_x, y, value_title(f));
  bold.align = DSS_RIGHT;
  dss_write(f->canvas, &bold, DSS_PAGE_WIDTH - DSS_MARGIN, y, "Raters");
}

/* --- words --------------------------------------------------------------------------------- */

static double draw_heading(const forest *f) {
  size_t n = f->all.end - f->all.first;
  dss_sentences w = {.n = 0};
  const char *question = dss_name_question(&w, f->r, f->q),
             *resamples = dss_name_resamples(&w, f->r);
  dss_say(&w, "GAI by %s", dss_name(&w, dss_results_axis(f->r, f->axis)));
  if (f->end - f->first < n)
    dss_say(&w, "%s; %s; groups %zu to %zu of %zu", question, resamples,
            f->first - f->all.first + 1, f->end - f->all.first, n);
  else
    dss_say(&w, "%s; %s", question, resamples);
  double y = dss_draw_heading(f->canvas, &w);
  dss_sentences_free(&w);
  return y;
}

static double draw_legend(forest *f, double y) {
  dss_legend legend = {.n = 0};
  dss_legend_add_sureness(&legend, f->sure);
  if (f->interval) dss_legend_add(&legend, DSS_SIGN_LINE, DSS_SOFT_INK, "95% bootstrap interval");
  if (f->band)
    dss_legend_add(&legend, DSS_SIGN_BOX, DSS_BAND,
                   "95% of the null distribution, parted at its median");
  if (f->unbounded)
    dss_legend_add(&legend, DSS_SIGN_DOTTED, DSS_SOFT_INK, "Fieller-type set without an end");
  if (f->clipped) dss_legend_add(&legend, DSS_SIGN_ARROW, DSS_SOFT_INK, "goes on outside");
  dss_legend_add(&legend, DSS_SIGN_DASHED, DSS_INK, "GAI = 1");
  return dss_draw_legend(f->canvas, &legend, y);
}

static double draw_notes(forest *f, double y) {
  dss_sentences notes = {.n = 0};
  size_t flagged = 0;
  for (size_t c = 0; c < N_CODES; c++) {
    if (!f->letters[c]) continue;
    if (c < DSS_N_REASONS)
      dss_say(&notes, "(%c) GAI is undefined: %s.", f->letters[c], dss_reason_text((dss_reason)c));
    else
      dss_say(&notes, "(%c) %s.", f->letters[c],
              dss_withheld_text((dss_withheld)(c - DSS_N_REASONS)));
  }
  if (f->misses) dss_say(&notes, "! The interval does not hold the estimate.");
  for (size_t g = f->first; g < f->end; g++)
    flagged += !isnan(cell_of(f, g)->estimate) && cell_of(f, g)->flagged;
  if (flagged > 0)
    dss_say(&notes,
            "In more than 1%% of the resamples GAI is undefined for %zu group%s here; these count "
            "against significance and are not in the band.",
            flagged, dss_plural(flagged));
  y = dss_draw_notes(f->canvas, &notes, y);
  dss_sentences_free(&notes);
  return y;
}

/* --- the whole --------------------------------------------------------------------------- */

dss_status dss_draw_forest(dss_canvas *canvas, const void *what, double *height) {
  const dss_kind_figure *k = what;
  forest f = {.canvas = canvas,
              .r = k->results,
              .q = k->figure->question,
              .axis = k->figure->axis,
              .all = dss_axis_groups_of(k->results, k->figure->axis)};
  dss_page_range(f.all.end - f.all.first, DSS_FOREST_ROWS, k->figure->page, &f.first, &f.end);
  f.first += f.all.first;
  f.end += f.all.first;
  survey(&f);
  set_styles(&f);
  DSS_TRY(set_limits(&f));
  double value_x = set_columns(&f), y = draw_heading(&f);
  draw_titles(&f, y, value_x);
  f.plot.top = y + 13.0;
  f.plot.bottom = shade_rows(&f, f.plot.top);
  y = dss_draw_x_axis(canvas, &f.plot, "GAI = IRR / XRR", true);
  draw_ground(&f);
  draw_rows(&f, f.plot.top, value_x);
  *height = draw_notes(&f, draw_legend(&f, y));
  return DSS_OK;
}
