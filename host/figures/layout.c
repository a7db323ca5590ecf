#include "layout.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

#define INNER_WIDTH (DSS_PAGE_WIDTH - 2.0 * DSS_MARGIN)

static const dss_style note_style = {.size = DSS_NOTE_SIZE,
                                     .color = DSS_SOFT_INK,
                                     .width = INNER_WIDTH,
                                     .lines = -1,
                                     .composed = true};

/* --- words --------------------------------------------------------------------------------- */

#define ISOLATE "\xe2\x81\xa8" /* U+2068, its direction is that of its first letter */
#define END_ISOLATE "\xe2\x81\xa9"

const char *dss_name(dss_sentences *words, const char *name) {
  char *shown = NULL, *isolated = NULL;
  if (words->n_names == sizeof words->names / sizeof *words->names ||
      dss_label_shown(NULL, name, &shown) != DSS_OK)
    return "?";
  size_t size = strlen(shown) + sizeof ISOLATE + sizeof END_ISOLATE;
  isolated = malloc(size);
  if (isolated) snprintf(isolated, size, ISOLATE "%s" END_ISOLATE, shown);
  free(shown);
  if (!isolated) return "?";
  return words->names[words->n_names++] = isolated;
}

void dss_say(dss_sentences *words, const char *format, ...) {
  va_list arguments, again;
  if (words->n == sizeof words->text / sizeof *words->text) return;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  char *text = length < 0 ? NULL : malloc((size_t)length + 1);
  if (text) vsnprintf(text, (size_t)length + 1, format, again);
  va_end(again);
  if (text) words->text[words->n++] = text;
}

void dss_sentences_free(dss_sentences *words) {
  for (size_t i = 0; i < words->n; i++)
    free(words->text[i]);
  for (size_t i = 0; i < words->n_names; i++)
    free(words->names[i]);
  *words = (dss_sentences){.n = 0};
}

const char *dss_plural(size_t n) {
  return n == 1 ? "" : "s";
}

const char *dss_name_run(dss_sentences *words, uint64_t resamples, const char *arrangements,
                         const char *scheme, const char *seed) {
  char count[DSS_NUMBER_ROOM], text[400];
  if (resamples == 0) return "not tested: no resamples";
  if (arrangements && strcmp(arrangements, "all") == 0)
    snprintf(text, sizeof text, "all %s arrangements, scheme %.300s",
             dss_count_text(resamples, count), scheme ? scheme : "");
  else
    snprintf(text, sizeof text, "%s resamples, scheme %.300s, seed %.20s",
             dss_count_text(resamples, count), scheme ? scheme : "", seed ? seed : "");
  return dss_name(words, text);
}

const char *dss_name_resamples(dss_sentences *words, const dss_results *r) {
  return dss_name_run(words, dss_results_resamples(r), dss_results_provenance(r, "arrangements"),
                      dss_results_provenance(r, "scheme"), dss_results_provenance(r, "seed"));
}

const char *dss_name_question(dss_sentences *words, const dss_results *r, size_t q) {
  uint32_t levels = dss_results_n_levels(r, q);
  const char *name = dss_name(words, dss_results_question(r, q));
  size_t size = strlen(name) + 80;
  char *text = words->n_names == sizeof words->names / sizeof *words->names ? NULL : malloc(size);
  if (!text) return name;
  snprintf(text, size, "%s (%s, %u level%s)", name, dss_scale_name(dss_results_scale(r, q)), levels,
           dss_plural(levels));
  return words->names[words->n_names++] = text;
}

double dss_draw_notes(dss_canvas *canvas, const dss_sentences *words, double y) {
  if (words->n > 0) y += 4.0;
  for (size_t i = 0; i < words->n; i++)
    y += dss_write(canvas, &note_style, DSS_MARGIN, y, words->text[i]).height + 1.0;
  return y + DSS_MARGIN;
}

double dss_draw_heading(dss_canvas *canvas, const dss_sentences *words) {
  const dss_style first = {.size = DSS_TITLE_SIZE,
                           .bold = true,
                           .color = DSS_INK,
                           .width = INNER_WIDTH,
                           .lines = 2,
                           .composed = true},
                  second = {.size = DSS_SUBTITLE_SIZE,
                            .color = DSS_SOFT_INK,
                            .width = INNER_WIDTH,
                            .lines = 3,
                            .composed = true};
  double y = DSS_MARGIN;
  if (words->n > 0) y += dss_write(canvas, &first, DSS_MARGIN, y, words->text[0]).height + 2.0;
  if (words->n > 1) y += dss_write(canvas, &second, DSS_MARGIN, y, words->text[1]).height;
  return y + 8.0;
}

/* --- legend -------------------------------------------------------------------------------- */

void dss_legend_add(dss_legend *legend, dss_sign sign, dss_color color, const char *text) {
  if (legend->n < DSS_MOST_LEGEND)
    legend->items[legend->n++] = (dss_legend_item){.sign = sign, .color = color, .text = text};
}

void dss_legend_add_sureness(dss_legend *legend, const bool occurs[DSS_N_SURENESS],
                             const char *untested) {
  const char *const texts[] = {
      [DSS_SURE_UNTESTED] = untested,
      [DSS_SURE_NOT] = "not significant",
      [DSS_SURE_P] = "*\302\240p\302\240<\302\2400.05",
      [DSS_SURE_Q] = "**\302\240q\302\240<\302\2400.05 (Benjamini\xe2\x80\x93Hochberg)"};
  for (int s = DSS_N_SURENESS - 1; s >= 0; s--)
    if (occurs[s] && legend->n < DSS_MOST_LEGEND)
      legend->items[legend->n++] =
          (dss_legend_item){.sign = DSS_SIGN_MARKER, .sureness = (dss_sureness)s, .text = texts[s]};
}

#define SIGN_WIDTH 16.0

static void draw_sign(dss_canvas *canvas, const dss_legend_item *item, double x, double y) {
  double end = x + SIGN_WIDTH, middle = x + 0.5 * SIGN_WIDTH;
  switch (item->sign) {
  case DSS_SIGN_MARKER:
    dss_marker(canvas, item->sureness, middle, y, 6.0);
    break;
  case DSS_SIGN_BOX:
    dss_box(canvas, item->color, x, y - 3.0, SIGN_WIDTH, 6.0);
    break;
  case DSS_SIGN_LINE:
    dss_line(canvas, item->color, 1.2, DSS_SOLID, x, y, end, y);
    break;
  case DSS_SIGN_DOTTED:
    dss_line(canvas, item->color, 0.9, DSS_DOTTED, x, y, end - 3.0, y);
    dss_arrow(canvas, item->color, end, y, 4.0, 1);
    break;
  case DSS_SIGN_DASHED:
    dss_line(canvas, item->color, 1.0, DSS_DASHED, x, y, end, y);
    break;
  case DSS_SIGN_HATCH:
    dss_hatch(canvas, x, y - 3.0, SIGN_WIDTH, 6.0);
    dss_frame(canvas, 0xc4c4c4u, 0.5, x, y - 3.0, SIGN_WIDTH, 6.0);
    break;
  case DSS_SIGN_ARROW:
    dss_arrow(canvas, item->color, middle + 2.5, y, 5.0, 1);
    break;
  }
}

double dss_draw_legend(dss_canvas *canvas, const dss_legend *legend, double y) {
  const dss_style style = {
      .size = DSS_TICK_SIZE, .color = DSS_INK, .width = INNER_WIDTH - 2.0 * SIGN_WIDTH};
  const double row = 11.5;
  double x = DSS_MARGIN;
  if (legend->n == 0) return y;
  y += 4.0;
  for (size_t i = 0; i < legend->n; i++) {
    double width = SIGN_WIDTH + 4.0 + dss_measure(canvas, &style, legend->items[i].text).width;
    if (x > DSS_MARGIN && x + width > DSS_PAGE_WIDTH - DSS_MARGIN) {
      x = DSS_MARGIN;
      y += row;
    }
    draw_sign(canvas, &legend->items[i], x, y + 0.5 * row);
    dss_write_middle(canvas, &style, x + SIGN_WIDTH + 4.0, y + 0.5 * row, legend->items[i].text);
    x += width + 12.0;
  }
  return y + row;
}

/* --- axes ---------------------------------------------------------------------------------- */

static const dss_style tick_style = {.size = DSS_TICK_SIZE, .color = DSS_SOFT_INK};

double dss_plot_x(const dss_plot *plot, double value) {
  return dss_place(&plot->x, value, plot->left, plot->right);
}

double dss_plot_y(const dss_plot *plot, double value) {
  return dss_place(&plot->y, value, plot->bottom, plot->top);
}

/* Ticks whose numbers have room beside one another. */
static dss_ticks fitting_ticks(dss_canvas *canvas, const dss_limits *limits, double room,
                               bool upright) {
  char text[DSS_NUMBER_ROOM];
  dss_ticks ticks = {.n = 0};
  for (size_t most = upright ? 8 : 10; most >= 2; most--) {
    double widest = 0.0;
    ticks = dss_ticks_nice(limits, most);
    for (size_t i = 0; i < ticks.n; i++) {
      dss_extent e =
          dss_measure(canvas, &tick_style, dss_number_text(ticks.at[i], ticks.decimals, text));
      widest = fmax(widest, upright ? e.height : e.width);
    }
    if (ticks.n < 2 || (widest + 8.0) * (double)ticks.n <= room) break;
  }
  return ticks;
}

double dss_draw_x_axis(dss_canvas *canvas, const dss_plot *plot, const char *name, bool grid) {
  char text[DSS_NUMBER_ROOM];
  dss_style style = tick_style;
  const dss_style title = {.size = DSS_LABEL_SIZE,
                           .color = DSS_INK,
                           .align = DSS_CENTER,
                           .width = plot->right - plot->left};
  dss_ticks ticks = fitting_ticks(canvas, &plot->x, plot->right - plot->left, false);
  double height = 0.0;
  style.align = DSS_CENTER;
  for (size_t i = 0; i < ticks.n; i++) {
    double x = dss_plot_x(plot, ticks.at[i]);
    if (grid) dss_line(canvas, DSS_RULE, 0.5, DSS_SOLID, x, plot->top, x, plot->bottom);
    dss_line(canvas, DSS_LINE, 0.7, DSS_SOLID, x, plot->bottom, x, plot->bottom + 3.0);
    dss_number_text(ticks.at[i], ticks.decimals, text);
    height = fmax(height, dss_write(canvas, &style, x, plot->bottom + 4.0, text).height);
  }
  dss_line(canvas, DSS_LINE, 0.7, DSS_SOLID, plot->left, plot->bottom, plot->right, plot->bottom);
  double y = plot->bottom + 5.0 + height;
  return y + dss_write(canvas, &title, 0.5 * (plot->left + plot->right), y, name).height + 2.0;
}

static double widest_tick(dss_canvas *canvas, const dss_ticks *ticks) {
  char text[DSS_NUMBER_ROOM];
  double widest = 0.0;
  for (size_t i = 0; i < ticks->n; i++)
    widest = fmax(widest, dss_measure(canvas, &tick_style,
                                      dss_number_text(ticks->at[i], ticks->decimals, text))
                              .width);
  return widest;
}

double dss_y_axis_room(dss_canvas *canvas, const dss_limits *limits, double height,
                       const char *name) {
  const dss_style title = {.size = DSS_LABEL_SIZE, .color = DSS_INK};
  dss_ticks ticks = fitting_ticks(canvas, limits, height, true);
  double room = widest_tick(canvas, &ticks) + 6.0;
  return *name ? room + dss_measure(canvas, &title, name).height + 2.0 : room;
}

void dss_draw_y_axis(dss_canvas *canvas, const dss_plot *plot, const char *name, bool grid) {
  char text[DSS_NUMBER_ROOM];
  dss_style style = tick_style;
  dss_ticks ticks = fitting_ticks(canvas, &plot->y, plot->bottom - plot->top, true);
  style.align = DSS_RIGHT;
  for (size_t i = 0; i < ticks.n; i++) {
    double y = dss_plot_y(plot, ticks.at[i]);
    if (grid) dss_line(canvas, DSS_RULE, 0.5, DSS_SOLID, plot->left, y, plot->right, y);
    dss_line(canvas, DSS_LINE, 0.7, DSS_SOLID, plot->left - 3.0, y, plot->left, y);
    dss_write_middle(canvas, &style, plot->left - 5.0, y,
                     dss_number_text(ticks.at[i], ticks.decimals, text));
  }
  dss_line(canvas, DSS_LINE, 0.7, DSS_SOLID, plot->left, plot->top, plot->left, plot->bottom);
  if (!*name) return;
  const dss_style title = {.size = DSS_LABEL_SIZE,
                           .color = DSS_INK,
                           .align = DSS_CENTER,
                           .width = fmax(plot->bottom - plot->top, 40.0),
                           .turned = 90.0};
  double height = dss_measure(canvas, &title, name).height;
  dss_write_middle(canvas, &title, plot->left - widest_tick(canvas, &ticks) - 8.0 - 0.5 * height,
                   0.5 * (plot->top + plot->bottom), name);
}
