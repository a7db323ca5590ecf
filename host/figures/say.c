#include "say.h"

#include <math.h>

#include "scale.h"

void dss_say_number(FILE *to, const char *before, double value) {
  char text[DSS_NUMBER_ROOM];
  fprintf(to, "%s%s", before, dss_number_text(value, 3, text));
}

void dss_say_p(FILE *to, const dss_cell *cell) {
  char text[DSS_NUMBER_ROOM];
  if (isnan(cell->p)) return;
  fprintf(to, ", p = %s", dss_p_text(cell->p, text));
  fprintf(to, ", q = %s", dss_p_text(cell->q_bh, text));
}

void dss_say_cell(FILE *to, const char *label, const dss_cell *cell) {
  fprintf(to, "%s ", label);
  if (isnan(cell->estimate)) {
    fprintf(to, "undefined (%s)", dss_reason_text(cell->reason));
    return;
  }
  dss_say_number(to, "", cell->estimate);
  if (*cell->ci_method) {
    dss_say_number(to, " (95% interval ", cell->ci_low);
    dss_say_number(to, " to ", cell->ci_high);
    fputc(')', to);
  }
  dss_say_p(to, cell);
}

void dss_say_more(FILE *to, size_t n) {
  if (n > DSS_MOST_NAMED) fprintf(to, "; and %zu more", n - DSS_MOST_NAMED);
  fputc('.', to);
}

void dss_say_sureness(FILE *to, const dss_sureness_counts *counts, const char *thing) {
  size_t all = 0, untested = counts->of[DSS_SURE_UNTESTED];
  for (int s = 0; s < DSS_N_SURENESS; s++)
    all += counts->of[s];
  if (all == untested) return;
  fprintf(to, " %zu of %zu %ss have q < 0.05, %zu more p < 0.05.", counts->of[DSS_SURE_Q], all,
          thing, counts->of[DSS_SURE_P]);
}
