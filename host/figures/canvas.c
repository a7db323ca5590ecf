#include "canvas.h"

#include <math.h>

#include "host/core/alloc.h"
#include "names.h"

#define FAMILY "sans"
#define PI 3.14159265358979323846

/* --- texts --------------------------------------------------------------------------------- */

static void set_lines(PangoLayout *layout, const dss_style *style) {
  if (style->width <= 0.0) return;
  pango_layout_set_width(layout, (int)floor(style->width * PANGO_SCALE));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  if (style->lines < 0) return;
  int lines = style->lines > 1 ? style->lines : 1;
  pango_layout_set_height(layout, -lines);
  pango_layout_set_ellipsize(layout, lines > 1 ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_MIDDLE);
}

static PangoLayout *layout_of(dss_canvas *canvas, const dss_style *style, const char *text) {
  static const PangoAlignment alignments[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER,
                                              PANGO_ALIGN_RIGHT};
  char *shown = NULL;
  if (!style->composed && dss_label_shown(canvas->context, text, &shown) != DSS_OK) return NULL;
  PangoLayout *layout = pango_layout_new(canvas->pango);
  PangoFontDescription *font = pango_font_description_new();
  pango_font_description_set_family(font, FAMILY);
  pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
  if (style->bold) pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
  if (style->italic) pango_font_description_set_style(font, PANGO_STYLE_ITALIC);
  pango_layout_set_font_description(layout, font);
  pango_font_description_free(font);
  PangoAttrList *attributes = pango_attr_list_new();
  pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
  pango_layout_set_attributes(layout, attributes);
  pango_attr_list_unref(attributes);
  pango_layout_set_single_paragraph_mode(layout, TRUE);
  /* A sentence of ours runs from left to right even where it begins with a name that does not. */
  if (style->composed) pango_layout_set_auto_dir(layout, FALSE);
  pango_layout_set_alignment(layout, alignments[style->align]);
  set_lines(layout, style);
  pango_layout_set_text(layout, shown ? shown : text, -1);
  free(shown);
  return layout;
}

/* Where the text stands in its layout, in points. */
typedef struct place {
  double x, y, width, height;
} place;

static place place_of(PangoLayout *layout) {
  PangoRectangle logical;
  pango_layout_get_extents(layout, NULL, &logical);
  return (place){(double)logical.x / PANGO_SCALE, (double)logical.y / PANGO_SCALE,
                 (double)logical.width / PANGO_SCALE, (double)logical.height / PANGO_SCALE};
}

dss_extent dss_measure(dss_canvas *canvas, const dss_style *style, const char *text) {
  PangoLayout *layout = layout_of(canvas, style, text);
  if (!layout) return (dss_extent){0.0, 0.0};
  place p = place_of(layout);
  g_object_unref(layout);
  return (dss_extent){p.width, p.height};
}

static void set_color(cairo_t *cr, dss_color color) {
  cairo_set_source_rgb(cr, (color >> 16 & 0xff) / 255.0, (color >> 8 & 0xff) / 255.0,
                       (color & 0xff) / 255.0);
}

/* A half-clear box below the text, which keeps lines from running through the letters. */
static void draw_halo(cairo_t *cr, PangoLayout *layout, dss_color color) {
  double x, y;
  place p = place_of(layout);
  cairo_get_current_point(cr, &x, &y);
  cairo_new_path(cr);
  cairo_set_source_rgba(cr, 1.0, 1.0, 1.0, 0.8);
  cairo_rectangle(cr, x + p.x - 0.5, y + p.y + 1.0, p.width + 1.0, p.height - 2.0);
  cairo_fill(cr);
  set_color(cr, color);
  cairo_move_to(cr, x, y);
}

/* up: how much of its height stands above y. */
static dss_extent write_at(dss_canvas *canvas, const dss_style *style, double x, double y,
                           double up, const char *text) {
  cairo_t *cr = canvas->cairo;
  PangoLayout *layout = layout_of(canvas, style, text);
  if (!layout) return (dss_extent){0.0, 0.0};
  place p = place_of(layout);
  double left = style->align == DSS_LEFT ? 0.0 : style->align == DSS_CENTER ? 0.5 : 1.0;
  cairo_save(cr);
  set_color(cr, style->color);
  cairo_translate(cr, x, y);
  if (style->turned != 0.0) cairo_rotate(cr, -style->turned * PI / 180.0);
  cairo_move_to(cr, -p.x - left * p.width, -p.y - up * p.height);
  if (style->halo) draw_halo(cr, layout, style->color);
  pango_cairo_show_layout(cr, layout);
  cairo_restore(cr);
  g_object_unref(layout);
  return (dss_extent){p.width, p.height};
}

dss_extent dss_write(dss_canvas *canvas, const dss_style *style, double x, double y,
                     const char *text) {
  return write_at(canvas, style, x, y, 0.0, text);
}

dss_extent dss_write_middle(dss_canvas *canvas, const dss_style *style, double x, double y,
                            const char *text) {
  return write_at(canvas, style, x, y, 0.5, text);
}

/* --- shapes -------------------------------------------------------------------------------- */

static void set_pen(cairo_t *cr, dss_color color, double width, dss_dash dash) {
  static const double dashed[] = {4.0, 2.5}, dotted[] = {1.0, 2.0};
  set_color(cr, color);
  cairo_set_line_width(cr, width);
  if (dash == DSS_SOLID)
    cairo_set_dash(cr, NULL, 0, 0.0);
  else
    cairo_set_dash(cr, dash == DSS_DASHED ? dashed : dotted, 2, 0.0);
}

void dss_line(dss_canvas *canvas, dss_color color, double width, dss_dash dash, double x1,
              double y1, double x2, double y2) {
  set_pen(canvas->cairo, color, width, dash);
  cairo_move_to(canvas->cairo, x1, y1);
  cairo_line_to(canvas->cairo, x2, y2);
  cairo_stroke(canvas->cairo);
}

void dss_box(dss_canvas *canvas, dss_color color, double x, double y, double width, double height) {
  set_color(canvas->cairo, color);
  cairo_rectangle(canvas->cairo, x, y, width, height);
  cairo_fill(canvas->cairo);
}

void dss_frame(dss_canvas *canvas, dss_color color, double line, double x, double y, double width,
               double height) {
  set_pen(canvas->cairo, color, line, DSS_SOLID);
  cairo_rectangle(canvas->cairo, x, y, width, height);
  cairo_stroke(canvas->cairo);
}

void dss_gradient(dss_canvas *canvas, dss_color (*color)(double), bool reversed, double x, double y,
                  double width, double height) {
  enum { STOPS = 13 }; /* as many as the scales' own, and between */
  cairo_pattern_t *pattern = cairo_pattern_create_linear(x, y, x + width, y);
  for (int i = 0; i < STOPS; i++) {
    double at = (double)i / (STOPS - 1);
    dss_color c = color(reversed ? 1.0 - at : at);
    cairo_pattern_add_color_stop_rgb(pattern, at, (c >> 16 & 0xff) / 255.0, (c >> 8 & 0xff) / 255.0,
                                     (c & 0xff) / 255.0);
  }
  cairo_set_source(canvas->cairo, pattern);
  cairo_pattern_destroy(pattern);
  cairo_rectangle(canvas->cairo, x, y, width, height);
  cairo_fill(canvas->cairo);
}

/* Lines that end at the box's edges, so that nothing need be clipped. */
void dss_hatch(dss_canvas *canvas, double x, double y, double width, double height) {
  const double apart = 4.0;
  set_pen(canvas->cairo, 0xc4c4c4u, 0.5, DSS_SOLID);
  for (double at = apart; at < width + height; at += apart) {
    double x1 = fmin(at, width), y1 = at - x1, y2 = fmin(at, height), x2 = at - y2;
    cairo_move_to(canvas->cairo, x + x1, y + y1);
    cairo_line_to(canvas->cairo, x + x2, y + y2);
  }
  cairo_stroke(canvas->cairo);
}

void dss_arrow(dss_canvas *canvas, dss_color color, double x, double y, double size,
               int direction) {
  cairo_t *cr = canvas->cairo;
  double back = direction < 0 ? size : -size, half = 0.45 * size;
  bool flat = direction == 1 || direction == -1;
  set_color(cr, color);
  cairo_move_to(cr, x, y);
  cairo_line_to(cr, flat ? x + back : x - half, flat ? y - half : y + back);
  cairo_line_to(cr, flat ? x + back : x + half, flat ? y + half : y + back);
  cairo_close_path(cr);
  cairo_fill(cr);
}

static void trace_marker(cairo_t *cr, dss_sureness sureness, double x, double y, double size) {
  double r = 0.5 * size;
  switch (sureness) {
  case DSS_SURE_Q:
    r *= 1.25;
    cairo_move_to(cr, x, y - r);
    cairo_line_to(cr, x + r, y);
    cairo_line_to(cr, x, y + r);
    cairo_line_to(cr, x - r, y);
    cairo_close_path(cr);
    break;
  case DSS_SURE_P:
    r *= 0.9;
    cairo_rectangle(cr, x - r, y - r, 2.0 * r, 2.0 * r);
    break;
  default:
    if (sureness == DSS_SURE_UNTESTED) r *= 0.75;
    cairo_new_sub_path(cr);
    cairo_arc(cr, x, y, r, 0.0, 2.0 * PI);
    cairo_close_path(cr);
  }
}

void dss_marker(dss_canvas *canvas, dss_sureness sureness, double x, double y, double size) {
  cairo_t *cr = canvas->cairo;
  bool ring = sureness == DSS_SURE_NOT;
  trace_marker(cr, sureness, x, y, size);
  set_color(cr, ring ? DSS_PAPER : dss_sureness_color(sureness));
  cairo_fill_preserve(cr);
  set_pen(cr, ring ? DSS_SURE_NOT_COLOR : DSS_PAPER, ring ? 1.0 : 0.5, DSS_SOLID);
  cairo_stroke(cr);
}
