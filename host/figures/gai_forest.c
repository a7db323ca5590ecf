/* The forest of an axis of results: every group's GAI. */
#include "forest.h"
#include "host/core/alloc.h"
#include "kinds.h"

static dss_status draw(dss_canvas *canvas, const dss_kind_figure *k, const dss_forest_row *rows,
                       size_t n, double *height) {
  const dss_results *r = k->results;
  dss_sentences w = {.n = 0};
  dss_say(&w, "GAI by %s", dss_name(&w, dss_results_axis(r, k->figure->axis)));
  dss_say(&w, "%s; %s", dss_name_question(&w, r, k->figure->question), dss_name_resamples(&w, r));
  const dss_forest forest = {.rows = rows,
                             .n_rows = n,
                             .page = k->figure->page,
                             .statistic = "GAI",
                             .column = "GAI",
                             .definition = "GAI = IRR / XRR",
                             .untested = "GAI is undefined, or not tested",
                             .thing = "group",
                             .reference = 1.0,
                             .title = w.n > 0 ? w.text[0] : "",
                             .subtitle = w.n > 1 ? w.text[1] : ""};
  dss_status status = dss_forest_draw(canvas, &forest, height);
  dss_sentences_free(&w);
  return status;
}

dss_status dss_draw_forest(dss_canvas *canvas, const void *what, double *height) {
  const dss_kind_figure *k = what;
  dss_axis_groups all = dss_axis_groups_of(k->results, k->figure->axis);
  dss_forest_row *rows = NULL;
  DSS_TRY(DSS_ALLOC(canvas->context, &rows, all.end - all.first));
  for (size_t g = all.first; g < all.end; g++)
    rows[g - all.first] =
        (dss_forest_row){.label = dss_results_group(k->results, g),
                         .raters = dss_results_group_raters(k->results, g),
                         .cell = dss_results_cell(k->results, k->figure->question, g, DSS_GAI),
                         .detail = dss_results_detail(k->results, k->figure->question, g)};
  dss_status status = draw(canvas, k, rows, all.end - all.first, height);
  free(rows);
  return status;
}
