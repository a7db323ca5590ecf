/* What figures are drawn with: Cairo for lines and surfaces, Pango for texts. Lengths are points
 * (1/72 inch) from the upper left corner, in every format.
 *
 * A figure is drawn twice by the same function: first on nothing, which tells its height, then on a
 * page of that height. A text's size is always asked of Pango.
 */
#ifndef DSS_FIGURES_CANVAS_H
#define DSS_FIGURES_CANVAS_H

#include <cairo.h>
#include <pango/pangocairo.h>

#include "palette.h"

#define DSS_PAGE_WIDTH 454.0 /* 16 cm */
#define DSS_PIXELS_A_POINT 3.0
#define DSS_MARGIN 10.0

typedef struct dss_canvas {
  dss_context *context;
  cairo_t *cairo;
  PangoContext *pango;
} dss_canvas;

/* --- texts --------------------------------------------------------------------------------- */

typedef enum dss_align { DSS_LEFT, DSS_CENTER, DSS_RIGHT } dss_align;

typedef struct dss_style {
  double size;
  bool bold, italic;
  dss_color color;
  dss_align align; /* of the text to its x, and of its lines to one another */
  double width;    /* longer texts are broken into `lines` lines, then cut; 0: as wide as it is */
  int lines;       /* 0 and 1: one, cut in its middle; negative: as many as it takes */
  bool composed;   /* by dss_say (layout.h), of texts that may be shown as they are */
  bool halo;       /* a white edge about the letters, for texts on lines */
  double turned;   /* about its x and y, in degrees, anticlockwise */
} dss_style;

typedef struct dss_extent {
  double width, height;
} dss_extent;

/* Any text: what cannot be shown becomes blanks (names.h). */
dss_extent dss_measure(dss_canvas *canvas, const dss_style *style, const char *text);
/* y is the text's upper edge. */
dss_extent dss_write(dss_canvas *canvas, const dss_style *style, double x, double y,
                     const char *text);
/* y is its middle. */
dss_extent dss_write_middle(dss_canvas *canvas, const dss_style *style, double x, double y,
                            const char *text);

/* --- shapes -------------------------------------------------------------------------------- */

typedef enum dss_dash { DSS_SOLID, DSS_DASHED, DSS_DOTTED } dss_dash;

void dss_line(dss_canvas *canvas, dss_color color, double width, dss_dash dash, double x1,
              double y1, double x2, double y2);
void dss_box(dss_canvas *canvas, dss_color color, double x, double y, double width, double height);
void dss_frame(dss_canvas *canvas, dss_color color, double line, double x, double y, double width,
               double height);
/* All colours of a scale from left (0, or 1 where it is reversed) to right. */
void dss_gradient(dss_canvas *canvas, dss_color (*color)(double), bool reversed, double x, double y,
                  double width, double height);
/* Hatched, for what is not there. */
void dss_hatch(dss_canvas *canvas, double x, double y, double width, double height);
/* A head at (x, y): direction -1 points left, +1 right, -2 up, +2 down. */
void dss_arrow(dss_canvas *canvas, dss_color color, double x, double y, double size, int direction);
/* Diamond (q), square (p), ring (not), dot (untested); alike large to the eye. */
void dss_marker(dss_canvas *canvas, dss_sureness sureness, double x, double y, double size);

/* --- pages --------------------------------------------------------------------------------- */

typedef dss_status (*dss_draw_fn)(dss_canvas *canvas, const void *what, double *height);

typedef struct dss_page {
  dss_draw_fn draw;
  const void *what;
  const char *title, *date; /* ISO 8601; of the results, so that the bytes do not depend on now */
} dss_page;

DSS_MUST_USE dss_status dss_page_render(dss_context *context, const dss_page *page,
                                        dss_figure_format format, unsigned char **bytes, size_t *n);
/* The same, and a decimal point is a point, whatever the program's locale says. */
DSS_MUST_USE dss_status dss_page_render_plainly(dss_context *context, const dss_page *page,
                                                dss_figure_format format, unsigned char **bytes,
                                                size_t *n);

#endif
