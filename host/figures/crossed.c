/* GAI over two crossed attributes, as a heatmap with numbers. */
#include <math.h>
#include <stdio.h>

#include "host/core/alloc.h"
#include "kinds.h"
#include "layout.h"

#define ROW_LABEL_WIDTH 120.0
#define COLUMN_LABEL_WIDTH 90.0 /* of turned ones: their height */
#define SCALE_WIDTH 150.0

typedef struct crossed {
  dss_canvas *canvas;
  const dss_results *r;
  size_t q, axis;
  dss_grid grid;  /* turned, so that the longer side goes down */
  size_t *groups; /* of this page, row by row; SIZE_MAX: none */
  size_t row, row_end, column, column_end;
  double reach; /* log2 of GAI at either end of the colours */
  double left, top, cell_width, cell_height;
  bool numbers, turned, sure[DSS_N_SURENESS], undefined, absent, below_zero, clipped;
} crossed;

static const dss_cell *cell_at(const crossed *f, size_t row, size_t column) {
  size_t group = f->groups[(row - f->row) * (f->column_end - f->column) + column - f->column];
  return group == SIZE_MAX ? NULL : dss_results_cell(f->r, f->q, group, DSS_GAI);
}

static dss_status place_groups(crossed *f) {
  size_t width = f->column_end - f->column, n = (f->row_end - f->row) * width;
  DSS_TRY(DSS_ALLOC(f->canvas->context, &f->groups, n));
  for (size_t i = 0; i < n; i++)
    f->groups[i] = SIZE_MAX;
  for (size_t i = 0; i < f->grid.n_groups; i++) {
    size_t row = f->grid.row_of[i], column = f->grid.column_of[i];
    if (row >= f->row && row < f->row_end && column >= f->column && column < f->column_end)
      f->groups[(row - f->row) * width + column - f->column] = f->grid.first + i;
  }
  return DSS_OK;
}

/* Colours go as far from 1, by factors, as most groups do, over all pages alike. */
static dss_status set_reach(crossed *f) {
  double *away = NULL;
  size_t n = 0;
  DSS_TRY(DSS_ALLOC(f->canvas->context, &away, f->grid.n_groups));
  for (size_t i = 0; i < f->grid.n_groups; i++) {
    const dss_cell *cell = dss_results_cell(f->r, f->q, f->grid.first + i, DSS_GAI);
    if (!isnan(cell->estimate) && cell->estimate > 0.0) away[n++] = fabs(log2(cell->estimate));
  }
  f->reach = n == 0 ? 1.0 : dss_limits_robust(away, n, DSS_FENCE_VALUES).high;
  f->reach = fmin(fmax(f->reach, log2(1.1)), 4.0);
  free(away);
  return DSS_OK;
}

/* High GAI is blue, low orange. */
static dss_color color_of(const crossed *f, double gai) {
  if (gai <= 0.0) return dss_diverging_color(1.0);
  return dss_diverging_color(0.5 - 0.5 * log2(gai) / f->reach);
}

/* --- cells --------------------------------------------------------------------------------- */

static void draw_number(crossed *f, const dss_cell *cell, double x, double y, dss_color ground) {
  char number[DSS_NUMBER_ROOM], text[DSS_NUMBER_ROOM + 4];
  dss_sureness sureness = dss_sureness_of(cell);
  const dss_style style = {.size = fmin(DSS_LABEL_SIZE, 0.62 * f->cell_height),
                           .bold = sureness == DSS_SURE_Q,
                           .color = dss_color_on(ground),
                           .align = DSS_CENTER,
                           .width = f->cell_width};
  snprintf(text, sizeof text, "%s%s", dss_number_text(cell->estimate, 2, number),
           dss_sureness_stars(sureness));
  dss_write_middle(f->canvas, &style, x, y, text);
}

static void draw_cell(crossed *f, size_t row, size_t column, double x, double y) {
  const dss_cell *cell = cell_at(f, row, column);
  double w = f->cell_width, h = f->cell_height;
  if (!cell) {
    f->absent = true;
    return;
  }
  if (isnan(cell->estimate)) {
    f->undefined = true;
    dss_hatch(f->canvas, x, y, w, h);
    dss_frame(f->canvas, 0xc4c4c4u, 0.5, x, y, w, h);
    return;
  }
  dss_color ground = color_of(f, cell->estimate);
  dss_sureness sureness = dss_sureness_of(cell);
  f->below_zero |= cell->estimate <= 0.0;
  f->clipped |= cell->estimate > 0.0 && fabs(log2(cell->estimate)) > f->reach;
  f->sure[sureness] = true;
  dss_box(f->canvas, ground, x, y, w, h);
  if (f->numbers)
    draw_number(f, cell, x + 0.5 * w, y + 0.5 * h, ground);
  else if (sureness >= DSS_SURE_P)
    dss_marker(f->canvas, sureness, x + 0.5 * w, y + 0.5 * h, fmin(0.5 * fmin(w, h), 5.0));
}

static void draw_cells(crossed *f) {
  for (size_t row = f->row; row < f->row_end; row++)
    for (size_t column = f->column; column < f->column_end; column++)
      draw_cell(f, row, column, f->left + (double)(column - f->column) * f->cell_width,
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

static dss_style row_style(const crossed *f) {
  return (dss_style){.size = f->row_end - f->row <= 40 ? DSS_LABEL_SIZE : DSS_NOTE_SIZE,
                     .color = DSS_INK,
                     .align = DSS_RIGHT,
                     .width = ROW_LABEL_WIDTH,
                     .lines = f->cell_height > 21.0 ? 2 : 1};
}

static dss_style column_style(const crossed *f) {
  return (dss_style){.size = f->cell_width > 9.5 ? DSS_LABEL_SIZE : DSS_NOTE_SIZE,
                     .color = DSS_INK,
                     .align = f->turned ? DSS_LEFT : DSS_CENTER,
                     .width = f->turned ? COLUMN_LABEL_WIDTH : f->cell_width - 4.0,
                     .lines = f->turned ? 1 : 3,
                     .turned = f->turned ? 90.0 : 0.0};
}

/* Widths and heights of cells, and whether names of columns are turned. */
static void set_cells(crossed *f) {
  size_t rows = f->row_end - f->row, columns = f->column_end - f->column;
  f->cell_height = rows <= 12 ? 24.0 : rows <= 24 ? 17.0 : rows <= 40 ? 12.5 : 10.0;
  dss_style style = row_style(f);
  double label = 0.0, widest = 0.0;
  for (size_t i = f->row; i < f->row_end; i++)
    label = fmax(label, dss_measure(f->canvas, &style, f->grid.rows[i]).width);
  f->left = DSS_MARGIN + 14.0 + label + 6.0;
  f->cell_width = fmin((DSS_PAGE_WIDTH - DSS_MARGIN - f->left) / (double)columns, 96.0);
  style = (dss_style){.size = DSS_LABEL_SIZE, .color = DSS_INK};
  for (size_t i = f->column; i < f->column_end; i++)
    widest = fmax(widest, dss_measure(f->canvas, &style, f->grid.columns[i]).width);
  /* Names of two lines fit where one line would be less than about twice as wide. */
  f->turned = widest > 1.7 * (f->cell_width - 4.0) && (f->cell_width < 60.0);
  f->numbers = f->cell_width >= 26.0 && f->cell_height >= 10.0;
}

static double column_names_height(const crossed *f) {
  dss_style style = column_style(f);
  double height = 0.0;
  style.turned = 0.0;
  for (size_t i = f->column; i < f->column_end; i++) {
    dss_extent e = dss_measure(f->canvas, &style, f->grid.columns[i]);
    height = fmax(height, f->turned ? e.width : e.height);
  }
  return height;
}

static void draw_names(crossed *f) {
  dss_style style = column_style(f);
  for (size_t i = f->column; i < f->column_end; i++) {
    double x = f->left + ((double)(i - f->column) + 0.5) * f->cell_width;
    double height = dss_measure(f->canvas, &style, f->grid.columns[i]).height;
    if (f->turned)
      dss_write_middle(f->canvas, &style, x, f->top - 4.0, f->grid.columns[i]);
    else
      dss_write(f->canvas, &style, x, f->top - 4.0 - height, f->grid.columns[i]);
  }
  style = row_style(f);
  for (size_t i = f->row; i < f->row_end; i++)
    dss_write_middle(f->canvas, &style, f->left - 5.0,
                     f->top + ((double)(i - f->row) + 0.5) * f->cell_height, f->grid.rows[i]);
}

static void draw_attributes(crossed *f, double names_top) {
  double right = f->left + (double)(f->column_end - f->column) * f->cell_width;
  double bottom = f->top + (double)(f->row_end - f->row) * f->cell_height;
  dss_style style = {.size = DSS_LABEL_SIZE,
                     .bold = true,
                     .color = DSS_INK,
                     .align = DSS_LEFT,
                     .width = fmax(right - f->left, 120.0)};
  dss_write(f->canvas, &style, f->left, names_top, f->grid.attributes[1]);
  style.turned = 90.0;
  style.align = DSS_CENTER;
  style.width = fmax(bottom - f->top, 60.0);
  dss_write_middle(f->canvas, &style, DSS_MARGIN + 5.0, 0.5 * (f->top + bottom),
                   f->grid.attributes[0]);
}

/* --- words --------------------------------------------------------------------------------- */

static double draw_scale(const crossed *f, double y) {
  const dss_style style = {.size = DSS_TICK_SIZE, .color = DSS_INK, .align = DSS_CENTER};
  const double shares[] = {0.0, 0.25, 0.5, 0.75, 1.0};
  char text[DSS_NUMBER_ROOM];
  double left = DSS_MARGIN + 30.0;
  dss_style name = style;
  name.align = DSS_LEFT;
  name.bold = true;
  y += 10.0;
  dss_write_middle(f->canvas, &name, DSS_MARGIN, y + 4.0, "GAI");
  dss_gradient(f->canvas, dss_diverging_color, true, left, y, SCALE_WIDTH, 8.0);
  for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
    double gai = exp2((2.0 * shares[i] - 1.0) * f->reach);
    double x = left + shares[i] * SCALE_WIDTH;
    dss_line(f->canvas, DSS_LINE, 0.6, DSS_SOLID, x, y + 8.0, x, y + 10.5);
    dss_write(f->canvas, &style, x, y + 11.0, dss_number_text(gai, 2, text));
  }
  return y + 22.0;
}

static double draw_words(const crossed *f, double y) {
  dss_legend legend = {.n = 0};
  dss_sentences notes = {.n = 0};
  y = draw_scale(f, y);
  if (!f->numbers) {
    bool sure[DSS_N_SURENESS] = {false, false, f->sure[DSS_SURE_P], f->sure[DSS_SURE_Q]};
    dss_legend_add_sureness(&legend, sure, "GAI is undefined, or not tested");
  }
  if (f->undefined) dss_legend_add(&legend, DSS_SIGN_HATCH, 0, "GAI is undefined");
  y = dss_draw_legend(f->canvas, &legend, y);
  if (f->numbers && (f->sure[DSS_SURE_P] || f->sure[DSS_SURE_Q]))
    dss_say(&notes, "*\302\240p\302\240<\302\2400.05; **\302\240q\302\240<\302\2400.05 (Benjamini "
                    "and Hochberg).");
  else if (f->sure[DSS_SURE_NOT])
    dss_say(&notes, "%s significant: no mark.",
            f->sure[DSS_SURE_P] || f->sure[DSS_SURE_Q] ? "Not" : "No group is");
  if (f->absent) dss_say(&notes, "Blank: no rater is in such a group.");
  if (f->below_zero) dss_say(&notes, "GAI of 0 and below has the colour of the low end.");
  if (f->clipped) dss_say(&notes, "Values beyond the scale have the colour of its end.");
  y = dss_draw_notes(f->canvas, &notes, y);
  dss_sentences_free(&notes);
  return y;
}

static double draw_heading(const crossed *f) {
  dss_sentences w = {.n = 0};
  const char *question = dss_name_question(&w, f->r, f->q),
             *resamples = dss_name_resamples(&w, f->r);
  dss_say(&w, "GAI by %s and %s", dss_name(&w, f->grid.attributes[0]),
          dss_name(&w, f->grid.attributes[1]));
  if (f->row_end - f->row < f->grid.n_rows || f->column_end - f->column < f->grid.n_columns)
    dss_say(&w, "%s; %s; rows %zu to %zu of %zu, columns %zu to %zu of %zu", question, resamples,
            f->row + 1, f->row_end, f->grid.n_rows, f->column + 1, f->column_end,
            f->grid.n_columns);
  else
    dss_say(&w, "%s; %s", question, resamples);
  double y = dss_draw_heading(f->canvas, &w);
  dss_sentences_free(&w);
  return y;
}

/* --- the whole --------------------------------------------------------------------------- */

dss_status dss_draw_crossed(dss_canvas *canvas, const void *what, double *height) {
  const dss_kind_figure *k = what;
  crossed f = {.canvas = canvas,
               .r = k->results,
               .q = k->figure->question,
               .axis = k->figure->axis,
               .grid = *k->grid};
  if (f.grid.n_columns > f.grid.n_rows) dss_grid_turn(&f.grid);
  size_t across = dss_pages(f.grid.n_columns, DSS_GRID_COLUMNS), page = k->figure->page;
  dss_page_range(f.grid.n_rows, DSS_GRID_ROWS, page / across, &f.row, &f.row_end);
  dss_page_range(f.grid.n_columns, DSS_GRID_COLUMNS, page % across, &f.column, &f.column_end);
  DSS_TRY(place_groups(&f));
  dss_status status = set_reach(&f);
  if (status == DSS_OK) {
    double y = draw_heading(&f);
    set_cells(&f);
    f.top = y + 12.0 + column_names_height(&f) + 6.0;
    draw_names(&f);
    draw_attributes(&f, y);
    draw_cells(&f);
    *height = draw_words(&f, f.top + (double)(f.row_end - f.row) * f.cell_height);
  }
  free(f.groups);
  return status;
}
