#include "known.h"

#include <math.h>

#include "hermite.h"
#include "host/core/alloc.h"
#include "host/stats/normal.h"
#include "moments.h"

/* --- items ----------------------------------------------------------------------------------- */

enum { MOST_STEPS = 50 };
#define LONGEST_STEP 1.0
#define NEAR 1e-9
#define LEAST_CHANCE 1e-12 /* of a level */

/* What one item's ratings tell of its factors, as if a rating's leniency and noise were its own:
 * where the likelihood times the prior is highest, and the precision there. */
typedef struct posterior {
  uint32_t n; /* factors */
  uint32_t n_levels;
  double *precision; /* [n][n], then its Cholesky factor */
  double *at;        /* [n] the mode */
  double *step;      /* [n] the gradient, then the step to the next place */
  double *drawn;     /* [n] */
  double *ratings;   /* [n_cells][n_levels] of the item */
  uint32_t *used;    /* [n_used] cells that rated it */
  uint32_t n_used;
  bool *is_used; /* [n_cells] */
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

/* Derivatives of the log likelihood of a cell's ratings by the mean of their latent values: the
 * first, and the second's expectation with the opposite sign. */
static void differentiate(const posterior *p, const dss_fit *fit, uint32_t cell, double mean,
                          double *first, double *second) {
  const double *thresholds = fit->latent.thresholds + (size_t)cell * (p->n_levels - 1);
  const double *ratings = p->ratings + (size_t)cell * p->n_levels;
  double sd = sqrt(1 - dss_latent_shared(&fit->latent, cell, cell));
  double low = -INFINITY, density_low = 0, all = 0, information = 0;
  *first = 0;
  for (uint32_t c = 0; c < p->n_levels; c++) {
    double high = c + 1 < p->n_levels ? (thresholds[c] - mean) / sd : INFINITY, density_high;
    dss_hermite_at(high, 1, &density_high);
    double chance = fmax(dss_normal_between(low, high), LEAST_CHANCE);
    double slope = (density_low - density_high) / chance / sd; /* of its logarithm */
    *first += ratings[c] * slope;
    information += chance * slope * slope;
    all += ratings[c];
    low = high;
    density_low = density_high;
  }
  *second = all * information;
}

/* Gradient and precision at p->at. */
static void look(posterior *p, const dss_fit *fit) {
  memset(p->precision, 0, (size_t)p->n * p->n * sizeof *p->precision);
  for (uint32_t i = 0; i < p->n; i++) {
    p->precision[i * p->n + i] = 1;
    p->step[i] = -p->at[i];
  }
  for (uint32_t k = 0; k < p->n_used; k++) {
    const double *loading = fit->latent.loading + (size_t)p->used[k] * p->n;
    double mean = 0, first, second;
    for (uint32_t i = 0; i < p->n; i++)
      mean += loading[i] * p->at[i];
    differentiate(p, fit, p->used[k], mean, &first, &second);
    for (uint32_t i = 0; i < p->n; i++) {
      p->step[i] += first * loading[i];
      for (uint32_t j = 0; j < p->n; j++)
        p->precision[i * p->n + j] += second * loading[i] * loading[j];
    }
  }
  factorize(p);
}

/* Fisher scoring; the logarithm is concave. */
static void climb(posterior *p, const dss_fit *fit) {
  memset(p->at, 0, p->n * sizeof *p->at);
  for (int round = 0; round < MOST_STEPS; round++) {
    double length = 0;
    look(p, fit);
    solve_lower(p, p->step);
    solve_upper(p, p->step);
    for (uint32_t i = 0; i < p->n; i++)
      length = fmax(length, fabs(p->step[i]));
    for (uint32_t i = 0; i < p->n; i++)
      p->at[i] += p->step[i] * (length > LONGEST_STEP ? LONGEST_STEP / length : 1.0);
    if (length < NEAR) break;
  }
}

static void learn(posterior *p, const dss_question *question, uint32_t item, const dss_cells *cells,
                  const dss_fit *fit) {
  for (uint32_t k = 0; k < p->n_used; k++) {
    memset(p->ratings + (size_t)p->used[k] * p->n_levels, 0, p->n_levels * sizeof *p->ratings);
    p->is_used[p->used[k]] = false;
  }
  p->n_used = 0;
  for (uint64_t i = question->item_ptr[item]; i < question->item_ptr[item + 1]; i++) {
    uint32_t cell = cells->cell[question->rater[i]];
    if (!p->is_used[cell]) p->used[p->n_used++] = cell;
    p->is_used[cell] = true;
    p->ratings[(size_t)cell * p->n_levels + question->code[i]] += 1;
  }
  climb(p, fit);
}

static void draw_item(posterior *p, dss_draw *stream, double *factors) {
  for (uint32_t i = 0; i < p->n; i++)
    p->drawn[i] = dss_draw_bell(stream);
  solve_upper(p, p->drawn);
  for (uint32_t i = 0; i < p->n; i++)
    factors[i] = p->at[i] + p->drawn[i];
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
  posterior p = {.n = fit->latent.n_factors, .n_levels = question->n_levels};
  dss_status status = DSS_ALLOC(context, &p.precision, (size_t)p.n * p.n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &p.at, p.n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &p.step, p.n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &p.drawn, p.n);
  if (status == DSS_OK)
    status = DSS_ALLOC(context, &p.ratings, (size_t)cells->n_cells * p.n_levels);
  if (status == DSS_OK) status = DSS_ALLOC(context, &p.used, cells->n_cells);
  if (status == DSS_OK) status = DSS_ALLOC(context, &p.is_used, cells->n_cells);
  for (uint32_t u = 0; status == DSS_OK && u < n_items; u++) {
    learn(&p, question, u, cells, fit);
    for (uint32_t k = 0; k < times; k++) {
      dss_draw stream = dss_draw_for(seed, DSS_DRAW_POSTERIOR, number, u, k);
      draw_item(&p, &stream, factors + ((size_t)u * times + k) * p.n);
    }
  }
  if (status == DSS_OK) standardize(p.n, (size_t)n_items * times, factors);
  free(p.precision);
  free(p.at);
  free(p.step);
  free(p.drawn);
  free(p.ratings);
  free(p.used);
  free(p.is_used);
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
