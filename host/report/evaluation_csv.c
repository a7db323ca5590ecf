/* Tidy CSV of an evaluation: a row a row, in the evaluation's order. */
#include "evaluation_writers.h"
#include "writers.h"

void dss_write_evaluation_csv(const dss_evaluation_view *view, FILE *stream) {
  fputs("question,source,items,axis,group,versus,statistic,raters,n_items,ratings", stream);
  fputs(dss_csv_cell_header, stream);
  for (size_t i = 0; i < view->n; i++) {
    const dss_evaluation_row *row = dss_evaluation_get(view->evaluation, i);
    dss_csv_text(stream, row->question);
    dss_csv_text_field(stream, row->source);
    dss_csv_text_field(stream, row->items);
    dss_csv_text_field(stream, row->axis);
    dss_csv_text_field(stream, row->group);
    dss_csv_text_field(stream, row->versus);
    dss_csv_text_field(stream, row->statistic);
    dss_csv_count_field(stream, true, row->raters);
    dss_csv_count_field(stream, true, row->n_items);
    dss_csv_count_field(stream, true, row->ratings);
    dss_csv_cell(stream, &row->cell, view->bootstrap);
  }
}
