/* Figures in words. */
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "axis.h"
#include "grid.h"
#include "host/core/alloc.h"
#include "names.h"
#include "scale.h"

enum { MOST_NAMED = 12, NAME_ROOM = 160 };

typedef struct words {
  const dss_results *r;
  const dss_figure *figure;
  FILE *title, *description;
  char name[NAME_ROOM];
} words;

static const dss_cell *gai_of(const words *w, size_t group) {
  return dss_results_cell(w->r, w->figure->question, group, DSS_GAI);
}

/* --- numbers ------------------------------------------------------------------------------- */

static void say_number(FILE *to, const char *before, double value) {
  char text[DSS_NUMBER_ROOM];
  fprintf(to, "%s%s", before, dss_number_text(value, 3, text));
}

static void say_p(FILE *to, const dss_cell *cell) {
  char text[DSS_NUMBER_ROOM];
  if (isnan(cell->p)) return;
  fprintf(to, ", p = %s", dss_p_text(cell->p, text));
  fprintf(to, ", q = %s", dss_p_text(cell->q_bh, text));
}

/* "woman 1.204 (95% interval 1.01 to 1.40), p = 0.03, q = 0.1" */
static void say_group(const words *w, size_t g) {
  const dss_cell *cell = gai_of(w, g);
  fprintf(w->description, "%s ", dss_results_group(w->r, g));
  if (isnan(cell->estimate)) {
    fprintf(w->description, "undefined (%s)", dss_reason_text(cell->reason));
    return;
  }
  say_number(w->description, "", cell->estimate);
  if (*cell->ci_method) {
    say_number(w->description, " (95% interval ", cell->ci_low);
    say_number(w->description, " to ", cell->ci_high);
    fputc(')', w->description);
  }
  say_p(w->description, cell);
}

/* The groups first .. end - 1, by the first MOST_NAMED. */
static void say_groups(const words *w, size_t first, size_t end) {
  for (size_t g = first; g < end && g < first + MOST_NAMED; g++) {
    fputs(g == first ? " " : "; ", w->description);
    say_group(w, g);
  }
  if (end > first + MOST_NAMED) fprintf(w->description, "; and %zu more", end - first - MOST_NAMED);
  fputc('.', w->description);
}

static void say_sureness(const words *w, size_t first, size_t end) {
  size_t n[DSS_N_SURENESS] = {0};
  for (size_t g = first; g < end; g++)
    n[dss_sureness_of(gai_of(w, g))]++;
  if (n[DSS_SURE_NOT] + n[DSS_SURE_P] + n[DSS_SURE_Q] == 0) return;
  fprintf(w->description, " %zu of %zu groups have q < 0.05, %zu more p < 0.05.", n[DSS_SURE_Q],
          end - first, n[DSS_SURE_P]);
}

/* --- kinds --------------------------------------------------------------------------------- */

static const char *question(const words *w) {
  return dss_results_question(w->r, w->figure->question);
}

static void name_axis(words *w, size_t axis, const char *kind) {
  size_t used = strlen(w->name);
  snprintf(w->name + used, sizeof w->name - used, "-a%zu", axis + 1);
  dss_slug_append(w->name, sizeof w->name - 40, dss_results_axis(w->r, axis));
  used = strlen(w->name);
  snprintf(w->name + used, sizeof w->name - used, "-%s", kind);
}

static void name_page(words *w, size_t pages) {
  size_t used = strlen(w->name);
  if (pages < 2) return;
  snprintf(w->name + used, sizeof w->name - used, "-p%zu", w->figure->page + 1);
  fprintf(w->title, " (page %zu of %zu)", w->figure->page + 1, pages);
}

static void forest(words *w) {
  dss_axis_groups all = dss_axis_groups_of(w->r, w->figure->axis);
  size_t first, end, n = all.end - all.first;
  dss_page_range(n, DSS_FOREST_ROWS, w->figure->page, &first, &end);
  name_axis(w, w->figure->axis, "forest");
  fprintf(w->title, "%s: GAI by %s", question(w), dss_results_axis(w->r, w->figure->axis));
  name_page(w, dss_pages(n, DSS_FOREST_ROWS));
  fprintf(w->description, "Forest plot of GAI of the %zu groups by %s, question %s.", n,
          dss_results_axis(w->r, w->figure->axis), question(w));
  if (end - first < n) fprintf(w->description, " This page has groups %zu to %zu.", first + 1, end);
  say_sureness(w, all.first, all.end);
  say_groups(w, all.first + first, all.first + end);
}

static void plane(words *w) {
  dss_axis_groups all = dss_axis_groups_of(w->r, w->figure->axis);
  name_axis(w, w->figure->axis, "irr-xrr");
  fprintf(w->title, "%s: IRR against XRR by %s", question(w),
          dss_results_axis(w->r, w->figure->axis));
  fprintf(w->description, "Agreement within a group (IRR) against agreement with all others (XRR) "
                          "of the groups by ");
  fprintf(w->description,
          "%s, question %s; as IRR and XRR:", dss_results_axis(w->r, w->figure->axis), question(w));
  for (size_t g = all.first; g < all.end && g < all.first + MOST_NAMED; g++) {
    fprintf(w->description, "%s%s ", g == all.first ? " " : "; ", dss_results_group(w->r, g));
    say_number(w->description, "",
               dss_results_cell(w->r, w->figure->question, g, DSS_IRR)->estimate);
    say_number(w->description, " and ",
               dss_results_cell(w->r, w->figure->question, g, DSS_XRR)->estimate);
  }
  if (all.end > all.first + MOST_NAMED)
    fprintf(w->description, "; and %zu more", all.end - all.first - MOST_NAMED);
  fputc('.', w->description);
}

static void crossed(words *w, const dss_grid *grid) {
  name_axis(w, w->figure->axis, "heatmap");
  fprintf(w->title, "%s: GAI, %s by %s", question(w), grid->attributes[0], grid->attributes[1]);
  name_page(w, dss_grid_pages(grid));
  fprintf(w->description, "Heatmap of GAI, %zu values of %s by %zu of %s, question %s.",
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
  dss_slug_append(w->name, sizeof w->name, dss_results_group(w->r, g));
  fprintf(w->title, "%s: null distribution of GAI of %s", question(w), dss_results_group(w->r, g));
  fprintf(w->description,
          "Histogram of GAI in %" PRIu64 " resamples for %s (%s), question %s, and the observed",
          cell->resamples, dss_results_group(w->r, g), dss_results_axis(w->r, axis), question(w));
  say_number(w->description, " value ", cell->estimate);
  say_p(w->description, cell);
  say_number(w->description, ". Mean of the null ", cell->null_mean);
  say_number(w->description, ", standard deviation ", cell->null_sd);
  if (cell->undefined > 0)
    fprintf(w->description, "; undefined in %" PRIu64 " resamples", cell->undefined);
  fputc('.', w->description);
}

static void calibration(words *w) {
  size_t tests = 0, below = 0, used = strlen(w->name);
  for (size_t g = 0; g < dss_results_n_groups(w->r); g++)
    for (int s = 0; s < DSS_N_STATISTICS; s++) {
      const dss_cell *cell = dss_results_cell(w->r, w->figure->question, g, (dss_statistic)s);
      if (!cell || isnan(cell->p)) continue;
      tests++;
      below += cell->p < 0.05;
    }
  snprintf(w->name + used, sizeof w->name - used, "-p-values");
  fprintf(w->title, "%s: p-values in order", question(w));
  fprintf(w->description,
          "All %zu p-values of the question %s in order against those that uniform p-values "
          "would have. %zu are below 0.05; of independent tests without any effect %.3g would be.",
          tests, question(w), below, 0.05 * (double)tests);
}

/* --- the whole --------------------------------------------------------------------------- */

static dss_status say(dss_context *context, words *w) {
  dss_grid grid;
  snprintf(w->name, sizeof w->name, "q%zu", w->figure->question + 1);
  dss_slug_append(w->name, sizeof w->name, question(w));
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
  case DSS_FIGURE_PAIRS:
    break;
  }
  return DSS_OK;
}

dss_status dss_figure_describe(dss_context *context, const dss_results *results,
                               const dss_figure *figure, dss_figure_texts *texts) {
  char *title = NULL, *description = NULL;
  size_t sizes[2];
  words w = {.r = results, .figure = figure};
  DSS_TRY(dss_figure_check(context, results, figure));
  locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  if (plain == (locale_t)0) return dss_fail_memory(context, 0);
  locale_t before = uselocale(plain);
  w.title = open_memstream(&title, &sizes[0]);
  w.description = open_memstream(&description, &sizes[1]);
  dss_status status = w.title && w.description ? say(context, &w) : dss_fail_memory(context, 0);
  bool whole = w.title && fclose(w.title) == 0;
  whole = w.description && fclose(w.description) == 0 && whole;
  if (status == DSS_OK && !whole) status = dss_fail_memory(context, 0);
  if (status == DSS_OK) status = dss_texts_of(context, w.name, title, description, texts);
  free(title);
  free(description);
  uselocale(before);
  freelocale(plain);
  return status;
}
