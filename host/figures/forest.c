/* A forest plot: a row a group, with its value, its interval, and where it lies by chance. */
#include "forest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/core/alloc.h"

enum { LOW_QUANTILE = 1, MEDIAN = 3, HIGH_QUANTILE = 5, VALUE_ROOM = 120 };
#define LABEL_WIDTH 150.0
#define GAP 8.0

/* Why a number is missing, by letters: reasons of estimates, then of intervals. */
enum { N_CODES = DSS_N_REASONS + DSS_N_WITHHELDS };

typedef struct forest {
  dss_canvas *canvas;
  const dss_forest *of;
  size_t first, end; /* rows on this page */
  dss_plot plot;
  dss_style label, value, count;
  double pitch;
  char letters[N_CODES]; /* 0: does not occur */
  bool sure[DSS_N_SURENESS];
  bool band, interval, unbounded, clipped, misses;
} forest;

static const dss_cell *cell_of(const forest *f, size_t row) {
  return f->of->rows[row].cell;
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
  if (!detail) return false;
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
  for (size_t row = f->first; row < f->end; row++) {
    const dss_cell *cell = cell_of(f, row);
    size_t code = code_of(cell);
    if (code < N_CODES) occurs[code] = true;
    if (isnan(cell->estimate)) continue;
    f->sure[dss_sureness_of(cell)] = true;
    f->band |= has_band(cell);
    f->interval |= has_interval(cell);
    f->misses |= has_interval(cell) && cell->ci_misses;
    f->unbounded |= is_unbounded(f->of->rows[row].detail);
  }
  char next = 'a';
  for (size_t c = 0; c < N_CODES; c++)
    f->letters[c] = occurs[c] ? next++ : '\0';
}

/* Estimates are inside unless they are very wild. */
static void hold_estimates(forest *f, double *values) {
  size_t n = 0;
  for (size_t row = 0; row < f->of->n_rows; row++)
    if (!isnan(cell_of(f, row)->estimate)) values[n++] = cell_of(f, row)->estimate;
  dss_limits limits = dss_limits_robust(values, n, DSS_FENCE_VALUES);
  f->plot.x = dss_limits_with(dss_limits_with(f->plot.x, limits.low), limits.high);
}

/* Half of a unit about the reference. */
static dss_limits nothing_defined(const forest *f) {
  double middle = isnan(f->of->reference) ? 0.5 : f->of->reference;
  return (dss_limits){middle - 0.5, middle + 0.5};
}

/* Over all pages, so that these have one scale. */
static dss_status set_limits(forest *f) {
  double *values = NULL;
  size_t n = 0;
  DSS_TRY(DSS_ALLOC(f->canvas->context, &values, 5 * f->of->n_rows));
  for (size_t row = 0; row < f->of->n_rows; row++) {
    const dss_cell *cell = cell_of(f, row);
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
    f->plot.x = nothing_defined(f);
  /* A reference that is no number changes nothing. */
  f->plot.x = dss_limits_padded(dss_limits_with(f->plot.x, f->of->reference), 0.03);
  free(values);
  return DSS_OK;
}

/* --- columns ------------------------------------------------------------------------------- */

static void value_text(const forest *f, size_t row, char text[VALUE_ROOM]) {
  char number[DSS_NUMBER_ROOM], low[DSS_NUMBER_ROOM], high[DSS_NUMBER_ROOM];
  const dss_cell *cell = cell_of(f, row);
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

static const char *value_title(const forest *f, char text[VALUE_ROOM]) {
  snprintf(text, VALUE_ROOM, f->interval ? "%.60s [95%% interval]" : "%.60s", f->of->column);
  return text;
}

/* The row's name at the left, where `draw` is set; how large it is. What it is compared with stands
 * behind it, or on a second line where there is no room. */
static dss_extent put_label(const forest *f, size_t row, double y, bool draw) {
  const dss_forest_row *of = &f->of->rows[row];
  if (!of->versus) {
    if (draw) dss_write_middle(f->canvas, &f->label, DSS_MARGIN, y, of->label);
    return dss_measure(f->canvas, &f->label, of->label);
  }
  dss_sentences words = {.n = 0};
  dss_style style = f->label;
  const char *versus = dss_name(&words, of->versus);
  style.lines = 1;
  style.width = 0.0;
  style.composed = true;
  dss_say(&words, "%s \xe2\x88\x92 %s", dss_name(&words, of->label), versus);
  dss_say(&words, "\xe2\x88\x92 %s", versus);
  dss_extent size = {0.0, 0.0};
  if (words.n == 2) size = dss_measure(f->canvas, &style, words.text[0]);
  bool wide = size.width > LABEL_WIDTH;
  if (draw && words.n == 2 && !wide)
    dss_write_middle(f->canvas, &style, DSS_MARGIN, y, words.text[0]);
  style.width = LABEL_WIDTH;
  if (draw && words.n == 2 && wide) {
    dss_write_middle(f->canvas, &style, DSS_MARGIN, y + 0.5 * size.height, words.text[1]);
    style.composed = false;
    dss_write_middle(f->canvas, &style, DSS_MARGIN, y - 0.5 * size.height, of->label);
  }
  dss_sentences_free(&words);
  return (dss_extent){size.width, wide ? 2.0 * size.height : size.height};
}

/* Where the columns stand: as wide as their texts, the plot has the rest. */
static double set_columns(forest *f) {
  char text[VALUE_ROOM];
  double label = dss_measure(f->canvas, &f->label, "Group").width;
  dss_style bold = f->value;
  bold.bold = true;
  double value = dss_measure(f->canvas, &bold, value_title(f, text)).width, count = 0.0;
  for (size_t row = f->first; row < f->end; row++) {
    label = fmax(label, put_label(f, row, 0.0, false).width);
    value_text(f, row, text);
    value = fmax(value, dss_measure(f->canvas, &f->value, text).width);
    dss_count_text(f->of->rows[row].raters, text);
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

static void draw_set(forest *f, size_t row, double y) {
  const dss_group_detail *detail = f->of->rows[row].detail;
  if (!is_unbounded(detail)) return;
  double low = detail->fieller_low, high = detail->fieller_high;
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
  bool cut[] = {band_low(cell) < p->x.low, band_high(cell) > p->x.high};
  if (cut[0]) dss_arrow(f->canvas, DSS_LINE, p->left, y, 4.0, -1);
  if (cut[1]) dss_arrow(f->canvas, DSS_LINE, p->right, y, 4.0, 1);
  f->clipped |= cut[0] || cut[1];
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

static void draw_row(forest *f, size_t row, double y) {
  const dss_cell *cell = cell_of(f, row);
  const dss_plot *p = &f->plot;
  dss_sureness sureness = dss_sureness_of(cell);
  if (isnan(cell->estimate)) {
    draw_undefined(f, y);
    return;
  }
  draw_set(f, row, y);
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

static double row_height(const forest *f, size_t row) {
  bool single = f->label.lines == 1 && !f->of->rows[row].versus;
  return single ? f->pitch : fmax(f->pitch, put_label(f, row, 0.0, false).height + 3.0);
}

static void draw_rows(forest *f, double y, double value_x) {
  char text[VALUE_ROOM];
  for (size_t row = f->first; row < f->end; row++) {
    double height = row_height(f, row), middle = y + 0.5 * height;
    put_label(f, row, middle, true);
    draw_row(f, row, middle);
    value_text(f, row, text);
    dss_write_middle(f->canvas, &f->value, value_x, middle, text);
    dss_count_text(f->of->rows[row].raters, text);
    dss_write_middle(f->canvas, &f->count, DSS_PAGE_WIDTH - DSS_MARGIN, middle, text);
    y += height;
  }
}

/* Where values lie by chance, and the reference: below intervals and markers. */
static void draw_ground(forest *f) {
  double y = f->plot.top, reference = f->of->reference;
  for (size_t row = f->first; row < f->end; row++) {
    double height = row_height(f, row);
    if (!isnan(cell_of(f, row)->estimate)) draw_band(f, cell_of(f, row), y + 0.5 * height);
    y += height;
  }
  if (isnan(reference)) return;
  double x = dss_plot_x(&f->plot, reference);
  dss_line(f->canvas, DSS_INK, 0.8, DSS_DASHED, x, f->plot.top, x, f->plot.bottom);
}

/* Shades every other row, below everything else. */
static double shade_rows(forest *f, double y) {
  for (size_t row = f->first; row < f->end; row++) {
    double height = row_height(f, row);
    if ((row - f->first) % 2)
      dss_box(f->canvas, 0xf6f6f6u, DSS_MARGIN - 3.0, y, DSS_PAGE_WIDTH - 2.0 * DSS_MARGIN + 6.0,
              height);
    y += height;
  }
  return y;
}

static void draw_titles(forest *f, double y, double value_x) {
  char text[VALUE_ROOM];
  dss_style bold = f->value;
  bold.bold = true;
  dss_write(f->canvas, &bold, DSS_MARGIN, y, "Group");
  dss_write(f->canvas, &bold, value_x, y, value_title(f, text));
  bold.align = DSS_RIGHT;
  dss_write(f->canvas, &bold, DSS_PAGE_WIDTH - DSS_MARGIN, y, "Raters");
}

/* --- words --------------------------------------------------------------------------------- */

static double draw_heading(const forest *f) {
  dss_sentences w = {.n = 0};
  dss_say(&w, "%s", f->of->title);
  if (f->end - f->first < f->of->n_rows)
    dss_say(&w, "%s; %ss %zu to %zu of %zu", f->of->subtitle, f->of->thing, f->first + 1, f->end,
            f->of->n_rows);
  else
    dss_say(&w, "%s", f->of->subtitle);
  double y = dss_draw_heading(f->canvas, &w);
  dss_sentences_free(&w);
  return y;
}

static double draw_legend(forest *f, double y) {
  dss_legend legend = {.n = 0};
  char reference[VALUE_ROOM];
  dss_legend_add_sureness(&legend, f->sure, f->of->untested);
  if (f->interval) dss_legend_add(&legend, DSS_SIGN_LINE, DSS_SOFT_INK, "95% bootstrap interval");
  if (f->band)
    dss_legend_add(&legend, DSS_SIGN_BOX, DSS_BAND,
                   "95% of the null distribution, parted at its median");
  if (f->unbounded)
    dss_legend_add(&legend, DSS_SIGN_DOTTED, DSS_SOFT_INK, "Fieller-type set without an end");
  if (f->clipped) dss_legend_add(&legend, DSS_SIGN_ARROW, DSS_SOFT_INK, "goes on outside");
  snprintf(reference, sizeof reference, "%.60s = %.0f", f->of->statistic, f->of->reference);
  if (!isnan(f->of->reference)) dss_legend_add(&legend, DSS_SIGN_DASHED, DSS_INK, reference);
  return dss_draw_legend(f->canvas, &legend, y);
}

static double draw_notes(forest *f, double y) {
  dss_sentences notes = {.n = 0};
  size_t flagged = 0;
  for (size_t c = 0; c < N_CODES; c++) {
    if (!f->letters[c]) continue;
    if (c < DSS_N_REASONS)
      dss_say(&notes, "(%c) %s is undefined: %s.", f->letters[c], f->of->statistic,
              dss_reason_text((dss_reason)c));
    else
      dss_say(&notes, "(%c) %s.", f->letters[c],
              dss_withheld_text((dss_withheld)(c - DSS_N_REASONS)));
  }
  if (f->misses) dss_say(&notes, "! The interval does not hold the estimate.");
  for (size_t row = f->first; row < f->end; row++)
    flagged += !isnan(cell_of(f, row)->estimate) && cell_of(f, row)->flagged;
  if (flagged > 0)
    dss_say(&notes,
            "In more than 1%% of the resamples %s is undefined for %zu %s%s here; these count "
            "against significance and are not in the band.",
            f->of->statistic, flagged, f->of->thing, dss_plural(flagged));
  y = dss_draw_notes(f->canvas, &notes, y);
  dss_sentences_free(&notes);
  return y;
}

/* --- the whole --------------------------------------------------------------------------- */

dss_status dss_forest_draw(dss_canvas *canvas, const dss_forest *of, double *height) {
  forest f = {.canvas = canvas, .of = of};
  dss_page_range(of->n_rows, DSS_FOREST_ROWS, of->page, &f.first, &f.end);
  survey(&f);
  set_styles(&f);
  DSS_TRY(set_limits(&f));
  double value_x = set_columns(&f), y = draw_heading(&f);
  draw_titles(&f, y, value_x);
  f.plot.top = y + 13.0;
  f.plot.bottom = shade_rows(&f, f.plot.top);
  y = dss_draw_x_axis(canvas, &f.plot, of->definition, true);
  draw_ground(&f);
  draw_rows(&f, f.plot.top, value_x);
  *height = draw_notes(&f, draw_legend(&f, y));
  return DSS_OK;
}
