/* Figures of results, of pairs of raters, of evaluations, of powers and of simulated studies, drawn
 * with Cairo and Pango: SVG, PDF or PNG.
 *
 * A figure stands for itself: title, axes, legend, the numbers of raters; what is undefined,
 * withheld or out of the picture is said in it. It is 16 cm wide and as high as it needs to be; a
 * PNG has 216 pixels an inch. The same figure of the same results has the same bytes on one
 * machine; fonts, and with them bytes, differ between machines. Which fonts is for fontconfig to
 * say (family "sans").
 *
 * An SVG's ids (of glyphs and clips) are its own: two of them put into one HTML document as
 * elements would clash. Embed each as an image of its own, <img
 * src="data:image/svg+xml;base64,...">.
 *
 * A build without Cairo has the functions too; those that draw return DSS_ERR_USAGE and say so.
 * Where memory is out, GLib, on which Pango stands, ends the process instead of failing. Fontconfig
 * and Pango keep caches, one for the process: draw in one thread at a time.
 */
#ifndef DISSENSUS_FIGURES_H
#define DISSENSUS_FIGURES_H

#include <stdbool.h>

#include "dissensus/evaluation.h"
#include "dissensus/pairs.h"
#include "dissensus/pool.h"
#include "dissensus/power.h"
#include "dissensus/results.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum dss_figure_kind {
  DSS_FIGURE_FOREST = 0,  /* of an axis: every group's GAI, its interval, its null's 95% band */
  DSS_FIGURE_PLANE = 1,   /* of an axis: IRR against XRR, with lines of equal GAI */
  DSS_FIGURE_CROSSED = 2, /* of an axis of two attributes: GAI as a heatmap, one by the other */
  DSS_FIGURE_NULL = 3, /* of a group: GAI's null distribution and the observed value (GRASP, fig. 1
                          to 8) */
  DSS_FIGURE_CALIBRATION = 4, /* of a question: all its p-values in order against uniform ones */
  DSS_FIGURE_PAIRS = 5,       /* of pairs: agreement of every two raters, by group */
  DSS_FIGURE_ROWS = 6,   /* of an evaluation: a forest of a statistic, of every group of an axis, of
                            every group against everyone else, or of every two groups */
  DSS_FIGURE_MATRIX = 7, /* of an evaluation: a statistic of every two groups, as a heatmap */
  DSS_FIGURE_PARTS = 8   /* of an evaluation: a statistic of every group, by part of the items */
} dss_figure_kind;

typedef enum dss_figure_format {
  DSS_FIGURE_SVG = 0,
  DSS_FIGURE_PDF = 1,
  DSS_FIGURE_PNG = 2
} dss_figure_format;
enum { DSS_N_FIGURE_FORMATS = 3 };

/* "svg", "pdf" or "png", as files' names end; NULL out of range. */
const char *dss_figure_format_name(dss_figure_format format);

/* Which figure: what of `question`, `axis`, `group` and `row` the kind does not need is 0. Forests
 * and heatmaps of many groups have several pages, from 0; other figures have one. */
typedef struct dss_figure {
  dss_figure_kind kind;
  size_t question, axis, group;
  size_t page;
  size_t row; /* of an evaluation: any that is in the figure; a list has the first of them */
} dss_figure;

/* false: this build draws nothing. */
bool dss_figures_available(void);
/* "Cairo 1.16.0, Pango 1.50.12"; "" where this build draws nothing. */
const char *dss_figures_library(void);

/* The figures that results make, in the order in which a reader wants them: by question, then by
 * axis its forest, plane and heatmap, then its groups' null distributions, the surest first; the
 * calibration last. What cannot be drawn (no resamples, no GAI in the plan, a group without one, a
 * crossing whose labels do not tell the two values) is not in the list; a forest names every group
 * of its axis. The caller frees *figures with free(). DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_figures_list(dss_context *context, const dss_results *results,
                                         dss_figure **figures, size_t *n);

/* Texts of a figure, each one line, freed by the caller with free() or dss_figure_texts_free: a
 * file's name without its ending, of letters, digits, '-' and '_' alone and different for every
 * figure of the list; a title; and what it shows in words with its main numbers, for who does not
 * see it. */
typedef struct dss_figure_texts {
  char *name, *title, *description;
} dss_figure_texts;

/* Makes the texts. DSS_ERR_USAGE: no such figure in these results; DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_figure_describe(dss_context *context, const dss_results *results,
                                            const dss_figure *figure, dss_figure_texts *texts);
/* Frees the texts, not the structure. */
void dss_figure_texts_free(dss_figure_texts *texts);

/* The drawing, *n bytes that the caller frees with free(). DSS_ERR_USAGE: no such figure in these
 * results, or a build without Cairo; DSS_ERR_MEMORY; DSS_ERR_INTERNAL: Cairo or Pango failed. */
DSS_MUST_USE dss_status dss_figure_draw(dss_context *context, const dss_results *results,
                                        const dss_figure *figure, dss_figure_format format,
                                        unsigned char **bytes, size_t *n);

/* All of them into a folder, which is made where it is not there: NAME.svg, NAME.pdf, NAME.png, for
 * the formats whose bit (1 << format) is set. Each file appears whole or not at all; one that is
 * there is refused unless overwrite, before any is written. Progress counts figures. DSS_ERR_FILE;
 * DSS_ERR_USAGE: no format, a build without Cairo, or results that make no figure. */
DSS_MUST_USE dss_status dss_figures_save(dss_context *context, const dss_results *results,
                                         const char *folder, unsigned formats, bool overwrite);

/* The same for a file of pairs: one figure an axis, or one without groups where it has no axis.
 * Drawing reads the file's matrices, a strip at a time; DSS_ERR_DATA for a file of format 1.0,
 * which does not tell the raters' groups. */
DSS_MUST_USE dss_status dss_pair_figures_list(dss_context *context, const dss_pairs *pairs,
                                              dss_figure **figures, size_t *n);
DSS_MUST_USE dss_status dss_pair_figure_describe(dss_context *context, const dss_pairs *pairs,
                                                 const dss_figure *figure, dss_figure_texts *texts);
DSS_MUST_USE dss_status dss_pair_figure_draw(dss_context *context, dss_pairs *pairs,
                                             const dss_figure *figure, dss_figure_format format,
                                             unsigned char **bytes, size_t *n);
DSS_MUST_USE dss_status dss_pair_figures_save(dss_context *context, dss_pairs *pairs,
                                              const char *folder, unsigned formats, bool overwrite);

/* The same for an evaluation. A forest has the rows of one question, source, part of the items,
 * axis and statistic, compared in one way, and where they are of single groups those of the whole
 * axis and of all raters below them; every two groups of an axis stand in a forest where it has at
 * most 6. A matrix of differences of at least 3 groups shows what the rows do not have, the other
 * way round, with the other sign; one of predictions for other groups has a group's own on its
 * diagonal. Figures by part are there where there are two parts. What compares no group, and the
 * counts tp, fp, fn and tn, make no figure.
 *
 * The list's order: all items first, then single parts; by question; then what is looked for first
 * (means and their differences; gaps of error rates; gains; predictions for other groups; gamma);
 * by source and by axis. */
DSS_MUST_USE dss_status dss_evaluation_figures_list(dss_context *context,
                                                    const dss_evaluation *evaluation,
                                                    dss_figure **figures, size_t *n);
DSS_MUST_USE dss_status dss_evaluation_figure_describe(dss_context *context,
                                                       const dss_evaluation *evaluation,
                                                       const dss_figure *figure,
                                                       dss_figure_texts *texts);
DSS_MUST_USE dss_status dss_evaluation_figure_draw(dss_context *context,
                                                   const dss_evaluation *evaluation,
                                                   const dss_figure *figure,
                                                   dss_figure_format format, unsigned char **bytes,
                                                   size_t *n);
DSS_MUST_USE dss_status dss_evaluation_figures_save(dss_context *context,
                                                    const dss_evaluation *evaluation,
                                                    const char *folder, unsigned formats,
                                                    bool overwrite);

/* Power curves with their bands (power.h): along raters a group, or else ratings an item, or GAI;
 * of a study, a small one a group. Errors as for results. */
DSS_MUST_USE dss_status dss_power_figure_draw(dss_context *context, const dss_power *power,
                                              dss_figure_format format, unsigned char **bytes,
                                              size_t *n);
/* To a file whose name says the format: .svg, .pdf or .png. DSS_ERR_USAGE: another name. */
DSS_MUST_USE dss_status dss_power_figure_save(dss_context *context, const dss_power *power,
                                              const char *path, bool overwrite);

/* A simulated study's groups (pool.h) as they were meant to be, and as they came out: shares of
 * the levels, IRR and GAI, question by question; what is beyond 72 groups is said to be left out.
 * Errors as for results. */
DSS_MUST_USE dss_status dss_pool_figure_draw(dss_context *context, const dss_pool_check *check,
                                             dss_figure_format format, unsigned char **bytes,
                                             size_t *n);
/* To a file, as for powers. */
DSS_MUST_USE dss_status dss_pool_figure_save(dss_context *context, const dss_pool_check *check,
                                             const char *path, bool overwrite);
/* What it shows in words, one line that the caller frees with free(). DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_pool_figure_describe(dss_context *context, const dss_pool_check *check,
                                                 char **description);

/* Whether a file's name ends as a format's do, and which. */
bool dss_figure_format_of_path(const char *path, dss_figure_format *format);

#ifdef __cplusplus
}
#endif
#endif
