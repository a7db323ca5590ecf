/* Tidy CSV: a row a (question, axis, group, statistic), then one for an axis's DSI. */
#include <csv.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "view.h"
#include "writers.h"

const char dss_csv_cell_header[] =
    ",estimate,reason,null_mean,null_sd,z,ge,le,undefined,resamples,p_up,p_down,p,p_grasp,"
    "direction,q_bh,p_holm,p_bonferroni,p_maxt,ci_low,ci_high,ci_method,se,ci_reason,ci_undefined,"
    "ci_resamples,ge_at,le_at\n";

/* Quoted only where a reader would take it for something else. */
void dss_csv_text(FILE *stream, const char *text) {
  size_t length = strlen(text);
  bool quote = strpbrk(text, ",\"\r\n") != NULL ||
               (length && (strchr(" \t", text[0]) || strchr(" \t", text[length - 1])));
  if (quote)
    csv_fwrite(stream, text, length);
  else
    fputs(text, stream);
}

/* Each of these begins with the comma before its field. */
void dss_csv_text_field(FILE *stream, const char *text) {
  fputc(',', stream);
  dss_csv_text(stream, text);
}

static void number_field(FILE *stream, double number) {
  if (isnan(number))
    fputc(',', stream);
  else
    fprintf(stream, ",%.17g", number);
}

void dss_csv_count_field(FILE *stream, bool known, uint64_t count) {
  if (known)
    fprintf(stream, ",%" PRIu64, count);
  else
    fputc(',', stream);
}

void dss_csv_cell(FILE *stream, const dss_cell *cell, uint64_t bootstrap) {
  static const char *const directions[] = {"down", "", "up"};
  bool tested = cell->resamples > 0, resampled = dss_interval_resampled(cell);
  number_field(stream, cell->estimate);
  dss_csv_text_field(stream, dss_reason_text(cell->reason));
  number_field(stream, cell->null_mean);
  number_field(stream, cell->null_sd);
  number_field(stream, cell->z);
  dss_csv_count_field(stream, tested, cell->ge);
  dss_csv_count_field(stream, tested, cell->le);
  dss_csv_count_field(stream, tested, cell->undefined);
  dss_csv_count_field(stream, tested, cell->resamples);
  number_field(stream, cell->p_up);
  number_field(stream, cell->p_down);
  number_field(stream, cell->p);
  number_field(stream, cell->p_grasp);
  dss_csv_text_field(stream, directions[1 + cell->direction]);
  number_field(stream, cell->q_bh);
  number_field(stream, cell->p_holm);
  number_field(stream, cell->p_bonferroni);
  number_field(stream, cell->p_maxt);
  number_field(stream, cell->ci_low);
  number_field(stream, cell->ci_high);
  dss_csv_text_field(stream, cell->ci_method);
  number_field(stream, cell->se);
  dss_csv_text_field(stream, dss_withheld_text(cell->ci_withheld));
  dss_csv_count_field(stream, resampled, cell->boot_undefined);
  dss_csv_count_field(stream, resampled, bootstrap);
  dss_csv_count_field(stream, cell->ge_at > 0, cell->ge_at);
  dss_csv_count_field(stream, cell->le_at > 0, cell->le_at);
  fputc('\n', stream);
}

static void group_rows(FILE *stream, const dss_results *r, size_t q, size_t g) {
  for (int s = 0; s < DSS_N_STATISTICS; s++) {
    const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
    if (!cell) continue;
    dss_csv_text(stream, dss_results_question(r, q));
    dss_csv_text_field(stream, dss_results_axis(r, dss_results_group_axis(r, g)));
    dss_csv_text_field(stream, dss_results_group(r, g));
    dss_csv_count_field(stream, true, dss_results_group_raters(r, g));
    dss_csv_count_field(stream, true, dss_results_detail(r, q, g)->ratings);
    dss_csv_text_field(stream, dss_statistic_name((dss_statistic)s));
    dss_csv_cell(stream, cell, dss_interval_resamples(r));
  }
}

/* DSI is the GAI of one of the axis's groups: the row carries that group's numbers. */
static void dsi_row(FILE *stream, const dss_results *r, size_t q, size_t axis) {
  const dss_dsi *dsi = dss_results_dsi(r, q, axis);
  if (!dsi) return;
  dss_csv_text(stream, dss_results_question(r, q));
  dss_csv_text_field(stream, dss_results_axis(r, axis));
  fputs(",,,,dsi", stream);
  const dss_cell *cell =
      dsi->group == SIZE_MAX ? NULL : dss_results_cell(r, q, dsi->group, DSS_GAI);
  if (cell)
    dss_csv_cell(stream, cell, dss_interval_resamples(r));
  else
    fputs(",,no group of the axis has a GAI,,,,,,,,,,,,,,,,,,,,,,,,,\n", stream);
}

void dss_write_csv(const dss_results *r, FILE *stream) {
  fputs("question,axis,group,raters,ratings,statistic", stream);
  fputs(dss_csv_cell_header, stream);
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t axis = 0; axis < dss_results_n_axes(r); axis++) {
      size_t first, end;
      dss_view_groups(r, axis, &first, &end);
      for (size_t g = first; g < end; g++)
        group_rows(stream, r, q, g);
      dsi_row(stream, r, q, axis);
    }
}
