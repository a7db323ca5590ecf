#include "scores.h"

#include <math.h>

#include "host/core/alloc.h"
#include "hermite.h"
#include "latent.h"

static void set_cell(dss_scores *s, uint32_t cell) {
  uint32_t n = s->n_levels;
  const double *shares = s->shares + (size_t)cell * n;
  double *thresholds = s->thresholds + (size_t)cell * (n - 1);
  double *score = s->score + (size_t)cell * n, total = 0;
  double *hermite = s->hermite + (size_t)cell * DSS_HERMITE_TERMS;
  double low[DSS_HERMITE_TERMS] = {0}, high[DSS_HERMITE_TERMS];
  dss_thresholds_of(shares, n, thresholds);
  for (uint32_t c = 0; c < n; c++)
    total += shares[c];
  for (uint32_t c = 0; c < n; c++) {
    dss_hermite_at(c + 1 < n ? thresholds[c] : INFINITY, DSS_HERMITE_TERMS, high);
    score[c] = shares[c] > 0 ? (low[0] - high[0]) / (shares[c] / total) : 0.0;
    for (int k = 0; k < DSS_HERMITE_TERMS; k++) {
      hermite[k] += score[c] * (low[k] - high[k]) / sqrt(k + 1.0);
      low[k] = high[k];
    }
  }
}

/* Each cell's ratings by level, and one more that is divided as those of all are: no cell is
 * without a level that others use. */
static bool count_levels(const dss_question *question, const dss_cells *cells, dss_scores *s,
                         double *pooled) {
  uint32_t used = 0;
  for (uint64_t i = 0; i < question->n_ratings; i++) {
    s->shares[(size_t)cells->cell[question->rater[i]] * s->n_levels + question->code[i]] += 1;
    pooled[question->code[i]] += 1;
  }
  for (uint32_t c = 0; c < s->n_levels; c++)
    used += pooled[c] > 0;
  for (uint32_t cell = 0; cell < cells->n_cells; cell++)
    for (uint32_t c = 0; c < s->n_levels; c++)
      s->shares[(size_t)cell * s->n_levels + c] += pooled[c] / (double)question->n_ratings;
  return used > 1;
}

dss_status dss_scores_make(dss_context *context, const dss_question *question,
                           const dss_cells *cells, dss_scores *s) {
  double pooled[DSS_MAX_LEVELS] = {0};
  size_t n = cells->n_cells;
  *s = (dss_scores){.n_levels = question->n_levels};
  DSS_TRY(DSS_ALLOC(context, &s->shares, n * s->n_levels));
  DSS_TRY(DSS_ALLOC(context, &s->thresholds, n * s->n_levels));
  DSS_TRY(DSS_ALLOC(context, &s->score, n * s->n_levels));
  DSS_TRY(DSS_ALLOC(context, &s->hermite, n * DSS_HERMITE_TERMS));
  if (!count_levels(question, cells, s, pooled))
    return dss_fail(context, DSS_ERR_DATA, "question '%s': the ratings do not vary",
                    question->name);
  for (uint32_t cell = 0; cell < n; cell++)
    set_cell(s, cell);
  return DSS_OK;
}

void dss_scores_free(dss_scores *s) {
  free(s->shares);
  free(s->thresholds);
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
