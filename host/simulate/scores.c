#include "scores.h"

#include <math.h>

#include "host/core/alloc.h"
#include "hermite.h"
#include "host/stats/normal.h"

static void set_cell(dss_scores *s, const double *thresholds, uint32_t cell) {
  uint32_t n = s->n_levels;
  double *score = s->score + (size_t)cell * n;
  double *hermite = s->hermite + (size_t)cell * DSS_HERMITE_TERMS;
  double low[DSS_HERMITE_TERMS] = {0}, high[DSS_HERMITE_TERMS], from = -INFINITY;
  for (uint32_t c = 0; c < n; c++) {
    double to = c + 1 < n ? thresholds[c] : INFINITY, share = dss_normal_between(from, to);
    dss_hermite_at(to, DSS_HERMITE_TERMS, high);
    score[c] = share > 0 ? (low[0] - high[0]) / share : 0.0;
    for (int k = 0; k < DSS_HERMITE_TERMS; k++) {
      hermite[k] += score[c] * (low[k] - high[k]) / sqrt(k + 1.0);
      low[k] = high[k];
    }
    from = to;
  }
}

dss_status dss_scores_make(dss_context *context, uint32_t n_levels, uint32_t n_cells,
                           const double *thresholds, dss_scores *s) {
  size_t n = n_levels;
  *s = (dss_scores){.n_levels = n_levels};
  DSS_TRY(DSS_ALLOC(context, &s->score, n_cells * n));
  DSS_TRY(DSS_ALLOC(context, &s->hermite, (size_t)n_cells * DSS_HERMITE_TERMS));
  for (uint32_t cell = 0; cell < n_cells; cell++)
    set_cell(s, thresholds + cell * (n - 1), cell);
  return DSS_OK;
}

void dss_scores_free(dss_scores *s) {
  free(s->score);
  free(s->hermite);
  *s = (dss_scores){0};
}

double dss_scores_covariance(const dss_scores *s, uint32_t g, uint32_t h, double rho,
                             double *slope) {
  const double *a = s->hermite + (size_t)g * DSS_HERMITE_TERMS;
  const double *b = s->hermite + (size_t)h * DSS_HERMITE_TERMS;
  double sum = 0, grows = 0, power = 1;
  for (int k = 0; k < DSS_HERMITE_TERMS; k++) {
    grows += (k + 1) * a[k] * b[k] * power;
    power *= rho;
    sum += a[k] * b[k] * power;
  }
  *slope = grows;
  return sum;
}

double dss_scores_variance(const dss_scores *s, uint32_t cell) {
  return s->hermite[(size_t)cell * DSS_HERMITE_TERMS];
}
