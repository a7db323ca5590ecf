/* A heatmap with numbers. */
#include "heat.h"

#include <math.h>
#include <stdio.h>

#include "host/core/alloc.h"

#define ROW_LABEL_WIDTH 120.0
#define COLUMN_LABEL_WIDTH 90.0 /* of turned ones: their height */
#define SCALE_WIDTH 150.0
#define SMALL_NUMBER 6.4

typedef struct heatmap {
  dss_canvas *canvas;
  const dss_heat *of;
  bool upright;                                               /* rows of `of` go down the page */
  size_t n_rows, n_columns, row, row_end, column, column_end; /* as they are drawn */
  const char *const *rows, *const *columns;
  const char *sides[2];
  dss_limits limits; /* of the colours, as they are counted on the scale */
  double left, top, cell_width, cell_height, number_size;
  bool numbers, turned, sure[DSS_N_SURENESS], undefined, absent, below_zero, clipped;
} heatmap;

static dss_heat_value value_at(const heatmap *f, size_t row, size_t column) {
  return f->upright ? f->of->values[row * f->n_columns + column]
                    : f->of->values[column * f->n_rows + row];
}

static double number_of(dss_heat_value value) {
  if (!value.cell) return NAN;
  return value.mirrored ? 0.0 - value.cell->estimate : value.cell->estimate;
}

/* Where a number stands on the scale of colours; NaN: beyond its low end. */
static double counted(const heatmap *f, double number) {
  if (f->of->scale != DSS_HEAT_FACTORS) return number;
  return number > 0.0 ? log2(number) : NAN;
}

/* --- colours ------------------------------------------------------------------------------- */

/* As far from the middle as most values go. */
static dss_limits about_zero(const heatmap *f, double *values, size_t n) {
  bool factors = f->of->scale == DSS_HEAT_FACTORS;
  for (size_t i = 0; i < n; i++)
    values[i] = fabs(values[i]);
  double reach = n == 0 ? 1.0 : dss_limits_robust(values, n, DSS_FENCE_VALUES).high;
  if (factors) reach = fmin(fmax(reach, log2(1.1)), 4.0);
  if (!(reach > 0.0)) reach = 1.0;
  return (dss_limits){-reach, reach};
}

/* Over all pages alike. */
static dss_status set_colors(heatmap *f) {
  double *values = NULL;
  size_t n = 0, all = f->n_rows * f->n_columns;
  DSS_TRY(DSS_ALLOC(f->canvas->context, &values, all));
  for (size_t i = 0; i < all; i++) {
    double number = counted(f, number_of(f->of->values[i]));
    if (!isnan(number)) values[n++] = number;
  }
  f->limits = f->of->scale == DSS_HEAT_LEVELS ? dss_limits_robust(values, n, DSS_FENCE_VALUES)
                                              : about_zero(f, values, n);
  free(values);
  return DSS_OK;
}

/* High factors are blue, low ones orange; high differences orange, low ones blue. */
static bool reversed(const heatmap *f) {
  return f->of->scale == DSS_HEAT_FACTORS;
}

typedef dss_color (*colors)(double);

static colors colors_of(const heatmap *f) {
  return f->of->scale == DSS_HEAT_LEVELS ? dss_sequential_color : dss_diverging_color;
}

static dss_color color_of(const heatmap *f, double number) {
  double at = counted(f, number);
  if (isnan(at)) at = f->limits.low;
  double share = (at - f->limits.low) / (f->limits.high - f->limits.low);
  return colors_of(f)(reversed(f) ? 1.0 - share : share);
}

/* --- cells --------------------------------------------------------------------------------- */

/* Two decimals, or three where all values are small. */
static int decimals(const heatmap *f) {
  bool factors = f->of->scale == DSS_HEAT_FACTORS;
  return !factors && fmax(-f->limits.low, f->limits.high) < 0.1 && f->cell_width >= 36.0 ? 3 : 2;
}

/* The style of a number that stands in its cell, and its text. */
static dss_style number_style(const heatmap *f, dss_heat_value value,
                              char text[DSS_NUMBER_ROOM + 4]) {
  char number[DSS_NUMBER_ROOM];
  dss_sureness sureness = dss_sureness_of(value.cell);
  snprintf(text, DSS_NUMBER_ROOM + 4, "%s%s",
           dss_number_text(number_of(value), decimals(f), number), dss_sureness_stars(sureness));
  return (dss_style){.size = f->number_size,
                     .bold = sureness == DSS_SURE_Q,
                     .color = dss_color_on(color_of(f, number_of(value))),
                     .align = DSS_CENTER};
}

/* Whether all numbers of the page stand in their cells in this size. */
static bool numbers_fit(heatmap *f, double size) {
  char text[DSS_NUMBER_ROOM + 4];
  f->number_size = fmin(size, 0.62 * f->cell_height);
  for (size_t row = f->row; row < f->row_end; row++)
    for (size_t column = f->column; column < f->column_end; column++) {
      dss_heat_value value = value_at(f, row, column);
      if (isnan(number_of(value))) continue;
      dss_style style = number_style(f, value, text);
      if (dss_measure(f->canvas, &style, text).width > f->cell_width) return false;
    }
  return true;
}

static void draw_cell(heatmap *f, dss_heat_value value, double x, double y) {
  double w = f->cell_width, h = f->cell_height, number = number_of(value);
  if (!value.cell) {
    f->absent = true;
    return;
  }
  if (isnan(number)) {
    f->undefined = true;
    dss_hatch(f->canvas, x, y, w, h);
    dss_frame(f->canvas, 0xc4c4c4u, 0.5, x, y, w, h);
    return;
  }
  dss_color ground = color_of(f, number);
  dss_sureness sureness = dss_sureness_of(value.cell);
  double at = counted(f, number);
  f->below_zero |= isnan(at);
  f->clipped |= !isnan(at) && !dss_limits_hold(&f->limits, at);
  f->sure[sureness] = true;
  dss_box(f->canvas, ground, x, y, w, h);
  char text[DSS_NUMBER_ROOM + 4];
  dss_style style = number_style(f, value, text);
  style.width = w;
  if (f->numbers)
    dss_write_middle(f->canvas, &style, x + 0.5 * w, y + 0.5 * h, text);
  else if (sureness >= DSS_SURE_P)
    dss_marker(f->canvas, sureness, x + 0.5 * w, y + 0.5 * h, fmin(0.5 * fmin(w, h), 5.0));
}

static void draw_cells(heatmap *f) {
  for (size_t row = f->row; row < f->row_end; row++)
    for (size_t column = f->column; column < f->column_end; column++)
      draw_cell(f, value_at(f, row, column), f->left + (double)(column - f->column) * f->cell_width,
                f->top + (double)(row - f->row) * f->cell_height);
  /* White lines between, over the edges that the boxes share. */
  double right = f->left + (double)(f->column_end - f->column) * f->cell_width;
  double bottom = f->top + (double)(f->row_end - f->row) * f->cell_height;
  for (size_t i = 0; i <= f->row_end - f->row; i++)
    dss_line(f->canvas, DSS_PAPER, 0.8, DSS_SOLID, f->left, f->top + (double)i * f->cell_height,
             right, f->top + (double)i * f->cell_height);
  for (size_t i = 0; i <= f->column_end - f->column; i++)
    dss_line(f->canvas, DSS_PAPER, 0.8, DSS_SOLID, f->left + (double)i * f->cell_width, f->top,
             f->left + (double)i * f->cell_width, bottom);
}

/* --- sides --------------------------------------------------------------------------------- */

static dss_style row_style(const heatmap *f) {
  return (dss_style){.size = f->row_end - f->row <= 40 ? DSS_LABEL_SIZE : DSS_NOTE_SIZE,
                     .color = DSS_INK,
                     .align = DSS_RIGHT,
                     .width = ROW_LABEL_WIDTH,
                     .lines = f->cell_height > 21.0 ? 2 : 1};
}

static dss_style column_style(const heatmap *f) {
  return (dss_style){.size = f->cell_width > 9.5 ? DSS_LABEL_SIZE : DSS_NOTE_SIZE,
                     .color = DSS_INK,
                     .align = f->turned ? DSS_LEFT : DSS_CENTER,
                     .width = f->turned ? COLUMN_LABEL_WIDTH : f->cell_width - 4.0,
                     .lines = f->turned ? 1 : 3,
                     .turned = f->turned ? 90.0 : 0.0};
}

/* Widths and heights of cells, and whether names of columns are turned. */
static void set_cells(heatmap *f) {
  size_t rows = f->row_end - f->row, columns = f->column_end - f->column;
  f->cell_height = rows <= 12 ? 24.0 : rows <= 24 ? 17.0 : rows <= 40 ? 12.5 : 10.0;
  dss_style style = row_style(f);
  double label = 0.0, widest = 0.0;
  for (size_t i = f->row; i < f->row_end; i++)
    label = fmax(label, dss_measure(f->canvas, &style, f->rows[i]).width);
  f->left = DSS_MARGIN + 14.0 + label + 6.0;
  f->cell_width = fmin((DSS_PAGE_WIDTH - DSS_MARGIN - f->left) / (double)columns, 96.0);
  style = (dss_style){.size = DSS_LABEL_SIZE, .color = DSS_INK};
  for (size_t i = f->column; i < f->column_end; i++)
    widest = fmax(widest, dss_measure(f->canvas, &style, f->columns[i]).width);
  /* Names of two lines fit where one line would be less than about twice as wide. */
  f->turned = widest > 1.7 * (f->cell_width - 4.0) && (f->cell_width < 60.0);
  f->numbers = f->cell_width >= 20.0 && f->cell_height >= 10.0 &&
               (numbers_fit(f, DSS_LABEL_SIZE) || numbers_fit(f, SMALL_NUMBER));
}

static double column_names_height(const heatmap *f) {
  dss_style style = column_style(f);
  double height = 0.0;
  style.turned = 0.0;
  for (size_t i = f->column; i < f->column_end; i++) {
    dss_extent e = dss_measure(f->canvas, &style, f->columns[i]);
    height = fmax(height, f->turned ? e.width : e.height);
  }
  return height;
}

static void draw_names(heatmap *f) {
  dss_style style = column_style(f);
  for (size_t i = f->column; i < f->column_end; i++) {
    double x = f->left + ((double)(i - f->column) + 0.5) * f->cell_width;
    double height = dss_measure(f->canvas, &style, f->columns[i]).height;
    if (f->turned)
      dss_write_middle(f->canvas, &style, x, f->top - 4.0, f->columns[i]);
    else
      dss_write(f->canvas, &style, x, f->top - 4.0 - height, f->columns[i]);
  }
  style = row_style(f);
  for (size_t i = f->row; i < f->row_end; i++)
    dss_write_middle(f->canvas, &style, f->left - 5.0,
                     f->top + ((double)(i - f->row) + 0.5) * f->cell_height, f->rows[i]);
}

static void draw_attributes(heatmap *f, double names_top) {
  double right = f->left + (double)(f->column_end - f->column) * f->cell_width;
  double bottom = f->top + (double)(f->row_end - f->row) * f->cell_height;
  dss_style style = {.size = DSS_LABEL_SIZE,
                     .bold = true,
                     .color = DSS_INK,
                     .align = DSS_LEFT,
                     .width = fmax(right - f->left, 120.0)};
  dss_write(f->canvas, &style, f->left, names_top, f->sides[1]);
  style.turned = 90.0;
  style.align = DSS_CENTER;
  style.width = fmax(bottom - f->top, 60.0);
  dss_write_middle(f->canvas, &style, DSS_MARGIN + 5.0, 0.5 * (f->top + bottom), f->sides[0]);
}

/* --- words --------------------------------------------------------------------------------- */

/* Numbers under the colours, and where they stand: 0 .. 1. */
static dss_ticks scale_ticks(const heatmap *f, double *shares) {
  const double even[] = {0.0, 0.25, 0.5, 0.75, 1.0};
  dss_ticks ticks = {.n = sizeof even / sizeof *even, .decimals = 2};
  if (f->of->scale != DSS_HEAT_FACTORS) ticks = dss_ticks_nice(&f->limits, 6);
  for (size_t i = 0; i < ticks.n; i++) {
    shares[i] =
        f->of->scale == DSS_HEAT_FACTORS ? even[i] : dss_place(&f->limits, ticks.at[i], 0.0, 1.0);
    if (f->of->scale == DSS_HEAT_FACTORS)
      ticks.at[i] = exp2((2.0 * even[i] - 1.0) * f->limits.high);
  }
  return ticks;
}

static double draw_scale(const heatmap *f, double y) {
  const dss_style style = {.size = DSS_TICK_SIZE, .color = DSS_INK, .align = DSS_CENTER};
  char text[DSS_NUMBER_ROOM];
  double shares[DSS_MOST_TICKS];
  dss_ticks ticks = scale_ticks(f, shares);
  dss_style name = style;
  name.align = DSS_LEFT;
  name.bold = true;
  name.width = DSS_PAGE_WIDTH - 2.0 * DSS_MARGIN - SCALE_WIDTH - 30.0;
  double width = dss_measure(f->canvas, &name, f->of->statistic).width;
  double left = DSS_MARGIN + fmax(30.0, width + 12.0);
  y += 10.0;
  dss_write_middle(f->canvas, &name, DSS_MARGIN, y + 4.0, f->of->statistic);
  dss_gradient(f->canvas, colors_of(f), reversed(f), left, y, SCALE_WIDTH, 8.0);
  for (size_t i = 0; i < ticks.n; i++) {
    double x = left + shares[i] * SCALE_WIDTH;
    dss_line(f->canvas, DSS_LINE, 0.6, DSS_SOLID, x, y + 8.0, x, y + 10.5);
    dss_write(f->canvas, &style, x, y + 11.0, dss_number_text(ticks.at[i], ticks.decimals, text));
  }
  return y + 22.0;
}

static void say_marks(const heatmap *f, dss_sentences *notes) {
  bool marked = f->sure[DSS_SURE_P] || f->sure[DSS_SURE_Q];
  if (f->numbers && marked)
    dss_say(notes, "*\302\240p\302\240<\302\2400.05; **\302\240q\302\240<\302\2400.05 (Benjamini "
                   "and Hochberg).");
  else if (f->sure[DSS_SURE_NOT] && marked)
    dss_say(notes, "Not significant: no mark.");
  else if (f->sure[DSS_SURE_NOT])
    dss_say(notes, "No %s is significant: no mark.", f->of->thing);
}

static double draw_words(const heatmap *f, double y) {
  char undefined[120];
  dss_legend legend = {.n = 0};
  dss_sentences notes = {.n = 0};
  bool defined = false;
  for (int s = 0; s < DSS_N_SURENESS; s++)
    defined |= f->sure[s];
  if (defined) y = draw_scale(f, y);
  if (!f->numbers) {
    bool sure[DSS_N_SURENESS] = {false, false, f->sure[DSS_SURE_P], f->sure[DSS_SURE_Q]};
    dss_legend_add_sureness(&legend, sure, f->of->untested);
  }
  snprintf(undefined, sizeof undefined, "%.60s is undefined", f->of->statistic);
  if (f->undefined) dss_legend_add(&legend, DSS_SIGN_HATCH, 0, undefined);
  y = dss_draw_legend(f->canvas, &legend, y);
  if (f->of->note) dss_say(&notes, "%s", f->of->note);
  say_marks(f, &notes);
  if (f->absent && f->of->blank) dss_say(&notes, "Blank: %s.", f->of->blank);
  if (f->below_zero)
    dss_say(&notes, "%s of 0 and below has the colour of the low end.", f->of->statistic);
  if (f->clipped) dss_say(&notes, "Values beyond the scale have the colour of its end.");
  y = dss_draw_notes(f->canvas, &notes, y);
  dss_sentences_free(&notes);
  return y;
}

static double draw_heading(const heatmap *f) {
  dss_sentences w = {.n = 0};
  dss_say(&w, "%s", f->of->title);
  if (f->row_end - f->row < f->n_rows || f->column_end - f->column < f->n_columns)
    dss_say(&w, "%s; rows %zu to %zu of %zu, columns %zu to %zu of %zu", f->of->subtitle,
            f->row + 1, f->row_end, f->n_rows, f->column + 1, f->column_end, f->n_columns);
  else
    dss_say(&w, "%s", f->of->subtitle);
  double y = dss_draw_heading(f->canvas, &w);
  dss_sentences_free(&w);
  return y;
}

/* --- the whole --------------------------------------------------------------------------- */

static void place(heatmap *f) {
  const dss_heat *of = f->of;
  f->upright = of->n_rows >= of->n_columns;
  f->n_rows = f->upright ? of->n_rows : of->n_columns;
  f->n_columns = f->upright ? of->n_columns : of->n_rows;
  f->rows = f->upright ? of->rows : of->columns;
  f->columns = f->upright ? of->columns : of->rows;
  f->sides[0] = of->sides[f->upright ? 0 : 1];
  f->sides[1] = of->sides[f->upright ? 1 : 0];
  size_t across = dss_pages(f->n_columns, DSS_GRID_COLUMNS);
  dss_page_range(f->n_rows, DSS_GRID_ROWS, of->page / across, &f->row, &f->row_end);
  dss_page_range(f->n_columns, DSS_GRID_COLUMNS, of->page % across, &f->column, &f->column_end);
}

dss_status dss_heat_draw(dss_canvas *canvas, const dss_heat *of, double *height) {
  heatmap f = {.canvas = canvas, .of = of};
  place(&f);
  DSS_TRY(set_colors(&f));
  double y = draw_heading(&f);
  set_cells(&f);
  f.top = y + 12.0 + column_names_height(&f) + 6.0;
  draw_names(&f);
  draw_attributes(&f, y);
  draw_cells(&f);
  *height = draw_words(&f, f.top + (double)(f.row_end - f.row) * f.cell_height);
  return DSS_OK;
}
