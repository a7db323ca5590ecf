/* GAI over two crossed attributes, as a heatmap. */
#include "heat.h"
#include "host/core/alloc.h"
#include "kinds.h"

static dss_status draw(dss_canvas *canvas, const dss_kind_figure *k, const dss_heat_value *values,
                       double *height) {
  const dss_grid *grid = k->grid;
  bool upright = grid->n_rows >= grid->n_columns;
  dss_sentences w = {.n = 0};
  dss_say(&w, "GAI by %s and %s", dss_name(&w, grid->attributes[upright ? 0 : 1]),
          dss_name(&w, grid->attributes[upright ? 1 : 0]));
  dss_say(&w, "%s; %s", dss_name_question(&w, k->results, k->figure->question),
          dss_name_resamples(&w, k->results));
  const dss_heat heat = {.values = values,
                         .n_rows = grid->n_rows,
                         .n_columns = grid->n_columns,
                         .page = k->figure->page,
                         .rows = (const char *const *)grid->rows,
                         .columns = (const char *const *)grid->columns,
                         .sides = {grid->attributes[0], grid->attributes[1]},
                         .statistic = "GAI",
                         .scale = DSS_HEAT_FACTORS,
                         .untested = "GAI is undefined, or not tested",
                         .blank = "no rater is in such a group",
                         .thing = "group",
                         .title = w.n > 0 ? w.text[0] : "",
                         .subtitle = w.n > 1 ? w.text[1] : ""};
  dss_status status = dss_heat_draw(canvas, &heat, height);
  dss_sentences_free(&w);
  return status;
}

dss_status dss_draw_crossed(dss_canvas *canvas, const void *what, double *height) {
  const dss_kind_figure *k = what;
  const dss_grid *grid = k->grid;
  dss_heat_value *values = NULL;
  DSS_TRY(DSS_ALLOC(canvas->context, &values, grid->n_rows * grid->n_columns));
  for (size_t i = 0; i < grid->n_groups; i++)
    values[grid->row_of[i] * grid->n_columns + grid->column_of[i]].cell =
        dss_results_cell(k->results, k->figure->question, grid->first + i, DSS_GAI);
  dss_status status = draw(canvas, k, values, height);
  free(values);
  return status;
}
