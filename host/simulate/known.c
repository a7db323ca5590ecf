#include "known.h"

#include <math.h>

#include "host/core/alloc.h"
#include "moments.h"

/* --- items ----------------------------------------------------------------------------------- */

/* The normal posterior of one item: precision P, and P times the mean. */
typedef struct posterior {
  uint32_t n;               /* factors */
  double *precision;        /* [n][n], then its Cholesky factor */
  double *mean;             /* [n] */
  double *drawn;            /* [n] */
  double *scores, *ratings; /* [n_cells] sums of the item's scores, and how many */
} posterior;

/* Lower triangle, in place. The precision is 1 plus squares: it has a factor. */
static void factorize(posterior *p) {
  for (uint32_t i = 0; i < p->n; i++)
    for (uint32_t k = 0; k <= i; k++) {
      double sum = p->precision[i * p->n + k];
      for (uint32_t j = 0; j < k; j++)
        sum -= p->precision[i * p->n + j] * p->precision[k * p->n + j];
      p->precision[i * p->n + k] = i == k ? sqrt(sum) : sum / p->precision[k * p->n + k];
    }
}

static void solve_lower(const posterior *p, double *x) {
  for (uint32_t i = 0; i < p->n; i++) {
    for (uint32_t k = 0; k < i; k++)
      x[i] -= p->precision[i * p->n + k] * x[k];
    x[i] /= p->precision[i * p->n + i];
  }
}

static void solve_upper(const posterior *p, double *x) {
  for (uint32_t i = p->n; i-- > 0;) {
    for (uint32_t k = i + 1; k < p->n; k++)
      x[i] -= p->precision[k * p->n + i] * x[k];
    x[i] /= p->precision[i * p->n + i];
  }
}

/* A score of cell g is v (l . factors) and noise of variance v - v^2 (l . l), v the scores'
 * variance. */
static void add_cell(posterior *p, const dss_fit *fit, uint32_t cell) {
  double v = dss_scores_variance(&fit->scores, cell);
  double noise = v - v * v * dss_latent_shared(&fit->latent, cell, cell);
  const double *loading = fit->latent.loading + (size_t)cell * p->n;
  double weight = p->ratings[cell] * v * v / noise;
  for (uint32_t i = 0; i < p->n; i++) {
    p->mean[i] += v / noise * p->scores[cell] * loading[i];
    for (uint32_t k = 0; k < p->n; k++)
      p->precision[i * p->n + k] += weight * loading[i] * loading[k];
  }
}

static void learn(posterior *p, const dss_question *question, uint32_t item, const dss_cells *cells,
                  const dss_fit *fit) {
  memset(p->mean, 0, p->n * sizeof *p->mean);
  memset(p->precision, 0, (size_t)p->n * p->n * sizeof *p->precision);
  for (uint32_t i = 0; i < p->n; i++)
    p->precision[i * p->n + i] = 1;
  for (int pass = 0; pass < 2; pass++)
    for (uint64_t i = question->item_ptr[item]; i < question->item_ptr[item + 1]; i++) {
      uint32_t cell = cells->cell[question->rater[i]];
      if (pass == 0) {
        p->ratings[cell] += 1;
        p->scores[cell] += fit->scores.score[(size_t)cell * question->n_levels + question->code[i]];
      } else if (p->ratings[cell] > 0) { /* once a cell */
        add_cell(p, fit, cell);
        p->ratings[cell] = p->scores[cell] = 0;
      }
    }
  factorize(p);
  solve_lower(p, p->mean);
  solve_upper(p, p->mean);
}

static void draw_item(posterior *p, dss_draw *stream, double *factors) {
  for (uint32_t i = 0; i < p->n; i++)
    p->drawn[i] = dss_draw_bell(stream);
  solve_upper(p, p->drawn);
  for (uint32_t i = 0; i < p->n; i++)
    factors[i] = p->mean[i] + p->drawn[i];
}

/* Each factor's mean square over all items to 1, as the model has it: loadings are fitted to these
 * very items. The posterior's is a little more, since scores are not normal. */
static void standardize(uint32_t n_factors, size_t n_items, double *factors) {
  for (uint32_t f = 0; f < n_factors; f++) {
    double sum = 0;
    for (size_t i = 0; i < n_items; i++)
      sum += factors[i * n_factors + f] * factors[i * n_factors + f];
    double scale = sum > 0 ? sqrt((double)n_items / sum) : 1.0;
    for (size_t i = 0; i < n_items; i++)
      factors[i * n_factors + f] *= scale;
  }
}

dss_status dss_known_items(dss_context *context, const dss_question *question, uint32_t n_items,
                           uint32_t times, const dss_cells *cells, const dss_fit *fit,
                           uint64_t seed, uint32_t number, double *factors) {
  posterior p = {.n = fit->latent.n_factors};
  dss_status status = DSS_ALLOC(context, &p.precision, (size_t)p.n * p.n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &p.mean, p.n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &p.drawn, p.n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &p.scores, cells->n_cells);
  if (status == DSS_OK) status = DSS_ALLOC(context, &p.ratings, cells->n_cells);
  for (uint32_t u = 0; status == DSS_OK && u < n_items; u++) {
    learn(&p, question, u, cells, fit);
    for (uint32_t k = 0; k < times; k++) {
      dss_draw stream = dss_draw_for(seed, DSS_DRAW_POSTERIOR, number, u, k);
      draw_item(&p, &stream, factors + ((size_t)u * times + k) * p.n);
    }
  }
  if (status == DSS_OK) standardize(p.n, (size_t)n_items * times, factors);
  free(p.precision);
  free(p.mean);
  free(p.drawn);
  free(p.scores);
  free(p.ratings);
  return status;
}

/* --- raters ---------------------------------------------------------------------------------- */

/* A rater's own leniency, the mean of its differences from others shrunk by what `count` of them
 * tell, is that of its first new rater. The others are drawn as raters of the model are: a group of
 * twenty, each taken ten times, would have the chance of twenty in a group of two hundred. */
static void draw_raters(const dss_cells *cells, const dss_fit *fit, uint32_t times, uint64_t seed,
                        uint32_t number, const double *mean, const double *count, double spread,
                        double *lenient) {
  double b2 = fit->leniency;
  for (uint32_t r = 0; r < cells->n_raters; r++) {
    double v = dss_scores_variance(&fit->scores, cells->cell[r]);
    double noise = fmax(spread / (v * v) - b2, 0.05);
    double left = noise / (noise + count[r] * b2); /* of the variance, when the ratings are known */
    double known = count[r] > 0 ? (1 - left) * mean[r] / v / sqrt(b2) : 0.0;
    for (uint32_t k = 0; k < times; k++) {
      size_t at = (size_t)r * times + k;
      dss_draw stream = dss_draw_for(seed, DSS_DRAW_BIAS, number, r, k);
      double drawn = dss_draw_bell(&stream);
      lenient[at] = k == 0 ? known + sqrt(left) * drawn : drawn;
    }
  }
}

dss_status dss_known_raters(dss_context *context, const dss_question *question, uint32_t n_items,
                            uint32_t times, const dss_cells *cells, const dss_fit *fit,
                            uint64_t seed, uint32_t number, double *lenient) {
  double *mean = NULL, *count = NULL, spread = 0;
  if (fit->leniency <= 0) { /* nothing to draw: it weighs nothing */
    memset(lenient, 0, (size_t)cells->n_raters * times * sizeof *lenient);
    return DSS_OK;
  }
  dss_status status = DSS_ALLOC(context, &mean, cells->n_raters);
  if (status == DSS_OK) status = DSS_ALLOC(context, &count, cells->n_raters);
  if (status == DSS_OK) {
    dss_moments_leniency(question, n_items, cells, &fit->scores, mean, count, &spread);
    draw_raters(cells, fit, times, seed, number, mean, count, spread, lenient);
  }
  free(mean);
  free(count);
  return status;
}
