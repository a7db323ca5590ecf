/* From a figure's description to its bytes. */
#include "axis.h"
#include "host/core/alloc.h"
#include "kinds.h"
#include "pair_image.h"

bool dss_figures_available(void) {
  return true;
}

const char *dss_figures_library(void) {
  return "Cairo " CAIRO_VERSION_STRING ", Pango " PANGO_VERSION_STRING;
}

static dss_draw_fn function_of(dss_figure_kind kind) {
  switch (kind) {
  case DSS_FIGURE_FOREST:
    return dss_draw_forest;
  case DSS_FIGURE_PLANE:
    return dss_draw_plane;
  case DSS_FIGURE_CROSSED:
    return dss_draw_crossed;
  case DSS_FIGURE_NULL:
    return dss_draw_null;
  case DSS_FIGURE_CALIBRATION:
    return dss_draw_calibration;
  default: /* of pairs, of evaluations: not by this */
    return NULL;
  }
}

dss_status dss_figure_draw(dss_context *context, const dss_results *results,
                           const dss_figure *figure, dss_figure_format format,
                           unsigned char **bytes, size_t *n) {
  dss_figure_texts texts = {0};
  dss_grid grid = {0};
  DSS_TRY(dss_figure_describe(context, results, figure, &texts));
  dss_status status = DSS_OK;
  if (figure->kind == DSS_FIGURE_CROSSED)
    status = dss_grid_make(context, results, figure->axis, &grid);
  const dss_kind_figure what = {results, figure, &grid};
  const char *date = dss_results_provenance(results, "created_at");
  const dss_page page = {function_of(figure->kind), &what, texts.title, date ? date : ""};
  if (status == DSS_OK) status = dss_page_render_plainly(context, &page, format, bytes, n);
  dss_grid_free(&grid);
  dss_figure_texts_free(&texts);
  return status;
}

dss_status dss_pair_figure_draw(dss_context *context, dss_pairs *pairs, const dss_figure *figure,
                                dss_figure_format format, unsigned char **bytes, size_t *n) {
  dss_figure_texts texts = {0};
  dss_pair_image image = {0};
  DSS_TRY(dss_pair_figure_describe(context, pairs, figure, &texts));
  dss_status status = dss_pair_image_read(context, pairs, figure->axis, &image);
  const char *date = dss_pairs_provenance(pairs, "created_at");
  const dss_page page = {dss_draw_pairs, &image, texts.title, date ? date : ""};
  if (status == DSS_OK) status = dss_page_render_plainly(context, &page, format, bytes, n);
  dss_pair_image_free(&image);
  dss_figure_texts_free(&texts);
  return status;
}

dss_status dss_evaluation_figure_draw(dss_context *context, const dss_evaluation *evaluation,
                                      const dss_figure *figure, dss_figure_format format,
                                      unsigned char **bytes, size_t *n) {
  dss_figure_texts texts = {0};
  DSS_TRY(dss_evaluation_figure_describe(context, evaluation, figure, &texts));
  dss_rows rows = {0};
  dss_status status = dss_rows_make(context, evaluation, &rows);
  const dss_evaluation_figure what = {&rows, figure, dss_evaluation_get(evaluation, figure->row)};
  const char *date = dss_evaluation_provenance(evaluation, "created_at");
  const dss_page page = {figure->kind == DSS_FIGURE_ROWS ? dss_draw_rows : dss_draw_table, &what,
                         texts.title, date ? date : ""};
  if (status == DSS_OK) status = dss_page_render_plainly(context, &page, format, bytes, n);
  dss_rows_free(&rows);
  dss_figure_texts_free(&texts);
  return status;
}
