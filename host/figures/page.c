/* A drawing on a page, and the page as the bytes of a file. */
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "canvas.h"
#include "host/core/alloc.h"

/* Bytes that Cairo writes. */
typedef struct sink {
  unsigned char *bytes;
  size_t n, room;
  bool failed;
} sink;

static cairo_status_t take(void *closure, const unsigned char *bytes, unsigned length) {
  sink *to = closure;
  if (to->failed || DSS_GROW(NULL, &to->bytes, &to->room, to->n + length) != DSS_OK) {
    to->failed = true;
    return CAIRO_STATUS_WRITE_ERROR;
  }
  if (length > 0) memcpy(to->bytes + to->n, bytes, length);
  to->n += length;
  return CAIRO_STATUS_SUCCESS;
}

/* --- surfaces ------------------------------------------------------------------------------ */

static cairo_surface_t *make_pdf(const dss_page *page, double height, sink *to) {
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(take, to, DSS_PAGE_WIDTH, height);
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, page->title);
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR,
                                 "dissensus " DSS_VERSION_STRING);
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, page->date);
  return surface;
}

static cairo_surface_t *make_surface(const dss_page *page, dss_figure_format format, double height,
                                     sink *to) {
  cairo_surface_t *surface;
  switch (format) {
  case DSS_FIGURE_SVG:
    surface = cairo_svg_surface_create_for_stream(take, to, DSS_PAGE_WIDTH, height);
    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PT);
    return surface;
  case DSS_FIGURE_PDF:
    return make_pdf(page, height, to);
  case DSS_FIGURE_PNG:
    break;
  }
  return cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(DSS_PAGE_WIDTH * DSS_PIXELS_A_POINT),
                                    (int)(height * DSS_PIXELS_A_POINT));
}

/* Texts take the same room in every format: nothing is fitted to pixels. */
static void set_texts(cairo_t *cr, PangoContext *pango) {
  cairo_font_options_t *options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options(cr, options);
  pango_cairo_context_set_font_options(pango, options);
  cairo_font_options_destroy(options);
  pango_context_set_round_glyph_positions(pango, FALSE);
  pango_cairo_update_context(cr, pango);
}

/* Draws on a surface, and ends it. */
static dss_status draw_on(dss_context *context, const dss_page *page, cairo_surface_t *surface,
                          double scale, double *height) {
  cairo_t *cr = cairo_create(surface);
  cairo_scale(cr, scale, scale);
  dss_canvas canvas = {context, cr, pango_cairo_create_context(cr)};
  set_texts(cr, canvas.pango);
  cairo_set_source_rgb(cr, 1.0, 1.0, 1.0);
  cairo_paint(cr);
  dss_status status = page->draw(&canvas, page->what, height);
  cairo_status_t failed = cairo_status(cr);
  g_object_unref(canvas.pango);
  cairo_destroy(cr);
  if (status == DSS_OK && failed == CAIRO_STATUS_NO_MEMORY) status = dss_fail_memory(context, 0);
  if (status == DSS_OK && failed != CAIRO_STATUS_SUCCESS)
    status = dss_fail(context, DSS_ERR_INTERNAL, "Cairo: %s", cairo_status_to_string(failed));
  return status;
}

static dss_status measure(dss_context *context, const dss_page *page, double *height) {
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
  dss_status status = draw_on(context, page, surface, 1.0, height);
  cairo_surface_destroy(surface);
  *height = ceil(*height);
  return status;
}

/* --- what Cairo wrote as SVG --------------------------------------------------------------- */

/* Cairo numbers surfaces and images over the whole process. Here each gets the number of its first
 * appearance, so that the bytes do not depend on what was drawn before. And it writes places with
 * six decimals, most of which are for letters: three are a thousandth of a point, and a fifth of
 * the file less. */
enum { MOST_IDS = 64, DECIMALS = 3 };
typedef struct ids {
  unsigned long seen[MOST_IDS];
  size_t n;
} ids;

static size_t number_of(ids *all, unsigned long id) {
  size_t i = 0;
  while (i < all->n && all->seen[i] != id)
    i++;
  if (i == all->n && all->n < MOST_IDS) all->seen[all->n++] = id;
  return i;
}

/* The length of a name at text that digits follow: surface12, image3. */
static size_t numbered(const char *text) {
  static const char *const names[] = {"surface", "image", "mask", "source", "recording"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t length = strlen(names[i]);
    if (strncmp(text, names[i], length) == 0 && isdigit((unsigned char)text[length])) return length;
  }
  return 0;
}

/* Copies the name and the number at `at`, whose name is so long; returns what is behind. */
static const char *put_number(sink *to, ids *all, const char *at, size_t length) {
  char *end, number[24];
  unsigned long id = strtoul(at + length, &end, 10);
  int digits = snprintf(number, sizeof number, "%zu", number_of(all, id));
  take(to, (const unsigned char *)at, (unsigned)length);
  take(to, (const unsigned char *)number, (unsigned)digits);
  return end;
}

/* Copies places, up to their closing quote, with fewer decimals; returns what is behind. */
static const char *put_path(sink *to, const char *at) {
  while (*at && *at != '"') {
    size_t plain = strcspn(at, ".\"");
    take(to, (const unsigned char *)at, (unsigned)plain);
    at += plain;
    if (*at != '.') break;
    size_t digits = strspn(at + 1, "0123456789");
    take(to, (const unsigned char *)at, (unsigned)(1 + (digits < DECIMALS ? digits : DECIMALS)));
    at += 1 + digits;
  }
  return at;
}

static dss_status rewrite_svg(dss_context *context, sink *svg) {
  static const char *const places[] = {" d=\"", " x=\"", " y=\""}; /* of paths and letters */
  sink made = {.n = 0};
  ids all = {.n = 0};
  take(svg, (const unsigned char *)"", 1); /* a text now */
  const char *at = svg->failed ? "" : (const char *)svg->bytes;
  while (*at) {
    size_t plain = strcspn(at, "\"# ");
    take(&made, (const unsigned char *)at, (unsigned)plain);
    at += plain;
    size_t p = 0;
    while (p < 3 && strncmp(at, places[p], 4) != 0)
      p++;
    if (p < 3) {
      take(&made, (const unsigned char *)at, 4);
      at = put_path(&made, at + 4);
    } else if (*at) {
      take(&made, (const unsigned char *)at, 1);
      size_t length = *at == ' ' ? 0 : numbered(at + 1);
      at = length > 0 ? put_number(&made, &all, at + 1, length) : at + 1;
    }
  }
  bool failed = svg->failed || made.failed;
  free(svg->bytes);
  *svg = made;
  return failed ? dss_fail_memory(context, 0) : DSS_OK;
}

/* --- the whole --------------------------------------------------------------------------- */

dss_status dss_page_render(dss_context *context, const dss_page *page, dss_figure_format format,
                           unsigned char **bytes, size_t *n) {
  sink to = {.n = 0};
  double height = 1.0;
  if ((unsigned)format >= DSS_N_FIGURE_FORMATS)
    return dss_fail(context, DSS_ERR_USAGE, "no such format of a figure: %d", (int)format);
  DSS_TRY(measure(context, page, &height));
  cairo_surface_t *surface = make_surface(page, format, height, &to);
  double scale = format == DSS_FIGURE_PNG ? DSS_PIXELS_A_POINT : 1.0;
  dss_status status = draw_on(context, page, surface, scale, &height);
  if (format == DSS_FIGURE_PNG && status == DSS_OK)
    cairo_surface_write_to_png_stream(surface, take, &to);
  cairo_surface_finish(surface);
  cairo_status_t failed = cairo_surface_status(surface);
  cairo_surface_destroy(surface);
  if (status == DSS_OK && (to.failed || failed == CAIRO_STATUS_NO_MEMORY))
    status = dss_fail_memory(context, 0);
  if (status == DSS_OK && failed != CAIRO_STATUS_SUCCESS)
    status = dss_fail(context, DSS_ERR_INTERNAL, "Cairo: %s", cairo_status_to_string(failed));
  if (status == DSS_OK && format == DSS_FIGURE_SVG) status = rewrite_svg(context, &to);
  if (status != DSS_OK) {
    free(to.bytes);
    return status;
  }
  *bytes = to.bytes;
  *n = to.n;
  return DSS_OK;
}

dss_status dss_page_render_plainly(dss_context *context, const dss_page *page,
                                   dss_figure_format format, unsigned char **bytes, size_t *n) {
  locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  if (plain == (locale_t)0) return dss_fail_memory(context, 0);
  locale_t before = uselocale(plain);
  dss_status status = dss_page_render(context, page, format, bytes, n);
  uselocale(before);
  freelocale(plain);
  return status;
}
