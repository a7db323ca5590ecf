/* Agreement of every two raters as a heatmap, in the order of their groups, and the blocks' means.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "layout.h"
#include "pair_image.h"

enum { MOST_NUMBERED = 16, MOST_BLOCK_GROUPS = 60 };
#define EMPTY 0xe4e4e4u /* a pair that shares too little */
#define SIDE_NAMES 110.0
#define SCALE_WIDTH 150.0

typedef struct drawing {
  dss_canvas *canvas;
  const dss_pair_image *image;
  const dss_pairs *pairs;
  const dss_pair_axis *axis; /* NULL: no groups */
  double left, top, side;    /* of the large square */
  double low, high;          /* of the colours of blocks */
  size_t unnamed;
} drawing;

static dss_color color_of(double low, double high, double mean) {
  return isnan(mean) ? EMPTY : dss_sequential_color((mean - low) / (high - low));
}

/* --- the matrix ---------------------------------------------------------------------------- */

/* Several pixels a bin, as viewers blur pixels that they enlarge. */
enum { LEAST_PIXELS = 960 };

static dss_status draw_matrix(const drawing *d) {
  const dss_pair_image *image = d->image;
  int bins = (int)image->n_bins, each = (LEAST_PIXELS + bins - 1) / bins, n = bins * each;
  cairo_t *cr = d->canvas->cairo;
  cairo_surface_t *pixels = cairo_image_surface_create(CAIRO_FORMAT_RGB24, n, n);
  if (cairo_surface_status(pixels) != CAIRO_STATUS_SUCCESS) {
    cairo_surface_destroy(pixels);
    return dss_fail_memory(d->canvas->context, 0);
  }
  unsigned char *data = cairo_image_surface_get_data(pixels);
  int stride = cairo_image_surface_get_stride(pixels);
  for (int row = 0; row < n; row++)
    for (int column = 0; column < n; column++) {
      size_t at = (size_t)(row / each) * image->n_bins + (size_t)(column / each);
      uint32_t color = color_of(image->low, image->high, image->mean[at]);
      memcpy(data + row * stride + 4 * column, &color, 4);
    }
  cairo_surface_mark_dirty(pixels);
  cairo_save(cr);
  cairo_translate(cr, d->left, d->top);
  cairo_scale(cr, d->side / n, d->side / n);
  cairo_set_source_surface(cr, pixels, 0.0, 0.0);
  cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
  cairo_rectangle(cr, 0.0, 0.0, n, n);
  cairo_fill(cr);
  cairo_restore(cr);
  cairo_surface_destroy(pixels);
  dss_frame(d->canvas, DSS_LINE, 0.6, d->left, d->top, d->side, d->side);
  return DSS_OK;
}

/* Where the raters before a group end, along a side. */
static double edge(const drawing *d, size_t group) {
  return d->side * (double)d->image->begin[group] / (double)d->image->n_raters;
}

static const char *group_name(const drawing *d, size_t g) {
  return dss_pairs_group(d->pairs, d->axis->first_group + g)->name;
}

/* Room at the left for the widest name. */
static double names_width(const drawing *d) {
  const dss_style style = {.size = DSS_TICK_SIZE, .color = DSS_INK, .width = SIDE_NAMES};
  double widest = 24.0;
  if (!d->axis) return 0.0;
  for (size_t g = 0; g < d->image->n_groups; g++)
    widest = fmax(widest, dss_measure(d->canvas, &style, group_name(d, g)).width);
  return widest + 6.0;
}

/* Lines between groups, and names at the left where there is room for them. */
static void draw_groups(drawing *d) {
  const dss_style style = {
      .size = DSS_TICK_SIZE, .color = DSS_INK, .align = DSS_RIGHT, .width = SIDE_NAMES};
  /* Thin where groups are many, or they would hide what is between them. */
  double last = -INFINITY, line = fmin(1.1, 0.12 * d->side / (double)d->image->n_groups);
  for (size_t g = 0; g < d->image->n_groups; g++) {
    double from = edge(d, g), to = edge(d, g + 1), middle = 0.5 * (from + to);
    if (g > 0) {
      dss_line(d->canvas, DSS_PAPER, line, DSS_SOLID, d->left, d->top + from, d->left + d->side,
               d->top + from);
      dss_line(d->canvas, DSS_PAPER, line, DSS_SOLID, d->left + from, d->top, d->left + from,
               d->top + d->side);
      dss_line(d->canvas, DSS_LINE, 0.6, DSS_SOLID, d->left - 4.0, d->top + from, d->left,
               d->top + from);
    }
    if (to <= from) continue;
    if (middle - last < 9.0) {
      d->unnamed++;
      continue;
    }
    dss_write_middle(d->canvas, &style, d->left - 5.0, d->top + middle, group_name(d, g));
    last = middle;
  }
}

/* --- means of blocks ----------------------------------------------------------------------- */

static const dss_pair_block *block_of(const drawing *d, size_t a, size_t b) {
  size_t first = d->axis->first_group + (a < b ? a : b),
         second = d->axis->first_group + (a < b ? b : a);
  for (size_t i = 0; i < dss_pairs_n_blocks(d->pairs); i++) {
    const dss_pair_block *block = dss_pairs_block(d->pairs, i);
    if (block->first == first && block->second == second) return block;
  }
  return NULL;
}

static void draw_block(const drawing *d, const dss_pair_block *b, double x, double y, double width,
                       double height) {
  char text[DSS_NUMBER_ROOM];
  if (!b || isnan(b->agreement)) {
    dss_hatch(d->canvas, x, y, width, height);
    return;
  }
  dss_color ground = color_of(d->low, d->high, b->agreement);
  const dss_style style = {.size = fmin(DSS_LABEL_SIZE, 0.55 * height),
                           .color = dss_color_on(ground),
                           .align = DSS_CENTER,
                           .bold = b->first == b->second};
  dss_box(d->canvas, ground, x, y, width, height);
  if (d->image->n_groups <= MOST_NUMBERED)
    dss_write_middle(d->canvas, &style, x + 0.5 * width, y + 0.5 * height,
                     dss_number_text(b->agreement, width > 26.0 ? 3 : 2, text));
}

/* Colours of their own, as means lie much closer together than pairs. */
static void set_block_limits(drawing *d) {
  d->low = INFINITY;
  d->high = -INFINITY;
  for (size_t i = 0; i < dss_pairs_n_blocks(d->pairs); i++) {
    const dss_pair_block *b = dss_pairs_block(d->pairs, i);
    if (b->axis != d->image->axis || isnan(b->agreement)) continue;
    d->low = fmin(d->low, b->agreement);
    d->high = fmax(d->high, b->agreement);
  }
  if (d->low < d->high) return;
  d->low = 0.0;
  d->high = 1.0;
}

static double draw_scale(const drawing *d, double low, double high, const char *name, double y) {
  const dss_style style = {.size = DSS_TICK_SIZE, .color = DSS_INK, .align = DSS_CENTER};
  const dss_limits limits = {low, high};
  dss_ticks ticks = dss_ticks_nice(&limits, 6);
  char text[DSS_NUMBER_ROOM];
  y += 6.0;
  dss_gradient(d->canvas, dss_sequential_color, false, d->left, y, SCALE_WIDTH, 8.0);
  for (size_t i = 0; i < ticks.n; i++) {
    double x = dss_place(&limits, ticks.at[i], d->left, d->left + SCALE_WIDTH);
    dss_line(d->canvas, DSS_LINE, 0.6, DSS_SOLID, x, y + 8.0, x, y + 10.5);
    dss_write(d->canvas, &style, x, y + 11.0, dss_number_text(ticks.at[i], ticks.decimals, text));
  }
  dss_style words = style;
  words.align = DSS_LEFT;
  words.width = DSS_PAGE_WIDTH - DSS_MARGIN - d->left - SCALE_WIDTH - 16.0;
  dss_write_middle(d->canvas, &words, d->left + SCALE_WIDTH + 14.0, y + 4.0, name);
  return y + 22.0;
}

/* Names under the columns of the blocks, as wide as these or turned. */
static double draw_block_names(const drawing *d, double width, double y) {
  bool turned = width < 40.0;
  const dss_style flat = {.size = DSS_TICK_SIZE,
                          .color = DSS_INK,
                          .align = turned ? DSS_RIGHT : DSS_CENTER,
                          .width = turned ? SIDE_NAMES : width - 3.0,
                          .lines = turned ? 1 : 2};
  dss_style style = flat;
  double deepest = 0.0;
  if (turned) style.turned = 90.0;
  for (size_t b = 0; b < d->image->n_groups; b++) {
    dss_extent e = dss_measure(d->canvas, &flat, group_name(d, b));
    double x = d->left + ((double)b + 0.5) * width - 0.4;
    if (turned)
      dss_write_middle(d->canvas, &style, x, y + 3.0, group_name(d, b));
    else
      dss_write(d->canvas, &style, x, y + 2.0, group_name(d, b));
    deepest = fmax(deepest, turned ? e.width : e.height);
  }
  return y + deepest + 6.0;
}

/* A table of the groups by the groups, the lower half of it. */
static double draw_blocks(drawing *d, double y) {
  size_t n = d->image->n_groups;
  const dss_style head = {.size = DSS_LABEL_SIZE, .bold = true, .color = DSS_INK};
  const dss_style name = {
      .size = DSS_TICK_SIZE, .color = DSS_INK, .align = DSS_RIGHT, .width = SIDE_NAMES};
  double width = fmin(d->side / (double)n, 60.0);
  double height = n <= 8 ? 18.0 : n <= MOST_NUMBERED ? 14.0 : n <= 40 ? 9.5 : 8.5;
  if (!d->axis || n > MOST_BLOCK_GROUPS) return y;
  set_block_limits(d);
  dss_write(d->canvas, &head, d->left, y + 6.0, "Mean agreement of two raters, by their groups");
  y += 22.0;
  for (size_t a = 0; a < n; a++) {
    dss_write_middle(d->canvas, &name, d->left - 5.0, y + 0.5 * height, group_name(d, a));
    for (size_t b = 0; b <= a; b++)
      draw_block(d, block_of(d, a, b), d->left + (double)b * width, y, width - 0.8, height - 0.8);
    y += height;
  }
  y = draw_block_names(d, width, y);
  return draw_scale(d, d->low, d->high, "mean of a block", y);
}

/* --- words --------------------------------------------------------------------------------- */

static double draw_heading(const drawing *d) {
  char n[DSS_NUMBER_ROOM], r[DSS_NUMBER_ROOM], f[DSS_NUMBER_ROOM], p[2][DSS_NUMBER_ROOM];
  dss_sentences w = {.n = 0};
  const char *question = dss_name(&w, dss_pairs_question(d->pairs));
  const char *scale = dss_scale_name(dss_pairs_scale(d->pairs));
  if (d->axis)
    dss_say(&w, "Agreement of every two raters, by %s", dss_name(&w, d->axis->name));
  else
    dss_say(&w, "Agreement of every two raters");
  dss_count_text(d->image->n_raters, n);
  if (d->axis && d->axis->resamples > 0)
    dss_say(&w,
            "%s (%s), %s raters; ANOSIM R\302\240=\302\240%s, p\302\240=\302\240%s; PERMANOVA "
            "F\302\240=\302\240%s, p\302\240=\302\240%s",
            question, scale, n, dss_number_text(d->axis->anosim.value, 3, r),
            dss_p_text(d->axis->anosim.p, p[0]), dss_number_text(d->axis->permanova.value, 3, f),
            dss_p_text(d->axis->permanova.p, p[1]));
  else
    dss_say(&w, "%s (%s), %s raters", question, scale, n);
  double y = dss_draw_heading(d->canvas, &w);
  dss_sentences_free(&w);
  return y;
}

static double draw_words(const drawing *d, double y) {
  char n[DSS_NUMBER_ROOM], m[DSS_NUMBER_ROOM];
  dss_legend legend = {.n = 0};
  dss_sentences notes = {.n = 0};
  const char *least = dss_pairs_provenance(d->pairs, "min_shared");
  if (d->image->empty > 0 || d->image->n_bins == d->image->n_raters)
    dss_legend_add(&legend, DSS_SIGN_BOX, EMPTY,
                   "too few shared items, or a rater with themselves");
  if (d->image->empty > 0)
    dss_say(&notes, "Left out: %s pair%s with fewer than %s shared item%s.",
            dss_count_text(d->image->empty, n), dss_plural(d->image->empty), least ? least : "1",
            least && strcmp(least, "1") == 0 ? "" : "s");
  y = dss_draw_legend(d->canvas, &legend, y);
  if (d->image->n_raters > d->image->n_bins)
    dss_say(&notes, "Each pixel is the mean over the pairs of about %.1f raters with as many.",
            (double)d->image->n_raters / (double)d->image->n_bins);
  if (d->image->n_unknown > 0)
    dss_say(&notes, "Not drawn, as their value is unknown: %s rater%s.",
            dss_count_text(d->image->n_unknown, n), dss_plural(d->image->n_unknown));
  if (d->unnamed > 0)
    dss_say(&notes, "Without a name beside the matrix for want of room: %zu small group%s.",
            d->unnamed, dss_plural(d->unnamed));
  if (d->axis && d->image->n_groups > MOST_BLOCK_GROUPS)
    dss_say(&notes, "The means of the %s blocks are in the file and in the report.",
            dss_count_text(d->image->n_groups * (d->image->n_groups + 1) / 2, m));
  if (*dss_pairs_reason(d->pairs))
    dss_say(&notes, "%s", dss_name(&notes, dss_pairs_reason(d->pairs)));
  y = dss_draw_notes(d->canvas, &notes, y);
  dss_sentences_free(&notes);
  return y;
}

dss_status dss_draw_pairs(dss_canvas *canvas, const void *what, double *height) {
  const dss_pair_image *image = what;
  drawing d = {.canvas = canvas, .image = image, .pairs = image->pairs};
  if (image->axis != SIZE_MAX) d.axis = dss_pairs_axis(image->pairs, image->axis);
  d.left = DSS_MARGIN + names_width(&d);
  /* Lower where a table of many groups stands below, so that both fit a sheet of paper. */
  bool large = d.axis && image->n_groups > MOST_NUMBERED && image->n_groups <= MOST_BLOCK_GROUPS;
  d.side = fmin(DSS_PAGE_WIDTH - DSS_MARGIN - d.left, large ? 260.0 : 340.0);
  d.top = draw_heading(&d);
  double y = d.top;
  if (image->n_bins > 0) {
    DSS_TRY(draw_matrix(&d));
    if (d.axis) draw_groups(&d);
    y = draw_scale(&d, image->low, image->high, "share of equal ratings of two raters",
                   d.top + d.side + 4.0);
    y = draw_blocks(&d, y + 4.0);
  }
  *height = draw_words(&d, y);
  return DSS_OK;
}
