/* Figures in words. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "axis.h"
#include "grid.h"
#include "host/core/alloc.h"
#include "names.h"
#include "say.h"

typedef struct words {
  const dss_results *r;
  const dss_figure *figure;
  dss_texts_maker texts;
} words;

static const dss_cell *gai_of(const words *w, size_t group) {
  return dss_results_cell(w->r, w->figure->question, group, DSS_GAI);
}

/* --- groups -------------------------------------------------------------------------------- */

/* The groups first .. end - 1, by the first DSS_MOST_NAMED. */
static void say_groups(const words *w, size_t first, size_t end) {
  for (size_t g = first; g < end && g < first + DSS_MOST_NAMED; g++) {
    fputs(g == first ? " " : "; ", w->texts.description);
    dss_say_cell(w->texts.description, dss_results_group(w->r, g), gai_of(w, g));
  }
  dss_say_more(w->texts.description, end - first);
}

static void say_sureness(const words *w, size_t first, size_t end) {
  dss_sureness_counts n = {{0}};
  for (size_t g = first; g < end; g++)
    n.of[dss_sureness_of(gai_of(w, g))]++;
  dss_say_sureness(w->texts.description, &n, "group");
}

/* --- kinds --------------------------------------------------------------------------------- */

static const char *question(const words *w) {
  return dss_results_question(w->r, w->figure->question);
}

static void name_axis(words *w, size_t axis, const char *kind) {
  dss_texts_name(&w->texts, "-a%zu", axis + 1);
  dss_slug_append(w->texts.name, sizeof w->texts.name - 40, dss_results_axis(w->r, axis));
  dss_texts_name(&w->texts, "-%s", kind);
}

static void forest(words *w) {
  dss_axis_groups all = dss_axis_groups_of(w->r, w->figure->axis);
  size_t first, end, n = all.end - all.first;
  dss_page_range(n, DSS_FOREST_ROWS, w->figure->page, &first, &end);
  name_axis(w, w->figure->axis, "forest");
  fprintf(w->texts.title, "%s: GAI by %s", question(w), dss_results_axis(w->r, w->figure->axis));
  dss_texts_page(&w->texts, w->figure->page, dss_pages(n, DSS_FOREST_ROWS));
  fprintf(w->texts.description, "Forest plot of GAI of the %zu groups by %s, question %s.", n,
          dss_results_axis(w->r, w->figure->axis), question(w));
  if (end - first < n)
    fprintf(w->texts.description, " This page has groups %zu to %zu.", first + 1, end);
  say_sureness(w, all.first, all.end);
  say_groups(w, all.first + first, all.first + end);
}

static void plane(words *w) {
  dss_axis_groups all = dss_axis_groups_of(w->r, w->figure->axis);
  name_axis(w, w->figure->axis, "irr-xrr");
  fprintf(w->texts.title, "%s: IRR against XRR by %s", question(w),
          dss_results_axis(w->r, w->figure->axis));
  fprintf(w->texts.description,
          "Agreement within a group (IRR) against agreement with all others (XRR) "
          "of the groups by ");
  fprintf(w->texts.description,
          "%s, question %s; as IRR and XRR:", dss_results_axis(w->r, w->figure->axis), question(w));
  for (size_t g = all.first; g < all.end && g < all.first + DSS_MOST_NAMED; g++) {
    fprintf(w->texts.description, "%s%s ", g == all.first ? " " : "; ", dss_results_group(w->r, g));
    dss_say_number(w->texts.description, "",
                   dss_results_cell(w->r, w->figure->question, g, DSS_IRR)->estimate);
    dss_say_number(w->texts.description, " and ",
                   dss_results_cell(w->r, w->figure->question, g, DSS_XRR)->estimate);
  }
  dss_say_more(w->texts.description, all.end - all.first);
}

static void crossed(words *w, const dss_grid *grid) {
  name_axis(w, w->figure->axis, "heatmap");
  fprintf(w->texts.title, "%s: GAI, %s by %s", question(w), grid->attributes[0],
          grid->attributes[1]);
  dss_texts_page(&w->texts, w->figure->page, dss_grid_pages(grid));
  fprintf(w->texts.description, "Heatmap of GAI, %zu values of %s by %zu of %s, question %s.",
          grid->n_rows, grid->attributes[0], grid->n_columns, grid->attributes[1], question(w));
  say_sureness(w, grid->first, grid->first + grid->n_groups);
  say_groups(w, grid->first, grid->first + grid->n_groups);
}

static void null(words *w) {
  size_t g = w->figure->group, axis = dss_results_group_axis(w->r, g);
  const dss_cell *cell = gai_of(w, g);
  char kind[40];
  snprintf(kind, sizeof kind, "null-%zu", g - dss_axis_groups_of(w->r, axis).first + 1);
  name_axis(w, axis, kind);
  dss_slug_append(w->texts.name, sizeof w->texts.name, dss_results_group(w->r, g));
  fprintf(w->texts.title, "%s: null distribution of GAI of %s", question(w),
          dss_results_group(w->r, g));
  fprintf(w->texts.description,
          "Histogram of GAI in %" PRIu64 " resamples for %s (%s), question %s, and the observed",
          cell->resamples, dss_results_group(w->r, g), dss_results_axis(w->r, axis), question(w));
  dss_say_number(w->texts.description, " value ", cell->estimate);
  dss_say_p(w->texts.description, cell);
  dss_say_number(w->texts.description, ". Mean of the null ", cell->null_mean);
  dss_say_number(w->texts.description, ", standard deviation ", cell->null_sd);
  if (cell->undefined > 0)
    fprintf(w->texts.description, "; undefined in %" PRIu64 " resamples", cell->undefined);
  fputc('.', w->texts.description);
}

static void calibration(words *w) {
  size_t tests = 0, below = 0;
  for (size_t g = 0; g < dss_results_n_groups(w->r); g++)
    for (int s = 0; s < DSS_N_STATISTICS; s++) {
      const dss_cell *cell = dss_results_cell(w->r, w->figure->question, g, (dss_statistic)s);
      if (!cell || isnan(cell->p)) continue;
      tests++;
      below += cell->p < 0.05;
    }
  dss_texts_name(&w->texts, "-p-values");
  fprintf(w->texts.title, "%s: p-values in order", question(w));
  fprintf(w->texts.description,
          "All %zu p-values of the question %s in order against those that uniform p-values "
          "would have. %zu are below 0.05; of independent tests without any effect %.3g would be.",
          tests, question(w), below, 0.05 * (double)tests);
}

/* --- the whole --------------------------------------------------------------------------- */

static dss_status say(dss_context *context, words *w) {
  dss_grid grid;
  dss_texts_name(&w->texts, "q%zu", w->figure->question + 1);
  dss_slug_append(w->texts.name, sizeof w->texts.name, question(w));
  switch (w->figure->kind) {
  case DSS_FIGURE_FOREST:
    forest(w);
    break;
  case DSS_FIGURE_PLANE:
    plane(w);
    break;
  case DSS_FIGURE_CROSSED:
    DSS_TRY(dss_grid_make(context, w->r, w->figure->axis, &grid));
    if (grid.n_rows > 0) crossed(w, &grid);
    dss_grid_free(&grid);
    break;
  case DSS_FIGURE_NULL:
    null(w);
    break;
  case DSS_FIGURE_CALIBRATION:
    calibration(w);
    break;
  default:
    break;
  }
  return DSS_OK;
}

dss_status dss_figure_describe(dss_context *context, const dss_results *results,
                               const dss_figure *figure, dss_figure_texts *texts) {
  words w = {.r = results, .figure = figure};
  DSS_TRY(dss_figure_check(context, results, figure));
  DSS_TRY(dss_texts_begin(context, &w.texts));
  return dss_texts_end(&w.texts, say(context, &w), texts);
}
