/* What every figure has about it: title, legend, notes and axes. */
#ifndef DSS_FIGURES_LAYOUT_H
#define DSS_FIGURES_LAYOUT_H

#include "canvas.h"
#include "scale.h"

/* Sizes of texts, in points: few, as each size brings all its letters into an SVG. */
#define DSS_TITLE_SIZE 11.0
#define DSS_SUBTITLE_SIZE 8.0
#define DSS_LABEL_SIZE 8.0
#define DSS_TICK_SIZE 7.2
#define DSS_NOTE_SIZE 7.2

/* --- words ------------------------------------------------------------------------------- */

/* Sentences that are put together: title and subtitle, or notes. Somebody's name goes into one
 * through dss_name alone, which makes it fit to be shown, and keeps its direction of writing to
 * itself: a Hebrew name would else turn the numbers behind it. */
typedef struct dss_sentences {
  char *text[16], *names[32];
  size_t n, n_names;
} dss_sentences;
const char *dss_name(dss_sentences *words, const char *name);
DSS_PRINTF(2, 3) void dss_say(dss_sentences *words, const char *format, ...);
void dss_sentences_free(dss_sentences *words);

/* The first two sentences as title and subtitle; returns where the drawing may begin. */
double dss_draw_heading(dss_canvas *canvas, const dss_sentences *words);
/* All as small paragraphs; returns where the figure ends. */
double dss_draw_notes(dss_canvas *canvas, const dss_sentences *words, double y);
/* "s" unless n is 1. */
const char *dss_plural(size_t n);

/* --- legend -------------------------------------------------------------------- */

typedef enum dss_sign {
  DSS_SIGN_MARKER, /* of a sureness */
  DSS_SIGN_BOX,    /* a filled box */
  DSS_SIGN_LINE,   /* a line with ends */
  DSS_SIGN_DOTTED, /* a dotted one with a head */
  DSS_SIGN_DASHED, /* a dashed one */
  DSS_SIGN_HATCH,  /* a hatched box */
  DSS_SIGN_ARROW   /* a head alone */
} dss_sign;

typedef struct dss_legend_item {
  dss_sign sign;
  dss_sureness sureness;
  dss_color color;
  const char *text;
} dss_legend_item;

enum { DSS_MOST_LEGEND = 12 };
typedef struct dss_legend {
  dss_legend_item items[DSS_MOST_LEGEND];
  size_t n;
} dss_legend;

void dss_legend_add(dss_legend *legend, dss_sign sign, dss_color color, const char *text);
/* The markers of what occurs; `occurs` by sureness; what it says where there is no p-value. */
void dss_legend_add_sureness(dss_legend *legend, const bool occurs[DSS_N_SURENESS],
                             const char *untested);
/* In as many lines as it takes; returns where it ends. */
double dss_draw_legend(dss_canvas *canvas, const dss_legend *legend, double y);

/* --- axes -------------------------------------------------------------------------------- */

typedef struct dss_plot {
  double left, top, right, bottom;
  dss_limits x, y;
} dss_plot;

double dss_plot_x(const dss_plot *plot, double value);
double dss_plot_y(const dss_plot *plot, double value);

/* Lines of the grid, ticks with their numbers, the axis's name under or beside them. Returns where
 * the axis ends (below), and how much room the left axis takes. */
double dss_draw_x_axis(dss_canvas *canvas, const dss_plot *plot, const char *name, bool grid);
void dss_draw_y_axis(dss_canvas *canvas, const dss_plot *plot, const char *name, bool grid);
double dss_y_axis_room(dss_canvas *canvas, const dss_limits *limits, double height,
                       const char *name);

/* "10,000 resamples, scheme free, seed 1", as a name among the words; of results. */
const char *dss_name_run(dss_sentences *words, uint64_t resamples, const char *arrangements,
                         const char *scheme, const char *seed);
const char *dss_name_resamples(dss_sentences *words, const dss_results *results);
/* "toxicity (ordinal, 5 levels)", the same. */
const char *dss_name_question(dss_sentences *words, const dss_results *results, size_t question);

#endif
